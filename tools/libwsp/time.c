// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The calls that have to do with a struct timeval, once more for programs whose
 * struct timeval is not this library's own: see WSP_TIMED in <wsp/wsp.h>. On a
 * 64-bit machine there are no such programs, and the calls are the same.
 */
#include <limits.h>
#include <stddef.h>

#include "internal.h"

#if defined(__USE_TIME_BITS64) && __SIZEOF_LONG__ == 4
#define OTHER_WORD	long
#define OTHER(name)	__asm__(name)
#else
#define OTHER_WORD	int64_t
#define OTHER(name)	__asm__(name "64")
#endif

struct other_time {
	OTHER_WORD sec, usec;
};

int wsp_other_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
		     LPWSPFDSET exceptfds, const struct other_time *timeout,
		     LPINT lpErrno)
	OTHER("WSPSelect") __attribute__((visibility("default")));
int wsp_other_startup(WORD wVersionRequested, LPWSPDATA lpWSPData,
		      LPWSAPROTOCOL_INFOW lpProtocolInfo,
		      WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable)
	OTHER("WSPStartup") __attribute__((visibility("default")));
int wsp_other_winsock_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
			     LPWSPFDSET exceptfds,
			     const struct other_time *timeout)
	OTHER("winsock_select") __attribute__((visibility("default")));

/* What does not fit is for ever, for all purposes, or as negative. */
static long clamp(OTHER_WORD value)
{
	if (value < LONG_MIN)
		return LONG_MIN;
	return value > LONG_MAX ? LONG_MAX : (long)value;
}

int wsp_other_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
		     LPWSPFDSET exceptfds, const struct other_time *timeout,
		     LPINT lpErrno)
{
	struct timeval time;

	if (timeout) {
		time.tv_sec = clamp(timeout->sec);
		time.tv_usec = clamp(timeout->usec);
	}
	return WSPSelect(nfds, readfds, writefds, exceptfds,
			 timeout ? &time : NULL, lpErrno);
}

int wsp_other_startup(WORD wVersionRequested, LPWSPDATA lpWSPData,
		      LPWSAPROTOCOL_INFOW lpProtocolInfo,
		      WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable)
{
	int code = WSPStartup(wVersionRequested, lpWSPData, lpProtocolInfo,
			      UpcallTable, lpProcTable);

	if (!code && lpProcTable)
		lpProcTable->lpWSPSelect = (LPWSPSELECT)(void *)wsp_other_select;
	return code;
}

int wsp_other_winsock_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
			     LPWSPFDSET exceptfds,
			     const struct other_time *timeout)
{
	int code = 0;
	int n = wsp_other_select(nfds, readfds, writefds, exceptfds, timeout,
				 &code);

	if (n < 0)
		WSASetLastError(code);
	return n;
}
