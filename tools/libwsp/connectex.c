// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ConnectEx, which is connect(2) as WSPConnect makes it, and then a send; and
 * DisconnectEx, a shutdown that is told of when it is over.
 */
#include <errno.h>
#include <string.h>

#include "extension.h"

static int attempt_connected(struct wsp_op *op, const struct wsp_use *use)
{
	struct wsp_info info;
	const int code = wsp_get_info(use->s, &info);

	if (code)
		return code;
	switch (info.state) {
	case WSP_STATE_PENDING:
	case WSP_STATE_BLOCKED:
		return WSP_AGAIN;
	case WSP_STATE_CONNECTED:
		break;
	default:	/* another call of the program's has taken the outcome */
		return info.code ? (int)info.code : WSA_OPERATION_ABORTED;
	}
	wsp_note(use->s, use->word, WSP_READY);
	op->attempt = wsp_attempt_send;
	return op->vector.count ? wsp_attempt_send(op, use) : 0;
}

static int attempt_connect(struct wsp_op *op, const struct wsp_use *use)
{
	const bool blocks = wsp_begin_at_once(use);
	const int code = wsp_connect_now(use, op->msg.msg_name,
					 (int)op->msg.msg_namelen);

	wsp_end_at_once(use, blocks);
	if (code && code != WSAEWOULDBLOCK)
		return code;
	op->msg.msg_name = NULL;
	op->msg.msg_namelen = 0;
	op->attempt = attempt_connected;
	return attempt_connected(op, use);
}

/* The attempt of one that is cancelled ends as well. */
void wsp_abandon_connect(const struct wsp_op *op, SOCKET s)
{
	if (op->attempt == attempt_connected)
		shutdown((int)s, SHUT_RDWR);
}

static int copy_name(struct wsp_op *op, const struct sockaddr *name, int namelen)
{
	int len = wsp_name_clamp(namelen);

	if (len > (int)sizeof(struct sockaddr_in) && !wsp_is_readable(name, (size_t)len))
		len = sizeof(struct sockaddr_in);
	if (len < 0 || !wsp_is_readable(name, (size_t)len))
		return WSAEFAULT;
	memcpy(&op->name, name, (size_t)len);
	op->msg.msg_name = &op->name;
	op->msg.msg_namelen = (socklen_t)len;
	return 0;
}

static int prepare(const struct wsp_use *use, struct wsp_op *op,
		   const struct sockaddr *name, int namelen, WSABUF *buf)
{
	int code;

	if (!use->word)
		return WSAENOTSOCK;
	if (wsp_use_type(use) != SOCK_STREAM)
		return WSAEOPNOTSUPP;
	code = wsp_check_bound(use->s);
	if (!code)
		code = copy_name(op, name, namelen);
	if (code)
		return code;
	return wsp_fill_vector(&op->vector, buf, buf->buf && buf->len ? 1 : 0);
}

static int connect_ex(const struct wsp_use *use, const struct sockaddr *name,
		      int namelen, WSABUF *buf, LPDWORD sent,
		      LPWSAOVERLAPPED overlapped)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	int code;

	wsp_begin_op(&op, WSP_OUT, 0);
	op.attempt = attempt_connect;
	code = prepare(use, &op, name, namelen, buf);
	if (!code && !overlapped)
		code = WSA_INVALID_PARAMETER;
	if (code)
		return code;
	code = wsp_launch(use, &op, overlapped, NULL);
	if (code == WSAENOBUFS)		/* there is nobody to be told of it */
		wsp_abandon_connect(&op, use->s);
	if (!code && sent)
		*sent = op.total;
	return code;
}

BOOL wsp_connect_ex(SOCKET s, const struct sockaddr *name, int namelen, LPVOID buf,
		    DWORD len, LPDWORD sent, LPWSAOVERLAPPED overlapped)
{
	WSABUF data = { len, buf };
	WSP_USE(use, s);

	return wsp_extension_result(connect_ex(&use, name, namelen, &data, sent,
					       overlapped));
}

static int check_disconnect(const struct wsp_use *use, DWORD flags, DWORD reserved)
{
	if (!use->word)
		return WSAENOTSOCK;
	if (wsp_use_type(use) != SOCK_STREAM || flags == TF_REUSE_SOCKET)
		return WSAEOPNOTSUPP;
	return flags || reserved ? WSAEINVAL : wsp_check_connected(use);
}

static int shut_both(const struct wsp_use *use)
{
	int code = 0;

	WSPShutdown(use->s, SD_BOTH, &code);
	return code;
}

static int disconnect_overlapped(const struct wsp_use *use, struct wsp_op *op,
				 LPWSAOVERLAPPED overlapped)
{
	int code = wsp_make_notice(&op->notice, overlapped, NULL);

	if (code)
		return code;
	if (!wsp_queue_operation(use, op, &code))
		code = shut_both(use);
	else if (code == WSA_IO_PENDING)
		shut_both(use);
	wsp_settle_notice(&op->notice, code, 0, 0);
	return code;
}

static int disconnect(const struct wsp_use *use, LPWSAOVERLAPPED overlapped, DWORD flags,
		      DWORD reserved)
{
	struct wsp_op op;
	int code = check_disconnect(use, flags, reserved);

	if (code)
		return code;
	wsp_begin_op(&op, WSP_OUT, 0);
	op.attempt = wsp_attempt_shutdown;
	wsp_fill_vector(&op.vector, NULL, 0);
	if (overlapped && wsp_goes_overlapped(use))
		return disconnect_overlapped(use, &op, overlapped);
	code = shut_both(use);
	if (!code && wsp_has_waiting(use, WSP_OUT))
		code = wsp_await_op(use, &op);
	return code;
}

BOOL wsp_disconnect_ex(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD flags, DWORD reserved)
{
	WSP_USE(use, s);

	return wsp_extension_result(disconnect(&use, overlapped, flags, reserved));
}
