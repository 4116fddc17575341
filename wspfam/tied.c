// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>

#include <linux/wsp.h>

#include "change.h"
#include "event.h"
#include "kind.h"
#include "tied.h"
#include "wait.h"

/*
 * An accepted socket has the tie of the one it was accepted on, but for one
 * that kernel_accept() has made, which is no program's.
 */
WSP_ACCEPT(wsp_tied_accept)
{
	struct wsp_tie *tie = newsock->ops ? wsp_event_copy(sock) : NULL;
	int rc = PTR_ERR_OR_ZERO(tie);

	if (!rc)
		rc = WSP_NATIVE_ACCEPT(wsp_untied(sock));
	if (!rc && tie)
		wsp_event_inherit(newsock, tie);
	else if (!IS_ERR(tie))
		wsp_tie_free(tie);
	wsp_event_accepted(sock);
	return rc;
}

/*
 * Whoever wants to hear of changes (I-05) is always told that there may have been one.
 * With EPOLLET that is when he begins to, and when wsp_changes_tell() wakes him.
 */
__poll_t wsp_tied_poll(struct file *file, struct socket *sock,
		       struct poll_table_struct *wait)
{
	return wsp_untied(sock)->poll(file, sock, wait) | WSP_POLL_CHANGE;
}

int wsp_tied_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	int rc = wsp_untied(sock)->sendmsg(sock, msg, len);

	if (rc == -EAGAIN)
		wsp_event_again(sock, WSP_FD_WRITE);
	return rc;
}

int wsp_tied_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		     int flags)
{
	int rc = wsp_untied(sock)->recvmsg(sock, msg, len, flags);

	wsp_event_again(sock, WSP_FD_READ | WSP_FD_OOB);
	return rc;
}

ssize_t wsp_tied_splice_read(struct socket *sock, loff_t *pos,
			     struct pipe_inode_info *pipe, size_t len,
			     unsigned int flags)
{
	ssize_t rc = wsp_untied(sock)->splice_read(sock, pos, pipe, len, flags);

	wsp_event_again(sock, WSP_FD_READ | WSP_FD_OOB);
	return rc;
}

/* A failed accept(2) may release so a socket that never got its sock. */
int wsp_tied_release(struct socket *sock)
{
	if (!sock->sk)
		return 0;
	wsp_changes_drop(sock);
	wsp_event_tie(sock, NULL);
	return wsp_untied(sock)->release(sock);
}
