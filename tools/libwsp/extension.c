// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which of Microsoft's extensions there are. */
#include <string.h>

#include "extension.h"

/**
 * struct extension - a call
 * @guid: by which programs ask for it
 * @function: the call, of whatever type
 */
struct extension {
	struct _GUID guid;
	wsp_extension *function;
};

#define EXTENSION(name, function) { WSAID_##name, (wsp_extension *)(function) }

static const struct extension extensions[] = {
	EXTENSION(ACCEPTEX, AcceptEx),
	EXTENSION(GETACCEPTEXSOCKADDRS, GetAcceptExSockaddrs),
	EXTENSION(CONNECTEX, wsp_connect_ex),
	EXTENSION(DISCONNECTEX, wsp_disconnect_ex),
	EXTENSION(TRANSMITFILE, TransmitFile),
	EXTENSION(WSARECVMSG, wsp_receive_msg),
	EXTENSION(WSASENDMSG, WSASendMsg),
};

BOOL wsp_extension_result(int code)
{
	if (!code)
		return TRUE;
	WSASetLastError(code);
	return FALSE;
}

wsp_extension *wsp_find_extension(const struct _GUID *guid)
{
	size_t i;

	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (!memcmp(&extensions[i].guid, guid, sizeof(*guid)))
			return extensions[i].function;
	return NULL;
}
