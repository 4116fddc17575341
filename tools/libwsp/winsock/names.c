// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of hosts, services and protocols (W-03): the platform finds them, by its
 * own functions, which have the structures of <ws2tcpip.h> but other codes.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "winsock.h"

int platform_getaddrinfo(const char *node, const char *service,
			 const struct addrinfo *hints, struct addrinfo **list)
	__asm__("getaddrinfo");
void platform_freeaddrinfo(struct addrinfo *list) __asm__("freeaddrinfo");
int platform_getnameinfo(const struct sockaddr *name, unsigned int namelen,
			 char *host, unsigned int hostlen, char *service,
			 unsigned int servicelen, int flags)
	__asm__("getnameinfo");
int platform_gethostname(char *name, size_t size) __asm__("gethostname");
int platform_gethostbyname_r(const char *name, struct hostent *entry,
			     char *room, size_t size, struct hostent **found,
			     int *error) __asm__("gethostbyname_r");
int platform_gethostbyaddr_r(const void *addr, unsigned int len, int type,
			     struct hostent *entry, char *room, size_t size,
			     struct hostent **found, int *error)
	__asm__("gethostbyaddr_r");
int platform_getservbyname_r(const char *name, const char *proto,
			     struct servent *entry, char *room, size_t size,
			     struct servent **found) __asm__("getservbyname_r");
int platform_getservbyport_r(int port, const char *proto,
			     struct servent *entry, char *room, size_t size,
			     struct servent **found) __asm__("getservbyport_r");
int platform_getprotobyname_r(const char *name, struct protoent *entry,
			      char *room, size_t size, struct protoent **found)
	__asm__("getprotobyname_r");
int platform_getprotobynumber_r(int number, struct protoent *entry, char *room,
				size_t size, struct protoent **found)
	__asm__("getprotobynumber_r");
int platform_inet_pton(int family, const char *text, void *addr)
	__asm__("inet_pton");
const char *platform_inet_ntop(int family, const void *addr, char *text,
			       unsigned int size) __asm__("inet_ntop");

#define HOST_NAME_ROOM	256
#define TEXT_ROOM	128	/* for an address with scope and port */

/* The platform's EAI codes, which are negative, as Winsock's. */
static int name_code(int error)
{
	static const int codes[] = {
		0,
		EAI_BADFLAGS,
		EAI_NONAME,
		EAI_AGAIN,
		EAI_FAIL,
		EAI_NODATA,
		EAI_FAMILY,
		EAI_SOCKTYPE,
		EAI_SERVICE,
		EAI_NONAME,		/* EAI_ADDRFAMILY */
		EAI_MEMORY,
		EAI_FAIL,		/* EAI_SYSTEM */
		WSAEFAULT,		/* EAI_OVERFLOW: the buffer is small */
	};
	const int count = sizeof(codes) / sizeof(codes[0]);

	return error > -count && error <= 0 ? codes[-error] : EAI_FAIL;
}

/* These return their code, and leave it to WSAGetLastError as well. */
static int outcome(int code)
{
	if (code)
		WSASetLastError(code);
	return code;
}

int getaddrinfo(PCSTR pNodeName, PCSTR pServiceName,
		const struct addrinfo *pHints, struct addrinfo **ppResult)
{
	char self[HOST_NAME_ROOM];

	if (!ppResult)
		return outcome(WSAEFAULT);
	*ppResult = NULL;
	/* Winsock's empty name is this machine. */
	if (pNodeName && !*pNodeName) {
		if (platform_gethostname(self, sizeof(self)))
			return outcome(EAI_FAIL);
		pNodeName = self;
	}
	return outcome(name_code(platform_getaddrinfo(pNodeName, pServiceName,
						      pHints, ppResult)));
}

void freeaddrinfo(struct addrinfo *pAddrInfo)
{
	if (pAddrInfo)
		platform_freeaddrinfo(pAddrInfo);
}

int getnameinfo(const struct sockaddr *pSockaddr, socklen_t SockaddrLength,
		char *pNodeBuffer, DWORD NodeBufferSize, char *pServiceBuffer,
		DWORD ServiceBufferSize, int Flags)
{
	if (!pSockaddr || SockaddrLength < (int)sizeof(*pSockaddr))
		return outcome(WSAEFAULT);
	return outcome(name_code(platform_getnameinfo(pSockaddr,
						      (unsigned int)SockaddrLength,
						      pNodeBuffer,
						      NodeBufferSize,
						      pServiceBuffer,
						      ServiceBufferSize,
						      Flags)));
}

/* A copy of @from in UTF-8, or NULL; NULL of NULL. */
static char *narrow_copy(PCWSTR from, int *code)
{
	size_t size = from ? winsock_to_narrow(from, NULL, 0) : 0;
	char *to = from ? malloc(size) : NULL;

	if (to)
		winsock_to_narrow(from, to, size);
	else if (from)
		*code = EAI_MEMORY;
	return to;
}

/* One entry and what it points to are one block. */
struct wide_entry {
	ADDRINFOW info;
	SOCKADDR_STORAGE addr;
	WCHAR name[];
};

static struct wide_entry *wide_entry(const struct addrinfo *from)
{
	const char *name = from->ai_canonname;
	const size_t size = name ? winsock_to_wide(name, NULL, 0) : 0;
	struct wide_entry *entry = calloc(1, sizeof(*entry) +
					     size * sizeof(WCHAR));

	if (!entry)
		return NULL;
	entry->info.ai_flags = from->ai_flags;
	entry->info.ai_family = from->ai_family;
	entry->info.ai_socktype = from->ai_socktype;
	entry->info.ai_protocol = from->ai_protocol;
	entry->info.ai_addrlen = from->ai_addrlen;
	entry->info.ai_addr = (struct sockaddr *)&entry->addr;
	memcpy(&entry->addr, from->ai_addr, from->ai_addrlen);
	if (name) {
		winsock_to_wide(name, entry->name, size);
		entry->info.ai_canonname = entry->name;
	}
	return entry;
}

static int wide_list(const struct addrinfo *from, PADDRINFOW *to)
{
	struct wide_entry *entry;
	PADDRINFOW *end = to;

	for (; from; from = from->ai_next) {
		entry = wide_entry(from);
		if (!entry) {
			FreeAddrInfoW(*to);
			*to = NULL;
			return EAI_MEMORY;
		}
		*end = (PADDRINFOW)entry;
		end = &entry->info.ai_next;
	}
	return 0;
}

int GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName, const ADDRINFOW *pHints,
		 PADDRINFOW *ppResult)
{
	struct addrinfo hints = { 0 }, *list = NULL;
	char *node, *service;
	int code = 0;

	if (!ppResult)
		return outcome(WSAEFAULT);
	*ppResult = NULL;
	if (pHints) {
		hints.ai_flags = pHints->ai_flags;
		hints.ai_family = pHints->ai_family;
		hints.ai_socktype = pHints->ai_socktype;
		hints.ai_protocol = pHints->ai_protocol;
	}
	node = narrow_copy(pNodeName, &code);
	service = narrow_copy(pServiceName, &code);
	if (!code)
		code = getaddrinfo(node, service, pHints ? &hints : NULL, &list);
	if (!code)
		code = wide_list(list, ppResult);
	freeaddrinfo(list);
	free(node);
	free(service);
	return outcome(code);
}

void FreeAddrInfoW(PADDRINFOW pAddrInfo)
{
	PADDRINFOW next;

	for (; pAddrInfo; pAddrInfo = next) {
		next = pAddrInfo->ai_next;
		free(pAddrInfo);
	}
}

/* Is there room for all of it? */
static int widen(const char *from, WCHAR *to, size_t room)
{
	return !to || !room || winsock_to_wide(from, to, room) <= room;
}

int GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
		 PWCHAR pNodeBuffer, DWORD NodeBufferSize, PWCHAR pServiceBuffer,
		 DWORD ServiceBufferSize, int Flags)
{
	char node[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
	int code = getnameinfo(pSockaddr, SockaddrLength, node,
			       pNodeBuffer && NodeBufferSize ? sizeof(node) : 0,
			       service, pServiceBuffer && ServiceBufferSize ?
					sizeof(service) : 0, Flags);

	if (!code && (!widen(node, pNodeBuffer, NodeBufferSize) ||
		      !widen(service, pServiceBuffer, ServiceBufferSize)))
		code = WSAEFAULT;
	return outcome(code);
}

int gethostname(char *name, int namelen)
{
	char self[HOST_NAME_ROOM] = "";
	size_t size;

	if (platform_gethostname(self, sizeof(self) - 1))
		return winsock_result(WSAENETDOWN);
	size = strlen(self) + 1;
	if (!name || namelen < 0 || (size_t)namelen < size)
		return winsock_result(WSAEFAULT);
	memcpy(name, self, size);
	return 0;
}

/*
 * Each thread has one answer of each kind. They are too much for storage that each
 * thread has by itself: of that a program that loads the library late has little left.
 */
struct answers {
	struct hostent host;
	struct servent service;
	struct protoent protocol;
	char host_room[8192];
	char service_room[1024];
	char protocol_room[1024];
};

static _Thread_local struct answers *mine;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void drop_answers(void *answers)
{
	mine = NULL;
	free(answers);
}

static void make_key(void)
{
	has_key = !pthread_key_create(&key, drop_answers);
}

/* False if there is no memory for them. */
static bool have_answers(void)
{
	if (mine)
		return true;
	pthread_once(&once, make_key);
	mine = malloc(sizeof(*mine));
	if (mine && (!has_key || pthread_setspecific(key, mine)))
		drop_answers(mine);
	return mine;
}

/* The platform's h_errno, 1 to 4, in Winsock's order. */
static struct hostent *host_found(struct hostent *found, int error)
{
	if (!found)
		WSASetLastError(error >= 1 && error <= 4 ?
				WSAHOST_NOT_FOUND + error - 1 : WSANO_RECOVERY);
	return found;
}

struct hostent *gethostbyname(const char *name)
{
	char self[HOST_NAME_ROOM] = "";
	struct hostent *found = NULL;
	int error = 0;

	/* No name is this machine's. */
	if (!have_answers() ||
	    ((!name || !*name) && platform_gethostname(self, sizeof(self) - 1)))
		return host_found(NULL, 0);
	platform_gethostbyname_r(*self ? self : name, &mine->host, mine->host_room,
				 sizeof(mine->host_room), &found, &error);
	return host_found(found, error);
}

struct hostent *gethostbyaddr(const char *addr, int len, int type)
{
	struct hostent *found = NULL;
	int error = 0;

	if (type != AF_INET && type != AF_INET6) {
		WSASetLastError(WSAEAFNOSUPPORT);
		return NULL;
	}
	if (!addr || len != (type == AF_INET ? 4 : 16)) {
		WSASetLastError(WSAEFAULT);
		return NULL;
	}
	if (have_answers())
		platform_gethostbyaddr_r(addr, (unsigned int)len, type, &mine->host,
					 mine->host_room, sizeof(mine->host_room),
					 &found, &error);
	return host_found(found, error);
}

static struct servent *service_found(struct servent *found)
{
	if (!found)
		WSASetLastError(WSANO_DATA);
	return found;
}

struct servent *getservbyname(const char *name, const char *proto)
{
	struct servent *found = NULL;

	if (!name) {
		WSASetLastError(WSAEFAULT);
		return NULL;
	}
	if (have_answers())
		platform_getservbyname_r(name, proto, &mine->service,
					 mine->service_room, sizeof(mine->service_room),
					 &found);
	return service_found(found);
}

struct servent *getservbyport(int port, const char *proto)
{
	struct servent *found = NULL;

	if (have_answers())
		platform_getservbyport_r(port, proto, &mine->service,
					 mine->service_room, sizeof(mine->service_room),
					 &found);
	return service_found(found);
}

static struct protoent *protocol_found(struct protoent *found)
{
	if (!found)
		WSASetLastError(WSANO_DATA);
	return found;
}

struct protoent *getprotobyname(const char *name)
{
	struct protoent *found = NULL;

	if (!name) {
		WSASetLastError(WSAEFAULT);
		return NULL;
	}
	if (have_answers())
		platform_getprotobyname_r(name, &mine->protocol, mine->protocol_room,
					  sizeof(mine->protocol_room), &found);
	return protocol_found(found);
}

struct protoent *getprotobynumber(int number)
{
	struct protoent *found = NULL;

	if (have_answers())
		platform_getprotobynumber_r(number, &mine->protocol,
					    mine->protocol_room,
					    sizeof(mine->protocol_room), &found);
	return protocol_found(found);
}

int inet_pton(int Family, PCSTR pszAddrString, void *pAddrBuf)
{
	if (Family != AF_INET && Family != AF_INET6)
		return winsock_result(WSAEAFNOSUPPORT);
	if (!pszAddrString || !pAddrBuf)
		return winsock_result(WSAEFAULT);
	return platform_inet_pton(Family, pszAddrString, pAddrBuf);
}

int InetPtonW(int Family, PCWSTR pszAddrString, void *pAddrBuf)
{
	char text[TEXT_ROOM];

	if (!pszAddrString)
		return inet_pton(Family, NULL, pAddrBuf);
	if (winsock_to_narrow(pszAddrString, text, sizeof(text)) > sizeof(text))
		*text = '\0';	/* too long for any address */
	return inet_pton(Family, text, pAddrBuf);
}

PCSTR inet_ntop(int Family, const void *pAddr, char *pStringBuf,
		size_t StringBufSize)
{
	PCSTR text = NULL;

	if (Family != AF_INET && Family != AF_INET6) {
		WSASetLastError(WSAEAFNOSUPPORT);
		return NULL;
	}
	if (pAddr && pStringBuf)
		text = platform_inet_ntop(Family, pAddr, pStringBuf,
					  StringBufSize > TEXT_ROOM ? TEXT_ROOM :
					  (unsigned int)StringBufSize);
	if (!text)
		WSASetLastError(WSA_INVALID_PARAMETER);
	return text;
}

PCWSTR InetNtopW(int Family, const void *pAddr, PWSTR pStringBuf,
		 size_t StringBufSize)
{
	char text[TEXT_ROOM];

	if (!inet_ntop(Family, pAddr, text, sizeof(text)))
		return NULL;
	if (!pStringBuf ||
	    winsock_to_wide(text, NULL, 0) > StringBufSize) {
		WSASetLastError(WSA_INVALID_PARAMETER);
		return NULL;
	}
	winsock_to_wide(text, pStringBuf, StringBufSize);
	return pStringBuf;
}

INT WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			LPWSAPROTOCOL_INFOW lpProtocolInfo,
			LPWSTR lpszAddressString,
			LPDWORD lpdwAddressStringLength)
{
	int code = 0;

	WSPAddressToString(lpsaAddress, dwAddressLength, lpProtocolInfo,
			   lpszAddressString, lpdwAddressStringLength, &code);
	return winsock_result(code);
}

/* An address is ASCII, so both forms have the same length. */
INT WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			LPWSAPROTOCOL_INFOA lpProtocolInfo,
			LPSTR lpszAddressString, LPDWORD lpdwAddressStringLength)
{
	WCHAR text[TEXT_ROOM];
	DWORD size = TEXT_ROOM, room;

	if (!lpszAddressString || !lpdwAddressStringLength)
		return winsock_result(WSAEFAULT);
	(void)lpProtocolInfo;
	if (WSAAddressToStringW(lpsaAddress, dwAddressLength, NULL, text, &size))
		return SOCKET_ERROR;
	room = *lpdwAddressStringLength;
	*lpdwAddressStringLength = size;
	if (room < size)
		return winsock_result(WSAEFAULT);
	winsock_to_narrow(text, lpszAddressString, room);
	return 0;
}

INT WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
			LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
			LPINT lpAddressLength)
{
	int code = 0;

	WSPStringToAddress(AddressString, AddressFamily, lpProtocolInfo,
			   lpAddress, lpAddressLength, &code);
	return winsock_result(code);
}

INT WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
			LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSOCKADDR lpAddress,
			LPINT lpAddressLength)
{
	WCHAR text[TEXT_ROOM];

	(void)lpProtocolInfo;
	if (AddressString &&
	    winsock_to_wide(AddressString, text, TEXT_ROOM) > TEXT_ROOM)
		*text = 0;	/* too long for any address */
	return WSAStringToAddressW(AddressString ? text : NULL, AddressFamily,
				   NULL, lpAddress, lpAddressLength);
}
