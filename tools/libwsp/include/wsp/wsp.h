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
 * The WSA calls have no lpErrno; they leave their code to WSAGetLastError, of
 * which every thread has its own. The WSP calls never touch that.
 *
 * Addresses, flags and ioctl codes are the platform's own, and so are the numbers
 * of socket options; their values are Winsock's where WSPGetSockOpt says so.
 * A call given lpOverlapped, on a socket opened with WSA_FLAG_OVERLAPPED, never
 * blocks: see WSPGetOverlappedResult. On others lpOverlapped is ignored, and so is
 * lpCompletionRoutine without it.
 *
 * IDs such as E-13 are rows of the contract, Documentation/contract.rst.
 */
#ifndef WSP_WSP_H
#define WSP_WSP_H

#include <stdint.h>
#ifdef WSP_WINSOCK		/* a Winsock source: see features.h beside this */
#include "wspsock.h"
#else
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#endif
#if __has_include("../linux/wsp.h")
#include "../linux/wsp.h"
#else
#include <linux/wsp.h>
#endif
#include "wsptypes.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define WSPAPI			/* the platform's only calling convention */

#define INVALID_SOCKET		(~(SOCKET)0)
#define SOCKET_ERROR		(-1)

/* The codes of the event calls that are not WSAE codes. */
#define WSA_INVALID_HANDLE	6
#define WSA_NOT_ENOUGH_MEMORY	8
#define WSA_OPERATION_ABORTED	995
#define WSA_IO_INCOMPLETE	996
#define WSA_IO_PENDING		997
#define WSA_INVALID_PARAMETER	87

/* WSPShutdown's how */
#define SD_RECEIVE		0
#define SD_SEND			1
#define SD_BOTH			2

/* WSPSocket's dwFlags; the second has no effect */
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

typedef struct _WSATHREADID {
	HANDLE ThreadHandle;
	DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

#define MAX_PROTOCOL_CHAIN		7
#define BASE_PROTOCOL			1
#define LAYERED_PROTOCOL		0
#define WSAPROTOCOL_LEN			255

typedef struct _WSAPROTOCOLCHAIN {
	int ChainLen;
	DWORD ChainEntries[MAX_PROTOCOL_CHAIN];
} WSAPROTOCOLCHAIN, *LPWSAPROTOCOLCHAIN;

/* One of the four protocols (S-07). */
typedef struct _WSAPROTOCOL_INFOW {
	DWORD dwServiceFlags1;		/* XP1_* */
	DWORD dwServiceFlags2;
	DWORD dwServiceFlags3;
	DWORD dwServiceFlags4;
	DWORD dwProviderFlags;		/* PFL_* */
	struct _GUID ProviderId;
	DWORD dwCatalogEntryId;
	WSAPROTOCOLCHAIN ProtocolChain;
	int iVersion;
	int iAddressFamily;
	int iMaxSockAddr;
	int iMinSockAddr;
	int iSocketType;
	int iProtocol;
	int iProtocolMaxOffset;
	int iNetworkByteOrder;
	int iSecurityScheme;
	DWORD dwMessageSize;
	DWORD dwProviderReserved;
	WCHAR szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOW, *LPWSAPROTOCOL_INFOW;

typedef struct _WSAPROTOCOL_INFOA {
	DWORD dwServiceFlags1;		/* XP1_* */
	DWORD dwServiceFlags2;
	DWORD dwServiceFlags3;
	DWORD dwServiceFlags4;
	DWORD dwProviderFlags;		/* PFL_* */
	struct _GUID ProviderId;
	DWORD dwCatalogEntryId;
	WSAPROTOCOLCHAIN ProtocolChain;
	int iVersion;
	int iAddressFamily;
	int iMaxSockAddr;
	int iMinSockAddr;
	int iSocketType;
	int iProtocol;
	int iProtocolMaxOffset;
	int iNetworkByteOrder;
	int iSecurityScheme;
	DWORD dwMessageSize;
	DWORD dwProviderReserved;
	CHAR szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOA, *LPWSAPROTOCOL_INFOA;

#define FROM_PROTOCOL_INFO		(-1)

#define XP1_CONNECTIONLESS		0x00000001
#define XP1_GUARANTEED_DELIVERY		0x00000002
#define XP1_GUARANTEED_ORDER		0x00000004
#define XP1_MESSAGE_ORIENTED		0x00000008
#define XP1_PSEUDO_STREAM		0x00000010
#define XP1_GRACEFUL_CLOSE		0x00000020
#define XP1_EXPEDITED_DATA		0x00000040
#define XP1_CONNECT_DATA		0x00000080
#define XP1_DISCONNECT_DATA		0x00000100
#define XP1_SUPPORT_BROADCAST		0x00000200
#define XP1_SUPPORT_MULTIPOINT		0x00000400
#define XP1_MULTIPOINT_CONTROL_PLANE	0x00000800
#define XP1_MULTIPOINT_DATA_PLANE	0x00001000
#define XP1_QOS_SUPPORTED		0x00002000
#define XP1_INTERRUPT			0x00004000
#define XP1_UNI_SEND			0x00008000
#define XP1_UNI_RECV			0x00010000
#define XP1_IFS_HANDLES			0x00020000
#define XP1_PARTIAL_MESSAGE		0x00040000

#define PFL_MULTIPLE_PROTO_ENTRIES	0x00000001
#define PFL_RECOMMENDED_PROTO_ENTRY	0x00000002
#define PFL_HIDDEN			0x00000004
#define PFL_MATCHES_PROTOCOL_ZERO	0x00000008

#define BIGENDIAN			0x0000
#define LITTLEENDIAN			0x0001
#define SECURITY_PROTOCOL_NONE		0x0000

/* The options that are Winsock's alone. All others have the platform's numbers. */
#ifndef SO_EXCLUSIVEADDRUSE
#define SO_EXCLUSIVEADDRUSE		((int)~SO_REUSEADDR)
#endif
#ifndef SO_DONTLINGER
#define SO_DONTLINGER			((int)~SO_LINGER)
#endif
#ifndef SO_GROUP_ID
#define SO_GROUP_ID			0x2001
#endif
#ifndef SO_GROUP_PRIORITY
#define SO_GROUP_PRIORITY		0x2002
#endif
#ifndef SO_MAX_MSG_SIZE
#define SO_MAX_MSG_SIZE			0x2003
#endif
#ifndef SO_PROTOCOL_INFOA
#define SO_PROTOCOL_INFOA		0x2004
#endif
#ifndef SO_PROTOCOL_INFOW
#define SO_PROTOCOL_INFOW		0x2005
#endif
#ifndef PVD_CONFIG
#define PVD_CONFIG			0x3001
#endif
#ifndef SO_CONDITIONAL_ACCEPT
#define SO_CONDITIONAL_ACCEPT		0x3002
#endif
#ifndef SO_CONNECT_TIME
#define SO_CONNECT_TIME			0x700c
#endif

/* An event is an eventfd(2): the handle is its descriptor, which is never 0. */
typedef HANDLE WSAEVENT, *LPWSAEVENT;

#define WSA_INVALID_EVENT		((WSAEVENT)0)
#define WSA_MAXIMUM_WAIT_EVENTS		64
#define WSA_WAIT_EVENT_0		0
#define WSA_WAIT_IO_COMPLETION		192
#define WSA_WAIT_TIMEOUT		258
#define WSA_WAIT_FAILED			0xffffffffU
#define WSA_INFINITE			0xffffffffU

/* Network events; those from FD_QOS on are accepted, and never come. */
#define FD_READ_BIT			0
#define FD_WRITE_BIT			1
#define FD_OOB_BIT			2
#define FD_ACCEPT_BIT			3
#define FD_CONNECT_BIT			4
#define FD_CLOSE_BIT			5
#define FD_QOS_BIT			6
#define FD_GROUP_QOS_BIT		7
#define FD_ROUTING_INTERFACE_CHANGE_BIT	8
#define FD_ADDRESS_LIST_CHANGE_BIT	9
#define FD_MAX_EVENTS			10

#define FD_READ				0x001
#define FD_WRITE			0x002
#define FD_OOB				0x004
#define FD_ACCEPT			0x008
#define FD_CONNECT			0x010
#define FD_CLOSE			0x020
#define FD_QOS				0x040
#define FD_GROUP_QOS			0x080
#define FD_ROUTING_INTERFACE_CHANGE	0x100
#define FD_ADDRESS_LIST_CHANGE		0x200
#define FD_ALL_EVENTS			0x3ff

typedef struct _WSANETWORKEVENTS {
	LONG lNetworkEvents;		/* FD_* */
	int iErrorCode[FD_MAX_EVENTS];	/* by FD_*_BIT; WSAE codes, or 0 */
} WSANETWORKEVENTS, *LPWSANETWORKEVENTS;

/*
 * WSPSelect's sets, Winsock's fd_set under a name of their own. WSPSelect goes
 * by fd_count alone, so a program may have a longer array, by defining
 * WSP_FD_SETSIZE first or by allocating one. In a Winsock source they are the
 * fd_set of <winsock2.h>, and FD_SETSIZE says how long.
 */
#ifdef WSP_WINSOCK
typedef struct fd_set WSPFDSET, *LPWSPFDSET;
#else
#ifndef WSP_FD_SETSIZE
#define WSP_FD_SETSIZE			64
#endif

typedef struct _WSPFDSET {
	unsigned int fd_count;
	SOCKET fd_array[WSP_FD_SETSIZE];
} WSPFDSET, *LPWSPFDSET;
#endif

/*
 * A struct timeval is two longs, but of 64 bits each in a 32-bit program that
 * is compiled for times of 64 bits. There is an entry point for either, so it
 * does not matter how the library was compiled.
 */
#if defined(__USE_TIME_BITS64) && __SIZEOF_LONG__ == 4
#define WSP_TIME_WORD			int64_t
#define WSP_TIMED(name)			__asm__(#name "64")
#else
#define WSP_TIME_WORD			long
#define WSP_TIMED(name)
#endif
typedef char wsp_timeval_is_one_of_two[sizeof(struct timeval) ==
				       2 * sizeof(WSP_TIME_WORD) ? 1 : -1];

#define WSPDESCRIPTION_LEN		255

typedef struct _WSPDATA {
	WORD wVersion;			/* as MAKEWORD(major, minor) */
	WORD wHighVersion;
	WCHAR szDescription[WSPDESCRIPTION_LEN + 1];
} WSPDATA, *LPWSPDATA;

/* What ws2_32 offers its providers. Nothing of it is ever called here. */
typedef void (*WSPUPCALL)(void);

typedef struct _WSPUPCALLTABLE {
	WSPUPCALL lpWPUCloseEvent;
	WSPUPCALL lpWPUCloseSocketHandle;
	WSPUPCALL lpWPUCreateEvent;
	WSPUPCALL lpWPUCreateSocketHandle;
	WSPUPCALL lpWPUFDIsSet;
	WSPUPCALL lpWPUGetProviderPath;
	WSPUPCALL lpWPUModifyIFSHandle;
	WSPUPCALL lpWPUPostMessage;
	WSPUPCALL lpWPUQueryBlockingCallback;
	WSPUPCALL lpWPUQuerySocketHandleContext;
	WSPUPCALL lpWPUQueueApc;
	WSPUPCALL lpWPUResetEvent;
	WSPUPCALL lpWPUSetEvent;
	WSPUPCALL lpWPUOpenCurrentThread;
	WSPUPCALL lpWPUCloseThread;
} WSPUPCALLTABLE, *LPWSPUPCALLTABLE;

typedef void (*LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError,
						   DWORD cbTransferred,
						   LPWSAOVERLAPPED lpOverlapped,
						   DWORD dwFlags);

typedef int (*LPCONDITIONPROC)(LPWSABUF lpCallerId, LPWSABUF lpCallerData,
			       LPQOS lpSQOS, LPQOS lpGQOS,
			       LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			       GROUP *g, DWORD_PTR dwCallbackData);
#define CF_ACCEPT		0x0000
#define CF_REJECT		0x0001
#define CF_DEFER		0x0002
#define WSATRY_AGAIN		11002

/*
 * WSPSocket - open an AF_WSP socket, close-on-exec (F-01)
 * @af: AF_INET or AF_INET6, else WSAEAFNOSUPPORT; AF_UNSPEC with a protocol is
 *	AF_INET, and WSAEINVAL without one
 * @type: SOCK_STREAM or SOCK_DGRAM, else WSAESOCKTNOSUPPORT; 0 for the protocol's,
 *	and without one SOCK_STREAM
 * @protocol: 0, or the type's, else WSAEPROTONOSUPPORT
 * @lpProtocolInfo: NULL, or what stands for each of the three that is 0 or
 *	FROM_PROTOCOL_INFO (S-07); WSAEFAULT if it cannot be read
 * @g: 0, else WSAEINVAL: there are no socket groups
 * @dwFlags: WSA_FLAG_*, WSAEINVAL for any other
 *
 * A socket of AF_INET6 has IPV6_V6ONLY on (T-11).
 *
 * WSAEAFNOSUPPORT also says that the module, wspfam, is not loaded.
 */
SOCKET WSPAPI WSPSocket(int af, int type, int protocol,
			LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
			DWORD dwFlags, LPINT lpErrno);

int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno);

/*
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

/*
 * WSPBind: WSAEFAULT for a bad name, WSAEAFNOSUPPORT for one of another family,
 * WSAEINVAL if already bound.
 */
int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen,
		   LPINT lpErrno);

/* WSPListen: WSAEINVAL if not bound (Linux would pick a port), WSAEISCONN. */
int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno);

/*
 * WSPAccept - take a connection that waits
 * @addr: out, the peer's name, or NULL
 * @addrlen: in, the room; out, the length. WSAEFAULT if it is too small
 * @lpfnCondition: asked first, unless NULL; the handshake is over by then
 * @dwCallbackData: for it
 *
 * WSAEINVAL if not listening. By what @lpfnCondition returns: CF_REJECT resets the
 * connection, WSAECONNREFUSED; CF_DEFER is WSATRY_AGAIN, and the next WSPAccept of
 * the process on the socket has the same connection; any other value resets
 * it, WSAEINVAL. WSAECONNRESET: the peer has, meanwhile.
 */
SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
			LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
			LPINT lpErrno);

/*
 * WSPSend - send on a connected socket
 * @lpBuffers: gathered in order; at most 1024, else WSAENOBUFS
 * @lpNumberOfBytesSent: out, bytes; WSAEFAULT if NULL
 * @dwFlags: MSG_OOB, MSG_DONTROUTE
 *
 * WSAENOTCONN without a peer, while a stream connects or after that has failed
 * (T-03), WSAESHUTDOWN after SD_SEND (T-05), WSAECONNRESET after a reset (T-04), or
 * where a datagram's peer has no such port (T-14), WSAEMSGSIZE for a datagram too
 * long, WSAETIMEDOUT after SO_SNDTIMEO and after a connection that timed out
 * (T-04). Never raises SIGPIPE.
 */
int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		   LPWSAOVERLAPPED lpOverlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		   LPWSATHREADID lpThreadId, LPINT lpErrno);

/*
 * WSPSendTo: WSPSend to lpTo; a stream ignores lpTo. WSAEADDRNOTAVAIL for the
 * all-zero address and port 0, WSAEACCES for a broadcast without SO_BROADCAST (T-09).
 */
int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		     const struct sockaddr *lpTo, int iTolen,
		     LPWSAOVERLAPPED lpOverlapped,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		     LPWSATHREADID lpThreadId, LPINT lpErrno);

/*
 * WSPRecv - receive, on a datagram socket that was not disconnected (D-03)
 * @lpBuffers: filled in order; at most 1024, else WSAENOBUFS
 * @lpNumberOfBytesRecvd: out, bytes; 0 at the end of a stream
 * @lpFlags: in, MSG_PEEK, MSG_OOB, MSG_WAITALL; out, MSG_OOB or 0
 *
 * WSAEMSGSIZE for a datagram longer than the buffers: they are full, the rest
 * is lost. WSAENOTCONN after a disconnect (D-03), and on a stream that connects or
 * has failed to (T-03), WSAEINVAL on a datagram socket without a port (T-06),
 * WSAESHUTDOWN after SD_RECEIVE (T-05), WSAECONNRESET after a reset each time,
 * WSAETIMEDOUT after a connection that timed out (T-04) and after SO_RCVTIMEO.
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

/*
 * WSPGetSockOpt, WSPSetSockOpt - options by Winsock's rules (S-01 to S-08)
 *
 * The platform's levels and numbers; all of the platform's options can be had that
 * Winsock has no other word for. What is different:
 *
 *	SO_ERROR		a WSAE code (0 if none), never an errno
 *	SO_RCVTIMEO, SO_SNDTIMEO a DWORD of milliseconds, told by its size from a
 *				struct timeval
 *	SO_LINGER		two words of 16 bits, told by their size from a
 *				struct linger; streams only, as SO_KEEPALIVE and
 *				SO_OOBINLINE are
 *	SO_RCVBUF, SO_SNDBUF	read back as set
 *	SO_DEBUG		anyone's, and without effect
 *	SO_EXCLUSIVEADDRUSE	before WSPBind, and never with SO_REUSEADDR: WSAEINVAL
 *	SO_CONDITIONAL_ACCEPT	before WSPListen, and without effect
 *	SO_DONTLINGER, SO_CONNECT_TIME, SO_MAX_MSG_SIZE, SO_PROTOCOL_INFOW,
 *	SO_PROTOCOL_INFOA, SO_GROUP_ID, SO_GROUP_PRIORITY, PVD_CONFIG
 *	SO_UPDATE_CONNECT_CONTEXT, SO_UPDATE_ACCEPT_CONTEXT	of <wsp/wspextend.h>,
 *				on a connected stream, without effect
 *
 * WSAENOPROTOOPT for an option that is unknown, another kind of socket's or only
 * to be read, WSAEINVAL for an unknown level, WSAEFAULT for a bad pointer or a
 * length that is short. One byte does for a BOOL.
 */
int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, CHAR *optval,
			 LPINT optlen, LPINT lpErrno);

int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const CHAR *optval,
			 int optlen, LPINT lpErrno);

/* WSPShutdown: WSAEINVAL for a bad how, WSAENOTCONN, and no effect, on a stream (T-02). */
int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno);

/*
 * WSPSendDisconnect, WSPRecvDisconnect: WSPShutdown of that direction; with a buffer
 * WSAENOPROTOOPT, and nothing happens.
 */
int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
			     LPINT lpErrno);
int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData,
			     LPINT lpErrno);

#define SIO_GET_BROADCAST_ADDRESS	0x48000005	/* out: sockaddr_in */
#define SIO_MULTIPOINT_LOOPBACK		0x88000009	/* in: BOOL */
#define SIO_MULTICAST_SCOPE		0x8800000a	/* in: int, 0 to 255 */
#define SIO_ROUTING_INTERFACE_QUERY	0xc8000014	/* in, out: a name */
#define SIO_ADDRESS_LIST_QUERY		0x48000016	/* out: SOCKET_ADDRESS_LIST */
#define SIO_ROUTING_INTERFACE_CHANGE	0x88000015	/* in: a name; waits */
#define SIO_ADDRESS_LIST_CHANGE		0x28000017	/* waits */
#ifndef WSP_WINSOCK	/* whose <mstcpip.h> has it, with the struct */
#define SIO_KEEPALIVE_VALS		0x98000004	/* in: struct tcp_keepalive */
#endif
#define SIO_GET_INTERFACE_LIST		0x4004747f	/* out: INTERFACE_INFO[] */

/*
 * WSPIoctl: these, FIONBIO (in: ULONG), FIONREAD and a stream's SIOCATMARK (out:
 * ULONG); the numbers of the last three may be the platform's or Winsock's (I-01).
 * <wsp/wspextend.h> has one more.
 * WSAEOPNOTSUPP for any other code, WSAEFAULT for a NULL or short buffer, of a list
 * with the size needed in *lpcbBytesReturned (I-02).
 * FIONBIO 0 gives WSAEINVAL while WSPEventSelect has the socket tied (V-01);
 * a plain ioctl(2) or fcntl(2) to the same end goes by unseen.
 */
int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
		    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
		    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
		    LPWSATHREADID lpThreadId, LPINT lpErrno);

/*
 * WSPSelect - wait until one of the sockets is ready (V-10)
 * @nfds: ignored
 * @readfds: data, the end of the stream, a reset, a connection to accept
 * @writefds: connected, or a datagram socket, and sending would not block
 * @exceptfds: the nonblocking connect has failed (C-07), or urgent data
 * @timeout: NULL to wait for ever; never modified
 *
 * Returns how many sockets the sets hold, which then have the ready ones only;
 * 0 and empty sets when the time is over. A set may be NULL. A stream that is
 * connecting, or has never been connected and does not listen, is in none, and
 * one whose nonblocking connect has failed is in @exceptfds only. Who waits
 * for a socket that another thread then connects is woken all the same.
 *
 * WSAEINVAL if all sets are NULL or empty, or a timeout is negative; WSAENOTSOCK
 * for a bad socket; WSAEINTR after a signal handler has run. When it fails, the
 * sets are as they were.
 */
int WSPAPI WSPSelect(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
		     LPWSPFDSET exceptfds, const struct timeval *timeout,
		     LPINT lpErrno) WSP_TIMED(WSPSelect);

/*
 * WSPEventSelect - tie a socket to an event (V-01)
 * @hEventObject: any eventfd; one may serve many sockets
 * @lNetworkEvents: FD_* bits, or 0 to untie it
 *
 * Makes the socket nonblocking, whatever @lNetworkEvents is, and it stays so when
 * it is untied. The tie takes the place of a former one. WSAEINVAL for an unknown
 * bit, and for an event that is NULL or none unless @lNetworkEvents is 0 (V-09).
 */
int WSPAPI WSPEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents,
			  LPINT lpErrno);

/*
 * WSPEnumNetworkEvents - take what has happened to a socket (V-05)
 * @hEventObject: reset in the same step, if not NULL; WSAEINVAL if no event
 * @lpNetworkEvents: written; iErrorCode only for the bits in lNetworkEvents.
 *	WSAEFAULT for a bad pointer, and then nothing is taken
 */
int WSPAPI WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
				LPWSANETWORKEVENTS lpNetworkEvents,
				LPINT lpErrno);

/*
 * WSPAddressToString - "192.0.2.1:80", "[fe80::1%2]:80"
 * @lpProtocolInfo: ignored
 * @lpdwAddressStringLength: in, the room; out, the length with the ending NUL,
 *	also for WSAEFAULT where the room is too small. In WCHARs
 *
 * Port 0 and scope 0 are left out, and the brackets with the port. WSAEINVAL if
 * it is no address of AF_INET or AF_INET6, WSAEFAULT if it is too short or NULL.
 */
int WSPAPI WSPAddressToString(const struct sockaddr *lpsaAddress,
			      DWORD dwAddressLength,
			      LPWSAPROTOCOL_INFOW lpProtocolInfo,
			      LPWSTR lpszAddressString,
			      LPDWORD lpdwAddressStringLength, LPINT lpErrno);

/*
 * WSPStringToAddress - the reverse
 * @AddressString: "192.0.2.1", "fe80::1%2", "[fe80::1]", each form with a port
 *	that WSPAddressToString gives; an IPv4 address in one to four parts, each
 *	decimal, octal or hex (T-13); nothing else, no names, no blanks
 * @AddressFamily: AF_INET or AF_INET6; the string has to be of it
 * @lpProtocolInfo: ignored
 * @lpAddressLength: in, the room; out, the length, also for WSAEFAULT where the
 *	room is too small
 *
 * WSAEINVAL for any other string or family. A call that fails leaves zeros, as far as
 * there is room.
 */
int WSPAPI WSPStringToAddress(const WCHAR *AddressString, int AddressFamily,
			      LPWSAPROTOCOL_INFOW lpProtocolInfo,
			      struct sockaddr *lpAddress, LPINT lpAddressLength,
			      LPINT lpErrno);

/*
 * What Windows CE does not offer either, but for the last. They fail with WSAEOPNOTSUPP, or with
 * WSAENOTSOCK where the socket is none, and look at nothing else.
 */
int WSPAPI WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, LONG lEvent,
			  LPINT lpErrno);
int WSPAPI WSPCancelBlockingCall(LPINT lpErrno);
int WSPAPI WSPDuplicateSocket(SOCKET s, DWORD dwProcessId,
			      LPWSAPROTOCOL_INFOW lpProtocolInfo,
			      LPINT lpErrno);

/* Returns INVALID_SOCKET. */
SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
			  LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
			  LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags,
			  LPINT lpErrno);

/* Returns FALSE. */
BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
			    LPINT lpErrno);

/*
 * WSPGetOverlappedResult - what an overlapped operation has come to (O-01 to O-09)
 * @lpOverlapped: as given to WSPSend, WSPSendTo, WSPRecv, WSPRecvFrom or WSPIoctl,
 *	which returned 0 or WSA_IO_PENDING
 * @lpcbTransfer: out, bytes; @lpdwFlags: out, MSG_OOB or 0. Untouched unless it is TRUE
 * @fWait: TRUE to wait until it is over, also without an event
 *
 * TRUE, or FALSE with the operation's own code: WSA_IO_INCOMPLETE while it goes on,
 * WSA_OPERATION_ABORTED if the socket was closed, WSAEFAULT for a NULL.
 */
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
				   LPDWORD lpcbTransfer, BOOL fWait,
				   LPDWORD lpdwFlags, LPINT lpErrno);

/* WSPCleanup: undo one WSPStartup; WSANOTINITIALISED if there is none left. */
int WSPAPI WSPCleanup(LPINT lpErrno);

typedef __typeof__(WSPAccept) *LPWSPACCEPT;
typedef __typeof__(WSPAddressToString) *LPWSPADDRESSTOSTRING;
typedef __typeof__(WSPAsyncSelect) *LPWSPASYNCSELECT;
typedef __typeof__(WSPBind) *LPWSPBIND;
typedef __typeof__(WSPCancelBlockingCall) *LPWSPCANCELBLOCKINGCALL;
typedef __typeof__(WSPCleanup) *LPWSPCLEANUP;
typedef __typeof__(WSPCloseSocket) *LPWSPCLOSESOCKET;
typedef __typeof__(WSPConnect) *LPWSPCONNECT;
typedef __typeof__(WSPDuplicateSocket) *LPWSPDUPLICATESOCKET;
typedef __typeof__(WSPEnumNetworkEvents) *LPWSPENUMNETWORKEVENTS;
typedef __typeof__(WSPEventSelect) *LPWSPEVENTSELECT;
typedef __typeof__(WSPGetOverlappedResult) *LPWSPGETOVERLAPPEDRESULT;
typedef __typeof__(WSPGetPeerName) *LPWSPGETPEERNAME;
typedef __typeof__(WSPGetSockName) *LPWSPGETSOCKNAME;
typedef __typeof__(WSPGetSockOpt) *LPWSPGETSOCKOPT;
typedef __typeof__(WSPGetQOSByName) *LPWSPGETQOSBYNAME;
typedef __typeof__(WSPIoctl) *LPWSPIOCTL;
typedef __typeof__(WSPJoinLeaf) *LPWSPJOINLEAF;
typedef __typeof__(WSPListen) *LPWSPLISTEN;
typedef __typeof__(WSPRecv) *LPWSPRECV;
typedef __typeof__(WSPRecvDisconnect) *LPWSPRECVDISCONNECT;
typedef __typeof__(WSPRecvFrom) *LPWSPRECVFROM;
typedef __typeof__(WSPSelect) *LPWSPSELECT;
typedef __typeof__(WSPSend) *LPWSPSEND;
typedef __typeof__(WSPSendDisconnect) *LPWSPSENDDISCONNECT;
typedef __typeof__(WSPSendTo) *LPWSPSENDTO;
typedef __typeof__(WSPSetSockOpt) *LPWSPSETSOCKOPT;
typedef __typeof__(WSPShutdown) *LPWSPSHUTDOWN;
typedef __typeof__(WSPSocket) *LPWSPSOCKET;
typedef __typeof__(WSPStringToAddress) *LPWSPSTRINGTOADDRESS;
/* All the service-provider calls, in their documented order. */
typedef struct _WSPPROC_TABLE {
	LPWSPACCEPT lpWSPAccept;
	LPWSPADDRESSTOSTRING lpWSPAddressToString;
	LPWSPASYNCSELECT lpWSPAsyncSelect;
	LPWSPBIND lpWSPBind;
	LPWSPCANCELBLOCKINGCALL lpWSPCancelBlockingCall;
	LPWSPCLEANUP lpWSPCleanup;
	LPWSPCLOSESOCKET lpWSPCloseSocket;
	LPWSPCONNECT lpWSPConnect;
	LPWSPDUPLICATESOCKET lpWSPDuplicateSocket;
	LPWSPENUMNETWORKEVENTS lpWSPEnumNetworkEvents;
	LPWSPEVENTSELECT lpWSPEventSelect;
	LPWSPGETOVERLAPPEDRESULT lpWSPGetOverlappedResult;
	LPWSPGETPEERNAME lpWSPGetPeerName;
	LPWSPGETSOCKNAME lpWSPGetSockName;
	LPWSPGETSOCKOPT lpWSPGetSockOpt;
	LPWSPGETQOSBYNAME lpWSPGetQOSByName;
	LPWSPIOCTL lpWSPIoctl;
	LPWSPJOINLEAF lpWSPJoinLeaf;
	LPWSPLISTEN lpWSPListen;
	LPWSPRECV lpWSPRecv;
	LPWSPRECVDISCONNECT lpWSPRecvDisconnect;
	LPWSPRECVFROM lpWSPRecvFrom;
	LPWSPSELECT lpWSPSelect;
	LPWSPSEND lpWSPSend;
	LPWSPSENDDISCONNECT lpWSPSendDisconnect;
	LPWSPSENDTO lpWSPSendTo;
	LPWSPSETSOCKOPT lpWSPSetSockOpt;
	LPWSPSHUTDOWN lpWSPShutdown;
	LPWSPSOCKET lpWSPSocket;
	LPWSPSTRINGTOADDRESS lpWSPStringToAddress;
} WSPPROC_TABLE, *LPWSPPROC_TABLE;

/*
 * WSPStartup - agree on a version, and get the calls as a table
 * @wVersionRequested: as MAKEWORD(major, minor), 1.1 or above
 * @lpWSPData: filled; wVersion is the highest of 1.1, 2.0, 2.1 and 2.2 that is
 *	not above the one requested. WSAEFAULT if NULL
 * @lpProtocolInfo: ignored, being between ws2_32 and its providers
 * @UpcallTable: ignored likewise
 * @lpProcTable: filled, unless NULL: the calls have names as well
 *
 * Returns 0 or the code: WSAVERNOTSUPPORTED below 1.1, WSAEPROCLIM after 65535
 * calls. Each has to be undone by WSPCleanup. Where the first of them agreed on
 * 1.1, WSPConnect says WSAEINVAL for WSAEALREADY (E-04) until the last is undone,
 * whatever others, such as libraries, have agreed on since.
 *
 * Nothing depends on it otherwise: every call works before WSPStartup and after
 * WSPCleanup, by the rules of 2.2, and WSPCleanup closes no sockets.
 */
int WSPAPI WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData,
		      LPWSAPROTOCOL_INFOW lpProtocolInfo,
		      WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable)
		      WSP_TIMED(WSPStartup);

/* WSACreateEvent: not set, reset by hand; WSA_INVALID_EVENT if it fails. */
WSAEVENT WSPAPI WSACreateEvent(void);

/* These return FALSE and WSA_INVALID_HANDLE for what is no event. */
BOOL WSPAPI WSACloseEvent(WSAEVENT hEvent);
BOOL WSPAPI WSASetEvent(WSAEVENT hEvent);
BOOL WSPAPI WSAResetEvent(WSAEVENT hEvent);

/*
 * WSAWaitForMultipleEvents - wait until one of the events, or each, is set
 * @cEvents: how many, 1 to WSA_MAXIMUM_WAIT_EVENTS
 * @fWaitAll: each: they all have to be found set in one look
 * @dwTimeout: milliseconds, or WSA_INFINITE; 0 looks without waiting
 * @fAlertable: completion routines that are due in this thread run, all of them
 *	before the call returns (O-04)
 *
 * Returns WSA_WAIT_EVENT_0 and the index of the first one set (0 with
 * @fWaitAll), WSA_WAIT_IO_COMPLETION if routines have run, WSA_WAIT_TIMEOUT, or
 * WSA_WAIT_FAILED: WSA_INVALID_PARAMETER for a bad @cEvents or a NULL array,
 * WSA_INVALID_HANDLE. Events stay as they are. Signals do not end the wait.
 */
DWORD WSPAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents,
				      BOOL fWaitAll, DWORD dwTimeout,
				      BOOL fAlertable);

/* The thread's code of the last WSA call that failed; success leaves it. */
int WSPAPI WSAGetLastError(void);
void WSPAPI WSASetLastError(int iError);

/*
 * WSPErrorName: "WSAECONNREFUSED" for 10061, "0" for 0, "?" for a number that
 * is no code. An addition of this library's, not a call of Winsock's.
 */
const char *WSPErrorName(int code);

/*
 * WSPForget: what is known of the descriptors from first to last does not hold
 * any more. For a program that has closed sockets or events otherwise than by
 * WSPCloseSocket and WSACloseEvent, or put others in their place: close(2),
 * dup2(2), closefrom(3), close_range(2). An addition of this library's.
 */
void WSPForget(SOCKET first, SOCKET last);

/* Winsock's FD_ZERO, FD_SET, FD_CLR and FD_ISSET. */
static __inline__ void WSP_FD_ZERO(LPWSPFDSET set)
{
	set->fd_count = 0;
}

static __inline__ int WSP_FD_ISSET(SOCKET s, const WSPFDSET *set)
{
	unsigned int i;

	for (i = 0; i < set->fd_count; i++)
		if (set->fd_array[i] == s)
			return 1;
	return 0;
}

/* As Winsock has it, a full set is left as it is. */
static __inline__ void WSP_FD_SET(SOCKET s, LPWSPFDSET set)
{
	const unsigned int places = sizeof(set->fd_array) / sizeof(SOCKET);

	if (set->fd_count < places && !WSP_FD_ISSET(s, set))
		set->fd_array[set->fd_count++] = s;
}

static __inline__ void WSP_FD_CLR(SOCKET s, LPWSPFDSET set)
{
	unsigned int i, kept = 0;

	for (i = 0; i < set->fd_count; i++)
		if (set->fd_array[i] != s)
			set->fd_array[kept++] = set->fd_array[i];
	set->fd_count = kept;
}

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* WSP_WSP_H */
