// SPDX-License-Identifier: GPL-2.0
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "waiter.h"

struct wsp_waiter {
	struct list_head node;
	const struct socket *sock;
	const struct task_struct *task;	/* only ever compared */
};

static LIST_HEAD(wsp_waiters);
static DEFINE_SPINLOCK(wsp_waiters_lock);

static struct wsp_waiter *wsp_waiter_find(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	list_for_each_entry(waiter, &wsp_waiters, node) {
		if (waiter->sock == sock)
			return waiter;
	}
	return NULL;
}

/* Keeps in mind that the caller will be back. False without memory. */
bool wsp_waiter_keep(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL);
	if (!waiter)
		return false;
	waiter->sock = sock;
	waiter->task = current;

	spin_lock(&wsp_waiters_lock);
	list_add(&waiter->node, &wsp_waiters);
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
		list_del(&waiter->node);
	spin_unlock(&wsp_waiters_lock);
	kfree(waiter);
}
