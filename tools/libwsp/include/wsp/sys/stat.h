/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, by Windows' names too. */
#pragma GCC system_header
#include <features.h>
#include_next <sys/stat.h>

#ifndef WSP_SYS_STAT_H
#define WSP_SYS_STAT_H

#define _stat		stat
#define _fstat		fstat
#define _stati64	stat
#define _fstati64	fstat
#define _stat64		stat
#define _fstat64	fstat

#define _S_IFMT		S_IFMT
#define _S_IFDIR	S_IFDIR
#define _S_IFCHR	S_IFCHR
#define _S_IFREG	S_IFREG
#define _S_IREAD	S_IRUSR
#define _S_IWRITE	S_IWUSR

#endif /* WSP_SYS_STAT_H */
