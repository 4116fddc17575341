/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_GUIDDEF_H
#define WSP_GUIDDEF_H

#include "windef.h"

#endif /* WSP_GUIDDEF_H */
