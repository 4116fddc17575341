// SPDX-License-Identifier: GPL-2.0
/* Microsoft's extensions, by SIO_GET_EXTENSION_FUNCTION_POINTER (contract, I-01). */
#include <stdatomic.h>
#include <sys/syscall.h>
#include "kselftest_harness.h"
#include "wsp_extend.h"

#define NO_BYTES	77	/* untouched */

/* Winsock's, which <ws2ipdef.h> has for Winsock sources. */
struct in_info {
	struct in_addr addr;
	ULONG index;
};

#define WINSOCK_IPV6_PKTINFO	IPV6_RECVPKTINFO

static int find(SOCKET s, struct _GUID guid, void *function)
{
	DWORD n = 0;
	int found = OUTCOME(WSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid,
				     sizeof(guid), function, sizeof(void *), &n, NULL, NULL,
				     NULL, &code));

	return found || n == sizeof(void *) ? found : -1;
}

/*
 * What another thread does amid an overlapped call that has the socket not block for a
 * moment: it is begun, and has got as far as it gets, when the system call is made.
 */
static struct {
	void *(*act)(void *arg);
	void *arg;
	const _Atomic pid_t *who;
	pthread_t *thread;
	_Atomic bool wanted, far;
} amid;

static void begin_amid(void *(*act)(void *arg), void *arg, const _Atomic pid_t *who,
		       pthread_t *thread)
{
	amid.act = act;
	amid.arg = arg;
	amid.who = who;
	amid.thread = thread;
	amid.far = false;
	amid.wanted = true;
}

/* Has it been done? */
static bool end_amid(void)
{
	return !amid.wanted && amid.far;
}

/* It sleeps, or does so again and again, as who closes a socket: not always at a look. */
static bool gets_far(const _Atomic pid_t *thread)
{
	const long end = now_ms() + DEADLINE_MS;
	int i, asleep = 0;

	for (i = 0; now_ms() < end && asleep < 5; i++) {
		asleep += *thread && task_state(*thread) == 'S';
		usleep(500 + i * 377 % 1000);
	}
	return asleep == 5;
}

static void act_amid(void)
{
	if (!atomic_exchange(&amid.wanted, false))
		return;
	pthread_create(amid.thread, NULL, amid.act, amid.arg);
	amid.far = gets_far(amid.who);
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	act_amid();
	return (int)syscall(SYS_accept4, fd, addr, len, flags);
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	act_amid();
	return (int)syscall(SYS_connect, fd, addr, len);
}

KIND_FIXTURE(extend)

KIND_FIXTURE_ALONE(datagram)
DGRAM_KINDS(datagram)

TEST_F(extend, I_01_by_guid)
{
	const struct _GUID none = { 1, 2, 3, { 4 } };
	struct _GUID guid = WSAID_WSARECVMSG;
	LPFN_WSARECVMSG receive = NULL;
	LPFN_WSASENDMSG send = NULL;
	DWORD n = 0;

	EXPECT_EQ(WSAEINVAL, find(self->k.fd, none, &receive));
	EXPECT_FALSE(!!receive);
	EXPECT_EQ(0, find(self->k.fd, guid, &receive));
	EXPECT_TRUE(!!receive);
	EXPECT_EQ(0, find(self->k.fd, (struct _GUID)WSAID_WSASENDMSG, &send));
	EXPECT_TRUE(send == WSASendMsg);
	EXPECT_EQ(WSAENOTSOCK, find(1000, guid, &receive));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPIoctl(self->k.fd, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid,
				   sizeof(guid) - 1, &receive, sizeof(receive), &n, NULL,
				   NULL, NULL, &code)));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPIoctl(self->k.fd, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid,
				   sizeof(guid), &receive, sizeof(receive) - 1, &n, NULL,
				   NULL, NULL, &code)));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPIoctl(self->k.fd, SIO_GET_EXTENSION_FUNCTION_POINTER, NULL,
				   sizeof(guid), &receive, sizeof(receive), &n, NULL, NULL,
				   NULL, &code)));
}

/* A message, and where its parts are. */
struct message {
	WSAMSG msg;
	WSABUF buf;
	char data[16];
	union name name;
	_Alignas(WSACMSGHDR) char control[128];
};

static LPWSAMSG prepare(struct message *m, ULONG control)
{
	*m = (struct message) { .buf = { sizeof(m->data), m->data } };
	m->msg = (WSAMSG) {
		.name = &m->name.sa,
		.namelen = sizeof(m->name),
		.lpBuffers = &m->buf,
		.dwBufferCount = 1,
		.Control = { control, m->control },
	};
	return &m->msg;
}

static LPWSAMSG to_send(struct message *m, const char *text, const union name *to)
{
	prepare(m, 0);
	m->buf = (WSABUF) { (ULONG)strlen(text), (char *)text };
	m->msg.name = (struct sockaddr *)to;
	m->msg.namelen = to ? (int)name_len(to) : 0;
	return &m->msg;
}

static LPFN_WSARECVMSG receiver_of(SOCKET s)
{
	LPFN_WSARECVMSG receive = NULL;

	find(s, (struct _GUID)WSAID_WSARECVMSG, &receive);
	return receive;
}

static void want_info(const struct kind *k)
{
	const int on = 1;

	if (k->row.family == AF_INET)
		setsockopt(k->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	else
		setsockopt(k->fd, IPPROTO_IPV6, WINSOCK_IPV6_PKTINFO, &on, sizeof(on));
}

/* Is it all that has come, and says where it came in? */
static bool has_info(const struct kind *k, const struct message *m)
{
	const WSACMSGHDR *c = WSA_CMSG_FIRSTHDR(&m->msg);
	const union name here = local_name(k->fd);
	struct in6_pktinfo v6;
	struct in_info v4;

	if (!c)
		return false;
	if (k->row.family == AF_INET) {
		memcpy(&v4, WSA_CMSG_DATA(c), sizeof(v4));
		return c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO &&
		       c->cmsg_len == WSA_CMSG_LEN(sizeof(v4)) &&
		       m->msg.Control.len == WSA_CMSG_SPACE(sizeof(v4)) &&
		       v4.addr.s_addr == here.in.sin_addr.s_addr &&
		       v4.index == if_nametoindex("wsp-a");
	}
	memcpy(&v6, WSA_CMSG_DATA(c), sizeof(v6));
	return c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == WINSOCK_IPV6_PKTINFO &&
	       c->cmsg_len == WSA_CMSG_LEN(sizeof(v6)) &&
	       m->msg.Control.len == WSA_CMSG_SPACE(sizeof(v6)) &&
	       !memcmp(&v6.ipi6_addr, &here.in6.sin6_addr, sizeof(v6.ipi6_addr)) &&
	       v6.ipi6_ifindex == if_nametoindex("wsp-a");
}

TEST_F(extend, I_01_recv_msg)
{
	const ULONG room = self->k.row.family == AF_INET ?
			   WSA_CMSG_SPACE(sizeof(struct in_info)) :
			   WSA_CMSG_SPACE(sizeof(struct in6_pktinfo));
	LPFN_WSARECVMSG receive = receiver_of(self->k.fd);
	struct message m;
	union name peer;
	DWORD n = NO_BYTES;

	ASSERT_TRUE(!!receive);
	prepare(&m, room);
	EXPECT_EQ(WSAENOTSOCK, CODE(receive(1000, &m.msg, &n, NULL, NULL)));
	if (self->k.type == SOCK_STREAM) {
		EXPECT_EQ(WSAEOPNOTSUPP, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
		return;
	}
	EXPECT_EQ(WSAEINVAL, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
	ASSERT_TRUE(kind_join(&self->k));
	want_info(&self->k);
	peer = local_name(self->k.peer);
	set_blocking(self->k.fd, false);
	EXPECT_EQ(WSAEWOULDBLOCK, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
	set_blocking(self->k.fd, true);
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSAEFAULT, CODE(receive(self->k.fd, NULL, &n, NULL, NULL)));
	EXPECT_EQ(WSAEFAULT, CODE(receive(self->k.fd, &m.msg, NULL, NULL, NULL)));
	m.msg.namelen = 8;
	EXPECT_EQ(WSAEFAULT, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
	EXPECT_EQ(NO_BYTES, n);
	prepare(&m, room)->dwFlags = MSG_PEEK;
	EXPECT_EQ(0, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
	EXPECT_EQ(0, CODE(receive(self->k.fd, prepare(&m, room), &n, NULL, NULL)));
	EXPECT_EQ(4, n);
	EXPECT_EQ(0, memcmp(m.data, "ping", 5));
	EXPECT_EQ(0, m.msg.dwFlags);
	EXPECT_TRUE(name_same(&peer, &m.name));
	EXPECT_EQ(name_len(&peer), m.msg.namelen);
	EXPECT_TRUE(has_info(&self->k, &m));
}

TEST_F(datagram, I_01_recv_msg_cut_short)
{
	LPFN_WSARECVMSG receive = receiver_of(self->k.fd);
	struct message m;
	DWORD n = 0;

	ASSERT_TRUE(kind_join(&self->k));
	want_info(&self->k);
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(0, CODE(receive(self->k.fd, prepare(&m, sizeof(WSACMSGHDR)), &n, NULL,
				  NULL)));
	EXPECT_EQ(MSG_CTRUNC, m.msg.dwFlags);
	EXPECT_EQ(0, m.msg.Control.len);
	EXPECT_EQ(4, n);
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	prepare(&m, sizeof(m.control))->name = NULL;
	m.buf.len = 2;
	EXPECT_EQ(WSAEMSGSIZE, CODE(receive(self->k.fd, &m.msg, &n, NULL, NULL)));
	EXPECT_EQ(MSG_TRUNC, m.msg.dwFlags);
	EXPECT_EQ(0, memcmp(m.data, "pi", 3));
	EXPECT_TRUE(has_info(&self->k, &m));
}

static struct call {
	DWORD error, n;
	LPWSAOVERLAPPED o;
} call;

static void routine(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	call = (struct call) { error, n, o };
}

TEST_F(datagram, O_01_recv_msg_overlapped)
{
	LPFN_WSARECVMSG receive = receiver_of(self->k.fd);
	WSAEVENT event = WSACreateEvent();
	WSAOVERLAPPED o = { .hEvent = event }, second = { 0 };
	struct message m, late;
	union name peer;
	DWORD n = NO_BYTES;

	ASSERT_TRUE(kind_join(&self->k));
	want_info(&self->k);
	peer = local_name(self->k.peer);
	prepare(&m, sizeof(m.control))->dwFlags = MSG_PEEK;
	EXPECT_EQ(WSAEOPNOTSUPP, CODE(receive(self->k.fd, &m.msg, NULL, &o, NULL)));
	prepare(&m, sizeof(m.control));
	prepare(&late, sizeof(late.control));
	ASSERT_EQ(WSA_IO_PENDING, CODE(receive(self->k.fd, &m.msg, NULL, &o, NULL)));
	ASSERT_EQ(WSA_IO_PENDING,
		  CODE(receive(self->k.fd, &late.msg, NULL, &second, routine)));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	EXPECT_EQ(WSA_WAIT_EVENT_0,
		  WSAWaitForMultipleEvents(1, &event, FALSE, DEADLINE_MS, FALSE));
	EXPECT_EQ(0, result(self->k.fd, &o, &n));
	EXPECT_EQ(4, n);
	EXPECT_EQ(0, memcmp(m.data, "ping", 5));
	EXPECT_TRUE(name_same(&peer, &m.name));
	EXPECT_EQ(name_len(&peer), m.msg.namelen);
	EXPECT_TRUE(has_info(&self->k, &m));
	WSAResetEvent(event);
	ASSERT_EQ(4, send(self->k.peer, "pong", 4, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION,
		  WSAWaitForMultipleEvents(1, &event, FALSE, DEADLINE_MS, TRUE));
	EXPECT_EQ(0, call.error);
	EXPECT_EQ(4, call.n);
	EXPECT_EQ(&second, call.o);
	EXPECT_TRUE(has_info(&self->k, &late));
	WSACloseEvent(event);
}

struct waiter {
	SOCKET s;
	struct message m;
	DWORD n;
	int code;
	_Atomic pid_t thread;
};

static void *receive_behind(void *arg)
{
	struct waiter *w = arg;
	LPFN_WSARECVMSG receive;

	w->thread = gettid();
	receive = receiver_of(w->s);
	w->code = CODE(receive(w->s, prepare(&w->m, sizeof(w->m.control)), &w->n, NULL,
			       NULL));
	return NULL;
}

/* Without lpOverlapped it takes its turn, and is told as much. */
TEST_F(datagram, O_05_recv_msg_behind)
{
	LPFN_WSARECVMSG receive = receiver_of(self->k.fd);
	struct waiter w = { .s = self->k.fd };
	WSAOVERLAPPED o = { 0 };
	struct message m;
	pthread_t thread;
	union name peer;
	DWORD n = 0;

	ASSERT_TRUE(kind_join(&self->k));
	want_info(&self->k);
	peer = local_name(self->k.peer);
	ASSERT_EQ(WSA_IO_PENDING, CODE(receive(self->k.fd, prepare(&m, 0), NULL, &o, NULL)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive_behind, &w));
	ASSERT_TRUE(falls_asleep(&w.thread));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	ASSERT_EQ(4, send(self->k.peer, "pong", 4, 0));
	ASSERT_TRUE(ends_in_time(thread, NULL));
	EXPECT_EQ(0, result(self->k.fd, &o, &n));
	EXPECT_EQ(0, memcmp(m.data, "ping", 5));
	EXPECT_EQ(0, w.code);
	EXPECT_EQ(4, w.n);
	EXPECT_EQ(0, memcmp(w.m.data, "pong", 5));
	EXPECT_TRUE(name_same(&peer, &w.m.name));
	EXPECT_TRUE(has_info(&self->k, &w.m));
}

TEST_F(extend, I_01_send_msg)
{
	union name to = kind_name(&self->k), nobody = to;
	WSAOVERLAPPED o = { .hEvent = WSACreateEvent() };
	struct message m;
	DWORD n = NO_BYTES;

	to_send(&m, "ping", &to);
	EXPECT_EQ(WSAENOTSOCK, CODE(WSASendMsg(1000, &m.msg, 0, &n, NULL, NULL)));
	if (self->k.type == SOCK_STREAM) {
		EXPECT_EQ(WSAEOPNOTSUPP,
			  CODE(WSASendMsg(self->k.fd, &m.msg, 0, &n, NULL, NULL)));
		return;
	}
	EXPECT_EQ(WSAEFAULT, CODE(WSASendMsg(self->k.fd, NULL, 0, &n, NULL, NULL)));
	EXPECT_EQ(WSAEFAULT, CODE(WSASendMsg(self->k.fd, &m.msg, 0, NULL, NULL, NULL)));
	EXPECT_EQ(WSAEOPNOTSUPP,
		  CODE(WSASendMsg(self->k.fd, &m.msg, MSG_PEEK, &n, NULL, NULL)));
	EXPECT_EQ(WSAENOTCONN,	/* D-12 */
		  CODE(WSASendMsg(self->k.fd, to_send(&m, "ping", NULL), 0, &n, NULL,
				  NULL)));
	nobody.in.sin_port = 0;
	EXPECT_EQ(WSAEADDRNOTAVAIL,	/* T-09 */
		  CODE(WSASendMsg(self->k.fd, to_send(&m, "ping", &nobody), 0, &n, NULL,
				  NULL)));
	EXPECT_EQ(NO_BYTES, n);
	EXPECT_EQ(0, CODE(WSASendMsg(self->k.fd, to_send(&m, "ping", &to), 0, &n, NULL,
				     NULL)));
	EXPECT_EQ(4, n);
	EXPECT_TRUE(got(self->k.lfd, "ping", NULL));
	EXPECT_EQ(0, CODE(WSASendMsg(self->k.fd, to_send(&m, "pong", &to), 0, NULL, &o,
				     NULL)));
	EXPECT_TRUE(got(self->k.lfd, "pong", NULL));
	EXPECT_EQ(0, result(self->k.fd, &o, &n));
	EXPECT_EQ(4, n);
}

static void add_source(struct message *m, const union name *source)
{
	struct in_info v4 = { source->in.sin_addr, 0 };
	struct in6_pktinfo v6 = { source->in6.sin6_addr, 0 };
	const bool is_v4 = source->sa.sa_family == AF_INET;
	const size_t size = is_v4 ? sizeof(v4) : sizeof(v6);
	WSACMSGHDR *c = (WSACMSGHDR *)m->control;

	m->msg.Control = (WSABUF) { (ULONG)WSA_CMSG_SPACE(size), m->control };
	c->cmsg_len = WSA_CMSG_LEN(size);
	c->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = is_v4 ? IP_PKTINFO : WINSOCK_IPV6_PKTINFO;
	memcpy(WSA_CMSG_DATA(c), is_v4 ? (void *)&v4 : &v6, size);
}

/* It goes out by the address that is given with it. */
TEST_F(datagram, I_01_send_msg_source)
{
	union name to = kind_name(&self->k), from;
	const union name source = name_host(self->k.row.family, HERE_B, 0);
	const union name nobodys = name_host(self->k.row.family, UNREACHABLE, 0);
	struct message m;
	DWORD n = 0;

	to_send(&m, "ping", &to);
	add_source(&m, &source);
	EXPECT_EQ(0, CODE(WSASendMsg(self->k.fd, &m.msg, 0, &n, NULL, NULL)));
	EXPECT_TRUE(got(self->k.lfd, "ping", &from));
	EXPECT_TRUE(name_same_addr(&source, &from));
	to_send(&m, "ping", &to);
	add_source(&m, &nobodys);
	EXPECT_NE(0, CODE(WSASendMsg(self->k.fd, &m.msg, 0, &n, NULL, NULL)));
	to_send(&m, "ping", &to);
	add_source(&m, &source);
	((WSACMSGHDR *)m.control)->cmsg_len = 4;	/* of no piece at all */
	EXPECT_EQ(WSAEINVAL, CODE(WSASendMsg(self->k.fd, &m.msg, 0, &n, NULL, NULL)));

	/* Connected, without a name. */
	ASSERT_TRUE(kind_join(&self->k));
	to_send(&m, "pong", NULL);
	add_source(&m, &source);
	EXPECT_EQ(0, CODE(WSASendMsg(self->k.fd, &m.msg, 0, &n, NULL, NULL)));
	EXPECT_EQ(4, n);
}

/* ConnectEx, DisconnectEx -------------------------------------------------- */

FIXTURE(connect_ex) {
	struct kind k;
	LPFN_CONNECTEX connect;
	LPFN_DISCONNECTEX disconnect;
	WSAOVERLAPPED o;
};

IN_EITHER_MODE(connect_ex)

FIXTURE_SETUP(connect_ex)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, SOCK_STREAM));
	set_blocking(self->k.fd, variant->blocking);
	ASSERT_EQ(0, find(self->k.fd, (struct _GUID)WSAID_CONNECTEX, &self->connect));
	ASSERT_EQ(0, find(self->k.fd, (struct _GUID)WSAID_DISCONNECTEX, &self->disconnect));
	self->o.hEvent = WSACreateEvent();
}

FIXTURE_TEARDOWN(connect_ex)
{
	WSPCloseSocket(self->k.fd, NULL);
	close(self->k.lfd);
	close(self->k.peer);
	WSACloseEvent(self->o.hEvent);
}

/* Has the socket the mode that the program gave it? */
#define EXPECT_MODE()							\
	EXPECT_EQ(variant->blocking, !(fcntl(self->k.fd, F_GETFL) & O_NONBLOCK))

#define START(name, ...)						\
	TOLD(self->connect(self->k.fd, &(name).sa, name_len(&(name)), ##__VA_ARGS__,	\
			   &self->o))

static int bind_here(const struct kind *k)
{
	return bind_port(k->fd, k->row.family, "192.0.2.1", "2001:db8:a::1", 0);
}

/* What it comes to, whether or not it goes on. */
static int ended(const struct kind *k, int code, LPWSAOVERLAPPED o)
{
	DWORD n;

	return code == WSA_IO_PENDING ? result(k->fd, o, &n) : code;
}

TEST_F(connect_ex, C_06_connects)
{
	const union name name = kind_name(&self->k);
	DWORD n = NO_BYTES;
	int code, time = 0;

	EXPECT_EQ(WSAENOTCONN, OUTCOME(WSPSetSockOpt(self->k.fd, SOL_SOCKET,
						     SO_UPDATE_CONNECT_CONTEXT, NULL, 0,
						     &code)));
	ASSERT_EQ(0, bind_here(&self->k));
	code = START(name, NULL, 0, &n);
	if (code == WSA_IO_PENDING) {
		EXPECT_EQ(NO_BYTES, n);
		EXPECT_TRUE(event_comes(self->o.hEvent));
	}
	EXPECT_EQ(0, ended(&self->k, code, &self->o));
	EXPECT_TRUE(event_is_set(self->o.hEvent));
	EXPECT_FALSE(goes_on(&self->o));
	EXPECT_MODE();
	EXPECT_EQ(0, so_error(self->k.fd));
	EXPECT_TRUE(wait_for(self->k.fd, POLLOUT));
	self->k.peer = accept(self->k.lfd, NULL, NULL);
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	EXPECT_EQ(0, OUTCOME(WSPSetSockOpt(self->k.fd, SOL_SOCKET,
					   SO_UPDATE_CONNECT_CONTEXT, NULL, 0, &code)));
	EXPECT_EQ(0, OUTCOME(WSPGetSockOpt(self->k.fd, SOL_SOCKET, SO_CONNECT_TIME,
					   (CHAR *)&time, &(int){ sizeof(time) }, &code)));
	EXPECT_LE(0, time);
	EXPECT_EQ(WSAEISCONN, START(name, NULL, 0, &n));	/* E-10 */
}

TEST_F(connect_ex, O_05_sends_what_is_given)
{
	const union name name = kind_name(&self->k);
	static char much[1 << 20], back[1 << 20];
	DWORD n = 0;
	size_t i;
	int code;

	for (i = 0; i < sizeof(much); i++)
		much[i] = (char)(i * 2654435761U >> 24);
	ASSERT_EQ(0, bind_here(&self->k));
	code = START(name, much, sizeof(much), &n);
	self->k.peer = accept(self->k.lfd, NULL, NULL);
	ASSERT_LE(0, self->k.peer);
	EXPECT_EQ(sizeof(back), recv(self->k.peer, back, sizeof(back), MSG_WAITALL));
	if (code == WSA_IO_PENDING)
		code = result(self->k.fd, &self->o, &n);
	EXPECT_EQ(0, code);
	EXPECT_EQ(sizeof(much), n);
	EXPECT_EQ(0, memcmp(much, back, sizeof(back)));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
}

/* C-04: what state it is in goes before what else is wrong. */
TEST_F(connect_ex, E_09_not_bound)
{
	const union name bad = name_of(self->k.row.family, "0.0.0.0", "::", 80);
	const union name name = kind_name(&self->k);
	DWORD n = NO_BYTES;
	int dgram;

	EXPECT_EQ(WSAENOTSOCK, TOLD(self->connect(1000, &name.sa, name_len(&name), NULL, 0,
						  &n, &self->o)));
	EXPECT_EQ(WSAEINVAL, START(name, NULL, 0, &n));
	EXPECT_EQ(WSAEINVAL, START(bad, NULL, 0, &n));
	ASSERT_EQ(0, bind_here(&self->k));
	EXPECT_EQ(WSAEADDRNOTAVAIL, START(bad, NULL, 0, &n));	/* C-01 */
	EXPECT_EQ(WSAEFAULT, TOLD(self->connect(self->k.fd, NULL, name_len(&name), NULL, 0,
						&n, &self->o)));
	EXPECT_EQ(WSAEFAULT, TOLD(self->connect(self->k.fd, &name.sa, 4, NULL, 0, &n,
						&self->o)));
	EXPECT_EQ(WSAEFAULT, TOLD(self->connect(self->k.fd, &name.sa, -1, NULL, 0, &n,
						&self->o)));
	EXPECT_EQ(WSA_INVALID_PARAMETER,
		  TOLD(self->connect(self->k.fd, &name.sa, name_len(&name), NULL, 0, &n,
				     NULL)));
	EXPECT_EQ(NO_BYTES, n);
	EXPECT_FALSE(event_is_set(self->o.hEvent));
	EXPECT_EQ(0, self->o.Internal);
	EXPECT_MODE();
	ASSERT_EQ(0, OUTCOME(WSPListen(self->k.fd, 1, &code)));
	EXPECT_EQ(WSAEINVAL, START(name, NULL, 0, &n));
	dgram = wsp_socket(SOCK_DGRAM, &self->k.row);
	EXPECT_EQ(WSAEOPNOTSUPP, TOLD(self->connect(dgram, &name.sa, name_len(&name), NULL,
						    0, &n, &self->o)));
	close(dgram);
}

TEST_F(connect_ex, C_05_refused_and_again)
{
	const union name closed = name_host(self->k.row.family, PEER_A, 9);
	const union name name = kind_name(&self->k);
	const WSAEVENT event = self->o.hEvent;
	DWORD n = 0;
	int port, i;

	ASSERT_EQ(0, bind_here(&self->k));
	port = local_port(self->k.fd);
	for (i = 0; i < 3; i++) {
		WSAResetEvent(event);
		EXPECT_EQ(WSAECONNREFUSED,
			  ended(&self->k, START(closed, NULL, 0, &n), &self->o));
		EXPECT_EQ(port, local_port(self->k.fd));
		EXPECT_MODE();
	}
	EXPECT_EQ(0, ended(&self->k, START(name, NULL, 0, &n), &self->o));
	EXPECT_EQ(port, local_port(self->k.fd));
}

TEST_F(connect_ex, E_04_while_it_goes_on)
{
	const union name silent = name_host(self->k.row.family, SILENT, 80);
	WSAOVERLAPPED second = { 0 };
	DWORD n = 0;

	ASSERT_EQ(0, bind_here(&self->k));
	ASSERT_EQ(WSA_IO_PENDING, START(silent, "x", 1, &n));
	EXPECT_MODE();
	EXPECT_EQ(WSAEALREADY, OUTCOME(WSPConnect(self->k.fd, &silent.sa, name_len(&silent),
						  NULL, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAENOTCONN, wsp_send(self->k.fd, "x"));	/* T-03 */
	EXPECT_TRUE(goes_on(&self->o));
	EXPECT_FALSE(event_is_set(self->o.hEvent));

	/* O-07: who closes the socket ends it. */
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	EXPECT_EQ(WSA_OPERATION_ABORTED, self->o.Internal);
	EXPECT_TRUE(event_is_set(self->o.hEvent));
	EXPECT_EQ(0, second.Internal);
	self->k.fd = wsp_socket(SOCK_STREAM, &self->k.row);
}

/* The attempt ends with its operation: the next one is a new one. */
TEST_F(connect_ex, C_05_cancelled_and_again)
{
	const union name silent = name_host(self->k.row.family, SILENT, 80);
	const union name name = kind_name(&self->k);
	DWORD n = 0;
	int port;

	ASSERT_EQ(0, bind_here(&self->k));
	port = local_port(self->k.fd);
	ASSERT_EQ(WSA_IO_PENDING, START(silent, NULL, 0, &n));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(intptr_t)self->k.fd, &self->o));
	EXPECT_EQ(WSA_OPERATION_ABORTED, self->o.Internal);
	EXPECT_TRUE(event_is_set(self->o.hEvent));
	ASSERT_EQ(0, ended(&self->k, START(name, NULL, 0, &n), &self->o));
	EXPECT_EQ(port, local_port(self->k.fd));
	self->k.peer = accept(self->k.lfd, NULL, NULL);
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
}

/* V-02: it is an attempt like any other. */
TEST_F(connect_ex, V_02_is_recorded)
{
	const union name closed = name_host(self->k.row.family, PEER_A, 9);
	struct wsp_network_events record;
	DWORD n = 0;
	int event;

	ASSERT_EQ(0, bind_here(&self->k));
	event = (int)(uintptr_t)WSACreateEvent();
	ASSERT_EQ(0, tie(self->k.fd, event, FD_CONNECT));
	EXPECT_EQ(WSAECONNREFUSED, ended(&self->k, START(closed, NULL, 0, &n), &self->o));
	ASSERT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(FD_CONNECT, record.events);
	EXPECT_EQ(WSAECONNREFUSED, record.codes[FD_CONNECT_BIT]);
	EXPECT_TRUE(fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);	/* V-01 */
	close(event);
}

static bool join(struct kind *k, bool blocking)
{
	bool joined;

	set_blocking(k->fd, true);
	joined = kind_join(k);
	set_blocking(k->fd, blocking);
	return joined;
}

TEST_F(connect_ex, I_01_disconnect)
{
	WSAOVERLAPPED io = { 0 };
	char data[8];
	DWORD n = 0;

	EXPECT_EQ(WSAENOTCONN, TOLD(self->disconnect(self->k.fd, &self->o, 0, 0)));
	ASSERT_TRUE(join(&self->k, variant->blocking));
	EXPECT_EQ(WSAEOPNOTSUPP,
		  TOLD(self->disconnect(self->k.fd, &self->o, TF_REUSE_SOCKET, 0)));
	EXPECT_EQ(WSAEINVAL, TOLD(self->disconnect(self->k.fd, &self->o, 64, 0)));
	EXPECT_EQ(WSAEINVAL, TOLD(self->disconnect(self->k.fd, &self->o, 0, 1)));
	EXPECT_EQ(WSAENOTSOCK, TOLD(self->disconnect(1000, &self->o, 0, 0)));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
	ASSERT_EQ(WSA_IO_PENDING,
		  OUTCOME(WSPRecv(self->k.fd, &(WSABUF){ sizeof(data), data }, 1, NULL,
				  &(DWORD){ 0 }, &io, NULL, NULL, &code)));
	EXPECT_EQ(0, TOLD(self->disconnect(self->k.fd, &self->o, 0, 0)));
	EXPECT_TRUE(event_is_set(self->o.hEvent));
	EXPECT_EQ(WSAESHUTDOWN, result(self->k.fd, &io, &n));
	EXPECT_EQ(0, recv(self->k.peer, data, sizeof(data), 0));
	EXPECT_EQ(WSAESHUTDOWN, wsp_send(self->k.fd, "x"));
}

struct leaver {
	SOCKET s;
	LPFN_DISCONNECTEX disconnect;
	LPWSAOVERLAPPED o;
	int code;
	_Atomic pid_t thread;
};

static void *leave(void *arg)
{
	struct leaver *l = arg;

	l->thread = gettid();
	l->code = TOLD(l->disconnect(l->s, NULL, 0, 0));
	return NULL;
}

static char plenty[4 << 20];

/* Not before all that was to be sent has left: overlapped, or by waiting. */
TEST_F(connect_ex, O_05_disconnect_behind)
{
	struct leaver l = { .s = self->k.fd, .disconnect = self->disconnect };
	WSABUF buf = { sizeof(plenty), plenty };
	WSAOVERLAPPED io = { 0 };
	pthread_t thread;
	DWORD n = 0;

	ASSERT_TRUE(join(&self->k, variant->blocking));
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPSend(self->k.fd, &buf, 1, NULL, 0, &io, NULL,
						  NULL, &code)));
	ASSERT_EQ(WSA_IO_PENDING, TOLD(self->disconnect(self->k.fd, &self->o, 0, 0)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, leave, &l));
	EXPECT_TRUE(falls_asleep(&l.thread));
	EXPECT_TRUE(goes_on(&io));
	EXPECT_TRUE(goes_on(&self->o));
	EXPECT_EQ(sizeof(plenty), receive_bytes(self->k.peer, sizeof(plenty)));
	EXPECT_EQ(0, receive_bytes(self->k.peer, 1));
	EXPECT_EQ(0, result(self->k.fd, &io, &n));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(0, n);
	ASSERT_TRUE(ends_in_time(thread, NULL));
	EXPECT_EQ(0, l.code);
}

/* The sanitizers have their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void *__libc_malloc(size_t size);

static _Thread_local bool is_poor;

void *malloc(size_t size)
{
	return is_poor ? NULL : __libc_malloc(size);
}

/* Where it fails nothing has been done. */
TEST_F(connect_ex, O_01_disconnect_without_memory)
{
	WSABUF buf = { sizeof(plenty), plenty };
	WSAOVERLAPPED io = { 0 };
	char data[8];
	DWORD n = 0;

	ASSERT_TRUE(join(&self->k, variant->blocking));
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPSend(self->k.fd, &buf, 1, NULL, 0, &io, NULL,
						  NULL, &code)));
	is_poor = true;
	EXPECT_EQ(WSAENOBUFS, TOLD(self->disconnect(self->k.fd, &self->o, 0, 0)));
	is_poor = false;
	EXPECT_FALSE(event_is_set(self->o.hEvent));
	ASSERT_EQ(4, send(self->k.peer, "ping", 4, 0));
	set_blocking(self->k.fd, true);
	EXPECT_EQ(0, wsp_recv(self->k.fd, data, sizeof(data)));
	EXPECT_EQ(sizeof(plenty), receive_bytes(self->k.peer, sizeof(plenty)));
	EXPECT_EQ(0, result(self->k.fd, &io, &n));
	EXPECT_TRUE(kind_talk(self->k.fd, self->k.peer));
}

#endif

/* A call of another thread's amid a ConnectEx, which comes to nothing. */
enum beside { RECEIVING, SENDING, SENDING_BEHIND, CHANGE, CLOSING, BESIDE };

struct neighbour {
	enum beside call;
	SOCKET s;
	int code;
	_Atomic pid_t thread;
};

static void *call_beside(void *arg)
{
	struct neighbour *b = arg;
	char data[8];
	int code;
	DWORD n;

	b->thread = gettid();
	switch (b->call) {
	case RECEIVING:
		code = wsp_recv(b->s, data, sizeof(data));
		break;
	case CHANGE:
		code = OUTCOME(WSPIoctl(b->s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &n,
					NULL, NULL, NULL, &code));
		break;
	case CLOSING:
		code = OUTCOME(WSPCloseSocket(b->s, &code));
		break;
	default:
		code = wsp_send(b->s, "pong");
		break;
	}
	b->code = code;
	return NULL;
}

static void *drain(void *arg)
{
	receive_bytes(*(int *)arg, SIZE_MAX);
	return NULL;
}

/* It sees nothing of the moment in which the socket does not block. */
TEST_F(connect_ex, O_08_beside_connect)
{
	const union name name = kind_name(&self->k);
	struct linger linger = { 1, DEADLINE_MS / 1000 };
	WSABUF buf = { sizeof(plenty), plenty };
	WSAOVERLAPPED io = { 0 };
	pthread_t thread, drainer;
	struct neighbour b;
	DWORD n = 0;
	int i, code;

	if (!variant->blocking)
		return;
#ifdef __SANITIZE_THREAD__
	SKIP(return, "the other thread is not seen asleep there, and why is not known");
#endif
	for (i = 0; i < BESIDE; i++) {
		close(self->k.peer);
		WSPCloseSocket(self->k.fd, NULL);
		self->k.fd = wsp_socket(SOCK_STREAM, &self->k.row);
		ASSERT_TRUE(join(&self->k, true));
		b = (struct neighbour){ .call = i, .s = self->k.fd, .code = UNTOUCHED };
		if (i == SENDING || i == CLOSING)
			ASSERT_TRUE(fill_up(self->k.fd));
		if (i == CLOSING)
			EXPECT_EQ(0, OUTCOME(WSPSetSockOpt(self->k.fd, SOL_SOCKET, SO_LINGER,
							   (CHAR *)&linger, sizeof(linger),
							   &code)));
		if (i == SENDING_BEHIND)	/* and so is the other one */
			ASSERT_EQ(WSA_IO_PENDING,
				  OUTCOME(WSPSend(self->k.fd, &buf, 1, NULL, 0, &io, NULL,
						  NULL, &code)));
		begin_amid(call_beside, &b, &b.thread, &thread);
		code = START(name, NULL, 0, &n);
		EXPECT_EQ(i == SENDING_BEHIND ? WSA_IO_PENDING : WSAEISCONN, code);
		ASSERT_EQ(0, pthread_create(&drainer, NULL, drain, &self->k.peer));
		EXPECT_EQ(WSAEISCONN, ended(&self->k, code, &self->o));
		ASSERT_TRUE(end_amid())
			TH_LOG("call %d has come to %d", i, b.code);
		EXPECT_EQ(4, send(self->k.peer, "ping", 4, 0));
		if (i == CHANGE) {
			ASSERT_TRUE(falls_asleep(&b.thread));
			run_in(HERE, "ip addr add 198.18.7.1/32 dev wsp-a");
			run_in(HERE, "ip addr add 2001:db8:7::1/128 dev wsp-a nodad");
			run_in(HERE, "ip addr del 198.18.7.1/32 dev wsp-a");
			run_in(HERE, "ip addr del 2001:db8:7::1/128 dev wsp-a");
		}
		ASSERT_TRUE(ends_in_time(thread, NULL));
		EXPECT_EQ(0, b.code);
		shutdown(self->k.peer, SHUT_RDWR);
		ASSERT_TRUE(ends_in_time(drainer, NULL));
	}
}

/* AcceptEx ----------------------------------------------------------------- */

#define ROOM	(sizeof(union name) + 16)	/* for a name */

/* One of them: what it is given, and the other end of it. */
struct taking {
	WSAOVERLAPPED o;
	SOCKET s;
	int peer;
	DWORD n;
	char out[8 + 2 * ROOM];
};

FIXTURE(accept_ex) {
	struct row row;
	SOCKET lfd;
	struct taking t[3];
};

IN_EITHER_MODE(accept_ex)

FIXTURE_SETUP(accept_ex)
{
	int i;

	self->row = (struct row){ .family = variant->family };
	self->lfd = wsp_socket(SOCK_STREAM, &self->row);
	ASSERT_EQ(0, bind_port(self->lfd, variant->family, "192.0.2.1", "2001:db8:a::1", 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(self->lfd, 16, &code)));
	if (!variant->blocking)
		ASSERT_EQ(0, OUTCOME(WSPIoctl(self->lfd, FIONBIO, &(ULONG){ 1 },
					      sizeof(ULONG), NULL, 0, &(DWORD){ 0 }, NULL,
					      NULL, NULL, &code)));
	for (i = 0; i < ARRAY_SIZE(self->t); i++) {
		self->t[i] = (struct taking){ .n = NO_BYTES, .peer = -1 };
		self->t[i].o.hEvent = WSACreateEvent();
		self->t[i].s = wsp_socket(SOCK_STREAM, &self->row);
	}
}

FIXTURE_TEARDOWN(accept_ex)
{
	int i;

	EXPECT_EQ(variant->blocking, !(fcntl(self->lfd, F_GETFL) & O_NONBLOCK));
	WSPCloseSocket(self->lfd, NULL);
	for (i = 0; i < ARRAY_SIZE(self->t); i++) {
		WSPCloseSocket(self->t[i].s, NULL);
		close(self->t[i].peer);
		WSACloseEvent(self->t[i].o.hEvent);
	}
}

static int take_by(SOCKET lfd, struct taking *t, DWORD room)
{
	return TOLD(AcceptEx(lfd, t->s, t->out, room, ROOM, ROOM, &t->n, &t->o));
}

static int connect_there(SOCKET lfd, struct taking *t)
{
	union name name = local_name(lfd);

	t->peer = plain_socket(THERE, name.sa.sa_family, SOCK_STREAM);
	return connect(t->peer, &name.sa, name_len(&name));
}

static int accept_code(SOCKET lfd, LPCONDITIONPROC condition)
{
	int code = 0;
	SOCKET s = WSPAccept(lfd, NULL, NULL, condition, 0, &code);

	WSPCloseSocket(s, NULL);
	return code;
}

/* Seconds that it has stood; -1 if it does not. */
static int age(SOCKET s)
{
	int time = 0, len = sizeof(time);

	WSPGetSockOpt(s, SOL_SOCKET, SO_CONNECT_TIME, (CHAR *)&time, &len, NULL);
	return time;
}

/* In time? */
static bool is_accepted(SOCKET s)
{
	const long until = now_ms() + DEADLINE_MS;

	while (age(s) < 0 && now_ms() < until)
		usleep(1000);
	return age(s) >= 0;
}

/* Is it the connection, with the names that there are? */
static bool is_taken(struct taking *t, DWORD room)
{
	const union name far = local_name(t->peer), near = local_name(t->s);
	int local_len = 0, remote_len = 0;
	struct sockaddr *local, *remote;

	GetAcceptExSockaddrs(t->out, room, ROOM, ROOM, &local, &local_len, &remote,
			     &remote_len);
	return age(t->s) >= 0 && local_len == name_len(&near) &&
	       remote_len == name_len(&far) &&
	       name_same((union name *)local, &near) && name_same((union name *)remote, &far);
}

TEST_F(accept_ex, I_01_no_data)
{
	struct taking *t = &self->t[0];
	const int before = count_descriptors();
	union name name;

	EXPECT_EQ(-1, age(t->s));
	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, t, 0));
	EXPECT_EQ(-1, age(t->s));
	EXPECT_EQ(NO_BYTES, t->n);
	EXPECT_EQ(variant->blocking, !(fcntl(self->lfd, F_GETFL) & O_NONBLOCK));
	ASSERT_EQ(0, connect_there(self->lfd, t));
	EXPECT_TRUE(event_comes(t->o.hEvent));
	EXPECT_EQ(0, result(self->lfd, &t->o, &t->n));
	EXPECT_EQ(0, t->n);
	EXPECT_TRUE(is_taken(t, 0));
	EXPECT_EQ(before + 2, count_descriptors());	/* the peer, and the engine's */
	EXPECT_EQ(0, OUTCOME(WSPSetSockOpt(t->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
					   (CHAR *)&self->lfd, sizeof(self->lfd), &code)));
	EXPECT_TRUE(kind_talk(t->s, t->peer));
	name = local_name(self->lfd);
	EXPECT_EQ(WSAEISCONN, OUTCOME(WSPConnect(t->s, &name.sa, name_len(&name), NULL, NULL,
						 NULL, NULL, &code)));	/* C-14 */
	EXPECT_EQ(0, wsp_send(t->s, "x"));	/* libwsp knows, too */
	EXPECT_EQ(0, OUTCOME(WSPShutdown(t->s, SD_SEND, &code)));
}

TEST_F(accept_ex, O_01_complete_at_once)
{
	struct taking *t = self->t;

	ASSERT_EQ(0, connect_there(self->lfd, &t[0]));
	ASSERT_TRUE(wait_for(self->lfd, POLLIN));
	EXPECT_EQ(0, take_by(self->lfd, &t[0], 0));
	EXPECT_EQ(0, t[0].n);
	EXPECT_TRUE(event_is_set(t[0].o.hEvent));
	EXPECT_TRUE(is_taken(&t[0], 0));

	ASSERT_EQ(0, connect_there(self->lfd, &t[1]));
	ASSERT_EQ(4, send(t[1].peer, "ping", 4, 0));
	ASSERT_TRUE(wait_for(self->lfd, POLLIN));
	usleep(1000);
	EXPECT_EQ(0, ended(&(struct kind){ .fd = (int)self->lfd },
			   take_by(self->lfd, &t[1], 8), &t[1].o));
	EXPECT_EQ(4, t[1].o.InternalHigh);
	EXPECT_EQ(0, memcmp(t[1].out, "ping", 4));
	EXPECT_TRUE(is_taken(&t[1], 8));
}

/* Who waits for data keeps nobody from the next connection. */
TEST_F(accept_ex, O_05_first_data)
{
	struct taking *t = self->t;
	char more[8] = "";
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[i], i < 2 ? 8 : 0));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, connect_there(self->lfd, &t[i]));
	EXPECT_TRUE(event_comes(t[2].o.hEvent));
	EXPECT_TRUE(is_taken(&t[2], 0));
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(goes_on(&t[i].o));
		EXPECT_FALSE(event_is_set(t[i].o.hEvent));
		EXPECT_LE(0, age(t[i].s));	/* it is accepted already */
	}
	ASSERT_EQ(10, send(t[1].peer, "ping, pong", 10, 0));
	EXPECT_TRUE(event_comes(t[1].o.hEvent));
	EXPECT_EQ(0, result(self->lfd, &t[1].o, &t[1].n));
	EXPECT_EQ(8, t[1].n);
	EXPECT_EQ(0, memcmp(t[1].out, "ping, po", 8));
	EXPECT_TRUE(is_taken(&t[1], 8));
	EXPECT_EQ(0, wsp_recv(t[1].s, more, sizeof(more)));
	EXPECT_EQ(0, memcmp(more, "ng", 2));
	EXPECT_TRUE(goes_on(&t[0].o));
	ASSERT_EQ(0, shutdown(t[0].peer, SHUT_WR));
	EXPECT_EQ(0, result(self->lfd, &t[0].o, &t[0].n));	/* the end of the stream */
	EXPECT_EQ(0, t[0].n);
}

TEST_F(accept_ex, E_09_arguments)
{
	const struct row other = { .family = variant->family == AF_INET ? AF_INET6 :
									   AF_INET };
	struct taking *t = &self->t[0];
	const SOCKET s = t->s;
	DWORD n;
	int fd;

	EXPECT_EQ(WSAENOTSOCK, take_by(1000, t, 0));
	EXPECT_EQ(WSAEINVAL, take_by(self->t[1].s, t, 0));	/* does not listen */
	t->s = 1000;
	EXPECT_EQ(WSAENOTSOCK, take_by(self->lfd, t, 0));
	t->s = self->lfd;
	EXPECT_EQ(WSAEINVAL, take_by(self->lfd, t, 0));
	fd = wsp_socket(SOCK_DGRAM, &self->row);
	t->s = fd;
	EXPECT_EQ(WSAEINVAL, take_by(self->lfd, t, 0));
	EXPECT_EQ(WSAEOPNOTSUPP, take_by(fd, &self->t[1], 0));
	close(fd);
	fd = wsp_socket(SOCK_STREAM, &other);
	t->s = fd;
	EXPECT_EQ(WSAEINVAL, take_by(self->lfd, t, 0));
	close(fd);
	fd = wsp_socket(SOCK_STREAM, &self->row);
	t->s = fd;
	ASSERT_EQ(0, bind_port(fd, variant->family, "192.0.2.1", "2001:db8:a::1", 0));
	EXPECT_EQ(WSAEINVAL, take_by(self->lfd, t, 0));
	close(fd);
	t->s = s;
	EXPECT_EQ(WSA_INVALID_PARAMETER,
		  TOLD(AcceptEx(self->lfd, s, t->out, 0, ROOM, ROOM, &n, NULL)));
	EXPECT_EQ(WSAEFAULT, TOLD(AcceptEx(self->lfd, s, NULL, 0, ROOM, ROOM, &n, &t->o)));
	EXPECT_EQ(WSAEINVAL, TOLD(AcceptEx(self->lfd, s, t->out, 0, 15, ROOM, &n, &t->o)));
	EXPECT_EQ(WSAEINVAL, TOLD(AcceptEx(self->lfd, s, t->out, 0, ROOM, 31, &n, &t->o)));
	EXPECT_FALSE(event_is_set(t->o.hEvent));
	EXPECT_EQ(0, t->o.Internal);
}

/* In the meantime it has been given something to do: the connection is not lost. */
TEST_F(accept_ex, E_09_bound_meanwhile)
{
	struct taking *t = self->t;

	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[0], 0));
	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[1], 0));
	ASSERT_EQ(0, bind_port(t[0].s, variant->family, "192.0.2.1", "2001:db8:a::1", 0));
	ASSERT_EQ(0, connect_there(self->lfd, &t[1]));
	EXPECT_EQ(WSAEINVAL, result(self->lfd, &t[0].o, &t[0].n));
	EXPECT_EQ(0, result(self->lfd, &t[1].o, &t[1].n));
	EXPECT_TRUE(is_taken(&t[1], 0));
}

/* By the listening socket, before and after there is a connection. */
TEST_F(accept_ex, O_07_cancelled)
{
	struct taking *t = self->t;
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[i], 8));
	ASSERT_EQ(0, connect_there(self->lfd, &t[0]));
	ASSERT_TRUE(is_accepted(t[0].s));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(uintptr_t)self->lfd, &t[0].o));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(uintptr_t)self->lfd, &t[1].o));
	EXPECT_FALSE(windows_CancelIoEx((HANDLE)(uintptr_t)self->lfd, &t[1].o));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(i == 2, goes_on(&t[i].o));
		EXPECT_EQ(i < 2, event_is_set(t[i].o.hEvent));
	}
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[0].o.Internal);
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[1].o.Internal);
	EXPECT_TRUE(kind_talk(t[0].s, t[0].peer));
}

TEST_F(accept_ex, O_07_closed)
{
	struct taking *t = self->t;
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[i], 8));
	ASSERT_EQ(0, connect_there(self->lfd, &t[0]));
	ASSERT_TRUE(is_accepted(t[0].s));

	/* The sockets to accept by: one that waits at the listener, and the other. */
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(t[1].s, &code)));
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[1].o.Internal);
	EXPECT_TRUE(goes_on(&t[0].o));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(t[0].s, &code)));
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[0].o.Internal);
	EXPECT_TRUE(goes_on(&t[2].o));

	/* The listener: likewise. */
	t[1].s = wsp_socket(SOCK_STREAM, &self->row);
	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, &t[1], 8));
	ASSERT_EQ(0, connect_there(self->lfd, &t[2]));
	ASSERT_TRUE(is_accepted(t[2].s));
	EXPECT_TRUE(goes_on(&t[2].o));
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->lfd, &code)));
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[1].o.Internal);
	EXPECT_EQ(WSA_OPERATION_ABORTED, t[2].o.Internal);
	EXPECT_TRUE(event_is_set(t[2].o.hEvent));
	EXPECT_TRUE(kind_talk(t[2].s, t[2].peer));
	self->lfd = wsp_socket(SOCK_STREAM, &self->row);
	set_blocking((int)self->lfd, variant->blocking);
}

struct acceptor {
	SOCKET lfd;
	int code;
	_Atomic pid_t thread;
};

static void *accept_one(void *arg)
{
	struct acceptor *a = arg;
	SOCKET s;
	int code = 0;

	a->thread = gettid();
	s = WSPAccept(a->lfd, NULL, NULL, NULL, 0, &code);
	WSPCloseSocket(s, NULL);
	a->code = code;
	a->thread = 0;
	return NULL;
}

/* A thread that accepts sees nothing of how the other one does it. */
TEST_F(accept_ex, O_08_beside_accept)
{
	struct acceptor a = { .lfd = self->lfd, .code = UNTOUCHED };
	struct taking *t = &self->t[0];
	pthread_t thread;

	if (!variant->blocking)
		return;
	begin_amid(accept_one, &a, &a.thread, &thread);
	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, t, 0));
	ASSERT_TRUE(end_amid());
	EXPECT_EQ(UNTOUCHED, a.code);
	ASSERT_EQ(0, connect_there(self->lfd, t));
	ASSERT_EQ(0, connect_there(self->lfd, &self->t[1]));
	ASSERT_TRUE(ends_in_time(thread, NULL));
	EXPECT_EQ(0, a.code);
	EXPECT_EQ(0, result(self->lfd, &t->o, &t->n));
}

/* What a condition function puts off is for whoever waits. */
static struct {
	SOCKET lfd;
	struct taking *t;
	DWORD room;
	int code;
} later;

static int put_off(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
		   LPWSABUF callee, LPWSABUF callee_data, GROUP *g, DWORD_PTR data)
{
	later.code = take_by(later.lfd, later.t, later.room);
	return CF_DEFER;
}

TEST_F(accept_ex, A_02_put_off)
{
	struct taking *t = self->t;
	int i;

	for (i = 0; i < 2; i++) {
		later.lfd = self->lfd;
		later.t = &t[i];
		later.room = i ? 8 : 0;
		ASSERT_EQ(0, connect_there(self->lfd, &t[i]));
		ASSERT_TRUE(wait_for(self->lfd, POLLIN));
		EXPECT_EQ(WSATRY_AGAIN, accept_code(self->lfd, put_off));
		ASSERT_EQ(WSA_IO_PENDING, later.code);
		if (i)
			ASSERT_EQ(4, send(t[i].peer, "ping", 4, 0));
		EXPECT_TRUE(event_comes(t[i].o.hEvent));
		EXPECT_EQ(0, result(self->lfd, &t[i].o, &t[i].n));
		EXPECT_TRUE(is_taken(&t[i], later.room));
		EXPECT_TRUE(kind_talk(t[i].s, t[i].peer));
	}
}

/* A request on the accept socket goes on by the connection that gets its number. */
TEST_F(accept_ex, I_05_change_pending)
{
	WSAOVERLAPPED o = { .hEvent = WSACreateEvent() };
	struct taking *t = &self->t[0];
	DWORD n = 0;

	await_addresses();
	ASSERT_EQ(WSA_IO_PENDING,
		  OUTCOME(WSPIoctl(t->s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &n, &o,
				   NULL, NULL, &code)));
	ASSERT_EQ(WSA_IO_PENDING, take_by(self->lfd, t, 0));
	ASSERT_EQ(0, connect_there(self->lfd, t));
	ASSERT_TRUE(event_comes(t->o.hEvent));
	EXPECT_FALSE(event_is_set(o.hEvent));
	run_in(HERE, variant->family == AF_INET ?
	       "ip addr add 198.18.5.1/32 dev wsp-a; ip addr del 198.18.5.1/32 dev wsp-a" :
	       "ip addr add 2001:db8:5::1/128 dev wsp-a nodad;"
	       "ip addr del 2001:db8:5::1/128 dev wsp-a");
	EXPECT_TRUE(event_comes(o.hEvent));
	EXPECT_EQ(0, result(t->s, &o, &n));
	WSACloseEvent(o.hEvent);
}

WSP_TEST_MAIN
