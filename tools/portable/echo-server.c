// SPDX-License-Identifier: GPL-2.0
/* echo-server PORT COUNT - echo COUNT connections, one by one, then end. */
#include <stdio.h>
#include <stdlib.h>

#include "portable.h"

static void set_timeout(SOCKET s, DWORD ms)
{
	DWORD got = 0;
	int len = sizeof(got);

	check("setsockopt, SO_RCVTIMEO",
	      setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&ms, sizeof(ms)),
	      0);
	check("getsockopt, SO_RCVTIMEO",
	      getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&got, &len), 0);
	check("milliseconds", (int)got, (int)ms);
}

static void echo(SOCKET s)
{
	char data[512];
	int n;

	check("connect, accepted socket", connect_to(s, "127.0.0.1", 9),
	      WSAEISCONN);
	set_timeout(s, 30000);
	for (;;) {
		n = recv(s, data, sizeof(data), 0);
		if (n <= 0)
			break;
		check("send, as many as received",
		      send(s, data, n, 0) == n ? 0 : SOCKET_ERROR, 0);
	}
	check("recv, the end", n, 0);
	check("shutdown", shutdown(s, SD_SEND), 0);
	check("closesocket", closesocket(s), 0);
}

static SOCKET listen_on(int port)
{
	struct sockaddr_in name = address("127.0.0.1", port);
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	int len = sizeof(name);

	need("socket", s != INVALID_SOCKET);
	check("listen, not bound", listen(s, 5), WSAEINVAL);
	check("getsockname, not bound",
	      getsockname(s, (struct sockaddr *)&name, &len), WSAEINVAL);
	check("bind", bind(s, (struct sockaddr *)&name, sizeof(name)), 0);
	check("bind again", bind(s, (struct sockaddr *)&name, sizeof(name)),
	      WSAEINVAL);
	check("accept, not listening",
	      accept(s, NULL, NULL) == INVALID_SOCKET ? SOCKET_ERROR : 0,
	      WSAEINVAL);
	check("listen", listen(s, 5), 0);
	check("connect, listening socket", connect_to(s, "127.0.0.1", 9),
	      WSAEINVAL);
	return s;
}

static void accept_one(SOCKET s)
{
	struct sockaddr_in peer;
	int len = sizeof(peer);
	SOCKET accepted = accept(s, (struct sockaddr *)&peer, &len);

	need("accept", accepted != INVALID_SOCKET);
	check_text("accept, from", inet_ntoa(peer.sin_addr), "127.0.0.1");
	echo(accepted);
}

int main(int argc, char **argv)
{
	SOCKET s;
	int count;

	if (argc != 3) {
		fprintf(stderr, "usage: echo-server PORT COUNT\n");
		return 2;
	}
	begin();
	s = listen_on(get_port(argv[1]));
	for (count = atoi(argv[2]); count > 0; count--)
		accept_one(s);
	check("closesocket, listening socket", closesocket(s), 0);
	check("closesocket again", closesocket(s), WSAENOTSOCK);
	return finish();
}
