// SPDX-License-Identifier: GPL-2.0
/*
 * What a socket takes from whoever makes it: network namespace, user, groups,
 * cgroup and security label. Where a caller and the supervisor differ in these, a
 * short-lived child of the supervisor becomes like the caller, as far as it may,
 * makes the socket and hands it over. There is no socket that is not like one
 * that the caller would have made.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/nsfs.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/wsp.h>

#include "wspctl.h"
#include "run.h"

#define CHILD_TIMEOUT	10000	/* milliseconds */

struct likeness {
	struct stat netns;
	char *user;		/* lines of "status", as the supervisor sees them */
	char *cgroup;		/* lines of "cgroup" */
	char *label;
};

/* All of a file, or NULL. */
static char *read_all(int fd)
{
	size_t size = 4096, len = 0;
	char *text = NULL, *more;
	ssize_t n = 1;

	while (n > 0) {
		more = realloc(text, size);
		if (!more)
			break;
		text = more;
		n = pread(fd, text + len, size - 1 - len, (off_t)len);
		len += n > 0 ? (size_t)n : 0;
		if (len == size - 1)
			size *= 2;
	}
	if (text)
		text[len] = 0;
	if (n) {
		free(text);
		return NULL;
	}
	return text;
}

static char *read_file(int dir, const char *name)
{
	const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_all(fd);
	close(fd);
	return text;
}

/* Leaves the lines that are wanted. */
static char *keep_lines(char *text, bool (*wanted)(const char *line))
{
	char *from, *to = text, *end;
	size_t len;

	for (from = text; text && *from; from += len) {
		end = strchr(from, '\n');
		len = end ? (size_t)(end - from + 1) : strlen(from);
		if (!wanted(from))
			continue;
		memmove(to, from, len);
		to += len;
	}
	if (text)
		*to = 0;
	return text;
}

static bool is_of_user(const char *line)
{
	return !strncmp(line, "Uid:", 4) || !strncmp(line, "Gid:", 4) ||
	       !strncmp(line, "Groups:", 7);
}

/* Version 2, and what of version 1 knows sockets. */
static bool is_of_sockets(const char *line)
{
	static const char *const controllers[] = { "net_cls", "net_prio", "memory" };
	const char *names = strchr(line, ':');
	const char *end = names ? strchr(names + 1, ':') : NULL;

	if (!end)
		return false;
	if (!strncmp(line, "0::", 3))
		return true;
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		names = strstr(line, controllers[i]);
		if (names && names < end)
			return true;
	}
	return false;
}

static void forget(struct likeness *like)
{
	free(like->user);
	free(like->cgroup);
	free(like->label);
}

/* Of the thread whose directory in /proc it is; some kernels have no labels. */
static enum reason look(int dir, struct likeness *like)
{
	memset(like, 0, sizeof(*like));
	like->user = keep_lines(read_file(dir, "status"), is_of_user);
	like->cgroup = keep_lines(read_file(dir, "cgroup"), is_of_sockets);
	like->label = read_file(dir, "attr/current");
	if (fstatat(dir, "ns/net", &like->netns, 0) || !like->user)
		return HIDDEN;
	return FINE;
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ?: "", b ?: "");
}

static bool same_netns(const struct likeness *a, const struct likeness *b)
{
	return a->netns.st_ino == b->netns.st_ino && a->netns.st_dev == b->netns.st_dev;
}

/* The cgroup of version 2, as a descriptor, or -1. */
static int open_cgroup(const char *lines)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const char *at = lines ? strstr(lines, "0::/") : NULL;
	char path[4200];
	int fd = -1;

	if (!at)
		return -1;
	at += 4;
	for (size_t i = 0; i < 2 && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/%.*s", roots[i],
			 (int)strcspn(at, "\n"), at);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd;
}

/* As fork(2) does, with a cgroup for the child if it is not -1. */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.flags = cgroup < 0 ? 0 : CLONE_INTO_CGROUP,
		.cgroup = cgroup < 0 ? 0 : (__u64)cgroup,
	};

	return cgroup < 0 ? fork() : (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static bool parse_ids(const char *lines, const char *key, unsigned int id[4])
{
	const char *line = strstr(lines, key);

	return line && sscanf(line + strlen(key), "%u %u %u %u", &id[0], &id[1], &id[2],
			      &id[3]) == 4;
}

static void take_groups(const char *lines)
{
	const char *at = strstr(lines, "Groups:");
	gid_t *groups = NULL, *more;
	size_t count = 0;
	char *end;

	at = at ? at + strlen("Groups:") : "";
	for (;;) {
		const unsigned long group = strtoul(at, &end, 10);

		if (end == at)
			break;
		at = end;
		more = realloc(groups, (count + 1) * sizeof(*groups));
		if (!more)
			break;
		groups = more;
		groups[count++] = (gid_t)group;
	}
	setgroups(count, groups);
	free(groups);
}

/* As this user namespace numbers them. Whether it did is seen by is_user(). */
static void take_user(int dir)
{
	const char *lines = keep_lines(read_file(dir, "status"), is_of_user);
	unsigned int uid[4], gid[4];

	if (!lines || !parse_ids(lines, "Uid:", uid) || !parse_ids(lines, "Gid:", gid))
		return;
	take_groups(lines);
	if (setresgid(gid[0], gid[1], gid[2]) || setresuid(uid[0], uid[1], uid[2]))
		return;
	setfsgid(gid[3]);
	setfsuid(uid[3]);
}

/* @status shows numbers as they are in the namespace that it was opened in. */
static bool is_user(int status, const struct likeness *like)
{
	char *lines = keep_lines(read_all(status), is_of_user);
	const bool same = lines && !strcmp(lines, like->user);

	free(lines);
	return same;
}

/*
 * Where the supervisor's own rights do not do, as for an ordinary user's
 * containers, those over the caller's user namespace are used. Nobody of that
 * namespace may get hold of this process, which sees another's files.
 */
static enum reason become(int proc, int dir, const struct likeness *like, bool same_net)
{
	const int status = openat(proc, "self/status", O_RDONLY | O_CLOEXEC);
	const int net = openat(dir, "ns/net", O_RDONLY | O_CLOEXEC);
	const int user = openat(dir, "ns/user", O_RDONLY | O_CLOEXEC);
	struct likeness self;
	enum reason reason;

	prctl(PR_SET_DUMPABLE, 0);
	/* Privileges that it has stay until the namespace is entered. */
	prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
	if (!is_user(status, like))
		take_user(dir);
	if (!same_net)
		same_net = !setns(net, CLONE_NEWNET);
	/* Its owner is where the caller is, or further out. */
	if (!same_net && !setns(ioctl(net, NS_GET_USERNS), CLONE_NEWUSER))
		same_net = !setns(net, CLONE_NEWNET);
	if (!is_user(status, like)) {
		setns(user, CLONE_NEWUSER);
		take_user(dir);
	}
	if (!same_net)
		return OTHER_NETNS;
	if (!is_user(status, like))
		return OTHER_USER;
	/* It may see itself, whatever it has become. */
	dir = openat(proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	reason = look(dir, &self);
	if (reason)
		return reason;
	return same_text(self.cgroup, like->cgroup) ? FINE : OTHER_CGROUP;
}

static int make_socket(int family, const struct call *call)
{
	return socket(family, call->type | SOCK_CLOEXEC,
		      call->domain == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4);
}

/* A child that answers by a descriptor, or else by a reason. */
static void child(const struct supervisor *sv, int dir, const struct likeness *like,
		  bool same_net, const struct call *call, int channel)
{
	const enum reason reason = become(sv->proc, dir, like, same_net);
	const int fd = reason ? -1 : make_socket(sv->family, call);
	struct made made = { .reason = reason, .error = EPERM };

	if (!reason && fd < 0) {
		made.reason = DENIED;
		made.error = errno;
	}
	pass_fd(channel, fd, &made, sizeof(made));
	_exit(0);
}

static int made_by_child(const struct supervisor *sv, int dir,
			 const struct likeness *like, bool same_net, int cgroup,
			 const struct call *call, struct made *made)
{
	struct pollfd pfd = { .events = POLLIN };
	int channel[2], fd = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel))
		return -1;
	pid = fork_into(cgroup);
	if (!pid)
		child(sv, dir, like, same_net, call, channel[1]);
	close(channel[1]);
	pfd.fd = channel[0];
	/* It may be stopped there, as in a frozen cgroup. */
	if (pid > 0 && poll(&pfd, 1, CHILD_TIMEOUT) == 1)
		fd = receive_fd(channel[0], made, sizeof(*made));
	else if (pid < 0 && cgroup >= 0)
		made->reason = OTHER_CGROUP;
	close(channel[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return fd;
}

static int socket_like(const struct supervisor *sv, int dir, const struct likeness *self,
		       const struct likeness *like, const struct call *call,
		       struct made *made)
{
	const bool same_cgroup = same_text(self->cgroup, like->cgroup);
	const bool same_net = same_netns(self, like);
	int cgroup = -1, fd = -1;

	/* To take on another label is what security modules are there to prevent. */
	if (!same_text(self->label, like->label)) {
		made->reason = OTHER_LABEL;
		return -1;
	}
	if (same_cgroup && same_net && !strcmp(self->user, like->user)) {
		fd = make_socket(sv->family, call);
		made->error = errno;
		made->reason = fd < 0 ? DENIED : FINE;
		return fd;
	}
	if (!same_cgroup)
		cgroup = open_cgroup(like->cgroup);
	if (same_cgroup || cgroup >= 0)
		fd = made_by_child(sv, dir, like, same_net, cgroup, call, made);
	else
		made->reason = OTHER_CGROUP;
	if (cgroup >= 0)
		close(cgroup);
	return fd;
}

/*
 * A socket like the caller's own, or -1 and why not. What was looked at was the
 * caller only if its call is still there to be answered then.
 */
int socket_for(const struct supervisor *sv, int dir, __u64 id, const struct call *call,
	       struct made *made)
{
	const int own = openat(sv->proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct likeness self, like;
	int fd = -1;

	made->reason = look(own, &self);
	close(own);
	if (!made->reason)
		made->reason = look(dir, &like);
	else
		memset(&like, 0, sizeof(like));
	made->error = EPERM;
	if (!made->reason && is_waiting(sv, id)) {
		made->reason = NO_CHILD;
		fd = socket_like(sv, dir, &self, &like, call, made);
	}
	forget(&self);
	forget(&like);
	return fd;
}

/* Those in memory, as socketcall(2) has them; false if they cannot be read. */
bool read_arguments(int dir, const struct seccomp_data *data, struct call *call)
{
	const int fd = openat(dir, "mem", O_RDONLY | O_CLOEXEC);
	const bool wide = data->arch & __AUDIT_ARCH_64BIT;
	union { __u32 half[3]; __u64 whole[3]; } words = { 0 };
	const size_t size = wide ? sizeof(words.whole) : sizeof(words.half);
	ssize_t n = -1;

	if (fd >= 0) {
		n = pread(fd, &words, size, (off_t)data->args[1]);
		close(fd);
	}
	call->domain = (int)(wide ? words.whole[0] : words.half[0]);
	call->type = (int)(wide ? words.whole[1] : words.half[1]);
	call->protocol = (int)(wide ? words.whole[2] : words.half[2]);
	return n == (ssize_t)size;
}

/*
 * /proc, if it is this pid namespace's: elsewhere the numbers are others'. The
 * first of a process's numbers is the one in the namespace that /proc is of.
 */
int open_proc(void)
{
	const int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *status = proc < 0 ? NULL : read_file(proc, "self/status");
	const char *numbers = status ? strstr(status, "\nNSpid:") : NULL;
	int number = 0, inner, found = 0;

	if (numbers)
		found = sscanf(numbers, "\nNSpid: %d%*[ \t]%d", &number, &inner);
	else if (status)	/* a kernel without such namespaces */
		found = sscanf(strstr(status, "\nPid:") ?: "", "\nPid: %d", &number);
	free(status);
	if (found == 1 && number == (int)getpid())
		return proc;
	if (proc >= 0)
		close(proc);
	return -1;
}
