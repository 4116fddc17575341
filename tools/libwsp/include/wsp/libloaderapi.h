/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* There are no libraries of Windows': whoever asks for one is told so. */
#pragma GCC system_header
#ifndef WSP_LIBLOADERAPI_H
#define WSP_LIBLOADERAPI_H

#include "winbase.h"

#define LOAD_LIBRARY_AS_DATAFILE	0x0002
#define LOAD_WITH_ALTERED_SEARCH_PATH	0x0008
#define LOAD_LIBRARY_SEARCH_SYSTEM32	0x0800

static __inline__ HMODULE wsp_no_module(const void *name)
{
	(void)name;
	SetLastError(ERROR_MOD_NOT_FOUND);
	return NULL;
}

static __inline__ FARPROC GetProcAddress(HMODULE hModule, LPCSTR lpProcName)
{
	(void)hModule;
	(void)lpProcName;
	SetLastError(ERROR_PROC_NOT_FOUND);
	return NULL;
}

static __inline__ BOOL FreeLibrary(HMODULE hLibModule)
{
	(void)hLibModule;
	SetLastError(ERROR_INVALID_HANDLE);
	return FALSE;
}

/* Where they would be. */
static __inline__ UINT wsp_no_directory(void *to)
{
	(void)to;
	SetLastError(ERROR_PATH_NOT_FOUND);
	return 0;
}

#define WSP_NO_MODULE(type, name) \
	static __inline__ HMODULE LoadLibrary##name(type lpLibFileName) \
	{ \
		return wsp_no_module(lpLibFileName); \
	} \
	static __inline__ HMODULE LoadLibraryEx##name(type lpLibFileName, \
						      HANDLE hFile, \
						      DWORD dwFlags) \
	{ \
		(void)hFile; \
		(void)dwFlags; \
		return wsp_no_module(lpLibFileName); \
	} \
	static __inline__ HMODULE GetModuleHandle##name(type lpModuleName) \
	{ \
		return wsp_no_module(lpModuleName); \
	} \
	static __inline__ UINT GetSystemDirectory##name(void *lpBuffer, UINT uSize) \
	{ \
		(void)uSize; \
		return wsp_no_directory(lpBuffer); \
	}

WSP_NO_MODULE(LPCSTR, A)
WSP_NO_MODULE(LPCWSTR, W)
#ifdef UNICODE
WSP_NO_MODULE(LPCWSTR, )
#else
WSP_NO_MODULE(LPCSTR, )
#endif

#endif /* WSP_LIBLOADERAPI_H */
