// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Winsock's names for the service-provider calls. This directory is compiled as
 * Winsock sources are, against the same declarations.
 */
#include <string.h>
#include <winsock2.h>

#include "winsock.h"

/* What a call returns: 0, or SOCKET_ERROR and the thread's code. */
int winsock_result(int code)
{
	if (!code)
		return 0;
	WSASetLastError(code);
	return SOCKET_ERROR;
}

static SOCKET new_socket(SOCKET s, int code)
{
	if (s == INVALID_SOCKET)
		WSASetLastError(code);
	return s;
}

int WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
	WSPUPCALLTABLE none;
	WSPDATA data;
	int code;

	if (!lpWSAData)
		return WSAEFAULT;
	memset(&none, 0, sizeof(none));
	code = WSPStartup(wVersionRequested, &data, NULL, none, NULL);
	if (code)
		return code;
	memset(lpWSAData, 0, sizeof(*lpWSAData));
	lpWSAData->wVersion = data.wVersion;
	lpWSAData->wHighVersion = data.wHighVersion;
	strcpy(lpWSAData->szDescription, "libwsp");
	strcpy(lpWSAData->szSystemStatus, "Running");
	/* Programs of 1.1 read them, and would make do with 0 sockets. */
	if (LOBYTE(data.wVersion) == 1) {
		lpWSAData->iMaxSockets = 32767;
		lpWSAData->iMaxUdpDg = 65507;
	}
	return 0;
}

int WSACleanup(void)
{
	int code = 0;

	WSPCleanup(&code);
	return winsock_result(code);
}

SOCKET WSASocketW(int af, int type, int protocol,
		  LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags)
{
	int code = 0;
	SOCKET s = WSPSocket(af, type, protocol, lpProtocolInfo, g, dwFlags,
			     &code);

	return new_socket(s, code);
}

/* The structures differ in the name alone, which comes last and is not read. */
SOCKET WSASocketA(int af, int type, int protocol,
		  LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags)
{
	return WSASocketW(af, type, protocol, (LPWSAPROTOCOL_INFOW)lpProtocolInfo,
			  g, dwFlags);
}

SOCKET socket(int af, int type, int protocol)
{
	return WSASocketW(af, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

int closesocket(SOCKET s)
{
	int code = 0;

	WSPCloseSocket(s, &code);
	return winsock_result(code);
}

int bind(SOCKET s, const struct sockaddr *name, int namelen)
{
	int code = 0;

	WSPBind(s, name, namelen, &code);
	return winsock_result(code);
}

int listen(SOCKET s, int backlog)
{
	int code = 0;

	WSPListen(s, backlog, &code);
	return winsock_result(code);
}

SOCKET WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
		 LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData)
{
	int code = 0;
	SOCKET accepted = WSPAccept(s, addr, addrlen, lpfnCondition,
				    dwCallbackData, &code);

	return new_socket(accepted, code);
}

SOCKET accept(SOCKET s, struct sockaddr *addr, int *addrlen)
{
	return WSAAccept(s, addr, addrlen, NULL, 0);
}

int WSAConnect(SOCKET s, const struct sockaddr *name, int namelen,
	       LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
	       LPQOS lpGQOS)
{
	int code = 0;

	WSPConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS,
		   &code);
	return winsock_result(code);
}

int connect(SOCKET s, const struct sockaddr *name, int namelen)
{
	return WSAConnect(s, name, namelen, NULL, NULL, NULL, NULL);
}

int shutdown(SOCKET s, int how)
{
	int code = 0;

	WSPShutdown(s, how, &code);
	return winsock_result(code);
}

int getsockname(SOCKET s, struct sockaddr *name, int *namelen)
{
	int code = 0;

	WSPGetSockName(s, name, namelen, &code);
	return winsock_result(code);
}

int getpeername(SOCKET s, struct sockaddr *name, int *namelen)
{
	int code = 0;

	WSPGetPeerName(s, name, namelen, &code);
	return winsock_result(code);
}

int WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	      LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
	      const struct sockaddr *lpTo, int iTolen,
	      LPWSAOVERLAPPED lpOverlapped,
	      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	int code = 0;

	WSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
		  lpTo, iTolen, lpOverlapped, lpCompletionRoutine, NULL, &code);
	return winsock_result(code);
}

int WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	return WSASendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
			 dwFlags, NULL, 0, lpOverlapped, lpCompletionRoutine);
}

int WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		struct sockaddr *lpFrom, LPINT lpFromlen,
		LPWSAOVERLAPPED lpOverlapped,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	int code = 0;

	WSPRecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
		    lpFrom, lpFromlen, lpOverlapped, lpCompletionRoutine, NULL,
		    &code);
	return winsock_result(code);
}

int WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
	    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
	    LPWSAOVERLAPPED lpOverlapped,
	    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	int code = 0;

	WSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
		lpOverlapped, lpCompletionRoutine, NULL, &code);
	return winsock_result(code);
}

/* One buffer; T-12: its length is an int, which may be negative. */
#define ONE_BUFFER(buf, len)	{ (ULONG)(len), (CHAR *)(buf) }

int send(SOCKET s, const char *buf, int len, int flags)
{
	WSABUF buffer = ONE_BUFFER(buf, len);
	DWORD n = 0;

	if (len < 0)
		return winsock_result(WSAEFAULT);
	return WSASend(s, &buffer, 1, &n, (DWORD)flags, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

int sendto(SOCKET s, const char *buf, int len, int flags,
	   const struct sockaddr *to, int tolen)
{
	WSABUF buffer = ONE_BUFFER(buf, len);
	DWORD n = 0;

	if (len < 0)
		return winsock_result(WSAEFAULT);
	return WSASendTo(s, &buffer, 1, &n, (DWORD)flags, to, tolen, NULL,
			 NULL) ? SOCKET_ERROR : (int)n;
}

int recv(SOCKET s, char *buf, int len, int flags)
{
	WSABUF buffer = ONE_BUFFER(buf, len);
	DWORD n = 0, how = (DWORD)flags;

	if (len < 0)
		return winsock_result(WSAEFAULT);
	return WSARecv(s, &buffer, 1, &n, &how, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

int recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
	     int *fromlen)
{
	WSABUF buffer = ONE_BUFFER(buf, len);
	DWORD n = 0, how = (DWORD)flags;

	if (len < 0)
		return winsock_result(WSAEFAULT);
	return WSARecvFrom(s, &buffer, 1, &n, &how, from, fromlen, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

BOOL WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
			    LPDWORD lpcbTransfer, BOOL fWait,
			    LPDWORD lpdwFlags)
{
	int code = 0;
	BOOL done = WSPGetOverlappedResult(s, lpOverlapped, lpcbTransfer, fWait,
					   lpdwFlags, &code);

	if (!done)
		WSASetLastError(code);
	return done;
}

int WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData)
{
	int code = 0;

	WSPSendDisconnect(s, lpOutboundDisconnectData, &code);
	return winsock_result(code);
}

int WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData)
{
	int code = 0;

	WSPRecvDisconnect(s, lpInboundDisconnectData, &code);
	return winsock_result(code);
}

int WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
	     DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
	     LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
	     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
	int code = 0;

	WSPIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
		 cbOutBuffer, lpcbBytesReturned, lpOverlapped,
		 lpCompletionRoutine, NULL, &code);
	return winsock_result(code);
}

int getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
{
	int code = 0;

	if (WSPGetSockOpt(s, level, optname, optval, optlen, &code))
		return winsock_result(code);
	if (level == SOL_SOCKET && optname == SO_ERROR)
		WSASetLastError(0);	/* T-10 */
	return 0;
}

int setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
	int code = 0;

	WSPSetSockOpt(s, level, optname, optval, optlen, &code);
	return winsock_result(code);
}

#undef ioctlsocket

int ioctlsocket(SOCKET s, long cmd, u_long *argp)
{
	DWORD n;

	return WSAIoctl(s, (DWORD)cmd, argp, sizeof(*argp), argp, sizeof(*argp),
			&n, NULL, NULL);
}

#if __SIZEOF_LONG__ == 8
int winsock_ioctl_long(SOCKET s, long cmd, unsigned long *argp)
{
	u_long value;

	if (!wsp_is_readable(argp, sizeof(*argp)))
		return winsock_result(WSAEFAULT);
	value = (u_long)*argp;
	if (ioctlsocket(s, cmd, &value))
		return SOCKET_ERROR;
	if (cmd == FIONBIO)
		return 0;
	if (!wsp_is_writable(s, argp, sizeof(*argp)))
		return winsock_result(WSAEFAULT);
	*argp = value;
	return 0;
}
#endif

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
	   const struct timeval *timeout)
{
	int code = 0;
	int n = WSPSelect(nfds, readfds, writefds, exceptfds, timeout, &code);

	return n < 0 ? winsock_result(code) : n;
}

int __WSAFDIsSet(SOCKET fd, fd_set *set)
{
	return WSP_FD_ISSET(fd, set);
}

int WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents)
{
	int code = 0;

	WSPEventSelect(s, hEventObject, (LONG)lNetworkEvents, &code);
	return winsock_result(code);
}

int WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
			 LPWSANETWORKEVENTS lpNetworkEvents)
{
	int code = 0;

	WSPEnumNetworkEvents(s, hEventObject, lpNetworkEvents, &code);
	return winsock_result(code);
}
