/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a connect means: decisions only, of their arguments alone. The code
 * that acts on them is in stream.c and dgram.c.
 */
#ifndef _WSPFAM_RULES_H
#define _WSPFAM_RULES_H

#include <linux/net.h>
#include <linux/socket.h>
#include <linux/types.h>

#include <linux/wsp.h>

#include "compat.h"

enum wsp_name_class {
	WSP_NAME_SHORT,		/* shorter than its family's sockaddr */
	WSP_NAME_FOREIGN,	/* of a family that does not fit the socket */
	WSP_NAME_UNSPEC,	/* AF_UNSPEC */
	WSP_NAME_ANY,		/* the all-zero address, in any spelling */
	WSP_NAME_BROADCAST,	/* limited, or directed on a local network */
	WSP_NAME_MULTICAST,
	WSP_NAME_HOST,		/* anything else */
};

/* How far a stream has come, as far as the family knows. */
enum wsp_stage {
	WSP_STAGE_NEW,		/* no attempt, or it failed in the call itself */
	WSP_STAGE_BLOCKED,	/* a thread is inside a blocking connect */
	WSP_STAGE_LEFT,		/* the attempt goes on, or went on, by itself */
	WSP_STAGE_STOOD,	/* a connection stands, or has stood */
};

enum wsp_dgram_action {
	WSP_DGRAM_CONNECT,
	WSP_DGRAM_DISCONNECT,
};

enum wsp_name_class wsp_name_class(sa_family_t family,
				   const struct sockaddr_unsized *name, int len);
bool wsp_name_v4(const struct sockaddr_unsized *name, __be32 *addr);

enum wsp_state wsp_stream_state(enum wsp_stage stage, int tcp_state);
int wsp_stream_state_error(enum wsp_state state);
int wsp_stream_name_error(enum wsp_name_class class,
			  const struct sockaddr_unsized *name);

int wsp_dgram_verdict(enum wsp_name_class class, bool may_broadcast);

#endif /* _WSPFAM_RULES_H */
