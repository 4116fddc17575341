// SPDX-License-Identifier: GPL-2.0
/* Several threads on one socket: C-11, and whatever else they may do to it. */
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

#define THREADS	8
#define ROUNDS	800	/* of each test, unless WSP_ROUNDS says otherwise */
#define ALL	8	/* rows, which share them: more than LEFT for each */
#define THINGS	8	/* that a thread does in one round of chaos */
#define TIMEOUT	3600	/* for 10,000 rounds under emulation */

/* The rounds of one row. */
static int rounds(void)
{
	const char *text = getenv("WSP_ROUNDS");

	return (text ? atoi(text) : ROUNDS) / ALL;
}

FIXTURE(threads) {
	struct kernel before;
	const struct row *row;
	int family;
	int lfd;
	union name live, dead, silent;
};

FIXTURE_VARIANT(threads) {
	struct row row;
};

ROWS(threads)

FIXTURE_SETUP(threads)
{
	static const char few[] = "sysctl -qw net.ipv4.tcp_max_tw_buckets=20";
	int closed;

	/* More of TIME-WAIT would have to be waited for in the end. */
	run_in(HERE, few);
	run_in(THERE, few);
	self->before = look_at_kernel();
	self->row = &variant->row;
	self->family = variant->row.family;
	self->lfd = listener(THERE, self->family);
	ASSERT_EQ(0, listen(self->lfd, 1000));
	self->live = name_host(self->family, PEER_A, local_port(self->lfd));
	closed = plain_socket(THERE, self->family, SOCK_STREAM);
	ASSERT_EQ(0, bind_port(closed, self->family, "0.0.0.0", "::", 0));
	self->dead = name_host(self->family, PEER_A, local_port(closed));
	self->silent = name_host(self->family, SILENT, 9);
}

FIXTURE_TEARDOWN(threads)
{
	close(self->lfd);
	expect_clean_kernel(_metadata, &self->before);
}

/* Threads that all call connect on one socket at once, and what they got. */
struct race {
	const struct row *row;
	int fd;
	union name name;
	pthread_barrier_t start;
	int codes[THREADS];
};

struct racer {
	struct race *race;
	int *code;
};

static void *race_to_connect(void *arg)
{
	struct racer *racer = arg;
	struct race *race = racer->race;

	pthread_barrier_wait(&race->start);
	*racer->code = try_connect(race->row, race->fd, &race->name,
				   name_len(&race->name));
	return NULL;
}

static void run_race(struct race *race, int count)
{
	struct racer racers[THREADS];
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&race->start, NULL, count);
	for (i = 0; i < count; i++) {
		racers[i] = (struct racer){ race, &race->codes[i] };
		if (pthread_create(&threads[i], NULL, race_to_connect,
				   &racers[i]))
			abort();
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&race->start);
}

static int count_code(const struct race *race, int count, int code)
{
	int i, n = 0;

	for (i = 0; i < count; i++)
		n += race->codes[i] == code;
	return n;
}

/* One starts the attempt; the others meet it, or its end. */
static void expect_one_start(struct __test_metadata *_metadata,
			     struct race *race, int count)
{
	const bool nonblocking = race->row->nonblocking;
	int others;

	race->fd = wsp_socket(SOCK_STREAM, race->row);
	ASSERT_GE(race->fd, 0);
	run_race(race, count);

	EXPECT_EQ(1, count_code(race, count, nonblocking ? WSAEWOULDBLOCK : 0));
	others = count_code(race, count, WSAEISCONN) +
		 count_code(race, count, nonblocking ? WSAEALREADY :
						       WSAEINPROGRESS);
	EXPECT_EQ(count - 1, others);
	close(race->fd);
}

static void drain(int lfd)
{
	int fd;

	fcntl(lfd, F_SETFL, O_NONBLOCK);
	while ((fd = accept(lfd, NULL, NULL)) >= 0)
		close(fd);
}

TEST_F_TIMEOUT(threads, C_11_one_attempt_is_started, TIMEOUT)
{
	struct race race = { .row = self->row, .name = self->live };
	int i;

	for (i = rounds(); i; i--) {
		expect_one_start(_metadata, &race, 2);
		expect_one_start(_metadata, &race, THREADS);
		drain(self->lfd);
	}
}

static void close_while_it_blocks(struct __test_metadata *_metadata,
				  const struct row *row,
				  const union name *silent,
				  const union name *live)
{
	struct blocked b = { .row = row, .name = *silent };
	long end = now_ms() + DEADLINE_MS;
	pthread_t thread;
	int copy, code;

	b.fd = wsp_socket(SOCK_STREAM, row);
	copy = dup(b.fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, block_in_connect, &b));
	do {
		code = try_connect(row, copy, live, 1);
		ASSERT_LT(now_ms(), end);
	} while (code == WSAEFAULT);
	EXPECT_EQ(row->nonblocking ? WSAEALREADY : WSAEINPROGRESS, code);

	EXPECT_EQ(0, close(b.fd));
	ASSERT_EQ(0, shutdown(copy, SHUT_RDWR));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	/* There is no descriptor any more by which to ask for the code. */
	EXPECT_NE(0, b.code);
	EXPECT_EQ(0, full_connect(row, copy, live));
	close(copy);
}

TEST_F_TIMEOUT(threads, C_11_closed_while_it_blocks, TIMEOUT)
{
	int i;

	for (i = rounds(); i; i--) {
		close_while_it_blocks(_metadata, self->row, &self->silent,
				      &self->live);
		drain(self->lfd);
	}
}

/* Attempts of IPv4, each of which is over at once. */
struct attempts {
	int fd;
	union name mapped;
	int end;
};

static void *attempt_without_end(void *arg)
{
	struct attempts *a = arg;

	while (!__atomic_load_n(&a->end, __ATOMIC_ACQUIRE))
		connect(a->fd, &a->mapped.sa, name_len(&a->mapped));
	return NULL;
}

/* By IPv6, and what the listener's family sends as well. */
static bool serves_v6(int lfd)
{
	union name name = name_v6("::1", local_port(lfd));
	int fd = plain_socket(HERE, AF_INET6, SOCK_STREAM), accepted = -1;
	bool talks;

	talks = !connect(fd, &name.sa, name_len(&name)) &&
		(accepted = accept(lfd, NULL, NULL)) >= 0 &&
		kind_talk(accepted, fd);
	close(accepted);
	close(fd);
	return talks;
}

/* What an attempt of the other family has set is not what a listener serves by. */
TEST_F_TIMEOUT(threads, C_11_C_05_listens_between_attempts, TIMEOUT)
{
	struct attempts a = {};
	int closed = plain_socket(HERE, AF_INET, SOCK_STREAM), i;
	pthread_t thread;
	long end;

	if (self->family != AF_INET6)
		return;
	ASSERT_EQ(0, bind_port(closed, AF_INET, "127.0.0.1", "::1", 0));
	a.mapped = name_map(local_name(closed));
	for (i = rounds(); i; i--) {
		a.fd = wsp_socket(SOCK_STREAM, self->row);
		a.end = 0;
		ASSERT_EQ(0, pthread_create(&thread, NULL, attempt_without_end, &a));
		end = now_ms() + DEADLINE_MS;
		while (listen(a.fd, 1) && now_ms() < end)
			sched_yield();
		__atomic_store_n(&a.end, 1, __ATOMIC_RELEASE);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		fcntl(a.fd, F_SETFL, 0);
		ASSERT_TRUE(serves_v6(a.fd)) TH_LOG("%d rounds to go", i);
		close(a.fd);
	}
	close(closed);
}

/* Everything at once; the kernel's log is the judge. */
struct chaos {
	const struct row *row;
	const union name *names[4];
	int fds[4];
	unsigned int seed;
	int things, type;
};

static void do_something(struct chaos *c, unsigned int dice)
{
	const union name *name = c->names[dice % 4];
	int *fd = &c->fds[(dice >> 2) % 4], fresh;
	char buf[16];

	switch ((dice >> 4) % 8) {
	case 0:
	case 1:
	case 2:
		try_connect(c->row, *fd, name, name_len(name));
		break;
	case 3:
		send(*fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_FASTOPEN);
		break;
	case 4:
		recv(*fd, buf, sizeof(buf), MSG_DONTWAIT);
		break;
	case 5:
		shutdown(*fd, dice >> 8 & 1 ? SHUT_RDWR : SHUT_WR);
		break;
	case 6:
		ask_code(*fd, EINVAL, WSP_CODE_CONNECT);
		break;
	case 7:
		/* In place, under the others' feet. */
		fresh = wsp_socket(c->type, c->row);
		if (fresh >= 0) {
			dup2(fresh, *fd);
			close(fresh);
		}
	}
}

static void *chaos(void *arg)
{
	struct chaos c = *(struct chaos *)arg;
	int i;

	c.seed += (unsigned int)gettid();
	for (i = 0; i < c.things; i++)
		do_something(&c, (unsigned int)rand_r(&c.seed));
	return NULL;
}

static void run_chaos(struct __test_metadata *_metadata, struct chaos *c)
{
	pthread_t threads[THREADS];
	int i;

	/* A blocking connect to the silent peer would wait for long. */
	for (i = 0; i < 4; i++) {
		c->fds[i] = wsp_socket(c->type, c->row);
		ASSERT_GE(c->fds[i], 0);
		set_timeo(c->fds[i], SO_SNDTIMEO, 1);
	}
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, chaos, c));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	for (i = 0; i < 4; i++)
		close(c->fds[i]);
}

/*
 * The end of the stack's own connect, held up by a BPF program until another
 * thread has done something there, or for some milliseconds.
 */
struct held {
	__u32 inside;	/* set by the program */
	__u32 go_on;	/* by the thread */
	__u32 in_time;	/* whether the program has seen that */
};

#define MEMBER(name)	(int16_t)offsetof(struct held, name)

static int hold_program(int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_6,
		  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map }, {},
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_6,
		  .off = MEMBER(inside), .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_7 },
		/* Up to 4,000 times, which the verifier goes along with: */
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_6, .off = MEMBER(go_on) },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_1, .off = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_7,
		  .imm = 1 },
		{ .code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = BPF_REG_7,
		  .off = -5, .imm = 4000 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_6,
		  .src_reg = BPF_REG_1, .off = MEMBER(in_time) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_KPROBE, 0, code, ARRAY_SIZE(code));
}

static int map_new(struct held **held)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .map_flags = BPF_F_MMAPABLE,
		.key_size = 4, .value_size = sizeof(**held), .max_entries = 1,
	};
	int map = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	*held = mmap(NULL, sizeof(**held), PROT_READ | PROT_WRITE, MAP_SHARED,
		     map, 0);
	return *held == MAP_FAILED ? -1 : map;
}

/* At each return of the kernel's @function. */
static int probe_return(const char *function, int program)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = read_number("/sys/bus/event_source/devices/kprobe/type"),
		.config = 1,
		.kprobe_func = (uintptr_t)function,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1,
			 PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0 && (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) ||
			ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What UDP connects by: a function of its own since Linux 6.13. */
static int probe_connect(int family, int program)
{
	const bool v6 = family == AF_INET6;
	int fd = probe_return(v6 ? "udpv6_connect" : "udp_connect", program);

	return fd >= 0 ? fd : probe_return(v6 ? "ip6_datagram_connect" :
					   "ip4_datagram_connect", program);
}

struct beginner {
	struct held *held;
	int fd;
	union name to;
};

static void *begin_inside(void *arg)
{
	const struct beginner *b = arg;
	long end = now_ms() + DEADLINE_MS;

	while (!__atomic_load_n(&b->held->inside, __ATOMIC_ACQUIRE)) {
		if (now_ms() > end)
			return NULL;
	}
	sendto(b->fd, "begun, ", 7, MSG_MORE, &b->to.sa, name_len(&b->to));
	__atomic_store_n(&b->held->go_on, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* A datagram for another than the peer keeps its name. */
TEST_F_TIMEOUT(threads, D_08_datagram_begun_while_a_connect_fails, 120)
{
	const union name nowhere = name_host(self->family, UNREACHABLE, 9);
	int peer = receiver(THERE, self->family, PEER_A), map, program, probe;
	int other = receiver(THERE, self->family, PEER_A);
	long end = now_ms() + 6 * DEADLINE_MS;	/* real-time kernels are seldom in time */
	union name name = local_name(peer);
	struct beginner b;
	pthread_t thread;
	bool in_time;

	map = map_new(&b.held);
	program = hold_program(map);
	if (map < 0 || program < 0)
		SKIP(return, "D-08: the kernel has no BPF programs for kprobes");
	b.fd = wsp_socket(SOCK_DGRAM, self->row);
	b.to = local_name(other);
	do {
		ASSERT_GT(end, now_ms());
		ASSERT_EQ(0, connect(b.fd, &name.sa, name_len(&name)));
		*b.held = (struct held){ };
		probe = probe_connect(self->family, program);
		if (probe < 0)
			SKIP(return, "D-08: the kernel has no kprobes");
		ASSERT_EQ(0, pthread_create(&thread, NULL, begin_inside, &b));
		EXPECT_EQ(-1, connect(b.fd, &nowhere.sa, name_len(&nowhere)));
		EXPECT_EQ(ENETUNREACH, errno);
		close(probe);
		in_time = b.held->in_time;
		ASSERT_EQ(0, pthread_join(thread, NULL));
		ASSERT_EQ(9, send(b.fd, "and ended", 9, 0));
		EXPECT_TRUE(got(other, "begun, and ended", NULL) || !in_time);
	} while (!in_time);
	EXPECT_FALSE(readable_now(peer));
	close(map);
	close(program);
	close(b.fd);
	close(peer);
	close(other);
}

TEST_F_TIMEOUT(threads, C_11_chaos_on_streams, TIMEOUT)
{
	union name any = name_of(self->family, "0.0.0.0", "::", 0);
	struct row row = { self->family, true, self->row->surface };
	struct chaos c = {
		.row = &row, .things = rounds() * THINGS, .type = SOCK_STREAM, .seed = 1,
		.names = { &self->live, &self->dead, &self->silent, &any },
	};

	run_chaos(_metadata, &c);
	drain(self->lfd);
}

TEST_F_TIMEOUT(threads, D_13_chaos_on_datagram_sockets, TIMEOUT)
{
	union name any = name_of(self->family, "0.0.0.0", "::", 0);
	union name a = name_host(self->family, PEER_A, 9);
	union name b = name_host(self->family, PEER_B, 9);
	union name nowhere = name_host(self->family, UNREACHABLE, 9);
	struct chaos c = {
		.row = self->row, .things = rounds() * THINGS, .type = SOCK_DGRAM, .seed = 2,
		.names = { &a, &b, &nowhere, &any },
	};

	run_chaos(_metadata, &c);
}

static int run_rounds(int argc, char **argv)
{
	if (rounds() > 0)
		return test_harness_run(argc, argv);
	printf("Bail out! WSP_ROUNDS is '%s'; give the rounds of each test, at least %d\n",
	       getenv("WSP_ROUNDS"), ALL);
	return KSFT_FAIL;
}

int main(int argc, char **argv)
{
	return test_main(argc, argv, run_rounds);
}
