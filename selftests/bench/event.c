// SPDX-License-Identifier: GPL-2.0
/* The same fact, told by an event and by epoll. */
#include "bench.h"

#define KINDS	(FD_CONNECT | FD_READ | FD_CLOSE)

static void tie(struct side *s)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int error;

	if (s->lib)
		must(0, WSPEventSelect(s->fd, s->event, KINDS, &error));
	else
		must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, s->fd, &e));
}

static void untie(struct side *s)
{
	int error;

	if (s->lib)
		must(0, WSPEventSelect(s->fd, NULL, 0, &error));
	else
		must(0, epoll_ctl(s->epfd, EPOLL_CTL_DEL, s->fd, NULL));
}

static void tie_untie(struct side *s)
{
	tie(s);
	untie(s);
}

static void lib_learn(struct side *s)
{
	WSANETWORKEVENTS record;
	int error;

	must(WSA_WAIT_EVENT_0,
	     WSAWaitForMultipleEvents(1, &s->event, FALSE, WSA_INFINITE, FALSE));
	must(0, WSPEnumNetworkEvents(s->fd, s->event, &record, &error));
	must(true, record.lNetworkEvents != 0);
}

/* Waits, and learns what it is and whether an error. */
static void learn(struct side *s)
{
	socklen_t len = sizeof(int);
	struct epoll_event e;
	int error;

	if (s->lib)
		return lib_learn(s);
	must(1, epoll_wait(s->epfd, &e, 1, -1));
	must(0, getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len));
	must(0, error);
}

static void set_up_watch(struct side *s)
{
	s->epfd = epoll_create1(0);
	s->event = WSACreateEvent();
}

static void set_up_tied(struct side *s)
{
	set_up_pair(s);
	set_up_watch(s);
	tie(s);
	learn(s);
}

static void set_up_untied(struct side *s)
{
	set_up_pair(s);
	set_up_watch(s);
}

static void tell(struct side *s)
{
	must(1, send(s->peer, "", 1, 0));
}

static void nothing(struct side *s)
{
	(void)s;
}

static void take(struct side *s)
{
	char byte;

	must(1, recv(s->fd, &byte, 1, 0));
}

static void deliver(struct side *s)
{
	tell(s);
	learn(s);
	take(s);
}

static void learn_and_take(struct side *s)
{
	learn(s);
	take(s);
}

static void set_up_connects(struct side *s)
{
	set_up_listener(s);
	set_up_watch(s);
}

static void begin(struct side *s)
{
	s->fd = open_socket(s, SOCK_STREAM | SOCK_NONBLOCK);
	tie(s);
	must(-1, connect(s->fd, &s->name[0].sa, name_len(&s->name[0])));
	must(true, errno == EINPROGRESS);
}

static void end(struct side *s)
{
	int peer = accept(s->lfd, NULL, NULL);

	must(0, close(s->fd));
	must(0, close(peer));
}

#define TWO_OBJECTS							\
	"An event is an object of its own, so there are two to ask. Measured one by " \
	"one on 6.1: poll(2) on an eventfd takes 965 instructions, as it looks at it as " \
	"if for the first time, and epoll_wait, which has kept its place in the socket's " \
	"queue, 794; libwsp takes 140 more, to know the handles and sum up. An ioctl " \
	"that does nothing much (FIONREAD) takes 834, with the hooks that security " \
	"modules have there, and getsockopt(SO_ERROR) 796; to take the record and reset " \
	"the event are 314 more. After a connect, 185 give the socket its native table. " \
	"To get the fact to whoever waits costs the same: see what is sent to a socket " \
	"that is tied."

const struct bench event_benches[] = {
	{ "event", "tie, untie; epoll_ctl", BOTH, 3000, { }, set_up_untied,
	  .op = tie_untie, .lib = true, .own = BOUND("+750") },
	{ "event", "a byte: sent to a socket that is tied; watched by epoll", BOTH,
	  1000, BOUND("1.002"), set_up_tied, .op = tell, .before = nothing,
	  .after = learn_and_take, .lib = true, .own = BOUND("+100") },
	{ "event", "outcome of a connect: wait, enumerate; epoll_wait, SO_ERROR",
	  BOTH, 400, MISSED("1.25", "1.77", TWO_OBJECTS), set_up_connects, begin,
	  learn, end, .lib = true, .own = BOUND("+440") },
	{ "event", "a byte: wait, enumerate; epoll_wait, SO_ERROR", BOTH, 3000,
	  MISSED("1.25", "1.52", TWO_OBJECTS), set_up_tied, tell, learn, take, .lib = true,
	  .own = BOUND("+270") },
	{ "event", "a byte: send, wait, enumerate, receive; by epoll", BOTH, 1000,
	  MISSED("1.02", "1.07", TWO_OBJECTS), set_up_tied, .op = deliver, .lib = true },
	{ }
};
