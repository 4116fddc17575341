/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_STREAM_H
#define _WSPFAM_STREAM_H

#include <linux/net.h>

#include "compat.h"

int wsp_stream_connect(struct socket *sock, struct sockaddr_unsized *name,
		       int len, int flags);
int wsp_stream_asked(struct socket *sock);
void wsp_stream_told(struct socket *sock);
int wsp_stream_release(struct socket *sock);
int wsp_stream_bind(struct socket *sock, struct sockaddr_unsized *name, int len);
int wsp_stream_getname(struct socket *sock, struct sockaddr *addr, int peer);
void wsp_stream_bound(struct socket *sock);
int wsp_stream_shutdown(struct socket *sock, int how);
int wsp_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);

#endif /* _WSPFAM_STREAM_H */
