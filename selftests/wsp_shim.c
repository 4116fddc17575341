// SPDX-License-Identifier: GPL-2.0
/* What libwsp adds to connect(2): arguments, descriptors, and the other calls. */
#include <limits.h>
#include <linux/sockios.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

FIXTURE(shim) {
	int family, type;
	SOCKET s;	/* the socket under test */
	int lfd;	/* a plain listener or receiver there */
	union name name; /* its name */
	char *end;	/* the end of a page that no other follows */
};

FIXTURE_VARIANT(shim) {
	int family, type;
};

FIXTURE_VARIANT_ADD(shim, ipv4_stream) { AF_INET, SOCK_STREAM };
FIXTURE_VARIANT_ADD(shim, ipv6_stream) { AF_INET6, SOCK_STREAM };
FIXTURE_VARIANT_ADD(shim, ipv4_dgram) { AF_INET, SOCK_DGRAM };
FIXTURE_VARIANT_ADD(shim, ipv6_dgram) { AF_INET6, SOCK_DGRAM };

FIXTURE_SETUP(shim)
{
	self->end = page_end();
	self->family = variant->family;
	self->type = variant->type;
	self->s = WSPSocket(self->family, self->type, 0, NULL, 0, 0, NULL);
	ASSERT_NE(INVALID_SOCKET, self->s);
	self->lfd = self->type == SOCK_STREAM ?
		    listener(THERE, self->family) :
		    receiver(THERE, self->family, PEER_A);
	self->name = name_host(self->family, PEER_A, local_port(self->lfd));
}

FIXTURE_TEARDOWN(shim)
{
	close(self->s);
	close(self->lfd);
}

/* WSPConnect to the peer there, with these four pointers. */
#define CONNECT_WITH(...)						\
	OUTCOME(WSPConnect(self->s, &self->name.sa, name_len(&self->name), \
			   __VA_ARGS__, &code))
#define CONNECT_TO(s)							\
	OUTCOME(WSPConnect(s, &self->name.sa, name_len(&self->name), NULL, \
			   NULL, NULL, NULL, &code))
#define FOR_STREAM(code)	(self->type == SOCK_STREAM ? (code) : 0)

#define CALLS	15

/* What call number @i gives on @s. */
static int call_number(int i, SOCKET s, LPINT code, const union name *name)
{
	char data[64] = "";
	WSABUF buf = { .len = 4, .buf = data };
	int len = sizeof(data), value = 1;
	DWORD n, flags = 0;

	switch (i) {
	case 0: return WSPConnect(s, &name->sa, name_len(name), NULL, NULL,
				  NULL, NULL, code);
	case 1: return WSPBind(s, &name->sa, name_len(name), code);
	case 2: return WSPListen(s, 1, code);
	case 3: return (int)WSPAccept(s, NULL, NULL, NULL, 0, code);
	case 4: return WSPSend(s, &buf, 1, &n, 0, NULL, NULL, NULL, code);
	case 5: return WSPSendTo(s, &buf, 1, &n, 0, &name->sa, name_len(name),
				 NULL, NULL, NULL, code);
	case 6: return WSPRecv(s, &buf, 1, &n, &flags, NULL, NULL, NULL, code);
	case 7: return WSPRecvFrom(s, &buf, 1, &n, &flags, NULL, NULL, NULL,
				   NULL, NULL, code);
	case 8: return WSPGetSockName(s, (void *)data, &len, code);
	case 9: return WSPGetPeerName(s, (void *)data, &len, code);
	case 10: return WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR, data, &len, code);
	case 11: return WSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE, (void *)&value,
				      sizeof(value), code);
	case 12: return WSPShutdown(s, SD_BOTH, code);
	case 13: return WSPIoctl(s, FIONBIO, &value, sizeof(value), NULL, 0, &n,
				 NULL, NULL, NULL, code);
	default: return WSPCloseSocket(s, code);
	}
}

TEST_F(shim, E_13_not_a_socket_of_the_family)
{
	int pair[2], i, j, rc, plain = socket(self->family, SOCK_STREAM, 0);
	int lfd = listener(THERE, self->family);
	int closed = dup(0);

	ASSERT_EQ(0, close(closed));
	ASSERT_EQ(0, pipe(pair));
	const SOCKET bad[] = { closed, (SOCKET)-1, 1 << 30, INVALID_SOCKET,
			       70000, (SOCKET)INT_MAX + 1 + self->s, pair[0],
			       plain, socket(AF_UNIX, self->type, 0),
			       open("/dev/null", O_RDWR) };

	self->name.in.sin_port = htons(local_port(lfd));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (j = 0; j < CALLS; j++) {
			rc = OUTCOME(call_number(j, bad[i], &code, &self->name));
			EXPECT_EQ(WSAENOTSOCK, rc)
				TH_LOG("descriptor %d, call %d", i, j);
		}
	}
	/* It is as it was: open, not connected, and neither is it bound. */
	EXPECT_EQ(0, local_port(plain));
	EXPECT_EQ(0, fcntl(plain, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, connect(plain, &self->name.sa, name_len(&self->name)));
	EXPECT_EQ(4, send(plain, "data", 4, 0));
}

TEST_F(shim, E_13_number_used_again)
{
	int fd = self->s;

	EXPECT_EQ(0, CONNECT_TO(self->s));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->s, &code)));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPCloseSocket(self->s, &code)));
	ASSERT_EQ(fd, socket(self->family, self->type, 0));
	EXPECT_EQ(WSAENOTSOCK, CONNECT_TO(fd));
	EXPECT_EQ(0, local_port(fd));
	EXPECT_EQ(WSAENOTSOCK, OUTCOME(WSPCloseSocket(fd, &code)));
}

TEST_F(shim, E_13_other_descriptors_serve)
{
	const struct rlimit many = { 70001, 70001 };
	int fd = dup(self->s), other;

	EXPECT_EQ(0, CONNECT_TO(fd));
	EXPECT_EQ(FOR_STREAM(WSAEISCONN), CONNECT_TO(self->s));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->s, &code)));
	EXPECT_EQ(FOR_STREAM(WSAEISCONN), CONNECT_TO(fd));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(fd, &code)));

	other = socket(AF_WSP, self->type, self->family == AF_INET6);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &many));
	ASSERT_EQ(70000, fcntl(other, F_DUPFD, 70000));
	EXPECT_EQ(0, CONNECT_TO(70000));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(70000, &code)));
}

TEST_F(shim, C_10_D_11_callee_data)
{
	WSABUF callee = { .len = 77, .buf = (char *)8 };
	union name good = self->name;

	self->name = name_host(self->family, UNREACHABLE, 9);
	EXPECT_EQ(WSAENETUNREACH, CONNECT_WITH(NULL, &callee, NULL, NULL));
	EXPECT_EQ(77, callee.len);
	self->name = good;
	EXPECT_EQ(0, CONNECT_WITH(NULL, &callee, NULL, NULL));
	EXPECT_EQ(0, callee.len);
	EXPECT_EQ((char *)8, callee.buf);
}

/* The peer sends none when it answers later, either. */
TEST_F(shim, C_10_E_17_callee_data_of_a_pending_attempt)
{
	WSABUF callee = { .len = 77 };

	if (self->type != SOCK_STREAM)
		SKIP(return, "a datagram socket has no attempt that is pending");
	fcntl((int)self->s, F_SETFL, O_NONBLOCK);
	self->name = name_host(self->family, SILENT, 9);
	EXPECT_EQ(WSAEWOULDBLOCK, CONNECT_WITH(NULL, &callee, NULL, NULL));
	EXPECT_EQ(0, callee.len);
	callee.len = 77;
	EXPECT_EQ(WSAEALREADY, CONNECT_WITH(NULL, &callee, NULL, NULL));
	EXPECT_EQ(77, callee.len);
}

TEST_F(shim, C_10_E_08_callee_data_that_cannot_be_written)
{
	WSABUF *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	EXPECT_EQ(self->type == SOCK_STREAM ? WSAEFAULT : 0,
		  CONNECT_WITH(NULL, page, NULL, NULL));
	if (self->type != SOCK_STREAM)
		return;
	EXPECT_EQ(0, local_port((int)self->s));
	EXPECT_FALSE(readable_now(self->lfd));
	EXPECT_EQ(0, CONNECT_WITH(NULL, NULL, NULL, NULL));
}

TEST_F(shim, D_11_E_08_wild_pointers)
{
	void *const wild[] = { (void *)8, self->end, self->end - 2, (void *)-8L };
	int i, want = FOR_STREAM(WSAEFAULT);

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		EXPECT_EQ(want, CONNECT_WITH(wild[i], NULL, NULL, NULL));
		EXPECT_EQ(want, CONNECT_WITH(NULL, wild[i], NULL, NULL));
		EXPECT_EQ(want, CONNECT_WITH(NULL, NULL, wild[i], NULL));
		EXPECT_EQ(want, CONNECT_WITH(NULL, NULL, NULL, wild[i]));
		EXPECT_EQ(want, CONNECT_WITH(wild[i], wild[i], wild[i], wild[i]));
	}
	if (self->type == SOCK_STREAM)
		EXPECT_EQ(0, local_port(self->s));
	EXPECT_EQ(0, CONNECT_TO(self->s));
	/* C-04 */
	EXPECT_EQ(FOR_STREAM(WSAEISCONN), CONNECT_WITH(wild[0], NULL, NULL, NULL));
}

TEST_F(shim, D_11_E_14_E_15_refused_wishes)
{
	WSABUF none = { .len = 0, .buf = (char *)8 }, some = { .len = 1 };
	const SERVICETYPE met[] = { SERVICETYPE_NOTRAFFIC, SERVICETYPE_BESTEFFORT };
	QOS qos;
	int i;

	memset(&qos, 0xff, sizeof(qos));
	qos.SendingFlowspec.ServiceType = SERVICETYPE_BESTEFFORT;
	for (i = SERVICETYPE_CONTROLLEDLOAD; i < 16; i++) {
		qos.ReceivingFlowspec.ServiceType = i;
		EXPECT_EQ(FOR_STREAM(WSAEOPNOTSUPP),
			  CONNECT_WITH(NULL, NULL, &qos, NULL));
		EXPECT_EQ(FOR_STREAM(WSAEOPNOTSUPP),
			  CONNECT_WITH(NULL, NULL, NULL, &qos));
	}
	EXPECT_EQ(FOR_STREAM(WSAEPROTONOSUPPORT),
		  CONNECT_WITH(&some, NULL, NULL, NULL));
	for (i = 0; i < ARRAY_SIZE(met); i++) {
		qos.SendingFlowspec.ServiceType = met[i];
		qos.ReceivingFlowspec.ServiceType = met[!i];
		close(self->s);
		self->s = WSPSocket(self->family, self->type, 0, NULL, 0, 0, NULL);
		EXPECT_EQ(0, CONNECT_WITH(&none, NULL, &qos, &qos));
	}
}

/* E-08: however long, and whatever is behind it. */
TEST_F(shim, E_08_any_length)
{
	const int size = name_len(&self->name);
	const int lengths[] = { size, size + 1, 28, 128, 129, 4096, INT_MAX };
	struct sockaddr *name = (void *)(self->end - size);
	int i;

	memcpy(name, &self->name, size);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		close(self->s);
		self->s = WSPSocket(self->family, self->type, 0, NULL, 0, 0, NULL);
		EXPECT_EQ(0, OUTCOME(WSPConnect(self->s, name, lengths[i], NULL,
						NULL, NULL, NULL, &code)))
			TH_LOG("length %d", lengths[i]);
	}
}

TEST_F(shim, null_lpErrno)
{
	int i;

	/* Nothing is connected, bound or listening: nearly all of them fail. */
	ASSERT_EQ(0, fcntl(self->s, F_SETFL, O_NONBLOCK));
	for (i = 1; i < CALLS; i++)
		call_number(i, self->s, NULL, &self->name);
	EXPECT_EQ(INVALID_SOCKET, WSPSocket(-1, 0, 0, NULL, 0, 0, NULL));
	EXPECT_EQ(SOCKET_ERROR, WSPConnect(self->s, NULL, 0, NULL, NULL, NULL,
					   NULL, NULL));
}

/* System calls that a child makes between two marks of getppid(2). */
static int count_calls(pid_t pid, int *last)
{
	struct __ptrace_syscall_info info;
	int marks = 0, calls = 0, status;

	while (marks < 2 && !ptrace(PTRACE_SYSCALL, pid, 0, 0) &&
	       waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
		    info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		if (info.entry.nr == SYS_getppid)
			marks++;
		else if (marks)
			calls++, *last = info.entry.nr;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return marks == 2 ? calls : -1;
}

static int connect_traced(SOCKET s, const union name *name, int *last)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		syscall(SYS_getppid);
		WSPConnect(s, &name->sa, name_len(name), NULL, NULL, NULL, NULL,
			   NULL);
		syscall(SYS_getppid);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD))
		return -1;
	return count_calls(pid, last);
}

/* The price of the shim: nothing for a success, one question for a failure. */
TEST_F(shim, one_system_call_to_connect)
{
	union name bad = name_host(self->family, UNREACHABLE, 9);
	int last;

#ifdef __SANITIZE_THREAD__
	SKIP(return, "ThreadSanitizer makes calls of its own");
#endif
	EXPECT_EQ(2, connect_traced(self->s, &bad, &last));
	EXPECT_EQ(SYS_ioctl, last);
	EXPECT_EQ(1, connect_traced(self->s, &self->name, &last));
#ifdef SYS_socketcall	/* the way of i386's C library */
	EXPECT_TRUE(last == SYS_connect || last == SYS_socketcall);
#else
	EXPECT_EQ(SYS_connect, last);
#endif
	EXPECT_EQ(FOR_STREAM(WSAEISCONN), CONNECT_TO(self->s));
}

/* Numbers come and go in both threads at once. */
static void *open_and_close(void *arg)
{
	const union name *name = arg;
	intptr_t failures = 0;
	int i, code = 0;
	SOCKET s;

	for (i = 0; i < 200; i++) {
		s = WSPSocket(name->sa.sa_family, SOCK_DGRAM, 0, NULL, 0, 0, NULL);
		failures += WSPConnect(s, &name->sa, name_len(name), NULL, NULL,
				       NULL, NULL, &code) != 0 || wsp_send(s, "data");
		failures += WSPCloseSocket(s, NULL) != 0;
	}
	return (void *)failures;
}

TEST_F(shim, two_threads)
{
	pthread_t threads[2];
	void *failures;
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, open_and_close,
					    &self->name));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failures));
		EXPECT_EQ(NULL, failures);
	}
}

WSP_TEST_MAIN
