/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libwsp: Winsock service-provider calls on AF_WSP sockets.
 *
 * Every call has the parameters of the Winsock call of its name. It returns 0
 * (WSPSocket and WSPAccept: a socket), or SOCKET_ERROR (INVALID_SOCKET) with a
 * WSAE code in *lpErrno. lpErrno may be NULL, and is not touched on success.
 *
 * A SOCKET is a file descriptor. Descriptors from socket(2), dup(2) or
 * SCM_RIGHTS serve as well as those from WSPSocket. Anything that is not an
 * AF_WSP socket gives WSAENOTSOCK from every call and is left as it was
 * (E-13). The library learns once which descriptors are AF_WSP sockets, so
 * close them with WSPCloseSocket: where a plain close(2) and a later open of
 * the same number go by unseen, the newcomer is taken for the old socket.
 *
 * Addresses, flags, socket options and ioctl codes are the platform's own.
 * Winsock's overlapped I/O is not there: a call given lpOverlapped or
 * lpCompletionRoutine fails with WSAEOPNOTSUPP before it does anything.
 *
 * IDs such as E-13 are rows of the contract, Documentation/contract.rst.
 */
#ifndef WSP_WSP_H
#define WSP_WSP_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/wsp.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define WSPAPI			/* the platform's only calling convention */

typedef char CHAR;
typedef __u32 DWORD, *LPDWORD;
typedef __u32 ULONG;
typedef int *LPINT;
typedef void *LPVOID;
typedef void *HANDLE;
typedef uintptr_t DWORD_PTR;
typedef uintptr_t SOCKET;
typedef unsigned int GROUP;

#define INVALID_SOCKET		(~(SOCKET)0)
#define SOCKET_ERROR		(-1)

/* WSPShutdown's how */
#define SD_RECEIVE		0
#define SD_SEND			1
#define SD_BOTH			2

/* WSPSocket's dwFlags, both accepted and without effect */
#define WSA_FLAG_OVERLAPPED	0x01
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80

typedef struct _WSABUF {
	ULONG len;		/* bytes */
	CHAR *buf;
} WSABUF, *LPWSABUF;

typedef ULONG SERVICETYPE;

#define SERVICETYPE_NOTRAFFIC		0
#define SERVICETYPE_BESTEFFORT		1
#define SERVICETYPE_CONTROLLEDLOAD	2
#define SERVICETYPE_GUARANTEED		3
#define SERVICETYPE_NETWORK_UNAVAILABLE	4
#define SERVICETYPE_GENERAL_INFORMATION	5
#define SERVICETYPE_NOCHANGE		6
#define SERVICETYPE_NONCONFORMING	9
#define SERVICETYPE_NETWORK_CONTROL	10
#define SERVICETYPE_QUALITATIVE		13

#define QOS_NOT_SPECIFIED		0xffffffffU

typedef struct _FLOWSPEC {
	ULONG TokenRate;		/* bytes per second */
	ULONG TokenBucketSize;		/* bytes */
	ULONG PeakBandwidth;		/* bytes per second */
	ULONG Latency;			/* microseconds */
	ULONG DelayVariation;		/* microseconds */
	SERVICETYPE ServiceType;
	ULONG MaxSduSize;		/* bytes */
	ULONG MinimumPolicedSize;	/* bytes */
} FLOWSPEC, *LPFLOWSPEC;

typedef struct _QOS {
	FLOWSPEC SendingFlowspec;
	FLOWSPEC ReceivingFlowspec;
	WSABUF ProviderSpecific;
} QOS, *LPQOS;

typedef struct _WSAOVERLAPPED {
	DWORD Internal;
	DWORD InternalHigh;
	DWORD Offset;
	DWORD OffsetHigh;
	HANDLE hEvent;
} WSAOVERLAPPED, *LPWSAOVERLAPPED;

typedef struct _WSATHREADID {
	HANDLE ThreadHandle;
	DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

typedef struct _WSAPROTOCOL_INFOW *LPWSAPROTOCOL_INFOW;

typedef void (*LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError,
						   DWORD cbTransferred,
						   LPWSAOVERLAPPED lpOverlapped,
						   DWORD dwFlags);

typedef int (*LPCONDITIONPROC)(LPWSABUF lpCallerId, LPWSABUF lpCallerData,
			       LPQOS lpSQOS, LPQOS lpGQOS,
			       LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			       GROUP *g, DWORD_PTR dwCallbackData);

/**
 * WSPSocket - open an AF_WSP socket, close-on-exec (F-01)
 * @af: AF_INET or AF_INET6, else WSAEAFNOSUPPORT
 * @type: SOCK_STREAM or SOCK_DGRAM, else WSAESOCKTNOSUPPORT
 * @protocol: 0, IPPROTO_TCP or IPPROTO_UDP, else WSAEPROTONOSUPPORT;
 *	WSAEPROTOTYPE if it is not @type's
 * @lpProtocolInfo: NULL; WSAEINVAL otherwise, since there is no catalogue and
 *	no duplicated socket that it could describe
 * @g: 0, else WSAEINVAL: there are no socket groups
 * @dwFlags: WSA_FLAG_*, WSAEINVAL for any other
 *
 * WSAEAFNOSUPPORT also says that the module, wspfam, is not loaded.
 */
SOCKET WSPAPI WSPSocket(int af, int type, int protocol,
			LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
			DWORD dwFlags, LPINT lpErrno);

int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno);

/**
 * WSPConnect - connect a stream, or set or drop a datagram socket's peer
 * @name: a sockaddr_in or sockaddr_in6
 * @namelen: its length in bytes; longer is fine, however long (E-08)
 * @lpCallerData: connect data, which no transport here carries: E-15
 * @lpCalleeData: len is set to 0 on success (C-10)
 * @lpSQOS: flow specification; best effort and no traffic can be met (E-14)
 * @lpGQOS: likewise
 *
 * The codes are section 1 of the contract, the rules for streams section 2,
 * for datagrams section 3. Bad pointers give WSAEFAULT. Of @name the kernel
 * reads at most sizeof(struct sockaddr_in6) bytes, or sizeof(struct
 * sockaddr_in) where no more can be read. One system call when it succeeds
 * and the last four pointers are NULL.
 */
int WSPAPI WSPConnect(SOCKET s, const struct sockaddr *name, int namelen,
		      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
		      LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno);

/* WSPBind: WSAEFAULT for a bad name, WSAEINVAL if already bound. */
int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen,
		   LPINT lpErrno);

/* WSPListen: WSAEINVAL if not bound (Linux would pick a port), WSAEISCONN. */
int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno);

/*
 * WSPAccept: WSAEINVAL if not listening, WSAEFAULT if *addrlen is too small,
 * WSAEOPNOTSUPP for a condition function: the handshake is over by then.
 */
SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
			LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
			LPINT lpErrno);

/**
 * WSPSend - send on a connected socket
 * @lpBuffers: gathered in order; at most 1024, else WSAENOBUFS
 * @lpNumberOfBytesSent: out, bytes; WSAEFAULT if NULL
 * @dwFlags: MSG_OOB, MSG_DONTROUTE
 *
 * WSAENOTCONN without a peer, WSAESHUTDOWN after SD_SEND, WSAECONNRESET after
 * a reset, or where a datagram's peer has no such port (ICMP), WSAEMSGSIZE for
 * a datagram too long, WSAETIMEDOUT after SO_SNDTIMEO. Never raises SIGPIPE.
 */
int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		   LPWSAOVERLAPPED lpOverlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		   LPWSATHREADID lpThreadId, LPINT lpErrno);

/* WSPSendTo: WSPSend to lpTo; a stream ignores lpTo. */
int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		     const struct sockaddr *lpTo, int iTolen,
		     LPWSAOVERLAPPED lpOverlapped,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		     LPWSATHREADID lpThreadId, LPINT lpErrno);

/**
 * WSPRecv - receive, on a datagram socket that was not disconnected (D-03)
 * @lpBuffers: filled in order; at most 1024, else WSAENOBUFS
 * @lpNumberOfBytesRecvd: out, bytes; 0 at the end of a stream
 * @lpFlags: in, MSG_PEEK, MSG_OOB, MSG_WAITALL; out, MSG_OOB or 0
 *
 * WSAEMSGSIZE for a datagram longer than the buffers: they are full, the rest
 * is lost. WSAENOTCONN after a disconnect (D-03), WSAETIMEDOUT after
 * SO_RCVTIMEO. After SD_RECEIVE a stream reads as ended, as Linux has it.
 */
int WSPAPI WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		   LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		   LPWSAOVERLAPPED lpOverlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		   LPWSATHREADID lpThreadId, LPINT lpErrno);

/*
 * WSPRecvFrom: WSPRecv from anyone, disconnected or not. lpFrom or lpFromlen
 * may be NULL; WSAEFAULT if *lpFromlen is too small. A stream ignores both.
 */
int WSPAPI WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		       struct sockaddr *lpFrom, LPINT lpFromlen,
		       LPWSAOVERLAPPED lpOverlapped,
		       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		       LPWSATHREADID lpThreadId, LPINT lpErrno);

/* WSPGetSockName: WSAEINVAL if not bound, WSAEFAULT if *namelen is small. */
int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen,
			  LPINT lpErrno);

/* WSPGetPeerName: WSAENOTCONN if not connected. */
int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen,
			  LPINT lpErrno);

/* WSPGetSockOpt: SO_ERROR gives a WSAE code (0 if none), never an errno. */
int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, CHAR *optval,
			 LPINT optlen, LPINT lpErrno);

int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const CHAR *optval,
			 int optlen, LPINT lpErrno);

/* WSPShutdown: WSAEINVAL for a bad how, WSAENOTCONN on a stream only. */
int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno);

/*
 * WSPIoctl: FIONBIO (in: ULONG), FIONREAD and SIOCATMARK (out: ULONG);
 * WSAEOPNOTSUPP for any other code, WSAEFAULT for a NULL or short buffer.
 */
int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
		    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
		    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		    LPWSATHREADID lpThreadId, LPINT lpErrno);

/*
 * WSPErrorName: "WSAECONNREFUSED" for 10061, "0" for 0, "?" for a number that
 * is no code. An addition of this library's, not a call of Winsock's.
 */
const char *WSPErrorName(int code);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* WSP_WSP_H */
