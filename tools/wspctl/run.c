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

/* The list has no way to write a space or a colon in a name. */
static bool can_preload(const char *object)
{
	return !object || !strpbrk(object, " :");
}

static int preload(const char *object)
{
	if (!object) {
		warnx("there is no %s; install wspctl again", PRELOAD);
		return RUN_FAILED;
	}
	if (set_preload(object)) {
		warnx("cannot set the environment: %s", strerror(errno));
		return RUN_FAILED;
	}
	return 0;
}

static int become(const char *path, char **argv)
{
	become_program(path, argv);
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

/*
 * A preloaded object is the faster way, and changes less of the program's world;
 * a filter is the only one for other kinds of programs, and where none may get
 * past it. One filter of this kind is all that a program can have.
 */
static int prepare(enum program kind, bool strict, bool filter)
{
	const enum around around = filter_around();
	const int family = family_number();
	const bool preloaded = kind == PROGRAM_DYNAMIC && !filter;
	char object[PATH_MAX], setting[32];
	const char *found = find_preload(object, sizeof(object));
	int rc = 0;

	if (strict && around == AROUND_LAX) {
		warnx("cannot be strict within a wspctl run that is not");
		return RUN_FAILED;
	}
	snprintf(setting, sizeof(setting), "%d%s", family, strict ? ",strict" : "");
	if (setenv("WSPCTL_RUN", setting, 1)) {
		warnx("cannot set the environment: %s", strerror(errno));
		return RUN_FAILED;
	}
	if (preloaded && can_preload(found))
		rc = preload(found);
	if (!rc && !around && (strict || !preloaded || !can_preload(found)))
		rc = notify(family, strict);
	return rc;
}

static int run(const char *path, char **argv, bool strict, bool filter)
{
	const enum program kind = judge_program(path);
	int rc;

	if (kind == PROGRAM_PRIVILEGED) {
		warnx("%s is not run: it has more privileges than you (setuid, setgid or "
		      "file capabilities), and would have to do without", path);
		return RUN_NOT_EXECUTABLE;
	}
	if (!check_family(strict))
		return strict ? RUN_FAILED : become(path, argv);

	rc = prepare(kind, strict, filter);
	if (rc && strict)
		return rc;
	if (rc)
		warnx("going on with plain sockets");
	return become(path, argv);
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "strict", no_argument, NULL, 's' },
		{ "seccomp", no_argument, NULL, 'c' },
		HELP_OPTION, { 0 }
	};
	bool strict = false, filter = false;
	char path[PATH_MAX];
	int option, rc;

	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 's':
			strict = true;
			break;
		case 'c':
			filter = true;
			break;
		default:
			common_option(option);
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
	return run(path, argv + optind, strict, filter);
}
