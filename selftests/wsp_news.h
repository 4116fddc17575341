/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel hears of changes of the network, as it tells in /proc/net/netlink. */
#ifndef WSP_NEWS_H
#define WSP_NEWS_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

/* The port of the kernel's listener, which is like that of no process. */
static inline unsigned int find_listener(void)
{
	FILE *file = fopen("/proc/net/netlink", "r");
	unsigned int port, found = 0;
	char line[512];
	int protocol;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %d %u", &protocol, &port) == 2 &&
		    protocol == NETLINK_ROUTE && port >> 30 == 1)
			found = port;
	if (file)
		fclose(file);
	return found;
}

/* A message as from rtnetlink, without any change and without the RTNL. */
static inline bool tell_listener(int nl, unsigned int port, int type)
{
	const struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = port };
	const struct {
		struct nlmsghdr head;
		struct rtmsg body;
	} message = {
		.head = { .nlmsg_len = sizeof(message), .nlmsg_type = type },
		.body = { .rtm_family = AF_INET },
	};

	return sendto(nl, &message, sizeof(message), MSG_DONTWAIT, (const void *)&to,
		      sizeof(to)) > 0;
}

#endif /* WSP_NEWS_H */
