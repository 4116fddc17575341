/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In place of wspabsent.h: what the programs of run-sources call that libwsp has not,
 * in parts of theirs that are not come to here, and how it fails.
 */
#define WSP_WSPABSENT_H
#define WSP_ABSENT(name)		struct wsp_absent
#define WSP_ABSENT_AW(name)		struct wsp_absent

#define CreateFileA(...)		INVALID_HANDLE_VALUE
#define CreateFileMapping(...)		NULL
#define CreateIoCompletionPort(...)	NULL
#define CreateSemaphore(...)		NULL
#define CreateWaitableTimer(...)	NULL
#define FindClose(...)			FALSE
#define FindFirstFileW(...)		INVALID_HANDLE_VALUE
#define FindNextFileW(...)		FALSE
#define GetQueuedCompletionStatus(...)	FALSE
#define MapViewOfFile(...)		NULL
#define MoveFileEx(...)			FALSE
#define MoveFileExA(...)		FALSE
#define PostQueuedCompletionStatus(...)	FALSE
#define ReleaseSemaphore(...)		FALSE
#define SetWaitableTimer(...)		FALSE
#define UnmapViewOfFile(...)		FALSE
