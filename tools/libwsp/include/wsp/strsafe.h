/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copying of strings into bounded room: it is cut, and ends with a NUL. */
#pragma GCC system_header
#ifndef WSP_STRSAFE_H
#define WSP_STRSAFE_H

#include <stdio.h>
#include <string.h>
#include "windows.h"

#define STRSAFE_MAX_CCH			2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER	((HRESULT)0x8007007a)
#define STRSAFE_E_INVALID_PARAMETER	((HRESULT)0x80070057)

static __inline__ HRESULT StringCchLengthA(LPCSTR text, size_t room,
					   size_t *length)
{
	size_t n = text ? strnlen(text, room) : room;

	if (n == room)
		return STRSAFE_E_INVALID_PARAMETER;
	if (length)
		*length = n;
	return S_OK;
}

static __inline__ HRESULT StringCchCopyA(LPSTR to, size_t room, LPCSTR from)
{
	size_t n = strlen(from);

	if (!room || room > STRSAFE_MAX_CCH)
		return STRSAFE_E_INVALID_PARAMETER;
	memcpy(to, from, n < room ? n : room - 1);
	to[n < room ? n : room - 1] = '\0';
	return n < room ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static __inline__ HRESULT StringCchCatA(LPSTR to, size_t room, LPCSTR from)
{
	size_t n;

	if (StringCchLengthA(to, room, &n))
		return STRSAFE_E_INVALID_PARAMETER;
	return StringCchCopyA(to + n, room - n, from);
}

static __inline__ HRESULT __attribute__((__format__(__printf__, 3, 0)))
StringCchVPrintfA(LPSTR to, size_t room, LPCSTR format, va_list args)
{
	int n;

	if (!room || room > STRSAFE_MAX_CCH)
		return STRSAFE_E_INVALID_PARAMETER;
	n = vsnprintf(to, room, format, args);
	return n >= 0 && (size_t)n < room ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static __inline__ HRESULT __attribute__((__format__(__printf__, 3, 4)))
StringCchPrintfA(LPSTR to, size_t room, LPCSTR format, ...)
{
	HRESULT result;
	va_list args;

	va_start(args, format);
	result = StringCchVPrintfA(to, room, format, args);
	va_end(args);
	return result;
}

static __inline__ HRESULT StringCchCopyW(LPWSTR to, size_t room, LPCWSTR from)
{
	size_t i;

	if (!room || room > STRSAFE_MAX_CCH)
		return STRSAFE_E_INVALID_PARAMETER;
	for (i = 0; i < room - 1 && from[i]; i++)
		to[i] = from[i];
	to[i] = 0;
	return from[i] ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}

static __inline__ HRESULT StringCchCatW(LPWSTR to, size_t room, LPCWSTR from)
{
	size_t n = (size_t)lstrlenW(to);

	if (n >= room)
		return STRSAFE_E_INVALID_PARAMETER;
	return StringCchCopyW(to + n, room - n, from);
}

/* By bytes. */
#define StringCbCopyA		StringCchCopyA
#define StringCbCatA		StringCchCatA
#define StringCbPrintfA		StringCchPrintfA
#define StringCbVPrintfA	StringCchVPrintfA
#define StringCbLengthA		StringCchLengthA

#ifdef UNICODE
#define StringCchCopy		StringCchCopyW
#define StringCchCat		StringCchCatW
#else
#define StringCchCopy		StringCchCopyA
#define StringCchCat		StringCchCatA
#define StringCchPrintf		StringCchPrintfA
#define StringCchVPrintf	StringCchVPrintfA
#define StringCchLength		StringCchLengthA
#define StringCbCopy		StringCchCopyA
#define StringCbCat		StringCchCatA
#define StringCbPrintf		StringCchPrintfA
#define StringCbVPrintf		StringCchVPrintfA
#define StringCbLength		StringCchLengthA
#endif

#endif /* WSP_STRSAFE_H */
