/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How Winsock's and Windows' functions are declared. */
#pragma GCC system_header
#ifndef WSP_WSPBASE_H
#define WSP_WSPBASE_H

#ifdef __cplusplus
#define WSP_BEGIN	extern "C" { _Pragma("GCC visibility push(default)")
#define WSP_END		_Pragma("GCC visibility pop") }
#else
#define WSP_BEGIN	_Pragma("GCC visibility push(default)")
#define WSP_END		_Pragma("GCC visibility pop")
#endif

/* connect is winsock_connect to the linker. */
#define WSP_SYMBOL(name)	__asm__("winsock_" #name)

/* Where there is a struct timeval: see WSPSelect. */
#if defined(__USE_TIME_BITS64) && __SIZEOF_LONG__ == 4
#define WSP_TIMED_SYMBOL(name)	__asm__("winsock_" #name "64")
#else
#define WSP_TIMED_SYMBOL(name)	WSP_SYMBOL(name)
#endif

/* A call for strings of char, and one for strings of WCHAR. */
#ifdef UNICODE
#define WSP_AW(name)		__asm__(#name "W")
#define WSP_AW_SYMBOL(name)	__asm__("winsock_" #name "W")
#else
#define WSP_AW(name)		__asm__(#name "A")
#define WSP_AW_SYMBOL(name)	__asm__("winsock_" #name "A")
#endif

#endif /* WSP_WSPBASE_H */
