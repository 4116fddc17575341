// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation fails, and every copy to or from the program, one at a time
 * (/proc/PID/fail-nth): the call gives an error that the contract knows for it,
 * nothing has changed, and the same call made again does what it should.
 */
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

#define TIMEOUT		600
#define MOST_FAULTS	5000	/* in one call */
#define TAIL		64	/* that are tried where a call is long */

static int ko = -1;

/* What a call is made on, anew each time. */
struct scene {
	struct kind *k;		/* fd: the socket under test */
	union name name;	/* of who listens or receives there */
	union name other;	/* of somebody else there */
	int client, event, file, pipe[2];
	int made;		/* a descriptor that the call has made, or -1 */
};

/* What there is to be seen of a socket, from outside. */
struct look {
	struct wsp_info info;
	union name local, peer;
	int flags, device, queue, error;
	bool signalled;
	char groups[32];	/* who may create sockets */
};

/**
 * struct faulty - a call that is to fail
 * @prepare: makes the scene ready for it
 * @call: makes it: 0 or more, or a negative errno
 * @errors: what it may fail with besides, up to a 0
 * @attempt: it is one to connect, whose failure is announced (V-02) and leaves
 *	a stream with a local name that it does not hold any more, as Linux does
 * @loses: an error ends what was to be had, as on sockets of Linux's own
 * @long_call: only the end of it is of the family, and the rest fails and leaks
 *	in ways of its own
 */
struct faulty {
	bool (*prepare)(struct scene *s);
	long (*call)(struct scene *s);
	int errors[6];
	bool attempt;
	bool loses;
	bool long_call;
};

/* Faults ----------------------------------------------------------------- */

static int fail_nth = -1;

/* As sensitive as can be, and silent; false where the kernel has none of it. */
static bool enable_faults(void)
{
	static const char * const kinds[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
	};
	static const char * const settings[][2] = {
		{ "verbose", "0" }, { "task-filter", "N" },
		{ "ignore-gfp-wait", "N" }, { "ignore-gfp-highmem", "N" },
		{ "cache-filter", "N" }, { "min-order", "0" },
	};
	char path[128];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (j = 0; j < ARRAY_SIZE(settings); j++) {
			snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s",
				 kinds[i], settings[j][0]);
			write_file(path, settings[j][1]);
		}
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", kinds[i]);
		if (read_number(path))
			return false;
	}
	return !access("/proc/thread-self/fail-nth", W_OK);
}

static void arm(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	/* What is still armed may fail the first write, and no more. */
	if (write(fail_nth, text, strlen(text)) < 0 &&
	    write(fail_nth, text, strlen(text)) < 0)
		abort();
}

/* Has the fault come? Reading may be what it comes to. */
static bool disarm(void)
{
	char text[16] = "";
	bool came = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);

	arm(0);
	return came;
}

/* Scenes ----------------------------------------------------------------- */

/* Or a route is made only once, which takes memory. */
static void forget_routes(void)
{
	write_file("/proc/sys/net/ipv4/route/flush", "1");
	write_file("/proc/sys/net/ipv6/route/flush", "1");
}

static void open_scene(struct __test_metadata *_metadata, struct scene *s,
		       const struct faulty *f)
{
	struct kind *k = s->k;

	k->fd = wsp_socket(k->type, &k->row);
	ASSERT_LE(0, k->fd);
	k->peer = -1;
	s->client = -1;
	s->made = -1;
	s->event = eventfd(0, 0);
	s->name = kind_name(k);
	s->other = name_host(k->row.family, PEER_B, 9);
	ASSERT_EQ(0, lseek(s->file, 0, SEEK_SET));
	ASSERT_TRUE(!f->prepare || f->prepare(s));
	forget_routes();
}

static void close_scene(struct scene *s)
{
	char buf[64];

	/* Nothing stays in TIME-WAIT, where it would hold memory. */
	setsockopt(s->k->fd, SOL_SOCKET, SO_LINGER,
		   &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
	close(s->made);
	close(s->k->fd);
	close(s->k->peer);
	close(s->client);
	close(s->event);
	if (s->k->type == SOCK_STREAM) {
		fcntl(s->k->lfd, F_SETFL, O_NONBLOCK);
		close(accept(s->k->lfd, NULL, NULL));
		fcntl(s->k->lfd, F_SETFL, 0);
	}
	while (recv(s->k->lfd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	while (readable_now(s->pipe[0]))
		read(s->pipe[0], buf, sizeof(buf));
}

static union name peer_name(int fd)
{
	union name name = {};
	socklen_t len = sizeof(name);

	getpeername(fd, &name.sa, &len);
	return name;
}

static int device_of(int fd)
{
	socklen_t len = sizeof(int);
	int device = -1;

	getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &device, &len);
	return device;
}

#define GROUPS	"/proc/sys/net/wsp/create_group_range"

static long read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	long rc = 0;

	if (fd < 0 || read(fd, text, size - 1) < 0)
		rc = -errno;
	close(fd);
	text[strcspn(text, "\n")] = 0;
	return rc;
}

static struct look look_at(const struct scene *s)
{
	struct look l = {
		.peer = peer_name(s->k->fd),
		.flags = fcntl(s->k->fd, F_GETFL),
		.device = device_of(s->k->fd),
		.signalled = readable_now(s->event),
	};

	read_text(GROUPS, l.groups, sizeof(l.groups));
	if (l.flags == -1)
		return l;	/* close(2) has worked */
	if (ioctl(s->k->fd, WSP_IOC_INFO, &l.info))
		abort();
	l.local = local_name(s->k->fd);
	l.error = so_error(s->k->fd);
	if (l.info.state != WSP_STATE_LISTENING)
		ioctl(s->k->fd, FIONREAD, &l.queue);
	return l;
}

static void tell(const char *what, const struct look *l)
{
	printf("# %s: state %u, events %#x, flags %#x, ports %d %d, ", what, l->info.state,
	       l->info.events, l->flags, name_port(&l->local), name_port(&l->peer));
	printf("device %d, queue %d, error %d, signalled %d, groups %s\n", l->device,
	       l->queue, l->error, l->signalled, l->groups);
}

static void expect_same(struct __test_metadata *_metadata, const struct look *want,
			const struct look *found)
{
	bool same = !memcmp(want, found, sizeof(*want));

	EXPECT_TRUE(same);
	if (same)
		return;
	tell("expected", want);
	tell("found", found);
}

/* As far as it is the same in each scene, whatever the ports. */
static struct look end_of(const struct scene *s)
{
	struct look l;

	enter(HERE);
	l = look_at(s);
	l.local.in.sin_port = !!l.local.in.sin_port;
	l.peer.in.sin_port = !!l.peer.in.sin_port;
	/* A SYN may have been lost. */
	if (l.info.state == WSP_STATE_PENDING) {
		l.info.state = WSP_STATE_CONNECTED;
		l.signalled = l.info.events;
	}
	return l;
}

/* The walk --------------------------------------------------------------- */

struct walk {
	struct scene s;
	const struct faulty *f;
	long rc;		/* what the call comes to without a fault */
	struct look end;	/* and how it leaves the socket */
	int faults, failures;
};

static bool is_allowed(const struct faulty *f, long rc)
{
	size_t i;

	if (f->long_call)
		return true;
	for (i = 0; f->errors[i]; i++) {
		if (rc == -f->errors[i])
			return true;
	}
	return false;
}

static void expect_end(struct __test_metadata *_metadata, struct walk *w, long rc)
{
	struct look end = end_of(&w->s);

	EXPECT_EQ(w->rc, rc);
	expect_same(_metadata, &w->end, &end);
}

/* What a failed attempt may show for once, in a state that has not changed. */
static void pardon(struct walk *w, const struct look *before, struct look *now, long rc)
{
	struct kind *k = w->s.k;

	if (k->type == SOCK_STREAM && !name_port(&before->local))
		now->local = before->local;
	if (rc != -EFAULT && now->info.events && now->signalled)
		now->signalled = before->signalled;
}

static void expect_failure(struct __test_metadata *_metadata, struct walk *w,
			   const struct look *before, long rc)
{
	struct look now = look_at(&w->s);

	w->failures++;
	EXPECT_TRUE(is_allowed(w->f, rc))
		TH_LOG("errno %ld", -rc);
	if (w->f->loses)
		return;
	if (w->f->attempt)
		pardon(w, before, &now, rc);
	expect_same(_metadata, before, &now);
	expect_end(_metadata, w, w->f->call(&w->s));
}

/* The call with its @n-th step failed. False once it has no such step. */
static bool step(struct __test_metadata *_metadata, struct walk *w, int n)
{
	struct look before;
	bool came;
	long rc;

	open_scene(_metadata, &w->s, w->f);
	before = look_at(&w->s);
	arm(n);
	rc = w->f->call(&w->s);
	came = disarm();
	w->faults += came;
	if (rc < 0 && rc != w->rc)
		expect_failure(_metadata, w, &before, rc);
	else
		expect_end(_metadata, w, rc);
	if (!_metadata->passed)
		TH_LOG("at fault %d", n);
	close_scene(&w->s);
	return came && _metadata->passed;
}

/* The first step to be failed: of a long call only the last ones are. */
static int first_step(struct __test_metadata *_metadata, struct walk *w)
{
	int n;

	if (!w->f->long_call)
		return 1;
	for (n = TAIL; n < MOST_FAULTS && step(_metadata, w, n); n += TAIL)
		;
	return n > 2 * TAIL ? n - 2 * TAIL : 1;
}

static void walk(struct __test_metadata *_metadata, struct walk *w)
{
	int n;

	open_scene(_metadata, &w->s, w->f);
	w->rc = w->f->call(&w->s);
	w->end = end_of(&w->s);
	close_scene(&w->s);
	for (n = first_step(_metadata, w); step(_metadata, w, n); n++)
		ASSERT_GT(MOST_FAULTS, n);
}

/* Calls ------------------------------------------------------------------ */

static long rc_of(long rc)
{
	return rc < 0 ? -errno : rc;
}

static long connect_to(const struct scene *s, const union name *name)
{
	return rc_of(connect(s->k->fd, &name->sa, name_len(name)));
}

static bool bound(struct scene *s)
{
	return !bind_port(s->k->fd, s->k->row.family, "0.0.0.0", "::", 0);
}

static bool nonblocking(struct scene *s)
{
	return !fcntl(s->k->fd, F_SETFL, O_NONBLOCK);
}

/* A SYN that is lost to a fault is not waited for. */
static bool bound_nonblocking(struct scene *s)
{
	return bound(s) && nonblocking(s);
}

static bool tied(struct scene *s)
{
	return !tie(s->k->fd, s->event, WSP_FD_ALL_EVENTS);
}

static bool listening(struct scene *s)
{
	union name name;

	if (!bound(s) || listen(s->k->fd, 1))
		return false;
	name = name_of(s->k->row.family, "127.0.0.1", "::1", local_port(s->k->fd));
	s->client = plain_socket(HERE, s->k->row.family, SOCK_STREAM);
	return !connect(s->client, &name.sa, name_len(&name)) &&
	       wait_for(s->k->fd, POLLIN);
}

static bool tied_listening(struct scene *s)
{
	return listening(s) && tied(s);
}

/* Connected, with a few bytes to be received. */
static bool joined(struct scene *s)
{
	return kind_join(s->k) && send(s->k->peer, "data", 4, 0) == 4 &&
	       wait_for(s->k->fd, POLLIN);
}

static bool tied_joined(struct scene *s)
{
	return joined(s) && tied(s);
}

/* In the background, so that the first use finds it connected. */
static bool unnoticed(struct scene *s)
{
	if (!nonblocking(s))
		return false;
	connect_to(s, &s->name);
	return wait_for(s->k->fd, POLLOUT);
}

static bool disconnected(struct scene *s)
{
	const union name none = { .sa.sa_family = AF_UNSPEC };

	return !connect_to(s, &s->name) && !connect_to(s, &none);
}

/* A datagram waits that is not the new peer's. */
static bool moved(struct scene *s)
{
	return joined(s) && !connect_to(s, &s->other);
}

static bool to_nobody(struct scene *s)
{
	s->name = name_host(s->k->row.family, PEER_A, 1);
	return true;
}

static bool to_link_local(struct scene *s)
{
	s->name = name_v6("fe80::2", name_port(&s->name));
	s->name.in6.sin6_scope_id = if_nametoindex("wsp-a");
	return nonblocking(s);
}

static bool to_mapped(struct scene *s)
{
	union name v4 = name_host(AF_INET, PEER_A, name_port(&s->name));

	s->name = name_map(v4);
	return nonblocking(s);
}

static bool to_all(struct scene *s)
{
	s->name = name_v4("255.255.255.255", 9);
	return !setsockopt(s->k->fd, SOL_SOCKET, SO_BROADCAST, &(int){ 1 }, sizeof(int));
}

static long call_socket(struct scene *s)
{
	s->made = wsp_socket(s->k->type, &s->k->row);
	return s->made < 0 ? s->made : 0;
}

static long call_bind(struct scene *s)
{
	return rc_of(bind_port(s->k->fd, s->k->row.family, "0.0.0.0", "::", 0));
}

static long call_listen(struct scene *s)
{
	return rc_of(listen(s->k->fd, 1));
}

static long call_accept(struct scene *s)
{
	s->made = accept4(s->k->fd, NULL, NULL, SOCK_CLOEXEC);
	return s->made < 0 ? -errno : 0;
}

static long call_connect(struct scene *s)
{
	return connect_to(s, &s->name);
}

static long call_connect_other(struct scene *s)
{
	return connect_to(s, &s->other);
}

static long call_disconnect(struct scene *s)
{
	return connect_to(s, &(union name){ .sa.sa_family = AF_UNSPEC });
}

static long call_wspconnect(struct scene *s)
{
	QOS qos = {};
	int code = 0;

	WSPConnect(s->k->fd, &s->name.sa, name_len(&s->name), NULL, NULL, &qos,
		   NULL, &code);
	return -code;
}

static long call_send(struct scene *s)
{
	return rc_of(send(s->k->fd, "data", 4, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static long call_sendto(struct scene *s)
{
	return rc_of(sendto(s->k->fd, "data", 4, MSG_DONTWAIT, &s->name.sa,
			    name_len(&s->name)));
}

static long call_sendmmsg(struct scene *s)
{
	struct iovec iov = { .iov_base = "data", .iov_len = 4 };
	struct mmsghdr msg = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

	return rc_of(sendmmsg(s->k->fd, &msg, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static long call_sendfile(struct scene *s)
{
	return rc_of(sendfile(s->k->fd, s->file, &(off_t){ 0 }, 4));
}

static long call_splice_in(struct scene *s)
{
	return rc_of(splice(s->k->fd, NULL, s->pipe[1], NULL, 4, SPLICE_F_NONBLOCK));
}

static long call_recv(struct scene *s)
{
	char buf[8];

	return rc_of(recv(s->k->fd, buf, sizeof(buf), MSG_DONTWAIT));
}

static long call_recvmsg(struct scene *s)
{
	char buf[8], control[64];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	union name from;
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from),
			      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };

	return rc_of(recvmsg(s->k->fd, &msg, MSG_DONTWAIT));
}

static long call_getsockname(struct scene *s)
{
	union name name;

	return rc_of(getsockname(s->k->fd, &name.sa, &(socklen_t){ sizeof(name) }));
}

static long call_getsockopt(struct scene *s)
{
	return rc_of(getsockopt(s->k->fd, SOL_SOCKET, SO_RCVBUF, &(int){ 0 },
				&(socklen_t){ sizeof(int) }));
}

static long call_setsockopt(struct scene *s)
{
	return rc_of(setsockopt(s->k->fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 },
				sizeof(int)));
}

static long call_bind_device(struct scene *s)
{
	return rc_of(bind_device(s->k->fd, "wsp-a"));
}

static long call_poll(struct scene *s)
{
	struct pollfd p = { .fd = s->k->fd, .events = POLLIN | POLLOUT };

	return rc_of(poll(&p, 1, 0));
}

static long call_info(struct scene *s)
{
	return rc_of(ioctl(s->k->fd, WSP_IOC_INFO, &(struct wsp_info){}));
}

static long call_code(struct scene *s)
{
	return ask_code(s->k->fd, EINVAL, WSP_CODE_CONNECT);
}

static long call_judge(struct scene *s)
{
	struct wsp_buf buf = {};
	struct wsp_qos qos = {};
	struct wsp_args args = {
		.caller_data = (uintptr_t)&buf, .callee_data = (uintptr_t)&buf,
		.sqos = (uintptr_t)&qos, .gqos = (uintptr_t)&qos,
	};

	return rc_of(ioctl(s->k->fd, WSP_IOC_JUDGE, &args));
}

static long call_callee(struct scene *s)
{
	struct wsp_buf buf = { .len = 1 };
	struct wsp_args args = { .callee_data = (uintptr_t)&buf };
	long rc = rc_of(ioctl(s->k->fd, WSP_IOC_CALLEE, &args));

	return rc ?: buf.len;
}

static long call_select(struct scene *s)
{
	return tie(s->k->fd, s->event, WSP_FD_CONNECT | WSP_FD_READ);
}

static long call_untie(struct scene *s)
{
	return tie(s->k->fd, NOTHING, 0);
}

static long call_enum(struct scene *s)
{
	struct wsp_network_events record = {};

	return take(s->k->fd, s->event, &record) ?: (int)record.events;
}

static long call_fionbio(struct scene *s)
{
	return rc_of(ioctl(s->k->fd, FIONBIO, &(int){ 1 }));
}

static long call_shutdown(struct scene *s)
{
	return rc_of(shutdown(s->k->fd, SHUT_RDWR));
}

static long call_close(struct scene *s)
{
	return rc_of(close(s->k->fd));
}

static long call_fdinfo(struct scene *s)
{
	char path[64], text[512] = "";

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", s->k->fd);
	return read_text(path, text, sizeof(text));
}

static long call_read_groups(struct scene *s)
{
	char text[32] = "";

	(void)s;
	return read_text(GROUPS, text, sizeof(text));
}

static bool groups_open(struct scene *s)
{
	(void)s;
	return !write_file(GROUPS, "0 4294967294");
}

static long call_write_groups(struct scene *s)
{
	(void)s;
	return write_file(GROUPS, "0 1000");
}

static long call_namespace(struct scene *s)
{
	(void)s;
	return rc_of(unshare(CLONE_NEWNET));
}

/* Tests ------------------------------------------------------------------ */

/* What each call of the family's may leak, exactly. */
static const char * const leaky[] = {
	"TCP", "TCPv6", "UDP", "UDPv6", "sock_inode_cache", "request_sock_TCP",
	"request_sock_TCPv6", "kmalloc-cg-64", "kmalloc-cg-16",
};

#define LEAKY	ARRAY_SIZE(leaky)

static void count_leaky(long *objects)
{
	size_t i;

	for (i = 0; i < LEAKY; i++)
		objects[i] = count_objects(leaky[i]);
}

/* The cache that has more objects than before, though RCU had its time. */
static const char *grown(const long *before)
{
	long end = now_ms() + 200;
	size_t i;

	for (i = 0; i < LEAKY; i++) {
		while (count_objects(leaky[i]) > before[i] && now_ms() < end)
			usleep(10000);
		if (count_objects(leaky[i]) > before[i])
			return leaky[i];
	}
	return NULL;
}

static void run_walk(struct __test_metadata *_metadata, struct kind *k,
		     const struct faulty *f)
{
	struct walk w = { .s.k = k, .f = f };
	const char *leak = NULL;
	long before[LEAKY];
	int i;

	w.s.file = memfd_create("data", 0);
	ASSERT_EQ(4, write(w.s.file, "data", 4));
	ASSERT_EQ(0, pipe(w.s.pipe));
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	ASSERT_LE(0, fail_nth);
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	close(k->fd);

	/* What leaks does so each time; others come to use more only once. */
	for (i = 0; i < 3 && _metadata->passed; i++) {
		count_leaky(before);
		walk(_metadata, &w);
		leak = grown(before);
		if (!leak)
			break;
	}
	EXPECT_TRUE(!leak || f->long_call)
		TH_LOG("it grows each time: %s", leak);
	TH_LOG("%ld, %d faults, %d failures%s", w.rc, w.faults, w.failures, i ? ", again" : "");
}

KIND_FIXTURE(any)
KIND_FIXTURE_ALONE(stream)
STREAM_KINDS(stream)
KIND_FIXTURE_ALONE(dgram)
DGRAM_KINDS(dgram)
KIND_FIXTURE_ALONE(ipv6)
FIXTURE_VARIANT_ADD(ipv6, stream) { AF_INET6, SOCK_STREAM };
FIXTURE_VARIANT_ADD(ipv6, dgram) { AF_INET6, SOCK_DGRAM };
KIND_FIXTURE_ALONE(one)
FIXTURE_VARIANT_ADD(one, ipv4_dgram) { AF_INET, SOCK_DGRAM };

#define FAULTY(fixture, test, ready, fn, with, ...)			\
	TEST_F_TIMEOUT(fixture, test, TIMEOUT)				\
	{								\
		static const struct faulty f = {			\
			.prepare = ready, .call = fn, .errors = with,	\
			__VA_ARGS__					\
		};							\
									\
		run_walk(_metadata, &self->k, &f);			\
	}

#define ERRORS(...)	{ __VA_ARGS__ }
#define CREATE		ERRORS(ENOMEM, ENOBUFS, ENFILE)
#define CONNECT_ERRORS	ERRORS(ENOBUFS, EFAULT), .attempt = true
#define CODES		ERRORS(WSAENOBUFS, WSAEFAULT), .attempt = true
#define SEND		ERRORS(EAGAIN, ENOBUFS, ENOMEM, EFAULT)
#define COPY		ERRORS(EFAULT)
#define FILES		ERRORS(ENOMEM, EFAULT)

FAULTY(any, F_01_socket, NULL, call_socket, CREATE)
FAULTY(any, F_02_bind, NULL, call_bind, ERRORS(EADDRINUSE, EAGAIN, ENOMEM, ENOBUFS, EFAULT))
FAULTY(any, E_08_E_12_connect, NULL, call_connect, CONNECT_ERRORS)
FAULTY(any, E_08_E_12_connect_nonblocking, nonblocking, call_connect, CONNECT_ERRORS)
FAULTY(any, E_08_E_12_connect_bound, bound_nonblocking, call_connect, CONNECT_ERRORS)
FAULTY(any, E_08_E_12_V_02_connect_tied, tied, call_connect, CONNECT_ERRORS)
FAULTY(any, E_08_E_12_wspconnect, nonblocking, call_wspconnect, CODES)
FAULTY(ipv6, E_08_E_12_connect_scoped, to_link_local, call_connect, CONNECT_ERRORS)
FAULTY(ipv6, E_08_E_12_connect_mapped, to_mapped, call_connect, CONNECT_ERRORS)
FAULTY(stream, C_05_connect_refused, to_nobody, call_connect, CONNECT_ERRORS)
FAULTY(stream, F_02_listen, bound, call_listen, ERRORS(EADDRINUSE, ENOMEM, ENOBUFS))
FAULTY(stream, C_14_accept, listening, call_accept, CREATE)
FAULTY(stream, C_14_V_04_accept_tied, tied_listening, call_accept, CREATE)
FAULTY(dgram, D_08_connect_again, joined, call_connect_other, CONNECT_ERRORS)
FAULTY(dgram, D_07_connect_same, joined, call_connect, CONNECT_ERRORS)
FAULTY(dgram, D_08_connect_after_disconnect, disconnected, call_connect, CONNECT_ERRORS)
FAULTY(dgram, D_02_disconnect, joined, call_disconnect, CONNECT_ERRORS)
FAULTY(one, D_09_connect_broadcast, to_all, call_connect, CONNECT_ERRORS)

FAULTY(any, F_02_send_first, unnoticed, call_send, SEND)
FAULTY(any, F_02_sendmmsg_first, unnoticed, call_sendmmsg, SEND)
FAULTY(any, F_02_sendfile_first, unnoticed, call_sendfile, SEND, .loses = true)
FAULTY(any, V_06_send_tied, tied_joined, call_send, SEND)
FAULTY(any, V_06_sendfile_tied, tied_joined, call_sendfile, SEND, .loses = true)
FAULTY(dgram, D_03_sendto, disconnected, call_sendto, SEND)
FAULTY(stream, V_06_recv_tied, tied_joined, call_recv, COPY)
FAULTY(any, V_06_recvmsg_tied, tied_joined, call_recvmsg, FILES, .loses = true)
FAULTY(any, V_06_splice_tied, tied_joined, call_splice_in, FILES, .loses = true)
FAULTY(dgram, D_13_recv_after_move, moved, call_recv, COPY)

FAULTY(any, F_02_getsockname, joined, call_getsockname, COPY)
FAULTY(any, F_02_getsockopt, NULL, call_getsockopt, COPY)
FAULTY(any, F_02_setsockopt, NULL, call_setsockopt, COPY)
FAULTY(any, D_04_bind_device, NULL, call_bind_device, COPY)
FAULTY(any, F_02_poll, joined, call_poll, FILES)
FAULTY(any, E_13_info, NULL, call_info, COPY)
FAULTY(any, E_08_code, NULL, call_code, COPY)
FAULTY(any, E_08_judge, NULL, call_judge, COPY)
FAULTY(any, C_10_D_11_callee, NULL, call_callee, COPY)
FAULTY(any, V_01_select, NULL, call_select, ERRORS(ENOBUFS, EFAULT))
FAULTY(any, V_01_select_again, tied_joined, call_select, ERRORS(ENOBUFS, EFAULT))
FAULTY(any, V_01_untie, tied_joined, call_untie, COPY)
FAULTY(any, V_05_enum, tied_joined, call_enum, COPY)
FAULTY(any, F_02_fionbio, NULL, call_fionbio, COPY)
FAULTY(any, F_02_shutdown, joined, call_shutdown, COPY)
FAULTY(any, V_08_close, tied_joined, call_close, COPY)
FAULTY(any, F_02_fdinfo, tied_joined, call_fdinfo, FILES)
FAULTY(one, F_05_read_groups, groups_open, call_read_groups, FILES)
FAULTY(one, F_05_write_groups, groups_open, call_write_groups, FILES)
FAULTY(one, F_06_namespace, NULL, call_namespace, FILES, .long_call = true)

/* It is there and works, or nothing of it is. */
static bool load_step(struct __test_metadata *_metadata, int n)
{
	bool came;
	int rc;

	arm(n);
	rc = insert_module(ko);
	came = disarm();
	if (rc) {
		EXPECT_TRUE(rc == -ENOMEM || rc == -ENOBUFS || rc == -ENFILE ||
			    rc == -EFAULT)
			TH_LOG("errno %d at fault %d", -rc, n);
		EXPECT_TRUE(nothing_is_left());
		EXPECT_EQ(0, insert_module(ko));
	}
	EXPECT_EQ(0, remove_module());
	EXPECT_TRUE(nothing_is_left());
	return came && _metadata->passed;
}

#define LOAD_TAIL	200	/* what the module itself does, and more */

TEST_F_TIMEOUT(one, F_06_load, TIMEOUT)
{
	int n;

	if (ko < 0)
		SKIP(return, "no module to load: set WSPFAM_KO to the path of wspfam.ko");
	close(self->k.fd);
	self->k.fd = -1;
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	ASSERT_LE(0, fail_nth);
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	ASSERT_EQ(0, remove_module());
	for (n = LOAD_TAIL; n < MOST_FAULTS && load_step(_metadata, n); n += LOAD_TAIL)
		;
	TH_LOG("from fault %d", n - LOAD_TAIL);
	for (n = n > LOAD_TAIL ? n - LOAD_TAIL : 1; load_step(_metadata, n); n++)
		;
	EXPECT_EQ(0, insert_module(ko));
}

static int run_faults(int argc, char **argv)
{
	if (!enable_faults()) {
		printf("1..0 # SKIP the kernel has no fault injection (fail-nth)\n");
		return KSFT_SKIP;
	}
	ko = open(getenv("WSPFAM_KO") ?: "", O_RDONLY | O_CLOEXEC);
	run_in(HERE, "ip addr add fe80::1/64 dev wsp-a nodad");
	run_in(THERE, "ip addr add fe80::2/64 dev wsp-a nodad");
	return test_harness_run(argc, argv);
}

int main(int argc, char **argv)
{
	return test_main(argc, argv, run_faults);
}
