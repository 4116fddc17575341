// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/nsproxy.h>
#include <linux/seqlock.h>
#include <linux/sysctl.h>
#include <linux/uidgid.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "sysctl.h"

/* F-05: the groups that may create sockets in a network namespace. */
struct wsp_net {
	seqlock_t lock;
	kgid_t first, last;
	struct ctl_table table[2];
	struct ctl_table_header *header;
};

static unsigned int wsp_net_id __read_mostly;
static bool wsp_net_ready __read_mostly;	/* in all that were there */
static bool wsp_net_limited __read_mostly;	/* a range has ever been set */

static void wsp_get_groups(struct wsp_net *wn, kgid_t *first, kgid_t *last)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&wn->lock);
		*first = wn->first;
		*last = wn->last;
	} while (read_seqretry(&wn->lock, seq));
}

static void wsp_set_groups(struct wsp_net *wn, kgid_t first, kgid_t last)
{
	write_seqlock(&wn->lock);
	wn->first = first;
	wn->last = last;
	write_sequnlock(&wn->lock);
}

static bool wsp_in_groups(kgid_t gid, kgid_t first, kgid_t last)
{
	return gid_gte(gid, first) && gid_lte(gid, last);
}

/* Is the caller in one of the groups that may? */
bool wsp_may_create(struct net *net)
{
	const struct group_info *groups = current_cred()->group_info;
	kgid_t first, last;
	int i;

	if (!READ_ONCE(wsp_net_limited))
		return true;

	wsp_get_groups(net_generic(net, wsp_net_id), &first, &last);
	if (wsp_in_groups(current_egid(), first, last))
		return true;
	for (i = 0; i < groups->ngroups; i++) {
		if (wsp_in_groups(groups->gid[i], first, last))
			return true;
	}
	return false;
}

static int wsp_create_group_range(WSP_CTL_TABLE *table, int write, void *buffer,
				  size_t *lenp, loff_t *ppos)
{
	static unsigned long min, max = (gid_t)-2;
	unsigned long range[2];
	const struct ctl_table both = {
		.data = range,
		.maxlen = sizeof(range),
		.mode = table->mode,
		.extra1 = &min,
		.extra2 = &max,
	};
	struct wsp_net *wn = table->data;
	kgid_t first, last;
	int rc;

	wsp_get_groups(wn, &first, &last);
	range[0] = from_kgid_munged(current_user_ns(), first);
	range[1] = from_kgid_munged(current_user_ns(), last);

	rc = proc_doulongvec_minmax((WSP_CTL_TABLE *)&both, write, buffer, lenp,
				    ppos);
	if (rc || !write)
		return rc;

	first = make_kgid(current_user_ns(), range[0]);
	last = make_kgid(current_user_ns(), range[1]);
	if (!gid_valid(first) || !gid_valid(last))
		return -EINVAL;
	wsp_set_groups(wn, first, last);
	WRITE_ONCE(wsp_net_limited, true);
	return 0;
}

/*
 * A new namespace takes the range over from its maker's, and only the first
 * user namespace's root can widen it: or anyone could make himself one where
 * he may.
 */
static void wsp_inherit_groups(struct wsp_net *wn)
{
	kgid_t first = GLOBAL_ROOT_GID, last = KGIDT_INIT((gid_t)-2);

	if (READ_ONCE(wsp_net_ready))
		wsp_get_groups(net_generic(current->nsproxy->net_ns, wsp_net_id),
			       &first, &last);
	wsp_set_groups(wn, first, last);
}

static int __net_init wsp_net_init(struct net *net)
{
	struct wsp_net *wn = net_generic(net, wsp_net_id);

	seqlock_init(&wn->lock);
	wsp_inherit_groups(wn);
	wn->table[0].procname = "create_group_range";
	wn->table[0].data = wn;
	wn->table[0].maxlen = 2 * sizeof(unsigned long);
	wn->table[0].mode = net->user_ns == &init_user_ns ? 0644 : 0444;
	wn->table[0].proc_handler = wsp_create_group_range;

	wn->header = register_net_sysctl_sz(net, "net/wsp", wn->table, 1);
	return wn->header ? 0 : -ENOMEM;
}

static void __net_exit wsp_net_exit(struct net *net)
{
	struct wsp_net *wn = net_generic(net, wsp_net_id);

	unregister_net_sysctl_table(wn->header);
}

static struct pernet_operations wsp_net_ops = {
	.init = wsp_net_init,
	.exit = wsp_net_exit,
	.id = &wsp_net_id,
	.size = sizeof(struct wsp_net),
};

int __init wsp_sysctl_init(void)
{
	int rc;

	rc = register_pernet_subsys(&wsp_net_ops);
	WRITE_ONCE(wsp_net_ready, !rc);
	return rc;
}

void wsp_sysctl_exit(void)
{
	unregister_pernet_subsys(&wsp_net_ops);
}
