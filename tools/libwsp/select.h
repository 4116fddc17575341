/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBWSP_SELECT_H
#define LIBWSP_SELECT_H

#include <stdint.h>

#include "internal.h"

#define SETS		3	/* to read, to write, exceptional */

/**
 * struct watch - one call of WSPSelect
 * @sets: the caller's, each may be NULL, none is there twice
 * @wish: what each of them waits for, in the words of poll(2)
 * @fds: every socket once, whichever sets it is in; they stay the same from
 *	the first look to the end of the wait
 * @count: of them
 * @places: where in @fds each member of the sets is, in their order
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

int wsp_wait_ready(struct watch *w, long long deadline);

/* wait.c: nanoseconds up to that moment, at least 0; negative for ever */
long long wsp_left(long long deadline);

#endif /* LIBWSP_SELECT_H */
