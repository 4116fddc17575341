/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Before the platform's <net/if.h>: its flags, which Winsock has by the same names. */
#include "ws2tcpip.h"

#undef IFF_UP
#undef IFF_BROADCAST
#undef IFF_LOOPBACK
#undef IFF_POINTTOPOINT
#undef IFF_MULTICAST
#define IFF_UP			wsp_platform_IFF_UP
#define IFF_BROADCAST		wsp_platform_IFF_BROADCAST
#define IFF_LOOPBACK		wsp_platform_IFF_LOOPBACK
#define IFF_POINTTOPOINT	wsp_platform_IFF_POINTTOPOINT
#define IFF_MULTICAST		wsp_platform_IFF_MULTICAST
