// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_IOC_KEEP: a socket has the bits that it was given, by whichever descriptor,
 * and an accepted one its listener's; a time only what is connected (S-01 to S-08).
 */
#include <sys/ioctl.h>

#include "ops.h"

static void check_age(const struct model *m, unsigned int age)
{
	if (!m->stream && age != WSP_KEEP_NEVER)
		violation("S-01: a datagram socket is connected for %u s", age);
	if (m->odd || !m->stream)
		return;
	if (!(m->states & STATE(CONNECTED)) && age != WSP_KEEP_NEVER)
		violation("S-01: no connection, for %u s", age);
}

void op_keep(const struct op *op, struct slot *s)
{
	struct wsp_keep arg = {
		.mask = op->d & 1 ? op->a | op->b << 16 : 0,
		.bits = op->b | op->c << 16 | (op->d & 2 ? 0xff00ff00 : 0),
		.reserved = op->e == 0xff,
	};
	const unsigned int mask = arg.mask, bits = arg.bits;
	const bool fine = !arg.reserved;
	struct desc *d = s->d;
	int rc;

	if (op->f == 0xff) {
		ioctl(s->fd, WSP_IOC_KEEP, bad_pointer(op->d % 4));
		d->kept_unknown = true;	/* it may be one that can only be read */
		return;
	}
	rc = ioctl(s->fd, WSP_IOC_KEEP, &arg);
	if (!d->wsp || raw)
		return;
	if (!rc != fine || (rc && errno != EINVAL))
		violation("WSP_IOC_KEEP: %d, %s", rc, strerror(errno));
	if (rc)
		return;
	d->kept = (d->kept & ~mask) | (bits & mask);
	if (!d->kept_unknown && arg.bits != d->kept)
		violation("S-08: the socket has bits %#x, not %#x", arg.bits, d->kept);
	if (d->kept_unknown && (arg.bits ^ bits) & mask)
		violation("S-08: of mask %#x bits %#x are now %#x", mask, bits, arg.bits);
	d->kept = arg.bits;
	d->kept_unknown = false;
	feature(102, !!mask, arg.age == WSP_KEEP_NEVER);
	check_age(&d->m, arg.age);
}
