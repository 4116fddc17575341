/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a Winsock source has of this header is Winsock's. */
#pragma GCC system_header
#ifndef WSP_POLL_H
#define WSP_POLL_H

#include "winsock2.h"
#include "ws2tcpip.h"
#include "wspbarred.h"

#endif /* WSP_POLL_H */
