/* SPDX-License-Identifier: GPL-2.0 */
/* What a message of rtnetlink says of addresses and ways (section 7 of the contract). */
#ifndef _WSPFAM_NEWS_H
#define _WSPFAM_NEWS_H

#include <linux/bits.h>
#include <linux/types.h>

struct nlmsghdr;

/* In the order that wsp_news_of_family() goes by. */
enum wsp_news {
	WSP_NEWS_ADDRESS_V4,
	WSP_NEWS_ADDRESS_V6,
	WSP_NEWS_ROUTE_V4,
	WSP_NEWS_ROUTE_V6,
	WSP_NEWS
};

#define WSP_NEWS_ADDRESS	(BIT(WSP_NEWS_ADDRESS_V4) | BIT(WSP_NEWS_ADDRESS_V6))
#define WSP_NEWS_ROUTE		(BIT(WSP_NEWS_ROUTE_V4) | BIT(WSP_NEWS_ROUTE_V6))
#define WSP_NEWS_ANY		(WSP_NEWS_ADDRESS | WSP_NEWS_ROUTE)

/* The groups of rtnetlink that have them, in the order of bind(2)'s mask. */
u32 wsp_news_groups(void);

u32 wsp_news(const struct nlmsghdr *nlh, int size);

#endif /* _WSPFAM_NEWS_H */
