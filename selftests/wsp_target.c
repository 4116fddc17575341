// SPDX-License-Identifier: GPL-2.0
/* What a datagram socket can be connected to, and what not: D-08 to D-10. */
#include "wsp_dgram.h"

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

	ASSERT_EQ(0, CONNECT_PEER());
	for (i = 1; i <= 4; i++) {
		name = unreachable(&self->d, i);
		expect_failure(_metadata, &self->d, &name, name_len(&name),
			       WSAENETUNREACH);
	}
}

/* Were it chosen anew, it would be the other network's. */
TEST_F(dgram, D_08_source_stays)
{
	union name name = unreachable(&self->d, 1), here = HOST(HERE_A, 0), local;
	const int mark = 2;

	ASSERT_EQ(0, CONNECT_PEER());
	ASSERT_EQ(0, setsockopt(self->d.fd, SOL_SOCKET, SO_MARK, &mark,
				sizeof(mark)));
	expect_failure(_metadata, &self->d, &name, name_len(&name),
		       WSAENETUNREACH);
	local = name_unmap(local_name(self->d.fd));
	EXPECT_TRUE(name_same_addr(&local, &here));
	EXPECT_EQ(0, CONNECT_PEER());
	local = name_unmap(local_name(self->d.fd));
	EXPECT_FALSE(name_same_addr(&local, &here));
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
	const int mark = 1;

	set_broadcast(self->d.fd, 1);
	expect_broadcast(_metadata, &self->d, "127.255.255.255", here);
	expect_broadcast(_metadata, &self->d, "192.0.2.255", there);
	expect_broadcast(_metadata, &self->d, "198.51.100.255", there);
	/* Linux wants a route to it, or a device. */
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, ""));
	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-b"));
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
	ASSERT_EQ(0, bind_device(self->d.fd, ""));
	ASSERT_EQ(0, setsockopt(self->d.fd, SOL_SOCKET, SO_MARK, &mark,
				sizeof(mark)));
	expect_broadcast(_metadata, &self->d, "255.255.255.255", there);
}

/*
 * More networks, by their part of 198.18.0.0/15: 1 by an alias on wsp-b, with a
 * broadcast address of its own besides, 2 by a tunnel and 4 by a gateway, both
 * with a host there that ends in .255, 3 of two addresses, 5 in a VRF (which
 * has part of the first network, too). Linux's VRF documentation wants the
 * local table to come after those of the VRFs.
 */
static void extend_ipv4(void)
{
	char command[512];

	run_in(THERE, "ip -batch - <<-END\n"
	       "addr add 198.18.1.2/24 dev wsp-b\n"
	       "link add wsp-p type gre local 192.0.2.2 remote 192.0.2.1\n"
	       "addr add 198.18.2.2 peer 198.18.2.1 dev wsp-p\n"
	       "link set wsp-p up\n"
	       "addr add 198.18.2.255/32 dev lo\n"
	       "addr add 198.18.4.255/32 dev lo\n"
	       "END\n");
	snprintf(command, sizeof(command),
		 "ip link add wsp-c type veth peer name wsp-c netns /proc/%d/fd/%d",
		 getpid(), netns[THERE]);
	run_in(HERE, command);
	run_in(THERE, "ip addr add 198.18.5.2/24 broadcast + dev wsp-c &&\n"
	       "ip link set wsp-c up\n");
	run_in(HERE, "ip -batch - <<-END\n"
	       "addr add 198.18.1.1/24 broadcast 198.18.1.77 dev wsp-b\n"
	       "addr add 198.51.100.65/26 broadcast + dev wsp-b\n"
	       "link add wsp-p type gre local 192.0.2.1 remote 192.0.2.2\n"
	       "addr add 198.18.2.1 peer 198.18.2.2 dev wsp-p\n"
	       "addr add 198.18.3.0/31 dev wsp-p\n"
	       "link set wsp-p up\n"
	       "route add 198.18.2.0/24 dev wsp-p\n"
	       "route add 198.18.4.0/24 via 192.0.2.2\n"
	       "link add wsp-v type vrf table 500\n"
	       "link set wsp-v up\n"
	       "link set wsp-c master wsp-v\n"
	       "addr add 198.18.5.1/24 broadcast + dev wsp-c\n"
	       "addr add 192.0.2.65/26 broadcast + dev wsp-c\n"
	       "link set wsp-c up\n"
	       "route add unreachable default metric 9999 table 500\n"
	       "rule add pref 2000 table local\n"
	       "rule del pref 0\n"
	       "END\n");
}

/* What an address is for a socket that is bound to a device, or to none. */
static const struct view {
	const char *dev, *addr;
	int code;	/* without SO_BROADCAST */
} views[] = {
	{ "", "198.18.1.255", WSAEACCES },
	{ "", "198.18.1.77", WSAEACCES },
	{ "", "198.18.1.78", 0 },
	{ "", "198.51.100.127", WSAEACCES },
	{ "", "198.51.100.191", 0 },
	/* Part of a local network's broadcast, but of no local network. */
	{ "", "203.0.113.127", WSAENETUNREACH },
	{ "", "198.18.9.255", WSAENETUNREACH },
	{ "", "198.18.4.255", 0 },
	{ "", "0.1.2.255", WSAENETUNREACH },
	/* Point to point. */
	{ "", "198.18.2.255", 0 },
	{ "", "198.18.2.3", 0 },
	{ "", "198.18.3.1", 0 },
	{ "wsp-p", "198.18.2.255", 0 },
	/* Any local network's, whatever the device. */
	{ "wsp-a", "192.0.2.255", WSAEACCES },
	{ "wsp-a", "198.51.100.255", WSAEACCES },
	{ "wsp-b", "192.0.2.255", WSAEACCES },
	{ "wsp-b", "127.255.255.255", WSAEACCES },
	{ "wsp-p", "198.18.1.77", WSAEACCES },
	{ "wsp-p", "255.255.255.255", WSAEACCES },
	/* The networks of a VRF and all others do not know of each other. */
	{ "", "198.18.5.255", WSAENETUNREACH },
	/* Linux takes for on-link what it has no route to by the device. */
	{ "wsp-a", "198.18.5.255", 0 },
	{ "wsp-c", "198.18.5.255", WSAEACCES },
	{ "wsp-v", "198.18.5.255", WSAEACCES },
	{ "wsp-c", "198.51.100.255", WSAENETUNREACH },
	{ "wsp-v", "198.51.100.255", WSAENETUNREACH },
	{ "wsp-c", "255.255.255.255", WSAEACCES },
	{ "wsp-v", "255.255.255.255", WSAEACCES },
	{ "wsp-a", "192.0.2.127", 0 },
	{ "", "192.0.2.127", 0 },
	{ "wsp-c", "192.0.2.127", WSAEACCES },
	{ "wsp-v", "192.0.2.127", WSAEACCES },
};

static void expect_view(struct __test_metadata *_metadata, struct dgram *d,
			const struct view *view)
{
	union name name = name_v4(view->addr, 9);
	int on;

	for (on = 0; on < 2; on++) {
		renew(_metadata, d);
		ASSERT_EQ(0, bind_device(d->fd, view->dev));
		set_broadcast(d->fd, on);
		EXPECT_EQ(on && view->code == WSAEACCES ? 0 : view->code,
			  connect_code(d, name))
			TH_LOG("%s by '%s', SO_BROADCAST %d", view->addr,
			       view->dev, on);
	}
}

TEST_F(ipv4, D_09_what_is_a_broadcast)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(views); i++)
		expect_view(_metadata, &self->d, &views[i]);
}

TEST_F(ipv4, D_09_no_broadcast_but_a_host)
{
	static const char * const hosts[] = { "198.18.2.255", "198.18.4.255" };
	union name source;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		fd = plain_socket(THERE, AF_INET, SOCK_DGRAM);
		ASSERT_EQ(0, bind_port(fd, AF_INET, hosts[i], NULL, 0));
		EXPECT_EQ(0, CONNECT_CODE(local_name(fd)));
		EXPECT_TRUE(talk(&self->d, fd, &source)) TH_LOG("%s", hosts[i]);
		close(fd);
	}
}

TEST_F(ipv4, D_09_network_comes_and_goes)
{
	const struct view before = { "", "198.18.6.255", WSAENETUNREACH };
	const struct view during = { "", "198.18.6.255", WSAEACCES };
	const struct view alias = { "", "198.18.7.127", WSAEACCES };

	expect_view(_metadata, &self->d, &before);
	run_in(HERE, "ip -batch - <<-END\n"
	       "link add wsp-l type dummy\n"
	       "addr add 198.18.6.1/24 broadcast + dev wsp-l\n"
	       "link set wsp-l up\n"
	       "addr add 198.18.7.1/25 broadcast + dev wsp-l\n"
	       "END\n");
	expect_view(_metadata, &self->d, &during);
	expect_view(_metadata, &self->d, &alias);
	run_in(HERE, "ip addr del 198.18.6.1/24 dev wsp-l");
	expect_view(_metadata, &self->d, &before);
	expect_view(_metadata, &self->d, &alias);
	run_in(HERE, "ip link del wsp-l");
	expect_view(_metadata, &self->d, &before);
}

TEST_F(ipv4, D_09_broadcast_in_vrf)
{
	static const char * const devices[] = { "wsp-c", "wsp-v" };
	int there = wildcard(THERE);
	size_t i;

	ASSERT_EQ(0, bind_device(there, "wsp-c"));
	set_broadcast(self->d.fd, 1);
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		ASSERT_EQ(0, bind_device(self->d.fd, devices[i]));
		expect_broadcast(_metadata, &self->d, "198.18.5.255", there);
		EXPECT_EQ(0, DISCONNECT_CODE());
		EXPECT_TRUE(device_is(self->d.fd, devices[i]));
	}
	ASSERT_EQ(0, bind_device(self->d.fd, "wsp-c"));
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
	EXPECT_EQ(0, CONNECT_CODE(name));
	EXPECT_TRUE(peer_is(&self->d, name));
	EXPECT_EQ(4, send(self->d.fd, "data", 4, 0));
	EXPECT_TRUE(got(there, "data", &source));
	EXPECT_TRUE(local_is(&self->d, source));
}

TEST_F(ipv6, D_10_multicast)
{
	int there = plain_socket(THERE, AF_INET6, SOCK_DGRAM);
	union name name = name_v6("ff02::1", 0), source;

	ASSERT_EQ(0, bind_port(there, AF_INET6, NULL, "::", 0));
	name.in6.sin6_port = htons(local_port(there));
	name.in6.sin6_scope_id = if_nametoindex("wsp-b");
	EXPECT_EQ(0, CONNECT_CODE(name));
	EXPECT_TRUE(peer_is(&self->d, name));
	EXPECT_EQ(4, send(self->d.fd, "data", 4, 0));
	EXPECT_TRUE(got(there, "data", &source));
	EXPECT_EQ(0, DISCONNECT_CODE());
	EXPECT_TRUE(device_is(self->d.fd, ""));
}

/* Each way to send without an address, which would go to no port at all. */
static void expect_no_send_to_port_zero(struct __test_metadata *_metadata, int fd)
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	int file = memfd_create("data", 0);

	EXPECT_FAILS(EADDRNOTAVAIL, send(fd, "data", 4, 0));
	EXPECT_FAILS(EADDRNOTAVAIL, write(fd, "data", 4));
	EXPECT_FAILS(EADDRNOTAVAIL, sendmmsg(fd, &msg, 1, 0));
	EXPECT_EQ(4, write(file, "data", 4));
	EXPECT_FAILS(EADDRNOTAVAIL, sendfile(fd, file, &(off_t){ 0 }, 4));
	EXPECT_EQ(WSAEADDRNOTAVAIL, wsp_send(fd, "data"));
	close(file);
}

TEST_F(dgram, D_10_port_zero)
{
	union name here = HOST(HERE_A, 0), local;
	struct dgram *d = &self->d;
	int i;

	/* By the first connect, by another one, and after a disconnect. */
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, CONNECT_CODE(HOST(PEER_A, 0)));
		local = name_unmap(local_name(d->fd));
		EXPECT_TRUE(name_same_addr(&local, &here));
		expect_no_send_to_port_zero(_metadata, d->fd);
		/* What any port of that address sends, and no other address. */
		EXPECT_TRUE(told(d->other, local, "other"));
		EXPECT_TRUE(told(d->third, local, "third"));
		EXPECT_TRUE(told(d->peer, local, "peer"));
		EXPECT_TRUE(got(d->fd, "third", NULL));
		EXPECT_TRUE(got(d->fd, "peer", NULL));
		EXPECT_FALSE(readable_now(d->fd));
		EXPECT_TRUE(talk_to(d, d->third));
		expect_no_send_to_port_zero(_metadata, d->fd);
		/* The same name again: whoever of them sent it (D-07). */
		EXPECT_TRUE(told(d->third, local, "third"));
		ASSERT_TRUE(wait_for(d->fd, POLLIN));
		EXPECT_EQ(0, CONNECT_CODE(HOST(PEER_A, 0)));
		EXPECT_TRUE(got(d->fd, "third", NULL));
		EXPECT_EQ(0, CONNECT_PEER());
		EXPECT_TRUE(talk(d, d->peer, &local));
		if (i)
			EXPECT_EQ(0, DISCONNECT_CODE());
	}
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

WSP_DGRAM_MAIN_WITH(extend_ipv4)
