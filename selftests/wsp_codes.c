// SPDX-License-Identifier: GPL-2.0
/* Section 1 of the contract: what the network does, and the code for it. */
#include <netinet/ip_icmp.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

FIXTURE(codes) {
	const struct row *row;
	int family;
	int fd;		/* a stream */
	int lfd;	/* a listener there */
	union name live;
};

FIXTURE_VARIANT(codes) {
	struct row row;
};

ROWS(codes)

FIXTURE_SETUP(codes)
{
	run_in(THERE, "nft flush ruleset");	/* a test may have been ended */
	self->row = &variant->row;
	self->family = variant->row.family;
	self->fd = wsp_socket(SOCK_STREAM, self->row);
	ASSERT_GE(self->fd, 0);
	self->lfd = listener(THERE, self->family);
	self->live = name_host(self->family, PEER_A, local_port(self->lfd));
}

FIXTURE_TEARDOWN(codes)
{
	run_in(THERE, "nft flush ruleset");
	close(self->fd);
	close(self->lfd);
}

#define FULL_CODE(name)		full_connect(self->row, self->fd, &(name))

/* The code that a new socket of @type gets for @name. */
static int fresh_code(const struct row *row, int type, const union name *name)
{
	int fd = wsp_socket(type, row);
	int code = full_connect(row, fd, name);

	close(fd);
	return code;
}

TEST_F(codes, E_01_every_interface_down)
{
	union name far = name_host(self->family, PEER_A, 9);
	union name loop = name_of(self->family, "127.0.0.1", "::1", 9);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));	/* where lo is down too */
	EXPECT_EQ(WSAENETDOWN, fresh_code(self->row, SOCK_STREAM, &far));
	EXPECT_EQ(WSAENETDOWN, fresh_code(self->row, SOCK_DGRAM, &far));
	EXPECT_EQ(WSAENETDOWN, fresh_code(self->row, SOCK_STREAM, &loop));
	ASSERT_EQ(0, system("ip link set lo up"));
	EXPECT_EQ(WSAENETUNREACH, fresh_code(self->row, SOCK_STREAM, &far));
	EXPECT_EQ(WSAENETUNREACH, fresh_code(self->row, SOCK_DGRAM, &far));
	EXPECT_EQ(WSAECONNREFUSED, fresh_code(self->row, SOCK_STREAM, &loop));
	enter(HERE);
}

TEST_F(codes, E_02_local_address_taken)
{
	union name elsewhere = name_host(self->family, PEER_B,
					 name_port(&self->live));
	int other = wsp_socket(SOCK_STREAM, self->row), port;
	const int on = 1;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_REUSEADDR, &on,
				sizeof(on)));
	ASSERT_EQ(0, setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on,
				sizeof(on)));
	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::", 0));
	port = local_port(self->fd);
	ASSERT_EQ(0, bind_port(other, self->family, "0.0.0.0", "::", port));

	EXPECT_EQ(0, FULL_CODE(self->live));
	EXPECT_EQ(WSAEADDRINUSE, full_connect(self->row, other, &self->live));
	/* C-05: there is no clash elsewhere */
	EXPECT_EQ(0, full_connect(self->row, other, &elsewhere));
	close(other);
}

/* Answers a SYN to the live port with a reject of this kind. */
static void reject_with(int family, const char *kind)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "nft 'add table inet t; add chain inet t c "
		 "{ type filter hook input priority 0; }; "
		 "add rule inet t c meta nfproto %s meta l4proto tcp reject with %s'",
		 family == AF_INET6 ? "ipv6" : "ipv4", kind);
	run_in(THERE, command);
}

struct reject {
	const char *v4, *v6;
	int code;
};

static const struct reject rejects[] = {
	{ "tcp reset", "tcp reset", WSAECONNREFUSED },
	{ "icmp port-unreachable", "icmpv6 port-unreachable", WSAECONNREFUSED },
	{ "icmp prot-unreachable", NULL, WSAECONNREFUSED },
	{ "icmp net-unreachable", "icmpv6 no-route", WSAENETUNREACH },
	{ "icmp host-unreachable", "icmpv6 addr-unreachable", WSAENETUNREACH },
	{ "icmp net-prohibited", NULL, WSAENETUNREACH },
	{ "icmp host-prohibited", NULL, WSAENETUNREACH },
	{ "icmp admin-prohibited", "icmpv6 admin-prohibited", WSAENETUNREACH },
	{ NULL, "icmpv6 policy-fail", WSAENETUNREACH },
	{ NULL, "icmpv6 reject-route", WSAENETUNREACH },
};

TEST_F(codes, E_07_E_11_rejected_on_the_way)
{
	const char *kind;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rejects); i++) {
		kind = self->family == AF_INET6 ? rejects[i].v6 : rejects[i].v4;
		if (!kind)
			continue;
		reject_with(self->family, kind);
		EXPECT_EQ(rejects[i].code, FULL_CODE(self->live))
			TH_LOG("for %s", kind);
		run_in(THERE, "nft flush ruleset");
	}
	EXPECT_EQ(0, FULL_CODE(self->live));
}

/* What ICMP has queued on the socket is no error of the next attempt. */
TEST_F(codes, C_05_icmp_error_not_kept)
{
	union name silent = name_host(self->family, SILENT, 9);
	struct pollfd p = { .fd = self->fd, .events = POLLOUT };

	reject_with(self->family, self->family == AF_INET6 ?
		    "icmpv6 port-unreachable" : "icmp port-unreachable");
	EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(self->live));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(WSAEWOULDBLOCK, try_connect(self->row, self->fd, &silent,
					      name_len(&silent)));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(0, so_error(self->fd));
}

/*
 * Answers the next SYN on @sniffer by ICMP: source route failed. False if there is
 * none any more.
 */
static bool answer_source_route_failed(int sniffer)
{
	struct {
		struct icmphdr icmp;
		unsigned char quoted[28];	/* IP header and 8 bytes more */
	} answer = { .icmp = { .type = ICMP_DEST_UNREACH,
			       .code = ICMP_SR_FAILED } };
	union name from = {};
	unsigned int sum = 0, i;
	unsigned char syn[256];
	socklen_t len = sizeof(from);
	int icmp;

	if (recvfrom(sniffer, syn, sizeof(syn), 0, &from.sa, &len) < 28)
		return false;
	memcpy(answer.quoted, syn, sizeof(answer.quoted));
	for (i = 0; i < sizeof(answer) / 2; i++)
		sum += ((unsigned short *)&answer)[i];
	sum = (sum & 0xffff) + (sum >> 16);
	answer.icmp.checksum = ~(sum + (sum >> 16));

	icmp = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	sendto(icmp, &answer, sizeof(answer), 0, &from.sa, sizeof(from.in));
	close(icmp);
	return true;
}

/* The stack passes over an answer that meets the socket in use, and sends again. */
static void *there(void *arg)
{
	enter(THERE);	/* of this thread only */
	while (answer_source_route_failed(*(int *)arg))
		;
	return NULL;
}

TEST_F(codes, E_11_source_route_failed)
{
	pthread_t thread;
	int sniffer;

	if (self->family == AF_INET6)
		return;		/* ICMPv6 has no such message */
	enter(THERE);
	sniffer = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
	enter(HERE);
	ASSERT_GE(sniffer, 0);
	run_in(THERE, "nft 'add table ip t; add chain ip t c "
	       "{ type filter hook output priority 0; }; "
	       "add rule ip t c meta l4proto tcp drop'");
	ASSERT_EQ(0, pthread_create(&thread, NULL, there, &sniffer));
	EXPECT_EQ(WSAENETUNREACH, FULL_CODE(self->live));
	shutdown(sniffer, SHUT_RD);	/* ends the thread's wait */
	ASSERT_EQ(0, pthread_join(thread, NULL));
	close(sniffer);
}

static void set_route(int family, const char *verb, const char *kind)
{
	char command[128];

	snprintf(command, sizeof(command), "ip route %s %s %s", verb, kind,
		 family == AF_INET6 ? "2001:db8:c::/64" : "203.0.113.0/24");
	run_in(HERE, command);
}

TEST_F(codes, E_11_routes_that_lead_nowhere)
{
	static const char * const kinds[] = { "unreachable", "prohibit",
					      "blackhole" };
	union name name = name_host(self->family, UNREACHABLE, 9);
	size_t i;

	EXPECT_EQ(WSAENETUNREACH, FULL_CODE(name));
	EXPECT_EQ(WSAENETUNREACH, fresh_code(self->row, SOCK_DGRAM, &name));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		set_route(self->family, "add", kinds[i]);
		EXPECT_EQ(WSAENETUNREACH, FULL_CODE(name))
			TH_LOG("for %s", kinds[i]);
		EXPECT_EQ(WSAENETUNREACH,
			  fresh_code(self->row, SOCK_DGRAM, &name))
			TH_LOG("for %s", kinds[i]);
		set_route(self->family, "del", kinds[i]);
	}
	EXPECT_EQ(0, FULL_CODE(self->live));
}

TEST_F(codes, E_11_dead_neighbour)
{
	union name name = name_of(self->family, "192.0.2.77",
				  "2001:db8:a::77", 9);

	run_in(HERE, "sysctl -qw net.ipv4.neigh.wsp-a.retrans_time_ms=20 "
	       "net.ipv6.neigh.wsp-a.retrans_time_ms=20");
	EXPECT_EQ(WSAENETUNREACH, FULL_CODE(name));
	EXPECT_EQ(0, FULL_CODE(self->live));
}

/* A namespace of its own, whose only ephemeral port is in use. */
static void one_port(int family, int type, const union name *name)
{
	int fd;

	if (unshare(CLONE_NEWNET) ||
	    system("ip link set lo up && sysctl -qw net.ipv4.ip_local_port_range='40000 40000'"))
		abort();
	if (type == SOCK_STREAM) {
		fd = socket(family, type, 0);
		if (bind(fd, &name->sa, name_len(name)) || listen(fd, 4))
			abort();
	}
	fd = socket(family, type, 0);
	if (connect(fd, &name->sa, name_len(name)) || local_port(fd) != 40000)
		abort();
}

TEST_F(codes, E_12_no_port_left)
{
	union name name = name_of(self->family, "127.0.0.1", "::1", 7);
	int fd;

	one_port(self->family, SOCK_STREAM, &name);
	EXPECT_EQ(WSAENOBUFS, fresh_code(self->row, SOCK_STREAM, &name));
	/* A port of the program's own will do. */
	fd = wsp_socket(SOCK_STREAM, self->row);
	ASSERT_EQ(0, bind_port(fd, self->family, "0.0.0.0", "::", 50000));
	EXPECT_EQ(0, full_connect(self->row, fd, &name));

	one_port(self->family, SOCK_DGRAM, &name);
	EXPECT_EQ(WSAENOBUFS, fresh_code(self->row, SOCK_DGRAM, &name));
	enter(HERE);
}

WSP_TEST_MAIN
