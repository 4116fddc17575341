/* SPDX-License-Identifier: GPL-2.0 */
/* Overlapped operations, and what they are told by. */
#ifndef WSP_IO_H
#define WSP_IO_H

#include "wsp_test.h"

#define SHORT_MS	50	/* for what is not to happen */

/* One operation, and what it is given. */
struct io {
	WSAOVERLAPPED o;
	char data[16];
	WSABUF buf;
	DWORD n, flags;
	union name from;
	int fromlen;
};

#define NO_BYTES	77	/* untouched */

static inline struct io *prepare(struct io *io)
{
	const WSAEVENT event = io->o.hEvent;

	*io = (struct io) { .o = { .hEvent = event }, .n = NO_BYTES };
	io->buf = (WSABUF) { sizeof(io->data), io->data };
	io->fromlen = sizeof(io->from);
	return io;
}

static inline struct io *with_event(struct io *io)
{
	io->o.hEvent = WSACreateEvent();
	return prepare(io);
}

static inline int start_recv(SOCKET s, struct io *io, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	return OUTCOME(WSPRecv(s, &io->buf, 1, &io->n, &io->flags, &io->o, done, NULL,
			       &code));
}

static inline int start_recv_from(SOCKET s, struct io *io)
{
	return OUTCOME(WSPRecvFrom(s, &io->buf, 1, &io->n, &io->flags, &io->from.sa,
				   &io->fromlen, &io->o, NULL, NULL, &code));
}

static inline int start_send(SOCKET s, struct io *io, const char *text,
			     LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	io->buf = (WSABUF) { (ULONG)strlen(text), (char *)text };
	return OUTCOME(WSPSend(s, &io->buf, 1, &io->n, 0, &io->o, done, NULL, &code));
}

/* 0 or the code, by WSPGetOverlappedResult. */
static inline int result(SOCKET s, struct io *io, BOOL wait)
{
	int code = UNTOUCHED;

	io->n = NO_BYTES;
	return WSPGetOverlappedResult(s, &io->o, &io->n, wait, &io->flags, &code) ? 0 : code;
}

static inline int told_code(SOCKET s, struct io *io)
{
	return result(s, io, TRUE);
}

static inline bool has(const struct io *io, const char *text)
{
	return io->n == strlen(text) && !memcmp(io->data, text, io->n);
}

static inline bool is_pending(const struct io *io)
{
	return goes_on(&io->o);
}

/* Routines, and what they were given. */
static struct call {
	DWORD error, n, flags;
	LPWSAOVERLAPPED o;
	pid_t thread;
} calls[64];

static int called;

static inline void routine(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	calls[called++] = (struct call) { error, n, flags, o, gettid() };
}

static inline DWORD wait_alertably(DWORD ms)
{
	WSAEVENT never = WSACreateEvent();
	DWORD found = WSAWaitForMultipleEvents(1, &never, FALSE, ms, TRUE);

	WSACloseEvent(never);
	return found;
}

#endif /* WSP_IO_H */
