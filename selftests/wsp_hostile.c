// SPDX-License-Identifier: GPL-2.0
/* What a program gives to the family so that the kernel may come to grief. */
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

/* Eventfds that are signalled by who waits for eventfds --------------------- */

#define FULL	0xfffffffffffffffeULL	/* then there is no room (POLLOUT) */

/* Waits for @events of @fd once, and signals @signals. False without a way. */
typedef bool (*arm_fn)(int fd, short events, int signals);

static bool arm_aio(int fd, short events, int signals)
{
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_POLL,
		.aio_fildes = fd,
		.aio_buf = events,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = signals,
	};
	static aio_context_t context;
	struct iocb *list = &cb;

	if (!context && syscall(SYS_io_setup, 64, &context))
		return false;
	return syscall(SYS_io_submit, context, 1, &list) == 1;
}

/* Each waiter has a ring of its own, that signals without being asked to run. */
static bool arm_uring(int fd, short events, int signals)
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	};
	int ring = syscall(SYS_io_uring_setup, 1, &p);
	struct io_uring_sqe *sqe;
	char *sq;

	if (ring < 0)
		return false;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(__u32),
		  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
		  IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqe == MAP_FAILED ||
	    syscall(SYS_io_uring_register, ring, IORING_REGISTER_EVENTFD,
		    &signals, 1))
		return false;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_POLL_ADD;
	sqe->fd = fd;
	sqe->poll32_events = events;
	*(__u32 *)(sq + p.sq_off.array) = 0;
	__atomic_store_n((__u32 *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) == 1;
}

FIXTURE(waiter)
{
	int fd, other;		/* sockets of the family */
	int event, second;
	union name dead;	/* a connect to it is refused */
};

FIXTURE_VARIANT(waiter) { arm_fn arm; };
FIXTURE_VARIANT_ADD(waiter, aio) { arm_aio };
FIXTURE_VARIANT_ADD(waiter, uring) { arm_uring };

static int full_event(void)
{
	const uint64_t full = FULL;
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (event < 0 || write(event, &full, sizeof(full)) != sizeof(full))
		abort();
	return event;
}

static uint64_t count_of(int event)
{
	uint64_t count = 0;

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
	if (!variant->arm(self->second, POLLHUP, self->second))
		SKIP(return, "this kernel has no such waiters");
}

FIXTURE_TEARDOWN(waiter)
{
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

/* A processor that turns in circles with interrupts off is not seen to end. */
TEST_F(waiter, V_05_V_08_signals_what_is_reset)
{
	ASSERT_TRUE(variant->arm(self->event, POLLOUT, self->event));
	EXPECT_EQ(0, reset(self->fd, self->event));
	EXPECT_TRUE(wait_for(self->event, POLLIN));	/* by the waiter, later */
	EXPECT_EQ(1, count_of(self->event));
}

TEST_F(waiter, V_05_V_08_signals_another_s_event)
{
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

WSP_TEST_MAIN
