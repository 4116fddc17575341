// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that a socket is bound to: by someone who may do that at any time, and
 * by the scope of a name for as long as that one lasts. A connect gives back what
 * it has set itself, and no more (C-05, D-04).
 */
#include "ops.h"

static const char * const names[] = { "wsp-red", "wsp-d0", "wsp-d1", "wsp-a",
				      "wsp-b", "wsp-t", "lo" };
static int index_of[ARRAY_SIZE(names)];

void devices_init(void)
{
	size_t i;

	run_in(HERE, "ip link add wsp-red type vrf table 1017 && "
	       "ip link add wsp-d0 type dummy && ip link add wsp-d1 type dummy && "
	       "ip link set wsp-d0 master wsp-red && "
	       "ip addr add 10.17.0.1/24 dev wsp-d0 && "
	       "ip addr add fe80::17/64 dev wsp-d0 nodad && "
	       "ip addr add fe80::18/64 dev wsp-d1 nodad && "
	       "ip link set wsp-red up && ip link set wsp-d0 up && "
	       "ip link set wsp-d1 up");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		index_of[i] = if_nametoindex(names[i]);
}

/* In the VRF, or the VRF itself. */
bool device_is_elsewhere(int index)
{
	return index == index_of[0] || index == index_of[1];
}

/* By the holder of the descriptor who is root. */
void op_device(const struct op *op, struct slot *s)
{
	const unsigned int which = op->a % (ARRAY_SIZE(names) + 1);
	const bool none = which == ARRAY_SIZE(names);
	const int index = none ? 0 : index_of[which];
	const char *name = none ? "" : names[which];
	int rc;

	if (op->b & 1)
		rc = setsockopt(s->fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index,
				sizeof(index));
	else
		rc = setsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, name,
				strlen(name));
	feature(240, rc ? errno : 0, s->d->m.states);
	if (rc)
		return;
	reset_on_close(s->fd);
	s->d->elsewhere |= device_is_elsewhere(index);
	s->d->m.odd = true;
	model_device(&s->d->m, index);
}

/* A name that has to go by a device. */
void op_scope(const struct op *op, struct slot *s)
{
	static union name scoped[2];
	static const char * const hosts[] = { "fe80::1234", "fe80::17", "ff02::1",
					      "fd00:9::2" };
	union name *n = &scoped[op->code & 0x80 ? 1 : 0];
	struct target t = { .kind = NAME_HOST, .dest = DEST_UNKNOWN };

	if (!s->d->m.v6 || s->d->m.place != HERE)
		return;
	*n = name_v6(hosts[op->a % ARRAY_SIZE(hosts)], op->c & 1 ? 9 : 7);
	if (op->a % ARRAY_SIZE(hosts) == 2)
		t.kind = NAME_MULTICAST;
	n->in6.sin6_scope_id = index_of[op->b % ARRAY_SIZE(names)];
	t.name = *n;
	reset_on_close(s->fd);
	try_target(s, &t, n, name_len(n));
}

/* What it is bound to has to be one of what the model says. */
void check_device(const struct slot *s)
{
	const struct model *m = &s->d->m;
	socklen_t len = sizeof(int);
	int dev = 0;

	if (m->dev_unknown || s->d->busy ||
	    getsockopt(s->fd, SOL_SOCKET, SO_BINDTOIFINDEX, &dev, &len))
		return;
	if (!model_may_have_device(m, dev))
		violation("C-05, D-04: bound to device %d, and not to %d (scope %d)",
			  dev, m->dev, m->scope);
}
