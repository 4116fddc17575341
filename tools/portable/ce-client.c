// SPDX-License-Identifier: GPL-2.0
/*
 * ce-client PORT CLOSED_PORT - in the manner of Windows CE: Winsock 1.1, a thread
 * that waits in select, and strings of wide characters.
 */
#include <windows.h>
#include <winsock.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG_WAIT	10	/* seconds for what happens at once */

static void log_code(LPCSTR call, int result)
{
	if (result == SOCKET_ERROR)
		printf("%s: %d\n", call, WSAGetLastError());
	else
		printf("%s: ok\n", call);
	fflush(stdout);
}

static SOCKET open_nonblocking(void)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	u_long on = 1;

	if (s == INVALID_SOCKET) {
		log_code("socket", SOCKET_ERROR);
		exit(1);
	}
	log_code("FIONBIO", ioctlsocket(s, FIONBIO, &on));
	return s;
}

static int connect_to(SOCKET s, int port)
{
	SOCKADDR_IN name;

	ZeroMemory(&name, sizeof(name));
	name.sin_family = AF_INET;
	name.sin_port = htons((u_short)port);
	name.sin_addr.S_un.S_addr = inet_addr("127.0.0.1");
	return connect(s, (struct sockaddr *)&name, sizeof(name));
}

/* Ends when the socket is connected, with 1, or its connect has failed, with 2. */
static DWORD WINAPI watch(LPVOID parameter)
{
	SOCKET s = *(SOCKET *)parameter;
	struct timeval time = { LONG_WAIT, 0 };
	struct fd_set writes, excepts;

	FD_ZERO(&writes);
	FD_ZERO(&excepts);
	FD_SET(s, &writes);
	FD_SET(s, &excepts);
	if (select(0, NULL, &writes, &excepts, &time) != 1)
		return 0;
	return FD_ISSET(s, &writes) ? 1 : 2;
}

static void try_port(SOCKET s, LPCSTR what, int port)
{
	DWORD outcome = 0;
	HANDLE thread;

	log_code(what, connect_to(s, port));
	thread = CreateThread(NULL, 0, watch, &s, 0, NULL);
	if (!thread || WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0) {
		printf("no thread: %u\n", (unsigned int)GetLastError());
		exit(1);
	}
	GetExitCodeThread(thread, &outcome);
	CloseHandle(thread);
	printf("%s: %s\n", what, outcome == 1 ? "connected" :
	       outcome == 2 ? "failed" : "nothing");
}

/* The text goes out in two bytes for each character, as CE has it in memory. */
static void echo(SOCKET s)
{
	static const WCHAR hello[] = { 'h', 'e', 'l', 'l', 'o', 0 };
	WCHAR back[sizeof(hello) / sizeof(hello[0])];
	u_long off = 0;

	log_code("FIONBIO 0", ioctlsocket(s, FIONBIO, &off));
	log_code("send", send(s, (const char *)hello, sizeof(hello), 0));
	log_code("recv", recv(s, (char *)back, sizeof(back), 0));
	printf("text: %s, %d characters\n",
	       lstrcmpW(hello, back) ? "another" : "the same", lstrlenW(back));
}

int main(int argc, char **argv)
{
	WSADATA data;
	SOCKET s;

	if (argc != 3) {
		fprintf(stderr, "usage: ce-client PORT CLOSED_PORT\n");
		return 2;
	}
	log_code("WSAStartup", WSAStartup(MAKEWORD(1, 1), &data) ? SOCKET_ERROR : 0);
	printf("sockets: %s\n", data.iMaxSockets >= 64 ? "64 and more" : "too few");
	s = open_nonblocking();
	try_port(s, "closed port", atoi(argv[2]));
	try_port(s, "live port", atoi(argv[1]));
	echo(s);
	log_code("closesocket", closesocket(s));
	log_code("closesocket again", closesocket(s));
	log_code("WSACleanup", WSACleanup());
	return 0;
}
