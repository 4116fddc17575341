// SPDX-License-Identifier: GPL-2.0
/*
 * What "wspctl run" preloads: TCP and UDP sockets of IPv4 and IPv6 become
 * AF_WSP. WSPCTL_RUN holds the family's number, and "strict" if a plain socket
 * will not do instead.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/wsp.h>

static int family;
static bool strict;
static int (*next_socket)(int domain, int type, int protocol);

static __attribute__((constructor)) void start(void)
{
	const char *setting = getenv("WSPCTL_RUN");
	void *next = dlsym(RTLD_NEXT, "socket");

	if (setting) {
		family = atoi(setting);
		strict = strstr(setting, "strict");
	}
	/* Last: a thread of an earlier constructor goes on by what has been set. */
	__atomic_store_n((void **)&next_socket, next, __ATOMIC_RELEASE);
}

static bool ours(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return false;
	switch (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) {
	case SOCK_STREAM:
		return !protocol || protocol == IPPROTO_TCP;
	case SOCK_DGRAM:
		return !protocol || protocol == IPPROTO_UDP;
	default:
		return false;
	}
}

__attribute__((visibility("default")))
int socket(int domain, int type, int protocol)
{
	const int saved = errno;
	int fd;

	/* Another object's constructor may have come first. */
	if (!__atomic_load_n((void **)&next_socket, __ATOMIC_ACQUIRE))
		start();
	if (!family || !ours(domain, type, protocol))
		return next_socket(domain, type, protocol);

	fd = next_socket(family, type,
			 domain == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4);
	if (fd >= 0 || strict)
		return fd;
	errno = saved;
	return next_socket(domain, type, protocol);
}
