// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "wspctl.h"

/* The counters of this namespace, by name; NULL if there are none. */
static struct json_object *counters(void)
{
	FILE *file = fopen("/proc/net/wsp_stat", "re");
	struct json_object *object;
	unsigned long value;
	char name[64];

	if (!file)
		return NULL;
	object = json_object_new_object();
	while (fscanf(file, "%63s %lu", name, &value) == 2)
		add_number(object, name, (long long)value);
	fclose(file);
	return object;
}

static struct json_object *groups(void)
{
	unsigned long first, last;
	struct json_object *range;

	if (!group_range(&first, &last))
		return NULL;
	range = json_object_new_array();
	json_object_array_add(range, json_object_new_int64((long long)first));
	json_object_array_add(range, json_object_new_int64((long long)last));
	return range;
}

/* The version of the module's interface. */
static int abi(void)
{
	struct wsp_info info = { 0 };
	int fd = family_socket(SOCK_DGRAM, false);

	if (fd < 0)
		return 0;
	if (ioctl(fd, WSP_IOC_INFO, &info))
		info.abi = 0;
	close(fd);
	return (int)info.abi;
}

static struct json_object *status(int family)
{
	struct json_object *object = json_object_new_object();
	struct utsname uts;
	char line[64];

	uname(&uts);
	json_object_object_add(object, "loaded", json_object_new_boolean(family));
	add_string(object, "kernel", uts.release);
	add_string(object, "version", VERSION);
	if (!family)
		return object;
	add_number(object, "family", family);
	add_number(object, "abi", abi());
	if (!read_line("/sys/module/wspfam/refcnt", line, sizeof(line)))
		add_number(object, "references", atoll(line));
	json_object_object_add(object, "create_group_range", groups());
	json_object_object_add(object, "counters", counters());
	return object;
}

static void print_status(struct json_object *object)
{
	for (struct lh_entry *e = json_object_get_object(object)->head; e; e = e->next) {
		struct json_object *value = (struct json_object *)lh_entry_v(e);
		const char *key = lh_entry_k(e);
		char text[64];

		if (!strcmp(key, "counters"))
			continue;
		if (json_object_is_type(value, json_type_boolean))
			snprintf(text, sizeof(text), "%s",
				 json_object_get_boolean(value) ? "yes" : "no");
		else if (json_object_is_type(value, json_type_array))
			snprintf(text, sizeof(text), "%s to %s",
				 json_object_get_string(json_object_array_get_idx(value, 0)),
				 json_object_get_string(json_object_array_get_idx(value, 1)));
		else
			snprintf(text, sizeof(text), "%s", json_object_get_string(value));
		printf("%-20s  %s\n", key, text);
	}
}

/* Those that have counted something. */
static void print_counters(struct json_object *object)
{
	struct json_object *all = json_object_object_get(object, "counters");
	bool any = false;

	if (!all)
		return;
	for (struct lh_entry *e = json_object_get_object(all)->head; e; e = e->next) {
		struct json_object *value = (struct json_object *)lh_entry_v(e);

		if (!json_object_get_int64(value))
			continue;
		if (!any)
			printf("\n%-32s  %s\n", "COUNTER", "TIMES");
		any = true;
		printf("%-32s  %s\n", (const char *)lh_entry_k(e),
		       json_object_get_string(value));
	}
}

int cmd_status(int argc, char **argv)
{
	const int family = family_number();
	struct json_object *object;
	int rc = no_more_options(argc, argv);

	if (rc)
		return rc;

	object = status(family);
	if (as_json) {
		print_json(object);
	} else {
		print_status(object);
		print_counters(object);
	}
	json_object_put(object);
	return family ? DONE : report_no_socket(EAFNOSUPPORT);
}
