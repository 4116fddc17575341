/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a datagram socket has received of others than its peer: before it had
 * one, or while the peer was another (D-06, D-13).
 */
#ifndef _WSPFAM_STRANGERS_H
#define _WSPFAM_STRANGERS_H

#include <net/sock.h>

#define WSP_BATCH	64	/* datagrams taken out under one lock */

void wsp_received_join(struct sock *sk);
bool wsp_has_received(struct sock *sk);
unsigned int wsp_most_received(const struct sock *sk);
int wsp_strangers_drop(struct sock *sk, bool all, bool *peers);

#endif /* _WSPFAM_STRANGERS_H */
