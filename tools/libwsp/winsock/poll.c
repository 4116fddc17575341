// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSAPoll by poll(2) (W-04). As in WSPSelect a stream that poll calls up although
 * it was never connected is parked: an edge-triggered epoll instance, the last
 * entry, takes its place. Unlike its neighbours this file is in the platform's
 * world, of which it makes more use than of Winsock's.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../internal.h"

/* Winsock's structure and bits, as <winsock2.h> has them. */
struct winsock_pollfd {
	SOCKET fd;
	short events, revents;
};

#define WS_ERR		0x0001
#define WS_HUP		0x0002
#define WS_NVAL		0x0004
#define WS_WRNORM	0x0010
#define WS_WRBAND	0x0020
#define WS_RDNORM	0x0100
#define WS_RDBAND	0x0200
#define WS_ASKABLE	(WS_WRNORM | WS_WRBAND | WS_RDNORM | WS_RDBAND)
#define WS_UNASKED	(WS_ERR | WS_HUP | WS_NVAL)

int WSAPoll(struct winsock_pollfd *fdArray, ULONG fds, int timeout)
	__attribute__((visibility("default")));

#define FEW		64	/* sockets that need no allocation */

struct wait {
	struct winsock_pollfd *asked;
	struct pollfd *look;	/* as many, and epfd's */
	ULONG count;
	int epfd;
};

static bool get_info(int fd, struct wsp_info *info)
{
	return !ioctl(fd, WSP_IOC_INFO, info);
}

static bool is_ignored(SOCKET s)
{
	return (intptr_t)s < 0;
}

static short events_of(short asked)
{
	short events = POLLRDHUP;

	if (asked & WS_RDNORM)
		events |= POLLIN;
	if (asked & WS_RDBAND)
		events |= POLLPRI;
	if (asked & WS_WRNORM)
		events |= POLLOUT;
	return events;
}

/* What is asked for, and how many sockets there are, in poll's terms; or a code. */
static int prepare(struct wait *w)
{
	struct wsp_info info;
	ULONG i, valid = 0;
	SOCKET s;

	for (i = 0; i < w->count; i++) {
		s = w->asked[i].fd;
		w->look[i] = (struct pollfd) { .fd = -1 };
		if (is_ignored(s))
			continue;
		if (w->asked[i].events & ~WS_ASKABLE)
			return WSAEINVAL;
		if (s > INT_MAX || !get_info((int)s, &info))
			continue;
		w->look[i].fd = (int)s;
		w->look[i].events = events_of(w->asked[i].events);
		valid++;
	}
	w->look[i] = (struct pollfd) { .fd = -1, .events = POLLIN };
	return valid ? 0 : WSAEINVAL;
}

static short winsock_events(short revents)
{
	short events = 0;

	if (revents & POLLIN)
		events |= WS_RDNORM;
	if (revents & POLLPRI)
		events |= WS_RDBAND;
	if (revents & POLLOUT)
		events |= WS_WRNORM;
	if (revents & (POLLHUP | POLLRDHUP))
		events |= WS_HUP;
	if (revents & POLLERR)
		events |= WS_ERR;
	return events;
}

/* What poll's answer means by the socket's state. */
static short judge(struct pollfd *p)
{
	struct wsp_info info;

	if (p->revents & POLLNVAL || !get_info(p->fd, &info))
		return WS_NVAL;
	if (info.type == SOCK_STREAM) {
		switch (info.state) {
		case WSP_STATE_FAILED:
			return WS_HUP | WS_ERR | WS_WRNORM;
		case WSP_STATE_CONNECTED:
		case WSP_STATE_LISTENING:
			poll(p, 1, 0);	/* it may have been idle before */
			break;
		default:		/* V-10 */
			return 0;
		}
	}
	return winsock_events(p->revents);
}

/* Fills in the answers, and says how many there are. */
static int judge_all(struct wait *w)
{
	struct winsock_pollfd *asked;
	int ready = 0;
	ULONG i;

	for (i = 0; i < w->count; i++) {
		asked = &w->asked[i];
		asked->revents = 0;
		if (w->look[i].revents)
			asked->revents = judge(&w->look[i]) &
					 (asked->events | WS_UNASKED);
		else if (w->look[i].fd == -1 && !is_ignored(asked->fd))
			asked->revents = WS_NVAL;
		ready += asked->revents != 0;
	}
	return ready;
}

/* Descriptors are complemented to park them: poll ignores negative ones. */
static int park(struct wait *w, struct pollfd *p)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLET,
	};
	int fd = p->fd;

	if (w->epfd < 0) {
		w->epfd = epoll_create1(EPOLL_CLOEXEC);
		if (w->epfd < 0)
			return -1;
		w->look[w->count].fd = w->epfd;
	}
	p->fd = -2 - fd;
	if (epoll_ctl(w->epfd, EPOLL_CTL_ADD, fd, &ev) && errno != EEXIST)
		return -1;
	return 0;
}

static void unpark_all(struct wait *w)
{
	ULONG i;

	for (i = 0; i < w->count; i++)
		if (w->look[i].fd < -1)
			w->look[i].fd = -2 - w->look[i].fd;
}

/* What poll calls up, and is nothing that was asked for. -1, or how many. */
static int park_stuck(struct wait *w)
{
	int parked = 0;
	ULONG i;

	for (i = 0; i < w->count; i++) {
		if (w->look[i].fd < 0 || !w->look[i].revents)
			continue;
		if (park(w, &w->look[i]))
			return -1;
		parked++;
	}
	return parked;
}

/* What changes from now on makes epfd readable. */
static void drain(int epfd)
{
	struct epoll_event ev[FEW];

	while (epoll_wait(epfd, ev, FEW, 0) == FEW)
		;
}

/* How many are ready, 0 when the time is over, or -1. */
static int wait_ready(struct wait *w, long long deadline)
{
	int rc;

	for (;;) {
		unpark_all(w);
		if (w->epfd >= 0)
			drain(w->epfd);
		rc = wsp_poll(w->look, w->count, w->epfd < 0 ? deadline : 0);
		if (rc < 0)
			return rc;
		rc = judge_all(w);
		if (rc || !deadline)
			return rc;
		rc = park_stuck(w);
		if (rc < 0)
			return rc;
		if (w->epfd < 0)
			return 0;
		rc = wsp_poll(w->look, w->count + 1, deadline);
		if (rc <= 0)
			return rc;
	}
}

int WSAPoll(struct winsock_pollfd *fdArray, ULONG fds, int timeout)
{
	struct pollfd few[FEW + 1];
	struct wait w = {
		.asked = fdArray,
		.look = few,
		.count = fds,
		.epfd = -1,
	};
	int code = 0, ready = 0;

	if (!fdArray) {
		WSASetLastError(WSAEFAULT);
		return SOCKET_ERROR;
	}
	if (fds > FEW)
		w.look = calloc((size_t)fds + 1, sizeof(*w.look));
	if (!w.look) {
		WSASetLastError(WSAENOBUFS);
		return SOCKET_ERROR;
	}
	code = prepare(&w);
	if (!code) {
		ready = wait_ready(&w, timeout < 0 ? WSP_FOREVER :
				   wsp_deadline(0, timeout * 1000LL));
		if (ready < 0)
			code = wsp_code(INVALID_SOCKET, errno);
	}
	if (w.epfd >= 0)
		close(w.epfd);
	if (w.look != few)
		free(w.look);
	if (code)
		WSASetLastError(code);
	return code ? SOCKET_ERROR : ready;
}
