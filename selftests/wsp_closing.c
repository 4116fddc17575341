// SPDX-License-Identifier: GPL-2.0
/* A socket closed by one thread while others use it (T-01), and what that needs. */
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

/* Calls that wait ------------------------------------------------------------ */

enum call { ACCEPT, RECV, RECV_ALL, RECVFROM, SCATTER, SEND, WSPCALL_CONNECT,
	    SELECT, SELECT_MANY, CALLS };

static const char * const names[] = {
	"WSPAccept", "WSPRecv", "WSPRecv, all", "WSPRecvFrom",
	"WSPRecv, scattered", "WSPSend", "WSPConnect", "WSPSelect",
	"WSPSelect, many",
};

/* A thread inside a call. */
struct waiter {
	pthread_t thread;
	enum call call;
	SOCKET s;
	union name name;
	_Atomic pid_t tid;
	_Atomic bool over;
	int code;		/* of the call, or 0 */
	DWORD done;		/* bytes */
};

static char big[1 << 20];

#define OTHERS	20

/* For the socket among others, of which nothing is heard. */
static void wait_in_select(struct waiter *w, int count)
{
	WSPFDSET set = { .fd_count = count };
	int i;

	for (i = 0; i < count - 1; i++)
		set.fd_array[i] = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, 0,
					    NULL);
	set.fd_array[count - 1] = w->s;
	WSPSelect(0, &set, NULL, NULL, NULL, &w->code);
	for (i = 0; i < count - 1; i++)
		WSPCloseSocket(set.fd_array[i], NULL);
}

static void wait_in_call(struct waiter *w)
{
	char data[2][8] = { "" };
	WSABUF bufs[2] = { { sizeof(data[0]), data[0] },
			   { sizeof(data[1]), data[1] } };
	int len = sizeof(w->name);
	DWORD flags = w->call == RECV_ALL ? MSG_WAITALL : 0;
	int count = w->call == SCATTER ? 2 : 1;

	switch (w->call) {
	case ACCEPT:
		if (WSPAccept(w->s, NULL, NULL, NULL, 0, &w->code) != INVALID_SOCKET)
			w->done = 1;
		break;
	case RECV:
	case RECV_ALL:
	case SCATTER:
		WSPRecv(w->s, bufs, count, &w->done, &flags, NULL, NULL, NULL,
			&w->code);
		break;
	case RECVFROM:
		WSPRecvFrom(w->s, bufs, 1, &w->done, &flags, &w->name.sa, &len,
			    NULL, NULL, NULL, &w->code);
		break;
	case SEND:
		bufs[0] = (WSABUF) { sizeof(big), big };
		while (!WSPSend(w->s, bufs, 1, &w->done, 0, NULL, NULL, NULL,
				&w->code))
			;
		break;
	case SELECT:
	case SELECT_MANY:
		wait_in_select(w, w->call == SELECT ? 1 : OTHERS);
		break;
	default:
		WSPConnect(w->s, &w->name.sa, name_len(&w->name), NULL, NULL,
			   NULL, NULL, &w->code);
		break;
	}
}

static void *waiting(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	wait_in_call(w);
	w->over = true;
	return NULL;
}

static bool begin_wait(struct waiter *w)
{
	w->tid = 0;
	w->code = 0;
	return !pthread_create(&w->thread, NULL, waiting, w) &&
	       falls_asleep(&w->tid);
}

/* Has its call returned in time? */
static bool end_wait(struct waiter *w)
{
	return ends_in_time(w->thread, NULL);
}

/* Sockets for the calls ------------------------------------------------------ */

FIXTURE(closing) {
	const struct row *row;
	int lfd;
};

FIXTURE_VARIANT(closing) { struct row row; };

FIXTURE_VARIANT_ADD(closing, ipv4) { .row = { AF_INET, false, WSPCONNECT } };
FIXTURE_VARIANT_ADD(closing, ipv6) { .row = { AF_INET6, false, WSPCONNECT } };

FIXTURE_SETUP(closing)
{
	self->row = &variant->row;
	self->lfd = listener(THERE, variant->row.family);
}

FIXTURE_TEARDOWN(closing)
{
	close(self->lfd);
}

static int call_type(enum call call)
{
	return call == RECVFROM || call == SCATTER ? SOCK_DGRAM : SOCK_STREAM;
}

/* A socket on which @w's call has to wait. */
static bool make_socket(struct waiter *w, const struct row *row, int lfd,
			int *peer)
{
	const union name live = name_host(row->family, PEER_A, local_port(lfd));
	const int fd = wsp_socket(call_type(w->call), row);

	*peer = -1;
	if (fd < 0)
		return false;
	w->s = (SOCKET)fd;
	w->name = name_host(row->family, SILENT, 9);
	if (w->call == WSPCALL_CONNECT)
		return true;
	if (w->call == ACCEPT || call_type(w->call) == SOCK_DGRAM)
		return !bind_port(fd, row->family, "0.0.0.0", "::", 0) &&
		       (w->call != ACCEPT || !listen(fd, 1));
	if (connect(fd, &live.sa, name_len(&live)))
		return false;
	*peer = accept(lfd, NULL, NULL);
	return *peer >= 0;
}

static void expect_ended(struct __test_metadata *_metadata, struct waiter *w)
{
	int code = 0;

	EXPECT_EQ(0, WSPCloseSocket(w->s, &code));
	EXPECT_TRUE(end_wait(w)) TH_LOG("%s goes on", names[w->call]);
	EXPECT_EQ(WSAEINTR, w->code) TH_LOG("%s", names[w->call]);
}

TEST_F(closing, T_01_ends_what_others_wait_for)
{
	struct waiter w = { 0 };
	long start;
	int peer;

	for (w.call = 0; w.call < CALLS; w.call++) {
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		ASSERT_TRUE(begin_wait(&w)) TH_LOG("%s", names[w.call]);
		start = now_ms();
		expect_ended(_metadata, &w);
		/* "all at once and not at a time-out's end" */
		EXPECT_GT(DEADLINE_MS / 2, now_ms() - start);
		close(peer);
	}
}

#define MANY	5

TEST_F(closing, T_01_ends_all_of_them)
{
	struct waiter w[MANY], model = { .call = RECV };
	int i, peer, code;

	ASSERT_TRUE(make_socket(&model, self->row, self->lfd, &peer));
	for (i = 0; i < MANY; i++) {
		w[i] = model;
		w[i].call = i % 2 ? RECV_ALL : RECV;
		ASSERT_TRUE(begin_wait(&w[i]));
	}
	EXPECT_EQ(0, WSPCloseSocket(model.s, &code));
	for (i = 0; i < MANY; i++) {
		EXPECT_TRUE(end_wait(&w[i]));
		EXPECT_EQ(WSAEINTR, w[i].code);
	}
	close(peer);
}

/* Several threads of a server wait for clients: each gets one of them. */
TEST_F(closing, T_01_accepting_threads)
{
	struct waiter w[MANY], model = { .call = ACCEPT };
	const long end = now_ms() + DEADLINE_MS;
	int i, fd, peer, got;
	union name name;

	ASSERT_TRUE(make_socket(&model, self->row, self->lfd, &peer));
	for (i = 0; i < MANY; i++) {
		w[i] = model;
		ASSERT_TRUE(begin_wait(&w[i]));
	}
	name = name_host(self->row->family, HERE_A, local_port((int)model.s));
	for (i = 0; i < MANY - 1; i++) {
		fd = plain_socket(THERE, self->row->family, SOCK_STREAM);
		ASSERT_EQ(0, connect(fd, &name.sa, name_len(&name)));
		close(fd);
	}
	do {
		for (got = 0, i = 0; i < MANY; i++)
			got += w[i].over;
	} while (got < MANY - 1 && now_ms() < end);
	EXPECT_EQ(MANY - 1, got);
	EXPECT_EQ(0, WSPCloseSocket(model.s, NULL));
	for (i = 0; i < MANY; i++) {
		EXPECT_TRUE(end_wait(&w[i]));
		EXPECT_EQ(w[i].done ? 0 : WSAEINTR, w[i].code);
	}
}

/* "the port is free" */
TEST_F(closing, T_01_the_port_is_free)
{
	struct waiter w = { .call = ACCEPT };
	int round, peer, port, fd;

	for (round = 0; round < 20; round++) {
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		port = local_port((int)w.s);
		ASSERT_TRUE(begin_wait(&w));
		EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
		fd = wsp_socket(SOCK_STREAM, self->row);
		EXPECT_EQ(0, bind_port(fd, self->row->family, "0.0.0.0", "::",
				       port));
		close(fd);
		EXPECT_TRUE(end_wait(&w));
	}
}

/* "A thread that had data to take keeps it." */
TEST_F(closing, T_01_what_was_taken_is_kept)
{
	struct waiter w = { .call = RECV_ALL };
	int peer;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	ASSERT_TRUE(begin_wait(&w));
	ASSERT_EQ(3, send(peer, "abc", 3, 0));
	while (readable_now((int)w.s))
		usleep(1000);
	EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
	EXPECT_TRUE(end_wait(&w));
	EXPECT_EQ(0, w.code);
	EXPECT_EQ(3, w.done);
	close(peer);
}

static void expect_talk(struct __test_metadata *_metadata, int fd, int peer)
{
	char data[8] = "";

	EXPECT_EQ(5, send(peer, "hello", 5, 0));
	EXPECT_TRUE(wait_for(fd, POLLIN));
	EXPECT_EQ(5, recv(fd, data, sizeof(data), 0));
	EXPECT_EQ(2, send(fd, "ok", 2, 0));
	EXPECT_EQ(2, recv(peer, data, sizeof(data), 0));
}

/* "Another process's descriptor of the same socket ... not harmed" */
TEST_F(closing, T_01_another_process)
{
	struct waiter w = { .call = RECV };
	int peer, status, ready[2];
	pid_t child;
	char byte;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	ASSERT_EQ(0, pipe(ready));
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(peer);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		/* It waits in its own way, natively. */
		_exit(recv((int)w.s, big, 8, 0) == 5 ? 0 : 2);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_TRUE(begin_wait(&w));
	expect_ended(_metadata, &w);
	EXPECT_EQ(5, send(peer, "hello", 5, 0));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	close(peer);
}

/* One's own second descriptor holds the socket: it goes on. */
TEST_F(closing, T_01_another_descriptor)
{
	struct waiter w = { .call = RECV };
	int peer, other;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	other = dup((int)w.s);
	ASSERT_TRUE(begin_wait(&w));
	expect_ended(_metadata, &w);
	expect_talk(_metadata, other, peer);
	close(other);
	close(peer);
}

/* An attempt that nobody waits for is not the closing thread's to end. */
TEST_F(closing, T_01_attempt_of_another_process)
{
	const struct row row = { self->row->family, true, WSPCONNECT };
	const union name name = name_host(row.family, SILENT, 9);
	int fd = wsp_socket(SOCK_STREAM, &row), other = dup(fd);
	struct wsp_info info;

	ASSERT_EQ(WSAEWOULDBLOCK, try_connect(&row, fd, &name, name_len(&name)));
	EXPECT_EQ(0, ioctl(fd, WSP_IOC_CANCEL));
	EXPECT_EQ(0, WSPCloseSocket((SOCKET)fd, NULL));
	EXPECT_EQ(0, ioctl(other, WSP_IOC_INFO, &info));
	EXPECT_EQ(WSP_STATE_PENDING, info.state);
	close(other);
}

/* T-01, last but one: nonblocking, a linger time, and data unsent. */
TEST_F(closing, T_01_linger)
{
	const struct linger linger = { 1, 5 }, off = { 0, 0 };
	struct waiter w = { .call = RECV };
	int peer, code = 0, mode;

	for (mode = 0; mode < 2; mode++) {
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		EXPECT_EQ(0, WSPSetSockOpt(w.s, SOL_SOCKET, SO_LINGER,
					   (char *)&linger, sizeof(linger), NULL));
		fcntl((int)w.s, F_SETFL, O_NONBLOCK);
		while (send((int)w.s, big, sizeof(big), 0) > 0)
			;
		EXPECT_EQ(SOCKET_ERROR, WSPCloseSocket(w.s, &code));
		EXPECT_EQ(WSAEWOULDBLOCK, code);
		EXPECT_EQ(WSAEWOULDBLOCK, wsp_recv((int)w.s, big, 1));
		if (mode) {	/* the peer takes all of it */
			fcntl((int)w.s, F_SETFL, 0);
			shutdown((int)w.s, SHUT_WR);
			while (recv(peer, big, sizeof(big), 0) > 0)
				;
		} else {
			EXPECT_EQ(0, WSPSetSockOpt(w.s, SOL_SOCKET, SO_LINGER,
						   (char *)&off, sizeof(off),
						   NULL));
		}
		EXPECT_EQ(0, WSPCloseSocket(w.s, &code));
		close(peer);
	}
}

static int open_descriptors(void)
{
	const int fd = open("/dev/null", O_RDONLY), lowest = fd;

	close(fd);
	return lowest;
}

/* A thread that is cancelled in a call is not waited for. */
TEST_F(closing, T_01_cancelled_threads)
{
	struct waiter w = { 0 };
	int peer, lowest = open_descriptors();
	void *end;

#ifdef __SANITIZE_ADDRESS__
	SKIP(return, "T-01: AddressSanitizer does not know of cancelled threads");
#endif
	for (w.call = 0; w.call < CALLS; w.call++) {
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		ASSERT_TRUE(begin_wait(&w));
		ASSERT_EQ(0, pthread_cancel(w.thread));
		ASSERT_EQ(0, pthread_join(w.thread, &end));
		EXPECT_EQ(PTHREAD_CANCELED, end) TH_LOG("%s", names[w.call]);
		EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
		close(peer);
		if (w.call == SELECT_MANY)
			break;	/* it has left its sockets behind */
		EXPECT_EQ(lowest, open_descriptors());
	}
}

/* The number of a closed socket, and its next owner ---------------------------- */

struct asker {
	SOCKET s;
	_Atomic bool over;
};

/*
 * Asks what kind of socket the number has, again and again, and has it remembered
 * that it may linger.
 */
static void *ask_on(void *arg)
{
	const struct linger off = { 0 };
	struct asker *asker = arg;
	int value, len;

	while (!asker->over) {
		len = sizeof(value);
		WSPGetSockOpt(asker->s, SOL_SOCKET, SO_TYPE, (char *)&value,
			      &len, NULL);
		WSPSetSockOpt(asker->s, SOL_SOCKET, SO_LINGER, (const char *)&off,
			      sizeof(off), NULL);
	}
	return NULL;
}

TEST_F(closing, T_01_next_owner_of_another_type)
{
	const union name live = name_host(self->row->family, PEER_A,
					  local_port(self->lfd));
	struct asker asker = { .over = false };
	const long end = now_ms() + 1500;
	pthread_t thread;
	int peer, rounds = 0, lost = 0;
	char data[8];

	asker.s = (SOCKET)open_descriptors();
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask_on, &asker));
	while (now_ms() < end) {
		ASSERT_EQ(asker.s, WSPSocket(self->row->family, SOCK_DGRAM, 0,
					     NULL, 0, 0, NULL));
		ASSERT_EQ(0, WSPCloseSocket(asker.s, NULL));
		/* By its own name: the library is not told of it. */
		ASSERT_EQ((int)asker.s, wsp_socket(SOCK_STREAM, self->row));
		ASSERT_EQ(0, connect((int)asker.s, &live.sa, name_len(&live)));
		peer = accept(self->lfd, NULL, NULL);
		ASSERT_EQ(5, send(peer, "hello", 5, 0));
		memset(data, 0, sizeof(data));
		EXPECT_EQ(0, wsp_recv((int)asker.s, data, sizeof(data)));
		lost += !!strcmp(data, "hello");
		EXPECT_EQ(0, WSPCloseSocket(asker.s, NULL));
		close(peer);
		rounds++;
	}
	asker.over = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, lost) TH_LOG("in %d rounds", rounds);
}

/* All calls against a socket that is closed and opened again. */
struct storm {
	_Atomic SOCKET s;
	union name name;	/* of a listener */
	WSAEVENT event;
	_Atomic bool over;
};

/* Some wait; the next one who closes the socket ends that. */
static void storm_call(struct storm *storm, unsigned int which)
{
	const SOCKET s = storm->s;
	char data[8] = "", name[sizeof(struct sockaddr_in)];	/* too little for IPv6 */
	struct sockaddr *const any = (struct sockaddr *)name;
	const struct linger linger = { .l_onoff = which & 1 };
	WSPFDSET set = { .fd_count = 1, .fd_array = { s } };
	WSABUF bufs[2] = { { 4, data }, { 4, data + 4 } };
	struct wsp_network_events record;
	int len = sizeof(name), value;
	ULONG on = which & 1;
	DWORD n, flags = 0;
	SOCKET accepted;

	switch (which % 20) {
	case 0:
		WSPRecv(s, bufs, 2, &n, &flags, NULL, NULL, NULL, NULL);
		break;
	case 1:
		WSPRecvFrom(s, bufs, 1, &n, &flags, any, &len, NULL, NULL, NULL, NULL);
		break;
	case 2:
		WSPSend(s, bufs, 2, &n, 0, NULL, NULL, NULL, NULL);
		break;
	case 3:
		WSPSendTo(s, bufs, 1, &n, 0, &storm->name.sa, name_len(&storm->name),
			  NULL, NULL, NULL, NULL);
		break;
	case 4:
		WSPListen(s, 1, NULL);
		break;
	case 5:
		accepted = WSPAccept(s, any, &len, NULL, 0, NULL);
		if (accepted != INVALID_SOCKET)
			WSPCloseSocket(accepted, NULL);
		break;
	case 6:
		WSPConnect(s, &storm->name.sa, name_len(&storm->name), NULL, NULL,
			   NULL, NULL, NULL);
		break;
	case 7:
		WSPBind(s, &storm->name.sa, name_len(&storm->name), NULL);
		break;
	case 8:
		WSPGetSockName(s, any, &len, NULL);
		break;
	case 9:
		WSPGetPeerName(s, any, &len, NULL);
		break;
	case 10:
		len = sizeof(value);
		WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR, (char *)&value, &len, NULL);
		break;
	case 11:
		WSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&linger,
			      sizeof(linger), NULL);
		break;
	case 12:
		WSPIoctl(s, FIONREAD, NULL, 0, &on, sizeof(on), &n, NULL, NULL, NULL,
			 NULL);
		break;
	case 13:
		WSPIoctl(s, FIONBIO, &on, sizeof(on), NULL, 0, &n, NULL, NULL, NULL,
			 NULL);
		break;
	case 14:
		WSPSelect(0, &set, NULL, NULL, NULL, NULL);
		break;
	case 15:
		WSPEventSelect(s, storm->event, FD_READ | FD_CLOSE, NULL);
		break;
	case 16:
		WSPEnumNetworkEvents(s, NULL, (void *)&record, NULL);
		break;
	case 17:
		WSPShutdown(s, SD_BOTH, NULL);
		break;
	case 18:
		WSPForget(s, s);
		break;
	default:
		WSPCloseSocket(s, NULL);
		break;
	}
}

static void *storm_on(void *arg)
{
	struct storm *storm = arg;
	unsigned int i = (unsigned int)gettid();

	/* By their number, and not in step with the others. */
	while (!storm->over) {
		storm_call(storm, i += 7 + i / 20 % 2);
		pthread_testcancel();
	}
	return NULL;
}

#ifdef __SANITIZE_THREAD__
/* They use a number that another thread has, of which nobody has told them. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:storm_on\n";
}
#endif

/* A child has what it was forked amid, and gets through with it alone. */
static int storm_in_child(struct storm *storm)
{
	pid_t child = fork();
	unsigned int i;
	int status = -1;

	if (!child) {
		alarm(DEADLINE_MS / 1000);
		WSPCloseSocket(storm->s, NULL);
		for (i = 0; i < 20; i++)
			storm_call(storm, i);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

/* A thread is cancelled wherever it is, and another takes its place. */
static void storm_cancel(struct storm *storm, pthread_t *thread)
{
#ifndef __SANITIZE_ADDRESS__	/* which does not know of cancelled threads */
	if (pthread_cancel(*thread) || pthread_join(*thread, NULL) ||
	    pthread_create(thread, NULL, storm_on, storm))
		abort();
#endif
}

static SOCKET storm_open(unsigned int round)
{
	const int family = round & 1 ? AF_INET6 : AF_INET;
	SOCKET s = WSPSocket(family, round & 2 ? SOCK_STREAM : SOCK_DGRAM, 0, NULL, 0, 0,
			     NULL);

	if (round & 4)
		bind_port((int)s, family, "127.0.0.1", "::1", 0);
	return s;
}

/* Calls, closing, opening as the other type and family, fork and cancellation. */
TEST_F(closing, T_01_storm)
{
	const int lowest = open_descriptors();
	struct storm storm = {
		.name = name_host(self->row->family, PEER_A, local_port(self->lfd)),
		.event = WSACreateEvent(),
	};
	const long start = now_ms(), end = start + 1500;
	unsigned int rounds = 0;
	pthread_t threads[MANY];
	SOCKET s;
	int i;

	storm.s = storm_open(0);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, storm_on, &storm));
	/* Once around at least, on slow machines too. */
	while (now_ms() < end || (rounds < 17 && now_ms() < start + 3 * DEADLINE_MS)) {
		WSPCloseSocket(storm.s, NULL);
		storm.s = storm_open(++rounds);
		if (rounds % 16 == 8)
			EXPECT_EQ(0, storm_in_child(&storm));
		if (rounds % 16 == 0)
			storm_cancel(&storm, &threads[rounds / 16 % MANY]);
	}
	storm.over = true;
	/* A thread may have been cancelled with a socket just accepted. */
	for (s = lowest; s < lowest + 100; s++)
		WSPCloseSocket(s, NULL);
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(0, pthread_join(threads[i], NULL));
	EXPECT_LE(17, rounds);
	WSACloseEvent(storm.event);
}

/* What two threads do at once is done by one of them. */
static void *close_it(void *arg)
{
	int code = 0;

	WSPCloseSocket(*(SOCKET *)arg, &code);
	return (void *)(intptr_t)code;
}

TEST_F(closing, T_01_closed_once)
{
	pthread_t threads[2];
	void *codes[2];
	int i, round;
	SOCKET s;

	for (round = 0; round < 300; round++) {
		s = WSPSocket(self->row->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, pthread_create(&threads[i], NULL, close_it,
						    &s));
		for (i = 0; i < 2; i++)
			pthread_join(threads[i], &codes[i]);
		EXPECT_EQ(WSAENOTSOCK, (intptr_t)codes[0] + (intptr_t)codes[1]);
	}
}

/* dup2(2) puts a socket of another type in the place of one that is known. */
TEST_F(closing, forgotten_numbers)
{
	int stream = wsp_socket(SOCK_STREAM, self->row), value, len;
	int dgram = wsp_socket(SOCK_DGRAM, self->row), high = 100000, code = 0;
	const struct rlimit many = { high + 1, high + 1 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &many));
	ASSERT_EQ(high, dup2(stream, high));
	len = sizeof(value);
	EXPECT_EQ(0, WSPGetSockOpt(high, SOL_SOCKET, SO_TYPE, (char *)&value,
				   &len, NULL));
	ASSERT_EQ(high, dup2(dgram, high));
	WSPForget(0, ~(SOCKET)0);
	EXPECT_EQ(SOCKET_ERROR, WSPListen(high, 1, &code));
	EXPECT_EQ(WSAEOPNOTSUPP, code);
	EXPECT_EQ(0, WSPCloseSocket(high, NULL));
	close(stream);
	close(dgram);
}

/* The kernel's side ------------------------------------------------------------ */

TEST_F(closing, T_01_wait_for_events)
{
	struct wsp_wait wait = { .events = POLLIN, .left = 50 };
	struct waiter w = { .call = RECV };
	long start = now_ms();
	int peer, fd;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	fd = (int)w.s;
	EXPECT_FAILS(ETIMEDOUT, ioctl(fd, WSP_IOC_WAIT, &wait));
	EXPECT_EQ(0, wait.left);
	EXPECT_LE(40, now_ms() - start);	/* jiffies */
	EXPECT_FAILS(ETIMEDOUT, ioctl(fd, WSP_IOC_WAIT, &wait));
	wait = (struct wsp_wait) { POLLOUT, WSP_WAIT_TIMEO };
	EXPECT_EQ(1, ioctl(fd, WSP_IOC_WAIT, &wait));
	EXPECT_EQ(WSP_WAIT_TIMEO, wait.left);
	set_timeo(fd, SO_RCVTIMEO, 50);
	wait.events = POLLIN;
	EXPECT_FAILS(ETIMEDOUT, ioctl(fd, WSP_IOC_WAIT, &wait));
	EXPECT_EQ(0, wait.left);
	wait = (struct wsp_wait) { POLLIN, 60000 };
	EXPECT_EQ(1, send(peer, "x", 1, 0));
	EXPECT_LE(0, ioctl(fd, WSP_IOC_WAIT, &wait));
	EXPECT_LT(0, wait.left);
	wait.events = POLLIN | POLLHUP;
	EXPECT_FAILS(EINVAL, ioctl(fd, WSP_IOC_WAIT, &wait));
	EXPECT_FAILS(EFAULT, ioctl(fd, WSP_IOC_WAIT, NULL));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	wait.events = POLLIN;
	EXPECT_FAILS(EAGAIN, ioctl(fd, WSP_IOC_WAIT, &wait));
	fcntl(fd, F_SETFL, 0);
	/* The end of the connection is something to come back for. */
	wait = (struct wsp_wait) { 0, 60000 };
	close_by_reset(peer);
	EXPECT_LE(0, ioctl(fd, WSP_IOC_WAIT, &wait));
	close(fd);
}

static void ignore(int sig)
{
	(void)sig;
}

/* As recv(2): by the handler's SA_RESTART it waits on. */
TEST_F(closing, T_01_signals)
{
	struct sigaction sa = { .sa_handler = ignore };
	struct waiter w = { .call = RECV };
	int restart, peer;

	for (restart = 0; restart < 2; restart++) {
		sa.sa_flags = restart ? SA_RESTART : 0;
		sigaction(SIGUSR1, &sa, NULL);
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		ASSERT_TRUE(begin_wait(&w));
		pthread_kill(w.thread, SIGUSR1);
		if (restart) {
			usleep(1000);
			EXPECT_EQ(1, send(peer, "x", 1, 0));
		}
		EXPECT_TRUE(end_wait(&w));
		EXPECT_EQ(restart ? 0 : WSAEINTR, w.code);
		EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
		close(peer);
	}
}

/* Time-outs hold as they did, also where another thread gets the data. */
TEST_F(closing, S_03_time_outs)
{
	struct waiter w = { .call = RECV };
	int peer;

	for (w.call = RECV; w.call < SEND; w.call++) {
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		set_timeo((int)w.s, SO_RCVTIMEO, 1000);
		ASSERT_TRUE(begin_wait(&w));
		EXPECT_TRUE(end_wait(&w));
		EXPECT_EQ(WSAETIMEDOUT, w.code);
		close((int)w.s);
		close(peer);
	}
}

/* A blocking send in a program of several threads sends all the same. */
static void *take_all(void *arg)
{
	static char data[1 << 16];
	long total = 0;
	ssize_t n;

	while ((n = recv(*(int *)arg, data, sizeof(data), 0)) > 0)
		total += n;
	return (void *)total;
}

TEST_F(closing, T_01_all_is_sent)
{
	static char mb[3][1 << 20];
	WSABUF bufs[3] = { { sizeof(mb[0]), mb[0] }, { 1, mb[1] },
			   { sizeof(mb[2]), mb[2] } };
	struct waiter w = { .call = SEND };
	pthread_t thread;
	DWORD sent = 0;
	void *total;
	int peer;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_all, &peer));
	EXPECT_EQ(0, WSPSend(w.s, bufs, 3, &sent, 0, NULL, NULL, NULL, NULL));
	EXPECT_EQ((2 << 20) + 1, sent);
	EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
	pthread_join(thread, &total);
	EXPECT_EQ((2 << 20) + 1, (intptr_t)total);
	close(peer);
}

/* Calls of a program with several threads come to what those of one do. */

static void *nothing(void *arg)
{
	return arg;
}

/* From now on the C library and libwsp know of threads. */
static void become_threaded(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) ||
	    pthread_join(thread, NULL))
		abort();
}

static long cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void expect_shut(struct __test_metadata *_metadata, const struct row *row,
			int lfd, enum call call, bool while_waiting)
{
	struct waiter w = { .call = call };
	int peer;

	ASSERT_TRUE(make_socket(&w, row, lfd, &peer));
	if (while_waiting)
		ASSERT_TRUE(begin_wait(&w));
	shutdown((int)w.s, SHUT_RD);	/* of an unconnected one: ENOTCONN, but done */
	if (!while_waiting)
		ASSERT_EQ(0, pthread_create(&w.thread, NULL, waiting, &w));
	EXPECT_TRUE(end_wait(&w)) TH_LOG("%s", names[call]);
	EXPECT_EQ(WSAESHUTDOWN, w.code);	/* T-05 */
	EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
}

TEST_F(closing, T_01_datagram_socket_shut_down)
{
	int i;

	for (i = 0; i < 2; i++) {
		expect_shut(_metadata, self->row, self->lfd, RECVFROM, i);
		expect_shut(_metadata, self->row, self->lfd, SCATTER, i);
	}
}

TEST_F(closing, E_12_no_port_left_for_a_datagram)
{
	const union name to = name_host(self->row->family, PEER_A, 9);
	WSABUF buf = { 1, big };
	int fd, threaded;
	DWORD n;

	run_in(HERE, "sysctl -qw net.ipv4.ip_local_port_range='40000 40001'");
	for (fd = 40000; fd <= 40001; fd++)
		ASSERT_EQ(0, bind_port(plain_socket(HERE, self->row->family,
						    SOCK_DGRAM),
				       self->row->family, "0.0.0.0", "::", fd));
	for (threaded = 0; threaded < 2; threaded++) {
		if (threaded)
			become_threaded();
		fd = wsp_socket(SOCK_DGRAM, self->row);
		EXPECT_EQ(WSAENOBUFS,
			  OUTCOME(WSPSendTo(fd, &buf, 1, &n, 0, &to.sa,
					    name_len(&to), NULL, NULL, NULL,
					    &code)));
		close(fd);
	}
	run_in(HERE, "sysctl -qw net.ipv4.ip_local_port_range='32768 60999'");
}

/* Past SO_PEEK_OFF there is nothing, though poll(2) says so: no spinning. */
TEST_F(closing, T_01_no_spinning)
{
	struct waiter w = { .call = RECVFROM };
	int peer, off = 100, used;
	union name own;
	char data[8];
	WSABUF buf = { sizeof(data), data };
	DWORD n, flags = MSG_PEEK;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	own = name_of(self->row->family, "127.0.0.1", "::1", local_port((int)w.s));
	ASSERT_TRUE(told((int)w.s, own, "x"));
	ASSERT_TRUE(wait_for((int)w.s, POLLIN));
	ASSERT_EQ(0, setsockopt((int)w.s, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)));
	set_timeo((int)w.s, SO_RCVTIMEO, 1000);
	become_threaded();
	used = cpu_ms();
	EXPECT_EQ(WSAETIMEDOUT, OUTCOME(WSPRecv(w.s, &buf, 1, &n, &flags, NULL,
						NULL, NULL, &code)));
	EXPECT_GT(500, cpu_ms() - used);
	close((int)w.s);
}

/* The same without a time-out, which another thread's closing ends. */
static void *peek_on(void *arg)
{
	struct waiter *w = arg;
	char data[8];
	WSABUF buf = { sizeof(data), data };
	DWORD n, flags = MSG_PEEK;

	w->tid = gettid();
	WSPRecv(w->s, &buf, 1, &n, &flags, NULL, NULL, NULL, &w->code);
	return NULL;
}

TEST_F(closing, T_01_no_spinning_for_ever)
{
	struct waiter w = { .call = RECVFROM };
	int peer, off = 100;
	union name own;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	own = name_of(self->row->family, "127.0.0.1", "::1", local_port((int)w.s));
	ASSERT_TRUE(told((int)w.s, own, "x"));
	ASSERT_TRUE(wait_for((int)w.s, POLLIN));
	ASSERT_EQ(0, setsockopt((int)w.s, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)));
	ASSERT_EQ(0, pthread_create(&w.thread, NULL, peek_on, &w));
	EXPECT_TRUE(falls_asleep(&w.tid));
	EXPECT_EQ(0, WSPCloseSocket(w.s, NULL));
	EXPECT_TRUE(end_wait(&w));
	EXPECT_EQ(WSAEINTR, w.code);
}

/* All of the data means up to the urgent mark. */
TEST_F(closing, T_01_all_up_to_the_mark)
{
	struct waiter w = { .call = RECV };
	char data[16];
	WSABUF buf = { sizeof(data), data };
	DWORD n, flags;
	int peer, threaded;

	for (threaded = 0; threaded < 2; threaded++) {
		if (threaded)
			become_threaded();
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		ASSERT_EQ(3, send(peer, "abc", 3, 0));
		ASSERT_EQ(1, send(peer, "!", 1, MSG_OOB));
		ASSERT_EQ(3, send(peer, "def", 3, 0));
		ASSERT_TRUE(wait_for((int)w.s, POLLPRI));
		flags = MSG_WAITALL;
		n = 0;
		EXPECT_EQ(0, OUTCOME(WSPRecv(w.s, &buf, 1, &n, &flags, NULL, NULL,
					     NULL, &code)));
		EXPECT_EQ(3, n);
		close((int)w.s);
		close(peer);
	}
}

/* More buffers than have room on the stack, in either mode. */
TEST_F(closing, many_buffers)
{
	struct waiter w = { .call = RECV };
	char data[40][2];
	WSABUF bufs[40];
	DWORD n, flags;
	int i, peer;

	for (i = 0; i < 40; i++)
		bufs[i] = (WSABUF) { 2, data[i] };
	for (i = 0; i < 2; i++) {
		if (i)
			become_threaded();
		ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
		EXPECT_EQ(0, WSPSend(w.s, bufs, 40, &n, 0, NULL, NULL, NULL, NULL));
		EXPECT_EQ(80, n);
		EXPECT_EQ(80, recv(peer, big, 80, MSG_WAITALL));
		EXPECT_EQ(80, send(peer, big, 80, 0));
		flags = MSG_WAITALL;
		EXPECT_EQ(0, WSPRecv(w.s, bufs, 40, &n, &flags, NULL, NULL, NULL,
				     NULL));
		EXPECT_EQ(80, n);
		fcntl((int)w.s, F_SETFL, O_NONBLOCK);
		EXPECT_EQ(WSAEWOULDBLOCK, wsp_recv((int)w.s, big, 1));
		close((int)w.s);
		close(peer);
	}
}

/* Closing is done before a cancellation is heeded, or not begun. */
static void *close_cancelled(void *arg)
{
	pthread_cancel(pthread_self());
	WSPCloseSocket(*(SOCKET *)arg, NULL);
	return NULL;
}

TEST_F(closing, T_01_closed_by_a_cancelled_thread)
{
	const int lowest = open_descriptors();
	SOCKET s = WSPSocket(self->row->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, close_cancelled, &s));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(lowest, open_descriptors());
	EXPECT_EQ(s, WSPSocket(self->row->family, SOCK_STREAM, 0, NULL, 0, 0, NULL));
	EXPECT_EQ(0, WSPCloseSocket(s, NULL));
}

/* Destructors of a thread's own data call the library to the last. */
static pthread_key_t keys[8];

static void use_again(void *arg)
{
	SOCKET s = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		pthread_setspecific(keys[i], arg);
	WSPListen(s, 1, NULL);
	WSPCloseSocket(s, NULL);
}

static void *end_with_keys(void *arg)
{
	use_again(arg);
	return NULL;
}

TEST_F(closing, T_01_destructors)
{
	pthread_t thread;
	size_t i;

#ifdef __SANITIZE_THREAD__
	SKIP(return, "T-01: ThreadSanitizer has no thread left for its last destructors");
#endif
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		ASSERT_EQ(0, pthread_key_create(&keys[i], use_again));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, end_with_keys, keys));
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, WSPCloseSocket(WSPSocket(AF_INET, SOCK_DGRAM, 0, NULL,
						      0, 0, NULL), NULL));
	}
}

/* What they wait for is not lost sight of when another thread begins. */
static void wait_twice(void *arg)
{
	struct waiter *w = arg;

	wait_in_call(&w[0]);
	w[1].tid = gettid();
	wait_in_call(&w[1]);
}

static void *end_with_waits(void *arg)
{
	struct waiter *w = arg;

	pthread_setspecific(keys[0], w);
	WSPListen(w->s, 1, NULL);	/* known as a thread that calls */
	w->tid = gettid();
	return NULL;
}

TEST_F(closing, T_01_waits_in_destructors)
{
	struct waiter w[2] = { { .call = RECV }, { .call = RECV } };
	struct waiter other = { .call = RECV };
	int peer;

	ASSERT_TRUE(make_socket(&w[0], self->row, self->lfd, &peer));
	ASSERT_TRUE(make_socket(&w[1], self->row, self->lfd, &peer));
	ASSERT_TRUE(make_socket(&other, self->row, self->lfd, &peer));
	become_threaded();
	WSPListen(other.s, 1, NULL);	/* the library's destructor is the first then */
#ifdef __SANITIZE_THREAD__
	SKIP(return, "T-01: ThreadSanitizer has no thread left for its last destructors");
#endif
	ASSERT_EQ(0, pthread_key_create(&keys[0], wait_twice));
	ASSERT_EQ(0, pthread_create(&w[1].thread, NULL, end_with_waits, w));
	ASSERT_TRUE(falls_asleep(&w[0].tid));
	ASSERT_TRUE(begin_wait(&other));
	EXPECT_EQ(0, WSPCloseSocket(w[0].s, NULL));
	ASSERT_TRUE(falls_asleep(&w[1].tid));
	EXPECT_EQ(WSAEINTR, w[0].code);
	EXPECT_EQ(0, WSPCloseSocket(other.s, NULL));
	EXPECT_TRUE(end_wait(&other));
	EXPECT_EQ(WSAEINTR, other.code);
	EXPECT_EQ(0, WSPCloseSocket(w[1].s, NULL));
	EXPECT_TRUE(end_wait(&w[1]));
	EXPECT_EQ(WSAEINTR, w[1].code);
}

/*
 * A handler closes the socket of the call that it has interrupted, and another gets
 * its number.
 */
static SOCKET in_handler;
static int next_owner;

static void close_in_handler(int sig)
{
	const int error = errno;

	(void)sig;
	WSPCloseSocket(in_handler, NULL);
	dup2(next_owner, (int)in_handler);
	errno = error;
}

TEST_F(closing, T_01_closed_by_a_handler)
{
	const struct sigaction sa = { .sa_handler = close_in_handler, .sa_flags = SA_RESTART };
	struct waiter w[] = { { .call = SELECT }, { .call = RECV } };
	struct waiter next = { .call = RECV };
	int peer, next_peer;
	char c;
	size_t i;

#ifdef __SANITIZE_THREAD__
	SKIP(return, "T-01: ThreadSanitizer puts handlers off until the call returns");
#endif
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_TRUE(make_socket(&next, self->row, self->lfd, &next_peer));
	ASSERT_EQ(1, send(next_peer, "n", 1, 0));
	ASSERT_TRUE(wait_for((int)next.s, POLLIN));
	next_owner = (int)next.s;
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		ASSERT_TRUE(make_socket(&w[i], self->row, self->lfd, &peer));
		in_handler = w[i].s;
		ASSERT_TRUE(begin_wait(&w[i]));
		pthread_kill(w[i].thread, SIGUSR1);
		ASSERT_TRUE(end_wait(&w[i])) TH_LOG("%s", names[w[i].call]);
		EXPECT_EQ(WSAEINTR, w[i].code) TH_LOG("%s", names[w[i].call]);
		close(peer);
		close((int)in_handler);
	}
	EXPECT_EQ(1, recv(next_owner, &c, 1, MSG_DONTWAIT));
	close(next_owner);
	close(next_peer);
}

/* Closed behind the library's back, and then once more. */
TEST_F(closing, T_01_closed_by_close)
{
	SOCKET s = WSPSocket(self->row->family, SOCK_DGRAM, 0, NULL, 0, 0, NULL);
	int value, len = sizeof(value);

	close((int)s);
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPCloseSocket(s, &code)));
	ASSERT_EQ((int)s, wsp_socket(SOCK_STREAM, self->row));
	EXPECT_EQ(0, WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &len,
				   NULL));
	EXPECT_EQ(0, WSPCloseSocket(s, NULL));
}

/* A fork while other threads are in calls: the child has none of them. */
TEST_F(closing, T_01_fork)
{
	struct waiter w = { .call = RECV }, many = { .call = SELECT_MANY };
	int peer, other, status;
	pid_t child;

	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	ASSERT_TRUE(make_socket(&many, self->row, self->lfd, &other));
	ASSERT_TRUE(begin_wait(&w));
	ASSERT_TRUE(begin_wait(&many));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPListen(WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0,
							 0, NULL), 1, &code)));
	child = fork();
	if (!child) {
		alarm(20);
		if (WSPCloseSocket(w.s, NULL) || WSPCloseSocket(many.s, NULL))
			_exit(1);
#ifndef __SANITIZE_THREAD__	/* which lets such a child have no threads */
		become_threaded();
#endif
		_exit(WSPCloseSocket(WSPSocket(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0,
					       NULL), NULL));
	}
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	expect_ended(_metadata, &w);
	expect_ended(_metadata, &many);
	close(peer);
	close(other);
}

/* A handler that keeps its thread in a call, so that who closes has to wait. */
static _Atomic bool held, let_go;

static void hold(int sig)
{
	(void)sig;
	held = true;
	while (!let_go)
		usleep(1000);
}

/* What is about to be closed is no socket any more, but to a child without the thread. */
TEST_F(closing, T_01_about_to_be_closed)
{
	const struct sigaction sa = { .sa_handler = hold, .sa_flags = SA_RESTART };
	struct waiter w = { .call = RECV };
	long end = now_ms() + DEADLINE_MS;
	int peer, value, len = sizeof(value), status;
	WSPFDSET set = { .fd_count = 1 };
	pthread_t thread;
	pid_t child;

#define TYPE_CODE() OUTCOME(WSPGetSockOpt(w.s, SOL_SOCKET, SO_TYPE,	\
					  (char *)&value, &len, &code))
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_TRUE(make_socket(&w, self->row, self->lfd, &peer));
	ASSERT_TRUE(begin_wait(&w));
	pthread_kill(w.thread, SIGUSR1);
	while (!held && now_ms() < end)
		usleep(1000);
	ASSERT_EQ(0, pthread_create(&thread, NULL, close_it, &w.s));
	/* ThreadSanitizer runs the handler no sooner than this ends the wait. */
	end = now_ms() + DEADLINE_MS;
	while (TYPE_CODE() != WSAENOTSOCK && now_ms() < end)
		usleep(1000);
	EXPECT_EQ(WSAENOTSOCK, TYPE_CODE());
	set.fd_array[0] = w.s;
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPSelect(0, &set, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPCloseSocket(w.s, &code)));
	child = fork();
	if (!child)
		_exit(TYPE_CODE() || WSPCloseSocket(w.s, NULL));
	EXPECT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	let_go = true;
	EXPECT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(end_wait(&w));
	EXPECT_EQ(WSAEINTR, w.code);
	close(peer);
}

/* Closed behind the library's back, and used after that. */
TEST_F(closing, used_after_close)
{
	const union name name = name_host(self->row->family, PEER_A,
					  local_port(self->lfd));
	int value, len = sizeof(value), i;
	SOCKET s;

	for (i = 0; i < 2; i++) {
		s = WSPSocket(self->row->family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
		close((int)s);
		EXPECT_EQ(WSAENOTSOCK,
			  i ? OUTCOME(WSPConnect(s, &name.sa, name_len(&name), NULL,
						 NULL, NULL, NULL, &code))
			    : OUTCOME(WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR,
						    (char *)&value, &len, &code)));
	}
}

/* Pointers and lengths ----------------------------------------------------------- */

#define BAD	((void *)16)

TEST_F(closing, T_12_pointers_that_cannot_be_used)
{
	struct sockaddr_storage name;
	int fd = wsp_socket(SOCK_DGRAM, self->row), len = sizeof(name);
	SOCKET s = (SOCKET)fd;
	char data[2][4];
	WSABUF bufs[2] = { { 4, data[0] }, { 4, BAD } };
	union name self_name;
	DWORD n, flags = 0;
	ULONG word = 0;
	int value;

	ASSERT_EQ(0, bind_port(fd, self->row->family, "127.0.0.1", "::1", 0));
	self_name = local_name(fd);
#define FAULT(call)	EXPECT_EQ(WSAEFAULT, OUTCOME(call))
	FAULT(WSPGetSockName(s, BAD, &len, &code));
	FAULT(WSPGetSockName(s, (struct sockaddr *)&name, BAD, &code));
	FAULT(WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR, BAD, &len, &code));
	FAULT(WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR, (char *)&value, BAD, &code));
	FAULT(WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&value, BAD, &code));
	FAULT(WSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, BAD, &len, &code));
	FAULT(WSPSetSockOpt(s, SOL_SOCKET, SO_BROADCAST, BAD, 4, &code));
	FAULT(WSPIoctl(s, FIONREAD, NULL, 0, BAD, 4, &n, NULL, NULL, NULL, &code));
	FAULT(WSPIoctl(s, FIONREAD, NULL, 0, &word, 4, BAD, NULL, NULL, NULL,
		       &code));
	FAULT(WSPIoctl(s, FIONBIO, BAD, 4, NULL, 0, &n, NULL, NULL, NULL, &code));
	FAULT(WSPBind(s, BAD, sizeof(name), &code));
	ASSERT_EQ(6, sendto(fd, "abcdef", 6, 0, &self_name.sa, name_len(&self_name)));
	FAULT(WSPRecv(s, bufs, 2, &n, &flags, NULL, NULL, NULL, &code));
	ASSERT_EQ(6, sendto(fd, "abcdef", 6, 0, &self_name.sa, name_len(&self_name)));
	len = sizeof(name);
	bufs[1].buf = data[1];
	FAULT(WSPRecvFrom(s, bufs, 2, &n, &flags, BAD, &len, NULL, NULL, NULL,
			  &code));
	close(fd);
}

TEST_F(closing, T_12_lengths)
{
	int fd = wsp_socket(SOCK_DGRAM, self->row);
	const int peer = receiver(THERE, self->row->family, PEER_A);
	const union name to = name_host(self->row->family, PEER_A,
					local_port(peer));
	WSABUF buf = { (ULONG)-1, big };
	SOCKET s = (SOCKET)fd;
	DWORD n, flags = 0;

	ASSERT_EQ(0, connect(fd, &to.sa, name_len(&to)));
	FAULT(WSPSend(s, &buf, 1, &n, 0, NULL, NULL, NULL, &code));
	FAULT(WSPRecv(s, &buf, 1, &n, &flags, NULL, NULL, NULL, &code));
	buf.len = 1;
	FAULT(WSPSendTo(s, &buf, 1, &n, 0, &to.sa, 0, NULL, NULL, NULL, &code));
	FAULT(WSPSendTo(s, &buf, 1, &n, 0, &to.sa, -1, NULL, NULL, NULL, &code));
	FAULT(WSPSendTo(s, &buf, 1, &n, 0, &to.sa, 15, NULL, NULL, NULL, &code));
	EXPECT_FALSE(readable_now(peer));
	flags = MSG_PEEK | MSG_WAITALL;
	EXPECT_EQ(WSAEOPNOTSUPP, OUTCOME(WSPRecv(s, &buf, 1, &n, &flags, NULL,
						 NULL, NULL, &code)));
	FAULT(WSPRecv(s, &buf, 1, &n, NULL, NULL, NULL, NULL, &code));
	close(fd);
	close(peer);
}

/* A datagram into several buffers: cut short, exact, and after a disconnect. */
TEST_F(closing, D_03_scattered)
{
	int fd = wsp_socket(SOCK_DGRAM, self->row);
	const union name none = { .sa = { .sa_family = AF_UNSPEC } };
	char data[2][4] = { "" };
	WSABUF bufs[2] = { { 4, data[0] }, { 4, data[1] } };
	SOCKET s = (SOCKET)fd;
	union name own;
	DWORD n, flags = 0;

	ASSERT_EQ(0, bind_port(fd, self->row->family, "127.0.0.1", "::1", 0));
	own = local_name(fd);
	ASSERT_EQ(0, connect(fd, &own.sa, name_len(&own)));
	ASSERT_EQ(8, send(fd, "abcdefgh", 8, 0));
	EXPECT_EQ(0, OUTCOME(WSPRecv(s, bufs, 2, &n, &flags, NULL, NULL, NULL,
				     &code)));
	EXPECT_EQ(8, n);
	EXPECT_EQ(0, memcmp(data, "abcdefgh", 8));
	ASSERT_EQ(9, send(fd, "ABCDEFGHI", 9, 0));
	EXPECT_EQ(WSAEMSGSIZE, OUTCOME(WSPRecv(s, bufs, 2, &n, &flags, NULL,
					       NULL, NULL, &code)));
	EXPECT_EQ(0, memcmp(data, "ABCDEFGH", 8));
	ASSERT_EQ(0, connect(fd, &none.sa, sizeof(none.sa)));
	EXPECT_EQ(WSAENOTCONN, OUTCOME(WSPRecv(s, bufs, 2, &n, &flags, NULL,
					       NULL, NULL, &code)));
	close(fd);
}

WSP_TEST_MAIN
