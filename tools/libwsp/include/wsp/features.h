/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * With this header's directory among those searched, a file is a Winsock
 * source. Every header of the platform comes here first, so this is where the
 * words are that Windows' compilers know of themselves.
 *
 * In such a file Winsock's names are declared by <winsock2.h> and its kin, and
 * by nobody else: the headers of the platform that would declare them too have
 * a namesake here. Files that use the platform's own sockets are compiled
 * without this directory.
 */
#pragma GCC system_header
#include_next <features.h>

#ifndef WSP_WINSOCK
#define WSP_WINSOCK		/* for <wsp/wsp.h> */

/* Winsock's is another: <ws2tcpip.h>. */
#define __socklen_t_defined

/* That there is an ssize_t, for who would define it otherwise. */
#undef ssize_t
#define _SSIZE_T_DEFINED

#ifndef __declspec
#define __declspec(what)	WSP_DECLSPEC_##what
#endif
#ifndef _declspec
#define _declspec(what)		WSP_DECLSPEC_##what
#endif
#define WSP_DECLSPEC_dllexport
#define WSP_DECLSPEC_dllimport
#define WSP_DECLSPEC_noinline	__attribute__((__noinline__))
#define WSP_DECLSPEC_noreturn	__attribute__((__noreturn__))
#define WSP_DECLSPEC_nothrow	__attribute__((__nothrow__))
#define WSP_DECLSPEC_novtable
#define WSP_DECLSPEC_selectany	__attribute__((__weak__))
#define WSP_DECLSPEC_thread	__thread
#define WSP_DECLSPEC_align(n)	__attribute__((__aligned__(n)))

/* The platform's only calling convention. */
#ifndef __cdecl
#define __cdecl
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef _stdcall
#define _stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif

#ifndef __int64
#define __int8			char
#define __int16			short
#define __int32			int
#define __int64			long long
#endif
#ifndef __forceinline
#define __forceinline		extern __inline__ \
				__attribute__((__always_inline__, __gnu_inline__))
#endif
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __w64
#define __w64
#endif

#endif /* WSP_WINSOCK */
