/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The four kinds of socket (TCP and UDP, over IPv4 and IPv6) and their tables
 * of operations. Every table is a copy of the native one with a few members
 * replaced, and which table a socket has is the only state the family keeps
 * about it.
 */
#ifndef _WSPFAM_KIND_H
#define _WSPFAM_KIND_H

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/net.h>
#include <net/sock.h>

#include "compat.h"
#include "epoch.h"

enum wsp_table {
	WSP_TABLE_IDLE,		/* not connected */
	WSP_TABLE_CONNECTED,	/* native send and receive */
	WSP_TABLE_ACCEPTED,	/* stream: the same, without a connect of its own
				 * (V-04)
				 */
	WSP_TABLE_ATTEMPT,	/* stream: it has a struct wsp_attempt, which goes
				 * on by itself, or did (C-07)
				 */
	WSP_TABLE_BLOCKED,	/* stream: the same, and a thread waits in
				 * connect(2), or is to be back there (C-12)
				 */
	WSP_TABLE_DISCONNECTED,	/* datagram: D-03 */
	WSP_TABLE_NOTED,	/* datagram: connected, and there is a note */
	WSP_TABLE_NO_PORT,	/* datagram: connected to an address without a
				 * port (D-10); there may be a note
				 */
	WSP_TABLE_FRESH,	/* datagram: connected in one of WSP_EPOCHS, and
				 * what the former peer sent may still come (D-13)
				 */
	WSP_TABLES = WSP_TABLE_FRESH + WSP_EPOCHS
};

/**
 * struct wsp_ops - a table, and what it says of the socket that has it
 * @ops: the table, as the kernel knows it
 * @tied: it is tied to an event (section 4 of the contract), or has asked for changes of
 *	the network (I-05)
 * @table: the rest of its state
 */
struct wsp_ops {
	struct proto_ops ops;
	bool tied;
	enum wsp_table table;
};

struct proto;

/**
 * struct wsp_kind - one kind of socket
 * @family: AF_INET or AF_INET6
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @native: the kernel's own table, NULL where the kernel offers no such socket
 * @prot: what a new socket has in sk_prot; another one once it is in a sockmap
 * @af_ops: what a new stream socket has in icsk_af_ops
 * @af_specific: likewise in af_specific
 * @table: the family's tables, by what they say
 */
struct wsp_kind {
	int family;
	int type;
	const struct proto_ops *native;
	const struct proto *prot;
	const struct inet_connection_sock_af_ops *af_ops;
#if defined(CONFIG_TCP_MD5SIG) || defined(CONFIG_TCP_AO)
	const struct tcp_sock_af_ops *af_specific;
#endif
	struct wsp_ops table[2][WSP_TABLES];
};

extern struct wsp_kind wsp_kinds[2][2];

static inline const struct wsp_kind *wsp_kind(int type, int family)
{
	return &wsp_kinds[type == SOCK_DGRAM][family == AF_INET6];
}

/*
 * Other kernel code that was handed a socket may put a table of its own in the
 * place of the family's, at any moment, and back again (F-03).
 */
static inline bool wsp_are_ours(const struct proto_ops *ops)
{
	return (uintptr_t)ops - (uintptr_t)wsp_kinds < sizeof(wsp_kinds);
}

static inline bool wsp_is_ours(const struct socket *sock)
{
	return wsp_are_ours(READ_ONCE(sock->ops));
}

/* Of any socket that has a sock, whatever its table. */
static inline const struct wsp_kind *wsp_sock_kind(const struct socket *sock)
{
	return wsp_kind(sock->type, sock->sk->sk_family);
}

/* A socket that is somebody else's for now passes for a connected one. */
static inline const struct wsp_ops *wsp_ops(const struct socket *sock)
{
	const struct proto_ops *ops = READ_ONCE(sock->ops);

	if (!wsp_are_ours(ops))
		return &wsp_sock_kind(sock)->table[false][WSP_TABLE_CONNECTED];
	return container_of(ops, struct wsp_ops, ops);
}

static inline const struct proto_ops *wsp_native(const struct socket *sock)
{
	return wsp_sock_kind(sock)->native;
}

static inline bool wsp_is_tied(const struct socket *sock)
{
	return wsp_ops(sock)->tied;
}

static inline enum wsp_table wsp_table(const struct socket *sock)
{
	return wsp_ops(sock)->table;
}

/* What the socket does apart from its events. */
static inline const struct proto_ops *wsp_untied(const struct socket *sock)
{
	return &wsp_sock_kind(sock)->table[false][wsp_table(sock)].ops;
}

/* False, and nothing is done, if the socket does not have the table @from. */
static inline bool wsp_change_table(struct socket *sock,
				    const struct wsp_ops *from, bool tied,
				    enum wsp_table table)
{
	const struct wsp_kind *kind = wsp_sock_kind(sock);

	return cmpxchg(&sock->ops, &from->ops, &kind->table[tied][table].ops) ==
	       &from->ops;
}

/*
 * The members that differ between the tables are right in either order of a
 * race with their callers: a caller that still holds the former table acts as
 * if it had come first. Whoever changes the table of a socket in use holds the
 * sock's lock (streams) or the inode's (datagrams). Another's table stays.
 */
static inline void wsp_set_table(struct socket *sock, enum wsp_table table)
{
	const struct wsp_ops *from = wsp_ops(sock);

	wsp_change_table(sock, from, from->tied, table);
}

static inline bool wsp_set_tied(struct socket *sock, bool tied)
{
	const struct wsp_ops *from = wsp_ops(sock);

	return wsp_change_table(sock, from, tied, from->table);
}

/* Has every table say what it is. */
static inline void wsp_name_tables(struct wsp_kind *kind)
{
	int tied, table;

	for (tied = 0; tied <= 1; tied++) {
		for (table = 0; table < WSP_TABLES; table++) {
			kind->table[tied][table].tied = tied;
			kind->table[tied][table].table = table;
		}
	}
}

int wsp_kinds_init(int family);

#endif /* _WSPFAM_KIND_H */
