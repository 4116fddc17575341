// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events, and the sockets tied to them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "overlapped.h"

static _Thread_local int last_error;

int WSAGetLastError(void)
{
	return last_error;
}

void WSASetLastError(int iError)
{
	last_error = iError;
}

static BOOL fail(int code)
{
	WSASetLastError(code);
	return FALSE;
}

/* NULL is no event, so neither is descriptor 0. */
static int open_event(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int other;

	if (fd)
		return fd;
	other = fcntl(fd, F_DUPFD_CLOEXEC, 1);
	close(fd);
	return other;
}

WSAEVENT WSACreateEvent(void)
{
	int fd = open_event();

	if (fd < 0) {
		fail(WSA_NOT_ENOUGH_MEMORY);
		return WSA_INVALID_EVENT;
	}
	wsp_remember_event(fd);
	return (WSAEVENT)(uintptr_t)fd;
}

static int event_fd(WSAEVENT event)
{
	return (int)(uintptr_t)event;
}

BOOL WSACloseEvent(WSAEVENT hEvent)
{
	bool locked;

	if (!wsp_is_event(hEvent))
		return fail(WSA_INVALID_HANDLE);
	locked = wsp_lock_event(hEvent);
	/* First: the moment it is closed the number may be another's. */
	wsp_forget((SOCKET)hEvent);
	close(event_fd(hEvent));
	if (locked)
		wsp_unlock_event(hEvent);
	return TRUE;
}

/* What a read or write of an event has come to. */
static BOOL moved(WSAEVENT event, ssize_t n)
{
	/* EAGAIN: it was not set, or it is set as often as can be. */
	if (n == sizeof(eventfd_t) || errno == EAGAIN)
		return TRUE;
	wsp_forget((SOCKET)event);	/* closed behind the library's back */
	return fail(WSA_INVALID_HANDLE);
}

BOOL WSASetEvent(WSAEVENT hEvent)
{
	const eventfd_t one = 1;

	if (!wsp_is_event(hEvent))
		return fail(WSA_INVALID_HANDLE);
	return moved(hEvent, write(event_fd(hEvent), &one, sizeof(one)));
}

BOOL WSAResetEvent(WSAEVENT hEvent)
{
	const unsigned int word = wsp_event_word(hEvent);
	eventfd_t count = 0;
	struct iovec iov = { .iov_base = &count, .iov_len = sizeof(count) };
	ssize_t n;

	if (!word)
		return fail(WSA_INVALID_HANDLE);
	/*
	 * The program's own eventfd may be a blocking one, or a semaphore, which
	 * goes down by 1.
	 */
	do {
		n = preadv2(event_fd(hEvent), &iov, 1, -1, RWF_NOWAIT);
	} while (n == sizeof(count) && count == 1 && !(word & WSP_PLAIN));
	return moved(hEvent, n);
}

/**
 * struct events - what a call waits for
 * @fds: the events, and where it is told of routines that are due, -1 if nowhere
 * @count: of the events
 * @due: there are some
 */
struct events {
	struct pollfd fds[WSA_MAXIMUM_WAIT_EVENTS + 1];
	DWORD count;
	bool due;
};

/* 0 or a code. */
static int get_events(struct events *e, DWORD count, const WSAEVENT *events)
{
	DWORD i;

	if (!count || count > WSA_MAXIMUM_WAIT_EVENTS || !events)
		return WSA_INVALID_PARAMETER;
	for (i = 0; i < count; i++) {
		if (!wsp_is_event(events[i]))
			return WSA_INVALID_HANDLE;
		e->fds[i] = (struct pollfd) {
			.fd = event_fd(events[i]),
			.events = POLLIN,
		};
	}
	e->fds[count] = (struct pollfd) { .fd = -1, .events = POLLIN };
	e->count = count;
	e->due = false;
	return 0;
}

/* After a look at them: the outcome for the caller, or WSA_WAIT_TIMEOUT. */
static DWORD judge(const struct events *e, bool all)
{
	DWORD i, first = WSA_WAIT_TIMEOUT, set = 0;

	for (i = e->count; i-- > 0;) {
		if (e->fds[i].revents & POLLNVAL) {
			wsp_forget((SOCKET)e->fds[i].fd);
			fail(WSA_INVALID_HANDLE);
			return WSA_WAIT_FAILED;
		}
		if (e->fds[i].revents & POLLIN) {
			first = WSA_WAIT_EVENT_0 + i;
			set++;
		}
	}
	return !all || set == e->count ? first : WSA_WAIT_TIMEOUT;
}

static int look(struct events *e, long long deadline)
{
	const nfds_t routines = e->fds[e->count].fd >= 0;

	return wsp_poll(e->fds, e->count + routines, deadline);
}

/* Waits until one that has been found not set is set. */
static int wait_others(const struct events *e, long long deadline)
{
	struct events others = { .count = 0 };
	DWORD i;

	for (i = 0; i <= e->count; i++)
		if (!(e->fds[i].revents & POLLIN))
			others.fds[others.count++] = e->fds[i];
	others.count--;
	return look(&others, deadline);
}

/* Events go before routines, as in Windows. */
static DWORD wait_events(struct events *e, bool all, long long deadline)
{
	DWORD outcome;
	int rc;

	for (;;) {
		rc = look(e, all || e->due ? 0 : deadline);
		if (rc >= 0) {
			outcome = judge(e, all);
			if (outcome != WSA_WAIT_TIMEOUT)
				return outcome;
			if ((e->due || e->fds[e->count].revents) && wsp_run_due())
				return WSA_WAIT_IO_COMPLETION;
			if (e->fds[e->count].revents) {	/* by what is no bell any more */
				e->fds[e->count].fd = wsp_renew_bell();
				e->fds[e->count].revents = 0;
			}
			if (all)
				rc = wait_others(e, deadline);
			else if (!wsp_left(deadline))
				rc = 0;
			if (!rc && !e->due)
				return outcome;
			e->due = false;
		}
		if (rc < 0 && errno != EINTR) {
			fail(WSA_NOT_ENOUGH_MEMORY);
			return WSA_WAIT_FAILED;
		}
	}
}

DWORD WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents,
			       BOOL fWaitAll, DWORD dwTimeout, BOOL fAlertable)
{
	__attribute__((cleanup(wsp_end_alertable))) int routines = -1;
	long long deadline = WSP_FOREVER;
	struct events e;
	int code = get_events(&e, cEvents, lphEvents);

	if (code) {
		fail(code);
		return WSA_WAIT_FAILED;
	}
	if (dwTimeout != WSA_INFINITE)
		deadline = wsp_deadline(0, dwTimeout * 1000LL);
	if (fAlertable) {
		e.due = wsp_begin_alertable(&routines);
		e.fds[cEvents].fd = routines;
	}
	return wait_events(&e, fWaitAll, deadline);
}
