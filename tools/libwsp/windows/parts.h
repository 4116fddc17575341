/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files with Windows' calls share. */
#ifndef LIBWSP_PARTS_H
#define LIBWSP_PARTS_H

#include <stdbool.h>
#include <winsock2.h>

/* thread.c: closes a thread's handle, unless it is none */
bool windows_close_thread(HANDLE handle);

/* clock.c: milliseconds of a clock that is never set */
ULONGLONG windows_milliseconds(void);

/* ../descriptor.c, ../lane.c */
int wsp_type(SOCKET s);
bool wsp_cancel_operations(SOCKET s, const OVERLAPPED *overlapped, const void *thread);
const void *wsp_this_thread(void);

static inline BOOL windows_fail(DWORD code)
{
	SetLastError(code);
	return FALSE;
}

#endif /* LIBWSP_PARTS_H */
