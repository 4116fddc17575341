// SPDX-License-Identifier: GPL-2.0
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "attempt.h"
#include "kind.h"

static DEFINE_HASHTABLE(wsp_attempts, 12);
static DEFINE_SPINLOCK(wsp_attempts_lock);

/*
 * Something happened on the socket; in any context. The stack tells of the end
 * of an attempt by its error, of which it keeps no copy (C-07). What comes
 * after the end is not for an attempt to hear: data is to wake nobody in vain.
 */
static int wsp_attempt_wake(wait_queue_entry_t *wait, unsigned int mode,
			    int flags, void *key)
{
	struct wsp_attempt *attempt = container_of(wait, struct wsp_attempt, wait);
	const struct sock *sk = attempt->sock->sk;
	/* The stack stores the error, and then the state. */
	const int state = inet_sk_state_load(sk);
	const int error = READ_ONCE(sk->sk_err);

	if ((1 << state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE)) {
		if (error && !attempt->error)
			WRITE_ONCE(attempt->error, error);
		if (state != TCP_CLOSE)
			return 0;
	}
	list_del_init_careful(&wait->entry);
	return 0;
}

static struct wsp_attempt *wsp_attempt_find(const struct socket *sock)
{
	struct wsp_attempt *attempt;

	hash_for_each_possible_rcu(wsp_attempts, attempt, node,
				   (unsigned long)sock) {
		if (attempt->sock == sock)
			return attempt;
	}
	return NULL;
}

static void wsp_attempt_free(struct wsp_attempt *attempt)
{
	if (attempt->waiter)
		put_pid(attempt->waiter);
	kfree_rcu(attempt, rcu);
}

/*
 * Other kernel code that had put a table of its own on a socket may have kept
 * its release from us: then the next one at its place finds what it has left.
 */
static void wsp_attempt_hash(struct wsp_attempt *attempt)
{
	struct wsp_attempt *stale;

	spin_lock(&wsp_attempts_lock);
	stale = wsp_attempt_find(attempt->sock);
	if (stale)
		hash_del_rcu(&stale->node);
	hash_add_rcu(wsp_attempts, &attempt->node, (unsigned long)attempt->sock);
	spin_unlock(&wsp_attempts_lock);

	if (stale)
		wsp_attempt_free(stale);
}

/* Begins to keep an attempt of @sock in mind; NULL without memory. */
struct wsp_attempt *wsp_attempt_new(struct socket *sock)
{
	struct wsp_attempt *attempt;

	attempt = kzalloc(sizeof(*attempt), GFP_KERNEL_ACCOUNT);
	if (!attempt)
		return NULL;
	init_waitqueue_func_entry(&attempt->wait, wsp_attempt_wake);
	attempt->sock = sock;
	attempt->dev = sock->sk->sk_bound_dev_if;
	attempt->scope = attempt->dev;
	attempt->clamp = tcp_sk(sock->sk)->window_clamp;

	wsp_attempt_hash(attempt);
	add_wait_queue(&sock->wq.wait, &attempt->wait);
	return attempt;
}

/* The attempt of @sock, or NULL. The sock's lock keeps it. */
struct wsp_attempt *wsp_attempt_of(const struct socket *sock)
{
	const enum wsp_table table = wsp_table(sock);
	struct wsp_attempt *attempt;

	if (table != WSP_TABLE_ATTEMPT && table != WSP_TABLE_BLOCKED)
		return NULL;
	rcu_read_lock();
	attempt = wsp_attempt_find(sock);
	rcu_read_unlock();
	return attempt;
}

/* What the attempt of @sock has failed with, a positive errno, or 0. */
int wsp_attempt_error(const struct socket *sock)
{
	const struct wsp_attempt *attempt;
	int error = 0;

	rcu_read_lock();
	attempt = wsp_attempt_find(sock);
	if (attempt)
		error = READ_ONCE(attempt->error);
	rcu_read_unlock();
	return error;
}

void wsp_attempt_drop(struct wsp_attempt *attempt)
{
	spin_lock(&wsp_attempts_lock);
	hash_del_rcu(&attempt->node);
	spin_unlock(&wsp_attempts_lock);

	/* Most often it is over, and has left the queue. */
	if (!list_empty_careful(&attempt->wait.entry))
		remove_wait_queue(&attempt->sock->wq.wait, &attempt->wait);
	wsp_attempt_free(attempt);
}

/* The caller leaves its wait for a signal handler, and is to be back. */
void wsp_attempt_call_away(struct wsp_attempt *attempt)
{
	attempt->waiter = get_pid(task_pid(current));
}

/* Nobody is to be back any more. */
void wsp_attempt_unwait(struct wsp_attempt *attempt)
{
	put_pid(attempt->waiter);
	attempt->waiter = NULL;
}

/* Is the caller the thread that was called away? */
bool wsp_attempt_is_own(const struct wsp_attempt *attempt)
{
	return attempt->waiter == task_pid(current);
}

/* Has the thread that was called away ended, and will never be back? */
bool wsp_attempt_is_left(const struct wsp_attempt *attempt)
{
	const struct task_struct *task;
	bool left;

	if (!attempt->waiter)
		return false;
	rcu_read_lock();
	task = pid_task(attempt->waiter, PIDTYPE_PID);
	left = !task || READ_ONCE(task->flags) & PF_EXITING;
	rcu_read_unlock();
	return left;
}
