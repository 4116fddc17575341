// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the codes say in words. */
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "winsock.h"

static const struct {
	int code;
	const char *text;
} messages[] = {
	{ 0, "The operation succeeded." },
	{ 5, "Access is denied." },
	{ WSA_INVALID_HANDLE, "The handle is invalid." },
	{ WSA_NOT_ENOUGH_MEMORY, "There is not enough memory." },
	{ WSA_INVALID_PARAMETER, "A parameter is wrong." },
	{ 122, "The buffer is too small." },
	{ WSA_WAIT_TIMEOUT, "The time to wait is over." },
	{ WSA_OPERATION_ABORTED, "The operation was aborted." },
	{ WSA_IO_INCOMPLETE, "The operation is not complete." },
	{ WSA_IO_PENDING, "The operation goes on." },
	{ WSAEINTR, "A blocking call was interrupted." },
	{ WSAEBADF, "The descriptor is not valid." },
	{ WSAEACCES, "The access to the socket is not permitted." },
	{ WSAEFAULT, "A pointer or length is not usable." },
	{ WSAEINVAL, "An argument is not valid." },
	{ WSAEMFILE, "Too many sockets are open." },
	{ WSAEWOULDBLOCK, "The call cannot complete at once." },
	{ WSAEINPROGRESS, "A blocking call is in progress." },
	{ WSAEALREADY, "The operation is in progress already." },
	{ WSAENOTSOCK, "It is not a socket." },
	{ WSAEDESTADDRREQ, "A destination address is required." },
	{ WSAEMSGSIZE, "The message is too long." },
	{ WSAEPROTOTYPE, "The protocol is of another type of socket." },
	{ WSAENOPROTOOPT, "The option is unknown or not supported." },
	{ WSAEPROTONOSUPPORT, "The protocol is not supported." },
	{ WSAESOCKTNOSUPPORT, "The type of socket is not supported." },
	{ WSAEOPNOTSUPP, "The operation is not supported." },
	{ WSAEPFNOSUPPORT, "The protocol family is not supported." },
	{ WSAEAFNOSUPPORT, "The address family is not supported." },
	{ WSAEADDRINUSE, "The address is in use." },
	{ WSAEADDRNOTAVAIL, "The address is not available." },
	{ WSAENETDOWN, "The network is down." },
	{ WSAENETUNREACH, "The network is unreachable." },
	{ WSAENETRESET, "The network has dropped the connection." },
	{ WSAECONNABORTED, "The connection was aborted here." },
	{ WSAECONNRESET, "The connection was reset by the peer." },
	{ WSAENOBUFS, "There is no buffer space." },
	{ WSAEISCONN, "The socket is connected already." },
	{ WSAENOTCONN, "The socket is not connected." },
	{ WSAESHUTDOWN, "The socket has been shut down." },
	{ WSAETOOMANYREFS, "There are too many references." },
	{ WSAETIMEDOUT, "The connection timed out." },
	{ WSAECONNREFUSED, "The connection was refused." },
	{ WSAELOOP, "The name cannot be translated." },
	{ WSAENAMETOOLONG, "The name is too long." },
	{ WSAEHOSTDOWN, "The host is down." },
	{ WSAEHOSTUNREACH, "There is no route to the host." },
	{ WSAENOTEMPTY, "The directory is not empty." },
	{ WSAEPROCLIM, "There are too many processes." },
	{ WSAEUSERS, "The user quota is exceeded." },
	{ WSAEDQUOT, "The disk quota is exceeded." },
	{ WSAESTALE, "The file handle is stale." },
	{ WSAEREMOTE, "The item is not available here." },
	{ WSASYSNOTREADY, "The network subsystem is not available." },
	{ WSAVERNOTSUPPORTED, "The version of Winsock is not supported." },
	{ WSANOTINITIALISED, "WSAStartup has not been called." },
	{ WSAEDISCON, "A graceful shutdown is in progress." },
	{ WSAENOMORE, "There are no more results." },
	{ WSAECANCELLED, "The call was cancelled." },
	{ WSAEINVALIDPROCTABLE, "The table of calls is not valid." },
	{ WSAEINVALIDPROVIDER, "The service provider is not valid." },
	{ WSAEPROVIDERFAILEDINIT, "The service provider cannot be initialized." },
	{ WSASYSCALLFAILURE, "A system call has failed." },
	{ WSASERVICE_NOT_FOUND, "The service is not known." },
	{ WSATYPE_NOT_FOUND, "The class of the service was not found." },
	{ WSAHOST_NOT_FOUND, "The host is not known." },
	{ WSATRY_AGAIN, "The host was not found for now; try again." },
	{ WSANO_RECOVERY, "The look-up has failed for good." },
	{ WSANO_DATA, "The name has no data of the requested type." },
};

const char *winsock_message(int code)
{
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].code == code)
			return messages[i].text;
	return NULL;
}

char *gai_strerrorA(int ecode)
{
	static _Thread_local char text[80];
	const char *message = winsock_message(ecode);

	strcpy(text, message ? message : "The code is unknown.");
	return text;
}

WCHAR *gai_strerrorW(int ecode)
{
	static _Thread_local WCHAR text[80];

	winsock_to_wide(gai_strerrorA(ecode), text, 80);
	return text;
}
