/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits on a socket that another thread of the process can end, as it has to
 * before it closes the descriptor (T-01): close(2) itself wakes nobody.
 */
#ifndef _WSPFAM_WAIT_H
#define _WSPFAM_WAIT_H

#include <linux/eventpoll.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/wsp.h>

struct signal_struct;
struct socket;
struct wsp_wait;

/*
 * What wakes the queue to end a wait: no event that anybody can poll for. Those
 * who wait in the kernel's own ways look again, and wait on.
 */
#define WSP_POLL_CANCEL		((__force __poll_t)0x10000)

/* Likewise, for those who wait for a change of the network (I-05). */
#define WSP_POLL_CHANGE		((__force __poll_t)WSP_EPOLL_CHANGE)

/**
 * struct wsp_waiter - a thread that waits, in the socket's wait queue
 * @entry: its place there
 * @process: whose thread it is; for comparison
 * @cancelled: another thread of the process has ended the wait
 */
struct wsp_waiter {
	wait_queue_entry_t entry;
	const struct signal_struct *process;
	bool cancelled;
};

void wsp_waiter_join(struct wsp_waiter *waiter, struct socket *sock,
		     bool exclusive);
void wsp_waiter_leave(struct wsp_waiter *waiter, struct socket *sock);
long wsp_waiter_sleep(struct wsp_waiter *waiter, long timeo);
int wsp_waiter_ended(const struct wsp_waiter *waiter, long timeo);

int wsp_wait_ready(struct socket *sock, struct wsp_wait *arg);
void wsp_wait_cancel(struct socket *sock);

#endif /* _WSPFAM_WAIT_H */
