/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_SYSCTL_H
#define _WSPFAM_SYSCTL_H

#include <net/net_namespace.h>

bool wsp_may_create(struct net *net);

int wsp_sysctl_init(void);
void wsp_sysctl_exit(void);

#endif /* _WSPFAM_SYSCTL_H */
