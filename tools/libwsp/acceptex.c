// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * AcceptEx: the connection gets the number of a socket that there is already, by dup3(2).
 * If data is to come with it the operation moves from the listening socket to that one,
 * so that those behind it need not wait for the peer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extension.h"
#include "lane.h"

#define SPARE	16	/* bytes that a name has room for beside itself */

/**
 * struct accepting - what is to be accepted
 * @listener: where
 * @listener_word: so that it is no other of that number
 * @s: by what socket
 * @word: the same for it
 * @out: where data and names go
 * @room: for data
 * @local_room: for the local name
 */
struct accepting {
	SOCKET listener;
	unsigned int listener_word;
	SOCKET s;
	unsigned int word;
	char *out;
	DWORD room;
	DWORD local_room;
};

static _Atomic bool any;	/* has there ever been one? */

bool wsp_any_accepts(void)
{
	return atomic_load(&any);
}

/* Is it a stream without a name, that does nothing? 0 or a code. */
static int check_fresh(SOCKET s)
{
	struct wsp_info info;
	const int code = wsp_get_info(s, &info);

	if (code)
		return code;
	if (info.state != WSP_STATE_IDLE && info.state != WSP_STATE_FAILED)
		return WSAEINVAL;
	return wsp_check_bound(s) == WSAEINVAL ? 0 : WSAEINVAL;
}

/* In the room that is there for it, where a name of any family is aligned. */
static char *place_of_name(char *room)
{
	return (char *)(((uintptr_t)room + 7) & ~(uintptr_t)7);
}

static void give_names(const struct accepting *a)
{
	char *local = place_of_name(a->out + a->room);
	char *remote = place_of_name(a->out + a->room + a->local_room);
	union wsp_name name = { 0 };
	socklen_t len = sizeof(name);

	getsockname((int)a->s, &name.any, &len);
	memcpy(local, &name, (size_t)wsp_word_name_size(a->word));
	memset(&name, 0, sizeof(name));
	len = sizeof(name);
	wsp_get_peer((int)a->s, &name.any, &len);
	memcpy(remote, &name, (size_t)wsp_word_name_size(a->word));
}

/* The descriptor is the accept socket's from here on. 0 or a code. */
static int replace(const struct accepting *a, const struct wsp_use *use, int fd)
{
	const struct wsp_use at = { .s = a->s, .word = a->word };
	const unsigned int own = wsp_word(a->s) & WSP_NONBLOCKING;
	const int flags = fcntl((int)a->s, F_GETFD);
	int on = 1, code = 0;

	if (own)
		ioctl(fd, FIONBIO, &on);
	wsp_bequeath_news(&at, fd);
	if (flags < 0 || dup3(fd, (int)a->s, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
		code = wsp_code(a->s, errno);
		wsp_reset_connection(fd);
		return code;
	}
	close(fd);
	wsp_note(a->s, a->word, (use->word & (WSP_LINGERS | WSP_NONBLOCKING)) | WSP_READY);
	wsp_inherit_news(&at);
	give_names(a);
	return 0;
}

static int attempt_first(struct wsp_op *op, const struct wsp_use *use)
{
	return wsp_attempt_receive(op, use);
}

/* With the lock of its table: the first data, or it waits for that there. */
static int receive_first(struct wsp_op *op, const struct wsp_use *at)
{
	int code;

	op->attempt = attempt_first;
	code = attempt_first(op, at);
	if (code != WSP_AGAIN)
		return code;
	code = wsp_move_operation(at, op);
	if (code == WSA_IO_PENDING)
		return WSP_MOVED;
	return code == WSAENOTSOCK ? WSA_OPERATION_ABORTED : code;
}

static int accept_by(struct wsp_op *op, const struct wsp_use *use,
		     const struct accepting *a)
{
	const struct wsp_use at = { .s = a->s, .word = a->word };
	int fd = -1;
	int code = check_fresh(a->s);

	if (!code)
		code = wsp_accept_now(use, &fd);
	if (code == WSAEWOULDBLOCK)
		return WSP_AGAIN;
	if (!code)
		code = replace(a, use, fd);
	return code || !a->room ? code : receive_first(op, &at);
}

/* Who closes the accept socket waits until this is over (T-01). */
static int attempt_accept(struct wsp_op *op, const struct wsp_use *use)
{
	struct wsp_table *table, *held = wsp_table_of(use->s);
	const struct accepting *a = op->more;
	WSP_USE(at, a->s);
	int code;

	if (!at.word || !wsp_is_same(a->s, a->word))
		return WSA_OPERATION_ABORTED;
	table = wsp_table_of(a->s);
	if (table == held)
		return accept_by(op, use, a);
	if (!wsp_enter_too(table))	/* it is tried again at once */
		return WSP_AGAIN;
	code = accept_by(op, use, a);
	wsp_leave_table(table);
	return code;
}

/* Does the operation, which waits at another socket, end with @s? */
static bool is_about(const struct wsp_op *op, SOCKET s, bool closed)
{
	const struct accepting *a = op->more;

	if (op->attempt == attempt_first)
		return a->listener == s && wsp_is_same(s, a->listener_word);
	return op->attempt == attempt_accept && closed && a->s == s &&
	       wsp_is_same(s, a->word);
}

static bool end_in_port(struct wsp_port *port, SOCKET s, const WSAOVERLAPPED *overlapped,
			const void *thread, bool closed)
{
	struct wsp_op *op, *next;
	bool found = false;

	for (op = TAILQ_FIRST(&port->lanes[WSP_IN]); op; op = next) {
		next = TAILQ_NEXT(op, link);
		if (!is_about(op, s, closed) ||
		    (overlapped && op->notice.overlapped != overlapped) ||
		    (thread && op->thread != thread))
			continue;
		wsp_complete(port, op, WSA_OPERATION_ABORTED);
		found = true;
	}
	if (TAILQ_EMPTY(&port->lanes[WSP_IN]))
		wsp_unnote(port->s, port->word, wsp_lane_bit(WSP_IN));
	return found;
}

bool wsp_end_accepts(SOCKET s, const WSAOVERLAPPED *overlapped, const void *thread,
		     bool closed)
{
	struct wsp_port *port;
	bool found = false;
	int i, j;

	if (!wsp_any_accepts())
		return false;
	for (i = 0; i < WSP_TABLES; i++) {
		wsp_enter_table(&wsp_tables[i]);
		for (j = 0; j < WSP_ROWS; j++)
			LIST_FOREACH(port, &wsp_tables[i].rows[j], link)
				found |= end_in_port(port, s, overlapped, thread, closed);
		wsp_leave_table(&wsp_tables[i]);
	}
	return found;
}

static int check_listener(const struct wsp_use *use)
{
	struct wsp_info info;
	int code;

	if (!use->word)
		return WSAENOTSOCK;
	if (wsp_use_type(use) != SOCK_STREAM)
		return WSAEOPNOTSUPP;
	code = wsp_get_info(use->s, &info);
	if (code)
		return code;
	return info.state == WSP_STATE_LISTENING ? 0 : WSAEINVAL;
}

static int check(const struct wsp_use *use, const struct accepting *a, DWORD remote_room)
{
	const DWORD least = (DWORD)wsp_use_name_size(use) + SPARE;
	const unsigned int kind = WSP_TYPE | WSP_V6;
	int code = check_listener(use);

	if (code)
		return code;
	if (!a->word)
		return WSAENOTSOCK;
	if ((a->word & kind) != (use->word & kind) || a->local_room < least ||
	    remote_room < least)
		return WSAEINVAL;
	if (!a->out || a->room > INT_MAX)
		return WSAEFAULT;
	return check_fresh(a->s);
}

static int prepare(struct wsp_op *op, const struct accepting *a)
{
	WSABUF data = { a->room, a->out };

	op->attempt = attempt_accept;
	op->more = malloc(sizeof(*a));
	if (!op->more)
		return WSAENOBUFS;
	memcpy(op->more, a, sizeof(*a));
	atomic_store(&any, true);
	return wsp_fill_vector(&op->vector, &data, 1);
}

static int accept_ex(const struct wsp_use *use, const struct accepting *a,
		     DWORD remote_room, LPDWORD got, LPWSAOVERLAPPED overlapped)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	int code = check(use, a, remote_room);

	wsp_begin_op(&op, WSP_IN, 0);
	if (!code && !overlapped)
		code = WSA_INVALID_PARAMETER;
	if (!code)
		code = prepare(&op, a);
	if (!code)
		code = wsp_launch(use, &op, overlapped, NULL);
	if (!code && got)
		*got = op.total;
	return code;
}

BOOL AcceptEx(SOCKET sListenSocket, SOCKET sAcceptSocket, LPVOID lpOutputBuffer,
	      DWORD dwReceiveDataLength, DWORD dwLocalAddressLength,
	      DWORD dwRemoteAddressLength, LPDWORD lpdwBytesReceived,
	      LPWSAOVERLAPPED lpOverlapped)
{
	WSP_USE(use, sListenSocket);
	const struct accepting a = {
		.listener = sListenSocket,
		.listener_word = use.word,
		.s = sAcceptSocket,
		.word = wsp_word(sAcceptSocket),
		.out = lpOutputBuffer,
		.room = dwReceiveDataLength,
		.local_room = dwLocalAddressLength,
	};

	return wsp_extension_result(accept_ex(&use, &a, dwRemoteAddressLength,
					      lpdwBytesReceived, lpOverlapped));
}

static void find_name(char *room, struct sockaddr **name, LPINT len)
{
	*name = (struct sockaddr *)(void *)place_of_name(room);
	*len = (*name)->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						sizeof(struct sockaddr_in);
}

void GetAcceptExSockaddrs(LPVOID lpOutputBuffer, DWORD dwReceiveDataLength,
			  DWORD dwLocalAddressLength, DWORD dwRemoteAddressLength,
			  struct sockaddr **LocalSockaddr, LPINT LocalSockaddrLength,
			  struct sockaddr **RemoteSockaddr, LPINT RemoteSockaddrLength)
{
	char *names = (char *)lpOutputBuffer + dwReceiveDataLength;

	(void)dwRemoteAddressLength;
	find_name(names, LocalSockaddr, LocalSockaddrLength);
	find_name(names + dwLocalAddressLength, RemoteSockaddr, RemoteSockaddrLength);
}
