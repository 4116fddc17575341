// SPDX-License-Identifier: GPL-2.0
/* Answers, as tables or in JSON, and complaints. */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "wspctl.h"

#define MAX_COLUMNS	16

bool as_json;

int usage_hint(void)
{
	fputs("Try 'wspctl --help', or see wspctl(8).\n", stderr);
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
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (option != 'j')
			return usage_hint();
		as_json = true;
	}
	if (optind < argc)
		return bad_usage("%s takes no arguments, such as '%s'", argv[0],
				 argv[optind]);
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

void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

static const char *cell(struct json_object *row, const char *column)
{
	struct json_object *value = NULL;
	const char *text;

	json_object_object_get_ex(row, column, &value);
	text = value ? json_object_get_string(value) : "";
	return *text ? text : "-";
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
	size_t i, c, len;

	for (c = 0; columns[c]; c++) {
		width[c] = strlen(columns[c]);
		for (i = 0; i < count; i++) {
			len = strlen(cell(json_object_array_get_idx(rows, i),
					  columns[c]));
			width[c] = len > width[c] ? len : width[c];
		}
	}
	for (c = 0; columns[c]; c++)
		print_header(columns[c], width[c], !columns[c + 1]);
	for (i = 0; i < count; i++) {
		for (c = 0; columns[c]; c++)
			print_cell(cell(json_object_array_get_idx(rows, i),
					columns[c]),
				   width[c], !columns[c + 1]);
	}
}
