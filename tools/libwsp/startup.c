// SPDX-License-Identifier: LGPL-2.1-or-later
/* Versions, and the table of all the calls. */
#include <stdatomic.h>

#include "internal.h"

#define VERSION(major, minor)	((WORD)((minor) << 8 | (major)))
#define MAJOR(version)		((version) & 0xff)
#define MINOR(version)		((version) >> 8)

#define ONE_START		0x10000U
#define STARTS(word)		((word) >> 16)

static const WSPPROC_TABLE calls = {
	.lpWSPAccept = WSPAccept,
	.lpWSPAddressToString = WSPAddressToString,
	.lpWSPAsyncSelect = WSPAsyncSelect,
	.lpWSPBind = WSPBind,
	.lpWSPCancelBlockingCall = WSPCancelBlockingCall,
	.lpWSPCleanup = WSPCleanup,
	.lpWSPCloseSocket = WSPCloseSocket,
	.lpWSPConnect = WSPConnect,
	.lpWSPDuplicateSocket = WSPDuplicateSocket,
	.lpWSPEnumNetworkEvents = WSPEnumNetworkEvents,
	.lpWSPEventSelect = WSPEventSelect,
	.lpWSPGetOverlappedResult = WSPGetOverlappedResult,
	.lpWSPGetPeerName = WSPGetPeerName,
	.lpWSPGetSockName = WSPGetSockName,
	.lpWSPGetSockOpt = WSPGetSockOpt,
	.lpWSPGetQOSByName = WSPGetQOSByName,
	.lpWSPIoctl = WSPIoctl,
	.lpWSPJoinLeaf = WSPJoinLeaf,
	.lpWSPListen = WSPListen,
	.lpWSPRecv = WSPRecv,
	.lpWSPRecvDisconnect = WSPRecvDisconnect,
	.lpWSPRecvFrom = WSPRecvFrom,
	.lpWSPSelect = WSPSelect,
	.lpWSPSend = WSPSend,
	.lpWSPSendDisconnect = WSPSendDisconnect,
	.lpWSPSendTo = WSPSendTo,
	.lpWSPSetSockOpt = WSPSetSockOpt,
	.lpWSPShutdown = WSPShutdown,
	.lpWSPSocket = WSPSocket,
	.lpWSPStringToAddress = WSPStringToAddress,
};

/* How often started, in the upper half, and the first one's version; or 0. */
static _Atomic __u32 started;

/* The highest version not above the one requested, or 0. */
static WORD agree(WORD requested)
{
	if (MAJOR(requested) > 2 || (MAJOR(requested) == 2 &&
				     MINOR(requested) > 2))
		return VERSION(2, 2);
	if (MAJOR(requested) == 2)
		return requested;
	return MAJOR(requested) == 1 && MINOR(requested) ? VERSION(1, 1) : 0;
}

int WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData,
	       LPWSAPROTOCOL_INFOW lpProtocolInfo, WSPUPCALLTABLE UpcallTable,
	       LPWSPPROC_TABLE lpProcTable)
{
	const WORD version = agree(wVersionRequested);
	__u32 word = atomic_load(&started);

	(void)lpProtocolInfo;
	(void)UpcallTable;
	if (!lpWSPData)
		return WSAEFAULT;
	if (!version)
		return WSAVERNOTSUPPORTED;
	do {
		if (STARTS(word) == STARTS(~0U))
			return WSAEPROCLIM;
	} while (!atomic_compare_exchange_weak(&started, &word,
					       (word ? word : version) +
					       ONE_START));
	*lpWSPData = (WSPDATA) {
		.wVersion = version,
		.wHighVersion = VERSION(2, 2),
		.szDescription = u"AF_WSP, the rules of Windows CE on Linux",
	};
	if (lpProcTable)
		*lpProcTable = calls;
	return 0;
}

int WSPCleanup(LPINT lpErrno)
{
	__u32 word = atomic_load(&started);

	do {
		if (!word)
			return wsp_fail(lpErrno, WSANOTINITIALISED);
	} while (!atomic_compare_exchange_weak(&started, &word,
					       STARTS(word) == 1 ? 0 :
					       word - ONE_START));
	return 0;
}

bool wsp_is_version_1(void)
{
	return MAJOR(atomic_load(&started)) == 1;
}
