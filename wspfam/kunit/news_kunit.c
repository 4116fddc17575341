// SPDX-License-Identifier: GPL-2.0
/* Of what a message of rtnetlink is news (I-05), whoever has sent it. */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <net/netlink.h>
#include <kunit/test.h>

#include "news.h"

#define V4	(BIT(WSP_NEWS_ADDRESS_V4) | BIT(WSP_NEWS_ROUTE_V4))
#define V6	(BIT(WSP_NEWS_ADDRESS_V6) | BIT(WSP_NEWS_ROUTE_V6))
#define ROUTE_V4	BIT(WSP_NEWS_ROUTE_V4)
#define ROUTE_V6	BIT(WSP_NEWS_ROUTE_V6)

static const struct param {
	const char *name;
	int type;
	int family;
	u32 news;
} params[] = {
	{ "an address of IPv4 comes", RTM_NEWADDR, AF_INET, V4 },
	{ "an address of IPv6 comes", RTM_NEWADDR, AF_INET6, V6 },
	{ "an address of IPv4 goes", RTM_DELADDR, AF_INET, V4 },
	{ "an address of IPv6 goes", RTM_DELADDR, AF_INET6, V6 },
	{ "an address of nobody's", RTM_NEWADDR, AF_PACKET, 0 },
	{ "a route of IPv4 comes", RTM_NEWROUTE, AF_INET, ROUTE_V4 },
	{ "a route of IPv6 goes", RTM_DELROUTE, AF_INET6, ROUTE_V6 },
	{ "a route of multicast", RTM_NEWROUTE, RTNL_FAMILY_IPMR, 0 },
	{ "a rule of IPv4 goes", RTM_DELRULE, AF_INET, ROUTE_V4 },
	{ "a rule of IPv6 comes", RTM_NEWRULE, AF_INET6, ROUTE_V6 },
	{ "a setting of IPv4", RTM_NEWNETCONF, AF_INET, ROUTE_V4 },
	{ "a next hop of IPv4", RTM_NEWNEXTHOP, AF_INET, WSP_NEWS_ROUTE },
	{ "a next hop of either", RTM_DELNEXTHOP, AF_UNSPEC, WSP_NEWS_ROUTE },
	{ "a link", RTM_NEWLINK, AF_UNSPEC, WSP_NEWS_ROUTE },
	{ "a bridge's port", RTM_NEWLINK, AF_BRIDGE, 0 },
	{ "a neighbour", RTM_NEWNEIGH, AF_INET, 0 },
	{ "no message", NLMSG_NOOP, AF_INET, 0 },
};

KUNIT_ARRAY_PARAM_DESC(message, params, name);

union message {
	struct nlmsghdr nlh;
	char bytes[256];
};

static int make_message(union message *m, int type, int family)
{
	struct rtgenmsg *head;

	memset(m, 0, sizeof(*m));
	m->nlh.nlmsg_type = type;
	m->nlh.nlmsg_len = nlmsg_msg_size(sizeof(struct ifinfomsg));
	head = nlmsg_data(&m->nlh);
	head->rtgen_family = family;
	return m->nlh.nlmsg_len;
}

static void I_05_of_what(struct kunit *test)
{
	const struct param *param = test->param_value;
	union message m;
	int size = make_message(&m, param->type, param->family);

	KUNIT_EXPECT_EQ(test, param->news, wsp_news(&m.nlh, size));
}

/* Whatever is missing of it: only what is there is looked at. */
static void I_05_short_messages(struct kunit *test)
{
	const struct param *param = test->param_value;
	union message m;
	int size = make_message(&m, param->type, param->family);

	for (; size >= 0; size--) {
		char *copy = kunit_kmalloc(test, size ?: 1, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		m.nlh.nlmsg_len = size;
		memcpy(copy, &m, size);
		if (wsp_news((struct nlmsghdr *)copy, size))
			KUNIT_EXPECT_GT(test, size, (int)sizeof(m.nlh));
		kunit_kfree(test, copy);
	}
}

static u32 news_of_link(unsigned int change)
{
	union message m;
	int size = make_message(&m, RTM_NEWLINK, AF_UNSPEC);
	struct ifinfomsg *link = nlmsg_data(&m.nlh);

	link->ifi_change = change;
	return wsp_news(&m.nlh, size);
}

static void I_05_links(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, WSP_NEWS_ANY, news_of_link(IFF_UP));
	KUNIT_EXPECT_EQ(test, WSP_NEWS_ANY, news_of_link(IFF_UP | IFF_RUNNING));
	KUNIT_EXPECT_EQ(test, WSP_NEWS_ROUTE, news_of_link(IFF_RUNNING));
	KUNIT_EXPECT_EQ(test, WSP_NEWS_ROUTE, news_of_link(~0U));
}

static u32 news_of_address(u32 created, u32 updated)
{
	const struct ifa_cacheinfo info = { .cstamp = created, .tstamp = updated };
	struct nlattr *attr;
	union message m;

	make_message(&m, RTM_NEWADDR, AF_INET6);
	m.nlh.nlmsg_len = nlmsg_msg_size(sizeof(struct ifaddrmsg)) +
			  nla_total_size(sizeof(info));
	attr = nlmsg_attrdata(&m.nlh, sizeof(struct ifaddrmsg));
	attr->nla_type = IFA_CACHEINFO;
	attr->nla_len = nla_attr_size(sizeof(info));
	memcpy(nla_data(attr), &info, sizeof(info));
	return wsp_news(&m.nlh, m.nlh.nlmsg_len);
}

static void I_05_lives_longer(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, V6, news_of_address(1000, 1000));
	KUNIT_EXPECT_EQ(test, V6, news_of_address(1000, 1001));
	KUNIT_EXPECT_EQ(test, V6, news_of_address(1000, 7));
	KUNIT_EXPECT_EQ(test, V6, news_of_address(U32_MAX, 5));
	KUNIT_EXPECT_EQ(test, ROUTE_V6, news_of_address(1000, 2000));
	KUNIT_EXPECT_EQ(test, ROUTE_V6, news_of_address(U32_MAX, 2000));
}

/* All of them are of the first 32, which a name to bind has room for. */
static void I_05_groups(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 10, hweight32(wsp_news_groups()));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(I_05_of_what, message_gen_params),
	KUNIT_CASE_PARAM(I_05_short_messages, message_gen_params),
	KUNIT_CASE(I_05_links),
	KUNIT_CASE(I_05_lives_longer),
	KUNIT_CASE(I_05_groups),
	{}
};

static struct kunit_suite suite = {
	.name = "wsp_news",
	.test_cases = cases,
};

kunit_test_suite(suite);
