// SPDX-License-Identifier: GPL-2.0
/* The family as this kernel has it. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "wspctl.h"

/* The first line of a file, without its end; -1 if there is none. */
int read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	char *got;

	if (!file)
		return -1;
	got = fgets(line, size, file);
	fclose(file);
	if (!got)
		return -1;
	line[strcspn(line, "\n")] = 0;
	return 0;
}

/* 0 if the module is not loaded. */
int family_number(void)
{
	char line[32];

	return read_line(SYSFS_FAMILY, line, sizeof(line)) ? 0 : atoi(line);
}

/* The groups that may create sockets; false if it cannot be told. */
bool group_range(unsigned long *first, unsigned long *last)
{
	char line[64];

	return !read_line("/proc/sys/net/wsp/create_group_range", line, sizeof(line)) &&
	       sscanf(line, "%lu %lu", first, last) == 2;
}

/* An administrator may have the first socket load the module (F-05). */
static int load_on_demand(void)
{
	const int fd = socket(AF_WSP, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return family_number();
}

/* A socket of the family, or -1 and errno. */
int family_socket(int type, bool ipv6)
{
	const int family = family_number() ?: load_on_demand();

	if (!family) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return socket(family, type | SOCK_CLOEXEC,
		      ipv6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4);
}

int report_no_socket(int error)
{
	struct utsname uts;

	uname(&uts);
	if (!family_number())
		warnx("%s", why_not_loaded(uts.release));
	else if (error == EACCES)
		warnx("no AF_WSP socket: permission denied; "
		      "see net.wsp.create_group_range and wspctl doctor");
	else
		warnx("no AF_WSP socket: %s; see wspctl doctor", strerror(error));
	return UNABLE;
}

/* A NULL @name is one that is not known. */
void add_sockaddr(struct json_object *object, const char *key,
		  const struct sockaddr *name)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "0";
	socklen_t len;

	if (name) {
		len = name->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						    sizeof(struct sockaddr_in);
		getnameinfo(name, len, host, sizeof(host), port, sizeof(port),
			    NI_NUMERICHOST | NI_NUMERICSERV);
	}
	add_name(object, key, name ? host : NULL, atoi(port));
}
