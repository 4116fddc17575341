/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_STREAM_H
#define _WSPFAM_STREAM_H

#include <linux/net.h>

#include "compat.h"
#include "rules.h"

int wsp_stream_connect(struct socket *sock, struct sockaddr_unsized *name,
		       int len, int flags);
WSP_ACCEPT(wsp_stream_accept);
void wsp_stream_told(struct socket *sock);
int wsp_stream_release(struct socket *sock);
void wsp_stream_promote(struct socket *sock);
int wsp_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);

enum wsp_state wsp_stream_state_of(const struct socket *sock);

#endif /* _WSPFAM_STREAM_H */
