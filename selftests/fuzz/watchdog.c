// SPDX-License-Identifier: GPL-2.0
/*
 * An operation that does not end. This tells where a thread waits for ever, which by the
 * guest's clock is soon; scripts/vm/vm ends the guest when no input has begun for
 * 90 seconds of the host's, because a call loops in the kernel.
 */
#include <sys/syscall.h>

#include "fuzz.h"

#define PATIENCE_S	30

static unsigned long begun, over;
static pid_t threads[2];

/* By each of the threads that make calls. */
void watchdog_thread(int which)
{
	threads[which] = syscall(SYS_gettid);
}

void watchdog_begin(void)
{
	__atomic_add_fetch(&begun, 1, __ATOMIC_RELAXED);
}

void watchdog_end(void)
{
	__atomic_store_n(&over, begun, __ATOMIC_RELAXED);
}

/* The call's number and arguments: User Mode Linux has no stacks of others to show. */
static void show(pid_t thread)
{
	char path[64], call[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, call, sizeof(call) - 1);
	close(fd);
	call[n < 0 ? 0 : n] = 0;
	fprintf(stderr, "wsp_fuzz: thread %d is in system call %s", thread, call);
}

static void *watch(void *arg)
{
	unsigned long seen = 0, now;
	int idle = 0;

	for (;;) {
		sleep(1);
		now = __atomic_load_n(&begun, __ATOMIC_RELAXED);
		if (now != seen || now == __atomic_load_n(&over, __ATOMIC_RELAXED))
			idle = 0;
		else
			idle++;
		seen = now;
		if (idle != PATIENCE_S)
			continue;
		fprintf(stderr, "wsp_fuzz: an operation takes more than %d s: a hang\n",
			PATIENCE_S);
		show(threads[0]);
		show(threads[1]);
		/* libFuzzer's handler would want the thread that is stuck. */
		_exit(77);
	}
	return arg;
}

void watchdog_init(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, watch, NULL)) {
		perror("wsp_fuzz: no watchdog");
		exit(1);
	}
	pthread_detach(thread);
}
