// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_IOC_CHANGE: a change of the network is told to who has asked for it, and to
 * nobody else (I-05, I-06). Whether one happens is the other operations' affair.
 */
#include <sys/ioctl.h>

#include "ops.h"

/* What is over by now is not waited for. */
static void wait_for_former(const struct slot *s, struct wsp_change *arg, __u32 flags)
{
	arg->flags = flags;
	arg->since--;
	if (ioctl(s->fd, WSP_IOC_CHANGE, arg) && !raw)
		violation("I-05: a change is waited for that has been: %s",
			  strerror(errno));
}

/* Since then there may have been one, or none. */
static void look(const struct slot *s, struct wsp_change *arg)
{
	arg->flags = WSP_CHANGE_LOOK;
	if (ioctl(s->fd, WSP_IOC_CHANGE, arg) && errno != EAGAIN && !raw)
		violation("I-05: whether there was a change: %s", strerror(errno));
}

void op_change(const struct op *op, struct slot *s)
{
	struct wsp_change arg = {
		.event = op->b & 1 ? op->a | op->c << 8 :
			 op->a & 1 ? WSP_FD_ADDRESS_LIST_CHANGE :
				     WSP_FD_ROUTING_INTERFACE_CHANGE,
		.flags = op->d & 0x80 ? op->d | 8 : op->d & WSP_CHANGE_RECORD,
		.reserved = op->e == 0xff,
	};
	const bool fine = (arg.event == WSP_FD_ADDRESS_LIST_CHANGE ||
			   arg.event == WSP_FD_ROUTING_INTERFACE_CHANGE) &&
			  arg.flags <= WSP_CHANGE_RECORD && !arg.reserved;
	int rc;

	if (op->f == 0xff) {
		ioctl(s->fd, WSP_IOC_CHANGE, bad_pointer(op->d % 4));
		return;
	}
	rc = ioctl(s->fd, WSP_IOC_CHANGE, &arg);
	feature(103, !rc, arg.event);
	if (!s->d->wsp || raw)
		return;
	if (!rc != fine || (rc && errno != EINVAL))
		violation("I-05: WSP_IOC_CHANGE of %#x: %d, %s", arg.event, rc,
			  strerror(errno));
	if (rc)
		return;
	s->d->m.asked |= op->d & WSP_CHANGE_RECORD ? arg.event : 0;
	if (op->c & 2)
		look(s, &arg);
	if (op->c & 1)
		wait_for_former(s, &arg, op->c & 4 ? WSP_CHANGE_LOOK : WSP_CHANGE_WAIT);
}
