/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a Winsock source has of this header is Winsock's. */
#pragma GCC system_header
#ifndef WSP_NETINET_IN_H
#define WSP_NETINET_IN_H

/* <linux/in.h> and its kin ask for it: struct in_addr is there already. */
#define _NETINET_IN_H

#include "../winsock2.h"
#include "../ws2tcpip.h"
#include "../wspbarred.h"

#endif /* WSP_NETINET_IN_H */
