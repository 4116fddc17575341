// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending, receiving and waiting for changes overlapped, and what has come of it. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "overlapped.h"

/* All of it, or what is left of it (O-05). */
int wsp_attempt_send(struct wsp_op *op, const struct wsp_use *use)
{
	const int flags = op->flags | MSG_NOSIGNAL | MSG_DONTWAIT;
	ssize_t n;

	do {
		op->msg.msg_iov = op->vector.iov;
		op->msg.msg_iovlen = op->vector.count;
		n = wsp_send_step(use, &op->msg, flags);
		if (n < 0 && errno == EAGAIN && wsp_has_port(use))
			return WSP_AGAIN;
		if (n < 0)
			return wsp_send_code(use, errno);
		op->total += (DWORD)n;
	} while (wsp_goes_on(use, &op->vector, flags, POLLOUT, n));
	return 0;
}

/* What there is, with MSG_WAITALL all; data goes before what has then gone wrong. */
int wsp_attempt_receive(struct wsp_op *op, const struct wsp_use *use)
{
	const int flags = op->flags | MSG_DONTWAIT;
	ssize_t n;
	int code = 0;

	do {
		op->msg.msg_iov = op->vector.iov;
		op->msg.msg_iovlen = op->vector.count;
		n = wsp_receive_step(use, &op->msg, flags);
		if (n < 0 && errno == EAGAIN && !(flags & MSG_OOB))
			return use->word & WSP_SHUT_RECEIVE ? WSAESHUTDOWN : WSP_AGAIN;
		if (n < 0)
			code = wsp_receive_code(use, flags, errno);
		else if (!n)
			code = wsp_nothing_code(use, &op->vector);
		else
			op->total += (DWORD)n;
	} while (n > 0 && wsp_goes_on(use, &op->vector, flags, POLLIN, n));
	if (code)
		return op->total ? 0 : code;
	op->got = op->msg.msg_flags &
		  (op->msg.msg_control ? MSG_OOB | MSG_CTRUNC : MSG_OOB);
	return wsp_tell_name(op);
}

int wsp_tell_name(const struct wsp_op *op)
{
	if (op->namelen && *op->namelen > (int)op->msg.msg_namelen)
		*op->namelen = (int)op->msg.msg_namelen;
	return op->msg.msg_flags & MSG_TRUNC ? WSAEMSGSIZE : 0;
}

void wsp_begin_op(struct wsp_op *op, enum wsp_lane lane, DWORD flags)
{
	op->lane = lane;
	op->attempt = lane == WSP_IN ? wsp_attempt_receive : wsp_attempt_send;
	op->thread = wsp_this_thread();
	op->msg = (struct msghdr) { 0 };
	op->vector.many = NULL;
	op->namelen = NULL;
	op->flags = (int)flags;
	op->total = 0;
	op->got = 0;
	op->more = NULL;
	op->file.iov_len = 0;
}

int wsp_launch(const struct wsp_use *use, struct wsp_op *op, LPWSAOVERLAPPED overlapped,
	       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	int code = wsp_make_notice(&op->notice, overlapped, routine);

	if (code)
		return code;
	if (op->lane == WSP_IN && op->flags & MSG_OOB)	/* never waited for */
		code = op->attempt(op, use);
	else
		code = wsp_start_operation(use, op);
	wsp_settle_notice(&op->notice, code, op->total, op->got);
	return code;
}

void wsp_free_parts(struct wsp_op *op)
{
	wsp_free_vector(&op->vector);
	free(op->more);
	if (op->file.iov_len)
		munmap(op->file.iov_base, op->file.iov_len);
}

int wsp_prepare_sending(const struct wsp_use *use, struct wsp_op *op, LPWSABUF bufs,
			DWORD count, DWORD flags, const struct sockaddr *to, int tolen)
{
	const int code = wsp_prepare_send(use, bufs, count, flags, to, tolen, &op->vector,
					  &op->msg);

	if (!code && op->msg.msg_name) {
		op->msg.msg_name = &op->name;
		op->msg.msg_namelen = (socklen_t)wsp_use_name_size(use);
		memcpy(&op->name, to, op->msg.msg_namelen);
	}
	return code;
}

int wsp_send_overlapped(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			LPDWORD sent, DWORD flags, const struct sockaddr *to, int tolen,
			LPWSAOVERLAPPED overlapped,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	int code;

	wsp_begin_op(&op, WSP_OUT, flags);
	code = wsp_prepare_sending(use, &op, bufs, count, flags, to, tolen);
	if (code)
		return code;
	code = wsp_launch(use, &op, overlapped, routine);
	if (!code && sent)
		*sent = op.total;
	return code;
}

/* What is only looked at would be there for the next operation as well (O-05). */
static int check_flags(const DWORD *flags)
{
	return flags && *flags & MSG_PEEK ? WSAEOPNOTSUPP : 0;
}

int wsp_receive_overlapped(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			   LPDWORD got, LPDWORD flags, const struct msghdr *msg,
			   LPINT namelen, LPWSAOVERLAPPED overlapped,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	int code;

	wsp_begin_op(&op, WSP_IN, flags ? *flags : 0);
	code = check_flags(flags);
	if (!code)
		code = wsp_prepare_receive(use, bufs, count, flags, msg, &op.vector);
	if (code)
		return code;
	op.msg = *msg;
	op.namelen = namelen;
	if (msg->msg_name && !namelen) {	/* nobody wants it */
		op.msg.msg_name = &op.name;
		op.msg.msg_namelen = sizeof(op.name);
	}
	code = wsp_launch(use, &op, overlapped, routine);
	if (!code && got)
		*got = op.total;
	if (!code && flags)	/* there are, or it would not have begun */
		*flags = op.got;
	return code;
}

static int attempt_change(struct wsp_op *op, const struct wsp_use *use)
{
	if (!ioctl((int)use->s, WSP_IOC_CHANGE, &op->change))
		return 0;
	return errno == EAGAIN ? WSP_AGAIN : wsp_code(use->s, errno);
}

int wsp_await_overlapped(const struct wsp_use *use, const struct wsp_change *change,
			 const struct wsp_notice *notice)
{
	struct wsp_op op;

	wsp_begin_op(&op, WSP_NEWS, 0);
	op.attempt = attempt_change;
	op.notice = *notice;
	op.change = *change;
	op.change.flags = WSP_CHANGE_LOOK;
	wsp_fill_vector(&op.vector, NULL, 0);
	return wsp_start_operation(use, &op);
}

/**
 * struct turn - a call without lpOverlapped that waits behind others
 * @s: its socket
 * @overlapped: what it comes to
 */
struct turn {
	SOCKET s;
	WSAOVERLAPPED overlapped;
};

/* Also if the thread is cancelled: what it has on its stack is nobody's then. */
static void end_turn(struct turn *turn)
{
	if (wsp_is_pending(&turn->overlapped))
		wsp_cancel_operations(turn->s, &turn->overlapped, NULL);
}

static long long deadline_of(SOCKET s, enum wsp_lane lane)
{
	struct timeval left = { 0 };
	socklen_t len = sizeof(left);

	if (getsockopt((int)s, SOL_SOCKET, lane == WSP_IN ? SO_RCVTIMEO : SO_SNDTIMEO,
		       &left, &len) || (!left.tv_sec && !left.tv_usec))
		return WSP_FOREVER;
	return wsp_deadline(left.tv_sec, left.tv_usec);
}

/* 0 or a code, which bytes may have come before. */
static int wait_turn(struct turn *turn, enum wsp_lane lane)
{
	int ended, code;

	ended = wsp_await(turn->s, &turn->overlapped, deadline_of(turn->s, lane), false);
	end_turn(turn);
	code = (int)turn->overlapped.Internal;
	if (code != WSA_OPERATION_ABORTED)
		return code;
	return ended ? ended : WSAEINTR;	/* S-03, T-01 */
}

int wsp_await_op(const struct wsp_use *use, struct wsp_op *op)
{
	__attribute__((cleanup(end_turn))) struct turn turn = { .s = use->s };
	int code = wsp_make_notice(&op->notice, &turn.overlapped, NULL);

	if (!code)
		code = wsp_start_operation(use, op);
	if (code != WSA_IO_PENDING)
		return code;
	code = wait_turn(&turn, op->lane);
	op->total = (DWORD)turn.overlapped.InternalHigh;
	return code;
}

static bool would_block(const struct wsp_use *use, enum wsp_lane lane)
{
	if (!wsp_is_nonblocking(use->s) || !wsp_has_waiting(use, lane))
		return false;
	wsp_enable(use->s, lane == WSP_IN ? FD_READ : FD_WRITE);
	return true;
}

bool wsp_take_turn(const struct wsp_use *use, struct wsp_vector *vector,
		   struct msghdr *msg, int flags, enum wsp_lane lane, DWORD *total,
		   int *code)
{
	__attribute__((cleanup(end_turn))) struct turn turn = { .s = use->s };
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	int namelen = (int)msg->msg_namelen;

	wsp_begin_op(&op, lane, (DWORD)flags);
	*code = WSAEWOULDBLOCK;
	if (would_block(use, lane))
		return true;
	op.notice = (struct wsp_notice) { .overlapped = &turn.overlapped };
	op.msg = *msg;
	op.namelen = &namelen;
	wsp_move_vector(&op.vector, vector);
	if (!wsp_queue_operation(use, &op, code)) {
		wsp_move_vector(vector, &op.vector);
		return false;
	}
	if (*code != WSA_IO_PENDING)
		return true;
	*code = wait_turn(&turn, lane);
	*total = (DWORD)turn.overlapped.InternalHigh;
	msg->msg_namelen = (socklen_t)namelen;
	msg->msg_flags = (int)turn.overlapped.Offset;
	if (*code == WSAEMSGSIZE && lane == WSP_IN) {
		msg->msg_flags |= MSG_TRUNC;
		*code = 0;
	}
	return true;
}

int wsp_attempt_shutdown(struct wsp_op *op, const struct wsp_use *use)
{
	(void)op;
	shutdown((int)use->s, SHUT_WR);
	return 0;
}

bool wsp_shut_in_turn(const struct wsp_use *use)
{
	struct wsp_op op;
	int code;

	wsp_begin_op(&op, WSP_OUT, 0);
	op.attempt = wsp_attempt_shutdown;
	op.notice = (struct wsp_notice) { 0 };
	wsp_fill_vector(&op.vector, NULL, 0);
	return wsp_queue_operation(use, &op, &code) && code == WSA_IO_PENDING;
}

/* What it has come to, or WSA_IO_INCOMPLETE. */
static int outcome(SOCKET s, LPWSAOVERLAPPED overlapped, BOOL wait)
{
	if (wait)
		wsp_await(s, overlapped, WSP_FOREVER, true);
	return wsp_is_pending(overlapped) ? WSA_IO_INCOMPLETE : (int)overlapped->Internal;
}

BOOL WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
			    LPDWORD lpcbTransfer, BOOL fWait,
			    LPDWORD lpdwFlags, LPINT lpErrno)
{
	int code = 0;

	if (!wsp_type(s))
		code = WSAENOTSOCK;
	else if (!lpOverlapped || !lpcbTransfer || !lpdwFlags)
		code = WSAEFAULT;
	if (!code)
		code = outcome(s, lpOverlapped, fWait);
	if (code) {
		wsp_fail(lpErrno, code);
		return FALSE;
	}
	*lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
	*lpdwFlags = lpOverlapped->Offset;
	return TRUE;
}
