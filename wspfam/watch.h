/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who wants to hear of changes in a network namespace, and how it is heard of them:
 * while there is anybody, by a socket that rtnetlink's messages come to.
 */
#ifndef _WSPFAM_WATCH_H
#define _WSPFAM_WATCH_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "news.h"

struct net;
struct sock;
struct socket;

/**
 * struct wsp_watch - what happens to addresses and ways in a namespace
 * @lock: guards the list, the listener and @overrun
 * @list: those who want to hear of it, by their @link
 * @members: how many there are, or are about to be
 * @count: how often there was news, of each kind
 * @listener: where the messages come to, NULL in the end
 * @overrun: messages may have had no room since the queue was empty last
 * @data_ready: netlink's own, for the listener when it is ours no more
 * @error_report: likewise
 * @work: takes them and tells the members
 * @wanted: counts how often it was to run
 * @done: what @wanted was when the last run to its end began
 * @settled: for those who wait for that
 * @end: frees all of this
 */
struct wsp_watch {
	struct mutex lock;	/* guards the list and the listener */
	struct list_head list;
	unsigned int members;
	u32 count[WSP_NEWS];
	struct socket *listener;
	bool overrun;
	void (*data_ready)(struct sock *sk);
	void (*error_report)(struct sock *sk);
	struct work_struct work;
	atomic_t wanted;
	int done;
	wait_queue_head_t settled;
	struct work_struct end;
};

struct wsp_watch *wsp_watch_join(struct net *net, struct list_head *link);
void wsp_watch_leave(struct net *net, struct list_head *link);

int wsp_watch_settle(struct wsp_watch *watch);
u32 wsp_watch_count(const struct wsp_watch *watch, u32 news);

int wsp_watch_init(void);
void wsp_watch_exit(void);

#endif /* _WSPFAM_WATCH_H */
