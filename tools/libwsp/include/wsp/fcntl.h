/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, where every file is a binary one. */
#pragma GCC system_header
#include <features.h>
#include_next <fcntl.h>

#ifndef WSP_FCNTL_H
#define WSP_FCNTL_H

#define O_BINARY	0
#define O_TEXT		0
#define _O_BINARY	O_BINARY
#define _O_TEXT		O_TEXT
#define _O_RDONLY	O_RDONLY
#define _O_WRONLY	O_WRONLY
#define _O_RDWR		O_RDWR
#define _O_CREAT	O_CREAT
#define _O_EXCL		O_EXCL
#define _O_TRUNC	O_TRUNC
#define _O_APPEND	O_APPEND

/* Windows' has them here, too; the platform's <unistd.h> more. */
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
ssize_t read(int fd, void *buffer, size_t size);
ssize_t write(int fd, const void *buffer, size_t size);
int close(int fd);
#ifdef __cplusplus
}
#endif

#endif /* WSP_FCNTL_H */
