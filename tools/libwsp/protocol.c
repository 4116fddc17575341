// SPDX-License-Identifier: LGPL-2.1-or-later
/* The four protocols (S-07): TCP and UDP, over IPv4 and IPv6. */
#include <stddef.h>
#include <string.h>

#include "internal.h"

#define STREAM_FLAGS	(XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | \
			 XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA | XP1_IFS_HANDLES)
#define DGRAM_FLAGS	(XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | \
			 XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES)

static const struct wsp_protocol protocols[WSP_PROTOCOLS] = {
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, STREAM_FLAGS, 0, "AF_WSP TCP/IP" },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, DGRAM_FLAGS | XP1_SUPPORT_BROADCAST,
	  65507, "AF_WSP UDP/IP" },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, STREAM_FLAGS, 0, "AF_WSP TCP/IPv6" },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, DGRAM_FLAGS, 65527,
	  "AF_WSP UDP/IPv6" },
};

/* The socket's, by its descriptor's word. */
const struct wsp_protocol *wsp_protocol_of(unsigned int word)
{
	return &protocols[(word & WSP_V6 ? 2 : 0) +
			  (wsp_word_type(word) == SOCK_DGRAM)];
}

static void describe(const struct wsp_protocol *p, WSAPROTOCOL_INFOW *info)
{
	/* Made up: there is no other provider to tell it from. */
	static const struct _GUID provider = {
		0x4f5a6c11, 0x1d0e, 0x4b3a,
		{ 0x9c, 0x57, 0x73, 0x77, 0x73, 0x70, 0x66, 0x61 }
	};
	size_t i;

	memset(info, 0, sizeof(*info));
	info->dwServiceFlags1 = p->flags;
	info->dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO;
	info->ProviderId = provider;
	info->dwCatalogEntryId = (DWORD)(p - protocols) + 1;
	info->ProtocolChain.ChainLen = BASE_PROTOCOL;
	info->iVersion = 2;
	info->iAddressFamily = p->family;
	info->iMaxSockAddr = p->family == AF_INET6 ? sizeof(struct sockaddr_in6)
						   : sizeof(struct sockaddr_in);
	info->iMinSockAddr = info->iMaxSockAddr;
	info->iSocketType = p->type;
	info->iProtocol = p->protocol;
	info->iNetworkByteOrder = BIGENDIAN;
	info->iSecurityScheme = SECURITY_PROTOCOL_NONE;
	info->dwMessageSize = p->message_size;
	for (i = 0; p->name[i]; i++)
		info->szProtocol[i] = (WCHAR)p->name[i];
}

/* In the one form or in the other. */
size_t wsp_describe(const struct wsp_protocol *p, bool wide, void *to)
{
	WSAPROTOCOL_INFOW info;
	WSAPROTOCOL_INFOA narrow;

	describe(p, &info);
	if (wide) {
		memcpy(to, &info, sizeof(info));
		return sizeof(info);
	}
	memset(&narrow, 0, sizeof(narrow));
	memcpy(&narrow, &info, offsetof(WSAPROTOCOL_INFOA, szProtocol));
	strcpy(narrow.szProtocol, p->name);
	memcpy(to, &narrow, sizeof(narrow));
	return sizeof(narrow);
}

static bool is_among(int protocol, const int *wanted)
{
	if (!wanted)
		return true;
	for (; *wanted; wanted++)
		if (*wanted == protocol)
			return true;
	return false;
}

/* How many there are, or SOCKET_ERROR with a code in @code. */
int wsp_enumerate(const int *wanted, bool wide, void *to, LPDWORD len, int *code)
{
	const size_t size = wide ? sizeof(WSAPROTOCOL_INFOW)
				 : sizeof(WSAPROTOCOL_INFOA);
	const DWORD room = len ? *len : 0;
	int i, count = 0;
	char *next = to;

	if (!len)
		return wsp_fail(code, WSAEFAULT);
	for (i = 0; i < WSP_PROTOCOLS; i++)
		count += is_among(protocols[i].protocol, wanted);
	*len = (DWORD)(count * size);
	if (room < *len)
		return wsp_fail(code, WSAENOBUFS);
	if (count && !to)
		return wsp_fail(code, WSAEFAULT);
	for (i = 0; i < WSP_PROTOCOLS; i++)
		if (is_among(protocols[i].protocol, wanted))
			next += wsp_describe(&protocols[i], wide, next);
	return count;
}
