// SPDX-License-Identifier: GPL-2.0
/* Events by themselves, and the arguments of the calls that tie sockets to them. */
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

/* A number that is 0 to who takes 32 bits of it, where there are more. */
#define FAR	((intptr_t)1 << (sizeof(intptr_t) > 4 ? 40 : 29))

/* 0, or the code of a call that has failed. */
#define LAST(failure, call)						\
	({								\
		WSASetLastError(UNTOUCHED);				\
		(call) == (failure) ? WSAGetLastError() :		\
		WSAGetLastError() != UNTOUCHED;				\
	})
#define DONE(call)		LAST(FALSE, call)
#define WAIT(n, events, all, ms)					\
	WSAWaitForMultipleEvents(n, events, all, ms, FALSE)
#define WAIT_CODE(n, events, all, ms)					\
	LAST(WSA_WAIT_FAILED, WAIT(n, events, all, ms))

FIXTURE(waits) { WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS + 1]; };

FIXTURE_SETUP(waits)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(self->events); i++) {
		self->events[i] = WSACreateEvent();
		ASSERT_NE(WSA_INVALID_EVENT, self->events[i]);
	}
}

FIXTURE_TEARDOWN(waits)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(self->events); i++)
		WSACloseEvent(self->events[i]);
}

TEST_F(waits, set_until_reset)
{
	WSAEVENT event = self->events[0];
	int i;

	EXPECT_FALSE(event_is_set(event));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, DONE(WSASetEvent(event)));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(event_is_set(event));
	EXPECT_EQ(0, DONE(WSAResetEvent(event)));
	EXPECT_FALSE(event_is_set(event));
	EXPECT_EQ(0, DONE(WSAResetEvent(event)));
	EXPECT_EQ(FD_CLOEXEC, fcntl((intptr_t)event, F_GETFD));
}

/* NULL is WSA_INVALID_EVENT, so no event may be descriptor 0. */
TEST(never_descriptor_0)
{
	struct rlimit few = { 1, 1 };
	WSAEVENT event;

	close(0);
	event = WSACreateEvent();
	EXPECT_NE(WSA_INVALID_EVENT, event);
	EXPECT_EQ(0, dup(1));
	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &few));
	EXPECT_EQ(WSA_NOT_ENOUGH_MEMORY, LAST(WSA_INVALID_EVENT, WSACreateEvent()));
	close(0);
	EXPECT_EQ(WSA_NOT_ENOUGH_MEMORY, LAST(WSA_INVALID_EVENT, WSACreateEvent()));
}

/* The process may have fewer descriptors by now than it waits for. */
TEST_F(waits, limit_below_the_number_of_events)
{
	struct rlimit limit, none;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(WSA_NOT_ENOUGH_MEMORY, WAIT_CODE(2, self->events, FALSE, 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
}

/* None of them is read, written or closed, and a good one does not help. */
TEST_F(waits, bad_handles)
{
	int pair[2], plain, closed = dup(0), i;
	char byte;

	ASSERT_EQ(0, close(closed));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(8, write(pair[1], "12345678", 8));
	plain = memfd_create("plain", 0);
	const intptr_t bad[] = { 0, -1, closed, 1 << 30, FAR,
				 pair[0], plain };

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		WSAEVENT event = (WSAEVENT)bad[i], two[] = { self->events[0], event };

		EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSASetEvent(event)));
		EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSAResetEvent(event)));
		EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSACloseEvent(event)));
		EXPECT_EQ(WSA_INVALID_HANDLE, WAIT_CODE(2, two, FALSE, 0));
		EXPECT_EQ(WSA_INVALID_HANDLE, WAIT_CODE(2, two, TRUE, WSA_INFINITE));
	}
	EXPECT_EQ(1, recv(pair[0], &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ('1', byte);
	EXPECT_EQ(-1, recv(pair[1], &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(0, lseek(plain, 0, SEEK_END));
}

TEST_F(waits, bad_parameters)
{
	const DWORD counts[] = { 0, WSA_MAXIMUM_WAIT_EVENTS + 1, UINT_MAX };
	int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		EXPECT_EQ(WSA_INVALID_PARAMETER,
			  WAIT_CODE(counts[i], self->events, FALSE, 0));
	EXPECT_EQ(WSA_INVALID_PARAMETER, WAIT_CODE(1, NULL, FALSE, 0));
}

TEST_F(waits, a_closed_event)
{
	WSAEVENT event = self->events[3];

	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
	EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSACloseEvent(event)));
	EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSASetEvent(event)));
	/* Closed behind the library's back. */
	event = self->events[4];
	close((intptr_t)event);
	EXPECT_EQ(WSA_INVALID_HANDLE, WAIT_CODE(1, &event, FALSE, 0));
	event = self->events[5];
	close((intptr_t)event);
	EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSASetEvent(event)));
	event = self->events[6];
	close((intptr_t)event);
	EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSAResetEvent(event)));
}

/* A socket and an event that have the same number, one after the other. */
TEST_F(waits, a_number_used_again)
{
	const struct row row = { .family = AF_INET };
	int fd = wsp_socket(SOCK_DGRAM, &row);
	WSAEVENT event = (WSAEVENT)(intptr_t)fd;

	EXPECT_NE(WSAENOTSOCK, wsp_send(fd, "data"));
	close(fd);
	ASSERT_EQ(fd, eventfd(0, 0));
	EXPECT_EQ(0, DONE(WSASetEvent(event)));
	EXPECT_EQ(WSAENOTSOCK, wsp_send(fd, "data"));
	close(fd);
	ASSERT_EQ(fd, wsp_socket(SOCK_DGRAM, &row));
	EXPECT_EQ(WSAENOTCONN, wsp_send(fd, "data"));
	EXPECT_EQ(WSA_INVALID_HANDLE, DONE(WSAResetEvent(event)));
	close(fd);
}

/* A blocking one too, which is reset without blocking. */
TEST(the_program_s_own_eventfd)
{
	int fd = eventfd(5, 0);
	WSAEVENT event = (WSAEVENT)(intptr_t)fd;

	EXPECT_TRUE(event_is_set(event));
	EXPECT_EQ(0, DONE(WSAResetEvent(event)));
	EXPECT_FALSE(event_is_set(event));
	EXPECT_EQ(0, DONE(WSAResetEvent(event)));
	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
	EXPECT_FAILS(EBADF, fcntl(fd, F_GETFD));
}

TEST_F(waits, the_lowest_one_set)
{
	int i;

	for (i = WSA_MAXIMUM_WAIT_EVENTS - 1; i >= 0; i--) {
		EXPECT_EQ(WSA_WAIT_TIMEOUT, WAIT(i + 1, self->events, FALSE, 0));
		WSASetEvent(self->events[i]);
		EXPECT_EQ(WSA_WAIT_EVENT_0 + i,
			  WAIT(i + 1, self->events, FALSE, WSA_INFINITE));
		if (i % 2)
			WSAResetEvent(self->events[i]);
	}
	EXPECT_EQ(0, WAIT(WSA_MAXIMUM_WAIT_EVENTS, self->events, FALSE, 0));
}

TEST_F(waits, all_of_them)
{
	int i;

	for (i = WSA_MAXIMUM_WAIT_EVENTS - 1; i >= 0; i--) {
		EXPECT_EQ(WSA_WAIT_TIMEOUT, WAIT(WSA_MAXIMUM_WAIT_EVENTS,
						 self->events, TRUE, i % 2));
		WSASetEvent(self->events[i]);
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(WSA_WAIT_EVENT_0, WAIT(WSA_MAXIMUM_WAIT_EVENTS,
						 self->events, TRUE, WSA_INFINITE));
	EXPECT_TRUE(event_is_set(self->events[7]));
}

/* One is set and reset before the other is set. */
static void *set_in_turn(void *arg)
{
	WSAEVENT *events = arg;

	usleep(20000);
	WSASetEvent(events[0]);
	usleep(20000);
	WSAResetEvent(events[0]);
	WSASetEvent(events[1]);
	return NULL;
}

TEST_F(waits, all_at_one_moment)
{
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, set_in_turn, self->events));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WAIT(2, self->events, TRUE, 300));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(event_is_set(self->events[1]));
	EXPECT_FALSE(event_is_set(self->events[0]));
}

TEST_F(waits, time)
{
	const DWORD none = WSA_WAIT_TIMEOUT;
	int all;

	for (all = 0; all < 2; all++) {
		long start = now_ms(), taken;

		WSASetEvent(self->events[2]);
		EXPECT_EQ(none, WAIT(all ? 3 : 2, self->events, all, 200));
		taken = now_ms() - start;
		EXPECT_LE(199, taken);
		EXPECT_GT(DEADLINE_MS, taken);
		start = now_ms();
		EXPECT_EQ(none, WAIT(all ? 3 : 2, self->events, all, 0));
		EXPECT_GT(DEADLINE_MS, now_ms() - start);
	}
}

static void *set_later(void *arg)
{
	usleep(20000);
	WSASetEvent(arg);
	return NULL;
}

TEST_F(waits, woken)
{
	const DWORD times[] = { DEADLINE_MS, 0xfffffffe, WSA_INFINITE };
	pthread_t thread;
	int i;

	for (i = 0; i < ARRAY_SIZE(times) * 2; i++) {
		const bool all = i % 2;

		WSAResetEvent(self->events[1]);
		if (all)
			WSASetEvent(self->events[0]);
		else
			WSAResetEvent(self->events[0]);
		ASSERT_EQ(0, pthread_create(&thread, NULL, set_later,
					    self->events[1]));
		EXPECT_EQ(all ? 0 : 1, WAIT(2, self->events, all, times[i / 2]));
		EXPECT_TRUE(event_is_set(self->events[1]));
		ASSERT_EQ(0, pthread_join(thread, NULL));
	}
}

static int handled;

static void handler(int sig)
{
	handled = sig;
}

TEST_F(waits, signals_do_not_end_it)
{
	const struct itimerval once = { .it_value.tv_usec = 20000 };
	const struct sigaction act = { .sa_handler = handler };
	int all;

	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	for (all = 0; all < 2; all++) {
		handled = 0;
		ASSERT_EQ(0, setitimer(ITIMER_REAL, &once, NULL));
		EXPECT_EQ(WSA_WAIT_TIMEOUT, WAIT(2, self->events, all, 200));
		EXPECT_EQ(SIGALRM, handled);
	}
}

static void *bad_set(void *arg)
{
	*(int *)arg = WSAGetLastError();
	WSASetEvent(NULL);
	return (void *)(intptr_t)WSAGetLastError();
}

TEST(a_last_error_for_each_thread)
{
	int first = UNTOUCHED;
	pthread_t thread;
	void *second;

	WSASetLastError(WSAEINTR);
	ASSERT_EQ(0, pthread_create(&thread, NULL, bad_set, &first));
	ASSERT_EQ(0, pthread_join(thread, &second));
	EXPECT_EQ(0, first);
	EXPECT_EQ(WSA_INVALID_HANDLE, (intptr_t)second);
	EXPECT_EQ(WSAEINTR, WSAGetLastError());
	WSPCloseSocket(INVALID_SOCKET, NULL);
	EXPECT_EQ(WSAEINTR, WSAGetLastError());
}

KIND_FIXTURE(tie)

#define TIE(event, mask)						\
	OUTCOME(WSPEventSelect(self->k.fd, event, mask, &code))
#define ENUM(event, record)						\
	OUTCOME(WSPEnumNetworkEvents(self->k.fd, event, record, &code))

/* WSPIoctl's FIONBIO: 0, or the code. */
static int set_mode(SOCKET s, ULONG nonblocking)
{
	DWORD n;

	return OUTCOME(WSPIoctl(s, FIONBIO, &nonblocking, sizeof(nonblocking), NULL,
				0, &n, NULL, NULL, NULL, &code));
}

static bool nonblocking(int fd)
{
	return fcntl(fd, F_GETFL) & O_NONBLOCK;
}

TEST_F(tie, V_01_mode)
{
	WSAEVENT event = WSACreateEvent();
	const int fd = self->k.fd;

	EXPECT_EQ(0, set_mode(fd, 0));
	EXPECT_EQ(0, TIE(event, FD_CONNECT | FD_READ));
	EXPECT_TRUE(nonblocking(fd));
	EXPECT_EQ(WSAEINVAL, set_mode(fd, 0));
	EXPECT_TRUE(nonblocking(fd));
	EXPECT_EQ(0, set_mode(fd, 1));
	EXPECT_EQ(0, TIE(NULL, 0));
	EXPECT_TRUE(nonblocking(fd));
	EXPECT_EQ(0, set_mode(fd, 0));
	EXPECT_FALSE(nonblocking(fd));
	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
}

TEST_F(tie, V_09_arguments)
{
	const WSAEVENT bad[] = { NULL, (WSAEVENT)-1L, (WSAEVENT)FAR,
				 (WSAEVENT)(1L << 30),
				 (WSAEVENT)(intptr_t)self->k.lfd };
	WSAEVENT event = WSACreateEvent();
	WSANETWORKEVENTS record;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(WSAEINVAL, TIE(bad[i], FD_READ));
		EXPECT_EQ(i > 0, nonblocking(self->k.fd));
		EXPECT_EQ(0, TIE(bad[i], 0));	/* makes it so all the same */
		EXPECT_EQ(i ? WSAEINVAL : 0, ENUM(bad[i], &record))
			TH_LOG("handle %d", i);
	}
	EXPECT_EQ(WSAEINVAL, TIE(event, FD_ALL_EVENTS + 1));
	EXPECT_EQ(WSAEINVAL, TIE(event, -1));
	EXPECT_EQ(0, TIE(event, FD_ALL_EVENTS));
	EXPECT_EQ(WSAEFAULT, ENUM(event, NULL));
	EXPECT_EQ(WSAEFAULT, ENUM(NULL, (void *)8));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPEventSelect(0, event, FD_READ, &code)));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPEnumNetworkEvents(INVALID_SOCKET, event,
							    &record, &code)));
	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
}

/* All the way through the library; wsp_events has the rules. */
TEST_F(tie, V_03_V_05_V_07_connect)
{
	union name name = kind_name(&self->k);
	WSAEVENT event = WSACreateEvent();
	WSANETWORKEVENTS record;
	LONG seen = 0;
	int i;

	memset(&record, 0x77, sizeof(record));
	EXPECT_EQ(0, TIE(event, FD_CONNECT | FD_WRITE));
	try_connect(&self->k.row, self->k.fd, &name, name_len(&name));
	for (i = 0; i < 2 && seen != (FD_CONNECT | FD_WRITE); i++) {
		EXPECT_EQ(0, WAIT(1, &event, FALSE, DEADLINE_MS));
		EXPECT_EQ(0, ENUM(event, &record));
		seen |= record.lNetworkEvents;
	}
	EXPECT_EQ(FD_CONNECT | FD_WRITE, seen);
	EXPECT_EQ(0, record.iErrorCode[FD_CONNECT_BIT]);
	EXPECT_EQ(0x77777777, record.iErrorCode[FD_CLOSE_BIT]);
	EXPECT_FALSE(event_is_set(event));
	EXPECT_EQ(0, ENUM(NULL, &record));
	EXPECT_EQ(0, record.lNetworkEvents);
	EXPECT_EQ(0, DONE(WSACloseEvent(event)));
}

WSP_TEST_MAIN
