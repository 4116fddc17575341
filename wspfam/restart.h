/* SPDX-License-Identifier: GPL-2.0 */
/* Which interrupted calls the system makes again (C-12). */
#ifndef _WSPFAM_RESTART_H
#define _WSPFAM_RESTART_H

#include <linux/errno.h>
#include <linux/types.h>

static inline bool wsp_restarts(int rc)
{
	return rc == -ERESTARTSYS || rc == -ERESTARTNOINTR;
}

int wsp_signal_errno(void);

#endif /* _WSPFAM_RESTART_H */
