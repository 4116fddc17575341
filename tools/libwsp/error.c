// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which WSAE code an errno is, in general and for the calls that differ. */
#include <errno.h>
#include <stddef.h>

#include "internal.h"

#define SAME(e)		{ e, WSA##e, "WSA" #e }
#define NAMED(c)	{ 0, c, #c }
#define MAPPED(e, c)	{ e, c, NULL }

static const struct row {
	int error;
	int code;
	const char *name;
} codes[] = {
	SAME(EINTR), SAME(EACCES), SAME(EFAULT), SAME(EINVAL), SAME(EMFILE),
	SAME(EWOULDBLOCK), SAME(EALREADY), SAME(ENOTSOCK),
	SAME(EDESTADDRREQ), SAME(EMSGSIZE), SAME(EPROTOTYPE),
	SAME(ENOPROTOOPT), SAME(EPROTONOSUPPORT), SAME(ESOCKTNOSUPPORT),
	SAME(EOPNOTSUPP), SAME(EPFNOSUPPORT), SAME(EAFNOSUPPORT),
	SAME(EADDRINUSE), SAME(EADDRNOTAVAIL), SAME(ENETDOWN),
	SAME(ENETUNREACH), SAME(ENETRESET), SAME(ECONNABORTED),
	SAME(ECONNRESET), SAME(ENOBUFS), SAME(EISCONN), SAME(ENOTCONN),
	SAME(ESHUTDOWN), SAME(ETOOMANYREFS), SAME(ETIMEDOUT),
	SAME(ECONNREFUSED), SAME(ELOOP), SAME(ENAMETOOLONG), SAME(EHOSTDOWN),
	SAME(EHOSTUNREACH), SAME(ENOTEMPTY), SAME(EUSERS), SAME(EDQUOT),
	SAME(ESTALE), SAME(EREMOTE),

	NAMED(WSAEINPROGRESS), NAMED(WSAEBADF), NAMED(WSAEPROCLIM),
	NAMED(WSASYSNOTREADY), NAMED(WSATRY_AGAIN),
	NAMED(WSAVERNOTSUPPORTED), NAMED(WSANOTINITIALISED),
	NAMED(WSAEDISCON), NAMED(WSAENOMORE), NAMED(WSAECANCELLED),
	NAMED(WSAEINVALIDPROCTABLE), NAMED(WSAEINVALIDPROVIDER),
	NAMED(WSAEPROVIDERFAILEDINIT), NAMED(WSASYSCALLFAILURE),

	MAPPED(EBUSY, WSAEINPROGRESS),		/* E-03 */
	MAPPED(EINPROGRESS, WSAEWOULDBLOCK),	/* E-17 */
	MAPPED(EBADF, WSAENOTSOCK), MAPPED(ENOTTY, WSAENOTSOCK),
	MAPPED(EPERM, WSAEACCES), MAPPED(ENFILE, WSAEMFILE),
	MAPPED(ENOMEM, WSAENOBUFS), MAPPED(EPIPE, WSAESHUTDOWN),
	MAPPED(EPROTO, WSAECONNABORTED), MAPPED(ENODEV, WSAENETDOWN),
	MAPPED(ENONET, WSAENETUNREACH),
	{ 0 }
};

const char *WSPErrorName(int code)
{
	const struct row *row;

	if (!code)
		return "0";
	for (row = codes; row->code; row++)
		if (row->code == code && row->name)
			return row->name;
	return "?";
}

static int general_code(int error)
{
	const struct row *row;

	for (row = codes; row->code; row++)
		if (row->error == error)
			return row->code;
	return WSASYSCALLFAILURE;
}

int wsp_code(SOCKET s, int error)
{
	int code = general_code(error);

	if (code == WSAENOTSOCK)	/* closed behind the library's back */
		wsp_forget(s);
	return code;
}

/* What a connect has given: only the kernel knows which state it met. */
int wsp_connect_code(SOCKET s, int error, int source)
{
	struct wsp_code code = {
		.error = (__u32)error,
		.source = (__u32)source,
	};

	if (!ioctl((int)s, WSP_IOC_CODE, &code))
		return (int)code.code;
	/* An attempt goes on, even where its code cannot be asked for. */
	if (errno == EBADF || errno == ENOTSOCK || errno == ENOTTY)
		error = errno;
	return wsp_code(s, error);
}

/* What sending and receiving have of their own. */
int wsp_transfer_code(SOCKET s, int type, int error)
{
	switch (error) {
	case EAGAIN:	/* also Linux's word for SO_RCVTIMEO and SO_SNDTIMEO */
		return wsp_is_nonblocking(s) ? WSAEWOULDBLOCK : WSAETIMEDOUT;
	case EDESTADDRREQ:	/* D-12 */
		return WSAENOTCONN;
	case ECONNREFUSED:	/* T-14 */
		if (type == SOCK_DGRAM)
			return WSAECONNRESET;
		break;
	case EINTR:
	case EFAULT:
	case ENOBUFS:
	case ENOMEM:
		return wsp_code(s, error);
	}
	return type == SOCK_STREAM ? wsp_stream_code(s, error) : wsp_code(s, error);
}
