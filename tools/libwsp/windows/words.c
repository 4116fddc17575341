// SPDX-License-Identifier: LGPL-2.1-or-later
/* Messages of codes, and strings of WCHAR. */
#include <stdlib.h>

#include "../winsock/winsock.h"
#include "parts.h"

/* The text with its line's end, or NULL; to be freed. */
static char *message(DWORD flags, DWORD id)
{
	const char *text = winsock_message((int)id);
	const char *end = flags & FORMAT_MESSAGE_MAX_WIDTH_MASK ? " " : "\r\n";
	char *copy;

	if (!(flags & FORMAT_MESSAGE_FROM_SYSTEM) || !text) {
		windows_fail(ERROR_MR_MID_NOT_FOUND);
		return NULL;
	}
	copy = malloc(strlen(text) + strlen(end) + 1);
	if (copy)
		strcat(strcpy(copy, text), end);
	else
		windows_fail(ERROR_NOT_ENOUGH_MEMORY);
	return copy;
}

/* Where the text goes: the caller's room, or new one that it gets instead. */
static void *room_for(DWORD flags, void *buffer, DWORD room, size_t size,
		      size_t unit)
{
	void **place = buffer;

	if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
		*place = malloc((size > room ? size : room) * unit);
		if (!*place)
			windows_fail(ERROR_NOT_ENOUGH_MEMORY);
		return *place;
	}
	if (size > room) {
		windows_fail(ERROR_INSUFFICIENT_BUFFER);
		return NULL;
	}
	return buffer;
}

DWORD FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
		     DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
		     va_list *Arguments)
{
	char *text = message(dwFlags, dwMessageId);
	size_t size = text ? strlen(text) + 1 : 0;
	char *to = text ? room_for(dwFlags, lpBuffer, nSize, size, 1) : NULL;

	(void)lpSource;
	(void)dwLanguageId;
	(void)Arguments;
	if (to)
		memcpy(to, text, size);
	free(text);
	return to ? (DWORD)size - 1 : 0;
}

DWORD FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
		     DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
		     va_list *Arguments)
{
	char *text = message(dwFlags, dwMessageId);
	size_t size = text ? winsock_to_wide(text, NULL, 0) : 0;
	WCHAR *to = text ? room_for(dwFlags, lpBuffer, nSize, size,
				    sizeof(*to)) : NULL;

	(void)lpSource;
	(void)dwLanguageId;
	(void)Arguments;
	if (to)
		winsock_to_wide(text, to, size);
	free(text);
	return to ? (DWORD)size - 1 : 0;
}

/* The result of a conversion to @size units, for a caller with @room of them. */
static int converted(size_t size, int room)
{
	if (!room || size <= (size_t)room)
		return (int)size;
	return windows_fail(ERROR_INSUFFICIENT_BUFFER);
}

int MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCCH lpMultiByteStr,
			int cbMultiByte, LPWSTR lpWideCharStr, int cchWideChar)
{
	char *copy = NULL;
	size_t size;

	(void)CodePage;
	(void)dwFlags;
	if (!lpMultiByteStr || !cbMultiByte || cbMultiByte < -1 ||
	    cchWideChar < 0 || (cchWideChar && !lpWideCharStr))
		return windows_fail(ERROR_INVALID_PARAMETER);
	if (cbMultiByte > 0) {
		copy = calloc((size_t)cbMultiByte + 1, 1);
		if (!copy)
			return windows_fail(ERROR_NOT_ENOUGH_MEMORY);
		strncpy(copy, lpMultiByteStr, (size_t)cbMultiByte);
		lpMultiByteStr = copy;
	}
	size = winsock_to_wide(lpMultiByteStr, lpWideCharStr,
			       (size_t)cchWideChar);
	/* What is not ended by a NUL ends without one. */
	if (cbMultiByte > 0 && strlen(copy) == (size_t)cbMultiByte)
		size--;
	free(copy);
	return converted(size, cchWideChar);
}

int WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWCH lpWideCharStr,
			int cchWideChar, LPSTR lpMultiByteStr, int cbMultiByte,
			LPCCH lpDefaultChar, LPBOOL lpUsedDefaultChar)
{
	WCHAR *copy = NULL;
	size_t size, n = 0;

	(void)CodePage;
	(void)dwFlags;
	(void)lpDefaultChar;
	if (!lpWideCharStr || !cchWideChar || cchWideChar < -1 ||
	    cbMultiByte < 0 || (cbMultiByte && !lpMultiByteStr))
		return windows_fail(ERROR_INVALID_PARAMETER);
	if (lpUsedDefaultChar)
		*lpUsedDefaultChar = FALSE;
	if (cchWideChar > 0) {
		copy = calloc((size_t)cchWideChar + 1, sizeof(*copy));
		if (!copy)
			return windows_fail(ERROR_NOT_ENOUGH_MEMORY);
		for (; n < (size_t)cchWideChar && lpWideCharStr[n]; n++)
			copy[n] = lpWideCharStr[n];
		lpWideCharStr = copy;
	}
	size = winsock_to_narrow(lpWideCharStr, lpMultiByteStr,
				 (size_t)cbMultiByte);
	if (cchWideChar > 0 && n == (size_t)cchWideChar)
		size--;
	free(copy);
	return converted(size, cbMultiByte);
}

int lstrlenA(LPCSTR lpString)
{
	return lpString ? (int)strlen(lpString) : 0;
}

int lstrlenW(LPCWSTR lpString)
{
	int n = 0;

	while (lpString && lpString[n])
		n++;
	return n;
}

LPWSTR lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
	memcpy(lpString1, lpString2,
	       ((size_t)lstrlenW(lpString2) + 1) * sizeof(WCHAR));
	return lpString1;
}

LPWSTR lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
	lstrcpyW(lpString1 + lstrlenW(lpString1), lpString2);
	return lpString1;
}

int lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2)
{
	while (*lpString1 && *lpString1 == *lpString2) {
		lpString1++;
		lpString2++;
	}
	return *lpString1 - *lpString2;
}
