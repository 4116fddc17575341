// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPSelect: from Winsock's sets to a list of sockets, and back. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "select.h"

#define FEW		64	/* sockets that need no allocation, */
#define LOW		1024	/* if their numbers are below this */

struct room {
	struct pollfd look[FEW], rest[FEW + 1];
	int place[LOW];
};

static unsigned int set_count(const WSPFDSET *set)
{
	return set ? set->fd_count : 0;
}

/* Are they all sockets, and how much room do they take? */
static int check_sets(const struct watch *w, size_t *count, SOCKET *highest)
{
	unsigned int i, k;
	SOCKET s;

	for (k = 0; k < SETS; k++) {
		for (i = 0; i < set_count(w->sets[k]); i++) {
			s = w->sets[k]->fd_array[i];
			if (!wsp_type(s))
				return WSAENOTSOCK;
			if (s > *highest)
				*highest = s;
		}
		*count += i;
	}
	return *count ? 0 : WSAEINVAL;
}

/* The room on the stack is as it came: only what is used is made ready. */
static void clear_places(struct watch *w)
{
	unsigned int i, k;

	for (k = 0; k < SETS; k++)
		for (i = 0; i < set_count(w->sets[k]); i++)
			w->place[w->sets[k]->fd_array[i]] = 0;
}

static int make_room(struct watch *w, struct room *few)
{
	SOCKET highest = 0;
	size_t count = 0;
	int code;

	code = check_sets(w, &count, &highest);
	if (code)
		return code;
	w->look = few->look;
	w->rest = few->rest;
	w->place = few->place;
	if (count <= FEW && highest < LOW) {
		clear_places(w);
		return 0;
	}
	w->look = calloc(count, sizeof(*w->look));
	w->rest = calloc(count + 1, sizeof(*w->rest));
	w->place = calloc(highest + 1, sizeof(*w->place));
	return w->look && w->rest && w->place ? 0 : WSAENOBUFS;
}

static void free_room(struct watch *w, const struct room *few)
{
	if (w->epfd >= 0)
		close(w->epfd);
	if (w->look == few->look)
		return;
	free(w->look);
	free(w->rest);
	free(w->place);
}

static struct pollfd *entry_of(const struct watch *w, SOCKET s)
{
	return &w->look[w->place[s] - 1];
}

static void add_sockets(struct watch *w)
{
	unsigned int i, k;
	SOCKET s;

	for (k = 0; k < SETS; k++) {
		for (i = 0; i < set_count(w->sets[k]); i++) {
			s = w->sets[k]->fd_array[i];
			if (!w->place[s]) {
				w->look[w->count++] = (struct pollfd) {
					.fd = (int)s,
				};
				w->place[s] = (int)w->count;
			}
			entry_of(w, s)->events |= wsp_kinds[k].wish;
		}
	}
}

/* Leaves the ready ones in the sets, and gives their number. */
static int keep_ready(struct watch *w)
{
	unsigned int i, k, kept;
	int total = 0;
	SOCKET s;

	for (k = 0; k < SETS; k++) {
		if (!w->sets[k])
			continue;
		for (i = 0, kept = 0; i < w->sets[k]->fd_count; i++) {
			s = w->sets[k]->fd_array[i];
			if (entry_of(w, s)->revents & wsp_kinds[k].wish)
				w->sets[k]->fd_array[kept++] = s;
		}
		w->sets[k]->fd_count = kept;
		total += (int)kept;
	}
	return total;
}

int WSPSelect(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
	      LPWSPFDSET exceptfds, const struct timeval *timeout,
	      LPINT lpErrno)
{
	struct watch w = {
		.sets = { readfds, writefds, exceptfds },
		.epfd = -1,
	};
	long long deadline = WSP_FOREVER;
	struct room few;
	int code, ready = 0;

	(void)nfds;
	if (timeout && (timeout->tv_sec < 0 || timeout->tv_usec < 0))
		return wsp_fail(lpErrno, WSAEINVAL);
	if (timeout)
		deadline = wsp_deadline(timeout->tv_sec, timeout->tv_usec);
	code = make_room(&w, &few);
	if (!code) {
		add_sockets(&w);
		if (wsp_wait_ready(&w, deadline) < 0)
			code = wsp_code(INVALID_SOCKET, errno);
		else
			ready = keep_ready(&w);
	}
	free_room(&w, &few);
	return code ? wsp_fail(lpErrno, code) : ready;
}
