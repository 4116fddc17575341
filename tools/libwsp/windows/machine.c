// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the machine has, and what the program was given. */
#include <bcrypt.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "parts.h"

void GetSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
	const long page = sysconf(_SC_PAGESIZE);

	memset(lpSystemInfo, 0, sizeof(*lpSystemInfo));
	lpSystemInfo->dwPageSize = (DWORD)page;
	lpSystemInfo->dwAllocationGranularity = (DWORD)page;
	lpSystemInfo->dwNumberOfProcessors = (DWORD)sysconf(_SC_NPROCESSORS_ONLN);
}

BOOL SetCurrentDirectoryA(LPCSTR lpPathName)
{
	return !chdir(lpPathName) || windows_fail(ERROR_PATH_NOT_FOUND);
}

BOOL GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
{
	char name[256];
	DWORD size;

	if (gethostname(name, sizeof(name)))
		return windows_fail(ERROR_INVALID_FUNCTION);
	size = (DWORD)strlen(name) + 1;
	if (size > *nSize) {
		*nSize = size;
		return windows_fail(ERROR_BUFFER_OVERFLOW);
	}
	memcpy(lpBuffer, name, size);
	*nSize = size - 1;
	return TRUE;
}

DWORD GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
{
	const char *value = getenv(lpName);
	size_t size;

	if (!value)
		return (DWORD)windows_fail(ERROR_ENVVAR_NOT_FOUND);
	size = strlen(value) + 1;
	if (size > nSize)
		return (DWORD)size;
	memcpy(lpBuffer, value, size);
	return (DWORD)size - 1;
}

NTSTATUS BCryptGenRandom(BCRYPT_ALG_HANDLE hAlgorithm, PUCHAR pbBuffer,
			 ULONG cbBuffer, ULONG dwFlags)
{
	ULONG have = 0;

	(void)hAlgorithm;
	(void)dwFlags;
	while (have < cbBuffer) {
		const ssize_t n = getrandom(pbBuffer + have, cbBuffer - have, 0);

		if (n < 0 && errno != EINTR)
			return (NTSTATUS)0xc0000001;	/* STATUS_UNSUCCESSFUL */
		have += n > 0 ? (ULONG)n : 0;
	}
	return 0;
}

errno_t rand_s(unsigned int *number)
{
	if (!number)
		return EINVAL;
	return BCryptGenRandom(NULL, (PUCHAR)number, sizeof(*number), 0) ? EIO : 0;
}
