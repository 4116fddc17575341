// SPDX-License-Identifier: GPL-2.0
/* Several threads on one socket: C-11, and whatever else they may do to it. */
#include <glob.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

#define THREADS	8
#define ROUNDS	1600	/* of each test, unless WSP_ROUNDS says otherwise */
#define ALL	8	/* rows, which share them */
#define LEFT	64	/* objects that others may have come to use meanwhile */
#define THINGS	8	/* that a thread does in one round of chaos */
#define TIMEOUT	3600	/* for 10,000 rounds under emulation */

/* The rounds of one row. */
static int rounds(void)
{
	const char *text = getenv("WSP_ROUNDS");

	return (text ? atoi(text) : ROUNDS) / ALL;
}

/* What the kernel holds for sockets, and what it thinks of itself. */

static const char * const caches[] = {
	"TCP", "TCPv6", "UDP", "UDPv6", "sock_inode_cache", "filp",
	"request_sock_TCP", "request_sock_TCPv6", "tw_sock_TCP",
	"tw_sock_TCPv6", "ip_dst_cache", "ip6_dst_cache",
};

struct kernel {
	long objects[ARRAY_SIZE(caches)];
	long taint;
};

static long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* The objects in use of a slab cache; -1 where the kernel does not tell. */
static long count_objects(const char *cache)
{
	char path[128];

	/* Until then, free ones that a processor keeps for itself count too. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	return read_number(path);
}

static struct kernel look_at_kernel(void)
{
	struct kernel k = { .taint = read_number("/proc/sys/kernel/tainted") };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		k.objects[i] = count_objects(caches[i]);
	return k;
}

/* How many more objects there are than before. */
static long growth(const struct kernel *before, size_t cache)
{
	return count_objects(caches[cache]) - before->objects[cache];
}

static bool stuck(const char *stat)
{
	FILE *f = fopen(stat, "r");
	char line[512] = "", *state;

	if (f && !fgets(line, sizeof(line), f))
		line[0] = 0;
	if (f)
		fclose(f);
	state = strrchr(line, ')');
	return state && state[1] && state[2] == 'D';
}

static int count_stuck_tasks(void)
{
	glob_t found = {};
	size_t i;
	int n = 0;

	glob("/proc/[0-9]*/task/*/stat", 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++)
		n += stuck(found.gl_pathv[i]);
	globfree(&found);
	return n;
}

/* RCU, timers and the peers' goodbyes have until the deadline. */
static void expect_clean_kernel(struct __test_metadata *_metadata,
				const struct kernel *before)
{
	long end = now_ms() + 2 * DEADLINE_MS, more;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		while ((more = growth(before, i)) > LEFT && now_ms() < end)
			usleep(100000);
		EXPECT_LE(more, LEFT)
			TH_LOG("of %s", caches[i]);
		if (getenv("WSP_ROUNDS"))
			TH_LOG("%s: %+ld objects", caches[i], more);
	}
	while (count_stuck_tasks() && now_ms() < end)
		usleep(100000);
	EXPECT_EQ(0, count_stuck_tasks());
	EXPECT_EQ(before->taint, read_number("/proc/sys/kernel/tainted"));
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
		const struct timeval tv = { .tv_usec = 1000 };

		c->fds[i] = wsp_socket(c->type, c->row);
		ASSERT_GE(c->fds[i], 0);
		setsockopt(c->fds[i], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	}
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, chaos, c));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	for (i = 0; i < 4; i++)
		close(c->fds[i]);
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
