/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What GetAdaptersAddresses gives. */
#pragma GCC system_header
#ifndef WSP_IPTYPES_H
#define WSP_IPTYPES_H

#include <time.h>
#include "winsock2.h"

#define MAX_ADAPTER_DESCRIPTION_LENGTH	128
#define MAX_ADAPTER_NAME_LENGTH		256
#define MAX_ADAPTER_ADDRESS_LENGTH	8
#define MAX_HOSTNAME_LEN		128
#define MAX_DOMAIN_NAME_LEN		128

#define GAA_FLAG_SKIP_UNICAST		0x0001
#define GAA_FLAG_SKIP_ANYCAST		0x0002
#define GAA_FLAG_SKIP_MULTICAST		0x0004
#define GAA_FLAG_SKIP_DNS_SERVER	0x0008
#define GAA_FLAG_INCLUDE_PREFIX		0x0010
#define GAA_FLAG_SKIP_FRIENDLY_NAME	0x0020
#define GAA_FLAG_INCLUDE_GATEWAYS	0x0080
#define GAA_FLAG_INCLUDE_ALL_INTERFACES	0x0100

#define IF_TYPE_OTHER			1
#define IF_TYPE_ETHERNET_CSMACD		6
#define IF_TYPE_PPP			23
#define IF_TYPE_SOFTWARE_LOOPBACK	24
#define IF_TYPE_IEEE80211		71
#define IF_TYPE_TUNNEL			131
#define MIB_IF_TYPE_OTHER		IF_TYPE_OTHER
#define MIB_IF_TYPE_ETHERNET		IF_TYPE_ETHERNET_CSMACD
#define MIB_IF_TYPE_TOKENRING		9
#define MIB_IF_TYPE_FDDI		15
#define MIB_IF_TYPE_PPP			IF_TYPE_PPP
#define MIB_IF_TYPE_LOOPBACK		IF_TYPE_SOFTWARE_LOOPBACK
#define MIB_IF_TYPE_SLIP		28

#define IP_ADAPTER_DDNS_ENABLED		0x0001
#define IP_ADAPTER_IPV4_ENABLED		0x0080
#define IP_ADAPTER_IPV6_ENABLED		0x0100
#define IP_ADAPTER_NO_MULTICAST		0x0010

typedef enum {
	IfOperStatusUp = 1,
	IfOperStatusDown,
	IfOperStatusTesting,
	IfOperStatusUnknown,
	IfOperStatusDormant,
	IfOperStatusNotPresent,
	IfOperStatusLowerLayerDown
} IF_OPER_STATUS;

typedef enum {
	IpPrefixOriginOther,
	IpPrefixOriginManual,
	IpPrefixOriginWellKnown,
	IpPrefixOriginDhcp,
	IpPrefixOriginRouterAdvertisement
} IP_PREFIX_ORIGIN;

typedef enum {
	IpSuffixOriginOther,
	IpSuffixOriginManual,
	IpSuffixOriginWellKnown,
	IpSuffixOriginDhcp,
	IpSuffixOriginLinkLayerAddress,
	IpSuffixOriginRandom
} IP_SUFFIX_ORIGIN;

typedef enum {
	IpDadStateInvalid,
	IpDadStateTentative,
	IpDadStateDuplicate,
	IpDadStateDeprecated,
	IpDadStatePreferred
} IP_DAD_STATE;

/* An interface's other number. */
typedef union _NET_LUID_LH {
	ULONG64 Value;
	struct {
		ULONG64 Reserved : 24;
		ULONG64 NetLuidIndex : 24;
		ULONG64 IfType : 16;
	} Info;
} NET_LUID_LH, *PNET_LUID_LH, NET_LUID, *PNET_LUID, IF_LUID, *PIF_LUID;

/* IPv4 addresses as text, of the older calls. */
typedef struct {
	char String[16];
} IP_ADDRESS_STRING, *PIP_ADDRESS_STRING, IP_MASK_STRING, *PIP_MASK_STRING;

typedef struct _IP_ADDR_STRING {
	struct _IP_ADDR_STRING *Next;
	IP_ADDRESS_STRING IpAddress;
	IP_MASK_STRING IpMask;
	DWORD Context;
} IP_ADDR_STRING, *PIP_ADDR_STRING;

typedef struct _IP_ADAPTER_INFO {
	struct _IP_ADAPTER_INFO *Next;
	DWORD ComboIndex;
	char AdapterName[MAX_ADAPTER_NAME_LENGTH + 4];
	char Description[MAX_ADAPTER_DESCRIPTION_LENGTH + 4];
	UINT AddressLength;
	BYTE Address[MAX_ADAPTER_ADDRESS_LENGTH];
	DWORD Index;
	UINT Type;
	UINT DhcpEnabled;
	PIP_ADDR_STRING CurrentIpAddress;
	IP_ADDR_STRING IpAddressList;
	IP_ADDR_STRING GatewayList;
	IP_ADDR_STRING DhcpServer;
	BOOL HaveWins;
	IP_ADDR_STRING PrimaryWinsServer;
	IP_ADDR_STRING SecondaryWinsServer;
	/* Of one place, whichever of a 32-bit platform's two sizes they have. */
	time_t LeaseObtained __attribute__((__aligned__(8)));
	time_t LeaseExpires __attribute__((__aligned__(8)));
} IP_ADAPTER_INFO, *PIP_ADAPTER_INFO;

typedef struct {
	char HostName[MAX_HOSTNAME_LEN + 4];
	char DomainName[MAX_DOMAIN_NAME_LEN + 4];
	PIP_ADDR_STRING CurrentDnsServer;
	IP_ADDR_STRING DnsServerList;
	UINT NodeType;
	char ScopeId[MAX_HOSTNAME_LEN + 4];
	UINT EnableRouting;
	UINT EnableProxy;
	UINT EnableDns;
} FIXED_INFO, *PFIXED_INFO;

/* How each link of the lists begins; the second word has two names. */
#define WSP_LINK(word) \
	__extension__ union { \
		ULONGLONG Alignment; \
		struct { \
			ULONG Length; \
			DWORD word; \
		}; \
	}

typedef struct _IP_ADAPTER_UNICAST_ADDRESS {
	WSP_LINK(Flags);
	struct _IP_ADAPTER_UNICAST_ADDRESS *Next;
	SOCKET_ADDRESS Address;
	IP_PREFIX_ORIGIN PrefixOrigin;
	IP_SUFFIX_ORIGIN SuffixOrigin;
	IP_DAD_STATE DadState;
	ULONG ValidLifetime;
	ULONG PreferredLifetime;
	ULONG LeaseLifetime;
	UINT8 OnLinkPrefixLength;
} IP_ADAPTER_UNICAST_ADDRESS, *PIP_ADAPTER_UNICAST_ADDRESS;

typedef struct _IP_ADAPTER_ANYCAST_ADDRESS {
	WSP_LINK(Flags);
	struct _IP_ADAPTER_ANYCAST_ADDRESS *Next;
	SOCKET_ADDRESS Address;
} IP_ADAPTER_ANYCAST_ADDRESS, *PIP_ADAPTER_ANYCAST_ADDRESS;

typedef struct _IP_ADAPTER_MULTICAST_ADDRESS {
	WSP_LINK(Flags);
	struct _IP_ADAPTER_MULTICAST_ADDRESS *Next;
	SOCKET_ADDRESS Address;
} IP_ADAPTER_MULTICAST_ADDRESS, *PIP_ADAPTER_MULTICAST_ADDRESS;

typedef struct _IP_ADAPTER_DNS_SERVER_ADDRESS {
	WSP_LINK(Reserved);
	struct _IP_ADAPTER_DNS_SERVER_ADDRESS *Next;
	SOCKET_ADDRESS Address;
} IP_ADAPTER_DNS_SERVER_ADDRESS, *PIP_ADAPTER_DNS_SERVER_ADDRESS;

typedef struct _IP_ADAPTER_GATEWAY_ADDRESS {
	WSP_LINK(Reserved);
	struct _IP_ADAPTER_GATEWAY_ADDRESS *Next;
	SOCKET_ADDRESS Address;
} IP_ADAPTER_GATEWAY_ADDRESS, *PIP_ADAPTER_GATEWAY_ADDRESS;

typedef struct _IP_ADAPTER_PREFIX {
	WSP_LINK(Flags);
	struct _IP_ADAPTER_PREFIX *Next;
	SOCKET_ADDRESS Address;
	ULONG PrefixLength;
} IP_ADAPTER_PREFIX, *PIP_ADAPTER_PREFIX;

typedef struct _IP_ADAPTER_ADDRESSES {
	WSP_LINK(IfIndex);
	struct _IP_ADAPTER_ADDRESSES *Next;
	PCHAR AdapterName;
	PIP_ADAPTER_UNICAST_ADDRESS FirstUnicastAddress;
	PIP_ADAPTER_ANYCAST_ADDRESS FirstAnycastAddress;
	PIP_ADAPTER_MULTICAST_ADDRESS FirstMulticastAddress;
	PIP_ADAPTER_DNS_SERVER_ADDRESS FirstDnsServerAddress;
	PWCHAR DnsSuffix;
	PWCHAR Description;
	PWCHAR FriendlyName;
	BYTE PhysicalAddress[MAX_ADAPTER_ADDRESS_LENGTH];
	DWORD PhysicalAddressLength;
	DWORD Flags;
	DWORD Mtu;			/* 0xffffffff: not known */
	DWORD IfType;
	IF_OPER_STATUS OperStatus;
	DWORD Ipv6IfIndex;
	DWORD ZoneIndices[16];
	PIP_ADAPTER_PREFIX FirstPrefix;
	ULONG64 TransmitLinkSpeed;
	ULONG64 ReceiveLinkSpeed;
	PVOID FirstWinsServerAddress;
	PIP_ADAPTER_GATEWAY_ADDRESS FirstGatewayAddress;
	ULONG Ipv4Metric;
	ULONG Ipv6Metric;
	IF_LUID Luid;
} IP_ADAPTER_ADDRESSES, *PIP_ADAPTER_ADDRESSES, IP_ADAPTER_ADDRESSES_LH,
	IP_ADAPTER_ADDRESSES_XP;

#endif /* WSP_IPTYPES_H */
