/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a Winsock source has of this header is Winsock's. */
#pragma GCC system_header
#ifndef WSP_LINUX_IN_H
#define WSP_LINUX_IN_H

#include "../netinet/in.h"

#endif /* WSP_LINUX_IN_H */
