/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Microsoft's extensions: those that there are. */
#pragma GCC system_header
#ifndef WSP_MSWSOCK_H
#define WSP_MSWSOCK_H

#include "winsock2.h"
#include "wspextend.h"

#define SO_MAXDG			0x7009
#define SO_MAXPATHDG			0x700a
#define SO_OPENTYPE			0x7008
#define SO_SYNCHRONOUS_ALERT		0x10
#define SO_SYNCHRONOUS_NONALERT		0x20

#define SIO_UDP_CONNRESET		_WSAIOW(IOC_VENDOR, 12)

#endif /* WSP_MSWSOCK_H */
