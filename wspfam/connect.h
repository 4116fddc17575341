/* SPDX-License-Identifier: GPL-2.0 */
/* What streams and datagram sockets share in binding and connecting. */
#ifndef _WSPFAM_CONNECT_H
#define _WSPFAM_CONNECT_H

#include <linux/fs.h>
#include <linux/rwsem.h>
#include <net/sock.h>

#include "compat.h"
#include "rules.h"

/*
 * The inode's lock, for what a datagram socket is bound and connected to. It may
 * be held while the caller's memory is written to, which takes what time it
 * likes: whoever waits for it can be killed.
 */
static inline int wsp_lock_name(struct socket *sock)
{
	return down_write_killable(&SOCK_INODE(sock)->i_rwsem);
}

static inline void wsp_unlock_name(struct socket *sock)
{
	inode_unlock(SOCK_INODE(sock));
}

enum wsp_name_class wsp_connect_class(const struct sock *sk, int dev,
				      const struct sockaddr_unsized *name,
				      int len);
bool wsp_names_broadcast(const struct sock *sk, int dev,
			 const struct sockaddr_unsized *name);
int wsp_bind(struct socket *sock, struct sockaddr_unsized *name, int len);
int wsp_connect_allowed(struct sock *sk, struct sockaddr_unsized *name, int len);
int wsp_broadcast_device(struct net *net);
int wsp_connect_error(const struct sock *sk, int error);
u32 wsp_attempt_code(const struct sock *sk, int error);

#endif /* _WSPFAM_CONNECT_H */
