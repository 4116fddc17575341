// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>

#include "attempt.h"
#include "connect.h"
#include "event.h"
#include "kind.h"
#include "reset.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"
#include "wait.h"

/* How long an attempt waits for what is on its way to the former one. */
#define WSP_QUIESCE	(HZ / 5)

static bool wsp_stream_pending(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
}

/*
 * The peer may have ended a connection before any call has found it made: then
 * only the acknowledged SYN tells it from a failed attempt (C-06, E-10).
 */
bool wsp_stream_has_stood(const struct sock *sk)
{
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_LISTEN))
		return false;
	return sk->sk_state != TCP_CLOSE || READ_ONCE(tcp_sk(sk)->bytes_acked);
}

static enum wsp_stage wsp_stream_stage(const struct socket *sock)
{
	switch (wsp_table(sock)) {
	case WSP_TABLE_IDLE:
		return WSP_STAGE_NEW;
	case WSP_TABLE_BLOCKED:
		return WSP_STAGE_BLOCKED;
	case WSP_TABLE_ATTEMPT:
		return wsp_stream_has_stood(sock->sk) ? WSP_STAGE_STOOD :
							WSP_STAGE_LEFT;
	default:
		return WSP_STAGE_STOOD;
	}
}

/* For event.c in any context, else under the sock's lock. */
enum wsp_state wsp_stream_state_of(const struct socket *sock)
{
	return wsp_stream_state(wsp_stream_stage(sock),
				READ_ONCE(sock->sk->sk_state));
}

/* Of @pending, what the first signal to be delivered to a handler asks for. */
static int wsp_handler_errno(const struct sighand_struct *handlers,
			     sigset_t *pending)
{
	int sig;

	for (sig = 1; sig <= _NSIG; sig++) {
		const struct sigaction *sa = &handlers->action[sig - 1].sa;

		if (!sigismember(pending, sig) ||
		    sigismember(&current->blocked, sig) ||
		    sa->sa_handler == SIG_DFL || sa->sa_handler == SIG_IGN)
			continue;
		return sa->sa_flags & SA_RESTART ? -ERESTARTNOINTR : -EINTR;
	}
	return 0;
}

/*
 * Will the signal that ended a wait restart the call (C-12)? What is found here
 * holds, whatever else is pending by the time of the delivery. With no handler
 * yet, as for a thread that is to stop, it is left to one that may come.
 */
static int wsp_signal_errno(void)
{
	struct sighand_struct *handlers = rcu_dereference_raw(current->sighand);
	int rc;

	/* No worker of io_uring makes a call again. */
	if (fatal_signal_pending(current) || current->flags & PF_IO_WORKER)
		return -EINTR;

	spin_lock_irq(&handlers->siglock);
	rc = wsp_handler_errno(handlers, &current->pending.signal) ?:
	     wsp_handler_errno(handlers, &current->signal->shared_pending.signal) ?:
	     -ERESTARTSYS;
	spin_unlock_irq(&handlers->siglock);
	return rc;
}

static bool wsp_restarts(int rc)
{
	return rc == -ERESTARTSYS || rc == -ERESTARTNOINTR;
}

/* The connection stands: the native table will do from here on. */
static void wsp_stream_made(struct socket *sock, struct wsp_attempt *attempt)
{
	sock->state = SS_CONNECTED;
	wsp_see_options(sock, false);	/* no scope matters any more */
	wsp_set_table(sock, WSP_TABLE_CONNECTED);
	if (attempt)
		wsp_attempt_drop(attempt);
}

/* C-05: nothing of a former attempt has a part in what the socket does next. */
static void wsp_stream_forget(struct socket *sock)
{
	struct wsp_attempt *attempt = wsp_attempt_of(sock);
	struct sock *sk = sock->sk;

	if (attempt) {
		wsp_stats_inc(sock_net(sk), WSP_STAT_AFRESH);
		trace_wsp_rule(sock, NULL, "C-05", 0);
		wsp_set_table(sock, WSP_TABLE_IDLE);
		wsp_reset(sock, attempt);
		wsp_attempt_drop(attempt);
	}
	sock_error(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	if (!skb_queue_empty_lockless(&sk->sk_error_queue))
		skb_queue_purge(&sk->sk_error_queue);
}

/*
 * A failed attempt has no name (C-05), but it goes on being a failed one (C-07).
 * What Linux tells of it by poll(2), send(2) and recv(2) stays as well.
 */
static void wsp_stream_tidy(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int shut;

	if (sk->sk_state != TCP_CLOSE)
		return;
	if (wsp_stream_state_of(sock) == WSP_STATE_FAILED &&
	    sock->state != SS_UNCONNECTED) {
		shut = sk->sk_shutdown;
		wsp_reset(sock, wsp_attempt_of(sock));
		WRITE_ONCE(sk->sk_shutdown, shut);
	}
	wsp_reset_name(sk);
}

/*
 * An ICMP error that meets a socket in use is only noted, by a copy on the error
 * queue if the program wants one, and the attempt goes on. To the program, which
 * is told by POLLERR, it has failed.
 */
static bool wsp_stream_refused(const struct socket *sock)
{
	return !skb_queue_empty_lockless(&sock->sk->sk_error_queue) &&
	       wsp_stream_state_of(sock) == WSP_STATE_PENDING;
}

static bool wsp_names_v4(const struct sock *sk,
			 const struct sockaddr_unsized *name)
{
	__be32 addr;

	return wsp_name_v4(name, &addr) && sk->sk_family == AF_INET6;
}

/* The native connect begins in the same way, but hides whose refusal it is. */
static int wsp_stream_start(struct socket *sock, struct wsp_attempt *attempt,
			    struct sockaddr_unsized *name, int len)
{
	struct sock *sk = sock->sk;
	int rc;

	/* A BPF program may have another name in its place. */
	rc = wsp_connect_allowed(sk, name, len) ?:
	     wsp_reset_family(sk, wsp_names_v4(sk, name));
	if (rc)
		return rc;

	attempt->dev = sk->sk_bound_dev_if;
	rc = sk->sk_prot->connect(sk, name, len);
	attempt->scope = sk->sk_bound_dev_if;
	attempt->clamped = tcp_sk(sk)->window_clamp;
	if (rc)
		return rc;

	sock->state = SS_CONNECTING;
	return -READ_ONCE(sk->sk_err_soft) ?: -EINPROGRESS;
}

/*
 * Waits for the end of an attempt, in the same way as the native connect.
 * -EINPROGRESS: it goes on all the same.
 */
static int wsp_stream_wait(struct socket *sock, bool nonblock)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, nonblock);
	struct wsp_waiter waiter;
	int rc = 0;

	if (!timeo)
		return nonblock ? -EINPROGRESS : -ETIMEDOUT;

	wsp_set_table(sock, WSP_TABLE_BLOCKED);
	wsp_waiter_join(&waiter, sock, false);
	while (wsp_stream_pending(sk) && !rc) {
		release_sock(sk);
		timeo = wsp_waiter_sleep(&waiter, timeo);
		lock_sock(sk);
		rc = wsp_waiter_ended(&waiter, timeo);	/* E-16: SO_SNDTIMEO */
	}
	wsp_waiter_leave(&waiter, sock);
	return rc ?: -EINPROGRESS;
}

/*
 * An attempt has failed in the call itself: no trace of it is left (C-05).
 * Another thread may have shut it down, and use the socket to listen already.
 */
static int wsp_stream_fail(struct socket *sock, struct wsp_attempt *attempt,
			   int error)
{
	struct sock *sk = sock->sk;
	int rc;

	wsp_set_table(sock, WSP_TABLE_IDLE);
	rc = -wsp_connect_error(sk, error);
	if (rc != -error)
		trace_wsp_rule(sock, NULL, NULL, rc);
	if (sk->sk_state != TCP_LISTEN) {
		wsp_reset(sock, attempt);
		sock_error(sk);	/* C-08 */
	}
	wsp_attempt_drop(attempt);
	return rc;
}

/* An attempt goes on without its caller, who is told so by @rc or is to be back. */
static int wsp_stream_leave(struct socket *sock, struct wsp_attempt *attempt,
			    int rc)
{
	if (rc == -ERESTARTSYS)
		rc = wsp_signal_errno();
	if (wsp_restarts(rc))
		wsp_attempt_call_away(attempt);
	wsp_set_table(sock, wsp_restarts(rc) ? WSP_TABLE_BLOCKED :
					       WSP_TABLE_ATTEMPT);
	return rc;
}

/* Goes on with an attempt for as long as the caller waits for it. */
static int wsp_stream_go_on(struct socket *sock, struct wsp_attempt *attempt,
			    bool nonblock)
{
	const struct sock *sk = sock->sk;
	const int rc = wsp_stream_wait(sock, nonblock);

	/* What has come of it goes before how the wait has ended. */
	if (wsp_stream_has_stood(sk)) {
		wsp_stream_made(sock, attempt);
		return 0;
	}
	if (!wsp_stream_pending(sk))
		return wsp_stream_fail(sock, attempt,
				       attempt->error ?: ECONNABORTED);
	if (rc == -ETIMEDOUT || rc == -ECANCELED) {
		trace_wsp_rule(sock, NULL, NULL, rc);
		return wsp_stream_fail(sock, attempt, -rc);
	}
	return wsp_stream_leave(sock, attempt, rc);
}

static int wsp_stream_judge_name(struct socket *sock,
				 const struct sockaddr_unsized *name, int len)
{
	static const char * const rules[] = {
		[WSP_NAME_ANY]		= "C-01",
		[WSP_NAME_BROADCAST]	= "C-03",
		[WSP_NAME_MULTICAST]	= "C-03",
		[WSP_NAME_HOST]		= "C-02",
	};
	enum wsp_name_class class;
	int rc;

	class = wsp_connect_class(sock->sk, sock->sk->sk_bound_dev_if, name, len);
	if (class != WSP_NAME_SHORT)
		wsp_event_attempt(sock);
	else
		name = NULL;
	rc = wsp_stream_name_error(class, name);
	if (rc)
		trace_wsp_rule(sock, name, rules[class], rc);
	return rc;
}

/* Such an attempt has not been announced, and is over now (V-02). */
static void wsp_stream_give_up(struct socket *sock)
{
	struct sock *sk = sock->sk;
	const int error = READ_ONCE(sk->sk_err_soft) ?: ECONNABORTED;

	wsp_event_outcome(sock, -wsp_connect_error(sk, error));
	wsp_stream_forget(sock);
}

/* C-04: the state speaks first. If it allows for an attempt, the former is over. */
static int wsp_stream_judge_state(struct socket *sock)
{
	int rc;

	if (wsp_stream_refused(sock))
		wsp_stream_give_up(sock);
	rc = wsp_stream_state_error(wsp_stream_state_of(sock));
	if (!rc)
		wsp_stream_forget(sock);
	return rc;
}

/* For a call to connect that never gets as far as to make an attempt. */
int wsp_stream_asked(struct socket *sock)
{
	int rc;

	lock_sock(sock->sk);
	rc = wsp_stream_judge_state(sock);
	release_sock(sock->sk);
	return rc;
}

/* 0: an attempt may begin. 1: the lock was given up, all is to be judged again. */
static int wsp_stream_prepare(struct socket *sock,
			      const struct sockaddr_unsized *name, int len,
			      unsigned long deadline)
{
	int rc;

	rc = wsp_stream_judge_state(sock);
	if (rc) {
		trace_wsp_rule(sock, NULL, NULL, rc);
		return rc;
	}
	return wsp_stream_judge_name(sock, name, len) ?:
	       wsp_reset_quiesce(sock->sk, deadline);
}

/* Nobody is to be back to the wait any more. */
static void wsp_stream_unwait(struct socket *sock, struct wsp_attempt *attempt)
{
	wsp_attempt_unwait(attempt);
	wsp_set_table(sock, WSP_TABLE_ATTEMPT);
}

/*
 * Is this the call that a signal handler interrupted, made again (C-12)? One that
 * does not block is not, or not any more: nobody is to be back after it.
 */
static struct wsp_attempt *wsp_stream_resumed(struct socket *sock, int flags)
{
	struct wsp_attempt *attempt = wsp_attempt_of(sock);

	if (!attempt || !wsp_attempt_is_own(attempt))
		return NULL;
	if (!(flags & O_NONBLOCK))
		return attempt;
	wsp_stream_unwait(sock, attempt);
	return NULL;
}

/* The sock's lock; a waiter who has ended in his handler is not waited for. */
static void wsp_stream_lock(struct socket *sock)
{
	struct wsp_attempt *attempt;

	lock_sock(sock->sk);
	attempt = wsp_attempt_of(sock);
	if (attempt && wsp_attempt_is_left(attempt))
		wsp_stream_unwait(sock, attempt);
}

/*
 * What the caller would meet. A thread that asks is not inside a call of its own,
 * unless it is in a handler that has interrupted that.
 */
enum wsp_state wsp_stream_state_here(struct socket *sock)
{
	const struct wsp_attempt *attempt;
	enum wsp_state state;

	wsp_stream_lock(sock);
	state = wsp_stream_state_of(sock);
	attempt = wsp_attempt_of(sock);
	if (attempt && wsp_attempt_is_own(attempt))
		state = wsp_stream_has_stood(sock->sk) ?
			WSP_STATE_CONNECTED :
			wsp_stream_state(WSP_STAGE_LEFT, sock->sk->sk_state);
	release_sock(sock->sk);
	return state;
}

/* C-12: the caller has been told of EINTR, so its call is not made again. */
void wsp_stream_told(struct socket *sock)
{
	struct wsp_attempt *attempt;

	lock_sock(sock->sk);
	attempt = wsp_attempt_of(sock);
	if (attempt && wsp_attempt_is_own(attempt))
		wsp_stream_unwait(sock, attempt);
	release_sock(sock->sk);
}

/*
 * Begins an attempt: -EINPROGRESS, or what has come of it at once. The inode's
 * lock keeps listen(2) away, which has to give up the sock's (wsp_stream_listen).
 */
static int wsp_stream_begin(struct socket *sock, struct sockaddr_unsized *name,
			    int len)
{
	const unsigned long deadline = jiffies + WSP_QUIESCE;
	struct wsp_attempt *attempt;
	int rc;

	do {
		rc = wsp_stream_prepare(sock, name, len, deadline);
	} while (rc > 0);
	if (rc)
		return rc;

	attempt = wsp_attempt_new(sock);
	if (!attempt)
		return -ENOBUFS;
	rc = wsp_stream_start(sock, attempt, name, len);
	if (rc != -EINPROGRESS)
		return wsp_stream_fail(sock, attempt, -rc);
	/* Not before, or it would pass for one that has failed. */
	wsp_set_table(sock, WSP_TABLE_ATTEMPT);
	return rc;
}

int wsp_stream_connect(struct socket *sock, struct sockaddr_unsized *name,
		       int len, int flags)
{
	struct wsp_attempt *resumed;	/* whose name is not this one */
	struct sock *sk = sock->sk;
	int rc = -EINPROGRESS;

	inode_lock(SOCK_INODE(sock));
	wsp_stream_lock(sock);
	resumed = wsp_stream_resumed(sock, flags);
	if (resumed)
		wsp_attempt_unwait(resumed);
	else
		rc = wsp_stream_begin(sock, name, len);
	inode_unlock(SOCK_INODE(sock));

	if (rc == -EINPROGRESS)
		rc = wsp_stream_go_on(sock, wsp_attempt_of(sock),
				      flags & O_NONBLOCK);
	if (rc == -ENETUNREACH && !resumed &&
	    wsp_names_broadcast(sk, sk->sk_bound_dev_if, name)) {
		rc = -EADDRNOTAVAIL;
		trace_wsp_rule(sock, name, "C-03", rc);
	}
	wsp_event_outcome(sock, rc);
	wsp_stats_connect(sock_net(sk), rc);
	release_sock(sk);
	return rc;
}

/*
 * Of a socket with an attempt. One that kernel_accept() has made has the table of
 * its listener and no attempt, and one of a failed accept(2) has no sock.
 */
int wsp_stream_release(struct socket *sock)
{
	struct wsp_attempt *attempt;

	if (!sock->sk)
		return 0;
	attempt = wsp_attempt_of(sock);
	if (attempt)
		wsp_attempt_drop(attempt);
	return wsp_native(sock)->release(sock);
}

/* The native accept waits in its own way, which nobody can end (T-01). */
static WSP_ACCEPT(wsp_stream_accept_wait)
{
	long timeo = sock_rcvtimeo(sock->sk, false);
	struct wsp_waiter waiter;
	int rc;

	wsp_waiter_join(&waiter, sock, true);
	for (;;) {
		rc = WSP_NATIVE_ACCEPT(wsp_native(sock));
		if (rc != -EAGAIN)
			break;
		rc = wsp_waiter_ended(&waiter, timeo);
		if (rc)
			break;
		timeo = wsp_waiter_sleep(&waiter, timeo);
	}
	wsp_waiter_leave(&waiter, sock);
	if (rc == -ETIMEDOUT)
		return -EAGAIN;
	return rc == -ECANCELED ? -EINTR : rc;
}

/*
 * C-14. Whatever table the listener has, and if it fails, too. A socket that
 * kernel_accept() has made gets table and reference only after success, and has
 * none to give back before.
 */
WSP_ACCEPT(wsp_stream_accept)
{
	const bool nonblock = WSP_ACCEPT_FLAGS & O_NONBLOCK;
	int rc;

	if (newsock->ops)
		newsock->ops = &wsp_sock_kind(sock)->table[false][WSP_TABLE_ACCEPTED].ops;
	WSP_ACCEPT_FLAGS |= O_NONBLOCK;
	rc = WSP_NATIVE_ACCEPT(wsp_native(sock));
	if (rc == -EAGAIN && !nonblock)
		rc = WSP_SAME_ACCEPT(wsp_stream_accept_wait);
	if (!nonblock)
		WSP_ACCEPT_FLAGS &= ~O_NONBLOCK;
	return rc;
}

/*
 * C-07: a failed attempt is forgotten, whatever comes of this. A thread that has
 * not yet found its own shut down does that itself.
 */
static int wsp_stream_before_listen(struct socket *sock)
{
	const unsigned long deadline = jiffies + WSP_QUIESCE;
	struct sock *sk = sock->sk;

	do {
		switch (wsp_stream_state_of(sock)) {
		case WSP_STATE_IDLE:
		case WSP_STATE_FAILED:
			wsp_stream_forget(sock);
			break;
		case WSP_STATE_BLOCKED:
			if (wsp_stream_pending(sk))
				return -EINVAL;
			break;
		case WSP_STATE_CONNECTED:	/* once so, always so (E-10) */
			return -EINVAL;
		default:
			return 0;
		}
	} while (wsp_reset_quiesce(sk, deadline));
	return wsp_reset_family(sk, false);
}

int wsp_stream_listen(struct socket *sock, int backlog)
{
	int rc;

	inode_lock(SOCK_INODE(sock));
	wsp_stream_lock(sock);
	rc = wsp_stream_before_listen(sock);
	release_sock(sock->sk);
	if (!rc)
		rc = wsp_native(sock)->listen(sock, backlog);
	inode_unlock(SOCK_INODE(sock));
	return rc;
}

/* C-05: what a socket without a connection is called. */
int wsp_stream_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	wsp_stream_lock(sock);
	wsp_stream_tidy(sock);
	release_sock(sock->sk);
	return wsp_native(sock)->getname(sock, addr, peer);
}

int wsp_stream_bind(struct socket *sock, struct sockaddr_unsized *name, int len)
{
	wsp_stream_lock(sock);
	wsp_stream_tidy(sock);
	release_sock(sock->sk);
	return wsp_bind(sock, name, len);
}

/* D-04: the program has bound the socket to a device, its former one or another. */
void wsp_stream_bound(struct socket *sock)
{
	struct wsp_attempt *attempt;

	lock_sock(sock->sk);
	attempt = wsp_attempt_of(sock);
	if (attempt)
		attempt->scope = attempt->dev;
	release_sock(sock->sk);
}

/*
 * C-05: without a connection there is nothing to shut, now or later; but an
 * attempt is ended by it, and has failed (C-07). -EINPROGRESS: the native
 * function is to go on.
 */
static int wsp_stream_shut(struct socket *sock)
{
	struct sock *sk = sock->sk;

	switch (wsp_stream_state_of(sock)) {
	case WSP_STATE_PENDING:
	case WSP_STATE_BLOCKED:
		if (!wsp_stream_pending(sk))
			return -ENOTCONN;
		wsp_reset(sock, wsp_attempt_of(sock));
		sk->sk_state_change(sk);
		return 0;
	case WSP_STATE_IDLE:
	case WSP_STATE_FAILED:
		return -ENOTCONN;
	default:
		return -EINPROGRESS;
	}
}

int wsp_stream_shutdown(struct socket *sock, int how)
{
	int rc;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	inode_lock(SOCK_INODE(sock));
	wsp_stream_lock(sock);
	rc = wsp_stream_shut(sock);
	release_sock(sock->sk);
	if (rc == -EINPROGRESS)
		rc = wsp_native(sock)->shutdown(sock, how);
	inode_unlock(SOCK_INODE(sock));
	return rc;
}

/*
 * A connection that was completed in the background gets the native table by
 * the first call that finds it so.
 */
void wsp_stream_promote(struct socket *sock)
{
	lock_sock(sock->sk);
	if (wsp_table(sock) == WSP_TABLE_ATTEMPT &&
	    wsp_stream_has_stood(sock->sk))
		wsp_stream_made(sock, wsp_attempt_of(sock));
	release_sock(sock->sk);
}

/* The sendmsg of a socket that is not known to be connected. */
int wsp_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	if (wsp_stream_has_stood(sock->sk))
		wsp_stream_promote(sock);
	/* C-13: it would connect past the rules, and past security modules. */
	if ((msg->msg_flags & MSG_FASTOPEN) &&
	    wsp_table(sock) != WSP_TABLE_CONNECTED) {
		wsp_stats_inc(sock_net(sock->sk), WSP_STAT_FASTOPEN);
		trace_wsp_rule(sock, NULL, "C-13", -EOPNOTSUPP);
		return -EOPNOTSUPP;
	}
	return wsp_native(sock)->sendmsg(sock, msg, len);
}
