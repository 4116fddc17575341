/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma GCC system_header
#ifndef WSP_WINNT_H
#define WSP_WINNT_H

#include "windows.h"

#endif /* WSP_WINNT_H */
