// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Options (S-01 to S-08). An option that is in no table is the platform's own, of
 * which the kernel says everything.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "internal.h"
#include "setting.h"

/* A value that is too short for an int may be what the option takes. */
static bool takes_short(int level, int optname)
{
	return level == IPPROTO_IP || (level == IPPROTO_TCP && optname == TCP_CONGESTION);
}

/* There may be others only where a BPF program answers for them. */
static bool is_level(int level)
{
	return level == SOL_SOCKET || level == IPPROTO_IP ||
	       level == IPPROTO_IPV6 || level == IPPROTO_TCP ||
	       level == IPPROTO_UDP;
}

static int option_code(SOCKET s, int level, int optname, int optlen, int error)
{
	if (error == ENOPROTOOPT || error == EOPNOTSUPP)
		return is_level(level) ? WSAENOPROTOOPT : WSAEINVAL;
	if (error == ENOENT || error == EDOM)	/* no such algorithm, no such time */
		return WSAEINVAL;
	if (error == EINVAL && optlen < (int)sizeof(int) &&
	    (optlen <= 0 || !takes_short(level, optname)))
		return WSAEFAULT;
	return wsp_code(s, error);
}

static int get_plainly(SOCKET s, int level, int optname, CHAR *optval,
		       LPINT optlen)
{
	if (!getsockopt((int)s, level, optname, optval, (socklen_t *)optlen))
		return 0;
	/* The kernel has read *optlen before it judges its value. */
	return option_code(s, level, optname, errno == EINVAL ? *optlen : 0,
			   errno);
}

static int set_plainly(SOCKET s, int level, int optname, const CHAR *optval,
		       int optlen)
{
	if (!setsockopt((int)s, level, optname, optval, (socklen_t)optlen))
		return 0;
	return option_code(s, level, optname, optlen, errno);
}

/* The bytes that go from or to a value for which there is room for @len; or -1. */
static int bytes_of(const struct wsp_option *o, int len)
{
	if (len >= o->size)
		return o->size;
	return o->may_be_byte && len >= 1 ? 1 : -1;
}

/* Is the value the one that the platform has by this number? */
static bool is_platforms(const struct wsp_option *o, int len)
{
	return o->platforms && len == o->platforms;
}

static int get_value(const struct wsp_use *use, const struct wsp_option *o,
		     CHAR *optval, int *len)
{
	const int bytes = bytes_of(o, *len);
	union wsp_value value = { 0 };
	CHAR byte;
	int code;

	if (bytes < 0 || !wsp_is_writable(use->s, optval, (size_t)bytes))
		return WSAEFAULT;
	code = o->get(use, o, &value);
	if (code)
		return code;
	byte = (CHAR)value.number;
	memcpy(optval, bytes == 1 ? (const void *)&byte : &value, (size_t)bytes);
	*len = bytes;
	return 0;
}

static int get(const struct wsp_use *use, int level, int optname, CHAR *optval,
	       LPINT optlen)
{
	const struct wsp_option *o = wsp_option(use, level, optname);
	int len, code;

	if (!optlen)
		return WSAEFAULT;
	if (!o)
		return get_plainly(use->s, level, optname, optval, optlen);
	if (!o->get)
		return WSAENOPROTOOPT;
	if (!wsp_is_readable(optlen, sizeof(*optlen)))
		return WSAEFAULT;
	len = *optlen;
	if (is_platforms(o, len) || (o->get == wsp_get_number && len >= o->size))
		return get_plainly(use->s, level, optname, optval, optlen);
	if (!wsp_is_writable(use->s, optlen, sizeof(*optlen)))
		return WSAEFAULT;
	code = get_value(use, o, optval, &len);
	*optlen = len;
	return code;
}

static int set_value(const struct wsp_use *use, const struct wsp_option *o,
		     const CHAR *optval, int len)
{
	const int bytes = bytes_of(o, len);
	union wsp_value value = { 0 };

	if (bytes < 0 || (bytes && !wsp_is_readable(optval, (size_t)bytes)))
		return WSAEFAULT;
	if (bytes == 1)
		value.number = (unsigned char)*optval;
	else if (bytes)
		memcpy(&value, optval, (size_t)bytes);
	return o->set(use, o, &value);
}

static int set(const struct wsp_use *use, int level, int optname,
	       const CHAR *optval, int optlen)
{
	const struct wsp_option *o = wsp_option(use, level, optname);
	int code;

	if (!o)
		return set_plainly(use->s, level, optname, optval, optlen);
	if (!o->set)
		return WSAENOPROTOOPT;
	if (!optval && o->size)	/* which the kernel may take for 0 */
		return WSAEFAULT;
	if (is_platforms(o, optlen) ||
	    (o->set == wsp_set_number && optlen >= o->size))
		code = set_plainly(use->s, level, optname, optval, optlen);
	else
		code = set_value(use, o, optval, optlen);
	if (!code && o->noted)
		wsp_note(use->s, use->word, o->noted);
	return code;
}

int WSPGetSockOpt(SOCKET s, int level, int optname, CHAR *optval,
		  LPINT optlen, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code;

	code = use.word ? get(&use, level, optname, optval, optlen) : WSAENOTSOCK;
	return code ? wsp_fail(lpErrno, code) : 0;
}

int WSPSetSockOpt(SOCKET s, int level, int optname, const CHAR *optval,
		  int optlen, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code;

	code = use.word ? set(&use, level, optname, optval, optlen) : WSAENOTSOCK;
	return code ? wsp_fail(lpErrno, code) : 0;
}
