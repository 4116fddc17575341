/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Microsoft's extensions: calls that programs ask for by a GUID. */
#ifndef LIBWSP_EXTENSION_H
#define LIBWSP_EXTENSION_H

#include <wsp/wspextend.h>

#include "overlapped.h"

typedef void wsp_extension(void);

/* extension.c: NULL if there is none of that GUID */
wsp_extension *wsp_find_extension(const struct _GUID *guid);

/* message.c */
int wsp_receive_msg(SOCKET s, LPWSAMSG msg, LPDWORD got, LPWSAOVERLAPPED overlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/* connectex.c */
BOOL wsp_connect_ex(SOCKET s, const struct sockaddr *name, int namelen, LPVOID buf,
		    DWORD len, LPDWORD sent, LPWSAOVERLAPPED overlapped);
BOOL wsp_disconnect_ex(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD flags,
		       DWORD reserved);

/* extension.c: TRUE, or FALSE with the code for WSAGetLastError */
BOOL wsp_extension_result(int code);

#endif /* LIBWSP_EXTENSION_H */
