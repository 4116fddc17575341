// SPDX-License-Identifier: GPL-2.0
/* Datagram sockets that are connected, again, and disconnected. */
#include "bench.h"

static const char text[64] = "text";

/* A socket with a port that it asked for, and two peers. */
static void set_up_peers(struct side *s)
{
	union name own;

	s->peer = bound_socket(s, SOCK_DGRAM, &s->name[0]);
	s->other = bound_socket(s, SOCK_DGRAM, &s->name[1]);
	must(0, close(bound_socket(s, SOCK_DGRAM, &own)));
	s->fd = open_socket(s, SOCK_DGRAM);
	must(0, bind(s->fd, &own.sa, name_len(&own)));
	big_buffers(s->fd);
	must(0, connect(s->peer, &own.sa, name_len(&own)));
}

static void connect_to(struct side *s, int which)
{
	must(0, connect(s->fd, &s->name[which].sa, name_len(&s->name[which])));
}

static void open_one(struct side *s)
{
	s->fd = open_socket(s, SOCK_DGRAM);
}

static void close_one(struct side *s)
{
	must(0, close(s->fd));
}

static void first_connect(struct side *s)
{
	connect_to(s, 0);
}

static void reconnect(struct side *s)
{
	connect_to(s, ++s->turn & 1);
}

static void disconnect(struct side *s)
{
	const union name none = { .sa.sa_family = AF_UNSPEC };

	must(0, connect(s->fd, &none.sa, sizeof(none.in)));
}

/* Connected to the first peer, with so many of its datagrams in the queue. */
static void fill_queue(struct side *s)
{
	char byte;
	long i;

	while (recv(s->fd, &byte, 1, MSG_DONTWAIT) > 0)
		;
	connect_to(s, 0);
	for (i = 0; i < s->arg; i++)
		must(sizeof(text), send(s->peer, text, sizeof(text), 0));
}

static void move_on(struct side *s)
{
	connect_to(s, 1);
}

#define THE_LOCK							\
	"On 6.1, 60 instructions are a second lock of the socket, to put down what a " \
	"failed connect has to give back while no other thread begins a datagram " \
	"(MSG_MORE), and 40 are what is put down; 35 the inode's lock, which makes one " \
	"of several steps; 65 the name's class; 50 the former peer's datagrams, in the " \
	"queue and on their way; 35 the count of connects. The rest, 100, is what " \
	"holds this together. The bound leaves room for 327."

#define QUEUED(n, count)						\
	{ "datagram", "reconnect, " #n " queued", BOTH, count,		\
	  .setup = set_up_peers, .before = fill_queue, .op = move_on,	\
	  .arg = n },							\
	{ "datagram", "disconnect, " #n " queued", BOTH, count,		\
	  .setup = set_up_peers, .before = fill_queue,			\
	  .op = disconnect, .arg = n }

const struct bench dgram_benches[] = {
	{ "datagram", "first connect", BOTH, 1500, .setup = set_up_peers,
	  .before = open_one, .op = first_connect, .after = close_one,
	  .own = BOUND("+520") },
	{ "datagram", "reconnect to another peer", BOTH, 4000,
	  MISSED("1.15", "1.27", THE_LOCK), set_up_peers, .op = reconnect,
	  .own = BOUND("+560") },
	{ "datagram", "reconnect to the same peer", BOTH, 4000, { },
	  set_up_peers, .op = first_connect },
	{ "datagram", "disconnect, 0 queued", BOTH, 2000, { }, set_up_peers,
	  .before = first_connect, .op = disconnect, .own = BOUND("+340") },
	QUEUED(10, 400),
	QUEUED(1000, 4),
	{ }
};
