// SPDX-License-Identifier: GPL-2.0
/*
 * What an attempt to connect leaves on a stream (C-05), and what stays known of
 * one that has failed (C-07).
 */
#include <linux/sockios.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

FIXTURE(attempt)
{
	int family;
	int fd;			/* the socket under test */
	int lfd;		/* a listener there */
	union name live, dead, silent;
};

FIXTURE_VARIANT(attempt)
{
	int family;
	bool nonblocking;
	bool mapped;		/* an IPv6 socket, names of IPv4 */
};

FIXTURE_VARIANT_ADD(attempt, ipv4_blocking) { AF_INET, false, false };
FIXTURE_VARIANT_ADD(attempt, ipv6_blocking) { AF_INET6, false, false };
FIXTURE_VARIANT_ADD(attempt, mapped_blocking) { AF_INET6, false, true };
FIXTURE_VARIANT_ADD(attempt, ipv4_nonblocking) { AF_INET, true, false };
FIXTURE_VARIANT_ADD(attempt, ipv6_nonblocking) { AF_INET6, true, false };
FIXTURE_VARIANT_ADD(attempt, mapped_nonblocking) { AF_INET6, true, true };

static union name host(bool mapped, int family, enum host h, int port)
{
	if (mapped)
		return name_map(name_host(AF_INET, h, port));
	return name_host(family, h, port);
}

FIXTURE_SETUP(attempt)
{
	const struct row row = { variant->family, variant->nonblocking, CONNECT };
	const int family = variant->mapped ? AF_INET : variant->family;
	int closed;

	self->family = variant->family;
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->lfd = listener(THERE, family);
	closed = plain_socket(THERE, family, SOCK_STREAM);
	ASSERT_EQ(0, bind_port(closed, family, "0.0.0.0", "::", 0));
	self->live = host(variant->mapped, family, PEER_A, local_port(self->lfd));
	self->dead = host(variant->mapped, family, PEER_A, local_port(closed));
	self->silent = host(variant->mapped, family, SILENT, 9);
}

FIXTURE_TEARDOWN(attempt)
{
	close(self->fd);
	close(self->lfd);
}

static int begin(int fd, const union name *name)
{
	return connect(fd, &name->sa, name_len(name)) ? errno : 0;
}

/* To the end: 0, or the errno. */
static int whole(int fd, const union name *name)
{
	int error = begin(fd, name);

	if (error != EINPROGRESS)
		return error;
	return wait_for(fd, POLLOUT) ? so_error(fd) : ETIMEDOUT;
}

/* A nonblocking attempt that nobody has been told the end of. */
static void fail_later(struct __test_metadata *_metadata, int fd,
		       const union name *dead)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(EINPROGRESS, begin(fd, dead));
	ASSERT_TRUE(wait_for(fd, POLLHUP));
}

static struct wsp_info info_of(int fd)
{
	struct wsp_info info = {};

	ioctl(fd, WSP_IOC_INFO, &info);
	return info;
}

static bool nameless(int fd)
{
	const union name name = local_name(fd);
	const union name none = name_of(name.sa.sa_family, "0.0.0.0", "::", 0);

	return name_same(&name, &none);
}

TEST_F(attempt, C_05_C_09_no_name_after_failure)
{
	EXPECT_TRUE(nameless(self->fd));
	EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
	EXPECT_TRUE(nameless(self->fd));
	EXPECT_EQ(0, whole(self->fd, &self->live));
	EXPECT_FALSE(nameless(self->fd));
}

/* The address is the route's, the port is the program's. */
TEST_F(attempt, C_05_wildcard_name_after_failure)
{
	union name before, after;

	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::", 0));
	before = local_name(self->fd);
	EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
	after = local_name(self->fd);
	EXPECT_TRUE(name_same(&before, &after));
	EXPECT_EQ(0, whole(self->fd, &self->live));
	EXPECT_EQ(name_port(&before), local_port(self->fd));
}

/* Others may bind what the socket does not show, and nobody what it does. */
TEST_F(attempt, C_05_port_given_back_or_kept)
{
	const struct row row = { .family = self->family };
	int other = wsp_socket(SOCK_STREAM, &row);
	int port;

	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->silent));
	port = local_port(self->fd);
	ASSERT_NE(0, port);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_EQ(0, local_port(self->fd));
	EXPECT_EQ(0, bind_port(other, self->family, "0.0.0.0", "::", port));
	close(other);
}

/* A refusal that came later is like one that came in the call. */
TEST_F(attempt, C_05_listen_after_failure)
{
	union name name;
	int peer;

	fail_later(_metadata, self->fd, &self->dead);
	ASSERT_EQ(0, listen(self->fd, 1));
	EXPECT_EQ(WSP_STATE_LISTENING, info_of(self->fd).state);
	/* After a v4-mapped attempt it serves IPv6 all the same. */
	name = name_host(self->family, HERE_A, local_port(self->fd));
	peer = plain_socket(THERE, self->family, SOCK_STREAM);
	ASSERT_EQ(0, connect(peer, &name.sa, name_len(&name)));
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	close(self->lfd);
	self->lfd = accept(self->fd, NULL, NULL);
	ASSERT_GE(self->lfd, 0);
	EXPECT_EQ(2, send(peer, "to", 2, 0));
	EXPECT_TRUE(got(self->lfd, "to", NULL));
	EXPECT_EQ(3, send(self->lfd, "fro", 3, 0));
	EXPECT_TRUE(got(peer, "fro", NULL));
	close(peer);
}

TEST_F(attempt, C_05_bind_after_failure)
{
	fail_later(_metadata, self->fd, &self->dead);
	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::", 0));
	EXPECT_NE(0, local_port(self->fd));
	EXPECT_EQ(WSP_STATE_FAILED, info_of(self->fd).state);
	EXPECT_EQ(0, whole(self->fd, &self->live));
}

/* Nothing is shut by a shutdown without a connection (T-02). */
TEST_F(attempt, C_05_shutdown_before_the_connection)
{
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
	size_t i;
	int peer;

	for (i = 0; i < ARRAY_SIZE(hows); i++) {
		EXPECT_FAILS(ENOTCONN, shutdown(self->fd, hows[i]));
		EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
		EXPECT_FAILS(ENOTCONN, shutdown(self->fd, hows[i]));
	}
	EXPECT_FAILS(EINVAL, shutdown(self->fd, 3));
	EXPECT_FAILS(EINVAL, shutdown(self->fd, -1));
	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::", 0));
	EXPECT_FAILS(ENOTCONN, shutdown(self->fd, SHUT_RDWR));
	EXPECT_EQ(0, whole(self->fd, &self->live));
	peer = accept(self->lfd, NULL, NULL);
	EXPECT_EQ(2, send(self->fd, "to", 2, MSG_NOSIGNAL));
	EXPECT_TRUE(got(peer, "to", NULL));
	EXPECT_EQ(3, send(peer, "fro", 3, 0));
	EXPECT_TRUE(got(self->fd, "fro", NULL));
	EXPECT_EQ(0, shutdown(self->fd, SHUT_WR));
	EXPECT_FAILS(EPIPE, send(self->fd, "to", 2, MSG_NOSIGNAL));
	close(peer);
}

/* One story: state, code, SO_ERROR, and the connection that comes after it. */
TEST_F(attempt, C_07_C_05_attempt_ended_by_shutdown)
{
	int peer;

	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->silent));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	EXPECT_TRUE(wait_for(self->fd, POLLHUP));
	EXPECT_EQ(WSP_STATE_FAILED, info_of(self->fd).state);
	EXPECT_EQ(WSAECONNREFUSED, info_of(self->fd).code);
	EXPECT_TRUE(nameless(self->fd));
	EXPECT_EQ(ECONNRESET, so_error(self->fd));
	EXPECT_EQ(WSAECONNREFUSED, info_of(self->fd).code);
	EXPECT_EQ(0, whole(self->fd, &self->live));
	EXPECT_EQ(0, info_of(self->fd).code);
	peer = accept(self->lfd, NULL, NULL);
	EXPECT_EQ(2, send(self->fd, "to", 2, MSG_NOSIGNAL));
	EXPECT_TRUE(got(peer, "to", NULL));
	close(peer);
}

/* Whatever the calls of Linux take with them. */
TEST_F(attempt, C_07_outcome_stays_known)
{
	char data[4];
	int i;

	fail_later(_metadata, self->fd, &self->dead);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(WSP_STATE_FAILED, info_of(self->fd).state);
		EXPECT_EQ(WSAECONNREFUSED, info_of(self->fd).code);
		switch (i) {
		case 0:
			EXPECT_FAILS(ECONNREFUSED, recv(self->fd, data, 4, 0));
			break;
		case 1:
			EXPECT_FAILS(EPIPE, send(self->fd, data, 4, MSG_NOSIGNAL));
			break;
		}
		EXPECT_EQ(0, so_error(self->fd));
		EXPECT_TRUE(nameless(self->fd));
	}
}

TEST_F(attempt, C_07_WSPGetSockOpt_tells_again)
{
	int error, len, code, i;

	fail_later(_metadata, self->fd, &self->dead);
	for (i = 0; i < 3; i++) {
		error = UNTOUCHED;
		len = sizeof(error);
		EXPECT_EQ(0, WSPGetSockOpt(self->fd, SOL_SOCKET, SO_ERROR,
					   (CHAR *)&error, &len, &code));
		EXPECT_EQ(WSAECONNREFUSED, error);
	}
	/* An attempt that fails in the call, even by its name, is the last one. */
	self->dead.in.sin_port = 0;
	EXPECT_EQ(EADDRNOTAVAIL, begin(self->fd, &self->dead));
	EXPECT_EQ(WSP_STATE_IDLE, info_of(self->fd).state);
	EXPECT_EQ(0, WSPGetSockOpt(self->fd, SOL_SOCKET, SO_ERROR,
				   (CHAR *)&error, &len, &code));
	EXPECT_EQ(0, error);
}

/* Neither a name that cannot be read nor a refused argument makes an attempt. */
TEST_F(attempt, C_07_E_08_until_the_next_call)
{
	WSABUF data = { .len = 1 };
	int code;

	fail_later(_metadata, self->fd, &self->dead);
	EXPECT_EQ(SOCKET_ERROR, WSPConnect(self->fd, NULL, sizeof(self->dead), NULL,
					   NULL, NULL, NULL, &code));
	EXPECT_EQ(WSAEFAULT, code);
	EXPECT_EQ(WSP_STATE_IDLE, info_of(self->fd).state);
	fail_later(_metadata, self->fd, &self->dead);
	EXPECT_EQ(SOCKET_ERROR, WSPConnect(self->fd, &self->live.sa,
					   name_len(&self->live), &data, NULL,
					   NULL, NULL, &code));
	EXPECT_EQ(WSAEPROTONOSUPPORT, code);
	EXPECT_EQ(WSP_STATE_IDLE, info_of(self->fd).state);
}

/* WSPListen ends it too, even if it fails. */
TEST_F(attempt, C_07_until_the_next_listen)
{
	const struct row row = { .family = self->family };
	int other = wsp_socket(SOCK_STREAM, &row);
	const int on = 1;

	setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(self->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ASSERT_EQ(0, bind_port(other, self->family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, bind_port(self->fd, self->family, "0.0.0.0", "::",
			       local_port(other)));
	fail_later(_metadata, self->fd, &self->dead);
	ASSERT_EQ(0, listen(other, 1));
	EXPECT_FAILS(EADDRINUSE, listen(self->fd, 1));
	EXPECT_EQ(WSP_STATE_IDLE, info_of(self->fd).state);
	EXPECT_EQ(0, info_of(self->fd).code);
	close(other);
}

/* A connection that has stood is one for good, though no call has found it made. */
TEST_F(attempt, E_10_C_06_no_listener_after_a_connection)
{
	int peer;

	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->live));
	peer = accept(self->lfd, NULL, NULL);
	ASSERT_GE(peer, 0);
	close_by_reset(peer);
	ASSERT_TRUE(wait_for(self->fd, POLLHUP));
	EXPECT_FAILS(EINVAL, listen(self->fd, 1));
	EXPECT_EQ(WSP_STATE_CONNECTED, info_of(self->fd).state);
	EXPECT_EQ(EISCONN, begin(self->fd, &self->live));
}

/* ss would show a listener that has a peer. */
TEST_F(attempt, C_05_no_peer_left)
{
	if (self->family != AF_INET)
		SKIP(return, "the address is looked for in the table of IPv4");
	EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
	ASSERT_EQ(0, listen(self->fd, 1));
	EXPECT_FALSE(file_says("/proc/net/tcp", " 020200C0:0000 "));
}

static void end_thread(int sig)
{
	(void)sig;
	pthread_exit(NULL);
}

/* Who has left his call by the handler for good does not wait any more. */
TEST_F(attempt, C_12_C_05_waiter_gone)
{
	const struct sigaction sa = { .sa_handler = end_thread,
				      .sa_flags = SA_RESTART };
	const struct row row = { self->family, false, CONNECT };
	struct blocked b = { .row = &row, .fd = self->fd, .name = self->silent };
	pthread_t thread;
	long end;

	fcntl(self->fd, F_SETFL, 0);
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	for (end = now_ms() + DEADLINE_MS;
	     info_of(self->fd).state != WSP_STATE_BLOCKED; usleep(1000))
		ASSERT_LT(now_ms(), end);
	pthread_kill(thread, SIGUSR1);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSP_STATE_PENDING, info_of(self->fd).state);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_EQ(WSP_STATE_FAILED, info_of(self->fd).state);
	EXPECT_TRUE(nameless(self->fd));
	EXPECT_EQ(0, listen(self->fd, 1));
}

/* Options ------------------------------------------------------------------- */

#define LEVELS	3
#define OPTIONS	128

struct options {
	struct { int len; unsigned char value[64]; } at[LEVELS][OPTIONS];
};

static int level_of(int family, int i)
{
	if (i < 2)
		return i ? IPPROTO_TCP : SOL_SOCKET;
	return family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

/* These tell of the connection, not what the program has asked for. */
static bool tells_of_connection(int level, int option)
{
	if (level == SOL_SOCKET)
		return option == SO_ERROR || option == 49 /* SO_INCOMING_CPU */ ||
		       option == 57 /* SO_COOKIE */;
	return level == IPPROTO_TCP &&
	       (option == TCP_INFO || option == TCP_CC_INFO ||
		option == TCP_ZEROCOPY_RECEIVE || option == 24 /* TCP_TIMESTAMP */);
}

static void read_options(int fd, int family, struct options *all)
{
	socklen_t len;
	int i, option;

	memset(all, 0, sizeof(*all));
	for (i = 0; i < LEVELS; i++) {
		for (option = 1; option < OPTIONS; option++) {
			if (tells_of_connection(level_of(family, i), option))
				continue;
			len = sizeof(all->at[i][option].value);
			all->at[i][option].len =
				getsockopt(fd, level_of(family, i), option,
					   all->at[i][option].value, &len) ?
				-errno : (int)len;
		}
	}
}

static void set_options(int fd)
{
	static const struct { int level, option, value; } own[] = {
		{ IPPROTO_TCP, TCP_MAXSEG, 900 },
		{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000 },
		{ IPPROTO_TCP, TCP_QUICKACK, 0 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 7000 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_SYNCNT, 3 },
		{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 9 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 33 },
		{ IPPROTO_TCP, 45 /* TCP_RTO_MIN_US */, 50000 },
		{ IPPROTO_TCP, 46 /* TCP_DELACK_MAX_US */, 20000 },
		{ SOL_SOCKET, SO_PEEK_OFF, 5 },
		{ SOL_SOCKET, SO_RCVLOWAT, 100 },
		{ SOL_SOCKET, SO_RCVBUF, 9000 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_OOBINLINE, 1 },
	};
	size_t i;

	/* Some are there on some kernels only. */
	for (i = 0; i < ARRAY_SIZE(own); i++)
		setsockopt(fd, own[i].level, own[i].option, &own[i].value,
			   sizeof(own[i].value));
}

TEST_F(attempt, C_05_F_02_every_option_survives)
{
	static struct options before, after;
	int turn, i, option;

	set_options(self->fd);
	read_options(self->fd, self->family, &before);
	for (turn = 0; turn < 3; turn++) {
		EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
		EXPECT_TRUE(nameless(self->fd));
		read_options(self->fd, self->family, &after);
		for (i = 0; i < LEVELS; i++)
			for (option = 1; option < OPTIONS; option++)
				EXPECT_EQ(0, memcmp(&before.at[i][option],
						    &after.at[i][option],
						    sizeof(before.at[i][option])))
					TH_LOG("level %d, option %d",
					       level_of(self->family, i), option);
	}
}

/* What no program has set is left as the stack would find it. */
TEST_F(attempt, C_05_no_window_clamp_of_a_former_attempt)
{
	socklen_t len = sizeof(int);
	int clamp = -1, mine = 4000;

	EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
	EXPECT_TRUE(nameless(self->fd));
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, &len));
	EXPECT_EQ(0, clamp);
	/* One that is set meanwhile is the program's. */
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->silent));
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &mine, len));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, &len));
	EXPECT_EQ(mine, clamp);
}

/* Nothing is to be sent, and nobody learns a number from how much. */
TEST_F(attempt, C_05_F_02_nothing_left_to_send)
{
	int left = -1;

	EXPECT_EQ(ECONNREFUSED, whole(self->fd, &self->dead));
	EXPECT_TRUE(nameless(self->fd));
	ASSERT_EQ(0, ioctl(self->fd, SIOCOUTQ, &left));
	EXPECT_EQ(0, left);
}

static int looked_at;	/* the socket, -1 for the end */

/* Any call that looks what events there are. */
static void *look(void *arg)
{
	struct wsp_info info;
	char data;
	int fd;

	while ((fd = __atomic_load_n(&looked_at, __ATOMIC_ACQUIRE)) >= 0) {
		recv(fd, &data, 1, MSG_ERRQUEUE | MSG_DONTWAIT);
		if (!ioctl(fd, WSP_IOC_INFO, &info) &&
		    info.state == WSP_STATE_FAILED)
			return arg;
	}
	return NULL;
}

/* What has only begun does not pass for what has failed. */
TEST_F(attempt, V_02_V_03_looked_at_while_it_begins)
{
	const struct row row = { variant->family, true, CONNECT };
	int event = eventfd(0, EFD_NONBLOCK), fd, peer;
	struct wsp_network_events record;
	long end = now_ms() + 1000;
	pthread_t thread;
	void *failed;

	looked_at = self->fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, look, self));
	while (now_ms() < end) {
		fd = wsp_socket(SOCK_STREAM, &row);
		ASSERT_EQ(0, tie(fd, event, WSP_FD_CONNECT));
		__atomic_store_n(&looked_at, fd, __ATOMIC_RELEASE);
		begin(fd, &self->live);
		/* poll(2) may see the connection before the tie is told of it. */
		ASSERT_TRUE(wait_for(event, POLLIN));
		ASSERT_EQ(0, take(fd, event, &record));
		EXPECT_EQ(WSP_FD_CONNECT, record.events);
		EXPECT_EQ(0, record.codes[WSP_FD_CONNECT_BIT]);
		__atomic_store_n(&looked_at, self->fd, __ATOMIC_RELEASE);
		close_by_reset(fd);
		peer = accept(self->lfd, NULL, NULL);
		close_by_reset(peer);
	}
	__atomic_store_n(&looked_at, -1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	close(event);
}

/* Devices ------------------------------------------------------------------- */

FIXTURE(device)
{
	int fd;
	union name scoped;	/* a neighbour by a device, who never answers */
};

FIXTURE_VARIANT(device) { bool vrf; };
FIXTURE_VARIANT_ADD(device, alone) { false };
FIXTURE_VARIANT_ADD(device, in_a_vrf) { true };

FIXTURE_SETUP(device)
{
	const struct row row = { AF_INET6, true, CONNECT };

	run_in(HERE, "ip link add dum0 type dummy; ip link set dum0 up;"
	       "ip link add dum1 type dummy; ip link set dum1 up");
	if (variant->vrf)
		run_in(HERE, "ip link add red type vrf table 100; ip link set red up;"
		       "ip link set dum0 master red");
	run_in(HERE, "ip -6 addr add fe80::1/64 dev dum0 nodad");
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->scoped = name_v6("fe80::1234", 80);
	self->scoped.in6.sin6_scope_id = if_nametoindex("dum0");
	if (variant->vrf)
		ASSERT_EQ(0, bind_device(self->fd, "red"));
}

FIXTURE_TEARDOWN(device)
{
	close(self->fd);
	run_in(HERE, "ip link del dum0; ip link del dum1");
	if (variant->vrf)
		run_in(HERE, "ip link del red");
}

TEST_F(device, C_05_scope_given_back)
{
	const char *before = variant->vrf ? "red" : "";
	union name elsewhere = name_host(AF_INET6, UNREACHABLE, 9);

	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->scoped));
	EXPECT_TRUE(device_is(self->fd, "dum0"));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_TRUE(device_is(self->fd, before));
	EXPECT_EQ(ENETUNREACH, begin(self->fd, &elsewhere));
	EXPECT_TRUE(device_is(self->fd, before));
}

/* Somebody else's binding, made meanwhile, is not the attempt's to undo (D-04). */
TEST_F(device, C_05_D_04_bound_meanwhile)
{
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->scoped));
	ASSERT_EQ(0, bind_device(self->fd, "dum1"));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_TRUE(device_is(self->fd, "dum1"));
	EXPECT_EQ(ENETUNREACH, begin(self->fd, &self->scoped));
	EXPECT_TRUE(device_is(self->fd, "dum1"));
}

TEST_F(device, C_05_D_04_bound_to_the_same_device)
{
	if (kernel_before(6, 12))
		SKIP(return, "this kernel does not show the family SO_BINDTODEVICE");
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->scoped));
	ASSERT_EQ(0, bind_device(self->fd, "dum0"));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_TRUE(device_is(self->fd, "dum0"));
}

/* With a blocking one too, whose end the caller waits for. */
TEST_F(device, C_05_D_04_bound_while_it_blocks)
{
	const struct row row = { AF_INET6, false, CONNECT };
	struct blocked b = { .row = &row, .fd = self->fd, .name = self->scoped };
	const char *state = "wsp-state:\tblocked\n";
	char path[64];
	pthread_t thread;
	long end;

	fcntl(self->fd, F_SETFL, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	for (end = now_ms() + DEADLINE_MS; !file_says(path, state); usleep(1000))
		ASSERT_LT(now_ms(), end);
	ASSERT_EQ(0, bind_device(self->fd, "dum1"));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
	EXPECT_TRUE(device_is(self->fd, "dum1"));
}

WSP_TEST_MAIN
