// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/fs.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>
#include <net/udp.h>

#include "connect.h"
#include "dgram.h"
#include "epoch.h"
#include "event.h"
#include "former.h"
#include "kind.h"
#include "rules.h"
#include "stats.h"
#include "trace.h"

/* What connecting sets on this side, for a connect that fails (D-08). */
struct wsp_dgram_side {
	int dev;
	__be32 saddr;
	struct in6_addr saddr6;
	struct flowi4 flow;	/* connected sends take their addresses here */
	bool corked;		/* and so does a datagram begun with MSG_MORE */
};

static bool wsp_dgram_bound(const struct sock *sk)
{
	return sk->sk_userlocks & SOCK_BINDADDR_LOCK;
}

static void wsp_dgram_save(struct sock *sk, struct wsp_dgram_side *side)
{
	const bool slow = lock_sock_fast(sk);

	side->dev = sk->sk_bound_dev_if;
	side->saddr = inet_sk(sk)->inet_saddr;
	if (sk->sk_family == AF_INET6)
		side->saddr6 = inet6_sk(sk)->saddr;
	side->flow = inet_sk(sk)->cork.fl.u.ip4;
	side->corked = udp_sk(sk)->pending;
	unlock_sock_fast(sk, slow);
}

/* A datagram that another thread has begun meanwhile keeps its own flow. */
static void wsp_dgram_restore(struct sock *sk, const struct wsp_dgram_side *side)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_bound_dev_if, side->dev);
	inet_sk(sk)->inet_saddr = side->saddr;
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->saddr = side->saddr6;
	if (side->corked || !udp_sk(sk)->pending)
		inet_sk(sk)->cork.fl.u.ip4 = side->flow;
	release_sock(sk);
}

/*
 * D-05: lets the route choose the source, which the stack does only while it
 * is unset. Datagrams are still received by the former address meanwhile.
 */
static void wsp_dgram_loosen(struct socket *sock, enum wsp_table table)
{
	struct sock *sk = sock->sk;

	if (table == WSP_TABLE_SCOPED)
		WRITE_ONCE(sk->sk_bound_dev_if, 0);
	if (wsp_dgram_bound(sk))
		return;
	if (inet_sk(sk)->inet_saddr)
		trace_wsp_rule(sock, NULL, "D-05", 0);
	inet_sk(sk)->inet_saddr = 0;
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->saddr = in6addr_any;
}

/* The stack's lookups read these unmarked, while it connects by itself, too. */
static void __no_kcsan wsp_dgram_settle_v4(struct sock *sk)
{
	WRITE_ONCE(inet_sk(sk)->inet_rcv_saddr, inet_sk(sk)->inet_saddr);
}

static void __no_kcsan wsp_dgram_settle_v6(struct sock *sk)
{
	const struct in6_addr *saddr = &inet6_sk(sk)->saddr;

	sk->sk_v6_rcv_saddr = *saddr;
	WRITE_ONCE(inet_sk(sk)->inet_rcv_saddr, ipv6_addr_v4mapped(saddr) ?
						saddr->s6_addr32[3] : LOOPBACK4_IPV6);
}

/* Does it receive by the source that the route has chosen? */
static bool wsp_dgram_settled(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &inet6_sk(sk)->saddr);
	return inet_sk(sk)->inet_rcv_saddr == inet_sk(sk)->inet_saddr;
}

static void wsp_dgram_settle(struct sock *sk)
{
	if (wsp_dgram_bound(sk) || wsp_dgram_settled(sk))
		return;
	lock_sock(sk);
	if (sk->sk_family == AF_INET6)
		wsp_dgram_settle_v6(sk);
	else
		wsp_dgram_settle_v4(sk);
	sk->sk_prot->rehash(sk);
	release_sock(sk);
}

/* D-09: 255.255.255.255 needs no route, only a device to go out by. */
static bool wsp_dgram_choose_device(struct sock *sk,
				    const struct sockaddr_unsized *name)
{
	__be32 addr;

	if (sk->sk_bound_dev_if || !wsp_name_v4(name, &addr) ||
	    !ipv4_is_lbcast(addr))
		return false;
	WRITE_ONCE(sk->sk_bound_dev_if, wsp_broadcast_device(sock_net(sk)));
	return sk->sk_bound_dev_if;
}

/* Gives back the port that a connect took before it failed (D-08). */
static void wsp_dgram_unbind(struct sock *sk)
{
	lock_sock(sk);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		__udp_disconnect(sk, 0);
	release_sock(sk);
}

/* D-07: is it the name of the peer that the socket has? */
static bool wsp_dgram_same_peer(const struct sock *sk,
				const struct sockaddr_unsized *name)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)name;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)name;
	const struct inet_sock *inet = inet_sk(sk);

	if (sk->sk_state != TCP_ESTABLISHED || sin->sin_port != inet->inet_dport)
		return false;
	if (sk->sk_family == AF_INET)
		return sin->sin_addr.s_addr == inet->inet_daddr;
	return ipv6_addr_equal(&sin6->sin6_addr, &sk->sk_v6_daddr) &&
	       (!__ipv6_addr_needs_scope_id(ipv6_addr_type(&sin6->sin6_addr)) ||
		!sin6->sin6_scope_id ||
		sin6->sin6_scope_id == sk->sk_bound_dev_if);
}

/*
 * The table of a socket that has been connected, which was @former before, and
 * the queue that goes with it. A new socket that had no port could not have
 * received anything.
 */
static void wsp_dgram_settle_queue(struct socket *sock, enum wsp_table former,
				   bool same, bool scoped, bool had_port)
{
	enum wsp_table table = scoped ? WSP_TABLE_SCOPED : WSP_TABLE_CONNECTED;
	const bool was_scoped = former == WSP_TABLE_SCOPED;

	if (scoped != was_scoped)
		same = false;
	if (same && former >= WSP_TABLE_FRESH)
		return;
	if (!same && (had_port || former != WSP_TABLE_IDLE)) {
		if (scoped)
			wsp_epoch_wait();
		else
			table = wsp_former_table(sock);
		wsp_former_flush(sock);
	}
	if (table != former)
		wsp_set_table(sock, table);
}

/* Takes a port, as the native connect does. Nobody else gives it back. */
static int wsp_dgram_autobind(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	int rc = 0;

	if (READ_ONCE(inet->inet_num))
		return 0;
	lock_sock(sk);
	if (!inet->inet_num) {
		rc = sk->sk_prot->get_port(sk, 0) ? -EAGAIN : 0;
		inet->inet_sport = htons(inet->inet_num);
	}
	release_sock(sk);
	return rc;
}

static int wsp_dgram_attempt(struct sock *sk, struct sockaddr_unsized *name,
			     int len)
{
	int rc;

	rc = wsp_connect_allowed(sk, name, len) ?: wsp_dgram_autobind(sk);
	if (rc)
		return rc;
	rc = READ_ONCE(sk->sk_prot)->connect(sk, name, len);
	if (rc == -ENETUNREACH && wsp_dgram_choose_device(sk, name))
		rc = READ_ONCE(sk->sk_prot)->connect(sk, name, len);
	return rc;
}

/* The stack has refused the name with @rc, or it was not allowed. */
static int wsp_dgram_error(struct socket *sock,
			   const struct sockaddr_unsized *name, int rc)
{
	const struct sock *sk = sock->sk;
	int error;

	if (!sock_flag(sk, SOCK_BROADCAST) && wsp_names_broadcast(sk, name)) {
		trace_wsp_rule(sock, name, "D-09", -EACCES);
		return -EACCES;
	}
	error = -wsp_connect_error(sk, -rc);
	if (error != rc)
		trace_wsp_rule(sock, name, NULL, error);
	return error;
}

static int wsp_dgram_move(struct socket *sock, struct sockaddr_unsized *name,
			  int len)
{
	struct sock *sk = sock->sk;
	const enum wsp_table former = wsp_table(sock);
	const bool same = wsp_dgram_same_peer(sk, name);
	const bool had_port = inet_sk(sk)->inet_num;
	struct wsp_dgram_side side;
	int dev, rc;

	wsp_dgram_save(sk, &side);
	wsp_dgram_loosen(sock, former);
	dev = sk->sk_bound_dev_if;

	rc = wsp_dgram_attempt(sk, name, len);
	if (rc) {
		if (!had_port)
			wsp_dgram_unbind(sk);
		wsp_dgram_restore(sk, &side);
		return wsp_dgram_error(sock, name, rc);
	}

	wsp_dgram_settle(sk);
	wsp_dgram_settle_queue(sock, former, same, sk->sk_bound_dev_if != dev,
			       had_port);
	return 0;
}

/*
 * D-04: what the stack would drop with the peer stays: a port that the system
 * chose, and the device unless it came with the peer's name.
 */
static void wsp_dgram_disconnect(struct socket *sock)
{
	const bool scoped = wsp_table(sock) == WSP_TABLE_SCOPED;
	struct sock *sk = sock->sk;
	int dev, locks;

	lock_sock(sk);
	dev = scoped ? 0 : sk->sk_bound_dev_if;
	locks = sk->sk_userlocks;

	sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	__udp_disconnect(sk, 0);
	sk->sk_userlocks = locks;
	WRITE_ONCE(sk->sk_bound_dev_if, dev);
	/* The stack forgets this one, and goes on to discard all others'. */
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;

	release_sock(sk);

	wsp_set_table(sock, WSP_TABLE_DISCONNECTED);
	wsp_former_flush(sock);	/* D-06 */
	wsp_stats_inc(sock_net(sk), WSP_STAT_DISCONNECTED);
	trace_wsp_rule(sock, NULL, "D-02", 0);
}

/*
 * The inode's lock makes one of several calls: the native connect takes and
 * drops the sock's. close(2) comes after all of them, by the file's count.
 */
int wsp_dgram_connect(struct socket *sock, struct sockaddr_unsized *name,
		      int len, int flags)
{
	struct sock *sk = sock->sk;
	enum wsp_name_class class;
	int rc;

	inode_lock(SOCK_INODE(sock));
	class = wsp_connect_class(sk, name, len);
	rc = wsp_dgram_verdict(class, sock_flag(sk, SOCK_BROADCAST));
	if (rc == WSP_DGRAM_DISCONNECT) {
		wsp_dgram_disconnect(sock);
		rc = 0;
		goto out;
	}

	if (rc == WSP_DGRAM_CONNECT)
		rc = wsp_dgram_move(sock, name, len);
	else
		trace_wsp_rule(sock, class == WSP_NAME_SHORT ? NULL : name,
			       rc == -EACCES ? "D-09" : NULL, rc);
	wsp_event_outcome(sock, rc);
	wsp_stats_connect(sock_net(sk), rc);
out:
	inode_unlock(SOCK_INODE(sock));
	return rc;
}

static int wsp_dgram_no_peer(const struct socket *sock)
{
	trace_wsp_rule(sock, NULL, wsp_table(sock) == WSP_TABLE_IDLE ? "D-12" : "D-03",
		       -ENOTCONN);
	return -ENOTCONN;
}

/* The sendmsg of a socket without a peer: D-03, D-12. */
int wsp_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	if (!msg->msg_name)
		return wsp_dgram_no_peer(sock);
	return wsp_native(sock)->sendmsg(sock, msg, len);
}

/* D-03. The caller that asks for no address wants a peer's datagrams. */
int wsp_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		      int flags)
{
	if (!msg->msg_name && !(flags & MSG_ERRQUEUE))
		return wsp_dgram_no_peer(sock);
	return wsp_native(sock)->recvmsg(sock, msg, len, flags);
}
