/* SPDX-License-Identifier: GPL-2.0 */
/* The sets of WSPSelect: looking at many sockets, and waiting for them (V-10). */
#ifndef _WSPFAM_POLL_H
#define _WSPFAM_POLL_H

#include <linux/compiler_types.h>

int wsp_poll_ioctl(void __user *argp);

#endif /* _WSPFAM_POLL_H */
