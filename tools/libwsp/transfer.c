// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "internal.h"

#define FEW		16	/* buffers that need no allocation */
#define LONGEST		65536	/* bytes, and no datagram has as many */

/* What every transfer asks of its arguments; 0 or a WSAE code. */
static int check_transfer(int type, LPWSABUF bufs, DWORD count,
			  LPDWORD done, DWORD odd_flags, bool overlapped)
{
	if (!type)
		return WSAENOTSOCK;
	if (overlapped || odd_flags)
		return WSAEOPNOTSUPP;
	if ((count && !bufs) || !done)
		return WSAEFAULT;
	if (count > IOV_MAX)
		return WSAENOBUFS;
	return 0;
}

/* WSABUFs as the kernel takes them; free_vector() when done. */
static struct iovec *get_vector(LPWSABUF bufs, DWORD count, struct iovec *few)
{
	struct iovec *iov = few;
	DWORD i;

	*few = (struct iovec) { 0 };	/* of no buffers at all */
	if (count > FEW)
		iov = calloc(count, sizeof(*iov));
	for (i = 0; iov && i < count; i++) {
		iov[i].iov_base = bufs[i].buf;
		iov[i].iov_len = bufs[i].len;
	}
	return iov;
}

static void free_vector(struct iovec *iov, const struct iovec *few)
{
	if (iov != few)
		free(iov);
}

static int send_code(SOCKET s, int type, const struct msghdr *msg, int error)
{
	/* A datagram's name is too short, or its port is 0. */
	if (error == EINVAL && msg->msg_name)
		return (int)msg->msg_namelen < wsp_name_size(s) ?
			WSAEFAULT : WSAEADDRNOTAVAIL;
	return wsp_transfer_code(s, type, error);
}

/* One buffer needs no struct msghdr, which the kernel would have to read. */
static ssize_t send_message(int fd, const struct msghdr *msg, int flags)
{
	if (msg->msg_iovlen == 1 && !msg->msg_name)
		return send(fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return sendmsg(fd, msg, flags);
}

static int send_vector(SOCKET s, LPWSABUF bufs, DWORD count, LPDWORD sent,
		       DWORD flags, const struct sockaddr *to, int tolen,
		       bool overlapped)
{
	const int type = wsp_type(s);
	const bool named = to && type == SOCK_DGRAM;
	struct iovec few[FEW];
	struct msghdr msg = {
		.msg_name = named ? (void *)(uintptr_t)to : NULL,
		.msg_namelen = named ? (socklen_t)wsp_name_clamp(tolen) : 0,
		.msg_iovlen = count,
	};
	ssize_t n;
	int code;

	code = check_transfer(type, bufs, count, sent,
			      flags & ~(DWORD)(MSG_OOB | MSG_DONTROUTE),
			      overlapped);
	if (code)
		return code;
	msg.msg_iov = get_vector(bufs, count, few);
	if (!msg.msg_iov)
		return WSAENOBUFS;
	n = send_message((int)s, &msg, (int)flags | MSG_NOSIGNAL);
	if (n < 0)
		code = send_code(s, type, &msg, errno);
	else
		*sent = (DWORD)n;
	free_vector(msg.msg_iov, few);
	return code;
}

int WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	int code = send_vector(s, lpBuffers, dwBufferCount,
			       lpNumberOfBytesSent, dwFlags, NULL, 0,
			       lpOverlapped || lpCompletionRoutine);

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
	int code = send_vector(s, lpBuffers, dwBufferCount,
			       lpNumberOfBytesSent, dwFlags, lpTo, iTolen,
			       lpOverlapped || lpCompletionRoutine);

	(void)lpThreadId;
	return code ? wsp_fail(lpErrno, code) : 0;
}

static size_t vector_size(const struct msghdr *msg)
{
	size_t i, size = 0;

	for (i = 0; i < msg->msg_iovlen; i++)
		size += msg->msg_iov[i].iov_len;
	return size < LONGEST ? size : LONGEST;
}

static void scatter(const struct msghdr *msg, const char *data, size_t left)
{
	const struct iovec *iov = msg->msg_iov;
	size_t n;

	for (; left; iov++, data += n, left -= n) {
		n = iov->iov_len < left ? iov->iov_len : left;
		memcpy(iov->iov_base, data, n);
	}
}

/*
 * Receive a datagram without room for its sender's address, which is what
 * D-03 tells apart. recvmsg(2) always has the room, readv(2) takes no flags:
 * so it is recvfrom(2), into one piece where the caller has several.
 */
static ssize_t receive_unnamed(int fd, struct msghdr *msg, int flags)
{
	const size_t size = vector_size(msg);
	char *data = msg->msg_iov->iov_base;
	char *whole = NULL;
	ssize_t n;

	if (msg->msg_iovlen > 1) {
		whole = malloc(size + 1);
		if (!whole) {
			errno = ENOBUFS;
			return -1;
		}
		data = whole;
	}
	/* MSG_TRUNC: the datagram's own length, not that of the part read. */
	n = recvfrom(fd, data, size, flags | MSG_TRUNC, NULL, NULL);
	if (n > (ssize_t)size) {
		msg->msg_flags = MSG_TRUNC;
		n = (ssize_t)size;
	}
	if (whole && n > 0)
		scatter(msg, whole, (size_t)n);
	free(whole);
	return n;
}

static ssize_t receive_message(int fd, int type, struct msghdr *msg, int flags)
{
	if (msg->msg_name)
		return recvmsg(fd, msg, flags);
	if (type != SOCK_STREAM)
		return receive_unnamed(fd, msg, flags);
	/* Only urgent data has anything to say in msg_flags. */
	if (msg->msg_iovlen == 1 && !(flags & MSG_OOB))
		return recv(fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return recvmsg(fd, msg, flags);
}

static int receive_code(SOCKET s, int type, DWORD flags, int error)
{
	/* Urgent data is never waited for, so no time can have run out. */
	if (error == EAGAIN && (flags & MSG_OOB))
		return WSAEWOULDBLOCK;
	return wsp_transfer_code(s, type, error);
}

/* @msg: in, where a name goes, if anywhere; out, all that recvmsg(2) says */
static int receive_vector(SOCKET s, LPWSABUF bufs, DWORD count, LPDWORD got,
			  LPDWORD flags, struct msghdr *msg, bool overlapped)
{
	const int type = wsp_type(s);
	DWORD may = MSG_PEEK | MSG_WAITALL;
	struct iovec few[FEW];
	ssize_t n;
	int code;

	if (type == SOCK_STREAM)
		may |= MSG_OOB;
	code = check_transfer(type, bufs, count, got,
			      flags ? *flags & ~may : 0, overlapped);
	if (code)
		return code;
	if (!flags)
		return WSAEFAULT;
	msg->msg_iovlen = count;
	msg->msg_iov = get_vector(bufs, count, few);
	if (!msg->msg_iov)
		return WSAENOBUFS;
	n = receive_message((int)s, type, msg, (int)*flags);
	if (n < 0)
		code = receive_code(s, type, *flags, errno);
	free_vector(msg->msg_iov, few);
	if (code)
		return code;
	*got = (DWORD)n;
	*flags = msg->msg_flags & MSG_OOB;
	return msg->msg_flags & MSG_TRUNC ? WSAEMSGSIZE : 0;
}

/* The kernel has seen what would block, and what has been cut short. */
static int receive_fail(SOCKET s, LPINT lpErrno, int code)
{
	if (code != WSAENOTSOCK && code != WSAEWOULDBLOCK && code != WSAEMSGSIZE)
		wsp_enable(s, FD_READ | FD_OOB);
	return wsp_fail(lpErrno, code);
}

int WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	struct msghdr msg = { 0 };
	int code = receive_vector(s, lpBuffers, dwBufferCount,
				  lpNumberOfBytesRecvd, lpFlags, &msg,
				  lpOverlapped || lpCompletionRoutine);

	(void)lpThreadId;
	return code ? receive_fail(s, lpErrno, code) : 0;
}

int WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		struct sockaddr *lpFrom, LPINT lpFromlen,
		LPWSAOVERLAPPED lpOverlapped,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	const bool wanted = lpFrom && lpFromlen && wsp_type(s) == SOCK_DGRAM;
	struct sockaddr_storage from;
	/* With a name even if nobody wants it: this call is the named one. */
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
	};
	int code;

	(void)lpThreadId;
	if (wanted && *lpFromlen < wsp_name_size(s))
		return receive_fail(s, lpErrno, WSAEFAULT);
	code = receive_vector(s, lpBuffers, dwBufferCount,
			      lpNumberOfBytesRecvd, lpFlags, &msg,
			      lpOverlapped || lpCompletionRoutine);
	if (wanted && (!code || code == WSAEMSGSIZE)) {
		/* cppcheck-suppress uninitvar; the kernel has filled it */
		memcpy(lpFrom, &from, msg.msg_namelen);
		*lpFromlen = (int)msg.msg_namelen;
	}
	return code ? receive_fail(s, lpErrno, code) : 0;
}
