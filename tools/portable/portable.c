// SPDX-License-Identifier: GPL-2.0
/* What the portable programs share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portable.h"

static int unexpected;

#define NAME(c) { c, #c }

static const struct {
	int code;
	const char *name;
} names[] = {
	NAME(WSAEINVAL), NAME(WSAEWOULDBLOCK), NAME(WSAEINPROGRESS),
	NAME(WSAEALREADY), NAME(WSAENOTSOCK), NAME(WSAEFAULT),
	NAME(WSAEACCES), NAME(WSAEADDRINUSE), NAME(WSAEADDRNOTAVAIL),
	NAME(WSAEAFNOSUPPORT), NAME(WSAEOPNOTSUPP), NAME(WSAENETDOWN),
	NAME(WSAENETUNREACH), NAME(WSAECONNABORTED), NAME(WSAECONNRESET),
	NAME(WSAEISCONN), NAME(WSAENOTCONN), NAME(WSAESHUTDOWN),
	NAME(WSAETIMEDOUT), NAME(WSAECONNREFUSED),
	NAME(WSA_WAIT_TIMEOUT), NAME(WSA_INVALID_HANDLE),
	NAME(WSA_IO_PENDING), NAME(WSA_IO_INCOMPLETE), NAME(WSA_OPERATION_ABORTED),
	NAME(WSA_WAIT_IO_COMPLETION),
	NAME(WSAVERNOTSUPPORTED), NAME(WSANOTINITIALISED),
};

const char *code_name(int code)
{
	static char number[2][16];
	static int which;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	which = !which;
	snprintf(number[which], sizeof(number[which]), "%d", code);
	return number[which];
}

void check_text(const char *call, const char *got, const char *expected)
{
	printf("%s: %s", call, got);
	if (strcmp(got, expected)) {
		printf(" (expected: %s)", expected);
		unexpected = 1;
	}
	printf("\n");
	fflush(stdout);
}

void check(const char *call, int result, int expected)
{
	if (result == SOCKET_ERROR)
		result = WSAGetLastError();
	check_text(call, code_name(result), code_name(expected));
}

void need(const char *call, int succeeded)
{
	if (succeeded)
		return;
	printf("%s: %s, and the program cannot go on\n", call,
	       code_name(WSAGetLastError()));
	exit(1);
}

int get_port(const char *argument)
{
	int port = atoi(argument);

	if (port < 1 || port > 65535) {
		fprintf(stderr, "%s is no port; give a number from 1 to 65535\n",
			argument);
		exit(2);
	}
	return port;
}

void begin(void)
{
	WSADATA data = { 0 };

	check("WSAStartup", WSAStartup(MAKEWORD(2, 2), &data), 0);
	check("version", data.wVersion == MAKEWORD(2, 2), 1);
}

int finish(void)
{
	check("WSACleanup", WSACleanup(), 0);
	return unexpected;
}

struct sockaddr_in address(const char *dotted, int port)
{
	struct sockaddr_in name;

	memset(&name, 0, sizeof(name));
	name.sin_family = AF_INET;
	name.sin_port = htons((u_short)port);
	inet_pton(AF_INET, dotted, &name.sin_addr);
	return name;
}

int connect_to(SOCKET s, const char *dotted, int port)
{
	struct sockaddr_in name = address(dotted, port);

	return connect(s, (struct sockaddr *)&name, sizeof(name));
}
