/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What event.c, tie.c and record.c share: a socket's tie to an event, which is an
 * entry of its wait queue. No other file looks into one.
 */
#ifndef _WSPFAM_TIE_H
#define _WSPFAM_TIE_H

#include <linux/eventfd.h>
#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/wsp.h>

/* An eventfd, and how many sockets share this hold on it. */
struct wsp_event {
	refcount_t ties;
	struct eventfd_ctx *ctx;
};

/**
 * struct wsp_tie - a socket's tie to an event, and the record of its events
 * @wait: the entry in the socket's wait queue, whose lock guards all of this
 * @event: what to signal
 * @mask: WSP_FD_* the program asked for
 * @enabled: those of @mask that may be recorded
 * @recorded: those that were, until the program takes them
 * @connect_code: the outcome of the last attempt, a WSAE code or 0
 * @close_code: how the connection ended, likewise
 * @connected: a stream's connection has stood
 * @holder: the thread whose next accept(2) is to enable nothing, and to tie nothing;
 *	for comparison
 */
struct wsp_tie {
	wait_queue_entry_t wait;
	struct wsp_event *event;
	u16 mask;
	u16 enabled;
	u16 recorded;
	u16 connect_code;
	u16 close_code;
	bool connected;
	const struct task_struct *holder;
};

struct wsp_event *wsp_event_get(int fd);
void wsp_event_put(struct wsp_event *event);
void wsp_event_reset(struct eventfd_ctx *ctx);

struct wsp_tie *wsp_tie_new(struct wsp_event *event, u32 mask);
void wsp_make_nonblocking(struct file *file);

/* These are to be called under the wait queue's lock. */
wait_queue_entry_t *wsp_own_entry(const struct socket *sock, wait_queue_func_t func);
struct wsp_tie *wsp_tie(const struct socket *sock);
void wsp_record(struct wsp_tie *tie, u32 events);
void wsp_record_check(const struct socket *sock, struct wsp_tie *tie);

int wsp_record_wake(wait_queue_entry_t *wait, unsigned int mode, int flags,
		    void *key);
void wsp_record_ask_for_room(struct socket *sock);
void wsp_record_take(struct socket *sock, struct eventfd_ctx *reset,
		     struct wsp_network_events *taken);
void wsp_record_give_back(struct socket *sock, u32 events);

#endif /* _WSPFAM_TIE_H */
