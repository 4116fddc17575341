// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for WSPSelect by poll(2), which is one system call where poll's answer
 * says as much as Winsock's sets do. A stream that poll calls up although it is
 * in no set, such as one never connected, is stuck: it would end each wait at
 * once. An edge-triggered epoll instance takes its place in the poll.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "select.h"

#define ODD		(POLLHUP | POLLERR)
#define AT_ONCE		64	/* events taken from epoll in one go */

/* What a set waits for, and which answers of poll mean it. */
const struct wsp_kind wsp_kinds[SETS] = {
	{ POLLIN, POLLIN | POLLHUP | POLLERR },
	{ POLLOUT, POLLOUT | POLLERR },
	{ POLLPRI, POLLPRI },
};

static int state_of(int fd)
{
	struct wsp_info info;

	return ioctl(fd, WSP_IOC_INFO, &info) ? -1 : (int)info.state;
}

/* Which of its wishes are met. */
static short judge(const struct pollfd *entry)
{
	struct pollfd p = *entry;
	short met = 0;
	int k;

	if ((p.revents & ODD) && wsp_type((SOCKET)p.fd) == SOCK_STREAM) {
		switch (state_of(p.fd)) {
		case WSP_STATE_CONNECTED:
		case WSP_STATE_LISTENING:	/* it may have been idle then */
			poll(&p, 1, 0);
			break;
		case WSP_STATE_FAILED:		/* C-07 */
			return p.events & POLLPRI;
		default:			/* V-10 */
			return 0;
		}
	}
	for (k = 0; k < SETS; k++)
		if (p.revents & wsp_kinds[k].signs)
			met |= p.events & wsp_kinds[k].wish;
	return met;
}

/*
 * After a look: how many sockets are ready, -1 if one is none. Leaves in
 * revents the wishes that are met, or ODD bits where the socket is stuck.
 */
static int judge_all(struct watch *w)
{
	struct pollfd *p;
	int ready = 0;
	short met;

	for (p = w->look; p < w->look + w->count; p++) {
		if (p->revents & POLLNVAL) {
			wsp_forget((SOCKET)p->fd);
			errno = EBADF;
			return -1;
		}
		if (!p->revents)
			continue;
		met = judge(p);
		p->revents = met ? met : p->revents & ODD;
		ready += met != 0;
	}
	return ready;
}

static int park(struct watch *w, nfds_t i)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLET,
	};
	nfds_t j;

	if (w->epfd < 0) {
		w->epfd = epoll_create1(EPOLL_CLOEXEC);
		if (w->epfd < 0)
			return -1;
		for (j = 0; j < w->count; j++)
			w->rest[j] = w->look[j];
		w->rest[j].fd = w->epfd;
		w->rest[j].events = POLLIN;
	}
	w->rest[i].fd = -1;
	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, w->look[i].fd, &ev);
}

/* How many sockets are stuck that have not been before, or -1. */
static int park_stuck(struct watch *w)
{
	int parked = 0;
	nfds_t i;

	for (i = 0; i < w->count; i++) {
		if (!(w->look[i].revents & ODD) ||
		    (w->epfd >= 0 && w->rest[i].fd < 0))
			continue;
		if (park(w, i))
			return -1;
		parked++;
	}
	return parked;
}

/* What changes from now on makes epfd readable. */
static void drain(int epfd)
{
	struct epoll_event ev[AT_ONCE];

	while (epoll_wait(epfd, ev, AT_ONCE, 0) == AT_ONCE)
		;
}

/* How many sockets are ready, 0 when the time is over, or -1. */
int wsp_wait_ready(struct watch *w, long long deadline)
{
	int rc;

	for (;;) {
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
		if (rc)		/* to look again: it may have changed before */
			continue;
		if (w->epfd < 0)
			return 0;
		rc = wsp_poll(w->rest, w->count + 1, deadline);
		if (rc <= 0)
			return rc;
	}
}
