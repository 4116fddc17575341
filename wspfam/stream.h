/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_STREAM_H
#define _WSPFAM_STREAM_H

#include <linux/net.h>

#include "compat.h"
#include "rules.h"

int wsp_stream_connect(struct socket *sock, struct sockaddr_unsized *name,
		       int len, int flags);
WSP_ACCEPT(wsp_stream_accept);
int wsp_stream_asked(struct socket *sock);
void wsp_stream_told(struct socket *sock);
int wsp_stream_release(struct socket *sock);
int wsp_stream_bind(struct socket *sock, struct sockaddr_unsized *name, int len);
int wsp_stream_listen(struct socket *sock, int backlog);
int wsp_stream_getname(struct socket *sock, struct sockaddr *addr, int peer);
void wsp_stream_bound(struct socket *sock);
int wsp_stream_shutdown(struct socket *sock, int how);
void wsp_stream_promote(struct socket *sock);
int wsp_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);

bool wsp_stream_has_stood(const struct sock *sk);
enum wsp_state wsp_stream_state_of(const struct socket *sock);
enum wsp_state wsp_stream_state_here(struct socket *sock);

#endif /* _WSPFAM_STREAM_H */
