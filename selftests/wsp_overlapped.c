// SPDX-License-Identifier: GPL-2.0
/* Overlapped I/O (contract, section 8). */
#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"
#include "wsp_io.h"
#include "wsp_late.h"

static size_t drain(int fd)
{
	static char data[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		total += (size_t)n;
	return total;
}

FIXTURE(overlapped) { struct kind k; };
FIXTURE_VARIANT(overlapped) { int family, type; };
STREAM_KINDS(overlapped)
DGRAM_KINDS(overlapped)

FIXTURE_SETUP(overlapped)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, variant->type));
}

FIXTURE_TEARDOWN(overlapped)
{
	WSPCloseSocket(self->k.fd, NULL);	/* what is pending ends before */
	close(self->k.lfd);
	close(self->k.peer);
}

TEST_F(overlapped, O_01_goes_on_in_either_mode)
{
	struct io io = { 0 };
	int blocking;

	ASSERT_TRUE(kind_join(&self->k));
	for (blocking = 0; blocking < 2; blocking++) {
		set_blocking(self->k.fd, blocking);
		with_event(&io);
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
		EXPECT_TRUE(is_pending(&io));
		EXPECT_EQ(NO_BYTES, io.n);
		EXPECT_FALSE(event_is_set(io.o.hEvent));
		ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
		EXPECT_TRUE(event_comes(io.o.hEvent));
		EXPECT_FALSE(is_pending(&io));
		EXPECT_EQ(0, result(self->k.fd, &io, FALSE));
		EXPECT_TRUE(has(&io, "ping"));
		EXPECT_EQ(0, io.flags);
		WSACloseEvent(io.o.hEvent);
	}
}

TEST_F(overlapped, O_01_complete_at_once)
{
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	with_event(&io);
	EXPECT_EQ(0, start_recv(self->k.fd, &io, NULL));
	EXPECT_TRUE(has(&io, "ping"));
	EXPECT_TRUE(event_is_set(io.o.hEvent));
	EXPECT_EQ(0, result(self->k.fd, &io, FALSE));
	EXPECT_TRUE(has(&io, "ping"));

	prepare(&io);
	EXPECT_EQ(0, start_send(self->k.fd, &io, "pong", NULL));
	EXPECT_EQ(4, io.n);
	EXPECT_TRUE(got(self->k.peer, "pong", NULL));
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	EXPECT_EQ(4, io.n);
}

/* Where nothing is started nothing is told, and the OVERLAPPED is as it was. */
TEST_F(overlapped, O_01_another_code)
{
	struct io io = { 0 };
	DWORD n = NO_BYTES;
	WSAEVENT event;

	event = with_event(&io)->o.hEvent;
	EXPECT_EQ(self->k.type == SOCK_STREAM ? WSAENOTCONN : WSAEINVAL,
		  start_recv(self->k.fd, &io, routine));
	ASSERT_TRUE(kind_join(&self->k));
	io.flags = MSG_PEEK;
	EXPECT_EQ(WSAEOPNOTSUPP, start_recv(self->k.fd, &io, routine));
	io.flags = 0;
	io.o.hEvent = (WSAEVENT)(intptr_t)self->k.lfd;
	EXPECT_EQ(WSA_INVALID_HANDLE, start_send(self->k.fd, &io, "ping", NULL));
	io.o.hEvent = event;
	prepare(&io)->o.Internal = 5;
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecv(self->k.fd, &io.buf, 1, &n, NULL, &io.o, NULL,
					     NULL, &code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecv(self->k.fd, NULL, 1, &n, &io.flags, &io.o,
					     NULL, NULL, &code)));
	EXPECT_EQ(0, OUTCOME(WSPShutdown(self->k.fd, SD_BOTH, &code)));
	EXPECT_EQ(WSAESHUTDOWN, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(WSAESHUTDOWN, start_send(self->k.fd, &io, "ping", routine));
	EXPECT_EQ(WSAENOTSOCK, start_recv(1000, &io, NULL));
	EXPECT_EQ(5, io.o.Internal);
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	EXPECT_EQ(0, called);
	EXPECT_EQ(NO_BYTES, n);
}

/* Without the flag the two parameters mean nothing; accepted sockets are alike. */
TEST_F(overlapped, O_01_only_with_the_flag)
{
	struct io io = { 0 };
	SOCKET s = WSPSocket(self->k.row.family, self->k.type, 0, NULL, 0, 0, NULL), peer;
	union name name = kind_name(&self->k);
	DWORD n = 0, flags = 0;

	ASSERT_NE(INVALID_SOCKET, s);
	ASSERT_EQ(0, OUTCOME(WSPConnect(s, &name.sa, name_len(&name), NULL, NULL, NULL,
					NULL, &code)));
	with_event(&io);
	io.o.Internal = 5;
	set_blocking(s, false);
	EXPECT_EQ(WSAEWOULDBLOCK, start_recv(s, &io, routine));
	EXPECT_EQ(0, start_send(s, &io, "ping", routine));
	EXPECT_EQ(5, io.o.Internal);
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecv(s, &io.buf, 1, NULL, &flags, &io.o, NULL,
					     NULL, &code)));
	WSPCloseSocket(s, NULL);
	if (self->k.type == SOCK_DGRAM)
		return;

	s = WSPSocket(self->k.row.family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	ASSERT_EQ(0, bind_port(s, self->k.row.family, "192.0.2.1", "2001:db8:a::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(s, 1, &code)));
	name = local_name(s);
	peer = plain_socket(THERE, self->k.row.family, SOCK_STREAM);
	ASSERT_EQ(0, connect(peer, &name.sa, name_len(&name)));
	ASSERT_TRUE(wait_for(s, POLLIN));
	s = WSPAccept(s, NULL, NULL, NULL, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	set_blocking(s, false);
	EXPECT_EQ(WSAEWOULDBLOCK, start_recv(s, &io, NULL));
	EXPECT_EQ(0, n);
}

TEST_F(overlapped, O_01_routine_alone_is_an_ordinary_call)
{
	DWORD n = 0, flags = 0;
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io);
	set_blocking(self->k.fd, false);
	EXPECT_EQ(WSAEWOULDBLOCK, OUTCOME(WSPRecv(self->k.fd, &io.buf, 1, &n, &flags, NULL,
						  routine, NULL, &code)));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	EXPECT_EQ(0, called);
}

TEST_F(overlapped, O_02_event_is_reset_and_set)
{
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	with_event(&io);
	WSASetEvent(io.o.hEvent);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_TRUE(event_comes(io.o.hEvent));
	EXPECT_EQ(0, told_code(self->k.fd, &io));

	/* Whatever it comes to. */
	prepare(&io);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(0, OUTCOME(WSPShutdown(self->k.fd, SD_RECEIVE, &code)));
	EXPECT_TRUE(event_comes(io.o.hEvent));
	EXPECT_EQ(WSAESHUTDOWN, told_code(self->k.fd, &io));
}

/* An event that is closed meanwhile is nobody's: its number's next owner is not set. */
TEST_F(overlapped, O_02_event_closed_early)
{
	struct io io = { 0 }, other = { 0 };
	WSAEVENT next;

	ASSERT_TRUE(kind_join(&self->k));
	with_event(&io);
	with_event(&other);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &other, NULL));
	EXPECT_TRUE(WSACloseEvent(io.o.hEvent));
	next = WSACreateEvent();
	ASSERT_EQ(io.o.hEvent, next);
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_TRUE(event_comes(other.o.hEvent));
	EXPECT_FALSE(event_is_set(next));
}

TEST_F(overlapped, O_03_result)
{
	struct io io = { 0 };
	DWORD n, flags;

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(WSA_IO_INCOMPLETE, result(self->k.fd, &io, FALSE));
	EXPECT_EQ(NO_BYTES, io.n);
	EXPECT_EQ(WSAENOTSOCK, result(1000, &io, FALSE));
	EXPECT_EQ(FALSE, WSPGetOverlappedResult(self->k.fd, NULL, &n, FALSE, &flags, NULL));
	EXPECT_EQ(FALSE, WSPGetOverlappedResult(self->k.fd, &io.o, NULL, FALSE, &flags,
						NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));	/* without an event */
	EXPECT_TRUE(has(&io, "ping"));

	prepare(&io);
	io.buf.len = 2;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(self->k.type == SOCK_STREAM ? 0 : WSAEMSGSIZE, told_code(self->k.fd, &io));
	EXPECT_EQ(self->k.type == SOCK_STREAM ? 2 : NO_BYTES, io.n);
	EXPECT_EQ(0, memcmp(io.data, "pi", 3));
}

TEST_F(overlapped, O_04_routine_after_waiting)
{
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io);
	io.o.hEvent = (WSAEVENT)&io;	/* the program's own */
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, routine));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(SHORT_MS));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(WSA_INFINITE));
	ASSERT_EQ(1, called);
	EXPECT_EQ(0, calls[0].error);
	EXPECT_EQ(4, calls[0].n);
	EXPECT_EQ(&io.o, calls[0].o);
	EXPECT_EQ(0, calls[0].flags);
	EXPECT_EQ(gettid(), calls[0].thread);
	EXPECT_EQ((WSAEVENT)&io, io.o.hEvent);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	EXPECT_EQ(1, called);
}

/* Also if the call was complete at once, and in no other wait. */
TEST_F(overlapped, O_04_routine_only_in_alertable_waits)
{
	WSAEVENT event = WSACreateEvent();
	struct timeval no_time = { 0 };
	struct io io = { 0 }, other = { 0 };
	WSPFDSET set = { 1, { self->k.fd } };
	int code;

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io);
	prepare(&other);
	ASSERT_EQ(0, start_send(self->k.fd, &io, "ping", routine));
	EXPECT_EQ(4, io.n);
	EXPECT_EQ(0, start_send(self->k.fd, &other, "pong", routine));
	EXPECT_EQ(WSA_WAIT_TIMEOUT,
		  WSAWaitForMultipleEvents(1, &event, FALSE, 1, FALSE));
	WSPSelect(1, NULL, &set, NULL, &no_time, &code);
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	EXPECT_EQ(0, called);
	WSASetEvent(event);	/* goes before routines */
	EXPECT_EQ(WSA_WAIT_EVENT_0,
		  WSAWaitForMultipleEvents(1, &event, TRUE, 0, TRUE));
	EXPECT_EQ(0, called);
	WSAResetEvent(event);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION,
		  WSAWaitForMultipleEvents(1, &event, TRUE, 0, TRUE));
	ASSERT_EQ(2, called);	/* all that are due */
	EXPECT_EQ(&io.o, calls[0].o);
	EXPECT_EQ(&other.o, calls[1].o);
}

static DWORD inner;
static int depth, deepest;

static void waiting_routine(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	if (++depth > deepest)
		deepest = depth;
	inner = wait_alertably(1);
	routine(error, n, o, flags);
	depth--;
}

TEST_F(overlapped, O_04_routine_inside_none)
{
	struct io io = { 0 }, other = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, start_send(self->k.fd, prepare(&io), "ping", waiting_routine));
	ASSERT_EQ(0, start_send(self->k.fd, prepare(&other), "pong", waiting_routine));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(WSA_INFINITE));
	EXPECT_EQ(2, called);
	EXPECT_EQ(1, deepest);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, inner);
}

struct starter {
	SOCKET s;
	struct io io;
	int code;
};

static void *start_and_end(void *arg)
{
	struct starter *starter = arg;

	starter->code = start_recv(starter->s, prepare(&starter->io), routine);
	return NULL;
}

TEST_F(overlapped, O_04_thread_that_ends)
{
	struct starter starter = { .s = self->k.fd };
	pthread_t thread;

	ASSERT_TRUE(kind_join(&self->k));
	pthread_create(&thread, NULL, start_and_end, &starter);
	pthread_join(thread, NULL);
	ASSERT_EQ(WSA_IO_PENDING, starter.code);
	EXPECT_TRUE(is_pending(&starter.io));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &starter.io));
	EXPECT_TRUE(has(&starter.io, "ping"));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	EXPECT_EQ(0, called);
}

#define SEVERAL	8

TEST_F(overlapped, O_05_receives_in_order)
{
	struct io io[SEVERAL] = { 0 };
	char text[2] = "a";
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < SEVERAL; i++) {
		prepare(&io[i])->buf.len = 1;
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io[i], NULL));
	}
	for (i = 0; i < SEVERAL; i++) {
		text[0] = (char)('a' + i);
		EXPECT_EQ(1, send(self->k.peer, text, 1, 0));
	}
	for (i = SEVERAL - 1; i >= 0; i--) {
		text[0] = (char)('a' + i);
		EXPECT_EQ(0, told_code(self->k.fd, &io[i]));
		EXPECT_TRUE(has(&io[i], text));
	}
}

/* A call without lpOverlapped takes its turn behind them. */
TEST_F(overlapped, O_05_ordinary_call_behind)
{
	struct io io = { 0 };
	char data[8] = "";
	DWORD n = 0, flags = 0;
	WSABUF buf = { sizeof(data), data };

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io)->buf.len = 4;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	set_blocking(self->k.fd, false);
	EXPECT_EQ(WSAEWOULDBLOCK, wsp_recv(self->k.fd, data, sizeof(data)));
	set_blocking(self->k.fd, true);
	set_timeo(self->k.fd, SO_RCVTIMEO, SHORT_MS);
	EXPECT_EQ(WSAETIMEDOUT, wsp_recv(self->k.fd, data, sizeof(data)));
	set_timeo(self->k.fd, SO_RCVTIMEO, 0);
	EXPECT_TRUE(is_pending(&io));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(5, send(self->k.peer, "queue", 5, 0));
	EXPECT_EQ(0, OUTCOME(WSPRecv(self->k.fd, &buf, 1, &n, &flags, NULL, NULL, NULL,
				     &code)));
	EXPECT_EQ(5, n);
	EXPECT_EQ(0, memcmp(data, "queue", 5));
	EXPECT_EQ(0, result(self->k.fd, &io, FALSE));
	EXPECT_TRUE(has(&io, "ping"));
}

TEST_F(overlapped, O_05_waitall)
{
	struct io io = { 0 };

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io)->buf.len = 8;
	io.flags = MSG_WAITALL;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_IO_INCOMPLETE, result(self->k.fd, &io, FALSE));
	usleep(SHORT_MS * 1000);
	EXPECT_EQ(WSA_IO_INCOMPLETE, result(self->k.fd, &io, FALSE));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "pingpong"));
}

/* A send is complete when all of it has left, and they leave in order. */
TEST_F(overlapped, O_05_sends_in_order)
{
	const size_t size = 1 << 20;
	static char sent[2 << 20], got[2 << 20];
	struct io io[2] = { 0 };
	size_t total = 0, i;
	ssize_t n;

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < 2 * size; i++)
		sent[i] = (char)(i * 2654435761U >> 24);
	for (i = 0; i < 2; i++) {
		prepare(&io[i])->buf = (WSABUF) { size, sent + i * size };
		ASSERT_EQ(WSA_IO_PENDING,
			  OUTCOME(WSPSend(self->k.fd, &io[i].buf, 1, NULL, 0, &io[i].o, NULL,
					  NULL, &code)));
	}
	set_blocking(self->k.fd, false);
	EXPECT_EQ(WSAEWOULDBLOCK, wsp_send(self->k.fd, "x"));
	while (total < 2 * size && (n = recv(self->k.peer, got + total, 2 * size - total, 0)) > 0)
		total += (size_t)n;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, told_code(self->k.fd, &io[i]));
		EXPECT_EQ(size, io[i].n);
	}
	EXPECT_EQ(2 * size, total);
	EXPECT_EQ(0, memcmp(sent, got, total));
}

/* The array is read before the call returns; the sender's name comes with the end. */
TEST_F(overlapped, O_06_array_and_name)
{
	char first[3] = "", second[8] = "";
	WSABUF bufs[] = { { 2, first }, { 8, second } };
	union name peer;
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	prepare(&io);
	ASSERT_EQ(WSA_IO_PENDING,
		  OUTCOME(WSPRecvFrom(self->k.fd, bufs, 2, NULL, &io.flags, &io.from.sa,
				      &io.fromlen, &io.o, NULL, NULL, &code)));
	memset(bufs, 0xff, sizeof(bufs));
	EXPECT_EQ(sizeof(io.from), io.fromlen);
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(4, io.n);
	EXPECT_EQ(0, strcmp(first, "pi"));
	EXPECT_EQ(0, strcmp(second, "ng"));
	if (self->k.type == SOCK_STREAM)
		return;
	peer = local_name(self->k.peer);
	EXPECT_TRUE(name_same(&peer, &io.from));
	EXPECT_EQ(name_len(&peer), io.fromlen);
	prepare(&io);
	ASSERT_EQ(WSA_IO_PENDING, start_recv_from(self->k.fd, &io));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "pong"));
}

TEST_F(overlapped, O_07_close_ends_all)
{
	struct io io[SEVERAL] = { 0 };
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < SEVERAL; i++) {
		with_event(&io[i]);
		ASSERT_EQ(WSA_IO_PENDING,
			  start_recv(self->k.fd, &io[i], i % 2 ? routine : NULL));
	}
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	for (i = 0; i < SEVERAL; i++) {
		EXPECT_EQ(WSA_OPERATION_ABORTED, io[i].o.Internal);
		EXPECT_EQ(i % 2 == 0, event_is_set(io[i].o.hEvent));
	}
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
	ASSERT_EQ(SEVERAL / 2, called);
	for (i = 0; i < called; i++)
		EXPECT_EQ(WSA_OPERATION_ABORTED, calls[i].error);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
}

/* The number's next owner is a socket like any other, also if the library has not made it. */
TEST_F(overlapped, O_07_number_used_again)
{
	const union name name = name_host(self->k.row.family, HERE_A, 0);
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	ASSERT_EQ(self->k.fd, wsp_socket(self->k.type, &self->k.row));
	EXPECT_EQ(0, OUTCOME(WSPBind(self->k.fd, &name.sa, name_len(&name), &code)));
}

TEST_F(overlapped, O_07_end_of_the_connection)
{
	struct io io[2] = { 0 };
	int i;

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), NULL));
	EXPECT_EQ(0, shutdown(self->k.peer, SHUT_WR));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, told_code(self->k.fd, &io[i]));
		EXPECT_EQ(0, io[i].n);
	}
}

TEST_F(overlapped, O_07_reset)
{
	struct io io[3] = { 0 };
	static char much[1 << 20];
	int i;

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_TRUE(fill_up(self->k.fd));
	prepare(&io[2])->buf = (WSABUF) { sizeof(much), much };
	for (i = 0; i < 2; i++)
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), NULL));
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPSend(self->k.fd, &io[2].buf, 1, NULL, 0,
						  &io[2].o, NULL, NULL, &code)));
	close_by_reset(self->k.peer);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(WSAECONNRESET, told_code(self->k.fd, &io[i]));
}

TEST_F(overlapped, O_07_shutdown_receive)
{
	struct io io[2] = { 0 };
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), NULL));
	EXPECT_EQ(0, OUTCOME(WSPShutdown(self->k.fd, SD_RECEIVE, &code)));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(WSAESHUTDOWN, told_code(self->k.fd, &io[i]));
}

static char much[1 << 20];

/* A send that takes a while, and the end of the stream behind it. */
static bool send_much_and_shut(struct kind *k, struct io *io)
{
	prepare(io)->buf = (WSABUF) { sizeof(much), much };
	return kind_join(k) &&
	       OUTCOME(WSPSend(k->fd, &io->buf, 1, NULL, 0, &io->o, NULL, NULL,
			       &code)) == WSA_IO_PENDING &&
	       !OUTCOME(WSPShutdown(k->fd, SD_SEND, &code));
}

/* All that comes until the end of the stream; -1 if that is none. */
/* What is pending is sent before the end of the stream. */
TEST_F(overlapped, O_07_shutdown_lets_sends_finish)
{
	struct io io = { 0 };

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(send_much_and_shut(&self->k, &io));
	EXPECT_EQ(WSAESHUTDOWN, wsp_send(self->k.fd, "x"));
	EXPECT_EQ(sizeof(much), receive_bytes(self->k.peer, SIZE_MAX));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(sizeof(much), io.n);
}

/* A socket closed behind the library's back, of which it is told. */
TEST_F(overlapped, O_07_forgotten)
{
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	with_event(&io);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	ASSERT_EQ(0, close(self->k.fd));
	WSPForget(self->k.fd, self->k.fd);
	EXPECT_EQ(WSA_OPERATION_ABORTED, io.o.Internal);
	EXPECT_TRUE(event_is_set(io.o.hEvent));
}

/* Cancelling does not take back the end of the stream that was asked for. */
TEST_F(overlapped, O_07_cancel_after_shutdown)
{
	struct io io = { 0 };

	if (self->k.type == SOCK_DGRAM)
		SKIP(return, "a stream's");
	ASSERT_TRUE(send_much_and_shut(&self->k, &io));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(intptr_t)self->k.fd, NULL));
	EXPECT_EQ(WSA_OPERATION_ABORTED, told_code(self->k.fd, &io));
	EXPECT_LE(0, receive_bytes(self->k.peer, SIZE_MAX));
}

struct waiter {
	SOCKET s;
	struct io *io;
	_Atomic pid_t thread;
	int code;
};

static void *wait_for_result(void *arg)
{
	struct waiter *w = arg;

	w->thread = gettid();
	w->code = result(w->s, w->io, TRUE);
	return NULL;
}

static void *wait_behind(void *arg)
{
	struct waiter *w = arg;
	char data[4];

	w->thread = gettid();
	w->code = wsp_recv(w->s, data, sizeof(data));
	return NULL;
}

TEST_F(overlapped, O_07_close_ends_what_threads_wait_for)
{
	struct io io = { 0 };
	struct waiter waiters[2] = { { .s = self->k.fd, .io = &io }, { .s = self->k.fd } };
	pthread_t threads[2];
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	pthread_create(&threads[0], NULL, wait_for_result, &waiters[0]);
	pthread_create(&threads[1], NULL, wait_behind, &waiters[1]);
	for (i = 0; i < 2; i++)
		ASSERT_TRUE(falls_asleep(&waiters[i].thread));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(WSA_OPERATION_ABORTED, waiters[0].code);
	EXPECT_EQ(WSAEINTR, waiters[1].code);
}

TEST_F(overlapped, O_08_events_and_select_stay_right)
{
	WSAEVENT event = WSACreateEvent();
	WSANETWORKEVENTS record;
	struct timeval soon = { .tv_sec = DEADLINE_MS / 1000 };
	WSPFDSET set = { 1, { self->k.fd } };
	struct io io = { 0 };
	int error;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->k.fd, event, FD_READ, &code)));
	WSPEnumNetworkEvents(self->k.fd, event, &record, &error);
	prepare(&io)->buf.len = 4;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	/* What the operation has taken is taken, and the next is told of. */
	WSPEnumNetworkEvents(self->k.fd, event, &record, &error);
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_TRUE(event_comes(event));
	EXPECT_EQ(1, WSPSelect(1, &set, NULL, NULL, &soon, &error));
	EXPECT_EQ(0, OUTCOME(WSPEnumNetworkEvents(self->k.fd, event, &record, &code)));
	EXPECT_EQ(FD_READ, record.lNetworkEvents);
	EXPECT_EQ(0, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_TRUE(has(&io, "pong"));
}

/*
 * ThreadSanitizer has a thread of its own, starts none in a fork's child, and would have
 * it that the engine looks at its descriptor while that is closed.
 */
#ifndef __SANITIZE_THREAD__

static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* One that has been joined is still seen for a moment. */
static bool threads_become(int count)
{
	const long end = now_ms() + DEADLINE_MS;

	while (count_threads() != count && now_ms() < end)
		usleep(1000);
	return count_threads() == count;
}

TEST_F(overlapped, O_09_nothing_until_it_is_used)
{
	static struct io io;	/* still pending in the end */
	int descriptors, threads = count_threads();	/* a sanitizer has its own */

	ASSERT_TRUE(kind_join(&self->k));
	descriptors = count_descriptors();
	EXPECT_EQ(0, wsp_send(self->k.fd, "ping"));
	EXPECT_TRUE(got(self->k.peer, "ping", NULL));
	EXPECT_EQ(0, start_send(self->k.fd, prepare(&io), "pong", NULL));
	EXPECT_EQ(threads, count_threads());
	EXPECT_EQ(descriptors, count_descriptors());
	EXPECT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(threads + 1, count_threads());
	EXPECT_EQ(descriptors + 1, count_descriptors());
}

/* The library's own thread, or this one if there is none. */
static pid_t find_engine(void)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t engine = getpid();
	struct dirent *entry;

	while (engine == getpid() && (entry = readdir(dir)))
		if (atoi(entry->d_name))
			engine = atoi(entry->d_name);
	closedir(dir);
	return engine;
}

static bool reaches_policy(int policy)
{
	const long end = now_ms() + DEADLINE_MS;
	const pid_t engine = find_engine();

	while (sched_getscheduler(engine) != policy && now_ms() < end)
		usleep(1000);
	return engine != getpid() && sched_getscheduler(engine) == policy;
}

/* Who asks for a result sees to it himself; who waits is not to wait for long. */
TEST_F(overlapped, O_03_thread_waits_until_waited_for)
{
	const long end = now_ms() + DEADLINE_MS;
	struct io first = { 0 }, second = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&first), NULL));
	EXPECT_TRUE(reaches_policy(SCHED_BATCH));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	while (is_pending(&first) && !readable_now(self->k.fd) && now_ms() < end)
		sched_yield();
	EXPECT_EQ(0, result(self->k.fd, &first, TRUE));
	EXPECT_TRUE(has(&first, "ping"));
	EXPECT_TRUE(reaches_policy(SCHED_BATCH));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, with_event(&second), NULL));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_TRUE(event_comes(second.o.hEvent));
	EXPECT_TRUE(reaches_policy(SCHED_OTHER));
	WSACloseEvent(second.o.hEvent);
}

static void *answer_who_sleeps(void *arg)
{
	static _Atomic pid_t main_thread;
	const struct kind *k = arg;

	main_thread = getpid();
	return (void *)(intptr_t)(falls_asleep(&main_thread) &&
				  send(k->peer, "ping", 4, 0) == 4);
}

TEST_F(overlapped, O_03_thread_waits_until_slept_for)
{
	struct io io = { 0 };
	pthread_t thread;
	void *answered;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_TRUE(reaches_policy(SCHED_BATCH));
	ASSERT_EQ(0, pthread_create(&thread, NULL, answer_who_sleeps, &self->k));
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	ASSERT_TRUE(ends_in_time(thread, &answered));
	EXPECT_NE(NULL, answered);
	EXPECT_TRUE(has(&io, "ping"));
	EXPECT_TRUE(reaches_policy(SCHED_OTHER));
}

/* What the program has given its threads is not taken from them. */
TEST_F(overlapped, O_03_thread_keeps_other_policies)
{
	const struct sched_param param = { .sched_priority = 1 };
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_RR, &param));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	EXPECT_TRUE(reaches_policy(SCHED_RR));
}

static bool engine_falls_asleep(void)
{
	const _Atomic pid_t engine = find_engine();

	return falls_asleep(&engine);
}

/* AddressSanitizer's memory is not for a fork while another thread is about to get some. */
static pid_t fork_at_rest(void)
{
#ifdef __SANITIZE_ADDRESS__
	engine_falls_asleep();
#endif
	return fork();
}

TEST_F(overlapped, O_03_thread_keeps_batch)
{
	const struct sched_param param = { 0 };
	struct io io = { 0 };
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_BATCH, &param));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	ASSERT_TRUE(engine_falls_asleep());
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	with_event(&io);
	for (i = 0; i < 2; i++) {	/* at the second it has done with the first */
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
		EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
		EXPECT_TRUE(event_comes(io.o.hEvent));
	}
	EXPECT_TRUE(reaches_policy(SCHED_BATCH));
	WSACloseEvent(io.o.hEvent);
}

/* All threads that begin later: the library's does not run while this one does. */
static bool use_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	return !sched_setaffinity(0, sizeof(one), &one);
}

/* The library sees neither that the number is free nor that it is another one's. */
TEST_F(overlapped, O_03_number_of_another)
{
	const struct sched_param usual = { 0 }, high = { .sched_priority = 1 };
	const int number = self->k.fd;
	struct io io = { 0 };

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_TRUE(use_one_processor());
	ASSERT_EQ(WSA_IO_PENDING, start_recv(number, prepare(&io), NULL));
	EXPECT_TRUE(reaches_policy(SCHED_BATCH));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &high));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, result(number, &io, TRUE));
	close(number);
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &usual));
	self->k.fd = wsp_socket(variant->type, &self->k.row);
	ASSERT_EQ(number, self->k.fd);
	close(self->k.peer);
	ASSERT_TRUE(kind_join(&self->k));
	with_event(&io);
	ASSERT_EQ(WSA_IO_PENDING, start_recv(number, &io, NULL));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_TRUE(event_comes(io.o.hEvent));
	WSACloseEvent(io.o.hEvent);
}

static int exit_code(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

/* What a fork's child finds: nothing pending, and a library that works. */
static int be_child(SOCKET s, struct io *io, int threads, int descriptors)
{
	struct io own = { 0 };

	if (count_threads() > threads)
		return 1;
	if (count_descriptors() != descriptors)
		return 2;
	if (result(s, io, TRUE) != WSA_IO_INCOMPLETE)
		return 3;
	if (wait_alertably(0) != WSA_WAIT_TIMEOUT || called)
		return 4;
	if (start_recv(s, prepare(&own), routine) != WSA_IO_PENDING)
		return 5;
	if (OUTCOME(WSPCloseSocket(s, &code)) || own.o.Internal != WSA_OPERATION_ABORTED)
		return 6;
	if (wait_alertably(0) != WSA_WAIT_IO_COMPLETION || called != 1)
		return 7;
	return is_pending(io) ? 0 : 8;
}

TEST_F(overlapped, O_09_fork)
{
	struct io io = { 0 }, with_routine = { 0 }, sent = { 0 };
	int descriptors, threads = count_threads();
	pid_t child;

	ASSERT_TRUE(kind_join(&self->k));
	descriptors = count_descriptors();
	with_event(&io);
	ASSERT_EQ(0, start_send(self->k.fd, prepare(&sent), "ping", routine));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&with_routine), routine));
	child = fork();
	if (!child)
		_exit(be_child(self->k.fd, &io, threads, descriptors + 1));
	EXPECT_EQ(0, exit_code(child));
	EXPECT_TRUE(is_pending(&io));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_TRUE(event_comes(io.o.hEvent));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "ping"));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &with_routine));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(WSA_INFINITE));
	EXPECT_EQ(2, called);
}

/* Of the descriptor that is opened next. */
static int next_number(void)
{
	const int fd = dup(0), number = fd;

	close(fd);
	return number;
}

static int has_descriptor(int fd)
{
	return fcntl(fd, F_GETFD) < 0;
}

/* What has come by the number of what was closed is the program's, in a child as well. */
TEST_F(overlapped, O_09_engine_closed_and_fork)
{
	static struct io io;	/* still pending in the end */
	int last, i;
	pid_t child;

	ASSERT_TRUE(kind_join(&self->k));
	last = next_number();
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	ASSERT_TRUE(engine_falls_asleep());	/* it opens none of its own */
	for (i = 0; i < 2; i++) {
		close(last);
		ASSERT_EQ(last, i ? epoll_create1(0) : dup(0));
		child = fork();
		if (!child)
			_exit(has_descriptor(last));
		EXPECT_EQ(0, exit_code(child));
	}
}

/* A program closes what it does not know: the next operation finds what it needs. */
TEST_F(overlapped, O_09_engine_closed)
{
	struct io io = { 0 };
	int last;

	ASSERT_TRUE(kind_join(&self->k));
	last = next_number();
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(0, close(last));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "pong"));
}

/* An epoll instance of the program's, with something to tell of a socket once. */
static bool open_instance(int number, int s)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLONESHOT };
	const int fd = epoll_create1(0);

	return fd == number && !epoll_ctl(fd, EPOLL_CTL_ADD, s, &event);
}

static int tells(int fd)
{
	struct epoll_event event;

	return epoll_wait(fd, &event, 1, 0);
}

/* The program's descriptor that has come by the number is not taken for the engine's. */
static void replace_engine(struct __test_metadata *_metadata, const struct kind *k)
{
	const int last = next_number();
	struct io io = { 0 };

	ASSERT_EQ(WSA_IO_PENDING, start_recv(k->fd, prepare(&io), NULL));
	ASSERT_TRUE(engine_falls_asleep());
	EXPECT_EQ(0, close(last));
	ASSERT_TRUE(open_instance(last, k->peer));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(intptr_t)k->fd, &io.o));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(k->fd, with_event(&io), NULL));
	EXPECT_EQ(4, send(k->peer, "ping", 4, 0));
	EXPECT_TRUE(event_comes(io.o.hEvent));
	EXPECT_EQ(0, told_code(k->fd, &io));
	EXPECT_TRUE(has(&io, "ping"));
	EXPECT_EQ(1, tells(last));
	EXPECT_EQ(0, tells(last));
	WSACloseEvent(io.o.hEvent);
}

TEST_F(overlapped, O_09_engine_closed_and_replaced)
{
	ASSERT_TRUE(kind_join(&self->k));
	replace_engine(_metadata, &self->k);
}

#ifdef SYS_fcntl64
#define CALL_FCNTL	SYS_fcntl64
#else
#define CALL_FCNTL	SYS_fcntl
#endif

/* As with newer kernels, which allocate for it. In one thread alone. */
static void *start_where_none_is_marked(void *s)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL_FCNTL, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETSIG, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };
	struct io io = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return NULL;
	return (void *)(intptr_t)start_recv((SOCKET)(intptr_t)s, prepare(&io), NULL);
}

/* Without the memory for it there is no engine; with it later ones are told from others. */
TEST_F(overlapped, O_09_no_memory_to_mark_the_engine)
{
	const int threads = count_threads();
	pthread_t thread;
	void *answered;
	int last;

	ASSERT_TRUE(kind_join(&self->k));
	last = next_number();
	pthread_create(&thread, NULL, start_where_none_is_marked,
		       (void *)(intptr_t)self->k.fd);
	ASSERT_TRUE(ends_in_time(thread, &answered));
	EXPECT_EQ(WSAENOBUFS, (intptr_t)answered);
	ASSERT_TRUE(threads_become(threads));
	EXPECT_EQ(last, next_number());
	replace_engine(_metadata, &self->k);
}

/* Nor by the engine itself, which is at work meanwhile. */
TEST_F(overlapped, O_09_engine_closed_at_work)
{
	const int threads = count_threads();
	struct late_page late;
	struct io io = { 0 };
	int last;

	if (!late_page_open(&late))
		SKIP(return, "the kernel has no userfaultfd");
	ASSERT_TRUE(kind_join(&self->k));
	last = next_number();
	prepare(&io)->buf.buf = late.page;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_TRUE(wait_for(late.faults, POLLIN));
	EXPECT_EQ(0, close(last));
	EXPECT_TRUE(open_instance(last, self->k.peer));
	late_page_give(&late);
	EXPECT_TRUE(threads_become(threads));
	EXPECT_EQ(1, tells(last));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	late_page_close(&late);
}

/* What waits goes on, by whatever there is then: that of another socket as well. */
TEST_F(overlapped, O_07_O_09_engine_closed_while_pending)
{
	struct io io = { 0 }, other = { 0 };
	struct kind k;
	int last;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_TRUE(kind_open(&k, variant->family, variant->type) && kind_join(&k));
	last = next_number();
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(k.fd, with_event(&other), NULL));
	ASSERT_TRUE(engine_falls_asleep());
	EXPECT_EQ(0, close(last));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(4, send(k.peer, "pong", 4, 0));
	EXPECT_TRUE(event_comes(other.o.hEvent));
	EXPECT_EQ(0, told_code(k.fd, &other));
	EXPECT_TRUE(has(&other, "pong"));
	WSACloseEvent(other.o.hEvent);
	WSPCloseSocket(k.fd, NULL);
}

/* One of the library's own may come by the number of another. */
TEST_F(overlapped, O_04_O_09_all_closed)
{
	struct io io[2] = { 0 };
	pthread_t thread;
	void *answered;
	int last, i;

	ASSERT_TRUE(kind_join(&self->k));
	last = next_number();
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), routine));
		ASSERT_EQ(0, pthread_create(&thread, NULL, answer_who_sleeps, &self->k));
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
		ASSERT_TRUE(ends_in_time(thread, &answered));
		EXPECT_NE(NULL, answered);
		EXPECT_EQ(i + 1, called);
		close(last);
		close(last + 1);
	}
}

static void interrupt(int sig)
{
	(void)sig;
}

static void *close_bell(void *arg)
{
	static _Atomic pid_t main_thread;

	main_thread = getpid();
	if (!falls_asleep(&main_thread))
		return NULL;
	close(*(int *)arg);
	kill(getpid(), SIGUSR1);
	return arg;
}

/* Amid the wait it is no more: the time goes on. */
TEST_F(overlapped, O_04_O_09_bell_closed_amid)
{
	const struct sigaction action = { .sa_handler = interrupt };
	struct io io = { 0 };
	pthread_t thread;
	void *closed;
	int last;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	last = next_number();
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), routine));
	ASSERT_EQ(0, pthread_create(&thread, NULL, close_bell, &last));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(1000));
	ASSERT_TRUE(ends_in_time(thread, &closed));
	EXPECT_NE(NULL, closed);
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
	EXPECT_TRUE(called == 1);
}

/* Likewise of the descriptor by which a thread hears of routines. */
TEST_F(overlapped, O_04_O_09_bell_closed_and_replaced)
{
	struct io io = { 0 };
	int last, pipes[2];
	pthread_t thread;
	void *answered;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, pipe2(pipes, O_NONBLOCK));
	last = next_number();
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), routine));
	EXPECT_EQ(last, dup2(pipes[1], last));
	ASSERT_EQ(0, pthread_create(&thread, NULL, answer_who_sleeps, &self->k));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
	ASSERT_TRUE(ends_in_time(thread, &answered));
	EXPECT_NE(NULL, answered);
	EXPECT_EQ(1, called);
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "ping"));
	EXPECT_FAILS(EAGAIN, read(pipes[0], &io, 1));
}

#endif /* __SANITIZE_THREAD__ */

/* As where the kernel has no io_uring, or a filter forbids it. */
TEST_F(overlapped, O_10_without_io_uring)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 425, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 427, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };
	struct io io = { 0 };

	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ASSERT_EQ(0, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	EXPECT_FAILS(EPERM, syscall(SYS_io_uring_setup, 1, NULL));
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "ping"));
	drain(self->k.peer);
}

/* Most codes are complete when WSPIoctl returns, and told of like the others. */
TEST_F(overlapped, O_02_ioctl)
{
	struct io io = { 0 };
	ULONG size = 0;
	DWORD n = 0;

	with_event(&io);
#define IOCTL(cmd, done)						\
	OUTCOME(WSPIoctl(self->k.fd, cmd, NULL, 0, &size, sizeof(size), &n, &io.o, done, \
			 NULL, &code))
	EXPECT_EQ(WSAEOPNOTSUPP, IOCTL(12345, NULL));
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(0, IOCTL(FIONREAD, NULL));
	EXPECT_EQ(4, n);
	EXPECT_TRUE(event_is_set(io.o.hEvent));
	EXPECT_EQ(0, result(self->k.fd, &io, FALSE));
	EXPECT_EQ(4, io.n);
	EXPECT_EQ(0, IOCTL(FIONREAD, routine));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
	ASSERT_EQ(1, called);
	EXPECT_EQ(4, calls[0].n);
}

/* Changes of the network (I-05) ---------------------------------------------- */

FIXTURE(changes) { struct kind k; };
FIXTURE_VARIANT(changes) { int family, type; };
STREAM_KINDS(changes)
DGRAM_KINDS(changes)

FIXTURE_SETUP(changes)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, variant->type));
	await_addresses();
}

FIXTURE_TEARDOWN(changes)
{
	WSPCloseSocket(self->k.fd, NULL);
	close(self->k.lfd);
	close(self->k.peer);
}

enum change { ADDRESS, WAY, CHANGES };

static const DWORD change_codes[] = {
	[ADDRESS] = SIO_ADDRESS_LIST_CHANGE,
	[WAY] = SIO_ROUTING_INTERFACE_CHANGE,
};

static int start_change(SOCKET s, int family, enum change what, struct io *io,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	io->from = name_of(family, "0.0.0.0", "::", 0);
	return OUTCOME(WSPIoctl(s, change_codes[what], &io->from, name_len(&io->from), NULL,
				0, &io->n, &io->o, done, NULL, &code));
}

/* There and back again; with an address ways change, too. */
static void make_change(int family, enum change what)
{
	static const char *const commands[][2][2] = {
		[ADDRESS] = {
			{ "ip addr add 198.18.5.1/32 dev wsp-a",
			  "ip addr add 2001:db8:5::1/128 dev wsp-a nodad" },
			{ "ip addr del 198.18.5.1/32 dev wsp-a",
			  "ip addr del 2001:db8:5::1/128 dev wsp-a" },
		}, [WAY] = {
			{ "ip route add 198.18.6.0/24 via 192.0.2.2",
			  "ip route add 2001:db8:6::/64 via 2001:db8:a::2" },
			{ "ip route del 198.18.6.0/24",
			  "ip route del 2001:db8:6::/64" },
		},
	};

	run_in(HERE, commands[what][0][family == AF_INET6]);
	run_in(HERE, commands[what][1][family == AF_INET6]);
}

/* All that there has been by now is told. */
static bool settle(SOCKET s)
{
	struct wsp_change arg = { .event = FD_ADDRESS_LIST_CHANGE };

	return !ioctl((int)s, WSP_IOC_CHANGE, &arg);
}

#define START_CHANGE(what, io, done)					\
	ASSERT_EQ(WSA_IO_PENDING, start_change(self->k.fd, variant->family, what, io, done))
#define MAKE_CHANGE(what)						\
	do {								\
		make_change(variant->family, what);			\
		ASSERT_TRUE(settle(self->k.fd));			\
	} while (0)

TEST_F(changes, I_05_O_01_change)
{
	struct io io[CHANGES] = { 0 };
	int i, blocking;

	for (blocking = 0; blocking < 2; blocking++) {
		set_blocking(self->k.fd, blocking);
		for (i = 0; i < CHANGES; i++) {
			with_event(&io[i]);
			START_CHANGE(i, &io[i], NULL);
			EXPECT_EQ(0, io[i].n);
		}
		EXPECT_FALSE(event_is_set(io[ADDRESS].o.hEvent));
		MAKE_CHANGE(WAY);
		EXPECT_TRUE(event_comes(io[WAY].o.hEvent));
		EXPECT_FALSE(event_is_set(io[ADDRESS].o.hEvent));
		EXPECT_TRUE(is_pending(&io[ADDRESS]));
		EXPECT_EQ(WSA_IO_INCOMPLETE, result(self->k.fd, &io[ADDRESS], FALSE));
		MAKE_CHANGE(ADDRESS);
		EXPECT_TRUE(event_comes(io[ADDRESS].o.hEvent));
		for (i = 0; i < CHANGES; i++) {
			EXPECT_FALSE(is_pending(&io[i]));
			EXPECT_EQ(0, result(self->k.fd, &io[i], FALSE));
			EXPECT_EQ(0, io[i].n);
			EXPECT_EQ(0, io[i].flags);
			WSACloseEvent(io[i].o.hEvent);
			io[i].o.hEvent = NULL;
		}
	}
}

/* Where nothing is started nothing is told. */
TEST_F(changes, I_05_O_01_change_refused)
{
	const bool v6 = variant->family == AF_INET6;
	union name other = v6 ? name_v4("192.0.2.2", 80) : name_v6("2001:db8::1", 80);
	struct io io = { 0 };
	ULONG on = 1;
	SOCKET s;

	with_event(&io);
#define CHANGE(in, size)						\
	OUTCOME(WSPIoctl(self->k.fd, SIO_ROUTING_INTERFACE_CHANGE, in, size, NULL, 0,	\
			 &io.n, &io.o, routine, NULL, &code))
	EXPECT_EQ(WSAEFAULT, CHANGE(&other, 4));
	EXPECT_EQ(WSAEFAULT, CHANGE(NULL, sizeof(other)));
	EXPECT_EQ(WSAEAFNOSUPPORT, CHANGE(&other, sizeof(other)));
	EXPECT_EQ(WSAENOTSOCK, start_change(1000, variant->family, ADDRESS, &io, routine));

	/* Without the flag the two parameters mean nothing. */
	s = WSPSocket(variant->family, variant->type, 0, NULL, 0, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	ASSERT_EQ(0, ioctl((int)s, FIONBIO, &on));
	EXPECT_EQ(WSAEWOULDBLOCK, start_change(s, variant->family, WAY, &io, routine));
	MAKE_CHANGE(ADDRESS);
	EXPECT_FALSE(event_is_set(io.o.hEvent));
	EXPECT_EQ(0, io.o.Internal);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	WSPCloseSocket(s, NULL);
}

TEST_F(changes, I_05_O_04_change_routine)
{
	struct io io[CHANGES] = { 0 };
	int i;

	for (i = 0; i < CHANGES; i++)
		START_CHANGE(i, prepare(&io[i]), routine);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
	MAKE_CHANGE(ADDRESS);
	for (i = 0; i < CHANGES; i++)
		EXPECT_EQ(0, told_code(self->k.fd, &io[i]));
	EXPECT_EQ(0, called);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(WSA_INFINITE));
	ASSERT_EQ(CHANGES, called);
	for (i = 0; i < CHANGES; i++) {
		EXPECT_EQ(0, calls[i].error);
		EXPECT_EQ(0, calls[i].n);
		EXPECT_EQ(gettid(), calls[i].thread);
	}
	MAKE_CHANGE(ADDRESS);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
}

/* One change is for all that have asked, on however many sockets. */
TEST_F(changes, I_05_O_02_changes)
{
	SOCKET s[3] = { self->k.fd };
	struct io io[3][SEVERAL] = { 0 };
	int i, j, round;

	for (i = 1; i < 3; i++)
		s[i] = wsp_socket(variant->type, &self->k.row);
	for (i = 0; i < 3; i++)
		for (j = 0; j < SEVERAL; j++)
			with_event(&io[i][j]);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3; i++) {
			for (j = 0; j < SEVERAL; j++)
				ASSERT_EQ(WSA_IO_PENDING,
					  start_change(s[i], variant->family, WAY,
						       prepare(&io[i][j]), NULL));
		}
		MAKE_CHANGE(WAY);
		for (i = 0; i < 3; i++) {
			for (j = 0; j < SEVERAL; j++) {
				EXPECT_TRUE(event_comes(io[i][j].o.hEvent));
				EXPECT_EQ(0, result(s[i], &io[i][j], FALSE));
			}
		}
	}
	for (i = 1; i < 3; i++)
		WSPCloseSocket(s[i], NULL);
}

TEST_F(changes, I_05_change_cancelled)
{
	const HANDLE handle = (HANDLE)(intptr_t)self->k.fd;
	struct io io[3] = { 0 };
	int i;

	for (i = 0; i < 3; i++) {
		with_event(&io[i]);
		START_CHANGE(WAY, &io[i], i == 1 ? routine : NULL);
	}
	EXPECT_TRUE(windows_CancelIoEx(handle, &io[1].o));
	EXPECT_EQ(WSA_OPERATION_ABORTED, result(self->k.fd, &io[1], FALSE));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
	ASSERT_EQ(1, called);
	EXPECT_EQ(WSA_OPERATION_ABORTED, calls[0].error);
	EXPECT_FALSE(windows_CancelIoEx(handle, &io[1].o));
	MAKE_CHANGE(WAY);
	for (i = 0; i < 3; i += 2) {
		EXPECT_TRUE(event_comes(io[i].o.hEvent));
		EXPECT_EQ(0, result(self->k.fd, &io[i], FALSE));
	}
	START_CHANGE(WAY, prepare(&io[0]), NULL);
	EXPECT_TRUE(windows_CancelIo(handle));
	EXPECT_EQ(WSA_OPERATION_ABORTED, result(self->k.fd, &io[0], FALSE));
	EXPECT_TRUE(event_is_set(io[0].o.hEvent));

	/* Another request after that hears of the next change. */
	START_CHANGE(WAY, prepare(&io[0]), NULL);
	MAKE_CHANGE(WAY);
	EXPECT_EQ(0, told_code(self->k.fd, &io[0]));
}

TEST_F(changes, I_05_O_07_change_closed)
{
	struct io io[CHANGES] = { 0 };
	int i;

	for (i = 0; i < CHANGES; i++) {
		with_event(&io[i]);
		START_CHANGE(i, &io[i], i ? routine : NULL);
	}
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	for (i = 0; i < CHANGES; i++)
		EXPECT_EQ(WSA_OPERATION_ABORTED, io[i].o.Internal);
	EXPECT_TRUE(event_is_set(io[0].o.hEvent));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
	EXPECT_EQ(1, called);
	EXPECT_EQ(WSA_OPERATION_ABORTED, calls[0].error);
	make_change(variant->family, ADDRESS);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
}

/* Data and its end are none of its concern, nor does anything wait behind it. */
TEST_F(changes, I_05_O_05_change_beside_data)
{
	struct io io = { 0 }, received = { 0 };
	char data[8];

	ASSERT_TRUE(kind_join(&self->k));
	set_blocking(self->k.fd, true);
	START_CHANGE(WAY, prepare(&io), NULL);
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, wsp_recv(self->k.fd, data, sizeof(data)));
	EXPECT_EQ(0, wsp_send(self->k.fd, "pong"));
	EXPECT_TRUE(got(self->k.peer, "pong", NULL));
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&received), NULL));
	EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &received));
	EXPECT_TRUE(has(&received, "ping"));
	EXPECT_TRUE(is_pending(&io));

	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&received), NULL));
	MAKE_CHANGE(WAY);
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(is_pending(&received));
	EXPECT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &received));
	EXPECT_TRUE(has(&received, "pong"));

	START_CHANGE(WAY, prepare(&io), NULL);
	EXPECT_EQ(0, OUTCOME(WSPShutdown(self->k.fd, SD_BOTH, &code)));
	shutdown(self->k.peer, SHUT_RDWR);
	EXPECT_TRUE(is_pending(&io));
	MAKE_CHANGE(WAY);
	EXPECT_EQ(0, told_code(self->k.fd, &io));
}

/* Events and overlapped requests are of their own, each told of what it has asked. */
TEST_F(changes, I_05_I_06_O_08_change_and_events)
{
	const long both = FD_ADDRESS_LIST_CHANGE | FD_ROUTING_INTERFACE_CHANGE;
	WSAEVENT event = WSACreateEvent();
	WSANETWORKEVENTS record;
	struct io io = { 0 };
	DWORD n;

	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->k.fd, event, both, &code)));
	START_CHANGE(WAY, prepare(&io), NULL);
	MAKE_CHANGE(WAY);
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_FALSE(event_is_set(event));

	EXPECT_EQ(WSAEWOULDBLOCK,
		  OUTCOME(WSPIoctl(self->k.fd, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &n,
				   NULL, NULL, NULL, &code)));
	START_CHANGE(ADDRESS, prepare(&io), NULL);
	MAKE_CHANGE(ADDRESS);
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(event_is_set(event));
	EXPECT_EQ(0, OUTCOME(WSPEnumNetworkEvents(self->k.fd, event, &record, &code)));
	EXPECT_EQ(FD_ADDRESS_LIST_CHANGE, record.lNetworkEvents);
}

static void flip(int fd, bool up)
{
	struct ifreq ifr = { .ifr_name = "wsp-e", .ifr_flags = up ? IFF_UP : 0 };

	ioctl(fd, SIOCSIFFLAGS, &ifr);
}

/* A change between a request's first look and the moment from which it is told of more. */
static struct {
	_Atomic SOCKET s;	/* whose it is, or 0 */
	int changer;
	bool up;
} amid;

int epoll_ctl(int fd, int op, int s, struct epoll_event *event)
{
	if (amid.s && event && event->events & WSP_EPOLL_CHANGE) {
		flip(amid.changer, amid.up);
		settle(amid.s);
		amid.s = 0;
	}
	return (int)syscall(SYS_epoll_ctl, fd, op, s, event);
}

/* It is not lost, whether or not the socket is heard already. */
TEST_F(changes, I_05_change_while_asking)
{
	struct io first = { 0 }, io = { 0 };
	int i;

	amid.changer = plain_socket(HERE, AF_INET, SOCK_DGRAM);
	run_in(HERE, "ip link add wsp-e type dummy && ip link set wsp-e addrgenmode none");
	with_event(&io);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			START_CHANGE(WAY, prepare(&first), NULL);
		amid.up = i % 2 == 0;
		amid.s = self->k.fd;
		START_CHANGE(WAY, prepare(&io), NULL);
		ASSERT_FALSE(!!amid.s);
		ASSERT_TRUE(event_comes(io.o.hEvent));
		EXPECT_EQ(0, told_code(self->k.fd, &io));
	}
	EXPECT_EQ(0, told_code(self->k.fd, &first));
	run_in(HERE, "ip link del wsp-e");
	close(amid.changer);
}

#ifndef __SANITIZE_THREAD__

/* Who asks without lpOverlapped has no thread of it, and no descriptor. */
TEST_F(changes, I_05_O_09_change)
{
	static struct io io[2];
	const int threads = count_threads();
	int descriptors;
	DWORD n;

	set_blocking(self->k.fd, false);
	descriptors = count_descriptors();
	EXPECT_EQ(WSAEWOULDBLOCK,
		  OUTCOME(WSPIoctl(self->k.fd, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &n,
				   NULL, NULL, NULL, &code)));
	EXPECT_EQ(threads, count_threads());
	EXPECT_EQ(descriptors, count_descriptors());
	START_CHANGE(WAY, prepare(&io[0]), NULL);
	START_CHANGE(ADDRESS, prepare(&io[1]), NULL);
	EXPECT_EQ(threads + 1, count_threads());
	EXPECT_EQ(descriptors + 2, count_descriptors());
}

static int ask_in_child(SOCKET s, int family, struct io *io, int descriptors)
{
	struct io own = { 0 };

	if (count_descriptors() != descriptors)
		return 1;
	if (result(s, io, TRUE) != WSA_IO_INCOMPLETE)
		return 2;
	if (start_change(s, family, WAY, prepare(&own), NULL) != WSA_IO_PENDING)
		return 3;
	make_change(family, WAY);
	if (told_code(s, &own))
		return 4;
	if (start_change(s, family, ADDRESS, prepare(&own), NULL) != WSA_IO_PENDING)
		return 5;
	if (OUTCOME(WSPCloseSocket(s, &code)) || own.o.Internal != WSA_OPERATION_ABORTED)
		return 6;
	return is_pending(io) ? 0 : 7;
}

/* Both have the socket, and each its own requests. */
TEST_F(changes, I_05_O_09_change_and_fork)
{
	struct io io = { 0 }, other = { 0 };
	const int descriptors = count_descriptors();
	pid_t child;

	with_event(&io);
	START_CHANGE(ADDRESS, &io, NULL);
	START_CHANGE(WAY, prepare(&other), routine);
	child = fork_at_rest();
	if (!child)
		_exit(ask_in_child(self->k.fd, variant->family, &io, descriptors + 1));
	EXPECT_EQ(0, exit_code(child));
	EXPECT_EQ(0, told_code(self->k.fd, &other));
	EXPECT_TRUE(is_pending(&io));
	MAKE_CHANGE(ADDRESS);
	EXPECT_TRUE(event_comes(io.o.hEvent));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
	EXPECT_EQ(1, called);
}

static bool hears_of_change(SOCKET s, int family)
{
	struct io io = { 0 };

	if (start_change(s, family, WAY, prepare(&io), NULL) != WSA_IO_PENDING)
		return false;
	make_change(family, WAY);
	return settle(s) && !told_code(s, &io);
}

static bool hears_of_data(const struct kind *k)
{
	struct io io = { 0 };

	return start_recv(k->fd, prepare(&io), NULL) == WSA_IO_PENDING &&
	       send(k->peer, "ping", 4, 0) == 4 && !told_code(k->fd, &io);
}

/* Of the epoll instances there are, by number, those in @mask; how many there have been. */
static int close_epolls(unsigned int mask)
{
	char path[32], name[64];
	ssize_t n;
	int fd, found = 0;

	for (fd = 3; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, name, sizeof(name) - 1);
		name[n < 0 ? 0 : n] = 0;
		if (strcmp(name, "anon_inode:[eventpoll]"))
			continue;
		if (mask & 1U << found++)
			close(fd);
	}
	return found;
}

/* What is gone, of the engine's two, is what only the next operation finds out. */
TEST_F(changes, I_05_O_09_change_engine_closed)
{
	unsigned int mask;

	ASSERT_TRUE(kind_join(&self->k));
	for (mask = 1; mask < 4; mask++) {
		ASSERT_TRUE(hears_of_change(self->k.fd, variant->family));
		ASSERT_EQ(2, close_epolls(mask));
		EXPECT_TRUE(hears_of_data(&self->k));
		EXPECT_TRUE(hears_of_change(self->k.fd, variant->family));
		EXPECT_TRUE(hears_of_change(self->k.fd, variant->family));
	}
}

/* What waits for a change goes on with the next request for one. */
TEST_F(changes, I_05_O_09_change_engine_closed_while_pending)
{
	SOCKET s = WSPSocket(self->k.row.family, self->k.type, 0, NULL, 0,
			     WSA_FLAG_OVERLAPPED, NULL);
	struct io io = { 0 }, other = { 0 };
	unsigned int mask;

	ASSERT_TRUE(kind_join(&self->k));
	for (mask = 1; mask < 4; mask++) {
		START_CHANGE(WAY, with_event(&io), NULL);
		ASSERT_EQ(2, close_epolls(mask));
		ASSERT_EQ(WSA_IO_PENDING, start_change(s, variant->family, WAY,
						       prepare(&other), NULL));
		EXPECT_TRUE(hears_of_data(&self->k));
		MAKE_CHANGE(WAY);
		EXPECT_TRUE(event_comes(io.o.hEvent));
		EXPECT_EQ(0, told_code(self->k.fd, &io));
		EXPECT_EQ(0, told_code(s, &other));
		WSACloseEvent(io.o.hEvent);
	}
	WSPCloseSocket(s, NULL);
}

#endif /* __SANITIZE_THREAD__ */

WSP_TEST_MAIN
