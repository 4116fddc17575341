// SPDX-License-Identifier: GPL-2.0
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/socket.h>
#include <net/netlink.h>

#include "news.h"

#define WSP_GROUP(group)	BIT((group) - 1)
#define WSP_NEWS_OLD		100	/* hundredths of a second */

u32 wsp_news_groups(void)
{
	return WSP_GROUP(RTNLGRP_LINK) | WSP_GROUP(RTNLGRP_NEXTHOP) |
	       WSP_GROUP(RTNLGRP_IPV4_IFADDR) | WSP_GROUP(RTNLGRP_IPV6_IFADDR) |
	       WSP_GROUP(RTNLGRP_IPV4_ROUTE) | WSP_GROUP(RTNLGRP_IPV6_ROUTE) |
	       WSP_GROUP(RTNLGRP_IPV4_RULE) | WSP_GROUP(RTNLGRP_IPV6_RULE) |
	       WSP_GROUP(RTNLGRP_IPV4_NETCONF) | WSP_GROUP(RTNLGRP_IPV6_NETCONF);
}

/* Those of @news that are of this family. */
static u32 wsp_news_of_family(u32 news, int family)
{
	switch (family) {
	case AF_INET:
		return news & (BIT(WSP_NEWS_ADDRESS_V4) | BIT(WSP_NEWS_ROUTE_V4));
	case AF_INET6:
		return news & (BIT(WSP_NEWS_ADDRESS_V6) | BIT(WSP_NEWS_ROUTE_V6));
	default:
		return 0;
	}
}

/*
 * An address that was there before only lives longer, as with each advertisement. One
 * that is new may have been touched while it was made.
 */
static bool wsp_news_is_old(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = nlmsg_find_attr(nlh, sizeof(struct ifaddrmsg),
						    IFA_CACHEINFO);
	const struct ifa_cacheinfo *info;

	if (!attr || nla_len(attr) < sizeof(*info))
		return false;
	info = nla_data(attr);
	return (s32)(info->tstamp - info->cstamp) > WSP_NEWS_OLD;
}

/* The list of addresses has those of links that are up; a new one has none yet. */
static bool wsp_news_is_up_or_down(const struct ifinfomsg *link)
{
	return link->ifi_change & IFF_UP && link->ifi_change != ~0U;
}

/*
 * Of a message of which there are @size bytes. With an address and a link routes go, and
 * nobody says so.
 */
u32 wsp_news(const struct nlmsghdr *nlh, int size)
{
	const struct rtgenmsg *head;

	if (!nlmsg_ok(nlh, size) || nlmsg_len(nlh) < (int)sizeof(*head))
		return 0;
	head = nlmsg_data(nlh);

	switch (nlh->nlmsg_type) {
	case RTM_NEWADDR:
		return wsp_news_of_family(wsp_news_is_old(nlh) ? WSP_NEWS_ROUTE :
								 WSP_NEWS_ANY,
					  head->rtgen_family);
	case RTM_DELADDR:
		return wsp_news_of_family(WSP_NEWS_ANY, head->rtgen_family);
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (head->rtgen_family != AF_UNSPEC ||
		    nlmsg_len(nlh) < (int)sizeof(struct ifinfomsg))
			return 0;	/* a bridge's own */
		return wsp_news_is_up_or_down(nlmsg_data(nlh)) ? WSP_NEWS_ANY :
								 WSP_NEWS_ROUTE;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return WSP_NEWS_ROUTE;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWNETCONF:
	case RTM_DELNETCONF:
		return wsp_news_of_family(WSP_NEWS_ROUTE, head->rtgen_family);
	default:
		return 0;
	}
}
