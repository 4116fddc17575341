/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Substitutes for names that <ws2tcpip.h> has. */
#pragma GCC system_header
#ifndef WSP_WSPIAPI_H
#define WSP_WSPIAPI_H

#include "ws2tcpip.h"

#endif /* WSP_WSPIAPI_H */
