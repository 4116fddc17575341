/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs for datagram sockets share: the rows, with v4-mapped names
 * as a third family, and plain sockets there to talk with.
 */
#ifndef WSP_DGRAM_H
#define WSP_DGRAM_H

#include <sys/sendfile.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

#define OWN_PORT	4711	/* below what the system chooses by itself */

struct dgram {
	const struct row *row;
	bool mapped;	/* IPv4 by v4-mapped names on an IPv6 socket */
	int family;	/* of the plain sockets there */
	int fd;		/* the socket under test */
	int peer;	/* there, on the first network */
	int third;	/* the peer's address, another port */
	int other;	/* the second network, the peer's port */
};

static inline void prepare(struct __test_metadata *_metadata, struct dgram *d,
			   const struct row *row, bool mapped)
{
	cpu_set_t one;

	/* One processor keeps datagrams in the order they were sent in. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));

	d->row = row;
	d->mapped = mapped;
	d->family = mapped ? AF_INET : row->family;
	d->fd = wsp_socket(SOCK_DGRAM, row);
	ASSERT_GE(d->fd, 0);
	d->peer = receiver(THERE, d->family, PEER_A);
	d->third = receiver(THERE, d->family, PEER_A);
	d->other = plain_socket(THERE, d->family, SOCK_DGRAM);
	ASSERT_EQ(0, bind_port(d->other, d->family, "198.51.100.2",
			       "2001:db8:b::2", local_port(d->peer)));
}

#define DGRAM_FIXTURE(name)						\
	FIXTURE(name) { struct dgram d; };				\
	FIXTURE_VARIANT(name) { struct row row; bool mapped; };		\
	FIXTURE_SETUP(name)						\
	{								\
		prepare(_metadata, &self->d, &variant->row,		\
			variant->mapped);				\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		close(self->d.fd);					\
	}

#define MAPPED_ROW(fixture, name, nonblock, surf)			\
	FIXTURE_VARIANT_ADD(fixture, name) {				\
		.row = { AF_INET6, nonblock, surf },			\
		.mapped = true,						\
	};

#define MAPPED_ROWS(fixture)						\
	MAPPED_ROW(fixture, mapped_blocking_connect, false, CONNECT)	\
	MAPPED_ROW(fixture, mapped_nonblocking_connect, true, CONNECT)	\
	WITH_WSPCONNECT(						\
	MAPPED_ROW(fixture, mapped_blocking_wspconnect, false, WSPCONNECT) \
	MAPPED_ROW(fixture, mapped_nonblocking_wspconnect, true, WSPCONNECT))

/* Names are plain ones; the socket under test is given the mapped ones. */
static inline union name by_row(const struct dgram *d, union name name)
{
	return d->mapped && name.sa.sa_family == AF_INET ? name_map(name) : name;
}

static inline int connect_code(const struct dgram *d, union name name)
{
	name = by_row(d, name);
	return try_connect(d->row, d->fd, &name, name_len(&name));
}

#define CONNECT_CODE(name)	connect_code(&self->d, name)
#define HOST(host, port)	name_host(self->d.family, host, port)

static inline int disconnect_code(const struct dgram *d)
{
	union name none = { .sa.sa_family = AF_UNSPEC };

	return try_connect(d->row, d->fd, &none, sizeof(none.sa));
}

#define DISCONNECT_CODE()	disconnect_code(&self->d)

static inline int connect_peer(const struct dgram *d)
{
	return connect_code(d, local_name(d->peer));
}

#define CONNECT_PEER()		connect_peer(&self->d)

/* Another socket of the same row in place of the one under test. */
static inline void renew(struct __test_metadata *_metadata, struct dgram *d)
{
	close(d->fd);
	d->fd = wsp_socket(SOCK_DGRAM, d->row);
	ASSERT_GE(d->fd, 0);
}

static inline int bind_any(const struct dgram *d, int port)
{
	return bind_port(d->fd, d->row->family, "0.0.0.0", "::", port);
}

static inline bool local_is(const struct dgram *d, union name want)
{
	union name local = name_unmap(local_name(d->fd));

	return name_same(&local, &want);
}

static inline bool peer_is(const struct dgram *d, union name want)
{
	union name peer = {};
	socklen_t len = sizeof(peer);

	if (getpeername(d->fd, &peer.sa, &len))
		return false;
	peer = name_unmap(peer);
	return name_same(&peer, &want);
}

static inline bool no_peer(const struct dgram *d)
{
	union name peer;
	socklen_t len = sizeof(peer);

	return getpeername(d->fd, &peer.sa, &len) && errno == ENOTCONN;
}

/* A datagram each way between the connected socket and its peer @fd. */
static inline bool talk(const struct dgram *d, int fd, union name *source)
{
	return send(d->fd, "ping", 4, 0) == 4 && got(fd, "ping", source) &&
	       told(fd, *source, "pong") && got(d->fd, "pong", NULL);
}

/* The same by address with somebody that it is not connected to. */
static inline bool talk_to(const struct dgram *d, int fd)
{
	union name source, from, name = local_name(fd);

	return told(d->fd, by_row(d, name), "ping") && got(fd, "ping", &source) &&
	       told(fd, source, "pong") && got(d->fd, "pong", &from) &&
	       name_same(&from, &name);
}

/* Each way to send without an address. */
static inline void expect_no_send(struct __test_metadata *_metadata, int fd)
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	int file = memfd_create("data", 0);

	EXPECT_FAILS(ENOTCONN, send(fd, "data", 4, 0));
	EXPECT_FAILS(ENOTCONN, write(fd, "data", 4));
	EXPECT_FAILS(ENOTCONN, writev(fd, &iov, 1));
	EXPECT_FAILS(ENOTCONN, sendmsg(fd, &msg.msg_hdr, 0));
	EXPECT_FAILS(ENOTCONN, sendmmsg(fd, &msg, 1, 0));
	EXPECT_EQ(4, write(file, "data", 4));
	EXPECT_FAILS(ENOTCONN, sendfile(fd, file, &(off_t){ 0 }, 4));
	EXPECT_EQ(WSAENOTCONN, wsp_send(fd, "data"));
	close(file);
}

/* Each way to receive without an address. */
static inline void expect_no_receive(struct __test_metadata *_metadata, int fd)
{
	char buf[8];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	int fds[2];

	EXPECT_FAILS(ENOTCONN, recv(fd, buf, sizeof(buf), 0));
	EXPECT_FAILS(ENOTCONN, recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	EXPECT_FAILS(ENOTCONN, read(fd, buf, sizeof(buf)));
	EXPECT_FAILS(ENOTCONN, readv(fd, &iov, 1));
	ASSERT_EQ(0, pipe(fds));
	EXPECT_FAILS(ENOTCONN, splice(fd, NULL, fds[1], NULL, sizeof(buf), 0));
	EXPECT_EQ(WSAENOTCONN, wsp_recv(fd, buf, sizeof(buf)));
	EXPECT_FAILS(EAGAIN, recv(fd, buf, sizeof(buf), MSG_ERRQUEUE));
	close(fds[0]);
	close(fds[1]);
}

/* A socket there that is bound to a link-local address of @dev, its name here. */
static inline int link_local(const char *dev, union name *name)
{
	union name bound = name_v6("fe80::2", 0);
	int fd = plain_socket(THERE, AF_INET6, SOCK_DGRAM);

	enter(THERE);
	bound.in6.sin6_scope_id = if_nametoindex(dev);
	if (bind(fd, &bound.sa, sizeof(bound.in6)))
		abort();
	enter(HERE);
	*name = local_name(fd);
	name->in6.sin6_scope_id = if_nametoindex(dev);
	return fd;
}

/*
 * Besides the network that all programs have: link-local addresses, one more
 * network with a broadcast address, a route to multicast groups, hosts that
 * routing keeps away (E-11), and for marked sockets a route to 255.255.255.255
 * (mark 1), or another source towards the first network (mark 2).
 */
static inline void extend_network(void)
{
	run_in(THERE, "ip -batch - <<-END\n"
	       "addr add fe80::2/64 dev wsp-a nodad\n"
	       "addr add fe80::2/64 dev wsp-b nodad\n"
	       "END\n");
	run_in(HERE, "ip -batch - <<-END\n"
	       "addr add fe80::1/64 dev wsp-a nodad\n"
	       "addr add fe80::1/64 dev wsp-b nodad\n"
	       "addr add 203.0.113.129/25 broadcast + dev wsp-a\n"
	       "route add 239.0.0.0/8 dev wsp-a\n"
	       "route add prohibit 203.0.113.2\n"
	       "route add blackhole 203.0.113.3\n"
	       "route add unreachable 203.0.113.4\n"
	       "route add prohibit 2001:db8:c::2\n"
	       "route add blackhole 2001:db8:c::3\n"
	       "route add unreachable 2001:db8:c::4\n"
	       "rule add fwmark 1 table 100\n"
	       "route add 255.255.255.255 dev wsp-a table 100\n"
	       "rule add fwmark 2 table 101\n"
	       "route add 192.0.2.0/24 dev wsp-a src 198.51.100.1 table 101\n"
	       "END\n");
	run_in(HERE, "ip -6 -batch - <<-END\n"
	       "rule add fwmark 2 table 101\n"
	       "route add 2001:db8:a::/64 dev wsp-a src 2001:db8:b::1 table 101\n"
	       "END\n");
}

/* For the end of a program, which may extend the network further. */
#define WSP_DGRAM_MAIN_WITH(extend)					\
	static int run(int argc, char **argv)				\
	{								\
		extend_network();					\
		extend();						\
		return test_harness_run(argc, argv);			\
	}								\
									\
	int main(int argc, char **argv)					\
	{								\
		return test_main(argc, argv, run);			\
	}

#endif /* WSP_DGRAM_H */
