// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How overlapped operations end: they are complete, or cancelled, or their socket is
 * closed, by whatever thread (O-07), or the process is a fork's child (O-09).
 */
#include <stdlib.h>

#include "lane.h"

const void *wsp_this_thread(void)
{
	return &wsp_amid;
}

void wsp_complete(struct wsp_port *port, struct wsp_op *op, int code)
{
	TAILQ_REMOVE(&port->lanes[op->lane], op, link);
	if (code != WSP_MOVED)	/* a copy of it waits elsewhere */
		wsp_finish(&op->notice, code, op->total, op->got);
	wsp_free_op(op);
}

void wsp_end_lane(struct wsp_port *port, enum wsp_lane lane, int code)
{
	struct wsp_op *op;

	while ((op = TAILQ_FIRST(&port->lanes[lane])))
		wsp_complete(port, op, code);
	wsp_unnote(port->s, port->word, wsp_lane_bit(lane));
}

/* Their socket is about to be closed, or somebody has closed it. */
void wsp_end_port(struct wsp_port *port)
{
	int i;

	for (i = 0; i < WSP_LANES; i++)
		wsp_end_lane(port, i, WSA_OPERATION_ABORTED);
	LIST_REMOVE(port, link);
	free(port);
}

/* The descriptor is marked, so that none comes after. */
void wsp_abort_operations(SOCKET s)
{
	struct wsp_table *table = wsp_table_of(s);
	struct wsp_port *port;

	if (!atomic_load(&wsp_is_used))
		return;
	if (wsp_is_amid()) {
		atomic_store(&wsp_is_to_sweep, true);
		return;
	}
	wsp_enter_table(table);
	port = wsp_find_port(table, s);
	if (port) {
		wsp_engine_forget(s);
		wsp_end_port(port);
	}
	wsp_leave_table(table);
	wsp_end_accepts(s, NULL, NULL, true);
}

static void sweep_row(struct wsp_row *row)
{
	struct wsp_port *port, *next;

	for (port = LIST_FIRST(row); port; port = next) {
		next = LIST_NEXT(port, link);
		if (!wsp_is_same(port->s, port->word) || wsp_is_closing(port->s))
			wsp_end_port(port);
	}
}

void wsp_sweep_operations(void)
{
	const bool later = wsp_is_amid();
	int i, j;

	if (!atomic_load(&wsp_is_used))
		return;
	atomic_store(&wsp_is_to_sweep, later);
	if (later)
		return;
	for (i = 0; i < WSP_TABLES; i++) {
		wsp_enter_table(&wsp_tables[i]);
		for (j = 0; j < WSP_ROWS; j++)
			sweep_row(&wsp_tables[i].rows[j]);
		wsp_leave_table(&wsp_tables[i]);
	}
}

void wsp_end_receiving(SOCKET s)
{
	struct wsp_table *table = wsp_table_of(s);
	struct wsp_port *port;

	if (!atomic_load(&wsp_is_used) || wsp_is_amid())
		return;
	wsp_enter_table(table);
	port = wsp_find_port(table, s);
	if (port && wsp_is_same(s, port->word))
		wsp_end_lane(port, WSP_IN, WSAESHUTDOWN);
	wsp_leave_table(table);
}

static bool cancel_lane(struct wsp_port *port, enum wsp_lane lane,
			const WSAOVERLAPPED *overlapped, const void *thread)
{
	struct wsp_op *op, *next;
	bool any = false;

	for (op = TAILQ_FIRST(&port->lanes[lane]); op; op = next) {
		next = TAILQ_NEXT(op, link);
		if (!op->notice.overlapped ||	/* the end of a stream */
		    (overlapped && op->notice.overlapped != overlapped) ||
		    (thread && op->thread != thread))
			continue;
		wsp_abandon_connect(op, port->s);
		wsp_complete(port, op, WSA_OPERATION_ABORTED);
		any = true;
	}
	if (TAILQ_EMPTY(&port->lanes[lane]))
		wsp_unnote(port->s, port->word, wsp_lane_bit(lane));
	return any;
}

bool wsp_cancel_operations(SOCKET s, const WSAOVERLAPPED *overlapped, const void *thread)
{
	struct wsp_table *table = wsp_table_of(s);
	struct wsp_port *port;
	bool any = false;
	int i;

	if (!atomic_load(&wsp_is_used) || wsp_is_amid())
		return false;
	wsp_enter_table(table);
	port = wsp_find_port(table, s);
	for (i = 0; port && i < WSP_LANES; i++)
		any |= cancel_lane(port, i, overlapped, thread);
	wsp_leave_table(table);
	any |= wsp_end_accepts(s, overlapped, thread, false);
	return any;
}

static bool is_in_row(const struct wsp_row *row, const WSAOVERLAPPED *overlapped)
{
	const struct wsp_port *port;
	int i;

	LIST_FOREACH(port, row, link)
		for (i = 0; i < WSP_LANES; i++)
			if (wsp_is_in_lane(port, i, overlapped))
				return true;
	return false;
}

/* Rows of one table, from the first up to the last. */
static bool is_in_table(struct wsp_table *table, int first, int last,
			const WSAOVERLAPPED *overlapped)
{
	bool found = false;

	wsp_enter_table(table);
	for (; first <= last && !found; first++)
		found = is_in_row(&table->rows[first], overlapped);
	wsp_leave_table(table);
	return found;
}

static bool is_anywhere(const WSAOVERLAPPED *overlapped)
{
	bool found = false;
	int i;

	for (i = 0; i < WSP_TABLES && !found; i++)
		found = is_in_table(&wsp_tables[i], 0, WSP_ROWS - 1, overlapped);
	return found;
}

/* One that moves meanwhile, which it does once, is where it is in the end. */
bool wsp_is_queued(SOCKET s, const WSAOVERLAPPED *overlapped)
{
	const int row = (int)(s / WSP_TABLES % WSP_ROWS);

	if (!atomic_load(&wsp_is_used))
		return false;
	if (wsp_is_amid())
		return true;
	return is_in_table(wsp_table_of(s), row, row, overlapped) ||
	       is_anywhere(overlapped) || (wsp_any_accepts() && is_anywhere(overlapped));
}

void wsp_lock_lanes(void)
{
	int i;

	for (i = 0; i < WSP_TABLES; i++)
		wsp_enter_table(&wsp_tables[i]);
}

void wsp_unlock_lanes(void)
{
	int i;

	for (i = WSP_TABLES - 1; i >= 0; i--)
		wsp_leave_table(&wsp_tables[i]);
}

static void drop_port(struct wsp_port *port)
{
	struct wsp_op *op;
	int i;

	for (i = 0; i < WSP_LANES; i++) {
		while ((op = TAILQ_FIRST(&port->lanes[i]))) {
			TAILQ_REMOVE(&port->lanes[i], op, link);
			free(op->notice.due);
			wsp_free_op(op);
		}
		wsp_unnote(port->s, port->word, wsp_lane_bit(i));
	}
	LIST_REMOVE(port, link);
	free(port);
}

/* In a fork's child: what is pending is the parent's. */
static void drop_table(struct wsp_table *table)
{
	struct wsp_port *port, *next;
	int i;

	for (i = 0; i < WSP_ROWS; i++) {
		for (port = LIST_FIRST(&table->rows[i]); port; port = next) {
			next = LIST_NEXT(port, link);
			drop_port(port);
		}
	}
}

/* What the thread is amid is left where it is. */
void wsp_drop_lanes(bool locked)
{
	int i, j;

	for (i = 0; i < WSP_TABLES; i++) {
		if (locked) {
			drop_table(&wsp_tables[i]);
			continue;
		}
		pthread_mutex_init(&wsp_tables[i].lock, NULL);
		for (j = 0; j < WSP_ROWS; j++)
			LIST_INIT(&wsp_tables[i].rows[j]);
	}
}
