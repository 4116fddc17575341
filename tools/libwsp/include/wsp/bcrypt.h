/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random numbers, the kernel's; no other cryptography. */
#pragma GCC system_header
#ifndef WSP_BCRYPT_H
#define WSP_BCRYPT_H

#include "winbase.h"
#include "wspabsent.h"

typedef PVOID BCRYPT_HANDLE, BCRYPT_ALG_HANDLE;

#define BCRYPT_USE_SYSTEM_PREFERRED_RNG	0x00000002
#define BCRYPT_SUCCESS(status)		((NTSTATUS)(status) >= 0)

WSP_BEGIN

/* 0, or an NTSTATUS below it. */
NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbBuffer,
				ULONG cbBuffer, ULONG dwFlags)
		WSP_WINDOWS(BCryptGenRandom);

WSP_END

WSP_ABSENT(BCryptOpenAlgorithmProvider);
WSP_ABSENT(BCryptCloseAlgorithmProvider);
WSP_ABSENT(BCryptCreateHash);
WSP_ABSENT(BCryptHashData);
WSP_ABSENT(BCryptFinishHash);
WSP_ABSENT(BCryptDestroyHash);

#endif /* WSP_BCRYPT_H */
