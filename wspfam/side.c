// SPDX-License-Identifier: GPL-2.0
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>
#include <net/udp.h>

#include "connect.h"
#include "epoch.h"
#include "former.h"
#include "side.h"
#include "trace.h"

static bool wsp_side_is_bound(const struct sock *sk)
{
	return sk->sk_userlocks & SOCK_BINDADDR_LOCK;
}

/* The device without the one that the name has set, unless it is not that. */
int wsp_side_own_device(const struct sock *sk,
			const struct wsp_note *note)
{
	const int dev = sk->sk_bound_dev_if;

	return note && note->device && note->device == dev ? note->before : dev;
}

/*
 * D-05: lets the route choose the source, which the stack does only while it
 * is unset. Datagrams are still received by the former address meanwhile.
 */
void wsp_side_loosen(struct socket *sock, const struct wsp_note *note,
		     struct wsp_side *side)
{
	struct sock *sk = sock->sk;
	const bool slow = lock_sock_fast(sk);

	side->dev = sk->sk_bound_dev_if;
	side->loose = wsp_side_own_device(sk, note);
	side->chosen = 0;
	side->saddr = inet_sk(sk)->inet_saddr;
	if (sk->sk_family == AF_INET6)
		side->saddr6 = inet6_sk(sk)->saddr;
	side->flow = inet_sk(sk)->cork.fl;
	side->corked = udp_sk(sk)->pending;

	if (side->loose != side->dev)
		WRITE_ONCE(sk->sk_bound_dev_if, side->loose);
	if (!wsp_side_is_bound(sk)) {
		inet_sk(sk)->inet_saddr = 0;
		if (sk->sk_family == AF_INET6)
			inet6_sk(sk)->saddr = in6addr_any;
	}
	unlock_sock_fast(sk, slow);

	if (side->saddr && !wsp_side_is_bound(sk))
		trace_wsp_rule(sock, NULL, "D-05", 0);
}

/* The device that the stack binds a socket to for this name, or 0. */
int wsp_side_device_of(const struct sock *sk,
		       const struct sockaddr_unsized *name)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)name;
	int type;

	if (sk->sk_family != AF_INET6)
		return 0;
	type = ipv6_addr_type(&sin6->sin6_addr);
	if (!__ipv6_addr_needs_scope_id(type))
		return 0;
	if (!sin6->sin6_scope_id && type & IPV6_ADDR_MULTICAST)
		return READ_ONCE(inet6_sk(sk)->mcast_oif);
	return sin6->sin6_scope_id;
}

/*
 * The device that the attempt has bound the socket to, or 0. Anybody else may
 * have bound it to another one meanwhile, and that is not the name's to undo.
 */
int wsp_side_device(const struct sock *sk,
		    const struct sockaddr_unsized *name,
		    const struct wsp_side *side)
{
	const int dev = READ_ONCE(sk->sk_bound_dev_if);

	if (dev == side->loose ||
	    (dev != side->chosen && dev != wsp_side_device_of(sk, name)))
		return 0;
	return dev;
}

/* A datagram that another thread has begun meanwhile keeps its own flow. */
void wsp_side_restore(struct sock *sk,
		      const struct sockaddr_unsized *name,
		      const struct wsp_side *side)
{
	lock_sock(sk);
	if (sk->sk_bound_dev_if == side->loose ||
	    wsp_side_device(sk, name, side))
		WRITE_ONCE(sk->sk_bound_dev_if, side->dev);
	inet_sk(sk)->inet_saddr = side->saddr;
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->saddr = side->saddr6;
	if (side->corked || !udp_sk(sk)->pending)
		inet_sk(sk)->cork.fl = side->flow;
	release_sock(sk);
}

/* The stack's lookups read these unmarked, while it connects by itself, too. */
static void __no_kcsan wsp_side_settle_v4(struct sock *sk)
{
	WRITE_ONCE(inet_sk(sk)->inet_rcv_saddr, inet_sk(sk)->inet_saddr);
}

static void __no_kcsan wsp_side_settle_v6(struct sock *sk,
					  const struct in6_addr *saddr)
{
	sk->sk_v6_rcv_saddr = *saddr;
	WRITE_ONCE(inet_sk(sk)->inet_rcv_saddr, ipv6_addr_v4mapped(saddr) ?
						saddr->s6_addr32[3] : LOOPBACK4_IPV6);
}

/* Does it receive by the source that the route has chosen? */
static bool wsp_side_settled(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &inet6_sk(sk)->saddr);
	return inet_sk(sk)->inet_rcv_saddr == inet_sk(sk)->inet_saddr;
}

static void wsp_side_settle_by(struct sock *sk, const struct in6_addr *saddr)
{
	lock_sock(sk);
	if (sk->sk_family == AF_INET6)
		wsp_side_settle_v6(sk, saddr);
	else
		wsp_side_settle_v4(sk);
	sk->sk_prot->rehash(sk);
	release_sock(sk);
}

static void wsp_side_settle_by_any(struct sock *sk)
{
	struct in6_addr any = in6addr_any;

	if (ipv6_addr_v4mapped(&inet6_sk(sk)->saddr))
		ipv6_addr_set_v4mapped(htonl(INADDR_ANY), &any);
	wsp_side_settle_by(sk, &any);
}

/* Is the peer of another family than the former one? */
static bool wsp_side_crosses(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 &&
	       ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr) !=
	       ipv6_addr_v4mapped(&inet6_sk(sk)->saddr);
}

/*
 * Early demux takes packets of either family by the route that the last one
 * came by. Whoever receives by any address of its family is not found by early
 * demux, and so what it has found before is awaited, with the route that this
 * leaves. False if some of it is still held, which may be for any time.
 */
static bool wsp_side_cross(struct sock *sk)
{
	wsp_former_route(sk);
	wsp_side_settle_by_any(sk);
	wsp_epoch_wait();
	wsp_former_route(sk);
	return !wsp_former_is_held(sk);
}

/* What is held may be of either family, whatever peers there were meanwhile. */
void wsp_side_settle(struct sock *sk)
{
	if (wsp_side_is_bound(sk))
		return;
	if (wsp_side_crosses(sk) && !wsp_side_cross(sk))
		return;
	if (sk->sk_family == AF_INET6 && wsp_former_is_held(sk))
		wsp_side_settle_by_any(sk);
	else if (!wsp_side_settled(sk))
		wsp_side_settle_by(sk, sk->sk_family == AF_INET6 ?
					&inet6_sk(sk)->saddr : NULL);
}

/* D-09: 255.255.255.255 needs no route, only a device to go out by. */
bool wsp_side_choose_device(struct sock *sk,
			    const struct sockaddr_unsized *name,
			    struct wsp_side *side)
{
	__be32 addr;

	if (!wsp_name_v4(name, &addr) || !ipv4_is_lbcast(addr))
		return false;
	lock_sock(sk);
	if (!sk->sk_bound_dev_if) {
		side->chosen = wsp_broadcast_device(sock_net(sk));
		WRITE_ONCE(sk->sk_bound_dev_if, side->chosen);
	}
	release_sock(sk);
	return side->chosen;
}
