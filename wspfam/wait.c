// SPDX-License-Identifier: GPL-2.0
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <net/sock.h>

#include <linux/wsp.h>

#include "kind.h"
#include "wait.h"

static int wsp_waiter_wake(wait_queue_entry_t *entry, unsigned int mode,
			   int flags, void *key)
{
	struct wsp_waiter *waiter = container_of(entry, struct wsp_waiter, entry);

	if (key_to_poll(key) == WSP_POLL_CANCEL) {
		if (waiter->process != current->signal)
			return 0;
		WRITE_ONCE(waiter->cancelled, true);
	}
	return woken_wake_function(entry, mode, flags, key);
}

/* @exclusive: what wakes it is for one thread alone. */
void wsp_waiter_join(struct wsp_waiter *waiter, struct socket *sock,
		     bool exclusive)
{
	*waiter = (struct wsp_waiter) {
		.process = current->signal,
	};
	init_waitqueue_func_entry(&waiter->entry, wsp_waiter_wake);
	waiter->entry.private = current;
	if (exclusive)
		add_wait_queue_exclusive(&sock->wq.wait, &waiter->entry);
	else
		add_wait_queue(&sock->wq.wait, &waiter->entry);
	/*
	 * Who joins then looks, who wakes has stored and then looks whether anybody has
	 * joined: pairs with skwq_has_sleeper().
	 */
	smp_mb();
}

void wsp_waiter_leave(struct wsp_waiter *waiter, struct socket *sock)
{
	remove_wait_queue(&sock->wq.wait, &waiter->entry);
}

/* Until something happens, for at most @timeo jiffies; gives those left. */
long wsp_waiter_sleep(struct wsp_waiter *waiter, long timeo)
{
	return wait_woken(&waiter->entry, TASK_INTERRUPTIBLE, timeo);
}

/* Why the wait is over, though what it was for has not come; 0 if it is not. */
int wsp_waiter_ended(const struct wsp_waiter *waiter, long timeo)
{
	if (READ_ONCE(waiter->cancelled))
		return -ECANCELED;
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	return timeo ? 0 : -ETIMEDOUT;
}

/*
 * An error that only stands in the error queue is not for those who wait for
 * data; whoever finds the socket hung up need not wait.
 */
static bool wsp_is_ready(struct socket *sock, __poll_t events)
{
	const __poll_t mask = wsp_native(sock)->poll(sock->file, sock, NULL);

	return (mask & (events | EPOLLHUP)) || READ_ONCE(sock->sk->sk_err);
}

static long wsp_wait_timeo(const struct sock *sk, const struct wsp_wait *arg)
{
	if (arg->left != WSP_WAIT_TIMEO)
		return msecs_to_jiffies(arg->left);
	return arg->events & POLLOUT ? READ_ONCE(sk->sk_sndtimeo) :
				       READ_ONCE(sk->sk_rcvtimeo);
}

/*
 * Waits until the socket is ready for what @arg says, as a blocking call does. 1: it
 * was so already.
 */
int wsp_wait_ready(struct socket *sock, struct wsp_wait *arg)
{
	const __poll_t events = (__force __poll_t)arg->events;
	long timeo = wsp_wait_timeo(sock->sk, arg);
	struct wsp_waiter waiter;
	int rc = 1;

	if (sock->file->f_flags & O_NONBLOCK)
		return -EAGAIN;

	wsp_waiter_join(&waiter, sock, false);
	while (!wsp_is_ready(sock, events)) {
		rc = wsp_waiter_ended(&waiter, timeo);
		if (rc)
			break;
		timeo = wsp_waiter_sleep(&waiter, timeo);
	}
	wsp_waiter_leave(&waiter, sock);
	/* A datagram that the caller has not found will not come. */
	if (rc >= 0 && sock->type == SOCK_DGRAM && (events & EPOLLIN) &&
	    (READ_ONCE(sock->sk->sk_shutdown) & RCV_SHUTDOWN))
		rc = -ESHUTDOWN;
	if (timeo != MAX_SCHEDULE_TIMEOUT)
		arg->left = min_t(u64, jiffies64_to_msecs(timeo),
				  WSP_WAIT_TIMEO - 1);
	return rc == -ECANCELED ? -EINTR : rc;
}

/* Ends what other threads of the process wait for on the socket. */
void wsp_wait_cancel(struct socket *sock)
{
	__wake_up(&sock->wq.wait, TASK_NORMAL, 0, poll_to_key(WSP_POLL_CANCEL));
}
