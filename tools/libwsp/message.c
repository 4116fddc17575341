// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSARecvMsg and WSASendMsg: a datagram, and what the kernel says of it or is told.
 * That has the platform's form with the kernel: of where a datagram came in or is
 * to go out (IP_PKTINFO), the two have different structures or numbers.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "extension.h"
#include "lane.h"

#define SPARE	64	/* bytes; the kernel's form may be the longer one */

/* Winsock's, for IPv4 */
struct in_info {
	struct in_addr addr;
	ULONG index;
};

/**
 * struct message - what a call needs beside its operation
 * @msg: the program's
 * @control: the kernel's, as many bytes as there are
 */
struct message {
	LPWSAMSG msg;
	struct cmsghdr control[];
};

/* One piece, in either form. */
struct piece {
	WSACMSGHDR head;
	const void *data;
	union {
		struct in_info winsock;
		struct in_pktinfo kernel;
	} info;
};

static size_t size_of(const struct piece *p)
{
	return p->head.cmsg_len - sizeof(p->head);
}

static bool is(const struct piece *p, int level, int type, size_t size)
{
	return p->head.cmsg_level == level && p->head.cmsg_type == type &&
	       size_of(p) == size;
}

static void replace(struct piece *p, size_t size)
{
	p->data = &p->info;
	p->head.cmsg_len = WSA_CMSG_LEN(size);
}

static void make_winsocks(struct piece *p)
{
	struct in_pktinfo info;

	if (is(p, IPPROTO_IP, IP_PKTINFO, sizeof(info))) {
		memcpy(&info, p->data, sizeof(info));
		p->info.winsock.addr = info.ipi_addr;
		p->info.winsock.index = (ULONG)info.ipi_ifindex;
		replace(p, sizeof(p->info.winsock));
	} else if (is(p, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo))) {
		p->head.cmsg_type = IPV6_RECVPKTINFO;
	}
}

static void make_kernels(struct piece *p)
{
	struct in_info info;

	if (is(p, IPPROTO_IP, IP_PKTINFO, sizeof(info))) {
		memcpy(&info, p->data, sizeof(info));
		p->info.kernel.ipi_ifindex = (int)info.index;
		p->info.kernel.ipi_spec_dst = info.addr;
		p->info.kernel.ipi_addr.s_addr = 0;
		replace(p, sizeof(p->info.kernel));
	} else if (is(p, IPPROTO_IPV6, IPV6_RECVPKTINFO, sizeof(struct in6_pktinfo))) {
		p->head.cmsg_type = IPV6_PKTINFO;
	}
}

_Static_assert(sizeof(WSACMSGHDR) == sizeof(struct cmsghdr) &&
	       WSA_CMSG_SPACE(1) == CMSG_SPACE(1), "pieces lie alike");

/* The one at @at; false if there is none, and then @at is @size if all was right. */
static bool get_piece(const char *control, size_t size, size_t *at, struct piece *p)
{
	const size_t left = size - *at;

	if (left < sizeof(p->head))
		return false;
	memcpy(&p->head, control + *at, sizeof(p->head));
	if (p->head.cmsg_len < sizeof(p->head) || p->head.cmsg_len > left)
		return false;
	p->data = control + *at + sizeof(p->head);
	*at += WSP_CMSG_ALIGN(p->head.cmsg_len);
	if (*at > size)
		*at = size;
	return true;
}

/* False if there is no room. */
static bool put_piece(char *control, size_t size, size_t *at, const struct piece *p)
{
	if (*at > size || size - *at < p->head.cmsg_len)
		return false;
	memcpy(control + *at, &p->head, sizeof(p->head));
	memcpy(control + *at + sizeof(p->head), p->data, size_of(p));
	*at += WSP_CMSG_ALIGN(p->head.cmsg_len);
	return true;
}

static struct message *make_message(struct wsp_op *op, LPWSAMSG msg, size_t room)
{
	struct message *m = calloc(1, sizeof(*m) + room);

	if (!m)
		return NULL;
	m->msg = msg;
	op->msg.msg_control = m->control;
	op->msg.msg_controllen = room;
	op->more = m;
	return m;
}

/*
 * The program is told of what has come. Of a call that has waited behind others the
 * kernel's size is not known, but what comes after it is zero.
 */
static void tell(const struct message *m, int flags)
{
	const WSABUF room = m->msg->Control;
	const char *control = (const char *)m->control;
	size_t from = 0, to = 0;
	struct piece p;

	while (get_piece(control, room.len + SPARE, &from, &p)) {
		make_winsocks(&p);
		if (!put_piece(room.buf, room.len, &to, &p)) {
			flags |= MSG_CTRUNC;
			break;
		}
	}
	m->msg->Control.len = to < room.len ? (ULONG)to : room.len;
	m->msg->dwFlags = (DWORD)flags & (MSG_TRUNC | MSG_CTRUNC);
}

static int attempt_receive(struct wsp_op *op, const struct wsp_use *use)
{
	const struct message *m = op->more;
	int code;

	op->msg.msg_controllen = m->msg->Control.len + SPARE;
	code = wsp_attempt_receive(op, use);
	if (!code || code == WSAEMSGSIZE)
		tell(m, op->msg.msg_flags);
	return code;
}

static int check(const struct wsp_use *use, const WSAMSG *msg, const DWORD *bytes,
		 bool overlapped)
{
	if (!use->word)
		return WSAENOTSOCK;
	if (wsp_use_type(use) != SOCK_DGRAM)
		return WSAEOPNOTSUPP;
	if (!wsp_is_readable(msg, sizeof(*msg)) || (!bytes && !overlapped) ||
	    msg->Control.len > INT_MAX || (msg->Control.len && !msg->Control.buf))
		return WSAEFAULT;
	return 0;
}

static int prepare_receive(const struct wsp_use *use, struct wsp_op *op, LPWSAMSG msg,
			   bool overlapped)
{
	DWORD flags = msg->dwFlags;

	if (flags & ~(DWORD)MSG_PEEK || (flags && overlapped))
		return WSAEOPNOTSUPP;	/* O-05 */
	if (msg->name && msg->namelen < wsp_use_name_size(use))
		return WSAEFAULT;
	op->flags = (int)flags;
	op->msg.msg_name = msg->name ? (void *)msg->name : &op->name;
	op->msg.msg_namelen = msg->name ? (socklen_t)msg->namelen : sizeof(op->name);
	op->namelen = msg->name ? &msg->namelen : NULL;
	if (!make_message(op, msg, msg->Control.len + SPARE))
		return WSAENOBUFS;
	return wsp_prepare_receive(use, msg->lpBuffers, msg->dwBufferCount, &flags,
				   &op->msg, &op->vector);
}

/* Without lpOverlapped: behind those that wait, if there are any. 0 or a code. */
static int act_now(const struct wsp_use *use, struct wsp_op *op, int flags)
{
	int code = 0;

	if (!(use->word & wsp_lane_bit(op->lane)) ||
	    !wsp_take_turn(use, &op->vector, &op->msg, flags, op->lane, &op->total, &code))
		code = wsp_transfer(use, &op->vector, &op->msg, flags,
				    op->lane == WSP_IN ? POLLIN : POLLOUT, &op->total);
	return code;
}

static int receive_now(const struct wsp_use *use, struct wsp_op *op)
{
	const int code = act_now(use, op, op->flags);

	if (code)
		return code;
	tell(op->more, op->msg.msg_flags);
	return wsp_tell_name(op);
}

static int receive(const struct wsp_use *use, LPWSAMSG msg, LPDWORD got,
		   LPWSAOVERLAPPED overlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	const bool goes_on = overlapped && wsp_goes_overlapped(use);
	int code;

	wsp_begin_op(&op, WSP_IN, 0);
	op.attempt = attempt_receive;
	code = check(use, msg, got, goes_on);
	if (!code)
		code = prepare_receive(use, &op, msg, goes_on);
	if (code)
		return code;
	code = goes_on ? wsp_launch(use, &op, overlapped, routine) : receive_now(use, &op);
	if (!code && got)
		*got = op.total;
	return code;
}

int wsp_receive_msg(SOCKET s, LPWSAMSG msg, LPDWORD got, LPWSAOVERLAPPED overlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	WSP_USE(use, s);
	int code = receive(&use, msg, got, overlapped, routine);

	if (!code)
		return 0;
	WSASetLastError(code);
	return wsp_receive_fail(s, NULL, code);
}

static bool is_all_pieces(const WSABUF *given)
{
	size_t from = 0;
	struct piece p;

	while (get_piece(given->buf, given->len, &from, &p))
		;
	return from == given->len;
}

/* All that the program gives, in the kernel's form. */
static int add_control(struct wsp_op *op, const WSAMSG *msg)
{
	const WSABUF given = msg->Control;
	const size_t room = 2 * (size_t)given.len + SPARE;
	size_t from = 0, to = 0;
	struct piece p;

	if (!given.len)
		return 0;
	if (!is_all_pieces(&given))
		return WSAEINVAL;
	if (!make_message(op, NULL, room))
		return WSAENOBUFS;
	while (get_piece(given.buf, given.len, &from, &p)) {
		make_kernels(&p);
		put_piece(op->msg.msg_control, room, &to, &p);
	}
	op->msg.msg_controllen = to;
	return 0;
}

static int prepare_send(const struct wsp_use *use, struct wsp_op *op, const WSAMSG *msg,
			DWORD flags)
{
	const int code = wsp_prepare_sending(use, op, msg->lpBuffers, msg->dwBufferCount,
					     flags, msg->name, msg->namelen);

	return code ? code : add_control(op, msg);
}

static int send_message(const struct wsp_use *use, const WSAMSG *msg, DWORD flags,
			LPDWORD sent, LPWSAOVERLAPPED overlapped,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	const bool goes_on = overlapped && wsp_goes_overlapped(use);
	int code;

	wsp_begin_op(&op, WSP_OUT, flags);
	code = check(use, msg, sent, goes_on);
	if (!code)
		code = prepare_send(use, &op, msg, flags);
	if (code)
		return code;
	code = goes_on ? wsp_launch(use, &op, overlapped, routine) :
			 act_now(use, &op, op.flags | MSG_NOSIGNAL);
	if (!code && sent)
		*sent = op.total;
	return code;
}

int WSASendMsg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags, LPDWORD lpNumberOfBytesSent,
	       LPWSAOVERLAPPED lpOverlapped,
	       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	WSP_USE(use, s);
	int code = send_message(&use, lpMsg, dwFlags, lpNumberOfBytesSent, lpOverlapped,
				lpCompletionRoutine);

	if (!code)
		return 0;
	WSASetLastError(code);
	return SOCKET_ERROR;
}
