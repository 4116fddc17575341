/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories, by Windows' names: the platform's functions. */
#pragma GCC system_header
#ifndef WSP_DIRECT_H
#define WSP_DIRECT_H

#include <sys/stat.h>
#include <unistd.h>
#include "wspbase.h"

WSP_BEGIN

int _chdir(const char *path) __asm__("chdir");
int _rmdir(const char *path) __asm__("rmdir");

static __inline__ int _mkdir(const char *path)
{
	return mkdir(path, 0777);
}

WSP_END

#define _getcwd(buffer, size)	getcwd(buffer, (size_t)(size))

#endif /* WSP_DIRECT_H */
