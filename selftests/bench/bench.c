// SPDX-License-Identifier: GPL-2.0
/*
 * bench [-q] [GROUP]... - run the benchmarks, all groups or the given ones, and
 * print a line for each result, its fields separated by tabs:
 *
 *	result UNIT GROUP NAME FAMILY LEAST MEDIAN MOST BOUND HELD WHY
 *
 * -q, quick: fewer batches, IPv4 alone, no other families. The groups "cpus" and "own"
 * are only run alone.
 */
#include <linux/membarrier.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "bench.h"

const char * const family_names[FAMILIES] = {
	"AF_INET", "AF_INET6", "AF_WSP", "AF_WSP/IPv6", "MPTCP", "SMC",
};

bool quick;

#define MAX_ROUNDS	5
#define QUICK_ROUNDS	3

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void report(const char *unit, const char *group, const char *name, int family,
	    double *values, int count, const struct limit *limit)
{
	qsort(values, count, sizeof(*values), compare);
	printf("result\t%s\t%s\t%s\t%s\t%.1f\t%.1f\t%.1f\t%s\t%s\t%s\n",
	       unit, group, name, family_names[family],
	       values[0], values[count / 2], values[count - 1],
	       limit->bound ?: "", limit->held ?: "", limit->why ?: "");
	fflush(stdout);
}

/* What others have left for RCU to do does not fall to the next batch. */
static void settle(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	usleep(20000);
}

/* With -icount it counts instructions. */
static unsigned long long counter(void)
{
#ifdef __x86_64__
	return __rdtsc();
#else
	unsigned long long count;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (count) : : "memory");
	return count;
#endif
}

/* Instructions for so many operations. */
static unsigned long long run_ops(const struct bench *b, struct side *s, int ops)
{
	unsigned long long start, spent = 0;
	int i;

	if (!b->before) {
		start = counter();
		for (i = 0; i < ops; i++)
			b->op(s);
		return counter() - start;
	}
	for (i = 0; i < ops; i++) {
		b->before(s);
		start = counter();
		b->op(s);
		spent += counter() - start;
		if (b->after)
			b->after(s);
	}
	return spent;
}

/* One batch, in the midst of more of the same: instructions per operation. */
double measure(const struct bench *b, struct side *s)
{
	settle();
	run_ops(b, s, b->ops / 2 + 1);
	return (double)run_ops(b, s, b->ops) / b->ops;
}

void set_up(const struct bench *b, struct side *s, int family)
{
	*s = (struct side) {
		.family = family,
		.v6 = family == INET6 || family == WSP6,
		.arg = b->arg,
	};
	s->lib = b->lib && is_wsp(s);
	if (b->setup)
		b->setup(s);
}

/*
 * The families take turns, so that a drift is the same for all, and with new
 * sockets each time: a socket's luck with memory, which it asks for by pages,
 * stays with it.
 */
static void run_bench(const struct bench *b)
{
	const unsigned int families = quick ? b->families & IPV4 : b->families;
	double values[FAMILIES][MAX_ROUNDS];
	const int rounds = quick ? QUICK_ROUNDS : MAX_ROUNDS;
	struct side side;
	int f, i, round;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < FAMILIES; i++) {
			f = (i + round) % FAMILIES;
			if (!(families & F(f)))
				continue;
			set_up(b, &side, f);
			values[f][round] = measure(b, &side);
			close_range(3, ~0U, 0);
		}
	}
	for (f = 0; f < FAMILIES; f++)
		if (families & F(f))
			report("instructions", b->group, b->name, f, values[f], rounds,
			       &b->limit);
}

/* Connections that a benchmark has left take a minute to go, of guest time. */
static void wait_for_time_wait(void)
{
	char line[128];
	int n = 1;
	FILE *f;

	while (n) {
		usleep(1000000);
		n = 0;
		f = fopen("/proc/net/sockstat", "r");
		while (f && fgets(line, sizeof(line), f))
			sscanf(line, "TCP: inuse %*d orphan %*d tw %d", &n);
		if (f)
			fclose(f);
	}
}

/* In a process of its own, which takes its sockets with it. */
static void run_apart(void (*function)(void), const struct bench *b)
{
	pid_t pid = fork();
	int ws;

	if (!pid) {
		if (b)
			run_bench(b);
		else
			function();
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &ws, 0) != pid || ws)
		exit(1);
	wait_for_time_wait();
}

static bool wanted(const char *group, char **groups)
{
	if (!*groups)
		return true;
	for (; *groups; groups++)
		if (!strcmp(*groups, group))
			return true;
	return false;
}

static void run_table(const struct bench *b, char **groups)
{
	for (; b->group; b++)
		if (wanted(b->group, groups))
			run_apart(NULL, b);
}

static void set_limits(void)
{
	const struct rlimit files = { 250000, 250000 };

	if (setrlimit(RLIMIT_NOFILE, &files))
		die("cannot have %lu files: %s", (unsigned long)files.rlim_cur,
		    strerror(errno));
	mlockall(MCL_CURRENT | MCL_FUTURE);
}

int main(int argc, char **argv)
{
	quick = argc > 1 && !strcmp(argv[1], "-q");
	argv += 1 + quick;
	set_limits();
	if (*argv && !strcmp(*argv, "cpus")) {
		bench_cpus();
		return 0;
	}
	if (*argv && !strcmp(*argv, "own")) {
		bench_own();
		return 0;
	}
	run_table(create_benches, argv);
	run_table(connect_benches, argv);
	run_table(data_benches, argv);
	run_table(dgram_benches, argv);
	run_table(event_benches, argv);
	run_table(overlapped_benches, argv);
	if (wanted("memory", argv))
		run_apart(bench_memory, NULL);
	if (wanted("growth", argv))
		run_apart(bench_growth, NULL);
	if (wanted("select", argv))
		run_apart(bench_select, NULL);
	return 0;
}
