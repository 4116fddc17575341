// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of sockets, and the calls that need the local one. */
#include <errno.h>
#include <stdbool.h>

#include "internal.h"

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

typedef int get_name_fn(int fd, struct sockaddr *name, socklen_t *len);

static bool is_unbound(const union name *name)
{
	if (name->any.sa_family == AF_INET)
		return !name->v4.sin_port && !name->v4.sin_addr.s_addr;
	return !name->v6.sin6_port &&
	       IN6_IS_ADDR_UNSPECIFIED(&name->v6.sin6_addr);
}

/* Linux assigns a port where Winsock says "not bound": look first. */
int wsp_check_bound(SOCKET s)
{
	union name name = {};
	socklen_t len = sizeof(name);

	if (getsockname((int)s, &name.any, &len))
		return wsp_code(s, errno);
	return is_unbound(&name) ? WSAEINVAL : 0;
}

static bool has_peer(SOCKET s)
{
	union name name;
	socklen_t len = sizeof(name);

	return !getpeername((int)s, &name.any, &len);
}

static int bind_code(SOCKET s, int error)
{
	if (error == EINVAL)	/* bound already, or a name too short */
		return wsp_check_bound(s) == 0 ? WSAEINVAL : WSAEFAULT;
	if (error == EAFNOSUPPORT)
		return WSAEFAULT;
	return wsp_code(s, error);
}

int WSPBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno)
{
	WSP_USE(use, s);

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (bind((int)s, name, (socklen_t)wsp_name_clamp(namelen)))
		return wsp_fail(lpErrno, bind_code(s, errno));
	return 0;
}

int WSPListen(SOCKET s, int backlog, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code;

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (wsp_use_type(&use) == SOCK_DGRAM)
		return wsp_fail(lpErrno, WSAEOPNOTSUPP);
	code = wsp_check_bound(s);
	if (code)
		return wsp_fail(lpErrno, code);
	if (!listen((int)s, backlog))
		return 0;
	code = wsp_code(s, errno);
	if (code == WSAEINVAL && has_peer(s))
		code = WSAEISCONN;
	return wsp_fail(lpErrno, code);
}

/*
 * Into the caller's own memory, which is for the kernel to judge (T-12), and not
 * before there is a name to be written.
 */
static int get_name(SOCKET s, get_name_fn *get, struct sockaddr *to,
		    LPINT tolen)
{
	WSP_USE(use, s);
	union name name;
	socklen_t len = sizeof(name);

	if (!use.word)
		return WSAENOTSOCK;
	if (!to || !tolen)
		return WSAEFAULT;
	if (get((int)s, &name.any, &len))
		return wsp_code(s, errno);
	if (is_unbound(&name))
		return WSAEINVAL;
	if (!wsp_can_read(s, tolen) || *tolen < (int)len)
		return WSAEFAULT;
	return get((int)s, to, (socklen_t *)tolen) ? wsp_code(s, errno) : 0;
}

int WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen,
		   LPINT lpErrno)
{
	int code = get_name(s, getsockname, name, namelen);

	return code ? wsp_fail(lpErrno, code) : 0;
}

int WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen,
		   LPINT lpErrno)
{
	int code = get_name(s, getpeername, name, namelen);

	return code ? wsp_fail(lpErrno, code) : 0;
}
