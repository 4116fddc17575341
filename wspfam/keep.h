/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a socket keeps that the kernel has no place for: bits of the library's, and
 * when its connection stood (section 10 of the contract). Whoever has a descriptor
 * of the socket has the same.
 */
#ifndef _WSPFAM_KEEP_H
#define _WSPFAM_KEEP_H

#include <linux/net.h>

#include <linux/wsp.h>

void wsp_keep_nothing(struct socket *sock);
void wsp_keep_inherit(struct socket *sock, const struct socket *listener);
void wsp_keep_time(struct socket *sock);
void wsp_keep(struct socket *sock, struct wsp_keep *arg);

#endif /* _WSPFAM_KEEP_H */
