// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "waiter.h"

struct wsp_waiter {
	struct hlist_node node;
	const struct socket *sock;
	const struct task_struct *task;	/* only ever compared */
};

/* Many, if a program leaves its handlers by longjmp(). */
static DEFINE_HASHTABLE(wsp_waiters, 8);
static DEFINE_SPINLOCK(wsp_waiters_lock);

static struct wsp_waiter *wsp_waiter_find(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	hash_for_each_possible(wsp_waiters, waiter, node, (unsigned long)sock) {
		if (waiter->sock == sock)
			return waiter;
	}
	return NULL;
}

/* Keeps in mind that the caller will be back. False without memory. */
bool wsp_waiter_keep(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return false;
	waiter->sock = sock;
	waiter->task = current;

	spin_lock(&wsp_waiters_lock);
	hash_add(wsp_waiters, &waiter->node, (unsigned long)sock);
	spin_unlock(&wsp_waiters_lock);
	return true;
}

bool wsp_waiter_is_current(const struct socket *sock)
{
	struct wsp_waiter *waiter;
	bool found;

	spin_lock(&wsp_waiters_lock);
	waiter = wsp_waiter_find(sock);
	found = waiter && waiter->task == current;
	spin_unlock(&wsp_waiters_lock);
	return found;
}

void wsp_waiter_drop(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	spin_lock(&wsp_waiters_lock);
	waiter = wsp_waiter_find(sock);
	if (waiter)
		hash_del(&waiter->node);
	spin_unlock(&wsp_waiters_lock);
	kfree(waiter);
}
