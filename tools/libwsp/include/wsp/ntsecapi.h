/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random numbers. */
#pragma GCC system_header
#ifndef WSP_NTSECAPI_H
#define WSP_NTSECAPI_H

#include "bcrypt.h"

static __inline__ BOOLEAN RtlGenRandom(PVOID RandomBuffer, ULONG RandomBufferLength)
{
	return BCryptGenRandom(NULL, (PUCHAR)RandomBuffer, RandomBufferLength,
			       BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}

#endif /* WSP_NTSECAPI_H */
