// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events, and the sockets tied to them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "internal.h"

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
	if (!wsp_is_event(hEvent))
		return fail(WSA_INVALID_HANDLE);
	/* First: the moment it is closed the number may be another's. */
	wsp_forget((SOCKET)hEvent);
	close(event_fd(hEvent));
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

/* Fills @fds with the handles; 0 or a code. */
static int get_events(struct pollfd *fds, DWORD count, const WSAEVENT *events)
{
	DWORD i;

	if (!count || count > WSA_MAXIMUM_WAIT_EVENTS || !events)
		return WSA_INVALID_PARAMETER;
	for (i = 0; i < count; i++) {
		if (!wsp_is_event(events[i]))
			return WSA_INVALID_HANDLE;
		fds[i] = (struct pollfd) {
			.fd = event_fd(events[i]),
			.events = POLLIN,
		};
	}
	return 0;
}

/* After a look at them: the outcome for the caller, or WSA_WAIT_TIMEOUT. */
static DWORD judge(struct pollfd *fds, DWORD count, bool all)
{
	DWORD i, first = WSA_WAIT_TIMEOUT, set = 0;

	for (i = count; i-- > 0;) {
		if (fds[i].revents & POLLNVAL) {
			wsp_forget((SOCKET)fds[i].fd);
			fail(WSA_INVALID_HANDLE);
			return WSA_WAIT_FAILED;
		}
		if (fds[i].revents & POLLIN) {
			first = WSA_WAIT_EVENT_0 + i;
			set++;
		}
	}
	return !all || set == count ? first : WSA_WAIT_TIMEOUT;
}

/* Waits until one that has been found not set is set. */
static int wait_others(const struct pollfd *fds, DWORD count, long long deadline)
{
	struct pollfd others[WSA_MAXIMUM_WAIT_EVENTS];
	DWORD i, n = 0;

	for (i = 0; i < count; i++)
		if (!(fds[i].revents & POLLIN))
			others[n++] = fds[i];
	return wsp_poll(others, n, deadline);
}

static DWORD wait_events(struct pollfd *fds, DWORD count, bool all,
			 long long deadline)
{
	DWORD outcome;
	int rc;

	for (;;) {
		rc = wsp_poll(fds, count, all ? 0 : deadline);
		if (rc >= 0) {
			outcome = judge(fds, count, all);
			if (!all || outcome != WSA_WAIT_TIMEOUT)
				return outcome;
			rc = wait_others(fds, count, deadline);
			if (!rc)
				return WSA_WAIT_TIMEOUT;
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
	struct pollfd fds[WSA_MAXIMUM_WAIT_EVENTS];
	long long deadline = WSP_FOREVER;
	int code = get_events(fds, cEvents, lphEvents);

	(void)fAlertable;
	if (code) {
		fail(code);
		return WSA_WAIT_FAILED;
	}
	if (dwTimeout != WSA_INFINITE)
		deadline = wsp_deadline(0, dwTimeout * 1000LL);
	return wait_events(fds, cEvents, fWaitAll, deadline);
}
