// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Descriptors of the library's own that stay. A program may close all that it knows
 * nothing of, and what comes by their numbers is the program's: so they are marked, in
 * the files themselves, as ones that have a signal of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "overlapped.h"

#define MARK		(SIGRTMAX - 1)

int wsp_mark_own(int fd)
{
	if (fd < 0 || !fcntl(fd, F_SETSIG, MARK))
		return fd;
	close(fd);
	return -1;
}

bool wsp_is_own(int fd)
{
	const bool own = fcntl(fd, F_GETSIG) == MARK;

	if (!own)
		errno = EBADF;
	return own;
}

void wsp_close_own(int fd)
{
	if (wsp_is_own(fd))
		close(fd);
}
