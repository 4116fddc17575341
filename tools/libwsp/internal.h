/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBWSP_INTERNAL_H
#define LIBWSP_INTERNAL_H

#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <wsp/wsp.h>

/* error.c */
int wsp_code(SOCKET s, int error);
int wsp_connect_code(SOCKET s, int error, int source);
int wsp_transfer_code(SOCKET s, int type, int error);

/* descriptor.c: SOCK_STREAM, SOCK_DGRAM, or 0 if not an AF_WSP socket (E-13) */
int wsp_type(SOCKET s);
void wsp_remember(SOCKET s, int type);
void wsp_forget(SOCKET s);

/* descriptor.c: is it an eventfd? */
bool wsp_is_event(WSAEVENT event);
void wsp_remember_event(int fd);

/* netevent.c: the kernel may not have seen a call that enables @events (V-06) */
void wsp_enable(SOCKET s, LONG events);

/* startup.c: is the program one of version 1.1 (E-04)? */
bool wsp_is_version_1(void);

/* wait.c: poll(2) up to a moment of the monotonic clock, in nanoseconds */
#define WSP_FOREVER	LLONG_MAX
long long wsp_deadline(long long seconds, long long microseconds);
int wsp_poll(struct pollfd *fds, nfds_t count, long long deadline);

/* name.c: the bytes that an address of this socket takes */
int wsp_name_size(SOCKET s);

static inline int wsp_fail(LPINT lpErrno, int code)
{
	if (lpErrno)
		*lpErrno = code;
	return SOCKET_ERROR;
}

/* No name that the family takes is longer than a sockaddr_in6 (E-08). */
static inline int wsp_name_clamp(int namelen)
{
	const int longest = sizeof(struct sockaddr_in6);

	return namelen > longest ? longest : namelen;
}

#endif /* LIBWSP_INTERNAL_H */
