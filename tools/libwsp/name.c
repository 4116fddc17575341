// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of sockets, and the calls that need the local one. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>

#include "internal.h"

typedef int get_name_fn(int fd, struct sockaddr *name, socklen_t *len);

static bool is_target(const struct sockaddr_in *to)
{
	return to->sin_port && to->sin_addr.s_addr;
}

static bool is_target_v6(const struct sockaddr_in6 *to)
{
	const __be32 *words = to->sin6_addr.s6_addr32;

	return to->sin6_port && !IN6_IS_ADDR_UNSPECIFIED(&to->sin6_addr) &&
	       (!IN6_IS_ADDR_V4MAPPED(&to->sin6_addr) || words[3]);
}

/*
 * Is it of another family than the socket's? The kernel takes some of those for
 * its own. False of a name that cannot be read, of which it will say so.
 */
static bool is_foreign(const struct wsp_use *use, const struct sockaddr *name,
		       int namelen)
{
	return namelen >= (int)sizeof(struct sockaddr_in) &&
	       wsp_is_readable(name, sizeof(struct sockaddr_in)) &&
	       name->sa_family != (use->word & WSP_V6 ? AF_INET6 : AF_INET);
}

/* T-09; 0 or a code. */
int wsp_check_target(const struct wsp_use *use, const struct sockaddr *to, int tolen)
{
	const int size = wsp_use_name_size(use);
	bool right;

	if (is_foreign(use, to, tolen))
		return WSAEAFNOSUPPORT;
	if (tolen < size || !wsp_is_readable(to, (size_t)size))
		return WSAEFAULT;
	right = use->word & WSP_V6 ? is_target_v6((const struct sockaddr_in6 *)to) :
				     is_target((const struct sockaddr_in *)to);
	return right ? 0 : WSAEADDRNOTAVAIL;
}

/* Of a name that the kernel has read. */
bool wsp_is_broadcast(const struct sockaddr *to)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)to;

	if (to->sa_family == AF_INET6)
		return IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) &&
		       v6->sin6_addr.s6_addr32[3] == htonl(INADDR_BROADCAST);
	return to->sa_family == AF_INET &&
	       ((const struct sockaddr_in *)to)->sin_addr.s_addr ==
	       htonl(INADDR_BROADCAST);
}

/* Not to be left in the middle: the platform's has a socket of its own meanwhile. */
int wsp_list_addresses(struct ifaddrs **all)
{
	int state, rc;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	rc = getifaddrs(all);
	pthread_setcancelstate(state, NULL);
	return rc;
}

/* The first one that D-09's connect would choose, or 0. */
int wsp_broadcast_interface(void)
{
	const unsigned int flags = IFF_UP | IFF_BROADCAST;
	struct ifaddrs *all, *a;
	int index, first = 0;

	if (wsp_list_addresses(&all))
		return 0;
	for (a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET ||
		    (a->ifa_flags & flags) != flags)
			continue;
		index = (int)if_nametoindex(a->ifa_name);
		if (index && (!first || index < first))
			first = index;
	}
	freeifaddrs(all);
	return first;
}

static bool is_unbound(const union wsp_name *name)
{
	if (name->any.sa_family == AF_INET)
		return !name->v4.sin_port && !name->v4.sin_addr.s_addr;
	return !name->v6.sin6_port &&
	       IN6_IS_ADDR_UNSPECIFIED(&name->v6.sin6_addr);
}

/* Linux assigns a port where Winsock says "not bound": look first. */
int wsp_check_bound(SOCKET s)
{
	union wsp_name name = {};
	socklen_t len = sizeof(name);

	if (getsockname((int)s, &name.any, &len))
		return wsp_code(s, errno);
	return is_unbound(&name) ? WSAEINVAL : 0;
}

static bool has_peer(SOCKET s)
{
	union wsp_name name;
	socklen_t len = sizeof(name);

	return !getpeername((int)s, &name.any, &len);
}

static int bind_code(const struct wsp_use *use, int error)
{
	if (error != EINVAL)
		return wsp_code(use->s, error);
	return wsp_check_bound(use->s) ? WSAEFAULT : WSAEINVAL;	/* already */
}

int WSPBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno)
{
	WSP_USE(use, s);

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (namelen < 0)
		return wsp_fail(lpErrno, WSAEFAULT);
	if (is_foreign(&use, name, namelen) && wsp_check_bound(s))
		return wsp_fail(lpErrno, WSAEAFNOSUPPORT);
	if (bind((int)s, name, (socklen_t)wsp_name_clamp(namelen)))
		return wsp_fail(lpErrno, bind_code(&use, errno));
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
	union wsp_name name = {};
	socklen_t len = sizeof(name);

	if (!use.word)
		return WSAENOTSOCK;
	if (!to || !tolen)
		return WSAEFAULT;
	if (get((int)s, &name.any, &len))
		return wsp_code(s, errno);
	if (is_unbound(&name))
		return WSAEINVAL;
	if (!wsp_is_readable(tolen, sizeof(*tolen)) || *tolen < (int)len)
		return WSAEFAULT;
	return get((int)s, to, (socklen_t *)tolen) ? wsp_code(s, errno) : 0;
}

int WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen,
		   LPINT lpErrno)
{
	int code = get_name(s, getsockname, name, namelen);

	return code ? wsp_fail(lpErrno, code) : 0;
}

/* Linux has it in another place when both directions are shut (T-05). */
int wsp_get_peer(int fd, struct sockaddr *name, socklen_t *len)
{
	unsigned int word;
	socklen_t room;

	if (!getpeername(fd, name, len))
		return 0;
	if (errno != ENOTCONN)
		return -1;
	word = wsp_ask(fd);
	if (!(word & WSP_READY)) {
		errno = ENOTCONN;
		return -1;
	}
	room = (socklen_t)wsp_word_name_size(word);
	if (*len < room)
		room = *len;	/* it would refuse more */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERNAME, name, &room))
		return -1;
	errno = EFAULT;
	if (!wsp_is_writable((SOCKET)fd, len, sizeof(*len)))
		return -1;
	*len = room;
	return 0;
}

int WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen,
		   LPINT lpErrno)
{
	int code = get_name(s, wsp_get_peer, name, namelen);

	return code ? wsp_fail(lpErrno, code) : 0;
}
