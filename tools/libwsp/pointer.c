// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel's judgement of the caller's pointers (T-12). */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#define WORD_SIZE	8	/* a set of signals has as many bytes */

/* The kernel reads the set before it finds that nothing can be done with it. */
static bool is_mapped(const char *byte)
{
	const uintptr_t in_one_page = (uintptr_t)byte & ~(WORD_SIZE - 1UL);

	return !syscall(SYS_rt_sigprocmask, -1, (const void *)in_one_page, NULL,
			WORD_SIZE) || errno != EFAULT;
}

/* For values that lie in two pages at most. */
bool wsp_is_readable(const void *value, size_t size)
{
	const char *first = value;

	if (!value || !size)
		return value;
	return is_mapped(first) && (size == 1 || is_mapped(first + size - 1));
}

/* By an option that fills as many bytes as it is given, up to an int's. */
static bool can_fill(SOCKET s, char *bytes, size_t size)
{
	socklen_t len = size < sizeof(int) ? (socklen_t)size : sizeof(int);

	return !getsockopt((int)s, SOL_SOCKET, SO_TYPE, bytes, &len) ||
	       errno != EFAULT;
}

/* The same; what was there is lost. */
bool wsp_is_writable(SOCKET s, void *value, size_t size)
{
	char *first = value;

	if (!value || (size && !can_fill(s, first, size)))
		return false;
	return size <= sizeof(int) ||
	       can_fill(s, first + size - sizeof(int), sizeof(int));
}
