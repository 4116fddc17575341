// SPDX-License-Identifier: LGPL-2.1-or-later
/* One step of sending or receiving, by a system call or two. */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>

#include "transfer.h"

bool wsp_has_port(const struct wsp_use *use)
{
	return wsp_use_type(use) == SOCK_STREAM ||
	       wsp_check_bound(use->s) != WSAEINVAL;
}

int wsp_send_code(const struct wsp_use *use, int error)
{
	if (error == EAGAIN && !wsp_has_port(use))	/* E-12 */
		return WSAENOBUFS;
	return wsp_transfer_code(use->s, wsp_use_type(use), error);
}

/* One buffer needs no struct msghdr, which the kernel would have to read. */
static ssize_t send_message(int fd, const struct msghdr *msg, int flags)
{
	if (msg->msg_iovlen == 1 && !msg->msg_name && !msg->msg_control)
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

	if (n < 0 && errno == ENETUNREACH && msg->msg_name && !msg->msg_control &&
	    wsp_is_broadcast(msg->msg_name))
		return broadcast_message(use, msg, flags);
	if (n >= 0 && !(use->word & WSP_READY))	/* the stack has chosen a port */
		wsp_note(use->s, use->word, WSP_READY);
	return n;
}

ssize_t wsp_send_message(const struct wsp_use *use, struct msghdr *msg, int flags)
{
	if (wsp_use_type(use) == SOCK_STREAM)
		return sendmsg((int)use->s, msg, flags);
	return send_datagram(use, msg, flags);
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

ssize_t wsp_receive_message(const struct wsp_use *use, struct msghdr *msg, int flags)
{
	const int fd = (int)use->s;

	if (msg->msg_name)
		return recvmsg(fd, msg, flags);
	if (wsp_use_type(use) != SOCK_STREAM)
		return receive_unnamed(fd, msg, flags);
	return recvmsg(fd, msg, flags);
}

int wsp_receive_code(const struct wsp_use *use, int flags, int error)
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

bool wsp_goes_on(const struct wsp_use *use, struct wsp_vector *vector, int flags,
		 short event, ssize_t n)
{
	if (event == POLLIN && !(n && flags & MSG_WAITALL &&
				 wsp_use_type(use) == SOCK_STREAM))
		return false;
	return wsp_advance(vector, (size_t)n) && (event == POLLOUT || !is_at_mark(use));
}

/* Nothing has come: has it ended, or is it an empty datagram, or no room? */
int wsp_nothing_code(const struct wsp_use *use, const struct wsp_vector *vector)
{
	size_t i;

	if (wsp_use_type(use) != SOCK_STREAM)
		return 0;
	for (i = 0; i < vector->count; i++)
		if (vector->iov[i].iov_len)
			return wsp_end_code(use);
	return 0;
}
