// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPIoctl: the codes that there are (section 7 of the contract). */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "extension.h"
#include "interface.h"
#include "overlapped.h"

/**
 * struct control - the buffers of a call
 * @in: a copy of what the program gives: that need not be aligned, nor stay as it is
 * @in_size: what there is of it
 * @out: where it wants the answer
 * @out_size: how much has room there
 * @returned: the answer's size; of a list also where there is no room for it
 * @overlapped: nothing may be waited for (O-01)
 * @notice: how the program is told then
 */
struct control {
	union {
		ULONG words[3];
		union wsp_name name;
		struct _GUID guid;
	} in;
	DWORD in_size;
	void *out;
	DWORD out_size;
	DWORD returned;
	bool overlapped;
	struct wsp_notice notice;
};

static bool has_room(const struct wsp_use *use, const struct control *c, DWORD size)
{
	return c->out_size >= size && wsp_is_writable(use->s, c->out, size);
}

/* I-02: @answer, if the program has room for it. */
static int give(const struct wsp_use *use, struct control *c, const void *answer,
		DWORD size)
{
	if (!has_room(use, c, size))
		return WSAEFAULT;
	memcpy(c->out, answer, size);
	c->returned = size;
	return 0;
}

static bool is_tied(SOCKET s)
{
	struct wsp_info info;

	return !ioctl((int)s, WSP_IOC_INFO, &info) && info.events;
}

static int set_nonblocking(const struct wsp_use *use, int on)
{
	return ioctl((int)use->s, FIONBIO, &on) ? wsp_code(use->s, errno) : 0;
}

/* V-01: a socket tied to an event stays nonblocking, if only just tied. */
static int set_mode(const struct wsp_use *use, struct control *c)
{
	const bool on = c->in.words[0];
	int code;

	if (!on && is_tied(use->s))
		return WSAEINVAL;
	code = set_nonblocking(use, on);
	if (code)
		return code;
	if (on) {
		wsp_note(use->s, use->word, WSP_NONBLOCKING);
		return 0;
	}
	if (is_tied(use->s)) {
		set_nonblocking(use, true);
		return WSAEINVAL;
	}
	wsp_unnote(use->s, use->word, WSP_NONBLOCKING);
	return 0;
}

/* Of a datagram socket the first datagram's. */
static int get_size(const struct wsp_use *use, struct control *c)
{
	if (c->out_size < sizeof(ULONG))
		return WSAEFAULT;
	if (ioctl((int)use->s, FIONREAD, c->out))
		return wsp_code(use->s, errno);
	c->returned = sizeof(ULONG);
	return 0;
}

/* TRUE also where there is no mark to come. */
static int get_mark(const struct wsp_use *use, struct control *c)
{
	struct pollfd p = { .fd = (int)use->s, .events = POLLPRI };
	int at = 0;

	if (wsp_use_type(use) != SOCK_STREAM)
		return WSAEOPNOTSUPP;
	if (ioctl((int)use->s, SIOCATMARK, &at))
		return wsp_code(use->s, errno);
	at = at || !(poll(&p, 1, 0) > 0 && p.revents & POLLPRI);
	return give(use, c, &at, sizeof(at));
}

/* An option of multicast, for which IPv4 and IPv6 have different names. */
static int set_multicast(const struct wsp_use *use, int v4, int v6, int value)
{
	const bool is_v6 = use->word & WSP_V6;

	if (wsp_use_type(use) != SOCK_DGRAM)
		return WSAENOPROTOOPT;
	if (setsockopt((int)use->s, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		       is_v6 ? v6 : v4, &value, sizeof(value)))
		return wsp_code(use->s, errno);
	return 0;
}

static int set_loopback(const struct wsp_use *use, struct control *c)
{
	return set_multicast(use, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP,
			     c->in.words[0] != 0);
}

static int set_scope(const struct wsp_use *use, struct control *c)
{
	const int scope = (int)c->in.words[0];

	/* To the platform -1 is its own default. */
	if (scope < 0 || scope > 255)
		return WSAEINVAL;
	return set_multicast(use, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, scope);
}

/* I-07: whole seconds, of which the platform has 1 to 32,767. */
static int seconds_of(ULONG milliseconds)
{
	const ULONG seconds = milliseconds / 1000 + !!(milliseconds % 1000);

	return seconds < 1 ? 1 : seconds > 32767 ? 32767 : (int)seconds;
}

static bool set_number(SOCKET s, int level, int name, int value)
{
	return !setsockopt((int)s, level, name, &value, sizeof(value));
}

static int set_keepalive(const struct wsp_use *use, struct control *c)
{
	const ULONG *vals = c->in.words;	/* onoff, keepalivetime, keepaliveinterval */
	const SOCKET s = use->s;

	if (wsp_use_type(use) != SOCK_STREAM)
		return WSAENOPROTOOPT;
	if (vals[0] && (!set_number(s, IPPROTO_TCP, TCP_KEEPIDLE, seconds_of(vals[1])) ||
			!set_number(s, IPPROTO_TCP, TCP_KEEPINTVL, seconds_of(vals[2]))))
		return wsp_code(s, errno);
	return set_number(s, SOL_SOCKET, SO_KEEPALIVE, vals[0] != 0) ?
	       0 : wsp_code(s, errno);
}

static int get_broadcast(const struct wsp_use *use, struct control *c)
{
	struct sockaddr_in name;
	int code;

	if (use->word & WSP_V6)
		return WSAENOPROTOOPT;
	code = wsp_broadcast_name(use, &name);
	return code ?: give(use, c, &name, sizeof(name));
}

static int get_route(const struct wsp_use *use, struct control *c)
{
	const DWORD size = wsp_use_name_size(use);
	union wsp_name name = c->in.name;
	int code;

	if (c->in_size < size)
		return WSAEFAULT;
	code = wsp_local_name(use, &name);
	return code ?: give(use, c, &name, size);
}

/* The names come after the list, as they do in Winsock's own. */
static int give_addresses(const struct wsp_use *use, struct control *c,
			  const struct wsp_addresses *found)
{
	const DWORD size = wsp_use_name_size(use), count = found->count;
	struct wsp_address_list *list = c->out;
	char *name;
	DWORD i;

	c->returned = offsetof(struct wsp_address_list, address) +
		      count * (sizeof(list->address[0]) + size);
	if (!has_room(use, c, c->returned))
		return WSAEFAULT;
	name = (char *)&list->address[count];
	list->count = (int)count;
	for (i = 0; i < count; i++) {
		memcpy(name, &found->names[i], size);
		list->address[i].name = (struct sockaddr *)name;
		list->address[i].size = (int)size;
		name += size;
	}
	return 0;
}

static int get_addresses(const struct wsp_use *use, struct control *c)
{
	struct wsp_addresses found = { 0 };
	int code = wsp_find_addresses(use, &found);

	if (!code)
		code = give_addresses(use, c, &found);
	free(found.names);
	return code;
}

static int await_change(const struct wsp_use *use, const struct control *c, DWORD event)
{
	return wsp_await_change(use, event, c->overlapped ? &c->notice : NULL);
}

static int await_address(const struct wsp_use *use, struct control *c)
{
	return await_change(use, c, FD_ADDRESS_LIST_CHANGE);
}

/* The kernel tells of every way, and which one it is for is only checked. */
static int await_route(const struct wsp_use *use, struct control *c)
{
	if (c->in_size < (DWORD)wsp_use_name_size(use))
		return WSAEFAULT;
	if (c->in.name.any.sa_family != (use->word & WSP_V6 ? AF_INET6 : AF_INET))
		return WSAEAFNOSUPPORT;
	return await_change(use, c, FD_ROUTING_INTERFACE_CHANGE);
}

static int get_interfaces(const struct wsp_use *use, struct control *c)
{
	struct wsp_interfaces found = { 0 };
	int code;

	if (use->word & WSP_V6)
		return WSAEINVAL;
	code = wsp_find_interfaces(use, &found);
	if (!code) {
		c->returned = (DWORD)(found.count * sizeof(found.list[0]));
		code = give(use, c, found.list, c->returned);
	}
	free(found.list);
	return code;
}

static int get_extension(const struct wsp_use *use, struct control *c)
{
	wsp_extension *function = wsp_find_extension(&c->in.guid);

	return function ? give(use, c, &function, sizeof(function)) : WSAEINVAL;
}

/**
 * struct code - a code that WSPIoctl knows
 * @code: its number
 * @other: Winsock's where the platform has one of its own, else 0
 * @in_size: what has to come in at least
 * @act: gives 0 or a WSAE code
 */
struct code {
	DWORD code;
	DWORD other;
	DWORD in_size;
	int (*act)(const struct wsp_use *use, struct control *c);
};

static const struct code codes[] = {
	{ FIONBIO, 0x8004667e, sizeof(ULONG), set_mode },
	{ FIONREAD, 0x4004667f, 0, get_size },
	{ SIOCATMARK, 0x40047307, 0, get_mark },
	{ SIO_GET_BROADCAST_ADDRESS, 0, 0, get_broadcast },
	{ SIO_MULTIPOINT_LOOPBACK, 0, sizeof(BOOL), set_loopback },
	{ SIO_MULTICAST_SCOPE, 0, sizeof(int), set_scope },
	{ SIO_ROUTING_INTERFACE_QUERY, 0, sizeof(struct sockaddr_in), get_route },
	{ SIO_ADDRESS_LIST_QUERY, 0, 0, get_addresses },
	{ SIO_ROUTING_INTERFACE_CHANGE, 0, sizeof(struct sockaddr_in), await_route },
	{ SIO_ADDRESS_LIST_CHANGE, 0, 0, await_address },
	{ SIO_GET_INTERFACE_LIST, 0, 0, get_interfaces },
	{ SIO_KEEPALIVE_VALS, 0, 3 * sizeof(ULONG), set_keepalive },
	{ SIO_GET_EXTENSION_FUNCTION_POINTER, 0, sizeof(struct _GUID), get_extension },
};

static int act(const struct wsp_use *use, const struct code *code, const void *in,
	       struct control *c)
{
	if (c->in_size > sizeof(c->in))
		c->in_size = sizeof(c->in);
	if (code->in_size) {
		if (c->in_size < code->in_size || !wsp_is_readable(in, c->in_size))
			return WSAEFAULT;
		memcpy(&c->in, in, c->in_size);
	}
	return code->act(use, c);
}

/* I-01: any other is not supported. */
static int control(const struct wsp_use *use, DWORD number, const void *in,
		   struct control *c)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == number ||
		    (codes[i].other && codes[i].other == number))
			return act(use, &codes[i], in, c);
	}
	return WSAEOPNOTSUPP;
}

/* One that gives WSA_IO_PENDING has the notice from then on. */
static int control_overlapped(const struct wsp_use *use, DWORD number, const void *in,
			      struct control *c, LPWSAOVERLAPPED overlapped,
			      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	int code = wsp_make_notice(&c->notice, overlapped, routine);

	if (code)
		return code;
	code = control(use, number, in, c);
	wsp_settle_notice(&c->notice, code, c->returned, 0);
	return code;
}

int WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
	     DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
	     LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
	     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	     LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	struct control c = {
		.in = { .words = { 0 } },
		.in_size = cbInBuffer,
		.out = lpvOutBuffer,
		.out_size = cbOutBuffer,
		.returned = 0,
	};
	WSP_USE(use, s);
	int code;

	(void)lpThreadId;
	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	c.overlapped = lpOverlapped && wsp_goes_overlapped(&use);
	if (!(c.overlapped && !lpcbBytesReturned) &&
	    !wsp_is_writable(s, lpcbBytesReturned, sizeof(*lpcbBytesReturned)))
		return wsp_fail(lpErrno, WSAEFAULT);
	if (c.overlapped)
		code = control_overlapped(&use, dwIoControlCode, lpvInBuffer, &c,
					  lpOverlapped, lpCompletionRoutine);
	else
		code = control(&use, dwIoControlCode, lpvInBuffer, &c);
	if (lpcbBytesReturned && (!code || code == WSA_IO_PENDING || c.returned))
		*lpcbBytesReturned = c.returned;
	return code ? wsp_fail(lpErrno, code) : 0;
}
