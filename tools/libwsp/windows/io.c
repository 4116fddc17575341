// SPDX-License-Identifier: LGPL-2.1-or-later
/* Overlapped operations of a socket, which is a handle here as well. */
#include "parts.h"

static SOCKET socket_of(HANDLE handle)
{
	return (SOCKET)handle;
}

BOOL CancelIo(HANDLE hFile)
{
	if (!wsp_type(socket_of(hFile)))
		return windows_fail(ERROR_INVALID_HANDLE);
	wsp_cancel_operations(socket_of(hFile), NULL, wsp_this_thread());
	return TRUE;
}

BOOL CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped)
{
	if (!wsp_type(socket_of(hFile)))
		return windows_fail(ERROR_INVALID_HANDLE);
	return wsp_cancel_operations(socket_of(hFile), lpOverlapped, NULL) ||
	       windows_fail(ERROR_NOT_FOUND);
}

BOOL GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped,
			 LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
{
	DWORD flags;

	return WSAGetOverlappedResult(socket_of(hFile), lpOverlapped,
				      lpNumberOfBytesTransferred, bWait, &flags);
}
