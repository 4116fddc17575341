// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options, modes and shutdown. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
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

	if (type != SOCK_STREAM || ioctl((int)s, WSP_IOC_INFO, &info) ||
	    info.state != WSP_STATE_FAILED)
		return 0;
	return (int)info.code;
}

/* The one refuses every value that it can read, the other fills any int. */
bool wsp_can_read(SOCKET s, const void *word)
{
	return word && (!setsockopt((int)s, SOL_SOCKET, SO_TYPE, word,
				    sizeof(int)) || errno != EFAULT);
}

bool wsp_can_write(SOCKET s, void *word)
{
	socklen_t len = sizeof(int);

	return word && (!getsockopt((int)s, SOL_SOCKET, SO_TYPE, word, &len) ||
			errno != EFAULT);
}

static int get_pending(SOCKET s, int type, CHAR *optval, LPINT optlen)
{
	socklen_t len = sizeof(int);
	int error = 0, code;

	if (!wsp_can_read(s, optlen) || *optlen < (int)sizeof(error) ||
	    !wsp_can_write(s, optval))
		return WSAEFAULT;
	code = failed_code(s, type);
	if (!code && getsockopt((int)s, SOL_SOCKET, SO_ERROR, &error, &len))
		return wsp_code(s, errno);
	error = code ? code : pending_code(s, type, error);
	memcpy(optval, &error, sizeof(error));
	*optlen = sizeof(error);
	return 0;
}

/* A value that is too short for an int may be what the option takes. */
static bool takes_short(int level, int optname)
{
	return level == IPPROTO_IP ||
	       (level == IPPROTO_TCP && optname == TCP_CONGESTION);
}

static int option_code(SOCKET s, int level, int optname, int optlen, int error)
{
	if (error == EOPNOTSUPP)	/* an unknown level, among others */
		return WSAENOPROTOOPT;
	if (error == ENOENT)		/* no algorithm of that name */
		return WSAEINVAL;
	if (error == EINVAL && optlen < (int)sizeof(int) &&
	    (optlen <= 0 || !takes_short(level, optname)))
		return WSAEFAULT;
	return wsp_code(s, error);
}

int WSPGetSockOpt(SOCKET s, int level, int optname, CHAR *optval,
		  LPINT optlen, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code = 0;

	if (!use.word)
		code = WSAENOTSOCK;
	else if (!optlen)
		code = WSAEFAULT;
	else if (level == SOL_SOCKET && optname == SO_ERROR)
		code = get_pending(s, wsp_use_type(&use), optval, optlen);
	else if (getsockopt((int)s, level, optname, optval,
			    (socklen_t *)optlen))
		/* The kernel has read *optlen before it judges its value. */
		code = option_code(s, level, optname,
				   errno == EINVAL ? *optlen : 0, errno);
	return code ? wsp_fail(lpErrno, code) : 0;
}

int WSPSetSockOpt(SOCKET s, int level, int optname, const CHAR *optval,
		  int optlen, LPINT lpErrno)
{
	WSP_USE(use, s);

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (setsockopt((int)s, level, optname, optval, (socklen_t)optlen))
		return wsp_fail(lpErrno, option_code(s, level, optname, optlen,
						     errno));
	if (level == SOL_SOCKET && optname == SO_LINGER)
		wsp_note(s, use.word, WSP_LINGERS);
	return 0;
}

/*
 * What is shut is noted before, so that who is woken by it knows by whom. Linux
 * shuts an unconnected datagram socket and says ENOTCONN.
 */
static int shut(const struct wsp_use *use, int how)
{
	const bool stream = wsp_use_type(use) == SOCK_STREAM;
	unsigned int what = 0;

	if (how != SD_SEND)
		what |= WSP_SHUT_RECEIVE;
	if (how != SD_RECEIVE)
		what |= WSP_SHUT_SEND;
	what &= ~use->word;
	wsp_note(use->s, use->word, what);
	if (!shutdown((int)use->s, how) || (errno == ENOTCONN && !stream))
		return 0;
	wsp_unnote(use->s, use->word, what);
	return wsp_code(use->s, errno);
}

int WSPShutdown(SOCKET s, int how, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code = 0;

	if (!use.word)
		code = WSAENOTSOCK;
	else if (how < SD_RECEIVE || how > SD_BOTH)
		code = WSAEINVAL;
	else if (wsp_use_type(&use) == SOCK_STREAM)
		code = wsp_check_connected(&use);
	if (!code)
		code = shut(&use, how);
	return code ? wsp_fail(lpErrno, code) : 0;
}

/* there are no data that could go with it. */
static int disconnect(SOCKET s, int how, LPWSABUF data, LPINT lpErrno)
{
	if (!wsp_type(s))
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if (data)
		return wsp_fail(lpErrno, WSAENOPROTOOPT);
	return WSPShutdown(s, how, lpErrno);
}

int WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
		      LPINT lpErrno)
{
	return disconnect(s, SD_SEND, lpOutboundDisconnectData, lpErrno);
}

int WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData,
		      LPINT lpErrno)
{
	return disconnect(s, SD_RECEIVE, lpInboundDisconnectData, lpErrno);
}

/* All three codes carry one word, inward or outward; the kernel judges where. */
static int word_ioctl(SOCKET s, DWORD code, ULONG *word, DWORD size)
{
	if (!word || size < sizeof(*word))
		return WSAEFAULT;
	return ioctl((int)s, code, word) ? wsp_code(s, errno) : 0;
}

static bool is_tied(SOCKET s)
{
	struct wsp_info info;

	return !ioctl((int)s, WSP_IOC_INFO, &info) && info.events;
}

/* V-01: a socket tied to an event stays nonblocking, if only just tied. */
static int set_mode(SOCKET s, ULONG *nonblocking, DWORD size)
{
	const unsigned int word = wsp_word(s);
	ULONG on = 1;
	int code;

	if (size < sizeof(*nonblocking) || !wsp_can_read(s, nonblocking))
		return WSAEFAULT;
	if (!*nonblocking && is_tied(s))
		return WSAEINVAL;
	code = word_ioctl(s, FIONBIO, nonblocking, size);
	if (code)
		return code;
	if (*nonblocking) {
		wsp_note(s, word, WSP_NONBLOCKING);
		return 0;
	}
	if (!is_tied(s)) {
		wsp_unnote(s, word, WSP_NONBLOCKING);
		return 0;
	}
	ioctl((int)s, FIONBIO, &on);
	return WSAEINVAL;
}

int WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
	     DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
	     LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
	     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
	     LPWSATHREADID lpThreadId, LPINT lpErrno)
{
	WSP_USE(use, s);
	int code = WSAEOPNOTSUPP;
	DWORD returned = 0;

	(void)lpThreadId;
	if (!use.word) {
		code = WSAENOTSOCK;
	} else if (lpOverlapped || lpCompletionRoutine) {
		code = WSAEOPNOTSUPP;
	} else if (!wsp_can_write(s, lpcbBytesReturned)) {
		code = WSAEFAULT;
	} else if (dwIoControlCode == FIONBIO) {
		code = set_mode(s, lpvInBuffer, cbInBuffer);
	} else if (dwIoControlCode == FIONREAD ||
		   (dwIoControlCode == SIOCATMARK &&
		    wsp_use_type(&use) == SOCK_STREAM)) {
		code = word_ioctl(s, dwIoControlCode, lpvOutBuffer,
				  cbOutBuffer);
		returned = sizeof(ULONG);
	}
	if (code)
		return wsp_fail(lpErrno, code);
	*lpcbBytesReturned = returned;
	return 0;
}
