/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBWSP_SELECT_H
#define LIBWSP_SELECT_H

#include <stdint.h>

#include "internal.h"

#define SETS		3	/* to read, to write, exceptional */
#define WSP_FEW		64	/* members that need no allocation */

/**
 * struct watch - one call of WSPSelect, or of WSAPoll, which has no sets
 * @sets: the caller's, each may be NULL, none is there twice
 * @wish: what each of them waits for, in the words of poll(2)
 * @fds: every socket once, whichever sets it is in; they stay the same from
 *	the first look to the end of the wait
 * @count: of them
 * @places: where in @fds each member of the sets, or entry, is, in their order
 * @slots: a hash table, of 1 and a place in @fds, or 0
 * @shift: for the hash, of 32 bits, to become an index of @slots
 * @watcher: what others see of it
 * @memory: allocated for all this, or NULL
 */
struct watch {
	LPWSPFDSET sets[SETS];
	short wish[SETS];
	struct pollfd *fds;
	uint32_t count;
	struct pollfd **places;
	uint32_t *slots;
	int shift;
	struct wsp_watcher watcher;
	void *memory;
};

/**
 * struct wsp_room - for the members of a call that has few
 * @fds: the sockets, and one that is none
 * @places: where they are
 * @slots: a quarter of the table stays empty, at least
 */
struct wsp_room {
	struct pollfd fds[WSP_FEW + 1], *places[WSP_FEW];
	uint32_t slots[2 * WSP_FEW];
};

/* select.c: 0 or a code; to be freed in any case, also if the thread is cancelled */
int wsp_make_room(struct watch *w, struct wsp_room *few, uint64_t members);
void wsp_free_room(struct watch *w);

/* select.c: the list begins, and one more socket of it, or the one that is there */
void wsp_list_none(struct watch *w);
struct pollfd *wsp_list_socket(struct watch *w, int fd, short wish);

/* ready.c: the sockets stay listed; it may be called again */
int wsp_wait_ready(struct watch *w, long long deadline);

#endif /* LIBWSP_SELECT_H */
