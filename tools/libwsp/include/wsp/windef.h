/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Windows' types. Its long has 32 bits, and so have these. */
#pragma GCC system_header
#ifndef WSP_WINDEF_H
#define WSP_WINDEF_H

#include <features.h>
#include <stdarg.h>
#include <stddef.h>
#include "sal.h"
#include "wsptypes.h"

#define WINAPI
#define WINAPIV
#define APIENTRY		WINAPI
#define CALLBACK
#define WINBASEAPI
#define DECLSPEC_IMPORT
#define DECLSPEC_NORETURN	__attribute__((__noreturn__))
#define CONST			const
#ifndef FAR
#define FAR
#endif
#ifndef NEAR
#define NEAR
#endif
#ifndef PASCAL
#define PASCAL
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef MAX_PATH
#define MAX_PATH		260
#endif

#ifndef VOID
#define VOID			void
#endif
typedef CHAR *PCHAR, *LPCH, *PCH, *LPSTR, *PSTR, *NPSTR;
typedef const CHAR *LPCCH, *PCCH, *LPCSTR, *PCSTR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *PWSTR, *NWPSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR;
typedef unsigned char BYTE, *PBYTE, *LPBYTE, UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN;
typedef short SHORT, *PSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT, *LPUINT;
typedef WORD *PWORD, *LPWORD, ATOM;
typedef DWORD *PDWORD, LCID, COLORREF;
typedef LONG *PLONG, *LPLONG, HRESULT, NTSTATUS;
typedef ULONG *PULONG;
typedef BOOL *PBOOL, *LPBOOL;
typedef float FLOAT;
typedef double DOUBLE;
typedef void *PVOID;
typedef const void *LPCVOID, *PCVOID;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef HANDLE HINSTANCE, HMODULE, HGLOBAL, HLOCAL, HKEY, HICON, HMENU;
typedef int HFILE;

typedef int8_t INT8;
typedef int16_t INT16;
typedef int32_t INT32, LONG32;
typedef int64_t INT64, LONG64;
typedef uint8_t UINT8;
typedef uint16_t UINT16;
typedef uint32_t UINT32, ULONG32, DWORD32;
typedef uint64_t UINT64, ULONG64, DWORD64, DWORDLONG;
__extension__ typedef long long LONGLONG, *PLONGLONG;
__extension__ typedef unsigned long long ULONGLONG, *PULONGLONG;

typedef intptr_t INT_PTR, LONG_PTR, SSIZE_T, LPARAM, LRESULT;
typedef SOCKET UINT_PTR;
typedef uintptr_t ULONG_PTR, SIZE_T, WPARAM;
typedef DWORD_PTR *PDWORD_PTR;
typedef ULONG_PTR *PULONG_PTR;
typedef SIZE_T *PSIZE_T;

#ifdef __cplusplus
typedef INT_PTR (WINAPI *FARPROC)(...);
#else
typedef INT_PTR (WINAPI *FARPROC)(void);
#endif

typedef union _LARGE_INTEGER {
	__extension__ struct {
		DWORD LowPart;
		LONG HighPart;
	};
	struct {
		DWORD LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
	__extension__ struct {
		DWORD LowPart;
		DWORD HighPart;
	};
	struct {
		DWORD LowPart;
		DWORD HighPart;
	} u;
	ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _GUID GUID, *LPGUID, IID, CLSID;

typedef struct _FILETIME {
	DWORD dwLowDateTime;
	DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

#define LongToHandle(n)		((HANDLE)(INT_PTR)(n))
#define HandleToLong(handle)	((LONG)(INT_PTR)(handle))
#define UlongToHandle(n)	((HANDLE)(UINT_PTR)(n))
#define HandleToUlong(handle)	((ULONG)(UINT_PTR)(handle))
#define PtrToUlong(p)		((ULONG)(UINT_PTR)(p))
#define UlongToPtr(n)		((PVOID)(UINT_PTR)(n))
#define ULongToPtr		UlongToPtr

#define MAXBYTE			0xff
#define MAXWORD			0xffff
#define MAXDWORD		0xffffffffU
#define MAXSHORT		0x7fff
#define MAXLONG			0x7fffffff
#define MINLONG			0x80000000

#define MAKEWORD(low, high) \
	((WORD)(((DWORD_PTR)(low) & 0xff) | ((DWORD_PTR)(high) & 0xff) << 8))
#define MAKELONG(low, high) \
	((LONG)(((DWORD_PTR)(low) & 0xffff) | ((DWORD_PTR)(high) & 0xffff) << 16))
#define LOBYTE(word)		((BYTE)((DWORD_PTR)(word) & 0xff))
#define HIBYTE(word)		((BYTE)((DWORD_PTR)(word) >> 8 & 0xff))
#define LOWORD(dword)		((WORD)((DWORD_PTR)(dword) & 0xffff))
#define HIWORD(dword)		((WORD)((DWORD_PTR)(dword) >> 16 & 0xffff))

#define FIELD_OFFSET(type, field)	((LONG)offsetof(type, field))
#define CONTAINING_RECORD(p, type, field) \
	((type *)((PCHAR)(p) - offsetof(type, field)))

#define UNREFERENCED_PARAMETER(p)	((void)(p))
#define DECLARE_HANDLE(name)	typedef struct name##__ { int unused; } *name

#endif /* WSP_WINDEF_H */
