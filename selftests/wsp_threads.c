// SPDX-License-Identifier: GPL-2.0
/* Several threads on one socket: C-11, and whatever else they may do to it. */
#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

#define THREADS	8
#define ROUNDS	1600	/* of each test, unless WSP_ROUNDS says otherwise */
#define ALL	8	/* rows, which share them */
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
