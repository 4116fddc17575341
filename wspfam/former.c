// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf-cgroup.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "epoch.h"
#include "event.h"
#include "former.h"
#include "stats.h"
#include "trace.h"

/* Is it the socket's peer that a datagram came from? */
static bool wsp_from_peer(const struct sock *sk, const void *from)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct sockaddr_in6 *sin6 = from;
	const struct sockaddr_in *sin = from;

	if (sk->sk_state != TCP_ESTABLISHED)
		return true;	/* disconnected while the caller waited */
	if (inet->inet_dport && inet->inet_dport != sin->sin_port)
		return false;
	if (sk->sk_family == AF_INET6)
		return ipv6_addr_equal(&sin6->sin6_addr, &sk->sk_v6_daddr);
	return sin->sin_addr.s_addr == inet->inet_daddr;
}

/*
 * Takes a datagram from the queue, by the native way. MSG_TRUNC has its whole
 * length taken off the offset for peeking, if there is one.
 */
static int wsp_former_drop(struct socket *sock)
{
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, NULL, 0, 0);
	return wsp_native(sock)->recvmsg(sock, &msg, 0,
					 MSG_DONTWAIT | MSG_TRUNC);
}

/*
 * The route that the last datagram came by. Early demux goes by it without
 * asking whether it is one of IPv4 or of IPv6.
 */
static void wsp_former_route(struct sock *sk)
{
	if (rcu_access_pointer(sk->sk_rx_dst))
		dst_release(unrcu_pointer(xchg(&sk->sk_rx_dst, NULL)));
}

/* Has nothing come before the call, and no error either? */
static bool wsp_former_none(const struct sock *sk)
{
	return skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	       skb_queue_empty_lockless(&udp_sk(sk)->reader_queue) &&
	       !READ_ONCE(sk->sk_err);
}

/*
 * Empties the queue, of a pending error too. No more than fits can have been
 * there before the call, so no flood makes this endless; what it takes besides
 * came during the call.
 */
static void wsp_former_empty(struct socket *sock)
{
	const struct sock *sk = sock->sk;
	unsigned int left;

	wsp_stats_inc(sock_net(sk), WSP_STAT_DISCARDED);
	trace_wsp_rule(sock, NULL, "D-06", 0);

	left = ((unsigned int)READ_ONCE(sk->sk_rcvbuf) + sk_rmem_alloc_get(sk)) /
	       SKB_TRUESIZE(0);
	while (wsp_former_drop(sock) != -EAGAIN && left--)
		;
}

/* Ends what the former peer has to do with the socket. */
void wsp_former_flush(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!wsp_former_none(sk))
		wsp_former_empty(sock);
	wsp_former_route(sk);
	wsp_event_flushed(sock);
}

/*
 * The table for a socket whose peer has just changed. Where BPF programs
 * rewrite the sources that a receiver is shown, they cannot be told by them,
 * and what is peeked at with an offset may not be the first in the queue.
 */
enum wsp_table wsp_former_table(struct socket *sock)
{
	if (cgroup_bpf_enabled(CGROUP_UDP4_RECVMSG) ||
	    cgroup_bpf_enabled(CGROUP_UDP6_RECVMSG) ||
	    READ_ONCE(sock->sk->sk_peek_off) >= 0) {
		wsp_epoch_wait();
		return WSP_TABLE_CONNECTED;
	}
	return WSP_TABLE_FRESH + wsp_epoch_begin();
}

/*
 * Has all come that was on its way when the socket got this table? A datagram
 * that early demux gave to the socket holds it for as long as netfilter keeps
 * it queued; nobody else holds it but its file and the hash of ports.
 */
static bool wsp_former_over(struct socket *sock)
{
	const enum wsp_table table = wsp_table(sock);

	return table >= WSP_TABLE_FRESH &&
	       wsp_epoch_over(table - WSP_TABLE_FRESH) &&
	       atomic_read_acquire(&sock->sk->sk_refcnt.refs) <= 2;
}

/*
 * The native receive, over and over while it gives what others have sent.
 * Nobody else is to take a datagram that is dropped for having been peeked at.
 */
static int wsp_recv_from_peer(struct socket *sock, struct msghdr *msg,
			      size_t len, int flags)
{
	struct sockaddr_storage from;
	const struct msghdr asked = *msg;
	int rc;

	for (;;) {
		if (!asked.msg_name)
			msg->msg_name = &from;
		rc = wsp_native(sock)->recvmsg(sock, msg, len, flags);
		if (rc < 0 || wsp_from_peer(sock->sk, msg->msg_name))
			break;
		if (flags & MSG_PEEK)
			wsp_former_drop(sock);
		*msg = asked;
	}

	msg->msg_name = asked.msg_name;
	if (!asked.msg_name)
		msg->msg_namelen = 0;
	return rc;
}

/*
 * What the peer has sent, or -EAGAIN. Once the queue is empty after all that
 * was on its way has come, the native receive will do from here on.
 */
static int wsp_former_recv(struct socket *sock, struct msghdr *msg, size_t len,
			   int flags)
{
	bool over;
	int rc;

	inode_lock(SOCK_INODE(sock));
	over = wsp_former_over(sock);
	rc = wsp_recv_from_peer(sock, msg, len, flags | MSG_DONTWAIT);
	if (rc == -EAGAIN && over) {
		wsp_former_route(sock->sk);
		wsp_set_table(sock, WSP_TABLE_CONNECTED);
	}
	inode_unlock(SOCK_INODE(sock));
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
