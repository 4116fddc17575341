// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/wsp.h>

#include "compat.h"
#include "kind.h"
#include "poll.h"
#include "state.h"
#include "wait.h"

#define WSP_AT_ONCE	16	/* entries that are read and written in one go */

/* Answers of poll(2) that Winsock's sets take in another way. */
#define WSP_POLL_ODD	(EPOLLHUP | EPOLLERR | EPOLLPRI)

static __poll_t wsp_poll_odd(const struct socket *sock, __poll_t mask)
{
	if (mask & (EPOLLHUP | EPOLLERR))
		mask |= EPOLLIN | EPOLLRDHUP;
	if (mask & EPOLLERR)
		mask |= EPOLLOUT;
	/* Received in line, urgent data is no more than data. */
	if (sock->type == SOCK_STREAM && sock_flag(sock->sk, SOCK_URGINLINE))
		mask &= ~EPOLLPRI;
	return mask;
}

/* As the thread in a blocking connect is going to find it. */
static enum wsp_state wsp_poll_state(const struct socket *sock)
{
	const enum wsp_state state = wsp_stream_state_of(sock);

	if (state == WSP_STATE_BLOCKED && wsp_stream_has_stood(sock->sk))
		return WSP_STATE_CONNECTED;
	return state;
}

static bool wsp_poll_is_connected(const struct socket *sock,
				  const struct proto_ops *ops)
{
	switch (container_of(ops, struct wsp_ops, ops)->table) {
	case WSP_TABLE_CONNECTED:
	case WSP_TABLE_ACCEPTED:
		return true;
	default:
		return sock->type != SOCK_STREAM;
	}
}

/*
 * Of a socket, in the words of poll(2). A stream that may not be connected joins
 * its queue before its state is looked at, so that no change after that is missed.
 */
static __poll_t wsp_poll_sock(struct file *file, struct socket *sock,
			      const struct proto_ops *ops, poll_table *pt)
{
	__poll_t mask;

	if (!wsp_poll_is_connected(sock, ops)) {
		sock_poll_wait(file, sock, pt);
		pt = NULL;
		switch (wsp_poll_state(sock)) {
		case WSP_STATE_FAILED:	/* C-07 */
			return EPOLLPRI | EPOLLRDHUP;
		case WSP_STATE_LISTENING:
			return ops->poll(file, sock, pt) & EPOLLIN;
		case WSP_STATE_CONNECTED:
			break;
		default:
			return 0;
		}
	}
	mask = ops->poll(file, sock, pt);
	return mask & WSP_POLL_ODD ? wsp_poll_odd(sock, mask) : mask;
}

static __poll_t wsp_poll_file(struct file *file, poll_table *pt)
{
	struct socket *sock = sock_from_file(file);
	const struct proto_ops *ops;

	if (!sock)
		return EPOLLNVAL;
	ops = READ_ONCE(sock->ops);
	return wsp_are_ours(ops) ? wsp_poll_sock(file, sock, ops, pt) : EPOLLNVAL;
}

/* Which of its wishes are met. */
static __poll_t wsp_poll_look(const struct pollfd *entry, poll_table *pt)
{
	const __poll_t wishes = demangle_poll(entry->events) &
				(EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP);
	__poll_t met = EPOLLNVAL;
	struct fd f;

	if (entry->fd < 0)
		return 0;
	f = fdget(entry->fd);
	if (fd_file(f)) {
		pt->_key = wishes | EPOLLERR | EPOLLHUP | WSP_POLL_CANCEL;
		met = wsp_poll_file(fd_file(f), pt) & (wishes | EPOLLNVAL);
	}
	fdput(f);
	return met;
}

static int wsp_poll_get(struct pollfd *some, const struct pollfd __user *fds, u32 n)
{
	u32 i;

	if (!user_read_access_begin(fds, n * sizeof(*fds)))
		return -EFAULT;
	for (i = 0; i < n; i++) {
		unsafe_get_user(some[i].fd, &fds[i].fd, fault);
		unsafe_get_user(some[i].events, &fds[i].events, fault);
	}
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

static int wsp_poll_put(const struct pollfd *some, struct pollfd __user *fds, u32 n)
{
	u32 i;

	if (!user_write_access_begin(fds, n * sizeof(*fds)))
		return -EFAULT;
	for (i = 0; i < n; i++)
		unsafe_put_user(some[i].revents, &fds[i].revents, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/* How many of some are ready, or a negative errno. */
static int wsp_poll_look_at(struct pollfd *some, u32 n, poll_table *pt)
{
	int ready = 0;
	__poll_t met;
	u32 i;

	for (i = 0; i < n; i++) {
		met = wsp_poll_look(&some[i], pt);
		some[i].revents = mangle_poll(met);
		if (!met)
			continue;
		if (met & EPOLLNVAL)
			return -ENOTSOCK;
		ready++;
		pt->_qproc = NULL;	/* nobody is going to wait */
	}
	return ready;
}

static int wsp_poll_look_at_all(struct pollfd __user *fds, u32 count,
				poll_table *pt)
{
	struct pollfd some[WSP_AT_ONCE];
	int rc, ready = 0;
	u32 n;

	for (; count; count -= n, fds += n) {
		n = min_t(u32, count, WSP_AT_ONCE);
		rc = wsp_poll_get(some, fds, n);
		if (rc)
			return rc;
		rc = wsp_poll_look_at(some, n, pt);
		if (rc < 0)
			return rc;
		ready += rc;
		rc = wsp_poll_put(some, fds, n);
		if (rc)
			return rc;
		cond_resched();
	}
	return ready;
}

/* Has the caller been told that the wait is over? */
static int wsp_poll_over(u64 over)
{
	u32 value = 0;

	if (over && get_user(value, (u32 __user *)u64_to_user_ptr(over)))
		return -EFAULT;
	return value ? -ECANCELED : 0;
}

static int wsp_poll_once(const struct wsp_poll *arg, struct poll_wqueues *queues)
{
	int rc;

	rc = wsp_poll_look_at_all(u64_to_user_ptr(arg->fds), arg->count, &queues->pt);
	if (!rc)
		rc = wsp_poll_over(arg->over);
	if (!rc)
		rc = queues->error;
	if (!rc && signal_pending(current))
		rc = -ERESTARTNOHAND;
	queues->pt._qproc = NULL;	/* they have joined all queues, if any */
	return rc;
}

/*
 * Is there to be another look? Not when the time is over without a wake-up. One
 * that came late is looked after, but is the last.
 */
static bool wsp_poll_sleep(struct poll_wqueues *queues, ktime_t *deadline,
			   bool *in_time)
{
	bool woken;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(queues->triggered))
		*in_time = schedule_hrtimeout_range(deadline, current->timer_slack_ns,
						    HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
	woken = READ_ONCE(queues->triggered);
	/* As in poll(2): what was written before a wake-up is seen from here on, and
	 * one that comes while the sockets are looked at is not lost.
	 */
	smp_store_mb(queues->triggered, 0);
	return *in_time || woken;
}

/* To join the queues costs more than to look: that is for when nothing is ready. */
static int wsp_poll(const struct wsp_poll *arg, ktime_t *deadline)
{
	struct poll_wqueues queues;
	poll_queue_proc join;
	bool in_time = true;
	int rc;

	poll_initwait(&queues);
	join = queues.pt._qproc;
	queues.pt._qproc = NULL;
	rc = wsp_poll_once(arg, &queues);
	if (!rc && arg->timeout) {
		queues.pt._qproc = join;
		do {
			rc = wsp_poll_once(arg, &queues);
		} while (!rc && in_time &&
			 wsp_poll_sleep(&queues, deadline, &in_time));
	}
	poll_freewait(&queues);
	return rc;
}

/* No process has more files, even if its limit is lower by now. */
static unsigned int wsp_poll_most(void)
{
	unsigned int most;

	rcu_read_lock();
	most = files_fdtable(current->files)->max_fds;
	rcu_read_unlock();
	return most;
}

int wsp_poll_ioctl(void __user *argp)
{
	struct wsp_poll __user *uarg = argp;
	struct wsp_poll arg;
	ktime_t deadline;
	s64 left;
	int rc;

	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (memchr_inv(arg.reserved, 0, sizeof(arg.reserved)))
		return -EINVAL;
	if (arg.count > wsp_poll_most())
		return -EBADF;
	if (arg.timeout <= 0)
		return wsp_poll(&arg, NULL);

	deadline = ktime_add_safe(ktime_get(), ns_to_ktime(arg.timeout));
	rc = wsp_poll(&arg, &deadline);
	if (rc == -ERESTARTNOHAND) {
		left = max_t(s64, ktime_to_ns(ktime_sub(deadline, ktime_get())), 0);
		if (put_user(left, &uarg->timeout))
			rc = -EFAULT;
	}
	return rc;
}
