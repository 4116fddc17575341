/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces' names and numbers: the platform's functions. */
#pragma GCC system_header
#ifndef WSP_NETIOAPI_H
#define WSP_NETIOAPI_H

#include "winsock2.h"
#include "ws2ipdef.h"

typedef ULONG NET_IFINDEX, *PNET_IFINDEX, IF_INDEX;

#ifndef IF_NAMESIZE
#define IF_NAMESIZE		16
#endif
#define NDIS_IF_MAX_STRING_SIZE	256
#define IF_MAX_STRING_SIZE	256

WSP_BEGIN

unsigned int WINAPI if_nametoindex(PCSTR InterfaceName) __THROW;
char *WINAPI if_indextoname(unsigned int InterfaceIndex, char *InterfaceName) __THROW;

WSP_END

#endif /* WSP_NETIOAPI_H */
