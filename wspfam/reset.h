/* SPDX-License-Identifier: GPL-2.0 */
/* How an attempt to connect a stream is undone, and when the next may begin. */
#ifndef _WSPFAM_RESET_H
#define _WSPFAM_RESET_H

#include <linux/net.h>
#include <linux/types.h>

#include "attempt.h"

void wsp_reset(struct socket *sock, struct wsp_attempt *attempt);
void wsp_reset_former(struct socket *sock);
void wsp_reset_failed(struct socket *sock);

/* How long the next one waits for what is on its way to the former. */
#define WSP_QUIESCE	(HZ / 5)
bool wsp_reset_quiesce(struct sock *sk, unsigned long deadline);
int wsp_reset_family(struct sock *sk, bool mapped);

#endif /* _WSPFAM_RESET_H */
