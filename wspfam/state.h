/* SPDX-License-Identifier: GPL-2.0 */
/* What state a socket is in, and the step to the native table. */
#ifndef _WSPFAM_STATE_H
#define _WSPFAM_STATE_H

#include <linux/net.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "attempt.h"
#include "rules.h"

static inline bool wsp_stream_pending(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
}

bool wsp_stream_has_stood(const struct sock *sk);
int wsp_stream_end(const struct sock *sk);
enum wsp_state wsp_stream_state_of(const struct socket *sock);
enum wsp_state wsp_state(const struct socket *sock);
enum wsp_state wsp_state_here(struct socket *sock);

void wsp_stream_lock(struct socket *sock);
void wsp_stream_unwait(struct socket *sock, struct wsp_attempt *attempt);
void wsp_stream_made(struct socket *sock, struct wsp_attempt *attempt);
void wsp_stream_promote(struct socket *sock);

#endif /* _WSPFAM_STATE_H */
