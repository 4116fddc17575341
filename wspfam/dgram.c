// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf-cgroup.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/slab.h>
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
#include "note.h"
#include "rules.h"
#include "side.h"
#include "stats.h"
#include "trace.h"

/* Does a socket that has @table have a note? One without a port may. */
static bool wsp_dgram_is_noted(enum wsp_table table)
{
	return table == WSP_TABLE_NOTED || table == WSP_TABLE_NO_PORT;
}

/* What is noted about the name that the socket is connected by, if anything. */
struct wsp_note *wsp_dgram_note(const struct socket *sock)
{
	return wsp_dgram_is_noted(wsp_table(sock)) ? wsp_note_find(sock) : NULL;
}

/* Gives back the port that a connect took before it failed (D-08). */
static void wsp_dgram_unbind(struct sock *sk)
{
	int dev;

	lock_sock(sk);
	dev = sk->sk_bound_dev_if;
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		__udp_disconnect(sk, 0);
	WRITE_ONCE(sk->sk_bound_dev_if, dev);
	release_sock(sk);
}

/* D-07: a name as the program gave it, and another one. */
static bool wsp_dgram_same_name(const struct wsp_note *note,
				const struct sockaddr_unsized *name)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)name;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)name;

	if (sin->sin_port != note->name.in.sin_port)
		return false;
	if (name->sa_family == AF_INET)
		return sin->sin_addr.s_addr == note->name.in.sin_addr.s_addr;
	return ipv6_addr_equal(&sin6->sin6_addr, &note->name.in6.sin6_addr) &&
	       (!__ipv6_addr_needs_scope_id(ipv6_addr_type(&sin6->sin6_addr)) ||
		sin6->sin6_scope_id == note->name.in6.sin6_scope_id);
}

/* The same where the peer is what the program gave. */
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

/* The table of a socket without a note that nobody else sends to any more. */
enum wsp_table wsp_dgram_connected(const struct sock *sk)
{
	return inet_sk(sk)->inet_dport ? WSP_TABLE_CONNECTED : WSP_TABLE_NO_PORT;
}

/*
 * The queue of a socket that has been connected and was @former before, and its
 * table if it has no note. Who has a note, or is in a sockmap, where datagrams
 * have no names, waits for what is on its way. A new socket that had no port
 * could not have received anything.
 */
static enum wsp_table wsp_dgram_settle_queue(struct socket *sock,
					     enum wsp_table former, bool same,
					     bool noted, bool had_port)
{
	const bool first = former == WSP_TABLE_IDLE;
	enum wsp_table table = wsp_dgram_connected(sock->sk);
	bool fresh;

	if (same && former < WSP_TABLE_FRESH)
		return table;
	fresh = !noted && wsp_former_is_native(sock->sk);
	if (same && fresh)
		return former;
	if (first && !had_port)
		return table;

	if (fresh)
		table = WSP_TABLE_FRESH + wsp_epoch_begin();
	else
		wsp_epoch_wait();
	if (first || same)
		wsp_former_strangers(sock);
	else
		wsp_former_flush(sock);
	return table;
}

/*
 * The table in place of @former, with @note if it is not NULL. One note replaces
 * another, and goes only after the table that says so.
 */
static void wsp_dgram_set_table(struct socket *sock, enum wsp_table former,
				enum wsp_table table, struct wsp_note *note)
{
	if (note) {
		wsp_note_keep(sock, note);
		if (table == WSP_TABLE_CONNECTED)
			table = WSP_TABLE_NOTED;
	}
	if (table != former)
		wsp_set_table(sock, table);
	if (!note && wsp_dgram_is_noted(former))
		wsp_note_drop(sock);
}

/*
 * A note in case that there will be something to be noted of @name: that a BPF
 * program makes another one of it, or a device that the socket gets bound to.
 * NULL if that cannot be.
 */
static struct wsp_note *wsp_dgram_note_new(const struct sock *sk,
					   const struct sockaddr_unsized *name,
					   enum wsp_name_class class)
{
	struct wsp_note *note;

	if (!BPF_CGROUP_PRE_CONNECT_ENABLED(sk) &&
	    class != WSP_NAME_BROADCAST &&
	    (sk->sk_family == AF_INET || !wsp_side_device_of(sk, name)))
		return NULL;

	note = kzalloc(sizeof(*note), GFP_KERNEL_ACCOUNT);
	if (!note)
		return ERR_PTR(-ENOBUFS);
	memcpy(&note->name, name, name->sa_family == AF_INET6 ?
				  sizeof(note->name.in6) : sizeof(note->name.in));
	return note;
}

/* Is there anything to be noted, now that @name has been connected? */
static bool wsp_dgram_note_fill(const struct sock *sk, struct wsp_note *note,
				const struct sockaddr_unsized *name,
				const struct wsp_side *side)
{
	note->device = wsp_side_device(sk, name, side);
	note->before = side->loose;
	return note->device || !wsp_dgram_same_name(note, name);
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
			     int len, struct wsp_side *side)
{
	int rc;

	rc = wsp_connect_allowed(sk, name, len) ?: wsp_dgram_autobind(sk);
	if (rc)
		return rc;
	rc = READ_ONCE(sk->sk_prot)->connect(sk, name, len);
	if (rc == -ENETUNREACH && wsp_side_choose_device(sk, name, side))
		rc = READ_ONCE(sk->sk_prot)->connect(sk, name, len);
	return rc;
}

/*
 * The stack has refused the name with @rc, or it was not allowed. @dev is the
 * socket's own device: not one that the former name has asked for.
 */
static int wsp_dgram_error(struct socket *sock, int dev,
			   const struct sockaddr_unsized *name, int rc)
{
	const struct sock *sk = sock->sk;
	int error;

	if (!sock_flag(sk, SOCK_BROADCAST) &&
	    wsp_names_broadcast(sk, dev, name)) {
		trace_wsp_rule(sock, name, "D-09", -EACCES);
		return -EACCES;
	}
	error = -wsp_connect_error(sk, -rc);
	if (error != rc)
		trace_wsp_rule(sock, name, NULL, error);
	return error;
}

static int wsp_dgram_move(struct socket *sock, struct sockaddr_unsized *name,
			  int len, enum wsp_name_class class)
{
	const enum wsp_table was = wsp_table(sock);
	struct wsp_note *former = wsp_dgram_is_noted(was) ?
				  wsp_note_find(sock) : NULL;
	struct wsp_note *note;
	struct sock *sk = sock->sk;
	const bool same = former ? wsp_dgram_same_name(former, name) :
				   wsp_dgram_same_peer(sk, name);
	const bool had_port = inet_sk(sk)->inet_num;
	struct wsp_side side;
	enum wsp_table table;
	int rc;

	note = wsp_dgram_note_new(sk, name, class);
	if (IS_ERR(note))
		return PTR_ERR(note);

	wsp_side_loosen(sock, former, &side);
	rc = wsp_dgram_attempt(sk, name, len, &side);
	if (rc) {
		if (!had_port)
			wsp_dgram_unbind(sk);
		wsp_side_restore(sk, name, &side);
		kfree(note);
		return wsp_dgram_error(sock, side.loose, name, rc);
	}

	if (note && !wsp_dgram_note_fill(sk, note, name, &side)) {
		kfree(note);
		note = NULL;
	}
	wsp_side_settle(sk);
	table = wsp_dgram_settle_queue(sock, was, same, note, had_port);
	wsp_dgram_set_table(sock, was, table, note);
	return 0;
}

/*
 * D-04: what the stack would drop with the peer stays: a port that the system
 * chose, and the device unless it came with the peer's name.
 */
static void wsp_dgram_disconnect(struct socket *sock)
{
	const struct wsp_note *note = wsp_dgram_note(sock);
	struct sock *sk = sock->sk;
	bool lend;
	int dev;

	lock_sock(sk);
	dev = wsp_side_own_device(sk, note);
	lend = inet_sk(sk)->inet_num && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK);

	if (lend)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	wsp_udp_disconnect(sk);
	if (lend)
		sk->sk_userlocks &= ~SOCK_BINDPORT_LOCK;
	if (!sk->sk_bound_dev_if)
		WRITE_ONCE(sk->sk_bound_dev_if, dev);
	/* The stack forgets this one, and goes on to discard all others'. */
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;

	release_sock(sk);

	wsp_dgram_set_table(sock, wsp_table(sock), WSP_TABLE_DISCONNECTED, NULL);
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
	int rc, dev;

	rc = wsp_lock_name(sock);
	if (rc)
		return rc;
	if (!wsp_is_ours(sock)) {
		wsp_unlock_name(sock);
		return READ_ONCE(sock->ops)->connect(sock, name, len, flags);
	}
	dev = wsp_side_own_device(sk, wsp_dgram_note(sock));
	class = wsp_connect_class(sk, dev, name, len);
	rc = wsp_dgram_verdict(class, sock_flag(sk, SOCK_BROADCAST));
	if (rc == WSP_DGRAM_DISCONNECT) {
		wsp_dgram_disconnect(sock);
		rc = 0;
		goto out;
	}

	if (rc == WSP_DGRAM_CONNECT)
		rc = wsp_dgram_move(sock, name, len, class);
	else
		trace_wsp_rule(sock, class == WSP_NAME_SHORT ? NULL : name,
			       rc == -EACCES ? "D-09" : NULL, rc);
	wsp_event_outcome(sock, rc);
	wsp_stats_connect(sock_net(sk), rc);
out:
	wsp_unlock_name(sock);
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

/*
 * D-10: whoever is connected to every port of an address says by which one a
 * datagram is to go; the stack would send it to port 0.
 */
int wsp_dgram_sendmsg_no_port(struct socket *sock, struct msghdr *msg,
			      size_t len)
{
	const struct sock *sk = sock->sk;

	if (!msg->msg_name && sk->sk_state == TCP_ESTABLISHED &&
	    !READ_ONCE(inet_sk(sk)->inet_dport))
		return -EADDRNOTAVAIL;
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

/*
 * Of a socket that may have a note. One that accept(2) has made in vain has its
 * table too, and no sock.
 */
int wsp_dgram_release(struct socket *sock)
{
	wsp_note_drop(sock);
	if (!sock->sk)
		return 0;
	return wsp_native(sock)->release(sock);
}
