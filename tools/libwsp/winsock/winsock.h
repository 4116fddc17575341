/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files with Winsock's names share. */
#ifndef LIBWSP_WINSOCK_H
#define LIBWSP_WINSOCK_H

#include <windef.h>

/* ../pointer.c */
_Bool wsp_is_readable(const void *value, size_t size);
_Bool wsp_is_writable(SOCKET s, void *value, size_t size);

/* ../name.c: getifaddrs(3), in which no thread is cancelled */
struct ifaddrs;
int wsp_list_addresses(struct ifaddrs **all);

/* calls.c */
int winsock_result(int code);

/* utf.c: how many units it takes, the ending NUL included, written or not */
size_t winsock_to_wide(const char *from, WCHAR *to, size_t room);
size_t winsock_to_narrow(const WCHAR *from, char *to, size_t room);

/* message.c: what a code says, or NULL */
const char *winsock_message(int code);

#endif /* LIBWSP_WINSOCK_H */
