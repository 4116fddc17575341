/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sending and receiving consist of, at once or overlapped. */
#ifndef LIBWSP_TRANSFER_H
#define LIBWSP_TRANSFER_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "internal.h"

#define WSP_FEW_BUFFERS	16	/* that need no allocation */

/**
 * struct wsp_vector - WSABUFs as the kernel takes them
 * @iov: what is left of them
 * @count: how many
 * @few: where they are, if they are few
 * @many: otherwise; allocated, or NULL
 */
struct wsp_vector {
	struct iovec *iov;
	size_t count;
	struct iovec few[WSP_FEW_BUFFERS];
	struct iovec *many;
};

/* vector.c */
void wsp_free_vector(const struct wsp_vector *vector);
bool wsp_make_room_for_many(struct wsp_vector *vector, DWORD count);
void wsp_move_vector(struct wsp_vector *to, struct wsp_vector *from);

/* vector.c: leaves what comes after the first @n bytes; false if nothing does */
bool wsp_advance(struct wsp_vector *vector, size_t n);

/* 0 or a WSAE code. A negative length is none (T-12). */
static inline int wsp_fill_vector(struct wsp_vector *vector, LPWSABUF bufs, DWORD count)
{
	DWORD i;

	vector->iov = vector->few;
	vector->count = count;
	vector->few[0] = (struct iovec) { 0 };	/* of no buffers at all */
	if (count > WSP_FEW_BUFFERS && !wsp_make_room_for_many(vector, count))
		return WSAENOBUFS;
	for (i = 0; i < count; i++) {
		if (bufs[i].len > INT_MAX)
			return WSAEFAULT;
		vector->iov[i].iov_base = bufs[i].buf;
		vector->iov[i].iov_len = bufs[i].len;
	}
	return 0;
}

/* Freed at the end of the block, also if the thread is cancelled. */
#define WSP_VECTOR(name) \
	__attribute__((cleanup(wsp_free_vector))) struct wsp_vector name; \
	(name).many = NULL

/* step.c: one system call's worth of either, and what its errno means */
ssize_t wsp_send_message(const struct wsp_use *use, struct msghdr *msg, int flags);
ssize_t wsp_receive_message(const struct wsp_use *use, struct msghdr *msg, int flags);
int wsp_send_code(const struct wsp_use *use, int error);
int wsp_receive_code(const struct wsp_use *use, int flags, int error);
int wsp_nothing_code(const struct wsp_use *use, const struct wsp_vector *vector);

/* step.c: Linux has the same word for no port being left as for no room being left */
bool wsp_has_port(const struct wsp_use *use);

/*
 * step.c: is there more to do after @n bytes? Sending ends with the buffers' end;
 * receiving with the first data, unless it is to be all of a stream's.
 */
bool wsp_goes_on(const struct wsp_use *use, struct wsp_vector *vector, int flags,
		 short event, ssize_t n);

/* One buffer needs no struct msghdr, which the kernel would have to read. */
static inline ssize_t wsp_send_step(const struct wsp_use *use, struct msghdr *msg,
				    int flags)
{
	if (msg->msg_iovlen == 1 && wsp_use_type(use) == SOCK_STREAM)
		return send((int)use->s, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return wsp_send_message(use, msg, flags);
}

/* Only urgent data has anything to say in msg_flags. */
static inline ssize_t wsp_receive_step(const struct wsp_use *use, struct msghdr *msg,
				       int flags)
{
	if (msg->msg_iovlen == 1 && !msg->msg_name && !(flags & MSG_OOB) &&
	    wsp_use_type(use) == SOCK_STREAM)
		return recv((int)use->s, msg->msg_iov->iov_base, msg->msg_iov->iov_len,
			    flags);
	return wsp_receive_message(use, msg, flags);
}

/* transfer.c: what a call asks of its arguments, and of the socket; 0 or a code */
int wsp_prepare_send(const struct wsp_use *use, LPWSABUF bufs, DWORD count, DWORD flags,
		     const struct sockaddr *to, int tolen, struct wsp_vector *vector,
		     struct msghdr *msg);
int wsp_prepare_receive(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			const DWORD *flags, const struct msghdr *msg,
			struct wsp_vector *vector);

/* transfer.c: one without lpOverlapped; 0 or a code, which @total bytes may come before */
int wsp_transfer(const struct wsp_use *use, struct wsp_vector *vector, struct msghdr *msg,
		 int flags, short event, DWORD *total);

/* transfer.c: SOCKET_ERROR; a receiving call has enabled its events (V-06) */
int wsp_receive_fail(SOCKET s, LPINT lpErrno, int code);

#endif /* LIBWSP_TRANSFER_H */
