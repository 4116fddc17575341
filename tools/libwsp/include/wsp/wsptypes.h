/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types that <wsp/wsp.h> and <windef.h> have in common. */
#ifndef WSP_WSPTYPES_H
#define WSP_WSPTYPES_H

#include <stdint.h>
#include <linux/types.h>
#if __SIZEOF_WCHAR_T__ == 2	/* -fshort-wchar: L"text" is UTF-16 */
#include <stddef.h>
#else
#include <uchar.h>
#endif

typedef char CHAR;
#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR, *LPWSTR;
#else
typedef char16_t WCHAR, *LPWSTR;	/* UTF-16, written u"text" */
#endif
typedef __u16 WORD;
/* Winsock's long has 32 bits; sources for 32-bit Windows rely on its being long. */
#if defined(WSP_WINSOCK) && __SIZEOF_LONG__ == 4
typedef unsigned long DWORD, *LPDWORD, ULONG;
typedef long LONG;
#else
typedef __u32 DWORD, *LPDWORD;
typedef __s32 LONG;
typedef __u32 ULONG;
#endif
typedef int BOOL;
typedef int *LPINT;
typedef void *LPVOID;
typedef void *HANDLE;
typedef void *HWND;
typedef uintptr_t DWORD_PTR;
/* C++ sources tell Winsock's from a long. */
#if __SIZEOF_POINTER__ == 8
__extension__ typedef unsigned long long SOCKET;
#else
typedef unsigned int SOCKET;
#endif
typedef unsigned int GROUP;

struct _GUID {
	uint32_t Data1;
	unsigned short Data2;
	unsigned short Data3;
	unsigned char Data4[8];
};

typedef struct _WSAOVERLAPPED {
	DWORD_PTR Internal;	/* 0x103 while it goes on */
	DWORD_PTR InternalHigh;
	DWORD Offset;
	DWORD OffsetHigh;
	HANDLE hEvent;
} WSAOVERLAPPED, *LPWSAOVERLAPPED;

#ifndef FALSE
#define FALSE			0
#endif
#ifndef TRUE
#define TRUE			1
#endif

#endif /* WSP_WSPTYPES_H */
