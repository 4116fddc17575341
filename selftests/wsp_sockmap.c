// SPDX-License-Identifier: GPL-2.0
/* Sockets of the family in a BPF sockmap, F-02: map[0] is k, map[1] other. */
#include <linux/bpf.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE(sockmap)

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_SOCKMAP,
		.key_size = 4, .value_size = 8, .max_entries = 2,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* One of the commands for an element. A look-up gives the socket's cookie. */
static int element(int cmd, int map, int key, unsigned long long *value)
{
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)value,
	};

	return syscall(SYS_bpf, cmd, &attr, sizeof(attr));
}

static int put(int map, int key, int fd)
{
	unsigned long long value = fd;

	return element(BPF_MAP_UPDATE_ELEM, map, key, &value);
}

static int take_out(int map, int key)
{
	return element(BPF_MAP_DELETE_ELEM, map, key, NULL);
}

static bool is_empty(int map, int key)
{
	unsigned long long cookie;

	return element(BPF_MAP_LOOKUP_ELEM, map, key, &cookie) == -1 &&
	       errno == ENOENT;
}

/* Everything that a socket of the map receives goes to map[1]. */
static int load_redirect(int map, int flags)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map }, {},
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3,
		  .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4,
		  .imm = flags },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sk_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_SK_SKB, 0, code, ARRAY_SIZE(code));
}

/* Both sockets connected and in a map; with a program unless @flags is -1. */
static int prepare(struct __test_metadata *_metadata, struct kind *k,
		   struct kind *other, int flags)
{
	int map = make_map(), prog;

	ASSERT_GE(map, 0);
	ASSERT_TRUE(kind_open(other, k->row.family, k->type));
	ASSERT_TRUE(kind_join(k));
	ASSERT_TRUE(kind_join(other));
	if (flags >= 0) {
		prog = load_redirect(map, flags);
		ASSERT_GE(prog, 0);
		ASSERT_EQ(0, bpf_attach(BPF_PROG_ATTACH, map,
					BPF_SK_SKB_VERDICT, prog));
		close(prog);
	}
	ASSERT_EQ(0, put(map, 0, k->fd));
	ASSERT_EQ(0, put(map, 1, other->fd));
	return map;
}

/* What k is sent goes out again by other. */
TEST_F(sockmap, F_02_redirected_to_the_peer)
{
	struct kind other;

	prepare(_metadata, &self->k, &other, 0);
	EXPECT_EQ(4, send(self->k.peer, "data", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(got(other.peer, "data", NULL));
	EXPECT_FALSE(readable_now(self->k.fd));
	/* The other way is the sockets' own. */
	EXPECT_EQ(4, send(self->k.fd, "back", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(got(self->k.peer, "back", NULL));
}

/* What k is sent is received by other. */
TEST_F(sockmap, F_02_redirected_to_the_program)
{
	struct kind other;

	prepare(_metadata, &self->k, &other, BPF_F_INGRESS);
	EXPECT_EQ(4, send(self->k.peer, "data", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(got(other.fd, "data", NULL));
	EXPECT_FALSE(readable_now(self->k.fd));
}

TEST_F(sockmap, F_02_taken_out_again)
{
	struct kind other;
	int map = prepare(_metadata, &self->k, &other, 0);

	ASSERT_EQ(0, take_out(map, 0));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	EXPECT_FALSE(readable_now(other.peer));
	ASSERT_EQ(0, put(map, 0, self->k.fd));
	EXPECT_EQ(4, send(self->k.peer, "data", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(got(other.peer, "data", NULL));
}

TEST_F(sockmap, F_02_sockets_closed_before_the_map)
{
	struct kind other;
	int map = prepare(_metadata, &self->k, &other, 0);
	long end = now_ms() + DEADLINE_MS;

	EXPECT_FALSE(is_empty(map, 0));
	EXPECT_EQ(4, send(self->k.peer, "data", 4, MSG_NOSIGNAL));
	close(self->k.fd);
	close(other.fd);
	while (!is_empty(map, 0) || !is_empty(map, 1))
		ASSERT_LT(now_ms(), end);
	self->k.fd = wsp_socket(self->k.type, &self->k.row);
}

/* A program that redirects to its own map keeps it until the sockets close. */
TEST_F(sockmap, F_02_map_closed_before_the_sockets)
{
	struct kind other;

	close(prepare(_metadata, &self->k, &other, 0));
	EXPECT_EQ(4, send(self->k.peer, "data", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(got(other.peer, "data", NULL));
	close(self->k.fd);
	close(other.fd);

	self->k.fd = wsp_socket(self->k.type, &self->k.row);
	close(prepare(_metadata, &self->k, &other, -1));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	EXPECT_TRUE(kind_talk(other.fd, other.peer));
}

/* Rules that do not change in a map: C-04, D-02, D-05. */
TEST_F(sockmap, F_02_E_10_stream_connect_in_map)
{
	union name name = kind_name(&self->k);
	struct kind other;
	int map;

	if (self->k.type == SOCK_DGRAM)
		return;
	map = prepare(_metadata, &self->k, &other, -1);
	EXPECT_EQ(WSAEISCONN, try_connect(&self->k.row, self->k.fd, &name,
					  name_len(&name)));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	ASSERT_EQ(0, take_out(map, 0));
	EXPECT_EQ(WSAEISCONN, try_connect(&self->k.row, self->k.fd, &name,
					  name_len(&name)));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
}

TEST_F(sockmap, F_02_D_05_datagram_connect_in_map)
{
	const int family = self->k.row.family;
	union name any = name_of(family, "0.0.0.0", "::", 0), name, from, to;
	struct kind other;
	int third;

	if (self->k.type == SOCK_STREAM)
		return;
	prepare(_metadata, &self->k, &other, -1);
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	third = receiver(THERE, family, PEER_B);
	name = local_name(third);
	EXPECT_EQ(0, try_connect(&self->k.row, self->k.fd, &name, name_len(&name)));
	to = local_name(self->k.fd);
	EXPECT_TRUE(told(third, to, "third"));
	EXPECT_TRUE(got(self->k.fd, "third", NULL));
	EXPECT_EQ(0, try_connect(&self->k.row, self->k.fd, &any, name_len(&any)));
	EXPECT_FAILS(ENOTCONN, send(self->k.fd, "x", 1, MSG_NOSIGNAL));
	to = name_host(family, HERE_B, name_port(&to));
	EXPECT_TRUE(told(third, to, "again"));
	EXPECT_TRUE(got(self->k.fd, "again", &from));
	EXPECT_TRUE(name_same(&name, &from));
}

/* Whichever way it is asked for, there is nothing, and no call hangs. */
static void expect_nothing(struct __test_metadata *_metadata, int fd)
{
	union name from;
	socklen_t len = sizeof(from);
	char buf[16];

	EXPECT_FALSE(readable_now(fd));
	EXPECT_LE(recvfrom(fd, buf, 0, MSG_DONTWAIT, &from.sa, &len), 0);
	EXPECT_FAILS(EAGAIN, recvfrom(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT,
				      &from.sa, &len));
	EXPECT_FAILS(EAGAIN, recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
				      &from.sa, &len));
}

/* The ways in which a former peer becomes one. */
static void leave_peer(struct __test_metadata *_metadata, const struct kind *k,
		       bool disconnect, int third)
{
	union name any = name_of(k->row.family, "0.0.0.0", "::", 0);
	union name name = local_name(third);

	if (disconnect)
		name = any;
	ASSERT_EQ(0, try_connect(&k->row, k->fd, &name, name_len(&name)));
}

TEST_F(sockmap, D_06_queue_discarded_in_map)
{
	const int third = receiver(THERE, self->k.row.family, PEER_B);
	struct kind other;
	int i;

	if (self->k.type == SOCK_STREAM)
		return;
	for (i = 0; i < 2; i++) {
		prepare(_metadata, &self->k, &other, -1);
		EXPECT_EQ(3, send(self->k.peer, "old", 3, MSG_NOSIGNAL));
		EXPECT_EQ(0, send(self->k.peer, "", 0, MSG_NOSIGNAL));
		ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
		leave_peer(_metadata, &self->k, i, third);
		expect_nothing(_metadata, self->k.fd);
		close(self->k.fd);
		close(self->k.peer);
		self->k.fd = wsp_socket(self->k.type, &self->k.row);
	}
}

/* Until so many bytes have been redirected to @fd, of which a peek sees all. */
static bool wait_peeked(int fd, ssize_t bytes)
{
	long end = now_ms() + DEADLINE_MS;
	char buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT) != bytes) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* What a program has redirected to the socket is nowhere in UDP's queue. */
TEST_F(sockmap, D_06_redirected_discarded)
{
	const int third = receiver(THERE, self->k.row.family, PEER_B);
	struct kind other;
	int i, n;

	if (self->k.type == SOCK_STREAM)
		return;
	for (i = 0; i < 2; i++) {
		prepare(_metadata, &self->k, &other, BPF_F_INGRESS);
		for (n = 0; n < 5; n++)
			EXPECT_EQ(3, send(self->k.peer, "old", 3, MSG_NOSIGNAL));
		ASSERT_TRUE(wait_for(other.fd, POLLIN));
		/* Redirection is another thread's work. */
		ASSERT_TRUE(wait_peeked(other.fd, 5 * 3));
		leave_peer(_metadata, &other, i, third);
		expect_nothing(_metadata, other.fd);
		close(self->k.fd);
		close(self->k.peer);
		self->k.fd = wsp_socket(self->k.type, &self->k.row);
	}
}

TEST_F(sockmap, D_06_first_connect_in_map)
{
	const int family = self->k.row.family, map = make_map();
	const int third = receiver(THERE, family, PEER_A);
	union name name = kind_name(&self->k), to;

	if (self->k.type == SOCK_STREAM)
		return;
	ASSERT_EQ(0, bind_port(self->k.fd, family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, put(map, 0, self->k.fd));
	to = name_host(family, HERE_A, local_port(self->k.fd));
	EXPECT_TRUE(told(third, to, "third"));
	EXPECT_TRUE(told(self->k.lfd, to, "one"));
	EXPECT_TRUE(told(third, to, "third"));
	EXPECT_TRUE(told(self->k.lfd, to, "two"));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	ASSERT_EQ(0, try_connect(&self->k.row, self->k.fd, &name, name_len(&name)));
	EXPECT_TRUE(got(self->k.fd, "one", NULL));
	EXPECT_TRUE(got(self->k.fd, "two", NULL));
	expect_nothing(_metadata, self->k.fd);
}

/* Put into a map when its peer has just changed. */
TEST_F(sockmap, D_06_D_13_put_in_while_fresh)
{
	const int third = receiver(THERE, self->k.row.family, PEER_B);
	const int map = make_map();
	union name to;

	if (self->k.type == SOCK_STREAM)
		return;
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(3, send(self->k.peer, "old", 3, MSG_NOSIGNAL));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	leave_peer(_metadata, &self->k, false, third);
	ASSERT_EQ(0, put(map, 0, self->k.fd));
	expect_nothing(_metadata, self->k.fd);
	to = local_name(self->k.fd);
	EXPECT_TRUE(told(third, to, "new"));
	EXPECT_TRUE(got(self->k.fd, "new", NULL));
	expect_nothing(_metadata, self->k.fd);
}

TEST_F(sockmap, F_02_C_14_accepted_by_listener_in_map)
{
	int client = plain_socket(HERE, self->k.row.family, SOCK_STREAM);
	union name name;
	int map = make_map(), fd;

	if (self->k.type == SOCK_DGRAM)
		return;
	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, listen(self->k.fd, 1));
	ASSERT_EQ(0, put(map, 0, self->k.fd));
	name = local_name(self->k.fd);
	ASSERT_EQ(0, connect(client, &name.sa, name_len(&name)));
	fd = accept(self->k.fd, NULL, NULL);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(WSAEISCONN, try_connect(&self->k.row, fd, &name, name_len(&name)));
	EXPECT_EQ(WSAEINVAL, try_connect(&self->k.row, self->k.fd, &name,
					 name_len(&name)));
	EXPECT_TRUE(kind_talk(fd, client));
	close(fd);
}

WSP_TEST_MAIN
