// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where WSPSelect and WSAPoll wait. Two system calls can do it: WSP_IOC_POLL, in
 * which the kernel goes by Winsock's rules, and poll(2), which costs less where the
 * sockets are few and none of them is in a state that it takes in another way.
 */
#include <errno.h>

#include "select.h"

#define FEW	8	/* sockets for which poll(2) costs less */

/*
 * Answers of poll(2) that are not Winsock's for certain: a stream that was never
 * connected, or failed to, is hung up, and urgent data may be in line.
 */
#define ODD	(POLLHUP | POLLERR | POLLPRI | POLLNVAL)

static bool is_odd(const struct watch *w)
{
	const struct pollfd *p;

	for (p = w->fds; p < w->fds + w->count; p++)
		if (p->revents & ODD)
			return true;
	return false;
}

/* Are they all sockets of the family, as far as the library knows? */
static bool all_known(const struct watch *w)
{
	const struct pollfd *p;

	for (p = w->fds; p < w->fds + w->count; p++)
		if (!wsp_type((SOCKET)p->fd))
			return false;
	return true;
}

/* Is another thread about to close one of them (T-01)? */
static bool is_closing(const struct watch *w)
{
	const struct pollfd *p;

	for (p = w->fds; p < w->fds + w->count; p++)
		if (wsp_is_closing((SOCKET)p->fd))
			return true;
	return false;
}

static int wait_by_rules(const struct watch *w, long long deadline)
{
	struct wsp_poll arg = {
		.fds = (uintptr_t)w->fds,
		.timeout = wsp_left(deadline),
		.count = w->count,
		.over = (uintptr_t)&w->watcher.over,
	};
	return wsp_wait_ioctl(w->fds[0].fd, WSP_IOC_POLL, &arg);
}

/* How many offer again what was put off; their revents get @mark. */
static int find_deferred(const struct watch *w, short mark)
{
	struct pollfd *p;
	int found = 0;

	if (!wsp_any_deferred())
		return 0;
	for (p = w->fds; p < w->fds + w->count; p++) {
		if (p->events & POLLIN && wsp_has_deferred((SOCKET)p->fd)) {
			p->revents |= mark;
			found++;
		}
	}
	return found;
}

/* The first is asked about all, so it has to be one of the family. */
static int wait_once(struct watch *w, long long deadline, bool may_end)
{
	int rc;

	if (may_end && is_closing(w)) {
		errno = ENOTSOCK;
		return -1;
	}
	/* Nobody can end a poll(2). */
	if (w->count > FEW || (may_end && deadline)) {
		if (wsp_type((SOCKET)w->fds[0].fd))
			return wait_by_rules(w, deadline);
	} else if (all_known(w)) {
		rc = wsp_poll(w->fds, w->count, deadline);
		/* EINVAL: the limit on descriptors is lower by now. */
		if ((rc > 0 && is_odd(w)) || (rc < 0 && errno == EINVAL))
			rc = wait_by_rules(w, deadline);
		return rc;
	}
	errno = ENOTSOCK;
	return -1;
}

/*
 * How many sockets have something to say in revents, 0 when the time is over, or
 * -1. Who is woken though no socket is about to be closed looks again, and so does
 * who has found a connection that was put off, and another thread was faster.
 */
int wsp_wait_ready(struct watch *w, long long deadline)
{
	const bool may_end = wsp_watch(&w->watcher, w->fds, w->count);
	bool found, again;
	int rc;

	do {
		w->watcher.over = 0;	/* before the look: what comes later sets it */
		found = find_deferred(w, 0);
		rc = wait_once(w, found ? 0 : deadline, may_end);
		if (rc >= 0)
			rc += find_deferred(w, POLLIN);
		again = rc < 0 ? errno == ECANCELED && !is_closing(w) : !rc && found;
	} while (again);
	wsp_unwatch(&w->watcher);
	if (rc < 0 && errno == ECANCELED)
		errno = EINTR;
	return rc;
}
