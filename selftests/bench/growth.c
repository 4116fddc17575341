// SPDX-License-Identifier: GPL-2.0
/* The same operations among more and more sockets. */
#include "bench.h"

#define PORT_SHARE	10000	/* connections to one listener */

/* A side, and all the sockets that live beside those that are measured. */
struct crowd {
	struct side live, one;
	int count;
};

static void watch(const struct side *s, int fd)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int error;

	if (is_wsp(s))
		must(0, WSPEventSelect(fd, s->event, FD_READ, &error));
	else
		must(0, epoll_ctl(s->epfd, EPOLL_CTL_ADD, fd, &e));
}

static void add_pair(struct crowd *c)
{
	const int none[2] = { 1, 0 };
	int fd, peer;

	if (c->count % PORT_SHARE == 0)
		set_up_listener(&c->live);
	connect_pair(&c->live, &fd, &peer);
	/* They end without a trace. */
	must(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, none, sizeof(none)));
	watch(&c->live, fd);
	c->count += 2;
}

static void set_up_crowd(struct crowd *c, int family)
{
	c->one.family = family;
	c->one.lib = family == WSP;
	c->one.epfd = epoll_create1(0);
	c->one.event = WSACreateEvent();
	c->live = c->one;
	set_up_pair(&c->one);
	watch(&c->one, c->one.fd);
}

static void cycle(struct side *s)
{
	int fd = open_socket(s, SOCK_STREAM), peer;

	must(0, connect(fd, &s->name[0].sa, name_len(&s->name[0])));
	peer = accept(s->lfd, NULL, NULL);
	must(0, close(fd));
	must(0, close(peer));
}

static void poll_one(struct side *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	must(0, poll(&p, 1, 0));
}

static void deliver(struct side *s)
{
	WSANETWORKEVENTS record;
	struct epoll_event e;
	int error;
	char byte;

	must(1, send(s->peer, "", 1, 0));
	if (s->lib) {
		must(0, WSAWaitForMultipleEvents(1, &s->event, FALSE,
						 WSA_INFINITE, FALSE));
		must(0, WSPEnumNetworkEvents(s->fd, s->event, &record, &error));
	} else {
		must(1, epoll_wait(s->epfd, &e, 1, -1));
	}
	must(1, recv(s->fd, &byte, 1, 0));
}

#define FLAT	BOUND("flat 1.02")

static const struct bench operations[] = {
	{ "growth", "connect, accept, close", 0, 150, FLAT, .op = cycle },
	{ "growth", "poll", 0, 5000, FLAT, .op = poll_one },
	{ "growth", "event; epoll", 0, 500, FLAT, .op = deliver },
};

#define ROUNDS	5

static void measure_at(const struct bench *b, struct crowd *crowds, int live)
{
	double values[2][ROUNDS];
	char name[96];
	int f, i;

	for (i = 0; i < ROUNDS; i++)
		for (f = 0; f < 2; f++)
			values[f][i] = measure(b, &crowds[f].one);
	snprintf(name, sizeof(name), "%s among %d", b->name, live);
	report("instructions", b->group, name, INET, values[0], ROUNDS, &b->limit);
	report("instructions", b->group, name, WSP, values[1], ROUNDS, &b->limit);
}

void bench_growth(void)
{
	static const int sizes[] = { 100, 1000, 10000, 100000 };
	static struct crowd crowds[2];
	unsigned int i, j;
	int f;

	set_up_crowd(&crowds[0], INET);
	set_up_crowd(&crowds[1], WSP);
	for (i = 0; i < (quick ? 2 : ARRAY_SIZE(sizes)); i++) {
		for (f = 0; f < 2; f++)
			while (crowds[f].count < sizes[i])
				add_pair(&crowds[f]);
		for (j = 0; j < ARRAY_SIZE(operations); j++)
			measure_at(&operations[j], crowds, sizes[i]);
	}
}
