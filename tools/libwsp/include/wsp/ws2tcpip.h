/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and addresses for both families, and IPv6. Structures and flags are
 * the platform's, codes are Winsock's (W-03).
 */
#pragma GCC system_header
#ifndef WSP_WS2TCPIP_H
#define WSP_WS2TCPIP_H

#include "winsock2.h"
#include "ws2ipdef.h"

#define _WS2TCPIP_H_

typedef int socklen_t;

typedef struct addrinfo {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	unsigned int ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	struct addrinfo *ai_next;
} ADDRINFOA, *PADDRINFOA, ADDRINFO, *LPADDRINFO;

typedef struct addrinfoW {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	unsigned int ai_addrlen;
	struct sockaddr *ai_addr;
	PWSTR ai_canonname;
	struct addrinfoW *ai_next;
} ADDRINFOW, *PADDRINFOW;

#ifdef UNICODE
typedef ADDRINFOW ADDRINFOT, *PADDRINFOT;
#else
typedef ADDRINFOA ADDRINFOT, *PADDRINFOT;
#endif

#define AI_PASSIVE		0x0001
#define AI_CANONNAME		0x0002
#define AI_NUMERICHOST		0x0004
#define AI_V4MAPPED		0x0008
#define AI_ALL			0x0010
#define AI_ADDRCONFIG		0x0020
#define AI_NUMERICSERV		0x0400

#define EAI_AGAIN		WSATRY_AGAIN
#define EAI_BADFLAGS		WSAEINVAL
#define EAI_FAIL		WSANO_RECOVERY
#define EAI_FAMILY		WSAEAFNOSUPPORT
#define EAI_MEMORY		WSA_NOT_ENOUGH_MEMORY
#define EAI_NONAME		WSAHOST_NOT_FOUND
#define EAI_NODATA		EAI_NONAME
#define EAI_SERVICE		WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE		WSAESOCKTNOSUPPORT

#define NI_NUMERICHOST		0x01
#define NI_NUMERICSERV		0x02
#define NI_NOFQDN		0x04
#define NI_NAMEREQD		0x08
#define NI_DGRAM		0x10
#define NI_MAXHOST		1025
#define NI_MAXSERV		32

#include "wspflags.h"

typedef union sockaddr_gen {
	struct sockaddr Address;
	struct sockaddr_in AddressIn;
	struct {
		short sin6_family;
		u_short sin6_port;
		u_long sin6_flowinfo;
		struct in6_addr sin6_addr;
	} AddressIn6;
} sockaddr_gen;

typedef struct _INTERFACE_INFO {
	u_long iiFlags;
	sockaddr_gen iiAddress;
	sockaddr_gen iiBroadcastAddress;
	sockaddr_gen iiNetmask;
} INTERFACE_INFO, *LPINTERFACE_INFO;

WSP_BEGIN

int WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName,
		       const struct addrinfo *pHints,
		       struct addrinfo **ppResult) WSP_SYMBOL(getaddrinfo);
void WSAAPI freeaddrinfo(struct addrinfo *pAddrInfo) WSP_SYMBOL(freeaddrinfo);
int WSAAPI getnameinfo(const struct sockaddr *pSockaddr,
		       socklen_t SockaddrLength, char *pNodeBuffer,
		       DWORD NodeBufferSize, char *pServiceBuffer,
		       DWORD ServiceBufferSize, int Flags)
		WSP_SYMBOL(getnameinfo);

int WSAAPI GetAddrInfoA(PCSTR pNodeName, PCSTR pServiceName,
			const ADDRINFOA *pHints, PADDRINFOA *ppResult)
		WSP_SYMBOL(getaddrinfo);
int WSAAPI GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName,
			const ADDRINFOW *pHints, PADDRINFOW *ppResult)
		WSP_SYMBOL(GetAddrInfoW);
void WSAAPI FreeAddrInfoA(PADDRINFOA pAddrInfo) WSP_SYMBOL(freeaddrinfo);
void WSAAPI FreeAddrInfoW(PADDRINFOW pAddrInfo) WSP_SYMBOL(FreeAddrInfoW);
int WSAAPI GetNameInfoA(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
			char *pNodeBuffer, DWORD NodeBufferSize,
			char *pServiceBuffer, DWORD ServiceBufferSize,
			int Flags) WSP_SYMBOL(getnameinfo);
int WSAAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
			PWCHAR pNodeBuffer, DWORD NodeBufferSize,
			PWCHAR pServiceBuffer, DWORD ServiceBufferSize,
			int Flags) WSP_SYMBOL(GetNameInfoW);

char *gai_strerrorA(int ecode) WSP_SYMBOL(gai_strerrorA);
WCHAR *gai_strerrorW(int ecode) WSP_SYMBOL(gai_strerrorW);

int WSAAPI inet_pton(int Family, PCSTR pszAddrString, void *pAddrBuf)
		WSP_SYMBOL(inet_pton);
PCSTR WSAAPI inet_ntop(int Family, const void *pAddr, char *pStringBuf,
		       size_t StringBufSize) WSP_SYMBOL(inet_ntop);
int WSAAPI InetPtonA(int Family, PCSTR pszAddrString, void *pAddrBuf)
		WSP_SYMBOL(inet_pton);
int WSAAPI InetPtonW(int Family, PCWSTR pszAddrString, void *pAddrBuf)
		WSP_SYMBOL(InetPtonW);
PCSTR WSAAPI InetNtopA(int Family, const void *pAddr, char *pStringBuf,
		       size_t StringBufSize) WSP_SYMBOL(inet_ntop);
PCWSTR WSAAPI InetNtopW(int Family, const void *pAddr, PWSTR pStringBuf,
			size_t StringBufSize) WSP_SYMBOL(InetNtopW);

/* By UNICODE, as everything of such names. */
#ifdef UNICODE
int WSAAPI GetAddrInfo(PCWSTR pNodeName, PCWSTR pServiceName,
		       const ADDRINFOW *pHints, PADDRINFOW *ppResult)
		WSP_SYMBOL(GetAddrInfoW);
void WSAAPI FreeAddrInfo(PADDRINFOW pAddrInfo) WSP_SYMBOL(FreeAddrInfoW);
int WSAAPI GetNameInfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
		       PWCHAR pNodeBuffer, DWORD NodeBufferSize,
		       PWCHAR pServiceBuffer, DWORD ServiceBufferSize,
		       int Flags) WSP_SYMBOL(GetNameInfoW);
WCHAR *gai_strerror(int ecode) WSP_SYMBOL(gai_strerrorW);
int WSAAPI InetPton(int Family, PCWSTR pszAddrString, void *pAddrBuf)
		WSP_SYMBOL(InetPtonW);
PCWSTR WSAAPI InetNtop(int Family, const void *pAddr, PWSTR pStringBuf,
		       size_t StringBufSize) WSP_SYMBOL(InetNtopW);
#else
int WSAAPI GetAddrInfo(PCSTR pNodeName, PCSTR pServiceName,
		       const ADDRINFOA *pHints, PADDRINFOA *ppResult)
		WSP_SYMBOL(getaddrinfo);
void WSAAPI FreeAddrInfo(PADDRINFOA pAddrInfo) WSP_SYMBOL(freeaddrinfo);
int WSAAPI GetNameInfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
		       char *pNodeBuffer, DWORD NodeBufferSize,
		       char *pServiceBuffer, DWORD ServiceBufferSize,
		       int Flags) WSP_SYMBOL(getnameinfo);
char *gai_strerror(int ecode) WSP_SYMBOL(gai_strerrorA);
int WSAAPI InetPton(int Family, PCSTR pszAddrString, void *pAddrBuf)
		WSP_SYMBOL(inet_pton);
PCSTR WSAAPI InetNtop(int Family, const void *pAddr, char *pStringBuf,
		      size_t StringBufSize) WSP_SYMBOL(inet_ntop);
#endif

WSP_END

#endif /* WSP_WS2TCPIP_H */
