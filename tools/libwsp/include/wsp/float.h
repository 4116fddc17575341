/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compiler's, and what Windows' has besides. */
#pragma GCC system_header
#include_next <float.h>

#ifndef WSP_FLOAT_H
#define WSP_FLOAT_H

#define _isnan(x)	__builtin_isnan(x)
#define _finite(x)	__builtin_isfinite(x)

#endif /* WSP_FLOAT_H */
