// SPDX-License-Identifier: GPL-2.0
/*
 * Options and the arguments of WSPSocket: S-01 to S-08, T-11, T-12 and of T-10
 * SO_ERROR (contract, sections 6 and 10), by libwsp's two spellings and by
 * setsockopt(2) beside them.
 */
#include <stddef.h>

#include "kselftest_harness.h"
#include "wsp_options.h"
#include "wsp_test.h"

enum spelling { WSP, WINSOCK };

FIXTURE(options) {
	int family, type;
	SOCKET s;	/* the socket under test */
	int lfd;	/* a plain listener or receiver there */
	union name name; /* its name */
	char *end;	/* of a page that no other follows */
};

FIXTURE_VARIANT(options) {
	int family, type;
	enum spelling spelling;
};

#define VARIANT(name, family, type)					\
	FIXTURE_VARIANT_ADD(options, name) { family, type, WSP };	\
	FIXTURE_VARIANT_ADD(options, name##_winsock) { family, type, WINSOCK };

VARIANT(ipv4_stream, AF_INET, SOCK_STREAM)
VARIANT(ipv6_stream, AF_INET6, SOCK_STREAM)
VARIANT(ipv4_dgram, AF_INET, SOCK_DGRAM)
VARIANT(ipv6_dgram, AF_INET6, SOCK_DGRAM)

static SOCKET open_socket(int family, int type)
{
	return WSPSocket(family, type, 0, NULL, 0, 0, NULL);
}

FIXTURE_SETUP(options)
{
	self->end = page_end();
	self->family = variant->family;
	self->type = variant->type;
	self->s = open_socket(self->family, self->type);
	ASSERT_NE(INVALID_SOCKET, self->s);
	self->lfd = self->type == SOCK_STREAM ?
		    listener(THERE, self->family) :
		    receiver(THERE, self->family, PEER_A);
	self->name = name_host(self->family, PEER_A, local_port(self->lfd));
}

FIXTURE_TEARDOWN(options)
{
	WSPCloseSocket(self->s, NULL);
	close(self->lfd);
}

static int get(enum spelling spelling, SOCKET s, int level, int name, void *value,
	       int *len)
{
	int code = UNTOUCHED;

	if (spelling == WINSOCK) {
		WSASetLastError(0);
		return winsock_getsockopt(s, level, name, value, len) ?
		       WSAGetLastError() : 0;
	}
	return WSPGetSockOpt(s, level, name, value, len, &code) ? code :
	       code != UNTOUCHED;
}

static int set(enum spelling spelling, SOCKET s, int level, int name,
	       const void *value, int len)
{
	int code = UNTOUCHED;

	if (spelling == WINSOCK) {
		WSASetLastError(0);
		return winsock_setsockopt(s, level, name, value, len) ?
		       WSAGetLastError() : 0;
	}
	return WSPSetSockOpt(s, level, name, value, len, &code) ? code :
	       code != UNTOUCHED;
}

/* Level and number, value and length. */
#define GET(...)	get(variant->spelling, self->s, __VA_ARGS__)
#define SET(...)	set(variant->spelling, self->s, __VA_ARGS__)

/* An int's worth; a code comes out negative. */
static int number_of(enum spelling spelling, SOCKET s, int level, int name)
{
	int value = UNTOUCHED, len = sizeof(value), code;

	code = get(spelling, s, level, name, &value, &len);
	if (code)
		return -code;
	return len == sizeof(value) ? value : UNTOUCHED;
}

static int set_number(enum spelling spelling, SOCKET s, int level, int name,
		      int value)
{
	return set(spelling, s, level, name, &value, sizeof(value));
}

#define NUMBER(...)	number_of(variant->spelling, self->s, __VA_ARGS__)
#define SET_NUMBER(...)	set_number(variant->spelling, self->s, __VA_ARGS__)

/* What the platform's own call says. */
static int platforms(SOCKET s, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = UNTOUCHED;

	return getsockopt(s, level, name, &value, &len) ? -errno : value;
}

static int platforms_set(SOCKET s, int level, int name, int value)
{
	return setsockopt(s, level, name, &value, sizeof(value)) ? -errno : 0;
}

static int join(SOCKET s, const union name *name)
{
	return OUTCOME(WSPConnect(s, &name->sa, name_len(name), NULL, NULL, NULL,
				  NULL, &code));
}

static int bind_to(SOCKET s, const union name *name)
{
	return OUTCOME(WSPBind(s, &name->sa, name_len(name), &code));
}

/* @call becomes @want before the deadline. */
#define BECOMES(want, call)						\
	({								\
		long end = now_ms() + DEADLINE_MS;			\
									\
		while ((call) != (want) && now_ms() < end)		\
			usleep(10000);					\
		(call) == (want);					\
	})

#define THIS	known[i].level, known[i].name

/* S-01, S-02: what there is ------------------------------------------------ */

#define STREAM	1
#define DGRAM	2
#define V4	4
#define V6	8
#define ANY	(STREAM | DGRAM | V4 | V6)

#define GET_ONLY	1
#define FLAG		2

/* Options that are a number, what they are at first (-1: anything), and for whom. */
static const struct {
	int level, name, kinds, first, how;
} known[] = {
	{ SOL_SOCKET, SO_BROADCAST, ANY, 0, FLAG },
	{ SOL_SOCKET, SO_DEBUG, ANY, 0, FLAG },
	{ SOL_SOCKET, SO_DONTROUTE, ANY, 0, FLAG },
	{ SOL_SOCKET, SO_ERROR, ANY, 0, GET_ONLY },
	{ SOL_SOCKET, SO_EXCLUSIVEADDRUSE, ANY, 0, FLAG },
	{ SOL_SOCKET, SO_GROUP_ID, ANY, 0, GET_ONLY },
	{ SOL_SOCKET, SO_GROUP_PRIORITY, ANY, 0, GET_ONLY },
	{ SOL_SOCKET, SO_MAX_MSG_SIZE, ANY, -1, GET_ONLY },
	{ SOL_SOCKET, SO_RCVBUF, ANY, -1, 0 },
	{ SOL_SOCKET, SO_RCVTIMEO, ANY, 0, 0 },
	{ SOL_SOCKET, SO_REUSEADDR, ANY, 0, FLAG },
	{ SOL_SOCKET, SO_SNDBUF, ANY, -1, 0 },
	{ SOL_SOCKET, SO_SNDTIMEO, ANY, 0, 0 },
	{ SOL_SOCKET, SO_TYPE, ANY, -1, GET_ONLY },
	{ SOL_SOCKET, SO_ACCEPTCONN, STREAM | V4 | V6, 0, GET_ONLY | FLAG },
	{ SOL_SOCKET, SO_CONDITIONAL_ACCEPT, STREAM | V4 | V6, 0, FLAG },
	{ SOL_SOCKET, SO_CONNECT_TIME, STREAM | V4 | V6, -1, GET_ONLY },
	{ SOL_SOCKET, SO_DONTLINGER, STREAM | V4 | V6, 1, FLAG },
	{ SOL_SOCKET, SO_KEEPALIVE, STREAM | V4 | V6, 0, FLAG },
	{ SOL_SOCKET, SO_LINGER, STREAM | V4 | V6, 0, 0 },
	{ SOL_SOCKET, SO_OOBINLINE, STREAM | V4 | V6, 0, FLAG },
	{ IPPROTO_TCP, TCP_NODELAY, STREAM | V4 | V6, 0, FLAG },
	{ IPPROTO_IP, IP_TTL, ANY, 64, 0 },
	{ IPPROTO_IP, IP_TOS, ANY, 0, 0 },
	{ IPPROTO_IP, IP_MULTICAST_IF, DGRAM | V4 | V6, 0, 0 },
	{ IPPROTO_IP, IP_MULTICAST_TTL, DGRAM | V4 | V6, 1, 0 },
	{ IPPROTO_IP, IP_MULTICAST_LOOP, DGRAM | V4 | V6, 1, FLAG },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, STREAM | DGRAM | V6, 64, 0 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_IF, DGRAM | V6, 0, 0 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS, DGRAM | V6, 1, 0 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP, DGRAM | V6, 1, FLAG },
	{ IPPROTO_IPV6, IPV6_V6ONLY, STREAM | DGRAM | V6, 1, FLAG },
};

static int kinds_of(int family, int type)
{
	return (type == SOCK_STREAM ? STREAM : DGRAM) |
	       (family == AF_INET6 ? V6 : V4);
}

static bool is_for(int i, int family, int type)
{
	const int kinds = kinds_of(family, type);

	return (known[i].kinds & kinds) == kinds;
}

TEST_F(options, S_01_recognised)
{
	int i, value;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		value = NUMBER(known[i].level, known[i].name);
		if (!is_for(i, self->family, self->type)) {
			EXPECT_EQ(-WSAENOPROTOOPT, value)
				TH_LOG("%d %#x", known[i].level, known[i].name);
			continue;
		}
		EXPECT_FALSE(value == UNTOUCHED || (value < -9999 && value > -12000))
			TH_LOG("%d %#x: %d", known[i].level, known[i].name, value);
		if (known[i].first >= 0)
			EXPECT_EQ(known[i].first, value)
				TH_LOG("%d %#x", known[i].level, known[i].name);
	}
	EXPECT_EQ(self->type, NUMBER(SOL_SOCKET, SO_TYPE));
	EXPECT_LT(1024, NUMBER(SOL_SOCKET, SO_RCVBUF));
	EXPECT_LT(1024, NUMBER(SOL_SOCKET, SO_SNDBUF));
}

TEST_F(options, S_01_S_08_flags_are_set)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!(known[i].how & FLAG) || (known[i].how & GET_ONLY) ||
		    !is_for(i, self->family, self->type))
			continue;
		EXPECT_EQ(0, SET_NUMBER(THIS, 1)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(1, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
		/* Winsock's alone are unknown to the platform. */
		if (platforms(self->s, THIS) != -ENOPROTOOPT)
			EXPECT_EQ(1, platforms(self->s, THIS)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(0, SET_NUMBER(THIS, 0)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(0, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
		/* A BOOL is TRUE if it is anything but 0. */
		EXPECT_EQ(0, SET_NUMBER(THIS, 0x100)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(1, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(0, SET_NUMBER(THIS, 0)) TH_LOG("%#x", known[i].name);
		if (!platforms_set(self->s, THIS, 1))
			EXPECT_EQ(1, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
		platforms_set(self->s, THIS, 0);
	}
}

TEST_F(options, S_01_debug_by_anyone)
{
	ASSERT_EQ(0, seteuid(65534));
	ASSERT_EQ(-EACCES, platforms_set(self->s, SOL_SOCKET, SO_DEBUG, 1));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DEBUG, 1));
	EXPECT_EQ(1, NUMBER(SOL_SOCKET, SO_DEBUG));
	EXPECT_EQ(1, platforms(self->s, SOL_SOCKET, SO_DEBUG));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DEBUG, 0));
	EXPECT_EQ(0, platforms(self->s, SOL_SOCKET, SO_DEBUG));
	ASSERT_EQ(0, seteuid(0));
}

TEST_F(options, S_01_pvd_config)
{
	char value[4] = "abc";
	int len = sizeof(value);

	EXPECT_EQ(0, GET(SOL_SOCKET, PVD_CONFIG, value, &len));
	EXPECT_EQ(0, len);
	EXPECT_STREQ("abc", value);
	EXPECT_EQ(0, GET(SOL_SOCKET, PVD_CONFIG, value, &len));
	EXPECT_EQ(WSAENOPROTOOPT, SET(SOL_SOCKET, PVD_CONFIG, value, 4));
}

static DWORD connect_time(SOCKET s)
{
	return (DWORD)number_of(WSP, s, SOL_SOCKET, SO_CONNECT_TIME);
}

/* The one that is told of by select(), the one that waits, and their peer. */
TEST_F(options, S_01_connect_time)
{
	const union name dead = name_host(self->family, PEER_A, 1);
	const union name any = name_of(self->family, "127.0.0.1", "::1", 0);
	SOCKET lfd, nonblocking, accepted;
	long start = now_ms();
	union name name;
	ULONG on = 1;

	if (self->type == SOCK_DGRAM || variant->spelling == WINSOCK)
		return;
	lfd = open_socket(self->family, SOCK_STREAM);
	nonblocking = open_socket(self->family, SOCK_STREAM);
	ASSERT_EQ(0, bind_to(lfd, &any));
	ASSERT_EQ(0, OUTCOME(WSPListen(lfd, 5, &code)));
	EXPECT_EQ(0xffffffff, connect_time(lfd));
	EXPECT_EQ(0xffffffff, connect_time(self->s));
	EXPECT_EQ(WSAECONNREFUSED, join(self->s, &dead));
	EXPECT_EQ(0xffffffff, connect_time(self->s));
	name = local_name(lfd);
	ASSERT_EQ(0, join(self->s, &name));
	ASSERT_EQ(0, ioctl(nonblocking, FIONBIO, &on));
	ASSERT_EQ(WSAEWOULDBLOCK, join(nonblocking, &self->name));
	ASSERT_TRUE(wait_for(nonblocking, POLLOUT));
	if (now_ms() - start < 900)
		EXPECT_EQ(0, connect_time(self->s));

	ASSERT_TRUE(BECOMES(2, connect_time(self->s)));
	EXPECT_LE(1900, now_ms() - start);
	EXPECT_EQ(0, wsp_send(self->s, "x"));
	EXPECT_LE(2, connect_time(self->s));
	EXPECT_LE(1, connect_time(nonblocking));
	EXPECT_EQ(0, wsp_send(nonblocking, "x"));
	EXPECT_LE(1, connect_time(nonblocking));
	/* It stood before it was accepted. */
	accepted = WSPAccept(lfd, NULL, NULL, NULL, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, accepted);
	EXPECT_LE(1, connect_time(accepted));
	EXPECT_GE(DEADLINE_MS / 1000, connect_time(accepted));
	EXPECT_EQ(0xffffffff, connect_time(lfd));
	WSPCloseSocket(accepted, NULL);
	WSPCloseSocket(nonblocking, NULL);
	WSPCloseSocket(lfd, NULL);
}

TEST_F(options, S_02_only_to_be_read)
{
	WSAPROTOCOL_INFOW info = {};
	int i, len;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!(known[i].how & GET_ONLY))
			continue;
		for (len = 0; len <= 4; len += 4)
			EXPECT_EQ(WSAENOPROTOOPT, SET(known[i].level, known[i].name,
						      &info, len))
				TH_LOG("%#x", known[i].name);
		EXPECT_EQ(WSAENOPROTOOPT, SET(known[i].level, known[i].name, NULL, 4));
	}
	EXPECT_EQ(WSAENOPROTOOPT, SET(SOL_SOCKET, SO_PROTOCOL_INFOW, &info,
				      sizeof(info)));
}

TEST_F(options, S_02_unknown)
{
	static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_UDP,
				      IPPROTO_TCP, IPPROTO_IPV6 };
	static const int bad[] = { 0xffff, 0xbad, -1, 300, 27, 2 };
	int value = 1, len = sizeof(value), i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		EXPECT_EQ(WSAENOPROTOOPT, GET(levels[i], 0xbad, &value, &len))
			TH_LOG("level %d", levels[i]);
		EXPECT_EQ(WSAENOPROTOOPT, SET(levels[i], 0xbad, &value, len))
			TH_LOG("level %d", levels[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(WSAEINVAL, GET(bad[i], SO_TYPE, &value, &len));
		EXPECT_EQ(WSAEINVAL, SET(bad[i], SO_DEBUG, &value, len));
	}
	/* Of another kind of socket: of other levels as well. */
	if (self->type == SOCK_DGRAM)
		EXPECT_EQ(WSAENOPROTOOPT, GET(IPPROTO_TCP, TCP_MAXSEG, &value, &len));
}

/* Pointers that end in the middle of a value, and none. */
TEST_F(options, S_02_T_12_pointers)
{
	char *end = self->end, *bad[] = { NULL, (char *)8, end, end - 1 };
	char bytes[1024] = "";
	int i, j, len;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!is_for(i, self->family, self->type))
			continue;
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			len = 4;
			EXPECT_EQ(WSAEFAULT, GET(THIS, bad[j], &len))
				TH_LOG("%#x %d", known[i].name, j);
			EXPECT_EQ(WSAEFAULT, GET(THIS, bytes, (void *)bad[j]))
				TH_LOG("%#x %d", known[i].name, j);
			if (!(known[i].how & GET_ONLY))
				EXPECT_EQ(WSAEFAULT, SET(THIS, bad[j], 4))
					TH_LOG("%#x %d", known[i].name, j);
		}
		/* The last bytes of a page do. */
		len = 4;
		memset(end - 4, 0, 4);
		EXPECT_EQ(0, GET(THIS, end - 4, &len)) TH_LOG("%#x", known[i].name);
		memcpy(end - 4, &len, 4);
		EXPECT_EQ(0, GET(THIS, bytes, (void *)(end - 4)));
	}
	for (i = -1; i < 627; i += 157) {
		len = sizeof(WSAPROTOCOL_INFOW);
		EXPECT_EQ(WSAEFAULT, GET(SOL_SOCKET, SO_PROTOCOL_INFOW, end - 1 - i,
					 &len)) TH_LOG("%d", i);
	}
	len = sizeof(WSAPROTOCOL_INFOW);
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_PROTOCOL_INFOW, end - len, &len));
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_EQ(WSAEFAULT, GET(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, end - 4, &len));
	EXPECT_EQ(WSAEFAULT, GET(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, bytes,
				 (void *)(end - 4)));
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, end - 4, 4));
}

TEST_F(options, S_02_T_12_lengths)
{
	int i, len, value = 0;
	bool may;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!is_for(i, self->family, self->type))
			continue;
		for (len = -1; len < 4; len++) {
			int got = len;

			/* IP's have always been taken from one byte, too. */
			may = len > 0 && ((known[i].how & FLAG) ||
					  (known[i].level == IPPROTO_IP &&
					   known[i].name != IP_MULTICAST_IF));
			EXPECT_EQ(may ? 0 : WSAEFAULT, GET(THIS, &value, &got))
				TH_LOG("%#x, %d bytes", known[i].name, len);
			if (may)
				EXPECT_EQ(1, got);
			if (!(known[i].how & GET_ONLY))
				EXPECT_EQ(may ? 0 : WSAEFAULT, SET(THIS, &value, len))
					TH_LOG("%#x, %d bytes", known[i].name, len);
		}
	}
	len = sizeof(WSAPROTOCOL_INFOW) - 1;
	EXPECT_EQ(WSAEFAULT, GET(SOL_SOCKET, SO_PROTOCOL_INFOW, self->end - 1024, &len));
}

TEST_F(options, S_02_flag_of_one_byte)
{
	struct { signed char before, value, after; } bytes = { 7, 1, 7 };
	int i, len;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!(known[i].how & FLAG) || (known[i].how & GET_ONLY) ||
		    !is_for(i, self->family, self->type))
			continue;
		bytes.value = 1;
		EXPECT_EQ(0, SET(THIS, &bytes.value, 1)) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(1, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
		bytes.value = 7;
		len = 1;
		EXPECT_EQ(0, GET(THIS, &bytes.value, &len));
		EXPECT_EQ(1, len);
		EXPECT_EQ(1, bytes.value) TH_LOG("%#x", known[i].name);
		EXPECT_EQ(7, bytes.before);
		EXPECT_EQ(7, bytes.after);
		bytes.value = 0;
		EXPECT_EQ(0, SET(THIS, &bytes.value, 1));
		EXPECT_EQ(0, NUMBER(THIS)) TH_LOG("%#x", known[i].name);
	}
}

/* The platform's own options stay within reach. */
TEST_F(options, S_02_the_platforms_own)
{
	struct timeval tv = { 5, 0 };
	int len = sizeof(tv);

	EXPECT_EQ(self->family, NUMBER(SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_PRIORITY, 3));
	EXPECT_EQ(3, platforms(self->s, SOL_SOCKET, SO_PRIORITY));
	EXPECT_EQ(WSAEFAULT, SET(SOL_SOCKET, SO_PRIORITY, &len, 2));
	if (self->family == AF_INET)	/* as short as this option's values may be */
		EXPECT_EQ(WSAEINVAL, SET(IPPROTO_IP, IP_MTU_DISCOVER, "c", 1));
	EXPECT_EQ(0, SET_NUMBER(IPPROTO_IP, IP_RECVTTL, 1));
	EXPECT_EQ(1, NUMBER(IPPROTO_IP, IP_RECVTTL));
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	memset(&tv, 0, sizeof(tv));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(sizeof(tv), len);
	EXPECT_EQ(5, tv.tv_sec);
	EXPECT_EQ(5000, NUMBER(SOL_SOCKET, SO_RCVTIMEO));
	if (self->type == SOCK_STREAM)
		EXPECT_EQ(0, SET_NUMBER(IPPROTO_TCP, TCP_KEEPIDLE, 10));
}

/* S-03: time-outs ----------------------------------------------------------- */

static int platforms_time(SOCKET s, int name)
{
	struct timeval tv = { -1, 0 };
	socklen_t len = sizeof(tv);

	getsockopt(s, SOL_SOCKET, name, &tv, &len);
	return (int)(tv.tv_sec * 1000 + tv.tv_usec / 1000);
}

static int set_platforms_time(SOCKET s, int name, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	return setsockopt(s, SOL_SOCKET, name, &tv, sizeof(tv));
}

TEST_F(options, S_03_read_back_as_set)
{
	static const DWORD times[] = { 1, 2, 3, 9, 10, 11, 99, 1234, 16383, 16384,
				       65535, 65536, 86400001, 0x7fffffff,
				       0xfffffffe, 0xffffffff, 5, 0, 1001, 0 };
	static const int names[] = { SO_RCVTIMEO, SO_SNDTIMEO };
	static const int before[] = { 1233, 4321 };
	int i, j, got;

	for (i = 0; i < ARRAY_SIZE(times) * 2; i++) {
		const DWORD ms = times[i / 2];
		const int name = names[i % 2];

		EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, name, (int)ms));
		EXPECT_EQ(ms, (DWORD)NUMBER(SOL_SOCKET, name));
		if (ms > 0x7fffffff)
			continue;
		EXPECT_LE(ms, platforms_time(self->s, name));
		EXPECT_GE(ms + 10, platforms_time(self->s, name));
	}
	/* Each is its own, and the last call holds. */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, names[i], before[i]));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(before[i], NUMBER(SOL_SOCKET, names[i]));
	for (i = 0; i < 2; i++) {
		for (j = 0; j <= 20000; j += 20) {
			ASSERT_EQ(0, set_platforms_time(self->s, names[i], j));
			ASSERT_EQ(j, platforms_time(self->s, names[i]));
			got = NUMBER(SOL_SOCKET, names[i]);
			/* To the kernel's clock it may be the same time as before. */
			ASSERT_TRUE(got == j || (got - before[i]) % 16384 == 0)
				TH_LOG("%d", got);
			ASSERT_TRUE(got <= j && got > j - 10);
		}
	}
}

static int receive_into(SOCKET s, char *data, DWORD size)
{
	WSABUF buf = { size, data };
	DWORD n, flags = 0;

	return OUTCOME(WSPRecv(s, &buf, 1, &n, &flags, NULL, NULL, NULL, &code));
}

TEST_F(options, S_03_overrun)
{
	static char big[65536];
	WSABUF buf = { sizeof(big), big };
	char data[4];
	long start;
	DWORD n;
	int rc;

	ASSERT_EQ(0, join(self->s, &self->name));
	ASSERT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_RCVTIMEO, 150));
	start = now_ms();
	EXPECT_EQ(WSAETIMEDOUT, receive_into(self->s, data, sizeof(data)));
	EXPECT_LE(140, now_ms() - start);
	EXPECT_GE(DEADLINE_MS, now_ms() - start);
	if (self->type == SOCK_DGRAM)
		return;
	ASSERT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_SNDTIMEO, 50));
	do {
		rc = OUTCOME(WSPSend(self->s, &buf, 1, &n, 0, NULL, NULL, NULL, &code));
	} while (!rc);
	EXPECT_EQ(WSAETIMEDOUT, rc);
}

static void *connect_later(void *arg)
{
	const union name *name = arg;
	int fd = socket(name->sa.sa_family, SOCK_STREAM, 0);

	usleep(400000);
	connect(fd, &name->sa, name_len(name));
	return (void *)(intptr_t)fd;
}

TEST_F(options, S_03_accept_heeds_neither)
{
	const union name any = name_of(self->family, "127.0.0.1", "::1", 0);
	pthread_t thread;
	SOCKET accepted;
	union name name;
	ULONG on = 1;
	void *fd;

	if (self->type == SOCK_DGRAM)
		return;
	ASSERT_EQ(0, bind_to(self->s, &any));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->s, 1, &code)));
	ASSERT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_RCVTIMEO, 35));
	name = local_name(self->s);
	ASSERT_EQ(0, pthread_create(&thread, NULL, connect_later, &name));
	accepted = WSPAccept(self->s, NULL, NULL, NULL, 0, NULL);
	EXPECT_NE(INVALID_SOCKET, accepted);
	ASSERT_EQ(0, pthread_join(thread, &fd));
	close((intptr_t)fd);
	/* It has the listener's options. */
	EXPECT_EQ(35, number_of(variant->spelling, accepted, SOL_SOCKET, SO_RCVTIMEO));
	WSPCloseSocket(accepted, NULL);
	ASSERT_EQ(0, ioctl(self->s, FIONBIO, &on));
	EXPECT_EQ(WSAEWOULDBLOCK,
		  OUTCOME((int)WSPAccept(self->s, NULL, NULL, NULL, 0, &code)));
}

/* S-04: SO_LINGER ------------------------------------------------------------ */

struct winsock_linger {
	unsigned short on, seconds;
};

TEST_F(options, S_04_linger)
{
	struct winsock_linger two = { 1, 7 };
	struct linger one = { 0, 0 };
	int len = sizeof(two), one_len = sizeof(one);

	if (self->type == SOCK_DGRAM) {
		EXPECT_EQ(WSAENOPROTOOPT, SET(SOL_SOCKET, SO_LINGER, &two, len));
		EXPECT_EQ(WSAENOPROTOOPT, SET(SOL_SOCKET, SO_LINGER, &one, one_len));
		EXPECT_EQ(WSAENOPROTOOPT, GET(SOL_SOCKET, SO_LINGER, &one, &one_len));
		return;
	}
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_LINGER, &two, len));
	EXPECT_EQ(0, NUMBER(SOL_SOCKET, SO_DONTLINGER));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_LINGER, &one, &one_len));
	EXPECT_EQ(sizeof(one), one_len);
	EXPECT_EQ(1, one.l_onoff);
	EXPECT_EQ(7, one.l_linger);

	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DONTLINGER, 1));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_LINGER, &two, &len));
	EXPECT_EQ(sizeof(two), len);
	EXPECT_EQ(0, two.on);
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DONTLINGER, 0));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_LINGER, &two, &len));
	EXPECT_EQ(1, two.on);
	EXPECT_EQ(7, two.seconds);

	one = (struct linger) { 1, 70000 };
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_LINGER, &one, sizeof(one)));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_LINGER, &two, &len));
	EXPECT_EQ(0xffff, two.seconds);
	two = (struct winsock_linger) { 0, 9 };
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_LINGER, &two, sizeof(two)));
	EXPECT_EQ(1, NUMBER(SOL_SOCKET, SO_DONTLINGER));
}

/* The platform's values are told by their sizes, and by no other one. */
TEST_F(options, S_03_S_04_larger_than_any)
{
	struct {
		struct winsock_linger two;
		char more[60];
	} linger = { .two = { 1, 7 } };
	struct {
		DWORD ms;
		char more[60];
	} time = { .ms = 1234 };
	const struct timeval wrong = { 0, 1000000 };
	int len = sizeof(time);

	EXPECT_EQ(0, SET(SOL_SOCKET, SO_RCVTIMEO, &time, len));
	time.ms = 0;
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_RCVTIMEO, &time, &len));
	EXPECT_EQ(1234, time.ms);
	EXPECT_EQ(sizeof(time.ms), len);
	EXPECT_EQ(WSAEINVAL, SET(SOL_SOCKET, SO_RCVTIMEO, &wrong, sizeof(wrong)));
	if (self->type == SOCK_DGRAM)
		return;
	len = sizeof(linger);
	EXPECT_EQ(0, SET(SOL_SOCKET, SO_LINGER, &linger, len));
	linger.two = (struct winsock_linger) { 0 };
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.two.on);
	EXPECT_EQ(7, linger.two.seconds);
	EXPECT_EQ(sizeof(linger.two), len);
}

/* A lingering socket that is nonblocking is not closed (T-01), however set. */
TEST_F(options, S_04_linger_is_known)
{
	static char big[1 << 20];
	const struct winsock_linger two = { 1, 7 };
	WSABUF buf = { sizeof(big), big };
	ULONG on = 1;
	DWORD n;

	if (self->type == SOCK_DGRAM)
		return;
	ASSERT_EQ(0, SET(SOL_SOCKET, SO_LINGER, &two, sizeof(two)));
	ASSERT_EQ(0, join(self->s, &self->name));
	ASSERT_EQ(0, ioctl(self->s, FIONBIO, &on));
	while (!WSPSend(self->s, &buf, 1, &n, 0, NULL, NULL, NULL, NULL))
		;
	EXPECT_EQ(WSAEWOULDBLOCK, OUTCOME(WSPCloseSocket(self->s, &code)));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DONTLINGER, 1));
}

/* S-05: SO_MAX_MSG_SIZE ------------------------------------------------------ */

static int send_bytes(SOCKET s, DWORD size)
{
	static char data[66000];
	WSABUF buf = { size, data };
	DWORD n = 0;
	int rc;

	rc = OUTCOME(WSPSend(s, &buf, 1, &n, 0, NULL, NULL, NULL, &code));
	return rc || n == size ? rc : -1;
}

TEST_F(options, S_05_largest_datagram)
{
	const int size = NUMBER(SOL_SOCKET, SO_MAX_MSG_SIZE);

	if (self->type == SOCK_STREAM) {
		EXPECT_EQ(0, size);
		return;
	}
	EXPECT_EQ(self->family == AF_INET6 ? 65527 : 65507, size);
	ASSERT_EQ(0, join(self->s, &self->name));
	EXPECT_EQ(0, send_bytes(self->s, size));
	EXPECT_EQ(WSAEMSGSIZE, send_bytes(self->s, size + 1));
}

/* S-06: SO_EXCLUSIVEADDRUSE -------------------------------------------------- */

TEST_F(options, S_06_exclusive)
{
	static const char * const addrs[][2] = {
		{ "127.0.0.1", "::1" }, { "0.0.0.0", "::" }, { "192.0.2.1", "2001:db8:a::1" },
	};
	SOCKET first, second;
	union name name;
	int i, j, reuse;

	for (i = 0; i < ARRAY_SIZE(addrs) * ARRAY_SIZE(addrs) * 2; i++) {
		reuse = i & 1;
		j = i / 2 % ARRAY_SIZE(addrs);
		first = open_socket(self->family, self->type);
		second = open_socket(self->family, self->type);
		ASSERT_EQ(0, set_number(variant->spelling, first, SOL_SOCKET,
					SO_EXCLUSIVEADDRUSE, 1));
		ASSERT_EQ(0, set_number(variant->spelling, second, SOL_SOCKET,
					SO_REUSEADDR, reuse));
		name = name_of(self->family, addrs[j][0], addrs[j][1], 0);
		ASSERT_EQ(0, bind_to(first, &name));
		EXPECT_EQ(1, number_of(variant->spelling, first, SOL_SOCKET,
				       SO_EXCLUSIVEADDRUSE));
		name = local_name(first);
		j = i / 2 / ARRAY_SIZE(addrs);
		name = name_of(self->family, addrs[j][0], addrs[j][1], name_port(&name));
		EXPECT_EQ(j == i / 2 % ARRAY_SIZE(addrs) || j == 1 ||
			  i / 2 % ARRAY_SIZE(addrs) == 1 ? WSAEADDRINUSE : 0,
			  bind_to(second, &name)) TH_LOG("case %d", i);
		WSPCloseSocket(first, NULL);
		WSPCloseSocket(second, NULL);
	}
}

TEST_F(options, S_06_when)
{
	const union name any = name_of(self->family, "127.0.0.1", "::1", 0);

	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(WSAEINVAL, SET_NUMBER(SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(0, NUMBER(SOL_SOCKET, SO_REUSEADDR));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_REUSEADDR, 0));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(WSAEINVAL, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(0, NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_REUSEADDR, 0));

	/* What setsockopt(2) says afterwards holds (S-08). */
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(0, platforms_set(self->s, SOL_SOCKET, SO_REUSEADDR, 1));
	EXPECT_EQ(0, NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE));
	EXPECT_EQ(0, platforms_set(self->s, SOL_SOCKET, SO_REUSEADDR, 0));

	ASSERT_EQ(0, bind_to(self->s, &any));
	EXPECT_EQ(WSAEINVAL, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(WSAEINVAL, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0));
}

/* It may be set before WSPListen only. */
TEST_F(options, A_01_conditional_accept)
{
	const union name any = name_of(self->family, "127.0.0.1", "::1", 0);

	if (self->type == SOCK_DGRAM)
		return;
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1));
	EXPECT_EQ(1, NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT));
	ASSERT_EQ(0, bind_to(self->s, &any));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->s, 1, &code)));
	EXPECT_EQ(WSAEINVAL, SET_NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0));
	EXPECT_EQ(1, NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT));
}

/* S-07: protocols ------------------------------------------------------------ */

#define TCP_FLAGS	(XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |	\
			 XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA | XP1_IFS_HANDLES)
#define UDP_FLAGS	(XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED |		\
			 XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES)

TEST_F(options, S_07_protocol_info)
{
	const bool stream = self->type == SOCK_STREAM, v6 = self->family == AF_INET6;
	WSAPROTOCOL_INFOW info;
	WSAPROTOCOL_INFOA narrow;
	int len = sizeof(info) + 9, i;
	SOCKET other;

	memset(&info, 0x55, sizeof(info));
	ASSERT_EQ(0, GET(SOL_SOCKET, SO_PROTOCOL_INFOW, &info, &len));
	ASSERT_EQ(628, len);
	EXPECT_EQ(2, info.iVersion);
	EXPECT_EQ(self->family, info.iAddressFamily);
	EXPECT_EQ(self->type, info.iSocketType);
	EXPECT_EQ(stream ? IPPROTO_TCP : IPPROTO_UDP, info.iProtocol);
	EXPECT_EQ(v6 ? 28 : 16, info.iMaxSockAddr);
	EXPECT_EQ(v6 ? 28 : 16, info.iMinSockAddr);
	EXPECT_EQ(stream ? TCP_FLAGS : UDP_FLAGS | (v6 ? 0 : XP1_SUPPORT_BROADCAST),
		  info.dwServiceFlags1);
	EXPECT_EQ(stream ? 0 : v6 ? 65527 : 65507, info.dwMessageSize);
	EXPECT_EQ(1, info.ProtocolChain.ChainLen);
	EXPECT_NE(0, info.dwCatalogEntryId);
	EXPECT_EQ(BIGENDIAN, info.iNetworkByteOrder);
	EXPECT_EQ(0, info.dwServiceFlags2 | info.dwServiceFlags3 |
		     info.dwServiceFlags4 | info.dwProviderReserved |
		     info.iProtocolMaxOffset | info.iSecurityScheme);

	len = sizeof(narrow);
	ASSERT_EQ(0, GET(SOL_SOCKET, SO_PROTOCOL_INFOA, &narrow, &len));
	ASSERT_EQ(372, len);
	EXPECT_EQ(0, memcmp(&narrow, &info, offsetof(WSAPROTOCOL_INFOA, szProtocol)));
	EXPECT_LT(0, strlen(narrow.szProtocol));
	for (i = 0; i <= WSAPROTOCOL_LEN; i++)
		EXPECT_EQ(narrow.szProtocol[i], info.szProtocol[i]);

	/* What it describes can be had by it. */
	other = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
			  &info, 0, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, other);
	EXPECT_EQ(self->type, platforms(other, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(self->family, platforms(other, SOL_SOCKET, SO_DOMAIN));
	WSPCloseSocket(other, NULL);
	other = WSASocketA(0, 0, 0, &narrow, 0, 0);
	ASSERT_NE(INVALID_SOCKET, other);
	EXPECT_EQ(self->type, platforms(other, SOL_SOCKET, SO_TYPE));
	WSPCloseSocket(other, NULL);
}

#define SOCKET_OUTCOME(...)						\
	({								\
		int code = UNTOUCHED;					\
		SOCKET sock = WSPSocket(__VA_ARGS__, 0, 0, &code);	\
									\
		kind = sock == INVALID_SOCKET ? 0 :			\
		       platforms(sock, SOL_SOCKET, SO_TYPE) * 100 +	\
		       platforms(sock, SOL_SOCKET, SO_DOMAIN);		\
		WSPCloseSocket(sock, NULL);				\
		sock == INVALID_SOCKET ? code : code != UNTOUCHED;	\
	})
#define OPENS(family, type, ...) do {					\
	EXPECT_EQ(0, SOCKET_OUTCOME(__VA_ARGS__));			\
	EXPECT_EQ((type) * 100 + (family), kind);			\
} while (0)
#define REFUSES(code, ...)	EXPECT_EQ(code, SOCKET_OUTCOME(__VA_ARGS__))

TEST(S_07_what_is_given_goes_before)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	WSAPROTOCOL_INFOW udp = { .iAddressFamily = AF_INET6, .iProtocol = IPPROTO_UDP,
				  .iSocketType = SOCK_DGRAM }, bad = { .iVersion = 2 };
	const size_t size = sizeof(udp);
	int kind;

	OPENS(AF_INET6, SOCK_DGRAM, 0, 0, 0, &udp);
	OPENS(AF_INET, SOCK_DGRAM, AF_INET, 0, 0, &udp);
	OPENS(AF_INET6, SOCK_STREAM, 0, SOCK_STREAM, IPPROTO_TCP, &udp);
	OPENS(AF_INET, SOCK_STREAM, AF_INET, SOCK_STREAM, IPPROTO_TCP, &bad);
	REFUSES(WSAEPROTONOSUPPORT, 0, SOCK_STREAM, 0, &udp);
	REFUSES(WSAEPROTONOSUPPORT, 0, 0, IPPROTO_TCP, &udp);
	REFUSES(WSAEINVAL, 0, 0, 0, &bad);
	bad.iAddressFamily = 77;
	REFUSES(WSAEAFNOSUPPORT, 0, 0, 0, &bad);
	REFUSES(WSAEFAULT, AF_INET, SOCK_STREAM, 0, (void *)8);
	ASSERT_NE(MAP_FAILED, pages);
	memcpy(pages + 4096 - size, &udp, size);
	ASSERT_EQ(0, munmap(pages + 4096, 4096));
	OPENS(AF_INET6, SOCK_DGRAM, 0, 0, 0, (void *)(pages + 4096 - size));
	REFUSES(WSAEFAULT, AF_INET, SOCK_STREAM, 0, (void *)(pages + 4096 - 60));
}

TEST(S_07_enumerated)
{
	int tcp[] = { IPPROTO_TCP, 0 }, both[] = { IPPROTO_UDP, 77, IPPROTO_TCP, 0 };
	int none[] = { 77, 0 }, empty[] = { 0 }, i, size = sizeof(WSAPROTOCOL_INFOW);
	WSAPROTOCOL_INFOW wide[5], same;
	WSAPROTOCOL_INFOA narrow[5];
	DWORD len = 0;
	SOCKET s;

	WSASetLastError(77);
	EXPECT_EQ(SOCKET_ERROR, WSAEnumProtocolsW(NULL, NULL, &len));
	EXPECT_EQ(WSAENOBUFS, WSAGetLastError());
	EXPECT_EQ(4 * size, len);
	len--;
	EXPECT_EQ(SOCKET_ERROR, WSAEnumProtocolsW(NULL, wide, &len));
	EXPECT_EQ(4 * size, len);
	EXPECT_EQ(SOCKET_ERROR, WSAEnumProtocolsW(NULL, NULL, &len));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	WSASetLastError(77);
	EXPECT_EQ(4, WSAEnumProtocolsW(NULL, wide, &len));
	EXPECT_EQ(77, WSAGetLastError());
	for (i = 0; i < 4; i++) {
		int info = sizeof(same);

		s = WSPSocket(0, 0, 0, &wide[i], 0, 0, NULL);
		ASSERT_NE(INVALID_SOCKET, s);
		EXPECT_EQ(0, get(WSP, s, SOL_SOCKET, SO_PROTOCOL_INFOW, &same, &info));
		EXPECT_EQ(0, memcmp(&same, &wide[i], size));
		EXPECT_TRUE(!i || memcmp(&wide[i], &wide[i - 1], size));
		WSPCloseSocket(s, NULL);
	}
	len = sizeof(wide);
	EXPECT_EQ(2, WSAEnumProtocolsW(tcp, wide, &len));
	EXPECT_EQ(2 * size, len);
	EXPECT_EQ(IPPROTO_TCP, wide[0].iProtocol);
	EXPECT_EQ(IPPROTO_TCP, wide[1].iProtocol);
	EXPECT_EQ(30, wide[0].iAddressFamily + wide[1].iAddressFamily + 18);
	len = sizeof(narrow);
	EXPECT_EQ(4, WSAEnumProtocolsA(both, narrow, &len));
	EXPECT_EQ(4 * sizeof(narrow[0]), len);
	EXPECT_LT(0, strlen(narrow[3].szProtocol));
	EXPECT_EQ(0, WSAEnumProtocolsW(none, wide, &len));
	EXPECT_EQ(0, WSAEnumProtocolsW(empty, NULL, &len));
	EXPECT_EQ(SOCKET_ERROR, WSAEnumProtocolsA(NULL, narrow, NULL));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
}

/* S-08: one setting ---------------------------------------------------------- */

/* Every option of @known that is kept somewhere, as a descriptor has it. */
static void read_all(SOCKET s, enum spelling spelling, int *values)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		values[i] = number_of(spelling, s, known[i].level, known[i].name);
}

TEST_F(options, S_08_whichever_descriptor)
{
	const bool stream = self->type == SOCK_STREAM;
	int values[ARRAY_SIZE(known)], others[ARRAY_SIZE(known)];
	int ends[2], status, fd;
	pid_t child;

	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_RCVTIMEO, 1233));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_SNDTIMEO, 77));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_DEBUG, 1));
	EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_RCVBUF, 5000));
	if (stream)
		EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1));
	read_all(self->s, WSP, values);
	read_all(self->s, WINSOCK, others);
	EXPECT_EQ(0, memcmp(values, others, sizeof(values)));
	EXPECT_EQ(1233, NUMBER(SOL_SOCKET, SO_RCVTIMEO));

	fd = dup(self->s);
	read_all(fd, variant->spelling, others);
	EXPECT_EQ(0, memcmp(values, others, sizeof(values)));
	close(fd);
	WSPForget(fd, fd);

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	child = fork();
	if (!child) {
		fd = receive_descriptor(ends[1]);
		read_all(fd, variant->spelling, others);
		_exit(memcmp(values, others, sizeof(values)) ? 1 :
		      set_number(WSP, fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0) ||
		      set_number(WSP, fd, SOL_SOCKET, SO_SNDTIMEO, 78));
	}
	ASSERT_EQ(0, send_descriptor(ends[0], self->s));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, NUMBER(SOL_SOCKET, SO_EXCLUSIVEADDRUSE));
	EXPECT_EQ(78, NUMBER(SOL_SOCKET, SO_SNDTIMEO));
	EXPECT_EQ(1233, NUMBER(SOL_SOCKET, SO_RCVTIMEO));
	close(ends[0]);
	close(ends[1]);
}

/* A socket that the kernel makes where another one was has nothing of that. */
TEST_F(options, S_08_nothing_is_left)
{
	SOCKET s;
	int i;

	for (i = 0; i < 50; i++) {
		s = open_socket(self->family, self->type);
		ASSERT_NE(INVALID_SOCKET, s);
		EXPECT_EQ(0, number_of(variant->spelling, s, SOL_SOCKET,
				       SO_EXCLUSIVEADDRUSE));
		if (self->type == SOCK_STREAM)
			EXPECT_EQ(0xffffffff, connect_time(s));
		ASSERT_EQ(0, set_number(variant->spelling, s, SOL_SOCKET,
					SO_EXCLUSIVEADDRUSE, 1));
		if (i % 20 == 0)
			ASSERT_EQ(0, join(s, &self->name));
		WSPCloseSocket(s, NULL);
	}
}

/* T-10 to T-12 ---------------------------------------------------------------- */

TEST_F(options, T_10_so_error)
{
	int error = 77, len = sizeof(error);

	if (variant->spelling == WSP)
		return;
	WSASetLastError(77);
	EXPECT_EQ(0, winsock_getsockopt(self->s, SOL_SOCKET, SO_TYPE, (char *)&error,
					&len));
	EXPECT_EQ(0, winsock_setsockopt(self->s, SOL_SOCKET, SO_REUSEADDR,
					(char *)&error, len));
	EXPECT_EQ(77, WSAGetLastError());
	EXPECT_EQ(SOCKET_ERROR, winsock_getsockopt(self->s, SOL_SOCKET, SO_ERROR, NULL,
						   &len));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	EXPECT_EQ(0, winsock_getsockopt(self->s, SOL_SOCKET, SO_ERROR, (char *)&error,
					&len));
	EXPECT_EQ(0, error);
	EXPECT_EQ(0, WSAGetLastError());
	WSASetLastError(77);
	EXPECT_EQ(0, OUTCOME(WSPGetSockOpt(self->s, SOL_SOCKET, SO_ERROR,
					   (char *)&error, &len, &code)));
	EXPECT_EQ(77, WSAGetLastError());
}

TEST_F(options, T_11_v6_only)
{
	const union name v6 = name_v6("::", 0);
	union name v4, mapped = name_v6("::ffff:127.0.0.1", 0);
	SOCKET second;

	if (self->family == AF_INET)
		return;
	EXPECT_EQ(1, platforms(self->s, IPPROTO_IPV6, IPV6_V6ONLY));
	ASSERT_EQ(0, bind_to(self->s, &v6));
	v4 = name_v4("0.0.0.0", local_port(self->s));
	second = open_socket(AF_INET, self->type);
	EXPECT_EQ(0, bind_to(second, &v4));
	WSPCloseSocket(second, NULL);

	/* Who turns it off has v4-mapped names. */
	second = variant->spelling == WSP ? open_socket(AF_INET6, self->type) :
					    winsock_socket(AF_INET6, self->type, 0);
	EXPECT_EQ(0, set_number(variant->spelling, second, IPPROTO_IPV6, IPV6_V6ONLY,
				0));
	EXPECT_EQ(0, bind_to(second, &mapped));
	WSPCloseSocket(second, NULL);
}

TEST_F(options, T_12_buffers_read_back)
{
	static const int names[] = { SO_RCVBUF, SO_SNDBUF };
	static const int sizes[] = { 4096, 5001, 8192, 65536, 100001 };
	int i, j, plain, max, len = sizeof(int);

	for (i = 0; i < 2; i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, names[i], sizes[j]));
			EXPECT_EQ(sizes[j], NUMBER(SOL_SOCKET, names[i]));
			EXPECT_EQ(2 * sizes[j], platforms(self->s, SOL_SOCKET, names[i]));
		}
		EXPECT_EQ(0, platforms_set(self->s, SOL_SOCKET, names[i], 12345));
		EXPECT_EQ(12345, NUMBER(SOL_SOCKET, names[i]));
		/* The system's limits. */
		plain = plain_socket(HERE, self->family, self->type);
		ASSERT_EQ(0, platforms_set(plain, SOL_SOCKET, names[i], 1 << 30));
		max = platforms(plain, SOL_SOCKET, names[i]) / 2;
		close(plain);
		EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, names[i], 1 << 30));
		EXPECT_EQ(max, NUMBER(SOL_SOCKET, names[i]));
		EXPECT_EQ(0, SET_NUMBER(SOL_SOCKET, names[i], 0));
		EXPECT_LT(0, NUMBER(SOL_SOCKET, names[i]));
		EXPECT_EQ(0, GET(SOL_SOCKET, names[i], &j, &len));
	}
}

TEST_F(options, T_12_bind_to_a_foreign_name)
{
	const union name v4 = name_v4("127.0.0.1", 0), v6 = name_v6("::1", 0);
	const union name foreign = self->family == AF_INET ? v6 : v4;
	union name unix_name = { .sa = { .sa_family = AF_UNIX } };

#define BIND(name, len) OUTCOME(WSPBind(self->s, name, len, &code))
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(&foreign.sa, name_len(&foreign)));
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(&foreign.sa, sizeof(foreign)));
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(&unix_name.sa, sizeof(unix_name.in6)));
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(&unix_name.sa, sizeof(unix_name.in)));
	EXPECT_EQ(WSAEFAULT, BIND(&foreign.sa, -1));
	EXPECT_EQ(WSAEFAULT, BIND(&foreign.sa, 0));
	EXPECT_EQ(WSAEFAULT, BIND((void *)8, sizeof(v6)));
	EXPECT_EQ(WSAEFAULT, BIND(NULL, sizeof(v6)));
	EXPECT_EQ(0, bind_to(self->s, self->family == AF_INET ? &v4 : &v6));
	EXPECT_EQ(WSAEINVAL, BIND(&v4.sa, name_len(&v4)));
}

TEST(T_12_arguments_of_a_socket)
{
	int kind;

	OPENS(AF_INET, SOCK_STREAM, AF_INET, 0, 0, NULL);
	OPENS(AF_INET6, SOCK_STREAM, AF_INET6, 0, 0, NULL);
	OPENS(AF_INET, SOCK_STREAM, AF_UNSPEC, 0, IPPROTO_TCP, NULL);
	OPENS(AF_INET, SOCK_DGRAM, AF_UNSPEC, 0, IPPROTO_UDP, NULL);
	OPENS(AF_INET, SOCK_STREAM, AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP, NULL);
	OPENS(AF_INET6, SOCK_DGRAM, AF_INET6, 0, IPPROTO_UDP, NULL);
	OPENS(AF_INET6, SOCK_STREAM, AF_INET6, SOCK_STREAM, 0, NULL);
	OPENS(AF_INET, SOCK_DGRAM, AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL);
	REFUSES(WSAEINVAL, AF_UNSPEC, 0, 0, NULL);
	REFUSES(WSAEINVAL, AF_UNSPEC, SOCK_STREAM, 0, NULL);
	REFUSES(WSAEINVAL, AF_UNSPEC, SOCK_DGRAM, 0, NULL);
	REFUSES(WSAEAFNOSUPPORT, AF_UNIX, 0, 0, NULL);
	REFUSES(WSAEAFNOSUPPORT, FROM_PROTOCOL_INFO, 0, 0, NULL);
	REFUSES(WSAESOCKTNOSUPPORT, AF_INET, 10, 0, NULL);
	REFUSES(WSAESOCKTNOSUPPORT, AF_INET, SOCK_RAW, IPPROTO_TCP, NULL);
	REFUSES(WSAESOCKTNOSUPPORT, AF_INET6, -1, IPPROTO_UDP, NULL);
	REFUSES(WSAEPROTONOSUPPORT, AF_INET, SOCK_STREAM, IPPROTO_UDP, NULL);
	REFUSES(WSAEPROTONOSUPPORT, AF_INET, SOCK_DGRAM, IPPROTO_TCP, NULL);
	REFUSES(WSAEPROTONOSUPPORT, AF_INET6, SOCK_STREAM, 255, NULL);
	REFUSES(WSAEPROTONOSUPPORT, AF_INET, 0, 255, NULL);
	REFUSES(WSAEPROTONOSUPPORT, AF_UNSPEC, SOCK_DGRAM, IPPROTO_TCP, NULL);
}

WSP_TEST_MAIN
