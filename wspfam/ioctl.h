/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPFAM_IOCTL_H
#define _WSPFAM_IOCTL_H

#include <linux/net.h>
#include <linux/seq_file.h>

int wsp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#ifdef CONFIG_COMPAT
int wsp_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#endif
void wsp_show_fdinfo(struct seq_file *m, struct socket *sock);

#endif /* _WSPFAM_IOCTL_H */
