/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_MSTCPIP_H
#define WSP_MSTCPIP_H

#include "winsock2.h"
#include "ws2ipdef.h"

struct tcp_keepalive {
	u_long onoff;
	u_long keepalivetime;		/* milliseconds */
	u_long keepaliveinterval;
};

#define SIO_KEEPALIVE_VALS	_WSAIOW(IOC_VENDOR, 4)
#define SIO_RCVALL		_WSAIOW(IOC_VENDOR, 1)
#define SIO_RCVALL_MCAST	_WSAIOW(IOC_VENDOR, 2)
#define SIO_RCVALL_IGMPMCAST	_WSAIOW(IOC_VENDOR, 3)

#define RCVALL_OFF		0
#define RCVALL_ON		1
#define RCVALL_SOCKETLEVELONLY	2

#endif /* WSP_MSTCPIP_H */
