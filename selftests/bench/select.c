// SPDX-License-Identifier: GPL-2.0
/*
 * WSPSelect, and poll(2) on as many sockets of AF_INET, which costs the same as on
 * those of AF_WSP: it goes by their native functions.
 */
#include "bench.h"

#define MOST		10000
#define HIGH		100000	/* where high numbers begin */
#define ROUNDS		5

enum { READ = 1, WRITE = 2, EXCEPT = 4, EVERY = READ | WRITE | EXCEPT };

/* A WSPFDSET with more places. */
struct set {
	unsigned int count;
	SOCKET s[MOST];
};

/**
 * struct many - the sockets of a family, and what is done with them
 * @one: the family
 * @connected, @idle: sockets, by their low numbers and by high ones
 * @fds, @all, @sets: those of the operation
 * @count: of them
 * @wanted: READ and so on
 * @ready: how many of them are
 * @wait: not to look only
 */
struct many {
	struct side one;
	int connected[2][MOST], idle[2][MOST];
	struct pollfd fds[MOST];
	struct set all, sets[3];
	int count, wanted, ready;
	long wait;
};

static struct many sides[2];

/* The operation knows its side alone. */
static struct many *many_of(const struct side *s)
{
	return &sides[is_wsp(s)];
}

static int high(int fd)
{
	int other = fcntl(fd, F_DUPFD, HIGH);

	must(true, other >= HIGH);
	return other;
}

static void set_up_many(struct many *m, int family, int count)
{
	int i;

	m->one.family = family;
	m->one.lib = family == WSP;
	set_up_listener(&m->one);
	for (i = 0; i < count; i += 2)
		connect_pair(&m->one, &m->connected[0][i], &m->connected[0][i + 1]);
	for (i = 0; i < count; i++) {
		m->idle[0][i] = open_socket(&m->one, SOCK_STREAM);
		m->connected[1][i] = high(m->connected[0][i]);
		m->idle[1][i] = high(m->idle[0][i]);
	}
}

static void restore(struct side *s)
{
	struct many *m = many_of(s);
	int i;

	for (i = 0; s->lib && i < 3; i++) {
		m->sets[i].count = m->wanted & 1 << i ? m->count : 0;
		memcpy(m->sets[i].s, m->all.s, m->sets[i].count * sizeof(SOCKET));
	}
}

static void look(struct side *s)
{
	struct many *m = many_of(s);
	const struct timespec ts = { 0, m->wait };
	const struct timeval tv = { 0, m->wait / 1000 };
	struct set *sets = m->sets;
	int error;

	if (s->lib)
		must(m->ready, WSPSelect(0, (LPWSPFDSET)sets, (LPWSPFDSET)(sets + 1),
					 (LPWSPFDSET)(sets + 2), &tv, &error));
	else
		must(m->ready, ppoll(m->fds, m->count, &ts, NULL));
}

/**
 * struct row - what is measured
 * @name: what it is called in the results
 * @wanted: READ and so on
 * @idle: per cent of never-connected streams
 * @high: by high numbers
 * @wait: for so many nanoseconds, for each of them
 * @last: there is something to read from the last of them
 */
struct row {
	const char *name;
	int wanted, idle;
	bool high;
	long wait;
	bool last;
};

#define LOOK(what, ...)							\
	{ .name = what, .idle = 0, __VA_ARGS__ },			\
	{ .name = what, .idle = 50, __VA_ARGS__ },			\
	{ .name = what, .idle = 100, __VA_ARGS__ }

static const struct row rows[] = {
	LOOK("to read", .wanted = READ),
	LOOK("to read, high numbers", .wanted = READ, .high = true),
	LOOK("all sets", .wanted = EVERY),
	LOOK("all sets, high numbers", .wanted = EVERY, .high = true),
	{ "may wait, last is ready", READ, 0, false, 90000, true },
	{ "may wait, last is ready", READ, 50, false, 90000, true },
	{ "may wait, last is ready", READ, 99, false, 90000, true },
	{ "waits in vain", READ, 0, false, 100, false },
};

/* The sockets of @row, evenly mixed. */
static void choose(struct many *m, const struct row *row, int count)
{
	int i, fd, left = 0, connected = 0;

	for (i = 0; i < count; i++) {
		left += 100 - row->idle;
		fd = m->idle[row->high][i];
		if (left >= 100) {
			left -= 100;
			fd = m->connected[row->high][i];
			connected++;
		}
		m->all.s[i] = fd;
		m->fds[i] = (struct pollfd) {
			.fd = fd,
			.events = (row->wanted & READ ? POLLIN : 0) |
				  (row->wanted & WRITE ? POLLOUT : 0) |
				  (row->wanted & EXCEPT ? POLLPRI : 0),
		};
	}
	m->count = count;
	m->wanted = row->wanted;
	m->wait = row->wait * count;
	/* To poll(2) all those that were never connected are hung up. */
	m->ready = row->wanted & WRITE ? connected : 0;
	if (!m->one.lib)
		m->ready += count - connected;
	if (row->last) {
		must(1, send(m->connected[0][(count - 1) ^ 1], "", 1, 0));
		m->ready++;
	}
}

static void unchoose(struct many *m, const struct row *row, int count)
{
	char byte;

	if (row->last)
		must(1, recv(m->connected[0][count - 1], &byte, 1, 0));
}

static void measure_row(const struct row *row, int count)
{
	const struct limit limit = BOUND("1.50");
	const struct bench b = {
		.ops = 20000 / count, .before = restore, .op = look,
	};
	double values[2][ROUNDS];
	char name[96];
	int f, i;

	for (f = 0; f < 2; f++)
		choose(&sides[f], row, count);
	for (i = 0; i < ROUNDS; i++)
		for (f = 0; f < 2; f++)
			values[f][i] = measure(&b, &sides[f].one);
	for (f = 0; f < 2; f++)
		unchoose(&sides[f], row, count);
	snprintf(name, sizeof(name), "%d, %d %% never connected, %s", count,
		 row->idle, row->name);
	report("instructions", "select", name, INET, values[0], ROUNDS, &limit);
	report("instructions", "select", name, WSP, values[1], ROUNDS, &limit);
}

void bench_select(void)
{
	static const int counts[] = { 1000, MOST };
	const int sizes = quick ? 1 : ARRAY_SIZE(counts);
	unsigned int j;
	int i;

	set_up_many(&sides[0], INET, counts[sizes - 1]);
	set_up_many(&sides[1], WSP, counts[sizes - 1]);
	for (i = 0; i < sizes; i++)
		for (j = 0; j < ARRAY_SIZE(rows); j++)
			measure_row(&rows[j], counts[i]);
}
