/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The platform's, and what Windows' has besides. What that has not is not declared,
 * since programs bring it with them.
 */
#pragma GCC system_header
#include <features.h>
/* Windows' is strerror_s, which some use by the other name. */
#pragma push_macro("strerror_r")
#undef strerror_r
#define memmem		wsp_platform_memmem
#define stpcpy		wsp_platform_stpcpy
#define strcasestr	wsp_platform_strcasestr
#define strlcat		wsp_platform_strlcat
#define strlcpy		wsp_platform_strlcpy
#define strndup		wsp_platform_strndup
#define strsep		wsp_platform_strsep
#include_next <string.h>
#undef memmem
#undef stpcpy
#undef strcasestr
#undef strlcat
#undef strlcpy
#undef strndup
#undef strsep
#pragma pop_macro("strerror_r")

#ifndef WSP_STRING_H
#define WSP_STRING_H

#include "wspbase.h"

WSP_BEGIN

int _stricmp(const char *a, const char *b) __asm__("strcasecmp");
int _strcmpi(const char *a, const char *b) __asm__("strcasecmp");
int _strnicmp(const char *a, const char *b, size_t n) __asm__("strncasecmp");
int stricmp(const char *a, const char *b) __asm__("strcasecmp");
int strcmpi(const char *a, const char *b) __asm__("strcasecmp");
int strnicmp(const char *a, const char *b, size_t n) __asm__("strncasecmp");
char *_strdup(const char *s) __asm__("strdup");

/* The one of POSIX, by its other symbol. */
int winsock_strerror_r(int code, char *text, size_t size)
	__asm__("__xpg_strerror_r");

static __inline__ int strerror_s(char *text, size_t size, int code)
{
	return winsock_strerror_r(code, text, size);
}

WSP_END

#endif /* WSP_STRING_H */
