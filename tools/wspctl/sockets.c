// SPDX-License-Identifier: GPL-2.0
/*
 * Who has AF_WSP sockets is in /proc/PID/fdinfo, and what they are bound and
 * connected to in /proc/net, by the inode number.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "wspctl.h"

/* A line of /proc/net/tcp and the like. */
struct ends {
	unsigned long inode;
	char local[64];
	char remote[64];
};

struct search {
	struct ends *ends;
	size_t count;
	ino_t netns;
	bool incomplete;
	struct json_object *found;
};

/* "0100007F:0050": 32-bit words in the machine's order, and a port. */
static void parse_name(const char *hex, char *text, int size)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	const bool v6 = strlen(hex) > 13;
	const struct sockaddr *name = v6 ? (const void *)&sin6 : (const void *)&sin;
	unsigned int port, word;

	for (int i = 0; i < (v6 ? 4 : 1); i++, hex += 8) {
		if (sscanf(hex, "%8x", &word) != 1)
			return;
		if (v6)
			sin6.sin6_addr.s6_addr32[i] = word;
		else
			sin.sin_addr.s_addr = word;
	}
	if (sscanf(hex, ":%x", &port) != 1)
		return;
	sin.sin_port = htons(port);
	sin6.sin6_port = htons(port);
	format_name(name, text, size);
}

static void read_table(struct search *search, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512], local[48], remote[48];
	struct ends *ends;
	unsigned long inode;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %47s %47s %*s %*s %*s %*s %*s %*s %lu",
			   local, remote, &inode) != 3 || !inode)
			continue;
		ends = realloc(search->ends, (search->count + 1) * sizeof(*ends));
		if (!ends)
			break;
		search->ends = ends;
		ends += search->count++;
		ends->inode = inode;
		parse_name(local, ends->local, sizeof(ends->local));
		parse_name(remote, ends->remote, sizeof(ends->remote));
	}
	fclose(file);
}

static const struct ends *find_ends(const struct search *search, unsigned long inode)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->ends[i].inode == inode)
			return &search->ends[i];
	return NULL;
}

/* Names of the events in a mask, by commas. */
static void format_events(unsigned int mask, char *text, size_t size)
{
	static const char *const names[] = {
		"READ", "WRITE", "OOB", "ACCEPT", "CONNECT", "CLOSE",
	};
	size_t len = 0;

	*text = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mask & 1U << i && len < size)
			len += snprintf(text + len, size - len, "%s%s",
					len ? "," : "", names[i]);
	}
}

struct fdinfo {
	char state[16];
	char protocol[8];
	unsigned int events;
};

/* Is it an AF_WSP socket? */
static bool read_fdinfo(int dir, const char *fd, struct fdinfo *info)
{
	char path[64], line[128];
	int file_fd, found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "fdinfo/%.20s", fd);
	file_fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	file = file_fd < 0 ? NULL : fdopen(file_fd, "r");
	if (!file)
		return false;
	memset(info, 0, sizeof(*info));
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "wsp-state: %15s", info->state) == 1 ||
		    sscanf(line, "wsp-protocol: %7s", info->protocol) == 1 ||
		    sscanf(line, "wsp-events: %x", &info->events) == 1)
			found++;
	}
	fclose(file);
	return found == 3;
}

/* sockfs tells a socket's protocol by an attribute: "TCP", "UDPv6" ... */
static const char *socket_type(const char *pid, const char *fd)
{
	char path[64], protocol[16] = "";

	snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, fd);
	if (getxattr(path, "system.sockprotoname", protocol, sizeof(protocol) - 1) < 0)
		return NULL;
	return strncmp(protocol, "UDP", 3) ? "stream" : "dgram";
}

static void add_socket(struct search *search, const char *pid, int dir,
		       const char *fd, unsigned long inode)
{
	const struct ends *ends = find_ends(search, inode);
	struct json_object *row;
	struct fdinfo info;
	struct stat st;
	char text[64];

	if (!read_fdinfo(dir, fd, &info))
		return;
	/* A socket without a port is in no table: it is where its owner is. */
	if (!ends && (fstatat(dir, "ns/net", &st, 0) || st.st_ino != search->netns))
		return;

	row = json_object_new_object();
	add_string(row, "type", socket_type(pid, fd));
	add_string(row, "protocol", info.protocol);
	add_string(row, "state", info.state);
	add_string(row, "local", ends ? ends->local : NULL);
	add_string(row, "remote", ends ? ends->remote : NULL);
	format_events(info.events, text, sizeof(text));
	add_string(row, "events", text);
	add_number(row, "inode", (long long)inode);
	add_number(row, "pid", atoll(pid));
	add_number(row, "fd", atoll(fd));
	snprintf(text, sizeof(text), "/proc/%.20s/comm", pid);
	add_command(row, read_line(text, text, sizeof(text)) ? "" : text);
	json_object_array_add(search->found, row);
}

static void search_process(struct search *search, int proc, const char *pid)
{
	struct dirent *entry;
	unsigned long inode;
	char link[64];
	ssize_t len;
	DIR *fds;
	int dir, fd;

	dir = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = fd < 0 ? NULL : fdopendir(fd);
	if (!fds)
		search->incomplete |= errno == EACCES;
	while (fds && (entry = readdir(fds))) {
		len = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
		if (len < 0)
			continue;
		link[len] = 0;
		if (sscanf(link, "socket:[%lu]", &inode) == 1)
			add_socket(search, pid, dir, entry->d_name, inode);
	}
	if (fds)
		closedir(fds);
	close(dir);
}

static void search_processes(struct search *search)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		if (isdigit((unsigned char)*entry->d_name))
			search_process(search, dirfd(proc), entry->d_name);
	}
	if (proc)
		closedir(proc);
}

int cmd_sockets(int argc, char **argv)
{
	static const char *const columns[] = {
		"type", "protocol", "state", "local", "remote", "events",
		"inode", "pid", "fd", "command", NULL
	};
	struct search search = { 0 };
	struct stat st;
	int rc = no_more_options(argc, argv);

	if (rc)
		return rc;
	if (!family_number())
		return report_no_socket(EAFNOSUPPORT);
	if (stat("/proc/self/ns/net", &st)) {
		warnx("cannot tell this network namespace: /proc is not there");
		return UNABLE;
	}

	search.netns = st.st_ino;
	search.found = json_object_new_array();
	read_table(&search, "/proc/net/tcp");
	read_table(&search, "/proc/net/tcp6");
	read_table(&search, "/proc/net/udp");
	read_table(&search, "/proc/net/udp6");
	search_processes(&search);
	if (as_json)
		print_json(search.found);
	else
		print_table(search.found, columns);
	if (search.incomplete)
		warnx("only your own processes could be looked at; run it as root to see all");
	json_object_put(search.found);
	free(search.ends);
	return DONE;
}
