// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Overlapped I/O when the process forks: the child has none, and begins afresh; what
 * is pending is the parent's (O-09).
 */
#include "overlapped.h"

_Atomic bool wsp_is_used;

/* Has the forking thread the locks, or is it amid them, by a handler? */
static _Thread_local bool has_locks, is_amid;

/* By the lists' lock a fork finds it begun, or not at all. */
bool wsp_begin_use(void)
{
	if (!wsp_lock_lists())
		return false;
	atomic_store(&wsp_is_used, true);
	wsp_unlock_lists();
	return true;
}

static void lock(void)
{
	has_locks = atomic_load(&wsp_is_used) && !is_amid;
	if (!has_locks)
		return;
	wsp_lock_lanes();
	wsp_lock_inboxes();
}

/* The lanes' locks come before that of the lists; false: that is not the caller's. */
bool wsp_lock_overlapped(void)
{
	bool has_lists;

	is_amid = wsp_is_amid();
	lock();
	has_lists = wsp_lock_lists();
	if (has_lists && !has_locks && atomic_load(&wsp_is_used)) {
		wsp_unlock_lists();
		lock();
		has_lists = wsp_lock_lists();
	}
	return has_lists;
}

void wsp_unlock_overlapped(void)
{
	if (!has_locks)
		return;
	wsp_unlock_inboxes();
	wsp_unlock_lanes();
}

void wsp_drop_overlapped(void)
{
	if (!has_locks && !is_amid)
		return;
	wsp_drop_own();
	wsp_drop_lanes(has_locks);
	wsp_drop_inboxes(has_locks);
	wsp_drop_events();
	wsp_drop_engine();
	wsp_drop_modes();
}
