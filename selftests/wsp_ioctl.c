// SPDX-License-Identifier: GPL-2.0
/* The ioctls of the family: <linux/wsp.h>, and what it asks of pointers. */
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

KIND_FIXTURE(kind)

TEST_F(kind, F_07_info)
{
	struct wsp_info info;

	memset(&info, 0xff, sizeof(info));
	ASSERT_EQ(0, ioctl(self->k.fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(WSP_ABI, info.abi);
	EXPECT_EQ(AF_WSP, info.family);
	EXPECT_EQ(self->k.row.family == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4,
		  info.protocol);
	EXPECT_EQ(self->k.type, info.type);
	EXPECT_EQ(0, info.code);
	EXPECT_EQ(0, info.reserved);
}

TEST_F(kind, F_07_bad_pointers)
{
	const unsigned int cmds[] = { WSP_IOC_INFO, WSP_IOC_CODE, WSP_IOC_JUDGE,
				      WSP_IOC_CALLEE, WSP_IOC_KEEP };
	char *end = page_end();
	struct wsp_code *code;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		const int size = _IOC_SIZE(cmds[i]);

		memset(end - size, 0, size);
		*(int *)(end - size) = cmds[i] == WSP_IOC_CODE;
		EXPECT_FAILS(EFAULT, ioctl(self->k.fd, cmds[i], NULL));
		EXPECT_FAILS(EFAULT, ioctl(self->k.fd, cmds[i], end));
		EXPECT_FAILS(EFAULT, ioctl(self->k.fd, cmds[i], -4096L));
		EXPECT_FAILS(EFAULT, ioctl(self->k.fd, cmds[i], end - size + 4));
		memset(end - size, 0, size);
		*(int *)(end - size) = cmds[i] == WSP_IOC_CODE;
		EXPECT_EQ(0, ioctl(self->k.fd, cmds[i], end - size));
	}
	code = (void *)(end - sizeof(*code));
	*code = (struct wsp_code){ .error = ECONNREFUSED };
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_FAILS(EFAULT, ioctl(self->k.fd, WSP_IOC_INFO, code));
	EXPECT_FAILS(EFAULT, ioctl(self->k.fd, WSP_IOC_CODE, code));
}

TEST_F(kind, F_07_unknown_ioctls)
{
	char arg[4096] = {};
	int nr, size;

	for (nr = 0xc4; nr <= 0xcf; nr++)
		EXPECT_FAILS(ENOTTY, ioctl(self->k.fd, _IOWR('W', nr, int), arg));
	for (nr = 0xc0; nr <= 0xc3; nr++) {
		for (size = 0; size <= 64; size += 4)
			EXPECT_TRUE(ioctl(self->k.fd, _IOC(_IOC_NONE, 'W', nr, size),
					  arg) == -1 && errno == ENOTTY);
	}
	EXPECT_FAILS(ENOTTY, ioctl(self->k.fd, _IOR('W', 0xc0, int), arg));
	EXPECT_FAILS(ENOTTY, ioctl(self->k.fd, _IOWR('W', 0xc1, char[20]), arg));
}

TEST_F(kind, F_07_code_arguments)
{
	struct wsp_code arg = { .error = 1, .reserved = 1 };
	const unsigned int bad[] = { 0, 4096, 0xffffffff };
	size_t i;

	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CODE, &arg));
	arg = (struct wsp_code){ .error = 1, .source = 2 };
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CODE, &arg));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = (struct wsp_code){ .error = bad[i] };
		EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CODE, &arg));
	}
}

TEST_F(kind, E_01_E_18_every_errno_has_a_code)
{
	static const int codes[] = {
		WSAENETDOWN, WSAEADDRINUSE, WSAEINPROGRESS, WSAEALREADY,
		WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT, WSAECONNREFUSED, WSAEFAULT,
		WSAEINVAL, WSAEISCONN, WSAENETUNREACH, WSAENOBUFS, WSAENOTSOCK,
		WSAEOPNOTSUPP, WSAEPROTONOSUPPORT, WSAETIMEDOUT,
		WSAEWOULDBLOCK, WSAEACCES, WSAEINTR,
	};
	int error, code, source;
	size_t i;

	for (error = 1; error <= 4095; error++) {
		for (source = WSP_CODE_CONNECT; source <= WSP_CODE_SO_ERROR; source++) {
			code = ask_code(self->k.fd, error, source);
			for (i = 0; i < ARRAY_SIZE(codes); i++) {
				if (codes[i] == code)
					break;
			}
			EXPECT_LT(i, ARRAY_SIZE(codes))
				TH_LOG("errno %d, code %d", error, code);
		}
	}
}

TEST_F(kind, E_13_other_files)
{
	const unsigned int cmds[] = { WSP_IOC_INFO, WSP_IOC_CODE, WSP_IOC_JUDGE,
				      WSP_IOC_CALLEE, WSP_IOC_KEEP, WSP_IOC_CHANGE };
	int fds[] = { socket(self->k.row.family, self->k.type, 0),
		      socket(AF_UNIX, self->k.type, 0), eventfd(0, 0),
		      open("/dev/null", O_RDONLY), memfd_create("data", 0) };
	union { struct wsp_code code; char bytes[64]; } arg, same;
	size_t i, j;

	memset(&arg, 0, sizeof(arg));
	arg.code.error = ECONNREFUSED;
	same = arg;
	for (i = 0; i < ARRAY_SIZE(fds) * ARRAY_SIZE(cmds); i++) {
		j = i % ARRAY_SIZE(cmds);
		EXPECT_EQ(-1, ioctl(fds[i / ARRAY_SIZE(cmds)], cmds[j], &arg));
		EXPECT_TRUE(errno == ENOTTY || errno == ENOTSOCK);
		EXPECT_EQ(0, memcmp(&arg, &same, sizeof(arg)));
	}
}

static int judge(int fd, unsigned int cmd, const void *caller,
		 const void *callee, const void *sqos, const void *gqos)
{
	const struct wsp_args args = {
		.caller_data = (uintptr_t)caller,
		.callee_data = (uintptr_t)callee,
		.sqos = (uintptr_t)sqos,
		.gqos = (uintptr_t)gqos,
	};

	return ioctl(fd, cmd, &args) ? errno : 0;
}

#define JUDGE(...)	judge(self->k.fd, WSP_IOC_JUDGE, __VA_ARGS__)
#define CALLEE(callee)	judge(self->k.fd, WSP_IOC_CALLEE, NULL, callee, NULL, NULL)

/* A datagram socket ignores all that a stream refuses. */
#define FOR_STREAM(error)	(self->k.type == SOCK_STREAM ? (error) : 0)

TEST_F(kind, E_08_D_11_judged_pointers)
{
	char *end = page_end(), *bad[] = { end, end - 2, (char *)8, (char *)-8L };
	struct wsp_buf *const edge = (void *)(end - sizeof(*edge));
	struct wsp_qos *const qos = (void *)(end - sizeof(*qos));
	size_t i;

	EXPECT_EQ(0, JUDGE(NULL, NULL, NULL, NULL));
	EXPECT_EQ(0, JUDGE(edge, edge, qos, qos));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(bad[i], NULL, NULL, NULL));
		EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(NULL, bad[i], NULL, NULL));
		EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(NULL, NULL, bad[i], NULL));
		EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(NULL, NULL, NULL, bad[i]));
	}
	EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(NULL, NULL, (char *)qos + 4, NULL));
	/* A pointer that cannot be read is worse than one that can. */
	edge->len = 1;
	EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(edge, end, NULL, NULL));
	EXPECT_EQ(FOR_STREAM(EFAULT), JUDGE(edge, NULL, NULL, end));
}

TEST_F(kind, E_14_E_15_D_11_judged_values)
{
	struct wsp_buf none = { 0 }, some = { 1 }, much = { 0xffffffff };
	struct wsp_qos qos;
	unsigned int type;

	EXPECT_EQ(0, JUDGE(&none, &none, NULL, NULL));
	EXPECT_EQ(0, JUDGE(NULL, &some, NULL, NULL));
	EXPECT_EQ(FOR_STREAM(EPROTONOSUPPORT), JUDGE(&some, NULL, NULL, NULL));
	EXPECT_EQ(FOR_STREAM(EPROTONOSUPPORT), JUDGE(&much, NULL, NULL, NULL));
	for (type = 0; type <= 14; type++) {
		const int error = FOR_STREAM(type > 1 ? EOPNOTSUPP : 0);

		/* Whatever the rates are: nothing is promised. */
		memset(&qos, 0xff, sizeof(qos));
		qos.sending.service_type = type;
		qos.receiving.service_type = WSP_SERVICE_BESTEFFORT;
		EXPECT_EQ(error, JUDGE(NULL, NULL, &qos, NULL));
		EXPECT_EQ(error, JUDGE(NULL, NULL, NULL, &qos));
		qos.receiving.service_type = type;
		qos.sending.service_type = WSP_SERVICE_NOTRAFFIC;
		EXPECT_EQ(error, JUDGE(NULL, NULL, &qos, NULL));
		EXPECT_EQ(error, JUDGE(NULL, NULL, NULL, &qos));
	}
	qos.sending.service_type = 0xffffffff;
	EXPECT_EQ(FOR_STREAM(EOPNOTSUPP), JUDGE(NULL, NULL, &qos, NULL));
	EXPECT_EQ(FOR_STREAM(EPROTONOSUPPORT), JUDGE(&some, NULL, &qos, NULL));
}

TEST_F(kind, C_04_state_before_pointers)
{
	struct wsp_args args = { .reserved = { 0, 1 } };
	struct wsp_buf some = { 1 };

	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_JUDGE, &args));
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CALLEE, &args));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(FOR_STREAM(EISCONN), JUDGE((void *)8, NULL, NULL, NULL));
	EXPECT_EQ(FOR_STREAM(EISCONN), JUDGE(&some, NULL, NULL, NULL));
}

TEST_F(kind, C_10_D_11_callee_data)
{
	char *end = page_end();
	struct wsp_buf *edge = (void *)(end - sizeof(*edge));

	edge->len = 77;
	EXPECT_EQ(0, CALLEE(NULL));
	EXPECT_EQ(0, CALLEE(edge));
	EXPECT_EQ(0, edge->len);
	EXPECT_EQ(FOR_STREAM(EFAULT), CALLEE(end));
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_EQ(FOR_STREAM(EFAULT), CALLEE(edge));
}

#define FAR	(DEADLINE_MS * 1000000LL)	/* in nanoseconds */

static int wait_for_these(int fd, struct pollfd *fds, int count, long long timeout)
{
	struct wsp_poll arg = {
		.fds = (uintptr_t)fds, .timeout = timeout, .count = count,
	};

	return ioctl(fd, WSP_IOC_POLL, &arg);
}

/* The states are those of V-10; more of them are in wsp_select. */
TEST_F(kind, V_10_wait)
{
	const int fd = self->k.fd;
	struct pollfd p[3] = {
		{ .fd = -1, .events = POLLIN, .revents = -1 },
		{ .fd = fd, .events = POLLIN | POLLPRI },
		{ .fd = fd, .events = -1 },
	};

	EXPECT_EQ(FOR_STREAM(1) ? 0 : 1, wait_for_these(fd, p, 3, 0));
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(1, wait_for_these(fd, p, 3, 0));
	EXPECT_EQ(0, p[0].revents);
	EXPECT_EQ(0, p[1].revents);
	EXPECT_EQ(POLLOUT, p[2].revents);
	EXPECT_EQ(0, wait_for_these(fd, p, 2, 1000000));
	EXPECT_EQ(0, wait_for_these(fd, NULL, 0, 0));
	ASSERT_EQ(4, send(self->k.peer, "data", 4, 0));
	EXPECT_EQ(1, wait_for_these(fd, p, 2, FAR));
	EXPECT_EQ(POLLIN, p[1].revents);
	EXPECT_EQ(2, wait_for_these(fd, p, 3, -1));
	EXPECT_EQ(POLLIN | POLLOUT, p[2].revents);
}

TEST_F(kind, V_10_wait_arguments)
{
	const int fd = self->k.fd;
	char *end = page_end();
	struct pollfd *p = (void *)(end - 2 * sizeof(*p));
	struct wsp_poll *arg = (void *)(end - sizeof(*arg));
	int i;

	p[0] = (struct pollfd) { .fd = fd, .events = POLLPRI };
	p[1] = p[0];
	EXPECT_EQ(0, wait_for_these(fd, p, 2, 0));
	EXPECT_FAILS(EFAULT, wait_for_these(fd, p, 3, 0));
	EXPECT_FAILS(EFAULT, wait_for_these(fd, NULL, 1, 0));
	EXPECT_FAILS(EFAULT, wait_for_these(fd, (void *)-8L, 1, 0));
	EXPECT_FAILS(EFAULT, ioctl(fd, WSP_IOC_POLL, (char *)arg + 4));
	EXPECT_FAILS(EFAULT, ioctl(fd, WSP_IOC_POLL, NULL));
	/* No process has so many. */
	EXPECT_FAILS(EBADF, wait_for_these(fd, p, -1, 0));
	EXPECT_FAILS(EBADF, wait_for_these(fd, p, 1 << 30, 0));
	for (i = 0; i < 2; i++) {
		*arg = (struct wsp_poll) { 0 };
		arg->reserved[i] = 1;
		EXPECT_FAILS(EINVAL, ioctl(fd, WSP_IOC_POLL, arg));
	}
	p[0] = (struct pollfd) { .fd = fd, .events = POLLPRI };
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_FAILS(EFAULT, wait_for_these(fd, p, 1, 0));
}

TEST_F(kind, E_13_V_10_wait_for_others)
{
	int fds[] = { socket(self->k.row.family, self->k.type, 0),
		      socket(AF_UNIX, self->k.type, 0), eventfd(1, 0),
		      open("/dev/null", O_RDONLY), INT_MAX, 1 << 20 };
	struct pollfd p[2] = { { .fd = self->k.fd, .events = POLLOUT } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		p[1] = (struct pollfd) { .fd = fds[i], .events = POLLIN };
		EXPECT_FAILS(ENOTSOCK, wait_for_these(self->k.fd, p, 2, -1));
		EXPECT_FAILS(ENOTSOCK, wait_for_these(self->k.fd, p + 1, 1, 0));
	}
}

struct canceller { int fd; _Atomic __u32 over; _Atomic bool done; };

static void *cancel_on(void *arg)
{
	struct canceller *c = arg;

	usleep(1000);
	c->over = 1;
	while (!c->done && !ioctl(c->fd, WSP_IOC_CANCEL))
		usleep(1000);
	return NULL;
}

/* By a word of the caller's; what a socket has to say goes first. */
TEST_F(kind, V_10_T_01_wait_over)
{
	struct pollfd p = { .fd = self->k.fd, .events = POLLPRI };
	struct canceller c = { .fd = self->k.fd };
	struct wsp_poll arg = {
		.fds = (uintptr_t)&p, .count = 1, .timeout = -1,
		.over = (uintptr_t)&c.over,
	};
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, cancel_on, &c));
	EXPECT_FAILS(ECANCELED, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
	c.done = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	arg.timeout = 0;
	EXPECT_FAILS(ECANCELED, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
	ASSERT_TRUE(kind_join(&self->k));
	p.events = POLLOUT;
	EXPECT_EQ(1, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
	p.events = POLLPRI;
	c.over = 0;
	EXPECT_EQ(0, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
	arg.over = 16;
	EXPECT_FAILS(EFAULT, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
}

static void handler(int sig)
{
	(void)sig;
}

TEST_F(kind, V_10_wait_signal)
{
	const struct itimerval once = { .it_value.tv_usec = 50000 };
	const struct sigaction act = { .sa_handler = handler,
				       .sa_flags = SA_RESTART };
	struct pollfd p = { .fd = self->k.fd, .events = POLLPRI };
	struct wsp_poll arg = {
		.fds = (uintptr_t)&p, .count = 1, .timeout = FAR,
	};

	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &once, NULL));
	EXPECT_FAILS(EINTR, ioctl(self->k.fd, WSP_IOC_POLL, &arg));
	EXPECT_GT(FAR, arg.timeout);
	EXPECT_LT(0, arg.timeout);
}

/* A child of that process waits for @ns and is stopped; 0 if it was over before. */
static pid_t stop_waiter(int fd, long long ns)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	struct wsp_poll arg = {
		.fds = (uintptr_t)&p, .count = 1, .timeout = ns,
	};
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (ioctl(fd, WSP_IOC_POLL, &arg))
			_exit(1);
		_exit(arg.timeout == ns);
	}
	kill(pid, reaches_state(pid, 'S') ? SIGSTOP : SIGKILL);
	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) ? pid : 0;
}

/* A process that is stopped goes on waiting, for the rest of the time. */
TEST_F(kind, V_10_wait_stopped)
{
	long long ns;
	pid_t pid = 0;
	int status;
	long start;

	for (ns = 500000000; !pid && ns < FAR; ns *= 2) {
		start = now_ms();
		pid = stop_waiter(self->k.fd, ns);
	}
	ASSERT_NE(0, pid);
	kill(pid, SIGCONT);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_LE(ns / 2 / 1000000 - 1, now_ms() - start);
}

static struct wsp_keep keep(int fd, __u32 mask, __u32 bits)
{
	struct wsp_keep arg = { .mask = mask, .bits = bits };

	if (ioctl(fd, WSP_IOC_KEEP, &arg))
		arg.reserved = errno;
	return arg;
}

/* What it does is in wsp_change. */
TEST_F(kind, I_05_change_arguments)
{
	struct wsp_change arg = { .event = WSP_FD_ADDRESS_LIST_CHANGE, .flags = 3 };

	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CHANGE, &arg));
	arg.flags = WSP_CHANGE_RECORD;
	arg.reserved = 1;
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CHANGE, &arg));
	arg.reserved = 0;
	EXPECT_EQ(0, ioctl(self->k.fd, WSP_IOC_CHANGE, &arg));
	arg.since--;
	arg.flags = WSP_CHANGE_WAIT;
	EXPECT_EQ(0, ioctl(self->k.fd, WSP_IOC_CHANGE, &arg));
	arg.event = WSP_FD_READ;
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_CHANGE, &arg));
}

/* Bits are one socket's, and whoever has a descriptor of it has them. */
TEST_F(kind, S_08_kept)
{
	struct wsp_keep arg = { .mask = -1, .bits = -1, .reserved = 1 };
	int other;

	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_KEEP, &arg));
	EXPECT_EQ(0, keep(self->k.fd, 0, -1).bits);
	EXPECT_EQ(0x00f00700, keep(self->k.fd, 0x0ff00ff0, 0xf0f0f70f).bits);
	EXPECT_EQ(0x00f00702, keep(self->k.fd, 2, 2).bits);
	EXPECT_EQ(0x00f00302, keep(self->k.fd, 0x400, 0).bits);
	other = dup(self->k.fd);
	EXPECT_EQ(0x00f00302, keep(other, 0, 0).bits);
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(0x00f00302, keep(self->k.fd, 0, 0).bits);
	EXPECT_EQ(0xfffffffe, keep(other, ~1U, -1).bits);
	close(other);
	other = wsp_socket(self->k.type, &self->k.row);
	EXPECT_EQ(0, keep(other, 0, 0).bits);
	close(other);
}

/* The first is the kernel's own flag, which otherwise takes a privilege. */
TEST_F(kind, S_01_kept_debug)
{
	socklen_t len = sizeof(int);
	int on = 1, off = 0;

	ASSERT_EQ(0, seteuid(65534));
	EXPECT_FAILS(EACCES, setsockopt(self->k.fd, SOL_SOCKET, SO_DEBUG, &on, len));
	EXPECT_EQ(WSP_KEEP_DEBUG, keep(self->k.fd, WSP_KEEP_DEBUG, 1).bits);
	ASSERT_EQ(0, getsockopt(self->k.fd, SOL_SOCKET, SO_DEBUG, &on, &len));
	EXPECT_EQ(1, on);
	ASSERT_EQ(0, setsockopt(self->k.fd, SOL_SOCKET, SO_DEBUG, &off, len));
	EXPECT_EQ(0, keep(self->k.fd, 0, 0).bits);
	ASSERT_EQ(0, seteuid(0));
}

/* How long a connection stands is in wsp_options. */
TEST_F(kind, S_01_kept_time)
{
	long deadline;

	EXPECT_EQ(WSP_KEEP_NEVER, keep(self->k.fd, 0, 0).age);
	ASSERT_TRUE(kind_join(&self->k));
	EXPECT_EQ(FOR_STREAM(1) ? 0 : WSP_KEEP_NEVER, keep(self->k.fd, 0, 0).age);
	if (self->k.type == SOCK_DGRAM)
		return;
	close(self->k.peer);
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	ASSERT_EQ(0, shutdown(self->k.fd, SHUT_WR));
	ASSERT_TRUE(wait_for(self->k.fd, POLLHUP));
	/* The peer is yet to acknowledge the end. */
	deadline = now_ms() + DEADLINE_MS;
	while (keep(self->k.fd, 0, 0).age != WSP_KEEP_NEVER && now_ms() < deadline)
		sched_yield();
	EXPECT_EQ(WSP_KEEP_NEVER, keep(self->k.fd, 0, 0).age);
	self->k.peer = -1;
}

WSP_TEST_MAIN
