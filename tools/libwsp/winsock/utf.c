// SPDX-License-Identifier: LGPL-2.1-or-later
/* UTF-8, the platform's, and UTF-16, Winsock's. What is neither becomes '?'. */
#include "winsock.h"

#define UNKNOWN		'?'

static int is_high(WCHAR unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static int is_low(WCHAR unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

/* Takes one character from @from. */
static uint32_t take_utf8(const char **from)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*from;
	uint32_t c = *s++;
	int more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : 0;
	int i;

	if (c >= 0x80)
		c = more ? c & (0x3fU >> more) : (uint32_t)~0;
	for (i = 0; i < more; i++, s++) {
		if ((*s & 0xc0) != 0x80) {
			c = (uint32_t)~0;
			break;
		}
		c = c << 6 | (*s & 0x3f);
	}
	*from = (const char *)s;
	if (c < least[more] || c > 0x10ffff || (c & 0xfffff800) == 0xd800)
		return UNKNOWN;
	return c;
}

size_t winsock_to_wide(const char *from, WCHAR *to, size_t room)
{
	WCHAR units[2];
	size_t used = 0;
	uint32_t c;
	int i, count;

	do {
		c = take_utf8(&from);
		count = c >= 0x10000 ? 2 : 1;
		units[0] = (WCHAR)(count == 1 ? c : 0xd800 + ((c - 0x10000) >> 10));
		units[1] = (WCHAR)(0xdc00 + (c & 0x3ff));
		for (i = 0; i < count; i++, used++)
			if (used < room)
				to[used] = units[i];
	} while (c);
	return used;
}

static uint32_t take_utf16(const WCHAR **from)
{
	const WCHAR unit = *(*from)++;

	if (is_high(unit) && is_low(**from))
		return 0x10000 + ((uint32_t)(unit & 0x3ff) << 10) +
		       (uint32_t)(*(*from)++ & 0x3ff);
	return is_high(unit) || is_low(unit) ? UNKNOWN : unit;
}

size_t winsock_to_narrow(const WCHAR *from, char *to, size_t room)
{
	char bytes[4];
	size_t used = 0;
	uint32_t c;
	int i, count;

	do {
		c = take_utf16(&from);
		count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		for (i = count - 1; i > 0; i--, c >>= 6)
			bytes[i] = (char)(0x80 | (c & 0x3f));
		bytes[0] = (char)(count == 1 ? c : (0xf00U >> count) | c);
		for (i = 0; i < count; i++, used++)
			if (used < room)
				to[used] = bytes[i];
	} while (count > 1 || bytes[0]);
	return used;
}
