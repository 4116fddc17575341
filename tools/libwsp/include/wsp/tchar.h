/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that is char or, with UNICODE, WCHAR. The C library's functions are for
 * char; for WCHAR there are a few of <windows.h>.
 */
#pragma GCC system_header
#ifndef WSP_TCHAR_H
#define WSP_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "windows.h"

#define _T(text)		__TEXT(text)
#define _TEXT(text)		__TEXT(text)

typedef TCHAR _TCHAR;

#ifdef UNICODE
#define _tcslen			lstrlenW
#define _tcscpy			lstrcpyW
#define _tcscat			lstrcatW
#define _tcscmp			lstrcmpW
#else
#define _tmain			main
#define _tcslen			strlen
#define _tcscpy			strcpy
#define _tcsncpy		strncpy
#define _tcscat			strcat
#define _tcsncat		strncat
#define _tcscmp			strcmp
#define _tcsncmp		strncmp
#define _tcsicmp		strcasecmp
#define _tcsnicmp		strncasecmp
#define _tcschr			strchr
#define _tcsrchr		strrchr
#define _tcspbrk		strpbrk
#define _tcsstr			strstr
#define _tcstok			strtok
#define _tcstol			strtol
#define _tcstoul		strtoul
#define _tcsdup			strdup
#define _ttoi			atoi
#define _ttol			atol
#define _tprintf		printf
#define _ftprintf		fprintf
#define _stprintf		sprintf
#define _sntprintf		snprintf
#define _vsntprintf		vsnprintf
#define _fputts			fputs
#define _putts			puts
#endif

#endif /* WSP_TCHAR_H */
