// SPDX-License-Identifier: GPL-2.0
#include "model.h"

/* Section 1: what connect(2) may say on a socket of the family, and no more. */
#define CONTRACT							\
	(ERR(0) | ERR(EINTR) | ERR(EACCES) | ERR(EFAULT) | ERR(EINVAL) |	\
	 ERR(EBUSY) | ERR(EAFNOSUPPORT) | ERR(EADDRINUSE) |		\
	 ERR(EADDRNOTAVAIL) | ERR(ENETDOWN) | ERR(ENETUNREACH) |	\
	 ERR(ENOBUFS) | ERR(EISCONN) | ERR(ETIMEDOUT) | ERR(ECONNREFUSED) | \
	 ERR(EALREADY) | ERR(EINPROGRESS))

/* What an attempt on a host may come to, and what ends it at once. */
#define OUTCOMES							\
	(ERR(0) | ERR(EINPROGRESS) | ERR(EINTR) | ERR(ECONNREFUSED) |	\
	 ERR(ENETUNREACH) | ERR(ETIMEDOUT) | ERR(EADDRINUSE) |		\
	 ERR(ENOBUFS) | ERR(ENETDOWN))
#define FAILURES							\
	(ERR(ECONNREFUSED) | ERR(ENETUNREACH) | ERR(ETIMEDOUT) |	\
	 ERR(EADDRINUSE) | ERR(ENOBUFS) | ERR(ENETDOWN))
#define NAME_ERRORS							\
	(ERR(EFAULT) | ERR(EAFNOSUPPORT) | ERR(EADDRNOTAVAIL) | ERR(EACCES))

#define PATIENCE_MS	900	/* a SYN is sent again after a second */

static bool in_set(errs set, int error)
{
	return error >= 0 && error < 128 && set & ERR(error);
}

bool contract_code(int code)
{
	switch (code) {
	case WSAENETDOWN: case WSAEADDRINUSE: case WSAEINPROGRESS:
	case WSAEALREADY: case WSAEADDRNOTAVAIL: case WSAEAFNOSUPPORT:
	case WSAECONNREFUSED: case WSAEFAULT: case WSAEINVAL:
	case WSAEISCONN: case WSAENETUNREACH: case WSAENOBUFS:
	case WSAENOTSOCK: case WSAEOPNOTSUPP: case WSAEPROTONOSUPPORT:
	case WSAETIMEDOUT: case WSAEWOULDBLOCK: case WSAEACCES:
	case WSAEINTR:
		return true;
	default:
		return false;
	}
}

void model_init(struct model *m, int type, bool v6, enum place place,
		bool nonblocking)
{
	*m = (struct model){
		.stream = type == SOCK_STREAM,
		.v6 = v6,
		.place = place,
		.nonblocking = nonblocking,
		.states = STATE(IDLE),
	};
}

/* C-14, V-04; @held: A-02 */
void model_accepted(struct model *m, const struct model *listener,
		    bool nonblocking, bool held)
{
	model_init(m, SOCK_STREAM, listener->v6, listener->place,
		   nonblocking || (listener->mask && !held));
	m->states = STATE(CONNECTED);
	m->sure = true;
	m->accepted = true;
	m->addr_bound = true;
	m->odd = listener->odd;
	m->mask = held ? 0 : listener->mask;
	m->dev_unknown = true;
}

/* What is in the queue is not known any more. */
void model_unqueue(struct model *m)
{
	/* A first connect has left it there (D-06). */
	if (m->queued && m->must[0] < m->floor)
		m->floor = m->must[0];
	m->queued = 0;
	m->unsure = true;
}

/* Somebody has bound it to a device, or to none: whatever an attempt had set. */
void model_device(struct model *m, int dev)
{
	m->dev = dev;
	m->scope = 0;
	m->dev_unknown = false;
}

bool model_may_have_device(const struct model *m, int dev)
{
	return m->dev_unknown || dev == m->dev || m->scope < 0 ||
	       (m->scope && dev == m->scope);
}

/* Elsewhere a scope is no part of the name. */
static bool has_scope(const union name *n)
{
	const struct in6_addr *a = &n->in6.sin6_addr;

	return n->sa.sa_family == AF_INET6 &&
	       (IN6_IS_ADDR_LINKLOCAL(a) || IN6_IS_ADDR_MC_LINKLOCAL(a) ||
		IN6_IS_ADDR_MC_NODELOCAL(a));
}

/* What a name asks for by its scope; D-09 chooses one for the broadcast address. */
static int scope_of(const struct target *t)
{
	if (t->kind == NAME_BROADCAST)
		return -1;
	return has_scope(&t->name) ? t->name.in6.sin6_scope_id : 0;
}

/* Several threads have been at it. */
void model_unknown(struct model *m)
{
	m->states = m->stream ? ANY_STREAM : ANY_DGRAM;
	m->odd = true;
	m->may = 1 << DEST_UNKNOWN;
	m->blocked_until = 0;
	m->connect = ANN_MAYBE;
	m->codes = CONTRACT;
	model_unqueue(m);
	m->sure = false;
	m->peer = (union name){ };
	m->dev_unknown = true;
	m->holds = false;
	m->hold_unknown = true;
	m->told = false;
}

/* An attempt in the background may have ended by now. */
static void settle(struct model *m)
{
	const bool unknown = m->odd || m->may & 1 << DEST_UNKNOWN;

	if (!m->stream)
		return;
	if (m->states & STATE(PENDING)) {
		if (unknown || m->may & 1 << DEST_ANSWERS)
			m->states |= STATE(CONNECTED);
		if (unknown || m->may & 1 << DEST_REFUSES ||
		    now_ms() - m->since > PATIENCE_MS)
			m->states |= STATE(FAILED);
	}
	if (m->states & STATE(BLOCKED) && now_ms() >= m->blocked_until)
		m->states |= STATE(IDLE) | STATE(PENDING) | STATE(FAILED);
	/* The peer has ended it before a call has found it connected. */
	if (m->states & STATE(CONNECTED) && !m->sure)
		m->states |= STATE(FAILED);
}

/*
 * What an attempt may come to of which little is known. Bound to a v4-mapped
 * address, a socket of IPv6 has no use for a name of IPv6 (E-06).
 */
static errs any_outcome(const struct model *m)
{
	return OUTCOMES | (m->v6 ? ERR(EAFNOSUPPORT) : 0);
}

/* Likewise of a datagram socket. */
static errs any_end(const struct model *m)
{
	return ERR(0) | FAILURES | (m->v6 ? ERR(EAFNOSUPPORT) : 0);
}

/* Where the host's answer decides. */
static errs host_errors(const struct model *m, const struct target *t)
{
	const errs later = m->nonblocking ? ERR(EINPROGRESS) : ERR(EINTR);
	errs set;

	if (m->odd)
		return any_outcome(m);
	switch (t->dest) {
	case DEST_ANSWERS:
		set = ERR(0) | later;
		break;
	case DEST_REFUSES:
		set = ERR(ECONNREFUSED) | later;
		break;
	case DEST_SILENT:
		set = later | (m->nonblocking ? 0 : ERR(ETIMEDOUT));
		break;
	case DEST_NOWHERE:
		return ERR(ENETUNREACH);
	default:
		return OUTCOMES;
	}
	return m->port ? set | ERR(EADDRINUSE) : set;
}

/* Bound to a device it may be in a VRF, whose local networks are others. */
static bool may_be_elsewhere(const struct model *m)
{
	return m->dev || m->dev_unknown;
}

static errs stream_name_errors(const struct model *m, const struct target *t)
{
	switch (t->kind) {
	case NAME_SHORT:
		return ERR(EFAULT);
	case NAME_FOREIGN_SHORT:
		return ERR(EFAULT) | ERR(EAFNOSUPPORT);
	case NAME_FOREIGN:
	case NAME_UNSPEC:
		return ERR(EAFNOSUPPORT);
	case NAME_HOST:
		if (name_port(&t->name))
			return host_errors(m, t);
		return ERR(EADDRNOTAVAIL);	/* C-02 */
	case NAME_BROADCAST:
		if (may_be_elsewhere(m))
			return ERR(EADDRNOTAVAIL) | FAILURES;
		return ERR(EADDRNOTAVAIL);
	default:
		return ERR(EADDRNOTAVAIL);	/* C-01, C-03 */
	}
}

/* C-04 */
static errs stream_errors(const struct model *m, int state, const struct target *t)
{
	switch (state) {
	case WSP_STATE_LISTENING:
		return ERR(EINVAL);
	case WSP_STATE_PENDING:
		return ERR(EALREADY);
	case WSP_STATE_BLOCKED:
		return ERR(EBUSY);
	case WSP_STATE_CONNECTED:
		return ERR(EISCONN);
	default:
		return stream_name_errors(m, t);
	}
}

static errs dgram_errors(const struct model *m, const struct target *t)
{
	switch (t->kind) {
	case NAME_SHORT:
		return ERR(EFAULT);
	case NAME_FOREIGN_SHORT:
		return ERR(EFAULT) | ERR(EAFNOSUPPORT);
	case NAME_FOREIGN:
		return ERR(EAFNOSUPPORT);
	case NAME_UNSPEC:
	case NAME_ANY:
		return ERR(0);			/* D-02 */
	case NAME_BROADCAST:
		if (may_be_elsewhere(m))
			return ERR(0) | ERR(EACCES) | FAILURES;
		if (!m->broadcast)
			return ERR(EACCES);	/* D-09 */
		return m->odd ? any_end(m) : ERR(0);
	case NAME_MULTICAST:
		return m->odd ? any_end(m) : ERR(0) | ERR(ENETUNREACH);
	default:
		if (m->odd || t->dest == DEST_UNKNOWN)
			return any_end(m);
		return t->dest == DEST_NOWHERE ? ERR(ENETUNREACH) : ERR(0);
	}
}

/* The states that an attempt of a stream may end in. */
static unsigned int stream_after(int state, int error)
{
	if (!error)
		return STATE(CONNECTED);
	if (error == EINPROGRESS || error == EINTR)
		return STATE(PENDING);
	if (in_set(FAILURES, error))
		return STATE(IDLE);
	/* C-07: a name that is refused ends what the last attempt has left. */
	if (state == WSP_STATE_FAILED && error == EFAULT)
		return STATE(IDLE) | STATE(FAILED);
	return state == WSP_STATE_FAILED ? STATE(IDLE) : 1u << state;
}

/* V-02: an attempt has come to @error, or goes on. */
static void announce(struct model *m, int error)
{
	if (!(m->mask & WSP_FD_CONNECT))
		return;
	if (error == EINPROGRESS || error == EINTR) {
		m->connect = ANN_LATER;
		m->codes = ERR(0) | FAILURES;
	} else if (!error || in_set(FAILURES | NAME_ERRORS, error)) {
		if (error == EFAULT)
			return;
		m->connect = ANN_MUST;
		m->codes = ERR(error);
	}
}

/* V-02: what a call ends that makes no attempt itself is announced by then. */
static void give_up(struct model *m, int error)
{
	if (error != EFAULT || m->connect != ANN_LATER || m->odd ||
	    m->states & ~(STATE(PENDING) | STATE(FAILED)))
		return;
	m->connect = ANN_MUST;
	m->codes = CONTRACT & ~ERR(0);
}

static const char *stream_connect(struct model *m, const struct target *t,
				  int error)
{
	const bool attempt = m->states & (STATE(IDLE) | STATE(FAILED));
	unsigned int next = 0;
	int s;

	for (s = 0; s <= WSP_STATE_DISCONNECTED; s++) {
		if (m->states & 1u << s && in_set(stream_errors(m, s, t), error))
			next |= stream_after(s, error);
	}
	if (!next)
		return "C-04, C-05: no state that it may be in answers so";
	give_up(m, error);
	m->states = next;
	if (error == EISCONN || !error)
		m->sure = true;
	if (!attempt || error == EISCONN || error == EALREADY ||
	    error == EBUSY || error == EINVAL)
		return NULL;
	m->may = 1 << t->dest;
	m->since = now_ms();
	if (!error || error == EINPROGRESS || error == EINTR) {
		m->peer = t->name;
		m->wire = t->wire;
		m->scope = scope_of(t);
	} else if (in_set(FAILURES, error)) {
		m->scope = 0;
	}
	announce(m, error);
	return NULL;
}

static bool may_be_connected_to(const struct model *m, const struct target *t)
{
	if (!(m->states & STATE(CONNECTED)))
		return false;
	return !m->peer.sa.sa_family ||
	       (name_same(&m->peer, &t->name) &&
		(!has_scope(&t->name) ||
		 t->name.in6.sin6_scope_id == m->peer.in6.sin6_scope_id));
}

/* Port 0 is every port of the address (D-10). */
static bool is_peer(const union name *peer, const union name *from)
{
	return name_port(peer) ? name_same(peer, from) : name_same_addr(peer, from);
}

/* D-06: to the first peer belongs what he has sent before. */
static void keep_from(struct model *m, const union name *peer)
{
	int i, n = 0;

	for (i = 0; i < m->queued; i++) {
		if (!is_peer(peer, &m->from[i]))
			continue;
		m->must[n] = m->must[i];
		m->from[n++] = m->from[i];
	}
	m->queued = n;
}

static const char *dgram_connect(struct model *m, const struct target *t,
				 int error, unsigned int next_id)
{
	const bool off = t->kind == NAME_UNSPEC || t->kind == NAME_ANY;
	const bool first = m->states & STATE(IDLE);

	if (!in_set(dgram_errors(m, t), error))
		return "D-02, D-08 to D-10: not the answer to this name";
	if (!off)
		announce(m, error);
	else if (m->connect == ANN_MUST)
		m->connect = ANN_MAYBE;
	if (error)
		return NULL;		/* D-08 */
	if (!off && first) {
		keep_from(m, &t->wire);
		if (!m->unsure && m->states == STATE(IDLE))
			m->floor = next_id;
	} else if (off || !may_be_connected_to(m, t)) {
		m->floor = next_id;	/* D-06 */
		m->queued = 0;
		m->moved = true;
	}
	m->unsure = false;
	m->states = off ? STATE(DISCONNECTED) : STATE(CONNECTED);
	m->peer = t->name;
	m->wire = t->wire;
	m->scope = off ? 0 : scope_of(t);
	m->may = 1 << t->dest;
	return NULL;
}

const char *model_connect(struct model *m, const struct target *t, int error,
			  unsigned int next_id)
{
	if (t->kind == NAME_UNREADABLE)
		return error == EFAULT ? NULL : "E-08: an unreadable name";
	if (t->kind == NAME_LENGTH)
		return error == EINVAL ? NULL : "E-08: a length out of bounds";
	if (!in_set(CONTRACT, error))
		return "section 1: no errno of the contract";
	if (!m->stream)
		return dgram_connect(m, t, error, next_id);
	settle(m);
	return stream_connect(m, t, error);
}

/* The code of an errno of connect(2), section 1. */
static bool code_fits(const struct model *m, int error, int code)
{
	if (error != EFAULT && error != EINVAL)
		return code == code_of_errno(error);
	if (!m->stream)
		return code == WSAEFAULT;
	return (m->states & (STATE(IDLE) | STATE(FAILED)) && code == WSAEFAULT) ||
	       (m->states & STATE(LISTENING) && code == WSAEINVAL) ||
	       (m->states & STATE(PENDING) && code == WSAEALREADY) ||
	       (m->states & STATE(BLOCKED) && code == WSAEINPROGRESS) ||
	       (m->states & STATE(CONNECTED) && code == WSAEISCONN);
}

/* Perhaps a call to connect, which ends what a failed one has left (C-07). */
void model_asked(struct model *m)
{
	settle(m);
	if (m->states & STATE(FAILED))
		m->states |= STATE(IDLE);
}

const char *model_code(struct model *m, int error, int source, int code)
{
	settle(m);
	if (!contract_code(code))
		return "section 1: no code of the contract";
	if (source == WSP_CODE_SO_ERROR) {
		if (code == WSAEADDRNOTAVAIL || code == WSAEINVAL ||
		    (code == WSAEACCES && error != EPERM))
			return "section 1: a code that the stack's error is not";
		return NULL;
	}
	if (in_set(CONTRACT, error) && error && !code_fits(m, error, code))
		return "section 1: not the code of this errno";
	/* Of a name that was refused before the family was asked it hears so. */
	if (error == EFAULT || error == EINVAL)
		model_asked(m);
	return NULL;
}

/*
 * @args: the errno that the pointers alone give, 0 if they are fine. C-04, E-08,
 * E-14, E-15; D-11.
 */
/* What the state says before the pointers are looked at, if anything. */
static errs judged(int state, int args)
{
	switch (state) {
	case WSP_STATE_LISTENING:
		return ERR(EINVAL);
	case WSP_STATE_PENDING:
		return ERR(EALREADY);
	case WSP_STATE_BLOCKED:
		return ERR(EBUSY);
	case WSP_STATE_CONNECTED:
		return ERR(EISCONN);
	default:
		return ERR(args);
	}
}

const char *model_judge(struct model *m, int args, int error)
{
	unsigned int next = 0;
	int s;

	settle(m);
	if (!m->stream)
		return error ? "D-11: they are ignored" : NULL;
	for (s = 0; s <= WSP_STATE_DISCONNECTED; s++) {
		if (m->states & 1u << s && in_set(judged(s, args), error))
			next |= 1u << s;
	}
	if (!next)
		return "C-04, E-14, E-15: judged wrongly";
	/* It is a call to connect: what a failed one has left is over (C-07). */
	if (next & STATE(FAILED))
		next = (next & ~STATE(FAILED)) | STATE(IDLE);
	m->states = next;
	return NULL;
}

const char *model_state(struct model *m, unsigned int state)
{
	settle(m);
	if (state > WSP_STATE_DISCONNECTED || !(m->states & 1u << state))
		return "WSP_IOC_INFO: a state that it cannot be in";
	m->states = 1u << state;
	if (state == WSP_STATE_CONNECTED)
		m->sure = true;		/* and for ever (C-06, E-10) */
	if (m->connect != ANN_LATER)
		return NULL;
	switch (state) {
	case WSP_STATE_CONNECTED:
		m->connect = m->odd ? ANN_MAYBE : ANN_MUST;
		m->codes = ERR(0);
		break;
	case WSP_STATE_FAILED:
		m->connect = m->odd ? ANN_MAYBE : ANN_MUST;
		m->codes = FAILURES | ERR(0);
		break;
	case WSP_STATE_IDLE:
		m->connect = ANN_MAYBE;
		break;
	}
	return NULL;
}

static bool code_among(errs set, unsigned int code)
{
	int e;

	for (e = 1; e < 128; e++) {
		if (set & ERR(e) && code == (unsigned int)code_of_errno(e))
			return true;
	}
	return !code && set & ERR(0);
}

/* What the record says of FD_CONNECT, which it does: V-02, V-03. */
static const char *connect_record(struct model *m,
				  const struct wsp_network_events *r)
{
	const unsigned int code = r->codes[WSP_FD_CONNECT_BIT];
	const bool exact = m->connect == ANN_MUST;

	if (m->connect == ANN_NO)
		return "V-02: FD_CONNECT without an attempt, or a second time";
	if (!code_among(m->codes, code))
		return "V-02: not the attempt's own code";
	if (!exact || m->odd)
		return NULL;
	if (code && m->stream && r->events != WSP_FD_CONNECT)
		return "V-03: failure announces more than FD_CONNECT";
	if (!code && m->mask & WSP_FD_WRITE && !(r->events & WSP_FD_WRITE) &&
	    !m->wrote && m->states == STATE(CONNECTED))
		return "V-03, V-07: success without FD_WRITE";
	return NULL;
}

const char *model_record(struct model *m, const struct wsp_network_events *r)
{
	const char *wrong = NULL;

	if (r->events & ~m->mask)
		return "V-01: an event that was not asked for";
	if (r->events & CHANGES & ~m->asked)
		return "I-06: a change that was not asked for";
	m->asked &= ~r->events;
	if (r->events & WSP_FD_CONNECT)
		wrong = connect_record(m, r);
	else if (m->connect == ANN_MUST && !m->odd)
		wrong = "V-02: an attempt that is not announced";
	if (r->events & WSP_FD_CONNECT || m->connect != ANN_LATER)
		m->connect = ANN_NO;
	if (m->told && !m->accepts && r->events & WSP_FD_ACCEPT)
		wrong = "V-06: FD_ACCEPT again, and nothing has enabled it";
	m->told |= r->events & WSP_FD_ACCEPT;
	return wrong;
}

void model_tied(struct model *m, unsigned int mask)
{
	m->mask = mask;
	m->due = 0;
	m->holds = false;
	m->hold_unknown = false;
	m->told = false;
	m->nonblocking = true;
	m->connect = ANN_NO;
	m->codes = ERR(0) | FAILURES;
	if (!(mask & WSP_FD_CONNECT) || m->accepted ||
	    (!m->stream && !(m->states & STATE(CONNECTED))))
		return;
	if (m->states == STATE(CONNECTED) && (m->sure || !m->stream)) {
		m->connect = ANN_MUST;	/* V-04 */
		m->codes = ERR(0);
		return;
	}
	if (m->states & STATE(PENDING))
		m->connect = ANN_LATER;
	else if (m->states & (STATE(CONNECTED) | STATE(FAILED) | STATE(BLOCKED)))
		m->connect = ANN_MAYBE;
	/* C-07: whatever has been read of its outcome. */
	if (m->states == STATE(FAILED) && !m->odd) {
		m->connect = ANN_MUST;
		m->codes = CONTRACT & ~ERR(0);
	}
}

/* There is something to receive, or to accept, as it is tied. */
void model_due(struct model *m)
{
	if (!m->stream || m->states == STATE(CONNECTED))
		m->due = m->mask & WSP_FD_READ;
	else if (m->states == STATE(LISTENING))
		m->due = m->mask & WSP_FD_ACCEPT;
}

/* V-06, A-02: WSP_IOC_ENABLE */
void model_enabled(struct model *m, unsigned int events, bool hold)
{
	m->holds = hold && m->mask;
	m->hold_unknown = false;
	if (events & WSP_FD_ACCEPT)
		m->told = false;
}

/* V-06: an accept(2), whatever comes of it. */
void model_accept(struct model *m)
{
	if (!m->holds)
		m->told = false;
	m->holds = false;
	m->hold_unknown = false;
}

void model_bound(struct model *m, bool addr, int port)
{
	m->addr_bound |= addr;
	m->odd |= addr;
	m->port = port;
}

/* A thread waits for a silent peer (C-11), for so long at most. */
void model_blocked(struct model *m, int ms)
{
	m->states = STATE(BLOCKED);
	m->blocked_until = ms < 0 ? LONG_MAX : now_ms() + ms;
	m->may = 1 << DEST_SILENT;
	m->since = now_ms();
	m->connect = ANN_MAYBE;
	m->codes = CONTRACT;
}

/* It is back, with @error: E-16, C-12. */
void model_unblocked(struct model *m, int error)
{
	const bool alone = m->states == STATE(BLOCKED) && !m->odd;

	m->states = ANY_STREAM;
	/* Where the number is not the socket's any more, nobody can come back. */
	if (error != ENOTSOCK)
		m->states &= ~STATE(BLOCKED);
	if (alone && error == ETIMEDOUT)
		m->states = STATE(IDLE);
	else if (alone && error == EINTR)
		m->states = STATE(PENDING);
	else
		m->may = 1 << DEST_UNKNOWN;
	m->connect = ANN_MAYBE;
}

/* C-05: without a connection it has no effect on a later one. */
void model_shutdown(struct model *m)
{
	m->wrote = true;
	m->blocked_until = 0;	/* though the thread may not be back at once */
	settle(m);
	if (m->stream && !m->odd &&
	    !(m->states & ~(STATE(IDLE) | STATE(FAILED) | STATE(PENDING)))) {
		if (m->states == STATE(PENDING))
			m->states = STATE(FAILED);	/* C-07 */
		else if (m->states & STATE(PENDING))
			m->states |= STATE(FAILED);
		if (m->connect == ANN_LATER || m->connect == ANN_MUST)
			m->codes = CONTRACT & ~ERR(0);
		if (m->connect == ANN_LATER && m->states == STATE(FAILED))
			m->connect = ANN_MUST;
		return;
	}
	m->odd = true;
	if (m->states & (STATE(PENDING) | STATE(LISTENING) | STATE(FAILED) |
			 STATE(BLOCKED)))
		m->states |= STATE(IDLE) | STATE(FAILED);
}

/* A datagram came @from a socket of the world, to the address @to. */
void model_sent(struct model *m, unsigned int id, const union name *from,
		const union name *to)
{
	if (m->stream)
		return;
	if (m->odd || m->addr_bound || m->queued == QUEUE || !to) {
		m->unsure = true;
		return;
	}
	if (m->states == STATE(CONNECTED) && !is_peer(&m->wire, from))
		return;
	m->from[m->queued] = *from;
	m->must[m->queued++] = id;
}

const char *model_received(struct model *m, unsigned int id,
			   const union name *from, bool peek)
{
	int i;

	for (i = 0; i < m->queued && m->must[i] != id; i++)
		;
	if (i == m->queued && id < m->floor)
		return "D-06: a datagram from before the last connect";
	if (!m->odd && m->states == STATE(CONNECTED) && from &&
	    m->may == 1 << DEST_ANSWERS && !name_same(from, &m->wire))
		return "D-01: a datagram that is not the peer's";
	for (i = 0; i < m->queued && m->must[i] < id; i++)
		;
	if (i)
		return "D-06, D-07: a datagram has been lost";
	if (!peek && m->queued && m->must[0] == id) {
		m->queued--;
		memmove(m->must, m->must + 1, m->queued * sizeof(m->must[0]));
		memmove(m->from, m->from + 1, m->queued * sizeof(m->from[0]));
	}
	return NULL;
}
