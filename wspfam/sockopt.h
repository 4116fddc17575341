/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_SOCKOPT_H
#define _WSPFAM_SOCKOPT_H

#include <linux/net.h>
#include <linux/sockptr.h>

int wsp_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen);

#endif /* _WSPFAM_SOCKOPT_H */
