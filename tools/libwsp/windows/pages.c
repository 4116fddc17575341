// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pages of memory. What is reserved is there at once, and costs nothing until it is
 * touched; Windows' protections are mmap(2)'s, in other words.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "parts.h"

/* Windows frees by the beginning alone. */
struct region {
	struct region *next;
	char *begin;
	SIZE_T size;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct region *regions;

/* The place in the list of the region that has all of it, or the list's end. */
static struct region **find(const char *begin, SIZE_T size)
{
	struct region **place = &regions, *r;

	for (; (r = *place); place = &r->next)
		if (begin >= r->begin && begin < r->begin + r->size &&
		    size <= (SIZE_T)(r->begin + r->size - begin))
			break;
	return place;
}

static int protection_of(DWORD protect)
{
	switch (protect) {
	case PAGE_NOACCESS:
		return PROT_NONE;
	case PAGE_READONLY:
		return PROT_READ;
	case PAGE_READWRITE:
		return PROT_READ | PROT_WRITE;
	default:
		return -1;	/* code is not made here */
	}
}

static void *map(SIZE_T size, int protection)
{
	struct region *r = malloc(sizeof(*r));
	void *begin = MAP_FAILED;

	if (r)
		begin = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (begin == MAP_FAILED) {
		free(r);
		windows_fail(ERROR_NOT_ENOUGH_MEMORY);
		return NULL;
	}
	r->begin = begin;
	r->size = size;
	pthread_mutex_lock(&lock);
	r->next = regions;
	regions = r;
	pthread_mutex_unlock(&lock);
	return begin;
}

LPVOID VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType,
		    DWORD flProtect)
{
	const int protection = protection_of(flProtect);
	bool known;

	if (!dwSize || protection < 0 || !(flAllocationType & (MEM_COMMIT | MEM_RESERVE))) {
		windows_fail(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	if (!lpAddress)
		return map(dwSize, flAllocationType & MEM_COMMIT ? protection : PROT_NONE);
	pthread_mutex_lock(&lock);
	known = *find(lpAddress, dwSize) && flAllocationType == MEM_COMMIT &&
		!mprotect(lpAddress, dwSize, protection);
	pthread_mutex_unlock(&lock);
	if (known)
		return lpAddress;
	windows_fail(ERROR_INVALID_ADDRESS);
	return NULL;
}

static BOOL release(char *begin)
{
	struct region **place, *r;

	pthread_mutex_lock(&lock);
	place = find(begin, 0);
	r = *place && (*place)->begin == begin ? *place : NULL;
	if (r)
		*place = r->next;
	pthread_mutex_unlock(&lock);
	if (!r)
		return windows_fail(ERROR_INVALID_ADDRESS);
	munmap(r->begin, r->size);
	free(r);
	return TRUE;
}

/* What is decommitted is of no use until it is committed again, and zeros then. */
static BOOL decommit(char *begin, SIZE_T size)
{
	const struct region *r;
	bool done;

	pthread_mutex_lock(&lock);
	r = *find(begin, size);
	if (r && !size)
		size = r->size - (SIZE_T)(begin - r->begin);
	done = r && !madvise(begin, size, MADV_DONTNEED) &&
	       !mprotect(begin, size, PROT_NONE);
	pthread_mutex_unlock(&lock);
	return done || windows_fail(ERROR_INVALID_ADDRESS);
}

BOOL VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
{
	if (dwFreeType == MEM_DECOMMIT)
		return decommit(lpAddress, dwSize);
	if (dwFreeType != MEM_RELEASE || dwSize)
		return windows_fail(ERROR_INVALID_PARAMETER);
	return release(lpAddress);
}
