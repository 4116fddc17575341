/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock's structures, as far as <wsp/wsp.h> has to know them. */
#pragma GCC system_header
#ifndef WSP_WSPSOCK_H
#define WSP_WSPSOCK_H

#include <sys/select.h>
#include <sys/types.h>
#include "wsptypes.h"

#ifndef __u_char_defined	/* <sys/types.h>, but for u_long */
#define __u_char_defined
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
#endif
typedef ULONG u_long;

typedef u_short ADDRESS_FAMILY;

typedef struct in_addr {
	__extension__ union {
		union {
			struct {
				u_char s_b1, s_b2, s_b3, s_b4;
			} S_un_b;
			struct {
				u_short s_w1, s_w2;
			} S_un_w;
			u_long S_addr;
		} S_un;
		u_long s_addr;
	};
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

typedef struct sockaddr {
	ADDRESS_FAMILY sa_family;
	char sa_data[14];
} SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

typedef struct sockaddr_in {
	ADDRESS_FAMILY sin_family;
	u_short sin_port;
	struct in_addr sin_addr;
	char sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

/* How many sockets a set takes, unless the program says. */
#ifndef FD_SETSIZE
#ifdef WSP_FD_SETSIZE
#define FD_SETSIZE		WSP_FD_SETSIZE
#else
#define FD_SETSIZE		64
#endif
#endif

/* A C++ function that has the platform's fd_set is another to the linker. */
#ifdef __cplusplus
#define WSP_OWN_TYPE		__attribute__((__abi_tag__("winsock")))
#else
#define WSP_OWN_TYPE
#endif

typedef struct WSP_OWN_TYPE fd_set {
	u_int fd_count;
	SOCKET fd_array[FD_SETSIZE];
} fd_set, FD_SET, *PFD_SET, *LPFD_SET;

#endif /* WSP_WSPSOCK_H */
