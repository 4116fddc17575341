/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What network programs use of Windows, and no more (W-05): types, errors, time,
 * events, threads, waiting, locks, memory, messages. There are no files, windows,
 * registry, COM or __try: wspabsent.h.
 */
#pragma GCC system_header
#ifndef WSP_WINDOWS_H
#define WSP_WINDOWS_H

#define _WINDOWS_

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include "windef.h"
#include "winerror.h"
#include "winbase.h"
#include "fileapi.h"
#include "libloaderapi.h"
#include "synchapi.h"
#include "sysinfoapi.h"
#include "wspabsent.h"

#if !defined(__cplusplus) && !defined(NOMINMAX)
#ifndef max
#define max(a, b)		((a) > (b) ? (a) : (b))
#endif
#ifndef min
#define min(a, b)		((a) < (b) ? (a) : (b))
#endif
#endif

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR;
typedef LPCWSTR LPCTSTR, PCTSTR;
#if __SIZEOF_WCHAR_T__ == 2
#define __TEXT(text)		L##text
#else
#define __TEXT(text)		u##text
#endif
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR;
typedef LPCSTR LPCTSTR, PCTSTR;
#define __TEXT(text)		text
#endif
#define TEXT(text)		__TEXT(text)

#ifndef WIN32_LEAN_AND_MEAN
#include "wincrypt.h"
#endif
#if !defined(WIN32_LEAN_AND_MEAN) && !defined(_WINSOCKAPI_)
#include "winsock.h"
#endif

#endif /* WSP_WINDOWS_H */
