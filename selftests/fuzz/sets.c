// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_IOC_POLL, which WSPSelect waits by: what it says of each socket is what
 * poll(2) says of it and what the model makes of that (V-10, C-07).
 */
#include "ops.h"

#define MANY	24	/* more than the module reads in one go */
#define WISHES	(POLLIN | POLLOUT | POLLPRI)
#define UNKNOWN	(-1)

struct set {
	struct pollfd entries[MANY];
	int count;
	const struct slot *slot[MANY];	/* whose they are */
	bool bad;			/* one of them is no socket of the family */
	unsigned int states[SLOTS];
	int said[SLOTS];		/* by poll(2) */
};

static void add(struct set *set, const struct slot *slot, int fd, short events)
{
	if (set->count == MANY)
		return;
	set->entries[set->count] = (struct pollfd){ fd, events, 0x55 };
	set->slot[set->count++] = slot;
	if (fd >= 0 && (!slot || !slot->d->wsp))
		set->bad = true;
}

static void fill(struct set *set, const struct op *op, const struct slot *s)
{
	static const short wishes[] = { WISHES, POLLIN, POLLOUT, POLLPRI, -1, 0 };
	const short wish = wishes[op->b % ARRAY_SIZE(wishes)];
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (op->a >> i & 1 && slots[i].fd >= 0)
			add(set, &slots[i], slots[i].fd, wish);
	}
	if (op->c & 1)
		add(set, s, s->fd, op->b >> 4);
	if (op->c & 2)
		add(set, NULL, -1 - op->b, wish);
	while (op->c & 4 && set->count < MANY)
		add(set, s, s->fd, wish);
	if ((op->c & 0xf8) == 0xf8)
		add(set, NULL, op->b & 1 ? events[0] : 1000 + op->b, wish);
}

/* What there is to compare with, right before or after the call. */
static void look(unsigned int *states, int *said)
{
	struct wsp_info info;
	struct pollfd p;
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->fd < 0 || !s->d->wsp)
			continue;
		observe(s);
		if (ioctl(s->fd, WSP_IOC_INFO, &info))
			violation("WSP_IOC_INFO: %s", strerror(errno));
		p = (struct pollfd){ s->fd, WISHES, 0 };
		poll(&p, 1, 0);
		states[i] = info.state;
		said[i] = p.revents;
	}
}

static int in_line(int fd)
{
	int value = 0;

	getsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &value, &(socklen_t){ sizeof(value) });
	return value;
}

/* Which sets a socket belongs to, or UNKNOWN. */
static int sets_of(const struct slot *s, unsigned int state, int said)
{
	if (s->d->m.stream) {
		switch (state) {
		case WSP_STATE_IDLE:
		case WSP_STATE_PENDING:
			return 0;
		case WSP_STATE_FAILED:
			return POLLPRI;
		case WSP_STATE_LISTENING:
			return said & POLLIN;
		case WSP_STATE_CONNECTED:
			break;
		default:
			return UNKNOWN;
		}
		if (in_line(s->fd))
			said &= ~POLLPRI;
	}
	if (said & (POLLHUP | POLLERR))
		said |= POLLIN;
	if (said & POLLERR)
		said |= POLLOUT;
	return said & WISHES;
}

static void check_entry(const struct set *set, int i, const unsigned int *states,
			const int *said)
{
	const struct pollfd *p = &set->entries[i];
	const int slot = set->slot[i] - slots;
	int want;

	if (p->fd < 0) {
		if (p->revents)
			violation("V-10: a negative descriptor is ready");
		return;
	}
	/* What the peer has ended is between the library and the kernel. */
	if (p->revents & ~(p->events & (WISHES | POLLRDHUP)))
		violation("V-10: %#x is met, of %#x", p->revents, p->events);
	if (set->slot[i]->d->busy || states[slot] != set->states[slot] ||
	    said[slot] != set->said[slot])
		return;
	want = sets_of(set->slot[i], states[slot], said[slot]);
	if (want != UNKNOWN && (p->revents & ~POLLRDHUP) != (want & p->events))
		violation("V-10, C-07: %#x is met of %#x in state %u, where poll(2) says %#x",
			  p->revents, p->events, states[slot], said[slot]);
}

static void check_entries(const struct set *set, int rc)
{
	unsigned int states[SLOTS];
	int said[SLOTS], i, ready = 0;

	look(states, said);
	for (i = 0; i < set->count; i++) {
		check_entry(set, i, states, said);
		ready += !!set->entries[i].revents;
	}
	if (ready != rc)
		violation("V-10: WSP_IOC_POLL says %d, and %d are ready", rc, ready);
}

/* With one argument that it cannot use. */
static void poll_badly(const struct op *op, struct slot *s, struct wsp_poll *arg)
{
	int want = EFAULT, rc;

	switch (op->f % 4) {
	case 0:
		arg->reserved[op->b % 3] = 1;
		want = EINVAL;
		break;
	case 1:
		arg->count = 0x10000000u << op->b % 4;
		want = EBADF;
		break;
	case 2:
		arg->fds = (uintptr_t)bad_pointer(op->b);
		break;
	case 3:
		rc = ioctl(s->fd, WSP_IOC_POLL, bad_pointer(op->b % 4));
		goto out;
	}
	arg->timeout = 0;
	rc = ioctl(s->fd, WSP_IOC_POLL, arg);
	/* No array at all, or zeros: descriptors that are no sockets. */
	if (!rc || (errno == ENOTSOCK && op->f % 4 == 2))
		return;
out:
	if (s->d->wsp && !raw && (rc >= 0 || errno != want))
		violation("V-10: WSP_IOC_POLL of nonsense %d: %d, %s", op->f % 4, rc,
			  strerror(errno));
}

void op_wsp_poll(const struct op *op, struct slot *s)
{
	static const long times[] = { 0, 1, 2000000, 0, 300000 };
	const __u32 over = op->e & 1;
	struct set set = {};
	struct wsp_poll arg = {
		.fds = (uintptr_t)set.entries,
		.over = op->e & 2 ? (uintptr_t)&over : 0,
		.timeout = over && op->e & 2 && op->d & 0x80 ? -1 :
			   times[op->d % ARRAY_SIZE(times)],
	};
	int rc, error;

	fill(&set, op, s);
	arg.count = set.count;
	if (op->f >= 0xf0) {
		poll_badly(op, s, &arg);
		return;
	}
	if ((op->e & 0xfc) == 0xfc)
		arg.over = (uintptr_t)bad_pointer(1 + op->f % 3);
	if (!raw)
		look(set.states, set.said);
	rc = ioctl(s->fd, WSP_IOC_POLL, &arg);
	error = rc < 0 ? errno : 0;
	feature(206, error, rc < 0 ? 0 : rc);
	if (!s->d->wsp || raw)
		return;
	if (set.bad) {
		if (error != ENOTSOCK)
			violation("V-10: a bad socket gives %d, %s", rc, strerror(error));
		return;
	}
	if (rc > 0)
		check_entries(&set, rc);
	else if (!rc && arg.over == (uintptr_t)&over && over)
		violation("T-01: WSP_IOC_POLL does not see that it is over");
	else if (!rc)
		check_entries(&set, 0);
	else if (error == ECANCELED ? arg.over != (uintptr_t)&over || !over :
		 error != EFAULT || (op->e & 0xfc) != 0xfc)
		violation("V-10: WSP_IOC_POLL: %s", strerror(error));
}
