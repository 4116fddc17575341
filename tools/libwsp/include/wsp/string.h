/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, and what Windows' has besides. */
#pragma GCC system_header
#include <features.h>
#include_next <string.h>

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

WSP_END

#endif /* WSP_STRING_H */
