// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of an input. Each does one call, or a few that belong
 * together, and compares what came of it with the model.
 */
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/sockios.h>

#include "ops.h"

#define LONG_MS		2000	/* unless the peer is sure to answer */

struct slot slots[SLOTS];
int events[EVENTS] = { -1, -1, -1 };

static struct desc *waiting;	/* what the worker's connect is on */
static bool quiet;		/* getsockname(2), for one, does more than look */
static int done;
__thread bool raw;

void check(const char *wrong, const char *what, int error)
{
	if (wrong && !raw)
		violation("%s: %s (errno %d, %s)", what, wrong, error,
			  strerror(error));
}

/* Slots and descriptors -------------------------------------------------- */

static void slot_close(struct slot *s)
{
	if (s->fd < 0)
		return;
	/* The library keeps in mind what a descriptor is. */
	if (!s->d->wsp || WSPCloseSocket(s->fd, NULL))
		close(s->fd);
	worker_keep_number(s->fd);
	if (!--s->d->refs)
		free(s->d);
	*s = (struct slot){ .fd = -1 };
}

struct desc *slot_fill(struct slot *s, int fd, struct desc *d)
{
	if (!d)
		d = calloc(1, sizeof(*d));
	d->refs++;		/* first: it may be the slot's own */
	slot_close(s);
	s->fd = fd;
	s->d = d;
	return d;
}

static struct slot *other(unsigned int i)
{
	return &slots[i % SLOTS];
}

/* What the socket says of itself, against the model ---------------------- */

static void check_state(struct model *m, unsigned int state)
{
	const unsigned int before = m->states;
	const char *wrong = model_state(m, state);

	if (wrong && !raw)
		violation("%s: %u, known are %#x", wrong, state, before);
}

static void check_info(struct slot *s)
{
	struct model *m = &s->d->m;
	struct wsp_info info;
	bool fits;

	if (ioctl(s->fd, WSP_IOC_INFO, &info))
		violation("WSP_IOC_INFO: %s", strerror(errno));
	if (info.state == WSP_STATE_FAILED)
		fits = contract_code(info.code);
	else	/* T-04 */
		fits = !info.code || (m->stream && info.state == WSP_STATE_CONNECTED &&
				      (info.code == WSAECONNRESET ||
				       info.code == WSAETIMEDOUT));
	if (info.abi != WSP_ABI || info.reserved || !fits ||
	    info.type != (m->stream ? SOCK_STREAM : SOCK_DGRAM) ||
	    info.protocol != (m->v6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4))
		violation("WSP_IOC_INFO: not what the socket is");
	if (info.events != m->mask)
		violation("V-01: events %#x, tied for %#x", info.events, m->mask);
	check_state(m, info.state);
	feature(1, info.state, m->stream << 1 | m->v6);
}

static void check_peer(struct slot *s)
{
	struct model *m = &s->d->m;
	socklen_t len = sizeof(union name);
	union name name = {};

	if (m->stream)
		return;
	if (getpeername(s->fd, &name.sa, &len)) {
		if (errno != ENOTCONN)
			violation("getpeername: %s", strerror(errno));
		if (m->states == STATE(CONNECTED) && !m->odd && name_port(&m->peer))
			violation("D-01, D-08: connected, yet getpeername has no name");
		return;
	}
	if (m->states != STATE(CONNECTED))
		violation("D-03: getpeername has a name, and should not");
	name = name_unmap(name);
	if (!m->odd && !name_same(&name, &m->wire))
		violation("D-01, D-08: getpeername has another name");
}

/* C-05: what is not bound has no name but while it connects. */
static void check_free(struct slot *s)
{
	const struct model *m = &s->d->m;
	const bool over = m->states == STATE(IDLE) || m->states == STATE(FAILED);
	union name name;

	if (!m->stream || !over || m->odd || s->d->busy)
		return;
	name = name_unmap(local_name(s->fd));
	if (!m->port && name_port(&name))
		violation("C-05: not bound, yet getsockname has port %d",
			  name_port(&name));
	if (m->port && !m->addr_bound && !name_is_any(&name))
		violation("C-05: not bound to an address, yet getsockname has one");
}

static void check_port(struct slot *s)
{
	check_free(s);
	if (s->d->m.port && local_port(s->fd) != s->d->m.port)
		violation("C-05, D-04: bound to port %d, which is %d now",
			  s->d->m.port, local_port(s->fd));
}

void observe(struct slot *s)
{
	if (raw || quiet || s->fd < 0 || !s->d->wsp)
		return;
	check_info(s);
	check_peer(s);
	check_port(s);
	check_device(s);
}

/* Sockets ---------------------------------------------------------------- */

static void op_socket(const struct op *op, struct slot *s)
{
	const int types[] = { SOCK_RAW, SOCK_SEQPACKET, SOCK_PACKET, SOCK_RDM };
	const enum place place = op->b % 16 == 15 ? THERE : HERE;
	const bool v6 = op->a & 1, nonblocking = op->a & 4;
	const int type = op->a & 2 ? SOCK_DGRAM : SOCK_STREAM;
	const int flags = nonblocking ? SOCK_NONBLOCK : 0;
	struct desc *d;
	int fd;

	if (op->b >= 0xf8) {
		fd = socket(AF_WSP, types[op->c % 4], v6);
		if (fd >= 0 || errno != ESOCKTNOSUPPORT)
			violation("F-01: type %d: %d", types[op->c % 4], errno);
		fd = socket(AF_WSP, type, 2 + op->d * 37);
		if (fd >= 0 || errno != EPROTONOSUPPORT)
			violation("F-01: protocol %d: %d", 2 + op->d * 37, errno);
		return;
	}
	if (place == THERE && geteuid())
		return;		/* nobody may go there (op_user) */
	if (place == THERE)
		enter(THERE);
	if (op->b >= 0xf0)
		fd = socket(v6 ? AF_INET6 : AF_INET, type | flags, 0);
	else
		fd = socket(AF_WSP, type | flags, v6);
	if (place == THERE)
		enter(HERE);
	if (fd < 0)
		violation("F-01: socket: %s", strerror(errno));
	d = slot_fill(s, fd, NULL);
	d->wsp = op->b < 0xf0;
	model_init(&d->m, type, v6, place, nonblocking);
	set_timeo(fd, SO_SNDTIMEO, SHORT_MS);
	d->sndtimeo = SHORT_MS;
}

/* Has an attempt that failed, or none, left it as it was (C-05)? */
static bool as_new(const struct model *m)
{
	return m->stream && !m->odd &&
	       (m->states == STATE(IDLE) || m->states == STATE(FAILED));
}

/*
 * That such a socket is one shows here. The rest of what observe() asks for would
 * tidy up after an attempt: getsockname(2) does.
 */
static void look_at_state(struct slot *s)
{
	if (!raw && s->d->wsp && !s->d->busy)
		check_info(s);
}

static void op_bind(const struct op *op, struct slot *s)
{
	struct model *m = &s->d->m;
	union name name;
	bool addr;
	int len, rc;

	name = bind_name(op, m->v6, m->place, &len, &addr);
	look_at_state(s);
	rc = bind(s->fd, &name.sa, len);
	if (raw || !s->d->wsp)
		return;
	if (rc) {
		if (errno == EINVAL && as_new(m) && !m->port && !addr &&
		    len == (int)name_len(&name) &&
		    name.sa.sa_family == (m->v6 ? AF_INET6 : AF_INET))
			violation("C-05: bind finds the socket bound");
		return;
	}
	options_changed(s, 0, 0);	/* IPV6_V6ONLY, by an address of IPv6 */
	model_bound(m, addr || len != (int)name_len(&name), local_port(s->fd));
}

static void op_listen(const struct op *op, struct slot *s)
{
	struct model *m = &s->d->m;
	bool fine;

	/* The stack warns of a plain socket, too, that has come from another VRF. */
	if (s->d->elsewhere && local_port(s->fd))
		return;
	look_at_state(s);
	fine = as_new(m);
	if (listen(s->fd, (int8_t)op->a)) {
		if (fine && !raw && s->d->wsp && errno == EINVAL)
			violation("C-05: listen finds the socket in use");
		return;
	}
	if (raw || !s->d->wsp)
		return;
	if (!(m->states & (STATE(IDLE) | STATE(FAILED) | STATE(LISTENING) |
			   STATE(PENDING) | STATE(BLOCKED))))
		violation("listen on a socket that is connected");
	m->states = STATE(LISTENING);
}

static int may_receive(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };

	return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

static unsigned int tied_for(int fd)
{
	struct wsp_info info = {};

	ioctl(fd, WSP_IOC_INFO, &info);
	return info.events;
}

/* True: what it has accepted is not tied. */
static bool accept_enables(struct slot *s)
{
	struct model *m = &s->d->m;
	const bool held = m->holds;

	model_accept(m);
	if (!held && !s->d->busy && may_receive(s->fd) == POLLIN)
		model_due(m);
	return held;
}

static void op_accept(const struct op *op, struct slot *s)
{
	const bool nonblocking = op->b & 1;
	struct slot *to = other(op->a);
	struct desc *d;
	const bool unsure = s->d->m.hold_unknown;
	bool held = false;
	int fd;

	/* Also of a socket that does not block: FIONBIO may come beside. */
	set_timeo(s->fd, SO_RCVTIMEO, SHORT_MS);
	fd = accept4(s->fd, NULL, NULL, nonblocking ? SOCK_NONBLOCK : 0);
	if (!raw && s->d->wsp)
		held = accept_enables(s);
	if (fd < 0)
		return;
	if (raw || !s->d->wsp) {
		close(fd);
		return;
	}
	d = calloc(1, sizeof(*d));
	d->wsp = true;
	d->sndtimeo = SHORT_MS;
	model_accepted(&d->m, &s->d->m, nonblocking, held);
	if (unsure) {
		d->m.mask = tied_for(fd);
		d->m.nonblocking = fcntl(fd, F_GETFL) & O_NONBLOCK;
	}
	d->kept = s->d->kept;
	d->kept_unknown = s->d->kept_unknown;
	set_timeo(fd, SO_SNDTIMEO, SHORT_MS);
	slot_fill(to, fd, d);
	observe(to);
}

static void op_dup(const struct op *op, struct slot *s)
{
	struct slot *to = other(op->a);
	int fd;

	if (to == s)
		return;
	if (op->b & 1 && to->fd >= 0 && !to->d->busy && to->d->wsp == s->d->wsp &&
	    to->d->m.stream == s->d->m.stream) {
		struct desc *old = to->d;

		fd = dup2(s->fd, to->fd);
		if (fd < 0)
			return;
		if (!--old->refs)
			free(old);
		to->d = s->d;
		to->d->refs++;
		return;
	}
	fd = dup(s->fd);
	if (fd >= 0)
		slot_fill(to, fd, s->d);
}

/* SCM_RIGHTS */
static void op_pass(const struct op *op, struct slot *s)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &s->fd, sizeof(int));
	if (sendmsg(pair[0], &msg, MSG_DONTWAIT) == 1 && op->b & 1 &&
	    recvmsg(pair[1], &msg, MSG_DONTWAIT) == 1) {
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		slot_fill(other(op->a), fd, s->d);
	}
	close(pair[0]);
	close(pair[1]);
}

static void op_close(const struct op *op, struct slot *s)
{
	(void)op;
	slot_close(s);
}

/* Connecting ------------------------------------------------------------- */

static void ask_for_code(struct slot *s, int error, int source)
{
	struct wsp_code arg = { .error = error, .source = source };

	if (ioctl(s->fd, WSP_IOC_CODE, &arg))
		violation("WSP_IOC_CODE of %d: %s", error, strerror(errno));
	check(model_code(&s->d->m, error, source, arg.code), "WSP_IOC_CODE",
	      error);
}

/* D-05: the address that the route to a host of the world has. */
static bool source_fits(const struct model *m, const struct target *t,
			const union name *local)
{
	const int family = t->name.sa.sa_family;
	const union name v = name_unmap(*local);
	const enum host mine[2][2] = { { HERE_A, HERE_B }, { PEER_A, PEER_B } };
	const enum host *theirs = mine[!m->place];
	union name want = t->name, peer;
	int i;

	for (i = 0; i < 2; i++) {
		peer = name_host(family, theirs[i], 0);
		if (name_same_addr(&peer, &t->name))
			want = name_host(family, mine[m->place][i], 0);
	}
	return name_same_addr(&want, &v);
}

/* What else is to be seen of a connect, or not (C-01, D-04, D-05, D-08). */
static void check_names(struct slot *s, const struct target *t, int error,
			const union name *before, const union name *after)
{
	const struct model *m = &s->d->m;
	const bool refused = error == EADDRNOTAVAIL || error == EAFNOSUPPORT ||
			     error == EFAULT || error == EISCONN ||
			     error == EALREADY || error == EINVAL;
	/* The stack refuses it, once what a failed attempt left is forgotten. */
	const bool late = m->stream && t->kind == NAME_BROADCAST &&
			  name_port(before);

	/* An attempt may have failed in the same moment, and has no name (C-05). */
	const bool over = m->stream && !m->port && !name_port(after);

	if (error && !late && !over && (refused || !m->stream) && !name_same(before, after))
		violation("C-01, D-08: refused with %s, yet the local name is another",
			  strerror(error));
	if (m->stream || error)
		return;
	if (name_port(before) && name_port(before) != name_port(after))
		violation("D-04: port %d has become %d", name_port(before),
			  name_port(after));
	if (m->states == STATE(CONNECTED) && !m->odd && t->kind == NAME_HOST &&
	    (t->dest == DEST_ANSWERS || t->dest == DEST_REFUSES) &&
	    !source_fits(m, t, after))
		violation("D-05: the source address is not the route's");
}

/* C-05: no shutdown made before or during a failed attempt has an effect. */
static void check_open(struct slot *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };

	if (send(s->fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) && errno == EPIPE)
		violation("C-05: connected, and cannot send");
	if (poll(&p, 1, 0) && p.revents & POLLRDHUP)
		violation("C-05: connected, and cannot receive");
}

static void after_connect(struct slot *s, const struct target *given, int error,
			  const union name *before)
{
	struct target real = *given, *t = &real;
	union name after;

	if (tracing)
		fprintf(stderr, "    %s\n", error ? strerror(error) : "connected");
	feature(2 + t->kind, error, s->d->m.states | t->dest << 8);
	if (!s->d->wsp)
		return;
	real.wire = rewritten(&real.name, s->d->m.v6);
	check(model_connect(&s->d->m, t, error, world_next_id()), "connect",
	      error);
	if (raw)
		return;
	if (!error && s->d->m.stream && !s->d->m.odd && t->dest == DEST_ANSWERS)
		check_open(s);
	if (error && s->d->m.stream && !s->d->busy)
		options_check(s);
	if (before && !s->d->busy) {
		after = local_name(s->fd);
		check_names(s, t, error, before, &after);
	}
	if (error)
		ask_for_code(s, error, WSP_CODE_CONNECT);
}

static void be_patient(struct slot *s, const struct target *t)
{
	const bool sure = t->dest == DEST_ANSWERS || t->dest == DEST_REFUSES;
	const int ms = sure ? LONG_MS : SHORT_MS;

	if (s->d->sndtimeo == ms || s->d->m.nonblocking || raw)
		return;
	set_timeo(s->fd, SO_SNDTIMEO, ms);
	s->d->sndtimeo = ms;
	/* Of a call that is made again after a signal, too. */
	if (s->d->busy)
		s->d->m.blocked_until = 0;
}

void try_target(struct slot *s, const struct target *t, const void *name,
		int len)
{
	union name before;
	int error;

	be_patient(s, t);
	if (!quiet)
		before = local_name(s->fd);
	if (!raw && s->d->wsp)
		options_keep(s);
	peer_arrive();
	error = connect(s->fd, name, len) ? errno : 0;
	after_connect(s, t, error, quiet ? NULL : &before);
}

static void op_connect(const struct op *op, struct slot *s)
{
	const void *name;
	struct target t;
	int len;

	t = name_make(op, &s->d->m, &name, &len);
	try_target(s, &t, name, len);
}

static int errno_of_code(int code)
{
	int e;

	for (e = 1; e < 128; e++) {
		if (e != EBADF && code_of_errno(e) == code)
			return e;
	}
	return 0;
}

/* By the library, with data and flow specifications; its code is the row's. */
static void op_wspconnect(const struct op *op, struct slot *s)
{
	WSABUF caller = { .len = op->e & 1 }, callee = { .len = 7 };
	QOS qos = { .SendingFlowspec.ServiceType = op->e >> 1 & 3 };
	const bool data = op->e & 8, flow = op->e & 16;
	const void *name;
	struct target t;
	int len, rc, error, code = UNTOUCHED;

	t = name_make(op, &s->d->m, &name, &len);
	be_patient(s, &t);
	peer_arrive();
	rc = WSPConnect(s->fd, name, len, data ? &caller : NULL,
			data ? &callee : NULL, flow ? &qos : NULL, NULL, &code);
	if (!s->d->wsp) {
		if (!rc || code != WSAENOTSOCK)
			violation("E-13: WSPConnect on a plain socket: %d", code);
		return;
	}
	if (rc && !contract_code(code))
		violation("section 1: WSPConnect gives %d", code);
	if (!rc && data && callee.len)
		violation("C-10, D-11: lpCalleeData has length %u", callee.len);
	if (raw)
		return;
	error = rc ? errno_of_code(code) : 0;
	/* With pointers, which of the calls refused it is not to be told. */
	if (data || flow || t.kind == NAME_LENGTH || t.kind == NAME_UNREADABLE)
		model_unknown(&s->d->m);
	else
		after_connect(s, &t, error, NULL);
}

/* A thread waits for a silent peer in a blocking connect (C-11, C-12). */
static void op_block(const struct op *op, struct slot *s)
{
	const bool forever = op->a & 1;
	struct wsp_info info = {};
	union name name;
	long end;

	if (worker_busy() || !s->d->wsp || !s->d->m.stream ||
	    s->d->m.nonblocking || s->d->m.place != HERE)
		return;
	name = name_host(s->d->m.v6 ? AF_INET6 : AF_INET, SILENT, PORT_TAKEN);
	/* A tick may be short. */
	s->d->sndtimeo = forever ? 0 : SHORT_MS + 20;
	set_timeo(s->fd, SO_SNDTIMEO, s->d->sndtimeo);
	waiting = s->d;
	s->d->busy = true;
	s->d->refs++;
	model_blocked(&s->d->m, forever ? -1 : SHORT_MS);
	worker_connect(s->fd, &name, name_len(&name));
	for (end = now_ms() + DEADLINE_MS; now_ms() < end; sched_yield()) {
		if (ioctl(s->fd, WSP_IOC_INFO, &info) ||
		    info.state == WSP_STATE_BLOCKED || worker_over())
			break;
	}
	if (info.state != WSP_STATE_BLOCKED)
		model_unknown(&s->d->m);
}

/* The worker's connect is over. */
static void join(void)
{
	struct desc *d = waiting;
	int error, i;

	if (!worker_busy())
		return;
	error = worker_join();
	if (!d)
		return;
	waiting = NULL;
	d->busy = false;
	feature(204, error, d->m.states);
	model_unblocked(&d->m, error);
	for (i = 0; i < SLOTS; i++) {
		if (slots[i].fd >= 0 && slots[i].d == d)
			observe(&slots[i]);
	}
	if (!--d->refs)
		free(d);
}

/* Ioctls ----------------------------------------------------------------- */

static void op_code(const struct op *op, struct slot *s)
{
	struct wsp_code arg = {
		.error = op->a | op->b << 8, .source = op->c % 4,
		.reserved = op->d == 0xff,
	};
	const bool fine = arg.error && arg.error <= 4095 && arg.source < 2 &&
			  !arg.reserved;
	int rc;

	if (op->e == 0xff) {
		ioctl(s->fd, WSP_IOC_CODE, bad_pointer(op->f));
		return;
	}
	rc = ioctl(s->fd, WSP_IOC_CODE, &arg);
	if (!s->d->wsp) {
		if (!rc)
			violation("E-13: WSP_IOC_CODE on a plain socket");
		return;
	}
	if (!rc != fine || (rc && errno != EINVAL))
		violation("WSP_IOC_CODE of %u, source %u: %d", arg.error,
			  arg.source, rc);
	if (!rc)
		check(model_code(&s->d->m, arg.error, arg.source, arg.code),
		      "WSP_IOC_CODE", arg.error);
}

/* The pointers of @op, and what they alone come to. */
static int make_args(const struct op *op, struct wsp_args *args)
{
	static struct wsp_buf caller, callee;
	static struct wsp_qos sqos, gqos;
	__u64 *p[] = { &args->caller_data, &args->callee_data, &args->sqos,
		       &args->gqos };
	void *good[] = { &caller, &callee, &sqos, &gqos };
	bool bad = false;
	int i;

	*args = (struct wsp_args){ .reserved = { op->f == 0xff } };
	caller.len = op->b & 1;
	sqos.sending.service_type = op->b >> 1 & 3;
	sqos.receiving.service_type = op->b >> 3 & 1;
	gqos.sending.service_type = op->b >> 4 & 1;
	gqos.receiving.service_type = op->b >> 5 & 3;
	for (i = 0; i < 4; i++) {
		if (op->a >> 2 * i & 1)
			*p[i] = (uintptr_t)good[i];
		else if ((op->a >> 2 * i & 3) == 2)
			*p[i] = (uintptr_t)bad_pointer(op->c % 4);
		if (*p[i] && *p[i] != (uintptr_t)good[i])
			bad = true;
	}
	if (args->reserved[0])
		return -EINVAL;
	if (bad)
		return -EFAULT;
	if (args->caller_data && caller.len)
		return -EPROTONOSUPPORT;
	if (args->sqos && (sqos.sending.service_type > 1 ||
			   sqos.receiving.service_type > 1))
		return -EOPNOTSUPP;
	return args->gqos && gqos.receiving.service_type > 1 ? -EOPNOTSUPP : 0;
}

static void op_judge(const struct op *op, struct slot *s)
{
	struct wsp_args args;
	int want = -make_args(op, &args), error;

	error = ioctl(s->fd, WSP_IOC_JUDGE, &args) ? errno : 0;
	if (!s->d->wsp)
		return;
	if (want == EINVAL) {
		if (error != EINVAL)
			violation("WSP_IOC_JUDGE: reserved: %d", error);
		return;
	}
	check(model_judge(&s->d->m, want, error), "WSP_IOC_JUDGE", error);
}

static void op_callee(const struct op *op, struct slot *s)
{
	struct wsp_buf callee = { .len = 9 };
	struct wsp_args args = { .callee_data = (uintptr_t)&callee };
	int rc;

	if (op->a & 1)
		args.callee_data = (uintptr_t)bad_pointer(op->b);
	rc = ioctl(s->fd, WSP_IOC_CALLEE, &args);
	if (!s->d->wsp)
		return;
	if (!(op->a & 1) && (rc || callee.len))
		violation("C-10: lpCalleeData has length %u", callee.len);
	if (op->a & 1 && args.callee_data && !rc != !s->d->m.stream)
		violation("C-10, D-11: a bad lpCalleeData gives %d", rc);
}

static void op_select(const struct op *op, struct slot *s)
{
	struct wsp_select arg = {
		.event = op->a < 0xf0 ? events[op->a % EVENTS] :
			 op->a & 1 ? s->fd : (int8_t)op->d,
		.mask = op->b | (op->c & 3) << 8 | (op->c == 0xff ? 1 << 20 : 0),
		/* The model knows of no socket that is tied as another. */
		.flags = raw && op->e == 0xfe ? WSP_SELECT_AS : 0,
		.reserved = op->e == 0xff,
	};
	const bool event = op->a < 0xf0 && arg.event >= 0;
	int rc, now;

	if (op->f == 0xff) {
		ioctl(s->fd, WSP_IOC_SELECT, bad_pointer(op->d % 4));
		return;
	}
	rc = ioctl(s->fd, WSP_IOC_SELECT, &arg);
	if (!s->d->wsp || raw)
		return;
	if (rc && errno != EINVAL)
		violation("V-09: WSP_IOC_SELECT: %s", strerror(errno));
	if (rc && event && arg.mask <= WSP_FD_ALL_EVENTS && !arg.reserved)
		violation("V-01: WSP_IOC_SELECT refuses mask %#x", arg.mask);
	if (!rc && (arg.mask > WSP_FD_ALL_EVENTS || arg.reserved ||
		    (arg.mask && arg.event < 0)))
		violation("V-09: WSP_IOC_SELECT takes anything");
	if (rc)
		return;
	if (!(fcntl(s->fd, F_GETFL) & O_NONBLOCK))
		violation("V-01: tied, and blocking");
	if (s->d->busy)
		model_unknown(&s->d->m);
	model_tied(&s->d->m, arg.mask);
	now = may_receive(s->fd);
	/* Of a connection that is over by now FD_WRITE does not hold (V-11). */
	if (now & POLLHUP)
		s->d->m.wrote = true;
	if (!s->d->busy && now == POLLIN)
		model_due(&s->d->m);
}

static void op_enum(const struct op *op, struct slot *s)
{
	struct wsp_network_events record = { .codes = { [0 ... 9] = 0x5a5a } };
	const bool reset = op->a & 1 && events[op->a / 2 % EVENTS] >= 0;
	struct wsp_enum arg = {
		.record = (uintptr_t)(op->b & 0x80 ? bad_pointer(op->b) : &record),
		.event = reset ? events[op->a / 2 % EVENTS] :
			 op->c == 0xff ? s->fd : -1,
	};
	int rc, i;

	rc = ioctl(s->fd, WSP_IOC_ENUM, &arg);
	if (!s->d->wsp || raw)
		return;
	if (op->b & 0x80) {
		if (!rc || (errno != EFAULT && errno != EINVAL))
			violation("V-09: a bad record: %d, %d", rc, errno);
		return;
	}
	if (rc) {
		if (errno != EINVAL || op->c != 0xff || reset)
			violation("V-05: WSP_IOC_ENUM: %s", strerror(errno));
		return;
	}
	for (i = 0; i < WSP_FD_MAX_EVENTS; i++) {
		if (!(record.events & 1 << i) && record.codes[i] != 0x5a5a)
			violation("V-05: code %d is written", i);
	}
	if (record.events & WSP_FD_READ && !worker_busy() &&
	    !(may_receive(s->fd) & (POLLIN | POLLERR)))
		violation("V-12: FD_READ, and nothing to receive");
	if (s->d->m.due & ~record.events)
		violation("V-06, V-11: the record lacks %#x of what holds",
			  s->d->m.due & ~record.events);
	s->d->m.due = 0;
	feature(100, record.events, record.codes[WSP_FD_CONNECT_BIT]);
	check(model_record(&s->d->m, &record), "WSP_IOC_ENUM", 0);
	if (reset && !worker_busy()) {
		struct pollfd p = { .fd = arg.event, .events = POLLIN };

		if (poll(&p, 1, 0) && s->d->m.states != STATE(PENDING) && !s->d->m.odd)
			feature(101, 0, 0);
	}
}

/* V-06: what is enabled, and holds, is recorded. */
static void op_enable(const struct op *op, struct slot *s)
{
	const unsigned int events = WSP_FD_READ | WSP_FD_WRITE | WSP_FD_OOB |
				    WSP_FD_ACCEPT;
	struct wsp_enable arg = {
		.events = op->b & 1 ? op->a | op->c << 8 : op->a & events,
		.flags = op->d == 0xff ? 4 : op->d & (WSP_ENABLE_HOLD | WSP_ENABLE_DEFERRED),
	};
	const bool fine = !(arg.events & ~events) && arg.flags != 4;
	int rc = ioctl(s->fd, WSP_IOC_ENABLE, &arg);

	if (!s->d->wsp || raw)
		return;
	if (!rc != fine || (rc && errno != EINVAL))
		violation("V-06: WSP_IOC_ENABLE of %#x: %d", arg.events, rc);
	if (!rc)
		model_enabled(&s->d->m, arg.events, arg.flags & WSP_ENABLE_HOLD);
	if (rc || s->d->busy || may_receive(s->fd) != POLLIN)
		return;
	model_due(&s->d->m);
	s->d->m.due &= arg.events;
}

/* T-01: a wait that another thread can end, and what ends it. */
static void op_wait(const struct op *op, struct slot *s)
{
	struct wsp_wait arg = {
		.events = op->b & 1 ? op->a : op->a & (POLLIN | POLLOUT | POLLPRI),
		.left = op->c % 16,
	};
	const bool fine = !(arg.events & ~(POLLIN | POLLOUT | POLLPRI));
	int rc = ioctl(s->fd, WSP_IOC_WAIT, &arg), error = rc < 0 ? errno : 0;

	feature(205, error, s->d->m.states);
	if (!s->d->wsp || raw)
		return;
	if (fine ? error == EINVAL : error != EINVAL)
		violation("T-01: WSP_IOC_WAIT for %#x: %s", arg.events,
			  strerror(error));
	if (fine && !s->d->m.nonblocking && error == EAGAIN)
		violation("T-01: WSP_IOC_WAIT for %#x on a blocking socket: EAGAIN",
			  arg.events);
}

static void op_cancel(const struct op *op, struct slot *s)
{
	int rc = ioctl(s->fd, WSP_IOC_CANCEL);

	(void)op;
	if (!s->d->wsp)
		return;
	if (rc)
		violation("T-01: WSP_IOC_CANCEL: %s", strerror(errno));
	if (s->d->busy)
		model_unknown(&s->d->m);
}

static void op_ioctl(const struct op *op, struct slot *s)
{
	static const unsigned long cmds[] = {
		FIONREAD, SIOCOUTQ, FIONBIO, SIOCATMARK, SIOCGSTAMP_OLD,
		SIOCGPGRP, FIOASYNC, SIOCOUTQNSD, SIOCGIFNAME,
		WSP_IOC_INFO, WSP_IOC_CODE, WSP_IOC_JUDGE, WSP_IOC_CALLEE,
		WSP_IOC_SELECT, WSP_IOC_ENUM, WSP_IOC_ENABLE, _IO('W', 0xcf),
		WSP_IOC_KEEP,
	};
	unsigned long cmd = cmds[op->a % ARRAY_SIZE(cmds)];
	union {
		int n;
		struct wsp_select select;
		char buf[256];
	} arg = { .n = op->c & 1 };
	int rc;

	if (op->b & 1 && cmd != FIONBIO) {
		memset(arg.buf, op->d, sizeof(arg.buf));
		memcpy(arg.buf, &op->c, 4);
	}
	rc = ioctl(s->fd, cmd, op->b & 2 && cmd != FIONBIO ?
		   bad_pointer(op->d % 4) : (void *)&arg);
	if (raw || !s->d->wsp)
		return;
	if (cmd == WSP_IOC_JUDGE || cmd == WSP_IOC_CODE)
		model_asked(&s->d->m);
	if (cmd == WSP_IOC_KEEP)
		s->d->kept_unknown = true;
	if (rc)
		return;
	if (cmd == FIONBIO) {
		s->d->m.nonblocking = arg.n;
		/* Made again after a signal, a call does not block then (C-12). */
		if (s->d->busy)
			s->d->m.blocked_until = 0;
	}
	if (cmd != WSP_IOC_SELECT)
		return;
	if (arg.select.mask)
		violation("WSP_IOC_SELECT takes raw bytes");
	model_tied(&s->d->m, 0);
}

/* Options ---------------------------------------------------------------- */

struct option {
	int level, name;
	bool harmless;	/* to what a connect comes to */
};

#define SAFE(level, name)	{ level, name, true }
#define ODD(level, name)	{ level, name, false }

static const struct option options[] = {
	SAFE(SOL_SOCKET, SO_BROADCAST),
	ODD(SOL_SOCKET, SO_REUSEADDR), ODD(SOL_SOCKET, SO_REUSEPORT),
	SAFE(SOL_SOCKET, SO_KEEPALIVE), SAFE(SOL_SOCKET, SO_OOBINLINE),
	ODD(SOL_SOCKET, SO_RCVBUF), ODD(SOL_SOCKET, SO_SNDBUF),
	ODD(SOL_SOCKET, SO_PEEK_OFF), ODD(SOL_SOCKET, SO_DONTROUTE),
	ODD(SOL_SOCKET, SO_MARK), SAFE(SOL_SOCKET, SO_TIMESTAMP),
	SAFE(SOL_SOCKET, SO_ZEROCOPY), ODD(SOL_SOCKET, SO_BINDTOIFINDEX),
	ODD(SOL_SOCKET, SO_RCVLOWAT), SAFE(SOL_SOCKET, SO_PRIORITY),
	ODD(IPPROTO_IPV6, IPV6_V6ONLY), ODD(IPPROTO_IPV6, IPV6_ADDRFORM),
	ODD(IPPROTO_IPV6, IPV6_RECVERR), ODD(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
	ODD(IPPROTO_IPV6, IPV6_FREEBIND), SAFE(IPPROTO_IPV6, IPV6_TCLASS),
	ODD(IPPROTO_IPV6, IPV6_MULTICAST_IF),
	ODD(IPPROTO_IP, IP_RECVERR), ODD(IPPROTO_IP, IP_TTL),
	ODD(IPPROTO_IP, IP_FREEBIND), ODD(IPPROTO_IP, IP_TRANSPARENT),
	ODD(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), SAFE(IPPROTO_IP, IP_PKTINFO),
	ODD(IPPROTO_IP, IP_MTU_DISCOVER), SAFE(IPPROTO_IP, IP_TOS),
	ODD(SOL_TCP, TCP_ULP), ODD(SOL_TCP, TCP_FASTOPEN_CONNECT),
	ODD(SOL_TCP, TCP_FASTOPEN), ODD(SOL_TCP, TCP_FASTOPEN_NO_COOKIE),
	ODD(SOL_TCP, TCP_DEFER_ACCEPT), SAFE(SOL_TCP, TCP_NODELAY),
	SAFE(SOL_TCP, TCP_CORK), SAFE(SOL_TCP, TCP_SYNCNT),
	ODD(SOL_TCP, TCP_REPAIR), SAFE(SOL_TCP, TCP_QUICKACK),
	ODD(SOL_TCP, TCP_USER_TIMEOUT), SAFE(SOL_TCP, TCP_MAXSEG),
	SAFE(SOL_TCP, TCP_WINDOW_CLAMP),
	ODD(SOL_UDP, UDP_CORK), ODD(SOL_UDP, UDP_GRO), ODD(SOL_UDP, UDP_SEGMENT),
	ODD(SOL_UDP, UDP_ENCAP),
};

/* They would make a call, or a close, take long. */
static bool too_slow(int level, int name)
{
	static const int slow[] = {
		SO_LINGER, SO_RCVTIMEO_OLD, SO_SNDTIMEO_OLD, SO_RCVTIMEO_NEW,
		SO_SNDTIMEO_NEW, SO_BUSY_POLL, SO_MAX_PACING_RATE,
		SO_RESERVE_MEM,
	};
	size_t i;

	if (level == SOL_TCP)
		return name == TCP_LINGER2;
	for (i = 0; level == SOL_SOCKET && i < ARRAY_SIZE(slow); i++) {
		if (slow[i] == name)
			return true;
	}
	return false;
}

static bool refused(const struct model *m, int level, int name)
{
	return (m->stream && level == SOL_TCP &&
		(name == TCP_ULP || name == TCP_FASTOPEN_CONNECT)) ||
	       (m->v6 && level == IPPROTO_IPV6 && name == IPV6_ADDRFORM);
}

static void set_option(const struct op *op, struct slot *s,
		       const struct option *o, const void *value, int len)
{
	struct model *m = &s->d->m;
	int rc;

	rc = setsockopt(s->fd, o->level, o->name, value, len);
	feature(200, o->level << 8 | o->name, rc ? errno : 0);
	/* Bound to another device, say, the stack would send its FIN in vain. */
	if (!rc && !o->harmless)
		reset_on_close(s->fd);
	if (raw || !s->d->wsp)
		return;
	if (refused(m, o->level, o->name) && !rc)
		violation("F-03: option %d of level %d is taken", o->name, o->level);
	if (rc)
		return;
	options_changed(s, o->level, o->name);
	if (o->level == SOL_SOCKET && o->name == SO_DEBUG)
		s->d->kept_unknown = true;	/* WSP_KEEP_DEBUG */
	if (o->level == SOL_SOCKET &&
	    (o->name == SO_BINDTODEVICE || o->name == SO_BINDTOIFINDEX))
		m->dev_unknown = true;
	if (o->level == SOL_SOCKET && o->name == SO_BROADCAST)
		m->broadcast = *(const int *)value;
	if (!o->harmless)
		m->odd = true;
	(void)op;
}

/* op_device does that, and remembers. */
static bool leads_elsewhere(const struct option *o, int value)
{
	return o->level == SOL_SOCKET && o->name == SO_BINDTOIFINDEX &&
	       device_is_elsewhere(value);
}

static void op_setsockopt(const struct op *op, struct slot *s)
{
	static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6,
				      SOL_TCP, SOL_UDP };
	static const char * const devices[] = { "wsp-a", "wsp-b", "lo", "" };
	struct option o = options[op->a % ARRAY_SIZE(options)];
	union { int n[8]; char buf[32]; } value = {
		.n = { op->b & 1 ? op->c & 1 :
		       op->d & 1 ? op->c * 16 : (int8_t)op->c },
	};

	if (op->b < 0xc0) {
		if (!leads_elsewhere(&o, value.n[0]))
			set_option(op, s, &o, &value, sizeof(int));
	} else if (op->b < 0xd0) {
		o = (struct option)ODD(SOL_SOCKET, SO_BINDTODEVICE);
		set_option(op, s, &o, devices[op->c % 4], strlen(devices[op->c % 4]));
	} else if (op->b < 0xd8) {
		o = (struct option)ODD(SOL_TCP, TCP_ULP);
		set_option(op, s, &o, op->c & 1 ? "tls" : "mptcp", 3 + (op->c & 2));
	} else {
		o = (struct option)ODD(levels[op->b % 5], op->a);
		memset(value.buf, op->d, sizeof(value.buf));
		value.n[0] = op->c | op->e << 8;
		if (!too_slow(o.level, o.name) && !leads_elsewhere(&o, value.n[0]))
			set_option(op, s, &o, op->f < 0xf0 ? &value :
				   bad_pointer(op->f), op->e % 33);
	}
}

static void op_getsockopt(const struct op *op, struct slot *s)
{
	static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6,
				      SOL_TCP, SOL_UDP };
	char value[256] = "";
	socklen_t len = op->c;

	if (op->b & 0x80 && op->a != TCP_ZEROCOPY_RECEIVE)
		getsockopt(s->fd, levels[op->b % 5], op->a, value, &len);
	else
		getsockopt(s->fd, options[op->a % ARRAY_SIZE(options)].level,
			   options[op->a % ARRAY_SIZE(options)].name, value, &len);
}

/* C-05, C-07: how often it is read makes no difference. */
static void op_so_error(const struct op *op, struct slot *s)
{
	int error = so_error(s->fd);

	(void)op;
	feature(201, error, s->d->m.states);
	if (error && s->d->wsp)
		ask_for_code(s, error, WSP_CODE_SO_ERROR);
}

/* Transfer --------------------------------------------------------------- */

static const int send_flags[] = {
	0, MSG_OOB, MSG_FASTOPEN, MSG_ZEROCOPY, MSG_MORE, MSG_CONFIRM,
	MSG_DONTROUTE, MSG_EOR, MSG_FASTOPEN | MSG_DONTWAIT, 0x10,
};

static const int recv_flags[] = {
	0, MSG_PEEK, MSG_OOB, MSG_TRUNC, MSG_ERRQUEUE, MSG_PEEK | MSG_TRUNC,
	MSG_WAITALL, MSG_CMSG_CLOEXEC,
};

/* D-03, D-12; C-13. */
void check_send(struct slot *s, bool named, ssize_t n, int error, int flags)
{
	const struct model *m = &s->d->m;

	feature(202, n < 0 ? error : 0, m->states | named << 8);
	if (raw || !s->d->wsp || s->d->busy)
		return;
	if (!m->stream && !named && !(m->states & STATE(CONNECTED)) &&
	    !(n < 0 && error == ENOTCONN))
		violation("D-03, D-12: sends %zd without a peer (%s)", n,
			  strerror(error));
	if (m->stream && n >= 0 && !(m->states & (STATE(CONNECTED) |
						  STATE(PENDING))))
		violation("C-13: a stream that is not connected sends %zd (%#x)", n,
			  flags);
}

/* D-05, D-08: the source of what is sent is the one that getsockname tells. */
static void check_source(struct slot *s, unsigned int id)
{
	union name from, local;

	/* Bound to a broadcast address, which is a name, it has none to send by. */
	if (s->d->m.stream || !world_heard(id, &from) || !s->d->wsp ||
	    s->d->m.addr_bound)
		return;
	local = name_unmap(local_name(s->fd));
	if (!name_same(&from, &local))
		violation("D-05, D-08: sends by another source than its own");
}

/* Would it wait without end for a silent peer, as the other thread does or did? */
bool endless(const struct slot *s)
{
	return !s->d->sndtimeo;
}

static void op_send(const struct op *op, struct slot *s)
{
	const bool at_once = op->e & 0x80 || endless(s);
	const int flags = send_flags[op->e % ARRAY_SIZE(send_flags)] |
			  MSG_NOSIGNAL | (at_once ? MSG_DONTWAIT : 0);
	const bool named = op->f & 1;
	char buf[2048] = "";
	struct iovec iov = { buf, op->f & 0x80 ? op->f * 13 % sizeof(buf) : 16 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	const void *name;
	unsigned int id;
	ssize_t n;
	int len;

	if (named) {
		name_make(op, &s->d->m, &name, &len);
		msg.msg_name = (void *)name;
		msg.msg_namelen = len;
	}
	id = world_message(buf);
	n = sendmsg(s->fd, &msg, flags);
	s->d->m.wrote = true;
	check_send(s, named && msg.msg_namelen > 0, n, errno, flags);
	if (n >= 8 && !named && !raw)
		check_source(s, id);
}

/* The parts of a datagram that say who sent it, and which it is. */
void check_datagram(struct slot *s, const char *buf, ssize_t n,
		    const union name *from, bool peek)
{
	__u32 msg[2];

	if (n < (ssize_t)sizeof(msg))
		return;
	memcpy(msg, buf, sizeof(msg));
	if (msg[0] != 0x77737066 || peer_is_late(msg[1], &s->d->m.wire))
		return;
	check(model_received(&s->d->m, msg[1], from, peek), "recv", msg[1]);
}

static void op_recv(const struct op *op, struct slot *s)
{
	struct model *m = &s->d->m;
	const bool named = op->b & 1, ancillary = op->b & 4;
	const int flags = recv_flags[op->a % ARRAY_SIZE(recv_flags)];
	const int wait = op->b & 2 && !m->nonblocking ? 0 : MSG_DONTWAIT;
	union name from = {};
	char buf[64], control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = ancillary ? sizeof(control) : 0,
	};
	ssize_t n;

	if (named) {
		msg.msg_name = &from;
		msg.msg_namelen = sizeof(from);
	}
	if (!wait)
		set_timeo(s->fd, SO_RCVTIMEO, SHORT_MS);
	if (named || ancillary)
		n = recvmsg(s->fd, &msg, flags | wait);
	else
		n = recv(s->fd, buf, sizeof(buf), flags | wait);
	feature(203, n < 0 ? errno : 0, m->states | named << 8 | flags << 9);
	if (raw || !s->d->wsp || m->stream || flags & MSG_ERRQUEUE)
		return;
	/* Of recvmsg(2) the kernel does not say whether it wants a name. */
	if (m->states == STATE(DISCONNECTED) && !named && !ancillary &&
	    !(n < 0 && errno == ENOTCONN))
		violation("D-03: receives %zd without a peer", n);
	if (n < 0 && errno == EAGAIN && m->queued && !m->odd)
		violation("D-06, D-07: %d datagrams have been lost", m->queued);
	from = name_unmap(from);
	if (n >= 0)
		check_datagram(s, buf, n, named && !sources_rewritten() ? &from : NULL,
			       flags & MSG_PEEK);
}

static void op_splice(const struct op *op, struct slot *s)
{
	static int file = -1, pipes[2] = { -1, -1 };
	char buf[4096] = "";
	off_t zero = 0;
	ssize_t n;

	if (endless(s))
		return;
	if (file < 0) {
		file = syscall(SYS_memfd_create, "fuzz", 0);
		if (file < 0 || pipe2(pipes, O_NONBLOCK) ||
		    write(file, buf, sizeof(buf)) < 0)
			violation("no file to send: %s", strerror(errno));
	}
	switch (op->a % 3) {
	case 0:
		n = sendfile(s->fd, file, &zero, op->b);
		if (op->b)
			check_send(s, false, n, errno, 0);
		break;
	case 1:
		write(pipes[1], buf, 16);
		n = splice(pipes[0], NULL, s->fd, NULL, 16, SPLICE_F_NONBLOCK);
		check_send(s, false, n, errno, 0);
		break;
	case 2:		/* that flag is about the pipe */
		set_timeo(s->fd, SO_RCVTIMEO, SHORT_MS);
		splice(s->fd, NULL, pipes[1], NULL, 16, SPLICE_F_NONBLOCK);
		break;
	}
	s->d->m.wrote = true;
	s->d->m.due = 0;
	if (!s->d->m.stream)
		model_unknown(&s->d->m);
	while (read(pipes[0], buf, sizeof(buf)) > 0)
		;
}

static void op_shutdown(const struct op *op, struct slot *s)
{
	if (!shutdown(s->fd, op->a % 3) || errno != EINVAL)
		model_shutdown(&s->d->m);
}

/* Waiting ---------------------------------------------------------------- */

static void op_poll(const struct op *op, struct slot *s)
{
	struct pollfd p = { .fd = s->fd, .events = op->b };
	struct epoll_event e = { .events = op->c };
	const int ms = op->d & 1 ? 0 : 2;
	struct timeval tv = { 0, ms * 1000 };
	fd_set in, out;
	int epfd;

	switch (op->a % 3) {
	case 0:
		poll(&p, 1, ms);
		break;
	case 1:
		FD_ZERO(&in);
		FD_SET(s->fd, &in);
		out = in;
		select(s->fd + 1, &in, &out, NULL, &tv);
		break;
	case 2:
		epfd = epoll_create1(0);
		epoll_ctl(epfd, EPOLL_CTL_ADD, s->fd, &e);
		epoll_wait(epfd, &e, 1, ms);
		close(epfd);
		break;
	}
}

/* C-06, C-07, V-10 */
static void check_sets(const struct model *m, unsigned int before, bool out,
		       bool except)
{
	if (!m->stream || m->states != before)
		return;
	if (m->states == STATE(FAILED) && (out || !except) && !m->odd)
		violation("C-07: a failed stream in other sets than exceptfds");
	if ((m->states == STATE(IDLE) || m->states == STATE(PENDING)) &&
	    (out || except) && !m->odd)
		violation("V-10: a stream that is not connected is in a set");
}

static void op_wspselect(const struct op *op, struct slot *s)
{
	const struct timeval tv = { 0, op->a & 1 ? 1000 : 0 };
	WSPFDSET sets[3];
	unsigned int before;
	int i, rc, code = 0;

	for (i = 0; i < 3; i++) {
		WSP_FD_ZERO(&sets[i]);
		WSP_FD_SET(s->fd, &sets[i]);
	}
	observe(s);
	before = s->d->m.states;
	rc = WSPSelect(0, &sets[0], &sets[1], &sets[2], &tv, &code);
	if (raw || !s->d->wsp || s->d->busy)
		return;
	if (rc < 0)
		violation("V-10: WSPSelect: %s", WSPErrorName(code));
	observe(s);
	check_sets(&s->d->m, before, sets[1].fd_count, sets[2].fd_count);
}

/* Events, the world, files ----------------------------------------------- */

static void op_event(const struct op *op, struct slot *s)
{
	int *e = &events[op->a % EVENTS];
	__u64 n = op->c;

	(void)s;
	switch (op->b % 4) {
	case 0:
	case 1:
		if (*e >= 0)
			break;
		*e = eventfd(0, EFD_NONBLOCK | (op->b & 4 ? EFD_SEMAPHORE : 0));
		if (!(op->b & 8))
			watch_event(*e);
		break;
	case 2:
		if (op->d & 1)		/* near the limit, or at it */
			n = 0xfffffffffffffffe - op->c / 2;
		if (op->c & 1 && !(op->d & 1))
			read(*e, &n, sizeof(n));
		else
			write(*e, &n, sizeof(n));
		break;
	case 3:
		if (*e >= 0)
			close(*e);
		*e = -1;
		break;
	}
}

static void op_world(const struct op *op, struct slot *s)
{
	world_act(op, s);
}

static void op_link(const struct op *op, struct slot *s)
{
	(void)s;
	if (op->a >= 0xc0)
		world_link(op->b & 1);
}

static void op_fdinfo(const struct op *op, struct slot *s)
{
	char path[64], buf[1024];
	ssize_t n;
	int fd;

	(void)op;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", s->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n < 0)
		return;
	buf[n] = 0;
	if (s->d->wsp && !strstr(buf, "wsp-state:"))
		violation("fdinfo does not tell the state");
}

static void op_names(const struct op *op, struct slot *s)
{
	socklen_t len = op->a;
	char buf[256];

	getsockname(s->fd, (void *)buf, &len);
	len = op->b;
	getpeername(s->fd, (void *)buf, &len);
}

static void op_signal(const struct op *op, struct slot *s)
{
	const int sig = op->a & 1 ? SIGUSR1 : SIGUSR2;

	(void)s;
	worker_signal(sig);
	/* With a time limit, Linux never restarts it. */
	if (waiting && (sig == SIGUSR2 || waiting->sndtimeo))
		waiting->m.blocked_until = 0;
}

static void op_join(const struct op *op, struct slot *s)
{
	(void)op;
	(void)s;
	join();
}

/* No descriptor at all: E-13. */
static void op_closed(const struct op *op, struct slot *s)
{
	const union name name = name_host(AF_INET, PEER_A, PORT_TAKEN);
	const int fd = op->a & 1 ? -1 - op->b : 1000 + op->b;
	int code = 0;

	(void)s;
	if (!connect(fd, &name.sa, name_len(&name)) || errno != EBADF)
		violation("E-13: connect on %d: %d", fd, errno);
	if (!WSPConnect(fd, &name.sa, name_len(&name), NULL, NULL, NULL, NULL,
			&code) || code != WSAENOTSOCK)
		violation("E-13: WSPConnect on %d: %d", fd, code);
}

/* The table -------------------------------------------------------------- */

enum { ALONE = 1, NO_SOCKET = 2, CONNECTS = 4 };

static const struct operation {
	const char *name;
	void (*run)(const struct op *op, struct slot *s);
	int flags;
	unsigned int weight;	/* of WEIGHTS, in what is new */
} operations[] = {
	{ "socket", op_socket, ALONE | NO_SOCKET, 12 },
	{ "connect", op_connect, CONNECTS, 16 },
	{ "connect", op_connect, CONNECTS, 0 },
	{ "connect", op_connect, CONNECTS, 0 },
	{ "bind", op_bind, 0, 3 },
	{ "listen", op_listen, 0, 2 },
	{ "accept", op_accept, 0, 3 },
	{ "world", op_world, ALONE | NO_SOCKET, 10 },
	{ "world", op_world, ALONE | NO_SOCKET, 0 },
	{ "send", op_send, 0, 4 },
	{ "recv", op_recv, 0, 10 },
	{ "recv", op_recv, 0, 0 },
	{ "select", op_select, 0, 5 },
	{ "select", op_select, 0, 0 },
	{ "enum", op_enum, 0, 5 },
	{ "event", op_event, ALONE | NO_SOCKET, 3 },
	{ "setsockopt", op_setsockopt, 0, 4 },
	{ "getsockopt", op_getsockopt, 0, 1 },
	{ "so_error", op_so_error, 0, 2 },
	{ "wspconnect", op_wspconnect, CONNECTS, 4 },
	{ "block", op_block, ALONE, 2 },
	{ "signal", op_signal, ALONE | NO_SOCKET, 1 },
	{ "join", op_join, ALONE | NO_SOCKET, 1 },
	{ "code", op_code, 0, 1 },
	{ "judge", op_judge, 0, 2 },
	{ "callee", op_callee, 0, 1 },
	{ "ioctl", op_ioctl, 0, 2 },
	{ "splice", op_splice, ALONE, 1 },
	{ "shutdown", op_shutdown, 0, 2 },
	{ "poll", op_poll, 0, 2 },
	{ "wspselect", op_wspselect, 0, 3 },
	{ "dup", op_dup, ALONE, 1 },
	{ "pass", op_pass, ALONE, 1 },
	{ "close", op_close, ALONE, 1 },
	{ "link", op_link, ALONE | NO_SOCKET, 1 },
	{ "fdinfo", op_fdinfo, 0, 1 },
	{ "names", op_names, 0, 1 },
	{ "closed", op_closed, ALONE | NO_SOCKET, 1 },
	{ "reach", op_reach, CONNECTS, 10 },
	{ "reach", op_reach, CONNECTS, 0 },
	{ "segment", op_segment, 0, 10 },
	{ "segment", op_segment, 0, 0 },
	{ "icmp", op_icmp, 0, 4 },
	{ "knock", op_knock, ALONE, 2 },
	{ "kernel_accept", op_kernel_accept, 0, 1 },
	{ "aio_poll", op_aio_poll, ALONE, 1 },
	{ "aio_reap", op_aio_reap, ALONE, 1 },
	{ "uring_event", op_uring_event, ALONE, 1 },
	{ "uring_poll", op_uring_poll, ALONE, 1 },
	{ "uring_call", op_uring_call, ALONE, 2 },
	{ "receive", op_receive, 0, 5 },
	{ "receive", op_receive, 0, 0 },
	{ "vmsplice", op_vmsplice, ALONE, 1 },
	{ "device", op_device, ALONE, 3 },
	{ "scope", op_scope, CONNECTS, 4 },
	{ "sockmap", op_sockmap, ALONE, 1 },
	{ "rewrite", op_rewrite, ALONE | NO_SOCKET, 1 },
	{ "records", op_records, 0, 3 },
	{ "send_large", op_send_large, 0, 1 },
	{ "errqueue", op_errqueue, 0, 2 },
	{ "crowded", op_crowded, ALONE, 1 },
	{ "user", op_user, ALONE | NO_SOCKET, 1 },
	{ "enable", op_enable, 0, 3 },
	{ "wait", op_wait, 0, 2 },
	{ "cancel", op_cancel, 0, 1 },
	{ "wsp_poll", op_wsp_poll, 0, 3 },
	{ "keep", op_keep, 0, 3 },
	{ "change", op_change, 0, 3 },
};

static const struct operation *operation(const struct op *op)
{
	return &operations[(op->code & 0x7f) % ARRAY_SIZE(operations)];
}

/* The code of an operation, for a number below WEIGHTS. */
__u8 op_choose(unsigned int n)
{
	unsigned int i, all = 0;

	for (i = 0; i < ARRAY_SIZE(operations) - 1; i++) {
		all += operations[i].weight;
		if (n < all)
			break;
	}
	return i;
}

static void trace(const struct op *op, const struct slot *s)
{
	fprintf(stderr, "%s %d: %d %d %d %d %d %d, states %#x%s\n",
		operation(op)->name, op->slot % SLOTS, op->a, op->b, op->c,
		op->d, op->e, op->f, s->d ? s->d->m.states : 0,
		raw ? ", beside" : quiet ? ", not looked at" : "");
}

/* Beside another thread, on a copy of what is known. */
void run_op(const struct op *op)
{
	struct slot s = slots[op->slot % SLOTS];
	struct desc d;

	if (s.fd < 0 || operation(op)->flags & ALONE)
		return;
	d = *s.d;
	model_unknown(&d.m);
	s.d = &d;
	raw = true;
	operation(op)->run(op, &s);
	raw = false;
}

static void run_one(const struct op *op)
{
	const struct operation *o = operation(op);
	struct slot *s = other(op->slot);

	if (!(o->flags & NO_SOCKET) && s->fd < 0)
		return;
	done++;
	watchdog_begin();
	quiet = op->slot & QUIET;
	if (tracing)
		trace(op, s);
	if (!(o->flags & CONNECTS))
		peer_arrive();
	/* What holds at a tie may be taken by any other call, or enabled by it. */
	if (s->fd >= 0 && o->run != op_enum && o->run != op_event) {
		s->d->m.due = 0;
		if (o->run != op_accept && o->run != op_enable && o->run != op_keep)
			s->d->m.told = false;
	}
	o->run(op, s);
	if (s->fd >= 0)
		observe(s);
}

static bool may_broadcast(int fd)
{
	int value = 0;

	getsockopt(fd, SOL_SOCKET, SO_BROADCAST, &value,
		   &(socklen_t){ sizeof(value) });
	return value;
}

/* Two operations at once, by two threads. */
static void run_pair(struct op *first, const struct op *second)
{
	const struct op *pair[] = { first, second };
	int i;

	join();
	first->code |= 0x80;	/* the other thread's memory for names */
	if (tracing) {
		trace(first, other(first->slot));
		trace(second, other(second->slot));
	}
	worker_run(first);
	run_op(second);
	worker_join();
	done += 2;
	for (i = 0; i < 2; i++) {
		struct slot *s = other(pair[i]->slot);

		if (s->fd < 0)
			continue;
		model_unknown(&s->d->m);
		s->d->m.nonblocking = fcntl(s->fd, F_GETFL) & O_NONBLOCK;
		s->d->m.mask = s->d->wsp ? tied_for(s->fd) : 0;
		s->d->m.broadcast = may_broadcast(s->fd);
		s->d->m.port = 0;
		s->d->kept_unknown = true;
		s->d->m.asked = CHANGES;
		options_changed(s, 0, 0);
	}
}

static void clean_up(int order)
{
	int i;

	quiet = false;
	join();
	limits_reset();
	polls_reset();
	filters_reset();
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[order & 1 ? i : SLOTS - 1 - i];

		if (s->fd >= 0)
			reset_on_close(s->fd);
		slot_close(s);
	}
	for (i = 0; i < EVENTS; i++) {
		if (events[i] >= 0)
			close(events[i]);
		events[i] = -1;
	}
	world_reset();
}

/* Gives how many have been done: most need a socket. */
int run_ops(const struct op *ops, int count)
{
	int i;

	done = 0;

	for (i = 0; i < SLOTS; i++)
		slots[i].fd = -1;
	for (i = 0; i < count; i++) {
		struct op op = ops[i];

		op.code &= 0x7f;
		if ((op.slot & TOGETHER) == TOGETHER && i + 1 < count) {
			run_pair(&op, &ops[i + 1]);
			i++;
		} else {
			run_one(&op);
		}
	}
	clean_up(count);
	return done;
}
