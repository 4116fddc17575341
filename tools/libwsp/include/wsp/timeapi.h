/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_TIMEAPI_H
#define WSP_TIMEAPI_H

#include "mmsystem.h"

#endif /* WSP_TIMEAPI_H */
