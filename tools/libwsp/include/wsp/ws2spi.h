/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service-provider interface: libwsp's own header. */
#pragma GCC system_header
#ifndef WSP_WS2SPI_H
#define WSP_WS2SPI_H

#include "winsock2.h"
#include "wsp.h"

#endif /* WSP_WS2SPI_H */
