// SPDX-License-Identifier: GPL-2.0
/*
 * Who is there to be connected to: in each namespace a plain listener and two
 * plain datagram sockets, for IPv4 and IPv6.
 */
#include "fuzz.h"

#define SETTLED_S	3	/* of a link that has come up: linkwatch takes its time */
#define PEERS	8
#define MAGIC	0x77737066	/* begins each datagram */

static int lfd[2], udp[2][2];
static int peers[PEERS];
static unsigned int next_peer, next_id;
static bool link_touched;

static int plain(enum place place, int type, int port)
{
	int fd = plain_socket(place, AF_INET6, type | SOCK_NONBLOCK);

	if (bind_port(fd, AF_INET6, NULL, "::", port) ||
	    (type == SOCK_STREAM && listen(fd, 1024))) {
		perror("wsp_fuzz: cannot make the world's sockets");
		exit(1);
	}
	return fd;
}

/*
 * TIME_WAIT would use up the ports, and a link that goes down its addresses.
 */
static void calm(enum place place)
{
	run_in(place, "sysctl -qw net.ipv4.tcp_max_tw_buckets=0"
	       " net.ipv6.conf.all.keep_addr_on_down=1"
	       " net.ipv6.conf.wsp-b.keep_addr_on_down=1"
	       " net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0"
	       " net.ipv4.ip_local_port_range='20000 60000'");
}

void world_init(void)
{
	enum place p;
	int i;

	for (p = HERE; p <= THERE; p++) {
		calm(p);
		lfd[p] = plain(p, SOCK_STREAM, PORT_TAKEN);
		udp[p][0] = plain(p, SOCK_DGRAM, PORT_TAKEN);
		udp[p][1] = plain(p, SOCK_DGRAM, PORT_OTHER);
	}
	for (i = 0; i < PEERS; i++)
		peers[i] = -1;
	peer_init();
	devices_init();
	filters_init();
}

/* Without a FIN, so that nothing stays. */
void reset_on_close(int fd)
{
	const struct linger hard = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

static void drop(int fd)
{
	reset_on_close(fd);
	close(fd);
}

static int accept_one(enum place place)
{
	return accept4(lfd[place], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* What has come to the world's sockets. */
static void empty(void)
{
	struct pollfd p[] = {
		{ lfd[0], POLLIN, 0 }, { lfd[1], POLLIN, 0 },
		{ udp[0][0], POLLIN, 0 }, { udp[0][1], POLLIN, 0 },
		{ udp[1][0], POLLIN, 0 }, { udp[1][1], POLLIN, 0 },
	};
	char buf[64];
	int fd, i;

	poll(p, ARRAY_SIZE(p), 0);
	for (i = 0; i < 2; i++) {
		while (p[i].revents && (fd = accept_one(i)) >= 0)
			drop(fd);
	}
	for (; i < (int)ARRAY_SIZE(p); i++) {
		while (p[i].revents && (recv(p[i].fd, buf, sizeof(buf), 0) >= 0 ||
					errno != EAGAIN))
			;
	}
}

/* After an input: nothing of it is left. */
void world_reset(void)
{
	int i;

	peer_reset();
	if (link_touched) {
		world_link(true);
		sleep(SETTLED_S);
	}
	link_touched = false;
	for (i = 0; i < PEERS; i++) {
		if (peers[i] >= 0)
			drop(peers[i]);
		peers[i] = -1;
	}
	empty();
}

bool world_link_touched(void)
{
	return link_touched;
}

unsigned int world_next_id(void)
{
	return next_id;
}

/* A numbered message; gives its number. */
unsigned int world_message(void *buf)
{
	__u32 msg[2] = { MAGIC, next_id++ };

	memcpy(buf, msg, sizeof(msg));
	return msg[1];
}

/* Has a datagram socket of the world got this message, and from whom? */
bool world_heard(unsigned int id, union name *from)
{
	bool found = false;
	union name name;
	__u32 msg[2];
	socklen_t len;
	int i;

	for (i = 0; i < 4; i++) {
		for (;;) {
			len = sizeof(name);
			if (recvfrom(udp[i / 2][i % 2], msg, sizeof(msg), 0,
				     &name.sa, &len) < 0 && errno == EAGAIN)
				break;
			if (msg[0] != MAGIC || msg[1] != id)
				continue;
			*from = name_unmap(name);
			found = true;
		}
	}
	return found;
}

void world_link(bool up)
{
	struct ifreq ifr = { .ifr_name = "wsp-b" };

	link_touched = true;
	if (ioctl(udp[HERE][0], SIOCGIFFLAGS, &ifr))
		return;
	if (up)
		ifr.ifr_flags |= IFF_UP;
	else
		ifr.ifr_flags &= ~IFF_UP;
	ioctl(udp[HERE][0], SIOCSIFFLAGS, &ifr);
}

/* A datagram of the world for the socket, by one of its own addresses. */
static void tell(const struct op *op, struct slot *s)
{
	const bool near = op->b & 1, loop = op->b & 2, v6 = s->d->m.v6 && op->b & 4;
	const enum place own = s->d->m.place, from = near ? own : !own;
	const char *v4_to = near && loop ? "127.0.0.1" :
			    own == HERE ? "192.0.2.1" : "192.0.2.2";
	const char *v6_to = near && loop ? "::1" :
			    own == HERE ? "2001:db8:a::1" : "2001:db8:a::2";
	const char *v4_from = near ? v4_to : own == HERE ? "192.0.2.2" : "192.0.2.1";
	const char *v6_from = near ? v6_to :
			      own == HERE ? "2001:db8:a::2" : "2001:db8:a::1";
	const int port = op->c & 1 ? PORT_OTHER : PORT_TAKEN;
	int to_port = local_port(s->fd);
	union name to, source;
	char buf[16] = "";
	unsigned int id;

	if (!to_port || s->d->m.stream)
		return;
	to = name_of(v6 ? AF_INET6 : AF_INET, v4_to, v6_to, to_port);
	source = name_of(v6 ? AF_INET6 : AF_INET, v4_from, v6_from, port);
	if (!v6)
		to = name_map(to);
	id = world_message(buf);
	if (sendto(udp[from][op->c & 1], buf, sizeof(buf), MSG_DONTWAIT, &to.sa,
		   sizeof(to.in6)) == sizeof(buf))
		model_sent(&s->d->m, id, &source, &to);
}

/* One of the last streams that came in does something. */
static void stream_peer(const struct op *op)
{
	int *fd = &peers[op->b % PEERS];
	char buf[256];

	switch (op->c % 6) {
	case 0:
		send(*fd, "hello", 5, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case 1:
		send(*fd, "!", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case 2:
		shutdown(*fd, SHUT_WR);
		break;
	case 3:
		if (*fd >= 0)
			drop(*fd);
		*fd = -1;
		break;
	case 4:
		close(*fd);
		*fd = -1;
		break;
	case 5:
		recv(*fd, buf, sizeof(buf), MSG_DONTWAIT);
		break;
	}
}

/* The world does something, some of it to the socket. */
void world_act(const struct op *op, struct slot *s)
{
	int fd;

	switch (op->a % 4) {
	case 0:
	case 1:
		if (s->d && s->d->wsp)
			tell(op, s);
		break;
	case 2:
		fd = accept_one(op->b & 1);
		if (fd < 0)
			break;
		if (peers[next_peer % PEERS] >= 0)
			drop(peers[next_peer % PEERS]);
		peers[next_peer++ % PEERS] = fd;
		break;
	case 3:
		stream_peer(op);
		break;
	}
}

static void twin(int family, int type)
{
	const union name to = name_host(family, PEER_A, PORT_TAKEN);
	int fd = socket(family, type, 0), peer = -1;

	if (fd < 0 || connect(fd, &to.sa, name_len(&to)) ||
	    send(fd, "twin", 4, 0) != 4)
		violation("the twin of family %d, type %d, fails: %s", family,
			  type, strerror(errno));
	if (type == SOCK_STREAM && wait_for(lfd[THERE], POLLIN))
		peer = accept_one(THERE);
	if (!got(type == SOCK_STREAM ? peer : udp[THERE][0], "twin", NULL))
		violation("the twin of family %d, type %d, is not heard", family,
			  type);
	drop(fd);
	if (peer >= 0)
		drop(peer);
}

/* Sockets of AF_INET and AF_INET6 go on as ever beside the family's. */
void world_check_twins(void)
{
	twin(AF_INET, SOCK_STREAM);
	twin(AF_INET6, SOCK_STREAM);
	twin(AF_INET, SOCK_DGRAM);
	twin(AF_INET6, SOCK_DGRAM);
}
