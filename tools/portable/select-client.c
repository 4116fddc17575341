// SPDX-License-Identifier: GPL-2.0
/*
 * select-client PORT CLOSED_PORT - a nonblocking socket that is refused on the
 * one port, then connected to an echo server on the other.
 */
#include <stdio.h>
#include <string.h>

#include "portable.h"

#define LONG	10	/* seconds for what happens at once */
#define SHORT	1	/* seconds in which nothing happens */

/*
 * Puts the socket into the sets of @asked, which says some of "rwe", and waits.
 * Those it is found in are expected to be @expected.
 */
static void check_select(const char *call, SOCKET s, const char *asked,
			 int seconds, const char *expected)
{
	struct timeval timeout = { seconds, 0 };
	fd_set reads, writes, excepts;
	char got[4] = "";

	FD_ZERO(&reads);
	FD_ZERO(&writes);
	FD_ZERO(&excepts);
	if (strchr(asked, 'r'))
		FD_SET(s, &reads);
	if (strchr(asked, 'w'))
		FD_SET(s, &writes);
	if (strchr(asked, 'e'))
		FD_SET(s, &excepts);
	if (select(0, &reads, &writes, &excepts, &timeout) == SOCKET_ERROR) {
		check(call, SOCKET_ERROR, 0);
		return;
	}
	if (FD_ISSET(s, &reads))
		strcat(got, "r");
	if (FD_ISSET(s, &writes))
		strcat(got, "w");
	if (FD_ISSET(s, &excepts))
		strcat(got, "e");
	check_text(call, got[0] ? got : "none", expected);
}

static void check_so_error(SOCKET s, int expected)
{
	int error = -1;
	int len = sizeof(error);

	check("getsockopt",
	      getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &len), 0);
	check("SO_ERROR", error, expected);
}

static SOCKET open_nonblocking(void)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	u_long on = 1;

	need("socket", s != INVALID_SOCKET);
	check("FIONBIO", ioctlsocket(s, FIONBIO, &on), 0);
	return s;
}

static void bad_sets(SOCKET s)
{
	struct timeval timeout = { 0, 0 };
	fd_set empty, bad;

	FD_ZERO(&empty);
	FD_ZERO(&bad);
	FD_SET(INVALID_SOCKET, &bad);
	check("select, no sets", select(0, NULL, NULL, NULL, &timeout),
	      WSAEINVAL);
	check("select, empty sets",
	      select(0, &empty, &empty, &empty, &timeout), WSAEINVAL);
	check("select, no socket", select(0, &bad, NULL, NULL, &timeout),
	      WSAENOTSOCK);
	check_select("select, never connected", s, "rwe", SHORT, "none");
}

static void bad_address(const char *call, const char *dotted, int port)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

	need("socket", s != INVALID_SOCKET);
	check(call, connect_to(s, dotted, port), WSAEADDRNOTAVAIL);
	check("closesocket", closesocket(s), 0);
}

static void refused(SOCKET s, int port)
{
	check("connect, closed port", connect_to(s, "127.0.0.1", port),
	      WSAEWOULDBLOCK);
	check_select("select, refused", s, "rwe", LONG, "e");
	check_so_error(s, WSAECONNREFUSED);
	check_select("select, SO_ERROR read", s, "rwe", LONG, "e");
}

static void connected(SOCKET s, int port)
{
	struct sockaddr_in peer;
	int len = sizeof(peer);

	check("connect, live port", connect_to(s, "127.0.0.1", port),
	      WSAEWOULDBLOCK);
	check_select("select, connected", s, "rwe", LONG, "w");
	check_so_error(s, 0);
	check("connect, connected", connect_to(s, "127.0.0.1", port),
	      WSAEISCONN);
	check("connect, connected, bad address", connect_to(s, "0.0.0.0", 0),
	      WSAEISCONN);
	check("getpeername",
	      getpeername(s, (struct sockaddr *)&peer, &len), 0);
	check("its port", ntohs(peer.sin_port) == port ? 0 : SOCKET_ERROR, 0);
}

static void exchange(SOCKET s)
{
	char data[16] = "";

	check("recv, nothing there", recv(s, data, sizeof(data), 0),
	      WSAEWOULDBLOCK);
	check("send", send(s, "hello", 5, 0), 5);
	check_select("select, echoed", s, "re", LONG, "r");
	check("recv", recv(s, data, sizeof(data), 0), 5);
	check_text("data", data, "hello");
	check("shutdown", shutdown(s, SD_SEND), 0);
	check_select("select, the end", s, "re", LONG, "r");
	check("recv, the end", recv(s, data, sizeof(data), 0), 0);
	check("closesocket", closesocket(s), 0);
	check("send, closed", send(s, "x", 1, 0), WSAENOTSOCK);
}

int main(int argc, char **argv)
{
	SOCKET s;

	if (argc != 3) {
		fprintf(stderr, "usage: select-client PORT CLOSED_PORT\n");
		return 2;
	}
	begin();
	s = open_nonblocking();
	bad_sets(s);
	bad_address("connect, all-zero address", "0.0.0.0", get_port(argv[1]));
	bad_address("connect, broadcast", "255.255.255.255", 9);
	refused(s, get_port(argv[2]));
	connected(s, get_port(argv[1]));
	exchange(s);
	return finish();
}
