// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <net/inet_common.h>
#include <net/inet_connection_sock.h>
#include <net/ipv6.h>

#include "kind.h"
#include "reset.h"
#include "state.h"
#include "stats.h"
#include "trace.h"

/* What a program may have set, and tcp_disconnect() forgets. */
struct wsp_settings {
	u16 mss;
	u32 clamp;
	u32 rto_min;
	u32 delack_max;
	u8 pingpong;	/* TCP_QUICKACK */
	int peek_off;
};

static void wsp_settings_save(const struct sock *sk,
			      const struct wsp_attempt *attempt,
			      struct wsp_settings *set)
{
	set->mss = tcp_sk(sk)->rx_opt.user_mss;
	set->clamp = tcp_sk(sk)->window_clamp;
	set->rto_min = inet_csk(sk)->icsk_rto_min;
	set->delack_max = inet_csk(sk)->icsk_delack_max;
	set->pingpong = inet_csk(sk)->icsk_ack.pingpong;
	set->peek_off = sk->sk_peek_off;
	/* Unless it is the program's, the attempt has made it from what was. */
	if (attempt && set->clamp == attempt->clamped)
		set->clamp = attempt->clamp;
}

static void wsp_settings_restore(struct sock *sk, const struct wsp_settings *set)
{
	tcp_sk(sk)->rx_opt.user_mss = set->mss;
	WRITE_ONCE(tcp_sk(sk)->window_clamp, set->clamp);
	WRITE_ONCE(inet_csk(sk)->icsk_rto_min, set->rto_min);
	WRITE_ONCE(inet_csk(sk)->icsk_delack_max, set->delack_max);
	inet_csk(sk)->icsk_ack.pingpong = set->pingpong;
	WRITE_ONCE(sk->sk_peek_off, set->peek_off);
}

/* The stack forgets the peer's port alone, and tells of the rest (ss). */
static void wsp_reset_peer(struct sock *sk)
{
	inet_sk(sk)->inet_daddr = 0;
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;
}

/* A port that the socket does not hold any more is no part of its name. */
static void wsp_reset_name(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE && !inet_sk(sk)->inet_num)
		inet_sk(sk)->inet_sport = 0;
}

/* A device that somebody else has bound the socket to meanwhile is his. */
static void wsp_reset_device(struct sock *sk, struct wsp_attempt *attempt)
{
	if (attempt->scope != attempt->dev &&
	    sk->sk_bound_dev_if == attempt->scope)
		WRITE_ONCE(sk->sk_bound_dev_if, attempt->dev);
	attempt->scope = attempt->dev;
}

/*
 * The next number has nothing to do with the one that the former peer has seen.
 * What there is to send, which SIOCOUTQ tells, is the difference of these.
 */
static void wsp_reset_sequence(struct tcp_sock *tp)
{
	WRITE_ONCE(tp->write_seq, 0);
	WRITE_ONCE(tp->snd_nxt, 0);
	WRITE_ONCE(tp->snd_una, 0);
}

/*
 * Ends an attempt and takes back all that it has set on the socket (C-05), but
 * for a pending error. @attempt is NULL if it is not known. The device goes
 * first, since the port is filed by it.
 */
void wsp_reset(struct socket *sock, struct wsp_attempt *attempt)
{
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	struct sock *sk = sock->sk;
	struct wsp_settings set;

	if (attempt)
		wsp_reset_device(sk, attempt);
	wsp_settings_save(sk, attempt, &set);
	__inet_stream_connect(sock, (struct sockaddr_unsized *)&none,
			      sizeof(none), 0, 0);
	wsp_settings_restore(sk, &set);
	if (!tcp_sk(sk)->repair)
		wsp_reset_sequence(tcp_sk(sk));
	wsp_reset_name(sk);
	wsp_reset_peer(sk);
	WRITE_ONCE(sk->sk_err_soft, 0);
}

/* C-05: nothing of a former attempt has a part in what the socket does next. */
void wsp_reset_former(struct socket *sock)
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
void wsp_reset_failed(struct socket *sock)
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

static const struct wsp_kind *wsp_reset_kind(const struct sock *sk)
{
	return wsp_kind(SOCK_STREAM, sk->sk_family);
}

/* Has the last attempt left an IPv6 socket with the operations of IPv4? */
static bool wsp_reset_is_mapped(const struct sock *sk)
{
	return inet_csk(sk)->icsk_af_ops != wsp_reset_kind(sk)->af_ops;
}

/* The stack does not take them back for a name of IPv6. */
static void wsp_reset_unmap(struct sock *sk)
{
	const struct wsp_kind *kind = wsp_reset_kind(sk);

	WRITE_ONCE(inet_csk(sk)->icsk_af_ops, kind->af_ops);
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
#if defined(CONFIG_TCP_MD5SIG) || defined(CONFIG_TCP_AO)
	tcp_sk(sk)->af_specific = kind->af_specific;
#endif
}

/*
 * Without a peer the socket is in no table that leads segments to it. Those that
 * were led to it before hold the sock until they are dealt with or queued.
 */
static bool wsp_reset_is_quiet(const struct sock *sk)
{
	if (refcount_read(&sk->sk_refcnt) > 1)
		return false;
	/* Who has let go of the sock has queued before. */
	smp_rmb();
	return !READ_ONCE(sk->sk_backlog.tail);
}

/*
 * To be called between two attempts (C-05): no segment that was meant for the
 * former one is to meet the next. True if the lock was given up for them to come,
 * and all is to be judged again; false if there are none, or not by the @deadline.
 */
bool wsp_reset_quiesce(struct sock *sk, unsigned long deadline)
{
	if (wsp_reset_is_quiet(sk) || !time_before(jiffies, deadline) ||
	    fatal_signal_pending(current))
		return false;
	release_sock(sk);
	if (refcount_read(&sk->sk_refcnt) > 1)
		usleep_range(20, 100);
	lock_sock(sk);
	return true;
}

/*
 * What begins is of IPv4 (@mapped: to a v4-mapped name) or of IPv6. Functions of
 * the one would take a segment of the other for their own: so none may be left
 * (-ENOBUFS).
 */
int wsp_reset_family(struct sock *sk, bool mapped)
{
	if (mapped != wsp_reset_is_mapped(sk) && !wsp_reset_is_quiet(sk))
		return -ENOBUFS;
	if (wsp_reset_is_mapped(sk))
		wsp_reset_unmap(sk);
	return 0;
}
