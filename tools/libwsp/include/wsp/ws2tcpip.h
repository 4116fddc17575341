/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Winsock has in this header is in the other one here. */
#ifndef WSP_WS2TCPIP_H
#define WSP_WS2TCPIP_H

#include <wsp/winsock2.h>

#endif /* WSP_WS2TCPIP_H */
