// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of Winsock's options, and how the value of each is had and set. */
#include <errno.h>
#include <netinet/tcp.h>
#include <time.h>

#include <wsp/wspextend.h>

#include "setting.h"

/*
 * SO_RCVTIMEO and SO_SNDTIMEO have two numbers: for a struct timeval of two longs,
 * and for one of 64 bits each. Either may come from a program.
 */
enum {
	RCVTIMEO_LONGS = 20,
	SNDTIMEO_LONGS = 21,
	RCVTIMEO_64 = 66,
	SNDTIMEO_64 = 67
};

/* Bits that the socket keeps (WSP_IOC_KEEP), beside WSP_KEEP_DEBUG. */
#define KEEP_EXCLUSIVE		2U
#define KEEP_CONDITIONAL	4U
#define KEEP_TIME_BITS		14
#define KEEP_TIME		((1U << KEEP_TIME_BITS) - 1)
#define KEEP_RCVTIMEO_SHIFT	4
#define KEEP_SNDTIMEO_SHIFT	(KEEP_RCVTIMEO_SHIFT + KEEP_TIME_BITS)

static int get_int(SOCKET s, int level, int name, void *value)
{
	socklen_t len = sizeof(int);

	return getsockopt((int)s, level, name, value, &len) ? wsp_code(s, errno)
							    : 0;
}

static int set_int(SOCKET s, int level, int name, const void *value)
{
	return setsockopt((int)s, level, name, value, sizeof(int)) ?
	       wsp_code(s, errno) : 0;
}

static bool is_on(SOCKET s, int name)
{
	int on = 0;

	return !get_int(s, SOL_SOCKET, name, &on) && on;
}

static int keep(SOCKET s, unsigned int mask, unsigned int bits,
		struct wsp_keep *all)
{
	*all = (struct wsp_keep) { .mask = mask, .bits = bits };
	return ioctl((int)s, WSP_IOC_KEEP, all) ? wsp_code(s, errno) : 0;
}

int wsp_get_number(const struct wsp_use *use, const struct wsp_option *o,
		   union wsp_value *value)
{
	return get_int(use->s, o->level, o->name, &value->number);
}

int wsp_set_number(const struct wsp_use *use, const struct wsp_option *o,
		   const union wsp_value *value)
{
	return set_int(use->s, o->level, o->name, &value->number);
}

/* A BOOL that the kernel would want to be 0 or 1. */
static int set_flag(const struct wsp_use *use, const struct wsp_option *o,
		    const union wsp_value *value)
{
	const union wsp_value flag = { .number = value->number != 0 };

	return wsp_set_number(use, o, &flag);
}

static int get_constant(const struct wsp_use *use, const struct wsp_option *o,
			union wsp_value *value)
{
	(void)use;
	value->number = o->what;
	return 0;
}

static int get_error(const struct wsp_use *use, const struct wsp_option *o,
		     union wsp_value *value)
{
	int error = 0, code;

	(void)o;
	code = wsp_pending_code(use, &error);
	value->number = (DWORD)error;
	return code;
}

/* T-12: the kernel makes twice as much of it, for what it needs itself. */
static int get_buffer(const struct wsp_use *use, const struct wsp_option *o,
		      union wsp_value *value)
{
	const int code = wsp_get_number(use, o, value);

	value->number /= 2;
	return code;
}

/* S-01: the kernel would want a privilege for it. */
static int set_debug(const struct wsp_use *use, const struct wsp_option *o,
		     const union wsp_value *value)
{
	struct wsp_keep all;

	(void)o;
	return keep(use->s, WSP_KEEP_DEBUG, value->number ? WSP_KEEP_DEBUG : 0,
		    &all);
}

/*
 * S-06: without SO_REUSEADDR a socket's address is its own, but who says so is to
 * be held to it. setsockopt(2) knows of no such thing: the later call holds.
 */
static int get_exclusive(const struct wsp_use *use, const struct wsp_option *o,
			 union wsp_value *value)
{
	struct wsp_keep all;
	const int code = keep(use->s, 0, 0, &all);

	(void)o;
	value->number = !code && all.bits & KEEP_EXCLUSIVE &&
			!is_on(use->s, SO_REUSEADDR);
	return code;
}

static int set_exclusive(const struct wsp_use *use, const struct wsp_option *o,
			 const union wsp_value *value)
{
	struct wsp_keep all;

	(void)o;
	if (!wsp_check_bound(use->s) ||
	    (value->number && is_on(use->s, SO_REUSEADDR)))
		return WSAEINVAL;
	return keep(use->s, KEEP_EXCLUSIVE, value->number ? KEEP_EXCLUSIVE : 0,
		    &all);
}

static int set_reuse(const struct wsp_use *use, const struct wsp_option *o,
		     const union wsp_value *value)
{
	union wsp_value exclusive;

	if (value->number && !get_exclusive(use, o, &exclusive) &&
	    exclusive.number)
		return WSAEINVAL;
	return wsp_set_number(use, o, value);
}

static int get_conditional(const struct wsp_use *use,
			   const struct wsp_option *o, union wsp_value *value)
{
	struct wsp_keep all;
	const int code = keep(use->s, 0, 0, &all);

	(void)o;
	value->number = !!(all.bits & KEEP_CONDITIONAL);
	return code;
}

static int set_conditional(const struct wsp_use *use, const struct wsp_option *o,
			   const union wsp_value *value)
{
	struct wsp_keep all;

	(void)o;
	if (is_on(use->s, SO_ACCEPTCONN))
		return WSAEINVAL;
	return keep(use->s, KEEP_CONDITIONAL,
		    value->number ? KEEP_CONDITIONAL : 0, &all);
}

static int get_connect_time(const struct wsp_use *use,
			    const struct wsp_option *o, union wsp_value *value)
{
	struct wsp_keep all;
	const int code = keep(use->s, 0, 0, &all);

	(void)o;
	value->number = all.age;
	return code;
}

static int get_platforms_linger(SOCKET s, struct linger *linger)
{
	socklen_t len = sizeof(*linger);

	return getsockopt((int)s, SOL_SOCKET, SO_LINGER, linger, &len) ?
	       wsp_code(s, errno) : 0;
}

static int set_platforms_linger(SOCKET s, int on, int seconds)
{
	const struct linger linger = { .l_onoff = on, .l_linger = seconds };

	return setsockopt((int)s, SOL_SOCKET, SO_LINGER, &linger,
			  sizeof(linger)) ? wsp_code(s, errno) : 0;
}

/* S-04 */
static int get_linger(const struct wsp_use *use, const struct wsp_option *o,
		      union wsp_value *value)
{
	struct linger linger = { 0 };
	const int code = get_platforms_linger(use->s, &linger);

	(void)o;
	value->linger.on = linger.l_onoff != 0;
	value->linger.seconds = (__u16)(linger.l_linger < 0xffff ?
					linger.l_linger : 0xffff);
	return code;
}

static int set_linger(const struct wsp_use *use, const struct wsp_option *o,
		      const union wsp_value *value)
{
	(void)o;
	return set_platforms_linger(use->s, value->linger.on,
				    value->linger.seconds);
}

static int get_dont_linger(const struct wsp_use *use,
			   const struct wsp_option *o, union wsp_value *value)
{
	struct linger linger = { 0 };
	const int code = get_platforms_linger(use->s, &linger);

	(void)o;
	value->number = !linger.l_onoff;
	return code;
}

/* The kernel has the last time while it is off as well. */
static int set_dont_linger(const struct wsp_use *use, const struct wsp_option *o,
			   const union wsp_value *value)
{
	struct linger linger = { 0 };
	const int code = get_platforms_linger(use->s, &linger);

	(void)o;
	return code ? code : set_platforms_linger(use->s, !value->number,
						  linger.l_linger);
}

struct kernel_time {
	long long seconds, microseconds;
};

/*
 * The kernel rounds times up to those of its clock. What the program has set is
 * the one that ends in the bits that the socket keeps, if one of those has been
 * rounded to what the kernel has now.
 */
static long long unrounded(long long ms, unsigned int kept)
{
	const unsigned int less = ((unsigned int)ms - kept) & KEEP_TIME;
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || less >= ms ||
	    less * 1000000LL >= tick.tv_nsec)
		return ms;
	return ms - less;
}

static unsigned int time_shift(const struct wsp_option *o)
{
	return o->what == RCVTIMEO_64 ? KEEP_RCVTIMEO_SHIFT : KEEP_SNDTIMEO_SHIFT;
}

static int get_time(const struct wsp_use *use, const struct wsp_option *o,
		    union wsp_value *value)
{
	const unsigned int shift = time_shift(o);
	struct kernel_time time;
	socklen_t len = sizeof(time);
	struct wsp_keep all;
	long long ms;
	int code;

	if (getsockopt((int)use->s, SOL_SOCKET, (int)o->what, &time, &len))
		return wsp_code(use->s, errno);
	code = keep(use->s, 0, 0, &all);
	ms = unrounded(time.seconds * 1000 + time.microseconds / 1000,
		       all.bits >> shift);
	value->number = ms < 0xffffffff ? (DWORD)ms : 0xffffffff;
	return code;
}

static int set_time(const struct wsp_use *use, const struct wsp_option *o,
		    const union wsp_value *value)
{
	const unsigned int shift = time_shift(o);
	const DWORD ms = value->number;
	const struct kernel_time time = {
		.seconds = ms / 1000,
		.microseconds = ms % 1000 * 1000LL,
	};
	struct wsp_keep all;

	if (setsockopt((int)use->s, SOL_SOCKET, (int)o->what, &time,
		       sizeof(time)))
		return wsp_code(use->s, errno);
	return keep(use->s, KEEP_TIME << shift, (unsigned int)ms << shift, &all);
}

/* After ConnectEx, AcceptEx: the socket is what it is to be as it is. */
static int set_connect_context(const struct wsp_use *use, const struct wsp_option *o,
			       const union wsp_value *value)
{
	(void)o;
	(void)value;
	return wsp_check_connected(use);
}

static int set_accept_context(const struct wsp_use *use, const struct wsp_option *o,
			      const union wsp_value *value)
{
	(void)o;
	return wsp_type(value->socket) ? wsp_check_connected(use) : WSAENOTSOCK;
}

static int get_max_size(const struct wsp_use *use, const struct wsp_option *o,
			union wsp_value *value)
{
	(void)o;
	value->number = wsp_protocol_of(use->word)->message_size;
	return 0;
}

static int get_protocol(const struct wsp_use *use, const struct wsp_option *o,
			union wsp_value *value)
{
	wsp_describe(wsp_protocol_of(use->word), o->name == SO_PROTOCOL_INFOW,
		     value);
	return 0;
}

#define OPTION(level, name, sockets, get, set)				\
	{ level, name, 4, false, 0, 0, WSP_FOR_##sockets, get, set, 0 }

/* A BOOL, or a number that other systems have in a byte. */
#define SHORT(level, name, sockets, get, set)				\
	{ level, name, 4, true, 0, 0, WSP_FOR_##sockets, get, set, 0 }

#define PLAIN_SHORT(level, name, sockets)				\
	SHORT(level, name, sockets, wsp_get_number, wsp_set_number)
#define PLAIN(level, name, sockets)					\
	OPTION(level, name, sockets, wsp_get_number, wsp_set_number)
#define SIZED(level, name, size, sockets, get, set)			\
	{ level, name, size, false, 0, 0, WSP_FOR_##sockets, get, set, 0 }
#define MEMBER(level, name, type)					\
	SIZED(level, name, sizeof(type), DGRAMS, NULL, wsp_set_number)
#define TIME(name, size, kernels)					\
	{ SOL_SOCKET, name, 4, false, size, 0, WSP_FOR_ALL,		\
	  get_time, set_time, kernels }

static const struct wsp_option options[] = {
	SHORT(SOL_SOCKET, SO_DEBUG, ALL, wsp_get_number, set_debug),
	SHORT(SOL_SOCKET, SO_REUSEADDR, ALL, wsp_get_number, set_reuse),
	OPTION(SOL_SOCKET, SO_TYPE, ALL, wsp_get_number, NULL),
	OPTION(SOL_SOCKET, SO_ERROR, ALL, get_error, NULL),
	PLAIN_SHORT(SOL_SOCKET, SO_DONTROUTE, ALL),
	PLAIN_SHORT(SOL_SOCKET, SO_BROADCAST, ALL),
	OPTION(SOL_SOCKET, SO_SNDBUF, ALL, get_buffer, wsp_set_number),
	OPTION(SOL_SOCKET, SO_RCVBUF, ALL, get_buffer, wsp_set_number),
	TIME(RCVTIMEO_LONGS, 2 * sizeof(long), RCVTIMEO_64),
	TIME(SNDTIMEO_LONGS, 2 * sizeof(long), SNDTIMEO_64),
	TIME(RCVTIMEO_64, sizeof(struct kernel_time), RCVTIMEO_64),
	TIME(SNDTIMEO_64, sizeof(struct kernel_time), SNDTIMEO_64),
	PLAIN_SHORT(SOL_SOCKET, SO_KEEPALIVE, STREAMS),
	PLAIN_SHORT(SOL_SOCKET, SO_OOBINLINE, STREAMS),
	SHORT(SOL_SOCKET, SO_ACCEPTCONN, STREAMS, wsp_get_number, NULL),
	{ SOL_SOCKET, SO_LINGER, 4, false, sizeof(struct linger), WSP_LINGERS,
	  WSP_FOR_STREAMS, get_linger, set_linger, 0 },

	/* Winsock's alone */
	{ SOL_SOCKET, SO_DONTLINGER, 4, true, 0, WSP_LINGERS, WSP_FOR_STREAMS,
	  get_dont_linger, set_dont_linger, 0 },
	SHORT(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, ALL, get_exclusive, set_exclusive),
	SHORT(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, STREAMS, get_conditional,
	      set_conditional),
	OPTION(SOL_SOCKET, SO_CONNECT_TIME, STREAMS, get_connect_time, NULL),
	OPTION(SOL_SOCKET, SO_GROUP_ID, ALL, get_constant, NULL),
	OPTION(SOL_SOCKET, SO_GROUP_PRIORITY, ALL, get_constant, NULL),
	OPTION(SOL_SOCKET, SO_MAX_MSG_SIZE, ALL, get_max_size, NULL),
	SIZED(SOL_SOCKET, SO_PROTOCOL_INFOA, sizeof(WSAPROTOCOL_INFOA), ALL,
	      get_protocol, NULL),
	SIZED(SOL_SOCKET, SO_PROTOCOL_INFOW, sizeof(WSAPROTOCOL_INFOW), ALL,
	      get_protocol, NULL),
	SIZED(SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, 0, STREAMS, NULL,
	      set_connect_context),
	SIZED(SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, sizeof(SOCKET), STREAMS, NULL,
	      set_accept_context),
	SIZED(SOL_SOCKET, PVD_CONFIG, 0, ALL, get_constant, NULL),

	PLAIN_SHORT(IPPROTO_TCP, TCP_NODELAY, STREAMS),

	PLAIN_SHORT(IPPROTO_IP, IP_TTL, ALL),
	PLAIN_SHORT(IPPROTO_IP, IP_TOS, ALL),
	PLAIN(IPPROTO_IP, IP_MULTICAST_IF, DGRAMS),
	PLAIN_SHORT(IPPROTO_IP, IP_MULTICAST_TTL, DGRAMS),
	PLAIN_SHORT(IPPROTO_IP, IP_MULTICAST_LOOP, DGRAMS),
	MEMBER(IPPROTO_IP, IP_ADD_MEMBERSHIP, struct ip_mreq),
	MEMBER(IPPROTO_IP, IP_DROP_MEMBERSHIP, struct ip_mreq),
	MEMBER(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, struct ip_mreq_source),
	MEMBER(IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, struct ip_mreq_source),
	MEMBER(IPPROTO_IP, IP_BLOCK_SOURCE, struct ip_mreq_source),
	MEMBER(IPPROTO_IP, IP_UNBLOCK_SOURCE, struct ip_mreq_source),

	PLAIN(IPPROTO_IPV6, IPV6_UNICAST_HOPS, ALL),
	PLAIN(IPPROTO_IPV6, IPV6_MULTICAST_IF, DGRAMS),
	PLAIN(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, DGRAMS),
	SHORT(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, DGRAMS, wsp_get_number, set_flag),
	MEMBER(IPPROTO_IPV6, IPV6_JOIN_GROUP, struct ipv6_mreq),
	MEMBER(IPPROTO_IPV6, IPV6_LEAVE_GROUP, struct ipv6_mreq),
	PLAIN_SHORT(IPPROTO_IPV6, IPV6_V6ONLY, ALL),
};

static bool is_for(const struct wsp_option *o, const struct wsp_use *use)
{
	const int kind = wsp_use_type(use) == SOCK_STREAM ? WSP_FOR_STREAMS
							  : WSP_FOR_DGRAMS;

	return o->sockets & kind &&
	       (o->level != IPPROTO_IPV6 || use->word & WSP_V6);
}

const struct wsp_option *wsp_option(const struct wsp_use *use, int level, int name)
{
	static const struct wsp_option of_others;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].level == level && options[i].name == name)
			return is_for(&options[i], use) ? &options[i] : &of_others;
	}
	return NULL;
}
