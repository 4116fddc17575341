// SPDX-License-Identifier: GPL-2.0
/*
 * event PORT CLOSED_PORT - one socket by libevent: what comes of each connect, and
 * then a line to the peer and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winsock2.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

static struct event_base *base;
static const char *outcome;

static void connected(struct bufferevent *bev, short what, void *arg)
{
	outcome = what & BEV_EVENT_CONNECTED ? "connected" : "failed";
}

static void received(struct bufferevent *bev, void *arg)
{
	char *line = evbuffer_readln(bufferevent_get_input(bev), NULL, EVBUFFER_EOL_LF);

	if (!line)
		return;
	printf("answer: %s\n", line);
	exit(0);
}

static void try_address(struct bufferevent *bev, const char *what,
			const char *address, const char *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET };

	name.sin_addr.s_addr = inet_addr(address);
	name.sin_port = htons((u_short)atoi(port));
	outcome = NULL;
	if (bufferevent_socket_connect(bev, (struct sockaddr *)&name, sizeof(name)))
		outcome = evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
	while (!outcome)
		event_base_loop(base, EVLOOP_ONCE);
	printf("%s: %s\n", what, outcome);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bufferevent *bev;
	WSADATA data;
	SOCKET s;

	if (argc != 3 || WSAStartup(MAKEWORD(2, 2), &data))
		return 2;
	base = event_base_new();
	printf("method: %s\n", event_base_get_method(base));
	s = socket(AF_INET, SOCK_STREAM, 0);
	evutil_make_socket_nonblocking(s);
	bev = bufferevent_socket_new(base, s, 0);
	bufferevent_setcb(bev, received, NULL, connected, NULL);
	try_address(bev, "all-zero", "0.0.0.0", argv[1]);
	try_address(bev, "closed", "127.0.0.1", argv[2]);
	try_address(bev, "closed again", "127.0.0.1", argv[2]);
	try_address(bev, "open", "127.0.0.1", argv[1]);
	try_address(bev, "open again", "127.0.0.1", argv[1]);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	bufferevent_write(bev, "hello\n", 6);
	event_base_dispatch(base);
	return 1;
}
