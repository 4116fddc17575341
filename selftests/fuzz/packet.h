/* SPDX-License-Identifier: GPL-2.0 */
/* Packets as the peer behind the device makes them. */
#ifndef WSP_FUZZ_PACKET_H
#define WSP_FUZZ_PACKET_H

#include "peer/peer.h"
#include "fuzz.h"

/* What one side of a connection has sent last, as the peer knows it. */
struct flow {
	union name local, peer;		/* as the kernel sees it */
	int proto;
	__u32 seq, ack;			/* what the peer is to acknowledge, to send */
	int len;
	__u8 packet[256];		/* for ICMP to quote */
};

struct packet {
	struct peer_packet head;
	__u8 data[PEER_MTU];
	int len;
};

#define TH_URGENT	0x20

struct segment {
	__u8 flags;
	__u32 seq, ack;
	unsigned int options, extension;	/* kinds */
	int payload;
	const void *data;			/* or NULL: zeros */
};

void packet_tcp(struct packet *p, const struct flow *f, const struct segment *s);
void packet_udp(struct packet *p, const struct flow *f, const struct segment *s);
void packet_icmp(struct packet *p, const struct flow *f, int type, int code,
		 __u32 arg, int quoted);
bool packet_read(struct flow *f, const __u8 *data, int len);

#endif /* WSP_FUZZ_PACKET_H */
