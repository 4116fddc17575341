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
/* Programs say so of mingw-w64's, in words that are the platform's. */
#ifndef WSP_WINSOCK
#undef __ssize_t_defined
#endif
#include_next <features.h>

#ifndef WSP_WINSOCK
#define WSP_WINSOCK		/* for <wsp/wsp.h> */

/* Winsock's is another: <ws2tcpip.h>. */
#define __socklen_t_defined

/* Windows has none, and so programs have their own. */
#define __uid_t_defined
#define __gid_t_defined

/* That there is an ssize_t, for who would define it otherwise. */
#undef ssize_t
#define _SSIZE_T_DEFINED

/* Windows' has this type, which programs define again. */
#if __SIZEOF_LONG__ == 8
#define int64_t			wsp_platform_int64_t
#define uint64_t		wsp_platform_uint64_t
#include <bits/stdint-intn.h>
#include <bits/stdint-uintn.h>
#undef int64_t
#undef uint64_t
__extension__ typedef long long int64_t;
__extension__ typedef unsigned long long uint64_t;
#endif

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

/* Structured exceptions there are not; in C++ __try is libstdc++'s word. */
#define WSP_NO_SEH	_Pragma("GCC error \"__try, __except: there are no structured exceptions\"")
#ifndef __cplusplus
#define __try			WSP_NO_SEH
#endif
#define __except(filter)	WSP_NO_SEH if (filter)
#define __finally		WSP_NO_SEH
#define __leave			WSP_NO_SEH

#endif /* WSP_WINSOCK */
