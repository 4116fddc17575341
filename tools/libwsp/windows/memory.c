// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory, all of it from the C library's heap. */
#include <malloc.h>
#include <stdlib.h>

#include "parts.h"

HANDLE GetProcessHeap(void)
{
	static char heap;

	return &heap;
}

static void *allocate(bool zeroed, SIZE_T size)
{
	/* Windows' are never NULL for want of a size. */
	void *block = zeroed ? calloc(1, size ? size : 1) :
			       malloc(size ? size : 1);

	if (!block)
		windows_fail(ERROR_NOT_ENOUGH_MEMORY);
	return block;
}

LPVOID HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
	(void)hHeap;
	return allocate(dwFlags & HEAP_ZERO_MEMORY, dwBytes);
}

LPVOID HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
	SIZE_T before = malloc_usable_size(lpMem);
	char *block = realloc(lpMem, dwBytes ? dwBytes : 1);

	(void)hHeap;
	if (!block)
		windows_fail(ERROR_NOT_ENOUGH_MEMORY);
	else if ((dwFlags & HEAP_ZERO_MEMORY) && dwBytes > before)
		memset(block + before, 0, dwBytes - before);
	return block;
}

BOOL HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
	(void)hHeap;
	(void)dwFlags;
	free(lpMem);
	return TRUE;
}

HLOCAL LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
	return allocate(uFlags & LMEM_ZEROINIT, uBytes);
}

HLOCAL LocalFree(HLOCAL hMem)
{
	free(hMem);
	return NULL;
}
