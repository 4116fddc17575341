// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets opened and closed, and which descriptors are sockets or events. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define EVENT		0xff	/* is no type of socket */

/* For each descriptor: SOCK_STREAM, SOCK_DGRAM, EVENT, or 0 for not known. */
static _Atomic unsigned char known[65536];

/* The family's number, once a socket has shown it. */
static _Atomic int known_family;

/* SOCK_STREAM or SOCK_DGRAM of an AF_WSP socket; 0 for anything else. */
static int ask_type(int fd)
{
	struct wsp_info info = { 0 };

	if (ioctl(fd, WSP_IOC_INFO, &info) || info.abi < WSP_ABI)
		return 0;
	return (int)info.type;
}

void wsp_remember(SOCKET s, int type)
{
	if (s < sizeof(known))
		atomic_store(&known[s], (unsigned char)type);
}

void wsp_forget(SOCKET s)
{
	wsp_remember(s, 0);
}

static int recall(uintptr_t number)
{
	return number < sizeof(known) ? atomic_load(&known[number]) : 0;
}

int wsp_type(SOCKET s)
{
	int type = recall(s);

	if (type && type != EVENT)
		return type;
	type = s > INT_MAX ? 0 : ask_type((int)s);
	if (type)
		wsp_remember(s, type);
	return type;
}

void wsp_remember_event(int fd)
{
	wsp_remember((SOCKET)fd, EVENT);
}

/* No call tells an eventfd from others; only its name does. */
static bool ask_event(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[32], name[sizeof(want)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name));
	return n == sizeof(want) - 1 && !memcmp(name, want, (size_t)n);
}

bool wsp_is_event(WSAEVENT event)
{
	const uintptr_t number = (uintptr_t)event;

	if (!number || number > INT_MAX)
		return false;
	if (recall(number) == EVENT)
		return true;
	if (!ask_event((int)number))
		return false;
	wsp_remember_event((int)number);
	return true;
}

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
	if (ask_type(fd)) {
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
	wsp_remember((SOCKET)fd, type);
	return (SOCKET)fd;
}

static int accept_code(SOCKET s, int error)
{
	/* "indicated, but subsequently terminated by the remote peer" */
	return error == ECONNABORTED ? WSAECONNRESET : wsp_code(s, error);
}

SOCKET WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
		 LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
		 LPINT lpErrno)
{
	const bool named = addr && addrlen;
	int code = 0;
	int fd = -1;

	(void)dwCallbackData;
	if (!wsp_type(s))
		code = WSAENOTSOCK;
	else if (lpfnCondition)
		code = WSAEOPNOTSUPP;
	else if (named && *addrlen < wsp_name_size(s))
		code = WSAEFAULT;
	else
		fd = accept4((int)s, named ? addr : NULL,
			     named ? (socklen_t *)addrlen : NULL,
			     SOCK_CLOEXEC);
	if (fd < 0 && !code)
		code = accept_code(s, errno);
	if (code) {
		if (code != WSAENOTSOCK && code != WSAEWOULDBLOCK)
			wsp_enable(s, FD_ACCEPT);
		wsp_fail(lpErrno, code);
		return INVALID_SOCKET;
	}
	wsp_remember((SOCKET)fd, SOCK_STREAM);
	return (SOCKET)fd;
}

int WSPCloseSocket(SOCKET s, LPINT lpErrno)
{
	if (!wsp_type(s))
		return wsp_fail(lpErrno, WSAENOTSOCK);
	/* First: the moment it is closed the number may be another's. */
	wsp_forget(s);
	if (close((int)s) && errno == EBADF)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	return 0;
}
