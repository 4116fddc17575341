// SPDX-License-Identifier: LGPL-2.1-or-later
/* A socket's error, and shutdown. */
#include <errno.h>

#include "overlapped.h"

/* A pending error as a code: a lost connection's, or a failed connect's. */
static int pending_code(const struct wsp_use *use, int error, unsigned int state)
{
	const int type = wsp_use_type(use);

	switch (error) {
	case 0:
		return 0;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return WSAECONNRESET;
	default:
		if (type != SOCK_STREAM || state == WSP_STATE_CONNECTED)
			return wsp_transfer_code(use->s, type, error);
		return wsp_connect_code(use->s, error, WSP_CODE_SO_ERROR);
	}
}

/*
 * The socket's error, taken away unless it is a failed attempt's (C-07); 0 or why it
 * cannot be had.
 */
int wsp_pending_code(const struct wsp_use *use, int *error)
{
	struct wsp_info info = { 0 };
	socklen_t len = sizeof(*error);

	if (wsp_use_type(use) == SOCK_STREAM &&
	    !ioctl((int)use->s, WSP_IOC_INFO, &info) &&
	    info.state == WSP_STATE_FAILED) {
		*error = (int)info.code;
		return 0;
	}
	if (getsockopt((int)use->s, SOL_SOCKET, SO_ERROR, error, &len))
		return wsp_code(use->s, errno);
	*error = pending_code(use, *error, info.state);
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
	if (use->word & WSP_QUEUED_OUT && how != SD_RECEIVE && wsp_shut_in_turn(use)) {
		if (how == SD_SEND)
			return 0;
		how = SD_RECEIVE;
	}
	if (!shutdown((int)use->s, how) || (errno == ENOTCONN && !stream)) {
		if (use->word & WSP_QUEUED_IN && how != SD_SEND)
			wsp_end_receiving(use->s);
		return 0;
	}
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
