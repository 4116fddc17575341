// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "waiter.h"

/**
 * struct wsp_waiter - a thread that is to be back
 * @node: its place in the table
 * @sock: the socket that it waits on
 * @thread: the thread, of which no more than this may be left
 * @sp: its stack pointer in the call, which a restart finds unchanged
 * @dev: the device that the socket was bound to before the attempt
 */
struct wsp_waiter {
	struct hlist_node node;
	const struct socket *sock;
	struct pid *thread;
	unsigned long sp;
	int dev;
};

/* Many, if a program leaves its handlers by longjmp(). */
static DEFINE_HASHTABLE(wsp_waiters, 8);
static DEFINE_SPINLOCK(wsp_waiters_lock);

/* The sock's lock keeps it. */
static struct wsp_waiter *wsp_waiter_find(const struct socket *sock)
{
	struct wsp_waiter *waiter;

	spin_lock(&wsp_waiters_lock);
	hash_for_each_possible(wsp_waiters, waiter, node, (unsigned long)sock) {
		if (waiter->sock == sock)
			break;
	}
	spin_unlock(&wsp_waiters_lock);
	return waiter;
}

/* Keeps in mind that the caller will be back. False without memory. */
bool wsp_waiter_keep(const struct socket *sock, int dev)
{
	struct wsp_waiter *waiter;

	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return false;
	waiter->sock = sock;
	waiter->thread = get_pid(task_pid(current));
	waiter->sp = user_stack_pointer(current_pt_regs());
	waiter->dev = dev;

	spin_lock(&wsp_waiters_lock);
	hash_add(wsp_waiters, &waiter->node, (unsigned long)sock);
	spin_unlock(&wsp_waiters_lock);
	return true;
}

static bool wsp_thread_lives(struct pid *thread)
{
	struct task_struct *task;
	bool lives;

	rcu_read_lock();
	task = pid_task(thread, PIDTYPE_PID);
	lives = task && !(READ_ONCE(task->flags) & PF_EXITING);
	rcu_read_unlock();
	return lives;
}

/* Where the waiter of @sock is, as far as its thread's stack can tell. */
enum wsp_whereabouts wsp_waiter_seek(const struct socket *sock)
{
	const unsigned long sp = user_stack_pointer(current_pt_regs());
	const struct wsp_waiter *waiter = wsp_waiter_find(sock);

	if (waiter->thread != task_pid(current))
		return wsp_thread_lives(waiter->thread) ? WSP_WAITER_AWAY :
							  WSP_WAITER_GONE;
	if (sp == waiter->sp)
		return WSP_WAITER_BACK;
	return sp < waiter->sp || on_sig_stack(sp) ? WSP_WAITER_AWAY :
						     WSP_WAITER_GONE;
}

bool wsp_waiter_is_current(const struct socket *sock)
{
	return wsp_waiter_find(sock)->thread == task_pid(current);
}

/* Returns the device that it was told to keep. */
int wsp_waiter_drop(const struct socket *sock)
{
	struct wsp_waiter *waiter = wsp_waiter_find(sock);
	const int dev = waiter->dev;

	spin_lock(&wsp_waiters_lock);
	hash_del(&waiter->node);
	spin_unlock(&wsp_waiters_lock);

	put_pid(waiter->thread);
	kfree(waiter);
	return dev;
}
