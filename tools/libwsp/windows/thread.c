// SPDX-License-Identifier: LGPL-2.1-or-later
/* Threads. A thread's handle is an event that is set when the thread ends. */
#include <errno.h>
#include <process.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"

#define STACK		0x100000	/* bytes: Windows' usual */

/**
 * struct thread - one that has not ended, or whose handle is open
 * @next: in the list of those whose handle is open
 * @handle: its event, or NULL when it has been closed
 * @start: what it runs
 * @argument: for @start
 * @code: its exit code, STILL_ACTIVE before
 * @number: the C library's for it, as long as it is running
 * @running: it has not ended yet
 * @id: its number, once it has begun
 * @begun: @id and @error are known
 * @error: why it has not, an errno, or 0
 */
struct thread {
	struct thread *next;
	HANDLE handle;
	LPTHREAD_START_ROUTINE start;
	void *argument;
	DWORD code;
	pthread_t number;
	bool running;
	DWORD id;
	bool begun;
	int error;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t begun = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;
static struct thread *threads;
static _Thread_local struct thread *self;

DWORD GetCurrentThreadId(void)
{
	return (DWORD)syscall(SYS_gettid);
}

DWORD GetCurrentProcessId(void)
{
	return (DWORD)getpid();
}

/* The place in the list of who has this handle, or the list's end. */
static struct thread **find(HANDLE handle)
{
	struct thread **place = &threads;

	while (*place && (*place)->handle != handle)
		place = &(*place)->next;
	return place;
}

bool windows_close_thread(HANDLE handle)
{
	struct thread **place, *thread;

	pthread_mutex_lock(&lock);
	place = find(handle);
	thread = *place;
	if (thread) {
		*place = thread->next;
		thread->handle = NULL;
		WSACloseEvent(handle);
		if (!thread->running)
			free(thread);
	}
	pthread_mutex_unlock(&lock);
	return !!thread;
}

static void end(void *argument)
{
	struct thread *thread = argument;

	pthread_mutex_lock(&lock);
	thread->running = false;
	if (thread->handle)
		WSASetEvent(thread->handle);
	else
		free(thread);
	pthread_mutex_unlock(&lock);
}

/*
 * Not a cleanup handler: on 32-bit ARM nothing that is found by unwinding is called when
 * a thread ends in a function that was compiled without -fexceptions.
 */
static void make_key(void)
{
	has_key = !pthread_key_create(&key, end);
}

static void *run(void *argument)
{
	struct thread *thread = argument;
	int error;

	self = thread;
	pthread_mutex_lock(&lock);
	thread->id = GetCurrentThreadId();
	error = has_key ? pthread_setspecific(key, thread) : EAGAIN;
	thread->error = error;
	thread->begun = true;
	pthread_cond_broadcast(&begun);
	pthread_mutex_unlock(&lock);
	if (!error)
		thread->code = thread->start(thread->argument);
	return NULL;
}

/*
 * Without the flag a size says how much of the stack is there at first, not how much
 * there can be, which is at least as much as Windows has by itself.
 */
static SIZE_T stack_of(SIZE_T size, DWORD flags)
{
	if (!size || flags & STACK_SIZE_PARAM_IS_A_RESERVATION || size > STACK)
		return size;
	return STACK;
}

/* Starts it, and waits for its number; 0 or an errno. */
static int start(struct thread *thread, SIZE_T stack, DWORD *id)
{
	pthread_attr_t attr;
	int error;

	pthread_once(&once, make_key);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Fails if it is too small, as for the platform it may be: then it has the usual. */
	if (stack)
		pthread_attr_setstacksize(&attr, stack);
	pthread_mutex_lock(&lock);
	error = pthread_create(&thread->number, &attr, run, thread);
	if (!error) {
		while (!thread->begun)
			pthread_cond_wait(&begun, &lock);
		error = thread->error;
	}
	if (!error) {
		*id = thread->id;
		thread->next = threads;
		threads = thread;
	}
	pthread_mutex_unlock(&lock);
	pthread_attr_destroy(&attr);
	return error;
}

HANDLE CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
		    LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter,
		    DWORD dwCreationFlags, LPDWORD lpThreadId)
{
	struct thread *thread;
	DWORD id = 0;
	HANDLE handle;

	(void)lpThreadAttributes;
	if (dwCreationFlags & ~STACK_SIZE_PARAM_IS_A_RESERVATION) {
		windows_fail(ERROR_NOT_SUPPORTED);
		return NULL;
	}
	thread = calloc(1, sizeof(*thread));
	handle = WSACreateEvent();
	if (!thread || !handle)
		goto fail;
	thread->handle = handle;
	thread->start = lpStartAddress;
	thread->argument = lpParameter;
	thread->running = true;
	if (start(thread, stack_of(dwStackSize, dwCreationFlags), &id))
		goto fail;
	if (lpThreadId)
		*lpThreadId = id;
	return handle;

fail:
	if (handle)
		WSACloseEvent(handle);
	free(thread);
	windows_fail(ERROR_NOT_ENOUGH_MEMORY);
	return NULL;
}

void ExitThread(DWORD dwExitCode)
{
	if (self)
		self->code = dwExitCode;
	pthread_exit(NULL);
}

/* It ends in the call that it waits in, or in the next one that can wait. */
BOOL TerminateThread(HANDLE hThread, DWORD dwExitCode)
{
	struct thread *thread;

	pthread_mutex_lock(&lock);
	thread = *find(hThread);
	if (thread && thread->running) {
		thread->code = dwExitCode;
		pthread_cancel(thread->number);
	}
	pthread_mutex_unlock(&lock);
	return thread ? TRUE : windows_fail(ERROR_INVALID_HANDLE);
}

BOOL GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
{
	struct thread *thread;

	pthread_mutex_lock(&lock);
	thread = *find(hThread);
	if (thread)
		*lpExitCode = thread->running ? STILL_ACTIVE : thread->code;
	pthread_mutex_unlock(&lock);
	return thread ? TRUE : windows_fail(ERROR_INVALID_HANDLE);
}

/* A start routine of the C library's kind, on the heap until it has begun. */
struct routine {
	unsigned int (*with_code)(void *);
	void (*without)(void *);
	void *argument;
};

static DWORD run_routine(LPVOID argument)
{
	const struct routine routine = *(struct routine *)argument;

	free(argument);
	if (routine.with_code)
		return routine.with_code(routine.argument);
	routine.without(routine.argument);
	return 0;
}

static HANDLE begin(const struct routine *routine, unsigned int stack,
		    unsigned int flags, unsigned int *id)
{
	struct routine *copy = malloc(sizeof(*copy));
	HANDLE handle = NULL;
	DWORD number = 0;

	if (copy) {
		*copy = *routine;
		handle = CreateThread(NULL, stack, run_routine, copy, flags,
				      &number);
	}
	if (!handle) {
		free(copy);
		errno = flags & ~STACK_SIZE_PARAM_IS_A_RESERVATION ? EINVAL : EAGAIN;
		return NULL;
	}
	if (id)
		*id = (unsigned int)number;
	return handle;
}

uintptr_t _beginthreadex(void *security, unsigned int stack_size,
			 unsigned int (*start_address)(void *), void *arglist,
			 unsigned int initflag, unsigned int *thrdaddr)
{
	const struct routine routine = {
		.with_code = start_address,
		.argument = arglist,
	};

	(void)security;
	return (uintptr_t)begin(&routine, stack_size, initflag, thrdaddr);
}

uintptr_t _beginthread(void (*start_address)(void *), unsigned int stack_size,
		       void *arglist)
{
	const struct routine routine = {
		.without = start_address,
		.argument = arglist,
	};
	HANDLE handle = begin(&routine, stack_size, 0, NULL);

	if (!handle)
		return (uintptr_t)-1;
	windows_close_thread(handle);
	return (uintptr_t)handle;
}

void _endthread(void)
{
	ExitThread(0);
}
