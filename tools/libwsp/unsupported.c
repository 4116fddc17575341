// SPDX-License-Identifier: LGPL-2.1-or-later
/* The calls that neither Windows CE nor this library offers. */
#include "internal.h"

static int refuse(SOCKET s, LPINT lpErrno)
{
	return wsp_fail(lpErrno, wsp_type(s) ? WSAEOPNOTSUPP : WSAENOTSOCK);
}

int WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, LONG lEvent,
		   LPINT lpErrno)
{
	(void)hWnd;
	(void)wMsg;
	(void)lEvent;
	return refuse(s, lpErrno);
}

int WSPCancelBlockingCall(LPINT lpErrno)
{
	return wsp_fail(lpErrno, WSAEOPNOTSUPP);
}

int WSPDuplicateSocket(SOCKET s, DWORD dwProcessId,
		       LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno)
{
	(void)dwProcessId;
	(void)lpProtocolInfo;
	return refuse(s, lpErrno);
}

SOCKET WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
		   LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
		   LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno)
{
	(void)name;
	(void)namelen;
	(void)lpCallerData;
	(void)lpCalleeData;
	(void)lpSQOS;
	(void)lpGQOS;
	(void)dwFlags;
	refuse(s, lpErrno);
	return INVALID_SOCKET;
}

BOOL WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno)
{
	(void)lpQOSName;
	(void)lpQOS;
	refuse(s, lpErrno);
	return FALSE;
}
