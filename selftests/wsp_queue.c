// SPDX-License-Identifier: GPL-2.0
/* Datagrams received before a connect, and by whom: D-06, D-07, D-13. */
#include <linux/filter.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

FIXTURE(queue) {
	const struct row *row;
	int family;
	int fd;			/* the socket under test, bound */
	int former, peer;	/* on the two networks */
	union name former_name, peer_name;
};

FIXTURE_VARIANT(queue) {
	struct row row;
};

ROWS(queue)

FIXTURE_SETUP(queue)
{
	const struct timeval tv = { .tv_sec = DEADLINE_MS / 1000 };

	self->row = &variant->row;
	self->family = variant->row.family;
	self->fd = wsp_socket(SOCK_DGRAM, self->row);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));

	self->former = receiver(THERE, self->family, PEER_A);
	self->peer = receiver(THERE, self->family, PEER_B);
	self->former_name = local_name(self->former);
	self->peer_name = local_name(self->peer);
}

FIXTURE_TEARDOWN(queue)
{
	close(self->fd);
	close(self->former);
	close(self->peer);
}

#define CONNECT_CODE(name)						\
	try_connect(self->row, self->fd, &(name), name_len(&(name)))

/* Sends @count datagrams from @from to the socket's port at @host. */
static void send_to(int from, int fd, int family, enum host host, int count)
{
	union name to = name_host(family, host, local_port(fd));

	while (count--) {
		if (sendto(from, "datagram", 8, 0, &to.sa, name_len(&to)) != 8)
			abort();
	}
}

/* The length of the next datagram, by which the tests know them; or 0. */
static int next_len(int fd)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n < 0 ? 0 : n;
}

static int queued(int fd)
{
	int count = 0;

	while (next_len(fd))
		count++;
	return count;
}

/* Datagrams over veth are there when send returns, or a softirq later. */
static bool wait_queued(int fd, int bytes)
{
	long end = now_ms() + DEADLINE_MS;
	int n = 0;

	while (!ioctl(fd, FIONREAD, &n) && n < bytes) {
		if (now_ms() > end)
			return false;
	}
	return true;
}

TEST_F(queue, D_06_discarded_on_reconnect)
{
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, CONNECT_CODE(self->former_name));
		send_to(self->former, self->fd, self->family, HERE_A, 10);
		ASSERT_TRUE(wait_queued(self->fd, 1));
		ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
		EXPECT_FALSE(readable_now(self->fd));
		EXPECT_EQ(0, queued(self->fd));
		send_to(self->peer, self->fd, self->family, HERE_B, 3);
		ASSERT_TRUE(wait_for(self->fd, POLLIN));
		EXPECT_EQ(3, queued(self->fd));
	}
}

/* Its own datagrams, too, came before the call. */
TEST_F(queue, D_06_discarded_on_first_connect)
{
	send_to(self->peer, self->fd, self->family, HERE_B, 3);
	send_to(self->former, self->fd, self->family, HERE_A, 3);
	send_to(self->peer, self->fd, self->family, HERE_B, 3);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
	EXPECT_EQ(0, queued(self->fd));
	send_to(self->peer, self->fd, self->family, HERE_B, 1);
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	EXPECT_EQ(1, queued(self->fd));
}

TEST_F(queue, D_06_discarded_on_disconnect)
{
	union name any = name_of(self->family, "0.0.0.0", "::", 0), from;
	socklen_t len = sizeof(from);
	char buf[16];

	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 10);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(any));
	EXPECT_FALSE(readable_now(self->fd));
	/* From then on anyone's are taken, the former peer's too. */
	send_to(self->former, self->fd, self->family, HERE_A, 1);
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	EXPECT_EQ(8, recvfrom(self->fd, buf, sizeof(buf), 0, &from.sa, &len));
	EXPECT_TRUE(name_same_addr(&from, &self->former_name));
}

TEST_F(queue, D_06_full_queue_makes_room)
{
	const int small = 4096;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 1000);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
	EXPECT_FALSE(readable_now(self->fd));
	send_to(self->peer, self->fd, self->family, HERE_B, 1);
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	EXPECT_EQ(1, queued(self->fd));
}

/* Options that put ancillary data with each datagram, and one peeked at. */
TEST_F(queue, D_06_peeked_at_and_stamped)
{
	const int on = 1;
	char buf[16];

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_TIMESTAMP, &on,
				sizeof(on)));
	if (self->family == AF_INET6)
		setsockopt(self->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on,
			   sizeof(on));
	else
		setsockopt(self->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	EXPECT_EQ(8, recv(self->fd, buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
	EXPECT_EQ(-1, recv(self->fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, queued(self->fd));
}

TEST_F(queue, D_06_pending_error_discarded)
{
	union name closed = name_host(self->family, PEER_A, 9);

	ASSERT_EQ(0, CONNECT_CODE(closed));
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	ASSERT_TRUE(wait_for(self->fd, 0));	/* POLLERR */
	ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
	EXPECT_EQ(0, so_error(self->fd));
	EXPECT_EQ(1, send(self->fd, "x", 1, 0));
}

TEST_F(queue, D_07_same_name_keeps_queue)
{
	union name again = self->former_name;

	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	/* What is not part of the name does not make it another one. */
	if (self->family == AF_INET6)
		again.in6.sin6_flowinfo = htonl(1);
	else
		memset(again.in.sin_zero, 0xff, sizeof(again.in.sin_zero));
	ASSERT_EQ(0, CONNECT_CODE(again));
	EXPECT_EQ(5, queued(self->fd));
}

/* The same on a socket that never had another peer, nor a stranger's data. */
TEST_F(queue, D_07_same_name_keeps_queue_of_one_peer)
{
	int fd = wsp_socket(SOCK_DGRAM, self->row);
	const union name *name = &self->former_name;

	ASSERT_EQ(0, try_connect(self->row, fd, name, name_len(name)));
	send_to(self->former, fd, self->family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(fd, 1));
	ASSERT_EQ(0, try_connect(self->row, fd, name, name_len(name)));
	EXPECT_EQ(5, queued(fd));
}

TEST_F(queue, D_07_other_port_is_another_name)
{
	union name other = self->former_name;

	other.in.sin_port = htons(9);
	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(other));
	EXPECT_FALSE(readable_now(self->fd));
	EXPECT_EQ(0, queued(self->fd));
}

TEST_F(queue, D_08_failed_connect_keeps_queue)
{
	union name name = name_host(self->family, UNREACHABLE, 9);

	ASSERT_EQ(0, CONNECT_CODE(self->former_name));
	send_to(self->former, self->fd, self->family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->fd, 1));
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_EQ(5, queued(self->fd));
}

struct flood {
	int fd;
	union name to;
	bool stop;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED))
		sendto(f->fd, "flood", 5, 0, &f->to.sa, name_len(&f->to));
	return NULL;
}

/*
 * A slow socket filter (it dissects the packet again and again) holds each
 * datagram up between the choice of its socket and the socket's queue, which is
 * where a switch of peers may overtake it.
 */
static int filter_slowly(int fd)
{
	static struct sock_filter code[300];
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(code) - 1; i++)
		code[i] = (struct sock_filter)
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				 SKF_AD_OFF + SKF_AD_PAY_OFFSET);
	code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, -1);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* Two kinds of switch in turn, and each time the peer's own datagram comes. */
TEST_F_TIMEOUT(queue, D_13_nothing_of_the_former_peer_under_flood, 60)
{
	union name any = name_of(self->family, "0.0.0.0", "::", 0);
	const int rounds = 100;
	struct flood f = {
		.fd = self->former,
		.to = name_host(self->family, HERE_A, local_port(self->fd)),
	};
	pthread_t thread;
	long end;
	int i;

	ASSERT_EQ(0, filter_slowly(self->fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, flood, &f));
	for (i = 0; i < rounds; i++) {
		union name before = i % 2 ? any : self->former_name;
		int floods = 0, length;

		ASSERT_EQ(0, CONNECT_CODE(before));
		ASSERT_TRUE(wait_for(self->fd, POLLIN));
		ASSERT_EQ(0, CONNECT_CODE(self->peer_name));
		send_to(self->peer, self->fd, self->family, HERE_B, 1);
		ASSERT_TRUE(wait_for(self->fd, POLLIN));
		while (!(length = next_len(self->fd)) || length == 5)
			floods += length == 5;
		ASSERT_EQ(8, length);
		ASSERT_EQ(0, floods) TH_LOG("in round %d", i);
		/* What was overtaken would come within this time. */
		for (end = now_ms() + 5; now_ms() < end;)
			ASSERT_EQ(0, next_len(self->fd)) TH_LOG("in round %d", i);
	}
	f.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

WSP_TEST_MAIN
