// SPDX-License-Identifier: GPL-2.0
/* Section 9: accepting by condition. */
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

#define CLIENTS	3

FIXTURE(accept) {
	int family;
	SOCKET s;
	union name name;
	int clients[CLIENTS];
	int count;
};

FIXTURE_VARIANT(accept) {
	int family;
};

FIXTURE_VARIANT_ADD(accept, ipv4) { AF_INET };
FIXTURE_VARIANT_ADD(accept, ipv6) { AF_INET6 };

FIXTURE_SETUP(accept)
{
	self->family = variant->family;
	self->s = WSPSocket(self->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, self->s);
	ASSERT_EQ(0, bind_port(self->s, self->family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->s, 5, &code)));
	ASSERT_EQ(0, set_blocking(self->s, false));
	self->name = local_name(self->s);
}

FIXTURE_TEARDOWN(accept)
{
	int i;

	for (i = 0; i < self->count; i++)
		close(self->clients[i]);
	WSPCloseSocket(self->s, NULL);
}

/* One more client, whose connection waits to be accepted; its port. */
static int arrive(struct _test_data_accept *self)
{
	int fd = plain_socket(HERE, self->family, SOCK_STREAM);

	if (connect(fd, &self->name.sa, name_len(&self->name)))
		return -1;
	self->clients[self->count++] = fd;
	return wait_for(self->s, POLLIN) || self->count > 1 ? local_port(fd) : -1;
}

/* What the condition function was called with, and is to say. */
static struct {
	int answer;
	int calls;
	pthread_t thread;
	union name caller, callee;
	ULONG caller_len, callee_len, data_len;
	bool nulls;
	DWORD_PTR data;
} asked;

static int condition(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
		     LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
		     GROUP *g, DWORD_PTR dwCallbackData)
{
	asked.calls++;
	asked.thread = pthread_self();
	memcpy(&asked.caller, lpCallerId->buf, lpCallerId->len);
	memcpy(&asked.callee, lpCalleeId->buf, lpCalleeId->len);
	asked.caller_len = lpCallerId->len;
	asked.callee_len = lpCalleeId->len;
	asked.data_len = lpCalleeData->len;
	asked.nulls = !lpCallerData && !lpSQOS && !lpGQOS;
	asked.data = dwCallbackData;
	*g = 7;
	return asked.answer;
}

/* Accepts by the function's answer, or without one: the client's port, or a code. */
#define NO_CONDITION	(-1)

static int accept_port(SOCKET s, int answer)
{
	union name name;
	int len = sizeof(name), code = UNTOUCHED;
	SOCKET got;

	asked.answer = answer;
	got = WSPAccept(s, &name.sa, &len,
			answer == NO_CONDITION ? NULL : condition, 42, &code);
	if (got == INVALID_SOCKET)
		return code;
	if (code != UNTOUCHED || len != (int)name_len(&name))
		return -2;
	WSPCloseSocket(got, NULL);
	return name_port(&name);
}

static bool was_reset(int fd)
{
	char c;

	return wait_for(fd, POLLIN) && recv(fd, &c, 1, 0) < 0 && errno == ECONNRESET;
}

static bool readable(SOCKET s)
{
	const struct timeval now = { 0 };
	WSPFDSET set;

	WSP_FD_ZERO(&set);
	WSP_FD_SET(s, &set);
	return WSPSelect(0, &set, NULL, NULL, &now, NULL) == 1 && WSP_FD_ISSET(s, &set);
}

TEST_F(accept, A_01_arguments)
{
	const int port = arrive(self);
	union name client;

	EXPECT_EQ(port, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(1, asked.calls);
	EXPECT_TRUE(pthread_equal(asked.thread, pthread_self()));
	client = local_name(self->clients[0]);
	EXPECT_EQ(name_len(&client), asked.caller_len);
	EXPECT_TRUE(name_same(&client, &asked.caller));
	EXPECT_EQ(name_len(&client), asked.callee_len);
	EXPECT_TRUE(name_same(&self->name, &asked.callee));
	EXPECT_TRUE(asked.nulls);
	EXPECT_EQ(0, asked.data_len);
	EXPECT_EQ(42, asked.data);
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(1, asked.calls);
}

TEST_F(accept, A_01_accepted)
{
	union name name;
	int len = 4, code = 0;
	SOCKET s;

	arrive(self);
	asked.answer = CF_ACCEPT;
	/* Refused before the function is asked, and nothing is lost. */
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, &name.sa, &len, condition, 0, &code));
	EXPECT_EQ(WSAEFAULT, code);
	EXPECT_EQ(0, asked.calls);
	/* T-12: what only the kernel can judge, it judges when there is a name. */
	len = sizeof(name);
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, (void *)8, &len, condition, 0, &code));
	EXPECT_EQ(WSAEFAULT, code);
	EXPECT_TRUE(was_reset(self->clients[--self->count]));
	close(self->clients[self->count]);
	arrive(self);
	s = WSPAccept(self->s, NULL, NULL, condition, 0, &code);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(FD_CLOEXEC, fcntl(s, F_GETFD));
	EXPECT_TRUE(fcntl(s, F_GETFL) & O_NONBLOCK);	/* T-08 */
	EXPECT_TRUE(kind_talk(s, self->clients[0]));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(s, &code)));
}

TEST_F(accept, A_02_rejected)
{
	arrive(self);
	EXPECT_EQ(WSAECONNREFUSED, accept_port(self->s, CF_REJECT));
	EXPECT_TRUE(was_reset(self->clients[0]));
	arrive(self);
	EXPECT_EQ(WSAEINVAL, accept_port(self->s, 3));
	EXPECT_TRUE(was_reset(self->clients[1]));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, NO_CONDITION));
}

TEST_F(accept, A_02_deferred)
{
	const int first = arrive(self), second = arrive(self);

	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(2, asked.calls);
	EXPECT_EQ(first, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(second, accept_port(self->s, NO_CONDITION));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, NO_CONDITION));
}

TEST_F(accept, A_02_deferred_then_refused)
{
	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(WSAECONNREFUSED, accept_port(self->s, CF_REJECT));
	EXPECT_TRUE(was_reset(self->clients[0]));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, NO_CONDITION));
}

/* The mode that counts is the one when it is accepted at last (T-08). */
TEST_F(accept, A_02_T_08_deferred_and_blocking)
{
	SOCKET s;

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(0, set_blocking(self->s, true));
	s = WSPAccept(self->s, NULL, NULL, NULL, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_FALSE(fcntl(s, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(s, &code)));
}

TEST_F(accept, A_02_V_10_counts_for_select)
{
	SOCKET other = WSPSocket(self->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	const int port = arrive(self);

	ASSERT_EQ(0, bind_port(other, self->family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(other, 5, &code)));
	EXPECT_TRUE(readable(self->s));
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_FALSE(readable(other));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(other, &code)));
	EXPECT_FALSE(readable_now(self->s));	/* of the kernel's there is none */
	EXPECT_TRUE(readable(self->s));
	EXPECT_EQ(port, accept_port(self->s, NO_CONDITION));
	EXPECT_FALSE(readable(self->s));
}

TEST_F(accept, A_02_reset_meanwhile)
{
	int port;

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	close_by_reset(self->clients[0]);
	self->count = 0;
	port = arrive(self);	/* what comes later has come after the reset */
	EXPECT_EQ(WSAECONNRESET, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(1, asked.calls);
	EXPECT_EQ(port, accept_port(self->s, CF_ACCEPT));
}

TEST_F(accept, A_02_listener_closed)
{
	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->s, &code)));
	EXPECT_TRUE(was_reset(self->clients[0]));
}

TEST_F(accept, A_02_not_a_childs)
{
	const int port = arrive(self);
	int status;
	pid_t pid;

	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	pid = fork();
	if (!pid)
		_exit(accept_port(self->s, NO_CONDITION) != WSAEWOULDBLOCK ||
		      readable(self->s));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(port, accept_port(self->s, NO_CONDITION));
}

static SOCKET listening;

static int close_listener(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
			  LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			  GROUP *g, DWORD_PTR dwCallbackData)
{
	return WSPCloseSocket(listening, NULL) ? CF_REJECT : CF_DEFER;
}

/* By its own condition function: the number's next owner does not inherit. */
TEST_F(accept, A_02_listener_closed_by_the_function)
{
	int code = 0;

	arrive(self);
	listening = self->s;
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, NULL, NULL, close_listener, 0, &code));
	EXPECT_EQ(WSAENOTSOCK, code);
	EXPECT_TRUE(was_reset(self->clients[0]));
	self->s = WSPSocket(self->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	ASSERT_EQ(listening, self->s);
	ASSERT_EQ(0, bind_port(self->s, self->family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->s, 5, &code)));
	EXPECT_FALSE(readable(self->s));
}

/* And by others than the library: its connections go with it. */
TEST_F(accept, A_02_listener_closed_behind)
{
	const SOCKET former = self->s;

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	close(self->s);
	WSPForget(self->s, self->s);
	self->s = WSPSocket(self->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	ASSERT_EQ(former, self->s);
	ASSERT_EQ(0, bind_port(self->s, self->family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->s, 5, &code)));
	ASSERT_EQ(0, set_blocking(self->s, false));
	EXPECT_FALSE(readable(self->s));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(1, asked.calls);
	EXPECT_TRUE(was_reset(self->clients[0]));
}

static void *close_in_thread(void *arg)
{
	return (void *)(intptr_t)WSPCloseSocket(listening, NULL);
}

static void *nothing(void *arg)
{
	return arg;
}

/* From now on the library reckons with others. */
static bool have_threads(void)
{
	pthread_t thread;

	return !pthread_create(&thread, NULL, nothing, NULL) && !pthread_join(thread, NULL);
}

/* By another thread, for which the function waits. */
static int close_by_other(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
			  LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			  GROUP *g, DWORD_PTR dwCallbackData)
{
	pthread_t thread;

	asked.calls = pthread_create(&thread, NULL, close_in_thread, NULL) ||
		      !ends_in_time(thread, NULL);
	return (int)dwCallbackData;
}

TEST_F(accept, A_01_T_01_closed_by_another_thread)
{
	int code = 0;
	SOCKET got;

	ASSERT_TRUE(have_threads());
	arrive(self);
	listening = self->s;
	got = WSPAccept(self->s, NULL, NULL, close_by_other, CF_ACCEPT, &code);
	EXPECT_EQ(0, asked.calls);
	EXPECT_NE(INVALID_SOCKET, got);
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(got, &code)));
}

TEST_F(accept, A_02_T_01_deferred_on_a_closed_one)
{
	int code = 0;

	ASSERT_TRUE(have_threads());
	arrive(self);
	listening = self->s;
	EXPECT_EQ(INVALID_SOCKET,
		  WSPAccept(self->s, NULL, NULL, close_by_other, CF_DEFER, &code));
	EXPECT_EQ(0, asked.calls);
	EXPECT_EQ(WSAENOTSOCK, code);
	EXPECT_TRUE(was_reset(self->clients[0]));
}

static int never_return(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
			LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			GROUP *g, DWORD_PTR dwCallbackData)
{
	pthread_cancel(pthread_self());
	pause();
	return CF_ACCEPT;
}

static void *accept_for_ever(void *arg)
{
	return (void *)(intptr_t)WSPAccept(listening, NULL, NULL, never_return, 0, NULL);
}

/* Nobody is to have it, and no descriptor is left of it. */
TEST_F(accept, A_01_function_cancelled)
{
	pthread_t thread;
	int before;
	void *rc;

	arrive(self);
	listening = self->s;
	before = count_descriptors();
	ASSERT_EQ(0, pthread_create(&thread, NULL, accept_for_ever, NULL));
	pthread_join(thread, &rc);
	EXPECT_EQ(PTHREAD_CANCELED, rc);
	EXPECT_EQ(before, count_descriptors());
	EXPECT_TRUE(was_reset(self->clients[0]));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(0, WSPCloseSocket(self->s, NULL));
	EXPECT_GT(0, fcntl(self->s, F_GETFD));
}

static void *accept_in_thread(void *arg)
{
	return (void *)(intptr_t)accept_port(*(SOCKET *)arg, NO_CONDITION);
}

static void *select_in_thread(void *arg)
{
	const struct timeval limit = { DEADLINE_MS / 1000, 0 };
	WSPFDSET set;

	WSP_FD_ZERO(&set);
	WSP_FD_SET(*(SOCKET *)arg, &set);
	return (void *)(intptr_t)WSPSelect(0, &set, NULL, NULL, &limit, NULL);
}

/*
 * Those who wait already are to have it: as nobody else does, after a race for the
 * connection that the deferring thread has won.
 */
TEST_F(accept, A_02_others_that_wait)
{
	SOCKET s = self->s;
	pthread_t thread;
	int i, port;
	void *rc;

	ASSERT_EQ(0, set_blocking(s, true));
	for (i = 0; i < 20; i++) {
		port = arrive(self);
		EXPECT_EQ(WSATRY_AGAIN, accept_port(s, CF_DEFER));
		ASSERT_EQ(0, pthread_create(&thread, NULL, accept_in_thread, &s));
		pthread_join(thread, &rc);
		EXPECT_EQ(port, (int)(intptr_t)rc);
		close(self->clients[--self->count]);
	}
}

/* An answer that takes until the others have begun to wait. */
static int defer_late(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
		      LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
		      GROUP *g, DWORD_PTR dwCallbackData)
{
	const long begin = now_ms();
	pthread_t *threads = (pthread_t *)dwCallbackData;
	char path[64], state;
	FILE *f;

	if (pthread_create(&threads[0], NULL, accept_in_thread, &listening) ||
	    pthread_create(&threads[1], NULL, select_in_thread, &listening))
		return CF_REJECT;
	/* Both sleep, by the kernel's account of the last two threads. */
	do {
		int sleeping = 0, tid;

		for (tid = gettid() + 1; tid < gettid() + 40 && sleeping < 2; tid++) {
			snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
			f = fopen(path, "r");
			if (!f)
				continue;
			sleeping += fscanf(f, "%*d (%*[^)]) %c", &state) == 1 && state == 'S';
			fclose(f);
		}
		if (sleeping == 2)
			break;
	} while (now_ms() - begin < DEADLINE_MS);
	return CF_DEFER;
}

TEST_F(accept, A_02_others_that_waited_before)
{
	pthread_t threads[2];
	int port, code = 0;
	void *rc[2];

	ASSERT_EQ(0, set_blocking(self->s, true));
	listening = self->s;
	port = arrive(self);
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, NULL, NULL, defer_late,
					    (DWORD_PTR)threads, &code));
	EXPECT_EQ(WSATRY_AGAIN, code);
	pthread_join(threads[0], &rc[0]);
	EXPECT_EQ(port, (int)(intptr_t)rc[0]);
	arrive(self);	/* if the one was faster, this is for the other */
	pthread_join(threads[1], &rc[1]);
	EXPECT_EQ(1, (int)(intptr_t)rc[1]);
}

/*
 * The library's system calls go through here, so that what takes a moment takes as
 * long as it is to: a thread is about to wait in accept(2), and another one wakes
 * those who wait; and others take what is deferred before poll(2).
 */
static _Atomic int about_to_wait = -1, wakes;
static SOCKET taken_before_poll = INVALID_SOCKET;

int accept4(int fd, __SOCKADDR_ARG addr, socklen_t *len, int flags)
{
	const long end = now_ms() + DEADLINE_MS;
	int waits = 0;

	if (atomic_compare_exchange_strong(&about_to_wait, &waits, 1))
		while (!wakes && now_ms() < end)
			sched_yield();
	return syscall(SYS_accept4, fd, addr.__sockaddr__, len, flags);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *arg;
	int rc;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	rc = syscall(SYS_ioctl, fd, request, arg);
	if (request == WSP_IOC_CANCEL)
		wakes++;
	return rc;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec ts = { timeout / 1000, timeout % 1000 * 1000000 };
	const SOCKET s = taken_before_poll;

	taken_before_poll = INVALID_SOCKET;
	if (s != INVALID_SOCKET)
		accept_port(s, NO_CONDITION);
	return ppoll(fds, count, timeout < 0 ? NULL : &ts, NULL);
}

/* Returns when the thread that accepts has found nothing, and is about to wait. */
static int defer_amid(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
		      LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
		      GROUP *g, DWORD_PTR dwCallbackData)
{
	const long end = now_ms() + DEADLINE_MS;

	about_to_wait = 0;
	if (pthread_create((pthread_t *)dwCallbackData, NULL, accept_in_thread, &listening))
		return CF_REJECT;
	while (about_to_wait != 1 && now_ms() < end)
		sched_yield();
	return CF_DEFER;
}

TEST_F(accept, A_02_others_about_to_wait)
{
	pthread_t thread;
	int port, code = 0;
	void *rc = NULL;

	ASSERT_EQ(0, set_blocking(self->s, true));
	listening = self->s;
	port = arrive(self);
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, NULL, NULL, defer_amid,
					    (DWORD_PTR)&thread, &code));
	EXPECT_EQ(WSATRY_AGAIN, code);
	EXPECT_TRUE(ends_in_time(thread, &rc));
	EXPECT_EQ(port, (int)(intptr_t)rc);
}

static int defer_and_end(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS,
			 LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData,
			 GROUP *g, DWORD_PTR dwCallbackData)
{
	const int answer = defer_amid(lpCallerId, lpCallerData, lpSQOS, lpGQOS,
				      lpCalleeId, lpCalleeData, g, dwCallbackData);

	pthread_cancel(pthread_self());
	return answer;
}

static void *defer_in_thread(void *arg)
{
	WSPAccept(listening, NULL, NULL, defer_and_end, (DWORD_PTR)arg, NULL);
	pthread_testcancel();
	return NULL;
}

/* What has been put off is so, and those who wait for it are told. */
TEST_F(accept, A_02_deferring_cancelled)
{
	pthread_t thread, other;
	int before, port;
	void *rc;

	listening = self->s;
	ASSERT_EQ(0, set_blocking(self->s, true));
	port = arrive(self);
	before = count_descriptors();
	ASSERT_EQ(0, pthread_create(&thread, NULL, defer_in_thread, &other));
	pthread_join(thread, &rc);
	EXPECT_EQ(PTHREAD_CANCELED, rc);
	EXPECT_TRUE(ends_in_time(other, &rc));
	EXPECT_EQ(port, (int)(intptr_t)rc);
	EXPECT_EQ(before, count_descriptors());
}

/* It is not there any more, so there is something to wait for. */
TEST_F(accept, A_02_V_10_taken_from_select)
{
	const struct timeval limit = { 0, 200000 };
	const long begin = now_ms();
	WSPFDSET set;

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	WSP_FD_ZERO(&set);
	WSP_FD_SET(self->s, &set);
	taken_before_poll = self->s;
	EXPECT_EQ(0, WSPSelect(0, &set, NULL, NULL, &limit, NULL));
	EXPECT_EQ(INVALID_SOCKET, taken_before_poll);
	EXPECT_LE(200, now_ms() - begin);
}

/* A thread that waits for a change of the addresses on the listener. */
struct listener_waiter {
	SOCKET s;
	_Atomic pid_t tid;
	int code;
};

static void *wait_for_addresses(void *arg)
{
	struct listener_waiter *w = arg;
	DWORD returned;

	w->tid = gettid();
	if (WSPIoctl(w->s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &returned, NULL, NULL,
		     NULL, &w->code) == 0)
		w->code = 0;
	return NULL;
}

/* Who waits for something else than a connection is not told of one. */
TEST_F(accept, A_02_I_05_wait_goes_on)
{
	struct listener_waiter w = { .s = self->s, .code = UNTOUCHED };
	const bool v6 = self->family == AF_INET6;
	pthread_t thread;
	int i;

	await_addresses();
	ASSERT_EQ(0, set_blocking(self->s, true));
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_addresses, &w));
	ASSERT_TRUE(falls_asleep(&w.tid));
	for (i = 0; i < 3; i++) {
		arrive(self);
		EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
		ASSERT_TRUE(falls_asleep(&w.tid));
	}
	run_in(HERE, v6 ? "ip addr add 2001:db8:5::1/128 dev lo nodad" :
			  "ip addr add 198.18.5.1/32 dev lo");
	EXPECT_TRUE(ends_in_time(thread, NULL));
	EXPECT_EQ(0, w.code);
	run_in(HERE, v6 ? "ip addr del 2001:db8:5::1/128 dev lo" :
			  "ip addr del 198.18.5.1/32 dev lo");
}

static LONG events_of(SOCKET s)
{
	WSANETWORKEVENTS record = { 0 };

	return WSPEnumNetworkEvents(s, NULL, &record, NULL) ? -1 : record.lNetworkEvents;
}

TEST_F(accept, A_02_V_06_enables_nothing)
{
	WSAEVENT event = WSACreateEvent();
	int first, second;

	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, FD_ACCEPT, &code)));
	first = arrive(self);
	second = arrive(self);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	/* The second waits, but is not told of. */
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(0, events_of(self->s));
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(0, events_of(self->s));
	EXPECT_EQ(first, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	EXPECT_EQ(second, accept_port(self->s, CF_ACCEPT));
	EXPECT_EQ(0, events_of(self->s));
	/* Nothing is held back any more. */
	arrive(self);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	EXPECT_EQ(WSAECONNREFUSED, accept_port(self->s, CF_REJECT));
	close(self->clients[--self->count]);
	arrive(self);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	EXPECT_LT(0, accept_port(self->s, NO_CONDITION));
	WSACloseEvent(event);
}

static bool is_set(WSAEVENT event)
{
	return readable_now((int)(intptr_t)event);
}

static LONG tied_for(SOCKET s)
{
	struct wsp_info info = { 0 };

	return ioctl(s, WSP_IOC_INFO, &info) ? -1 : info.events;
}

/* Nothing is heard of a connection that is not accepted. */
TEST_F(accept, A_02_V_06_not_heard_of)
{
	const LONG mask = FD_ACCEPT | FD_READ | FD_WRITE;
	WSAEVENT event = WSACreateEvent();
	int code = 0;
	SOCKET got;

	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, mask, &code)));
	arrive(self);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	ASSERT_TRUE(WSAResetEvent(event));
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_FALSE(is_set(event));
	EXPECT_EQ(4, send(self->clients[0], "data", 4, 0));
	/* What comes over the same wire later has come after the data. */
	arrive(self);
	EXPECT_FALSE(is_set(event));

	asked.answer = CF_ACCEPT;
	got = WSPAccept(self->s, NULL, NULL, condition, 0, &code);
	ASSERT_NE(INVALID_SOCKET, got);
	EXPECT_TRUE(is_set(event));
	EXPECT_EQ(mask, tied_for(got));
	EXPECT_EQ(FD_READ | FD_WRITE, events_of(got));
	WSPCloseSocket(got, NULL);

	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	ASSERT_TRUE(WSAResetEvent(event));
	EXPECT_EQ(WSAECONNREFUSED, accept_port(self->s, CF_REJECT));
	EXPECT_FALSE(is_set(event));
	WSACloseEvent(event);
}

/* It has the tie and the mode that the listener has when it is accepted. */
TEST_F(accept, A_02_T_08_tied_meanwhile)
{
	WSAEVENT event = WSACreateEvent();
	int code = 0;
	SOCKET got;

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	ASSERT_EQ(0, set_blocking(self->s, true));
	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, FD_WRITE, &code)));
	got = WSPAccept(self->s, NULL, NULL, NULL, 0, &code);
	ASSERT_NE(INVALID_SOCKET, got);
	EXPECT_EQ(FD_WRITE, tied_for(got));
	EXPECT_NE(0, fcntl(got, F_GETFL) & O_NONBLOCK);
	WSPCloseSocket(got, NULL);

	arrive(self);
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, NULL, 0, &code)));
	ASSERT_EQ(0, set_blocking(self->s, true));
	got = WSPAccept(self->s, NULL, NULL, NULL, 0, &code);
	ASSERT_NE(INVALID_SOCKET, got);
	EXPECT_EQ(0, tied_for(got));
	EXPECT_EQ(0, fcntl(got, F_GETFL) & O_NONBLOCK);
	WSPCloseSocket(got, NULL);
	WSACloseEvent(event);
}

/* It is there for a new tie, and for a call that enables and fails. */
TEST_F(accept, A_02_V_06_V_11_counts_for_the_event)
{
	WSAEVENT event = WSACreateEvent();
	const int port = arrive(self);
	int code = 0, len = 1;
	union name name;

	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, FD_ACCEPT, &code)));
	EXPECT_TRUE(is_set(event));
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	EXPECT_EQ(0, events_of(self->s));
	EXPECT_EQ(WSATRY_AGAIN, accept_port(self->s, CF_DEFER));
	EXPECT_EQ(0, events_of(self->s));
	EXPECT_EQ(INVALID_SOCKET, WSPAccept(self->s, &name.sa, &len, NULL, 0, &code));
	EXPECT_EQ(WSAEFAULT, code);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	/* Not of one that is tied for others. */
	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, FD_WRITE, &code)));
	EXPECT_EQ(0, events_of(self->s));
	EXPECT_EQ(port, accept_port(self->s, CF_ACCEPT));
	WSACloseEvent(event);
}

/* Without any to accept, or without a descriptor, the event comes again as well. */
TEST_F(accept, A_02_V_06_failures_enable)
{
	struct rlimit limit, none;
	WSAEVENT event = WSACreateEvent();

	ASSERT_EQ(0, OUTCOME(WSPEventSelect(self->s, event, FD_ACCEPT, &code)));
	EXPECT_EQ(WSAEWOULDBLOCK, accept_port(self->s, CF_DEFER));
	arrive(self);
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = (struct rlimit) { 0, limit.rlim_max };
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(WSAEMFILE, accept_port(self->s, CF_DEFER));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(FD_ACCEPT, events_of(self->s));
	EXPECT_LT(0, accept_port(self->s, CF_ACCEPT));
	WSACloseEvent(event);
}

WSP_TEST_MAIN
