/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_DGRAM_H
#define _WSPFAM_DGRAM_H

#include <linux/net.h>

#include "compat.h"

int wsp_dgram_connect(struct socket *sock, struct sockaddr_unsized *name,
		      int len, int flags);
int wsp_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int wsp_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		      int flags);

#endif /* _WSPFAM_DGRAM_H */
