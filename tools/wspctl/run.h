/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of "wspctl run" that stop and answer calls share. */
#ifndef _WSPCTL_RUN_H
#define _WSPCTL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

struct supervisor {
	int listener;
	int proc;		/* /proc of its own pid namespace */
	int log;		/* where wspctl's complaints went */
	int family;
	bool strict;
	__u64 *pending;		/* the call that is being answered */
};

/* A call of socket(2), or of socketcall(2) for it. */
struct call {
	int domain;
	int type;
	int protocol;
};

/* Why there is no socket of the family. */
enum reason {
	FINE,
	HIDDEN,
	OTHER_NETNS,
	OTHER_USER,
	OTHER_CGROUP,
	OTHER_LABEL,
	NO_CHILD,
	UNREADABLE,
	DENIED,
	DIED,
};

struct made {
	enum reason reason;
	int error;
};

/* filter.c */
int install_filter(bool strict);
bool is_socketcall(const struct seccomp_data *data);

/* caller.c */
int open_proc(void);
int socket_for(const struct supervisor *sv, int dir, __u64 id, const struct call *call,
	       struct made *made);
bool read_arguments(int dir, const struct seccomp_data *data, struct call *call);

/* notify.c */
bool is_waiting(const struct supervisor *sv, __u64 id);
int pass_fd(int channel, int fd, const void *message, size_t size);
int receive_fd(int channel, void *message, size_t size);

#endif /* _WSPCTL_RUN_H */
