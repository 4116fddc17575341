// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/inet_connection_sock.h>

#include "connect.h"
#include "event.h"
#include "kind.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"
#include "waiter.h"

static bool wsp_stream_pending(const struct socket *sock)
{
	return sock->state != SS_CONNECTED &&
	       (1 << sock->sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
}

/*
 * The peer may have ended a connection before any call has found it made: then
 * only the acknowledged SYN tells it from a failed attempt (C-06, E-10).
 */
static bool wsp_stream_has_stood(const struct socket *sock)
{
	const struct sock *sk = sock->sk;

	return sock->state != SS_UNCONNECTED && sk->sk_state == TCP_CLOSE &&
	       READ_ONCE(tcp_sk(sk)->bytes_acked);
}

/* The waiter in a handler might never be back: it blocks for the attempt only. */
enum wsp_state wsp_stream_state_of(const struct socket *sock)
{
	const enum wsp_table table = wsp_table(sock);
	const bool waited = table == WSP_TABLE_BLOCKED ||
			    table == WSP_TABLE_INTERRUPTED;

	if (!waited && wsp_stream_has_stood(sock))
		return WSP_STATE_CONNECTED;
	return wsp_stream_state(sock->state, sock->sk->sk_state,
				waited && (table == WSP_TABLE_BLOCKED ||
					   wsp_stream_pending(sock)));
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

	if (fatal_signal_pending(current))
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

/* Ends an attempt and takes back all that it has set on the socket. */
static void wsp_stream_reset(struct socket *sock)
{
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	struct sock *sk = sock->sk;

	sock->state = SS_UNCONNECTED;	/* it has no outcome of its own (V-02) */
	__inet_stream_connect(sock, (struct sockaddr_unsized *)&none,
			      sizeof(none), 0, 0);
	sock_error(sk);
	WRITE_ONCE(sk->sk_err_soft, 0);
}

/*
 * An attempt on a v4-mapped name leaves an IPv6 socket with the operations of
 * IPv4, which the stack does not take back for a name of IPv6.
 */
static void wsp_stream_unmap(struct sock *sk)
{
	const struct wsp_kind *kind = wsp_kind(SOCK_STREAM, sk->sk_family);

	WRITE_ONCE(inet_csk(sk)->icsk_af_ops, kind->af_ops);
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
#if defined(CONFIG_TCP_MD5SIG) || defined(CONFIG_TCP_AO)
	tcp_sk(sk)->af_specific = kind->af_specific;
#endif
}

/* The waiter in a handler is not waited for any more. */
static void wsp_stream_unwait(struct socket *sock)
{
	const int dev = wsp_waiter_drop(sock);

	wsp_set_table(sock, sock->sk->sk_bound_dev_if == dev ?
			    WSP_TABLE_IDLE : WSP_TABLE_SCOPED);
}

/* C-05: nothing of a former attempt has a part in the next one. */
static void wsp_stream_forget(struct socket *sock,
			      const struct sockaddr_unsized *name)
{
	struct sock *sk = sock->sk;

	if (wsp_table(sock) == WSP_TABLE_INTERRUPTED)
		wsp_stream_unwait(sock);
	if (sock->state != SS_UNCONNECTED) {
		wsp_stats_inc(sock_net(sk), WSP_STAT_AFRESH);
		trace_wsp_rule(sock, name, "C-05", 0);
		wsp_stream_reset(sock);
	} else {
		sock_error(sk);
	}
	if (!skb_queue_empty_lockless(&sk->sk_error_queue))
		skb_queue_purge(&sk->sk_error_queue);
	if (sk->sk_family == AF_INET6)
		wsp_stream_unmap(sk);
	if (wsp_table(sock) == WSP_TABLE_SCOPED)
		WRITE_ONCE(sk->sk_bound_dev_if, 0);
}

/*
 * An attempt is over, or goes on without a waiter: @rc is what the stack said,
 * @dev the device that the socket was bound to before the attempt.
 */
static void wsp_stream_settle(struct socket *sock, int rc, int dev)
{
	struct sock *sk = sock->sk;
	enum wsp_table table = WSP_TABLE_IDLE;

	if (!rc)
		table = WSP_TABLE_CONNECTED;
	else if (!wsp_stream_pending(sock))
		WRITE_ONCE(sk->sk_bound_dev_if, dev);
	else if (wsp_restarts(rc))
		table = WSP_TABLE_INTERRUPTED;
	else if (sk->sk_bound_dev_if != dev)
		table = WSP_TABLE_SCOPED;
	wsp_set_table(sock, table);
}

/*
 * An ICMP error that meets a socket in use, as by the very call that sent the
 * SYN, is only noted: sk_err_soft, a copy on the error queue, and the attempt
 * goes on. To the program, which is told by POLLERR, it has failed.
 */
static bool wsp_stream_refused(const struct socket *sock)
{
	const struct sock *sk = sock->sk;

	return (READ_ONCE(sk->sk_err_soft) ||
		!skb_queue_empty_lockless(&sk->sk_error_queue)) &&
	       wsp_stream_state_of(sock) == WSP_STATE_PENDING;
}

/* The native connect begins in the same way, but hides whose refusal it is. */
static int wsp_stream_start(struct socket *sock, struct sockaddr_unsized *name,
			    int len)
{
	struct sock *sk = sock->sk;
	int rc, refused;

	rc = wsp_connect_allowed(sk, name, len) ?:
	     sk->sk_prot->connect(sk, name, len);
	if (rc)
		return rc;
	sock->state = SS_CONNECTING;
	if (!wsp_stream_pending(sock))
		return __inet_stream_connect(sock, NULL, 0, O_NONBLOCK, 0);

	refused = READ_ONCE(sk->sk_err_soft);
	if (!refused)
		return -EINPROGRESS;
	wsp_stream_reset(sock);
	return -refused;
}

/* Has the wait come to its end before the attempt? */
static bool wsp_wait_over(int rc)
{
	return rc == -EALREADY || rc == -EINTR || rc == -ERESTARTSYS;
}

static int wsp_stream_wait(struct socket *sock, int flags)
{
	int rc;

	wsp_set_table(sock, WSP_TABLE_BLOCKED);
	rc = __inet_stream_connect(sock, NULL, 0, flags, 0);

	if (sock->sk->sk_state == TCP_LISTEN) {
		/* Another thread has shut it down, to use it for that. */
		sock->state = SS_UNCONNECTED;
		return -ECONNABORTED;
	}
	if (!wsp_wait_over(rc))
		return rc;
	if (!wsp_stream_pending(sock)) {
		/* It came together with the outcome, or with shutdown(2). */
		sock->state = SS_CONNECTING;
		return __inet_stream_connect(sock, NULL, 0, flags, 0);
	}
	if (rc == -EALREADY) {
		wsp_stream_reset(sock);
		rc = -ETIMEDOUT;	/* E-16: SO_SNDTIMEO */
		trace_wsp_rule(sock, NULL, NULL, rc);
	}
	return rc;
}

/*
 * Starts an attempt, or with a NULL @name goes on with the one under way, and
 * waits for it if the caller blocks.
 */
static int wsp_stream_attempt(struct socket *sock, struct sockaddr_unsized *name,
			      int len, int flags, int dev)
{
	struct sock *sk = sock->sk;
	int error, rc = -EINPROGRESS;

	if (name)
		rc = wsp_stream_start(sock, name, len);
	if (rc == -EINPROGRESS && sock_sndtimeo(sk, flags & O_NONBLOCK))
		rc = wsp_stream_wait(sock, flags);
	if (rc == -ERESTARTSYS)
		rc = wsp_signal_errno();
	if (wsp_restarts(rc) && !wsp_waiter_keep(sock, dev))
		rc = -EINTR;
	wsp_stream_settle(sock, rc, dev);
	if (!rc || wsp_restarts(rc))
		return rc;

	error = -wsp_connect_error(sk, -rc);
	if (error != rc)
		trace_wsp_rule(sock, name, NULL, error);
	return error;
}

static int wsp_stream_judge(struct socket *sock,
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

	rc = wsp_stream_state_error(wsp_stream_state_of(sock));
	if (rc) {
		trace_wsp_rule(sock, NULL, NULL, rc);
		return rc;
	}
	class = wsp_connect_class(sock->sk, name, len);
	if (class != WSP_NAME_SHORT)
		wsp_event_attempt(sock);
	else
		name = NULL;
	rc = wsp_stream_name_error(class, name);
	if (rc)
		trace_wsp_rule(sock, name, rules[class], rc);
	return rc;
}

/* Goes on with the attempt, unless another thread has ended it meanwhile. */
static int wsp_stream_resume(struct socket *sock, int flags)
{
	const int dev = wsp_waiter_drop(sock);

	if (sock->state == SS_CONNECTING)
		return wsp_stream_attempt(sock, NULL, 0, flags, dev);

	wsp_stream_settle(sock, -ECONNREFUSED, dev);
	return -ECONNREFUSED;
}

/* Is this the call that a signal handler interrupted, made again (C-12)? */
static bool wsp_stream_resumes(struct socket *sock, int flags)
{
	enum wsp_whereabouts waiter;

	if (wsp_table(sock) != WSP_TABLE_INTERRUPTED)
		return false;
	waiter = wsp_waiter_seek(sock);
	if (waiter == WSP_WAITER_BACK && !(flags & O_NONBLOCK))
		return true;
	if (waiter != WSP_WAITER_AWAY)
		wsp_stream_unwait(sock);
	return false;
}

/* C-12: the caller has been told of EINTR, so its call is not made again. */
void wsp_stream_told(struct socket *sock)
{
	lock_sock(sock->sk);
	if (wsp_table(sock) == WSP_TABLE_INTERRUPTED &&
	    wsp_waiter_is_current(sock))
		wsp_stream_unwait(sock);
	release_sock(sock->sk);
}

int wsp_stream_connect(struct socket *sock, struct sockaddr_unsized *name,
		       int len, int flags)
{
	struct sock *sk = sock->sk;
	int rc;

	lock_sock(sk);
	if (wsp_stream_resumes(sock, flags)) {
		rc = wsp_stream_resume(sock, flags);
		goto out;
	}

	if (wsp_stream_refused(sock))
		wsp_stream_reset(sock);
	rc = wsp_stream_judge(sock, name, len);
	if (rc)
		goto out;
	wsp_stream_forget(sock, name);
	rc = wsp_stream_attempt(sock, name, len, flags, sk->sk_bound_dev_if);
	if (rc == -ENETUNREACH && wsp_names_broadcast(sk, name)) {
		rc = -EADDRNOTAVAIL;
		trace_wsp_rule(sock, name, "C-03", rc);
	}
out:
	wsp_event_outcome(sock, rc);
	wsp_stats_connect(sock_net(sk), rc);
	release_sock(sk);
	return rc;
}

/*
 * The release of a socket whose waiter has never come back; or of one without
 * a sock, after a failed accept(2) on such a socket.
 */
int wsp_stream_release(struct socket *sock)
{
	if (!sock->sk)
		return 0;
	wsp_waiter_drop(sock);
	return wsp_native(sock)->release(sock);
}

/* C-14. Whatever table the listener has, and if it fails, too. */
WSP_ACCEPT(wsp_stream_accept)
{
	newsock->ops = &wsp_sock_kind(sock)->table[false][WSP_TABLE_ACCEPTED].ops;
	return WSP_NATIVE_ACCEPT(wsp_native(sock));
}

/*
 * A connection that was completed in the background gets the native table by
 * the first call that finds it so.
 */
void wsp_stream_promote(struct socket *sock)
{
	lock_sock(sock->sk);
	if (wsp_table(sock) != WSP_TABLE_BLOCKED &&
	    wsp_table(sock) != WSP_TABLE_INTERRUPTED &&
	    wsp_stream_state_of(sock) == WSP_STATE_CONNECTED) {
		sock->state = SS_CONNECTED;
		wsp_set_table(sock, WSP_TABLE_CONNECTED);
	}
	release_sock(sock->sk);
}

/* The sendmsg of a socket that is not known to be connected. */
int wsp_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	if (sock->sk->sk_state == TCP_ESTABLISHED)
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
