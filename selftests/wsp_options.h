/* SPDX-License-Identifier: GPL-2.0 */
/* Of <winsock2.h>, as the linker knows it, for a file in the platform's world. */
#ifndef WSP_OPTIONS_H
#define WSP_OPTIONS_H

#include <wsp/wsp.h>

int winsock_getsockopt(SOCKET s, int level, int name, char *value, int *len);
int winsock_setsockopt(SOCKET s, int level, int name, const char *value, int len);
SOCKET winsock_socket(int af, int type, int protocol);
SOCKET WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA info,
		  GROUP g, DWORD flags);
int WSAEnumProtocolsA(LPINT wanted, LPWSAPROTOCOL_INFOA to, LPDWORD len);
int WSAEnumProtocolsW(LPINT wanted, LPWSAPROTOCOL_INFOW to, LPDWORD len);

#endif /* WSP_OPTIONS_H */
