// SPDX-License-Identifier: GPL-2.0
/* The family itself: section 5 of the contract. */
#include <time.h>
#include <linux/errqueue.h>	/* wants time.h */
#include <linux/io_uring.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

KIND_FIXTURE(kind)

static int int_option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, name, &value, &len);
	return value;
}

TEST(F_01_types_and_protocols)
{
	const int protocols[] = { -1, 0, 1, 2, 3, IPPROTO_TCP, IPPROTO_UDP,
				  IPPROTO_DCCP, IPPROTO_ICMPV6, IPPROTO_SCTP,
				  IPPROTO_UDPLITE, 255, 256, IPPROTO_MPTCP,
				  0x7fffffff };
	const int flags[] = { 0, SOCK_NONBLOCK, SOCK_CLOEXEC,
			      SOCK_NONBLOCK | SOCK_CLOEXEC };
	int before = count_descriptors(), type, want, fd;
	size_t i, j;

	for (type = 1; type <= 10; type++) {
		for (i = 0; i < ARRAY_SIZE(protocols) * ARRAY_SIZE(flags); i++) {
			j = i / ARRAY_SIZE(flags);
			want = 0;
			if (protocols[j] != 0 && protocols[j] != 1)
				want = EPROTONOSUPPORT;
			if (type != SOCK_STREAM && type != SOCK_DGRAM)
				want = ESOCKTNOSUPPORT;
			fd = socket(AF_WSP, type | flags[i % ARRAY_SIZE(flags)],
				    protocols[j]);
			EXPECT_EQ(want, fd < 0 ? errno : 0)
				TH_LOG("type %d protocol %d", type, protocols[j]);
			close(fd);
		}
	}
	EXPECT_EQ(before, count_descriptors());
}

TEST_F(kind, F_01_what_it_is)
{
	const bool stream = self->k.type == SOCK_STREAM;
	const int protocol = self->k.row.family == AF_INET6;
	int fd, pair[2];

	EXPECT_EQ(self->k.type, int_option(self->k.fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(stream ? IPPROTO_TCP : IPPROTO_UDP,
		  int_option(self->k.fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(self->k.row.family, int_option(self->k.fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, fcntl(self->k.fd, F_GETFD));
	EXPECT_EQ(self->k.row.family, local_name(self->k.fd).sa.sa_family);

	fd = socket(AF_WSP, self->k.type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_FAILS(EOPNOTSUPP, socketpair(AF_WSP, self->k.type, protocol,
					    pair));
}

TEST_F(kind, F_01_for_anybody)
{
	close(self->k.fd);
	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	self->k.fd = wsp_socket(self->k.type, &self->k.row);
	ASSERT_GE(self->k.fd, 0);
	/* Not by kind_join(), which changes namespaces. */
	EXPECT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
}

TEST_F(kind, F_02_fork_and_dup)
{
	int status, fd = dup(self->k.fd);
	pid_t pid;

	ASSERT_TRUE(kind_join(&self->k));
	close(self->k.fd);
	EXPECT_TRUE(kind_talk(fd, self->k.peer));
	EXPECT_EQ(0, ioctl(fd, WSP_IOC_INFO, &(struct wsp_info){}));
	pid = fork();
	if (!pid)
		_exit(!kind_talk(fd, self->k.peer));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(kind_talk(fd, self->k.peer));
	self->k.fd = fd;
}

TEST_F(kind, F_02_passed_to_others)
{
	int pair[2];

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_descriptor(pair[0], self->k.fd));
	close(self->k.fd);
	self->k.fd = receive_descriptor(pair[1]);
	EXPECT_EQ(0, ioctl(self->k.fd, WSP_IOC_INFO, &(struct wsp_info){}));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
}

TEST_F(kind, F_02_epoll_edges)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0), i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->k.fd, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(4, send(self->k.peer, "data", 4, 0));
		EXPECT_EQ(1, epoll_wait(ep, &event, 1, DEADLINE_MS));
		EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	}
}

TEST_F(kind, F_02_sigio)
{
	const struct timespec deadline = { .tv_sec = DEADLINE_MS / 1000 };
	siginfo_t info = {};
	sigset_t set;

	ASSERT_TRUE(kind_join(&self->k));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &set, NULL));
	ASSERT_EQ(0, fcntl(self->k.fd, F_SETSIG, SIGRTMIN));
	ASSERT_EQ(0, fcntl(self->k.fd, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->k.fd, F_SETFL, O_ASYNC));
	EXPECT_EQ(4, send(self->k.peer, "data", 4, 0));
	EXPECT_EQ(SIGRTMIN, sigtimedwait(&set, &info, &deadline));
	EXPECT_EQ(self->k.fd, info.si_fd);
}

struct reading {
	int fd;
	size_t want;
	unsigned int sum;
};

static unsigned int checksum(unsigned int sum, const unsigned char *p, size_t n)
{
	while (n--)
		sum = sum * 31 + *p++;
	return sum;
}

static void *read_all(void *arg)
{
	unsigned char buf[4096];
	struct reading *r = arg;
	ssize_t n = 1;

	for (; r->want && n > 0; r->want -= n) {
		n = wait_for(r->fd, POLLIN) ? recv(r->fd, buf, sizeof(buf), 0) : 0;
		r->sum = checksum(r->sum, buf, n > 0 ? n : 0);
	}
	return NULL;
}

TEST_F(kind, F_02_sendfile)
{
	const size_t size = self->k.type == SOCK_STREAM ? 1 << 20 : 1200;
	int file = memfd_create("data", 0);
	unsigned char *data = malloc(size);
	struct reading r;
	pthread_t thread;
	off_t at = 0;
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = i * i >> 8;
	ASSERT_EQ(size, write(file, data, size));
	ASSERT_TRUE(kind_join(&self->k));
	r = (struct reading){ .fd = self->k.peer, .want = size };
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_all, &r));
	while (at < size && sendfile(self->k.fd, file, &at, size - at) > 0)
		;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, r.want);
	EXPECT_EQ(checksum(0, data, size), r.sum);
	free(data);
}

TEST_F(kind, F_02_zero_copy)
{
	static char data[8192], control[256];
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct sock_extended_err *err;
	const int on = 1;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)));
	ASSERT_EQ(1000, send(self->k.fd, data, 1000, MSG_ZEROCOPY));
	ASSERT_TRUE(wait_for(self->k.peer, POLLIN));
	EXPECT_EQ(1000, recv(self->k.peer, data, sizeof(data), 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLERR));
	ASSERT_EQ(0, recvmsg(self->k.fd, &msg, MSG_ERRQUEUE));
	ASSERT_NE(NULL, CMSG_FIRSTHDR(&msg));
	err = (void *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	EXPECT_EQ(SO_EE_ORIGIN_ZEROCOPY, err->ee_origin);
}

/* One request of io_uring's, waited for: what it gives. */
static int uring(struct io_uring_sqe sqe)
{
	struct io_uring_params p = {};
	int fd = syscall(SYS_io_uring_setup, 1, &p), rc;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqe;
	char *rings;

	if (fd < 0)
		return -errno;
	/* Both rings are in one mapping. */
	rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     IORING_OFF_SQ_RING);
	sqes = mmap(NULL, sizeof(sqe), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    IORING_OFF_SQES);
	if (rings == MAP_FAILED || sqes == MAP_FAILED)
		return -errno;
	*sqes = sqe;
	((unsigned int *)(rings + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(rings + p.sq_off.tail), 1,
			 __ATOMIC_RELEASE);
	rc = syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	cqe = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
	rc = rc == 1 ? cqe->res : -errno;
	close(fd);
	return rc;
}

/* SEND_ZC works only where the native socket's flags were carried over. */
TEST_F(kind, F_02_io_uring)
{
	union name name = name_host(self->k.row.family, UNREACHABLE, 9);
	char buf[8] = "data";

	EXPECT_EQ(-ENETUNREACH, uring((struct io_uring_sqe) {
		.opcode = IORING_OP_CONNECT, .fd = self->k.fd,
		.addr = (uintptr_t)&name, .off = name_len(&name) }));
	name = name_host(self->k.row.family, PEER_A, 0);
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(4, uring((struct io_uring_sqe) {
		.opcode = IORING_OP_SEND, .fd = self->k.fd,
		.addr = (uintptr_t)buf, .len = 4 }));
	EXPECT_TRUE(got(self->k.peer, "data", NULL));
	EXPECT_EQ(4, uring((struct io_uring_sqe) {
		.opcode = IORING_OP_SEND_ZC, .fd = self->k.fd,
		.addr = (uintptr_t)buf, .len = 4 }));
	EXPECT_TRUE(got(self->k.peer, "data", NULL));
	EXPECT_EQ(4, send(self->k.peer, "back", 4, 0));
	EXPECT_EQ(4, uring((struct io_uring_sqe) {
		.opcode = IORING_OP_RECV, .fd = self->k.fd,
		.addr = (uintptr_t)buf, .len = sizeof(buf) }));
	EXPECT_EQ(0, memcmp(buf, "back", 4));
}

TEST_F(kind, C_13_no_fast_open_by_io_uring)
{
	union name name = kind_name(&self->k);
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct msghdr msg = { .msg_name = &name, .msg_namelen = name_len(&name),
			      .msg_iov = &iov, .msg_iovlen = 1 };
	const struct io_uring_sqe bytes = {
		.fd = self->k.fd, .addr = (uintptr_t)"data", .len = 4,
		.addr2 = (uintptr_t)&name, .addr_len = name_len(&name),
		.msg_flags = MSG_FASTOPEN | MSG_NOSIGNAL };
	const struct io_uring_sqe message = {
		.fd = self->k.fd, .addr = (uintptr_t)&msg, .len = 1,
		.msg_flags = MSG_FASTOPEN | MSG_NOSIGNAL };
	const struct {
		const struct io_uring_sqe *sqe;
		int opcode;
	} ways[] = {
		{ &bytes, IORING_OP_SEND }, { &bytes, IORING_OP_SEND_ZC },
		{ &message, IORING_OP_SENDMSG },
		{ &message, IORING_OP_SENDMSG_ZC },
	};
	struct io_uring_sqe sqe;
	size_t i;

	if (self->k.type == SOCK_DGRAM)
		return;
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		sqe = *ways[i].sqe;
		sqe.opcode = ways[i].opcode;
		EXPECT_EQ(-EOPNOTSUPP, uring(sqe))
			TH_LOG("for opcode %d", ways[i].opcode);
		EXPECT_EQ(0, local_port(self->k.fd));
	}
	EXPECT_FALSE(readable_now(self->k.lfd));
	EXPECT_TRUE(kind_join(&self->k));
}

TEST_F(kind, F_02_reuse_port)
{
	int second = wsp_socket(self->k.type, &self->k.row);
	const int on = 1;

	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	ASSERT_EQ(0, setsockopt(second, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	EXPECT_EQ(0, bind_port(self->k.fd, self->k.row.family, "0.0.0.0", "::", 4711));
	EXPECT_EQ(0, bind_port(second, self->k.row.family, "0.0.0.0", "::", 4711));
	if (self->k.type == SOCK_STREAM) {
		EXPECT_EQ(0, listen(self->k.fd, 1));
		EXPECT_EQ(0, listen(second, 1));
	}
}

TEST_F(kind, F_02_seen_by_tools)
{
	const bool v6 = self->k.row.family == AF_INET6;
	char path[64], text[128];
	struct stat st;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(0, fstat(self->k.fd, &st));
	snprintf(path, sizeof(path), "/proc/thread-self/net/%s%s",
		 self->k.type == SOCK_STREAM ? "tcp" : "udp", v6 ? "6" : "");
	snprintf(text, sizeof(text), " %lu ", (unsigned long)st.st_ino);
	EXPECT_TRUE(file_says(path, text));
	snprintf(text, sizeof(text), "ss -Htuanp | grep -q 'pid=%d,fd=%d)'",
		 getpid(), self->k.fd);
	EXPECT_EQ(0, system(text));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->k.fd);
	EXPECT_TRUE(file_says(path, v6 ? "wsp-protocol:\tipv6\n" :
					 "wsp-protocol:\tipv4\n"));
	EXPECT_TRUE(file_says(path, "wsp-state:\tconnected\n"));
}

#define TRACING "/sys/kernel/tracing/"

static bool trace_set(const char *file, const char *value)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	done = fd >= 0 && write(fd, value, strlen(value)) == strlen(value);
	close(fd);
	return done;
}

/* Records which functions of the module this thread calls. */
static bool trace_start(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", gettid());
	return trace_set("current_tracer", "nop") &&
	       trace_set("options/event-fork", "0") &&
	       trace_set("set_ftrace_pid", pid) &&
	       trace_set("set_ftrace_filter", ":mod:wspfam") &&
	       trace_set("current_tracer", "function") &&
	       trace_set("trace", "\n") && trace_set("tracing_on", "1");
}

static void trace_stop(void)
{
	trace_set("tracing_on", "0");
	trace_set("current_tracer", "nop");
	trace_set("set_ftrace_filter", "\n");
	trace_set("set_ftrace_pid", "\n");
}

/* Every way to send to the peer: what they have sent in all. */
static int send_all_ways(int fd, int file, const int pipe[2])
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	int sum = 0;

	sum += send(fd, "data", 4, MSG_NOSIGNAL);
	sum += sendmsg(fd, &msg.msg_hdr, 0);
	sum += sendmmsg(fd, &msg, 1, 0) * 4;
	sum += write(fd, "data", 4);
	sum += writev(fd, &iov, 1);
	sum += sendfile(fd, file, &(off_t){ 0 }, 4);
	sum += write(pipe[1], "data", 4);
	sum += splice(pipe[0], NULL, fd, NULL, 4, 0);
	return sum;
}

/* Every way to wait for and to receive 4 bytes; the queue holds enough. */
static int receive_all_ways(int fd, const int pipe[2])
{
	struct epoll_event event = { .events = EPOLLIN };
	char buf[4];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	int sum = 0, ep = epoll_create1(0);

	sum += wait_for(fd, POLLIN | POLLOUT);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
	sum += epoll_wait(ep, &event, 1, 0);
	sum += recv(fd, buf, 4, 0);
	sum += recvmsg(fd, &msg.msg_hdr, 0);
	sum += recvmmsg(fd, &msg, 1, 0, NULL) * 4;
	sum += read(fd, buf, 4);
	sum += readv(fd, &iov, 1);
	sum += splice(fd, NULL, pipe[1], NULL, 4, 0);
	close(ep);
	return sum;
}

TEST_F(kind, F_02_connected_path_is_native)
{
	int file = memfd_create("data", 0), pipes[2], i, sent, received;

	if (!file_says(TRACING "available_tracers", "function"))
		SKIP(return, "the kernel has no function tracer in " TRACING);
	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(4, write(file, "data", 4));
	ASSERT_EQ(0, pipe(pipes));
	for (i = 0; i < 6; i++)
		ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));

	ASSERT_TRUE(trace_start());
	sent = send_all_ways(self->k.fd, file, pipes);
	received = receive_all_ways(self->k.fd, pipes);
	trace_set("tracing_on", "0");
	EXPECT_EQ(8 * 4, sent);
	EXPECT_EQ(6 * 4 + 2, received);
	EXPECT_FALSE(file_says(TRACING "trace", "wsp_"));

	/* What is not connected does show. */
	close(self->k.fd);
	self->k.fd = wsp_socket(self->k.type, &self->k.row);
	trace_set("tracing_on", "1");
	EXPECT_EQ(-1, send(self->k.fd, "data", 4, MSG_NOSIGNAL));
	EXPECT_TRUE(file_says(TRACING "trace", "wsp_"));
	trace_stop();
}

/* Does this receive go by the module? */
static bool receive_is_guarded(int fd)
{
	char buf[8];

	trace_set("trace", "\n");
	trace_set("tracing_on", "1");
	recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	trace_set("tracing_on", "0");
	return file_says(TRACING "trace", "wsp_dgram_recvmsg_fresh");
}

TEST(D_13_native_receive_comes_back)
{
	const struct row row = { AF_INET, true, CONNECT };
	union name former = name_host(AF_INET, PEER_A, 9);
	union name peer = name_host(AF_INET, PEER_B, 9);
	int fd = wsp_socket(SOCK_DGRAM, &row);
	long end = now_ms() + DEADLINE_MS;

	if (!file_says(TRACING "available_tracers", "function"))
		SKIP(return, "the kernel has no function tracer in " TRACING);
	ASSERT_EQ(0, try_connect(&row, fd, &former, name_len(&former)));
	ASSERT_TRUE(trace_start());
	ASSERT_EQ(0, try_connect(&row, fd, &peer, name_len(&peer)));
	EXPECT_TRUE(receive_is_guarded(fd));
	while (receive_is_guarded(fd))
		ASSERT_LT(now_ms(), end);
	trace_stop();
}

TEST_F(kind, F_06_held_by_sockets)
{
	int base = references() - 1, fds[50], i;

	EXPECT_EQ(-EAGAIN, remove_module());
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = wsp_socket(self->k.type, &self->k.row);
		EXPECT_EQ(base + 2 + i, references());
	}
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	EXPECT_TRUE(wait_references(base + 1));

	/* Connecting takes no more, and a duplicate is the same socket. */
	ASSERT_TRUE(kind_join(&self->k));
	fds[0] = dup(self->k.fd);
	close(self->k.fd);
	EXPECT_EQ(base + 1, references());
	EXPECT_EQ(-EAGAIN, remove_module());
	close(fds[0]);
	EXPECT_TRUE(wait_references(base));
}

TEST_F(kind, F_06_held_from_afar)
{
	int base = references() - 1, pair[2], wake[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, pipe(wake));
	ASSERT_EQ(0, send_descriptor(pair[0], self->k.fd));
	pid = fork();
	if (!pid) {
		close(wake[1]);
		close(pair[0]);
		close(pair[1]);
		_exit(read(wake[0], &pid, 1));
	}
	close(self->k.fd);
	/* In a message that nobody has received, and in the child. */
	EXPECT_EQ(base + 1, references());
	EXPECT_EQ(-EAGAIN, remove_module());
	close(wake[1]);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(base + 1, references());
	EXPECT_EQ(-EAGAIN, remove_module());
	close(pair[0]);
	close(pair[1]);
	EXPECT_TRUE(wait_references(base));
}

TEST_F(kind, F_06_held_by_accepted_socket)
{
	int client = plain_socket(HERE, self->k.row.family, SOCK_STREAM), fd;
	int base = references() - 1;
	union name name;

	if (self->k.type == SOCK_DGRAM)
		return;
	ASSERT_EQ(0, bind_port(self->k.fd, self->k.row.family, "127.0.0.1", "::1", 0));
	ASSERT_EQ(0, listen(self->k.fd, 1));
	name = local_name(self->k.fd);
	ASSERT_EQ(0, connect(client, &name.sa, name_len(&name)));
	fd = accept(self->k.fd, NULL, NULL);
	EXPECT_EQ(base + 2, references());
	close(self->k.fd);
	EXPECT_TRUE(wait_references(base + 1));
	EXPECT_EQ(-EAGAIN, remove_module());
	EXPECT_TRUE(kind_talk(fd, client));
	close(fd);
	EXPECT_TRUE(wait_references(base));
}

/* The namespace has no other holder than the socket. */
TEST_F(kind, F_06_namespaces_come_and_go)
{
	union name name = name_host(self->k.row.family, PEER_A, 9);
	int base = references(), i, fd;

	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		fd = wsp_socket(self->k.type, &self->k.row);
		enter(HERE);
		EXPECT_EQ(WSAENETDOWN, try_connect(&self->k.row, fd, &name,
						   name_len(&name)));
		EXPECT_EQ(base + 1, references());
		close(fd);
	}
	EXPECT_TRUE(wait_references(base));
}

TEST_F(kind, F_02_native_ioctls)
{
	struct ifreq ifr = { .ifr_name = "wsp-a" };
	int value = -1, on = 1;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	EXPECT_EQ(0, ioctl(self->k.fd, FIONREAD, &value));
	EXPECT_EQ(4, value);
	EXPECT_EQ(0, ioctl(self->k.fd, SIOCOUTQ, &value));
	EXPECT_EQ(0, ioctl(self->k.fd, FIONBIO, &on));
	EXPECT_EQ(O_NONBLOCK, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, ioctl(self->k.fd, SIOCGIFINDEX, &ifr));
	EXPECT_EQ(if_nametoindex("wsp-a"), ifr.ifr_ifindex);
	if (self->k.type == SOCK_STREAM)
		EXPECT_EQ(0, ioctl(self->k.fd, SIOCATMARK, &value));
}

WSP_TEST_MAIN
