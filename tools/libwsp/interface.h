/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What control.c asks interface.c and change.c: the machine's addresses and ways. */
#ifndef LIBWSP_INTERFACE_H
#define LIBWSP_INTERFACE_H

#include "internal.h"

/* SOCKET_ADDRESS_LIST as <winsock2.h> has it. */
struct wsp_address_list {
	int count;
	struct {
		struct sockaddr *name;
		int size;
	} address[];
};

/* INTERFACE_INFO as <ws2tcpip.h> has it. */
union wsp_generic_name {
	struct sockaddr_in v4;
	char v6[24];
};

struct wsp_interface {
	ULONG flags;
	union wsp_generic_name address, broadcast, mask;
};

/* Addresses of the socket's family, and interfaces; the caller frees them. */
struct wsp_addresses {
	union wsp_name *names;
	size_t count;
};

struct wsp_interfaces {
	struct wsp_interface *list;
	size_t count;
};

/* Each gives 0 or a WSAE code. */
int wsp_find_addresses(const struct wsp_use *use, struct wsp_addresses *found);
int wsp_find_interfaces(const struct wsp_use *use, struct wsp_interfaces *found);
int wsp_broadcast_name(const struct wsp_use *use, struct sockaddr_in *name);

/* From the name of a destination to the address that one goes there by (I-03). */
int wsp_local_name(const struct wsp_use *use, union wsp_name *name);

/*
 * change.c; @event: FD_ADDRESS_LIST_CHANGE or FD_ROUTING_INTERFACE_CHANGE; @notice: of an
 * overlapped call, or NULL
 */
struct wsp_notice;
int wsp_await_change(const struct wsp_use *use, DWORD event,
		     const struct wsp_notice *notice);

#endif /* LIBWSP_INTERFACE_H */
