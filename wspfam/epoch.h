/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A coarse clock of RCU grace periods: two ticks after a change, no softirq is
 * left that began before it. It ticks only while somebody waits for it.
 */
#ifndef _WSPFAM_EPOCH_H
#define _WSPFAM_EPOCH_H

#include <linux/types.h>

#define WSP_EPOCHS	4	/* enough to tell two ticks from none */

unsigned int wsp_epoch_begin(void);
bool wsp_epoch_over(unsigned int epoch);
void wsp_epoch_stop(void);

#endif /* _WSPFAM_EPOCH_H */
