// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options, modes and shutdown. */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>

#include "internal.h"

/* A pending error as a code: a lost connection's, or a failed connect's. */
static int pending_code(SOCKET s, int type, int error)
{
	switch (error) {
	case 0:
		return 0;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return WSAECONNRESET;
	default:
		if (type != SOCK_STREAM)
			return wsp_transfer_code(s, type, error);
		return wsp_connect_code(s, error, WSP_CODE_SO_ERROR);
	}
}

/* C-07: a failed attempt's code, as long as it is one, or 0. */
static int failed_code(SOCKET s, int type)
{
	struct wsp_info info;

	if (type != SOCK_STREAM || ioctl((int)s, WSP_IOC_INFO, &info))
		return 0;
	return (int)info.code;
}

static int get_pending(SOCKET s, int type, CHAR *optval, LPINT optlen)
{
	socklen_t len = sizeof(int);
	int error = 0, code;

	if (!optval || !optlen || *optlen < (int)sizeof(error))
		return WSAEFAULT;
	code = failed_code(s, type);
	if (!code && getsockopt((int)s, SOL_SOCKET, SO_ERROR, &error, &len))
		return wsp_code(s, errno);
	error = code ? code : pending_code(s, type, error);
	memcpy(optval, &error, sizeof(error));
	*optlen = sizeof(error);
	return 0;
}

static int option_code(SOCKET s, int optlen, int error)
{
	if (error == EOPNOTSUPP)	/* an unknown level, among others */
		return WSAENOPROTOOPT;
	if (error == EINVAL && optlen < (int)sizeof(int))
		return WSAEFAULT;
	return wsp_code(s, error);
}

int WSPGetSockOpt(SOCKET s, int level, int optname, CHAR *optval,
		  LPINT optlen, LPINT lpErrno)
{
	const int type = wsp_type(s);
	int code = 0;

	if (!type)
		code = WSAENOTSOCK;
	else if (!optlen)
		code = WSAEFAULT;
	else if (level == SOL_SOCKET && optname == SO_ERROR)
		code = get_pending(s, type, optval, optlen);
	else if (getsockopt((int)s, level, optname, optval,
			    (socklen_t *)optlen))
		code = option_code(s, *optlen, errno);
	return code ? wsp_fail(lpErrno, code) : 0;
}

int WSPSetSockOpt(SOCKET s, int level, int optname, const CHAR *optval,
		  int optlen, LPINT lpErrno)
{
	if (!wsp_type(s))
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (setsockopt((int)s, level, optname, optval, (socklen_t)optlen))
		return wsp_fail(lpErrno, option_code(s, optlen, errno));
	return 0;
}

int WSPShutdown(SOCKET s, int how, LPINT lpErrno)
{
	const int type = wsp_type(s);

	if (!type)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (!shutdown((int)s, how))
		return 0;
	/* Linux shuts an unconnected datagram socket and says ENOTCONN. */
	if (errno == ENOTCONN && type == SOCK_DGRAM)
		return 0;
	return wsp_fail(lpErrno, wsp_code(s, errno));
}

/* All three codes carry one word, inward or outward. */
static int word_ioctl(SOCKET s, DWORD code, ULONG *word, DWORD size)
{
	int value;

	if (!word || size < sizeof(*word))
		return WSAEFAULT;
	memcpy(&value, word, sizeof(value));
	if (ioctl((int)s, code, &value))
		return wsp_code(s, errno);
	memcpy(word, &value, sizeof(value));
	return 0;
}

/* V-01: a socket tied to an event stays nonblocking. */
static int set_mode(SOCKET s, ULONG *nonblocking, DWORD size)
{
	struct wsp_info info;

	if (nonblocking && size >= sizeof(*nonblocking) && !*nonblocking &&
	    !ioctl((int)s, WSP_IOC_INFO, &info) && info.events)
		return WSAEINVAL;
	return word_ioctl(s, FIONBIO, nonblocking, size);
}

int WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
	     DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
	     LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
	     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	     LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	const int type = wsp_type(s);
	int code = WSAEOPNOTSUPP;
	DWORD returned = 0;

	(void)lpThreadId;
	if (!type) {
		code = WSAENOTSOCK;
	} else if (lpOverlapped || lpCompletionRoutine) {
		code = WSAEOPNOTSUPP;
	} else if (!lpcbBytesReturned) {
		code = WSAEFAULT;
	} else if (dwIoControlCode == FIONBIO) {
		code = set_mode(s, lpvInBuffer, cbInBuffer);
	} else if (dwIoControlCode == FIONREAD ||
		   (dwIoControlCode == SIOCATMARK && type == SOCK_STREAM)) {
		code = word_ioctl(s, dwIoControlCode, lpvOutBuffer,
				  cbOutBuffer);
		returned = sizeof(ULONG);
	}
	if (code)
		return wsp_fail(lpErrno, code);
	*lpcbBytesReturned = returned;
	return 0;
}
