/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, for a 64-bit type that is long long: features.h. */
#pragma GCC system_header
#include <features.h>
#include_next <inttypes.h>

#ifndef WSP_INTTYPES_H
#define WSP_INTTYPES_H

#if defined(PRId64) && __SIZEOF_LONG__ == 8
#undef PRId64
#define PRId64		"lld"
#undef PRIi64
#define PRIi64		"lli"
#undef PRIo64
#define PRIo64		"llo"
#undef PRIu64
#define PRIu64		"llu"
#undef PRIx64
#define PRIx64		"llx"
#undef PRIX64
#define PRIX64		"llX"
#undef SCNd64
#define SCNd64		"lld"
#undef SCNi64
#define SCNi64		"lli"
#undef SCNo64
#define SCNo64		"llo"
#undef SCNu64
#define SCNu64		"llu"
#undef SCNx64
#define SCNx64		"llx"
#endif

#endif /* WSP_INTTYPES_H */
