// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wspctl.h"

#ifndef PRELOAD
#define PRELOAD	"/usr/local/lib/wspctl/wspctl-preload.so"
#endif

/* The object beside this program, in its source tree, or else the installed one. */
static const char *find_preload(char *path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[len > 0 ? len : 0] = 0;
	slash = strrchr(path, '/');
	if (slash) {
		snprintf(slash + 1, size - (slash + 1 - path), "wspctl-preload.so");
		if (!access(path, R_OK))
			return path;
	}
	return access(PRELOAD, R_OK) ? NULL : PRELOAD;
}

static int set_preload(const char *object)
{
	const char *others = getenv("LD_PRELOAD");
	char *list;
	int rc;

	if (!others || !*others)
		return setenv("LD_PRELOAD", object, 1);
	if (strstr(others, object))	/* one wspctl within another */
		return 0;
	if (asprintf(&list, "%s:%s", others, object) < 0)
		return -1;
	rc = setenv("LD_PRELOAD", list, 1);
	free(list);
	return rc;
}

static int run_preloaded(int family, bool strict, const char *path, char **argv)
{
	char object[PATH_MAX], setting[32];
	const char *preload = find_preload(object, sizeof(object));

	if (!preload) {
		warnx("there is no %s; install wspctl again", PRELOAD);
		return RUN_FAILED;
	}
	snprintf(setting, sizeof(setting), "%d%s", family, strict ? ",strict" : "");
	if (setenv("WSPCTL_RUN", setting, 1) || set_preload(preload)) {
		warnx("cannot set the environment: %s", strerror(errno));
		return RUN_FAILED;
	}
	execv(path, argv);
	return 0;
}

static int run_plain(const char *path, char **argv)
{
	execv(path, argv);
	warnx("cannot run %s: %s", path, strerror(errno));
	return errno == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

/* Can there be sockets of the family here? */
static bool check_family(bool strict)
{
	const int fd = family_socket(SOCK_STREAM, false);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	report_no_socket(errno);
	if (!strict)
		warnx("going on with plain sockets");
	return false;
}

static int run(const char *path, char **argv, bool strict, bool notify)
{
	const enum program kind = judge_program(path);
	int rc;

	if (kind == PROGRAM_PRIVILEGED) {
		warnx("%s is not run: it has more privileges than you (setuid, setgid or "
		      "file capabilities), and would have to do without", path);
		return RUN_NOT_EXECUTABLE;
	}
	if (!check_family(strict))
		return strict ? RUN_FAILED : run_plain(path, argv);

	if (notify || kind == PROGRAM_OTHER)
		rc = run_notified(family_number(), strict, path, argv);
	else
		rc = run_preloaded(family_number(), strict, path, argv);
	if (rc && strict)
		return rc;
	if (rc)
		warnx("going on with plain sockets");
	return run_plain(path, argv);
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "strict", no_argument, NULL, 's' },
		{ "seccomp", no_argument, NULL, 'c' },
		{ 0 }
	};
	bool strict = false, notify = false;
	char path[PATH_MAX];
	int option, rc;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 's':
			strict = true;
			break;
		case 'c':
			notify = true;
			break;
		default:
			return usage_hint();
		}
	}
	if (optind == argc)
		return bad_usage("run what? Give a command");

	rc = find_program(argv[optind], path, sizeof(path));
	if (rc) {
		warnx("cannot run %s: %s", argv[optind],
		      rc == RUN_NOT_FOUND ? "not found" : "not executable");
		return rc;
	}
	return run(path, argv + optind, strict, notify);
}
