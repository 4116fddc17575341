// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pages of memory. What is reserved is there at once, and costs nothing until it is
 * touched; Windows' protections are mmap(2)'s, in other words.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

/*
 * Windows' pages are of 4096 bytes, and the platform's are at least: what is committed
 * is made of those that have a part of it.
 */
#define PAGE		4096

static uintptr_t down(uintptr_t at, uintptr_t page)
{
	return at & ~(page - 1);
}

static uintptr_t up(uintptr_t at, uintptr_t page)
{
	return down(at + page - 1, page);
}

/* Who shares a page of the platform's keeps what he can do with it. */
static bool commit(char *begin, SIZE_T size, int protection)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = down((uintptr_t)begin, PAGE);
	uintptr_t last = up((uintptr_t)begin + size, PAGE);

	if (protection & PROT_WRITE) {
		first = down(first, page);
		last = up(last, page);
	} else {
		first = up(first, page);
		last = down(last, page);
	}
	return first >= last || !mprotect((void *)first, last - first, protection);
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
	r->size = up(size, PAGE);
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
		commit(lpAddress, dwSize, protection);
	pthread_mutex_unlock(&lock);
	if (known)
		return (LPVOID)down((uintptr_t)lpAddress, PAGE);
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

/*
 * What is decommitted is of no use until it is committed again, and zeros then; but for
 * those pages of the platform's that have more than that.
 */
static bool drop(const struct region *r, char *begin, SIZE_T size)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t end = (uintptr_t)r->begin + r->size;
	uintptr_t first = down((uintptr_t)begin, PAGE);
	uintptr_t last = size ? up((uintptr_t)begin + size, PAGE) : end;

	first = up(first, page);
	last = last >= end ? up(end, page) : down(last, page);
	return first >= last ||
	       (!madvise((void *)first, last - first, MADV_DONTNEED) &&
		!mprotect((void *)first, last - first, PROT_NONE));
}

static BOOL decommit(char *begin, SIZE_T size)
{
	const struct region *r;
	bool done;

	pthread_mutex_lock(&lock);
	r = *find(begin, size);
	done = r && drop(r, begin, size);
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
