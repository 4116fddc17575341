// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How a program is told of an operation's end: by its OVERLAPPED, and by an event or
 * a routine. From the moment that the OVERLAPPED says so that memory may be
 * anything, and the event be closed, or reset for another operation.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "overlapped.h"

#define PENDING		0x103	/* STATUS_PENDING */
#define PLACES		16	/* events and waits are told apart by */

_Atomic bool wsp_is_to_sweep;
_Thread_local unsigned int wsp_amid __attribute__((tls_model("initial-exec")));
_Thread_local int wsp_cancel_state __attribute__((tls_model("initial-exec")));

static pthread_mutex_t event_locks[PLACES] = {
	[0 ... PLACES - 1] = PTHREAD_MUTEX_INITIALIZER
};

/**
 * struct gate - where threads wait for an operation's end
 * @passed: counts the ends
 * @waiting: threads that wait for the next
 */
static struct gate {
	_Atomic unsigned int passed;
	_Atomic unsigned int waiting;
} gates[PLACES];

static pthread_mutex_t *event_lock(WSAEVENT event)
{
	return &event_locks[(uintptr_t)event % PLACES];
}

static void take_event(WSAEVENT event)
{
	wsp_lock_amid(event_lock(event));
}

void wsp_unlock_event(WSAEVENT event)
{
	wsp_unlock_amid(event_lock(event));
}

bool wsp_lock_event(WSAEVENT event)
{
	if (!atomic_load(&wsp_is_used) || wsp_is_amid())
		return false;
	take_event(event);
	return true;
}

void wsp_drop_events(void)
{
	int i;

	for (i = 0; i < PLACES; i++) {
		pthread_mutex_init(&event_locks[i], NULL);
		atomic_store(&gates[i].waiting, 0);
	}
}

static struct gate *gate_of(const WSAOVERLAPPED *overlapped)
{
	return &gates[((uintptr_t)overlapped >> 4) % PLACES];
}

/* With a routine hEvent is the program's own (O-04). */
int wsp_make_notice(struct wsp_notice *notice, LPWSAOVERLAPPED overlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	if (!atomic_load_explicit(&wsp_is_used, memory_order_acquire) && !wsp_begin_use())
		return WSAENOBUFS;
	*notice = (struct wsp_notice) { .overlapped = overlapped };
	if (routine) {
		notice->due = wsp_make_due(routine, overlapped);
		return notice->due ? 0 : WSAENOBUFS;
	}
	notice->event = overlapped->hEvent;
	if (!notice->event)
		return 0;
	notice->event_word = wsp_event_word(notice->event);
	return notice->event_word ? 0 : WSA_INVALID_HANDLE;
}

static void publish(LPWSAOVERLAPPED overlapped, DWORD_PTR status)
{
	__atomic_store_n(&overlapped->Internal, status, __ATOMIC_SEQ_CST);
}

bool wsp_is_pending(const WSAOVERLAPPED *overlapped)
{
	return __atomic_load_n(&overlapped->Internal, __ATOMIC_SEQ_CST) == PENDING;
}

/* Behind the operation that the event has told of last. */
void wsp_mark_pending(const struct wsp_notice *notice)
{
	if (!notice->overlapped)
		return;
	publish(notice->overlapped, PENDING);
	if (!notice->event)
		return;
	take_event(notice->event);
	if (wsp_is_same((SOCKET)notice->event, notice->event_word))
		WSAResetEvent(notice->event);
	wsp_unlock_event(notice->event);
}

/* Who knows that it is over finds the routine. */
static void post(const struct wsp_notice *notice, int code, DWORD bytes, DWORD flags)
{
	wsp_lock_inboxes();
	publish(notice->overlapped, (DWORD_PTR)code);
	wsp_post_due(notice->due, code, bytes, flags);
	wsp_unlock_inboxes();
}

static void set_event(const struct wsp_notice *notice, int code)
{
	take_event(notice->event);
	publish(notice->overlapped, (DWORD_PTR)code);
	if (wsp_is_same((SOCKET)notice->event, notice->event_word))
		WSASetEvent(notice->event);
	wsp_unlock_event(notice->event);
}

static void open_gate(const WSAOVERLAPPED *overlapped)
{
	struct gate *gate = gate_of(overlapped);

	atomic_fetch_add(&gate->passed, 1);
	if (atomic_load(&gate->waiting))
		wsp_wake_all(&gate->passed);
}

void wsp_finish(struct wsp_notice *notice, int code, DWORD bytes, DWORD flags)
{
	WSAOVERLAPPED *const overlapped = notice->overlapped;

	if (!overlapped)
		return;
	overlapped->InternalHigh = bytes;
	overlapped->Offset = flags;
	if (notice->due)
		post(notice, code, bytes, flags);
	else if (notice->event)
		set_event(notice, code);
	else
		publish(overlapped, (DWORD_PTR)code);
	open_gate(overlapped);
}

void wsp_settle_notice(struct wsp_notice *notice, int code, DWORD bytes, DWORD flags)
{
	if (!code)
		wsp_finish(notice, 0, bytes, flags);
	else if (code != WSA_IO_PENDING && notice->due)
		wsp_drop_due(notice->due);
}

static void leave_gate(struct gate **gate)
{
	atomic_fetch_sub(&(*gate)->waiting, 1);
}

/* False: a signal has ended it. */
static bool wait_once(struct gate *gate, const WSAOVERLAPPED *overlapped,
		      long long deadline)
{
	const unsigned int seen = atomic_load(&gate->passed);
	__attribute__((cleanup(leave_gate))) struct gate *at = gate;

	(void)at;
	wsp_engine_be_prompt();
	atomic_fetch_add(&gate->waiting, 1);
	return !wsp_is_pending(overlapped) ||
	       wsp_wait_while(&gate->passed, seen, deadline);
}

int wsp_await(SOCKET s, const WSAOVERLAPPED *overlapped, long long deadline, bool restarts)
{
	struct gate *gate = gate_of(overlapped);
	bool known = wsp_is_pending(overlapped) && wsp_hasten_operation(s, overlapped);

	for (; wsp_is_pending(overlapped); known = false) {
		if (!known && !wsp_is_queued(s, overlapped))
			break;
		if (!wsp_left(deadline))
			return WSAETIMEDOUT;
		if (!wait_once(gate, overlapped, deadline) && !restarts)
			return WSAEINTR;
	}
	return 0;
}
