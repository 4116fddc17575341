/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which Windows this is: CE's default provider is of Windows Embedded CE 6.0. */
#pragma GCC system_header
#ifndef WSP_SYSINFOAPI_H
#define WSP_SYSINFOAPI_H

#include "winsock2.h"
#include "windef.h"

#define VER_PLATFORM_WIN32s		0
#define VER_PLATFORM_WIN32_WINDOWS	1
#define VER_PLATFORM_WIN32_NT		2
#define VER_PLATFORM_WIN32_CE		3

#define VER_EQUAL			1
#define VER_GREATER			2
#define VER_GREATER_EQUAL		3
#define VER_LESS			4
#define VER_LESS_EQUAL			5

#define VER_MINORVERSION		0x01
#define VER_MAJORVERSION		0x02
#define VER_BUILDNUMBER			0x04
#define VER_PLATFORMID			0x08
#define VER_SERVICEPACKMINOR		0x10
#define VER_SERVICEPACKMAJOR		0x20
#define VER_SUITENAME			0x40
#define VER_PRODUCT_TYPE		0x80

#define WSP_OSVERSIONINFO(type)						\
	DWORD dwOSVersionInfoSize;					\
	DWORD dwMajorVersion;						\
	DWORD dwMinorVersion;						\
	DWORD dwBuildNumber;						\
	DWORD dwPlatformId;						\
	type szCSDVersion[128]
#define WSP_OSVERSIONINFOEX(type)					\
	WSP_OSVERSIONINFO(type);					\
	WORD wServicePackMajor;						\
	WORD wServicePackMinor;						\
	WORD wSuiteMask;						\
	BYTE wProductType;						\
	BYTE wReserved

typedef struct _OSVERSIONINFOA {
	WSP_OSVERSIONINFO(CHAR);
} OSVERSIONINFOA, *POSVERSIONINFOA, *LPOSVERSIONINFOA;

typedef struct _OSVERSIONINFOW {
	WSP_OSVERSIONINFO(WCHAR);
} OSVERSIONINFOW, *POSVERSIONINFOW, *LPOSVERSIONINFOW;

typedef struct _OSVERSIONINFOEXA {
	WSP_OSVERSIONINFOEX(CHAR);
} OSVERSIONINFOEXA, *POSVERSIONINFOEXA, *LPOSVERSIONINFOEXA;

typedef struct _OSVERSIONINFOEXW {
	WSP_OSVERSIONINFOEX(WCHAR);
} OSVERSIONINFOEXW, *POSVERSIONINFOEXW, *LPOSVERSIONINFOEXW;

WSP_BEGIN

/*
 * GetVersionEx - 6.0, VER_PLATFORM_WIN32_CE, no service pack
 * @lpVersionInformation: of either kind, by its size, which the caller fills in
 *
 * Returns FALSE and ERROR_INSUFFICIENT_BUFFER for another size.
 */
BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
		WSP_WINDOWS(GetVersionExA);
BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW lpVersionInformation)
		WSP_WINDOWS(GetVersionExW);

/* Adds VER_EQUAL and so on for the fields of @TypeMask to @ConditionMask. */
ULONGLONG WINAPI VerSetConditionMask(ULONGLONG ConditionMask, DWORD TypeMask,
				     BYTE Condition)
		WSP_WINDOWS(VerSetConditionMask);

/*
 * VerifyVersionInfo - is what GetVersionEx says as @dwlConditionMask has it?
 *
 * The numbers of version and service pack are one number of four parts. Returns
 * FALSE and ERROR_OLD_WIN_VERSION if it is not, or ERROR_BAD_ARGUMENTS.
 */
BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation,
			       DWORD dwTypeMask, ULONGLONG dwlConditionMask)
		WSP_WINDOWS(VerifyVersionInfoA);
BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation,
			       DWORD dwTypeMask, ULONGLONG dwlConditionMask)
		WSP_WINDOWS(VerifyVersionInfoW);

WSP_END

#ifdef UNICODE
typedef OSVERSIONINFOW OSVERSIONINFO, *POSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXW OSVERSIONINFOEX, *POSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#define GetVersionEx		GetVersionExW
#define VerifyVersionInfo	VerifyVersionInfoW
#else
typedef OSVERSIONINFOA OSVERSIONINFO, *POSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXA OSVERSIONINFOEX, *POSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#define GetVersionEx		GetVersionExA
#define VerifyVersionInfo	VerifyVersionInfoA
#endif

#endif /* WSP_SYSINFOAPI_H */
