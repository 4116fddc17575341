// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which descriptors are sockets or events. A descriptor's word says what is
 * known of it, and with each owner of the number its generation grows: what was
 * learned of the former one is not taken for the next (T-01).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "overlapped.h"

#define CHUNK		65536	/* words that come at once */
#define CHUNKS		((INT_MAX >> 16) + 1)

/* Of most programs the first chunk is all. */
static _Atomic unsigned int low[CHUNK];
static _Atomic(_Atomic unsigned int *) high[CHUNKS];

static _Atomic unsigned int *add_chunk(_Atomic(_Atomic unsigned int *) *chunk)
{
	_Atomic unsigned int *words = calloc(CHUNK, sizeof(*words)), *first = NULL;

	if (!words || atomic_compare_exchange_strong(chunk, &first, words))
		return words;
	free((void *)words);
	return first;
}

/* Where a descriptor's word is; NULL for no descriptor, or without memory. */
static _Atomic unsigned int *place_of(uintptr_t number)
{
	_Atomic unsigned int *words;

	if (number < CHUNK)
		return &low[number];
	if (number > INT_MAX)
		return NULL;
	words = atomic_load(&high[number / CHUNK]);
	if (!words)
		words = add_chunk(&high[number / CHUNK]);
	return words ? &words[number % CHUNK] : NULL;
}

/* The same descriptor number, of another owner of whom @what is known. */
static unsigned int succeed(unsigned int word, unsigned int what)
{
	return (word & ~(WSP_GENERATION - 1)) + WSP_GENERATION + what;
}

/* The kernel has just made this descriptor, whoever had the number before. */
void wsp_remember(SOCKET s, unsigned int what)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int word;

	if (!place)
		return;
	word = atomic_load(place);
	while (!atomic_compare_exchange_weak(place, &word, succeed(word, what)))
		;
}

void wsp_remember_event(int fd)
{
	wsp_remember((SOCKET)fd, WSP_EVENT | WSP_PLAIN);
}

/* Nothing is known of it any more, unless it is about to be closed. */
void wsp_forget(SOCKET s)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int word;

	if (!place)
		return;
	word = atomic_load(place);
	while (!(word & WSP_CLOSING) &&
	       !atomic_compare_exchange_weak(place, &word, succeed(word, 0)))
		;
}

void WSPForget(SOCKET first, SOCKET last)
{
	SOCKET s;

	if (last > INT_MAX)
		last = INT_MAX;
	for (s = first; s <= last; s++) {
		if (s >= CHUNK && !atomic_load(&high[s / CHUNK]))
			s |= CHUNK - 1;		/* nothing of all these */
		else
			wsp_forget(s);
	}
	wsp_sweep_operations();
}

unsigned int wsp_ask(int fd)
{
	struct wsp_info info = { 0 };

	if (ioctl(fd, WSP_IOC_INFO, &info) || info.abi < WSP_ABI)
		return 0;
	return info.type | (info.protocol == WSPPROTO_IPV6 ? WSP_V6 : 0) |
	       (fcntl(fd, F_GETFL) & O_NONBLOCK ? WSP_NONBLOCKING : 0) |
	       (info.type == SOCK_STREAM && info.state == WSP_STATE_CONNECTED ?
		WSP_READY : 0);
}

/*
 * What was asked of the kernel counts only if the number had one owner all the
 * while; 0 for no socket of the family, or one that is about to be closed.
 */
static unsigned int learn(SOCKET s, _Atomic unsigned int *place)
{
	unsigned int word, what;

	for (;;) {
		word = place ? atomic_load(place) : 0;
		if (word & WSP_CLOSING)
			return 0;
		if (wsp_word_type(word))
			return word;
		what = s > INT_MAX ? 0 : wsp_ask((int)s);
		if (!what || !place)
			return what;
		if (atomic_compare_exchange_strong(place, &word,
						   succeed(word, what)))
			return succeed(word, what);
	}
}

unsigned int wsp_word(SOCKET s)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int word = place ? atomic_load_explicit(place,
							 memory_order_acquire) : 0;

	if (wsp_word_type(word) && !(word & WSP_CLOSING))
		return word;
	return learn(s, place);
}

int wsp_type(SOCKET s)
{
	return wsp_word_type(wsp_word(s));
}

bool wsp_is_same(SOCKET s, unsigned int word)
{
	const _Atomic unsigned int *place = place_of(s);

	return !place || !((atomic_load(place) ^ word) & ~(WSP_GENERATION - 1));
}

bool wsp_is_closing(SOCKET s)
{
	const _Atomic unsigned int *place = place_of(s);

	return place && atomic_load(place) & WSP_CLOSING;
}

/* Unless it has another owner by now, or is the closing thread's. */
void wsp_note(SOCKET s, unsigned int word, unsigned int what)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int now = place ? atomic_load(place) : WSP_CLOSING;

	while (!(now & WSP_CLOSING) && (now | what) != now &&
	       !((now ^ word) & ~(WSP_GENERATION - 1)) &&
	       !atomic_compare_exchange_weak(place, &now, now | what))
		;
}

void wsp_unnote(SOCKET s, unsigned int word, unsigned int what)
{
	_Atomic unsigned int *place = place_of(s);

	if (place && wsp_is_same(s, word))
		atomic_fetch_and(place, ~what);
}

/* From here on it is nobody's but the caller's; what it was, or 0. */
unsigned int wsp_begin_close(SOCKET s)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int word;

	do {
		word = learn(s, place);
	} while (word && place &&
		 !atomic_compare_exchange_strong(place, &word,
						 word | WSP_CLOSING));
	return word;
}

/*
 * In place of the mark, unless the number has its next owner already: @next, or what
 * it is without. What waited has ended since, so it is not what it was.
 */
static void unmark(SOCKET s, unsigned int word, unsigned int next)
{
	_Atomic unsigned int *place = place_of(s);
	unsigned int now = place ? atomic_load(place) : 0;

	while (now & WSP_CLOSING && !((now ^ word) & ~(WSP_GENERATION - 1)) &&
	       !atomic_compare_exchange_weak(place, &now,
					     next ? next : now & ~WSP_CLOSING))
		;
}

/* After close(2). */
void wsp_end_close(SOCKET s, unsigned int word)
{
	unmark(s, word, succeed(word, 0));
}

/* It stays open after all. */
void wsp_abandon_close(SOCKET s, unsigned int word)
{
	unmark(s, word, 0);
}

/* No call tells an eventfd from others; only its name does. */
static bool ask_event(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[40], name[sizeof(want)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", fd);
	n = readlink(path, name, sizeof(name));
	return n == sizeof(want) - 1 && !memcmp(name, want, (size_t)n);
}

/* WSP_EVENT and what else is known of it; 0 if it is none. */
unsigned int wsp_event_word(WSAEVENT event)
{
	const uintptr_t number = (uintptr_t)event;
	_Atomic unsigned int *const place = place_of(number);
	unsigned int word = place ? atomic_load(place) : 0;

	if ((word & WSP_TYPE) == WSP_EVENT)
		return word;
	if (!number || number > INT_MAX || !ask_event((int)number))
		return 0;
	if (place)
		atomic_compare_exchange_strong(place, &word,
					       succeed(word, WSP_EVENT));
	return WSP_EVENT;
}

bool wsp_is_event(WSAEVENT event)
{
	return wsp_event_word(event);
}
