// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <net/sock.h>

#include "accept.h"
#include "keep.h"
#include "kind.h"
#include "reset.h"
#include "state.h"
#include "wait.h"

/* The native accept waits in its own way, which nobody can end (T-01). */
static WSP_ACCEPT(wsp_stream_accept_wait)
{
	long timeo = sock_rcvtimeo(sock->sk, false);
	struct wsp_waiter waiter;
	int rc;

	wsp_waiter_join(&waiter, sock, true);
	for (;;) {
		rc = WSP_NATIVE_ACCEPT(wsp_native(sock));
		if (rc != -EAGAIN)
			break;
		rc = wsp_waiter_ended(&waiter, timeo);
		if (rc)
			break;
		timeo = wsp_waiter_sleep(&waiter, timeo);
	}
	wsp_waiter_leave(&waiter, sock);
	if (rc == -ETIMEDOUT)
		return -EAGAIN;
	return rc == -ECANCELED ? -EINTR : rc;
}

/*
 * C-14. Whatever table the listener has, and if it fails, too. A socket that
 * kernel_accept() has made gets table and reference only after success, and has
 * none to give back before.
 */
WSP_ACCEPT(wsp_stream_accept)
{
	const bool nonblock = WSP_ACCEPT_FLAGS & O_NONBLOCK;
	int rc;

	if (newsock->ops)
		newsock->ops = &wsp_sock_kind(sock)->table[false][WSP_TABLE_ACCEPTED].ops;
	WSP_ACCEPT_FLAGS |= O_NONBLOCK;
	rc = WSP_NATIVE_ACCEPT(wsp_native(sock));
	if (rc == -EAGAIN && !nonblock)
		rc = WSP_SAME_ACCEPT(wsp_stream_accept_wait);
	if (!nonblock)
		WSP_ACCEPT_FLAGS &= ~O_NONBLOCK;
	if (!rc) {
		wsp_keep_inherit(newsock, sock);
		wsp_keep_time(newsock);
	}
	return rc;
}

/*
 * C-07: a failed attempt is forgotten, whatever comes of this. A thread that has
 * not yet found its own shut down does that itself.
 */
static int wsp_stream_before_listen(struct socket *sock)
{
	const unsigned long deadline = jiffies + WSP_QUIESCE;
	struct sock *sk = sock->sk;

	do {
		switch (wsp_stream_state_of(sock)) {
		case WSP_STATE_IDLE:
		case WSP_STATE_FAILED:
			wsp_reset_former(sock);
			break;
		case WSP_STATE_BLOCKED:
			if (wsp_stream_pending(sk))
				return -EINVAL;
			break;
		case WSP_STATE_CONNECTED:	/* once so, always so (E-10) */
			return -EINVAL;
		default:
			return 0;
		}
	} while (wsp_reset_quiesce(sk, deadline));
	return wsp_reset_family(sk, false);
}

int wsp_stream_listen(struct socket *sock, int backlog)
{
	int rc;

	inode_lock(SOCK_INODE(sock));
	wsp_stream_lock(sock);
	rc = wsp_stream_before_listen(sock);
	release_sock(sock->sk);
	if (!rc)
		rc = wsp_native(sock)->listen(sock, backlog);
	inode_unlock(SOCK_INODE(sock));
	return rc;
}
