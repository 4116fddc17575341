// SPDX-License-Identifier: GPL-2.0
/* wspctl - what an administrator wants from AF_WSP, by one verb each. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wspctl.h"

static const struct verb {
	const char *name;
	const char *arguments;
	const char *meaning;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "run", "[--strict] [--seccomp] [--] CMD [ARG]...",
	  "run a program with its TCP and UDP sockets made AF_WSP", cmd_run },
	{ "status", "", "module, family, settings and counters", cmd_status },
	{ "sockets", "", "the AF_WSP sockets of this network namespace", cmd_sockets },
	{ "events", "[-a] [-n COUNT] {-f | [--] CMD [ARG]...}",
	  "decisions of the rules, as they are made", cmd_events },
	{ "connect", "[--udp] [--nonblock] [-4|-6] [--timeout SECONDS] HOST PORT",
	  "try one connect, and say what happened", cmd_connect },
	{ "explain", "{-l | {CODE|ERRNO|ID}...}",
	  "what a code, an errno or a rule means", cmd_explain },
	{ "doctor", "", "why it does not work here, and what to do", cmd_doctor },
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static void help(void)
{
	puts("usage: wspctl [-j] VERB [ARGUMENT]...\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  wspctl %s %s\n        %s\n", verbs[i].name,
		       verbs[i].arguments, verbs[i].meaning);
	puts("\n  -j, --json     answer in JSON\n"
	     "  -h, --help     this text\n"
	     "  -V, --version  the version\n\n"
	     "See wspctl(8).");
}

static int run_verb(int argc, char **argv)
{
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(argv[0], verbs[i].name))
			continue;
		optind = 0;	/* glibc: start anew */
		return verbs[i].run(argc, argv);
	}
	return bad_usage("there is no verb '%s'", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	int option;

	set_world_right();
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
			puts("wspctl " VERSION);
			return whole_answer(DONE);
		default:
			return usage_hint();
		}
	}
	if (optind == argc)
		return bad_usage("what shall be done?");
	return whole_answer(run_verb(argc - optind, argv + optind));
}
