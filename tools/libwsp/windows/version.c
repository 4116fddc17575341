// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which Windows this is. */
#include <stddef.h>
#include <sysinfoapi.h>

#include "parts.h"

/* A field's place in what follows is that of its bit, VER_MINORVERSION the first. */
enum { MINOR, MAJOR, BUILD, PLATFORM, PACK_MINOR, PACK_MAJOR, SUITE, PRODUCT, FIELDS };

#define BITS		3	/* of a field's condition */
#define CONDITION	((1 << BITS) - 1)

static const DWORD own[FIELDS] = { [MAJOR] = 6, [PLATFORM] = VER_PLATFORM_WIN32_CE };

/* @info has one of two sizes, which it says in its first member. */
static BOOL get_version(LPOSVERSIONINFOA info, size_t plain, size_t extended)
{
	const DWORD size = info->dwOSVersionInfoSize;

	if (size != plain && size != extended)
		return windows_fail(ERROR_INSUFFICIENT_BUFFER);
	memset(info, 0, size);
	info->dwOSVersionInfoSize = size;
	info->dwMajorVersion = own[MAJOR];
	info->dwMinorVersion = own[MINOR];
	info->dwBuildNumber = own[BUILD];
	info->dwPlatformId = own[PLATFORM];
	return TRUE;
}

BOOL GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
{
	return get_version(lpVersionInformation, sizeof(OSVERSIONINFOA),
			   sizeof(OSVERSIONINFOEXA));
}

BOOL GetVersionExW(LPOSVERSIONINFOW lpVersionInformation)
{
	/* The two differ in what comes after the numbers. */
	return get_version((LPOSVERSIONINFOA)(void *)lpVersionInformation,
			   sizeof(OSVERSIONINFOW), sizeof(OSVERSIONINFOEXW));
}

ULONGLONG VerSetConditionMask(ULONGLONG ConditionMask, DWORD TypeMask, BYTE Condition)
{
	int i;

	for (i = 0; i < FIELDS; i++)
		if (TypeMask & 1u << i)
			ConditionMask |= (ULONGLONG)(Condition & CONDITION) << i * BITS;
	return ConditionMask;
}

static bool holds(const DWORD *asked, int field, ULONGLONG conditions)
{
	switch (conditions >> field * BITS & CONDITION) {
	case VER_EQUAL:
		return own[field] == asked[field];
	case VER_GREATER:
		return own[field] > asked[field];
	case VER_GREATER_EQUAL:
		return own[field] >= asked[field];
	case VER_LESS:
		return own[field] < asked[field];
	case VER_LESS_EQUAL:
		return own[field] <= asked[field];
	default:
		return false;
	}
}

static BOOL verify(const DWORD *asked, DWORD types, ULONGLONG conditions)
{
	static const int version[] = { MAJOR, MINOR, PACK_MAJOR, PACK_MINOR };
	static const int others[] = { BUILD, PLATFORM, SUITE, PRODUCT };
	bool matches = true;
	int i;

	if (!types)
		return windows_fail(ERROR_BAD_ARGUMENTS);
	/* One number of several parts: the first that differs decides. */
	for (i = 0; i < 4; i++) {
		if (!(types & 1u << version[i]))
			continue;
		matches = holds(asked, version[i], conditions);
		if (own[version[i]] != asked[version[i]])
			break;
	}
	for (i = 0; i < 4; i++)
		if (types & 1u << others[i])
			matches &= holds(asked, others[i], conditions);
	return matches || windows_fail(ERROR_OLD_WIN_VERSION);
}

#define ASKED(info) {							\
	[MINOR] = (info)->dwMinorVersion,				\
	[MAJOR] = (info)->dwMajorVersion,				\
	[BUILD] = (info)->dwBuildNumber,				\
	[PLATFORM] = (info)->dwPlatformId,				\
	[PACK_MINOR] = (info)->wServicePackMinor,			\
	[PACK_MAJOR] = (info)->wServicePackMajor,			\
	[SUITE] = (info)->wSuiteMask,					\
	[PRODUCT] = (info)->wProductType,				\
}

BOOL VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation, DWORD dwTypeMask,
			ULONGLONG dwlConditionMask)
{
	const DWORD asked[FIELDS] = ASKED(lpVersionInformation);

	return verify(asked, dwTypeMask, dwlConditionMask);
}

BOOL VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation, DWORD dwTypeMask,
			ULONGLONG dwlConditionMask)
{
	const DWORD asked[FIELDS] = ASKED(lpVersionInformation);

	return verify(asked, dwTypeMask, dwlConditionMask);
}
