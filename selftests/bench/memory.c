// SPDX-License-Identifier: GPL-2.0
/* Kernel memory that a socket takes: objects of the slab caches, by their size. */
#include "bench.h"

#define COUNT	1000
#define CACHES	512

struct cache {
	char name[64];
	long objects, size;
};

static int read_caches(struct cache *caches)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[512];
	int n = 0;

	while (f && n < CACHES && fgets(line, sizeof(line), f))
		n += sscanf(line, "%63s %ld %*d %ld", caches[n].name,
			    &caches[n].objects, &caches[n].size) == 3;
	if (!n)
		die("cannot read /proc/slabinfo");
	fclose(f);
	return n;
}

/* Gives back what each processor holds free, which counts as taken. */
static void shrink_caches(const struct cache *caches, int n)
{
	char path[128];
	int i, fd;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 caches[i].name);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			continue;	/* one that has no room of its own */
		must(1, write(fd, "1", 1));
		close(fd);
	}
}

static int count_objects(struct cache *caches)
{
	int n = read_caches(caches);

	usleep(500000);
	shrink_caches(caches, n);
	return read_caches(caches);
}

static double difference(const struct cache *before, const struct cache *after,
			 int n)
{
	double bytes = 0;
	long objects;
	int i;

	for (i = 0; i < n; i++) {
		/*
		 * Whole objects for each socket: the rest is the kernel's own, such
		 * as a slab that a processor holds, which counts as full: 512
		 * objects of 8 bytes.
		 */
		objects = after[i].objects - before[i].objects;
		objects = (objects + (objects < 0 ? -COUNT : COUNT) / 4) / COUNT;
		bytes += objects * after[i].size;
		if (objects && getenv("WSP_BENCH_CACHES"))
			printf("# %ld %s of %ld\n", objects, after[i].name,
			       after[i].size);
	}
	return bytes;
}

static void idle_stream(struct side *s, int *fds)
{
	fds[0] = open_socket(s, SOCK_STREAM);
}

static void idle_datagram(struct side *s, int *fds)
{
	fds[0] = open_socket(s, SOCK_DGRAM);
}

static void connected_stream(struct side *s, int *fds)
{
	fds[0] = open_socket(s, SOCK_STREAM);
	must(0, connect(fds[0], &s->name[0].sa, name_len(&s->name[0])));
	fds[1] = accept(s->lfd, NULL, NULL);
	must(true, fds[1] >= 0);
}

static void connected_datagram(struct side *s, int *fds)
{
	fds[0] = open_socket(s, SOCK_DGRAM);
	must(0, connect(fds[0], &s->name[1].sa, name_len(&s->name[1])));
}

/* What epoll takes is no less, but not all of it is of slabs. */
static void event_bound(struct side *s, int *fds)
{
	int error;

	fds[0] = open_socket(s, SOCK_STREAM);
	if (is_wsp(s))
		must(0, WSPEventSelect(fds[0], s->event, FD_CONNECT, &error));
}

static double take(struct side *s, void (*open_it)(struct side *s, int *fds))
{
	static struct cache before[CACHES], after[CACHES];
	static int fds[COUNT][2];
	double bytes;
	int i, n;

	open_it(s, fds[0]);	/* caches that are made by the first one */
	close(fds[0][0]);
	if (fds[0][1])
		close(fds[0][1]);
	count_objects(before);
	for (i = 0; i < COUNT; i++)
		open_it(s, fds[i]);
	n = count_objects(after);
	bytes = difference(before, after, n);
	for (i = 0; i < COUNT; i++) {
		close(fds[i][0]);
		if (fds[i][1])
			close(fds[i][1]);
	}
	memset(fds, 0, sizeof(fds));
	return bytes;
}

static const struct {
	const char *name;
	struct limit limit;
	unsigned int families;
	void (*open_it)(struct side *s, int *fds);
} states[] = {
	{ "idle stream", BOUND("+0"), STREAMS, idle_stream },
	{ "connected stream, both ends", BOUND("+0"), STREAMS, connected_stream },
	{ "idle datagram", BOUND("+0"), BOTH, idle_datagram },
	{ "connected datagram", BOUND("+0"), BOTH, connected_datagram },
	{ "idle stream, tied to an event; without one", BOUND("+192"), BOTH, event_bound },
};

static void set_up_side(struct side *s, int family)
{
	const int none[2] = { 1, 0 };

	s->family = family;
	s->v6 = family == INET6 || family == WSP6;
	set_up_listener(s);
	if (F(family) & BOTH)
		bound_socket(s, SOCK_DGRAM, &s->name[1]);
	s->event = WSACreateEvent();
	/* Nothing is left of a connection that is closed. */
	must(0, setsockopt(s->lfd, SOL_SOCKET, SO_LINGER, none, sizeof(none)));
}

void bench_memory(void)
{
	struct side sides[FAMILIES] = { 0 };
	double bytes;
	unsigned int i;
	int f;

	for (f = 0; f < FAMILIES; f++)
		if (!quick || F(f) & IPV4)
			set_up_side(&sides[f], f);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		for (f = 0; f < FAMILIES; f++) {
			if (!(states[i].families & F(f)) ||
			    (quick && !(F(f) & IPV4)))
				continue;
			bytes = take(&sides[f], states[i].open_it);
			report("bytes", "memory", states[i].name, f, &bytes, 1,
			       &states[i].limit);
		}
	}
}
