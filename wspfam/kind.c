// SPDX-License-Identifier: GPL-2.0
#include <linux/in.h>
#include <linux/module.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/net_namespace.h>

#include "accept.h"
#include "connect.h"
#include "dgram.h"
#include "former.h"
#include "ioctl.h"
#include "kind.h"
#include "sockopt.h"
#include "stream.h"
#include "tied.h"

struct wsp_kind wsp_kinds[2][2] __ro_after_init = {
	{
		{ .type = SOCK_STREAM, .family = AF_INET },
		{ .type = SOCK_STREAM, .family = AF_INET6 },
	}, {
		{ .type = SOCK_DGRAM, .family = AF_INET },
		{ .type = SOCK_DGRAM, .family = AF_INET6 },
	},
};

static void __init wsp_stream_table(struct proto_ops *ops, enum wsp_table table)
{
	ops->connect = wsp_stream_connect;
	ops->accept = wsp_stream_accept;
	if (table == WSP_TABLE_CONNECTED || table == WSP_TABLE_ACCEPTED)
		return;
	ops->bind = wsp_stream_bind;
	ops->sendmsg = wsp_stream_sendmsg;
	ops->listen = wsp_stream_listen;
	ops->shutdown = wsp_stream_shutdown;
	ops->getname = wsp_stream_getname;
	if (table == WSP_TABLE_ATTEMPT || table == WSP_TABLE_BLOCKED)
		ops->release = wsp_stream_release;
}

static void __init wsp_dgram_table(struct proto_ops *ops, enum wsp_table table)
{
	ops->connect = wsp_dgram_connect;
	if (table == WSP_TABLE_IDLE || table == WSP_TABLE_DISCONNECTED) {
		ops->sendmsg = wsp_dgram_sendmsg;
		wsp_no_sendpage(ops);
	}
	if (table == WSP_TABLE_NO_PORT || table >= WSP_TABLE_FRESH) {
		ops->sendmsg = wsp_dgram_sendmsg_no_port;
		wsp_no_sendpage(ops);
	}
	if (table == WSP_TABLE_DISCONNECTED)
		ops->recvmsg = wsp_dgram_recvmsg;
	if (table >= WSP_TABLE_FRESH) {
		ops->recvmsg = wsp_dgram_recvmsg_fresh;
		ops->poll = wsp_dgram_poll_fresh;
	}
	if (table == WSP_TABLE_NOTED || table == WSP_TABLE_NO_PORT)
		ops->release = wsp_dgram_release;
}

/* The calls that record events, make them come again (V-06), or tell of changes. */
static void __init wsp_tied_table(struct proto_ops *ops)
{
	ops->accept = wsp_tied_accept;
	ops->poll = wsp_tied_poll;
	ops->sendmsg = wsp_tied_sendmsg;
	wsp_no_sendpage(ops);
	ops->recvmsg = wsp_tied_recvmsg;
	if (ops->splice_read)
		ops->splice_read = wsp_tied_splice_read;
	ops->release = wsp_tied_release;
}

static void __init wsp_kind_tables(struct wsp_kind *kind, int family)
{
	enum wsp_table i;

	for (i = 0; i < WSP_TABLES; i++) {
		struct proto_ops *ops = &kind->table[false][i].ops;

		*ops = *kind->native;
		ops->family = family;
		ops->owner = THIS_MODULE;
		ops->bind = wsp_bind;
		ops->setsockopt = wsp_setsockopt;
		ops->ioctl = wsp_ioctl;
#ifdef CONFIG_COMPAT
		ops->compat_ioctl = wsp_compat_ioctl;
#endif
		ops->show_fdinfo = wsp_show_fdinfo;
		if (kind->type == SOCK_STREAM)
			wsp_stream_table(ops, i);
		else
			wsp_dgram_table(ops, i);

		kind->table[true][i].ops = *ops;
		wsp_tied_table(&kind->table[true][i].ops);
	}
	wsp_name_tables(kind);
}

/* Learns the native members, most of them not exported, from a socket. */
static int __init wsp_kind_init(struct wsp_kind *kind, int family)
{
	struct socket *sock;
	int rc;

	rc = sock_create_kern(&init_net, kind->family, kind->type,
			      kind->type == SOCK_STREAM ? IPPROTO_TCP :
							  IPPROTO_UDP, &sock);
	if (rc)
		return rc;

	kind->native = sock->ops;
	kind->prot = sock->sk->sk_prot;
	if (kind->type == SOCK_STREAM) {
		kind->af_ops = inet_csk(sock->sk)->icsk_af_ops;
#if defined(CONFIG_TCP_MD5SIG) || defined(CONFIG_TCP_AO)
		kind->af_specific = tcp_sk(sock->sk)->af_specific;
#endif
	}
	wsp_kind_tables(kind, family);

	sock_release(sock);
	return 0;
}

/* @family: the number the tables are to carry. */
int __init wsp_kinds_init(int family)
{
	int i, j, rc;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			rc = wsp_kind_init(&wsp_kinds[i][j], family);
			/* A machine may have been started without IPv6. */
			if (rc && rc != -EAFNOSUPPORT)
				return rc;
		}
	}
	return 0;
}
