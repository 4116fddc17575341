// SPDX-License-Identifier: GPL-2.0
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "attempt.h"
#include "compat.h"
#include "keep.h"
#include "kind.h"
#include "state.h"

/*
 * The peer may have ended a connection before any call has found it made: then
 * only the acknowledged SYN tells it from a failed attempt (C-06, E-10).
 */
static bool wsp_state_has_stood(const struct sock *sk, int state)
{
	if ((1 << state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_LISTEN))
		return false;
	return state != TCP_CLOSE || READ_ONCE(tcp_sk(sk)->bytes_acked);
}

bool wsp_stream_has_stood(const struct sock *sk)
{
	return wsp_state_has_stood(sk, inet_sk_state_load(sk));
}

/*
 * Has a connection that is over been ended by both sides? The peer's FIN leaves
 * SOCK_DONE. Ours is the one thing in the sequence that send(2) has not pushed,
 * and has been acknowledged if everything has.
 */
static bool wsp_stream_was_ended(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const u32 end = READ_ONCE(tp->write_seq);

	return sock_flag(sk, SOCK_DONE) && end != tp->pushed_seq &&
	       end == tp->snd_una;
}

/*
 * How a connection that is over has ended, a positive errno, or 0. It is the same,
 * whether or not the program has been told already (V-06, T-04).
 */
int wsp_stream_end(const struct sock *sk)
{
	return READ_ONCE(sk->sk_err) ?: wsp_stream_was_ended(sk) ? 0 : ECONNRESET;
}

static enum wsp_stage wsp_stream_stage(const struct sock *sk, enum wsp_table table,
				       int state)
{
	switch (table) {
	case WSP_TABLE_IDLE:
		return WSP_STAGE_NEW;
	case WSP_TABLE_BLOCKED:
		return WSP_STAGE_BLOCKED;
	case WSP_TABLE_ATTEMPT:
		return wsp_state_has_stood(sk, state) ? WSP_STAGE_STOOD :
							WSP_STAGE_LEFT;
	default:
		return WSP_STAGE_STOOD;
	}
}

/*
 * For record.c in any context, else under the sock's lock. What the stack stores with
 * the state, such as the error, can be read after this.
 */
enum wsp_state wsp_stream_state_of(const struct socket *sock)
{
	const enum wsp_table table = wsp_table(sock);
	int state;

	/* An attempt has left CLOSE before it changes the table: cmpxchg() pairs. */
	smp_rmb();
	state = inet_sk_state_load(sock->sk);
	return wsp_stream_state(wsp_stream_stage(sock->sk, table, state), state);
}

/* The connection stands: the native table will do from here on. */
void wsp_stream_made(struct socket *sock, struct wsp_attempt *attempt)
{
	sock->state = SS_CONNECTED;
	wsp_keep_time(sock);
	wsp_see_options(sock, false);	/* no scope matters any more */
	wsp_set_table(sock, WSP_TABLE_CONNECTED);
	if (attempt)
		wsp_attempt_drop(attempt);
}

/* Nobody is to be back to the wait any more. */
void wsp_stream_unwait(struct socket *sock, struct wsp_attempt *attempt)
{
	wsp_attempt_unwait(attempt);
	wsp_set_table(sock, WSP_TABLE_ATTEMPT);
}

/* The sock's lock; a waiter who has ended in his handler is not waited for. */
void wsp_stream_lock(struct socket *sock)
{
	struct wsp_attempt *attempt;

	lock_sock(sock->sk);
	attempt = wsp_attempt_of(sock);
	if (attempt && wsp_attempt_is_left(attempt))
		wsp_stream_unwait(sock, attempt);
}

enum wsp_state wsp_state(const struct socket *sock)
{
	if (sock->type == SOCK_STREAM)
		return wsp_stream_state_of(sock);

	switch (wsp_table(sock)) {
	case WSP_TABLE_IDLE:
		return WSP_STATE_IDLE;
	case WSP_TABLE_DISCONNECTED:
		return WSP_STATE_DISCONNECTED;
	default:
		return WSP_STATE_CONNECTED;
	}
}

/*
 * What the caller would meet. A thread that asks is not inside a call of its own,
 * unless it is in a handler that has interrupted that.
 */
enum wsp_state wsp_state_here(struct socket *sock)
{
	const struct wsp_attempt *attempt;
	enum wsp_state state;

	if (sock->type != SOCK_STREAM)
		return wsp_state(sock);

	wsp_stream_lock(sock);
	state = wsp_stream_state_of(sock);
	attempt = wsp_attempt_of(sock);
	if (attempt && wsp_attempt_is_own(attempt))
		state = wsp_stream_has_stood(sock->sk) ?
			WSP_STATE_CONNECTED :
			wsp_stream_state(WSP_STAGE_LEFT, sock->sk->sk_state);
	release_sock(sock->sk);
	return state;
}

/*
 * A connection that was completed in the background gets the native table by
 * the first call that finds it so.
 */
void wsp_stream_promote(struct socket *sock)
{
	lock_sock(sock->sk);
	if (wsp_table(sock) == WSP_TABLE_ATTEMPT &&
	    wsp_stream_has_stood(sock->sk))
		wsp_stream_made(sock, wsp_attempt_of(sock));
	release_sock(sock->sk);
}
