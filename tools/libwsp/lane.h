/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where overlapped operations wait: lane.c has them begin and go on, ending.c end. */
#ifndef LIBWSP_LANE_H
#define LIBWSP_LANE_H

#include <pthread.h>

#include "overlapped.h"

#define WSP_TABLES		16	/* sockets are spread over, each with a lock */
#define WSP_ROWS		64	/* of each */

/**
 * struct wsp_port - a socket that has had operations waiting
 * @s: the socket
 * @word: of its descriptor
 * @lanes: what waits
 * @watched: for which events the engine has been told to watch, and has not been told of
 * @link: its place in the table
 */
struct wsp_port {
	SOCKET s;
	unsigned int word;
	TAILQ_HEAD(wsp_queue, wsp_op) lanes[WSP_LANES];
	uint32_t watched;
	LIST_ENTRY(wsp_port) link;
};

/**
 * struct wsp_table - some of the ports
 * @lock: of all that is in them
 * @rows: they, by descriptor
 */
struct wsp_table {
	pthread_mutex_t lock;
	LIST_HEAD(wsp_row, wsp_port) rows[WSP_ROWS];
};

extern struct wsp_table wsp_tables[WSP_TABLES];

void wsp_enter_table(struct wsp_table *table);
void wsp_leave_table(struct wsp_table *table);

/* With another one's lock; false if that might wait for ever. */
bool wsp_enter_too(struct wsp_table *table);

/* With the lock of its table: WSA_IO_PENDING and it waits there, or a code. */
int wsp_move_operation(const struct wsp_use *use, struct wsp_op *op);

/*
 * With that lock, before and after @heir gets the socket's number: requests for news go on.
 * What counts the news goes with the last socket that asks.
 */
void wsp_bequeath_news(const struct wsp_use *use, int heir);
void wsp_inherit_news(const struct wsp_use *use);

static inline struct wsp_table *wsp_table_of(SOCKET s)
{
	return &wsp_tables[s % WSP_TABLES];
}

static inline struct wsp_row *wsp_row_of(struct wsp_table *table, SOCKET s)
{
	return &table->rows[s / WSP_TABLES % WSP_ROWS];
}

/* NULL if it has had nothing to wait for. */
struct wsp_port *wsp_find_port(struct wsp_table *table, SOCKET s);

/* Of the socket's word, for the calls that take their turn. */
static inline unsigned int wsp_lane_bit(enum wsp_lane lane)
{
	switch (lane) {
	case WSP_IN:
		return WSP_QUEUED_IN;
	case WSP_OUT:
		return WSP_QUEUED_OUT;
	default:
		return 0;
	}
}

static inline bool wsp_is_in_lane(const struct wsp_port *port, enum wsp_lane lane,
				  const WSAOVERLAPPED *overlapped)
{
	const struct wsp_op *op;

	TAILQ_FOREACH(op, &port->lanes[lane], link)
		if (op->notice.overlapped == overlapped)
			return true;
	return false;
}

void wsp_free_op(struct wsp_op *op);

/* ending.c: with the table's lock: one of the lane, all of it, all of the socket's */
void wsp_complete(struct wsp_port *port, struct wsp_op *op, int code);
void wsp_end_lane(struct wsp_port *port, enum wsp_lane lane, int code);
void wsp_end_port(struct wsp_port *port);

#endif /* LIBWSP_LANE_H */
