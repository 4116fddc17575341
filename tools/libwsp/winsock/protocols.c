// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSAEnumProtocols (S-07). In the platform's world, as the protocols themselves.
 */
#include "../internal.h"

int WSAEnumProtocolsA(LPINT lpiProtocols, LPWSAPROTOCOL_INFOA lpProtocolBuffer,
		      LPDWORD lpdwBufferLength)
	__attribute__((visibility("default")));
int WSAEnumProtocolsW(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
		      LPDWORD lpdwBufferLength)
	__attribute__((visibility("default")));

static int enumerate(const int *wanted, bool wide, void *to, LPDWORD len)
{
	int code = 0;
	const int count = wsp_enumerate(wanted, wide, to, len, &code);

	if (count < 0)
		WSASetLastError(code);
	return count;
}

int WSAEnumProtocolsA(LPINT lpiProtocols, LPWSAPROTOCOL_INFOA lpProtocolBuffer,
		      LPDWORD lpdwBufferLength)
{
	return enumerate(lpiProtocols, false, lpProtocolBuffer, lpdwBufferLength);
}

int WSAEnumProtocolsW(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
		      LPDWORD lpdwBufferLength)
{
	return enumerate(lpiProtocols, true, lpProtocolBuffer, lpdwBufferLength);
}
