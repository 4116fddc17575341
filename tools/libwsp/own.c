// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Descriptors of the library's own that stay. A program may close all that it knows
 * nothing of, and what comes by their numbers is the program's, or another one of the
 * library's. So they are marked, in the files themselves, as ones that have a signal of
 * their own, and of two places with one number only the later one has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "overlapped.h"

#define MARK		(SIGRTMAX - 1)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, wsp_own) all = LIST_HEAD_INITIALIZER(all);	/* that have a number */
static _Atomic bool is_forbidden;	/* to mark them: there is a filter */

static void forget(struct wsp_own *own)
{
	if (own->fd < 0)
		return;
	LIST_REMOVE(own, link);
	own->fd = -1;
}

static void forget_number(int fd)
{
	struct wsp_own *own;

	LIST_FOREACH(own, &all, link)
		if (own->fd == fd)
			break;
	if (own)
		forget(own);
}

static bool is_marked(int fd)
{
	return atomic_load(&is_forbidden) || fcntl(fd, F_GETSIG) == MARK;
}

/* Newer kernels may be short of memory for it, what else goes wrong is a filter's doing. */
static bool mark(int fd)
{
	if (!fcntl(fd, F_SETSIG, MARK))
		return true;
	if (errno == ENOMEM)
		return false;
	atomic_store(&is_forbidden, true);
	return true;
}

/* What had the number has lost it before it is marked. */
bool wsp_own(struct wsp_own *own, int fd)
{
	bool marked;

	if (fd < 0)
		return false;
	wsp_lock_amid(&lock);
	forget_number(fd);
	forget(own);
	marked = mark(fd);
	if (marked) {
		own->fd = fd;
		LIST_INSERT_HEAD(&all, own, link);
	}
	wsp_unlock_amid(&lock);
	if (!marked)
		close(fd);
	return marked;
}

int wsp_own_fd(const struct wsp_own *own)
{
	const int fd = atomic_load(&own->fd);

	return fd >= 0 && is_marked(fd) ? fd : -1;
}

void wsp_disown(struct wsp_own *own)
{
	wsp_lock_amid(&lock);
	if (wsp_own_fd(own) >= 0)
		close(own->fd);
	forget(own);
	wsp_unlock_amid(&lock);
}

/* In a fork's child. Who owns or disowns has a lock that the fork has waited for. */
void wsp_drop_own(void)
{
	pthread_mutex_init(&lock, NULL);
}
