// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>

#include <linux/wsp.h>

#include "codes.h"

/*
 * The code of every errno that connect(2) or SO_ERROR gives on a socket of the
 * family. What is not here never comes out of a sound network stack (E-01).
 */
static const u16 wsp_codes[] = {
	[EPERM]			= WSAEACCES,		/* E-18 */
	[EINTR]			= WSAEINTR,		/* C-12 */
	[EBADF]			= WSAENOTSOCK,		/* E-13 */
	[EAGAIN]		= WSAENOBUFS,		/* E-12 */
	[ENOMEM]		= WSAENOBUFS,
	[EACCES]		= WSAEACCES,
	[EFAULT]		= WSAEFAULT,		/* E-08 */
	[EBUSY]			= WSAEINPROGRESS,	/* E-03 */
	[EINVAL]		= WSAEINVAL,		/* E-09 */
	[ENFILE]		= WSAENOBUFS,
	[EMFILE]		= WSAENOBUFS,
	[ENOTTY]		= WSAENOTSOCK,
	[ENOSPC]		= WSAENOBUFS,
	[EPIPE]			= WSAECONNREFUSED,	/* E-07 */
	[ENONET]		= WSAENETUNREACH,	/* E-11 */
	[EPROTO]		= WSAENETUNREACH,
	[ENOTSOCK]		= WSAENOTSOCK,
	[EMSGSIZE]		= WSAENETUNREACH,
	[ENOPROTOOPT]		= WSAECONNREFUSED,	/* ICMP protocol unreachable */
	[EPROTONOSUPPORT]	= WSAEPROTONOSUPPORT,	/* E-15 */
	[EOPNOTSUPP]		= WSAEOPNOTSUPP,	/* E-14 */
	[EAFNOSUPPORT]		= WSAEAFNOSUPPORT,	/* E-06 */
	[EADDRINUSE]		= WSAEADDRINUSE,	/* E-02 */
	[EADDRNOTAVAIL]		= WSAEADDRNOTAVAIL,	/* E-05 */
	[ENETDOWN]		= WSAENETDOWN,		/* E-01 */
	[ENETUNREACH]		= WSAENETUNREACH,
	[ECONNABORTED]		= WSAECONNREFUSED,
	[ECONNRESET]		= WSAECONNREFUSED,
	[ENOBUFS]		= WSAENOBUFS,
	[EISCONN]		= WSAEISCONN,		/* E-10 */
	[ETIMEDOUT]		= WSAETIMEDOUT,		/* E-16 */
	[ECONNREFUSED]		= WSAECONNREFUSED,
	[EHOSTDOWN]		= WSAENETUNREACH,
	[EHOSTUNREACH]		= WSAENETUNREACH,
	[EALREADY]		= WSAEALREADY,		/* E-04 */
	[EINPROGRESS]		= WSAEWOULDBLOCK,	/* E-17 */
	[ECANCELED]		= WSAEINTR,		/* T-01 */
};

/* The WSAE code of @error, a positive errno. */
u32 wsp_code(int error)
{
	if (error <= 0 || error >= ARRAY_SIZE(wsp_codes))
		return WSAENETDOWN;
	/* It may be a program's own, by WSP_IOC_CODE. */
	error = array_index_nospec(error, ARRAY_SIZE(wsp_codes));
	return wsp_codes[error] ?: WSAENETDOWN;
}

/* The one errno by which connect(2) on the family's sockets reports @code. */
int wsp_errno(u32 code)
{
	switch (code) {
	case WSAEINTR:		return EINTR;
	case WSAEACCES:		return EACCES;
	case WSAEFAULT:		return EFAULT;
	case WSAEINVAL:		return EINVAL;
	case WSAEWOULDBLOCK:	return EINPROGRESS;
	case WSAEINPROGRESS:	return EBUSY;
	case WSAEALREADY:	return EALREADY;
	case WSAENOTSOCK:	return ENOTSOCK;
	case WSAEPROTONOSUPPORT: return EPROTONOSUPPORT;
	case WSAEOPNOTSUPP:	return EOPNOTSUPP;
	case WSAEAFNOSUPPORT:	return EAFNOSUPPORT;
	case WSAEADDRINUSE:	return EADDRINUSE;
	case WSAEADDRNOTAVAIL:	return EADDRNOTAVAIL;
	case WSAENETUNREACH:	return ENETUNREACH;
	case WSAENOBUFS:	return ENOBUFS;
	case WSAEISCONN:	return EISCONN;
	case WSAETIMEDOUT:	return ETIMEDOUT;
	case WSAECONNREFUSED:	return ECONNREFUSED;
	default:		return ENETDOWN;
	}
}

/* The number of the contract's row (1 is E-01) for @error, 0 for C-12. */
unsigned int wsp_row(int error)
{
	static const u16 codes[WSP_ROWS] = {
		WSAEINTR, WSAENETDOWN, WSAEADDRINUSE, WSAEINPROGRESS,
		WSAEALREADY, WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT,
		WSAECONNREFUSED, WSAEFAULT, WSAEINVAL, WSAEISCONN,
		WSAENETUNREACH, WSAENOBUFS, WSAENOTSOCK, WSAEOPNOTSUPP,
		WSAEPROTONOSUPPORT, WSAETIMEDOUT, WSAEWOULDBLOCK, WSAEACCES,
	};
	const u32 code = wsp_code(error);
	unsigned int row = 0;

	while (row < WSP_ROWS - 1 && codes[row] != code)
		row++;
	return row;
}

/*
 * The errno of the contract for @error, a positive errno that the stack gave
 * for a name the rules had accepted. There it means other things than it does
 * in a refusal by the rules. @bound: the program bound the port itself.
 */
int wsp_stack_error(int error, bool bound)
{
	switch (error) {
	case EINVAL:		/* blackhole route */
	case EACCES:		/* prohibit route, ICMP administratively so */
	case EOPNOTSUPP:	/* ICMP source route failed */
		return ENETUNREACH;
	case EADDRNOTAVAIL:	/* of the local address and port */
		return bound ? EADDRINUSE : ENOBUFS;
	default:
		return wsp_errno(wsp_code(error));
	}
}

/* How a connection ended (V-06), of @error, the stack's positive errno or 0. */
u16 wsp_close_code(int error)
{
	switch (error) {
	case 0:
		return 0;
	case EPIPE:
	case ECONNRESET:
		return WSAECONNRESET;
	case ENETDOWN:
		return WSAENETDOWN;
	default:
		return WSAECONNABORTED;
	}
}

/* The same as WSPRecv tells it (T-04). */
u16 wsp_lost_code(int error)
{
	const u16 code = wsp_close_code(error);

	/* Also what ICMP said while nobody answered. */
	return code && code != WSAECONNRESET ? WSAETIMEDOUT : code;
}
