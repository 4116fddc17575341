// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>

#include "attempt.h"
#include "connect.h"
#include "event.h"
#include "kind.h"
#include "reset.h"
#include "restart.h"
#include "state.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"
#include "wait.h"

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

/* The native connect begins in the same way, but hides whose refusal it is. */
static int wsp_stream_start(struct socket *sock, struct wsp_attempt *attempt,
			    struct sockaddr_unsized *name, int len)
{
	struct sock *sk = sock->sk;
	__be32 v4;
	int rc;

	/* A BPF program may have another name in its place. */
	rc = wsp_connect_allowed(sk, name, len) ?:
	     wsp_reset_family(sk, sk->sk_family == AF_INET6 && wsp_name_v4(name, &v4));
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
	wsp_reset_former(sock);
}

/* C-04: the state speaks first. If it allows for an attempt, the former is over. */
static int wsp_stream_judge_state(struct socket *sock)
{
	int rc;

	if (wsp_stream_refused(sock))
		wsp_stream_give_up(sock);
	rc = wsp_stream_state_error(wsp_stream_state_of(sock));
	if (!rc)
		wsp_reset_former(sock);
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

/* C-05: what a socket without a connection is called. */
int wsp_stream_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	wsp_stream_lock(sock);
	wsp_reset_failed(sock);
	release_sock(sock->sk);
	return wsp_native(sock)->getname(sock, addr, peer);
}

int wsp_stream_bind(struct socket *sock, struct sockaddr_unsized *name, int len)
{
	wsp_stream_lock(sock);
	wsp_reset_failed(sock);
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
