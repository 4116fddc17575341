// SPDX-License-Identifier: GPL-2.0
/* WSPSelect: V-10, and C-06 and C-07 by it. */
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
	const struct linger hard = { 1, 0 };
	char data[4];
	int i;

	ASSERT_TRUE(kind_join(&self->k));
	setsockopt(self->k.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(self->k.peer);
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
	pid_t waiter;
};

/* Has the waiter gone to sleep? */
static bool asleep(pid_t tid)
{
	long end = now_ms() + DEADLINE_MS;
	char path[64], state = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	while (state != 'S' && now_ms() < end) {
		stat = fopen(path, "r");
		if (!stat)
			return false;
		if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		fclose(stat);
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

/* The sets that the socket is in once @act is done by another thread. */
static int woken_by(struct kind *k, int (*act)(struct kind *), int wanted)
{
	struct change change = { .k = k, .act = act, .waiter = gettid() };
	void *failed;
	int found;

	if (pthread_create(&change.thread, NULL, change_later, &change))
		return -1;
	found = sets_of(k->fd, wanted, &deadline);
	pthread_join(change.thread, &failed);
	return failed ? -1 : found;
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
		_exit(sets_of(fd, wanted, &no_time));
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
	ASSERT_EQ(SYS_poll, next_call(pid));
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
	EXPECT_EQ(SYS_poll, next_call(pid));
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
	long start;

	start = cpu_ms();
	EXPECT_EQ(0, sets_of(self->k.fd, EVERY, &some));
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
	const struct itimerval once = { .it_value.tv_usec = 50000 };
	const struct sigaction act = { .sa_handler = handler };

	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &once, NULL));
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

/* Many that are stuck, and the one that is woken has the highest number. */
TEST_F(stream, V_10_many_streams)
{
	const struct rlimit limit = { MANY + 64, MANY + 64 };
	struct change change = { .act = start_good };
	static struct many all, sets[3];
	struct kind k = self->k;
	void *failed;
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	all.count = MANY;
	for (i = 0; i < MANY; i++)
		all.s[i] = WSPSocket(k.row.family, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	k.fd = all.s[MANY - 1];
	ASSERT_LT(MANY, k.fd);
	for (i = 0; i < 3; i++)
		sets[i] = all;
	change.k = &k;
	change.waiter = gettid();
	ASSERT_EQ(0, pthread_create(&change.thread, NULL, change_later, &change));
	EXPECT_EQ(1, WSPSelect(0, SET(&sets[0]), SET(&sets[1]), SET(&sets[2]),
			       &deadline, NULL));
	ASSERT_EQ(0, pthread_join(change.thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_EQ(0, sets[0].count);
	EXPECT_EQ(1, sets[1].count);
	EXPECT_EQ(k.fd, sets[1].s[0]);
	EXPECT_EQ(0, sets[2].count);
}

WSP_TEST_MAIN
