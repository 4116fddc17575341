// SPDX-License-Identifier: GPL-2.0
/*
 * What is received into by other calls than recv(2): pipes, several buffers,
 * several datagrams at once, buffers that end too soon.
 */
#include <sys/uio.h>

#include "ops.h"

static int pipes[2] = { -1, -1 }, others[2];

static bool pipes_open(void)
{
	return pipes[0] >= 0 || (!pipe2(pipes, O_NONBLOCK | O_CLOEXEC) &&
				 !pipe2(others, O_NONBLOCK | O_CLOEXEC));
}

/* The datagrams of a buffer, each as long as the world makes them. */
static void check_all(struct slot *s, const char *buf, ssize_t n, bool peek)
{
	ssize_t i;

	for (i = 0; !s->d->m.stream && i + 16 <= n; i += 16)
		check_datagram(s, buf + i, 16, NULL, peek);
}

static bool judged(const struct slot *s)
{
	return !raw && s->d->wsp;
}

static void receive_spliced(const struct op *op, struct slot *s)
{
	static const int sizes[] = { 16, 1, 64, 4096, 65536, 8 };
	const int size = sizes[op->b % ARRAY_SIZE(sizes)];
	char buf[4096];
	ssize_t said, n, all = 0;

	if (raw || !pipes_open())
		return;
	said = splice(s->fd, NULL, pipes[1], NULL, size, SPLICE_F_NONBLOCK);
	if (said > 0 && op->c & 1)
		tee(pipes[0], others[1], size, SPLICE_F_NONBLOCK);
	while ((n = read(pipes[0], buf, sizeof(buf))) > 0) {
		all += n;
		if (judged(s) && n % 16 == 0)
			check_all(s, buf, n, false);
	}
	while (read(others[0], buf, sizeof(buf)) > 0)
		;
	feature(230, said < 0 ? errno : 0, s->d->m.states);
	if (said >= 0 && said != all && judged(s))
		violation("D-06: splice says %zd, and the pipe has %zd", said, all);
	/* Of a longer one the rest is gone. */
	if (said > 0)
		model_unqueue(&s->d->m);
}

/* A buffer in parts, the last of which may not be there. */
static void receive_scattered(const struct op *op, struct slot *s)
{
	char parts[3][64];
	struct iovec iov[] = {
		{ parts[0], op->b % 17 }, { parts[1], op->c % 17 },
		{ op->d & 1 ? bad_pointer(op->e) : parts[2], op->d % 64 },
	};
	ssize_t n;

	n = readv(s->fd, iov, ARRAY_SIZE(iov));
	feature(231, n < 0 ? errno : 0, op->d & 1);
	/* One that does not fit is lost, and so it is natively. */
	if (n > 0 || (n < 0 && errno == EFAULT))
		model_unqueue(&s->d->m);
	if (n >= 16 && iov[0].iov_len == 16 && judged(s))
		check_all(s, parts[0], 16, false);
}

static void receive_many(const struct op *op, struct slot *s)
{
	char buf[4][16];
	union name from[4];
	struct iovec iov[4];
	struct mmsghdr msgs[4] = {};
	const bool named = op->b & 1;
	int i, n;

	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ buf[i], 16 };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = named ? &from[i] : NULL;
		msgs[i].msg_hdr.msg_namelen = named ? sizeof(from[i]) : 0;
	}
	n = recvmmsg(s->fd, msgs, 4, MSG_DONTWAIT | (op->c & 1 ? MSG_TRUNC : 0), NULL);
	feature(232, n < 0 ? errno : n, named);
	for (i = 0; judged(s) && i < n; i++) {
		from[i] = name_unmap(from[i]);
		if (!s->d->m.stream && msgs[i].msg_len == 16)
			check_datagram(s, buf[i], 16, named && !sources_rewritten() ?
				       &from[i] : NULL, false);
	}
}

/* From where the last peek ended. */
static void receive_peeked(const struct op *op, struct slot *s)
{
	const int off = op->b % 3 ? op->b % 24 : -1;
	char buf[64];
	ssize_t n;

	if (op->c & 1 && !setsockopt(s->fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)))
		s->d->m.odd = true;
	n = recv(s->fd, buf, op->d % 65, MSG_PEEK | MSG_DONTWAIT |
		 (op->e & 1 ? MSG_TRUNC : 0));
	feature(233, n < 0 ? errno : 0, off < 0);
	if (n >= 16 && op->d % 65 >= 16 && judged(s) && !s->d->m.odd)
		check_all(s, buf, 16, true);
}

/* Nothing to receive into. */
static void receive_nothing(const struct op *op, struct slot *s)
{
	char buf[16];
	ssize_t n;

	if (op->b & 1)
		n = read(s->fd, buf, 0);
	else
		n = recv(s->fd, buf, 0, MSG_DONTWAIT | (op->c & 1 ? MSG_TRUNC : 0) |
			 (op->c & 2 ? MSG_PEEK : 0));
	feature(234, n < 0 ? errno : 0, op->c & 3);
	model_unqueue(&s->d->m);
}

void op_receive(const struct op *op, struct slot *s)
{
	static void (* const ways[])(const struct op *op, struct slot *s) = {
		receive_spliced, receive_scattered, receive_many,
		receive_peeked, receive_nothing, receive_spliced,
	};

	if (endless(s))
		return;
	set_timeo(s->fd, SO_RCVTIMEO, SHORT_MS);
	ways[op->a % ARRAY_SIZE(ways)](op, s);
}

/* Pages of the program's own, by a pipe. */
void op_vmsplice(const struct op *op, struct slot *s)
{
	static char page[4096] __attribute__((aligned(4096)));
	struct iovec iov = { page, 1 + op->a * 8 };
	ssize_t n;

	if (raw || endless(s) || !pipes_open())
		return;
	world_message(page);
	if (vmsplice(pipes[1], &iov, 1, SPLICE_F_NONBLOCK) > 0) {
		n = splice(pipes[0], NULL, s->fd, NULL, iov.iov_len, SPLICE_F_NONBLOCK);
		check_send(s, false, n, errno, 0);
	}
	s->d->m.wrote = true;
	while (read(pipes[0], page, sizeof(page)) > 0)
		;
}
