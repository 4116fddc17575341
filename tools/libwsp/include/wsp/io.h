/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors of files, by Windows' names: the platform's functions. */
#pragma GCC system_header
#ifndef WSP_IO_H
#define WSP_IO_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wspbase.h"

WSP_BEGIN

int _access(const char *path, int mode) __asm__("access");
int _close(int fd) __asm__("close");
int _dup(int fd) __asm__("dup");
int _dup2(int from, int to) __asm__("dup2");
int _isatty(int fd) __asm__("isatty");
int _unlink(const char *path) __asm__("unlink");

int _open(const char *path, int flags, ...) __asm__("open64");
int _chmod(const char *path, int mode) __asm__("chmod");
long _lseek(int fd, long offset, int whence) __asm__("lseek");
int64_t _lseeki64(int fd, int64_t offset, int whence) __asm__("lseek64");

static __inline__ int _pipe(int *fds, unsigned int size, int mode)
{
	(void)size;
	(void)mode;
	return pipe(fds);
}

static __inline__ int _setmode(int fd, int mode)
{
	(void)fd;
	return mode;
}

/* A handle is a descriptor. */
static __inline__ intptr_t _get_osfhandle(int fd)
{
	return fd;
}

static __inline__ int _open_osfhandle(intptr_t handle, int flags)
{
	(void)flags;
	return (int)handle;
}

static __inline__ int _read(int fd, void *buffer, unsigned int count)
{
	return (int)read(fd, buffer, count);
}

static __inline__ int _write(int fd, const void *buffer, unsigned int count)
{
	return (int)write(fd, buffer, count);
}

WSP_END

#endif /* WSP_IO_H */
