/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The platform's, and what Windows' has besides. What that has not is not declared,
 * since programs bring it with them.
 */
#pragma GCC system_header
#include <features.h>
#define arc4random	wsp_platform_arc4random
#define arc4random_buf	wsp_platform_arc4random_buf
#define arc4random_uniform wsp_platform_arc4random_uniform
#define random		wsp_platform_random
#define setenv		wsp_platform_setenv
#define srandom		wsp_platform_srandom
#define unsetenv	wsp_platform_unsetenv
#include_next <stdlib.h>
#undef arc4random
#undef arc4random_buf
#undef arc4random_uniform
#undef random
#undef setenv
#undef srandom
#undef unsetenv

#ifndef WSP_STDLIB_H
#define WSP_STDLIB_H

#include <errno.h>
#include "wspbase.h"

#define _MAX_PATH	260
#define _countof(array)	(sizeof(array) / sizeof((array)[0]))

#ifndef __errno_t_defined
#define __errno_t_defined
typedef int errno_t;
#endif

WSP_BEGIN

__extension__ long long _atoi64(const char *text) __asm__("atoll");
__extension__ long long _strtoi64(const char *text, char **end, int base)
	__asm__("strtoll");
__extension__ unsigned long long _strtoui64(const char *text, char **end, int base)
	__asm__("strtoull");

int _putenv(char *text) __asm__("putenv");
errno_t rand_s(unsigned int *number) __asm__("windows_rand_s");

static __inline__ errno_t _set_errno(int value)
{
	errno = value;
	return 0;
}

/* By the platform's numbers, as errno is. */
#define _sys_nerr	134
#define _sys_errlist	(winsock_errlist())
#define sys_nerr	_sys_nerr
#define sys_errlist	_sys_errlist

const char *winsock_strerrordesc(int code) __asm__("strerrordesc_np");

static __inline__ char **winsock_errlist(void)
{
	static char *list[_sys_nerr];
	const char *text;
	int n;

	for (n = 0; n < _sys_nerr; n++) {
		text = winsock_strerrordesc(n);
		list[n] = (char *)(text ? text : "Unknown error");
	}
	return list;
}

WSP_END

#endif /* WSP_STDLIB_H */
