// SPDX-License-Identifier: LGPL-2.1-or-later
/* Waiting with a deadline, and so that the thread can be cancelled. */
#include <pthread.h>
#include <time.h>

#include "select.h"

#define SECOND		1000000000LL
#define LONGEST		0x3fffffffLL	/* seconds, in any time_t from now */

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
 * ioctl(2) is no cancellation point by itself; the calls that it waits for are. A
 * thread that is cancelled leaves from here, where there is nothing to clean up;
 * its callers have that done by attribute.
 */
__attribute__((noinline)) int wsp_wait_ioctl(int fd, unsigned long request, void *arg)
{
	int type, rc;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	rc = ioctl(fd, request, arg);
	pthread_setcanceltype(type, NULL);
	return rc;
}
