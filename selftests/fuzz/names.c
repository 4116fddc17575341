// SPDX-License-Identifier: GPL-2.0
/* Names of every kind, and what the contract calls them. */
#include "fuzz.h"

struct address {
	const char *v4, *v6;
	enum name_kind kind;
	enum where { OWN, PEER, PEER_FAR, OWN_FAR, LOOP, VOID, MUTE, ODD } where;
};

/* As seen from HERE; the two ends swap for a socket of THERE. */
static const struct address addresses[] = {
	{ "192.0.2.2", "2001:db8:a::2", NAME_HOST, PEER },
	{ "127.0.0.1", "::1", NAME_HOST, LOOP },
	{ "192.0.2.1", "2001:db8:a::1", NAME_HOST, OWN },
	{ "198.51.100.2", "2001:db8:b::2", NAME_HOST, PEER_FAR },
	{ "198.51.100.1", "2001:db8:b::1", NAME_HOST, OWN_FAR },
	{ "192.0.2.99", "2001:db8:a::99", NAME_HOST, MUTE },
	{ "203.0.113.1", "2001:db8:c::1", NAME_HOST, VOID },
	{ "0.0.0.0", "::", NAME_ANY, ODD },
	{ "255.255.255.255", "::ffff:255.255.255.255", NAME_BROADCAST, ODD },
	{ "192.0.2.255", "::ffff:192.0.2.255", NAME_BROADCAST, ODD },
	{ "127.255.255.255", "::ffff:127.255.255.255", NAME_BROADCAST, ODD },
	{ "224.0.0.1", "ff02::1", NAME_MULTICAST, ODD },
	{ "239.1.2.3", "ff05::1:3", NAME_MULTICAST, ODD },
	{ "0.1.2.3", "fe80::1234", NAME_HOST, ODD },
	{ "240.0.0.1", "::ffff:0.0.0.0", NAME_HOST, ODD },
	{ "127.3.2.1", "::192.0.2.2", NAME_HOST, ODD },
};

static const int ports[] = {
	PORT_TAKEN, PORT_TAKEN, PORT_CLOSED, PORT_OTHER, 0, PORT_FREE,
	PORT_FREE + 1, PORT_FREE + 2,
};

static const struct address *address(const struct op *op, enum place place)
{
	static const __u8 swapped[] = { 2, 1, 0, 4, 3 };
	unsigned int i = op->a % ARRAY_SIZE(addresses);

	if (place == THERE && i < ARRAY_SIZE(swapped))
		i = swapped[i];
	return &addresses[i];
}

/* A page that cannot be read, one that cannot be written, or nonsense. */
void *bad_pointer(unsigned int which)
{
	static char *none, *constant;

	if (!none) {
		none = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(none + 4096, 4096, PROT_NONE);
		constant = mmap(NULL, 4096, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	switch (which % 5) {
	case 0:
		return NULL;
	case 1:
		return none + 4096;
	case 2:
		return none + 4096 - 3;	/* its end cannot */
	case 3:
		return (void *)0xffff888000001000;
	default:
		return constant;
	}
}

static enum dest lead(const struct address *a, int port, const struct model *m)
{
	if (a->where == VOID)
		return DEST_NOWHERE;
	if (a->where == MUTE)
		return m->place == HERE ? DEST_SILENT : DEST_UNKNOWN;
	if (a->where == ODD || (world_link_touched() && a->where != LOOP))
		return DEST_UNKNOWN;
	if (port == PORT_TAKEN)
		return DEST_ANSWERS;
	return port == PORT_CLOSED ? DEST_REFUSES : DEST_UNKNOWN;
}

/* The name in the family of the socket, or in the other one's. */
static union name spell(const struct address *a, bool v6, bool mapped, int port)
{
	if (!v6)
		return name_v4(a->v4, port);
	if (mapped)
		return name_map(name_v4(a->v4, port));
	return name_v6(a->v6, port);
}

bool name_is_any(const union name *name)
{
	const union name v4 = name_unmap(*name);

	if (v4.sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&v4.in6.sin6_addr);
	return !v4.in.sin_addr.s_addr;
}

/* Other lengths than the name's own, and what becomes of it. */
static void stretch(struct target *t, const struct op *op, bool v6, int *len)
{
	const int full = v6 ? sizeof(struct sockaddr_in6) :
			      sizeof(struct sockaddr_in);

	switch (op->d % 16) {
	case 11:
		*len = sizeof(struct sockaddr_storage);
		break;
	case 12:
		*len = op->e % full;
		break;
	case 13:
		*len = op->e % 2 ? -1 - op->f : 129 + op->f;
		break;
	case 14:
		*len = op->e % 129;
		break;
	}
	if (*len < 0 || *len > 128)
		t->kind = NAME_LENGTH;
	else if (*len < 2)
		t->kind = NAME_SHORT;
	else if (*len < full && t->kind == NAME_FOREIGN)
		t->kind = NAME_FOREIGN_SHORT;
	else if (*len < full && t->kind != NAME_UNSPEC)
		t->kind = NAME_SHORT;
}

/*
 * The name that @op stands for, for a socket that is as @m says: address,
 * port, spelling and length are one byte each.
 */
struct target name_make(const struct op *op, const struct model *m,
			const void **name, int *len)
{
	static union name buf[2];	/* a thread each; see worker.c */
	const struct address *a = address(op, m->place);
	const int port = ports[op->b % ARRAY_SIZE(ports)];
	const unsigned int style = op->c % 16;
	struct target t = { .kind = a->kind };
	union name *n = &buf[op->code & 0x80 ? 1 : 0];

	*n = spell(a, style == 15 ? !m->v6 : m->v6, style >= 8 && style < 13,
		   port);
	*len = m->v6 ? sizeof(n->in6) : sizeof(n->in);
	*name = n;
	t.dest = lead(a, port, m);
	if (a->kind == NAME_HOST && name_is_any(n))
		t.kind = NAME_ANY;
	if (style == 15) {
		*len = name_len(n);
		t.kind = NAME_FOREIGN;
	} else if (style == 14) {
		n->sa.sa_family = op->e % 2 ? AF_UNSPEC : op->e;
		t.kind = n->sa.sa_family == AF_UNSPEC ? NAME_UNSPEC :
			 n->sa.sa_family == (m->v6 ? AF_INET6 : AF_INET) ? t.kind :
			 NAME_FOREIGN;
	} else if (m->v6 && style == 7) {
		n->in6.sin6_scope_id = 1 + op->e % 4;
		t.dest = DEST_UNKNOWN;
	}
	stretch(&t, op, m->v6, len);
	t.name = name_unmap(*n);
	if (op->d % 16 == 15 && t.kind != NAME_LENGTH && *len) {
		*name = bad_pointer(op->f % 4);
		if (*len > 3 || op->f % 4 != 2)
			t.kind = NAME_UNREADABLE;
	}
	return t;
}

/* A name to bind; @addr: it says more than the port. */
union name bind_name(const struct op *op, bool v6, enum place place, int *len,
		     bool *addr)
{
	const int port = op->b % 8 < 6 ? PORT_FREE + op->b % 6 :
			 op->b % 8 < 7 ? 0 : PORT_TAKEN;
	const struct address *a = address(op, place);
	union name name;

	*addr = op->c % 4 == 3;
	if (*addr)
		name = spell(a, v6, op->c & 16, port);
	else
		name = name_of(v6 ? AF_INET6 : AF_INET, "0.0.0.0", "::", port);
	if (op->c == 0xff)
		name.sa.sa_family = op->e;
	*len = op->d < 240 ? name_len(&name) : op->d - 240;
	return name;
}
