// SPDX-License-Identifier: GPL-2.0
/* wspctl - what an administrator wants from AF_WSP, by one verb each. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wspctl.h"

static int cmd_help(int argc, char **argv);

static const struct verb {
	const char *name;
	const char *arguments;
	const char *meaning;
	int (*run)(int argc, char **argv);
	const char *options;	/* but -j and -h */
} verbs[] = {
	{ "run", "[--strict] [--seccomp] [--] CMD [ARG]...",
	  "run a program with its TCP and UDP sockets made AF_WSP", cmd_run,
	  "      --strict           AF_WSP sockets or none\n"
	  "      --seccomp          stop system calls, without LD_PRELOAD\n" },
	{ "status", "", "module, family, settings and counters", cmd_status, "" },
	{ "sockets", "", "the AF_WSP sockets of this network namespace", cmd_sockets, "" },
	{ "events", "[-a] [-n COUNT] {-f | [--] CMD [ARG]...}",
	  "decisions of the rules, as they are made", cmd_events,
	  "  -a, --all              of all network namespaces\n"
	  "  -n, --count COUNT      no more than these\n"
	  "  -f, --follow           until interrupted, not while a command runs\n" },
	{ "connect", "[--udp] [--nonblock] [-4|-6] [--timeout SECONDS] HOST PORT",
	  "try one connect, and say what happened", cmd_connect,
	  "  -u, --udp              by a datagram socket\n"
	  "  -n, --nonblock         by a nonblocking one, and wait for the outcome\n"
	  "  -t, --timeout SECONDS  wait no longer, such as 0.5\n"
	  "  -4, --ipv4             to an address of IPv4\n"
	  "  -6, --ipv6             to an address of IPv6\n" },
	{ "explain", "{-l | {CODE|ERRNO|ID}...}",
	  "what a code, an errno or a rule means", cmd_explain,
	  "  -l, --list             the rules and codes that there are\n" },
	{ "doctor", "", "why it does not work here, and what to do", cmd_doctor, "" },
	{ "help", "[VERB]", "this text, or that of a verb", cmd_help, "" },
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *current;

static void help(void)
{
	puts("usage: wspctl [-j] VERB [ARGUMENT]...\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  wspctl %s%s%s\n        %s\n", verbs[i].name,
		       *verbs[i].arguments ? " " : "", verbs[i].arguments,
		       verbs[i].meaning);
	puts("\n  -j, --json     answer in JSON\n"
	     "  -h, --help     this text, or after a verb its own\n"
	     "  -V, --version  the version\n\n"
	     "Verbs may be shortened. See wspctl(8).");
}

static void help_of(const struct verb *verb)
{
	const bool answers = verb->run != cmd_run && verb->run != cmd_help;

	printf("usage: wspctl %s%s%s\n\n%c%s.\n\n%s%s"
	       "  -h, --help             this text\n\nSee wspctl(8).\n",
	       verb->name, *verb->arguments ? " " : "", verb->arguments,
	       toupper((unsigned char)*verb->meaning), verb->meaning + 1, verb->options,
	       answers ? "  -j, --json             answer in JSON\n" : "");
}

/* Of any verb: what getopt_long(3) has found that is none of the verb's own. */
void common_option(int option)
{
	switch (option) {
	case 'j':
		as_json = true;
		return;
	case 'h':
		help_of(current);
		exit(whole_answer(DONE));
	default:
		exit(usage_hint());
	}
}

/* By its name or as much of it as no other has; NULL if there is none. */
static const struct verb *find_verb(const char *name)
{
	const struct verb *found = NULL;
	const size_t len = strlen(name);

	for (size_t i = 0; i < VERBS; i++) {
		if (!len || strncmp(verbs[i].name, name, len))
			continue;
		if (found) {
			bad_usage("'%s' may be %s or %s", name, found->name,
				  verbs[i].name);
			return NULL;
		}
		found = &verbs[i];
	}
	if (!found)
		bad_usage("there is no verb '%s'", name);
	return found;
}

static int cmd_help(int argc, char **argv)
{
	static const struct option options[] = { HELP_OPTION, { 0 } };
	const struct verb *verb;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		common_option(option);
	if (optind == argc) {
		help();
		return DONE;
	}
	if (argc - optind > 1)
		return bad_usage("with one verb at a time, not '%s' too", argv[optind + 1]);
	verb = find_verb(argv[optind]);
	if (!verb)
		return BAD_USAGE;
	help_of(verb);
	return DONE;
}

static int run_verb(int argc, char **argv)
{
	static char name[32];

	current = find_verb(argv[0]);
	if (!current)
		return BAD_USAGE;
	snprintf(name, sizeof(name), "wspctl %s", current->name);
	program_invocation_short_name = name;	/* where complaints begin */
	argv[0] = name;
	if (argc == 2 && !strcmp(argv[1], "help")) {
		help_of(current);
		return DONE;
	}
	optind = 0;	/* glibc: start anew */
	return current->run(argc, argv);
}

static int version(void)
{
	puts(as_json ? "{ \"version\": \"" VERSION "\" }" : "wspctl " VERSION);
	return whole_answer(DONE);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		JSON_OPTION, HELP_OPTION,
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	static char name[16] = "wspctl";
	int option;

	set_world_right();
	program_invocation_short_name = name;
	if (argc)
		argv[0] = name;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "+jhV", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			as_json = true;
			break;
		case 'h':
			help();
			return whole_answer(DONE);
		case 'V':
			return version();
		default:
			return usage_hint();
		}
	}
	if (optind == argc)
		return bad_usage("what shall be done?");
	return whole_answer(run_verb(argc - optind, argv + optind));
}
