/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random numbers, the kernel's; no other cryptography. */
#pragma GCC system_header
#ifndef WSP_WINCRYPT_H
#define WSP_WINCRYPT_H

#include "bcrypt.h"

typedef ULONG_PTR HCRYPTPROV, HCRYPTKEY, HCRYPTHASH;
typedef unsigned int ALG_ID;

#define PROV_RSA_FULL		1
#define PROV_RSA_AES		24
#define NTE_BAD_KEYSET		((HRESULT)0x80090016)
#define CRYPT_NEWKEYSET		0x00000008U
#define CRYPT_VERIFYCONTEXT	0xf0000000U
#define CRYPT_SILENT		0x00000040U
#define MS_DEF_PROV_A		"Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_PROV		MS_DEF_PROV_A

static __inline__ BOOL CryptAcquireContextA(HCRYPTPROV *phProv, LPCSTR szContainer,
					    LPCSTR szProvider, DWORD dwProvType,
					    DWORD dwFlags)
{
	(void)szContainer;
	(void)szProvider;
	(void)dwProvType;
	(void)dwFlags;
	*phProv = 1;
	return TRUE;
}

static __inline__ BOOL CryptAcquireContextW(HCRYPTPROV *phProv, LPCWSTR szContainer,
					    LPCWSTR szProvider, DWORD dwProvType,
					    DWORD dwFlags)
{
	(void)szContainer;
	(void)szProvider;
	return CryptAcquireContextA(phProv, NULL, NULL, dwProvType, dwFlags);
}

#ifdef UNICODE
#define CryptAcquireContext	CryptAcquireContextW
#else
#define CryptAcquireContext	CryptAcquireContextA
#endif

static __inline__ BOOL CryptReleaseContext(HCRYPTPROV hProv, DWORD dwFlags)
{
	(void)hProv;
	(void)dwFlags;
	return TRUE;
}

static __inline__ BOOL CryptGenRandom(HCRYPTPROV hProv, DWORD dwLen, BYTE *pbBuffer)
{
	(void)hProv;
	return BCryptGenRandom(NULL, pbBuffer, dwLen,
			       BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}

WSP_ABSENT(CryptCreateHash);
WSP_ABSENT(CryptDecrypt);
WSP_ABSENT(CryptDestroyHash);
WSP_ABSENT(CryptDestroyKey);
WSP_ABSENT(CryptEncrypt);
WSP_ABSENT(CryptGetHashParam);
WSP_ABSENT(CryptHashData);
WSP_ABSENT(CryptImportKey);
WSP_ABSENT(CertOpenSystemStore);
WSP_ABSENT(CertOpenSystemStoreA);
WSP_ABSENT(CertCloseStore);

#endif /* WSP_WINCRYPT_H */
