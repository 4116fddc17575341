// SPDX-License-Identifier: LGPL-2.1-or-later
/* Addresses as strings, and strings as addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* "[" address "%4294967295" "]:65535", with the ending NUL */
#define TEXT_SIZE	(1 + INET6_ADDRSTRLEN + 11 + 7)

/* These two give the length of the text. */
static int v4_to_text(const struct sockaddr *name, char *text)
{
	struct sockaddr_in in;
	char addr[INET_ADDRSTRLEN];

	memcpy(&in, name, sizeof(in));
	inet_ntop(AF_INET, &in.sin_addr, addr, sizeof(addr));
	if (!in.sin_port)
		return snprintf(text, TEXT_SIZE, "%s", addr);
	return snprintf(text, TEXT_SIZE, "%s:%u", addr, ntohs(in.sin_port));
}

static int v6_to_text(const struct sockaddr *name, char *text)
{
	char addr[INET6_ADDRSTRLEN], scope[12] = "";
	struct sockaddr_in6 in6;

	memcpy(&in6, name, sizeof(in6));
	inet_ntop(AF_INET6, &in6.sin6_addr, addr, sizeof(addr));
	if (in6.sin6_scope_id)
		snprintf(scope, sizeof(scope), "%%%u", in6.sin6_scope_id);
	if (!in6.sin6_port)
		return snprintf(text, TEXT_SIZE, "%s%s", addr, scope);
	return snprintf(text, TEXT_SIZE, "[%s%s]:%u", addr, scope,
			ntohs(in6.sin6_port));
}

/* The length of the address that a family has, or 0. */
static DWORD family_size(int family)
{
	if (family == AF_INET)
		return sizeof(struct sockaddr_in);
	return family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
}

static int address_to_string(const struct sockaddr *name, DWORD namelen,
			     LPWSTR to, LPDWORD tolen)
{
	char text[TEXT_SIZE];
	DWORD i, size;

	if (!name || !to || !tolen || namelen < sizeof(name->sa_family))
		return WSAEFAULT;
	size = family_size(name->sa_family);
	if (!size)
		return WSAEINVAL;
	if (namelen < size)
		return WSAEFAULT;
	if (name->sa_family == AF_INET)
		size = (DWORD)v4_to_text(name, text) + 1;
	else
		size = (DWORD)v6_to_text(name, text) + 1;
	for (i = 0; size <= *tolen && i < size; i++)
		to[i] = (unsigned char)text[i];
	*tolen = size;
	return i ? 0 : WSAEFAULT;
}

int WSPAddressToString(const struct sockaddr *lpsaAddress,
		       DWORD dwAddressLength,
		       LPWSAPROTOCOL_INFOW lpProtocolInfo,
		       LPWSTR lpszAddressString,
		       LPDWORD lpdwAddressStringLength, LPINT lpErrno)
{
	int code = address_to_string(lpsaAddress, dwAddressLength,
				     lpszAddressString,
				     lpdwAddressStringLength);

	(void)lpProtocolInfo;
	return code ? wsp_fail(lpErrno, code) : 0;
}

/* No address has a character past ASCII, or more of them than @to holds. */
static bool narrow(char *to, const WCHAR *from)
{
	int i;

	for (i = 0; i < TEXT_SIZE; i++) {
		if (from[i] > 0x7f)
			return false;
		to[i] = (char)from[i];
		if (!to[i])
			return true;
	}
	return false;
}

/* Is all of @text a decimal number up to @max? */
static bool get_number(const char *text, unsigned long max, __u32 *number)
{
	unsigned long long value;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	*number = (__u32)value;
	return !errno && value <= max;
}

/* Cuts @text at @mark and gives what follows, or NULL. */
static char *cut(char *text, char mark)
{
	char *at = strchr(text, mark);

	if (at)
		*at++ = '\0';
	return at;
}

/* One to four parts, decimal, octal or hex (T-13), and nothing after them. */
static bool get_v4(const char *text, struct in_addr *addr)
{
	return text[strspn(text, "0123456789abcdefABCDEFxX.")] == '\0' &&
	       inet_aton(text, addr);
}

static bool text_to_v4(char *text, struct sockaddr_in *name)
{
	const char *port_text = cut(text, ':');
	__u32 port = 0;

	if (port_text && !get_number(port_text, 0xffff, &port))
		return false;
	name->sin_family = AF_INET;
	name->sin_port = htons((in_port_t)port);
	return get_v4(text, &name->sin_addr);
}

static bool text_to_v6(char *text, struct sockaddr_in6 *name)
{
	char *scope_text, *rest = NULL;
	__u32 port = 0, scope = 0;

	if (*text == '[') {
		rest = cut(++text, ']');
		if (!rest || (*rest && *rest != ':'))
			return false;
		if (*rest && !get_number(rest + 1, 0xffff, &port))
			return false;
	}
	scope_text = cut(text, '%');
	if (scope_text && !get_number(scope_text, 0xffffffff, &scope))
		return false;
	name->sin6_family = AF_INET6;
	name->sin6_port = htons((in_port_t)port);
	name->sin6_scope_id = scope;
	return inet_pton(AF_INET6, text, &name->sin6_addr) == 1;
}

static int string_to_address(const WCHAR *string, int family,
			     struct sockaddr *to, LPINT tolen)
{
	const int size = (int)family_size(family);
	struct sockaddr_in6 v6 = { 0 };
	struct sockaddr_in v4 = { 0 };
	char text[TEXT_SIZE];
	bool right;

	if (!string || !to || !tolen)
		return WSAEFAULT;
	if (!size)
		return WSAEINVAL;
	if (*tolen > 0)		/* whatever goes wrong */
		memset(to, 0, (size_t)(*tolen < size ? *tolen : size));
	if (!narrow(text, string))
		return WSAEINVAL;
	if (family == AF_INET)
		right = text_to_v4(text, &v4);
	else
		right = text_to_v6(text, &v6);
	if (!right)
		return WSAEINVAL;
	if (*tolen < size) {
		*tolen = size;
		return WSAEFAULT;
	}
	*tolen = size;
	memcpy(to, family == AF_INET ? (void *)&v4 : &v6, (size_t)size);
	return 0;
}

int WSPStringToAddress(const WCHAR *AddressString, int AddressFamily,
		       LPWSAPROTOCOL_INFOW lpProtocolInfo,
		       struct sockaddr *lpAddress, LPINT lpAddressLength,
		       LPINT lpErrno)
{
	int code = string_to_address(AddressString, AddressFamily, lpAddress,
				     lpAddressLength);

	(void)lpProtocolInfo;
	return code ? wsp_fail(lpErrno, code) : 0;
}
