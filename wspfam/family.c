// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>

#include <linux/wsp.h>

#include "epoch.h"
#include "family.h"
#include "keep.h"
#include "kind.h"
#include "note.h"
#include "stats.h"
#include "sysctl.h"
#include "trace.h"
#include "watch.h"

static unsigned int family = AF_WSP;
module_param(family, uint, 0444);
MODULE_PARM_DESC(family, "address family number (default " __stringify(AF_WSP) ")");

unsigned int wsp_family(void)
{
	return family;
}

/* Moves the sock, and what belongs to it, from @inner to @sock. */
static void wsp_graft(struct socket *sock, struct socket *inner,
		      const struct wsp_kind *kind)
{
	struct sock *sk = inner->sk;

	sock->flags |= inner->flags;	/* SOCK_SUPPORT_ZC and the like */
	wsp_see_options(sock, true);
	inner->sk = NULL;
	sock_graft(sk, sock);
	sock->ops = &kind->table[false][WSP_TABLE_IDLE].ops;
	sock_release(inner);
}

static int wsp_create(struct net *net, struct socket *sock, int protocol,
		      int kern)
{
	const struct wsp_kind *kind;
	struct socket *inner;
	int rc;

	if (sock->type != SOCK_STREAM && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != WSPPROTO_IPV4 && protocol != WSPPROTO_IPV6)
		return -EPROTONOSUPPORT;

	if (!wsp_may_create(net)) {
		wsp_stats_inc(net, WSP_STAT_DENIED);
		trace_wsp_rule(sock, NULL, "F-05", -EACCES);
		return -EACCES;
	}

	kind = wsp_kind(sock->type,
			protocol == WSPPROTO_IPV6 ? AF_INET6 : AF_INET);
	if (!kind->native)
		return -EAFNOSUPPORT;

	/* With a protocol of 0, BPF could turn TCP into MPTCP. */
	rc = __sock_create(net, kind->family, kind->type,
			   kind->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP,
			   &inner, kern);
	if (rc)
		return rc;

	/* Nothing but the kernel's own TCP and UDP is wrapped. */
	if (inner->ops != kind->native) {
		sock_release(inner);
		return -EPROTONOSUPPORT;
	}

	wsp_graft(sock, inner, kind);
	wsp_keep_nothing(sock);
	wsp_stats_inc(net, WSP_STAT_SOCKETS);
	return 0;
}

static struct net_proto_family wsp_net_family = {
	.create = wsp_create,
	.owner = THIS_MODULE,
};

static int __init wsp_init(void)
{
	int rc;

	if (!family || family >= AF_MAX) {
		pr_err("family=%u: a family's number is from 1 to %d\n",
		       family, AF_MAX - 1);
		return -EINVAL;
	}

	wsp_notes_init();
	rc = wsp_kinds_init(family);
	if (rc)
		return rc;

	rc = wsp_sysctl_init();
	if (rc)
		return rc;

	rc = wsp_stats_init();
	if (rc)
		goto out_sysctl;

	rc = wsp_watch_init();
	if (rc)
		goto out_stats;

	wsp_net_family.family = family;
	rc = sock_register(&wsp_net_family);
	if (rc) {
		pr_err("family %u is taken: load with another one, such as family=13, 14 or 22\n",
		       family);
		goto out_watch;
	}
	return 0;

out_watch:
	wsp_watch_exit();
out_stats:
	wsp_stats_exit();
out_sysctl:
	wsp_sysctl_exit();
	return rc;
}
module_init(wsp_init);

static void __exit wsp_exit(void)
{
	sock_unregister(family);
	wsp_watch_exit();
	wsp_stats_exit();
	wsp_sysctl_exit();
	wsp_epoch_stop();
	wsp_notes_exit();
}
module_exit(wsp_exit);

MODULE_DESCRIPTION("AF_WSP: sockets with the connection rules of WSPConnect");
MODULE_LICENSE("GPL");
