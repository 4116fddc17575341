/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_BASETSD_H
#define WSP_BASETSD_H

#include "windef.h"

#endif /* WSP_BASETSD_H */
