/* SPDX-License-Identifier: GPL-2.0 */
/* What has happened in a network namespace, as /proc/net/wsp_stat tells. */
#ifndef _WSPFAM_STATS_H
#define _WSPFAM_STATS_H

#include <net/net_namespace.h>

#include "codes.h"

enum wsp_stat {
	WSP_STAT_SOCKETS,	/* created, not accepted */
	WSP_STAT_DENIED,	/* F-05 */
	WSP_STAT_CONNECTED,
	WSP_STAT_DISCONNECTED,	/* D-02 */
	WSP_STAT_AFRESH,	/* C-05 */
	WSP_STAT_DISCARDED,	/* D-06: queues, not datagrams */
	WSP_STAT_OPTION,	/* F-03 */
	WSP_STAT_FASTOPEN,	/* C-13 */
	WSP_STAT_TIED,		/* V-01 */
	WSP_STAT_FAILED,	/* connects, by wsp_row() */
	WSP_STATS = WSP_STAT_FAILED + WSP_ROWS
};

void wsp_stats_inc(const struct net *net, enum wsp_stat stat);
void wsp_stats_connect(const struct net *net, int rc);

int wsp_stats_init(void);
void wsp_stats_exit(void);

#endif /* _WSPFAM_STATS_H */
