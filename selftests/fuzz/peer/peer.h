/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzer and its module say to each other, by /dev/wsp_fuzz_peer. */
#ifndef WSP_FUZZ_PEER_H
#define WSP_FUZZ_PEER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PEER_DEVICE	"wsp-t"
#define PEER_MTU	1500

/* When a packet arrives. */
enum peer_when {
	PEER_NOW,
	PEER_HELD,	/* while the user of @fd holds its lock */
	PEER_LEFT,	/* by PEER_IOC_LEAVE */
	PEER_NEXT,	/* when the next packet leaves by the device */
	PEER_WHENS,
};

/* write(2): this, and a packet. read(2) gives one that has left. */
struct peer_packet {
	__u32 when;
	__s32 fd;
};

/* Forget what waits and what has left. */
#define PEER_IOC_CALM	_IO('W', 0xf0)
/* Packets arrive as by an interrupt in the next call that takes a lock. */
#define PEER_IOC_LEAVE	_IO('W', 0xf2)
/* kernel_accept() by the listening socket @fd, and close what comes of it. */
#define PEER_IOC_ACCEPT	_IOW('W', 0xf1, __s32)
/* Wait for the eventfd @fd, until PEER_IOC_CALM. */
#define PEER_IOC_WATCH	_IOW('W', 0xf3, __s32)

#endif /* WSP_FUZZ_PEER_H */
