// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets opened and closed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

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

static int check_kind(int af, int type, int protocol)
{
	const int fitting = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;

	if (af != AF_INET && af != AF_INET6)
		return WSAEAFNOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return WSAESOCKTNOSUPPORT;
	if (!protocol || protocol == fitting)
		return 0;
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		return WSAEPROTOTYPE;
	return WSAEPROTONOSUPPORT;
}

SOCKET WSPSocket(int af, int type, int protocol,
		 LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
		 LPINT lpErrno)
{
	const DWORD flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
	int code = check_kind(af, type, protocol);
	int fd = -1;

	if (!code && (lpProtocolInfo || g || (dwFlags & ~flags)))
		code = WSAEINVAL;
	if (!code) {
		fd = open_socket(type, af == AF_INET ? WSPPROTO_IPV4
						     : WSPPROTO_IPV6);
		if (fd < 0)
			code = wsp_code(INVALID_SOCKET, errno);
	}
	if (code) {
		wsp_fail(lpErrno, code);
		return INVALID_SOCKET;
	}
	wsp_remember((SOCKET)fd, (unsigned int)type |
				 (af == AF_INET6 ? WSP_V6 : 0));
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
	       fcntl((int)s, F_GETFL) & O_NONBLOCK &&
	       !ioctl((int)s, SIOCOUTQ, &unsent) && unsent;
}

static int close_socket(SOCKET s)
{
	struct wsp_closing closing;
	int rc;

	if (!wsp_start_closing(&closing, s))
		return WSAENOTSOCK;
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
