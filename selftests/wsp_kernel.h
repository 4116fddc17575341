/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel holds for sockets, and what it thinks of itself: the same
 * after a test as before it.
 */
#ifndef WSP_KERNEL_H
#define WSP_KERNEL_H

#include <glob.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

/* Objects that others may have come to use meanwhile; of small ones a slab has more. */
#define LEFT	(sizeof(long) == 8 ? 64 : 96)

static const char * const caches[] = {
	"TCP", "TCPv6", "UDP", "UDPv6", "sock_inode_cache", "filp",
	"request_sock_TCP", "request_sock_TCPv6", "tw_sock_TCP",
	"tw_sock_TCPv6", "ip_dst_cache", "ip6_dst_cache",
	"kmalloc-cg-64",	/* the ties of sockets to events */
	"kmalloc-cg-16",	/* and what they share */
};

struct kernel {
	long objects[ARRAY_SIZE(caches)];
	long taint;
};

/* The objects in use of a slab cache; -1 where the kernel does not tell. */
static inline long count_objects(const char *cache)
{
	char path[128];

	/* Until then, free ones that a processor keeps for itself count too. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	return read_number(path);
}

static inline struct kernel look_at_kernel(void)
{
	struct kernel k = { .taint = read_number("/proc/sys/kernel/tainted") };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		k.objects[i] = count_objects(caches[i]);
	return k;
}

/* How many more objects there are than before. */
static inline long growth(const struct kernel *before, size_t cache)
{
	return count_objects(caches[cache]) - before->objects[cache];
}

static inline bool stuck(const char *stat)
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

static inline int count_stuck_tasks(void)
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
static inline void expect_clean_kernel(struct __test_metadata *_metadata,
				       const struct kernel *before)
{
	long end = now_ms() + 2 * DEADLINE_MS, more;
	int stuck_tasks;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		while ((more = growth(before, i)) > LEFT && now_ms() < end)
			usleep(100000);
		EXPECT_LE(more, LEFT)
			TH_LOG("of %s", caches[i]);
		if (getenv("WSP_ROUNDS"))
			TH_LOG("%s: %+ld objects", caches[i], more);
	}
	while ((stuck_tasks = count_stuck_tasks()) && now_ms() < end)
		usleep(100000);
	EXPECT_EQ(0, stuck_tasks);
	EXPECT_EQ(before->taint, read_number("/proc/sys/kernel/tainted"));
}

/* The module ------------------------------------------------------------- */

/* How many sockets hold it; -1 where it is not loaded. */
static inline int references(void)
{
	return read_number("/sys/module/wspfam/refcnt");
}

static inline bool is_loaded(void)
{
	return !access("/sys/module/wspfam", F_OK);
}

static inline bool nothing_is_left(void)
{
	return !is_loaded() && access("/proc/sys/net/wsp", F_OK) &&
	       !file_says("/proc/modules", "wspfam");
}

static inline bool wait_references(int want)
{
	long end = now_ms() + DEADLINE_MS;

	while (references() != want && now_ms() < end)
		usleep(1000);
	return references() == want;
}

/* 0, or a negative errno. */
static inline int remove_module(void)
{
	return syscall(SYS_delete_module, "wspfam", O_NONBLOCK) ? -errno : 0;
}

/* @ko: a descriptor of wspfam.ko. */
static inline int insert_module(int ko)
{
	return syscall(SYS_finit_module, ko, "", 0) ? -errno : 0;
}

#endif /* WSP_KERNEL_H */
