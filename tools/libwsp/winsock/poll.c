// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSAPoll (W-04): it waits as WSPSelect does, and looks at what is ready once more,
 * for poll(2) tells the end of a connection from its data. Unlike its neighbours
 * this file is in the platform's world, of which it makes more use than of Winsock's.
 */
#include <errno.h>
#include <stddef.h>

#include "../select.h"

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

/*
 * What is asked for, by socket, and where each entry's socket is: NULL for none. 0 or
 * a code.
 */
static int list_sockets(struct watch *w, struct winsock_pollfd *asked, ULONG count)
{
	struct wsp_info info;
	ULONG i;

	wsp_list_none(w);
	for (i = 0; i < count; i++) {
		const SOCKET s = asked[i].fd;

		w->places[i] = NULL;
		asked[i].revents = 0;
		if (is_ignored(s))
			continue;
		if (asked[i].events & ~WS_ASKABLE)
			return WSAEINVAL;
		if (!wsp_type(s) || !get_info((int)s, &info))
			asked[i].revents = WS_NVAL;
		else
			w->places[i] = wsp_list_socket(w, (int)s,
						       events_of(asked[i].events));
	}
	return w->count ? 0 : WSAEINVAL;
}

/* What the wait's answer means by the socket's state now. */
static short judge(const struct pollfd *answer)
{
	struct pollfd now = *answer;
	struct wsp_info info;

	if (!get_info(now.fd, &info))
		return WS_NVAL;
	if (info.type == SOCK_STREAM) {
		switch (info.state) {
		case WSP_STATE_FAILED:
			return WS_HUP | WS_ERR | WS_WRNORM;
		case WSP_STATE_LISTENING:	/* or what was deferred */
			return winsock_events(answer->revents & POLLIN);
		case WSP_STATE_IDLE:
		case WSP_STATE_PENDING:		/* V-10: by now */
			return 0;
		}
	}
	poll(&now, 1, 0);
	if (!(answer->revents & POLLPRI))	/* in line it is only data */
		now.revents &= (short)~POLLPRI;
	return winsock_events(now.revents);
}

/* Fills in the answers, and says how many there are. */
static int judge_all(const struct watch *w, struct winsock_pollfd *asked, ULONG count)
{
	int ready = 0;
	ULONG i;

	for (i = 0; i < count; i++) {
		if (w->places[i] && w->places[i]->revents)
			asked[i].revents = judge(w->places[i]) &
					   (asked[i].events | WS_UNASKED);
		ready += asked[i].revents != 0;
	}
	return ready;
}

/*
 * How many are ready, 0 when the time is over, or -1 and a code. What was ready and
 * is not any more, by another thread, is waited for again.
 */
static int wait_ready(struct watch *w, struct winsock_pollfd *asked, ULONG count,
		      long long deadline, int *code)
{
	int rc, ready;

	do {
		*code = list_sockets(w, asked, count);
		if (*code)
			return -1;
		/* Where one is bad nobody waits for the others. */
		ready = judge_all(w, asked, count);
		rc = wsp_wait_ready(w, ready ? 0 : deadline);
		if (rc < 0 && errno != ENOTSOCK) {
			*code = wsp_code((SOCKET)w->fds[0].fd, errno);
			return -1;
		}
		ready = judge_all(w, asked, count);
	} while (rc < 0 || (rc && !ready && deadline));
	return ready;
}

int WSAPoll(struct winsock_pollfd *fdArray, ULONG fds, int timeout)
{
	const long long deadline = timeout < 0 ? WSP_FOREVER :
				   wsp_deadline(0, timeout * 1000LL);
	__attribute__((cleanup(wsp_free_room))) struct watch w = { 0 };
	struct wsp_room few;
	int code, ready = SOCKET_ERROR;

	code = fdArray ? wsp_make_room(&w, &few, fds) : WSAEFAULT;
	if (!code)
		ready = wait_ready(&w, fdArray, fds, deadline, &code);
	if (ready < 0)
		WSASetLastError(code);
	return ready;
}
