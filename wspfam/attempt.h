/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attempts to connect a stream that are not over at once: what became of them,
 * and what they have set on the socket. A socket has one at most, and has it
 * while its table is WSP_TABLE_BLOCKED or WSP_TABLE_ATTEMPT.
 */
#ifndef _WSPFAM_ATTEMPT_H
#define _WSPFAM_ATTEMPT_H

#include <linux/net.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct wsp_attempt - an attempt
 * @node: its place in the table of them
 * @wait: an entry of the socket's wait queue, until it is over
 * @sock: the socket
 * @waiter: the thread that a signal handler has called away from its wait, to
 *	which it is to be back (C-12); no more than this may be left of it
 * @error: what it failed with, a positive errno; 0 while it has not
 * @dev: the device that the socket was bound to before
 * @scope: the device that the scope of the name has bound it to
 * @clamp: the bound on the window that the program had set before
 * @clamped: the one that the attempt has made of it
 * @rcu: for wsp_attempt_error()
 */
struct wsp_attempt {
	struct hlist_node node;
	wait_queue_entry_t wait;
	struct socket *sock;
	struct pid *waiter;
	int error;
	int dev;
	int scope;
	u32 clamp;
	u32 clamped;
	struct rcu_head rcu;
};

/* All but wsp_attempt_error() are to be called under the sock's lock. */
struct wsp_attempt *wsp_attempt_new(struct socket *sock);
struct wsp_attempt *wsp_attempt_of(const struct socket *sock);
void wsp_attempt_drop(struct wsp_attempt *attempt);
void wsp_attempt_call_away(struct wsp_attempt *attempt);
void wsp_attempt_unwait(struct wsp_attempt *attempt);
bool wsp_attempt_is_own(const struct wsp_attempt *attempt);
bool wsp_attempt_is_left(const struct wsp_attempt *attempt);
int wsp_attempt_error(const struct socket *sock);

#endif /* _WSPFAM_ATTEMPT_H */
