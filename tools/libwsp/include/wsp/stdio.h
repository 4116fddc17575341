/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The platform's, and what Windows' has besides. What that has not is not declared,
 * since programs bring it with them. _snprintf ends the text with a
 * NUL always, and returns what snprintf does.
 */
#pragma GCC system_header
#include <features.h>
#define asprintf	wsp_platform_asprintf
#define dprintf		wsp_platform_dprintf
#define getdelim	wsp_platform_getdelim
#define getline		wsp_platform_getline
#define vasprintf	wsp_platform_vasprintf
#define vdprintf	wsp_platform_vdprintf
#include_next <stdio.h>
#undef asprintf
#undef dprintf
#undef getdelim
#undef getline
#undef vasprintf
#undef vdprintf

#ifndef WSP_STDIO_H
#define WSP_STDIO_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include "wspbase.h"

WSP_BEGIN

int _snprintf(char *to, size_t size, const char *format, ...)
	__asm__("snprintf") __attribute__((__format__(__printf__, 3, 4)));
int _vsnprintf(char *to, size_t size, const char *format, va_list args)
	__asm__("vsnprintf") __attribute__((__format__(__printf__, 3, 0)));
int _fileno(FILE *file) __asm__("fileno");
FILE *_fdopen(int fd, const char *mode) __asm__("fdopen");
int _fseeki64(FILE *file, int64_t offset, int whence) __asm__("fseeko64");
int64_t _ftelli64(FILE *file) __asm__("ftello64");
int _pclose(FILE *file) __asm__("pclose");
FILE *_popen(const char *command, const char *mode) __asm__("popen");
int sprintf_s(char *to, size_t size, const char *format, ...)
	__asm__("snprintf") __attribute__((__format__(__printf__, 3, 4)));
int vsprintf_s(char *to, size_t size, const char *format, va_list args)
	__asm__("vsnprintf") __attribute__((__format__(__printf__, 3, 0)));

static __inline__ int __attribute__((__format__(__printf__, 1, 0)))
_vscprintf(const char *format, va_list args)
{
	return vsnprintf(NULL, 0, format, args);
}

#define _TRUNCATE	((size_t)-1)

static __inline__ int __attribute__((__format__(__printf__, 4, 5)))
_snprintf_s(char *to, size_t size, size_t most, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to, most < size ? most + 1 : size, format, args);
	va_end(args);
	return n >= 0 && (size_t)n < size && (size_t)n <= most ? n : -1;
}

static __inline__ char *gets_s(char *to, size_t size)
{
	size_t n;

	if (!fgets(to, (int)size, stdin))
		return NULL;
	for (n = 0; to[n] && to[n] != '\n'; n++)
		;
	to[n] = '\0';
	return to;
}

static __inline__ int fopen_s(FILE **file, const char *path, const char *mode)
{
	*file = fopen(path, mode);
	return *file ? 0 : errno;
}

WSP_END

#endif /* WSP_STDIO_H */
