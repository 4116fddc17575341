// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's coverage of both threads, for libFuzzer: it takes the counters
 * of this section for those of instrumented code.
 */
#include <linux/kcov.h>

#include "fuzz.h"

#define COUNTERS	32768
#define ENTRIES		65536

static __u8 counters[COUNTERS]
	__attribute__((section("__libfuzzer_extra_counters")));

static struct {
	unsigned long *area;
} threads[2];

static void count(unsigned int hash)
{
	__u8 *c = &counters[hash % COUNTERS];

	if (*c < 255)
		(*c)++;
}

static unsigned int mix(unsigned long n)
{
	n *= 0x9e3779b97f4a7c15;
	return n >> 40;
}

/* To be called by each thread of itself. */
void kcov_thread(int which)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	unsigned long *area;

	if (fd < 0)
		return;
	if (ioctl(fd, KCOV_INIT_TRACE, ENTRIES)) {
		close(fd);
		return;
	}
	area = mmap(NULL, ENTRIES * sizeof(*area), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (area == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		perror("wsp_fuzz: kcov");
		exit(1);
	}
	threads[which].area = area;
}

void kcov_begin(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (threads[i].area)
			__atomic_store_n(threads[i].area, 0, __ATOMIC_RELAXED);
	}
}

/* An edge is a pair of places, one after the other. */
void kcov_end(void)
{
	unsigned long n, k, prev = 0;
	int i;

	for (i = 0; i < 2; i++) {
		if (!threads[i].area)
			continue;
		n = __atomic_load_n(threads[i].area, __ATOMIC_RELAXED);
		for (k = 1; k <= n && k < ENTRIES; k++) {
			count(mix(threads[i].area[k] ^ prev << 1));
			prev = threads[i].area[k];
		}
	}
}

/* What the code alone does not tell: which answer, in which state. */
void feature(unsigned int a, unsigned int b, unsigned int c)
{
	count(mix(((unsigned long)a << 40) + ((unsigned long)b << 20) + c + 1));
}
