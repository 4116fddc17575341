// SPDX-License-Identifier: LGPL-2.1-or-later
/* Waiting with a deadline, and so that the thread can be cancelled. */
#ifdef __arm__
#undef __EXCEPTIONS	/* see BEGIN_LEAVING */
#endif
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "overlapped.h"

#define SECOND		1000000000LL
#define LONGEST		0x3fffffffLL	/* seconds, in any time_t from now */
#define MANY		4	/* tries for which there was nothing to wait */
#define PAUSE		20	/* ms after so many */

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static long long at_most(long long seconds)
{
	return seconds < LONGEST ? seconds : LONGEST;
}

/* The moment so far from now; 0, which is long past, for no time at all. */
long long wsp_deadline(long long seconds, long long microseconds)
{
	if (!seconds && !microseconds)
		return 0;
	seconds = at_most(at_most(seconds) + microseconds / 1000000);
	return now() + seconds * SECOND + microseconds % 1000000 * 1000;
}

long long wsp_left(long long deadline)
{
	long long left;

	if (deadline == WSP_FOREVER)
		return -1;
	left = deadline ? deadline - now() : 0;
	return left > 0 ? left : 0;
}

int wsp_poll(struct pollfd *fds, nfds_t count, long long deadline)
{
	const long long left = wsp_left(deadline);
	struct timespec ts;

	if (left <= 0)
		return poll(fds, count, (int)left);
	ts.tv_sec = left / SECOND;
	ts.tv_nsec = left % SECOND;
	return ppoll(fds, count, &ts, NULL);
}

/*
 * On 32-bit ARM nothing can be unwound that was compiled without -fexceptions, as
 * ioctl(), syscall() and accept4() were, and the program's own functions may have been.
 * A cleanup handler of the kind that needs no unwinding goes on from here.
 */
#ifdef __arm__
static void nothing(void *unused)
{
	(void)unused;
}

#define BEGIN_LEAVING	pthread_cleanup_push(nothing, NULL)
#define END_LEAVING	pthread_cleanup_pop(0)

__attribute__((noinline)) void wsp_call(void (*call)(void *), void *arg)
{
	BEGIN_LEAVING;
	call(arg);
	END_LEAVING;
}
#else
#define BEGIN_LEAVING
#define END_LEAVING
#endif

/*
 * ioctl(2) is no cancellation point by itself; the calls that it waits for are. A
 * thread that is cancelled leaves from here, where there is nothing to clean up;
 * its callers have that done by attribute.
 */
__attribute__((noinline)) int wsp_wait_ioctl(int fd, unsigned long request, void *arg)
{
	int type, rc;

	BEGIN_LEAVING;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	rc = ioctl(fd, request, arg);
	pthread_setcanceltype(type, NULL);
	END_LEAVING;
	return rc;
}

__attribute__((noinline)) int wsp_wait_accept(int fd, struct sockaddr *addr,
					      socklen_t *addrlen, int flags)
{
	int rc;

	BEGIN_LEAVING;
	rc = accept4(fd, addr, addrlen, flags);
	END_LEAVING;
	return rc;
}

/*
 * Sleeps while *@word is @seen, or for a shorter time; false if a handler has ended that
 * and calls are not to go on after it. A cancellation point like wsp_wait_ioctl().
 */
__attribute__((noinline)) bool wsp_wait_while(_Atomic unsigned int *word,
					      unsigned int seen, long long deadline)
{
	const long long left = wsp_left(deadline);
	const struct { long sec, nsec; } ts = {	/* the system call's */
		(long)(left / SECOND), (long)(left % SECOND),
	};
	int type;
	bool ended;

	BEGIN_LEAVING;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	ended = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen,
			left < 0 ? NULL : &ts) && errno == EINTR;
	pthread_setcanceltype(type, NULL);
	END_LEAVING;
	return !ended;
}

void wsp_wake_all(_Atomic unsigned int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/*
 * 0 or a code, WSAEWOULDBLOCK if the socket is not to be waited for. Has it been?
 */
static int wait_once(const struct wsp_use *use, struct wsp_wait *wait, bool *waited)
{
	int rc = wsp_wait_ioctl((int)use->s, WSP_IOC_WAIT, wait);

	*waited = !rc;
	if (rc >= 0)	/* a handler may have closed it */
		return wsp_is_same(use->s, use->word) ? 0 : WSAEINTR;
	switch (errno) {
	case EAGAIN:	/* perhaps for another call's moment */
		return !atomic_load(&wsp_is_used) || wsp_is_nonblocking(use->s) ?
		       WSAEWOULDBLOCK : 0;
	case ETIMEDOUT:
		return WSAETIMEDOUT;
	default:
		return wsp_code(use->s, errno);
	}
}

/*
 * Waits until another try may be made. Where poll(2) and the call are of two minds
 * for long (no memory for TCP, SO_PEEK_OFF) it waits a little in any case.
 */
int wsp_wait(const struct wsp_use *use, struct wsp_turns *turns)
{
	struct wsp_wait pause = { .left = PAUSE };
	__u32 *left = &turns->wait.left;
	bool waited;
	int code = wait_once(use, &turns->wait, &waited);

	turns->count = waited ? 0 : turns->count + 1;
	if (code || turns->count < MANY)
		return code;
	code = wait_once(use, &pause, &waited);
	if (code && code != WSAETIMEDOUT)
		return code;
	if (*left == WSP_WAIT_TIMEO)
		return 0;
	*left -= *left < PAUSE ? *left : PAUSE;
	return *left ? 0 : WSAETIMEDOUT;
}
