/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's own names for AF_WSP sockets, on top of libwsp:
 *
 *	cc -I$(pkg-config --variable=includedir libwsp)/wsp client.c \
 *		$(pkg-config --cflags --libs libwsp)
 *
 * They are declarations, not macros, and so touch nobody else's: libwsp has
 * them by other symbols, since connect and select are the platform's. What
 * the platform's headers declare by the same names is not declared in a file
 * that is compiled like this, in whatever order it includes them (features.h,
 * beside this file).
 *
 * Every call sets WSAGetLastError(), and may change errno. The numbers of options,
 * flags and families are the platform's. Documentation/porting.rst has the
 * differences that remain.
 */
#pragma GCC system_header
#ifndef WSP_WINSOCK2_H
#define WSP_WINSOCK2_H

#include <errno.h>
#ifndef WSP_WINSOCK
#error "the directory of this header has to be given by -I"
#endif
#ifndef _WINSOCKAPI_		/* which keeps <windows.h> from <winsock.h> */
#define _WINSOCKAPI_
#endif
#include "windows.h"
#include "wspsock.h"
#include "wsp.h"
#include "wspbase.h"

/* What programs look for. */
#define _WINSOCK2API_

#define WINSOCK_VERSION		MAKEWORD(2, 2)
#define WSABASEERR		10000
#define WSAAPI

#define SOCK_STREAM		1
#define SOCK_DGRAM		2
#define SOCK_RAW		3
#define SOCK_RDM		4
#define SOCK_SEQPACKET		5

#define AF_UNSPEC		0
#define AF_UNIX			1
#define AF_INET			2
#define AF_IPX			4
#define AF_APPLETALK		5
#define AF_INET6		10
#define AF_IRDA			23
#define AF_BTH			31
#define AF_MAX			46
#define PF_UNSPEC		AF_UNSPEC
#define PF_UNIX			AF_UNIX
#define PF_INET			AF_INET
#define PF_IPX			AF_IPX
#define PF_APPLETALK		AF_APPLETALK
#define PF_INET6		AF_INET6
#define PF_IRDA			AF_IRDA
#define PF_BTH			AF_BTH
#define PF_MAX			AF_MAX

#define SOL_SOCKET		1
#define SO_DEBUG		1
#define SO_REUSEADDR		2
#define SO_TYPE			3
#define SO_ERROR		4
#define SO_DONTROUTE		5
#define SO_BROADCAST		6
#define SO_SNDBUF		7
#define SO_RCVBUF		8
#define SO_KEEPALIVE		9
#define SO_OOBINLINE		10
#define SO_LINGER		13
#define SO_RCVLOWAT		18
#define SO_SNDLOWAT		19
#define SO_RCVTIMEO		20
#define SO_SNDTIMEO		21
#define SO_ACCEPTCONN		30

/* <wsp/wsp.h> has those that the platform has not. */
#ifdef UNICODE
#define SO_PROTOCOL_INFO	SO_PROTOCOL_INFOW
#else
#define SO_PROTOCOL_INFO	SO_PROTOCOL_INFOA
#endif
#define SO_USELOOPBACK		0x4040

#define TCP_NODELAY		1

#define SOMAXCONN		0x7fffffff

#define MSG_OOB			0x1
#define MSG_PEEK		0x2
#define MSG_DONTROUTE		0x4
#define MSG_CTRUNC		0x8
#define MSG_TRUNC		0x20
#define MSG_WAITALL		0x100

#define IPPROTO_IP		0
#define IPPROTO_HOPOPTS		0
#define IPPROTO_ICMP		1
#define IPPROTO_IGMP		2
#define IPPROTO_GGP		3
#define IPPROTO_IPV4		4
#define IPPROTO_TCP		6
#define IPPROTO_PUP		12
#define IPPROTO_UDP		17
#define IPPROTO_IDP		22
#define IPPROTO_IPV6		41
#define IPPROTO_ROUTING		43
#define IPPROTO_FRAGMENT	44
#define IPPROTO_ESP		50
#define IPPROTO_AH		51
#define IPPROTO_ICMPV6		58
#define IPPROTO_NONE		59
#define IPPROTO_DSTOPTS		60
#define IPPROTO_ND		77
#define IPPROTO_SCTP		132
#define IPPROTO_RAW		255
#define IPPROTO_MAX		256

#define IPPORT_ECHO		7
#define IPPORT_DISCARD		9
#define IPPORT_DAYTIME		13
#define IPPORT_FTP		21
#define IPPORT_TELNET		23
#define IPPORT_SMTP		25
#define IPPORT_TIMESERVER	37
#define IPPORT_TFTP		69
#define IPPORT_RESERVED		1024

#define INADDR_ANY		((u_long)0)
#define INADDR_LOOPBACK		((u_long)0x7f000001)
#define INADDR_BROADCAST	((u_long)0xffffffff)
#define INADDR_NONE		((u_long)0xffffffff)
#define ADDR_ANY		INADDR_ANY

#define IN_CLASSA(i)		(((u_long)(i) & 0x80000000) == 0)
#define IN_CLASSA_NET		0xff000000
#define IN_CLASSA_NSHIFT	24
#define IN_CLASSA_HOST		0x00ffffff
#define IN_CLASSB(i)		(((u_long)(i) & 0xc0000000) == 0x80000000)
#define IN_CLASSB_NET		0xffff0000
#define IN_CLASSB_NSHIFT	16
#define IN_CLASSB_HOST		0x0000ffff
#define IN_CLASSC(i)		(((u_long)(i) & 0xe0000000) == 0xc0000000)
#define IN_CLASSC_NET		0xffffff00
#define IN_CLASSC_NSHIFT	8
#define IN_CLASSC_HOST		0x000000ff
#define IN_CLASSD(i)		(((u_long)(i) & 0xf0000000) == 0xe0000000)
#define IN_MULTICAST(i)		IN_CLASSD(i)

/* Control codes: the first three are the platform's, the others Winsock's. */
#define FIONREAD		0x541B
#define FIONBIO			0x5421
#define FIOASYNC		0x5452
#define SIOCATMARK		0x8905

#define IOCPARM_MASK		0x7f
#define IOC_VOID		0x20000000
#define IOC_OUT			0x40000000
#define IOC_IN			0x80000000
#define IOC_INOUT		(IOC_IN | IOC_OUT)
#define IOC_UNIX		0x00000000
#define IOC_WS2			0x08000000
#define IOC_PROTOCOL		0x10000000
#define IOC_VENDOR		0x18000000
#ifndef _WSAIO
#define _WSAIO(family, code)	(IOC_VOID | (family) | (code))
#define _WSAIOR(family, code)	(IOC_OUT | (family) | (code))
#define _WSAIOW(family, code)	(IOC_IN | (family) | (code))
#define _WSAIORW(family, code)	(IOC_INOUT | (family) | (code))
#endif

#define SIO_FLUSH			_WSAIO(IOC_WS2, 4)
#define SIO_GET_QOS			_WSAIORW(IOC_WS2, 7)
#define SIO_SET_QOS			_WSAIOW(IOC_WS2, 11)
#define SIO_GET_EXTENSION_FUNCTION_POINTER _WSAIORW(IOC_WS2, 6)

#ifndef CF_ACCEPT
#define CF_ACCEPT		0x0000
#define CF_REJECT		0x0001
#define CF_DEFER		0x0002
#endif

#ifndef WSA_IO_PENDING
#define WSA_IO_PENDING		997
#define WSA_IO_INCOMPLETE	996
#define WSA_OPERATION_ABORTED	995
#endif
#ifndef WSA_WAIT_IO_COMPLETION
#define WSA_WAIT_IO_COMPLETION	192
#endif
#define WSA_INVALID_EVENT	((WSAEVENT)0)

#ifndef WSASERVICE_NOT_FOUND
#define WSASERVICE_NOT_FOUND	10108
#define WSATYPE_NOT_FOUND	10109
#define WSA_E_NO_MORE		10110
#define WSA_E_CANCELLED		10111
#define WSAEREFUSED		10112
#endif
#ifndef WSAHOST_NOT_FOUND
#define WSAHOST_NOT_FOUND	11001
#endif
#ifndef WSATRY_AGAIN
#define WSATRY_AGAIN		11002
#endif
#ifndef WSANO_RECOVERY
#define WSANO_RECOVERY		11003
#define WSANO_DATA		11004
#endif
/* Codes of a quality of service that there is not: they never come. */
#define WSA_QOS_RECEIVERS		11005
#define WSA_QOS_SENDERS	11006
#define WSA_QOS_NO_SENDERS		11007
#define WSA_QOS_NO_RECEIVERS		11008
#define WSA_QOS_REQUEST_CONFIRMED	11009
#define WSA_QOS_ADMISSION_FAILURE	11010
#define WSA_QOS_POLICY_FAILURE		11011
#define WSA_QOS_BAD_STYLE		11012
#define WSA_QOS_BAD_OBJECT		11013
#define WSA_QOS_TRAFFIC_CTRL_ERROR	11014
#define WSA_QOS_GENERIC_ERROR		11015
#define WSA_QOS_ESERVICETYPE		11016
#define WSA_QOS_EFLOWSPEC		11017
#define WSA_QOS_EPROVSPECBUF		11018
#define WSA_QOS_EFILTERSTYLE		11019
#define WSA_QOS_EFILTERTYPE		11020
#define WSA_QOS_EFILTERCOUNT		11021
#define WSA_QOS_EOBJLENGTH		11022
#define WSA_QOS_EFLOWCOUNT		11023
#define WSA_QOS_EUNKOWNPSOBJ		11024
#define WSA_QOS_EPOLICYOBJ		11025
#define WSA_QOS_EFLOWDESC		11026
#define WSA_QOS_EPSFLOWSPEC		11027
#define WSA_QOS_EPSFILTERSPEC		11028
#define WSA_QOS_ESDMODEOBJ		11029
#define WSA_QOS_ESHAPERATEOBJ		11030
#define WSA_QOS_RESERVED_PETYPE		11031

#define WSANO_ADDRESS		WSANO_DATA
#define HOST_NOT_FOUND		WSAHOST_NOT_FOUND
#define TRY_AGAIN		WSATRY_AGAIN
#define NO_RECOVERY		WSANO_RECOVERY
#define NO_DATA			WSANO_DATA
#define NO_ADDRESS		WSANO_ADDRESS
#define h_errno			WSAGetLastError()

typedef struct sockaddr_storage {
	ADDRESS_FAMILY ss_family;
	char __ss_pad1[6];
	int64_t __ss_align;
	char __ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;

typedef struct linger {
	u_short l_onoff;
	u_short l_linger;
} LINGER, *PLINGER, *LPLINGER;

#ifndef timerisset
#define timerisset(t)		((t)->tv_sec || (t)->tv_usec)
#define timerclear(t)		((t)->tv_sec = (t)->tv_usec = 0)
#define timercmp(a, b, op) \
	((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op (b)->tv_usec : \
	 (a)->tv_sec op (b)->tv_sec)
#endif

typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

typedef struct hostent {
	char *h_name;
	char **h_aliases;
	int h_addrtype;
	int h_length;
	char **h_addr_list;
} HOSTENT, *PHOSTENT, *LPHOSTENT;

#define h_addr			h_addr_list[0]

typedef struct servent {
	char *s_name;
	char **s_aliases;
	int s_port;
	char *s_proto;
} SERVENT, *PSERVENT, *LPSERVENT;

typedef struct protoent {
	char *p_name;
	char **p_aliases;
	int p_proto;
} PROTOENT, *PPROTOENT, *LPPROTOENT;

typedef struct _SOCKET_ADDRESS {
	LPSOCKADDR lpSockaddr;
	INT iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

typedef struct _SOCKET_ADDRESS_LIST {
	INT iAddressCount;
	SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

#define _WS2DEF_
#define __CSADDR_DEFINED__

typedef struct _CSADDR_INFO {
	SOCKET_ADDRESS LocalAddr;
	SOCKET_ADDRESS RemoteAddr;
	INT iSocketType;
	INT iProtocol;
} CSADDR_INFO, *PCSADDR_INFO, *LPCSADDR_INFO;

typedef WSABUF *PWSABUF;
typedef WSAOVERLAPPED *PWSAOVERLAPPED;
typedef WSANETWORKEVENTS *PWSANETWORKEVENTS;
typedef QOS *PQOS;
typedef FLOWSPEC *PFLOWSPEC;
typedef WSAPROTOCOL_INFOW *PWSAPROTOCOL_INFOW;
typedef WSAPROTOCOL_INFOA *PWSAPROTOCOL_INFOA;
typedef WSAPROTOCOLCHAIN *PWSAPROTOCOLCHAIN;
#ifdef UNICODE
typedef WSAPROTOCOL_INFOW WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#else
typedef WSAPROTOCOL_INFOA WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#endif
typedef LPWSAPROTOCOL_INFO PWSAPROTOCOL_INFO;

#define WSADESCRIPTION_LEN	256
#define WSASYS_STATUS_LEN	128

typedef struct WSAData {
	WORD wVersion;
	WORD wHighVersion;
	unsigned short iMaxSockets;	/* this one and the next: 1.1 only */
	unsigned short iMaxUdpDg;
	char *lpVendorInfo;
	char szDescription[WSADESCRIPTION_LEN + 1];
	char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *PWSADATA, *LPWSADATA;

/* W-04: what can be asked for, and what is answered. */
#define POLLERR			0x0001
#define POLLHUP			0x0002
#define POLLNVAL		0x0004
#define POLLWRNORM		0x0010
#define POLLOUT			POLLWRNORM
#define POLLWRBAND		0x0020
#define POLLRDNORM		0x0100
#define POLLRDBAND		0x0200
#define POLLIN			(POLLRDNORM | POLLRDBAND)
#define POLLPRI			0x0400

typedef struct pollfd {
	SOCKET fd;
	short events;
	short revents;
} WSAPOLLFD, *PWSAPOLLFD, *LPWSAPOLLFD;

WSP_BEGIN

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int WSAAPI WSACleanup(void);

/* Sockets and their names. */
SOCKET WSAAPI socket(int af, int type, int protocol) WSP_SYMBOL(socket);
int WSAAPI closesocket(SOCKET s) WSP_SYMBOL(closesocket);
int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen)
		WSP_SYMBOL(bind);
int WSAAPI listen(SOCKET s, int backlog) WSP_SYMBOL(listen);
SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen)
		WSP_SYMBOL(accept);
int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen)
		WSP_SYMBOL(connect);
int WSAAPI shutdown(SOCKET s, int how) WSP_SYMBOL(shutdown);
int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen)
		WSP_SYMBOL(getsockname);
int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen)
		WSP_SYMBOL(getpeername);

SOCKET WSAAPI WSASocketA(int af, int type, int protocol,
			 LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g,
			 DWORD dwFlags);
SOCKET WSAAPI WSASocketW(int af, int type, int protocol,
			 LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
			 DWORD dwFlags);
SOCKET WSAAPI WSASocket(int af, int type, int protocol,
			LPWSAPROTOCOL_INFO lpProtocolInfo, GROUP g,
			DWORD dwFlags) WSP_AW(WSASocket);

/*
 * S-07: how many protocols there are of those in lpiProtocols, which ends with 0,
 * or of all if it is NULL. The length is in bytes; out, what all of them take.
 */
int WSAAPI WSAEnumProtocolsA(LPINT lpiProtocols,
			     LPWSAPROTOCOL_INFOA lpProtocolBuffer,
			     LPDWORD lpdwBufferLength);
int WSAAPI WSAEnumProtocolsW(LPINT lpiProtocols,
			     LPWSAPROTOCOL_INFOW lpProtocolBuffer,
			     LPDWORD lpdwBufferLength);
int WSAAPI WSAEnumProtocols(LPINT lpiProtocols,
			    LPWSAPROTOCOL_INFO lpProtocolBuffer,
			    LPDWORD lpdwBufferLength) WSP_AW(WSAEnumProtocols);

SOCKET WSAAPI WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
			LPCONDITIONPROC lpfnCondition,
			DWORD_PTR dwCallbackData);
int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen,
		      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
		      LPQOS lpSQOS, LPQOS lpGQOS);

/* Data. */
int WSAAPI send(SOCKET s, const char *buf, int len, int flags)
		WSP_SYMBOL(send);
int WSAAPI sendto(SOCKET s, const char *buf, int len, int flags,
		  const struct sockaddr *to, int tolen) WSP_SYMBOL(sendto);
int WSAAPI recv(SOCKET s, char *buf, int len, int flags) WSP_SYMBOL(recv);
int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags,
		    struct sockaddr *from, int *fromlen) WSP_SYMBOL(recvfrom);

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		   LPWSAOVERLAPPED lpOverlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
		     const struct sockaddr *lpTo, int iTolen,
		     LPWSAOVERLAPPED lpOverlapped,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		   LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		   LPWSAOVERLAPPED lpOverlapped,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
		       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
		       struct sockaddr *lpFrom, LPINT lpFromlen,
		       LPWSAOVERLAPPED lpOverlapped,
		       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
				   LPDWORD lpcbTransfer, BOOL fWait,
				   LPDWORD lpdwFlags);
int WSAAPI WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData);
int WSAAPI WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData);

/* Options and modes. */
int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval,
		      int *optlen) WSP_SYMBOL(getsockopt);
int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval,
		      int optlen) WSP_SYMBOL(setsockopt);
int WSAAPI ioctlsocket(SOCKET s, long cmd, u_long *argp)
		WSP_SYMBOL(ioctlsocket);
int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
		    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
		    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* Readiness. */
int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds,
		  fd_set *exceptfds, const struct timeval *timeout)
		WSP_TIMED_SYMBOL(select);
int WSAAPI __WSAFDIsSet(SOCKET fd, fd_set *set);
int WSAAPI WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout);
int WSAAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject,
			  long lNetworkEvents);
int WSAAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
				LPWSANETWORKEVENTS lpNetworkEvents);

/* The order of bytes: the platform's own functions. */
u_long WSAAPI htonl(u_long hostlong);
u_short WSAAPI htons(u_short hostshort);
u_long WSAAPI ntohl(u_long netlong);
u_short WSAAPI ntohs(u_short netshort);

WSP_END

/*
 * ioctlsocket's argument is often an unsigned long, which has 64 bits here:
 * the upper half is written too.
 */
#if __SIZEOF_LONG__ == 8
WSP_BEGIN
int WSAAPI winsock_ioctl_long(SOCKET s, long cmd, unsigned long *argp);
WSP_END
#ifdef __cplusplus
extern "C++" inline int ioctlsocket(SOCKET s, long cmd, unsigned long *argp)
{
	return winsock_ioctl_long(s, cmd, argp);
}
#else
#define ioctlsocket(s, cmd, argp) \
	(sizeof(*(argp)) == sizeof(long) ? \
	 winsock_ioctl_long(s, cmd, (unsigned long *)(void *)(argp)) : \
	 ioctlsocket(s, cmd, (u_long *)(void *)(argp)))
#endif
#endif

/* A set takes as many as it has places, whatever FD_SETSIZE has become since. */
static __inline__ void winsock_add(SOCKET s, u_int *count, SOCKET *places,
				   size_t size)
{
	u_int i;

	for (i = 0; i < *count; i++)
		if (places[i] == s)
			return;
	if (*count < size / sizeof(*places))
		places[(*count)++] = s;
}

static __inline__ void winsock_remove(SOCKET s, fd_set *set)
{
	u_int i, kept = 0;

	for (i = 0; i < set->fd_count; i++)
		if (set->fd_array[i] != s)
			set->fd_array[kept++] = set->fd_array[i];
	set->fd_count = kept;
}

#define FD_ZERO(set)		((void)(((fd_set *)(set))->fd_count = 0))
#define FD_SET(fd, set) \
	winsock_add((SOCKET)(fd), &(set)->fd_count, (set)->fd_array, \
		    sizeof((set)->fd_array))
#define FD_CLR(fd, set)		winsock_remove((SOCKET)(fd), (fd_set *)(set))
#define FD_ISSET(fd, set)	__WSAFDIsSet((SOCKET)(fd), (fd_set *)(set))

/* Names of hosts, services and protocols. */
#include "wspnames.h"

#endif /* WSP_WINSOCK2_H */
