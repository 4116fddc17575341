// SPDX-License-Identifier: GPL-2.0
/* WSPIoctl's codes: the socket's modes, and the machine's addresses (section 7). */
#include <stddef.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE(kind)

/* As Winsock's own headers have them. */
struct address_list {
	int count;
	struct {
		struct sockaddr *name;
		int size;
	} address[16];
	char names[1024];
};

union generic_name {
	struct sockaddr_in in;
	char in6[24];
};

struct interface_info {
	ULONG flags;
	union generic_name address, broadcast, mask;
};

static DWORD returned;

/* 0 or the code; what it returns is in "returned". */
static int control_io(int fd, DWORD code, void *in, DWORD in_size, void *out,
		      DWORD out_size)
{
	int error = UNTOUCHED, rc;

	returned = 4711;
	rc = WSPIoctl(fd, code, in, in_size, out, out_size, &returned, NULL, NULL,
		      NULL, &error);
	return rc == SOCKET_ERROR ? error : rc || error != UNTOUCHED;
}

static int control_in(int fd, DWORD code, void *in, DWORD size)
{
	return control_io(fd, code, in, size, NULL, 0);
}

static int control_out(int fd, DWORD code, void *out, DWORD size)
{
	return control_io(fd, code, NULL, 0, out, size);
}

static int get_number(int fd, int level, int name)
{
	int value = -1;

	getsockopt(fd, level, name, &value, &(socklen_t){ sizeof(value) });
	return value;
}

TEST_F(kind, I_01_other_codes)
{
	char buffer[64] = { 0 };
	const DWORD codes[] = {
		0, 1, FIOASYNC, 0x48000004, 0x48000017, 0xc8000007, 0xffffffff,
		SIO_GET_BROADCAST_ADDRESS | 0x80000000,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		EXPECT_EQ(WSAEOPNOTSUPP,
			  control_io(self->k.fd, codes[i], buffer, sizeof(buffer),
				     buffer, sizeof(buffer)));
}

TEST_F(kind, I_01_not_of_this_kind)
{
	const bool stream = self->k.type == SOCK_STREAM;
	const bool v6 = self->k.row.family == AF_INET6;
	const int fd = self->k.fd;
	ULONG vals[3] = { 1, 1000, 1000 };
	char out[4096];
	int on = 1;

	EXPECT_EQ(v6 ? WSAENOPROTOOPT : 0,
		  control_out(fd, SIO_GET_BROADCAST_ADDRESS, out, sizeof(out)));
	EXPECT_EQ(v6 ? WSAEINVAL : 0,
		  control_out(fd, SIO_GET_INTERFACE_LIST, out, sizeof(out)));
	EXPECT_EQ(stream ? 0 : WSAENOPROTOOPT,
		  control_in(fd, SIO_KEEPALIVE_VALS, vals, sizeof(vals)));
	EXPECT_EQ(stream ? WSAENOPROTOOPT : 0,
		  control_in(fd, SIO_MULTIPOINT_LOOPBACK, &on, sizeof(on)));
	EXPECT_EQ(stream ? WSAENOPROTOOPT : 0,
		  control_in(fd, SIO_MULTICAST_SCOPE, &on, sizeof(on)));
	EXPECT_EQ(stream ? 0 : WSAEOPNOTSUPP,
		  control_out(fd, SIOCATMARK, out, sizeof(out)));
}

TEST_F(kind, I_01_both_numbers)
{
	const DWORD modes[] = { FIONBIO, 0x8004667e };
	const DWORD sizes[] = { FIONREAD, 0x4004667f };
	const DWORD marks[] = { SIOCATMARK, 0x40047307 };
	ULONG word;
	int i;

	for (i = 0; i < 2; i++) {
		word = 7;
		EXPECT_EQ(0, control_in(self->k.fd, modes[i], &word, sizeof(word)));
		EXPECT_TRUE(fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
		word = 0;
		EXPECT_EQ(0, control_in(self->k.fd, modes[!i], &word, sizeof(word)));
		EXPECT_FALSE(fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	}
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(3, send(self->k.peer, "abc", 3, 0));
	EXPECT_EQ(3, recv(self->k.fd, &word, sizeof(word), MSG_PEEK));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, control_out(self->k.fd, sizes[i], &word, sizeof(word)));
		EXPECT_EQ(3, word);
		EXPECT_EQ(4, returned);
		EXPECT_EQ(self->k.type == SOCK_STREAM ? 0 : WSAEOPNOTSUPP,
			  control_out(self->k.fd, marks[i], &word, sizeof(word)));
	}
}

TEST_F(kind, I_01_first_datagram)
{
	const bool stream = self->k.type == SOCK_STREAM;
	struct pollfd p = { .fd = self->k.fd, .events = POLLIN };
	char buf[8];
	ULONG size;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(3, send(self->k.peer, "abc", 3, 0));
	ASSERT_EQ(4, send(self->k.peer, "defg", 4, 0));
	ASSERT_EQ(1, poll(&p, 1, DEADLINE_MS));
	while (stream && recv(self->k.fd, buf, 8, MSG_PEEK) < 7)
		;
	EXPECT_EQ(0, control_out(self->k.fd, FIONREAD, &size, sizeof(size)));
	EXPECT_EQ(stream ? 7 : 3, size);
}

FIXTURE(pair) { struct kind k; };
FIXTURE_VARIANT(pair) { int family, type; };
FIXTURE_SETUP(pair)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, variant->type));
	ASSERT_TRUE(kind_join(&self->k));
}
FIXTURE_TEARDOWN(pair)
{
	close(self->k.fd);
	close(self->k.lfd);
	close(self->k.peer);
}
STREAM_KINDS(pair)

TEST_F(pair, I_01_mark)
{
	struct pollfd p = { .fd = self->k.fd, .events = POLLPRI };
	const int fd = self->k.fd, on = 1;
	int at = 7;
	char buf[8];

	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
	EXPECT_EQ(0, control_out(fd, SIOCATMARK, &at, sizeof(at)));
	EXPECT_EQ(TRUE, at);	/* there is none to come */
	ASSERT_EQ(2, send(self->k.peer, "ab", 2, 0));
	ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	ASSERT_EQ(1, poll(&p, 1, DEADLINE_MS));
	EXPECT_EQ(0, control_out(fd, SIOCATMARK, &at, sizeof(at)));
	EXPECT_EQ(FALSE, at);
	EXPECT_EQ(2, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, control_out(fd, SIOCATMARK, &at, sizeof(at)));
	EXPECT_EQ(TRUE, at);
	EXPECT_EQ(1, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, control_out(fd, SIOCATMARK, &at, sizeof(at)));
	EXPECT_EQ(TRUE, at);
}

TEST_F(kind, I_01_multicast)
{
	const bool v6 = self->k.row.family == AF_INET6;
	const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	const int fd = self->k.fd;
	int value = 0;

	if (self->k.type == SOCK_STREAM)
		SKIP(return, "no multicast on a stream");
	EXPECT_EQ(0, control_in(fd, SIO_MULTIPOINT_LOOPBACK, &value, sizeof(value)));
	EXPECT_EQ(0, get_number(fd, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP));
	value = 256;	/* TRUE, all the same */
	EXPECT_EQ(0, control_in(fd, SIO_MULTIPOINT_LOOPBACK, &value, sizeof(value)));
	EXPECT_EQ(1, get_number(fd, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP));
	for (value = -2; value < 258; value++) {
		const bool fine = value >= 0 && value <= 255;

		ASSERT_EQ(fine ? 0 : WSAEINVAL,
			  control_in(fd, SIO_MULTICAST_SCOPE, &value, sizeof(value)));
		if (fine)
			ASSERT_EQ(value, get_number(fd, level, v6 ? IPV6_MULTICAST_HOPS :
							       IP_MULTICAST_TTL));
	}
}

TEST_F(kind, I_01_broadcast)
{
	struct sockaddr_in got, all = name_v4("255.255.255.255", 0).in;
	struct sockaddr_in directed = name_v4("192.0.2.255", 0).in;

	if (self->k.row.family == AF_INET6)
		SKIP(return, "IPv6 has none, see I_01_not_of_this_kind");
	memset(&got, 0xff, sizeof(got));
	EXPECT_EQ(0, control_out(self->k.fd, SIO_GET_BROADCAST_ADDRESS, &got, sizeof(got)));
	EXPECT_EQ(sizeof(got), returned);
	EXPECT_EQ(0, memcmp(&got, &all, sizeof(got)));

	run_in(HERE, "ip addr add 192.0.2.77/24 brd + dev wsp-a");
	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_BINDTODEVICE, "wsp-a", 5));
	EXPECT_EQ(0, control_out(self->k.fd, SIO_GET_BROADCAST_ADDRESS, &got, sizeof(got)));
	EXPECT_EQ(0, memcmp(&got, &directed, sizeof(got)));
	run_in(HERE, "ip addr del 192.0.2.77/24 dev wsp-a");
	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_EQ(0, control_out(self->k.fd, SIO_GET_BROADCAST_ADDRESS, &got, sizeof(got)));
	EXPECT_EQ(0, memcmp(&got, &all, sizeof(got)));
}

TEST_F(kind, I_02_small_buffers)
{
	const bool v6 = self->k.row.family == AF_INET6;
	struct address_list list;
	struct interface_info infos[16];
	char *end = page_end(), byte = 0;
	const int fd = self->k.fd;
	DWORD size, i;

	ASSERT_EQ(0, control_out(fd, SIO_ADDRESS_LIST_QUERY, &list, sizeof(list)));
	size = returned;
	for (i = 0; i < size; i++) {
		ASSERT_EQ(WSAEFAULT, control_out(fd, SIO_ADDRESS_LIST_QUERY, &list, i));
		ASSERT_EQ(size, returned);
	}
	EXPECT_EQ(WSAEFAULT, control_out(fd, SIO_ADDRESS_LIST_QUERY, NULL, size));
	EXPECT_EQ(WSAEFAULT, control_out(fd, SIO_ADDRESS_LIST_QUERY, end - 8, size));
	EXPECT_EQ(0, control_out(fd, SIO_ADDRESS_LIST_QUERY, end - size, size));
	if (!v6) {
		ASSERT_EQ(0, control_out(fd, SIO_GET_INTERFACE_LIST, infos, sizeof(infos)));
		size = returned;
		EXPECT_EQ(WSAEFAULT, control_out(fd, SIO_GET_INTERFACE_LIST, infos, size - 1));
		EXPECT_EQ(size, returned);
		EXPECT_EQ(WSAEFAULT, control_out(fd, SIO_GET_BROADCAST_ADDRESS, infos, 15));
		EXPECT_EQ(WSAEFAULT, control_out(fd, SIO_GET_BROADCAST_ADDRESS, end, 16));
	}
	EXPECT_EQ(WSAEFAULT, control_out(fd, FIONREAD, infos, 3));
	EXPECT_EQ(WSAEFAULT, control_out(fd, FIONREAD, end - 2, 4));
	EXPECT_EQ(WSAEFAULT, control_in(fd, FIONBIO, &byte, 1));
	EXPECT_EQ(WSAEFAULT, control_in(fd, FIONBIO, NULL, 4));
	EXPECT_EQ(WSAEFAULT, control_in(fd, FIONBIO, end - 3, 4));
	EXPECT_EQ(WSAEFAULT, control_in(fd, SIO_KEEPALIVE_VALS, infos, 11));
	EXPECT_EQ(WSAEFAULT, control_in(fd, SIO_KEEPALIVE_VALS, end - 8, 12));
	EXPECT_EQ(WSAEFAULT, control_in(fd, SIO_ROUTING_INTERFACE_QUERY, infos, 15));
	EXPECT_EQ(WSAEFAULT, control_in(fd, SIO_ROUTING_INTERFACE_QUERY, NULL, 128));
}

/* The way to a name, by the socket: 0 or a code. */
static int route(int fd, union name to, union name *local)
{
	memset(local, 0, sizeof(*local));
	return control_io(fd, SIO_ROUTING_INTERFACE_QUERY, &to, name_len(&to),
			  local, sizeof(*local));
}

#define EXPECT_ROUTE(via, fd, to)					\
	do {								\
		const union name _via = (via);				\
		union name _local;					\
									\
		EXPECT_EQ(0, route(fd, to, &_local));			\
		EXPECT_EQ(name_len(&_via), returned);			\
		EXPECT_TRUE(name_same_addr(&_via, &_local));		\
		EXPECT_EQ(0, name_port(&_local));			\
	} while (0)

TEST_F(kind, I_03_ways)
{
	const int family = self->k.row.family, fd = self->k.fd;
	const union name loop = name_of(family, "127.0.0.1", "::1", 0);
	union name local, other = family == AF_INET6 ? name_v4("192.0.2.2", 1) :
						       name_v6("::1", 1);

	EXPECT_ROUTE(name_host(family, HERE_A, 0), fd, name_host(family, PEER_A, 0));
	EXPECT_ROUTE(name_host(family, HERE_B, 0), fd, name_host(family, PEER_B, 80));
	EXPECT_ROUTE(loop, fd, loop);
	EXPECT_EQ(WSAENETUNREACH, route(fd, name_host(family, UNREACHABLE, 80), &local));
	EXPECT_EQ(WSAEADDRNOTAVAIL, route(fd, name_of(family, "0.0.0.0", "::", 80), &local));
	memset(&local, 0, sizeof(local));
	EXPECT_EQ(WSAEAFNOSUPPORT,
		  control_io(fd, SIO_ROUTING_INTERFACE_QUERY, &other, sizeof(other),
			     &local, sizeof(local)));
	if (family == AF_INET6) {
		EXPECT_ROUTE(name_map(name_v4("192.0.2.1", 0)), fd,
			     name_map(name_v4("192.0.2.2", 0)));
		EXPECT_EQ(WSAENETUNREACH,
			  route(fd, name_map(name_v4("203.0.113.1", 0)), &local));
	}
}

TEST_F(kind, I_03_multicast)
{
	const int family = self->k.row.family, fd = self->k.fd;
	const long deadline = now_ms() + DEADLINE_MS;
	union name group = name_of(family, "239.1.2.3", "ff05::1:3", 0);
	union name local;

	if (family == AF_INET) {
		EXPECT_EQ(WSAENETUNREACH, route(fd, group, &local));
		run_in(HERE, "ip route add 239.0.0.0/8 dev wsp-b");
		EXPECT_ROUTE(name_host(family, HERE_B, 0), fd, group);
		run_in(HERE, "ip route del 239.0.0.0/8 dev wsp-b");
		return;
	}
	group = name_v6("ff02::1", 0);
	group.in6.sin6_scope_id = if_nametoindex("wsp-b");
	/* The device's address may still be looked for on the link (DAD). */
	do {
		EXPECT_EQ(0, route(fd, group, &local));
	} while (!IN6_IS_ADDR_LINKLOCAL(&local.in6.sin6_addr) && now_ms() < deadline);
	EXPECT_TRUE(IN6_IS_ADDR_LINKLOCAL(&local.in6.sin6_addr));
	EXPECT_EQ(group.in6.sin6_scope_id, local.in6.sin6_scope_id);
}

TEST_F(kind, I_03_device)
{
	const int family = self->k.row.family, fd = self->k.fd;

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "wsp-b", 5));
	EXPECT_ROUTE(name_host(family, HERE_B, 0), fd, name_host(family, PEER_B, 0));
	if (family == AF_INET)	/* every address is on a device's link */
		EXPECT_ROUTE(name_host(family, HERE_B, 0), fd,
			     name_host(family, PEER_A, 0));
}

/* A rule of the administrator's goes by the socket's mark. */
TEST_F(kind, I_03_mark)
{
	const int family = self->k.row.family, fd = self->k.fd, mark = 7;

	run_in(HERE, family == AF_INET ? "ip -4 rule add fwmark 7 table 77" :
					 "ip -6 rule add fwmark 7 table 77");
	run_in(HERE, family == AF_INET ?
	       "ip -4 route add 192.0.2.2 dev wsp-b table 77" :
	       "ip -6 route add 2001:db8:a::2 dev wsp-b table 77");
	EXPECT_ROUTE(name_host(family, HERE_A, 0), fd, name_host(family, PEER_A, 0));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	EXPECT_ROUTE(name_host(family, HERE_B, 0), fd, name_host(family, PEER_A, 0));
	run_in(HERE, family == AF_INET ? "ip -4 rule del fwmark 7" :
					 "ip -6 rule del fwmark 7");
	run_in(HERE, family == AF_INET ? "ip -4 route flush table 77" :
					 "ip -6 route flush table 77");
}

TEST_F(kind, I_03_I_04_namespace)
{
	const int family = self->k.row.family, fd = self->k.fd;
	struct address_list list;
	int here;

	ASSERT_EQ(0, control_out(fd, SIO_ADDRESS_LIST_QUERY, &list, sizeof(list)));
	here = list.count;
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_ROUTE(name_host(family, HERE_A, 0), fd, name_host(family, PEER_A, 0));
	EXPECT_EQ(0, control_out(fd, SIO_ADDRESS_LIST_QUERY, &list, sizeof(list)));
	EXPECT_EQ(here, list.count);
	EXPECT_LT(0, here);
}

/* In a namespace of its own, whose one device is down. */
TEST_F(kind, E_01_I_03_all_down)
{
	union name local;
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = wsp_socket(self->k.type, &self->k.row);
	ASSERT_LE(0, fd);
	EXPECT_EQ(WSAENETDOWN,
		  route(fd, name_host(self->k.row.family, PEER_A, 0), &local));
	run_in(HERE, "true");
	close(fd);
}

static bool lists(const struct address_list *list, union name want)
{
	bool found = false;
	int i;

	for (i = 0; i < list->count; i++) {
		union name name = {};

		if (list->address[i].size != (int)name_len(&want))
			return false;
		memcpy(&name, list->address[i].name, name_len(&want));
		if (name_port(&name))
			return false;
		if (!name_same_addr(&name, &want))
			continue;
		if (found)
			return false;	/* twice */
		found = true;
	}
	return found;
}

static int list_addresses(int fd, struct address_list *list)
{
	memset(list, 0xff, sizeof(*list));
	return control_out(fd, SIO_ADDRESS_LIST_QUERY, list, sizeof(*list)) ?
	       -1 : list->count;
}

TEST_F(kind, I_04_addresses)
{
	const int family = self->k.row.family, fd = self->k.fd;
	const char *flag = family == AF_INET6 ? "-6" : "-4";
	struct address_list list;
	char command[128];
	int count;

	count = list_addresses(fd, &list);
	EXPECT_TRUE(lists(&list, name_host(family, HERE_A, 0)));
	EXPECT_TRUE(lists(&list, name_host(family, HERE_B, 0)));
	EXPECT_FALSE(lists(&list, name_of(family, "127.0.0.1", "::1", 0)));
	EXPECT_EQ(offsetof(struct address_list, address) +
		  count * (sizeof(list.address[0]) + (family == AF_INET6 ? 28 : 16)),
		  returned);

	/* The same address on two devices. */
	snprintf(command, sizeof(command), "ip %s addr add %s dev wsp-b", flag,
		 family == AF_INET6 ? "2001:db8:a::1/128 nodad" : "192.0.2.1/32");
	run_in(HERE, command);
	EXPECT_EQ(count, list_addresses(fd, &list));
	EXPECT_TRUE(lists(&list, name_host(family, HERE_A, 0)));

	/* One that is down. */
	snprintf(command, sizeof(command),
		 "ip link add wsp-d type dummy && ip %s addr add %s dev wsp-d", flag,
		 family == AF_INET6 ? "2001:db8:d::1/64 nodad" : "198.18.0.1/24");
	run_in(HERE, command);
	EXPECT_EQ(count, list_addresses(fd, &list));
	run_in(HERE, "ip link set wsp-d up");
	list_addresses(fd, &list);
	EXPECT_TRUE(lists(&list, name_of(family, "198.18.0.1", "2001:db8:d::1", 0)));
	run_in(HERE, "ip link del wsp-d");
	snprintf(command, sizeof(command), "ip %s addr del %s dev wsp-b", flag,
		 family == AF_INET6 ? "2001:db8:a::1/128" : "192.0.2.1/32");
	run_in(HERE, command);
}

TEST_F(kind, I_04_scope)
{
	struct address_list list;
	const struct sockaddr_in6 *in6;
	int scoped = 0;
	int i;

	if (self->k.row.family == AF_INET)
		SKIP(return, "of IPv6");
	ASSERT_LT(0, list_addresses(self->k.fd, &list));
	for (i = 0; i < list.count; i++) {
		in6 = (const void *)list.address[i].name;
		EXPECT_EQ(IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr), !!in6->sin6_scope_id);
		scoped += !!in6->sin6_scope_id;
	}
	EXPECT_LT(0, scoped);
}

TEST_F(kind, I_01_interfaces)
{
	struct interface_info infos[16] = { 0 };
	bool loop = false, a = false;
	DWORD i;

	if (self->k.row.family == AF_INET6)
		SKIP(return, "IPv4 only, see I_01_not_of_this_kind");
	EXPECT_EQ(76, sizeof(infos[0]));
	ASSERT_EQ(0, control_out(self->k.fd, SIO_GET_INTERFACE_LIST, infos, sizeof(infos)));
	for (i = 0; i < returned / sizeof(infos[0]); i++) {
		const struct interface_info *info = &infos[i];

		EXPECT_EQ(AF_INET, info->address.in.sin_family);
		if (info->address.in.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) {
			loop = true;
			EXPECT_EQ(0x5, info->flags & 0xf);
			EXPECT_EQ(htonl(0xff000000), info->mask.in.sin_addr.s_addr);
		}
		if (info->address.in.sin_addr.s_addr == inet_addr("192.0.2.1")) {
			a = true;
			EXPECT_EQ(0x13, info->flags);
			EXPECT_EQ(htonl(0xffffff00), info->mask.in.sin_addr.s_addr);
		}
	}
	EXPECT_TRUE(loop);
	EXPECT_TRUE(a);
}

TEST_F(kind, I_07_keepalive)
{
	static const struct {
		ULONG milliseconds;
		int seconds;
	} times[] = {
		{ 0, 1 }, { 1, 1 }, { 1000, 1 }, { 1001, 2 }, { 1500, 2 },
		{ 32767000, 32767 }, { 32767001, 32767 }, { 0xffffffff, 32767 },
	};
	const int fd = self->k.fd;
	ULONG vals[3] = { 7 };
	size_t i;

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "of streams, see I_01_not_of_this_kind");
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		vals[1] = times[i].milliseconds;
		vals[2] = times[ARRAY_SIZE(times) - 1 - i].milliseconds;
		EXPECT_EQ(0, control_in(fd, SIO_KEEPALIVE_VALS, vals, sizeof(vals)));
		EXPECT_EQ(times[i].seconds, get_number(fd, IPPROTO_TCP, TCP_KEEPIDLE));
		EXPECT_EQ(times[ARRAY_SIZE(times) - 1 - i].seconds,
			  get_number(fd, IPPROTO_TCP, TCP_KEEPINTVL));
		EXPECT_EQ(1, get_number(fd, SOL_SOCKET, SO_KEEPALIVE));
	}
	vals[0] = 0;
	vals[1] = 5000;
	EXPECT_EQ(0, control_in(fd, SIO_KEEPALIVE_VALS, vals, sizeof(vals)));
	EXPECT_EQ(0, get_number(fd, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(32767, get_number(fd, IPPROTO_TCP, TCP_KEEPIDLE));
}

WSP_TEST_MAIN
