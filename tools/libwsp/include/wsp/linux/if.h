/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, but for the flags that Winsock has by the same names. */
#pragma GCC system_header
#include "../ws2tcpip.h"

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
#include_next <linux/if.h>
#include "../wspflags.h"
