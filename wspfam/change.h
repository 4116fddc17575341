/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of the network that a socket has asked for (I-05, I-06). One that has ever
 * asked has an entry of its wait queue for that until it is closed. Other sockets have
 * nothing.
 */
#ifndef _WSPFAM_CHANGE_H
#define _WSPFAM_CHANGE_H

#include <linux/list.h>
#include <linux/net.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/wsp.h>

#define WSP_FD_CHANGES	(WSP_FD_ROUTING_INTERFACE_CHANGE | WSP_FD_ADDRESS_LIST_CHANGE)

struct eventfd_ctx;
struct wsp_event;
struct wsp_tie;
struct wsp_watch;

/**
 * struct wsp_request - what is to be recorded, of one event
 * @news: what the event depends on, 0 if nothing is to be
 * @since: from when on it counts
 */
struct wsp_request {
	u32 news;
	u32 since;
};

/**
 * struct wsp_changes - what a socket wants to hear of
 * @wait: the entry in the socket's wait queue, by which it is found; that stays there as
 *	long as this does
 * @link: its place in the list of @watch
 * @watch: what happens in the socket's namespace
 * @lock: guards what follows; may be taken under the wait queue's
 * @event: what to signal, which is the tie's, or NULL
 * @mask: of WSP_FD_CHANGES those that the socket is tied for
 * @recorded: those that have happened, until the program takes them
 * @requests: those that it has asked for
 */
struct wsp_changes {
	wait_queue_entry_t wait;
	struct list_head link;
	struct wsp_watch *watch;
	spinlock_t lock;	/* guards what follows */
	const struct wsp_event *event;
	u16 mask;
	u16 recorded;
	struct wsp_request requests[2];
};

int wsp_changes_ask(struct socket *sock, struct wsp_change *arg);
void wsp_changes_drop(struct socket *sock);

/* For watch.c, by their place in its list. */
void wsp_changes_tell(struct list_head *link);
void wsp_changes_free(struct list_head *link);

/* These are to be called under the wait queue's lock. */
struct wsp_changes *wsp_changes(const struct socket *sock);
void wsp_changes_tie(struct wsp_changes *changes, const struct wsp_tie *tie);
u32 wsp_changes_take(struct wsp_changes *changes, struct eventfd_ctx *reset);
void wsp_changes_give_back(struct wsp_changes *changes, u32 events);

#endif /* _WSPFAM_CHANGE_H */
