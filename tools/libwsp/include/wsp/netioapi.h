/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces' names and numbers: the platform's functions. */
#pragma GCC system_header
#ifndef WSP_NETIOAPI_H
#define WSP_NETIOAPI_H

#include "winsock2.h"
#include "ws2ipdef.h"
#include "iptypes.h"

typedef ULONG NET_IFINDEX, *PNET_IFINDEX, IF_INDEX;

typedef DWORD NETIO_STATUS;
#define NETIOAPI_API		NETIO_STATUS WINAPI

typedef IP_PREFIX_ORIGIN NL_PREFIX_ORIGIN;
typedef IP_SUFFIX_ORIGIN NL_SUFFIX_ORIGIN;
typedef IP_DAD_STATE NL_DAD_STATE;
typedef int NL_ROUTE_PROTOCOL, NL_ROUTE_ORIGIN;

typedef struct _MIB_UNICASTIPADDRESS_ROW {
	SOCKADDR_INET Address;
	NET_LUID InterfaceLuid;
	NET_IFINDEX InterfaceIndex;
	NL_PREFIX_ORIGIN PrefixOrigin;
	NL_SUFFIX_ORIGIN SuffixOrigin;
	ULONG ValidLifetime;
	ULONG PreferredLifetime;
	UINT8 OnLinkPrefixLength;
	BOOLEAN SkipAsSource;
	NL_DAD_STATE DadState;
	SCOPE_ID ScopeId;
	LARGE_INTEGER CreationTimeStamp;
} MIB_UNICASTIPADDRESS_ROW, *PMIB_UNICASTIPADDRESS_ROW;

typedef struct _MIB_UNICASTIPADDRESS_TABLE {
	ULONG NumEntries;
	MIB_UNICASTIPADDRESS_ROW Table[1];
} MIB_UNICASTIPADDRESS_TABLE, *PMIB_UNICASTIPADDRESS_TABLE;

typedef struct _IP_ADDRESS_PREFIX {
	SOCKADDR_INET Prefix;
	UINT8 PrefixLength;
} IP_ADDRESS_PREFIX, *PIP_ADDRESS_PREFIX;

/* For pointers to calls that libwsp has not, which GetProcAddress says. */
typedef struct _MIB_IPFORWARD_ROW2 {
	NET_LUID InterfaceLuid;
	NET_IFINDEX InterfaceIndex;
	IP_ADDRESS_PREFIX DestinationPrefix;
	SOCKADDR_INET NextHop;
	UCHAR SitePrefixLength;
	ULONG ValidLifetime;
	ULONG PreferredLifetime;
	ULONG Metric;
	NL_ROUTE_PROTOCOL Protocol;
	BOOLEAN Loopback;
	BOOLEAN AutoconfigureAddress;
	BOOLEAN Publish;
	BOOLEAN Immortal;
	ULONG Age;
	NL_ROUTE_ORIGIN Origin;
} MIB_IPFORWARD_ROW2, *PMIB_IPFORWARD_ROW2;

#ifndef IF_NAMESIZE
#define IF_NAMESIZE		16
#endif
#define NDIS_IF_MAX_STRING_SIZE	256
#define IF_MAX_STRING_SIZE	256

WSP_BEGIN

unsigned int WINAPI if_nametoindex(PCSTR InterfaceName) __THROW;
char *WINAPI if_indextoname(unsigned int InterfaceIndex, char *InterfaceName) __THROW;

/*
 * GetUnicastIpAddressTable - the addresses of the machine
 * @Family: AF_INET, AF_INET6, or AF_UNSPEC for both
 * @Table: out, to be freed by FreeMibTable()
 *
 * Returns NO_ERROR, ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY, or
 * ERROR_NOT_FOUND if there is none. There are no lifetimes and origins in it.
 */
NETIOAPI_API GetUnicastIpAddressTable(ADDRESS_FAMILY Family,
				      PMIB_UNICASTIPADDRESS_TABLE *Table)
		WSP_WINDOWS(GetUnicastIpAddressTable);
void WINAPI FreeMibTable(PVOID Memory) WSP_WINDOWS(FreeMibTable);

WSP_END

#endif /* WSP_NETIOAPI_H */
