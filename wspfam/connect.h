/* SPDX-License-Identifier: GPL-2.0 */
/* What streams and datagram sockets share in binding and connecting. */
#ifndef _WSPFAM_CONNECT_H
#define _WSPFAM_CONNECT_H

#include <net/sock.h>

#include "compat.h"
#include "rules.h"

enum wsp_name_class wsp_connect_class(const struct sock *sk,
				      const struct sockaddr_unsized *name,
				      int len);
bool wsp_names_broadcast(const struct sock *sk,
			 const struct sockaddr_unsized *name);
int wsp_bind(struct socket *sock, struct sockaddr_unsized *name, int len);
int wsp_connect_allowed(struct sock *sk, struct sockaddr_unsized *name, int len);
int wsp_broadcast_device(struct net *net);
int wsp_connect_error(const struct sock *sk, int error);
u32 wsp_attempt_code(const struct sock *sk, int error);

#endif /* _WSPFAM_CONNECT_H */
