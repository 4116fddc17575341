// SPDX-License-Identifier: GPL-2.0
/*
 * wsp_strings - libFuzzer against the addresses of libwsp as strings: whatever
 * the text is, nothing is read or written past its room (sanitizers see to
 * that), an address that is taken is the one that its own text gives, and what
 * inet_pton(3) takes is taken. It needs no module.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsp/wsp.h>

#define MOST	200	/* characters of a text */

static void expect(int right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "wsp_strings: %s\n", what);
	abort();
}

/* By a copy that ends where the text does. */
static int parse(const WCHAR *text, size_t count, int family,
		 struct sockaddr_storage *name, int room)
{
	WCHAR *copy = malloc(count * sizeof(*copy));
	int code = 0, len = room;

	memcpy(copy, text, count * sizeof(*copy));
	memset(name, 0, sizeof(*name));
	if (WSPStringToAddress(copy, family, NULL, (struct sockaddr *)name, &len,
			       &code))
		expect(code == WSAEINVAL || code == WSAEFAULT, "another code");
	else
		expect(len <= room, "a longer address than there was room");
	free(copy);
	return code;
}

/* There and back, by room of every size. */
static void print(const struct sockaddr_storage *name, int family)
{
	const DWORD len = family == AF_INET ? sizeof(struct sockaddr_in) :
					      sizeof(struct sockaddr_in6);
	struct sockaddr_storage again;
	DWORD room, need = 0;
	int code = 0;
	WCHAR *text;

	for (room = 0; room < MOST && (!room || code); room++) {
		text = malloc(room * sizeof(*text));
		need = room;
		code = 0;
		if (WSPAddressToString((const struct sockaddr *)name, len, NULL,
				       text, &need, &code)) {
			expect(code == WSAEFAULT && need > room,
			       "too small, and not said so");
		} else {
			expect(need == room && !text[room - 1], "another length");
			expect(!parse(text, room, family, &again, sizeof(again)) &&
			       !memcmp(&again, name, sizeof(again)),
			       "not the address that its text gives");
		}
		free(text);
	}
	expect(!code, "no room is enough");
}

static void compare(const char *text, int family, int code)
{
	struct in6_addr addr;

	if (inet_pton(family, text, &addr) == 1)
		expect(!code, "inet_pton() takes it");
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct sockaddr_storage name;
	WCHAR text[MOST + 1];
	char narrow[MOST + 1];
	size_t i, n = size < 1 ? 0 : size - 1;
	int family, code;

	if (!size)
		return 0;
	if (n > MOST)
		n = MOST;
	family = data[0] & 1 ? AF_INET6 : AF_INET;
	for (i = 0; i < n && data[i + 1]; i++) {
		narrow[i] = (char)data[i + 1];
		text[i] = data[0] & 2 && i % 7 == 6 ? (WCHAR)(data[i + 1] << 8) :
						     data[i + 1];
	}
	narrow[i] = 0;
	text[i] = 0;
	code = parse(text, i + 1, family, &name, sizeof(name));
	if (!code)
		print(&name, family);
	if (!(data[0] & 2))
		compare(narrow, family, code);
	parse(text, i + 1, family, &name, data[0] >> 2);
	parse(text, i + 1, data[0], &name, sizeof(name));
	return 0;
}
