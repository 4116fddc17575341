// SPDX-License-Identifier: GPL-2.0
/*
 * wsp_fuzz - libFuzzer puts sequences of calls to sockets of the family, led by
 * the kernel's coverage. What is wrong is an answer that the contract does not
 * know (model.c), a complaint of the kernel, something left behind, or a
 * socket of AF_INET that does not work any more.
 *
 * In the guest, as root: wsp_fuzz [libFuzzer's options] CORPUS-DIR...
 * or wsp_fuzz INPUT... WSP_FUZZ_TRACE shows the operations as they are done,
 * WSP_FUZZ_LAST names a file for the input under way.
 */
#include <stdarg.h>
#include <sys/eventfd.h>

#include "fuzz.h"

#define OFTEN	64	/* inputs between two looks at others' sockets */

bool tracing;

static int kmsg = -1, last = -1, refcnt = -1, sockstat = -1;
static long sockets_before, event_id_before;
static unsigned long runs, operations_done;

static void report(void)
{
	fprintf(stderr, "wsp_fuzz: %lu inputs, %lu operations\n", runs,
		operations_done);
}

void violation(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "\nwsp_fuzz: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	report();
	abort();
}

/* What the kernel holds -------------------------------------------------- */

static long read_fd_number(int fd)
{
	char buf[32] = "";

	if (pread(fd, buf, sizeof(buf) - 1, 0) <= 0)
		return -1;
	return atol(buf);
}

/* All of the namespace. */
static long count_sockets(void)
{
	char buf[256] = "";

	if (pread(sockstat, buf, sizeof(buf) - 1, 0) < 0)
		buf[0] = 0;
	return strncmp(buf, "sockets: used ", 14) ? -1 : atol(buf + 14);
}

/* The number of a new eventfd, which is the lowest that nobody holds. */
static long next_event_id(void)
{
	char path[64], buf[512] = "", *p;
	int efd = eventfd(0, EFD_CLOEXEC), fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", efd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = 0;
	close(fd);
	close(efd);
	p = strstr(buf, "eventfd-id:");
	return p ? atol(p + 11) : -1;
}

static void show_sockets(void)
{
	fflush(stderr);
	if (system("ss -natueomi >&2"))
		fprintf(stderr, "wsp_fuzz: ss failed\n");
}

static void expect_back(const char *what, long (*count)(void), long before)
{
	long end = now_ms() + DEADLINE_MS, now;

	while ((now = count()) > before || now < 0) {
		if (now_ms() > end) {
			show_sockets();
			violation("V-08, F-06: %s: %ld before, %ld now", what,
				  before, now);
		}
		usleep(1000);
	}
}

static long module_users(void)
{
	return read_fd_number(refcnt);
}

/* Lines of the kernel's log since the last look. */
static void check_kernel(void)
{
	static const char * const bad[] = {
		"WARNING:", "BUG:", "BUG at", "KASAN", "UBSAN", "refcount_t",
		"INFO: ", "possible ", "inconsistent lock", "suspicious RCU",
		"corruption", "bad unlock", "held lock", "Oops", "general prot",
	};
	char line[1024];
	ssize_t n;
	size_t i;

	while ((n = read(kmsg, line, sizeof(line) - 1)) > 0) {
		line[n] = 0;
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			if (strstr(line, bad[i]))
				violation("the kernel complains: %s", line);
		}
	}
}

/* Written before the input is run: for a kernel that does not survive it. */
static void keep_input(const __u8 *data, size_t size)
{
	if (last < 0)
		return;
	if (pwrite(last, data, size, 0) < 0 || ftruncate(last, size) ||
	    sync_file_range(last, 0, 0, SYNC_FILE_RANGE_WRITE |
			    SYNC_FILE_RANGE_WAIT_AFTER))
		violation("cannot keep the input: %s", strerror(errno));
}

/* libFuzzer's side ------------------------------------------------------- */

static int stay(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *path = getenv("WSP_FUZZ_LAST");

	signal(SIGPIPE, SIG_IGN);
	tracing = getenv("WSP_FUZZ_TRACE");
	if (test_main(*argc, *argv, stay))
		exit(1);
	world_init();
	worker_init();
	clock_init();
	if (path)
		last = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(kmsg, 0, SEEK_END);
	refcnt = open("/sys/module/wspfam/refcnt", O_RDONLY | O_CLOEXEC);
	sockstat = open("/proc/thread-self/net/sockstat", O_RDONLY | O_CLOEXEC);
	world_check_twins();
	sockets_before = count_sockets();
	event_id_before = next_event_id();
	atexit(report);
	watchdog_init();
	watchdog_thread(0);
	kcov_thread(0);
	return 0;
}

/* An input is a row of struct op. */
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct op ops[MAX_OPS];
	size_t count = size / sizeof(ops[0]);

	if (count > MAX_OPS)
		count = MAX_OPS;
	memcpy(ops, data, count * sizeof(ops[0]));
	keep_input(data, size);
	watchdog_begin();
	kcov_begin();
	operations_done += run_ops(ops, count);
	kcov_end();
	check_kernel();
	expect_back("users of the module", module_users, 0);
	expect_back("sockets", count_sockets, sockets_before);
	expect_back("events held", next_event_id, event_id_before);
	watchdog_end();
	if (++runs % OFTEN == 0 || tracing)
		world_check_twins();
	clock_follow();
	return 0;
}
