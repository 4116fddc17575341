/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that netfilter holds, once their socket has been chosen (NFQUEUE). */
#ifndef WSP_NFQUEUE_H
#define WSP_NFQUEUE_H

#include <stddef.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>

#include "wsp_test.h"

/* A message of nfnetlink_queue's with one attribute, to or from queue 0. */
struct nfq_message {
	struct nlmsghdr head;
	struct nfgenmsg family;
	struct nlattr attr;
	union {
		struct nfqnl_msg_config_cmd command;
		struct nfqnl_msg_config_params params;
		struct nfqnl_msg_packet_hdr packet;
		struct nfqnl_msg_verdict_hdr verdict;
	};
};

static inline bool nfq_tell(int fd, int type, struct nfq_message m, size_t size)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr answer;
		char copy[sizeof(m)];
	} ack;

	m.head.nlmsg_len = offsetof(struct nfq_message, command) + size;
	m.head.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	m.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m.attr.nla_len = sizeof(m.attr) + size;
	return send(fd, &m, m.head.nlmsg_len, 0) == m.head.nlmsg_len &&
	       recv(fd, &ack, sizeof(ack), 0) > 0 &&
	       ack.head.nlmsg_type == NLMSG_ERROR && !ack.answer.error;
}

/* Holds what comes of @protocol from the first network; -1 where nothing can. */
static inline int nfq_open(const char *protocol)
{
	const struct nfq_message bind = {
		.attr.nla_type = NFQA_CFG_CMD,
		.command.command = NFQNL_CFG_CMD_BIND,
	};
	const struct nfq_message params = {
		.attr.nla_type = NFQA_CFG_PARAMS,
		.params.copy_mode = NFQNL_COPY_META,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	char rule[256];

	if (!nfq_tell(fd, NFQNL_MSG_CONFIG, bind, sizeof(bind.command)) ||
	    !nfq_tell(fd, NFQNL_MSG_CONFIG, params, sizeof(params.params)))
		return -1;
	snprintf(rule, sizeof(rule), "nft 'add table inet t; add chain inet t c "
		 "{ type filter hook input priority 0; }; "
		 "add rule inet t c iifname wsp-a meta l4proto %s queue num 0'",
		 protocol);
	run_in(HERE, rule);
	return fd;
}

/* The next one that it holds, within the deadline. */
static inline bool nfq_next(int fd, __be32 *id)
{
	char buf[512] = { 0 };
	const struct nfq_message *held = (void *)buf;

	if (!wait_for(fd, POLLIN) ||
	    recv(fd, buf, sizeof(buf), 0) < (ssize_t)sizeof(*held) ||
	    held->attr.nla_type != NFQA_PACKET_HDR)
		return false;
	*id = held->packet.packet_id;
	return true;
}

static inline bool nfq_let_go(int fd, __be32 id)
{
	const struct nfq_message accept = {
		.attr.nla_type = NFQA_VERDICT_HDR,
		.verdict = { .verdict = htonl(NF_ACCEPT), .id = id },
	};

	return nfq_tell(fd, NFQNL_MSG_VERDICT, accept, sizeof(accept.verdict));
}

#endif /* WSP_NFQUEUE_H */
