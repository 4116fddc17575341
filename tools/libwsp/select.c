// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPSelect: from Winsock's sets to a list of sockets, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

#define MOST		0x4000000U

/* A set that is given for two waits for either. */
static void add_set(struct watch *w, int k, LPWSPFDSET set, short wish)
{
	int i;

	for (i = 0; set && i < k; i++) {
		if (w->sets[i] == set) {
			w->wish[i] |= wish;
			return;
		}
	}
	w->sets[k] = set;
	w->wish[k] = wish;
}

static unsigned int set_count(const WSPFDSET *set)
{
	return set ? set->fd_count : 0;
}

static uint64_t count_members(const struct watch *w)
{
	uint64_t members = 0;
	int k;

	for (k = 0; k < SETS; k++)
		members += set_count(w->sets[k]);
	return members;
}

int wsp_make_room(struct watch *w, struct wsp_room *few, uint64_t members)
{
	size_t slots;

	if (!members)
		return WSAEINVAL;
	if (members > MOST)
		return WSAENOBUFS;
	w->shift = __builtin_clz((uint32_t)(members + members / 3));
	slots = (size_t)1 << (32 - w->shift);
	w->fds = few->fds;
	w->places = few->places;
	w->slots = few->slots;
	if (members > WSP_FEW) {
		w->memory = malloc((members + 1) * sizeof(*w->fds) +
				   /* NOLINTNEXTLINE(bugprone-sizeof-expression) */
				   members * sizeof(*w->places) +
				   slots * sizeof(*w->slots));
		if (!w->memory)
			return WSAENOBUFS;
		w->fds = w->memory;
		w->places = (struct pollfd **)(w->fds + members + 1);
		w->slots = (uint32_t *)(w->places + members);
	}
	return 0;
}

void wsp_free_room(struct watch *w)
{
	wsp_unwatch(&w->watcher);
	if (w->memory)
		free(w->memory);
}

/* Where in the table a socket is, or else is to be. */
static inline uint32_t *slot_of(const struct watch *w, int fd)
{
	const uint32_t mask = (1U << (32 - w->shift)) - 1;
	uint32_t *const slots = w->slots;
	uint32_t i = (uint32_t)fd * 0x9e3779b1U >> w->shift;

	while (slots[i] && w->fds[slots[i] - 1].fd != fd)
		i = (i + 1) & mask;
	return &slots[i];
}

/* After the list comes an entry that is no socket's. */
static inline struct pollfd *list_socket(struct watch *w, uint32_t *count, int fd)
{
	uint32_t *slot = slot_of(w, fd);

	if (!*slot) {
		w->fds[*count] = (struct pollfd) { .fd = fd };
		*slot = ++*count;
		w->fds[*count].fd = -1;
	}
	return &w->fds[*slot - 1];
}

struct pollfd *wsp_list_socket(struct watch *w, int fd, short wish)
{
	struct pollfd *const p = list_socket(w, &w->count, fd);

	p->events |= wish;
	return p;
}

void wsp_list_none(struct watch *w)
{
	memset(w->slots, 0, sizeof(*w->slots) << (32 - w->shift));
	w->fds[0].fd = -1;
	w->count = 0;
}

/*
 * Adds a set to the list, and puts down where its members are. Most programs have
 * the same sockets in the same order in each of their sets. What cannot be a
 * descriptor is told in the end.
 */
static bool list_set(struct watch *w, const WSPFDSET *set, short wish,
		     struct pollfd **restrict places)
{
	const unsigned int members = set->fd_count;
	struct pollfd *p = w->fds;
	uint32_t count = w->count;
	SOCKET s, bits = 0;
	unsigned int i;

	for (i = 0; i < members; i++, p++) {
		s = set->fd_array[i];
		bits |= s;
		if ((SOCKET)p->fd != s)
			p = list_socket(w, &count, (int)s);
		p->events |= wish; /* NOLINT(clang-analyzer-core.uninitialized.Assign) */
		places[i] = p;
	}
	w->count = count;
	return bits <= INT_MAX;
}

static int list_sockets(struct watch *w)
{
	struct pollfd **places = w->places;
	int k;

	wsp_list_none(w);
	for (k = 0; k < SETS; k++) {
		if (!w->sets[k])
			continue;
		if (!list_set(w, w->sets[k], w->wish[k], places))
			return WSAENOTSOCK;
		places += w->sets[k]->fd_count;
	}
	return 0;
}

/* Leaves the ready ones in a set. */
static void keep_in_set(LPWSPFDSET set, short wish, struct pollfd *const *places)
{
	struct pollfd *const *const end = places + set->fd_count;
	SOCKET *kept = set->fd_array;

	for (; places < end; places++) {
		struct pollfd *const p = *places;

		if (p->revents & wish) {
			p->revents &= ~wish;	/* from now on it is there */
			*kept++ = (SOCKET)p->fd;
		}
	}
	set->fd_count = (unsigned int)(kept - set->fd_array);
}

/* Leaves the ready ones in the sets, and gives their number. */
static int keep_ready(const struct watch *w)
{
	struct pollfd *const *places = w->places;
	unsigned int total = 0, count;
	int k;

	for (k = 0; k < SETS; k++) {
		if (!w->sets[k])
			continue;
		count = w->sets[k]->fd_count;
		keep_in_set(w->sets[k], w->wish[k], places);
		places += count;
		total += w->sets[k]->fd_count;
	}
	return (int)total;
}

int WSPSelect(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
	      LPWSPFDSET exceptfds, const struct timeval *timeout,
	      LPINT lpErrno)
{
	__attribute__((cleanup(wsp_free_room))) struct watch w = { 0 };
	struct wsp_room few;
	long long deadline = WSP_FOREVER;
	int code, ready;

	(void)nfds;
	if (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0))
		return wsp_fail(lpErrno, WSAEINVAL);
	if (timeout)
		deadline = wsp_deadline(timeout->tv_sec, timeout->tv_usec);
	add_set(&w, 0, readfds, POLLIN);
	add_set(&w, 1, writefds, POLLOUT);
	add_set(&w, 2, exceptfds, POLLPRI);
	code = wsp_make_room(&w, &few, count_members(&w));
	if (!code)
		code = list_sockets(&w);
	if (code)
		return wsp_fail(lpErrno, code);
	ready = wsp_wait_ready(&w, deadline);
	if (ready < 0)
		return wsp_fail(lpErrno, wsp_code((SOCKET)w.fds[0].fd, errno));
	return keep_ready(&w);
}
