/* SPDX-License-Identifier: GPL-2.0 */
/* The operations of a socket that is tied to an event. */
#ifndef _WSPFAM_TIED_H
#define _WSPFAM_TIED_H

#include <linux/net.h>

#include "compat.h"

WSP_ACCEPT(wsp_tied_accept);
__poll_t wsp_tied_poll(struct file *file, struct socket *sock,
		       struct poll_table_struct *wait);
int wsp_tied_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int wsp_tied_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		     int flags);
ssize_t wsp_tied_splice_read(struct socket *sock, loff_t *pos,
			     struct pipe_inode_info *pipe, size_t len,
			     unsigned int flags);
int wsp_tied_release(struct socket *sock);

#endif /* _WSPFAM_TIED_H */
