// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets opened and closed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "overlapped.h"

/* The family's number, once a socket has shown it. */
static _Atomic int known_family;

/* The number that the module was loaded with, or 0. */
static int loaded_family(void)
{
	char text[16] = "";
	ssize_t n;
	int fd;

	fd = open("/sys/module/wspfam/parameters/family",
		  O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoi(text) : 0;
}

static int open_family(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0 || family == atomic_load(&known_family))
		return fd;
	if (wsp_ask(fd)) {
		atomic_store(&known_family, family);
		return fd;
	}
	close(fd);
	errno = EAFNOSUPPORT;
	return -1;
}

static int open_socket(int type, int protocol)
{
	int cached = atomic_load(&known_family);
	int family = cached ? cached : AF_WSP;
	int fd = open_family(family, type, protocol);
	int error = errno;
	int other;

	if (fd >= 0)
		return fd;
	other = loaded_family();
	if (other > 0 && other != family)
		return open_family(other, type, protocol);
	errno = error;
	return -1;
}

/* What a new socket is to be. */
struct kind {
	int af;
	int type;
	int protocol;
};

static void take_from(int *given, int theirs)
{
	if (!*given || *given == FROM_PROTOCOL_INFO)
		*given = theirs;
}

/* S-07: what is given goes before it. */
static int take_info(struct kind *kind, const WSAPROTOCOL_INFOW *info)
{
	if (!wsp_is_readable(info, offsetof(WSAPROTOCOL_INFOW, szProtocol)))
		return WSAEFAULT;
	take_from(&kind->af, info->iAddressFamily);
	take_from(&kind->type, info->iSocketType);
	take_from(&kind->protocol, info->iProtocol);
	return 0;
}

static int check_type(const struct kind *kind)
{
	if (kind->type != SOCK_STREAM && kind->type != SOCK_DGRAM)
		return WSAESOCKTNOSUPPORT;
	if (kind->protocol !=
	    (kind->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP))
		return WSAEPROTONOSUPPORT;
	return 0;
}

/* T-12: what is not given is completed from what is. */
static int complete(struct kind *kind)
{
	if (kind->af == AF_UNSPEC && !kind->protocol)
		return WSAEINVAL;
	if (kind->af == AF_UNSPEC)
		kind->af = AF_INET;
	if (kind->af != AF_INET && kind->af != AF_INET6)
		return WSAEAFNOSUPPORT;
	if (!kind->type)
		kind->type = kind->protocol == IPPROTO_UDP ? SOCK_DGRAM
							   : SOCK_STREAM;
	if (!kind->protocol)
		kind->protocol = kind->type == SOCK_DGRAM ? IPPROTO_UDP
							  : IPPROTO_TCP;
	return check_type(kind);
}

static int judge(struct kind *kind, const WSAPROTOCOL_INFOW *info, GROUP g,
		 DWORD flags)
{
	const DWORD known = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
	int code = info ? take_info(kind, info) : 0;

	if (!code)
		code = complete(kind);
	if (!code && (g || (flags & ~known)))
		code = WSAEINVAL;
	return code;
}

/* T-11: with IPv6 alone, [::] and 0.0.0.0 can have one port. */
static int open_kind(const struct kind *kind)
{
	const int on = 1;
	int fd;

	if (kind->af == AF_INET)
		return open_socket(kind->type, WSPPROTO_IPV4);
	fd = open_socket(kind->type, WSPPROTO_IPV6);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return fd;
}

SOCKET WSPSocket(int af, int type, int protocol,
		 LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
		 LPINT lpErrno)
{
	struct kind kind = { af, type, protocol };
	int code = judge(&kind, lpProtocolInfo, g, dwFlags);
	int fd = -1;

	if (!code) {
		fd = open_kind(&kind);
		if (fd < 0)
			code = wsp_code(INVALID_SOCKET, errno);
	}
	if (code) {
		wsp_fail(lpErrno, code);
		return INVALID_SOCKET;
	}
	wsp_remember((SOCKET)fd, (unsigned int)kind.type |
				 (kind.af == AF_INET6 ? WSP_V6 : 0) |
				 (dwFlags & WSA_FLAG_OVERLAPPED ? 0 : WSP_SYNCHRONOUS));
	return (SOCKET)fd;
}

/* T-01: would closing have to wait, where nothing may? */
static bool would_block(SOCKET s)
{
	struct linger linger = { 0 };
	socklen_t len = sizeof(linger);
	int unsent = 0;

	return !getsockopt((int)s, SOL_SOCKET, SO_LINGER, &linger, &len) &&
	       linger.l_onoff && linger.l_linger &&
	       wsp_is_nonblocking(s) &&
	       !ioctl((int)s, SIOCOUTQ, &unsent) && unsent;
}

static int close_socket(SOCKET s)
{
	struct wsp_closing closing;
	int rc;

	if (!wsp_start_closing(&closing, s))
		return WSAENOTSOCK;
	wsp_abort_operations(s);
	wsp_end_others(&closing);
	wsp_reset_deferred(s);
	rc = close((int)s) && errno == EBADF;
	wsp_stop_closing(&closing);
	return rc ? WSAENOTSOCK : 0;
}

/* A thread that is to be cancelled closes first what it is about to close. */
int WSPCloseSocket(SOCKET s, LPINT lpErrno)
{
	int code, state;

	if (wsp_word(s) & WSP_LINGERS && would_block(s))
		return wsp_fail(lpErrno, WSAEWOULDBLOCK);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	code = close_socket(s);
	pthread_setcancelstate(state, NULL);
	return code ? wsp_fail(lpErrno, code) : 0;
}
