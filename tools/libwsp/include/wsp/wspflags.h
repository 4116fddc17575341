/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock's flags of interfaces; each time anew after <net/if.h>. */
#undef IFF_UP
#undef IFF_BROADCAST
#undef IFF_LOOPBACK
#undef IFF_POINTTOPOINT
#undef IFF_MULTICAST
#define IFF_UP			0x01
#define IFF_BROADCAST		0x02
#define IFF_LOOPBACK		0x04
#define IFF_POINTTOPOINT	0x08
#define IFF_MULTICAST		0x10
