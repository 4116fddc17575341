/* SPDX-License-Identifier: GPL-2.0 */
/* What connecting a datagram socket sets on this side: source and device. */
#ifndef _WSPFAM_SIDE_H
#define _WSPFAM_SIDE_H

#include <linux/in6.h>
#include <linux/net.h>
#include <net/flow.h>
#include <net/sock.h>

#include "compat.h"
#include "note.h"

/* What connecting sets on this side, for a connect that fails (D-08). */
struct wsp_side {
	int dev;
	int loose;		/* the device without the former name's */
	int chosen;		/* the one for a broadcast (D-09), or 0 */
	__be32 saddr;
	struct in6_addr saddr6;
	struct flowi flow;	/* connected sends take their addresses here */
	bool corked;		/* and so does a datagram begun with MSG_MORE */
};

int wsp_side_own_device(const struct sock *sk, const struct wsp_note *note);
int wsp_side_device_of(const struct sock *sk, const struct sockaddr_unsized *name);
int wsp_side_device(const struct sock *sk, const struct sockaddr_unsized *name,
		    const struct wsp_side *side);

void wsp_side_loosen(struct socket *sock, const struct wsp_note *note,
		     struct wsp_side *side);
void wsp_side_restore(struct sock *sk, const struct sockaddr_unsized *name,
		      const struct wsp_side *side);
void wsp_side_settle(struct sock *sk);
bool wsp_side_choose_device(struct sock *sk, const struct sockaddr_unsized *name,
			    struct wsp_side *side);

#endif /* _WSPFAM_SIDE_H */
