/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The datagrams of a former peer, of which none is to be read once another one
 * has been connected (D-06, D-13).
 */
#ifndef _WSPFAM_FORMER_H
#define _WSPFAM_FORMER_H

#include <linux/net.h>
#include <net/sock.h>

#include "kind.h"

void wsp_former_route(struct sock *sk);
void wsp_former_flush(struct socket *sock);
void wsp_former_strangers(struct socket *sock);
bool wsp_former_is_held(const struct sock *sk);
bool wsp_former_is_native(const struct sock *sk);
int wsp_dgram_recvmsg_fresh(struct socket *sock, struct msghdr *msg, size_t len,
			    int flags);
__poll_t wsp_dgram_poll_fresh(struct file *file, struct socket *sock,
			      struct poll_table_struct *wait);

#endif /* _WSPFAM_FORMER_H */
