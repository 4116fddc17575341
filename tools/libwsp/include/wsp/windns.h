/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The numbers of the domain name system; its look-ups are getaddrinfo's. */
#pragma GCC system_header
#ifndef WSP_WINDNS_H
#define WSP_WINDNS_H

#include "windows.h"

#define DNS_TYPE_A	1
#define DNS_TYPE_NS	2
#define DNS_TYPE_CNAME	5
#define DNS_TYPE_SOA	6
#define DNS_TYPE_NULL	10
#define DNS_TYPE_PTR	12
#define DNS_TYPE_MX	15
#define DNS_TYPE_TEXT	16
#define DNS_TYPE_AAAA	28
#define DNS_TYPE_SRV	33
#define DNS_TYPE_NAPTR	35
#define DNS_TYPE_OPT	41
#define DNS_TYPE_ANY	255

WSP_ABSENT(DnsQuery_A);
WSP_ABSENT(DnsQuery_UTF8);
WSP_ABSENT(DnsQuery_W);
WSP_ABSENT(DnsQueryConfig);
WSP_ABSENT(DnsRecordListFree);

#endif /* WSP_WINDNS_H */
