/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network events (section 4 of the contract): what has happened on a socket
 * since the program asked last. A socket that is tied to an event, an eventfd,
 * has a record, which is an entry of the socket's wait queue. Other sockets
 * have nothing.
 */
#ifndef _WSPFAM_EVENT_H
#define _WSPFAM_EVENT_H

#include <linux/net.h>
#include <linux/types.h>

#include <linux/wsp.h>

#include "kind.h"

struct wsp_tie;

int wsp_event_select(struct socket *sock, int fd, u32 mask);
int wsp_event_select_as(struct socket *sock, int fd);
int wsp_event_enum(struct socket *sock, void __user *record, int fd);
u32 wsp_event_mask(struct socket *sock);

void wsp_lock_table(struct socket *sock);
void wsp_unlock_table(struct socket *sock);

void wsp_event_again(struct socket *sock, u32 events);
void wsp_event_hold(struct socket *sock, bool on);
void wsp_event_deferred(struct socket *sock);
void wsp_event_accepted(struct socket *sock);

void wsp_tied_attempt(struct socket *sock);
void wsp_tied_outcome(struct socket *sock, int rc);

/* What happens on sockets without a tie is nobody's concern. */
static inline void wsp_event_attempt(struct socket *sock)
{
	if (wsp_is_tied(sock))
		wsp_tied_attempt(sock);
}

static inline void wsp_event_outcome(struct socket *sock, int rc)
{
	if (wsp_is_tied(sock))
		wsp_tied_outcome(sock, rc);
}

/* The queue that FD_READ told of is no more (D-06), which is for V-12 to see. */
static inline void wsp_event_flushed(struct socket *sock)
{
	if (wsp_is_tied(sock))
		wsp_event_again(sock, WSP_FD_READ);
}

struct wsp_tie *wsp_event_copy(struct socket *sock);
void wsp_event_inherit(struct socket *sock, struct wsp_tie *tie);
int wsp_event_tie(struct socket *sock, struct wsp_tie *tie);
void wsp_tie_free(struct wsp_tie *tie);

#endif /* _WSPFAM_EVENT_H */
