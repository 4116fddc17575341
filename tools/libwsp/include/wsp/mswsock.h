/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Of Microsoft's extensions there are the names that programs ask with; none
 * is offered, so that SIO_GET_EXTENSION_FUNCTION_POINTER gives WSAEOPNOTSUPP.
 */
#pragma GCC system_header
#ifndef WSP_MSWSOCK_H
#define WSP_MSWSOCK_H

#include "winsock2.h"

#define SO_MAXDG			0x7009
#define SO_MAXPATHDG			0x700a
#define SO_UPDATE_ACCEPT_CONTEXT	0x700b
#define SO_UPDATE_CONNECT_CONTEXT	0x7010
#define SO_OPENTYPE			0x7008
#define SO_SYNCHRONOUS_ALERT		0x10
#define SO_SYNCHRONOUS_NONALERT		0x20

#define SIO_UDP_CONNRESET		_WSAIOW(IOC_VENDOR, 12)

typedef struct _WSAMSG {
	LPSOCKADDR name;
	INT namelen;
	LPWSABUF lpBuffers;
	DWORD dwBufferCount;
	WSABUF Control;
	DWORD dwFlags;
} WSAMSG, *PWSAMSG, *LPWSAMSG;

typedef struct _WSACMSGHDR {
	SIZE_T cmsg_len;
	INT cmsg_level;
	INT cmsg_type;
} WSACMSGHDR, *PWSACMSGHDR, *LPWSACMSGHDR;

#define WSP_CMSG_ALIGN(n) \
	(((n) + sizeof(SIZE_T) - 1) & ~(sizeof(SIZE_T) - 1))
#define WSA_CMSG_DATA(c)	((PUCHAR)((c) + 1))
#define WSA_CMSG_LEN(n)		(sizeof(WSACMSGHDR) + (n))
#define WSA_CMSG_SPACE(n)	(sizeof(WSACMSGHDR) + WSP_CMSG_ALIGN(n))
#define WSA_CMSG_FIRSTHDR(msg) \
	((msg)->Control.len >= sizeof(WSACMSGHDR) ? \
	 (LPWSACMSGHDR)(void *)(msg)->Control.buf : (LPWSACMSGHDR)NULL)
#define WSA_CMSG_NXTHDR(msg, c) \
	((c) == NULL ? WSA_CMSG_FIRSTHDR(msg) : \
	 (PUCHAR)(c) + WSP_CMSG_ALIGN((c)->cmsg_len) + sizeof(WSACMSGHDR) > \
	 (PUCHAR)(msg)->Control.buf + (msg)->Control.len ? (LPWSACMSGHDR)NULL : \
	 (LPWSACMSGHDR)(void *)((PUCHAR)(c) + WSP_CMSG_ALIGN((c)->cmsg_len)))

typedef BOOL (PASCAL *LPFN_ACCEPTEX)(SOCKET sListenSocket,
				     SOCKET sAcceptSocket, PVOID lpOutputBuffer,
				     DWORD dwReceiveDataLength,
				     DWORD dwLocalAddressLength,
				     DWORD dwRemoteAddressLength,
				     LPDWORD lpdwBytesReceived,
				     LPWSAOVERLAPPED lpOverlapped);
typedef BOOL (PASCAL *LPFN_CONNECTEX)(SOCKET s, const struct sockaddr *name,
				      int namelen, PVOID lpSendBuffer,
				      DWORD dwSendDataLength,
				      LPDWORD lpdwBytesSent,
				      LPWSAOVERLAPPED lpOverlapped);
typedef BOOL (PASCAL *LPFN_DISCONNECTEX)(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
					 DWORD dwFlags, DWORD dwReserved);
typedef VOID (PASCAL *LPFN_GETACCEPTEXSOCKADDRS)(PVOID lpOutputBuffer,
						 DWORD dwReceiveDataLength,
						 DWORD dwLocalAddressLength,
						 DWORD dwRemoteAddressLength,
						 struct sockaddr **LocalSockaddr,
						 LPINT LocalSockaddrLength,
						 struct sockaddr **RemoteSockaddr,
						 LPINT RemoteSockaddrLength);
typedef INT (PASCAL *LPFN_WSARECVMSG)(SOCKET s, LPWSAMSG lpMsg,
				      LPDWORD lpdwNumberOfBytesRecvd,
				      LPWSAOVERLAPPED lpOverlapped,
				      LPWSAOVERLAPPED_COMPLETION_ROUTINE done);
typedef INT (PASCAL *LPFN_WSASENDMSG)(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
				      LPDWORD lpNumberOfBytesSent,
				      LPWSAOVERLAPPED lpOverlapped,
				      LPWSAOVERLAPPED_COMPLETION_ROUTINE done);

#define WSAID_ACCEPTEX \
	{ 0xb5367df1, 0xcbac, 0x11cf, \
	  { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_CONNECTEX \
	{ 0x25a207b9, 0xddf3, 0x4660, \
	  { 0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e } }
#define WSAID_DISCONNECTEX \
	{ 0x7fda2e11, 0x8630, 0x436f, \
	  { 0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57 } }
#define WSAID_GETACCEPTEXSOCKADDRS \
	{ 0xb5367df2, 0xcbac, 0x11cf, \
	  { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_WSARECVMSG \
	{ 0xf689d7c8, 0x6f1f, 0x436b, \
	  { 0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22 } }
#define WSAID_WSASENDMSG \
	{ 0xa441e712, 0x754f, 0x43ca, \
	  { 0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d } }

#endif /* WSP_MSWSOCK_H */
