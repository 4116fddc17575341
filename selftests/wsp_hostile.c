// SPDX-License-Identifier: GPL-2.0
/* What a program gives to the family so that the kernel may come to grief. */
#include <linux/aio_abi.h>
#include <linux/genetlink.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

/* Eventfds that are signalled by who waits for eventfds --------------------- */

#define FULL	0xfffffffffffffffeULL	/* then there is no room (POLLOUT) */

/* Waits for @events of @fd once, and signals @signals. False without a way. */
typedef bool (*arm_fn)(int fd, short events, int signals);

static aio_context_t aio;

static bool arm_aio(int fd, short events, int signals)
{
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_POLL,
		.aio_fildes = fd,
		.aio_buf = events,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = signals,
	};
	struct iocb *list = &cb;

	if (!aio && syscall(SYS_io_setup, 512, &aio))
		return false;
	return syscall(SYS_io_submit, aio, 1, &list) == 1;
}

/*
 * Left to the end of the process, a context is unmapped by a worker, for whom
 * User Mode Linux looks through the process's memory without a lock.
 */
static void aio_end(void)
{
	if (aio)
		syscall(SYS_io_destroy, aio);
}

/* A ring of io_uring's, for one call at a time. */
struct ring {
	int fd;
	struct io_uring_params params;
	char *queues;		/* both, by one mapping */
	struct io_uring_sqe *sqe;
};

static bool ring_open(struct ring *r, unsigned int flags)
{
	struct io_uring_params *p = &r->params;
	size_t size;

	*p = (struct io_uring_params){ .flags = flags };
	r->fd = syscall(SYS_io_uring_setup, 1, p);
	if (r->fd < 0)
		return false;
	size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	if (size < p->sq_off.array + sizeof(__u32))
		size = p->sq_off.array + sizeof(__u32);
	r->queues = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
	r->sqe = mmap(NULL, sizeof(*r->sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
	return p->features & IORING_FEAT_SINGLE_MMAP && r->queues != MAP_FAILED &&
	       r->sqe != MAP_FAILED;
}

static bool ring_submit(struct ring *r, const struct io_uring_sqe *sqe)
{
	__u32 *tail = (__u32 *)(r->queues + r->params.sq_off.tail);

	*r->sqe = *sqe;
	*(__u32 *)(r->queues + r->params.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0) == 1;
}

/* What the call with this @name of its own has come to, within the deadline. */
static int ring_result(struct ring *r, __u64 name)
{
	const struct io_uring_cqe *cqes = (void *)(r->queues + r->params.cq_off.cqes);
	const __u32 *tail = (__u32 *)(r->queues + r->params.cq_off.tail);
	__u32 *head = (__u32 *)(r->queues + r->params.cq_off.head);
	const struct io_uring_cqe *cqe;

	while (__atomic_load_n(tail, __ATOMIC_ACQUIRE) != *head ||
	       wait_for(r->fd, POLLIN)) {
		cqe = &cqes[*head % r->params.cq_entries];
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
		if (cqe->user_data == name)
			return cqe->res;
	}
	return -ETIME;
}

/* Each waiter has a ring of its own, that signals without being asked to run. */
static bool arm_uring(int fd, short events, int signals)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_POLL_ADD, .fd = fd, .poll32_events = events,
	};
	struct ring ring;

	if (!ring_open(&ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN))
		return false;
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD,
		    &signals, 1)) {
		close(ring.fd);
		return false;
	}
	return ring_submit(&ring, &sqe);
}

FIXTURE(waiter)
{
	bool works;
	int fd, other;		/* sockets of the family */
	int event, second;
	union name dead;	/* a connect to it is refused */
};

FIXTURE_VARIANT(waiter) { arm_fn arm; };
FIXTURE_VARIANT_ADD(waiter, aio) { arm_aio };
FIXTURE_VARIANT_ADD(waiter, uring) { arm_uring };

static int full_event(void)
{
	const eventfd_t full = FULL;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (event < 0 || write(event, &full, sizeof(full)) != sizeof(full))
		abort();
	return event;
}

static eventfd_t count_of(int event)
{
	eventfd_t count = 0;

	return read(event, &count, sizeof(count)) < 0 ? 0 : count;
}

FIXTURE_SETUP(waiter)
{
	struct row row = { AF_INET, true, CONNECT };
	int fd = plain_socket(THERE, AF_INET, SOCK_STREAM);

	ASSERT_EQ(0, bind_port(fd, AF_INET, "0.0.0.0", "::", 0));
	self->dead = name_host(AF_INET, PEER_A, local_port(fd));
	close(fd);
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->other = wsp_socket(SOCK_STREAM, &row);
	self->event = full_event();
	self->second = full_event();
	self->works = variant->arm(self->second, POLLHUP, self->second);
}

FIXTURE_TEARDOWN(waiter)
{
	aio_end();
	close(self->fd);
	close(self->other);
	close(self->event);
	close(self->second);
}

static int reset(int fd, int event)
{
	struct wsp_network_events record;

	return take(fd, event, &record);
}

/* An attempt that is refused in softirq, which its tie tells of. */
static void provoke(int fd, const union name *dead)
{
	connect(fd, &dead->sa, name_len(dead));
}

#define NEEDS_WAITERS							\
	do {								\
		if (!self->works)					\
			SKIP(return, "this kernel has no such waiters"); \
	} while (0)

/* A processor that turns in circles with interrupts off is not seen to end. */
TEST_F(waiter, V_05_V_08_signals_what_is_reset)
{
	NEEDS_WAITERS;
	ASSERT_TRUE(variant->arm(self->event, POLLOUT, self->event));
	EXPECT_EQ(0, reset(self->fd, self->event));
	EXPECT_TRUE(wait_for(self->event, POLLIN));	/* by the waiter, later */
	EXPECT_EQ(1, count_of(self->event));
}

TEST_F(waiter, V_05_V_08_signals_another_s_event)
{
	NEEDS_WAITERS;
	ASSERT_EQ(0, tie(self->other, self->event, WSP_FD_CONNECT));
	ASSERT_TRUE(variant->arm(self->event, POLLOUT, self->event));
	EXPECT_EQ(0, reset(self->fd, self->event));
	EXPECT_TRUE(wait_for(self->event, POLLIN));
	EXPECT_EQ(0, reset(self->other, self->event));
	provoke(self->other, &self->dead);
	EXPECT_TRUE(wait_for(self->event, POLLIN));
}

/* Both in each other's queue. */
TEST_F(waiter, V_05_V_08_signals_crosswise)
{
	NEEDS_WAITERS;
	ASSERT_TRUE(variant->arm(self->event, POLLOUT, self->second));
	ASSERT_TRUE(variant->arm(self->second, POLLOUT, self->event));
	EXPECT_EQ(0, reset(self->fd, self->event));
	EXPECT_EQ(0, reset(self->fd, self->second));
	EXPECT_TRUE(wait_for(self->event, POLLIN));
}

TEST_F(waiter, V_05_V_08_through_the_library)
{
	WSANETWORKEVENTS record;
	WSAEVENT event = (WSAEVENT)(uintptr_t)self->event;

	NEEDS_WAITERS;
	ASSERT_TRUE(variant->arm(self->event, POLLOUT, self->event));
	EXPECT_EQ(0, OUTCOME(WSPEnumNetworkEvents(self->fd, event, &record, &code)));
	EXPECT_TRUE(wait_for(self->event, POLLIN));

	ASSERT_TRUE(variant->arm(self->second, POLLOUT, self->second));
	EXPECT_TRUE(WSAResetEvent((WSAEVENT)(uintptr_t)self->second));
	EXPECT_TRUE(wait_for(self->second, POLLIN));
}

/* Woken by the module's own signal, in softirq. */
TEST_F(waiter, V_08_woken_by_a_record)
{
	const struct kernel before = look_at_kernel();

	NEEDS_WAITERS;
	count_of(self->event);
	count_of(self->second);
	ASSERT_EQ(0, tie(self->fd, self->event, WSP_FD_CONNECT));
	ASSERT_EQ(0, tie(self->other, self->second, WSP_FD_CONNECT));
	ASSERT_TRUE(variant->arm(self->event, POLLIN, self->event));
	ASSERT_TRUE(variant->arm(self->event, POLLIN, self->second));
	ASSERT_TRUE(variant->arm(self->second, POLLIN, self->event));
	provoke(self->fd, &self->dead);
	provoke(self->other, &self->dead);
	EXPECT_TRUE(wait_for(self->event, POLLIN));
	EXPECT_TRUE(wait_for(self->second, POLLIN));
	EXPECT_EQ(before.taint, read_number("/proc/sys/kernel/tainted"));
}

struct signaller {
	int fd, event;
	const union name *dead;
	arm_fn arm;
	atomic_bool *stop;
};

static void *signal_and_reset(void *arg)
{
	const struct signaller *s = arg;

	while (!atomic_load(s->stop)) {
		provoke(s->fd, s->dead);
		reset(s->fd, s->event);
	}
	return NULL;
}

/* Two processors signal and reset two events that wait for one another. */
TEST_F(waiter, V_08_crosswise_under_load)
{
	atomic_bool stop = false;
	struct signaller s[2] = {
		{ self->fd, self->event, &self->dead, NULL, &stop },
		{ self->other, self->second, &self->dead, NULL, &stop },
	};
	pthread_t threads[2];
	int i;

	NEEDS_WAITERS;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, tie(s[i].fd, s[i].event, WSP_FD_CONNECT));
		pthread_create(&threads[i], NULL, signal_and_reset, &s[i]);
	}
	for (i = 0; i < 200; i++) {
		variant->arm(s[i % 2].event, POLLIN | POLLOUT, s[(i + 1) % 2].event);
		variant->arm(s[i % 2].event, POLLIN, s[i % 2].event);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/*
 * Sockets and events that two threads close, tie and use without regard to one
 * another. The last place is a listener's; what others accept on it has its tie.
 */
#define PLACES	4

static struct {
	atomic_int sockets[PLACES], events[PLACES];
	arm_fn arm;
	union name names[2];	/* refused, and the listener's */
	unsigned int steps;
} mess;

static void replace(atomic_int *place, int fd)
{
	close(atomic_exchange(place, fd));
}

/* One that leaves nothing behind for a minute when it is closed. */
static int mess_socket(int type)
{
	const struct linger abortive = { .l_onoff = 1 };
	const struct row row = { AF_INET, true, CONNECT };
	int fd = wsp_socket(type, &row);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive));
	return fd;
}

static int mess_listener(void)
{
	const int one = 1;
	int fd = mess_socket(SOCK_STREAM);

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (!name_port(&mess.names[1]))
		mess.names[1] = name_host(AF_INET, HERE_A, 0);
	/* The other thread may have used the number, which it knows as a closed socket's. */
	if (!bind(fd, &mess.names[1].sa, name_len(&mess.names[1])) && !listen(fd, 8))
		mess.names[1] = local_name(fd);
	return fd;
}

static void mess_replace(unsigned int i, unsigned int how)
{
	if (how & 1)
		replace(&mess.events[i], eventfd(0, EFD_NONBLOCK));
	else if (i < PLACES - 1)
		replace(&mess.sockets[i],
			mess_socket(how & 2 ? SOCK_STREAM : SOCK_DGRAM));
	else
		replace(&mess.sockets[PLACES - 1], mess_listener());
}

static void mess_step(unsigned int what)
{
	const unsigned int i = what >> 3 & 3, j = what >> 5 & 3, how = what >> 7;
	const int fd = mess.sockets[i], event = mess.events[j];
	int accepted;

	switch (what & 7) {
	case 0:
		mess_replace(i, how);
		break;
	case 1:
	case 2:
		tie(fd, event, how & 7 ? WSP_FD_ALL_EVENTS : 0);
		break;
	case 3:
		reset(fd, event);
		break;
	case 4:
		if (!(how & 7))
			mess.arm(event, POLLIN | POLLOUT, mess.events[i]);
		break;
	case 5:
		accepted = accept(mess.sockets[PLACES - 1], NULL, NULL);
		if (accepted >= 0 && i < PLACES - 1)
			replace(&mess.sockets[i], accepted);
		else if (accepted >= 0)
			close(accepted);
		break;
	default:
		if (i < PLACES - 1)
			provoke(fd, &mess.names[how & 1]);
		break;
	}
}

static void *make_mess(void *arg)
{
	unsigned int seed = (uintptr_t)arg, i;

	for (i = 0; i < mess.steps; i++)
		mess_step(rand_r(&seed) >> 4);
	return NULL;
}

static void mess_in_child(void)
{
	pthread_t threads[2];
	uintptr_t i;

	for (i = 0; i < PLACES; i++) {
		mess.events[i] = eventfd(0, EFD_NONBLOCK);
		mess.sockets[i] = -1;
	}
	mess.sockets[PLACES - 1] = mess_listener();
	aio = 0;	/* that of the parent is no use here */
	if (!name_port(&mess.names[1]) || !mess.arm(mess.events[0], POLLIN, mess.events[1]))
		_exit(1);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, make_mess, (void *)(getpid() + i));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	aio_end();
	_exit(0);
}

static bool mess_is_made(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		mess_in_child();
	return waitpid(pid, &status, 0) == pid && !status;
}

TEST_F_TIMEOUT(waiter, V_08_F_06_closed_at_any_moment, 120)
{
	const int refs = references();
	struct kernel before;
	int i;

	NEEDS_WAITERS;
	mess.arm = variant->arm;
	mess.names[0] = self->dead;
	mess.steps = 3000;
	for (i = 0; i < 6; i++) {
		/* The slab caches have grown to what they are by then. */
		if (i == 2)
			before = look_at_kernel();
		EXPECT_TRUE(mess_is_made());
	}
	EXPECT_TRUE(wait_references(refs))
		TH_LOG("%d references of %d", references(), refs);
	expect_clean_kernel(_metadata, &before);
}

/* Connecting by io_uring ---------------------------------------------------- */

FIXTURE(uring)
{
	struct ring ring;
	bool works;
	int fd, lfd;
	union name live, dead, silent;
};

FIXTURE_VARIANT(uring) { int family, flags; };
FIXTURE_VARIANT_ADD(uring, ipv4) { AF_INET, 0 };
FIXTURE_VARIANT_ADD(uring, ipv6) { AF_INET6, 0 };
FIXTURE_VARIANT_ADD(uring, ipv4_worker) { AF_INET, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(uring, ipv6_worker) { AF_INET6, IOSQE_ASYNC };

FIXTURE_SETUP(uring)
{
	const struct row row = { variant->family, false, CONNECT };
	int fd = plain_socket(THERE, variant->family, SOCK_STREAM);

	ASSERT_EQ(0, bind_port(fd, variant->family, "0.0.0.0", "::", 0));
	self->dead = name_host(variant->family, PEER_A, local_port(fd));
	close(fd);
	self->lfd = listener(THERE, variant->family);
	self->live = name_host(variant->family, PEER_A, local_port(self->lfd));
	self->silent = name_host(variant->family, SILENT, 9);
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->works = ring_open(&self->ring, 0);
}

FIXTURE_TEARDOWN(uring)
{
	close(self->ring.fd);
	close(self->fd);
	close(self->lfd);
}

#define NEEDS_URING							\
	do {								\
		if (!self->works)					\
			SKIP(return, "this kernel has no io_uring");	\
	} while (0)

static bool begin_by_uring(struct ring *r, int flags, int fd, const union name *name)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_CONNECT, .flags = flags, .fd = fd,
		.addr = (uintptr_t)name, .off = name_len(name), .user_data = 1,
	};

	return ring_submit(r, &sqe);
}

static bool wait_state(int fd, enum wsp_state state)
{
	long end = now_ms() + DEADLINE_MS;
	struct wsp_info info = {};

	while (!ioctl(fd, WSP_IOC_INFO, &info) && info.state != state &&
	       now_ms() < end)
		usleep(1000);
	return info.state == state;
}

TEST_F(uring, C_05_C_08_connects_after_a_failure)
{
	NEEDS_URING;
	ASSERT_TRUE(begin_by_uring(&self->ring, variant->flags, self->fd, &self->dead));
	EXPECT_EQ(-ECONNREFUSED, ring_result(&self->ring, 1));
	ASSERT_TRUE(begin_by_uring(&self->ring, variant->flags, self->fd, &self->live));
	EXPECT_EQ(0, ring_result(&self->ring, 1));
	EXPECT_TRUE(wait_state(self->fd, WSP_STATE_CONNECTED));
	ASSERT_TRUE(begin_by_uring(&self->ring, variant->flags, self->fd, &self->live));
	EXPECT_EQ(-EISCONN, ring_result(&self->ring, 1));
}

/* The call is over, the attempt goes on, and nobody waits for it. */
TEST_F(uring, C_12_E_04_connect_cancelled)
{
	const struct io_uring_sqe cancel = {
		.opcode = IORING_OP_ASYNC_CANCEL, .addr = 1, .user_data = 2,
	};
	const union name *name = &self->silent;
	int rc;

	NEEDS_URING;
	ASSERT_TRUE(begin_by_uring(&self->ring, variant->flags, self->fd, name));
	ASSERT_TRUE(wait_state(self->fd, WSP_STATE_PENDING));
	EXPECT_FAILS(EALREADY, connect(self->fd, &name->sa, name_len(name)));
	ASSERT_TRUE(ring_submit(&self->ring, &cancel));
	rc = ring_result(&self->ring, 1);
	EXPECT_TRUE(rc == -EINTR || rc == -ECANCELED) TH_LOG("%d", rc);
	EXPECT_TRUE(wait_state(self->fd, WSP_STATE_PENDING));
	EXPECT_FAILS(EALREADY, connect(self->fd, &name->sa, name_len(name)));
}

/* Eventfds that cannot count on -------------------------------------------- */

KIND_FIXTURE(counter)

TEST_F(counter, V_05_at_its_limit)
{
	int event = full_event(), i;

	for (i = 0; i < 3; i++) {	/* past the limit: POLLERR, and set */
		ASSERT_EQ(0, tie(self->k.fd, event, WSP_FD_CONNECT | WSP_FD_WRITE));
		provoke(self->k.fd, &(union name) { .in.sin_family = AF_X25 });
	}
	EXPECT_TRUE(readable_now(event));
	EXPECT_EQ(0, reset(self->k.fd, event));
	EXPECT_FALSE(readable_now(event));
	EXPECT_TRUE(wait_for(event, POLLOUT));
	close(event);
}

/* A semaphore is no event: a reset takes one off, as a read(2) does. */
TEST_F(counter, V_05_semaphore)
{
	int event = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);

	ASSERT_EQ(0, tie(self->k.fd, event, WSP_FD_CONNECT));
	EXPECT_EQ(0, reset(self->k.fd, event));
	EXPECT_EQ(0, reset(self->k.fd, event));
	EXPECT_TRUE(readable_now(event));
	EXPECT_EQ(0, reset(self->k.fd, event));
	EXPECT_FALSE(readable_now(event));
	EXPECT_EQ(0, reset(self->k.fd, event));
	close(event);
}

/* Sockets that other kernel code is handed: F-03 ---------------------------- */

static bool load_module(const char *module)
{
	char command[64];

	snprintf(command, sizeof(command), "modprobe -q %s", module);
	return !system(command);
}

/* nfsd accepts by kernel_accept(), for each connection once more than there is. */
FIXTURE(nfsd)
{
	char at[32];		/* where its files are */
	bool works;
	int lfd, event, refs;
	union name name;
};

FIXTURE_VARIANT(nfsd) { int family; bool tied; };
FIXTURE_VARIANT_ADD(nfsd, ipv4) { AF_INET, false };
FIXTURE_VARIANT_ADD(nfsd, ipv6) { AF_INET6, false };
FIXTURE_VARIANT_ADD(nfsd, ipv4_tied) { AF_INET, true };
FIXTURE_VARIANT_ADD(nfsd, ipv6_tied) { AF_INET6, true };

static int tell_nfsd(const char *at, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", at, file);
	return write_file(path, text);
}

FIXTURE_SETUP(nfsd)
{
	struct row row = { variant->family, false, CONNECT };
	char fd[16];

	strcpy(self->at, "/tmp/nfsd.XXXXXX");
	self->event = eventfd(0, EFD_NONBLOCK);
	self->lfd = wsp_socket(SOCK_STREAM, &row);
	ASSERT_EQ(0, bind_port(self->lfd, variant->family, "0.0.0.0", "::", 0));
	ASSERT_EQ(0, listen(self->lfd, 8));
	self->name = name_host(variant->family, HERE_A, local_port(self->lfd));
	if (variant->tied)
		ASSERT_EQ(0, tie(self->lfd, self->event, WSP_FD_ALL_EVENTS));

	self->works = load_module("nfsd") && mkdtemp(self->at) &&
		      !mount("nfsd", self->at, "nfsd", 0, NULL);
	if (!self->works)
		return;
	/* The others would be told to a portmapper. */
	ASSERT_EQ(0, tell_nfsd(self->at, "versions", "-2 -3 +4 +4.1\n"));
	snprintf(fd, sizeof(fd), "%d\n", self->lfd);
	ASSERT_EQ(0, tell_nfsd(self->at, "portlist", fd));
	ASSERT_EQ(0, tell_nfsd(self->at, "threads", "1\n"));
	self->refs = references();
}

FIXTURE_TEARDOWN(nfsd)
{
	tell_nfsd(self->at, "threads", "0\n");
	umount(self->at);
	rmdir(self->at);
	close(self->lfd);
	close(self->event);
}

/* Calls the procedure that does nothing, and gets an answer. */
static bool served(int fd)
{
	const __u32 call[] = {
		htonl(0x80000000 | 40), htonl(0x57535031), 0, htonl(2),
		htonl(100003), htonl(4), 0, 0, 0, 0, 0,
	};
	__u32 answer[7] = {};

	return send(fd, call, sizeof(call), 0) == sizeof(call) &&
	       wait_for(fd, POLLIN) &&
	       recv(fd, answer, sizeof(answer), MSG_WAITALL) == sizeof(answer) &&
	       answer[1] == call[1];
}

TEST_F_TIMEOUT(nfsd, C_14_F_06_accepts_by_itself, 120)
{
	const struct kernel before = look_at_kernel();
	int i, fd;

	if (!self->works)
		SKIP(return, "this kernel has no nfsd");
	for (i = 0; i < 6; i++) {
		fd = plain_socket(THERE, variant->family, SOCK_STREAM);
		ASSERT_EQ(0, connect(fd, &self->name.sa, name_len(&self->name)));
		EXPECT_TRUE(served(fd));
		EXPECT_EQ(self->refs + 1, references());
		EXPECT_EQ(-EWOULDBLOCK, remove_module());
		close(fd);
		EXPECT_TRUE(wait_references(self->refs))
			TH_LOG("round %d: %d references of %d", i, references(),
			       self->refs);
	}
	EXPECT_EQ(before.taint, read_number("/proc/sys/kernel/tainted"));
}

/* The listener's table changes under what has been accepted on it. */
TEST_F_TIMEOUT(nfsd, V_08_tied_and_untied_meanwhile, 120)
{
	const struct kernel before = look_at_kernel();
	int i, fd;

	if (!self->works)
		SKIP(return, "this kernel has no nfsd");
	for (i = 0; i < 40; i++) {
		fd = plain_socket(THERE, variant->family, SOCK_STREAM);
		ASSERT_EQ(0, connect(fd, &self->name.sa, name_len(&self->name)));
		EXPECT_EQ(0, tie(self->lfd, self->event,
				 i % 2 ? WSP_FD_ALL_EVENTS : 0));
		EXPECT_TRUE(served(fd));
		EXPECT_EQ(0, tie(self->lfd, self->event,
				 i % 3 ? WSP_FD_ALL_EVENTS : 0));
		close(fd);
	}
	EXPECT_TRUE(wait_references(self->refs));
	expect_clean_kernel(_metadata, &before);
}

/* ovpn puts tables of its own on the sockets of TCP that it is given. */
struct request {
	struct nlmsghdr head;
	struct genlmsghdr genl;
	char attrs[64];
};

/* Returns where to put what is nested in it. */
static struct nlattr *put_attr(struct request *r, int type, __u32 value)
{
	struct nlattr *attr = (void *)((char *)r + r->head.nlmsg_len);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + sizeof(value);
	memcpy(attr + 1, &value, sizeof(value));
	r->head.nlmsg_len += attr->nla_len;
	return attr;
}

static void start_request(struct request *r, int family, int cmd)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	r->head.nlmsg_type = family;
	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	r->genl.cmd = cmd;
	r->genl.version = 1;
}

/* The first answer's length; 0 and a negative errno where it is only that. */
static int ask_netlink(int nl, const struct request *r, void *answer, int size)
{
	const struct nlmsghdr *head = answer;
	int n;

	if (send(nl, r, r->head.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(nl, answer, size, 0);
	if (n < 0 || head->nlmsg_type != NLMSG_ERROR)
		return n;
	return ((const struct nlmsgerr *)NLMSG_DATA(head))->error;
}

static int find_family(int nl, const char *name)
{
	const struct nlattr *attr;
	struct request r;
	char answer[8192];
	int n, at;

	start_request(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	r.head.nlmsg_flags = NLM_F_REQUEST;
	attr = (void *)((char *)&r + r.head.nlmsg_len);
	((struct nlattr *)attr)->nla_type = CTRL_ATTR_FAMILY_NAME;
	((struct nlattr *)attr)->nla_len = NLA_HDRLEN + strlen(name) + 1;
	strcpy((char *)(attr + 1), name);
	r.head.nlmsg_len += NLA_ALIGN(attr->nla_len);

	n = ask_netlink(nl, &r, answer, sizeof(answer));
	for (at = NLMSG_HDRLEN + GENL_HDRLEN; at < n; at += NLA_ALIGN(attr->nla_len)) {
		attr = (void *)(answer + at);
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const __u16 *)(attr + 1);
	}
	return -1;
}

/* <linux/ovpn.h> is newer than this header's kernel */
#define OVPN_CMD_PEER_NEW	1
#define OVPN_CMD_PEER_DEL	4
#define OVPN_A_IFINDEX		1
#define OVPN_A_PEER		2
#define OVPN_A_PEER_ID		1
#define OVPN_A_PEER_SOCKET	6

FIXTURE(ovpn)
{
	struct kind k;
	int nl, family, event;
};

FIXTURE_VARIANT(ovpn) { int family; };
FIXTURE_VARIANT_ADD(ovpn, ipv4) { AF_INET };
FIXTURE_VARIANT_ADD(ovpn, ipv6) { AF_INET6 };

FIXTURE_SETUP(ovpn)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, SOCK_STREAM));
	ASSERT_TRUE(kind_join(&self->k));
	self->event = eventfd(0, EFD_NONBLOCK);
	self->nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	self->family = -1;
	if (load_module("ovpn"))
		self->family = find_family(self->nl, "ovpn");
	if (self->family < 0)
		return;
	run_in(HERE, "ip link add wsp-ovpn type ovpn");
	run_in(HERE, "ip link set wsp-ovpn up");
}

FIXTURE_TEARDOWN(ovpn)
{
	close(self->k.fd);
	close(self->k.lfd);
	close(self->k.peer);
	close(self->event);
	close(self->nl);
	if (self->family >= 0)
		run_in(HERE, "ip link del wsp-ovpn");
}

/* Hands @fd over, or with -1 ends that. */
static int ovpn_peer(int nl, int family, int fd)
{
	struct nlattr *peer;
	struct request r;
	char answer[256];

	start_request(&r, family, fd < 0 ? OVPN_CMD_PEER_DEL : OVPN_CMD_PEER_NEW);
	put_attr(&r, OVPN_A_IFINDEX, if_nametoindex("wsp-ovpn"));
	peer = put_attr(&r, OVPN_A_PEER | NLA_F_NESTED, 0);
	r.head.nlmsg_len = (char *)(peer + 1) - (char *)&r;
	put_attr(&r, OVPN_A_PEER_ID, 1);
	if (fd >= 0)
		put_attr(&r, OVPN_A_PEER_SOCKET, fd);
	peer->nla_len = (char *)&r + r.head.nlmsg_len - (char *)peer;
	return ask_netlink(nl, &r, answer, sizeof(answer));
}

static bool is_wsp(int fd)
{
	struct wsp_info info;

	return !ioctl(fd, WSP_IOC_INFO, &info);
}

static bool wait_wsp(int fd)
{
	long end = now_ms() + DEADLINE_MS;

	while (!is_wsp(fd) && now_ms() < end)
		usleep(1000);
	return is_wsp(fd);
}

TEST_F(ovpn, F_03_taken_and_given_back)
{
	const struct kernel before = look_at_kernel();
	struct wsp_network_events record;
	const int refs = references();
	int i;

	if (self->family < 0)
		SKIP(return, "this kernel has no ovpn");
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, tie(self->k.fd, self->event, i % 2 ? WSP_FD_ALL_EVENTS : 0));
		ASSERT_EQ(0, ovpn_peer(self->nl, self->family, self->k.fd));
		EXPECT_FALSE(is_wsp(self->k.fd));
		EXPECT_EQ(-ENOTTY, tie(self->k.fd, self->event, WSP_FD_READ));
		EXPECT_EQ(-ENOTTY, take(self->k.fd, self->event, &record));
		EXPECT_EQ(-1, connect(self->k.fd, NULL, 0));
		EXPECT_EQ(0, ovpn_peer(self->nl, self->family, -1));
		ASSERT_TRUE(wait_wsp(self->k.fd));
	}
	EXPECT_EQ(refs, references());
	ASSERT_EQ(0, tie(self->k.fd, self->event, WSP_FD_ALL_EVENTS));
	EXPECT_EQ(2, send(self->k.peer, "hi", 2, 0));
	EXPECT_TRUE(wait_for(self->event, POLLIN));
	expect_clean_kernel(_metadata, &before);
}

struct user { int fd, event, peer; atomic_bool *stop; };

/* Calls that may find the socket ours, and then another's. */
static void *use(void *arg)
{
	const struct user *u = arg;
	struct wsp_network_events record;
	union name name = name_v4("127.0.0.1", 9);
	char byte;
	int i;

	for (i = 0; !atomic_load(u->stop); i++) {
		tie(u->fd, u->event, i % 3 ? WSP_FD_ALL_EVENTS : 0);
		take(u->fd, u->event, &record);
		recv(u->fd, &byte, 1, MSG_DONTWAIT);
		send(u->fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		send(u->peer, "y", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		ask_code(u->fd, EINVAL, WSP_CODE_CONNECT);
		connect(u->fd, &name.sa, name_len(&name));
		accept4(u->fd, NULL, NULL, SOCK_NONBLOCK);
	}
	return NULL;
}

TEST_F_TIMEOUT(ovpn, F_03_V_08_taken_at_any_moment, 120)
{
	const struct kernel before = look_at_kernel();
	atomic_bool stop = false;
	struct user u = { self->k.fd, self->event, self->k.peer, &stop };
	const int refs = references();
	pthread_t threads[2];
	int i, taken = 0;

	if (self->family < 0)
		SKIP(return, "this kernel has no ovpn");
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, use, &u);
	for (i = 0; i < 60; i++) {
		taken += !ovpn_peer(self->nl, self->family, self->k.fd);
		ovpn_peer(self->nl, self->family, -1);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_LT(0, taken);
	EXPECT_TRUE(wait_wsp(self->k.fd));
	EXPECT_EQ(refs, references());
	close(self->k.fd);
	self->k.fd = -1;
	EXPECT_TRUE(wait_references(refs - 1));
	expect_clean_kernel(_metadata, &before);
}

WSP_TEST_MAIN
