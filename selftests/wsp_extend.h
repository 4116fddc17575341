/* SPDX-License-Identifier: GPL-2.0 */
/* Microsoft's extensions: what their calls come to, and streams to call them on. */
#ifndef WSP_EXTEND_H
#define WSP_EXTEND_H

#include <wsp/wspextend.h>

#include "wsp_test.h"

/* What a call that gives its code to WSAGetLastError comes to, or 0. */
#define RESULT(succeeds, call)						\
	({								\
		WSASetLastError(UNTOUCHED);				\
		(succeeds) == !!(call) ? WSAGetLastError() - UNTOUCHED :	\
					 WSAGetLastError();		\
	})
#define CODE(call)	RESULT(0, call)		/* of one that returns 0 or SOCKET_ERROR */
#define TOLD(call)	RESULT(1, call)		/* TRUE or FALSE */

/* 0 or the code, by WSPGetOverlappedResult. */
static inline int result(SOCKET s, LPWSAOVERLAPPED o, DWORD *n)
{
	int code = UNTOUCHED;
	DWORD flags;

	return WSPGetOverlappedResult(s, o, n, TRUE, &flags, &code) ? 0 : code;
}

/* A stream of either family that blocks, or does not. */
#define IN_EITHER_MODE(name)							\
	FIXTURE_VARIANT(name) {							\
		int family;							\
		bool blocking;							\
	};									\
	FIXTURE_VARIANT_ADD(name, ipv4_blocking) { AF_INET, true };		\
	FIXTURE_VARIANT_ADD(name, ipv4_nonblocking) { AF_INET, false };		\
	FIXTURE_VARIANT_ADD(name, ipv6_blocking) { AF_INET6, true };		\
	FIXTURE_VARIANT_ADD(name, ipv6_nonblocking) { AF_INET6, false };

#endif /* WSP_EXTEND_H */
