/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is IPv6's and multicast's; the numbers are the platform's. */
#pragma GCC system_header
#ifndef WSP_WS2IPDEF_H
#define WSP_WS2IPDEF_H

#include "winsock2.h"
#include "in6addr.h"

typedef struct sockaddr_in6 {
	ADDRESS_FAMILY sin6_family;
	USHORT sin6_port;
	ULONG sin6_flowinfo;
	IN6_ADDR sin6_addr;
	ULONG sin6_scope_id;
} SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6, SOCKADDR_IN6_LH,
	*PSOCKADDR_IN6_LH;

typedef struct {
	__extension__ union {
		struct {
			ULONG Zone : 28;
			ULONG Level : 4;
		};
		ULONG Value;
	};
} SCOPE_ID, *PSCOPE_ID;

typedef union _SOCKADDR_INET {
	SOCKADDR_IN Ipv4;
	SOCKADDR_IN6 Ipv6;
	ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

typedef struct ip_mreq {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
} IP_MREQ, *PIP_MREQ;

/* In the platform's order. */
typedef struct ip_mreq_source {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
	struct in_addr imr_sourceaddr;
} IP_MREQ_SOURCE, *PIP_MREQ_SOURCE;

typedef struct ipv6_mreq {
	struct in6_addr ipv6mr_multiaddr;
	ULONG ipv6mr_interface;
} IPV6_MREQ, *PIPV6_MREQ;

typedef struct in_pktinfo {
	IN_ADDR ipi_addr;
	ULONG ipi_ifindex;
} IN_PKTINFO, *PIN_PKTINFO;

typedef struct in6_pktinfo {
	IN6_ADDR ipi6_addr;
	ULONG ipi6_ifindex;
} IN6_PKTINFO, *PIN6_PKTINFO;

typedef struct group_req {
	ULONG gr_interface;
	SOCKADDR_STORAGE gr_group;
} GROUP_REQ, *PGROUP_REQ;

typedef struct group_source_req {
	ULONG gsr_interface;
	SOCKADDR_STORAGE gsr_group;
	SOCKADDR_STORAGE gsr_source;
} GROUP_SOURCE_REQ, *PGROUP_SOURCE_REQ;

#define IP_TOS				1
#define IP_TTL				2
#define IP_HDRINCL			3
#define IP_OPTIONS			4
#define IP_PKTINFO			8
#define IP_MULTICAST_IF			32
#define IP_MULTICAST_TTL		33
#define IP_MULTICAST_LOOP		34
#define IP_ADD_MEMBERSHIP		35
#define IP_DROP_MEMBERSHIP		36
#define IP_UNBLOCK_SOURCE		37
#define IP_BLOCK_SOURCE			38
#define IP_ADD_SOURCE_MEMBERSHIP	39
#define IP_DROP_SOURCE_MEMBERSHIP	40
#define IP_DONTFRAGMENT			0x400e	/* the platform has none */
#define IP_DEFAULT_MULTICAST_TTL	1
#define IP_DEFAULT_MULTICAST_LOOP	1
#define IP_MAX_MEMBERSHIPS		20

#define IPV6_UNICAST_HOPS		16
#define IPV6_MULTICAST_IF		17
#define IPV6_MULTICAST_HOPS		18
#define IPV6_MULTICAST_LOOP		19
#define IPV6_JOIN_GROUP			20
#define IPV6_LEAVE_GROUP		21
#define IPV6_ADD_MEMBERSHIP		IPV6_JOIN_GROUP
#define IPV6_DROP_MEMBERSHIP		IPV6_LEAVE_GROUP
#define IPV6_V6ONLY			26
#define IPV6_PKTINFO			49	/* the platform's IPV6_RECVPKTINFO */
#define IPV6_TCLASS			67
#define IPV6_PROTECTION_LEVEL		0x4017	/* the platform has none */
#define PROTECTION_LEVEL_UNRESTRICTED	10
#define PROTECTION_LEVEL_DEFAULT	20
#define PROTECTION_LEVEL_RESTRICTED	30

#define MCAST_JOIN_GROUP		42
#define MCAST_BLOCK_SOURCE		43
#define MCAST_UNBLOCK_SOURCE		44
#define MCAST_LEAVE_GROUP		45
#define MCAST_JOIN_SOURCE_GROUP		46
#define MCAST_LEAVE_SOURCE_GROUP	47

#define INET_ADDRSTRLEN			22
#define INET6_ADDRSTRLEN		65

#define IN6ADDR_ANY_INIT		{ { { { 0 } } } }
#define IN6ADDR_LOOPBACK_INIT \
	{ { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } } }

static __inline__ int winsock_in6_words(const struct in6_addr *a, int from,
					int to, unsigned int all)
{
	while (from < to && a->s6_words[from] == all)
		from++;
	return from == to;
}

#define IN6_IS_ADDR_UNSPECIFIED(a)	winsock_in6_words(a, 0, 8, 0)
#define IN6_IS_ADDR_LOOPBACK(a) \
	(winsock_in6_words(a, 0, 7, 0) && (a)->s6_words[7] == htons(1))
#define IN6_IS_ADDR_MULTICAST(a)	((a)->s6_addr[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a) \
	((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)
#define IN6_IS_ADDR_SITELOCAL(a) \
	((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0xc0)
#define IN6_IS_ADDR_V4MAPPED(a) \
	(winsock_in6_words(a, 0, 5, 0) && (a)->s6_words[5] == 0xffff)
#define IN6_IS_ADDR_V4COMPAT(a) \
	(winsock_in6_words(a, 0, 6, 0) && \
	 !((a)->s6_words[6] == 0 && ntohs((a)->s6_words[7]) < 2))
#define IN6_IS_ADDR_MC_NODELOCAL(a) \
	(IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 1)
#define IN6_IS_ADDR_MC_LINKLOCAL(a) \
	(IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 2)
#define IN6_IS_ADDR_MC_SITELOCAL(a) \
	(IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 5)
#define IN6_IS_ADDR_MC_ORGLOCAL(a) \
	(IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 8)
#define IN6_IS_ADDR_MC_GLOBAL(a) \
	(IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 0xe)
#define IN6_ARE_ADDR_EQUAL(a, b) \
	(__builtin_memcmp(a, b, sizeof(struct in6_addr)) == 0)
#define IN6_ADDR_EQUAL(a, b)		IN6_ARE_ADDR_EQUAL(a, b)

WSP_BEGIN
extern const struct in6_addr in6addr_any, in6addr_loopback;
WSP_END

#endif /* WSP_WS2IPDEF_H */
