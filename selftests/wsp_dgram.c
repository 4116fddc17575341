// SPDX-License-Identifier: GPL-2.0
/* Datagram sockets: section 3 of the contract, and the codes they provoke. */
#include <linux/if_packet.h>
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

static void prepare(struct __test_metadata *_metadata, struct dgram *d,
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
	MAPPED_ROW(fixture, mapped_blocking_wspconnect, false, WSPCONNECT) \
	MAPPED_ROW(fixture, mapped_nonblocking_connect, true, CONNECT)	\
	MAPPED_ROW(fixture, mapped_nonblocking_wspconnect, true, WSPCONNECT)

DGRAM_FIXTURE(dgram)
ROWS(dgram)
MAPPED_ROWS(dgram)

/* What is a rule for addresses of IPv4 only, or for IPv6 sockets only. */
DGRAM_FIXTURE(ipv4)
ROW_PAIR(ipv4, ipv4_blocking, AF_INET, false)
ROW_PAIR(ipv4, ipv4_nonblocking, AF_INET, true)
MAPPED_ROWS(ipv4)

DGRAM_FIXTURE(ipv6)
IPV6_ROWS(ipv6)

/* Names are plain ones; the socket under test is given the mapped ones. */
static union name by_row(const struct dgram *d, union name name)
{
	return d->mapped && name.sa.sa_family == AF_INET ? name_map(name) : name;
}

static int connect_code(const struct dgram *d, union name name)
{
	name = by_row(d, name);
	return try_connect(d->row, d->fd, &name, name_len(&name));
}

#define CONNECT_CODE(name)	connect_code(&self->d, name)
#define HOST(host, port)	name_host(self->d.family, host, port)

static int disconnect_code(const struct dgram *d)
{
	union name none = { .sa.sa_family = AF_UNSPEC };

	return try_connect(d->row, d->fd, &none, sizeof(none.sa));
}

#define DISCONNECT_CODE()	disconnect_code(&self->d)

static int connect_peer(const struct dgram *d)
{
	return connect_code(d, local_name(d->peer));
}

#define CONNECT_PEER()		connect_peer(&self->d)

/* Another socket of the same row in place of the one under test. */
static void renew(struct __test_metadata *_metadata, struct dgram *d)
{
	close(d->fd);
	d->fd = wsp_socket(SOCK_DGRAM, d->row);
	ASSERT_GE(d->fd, 0);
}

static int bind_any(const struct dgram *d, int port)
{
	return bind_port(d->fd, d->row->family, "0.0.0.0", "::", port);
}

static bool local_is(const struct dgram *d, union name want)
{
	union name local = name_unmap(local_name(d->fd));

	return name_same(&local, &want);
}

static bool peer_is(const struct dgram *d, union name want)
{
	union name peer = {};
	socklen_t len = sizeof(peer);

	if (getpeername(d->fd, &peer.sa, &len))
		return false;
	peer = name_unmap(peer);
	return name_same(&peer, &want);
}

static bool no_peer(const struct dgram *d)
{
	union name peer;
	socklen_t len = sizeof(peer);

	return getpeername(d->fd, &peer.sa, &len) && errno == ENOTCONN;
}

static bool told(int fd, union name to, const char *text)
{
	ssize_t len = strlen(text);

	return sendto(fd, text, len, 0, &to.sa, name_len(&to)) == len;
}

/* Is @text the next datagram? With @from NULL it is asked by recv(2). */
static bool got(int fd, const char *text, union name *from)
{
	socklen_t len = sizeof(*from);
	char buf[64];
	ssize_t n;

	if (!wait_for(fd, POLLIN))
		return false;
	if (from)
		n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, &from->sa, &len);
	else
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (from)
		*from = name_unmap(*from);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, n);
}

/* A datagram each way between the connected socket and its peer @fd. */
static bool talk(const struct dgram *d, int fd, union name *source)
{
	return send(d->fd, "ping", 4, 0) == 4 && got(fd, "ping", source) &&
	       told(fd, *source, "pong") && got(d->fd, "pong", NULL);
}

/* The same by address with somebody that it is not connected to. */
static bool talk_to(const struct dgram *d, int fd)
{
	union name source, from, name = local_name(fd);

	return told(d->fd, by_row(d, name), "ping") && got(fd, "ping", &source) &&
	       told(fd, source, "pong") && got(d->fd, "pong", &from) &&
	       name_same(&from, &name);
}

TEST_F(dgram, D_01_peer_only)
{
	union name local, source;

	ASSERT_EQ(0, CONNECT_PEER());
	EXPECT_TRUE(peer_is(&self->d, local_name(self->d.peer)));
	local = name_unmap(local_name(self->d.fd));
	EXPECT_TRUE(told(self->d.third, local, "third"));
	EXPECT_TRUE(told(self->d.other, local, "other"));
	EXPECT_TRUE(talk(&self->d, self->d.peer, &source));
	EXPECT_TRUE(name_same(&source, &local));
	EXPECT_FALSE(readable_now(self->d.fd));
	EXPECT_FALSE(readable_now(self->d.third));
	EXPECT_FALSE(readable_now(self->d.other));
}

/* All names that disconnect: true while there is another. */
static bool disconnecting(const struct dgram *d, size_t i, union name *name,
			  int *len)
{
	static const char * const spellings[] = { "::", "::ffff:0.0.0.0" };
	const int lengths[] = { 2, 4, 16, 28, 128 }, ports[] = { 0, 9, 65535 };
	const bool v6 = d->row->family == AF_INET6;
	const size_t zeros = (v6 ? 2 : 1) * ARRAY_SIZE(ports);

	if (i < zeros) {
		*name = name_of(d->row->family, "0.0.0.0", spellings[i & v6],
				ports[i / (v6 ? 2 : 1)]);
		*len = name_len(name);
		return true;
	}
	if (i >= zeros + ARRAY_SIZE(lengths))
		return false;
	/* Nothing but the family counts. */
	memset(name, 0xaa, sizeof(*name));
	name->sa.sa_family = AF_UNSPEC;
	*len = lengths[i - zeros];
	return true;
}

TEST_F(dgram, D_02_disconnects)
{
	struct dgram *d = &self->d;
	union name name;
	size_t i;
	int len;

	for (i = 0; disconnecting(d, i, &name, &len); i++) {
		ASSERT_EQ(0, CONNECT_PEER());
		EXPECT_EQ(0, try_connect(d->row, d->fd, &name, len))
			TH_LOG("name %zu", i);
		EXPECT_TRUE(no_peer(d));
		EXPECT_EQ(0, try_connect(d->row, d->fd, &name, len));
	}
}

TEST_F(dgram, D_02_never_connected)
{
	struct dgram *d = &self->d;
	union name name;
	size_t i;
	int len;

	for (i = 0; disconnecting(d, i, &name, &len); i++) {
		renew(_metadata, d);
		EXPECT_EQ(0, try_connect(d->row, d->fd, &name, len))
			TH_LOG("name %zu", i);
		EXPECT_TRUE(no_peer(d));
		EXPECT_EQ(0, local_port(d->fd));
		EXPECT_EQ(0, bind_any(d, OWN_PORT));
		EXPECT_EQ(0, try_connect(d->row, d->fd, &name, len));
		EXPECT_EQ(OWN_PORT, local_port(d->fd));
		EXPECT_TRUE(talk_to(d, d->peer));
	}
}

/* Each way to send without an address. */
static void expect_no_send(struct __test_metadata *_metadata, int fd)
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	int file = memfd_create("data", 0);

	EXPECT_EQ(-1, send(fd, "data", 4, 0));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, write(fd, "data", 4));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, writev(fd, &iov, 1));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, sendmsg(fd, &msg.msg_hdr, 0));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, sendmmsg(fd, &msg, 1, 0));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(4, write(file, "data", 4));
	EXPECT_EQ(-1, sendfile(fd, file, &(off_t){ 0 }, 4));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(WSAENOTCONN, wsp_send(fd, "data"));
	close(file);
}

/* Each way to receive without an address. */
static void expect_no_receive(struct __test_metadata *_metadata, int fd)
{
	char buf[8];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	int fds[2];

	EXPECT_EQ(-1, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, readv(fd, &iov, 1));
	EXPECT_EQ(ENOTCONN, errno);
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(-1, splice(fd, NULL, fds[1], NULL, sizeof(buf), 0));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(WSAENOTCONN, wsp_recv(fd, buf, sizeof(buf)));
	EXPECT_EQ(-1, recv(fd, buf, sizeof(buf), MSG_ERRQUEUE));
	EXPECT_EQ(EAGAIN, errno);
	close(fds[0]);
	close(fds[1]);
}

TEST_F(dgram, D_03_disconnected)
{
	union name to = name_of(self->d.family, "192.0.2.1", "2001:db8:a::1", 0);

	ASSERT_EQ(0, CONNECT_PEER());
	ASSERT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(no_peer(&self->d));
	expect_no_send(_metadata, self->d.fd);
	expect_no_receive(_metadata, self->d.fd);
	/* There is something to receive: it stays for those who ask right. */
	to.in.sin_port = htons(local_port(self->d.fd));
	ASSERT_TRUE(told(self->d.third, to, "data"));
	ASSERT_TRUE(wait_for(self->d.fd, POLLIN));
	expect_no_receive(_metadata, self->d.fd);
	EXPECT_TRUE(got(self->d.fd, "data", &to));
	EXPECT_FALSE(readable_now(self->d.fd));
}

/* Linux goes on to discard all but the former peer's on IPv6. */
TEST_F(dgram, D_03_from_and_to_anyone)
{
	struct iovec iov = { .iov_base = (char[8]){}, .iov_len = 8 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int i, local = receiver(HERE, self->d.family, HERE_A);
	union name name;

	ASSERT_EQ(0, CONNECT_PEER());
	ASSERT_EQ(0, DISCONNECT_CODE());
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(talk_to(&self->d, self->d.third));
		EXPECT_TRUE(talk_to(&self->d, self->d.other));
		EXPECT_TRUE(talk_to(&self->d, local));
		EXPECT_TRUE(talk_to(&self->d, self->d.peer));
	}
	name = HOST(HERE_B, local_port(self->d.fd));
	EXPECT_TRUE(told(self->d.other, name, "data"));
	ASSERT_TRUE(wait_for(self->d.fd, POLLIN));
	EXPECT_EQ(4, recvmsg(self->d.fd, &msg, 0));
}

TEST_F(dgram, D_03_connected_again)
{
	union name source;
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, CONNECT_PEER());
		EXPECT_TRUE(talk(&self->d, self->d.peer, &source));
		ASSERT_EQ(0, DISCONNECT_CODE());
		EXPECT_TRUE(talk_to(&self->d, self->d.third));
	}
	ASSERT_EQ(0, CONNECT_PEER());
	EXPECT_TRUE(told(self->d.third, source, "third"));
	EXPECT_TRUE(talk(&self->d, self->d.peer, &source));
	EXPECT_FALSE(readable_now(self->d.fd));
}

/* The ways to come by a port. */
enum { BOUND, BOUND_TO_ZERO, BOUND_BY_SENDTO, BOUND_BY_CONNECT, WAYS };

static int port_by(struct __test_metadata *_metadata, struct dgram *d, int way)
{
	renew(_metadata, d);
	switch (way) {
	case BOUND:
		EXPECT_EQ(0, bind_any(d, OWN_PORT));
		break;
	case BOUND_TO_ZERO:
		EXPECT_EQ(0, bind_any(d, 0));
		break;
	case BOUND_BY_SENDTO:
		EXPECT_TRUE(talk_to(d, d->third));
		break;
	default:
		EXPECT_EQ(0, connect_peer(d));
	}
	EXPECT_NE(0, local_port(d->fd));
	return local_port(d->fd);
}

TEST_F(dgram, D_04_port_survives)
{
	struct dgram *d = &self->d;
	int way, again, port;
	union name source;

	for (way = 0; way < WAYS; way++) {
		port = port_by(_metadata, d, way);
		for (again = 0; again < 2; again++) {
			EXPECT_EQ(0, CONNECT_PEER());
			EXPECT_EQ(port, local_port(d->fd));
			EXPECT_EQ(0, DISCONNECT_CODE());
			EXPECT_EQ(port, local_port(d->fd));
			EXPECT_EQ(0, DISCONNECT_CODE());
			EXPECT_EQ(port, local_port(d->fd));
			/* Others find it there, on either network. */
			EXPECT_TRUE(told(d->third, HOST(HERE_A, port), "a"));
			EXPECT_TRUE(got(d->fd, "a", &source));
			EXPECT_TRUE(told(d->other, HOST(HERE_B, port), "b"));
			EXPECT_TRUE(got(d->fd, "b", &source));
			EXPECT_EQ(0, CONNECT_CODE(local_name(d->other)));
			EXPECT_EQ(port, local_port(d->fd));
			EXPECT_TRUE(talk(d, d->other, &source));
			EXPECT_EQ(port, name_port(&source));
		}
	}
}

TEST_F(dgram, D_04_port_still_taken)
{
	int way, port, fd = plain_socket(HERE, self->d.row->family, SOCK_DGRAM);

	for (way = 0; way < WAYS; way++) {
		port = port_by(_metadata, &self->d, way);
		EXPECT_EQ(0, CONNECT_PEER());
		EXPECT_EQ(0, DISCONNECT_CODE());
		EXPECT_EQ(-1, bind_port(fd, self->d.row->family, "0.0.0.0", "::",
					port));
		EXPECT_EQ(EADDRINUSE, errno);
	}
}

TEST_F(dgram, D_04_address_survives)
{
	union name local;

	local = by_row(&self->d, HOST(HERE_A, 0));
	ASSERT_EQ(0, bind(self->d.fd, &local.sa, name_len(&local)));
	local = name_unmap(local_name(self->d.fd));
	EXPECT_EQ(0, CONNECT_PEER());
	EXPECT_TRUE(local_is(&self->d, local));
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(local_is(&self->d, local));
	EXPECT_TRUE(talk_to(&self->d, self->d.third));
}

static int bind_device(int fd, const char *dev)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev));
}

static bool device_is(int fd, const char *want)
{
	socklen_t len = IFNAMSIZ;
	char dev[IFNAMSIZ] = "";

	return !getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, &len) &&
	       !strcmp(dev, want);
}

TEST_F(dgram, D_04_device_survives)
{
	int plain = receiver(HERE, self->d.family, HERE_B), port, i;
	union name source;

	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-a"));
	ASSERT_EQ(0, bind_any(&self->d, 0));
	port = local_port(self->d.fd);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, CONNECT_PEER());
		EXPECT_TRUE(device_is(self->d.fd, "wsp-a"));
		EXPECT_EQ(0, DISCONNECT_CODE());
		EXPECT_TRUE(device_is(self->d.fd, "wsp-a"));
		/* What comes in by the other device still is not for it. */
		EXPECT_TRUE(told(self->d.other, HOST(HERE_B, port), "b"));
		EXPECT_TRUE(told(self->d.other, local_name(plain), "plain"));
		EXPECT_TRUE(got(plain, "plain", &source));
		EXPECT_TRUE(told(self->d.third, HOST(HERE_A, port), "a"));
		EXPECT_TRUE(got(self->d.fd, "a", &source));
		EXPECT_FALSE(readable_now(self->d.fd));
	}
}

TEST_F(dgram, D_04_options_survive)
{
	const bool v6 = self->d.row->family == AF_INET6;
	const struct { int level, name, value; } options[] = {
		{ SOL_SOCKET, SO_BROADCAST, 1 },
		{ SOL_SOCKET, SO_REUSEADDR, 1 },
		{ SOL_SOCKET, SO_RCVBUF, 20000 },
		{ SOL_SOCKET, SO_MARK, 77 },
		{ SOL_IP, IP_TTL, 7 },
		{ v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_TCLASS : IP_TOS, 0x40 },
		{ v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1 },
	};
	int before[ARRAY_SIZE(options)], after, fd = self->d.fd;
	socklen_t len = sizeof(int);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_EQ(0, setsockopt(fd, options[i].level, options[i].name,
					&options[i].value, len));
		ASSERT_EQ(0, getsockopt(fd, options[i].level, options[i].name,
					&before[i], &len));
	}
	EXPECT_EQ(0, CONNECT_PEER());
	EXPECT_EQ(0, DISCONNECT_CODE());
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(0, getsockopt(fd, options[i].level, options[i].name,
					&after, &len));
		EXPECT_EQ(before[i], after)
			TH_LOG("option %d of level %d", options[i].name,
			       options[i].level);
	}
}

/* A socket there that is bound to a link-local address of @dev, its name here. */
static int link_local(const char *dev, union name *name)
{
	union name bound = name_v6("fe80::2", 0);
	int fd = plain_socket(THERE, AF_INET6, SOCK_DGRAM);
	char command[128];

	snprintf(command, sizeof(command),
		 "ip addr replace fe80::2/64 dev %s nodad", dev);
	run_in(THERE, command);
	snprintf(command, sizeof(command),
		 "ip addr replace fe80::1/64 dev %s nodad", dev);
	run_in(HERE, command);

	enter(THERE);
	bound.in6.sin6_scope_id = if_nametoindex(dev);
	if (bind(fd, &bound.sa, sizeof(bound.in6)))
		abort();
	enter(HERE);
	*name = local_name(fd);
	name->in6.sin6_scope_id = if_nametoindex(dev);
	return fd;
}

TEST_F(ipv6, D_04_scope_does_not_bind)
{
	union name a, source;
	int fd = link_local("wsp-a", &a), i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, CONNECT_CODE(a));
		EXPECT_TRUE(talk(&self->d, fd, &source));
		EXPECT_EQ(0, DISCONNECT_CODE());
		EXPECT_TRUE(device_is(self->d.fd, ""));
		EXPECT_TRUE(talk_to(&self->d, self->d.other));
	}
}

/* The device that the program has chosen is not the name's to give up. */
TEST_F(ipv6, D_04_device_before_scope)
{
	union name a;

	link_local("wsp-a", &a);
	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-a"));
	EXPECT_EQ(0, CONNECT_CODE(a));
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, "wsp-a"));
}

/* Connected to @host's socket @fd, it sends by that network's address. */
static void expect_network(struct __test_metadata *_metadata,
			   const struct dgram *d, int fd, enum host here,
			   int port)
{
	union name source, want = name_host(d->family, here, port);

	EXPECT_EQ(0, connect_code(d, local_name(fd)));
	EXPECT_TRUE(local_is(d, want));
	EXPECT_TRUE(peer_is(d, local_name(fd)));
	EXPECT_TRUE(talk(d, fd, &source));
	EXPECT_TRUE(name_same(&source, &want));
}

TEST_F(dgram, D_05_source_follows_route)
{
	struct dgram *d = &self->d;
	union name source;
	int way, i, port;

	for (way = 0; way < WAYS; way++) {
		port = port_by(_metadata, d, way);
		for (i = 0; i < 5; i++) {
			expect_network(_metadata, d, d->peer, HERE_A, port);
			expect_network(_metadata, d, d->other, HERE_B, port);
		}
		/* Nobody finds it by the former address. */
		EXPECT_TRUE(told(d->peer, HOST(HERE_A, port), "peer"));
		EXPECT_TRUE(told(d->other, HOST(HERE_A, port), "other"));
		EXPECT_TRUE(talk(d, d->other, &source));
		EXPECT_FALSE(readable_now(d->fd));
		EXPECT_EQ(0, DISCONNECT_CODE());
		expect_network(_metadata, d, d->peer, HERE_A, port);
	}
}

TEST_F(dgram, D_05_own_address_stays)
{
	union name local, source;
	int i;

	local = by_row(&self->d, HOST(HERE_A, 0));
	ASSERT_EQ(0, bind(self->d.fd, &local.sa, name_len(&local)));
	local = name_unmap(local_name(self->d.fd));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, CONNECT_CODE(local_name(self->d.other)));
		EXPECT_TRUE(local_is(&self->d, local));
		EXPECT_TRUE(talk(&self->d, self->d.other, &source));
		EXPECT_TRUE(name_same(&source, &local));
		EXPECT_EQ(0, CONNECT_PEER());
		EXPECT_TRUE(talk(&self->d, self->d.peer, &source));
		EXPECT_TRUE(name_same(&source, &local));
	}
}

TEST_F(ipv6, D_05_mapped_and_back)
{
	int v4 = receiver(THERE, AF_INET, PEER_B), i, port;
	struct dgram mapped = self->d;

	mapped.mapped = true;
	mapped.family = AF_INET;
	ASSERT_EQ(0, bind_any(&self->d, 0));
	port = local_port(self->d.fd);
	for (i = 0; i < 4; i++) {
		expect_network(_metadata, &mapped, v4, HERE_B, port);
		if (i & 1)
			EXPECT_EQ(0, DISCONNECT_CODE());
		expect_network(_metadata, &self->d, self->d.peer, HERE_A, port);
	}
}

TEST_F(ipv6, D_05_from_link_to_link)
{
	union name a, b, source;
	int fd_a = link_local("wsp-a", &a), fd_b = link_local("wsp-b", &b), i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, CONNECT_CODE(a));
		EXPECT_TRUE(talk(&self->d, fd_a, &source));
		EXPECT_EQ(0, CONNECT_CODE(b));
		EXPECT_TRUE(talk(&self->d, fd_b, &source));
		EXPECT_EQ(0, CONNECT_CODE(local_name(self->d.other)));
		EXPECT_TRUE(device_is(self->d.fd, ""));
		EXPECT_TRUE(talk(&self->d, self->d.other, &source));
	}
}

/* E-11: hosts that a policy of routing keeps away, besides .1 without a route. */
static void make_policies(void)
{
	run_in(HERE, "ip -batch - <<-END\n"
	       "route replace prohibit 203.0.113.2\n"
	       "route replace blackhole 203.0.113.3\n"
	       "route replace unreachable 203.0.113.4\n"
	       "route replace prohibit 2001:db8:c::2\n"
	       "route replace blackhole 2001:db8:c::3\n"
	       "route replace unreachable 2001:db8:c::4\n"
	       "END\n");
}

/* A connect of the peer's socket that fails changes nothing. */
static void expect_failure(struct __test_metadata *_metadata,
			   const struct dgram *d, const void *name, int len,
			   int code)
{
	union name local = name_unmap(local_name(d->fd)), source;
	int i;

	ASSERT_TRUE(told(d->peer, local, "queued"));
	ASSERT_TRUE(wait_for(d->fd, POLLIN));
	EXPECT_EQ(code, try_connect(d->row, d->fd, name, len));
	EXPECT_TRUE(peer_is(d, local_name(d->peer)));
	EXPECT_TRUE(local_is(d, local));
	EXPECT_TRUE(got(d->fd, "queued", NULL));
	/* Linux's second send would go where the failed connect wanted to. */
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(talk(d, d->peer, &source))
			TH_LOG("send %d after code %d", i, code);
		EXPECT_TRUE(name_same(&source, &local));
	}
	EXPECT_TRUE(told(d->third, local, "third"));
	EXPECT_TRUE(talk(d, d->peer, &source));
	EXPECT_FALSE(readable_now(d->fd));
}

static union name unreachable(const struct dgram *d, int i)
{
	char v4[32], v6[32];

	snprintf(v4, sizeof(v4), "203.0.113.%d", i);
	snprintf(v6, sizeof(v6), "2001:db8:c::%d", i);
	return by_row(d, name_of(d->family, v4, v6, 9));
}

TEST_F(dgram, D_08_E_11_unreachable)
{
	union name name;
	int i;

	make_policies();
	ASSERT_EQ(0, CONNECT_PEER());
	for (i = 1; i <= 4; i++) {
		name = unreachable(&self->d, i);
		expect_failure(_metadata, &self->d, &name, name_len(&name),
			       WSAENETUNREACH);
	}
}

TEST_F(dgram, D_08_E_06_E_08_bad_name)
{
	const int v6 = self->d.row->family == AF_INET6;
	union name foreign = name_of(v6 ? AF_INET : AF_INET6, "198.51.100.2",
				     "2001:db8:b::2", 9);
	union name any = name_of(v6 ? AF_INET : AF_INET6, "0.0.0.0", "::", 9);
	union name fit = by_row(&self->d, local_name(self->d.other));
	union name odd = fit;
	int len;

	ASSERT_EQ(0, CONNECT_PEER());
	odd.sa.sa_family = AF_UNIX;
	expect_failure(_metadata, &self->d, &foreign, name_len(&foreign),
		       WSAEAFNOSUPPORT);
	expect_failure(_metadata, &self->d, &any, name_len(&any),
		       WSAEAFNOSUPPORT);
	expect_failure(_metadata, &self->d, &odd, sizeof(odd), WSAEAFNOSUPPORT);
	for (len = -1; len < name_len(&fit); len++)
		EXPECT_EQ(WSAEFAULT, try_connect(self->d.row, self->d.fd, &fit,
						 len));
	expect_failure(_metadata, &self->d, &fit, name_len(&fit) - 1, WSAEFAULT);
	expect_failure(_metadata, &self->d, NULL, name_len(&fit), WSAEFAULT);
	expect_failure(_metadata, &self->d, (void *)-4096L, name_len(&fit),
		       WSAEFAULT);
}

/* From an address of IPv6 a failed mapped connect leads back, and likewise. */
TEST_F(ipv6, D_08_across_families)
{
	struct dgram mapped = self->d;
	union name v6 = unreachable(&self->d, 1), v4;

	make_policies();
	mapped.mapped = true;
	mapped.family = AF_INET;
	v4 = unreachable(&mapped, 1);
	mapped.peer = receiver(THERE, AF_INET, PEER_A);
	mapped.third = receiver(THERE, AF_INET, PEER_A);

	ASSERT_EQ(0, connect_peer(&self->d));
	expect_failure(_metadata, &self->d, &v4, sizeof(v4.in6), WSAENETUNREACH);
	ASSERT_EQ(0, connect_peer(&mapped));
	expect_failure(_metadata, &mapped, &v6, sizeof(v6.in6), WSAENETUNREACH);
}

TEST_F(ipv6, D_08_scope)
{
	union name a, b, none = name_v6("fe80::2", 9), source;
	union name gone = name_v6("fe80::2", 9), v6 = unreachable(&self->d, 1);
	int fd = link_local("wsp-a", &a);

	close(link_local("wsp-b", &b));
	gone.in6.sin6_scope_id = 12345;
	ASSERT_EQ(0, CONNECT_PEER());
	expect_failure(_metadata, &self->d, &none, sizeof(none.in6),
		       WSAENETUNREACH);
	expect_failure(_metadata, &self->d, &gone, sizeof(gone.in6),
		       WSAENETUNREACH);
	EXPECT_TRUE(device_is(self->d.fd, ""));

	ASSERT_EQ(0, CONNECT_CODE(a));
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(v6));
	EXPECT_TRUE(talk(&self->d, fd, &source));
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, ""));

	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-a"));
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(b));
	EXPECT_TRUE(device_is(self->d.fd, "wsp-a"));
}

TEST_F(ipv6, D_08_ipv6_only)
{
	union name v4 = name_map(name_host(AF_INET, PEER_A, 9));
	union name zero = name_v6("::ffff:0.0.0.0", 9);
	const int on = 1;

	ASSERT_EQ(0, setsockopt(self->d.fd, SOL_IPV6, IPV6_V6ONLY, &on, sizeof(on)));
	ASSERT_EQ(0, CONNECT_PEER());
	expect_failure(_metadata, &self->d, &v4, sizeof(v4.in6), WSAENETUNREACH);
	EXPECT_EQ(0, CONNECT_CODE(zero));
	EXPECT_TRUE(no_peer(&self->d));
}

TEST_F(dgram, D_08_without_a_peer)
{
	union name name = unreachable(&self->d, 1);

	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_TRUE(no_peer(&self->d));
	EXPECT_EQ(0, local_port(self->d.fd));
	EXPECT_EQ(0, bind_any(&self->d, OWN_PORT));
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_EQ(OWN_PORT, local_port(self->d.fd));
	EXPECT_TRUE(talk_to(&self->d, self->d.third));
	expect_no_send(_metadata, self->d.fd);

	ASSERT_EQ(0, CONNECT_PEER());
	ASSERT_EQ(0, DISCONNECT_CODE());
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_TRUE(no_peer(&self->d));
	expect_no_send(_metadata, self->d.fd);
	expect_no_receive(_metadata, self->d.fd);
	EXPECT_TRUE(talk_to(&self->d, self->d.other));
	EXPECT_EQ(OWN_PORT, local_port(self->d.fd));
}

/* The last one is of an address that only its test gives to a device. */
static const char * const broadcasts[] = {
	"255.255.255.255", "127.255.255.255", "192.0.2.255", "198.51.100.255",
	"203.0.113.255",
};

static void set_broadcast(int fd, int on)
{
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)))
		abort();
}

TEST_F(ipv4, D_09_E_18_broadcast_refused)
{
	union name name;
	size_t i;

	run_in(HERE, "ip addr replace 203.0.113.129/25 broadcast + dev wsp-a");
	for (i = 0; i < ARRAY_SIZE(broadcasts); i++) {
		renew(_metadata, &self->d);
		name = by_row(&self->d, name_v4(broadcasts[i], 9));
		EXPECT_EQ(WSAEACCES, CONNECT_CODE(name))
			TH_LOG("for %s", broadcasts[i]);
		EXPECT_EQ(0, local_port(self->d.fd));
		ASSERT_EQ(0, CONNECT_PEER());
		expect_failure(_metadata, &self->d, &name, name_len(&name),
			       WSAEACCES);
	}
	run_in(HERE, "ip addr del 203.0.113.129/25 dev wsp-a");
	/* That network is not a local one any more. */
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
}

/* A plain socket on every address of @place, and on a port of its own. */
static int wildcard(enum place place)
{
	int fd = plain_socket(place, AF_INET, SOCK_DGRAM);

	if (bind_port(fd, AF_INET, "0.0.0.0", NULL, 0))
		abort();
	return fd;
}

static void expect_broadcast(struct __test_metadata *_metadata,
			     const struct dgram *d, const char *addr, int fd)
{
	union name name = name_v4(addr, local_port(fd)), source;

	EXPECT_EQ(0, connect_code(d, name)) TH_LOG("for %s", addr);
	EXPECT_EQ(4, send(d->fd, "data", 4, 0));
	EXPECT_TRUE(got(fd, "data", &source));
	EXPECT_TRUE(local_is(d, source));
	set_broadcast(d->fd, 0);
	EXPECT_TRUE(peer_is(d, name));
	set_broadcast(d->fd, 1);
}

TEST_F(ipv4, D_09_broadcast_allowed)
{
	int here = wildcard(HERE), there = wildcard(THERE);

	set_broadcast(self->d.fd, 1);
	expect_broadcast(_metadata, &self->d, "127.255.255.255", here);
	expect_broadcast(_metadata, &self->d, "192.0.2.255", there);
	expect_broadcast(_metadata, &self->d, "198.51.100.255", there);
	run_in(HERE, "ip route replace 255.255.255.255 dev wsp-a");
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
	run_in(HERE, "ip route del 255.255.255.255 dev wsp-a");
	/* Linux wants a route, or a device. */
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, ""));
	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-b"));
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
}

TEST_F(ipv4, D_10_multicast)
{
	int there = wildcard(THERE);
	struct ip_mreqn group = { .imr_multiaddr.s_addr = inet_addr("239.1.2.3"),
				  .imr_address.s_addr = inet_addr("192.0.2.2") };
	union name name = name_v4("239.1.2.3", local_port(there)), source;

	ASSERT_EQ(0, setsockopt(there, SOL_IP, IP_ADD_MEMBERSHIP, &group,
				sizeof(group)));
	run_in(HERE, "ip route replace 239.0.0.0/8 dev wsp-a");
	EXPECT_EQ(0, CONNECT_CODE(name));
	EXPECT_TRUE(peer_is(&self->d, name));
	EXPECT_EQ(4, send(self->d.fd, "data", 4, 0));
	EXPECT_TRUE(got(there, "data", &source));
	EXPECT_TRUE(local_is(&self->d, source));
	run_in(HERE, "ip route del 239.0.0.0/8 dev wsp-a");
}

TEST_F(ipv6, D_10_multicast)
{
	int there = plain_socket(THERE, AF_INET6, SOCK_DGRAM);
	union name name = name_v6("ff02::1", 0), source;

	ASSERT_EQ(0, bind_port(there, AF_INET6, NULL, "::", 0));
	name.in6.sin6_port = htons(local_port(there));
	name.in6.sin6_scope_id = if_nametoindex("wsp-b");
	close(link_local("wsp-b", &source));
	EXPECT_EQ(0, CONNECT_CODE(name));
	EXPECT_TRUE(peer_is(&self->d, name));
	EXPECT_EQ(4, send(self->d.fd, "data", 4, 0));
	EXPECT_TRUE(got(there, "data", &source));
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, ""));
}

TEST_F(dgram, D_10_port_zero)
{
	union name here = HOST(HERE_A, 0), local;

	EXPECT_EQ(0, CONNECT_CODE(HOST(PEER_A, 0)));
	local = name_unmap(local_name(self->d.fd));
	EXPECT_TRUE(name_same_addr(&local, &here));
	EXPECT_EQ(0, CONNECT_PEER());
	EXPECT_TRUE(talk(&self->d, self->d.peer, &local));
}

TEST_F(dgram, D_10_own_addresses)
{
	int own = receiver(HERE, self->d.family, HERE_B);
	int loop = plain_socket(HERE, self->d.family, SOCK_DGRAM);
	union name source;

	ASSERT_EQ(0, bind_port(loop, self->d.family, "127.0.0.1", "::1", 0));
	EXPECT_EQ(0, CONNECT_CODE(local_name(own)));
	EXPECT_TRUE(talk(&self->d, own, &source));
	EXPECT_EQ(0, CONNECT_CODE(local_name(loop)));
	EXPECT_TRUE(talk(&self->d, loop, &source));
	/* It may be its own peer. */
	EXPECT_EQ(0, CONNECT_CODE(name_unmap(local_name(self->d.fd))));
	EXPECT_EQ(4, send(self->d.fd, "self", 4, 0));
	EXPECT_TRUE(got(self->d.fd, "self", NULL));
}

TEST_F(dgram, D_12_never_connected)
{
	char buf[8];

	expect_no_send(_metadata, self->d.fd);
	EXPECT_EQ(0, local_port(self->d.fd));
	ASSERT_EQ(0, bind_any(&self->d, OWN_PORT));
	expect_no_send(_metadata, self->d.fd);
	EXPECT_TRUE(told(self->d.third, HOST(HERE_A, OWN_PORT), "third"));
	EXPECT_TRUE(got(self->d.fd, "third", NULL));
	EXPECT_TRUE(told(self->d.other, HOST(HERE_B, OWN_PORT), "other"));
	EXPECT_TRUE(got(self->d.fd, "other", NULL));
	EXPECT_TRUE(told(self->d.peer, HOST(HERE_A, OWN_PORT), "peer"));
	ASSERT_TRUE(wait_for(self->d.fd, POLLIN));
	EXPECT_EQ(0, wsp_recv(self->d.fd, buf, sizeof(buf)));
}

/* On a mapped connection Linux would turn the socket into one of IPv4. */
TEST_F(ipv6, F_03_addrform_refused)
{
	int v4 = receiver(THERE, AF_INET, PEER_A);
	const int family = AF_INET;
	union name name = local_name(v4), source;

	ASSERT_EQ(0, CONNECT_CODE(name_map(name)));
	EXPECT_EQ(-1, setsockopt(self->d.fd, SOL_IPV6, IPV6_ADDRFORM, &family,
				 sizeof(family)));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_TRUE(talk(&self->d, v4, &source));
}

WSP_TEST_MAIN
