/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped I/O (contract, section 8). An operation is first tried in the call that
 * starts it. If it has to wait it is queued, by socket and direction (lane.c), a
 * thread of the library tries it again when epoll(7) says so (engine.c), and what
 * it comes to is told by its OVERLAPPED, an event (notice.c) or a routine (alertable.c).
 */
#ifndef LIBWSP_OVERLAPPED_H
#define LIBWSP_OVERLAPPED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/queue.h>

#include "transfer.h"

#define WSP_AGAIN	(-1)	/* in place of a code: it has to wait */
#define WSP_MOVED	(-2)	/* likewise, and does so at another socket */

/* Those that wait for a change of the network, WSP_NEWS, do so side by side. */
enum wsp_lane { WSP_IN, WSP_OUT, WSP_NEWS, WSP_LANES };

/**
 * struct wsp_notice - how the program is told of an operation's end
 * @overlapped: what it comes to, or NULL if nobody asks
 * @event: set, if not NULL
 * @event_word: its word, so that no other of that number is
 * @due: the call of a routine, or NULL; allocated
 */
struct wsp_notice {
	LPWSAOVERLAPPED overlapped;
	WSAEVENT event;
	unsigned int event_word;
	struct wsp_due *due;
};

/**
 * struct wsp_op - an operation
 * @lane: its direction
 * @attempt: a try: 0, a code, or WSP_AGAIN
 * @notice: for its end
 * @thread: whose it is; for comparison
 * @vector: what is left to send, or to fill
 * @msg: where to, or where the sender's name goes
 * @name: @msg's, if it is not the program's
 * @namelen: where its size goes, or NULL
 * @flags: of the call
 * @total: bytes so far
 * @got: the flags it gives
 * @more: what an extension's call needs beside; allocated, or NULL
 * @file: the part of a file that is sent, mapped, or of no size
 * @change: what is waited for, and since when (I-05)
 * @link: its place in the queue
 */
struct wsp_op {
	enum wsp_lane lane;
	int (*attempt)(struct wsp_op *op, const struct wsp_use *use);
	struct wsp_notice notice;
	const void *thread;
	struct wsp_vector vector;
	struct msghdr msg;
	union wsp_name name;
	LPINT namelen;
	int flags;
	DWORD total;
	DWORD got;
	void *more;
	struct iovec file;
	struct wsp_change change;
	TAILQ_ENTRY(wsp_op) link;
};

/* O-01: has it been opened for that? */
static inline bool wsp_goes_overlapped(const struct wsp_use *use)
{
	return use->word && !(use->word & WSP_SYNCHRONOUS);
}

/*
 * overlapped.c: SD_SEND, behind what is pending (O-07); false if nothing is, or if the
 * socket is none
 */
bool wsp_shut_in_turn(const struct wsp_use *use);

/* overlapped.c: 0, WSA_IO_PENDING, or a code */
int wsp_send_overlapped(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			LPDWORD sent, DWORD flags, const struct sockaddr *to, int tolen,
			LPWSAOVERLAPPED overlapped,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int wsp_receive_overlapped(const struct wsp_use *use, LPWSABUF bufs, DWORD count,
			   LPDWORD got, LPDWORD flags, const struct msghdr *msg,
			   LPINT namelen, LPWSAOVERLAPPED overlapped,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/* overlapped.c: what extensions' calls consist of as well */
void wsp_begin_op(struct wsp_op *op, enum wsp_lane lane, DWORD flags);
void wsp_free_parts(struct wsp_op *op);
int wsp_attempt_send(struct wsp_op *op, const struct wsp_use *use);
int wsp_attempt_receive(struct wsp_op *op, const struct wsp_use *use);
int wsp_attempt_shutdown(struct wsp_op *op, const struct wsp_use *use);	/* SD_SEND */
int wsp_launch(const struct wsp_use *use, struct wsp_op *op, LPWSAOVERLAPPED overlapped,
	       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/* overlapped.c: as wsp_launch(), for a call without lpOverlapped, which waits */
int wsp_await_op(const struct wsp_use *use, struct wsp_op *op);

/* overlapped.c: as wsp_prepare_send(), and the operation has the name itself */
int wsp_prepare_sending(const struct wsp_use *use, struct wsp_op *op, LPWSABUF bufs,
			DWORD count, DWORD flags, const struct sockaddr *to, int tolen);

/* overlapped.c: the size of the name that has come; 0, or the code of what was cut short */
int wsp_tell_name(const struct wsp_op *op);

/* overlapped.c: a request for a change, of a call that has a notice already */
int wsp_await_overlapped(const struct wsp_use *use, const struct wsp_change *change,
			 const struct wsp_notice *notice);

/*
 * acceptex.c: likewise those that wait at another socket than @s, and are about it: the
 * one to accept at, and if that is what is @closed, the one to accept by
 */
bool wsp_end_accepts(SOCKET s, const WSAOVERLAPPED *overlapped, const void *thread,
		     bool closed);
bool wsp_any_accepts(void);

/* connectex.c: what is to be undone of one that is cancelled */
void wsp_abandon_connect(const struct wsp_op *op, SOCKET s);

/*
 * overlapped.c: a call without lpOverlapped, behind those that wait (O-05). False if
 * none does, and then it has its turn.
 */
bool wsp_take_turn(const struct wsp_use *use, struct wsp_vector *vector,
		   struct msghdr *msg, int flags, enum wsp_lane lane, DWORD *total,
		   int *code);

/* lane.c: 0, WSA_IO_PENDING, or a code; from then on @op is nobody's */
int wsp_start_operation(const struct wsp_use *use, struct wsp_op *op);

/* lane.c: likewise, but false and nothing done if none waits before it */
bool wsp_queue_operation(const struct wsp_use *use, struct wsp_op *op, int *code);

/* lane.c: one more try, in the thread that is about to wait for it; is it at @s? */
bool wsp_hasten_operation(SOCKET s, const WSAOVERLAPPED *overlapped);

bool wsp_has_waiting(const struct wsp_use *use, enum wsp_lane lane);

/* lane.c: who waits for a connection takes the one that has been put off */
void wsp_offer_deferred(const struct wsp_use *use);

/* ending.c: what is pending ends with WSA_OPERATION_ABORTED: all, or that one, or by whom */
void wsp_abort_operations(SOCKET s);
bool wsp_cancel_operations(SOCKET s, const WSAOVERLAPPED *overlapped, const void *thread);
const void *wsp_this_thread(void);

/* ending.c: does it wait, in this process? Most likely on @s. */
bool wsp_is_queued(SOCKET s, const WSAOVERLAPPED *overlapped);

/* ending.c: ends what waits to receive, with WSAESHUTDOWN (O-07) */
void wsp_end_receiving(SOCKET s);

/* lane.c: for engine.c: it may go on; the word is the descriptor's, with its generation */
bool wsp_run_operations(SOCKET s, unsigned int word, uint32_t events);

/* ending.c: ends what waits on sockets that are closed */
void wsp_sweep_operations(void);

/*
 * engine.c: have @events of a descriptor told once, with @word; false without memory.
 * With a lane's lock; the first call starts the engine
 */
bool wsp_engine_watch(SOCKET s, unsigned int word, uint32_t events);

/*
 * engine.c: likewise, but all changes of the network, until it is deaf to them; once at
 * first for what has been before
 */
bool wsp_engine_hear(SOCKET s, unsigned int word);
void wsp_engine_be_deaf(SOCKET s);

/* engine.c: from now on somebody may wait for what it does */
void wsp_engine_be_prompt(void);

/* engine.c: neither any more */
void wsp_engine_forget(SOCKET s);

/*
 * notice.c: how many locks of all this the thread has, or is about to have. A handler
 * that has interrupted it must not wait for them, and leaves to it what they are for.
 * It is not cancelled with them: sending, and setting an event, are where it could be.
 */
extern _Atomic bool wsp_is_to_sweep;
extern _Thread_local unsigned int wsp_amid __attribute__((tls_model("initial-exec")));
extern _Thread_local int wsp_cancel_state __attribute__((tls_model("initial-exec")));

static inline bool wsp_is_amid(void)
{
	return wsp_amid;
}

static inline void wsp_begin_amid(void)
{
	if (!wsp_amid++)
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &wsp_cancel_state);
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void wsp_end_amid(void)
{
	const int state = wsp_cancel_state;

	atomic_signal_fence(memory_order_seq_cst);
	if (--wsp_amid)
		return;
	pthread_setcancelstate(state, NULL);
	if (atomic_load_explicit(&wsp_is_to_sweep, memory_order_relaxed))
		wsp_sweep_operations();
}

static inline void wsp_lock_amid(pthread_mutex_t *lock)
{
	wsp_begin_amid();
	pthread_mutex_lock(lock);
}

static inline void wsp_unlock_amid(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
	wsp_end_amid();
}

/* notice.c: 0 or a code; settled in the end, or finished if it is pending then */
int wsp_make_notice(struct wsp_notice *notice, LPWSAOVERLAPPED overlapped,
		    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
void wsp_mark_pending(const struct wsp_notice *notice);
void wsp_finish(struct wsp_notice *notice, int code, DWORD bytes, DWORD flags);

/*
 * notice.c: by what starting the operation has come to: 0, and it is over; another code
 * than WSA_IO_PENDING, and it has never been
 */
void wsp_settle_notice(struct wsp_notice *notice, int code, DWORD bytes, DWORD flags);

bool wsp_is_pending(const WSAOVERLAPPED *overlapped);

/*
 * notice.c: until it is over, or not in this process: 0; or the time, or, unless the
 * wait @restarts, a signal: WSAETIMEDOUT, WSAEINTR
 */
int wsp_await(SOCKET s, const WSAOVERLAPPED *overlapped, long long deadline, bool restarts);

/* notice.c: nobody tells of an operation by the event meanwhile; false: nobody does */
bool wsp_lock_event(WSAEVENT event);
void wsp_unlock_event(WSAEVENT event);

/* alertable.c: a call of @routine in this thread, to be posted or dropped; or NULL */
struct wsp_due *wsp_make_due(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			     LPWSAOVERLAPPED overlapped);
void wsp_drop_due(struct wsp_due *due);

/* alertable.c: with the inboxes' lock */
void wsp_post_due(struct wsp_due *due, int code, DWORD bytes, DWORD flags);

/*
 * alertable.c: a thread begins to wait, by the descriptor that it gets, -1 if it has
 * no routines; true if there are some to run already
 */
bool wsp_begin_alertable(int *fd);
void wsp_end_alertable(const int *fd);

/* alertable.c: the one to wait by from now on, since it has been told of nothing */
int wsp_renew_bell(void);

/* alertable.c: runs all that are due; have there been any? */
bool wsp_run_due(void);

/**
 * struct wsp_own - a descriptor of the library's own
 * @fd: its number, -1 for none
 * @link: its place among those that have one
 */
struct wsp_own {
	_Atomic int fd;
	LIST_ENTRY(wsp_own) link;
};

#define WSP_NOT_OWN	{ .fd = -1 }

/*
 * own.c: a new descriptor, in place of one that is lost; false if it is -1 or there is no
 * memory, and it is closed then. Its number, or -1 if that is not the library's any more.
 * And the end of it. With the lock of a table, or of the inboxes.
 */
bool wsp_own(struct wsp_own *own, int fd);
int wsp_own_fd(const struct wsp_own *own);
void wsp_disown(struct wsp_own *own);

/* lane.c: watches, by what there is now, all that waits */
void wsp_watch_all(void);

/* forking.c: has there been any overlapped call? Until then nothing of this is in use. */
extern _Atomic bool wsp_is_used;
bool wsp_begin_use(void);

/* forking.c: around a fork, with the lock of closing.c's lists, for which it may be too early */
bool wsp_lock_overlapped(void);
void wsp_unlock_overlapped(void);
void wsp_drop_overlapped(void);

/* ending.c, notice.c, alertable.c, engine.c, mode.c, own.c: what forking.c is about */
void wsp_lock_lanes(void);
void wsp_unlock_lanes(void);
void wsp_drop_lanes(bool locked);
void wsp_drop_events(void);
void wsp_lock_inboxes(void);
void wsp_unlock_inboxes(void);
void wsp_drop_inboxes(bool locked);
void wsp_drop_engine(void);
void wsp_drop_modes(void);
void wsp_drop_own(void);

#endif /* LIBWSP_OVERLAPPED_H */
