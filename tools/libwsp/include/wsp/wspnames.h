/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of <winsock2.h> that is about names of hosts, services, protocols. */
#pragma GCC system_header
#ifndef WSP_WSPNAMES_H
#define WSP_WSPNAMES_H

WSP_BEGIN

int WSAAPI gethostname(char *name, int namelen) WSP_SYMBOL(gethostname);
struct hostent *WSAAPI gethostbyname(const char *name)
		WSP_SYMBOL(gethostbyname);
struct hostent *WSAAPI gethostbyaddr(const char *addr, int len, int type)
		WSP_SYMBOL(gethostbyaddr);
struct servent *WSAAPI getservbyname(const char *name, const char *proto)
		WSP_SYMBOL(getservbyname);
struct servent *WSAAPI getservbyport(int port, const char *proto)
		WSP_SYMBOL(getservbyport);
struct protoent *WSAAPI getprotobyname(const char *name)
		WSP_SYMBOL(getprotobyname);
struct protoent *WSAAPI getprotobynumber(int number)
		WSP_SYMBOL(getprotobynumber);

/* The platform's own functions. */
u_long WSAAPI inet_addr(const char *cp);
char *WSAAPI inet_ntoa(struct in_addr in);

INT WSAAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			       LPWSAPROTOCOL_INFOA lpProtocolInfo,
			       LPSTR lpszAddressString,
			       LPDWORD lpdwAddressStringLength);
INT WSAAPI WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			       LPWSAPROTOCOL_INFOW lpProtocolInfo,
			       LPWSTR lpszAddressString,
			       LPDWORD lpdwAddressStringLength);
INT WSAAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
			       LPWSAPROTOCOL_INFOA lpProtocolInfo,
			       LPSOCKADDR lpAddress, LPINT lpAddressLength);
INT WSAAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
			       LPWSAPROTOCOL_INFOW lpProtocolInfo,
			       LPSOCKADDR lpAddress, LPINT lpAddressLength);

#ifdef UNICODE
INT WSAAPI WSAAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			      LPWSAPROTOCOL_INFO lpProtocolInfo,
			      LPWSTR lpszAddressString,
			      LPDWORD lpdwAddressStringLength)
		WSP_AW(WSAAddressToString);
INT WSAAPI WSAStringToAddress(LPWSTR AddressString, INT AddressFamily,
			      LPWSAPROTOCOL_INFO lpProtocolInfo,
			      LPSOCKADDR lpAddress, LPINT lpAddressLength)
		WSP_AW(WSAStringToAddress);
#else
INT WSAAPI WSAAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
			      LPWSAPROTOCOL_INFO lpProtocolInfo,
			      LPSTR lpszAddressString,
			      LPDWORD lpdwAddressStringLength)
		WSP_AW(WSAAddressToString);
INT WSAAPI WSAStringToAddress(LPSTR AddressString, INT AddressFamily,
			      LPWSAPROTOCOL_INFO lpProtocolInfo,
			      LPSOCKADDR lpAddress, LPINT lpAddressLength)
		WSP_AW(WSAStringToAddress);
#endif

WSP_END

#endif /* WSP_WSPNAMES_H */
