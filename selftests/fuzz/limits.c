// SPDX-License-Identifier: GPL-2.0
/* Error queues, path MTUs, descriptors at their limit, users without privileges. */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "ops.h"

#include <linux/errqueue.h>

#define NOBODY	65534

static bool nobody;

static const struct {
	int level, name;
	bool v6;
} record_options[] = {
	{ IPPROTO_IP, IP_RECVERR, false },
	{ IPPROTO_IPV6, IPV6_RECVERR, true },
	{ IPPROTO_IPV6, IPV6_RECVPATHMTU, true },
	{ IPPROTO_IPV6, IPV6_DONTFRAG, true },
};

/* Options that have the stack tell more, and change nothing else. */
void op_records(const struct op *op, struct slot *s)
{
	const unsigned int i = op->a % ARRAY_SIZE(record_options);
	const int on = !(op->b & 1);

	if (record_options[i].v6 && !s->d->m.v6)
		return;
	if (!setsockopt(s->fd, record_options[i].level, record_options[i].name, &on,
			sizeof(on)) && !raw)
		options_changed(s, record_options[i].level, record_options[i].name);
}

/* One that is larger than the path. */
void op_send_large(const struct op *op, struct slot *s)
{
	static char buf[9000];
	ssize_t n;

	if (s->d->m.stream || endless(s))
		return;
	n = send(s->fd, buf, 1400 + op->a * 24, MSG_DONTWAIT | MSG_NOSIGNAL);
	feature(260, n < 0 ? errno : 0, 0);
	check_send(s, false, n, errno, 0);
}

/* D-06: errors go with the peer that caused them. */
static void check_offender(const struct slot *s, struct msghdr *msg,
			   const union name *of)
{
	const struct model *m = &s->d->m;
	struct sock_extended_err e;
	struct cmsghdr *c;

	if (m->stream || m->states != STATE(CONNECTED) || !m->moved || m->odd)
		return;
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR) &&
		    (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin != SO_EE_ORIGIN_ICMP &&
		    e.ee_origin != SO_EE_ORIGIN_ICMP6)
			continue;
		if (!name_same(of, &m->wire))
			violation("D-06: an error of the former peer's");
	}
}

void op_errqueue(const struct op *op, struct slot *s)
{
	char buf[64], control[256];
	struct iovec iov = { buf, op->a % 65 };
	union name of = {};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_name = &of, .msg_namelen = sizeof(of),
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);

	feature(261, n < 0 ? errno : 0, s->d->m.states);
	if (n < 0 || raw || !s->d->wsp)
		return;
	of = name_unmap(of);
	check_offender(s, &msg, &of);
}

/* V-06: without a descriptor WSPAccept fails, and enables FD_ACCEPT all the same. */
static void accept_in_vain(struct slot *s)
{
	const bool tied = s->d->m.mask & WSP_FD_ACCEPT;
	struct wsp_network_events record = {};
	struct wsp_enum arg = { .record = (uintptr_t)&record, .event = -1 };
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	struct rlimit old, none;
	int code = 0;

	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ 3, old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	WSPAccept(s->fd, NULL, NULL, NULL, 0, &code);
	feature(262, code, 0);
	setrlimit(RLIMIT_NOFILE, &old);
	if (code != WSAEMFILE || raw || !s->d->wsp || !tied ||
	    s->d->m.states != STATE(LISTENING) ||
	    poll(&p, 1, 0) != 1 || ioctl(s->fd, WSP_IOC_ENUM, &arg))
		return;
	if (!(record.events & WSP_FD_ACCEPT))
		violation("V-06: WSPAccept has failed, and FD_ACCEPT is not enabled");
	check(model_record(&s->d->m, &record), "WSP_IOC_ENUM", 0);
}

/* Into a name that cannot be written, likewise. */
static void accept_badly(const struct op *op, struct slot *s)
{
	socklen_t len = sizeof(union name);
	int fd = accept4(s->fd, bad_pointer(1 + op->b % 3), &len, SOCK_NONBLOCK);

	feature(263, fd < 0 ? errno : 0, 0);
	if (fd >= 0)
		close(fd);
}

void op_crowded(const struct op *op, struct slot *s)
{
	if (!s->d->m.nonblocking)
		return;
	if (op->a & 1)
		accept_in_vain(s);
	else
		accept_badly(op, s);
}

static void become(uid_t uid)
{
	syscall(SYS_setresuid, -1, uid, -1);
	nobody = uid == NOBODY;
}

/* This thread alone, and until the input's end at most. */
void op_user(const struct op *op, struct slot *s)
{
	(void)s;
	become(op->a & 1 ? NOBODY : 0);
}

void limits_reset(void)
{
	if (nobody)
		become(0);
}
