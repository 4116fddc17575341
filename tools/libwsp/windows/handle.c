// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events, and waiting for them and for threads. Both are eventfds, so waiting is
 * WSAWaitForMultipleEvents; what it leaves to do is to reset the events that
 * reset themselves.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "parts.h"

/*
 * An event that resets itself is marked in the file itself, so that no table can
 * be wrong about it: as the signal for input, of which there is none.
 */
#define AUTO_RESET	SIGRTMAX

static int fd_of(HANDLE handle)
{
	return (int)(INT_PTR)handle;
}

static bool resets_itself(HANDLE handle)
{
	return fcntl(fd_of(handle), F_GETSIG) == AUTO_RESET;
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
		    BOOL bInitialState, LPCWSTR lpName)
{
	HANDLE event;

	(void)lpEventAttributes;
	if (lpName) {
		windows_fail(ERROR_NOT_SUPPORTED);
		return NULL;
	}
	event = WSACreateEvent();
	if (!event)
		return NULL;
	if (!bManualReset && fcntl(fd_of(event), F_SETSIG, AUTO_RESET)) {
		WSACloseEvent(event);
		windows_fail(ERROR_NOT_ENOUGH_MEMORY);
		return NULL;
	}
	if (bInitialState)
		WSASetEvent(event);
	return event;
}

BOOL SetEvent(HANDLE hEvent)
{
	return WSASetEvent(hEvent);
}

BOOL ResetEvent(HANDLE hEvent)
{
	return WSAResetEvent(hEvent);
}

BOOL CloseHandle(HANDLE hObject)
{
	return windows_close_thread(hObject) || WSACloseEvent(hObject);
}

BOOL SetHandleInformation(HANDLE hObject, DWORD dwMask, DWORD dwFlags)
{
	const int fd = fd_of(hObject);
	int flags = fcntl(fd, F_GETFD);

	if (dwMask & ~(DWORD)HANDLE_FLAG_INHERIT)
		return windows_fail(ERROR_INVALID_PARAMETER);
	if (flags < 0)
		return windows_fail(ERROR_INVALID_HANDLE);
	if (!dwMask)
		return TRUE;
	flags &= ~FD_CLOEXEC;
	fcntl(fd, F_SETFD, dwFlags & HANDLE_FLAG_INHERIT ? flags : flags | FD_CLOEXEC);
	return TRUE;
}

BOOL GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags)
{
	int flags = fcntl(fd_of(hObject), F_GETFD);

	if (flags < 0)
		return windows_fail(ERROR_INVALID_HANDLE);
	*lpdwFlags = flags & FD_CLOEXEC ? 0 : HANDLE_FLAG_INHERIT;
	return TRUE;
}

/* Of those who wait for an event that resets itself, one gets it. */
static bool take(HANDLE handle)
{
	uint64_t count;

	return !resets_itself(handle) ||
	       read(fd_of(handle), &count, sizeof(count)) == sizeof(count);
}

/* All of them, or none. */
static bool take_all(DWORD count, const HANDLE *handles)
{
	DWORD taken;

	for (taken = 0; taken < count; taken++)
		if (!take(handles[taken]))
			break;
	if (taken == count)
		return true;
	while (taken-- > 0)
		if (resets_itself(handles[taken]))
			WSASetEvent(handles[taken]);
	return false;
}

/* Nobody can have all of what is there twice. */
static bool is_distinct(DWORD count, const HANDLE *handles)
{
	DWORD i, j;

	for (i = 1; i < count; i++)
		for (j = 0; j < i; j++)
			if (handles[i] == handles[j])
				return false;
	return true;
}

static DWORD left_of(DWORD ms, ULONGLONG start)
{
	ULONGLONG past = windows_milliseconds() - start;

	if (ms == INFINITE)
		return ms;
	return past < ms ? (DWORD)(ms - past) : 0;
}

DWORD WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles,
			       BOOL bWaitAll, DWORD dwMilliseconds,
			       BOOL bAlertable)
{
	const ULONGLONG start = windows_milliseconds();
	DWORD left = dwMilliseconds, found;

	if (bWaitAll && nCount <= MAXIMUM_WAIT_OBJECTS && lpHandles &&
	    !is_distinct(nCount, lpHandles)) {
		windows_fail(ERROR_INVALID_PARAMETER);
		return WAIT_FAILED;
	}
	for (;;) {
		found = WSAWaitForMultipleEvents(nCount, lpHandles, bWaitAll,
						 left, bAlertable);
		if (found >= nCount)	/* WAIT_TIMEOUT and the like */
			return found;
		if (bWaitAll ? take_all(nCount, lpHandles) :
		    take(lpHandles[found]))
			return found;
		left = left_of(dwMilliseconds, start);
	}
}

DWORD WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles,
			     BOOL bWaitAll, DWORD dwMilliseconds)
{
	return WaitForMultipleObjectsEx(nCount, lpHandles, bWaitAll,
					dwMilliseconds, FALSE);
}

DWORD WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds,
			    BOOL bAlertable)
{
	return WaitForMultipleObjectsEx(1, &hHandle, FALSE, dwMilliseconds,
					bAlertable);
}

DWORD WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
{
	return WaitForSingleObjectEx(hHandle, dwMilliseconds, FALSE);
}
