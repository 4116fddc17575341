// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wspctl.h"

#include "table.h"	/* of Documentation/contract.rst and other sources */

#define MAX_ERRNO	4095

const struct rule *find_rule(const char *id)
{
	const struct rule *rule;

	for (rule = rules; rule->id; rule++)
		if (!strcasecmp(rule->id, id))
			return rule;
	return NULL;
}

/* By its name, or with a NULL @name by its number. */
const struct code *find_code(const char *name, int number)
{
	const struct code *code;

	for (code = codes; code->name; code++) {
		if (name ? !strcasecmp(code->name, name) : code->number == number)
			return code;
	}
	return NULL;
}

/* What the kernel makes of an errno; NULL for what a sound one never says. */
static const struct code *code_of(int error)
{
	const struct mapping *mapping;

	for (mapping = mappings; mapping->error; mapping++)
		if (mapping->error == error)
			return find_code(mapping->code, 0);
	return NULL;
}

const char *error_name(int error)
{
	return strerrorname_np(error) ?: "?";
}

static int find_error(const char *name)
{
	for (int error = 1; error <= MAX_ERRNO; error++) {
		const char *known = strerrorname_np(error);

		if (known && !strcasecmp(known, name))
			return error;
	}
	/* Another name of a number. */
	return strcasecmp(name, "EWOULDBLOCK") ? 0 : EWOULDBLOCK;
}

static void explain_rule(struct json_object *object, const struct rule *rule)
{
	add_string(object, "id", rule->id);
	add_string(object, "meaning", rule->text);
	if (*rule->provoked)
		add_string(object, "provoked_by", rule->provoked);
	if (*rule->on_linux)
		add_string(object, "linux", rule->on_linux);
}

static void explain_code(struct json_object *object, const struct code *code)
{
	const struct rule *rule = find_rule(code->id);

	add_string(object, "code", code->name);
	add_number(object, "number", code->number);
	if (code->error) {
		add_string(object, "errno", error_name(code->error));
		add_number(object, "errno_number", code->error);
	}
	if (rule)
		explain_rule(object, rule);
	else
		add_string(object, "meaning",
			   "a code of Winsock's that never comes out of WSPConnect");
}

/* Is it the one errno that stands for its code? */
static void explain_error(struct json_object *object, int error)
{
	const struct code *code = code_of(error);

	if (code && code->error == error) {
		explain_code(object, code);
	} else {
		add_string(object, "errno", error_name(error));
		add_number(object, "errno_number", error);
		add_string(object, "code", code ? code->name : "WSAENETDOWN");
		add_string(object, "meaning",
			   "connect(2) on an AF_WSP socket never gives it; what the network stack says so has this code");
	}
	add_string(object, "strerror", strerror(error));
}

static struct json_object *explain(const char *what)
{
	struct json_object *object = json_object_new_object();
	const struct rule *rule = find_rule(what);
	const struct code *code = find_code(what, 0);
	char *end;
	long number = strtol(what, &end, 10);

	if (!isdigit((unsigned char)*what) || *end)
		number = find_error(what);
	if (!code)
		code = find_code(NULL, (int)number);

	if (rule)
		code = find_code(rule->code, 0);

	if (code) {
		explain_code(object, code);
	} else if (rule) {
		explain_rule(object, rule);
	} else if (number > 0 && number <= MAX_ERRNO && strerrorname_np((int)number)) {
		explain_error(object, (int)number);
	} else {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static void print_explanation(struct json_object *object)
{
	for (struct lh_entry *e = json_object_get_object(object)->head; e; e = e->next)
		printf("%-14s%s\n", (const char *)lh_entry_k(e),
		       json_object_get_string((struct json_object *)lh_entry_v(e)));
}

static int list(void)
{
	for (const struct rule *rule = rules; rule->id; rule++)
		puts(rule->id);
	for (const struct code *code = codes; code->name; code++)
		puts(code->name);
	return DONE;
}

int cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ 0 }
	};
	struct json_object *all, *object;
	int option, rc = DONE;

	while ((option = getopt_long(argc, argv, "jl", options, NULL)) != -1) {
		if (option == 'l')
			return list();
		if (option != 'j')
			return usage_hint();
		as_json = true;
	}
	if (optind == argc)
		return bad_usage("explain what? A code, an errno or a rule, such as C-05");

	all = json_object_new_array();
	for (; optind < argc; optind++) {
		object = explain(argv[optind]);
		if (!object) {
			warnx("'%s' is no code, errno or rule", argv[optind]);
			rc = FAILED;
			continue;
		}
		if (!as_json) {
			if (json_object_array_length(all))
				putchar('\n');
			print_explanation(object);
		}
		json_object_array_add(all, object);
	}
	if (as_json)
		print_json(all);
	json_object_put(all);
	return rc;
}
