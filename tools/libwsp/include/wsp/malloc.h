/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, with alloca, which Windows has here. */
#pragma GCC system_header
#include <features.h>
#include_next <malloc.h>
#include <alloca.h>

#ifndef WSP_MALLOC_H
#define WSP_MALLOC_H

#define _alloca		alloca
#define _malloca	alloca
#define _freea(block)	((void)(block))

#endif /* WSP_MALLOC_H */
