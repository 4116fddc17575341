// SPDX-License-Identifier: GPL-2.0
/* Headers, options and checksums, of both families. */

#include "packet.h"

#define IP4	20
#define IP6	40

static __u32 add(__u32 sum, const void *data, int n)
{
	const __u8 *c = data;

	for (; n > 1; n -= 2, c += 2)
		sum += c[0] << 8 | c[1];
	return n ? sum + (c[0] << 8) : sum;
}

static __u16 fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static bool is_v6(const struct flow *f)
{
	return f->local.sa.sa_family == AF_INET6;
}

static void put16(__u8 *p, unsigned int n)
{
	p[0] = n >> 8;
	p[1] = n;
}

static void put32(__u8 *p, __u32 n)
{
	put16(p, n >> 16);
	put16(p + 2, n);
}

static __u32 get32(const __u8 *p)
{
	return (__u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* An address's bytes. */
static const void *bytes(const union name *n)
{
	return n->sa.sa_family == AF_INET6 ? (void *)&n->in6.sin6_addr :
					     (void *)&n->in.sin_addr;
}

/* Extension headers, in front of @proto; gives their first one's kind. */
static int extend(struct packet *p, unsigned int kind, int proto)
{
	static const __u8 kinds[] = { 0, 60, 0, 43, 44, 60, 51, 135 };
	const int first = kinds[kind % 8];
	__u8 *h = p->data + IP6;
	int len = 8, i, pad;

	if (!(kind % 8))
		return proto;
	if (first == 60 || first == 0)	/* as long as they may be, or not */
		len = kind % 8 == 5 ? 1368 : 8 + kind / 8 * 8;
	memset(h, 0, len);
	h[0] = proto;
	h[1] = len / 8 - 1;
	if (first == 43 && kind & 8)
		h[3] = 1;		/* a segment that is left */
	for (i = 2; (first == 60 || first == 0) && i < len; i += 2 + pad) {
		pad = len - i - 2 > 255 ? 255 : len - i - 2;
		if (len - i - 2 - pad == 1)
			pad--;
		h[i] = kind & 8 ? 0x1e : 1;	/* unknown, to be skipped; PadN */
		h[i + 1] = pad;
		if (kind & 8)
			memset(h + i + 2, 0x41, pad);
	}
	p->len += len;
	return first;
}

/* Options of IPv4; gives their length. */
static int options4(__u8 *o, unsigned int kind)
{
	static const __u8 rows[][12] = {
		{ }, { 1, 1, 1, 1 }, { 7, 11, 4 }, { 68, 12, 5 },
		{ 131, 7, 4, 10, 9, 0, 2 }, { 137, 7, 4 }, { 148, 4 }, { 7, 40 },
	};

	if (!(kind % 8))
		return 0;
	memcpy(o, rows[kind % 8], 12);
	return 12;
}

/* The IP header, but for what follows from its length. */
static void begin(struct packet *p, const struct flow *f, unsigned int extension,
		  int proto)
{
	__u8 *h = p->data;

	memset(h, 0, IP6);
	if (is_v6(f)) {
		p->len = IP6;
		h[0] = 0x60;
		h[7] = 64;
		memcpy(h + 8, bytes(&f->peer), 16);
		memcpy(h + 24, bytes(&f->local), 16);
		h[6] = extend(p, extension, proto);
		return;
	}
	p->len = IP4 + options4(h + IP4, extension);
	h[0] = 0x40 | p->len / 4;
	h[8] = 64;
	h[9] = proto;
	memcpy(h + 12, bytes(&f->peer), 4);
	memcpy(h + 16, bytes(&f->local), 4);
}

static __u32 pseudo(const struct packet *p, int proto, int len)
{
	const bool v6 = p->data[0] >> 4 == 6;

	return add(len + proto, p->data + (v6 ? 8 : 12), v6 ? 32 : 8);
}

static void finish(struct packet *p)
{
	__u16 sum;

	if (p->data[0] >> 4 == 6) {
		put16(p->data + 4, p->len - IP6);
		return;
	}
	put16(p->data + 2, p->len);
	sum = fold(add(0, p->data, (p->data[0] & 15) * 4));
	memcpy(p->data + 10, &sum, 2);
}

/* Of TCP; gives their length. Some of them are not well made. */
static int tcp_options(__u8 *o, unsigned int kind)
{
	static const __u8 rows[][20] = {
		{ 0 },
		{ 4, 2, 4, 0x05, 0xb4 },
		{ 20, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3 },
		{ 12, 1, 1, 8, 10, 0x7f, 0, 0, 1, 0x7f, 0, 0, 1 },
		{ 4, 2, 4, 0, 0 },
		{ 4, 2, 0, 3, 0 },
		{ 12, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1 },
		{ 16, 1, 1, 5, 10, 0, 0, 0, 1, 0x7f, 0, 0, 1, 1, 1, 1, 1 },
	};
	const __u8 *row = rows[kind % 8];

	memcpy(o, row + 1, row[0] ? 19 : 0);
	return row[0];
}

static void transport(struct packet *p, int proto, __u8 *at, int sum_at)
{
	const int len = p->data + p->len - at;
	__u16 sum;

	memset(at + sum_at, 0, 2);
	sum = fold(add(pseudo(p, proto, len), at, len));
	memcpy(at + sum_at, &sum, 2);
	finish(p);
}

static void payload(struct packet *p, const struct segment *s)
{
	int n = PEER_MTU - p->len;

	if (n > s->payload)
		n = s->payload;
	if (s->data)
		memcpy(p->data + p->len, s->data, n);
	else
		memset(p->data + p->len, 'x', n);
	p->len += n;
}

void packet_tcp(struct packet *p, const struct flow *f, const struct segment *s)
{
	__u8 *t;
	int options;

	begin(p, f, s->extension, IPPROTO_TCP);
	t = p->data + p->len;
	memset(t, 0, 20);
	put16(t, name_port(&f->peer));
	put16(t + 2, name_port(&f->local));
	put32(t + 4, s->seq);
	put32(t + 8, s->ack);
	options = tcp_options(t + 20, s->options);
	t[12] = (20 + options) << 2;
	t[13] = s->flags;
	put16(t + 14, 0x4000);
	if (s->flags & TH_URGENT)
		put16(t + 18, 1);
	p->len += 20 + options;
	payload(p, s);
	transport(p, IPPROTO_TCP, t, 16);
}

void packet_udp(struct packet *p, const struct flow *f, const struct segment *s)
{
	__u8 *u;

	begin(p, f, s->extension, IPPROTO_UDP);
	u = p->data + p->len;
	memset(u, 0, 8);
	p->len += 8;
	put16(u, name_port(&f->peer));
	put16(u + 2, name_port(&f->local));
	payload(p, s);
	put16(u + 4, p->data + p->len - u);
	transport(p, IPPROTO_UDP, u, 6);
}

/* An error that quotes what the program has sent. */
void packet_icmp(struct packet *p, const struct flow *f, int type, int code,
		 __u32 arg, int quoted)
{
	const int proto = is_v6(f) ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	__u16 sum;
	__u8 *c;

	begin(p, f, 0, proto);
	c = p->data + p->len;
	c[0] = type;
	c[1] = code;
	put16(c + 2, 0);
	put32(c + 4, arg);
	if (quoted > f->len)
		quoted = f->len;
	memcpy(c + 8, f->packet, quoted);
	p->len += 8 + quoted;
	if (is_v6(f)) {
		transport(p, proto, c, 2);
		return;
	}
	sum = fold(add(0, c, 8 + quoted));
	memcpy(c + 2, &sum, 2);
	finish(p);
}

/* A name out of a packet. */
static union name name_at(const __u8 *addr, bool v6, const __u8 *port)
{
	union name n = {};

	if (v6) {
		n.in6.sin6_family = AF_INET6;
		memcpy(&n.in6.sin6_addr, addr, 16);
		memcpy(&n.in6.sin6_port, port, 2);
	} else {
		n.in.sin_family = AF_INET;
		memcpy(&n.in.sin_addr, addr, 4);
		memcpy(&n.in.sin_port, port, 2);
	}
	return n;
}

/* What a packet that has left says; false for those that nobody answers. */
bool packet_read(struct flow *f, const __u8 *data, int len)
{
	const bool v6 = len > 0 && data[0] >> 4 == 6;
	const int head = v6 ? IP6 : (data[0] & 15) * 4;
	const __u8 *t = data + head;
	int rest;

	*f = (struct flow){ .proto = data[v6 ? 6 : 9] };
	rest = len - head - (f->proto == IPPROTO_TCP ? 20 : 8);
	if ((f->proto != IPPROTO_TCP && f->proto != IPPROTO_UDP) || rest < 0)
		return false;
	f->local = name_at(data + (v6 ? 8 : 12), v6, t);
	f->peer = name_at(data + (v6 ? 24 : 16), v6, t + 2);
	f->len = len < (int)sizeof(f->packet) ? len : (int)sizeof(f->packet);
	memcpy(f->packet, data, f->len);
	if (f->proto == IPPROTO_UDP)
		return true;
	if (t[13] & 4)		/* RST */
		return false;
	rest = len - head - (t[12] >> 4) * 4;
	/* A SYN counts, and so does a FIN. */
	f->seq = get32(t + 4) + rest + !!(t[13] & 3);
	f->ack = get32(t + 8);
	return true;
}
