// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions of an operation are the module's own, rather than the kernel's
 * or the program's. It is counted from outside: selftests/bench/run has QEMU write down
 * what is executed of the module, and of a page that has nothing but three places to be
 * passed: before an operation, after it, and after a benchmark, of which this prints
 *
 *	own GROUP NAME FAMILY OPERATIONS BOUND HELD WHY
 */
#include <sys/mman.h>

#include "bench.h"

#define OPS	10

#define PLACES	((unsigned char *)0x10000000)	/* known to selftests/bench/run */
#define BEGIN	0
#define END	1
#define NEXT	2

#define RET	0xc3	/* the instruction */

static void make_places(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	void *at = mmap(PLACES, NEXT + 1, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0);

	must(true, at == PLACES);
	memset(PLACES, RET, NEXT + 1);
}

static void pass(int place)
{
	((void (*)(void))(PLACES + place))();
}

static void run(const struct bench *b, struct side *s)
{
	int i;

	/* The first ones meet caches that are cold. */
	for (i = -OPS; i < OPS; i++) {
		if (b->before)
			b->before(s);
		if (i >= 0)
			pass(BEGIN);
		b->op(s);
		if (i >= 0)
			pass(END);
		if (b->after)
			b->after(s);
	}
}

static void own_bench(const struct bench *b)
{
	static const int families[] = { INET, WSP };
	struct side side;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		set_up(b, &side, families[i]);
		run(b, &side);
		close_range(3, ~0U, 0);
		printf("own\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", b->group, b->name,
		       family_names[families[i]], OPS, b->own.bound, b->own.held ?: "",
		       b->own.why ?: "");
		fflush(stdout);
		pass(NEXT);
	}
}

void bench_own(void)
{
	static const struct bench *const tables[] = {
		create_benches, connect_benches, data_benches, dgram_benches, event_benches,
	};
	const struct bench *b;
	size_t i;

	make_places();
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (b = tables[i]; b->group; b++)
			if (b->own.bound)
				own_bench(b);
}
