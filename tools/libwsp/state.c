// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What state a socket is in, where errnos do not tell: WSP_IOC_INFO does. What has
 * once been so, and stays, is noted in the descriptor's word.
 */
#include <errno.h>

#include "internal.h"

int wsp_get_info(SOCKET s, struct wsp_info *info)
{
	return ioctl((int)s, WSP_IOC_INFO, info) ? wsp_code(s, errno) : 0;
}

/* T-02, T-03: has the stream been connected? Once so, always so. */
int wsp_check_connected(const struct wsp_use *use)
{
	struct wsp_info info;
	int code;

	if (use->word & WSP_READY)
		return 0;
	code = wsp_get_info(use->s, &info);
	if (code)
		return code;
	if (info.state != WSP_STATE_CONNECTED)
		return WSAENOTCONN;
	wsp_note(use->s, use->word, WSP_READY);
	return 0;
}

/* T-06: one that holds no port cannot be sent to; D-03 goes first. */
static int check_port(const struct wsp_use *use, bool named)
{
	struct wsp_info info;
	int code = wsp_check_bound(use->s);

	if (!code)
		wsp_note(use->s, use->word, WSP_READY);
	else if (code == WSAEINVAL && !named && !wsp_get_info(use->s, &info) &&
		 info.state == WSP_STATE_DISCONNECTED)
		code = WSAENOTCONN;
	return code;
}

/* May one receive whose word does not say so? @named: by WSPRecvFrom */
int wsp_check_receiver(const struct wsp_use *use, bool named)
{
	if (use->word & WSP_SHUT_RECEIVE)	/* T-05 */
		return WSAESHUTDOWN;
	return wsp_use_type(use) == SOCK_STREAM ? wsp_check_connected(use) :
						  check_port(use, named);
}

/* How the connection of a stream has ended, from which nothing more has come (T-04). */
int wsp_end_code(const struct wsp_use *use)
{
	const unsigned int word = wsp_word(use->s);
	struct wsp_info info;
	int code;

	if (word & WSP_SHUT_RECEIVE)
		return WSAESHUTDOWN;
	code = wsp_get_info(use->s, &info);
	if (code || !info.code)
		return code;
	return word & WSP_TIMED_OUT ? WSAETIMEDOUT : (int)info.code;
}

/*
 * Is it what the call came to, and not the connection? An error of the connection's
 * that nobody has been told of yet is there still.
 */
static bool is_calls_own(int error)
{
	return error == EINVAL || error == ENOTCONN;	/* there is no urgent data */
}

/*
 * An error of the stack's on a stream. Linux gives that of a connection that is
 * over once, and EPIPE from then on.
 */
int wsp_stream_code(SOCKET s, int error)
{
	const unsigned int word = wsp_word(s);
	struct wsp_info info;
	int code = wsp_get_info(s, &info);

	if (code)
		return code;
	if (info.state != WSP_STATE_CONNECTED)
		return WSAENOTCONN;
	if (!info.code)		/* it goes on, or both sides have ended it */
		return wsp_code(s, error);
	if (word & WSP_TIMED_OUT)
		return WSAETIMEDOUT;
	if (error == ECONNRESET || error == EPIPE || is_calls_own(error))
		return (int)info.code;
	wsp_note(s, word, WSP_TIMED_OUT);
	return WSAETIMEDOUT;
}
