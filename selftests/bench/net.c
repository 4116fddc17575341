// SPDX-License-Identifier: GPL-2.0
/* Sockets of every family, connected over the loopback device. */
#include "bench.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

int open_socket(const struct side *s, int type)
{
	static const struct { int family, protocol; } how[FAMILIES] = {
		[INET] = { AF_INET, 0 },
		[INET6] = { AF_INET6, 0 },
		[WSP] = { AF_WSP, WSPPROTO_IPV4 },
		[WSP6] = { AF_WSP, WSPPROTO_IPV6 },
		[MPTCP] = { AF_INET, IPPROTO_MPTCP },
		[SMC] = { AF_SMC, 0 },
	};
	int fd = socket(how[s->family].family, type, how[s->family].protocol);

	if (fd < 0)
		die("no %s socket: %s", family_names[s->family], strerror(errno));
	return fd;
}

union name loopback(const struct side *s, int port)
{
	union name name = { 0 };

	if (s->v6) {
		name.in6.sin6_family = AF_INET6;
		name.in6.sin6_port = htons(port);
		name.in6.sin6_addr = in6addr_loopback;
	} else {
		name.in.sin_family = AF_INET;
		name.in.sin_port = htons(port);
		name.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	return name;
}

socklen_t name_len(const union name *name)
{
	return name->sa.sa_family == AF_INET6 ? sizeof(name->in6) :
						sizeof(name->in);
}

/* A socket on a port of its own, whose name is left in @name. */
int bound_socket(const struct side *s, int type, union name *name)
{
	socklen_t len = sizeof(*name);
	int fd = open_socket(s, type);

	*name = loopback(s, 0);
	must(0, bind(fd, &name->sa, name_len(name)));
	must(0, getsockname(fd, &name->sa, &len));
	return fd;
}

/* So that one thread can send all it wants before it receives. */
void big_buffers(int fd)
{
	const int size = 1 << 20;

	must(0, setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)));
	must(0, setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
}

int open_listener(struct side *s, union name *name)
{
	int fd = bound_socket(s, SOCK_STREAM, name);

	big_buffers(fd);
	must(0, listen(fd, 128));
	return fd;
}

void set_up_listener(struct side *s)
{
	s->lfd = open_listener(s, &s->name[0]);
}

void connect_pair(struct side *s, int *fd, int *peer)
{
	*fd = open_socket(s, SOCK_STREAM);
	big_buffers(*fd);
	must(0, connect(*fd, &s->name[0].sa, name_len(&s->name[0])));
	*peer = accept(s->lfd, NULL, NULL);
	if (*peer < 0)
		die("accept: %s", strerror(errno));
}

void set_up_pair(struct side *s)
{
	const int one = 1;

	set_up_listener(s);
	connect_pair(s, &s->fd, &s->peer);
	must(0, setsockopt(s->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	must(0, setsockopt(s->peer, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
}
