/* SPDX-License-Identifier: GPL-2.0 */
/* A stream that listens: C-14, E-09. */
#ifndef _WSPFAM_ACCEPT_H
#define _WSPFAM_ACCEPT_H

#include <linux/net.h>

#include "compat.h"

WSP_ACCEPT(wsp_stream_accept);
int wsp_stream_listen(struct socket *sock, int backlog);

#endif /* _WSPFAM_ACCEPT_H */
