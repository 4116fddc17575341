// SPDX-License-Identifier: GPL-2.0
/* Sockets made, connected, and connected in vain. */
#include <sys/select.h>

#include "bench.h"

static void socket_close(struct side *s)
{
	must(0, close(open_socket(s, s->arg)));
}

static void bind_listen_close(struct side *s)
{
	union name name = loopback(s, 0);
	int fd = open_socket(s, SOCK_STREAM);

	must(0, bind(fd, &name.sa, name_len(&name)));
	must(0, listen(fd, 8));
	must(0, close(fd));
}

#define AT_ONCE	40	/* operations, before RCU gets to do anything */

#define TWO_SHELLS							\
	"The kernel makes a TCP or UDP socket only together with a struct socket and " \
	"an inode of its own, out of which AF_WSP takes the sock, and which it throws " \
	"away. By a profile of a stream on 6.1 (6.12), 730 (610) instructions of the " \
	"surplus are the second inode's beginning and end, 610 (570) its memory, 340 " \
	"(310) the hooks of security modules, which see both sockets, 400 (530) the " \
	"kernel's way to its families, references to modules and locks, and 130 (140) " \
	"the family's own code: 2,200 in all. The other 1,200 (1,300) are RCU's: half as " \
	"many objects again wait for it in a loop as tight as this one, so whole slabs " \
	"go back to the page allocator, and more than half of it clears their pages when " \
	"they are taken again. (In the rows without it, one such slab comes to 410.) The " \
	"family's own code alone does not make it miss the bound. Only a copy of " \
	"inet_create(), which differs from kernel to kernel, would do without. A " \
	"connect itself adds about 300; the port it gets is chance."

const struct bench create_benches[] = {
	{ "create", "stream: socket, close", STREAMS, 1500,
	  MISSED("1.30", "1.33 6.12:1.45", TWO_SHELLS),
	  .op = socket_close, .arg = SOCK_STREAM, .own = BOUND("+150") },
	{ "create", "datagram: socket, close", BOTH, 1500,
	  MISSED("1.30", "1.34 6.12:1.51", TWO_SHELLS),
	  .op = socket_close, .arg = SOCK_DGRAM, .own = BOUND("+150") },
	{ "create", "stream: socket, close, without RCU's part", STREAMS, AT_ONCE,
	  .op = socket_close, .arg = SOCK_STREAM },
	{ "create", "datagram: socket, close, without RCU's part", BOTH, AT_ONCE,
	  .op = socket_close, .arg = SOCK_DGRAM },
	{ "create", "bind, listen, close", STREAMS, 800,
	  .op = bind_listen_close, .own = BOUND("+660") },
	{ }
};

static void end_cycle(const struct side *s, int fd)
{
	int peer = accept(s->lfd, NULL, NULL);

	must(true, peer >= 0);
	must(0, close(fd));
	must(0, close(peer));
}

static void connect_cycle(struct side *s)
{
	int fd = open_socket(s, SOCK_STREAM);

	must(0, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	end_cycle(s, fd);
}

/* Sockets for a batch and what goes before it, made when nobody counts yet. */
static int clients[400];

static void set_up_clients(struct side *s)
{
	int i;

	set_up_listener(s);
	for (i = 0; i < 400; i++)
		clients[i] = open_socket(s, SOCK_STREAM);
}

static void connect_accept(struct side *s)
{
	const int fd = clients[s->turn++];

	must(0, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	must(true, accept(s->lfd, NULL, NULL) >= 0);
}

static SOCKET lib_socket(const struct side *s)
{
	SOCKET fd;
	int error;

	fd = WSPSocket(s->v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0, NULL, 0, 0,
		       &error);
	must(true, fd != INVALID_SOCKET);
	return fd;
}

static int lib_connect(const struct side *s, SOCKET fd)
{
	int error = 0;

	WSPConnect(fd, &s->name[0].sa, name_len(&s->name[0]), NULL, NULL, NULL,
		   NULL, &error);
	return error;
}

static void lib_end_cycle(const struct side *s, SOCKET fd)
{
	SOCKET peer;
	int error;

	peer = WSPAccept(s->lfd, NULL, NULL, NULL, 0, &error);
	must(true, peer != INVALID_SOCKET);
	must(0, WSPCloseSocket(fd, &error));
	must(0, WSPCloseSocket(peer, &error));
}

static void lib_connect_cycle(struct side *s)
{
	SOCKET fd;

	if (!s->lib)
		return connect_cycle(s);
	fd = lib_socket(s);
	must(0, lib_connect(s, fd));
	lib_end_cycle(s, fd);
}

/* The outcome of a connect that has ended. */
static int so_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = -1;

	must(0, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
	return error;
}

static int begin_connect(const struct side *s)
{
	int fd = open_socket(s, SOCK_STREAM | SOCK_NONBLOCK);

	must(-1, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	must(true, errno == EINPROGRESS);
	return fd;
}

static void poll_cycle(struct side *s)
{
	int fd = begin_connect(s);
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	must(1, poll(&p, 1, -1));
	must(0, so_error(fd));
	end_cycle(s, fd);
}

static void lib_select_cycle(struct side *s)
{
	WSPFDSET writers = { .fd_count = 1 };
	int error, so = -1, len = sizeof(so);
	SOCKET fd = lib_socket(s);
	const int one = 1;

	must(0, ioctl(fd, FIONBIO, &one));
	must(WSAEWOULDBLOCK, lib_connect(s, fd));
	writers.fd_array[0] = fd;
	must(1, WSPSelect(0, NULL, &writers, NULL, NULL, &error));
	must(0, WSPGetSockOpt(fd, SOL_SOCKET, SO_ERROR, (char *)&so, &len,
			      &error) ?: so);
	lib_end_cycle(s, fd);
}

static void select_cycle(struct side *s)
{
	const int one = 1;
	fd_set writers;
	int fd;

	if (s->lib)
		return lib_select_cycle(s);
	fd = open_socket(s, SOCK_STREAM);
	must(0, ioctl(fd, FIONBIO, &one));
	must(-1, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	FD_ZERO(&writers);
	FD_SET(fd, &writers);
	must(1, select(fd + 1, NULL, &writers, NULL, NULL));
	must(0, so_error(fd));
	end_cycle(s, fd);
}

static void set_up_event(struct side *s)
{
	set_up_listener(s);
	s->epfd = epoll_create1(0);
	s->event = WSACreateEvent();
}

static void lib_event_cycle(struct side *s)
{
	WSANETWORKEVENTS record;
	SOCKET fd = lib_socket(s);
	int error;

	must(0, WSPEventSelect(fd, s->event, FD_CONNECT, &error));
	must(WSAEWOULDBLOCK, lib_connect(s, fd));
	must(WSA_WAIT_EVENT_0,
	     WSAWaitForMultipleEvents(1, &s->event, FALSE, WSA_INFINITE, FALSE));
	must(0, WSPEnumNetworkEvents(fd, s->event, &record, &error));
	must(0, record.iErrorCode[FD_CONNECT_BIT]);
	lib_end_cycle(s, fd);
}

static void event_cycle(struct side *s)
{
	struct epoll_event e = { .events = EPOLLOUT };
	int fd;

	if (s->lib)
		return lib_event_cycle(s);
	fd = open_socket(s, SOCK_STREAM | SOCK_NONBLOCK);
	must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, fd, &e));
	must(-1, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	must(1, epoll_wait(s->epfd, &e, 1, -1));
	must(0, so_error(fd));
	end_cycle(s, fd);
}

/* One socket, whose connects are all refused, by a port that nobody has. */
static void set_up_refused(struct side *s)
{
	s->lfd = bound_socket(s, SOCK_STREAM, &s->name[0]);
	s->fd = open_socket(s, SOCK_STREAM);
}

static void refused(struct side *s)
{
	if (s->lib) {
		must(WSAECONNREFUSED, lib_connect(s, s->fd));
		return;
	}
	must(-1, connect(s->fd, &s->name[0].sa, name_len(&s->name[0])));
	must(true, errno == ECONNREFUSED);
}

static void set_up_any(struct side *s)
{
	set_up_refused(s);
	if (s->v6)
		s->name[0].in6.sin6_addr = in6addr_any;
	else
		s->name[0].in.sin_addr.s_addr = 0;
}

/* Linux connects to itself, and is refused there. */
static void any_address(struct side *s)
{
	must(-1, connect(s->fd, &s->name[0].sa, name_len(&s->name[0])));
	must(true, errno == (is_wsp(s) ? EADDRNOTAVAIL : ECONNREFUSED));
}

#define OWN_CONNECT							\
	"This is the half of connect, accept, close that the family takes part in: the " \
	"bound is 1.006 of the whole. An attempt is a structure of its own, which " \
	"comes, is found by others without a lock, hears of its end and goes after a " \
	"grace period; and the socket's state is judged first."

#define TCP_ONLY	(BOTH | F(MPTCP))

const struct bench connect_benches[] = {
	{ "connect", "connect, accept, of sockets that are there", STREAMS, 250,
	  MISSED("1.012", "1.035 arm64:1.05", OWN_CONNECT), set_up_clients, .op = connect_accept,
	  .own = BOUND("+970") },
	{ "connect", "connect, accept, close", STREAMS, 250,
	  MISSED("1.04", "1.07 6.12:1.08 arm64:1.08", TWO_SHELLS), set_up_listener,
	  .op = connect_cycle },
	{ "connect", "WSPConnect, WSPAccept, close", BOTH, 250,
	  MISSED("1.05", "1.075 6.12:1.085 arm64:1.10", TWO_SHELLS), set_up_listener,
	  .op = lib_connect_cycle, .lib = true },
	{ "connect", "nonblocking: poll, SO_ERROR", TCP_ONLY, 200,
	  MISSED("1.04", "1.07 6.12:1.08 arm64:1.08", TWO_SHELLS), set_up_listener,
	  .op = poll_cycle, .own = BOUND("+1150") },
	{ "connect", "nonblocking: WSPSelect, SO_ERROR; select", BOTH, 200,
	  .setup = set_up_listener, .op = select_cycle, .lib = true },
	{ "connect", "nonblocking: event; epoll, SO_ERROR", BOTH, 200,
	  .setup = set_up_event, .op = event_cycle, .lib = true },
	{ "failed", "refused", BOTH, 400, .setup = set_up_refused,
	  .op = refused, .own = BOUND("+1120") },
	{ "failed", "refused, WSPConnect", BOTH, 400, .setup = set_up_refused,
	  .op = refused, .lib = true },
	{ "failed", "any address", BOTH, 400, .setup = set_up_any,
	  .op = any_address, .own = BOUND("+410") },
	{ }
};
