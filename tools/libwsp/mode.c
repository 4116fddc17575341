// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * connect(2) and accept(2) are given no MSG_DONTWAIT. Where an overlapped call makes
 * them on a socket that blocks, that does not for the moment of the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "overlapped.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool is_mine __attribute__((tls_model("initial-exec")));

static bool has_flag(SOCKET s)
{
	return fcntl((int)s, F_GETFL) & O_NONBLOCK;
}

static void set_blocking(SOCKET s, bool blocking)
{
	int on = !blocking;

	ioctl((int)s, FIONBIO, &on);
}

/* Has the program it be nonblocking, or tied, meanwhile? */
static bool is_to_be_nonblocking(const struct wsp_use *use)
{
	struct wsp_info info;

	return wsp_word(use->s) & WSP_NONBLOCKING ||
	       (!ioctl((int)use->s, WSP_IOC_INFO, &info) && info.events);
}

bool wsp_begin_at_once(const struct wsp_use *use)
{
	bool blocks;

	wsp_lock_amid(&lock);
	is_mine = true;
	blocks = !has_flag(use->s);
	if (blocks)
		set_blocking(use->s, false);
	return blocks;
}

void wsp_end_at_once(const struct wsp_use *use, bool blocks)
{
	const int error = errno;

	if (blocks) {
		set_blocking(use->s, true);
		if (is_to_be_nonblocking(use))
			set_blocking(use->s, false);
	}
	is_mine = false;
	wsp_unlock_amid(&lock);
	errno = error;
}

bool wsp_is_nonblocking(SOCKET s)
{
	bool found;

	if (!atomic_load(&wsp_is_used) || is_mine || wsp_is_amid())
		return has_flag(s);
	wsp_lock_amid(&lock);
	found = has_flag(s);
	wsp_unlock_amid(&lock);
	return found;
}

/* In a fork's child. */
void wsp_drop_modes(void)
{
	pthread_mutex_init(&lock, NULL);
}
