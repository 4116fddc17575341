// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

#include "rules.h"

static enum wsp_name_class wsp_v4_class(__be32 addr)
{
	if (addr == htonl(INADDR_ANY))
		return WSP_NAME_ANY;
	if (ipv4_is_lbcast(addr))
		return WSP_NAME_BROADCAST;
	if (ipv4_is_multicast(addr))
		return WSP_NAME_MULTICAST;
	return WSP_NAME_HOST;
}

static enum wsp_name_class wsp_v6_class(const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return wsp_v4_class(addr->s6_addr32[3]);
	if (ipv6_addr_any(addr))
		return WSP_NAME_ANY;
	if (ipv6_addr_is_multicast(addr))
		return WSP_NAME_MULTICAST;
	return WSP_NAME_HOST;
}

/*
 * The class of a name given to a socket of AF_INET or AF_INET6. A directed
 * broadcast is a WSP_NAME_HOST here: only the routing tables can tell.
 */
enum wsp_name_class wsp_name_class(sa_family_t family,
				   const struct sockaddr_unsized *name, int len)
{
	const bool v6 = family == AF_INET6;
	const int min = v6 ? sizeof(struct sockaddr_in6) :
			     sizeof(struct sockaddr_in);

	if (len < (int)sizeof(name->sa_family))
		return WSP_NAME_SHORT;
	if (name->sa_family == AF_UNSPEC)
		return WSP_NAME_UNSPEC;
	if (name->sa_family != family)
		return WSP_NAME_FOREIGN;
	if (len < min)
		return WSP_NAME_SHORT;
	if (v6)
		return wsp_v6_class(&((struct sockaddr_in6 *)name)->sin6_addr);
	return wsp_v4_class(((struct sockaddr_in *)name)->sin_addr.s_addr);
}

/* The IPv4 address in a name of AF_INET, or in a v4-mapped one of AF_INET6. */
bool wsp_name_v4(const struct sockaddr_unsized *name, __be32 *addr)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)name;

	if (name->sa_family == AF_INET) {
		*addr = ((const struct sockaddr_in *)name)->sin_addr.s_addr;
		return true;
	}
	*addr = sin6->sin6_addr.s6_addr32[3];
	return ipv6_addr_v4mapped(&sin6->sin6_addr);
}

/* sin_port and sin6_port share their place. */
static __be16 wsp_name_port(const struct sockaddr_unsized *name)
{
	BUILD_BUG_ON(offsetof(struct sockaddr_in, sin_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	return ((const struct sockaddr_in *)name)->sin_port;
}

/* A blocked thread is inside until it is told, though all may be over (E-03). */
enum wsp_state wsp_stream_state(enum wsp_stage stage, int tcp_state)
{
	if (stage == WSP_STAGE_STOOD)
		return WSP_STATE_CONNECTED;

	switch (tcp_state) {
	case TCP_CLOSE:
		if (stage == WSP_STAGE_BLOCKED)
			return WSP_STATE_BLOCKED;
		return stage == WSP_STAGE_LEFT ? WSP_STATE_FAILED :
						 WSP_STATE_IDLE;
	case TCP_LISTEN:
		return WSP_STATE_LISTENING;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		return stage == WSP_STAGE_BLOCKED ? WSP_STATE_BLOCKED :
						    WSP_STATE_PENDING;
	default:
		return WSP_STATE_CONNECTED;
	}
}

/* C-04: the state speaks first. */
int wsp_stream_state_error(enum wsp_state state)
{
	switch (state) {
	case WSP_STATE_IDLE:
	case WSP_STATE_FAILED:	/* C-05 */
		return 0;
	case WSP_STATE_LISTENING:
		return -EINVAL;		/* E-09 */
	case WSP_STATE_PENDING:
		return -EALREADY;	/* E-04 */
	case WSP_STATE_BLOCKED:
		return -EBUSY;		/* E-03 */
	default:
		return -EISCONN;	/* E-10 */
	}
}

int wsp_stream_name_error(enum wsp_name_class class,
			  const struct sockaddr_unsized *name)
{
	switch (class) {
	case WSP_NAME_SHORT:
		return -EFAULT;		/* E-08 */
	case WSP_NAME_FOREIGN:
	case WSP_NAME_UNSPEC:
		return -EAFNOSUPPORT;	/* E-06 */
	case WSP_NAME_ANY:		/* C-01 */
	case WSP_NAME_BROADCAST:	/* C-03 */
	case WSP_NAME_MULTICAST:	/* C-03 */
		return -EADDRNOTAVAIL;
	case WSP_NAME_HOST:
		break;
	}
	return wsp_name_port(name) ? 0 : -EADDRNOTAVAIL;	/* C-02 */
}

/* An action of enum wsp_dgram_action, or a negative errno. */
int wsp_dgram_verdict(enum wsp_name_class class, bool may_broadcast)
{
	switch (class) {
	case WSP_NAME_SHORT:
		return -EFAULT;		/* E-08 */
	case WSP_NAME_FOREIGN:
		return -EAFNOSUPPORT;	/* E-06 */
	case WSP_NAME_UNSPEC:
	case WSP_NAME_ANY:
		return WSP_DGRAM_DISCONNECT;	/* D-02 */
	case WSP_NAME_BROADCAST:
		return may_broadcast ? WSP_DGRAM_CONNECT : -EACCES;	/* D-09 */
	case WSP_NAME_MULTICAST:
	case WSP_NAME_HOST:
		break;
	}
	return WSP_DGRAM_CONNECT;	/* D-10 */
}
