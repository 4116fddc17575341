// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which of the machine's interfaces leads to an address. */
#include <ifaddrs.h>
#include <iphlpapi.h>
#include <net/if.h>
#include <string.h>

#include "winsock.h"

static int is_same(const struct sockaddr *a, const SOCKADDR_INET *b)
{
	if (!a || a->sa_family != b->si_family)
		return 0;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       b->Ipv4.sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &b->Ipv6.sin6_addr,
		       sizeof(b->Ipv6.sin6_addr));
}

/* The interface that has the address, or 0. */
static DWORD owner_of(const SOCKADDR_INET *address)
{
	struct ifaddrs *all, *i;
	DWORD index;

	if (address->si_family == AF_INET6 && address->Ipv6.sin6_scope_id)
		return (DWORD)address->Ipv6.sin6_scope_id;
	if (wsp_list_addresses(&all))
		return 0;
	for (i = all; i && !is_same(i->ifa_addr, address); i = i->ifa_next)
		;
	index = i ? if_nametoindex(i->ifa_name) : 0;
	freeifaddrs(all);
	return index;
}

/* The address from which one sends there; 0 or a code. */
static DWORD local_of(struct sockaddr *to, SOCKADDR_INET *local)
{
	const DWORD size = to->sa_family == AF_INET6 ? sizeof(local->Ipv6) :
						       sizeof(local->Ipv4);
	SOCKET s = socket(to->sa_family, SOCK_DGRAM, IPPROTO_UDP);
	DWORD code = ERROR_SUCCESS, n;

	if (s == INVALID_SOCKET ||
	    WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, to, size, local, sizeof(*local), &n,
		     NULL, NULL))
		code = (DWORD)WSAGetLastError();
	closesocket(s);
	return code == WSAENETUNREACH ? ERROR_NETWORK_UNREACHABLE : code;
}

DWORD GetBestInterfaceEx(struct sockaddr *pDestAddr, PDWORD pdwBestIfIndex)
{
	SOCKADDR_INET local = { .si_family = AF_UNSPEC };
	DWORD code;

	if (!pDestAddr || !pdwBestIfIndex ||
	    (pDestAddr->sa_family != AF_INET && pDestAddr->sa_family != AF_INET6))
		return ERROR_INVALID_PARAMETER;
	code = local_of(pDestAddr, &local);
	if (code)
		return code;
	*pdwBestIfIndex = owner_of(&local);
	return *pdwBestIfIndex ? ERROR_SUCCESS : ERROR_NETWORK_UNREACHABLE;
}

DWORD GetBestInterface(IPAddr dwDestAddr, PDWORD pdwBestIfIndex)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_addr.s_addr = dwDestAddr;
	return GetBestInterfaceEx((struct sockaddr *)&to, pdwBestIfIndex);
}
