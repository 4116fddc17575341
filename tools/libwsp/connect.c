// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSPConnect. The caller's pointers are never followed here: connect(2) and
 * the ioctls judge them, so bad ones are an answer and not a crash (E-08).
 */
#include <errno.h>
#include <stddef.h>

#include "internal.h"

/* The kernel reads these types where the caller has the Winsock ones. */
_Static_assert(offsetof(WSABUF, len) == offsetof(struct wsp_buf, len) &&
	       sizeof(((WSABUF *)0)->len) == sizeof(struct wsp_buf),
	       "a WSABUF begins like a wsp_buf");
_Static_assert(sizeof(FLOWSPEC) == sizeof(struct wsp_flowspec) &&
	       offsetof(FLOWSPEC, ServiceType) ==
	       offsetof(struct wsp_flowspec, service_type),
	       "a FLOWSPEC is a wsp_flowspec");
_Static_assert(offsetof(QOS, SendingFlowspec) ==
	       offsetof(struct wsp_qos, sending) &&
	       offsetof(QOS, ReceivingFlowspec) ==
	       offsetof(struct wsp_qos, receiving),
	       "a QOS begins like a wsp_qos");

/*
 * connect(2) reads all of namelen, while WSPConnect asks only for the name to
 * be there (E-08): one that cannot be read whole may still be an IPv4 name.
 */
static int connect_name(int fd, const struct sockaddr *name, int namelen)
{
	const socklen_t shortest = sizeof(struct sockaddr_in);
	const int len = wsp_name_clamp(namelen);

	if (!connect(fd, name, (socklen_t)len))
		return 0;
	if (errno != EFAULT || len <= (int)shortest)
		return -1;
	return connect(fd, name, shortest);
}

static int connect_code(SOCKET s)
{
	int code = wsp_connect_code(s, errno, WSP_CODE_CONNECT);

	/* E-04 */
	return code == WSAEALREADY && wsp_is_version_1() ? WSAEINVAL : code;
}

int wsp_connect_now(const struct wsp_use *use, const struct sockaddr *name, int namelen)
{
	if (connect_name((int)use->s, name, namelen))
		return connect_code(use->s);
	if (wsp_use_type(use) == SOCK_STREAM && !(use->word & WSP_READY))
		wsp_note(use->s, use->word, WSP_READY);
	return 0;
}

int WSPConnect(SOCKET s, const struct sockaddr *name, int namelen,
	       LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
	       LPQOS lpGQOS, LPINT lpErrno)
{
	const struct wsp_args args = {
		.caller_data = (uintptr_t)lpCallerData,
		.callee_data = (uintptr_t)lpCalleeData,
		.sqos = (uintptr_t)lpSQOS,
		.gqos = (uintptr_t)lpGQOS,
	};
	WSP_USE(use, s);
	int code;

	if (!use.word)
		return wsp_fail(lpErrno, WSAENOTSOCK);
	if ((lpCallerData || lpCalleeData || lpSQOS || lpGQOS) &&
	    ioctl((int)s, WSP_IOC_JUDGE, &args))
		return wsp_fail(lpErrno, connect_code(s));
	code = wsp_connect_now(&use, name, namelen);
	if (lpCalleeData && (!code || code == WSAEWOULDBLOCK))
		ioctl((int)s, WSP_IOC_CALLEE, &args);	/* C-10 */
	return code ? wsp_fail(lpErrno, code) : 0;
}
