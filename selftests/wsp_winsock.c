// SPDX-License-Identifier: GPL-2.0
/*
 * Winsock's names at work, in a Winsock source: names, WSAPoll, and what there is
 * of <windows.h> (contract, section 11). In a network of its own, which has the
 * loopback interface only.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <wincrypt.h>
#include <dirent.h>
#include <io.h>
#include <process.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#define AT_ONCE		10000	/* milliseconds for what happens at once */
#define A_WHILE		200	/* milliseconds in which nothing happens */

/* The code of what has just failed, taken away. */
static int code(void)
{
	int last = WSAGetLastError();

	WSASetLastError(0);
	return last;
}

#define FAILS(expected, call) do {					\
	EXPECT_EQ(SOCKET_ERROR, call);					\
	EXPECT_EQ(expected, code());					\
} while (0)

#define RETURNS(expected, call) do {					\
	EXPECT_EQ(expected, call);					\
	EXPECT_EQ(expected, code());					\
} while (0)

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in name = { .sin_family = AF_INET };

	name.sin_port = htons((u_short)port);
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return name;
}

static SOCKET tcp(void)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	u_long on = 1;

	if (s != INVALID_SOCKET)
		ioctlsocket(s, FIONBIO, &on);
	return s;
}

/* A listener, and its name. */
static SOCKET listener(struct sockaddr_in *name)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	int len = sizeof(*name);

	*name = loopback(0);
	if (bind(s, (struct sockaddr *)name, sizeof(*name)) || listen(s, 5) ||
	    getsockname(s, (struct sockaddr *)name, &len))
		return INVALID_SOCKET;
	return s;
}

static int connect_to(SOCKET s, const struct sockaddr_in *name)
{
	return connect(s, (const struct sockaddr *)name, sizeof(*name));
}

/* A socket of a connection, blocking, and the other end of it. */
static SOCKET pair(SOCKET *peer)
{
	struct sockaddr_in name;
	SOCKET lfd = listener(&name), s = socket(AF_INET, SOCK_STREAM, 0);

	*peer = INVALID_SOCKET;
	if (!WSAConnect(s, (const struct sockaddr *)&name, sizeof(name), NULL, NULL,
			NULL, NULL))
		*peer = WSAAccept(lfd, NULL, NULL, NULL, 0);
	closesocket(lfd);
	return s;
}

/*
 * From now on the process has no page more, or as many as before. FALSE under a
 * sanitizer, which needs more than there is.
 */
static BOOL limit_memory(BOOL on)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return FALSE;
#endif
	struct rlimit room = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (!file || fscanf(file, "%ld", &pages) != 1)
		abort();
	fclose(file);
	if (on)
		room.rlim_cur = (rlim_t)pages * (rlim_t)getpagesize();
	if (setrlimit(RLIMIT_AS, &room))
		abort();
	return TRUE;
}

#define HUGE_SIZE	0x10000000

static void limit_descriptors(unsigned int count)
{
	const struct rlimit limit = { count, 4096 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		abort();
}

static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2;	/* . and .. */

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST(W_01_versions)
{
	WSADATA data;

	EXPECT_EQ(WSAEFAULT, WSAStartup(MAKEWORD(2, 2), NULL));
	EXPECT_EQ(WSAVERNOTSUPPORTED, WSAStartup(0, &data));
	FAILS(WSANOTINITIALISED, WSACleanup());
	EXPECT_EQ(0, WSAStartup(MAKEWORD(2, 1), &data));
	EXPECT_EQ(MAKEWORD(2, 1), data.wVersion);
	EXPECT_EQ(MAKEWORD(2, 2), data.wHighVersion);
	EXPECT_EQ(0, data.iMaxSockets);
	EXPECT_STREQ("Running", data.szSystemStatus);
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(0, WSAStartup(MAKEWORD(1, 1), &data));
	EXPECT_EQ(MAKEWORD(1, 1), data.wVersion);
	EXPECT_LT(0, data.iMaxSockets);
	EXPECT_EQ(65507, data.iMaxUdpDg);
	EXPECT_EQ(0, WSACleanup());
}

TEST(W_01_streams)
{
	char data[8] = "";
	WSABUF bufs[2] = { { 2, data }, { 3, data + 2 } };
	struct sockaddr_in name, own;
	SOCKET peer, s = pair(&peer);
	int len = sizeof(name);
	DWORD n = 0, flags = 0;

	ASSERT_NE(INVALID_SOCKET, peer);
	EXPECT_EQ(0, getpeername(s, (struct sockaddr *)&name, &len));
	len = sizeof(own);
	EXPECT_EQ(0, getsockname(peer, (struct sockaddr *)&own, &len));
	EXPECT_EQ(own.sin_port, name.sin_port);
	EXPECT_EQ(5, send(peer, "hello", 5, 0));
	EXPECT_EQ(0, WSARecv(s, bufs, 2, &n, &flags, NULL, NULL));
	EXPECT_EQ(5, n);
	EXPECT_STREQ("hello", data);
	EXPECT_EQ(0, WSASend(s, bufs, 2, &n, 0, NULL, NULL));
	EXPECT_EQ(5, recv(peer, data, sizeof(data), 0));
	EXPECT_EQ(0, shutdown(s, SD_SEND));
	EXPECT_EQ(0, recv(peer, data, sizeof(data), 0));
	FAILS(WSAESHUTDOWN, send(s, "x", 1, 0));
	closesocket(s);
	closesocket(peer);
	FAILS(WSAENOTSOCK, recv(s, data, 1, 0));
	FAILS(WSAENOTSOCK, shutdown(s, SD_BOTH));
	FAILS(WSAENOTSOCK, getpeername(s, (struct sockaddr *)&name, &len));
	FAILS(WSAENOTSOCK, closesocket(s));
	EXPECT_EQ(INVALID_SOCKET, WSASocketA(77, SOCK_STREAM, 0, NULL, 0, 0));
	EXPECT_EQ(WSAEAFNOSUPPORT, code());
}

TEST(W_01_datagrams)
{
	SOCKET a = socket(AF_INET, SOCK_DGRAM, 0);
	SOCKET b = WSASocketA(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
	struct sockaddr_in to = loopback(0), from;
	struct sockaddr *const any = (struct sockaddr *)&from;
	int len = sizeof(to);
	char data[8] = "";
	WSABUF buf = { 4, data };
	DWORD n = 0, flags = 0;

	ASSERT_EQ(0, bind(b, (struct sockaddr *)&to, sizeof(to)));
	ASSERT_EQ(0, getsockname(b, (struct sockaddr *)&to, &len));
	EXPECT_EQ(3, sendto(a, "abc", 3, 0, (struct sockaddr *)&to, sizeof(to)));
	EXPECT_EQ(0, WSARecvFrom(b, &buf, 1, &n, &flags, any, &len, NULL, NULL));
	EXPECT_EQ(3, n);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), from.sin_addr.s_addr);
	EXPECT_EQ(0, WSASendTo(b, &buf, 1, &n, 0, any, len, NULL, NULL));
	EXPECT_EQ(4, n);
	len = sizeof(from);
	EXPECT_EQ(4, recvfrom(a, data, sizeof(data), 0, any, &len));
	EXPECT_EQ(to.sin_port, from.sin_port);
	closesocket(a);
	closesocket(b);
}

/* What the library has no use for it still judges the socket of. */
TEST(W_01_calls_on_no_socket)
{
	WSAOVERLAPPED overlapped = { 0 };
	DWORD n, flags;
	u_long word;
	unsigned long wide;

	FAILS(WSAENOTSOCK, WSASendDisconnect(INVALID_SOCKET, NULL));
	FAILS(WSAENOTSOCK, WSARecvDisconnect(INVALID_SOCKET, NULL));
	EXPECT_FALSE(WSAGetOverlappedResult(INVALID_SOCKET, &overlapped, &n, FALSE,
					    &flags));
	EXPECT_EQ(WSAENOTSOCK, code());
	FAILS(WSAENOTSOCK, ioctlsocket(INVALID_SOCKET, FIONREAD, &word));
	FAILS(WSAENOTSOCK, ioctlsocket(INVALID_SOCKET, FIONREAD, &wide));
	/* Where it is a u_long, the socket is asked first. */
	FAILS(sizeof(wide) == sizeof(word) ? WSAENOTSOCK : WSAEFAULT,
	      ioctlsocket(INVALID_SOCKET, FIONREAD, (unsigned long *)NULL));
}

TEST(W_01_sets_and_events)
{
	const struct timeval at_once = { AT_ONCE / 1000, 0 };
	WSANETWORKEVENTS record;
	SOCKET peer, s = pair(&peer);
	WSAEVENT event = WSACreateEvent();
	unsigned long wide = ~0UL;
	fd_set set;

	ASSERT_NE(INVALID_SOCKET, peer);
	FD_ZERO(&set);
	FAILS(WSAEINVAL, select(0, &set, NULL, NULL, &at_once));
	FD_SET(s, &set);
	EXPECT_EQ(3, send(peer, "abc", 3, 0));
	EXPECT_EQ(1, select(0, &set, NULL, NULL, &at_once));
	EXPECT_TRUE(FD_ISSET(s, &set));
	EXPECT_FALSE(FD_ISSET(peer, &set));
	EXPECT_EQ(0, ioctlsocket(s, FIONREAD, &wide));
	EXPECT_EQ(3, wide);
	EXPECT_EQ(0, WSAEventSelect(s, event, FD_READ));
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &event, FALSE, AT_ONCE,
							     FALSE));
	EXPECT_EQ(0, WSAEnumNetworkEvents(s, event, &record));
	EXPECT_EQ(FD_READ, record.lNetworkEvents);
	FAILS(WSAENOTSOCK, WSAEventSelect(INVALID_SOCKET, event, FD_READ));
	FAILS(WSAENOTSOCK, WSAEnumNetworkEvents(INVALID_SOCKET, NULL, &record));
	WSACloseEvent(event);
	closesocket(s);
	closesocket(peer);
}

TEST(W_03_codes_of_getaddrinfo)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *list = (void *)1;

	RETURNS(WSAEFAULT, getaddrinfo("127.0.0.1", NULL, NULL, NULL));
	RETURNS(WSAHOST_NOT_FOUND, getaddrinfo("no.such.host", NULL, &hints, &list));
	EXPECT_EQ(NULL, list);
	RETURNS(EAI_NONAME, getaddrinfo(NULL, NULL, &hints, &list));
	hints.ai_family = 77;
	RETURNS(WSAEAFNOSUPPORT, getaddrinfo("127.0.0.1", NULL, &hints, &list));
	hints.ai_family = AF_INET;
	hints.ai_socktype = 77;
	RETURNS(WSAESOCKTNOSUPPORT, getaddrinfo("127.0.0.1", NULL, &hints, &list));
	hints.ai_socktype = SOCK_STREAM;
	RETURNS(WSATYPE_NOT_FOUND,
		getaddrinfo("127.0.0.1", "no-such-service", &hints, &list));
	hints.ai_flags = 0x40000000;
	RETURNS(WSAEINVAL, getaddrinfo("127.0.0.1", NULL, &hints, &list));
	EXPECT_EQ(11001, EAI_NONAME);
	EXPECT_EQ(10109, EAI_SERVICE);
	EXPECT_STREQ("The host is not known.", gai_strerror(EAI_NONAME));
	EXPECT_STREQ("The code is unknown.", gai_strerror(-77));
	EXPECT_EQ(u'T', *gai_strerrorW(EAI_NONAME));
	EXPECT_EQ(22, lstrlenW(gai_strerrorW(EAI_NONAME)));
	RETURNS(WSAEFAULT, getnameinfo(NULL, 16, NULL, 0, NULL, 0, 0));
}

TEST(W_03_getaddrinfo_and_back)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM,
	}, *list;
	char host[NI_MAXHOST], service[NI_MAXSERV];

	WSASetLastError(77);
	ASSERT_EQ(0, getaddrinfo("::1", "80", &hints, &list));
	EXPECT_EQ(AF_INET6, list->ai_family);
	EXPECT_EQ(sizeof(struct sockaddr_in6), list->ai_addrlen);
	EXPECT_EQ(NULL, list->ai_next);
	EXPECT_EQ(0, getnameinfo(list->ai_addr, (int)list->ai_addrlen, host, sizeof(host),
				 service, sizeof(service),
				 NI_NUMERICHOST | NI_NUMERICSERV));
	EXPECT_STREQ("::1", host);
	EXPECT_STREQ("80", service);
	EXPECT_EQ(77, code());		/* T-10 */
	RETURNS(WSAEFAULT, getnameinfo(list->ai_addr, (int)list->ai_addrlen, host, 2,
				       NULL, 0, NI_NUMERICHOST));
	freeaddrinfo(list);
	freeaddrinfo(NULL);
}

static void to_ascii(char *to, const WCHAR *from)
{
	while ((*to++ = (char)*from++))
		;
}

TEST(W_03_wide_names)
{
	const ADDRINFOW hints = {
		.ai_flags = AI_NUMERICHOST | AI_CANONNAME,
		.ai_socktype = SOCK_DGRAM,
	};
	WCHAR host[64], service[16];
	PADDRINFOW list;
	char text[64];

	ASSERT_EQ(0, GetAddrInfoW(u"192.0.2.7", u"53", &hints, &list));
	EXPECT_EQ(AF_INET, list->ai_family);
	ASSERT_NE(NULL, list->ai_canonname);
	to_ascii(text, list->ai_canonname);
	EXPECT_STREQ("192.0.2.7", text);
	EXPECT_EQ(0, GetNameInfoW(list->ai_addr, (int)list->ai_addrlen, host, 64, service,
				  16, NI_NUMERICHOST | NI_NUMERICSERV));
	to_ascii(text, host);
	EXPECT_STREQ("192.0.2.7", text);
	RETURNS(WSAEFAULT, GetNameInfoW(list->ai_addr, (int)list->ai_addrlen, host, 4,
					NULL, 0, NI_NUMERICHOST));
	FreeAddrInfoW(list);
	RETURNS(WSAHOST_NOT_FOUND, GetAddrInfoW(u"n\u00f6", NULL, &hints, &list));
	EXPECT_EQ(NULL, list);
	RETURNS(WSAEFAULT, GetAddrInfoW(u"::1", NULL, &hints, NULL));
}

/* The empty name is this machine's. */
TEST(W_03_own_name)
{
	struct addrinfo *list = NULL;

	ASSERT_EQ(0, unshare(CLONE_NEWUTS));
	ASSERT_EQ(0, sethostname("localhost", 9));
	EXPECT_EQ(0, getaddrinfo("", "80", NULL, &list));
	EXPECT_NE(NULL, list);
	freeaddrinfo(list);
	EXPECT_NE(NULL, gethostbyname(""));
	EXPECT_NE(NULL, gethostbyname(NULL));
}

TEST(W_03_older_names)
{
	const u_long here = htonl(INADDR_LOOPBACK);
	struct hostent *host;
	char name[256];

	host = gethostbyname("127.0.0.1");
	ASSERT_NE(NULL, host);
	EXPECT_EQ(AF_INET, host->h_addrtype);
	EXPECT_EQ(here, *(u_long *)(void *)host->h_addr);
	host = gethostbyname("localhost");
	ASSERT_NE(NULL, host);
	EXPECT_EQ(4, host->h_length);
	EXPECT_NE(NULL, gethostbyaddr((const char *)&here, 4, AF_INET));
	EXPECT_EQ(NULL, gethostbyaddr((const char *)&here, 3, AF_INET));
	EXPECT_EQ(WSAEFAULT, code());
	EXPECT_EQ(NULL, gethostbyaddr((const char *)&here, 4, 77));
	EXPECT_EQ(WSAEAFNOSUPPORT, code());
	EXPECT_EQ(NULL, gethostbyname("no such host"));
	EXPECT_EQ(WSAHOST_NOT_FOUND, h_errno);
	EXPECT_EQ(0, gethostname(name, sizeof(name)));
	FAILS(WSAEFAULT, gethostname(name, 0));
	FAILS(WSAEFAULT, gethostname(NULL, 256));
	EXPECT_EQ(NULL, getservbyname("no-such-service", "tcp"));
	EXPECT_EQ(WSANO_DATA, code());
	EXPECT_EQ(NULL, getprotobyname("no-such-protocol"));
	EXPECT_EQ(WSANO_DATA, code());
	EXPECT_EQ(NULL, getservbyname(NULL, "tcp"));
	EXPECT_EQ(WSAEFAULT, code());
	EXPECT_EQ(NULL, getprotobyname(NULL));
	EXPECT_EQ(WSAEFAULT, code());
	EXPECT_EQ(NULL, getservbyport(htons(1), "no-such-protocol"));
	EXPECT_EQ(WSANO_DATA, code());
	EXPECT_EQ(NULL, getprotobynumber(9999));
	EXPECT_EQ(WSANO_DATA, code());
}

TEST(W_03_addresses_as_text)
{
	struct sockaddr_in name = loopback(80), back;
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	WCHAR wide[64];
	DWORD size;
	int len;

	EXPECT_EQ(1, inet_pton(AF_INET6, "fe80::1", &addr));
	EXPECT_TRUE(IN6_IS_ADDR_LINKLOCAL(&addr));
	EXPECT_EQ(0, inet_pton(AF_INET6, "fe80::g", &addr));
	FAILS(WSAEAFNOSUPPORT, inet_pton(77, "::", &addr));
	FAILS(WSAEFAULT, inet_pton(AF_INET6, NULL, &addr));
	EXPECT_STREQ("fe80::1", inet_ntop(AF_INET6, &addr, text, sizeof(text)));
	EXPECT_EQ(NULL, inet_ntop(AF_INET6, &addr, text, 4));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, code());
	EXPECT_EQ(1, InetPtonW(AF_INET, u"127.0.0.1", &back.sin_addr));
	EXPECT_EQ(INADDR_LOOPBACK, ntohl(back.sin_addr.s_addr));
	EXPECT_EQ(&wide[0], InetNtopW(AF_INET, &name.sin_addr, wide, 64));
	to_ascii(text, wide);
	EXPECT_STREQ("127.0.0.1", text);
	EXPECT_STREQ("127.0.0.1", inet_ntoa(name.sin_addr));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), inet_addr("127.0.0.1"));
	EXPECT_EQ(INADDR_NONE, inet_addr("what"));

	size = sizeof(text);
	EXPECT_EQ(0, WSAAddressToStringA((struct sockaddr *)&name, sizeof(name), NULL,
					 text, &size));
	EXPECT_STREQ("127.0.0.1:80", text);
	EXPECT_EQ(sizeof("127.0.0.1:80"), size);
	size = 3;
	FAILS(WSAEFAULT, WSAAddressToStringA((struct sockaddr *)&name, sizeof(name),
					     NULL, text, &size));
	EXPECT_EQ(sizeof("127.0.0.1:80"), size);
	len = sizeof(back);
	EXPECT_EQ(0, WSAStringToAddressA(text, AF_INET, NULL,
					 (struct sockaddr *)&back, &len));
	EXPECT_EQ(name.sin_port, back.sin_port);
	FAILS(WSAEINVAL, WSAStringToAddressW(u"1.2.3.4.5", AF_INET, NULL,
					     (struct sockaddr *)&back, &len));
	FAILS(WSAEFAULT, WSAStringToAddressA(NULL, AF_INET, NULL,
					     (struct sockaddr *)&back, &len));
	FAILS(WSAEFAULT, WSAAddressToStringA((struct sockaddr *)&name, sizeof(name),
					     NULL, NULL, &size));
	FAILS(WSAEFAULT, WSAAddressToStringA(NULL, sizeof(name), NULL, text, &size));
}

TEST(W_03_addresses_that_are_none)
{
	char long_text[500];
	WCHAR long_wide[500], wide[64];
	struct sockaddr_in back;
	int i, len = sizeof(back);
	char text[16];

	for (i = 0; i < 499; i++) {
		long_text[i] = '1';
		long_wide[i] = u'1';
	}
	long_text[i] = 0;
	long_wide[i] = 0;
	FAILS(WSAEINVAL, WSAStringToAddressA(long_text, AF_INET, NULL,
					     (struct sockaddr *)&back, &len));
	FAILS(WSAEINVAL, WSAStringToAddressW(long_wide, AF_INET, NULL,
					     (struct sockaddr *)&back, &len));
	EXPECT_EQ(0, InetPtonW(AF_INET, long_wide, &back.sin_addr));
	FAILS(WSAEFAULT, InetPtonW(AF_INET, NULL, &back.sin_addr));
	EXPECT_EQ(NULL, inet_ntop(77, &back.sin_addr, text, sizeof(text)));
	EXPECT_EQ(WSAEAFNOSUPPORT, code());
	EXPECT_EQ(NULL, inet_ntop(AF_INET, NULL, text, sizeof(text)));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, code());
	EXPECT_EQ(NULL, InetNtopW(77, &back.sin_addr, wide, 64));
	EXPECT_EQ(WSAEAFNOSUPPORT, code());
	EXPECT_EQ(NULL, InetNtopW(AF_INET, &back.sin_addr, wide, 3));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, code());
}

TEST(W_04_arguments)
{
	WSAPOLLFD fds[3] = { { .fd = INVALID_SOCKET, .revents = 77 } };
	SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
	const short bad[] = { POLLPRI, POLLERR, POLLHUP, POLLNVAL, 0x800 };
	int i;

	FAILS(WSAEFAULT, WSAPoll(NULL, 1, 0));
	FAILS(WSAEINVAL, WSAPoll(fds, 0, 0));
	FAILS(WSAEINVAL, WSAPoll(fds, 1, 0));
	fds[1].fd = s;
	for (i = 0; i < 5; i++) {
		fds[1].events = bad[i];
		FAILS(WSAEINVAL, WSAPoll(fds, 2, 0));
	}
	fds[1].events = POLLIN | POLLOUT;
	EXPECT_EQ(1, WSAPoll(fds, 2, -1));
	EXPECT_EQ(0, fds[0].revents);
	EXPECT_EQ(POLLWRNORM, fds[1].revents);
	fds[2].fd = 0;		/* open, and no socket */
	fds[2].events = POLLIN;
	EXPECT_EQ(2, WSAPoll(fds, 3, -1));
	EXPECT_EQ(POLLNVAL, fds[2].revents);
	FAILS(WSAEINVAL, WSAPoll(fds + 2, 1, 0));
	closesocket(s);
}

TEST(W_04_states)
{
	struct sockaddr_in name;
	SOCKET lfd = listener(&name), s = tcp(), accepted;
	WSAPOLLFD fds[2] = { { .fd = s, .events = POLLIN | POLLOUT },
			     { .fd = lfd, .events = POLLIN } };
	ULONGLONG start = GetTickCount64();

	/* Never connected: nothing. */
	EXPECT_EQ(0, WSAPoll(fds, 2, A_WHILE));
	EXPECT_LE(A_WHILE, (int)(GetTickCount64() - start));
	EXPECT_EQ(0, fds[0].revents);
	FAILS(WSAEWOULDBLOCK, connect_to(s, &name));
	EXPECT_EQ(1, WSAPoll(fds, 1, AT_ONCE));
	EXPECT_EQ(POLLWRNORM, fds[0].revents);
	EXPECT_LE(1, WSAPoll(fds, 2, AT_ONCE));
	EXPECT_EQ(POLLRDNORM, fds[1].revents);
	accepted = accept(lfd, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, accepted);
	EXPECT_EQ(4, send(accepted, "data", 4, 0));
	fds[0].events = POLLIN;
	EXPECT_EQ(1, WSAPoll(fds, 1, AT_ONCE));
	EXPECT_EQ(POLLRDNORM, fds[0].revents);
	closesocket(accepted);
	closesocket(lfd);
	closesocket(s);
}

TEST(W_04_failed_connect)
{
	struct sockaddr_in name;
	SOCKET s = tcp();
	WSAPOLLFD fd = { .fd = s, .events = POLLOUT };

	closesocket(listener(&name));
	FAILS(WSAEWOULDBLOCK, connect_to(s, &name));
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLHUP | POLLERR | POLLWRNORM, fd.revents);
	/* As often as one looks, until the next attempt. */
	EXPECT_EQ(1, WSAPoll(&fd, 1, 0));
	fd.events = POLLIN;
	EXPECT_EQ(1, WSAPoll(&fd, 1, 0));
	EXPECT_EQ(POLLHUP | POLLERR, fd.revents);
	closesocket(s);
}

/* What a connection has to say, by what is asked for. */
TEST(W_04_conditions)
{
	const struct linger hard = { 1, 0 };
	SOCKET peer, s = pair(&peer);
	WSAPOLLFD fd = { .fd = s, .events = POLLRDBAND };

	ASSERT_NE(INVALID_SOCKET, peer);
	EXPECT_EQ(0, WSAPoll(&fd, 1, A_WHILE));
	EXPECT_EQ(1, send(peer, "!", 1, MSG_OOB));
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLRDBAND, fd.revents);
	EXPECT_EQ(0, shutdown(peer, SD_SEND));
	fd.events = 0;
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLHUP, fd.revents);
	closesocket(s);
	closesocket(peer);

	s = pair(&peer);
	ASSERT_NE(INVALID_SOCKET, peer);
	fd.fd = s;
	EXPECT_EQ(0, setsockopt(peer, SOL_SOCKET, SO_LINGER, (const char *)&hard,
				sizeof(hard)));
	closesocket(peer);
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_NE(0, fd.revents & POLLHUP);
	closesocket(s);
}

#define PLENTY	100

TEST(W_04_many)
{
	WSAPOLLFD fds[PLENTY];
	SOCKET peer, s = pair(&peer);
	int i;

	ASSERT_NE(INVALID_SOCKET, peer);
	for (i = 0; i < PLENTY; i++)
		fds[i] = (WSAPOLLFD){ .fd = s, .events = POLLWRNORM };
	EXPECT_EQ(PLENTY, WSAPoll(fds, PLENTY, 0));
	EXPECT_EQ(POLLWRNORM, fds[PLENTY - 1].revents);
	closesocket(s);
	closesocket(peer);
}

/* Without memory, descriptors, or even room for as many as are asked about. */
TEST(W_04_limits)
{
	SOCKET idle = tcp();
	WSAPOLLFD fd = { .fd = idle, .events = POLLOUT };

	if (limit_memory(TRUE)) {
		FAILS(WSAENOBUFS, WSAPoll(&fd, HUGE_SIZE, 0));
		limit_memory(FALSE);
	}
	limit_descriptors(0);
	EXPECT_EQ(0, WSAPoll(&fd, 1, A_WHILE));
	limit_descriptors(1024);
	closesocket(idle);
}

/* A bad socket is told of at once, whatever the others are. */
TEST(W_04_bad_socket_beside)
{
	const ULONGLONG start = GetTickCount64();
	SOCKET peer, s = pair(&peer);
	WSAPOLLFD fds[2] = { { .fd = s, .events = POLLIN },
			     { .fd = 0, .events = POLLIN } };

	ASSERT_NE(INVALID_SOCKET, peer);
	EXPECT_EQ(1, WSAPoll(fds, 2, AT_ONCE));
	EXPECT_GT(AT_ONCE, (int)(GetTickCount64() - start));
	EXPECT_EQ(0, fds[0].revents);
	EXPECT_EQ(POLLNVAL, fds[1].revents);
	closesocket(s);
	closesocket(peer);
}

#define SOME	10	/* for which poll(2) would cost more */

/* What makes no difference to WSPSelect: the end is asked for without the data. */
TEST(W_04_end_without_data)
{
	SOCKET peer, s = pair(&peer), failing = tcp();
	WSAPOLLFD fds[SOME + 2];
	struct sockaddr_in name;
	char c;
	int i;

	ASSERT_NE(INVALID_SOCKET, peer);
	for (i = 0; i < SOME; i++)
		fds[i] = (WSAPOLLFD){ .fd = tcp(), .events = POLLIN | POLLOUT };
	fds[SOME] = (WSAPOLLFD){ .fd = s };
	EXPECT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_EQ(0, WSAPoll(fds, SOME + 1, A_WHILE));
	EXPECT_EQ(0, shutdown(peer, SD_SEND));
	EXPECT_EQ(1, WSAPoll(fds, SOME + 1, AT_ONCE));
	EXPECT_EQ(POLLHUP, fds[SOME].revents);
	fds[SOME].events = POLLIN;
	EXPECT_EQ(1, WSAPoll(fds, SOME + 1, AT_ONCE));
	EXPECT_EQ(POLLHUP | POLLRDNORM, fds[SOME].revents);
	EXPECT_EQ(1, recv(s, &c, 1, 0));

	closesocket(listener(&name));
	FAILS(WSAEWOULDBLOCK, connect_to(failing, &name));
	fds[SOME] = (WSAPOLLFD){ .fd = failing };
	EXPECT_EQ(1, WSAPoll(fds, SOME + 1, AT_ONCE));
	EXPECT_EQ(POLLHUP | POLLERR, fds[SOME].revents);
	/* The same socket twice, for different things. */
	fds[SOME + 1] = (WSAPOLLFD){ .fd = failing, .events = POLLOUT };
	EXPECT_EQ(2, WSAPoll(fds, SOME + 2, AT_ONCE));
	EXPECT_EQ(POLLHUP | POLLERR | POLLWRNORM, fds[SOME + 1].revents);
	for (i = 0; i < SOME; i++)
		closesocket(fds[i].fd);
	closesocket(failing);
	closesocket(s);
	closesocket(peer);
}

/* V-10: urgent data received in line is data. */
TEST(W_04_urgent_in_line)
{
	SOCKET peer, s = pair(&peer);
	WSAPOLLFD fd = { .fd = s, .events = POLLRDBAND };
	BOOL on = TRUE;

	ASSERT_NE(INVALID_SOCKET, peer);
	ASSERT_EQ(0, setsockopt(s, SOL_SOCKET, SO_OOBINLINE, (const char *)&on, sizeof(on)));
	EXPECT_EQ(1, send(peer, "!", 1, MSG_OOB));
	fd.events = POLLIN;
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLRDNORM, fd.revents);
	fd.events = POLLRDBAND;
	EXPECT_EQ(0, WSAPoll(&fd, 1, A_WHILE));
	closesocket(s);
	closesocket(peer);
}

static int CALLBACK defer(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
			  LPWSABUF callee, LPWSABUF callee_data, GROUP *g, DWORD_PTR data)
{
	(void)caller;
	(void)caller_data;
	(void)sqos;
	(void)gqos;
	(void)callee;
	(void)callee_data;
	(void)g;
	return (int)data;
}

TEST(W_04_A_02_deferred)
{
	struct sockaddr_in name;
	SOCKET lfd = listener(&name), s = tcp(), accepted;
	WSAPOLLFD fd = { .fd = lfd, .events = POLLIN };

	FAILS(WSAEWOULDBLOCK, connect_to(s, &name));
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(INVALID_SOCKET, WSAAccept(lfd, NULL, NULL, defer, CF_DEFER));
	EXPECT_EQ(WSATRY_AGAIN, code());
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLRDNORM, fd.revents);
	fd.events = POLLOUT;
	EXPECT_EQ(0, WSAPoll(&fd, 1, 0));
	fd.events = POLLIN;
	accepted = WSAAccept(lfd, NULL, NULL, defer, CF_ACCEPT);
	EXPECT_NE(INVALID_SOCKET, accepted);
	EXPECT_EQ(0, WSAPoll(&fd, 1, 0));
	closesocket(accepted);
	closesocket(lfd);
	closesocket(s);
}

static DWORD WINAPI close_late(LPVOID argument)
{
	Sleep(A_WHILE);
	return (DWORD)closesocket(*(SOCKET *)argument);
}

TEST(W_04_T_01_closed_by_another_thread)
{
	WSAPOLLFD fd = { .fd = tcp(), .events = POLLOUT };
	HANDLE thread = CreateThread(NULL, 0, close_late, &fd.fd, 0, NULL);

	ASSERT_NE(NULL, thread);
	FAILS(WSAEINTR, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
	EXPECT_TRUE(CloseHandle(thread));
}

struct late {
	SOCKET s;
	struct sockaddr_in name;
};

static DWORD WINAPI connect_late(LPVOID argument)
{
	struct late *late = argument;

	Sleep(A_WHILE);
	return (DWORD)connect_to(late->s, &late->name);
}

/* Who waits for a socket that another thread then connects is woken. */
TEST(W_04_connected_by_another_thread)
{
	struct late late = { .s = tcp() };
	SOCKET lfd = listener(&late.name);
	WSAPOLLFD fd = { .fd = late.s, .events = POLLOUT };
	HANDLE thread = CreateThread(NULL, 0, connect_late, &late, 0, NULL);

	ASSERT_NE(NULL, thread);
	EXPECT_EQ(1, WSAPoll(&fd, 1, AT_ONCE));
	EXPECT_EQ(POLLWRNORM, fd.revents);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
	EXPECT_TRUE(CloseHandle(thread));
	closesocket(late.s);
	closesocket(lfd);
}

TEST(W_05_one_last_error)
{
	SetLastError(77);
	EXPECT_EQ(77, WSAGetLastError());
	WSASetLastError(WSAEINVAL);
	EXPECT_EQ(WSAEINVAL, (int)GetLastError());
}

static unsigned int WINAPI give_back(void *argument)
{
	return (unsigned int)(ULONG_PTR)argument;
}

static DWORD WINAPI wait_and_leave(LPVOID argument)
{
	if (WaitForSingleObject(argument, AT_ONCE) == WAIT_OBJECT_0)
		ExitThread(5);
	return 6;
}

static void wait_for_threads(void)
{
	const ULONGLONG end = GetTickCount64() + AT_ONCE;

	while (count_threads() > 1 && GetTickCount64() < end)
		Sleep(1);
}

TEST(W_05_threads)
{
	HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL), both[2];
	DWORD id = 0, result = 0;
	HANDLE thread = CreateThread(NULL, 0, wait_and_leave, event, 0, &id);

	ASSERT_NE(NULL, thread);
	EXPECT_NE(0, id);
	EXPECT_NE(GetCurrentThreadId(), id);
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(thread, A_WHILE));
	EXPECT_TRUE(GetExitCodeThread(thread, &result));
	EXPECT_EQ(STILL_ACTIVE, result);
	both[0] = event;
	both[1] = thread;
	EXPECT_EQ(WAIT_TIMEOUT, WaitForMultipleObjects(2, both, FALSE, 0));
	EXPECT_TRUE(SetEvent(event));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(2, both, TRUE, AT_ONCE));
	EXPECT_TRUE(GetExitCodeThread(thread, &result));
	EXPECT_EQ(5, result);
	EXPECT_TRUE(CloseHandle(thread));
	EXPECT_FALSE(CloseHandle(thread));
	EXPECT_EQ(ERROR_INVALID_HANDLE, GetLastError());
	EXPECT_FALSE(GetExitCodeThread(thread, &result));

	thread = (HANDLE)_beginthreadex(NULL, 0, give_back, (void *)1234, 0, NULL);
	ASSERT_NE(NULL, thread);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, INFINITE));
	EXPECT_TRUE(GetExitCodeThread(thread, &result));
	EXPECT_EQ(1234, result);
	EXPECT_TRUE(CloseHandle(thread));
	/* Its handle is closed before it ends. */
	ResetEvent(event);
	wait_for_threads();
	thread = CreateThread(NULL, 0, wait_and_leave, event, 0, NULL);
	EXPECT_TRUE(CloseHandle(thread));
	EXPECT_EQ(2, count_threads());
	SetEvent(event);
	wait_for_threads();
	EXPECT_EQ(NULL, CreateThread(NULL, 0, wait_and_leave, event, 4, NULL));
	EXPECT_EQ(ERROR_NOT_SUPPORTED, GetLastError());
	EXPECT_TRUE(CloseHandle(event));
}

static DWORD WINAPI sleep_for_ever(LPVOID argument)
{
	SetEvent(argument);
	Sleep(INFINITE);
	return 0;
}

static void set_and_leave(void *event)
{
	SetEvent(event);
	_endthread();
}

static void set_and_return(void *event)
{
	SetEvent(event);
}

/* Those of the C library's kind close their handles. */
TEST(W_05_other_threads)
{
	HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
	unsigned int id = 0;
	HANDLE thread;

	EXPECT_NE((uintptr_t)-1, _beginthread(set_and_leave, 0, event));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(event, AT_ONCE));
	EXPECT_NE((uintptr_t)-1, _beginthread(set_and_return, 0, event));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(event, AT_ONCE));
	wait_for_threads();
	thread = (HANDLE)_beginthreadex(NULL, 1 << 20, give_back, NULL, 0, &id);
	ASSERT_NE(NULL, thread);
	EXPECT_NE(0, id);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
	CloseHandle(thread);
	EXPECT_EQ(0, _beginthreadex(NULL, 0, give_back, NULL, 4, NULL));
	EXPECT_EQ((DWORD)getpid(), GetCurrentProcessId());
	thread = CreateThread(NULL, 0, sleep_for_ever, event, 0, NULL);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(event, AT_ONCE));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(thread, A_WHILE));
}

static DWORD WINAPI size_of_stack(LPVOID argument)
{
	pthread_attr_t attr;
	size_t size = 0;

	(void)argument;
	if (!pthread_getattr_np(pthread_self(), &attr))
		pthread_attr_getstacksize(&attr, &size);
	return (DWORD)size;
}

/* A size says how much there is at first, if nothing else is said. */
TEST(W_05_stacks)
{
	const struct {
		SIZE_T size;
		DWORD flags, is;
	} stacks[] = {
		/* The larger ones last, since the platform gives old ones again. */
		{ 262144, STACK_SIZE_PARAM_IS_A_RESERVATION, 262144 },
		{ 65536, 0, 1 << 20 },
		{ 3 << 20, 0, 3 << 20 },
	};
	DWORD code;
	HANDLE thread;
	int i;

	for (i = 0; i < 3; i++) {
		thread = CreateThread(NULL, stacks[i].size, size_of_stack, NULL,
				      stacks[i].flags, NULL);
		ASSERT_NE(NULL, thread);
		EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
		EXPECT_TRUE(GetExitCodeThread(thread, &code));
		EXPECT_EQ(stacks[i].is, code);
		EXPECT_TRUE(CloseHandle(thread));
	}
}

TEST(W_05_threads_without_means)
{
	HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);

	limit_descriptors(0);
	EXPECT_EQ(NULL, CreateThread(NULL, 0, wait_and_leave, event, 0, NULL));
	EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
	EXPECT_EQ(NULL, CreateEvent(NULL, FALSE, FALSE, NULL));
	limit_descriptors(1024);
	if (limit_memory(TRUE)) {
		EXPECT_EQ(NULL, CreateThread(NULL, HUGE_SIZE, wait_and_leave, event, 0, NULL));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		EXPECT_EQ((uintptr_t)-1, _beginthread(set_and_return, HUGE_SIZE, event));
		limit_memory(FALSE);
	}
	EXPECT_EQ(1, count_threads());
	CloseHandle(event);
}

#define TAKERS	4

static volatile LONG taken;

static unsigned int WINAPI take_one(void *event)
{
	if (WaitForSingleObject(event, AT_ONCE) == WAIT_OBJECT_0)
		InterlockedIncrement(&taken);
	SetEvent(event);	/* for the next */
	return 0;
}

TEST(W_05_events)
{
	HANDLE own = CreateEvent(NULL, FALSE, TRUE, NULL);
	HANDLE hand = CreateEvent(NULL, TRUE, TRUE, NULL);
	HANDLE both[] = { hand, own }, threads[TAKERS];
	int i;

	/* One resets itself, the other does not. */
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(2, both, TRUE, 0));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForMultipleObjects(2, both, TRUE, 0));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(own, 0));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(hand, 0));
	EXPECT_TRUE(ResetEvent(hand));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(hand, 0));
	/* It cannot be had twice, and then is not had at all. */
	SetEvent(own);
	both[0] = own;
	EXPECT_EQ(WAIT_FAILED, WaitForMultipleObjects(2, both, TRUE, INFINITE));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetLastError());
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(2, both, FALSE, 0));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(own, 0));
	/* Set twice is set. */
	SetEvent(own);
	SetEvent(own);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(own, 0));
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(own, 0));
	/* It is one of Winsock's too. */
	WSASetEvent(own);
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &own, FALSE, 0, FALSE));
	WaitForSingleObject(own, 0);

	for (i = 0; i < TAKERS; i++)
		threads[i] = (HANDLE)_beginthreadex(NULL, 0, take_one, own, 0, NULL);
	EXPECT_EQ(WAIT_TIMEOUT, WaitForMultipleObjects(TAKERS, threads, FALSE, A_WHILE));
	EXPECT_EQ(0, taken);
	SetEvent(own);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(TAKERS, threads, TRUE, AT_ONCE));
	EXPECT_EQ(TAKERS, taken);
	for (i = 0; i < TAKERS; i++)
		CloseHandle(threads[i]);
	EXPECT_EQ(NULL, CreateEventA(NULL, TRUE, FALSE, "name"));
	EXPECT_EQ(ERROR_NOT_SUPPORTED, GetLastError());
	EXPECT_EQ(WAIT_FAILED, WaitForSingleObject(INVALID_HANDLE_VALUE, 0));
	EXPECT_EQ(ERROR_INVALID_HANDLE, GetLastError());
	CloseHandle(own);
	CloseHandle(hand);
}

#define ALL_ROUNDS	500

static HANDLE all[2], done;
static volatile LONG all_over;

static unsigned int WINAPI take_all(void *argument)
{
	(void)argument;
	while (!all_over)
		if (WaitForMultipleObjects(2, all, TRUE, A_WHILE) == WAIT_OBJECT_0)
			SetEvent(done);
	return 0;
}

static unsigned int WINAPI borrow(void *argument)
{
	(void)argument;
	while (!all_over)
		if (WaitForSingleObject(all[1], 0) == WAIT_OBJECT_0)
			SetEvent(all[1]);
	return 0;
}

/* Who finds all of them set, and one taken away by then, leaves the others set. */
TEST(W_05_all_or_none)
{
	HANDLE threads[2];
	int i;

	for (i = 0; i < 2; i++)
		all[i] = CreateEvent(NULL, FALSE, FALSE, NULL);
	done = CreateEvent(NULL, FALSE, FALSE, NULL);
	threads[0] = (HANDLE)_beginthreadex(NULL, 0, take_all, NULL, 0, NULL);
	threads[1] = (HANDLE)_beginthreadex(NULL, 0, borrow, NULL, 0, NULL);
	for (i = 0; i < ALL_ROUNDS; i++) {
		SetEvent(all[0]);
		SetEvent(all[1]);
		ASSERT_EQ(WAIT_OBJECT_0, WaitForSingleObject(done, AT_ONCE));
	}
	all_over = 1;
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(2, threads, TRUE, AT_ONCE));
}

static CRITICAL_SECTION section;
static int guarded;

static unsigned int WINAPI count_up(void *argument)
{
	int i;

	(void)argument;
	for (i = 0; i < 10000; i++) {
		EnterCriticalSection(&section);
		EnterCriticalSection(&section);
		guarded++;
		LeaveCriticalSection(&section);
		LeaveCriticalSection(&section);
	}
	return 0;
}

static unsigned int WINAPI try_to_enter(void *argument)
{
	BOOL entered = TryEnterCriticalSection(&section);

	(void)argument;
	if (entered)
		LeaveCriticalSection(&section);
	return (unsigned int)entered;
}

TEST(W_05_critical_sections)
{
	HANDLE threads[2];
	DWORD entered;
	int i;

	EXPECT_TRUE(InitializeCriticalSectionAndSpinCount(&section, 100));
	for (i = 0; i < 2; i++)
		threads[i] = (HANDLE)_beginthreadex(NULL, 0, count_up, NULL, 0, NULL);
	WaitForMultipleObjects(2, threads, TRUE, INFINITE);
	EXPECT_EQ(20000, guarded);
	CloseHandle(threads[0]);
	CloseHandle(threads[1]);
	EnterCriticalSection(&section);
	for (i = 0; i < 2; i++) {
		threads[0] = (HANDLE)_beginthreadex(NULL, 0, try_to_enter, NULL, 0, NULL);
		WaitForSingleObject(threads[0], INFINITE);
		GetExitCodeThread(threads[0], &entered);
		EXPECT_EQ(i, (int)entered);
		CloseHandle(threads[0]);
		if (!i)
			LeaveCriticalSection(&section);
	}
	DeleteCriticalSection(&section);
}

TEST(W_05_interlocked)
{
	volatile LONG64 big = 7;
	volatile LONG n = 5;
	void *volatile p = NULL;

	EXPECT_EQ(6, InterlockedIncrement(&n));
	EXPECT_EQ(5, InterlockedDecrement(&n));
	EXPECT_EQ(5, InterlockedExchange(&n, 7));
	EXPECT_EQ(7, InterlockedExchangeAdd(&n, -7));
	EXPECT_EQ(0, InterlockedCompareExchange(&n, 1, 0));
	EXPECT_EQ(1, InterlockedCompareExchange(&n, 2, 0));
	EXPECT_EQ(1, n);
	EXPECT_EQ(1, InterlockedOr(&n, 6));
	EXPECT_EQ(7, InterlockedAnd(&n, 3));
	EXPECT_EQ(3, n);
	EXPECT_EQ(8, InterlockedIncrement64(&big));
	EXPECT_EQ(7, InterlockedDecrement64(&big));
	EXPECT_EQ(7, InterlockedExchangeAdd64(&big, 3));
	EXPECT_EQ(10, InterlockedExchange64(&big, 4));
	EXPECT_EQ(4, InterlockedCompareExchange64(&big, 5, 4));
	EXPECT_EQ(5, big);
	EXPECT_EQ(NULL, InterlockedCompareExchangePointer(&p, (void *)&n, NULL));
	EXPECT_EQ((void *)&n, InterlockedExchangePointer(&p, NULL));
}

static SRWLOCK slim = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
static int turn;

static unsigned int WINAPI try_slim(void *argument)
{
	unsigned int got = 0;

	(void)argument;
	if (TryAcquireSRWLockShared(&slim)) {
		got |= 1;
		ReleaseSRWLockShared(&slim);
	}
	if (TryAcquireSRWLockExclusive(&slim)) {
		got |= 2;
		ReleaseSRWLockExclusive(&slim);
	}
	return got;
}

/* What another thread gets of the lock: 1 shared, 2 exclusively. */
static DWORD others_get(void)
{
	HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, try_slim, NULL, 0, NULL);
	DWORD got = 99;

	WaitForSingleObject(thread, INFINITE);
	GetExitCodeThread(thread, &got);
	CloseHandle(thread);
	return got;
}

TEST(W_05_slim_locks)
{
	EXPECT_EQ(3, others_get());
	AcquireSRWLockShared(&slim);
	EXPECT_EQ(1, others_get());
	ReleaseSRWLockShared(&slim);
	AcquireSRWLockExclusive(&slim);
	EXPECT_EQ(0, others_get());
	ReleaseSRWLockExclusive(&slim);
	EXPECT_EQ(3, others_get());
	InitializeSRWLock(&slim);
	EXPECT_EQ(3, others_get());
}

/* Waits for the turn of its number by one kind of lock, and gives it on. */
static unsigned int WINAPI take_turn(void *argument)
{
	const int own = (int)(INT_PTR)argument;

	AcquireSRWLockExclusive(&slim);
	while (turn != own)
		if (!SleepConditionVariableSRW(&changed, &slim, AT_ONCE, 0))
			break;
	turn++;
	ReleaseSRWLockExclusive(&slim);
	WakeAllConditionVariable(&changed);
	return 0;
}

static unsigned int WINAPI count_in_section(void *argument)
{
	(void)argument;
	EnterCriticalSection(&section);
	guarded++;
	LeaveCriticalSection(&section);
	WakeConditionVariable(&changed);
	return 0;
}

TEST(W_05_condition_variables)
{
	HANDLE threads[4];
	int i;

	for (i = 3; i >= 0; i--)
		threads[i] = (HANDLE)_beginthreadex(NULL, 0, take_turn,
						    (void *)(INT_PTR)i, 0, NULL);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForMultipleObjects(4, threads, TRUE, AT_ONCE));
	EXPECT_EQ(4, turn);
	for (i = 0; i < 4; i++)
		CloseHandle(threads[i]);

	AcquireSRWLockShared(&slim);
	EXPECT_FALSE(SleepConditionVariableSRW(&changed, &slim, 1,
					       CONDITION_VARIABLE_LOCKMODE_SHARED));
	EXPECT_EQ(ERROR_TIMEOUT, GetLastError());
	EXPECT_EQ(1, others_get());
	ReleaseSRWLockShared(&slim);

	InitializeConditionVariable(&changed);
	InitializeCriticalSectionEx(&section, 0, CRITICAL_SECTION_NO_DEBUG_INFO);
	guarded = 0;
	EnterCriticalSection(&section);
	EXPECT_FALSE(SleepConditionVariableCS(&changed, &section, 1));
	EXPECT_EQ(ERROR_TIMEOUT, GetLastError());
	threads[0] = (HANDLE)_beginthreadex(NULL, 0, count_in_section, NULL, 0, NULL);
	while (!guarded && SleepConditionVariableCS(&changed, &section, INFINITE))
		;
	EXPECT_EQ(1, guarded);
	LeaveCriticalSection(&section);
	WaitForSingleObject(threads[0], INFINITE);
	CloseHandle(threads[0]);
	DeleteCriticalSection(&section);
}

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static volatile LONG begun;

/* Fails the first time. */
static BOOL CALLBACK begin_once(PINIT_ONCE init, PVOID parameter, PVOID *context)
{
	(void)init;
	Sleep(10);
	*context = parameter;
	return InterlockedIncrement(&begun) > 1;
}

static unsigned int WINAPI begin_too(void *argument)
{
	void *context = NULL;

	return InitOnceExecuteOnce(&once, begin_once, argument, &context) &&
		context == argument;
}

TEST(W_05_once)
{
	HANDLE threads[4];
	DWORD same;
	int i;

	EXPECT_FALSE(InitOnceExecuteOnce(&once, begin_once, &once, NULL));
	for (i = 0; i < 4; i++)
		threads[i] = (HANDLE)_beginthreadex(NULL, 0, begin_too, &once, 0, NULL);
	WaitForMultipleObjects(4, threads, TRUE, INFINITE);
	for (i = 0; i < 4; i++) {
		GetExitCodeThread(threads[i], &same);
		EXPECT_EQ(1, same);
		CloseHandle(threads[i]);
	}
	EXPECT_EQ(2, begun);
	InitOnceInitialize(&once);
	EXPECT_TRUE(InitOnceExecuteOnce(&once, begin_once, NULL, NULL));
	EXPECT_EQ(3, begun);
}

TEST(W_05_inheritance)
{
	HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
	const HANDLE handles[] = { event, (HANDLE)(INT_PTR)tcp() };
	DWORD flags = 99;
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT, 0));
		EXPECT_TRUE(GetHandleInformation(handles[i], &flags));
		EXPECT_EQ(0, flags);
		EXPECT_TRUE(SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT,
						 HANDLE_FLAG_INHERIT));
		EXPECT_TRUE(SetHandleInformation(handles[i], 0, 0));
		EXPECT_TRUE(GetHandleInformation(handles[i], &flags));
		EXPECT_EQ(HANDLE_FLAG_INHERIT, flags);
	}
	EXPECT_FALSE(SetHandleInformation(event, 2, 2));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetLastError());
	closesocket((SOCKET)(INT_PTR)handles[1]);
	CloseHandle(event);
	EXPECT_FALSE(SetHandleInformation(event, HANDLE_FLAG_INHERIT, 0));
	EXPECT_EQ(ERROR_INVALID_HANDLE, GetLastError());
	EXPECT_FALSE(GetHandleInformation(event, &flags));
	EXPECT_EQ(ERROR_INVALID_HANDLE, GetLastError());
}

TEST(W_05_machine)
{
	static const BYTE none[32];
	HCRYPTPROV provider;
	unsigned int number;
	BYTE bytes[32] = { 0 };
	SYSTEM_INFO info;
	char host[256], own[256];
	DWORD size;
	char text[10], setting[] = "WSP_TEST=123456";

	GetSystemInfo(&info);
	EXPECT_EQ((DWORD)sysconf(_SC_PAGESIZE), info.dwPageSize);
	EXPECT_EQ((DWORD)sysconf(_SC_NPROCESSORS_ONLN), info.dwNumberOfProcessors);

	ASSERT_EQ(0, _putenv(setting));
	EXPECT_EQ(6, GetEnvironmentVariableA("WSP_TEST", text, 7));
	EXPECT_STREQ("123456", text);
	EXPECT_EQ(7, GetEnvironmentVariableA("WSP_TEST", text, 6));
	EXPECT_EQ(0, GetEnvironmentVariable("WSP_TEST_NONE", text, 10));
	EXPECT_EQ(ERROR_ENVVAR_NOT_FOUND, GetLastError());

	size = sizeof(host);
	EXPECT_TRUE(GetComputerName(host, &size));
	ASSERT_EQ(0, gethostname(own, sizeof(own)));
	EXPECT_STREQ(own, host);
	EXPECT_EQ(strlen(own), size);
	EXPECT_FALSE(GetComputerNameA(host, &size));
	EXPECT_EQ(ERROR_BUFFER_OVERFLOW, GetLastError());
	EXPECT_EQ(strlen(own) + 1, size);

	EXPECT_FALSE(SetCurrentDirectory("/nonexistent"));
	EXPECT_EQ(ERROR_PATH_NOT_FOUND, GetLastError());
	EXPECT_TRUE(SetCurrentDirectoryA("/"));
	EXPECT_EQ(0, GetSystemDirectory(text, sizeof(text)));
	EXPECT_EQ(NULL, LoadLibrary("ws2_32.dll"));
	EXPECT_EQ(ERROR_MOD_NOT_FOUND, GetLastError());
	EXPECT_TRUE(!GetProcAddress(GetModuleHandleW(u"x"), "getaddrinfo"));
	EXPECT_EQ(ERROR_PROC_NOT_FOUND, GetLastError());

	ASSERT_TRUE(CryptAcquireContext(&provider, NULL, NULL, PROV_RSA_FULL,
					CRYPT_VERIFYCONTEXT));
	EXPECT_TRUE(CryptGenRandom(provider, sizeof(bytes), bytes));
	EXPECT_NE(0, memcmp(bytes, none, sizeof(bytes)));
	EXPECT_TRUE(CryptReleaseContext(provider, 0));
	EXPECT_EQ(0, rand_s(&number));
	EXPECT_EQ(EINVAL, rand_s(NULL));
}

TEST(W_05_runtime)
{
	const long long far = 5000000000LL;
	FILE *file = tmpfile();

	ASSERT_NE(NULL, file);
	EXPECT_EQ(far, _lseeki64(_fileno(file), far, SEEK_SET));
	EXPECT_EQ(far, _lseeki64(_fileno(file), 0, SEEK_CUR));
	fclose(file);

	ASSERT_GT(_sys_nerr, EHWPOISON);
	EXPECT_STREQ(strerror(EHWPOISON), sys_errlist[EHWPOISON]);
	EXPECT_STREQ(strerror(0), _sys_errlist[0]);
	EXPECT_NE(NULL, _sys_errlist[sys_nerr - 1]);
}

/* A network of its own has the loopback interface, which this test takes up. */
TEST(W_05_adapters)
{
	union {
		IP_ADAPTER_ADDRESSES first;
		char room[16384];
	} list;
	const IP_ADAPTER_UNICAST_ADDRESS *address;
	const IP_ADAPTER_ADDRESSES *a;
	ULONG size = 0;

	EXPECT_EQ(ERROR_INVALID_PARAMETER,
		  GetAdaptersAddresses(77, 0, NULL, NULL, &size));
	EXPECT_EQ(ERROR_INVALID_PARAMETER,
		  GetAdaptersAddresses(AF_INET, 0, NULL, NULL, NULL));
	EXPECT_EQ(ERROR_BUFFER_OVERFLOW,
		  GetAdaptersAddresses(AF_INET, 0, NULL, NULL, &size));
	ASSERT_LE(size, sizeof(list));
	ASSERT_EQ(ERROR_SUCCESS,
		  GetAdaptersAddresses(AF_INET, 0, NULL, &list.first, &size));
	for (a = &list.first; a && strcmp(a->AdapterName, "lo"); a = a->Next)
		;
	ASSERT_NE(NULL, a);
	EXPECT_EQ(if_nametoindex("lo"), a->IfIndex);
	EXPECT_EQ(IF_TYPE_SOFTWARE_LOOPBACK, a->IfType);
	EXPECT_EQ(IfOperStatusUp, a->OperStatus);
	EXPECT_EQ(2, lstrlenW(a->FriendlyName));
	EXPECT_EQ('o', a->FriendlyName[1]);
	address = a->FirstUnicastAddress;
	ASSERT_NE(NULL, address);
	EXPECT_EQ(htonl(INADDR_LOOPBACK),
		  ((LPSOCKADDR_IN)address->Address.lpSockaddr)->sin_addr.s_addr);
	EXPECT_EQ((INT)sizeof(SOCKADDR_IN), address->Address.iSockaddrLength);
	EXPECT_EQ(8, address->OnLinkPrefixLength);
	size = sizeof(list);
	ASSERT_EQ(ERROR_SUCCESS,
		  GetAdaptersAddresses(AF_UNSPEC, GAA_FLAG_SKIP_UNICAST |
				       GAA_FLAG_SKIP_FRIENDLY_NAME, NULL,
				       &list.first, &size));
	EXPECT_EQ(NULL, list.first.FirstUnicastAddress);
	EXPECT_EQ(NULL, list.first.FriendlyName);
}

/* A kernel may give each network tunnels, so there may be some before. */
TEST(W_05_older_adapters)
{
	IP_ADAPTER_INFO adapters[16] = { 0 };
	const IP_ADAPTER_INFO *a;
	ULONG before = 0, size = 0;
	int found = 0;

	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetAdaptersInfo(NULL, NULL));
	GetAdaptersInfo(NULL, &before);
	if (!before)
		EXPECT_EQ(ERROR_NO_DATA, GetAdaptersInfo(adapters, &size));
	ASSERT_EQ(0, system("ip link add w5a type veth peer name w5b &&"
			    "ip addr add 192.0.2.77/28 dev w5a && ip link set w5a up"));
	EXPECT_EQ(ERROR_BUFFER_OVERFLOW, GetAdaptersInfo(NULL, &size));
	EXPECT_EQ(before + 2 * sizeof(*a), size);
	ASSERT_LE(size, sizeof(adapters));
	ASSERT_EQ(ERROR_SUCCESS, GetAdaptersInfo(adapters, &size));
	for (a = adapters; a; a = a->Next) {
		const bool has_one = !strcmp(a->AdapterName, "w5a");

		EXPECT_EQ(a->Index, if_nametoindex(a->AdapterName));
		EXPECT_STREQ(has_one ? "192.0.2.77" : "0.0.0.0",
			     a->IpAddressList.IpAddress.String);
		EXPECT_STREQ(has_one ? "255.255.255.240" : "0.0.0.0",
			     a->IpAddressList.IpMask.String);
		if (!strncmp(a->AdapterName, "w5", 2)) {
			EXPECT_EQ(6, a->AddressLength);
			found++;
		}
		size -= (ULONG)sizeof(*a);
	}
	EXPECT_EQ(2, found);
	EXPECT_EQ(0, size);
	EXPECT_EQ(0, system("ip link del w5a"));
}

/* Servers of names, of which Linux asks three, and Winsock's list knows IPv4's. */
#define RESOLV_CONF							\
	"mount --make-rprivate / && mount -t tmpfs none /mnt &&"	\
	"for a in 2001:db8::1 192.0.2.1 nonsense 192.0.2.2 192.0.2.3 192.0.2.4; do" \
	"  echo nameserver $a; done >/mnt/servers &&"			\
	"mount --bind /mnt/servers /etc/resolv.conf"

TEST(W_05_network_params)
{
	union {
		FIXED_INFO fixed;
		char room[2 * sizeof(FIXED_INFO)];
	} list;
	const IP_ADDR_STRING *server = &list.fixed.DnsServerList;
	char own[256];
	ULONG size = 0;

	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetNetworkParams(NULL, NULL));
	EXPECT_EQ(ERROR_BUFFER_OVERFLOW, GetNetworkParams(NULL, &size));
	ASSERT_LE(size, sizeof(list));
	EXPECT_EQ(ERROR_SUCCESS, GetNetworkParams(&list.fixed, &size));
	ASSERT_EQ(0, gethostname(own, sizeof(own)));
	EXPECT_EQ(0, strncmp(own, list.fixed.HostName, sizeof(list.fixed.HostName) - 1));

	if (access("/etc/resolv.conf", F_OK))
		SKIP(return, "W-05: this machine has no resolv.conf");
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, system(RESOLV_CONF));
	size = 0;
	EXPECT_EQ(ERROR_BUFFER_OVERFLOW, GetNetworkParams(NULL, &size));
	EXPECT_EQ(sizeof(FIXED_INFO) + 2 * sizeof(*server), size);
	ASSERT_EQ(ERROR_SUCCESS, GetNetworkParams(&list.fixed, &size));
	EXPECT_STREQ("192.0.2.1", server->IpAddress.String);
	server = server->Next;
	ASSERT_NE(NULL, server);
	EXPECT_STREQ("192.0.2.2", server->IpAddress.String);
	server = server->Next;
	ASSERT_NE(NULL, server);
	EXPECT_STREQ("192.0.2.3", server->IpAddress.String);
	EXPECT_EQ(NULL, server->Next);
}

TEST(W_05_best_interface)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in to = loopback(0);
	DWORD index = 0;

	EXPECT_EQ(NO_ERROR, GetBestInterfaceEx((struct sockaddr *)&to, &index));
	EXPECT_EQ(if_nametoindex("lo"), index);
	EXPECT_EQ(NO_ERROR, GetBestInterface(htonl(INADDR_LOOPBACK), &index));
	EXPECT_EQ(if_nametoindex("lo"), index);
	EXPECT_EQ(ERROR_NETWORK_UNREACHABLE, GetBestInterface(inet_addr("203.0.113.1"),
							      &index));
	ASSERT_EQ(0, system("ip link add w5a type veth peer name w5b &&"
			    "ip addr add 192.0.2.77/28 dev w5a &&"
			    "ip addr add 2001:db8::1/64 dev w5a nodad &&"
			    "ip link set w5b up && ip link set w5a up"));
	EXPECT_EQ(NO_ERROR, GetBestInterface(inet_addr("192.0.2.78"), &index));
	EXPECT_EQ(if_nametoindex("w5a"), index);
	index = 0;
	ASSERT_EQ(1, inet_pton(AF_INET6, "2001:db8::2", &v6.sin6_addr));
	EXPECT_EQ(NO_ERROR, GetBestInterfaceEx((struct sockaddr *)&v6, &index));
	EXPECT_EQ(if_nametoindex("w5a"), index);
	EXPECT_EQ(0, system("ip link del w5a"));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetBestInterfaceEx(NULL, &index));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetBestInterface(0, NULL));
	to.sin_family = 77;
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetBestInterfaceEx((struct sockaddr *)&to,
							      &index));
}

TEST(W_05_unicast_addresses)
{
	const ADDRESS_FAMILY families[] = { AF_INET, AF_INET6, AF_UNSPEC };
	PMIB_UNICASTIPADDRESS_TABLE table;
	const MIB_UNICASTIPADDRESS_ROW *row;
	size_t i;
	ULONG j, found;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(NO_ERROR, GetUnicastIpAddressTable(families[i], &table));
		for (j = found = 0; j < table->NumEntries; j++) {
			row = &table->Table[j];
			if (row->InterfaceIndex != if_nametoindex("lo"))
				continue;
			EXPECT_TRUE(row->InterfaceLuid.Info.IfType == IF_TYPE_SOFTWARE_LOOPBACK);
			EXPECT_TRUE(!families[i] || row->Address.si_family == families[i]);
			EXPECT_EQ(row->Address.si_family == AF_INET ? 8 : 128,
				  row->OnLinkPrefixLength);
			found++;
		}
		EXPECT_EQ(families[i] ? 1 : 2, found);
		FreeMibTable(table);
	}
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetUnicastIpAddressTable(77, &table));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetUnicastIpAddressTable(AF_INET, NULL));
	ASSERT_EQ(0, system("ip addr flush dev lo"));
	EXPECT_EQ(ERROR_NOT_FOUND, GetUnicastIpAddressTable(AF_INET, &table));
	EXPECT_EQ(NULL, table);
	EXPECT_EQ(0, system("ip addr add 127.0.0.1/8 dev lo; ip addr add ::1/128 dev lo"));
}

/* It is in recv, which its handle's owner ends. */
static unsigned int WINAPI receive_for_ever(void *argument)
{
	char byte;

	recv(*(SOCKET *)argument, &byte, 1, 0);
	return 1;
}

TEST(W_05_terminated)
{
	SOCKET peer, s = pair(&peer);
	HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, receive_for_ever, &s, 0, NULL);
	DWORD result;

	ASSERT_NE(NULL, thread);
	EXPECT_EQ(WAIT_TIMEOUT, WaitForSingleObject(thread, A_WHILE));
	EXPECT_TRUE(TerminateThread(thread, 77));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
	EXPECT_TRUE(GetExitCodeThread(thread, &result));
	EXPECT_EQ(77, result);
	EXPECT_TRUE(TerminateThread(thread, 78));	/* it has ended */
	EXPECT_TRUE(GetExitCodeThread(thread, &result));
	EXPECT_EQ(77, result);
	EXPECT_TRUE(CloseHandle(thread));
	EXPECT_FALSE(TerminateThread(thread, 79));
	EXPECT_EQ(ERROR_INVALID_HANDLE, code());
	closesocket(s);
	closesocket(peer);
}

/* Does a version that differs from 6.0 so stand in this relation? */
static BOOL is_version(DWORD major, DWORD minor, BYTE condition)
{
	OSVERSIONINFOEXW asked = { .dwMajorVersion = major, .dwMinorVersion = minor };
	const ULONGLONG conditions =
		VerSetConditionMask(VerSetConditionMask(0, VER_MAJORVERSION, condition),
				    VER_MINORVERSION, condition);

	return VerifyVersionInfoW(&asked, VER_MAJORVERSION | VER_MINORVERSION, conditions);
}

TEST(W_05_version)
{
	OSVERSIONINFOEXA extended = { .dwOSVersionInfoSize = sizeof(extended) };
	OSVERSIONINFOW plain = { .dwOSVersionInfoSize = sizeof(plain) };
	OSVERSIONINFOEXA asked = { .dwPlatformId = VER_PLATFORM_WIN32_NT };
	ULONGLONG conditions;

	ASSERT_TRUE(GetVersionExW(&plain));
	EXPECT_EQ(6, plain.dwMajorVersion);
	EXPECT_EQ(0, plain.dwMinorVersion);
	EXPECT_EQ(VER_PLATFORM_WIN32_CE, plain.dwPlatformId);
	extended.wServicePackMajor = 9;
	ASSERT_TRUE(GetVersionExA((OSVERSIONINFOA *)&extended));
	EXPECT_EQ(6, extended.dwMajorVersion);
	EXPECT_EQ(0, extended.wServicePackMajor);
	plain.dwOSVersionInfoSize = 7;
	EXPECT_FALSE(GetVersionExW(&plain));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, code());

	EXPECT_TRUE(is_version(6, 0, VER_EQUAL));
	EXPECT_TRUE(is_version(6, 0, VER_GREATER_EQUAL));
	EXPECT_TRUE(is_version(6, 0, VER_LESS_EQUAL));
	EXPECT_FALSE(is_version(6, 0, VER_GREATER));
	EXPECT_FALSE(is_version(6, 0, VER_LESS));
	EXPECT_TRUE(is_version(5, 1, VER_GREATER));	/* not part by part */
	EXPECT_TRUE(is_version(5, 1, VER_GREATER_EQUAL));
	EXPECT_FALSE(is_version(5, 1, VER_EQUAL));
	EXPECT_TRUE(is_version(6, 1, VER_LESS));
	EXPECT_TRUE(is_version(7, 0, VER_LESS_EQUAL));
	EXPECT_FALSE(is_version(7, 0, VER_GREATER));
	EXPECT_EQ(ERROR_OLD_WIN_VERSION, code());
	EXPECT_FALSE(is_version(6, 0, 0));
	conditions = VerSetConditionMask(0, VER_PLATFORMID, VER_EQUAL);
	EXPECT_FALSE(VerifyVersionInfoA(&asked, VER_PLATFORMID, conditions));
	asked.dwPlatformId = VER_PLATFORM_WIN32_CE;
	EXPECT_TRUE(VerifyVersionInfoA(&asked, VER_PLATFORMID, conditions));
	EXPECT_FALSE(VerifyVersionInfoA(&asked, 0, conditions));
	EXPECT_EQ(ERROR_BAD_ARGUMENTS, code());
}

TEST(W_05_pages)
{
	const SIZE_T page = 65536;
	char *p = VirtualAlloc(NULL, 4 * page, MEM_RESERVE, PAGE_READWRITE), *q;

	ASSERT_NE(NULL, p);
	EXPECT_EQ(p + page, VirtualAlloc(p + page, page, MEM_COMMIT, PAGE_READWRITE));
	EXPECT_EQ(0, p[page]);
	p[page] = 1;
	EXPECT_EQ(p + page, VirtualAlloc(p + page, page, MEM_COMMIT, PAGE_READWRITE));
	EXPECT_EQ(1, p[page]);
	EXPECT_TRUE(VirtualFree(p + page, page, MEM_DECOMMIT));
	EXPECT_EQ(p + page, VirtualAlloc(p + page, page, MEM_COMMIT, PAGE_READWRITE));
	EXPECT_EQ(0, p[page]);
	/* Any part of a page is all of it. */
	EXPECT_EQ(p + 2 * page,
		  VirtualAlloc(p + 2 * page + 5, page - 5, MEM_COMMIT, PAGE_READWRITE));
	memset(p + 2 * page, 1, page);
	EXPECT_TRUE(VirtualFree(p + 2 * page + 5, 1, MEM_DECOMMIT));
	EXPECT_EQ(1, p[2 * page + 65535]);
	EXPECT_EQ(p + 2 * page,
		  VirtualAlloc(p + 2 * page + 9, 9, MEM_COMMIT, PAGE_READWRITE));
	EXPECT_EQ(sysconf(_SC_PAGESIZE) > 4096, p[2 * page]);
	EXPECT_EQ(sysconf(_SC_PAGESIZE) > 4096, p[2 * page + 4095]);
	EXPECT_EQ(1, p[2 * page + 4096]);
	EXPECT_EQ(NULL, VirtualAlloc(p + 3 * page, 2 * page, MEM_COMMIT, PAGE_READWRITE));
	q = VirtualAlloc(NULL, 5000, MEM_RESERVE, PAGE_READWRITE);
	EXPECT_EQ(q, VirtualAlloc(q, 8192, MEM_COMMIT, PAGE_READWRITE));
	q[8191] = 1;
	EXPECT_TRUE(VirtualFree(q, 0, MEM_RELEASE));
	EXPECT_EQ(ERROR_INVALID_ADDRESS, code());
	EXPECT_FALSE(VirtualFree(p + page, 0, MEM_RELEASE));
	EXPECT_EQ(ERROR_INVALID_ADDRESS, code());
	EXPECT_FALSE(VirtualFree(p, page, MEM_RELEASE));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, code());
	q = VirtualAlloc(NULL, page, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
	ASSERT_NE(NULL, q);
	memset(q, 1, page);
	EXPECT_TRUE(VirtualFree(p, 0, MEM_RELEASE));
	EXPECT_FALSE(VirtualFree(p, 0, MEM_RELEASE));
	EXPECT_FALSE(VirtualFree(p, page, MEM_DECOMMIT));
	EXPECT_EQ(1, q[page - 1]);
	EXPECT_TRUE(VirtualFree(q, 0, MEM_RELEASE));
	EXPECT_EQ(NULL, VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE));
	EXPECT_EQ(NULL, VirtualAlloc(NULL, page, 0, PAGE_READWRITE));
	EXPECT_EQ(NULL, VirtualAlloc(NULL, page, MEM_COMMIT, 0x40));	/* and execute */
	EXPECT_EQ(NULL, VirtualAlloc(NULL, (SIZE_T)-page, MEM_COMMIT, PAGE_READONLY));
	EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, code());
}

/* Summer half of the year, for as long as this test is: one zone north, one south. */
TEST(W_05_time_zone)
{
	TIME_ZONE_INFORMATION zone;
	DWORD north, south;

	putenv((char *)"TZ=XYZ-5:30");
	EXPECT_EQ(TIME_ZONE_ID_UNKNOWN, GetTimeZoneInformation(&zone));
	EXPECT_EQ(-330, zone.Bias);
	EXPECT_EQ('X', zone.StandardName[0]);
	putenv((char *)"TZ=AAA5BBB,J1/0,J182/0");
	north = GetTimeZoneInformation(&zone);
	EXPECT_EQ(300, zone.Bias);
	EXPECT_EQ(-60, zone.DaylightBias);
	EXPECT_EQ('B', zone.DaylightName[0]);
	putenv((char *)"TZ=AAA5BBB,J182/0,J1/0");
	south = GetTimeZoneInformation(&zone);
	EXPECT_EQ(300, zone.Bias);
	EXPECT_EQ(TIME_ZONE_ID_STANDARD + TIME_ZONE_ID_DAYLIGHT, north + south);
}

TEST(W_05_raised)
{
	ULONG_PTR argument = 0;
	int status;
	pid_t child = fork();

	if (!child)
		RaiseException(0x40000015, EXCEPTION_NONCONTINUABLE, 1, &argument);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST(W_05_bounded_text)
{
	char text[6] = "xxxxx", *rest = NULL;
	const time_t zero = 0;
	struct tm tm;

	EXPECT_EQ(0, strcpy_s(text, 6, "abc"));
	EXPECT_EQ(0, strcat_s(text, 6, "de"));
	EXPECT_STREQ("abcde", text);
	EXPECT_EQ(34, strcat_s(text, 6, "f"));
	EXPECT_EQ(34, strcpy_s(text, 6, "abcdef"));
	EXPECT_STREQ("", text);
	EXPECT_EQ(0, strncpy_s(text, 6, "abcdef", 5));
	EXPECT_STREQ("abcde", text);
	EXPECT_EQ(80, strncpy_s(text, 6, "uvwxyz", _TRUNCATE));
	EXPECT_STREQ("uvwxy", text);
	EXPECT_EQ(3, _snprintf_s(text, 6, 5, "abc"));
	EXPECT_EQ(-1, _snprintf_s(text, 6, 2, "abc"));
	EXPECT_STREQ("ab", text);
	EXPECT_EQ(34, memcpy_s(text, 3, "abcd", 4));
	EXPECT_EQ(2, sprintf_s(text, sizeof(text), "%d", 42));
	EXPECT_STREQ("42", strtok_s(text, ",", &rest));
	EXPECT_EQ(0, _memicmp(strcpy(text, "aBc"), "AbC", 3));
	EXPECT_GT(0, _memicmp(text, "B", 1));
	EXPECT_EQ(0, gmtime_s(&tm, &zero));
	EXPECT_EQ(70, tm.tm_year);
}

TEST(W_05_memory)
{
	char *block = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 100);
	int i, sum = 0;

	ASSERT_NE(NULL, block);
	for (i = 0; i < 100; i++)
		sum += block[i];
	EXPECT_EQ(0, sum);
	FillMemory(block, 100, 1);
	block = HeapReAlloc(GetProcessHeap(), 0, block, 200);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(1, block[99]);
	ZeroMemory(block, 200);
	EXPECT_EQ(0, block[99]);
	EXPECT_TRUE(HeapFree(GetProcessHeap(), 0, block));
	block = LocalAlloc(LPTR, 10);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(0, block[9]);
	EXPECT_EQ(NULL, LocalFree(block));
	block = HeapAlloc(GetProcessHeap(), 0, 0);
	ASSERT_NE(NULL, block);
	block = HeapReAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, block, 100000);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(0, block[99999]);
	if (limit_memory(TRUE)) {
		EXPECT_EQ(NULL, HeapAlloc(GetProcessHeap(), 0, HUGE_SIZE));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		SetLastError(0);
		EXPECT_EQ(NULL, HeapReAlloc(GetProcessHeap(), 0, block, HUGE_SIZE));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		limit_memory(FALSE);
	}
	HeapFree(GetProcessHeap(), 0, block);
}

TEST(W_05_messages)
{
	const DWORD how = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
	char text[200], *copy = NULL;
	WCHAR wide[200];
	DWORD n;
	int i;

	for (i = WSABASEERR; i < 11005; i++) {
		if (WSPErrorName(i)[0] != 'W')
			continue;
		n = FormatMessageA(how, NULL, (DWORD)i, 0, text, sizeof(text), NULL);
		EXPECT_EQ(n, strlen(text)) TH_LOG("code %d", i);
		EXPECT_LT(3, n);
	}
	n = FormatMessageA(how | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNREFUSED,
			   MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&copy, 0, NULL);
	ASSERT_NE(0, n);
	EXPECT_NE(NULL, strstr(copy, "refused"));
	EXPECT_STREQ("\r\n", copy + n - 2);
	LocalFree(copy);
	EXPECT_EQ(n, FormatMessageW(how, NULL, WSAECONNREFUSED, 0, wide, 200, NULL));
	EXPECT_EQ(n, (DWORD)lstrlenW(wide));
	EXPECT_EQ(0, FormatMessageA(how, NULL, WSAECONNREFUSED, 0, text, 4, NULL));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, GetLastError());
	EXPECT_EQ(0, FormatMessageA(how, NULL, 123456, 0, text, sizeof(text), NULL));
	EXPECT_EQ(ERROR_MR_MID_NOT_FOUND, GetLastError());
	if (limit_memory(TRUE)) {
		EXPECT_EQ(0, FormatMessageA(how | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL,
					    WSAECONNREFUSED, 0, (LPSTR)&copy, HUGE_SIZE, NULL));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		limit_memory(FALSE);
	}
}

TEST(W_05_text)
{
	static const char utf8[] = "a\u00e4\u20ac\U0001f600";
	static const WCHAR utf16[] = u"a\u00e4\u20ac\U0001f600";
	char narrow[32];
	WCHAR wide[32];

	EXPECT_EQ(6, MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0));
	EXPECT_EQ(6, MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, 32));
	EXPECT_EQ(0, memcmp(wide, utf16, sizeof(utf16)));
	EXPECT_EQ(2, MultiByteToWideChar(CP_ACP, 0, utf8, 3, wide, 2));
	EXPECT_EQ(0, MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, 5));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, GetLastError());
	EXPECT_EQ(sizeof(utf8), WideCharToMultiByte(CP_UTF8, 0, utf16, -1, narrow, 32,
						    NULL, NULL));
	EXPECT_STREQ(utf8, narrow);
	EXPECT_EQ(4, WideCharToMultiByte(CP_UTF8, 0, u"abcdef", 4, narrow, 4, NULL, NULL));
	EXPECT_EQ(0, memcmp(narrow, "abcd", 4));
	/* What is neither. */
	EXPECT_EQ(3, MultiByteToWideChar(CP_UTF8, 0, "\xc0\xff", -1, wide, 32));
	EXPECT_EQ('?', wide[0]);
	EXPECT_EQ('?', wide[1]);
}

TEST(W_05_text_that_cannot_be_converted)
{
	BOOL used = TRUE;
	char narrow[8];
	WCHAR wide[8];

	EXPECT_EQ(0, MultiByteToWideChar(CP_UTF8, 0, NULL, -1, wide, 8));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetLastError());
	SetLastError(0);
	EXPECT_EQ(0, WideCharToMultiByte(CP_UTF8, 0, u"a", -2, narrow, 8, NULL, NULL));
	EXPECT_EQ(ERROR_INVALID_PARAMETER, GetLastError());
	EXPECT_EQ(2, WideCharToMultiByte(CP_UTF8, 0, u"a", -1, narrow, 8, NULL, &used));
	EXPECT_FALSE(used);
	if (limit_memory(TRUE)) {
		EXPECT_EQ(0, MultiByteToWideChar(CP_UTF8, 0, "a", HUGE_SIZE, wide, 8));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		SetLastError(0);
		EXPECT_EQ(0, WideCharToMultiByte(CP_UTF8, 0, u"a", HUGE_SIZE, narrow, 8, NULL,
						 NULL));
		EXPECT_EQ(ERROR_NOT_ENOUGH_MEMORY, GetLastError());
		limit_memory(FALSE);
	}
}

TEST(W_05_wide_text)
{
	WCHAR text[16];

	EXPECT_EQ(3, lstrlenA("abc"));
	EXPECT_EQ(0, lstrlenA(NULL));
	EXPECT_EQ(0, lstrlenW(NULL));
	EXPECT_EQ(&text[0], lstrcpyW(text, u"abc"));
	EXPECT_EQ(&text[0], lstrcatW(text, u"def"));
	EXPECT_EQ(0, lstrcmpW(text, u"abcdef"));
	EXPECT_LT(0, lstrcmpW(u"b", u"abc"));
	EXPECT_GT(0, lstrcmpW(u"ab", u"abc"));
}

TEST(W_05_time)
{
	ULONGLONG start = GetTickCount64();
	LARGE_INTEGER count, frequency, later;
	FILETIME file_time;
	SYSTEMTIME now;

	EXPECT_TRUE(QueryPerformanceCounter(&count));
	EXPECT_TRUE(QueryPerformanceFrequency(&frequency));
	Sleep(20);
	EXPECT_EQ(0, SleepEx(20, TRUE));
	EXPECT_LE(40, GetTickCount64() - start);
	QueryPerformanceCounter(&later);
	EXPECT_LE(frequency.QuadPart * 40 / 1000, later.QuadPart - count.QuadPart);
	EXPECT_EQ(0, SleepEx(0, FALSE));
	EXPECT_GE(GetTickCount() - (DWORD)start, 40U);
	GetSystemTime(&now);
	EXPECT_LT(2000, now.wYear);
	GetLocalTime(&now);
	EXPECT_LT(2000, now.wYear);
	/* 2000 began so many units of 100 ns after 1601. */
	GetSystemTimeAsFileTime(&file_time);
	EXPECT_LT(125911584000000000ULL, (ULONGLONG)file_time.dwHighDateTime << 32 |
					 file_time.dwLowDateTime);
}

TEST(T_12_negative_lengths)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
	char data[4] = "";

	FAILS(WSAEFAULT, send(s, data, -1, 0));
	FAILS(WSAEFAULT, recv(s, data, -1, 0));
	FAILS(WSAEFAULT, sendto(s, data, -1, 0, NULL, 0));
	FAILS(WSAEFAULT, recvfrom(s, data, -1, 0, NULL, NULL));
	closesocket(s);
}

TEST(T_12_pointers_of_ioctlsocket)
{
	unsigned long *longs = (unsigned long *)8, value = 0;
	u_long *words = (u_long *)8;
	SOCKET s = tcp();

	FAILS(WSAEFAULT, ioctlsocket(s, FIONREAD, longs));
	FAILS(WSAEFAULT, ioctlsocket(s, FIONREAD, words));
	FAILS(WSAEFAULT, ioctlsocket(s, FIONBIO, longs));
	EXPECT_EQ(0, ioctlsocket(s, FIONBIO, &value));
	FAILS(WSAEFAULT, ioctlsocket(s, FIONBIO, words));
	longs = NULL;
	FAILS(WSAEFAULT, ioctlsocket(s, FIONREAD, longs));
	EXPECT_EQ(0, ioctlsocket(s, FIONREAD, &value));
	EXPECT_EQ(0, value);
	closesocket(s);
}

TEST(S_03_S_04_T_10_values)
{
	struct linger linger = { 1, 7 }, got = { 0 };
	DWORD ms = 1500, time = 0;
	int len = sizeof(got), error = 77;
	SOCKET s = tcp();

	EXPECT_EQ(0, setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof(linger)));
	EXPECT_EQ(0, getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&got, &len));
	EXPECT_EQ(1, got.l_onoff);
	EXPECT_EQ(7, got.l_linger);
	EXPECT_EQ(0, setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof(ms)));
	len = sizeof(time);
	EXPECT_EQ(0, getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&time, &len));
	EXPECT_EQ(1500, time);
	WSASetLastError(77);
	len = sizeof(error);
	EXPECT_EQ(0, getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &len));
	EXPECT_EQ(0, error);
	EXPECT_EQ(0, WSAGetLastError());
	closesocket(s);
}

/* The names by UNICODE, and what <winsock2.h> has beyond <wsp/wsp.h>; more is in
 * wsp_options.
 */
TEST(S_07_protocols)
{
	WSAPROTOCOL_INFO infos[4], info;
	DWORD len = sizeof(infos), i;
	int size = sizeof(info);
	SOCKET s;

	ASSERT_EQ(4, WSAEnumProtocols(NULL, infos, &len));
	for (i = 0; i < 4; i++) {
		s = WSASocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
			      &infos[i], 0, WSA_FLAG_OVERLAPPED);
		ASSERT_NE(INVALID_SOCKET, s);
		EXPECT_EQ(0, getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFO, (char *)&info,
					&size));
		EXPECT_EQ(sizeof(info), size);
		EXPECT_EQ(0, memcmp(&info, &infos[i], sizeof(info)));
		closesocket(s);
	}
	len = 0;
	FAILS(WSAENOBUFS, WSAEnumProtocols(NULL, NULL, &len));
	EXPECT_EQ(sizeof(infos), len);
}

/* Overlapped I/O by Winsock's names, and what Windows has around it. */

static struct {
	DWORD error, n, flags;
	LPWSAOVERLAPPED overlapped;
	int count;
} routine_got;

static void CALLBACK routine(DWORD error, DWORD n, LPWSAOVERLAPPED overlapped, DWORD flags)
{
	routine_got.error = error;
	routine_got.n = n;
	routine_got.flags = flags;
	routine_got.overlapped = overlapped;
	routine_got.count++;
}

static int start_receive(SOCKET s, WSABUF *buf, LPWSAOVERLAPPED overlapped,
			 LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	static DWORD flags;

	return WSARecv(s, buf, 1, NULL, &flags, overlapped, done) ? code() : 0;
}

TEST(O_01_winsock)
{
	SOCKET peer, s = pair(&peer);
	OVERLAPPED overlapped = { .hEvent = CreateEvent(NULL, TRUE, FALSE, NULL) };
	char data[8] = "";
	WSABUF buf = { sizeof(data), data };
	DWORD n = 0, flags;

	EXPECT_EQ(sizeof(void *) == 8 ? 32 : 20, sizeof(OVERLAPPED));
	ASSERT_EQ(WSA_IO_PENDING, start_receive(s, &buf, &overlapped, NULL));
	EXPECT_FALSE(HasOverlappedIoCompleted(&overlapped));
	EXPECT_FALSE(WSAGetOverlappedResult(s, &overlapped, &n, FALSE, &flags));
	EXPECT_EQ(WSA_IO_INCOMPLETE, code());
	EXPECT_EQ(4, send(peer, "ping", 4, 0));
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(overlapped.hEvent, AT_ONCE));
	EXPECT_TRUE(HasOverlappedIoCompleted(&overlapped));
	EXPECT_TRUE(WSAGetOverlappedResult(s, &overlapped, &n, FALSE, &flags));
	EXPECT_EQ(4, n);
	EXPECT_EQ(0, memcmp(data, "ping", 4));
	n = 0;
	EXPECT_TRUE(GetOverlappedResult((HANDLE)s, &overlapped, &n, TRUE));
	EXPECT_EQ(4, n);
	CloseHandle(overlapped.hEvent);
	closesocket(s);
	closesocket(peer);
}

TEST(O_04_winsock)
{
	SOCKET peer, s = pair(&peer);
	HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
	OVERLAPPED overlapped = { 0 };
	char data[8] = "";
	WSABUF buf = { sizeof(data), data };
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(WSA_IO_PENDING, start_receive(s, &buf, &overlapped, routine));
		EXPECT_EQ(0, SleepEx(1, TRUE));
		EXPECT_EQ(4, send(peer, "ping", 4, 0));
		Sleep(1);
		EXPECT_EQ(i, routine_got.count);
		EXPECT_EQ(WAIT_IO_COMPLETION,
			  i == 0 ? SleepEx(INFINITE, TRUE) :
			  i == 1 ? WaitForSingleObjectEx(event, INFINITE, TRUE) :
			  WaitForMultipleObjectsEx(1, &event, TRUE, INFINITE, TRUE));
		EXPECT_EQ(i + 1, routine_got.count);
		EXPECT_EQ(0, routine_got.error);
		EXPECT_EQ(4, routine_got.n);
		EXPECT_EQ(&overlapped, routine_got.overlapped);
	}
	CloseHandle(event);
	closesocket(s);
	closesocket(peer);
}

struct started {
	SOCKET s;
	WSABUF buf;
	OVERLAPPED overlapped;
};

static DWORD WINAPI start_in_thread(LPVOID arg)
{
	struct started *started = arg;

	return (DWORD)start_receive(started->s, &started->buf, &started->overlapped, NULL);
}

/* CancelIo: this thread's; CancelIoEx: that one, or all. */
TEST(O_07_cancel)
{
	char data[3][8];
	SOCKET peer, s = pair(&peer);
	struct started other = { s, { 8, data[2] }, { 0 } };
	WSABUF bufs[2] = { { 8, data[0] }, { 8, data[1] } };
	OVERLAPPED own[2] = { { 0 } };
	HANDLE thread;
	DWORD n, flags;

	EXPECT_FALSE(CancelIoEx((HANDLE)s, NULL));
	EXPECT_EQ(ERROR_NOT_FOUND, code());
	EXPECT_TRUE(CancelIo((HANDLE)s));
	EXPECT_FALSE(CancelIo((HANDLE)1000));
	EXPECT_EQ(ERROR_INVALID_HANDLE, code());
	ASSERT_EQ(WSA_IO_PENDING, start_receive(s, &bufs[0], &own[0], NULL));
	thread = CreateThread(NULL, 0, start_in_thread, &other, 0, NULL);
	EXPECT_EQ(WAIT_OBJECT_0, WaitForSingleObject(thread, AT_ONCE));
	ASSERT_EQ(WSA_IO_PENDING, start_receive(s, &bufs[1], &own[1], routine));
	EXPECT_TRUE(CancelIoEx((HANDLE)s, &own[1]));
	EXPECT_FALSE(CancelIoEx((HANDLE)s, &own[1]));
	EXPECT_EQ(ERROR_NOT_FOUND, code());
	EXPECT_EQ(WAIT_IO_COMPLETION, SleepEx(0, TRUE));
	EXPECT_EQ(WSA_OPERATION_ABORTED, routine_got.error);
	EXPECT_FALSE(HasOverlappedIoCompleted(&own[0]));
	EXPECT_TRUE(CancelIo((HANDLE)s));
	EXPECT_FALSE(WSAGetOverlappedResult(s, &own[0], &n, TRUE, &flags));
	EXPECT_EQ(WSA_OPERATION_ABORTED, code());
	EXPECT_FALSE(HasOverlappedIoCompleted(&other.overlapped));
	EXPECT_EQ(4, send(peer, "ping", 4, 0));
	EXPECT_TRUE(WSAGetOverlappedResult(s, &other.overlapped, &n, TRUE, &flags));
	EXPECT_EQ(0, memcmp(data[2], "ping", 4));
	CloseHandle(thread);
	closesocket(s);
	closesocket(peer);
}

int main(int argc, char **argv)
{
	if (geteuid() || unshare(CLONE_NEWNET) || system("ip link set lo up")) {
		printf("1..0 # SKIP only root can make a network namespace\n");
		return 4;
	}
	return test_harness_run(argc, argv);
}
