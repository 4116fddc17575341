/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_IN6ADDR_H
#define WSP_IN6ADDR_H

#include "windef.h"

typedef struct in6_addr {
	__extension__ union {
		union {
			UCHAR Byte[16];
			USHORT Word[8];
		} u;
		UCHAR s6_addr[16];
		UCHAR s6_bytes[16];
		USHORT s6_words[8];
	};
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

#endif /* WSP_IN6ADDR_H */
