/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that a signal handler has called away from a blocking connect, to
 * which they will be back (C-12). There is one at most for a socket, since
 * nobody else gets to wait meanwhile (E-03).
 */
#ifndef _WSPFAM_WAITER_H
#define _WSPFAM_WAITER_H

#include <linux/net.h>

enum wsp_whereabouts {
	WSP_WAITER_AWAY,	/* in its handler */
	WSP_WAITER_BACK,	/* the caller is in that very call again */
	WSP_WAITER_GONE,	/* ended, or has left the call by longjmp() */
};

/* All but the first are for sockets with a waiter, and under the sock's lock. */
bool wsp_waiter_keep(const struct socket *sock, int dev);
enum wsp_whereabouts wsp_waiter_seek(const struct socket *sock);
bool wsp_waiter_is_current(const struct socket *sock);
int wsp_waiter_drop(const struct socket *sock);

#endif /* _WSPFAM_WAITER_H */
