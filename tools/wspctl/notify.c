// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets for programs that LD_PRELOAD does not reach. A seccomp filter stops
 * the calls of socket(), and a supervisor answers each with a socket of the
 * family. What the calls say is in registers, so nobody can change it after it
 * was looked at. The supervisor ends with the last program that it is there for.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "wspctl.h"
#include "run.h"

static const char *const reasons[] = {
	[HIDDEN] = "its namespaces are hidden, as those of a program that is not dumpable are",
	[OTHER_NETNS] = "its network namespace cannot be entered",
	[OTHER_USER] = "its user and groups cannot be taken on",
	[OTHER_CGROUP] = "its cgroup cannot be entered",
	[OTHER_LABEL] = "its security label is another",
	[NO_CHILD] = "there was no process to make them",
	[UNREADABLE] = "its memory cannot be read, for socketcall(2)",
	[DENIED] = "AF_WSP sockets are denied",
	[DIED] = "the supervisor has died",
};

/* A message with a descriptor, unless that is -1. */
int pass_fd(int channel, int fd, const void *message, size_t size)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { .iov_base = (void *)message, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	return sendmsg(channel, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -1;
}

/* The descriptor, or -1; @message stays as it is if there is none. */
int receive_fd(int channel, void *message, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = message, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(channel, &msg, MSG_CMSG_CLOEXEC) != (ssize_t)size)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

/*
 * Whoever reads the complaints must not wait for the supervisor to end: it has a
 * file of the disk open, anything else it opens only now. A socket cannot be.
 */
static int open_log(void)
{
	struct stat st;

	if (!fstat(STDERR_FILENO, &st) && S_ISREG(st.st_mode))
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return open("/proc/self/fd/2", O_PATH | O_CLOEXEC);
}

static void say(const struct supervisor *sv, const char *text)
{
	char path[32];
	int fd;

	if (dprintf(sv->log, "wspctl run: %s\n", text) >= 0)
		return;
	snprintf(path, sizeof(path), "self/fd/%d", sv->log);
	fd = openat(sv->proc, path,
		    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		syslog(LOG_WARNING, "%s", text);
	else
		dprintf(fd, "wspctl run: %s\n", text);
	if (fd >= 0)
		close(fd);
}

/* Once for each reason, with the first that it befalls. */
static void complain(const struct supervisor *sv, int dir, __u32 pid, enum reason reason)
{
	static unsigned int said;
	char text[256], name[17] = "?";
	int fd;

	if (said & 1U << reason)
		return;
	said |= 1U << reason;
	fd = openat(dir, "comm", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		const ssize_t n = read(fd, name, sizeof(name) - 1);

		name[n > 0 ? n : 0] = 0;
		name[strcspn(name, "\n")] = 0;
		close(fd);
	}
	for (char *c = name; *c; c++)
		*c = *c >= ' ' && *c <= '~' ? *c : '?';
	snprintf(text, sizeof(text), "%s (%u) has %s sockets: %s", name, pid,
		 sv->strict ? "no" : "plain", reasons[reason]);
	say(sv, text);
}

bool is_waiting(const struct supervisor *sv, __u64 id)
{
	return !seccomp_notify_id_valid(sv->listener, id);
}

/* The caller's own call goes on, or fails if there is an @error. */
static void respond(const struct supervisor *sv, __u64 id, int error)
{
	struct seccomp_notif_resp *resp = NULL;

	if (seccomp_notify_alloc(NULL, &resp))
		_exit(1);
	resp->id = id;
	if (error)
		resp->error = -error;
	else
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	seccomp_notify_respond(sv->listener, resp);
	seccomp_notify_free(NULL, resp);
}

/* Gives @fd to the caller as the answer; 0 or an errno. */
static int give(const struct supervisor *sv, __u64 id, const struct call *call, int fd)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (__u32)fd,
		.newfd_flags = call->type & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};

	return ioctl(sv->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0 ? errno : 0;
}

/* TCP or UDP over IPv4 or IPv6? */
static bool is_ours(const struct call *call)
{
	if (call->domain != AF_INET && call->domain != AF_INET6)
		return false;
	switch (call->type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) {
	case SOCK_STREAM:
		return !call->protocol || call->protocol == IPPROTO_TCP;
	case SOCK_DGRAM:
		return !call->protocol || call->protocol == IPPROTO_UDP;
	default:
		return false;
	}
}

static void answer_call(const struct supervisor *sv, const struct seccomp_notif *req,
			int dir)
{
	const struct seccomp_data *data = &req->data;
	struct call call = {
		.domain = (int)data->args[0],
		.type = (int)data->args[1],
		.protocol = (int)data->args[2],
	};
	struct made made = { .reason = UNREADABLE, .error = EPERM };
	int fd = -1, error;

	if (!is_socketcall(data) || read_arguments(dir, data, &call)) {
		if (!is_ours(&call)) {
			respond(sv, req->id, 0);
			return;
		}
		fd = socket_for(sv, dir, req->id, &call, &made);
	}
	if (fd >= 0) {
		error = give(sv, req->id, &call, fd);
		close(fd);
		if (error && error != ENOENT)
			respond(sv, req->id, error);
	} else if (is_waiting(sv, req->id)) {
		complain(sv, dir, req->pid, made.reason);
		respond(sv, req->id, sv->strict ? made.error : 0);
	}
}

/* Without a family, all calls go on as they are. */
static void answer(const struct supervisor *sv, const struct seccomp_notif *req)
{
	char pid[16];
	int dir;

	snprintf(pid, sizeof(pid), "%u", req->pid);
	dir = openat(sv->proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!sv->family) {
		respond(sv, req->id, 0);
	} else if (dir < 0 && is_waiting(sv, req->id)) {
		complain(sv, dir, req->pid, HIDDEN);
		respond(sv, req->id, sv->strict ? EPERM : 0);
	} else if (is_waiting(sv, req->id)) {
		answer_call(sv, req, dir);
	}
	if (dir >= 0)
		close(dir);
}

/* The kernel wants nothing but zeros where it is to write. */
static void receive(const struct supervisor *sv)
{
	struct seccomp_notif *req = NULL;

	if (seccomp_notify_alloc(&req, NULL))
		_exit(1);
	/* It fails if the caller was killed. */
	if (!seccomp_notify_receive(sv->listener, req)) {
		*sv->pending = req->id;
		answer(sv, req);
		*sv->pending = 0;
	}
	seccomp_notify_free(req, NULL);
}

/* As long as there are programs with the filter, or until @other is hung up. */
static bool supervise(const struct supervisor *sv, int other)
{
	struct pollfd pfds[] = {
		{ .fd = sv->listener, .events = POLLIN },
		{ .fd = other },
	};

	for (;;) {
		if (poll(pfds, 2, -1) <= 0)
			continue;
		if (pfds[0].revents & POLLIN)
			receive(sv);
		else if (pfds[0].revents)
			return true;
		if (pfds[1].revents)
			return false;
	}
}

/*
 * Calls that are stopped fail for good when nobody is there to answer, and nobody
 * can begin anew: the kernel lets a filter have one listener in its life. That is as
 * it should be where it is strict; elsewhere somebody stands by. A supervisor whose
 * standby has died is the next one's standby.
 */
static void stand_by(struct supervisor *sv)
{
	int ends[2] = { -1, -1 }, status = 0;
	pid_t pid = 0;

	while (!pid) {
		prctl(PR_SET_NAME, "wspctl-standby");
		pid = pipe2(ends, O_CLOEXEC) ? -1 : fork();
		if (pid)
			break;
		close(ends[1]);
		prctl(PR_SET_NAME, "wspctl-run");
		if (supervise(sv, ends[0]))
			_exit(0);
		close(ends[0]);
	}
	close(ends[0]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid) {
		if (!status)
			return;
		sv->family = 0;
		say(sv, "the supervisor has died; going on with plain sockets");
		if (*sv->pending)
			respond(sv, *sv->pending, 0);
	}
	supervise(sv, -1);
}

/* Lets go of all that a caller could wait for, but for @count descriptors. */
static void detach(int **keep, int count)
{
	const int nothing = open("/", O_PATH | O_CLOEXEC);

	for (int i = 0; i < count; i++)
		*keep[i] = fcntl(*keep[i], F_DUPFD_CLOEXEC, 3 + count);
	for (int fd = 0; fd < 3; fd++)
		dup2(nothing, fd);
	for (int i = 0; i < count; i++)
		*keep[i] = dup3(*keep[i], 3 + i, O_CLOEXEC);
	syscall(SYS_close_range, 3 + count, ~0U, 0);
	setsid();
	if (chdir("/"))
		_exit(1);
	prctl(PR_SET_NAME, "wspctl-run");
	signal(SIGHUP, SIG_IGN);
}

static void supervisor(int channel, struct supervisor *sv)
{
	char byte = 0;

	sv->log = open_log();
	detach((int *[]){ &channel, &sv->log }, 2);
	openlog("wspctl", LOG_PID, LOG_DAEMON);
	sv->proc = open_proc();
	sv->pending = mmap(NULL, sizeof(*sv->pending), PROT_READ | PROT_WRITE,
			   /* cppcheck-suppress invalidFunctionArg */
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sv->proc < 0 || sv->pending == MAP_FAILED || write(channel, &byte, 1) != 1)
		_exit(1);
	sv->listener = receive_fd(channel, &byte, 1);
	close(channel);
	if (sv->listener < 0)
		_exit(1);
	if (sv->strict)
		supervise(sv, -1);
	else
		stand_by(sv);
	_exit(0);
}

/* No child of the program's, which may wait for all that it has. */
static int start_supervisor(int channel[2], struct supervisor *sv)
{
	int status = 1;
	char byte;
	pid_t pid = fork();

	if (!pid) {
		close(channel[0]);
		pid = fork();
		if (!pid)
			supervisor(channel[1], sv);
		_exit(pid < 0 ? 1 : 0);
	}
	close(channel[1]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status ||
	    read(channel[0], &byte, 1) != 1) {
		warnx("cannot start a supervisor");
		return -1;
	}
	return 0;
}

/* Returns if the program's calls are stopped, or not; exits if nobody answers. */
int notify(int family, bool strict)
{
	struct supervisor sv = { .family = family, .strict = strict };
	const int proc = open_proc();
	int channel[2], listener;
	bool subreaper;

	if (proc < 0) {
		warnx("/proc is not of this pid namespace; mount -t proc none /proc");
		return RUN_FAILED;
	}
	close(proc);
	subreaper = stay_as_parent();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) {
		warnx("cannot start a supervisor: %s", strerror(errno));
		return RUN_FAILED;
	}
	if (start_supervisor(channel, &sv))
		return RUN_FAILED;
	if (subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1);

	listener = install_filter(strict);
	if (listener < 0) {
		warnx("cannot stop the program's calls by seccomp: %s",
		      errno == EBUSY ? "somebody else answers them already" :
				       strerror(errno));
		close(channel[0]);
		return RUN_FAILED;
	}
	if (pass_fd(channel[0], listener, "", 1)) {
		warnx("the supervisor has died");
		exit(RUN_FAILED);	/* sockets fail from here on */
	}
	close(listener);
	close(channel[0]);
	return 0;
}
