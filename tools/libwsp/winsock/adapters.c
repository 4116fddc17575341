// SPDX-License-Identifier: LGPL-2.1-or-later
/* The machine's interfaces: getifaddrs(3). */
#include <ifaddrs.h>
#include <iphlpapi.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winsock.h"

#define PACKET		17	/* AF_PACKET, which Winsock has not */

/* Each has an entry in the list, and takes this much room at most. */
struct adapter {
	IP_ADAPTER_ADDRESSES addresses;
	char name[IF_NAMESIZE];
	WCHAR wide[IF_NAMESIZE];
	WCHAR none[1];
};

struct unicast {
	IP_ADAPTER_UNICAST_ADDRESS address;
	SOCKADDR_STORAGE name;
};

union entry {
	struct adapter adapter;
	struct unicast unicast;
};

static int is_wanted(const struct ifaddrs *entry, ULONG family)
{
	const ADDRESS_FAMILY af = entry->ifa_addr ? entry->ifa_addr->sa_family : 0;

	return (af == AF_INET || af == AF_INET6) &&
	       (family == AF_UNSPEC || family == af);
}

static int is_interface(const struct ifaddrs *entry)
{
	return entry->ifa_addr && entry->ifa_addr->sa_family == PACKET;
}

static UINT8 count_bits(const struct sockaddr *mask)
{
	const int v6 = mask && mask->sa_family == AF_INET6;
	const unsigned char *byte = v6 ?
		((const struct sockaddr_in6 *)mask)->sin6_addr.s6_addr :
		(const unsigned char *)&((const struct sockaddr_in *)mask)->sin_addr;
	UINT8 bits = 0;
	int i;

	for (i = 0; mask && i < (v6 ? 16 : 4); i++)
		bits = (UINT8)(bits + __builtin_popcount(byte[i]));
	return bits;
}

static DWORD type_of(const struct ifaddrs *entry)
{
	return entry->ifa_flags & 0x8 /* IFF_LOOPBACK */ ? IF_TYPE_SOFTWARE_LOOPBACK :
							   IF_TYPE_ETHERNET_CSMACD;
}

static IF_LUID luid_of(const struct ifaddrs *entry, DWORD index)
{
	IF_LUID luid = { 0 };

	luid.Info.NetLuidIndex = index & 0xffffff;
	luid.Info.IfType = (WORD)type_of(entry);
	return luid;
}

static void fill_adapter(struct adapter *to, const struct ifaddrs *entry, ULONG flags)
{
	const struct sockaddr_ll *link = (const struct sockaddr_ll *)entry->ifa_addr;
	IP_ADAPTER_ADDRESSES *a = &to->addresses;

	memset(to, 0, sizeof(*to));
	a->Length = sizeof(*a);
	a->IfIndex = (DWORD)link->sll_ifindex;
	a->Ipv6IfIndex = a->IfIndex;
	strncpy(to->name, entry->ifa_name, sizeof(to->name) - 1);
	winsock_to_wide(to->name, to->wide, IF_NAMESIZE);
	a->AdapterName = to->name;
	a->FriendlyName = flags & GAA_FLAG_SKIP_FRIENDLY_NAME ? NULL : to->wide;
	a->Description = to->wide;
	a->DnsSuffix = to->none;
	if (link->sll_halen <= sizeof(a->PhysicalAddress)) {
		memcpy(a->PhysicalAddress, link->sll_addr, link->sll_halen);
		a->PhysicalAddressLength = link->sll_halen;
	}
	a->Flags = IP_ADAPTER_IPV4_ENABLED | IP_ADAPTER_IPV6_ENABLED;
	a->Mtu = ~(DWORD)0;
	a->IfType = type_of(entry);
	a->Luid = luid_of(entry, a->IfIndex);
	a->OperStatus = entry->ifa_flags & IFF_UP ? IfOperStatusUp : IfOperStatusDown;
}

static void fill_unicast(struct unicast *to, const struct ifaddrs *entry)
{
	const int size = entry->ifa_addr->sa_family == AF_INET6 ?
		sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	memset(to, 0, sizeof(*to));
	to->address.Length = sizeof(to->address);
	memcpy(&to->name, entry->ifa_addr, (size_t)size);
	to->address.Address.lpSockaddr = (void *)&to->name;
	to->address.Address.iSockaddrLength = size;
	to->address.DadState = IpDadStatePreferred;
	to->address.OnLinkPrefixLength = count_bits(entry->ifa_netmask);
}

/* The addresses of @adapter, from @entry on; returns the first place after them. */
static union entry *add_addresses(IP_ADAPTER_ADDRESSES *adapter, union entry *entry,
				  const struct ifaddrs *all, ULONG family)
{
	PIP_ADAPTER_UNICAST_ADDRESS *next = &adapter->FirstUnicastAddress;

	for (; all; all = all->ifa_next) {
		if (!is_wanted(all, family) || strcmp(all->ifa_name, adapter->AdapterName))
			continue;
		fill_unicast(&entry->unicast, all);
		*next = &entry->unicast.address;
		next = &(*next)->Next;
		entry++;
	}
	return entry;
}

static void fill(union entry *entry, const struct ifaddrs *all, ULONG family, ULONG flags)
{
	PIP_ADAPTER_ADDRESSES *next = NULL;
	const struct ifaddrs *i;

	for (i = all; i; i = i->ifa_next) {
		IP_ADAPTER_ADDRESSES *adapter = &entry->adapter.addresses;

		if (!is_interface(i))
			continue;
		fill_adapter(&entry->adapter, i, flags);
		if (next)
			*next = adapter;
		next = &adapter->Next;
		entry++;
		if (!(flags & GAA_FLAG_SKIP_UNICAST))
			entry = add_addresses(adapter, entry, all, family);
	}
}

ULONG GetAdaptersAddresses(ULONG Family, ULONG Flags, PVOID Reserved,
			   PIP_ADAPTER_ADDRESSES AdapterAddresses,
			   PULONG SizePointer)
{
	ULONG need = 0, code = ERROR_BUFFER_OVERFLOW;
	struct ifaddrs *all, *i;

	(void)Reserved;
	if (!SizePointer ||
	    (Family != AF_UNSPEC && Family != AF_INET && Family != AF_INET6))
		return ERROR_INVALID_PARAMETER;
	if (wsp_list_addresses(&all))
		return ERROR_NOT_ENOUGH_MEMORY;
	for (i = all; i; i = i->ifa_next)
		if (is_interface(i) || is_wanted(i, Family))
			need += (ULONG)sizeof(union entry);
	if (AdapterAddresses && *SizePointer >= need) {
		fill((union entry *)AdapterAddresses, all, Family, Flags);
		code = ERROR_SUCCESS;
	}
	*SizePointer = need;
	freeifaddrs(all);
	return code;
}

static void fill_row(PMIB_UNICASTIPADDRESS_ROW row, const struct ifaddrs *entry)
{
	const bool v6 = entry->ifa_addr->sa_family == AF_INET6;

	memcpy(&row->Address, entry->ifa_addr, v6 ? sizeof(row->Address.Ipv6) :
						    sizeof(row->Address.Ipv4));
	row->InterfaceIndex = if_nametoindex(entry->ifa_name);
	row->InterfaceLuid = luid_of(entry, row->InterfaceIndex);
	row->OnLinkPrefixLength = count_bits(entry->ifa_netmask);
	row->DadState = IpDadStatePreferred;
	row->ScopeId.Value = v6 ? row->Address.Ipv6.sin6_scope_id : 0;
}

NETIO_STATUS GetUnicastIpAddressTable(ADDRESS_FAMILY Family,
				      PMIB_UNICASTIPADDRESS_TABLE *Table)
{
	PMIB_UNICASTIPADDRESS_TABLE table = NULL;
	struct ifaddrs *all, *i;
	ULONG count = 0;

	if (!Table || (Family != AF_UNSPEC && Family != AF_INET && Family != AF_INET6))
		return ERROR_INVALID_PARAMETER;
	*Table = NULL;
	if (wsp_list_addresses(&all))
		return ERROR_NOT_ENOUGH_MEMORY;
	for (i = all; i; i = i->ifa_next)
		count += (ULONG)is_wanted(i, Family);
	if (count)
		table = calloc(1, sizeof(*table) + count * sizeof(*table->Table));
	for (i = all; i && table; i = i->ifa_next)
		if (is_wanted(i, Family))
			fill_row(&table->Table[table->NumEntries++], i);
	freeifaddrs(all);
	*Table = table;
	if (table)
		return NO_ERROR;
	return count ? ERROR_NOT_ENOUGH_MEMORY : ERROR_NOT_FOUND;
}

void FreeMibTable(PVOID Memory)
{
	free(Memory);
}

static void put_address(IP_ADDRESS_STRING *to, const struct sockaddr *from)
{
	if (from)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr,
			  to->String, sizeof(to->String));
}

/* The first IPv4 address of @name; an adapter without one has 0.0.0.0. */
static void put_first(IP_ADDR_STRING *to, const char *name, const struct ifaddrs *all)
{
	strcpy(to->IpAddress.String, "0.0.0.0");
	strcpy(to->IpMask.String, "0.0.0.0");
	for (; all; all = all->ifa_next)
		if (is_wanted(all, AF_INET) && !strcmp(all->ifa_name, name)) {
			put_address(&to->IpAddress, all->ifa_addr);
			put_address(&to->IpMask, all->ifa_netmask);
			return;
		}
}

static void fill_info(PIP_ADAPTER_INFO to, const struct ifaddrs *entry,
		      const struct ifaddrs *all)
{
	const struct sockaddr_ll *link = (const struct sockaddr_ll *)entry->ifa_addr;

	memset(to, 0, sizeof(*to));
	strncpy(to->AdapterName, entry->ifa_name, IF_NAMESIZE);
	strncpy(to->Description, entry->ifa_name, IF_NAMESIZE);
	to->Index = (DWORD)link->sll_ifindex;
	to->ComboIndex = to->Index;
	to->Type = MIB_IF_TYPE_ETHERNET;
	if (link->sll_halen <= sizeof(to->Address)) {
		memcpy(to->Address, link->sll_addr, link->sll_halen);
		to->AddressLength = link->sll_halen;
	}
	put_first(&to->IpAddressList, entry->ifa_name, all);
	strcpy(to->GatewayList.IpAddress.String, "0.0.0.0");
}

DWORD GetAdaptersInfo(PIP_ADAPTER_INFO AdapterInfo, PULONG SizePointer)
{
	const ULONG room = SizePointer ? *SizePointer : 0;
	PIP_ADAPTER_INFO last = NULL;
	struct ifaddrs *all, *i;
	ULONG need = 0;

	if (!SizePointer)
		return ERROR_INVALID_PARAMETER;
	if (wsp_list_addresses(&all))
		return ERROR_NOT_ENOUGH_MEMORY;
	for (i = all; i; i = i->ifa_next) {
		if (!is_interface(i) || type_of(i) == IF_TYPE_SOFTWARE_LOOPBACK)
			continue;
		need += (ULONG)sizeof(*AdapterInfo);
		if (!AdapterInfo || need > room)
			continue;
		if (last)
			last->Next = last + 1;
		last = last ? last + 1 : AdapterInfo;
		fill_info(last, i, all);
	}
	freeifaddrs(all);
	*SizePointer = need;
	if (!need)
		return ERROR_NO_DATA;
	return AdapterInfo && need <= room ? ERROR_SUCCESS : ERROR_BUFFER_OVERFLOW;
}

#define SERVERS		3	/* as many as the platform's resolver asks */

/* As many as there is room for; returns how many there are. */
static unsigned int read_servers(IP_ADDRESS_STRING *servers)
{
	FILE *file = fopen("/etc/resolv.conf", "re");
	unsigned int count = 0;
	struct in_addr addr;
	char line[256];

	while (file && count < SERVERS && fgets(line, sizeof(line), file))
		if (sscanf(line, "nameserver %15s", servers[count].String) == 1 &&
		    inet_pton(AF_INET, servers[count].String, &addr) == 1)
			count++;
	if (file)
		fclose(file);
	return count;
}

DWORD GetNetworkParams(PFIXED_INFO pFixedInfo, PULONG pOutBufLen)
{
	IP_ADDRESS_STRING servers[SERVERS];
	const unsigned int count = read_servers(servers);
	IP_ADDR_STRING *more, *at;
	unsigned int i;
	ULONG need = (ULONG)(sizeof(*pFixedInfo) +
			     (count > 1 ? count - 1 : 0) * sizeof(*more));

	if (!pOutBufLen)
		return ERROR_INVALID_PARAMETER;
	if (!pFixedInfo || *pOutBufLen < need) {
		*pOutBufLen = need;
		return ERROR_BUFFER_OVERFLOW;
	}
	memset(pFixedInfo, 0, need);
	gethostname(pFixedInfo->HostName, sizeof(pFixedInfo->HostName));
	more = (IP_ADDR_STRING *)(void *)(pFixedInfo + 1);
	at = &pFixedInfo->DnsServerList;
	for (i = 0; i < count; i++) {
		at->IpAddress = servers[i];
		if (i < count - 1) {
			at->Next = more++;
			at = at->Next;
		}
	}
	return ERROR_SUCCESS;
}
