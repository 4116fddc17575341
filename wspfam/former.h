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

void wsp_former_flush(struct socket *sock);
enum wsp_table wsp_former_table(struct socket *sock);
int wsp_dgram_recvmsg_fresh(struct socket *sock, struct msghdr *msg, size_t len,
			    int flags);

#endif /* _WSPFAM_FORMER_H */
