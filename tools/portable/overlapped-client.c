// SPDX-License-Identifier: GPL-2.0
/*
 * overlapped-client PORT CLOSED_PORT - overlapped I/O: ConnectEx to the one port, where
 * nobody is, then to an echo server on the other; sends and receives with an event and
 * with a completion routine; AcceptEx of a connection of its own.
 */
#include <stdio.h>
#include <string.h>

#include "portable.h"

#include <mswsock.h>
#include <windows.h>

#define LONG_TIME	10000	/* milliseconds for what happens at once */
#define ROOM		(sizeof(struct sockaddr_in) + 16)

static void *extension(SOCKET s, const char *name, GUID guid)
{
	void *function = NULL;
	DWORD n = 0;

	check(name, WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof(guid),
			     &function, sizeof(function), &n, NULL, NULL), 0);
	need(name, !!function);
	return function;
}

/* 0 or the code that it ends with; it may be complete already. */
static int ended(SOCKET s, int succeeded, WSAOVERLAPPED *o, DWORD *n)
{
	DWORD flags = 0;

	if (!succeeded && WSAGetLastError() != WSA_IO_PENDING)
		return SOCKET_ERROR;
	if (WSAWaitForMultipleEvents(1, &o->hEvent, FALSE, LONG_TIME, FALSE))
		return WSA_WAIT_TIMEOUT;
	return WSAGetOverlappedResult(s, o, n, TRUE, &flags) ? 0 : SOCKET_ERROR;
}

static void bind_any(SOCKET s, int port)
{
	struct sockaddr_in name = address("127.0.0.1", port);

	check("bind", bind(s, (struct sockaddr *)&name, sizeof(name)), 0);
}

static int start(LPFN_CONNECTEX connect_ex, SOCKET s, int port, WSAOVERLAPPED *o)
{
	struct sockaddr_in name = address("127.0.0.1", port);
	DWORD n = 0;

	return connect_ex(s, (struct sockaddr *)&name, sizeof(name), (void *)"hello", 5,
			  &n, o);
}

static void connect_overlapped(SOCKET s, WSAOVERLAPPED *o, int port)
{
	GUID guid = WSAID_CONNECTEX;
	LPFN_CONNECTEX connect_ex;
	DWORD n = 0;

	connect_ex = (LPFN_CONNECTEX)extension(s, "ConnectEx, its pointer", guid);
	check("ConnectEx, not bound", start(connect_ex, s, port, o) ? 0 : SOCKET_ERROR,
	      WSAEINVAL);
	bind_any(s, 0);
	check("ConnectEx", ended(s, start(connect_ex, s, port, o), o, &n), 0);
	check("sent with it", (int)n, 5);
	check("SO_UPDATE_CONNECT_CONTEXT",
	      setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
}

static void refused(WSAOVERLAPPED *o, int port)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	GUID guid = WSAID_CONNECTEX;
	LPFN_CONNECTEX connect_ex;
	DWORD n = 0;

	connect_ex = (LPFN_CONNECTEX)extension(s, "ConnectEx, its pointer", guid);
	bind_any(s, 0);
	check("ConnectEx, closed port", ended(s, start(connect_ex, s, port, o), o, &n),
	      WSAECONNREFUSED);
	check("closesocket", closesocket(s), 0);
}

/* How often the routine was called, and with how many bytes at last. */
static int calls;
static DWORD called_with;

static void CALLBACK routine(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	(void)o;
	(void)flags;
	calls++;
	called_with = error ? 0 : n;
}

static void receive_with_event(SOCKET s, WSAOVERLAPPED *o)
{
	char data[16] = "";
	WSABUF buffer = { 5, data };
	DWORD n = 0, flags = MSG_WAITALL;

	check("WSARecv, what came back",
	      ended(s, !WSARecv(s, &buffer, 1, NULL, &flags, o, NULL), o, &n), 0);
	check("bytes", (int)n, 5);
	check_text("data", data, "hello");
}

static void receive_with_routine(SOCKET s)
{
	char data[16] = "";
	WSABUF buffer = { sizeof(data), data };
	WSAOVERLAPPED o;
	DWORD flags = 0;

	memset(&o, 0, sizeof(o));
	check("WSARecv, nothing there", WSARecv(s, &buffer, 1, NULL, &flags, &o, routine),
	      WSA_IO_PENDING);
	check("HasOverlappedIoCompleted", HasOverlappedIoCompleted(&o) ? 1 : 0, 0);
	check("SleepEx, nothing comes", (int)SleepEx(50, TRUE), 0);
	check("send", send(s, "once", 4, 0), 4);
	check("SleepEx", (int)SleepEx(LONG_TIME, TRUE), WSA_WAIT_IO_COMPLETION);
	check("calls", calls, 1);
	check("bytes", (int)called_with, 4);
	check_text("data", data, "once");
}

static void cancel(SOCKET s, WSAOVERLAPPED *o)
{
	char data[16];
	WSABUF buffer = { sizeof(data), data };
	DWORD n = 0, flags = 0;

	check("WSARecv, nothing there", WSARecv(s, &buffer, 1, NULL, &flags, o, NULL),
	      WSA_IO_PENDING);
	check("result, not yet",
	      WSAGetOverlappedResult(s, o, &n, FALSE, &flags) ? 0 : SOCKET_ERROR,
	      WSA_IO_INCOMPLETE);
	check("CancelIo", CancelIo((HANDLE)s) ? 1 : 0, 1);
	check("result, cancelled",
	      WSAGetOverlappedResult(s, o, &n, TRUE, &flags) ? 0 : SOCKET_ERROR,
	      WSA_OPERATION_ABORTED);
}

static SOCKET connect_here(SOCKET listener)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	struct sockaddr_in name;
	int len = sizeof(name);

	check("getsockname", getsockname(listener, (struct sockaddr *)&name, &len), 0);
	check("connect", connect_to(s, "127.0.0.1", ntohs(name.sin_port)), 0);
	check("send", send(s, "first", 5, 0), 5);
	return s;
}

static void check_names(LPFN_GETACCEPTEXSOCKADDRS get_names, char *out, SOCKET peer)
{
	struct sockaddr *local, *remote;
	struct sockaddr_in name;
	int local_len, remote_len, len = sizeof(name);

	get_names(out, 8, ROOM, ROOM, &local, &local_len, &remote, &remote_len);
	check("getsockname", getsockname(peer, (struct sockaddr *)&name, &len), 0);
	check("its name", memcmp(&((struct sockaddr_in *)remote)->sin_port, &name.sin_port,
				 sizeof(name.sin_port)) ? 0 : 1, 1);
	check("lengths", local_len == len && remote_len == len, 1);
}

static void accept_overlapped(WSAOVERLAPPED *o)
{
	SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), peer;
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	GUID guid = WSAID_ACCEPTEX, names = WSAID_GETACCEPTEXSOCKADDRS;
	LPFN_GETACCEPTEXSOCKADDRS get_names;
	LPFN_ACCEPTEX accept_ex;
	char out[8 + 2 * ROOM], data[8] = "";
	DWORD n = 0;

	accept_ex = (LPFN_ACCEPTEX)extension(listener, "AcceptEx, its pointer", guid);
	get_names = (LPFN_GETACCEPTEXSOCKADDRS)extension(listener,
							 "GetAcceptExSockaddrs", names);
	bind_any(listener, 0);
	check("listen", listen(listener, 5), 0);
	check("AcceptEx",
	      accept_ex(listener, s, out, 8, ROOM, ROOM, &n, o) ? 0 : SOCKET_ERROR,
	      WSA_IO_PENDING);
	peer = connect_here(listener);
	check("AcceptEx, its end", ended(listener, 1, o, &n), 0);
	check("bytes", (int)n, 5);
	memcpy(data, out, 5);
	check_text("data", data, "first");
	check_names(get_names, out, peer);
	check("SO_UPDATE_ACCEPT_CONTEXT",
	      setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
			 sizeof(listener)), 0);
	check("send, accepted", send(s, "again", 5, 0), 5);
	check("recv", recv(peer, data, sizeof(data), 0), 5);
	check("closesocket", closesocket(s) | closesocket(peer) | closesocket(listener), 0);
}

int main(int argc, char **argv)
{
	WSAOVERLAPPED o;
	SOCKET s;

	if (argc != 3) {
		fprintf(stderr, "usage: overlapped-client PORT CLOSED_PORT\n");
		return 2;
	}
	begin();
	memset(&o, 0, sizeof(o));
	o.hEvent = WSACreateEvent();
	need("WSACreateEvent", o.hEvent != WSA_INVALID_EVENT);
	refused(&o, get_port(argv[2]));
	s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	need("socket", s != INVALID_SOCKET);
	connect_overlapped(s, &o, get_port(argv[1]));
	receive_with_event(s, &o);
	receive_with_routine(s);
	cancel(s, &o);
	check("shutdown", shutdown(s, SD_SEND), 0);
	check("closesocket", closesocket(s), 0);
	accept_overlapped(&o);
	check("WSACloseEvent", WSACloseEvent(o.hEvent), TRUE);
	return finish();
}
