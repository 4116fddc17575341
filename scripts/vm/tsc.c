// SPDX-License-Identifier: GPL-2.0
/*
 * Print the frequency of this machine's time stamp counter in kHz. Emulation
 * hands that counter to the guest, whose own measuring goes wrong (by factors)
 * when the host is busy, and with it all of the guest's time.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A moment on both clocks: of many tries the one least disturbed. */
static void moment(double *when, unsigned long long *count)
{
	double before, after, best = 1;
	unsigned long long tsc;
	int i;

	for (i = 0; i < 1000; i++) {
		before = now();
		tsc = __rdtsc();
		after = now();
		if (after - before >= best)
			continue;
		best = after - before;
		*when = (before + after) / 2;
		*count = tsc;
	}
}

int main(void)
{
	unsigned long long c0 = 0, c1 = 0;
	double t0 = 0, t1 = 0, end = now() + 0.1;

	moment(&t0, &c0);
	while (now() < end)
		;
	moment(&t1, &c1);
	printf("%.0f\n", (c1 - c0) / (t1 - t0) / 1000);
	return 0;
}
