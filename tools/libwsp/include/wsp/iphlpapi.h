/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine's interfaces and their addresses. */
#pragma GCC system_header
#ifndef WSP_IPHLPAPI_H
#define WSP_IPHLPAPI_H

#include "winsock2.h"
#include "ipexport.h"
#include "ws2ipdef.h"
#include "iptypes.h"
#include "netioapi.h"

WSP_BEGIN

/*
 * GetAdaptersAddresses - the interfaces, with their addresses
 * @Family: AF_INET, AF_INET6, or AF_UNSPEC for both
 * @Flags: GAA_FLAG_SKIP_UNICAST, GAA_FLAG_SKIP_FRIENDLY_NAME; there are no anycast
 *	and multicast addresses, gateways and name servers in it anyway
 * @Reserved: ignored
 * @AdapterAddresses: the list; SizePointer: its room in bytes; out, if it is not
 *	enough (ERROR_BUFFER_OVERFLOW), what is
 *
 * Returns ERROR_SUCCESS, or another code, which GetLastError does not have.
 */
ULONG WINAPI GetAdaptersAddresses(ULONG Family, ULONG Flags, PVOID Reserved,
				  PIP_ADAPTER_ADDRESSES AdapterAddresses,
				  PULONG SizePointer)
		WSP_WINDOWS(GetAdaptersAddresses);

/* The older one: Ethernet's kind with their first IPv4 address, without the loopback. */
DWORD WINAPI GetAdaptersInfo(PIP_ADAPTER_INFO AdapterInfo, PULONG SizePointer)
		WSP_WINDOWS(GetAdaptersInfo);

/* The host's name, and the IPv4 name servers of /etc/resolv.conf. */
DWORD WINAPI GetNetworkParams(PFIXED_INFO pFixedInfo, PULONG pOutBufLen)
		WSP_WINDOWS(GetNetworkParams);

/*
 * The interface by which one sends there, by its index. 0, ERROR_INVALID_PARAMETER,
 * ERROR_NETWORK_UNREACHABLE, or what opening a socket gives.
 */
DWORD WINAPI GetBestInterfaceEx(struct sockaddr *pDestAddr, PDWORD pdwBestIfIndex)
		WSP_WINDOWS(GetBestInterfaceEx);
DWORD WINAPI GetBestInterface(IPAddr dwDestAddr, PDWORD pdwBestIfIndex)
		WSP_WINDOWS(GetBestInterface);

WSP_END

WSP_ABSENT(GetBestRoute);
WSP_ABSENT(GetIfEntry);
WSP_ABSENT(GetIfTable);
WSP_ABSENT(GetInterfaceInfo);
WSP_ABSENT(GetIpAddrTable);
WSP_ABSENT(GetIpForwardTable);
WSP_ABSENT(GetIpNetTable);
WSP_ABSENT(GetTcpTable);
WSP_ABSENT(GetUdpTable);
WSP_ABSENT(SendARP);

#endif /* WSP_IPHLPAPI_H */
