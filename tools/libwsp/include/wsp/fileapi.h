/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of calls that are not here, wspabsent.h: what they take. */
#pragma GCC system_header
#ifndef WSP_FILEAPI_H
#define WSP_FILEAPI_H

#include "winbase.h"

#define GENERIC_READ			0x80000000U
#define GENERIC_WRITE			0x40000000U
#define FILE_SHARE_READ			0x00000001
#define FILE_SHARE_WRITE		0x00000002
#define FILE_SHARE_DELETE		0x00000004
#define CREATE_NEW			1
#define CREATE_ALWAYS			2
#define OPEN_EXISTING			3
#define OPEN_ALWAYS			4
#define TRUNCATE_EXISTING		5
#define FILE_ATTRIBUTE_READONLY		0x00000001
#define FILE_ATTRIBUTE_HIDDEN		0x00000002
#define FILE_ATTRIBUTE_SYSTEM		0x00000004
#define FILE_ATTRIBUTE_ARCHIVE		0x00000020
#define FILE_ATTRIBUTE_DIRECTORY	0x00000010
#define FILE_ATTRIBUTE_NORMAL		0x00000080
#define FILE_FLAG_OVERLAPPED		0x40000000
#define INVALID_FILE_SIZE		0xffffffffU
#define INVALID_SET_FILE_POINTER	0xffffffffU
#define INVALID_FILE_ATTRIBUTES		0xffffffffU
#define FILE_BEGIN			0
#define FILE_CURRENT			1
#define FILE_END			2
#define FILE_TYPE_UNKNOWN		0
#define FILE_TYPE_DISK			1
#define FILE_TYPE_CHAR			2
#define FILE_TYPE_PIPE			3
#define MOVEFILE_REPLACE_EXISTING	0x1
#define STD_INPUT_HANDLE		((DWORD)~9)
#define STD_OUTPUT_HANDLE		((DWORD)~10)
#define STD_ERROR_HANDLE		((DWORD)~11)
#define MEM_COMMIT			0x1000
#define MEM_RESERVE			0x2000
#define MEM_DECOMMIT			0x4000
#define MEM_RELEASE			0x8000
#define PAGE_READONLY			0x02
#define PAGE_READWRITE			0x04
#define DUPLICATE_SAME_ACCESS		0x2

typedef struct _WIN32_FIND_DATAA {
	DWORD dwFileAttributes;
	FILETIME ftCreationTime;
	FILETIME ftLastAccessTime;
	FILETIME ftLastWriteTime;
	DWORD nFileSizeHigh;
	DWORD nFileSizeLow;
	DWORD dwReserved0;
	DWORD dwReserved1;
	CHAR cFileName[MAX_PATH];
	CHAR cAlternateFileName[14];
} WIN32_FIND_DATAA, *LPWIN32_FIND_DATAA;

typedef struct _WIN32_FIND_DATAW {
	DWORD dwFileAttributes;
	FILETIME ftCreationTime;
	FILETIME ftLastAccessTime;
	FILETIME ftLastWriteTime;
	DWORD nFileSizeHigh;
	DWORD nFileSizeLow;
	DWORD dwReserved0;
	DWORD dwReserved1;
	WCHAR cFileName[MAX_PATH];
	WCHAR cAlternateFileName[14];
} WIN32_FIND_DATAW, *LPWIN32_FIND_DATAW;

#ifdef UNICODE
typedef WIN32_FIND_DATAW WIN32_FIND_DATA;
#else
typedef WIN32_FIND_DATAA WIN32_FIND_DATA;
#endif

#endif /* WSP_FILEAPI_H */
