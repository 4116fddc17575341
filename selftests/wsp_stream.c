// SPDX-License-Identifier: GPL-2.0
/* Streams: section 2 of the contract, and the codes they can provoke. */
#include "kselftest_harness.h"
#include "wsp_test.h"

struct stream {
	const struct row *row;
	int family;
	int fd;		/* the socket under test */
	int lfd;	/* a listener there */
	union name live, dead, silent;
};

static void prepare(struct __test_metadata *_metadata, struct stream *s,
		    const struct row *row)
{
	int closed;

	s->row = row;
	s->family = row->family;
	s->fd = wsp_socket(SOCK_STREAM, row);
	ASSERT_GE(s->fd, 0);

	s->lfd = listener(THERE, s->family);
	s->live = name_host(s->family, PEER_A, local_port(s->lfd));
	/* A port that is bound but does not listen answers with RST. */
	closed = plain_socket(THERE, s->family, SOCK_STREAM);
	ASSERT_EQ(0, bind_port(closed, s->family, "0.0.0.0", "::", 0));
	s->dead = name_host(s->family, PEER_A, local_port(closed));
	s->silent = name_host(s->family, SILENT, 9);
}

#define STREAM_FIXTURE(name)						\
	FIXTURE(name) { struct stream s; };				\
	FIXTURE_VARIANT(name) { struct row row; };			\
	FIXTURE_SETUP(name)						\
	{								\
		prepare(_metadata, &self->s, &variant->row);	\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		close(self->s.fd);					\
		close(self->s.lfd);					\
	}

STREAM_FIXTURE(stream)
ROWS(stream)

/* What is a rule for one blocking mode only, or for IPv6 only. */
STREAM_FIXTURE(blocking)
BLOCKING_ROWS(blocking)

STREAM_FIXTURE(nonblocking)
NONBLOCKING_ROWS(nonblocking)

STREAM_FIXTURE(ipv6)
IPV6_ROWS(ipv6)

#define CONNECT_CODE(name)						\
	try_connect(self->s.row, self->s.fd, &(name), name_len(&(name)))
#define FULL_CODE(name)		full_connect(self->s.row, self->s.fd, &(name))

/* A nonblocking attempt that stays pending, whatever the row's mode. */
static int start_pending(int fd, const union name *silent)
{
	int flags = fcntl(fd, F_GETFL), rc;

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	rc = connect(fd, &silent->sa, name_len(silent)) ? errno : 0;
	fcntl(fd, F_SETFL, flags);
	return rc;
}

/* The addresses that a stream is never connected to, by family. */
static const char * const v4_refused[] = {
	"0.0.0.0", "255.255.255.255", "192.0.2.255", "198.51.100.255",
	"127.255.255.255", "224.0.0.1", "239.1.2.3",
};

static const char * const v6_refused[] = {
	"::", "::ffff:0.0.0.0", "ff02::1", "ff0e::1", "::ffff:255.255.255.255",
	"::ffff:192.0.2.255", "::ffff:224.0.0.1",
};

/* C-01 and C-03 together: index 0 (and 1 of IPv6) are the all-zero ones. */
static const char *refused_addr(int family, size_t i)
{
	if (family == AF_INET6)
		return i < ARRAY_SIZE(v6_refused) ? v6_refused[i] : NULL;
	return i < ARRAY_SIZE(v4_refused) ? v4_refused[i] : NULL;
}

TEST_F(stream, C_01_E_05_any_address_refused)
{
	/* Linux would connect here. */
	int local = listener(HERE, self->s.family);
	const int ports[] = { local_port(local), 1, 0, 65535 };
	union name name;
	size_t i, j;

	for (i = 0; i < (self->s.family == AF_INET6 ? 2 : 1); i++) {
		for (j = 0; j < ARRAY_SIZE(ports); j++) {
			const char *any = refused_addr(self->s.family, i);

			name = name_of(self->s.family, any, any, ports[j]);
			EXPECT_EQ(WSAEADDRNOTAVAIL, CONNECT_CODE(name));
		}
	}
	EXPECT_FALSE(readable_now(local));
	EXPECT_EQ(0, local_port(self->s.fd));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_02_E_05_port_zero_refused)
{
	union name name = name_host(self->s.family, PEER_A, 0);

	EXPECT_EQ(WSAEADDRNOTAVAIL, CONNECT_CODE(name));
	EXPECT_EQ(0, local_port(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_03_broadcast_and_multicast_refused)
{
	const int on = 1;
	const char *addr;
	size_t i;

	ASSERT_EQ(0, setsockopt(self->s.fd, SOL_SOCKET, SO_BROADCAST, &on,
				sizeof(on)));
	for (i = 0; (addr = refused_addr(self->s.family, i)); i++) {
		union name name = name_of(self->s.family, addr, addr, 7);

		EXPECT_EQ(WSAEADDRNOTAVAIL, CONNECT_CODE(name))
			TH_LOG("for %s", addr);
	}
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

/* Whatever the name: each of them would have a code of its own. */
static void expect_state_code(struct __test_metadata *_metadata,
			      const struct row *row, int fd, int code,
			      const union name *live)
{
	union name any = name_of(row->family, "0.0.0.0", "::", 80);
	union name foreign = name_of(row->family == AF_INET ? AF_INET6 : AF_INET,
				     "192.0.2.2", "2001:db8:a::2", 80);
	union name none = { .sa.sa_family = AF_UNSPEC };

	EXPECT_EQ(code, try_connect(row, fd, live, name_len(live)));
	EXPECT_EQ(code, try_connect(row, fd, &any, name_len(&any)));
	EXPECT_EQ(code, try_connect(row, fd, &foreign, name_len(&foreign)));
	EXPECT_EQ(code, try_connect(row, fd, &none, sizeof(none)));
	EXPECT_EQ(code, try_connect(row, fd, live, 1));
	EXPECT_EQ(code, try_connect(row, fd, live, -1));
}

TEST_F(stream, C_04_E_10_connected_before_address)
{
	ASSERT_EQ(0, FULL_CODE(self->s.live));
	expect_state_code(_metadata, self->s.row, self->s.fd, WSAEISCONN,
			  &self->s.live);
}

TEST_F(stream, C_04_E_09_listening_before_address)
{
	ASSERT_EQ(0, listen(self->s.fd, 1));
	expect_state_code(_metadata, self->s.row, self->s.fd, WSAEINVAL,
			  &self->s.live);
}

TEST_F(stream, C_04_E_04_pending_before_address)
{
	ASSERT_EQ(EINPROGRESS, start_pending(self->s.fd, &self->s.silent));
	expect_state_code(_metadata, self->s.row, self->s.fd, WSAEALREADY,
			  &self->s.live);
}

/* Does /proc/self/fdinfo say that a thread is blocked in connect(2)? */
static bool fdinfo_says(int fd, const char *state)
{
	char path[64], want[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(want, sizeof(want), "wsp-state:\t%s\n", state);
	return file_says(path, want);
}

static bool wait_fdinfo(int fd, const char *state)
{
	long end = now_ms() + DEADLINE_MS;

	while (!fdinfo_says(fd, state)) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

TEST_F(blocking, C_04_E_03_blocked_before_address)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	expect_state_code(_metadata, self->s.row, self->s.fd, WSAEINPROGRESS,
			  &self->s.live);

	/* Ends the attempt, and with it the wait. */
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_05_E_07_refused_then_live)
{
	EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(self->s.dead));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_05_refused_again_and_again)
{
	int i;

	for (i = 0; i < 5; i++)
		EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(self->s.dead));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(nonblocking, C_05_error_not_read)
{
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_CODE(self->s.dead));
		ASSERT_TRUE(wait_for(self->s.fd, POLLOUT));
	}
	EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_CODE(self->s.live));
	EXPECT_EQ(0, finish_connect(self->s.fd));
}

TEST_F(stream, C_05_unreachable_then_live)
{
	union name name = name_host(self->s.family, UNREACHABLE, 80);

	EXPECT_EQ(WSAENETUNREACH, CONNECT_CODE(name));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_05_address_refused_then_live)
{
	union name name = name_of(self->s.family, "224.0.0.1", "ff02::1", 80);

	EXPECT_EQ(WSAEADDRNOTAVAIL, CONNECT_CODE(name));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, C_05_own_port_kept)
{
	int port;

	ASSERT_EQ(0, bind_port(self->s.fd, self->s.family, "0.0.0.0", "::", 0));
	port = local_port(self->s.fd);
	EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(self->s.dead));
	EXPECT_EQ(port, local_port(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
	EXPECT_EQ(port, local_port(self->s.fd));
}

TEST_F(stream, C_05_other_network_after_failure)
{
	union name other = name_host(self->s.family, PEER_B,
				     local_port(self->s.lfd));
	union name source = name_host(self->s.family, HERE_B, 0), local;

	EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(self->s.dead));
	EXPECT_EQ(0, FULL_CODE(other));
	local = local_name(self->s.fd);
	EXPECT_TRUE(name_same_addr(&source, &local));
}

TEST_F(stream, C_05_shut_down_then_live)
{
	ASSERT_EQ(EINPROGRESS, start_pending(self->s.fd, &self->s.silent));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_WR));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
	EXPECT_EQ(0, so_error(self->s.fd));
}

/*
 * SOCK_DESTROY: an attempt can be begun again, and so can one that was made and
 * broken before the program has noticed; a connection it has used is over.
 */
TEST_F(stream, C_05_F_02_destroyed)
{
	ASSERT_EQ(EINPROGRESS, start_pending(self->s.fd, &self->s.silent));
	run_in(HERE, "ss -KHt dport = 9 >/dev/null");
	EXPECT_EQ(ECONNABORTED, so_error(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));

	EXPECT_EQ(1, send(self->s.fd, "x", 1, 0));
	run_in(HERE, "ss -KHt state established >/dev/null");
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
}

/* A mapped attempt leaves nothing of IPv4 behind on the socket. */
TEST_F(ipv6, C_05_mapped_then_ipv6)
{
	char dead[INET6_ADDRSTRLEN] = "::ffff:192.0.2.2";
	union name name;

	name = name_v6(dead, name_port(&self->s.dead));
	EXPECT_EQ(WSAECONNREFUSED, FULL_CODE(name));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
	EXPECT_EQ(4, send(self->s.fd, "data", 4, MSG_NOSIGNAL));
}

TEST_F(ipv6, C_05_link_local_scope_not_kept)
{
	union name name = name_v6("fe80::1234", 9);

	run_in(HERE, "ip neigh replace fe80::1234 lladdr 02:00:00:00:00:99 dev wsp-b");
	name.in6.sin6_scope_id = if_nametoindex("wsp-b");
	ASSERT_EQ(EINPROGRESS, start_pending(self->s.fd, &name));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(nonblocking, C_06_asynchronous_success)
{
	EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_CODE(self->s.live));
	ASSERT_TRUE(wait_for(self->s.fd, POLLOUT));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.dead));
}

/* Nobody has asked for its state while it stood. */
TEST_F(nonblocking, C_06_E_10_reset_before_the_next_call)
{
	int peer;

	EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_CODE(self->s.live));
	ASSERT_TRUE(wait_for(self->s.lfd, POLLIN));
	EXPECT_EQ(0, so_error(self->s.fd));
	peer = accept(self->s.lfd, NULL, NULL);
	close_by_reset(peer);
	ASSERT_TRUE(wait_for(self->s.fd, POLLHUP));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_NE(0, so_error(self->s.fd));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.dead));
}

TEST_F(blocking, C_08_blocking_refusal_leaves_no_error)
{
	EXPECT_EQ(WSAECONNREFUSED, CONNECT_CODE(self->s.dead));
	EXPECT_EQ(0, so_error(self->s.fd));
}

TEST_F(stream, C_09_local_address_assigned)
{
	union name source = name_host(self->s.family, HERE_A, 0), local;

	EXPECT_EQ(0, FULL_CODE(self->s.live));
	local = local_name(self->s.fd);
	EXPECT_TRUE(name_same_addr(&source, &local));
	EXPECT_NE(0, name_port(&local));
	EXPECT_EQ(-1, bind_port(self->s.fd, self->s.family, "0.0.0.0", "::", 0));
	EXPECT_EQ(EINVAL, errno);
}

/* TCP_REPAIR: the stack takes the connection for made and sends nothing. */
TEST_F(stream, C_06_C_08_E_10_repair_mode)
{
	const int on = 1;

	ASSERT_EQ(0, setsockopt(self->s.fd, SOL_TCP, TCP_REPAIR, &on, sizeof(on)));
	EXPECT_EQ(0, CONNECT_CODE(self->s.dead));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_TRUE(wait_for(self->s.fd, POLLOUT));
}

/* TCP_DEFER_ACCEPT: accept(2) waits for the first data. */
static int defer_accept(int fd)
{
	const int seconds = 5;

	return setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
			  sizeof(seconds));
}

/* The connection stands on this side long before the peer hears of it. */
TEST_F(stream, C_06_E_10_peer_defers_accept)
{
	int peer;

	ASSERT_EQ(0, defer_accept(self->s.lfd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
	EXPECT_TRUE(wait_for(self->s.fd, POLLOUT));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(self->s.live));
	EXPECT_FALSE(readable_now(self->s.lfd));

	EXPECT_EQ(4, send(self->s.fd, "data", 4, MSG_NOSIGNAL));
	ASSERT_TRUE(wait_for(self->s.lfd, POLLIN));
	peer = accept(self->s.lfd, NULL, NULL);
	EXPECT_TRUE(got(peer, "data", NULL));
	EXPECT_TRUE(kind_talk(self->s.fd, peer));
	close(peer);
}

/* Of two clients, the one that speaks is accepted first. */
TEST_F(stream, C_14_F_02_accept_deferred)
{
	int quiet = plain_socket(HERE, self->s.family, SOCK_STREAM);
	int talker = plain_socket(HERE, self->s.family, SOCK_STREAM), fd;
	union name name, from = {}, local;
	socklen_t len = sizeof(from);

	ASSERT_EQ(0, bind_port(self->s.fd, self->s.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, defer_accept(self->s.fd));
	ASSERT_EQ(0, listen(self->s.fd, 2));
	name = local_name(self->s.fd);
	ASSERT_EQ(0, connect(quiet, &name.sa, name_len(&name)));
	ASSERT_EQ(0, connect(talker, &name.sa, name_len(&name)));
	ASSERT_EQ(4, send(talker, "data", 4, MSG_NOSIGNAL));

	ASSERT_TRUE(wait_for(self->s.fd, POLLIN));
	fd = accept(self->s.fd, &from.sa, &len);
	ASSERT_GE(fd, 0);
	local = local_name(talker);
	EXPECT_TRUE(name_same(&local, &from));
	EXPECT_TRUE(got(fd, "data", NULL));
	EXPECT_EQ(WSAEISCONN, try_connect(self->s.row, fd, &self->s.live,
					  name_len(&self->s.live)));
	EXPECT_FALSE(readable_now(self->s.fd));

	ASSERT_EQ(4, send(quiet, "late", 4, MSG_NOSIGNAL));
	ASSERT_TRUE(wait_for(self->s.fd, POLLIN));
	fd = accept(self->s.fd, NULL, NULL);
	EXPECT_TRUE(got(fd, "late", NULL));
	EXPECT_TRUE(kind_talk(fd, quiet));
}

TEST_F(stream, C_06_E_10_connected_to_itself)
{
	union name name;

	ASSERT_EQ(0, bind_port(self->s.fd, self->s.family, "192.0.2.1",
			       "2001:db8:a::1", 0));
	name = local_name(self->s.fd);
	EXPECT_EQ(0, FULL_CODE(name));
	EXPECT_EQ(WSAEISCONN, CONNECT_CODE(name));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_TRUE(kind_talk(self->s.fd, self->s.fd));
}

static void *connect_to_the_end(void *arg)
{
	struct blocked *b = arg;

	b->code = full_connect(b->row, b->fd, &b->name);
	return NULL;
}

/* What leaves the namespace by the first device waits there for let_out(). */
static void hold_back(enum place place)
{
	run_in(place, "tc qdisc add dev wsp-a root plug limit 1000000");
}

static void let_out(enum place place)
{
	run_in(place, "tc qdisc change dev wsp-a root plug release_indefinite");
}

static bool wait_tcp_state(int fd, int state)
{
	long end = now_ms() + DEADLINE_MS;
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	do {
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
			return false;
		if (info.tcpi_state == state)
			return true;
		usleep(1000);
	} while (now_ms() < end);
	return false;
}

/* One end of a simultaneous open: a bound socket, and its peer's name. */
static void open_end(struct __test_metadata *_metadata, struct blocked *end,
		     enum place place)
{
	enter(place);
	end->fd = wsp_socket(SOCK_STREAM, end->row);
	enter(HERE);
	ASSERT_GE(end->fd, 0);
	/* The test is to let out what it holds back also where it fails. */
	ASSERT_EQ(0, set_timeo(end->fd, SO_SNDTIMEO, 5000));
	end->name = name_host(end->row->family,
			      place == HERE ? HERE_A : PEER_A, 0);
	ASSERT_EQ(0, bind(end->fd, &end->name.sa, name_len(&end->name)));
}

/* Each end's SYN meets the other in SYN-SENT, and finds it pending. */
TEST_F_TIMEOUT(stream, C_04_C_06_simultaneous_open, 60)
{
	const int pending = self->s.row->nonblocking ? WSAEALREADY :
						       WSAEINPROGRESS;
	struct blocked ends[2] = { { .row = self->s.row },
				   { .row = self->s.row } };
	pthread_t threads[2];
	int i;

	/* The neighbours have met before. */
	ASSERT_EQ(0, FULL_CODE(self->s.live));
	for (i = 0; i < 2; i++)
		open_end(_metadata, &ends[i], i ? THERE : HERE);
	ends[0].name = local_name(ends[1].fd);
	ends[1].name = local_name(ends[0].fd);
	hold_back(HERE);
	hold_back(THERE);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    connect_to_the_end, &ends[i]));
		EXPECT_TRUE(wait_tcp_state(ends[i].fd, TCP_SYN_SENT));
	}
	let_out(HERE);
	EXPECT_TRUE(wait_tcp_state(ends[1].fd, TCP_SYN_RECV));
	EXPECT_TRUE(wait_tcp_state(ends[0].fd, TCP_SYN_SENT));
	for (i = 0; i < 2; i++)
		expect_state_code(_metadata, self->s.row, ends[i].fd, pending,
				  &self->s.live);
	let_out(THERE);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, ends[i].code);
		expect_state_code(_metadata, self->s.row, ends[i].fd,
				  WSAEISCONN, &self->s.live);
	}
	EXPECT_TRUE(kind_talk(ends[0].fd, ends[1].fd));
	run_in(HERE, "tc qdisc del dev wsp-a root");
	run_in(THERE, "tc qdisc del dev wsp-a root");
}

static int signals;

static void count_signal(int sig)
{
	(void)sig;
	__atomic_add_fetch(&signals, 1, __ATOMIC_RELAXED);
}

static void catch_signal(int flags)
{
	struct sigaction sa = { .sa_handler = count_signal, .sa_flags = flags };

	signals = 0;
	sigaction(SIGUSR1, &sa, NULL);
}

static bool wait_signals(int count)
{
	long end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&signals, __ATOMIC_RELAXED) < count) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* Has the call returned? Its code was UNTOUCHED before. */
static bool wait_done(const struct blocked *b)
{
	long end = now_ms() + DEADLINE_MS;

	while (__atomic_load_n(&b->code, __ATOMIC_ACQUIRE) == UNTOUCHED) {
		if (now_ms() > end)
			return false;
		usleep(1000);
	}
	return true;
}

TEST_F(blocking, C_12_interrupted_without_restart)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;

	catch_signal(0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	pthread_kill(thread, SIGUSR1);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAEINTR, b.code);
	EXPECT_EQ(WSAEALREADY, CONNECT_CODE(self->s.silent));
}

TEST_F(blocking, C_12_interrupted_with_restart)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;
	int i;

	catch_signal(SA_RESTART);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	for (i = 1; i <= 3; i++) {
		ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
		pthread_kill(thread, SIGUSR1);
		ASSERT_TRUE(wait_signals(i));
	}
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	EXPECT_EQ(WSAEINPROGRESS, CONNECT_CODE(self->s.live));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
}

TEST_F(ipv6, C_12_C_05_link_local_scope_not_kept)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = name_v6("fe80::1234", 9) };
	pthread_t thread;

	if (self->s.row->nonblocking)
		return;
	run_in(HERE, "ip neigh replace fe80::1234 lladdr 02:00:00:00:00:99 dev wsp-b");
	b.name.in6.sin6_scope_id = if_nametoindex("wsp-b");
	catch_signal(SA_RESTART);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	pthread_kill(thread, SIGUSR1);
	ASSERT_TRUE(wait_signals(1));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
	EXPECT_TRUE(device_is(self->s.fd, ""));
}

/* Nobody is inside the call any more, so nobody blocks (E-03). */
TEST_F(blocking, C_12_E_04_waiter_killed)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pid_t pid = fork();

	if (!pid) {
		block_in_connect(&b);
		_exit(0);
	}
	ASSERT_LT(0, pid);
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(WSAEALREADY, CONNECT_CODE(self->s.silent));
}

static int hold_handler;

static void wait_in_handler(int sig)
{
	count_signal(sig);
	while (__atomic_load_n(&hold_handler, __ATOMIC_RELAXED))
		usleep(1000);
}

/* While the waiter runs its handler, nobody else takes its place. */
TEST_F(blocking, C_12_E_03_place_kept_during_handler)
{
	struct sigaction sa = { .sa_handler = wait_in_handler,
				.sa_flags = SA_RESTART };
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;

	signals = 0;
	hold_handler = 1;
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	pthread_kill(thread, SIGUSR1);
	ASSERT_TRUE(wait_signals(1));
	EXPECT_EQ(WSAEINPROGRESS, CONNECT_CODE(self->s.live));
	EXPECT_EQ(WSAEINPROGRESS, CONNECT_CODE(self->s.silent));
	EXPECT_FAILS(EINVAL, accept(self->s.fd, NULL, NULL));
	/* What it comes back to is over, and it begins nothing new. */
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	__atomic_store_n(&hold_handler, 0, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
}

static void close_plainly(int fd)
{
	close(fd);
}

/*
 * While the waiter runs its handler the connection is made, and one side of it ends
 * it: @how is what the peer does, if not what another thread does here. The waiter's
 * call is told of the connection all the same.
 */
static void end_in_handler(struct __test_metadata *_metadata, struct stream *s,
			   void (*how)(int fd))
{
	struct sigaction sa = { .sa_handler = wait_in_handler,
				.sa_flags = SA_RESTART };
	struct blocked b = { .row = s->row, .fd = s->fd, .name = s->live };
	const struct row plain = { s->family, true, CONNECT };
	int fd = plain_socket(HERE, s->family, SOCK_STREAM), peer;
	pthread_t thread;

	/* The neighbours have met before. */
	ASSERT_EQ(0, full_connect(&plain, fd, &s->live));
	close(accept(s->lfd, NULL, NULL));
	close(fd);

	signals = 0;
	hold_handler = 1;
	sigaction(SIGUSR1, &sa, NULL);
	hold_back(HERE);
	EXPECT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	EXPECT_TRUE(wait_fdinfo(s->fd, "blocked"));
	pthread_kill(thread, SIGUSR1);
	EXPECT_TRUE(wait_signals(1));
	let_out(HERE);
	EXPECT_TRUE(wait_tcp_state(s->fd, TCP_ESTABLISHED));
	run_in(HERE, "tc qdisc del dev wsp-a root");
	peer = accept(s->lfd, NULL, NULL);
	ASSERT_GE(peer, 0);

	if (how)
		how(peer);
	else
		EXPECT_EQ(0, shutdown(s->fd, SHUT_WR));
	EXPECT_TRUE(wait_tcp_state(s->fd, how == close_plainly ? TCP_CLOSE_WAIT :
					  how ? TCP_CLOSE : TCP_FIN_WAIT2));
	__atomic_store_n(&hold_handler, 0, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, b.code);
	EXPECT_EQ(WSAEISCONN, try_connect(s->row, s->fd, &s->live,
					  name_len(&s->live)));
	if (!how) {
		EXPECT_EQ(4, send(peer, "data", 4, MSG_NOSIGNAL));
		EXPECT_TRUE(got(s->fd, "data", NULL));
		close(peer);
	}
}

TEST_F(blocking, C_12_C_08_half_closed_in_the_handler)
{
	end_in_handler(_metadata, &self->s, NULL);
}

TEST_F(blocking, C_12_C_08_closed_by_the_peer_in_the_handler)
{
	end_in_handler(_metadata, &self->s, close_plainly);
}

TEST_F(blocking, C_12_C_08_reset_by_the_peer_in_the_handler)
{
	end_in_handler(_metadata, &self->s, close_by_reset);
}

/* From here on @thread runs only while the caller sleeps. */
static bool outrun(pthread_t thread)
{
	const struct sched_param fifo = { .sched_priority = 1 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return !pthread_setaffinity_np(thread, sizeof(one), &one) &&
	       !sched_setaffinity(0, sizeof(one), &one) &&
	       !sched_setscheduler(0, SCHED_FIFO, &fifo);
}

/* The thread's own signal comes before the process's, whatever their numbers. */
TEST_F(blocking, C_12_E_04_restart_for_the_second_signal)
{
	struct sigaction restart = { .sa_handler = count_signal,
				     .sa_flags = SA_RESTART };
	struct sigaction sa = { .sa_handler = count_signal };
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent,
			     .code = UNTOUCHED };
	pthread_t thread;
	sigset_t set;

	sigaction(SIGUSR1, &restart, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	ASSERT_TRUE(outrun(thread));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	pthread_kill(thread, SIGUSR2);
	kill(getpid(), SIGUSR1);
	ASSERT_TRUE(wait_done(&b));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAEINTR, b.code);
	EXPECT_EQ(WSAEALREADY, CONNECT_CODE(self->s.silent));
}

static struct blocked in_handler;

static void connect_in_handler(int sig)
{
	const int flags = fcntl(in_handler.fd, F_GETFL);

	count_signal(sig);
	if (in_handler.row->nonblocking)
		fcntl(in_handler.fd, F_SETFL, flags | O_NONBLOCK);
	block_in_connect(&in_handler);
	fcntl(in_handler.fd, F_SETFL, flags);
	count_signal(sig);
}

static void interrupt_by_connect(struct __test_metadata *_metadata,
				 struct blocked *b, const struct row *row,
				 pthread_t *thread)
{
	struct sigaction sa = { .sa_handler = connect_in_handler,
				.sa_flags = SA_RESTART };

	signals = 0;
	in_handler = *b;
	in_handler.row = row;
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_EQ(0, pthread_create(thread, NULL, block_in_connect, b));
	ASSERT_TRUE(wait_fdinfo(b->fd, "blocked"));
	pthread_kill(*thread, SIGUSR1);
	ASSERT_TRUE(wait_signals(1));
}

/* Whether the interrupted one or another, it does not wait; nor will the former. */
TEST_F(blocking, C_12_E_04_nonblocking_in_handler)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	const struct row row = { self->s.family, true, self->s.row->surface };
	pthread_t thread;

	interrupt_by_connect(_metadata, &b, &row, &thread);
	EXPECT_TRUE(wait_signals(2));
	EXPECT_EQ(WSAEALREADY, in_handler.code);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAEALREADY, b.code);
}

/* It goes on waiting, as the interrupted call would; which then begins anew. */
TEST_F(blocking, C_12_blocking_in_handler_is_the_restart)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent, .code = UNTOUCHED };
	pthread_t thread;

	interrupt_by_connect(_metadata, &b, self->s.row, &thread);
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	EXPECT_TRUE(wait_signals(2));
	EXPECT_EQ(WSAECONNREFUSED, in_handler.code);
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
}

/* A process that blocks in connect, and calls again when that is interrupted. */
static pid_t fork_waiter(const struct stream *s)
{
	struct blocked b = { .row = s->row, .fd = s->fd, .name = s->silent };
	pid_t pid = fork();
	int i;

	if (pid)
		return wait_fdinfo(s->fd, "blocked") ? pid : -1;
	for (i = 0; i < 2; i++) {
		block_in_connect(&b);
		if (b.code != WSAEINTR)
			break;
	}
	_exit(i << 7 | (b.code - WSAEINTR));
}

static bool stop(pid_t pid)
{
	int status;

	return !kill(pid, SIGSTOP) && waitpid(pid, &status, WUNTRACED) == pid &&
	       WIFSTOPPED(status);
}

/* The code that the call gave in the end, if it was made @calls times. */
static int waiter_code(pid_t pid, int calls)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) >> 7 != calls - 1)
		return -1;
	return (WEXITSTATUS(status) & 0x7f) + WSAEINTR;
}

TEST_F(blocking, C_12_stopped_and_continued)
{
	pid_t pid = fork_waiter(&self->s);

	ASSERT_LT(0, pid);
	ASSERT_TRUE(stop(pid));
	EXPECT_EQ(WSAEINPROGRESS, CONNECT_CODE(self->s.silent));
	kill(pid, SIGCONT);
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	EXPECT_EQ(WSAECONNREFUSED, waiter_code(pid, 1));
}

TEST_F(blocking, C_12_E_04_interrupted_while_stopped)
{
	pid_t pid;

	catch_signal(0);
	pid = fork_waiter(&self->s);
	ASSERT_LT(0, pid);
	ASSERT_TRUE(stop(pid));
	kill(pid, SIGUSR1);
	kill(pid, SIGCONT);
	if (!wait_fdinfo(self->s.fd, "connecting"))
		kill(pid, SIGKILL);
	EXPECT_EQ(WSAEALREADY, waiter_code(pid, 2));
}

TEST_F(blocking, C_12_E_04_killed_while_stopped)
{
	pid_t pid = fork_waiter(&self->s);

	ASSERT_LT(0, pid);
	ASSERT_TRUE(stop(pid));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(WSAEALREADY, CONNECT_CODE(self->s.silent));
}

/* The attempt ends, and before its waiter knows the socket is put to new use. */
TEST_F(blocking, C_11_E_03_waiter_of_an_ended_attempt)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent,
			     .code = UNTOUCHED };
	pthread_t thread;
	int error;

	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(outrun(thread));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	error = start_pending(self->s.fd, &self->s.silent);
	EXPECT_TRUE(error == EBUSY || error == EINPROGRESS)
		TH_LOG("errno %d", error);
	EXPECT_TRUE(wait_done(&b));
	shutdown(self->s.fd, SHUT_RDWR);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
}

TEST_F(blocking, C_11_E_09_waiter_of_a_listener)
{
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(outrun(thread));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	ASSERT_EQ(0, shutdown(self->s.fd, SHUT_RDWR));
	ASSERT_EQ(0, listen(self->s.fd, 1));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSAECONNREFUSED, b.code);
	EXPECT_EQ(WSAEINVAL, CONNECT_CODE(self->s.live));
}

static int handler_fd;

static void close_in_handler(int sig)
{
	close(handler_fd);
	count_signal(sig);
}

/* The call that is made again finds no socket. */
TEST_F(blocking, C_11_C_12_closed_by_the_handler)
{
	struct sigaction sa = { .sa_handler = close_in_handler,
				.sa_flags = SA_RESTART };
	struct blocked b = { .row = self->s.row, .fd = self->s.fd,
			     .name = self->s.silent };
	pthread_t thread;

	signals = 0;
	handler_fd = self->s.fd;
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	ASSERT_TRUE(wait_fdinfo(self->s.fd, "blocked"));
	pthread_kill(thread, SIGUSR1);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, signals);
	/* There is none to be asked for the code, either. */
	EXPECT_EQ(PLAIN || self->s.row->surface == WSPCONNECT ? WSAENOTSOCK :
								-EBADF, b.code);
}

TEST_F(stream, C_13_no_fast_open)
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct msghdr msg = { .msg_name = &self->s.live,
			      .msg_namelen = name_len(&self->s.live),
			      .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr mmsg = { .msg_hdr = msg };
	const int on = 1;

	EXPECT_EQ(-1, sendto(self->s.fd, "data", 4, MSG_FASTOPEN | MSG_NOSIGNAL,
			     &self->s.live.sa, name_len(&self->s.live)));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, sendmsg(self->s.fd, &msg, MSG_FASTOPEN | MSG_NOSIGNAL));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, sendmmsg(self->s.fd, &mmsg, 1, MSG_FASTOPEN | MSG_NOSIGNAL));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, setsockopt(self->s.fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT,
				 &on, sizeof(on)));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(0, local_port(self->s.fd));
	EXPECT_FALSE(readable_now(self->s.lfd));

	EXPECT_EQ(0, FULL_CODE(self->s.live));
	EXPECT_EQ(-1, sendto(self->s.fd, "data", 4, MSG_FASTOPEN | MSG_NOSIGNAL,
			     &self->s.live.sa, name_len(&self->s.live)));
	EXPECT_EQ(EISCONN, errno);
}

TEST_F(stream, C_13_no_fast_open_while_pending)
{
	ASSERT_EQ(EINPROGRESS, start_pending(self->s.fd, &self->s.silent));
	EXPECT_EQ(-1, sendto(self->s.fd, "data", 4,
			     MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT,
			     &self->s.live.sa, name_len(&self->s.live)));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(WSAEALREADY, CONNECT_CODE(self->s.live));
}

TEST_F(stream, C_14_accepted_socket)
{
	int client = plain_socket(HERE, self->s.family, SOCK_STREAM);
	struct wsp_info info = {};
	union name name;
	char buf[8];
	int fd;

	ASSERT_EQ(0, bind_port(self->s.fd, self->s.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, listen(self->s.fd, 1));
	name = local_name(self->s.fd);
	ASSERT_EQ(0, connect(client, &name.sa, name_len(&name)));
	ASSERT_TRUE(wait_for(self->s.fd, POLLIN));
	fd = accept4(self->s.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_GE(fd, 0);

	ASSERT_EQ(0, ioctl(fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(self->s.family == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4,
		  info.protocol);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(WSAEISCONN, try_connect(self->s.row, fd, &self->s.live,
					  name_len(&self->s.live)));
	EXPECT_EQ(4, send(fd, "data", 4, MSG_NOSIGNAL));
	EXPECT_EQ(0, fcntl(client, F_SETFL, O_NONBLOCK));
	ASSERT_TRUE(wait_for(client, POLLIN));
	EXPECT_EQ(4, recv(client, buf, sizeof(buf), 0));
	/* Nothing waits any more: a failed accept leaves nothing behind. */
	ASSERT_EQ(0, fcntl(self->s.fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, accept(self->s.fd, NULL, NULL));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(stream, E_06_family_does_not_fit)
{
	union name other = name_of(self->s.family == AF_INET ? AF_INET6 : AF_INET,
				   "192.0.2.2", "2001:db8:a::2", 80);
	union name unspec = self->s.live, odd = self->s.live;

	unspec.sa.sa_family = AF_UNSPEC;
	odd.sa.sa_family = AF_UNIX;
	EXPECT_EQ(WSAEAFNOSUPPORT, CONNECT_CODE(other));
	EXPECT_EQ(WSAEAFNOSUPPORT, try_connect(self->s.row, self->s.fd, &unspec,
					       sizeof(unspec)));
	EXPECT_EQ(WSAEAFNOSUPPORT, try_connect(self->s.row, self->s.fd, &odd,
					       sizeof(odd)));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, E_08_unusable_name)
{
	const int enough = name_len(&self->s.live);
	union name name = self->s.live;
	void *hole;
	int len;

	hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, hole);
	EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, NULL, enough));
	EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, hole, enough));
	EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, (void *)-4096L,
					 enough));
	EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, &name, -1));
	EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, &name,
					 INT_MIN));
	for (len = 0; len < enough; len++)
		EXPECT_EQ(WSAEFAULT, try_connect(self->s.row, self->s.fd, &name,
						 len));
	EXPECT_EQ(0, local_port(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

TEST_F(stream, E_08_longer_name_is_fine)
{
	struct { union name name; char more[4096]; } big = {};
	int code;

	big.name = self->s.live;
	code = try_connect(self->s.row, self->s.fd, &big,
			   self->s.row->surface == CONNECT ?
			   sizeof(big.name.ss) : sizeof(big));
	if (self->s.row->nonblocking && code == WSAEWOULDBLOCK)
		code = finish_connect(self->s.fd);
	EXPECT_EQ(0, code);
}

TEST_F(blocking, E_16_send_timeout_ends_the_attempt)
{
	ASSERT_EQ(0, set_timeo(self->s.fd, SO_SNDTIMEO, 100));
	EXPECT_EQ(WSAETIMEDOUT, CONNECT_CODE(self->s.silent));
	EXPECT_EQ(0, so_error(self->s.fd));
	EXPECT_EQ(0, FULL_CODE(self->s.live));
}

/* All rows at once, since each of them takes its three seconds. */
TEST(E_16_no_answer)
{
	const struct row rows[] = { ALL_ROWS };
	struct blocked b[ARRAY_SIZE(rows)];
	pthread_t threads[ARRAY_SIZE(rows)];
	const int one = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		b[i].row = &rows[i];
		b[i].name = name_host(rows[i].family, SILENT, 9);
		b[i].fd = wsp_socket(SOCK_STREAM, &rows[i]);
		ASSERT_EQ(0, setsockopt(b[i].fd, IPPROTO_TCP, TCP_SYNCNT, &one,
					sizeof(one)));
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    connect_to_the_end, &b[i]));
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(WSAETIMEDOUT, b[i].code);
		/* C-05: at once again */
		b[i].name = name_host(rows[i].family, UNREACHABLE, 9);
		EXPECT_EQ(WSAENETUNREACH,
			  try_connect(b[i].row, b[i].fd, &b[i].name,
				      name_len(&b[i].name)));
	}
}

TEST_F(nonblocking, E_17_would_block)
{
	EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_CODE(self->s.silent));
	EXPECT_FALSE(readable_now(self->s.fd));
}

TEST_F(stream, F_03_options_refused)
{
	static const char * const ulps[] = { "tls", "espintcp", "smc", "mptcp",
					     "none", "" };
	const int family = AF_INET;
	size_t i;

	/* Most of what replaces a table asks for a connection first. */
	ASSERT_EQ(0, FULL_CODE(self->s.live));
	for (i = 0; i < ARRAY_SIZE(ulps); i++) {
		EXPECT_EQ(-1, setsockopt(self->s.fd, IPPROTO_TCP, TCP_ULP,
					 ulps[i], strlen(ulps[i]) + 1));
		EXPECT_EQ(EOPNOTSUPP, errno);
	}
	if (self->s.family == AF_INET6) {
		EXPECT_EQ(-1, setsockopt(self->s.fd, IPPROTO_IPV6, IPV6_ADDRFORM,
					 &family, sizeof(family)));
		EXPECT_EQ(EOPNOTSUPP, errno);
	}
}

WSP_TEST_MAIN
