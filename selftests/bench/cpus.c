// SPDX-License-Identifier: GPL-2.0
/* Connections by one thread and by two, each on a processor of its own. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "bench.h"

#define SLICES	9
#define SLICE	0.4	/* seconds */

static _Atomic bool stop;

struct worker {
	pthread_t thread;
	struct side side;
	int cpu;
	long done;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void *work(void *arg)
{
	const int none[2] = { 1, 0 };
	struct worker *w = arg;
	struct side *s = &w->side;
	cpu_set_t set;
	int fd, peer;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	must(0, pthread_setaffinity_np(pthread_self(), sizeof(set), &set));
	for (w->done = 0; !atomic_load(&stop); w->done++) {
		fd = open_socket(s, SOCK_STREAM);
		must(0, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
		peer = accept(s->lfd, NULL, NULL);
		/* Reset, or there would be no ports left. */
		must(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, none, sizeof(none)));
		must(0, close(fd));
		must(0, close(peer));
	}
	return NULL;
}

/* Connections in a second. */
static double rate(struct worker *workers, int count)
{
	double start = now(), done = 0;
	int i;

	atomic_store(&stop, false);
	for (i = 0; i < count; i++)
		must(0, pthread_create(&workers[i].thread, NULL, work, &workers[i]));
	usleep(SLICE * 1e6);
	atomic_store(&stop, true);
	for (i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		done += workers[i].done;
	}
	return done / (now() - start);
}

void bench_cpus(void)
{
	static const int families[] = { INET, WSP };
	static const char * const names[] = {
		"connect, accept, close by 1 thread",
		"connect, accept, close by 2 threads",
	};
	double rates[2][2][SLICES];
	struct worker workers[2][2] = { 0 };
	int f, n, i;

	for (f = 0; f < 2; f++) {
		for (n = 0; n < 2; n++) {
			workers[f][n].side.family = families[f];
			workers[f][n].cpu = n;
			set_up_listener(&workers[f][n].side);
		}
	}
	for (i = 0; i < SLICES; i++)
		for (n = 0; n < 2; n++)
			for (f = 0; f < 2; f++)
				rates[f][n][i] = rate(workers[f], n + 1);
	for (n = 0; n < 2; n++)
		for (f = 0; f < 2; f++)
			report("per second", "cpus", names[n], families[f],
			       rates[f][n], SLICES, &(struct limit) { 0 });
}
