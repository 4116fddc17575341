// SPDX-License-Identifier: GPL-2.0
/* Datagrams received before a connect, and by whom: D-06, D-07, D-13. */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/net_tstamp.h>

#include "kselftest_harness.h"
#include "wsp_nfqueue.h"
#include "wsp_test.h"

struct queue {
	const struct row *row;
	int family;
	int fd;			/* the socket under test, bound */
	int former, peer;	/* on the two networks */
	union name former_name, peer_name;
};

FIXTURE(queue) {
	struct queue q;
};

FIXTURE_VARIANT(queue) {
	struct row row;
};

ROWS(queue)

FIXTURE_SETUP(queue)
{
	const struct timeval tv = { .tv_sec = DEADLINE_MS / 1000 };

	self->q.row = &variant->row;
	self->q.family = variant->row.family;
	self->q.fd = wsp_socket(SOCK_DGRAM, self->q.row);
	ASSERT_GE(self->q.fd, 0);
	ASSERT_EQ(0, bind_port(self->q.fd, self->q.family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));

	self->q.former = receiver(THERE, self->q.family, PEER_A);
	self->q.peer = receiver(THERE, self->q.family, PEER_B);
	self->q.former_name = local_name(self->q.former);
	self->q.peer_name = local_name(self->q.peer);
}

FIXTURE_TEARDOWN(queue)
{
	close(self->q.fd);
	close(self->q.former);
	close(self->q.peer);
}

static int connect_code(const struct queue *q, const union name *name)
{
	return try_connect(q->row, q->fd, name, name_len(name));
}

#define CONNECT_CODE(name)	connect_code(&self->q, &(name))

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
		ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
		send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 10);
		ASSERT_TRUE(wait_queued(self->q.fd, 1));
		ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
		EXPECT_FALSE(readable_now(self->q.fd));
		EXPECT_EQ(0, queued(self->q.fd));
		send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 3);
		ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
		EXPECT_EQ(3, queued(self->q.fd));
	}
}

/* What came before the first call, in this order: the peer's by their number. */
static void send_mixed(const struct queue *q)
{
	union name a = name_host(q->family, HERE_A, local_port(q->fd));
	union name b = name_host(q->family, HERE_B, local_port(q->fd));

	if (!told(q->former, a, "stranger") || !told(q->peer, b, "1") ||
	    !told(q->former, a, "stranger") || !told(q->former, a, "") ||
	    !told(q->peer, b, "22") || !told(q->peer, b, "333") ||
	    !told(q->former, b, "stranger") || !told(q->peer, b, "4444") ||
	    !told(q->former, a, "stranger"))
		abort();
}

/* Nothing but the peer's is there for poll(2), FIONREAD, a look or a read. */
static void expect_numbered(struct __test_metadata *_metadata, int fd, int last)
{
	char buf[16];
	int i, n;

	for (i = 1; i <= last; i++) {
		EXPECT_TRUE(readable_now(fd));
		EXPECT_EQ(0, ioctl(fd, FIONREAD, &n));
		EXPECT_EQ(i, n);
		EXPECT_EQ(i, recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
		EXPECT_EQ(i, recv(fd, buf, sizeof(buf), i % 2 ? MSG_DONTWAIT : 0));
		EXPECT_EQ('0' + i, buf[0]);
	}
	EXPECT_FALSE(readable_now(fd));
	EXPECT_EQ(0, ioctl(fd, FIONREAD, &n));
	EXPECT_EQ(0, n);
	EXPECT_FAILS(EAGAIN, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(queue, D_06_first_connect_keeps_the_peers)
{
	union name b = name_host(self->q.family, HERE_B, local_port(self->q.fd));

	send_mixed(&self->q);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	ASSERT_TRUE(told(self->q.peer, b, "55555"));
	expect_numbered(_metadata, self->q.fd, 5);
	/* From then on there is a previous name. */
	send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	EXPECT_EQ(0, queued(self->q.fd));
}

/* The server that looks who calls, and connects to him. */
TEST_F(queue, D_06_first_connect_to_whom_was_peeked_at)
{
	union name from = {};
	socklen_t len = sizeof(from);
	char buf[16];

	send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	ASSERT_EQ(8, recvfrom(self->q.fd, buf, sizeof(buf), MSG_PEEK, &from.sa, &len));
	ASSERT_EQ(0, CONNECT_CODE(from));
	EXPECT_EQ(1, queued(self->q.fd));
}

/* With an offset for peeking, which is beyond some of what gets discarded. */
TEST_F(queue, D_06_first_connect_and_peek_offset)
{
	const int zero = 0;
	char buf[16];

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_PEEK_OFF, &zero,
				sizeof(zero)));
	send_mixed(&self->q);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(8, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(1, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_EQ(2, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(3, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(4, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_FAILS(EAGAIN, recv(self->q.fd, buf, sizeof(buf),
				  MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(1, recv(self->q.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(2, recv(self->q.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(3, recv(self->q.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(4, recv(self->q.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, queued(self->q.fd));
}

/* After a disconnect, be it the first call of all, there is a previous name. */
TEST_F(queue, D_02_D_06_connect_after_disconnect_discards)
{
	union name any = name_of(self->q.family, "0.0.0.0", "::", 0);

	ASSERT_EQ(0, CONNECT_CODE(any));
	send_mixed(&self->q);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_FALSE(readable_now(self->q.fd));
	EXPECT_EQ(0, queued(self->q.fd));
}

/* An empty datagram is one all the same. */
TEST_F(queue, D_06_D_13_empty_datagrams)
{
	union name a = name_host(self->q.family, HERE_A, local_port(self->q.fd));
	union name b = name_host(self->q.family, HERE_B, local_port(self->q.fd));
	char buf[16];
	int i;

	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(told(self->q.former, a, ""));
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_FALSE(readable_now(self->q.fd));
	EXPECT_FAILS(EAGAIN, recv(self->q.fd, buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_TRUE(told(self->q.peer, b, ""));
	ASSERT_TRUE(told(self->q.peer, b, "x"));
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	EXPECT_EQ(0, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(0, recv(self->q.fd, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(1, recv(self->q.fd, buf, sizeof(buf), 0));
}

TEST_F(queue, D_06_discarded_on_disconnect)
{
	union name any = name_of(self->q.family, "0.0.0.0", "::", 0), from;
	socklen_t len = sizeof(from);
	char buf[16];

	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 10);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(any));
	EXPECT_FALSE(readable_now(self->q.fd));
	/* From then on anyone's are taken, the former peer's too. */
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 1);
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	EXPECT_EQ(8, recvfrom(self->q.fd, buf, sizeof(buf), 0, &from.sa, &len));
	EXPECT_TRUE(name_same_addr(&from, &self->q.former_name));
}

TEST_F(queue, D_06_full_queue_makes_room)
{
	const int small = 4096;

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 1000);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_FALSE(readable_now(self->q.fd));
	send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	EXPECT_EQ(1, queued(self->q.fd));
}

/* Options that put ancillary data with each datagram, and one peeked at. */
TEST_F(queue, D_06_peeked_at_and_stamped)
{
	const int on = 1;
	char buf[16];

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_TIMESTAMP, &on,
				sizeof(on)));
	if (self->q.family == AF_INET6)
		setsockopt(self->q.fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on,
			   sizeof(on));
	else
		setsockopt(self->q.fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	EXPECT_EQ(8, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_EQ(-1, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, queued(self->q.fd));
}

TEST_F(queue, D_06_pending_error_discarded)
{
	union name closed = name_host(self->q.family, PEER_A, 9);

	ASSERT_EQ(0, CONNECT_CODE(closed));
	ASSERT_EQ(1, send(self->q.fd, "x", 1, 0));
	ASSERT_TRUE(wait_for(self->q.fd, 0));	/* POLLERR */
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	EXPECT_EQ(0, so_error(self->q.fd));
	EXPECT_EQ(1, send(self->q.fd, "x", 1, 0));
}

/* What became of a datagram for the new peer is no former peer's affair. */
TEST_F(queue, D_06_error_of_the_new_peer)
{
	const bool v6 = self->q.family == AF_INET6;
	union name closed = name_host(self->q.family, PEER_A, 9);
	const int one = 1;
	char buf[8];

	ASSERT_EQ(0, setsockopt(self->q.fd, v6 ? SOL_IPV6 : SOL_IP,
				v6 ? IPV6_RECVERR : IP_RECVERR, &one, sizeof(one)));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	ASSERT_EQ(0, CONNECT_CODE(closed));
	ASSERT_EQ(4, send(self->q.fd, "lost", 4, 0));
	ASSERT_TRUE(wait_for(self->q.fd, POLLERR));
	EXPECT_EQ(4, recv(self->q.fd, buf, sizeof(buf), MSG_ERRQUEUE));
}

/* Puts what the network says of its datagrams into a socket's error queue. */
static int tell_errors(int fd, int family)
{
	const bool v6 = family == AF_INET6;
	const int on = 1;

	return setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP,
			  v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
}

/* And when each one was sent, by its number. */
static int tell_stamps(int fd)
{
	const int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
			  SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
}

/* One that goes nowhere as it is too large, of which only the system tells. */
static int send_too_large(int fd, int family)
{
	static char large[20000];
	const bool v6 = family == AF_INET6;
	const int probe = IP_PMTUDISC_DO;	/* the same for IPv6 */

	if (setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP,
		       v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &probe,
		       sizeof(probe)))
		abort();
	return send(fd, large, sizeof(large), 0) < 0 ? errno : 0;
}

/* The next of the error queue: its origin, or -1; and its number if it has one. */
static int next_error(int fd, unsigned int *number)
{
	char control[512], buf[64];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct sock_extended_err *ee;
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return -1;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			ee = (struct sock_extended_err *)CMSG_DATA(c);
			*number = ee->ee_data;
			return ee->ee_origin;
		}
	}
	return 255;
}

/* Errors of three kinds, with the stamps of two datagrams between them. */
static void make_errors(struct __test_metadata *_metadata, const struct queue *q)
{
	const union name closed = name_host(q->family, PEER_A, 9);
	const int fd = q->fd;
	int error;

	ASSERT_EQ(0, tell_errors(fd, q->family));
	ASSERT_EQ(0, tell_stamps(fd));
	ASSERT_EQ(0, connect_code(q, &closed));
	ASSERT_EQ(EMSGSIZE, send_too_large(fd, q->family));
	ASSERT_EQ(4, send(fd, "lost", 4, 0));
	while (!(error = so_error(fd)))
		ASSERT_TRUE(wait_for(fd, POLLERR));
	ASSERT_EQ(ECONNREFUSED, error);
	ASSERT_EQ(4, send(fd, "lost", 4, 0));
	/* It stays pending, for the new peer to find. */
	ASSERT_TRUE(wait_for(fd, POLLERR));
}

static void expect_stamps_only(struct __test_metadata *_metadata, int fd)
{
	unsigned int first, second;
	struct pollfd p = { .fd = fd };

	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(SO_EE_ORIGIN_TIMESTAMPING, next_error(fd, &first));
	EXPECT_EQ(SO_EE_ORIGIN_TIMESTAMPING, next_error(fd, &second));
	EXPECT_EQ(first + 1, second);
	EXPECT_EQ(-1, next_error(fd, &first));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(0, poll(&p, 1, 0));
}

TEST_F(queue, D_06_errors_of_the_former_peer_on_reconnect)
{
	make_errors(_metadata, &self->q);
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	expect_stamps_only(_metadata, self->q.fd);
	EXPECT_EQ(1, send(self->q.fd, "x", 1, 0));
	EXPECT_TRUE(got(self->q.peer, "x", NULL));
}

TEST_F(queue, D_06_errors_of_the_former_peer_on_disconnect)
{
	union name any = name_of(self->q.family, "0.0.0.0", "::", 0);

	make_errors(_metadata, &self->q);
	ASSERT_EQ(0, CONNECT_CODE(any));
	expect_stamps_only(_metadata, self->q.fd);
}

TEST_F(queue, D_07_D_08_errors_stay_with_the_peer)
{
	const union name closed = name_host(self->q.family, PEER_A, 9);
	const union name nowhere = name_host(self->q.family, UNREACHABLE, 9);
	unsigned int number;

	make_errors(_metadata, &self->q);
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(nowhere));
	ASSERT_EQ(0, CONNECT_CODE(closed));
	EXPECT_EQ(SO_EE_ORIGIN_LOCAL, next_error(self->q.fd, &number));
	EXPECT_NE(-1, next_error(self->q.fd, &number));
}

/* The offset for peeking was one into what has been discarded. */
TEST_F(queue, D_06_peek_offset_starts_anew)
{
	const int zero = 0;
	char buf[16];

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_PEEK_OFF, &zero,
				sizeof(zero)));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 3);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	EXPECT_EQ(8, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(3, recv(self->q.fd, buf, 3, MSG_PEEK));
	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 3);
	ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
	EXPECT_EQ(8, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(3, queued(self->q.fd));
}

struct sleeper {
	int fd;
	pid_t tid;
	ssize_t got;
	char text[16];
};

static void *block_in_recv(void *arg)
{
	struct sleeper *b = arg;

	__atomic_store_n(&b->tid, gettid(), __ATOMIC_RELEASE);
	/* By a name that the C library has no other for; see is_asleep(). */
	b->got = syscall(SYS_recvfrom, b->fd, b->text, sizeof(b->text), 0, NULL, NULL);
	return NULL;
}

/* Does it sleep there? */
static bool is_asleep(const struct sleeper *b)
{
	char path[64], line[128] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall",
		 __atomic_load_n(&b->tid, __ATOMIC_ACQUIRE));
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return atoi(line) == SYS_recvfrom && line[0] != 'r';
}

static bool wait_asleep(const struct sleeper *b)
{
	long end = now_ms() + DEADLINE_MS;

	while (!is_asleep(b)) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* It goes on to wait, and gets what the new peer sends. */
static void expect_waits_for_peer(struct __test_metadata *_metadata,
				  const struct queue *q)
{
	struct sleeper b = { .fd = q->fd };
	union name to = name_host(q->family, HERE_B, local_port(q->fd));
	pthread_t thread;

	ASSERT_EQ(0, fcntl(q->fd, F_SETFL, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_recv, &b));
	ASSERT_TRUE(wait_asleep(&b));
	ASSERT_EQ(0, connect_code(q, &q->peer_name));
	send_to(q->former, q->fd, q->family, HERE_A, 3);
	send_to(q->former, q->fd, q->family, HERE_B, 3);
	ASSERT_TRUE(told(q->peer, to, "peer"));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(4, b.got);
	EXPECT_STREQ("peer", b.text);
	EXPECT_EQ(0, next_len(q->fd));
}

TEST_F(queue, D_06_D_13_blocked_in_recv_without_peer)
{
	expect_waits_for_peer(_metadata, &self->q);
}

TEST_F(queue, D_06_D_13_blocked_in_recv_connected)
{
	/* Of a socket that had no port, nobody else can have sent anything. */
	close(self->q.fd);
	self->q.fd = wsp_socket(SOCK_DGRAM, self->q.row);
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	expect_waits_for_peer(_metadata, &self->q);
}

TEST_F(queue, D_06_D_13_blocked_in_recv_reconnected)
{
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	expect_waits_for_peer(_metadata, &self->q);
}

/* The time that a receive is to take at most is not begun anew. */
TEST_F(queue, D_06_blocked_in_recv_times_out)
{
	const struct timeval tv = { .tv_usec = 200000 };
	long start = now_ms();
	char buf[16];

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	ASSERT_EQ(0, fcntl(self->q.fd, F_SETFL, 0));
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	EXPECT_FAILS(EAGAIN, recv(self->q.fd, buf, sizeof(buf), 0));
	EXPECT_GE(now_ms() - start, 150);	/* less than a tick early */
	EXPECT_LT(now_ms() - start, DEADLINE_MS);
	ASSERT_EQ(0, shutdown(self->q.fd, SHUT_RD));
	EXPECT_EQ(0, recv(self->q.fd, buf, sizeof(buf), 0));
}

/* The administrator has taken the peer away, and the port with it. */
TEST_F(queue, D_06_discarded_after_ss_kill)
{
	const union name *former = &self->q.former_name;
	int fd = wsp_socket(SOCK_DGRAM, self->q.row);
	char command[64];

	ASSERT_EQ(0, try_connect(self->q.row, fd, former, name_len(former)));
	send_to(self->q.former, fd, self->q.family, HERE_A, 3);
	ASSERT_TRUE(wait_queued(fd, 1));
	snprintf(command, sizeof(command), "ss -KHu dport = %d >/dev/null",
		 name_port(former));
	run_in(HERE, command);
	ASSERT_EQ(0, local_port(fd));
	ASSERT_EQ(0, try_connect(self->q.row, fd, &self->q.peer_name,
				 name_len(&self->q.peer_name)));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(0, queued(fd));
	send_to(self->q.peer, fd, self->q.family, HERE_B, 1);
	ASSERT_TRUE(wait_for(fd, POLLIN));
	EXPECT_EQ(1, queued(fd));
	close(fd);
}

TEST_F(queue, D_07_same_name_keeps_queue)
{
	union name again = self->q.former_name;

	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	/* What is not part of the name does not make it another one. */
	if (self->q.family == AF_INET6)
		again.in6.sin6_flowinfo = htonl(1);
	else
		memset(again.in.sin_zero, 0xff, sizeof(again.in.sin_zero));
	ASSERT_EQ(0, CONNECT_CODE(again));
	EXPECT_EQ(5, queued(self->q.fd));
}

/* The same on a socket that never had another peer, nor a stranger's data. */
TEST_F(queue, D_07_same_name_keeps_queue_of_one_peer)
{
	int fd = wsp_socket(SOCK_DGRAM, self->q.row);
	const union name *name = &self->q.former_name;

	ASSERT_EQ(0, try_connect(self->q.row, fd, name, name_len(name)));
	send_to(self->q.former, fd, self->q.family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(fd, 1));
	ASSERT_EQ(0, try_connect(self->q.row, fd, name, name_len(name)));
	EXPECT_EQ(5, queued(fd));
}

TEST_F(queue, D_07_other_port_is_another_name)
{
	union name other = self->q.former_name;

	other.in.sin_port = htons(9);
	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	ASSERT_EQ(0, CONNECT_CODE(other));
	EXPECT_FALSE(readable_now(self->q.fd));
	EXPECT_EQ(0, queued(self->q.fd));
}

FIXTURE(scoped) {
	int fd;		/* under test */
	int from;	/* its peer, at fe80::b on wsp-a */
	int scope;	/* of wsp-a there */
};

FIXTURE_VARIANT(scoped) {
	struct row row;
};

IPV6_ROWS(scoped)

FIXTURE_SETUP(scoped)
{
	union name name = name_v6("fe80::b", 0);

	run_in(THERE, "ip addr replace fe80::b/64 dev wsp-a nodad;"
	       " ip addr replace fe80::b/64 dev wsp-b nodad");
	self->fd = wsp_socket(SOCK_DGRAM, &variant->row);
	self->from = plain_socket(THERE, AF_INET6, SOCK_DGRAM);
	enter(THERE);
	self->scope = if_nametoindex("wsp-a");
	enter(HERE);
	name.in6.sin6_scope_id = self->scope;
	ASSERT_EQ(0, bind(self->from, &name.sa, name_len(&name)));
}

FIXTURE_TEARDOWN(scoped)
{
	close(self->fd);
	close(self->from);
}

TEST_F(scoped, D_06_D_07_scope_is_part_of_the_name)
{
	union name peer = name_v6("fe80::b", local_port(self->from)), to;

	peer.in6.sin6_scope_id = if_nametoindex("wsp-a");
	ASSERT_EQ(0, try_connect(&variant->row, self->fd, &peer,
				 name_len(&peer)));
	to = local_name(self->fd);
	to.in6.sin6_scope_id = self->scope;
	ASSERT_TRUE(told(self->from, to, "first"));
	ASSERT_TRUE(wait_queued(self->fd, 5));
	ASSERT_EQ(0, try_connect(&variant->row, self->fd, &peer,
				 name_len(&peer)));
	EXPECT_EQ(1, queued(self->fd));

	ASSERT_TRUE(told(self->from, to, "again"));
	ASSERT_TRUE(wait_queued(self->fd, 5));
	peer.in6.sin6_scope_id = if_nametoindex("wsp-b");
	ASSERT_EQ(0, try_connect(&variant->row, self->fd, &peer,
				 name_len(&peer)));
	EXPECT_EQ(0, queued(self->fd));
}

/* Also where the program has bound the socket to the device meanwhile. */
TEST_F(scoped, D_07_same_scope_after_device)
{
	union name peer = name_v6("fe80::b", local_port(self->from)), to;
	int i;

	peer.in6.sin6_scope_id = if_nametoindex("wsp-a");
	ASSERT_EQ(0, try_connect(&variant->row, self->fd, &peer, name_len(&peer)));
	to = local_name(self->fd);
	to.in6.sin6_scope_id = self->scope;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, bind_device(self->fd, "wsp-a"));
		ASSERT_TRUE(told(self->from, to, "again"));
		ASSERT_TRUE(wait_queued(self->fd, 5));
		ASSERT_EQ(0, try_connect(&variant->row, self->fd, &peer,
					 name_len(&peer)));
		EXPECT_EQ(1, queued(self->fd));
	}
}

TEST_F(queue, D_08_failed_connect_keeps_queue)
{
	union name name = name_host(self->q.family, UNREACHABLE, 9);

	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 5);
	ASSERT_TRUE(wait_queued(self->q.fd, 1));
	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_EQ(5, queued(self->q.fd));
}

/* Its socket is chosen before the switch, and its queue reached long after. */
TEST_F(queue, D_13_held_by_netfilter)
{
	union name to = name_host(self->q.family, HERE_B, local_port(self->q.fd));
	__be32 held;
	int nfq, i;

	ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
	nfq = nfq_open("udp");
	if (nfq < 0)
		SKIP(return, "the kernel leaves no verdict to programs (NFQUEUE)");
	send_to(self->q.former, self->q.fd, self->q.family, HERE_A, 1);
	ASSERT_TRUE(nfq_next(nfq, &held));

	ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
	/* Each is a grace period: whatever waits for softirqs has waited enough. */
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
		EXPECT_EQ(0, next_len(self->q.fd));
	}
	EXPECT_TRUE(nfq_let_go(nfq, held));
	ASSERT_TRUE(told(self->q.peer, to, "peer"));
	EXPECT_TRUE(got(self->q.fd, "peer", NULL));
	EXPECT_EQ(0, next_len(self->q.fd));
	run_in(HERE, "nft flush ruleset");
	close(nfq);
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
 * datagram of the floods up between the choice of its socket and the socket's
 * queue, which is where a switch of peers, and what the new peer sends, may
 * overtake it.
 */
static int filter_slowly(int fd)
{
	static struct sock_filter code[300];
	const int n = ARRAY_SIZE(code), fast = sizeof(struct udphdr) + 8;
	struct sock_fprog prog = { .len = n, .filter = code };
	int i;

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
	code[1] = (struct sock_filter)
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, fast, 0, 1);
	code[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, -1);
	for (i = 3; i < n - 1; i++)
		code[i] = (struct sock_filter)
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				 SKF_AD_OFF + SKF_AD_PAY_OFFSET);
	code[n - 1] = code[2];
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* Two kinds of switch in turn, and each time the peer's own datagram comes. */
TEST_F_TIMEOUT(queue, D_13_nothing_of_the_former_peer_under_flood, 60)
{
	union name any = name_of(self->q.family, "0.0.0.0", "::", 0);
	const int rounds = 100;
	struct flood f = {
		.fd = self->q.former,
		.to = name_host(self->q.family, HERE_A, local_port(self->q.fd)),
	};
	pthread_t thread;
	long end;
	int i;

	ASSERT_EQ(0, filter_slowly(self->q.fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, flood, &f));
	for (i = 0; i < rounds; i++) {
		union name before = i % 2 ? any : self->q.former_name;
		int floods = 0, length;

		ASSERT_EQ(0, CONNECT_CODE(before));
		ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
		ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
		send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
		ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
		while (!(length = next_len(self->q.fd)) || length == 5)
			floods += length == 5;
		ASSERT_EQ(8, length);
		ASSERT_EQ(0, floods) TH_LOG("in round %d", i);
		/* What was overtaken would come within this time. */
		for (end = now_ms() + 5; now_ms() < end;)
			ASSERT_EQ(0, next_len(self->q.fd)) TH_LOG("in round %d", i);
	}
	f.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

/* Several flood at once: the former peer, and strangers on either network. */
struct crowd {
	struct flood floods[3];
	pthread_t threads[3];
};

static bool crowd_start(struct crowd *c, int fd, int family, int former)
{
	const enum host from[] = { PEER_A, PEER_A, PEER_B };
	const enum host to[] = { HERE_A, HERE_A, HERE_B };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(from); i++) {
		c->floods[i] = (struct flood){
			.fd = i ? receiver(THERE, family, from[i]) : former,
			.to = name_host(family, to[i], local_port(fd)),
		};
		if (pthread_create(&c->threads[i], NULL, flood, &c->floods[i]))
			return false;
	}
	return true;
}

static void crowd_stop(struct crowd *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c->floods); i++) {
		__atomic_store_n(&c->floods[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(c->threads[i], NULL);
		if (i)
			close(c->floods[i].fd);
	}
}

/* A few datagrams with what comes along with them. */
#define BATCH	4

struct batch {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	char text[BATCH][32], control[BATCH][256];
};

static struct mmsghdr *batch_reset(struct batch *b)
{
	int i;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < BATCH; i++) {
		b->iov[i].iov_base = b->text[i];
		b->iov[i].iov_len = sizeof(b->text[i]);
		b->msgs[i].msg_hdr.msg_iov = &b->iov[i];
		b->msgs[i].msg_hdr.msg_iovlen = 1;
		b->msgs[i].msg_hdr.msg_control = b->control[i];
		b->msgs[i].msg_hdr.msg_controllen = sizeof(b->control[i]);
	}
	return b->msgs;
}

enum way { BY_RECVMSG, BY_PEEK, BY_RECVMMSG, WAYS };

/* How many datagrams came, of all that are there if they come by RECVMMSG. */
static int batch_read(struct batch *b, int fd, enum way way)
{
	struct mmsghdr *msgs = batch_reset(b);
	struct batch again;
	int n;

	if (way == BY_RECVMMSG) {
		n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);
		return n < 0 ? 0 : n;
	}
	n = recvmsg(fd, &msgs->msg_hdr, way == BY_PEEK ? MSG_PEEK | MSG_DONTWAIT :
							 MSG_DONTWAIT);
	if (n < 0)
		return 0;
	msgs->msg_len = n;
	/* What has been peeked at is what is read next. */
	if (way == BY_PEEK && (batch_read(&again, fd, BY_RECVMSG) != 1 ||
			       memcmp(again.text, b->text, sizeof(b->text[0]))))
		return -1;
	return 1;
}

static struct cmsghdr *control_of(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == level && c->cmsg_type == type)
			return c;
	}
	return NULL;
}

/* Did it come to the second network's address, by its device? */
static bool info_is_right(struct msghdr *msg, int family)
{
	const union name here = name_host(family, HERE_B, 0);
	const int dev = if_nametoindex("wsp-b");
	struct in6_pktinfo *info6;
	struct in_pktinfo *info;
	struct cmsghdr *c;

	if (family == AF_INET6) {
		c = control_of(msg, SOL_IPV6, IPV6_PKTINFO);
		info6 = c ? (struct in6_pktinfo *)CMSG_DATA(c) : NULL;
		return c && info6->ipi6_ifindex == dev &&
		       !memcmp(&info6->ipi6_addr, &here.in6.sin6_addr,
			       sizeof(info6->ipi6_addr));
	}
	c = control_of(msg, SOL_IP, IP_PKTINFO);
	info = c ? (struct in_pktinfo *)CMSG_DATA(c) : NULL;
	return c && info->ipi_ifindex == dev &&
	       info->ipi_addr.s_addr == here.in.sin_addr.s_addr;
}

/* Has it been stamped after @sent, and before now? */
static bool stamp_is_right(struct msghdr *msg, const struct timeval *sent)
{
	struct cmsghdr *c = control_of(msg, SOL_SOCKET, SCM_TIMESTAMP);
	struct timeval now, *stamp = c ? (struct timeval *)CMSG_DATA(c) : NULL;

	gettimeofday(&now, NULL);
	return c && !timercmp(stamp, sent, <) && !timercmp(stamp, &now, >);
}

static bool stamped_and_informed(int fd, int family)
{
	const bool v6 = family == AF_INET6;
	const int on = 1;

	return !setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) &&
	       !setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP,
			   v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on));
}

/* The peer counts his datagrams; all of them come, in their order. */
static void expect_peers_only(struct __test_metadata *_metadata, int fd,
			      int family, int peer, enum way way)
{
	union name to = name_host(family, HERE_B, local_port(fd));
	const int count = 3;
	int sent, n, i, seen = 0;
	struct timeval start;
	struct batch b;
	char text[9];

	gettimeofday(&start, NULL);
	for (sent = 0; sent < count; sent++) {
		snprintf(text, sizeof(text), "peer%04d", sent);
		ASSERT_TRUE(told(peer, to, text));
	}
	while (seen < count) {
		ASSERT_TRUE(wait_for(fd, POLLIN)) TH_LOG("after %d", seen);
		n = batch_read(&b, fd, way);
		ASSERT_GE(n, 0);
		for (i = 0; i < n; i++) {
			snprintf(text, sizeof(text), "peer%04d", seen++);
			ASSERT_EQ(8, b.msgs[i].msg_len);
			ASSERT_STREQ(text, b.text[i]);
			EXPECT_EQ(0, b.msgs[i].msg_hdr.msg_flags);
			EXPECT_TRUE(info_is_right(&b.msgs[i].msg_hdr, family));
			EXPECT_TRUE(stamp_is_right(&b.msgs[i].msg_hdr, &start));
		}
	}
	EXPECT_EQ(0, batch_read(&b, fd, way));
}

/*
 * Rounds of a switch under floods: to whom the socket was connected before
 * (the former peer, or nobody), and how it is read then.
 */
static void expect_switches(struct __test_metadata *_metadata,
			    const struct queue *q, int rounds)
{
	union name any = name_of(q->family, "0.0.0.0", "::", 0);
	struct crowd crowd;
	int i;

	ASSERT_TRUE(stamped_and_informed(q->fd, q->family));
	ASSERT_EQ(0, filter_slowly(q->fd));
	ASSERT_TRUE(crowd_start(&crowd, q->fd, q->family, q->former));
	for (i = 0; i < rounds; i++) {
		union name before = i % 2 ? any : q->former_name;

		ASSERT_EQ(0, connect_code(q, &before));
		ASSERT_TRUE(wait_for(q->fd, POLLIN));
		ASSERT_EQ(0, connect_code(q, &q->peer_name));
		expect_peers_only(_metadata, q->fd, q->family, q->peer,
				  i % WAYS);
	}
	crowd_stop(&crowd);
}

TEST_F_TIMEOUT(queue, D_06_D_13_many_senders, 60)
{
	expect_switches(_metadata, &self->q, 20);
}

/* The queue is full when the switch comes. */
TEST_F_TIMEOUT(queue, D_06_D_13_many_senders_little_room, 60)
{
	const int small = 4096;

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	expect_switches(_metadata, &self->q, 20);
}

/*
 * What is peeked at with an offset is not the first in the queue, and a
 * straggler behind the peer's datagram is not to take that with it.
 */
TEST_F_TIMEOUT(queue, D_06_D_13_peek_offset, 60)
{
	const int zero = 0;
	struct crowd crowd;
	char buf[32];
	int i;

	ASSERT_EQ(0, setsockopt(self->q.fd, SOL_SOCKET, SO_PEEK_OFF, &zero,
				sizeof(zero)));
	ASSERT_EQ(0, filter_slowly(self->q.fd));
	ASSERT_TRUE(crowd_start(&crowd, self->q.fd, self->q.family, self->q.former));
	for (i = 0; i < 40; i++) {
		ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
		ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
		ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
		send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
		ASSERT_TRUE(wait_for(self->q.fd, POLLIN));
		ASSERT_EQ(8, recv(self->q.fd, buf, sizeof(buf), MSG_PEEK));
		for (long end = now_ms() + 5; now_ms() < end;)
			ASSERT_EQ(-1, recv(self->q.fd, buf, sizeof(buf),
					   MSG_PEEK | MSG_DONTWAIT));
		ASSERT_EQ(8, next_len(self->q.fd)) TH_LOG("in round %d", i);
		ASSERT_EQ(0, next_len(self->q.fd)) TH_LOG("in round %d", i);
	}
	crowd_stop(&crowd);
}

/* The peer's three datagrams, and nothing else for a while; peeked at as well. */
static void expect_first_three(struct __test_metadata *_metadata, int fd,
			       bool peek)
{
	char buf[16];
	long end;
	int i;

	for (i = 1; i <= 3; i++) {
		ASSERT_TRUE(wait_for(fd, POLLIN));
		if (peek)
			ASSERT_EQ(i, recv(fd, buf, sizeof(buf), MSG_PEEK));
		ASSERT_EQ(i, recv(fd, buf, sizeof(buf), 0));
		ASSERT_EQ('0' + i, buf[0]);
	}
	for (end = now_ms() + 5; now_ms() < end;)
		ASSERT_EQ(-1, recv(fd, buf, sizeof(buf), MSG_DONTWAIT |
				   (peek ? MSG_PEEK : 0)));
}

/* The first connect under floods, to whom was there before they began. */
TEST_F_TIMEOUT(queue, D_06_D_13_first_connect_under_flood, 60)
{
	const struct timeval tv = { .tv_sec = DEADLINE_MS / 1000 };
	struct queue *q = &self->q;
	struct crowd crowd;
	union name b;
	int i;

	for (i = 0; i < 20; i++) {
		close(q->fd);
		q->fd = wsp_socket(SOCK_DGRAM, q->row);
		ASSERT_EQ(0, setsockopt(q->fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
					sizeof(tv)));
		ASSERT_EQ(0, bind_port(q->fd, q->family, "0.0.0.0", "::", 0));
		b = name_host(q->family, HERE_B, local_port(q->fd));
		ASSERT_EQ(0, filter_slowly(q->fd));
		ASSERT_TRUE(told(q->former, b, "stranger"));
		ASSERT_TRUE(told(q->peer, b, "1"));
		ASSERT_TRUE(told(q->former, b, "stranger"));
		ASSERT_TRUE(told(q->peer, b, "22"));
		ASSERT_TRUE(wait_for(q->fd, POLLIN));
		ASSERT_TRUE(crowd_start(&crowd, q->fd, q->family, q->former));
		usleep(1000 * (i % 4));
		ASSERT_EQ(0, connect_code(q, &q->peer_name));
		ASSERT_TRUE(told(q->peer, b, "333"));
		expect_first_three(_metadata, q->fd, i % 2);
		crowd_stop(&crowd);
	}
}

/*
 * By splice(2), whose pipe cannot be emptied of what should not have been
 * received: one datagram of the peer's in it, and that is what the call says.
 */
TEST_F_TIMEOUT(queue, D_13_spliced_under_flood, 60)
{
	struct queue *q = &self->q;
	union name b = name_host(q->family, HERE_B, local_port(q->fd));
	struct crowd crowd;
	char buf[64];
	ssize_t n;
	int fds[2], i;
	long end;

	ASSERT_EQ(0, fcntl(q->fd, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(0, filter_slowly(q->fd));
	ASSERT_TRUE(crowd_start(&crowd, q->fd, q->family, q->former));
	for (i = 0; i < 40; i++) {
		ASSERT_EQ(0, pipe2(fds, O_NONBLOCK));
		ASSERT_EQ(0, connect_code(q, &q->former_name));
		ASSERT_TRUE(wait_for(q->fd, POLLIN));
		ASSERT_EQ(0, connect_code(q, &q->peer_name));
		/* What was overtaken comes within this time. */
		for (end = now_ms() + 3; now_ms() < end;)
			ASSERT_EQ(-1, splice(q->fd, NULL, fds[1], NULL, 4096,
					     SPLICE_F_NONBLOCK))
				TH_LOG("in round %d", i);
		ASSERT_TRUE(told(q->peer, b, "peer"));
		ASSERT_TRUE(wait_for(q->fd, POLLIN));
		n = splice(q->fd, NULL, fds[1], NULL, 4096, SPLICE_F_NONBLOCK);
		ASSERT_EQ(4, n) TH_LOG("in round %d", i);
		ASSERT_EQ(4, read(fds[0], buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp("peer", buf, 4));
		ASSERT_EQ(0, next_len(q->fd));
		close(fds[0]);
		close(fds[1]);
	}
	crowd_stop(&crowd);
}

FIXTURE(ipv6) {
	struct queue q;
};

FIXTURE_VARIANT(ipv6) {
	struct row row;
};

IPV6_ROWS(ipv6)

FIXTURE_SETUP(ipv6)
{
	self->q.row = &variant->row;
	self->q.family = AF_INET6;
	self->q.fd = wsp_socket(SOCK_DGRAM, self->q.row);
	ASSERT_EQ(0, bind_port(self->q.fd, AF_INET6, NULL, "::", 0));
	self->q.former = receiver(THERE, AF_INET6, PEER_A);
	self->q.peer = receiver(THERE, AF_INET6, PEER_B);
	self->q.former_name = local_name(self->q.former);
	self->q.peer_name = local_name(self->q.peer);
}

FIXTURE_TEARDOWN(ipv6)
{
	close(self->q.fd);
	close(self->q.former);
	close(self->q.peer);
}

/* A record of IPV6_RECVPATHMTU: is it what comes next? */
static bool record_comes(int fd, int flags)
{
	char control[256], buf[64];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	return recvmsg(fd, &msg, flags | MSG_DONTWAIT) == 0 &&
	       (c = CMSG_FIRSTHDR(&msg)) && c->cmsg_level == SOL_IPV6 &&
	       c->cmsg_type == IPV6_PATHMTU;
}

/* The record comes before all datagrams, and none of them goes with it. */
TEST_F(ipv6, D_06_D_13_record_of_a_path)
{
	static char large[4000];
	const int on = 1, flags[] = { 0, MSG_PEEK };
	struct queue *q = &self->q;
	union name b = name_host(AF_INET6, HERE_B, local_port(q->fd));
	size_t i;

	ASSERT_EQ(0, setsockopt(q->fd, SOL_IPV6, IPV6_RECVPATHMTU, &on, sizeof(on)));
	ASSERT_EQ(0, setsockopt(q->fd, SOL_IPV6, IPV6_DONTFRAG, &on, sizeof(on)));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ASSERT_EQ(0, connect_code(q, &q->former_name));
		ASSERT_EQ(0, connect_code(q, &q->peer_name));
		EXPECT_FAILS(EMSGSIZE, send(q->fd, large, sizeof(large), 0));
		ASSERT_TRUE(told(q->peer, b, "1"));
		ASSERT_TRUE(told(q->peer, b, "22"));
		ASSERT_TRUE(wait_queued(q->fd, 1));
		EXPECT_TRUE(record_comes(q->fd, flags[i]));
		EXPECT_EQ(1, next_len(q->fd));
		EXPECT_EQ(2, next_len(q->fd));
		EXPECT_EQ(0, next_len(q->fd));
	}
	/* The former peer's is gone with him. */
	EXPECT_FAILS(EMSGSIZE, send(q->fd, large, sizeof(large), 0));
	ASSERT_EQ(0, connect_code(q, &q->former_name));
	EXPECT_FALSE(record_comes(q->fd, 0));
	EXPECT_EQ(EAGAIN, errno);
}

/*
 * A packet of IPv4 that netfilter holds has its socket already, and gives it the
 * route that it came by. No packet of IPv6 is to be taken by that.
 */
static void expect_no_route_taken(struct __test_metadata *_metadata,
				  struct queue *q, bool disconnect)
{
	union name any = name_v6("::", 0);
	const int former = receiver(THERE, AF_INET, PEER_A);
	union name v4 = local_name(former), to;
	__be32 held;
	int nfq, i;

	v4 = name_map(v4);
	ASSERT_EQ(0, connect_code(q, &v4));
	to = name_host(AF_INET, HERE_A, local_port(q->fd));
	nfq = nfq_open("udp");
	if (nfq < 0)
		return;
	ASSERT_TRUE(told(former, to, "old"));
	ASSERT_TRUE(nfq_next(nfq, &held));

	if (disconnect)
		ASSERT_EQ(0, connect_code(q, &any));
	ASSERT_EQ(0, connect_code(q, &q->peer_name));
	EXPECT_TRUE(nfq_let_go(nfq, held));
	to = name_host(AF_INET6, HERE_B, local_port(q->fd));
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(told(q->peer, to, "peer"));
		EXPECT_TRUE(got(q->fd, "peer", NULL));
	}
	EXPECT_EQ(0, next_len(q->fd));
	run_in(HERE, "nft flush ruleset");
	close(nfq);
	close(former);
}

TEST_F(ipv6, D_05_D_13_route_of_another_family)
{
	expect_no_route_taken(_metadata, &self->q, false);
}

TEST_F(ipv6, D_03_D_13_route_of_another_family)
{
	expect_no_route_taken(_metadata, &self->q, true);
}

/* A thread that reads all the time, and what it makes of each datagram. */
struct reader {
	int fd, flags;
	int round;	/* odd: switched, the peer's alone are to be read */
	bool stop;
	int peers, formers, others;
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	char buf[32];
	ssize_t n;
	int round;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		round = __atomic_load_n(&r->round, __ATOMIC_ACQUIRE);
		n = recv(r->fd, buf, sizeof(buf), r->flags);
		if (n == 8)
			__atomic_add_fetch(&r->peers, 1, __ATOMIC_RELEASE);
		else if (n > 0 && round % 2 &&
			 round == __atomic_load_n(&r->round, __ATOMIC_ACQUIRE))
			__atomic_add_fetch(&r->others, 1, __ATOMIC_RELEASE);
		else if (n > 0)
			__atomic_add_fetch(&r->formers, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static bool reader_passes(const struct reader *r, int formers)
{
	long end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&r->formers, __ATOMIC_ACQUIRE) <= formers) {
		if (now_ms() > end)
			return false;
		sched_yield();
	}
	return true;
}

/*
 * The peer sends until he is read: Linux does not wake a thread that begins to
 * wait just when another one has peeked at what came.
 */
static bool reader_hears(const struct reader *r, const struct queue *q)
{
	const int before = __atomic_load_n(&r->peers, __ATOMIC_ACQUIRE);
	long end = now_ms() + DEADLINE_MS;

	do {
		send_to(q->peer, q->fd, q->family, HERE_B, 1);
		usleep(1000);
		if (__atomic_load_n(&r->peers, __ATOMIC_ACQUIRE) > before)
			return true;
	} while (now_ms() < end);
	return false;
}

/*
 * Readers, one of which only peeks, and a switch in their midst. The peeker
 * does not wait: it would be woken in place of the one who is to read.
 */
TEST_F_TIMEOUT(queue, D_06_D_13_switch_amid_readers, 60)
{
	struct reader reader = { .fd = self->q.fd };
	struct reader peeker = { .fd = self->q.fd, .flags = MSG_PEEK | MSG_DONTWAIT };
	pthread_t threads[2];
	struct crowd crowd;
	int i, formers;

	ASSERT_EQ(0, filter_slowly(self->q.fd));
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, read_on, &reader));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, read_on, &peeker));
	ASSERT_TRUE(crowd_start(&crowd, self->q.fd, self->q.family, self->q.former));
	for (i = 1; i <= 40; i++) {
		formers = __atomic_load_n(&reader.formers, __ATOMIC_ACQUIRE);
		ASSERT_EQ(0, CONNECT_CODE(self->q.former_name));
		ASSERT_TRUE(reader_passes(&reader, formers)) TH_LOG("in round %d", i);
		ASSERT_EQ(0, CONNECT_CODE(self->q.peer_name));
		__atomic_store_n(&reader.round, 2 * i + 1, __ATOMIC_RELEASE);
		__atomic_store_n(&peeker.round, 2 * i + 1, __ATOMIC_RELEASE);
		ASSERT_TRUE(reader_hears(&reader, &self->q)) TH_LOG("in round %d", i);
		__atomic_store_n(&reader.round, 2 * i + 2, __ATOMIC_RELEASE);
		__atomic_store_n(&peeker.round, 2 * i + 2, __ATOMIC_RELEASE);
	}
	EXPECT_EQ(0, reader.others);
	EXPECT_EQ(0, peeker.others);
	crowd_stop(&crowd);
	__atomic_store_n(&reader.stop, true, __ATOMIC_RELEASE);
	__atomic_store_n(&peeker.stop, true, __ATOMIC_RELEASE);
	/* It may be waiting. */
	send_to(self->q.peer, self->q.fd, self->q.family, HERE_B, 1);
	ASSERT_EQ(0, pthread_join(threads[0], NULL));
	ASSERT_EQ(0, pthread_join(threads[1], NULL));
}

/*
 * With the first socket that wants stamps, and the last one, the kernel rewrites
 * its own code. Emulated processors may stumble over that amid floods, so there
 * is such a socket all the time.
 */
static int run(int argc, char **argv)
{
	int fd = plain_socket(HERE, AF_INET, SOCK_DGRAM);

	if (!stamped_and_informed(fd, AF_INET))
		return KSFT_FAIL;
	return test_harness_run(argc, argv);
}

int main(int argc, char **argv)
{
	return test_main(argc, argv, run);
}
