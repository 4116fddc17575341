// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets tied to events: the kernel keeps the record (section 4). */
#include <errno.h>
#include <limits.h>
#include <stddef.h>

#include "internal.h"

/* The kernel writes this type where the caller has Winsock's. */
_Static_assert(sizeof(WSANETWORKEVENTS) == sizeof(struct wsp_network_events) &&
	       offsetof(WSANETWORKEVENTS, iErrorCode) ==
	       offsetof(struct wsp_network_events, codes),
	       "a WSANETWORKEVENTS is a wsp_network_events");
_Static_assert(FD_READ == WSP_FD_READ && FD_WRITE == WSP_FD_WRITE &&
	       FD_OOB == WSP_FD_OOB && FD_ACCEPT == WSP_FD_ACCEPT &&
	       FD_CONNECT == WSP_FD_CONNECT && FD_CLOSE == WSP_FD_CLOSE,
	       "the bits are Winsock's");
_Static_assert((FD_ROUTING_INTERFACE_CHANGE) == WSP_FD_ROUTING_INTERFACE_CHANGE &&
	       (FD_ADDRESS_LIST_CHANGE) == WSP_FD_ADDRESS_LIST_CHANGE,
	       "and these");

/* A descriptor that is none where the handle is none, and -1 for NULL. */
static int event_fd(WSAEVENT event)
{
	const uintptr_t number = (uintptr_t)event;

	if (!number)
		return -1;
	return number > INT_MAX ? INT_MAX : (int)number;
}

int WSPEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents,
		   LPINT lpErrno)
{
	const struct wsp_select args = {
		.event = event_fd(hEventObject),
		.mask = (__u32)lNetworkEvents,
	};
	WSP_USE(use, s);

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (ioctl((int)s, WSP_IOC_SELECT, &args))
		return wsp_fail(lpErrno, wsp_code(s, errno));
	wsp_note(s, use.word, WSP_NONBLOCKING);
	if (lNetworkEvents & FD_ACCEPT && wsp_has_deferred(s))	/* V-11 */
		wsp_enable(s, FD_ACCEPT);
	return 0;
}

int WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
			 LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno)
{
	const struct wsp_enum args = {
		.record = (uintptr_t)lpNetworkEvents,
		.event = event_fd(hEventObject),
	};
	WSP_USE(use, s);

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (ioctl((int)s, WSP_IOC_ENUM, &args))
		return wsp_fail(lpErrno, wsp_code(s, errno));
	return 0;
}

void wsp_enable(SOCKET s, LONG events)
{
	const bool deferred = events & FD_ACCEPT && wsp_has_deferred(s);
	const struct wsp_enable args = {
		.events = (__u32)events,
		.flags = deferred ? WSP_ENABLE_DEFERRED : 0,
	};

	ioctl((int)s, WSP_IOC_ENABLE, &args);
}
