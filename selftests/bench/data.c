// SPDX-License-Identifier: GPL-2.0
/* Data on connected sockets: the functions are the kernel's own. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "bench.h"

#define BURST	32

static char buf[1 << 16];

static void send_all(int fd, long size)
{
	must(size, send(fd, buf, size, 0));
}

static void recv_all(int fd, long size)
{
	ssize_t n;

	for (; size > 0; size -= n) {
		n = recv(fd, buf, size, 0);
		must(true, n > 0);
	}
}

static void ping_pong(struct side *s)
{
	send_all(s->fd, s->arg);
	recv_all(s->peer, s->arg);
	send_all(s->peer, s->arg);
	recv_all(s->fd, s->arg);
}

static void one_way(struct side *s)
{
	int i;

	for (i = 0; i < BURST; i++)
		send_all(s->fd, s->arg);
	recv_all(s->peer, s->arg * BURST);
}

static void set_up_file(struct side *s)
{
	set_up_pair(s);
	s->other = memfd_create("bench", 0);
	must(s->arg, write(s->other, buf, s->arg));
}

static void send_file(struct side *s)
{
	off_t at = 0;

	must(s->arg, sendfile(s->fd, s->other, &at, s->arg));
	recv_all(s->peer, s->arg);
}

/* As WSPSend and WSPRecv take their buffers. */
static void send_vector(const struct side *s, int fd)
{
	struct iovec iov = { buf, s->arg };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	WSABUF b = { .len = s->arg, .buf = buf };
	DWORD n = 0;
	int error;

	if (!s->lib) {
		must(s->arg, sendmsg(fd, &msg, MSG_NOSIGNAL));
		return;
	}
	must(0, WSPSend(fd, &b, 1, &n, 0, NULL, NULL, NULL, &error));
	must(s->arg, n);
}

static void recv_vector(const struct side *s, int fd)
{
	struct iovec iov = { buf, s->arg };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	WSABUF b = { .len = s->arg, .buf = buf };
	DWORD n = 0, flags = 0;
	int error;

	if (!s->lib) {
		must(s->arg, recvmsg(fd, &msg, 0));
		return;
	}
	must(0, WSPRecv(fd, &b, 1, &n, &flags, NULL, NULL, NULL, &error));
	must(s->arg, n);
}

static void vector_ping_pong(struct side *s)
{
	send_vector(s, s->fd);
	recv_vector(s, s->peer);
	send_vector(s, s->peer);
	recv_vector(s, s->fd);
}

/* The far end's thread: what comes goes back, until its socket is closed. */
static void *echo(void *arg)
{
	const struct side s = *(struct side *)arg;
	char data[64];
	WSABUF b = { .len = sizeof(data), .buf = data };
	DWORD n = 0, flags = 0;

	for (;;) {
		if (!s.lib) {
			if (recv(s.peer, data, sizeof(data), 0) != sizeof(data))
				break;
			send(s.peer, data, sizeof(data), MSG_NOSIGNAL);
			continue;
		}
		if (WSPRecv(s.peer, &b, 1, &n, &flags, NULL, NULL, NULL, NULL) ||
		    n != sizeof(data))
			break;
		WSPSend(s.peer, &b, 1, &n, 0, NULL, NULL, NULL, NULL);
	}
	return NULL;
}

static void set_up_echo(struct side *s)
{
	static struct side far;
	pthread_t thread;

	set_up_pair(s);
	far = *s;
	must(0, pthread_create(&thread, NULL, echo, &far));
	pthread_detach(thread);
}

/* Both threads have to wait, each for the other. */
static void echo_once(struct side *s)
{
	if (s->lib) {
		send_vector(s, s->fd);
		recv_vector(s, s->fd);
	} else {
		send_all(s->fd, s->arg);
		recv_all(s->fd, s->arg);
	}
}

/* Two datagram sockets that are connected, and have been for a while. */
static void set_up_datagrams(struct side *s)
{
	union name peer;

	s->fd = bound_socket(s, SOCK_DGRAM, &s->name[0]);
	s->peer = bound_socket(s, SOCK_DGRAM, &peer);
	must(0, connect(s->fd, &peer.sa, name_len(&peer)));
	must(0, connect(s->peer, &s->name[0].sa, name_len(&s->name[0])));
	big_buffers(s->fd);
	big_buffers(s->peer);
}

/* A reader that has met an empty queue has seen the last of former peers. */
static void set_up_settled(struct side *s)
{
	set_up_datagrams(s);
	usleep(100000);
	must(-1, recv(s->fd, buf, 1, MSG_DONTWAIT));
	must(-1, recv(s->peer, buf, 1, MSG_DONTWAIT));
}

static void recv_many(struct side *s)
{
	static struct iovec iov = { buf, sizeof(buf) };
	static struct mmsghdr msgs[BURST];
	int i;

	for (i = 0; i < BURST; i++) {
		send_all(s->fd, s->arg);
		msgs[i].msg_hdr.msg_iov = &iov;
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	must(BURST, recvmmsg(s->peer, msgs, BURST, 0, NULL));
}

static void poll_once(struct side *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	must(0, poll(&p, 1, 0));
}

static void set_up_epoll(struct side *s)
{
	struct epoll_event e = { .events = EPOLLOUT };

	set_up_pair(s);
	s->epfd = epoll_create1(0);
	must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->fd, &e));
}

static void epoll_once(struct side *s)
{
	struct epoll_event e;

	must(1, epoll_wait(s->epfd, &e, 1, 0));
}

#define TWO_THREADS							\
	"a wait that another thread can end (T-01) is two system calls more: the "	\
	"first try, 925, and WSP_IOC_WAIT, 1,200 and its place in the queue; entering " \
	"the kernel alone is 330 of each"

#define STREAM(what, n, size)						\
	{ "data", "stream: " what, STREAMS, n, BOUND("1.002"), set_up_pair,	\
	  .op = ping_pong, .arg = size, .own = NATIVE }
#define VECTOR(what, n, size)						\
	{ "data", "stream: WSPSend, WSPRecv; sendmsg, recvmsg, " what,	\
	  BOTH, n, BOUND("1.002"), set_up_pair, .op = vector_ping_pong,	\
	  .arg = size, .lib = true, .own = NATIVE }

const struct bench data_benches[] = {
	STREAM("ping-pong, 1 byte", 500, 1),
	STREAM("ping-pong, 64 bytes", 500, 64),
	STREAM("ping-pong, 1,448 bytes", 500, 1448),
	STREAM("ping-pong, 16 K", 150, 16384),
	STREAM("ping-pong, 64 K", 60, 65536),
	{ "data", "stream: one way, 32 times 1,448 bytes", STREAMS, 50, BOUND("1.002"),
	  set_up_pair, .op = one_way, .arg = 1448, .own = NATIVE },
	{ "data", "stream: sendfile, 16 K", STREAMS, 300, BOUND("1.002"), set_up_file,
	  .op = send_file, .arg = 16384, .own = NATIVE },
	VECTOR("64 bytes", 500, 64),
	VECTOR("16 K", 150, 16384),
	{ "data", "stream: two threads, WSPSend, WSPRecv; send, recv, 64 bytes",
	  BOTH, 500, MISSED("1.10", "1.22 arm64:1.25", TWO_THREADS), set_up_echo,
	  .op = echo_once, .arg = 64, .lib = true },
	{ "data", "poll", BOTH, 10000, BOUND("1.002"), set_up_pair, .op = poll_once,
	  .own = NATIVE },
	{ "data", "epoll_wait", BOTH, 10000, BOUND("1.002"), set_up_epoll,
	  .op = epoll_once, .own = NATIVE },
	{ "data", "datagram: send, receive, both ways, 64 bytes", BOTH, 600,
	  BOUND("1.002"), set_up_settled, .op = ping_pong, .arg = 64,
	  .own = NATIVE },
	{ "data", "datagram: send, receive, both ways, 1,448 bytes", BOTH, 600,
	  BOUND("1.002"), set_up_settled, .op = ping_pong, .arg = 1448,
	  .own = NATIVE },
	{ "data", "datagram: 32 sends, recvmmsg, 64 bytes", BOTH, 40, BOUND("1.002"),
	  set_up_settled, .op = recv_many, .arg = 64, .own = NATIVE },
	{ "data", "datagram: just connected, 64 bytes", BOTH, 600, { },
	  set_up_datagrams, .op = ping_pong, .arg = 64, .own = BOUND("+600") },
	{ }
};
