// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's clocks jump over all waiting and stand still in between (vm run -j).
 * libFuzzer's time limit is to be the host's, whose time a new file of his has.
 */
#include <sys/stat.h>

#include "fuzz.h"

#define BEHIND_MS	1000	/* of the guest's, between two looks at the host's */

static const char *path;
static long next;

void clock_init(void)
{
	path = getenv("WSP_FUZZ_CLOCK");
	clock_follow();
}

void clock_follow(void)
{
	struct stat st;
	int fd;

	if (!path || now_ms() < next)
		return;
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &st) || clock_settime(CLOCK_REALTIME, &st.st_mtim))
		violation("cannot tell the host's time: %s", strerror(errno));
	close(fd);
	next = now_ms() + BEHIND_MS;
}
