// SPDX-License-Identifier: GPL-2.0
/* The calls of libwsp besides WSPConnect: each one's good case and its errors. */
#include <linux/sockios.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE(calls)

#define SOCKET_OUTCOME(call)						\
	({								\
		int code = UNTOUCHED;					\
		SOCKET sock = (call);					\
									\
		if (sock != INVALID_SOCKET)				\
			close(sock);					\
		sock == INVALID_SOCKET ? code : code != UNTOUCHED;	\
	})

#define FOR_STREAM(code)	(self->k.type == SOCK_STREAM ? (code) : 0)

TEST(sockets)
{
	LPWSAPROTOCOL_INFOW info = (void *)8;
	SOCKET s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
			     WSA_FLAG_OVERLAPPED, NULL);

	EXPECT_EQ(FD_CLOEXEC, fcntl(s, F_GETFD));
#define OPEN(...)	SOCKET_OUTCOME(WSPSocket(__VA_ARGS__, &code))
	EXPECT_EQ(0, OPEN(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, 0));
	EXPECT_EQ(WSAEAFNOSUPPORT, OPEN(AF_UNIX, SOCK_STREAM, 0, NULL, 0, 0));
	EXPECT_EQ(WSAEAFNOSUPPORT, OPEN(AF_WSP, SOCK_STREAM, 0, NULL, 0, 0));
	EXPECT_EQ(WSAESOCKTNOSUPPORT, OPEN(AF_INET, SOCK_RAW, 0, NULL, 0, 0));
	EXPECT_EQ(WSAEPROTONOSUPPORT, OPEN(AF_INET, SOCK_STREAM, IPPROTO_UDP, NULL, 0, 0));
	EXPECT_EQ(WSAEPROTONOSUPPORT, OPEN(AF_INET, SOCK_STREAM, 1, NULL, 0, 0));
	EXPECT_EQ(WSAEFAULT, OPEN(AF_INET, SOCK_STREAM, 0, info, 0, 0));
	EXPECT_EQ(WSAEINVAL, OPEN(AF_INET, SOCK_STREAM, 0, NULL, 1, 0));
	EXPECT_EQ(WSAEINVAL, OPEN(AF_INET, SOCK_STREAM, 0, NULL, 0, 2));
}

/* The family's number is looked for where the module says it, and nothing else is one. */
TEST(sockets_that_cannot_be_had)
{
	static const char range[] = "/proc/sys/net/wsp/create_group_range";
	static const char number[] = "/sys/module/wspfam/parameters/family";
	struct rlimit limit, none;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(WSAEMFILE, OPEN(AF_INET, SOCK_STREAM, 0, NULL, 0, 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	ASSERT_EQ(0, unshare(CLONE_NEWNET | CLONE_NEWNS));
	ASSERT_EQ(0, write_file(range, "1 0"));
	EXPECT_EQ(WSAEACCES, OPEN(AF_INET, SOCK_STREAM, 0, NULL, 0, 0));
	/* A family by that number, which is not ours. */
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, mount("tmp", "/mnt", "tmpfs", 0, NULL));
	ASSERT_LE(0, close(open("/mnt/number", O_CREAT | O_WRONLY, 0600)));
	ASSERT_EQ(0, write_file("/mnt/number", "2\n"));
	ASSERT_EQ(0, mount("/mnt/number", number, NULL, MS_BIND, NULL));
	EXPECT_EQ(WSAEAFNOSUPPORT, OPEN(AF_INET, SOCK_STREAM, 0, NULL, 0, 0));
}

TEST_F(calls, names)
{
	union name any = name_of(self->k.row.family, "0.0.0.0", "::", 0), got;
	const union name foreign = { .sa.sa_family = AF_APPLETALK };
	union name name = kind_name(&self->k);
	const int size = name_len(&any);
	int len = sizeof(got);

#define NAME(which)	OUTCOME(which(self->k.fd, &got.sa, &len, &code))
	EXPECT_EQ(WSAEINVAL, NAME(WSPGetSockName));
	EXPECT_EQ(WSAENOTCONN, NAME(WSPGetPeerName));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPBind(self->k.fd, NULL, size, &code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPBind(self->k.fd, &any.sa, size - 8, &code)));
	EXPECT_NE(0, OUTCOME(WSPBind(self->k.fd, &foreign.sa, size, &code)));
	EXPECT_EQ(WSAEADDRNOTAVAIL,
		  OUTCOME(WSPBind(self->k.fd, &name.sa, size, &code)));
	EXPECT_EQ(0, OUTCOME(WSPBind(self->k.fd, &any.sa, size, &code)));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPBind(self->k.fd, &any.sa, size, &code)));
	EXPECT_EQ(0, NAME(WSPGetSockName));
	EXPECT_EQ(size, len);
	EXPECT_NE(0, name_port(&got));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, NAME(WSPGetPeerName));
	EXPECT_TRUE(name_same(&got, &name));
	len = size - 1;
	EXPECT_EQ(WSAEFAULT, NAME(WSPGetPeerName));
	EXPECT_EQ(size - 1, len);
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPGetPeerName(self->k.fd, NULL, &len, &code)));
}

TEST_F(calls, C_14_listen_and_accept)
{
	int plain = plain_socket(HERE, self->k.row.family, SOCK_STREAM), len = 1;
	union name name;
	SOCKET s;

	if (self->k.type == SOCK_DGRAM) {
		EXPECT_EQ(WSAEOPNOTSUPP, OUTCOME(WSPListen(self->k.fd, 1, &code)));
		return;
	}
#define ACCEPT(...)	SOCKET_OUTCOME(WSPAccept(self->k.fd, __VA_ARGS__, &code))
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	EXPECT_EQ(WSAEINVAL, ACCEPT(NULL, NULL, NULL, 0));
	EXPECT_EQ(0, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	name = local_name(self->k.fd);
	ASSERT_EQ(0, connect(plain, &name.sa, name_len(&name)));
	EXPECT_EQ(WSAEFAULT, ACCEPT(&name.sa, &len, NULL, 0));
	len = sizeof(name);
	s = WSPAccept(self->k.fd, &name.sa, &len, NULL, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(name_len(&name), len);
	EXPECT_EQ(local_port(plain), name_port(&name));
	EXPECT_EQ(FD_CLOEXEC, fcntl(s, F_GETFD));
	EXPECT_EQ(WSAEISCONN, OUTCOME(WSPConnect(s, &name.sa, len, NULL, NULL,
						 NULL, NULL, &code)));
	EXPECT_EQ(WSAEISCONN, OUTCOME(WSPListen(s, 1, &code)));
	ASSERT_EQ(0, fcntl(self->k.fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(WSAEWOULDBLOCK, ACCEPT(NULL, NULL, NULL, 0));
}

#define SEND(bufs, count, flags)					\
	OUTCOME(WSPSend(self->k.fd, bufs, count, &n, flags, NULL, NULL, NULL, &code))
#define RECV(bufs, count)						\
	OUTCOME(WSPRecv(self->k.fd, bufs, count, &n, &flags, NULL, NULL, NULL, &code))

TEST_F(calls, send)
{
	static WSABUF many[1025];
	WSABUF bufs[] = { { 2, "da" }, { 0, NULL }, { 2, "ta" } };
	WSABUF wild = { 4, (char *)8 }, big = { 70000, calloc(1, 70000) };
	DWORD n = 0;

	EXPECT_EQ(WSAENOTCONN, SEND(bufs, 3, 0));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, SEND(bufs, 3, 0));
	EXPECT_EQ(4, n);
	EXPECT_TRUE(got(self->k.peer, "data", NULL));
	EXPECT_EQ(WSAEFAULT, SEND(&wild, 1, 0));
	EXPECT_EQ(WSAEFAULT, SEND(NULL, 1, 0));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPSend(self->k.fd, bufs, 1, NULL, 0, NULL,
					     NULL, NULL, &code)));
	EXPECT_EQ(WSAEOPNOTSUPP, SEND(bufs, 3, MSG_FASTOPEN));
	EXPECT_EQ(WSAENOBUFS, SEND(many, 1025, 0));
	EXPECT_EQ(self->k.type == SOCK_STREAM ? 0 : WSAEMSGSIZE, SEND(&big, 1, 0));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPShutdown(self->k.fd, 3, &code)));
	EXPECT_EQ(0, OUTCOME(WSPShutdown(self->k.fd, SD_SEND, &code)));
	EXPECT_EQ(WSAESHUTDOWN, SEND(bufs, 3, 0));
	free(big.buf);
}

TEST_F(calls, receive)
{
	char first[2], second[3];
	WSABUF bufs[] = { { 2, first }, { 3, second } };
	struct timeval tv = { .tv_usec = 20000 };
	DWORD n = 0, flags = MSG_PEEK;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(5, send(self->k.peer, "peek!", 5, 0));
	EXPECT_EQ(0, RECV(bufs, 2));
	EXPECT_EQ(0, flags);
	EXPECT_EQ(0, RECV(bufs, 2));
	EXPECT_EQ(5, n);
	EXPECT_EQ(0, memcmp(first, "pe", 2) || memcmp(second, "ek!", 3));
	EXPECT_EQ(0, OUTCOME(WSPSetSockOpt(self->k.fd, SOL_SOCKET, SO_RCVTIMEO,
					   (void *)&tv, sizeof(tv), &code)));
	EXPECT_EQ(WSAETIMEDOUT, RECV(bufs, 2));
	ASSERT_EQ(0, fcntl(self->k.fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(WSAEWOULDBLOCK, RECV(bufs, 2));
	flags = 0x40000000;
	EXPECT_EQ(WSAEOPNOTSUPP, RECV(bufs, 2));
	flags = 0;
	ASSERT_EQ(5, send(self->k.peer, "abcde", 5, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	if (self->k.type == SOCK_STREAM) {
		EXPECT_EQ(0, RECV(bufs, 2));
		close(self->k.peer);
		ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
		EXPECT_EQ(0, RECV(bufs, 2));
		EXPECT_EQ(0, n);
	} else {
		/* The rest is lost, and it says so. */
		EXPECT_EQ(WSAEMSGSIZE, RECV(bufs, 1));
		EXPECT_EQ(0, memcmp(first, "ab", 2));
		EXPECT_EQ(WSAEWOULDBLOCK, RECV(bufs, 2));
	}
}

/* The same, by SO_ERROR, before any other call has taken it. */
TEST_F(calls, S_01_error_of_a_lost_connection)
{
	int error = 0, len = sizeof(error);
	char data[4] = "data";
	WSABUF buf = { sizeof(data), data };
	DWORD n;

	ASSERT_TRUE(kind_join(&self->k));
	close_by_reset(self->k.peer);
	close(self->k.lfd);
	if (self->k.type == SOCK_DGRAM)
		EXPECT_EQ(0, SEND(&buf, 1, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLERR));
	EXPECT_EQ(0, OUTCOME(WSPGetSockOpt(self->k.fd, SOL_SOCKET, SO_ERROR,
					   (void *)&error, &len, &code)));
	EXPECT_EQ(WSAECONNRESET, error);
}

/* Data that nobody acknowledges, for longer than the program will have it. */
TEST_F(calls, S_01_error_of_a_silent_peer)
{
	int error = 0, len = sizeof(error), ms = 1;

	if (self->k.type == SOCK_DGRAM)
		return;
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(self->k.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms,
				sizeof(ms)));
	lose_peer(true);
	EXPECT_EQ(1, send(self->k.fd, "x", 1, 0));
	EXPECT_TRUE(wait_for(self->k.fd, POLLERR));
	lose_peer(false);
	EXPECT_EQ(0, OUTCOME(WSPGetSockOpt(self->k.fd, SOL_SOCKET, SO_ERROR,
					   (void *)&error, &len, &code)));
	EXPECT_EQ(WSAETIMEDOUT, error);
}

/* A stream's peer ends the connection with RST, a datagram's sends ICMP. */
TEST_F(calls, peer_is_gone)
{
	char data[4] = "data";
	WSABUF buf = { sizeof(data), data };
	int error = 0, len = sizeof(error);
	DWORD n, flags = 0;

	ASSERT_TRUE(kind_join(&self->k));
	close_by_reset(self->k.peer);
	close(self->k.lfd);
	if (self->k.type == SOCK_DGRAM)
		EXPECT_EQ(0, SEND(&buf, 1, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLERR));
	EXPECT_EQ(WSAECONNRESET, RECV(&buf, 1));
	if (self->k.type == SOCK_STREAM)
		EXPECT_EQ(WSAECONNRESET, SEND(&buf, 1, 0));
	EXPECT_EQ(0, OUTCOME(WSPGetSockOpt(self->k.fd, SOL_SOCKET, SO_ERROR,
					   (void *)&error, &len, &code)));
	EXPECT_EQ(0, error);
}

TEST_F(calls, D_03_send_to_and_receive_from)
{
	union name none = { .sa.sa_family = AF_UNSPEC }, from;
	union name name = kind_name(&self->k);
	char data[4] = "data";
	WSABUF buf = { sizeof(data), data };
	int len = sizeof(from), size = name_len(&name);
	DWORD n, flags = 0;

#define SEND_TO(to, len)						\
	OUTCOME(WSPSendTo(self->k.fd, &buf, 1, &n, 0, to, len, NULL, NULL,	\
			  NULL, &code))
#define RECV_FROM(from)							\
	OUTCOME(WSPRecvFrom(self->k.fd, &buf, 1, &n, &flags, from, &len,	\
			    NULL, NULL, NULL, &code))
	ASSERT_TRUE(kind_join(&self->k));
	if (self->k.type == SOCK_DGRAM)
		EXPECT_EQ(0, OUTCOME(WSPConnect(self->k.fd, &none.sa, 2, NULL, NULL,
						NULL, NULL, &code)));
	EXPECT_EQ(0, SEND_TO(&name.sa, size));
	EXPECT_TRUE(got(self->k.peer, "data", NULL));
	if (self->k.type == SOCK_DGRAM) {
		EXPECT_EQ(WSAEFAULT, SEND_TO(&name.sa, size - 8));
		EXPECT_EQ(WSAENOTCONN, SEND_TO(NULL, 0));
		EXPECT_EQ(WSAENOTCONN, RECV(&buf, 1));
		len = size - 1;
		EXPECT_EQ(WSAEFAULT, RECV_FROM(&from.sa));
		len = sizeof(from);
	}
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	EXPECT_EQ(0, RECV_FROM(&from.sa));
	if (self->k.type == SOCK_DGRAM)
		EXPECT_TRUE(name_same(&from, &name));
}

TEST_F(calls, options_and_modes)
{
	const union name dead = name_host(self->k.row.family, PEER_A, 1);
	const struct timeval odd = { .tv_usec = 2000000 };
	int value = 1, len = sizeof(value);
	ULONG word = 1;
	DWORD n;

#define GET(level, name)						\
	OUTCOME(WSPGetSockOpt(self->k.fd, level, name, (void *)&value, &len, &code))
#define IOCTL(cmd, in, insize, out, outsize)				\
	OUTCOME(WSPIoctl(self->k.fd, cmd, in, insize, out, outsize, &n, NULL, \
			 NULL, NULL, &code))
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(self->k.type, value);
	EXPECT_EQ(WSAENOPROTOOPT, GET(SOL_SOCKET, 9999));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPGetSockOpt(self->k.fd, SOL_SOCKET, SO_TYPE,
						   (void *)&value, NULL, &code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPSetSockOpt(self->k.fd, SOL_SOCKET, SO_RCVBUF,
						   (void *)&value, 1, &code)));
	EXPECT_EQ(FOR_STREAM(WSAENOTCONN), OUTCOME(WSPShutdown(self->k.fd, 2, &code)));
#define SET(level, name, value, len)					\
	OUTCOME(WSPSetSockOpt(self->k.fd, level, name, (void *)(value), len, &code))
	if (self->k.type == SOCK_STREAM) {
		EXPECT_EQ(0, SET(IPPROTO_TCP, TCP_NODELAY, &value, 1));	/* S-02 */
		EXPECT_EQ(WSAEINVAL, SET(IPPROTO_TCP, TCP_CONGESTION, "none such", 9));
	}
	/* Of other families' sockets alone; older kernels take it. */
	EXPECT_NE(WSAEOPNOTSUPP, SET(SOL_SOCKET, SO_PASSCRED, &value, sizeof(value)));
	/* Linux has a word for it that Winsock has none for. */
	EXPECT_NE(0, SET(SOL_SOCKET, SO_RCVTIMEO, &odd, sizeof(odd)));

	EXPECT_EQ(WSAEFAULT, IOCTL(FIONBIO, NULL, 0, NULL, 0));
	EXPECT_EQ(WSAEFAULT, IOCTL(FIONREAD, NULL, 0, &word, 2));
	EXPECT_EQ(WSAEOPNOTSUPP, IOCTL(SIOCGIFCONF, &word, 4, &word, 4));
	EXPECT_EQ(0, IOCTL(FIONBIO, &word, sizeof(word), NULL, 0));
	EXPECT_EQ(O_NONBLOCK, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, IOCTL(FIONREAD, NULL, 0, &word, sizeof(word)));
	EXPECT_EQ(0, word);
	EXPECT_EQ(self->k.type == SOCK_DGRAM ? WSAEOPNOTSUPP : 0,
		  IOCTL(SIOCATMARK, NULL, 0, &word, sizeof(word)));

	/* SO_ERROR speaks Winsock. */
	if (self->k.type == SOCK_DGRAM)
		return;
	EXPECT_EQ(WSAEWOULDBLOCK, OUTCOME(WSPConnect(self->k.fd, &dead.sa, name_len(&dead),
						     NULL, NULL, NULL, NULL, &code)));
	ASSERT_TRUE(wait_for(self->k.fd, POLLOUT));
	EXPECT_EQ(0, GET(SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(WSAECONNREFUSED, value);
}

TEST(error_names)
{
	EXPECT_STREQ("WSAECONNREFUSED", WSPErrorName(WSAECONNREFUSED));
	EXPECT_STREQ("WSAEINTR", WSPErrorName(10004));
	EXPECT_STREQ("0", WSPErrorName(0));
	EXPECT_STREQ("?", WSPErrorName(-1));
	EXPECT_STREQ("?", WSPErrorName(10000));
}

WSP_TEST_MAIN
