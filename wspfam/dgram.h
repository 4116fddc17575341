/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_DGRAM_H
#define _WSPFAM_DGRAM_H

#include <linux/net.h>

#include "compat.h"
#include "kind.h"

int wsp_dgram_connect(struct socket *sock, struct sockaddr_unsized *name,
		      int len, int flags);
int wsp_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int wsp_dgram_sendmsg_no_port(struct socket *sock, struct msghdr *msg,
			      size_t len);
int wsp_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		      int flags);
int wsp_dgram_release(struct socket *sock);

struct wsp_note *wsp_dgram_note(const struct socket *sock);
enum wsp_table wsp_dgram_connected(const struct sock *sk);

#endif /* _WSPFAM_DGRAM_H */
