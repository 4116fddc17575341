// SPDX-License-Identifier: GPL-2.0
/*
 * Who waits for overlapped operations, and what comes between (contract, section 8): the
 * waits that run routines and those that do not, what routines may do, signals, threads
 * that are cancelled, processes that end, and that nothing is left of all this.
 */
#include <malloc.h>
#include <stdatomic.h>

#include "kselftest_harness.h"
#include "wsp_io.h"

enum way { EVENTS, ALL_EVENTS, SLEEP, OBJECT, OBJECTS, WAYS };

static DWORD wait_by(enum way way, DWORD ms, BOOL alertable)
{
	WSAEVENT never[2] = { WSACreateEvent(), WSACreateEvent() };
	DWORD found = WSA_WAIT_FAILED;

	switch (way) {
	case EVENTS:
	case ALL_EVENTS:
		found = WSAWaitForMultipleEvents(2, never, way == ALL_EVENTS, ms, alertable);
		break;
	case SLEEP:
		found = windows_SleepEx(ms, alertable);
		break;
	case OBJECT:
		found = windows_WaitForSingleObjectEx(never[0], ms, alertable);
		break;
	case OBJECTS:
		found = windows_WaitForMultipleObjectsEx(2, never, FALSE, ms, alertable);
		break;
	default:
		break;
	}
	WSACloseEvent(never[0]);
	WSACloseEvent(never[1]);
	return found;
}

FIXTURE(alerts) { struct kind k; };
FIXTURE_VARIANT(alerts) { int family, type; };
STREAM_KINDS(alerts)
DGRAM_KINDS(alerts)

FIXTURE_SETUP(alerts)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, variant->type));
	ASSERT_TRUE(kind_join(&self->k));
}

FIXTURE_TEARDOWN(alerts)
{
	WSPCloseSocket(self->k.fd, NULL);	/* what is pending ends before */
	close(self->k.lfd);
	close(self->k.peer);
}

/* Something for another thread to do once the main one, of the process's number, waits. */
struct later {
	int peer;
	int signal;
	pthread_t main;
	_Atomic bool over;
	bool in_time;		/* over when the wait was */
};

static bool main_sleeps(void)
{
	const _Atomic pid_t thread = getpid();

	return falls_asleep(&thread);
}

static void *act_later(void *arg)
{
	struct later *l = arg;

	if (!main_sleeps())
		return NULL;
	if (l->signal) {
		pthread_kill(l->main, l->signal);
		if (!main_sleeps())
			return NULL;
	}
	l->over = true;
	send(l->peer, "ping", 4, 0);
	return NULL;
}

/* What an alertable wait comes to in which that is done. */
static DWORD wait_for_later(struct later *l, int way)
{
	pthread_t thread;
	DWORD found;

	l->over = false;
	if (pthread_create(&thread, NULL, act_later, l))
		return WSA_WAIT_FAILED;
	found = wait_by(way, DEADLINE_MS, TRUE);
	l->in_time = l->over;
	pthread_join(thread, NULL);
	return found;
}

TEST_F(alerts, O_04_each_alertable_wait)
{
	struct later l = { .peer = self->k.peer };
	struct io io = { 0 };
	int way;

	for (way = 0; way < WAYS; way++) {
		/* It is due, or comes while the thread waits. */
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), routine));
		ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
		ASSERT_EQ(0, told_code(self->k.fd, &io));
		EXPECT_EQ(2 * way, called);
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_by(way, DEADLINE_MS, TRUE));
		ASSERT_EQ(2 * way + 1, called);
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), routine));
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_for_later(&l, way));
		EXPECT_TRUE(l.in_time);
		ASSERT_EQ(2 * way + 2, called);
		EXPECT_EQ(0, calls[called - 1].error);
		EXPECT_EQ(4, calls[called - 1].n);
		EXPECT_EQ(gettid(), calls[called - 1].thread);
		EXPECT_EQ(way == SLEEP ? 0 : WSA_WAIT_TIMEOUT, wait_by(way, 0, TRUE));
	}
}

TEST_F(alerts, O_04_in_no_other_wait)
{
	struct timeval soon = { .tv_usec = SHORT_MS * 1000 };
	WSPFDSET set = { 1, { self->k.fd } };
	struct later l = { .peer = self->k.peer };
	struct io io = { 0 };
	pthread_t thread;
	char data[8];
	int way, code;

	ASSERT_EQ(0, start_send(self->k.fd, prepare(&io), "ping", routine));
	for (way = 0; way < WAYS; way++)
		EXPECT_EQ(way == SLEEP ? 0 : WSA_WAIT_TIMEOUT, wait_by(way, 1, FALSE));
	EXPECT_EQ(0, WSPSelect(1, &set, NULL, NULL, &soon, &code));
	EXPECT_EQ(0, result(self->k.fd, &io, TRUE));
	ASSERT_EQ(0, pthread_create(&thread, NULL, act_later, &l));
	EXPECT_EQ(0, wsp_recv(self->k.fd, data, sizeof(data)));
	pthread_join(thread, NULL);
	EXPECT_TRUE(!!l.over);
	EXPECT_EQ(0, called);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_by(EVENTS, 0, TRUE));
	EXPECT_EQ(1, called);
}

/* Routines that do something themselves. */
static struct {
	SOCKET s;
	struct io *next;
	int left, code;
} work;

/* Bytes of the kernel's memory. */
static unsigned int received(int fd)
{
	unsigned int memory[9] = { 0 };
	socklen_t len = sizeof(memory);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len);
	return memory[0];
}

/* Datagrams that are there all at once. */
static bool send_pings(const struct kind *k, unsigned int count)
{
	const long end = now_ms() + DEADLINE_MS;
	unsigned int one = 0, i;

	for (i = 0; i < count; i++) {
		if (send(k->peer, "ping", 4, 0) != 4 || !wait_for(k->fd, POLLIN))
			return false;
		if (!i)
			one = received(k->fd);
	}
	while (received(k->fd) < count * one && now_ms() < end)
		usleep(1000);
	return received(k->fd) == count * one;
}

static void start_next(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	routine(error, n, o, flags);
	if (work.left-- > 0)
		work.code = start_recv(work.s, prepare(work.next), start_next);
}

TEST_F(alerts, O_04_routine_starts_the_next)
{
	struct io io = { 0 };
	int i;

	work.s = self->k.fd;
	work.next = &io;
	work.left = 3;
	work.code = start_recv(self->k.fd, prepare(&io), start_next);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(WSA_IO_PENDING, work.code);
		EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
		ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
		ASSERT_EQ(i + 1, called);
		EXPECT_EQ(0, calls[i].error);
	}

	/* Those that are over at once run in the same wait. */
	if (self->k.type == SOCK_STREAM)
		return;
	ASSERT_TRUE(send_pings(&self->k, 4));
	work.left = 3;
	prepare(&io);
	ASSERT_EQ(0, start_recv(self->k.fd, &io, start_next));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
	EXPECT_EQ(8, called);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
}

static void close_socket(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	routine(error, n, o, flags);
	if (work.s != INVALID_SOCKET)
		work.code = OUTCOME(WSPCloseSocket(work.s, &code));
	work.s = INVALID_SOCKET;
}

/* What that ends is due in the same wait. */
TEST_F(alerts, O_04_routine_closes)
{
	struct io io[3] = { 0 };
	int i;

	work.s = self->k.fd;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), close_socket));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
	EXPECT_EQ(0, work.code);
	ASSERT_EQ(3, called);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(&io[i].o, calls[i].o);
		EXPECT_EQ(i ? WSA_OPERATION_ABORTED : 0, calls[i].error);
	}
	EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
}

static void cancel_next(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	routine(error, n, o, flags);
	work.code += windows_CancelIoEx((HANDLE)(intptr_t)work.s, &work.next->o);
}

TEST_F(alerts, O_04_routine_cancels)
{
	struct io io[3] = { 0 };
	int i;

	work.s = self->k.fd;
	work.next = &io[2];
	for (i = 0; i < 3; i++)
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io[i]), cancel_next));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(DEADLINE_MS));
	EXPECT_EQ(1, work.code);
	ASSERT_EQ(2, called);
	EXPECT_EQ(&io[2].o, calls[1].o);
	EXPECT_EQ(WSA_OPERATION_ABORTED, calls[1].error);
	EXPECT_TRUE(is_pending(&io[1]));
}

/* Signals ------------------------------------------------------------------- */

static _Atomic int handled;

static void handle(int signal)
{
	handled++;
}

/* Does the handler have the calls that it interrupts go on? */
static void catch(bool restarts)
{
	const struct sigaction action = {
		.sa_handler = handle, .sa_flags = restarts ? SA_RESTART : 0,
	};

	sigaction(SIGUSR1, &action, NULL);
	handled = 0;
}

/* Waits for operations go on; routines run as ever. */
TEST_F(alerts, O_03_O_04_signal_amid_a_wait)
{
	struct later l = { .peer = self->k.peer, .signal = SIGUSR1, .main = pthread_self() };
	struct io io = { 0 };
	pthread_t thread;
	int way;

	catch(false);
	for (way = 0; way < WAYS; way++) {
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), routine));
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_for_later(&l, way));
		EXPECT_TRUE(l.in_time);
		EXPECT_EQ(way + 1, called);
		EXPECT_EQ(way + 1, atomic_load(&handled));
	}
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	l.over = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, act_later, &l));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(!!l.over);
	pthread_join(thread, NULL);
	EXPECT_EQ(WAYS + 1, atomic_load(&handled));
}

/* A call that takes its turn is ended as it is where nothing is before it (E-01). */
TEST_F(alerts, O_05_signal_amid_a_turn)
{
	struct later l = { .peer = self->k.peer, .signal = SIGUSR1, .main = pthread_self() };
	struct io io = { 0 };
	pthread_t thread;
	char data[8];

	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	catch(false);
	ASSERT_EQ(0, pthread_create(&thread, NULL, act_later, &l));
	EXPECT_EQ(WSAEINTR, wsp_recv(self->k.fd, data, sizeof(data)));
	EXPECT_EQ(1, atomic_load(&handled));
	EXPECT_TRUE(is_pending(&io));
	EXPECT_EQ(0, told_code(self->k.fd, &io));	/* in which the other one sees it sleep */
	ASSERT_TRUE(ends_in_time(thread, NULL));

	/* What has left the queue takes nothing of what comes. */
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
	ASSERT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "pong"));
}

static void *act_twice(void *arg)
{
	struct later *l = arg;

	act_later(arg);
	send(l->peer, "pong", 4, 0);
	return NULL;
}

TEST_F(alerts, O_05_signal_and_restart)
{
	struct later l = { .peer = self->k.peer, .signal = SIGUSR1, .main = pthread_self() };
	struct io io = { 0 };
	pthread_t thread;
	char data[4];

	prepare(&io)->buf.len = 4;
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, &io, NULL));
	catch(true);
	ASSERT_EQ(0, pthread_create(&thread, NULL, act_twice, &l));
	EXPECT_EQ(0, wsp_recv(self->k.fd, data, sizeof(data)));
	EXPECT_EQ(0, memcmp(data, "pong", 4));
	EXPECT_EQ(1, atomic_load(&handled));
	EXPECT_EQ(0, told_code(self->k.fd, &io));
	EXPECT_TRUE(has(&io, "ping"));
	pthread_join(thread, NULL);
}

#ifndef __SANITIZE_ADDRESS__	/* which does not know of cancelled threads */

/* Threads that are cancelled -------------------------------------------------- */

struct victim {
	SOCKET s;
	struct io *io;
	int code;
	_Atomic pid_t thread;
};

static void *wait_for_result(void *arg)
{
	struct victim *v = arg;

	v->thread = gettid();
	v->code = told_code(v->s, v->io);
	return NULL;
}

static void *wait_for_routines(void *arg)
{
	struct victim *v = arg;
	struct io own = { 0 };

	v->thread = gettid();
	start_recv(v->s, v->io, routine);
	start_send(v->s, prepare(&own), "x", NULL);
	wait_alertably(WSA_INFINITE);
	return NULL;
}

static void *wait_for_turn(void *arg)
{
	struct victim *v = arg;
	char data[4];

	v->thread = gettid();
	v->code = wsp_recv(v->s, data, sizeof(data));
	return NULL;
}

TEST_F(alerts, O_03_O_04_O_05_cancelled_amid_a_wait)
{
	void *(*const waits[])(void *) = { wait_for_result, wait_for_routines, wait_for_turn };
	struct io io = { 0 }, its = { 0 };
	struct victim v;
	pthread_t thread;
	void *result;
	int i;

	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		v = (struct victim) { .s = self->k.fd, .io = i ? prepare(&its) : &io };
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
		ASSERT_EQ(0, pthread_create(&thread, NULL, waits[i], &v));
		ASSERT_TRUE(falls_asleep(&v.thread));
		pthread_cancel(thread);
		ASSERT_TRUE(ends_in_time(thread, &result));
		EXPECT_EQ(PTHREAD_CANCELED, result);
		EXPECT_TRUE(is_pending(&io));
		ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
		EXPECT_EQ(0, told_code(self->k.fd, &io));
		EXPECT_TRUE(has(&io, "ping"));
		if (waits[i] != wait_for_routines)
			continue;
		EXPECT_TRUE(is_pending(&its));	/* O-04: a thread's end cancels nothing */
		ASSERT_EQ(4, send(self->k.peer, "pong", 4, 0));
		EXPECT_EQ(0, told_code(self->k.fd, &its));
		EXPECT_EQ(WSA_WAIT_TIMEOUT, wait_alertably(0));
		EXPECT_EQ(0, called);
	}
}

static void end_thread(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	called++;
	pthread_cancel(pthread_self());
	pthread_testcancel();
}

static void *end_in_routine(void *arg)
{
	struct victim *v = arg;

	start_recv(v->s, v->io, end_thread);
	wait_alertably(WSA_INFINITE);
	return NULL;
}

TEST_F(alerts, O_04_O_05_cancelled_in_a_routine)
{
	struct io io = { 0 }, later = { 0 };
	struct victim v = { .s = self->k.fd, .io = prepare(&io) };
	pthread_t thread;
	void *result;
	int before;

	ASSERT_EQ(4, send(self->k.peer, "once", 4, 0));
	start_recv(self->k.fd, prepare(&later), NULL);
	ASSERT_EQ(0, told_code(self->k.fd, &later));
	before = count_descriptors();
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, end_in_routine, &v));
	ASSERT_TRUE(ends_in_time(thread, &result));
	EXPECT_EQ(PTHREAD_CANCELED, result);
	EXPECT_EQ(1, called);
	EXPECT_TRUE(has(&io, "ping"));
	/* The event that it waited for stays, nothing else. */
	EXPECT_EQ(before + 1, count_descriptors());
	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&later), NULL));
	ASSERT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(0, told_code(self->k.fd, &later));
	EXPECT_TRUE(has(&later, "pong"));
}

static int number;	/* of a call */

/* Cancelled from the beginning: the call ends there, or does all that it does. */
static void *call_cancelled(void *arg)
{
	struct victim *v = arg;
	union name any = name_host(AF_INET, PEER_A, 0), found;
	DWORD n;
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(state, NULL);
	switch (number) {
	case 0:
		v->code = start_recv(v->s, v->io, NULL);
		break;
	case 1:
		v->code = start_send(v->s, v->io, "ping", NULL);
		break;
	case 2:
		v->code = start_send(v->s, v->io, "ping", routine);
		break;
	case 3:
		windows_CancelIoEx((HANDLE)(intptr_t)v->s, NULL);
		break;
	case 4:
		WSACloseEvent(v->io->o.hEvent);
		break;
	case 5:
		any = local_name((int)v->s);
		WSPIoctl(v->s, SIO_ROUTING_INTERFACE_QUERY, &any, sizeof(any), &found,
			 sizeof(found), &n, &v->io->o, routine, NULL, NULL);
		break;
	}
	pthread_testcancel();
	return NULL;
}

#define CALLS	6

static bool call_and_be_cancelled(struct victim *v)
{
	pthread_t thread;
	void *result;

	return !pthread_create(&thread, NULL, call_cancelled, v) &&
	       ends_in_time(thread, &result) && result == PTHREAD_CANCELED;
}

TEST_F(alerts, O_01_cancelled_amid_a_call)
{
	struct io io = { 0 }, own = { 0 }, pending = { 0 };
	struct victim v = { .s = self->k.fd, .io = &io };
	int descriptors;

	ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&pending), NULL));
	with_event(&own);
	for (number = 0; number < CALLS; number++) {
		with_event(&io);
		descriptors = count_descriptors();
		ASSERT_TRUE(call_and_be_cancelled(&v));
		if (number != 4)
			EXPECT_EQ(descriptors, count_descriptors());
		/* No lock has gone with it. */
		ASSERT_EQ(0, start_send(self->k.fd, prepare(&own), "pong", NULL));
		EXPECT_TRUE(event_is_set(own.o.hEvent));
		ASSERT_EQ(0, start_send(self->k.fd, prepare(&own), "pong", routine));
		EXPECT_EQ(WSA_WAIT_IO_COMPLETION, wait_alertably(0));
		windows_CancelIoEx((HANDLE)(intptr_t)self->k.fd, NULL);
		WSASetEvent(io.o.hEvent);
		WSACloseEvent(io.o.hEvent);
	}
}

#endif /* __SANITIZE_ADDRESS__ */

#ifndef __SANITIZE_THREAD__	/* which starts no thread in a fork's child */

/* Processes that end ---------------------------------------------------------- */

static void leave_amid(SOCKET s, bool is_killed)
{
	static struct io io[8], with_routine;
	int i;

	for (i = 0; i < ARRAY_SIZE(io); i++)
		start_recv(s, with_event(&io[i]), NULL);
	start_recv(s, prepare(&with_routine), routine);
	if (is_killed)
		raise(SIGKILL);
	_exit(0);
}

/* The socket is that of others then, or nobody's; what was pending takes nothing. */
TEST_F(alerts, O_07_O_09_process_that_ends)
{
	struct io io = { 0 };
	char data[8];
	int i, status;
	pid_t child;

	for (i = 0; i < 2; i++) {
		child = fork();
		if (!child)
			leave_amid(self->k.fd, i);
		ASSERT_TRUE(reaches_state(child, 'Z'));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(i, WIFSIGNALED(status));
		ASSERT_EQ(WSA_IO_PENDING, start_recv(self->k.fd, prepare(&io), NULL));
		ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
		EXPECT_EQ(0, told_code(self->k.fd, &io));
		EXPECT_TRUE(has(&io, "ping"));
		EXPECT_EQ(0, wsp_send(self->k.fd, "pong"));
		EXPECT_TRUE(got(self->k.peer, "pong", NULL));
	}
	if (self->k.type == SOCK_DGRAM)
		return;
	child = fork();
	if (!child)
		leave_amid(self->k.fd, true);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	WSPCloseSocket(self->k.fd, NULL);
	ASSERT_TRUE(wait_for(self->k.peer, POLLIN));
	EXPECT_GE(0, recv(self->k.peer, data, sizeof(data), 0));
}

#endif /* __SANITIZE_THREAD__ */

/* What is left --------------------------------------------------------------- */

#define ROUNDS	75
#define TIMES	4

static bool do_everything(struct kind *k)
{
	struct io io[6] = { 0 };
	struct kind other;
	int i;

	if (!kind_open(&other, k->row.family, k->type) || !kind_join(&other))
		return false;
	for (i = 0; i < 6; i++)
		if (start_recv(other.fd, i % 2 ? prepare(&io[i]) : with_event(&io[i]),
			       i % 2 ? routine : NULL) != WSA_IO_PENDING)
			return false;
	send(other.peer, "ping", 4, 0);
	if (told_code(other.fd, &io[0]) ||
	    !windows_CancelIoEx((HANDLE)(intptr_t)other.fd, &io[1].o) ||
	    !windows_CancelIoEx((HANDLE)(intptr_t)other.fd, &io[2].o) ||
	    start_send(other.fd, prepare(&io[1]), "pong", routine))
		return false;
	WSPCloseSocket(other.fd, NULL);
	wait_alertably(0);
	for (i = 0; i < 6; i += 2)
		WSACloseEvent(io[i].o.hEvent);
	close(other.lfd);
	close(other.peer);
	i = called;
	called = 0;
	return i == 4;
}

/*
 * Of thousands of operations, which have ended in all ways. Either thread keeps some of
 * what it frees, which counts as in use; what is lost is lost each time.
 */
TEST_F(alerts, O_07_nothing_is_left)
{
	long before, grown, least = LONG_MAX;
	int descriptors, times, i;

	ASSERT_TRUE(do_everything(&self->k));
	descriptors = count_descriptors();
	for (times = 0; times < TIMES; times++) {
		before = (long)mallinfo2().uordblks;
		for (i = 0; i < ROUNDS; i++)
			ASSERT_TRUE(do_everything(&self->k));
		grown = (long)mallinfo2().uordblks - before;
		if (grown < least)
			least = grown;
	}
	EXPECT_EQ(descriptors, count_descriptors());
	EXPECT_GT(16 * ROUNDS, least);
}

WSP_TEST_MAIN
