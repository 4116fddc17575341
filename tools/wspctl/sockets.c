// SPDX-License-Identifier: GPL-2.0
/*
 * Who has AF_WSP sockets is in /proc/PID/fdinfo, and what they are bound and
 * connected to comes by sock_diag(7), or else from /proc/net, by the inode number.
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

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/wsp.h>

#include "wspctl.h"

union name {
	struct sockaddr sa;
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;
};

struct ends {
	unsigned long inode;
	union name local;
	union name remote;
};

struct search {
	struct ends *ends;
	size_t count;
	size_t size;
	bool have_table[2];	/* of streams, of datagram sockets */
	ino_t netns;
	bool incomplete;
	struct json_object *found;
};

/* "0100007F:0050": 32-bit words in the machine's order, and a port. */
static void parse_name(const char *hex, union name *name)
{
	const bool v6 = strlen(hex) > 13;
	unsigned int port, word;

	memset(name, 0, sizeof(*name));
	name->sa.sa_family = v6 ? AF_INET6 : AF_INET;
	for (int i = 0; i < (v6 ? 4 : 1); i++, hex += 8) {
		if (sscanf(hex, "%8x", &word) != 1)
			return;
		if (v6)
			name->sin6.sin6_addr.s6_addr32[i] = word;
		else
			name->sin.sin_addr.s_addr = word;
	}
	if (sscanf(hex, ":%x", &port) == 1)
		name->sin.sin_port = htons(port);	/* where IPv6 has it too */
}

/* Room for one more, or NULL. */
static struct ends *more_ends(struct search *search)
{
	const size_t size = search->size ? 2 * search->size : 1024;
	struct ends *ends;

	if (search->count == search->size) {
		ends = realloc(search->ends, size * sizeof(*ends));
		if (!ends)
			return NULL;
		search->ends = ends;
		search->size = size;
	}
	return &search->ends[search->count];
}

/* A line of /proc/net/tcp and the like. */
static void read_table(struct search *search, const char *path)
{
	char line[512], local[48], remote[48];
	FILE *file = fopen(path, "re");
	struct ends *ends;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		ends = more_ends(search);
		if (!ends)
			break;
		if (sscanf(line, "%*s %47s %47s %*s %*s %*s %*s %*s %*s %lu",
			   local, remote, &ends->inode) != 3 || !ends->inode)
			continue;
		parse_name(local, &ends->local);
		parse_name(remote, &ends->remote);
		search->count++;
	}
	fclose(file);
}

static void take_name(union name *name, int family, const __be32 *address, __be16 port)
{
	memset(name, 0, sizeof(*name));
	name->sa.sa_family = (sa_family_t)family;
	name->sin.sin_port = port;
	if (family == AF_INET6)
		memcpy(&name->sin6.sin6_addr, address, sizeof(name->sin6.sin6_addr));
	else
		memcpy(&name->sin.sin_addr, address, sizeof(name->sin.sin_addr));
}

/* 1 at the end, -1 if it did not come so far. */
static int take_answers(struct search *search, const struct nlmsghdr *nlh, int len)
{
	const struct inet_diag_msg *msg;
	struct ends *ends;

	for (; len > 0 && NLMSG_OK(nlh, (__u32)len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type == NLMSG_DONE)
			return 1;
		if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return -1;
		msg = NLMSG_DATA(nlh);
		ends = more_ends(search);
		if (!ends)
			return -1;
		ends->inode = msg->idiag_inode;
		take_name(&ends->local, msg->idiag_family, msg->id.idiag_src,
			  msg->id.idiag_sport);
		take_name(&ends->remote, msg->idiag_family, msg->id.idiag_dst,
			  msg->id.idiag_dport);
		search->count += ends->inode != 0;
	}
	return 0;
}

/* As ss(8) asks for it: many times faster than the table, where it can be had. */
static bool ask_kernel(struct search *search, int family, int protocol)
{
	const struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} request = {
		.nlh = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.req = {
			.sdiag_family = (__u8)family,
			.sdiag_protocol = (__u8)protocol,
			.idiag_states = ~0U,
		},
	};
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	const size_t before = search->count;
	static union {
		struct nlmsghdr nlh;
		char bytes[65536];
	} answer;
	ssize_t n = -1;
	int rc = -1;

	if (fd >= 0 && send(fd, &request, sizeof(request), 0) == sizeof(request))
		rc = 0;
	while (!rc) {
		n = recv(fd, &answer, sizeof(answer), 0);
		rc = n > 0 ? take_answers(search, &answer.nlh, (int)n) : -1;
	}
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		search->count = before;
	return rc > 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct ends *left = a, *right = b;

	return (left->inode > right->inode) - (left->inode < right->inode);
}

/* The kernel takes long to write a table of many sockets: not before it is wanted. */
static void read_tables(struct search *search, bool dgram)
{
	const int protocol = dgram ? IPPROTO_UDP : IPPROTO_TCP;

	if (search->have_table[dgram])
		return;
	search->have_table[dgram] = true;
	if (!ask_kernel(search, AF_INET, protocol))
		read_table(search, dgram ? "/proc/net/udp" : "/proc/net/tcp");
	if (!ask_kernel(search, AF_INET6, protocol))
		read_table(search, dgram ? "/proc/net/udp6" : "/proc/net/tcp6");
	if (search->count)
		qsort(search->ends, search->count, sizeof(*search->ends), by_inode);
}

static const struct ends *find_ends(struct search *search, const char *type,
				    unsigned long inode)
{
	const struct ends key = { .inode = inode };

	read_tables(search, type && !strcmp(type, "dgram"));
	if (!search->count)
		return NULL;
	return bsearch(&key, search->ends, search->count, sizeof(key), by_inode);
}

static void add_events(struct json_object *row, unsigned int mask)
{
	static const char *const names[] = {
		"READ", "WRITE", "OOB", "ACCEPT", "CONNECT", "CLOSE",
		[8] = "ROUTING_INTERFACE_CHANGE", "ADDRESS_LIST_CHANGE",
	};
	struct json_object *events = json_object_new_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i] && mask & 1U << i)
			json_object_array_add(events, json_object_new_string(names[i]));
	}
	json_object_object_add(row, "events", events);
}

struct fdinfo {
	unsigned long inode;
	char state[16];
	char protocol[8];
	unsigned int events;
};

/* Is it an AF_WSP socket? There may be a great many others. */
static bool read_fdinfo(int fdinfo, const char *fd, struct fdinfo *info)
{
	const int file = openat(fdinfo, fd, O_RDONLY | O_CLOEXEC);
	const char *inode, *rest;
	char text[4096];
	ssize_t n;

	if (file < 0)
		return false;
	n = read(file, text, sizeof(text) - 1);
	close(file);
	text[n > 0 ? n : 0] = 0;
	inode = strstr(text, "\nino:");
	rest = strstr(text, "\nwsp-protocol:");
	return inode && rest && sscanf(inode, "\nino: %lu", &info->inode) == 1 &&
	       sscanf(rest, "\nwsp-protocol: %7s wsp-state: %15s wsp-events: %x",
		      info->protocol, info->state, &info->events) == 3;
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
		       const char *fd, const struct fdinfo *info)
{
	const char *type = socket_type(pid, fd);
	const struct ends *ends = find_ends(search, type, info->inode);
	struct json_object *row;
	struct stat st;
	char text[64];

	/* A socket without a port is in no table: it is where its owner is. */
	if (!ends && (fstatat(dir, "ns/net", &st, 0) || st.st_ino != search->netns))
		return;

	row = json_object_new_object();
	add_string(row, "type", type);
	add_string(row, "protocol", info->protocol);
	add_string(row, "state", info->state);
	add_sockaddr(row, "local", ends ? &ends->local.sa : NULL);
	add_sockaddr(row, "remote", ends ? &ends->remote.sa : NULL);
	add_events(row, info->events);
	add_number(row, "inode", (long long)info->inode);
	add_number(row, "pid", atoll(pid));
	add_number(row, "fd", atoll(fd));
	snprintf(text, sizeof(text), "/proc/%.20s/comm", pid);
	add_command(row, read_line(text, text, sizeof(text)) ? "" : text);
	json_object_array_add(search->found, row);
}

static void search_process(struct search *search, int proc, const char *pid)
{
	struct dirent *entry;
	struct fdinfo info;
	DIR *fds;
	int dir, fd;

	dir = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	fd = openat(dir, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = fd < 0 ? NULL : fdopendir(fd);
	if (!fds)
		search->incomplete |= errno == EACCES;
	while (fds && (entry = readdir(fds))) {
		if (*entry->d_name != '.' && read_fdinfo(fd, entry->d_name, &info))
			add_socket(search, pid, dir, entry->d_name, &info);
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
