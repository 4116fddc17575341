// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options whose values Winsock has in another form than the platform. */
#include <string.h>
#include <winsock2.h>

#include "winsock.h"

struct platform_linger {
	int onoff, linger;
};

/* The platform's struct timeval to SO_RCVTIMEO and SO_SNDTIMEO by their numbers. */
struct platform_time {
	long sec, usec;
};

union platform_value {
	struct platform_linger linger;
	struct platform_time time;
};

/* Told by its size, as the platform's own are: a DWORD of milliseconds. */
static int is_timeout(int level, int optname, int size)
{
	return level == SOL_SOCKET && size == sizeof(DWORD) &&
	       (optname == SO_RCVTIMEO || optname == SO_SNDTIMEO);
}

static int is_linger(int level, int optname, int size)
{
	return level == SOL_SOCKET && size == sizeof(struct linger) &&
	       optname == SO_LINGER;
}

static int get_timeout(SOCKET s, int optname, char *optval, int *code)
{
	union platform_value value;
	int len = sizeof(value.time);
	DWORD ms;

	if (WSPGetSockOpt(s, SOL_SOCKET, optname, (char *)&value, &len, code))
		return SOCKET_ERROR;
	ms = (DWORD)(value.time.sec * 1000 + value.time.usec / 1000);
	memcpy(optval, &ms, sizeof(ms));
	return 0;
}

static int get_linger(SOCKET s, char *optval, int *code)
{
	union platform_value value;
	int len = sizeof(value.linger);
	struct linger linger;

	if (WSPGetSockOpt(s, SOL_SOCKET, SO_LINGER, (char *)&value, &len, code))
		return SOCKET_ERROR;
	linger.l_onoff = value.linger.onoff != 0;
	linger.l_linger = (u_short)value.linger.linger;
	memcpy(optval, &linger, sizeof(linger));
	return 0;
}

int getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
{
	int code = 0, rc;

	if (optval && optlen && is_timeout(level, optname, *optlen))
		rc = get_timeout(s, optname, optval, &code);
	else if (optval && optlen && is_linger(level, optname, *optlen))
		rc = get_linger(s, optval, &code);
	else
		rc = WSPGetSockOpt(s, level, optname, optval, optlen, &code);
	if (!rc && level == SOL_SOCKET && optname == SO_ERROR)
		WSASetLastError(0);	/* T-10 */
	return rc ? winsock_result(code) : 0;
}

int setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
	union platform_value value;
	struct linger linger;
	int code = 0;
	DWORD ms;

	if (optval && is_timeout(level, optname, optlen)) {
		memcpy(&ms, optval, sizeof(ms));
		value.time.sec = (long)(ms / 1000);
		value.time.usec = (long)(ms % 1000 * 1000);
		optval = (const char *)&value;
		optlen = sizeof(value.time);
	} else if (optval && is_linger(level, optname, optlen)) {
		memcpy(&linger, optval, sizeof(linger));
		value.linger.onoff = linger.l_onoff;
		value.linger.linger = linger.l_linger;
		optval = (const char *)&value;
		optlen = sizeof(value.linger);
	}
	WSPSetSockOpt(s, level, optname, optval, optlen, &code);
	return winsock_result(code);
}
