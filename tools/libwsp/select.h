/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBWSP_SELECT_H
#define LIBWSP_SELECT_H

#include "internal.h"

#define SETS		3	/* to read, to write, exceptional */

/* What a set waits for, and which answers of poll(2) mean it. */
struct wsp_kind {
	short wish, signs;
};

extern const struct wsp_kind wsp_kinds[SETS];

/**
 * struct watch - one call of WSPSelect
 * @sets: the caller's, each may be NULL
 * @look: every socket once, whichever sets it is in
 * @rest: the same without the stuck ones, and @epfd
 * @place: by descriptor, 1 and its index in @look, or 0
 * @count: of sockets
 * @epfd: the epoll instance for the stuck, or -1
 */
struct watch {
	LPWSPFDSET sets[SETS];
	struct pollfd *look, *rest;
	int *place;
	nfds_t count;
	int epfd;
};

int wsp_wait_ready(struct watch *w, long long deadline);

#endif /* LIBWSP_SELECT_H */
