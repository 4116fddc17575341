/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A coarse clock of RCU grace periods: WSP_TICKS after a change, nothing is on
 * its way any more that began before it. It ticks only while somebody waits.
 */
#ifndef _WSPFAM_EPOCH_H
#define _WSPFAM_EPOCH_H

#include <linux/types.h>

#define WSP_TICKS	3
#define WSP_EPOCHS	8	/* enough to tell WSP_TICKS from fewer */

unsigned int wsp_epoch_begin(void);
bool wsp_epoch_over(unsigned int epoch);
void wsp_epoch_wait(void);
void wsp_epoch_stop(void);

#endif /* _WSPFAM_EPOCH_H */
