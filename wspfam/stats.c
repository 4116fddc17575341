// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/netns/generic.h>

#include "stats.h"

struct wsp_stats {
	unsigned long count[WSP_STATS];
};

struct wsp_stats_net {
	struct wsp_stats __percpu *stats;
};

static unsigned int wsp_stats_id __read_mostly;

static const char * const wsp_stat_names[WSP_STATS] = {
	[WSP_STAT_SOCKETS]	= "WspSockets",
	[WSP_STAT_DENIED]	= "WspDenied",
	[WSP_STAT_CONNECTED]	= "WspConnected",
	[WSP_STAT_DISCONNECTED]	= "WspDisconnected",
	[WSP_STAT_AFRESH]	= "WspAfresh",
	[WSP_STAT_DISCARDED]	= "WspDiscarded",
	[WSP_STAT_OPTION]	= "WspOptionRefused",
	[WSP_STAT_FASTOPEN]	= "WspFastOpenRefused",
	[WSP_STAT_TIED]		= "WspTied",
	[WSP_STAT_FAILED]	= "WspConnectWSAEINTR",
	[WSP_STAT_FAILED + 1]	= "WspConnectWSAENETDOWN",
	[WSP_STAT_FAILED + 2]	= "WspConnectWSAEADDRINUSE",
	[WSP_STAT_FAILED + 3]	= "WspConnectWSAEINPROGRESS",
	[WSP_STAT_FAILED + 4]	= "WspConnectWSAEALREADY",
	[WSP_STAT_FAILED + 5]	= "WspConnectWSAEADDRNOTAVAIL",
	[WSP_STAT_FAILED + 6]	= "WspConnectWSAEAFNOSUPPORT",
	[WSP_STAT_FAILED + 7]	= "WspConnectWSAECONNREFUSED",
	[WSP_STAT_FAILED + 8]	= "WspConnectWSAEFAULT",
	[WSP_STAT_FAILED + 9]	= "WspConnectWSAEINVAL",
	[WSP_STAT_FAILED + 10]	= "WspConnectWSAEISCONN",
	[WSP_STAT_FAILED + 11]	= "WspConnectWSAENETUNREACH",
	[WSP_STAT_FAILED + 12]	= "WspConnectWSAENOBUFS",
	/* E-13 never gets to the family. */
	[WSP_STAT_FAILED + 14]	= "WspConnectWSAEOPNOTSUPP",
	[WSP_STAT_FAILED + 15]	= "WspConnectWSAEPROTONOSUPPORT",
	[WSP_STAT_FAILED + 16]	= "WspConnectWSAETIMEDOUT",
	[WSP_STAT_FAILED + 17]	= "WspConnectWSAEWOULDBLOCK",
	[WSP_STAT_FAILED + 18]	= "WspConnectWSAEACCES",
};

void wsp_stats_inc(const struct net *net, enum wsp_stat stat)
{
	const struct wsp_stats_net *sn = net_generic(net, wsp_stats_id);

	this_cpu_inc(sn->stats->count[stat]);
}

/* A call to connect has come to @rc, unless it will be made again. */
void wsp_stats_connect(const struct net *net, int rc)
{
	if (!rc)
		wsp_stats_inc(net, WSP_STAT_CONNECTED);
	else if (rc != -ERESTARTSYS && rc != -ERESTARTNOINTR)
		wsp_stats_inc(net, WSP_STAT_FAILED + wsp_row(-rc));
}

static int wsp_stats_show(struct seq_file *m, void *v)
{
	const struct wsp_stats_net *sn = net_generic(seq_file_single_net(m),
						     wsp_stats_id);
	unsigned long sum;
	int cpu, i;

	for (i = 0; i < WSP_STATS; i++) {
		if (!wsp_stat_names[i])
			continue;
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu_ptr(sn->stats, cpu)->count[i]);
		seq_printf(m, "%-32s\t%lu\n", wsp_stat_names[i], sum);
	}
	return 0;
}

static int __net_init wsp_stats_net_init(struct net *net)
{
	struct wsp_stats_net *sn = net_generic(net, wsp_stats_id);

	sn->stats = alloc_percpu(struct wsp_stats);
	if (!sn->stats)
		return -ENOMEM;
	if (!proc_create_net_single("wsp_stat", 0444, net->proc_net,
				    wsp_stats_show, NULL)) {
		free_percpu(sn->stats);
		return -ENOMEM;
	}
	return 0;
}

static void __net_exit wsp_stats_net_exit(struct net *net)
{
	struct wsp_stats_net *sn = net_generic(net, wsp_stats_id);

	remove_proc_entry("wsp_stat", net->proc_net);
	free_percpu(sn->stats);
}

static struct pernet_operations wsp_stats_net_ops = {
	.init = wsp_stats_net_init,
	.exit = wsp_stats_net_exit,
	.id = &wsp_stats_id,
	.size = sizeof(struct wsp_stats_net),
};

int __init wsp_stats_init(void)
{
	return register_pernet_subsys(&wsp_stats_net_ops);
}

void wsp_stats_exit(void)
{
	unregister_pernet_subsys(&wsp_stats_net_ops);
}
