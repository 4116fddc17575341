// SPDX-License-Identifier: GPL-2.0
/*
 * event-client PORT CLOSED_PORT - a socket tied to an event that is refused on
 * the one port, then connected to an echo server on the other.
 */
#include <stdio.h>
#include <string.h>

#include "portable.h"

#define LONG	10000	/* milliseconds for what happens at once */
#define SHORT	200	/* milliseconds in which nothing happens */

static const struct {
	long event;
	int bit;
	const char *name;
} events[] = {
	{ FD_CONNECT, FD_CONNECT_BIT, "CONNECT" },
	{ FD_WRITE, FD_WRITE_BIT, "WRITE" },
	{ FD_READ, FD_READ_BIT, "READ" },
	{ FD_CLOSE, FD_CLOSE_BIT, "CLOSE" },
};

/*
 * Waits for the event and takes the record: 0, or SOCKET_ERROR. An event may
 * be set with nothing on record: then it waits on.
 */
static int take_record(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *record)
{
	DWORD n;

	do {
		n = WSAWaitForMultipleEvents(1, &event, FALSE, LONG, FALSE);
		if (n != WSA_WAIT_EVENT_0)
			return n == WSA_WAIT_FAILED ? SOCKET_ERROR : (int)n;
		if (WSAEnumNetworkEvents(s, event, record))
			return SOCKET_ERROR;
	} while (!record->lNetworkEvents);
	return 0;
}

/* What is recorded next is expected to be @expected. */
static void check_events(const char *call, SOCKET s, WSAEVENT event,
			 const char *expected)
{
	WSANETWORKEVENTS record;
	char got[128] = "";
	size_t i, used = 0;
	int rc = take_record(s, event, &record);

	if (rc) {
		check(call, rc, 0);
		return;
	}
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (record.lNetworkEvents & events[i].event)
			used += snprintf(got + used, sizeof(got) - used,
					 "%s%s %s", used ? ", " : "",
					 events[i].name,
					 code_name(record.iErrorCode[events[i].bit]));
	check_text(call, got, expected);
}

static void check_silence(const char *call, WSAEVENT event)
{
	check(call, (int)WSAWaitForMultipleEvents(1, &event, FALSE, SHORT,
						  FALSE),
	      WSA_WAIT_TIMEOUT);
}

static void tie(SOCKET s, WSAEVENT event)
{
	u_long off = 0;

	check("WSAEventSelect, no event",
	      WSAEventSelect(s, NULL, FD_READ), WSAEINVAL);
	check("WSAEventSelect",
	      WSAEventSelect(s, event,
			     FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE), 0);
	check("FIONBIO 0, tied", ioctlsocket(s, FIONBIO, &off), WSAEINVAL);
	check_silence("wait, never connected", event);
}

static void refused(SOCKET s, WSAEVENT event, int port)
{
	check("connect, closed port", connect_to(s, "127.0.0.1", port),
	      WSAEWOULDBLOCK);
	check_events("events, refused", s, event, "CONNECT WSAECONNREFUSED");
	check_silence("wait, refused", event);
	check("connect, closed port again", connect_to(s, "127.0.0.1", port),
	      WSAEWOULDBLOCK);
	check_events("events, refused again", s, event,
		     "CONNECT WSAECONNREFUSED");
}

static void exchange(SOCKET s, WSAEVENT event, int port)
{
	unsigned long left = ~0UL;
	char data[16] = "";

	check("connect, live port", connect_to(s, "127.0.0.1", port),
	      WSAEWOULDBLOCK);
	check_events("events, connected", s, event, "CONNECT 0, WRITE 0");
	check("connect, connected", connect_to(s, "127.0.0.1", port),
	      WSAEISCONN);
	check_silence("wait, connected", event);
	check("send", send(s, "hello", 5, 0), 5);
	check_events("events, echoed", s, event, "READ 0");
	check("recv, a part", recv(s, data, 2, 0), 2);
	check_events("events, more to read", s, event, "READ 0");
	check("FIONREAD", ioctlsocket(s, FIONREAD, &left), 0);
	check("bytes left", left == 3 ? 3 : SOCKET_ERROR, 3);
	check("recv, the rest", recv(s, data + 2, sizeof(data) - 2, 0), 3);
	check_text("data", data, "hello");
	check_silence("wait, all read", event);
	check("shutdown", shutdown(s, SD_SEND), 0);
	check_events("events, the end", s, event, "CLOSE 0");
	check("recv, the end", recv(s, data, sizeof(data), 0), 0);
}

static void untie(SOCKET s, WSAEVENT event)
{
	u_long off = 0;

	check("WSAEventSelect, untie", WSAEventSelect(s, NULL, 0), 0);
	check("FIONBIO 0", ioctlsocket(s, FIONBIO, &off), 0);
	check("closesocket", closesocket(s), 0);
	check("WSACloseEvent", WSACloseEvent(event), TRUE);
}

int main(int argc, char **argv)
{
	WSAEVENT event;
	SOCKET s;

	if (argc != 3) {
		fprintf(stderr, "usage: event-client PORT CLOSED_PORT\n");
		return 2;
	}
	begin();
	s = socket(AF_INET, SOCK_STREAM, 0);
	need("socket", s != INVALID_SOCKET);
	event = WSACreateEvent();
	need("WSACreateEvent", event != WSA_INVALID_EVENT);
	tie(s, event);
	refused(s, event, get_port(argv[2]));
	exchange(s, event, get_port(argv[1]));
	untie(s, event);
	return finish();
}
