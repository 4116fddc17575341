/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock 1.1: what it has is in version 2's header, and works the same. */
#pragma GCC system_header
#ifndef WSP_WINSOCK_H
#define WSP_WINSOCK_H

#include "winsock2.h"

#endif /* WSP_WINSOCK_H */
