// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One thread closes a socket while others are in calls on it (T-01). Every
 * thread of a program that has several says in a slot of its own which socket
 * it is at. It then looks at the descriptor's word; who closes marks the word
 * and then looks at the slots, with a barrier between that all threads take
 * part in. So either the one sees the mark or the other the slot, and a call
 * that nobody disturbs has a few plain stores for it. Those who come later see the
 * mark: by the number of marks beside the slot they are told from those before.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#else
#define __libc_single_threaded	0
#endif

#define DEPTH		4	/* calls by handlers amid calls */
#define NAP		1000000	/* ns, at most, between two looks at the others */

static _Atomic unsigned int marks;	/* how many there have been */

/**
 * struct thread - which sockets a thread is at
 * @at: one more than the descriptor, or 0
 * @since: how many marks there had been when it came there
 * @depth: how many of them are in use
 * @listed: it is in the list
 * @next, @prev: its place there
 */
static _Thread_local struct thread {
	_Atomic int at[DEPTH];
	_Atomic unsigned int since[DEPTH];
	int depth;
	bool listed;
	struct thread *next, **prev;
} me __attribute__((tls_model("initial-exec")));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread *threads;
static struct wsp_watcher *watchers;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void unlist(void *arg)
{
	struct thread *thread = arg;

	pthread_mutex_lock(&lock);
	*thread->prev = thread->next;
	if (thread->next)
		thread->next->prev = thread->prev;
	thread->listed = false;
	pthread_mutex_unlock(&lock);
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* The child has one thread, and no other's slots. */
static void in_child(void)
{
	threads = NULL;
	watchers = NULL;
	if (me.listed) {
		me.next = NULL;
		me.prev = &threads;
		threads = &me;
	}
	pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
	has_key = !pthread_key_create(&key, unlist) &&
		  !pthread_atfork(before_fork, after_fork, in_child);
}

static bool enlist(void)
{
	pthread_once(&once, set_up);
	if (!has_key || pthread_setspecific(key, &me))
		return false;
	pthread_mutex_lock(&lock);
	me.next = threads;
	me.prev = &threads;
	if (threads)
		threads->prev = &me.next;
	threads = &me;
	me.listed = true;
	pthread_mutex_unlock(&lock);
	return true;
}

/* Where the thread has said that it is at @s; NULL if it need not, or cannot. */
static _Atomic int *say(SOCKET s)
{
	_Atomic int *slot;

	if (__libc_single_threaded || s > INT_MAX || me.depth == DEPTH ||
	    (!me.listed && !enlist()))
		return NULL;
	slot = &me.at[me.depth];
	atomic_store_explicit(&me.since[me.depth++],
			      atomic_load_explicit(&marks, memory_order_acquire),
			      memory_order_relaxed);
	atomic_store_explicit(slot, (int)s + 1, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	return slot;
}

struct wsp_use wsp_enter(SOCKET s)
{
	struct wsp_use use = { .s = s, .slot = say(s) };

	use.word = wsp_word(s);
	return use;
}

void wsp_leave(struct wsp_use *use)
{
	if (!use->slot)
		return;
	atomic_store_explicit(use->slot, 0, memory_order_release);
	me.depth--;
}

bool wsp_watch(struct wsp_watcher *watcher, const struct pollfd *fds, __u32 count)
{
	if (__libc_single_threaded)
		return false;
	watcher->fds = fds;
	watcher->count = count;
	pthread_mutex_lock(&lock);
	watcher->next = watchers;
	watcher->prev = &watchers;
	if (watchers)
		watchers->prev = &watcher->next;
	watchers = watcher;
	pthread_mutex_unlock(&lock);
	return true;
}

void wsp_unwatch(struct wsp_watcher *watcher)
{
	if (!watcher->prev)
		return;
	pthread_mutex_lock(&lock);
	*watcher->prev = watcher->next;
	if (watcher->next)
		watcher->next->prev = watcher->prev;
	pthread_mutex_unlock(&lock);
}

static void nap(long ns)
{
	const struct timespec ts = { .tv_nsec = ns };

	nanosleep(&ts, NULL);
}

static bool barrier(void)
{
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/* All threads have passed a barrier; without one no store is kept for so long. */
static void meet(void)
{
	if (!barrier() &&
	    (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
		     0, 0) || !barrier()))
		nap(NAP);
}

static bool is_at(const struct thread *thread, SOCKET s, unsigned int mark)
{
	int i;

	for (i = 0; i < DEPTH; i++) {
		if (atomic_load_explicit(&thread->at[i], memory_order_acquire) ==
		    (int)s + 1 &&
		    (int)(atomic_load_explicit(&thread->since[i],
					       memory_order_relaxed) - mark) < 0)
			return true;
	}
	return false;
}

/* Tells those who wait for @s among others; were there any? */
static bool tell_watchers(SOCKET s)
{
	struct wsp_watcher *w;
	bool found = false;
	__u32 i;

	for (w = watchers; w; w = w->next) {
		for (i = 0; i < w->count && w->fds[i].fd != (int)s; i++)
			;
		if (i < w->count) {
			atomic_store(&w->over, 1);
			found = true;
		}
	}
	return found;
}

/*
 * Is another thread at @s, and has been since before @mark? One's own calls are
 * those that a handler is amid.
 */
static bool is_in_use(SOCKET s, unsigned int mark)
{
	const struct thread *thread;
	bool found;

	pthread_mutex_lock(&lock);
	found = tell_watchers(s);
	for (thread = threads; thread && !found; thread = thread->next)
		found = thread != &me && is_at(thread, s, mark);
	pthread_mutex_unlock(&lock);
	return found;
}

/* The list is the caller's alone, or will be looked at after the mark. */
static bool is_alone(void)
{
	bool alone;

	pthread_mutex_lock(&lock);
	alone = !watchers && (!threads || (threads == &me && !me.next));
	pthread_mutex_unlock(&lock);
	return alone;
}

/*
 * Ends what other threads wait for on @s, whose word is marked, and returns when
 * none is in a call on it any more.
 */
void wsp_end_others(SOCKET s)
{
	unsigned int mark;
	long ns = NAP / 64;

	if (__libc_single_threaded || is_alone())
		return;
	mark = atomic_fetch_add(&marks, 1) + 1;
	meet();
	while (is_in_use(s, mark)) {
		ioctl((int)s, WSP_IOC_CANCEL);
		nap(ns);
		if (ns < NAP)
			ns *= 2;
	}
}

/* ioctl(2) is no cancellation point by itself; the calls that it waits for are. */
static __attribute__((noinline)) int cancellable_wait(int fd, struct wsp_wait *wait)
{
	int type, rc;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	rc = ioctl(fd, WSP_IOC_WAIT, wait);
	pthread_setcanceltype(type, NULL);
	return rc;
}

/*
 * Waits for what @wait says; 0 or a code. WSAEWOULDBLOCK if the socket is not
 * to be waited for.
 */
int wsp_wait(const struct wsp_use *use, struct wsp_wait *wait)
{
	if (!cancellable_wait((int)use->s, wait))
		/* A handler may have closed it. */
		return wsp_is_same(use->s, use->word) ? 0 : WSAEINTR;
	switch (errno) {
	case EAGAIN:
		return WSAEWOULDBLOCK;
	case ETIMEDOUT:
		return WSAETIMEDOUT;
	default:
		return wsp_code(use->s, errno);
	}
}
