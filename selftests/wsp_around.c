// SPDX-License-Identifier: GPL-2.0
/* Section 10: what a Winsock program meets before and after WSPConnect. */
#include <dlfcn.h>
#include <ifaddrs.h>
#include <pthread.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE_ALONE(stream)
STREAM_KINDS(stream)

KIND_FIXTURE_ALONE(dgram)
DGRAM_KINDS(dgram)

static int send_some(SOCKET s)
{
	WSABUF buf = { 4, "data" };
	DWORD n = 0;

	return OUTCOME(WSPSend(s, &buf, 1, &n, 0, NULL, NULL, NULL, &code));
}

/* A code, or how many bytes came, as a negative number. */
static int receive_by(SOCKET s, DWORD flags)
{
	char data[64];
	WSABUF buf = { sizeof(data), data };
	DWORD n = 0;
	int code = OUTCOME(WSPRecv(s, &buf, 1, &n, &flags, NULL, NULL, NULL, &code));

	return code ?: -(int)n;
}

#define receive(s)		receive_by(s, 0)
#define receive_urgent(s)	receive_by(s, MSG_OOB)

static int receive_from(SOCKET s)
{
	union name from;
	int len = sizeof(from);
	char data[64];
	WSABUF buf = { sizeof(data), data };
	DWORD n = 0, flags = 0;
	int code = OUTCOME(WSPRecvFrom(s, &buf, 1, &n, &flags, &from.sa, &len, NULL,
				       NULL, NULL, &code));

	return code ?: -(int)n;
}

static int send_to(SOCKET s, const void *to, int len)
{
	WSABUF buf = { 4, "data" };
	DWORD n = 0;

	return OUTCOME(WSPSendTo(s, &buf, 1, &n, 0, to, len, NULL, NULL, NULL, &code));
}

#define SHUT(how)	OUTCOME(WSPShutdown(self->k.fd, how, &code))
#define PEERS_NAME(name, len)	OUTCOME(WSPGetPeerName(self->k.fd, name, len, &code))

static int start(struct kind *k, const union name *name)
{
	set_blocking(k->fd, false);
	return OUTCOME(WSPConnect(k->fd, &name->sa, name_len(name), NULL, NULL, NULL,
				  NULL, &code));
}

/* Refused, in the background. */
static bool fail(struct kind *k)
{
	union name name = kind_name(k);

	close(k->lfd);
	k->lfd = -1;
	return start(k, &name) == WSAEWOULDBLOCK && wait_for(k->fd, POLLERR);
}

/* What there was to do is done, so that the next look finds it. */
static bool reset_by_peer(struct kind *k)
{
	int fd = k->peer;

	k->peer = -1;
	close_by_reset(fd);
	return wait_for(k->fd, POLLHUP);
}

TEST_F(stream, T_02_nothing_to_shut)
{
	int how;

	EXPECT_EQ(WSAEINVAL, SHUT(-1));
	EXPECT_EQ(WSAEINVAL, SHUT(3));
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(WSAENOTCONN, SHUT(how));
	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "0.0.0.0", "::", 0));
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(WSAENOTCONN, SHUT(how));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	EXPECT_EQ(0, send_some(self->k.fd));
}

TEST_F(stream, T_02_listening)
{
	int how, peer = plain_socket(HERE, self->k.row.family, SOCK_STREAM);
	union name name;

	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(WSAENOTCONN, SHUT(how));
	name = local_name(self->k.fd);
	EXPECT_EQ(0, connect(peer, &name.sa, name_len(&name)));
	self->k.peer = WSPAccept(self->k.fd, NULL, NULL, NULL, 0, NULL);
	EXPECT_LE(0, self->k.peer);
	close(peer);
}

TEST_F(stream, T_02_T_03_connecting)
{
	union name silent = name_host(self->k.row.family, SILENT, 9);
	int how;

	ASSERT_EQ(WSAEWOULDBLOCK, start(&self->k, &silent));
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(WSAENOTCONN, SHUT(how));
	EXPECT_EQ(WSAENOTCONN, send_some(self->k.fd));
	EXPECT_EQ(WSAENOTCONN, receive(self->k.fd));
	/* Nothing of this has ended the attempt. */
	EXPECT_EQ(WSAEALREADY, start(&self->k, &silent));
}

TEST_F(stream, T_03_beside_a_thread_that_connects)
{
	struct blocked b = {
		.row = &self->k.row,
		.fd = self->k.fd,
		.name = name_host(self->k.row.family, SILENT, 9),
	};
	struct wsp_info info = {};
	const long begin = now_ms();
	pthread_t thread;

	self->k.row.surface = WSPCONNECT;
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	while (info.state != WSP_STATE_BLOCKED && now_ms() - begin < DEADLINE_MS)
		ASSERT_EQ(0, ioctl(self->k.fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(WSAENOTCONN, send_some(self->k.fd));
	EXPECT_EQ(WSAENOTCONN, receive(self->k.fd));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	self->k.fd = -1;
	pthread_join(thread, NULL);
	EXPECT_EQ(WSAEINTR, b.code);
}

TEST_F(stream, T_02_T_03_failed)
{
	const int fd = self->k.fd;
	int how;

	ASSERT_TRUE(fail(&self->k));
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(WSAENOTCONN, SHUT(how));
	EXPECT_EQ(WSAENOTCONN, send_some(fd));
	EXPECT_EQ(WSAENOTCONN, receive(fd));
	EXPECT_EQ(0, set_blocking(fd, true));
	EXPECT_EQ(WSAENOTCONN, send_some(fd));
	EXPECT_EQ(WSAENOTCONN, receive(fd));
	/* The outcome is where it was. */
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	self->k.lfd = listener(THERE, self->k.row.family);
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_TRUE(kind_talk(fd, self->k.peer));
	EXPECT_EQ(0, send_some(fd));
}

/* One that was made in the background is known to be when it is first used. */
TEST_F(stream, T_03_connected_meanwhile)
{
	union name name = kind_name(&self->k);
	const int code = start(&self->k, &name);

	ASSERT_TRUE(!code || code == WSAEWOULDBLOCK);
	self->k.peer = accept(self->k.lfd, NULL, NULL);
	ASSERT_LE(0, self->k.peer);
	ASSERT_TRUE(wait_for(self->k.fd, POLLOUT));
	EXPECT_EQ(WSAEWOULDBLOCK, receive(self->k.fd));
	EXPECT_EQ(0, send_some(self->k.fd));
}

TEST_F(stream, T_04_reset)
{
	const int fd = self->k.fd;
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(4, send(self->k.peer, "last", 4, 0));
	ASSERT_TRUE(wait_for(fd, POLLIN));
	ASSERT_TRUE(reset_by_peer(&self->k));
	EXPECT_EQ(-4, receive(fd));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
	/* There is nothing to shut any more, so nothing has been. */
	EXPECT_EQ(WSAENOTCONN, SHUT(SD_BOTH));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
}

TEST_F(stream, T_04_reset_that_was_told_of)
{
	const int fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_TRUE(reset_by_peer(&self->k));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(0, so_error(fd));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
}

/* Who asks for urgent data learns the same, and nothing of it is forgotten. */
TEST_F(stream, T_04_urgent_data)
{
	const int fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(WSAEINVAL, receive_urgent(fd));
	ASSERT_EQ(4, send(self->k.peer, "last", 4, 0));
	ASSERT_TRUE(wait_for(fd, POLLIN));
	ASSERT_TRUE(reset_by_peer(&self->k));
	EXPECT_EQ(WSAECONNRESET, receive_urgent(fd));
	EXPECT_EQ(-4, receive(fd));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(WSAECONNRESET, receive_urgent(fd));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
}

TEST_F(stream, T_04_urgent_data_of_one_timed_out)
{
	const int fd = self->k.fd, ms = 100;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)));
	lose_peer(true);
	EXPECT_EQ(0, send_some(fd));
	EXPECT_TRUE(wait_for(fd, POLLHUP));
	lose_peer(false);
	EXPECT_EQ(WSAETIMEDOUT, receive_urgent(fd));
	EXPECT_EQ(WSAETIMEDOUT, receive(fd));
	EXPECT_EQ(WSAETIMEDOUT, receive_urgent(fd));
}

TEST_F(stream, T_04_ended)
{
	const int fd = self->k.fd;
	char none;
	WSABUF buf = { 0, &none };
	DWORD n = 1, flags = 0;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, shutdown(self->k.peer, SHUT_WR));
	EXPECT_EQ(0, receive(fd));
	EXPECT_EQ(0, receive(fd));
	EXPECT_EQ(0, send_some(fd));
	/* And then it is reset: the end has been read, but is no more. */
	ASSERT_TRUE(reset_by_peer(&self->k));
	EXPECT_EQ(0, OUTCOME(WSPRecv(fd, &buf, 1, &n, &flags, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
}

TEST_F(stream, T_04_ended_by_both)
{
	const int fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, SHUT(SD_SEND));
	ASSERT_TRUE(wait_for(self->k.peer, POLLIN));
	close(self->k.peer);
	self->k.peer = -1;
	ASSERT_TRUE(wait_for(fd, POLLHUP));
	EXPECT_EQ(0, receive(fd));
	EXPECT_EQ(0, receive(fd));
	EXPECT_EQ(WSAESHUTDOWN, send_some(fd));
}

TEST_F(stream, T_04_timed_out)
{
	const int fd = self->k.fd, ms = 100;
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)));
	lose_peer(true);
	EXPECT_EQ(0, send_some(fd));
	EXPECT_TRUE(wait_for(fd, POLLHUP));
	lose_peer(false);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(WSAETIMEDOUT, receive(fd));
	EXPECT_EQ(WSAETIMEDOUT, send_some(fd));
	EXPECT_EQ(WSAETIMEDOUT, send_some(fd));
	EXPECT_EQ(WSAETIMEDOUT, receive(fd));
}

TEST_F(stream, T_04_not_kept_alive)
{
	const int fd = self->k.fd, one = 1;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_KEEPIDLE, &one, sizeof(one)));
	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_KEEPINTVL, &one, sizeof(one)));
	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_KEEPCNT, &one, sizeof(one)));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
	lose_peer(true);
	EXPECT_TRUE(wait_for(fd, POLLHUP));
	lose_peer(false);
	EXPECT_EQ(WSAETIMEDOUT, send_some(fd));
	EXPECT_EQ(WSAETIMEDOUT, receive(fd));
	EXPECT_EQ(WSAETIMEDOUT, send_some(fd));
}

TEST_F(stream, T_05_no_more_received)
{
	union name name;
	int i, len = sizeof(name);

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(5, send(self->k.peer, "early", 5, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	EXPECT_EQ(0, SHUT(SD_RECEIVE));
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
	EXPECT_EQ(WSAESHUTDOWN, receive_from(self->k.fd));
	for (i = 0; i < 3; i++) {	/* each would find a reset by the one before */
		EXPECT_EQ(4, send(self->k.peer, "late", 4, MSG_NOSIGNAL));
		EXPECT_EQ(0, send_some(self->k.fd));
		EXPECT_TRUE(got(self->k.peer, "data", NULL));
	}
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
	EXPECT_EQ(0, SHUT(SD_SEND));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
	EXPECT_EQ(0, PEERS_NAME(&name.sa, &len));
	ASSERT_TRUE(reset_by_peer(&self->k));
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
}

TEST_F(stream, T_05_shut_by_the_system_call)
{
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, shutdown(self->k.fd, SHUT_WR));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
}

TEST_F(stream, T_05_name_of_a_former_peer)
{
	union name name = {}, peer = kind_name(&self->k);
	int len = sizeof(name);

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, SHUT(SD_BOTH));
	ASSERT_TRUE(wait_for(self->k.peer, POLLIN));
	close(self->k.peer);
	self->k.peer = -1;
	ASSERT_TRUE(wait_for(self->k.fd, POLLHUP));
	EXPECT_EQ(0, PEERS_NAME(&name.sa, &len));
	EXPECT_EQ(name_len(&peer), len);
	EXPECT_TRUE(name_same(&name, &peer));
	len = 4;
	EXPECT_EQ(WSAEFAULT, PEERS_NAME(&name.sa, &len));
	EXPECT_EQ(WSAEFAULT, PEERS_NAME((void *)8, &len));
}

/* Not of what has never been one. */
TEST_F(stream, T_05_no_former_peer)
{
	union name name;
	int len = sizeof(name);

	EXPECT_EQ(WSAENOTCONN, PEERS_NAME(&name.sa, &len));
	ASSERT_TRUE(fail(&self->k));
	EXPECT_EQ(WSAENOTCONN, PEERS_NAME(&name.sa, &len));
}

static void *receive_in_thread(void *arg)
{
	const struct kind *k = arg;

	return (void *)(intptr_t)receive(k->fd);
}

static void shut_under_a_receiver(struct __test_metadata *_metadata, struct kind *k)
{
	pthread_t thread;
	void *result;

	ASSERT_TRUE(kind_join(k));
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive_in_thread, k));
	/* It is in the wait, or about to be: either is to be told. */
	EXPECT_EQ(0, OUTCOME(WSPShutdown(k->fd, SD_RECEIVE, &code)));
	pthread_join(thread, &result);
	EXPECT_EQ(WSAESHUTDOWN, (int)(intptr_t)result);
}

TEST_F(stream, T_05_under_a_receiver)
{
	shut_under_a_receiver(_metadata, &self->k);
}

TEST_F(dgram, T_05_under_a_receiver)
{
	shut_under_a_receiver(_metadata, &self->k);
}

TEST_F(dgram, T_02_T_05_shut)
{
	union name peer = kind_name(&self->k);
	union name any = name_of(self->k.row.family, "0.0.0.0", "::", 0);

	ASSERT_EQ(0, OUTCOME(WSPBind(self->k.fd, &any.sa, name_len(&any), &code)));
	EXPECT_EQ(WSAEINVAL, SHUT(3));
	EXPECT_EQ(0, SHUT(SD_SEND));
	EXPECT_EQ(WSAESHUTDOWN, send_to(self->k.fd, &peer, name_len(&peer)));
	EXPECT_EQ(0, set_blocking(self->k.fd, false));
	EXPECT_EQ(WSAEWOULDBLOCK, receive_from(self->k.fd));
	EXPECT_EQ(0, SHUT(SD_RECEIVE));
	EXPECT_EQ(WSAESHUTDOWN, receive_from(self->k.fd));
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
}

TEST_F(dgram, T_05_connected)
{
	union name name;
	int len = sizeof(name);

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, SHUT(SD_BOTH));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
	EXPECT_EQ(0, PEERS_NAME(&name.sa, &len));
}

TEST_F(dgram, T_06_no_port)
{
	union name any = name_of(self->k.row.family, "0.0.0.0", "::", 0);
	union name peer = kind_name(&self->k);

	EXPECT_EQ(WSAEINVAL, receive(self->k.fd));
	EXPECT_EQ(WSAEINVAL, receive_from(self->k.fd));
	/* D-02 on a socket that has no port either */
	EXPECT_EQ(0, start(&self->k, &any));
	EXPECT_EQ(WSAENOTCONN, receive(self->k.fd));
	EXPECT_EQ(WSAEINVAL, receive_from(self->k.fd));
	EXPECT_EQ(0, send_to(self->k.fd, &peer, name_len(&peer)));
	EXPECT_EQ(WSAEWOULDBLOCK, receive_from(self->k.fd));
	EXPECT_EQ(WSAENOTCONN, receive(self->k.fd));
}

TEST_F(dgram, T_06_port)
{
	union name name;

	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	EXPECT_EQ(0, set_blocking(self->k.fd, false));
	EXPECT_EQ(WSAEWOULDBLOCK, receive(self->k.fd));
	EXPECT_EQ(WSAEWOULDBLOCK, receive_from(self->k.fd));
	/* Of no bytes, and not the end of anything. */
	name = local_name(self->k.fd);
	ASSERT_EQ(0, sendto(self->k.fd, "", 0, 0, &name.sa, name_len(&name)));
	EXPECT_EQ(0, receive(self->k.fd));
}

TEST_F(stream, T_07_no_port)
{
	union name name, any = name_of(self->k.row.family, "0.0.0.0", "::", 0);
	int len = sizeof(name);

#define NAME()	OUTCOME(WSPGetSockName(self->k.fd, &name.sa, &len, &code))
	EXPECT_EQ(WSAEINVAL, NAME());
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	ASSERT_TRUE(fail(&self->k));
	EXPECT_EQ(WSAEINVAL, NAME());
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	EXPECT_EQ(0, OUTCOME(WSPBind(self->k.fd, &any.sa, name_len(&any), &code)));
	EXPECT_EQ(0, NAME());
	EXPECT_TRUE(name_same_addr(&name, &any));
	EXPECT_NE(0, name_port(&name));
	EXPECT_EQ(0, OUTCOME(WSPListen(self->k.fd, 1, &code)));
}

TEST_F(dgram, T_07_no_port)
{
	union name name, any = name_of(self->k.row.family, "0.0.0.0", "::", 0);
	int len = sizeof(name);

	EXPECT_EQ(WSAEINVAL, NAME());
	EXPECT_EQ(0, OUTCOME(WSPBind(self->k.fd, &any.sa, name_len(&any), &code)));
	EXPECT_EQ(0, NAME());
	EXPECT_TRUE(name_same_addr(&name, &any));
}

static bool is_blocking(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* Accepts a connection, and tells its mode. */
static int accepted_mode(struct kind *k)
{
	int peer = plain_socket(HERE, k->row.family, SOCK_STREAM);
	union name name = local_name(k->fd);
	bool blocking;
	SOCKET s;

	if (connect(peer, &name.sa, name_len(&name)) || !wait_for(k->fd, POLLIN))
		return -1;
	s = WSPAccept(k->fd, NULL, NULL, NULL, 0, NULL);
	blocking = is_blocking(s);
	/* By its own account as well: who accepts on it would be told the same. */
	if (!blocking && receive(s) != WSAEWOULDBLOCK)
		return -1;
	close(peer);
	return OUTCOME(WSPCloseSocket(s, &code)) ? -1 : blocking;
}

TEST_F(stream, T_08_mode_of_the_accepted)
{
	WSAEVENT event = WSACreateEvent();

	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	EXPECT_EQ(true, accepted_mode(&self->k));
	EXPECT_EQ(0, set_blocking(self->k.fd, false));
	EXPECT_EQ(false, accepted_mode(&self->k));
	/* As one that another process has set, or opened. */
	WSPForget(self->k.fd, self->k.fd);
	EXPECT_EQ(false, accepted_mode(&self->k));
	EXPECT_EQ(0, set_blocking(self->k.fd, true));
	EXPECT_EQ(true, accepted_mode(&self->k));
	EXPECT_EQ(0, OUTCOME(WSPEventSelect(self->k.fd, event, FD_ACCEPT, &code)));
	EXPECT_EQ(false, accepted_mode(&self->k));
	EXPECT_EQ(0, OUTCOME(WSPEventSelect(self->k.fd, NULL, 0, &code)));
	EXPECT_EQ(false, accepted_mode(&self->k));
	WSACloseEvent(event);
}

TEST_F(dgram, T_09_no_target)
{
	const int family = self->k.row.family;
	union name any = name_of(family, "0.0.0.0", "::", 9);
	union name no_port = name_host(family, PEER_A, 0);
	union name mapped = name_v6("::ffff:0.0.0.0", 9);
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(WSAEADDRNOTAVAIL, send_to(self->k.fd, &any, name_len(&any)));
		EXPECT_EQ(WSAEADDRNOTAVAIL,
			  send_to(self->k.fd, &no_port, name_len(&no_port)));
		if (family == AF_INET6)
			EXPECT_EQ(WSAEADDRNOTAVAIL,
				  send_to(self->k.fd, &mapped, name_len(&mapped)));
		/* The same of a connected one. */
		ASSERT_TRUE(i || kind_join(&self->k));
	}
}

/* E-06: also where the stack would take it, and go by what it says. */
TEST_F(dgram, T_09_foreign_names)
{
	const int family = self->k.row.family, off = 0;
	union name foreign = name_of(family ^ AF_INET ^ AF_INET6, "127.0.0.1", "::1", 9);
	union name any = name_of(family, "0.0.0.0", "::", 9);
	union name unix_name = name_of(family, "127.0.0.1", "::1", 9);
	int i;

	any.sa.sa_family = AF_UNSPEC;
	unix_name.sa.sa_family = AF_UNIX;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(WSAEAFNOSUPPORT,
			  send_to(self->k.fd, &foreign, name_len(&foreign)));
		EXPECT_EQ(WSAEAFNOSUPPORT, send_to(self->k.fd, &any, sizeof(any)));
		EXPECT_EQ(WSAEAFNOSUPPORT,
			  send_to(self->k.fd, &unix_name, sizeof(unix_name)));
		if (family == AF_INET6)
			ASSERT_EQ(0, setsockopt(self->k.fd, SOL_IPV6, IPV6_V6ONLY, &off,
						sizeof(off)));
	}
	/* Of no foreign one, but too short (E-08). */
	unix_name.sa.sa_family = family;
	for (i = -1; i < (int)name_len(&unix_name); i++)
		EXPECT_EQ(WSAEFAULT, send_to(self->k.fd, &unix_name, i));
	EXPECT_EQ(0, send_to(self->k.fd, &unix_name, sizeof(unix_name)));
}

/* T-12: what cannot be read whole, with the end of the memory at any place. */
TEST_F(dgram, T_09_T_12_where_memory_ends)
{
	union name peer = kind_name(&self->k);
	const int size = name_len(&peer);
	char *end = page_end();
	int i;

	for (i = 0; i <= size; i += 4) {
		memcpy(end - i, &peer, i);
		EXPECT_EQ(i < size ? WSAEFAULT : 0, send_to(self->k.fd, end - i, size));
	}
	EXPECT_EQ(WSAEFAULT, send_to(self->k.fd, (void *)8, size));
}

static bool reaches(struct kind *k, const union name *to)
{
	return !send_to(k->fd, to, name_len(to)) && got(k->lfd, "data", NULL);
}

/* Here there is no route but those of the links. */
TEST_F(dgram, T_09_broadcast)
{
	union name limited, directed, peer = kind_name(&self->k);
	const int one = 1, off = 0;

	limited = name_v4("255.255.255.255", name_port(&peer));
	directed = name_v4("192.0.2.255", name_port(&peer));
	close(self->k.lfd);
	self->k.lfd = plain_socket(THERE, AF_INET, SOCK_DGRAM);
	ASSERT_EQ(0, bind_port(self->k.lfd, AF_INET, "0.0.0.0", NULL, name_port(&peer)));
	if (self->k.row.family == AF_INET6) {
		ASSERT_EQ(0, setsockopt(self->k.fd, SOL_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
		limited = name_map(limited);
		directed = name_map(directed);
	}
	EXPECT_EQ(WSAEACCES, send_to(self->k.fd, &limited, name_len(&limited)));
	EXPECT_EQ(WSAEACCES, send_to(self->k.fd, &directed, name_len(&directed)));
	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	EXPECT_TRUE(reaches(&self->k, &directed));
	EXPECT_TRUE(reaches(&self->k, &limited));
	EXPECT_TRUE(reaches(&self->k, &limited));
}

static bool end_amid, went_on;

/* The library calls this one. */
int getifaddrs(struct ifaddrs **all)
{
	int (*next)(struct ifaddrs **all);

	*(void **)&next = dlsym(RTLD_NEXT, "getifaddrs");
	if (end_amid) {
		pthread_cancel(pthread_self());
		pthread_testcancel();
		went_on = true;
	}
	return next(all);
}

static void *send_limited(void *k)
{
	union name to = name_v4("255.255.255.255", 7);

	if (((struct kind *)k)->row.family == AF_INET6)
		to = name_map(to);
	send_to(((struct kind *)k)->fd, &to, name_len(&to));
	pthread_testcancel();
	return NULL;
}

/* Not among the interfaces, of which the platform's list has a descriptor. */
TEST_F(dgram, T_09_T_01_broadcast_cancelled)
{
	const int one = 1, off = 0, fd = self->k.fd;
	pthread_t thread;
	void *rc;

	if (self->k.row.family == AF_INET6)
		ASSERT_EQ(0, setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	end_amid = true;
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_limited, &self->k));
	pthread_join(thread, &rc);
	EXPECT_EQ(PTHREAD_CANCELED, rc);
	EXPECT_TRUE(went_on);
	EXPECT_EQ(0, WSPCloseSocket(fd, NULL));
	self->k.fd = -1;
}

/* Sends to a port where nobody is, and waits for the answer. */
static bool be_refused(struct kind *k)
{
	close(k->lfd);
	close(k->peer);
	k->lfd = -1;
	k->peer = -1;
	return !send_some(k->fd) && wait_for(k->fd, POLLERR);
}

TEST_F(dgram, T_14_refused)
{
	const int fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, set_blocking(fd, false));
	ASSERT_TRUE(be_refused(&self->k));
	EXPECT_EQ(WSAECONNRESET, receive(fd));
	EXPECT_EQ(WSAEWOULDBLOCK, receive(fd));
	ASSERT_TRUE(be_refused(&self->k));
	EXPECT_EQ(WSAECONNRESET, receive_from(fd));
	EXPECT_EQ(WSAEWOULDBLOCK, receive_from(fd));
	ASSERT_TRUE(be_refused(&self->k));
	EXPECT_EQ(WSAECONNRESET, send_some(fd));
	EXPECT_EQ(0, send_some(fd));
}

TEST_F(stream, T_12_bind)
{
	union name foreign = name_of(self->k.row.family ^ AF_INET ^ AF_INET6,
				     "127.0.0.1", "::1", 0);
	union name own = name_of(self->k.row.family, "127.0.0.1", "::1", 0);
	union name any = name_of(self->k.row.family, "0.0.0.0", "::", 0);

#define BIND(name, len)	OUTCOME(WSPBind(self->k.fd, &(name).sa, len, &code))
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(foreign, sizeof(foreign)));
	own.sa.sa_family = AF_UNIX;
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(own, sizeof(own)));
	/* Which Linux takes for a name of IPv4, if it is the wildcard's. */
	any.sa.sa_family = AF_UNSPEC;
	EXPECT_EQ(WSAEAFNOSUPPORT, BIND(any, sizeof(any)));
	own.sa.sa_family = self->k.row.family;
	EXPECT_EQ(WSAEFAULT, BIND(own, -1));
	EXPECT_EQ(WSAEFAULT, BIND(own, 0));
	EXPECT_EQ(0, BIND(own, sizeof(own)));
	EXPECT_EQ(WSAEINVAL, BIND(own, sizeof(own)));
	EXPECT_EQ(WSAEFAULT, BIND(own, -1));
}

/* The lengths of names: where memory ends, and in the middle of nowhere. */
TEST_F(stream, T_12_length_of_a_name)
{
	int *bad[] = { (int *)8, (int *)page_end(), (int *)(page_end() - 2) };
	int peer = plain_socket(HERE, self->k.row.family, SOCK_STREAM), i, code, len;
	union name name;
	SOCKET s;

	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, listen(self->k.fd, 5));
	name = local_name(self->k.fd);
	ASSERT_EQ(0, connect(peer, &name.sa, name_len(&name)));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(INVALID_SOCKET,
			  WSPAccept(self->k.fd, &name.sa, bad[i], NULL, 0, &code));
		EXPECT_EQ(WSAEFAULT, code);
	}
	len = sizeof(name);
	s = WSPAccept(self->k.fd, &name.sa, &len, NULL, 0, &code);
	EXPECT_NE(INVALID_SOCKET, s);
	WSPCloseSocket(s, NULL);
	close(peer);
}

TEST_F(dgram, T_12_length_of_a_name)
{
	int *bad[] = { (int *)8, (int *)page_end(), (int *)(page_end() - 2) };
	union name name;
	char data[8];
	WSABUF buf = { sizeof(data), data };
	DWORD n, flags = 0;
	int i;

	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	name = local_name(self->k.fd);
	EXPECT_EQ(0, send_to(self->k.fd, &name, name_len(&name)));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecvFrom(self->k.fd, &buf, 1, &n, &flags,
							 &name.sa, bad[i], NULL, NULL,
							 NULL, &code)));
	EXPECT_EQ(-4, receive_from(self->k.fd));	/* it is still there */
}

TEST_F(stream, A_03_disconnect)
{
	WSABUF data = { 4, "data" };

#define DISCONNECT(which, data)	OUTCOME(WSP##which##Disconnect(self->k.fd, data, &code))
	EXPECT_EQ(WSAENOTCONN, DISCONNECT(Send, NULL));
	EXPECT_EQ(WSAENOTCONN, DISCONNECT(Recv, NULL));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPSendDisconnect(0, NULL, &code)));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPRecvDisconnect(0, &data, &code)));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(WSAENOPROTOOPT, DISCONNECT(Send, &data));
	EXPECT_EQ(WSAENOPROTOOPT, DISCONNECT(Recv, &data));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	EXPECT_EQ(0, send_some(self->k.fd));
	EXPECT_EQ(0, DISCONNECT(Send, NULL));
	EXPECT_EQ(WSAESHUTDOWN, send_some(self->k.fd));
	EXPECT_EQ(0, DISCONNECT(Recv, NULL));
	EXPECT_EQ(WSAESHUTDOWN, receive(self->k.fd));
}

WSP_TEST_MAIN
