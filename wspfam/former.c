// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/errqueue.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "connect.h"
#include "dgram.h"
#include "epoch.h"
#include "event.h"
#include "former.h"
#include "stats.h"
#include "strangers.h"
#include "trace.h"

/* Does it receive as UDP does, and not as a socket in a sockmap? */
bool wsp_former_is_native(const struct sock *sk)
{
	return READ_ONCE(sk->sk_prot) ==
	       wsp_kind(SOCK_DGRAM, sk->sk_family)->prot;
}

/*
 * The route that the last datagram came by. Early demux goes by it without
 * asking whether it is one of IPv4 or of IPv6.
 */
void wsp_former_route(struct sock *sk)
{
	if (rcu_access_pointer(sk->sk_rx_dst))
		dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}

static void wsp_discarded(const struct socket *sock)
{
	wsp_stats_inc(sock_net(sock->sk), WSP_STAT_DISCARDED);
	trace_wsp_rule(sock, NULL, "D-06", 0);
}

/* The first peer has been connected: what he has sent before it stays (D-06). */
void wsp_former_strangers(struct socket *sock)
{
	bool peers;

	if (wsp_strangers_drop(sock->sk, true, &peers))
		wsp_discarded(sock);
	wsp_event_flushed(sock);
}

/* Takes out some more of the datagrams up to @last: false if that is out. */
static bool wsp_received_take(struct sock *sk, struct sk_buff_head *queue,
			      const struct sk_buff *last)
{
	struct sk_buff *skb;
	int i;

	for (i = 0; i < WSP_BATCH; i++) {
		if (!last->next)	/* or somebody else has taken it */
			return false;
		skb = __skb_dequeue(queue);
		sk_peek_offset_bwd(sk, skb->len);
		wsp_udp_uncharge(sk, skb);
		kfree_skb(skb);
	}
	return true;
}

/* Discards what has been received by now, and nothing that comes meanwhile. */
static void wsp_received_empty(struct sock *sk)
{
	struct sk_buff_head *queue = &udp_sk(sk)->reader_queue;
	struct sk_buff *last;

	spin_lock_bh(&queue->lock);
	wsp_received_join(sk);
	last = skb_peek_tail(queue);
	if (last)
		skb_get(last);
	while (last && wsp_received_take(sk, queue, last)) {
		spin_unlock_bh(&queue->lock);
		cond_resched();
		spin_lock_bh(&queue->lock);
	}
	spin_unlock_bh(&queue->lock);
	kfree_skb(last);
}

/*
 * What a socket in a sockmap has besides, which only its own receive gets at.
 * That gives several datagrams at once, or none, if no room is offered.
 */
static void wsp_ingress_empty(struct socket *sock)
{
	unsigned int left = wsp_most_received(sock->sk);
	struct msghdr msg = {};
	int rc;

	do {
		iov_iter_discard(&msg.msg_iter, ITER_DEST, SZ_64K);
		rc = wsp_native(sock)->recvmsg(sock, &msg, SZ_64K, MSG_DONTWAIT);
		cond_resched();
	} while (rc != -EAGAIN && left-- && !fatal_signal_pending(current));
}

/* What became of the datagrams that the program has sent stays (D-06). */
static bool wsp_is_peers_error(struct sk_buff *skb)
{
	switch (SKB_EXT_ERR(skb)->ee.ee_origin) {
	case SO_EE_ORIGIN_LOCAL:
	case SO_EE_ORIGIN_ICMP:
	case SO_EE_ORIGIN_ICMP6:
		return true;
	default:
		return false;
	}
}

static void wsp_errors_empty(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_error_queue, gone;
	struct sk_buff *skb, *next;
	unsigned long flags;

	__skb_queue_head_init(&gone);
	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_walk_safe(queue, skb, next) {
		if (wsp_is_peers_error(skb)) {
			__skb_unlink(skb, queue);
			__skb_queue_tail(&gone, skb);
		}
	}
	WRITE_ONCE(sk->sk_err, 0);
	spin_unlock_irqrestore(&queue->lock, flags);
	__skb_queue_purge(&gone);

	if (sk->sk_family == AF_INET6)
		kfree_skb(xchg(&inet6_sk(sk)->rxpmtu, NULL));
}

/* A record of IPV6_RECVPATHMTU, which is no datagram, comes before them all. */
static bool wsp_has_record(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 && READ_ONCE(inet6_sk(sk)->rxpmtu);
}

/* Has nothing come before the call, and no error either? */
static bool wsp_former_none(struct sock *sk)
{
	return !wsp_has_received(sk) && !READ_ONCE(sk->sk_err) &&
	       skb_queue_empty_lockless(&sk->sk_error_queue) &&
	       !wsp_has_record(sk) && wsp_former_is_native(sk);
}

/* Ends what the former peer has to do with the socket. */
void wsp_former_flush(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!wsp_former_none(sk)) {
		wsp_discarded(sock);
		wsp_received_empty(sk);
		if (!wsp_former_is_native(sk))
			wsp_ingress_empty(sock);
		wsp_errors_empty(sk);
	}
	wsp_former_route(sk);
	wsp_event_flushed(sock);
}

/*
 * A datagram that early demux gave to the socket holds it for as long as
 * netfilter keeps it queued; nobody else holds it but its file and the hash of
 * ports.
 */
bool wsp_former_is_held(const struct sock *sk)
{
	return atomic_read_acquire(&sk->sk_refcnt.refs) > 2;
}

/* Has all come that was on its way when the socket got this table? */
static bool wsp_former_over(const struct socket *sock, enum wsp_table table)
{
	return wsp_epoch_over(table - WSP_TABLE_FRESH) &&
	       !wsp_former_is_held(sock->sk);
}

/* From here on the native receive will do. */
static void wsp_former_end(struct socket *sock)
{
	bool peers;

	wsp_strangers_drop(sock->sk, true, &peers);
	wsp_former_route(sock->sk);
	wsp_set_table(sock, wsp_dgram_connected(sock->sk));
}

/*
 * The native receive, of what the peer has sent: that is at the head of the
 * queue before it is called, since only strangers' datagrams are still on their
 * way to an empty one.
 */
static int wsp_recv_from_peer(struct socket *sock, struct msghdr *msg,
			      size_t len, int flags)
{
	const bool peek = flags & MSG_PEEK;
	struct sock *sk = sock->sk;
	bool peers;
	int rc;

	rc = wsp_strangers_drop(sk, peek && READ_ONCE(sk->sk_peek_off) >= 0,
				&peers);
	if (rc < 0)
		return rc;
	if (!peers && !wsp_has_record(sk) && wsp_former_is_native(sk))
		return sock_error(sk) ?: -EAGAIN;

	rc = wsp_native(sock)->recvmsg(sock, msg, len, flags | MSG_DONTWAIT);
	/* What is left is for poll(2) and FIONREAD to tell of. */
	if (rc >= 0 && !peek)
		wsp_strangers_drop(sk, false, &peers);
	return rc;
}

static int wsp_former_recv(struct socket *sock, struct msghdr *msg, size_t len,
			   int flags)
{
	enum wsp_table table;
	int rc;

	rc = wsp_lock_name(sock);
	if (rc)
		return rc;
	table = wsp_table(sock);
	if (table >= WSP_TABLE_FRESH && wsp_former_over(sock, table)) {
		wsp_former_end(sock);
		table = WSP_TABLE_CONNECTED;
	}
	if (table >= WSP_TABLE_FRESH)
		rc = wsp_recv_from_peer(sock, msg, len, flags);
	else
		rc = wsp_native(sock)->recvmsg(sock, msg, len,
					       flags | MSG_DONTWAIT);
	wsp_unlock_name(sock);
	return rc;
}

/* The recvmsg of a socket whose peer has changed a moment ago. */
int wsp_dgram_recvmsg_fresh(struct socket *sock, struct msghdr *msg, size_t len,
			    int flags)
{
	struct sk_buff_head *queue = &sock->sk->sk_receive_queue;
	long timeo = sock_rcvtimeo(sock->sk, flags & MSG_DONTWAIT);
	int rc;

	if (flags & MSG_ERRQUEUE)
		return wsp_native(sock)->recvmsg(sock, msg, len, flags);

	do {
		rc = wsp_former_recv(sock, msg, len, flags);
	} while (rc == -EAGAIN && timeo &&
		 !__skb_wait_for_more_packets(sock->sk, queue, &rc, &timeo,
					      (struct sk_buff *)queue));
	return rc;
}

/*
 * The poll of such a socket. While its peer is being changed, nobody can say
 * whose the datagrams are.
 */
__poll_t wsp_dgram_poll_fresh(struct file *file, struct socket *sock,
			      struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	bool peers;

	if (inode_trylock(SOCK_INODE(sock))) {
		wsp_strangers_drop(sk, false, &peers);
		wsp_unlock_name(sock);
	}
	return wsp_native(sock)->poll(file, sock, wait);
}
