/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Types of addresses in <iphlpapi.h>'s older calls. */
#pragma GCC system_header
#ifndef WSP_IPEXPORT_H
#define WSP_IPEXPORT_H

#include "windef.h"

typedef ULONG IPAddr, IPMask, IP_STATUS;

#define IP_SUCCESS	0

#endif /* WSP_IPEXPORT_H */
