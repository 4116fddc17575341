// SPDX-License-Identifier: GPL-2.0
/* Answers, as tables or in JSON, and complaints. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "wspctl.h"

#define MAX_COLUMNS	16

bool as_json;

int usage_hint(void)
{
	fprintf(stderr, "Try '%s --help', or see wspctl(8).\n",
		program_invocation_short_name);
	return BAD_USAGE;
}

/* @status, unless the answer got lost on its way, as on a full disk. */
int whole_answer(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	warnx("the answer could not be written; is the disk full?");
	return UNABLE;
}

/* For a verb without arguments; 0, or else the status. */
int no_more_options(int argc, char **argv)
{
	static const struct option options[] = { JSON_OPTION, HELP_OPTION, { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1)
		common_option(option);
	if (optind < argc)
		return bad_usage("there are no arguments, such as '%s'", argv[optind]);
	return 0;
}

void add_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key,
			       value ? json_object_new_string(value) : NULL);
}

/* A process may have any bytes for a name; those that act on terminals stay here. */
void add_command(struct json_object *object, const char *command)
{
	char text[32];
	size_t i;

	for (i = 0; i < sizeof(text) - 1 && command[i]; i++)
		text[i] = command[i] >= ' ' && command[i] <= '~' ? command[i] : '?';
	text[i] = 0;
	add_string(object, "command", text);
}

void add_number(struct json_object *object, const char *key, long long value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

/* An @address that is not known is NULL. */
void add_name(struct json_object *object, const char *key, const char *address, int port)
{
	struct json_object *name = NULL;

	if (address) {
		name = json_object_new_object();
		add_string(name, "address", address);
		add_number(name, "port", port);
	}
	json_object_object_add(object, key, name);
}

void add_code(struct json_object *object, const struct code *code)
{
	add_string(object, "code", code ? code->name : NULL);
	json_object_object_add(object, "number",
			       code ? json_object_new_int(code->number) : NULL);
}

void add_error(struct json_object *object, int error)
{
	add_string(object, "errno", error ? error_name(error) : NULL);
	json_object_object_add(object, "errno_number",
			       error ? json_object_new_int(error) : NULL);
}

const char *member(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key));
}

/* As people read it: "127.0.0.1:80", "[::1]:80", "READ,CLOSE", "-" for nothing. */
const char *text_of(struct json_object *value, char *text, size_t size)
{
	const char *plain;
	size_t len = 0;

	*text = 0;
	switch (json_object_get_type(value)) {
	case json_type_object:
		plain = member(value, "address");
		snprintf(text, size, strchr(plain, ':') ? "[%s]:%s" : "%s:%s", plain,
			 member(value, "port"));
		break;
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(value) && len < size; i++) {
			plain = json_object_get_string(json_object_array_get_idx(value, i));
			len += snprintf(text + len, size - len, "%s%s", len ? "," : "", plain);
		}
		break;
	case json_type_null:
		break;
	default:
		text = (char *)json_object_get_string(value);
	}
	return *text ? text : "-";
}

void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void print_cell(const char *text, size_t width, bool last)
{
	if (last)
		puts(text);
	else
		printf("%-*s  ", (int)width, text);
}

static void print_header(const char *column, size_t width, bool last)
{
	char text[32];
	size_t i;

	for (i = 0; i < sizeof(text) - 1 && column[i]; i++)
		text[i] = (char)toupper((unsigned char)column[i]);
	text[i] = 0;
	print_cell(text, width, last);
}

/* @columns: keys of the objects in @rows, up to a NULL. */
void print_table(struct json_object *rows, const char *const *columns)
{
	const size_t count = json_object_array_length(rows);
	size_t width[MAX_COLUMNS] = { 0 };
	struct json_object *row;
	size_t i, c, len;
	char text[128];

	for (c = 0; columns[c]; c++) {
		width[c] = strlen(columns[c]);
		for (i = 0; i < count; i++) {
			row = json_object_array_get_idx(rows, i);
			len = strlen(text_of(json_object_object_get(row, columns[c]),
					     text, sizeof(text)));
			width[c] = len > width[c] ? len : width[c];
		}
	}
	for (c = 0; columns[c]; c++)
		print_header(columns[c], width[c], !columns[c + 1]);
	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(rows, i);
		for (c = 0; columns[c]; c++)
			print_cell(text_of(json_object_object_get(row, columns[c]),
					   text, sizeof(text)),
				   width[c], !columns[c + 1]);
	}
}
