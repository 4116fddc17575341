// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving. */
#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "internal.h"

#define FEW		16	/* buffers that need no allocation */

/* What every transfer asks of its arguments; 0 or a WSAE code. */
static int check_transfer(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			  LPDWORD done, DWORD odd_flags, bool overlapped)
{
	if (!use->word)
		return WSAENOTSOCK;
	if (overlapped || odd_flags)
		return WSAEOPNOTSUPP;
	if ((count && !bufs) || !done)
		return WSAEFAULT;
	if (count > IOV_MAX)
		return WSAENOBUFS;
	return 0;
}

/**
 * struct vector - WSABUFs as the kernel takes them
 * @iov: what is left of them
 * @count: how many
 * @few: where they are, if they are few
 * @many: otherwise; allocated, or NULL
 */
struct vector {
	struct iovec *iov;
	size_t count;
	struct iovec few[FEW];
	struct iovec *many;
};

static void free_vector(const struct vector *vector)
{
	free(vector->many);
}

/* Freed at the end of the block, also if the thread is cancelled. */
#define VECTOR(name) \
	__attribute__((cleanup(free_vector))) struct vector name; \
	(name).many = NULL

/* 0 or a WSAE code. A negative length is none (T-12). */
static int fill_vector(struct vector *vector, LPWSABUF bufs, DWORD count)
{
	DWORD i;

	vector->iov = vector->few;
	vector->count = count;
	vector->few[0] = (struct iovec) { 0 };	/* of no buffers at all */
	if (count > FEW) {
		vector->many = calloc(count, sizeof(*vector->many));
		vector->iov = vector->many;
		if (!vector->iov)
			return WSAENOBUFS;
	}
	for (i = 0; i < count; i++) {
		if (bufs[i].len > INT_MAX)
			return WSAEFAULT;
		vector->iov[i].iov_base = bufs[i].buf;
		vector->iov[i].iov_len = bufs[i].len;
	}
	return 0;
}

/* Leaves what comes after the first @n bytes; false if nothing does. */
static bool advance(struct vector *vector, size_t n)
{
	while (vector->count && n >= vector->iov->iov_len) {
		n -= vector->iov->iov_len;
		vector->iov++;
		vector->count--;
	}
	if (!vector->count)
		return false;
	vector->iov->iov_base = (char *)vector->iov->iov_base + n;
	vector->iov->iov_len -= n;
	return true;
}

/* Linux has the same word for no port being left as for no room being left. */
static bool has_port(const struct wsp_use *use)
{
	return wsp_use_type(use) == SOCK_STREAM ||
	       wsp_check_bound(use->s) != WSAEINVAL;
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

static int send_code(const struct wsp_use *use, const struct msghdr *msg,
		     int error)
{
	if (error == EAGAIN && !has_port(use))	/* E-12 */
		return WSAENOBUFS;
	/* A datagram's name is too short, or its port is 0. */
	if (error == EINVAL && msg->msg_name)
		return (int)msg->msg_namelen < wsp_use_name_size(use) ?
			WSAEFAULT : WSAEADDRNOTAVAIL;
	return wsp_transfer_code(use->s, wsp_use_type(use), error);
}

/* One buffer needs no struct msghdr, which the kernel would have to read. */
static ssize_t send_message(int fd, const struct msghdr *msg, int flags)
{
	if (msg->msg_iovlen == 1 && !msg->msg_name)
		return send(fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return sendmsg(fd, msg, flags);
}

/* T-09: a broadcast needs leave, and no route, only an interface to go out by. */
static ssize_t broadcast_message(const struct wsp_use *use, struct msghdr *msg,
				 int flags)
{
	struct in_pktinfo info = { .ipi_ifindex = wsp_broadcast_interface() };
	union {
		struct cmsghdr cmsg;
		char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	socklen_t len = sizeof(int);
	int allowed = 0;
	ssize_t n;

	errno = EACCES;
	if (getsockopt((int)use->s, SOL_SOCKET, SO_BROADCAST, &allowed, &len) || !allowed)
		return -1;
	errno = ENETUNREACH;
	if (!info.ipi_ifindex)
		return -1;
	control.cmsg = (struct cmsghdr) {
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO,
		.cmsg_len = CMSG_LEN(sizeof(info)),
	};
	memcpy(CMSG_DATA(&control.cmsg), &info, sizeof(info));
	msg->msg_control = &control;
	msg->msg_controllen = sizeof(control);
	n = sendmsg((int)use->s, msg, flags);
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	return n;
}

static ssize_t send_datagram(const struct wsp_use *use, struct msghdr *msg,
			     int flags)
{
	const ssize_t n = send_message((int)use->s, msg, flags);

	if (n < 0 && errno == ENETUNREACH && msg->msg_name &&
	    wsp_is_broadcast(msg->msg_name))
		return broadcast_message(use, msg, flags);
	if (n >= 0 && !(use->word & WSP_READY))	/* the stack has chosen a port */
		wsp_note(use->s, use->word, WSP_READY);
	return n;
}

/*
 * A datagram into several buffers. recvmsg(2) tells what it cuts short, but the
 * family takes it for the named call: D-03 is asked for first.
 */
static ssize_t receive_scattered(int fd, struct msghdr *msg, int flags)
{
	struct wsp_info info;

	if (ioctl(fd, WSP_IOC_INFO, &info))
		return -1;
	if (info.state == WSP_STATE_DISCONNECTED) {
		errno = ENOTCONN;
		return -1;
	}
	return recvmsg(fd, msg, flags);
}

/*
 * Receives a datagram without room for its sender's address, which is what
 * D-03 tells apart.
 */
static ssize_t receive_unnamed(int fd, struct msghdr *msg, int flags)
{
	const struct iovec *iov = msg->msg_iov;
	ssize_t n;

	if (msg->msg_iovlen > 1)
		return receive_scattered(fd, msg, flags);
	/* MSG_TRUNC: the datagram's own length, not that of the part read. */
	n = recvfrom(fd, iov->iov_base, iov->iov_len, flags | MSG_TRUNC, NULL,
		     NULL);
	if (n <= (ssize_t)iov->iov_len)
		return n;
	msg->msg_flags = MSG_TRUNC;
	return (ssize_t)iov->iov_len;
}

static ssize_t receive_message(const struct wsp_use *use, struct msghdr *msg,
			       int flags)
{
	const int fd = (int)use->s;

	if (msg->msg_name)
		return recvmsg(fd, msg, flags);
	if (wsp_use_type(use) != SOCK_STREAM)
		return receive_unnamed(fd, msg, flags);
	/* Only urgent data has anything to say in msg_flags. */
	if (msg->msg_iovlen == 1 && !(flags & MSG_OOB))
		return recv(fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return recvmsg(fd, msg, flags);
}

static int receive_code(const struct wsp_use *use, int flags, int error)
{
	/* Urgent data is never waited for, so no time can have run out. */
	if (error == EAGAIN && (flags & MSG_OOB))
		return WSAEWOULDBLOCK;
	return wsp_transfer_code(use->s, wsp_use_type(use), error);
}

/* All of the data means up to the urgent mark. */
static bool is_at_mark(const struct wsp_use *use)
{
	int at = 0;

	return !ioctl((int)use->s, SIOCATMARK, &at) && at;
}

/*
 * Is there more to do after @n bytes? Sending ends with the buffers' end; receiving
 * with the first data, unless it is to be all of a stream's.
 */
static bool goes_on(const struct wsp_use *use, struct vector *vector, int flags,
		    short event, ssize_t n)
{
	if (event == POLLIN && !(n && flags & MSG_WAITALL &&
				 wsp_use_type(use) == SOCK_STREAM))
		return false;
	return advance(vector, (size_t)n) && (event == POLLOUT || !is_at_mark(use));
}

/* Nothing has come: has it ended, or is it an empty datagram, or no room? */
static int nothing_code(const struct wsp_use *use, const struct vector *vector)
{
	size_t i;

	if (wsp_use_type(use) != SOCK_STREAM)
		return 0;
	for (i = 0; i < vector->count; i++)
		if (vector->iov[i].iov_len)
			return wsp_end_code(use);
	return 0;
}

/*
 * Sends or receives, by @event, until it has to say something. Where another thread
 * could close the socket the waits are the library's (T-01). 0 or a WSAE code, which
 * @total bytes may have come before. Inlined, so that it has not two ways to go.
 */
static inline __attribute__((always_inline))
int transfer(const struct wsp_use *use, struct vector *vector, struct msghdr *msg,
	     int flags, short event, DWORD *total)
{
	const bool waits = use->slot && !(event == POLLIN && flags & MSG_OOB);
	const int how = waits ? flags | MSG_DONTWAIT : flags;
	struct wsp_turns turns = { .wait = { event, WSP_WAIT_TIMEO } };
	ssize_t n;
	int code;

	for (;;) {
		msg->msg_iov = vector->iov;
		msg->msg_iovlen = vector->count;
		if (event == POLLIN)
			n = receive_message(use, msg, how);
		else if (wsp_use_type(use) == SOCK_STREAM)
			n = send_message((int)use->s, msg, how);
		else
			n = send_datagram(use, msg, how);
		if (n >= 0) {
			*total += (DWORD)n;
			if (!waits || !goes_on(use, vector, flags, event, n))
				return n || event == POLLOUT ? 0 :
				       nothing_code(use, vector);
			turns.count = 0;
		} else if (errno != EAGAIN || !waits ||
			   (event == POLLOUT && !has_port(use))) {
			return event == POLLIN ? receive_code(use, flags, errno) :
						 send_code(use, msg, errno);
		}
		code = wsp_wait(use, &turns);
		if (code)
			return code;
	}
}

/* iTolen of an address shorter than any says nothing of a peer (E-08). */
static int send_vector(SOCKET s, LPWSABUF bufs, DWORD count, LPDWORD sent,
		       DWORD flags, const struct sockaddr *to, int tolen,
		       bool overlapped)
{
	WSP_USE(use, s);
	VECTOR(vector);
	struct msghdr msg = { 0 };
	DWORD total = 0;
	int code;

	code = check_transfer(&use, bufs, count, sent,
			      flags & ~(DWORD)(MSG_OOB | MSG_DONTROUTE),
			      overlapped);
	if (!code)
		code = check_sender(&use);
	if (!code)
		code = fill_vector(&vector, bufs, count);
	if (code)
		return code;
	if (to && wsp_use_type(&use) == SOCK_DGRAM) {
		code = wsp_check_target(&use, to, tolen);
		if (code)
			return code;
		msg.msg_name = (void *)(uintptr_t)to;
		msg.msg_namelen = (socklen_t)wsp_name_clamp(tolen);
	}
	code = transfer(&use, &vector, &msg, (int)flags | MSG_NOSIGNAL, POLLOUT,
			&total);
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

/* @msg: in, where a name goes, if anywhere; out, all that recvmsg(2) says */
static int receive_vector(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			  LPDWORD got, LPDWORD flags, struct msghdr *msg,
			  bool overlapped)
{
	VECTOR(vector);
	DWORD may = MSG_PEEK | MSG_WAITALL, total = 0;
	int code;

	if (wsp_use_type(use) == SOCK_STREAM)
		may |= MSG_OOB;
	if (flags && (*flags & MSG_WAITALL))	/* as Winsock has it */
		may &= ~(DWORD)(MSG_PEEK | MSG_OOB);
	code = check_transfer(use, bufs, count, got,
			      flags ? *flags & ~may : 0, overlapped);
	if (code)
		return code;
	if (!flags)
		return WSAEFAULT;
	code = check_receiver(use, msg->msg_name);
	if (code)
		return code;
	code = fill_vector(&vector, bufs, count);
	if (code)
		return code; /* NOLINT(clang-analyzer-unix.Malloc): freed at the end of the block */
	code = transfer(use, &vector, msg, (int)*flags, POLLIN, &total);
	if (code && !total)
		return code;
	*got = total;
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
	WSP_USE(use, s);
	struct msghdr msg = { 0 };
	int code = receive_vector(&use, lpBuffers, dwBufferCount,
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
		return receive_fail(s, lpErrno, WSAEFAULT);
	code = receive_vector(&use, lpBuffers, dwBufferCount,
			      lpNumberOfBytesRecvd, lpFlags, &msg,
			      lpOverlapped || lpCompletionRoutine);
	if (wanted && (!code || code == WSAEMSGSIZE))
		*lpFromlen = (int)msg.msg_namelen < room ?
			     (int)msg.msg_namelen : room;
	return code ? receive_fail(s, lpErrno, code) : 0;
}
