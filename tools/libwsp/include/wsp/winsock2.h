/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's own names for AF_WSP sockets, on top of libwsp. With this header's
 * directory among those searched, #include <winsock2.h> is all that a portable
 * source needs:
 *
 *	cc -I$(pkg-config --variable=includedir libwsp)/wsp client.c \
 *		$(pkg-config --cflags --libs libwsp)
 *
 * From here to the end of the file that includes it, socket, connect, select,
 * fd_set and so on are Winsock's. They are macros for inline functions, so the
 * platform's functions stay what they are for every other file. Include it
 * before the platform's headers, or after them, but not before C++'s
 * <functional>, whose bind() it would rename.
 *
 * Every call sets WSAGetLastError(), and none errno. What has no Winsock name
 * here is the platform's own: addresses, getaddrinfo(), inet_pton(), ioctl
 * codes, socket options (but for timeouts, which are in milliseconds).
 * Documentation/porting.rst has the differences that remain.
 */
#ifndef WSP_WINSOCK2_H
#define WSP_WINSOCK2_H

/*
 * How many sockets an fd_set takes: what the program says, or else what
 * <sys/select.h> says, who would overrule the program.
 */
#ifndef FD_SETSIZE
#define FD_SETSIZE		1024
#endif
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#undef FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")

#ifdef WSP_FD_SETSIZE	/* <wsp/wsp.h> came first */
#undef FD_SETSIZE
#define FD_SETSIZE		WSP_FD_SETSIZE
#else
#define WSP_FD_SETSIZE		FD_SETSIZE
#endif

#include <wsp/wsp.h>

#define WSAAPI
#define WINSOCK_VERSION		MAKEWORD(2, 2)
#define WSABASEERR		10000

#ifndef MAKEWORD
#define MAKEWORD(low, high)	((WORD)(((low) & 0xff) | ((high) & 0xff) << 8))
#define LOBYTE(word)		((BYTE)((word) & 0xff))
#define HIBYTE(word)		((BYTE)((word) >> 8 & 0xff))
#endif

typedef unsigned char BYTE;
typedef struct in_addr IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_in6 SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;
typedef struct sockaddr_storage SOCKADDR_STORAGE, *PSOCKADDR_STORAGE;
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;
typedef struct addrinfo ADDRINFOA, *PADDRINFOA;
typedef struct linger LINGER, *PLINGER, *LPLINGER;
typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;
typedef LPWSAPROTOCOL_INFOW LPWSAPROTOCOL_INFO;

#define WSADESCRIPTION_LEN	256
#define WSASYS_STATUS_LEN	128

typedef struct WSAData {
	WORD wVersion;
	WORD wHighVersion;
	unsigned short iMaxSockets;	/* this one and the next two: 0 */
	unsigned short iMaxUdpDg;
	char *lpVendorInfo;
	char szDescription[WSADESCRIPTION_LEN + 1];
	char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

/* What WSA calls return: 0, or SOCKET_ERROR and the thread's code. */
static inline int winsock_result(int code)
{
	if (!code)
		return 0;
	WSASetLastError(code);
	return SOCKET_ERROR;
}

static inline SOCKET winsock_new(SOCKET s, int code)
{
	if (s == INVALID_SOCKET)
		WSASetLastError(code);
	return s;
}

static inline int WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
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
	return 0;
}

static inline int WSACleanup(void)
{
	int code = 0;

	WSPCleanup(&code);
	return winsock_result(code);
}

static inline SOCKET WSASocket(int af, int type, int protocol,
			       LPWSAPROTOCOL_INFO lpProtocolInfo, GROUP g,
			       DWORD dwFlags)
{
	int code = 0;
	SOCKET s = WSPSocket(af, type, protocol, lpProtocolInfo, g, dwFlags,
			     &code);

	return winsock_new(s, code);
}

#define WSASocketA		WSASocket
#define WSASocketW		WSASocket

static inline SOCKET winsock_socket(int af, int type, int protocol)
{
	return WSASocket(af, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

static inline int closesocket(SOCKET s)
{
	int code = 0;

	WSPCloseSocket(s, &code);
	return winsock_result(code);
}

static inline int winsock_bind(SOCKET s, const struct sockaddr *name,
			       int namelen)
{
	int code = 0;

	WSPBind(s, name, namelen, &code);
	return winsock_result(code);
}

static inline int winsock_listen(SOCKET s, int backlog)
{
	int code = 0;

	WSPListen(s, backlog, &code);
	return winsock_result(code);
}

static inline SOCKET WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
			       LPCONDITIONPROC lpfnCondition,
			       DWORD_PTR dwCallbackData)
{
	int code = 0;
	SOCKET accepted = WSPAccept(s, addr, addrlen, lpfnCondition,
				    dwCallbackData, &code);

	return winsock_new(accepted, code);
}

static inline SOCKET winsock_accept(SOCKET s, struct sockaddr *addr,
				    int *addrlen)
{
	return WSAAccept(s, addr, addrlen, NULL, 0);
}

static inline int WSAConnect(SOCKET s, const struct sockaddr *name, int namelen,
			     LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
			     LPQOS lpSQOS, LPQOS lpGQOS)
{
	int code = 0;

	WSPConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS,
		   &code);
	return winsock_result(code);
}

static inline int winsock_connect(SOCKET s, const struct sockaddr *name,
				  int namelen)
{
	return WSAConnect(s, name, namelen, NULL, NULL, NULL, NULL);
}

static inline int winsock_shutdown(SOCKET s, int how)
{
	int code = 0;

	WSPShutdown(s, how, &code);
	return winsock_result(code);
}

static inline int winsock_getsockname(SOCKET s, struct sockaddr *name,
				      int *namelen)
{
	int code = 0;

	WSPGetSockName(s, name, namelen, &code);
	return winsock_result(code);
}

static inline int winsock_getpeername(SOCKET s, struct sockaddr *name,
				      int *namelen)
{
	int code = 0;

	WSPGetPeerName(s, name, namelen, &code);
	return winsock_result(code);
}

static inline int WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			    LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
			    const struct sockaddr *lpTo, int iTolen,
			    LPWSAOVERLAPPED lpOverlapped,
			    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpDone)
{
	int code = 0;

	WSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
		  lpTo, iTolen, lpOverlapped, lpDone, NULL, &code);
	return winsock_result(code);
}

static inline int WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			  LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
			  LPWSAOVERLAPPED lpOverlapped,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpDone)
{
	int code = 0;

	WSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
		lpOverlapped, lpDone, NULL, &code);
	return winsock_result(code);
}

static inline int WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			      LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
			      struct sockaddr *lpFrom, LPINT lpFromlen,
			      LPWSAOVERLAPPED lpOverlapped,
			      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpDone)
{
	int code = 0;

	WSPRecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
		    lpFrom, lpFromlen, lpOverlapped, lpDone, NULL, &code);
	return winsock_result(code);
}

static inline int WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
			  LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
			  LPWSAOVERLAPPED lpOverlapped,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpDone)
{
	int code = 0;

	WSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
		lpOverlapped, lpDone, NULL, &code);
	return winsock_result(code);
}

static inline int winsock_send(SOCKET s, const char *buf, int len, int flags)
{
	WSABUF buffer = { (ULONG)len, (CHAR *)buf };
	DWORD n = 0;

	return WSASend(s, &buffer, 1, &n, (DWORD)flags, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

static inline int winsock_sendto(SOCKET s, const char *buf, int len, int flags,
				 const struct sockaddr *to, int tolen)
{
	WSABUF buffer = { (ULONG)len, (CHAR *)buf };
	DWORD n = 0;

	return WSASendTo(s, &buffer, 1, &n, (DWORD)flags, to, tolen, NULL,
			 NULL) ? SOCKET_ERROR : (int)n;
}

static inline int winsock_recv(SOCKET s, char *buf, int len, int flags)
{
	WSABUF buffer = { (ULONG)len, buf };
	DWORD n = 0, how = (DWORD)flags;

	return WSARecv(s, &buffer, 1, &n, &how, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

static inline int winsock_recvfrom(SOCKET s, char *buf, int len, int flags,
				   struct sockaddr *from, int *fromlen)
{
	WSABUF buffer = { (ULONG)len, buf };
	DWORD n = 0, how = (DWORD)flags;

	return WSARecvFrom(s, &buffer, 1, &n, &how, from, fromlen, NULL, NULL) ?
		SOCKET_ERROR : (int)n;
}

/* Winsock's timeouts are a DWORD, the platform's a struct timeval. */
static inline int winsock_is_timeout(int level, int optname)
{
	return level == SOL_SOCKET &&
	       (optname == SO_RCVTIMEO || optname == SO_SNDTIMEO);
}

static inline int winsock_getsockopt(SOCKET s, int level, int optname,
				     char *optval, int *optlen)
{
	struct timeval time;
	int len = sizeof(time);
	DWORD ms;
	int code = 0;

	if (!winsock_is_timeout(level, optname) || !optval || !optlen ||
	    *optlen != sizeof(ms)) {
		WSPGetSockOpt(s, level, optname, optval, optlen, &code);
		return winsock_result(code);
	}
	if (!WSPGetSockOpt(s, level, optname, (char *)&time, &len, &code)) {
		ms = (DWORD)(time.tv_sec * 1000 + time.tv_usec / 1000);
		memcpy(optval, &ms, sizeof(ms));
	}
	return winsock_result(code);
}

static inline int winsock_setsockopt(SOCKET s, int level, int optname,
				     const char *optval, int optlen)
{
	struct timeval time;
	DWORD ms;
	int code = 0;

	if (winsock_is_timeout(level, optname) && optval &&
	    optlen == sizeof(ms)) {
		memcpy(&ms, optval, sizeof(ms));
		time.tv_sec = ms / 1000;
		time.tv_usec = ms % 1000 * 1000;
		optval = (const char *)&time;
		optlen = sizeof(time);
	}
	WSPSetSockOpt(s, level, optname, optval, optlen, &code);
	return winsock_result(code);
}

static inline int WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
			   DWORD cbInBuffer, LPVOID lpvOutBuffer,
			   DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
			   LPWSAOVERLAPPED lpOverlapped,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpDone)
{
	int code = 0;

	WSPIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
		 cbOutBuffer, lpcbBytesReturned, lpOverlapped, lpDone, NULL,
		 &code);
	return winsock_result(code);
}

/* The argument is often an unsigned long, which here has 64 bits. */
static inline int winsock_ioctl(SOCKET s, long cmd, void *argp, size_t size)
{
	ULONG value;
	DWORD n;
	int rc;

	if (!argp || size < sizeof(value))
		return winsock_result(WSAEFAULT);
	memcpy(&value, argp, sizeof(value));
	rc = WSAIoctl(s, (DWORD)cmd, &value, sizeof(value), &value,
		      sizeof(value), &n, NULL, NULL);
	if (rc)
		return rc;
	memset(argp, 0, size);
	memcpy(argp, &value, sizeof(value));
	return 0;
}

#define ioctlsocket(s, cmd, argp) \
	winsock_ioctl(s, cmd, argp, sizeof(*(argp)))

static inline int winsock_select(int nfds, LPWSPFDSET readfds,
				 LPWSPFDSET writefds, LPWSPFDSET exceptfds,
				 const struct timeval *timeout)
{
	int code = 0;
	int n = WSPSelect(nfds, readfds, writefds, exceptfds, timeout, &code);

	return n < 0 ? winsock_result(code) : n;
}

static inline int WSAEventSelect(SOCKET s, WSAEVENT hEventObject,
				 long lNetworkEvents)
{
	int code = 0;

	WSPEventSelect(s, hEventObject, (LONG)lNetworkEvents, &code);
	return winsock_result(code);
}

static inline int WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
				       LPWSANETWORKEVENTS lpNetworkEvents)
{
	int code = 0;

	WSPEnumNetworkEvents(s, hEventObject, lpNetworkEvents, &code);
	return winsock_result(code);
}

/* From here on the names are Winsock's. */
#undef FD_ZERO
#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#define FD_ZERO			WSP_FD_ZERO
#define FD_SET			WSP_FD_SET
#define FD_CLR			WSP_FD_CLR
#define FD_ISSET		WSP_FD_ISSET
#define fd_set			WSPFDSET
#define u_long			ULONG

#define accept			winsock_accept
#define bind			winsock_bind
#define connect			winsock_connect
#define getpeername		winsock_getpeername
#define getsockname		winsock_getsockname
#define getsockopt		winsock_getsockopt
#define listen			winsock_listen
#define recv			winsock_recv
#define recvfrom		winsock_recvfrom
#define select			winsock_select
#define send			winsock_send
#define sendto			winsock_sendto
#define setsockopt		winsock_setsockopt
#define shutdown		winsock_shutdown
#define socket			winsock_socket

#endif /* WSP_WINSOCK2_H */
