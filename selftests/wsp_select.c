// SPDX-License-Identifier: GPL-2.0
/* WSPSelect: V-10, and C-06 and C-07 by it. */
#include <malloc.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE(select)

KIND_FIXTURE_ALONE(stream)
STREAM_KINDS(stream)

KIND_FIXTURE_ALONE(dgram)
DGRAM_KINDS(dgram)

#define FOR_STREAM(value)	(self->k.type == SOCK_STREAM ? (value) : 0)
#define FOR_DGRAM(value)	(self->k.type == SOCK_DGRAM ? (value) : 0)

/* What poll(3) calls: newer architectures have only one of the two. */
#ifdef SYS_poll
#define POLL	SYS_poll
#else
#define POLL	SYS_ppoll
#endif

enum { READ = 1, WRITE = 2, EXCEPT = 4, EVERY = READ | WRITE | EXCEPT };

static const struct timeval no_time, deadline = { DEADLINE_MS / 1000, 0 };

/* Which of the sets @wanted a socket is in, or minus the code. */
static int sets_of(SOCKET s, int wanted, const struct timeval *timeout)
{
	WSPFDSET sets[3];
	int i, rc, code = 0, found = 0, total = 0;

	for (i = 0; i < 3; i++) {
		WSP_FD_ZERO(&sets[i]);
		if (wanted & 1 << i)
			WSP_FD_SET(s, &sets[i]);
	}
	rc = WSPSelect(0, &sets[0], &sets[1], &sets[2], timeout, &code);
	if (rc < 0)
		return -code;
	for (i = 0; i < 3; i++) {
		total += sets[i].fd_count;
		if (WSP_FD_ISSET(s, &sets[i]))
			found |= 1 << i;
	}
	return rc == total ? found : -1;
}

/* Waits for the sets @wanted, and says then which of all it is in. */
static int wait_sets(SOCKET s, int wanted)
{
	int rc = sets_of(s, wanted, &deadline);

	return rc > 0 ? sets_of(s, EVERY, &no_time) : rc;
}

/* In none of the sets, by a look, by a wait and by a wait for each alone. */
static bool in_no_set(SOCKET s, int wanted)
{
	const struct timeval some = { 0, 20000 };
	int i;

	for (i = 1; i < 8; i++)
		if (i & wanted && sets_of(s, i & wanted, &some))
			return false;
	return !sets_of(s, wanted, &no_time);
}

/* Starts a nonblocking connect, by the calls of the library. */
static int start(SOCKET s, union name name)
{
	ULONG one = 1;
	DWORD n;

	WSPIoctl(s, FIONBIO, &one, sizeof(one), NULL, 0, &n, NULL, NULL, NULL,
		 NULL);
	return OUTCOME(WSPConnect(s, &name.sa, name_len(&name), NULL, NULL, NULL,
				  NULL, &code));
}

TEST_F(select, V_10_never_connected)
{
	const int fd = self->k.fd;

	if (self->k.type == SOCK_DGRAM) {
		EXPECT_EQ(WRITE, sets_of(fd, EVERY, NULL));
		EXPECT_TRUE(in_no_set(fd, READ | EXCEPT));
		return;
	}
	EXPECT_TRUE(in_no_set(fd, EVERY));
	/* Nor when it is bound, or a connect was refused outright (C-01). */
	ASSERT_EQ(0, bind_port(fd, self->k.row.family, "0.0.0.0", "::", 0));
	EXPECT_TRUE(in_no_set(fd, EVERY));
	EXPECT_EQ(WSAEADDRNOTAVAIL,
		  start(fd, name_of(self->k.row.family, "0.0.0.0", "::", 9)));
	EXPECT_TRUE(in_no_set(fd, EVERY));
}

/* C-08: a blocking refusal leaves nothing behind. */
TEST_F(stream, C_08_V_10_blocking_refusal)
{
	union name name = kind_name(&self->k);

	close(self->k.lfd);
	EXPECT_EQ(WSAECONNREFUSED, try_connect(&self->k.row, self->k.fd, &name,
					       name_len(&name)));
	EXPECT_TRUE(in_no_set(self->k.fd, EVERY));
}

TEST_F(stream, V_10_pending)
{
	union name name = name_host(self->k.row.family, SILENT, 9);

	EXPECT_EQ(WSAEWOULDBLOCK, start(self->k.fd, name));
	EXPECT_TRUE(in_no_set(self->k.fd, EVERY));
}

TEST_F(select, C_06_success)
{
	const int fd = self->k.fd;
	int i;

	EXPECT_EQ(FOR_STREAM(WSAEWOULDBLOCK), start(fd, kind_name(&self->k)));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(WRITE, wait_sets(fd, i ? EVERY : WRITE));
		EXPECT_EQ(0, so_error(fd));
	}
	EXPECT_TRUE(in_no_set(fd, READ | EXCEPT));
	EXPECT_EQ(FOR_STREAM(WSAEISCONN), start(fd, kind_name(&self->k)));
	EXPECT_EQ(WRITE, sets_of(fd, EVERY, NULL));
}

TEST_F(stream, C_07_failure)
{
	const int fd = self->k.fd;
	union name good = kind_name(&self->k), bad = good;
	int i;

	bad.in.sin_port = htons(9);
	EXPECT_EQ(WSAEWOULDBLOCK, start(fd, bad));
	EXPECT_EQ(EXCEPT, wait_sets(fd, EXCEPT));
	EXPECT_TRUE(in_no_set(fd, READ | WRITE));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(i ? 0 : ECONNREFUSED, so_error(fd));
		EXPECT_EQ(EXCEPT, sets_of(fd, EVERY, NULL));
		EXPECT_TRUE(in_no_set(fd, READ | WRITE));
	}
	/* Until the next connect. */
	EXPECT_EQ(WSAEWOULDBLOCK, start(fd, name_host(self->k.row.family, SILENT, 9)));
	EXPECT_TRUE(in_no_set(fd, EVERY));
	close(fd);
	self->k.fd = wsp_socket(self->k.type, &self->k.row);
	EXPECT_EQ(WSAEWOULDBLOCK, start(self->k.fd, bad));
	EXPECT_EQ(EXCEPT, wait_sets(self->k.fd, EVERY));
	EXPECT_EQ(WSAEWOULDBLOCK, start(self->k.fd, good));
	EXPECT_EQ(WRITE, wait_sets(self->k.fd, EVERY));
}

TEST_F(select, V_10_data_and_end)
{
	const int fd = self->k.fd;
	char data[16];

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(WRITE, sets_of(fd, EVERY, NULL));
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	EXPECT_EQ(READ | WRITE, wait_sets(fd, READ));
	EXPECT_EQ(READ, sets_of(fd, READ | EXCEPT, NULL));
	EXPECT_EQ(0, wsp_recv(fd, data, sizeof(data)));
	EXPECT_TRUE(in_no_set(fd, READ | EXCEPT));
	if (self->k.type != SOCK_STREAM)
		return;
	ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	EXPECT_EQ(WRITE | EXCEPT, wait_sets(fd, EXCEPT));
	EXPECT_EQ(1, recv(fd, data, 1, MSG_OOB));
	EXPECT_TRUE(in_no_set(fd, EXCEPT));
	/* The end: either side's, then both. */
	ASSERT_EQ(0, shutdown(self->k.peer, SHUT_WR));
	EXPECT_EQ(READ | WRITE, wait_sets(fd, READ));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(READ | WRITE, wait_sets(fd, READ));
	EXPECT_TRUE(in_no_set(fd, EXCEPT));
}

/* A reset, and the ICMP error that is a datagram socket's. */
TEST_F(select, V_10_reset)
{
	char data[4];
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	close_by_reset(self->k.peer);
	close(self->k.lfd);
	if (self->k.type == SOCK_DGRAM)
		EXPECT_EQ(0, wsp_send(self->k.fd, "data"));
	EXPECT_EQ(READ | WRITE, wait_sets(self->k.fd, READ));
	EXPECT_TRUE(in_no_set(self->k.fd, EXCEPT));
	EXPECT_EQ(WSAECONNRESET, wsp_recv(self->k.fd, data, sizeof(data)));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(FOR_STREAM(READ), sets_of(self->k.fd, READ, &no_time));
}

TEST_F(stream, V_10_listening)
{
	const struct row *row = &self->k.row;
	const int fd = self->k.fd, client = plain_socket(THERE, row->family,
							 SOCK_STREAM);
	union name name;

	ASSERT_EQ(0, bind_port(fd, row->family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, listen(fd, 4));
	EXPECT_TRUE(in_no_set(fd, EVERY));
	name = name_host(row->family, HERE_A, local_port(fd));
	ASSERT_EQ(0, connect(client, &name.sa, name_len(&name)));
	EXPECT_EQ(READ, wait_sets(fd, EVERY));
	close(accept(fd, NULL, NULL));
	EXPECT_TRUE(in_no_set(fd, EVERY));
	close(client);
}

/* A full send buffer. */
TEST_F(stream, V_10_writable_again)
{
	long end = now_ms() + DEADLINE_MS;
	static char data[65536];
	const int fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	do {	/* until the peer's buffer is full as well */
		while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
			;
	} while (!in_no_set(fd, EVERY) && now_ms() < end);
	EXPECT_TRUE(in_no_set(fd, EVERY));
	EXPECT_EQ(0, fcntl(self->k.peer, F_SETFL, O_NONBLOCK));
	while (!sets_of(fd, WRITE, &no_time) && wait_for(self->k.peer, POLLIN))
		while (recv(self->k.peer, data, sizeof(data), 0) > 0)
			;
	EXPECT_EQ(WRITE, sets_of(fd, EVERY, &deadline));
}

/* A thread that changes something while the wait goes on. */
struct change {
	struct kind *k;
	int (*act)(struct kind *k);
	pthread_t thread;
	int waiter;	/* its state, by /proc */
};

/* Of the calling thread. */
static int open_state(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", gettid());
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Has the waiter gone to sleep? Needs no descriptor more. */
static bool asleep(int waiter)
{
	long end = now_ms() + DEADLINE_MS;
	char text[256], state = 0;
	ssize_t n;

	while (state != 'S' && now_ms() < end) {
		n = pread(waiter, text, sizeof(text) - 1, 0);
		if (n <= 0)
			return false;
		text[n] = 0;
		if (sscanf(text, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		sched_yield();
	}
	return state == 'S';
}

static void *change_later(void *arg)
{
	struct change *change = arg;

	if (!asleep(change->waiter))
		return (void *)-1L;
	return (void *)(intptr_t)change->act(change->k);
}

static bool change_begin(struct change *change)
{
	change->waiter = open_state();
	return !pthread_create(&change->thread, NULL, change_later, change);
}

static bool change_end(struct change *change)
{
	void *failed;

	pthread_join(change->thread, &failed);
	close(change->waiter);
	return !failed;
}

/* The sets that the socket is in once @act is done by another thread. */
static int woken_by(struct kind *k, int (*act)(struct kind *), int wanted)
{
	struct change change = { .k = k, .act = act };
	int found;

	if (!change_begin(&change))
		return -1;
	found = sets_of(k->fd, wanted, &deadline);
	return change_end(&change) ? found : -1;
}

static int join(struct kind *k)
{
	return !kind_join(k);
}

static int tell(struct kind *k)
{
	return send(k->peer, "data", 4, 0) != 4;
}

static int join_and_tell(struct kind *k)
{
	return join(k) || tell(k);
}

static int start_good(struct kind *k)
{
	return start(k->fd, kind_name(k)) != WSAEWOULDBLOCK;
}

static int start_bad(struct kind *k)
{
	union name name = kind_name(k);

	name.in.sin_port = htons(9);
	return start(k->fd, name) != WSAEWOULDBLOCK;
}

static int listen_and_call(struct kind *k)
{
	int fd = plain_socket(THERE, k->row.family, SOCK_STREAM);
	union name name;

	if (bind_port(k->fd, k->row.family, "0.0.0.0", "::", 0) || listen(k->fd, 4))
		return -1;
	name = name_host(k->row.family, HERE_A, local_port(k->fd));
	k->peer = fd;
	return connect(fd, &name.sa, name_len(&name));
}

TEST_F(select, V_10_woken_by_data)
{
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(READ, woken_by(&self->k, tell, READ | EXCEPT));
}

TEST_F(stream, V_10_woken_by_connect)
{
	EXPECT_EQ(WRITE, woken_by(&self->k, join, EVERY));
}

/* The wait survives the connect, and sees what comes after it. */
TEST_F(select, V_10_woken_after_connect)
{
	EXPECT_EQ(READ, woken_by(&self->k, join_and_tell, READ | EXCEPT));
}

TEST_F(stream, C_07_woken_by_failure)
{
	EXPECT_EQ(EXCEPT, woken_by(&self->k, start_bad, EVERY));
	/* Once more, from the state of having failed. */
	EXPECT_EQ(WRITE, woken_by(&self->k, start_good, READ | WRITE));
}

TEST_F(stream, V_10_woken_by_listen)
{
	EXPECT_EQ(READ, woken_by(&self->k, listen_and_call, EVERY));
}

/* A stopped child that calls WSPSelect, and exits with the sets. */
static pid_t select_traced(int fd, int wanted)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		syscall(SYS_exit_group, sets_of(fd, wanted, &no_time));
	}
	if (waitpid(pid, &status, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		return -1;
	return pid;
}

/* Runs it up to its next system call, and gives the number of that. */
static long next_call(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	while (!ptrace(PTRACE_SYSCALL, pid, 0, 0) &&
	       waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY)
			return info.entry.nr;
	}
	return -1;
}

/* The sets that it exits with. */
static int traced_sets(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_DETACH, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * A connect right after poll(2) has called the idle socket hung up: the answer
 * is of the past by then, and says nothing of the connection.
 */
TEST_F(stream, V_10_no_stale_answer)
{
	pid_t pid;

	EXPECT_EQ(0, sets_of(self->k.fd, EVERY, &no_time));
	pid = select_traced(self->k.fd, READ | WRITE);
	ASSERT_EQ(POLL, next_call(pid));
	ASSERT_EQ(SYS_ioctl, next_call(pid));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(WRITE, traced_sets(pid));
}

/* The price of the sets, in the ordinary case. */
TEST_F(select, one_system_call)
{
	pid_t pid;

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(WRITE, sets_of(self->k.fd, EVERY, &no_time));
	pid = select_traced(self->k.fd, EVERY);
	EXPECT_EQ(POLL, next_call(pid));
	EXPECT_EQ(SYS_exit_group, next_call(pid));
	EXPECT_EQ(WRITE, traced_sets(pid));
}

static long cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A socket that Linux calls up for ever must not keep the processor busy. */
TEST_F(stream, V_10_sleeps)
{
	const struct timeval some = { 0, 400000 };
	const long start = cpu_ms();

	EXPECT_EQ(0, sets_of(self->k.fd, EVERY, &some));
#ifdef __SANITIZE_THREAD__
	SKIP(return, "V-10: ThreadSanitizer is busy itself");
#endif
	EXPECT_GT(100, cpu_ms() - start);
}

TEST_F(select, V_10_timeout)
{
	struct timeval some = { 0, 150000 }, same = some;
	long start = now_ms();
	char data[4];

	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0, sets_of(self->k.fd, READ | EXCEPT, &some));
	EXPECT_LE(149, now_ms() - start);
	EXPECT_GT(DEADLINE_MS, now_ms() - start);
	EXPECT_EQ(0, memcmp(&some, &same, sizeof(some)));
	tell(&self->k);
	some = (struct timeval) { LONG_MAX, LONG_MAX };
	same = some;
	EXPECT_EQ(READ, sets_of(self->k.fd, READ | EXCEPT, &some));
	EXPECT_EQ(0, memcmp(&some, &same, sizeof(some)));
	EXPECT_EQ(0, wsp_recv(self->k.fd, data, sizeof(data)));
	EXPECT_EQ(READ, woken_by(&self->k, tell, READ));
	some = (struct timeval) { -1, 0 };
	EXPECT_EQ(-WSAEINVAL, sets_of(self->k.fd, EVERY, &some));
	some = (struct timeval) { 0, -1 };
	EXPECT_EQ(-WSAEINVAL, sets_of(self->k.fd, EVERY, &some));
}

TEST_F(select, V_10_no_sockets)
{
	WSPFDSET none = {};

	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPSelect(0, NULL, NULL, NULL, &no_time,
					       &code)));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPSelect(1, &none, &none, &none, NULL,
					       &code)));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPSelect(1, NULL, &none, NULL, &no_time,
					       &code)));
	EXPECT_EQ(SOCKET_ERROR, WSPSelect(1, NULL, &none, NULL, &no_time, NULL));
}

/* The sets are as they were, although another socket is ready. */
TEST_F(select, V_10_bad_socket)
{
	const int plain = socket(AF_INET, SOCK_DGRAM, 0);
	const SOCKET bad[] = { plain, INVALID_SOCKET, 1 << 30, 0 };
	WSPFDSET set, same;
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		WSP_FD_ZERO(&set);
		WSP_FD_SET(self->k.fd, &set);
		WSP_FD_SET(bad[i], &set);
		same = set;
		EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPSelect(0, NULL, &set, NULL, NULL,
							 &code)));
		EXPECT_EQ(0, memcmp(&set, &same, sizeof(set)));
		EXPECT_EQ(-WSAENOTSOCK, sets_of(bad[i], EXCEPT, NULL));
	}
	/* Closed behind the library's back. */
	EXPECT_EQ(WRITE, sets_of(self->k.fd, EVERY, NULL));
	close(self->k.fd);
	EXPECT_EQ(-WSAENOTSOCK, sets_of(self->k.fd, EVERY, NULL));
	close(plain);
}

static void handler(int sig)
{
	(void)sig;
}

TEST_F(select, V_10_signal)
{
	/* Again and again: on a slow machine the first is too early. */
	const struct itimerval often = { { .tv_usec = 50000 }, { .tv_usec = 50000 } };
	const struct sigaction act = { .sa_handler = handler };

	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	EXPECT_EQ(-WSAEINTR, sets_of(self->k.fd, READ | EXCEPT, NULL));
}

/* The header's own calls on sets. */
TEST(V_10_sets)
{
	static WSPFDSET set;
	SOCKET s;

	WSP_FD_ZERO(&set);
	for (s = 0; s < WSP_FD_SETSIZE + 5; s++) {
		WSP_FD_SET(s, &set);
		WSP_FD_SET(s, &set);
	}
	EXPECT_EQ(WSP_FD_SETSIZE, set.fd_count);
	EXPECT_TRUE(WSP_FD_ISSET(7, &set));
	WSP_FD_CLR(7, &set);
	WSP_FD_CLR(7, &set);
	EXPECT_EQ(WSP_FD_SETSIZE - 1, set.fd_count);
	EXPECT_FALSE(WSP_FD_ISSET(7, &set));
	EXPECT_EQ(6, set.fd_array[6]);
	EXPECT_EQ(8, set.fd_array[7]);
	EXPECT_FALSE(WSP_FD_ISSET(WSP_FD_SETSIZE, &set));
}

#define MANY	1500

struct many {
	unsigned int count;
	SOCKET s[MANY];
};

#define SET(many)	((LPWSPFDSET)(many))

/* One in three has data; they are in the read and the except set, in turn. */
static bool right_ones(const struct many *set, const struct many *all)
{
	unsigned int i;

	if (set->count != MANY / 3)
		return false;
	for (i = 0; i < set->count; i++)
		if (set->s[i] != all->s[3 * i])
			return false;
	return true;
}

/*
 * More of them than an fd_set has room for, and in all three sets more than
 * the limit on descriptors, which poll(2) applies to the array it gets.
 */
TEST_F(dgram, V_10_many)
{
	const struct rlimit limit = { MANY + 64, MANY + 64 };
	static struct many all, sets[3];
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	all.count = MANY;
	for (i = 0; i < MANY; i++) {
		union name name = name_of(self->k.row.family, "192.0.2.1",
					  "2001:db8:a::1", 0);

		all.s[i] = WSPSocket(self->k.row.family, SOCK_DGRAM, 0, NULL, 0, 0,
				     NULL);
		ASSERT_NE(INVALID_SOCKET, all.s[i]);
		if (i % 3)
			continue;
		ASSERT_EQ(0, bind(all.s[i], &name.sa, name_len(&name)));
		ASSERT_TRUE(told(self->k.lfd, local_name(all.s[i]), "data"));
	}
	ASSERT_TRUE(wait_for(all.s[MANY - 3], POLLIN));
	for (i = 0; i < 3; i++)
		sets[i] = all;
	EXPECT_EQ(MANY + MANY / 3, WSPSelect(0, SET(&sets[0]), SET(&sets[1]),
					     SET(&sets[2]), NULL, NULL));
	EXPECT_TRUE(right_ones(&sets[0], &all));
	EXPECT_EQ(0, memcmp(&sets[1], &all, sizeof(all)));
	EXPECT_EQ(0, sets[2].count);
}

static void open_streams(struct many *all, int count, int family)
{
	int i;

	all->count = count;
	for (i = 0; i < count; i++)
		all->s[i] = WSPSocket(family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
}

/* Many that are stuck, and the one that is woken has the highest number. */
TEST_F(stream, V_10_many_streams)
{
	const struct rlimit limit = { MANY + 64, MANY + 64 };
	struct change change = { .act = start_good };
	static struct many all, sets[3];
	struct kind k = self->k;
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	open_streams(&all, MANY, k.row.family);
	k.fd = all.s[MANY - 1];
	ASSERT_LT(MANY, k.fd);
	for (i = 0; i < 3; i++)
		sets[i] = all;
	change.k = &k;
	ASSERT_TRUE(change_begin(&change));
	EXPECT_EQ(1, WSPSelect(0, SET(&sets[0]), SET(&sets[1]), SET(&sets[2]),
			       &deadline, NULL));
	EXPECT_TRUE(change_end(&change));
	EXPECT_EQ(0, sets[0].count);
	EXPECT_EQ(1, sets[1].count);
	EXPECT_EQ(k.fd, sets[1].s[0]);
	EXPECT_EQ(0, sets[2].count);
}

/* Few enough for one way to wait, and too many for it. */
static const int amounts[] = { 2, 12, MANY };

TEST_F(stream, V_10_bad_socket_among_others)
{
	const struct rlimit limit = { MANY + 64, MANY + 64 };
	const int plain = socket(AF_INET, SOCK_STREAM, 0);
	const SOCKET bad[] = { plain, INVALID_SOCKET, 1 << 30, 0 };
	static struct many set, same;
	int i, j;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	open_streams(&set, MANY - 1, self->k.row.family);
	for (i = 0; i < ARRAY_SIZE(amounts); i++) {
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			set.count = amounts[i];
			set.s[set.count - 1] = bad[j];
			same = set;
			EXPECT_EQ(WSAENOTSOCK,
				  OUTCOME(WSPSelect(0, SET(&set), NULL, NULL, NULL,
						    &code)));
			EXPECT_EQ(0, memcmp(&set, &same, sizeof(set)));
		}
	}
	close(plain);
}

/* A socket that is named twice in a set is in it once, wherever it stands. */
TEST_F(select, V_10_named_twice)
{
	static struct many sets[3];
	const SOCKET s = self->k.fd;
	SOCKET other;
	int i, j;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	ASSERT_EQ(READ | WRITE, wait_sets(s, READ));
	other = WSPSocket(self->k.row.family, SOCK_DGRAM, 0, NULL, 0, 0, NULL);
	for (i = 0; i < ARRAY_SIZE(amounts); i++) {
		for (j = 0; j < 3; j++) {
			sets[j].count = amounts[i];
			for (int n = 0; n < amounts[i]; n++)
				sets[j].s[n] = n == 1 ? other : s;
		}
		EXPECT_EQ(3, WSPSelect(0, SET(&sets[0]), SET(&sets[1]),
				       SET(&sets[2]), NULL, NULL));
		EXPECT_EQ(1, sets[0].count);
		EXPECT_EQ(s, sets[0].s[0]);
		EXPECT_EQ(2, sets[1].count);
		EXPECT_EQ(s, sets[1].s[0]);
		EXPECT_EQ(other, sets[1].s[1]);
		EXPECT_EQ(0, sets[2].count);
	}
	WSPCloseSocket(other, NULL);
}

/* What is ready for either is left in a set that is given for two. */
TEST_F(select, V_10_one_set_for_two)
{
	const SOCKET s = self->k.fd;
	SOCKET other;
	WSPFDSET set;

	ASSERT_TRUE(kind_join(&self->k));
	other = WSPSocket(self->k.row.family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	WSP_FD_ZERO(&set);
	WSP_FD_SET(other, &set);
	WSP_FD_SET(s, &set);
	EXPECT_EQ(1, WSPSelect(0, &set, &set, NULL, NULL, NULL));
	EXPECT_EQ(1, set.fd_count);
	EXPECT_EQ(s, set.fd_array[0]);
	EXPECT_EQ(1, WSPSelect(0, NULL, &set, &set, NULL, NULL));
	EXPECT_EQ(1, WSPSelect(0, &set, &set, &set, NULL, NULL));
	EXPECT_EQ(1, set.fd_count);
	EXPECT_EQ(0, WSPSelect(0, &set, NULL, &set, &no_time, NULL));
	EXPECT_EQ(0, set.fd_count);
	WSP_FD_SET(s, &set);
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	EXPECT_EQ(1, WSPSelect(0, &set, NULL, &set, &deadline, NULL));
	EXPECT_EQ(1, set.fd_count);
	WSPCloseSocket(other, NULL);
}

/* Urgent data that is received in line is data, for a look and for a wait. */
TEST_F(stream, V_10_urgent_in_line)
{
	const int fd = self->k.fd, one = 1;
	char data[4];

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)));
	ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	EXPECT_EQ(READ | WRITE, wait_sets(fd, READ));
	EXPECT_TRUE(in_no_set(fd, EXCEPT));
	EXPECT_EQ(WRITE, sets_of(fd, WRITE | EXCEPT, NULL));
	EXPECT_EQ(0, wsp_recv(fd, data, sizeof(data)));
	EXPECT_TRUE(in_no_set(fd, READ | EXCEPT));
}

/* Takes all descriptors that are left. */
static void use_up(void)
{
	while (dup(0) >= 0)
		;
}

/* It needs none of its own, not even for a stream that poll(2) calls up. */
TEST_F(stream, V_10_no_descriptor_left)
{
	const struct rlimit limit = { 64, 64 };
	struct change change = { .k = &self->k, .act = start_good };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	ASSERT_TRUE(change_begin(&change));
	use_up();
	EXPECT_EQ(WRITE, sets_of(self->k.fd, EVERY, &deadline));
	EXPECT_TRUE(change_end(&change));
}

/* More sockets than the limit on descriptors allows by now. */
TEST_F(stream, V_10_limit_below_set)
{
	const struct rlimit high = { MANY + 64, MANY + 64 }, low = { 1, 1 };
	struct change change = { .act = start_good };
	static struct many all, set;
	struct kind k = self->k;
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &high));
	open_streams(&all, MANY, k.row.family);
	ASSERT_NE(INVALID_SOCKET, all.s[MANY - 1]);
	change.k = &k;
	for (i = 0; i < ARRAY_SIZE(amounts); i++) {
		k.fd = all.s[amounts[i] - 1];
		ASSERT_TRUE(change_begin(&change));
		ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &low));
		set = all;
		set.count = amounts[i];
		EXPECT_EQ(1, WSPSelect(0, NULL, SET(&set), NULL, &deadline, NULL));
		EXPECT_EQ(k.fd, set.s[0]);
		EXPECT_TRUE(change_end(&change));
		ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &high));
		all.s[amounts[i] - 1] = all.s[0];	/* is connected now */
	}
}

/* The user has no epoll watches. */
TEST_F(stream, V_10_no_watches)
{
	static const char path[] = "/proc/sys/fs/epoll/max_user_watches";
	const long watches = read_number(path);
	char text[32];

	ASSERT_LT(0, watches);
	ASSERT_EQ(0, write_file(path, "0"));
	EXPECT_EQ(WRITE, woken_by(&self->k, start_good, EVERY));
	snprintf(text, sizeof(text), "%ld", watches);
	EXPECT_EQ(0, write_file(path, text));
}

/* More members than there is memory for, and than there can be at all. */
TEST_F(stream, V_10_too_many)
{
	WSPFDSET set = { .fd_count = 0x3000000 };
	struct rlimit room = { .rlim_max = RLIM_INFINITY };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP(return, "V-10: a sanitizer needs more memory than there is then");
#endif
	room.rlim_cur = read_number("/proc/self/statm") * getpagesize();
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &room));
	EXPECT_EQ(WSAENOBUFS, OUTCOME(WSPSelect(0, &set, NULL, NULL, NULL, &code)));
	room.rlim_cur = RLIM_INFINITY;
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &room));
	set.fd_count = 0x7fffffff;
	EXPECT_EQ(WSAENOBUFS, OUTCOME(WSPSelect(0, &set, NULL, NULL, NULL, &code)));
}

/* What a call needs goes by the number of sockets, not by their numbers. */
TEST_F(stream, V_10_high_number)
{
	const struct rlimit files = { 1 << 20, 1 << 20 };
	struct rlimit room;
	int fd;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	fd = fcntl(self->k.fd, F_DUPFD, 1000000);
	ASSERT_LE(1000000, fd);
	/* In pages; half a megabyte more is enough. */
	room.rlim_cur = read_number("/proc/self/statm") * getpagesize() + (1 << 19);
	room.rlim_max = RLIM_INFINITY;
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &room));
	EXPECT_TRUE(in_no_set(fd, EVERY));
	room.rlim_cur = RLIM_INFINITY;
	ASSERT_EQ(0, setrlimit(RLIMIT_AS, &room));
	close(fd);
}

/* A thread that waits for as many streams as it is told, without end. */
struct waiter {
	const struct many *all;
	int count, state, started;
	pthread_t thread;
};

static void *wait_without_end(void *arg)
{
	struct waiter *waiter = arg;
	static struct many sets[2];
	int i;

	for (i = 0; i < 2; i++) {
		sets[i] = *waiter->all;
		sets[i].count = waiter->count;
	}
	waiter->state = open_state();
	__atomic_store_n(&waiter->started, true, __ATOMIC_RELEASE);
	WSPSelect(0, SET(&sets[0]), SET(&sets[1]), NULL, NULL, NULL);
	return NULL;
}

/* Until it sleeps in the call. */
static bool waiter_begin(struct waiter *waiter)
{
	waiter->started = false;
	if (pthread_create(&waiter->thread, NULL, wait_without_end, waiter))
		return false;
	while (!__atomic_load_n(&waiter->started, __ATOMIC_ACQUIRE))
		sched_yield();
	return asleep(waiter->state);
}

static bool waiter_end(struct waiter *waiter)
{
	void *outcome;

	pthread_cancel(waiter->thread);
	pthread_join(waiter->thread, &outcome);
	close(waiter->state);
	return outcome == PTHREAD_CANCELED;
}

static size_t allocated(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* WSPSelect is a cancellation point, and a thread that ends there leaves nothing. */
TEST_F(stream, cancelled)
{
	const struct rlimit limit = { MANY + 64, MANY + 64 };
	static struct many all;
	struct waiter waiter = { .all = &all };
	size_t memory;
	int i, round, files;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	open_streams(&all, MANY, self->k.row.family);
	for (i = 0; i < ARRAY_SIZE(amounts); i++) {
		waiter.count = amounts[i];
		/* The first makes what stays, such as the thread's stack. */
		for (round = 0; round < 8; round++) {
			if (round == 1) {
				files = count_descriptors();
				memory = allocated();
			}
			ASSERT_TRUE(waiter_begin(&waiter));
			ASSERT_TRUE(waiter_end(&waiter));
		}
		EXPECT_EQ(files, count_descriptors());
		EXPECT_EQ(memory, allocated());
	}
}

/* A process that is made during a call gets no descriptor by it. */
TEST_F(stream, fork_while_waiting)
{
	static struct many all;
	struct waiter waiter = { .all = &all };
	int i, status, files;
	pid_t pid;

	open_streams(&all, 12, self->k.row.family);
	for (i = 0; i < 2; i++) {
		waiter.count = amounts[i];
		/* And the one for the thread's state. */
		files = count_descriptors() + 1;
		ASSERT_TRUE(waiter_begin(&waiter));
		pid = fork();
		if (!pid)
			_exit(count_descriptors() != files);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		ASSERT_TRUE(waiter_end(&waiter));
	}
}

WSP_TEST_MAIN
