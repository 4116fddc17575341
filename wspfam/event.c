// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <net/sock.h>

#include "compat.h"
#include "event.h"
#include "kind.h"
#include "state.h"
#include "stats.h"
#include "tie.h"

/* For a change of the table, see wsp_set_table(). */
void wsp_lock_table(struct socket *sock)
{
	if (sock->type == SOCK_STREAM)
		lock_sock(sock->sk);
	else
		inode_lock(SOCK_INODE(sock));
}

void wsp_unlock_table(struct socket *sock)
{
	if (sock->type == SOCK_STREAM)
		release_sock(sock->sk);
	else
		inode_unlock(SOCK_INODE(sock));
}

/* @tie in place of any former one; NULL for none. */
static int wsp_event_set(struct socket *sock, struct wsp_tie *tie, bool nonblocking)
{
	int rc;

	wsp_lock_table(sock);
	if (nonblocking)
		wsp_make_nonblocking(sock->file);
	rc = wsp_event_tie(sock, tie);
	wsp_unlock_table(sock);
	return rc;
}

/* V-01: ties @sock to the eventfd @fd for the events of @mask. */
int wsp_event_select(struct socket *sock, int fd, u32 mask)
{
	struct wsp_event *event;
	struct wsp_tie *tie = NULL;

	if (mask & ~WSP_FD_ALL_EVENTS)
		return -EINVAL;
	if (mask) {
		event = wsp_event_get(fd);
		if (IS_ERR(event))
			return PTR_ERR(event);
		tie = wsp_tie_new(event, mask);
		if (!tie) {
			wsp_event_put(event);
			return -ENOBUFS;
		}
		wsp_stats_inc(sock_net(sock->sk), WSP_STAT_TIED);
	}

	return wsp_event_set(sock, tie, true);
}

static int wsp_event_tie_as(struct socket *sock, struct socket *other)
{
	struct wsp_tie *tie = wsp_event_copy(other);

	if (IS_ERR(tie))
		return PTR_ERR(tie);
	return wsp_event_set(sock, tie, tie);
}

/* T-08: ties @sock as the socket of @fd is, or unties it. */
int wsp_event_select_as(struct socket *sock, int fd)
{
	struct fd f = fdget(fd);
	struct socket *other;
	int rc = -ENOTSOCK;

	if (!fd_file(f))
		return rc;
	other = sock_from_file(fd_file(f));
	if (other && wsp_is_ours(other))
		rc = wsp_event_tie_as(sock, other);
	fdput(f);
	return rc;
}

static int wsp_record_put(struct wsp_network_events __user *record,
			  const struct wsp_network_events *taken)
{
	const unsigned long events = taken->events;
	unsigned int i;

	for_each_set_bit(i, &events, WSP_FD_MAX_EVENTS) {
		if (put_user(taken->codes[i], &record->codes[i]))
			return -EFAULT;
	}
	return put_user(taken->events, &record->events);
}

static int wsp_record_give(struct socket *sock, struct eventfd_ctx *reset,
			   struct wsp_network_events __user *record)
{
	struct wsp_network_events taken = {};
	int rc;

	/* Most of what cannot be written shows before anything is taken. */
	if (put_user(0, &record->events))
		return -EFAULT;

	wsp_record_take(sock, reset, &taken);
	rc = wsp_record_put(record, &taken);
	if (rc)
		wsp_record_give_back(sock, taken.events);
	else if (sock->type == SOCK_STREAM && taken.events & WSP_FD_CONNECT)
		wsp_stream_promote(sock);
	return rc;
}

/* V-05: the record, for the program; resets the eventfd @fd unless it is -1. */
int wsp_event_enum(struct socket *sock, void __user *record, int fd)
{
	struct eventfd_ctx *reset = NULL;
	int rc;

	if (fd != -1) {
		reset = eventfd_ctx_fdget(fd);
		if (IS_ERR(reset))
			return -EINVAL;
	}
	rc = wsp_record_give(sock, reset, record);
	if (reset)
		eventfd_ctx_put(reset);
	return rc;
}
