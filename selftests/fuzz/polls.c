// SPDX-License-Identifier: GPL-2.0
/*
 * Waiters that are no threads: aio's and io_uring's polls, which signal an event
 * themselves when they are woken, also the one that woke them.
 */
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>

#include "ops.h"

#define DEPTH	16
#define ACCEPTS	1	/* its user data */

static aio_context_t aio;
static struct iocb requests[DEPTH];
static unsigned int next_request;

static struct {
	int fd;
	char *ring;			/* both, by one mapping */
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
} uring = { .fd = -1 };

static char buffers[DEPTH][64];

/* An event or, less often, a socket. */
static int choose(unsigned int which, const struct slot *s)
{
	return which % 4 == 3 ? s->fd : events[which % EVENTS];
}

static short choose_mask(unsigned int which)
{
	static const short masks[] = { POLLIN, POLLOUT, POLLIN | POLLOUT, POLLERR };

	return masks[which % ARRAY_SIZE(masks)];
}

/* A poll by aio, which signals one event as another one, or itself, is ready. */
void op_aio_poll(const struct op *op, struct slot *s)
{
	struct iocb *cb = &requests[next_request++ % DEPTH];
	const int resfd = events[op->c % EVENTS];

	if (!aio && syscall(SYS_io_setup, DEPTH, &aio))
		return;
	*cb = (struct iocb){
		.aio_lio_opcode = IOCB_CMD_POLL,
		.aio_fildes = choose(op->a, s),
		.aio_buf = choose_mask(op->b),
		.aio_flags = resfd >= 0 && !(op->d & 1) ? IOCB_FLAG_RESFD : 0,
		.aio_resfd = resfd,
	};
	feature(220, syscall(SYS_io_submit, aio, 1, &cb) == 1, op->a % 4);
}

void op_aio_reap(const struct op *op, struct slot *s)
{
	struct timespec none = {};
	struct io_event done[DEPTH];

	(void)s;
	if (!aio)
		return;
	if (op->a & 1)
		syscall(SYS_io_cancel, aio, &requests[op->b % DEPTH], done);
	else
		syscall(SYS_io_getevents, aio, 0, DEPTH, done, &none);
}

static bool uring_open(void)
{
	struct io_uring_params *p = &uring.params;

	if (uring.fd >= 0)
		return true;
	*p = (struct io_uring_params){
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	};
	uring.fd = syscall(SYS_io_uring_setup, DEPTH, p);
	if (uring.fd < 0)
		return false;
	uring.ring = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd,
			  IORING_OFF_SQ_RING);
	uring.sqes = mmap(NULL, DEPTH * sizeof(*uring.sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, uring.fd, IORING_OFF_SQES);
	return uring.ring != MAP_FAILED && uring.sqes != MAP_FAILED;
}

static unsigned int *sq(unsigned int offset)
{
	return (unsigned int *)(uring.ring + offset);
}

/* The answers are the kernel's, but a descriptor out of them is ours to close. */
static void uring_reap(void)
{
	const unsigned int tail = __atomic_load_n(sq(uring.params.cq_off.tail),
						  __ATOMIC_ACQUIRE);
	unsigned int *head = sq(uring.params.cq_off.head), i;
	const struct io_uring_cqe *cqes = (void *)sq(uring.params.cq_off.cqes);

	for (i = *head; i != tail; i++) {
		const struct io_uring_cqe *c = &cqes[i % uring.params.cq_entries];

		if (c->user_data == ACCEPTS && c->res >= 0)
			close(c->res);
	}
	__atomic_store_n(head, tail, __ATOMIC_RELEASE);
}

static void uring_submit(const struct io_uring_sqe *sqe)
{
	unsigned int *tail = sq(uring.params.sq_off.tail);
	const unsigned int i = *tail % DEPTH;

	uring.sqes[i] = *sqe;
	sq(uring.params.sq_off.array)[i] = i;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, uring.fd, 1, 0, IORING_ENTER_GETEVENTS, NULL, 0);
	uring_reap();
}

/* The event that the ring signals, by which its polls may be woken themselves. */
void op_uring_event(const struct op *op, struct slot *s)
{
	int fd = events[op->a % EVENTS];

	(void)s;
	if (raw || !uring_open())
		return;
	if (op->b & 1)
		syscall(SYS_io_uring_register, uring.fd, IORING_UNREGISTER_EVENTFD,
			NULL, 0);
	else
		syscall(SYS_io_uring_register, uring.fd, op->b & 2 ?
			IORING_REGISTER_EVENTFD_ASYNC : IORING_REGISTER_EVENTFD,
			&fd, 1);
	syscall(SYS_io_uring_enter, uring.fd, 0, 0, IORING_ENTER_GETEVENTS, NULL, 0);
	uring_reap();
}

void op_uring_poll(const struct op *op, struct slot *s)
{
	const struct io_uring_sqe sqe = {
		.opcode = op->c % 8 == 7 ? IORING_OP_POLL_REMOVE : IORING_OP_POLL_ADD,
		.fd = choose(op->a, s),
		.poll32_events = choose_mask(op->b),
		.len = op->d & 1 ? IORING_POLL_ADD_MULTI : 0,
	};

	if (!raw && uring_open())
		uring_submit(&sqe);
}

/* Calls on the socket that go on after the one that began them. */
void op_uring_call(const struct op *op, struct slot *s)
{
	static const __u8 calls[] = { IORING_OP_RECV, IORING_OP_RECV, IORING_OP_SEND,
				      IORING_OP_ACCEPT, IORING_OP_ASYNC_CANCEL,
				      IORING_OP_CONNECT };
	static unsigned int buffer;
	static union name name;
	struct io_uring_sqe sqe = {
		.opcode = calls[op->a % ARRAY_SIZE(calls)],
		.fd = s->fd,
		.addr = (uintptr_t)buffers[buffer++ % DEPTH],
		.len = op->b % 64,
		.msg_flags = op->c & 1 ? MSG_DONTWAIT : op->c & 2 ? MSG_PEEK : 0,
	};

	if (raw || s->d->busy || endless(s) || !uring_open())
		return;
	if (sqe.opcode == IORING_OP_ACCEPT) {
		sqe.addr = 0;
		sqe.len = 0;
		sqe.accept_flags = 0;
		sqe.user_data = ACCEPTS;
		s->d->m.accepts = true;
	} else if (sqe.opcode == IORING_OP_ASYNC_CANCEL) {
		sqe.addr = 0;
		sqe.len = 0;
		sqe.cancel_flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
	} else if (sqe.opcode == IORING_OP_CONNECT) {
		name = name_host(s->d->m.v6 ? AF_INET6 : AF_INET,
				 op->b & 1 ? SILENT : PEER_A, PORT_TAKEN);
		sqe.addr = (uintptr_t)&name;
		sqe.len = 0;
		sqe.off = name_len(&name);
		model_unknown(&s->d->m);
	}
	/* Bytes that it takes, or sends, the model does not see. */
	s->d->m.wrote = true;
	model_unqueue(&s->d->m);
	uring_submit(&sqe);
}

/* After an input. */
void polls_reset(void)
{
	if (aio)
		syscall(SYS_io_destroy, aio);
	aio = 0;
	if (uring.fd < 0)
		return;
	syscall(SYS_io_uring_enter, uring.fd, 0, 0, IORING_ENTER_GETEVENTS, NULL, 0);
	uring_reap();
	munmap(uring.ring, 65536);
	munmap(uring.sqes, DEPTH * sizeof(*uring.sqes));
	close(uring.fd);
	uring.fd = -1;
}
