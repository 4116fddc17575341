// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/rcupdate.h>

#include "epoch.h"

static unsigned int wsp_epoch;
static atomic_t wsp_epoch_wanted;	/* ticks */
static unsigned long wsp_epoch_armed;
static struct rcu_head wsp_epoch_head;

static void wsp_epoch_tick(struct rcu_head *head);

static void wsp_epoch_arm(void)
{
	if (!test_and_set_bit(0, &wsp_epoch_armed))
		call_rcu(&wsp_epoch_head, wsp_epoch_tick);
}

/*
 * wsp_epoch_begin() reads the epoch before it asks what is wanted, so it
 * either belongs to the epoch before this tick or sees that one less is wanted.
 */
static void wsp_epoch_tick(struct rcu_head *head)
{
	atomic_dec_if_positive(&wsp_epoch_wanted);
	smp_wmb();
	WRITE_ONCE(wsp_epoch, wsp_epoch + 1);

	clear_bit(0, &wsp_epoch_armed);
	smp_mb__after_atomic();
	if (atomic_read(&wsp_epoch_wanted))
		wsp_epoch_arm();
}

/*
 * To be called after a change; its epoch, from 0 to WSP_EPOCHS - 1. The tick
 * after this one may have been under way before the change, the next is not.
 */
unsigned int wsp_epoch_begin(void)
{
	unsigned int epoch;

	smp_mb();
	epoch = READ_ONCE(wsp_epoch);
	smp_rmb();
	if (atomic_read(&wsp_epoch_wanted) != 2)
		atomic_set(&wsp_epoch_wanted, 2);
	wsp_epoch_arm();
	return epoch % WSP_EPOCHS;
}

/* False is always safe: after more ticks than there are epochs it is a guess. */
bool wsp_epoch_over(unsigned int epoch)
{
	return (READ_ONCE(wsp_epoch) - epoch) % WSP_EPOCHS >= 2;
}

/* For the end of the module: no tick is under way, nor will one be. */
void wsp_epoch_stop(void)
{
	atomic_set(&wsp_epoch_wanted, 0);
	rcu_barrier();	/* may have armed another one */
	rcu_barrier();
}
