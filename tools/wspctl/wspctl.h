/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WSPCTL_H
#define _WSPCTL_H

#include <err.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#define VERSION	"0.1"

/* Exit statuses. */
enum {
	DONE = 0,
	FAILED = 1,		/* the answer is no */
	BAD_USAGE = 2,
	UNABLE = 3,		/* no module, no permission */
	RUN_FAILED = 125,	/* "run": as env(1) has them */
	RUN_NOT_EXECUTABLE = 126,
	RUN_NOT_FOUND = 127,
};

int cmd_run(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_sockets(int argc, char **argv);
int cmd_events(int argc, char **argv);
int cmd_connect(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

/* wspctl.c */
#define JSON_OPTION	{ "json", no_argument, NULL, 'j' }
#define HELP_OPTION	{ "help", no_argument, NULL, 'h' }

void common_option(int option);

struct code;

/* output.c */
extern bool as_json;

/* A complaint, as by printf(3), and the status. */
#define bad_usage(...)	(warnx(__VA_ARGS__), usage_hint())
int usage_hint(void);
int whole_answer(int status);
void print_json(struct json_object *object);
void print_table(struct json_object *rows, const char *const *columns);
void add_string(struct json_object *object, const char *key, const char *value);
void add_command(struct json_object *object, const char *command);
void add_number(struct json_object *object, const char *key, long long value);
void add_name(struct json_object *object, const char *key, const char *address, int port);
void add_code(struct json_object *object, const struct code *code);
void add_error(struct json_object *object, int error);
const char *text_of(struct json_object *value, char *text, size_t size);
const char *member(struct json_object *object, const char *key);
int no_more_options(int argc, char **argv);

/* family.c */
#define SYSFS_FAMILY	"/sys/module/wspfam/parameters/family"

int read_line(const char *path, char *line, int size);
int family_number(void);
bool group_range(unsigned long *first, unsigned long *last);
int family_socket(int type, bool ipv6);
int report_no_socket(int error);
void add_sockaddr(struct json_object *object, const char *key,
		  const struct sockaddr *name);

/* doctor.c */
const char *why_not_loaded(const char *release);

/* explain.c */
struct rule {
	const char *id;
	const char *code;	/* section 1 only */
	const char *text;
	const char *provoked;
	const char *on_linux;
};

struct code {
	const char *name;
	int number;
	int error;		/* 0 if connect(2) has no errno for it */
	const char *id;
};

struct mapping {
	int error;
	const char *code;
};

const struct rule *find_rule(const char *id);
const struct code *find_code(const char *name, int number);
const char *error_name(int error);

/* filter.c */
enum around {		/* the filter of another "wspctl run" */
	AROUND_NONE,
	AROUND_LAX,
	AROUND_STRICT,
};

enum around filter_around(void);

/* notify.c */
int notify(int family, bool strict);

/* child.c */
void set_world_right(void);
void become_program(const char *path, char **argv);
int open_signals(sigset_t *before);
void pass_signal(pid_t pid, const struct signalfd_siginfo *info);
int status_of(int status);
bool stay_as_parent(void);

/* program.c */
enum program {
	PROGRAM_DYNAMIC,	/* its loader heeds LD_PRELOAD */
	PROGRAM_OTHER,		/* makes system calls without the C library */
	PROGRAM_PRIVILEGED,	/* setuid, setgid or with capabilities */
};

int find_program(const char *name, char *path, int size);
enum program judge_program(const char *path);

#endif /* _WSPCTL_H */
