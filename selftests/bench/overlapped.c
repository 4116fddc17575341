// SPDX-License-Identifier: GPL-2.0
/* Overlapped operations, beside the same by io_uring, by epoll, and at once. */
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "bench.h"

static char out[1 << 16], in[1 << 16];

/* Used as Winsock's calls are: each operation is begun by one of its own. */
static struct {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static void *map(size_t size, off_t offset)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			ring.fd, offset);

	must(true, at != MAP_FAILED);
	return at;
}

static void open_ring(void)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	ring.fd = (int)syscall(SYS_io_uring_setup, 8, &p);
	must(true, ring.fd >= 0);
	sq = map(p.sq_off.array + p.sq_entries * sizeof(unsigned int), IORING_OFF_SQ_RING);
	cq = map(p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		 IORING_OFF_CQ_RING);
	ring.sqes = map(p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring.sq_tail = (unsigned int *)(sq + p.sq_off.tail);
	ring.sq_mask = (unsigned int *)(sq + p.sq_off.ring_mask);
	ring.sq_array = (unsigned int *)(sq + p.sq_off.array);
	ring.cq_head = (unsigned int *)(cq + p.cq_off.head);
	ring.cq_tail = (unsigned int *)(cq + p.cq_off.tail);
	ring.cq_mask = (unsigned int *)(cq + p.cq_off.ring_mask);
	ring.cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
}

static void begin(int op, int fd, void *data, long size, int flags)
{
	const unsigned int tail = *ring.sq_tail, i = tail & *ring.sq_mask;

	ring.sqes[i] = (struct io_uring_sqe) {
		.opcode = op,
		.fd = fd,
		.addr = (uintptr_t)data,
		.len = size,
		.msg_flags = flags,
	};
	ring.sq_array[i] = i;
	__atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
	must(1, syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0));
}

/* Both of a direction: what each has come to is the size. */
static void end_both(long size)
{
	unsigned int head = *ring.cq_head;

	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) - head < 2)
		must(0, syscall(SYS_io_uring_enter, ring.fd, 0, 2, IORING_ENTER_GETEVENTS,
				NULL, 0));
	must(size, ring.cqes[head & *ring.cq_mask].res);
	must(size, ring.cqes[(head + 1) & *ring.cq_mask].res);
	__atomic_store_n(ring.cq_head, head + 2, __ATOMIC_RELEASE);
}

static void ring_across(const struct side *s, int from, int to, long size)
{
	(void)s;
	begin(IORING_OP_RECV, to, in, size, MSG_WAITALL);
	begin(IORING_OP_SEND, from, out, size, MSG_NOSIGNAL);
	end_both(size);
}

static WSAEVENT event;	/* to wait for what is received, or NULL */

static void lib_across(const struct side *s, int from, int to, long size)
{
	WSABUF in_buf = { size, in }, out_buf = { size, out };
	WSAOVERLAPPED received = { .hEvent = event }, sent = { 0 };
	DWORD n, flags = size > 1448 ? MSG_WAITALL : 0;
	int error;

	(void)s;
	must(SOCKET_ERROR, WSPRecv(to, &in_buf, 1, NULL, &flags, &received, NULL, NULL, &error));
	must(WSA_IO_PENDING, error);
	WSPSend(from, &out_buf, 1, NULL, 0, &sent, NULL, NULL, &error);
	if (event)
		must(0, WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, FALSE));
	must(TRUE, WSPGetOverlappedResult(to, &received, &n, TRUE, &flags, &error));
	must(size, n);
	must(TRUE, WSPGetOverlappedResult(from, &sent, &n, TRUE, &flags, &error));
	must(size, n);
}

/* Watched first, tried when there is something to try. */
static void epoll_across(const struct side *s, int from, int to, long size)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
	ssize_t n;

	must(0, epoll_ctl(s->epfd, EPOLL_CTL_MOD, to, &e));
	must(size, send(from, out, size, MSG_NOSIGNAL));
	for (; size > 0; size -= n) {
		must(1, epoll_wait(s->epfd, &e, 1, -1));
		n = recv(to, in, size, MSG_DONTWAIT);
		must(true, n > 0);
		e.events = EPOLLIN | EPOLLONESHOT;
		if (n < size)
			must(0, epoll_ctl(s->epfd, EPOLL_CTL_MOD, to, &e));
	}
}

static void there_and_back(struct side *s, void (*across)(const struct side *s, int from,
							  int to, long size))
{
	if (s->lib)
		across = lib_across;
	across(s, s->fd, s->peer, s->arg);
	across(s, s->peer, s->fd, s->arg);
}

static void by_ring(struct side *s)
{
	there_and_back(s, ring_across);
}

static void by_epoll(struct side *s)
{
	there_and_back(s, epoll_across);
}

static void set_up_roomy(struct side *s)
{
	set_up_pair(s);
	big_buffers(s->fd);
	big_buffers(s->peer);
}

static void set_up_ring(struct side *s)
{
	set_up_roomy(s);
	if (!s->lib)
		open_ring();
}

static void set_up_event(struct side *s)
{
	set_up_ring(s);
	if (s->lib)
		event = WSACreateEvent();
}

static void set_up_epoll(struct side *s)
{
	struct epoll_event e = { 0 };

	set_up_roomy(s);
	if (s->lib)
		return;
	s->epfd = epoll_create1(0);
	must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->fd, &e));
	must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->peer, &e));
}

static void tell(struct side *s)
{
	must(s->arg, send(s->peer, out, s->arg, 0));
}

static void take(struct side *s)
{
	WSABUF buf = { s->arg, in };
	WSAOVERLAPPED received = { 0 };
	DWORD n = 0, flags = 0;
	int error;

	if (s->lib)
		must(0, WSPRecv(s->fd, &buf, 1, &n, &flags, &received, NULL, NULL, &error));
	else
		n = recv(s->fd, in, s->arg, 0);
	must(s->arg, n);
}

static void nothing(struct side *s)
{
	(void)s;
}

const struct bench overlapped_benches[] = {
	{ "overlapped", "receive that finds 64 bytes; recv", BOTH, 1000, BOUND("1.10"),
	  set_up_pair, tell, take, nothing, .arg = 64, .lib = true },
	{ "overlapped", "ping-pong, 64 bytes; by io_uring", BOTH, 300,
	  BOUND("1.15"), set_up_ring, .op = by_ring, .arg = 64, .lib = true },
	{ "overlapped", "ping-pong, 64 K; by io_uring", BOTH, 60,
	  BOUND("1.02"), set_up_ring, .op = by_ring, .arg = 65536, .lib = true },
	{ "overlapped", "ping-pong by events, 64 bytes; by io_uring", BOTH, 300, { },
	  set_up_event, .op = by_ring, .arg = 64, .lib = true },
	{ "overlapped", "ping-pong, 64 bytes; by epoll", BOTH, 300, { }, set_up_epoll,
	  .op = by_epoll, .arg = 64, .lib = true },
	{ "overlapped", "ping-pong, 64 K; by epoll", BOTH, 60, { }, set_up_epoll,
	  .op = by_epoll, .arg = 65536, .lib = true },
	{ }
};
