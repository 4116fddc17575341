// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "overlapped.h"

/* What every transfer asks of its arguments; 0 or a WSAE code. */
static inline int check_transfer(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
				 DWORD odd_flags)
{
	if (!use->word)
		return WSAENOTSOCK;
	if (odd_flags)
		return WSAEOPNOTSUPP;
	if (count && !bufs)
		return WSAEFAULT;
	if (count > IOV_MAX)
		return WSAENOBUFS;
	return 0;
}

/* T-03, T-05; what most often is so is found by one look at the word. */
static inline int check_sender(const struct wsp_use *use)
{
	if ((use->word & (WSP_READY | WSP_SHUT_SEND)) == WSP_READY)
		return 0;
	if (use->word & WSP_SHUT_SEND)
		return WSAESHUTDOWN;
	return wsp_use_type(use) == SOCK_STREAM ? wsp_check_connected(use) : 0;
}

static inline int check_receiver(const struct wsp_use *use, bool named)
{
	if ((use->word & (WSP_READY | WSP_SHUT_RECEIVE)) == WSP_READY)
		return 0;
	return wsp_check_receiver(use, named);
}

/* Inlined like transfer(): the call at once is not to pay for the other one. */
#define INLINE static inline __attribute__((always_inline))

/* iTolen of an address shorter than any says nothing of a peer (E-08). */
INLINE int prepare_send(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			DWORD flags, const struct sockaddr *to, int tolen,
			struct wsp_vector *vector, struct msghdr *msg)
{
	int code = check_transfer(use, bufs, count,
				  flags & ~(DWORD)(MSG_OOB | MSG_DONTROUTE));

	if (!code)
		code = check_sender(use);
	if (!code)
		code = wsp_fill_vector(vector, bufs, count);
	if (code || !to || wsp_use_type(use) != SOCK_DGRAM)
		return code;
	msg->msg_name = (void *)(uintptr_t)to;
	msg->msg_namelen = (socklen_t)wsp_name_clamp(tolen);
	return wsp_check_target(use, to, tolen);
}

int wsp_prepare_send(const struct wsp_use *use, LPWSABUF bufs, DWORD count, DWORD flags,
		     const struct sockaddr *to, int tolen, struct wsp_vector *vector,
		     struct msghdr *msg)
{
	return prepare_send(use, bufs, count, flags, to, tolen, vector, msg);
}

INLINE int prepare_receive(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			   const DWORD *flags, const struct msghdr *msg,
			   struct wsp_vector *vector)
{
	DWORD may = MSG_PEEK | MSG_WAITALL;
	int code;

	if (wsp_use_type(use) == SOCK_STREAM)
		may |= MSG_OOB;
	if (flags && (*flags & MSG_WAITALL))	/* as Winsock has it */
		may &= ~(DWORD)(MSG_PEEK | MSG_OOB);
	code = check_transfer(use, bufs, count, flags ? *flags & ~may : 0);
	if (code)
		return code;
	if (!flags)
		return WSAEFAULT;
	code = check_receiver(use, msg->msg_name);
	return code ? code : wsp_fill_vector(vector, bufs, count);
}

int wsp_prepare_receive(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			const DWORD *flags, const struct msghdr *msg,
			struct wsp_vector *vector)
{
	return prepare_receive(use, bufs, count, flags, msg, vector);
}

/*
 * Sends or receives, by @event, until it has to say something. Where another thread
 * could close the socket the waits are the library's (T-01). 0 or a WSAE code, which
 * @total bytes may have come before. Inlined, so that it has not two ways to go.
 */
INLINE int transfer(const struct wsp_use *use, struct wsp_vector *vector,
		    struct msghdr *msg, int flags, short event, DWORD *total)
{
	const bool waits = use->slot && !(event == POLLIN && flags & MSG_OOB);
	const int how = waits ? flags | MSG_DONTWAIT : flags;
	struct wsp_turns turns = { .wait = { event, WSP_WAIT_TIMEO } };
	ssize_t n;
	int code;

	for (;;) {
		msg->msg_iov = vector->iov;
		msg->msg_iovlen = vector->count;
		n = event == POLLIN ? wsp_receive_step(use, msg, how) :
				      wsp_send_step(use, msg, how);
		if (n >= 0) {
			*total += (DWORD)n;
			if (!waits || !wsp_goes_on(use, vector, flags, event, n))
				return n || event == POLLOUT ? 0 :
				       wsp_nothing_code(use, vector);
			turns.count = 0;
		} else if (errno != EAGAIN || !waits ||
			   (event == POLLOUT && !wsp_has_port(use))) {
			return event == POLLIN ? wsp_receive_code(use, flags, errno) :
						 wsp_send_code(use, errno);
		}
		code = wsp_wait(use, &turns);
		if (code)
			return code;
	}
}

int wsp_transfer(const struct wsp_use *use, struct wsp_vector *vector, struct msghdr *msg,
		 int flags, short event, DWORD *total)
{
	return transfer(use, vector, msg, flags, event, total);
}

static int send_any(SOCKET s, LPWSABUF bufs, DWORD count, LPDWORD sent, DWORD flags,
		    const struct sockaddr *to, int tolen, LPWSAOVERLAPPED overlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	WSP_USE(use, s);
	WSP_VECTOR(vector);
	struct msghdr msg = { 0 };
	DWORD total = 0;
	int code;

	if (overlapped && wsp_goes_overlapped(&use))
		return wsp_send_overlapped(&use, bufs, count, sent, flags, to, tolen,
					   overlapped, routine);
	if (use.word && !sent)
		return WSAEFAULT;
	code = prepare_send(&use, bufs, count, flags, to, tolen, &vector, &msg);
	if (code)
		return code;
	flags |= MSG_NOSIGNAL;
	if (!(use.word & WSP_QUEUED_OUT) ||
	    !wsp_take_turn(&use, &vector, &msg, (int)flags, WSP_OUT, &total, &code))
		code = transfer(&use, &vector, &msg, (int)flags, POLLOUT, &total);
	/* What has gone out is told of before what has then gone wrong. */
	if (code && (!total || wsp_is_closing(s)))
		return code;
	*sent = total;
	return 0;
}

int WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	int code = send_any(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
			    NULL, 0, lpOverlapped, lpCompletionRoutine);

	(void)lpThreadId;
	return code ? wsp_fail(lpErrno, code) : 0;
}

int WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	      LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
	      const struct sockaddr *lpTo, int iTolen,
	      LPWSAOVERLAPPED lpOverlapped,
	      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	      LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	int code = send_any(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
			    lpTo, iTolen, lpOverlapped, lpCompletionRoutine);

	(void)lpThreadId;
	return code ? wsp_fail(lpErrno, code) : 0;
}

/* @msg: in, where a name goes, if anywhere; out, all that recvmsg(2) says */
static int receive_vector(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			  LPDWORD got, LPDWORD flags, struct msghdr *msg)
{
	WSP_VECTOR(vector);
	DWORD total = 0;
	int code;

	if (use->word && !got)
		return WSAEFAULT;
	code = prepare_receive(use, bufs, count, flags, msg, &vector);
	if (code)
		return code; /* NOLINT(clang-analyzer-unix.Malloc): freed at the end of the block */
	if (!(use->word & WSP_QUEUED_IN) || *flags & MSG_OOB ||
	    !wsp_take_turn(use, &vector, msg, (int)*flags, WSP_IN, &total, &code))
		code = transfer(use, &vector, msg, (int)*flags, POLLIN, &total);
	if (code && !total)
		return code;
	*got = total;
	*flags = msg->msg_flags & MSG_OOB;
	return msg->msg_flags & MSG_TRUNC ? WSAEMSGSIZE : 0;
}

/* The kernel has seen what would block, and what has been cut short. */
int wsp_receive_fail(SOCKET s, LPINT lpErrno, int code)
{
	if (code != WSAENOTSOCK && code != WSAEWOULDBLOCK && code != WSAEMSGSIZE &&
	    code != WSA_IO_PENDING)
		wsp_enable(s, FD_READ | FD_OOB);
	return wsp_fail(lpErrno, code);
}

int WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	WSP_USE(use, s);
	struct msghdr msg = { 0 };
	int code;

	(void)lpThreadId;
	if (lpOverlapped && wsp_goes_overlapped(&use))
		code = wsp_receive_overlapped(&use, lpBuffers, dwBufferCount,
					      lpNumberOfBytesRecvd, lpFlags, &msg, NULL,
					      lpOverlapped, lpCompletionRoutine);
	else
		code = receive_vector(&use, lpBuffers, dwBufferCount,
				      lpNumberOfBytesRecvd, lpFlags, &msg);
	return code ? wsp_receive_fail(s, lpErrno, code) : 0;
}

int WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		struct sockaddr *lpFrom, LPINT lpFromlen,
		LPWSAOVERLAPPED lpOverlapped,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	WSP_USE(use, s);
	const bool wanted = lpFrom && lpFromlen &&
			    wsp_use_type(&use) == SOCK_DGRAM;
	const int room = wanted && wsp_is_readable(lpFromlen, sizeof(*lpFromlen)) ?
			 *lpFromlen : 0;
	struct sockaddr_storage unwanted;
	/* With a name even if nobody wants it: this call is the named one. */
	struct msghdr msg = {
		/* cppcheck-suppress uninitvar; the kernel fills it */
		.msg_name = wanted ? (void *)lpFrom : &unwanted,
		.msg_namelen = wanted ? (socklen_t)room : sizeof(unwanted),
	};
	int code;

	(void)lpThreadId;
	if (wanted && room < wsp_use_name_size(&use))
		return wsp_receive_fail(s, lpErrno, WSAEFAULT);
	if (lpOverlapped && wsp_goes_overlapped(&use)) {
		code = wsp_receive_overlapped(&use, lpBuffers, dwBufferCount,
					      lpNumberOfBytesRecvd, lpFlags, &msg,
					      wanted ? lpFromlen : NULL, lpOverlapped,
					      lpCompletionRoutine);
		return code ? wsp_receive_fail(s, lpErrno, code) : 0;
	}
	code = receive_vector(&use, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
			      lpFlags, &msg);
	if (wanted && (!code || code == WSAEMSGSIZE))
		*lpFromlen = (int)msg.msg_namelen < room ?
			     (int)msg.msg_namelen : room;
	return code ? wsp_receive_fail(s, lpErrno, code) : 0;
}
