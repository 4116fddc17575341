/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Microsoft's extensions of Winsock, which programs ask for by their GUIDs with
 * SIO_GET_EXTENSION_FUNCTION_POINTER. <mswsock.h> has them for Winsock sources,
 * <wsp/wspextend.h> for others. They give their codes to WSAGetLastError().
 */
#pragma GCC system_header
#ifndef WSP_WSPEXTEND_H
#define WSP_WSPEXTEND_H

#include "wsp.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#ifndef SIO_GET_EXTENSION_FUNCTION_POINTER
#define SIO_GET_EXTENSION_FUNCTION_POINTER	0xc8000006	/* in: GUID, out: pointer */
#endif

#ifndef SO_UPDATE_ACCEPT_CONTEXT
#define SO_UPDATE_ACCEPT_CONTEXT	0x700b	/* the listener; for a connected stream */
#define SO_UPDATE_CONNECT_CONTEXT	0x7010	/* no value; for a connected stream */
#endif

typedef struct _WSAMSG {
	struct sockaddr *name;
	int namelen;
	LPWSABUF lpBuffers;
	DWORD dwBufferCount;
	WSABUF Control;
	DWORD dwFlags;
} WSAMSG, *PWSAMSG, *LPWSAMSG;

typedef struct _WSACMSGHDR {
	uintptr_t cmsg_len;
	int cmsg_level;
	int cmsg_type;
} WSACMSGHDR, *PWSACMSGHDR, *LPWSACMSGHDR;

#define WSP_CMSG_ALIGN(n) \
	(((n) + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1))
#define WSA_CMSG_DATA(c)	((unsigned char *)((c) + 1))
#define WSA_CMSG_LEN(n)		(sizeof(WSACMSGHDR) + (n))
#define WSA_CMSGHDR_ALIGN	WSP_CMSG_ALIGN
#define WSA_CMSGDATA_ALIGN	WSP_CMSG_ALIGN
#define WSA_CMSG_SPACE(n)	(sizeof(WSACMSGHDR) + WSP_CMSG_ALIGN(n))
#define WSA_CMSG_FIRSTHDR(msg) \
	((msg)->Control.len >= sizeof(WSACMSGHDR) ? \
	 (LPWSACMSGHDR)(void *)(msg)->Control.buf : (LPWSACMSGHDR)NULL)
#define WSA_CMSG_NXTHDR(msg, c) \
	((c) == NULL ? WSA_CMSG_FIRSTHDR(msg) : \
	 (unsigned char *)(c) + WSP_CMSG_ALIGN((c)->cmsg_len) + sizeof(WSACMSGHDR) > \
	 (unsigned char *)(msg)->Control.buf + (msg)->Control.len ? (LPWSACMSGHDR)NULL : \
	 (LPWSACMSGHDR)(void *)((unsigned char *)(c) + WSP_CMSG_ALIGN((c)->cmsg_len)))

/*
 * WSARecvMsg: WSPRecvFrom with what is known of the datagram. lpMsg belongs to the
 * operation until it is over. dwFlags: in, MSG_PEEK; out, MSG_TRUNC, MSG_CTRUNC.
 * WSAEOPNOTSUPP on a stream.
 */
typedef int (WSPAPI *LPFN_WSARECVMSG)(SOCKET s, LPWSAMSG lpMsg,
				      LPDWORD lpdwNumberOfBytesRecvd,
				      LPWSAOVERLAPPED lpOverlapped,
				      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* WSASendMsg: WSPSendTo with how the datagram is to go; WSAEOPNOTSUPP on a stream. */
typedef int (WSPAPI *LPFN_WSASENDMSG)(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
				      LPDWORD lpNumberOfBytesSent,
				      LPWSAOVERLAPPED lpOverlapped,
				      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

int WSPAPI WSASendMsg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
		      LPDWORD lpNumberOfBytesSent, LPWSAOVERLAPPED lpOverlapped,
		      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/*
 * ConnectEx: WSPConnect of a stream that is bound, overlapped in either mode, and then
 * a send. WSAEINVAL if it is not bound, WSA_INVALID_PARAMETER without lpOverlapped.
 */
typedef BOOL (WSPAPI *LPFN_CONNECTEX)(SOCKET s, const struct sockaddr *name,
				      int namelen, LPVOID lpSendBuffer,
				      DWORD dwSendDataLength, LPDWORD lpdwBytesSent,
				      LPWSAOVERLAPPED lpOverlapped);

#define TF_DISCONNECT		1
#define TF_REUSE_SOCKET		2	/* WSAEOPNOTSUPP */
#define TF_WRITE_BEHIND		4	/* this one and the following change nothing */
#define TF_USE_DEFAULT_WORKER	0
#define TF_USE_SYSTEM_THREAD	16
#define TF_USE_KERNEL_APC	32

/*
 * DisconnectEx: WSPShutdown of both directions, over when what is pending has left. The
 * socket cannot be used again. lpOverlapped may be NULL: then it waits.
 */
typedef BOOL (WSPAPI *LPFN_DISCONNECTEX)(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
					 DWORD dwFlags, DWORD dwReserved);

typedef struct _TRANSMIT_FILE_BUFFERS {
	LPVOID Head;
	DWORD HeadLength;
	LPVOID Tail;
	DWORD TailLength;
} TRANSMIT_FILE_BUFFERS, *PTRANSMIT_FILE_BUFFERS, *LPTRANSMIT_FILE_BUFFERS;

/*
 * TransmitFile - send a file, or a part of it
 * @hSocket: a connected stream
 * @hFile: a descriptor of a regular file, which may be closed after the call; or NULL,
 *	for the buffers alone
 * @nNumberOfBytesToWrite: of the file; 0 is all that follows. No more than there are.
 * @nNumberOfBytesPerSend: changes nothing
 * @lpOverlapped: it also says where in the file (Offset, OffsetHigh). NULL: from where
 *	the file is read next, and then it waits, in either mode
 * @lpTransmitBuffers: what goes before and after; or NULL
 * @dwReserved: TF_*; with TF_DISCONNECT both directions are shut in the end
 *
 * 2,147,483,646 bytes at most, else WSA_INVALID_PARAMETER. WSA_INVALID_HANDLE if
 * hFile is no regular file.
 */
typedef BOOL (WSPAPI *LPFN_TRANSMITFILE)(SOCKET hSocket, HANDLE hFile,
					 DWORD nNumberOfBytesToWrite,
					 DWORD nNumberOfBytesPerSend,
					 LPWSAOVERLAPPED lpOverlapped,
					 LPTRANSMIT_FILE_BUFFERS lpTransmitBuffers,
					 DWORD dwReserved);

BOOL WSPAPI TransmitFile(SOCKET hSocket, HANDLE hFile, DWORD nNumberOfBytesToWrite,
			 DWORD nNumberOfBytesPerSend, LPWSAOVERLAPPED lpOverlapped,
			 LPTRANSMIT_FILE_BUFFERS lpTransmitBuffers,
			 DWORD dwReserved) __asm__("winsock_TransmitFile");

/*
 * AcceptEx - accept a connection by a socket that there is already, overlapped
 * @sListenSocket: in either mode
 * @sAcceptSocket: a stream of the same family, not bound and not connected; its number is
 *	the connection's from then on
 * @lpOutputBuffer: for the first data, and both names, for GetAcceptExSockaddrs
 * @dwReceiveDataLength: 0, or it is over when the first data has come, or the end
 * @dwLocalAddressLength: 16 more than the name of the family takes, at least; WSAEINVAL
 * @dwRemoteAddressLength: the same
 * @lpdwBytesReceived: of the data, if the call is complete at once; or NULL
 * @lpOverlapped: WSA_INVALID_PARAMETER if it is NULL
 */
typedef BOOL (WSPAPI *LPFN_ACCEPTEX)(SOCKET sListenSocket, SOCKET sAcceptSocket,
				     LPVOID lpOutputBuffer, DWORD dwReceiveDataLength,
				     DWORD dwLocalAddressLength,
				     DWORD dwRemoteAddressLength,
				     LPDWORD lpdwBytesReceived,
				     LPWSAOVERLAPPED lpOverlapped);

BOOL WSPAPI AcceptEx(SOCKET sListenSocket, SOCKET sAcceptSocket, LPVOID lpOutputBuffer,
		     DWORD dwReceiveDataLength, DWORD dwLocalAddressLength,
		     DWORD dwRemoteAddressLength, LPDWORD lpdwBytesReceived,
		     LPWSAOVERLAPPED lpOverlapped) __asm__("winsock_AcceptEx");

/* Where in the buffer the names are; the other parameters as AcceptEx was given them. */
typedef void (WSPAPI *LPFN_GETACCEPTEXSOCKADDRS)(LPVOID lpOutputBuffer,
						 DWORD dwReceiveDataLength,
						 DWORD dwLocalAddressLength,
						 DWORD dwRemoteAddressLength,
						 struct sockaddr **LocalSockaddr,
						 LPINT LocalSockaddrLength,
						 struct sockaddr **RemoteSockaddr,
						 LPINT RemoteSockaddrLength);

void WSPAPI GetAcceptExSockaddrs(LPVOID lpOutputBuffer, DWORD dwReceiveDataLength,
				 DWORD dwLocalAddressLength, DWORD dwRemoteAddressLength,
				 struct sockaddr **LocalSockaddr,
				 LPINT LocalSockaddrLength,
				 struct sockaddr **RemoteSockaddr,
				 LPINT RemoteSockaddrLength)
				 __asm__("winsock_GetAcceptExSockaddrs");

#define WSAID_ACCEPTEX \
	{ 0xb5367df1, 0xcbac, 0x11cf, \
	  { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_GETACCEPTEXSOCKADDRS \
	{ 0xb5367df2, 0xcbac, 0x11cf, \
	  { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_TRANSMITFILE \
	{ 0xb5367df0, 0xcbac, 0x11cf, \
	  { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_CONNECTEX \
	{ 0x25a207b9, 0xddf3, 0x4660, \
	  { 0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e } }
#define WSAID_DISCONNECTEX \
	{ 0x7fda2e11, 0x8630, 0x436f, \
	  { 0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57 } }
#define WSAID_WSARECVMSG \
	{ 0xf689d7c8, 0x6f1f, 0x436b, \
	  { 0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22 } }
#define WSAID_WSASENDMSG \
	{ 0xa441e712, 0x754f, 0x43ca, \
	  { 0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d } }

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* WSP_WSPEXTEND_H */
