// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoint wsp:wsp_rule, in a tracefs instance of one's own, so that
 * nobody else's tracing is disturbed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wspctl.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCES	TRACEFS "/instances"

struct tracing {
	char dir[64];		/* the instance's */
	bool everywhere;	/* all network namespaces */
	long limit;		/* of events to show, 0 for none */
	long shown;
	pid_t child;
	int status;		/* the child's, when it is over */
	sigset_t mask;		/* the child is to have these */
	void (*sigpipe)(int sig);
	char line[1024];	/* not yet whole */
	size_t len;
};

static int write_file(const struct tracing *tracing, const char *name, const char *text)
{
	char path[128];
	ssize_t len = (ssize_t)strlen(text);
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s", tracing->dir, name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -1;
	error = write(fd, text, len) == len ? 0 : errno;
	close(fd);
	errno = error;
	return error ? -1 : 0;
}

static void remove_instance(const struct tracing *tracing)
{
	write_file(tracing, "events/wsp/wsp_rule/enable", "0");
	if (rmdir(tracing->dir))
		warnx("cannot remove %s: %s", tracing->dir, strerror(errno));
}

/* By the socket's namespace, unless all are asked for. */
static int set_filter(const struct tracing *tracing)
{
	char filter[64];
	struct stat st;

	if (tracing->everywhere)
		return 0;
	if (stat("/proc/self/ns/net", &st))
		return -1;
	snprintf(filter, sizeof(filter), "netns == %lu", (unsigned long)st.st_ino);
	return write_file(tracing, "events/wsp/wsp_rule/filter", filter);
}

/*
 * An instance is locked as long as its wspctl lives: one that can be locked by
 * another is a killed one's. The caller has the lock of them all.
 */
static void remove_left_over(int instances)
{
	const int dir = dup(instances);
	DIR *list = dir < 0 ? NULL : fdopendir(dir);
	struct tracing other = { 0 };
	struct dirent *entry;
	int fd;

	while (list && (entry = readdir(list))) {
		if (strncmp(entry->d_name, "wspctl.", 7))
			continue;
		snprintf(other.dir, sizeof(other.dir), INSTANCES "/%.32s", entry->d_name);
		fd = open(other.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
			remove_instance(&other);
		if (fd >= 0)
			close(fd);
	}
	if (list)
		closedir(list);
}

/* Other pid namespaces have the same numbers. */
static int make_directory(struct tracing *tracing)
{
	int rc = -1;

	for (int i = 0; i < 100 && rc; i++) {
		snprintf(tracing->dir, sizeof(tracing->dir),
			 i ? INSTANCES "/wspctl.%d.%d" : INSTANCES "/wspctl.%d",
			 (int)getpid(), i);
		rc = mkdir(tracing->dir, 0700);
		if (rc && errno != EEXIST)
			break;
	}
	return rc;
}

/* Leaves a lock on it, which ends with this process. */
static int make_locked(struct tracing *tracing)
{
	const int instances = open(INSTANCES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd, rc = -1;

	if (instances >= 0 && !flock(instances, LOCK_EX)) {
		remove_left_over(instances);
		rc = make_directory(tracing);
	}
	if (!rc) {
		fd = open(tracing->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);
	}
	if (instances >= 0)
		close(instances);
	/* cppcheck-suppress resourceLeak; the lock is to end with the process */
	return rc;
}

static int make_instance(struct tracing *tracing)
{
	if (make_locked(tracing)) {
		warnx("cannot trace: %s: %s; %s", INSTANCES, strerror(errno),
		      errno == ENOENT ?
		      "mount -t tracefs nodev " TRACEFS : "root can");
		return UNABLE;
	}
	write_file(tracing, "buffer_percent", "0");	/* each event at once */
	if (set_filter(tracing) ||
	    write_file(tracing, "events/wsp/wsp_rule/enable", "1")) {
		warnx("cannot trace: wsp:wsp_rule: %s", strerror(errno));
		remove_instance(tracing);
		return UNABLE;
	}
	return 0;
}

static const struct column {
	const char *key;
	const char *heading;
	int width;
} columns[] = {
	{ "time", "TIME(s)", 12 }, { "command", "COMMAND", -15 }, { "pid", "PID", 7 },
	{ "type", "TYPE", -6 }, { "local", "LOCAL", -21 }, { "remote", "REMOTE", -21 },
	{ "inode", "INODE", 8 }, { "rule", "RULE", -4 }, { "code", "CODE", -18 },
	{ "errno", "ERRNO", 0 },
};

#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static void print_column(size_t i, const char *text)
{
	printf("%*s%s", columns[i].width, text, i < COLUMNS - 1 ? "  " : "\n");
}

static void print_header(void)
{
	for (size_t i = 0; i < COLUMNS; i++)
		print_column(i, columns[i].heading);
}

static void print_event(struct json_object *event)
{
	char text[128];

	for (size_t i = 0; i < COLUMNS; i++)
		print_column(i, text_of(json_object_object_get(event, columns[i].key),
					text, sizeof(text)));
}

/* "127.0.0.1:80", "[::1]:80" */
static void add_text_name(struct json_object *event, const char *key, char *name)
{
	char *port = strrchr(name, ':');

	if (port)
		*port++ = 0;
	if (*name == '[')
		*strchrnul(++name, ']') = 0;
	add_name(event, key, name, port ? atoi(port) : 0);
}

#define MARK	": wsp_rule: netns="	/* longer than a command that looks like it */

/* "  perl-311  [000] .....  12.345678: wsp_rule: netns=... errno=99 comm=perl" */
static struct json_object *parse_event(char *line)
{
	char type[16], local[64], remote[64], rule[8], comm[16] = "";
	char *mark = strstr(line, MARK);
	unsigned long netns, inode;
	struct json_object *event;
	char *cpu, *dash, *stamp;
	unsigned int number;
	int error;

	if (!mark || sscanf(mark, MARK "%lu ino=%lu type=%15s "
			    "local=%63s remote=%63s rule=%7s code=%u errno=%d "
			    "comm=%15[^\n]",
			    &netns, &inode, type, local, remote, rule, &number,
			    &error, comm) < 8)
		return NULL;
	*mark = 0;
	stamp = strrchr(line, ' ');
	cpu = strrchr(line, '[');
	if (!stamp || !cpu)
		return NULL;
	*cpu = 0;
	dash = strrchr(line, '-');
	if (!dash)
		return NULL;

	event = json_object_new_object();
	json_object_object_add(event, "time",
			       json_object_new_double_s(atof(stamp + 1), stamp + 1));
	add_command(event, comm);
	add_number(event, "pid", atoll(dash + 1));
	add_number(event, "netns", (long long)netns);
	add_number(event, "inode", (long long)inode);
	add_string(event, "type", type);
	add_text_name(event, "local", local);
	add_text_name(event, "remote", remote);
	add_string(event, "rule", rule);
	add_code(event, find_code(NULL, (int)number));
	add_error(event, error);
	return event;
}

static void show_event(struct tracing *tracing, char *line)
{
	struct json_object *event = parse_event(line);

	if (!event && strstr(line, "[LOST "))
		warnx("events are missing here: they came faster than they were read");
	if (!event || (tracing->limit && tracing->shown >= tracing->limit)) {
		json_object_put(event);
		return;
	}
	if (as_json)
		puts(json_object_to_json_string_ext(event, JSON_C_TO_STRING_PLAIN |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_event(event);
	json_object_put(event);
	tracing->shown++;
}

/* What is there to read, line by line. */
static void show_events(struct tracing *tracing, int pipe)
{
	char *line = tracing->line, *end;
	ssize_t n;

	while ((n = read(pipe, line + tracing->len,
			 sizeof(tracing->line) - 1 - tracing->len)) > 0) {
		tracing->len += (size_t)n;
		line[tracing->len] = 0;
		while ((end = strchr(line, '\n'))) {
			*end = 0;
			show_event(tracing, line);
			tracing->len -= (size_t)(end + 1 - line);
			memmove(line, end + 1, tracing->len + 1);
		}
		if (tracing->len == sizeof(tracing->line) - 1)
			tracing->len = 0;
	}
}

/* Has the child ended, or the user had enough? */
static bool signalled(struct tracing *tracing, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			if (!tracing->child)
				return true;
			pass_signal(tracing->child, &info);
		} else if (tracing->child &&
			   waitpid(tracing->child, &tracing->status, WNOHANG) ==
			   tracing->child) {
			return true;
		}
	}
	return false;
}

static bool has_enough(const struct tracing *tracing)
{
	return tracing->limit && tracing->shown >= tracing->limit;
}

/* A command goes on when there is no more to be shown, and is told what comes. */
static void follow(struct tracing *tracing, int pipe, int signals)
{
	struct pollfd pfds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = pipe, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	bool over = false, deaf = false;

	while (!over && !(deaf && !tracing->child)) {
		poll(pfds, deaf ? 1 : 3, -1);
		over = signalled(tracing, signals);
		if (!deaf)
			show_events(tracing, pipe);
		deaf = deaf || has_enough(tracing) || pfds[2].revents || ferror(stdout);
	}
	/* That nobody reads on, as with head(1), is no failure. */
	pfds[2].revents = 0;
	if (poll(&pfds[2], 1, 0) > 0)
		clearerr(stdout);
}

static int start_command(struct tracing *tracing, char **argv)
{
	char path[PATH_MAX];
	int rc;

	tracing->child = fork();
	if (tracing->child < 0) {
		warnx("cannot start %s: %s", argv[0], strerror(errno));
		return UNABLE;
	}
	if (tracing->child)
		return 0;
	sigprocmask(SIG_SETMASK, &tracing->mask, NULL);
	signal(SIGPIPE, tracing->sigpipe);
	if (as_json)	/* all that is answered is to be JSON */
		dup2(STDERR_FILENO, STDOUT_FILENO);
	rc = find_program(argv[0], path, sizeof(path));
	errno = rc == RUN_NOT_FOUND ? ENOENT : EACCES;
	if (!rc)
		become_program(path, argv);
	warnx("cannot run %s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE);
}

static int trace(struct tracing *tracing, char **argv, int signals)
{
	char path[128];
	int pipe, rc;

	snprintf(path, sizeof(path), "%s/trace_pipe", tracing->dir);
	pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe < 0) {
		warnx("cannot trace: %s: %s", path, strerror(errno));
		return UNABLE;
	}
	if (!as_json)
		print_header();
	fflush(stdout);
	rc = *argv ? start_command(tracing, argv) : 0;
	if (!rc)
		follow(tracing, pipe, signals);
	if (!rc && tracing->child)
		rc = status_of(tracing->status);
	close(pipe);
	return rc;
}

static bool parse_limit(const char *text, long *limit)
{
	char *end;

	*limit = strtol(text, &end, 10);
	return end != text && !*end && *limit > 0;
}

int cmd_events(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "all", no_argument, NULL, 'a' },
		{ "count", required_argument, NULL, 'n' },
		JSON_OPTION, HELP_OPTION, { 0 }
	};
	struct tracing tracing = { 0 };
	bool command, endless = false;
	int option, signals, rc;

	while ((option = getopt_long(argc, argv, "+jhfan:", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			endless = true;
			break;
		case 'a':
			tracing.everywhere = true;
			break;
		case 'n':
			if (!parse_limit(optarg, &tracing.limit))
				return bad_usage("--count wants a number from 1, not '%s'",
						 optarg);
			break;
		default:
			common_option(option);
		}
	}
	command = optind < argc;
	if (endless == command)
		return bad_usage("either --follow or a command");
	if (!family_number())
		return report_no_socket(EAFNOSUPPORT);

	/* From here on, nothing that can be waited for leaves an instance. */
	signals = open_signals(&tracing.mask);
	tracing.sigpipe = signal(SIGPIPE, SIG_IGN);
	rc = make_instance(&tracing);
	if (rc)
		return rc;
	rc = trace(&tracing, argv + optind, signals);
	remove_instance(&tracing);
	return rc;
}
