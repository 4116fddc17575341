// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Overlapped operations that wait, by socket and direction: of each direction the
 * first is tried, and the others after it (O-05); of those for changes each. Whoever
 * tries one, or takes it out, has the lock of the socket's table, so that nobody else is
 * at the program's memory or the descriptor then (O-06, O-07).
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "lane.h"

static const uint32_t lane_events[WSP_NEWS] = {
	[WSP_IN] = EPOLLIN | EPOLLERR | EPOLLHUP,
	[WSP_OUT] = EPOLLOUT | EPOLLERR | EPOLLHUP,
};

struct wsp_table wsp_tables[WSP_TABLES] = {
	[0 ... WSP_TABLES - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER }
};

void wsp_enter_table(struct wsp_table *table)
{
	wsp_lock_amid(&table->lock);
}

void wsp_leave_table(struct wsp_table *table)
{
	wsp_unlock_amid(&table->lock);
}

bool wsp_enter_too(struct wsp_table *table)
{
	if (pthread_mutex_trylock(&table->lock))
		return false;
	wsp_begin_amid();
	return true;
}

struct wsp_port *wsp_find_port(struct wsp_table *table, SOCKET s)
{
	struct wsp_port *port;

	LIST_FOREACH(port, wsp_row_of(table, s), link)
		if (port->s == s)
			break;
	return port;
}

void wsp_free_op(struct wsp_op *op)
{
	wsp_free_parts(op);
	free(op);
}

/* That of the socket; one that is left over from a former owner of the number goes. */
static struct wsp_port *get_port(struct wsp_table *table, const struct wsp_use *use)
{
	struct wsp_port *port = wsp_find_port(table, use->s);

	if (!port || wsp_is_same(use->s, port->word))
		return port;
	wsp_end_port(port);
	return NULL;
}

static struct wsp_port *add_port(struct wsp_table *table, const struct wsp_use *use)
{
	struct wsp_port *port = calloc(1, sizeof(*port));
	int i;

	if (!port)
		return NULL;
	port->s = use->s;
	port->word = use->word;
	for (i = 0; i < WSP_LANES; i++)
		TAILQ_INIT(&port->lanes[i]);
	LIST_INSERT_HEAD(wsp_row_of(table, use->s), port, link);
	return port;
}

static uint32_t events_waited_for(const struct wsp_port *port)
{
	uint32_t events = 0;
	int i;

	for (i = 0; i < WSP_NEWS; i++)
		if (!TAILQ_EMPTY(&port->lanes[i]))
			events |= lane_events[i];
	return events;
}

/* Has the engine watch what waits, if it does not yet. */
static bool watch(struct wsp_port *port)
{
	const uint32_t events = events_waited_for(port);

	if (!(events & ~port->watched))
		return true;
	if (!wsp_engine_watch(port->s, port->word, events))
		return false;
	port->watched = events;
	return true;
}

/* What is allocated, or points into it, goes along. */
static struct wsp_op *copy_op(struct wsp_op *op)
{
	struct wsp_op *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *op;
	wsp_move_vector(&copy->vector, &op->vector);
	op->more = NULL;
	op->file.iov_len = 0;
	if (op->msg.msg_name == &op->name)
		copy->msg.msg_name = &copy->name;
	return copy;
}

/* WSA_IO_PENDING, or a code and it does not wait. */
static int enqueue(struct wsp_table *table, struct wsp_port *port, const struct wsp_use *use,
		   struct wsp_op *op)
{
	if (wsp_is_closing(use->s) || !wsp_is_same(use->s, use->word))
		return WSAENOTSOCK;
	if (!port)
		port = add_port(table, use);
	op = port ? copy_op(op) : NULL;
	if (!op)
		return WSAENOBUFS;
	/* Since nothing waited for it the number may have become another socket's. */
	port->watched &= events_waited_for(port);
	TAILQ_INSERT_TAIL(&port->lanes[op->lane], op, link);
	if (op->notice.event || op->notice.due)
		wsp_engine_be_prompt();
	if (!(op->lane == WSP_NEWS ? wsp_engine_hear(port->s, port->word) : watch(port))) {
		TAILQ_REMOVE(&port->lanes[op->lane], op, link);
		wsp_free_op(op);
		return WSAENOBUFS;
	}
	wsp_note(use->s, use->word, wsp_lane_bit(op->lane));
	wsp_mark_pending(&op->notice);
	return WSA_IO_PENDING;
}

int wsp_move_operation(const struct wsp_use *use, struct wsp_op *op)
{
	struct wsp_table *table = wsp_table_of(use->s);

	return enqueue(table, get_port(table, use), use, op);
}

/* Is there any that is to go before another? */
static bool has_queue(const struct wsp_port *port, enum wsp_lane lane)
{
	return port && lane != WSP_NEWS && !TAILQ_EMPTY(&port->lanes[lane]);
}

int wsp_start_operation(const struct wsp_use *use, struct wsp_op *op)
{
	struct wsp_table *table = wsp_table_of(use->s);
	struct wsp_port *port;
	int code = WSP_AGAIN;

	if (wsp_is_amid())
		return WSAENOBUFS;
	wsp_enter_table(table);
	port = get_port(table, use);
	if (!has_queue(port, op->lane))
		code = op->attempt(op, use);
	if (code == WSP_AGAIN)
		code = enqueue(table, port, use, op);
	wsp_leave_table(table);
	return code == WSP_MOVED ? WSA_IO_PENDING : code;
}

bool wsp_queue_operation(const struct wsp_use *use, struct wsp_op *op, int *code)
{
	struct wsp_table *table = wsp_table_of(use->s);
	struct wsp_port *port;
	bool queued;

	if (wsp_is_amid())
		return false;
	wsp_enter_table(table);
	port = get_port(table, use);
	queued = has_queue(port, op->lane);
	if (queued)
		*code = enqueue(table, port, use, op);
	wsp_leave_table(table);
	return queued;
}

bool wsp_has_waiting(const struct wsp_use *use, enum wsp_lane lane)
{
	struct wsp_table *table = wsp_table_of(use->s);
	bool found;

	if (wsp_is_amid())
		return false;
	wsp_enter_table(table);
	found = has_queue(get_port(table, use), lane);
	wsp_leave_table(table);
	return found;
}

/* Did any get further? */
static bool run_lane(struct wsp_port *port, enum wsp_lane lane, const struct wsp_use *use)
{
	struct wsp_op *op;
	bool any = false;
	DWORD before;
	int code;

	while ((op = TAILQ_FIRST(&port->lanes[lane]))) {
		before = op->total;
		code = op->attempt(op, use);
		if (code == WSP_AGAIN)
			return any || op->total != before;
		wsp_complete(port, op, code);
		any = true;
	}
	wsp_unnote(port->s, port->word, wsp_lane_bit(lane));
	return any;
}

static bool hasten(struct wsp_port *port, const WSAOVERLAPPED *overlapped)
{
	const struct wsp_use use = { .s = port->s, .word = wsp_word(port->s) };
	int i;

	for (i = 0; i < WSP_NEWS; i++)
		if (wsp_is_in_lane(port, i, overlapped))
			break;
	if (i == WSP_NEWS)
		return false;
	if (use.word && wsp_is_same(use.s, port->word))
		run_lane(port, i, &use);
	return true;
}

bool wsp_hasten_operation(SOCKET s, const WSAOVERLAPPED *overlapped)
{
	struct wsp_table *table = wsp_table_of(s);
	struct wsp_port *port;
	bool found;

	if (!atomic_load(&wsp_is_used) || wsp_is_amid())
		return false;
	wsp_enter_table(table);
	port = wsp_find_port(table, s);
	found = port && hasten(port, overlapped);
	wsp_leave_table(table);
	return found;
}

/* Are there still some that wait, and one to take? */
static bool offer_once(struct wsp_table *table, const struct wsp_use *use)
{
	struct wsp_port *port;
	bool waits = false;

	wsp_enter_table(table);
	port = get_port(table, use);
	if (port) {
		run_lane(port, WSP_IN, use);
		waits = has_queue(port, WSP_IN);
	}
	wsp_leave_table(table);
	return waits && wsp_has_deferred(use->s);
}

/* One that could not be tried, for a lock that another thread had, is tried again. */
void wsp_offer_deferred(const struct wsp_use *use)
{
	if (!wsp_any_accepts() || wsp_is_amid())
		return;
	while (offer_once(wsp_table_of(use->s), use))
		sched_yield();
}

static void run_news(struct wsp_port *port, const struct wsp_use *use)
{
	struct wsp_op *op, *next;
	int code;

	for (op = TAILQ_FIRST(&port->lanes[WSP_NEWS]); op; op = next) {
		next = TAILQ_NEXT(op, link);
		code = op->attempt(op, use);
		if (code != WSP_AGAIN)
			wsp_complete(port, op, code);
	}
	if (TAILQ_EMPTY(&port->lanes[WSP_NEWS]))
		wsp_engine_be_deaf(port->s);
}

/* Is there any for which the socket is heard? */
static bool hear_or_end(struct wsp_port *port)
{
	if (TAILQ_EMPTY(&port->lanes[WSP_NEWS]))
		return false;
	if (wsp_engine_hear(port->s, port->word))
		return true;
	wsp_end_lane(port, WSP_NEWS, WSAENOBUFS);
	return false;
}

void wsp_bequeath_news(const struct wsp_use *use, int heir)
{
	const struct wsp_use next = { .s = (SOCKET)heir, .word = use->word };
	struct wsp_port *port = get_port(wsp_table_of(use->s), use);
	struct wsp_op *op = port ? TAILQ_FIRST(&port->lanes[WSP_NEWS]) : NULL;

	if (op)
		op->attempt(op, &next);
}

void wsp_inherit_news(const struct wsp_use *use)
{
	struct wsp_port *port = get_port(wsp_table_of(use->s), use);

	if (port && hear_or_end(port))
		run_news(port, use);
}

/* Without memory to watch it nothing would ever end. */
static void watch_or_end(struct wsp_port *port)
{
	int i;

	if (watch(port))
		return;
	for (i = 0; i < WSP_NEWS; i++)
		wsp_end_lane(port, i, WSAENOBUFS);
}

static bool run_lanes(struct wsp_port *port, uint32_t events, const struct wsp_use *use)
{
	bool any = false;
	int i;

	port->watched = 0;
	for (i = 0; i < WSP_NEWS; i++)
		if (events & lane_events[i])
			any |= run_lane(port, i, use);
	watch_or_end(port);
	return any;
}

static bool run_port(struct wsp_port *port, uint32_t events)
{
	const struct wsp_use use = { .s = port->s, .word = wsp_word(port->s) };

	if (!use.word || !wsp_is_same(use.s, port->word)) {
		if (!wsp_is_closing(port->s))
			wsp_end_port(port);
		return true;
	}
	if (!(events & WSP_EPOLL_CHANGE))
		return run_lanes(port, events, &use);
	run_news(port, &use);
	return true;
}

bool wsp_run_operations(SOCKET s, unsigned int word, uint32_t events)
{
	struct wsp_table *table = wsp_table_of(s);
	struct wsp_port *port;
	bool any = true;

	wsp_enter_table(table);
	port = wsp_find_port(table, s);
	if (port && port->word == word)
		any = run_port(port, events);
	wsp_leave_table(table);
	return any;
}

static void watch_anew(struct wsp_port *port)
{
	port->watched = 0;
	if (wsp_is_closing(port->s) || !wsp_is_same(port->s, port->word))
		return;
	watch_or_end(port);
	hear_or_end(port);
}

void wsp_watch_all(void)
{
	struct wsp_table *table;
	struct wsp_port *port;
	int i;

	for (table = wsp_tables; table < wsp_tables + WSP_TABLES; table++) {
		wsp_enter_table(table);
		for (i = 0; i < WSP_ROWS; i++)
			LIST_FOREACH(port, &table->rows[i], link)
				watch_anew(port);
		wsp_leave_table(table);
	}
}
