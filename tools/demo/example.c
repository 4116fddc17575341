// SPDX-License-Identifier: GPL-2.0
/* wsp-example ADDRESS PORT - connect, send a line, print what comes back. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <wsp/wsp.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	char hello[] = "hello\n", answer[512];
	WSABUF out = { sizeof(hello) - 1, hello };
	WSABUF in = { sizeof(answer), answer };
	DWORD n = 0, flags = 0;
	int error = 0;
	SOCKET s;

	if (argc != 3 || !inet_aton(argv[1], &to.sin_addr)) {
		fprintf(stderr, "usage: wsp-example ADDRESS PORT\n");
		return 2;
	}
	to.sin_port = htons(atoi(argv[2]));

	s = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, 0, &error);
	if (s == INVALID_SOCKET ||
	    WSPConnect(s, (struct sockaddr *)&to, sizeof(to), NULL, NULL, NULL,
		       NULL, &error) ||
	    WSPSend(s, &out, 1, &n, 0, NULL, NULL, NULL, &error) ||
	    WSPRecv(s, &in, 1, &n, &flags, NULL, NULL, NULL, &error)) {
		fprintf(stderr, "wsp-example: %s\n", WSPErrorName(error));
		return 1;
	}
	fwrite(answer, 1, n, stdout);
	WSPCloseSocket(s, NULL);
	return 0;
}
