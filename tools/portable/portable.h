/* SPDX-License-Identifier: GPL-2.0 */
/* What the portable programs share: a log of what each call gave. */
#ifndef PORTABLE_H
#define PORTABLE_H

#include <winsock2.h>
#include <ws2tcpip.h>

/*
 * Logs a call's outcome: what it returned, or the name of its code where it
 * returned SOCKET_ERROR. One that is not as expected is logged as that, and
 * finish() returns 1.
 */
void check(const char *call, int result, int expected);
void check_text(const char *call, const char *got, const char *expected);

/* A call without which the program cannot go on: ends it if it failed. */
void need(const char *call, int succeeded);

const char *code_name(int code);

/* The port that a program's argument says; ends it for any other. */
int get_port(const char *argument);

/* WSAStartup with version 2.2; WSACleanup, and the program's exit status. */
void begin(void);
int finish(void);

/* 127.0.0.1, or any other address in dotted form. */
struct sockaddr_in address(const char *dotted, int port);
int connect_to(SOCKET s, const char *dotted, int port);

#endif
