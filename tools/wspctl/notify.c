// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets for programs that LD_PRELOAD does not reach. A seccomp filter stops
 * the calls of socket() in question, and a supervisor answers each with a socket
 * of the family. What the calls say is in registers, so nobody can change it
 * after it was looked at. The supervisor ends with the last program that it is
 * there for.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/wsp.h>

#include "wspctl.h"

#define I386_SOCKET	359

struct supervisor {
	int listener;
	int family;
	bool strict;
	int netns;		/* its own, as a descriptor */
	struct stat netns_stat;
};

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
				 offsetof(struct seccomp_data, field))
#define IS(value, yes, no)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)

/* The calls of socket() that are for TCP or UDP over IPv4 or IPv6. */
static const struct sock_filter calls[] = {
	/*  0 */ LOAD(arch),
	/*  1 */ IS(AUDIT_ARCH_X86_64, 0, 2),
	/*  2 */ LOAD(nr),
	/*  3 */ IS(__NR_socket, 3, 17),
	/*  4 */ IS(AUDIT_ARCH_I386, 0, 16),
	/*  5 */ LOAD(nr),
	/*  6 */ IS(I386_SOCKET, 0, 14),
	/*  7 */ LOAD(args[0]),
	/*  8 */ IS(AF_INET, 1, 0),
	/*  9 */ IS(AF_INET6, 0, 11),
	/* 10 */ LOAD(args[1]),
	/* 11 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
			  (__u32)~(SOCK_NONBLOCK | SOCK_CLOEXEC)),
	/* 12 */ IS(SOCK_STREAM, 0, 3),
	/* 13 */ LOAD(args[2]),
	/* 14 */ IS(0, 5, 0),
	/* 15 */ IS(IPPROTO_TCP, 4, 5),
	/* 16 */ IS(SOCK_DGRAM, 0, 4),
	/* 17 */ LOAD(args[2]),
	/* 18 */ IS(0, 1, 0),
	/* 19 */ IS(IPPROTO_UDP, 0, 1),
	/* 20 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	/* 21 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* The listener, or -1 and errno. */
static int install_filter(void)
{
	const struct sock_fprog program = {
		.len = sizeof(calls) / sizeof(calls[0]),
		.filter = (struct sock_filter *)calls,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
			    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
}

/* One message of one byte, with a descriptor. */
static int pass_fd(int channel, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(channel, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int channel)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(channel, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

/* The network namespace of a thread, if it is not the supervisor's; or -1. */
static int other_netns(const struct supervisor *sv, int dir, bool *same)
{
	int fd = openat(dir, "ns/net", O_RDONLY | O_CLOEXEC);
	struct stat st;

	*same = false;
	if (fd < 0 || fstat(fd, &st)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (st.st_ino != sv->netns_stat.st_ino)
		return fd;
	*same = true;
	close(fd);
	return -1;
}

/* A socket in the thread's namespace, or -1 and errno. */
static int socket_in(const struct supervisor *sv, int dir,
		     const struct seccomp_data *call)
{
	const int type = (int)call->args[1];
	bool same;
	int netns = other_netns(sv, dir, &same);
	int fd, error;

	if (netns < 0 && !same) {
		errno = EPERM;
		return -1;
	}
	if (!same && setns(netns, CLONE_NEWNET)) {
		close(netns);
		return -1;
	}
	fd = socket(sv->family, type | SOCK_CLOEXEC,
		    (int)call->args[0] == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4);
	error = errno;
	if (!same) {
		close(netns);
		if (setns(sv->netns, CLONE_NEWNET))
			_exit(1);
	}
	errno = error;
	return fd;
}

static int socket_for(const struct supervisor *sv, const struct seccomp_notif *req)
{
	char path[32];
	struct stat st;
	int dir, fd;

	snprintf(path, sizeof(path), "/proc/%u", req->pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Is it still the thread that called? */
	if (dir < 0 || ioctl(sv->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id)) {
		if (dir >= 0)
			close(dir);
		errno = ESRCH;
		return -1;
	}
	fd = socket_in(sv, dir, &req->data);
	/* The socket belongs to whoever asked for it. */
	if (fd >= 0 && !fstat(dir, &st) && st.st_uid != geteuid() &&
	    fchown(fd, st.st_uid, st.st_gid)) {
		close(fd);
		fd = -1;
	}
	close(dir);
	return fd;
}

static void respond(const struct supervisor *sv, __u64 id, int error,
		    struct seccomp_notif_resp *resp, size_t size)
{
	memset(resp, 0, size);
	resp->id = id;
	if (error)
		resp->error = -error;
	else
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(sv->listener, SECCOMP_IOCTL_NOTIF_SEND, resp);
}

/* Gives @fd to the caller as the answer; 0 or an errno. */
static int give(const struct supervisor *sv, const struct seccomp_notif *req, int fd)
{
	struct seccomp_notif_addfd addfd = {
		.id = req->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (__u32)fd,
		.newfd_flags = (int)req->data.args[1] & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};

	return ioctl(sv->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0 ? errno : 0;
}

static void answer(const struct supervisor *sv, const struct seccomp_notif *req,
		   struct seccomp_notif_resp *resp, size_t size)
{
	const int fd = socket_for(sv, req);
	int error;

	if (fd < 0) {
		respond(sv, req->id, sv->strict ? errno : 0, resp, size);
		return;
	}
	error = give(sv, req, fd);
	close(fd);
	if (error && error != ENOENT)
		respond(sv, req->id, error, resp, size);
}

/* The kernel's structures may be longer than those it was compiled with. */
static void supervise(const struct supervisor *sv)
{
	struct pollfd pfd = { .fd = sv->listener, .events = POLLIN };
	struct seccomp_notif_sizes sizes;
	struct seccomp_notif_resp *resp;
	struct seccomp_notif *req;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		return;
	if (sizes.seccomp_notif < sizeof(*req))
		sizes.seccomp_notif = sizeof(*req);
	if (sizes.seccomp_notif_resp < sizeof(*resp))
		sizes.seccomp_notif_resp = sizeof(*resp);
	req = malloc(sizes.seccomp_notif);
	resp = malloc(sizes.seccomp_notif_resp);
	while (req && resp) {
		if (poll(&pfd, 1, -1) != 1)
			continue;
		if (!(pfd.revents & POLLIN))
			break;
		memset(req, 0, sizes.seccomp_notif);
		if (!ioctl(sv->listener, SECCOMP_IOCTL_NOTIF_RECV, req))
			answer(sv, req, resp, sizes.seccomp_notif_resp);
	}
	free(req);
	free(resp);
}

/* Lets go of all that a caller could wait for. */
static void detach(int *channel)
{
	const int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (*channel != 3)
		*channel = dup2(*channel, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	setsid();
	if (chdir("/"))
		_exit(1);
	prctl(PR_SET_NAME, "wspctl-run");
	signal(SIGHUP, SIG_IGN);
}

static void supervisor(int channel, int family, bool strict)
{
	struct supervisor sv = { .family = family, .strict = strict };

	detach(&channel);
	sv.listener = receive_fd(channel);
	sv.netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	close(channel);
	if (sv.listener >= 0 && !fstat(sv.netns, &sv.netns_stat))
		supervise(&sv);
	_exit(0);
}

/* No child of the program's, which may wait for all that it has. */
static int start_supervisor(int channel, int family, bool strict)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		pid = fork();
		if (!pid)
			supervisor(channel, family, strict);
		_exit(pid < 0 ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		warnx("cannot start a supervisor: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* Becomes the program; returns if it cannot be given sockets of the family. */
int run_notified(int family, bool strict, const char *path, char **argv)
{
	const bool nested = getenv("WSPCTL_RUN");
	int channel[2], listener;
	char setting[32];

	snprintf(setting, sizeof(setting), "%d%s", family, strict ? ",strict" : "");
	if (setenv("WSPCTL_RUN", setting, 1) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) {
		warnx("cannot start a supervisor: %s", strerror(errno));
		return RUN_FAILED;
	}
	if (start_supervisor(channel[1], family, strict))
		return RUN_FAILED;
	close(channel[1]);

	listener = install_filter();
	if (listener < 0 && errno == EBUSY && nested)
		return 0;	/* one wspctl within another */
	if (listener < 0) {
		warnx("cannot stop the program's calls by seccomp: %s",
		      strerror(errno));
		return RUN_FAILED;
	}
	if (pass_fd(channel[0], listener)) {
		warnx("the supervisor has died");
		exit(RUN_FAILED);	/* sockets fail from here on */
	}
	close(listener);
	close(channel[0]);
	execv(path, argv);
	return 0;
}
