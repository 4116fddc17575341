// SPDX-License-Identifier: GPL-2.0
/*
 * Overlapped operations by the thousand (contract, section 8): every sequence of a few
 * steps, held against a model of them, and threads that do all of it at once, with
 * exact counts. WSP_SECONDS says for how long they do.
 */
#include <stdatomic.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

/* What WSP_DEPTH, WSP_PAIRS and WSP_SECONDS ask for takes its time. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	14400

/* Sequences --------------------------------------------------------------- */

/*
 * What may be done next. Receives take 4 bytes each, and the peer sends as many; the
 * oldest is cancelled, and of the oldest that has not been seen over the result is asked.
 */
enum step { RECEIVE, RECEIVE_ROUTINE, TELL, CANCEL, SHUT, CLOSE, FORK, ALERT, RESULT, STEPS };

static const char * const names[STEPS] = {
	"receive", "receive with a routine", "tell", "cancel", "shutdown", "close", "fork",
	"alertable wait", "result",
};

#define DEPTH	3	/* steps; WSP_DEPTH says otherwise */
#define MOST	8

struct op {
	WSAOVERLAPPED o;
	char data[4];
	bool pending, has_routine, called;
	int code;		/* when it is over */
	char want;		/* its data */
	bool seen;
};

static struct op ops[MOST];
static int count, wrong;
static char next_sent, next_got;
static int unread;		/* messages told and not received */
static bool is_shut, is_closed;
static const char *why;

static void fail(const char *reason)
{
	if (!why)
		why = reason;
	wrong++;
}

static void note_call(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	struct op *op = (struct op *)o;

	if (op->called)
		fail("a routine runs twice");
	if (op->pending)
		fail("a routine runs early");
	if ((int)error != op->code || (!error && n != 4) || flags)
		fail("a routine is told something else");
	op->called = true;
}

static void end(struct op *op, int code)
{
	op->pending = false;
	op->code = code;
	if (!code)
		op->want = next_got++;
}

static struct op *oldest(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (ops[i].pending)
			return &ops[i];
	return NULL;
}

static void end_all(int code)
{
	struct op *op;

	while ((op = oldest()))
		end(op, code);
}

static void receive(int fd, bool has_routine)
{
	struct op *op = &ops[count++];
	WSABUF buf = { 4, op->data };
	DWORD n = 0, flags = 0;
	int code, want;

	*op = (struct op) { .o = { .hEvent = has_routine ? NULL : WSACreateEvent() } };
	op->has_routine = has_routine;
	code = OUTCOME(WSPRecv(fd, &buf, 1, &n, &flags, &op->o,
			       has_routine ? note_call : NULL, NULL, &code));
	want = is_closed ? WSAENOTSOCK : is_shut ? WSAESHUTDOWN : unread ? 0 : WSA_IO_PENDING;
	if (code != want)
		fail("a receive begins otherwise");
	op->pending = code == WSA_IO_PENDING;
	if (!code) {
		unread--;
		end(op, 0);
	}
	if (!code || code == WSA_IO_PENDING)
		return;
	if (!has_routine)
		WSACloseEvent(op->o.hEvent);
	count--;
}

static bool is_over(const struct op *op)
{
	return !goes_on(&op->o);
}

/* All that is over in the model is so, with what it has come to, and nothing else is. */
static void compare(void)
{
	const long deadline = now_ms() + DEADLINE_MS;
	struct op *op;

	for (op = ops; op < ops + count; op++) {
		while (!op->pending && !is_over(op) && now_ms() < deadline)
			sched_yield();
		if (op->pending == is_over(op))
			fail(op->pending ? "one is over early" : "one is not over");
		if (op->pending)
			continue;
		if ((int)op->o.Internal != op->code)
			fail("one comes to something else");
		else if (!op->code && (op->o.InternalHigh != 4 || op->data[0] != op->want))
			fail("one has received something else");
		if (!op->has_routine &&
		    WSAWaitForMultipleEvents(1, &op->o.hEvent, FALSE, DEADLINE_MS, FALSE))
			fail("an event is not set");
	}
	for (op = ops; op < ops + count; op++)
		if (op->pending && !op->has_routine &&
		    !WSAWaitForMultipleEvents(1, &op->o.hEvent, FALSE, 0, FALSE))
			fail("an event is set early");
}

static void tell(int peer)
{
	char data[4] = { next_sent++ };
	struct op *op = oldest();

	if (is_shut || is_closed) {
		next_sent--;
		return;
	}
	send(peer, data, sizeof(data), MSG_NOSIGNAL);
	if (op)
		end(op, 0);
	else
		unread++;
}

static void alert(void)
{
	WSAEVENT never = WSACreateEvent();
	bool due = false;
	struct op *op;
	DWORD found;

	for (op = ops; op < ops + count; op++)
		due |= op->has_routine && !op->pending && !op->called;
	found = WSAWaitForMultipleEvents(1, &never, FALSE, 0, TRUE);
	if (found != (due ? WSA_WAIT_IO_COMPLETION : WSA_WAIT_TIMEOUT))
		fail("an alertable wait ends otherwise");
	for (op = ops; op < ops + count; op++)
		if (op->has_routine && op->called == op->pending)
			fail("a routine has not run");
	WSACloseEvent(never);
}

static int in_child(int fd)
{
	WSAEVENT never = WSACreateEvent();
	struct op *op;
	int before = wrong;

	for (op = ops; op < ops + count; op++)
		if (op->pending && is_over(op))
			fail("one is over in the child");
	WSPCloseSocket((SOCKET)fd, NULL);
	if (WSAWaitForMultipleEvents(1, &never, FALSE, 0, TRUE) != WSA_WAIT_TIMEOUT)
		fail("a routine is due in the child");
	return wrong > before;
}

static void forked(int fd)
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(in_child(fd));
	waitpid(child, &status, 0);
	if (status)
		fail("the child finds something else");
}

static void take_result(int fd)
{
	DWORD n = 77, flags = 0;
	struct op *op;
	int code = 0;

	for (op = ops; op < ops + count; op++) {
		if (op->seen)
			continue;
		if (!WSPGetOverlappedResult(fd, &op->o, &n, !op->pending, &flags, &code) !=
		    (op->pending || is_closed || op->code))
			fail("a result is given otherwise");
		if (!is_closed && (op->pending ? code != WSA_IO_INCOMPLETE :
				   op->code ? code != op->code : n != 4))
			fail("a result is another");
		op->seen = !op->pending;
		return;
	}
}

static void do_step(enum step step, int fd, int peer)
{
	struct op *op = oldest();

	switch (step) {
	case RECEIVE:
	case RECEIVE_ROUTINE:
		receive(fd, step == RECEIVE_ROUTINE);
		break;
	case TELL:
		tell(peer);
		if (!op && !is_shut && !is_closed)
			wait_for(fd, POLLIN);
		break;
	case CANCEL:
		if (windows_CancelIoEx((HANDLE)(intptr_t)fd, op ? &op->o : NULL) != !!op)
			fail("cancelling answers otherwise");
		if (op)
			end(op, WSA_OPERATION_ABORTED);
		break;
	case SHUT:
		if (is_closed)
			break;
		WSPShutdown(fd, SD_RECEIVE, NULL);
		is_shut = true;
		end_all(WSAESHUTDOWN);
		break;
	case CLOSE:
		if (is_closed)
			break;
		WSPCloseSocket(fd, NULL);
		is_closed = true;
		end_all(WSA_OPERATION_ABORTED);
		break;
	case FORK:
		forked(fd);
		break;
	case ALERT:
		alert();
		break;
	case RESULT:
		take_result(fd);
		break;
	default:
		break;
	}
}

static void begin_sequence(void)
{
	count = 0;
	wrong = 0;
	unread = 0;
	next_sent = 0;
	next_got = 0;
	is_shut = false;
	is_closed = false;
	why = NULL;
}

/* Whatever the steps were: nothing is left, and nothing was lost. */
static void end_sequence(int fd)
{
	struct op *op;

	do_step(CLOSE, fd, -1);
	compare();
	alert();
	for (op = ops; op < ops + count; op++)
		if (!op->has_routine)
			WSACloseEvent(op->o.hEvent);
}

KIND_FIXTURE(overlaps)

static bool follow(const struct kind *k, unsigned long number, int depth)
{
	struct kind one;
	int i;

	begin_sequence();
	if (!kind_open(&one, k->row.family, k->type) || !kind_join(&one))
		return false;
	for (i = 0; i < depth; i++, number /= STEPS) {
		do_step(number % STEPS, one.fd, one.peer);
		compare();
	}
	end_sequence(one.fd);
	close(one.lfd);
	close(one.peer);
	return true;
}

static void tell_of(unsigned long number, int depth)
{
	for (; depth > 0; depth--, number /= STEPS)
		printf("# %s\n", names[number % STEPS]);
	printf("# %s\n", why);
}

static int setting(const char *name, int usual)
{
	const char *value = getenv(name);

	return value ? atoi(value) : usual;
}

TEST_F(overlaps, O_07_sequences)
{
	const int depth = setting("WSP_DEPTH", DEPTH);
	unsigned long number, all = 1;
	int i, before;

	for (i = 0; i < depth; i++)
		all *= STEPS;
	before = count_descriptors();
	for (number = 0; number < all; number++) {
		ASSERT_TRUE(follow(&self->k, number, depth));
		if (wrong)
			tell_of(number, depth);
		ASSERT_EQ(0, wrong);
	}
	/* The engine's one, and the routines'. */
	EXPECT_GE(before + 2, count_descriptors());
}

/* Threads ------------------------------------------------------------------ */

#define THREADS		8
#define PAIRS		32	/* WSP_PAIRS says otherwise */
#define MOST_PAIRS	1024
#define OWN		32	/* operations of a thread */

static _Atomic SOCKET ends[2 * MOST_PAIRS];
static int pairs;
static SOCKET lfd;
static union name lfd_name;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool is_late;
static _Atomic int idle;	/* threads that begin no more */

struct own {
	WSAOVERLAPPED o;
	char data[64];
	bool busy, has_routine;
	struct worker *worker;
	SOCKET s;
};

struct worker {
	struct own own[OWN];
	unsigned int seed;
	unsigned long started, ended, called, cancelled;
	_Atomic int wrong;
	pthread_t thread;
};

static unsigned int any(struct worker *w, unsigned int below)
{
	return (unsigned int)rand_r(&w->seed) % below;
}

static void count_call(DWORD error, DWORD n, LPWSAOVERLAPPED o, DWORD flags)
{
	struct own *own = (struct own *)o;

	(void)error;
	(void)flags;
	if (!own->busy || !own->has_routine || n > sizeof(own->data) || o->InternalHigh != n)
		own->worker->wrong++;
	own->busy = false;
	own->worker->ended++;
	own->worker->called++;
}

static bool open_pair(int i)
{
	SOCKET a = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED, NULL), b;

	pthread_mutex_lock(&opening);
	WSPConnect(a, &lfd_name.sa, sizeof(lfd_name.in), NULL, NULL, NULL, NULL, NULL);
	b = WSPAccept(lfd, NULL, NULL, NULL, 0, NULL);
	pthread_mutex_unlock(&opening);
	a = atomic_exchange(&ends[2 * i], a);
	b = atomic_exchange(&ends[2 * i + 1], b);
	if (a)
		WSPCloseSocket(a, NULL);
	if (b)
		WSPCloseSocket(b, NULL);
	return true;
}

static void begin_own(struct worker *w, struct own *own)
{
	const WSAEVENT event = own->o.hEvent;
	WSABUF buf = { sizeof(own->data), own->data };
	DWORD flags = 0;
	int code;

	own->has_routine = any(w, 2);
	own->o = (WSAOVERLAPPED) { .hEvent = event };
	own->s = atomic_load(&ends[any(w, 2 * pairs)]);
	own->busy = true;
	if (any(w, 2))
		code = OUTCOME(WSPRecv(own->s, &buf, 1, NULL, &flags, &own->o,
				       own->has_routine ? count_call : NULL, NULL, &code));
	else
		code = OUTCOME(WSPSend(own->s, &buf, 1, NULL, 0, &own->o,
				       own->has_routine ? count_call : NULL, NULL, &code));
	if (!code || code == WSA_IO_PENDING)
		w->started++;
	else
		own->busy = false;
}

static void look_at(struct worker *w, struct own *own, bool wait)
{
	DWORD n = 0, flags;
	int code = 0;

	if (own->has_routine)
		return;
	if (!WSPGetOverlappedResult(lfd, &own->o, &n, wait, &flags, &code)) {
		if (code == WSA_IO_INCOMPLETE) {
			w->wrong += wait;
			return;
		}
	} else if (n > sizeof(own->data)) {
		w->wrong++;
	}
	own->busy = false;
	w->ended++;
}

static void wait_alertably(WSAEVENT never)
{
	WSAWaitForMultipleEvents(1, &never, FALSE, 0, TRUE);
}

static void fork_once(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	WSAEVENT never = WSACreateEvent();
	struct own *own;
	int left, i;

	for (i = 0; i < OWN; i++) {
		w->own[i].worker = w;
		w->own[i].o.hEvent = i % 4 ? NULL : WSACreateEvent();
	}
	while (!is_late) {
		own = &w->own[any(w, OWN)];
		if (!own->busy)
			begin_own(w, own);
		else
			look_at(w, own, false);
		if (!any(w, 16))
			wait_alertably(never);
		if (own->busy && !any(w, 16) &&
		    windows_CancelIoEx((HANDLE)own->s, &own->o)) {
			w->cancelled++;
			look_at(w, own, true);
		}
		if (!any(w, 64))
			open_pair((int)any(w, (unsigned int)pairs));
		if (!any(w, 4096))
			fork_once();
	}
	idle++;
	do {
		wait_alertably(never);
		for (i = left = 0; i < OWN; i++) {
			own = &w->own[i];
			if (own->busy)
				look_at(w, own, false);
			left += own->busy;
		}
		sched_yield();
	} while (left);
	for (i = 0; i < OWN; i++)
		if (w->own[i].o.hEvent)
			WSACloseEvent(w->own[i].o.hEvent);
	WSACloseEvent(never);
	return NULL;
}

/* Eight threads, sockets that come and go, and a completion for every beginning. */
TEST(O_07_threads)
{
	static struct worker workers[THREADS];
	const struct rlimit enough = { 4 * MOST_PAIRS, 4 * MOST_PAIRS };
	unsigned long started = 0, called = 0, cancelled = 0;
	int before, i;

	pairs = setting("WSP_PAIRS", PAIRS);
	ASSERT_GE(MOST_PAIRS, pairs);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &enough));
	lfd = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	ASSERT_EQ(0, bind_port(lfd, AF_INET, "192.0.2.1", NULL, 0));
	ASSERT_EQ(0, OUTCOME(WSPListen(lfd, 100, &code)));
	lfd_name = local_name(lfd);
	before = count_descriptors();
	for (i = 0; i < pairs; i++)
		open_pair(i);
	for (i = 0; i < THREADS; i++) {
		workers[i].seed = (unsigned int)i + 1;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	usleep(setting("WSP_SECONDS", 3) * 1000000U);
	is_late = true;
	while (idle < THREADS)
		sched_yield();
	for (i = 0; i < 2 * pairs; i++)
		WSPCloseSocket(atomic_exchange(&ends[i], 0), NULL);
	for (i = 0; i < THREADS; i++) {
		struct worker *w = &workers[i];

		pthread_join(w->thread, NULL);
		EXPECT_EQ(w->started, w->ended);
		EXPECT_EQ(0, atomic_load(&w->wrong));
		started += w->started;
		called += w->called;
		cancelled += w->cancelled;
	}
	TH_LOG("%lu operations, %lu routines, %lu cancelled", started, called, cancelled);
	EXPECT_LT(0, started);
	EXPECT_EQ(before + 1, count_descriptors());
}

WSP_TEST_MAIN
