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

static __inline__ int _memicmp(const void *a, const void *b, size_t n)
{
	const unsigned char *s = (const unsigned char *)a;
	const unsigned char *t = (const unsigned char *)b;
	int differ = 0;

	for (; n && !differ; n--, s++, t++)
		differ = (*s >= 'A' && *s <= 'Z' ? *s | 32 : *s) -
			 (*t >= 'A' && *t <= 'Z' ? *t | 32 : *t);
	return differ;
}

#define memicmp		_memicmp

/* The one of POSIX, by its other symbol. */
int winsock_strerror_r(int code, char *text, size_t size)
	__asm__("__xpg_strerror_r");

static __inline__ int strerror_s(char *text, size_t size, int code)
{
	return winsock_strerror_r(code, text, size);
}

char *strtok_s(char *text, const char *delimiters, char **context)
	__asm__("strtok_r");

/* EINVAL (22) and ERANGE (34) are what Windows' give for no room and too little. */
static __inline__ int strncpy_s(char *to, size_t size, const char *from, size_t n)
{
	size_t i;

	if (!to || !size || !from)
		return 22;
	for (i = 0; i < n && from[i]; i++) {
		if (i == size - 1) {
			to[n == (size_t)-1 ? i : 0] = '\0';
			return n == (size_t)-1 ? 80 : 34;	/* STRUNCATE */
		}
		to[i] = from[i];
	}
	to[i] = '\0';
	return 0;
}

static __inline__ int strcpy_s(char *to, size_t size, const char *from)
{
	return strncpy_s(to, size, from, (size_t)-2);
}

static __inline__ int strcat_s(char *to, size_t size, const char *from)
{
	const size_t n = strnlen(to, size);

	return n == size ? 22 : strcpy_s(to + n, size - n, from);
}

static __inline__ int memcpy_s(void *to, size_t size, const void *from, size_t n)
{
	if (n > size)
		return 34;
	memcpy(to, from, n);
	return 0;
}

WSP_END

#endif /* WSP_STRING_H */
