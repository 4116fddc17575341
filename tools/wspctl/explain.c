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

	add_code(object, code);
	if (code->error)
		add_error(object, code->error);
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
		add_error(object, error);
		add_code(object, code ?: find_code("WSAENETDOWN", 0));
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

#define WIDTH	78

/* A sentence in lines of words, further in than what it is about. */
static void print_sentence(const char *intro, const char *text)
{
	size_t column = 0, len;
	char *sentence, *word;
	bool first = true;

	if (asprintf(&sentence, "%s%s", intro, text) < 0)
		return;
	/* Not of connect(2) and the like. */
	len = strspn(sentence, "abcdefghijklmnopqrstuvwxyz");
	if (!sentence[len] || strchr(" ,'-", sentence[len]))
		*sentence = (char)toupper((unsigned char)*sentence);
	for (word = sentence; *word; word += len + (word[len] == ' ')) {
		len = strcspn(word, " ");
		if (first || column + 1 + len > WIDTH)
			column = (size_t)printf("%s    %.*s", first ? "" : "\n",
						(int)len, word) - !first;
		else
			column += (size_t)printf(" %.*s", (int)len, word);
		first = false;
	}
	len = strlen(sentence);
	puts(len > 1 && (sentence[len - 1] == '.' || !strcmp(sentence + len - 2, ".)")) ?
	     "" : ".");
	free(sentence);
}

/* Of the parts of an answer, those of one kind: in place of the family's, or not. */
static void print_parts(const char *intro, const char *answer, bool instead)
{
	char *parts = strdup(answer), *some = calloc(1, strlen(answer) + 1);
	char *save, *part = parts ? strtok_r(parts, ";", &save) : NULL;

	for (; some && part; part = strtok_r(NULL, ";", &save)) {
		if (!strstr(part, " instead of ") == instead)
			continue;
		if (*some)
			strcat(some, ";");
		strcat(some, *some ? part : part + strspn(part, " "));
	}
	if (some && *some)
		print_sentence(intro, some);
	free(some);
	free(parts);
}

static void print_answer(const char *answer)
{
	if (!strcmp(answer, "same")) {
		print_sentence("Linux's own sockets do the same", "");
	} else if (!strcmp(answer, "no counterpart")) {
		print_sentence("Linux's own sockets have no counterpart", "");
	} else {
		print_parts("Linux's own sockets say ", answer, true);
		print_parts("With Linux's own sockets, ", answer, false);
	}
}

static void print_heading(struct json_object *object)
{
	const char *code = member(object, "code"), *id = member(object, "id");
	const char *error = member(object, "errno"), *text = member(object, "strerror");

	if (text)
		printf("%s (%s), \"%s\", code %s (%s)\n", error,
		       member(object, "errno_number"), text, code,
		       member(object, "number"));
	else if (error)
		printf("%s (%s), errno %s (%s), rule %s\n", code,
		       member(object, "number"), error,
		       member(object, "errno_number"), id);
	else if (code)
		printf("%s (%s)%s%s\n", code, member(object, "number"),
		       id ? ", rule " : "", id ?: "");
	else
		printf("Rule %s\n", id);
}

static void print_explanation(struct json_object *object)
{
	const char *provoked = member(object, "provoked_by");
	const char *answer = member(object, "linux");

	print_heading(object);
	print_sentence("", member(object, "meaning"));
	if (provoked)
		print_sentence("How to provoke it: ", provoked);
	if (answer)
		print_answer(answer);
}

static void list_json(void)
{
	struct json_object *all = json_object_new_object();
	struct json_object *ids = json_object_new_array();
	struct json_object *names = json_object_new_array();

	for (const struct rule *rule = rules; rule->id; rule++)
		json_object_array_add(ids, json_object_new_string(rule->id));
	for (const struct code *code = codes; code->name; code++)
		json_object_array_add(names, json_object_new_string(code->name));
	json_object_object_add(all, "rules", ids);
	json_object_object_add(all, "codes", names);
	print_json(all);
	json_object_put(all);
}

static void list_text(void)
{
	for (const struct rule *rule = rules; rule->id; rule++)
		puts(rule->id);
	for (const struct code *code = codes; code->name; code++)
		puts(code->name);
}

int cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' },
		JSON_OPTION, HELP_OPTION, { 0 }
	};
	struct json_object *all, *object;
	int option, rc = DONE;
	bool listing = false;

	while ((option = getopt_long(argc, argv, "jhl", options, NULL)) != -1) {
		if (option == 'l')
			listing = true;
		else
			common_option(option);
	}
	if (listing && optind < argc)
		return bad_usage("either --list or what to explain, not '%s' too",
				 argv[optind]);
	if (listing) {
		as_json ? list_json() : list_text();
		return DONE;
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
