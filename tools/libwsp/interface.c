// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Addresses, interfaces and routes, as the socket has them (I-03, I-04): those of its
 * own network namespace, which may have been another when it was made.
 */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interface.h"

/* The socket's namespace ---------------------------------------------------- */

/**
 * struct visit - something to be done in the socket's network namespace
 * @act: gives 0 or an errno
 * @use: of the socket
 * @arg: for @act
 * @netns: the namespace
 * @error: what has come of it
 */
struct visit {
	int (*act)(const struct wsp_use *use, void *arg);
	const struct wsp_use *use;
	void *arg;
	int netns;
	int error;
};

/*
 * A descriptor of the namespace if it is not the caller's, or -1. Who may not ask
 * where a socket is has most likely made it where he is.
 */
static int other_netns(SOCKET s)
{
	const int fd = ioctl((int)s, SIOCGSKNS);
	struct stat its, own;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &its) && !stat("/proc/thread-self/ns/net", &own) &&
	    (its.st_ino != own.st_ino || its.st_dev != own.st_dev))
		return fd;
	close(fd);
	return -1;
}

static void *visit_thread(void *arg)
{
	struct visit *v = arg;

	v->error = setns(v->netns, CLONE_NEWNET) ? errno : v->act(v->use, v->arg);
	return NULL;
}

/* By a thread of its own, since nobody may be able to come back. */
static int visit(struct visit *v)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, visit_thread, v);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		error = pthread_join(thread, NULL) ?: v->error;
	return error;
}

/* 0 or an errno. What it opens and allocates is not left behind by a cancelled thread. */
static int act_there(const struct wsp_use *use,
		     int (*act)(const struct wsp_use *use, void *arg), void *arg)
{
	struct visit v = {
		.act = act,
		.use = use,
		.arg = arg,
		.error = 0,
	};
	int state, error;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	v.netns = other_netns(use->s);
	if (v.netns < 0) {
		error = act(use, arg);
	} else {
		error = visit(&v);
		close(v.netns);
	}
	pthread_setcancelstate(state, NULL);
	return error;
}

static int code_of(const struct wsp_use *use, int error)
{
	return error ? wsp_code(use->s, error) : 0;
}

/* The index of the device that the socket is bound to, 0 if it is to none. */
static int device_of(SOCKET s)
{
	int index = 0;

	getsockopt((int)s, SOL_SOCKET, SO_BINDTOIFINDEX, &index,
		   &(socklen_t){ sizeof(index) });
	return index;
}

/* Addresses ----------------------------------------------------------------- */

static bool is_known(const struct wsp_addresses *found, const void *name,
		     size_t size)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (!memcmp(&found->names[i], name, size))
			return true;
	return false;
}

static int add_address(struct wsp_addresses *found, const struct sockaddr *name,
		       size_t size)
{
	union wsp_name *more;

	if (is_known(found, name, size))
		return 0;
	more = realloc(found->names, (found->count + 1) * sizeof(*more));
	if (!more)
		return ENOMEM;
	found->names = more;
	memset(&more[found->count], 0, sizeof(*more));
	memcpy(&more[found->count++], name, size);
	return 0;
}

static int find_addresses(const struct wsp_use *use, void *arg)
{
	const int family = use->word & WSP_V6 ? AF_INET6 : AF_INET;
	struct wsp_addresses *found = arg;
	struct ifaddrs *all, *a;
	int error = 0;

	if (wsp_list_addresses(&all))
		return errno;
	for (a = all; a && !error; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == family &&
		    a->ifa_flags & IFF_UP && !(a->ifa_flags & IFF_LOOPBACK))
			error = add_address(found, a->ifa_addr,
					    wsp_use_name_size(use));
	}
	freeifaddrs(all);
	return error;
}

int wsp_find_addresses(const struct wsp_use *use, struct wsp_addresses *found)
{
	return code_of(use, act_there(use, find_addresses, found));
}

/* Interfaces ---------------------------------------------------------------- */

static ULONG interface_flags(unsigned int flags)
{
	static const struct {
		unsigned int platform;
		ULONG winsock;
	} names[] = {
		{ IFF_UP, 0x01 }, { IFF_BROADCAST, 0x02 }, { IFF_LOOPBACK, 0x04 },
		{ IFF_POINTOPOINT, 0x08 }, { IFF_MULTICAST, 0x10 },
	};
	ULONG winsock = 0;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].platform)
			winsock |= names[i].winsock;
	return winsock;
}

static void put_name(union wsp_generic_name *to, const struct sockaddr *name)
{
	if (name)
		memcpy(&to->v4, name, sizeof(to->v4));
	to->v4.sin_family = AF_INET;
}

static int add_interface(struct wsp_interfaces *found, const struct ifaddrs *a)
{
	struct wsp_interface *more;

	more = realloc(found->list, (found->count + 1) * sizeof(*more));
	if (!more)
		return ENOMEM;
	found->list = more;
	more += found->count++;
	memset(more, 0, sizeof(*more));
	more->flags = interface_flags(a->ifa_flags);
	put_name(&more->address, a->ifa_addr);
	put_name(&more->mask, a->ifa_netmask);
	/* The other end of a point-to-point link has the same place. */
	put_name(&more->broadcast,
		 a->ifa_flags & IFF_BROADCAST ? a->ifa_broadaddr : NULL);
	return 0;
}

static int find_interfaces(const struct wsp_use *use, void *arg)
{
	struct ifaddrs *all, *a;
	int error = 0;

	(void)use;
	if (wsp_list_addresses(&all))
		return errno;
	for (a = all; a && !error; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET)
			error = add_interface(arg, a);
	freeifaddrs(all);
	return error;
}

int wsp_find_interfaces(const struct wsp_use *use, struct wsp_interfaces *found)
{
	return code_of(use, act_there(use, find_interfaces, found));
}

/* The broadcast address of the socket's device, if it has both. */
static int find_broadcast(const struct wsp_use *use, void *arg)
{
	const unsigned int device = device_of(use->s);
	struct sockaddr_in *name = arg;
	struct ifaddrs *all, *a;

	if (wsp_list_addresses(&all))
		return errno;
	for (a = all; a; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
		    a->ifa_flags & IFF_BROADCAST && a->ifa_broadaddr &&
		    if_nametoindex(a->ifa_name) == device) {
			memcpy(name, a->ifa_broadaddr, sizeof(*name));
			break;
		}
	}
	freeifaddrs(all);
	return 0;
}

int wsp_broadcast_name(const struct wsp_use *use, struct sockaddr_in *name)
{
	*name = (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_BROADCAST),
	};
	if (!device_of(use->s))
		return 0;
	return code_of(use, act_there(use, find_broadcast, name));
}

/* Routes -------------------------------------------------------------------- */

/* What of the socket the choice of a route depends on. */
static void liken(int fd, SOCKET s)
{
	const int device = device_of(s);
	int mark = 0;

	if (device)
		setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &device, sizeof(device));
	if (!getsockopt((int)s, SOL_SOCKET, SO_MARK, &mark,
			&(socklen_t){ sizeof(mark) }) && mark)
		setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &(int){ 1 }, sizeof(int));
}

/* A datagram socket that is connected has the address, and nothing is sent. */
static int find_route(const struct wsp_use *use, void *arg)
{
	union wsp_name *name = arg;
	socklen_t len = wsp_use_name_size(use);
	const int fd = socket(name->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	liken(fd, use->s);
	name->v4.sin_port = htons(9);	/* sin6_port has its place */
	if (connect(fd, &name->any, len) || getsockname(fd, &name->any, &len))
		error = errno;
	close(fd);
	name->v4.sin_port = 0;
	return error;
}

static bool is_any(const union wsp_name *name)
{
	const struct in6_addr *v6 = &name->v6.sin6_addr;

	if (name->any.sa_family == AF_INET)
		return !name->v4.sin_addr.s_addr;
	return IN6_IS_ADDR_UNSPECIFIED(v6) ||
	       (IN6_IS_ADDR_V4MAPPED(v6) && !v6->s6_addr32[3]);
}

int wsp_local_name(const struct wsp_use *use, union wsp_name *name)
{
	const int family = use->word & WSP_V6 ? AF_INET6 : AF_INET;
	int error;

	if (name->any.sa_family != family)
		return WSAEAFNOSUPPORT;		/* E-06 */
	if (is_any(name))
		return WSAEADDRNOTAVAIL;	/* C-01 */
	error = act_there(use, find_route, name);
	switch (error) {
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case ENETUNREACH:
	case ENETDOWN:
	case EINVAL:			/* of IPv6, without a device for its scope */
		/* The family knows whether any interface is up (E-01). */
		return wsp_connect_code(use->s, ENETUNREACH, WSP_CODE_SO_ERROR);
	default:
		return code_of(use, error);
	}
}
