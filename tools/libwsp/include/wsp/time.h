/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The platform's, and what Windows' has besides. */
#pragma GCC system_header
#include <features.h>
#include_next <time.h>

#ifndef WSP_TIME_H
#define WSP_TIME_H

#ifdef __USE_POSIX
/* 22 is EINVAL. */
static __inline__ int gmtime_s(struct tm *to, const time_t *from)
{
	return gmtime_r(from, to) ? 0 : 22;
}

static __inline__ int localtime_s(struct tm *to, const time_t *from)
{
	return localtime_r(from, to) ? 0 : 22;
}
#endif

#endif /* WSP_TIME_H */
