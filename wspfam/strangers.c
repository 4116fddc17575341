// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "compat.h"
#include "strangers.h"

/* Has it come by the link that the peer's name is of, if it is of one? */
static bool wsp_from_link(const struct sock *sk, const struct sk_buff *skb)
{
	const int dev = READ_ONCE(sk->sk_bound_dev_if);

	if (!dev || !__ipv6_addr_needs_scope_id(ipv6_addr_type(&sk->sk_v6_daddr)))
		return true;
	return dev == inet6_iif(skb) || dev == inet6_sdif(skb);
}

static bool wsp_from_peer_v6(const struct sock *sk, const struct sk_buff *skb)
{
	const struct in6_addr *peer = &sk->sk_v6_daddr;

	if (skb->protocol == htons(ETH_P_IP))
		return ipv6_addr_v4mapped(peer) &&
		       ip_hdr(skb)->saddr == peer->s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(skb)->saddr, peer) &&
	       wsp_from_link(sk, skb);
}

/*
 * Is it the socket's peer that a datagram came from? By its headers, whatever
 * a BPF program would have the receiver told.
 */
static bool wsp_from_peer(const struct sock *sk, const struct sk_buff *skb)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (sk->sk_state != TCP_ESTABLISHED)
		return true;	/* disconnected while the caller waited */
	if (inet->inet_dport && inet->inet_dport != udp_hdr(skb)->source)
		return false;
	if (sk->sk_family == AF_INET6)
		return wsp_from_peer_v6(sk, skb);
	return ip_hdr(skb)->saddr == inet->inet_daddr;
}

/* Has all that has come in the readers' queue, whose lock is held. */
void wsp_received_join(struct sock *sk)
{
	spin_lock(&sk->sk_receive_queue.lock);
	skb_queue_splice_tail_init(&sk->sk_receive_queue,
				   &udp_sk(sk)->reader_queue);
	spin_unlock(&sk->sk_receive_queue.lock);
}

/* The offset for peeking does not count what is gone; @at: what is before it. */
static void wsp_peek_offset_without(struct sock *sk, int at, int len)
{
	const int off = READ_ONCE(sk->sk_peek_off);

	if (off > at)
		sk_peek_offset_bwd(sk, min(len, off - at));
}

/* Would a look from the offset on find this one, which has @at before it? */
static bool wsp_is_peeked_at(const struct sk_buff *skb, int at, int off)
{
	return off < at + (int)skb->len ||
	       (off == at && !skb->len && !skb->peeked);
}

/*
 * Takes out what others than the peer have sent: as far as the first datagram of
 * the peer's, or @all. It is the latter for readers that look beyond the first.
 * Returns how many there were, or WSP_BATCH if there may be more. They are not
 * kept in another list, where those who peek at them would find them.
 * @peers: whether there is anything for the reader, which is not to be looked up
 * without the lock
 */
static int wsp_strangers_take(struct sock *sk, bool all, bool *peers)
{
	struct sk_buff_head *queue = &udp_sk(sk)->reader_queue;
	struct sk_buff *skb, *next;
	int at = 0, taken = 0;

	*peers = false;
	spin_lock_bh(&queue->lock);
	wsp_received_join(sk);
	skb_queue_walk_safe(queue, skb, next) {
		if (taken == WSP_BATCH)
			break;
		if (wsp_from_peer(sk, skb)) {
			*peers |= !all || wsp_is_peeked_at(skb, at, READ_ONCE(sk->sk_peek_off));
			/* A bad one, which the stack drops, leads to the next. */
			if (!all && udp_skb_csum_unnecessary(skb))
				break;
			at += skb->len;
			continue;
		}
		wsp_peek_offset_without(sk, at, skb->len);
		__skb_unlink(skb, queue);
		wsp_udp_uncharge(sk, skb);
		kfree_skb(skb);
		taken++;
	}
	spin_unlock_bh(&queue->lock);
	return taken;
}

/* As many as fit into the queue may have been there at first. */
unsigned int wsp_most_received(const struct sock *sk)
{
	return ((unsigned int)READ_ONCE(sk->sk_rcvbuf) + sk_rmem_alloc_get(sk)) /
	       SKB_TRUESIZE(0);
}

/* A reader moves it all from one queue to the other, amid which it may be in neither. */
bool wsp_has_received(struct sock *sk)
{
	struct sk_buff_head *reader = &udp_sk(sk)->reader_queue;
	bool found;

	if (!sk_rmem_alloc_get(sk))	/* what is in one is charged */
		return false;
	spin_lock_bh(&reader->lock);
	found = !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
		!skb_queue_empty(reader);
	spin_unlock_bh(&reader->lock);
	return found;
}

/*
 * Discards what others than the peer have sent, at the head of the queue or
 * @all: how many datagrams, or -EAGAIN if there is no end of them.
 */
int wsp_strangers_drop(struct sock *sk, bool all, bool *peers)
{
	unsigned int left = wsp_most_received(sk) / WSP_BATCH + 1;
	int taken, dropped = 0;

	*peers = false;
	if (!wsp_has_received(sk))
		return 0;
	for (;;) {
		taken = wsp_strangers_take(sk, all, peers);
		dropped += taken;
		if (taken < WSP_BATCH)
			return dropped;
		if (!--left || fatal_signal_pending(current))
			return -EAGAIN;
		cond_resched();
	}
}
