// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "change.h"
#include "event.h"
#include "kind.h"
#include "tie.h"

struct wsp_event *wsp_event_get(int fd)
{
	struct wsp_event *event;

	event = kmalloc(sizeof(*event), GFP_KERNEL_ACCOUNT);
	if (!event)
		return ERR_PTR(-ENOBUFS);

	event->ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(event->ctx)) {
		kfree(event);
		return ERR_PTR(-EINVAL);	/* V-09 */
	}
	refcount_set(&event->ties, 1);
	return event;
}

void wsp_event_put(struct wsp_event *event)
{
	if (!refcount_dec_and_test(&event->ties))
		return;
	eventfd_ctx_put(event->ctx);
	kfree(event);
}

/*
 * Sets the counter of @ctx to 0, or takes 1 of a semaphore, as a read(2) does.
 * It wakes who waits for room, and that may be someone who signals an eventfd
 * in turn, this one even: he is to leave that for later, as when the eventfd's
 * own read wakes him.
 */
void wsp_event_reset(struct eventfd_ctx *ctx)
{
	wait_queue_entry_t none;
	u64 count;

	INIT_LIST_HEAD(&none.entry);
	current->in_eventfd = 1;
	eventfd_ctx_remove_wait_queue(ctx, &none, &count);
	current->in_eventfd = 0;
}

struct wsp_tie *wsp_tie_new(struct wsp_event *event, u32 mask)
{
	struct wsp_tie *tie;

	tie = kzalloc(sizeof(*tie), GFP_KERNEL_ACCOUNT);
	if (!tie)
		return NULL;
	init_waitqueue_func_entry(&tie->wait, wsp_record_wake);
	tie->wait.flags = WQ_FLAG_PRIORITY;
	tie->event = event;
	tie->mask = mask;
	return tie;
}

void wsp_tie_free(struct wsp_tie *tie)
{
	if (!tie)
		return;
	wsp_event_put(tie->event);
	kfree(tie);
}

/* V-04: what stood before the tie, of which no wake-up will tell. */
static void wsp_tie_first_check(struct socket *sock, struct wsp_tie *tie)
{
	const enum wsp_table table = wsp_table(sock);

	tie->enabled = tie->mask;
	if (sock->type != SOCK_STREAM) {
		wsp_record_check(sock, tie);
		if (sock->sk->sk_state == TCP_ESTABLISHED)
			wsp_record(tie, WSP_FD_CONNECT);
		return;
	}
	if (table == WSP_TABLE_ACCEPTED)	/* it has made no attempt */
		tie->enabled &= ~WSP_FD_CONNECT;
	wsp_record_check(sock, tie);
}

static void wsp_tie_fasten(struct socket *sock, struct wsp_tie *tie)
{
	tie->wait.private = sock;
	__add_wait_queue(&sock->wq.wait, &tie->wait);
	wsp_record_ask_for_room(sock);
	wsp_tie_first_check(sock, tie);
}

/*
 * Puts @tie, or nothing, in the place of any former tie. A socket with another's
 * table is not tied (-ENOTTY): its release would not be ours, and end no tie.
 */
int wsp_event_tie(struct socket *sock, struct wsp_tie *tie)
{
	struct wsp_changes *changes;
	struct wsp_tie *former;

	spin_lock_irq(&sock->wq.wait.lock);
	changes = wsp_changes(sock);
	if (!wsp_set_tied(sock, tie || changes) && tie) {
		spin_unlock_irq(&sock->wq.wait.lock);
		wsp_tie_free(tie);
		return -ENOTTY;
	}
	former = wsp_tie(sock);
	if (former)
		__remove_wait_queue(&sock->wq.wait, &former->wait);
	if (tie)
		wsp_tie_fasten(sock, tie);
	if (changes)
		wsp_changes_tie(changes, tie);
	spin_unlock_irq(&sock->wq.wait.lock);

	wsp_tie_free(former);
	return 0;
}

/*
 * A tie for a socket accepted on @sock; NULL if @sock is not tied any more, or if the
 * program is yet to say what becomes of what the caller accepts.
 */
struct wsp_tie *wsp_event_copy(struct socket *sock)
{
	struct wsp_tie *tie, *copy;

	copy = wsp_tie_new(NULL, 0);
	if (!copy)
		return ERR_PTR(-ENOBUFS);

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie && tie->holder == current)
		tie = NULL;
	if (tie) {
		copy->event = tie->event;
		copy->mask = tie->mask;
		refcount_inc(&tie->event->ties);
	}
	spin_unlock_irq(&sock->wq.wait.lock);

	if (!tie) {
		kfree(copy);
		return NULL;
	}
	return copy;
}

void wsp_make_nonblocking(struct file *file)
{
	spin_lock(&file->f_lock);
	file->f_flags |= O_NONBLOCK;
	spin_unlock(&file->f_lock);
}

/* @sock has just been accepted and has a tie of wsp_event_copy(). */
void wsp_event_inherit(struct socket *sock, struct wsp_tie *tie)
{
	if (sock->file)
		wsp_make_nonblocking(sock->file);
	wsp_event_tie(sock, tie);
}

u32 wsp_event_mask(struct socket *sock)
{
	struct wsp_tie *tie;
	u32 mask;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	mask = tie ? tie->mask : 0;
	spin_unlock_irq(&sock->wq.wait.lock);
	return mask;
}
