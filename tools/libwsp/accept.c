// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Accepting, and connections whose acceptance a condition function has put off
 * (contract, section 9). The handshake is over by the time that one can be seen, as
 * by Windows CE's default, so what is refused is reset.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "overlapped.h"

/**
 * struct deferred - a connection that has been put off
 * @listener: the socket it was accepted on, which offers it again
 * @word: the listener's, so that no other socket of that number does
 * @fd: its descriptor
 * @link: its place in the list
 */
struct deferred {
	SOCKET listener;
	unsigned int word;
	int fd;
	LIST_ENTRY(deferred) link;
};

/* Under the lock of closing.c's lists. */
static LIST_HEAD(deferred_list, deferred) deferred = LIST_HEAD_INITIALIZER(deferred);
static _Atomic int count;		/* in the list */

/* Threads that are about to wake those who wait to accept, and how often it was done.
 * Others who wait on the listener are woken along.
 */
static _Atomic int waking;
static _Atomic unsigned int woken;

/* They are offered by the process that has put them off, not by a child of it. */
void wsp_drop_deferred(void)
{
	struct deferred *d;

	while ((d = LIST_FIRST(&deferred))) {
		LIST_REMOVE(d, link);
		close(d->fd);
		free(d);
	}
	atomic_store(&count, 0);
}

bool wsp_any_deferred(void)
{
	/* After what the caller has stored: who puts one off counts it, and tells then. */
	return atomic_load(&count);
}

/* What is called by a destructor as well, and not to be left in the middle. */
void wsp_reset_connection(int fd)
{
	const struct linger linger = { .l_onoff = 1 };
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
	pthread_setcancelstate(state, NULL);
}

/* Out of the list; its descriptor is the caller's. */
static int remove_deferred(struct deferred *d)
{
	const int fd = d->fd;

	LIST_REMOVE(d, link);
	atomic_fetch_sub(&count, 1);
	free(d);
	return fd;
}

/* Those of a listener that was closed behind the library's back go with it. */
static struct deferred *find_deferred(SOCKET listener)
{
	struct deferred *d = LIST_FIRST(&deferred), *next;

	for (; d; d = next) {
		next = LIST_NEXT(d, link);
		if (d->listener != listener)
			continue;
		if (wsp_is_same(listener, d->word))
			return d;
		wsp_reset_connection(remove_deferred(d));
	}
	return NULL;
}

bool wsp_has_deferred(SOCKET listener)
{
	bool found;

	if (!wsp_any_deferred() || !wsp_lock_lists())
		return false;
	found = find_deferred(listener);
	wsp_unlock_lists();
	return found;
}

/* The descriptor of one that was put off, which the caller has from now on; or -1. */
static int take_deferred(SOCKET listener)
{
	struct deferred *d;
	int fd = -1;

	if (!wsp_any_deferred() || !wsp_lock_lists())
		return -1;
	d = find_deferred(listener);
	if (d)
		fd = remove_deferred(d);
	wsp_unlock_lists();
	return fd;
}

/* A wait that ends by this goes on. */
static void wake_others(SOCKET listener)
{
	atomic_fetch_add(&waking, 1);
	wsp_wake_others(listener);
	atomic_fetch_add(&woken, 1);
	atomic_fetch_sub(&waking, 1);
}

unsigned int wsp_wakes(void)
{
	return atomic_load(&woken);
}

bool wsp_was_woken(const struct wsp_use *use, unsigned int seen)
{
	return errno == EINTR && (atomic_load(&waking) || atomic_load(&woken) != seen) &&
	       wsp_is_same(use->s, use->word) && !wsp_is_closing(use->s);
}

/*
 * It is the next one, for whoever accepts, or waits already; and once it is, that is to
 * be told, so who is cancelled is so after this.
 */
static int defer(const struct wsp_use *use, int fd)
{
	struct deferred *d = malloc(sizeof(*d));
	int state;

	if (!d || !wsp_lock_lists()) {
		free(d);
		return WSAENOBUFS;
	}
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	*d = (struct deferred) { .listener = use->s, .word = use->word, .fd = fd };
	LIST_INSERT_HEAD(&deferred, d, link);
	atomic_fetch_add(&count, 1);
	wsp_unlock_lists();
	wsp_offer_deferred(use);
	wake_others(use->s);
	pthread_setcancelstate(state, NULL);
	return WSATRY_AGAIN;
}

/* The listener is about to be closed, and nobody else is at it. */
void wsp_reset_deferred(SOCKET listener)
{
	int fd;

	while ((fd = take_deferred(listener)) >= 0)
		wsp_reset_connection(fd);
}

static int accept_code(SOCKET s, int error)
{
	/* "indicated, but subsequently terminated by the remote peer" */
	return error == ECONNABORTED ? WSAECONNRESET : wsp_code(s, error);
}

/* One that was put off, if the peer has not reset it since. */
static int accept_deferred(SOCKET s, int *fd)
{
	struct wsp_info info;

	*fd = take_deferred(s);
	if (*fd < 0 || ioctl(*fd, WSP_IOC_INFO, &info) || !info.code)
		return 0;
	wsp_reset_connection(*fd);
	*fd = -1;
	return WSAECONNRESET;
}

/**
 * struct hold - a call whose accept(2) enables no event, and ties nothing, before it
 *	is known whether it is to
 * @use: of the listener
 * @on: it does so
 */
struct hold {
	const struct wsp_use *use;
	bool on;
};

/* Unless the condition function has closed it. */
static void enable_accept(const struct wsp_use *use)
{
	if (use->word && wsp_is_same(use->s, use->word))
		wsp_enable(use->s, FD_ACCEPT);
}

static void begin_hold(struct hold *hold)
{
	const struct wsp_enable args = { .flags = WSP_ENABLE_HOLD };

	ioctl((int)hold->use->s, WSP_IOC_ENABLE, &args);
}

/* Also when the thread is cancelled. */
static void end_hold(const struct hold *hold)
{
	if (hold->on)
		enable_accept(hold->use);
}

#define DEFERRED	(-1)	/* in place of a code */

/*
 * 0 or DEFERRED and a connection, or a code. A wait that was ended because another
 * thread has put one off goes on, with that.
 */
static int accept_next(const struct wsp_use *use, struct sockaddr *addr,
		       socklen_t *addrlen, struct hold *hold, int *fd)
{
	const int flags = SOCK_CLOEXEC |
			  (use->word & WSP_NONBLOCKING ? SOCK_NONBLOCK : 0);
	unsigned int seen;
	int code;

	for (;;) {
		seen = wsp_wakes();
		wsp_look_again(use);
		code = accept_deferred(use->s, fd);
		if (code || *fd >= 0)
			return code ? code : DEFERRED;
		if (hold)
			begin_hold(hold);
		*fd = wsp_wait_accept((int)use->s, addr, addrlen, flags);
		if (*fd >= 0)
			return 0;
		if (wsp_was_woken(use, seen))
			continue;
		/* SO_RCVTIMEO is for receiving (S-03). */
		if (errno != EAGAIN || wsp_is_nonblocking(use->s))
			return accept_code(use->s, errno);
	}
}

/* What the program's function is asked, and what it says. */
struct question {
	LPCONDITIONPROC condition;
	DWORD_PTR data;
	WSABUF caller, callee;
	int answer;
};

static void ask(void *arg)
{
	struct question *q = arg;
	WSABUF none = { 0, NULL };
	GROUP group = 0;

	q->answer = q->condition(&q->caller, NULL, NULL, NULL, &q->callee, &none, &group,
				 q->data);
}

/*
 * What the program's function makes of the connection: CF_ACCEPT or another. It is
 * in no call on the listener meanwhile: who closes that need not wait for it.
 */
static int ask_condition(struct wsp_use *use, int fd, LPCONDITIONPROC condition,
			 DWORD_PTR data)
{
	union wsp_name peer = { 0 }, local = { 0 };
	struct question q = {
		condition, data,
		.caller = { (ULONG)wsp_use_name_size(use), (CHAR *)&peer },
		.callee = { (ULONG)wsp_use_name_size(use), (CHAR *)&local },
	};
	socklen_t len = sizeof(peer);

	wsp_get_peer(fd, &peer.any, &len);
	len = sizeof(local);
	getsockname(fd, &local.any, &len);
	wsp_leave_for_now(use);
	wsp_call(ask, &q);
	return q.answer;
}

static int judge(struct wsp_use *use, int fd, LPCONDITIONPROC condition,
		 DWORD_PTR data)
{
	const int answer = ask_condition(use, fd, condition, data);
	const bool open = wsp_enter_again(use);

	switch (answer) {
	case CF_ACCEPT:
		return 0;
	case CF_DEFER:
		return open ? defer(use, fd) : WSAENOTSOCK;
	case CF_REJECT:
		return WSAECONNREFUSED;
	default:
		return WSAEINVAL;
	}
}

static void drop_connection(const int *fd)
{
	if (*fd >= 0)
		wsp_reset_connection(*fd);
}

/* Whatever it comes to, and if the function's thread is cancelled. */
static int accept_if(struct wsp_use *use, int *fd, LPCONDITIONPROC condition,
		     DWORD_PTR data)
{
	__attribute__((cleanup(end_hold))) struct hold hold = { use, true };
	__attribute__((cleanup(drop_connection))) int got = -1;
	int code = accept_next(use, NULL, NULL, &hold, &got);

	if (code > 0)
		return code;
	code = judge(use, got, condition, data);
	*fd = got;
	if (!code || code == WSATRY_AGAIN)
		got = -1;
	hold.on = code != WSATRY_AGAIN;
	return code ? code : DEFERRED;
}

/* T-08: until now it has not been tied, so as not to be heard of. */
static void tie_as_listener(const struct wsp_use *use, int fd)
{
	const struct wsp_select args = {
		.event = (int)use->s,
		.flags = WSP_SELECT_AS,
	};

	if (wsp_is_same(use->s, use->word))
		ioctl(fd, WSP_IOC_SELECT, &args);
}

/* What accept(2) would have done with it. */
static int finish_deferred(const struct wsp_use *use, int fd, struct sockaddr *addr,
			   LPINT addrlen)
{
	int nonblocking = !!(use->word & WSP_NONBLOCKING);

	enable_accept(use);
	ioctl(fd, FIONBIO, &nonblocking);
	tie_as_listener(use, fd);
	if (!addr || !wsp_get_peer(fd, addr, (socklen_t *)addrlen))
		return 0;
	wsp_reset_connection(fd);
	return WSAEFAULT;
}

int wsp_accept_now(const struct wsp_use *use, int *fd)
{
	const bool blocks = wsp_begin_at_once(use);
	int code = accept_next(use, NULL, NULL, NULL, fd);

	wsp_end_at_once(use, blocks);
	return code == DEFERRED ? finish_deferred(use, *fd, NULL, NULL) : code;
}

/* 0 and a descriptor, or a code. */
static int accept_connection(struct wsp_use *use, struct sockaddr *addr,
			     LPINT addrlen, LPCONDITIONPROC condition,
			     DWORD_PTR data, int *fd)
{
	int code;

	if (!use->word)
		return WSAENOTSOCK;
	if (!addr || !addrlen)
		addr = NULL;
	else if (!wsp_is_readable(addrlen, sizeof(*addrlen)) ||
		 *addrlen < wsp_use_name_size(use))
		return WSAEFAULT;
	if (condition)
		code = accept_if(use, fd, condition, data);
	else
		code = accept_next(use, addr, addr ? (socklen_t *)addrlen : NULL, NULL,
				   fd);
	return code == DEFERRED ? finish_deferred(use, *fd, addr, addrlen) : code;
}

SOCKET WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
		 LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
		 LPINT lpErrno)
{
	WSP_USE(use, s);
	int fd, code;

	code = accept_connection(&use, addr, addrlen, lpfnCondition,
				 dwCallbackData, &fd);
	if (code) {
		if (code != WSAEWOULDBLOCK && code != WSATRY_AGAIN)
			enable_accept(&use);
		wsp_fail(lpErrno, code);
		return INVALID_SOCKET;
	}
	wsp_remember((SOCKET)fd, (use.word & (WSP_TYPE | WSP_V6 | WSP_LINGERS |
					      WSP_NONBLOCKING | WSP_SYNCHRONOUS)) |
				 WSP_READY);
	return (SOCKET)fd;
}
