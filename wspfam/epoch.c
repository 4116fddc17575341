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

static void wsp_epoch_tick(struct rcu_head *head)
{
	atomic_dec_if_positive(&wsp_epoch_wanted);
	/* Who begins in the new epoch sees that one tick less is wanted. */
	smp_store_release(&wsp_epoch, wsp_epoch + 1);

	clear_bit(0, &wsp_epoch_armed);
	/* Who finds it armed has said before what is wanted. */
	smp_mb__after_atomic();
	if (atomic_read(&wsp_epoch_wanted))
		wsp_epoch_arm();
}

/*
 * To be called after a change; its epoch, from 0 to WSP_EPOCHS - 1. The grace
 * period of the first tick may have been under way before the change. By the
 * second, every softirq from before it has ended. It may have left a datagram
 * to one that began later and was about to queue its own (udp_prod_queue, since
 * Linux 6.18), which has ended by the third.
 */
unsigned int wsp_epoch_begin(void)
{
	unsigned int epoch;

	/* The change comes before the epoch that it is said to be of. */
	smp_mb();
	/* Pairs with the tick's release. */
	epoch = smp_load_acquire(&wsp_epoch);
	if (atomic_read(&wsp_epoch_wanted) != WSP_TICKS)
		atomic_set(&wsp_epoch_wanted, WSP_TICKS);
	wsp_epoch_arm();
	return epoch % WSP_EPOCHS;
}

/* False is always safe: after more ticks than there are epochs it is a guess. */
bool wsp_epoch_over(unsigned int epoch)
{
	/* Pairs with the tick's release: what came before it is seen after this. */
	return (smp_load_acquire(&wsp_epoch) - epoch) % WSP_EPOCHS >= WSP_TICKS;
}

/* For a change that waits: whole grace periods, so one less than WSP_TICKS. */
void wsp_epoch_wait(void)
{
	synchronize_rcu();
	synchronize_rcu();
}

/* For the end of the module: no tick is under way, nor will one be. */
void wsp_epoch_stop(void)
{
	atomic_set(&wsp_epoch_wanted, 0);
	rcu_barrier();	/* may have armed another one */
	rcu_barrier();
}
