// SPDX-License-Identifier: GPL-2.0
/*
 * A peer behind a device of its own, which answers with whatever the input says:
 * segments with any flags and options, at any time, and errors that quote what it
 * has seen. What it sends to a former attempt must not reach a later one (C-05).
 */
#include "ops.h"
#include "packet.h"

#define FLOWS	128	/* no input has more */
#define RECENT	4

static int device = -1;
static struct flow flows[FLOWS];
static unsigned int used;
static union name primed[RECENT];	/* peers with packets on their way */
static unsigned int primes;
static bool left;
static struct { unsigned int id; union name from; } late[RECENT];
static unsigned int lates;

static const char * const hosts[][2] = {
	{ "10.9.0.2", "fd00:9::2" }, { "10.9.0.3", "fd00:9::3" },
};

void peer_init(void)
{
	device = open("/dev/wsp_fuzz_peer", O_RDWR | O_CLOEXEC);
	if (device < 0) {
		perror("wsp_fuzz: no /dev/wsp_fuzz_peer");
		exit(1);
	}
	run_in(HERE, "sysctl -qw net.ipv6.conf." PEER_DEVICE ".accept_dad=0 && "
	       "ip addr add 10.9.0.1/24 dev " PEER_DEVICE " && "
	       "ip addr add fd00:9::1/64 dev " PEER_DEVICE " nodad && "
	       "ip link set " PEER_DEVICE " up");
}

/* To be called right before a call that is to meet what was left for it. */
void peer_arrive(void)
{
	if (left)
		ioctl(device, PEER_IOC_LEAVE);
	left = false;
}

static bool same_flow(const struct flow *a, const struct flow *b)
{
	return a->proto == b->proto && name_same(&a->local, &b->local) &&
	       name_same(&a->peer, &b->peer);
}

/* What has left since the last look. */
static void look(void)
{
	__u8 packet[PEER_MTU];
	struct flow f;
	unsigned int i;
	int n;

	while ((n = read(device, packet, sizeof(packet))) >= 0) {
		if (!packet_read(&f, packet, n))
			continue;
		for (i = 0; i < used && !same_flow(&flows[i], &f); i++)
			;
		if (i == FLOWS)
			continue;
		flows[i] = f;
		if (i == used)
			used++;
	}
}

/* What is left of connections would wait for an answer. */
void peer_reset(void)
{
	static struct packet p;
	struct segment rst = { .flags = 0x04 };
	unsigned int i;

	look();
	for (i = 0; i < used; i++) {
		if (flows[i].proto != IPPROTO_TCP)
			continue;
		rst.seq = flows[i].ack;
		rst.ack = flows[i].seq;
		packet_tcp(&p, &flows[i], &rst);
		p.head = (struct peer_packet){ PEER_NOW, -1 };
		write(device, &p.head, sizeof(p.head) + p.len);
	}
	ioctl(device, PEER_IOC_CALM);
	left = false;
	used = 0;
	memset(primed, 0, sizeof(primed));
	memset(late, 0, sizeof(late));
}

static const struct flow *flow(unsigned int age)
{
	static const struct flow none;

	look();
	return age < used ? &flows[used - 1 - age] : &none;
}

/* An attempt that this may reach can come to anything from now on. */
static void touch(const struct flow *f, enum peer_when when)
{
	int i;

	left |= when == PEER_LEFT;
	if (when == PEER_LEFT || when == PEER_NEXT)
		primed[primes++ % RECENT] = f->peer;
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->fd < 0 || !s->d->wsp)
			continue;
		/* Beside another thread, whose socket this may be. */
		if (raw || s->d->busy || s->d->m.odd ||
		    (name_same(&s->d->m.peer, &f->peer) &&
		     local_port(s->fd) == name_port(&f->local)))
			__atomic_or_fetch(&s->d->m.may, 1 << DEST_UNKNOWN,
					  __ATOMIC_RELAXED);
	}
}

static void post(struct packet *p, const struct flow *f, enum peer_when when,
		 const struct slot *s)
{
	touch(f, when);
	if (tracing)
		fprintf(stderr, "    %d bytes, %d\n", p->len, when);
	p->head = (struct peer_packet){ when, s->fd };
	if (write(device, &p->head, sizeof(p->head) + p->len) < 0)
		feature(210, errno, when);
}

/* The name of a host behind the device, in any spelling that fits. */
void op_reach(const struct op *op, struct slot *s)
{
	static union name names[2];
	static const int ports[] = { 7, 7, 9, 40000 };
	const char * const *host = hosts[op->a >> 2 & 1];
	const bool v6 = s->d->m.v6, mapped = v6 && op->a & 1;
	union name *n = &names[op->code & 0x80 ? 1 : 0];
	const int port = ports[op->b % ARRAY_SIZE(ports)];
	struct target t = { .kind = NAME_HOST, .dest = DEST_SILENT };
	int i;

	if (s->d->m.place != HERE)
		return;
	*n = mapped ? name_map(name_v4(host[0], port)) :
	     name_of(v6 ? AF_INET6 : AF_INET, host[0], host[1], port);
	t.name = name_unmap(*n);
	for (i = 0; i < RECENT; i++) {
		if (name_same(&primed[i], &t.name))
			t.dest = DEST_UNKNOWN;
	}
	try_target(s, &t, n, name_len(n));
	look();
}

static const __u32 shifts[] = { 0, 0, 0, 0, 1, -1, 0x10000, 0x80000000 };

/* A datagram may come in the middle of the connect to who has sent it (D-06). */
bool peer_is_late(unsigned int id, const union name *from)
{
	int i;

	for (i = 0; i < RECENT; i++) {
		if (late[i].id == id && name_same(&late[i].from, from))
			return true;
	}
	return false;
}

static void announce_datagram(const struct flow *f, unsigned int id, bool now)
{
	int i;

	if (!now) {
		late[lates % RECENT].id = id;
		late[lates++ % RECENT].from = f->peer;
	}
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (raw || s->fd < 0 || !s->d->wsp || s->d->m.stream ||
		    local_port(s->fd) != name_port(&f->local))
			continue;
		model_sent(&s->d->m, id, &f->peer, now ? &f->local : NULL);
	}
}

void op_segment(const struct op *op, struct slot *s)
{
	static const __u8 flags[] = { 0x12, 0x14, 0x04, 0x10, 0x02, 0x11, 0x03, 0x00,
				      0xff, 0x18, 0x31, 0x52, 0xc2, 0x19, 0x10, 0x12 };
	const struct flow *f = flow(op->a & 3);
	const enum peer_when when = op->a >> 2 & 3;
	static struct packet packets[2];
	struct packet *p = &packets[op->code & 0x80 ? 1 : 0];
	struct segment seg = {
		.flags = flags[op->b % ARRAY_SIZE(flags)],
		.options = op->d % 8, .extension = op->e,
		.payload = op->f & 1 ? op->f * 5 : 0,
	};
	__u32 message[4] = {};

	if (!f->proto)
		return;
	if (f->proto == IPPROTO_UDP) {
		seg.payload = sizeof(message);
		seg.data = message;
		announce_datagram(f, world_message(message),
				  when == PEER_NOW && !seg.extension);
		packet_udp(p, f, &seg);
	} else {
		/* Where it has been acknowledged nothing yet, any number will do. */
		seg.seq = (f->ack ?: 0x01070000) + shifts[op->c % 8];
		seg.ack = f->seq + shifts[op->c / 8 % 8];
		packet_tcp(p, f, &seg);
	}
	post(p, f, when, s);
}

void op_icmp(const struct op *op, struct slot *s)
{
	static const __u8 v4[] = { 3, 3, 3, 3, 11, 12, 4, 3 };
	static const __u8 v6[] = { 1, 1, 1, 2, 3, 4, 1, 100 };
	static const __u32 args[] = { 0, 1280, 600, 68, 1400, 0xffffffff, 8, 40 };
	const struct flow *f = flow(op->a & 3);
	const bool six = f->local.sa.sa_family == AF_INET6;
	static struct packet packets[2];
	struct packet *p = &packets[op->code & 0x80 ? 1 : 0];

	if (!f->proto)
		return;
	packet_icmp(p, f, six ? v6[op->b % 8] : v4[op->b % 8], op->c % 16,
		    args[op->d % 8], op->e & 1 ? op->f : 256);
	post(p, f, op->a >> 2 & 3, s);
}

/* A SYN for the port that a socket has, and what makes a connection of it. */
void op_knock(const struct op *op, struct slot *s)
{
	const bool v6 = s->d->m.v6 && op->a & 16;
	struct flow f = { .proto = IPPROTO_TCP };
	struct segment syn = { .flags = 0x02, .seq = 0x01070000,
			       .options = op->d, .extension = op->e };
	struct segment ack = { .flags = 0x10 };
	const struct flow *answer;
	struct packet p;

	f.local = name_of(v6 ? AF_INET6 : AF_INET, "10.9.0.1", "fd00:9::1",
			  local_port(s->fd));
	f.peer = name_of(v6 ? AF_INET6 : AF_INET, hosts[0][0], hosts[0][1],
			 1024 + op->b);
	packet_tcp(&p, &f, &syn);
	post(&p, &f, op->a >> 2 & 3, s);
	answer = flow(0);
	if (!(op->c & 1) || !same_flow(answer, &f))
		return;
	ack.seq = answer->ack;
	ack.ack = answer->seq;
	packet_tcp(&p, answer, &ack);
	post(&p, answer, op->a >> 6, s);
}

/* By a part of the kernel, as nfsd does. */
void op_kernel_accept(const struct op *op, struct slot *s)
{
	(void)op;
	if (!raw)
		ioctl(device, PEER_IOC_ACCEPT, &s->fd);
}

/* Somebody in the kernel waits for it as well, and keeps it. */
void watch_event(int event)
{
	ioctl(device, PEER_IOC_WATCH, &event);
}
