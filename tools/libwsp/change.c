// SPDX-License-Identifier: LGPL-2.1-or-later
/* Changes of addresses and ways: the kernel says when there is one (I-05, I-06). */
#include <errno.h>

#include "interface.h"
#include "overlapped.h"

/* From when on a change counts, in @change; 0 or a code. */
static int ask(const struct wsp_use *use, struct wsp_change *change, DWORD event,
	       bool record)
{
	*change = (struct wsp_change){
		.event = event,
		.flags = record ? WSP_CHANGE_RECORD : 0,
	};
	return ioctl((int)use->s, WSP_IOC_CHANGE, change) ? wsp_code(use->s, errno) : 0;
}

/* Until there is one since then, in whatever mode the socket is; 0 or a code. */
static int wait_since(const struct wsp_use *use, struct wsp_change *change)
{
	unsigned int seen;
	int rc;

	change->flags = WSP_CHANGE_WAIT;
	do {
		seen = wsp_wakes();
		wsp_look_again(use);
		rc = wsp_wait_ioctl((int)use->s, WSP_IOC_CHANGE, change);
	} while (rc && wsp_was_woken(use, seen));
	if (rc)
		return wsp_code(use->s, errno);
	/* A handler may have closed it. */
	return wsp_is_same(use->s, use->word) ? 0 : WSAEINTR;
}

int wsp_await_change(const struct wsp_use *use, DWORD event,
		     const struct wsp_notice *notice)
{
	const bool records = !notice && wsp_is_nonblocking(use->s);
	struct wsp_change change;
	const int code = ask(use, &change, event, records);

	if (code)
		return code;
	if (notice)
		return wsp_await_overlapped(use, &change, notice);
	return records ? WSAEWOULDBLOCK : wait_since(use, &change);
}
