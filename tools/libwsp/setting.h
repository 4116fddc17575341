/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options that Winsock describes: what they are like, and where they are. */
#ifndef LIBWSP_SETTING_H
#define LIBWSP_SETTING_H

#include "internal.h"

union wsp_value {
	DWORD number;		/* a BOOL and an int, too */
	struct {
		__u16 on, seconds;
	} linger;
	SOCKET socket;
	WSAPROTOCOL_INFOW wide;
	WSAPROTOCOL_INFOA narrow;
};

struct wsp_option;

typedef int wsp_get_fn(const struct wsp_use *use, const struct wsp_option *o,
		       union wsp_value *value);
typedef int wsp_set_fn(const struct wsp_use *use, const struct wsp_option *o,
		       const union wsp_value *value);

/**
 * struct wsp_option - an option
 * @level: its level
 * @name: its number there
 * @size: the bytes of its value, at least
 * @may_be_byte: one byte will do
 * @platforms: of this size it is the platform's value of another form, if it is
 *	not 0
 * @noted: what the descriptor's word has to say of a socket for which it was set
 * @sockets: which it is for, WSP_FOR_*
 * @get: 0 or a WSAE code; NULL: it can only be set
 * @set: likewise
 * @what: for both
 */
struct wsp_option {
	int level;
	int name;
	__u16 size;
	bool may_be_byte;
	__u8 platforms;
	__u8 noted;
	__u8 sockets;
	wsp_get_fn *get;
	wsp_set_fn *set;
	unsigned int what;
};

#define WSP_FOR_STREAMS	1
#define WSP_FOR_DGRAMS	2
#define WSP_FOR_ALL	3

/* NULL for one of the platform's own. One of other sockets has no get, no set. */
const struct wsp_option *wsp_option(const struct wsp_use *use, int level, int name);

/* An int that the kernel has by the same level and number. */
int wsp_get_number(const struct wsp_use *use, const struct wsp_option *o,
		   union wsp_value *value);
int wsp_set_number(const struct wsp_use *use, const struct wsp_option *o,
		   const union wsp_value *value);

#endif /* LIBWSP_SETTING_H */
