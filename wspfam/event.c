// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <linux/udp.h>
#include <linux/wait.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include <linux/wsp.h>

#include "attempt.h"
#include "codes.h"
#include "connect.h"
#include "event.h"
#include "kind.h"
#include "stats.h"
#include "stream.h"

/* An eventfd, and how many sockets share this hold on it. */
struct wsp_event {
	refcount_t ties;
	struct eventfd_ctx *ctx;
};

/**
 * struct wsp_tie - a socket's tie to an event, and the record of its events
 * @wait: the entry in the socket's wait queue, whose lock guards all of this
 * @event: what to signal
 * @mask: WSP_FD_* the program asked for
 * @enabled: those of @mask that may be recorded
 * @recorded: those that were, until the program takes them
 * @connect_code: the outcome of the last attempt, a WSAE code or 0
 * @close_code: how the connection ended, likewise
 * @connected: a stream's connection has stood
 */
struct wsp_tie {
	wait_queue_entry_t wait;
	struct wsp_event *event;
	u16 mask;
	u16 enabled;
	u16 recorded;
	u16 connect_code;
	u16 close_code;
	bool connected;
};

static struct wsp_event *wsp_event_get(int fd)
{
	struct wsp_event *event;

	event = kmalloc(sizeof(*event), GFP_KERNEL_ACCOUNT);
	if (!event)
		return ERR_PTR(-ENOBUFS);

	event->ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(event->ctx)) {
		kfree(event);
		return ERR_PTR(-EINVAL);	/* V-09 */
	}
	refcount_set(&event->ties, 1);
	return event;
}

static void wsp_event_put(struct wsp_event *event)
{
	if (!refcount_dec_and_test(&event->ties))
		return;
	eventfd_ctx_put(event->ctx);
	kfree(event);
}

/*
 * Sets the counter of @ctx to 0, or takes 1 of a semaphore, as a read(2) does.
 * It wakes who waits for room, and that may be someone who signals an eventfd
 * in turn, this one even: he is to leave that for later, as when the eventfd's
 * own read wakes him.
 */
static void wsp_event_reset(struct eventfd_ctx *ctx)
{
	wait_queue_entry_t none;
	u64 count;

	INIT_LIST_HEAD(&none.entry);
	current->in_eventfd = 1;
	eventfd_ctx_remove_wait_queue(ctx, &none, &count);
	current->in_eventfd = 0;
}

static int wsp_event_wake(wait_queue_entry_t *wait, unsigned int mode,
			  int flags, void *key);

/*
 * The tie of a socket; the caller holds the wait queue's lock. A socket whose
 * table says that it is tied may be without one: kernel_accept() gives the
 * listener's table to what it has accepted, and other kernel code gives back
 * the one that it found.
 */
static struct wsp_tie *wsp_tie(struct socket *sock)
{
	wait_queue_entry_t *wait;

	lockdep_assert_held(&sock->wq.wait.lock);

	/* Its priority keeps it ahead of all others'. */
	list_for_each_entry(wait, &sock->wq.wait.head, entry) {
		if (wait->func == wsp_event_wake)
			return container_of(wait, struct wsp_tie, wait);
		if (!(wait->flags & WQ_FLAG_PRIORITY))
			break;
	}
	return NULL;
}

/* Records those of @events that may be, and tells the program. */
static void wsp_record(struct wsp_tie *tie, u32 events)
{
	events &= tie->enabled;
	if (!events)
		return;
	tie->enabled &= ~events;
	tie->recorded |= events;
	wsp_eventfd_signal(tie->event->ctx);
}

/* Is there anything to receive, apart from the end and an urgent byte? */
static bool wsp_stream_has_data(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const u32 next = READ_ONCE(tp->rcv_nxt);
	const u32 read = READ_ONCE(tp->copied_seq);
	int bytes = next - read;

	if (sock_flag(sk, SOCK_DONE))
		bytes--;
	if (tp->urg_data && !sock_flag(sk, SOCK_URGINLINE) &&
	    !before(tp->urg_seq, read) && before(tp->urg_seq, next))
		bytes--;
	return bytes > 0;
}

/*
 * Has a connection that is over been ended by both sides? The peer's FIN leaves
 * SOCK_DONE. Ours is the one thing in the sequence that send(2) has not pushed,
 * and has been acknowledged if everything has.
 */
static bool wsp_stream_was_ended(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const u32 end = READ_ONCE(tp->write_seq);

	return sock_flag(sk, SOCK_DONE) && end != tp->pushed_seq &&
	       end == tp->snd_una;
}

/* V-06: it is the same, whether or not the program has been told already. */
static int wsp_stream_end(const struct sock *sk)
{
	return READ_ONCE(sk->sk_err) ?: wsp_stream_was_ended(sk) ? 0 : ECONNRESET;
}

/* What holds on a stream that is connected, or has been. */
static u32 wsp_connected_events(struct sock *sk, struct wsp_tie *tie)
{
	const bool closed = sk->sk_state == TCP_CLOSE;
	const int error = closed ? wsp_stream_end(sk) : 0;
	u32 events = WSP_FD_CONNECT;

	if (wsp_stream_has_data(sk))
		events |= WSP_FD_READ;
	else if (closed || sock_flag(sk, SOCK_DONE))
		events |= WSP_FD_CLOSE;
	if (error)
		events |= WSP_FD_CLOSE;
	if (tcp_sk(sk)->urg_data & TCP_URG_VALID &&
	    !sock_flag(sk, SOCK_URGINLINE))
		events |= WSP_FD_OOB;
	/* Most often nobody waits for this, and it is dear to find out. */
	if (tie->enabled & WSP_FD_WRITE &&
	    !(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) &&
	    sk_stream_is_writeable(sk))
		events |= WSP_FD_WRITE;

	if (tie->enabled & WSP_FD_CONNECT)
		tie->connect_code = 0;
	if (tie->enabled & WSP_FD_CLOSE)
		tie->close_code = wsp_close_code(error);
	tie->connected = true;
	return events;
}

/* The attempt has failed in the background. */
static u32 wsp_failed_events(const struct socket *sock, struct wsp_tie *tie)
{
	const struct sock *sk = sock->sk;
	int error;

	if (tie->enabled & WSP_FD_CONNECT) {
		error = wsp_attempt_error(sock) ?: READ_ONCE(sk->sk_err);
		tie->connect_code = wsp_attempt_code(sk, error);
	}
	return WSP_FD_CONNECT;
}

static u32 wsp_stream_events(const struct socket *sock, struct wsp_tie *tie)
{
	struct sock *sk = sock->sk;

	if (tie->connected)
		return wsp_connected_events(sk, tie);

	switch (wsp_stream_state_of(sock)) {
	case WSP_STATE_LISTENING:
		if (reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue))
			return 0;
		return WSP_FD_ACCEPT;
	case WSP_STATE_PENDING:
	case WSP_STATE_BLOCKED:
		/* The error comes just before the end. */
		return READ_ONCE(sk->sk_err) ? wsp_failed_events(sock, tie) : 0;
	case WSP_STATE_FAILED:
		return wsp_failed_events(sock, tie);
	case WSP_STATE_CONNECTED:
		return wsp_connected_events(sk, tie);
	default:
		return 0;
	}
}

/* An error is received as well. */
static bool wsp_dgram_has_data(const struct sock *sk)
{
	return !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       !skb_queue_empty_lockless(&udp_sk(sk)->reader_queue) ||
	       READ_ONCE(sk->sk_err);
}

static u32 wsp_dgram_events(struct sock *sk)
{
	u32 events = 0;

	if (wsp_dgram_has_data(sk))
		events |= WSP_FD_READ;
	if (!(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) && sock_writeable(sk))
		events |= WSP_FD_WRITE;
	return events;
}

/* Records what holds now. */
static void wsp_check(const struct socket *sock, struct wsp_tie *tie)
{
	u32 events;

	if (sock->type == SOCK_STREAM)
		events = wsp_stream_events(sock, tie);
	else
		events = wsp_dgram_events(sock->sk);
	wsp_record(tie, events);
}

/* Something happened on the socket; in any context. */
static int wsp_event_wake(wait_queue_entry_t *wait, unsigned int mode,
			  int flags, void *key)
{
	struct wsp_tie *tie = container_of(wait, struct wsp_tie, wait);

	if (tie->enabled)
		wsp_check(wait->private, tie);
	return 0;
}

static struct wsp_tie *wsp_tie_new(struct wsp_event *event, u32 mask)
{
	struct wsp_tie *tie;

	tie = kzalloc(sizeof(*tie), GFP_KERNEL_ACCOUNT);
	if (!tie)
		return NULL;
	init_waitqueue_func_entry(&tie->wait, wsp_event_wake);
	tie->wait.flags = WQ_FLAG_PRIORITY;
	tie->event = event;
	tie->mask = mask;
	return tie;
}

void wsp_tie_free(struct wsp_tie *tie)
{
	if (!tie)
		return;
	wsp_event_put(tie->event);
	kfree(tie);
}

/* V-04: what stood before the tie, of which no wake-up will tell. */
static void wsp_tie_first_check(struct socket *sock, struct wsp_tie *tie)
{
	const enum wsp_table table = wsp_table(sock);

	tie->enabled = tie->mask;
	if (sock->type != SOCK_STREAM) {
		wsp_check(sock, tie);
		if (sock->sk->sk_state == TCP_ESTABLISHED)
			wsp_record(tie, WSP_FD_CONNECT);
		return;
	}
	if (table == WSP_TABLE_ACCEPTED)	/* it has made no attempt */
		tie->enabled &= ~WSP_FD_CONNECT;
	wsp_check(sock, tie);
}

static void wsp_ask_for_room(struct socket *sock)
{
	set_bit(SOCK_NOSPACE, &sock->flags);
	/* The stack is to tell, before it is looked what it has told. */
	smp_mb__after_atomic();
}

static void wsp_tie_fasten(struct socket *sock, struct wsp_tie *tie)
{
	tie->wait.private = sock;
	__add_wait_queue(&sock->wq.wait, &tie->wait);
	wsp_ask_for_room(sock);
	wsp_tie_first_check(sock, tie);
}

/*
 * Puts @tie, or nothing, in the place of any former tie. A socket with another's
 * table is not tied (-ENOTTY): its release would not be ours, and end no tie.
 */
int wsp_event_tie(struct socket *sock, struct wsp_tie *tie)
{
	struct wsp_tie *former;

	spin_lock_irq(&sock->wq.wait.lock);
	if (!wsp_set_tied(sock, tie) && tie) {
		spin_unlock_irq(&sock->wq.wait.lock);
		wsp_tie_free(tie);
		return -ENOTTY;
	}
	former = wsp_tie(sock);
	if (former)
		__remove_wait_queue(&sock->wq.wait, &former->wait);
	if (tie)
		wsp_tie_fasten(sock, tie);
	spin_unlock_irq(&sock->wq.wait.lock);

	wsp_tie_free(former);
	return 0;
}

static void wsp_make_nonblocking(struct file *file)
{
	spin_lock(&file->f_lock);
	file->f_flags |= O_NONBLOCK;
	spin_unlock(&file->f_lock);
}

static void wsp_lock_table(struct socket *sock)
{
	if (sock->type == SOCK_STREAM)
		lock_sock(sock->sk);
	else
		inode_lock(SOCK_INODE(sock));
}

static void wsp_unlock_table(struct socket *sock)
{
	if (sock->type == SOCK_STREAM)
		release_sock(sock->sk);
	else
		inode_unlock(SOCK_INODE(sock));
}

/* V-01: ties @sock to the eventfd @fd for the events of @mask. */
int wsp_event_select(struct socket *sock, int fd, u32 mask)
{
	struct wsp_event *event;
	struct wsp_tie *tie = NULL;
	int rc;

	if (mask & ~WSP_FD_ALL_EVENTS)
		return -EINVAL;
	if (mask) {
		event = wsp_event_get(fd);
		if (IS_ERR(event))
			return PTR_ERR(event);
		tie = wsp_tie_new(event, mask);
		if (!tie) {
			wsp_event_put(event);
			return -ENOBUFS;
		}
		wsp_stats_inc(sock_net(sock->sk), WSP_STAT_TIED);
	}

	wsp_lock_table(sock);
	wsp_make_nonblocking(sock->file);
	rc = wsp_event_tie(sock, tie);
	wsp_unlock_table(sock);
	return rc;
}

/* A tie for a socket accepted on @sock; NULL if @sock is not tied any more. */
struct wsp_tie *wsp_event_copy(struct socket *sock)
{
	struct wsp_tie *tie, *copy;

	copy = wsp_tie_new(NULL, 0);
	if (!copy)
		return ERR_PTR(-ENOBUFS);

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie) {
		copy->event = tie->event;
		copy->mask = tie->mask;
		refcount_inc(&tie->event->ties);
	}
	spin_unlock_irq(&sock->wq.wait.lock);

	if (!tie) {
		kfree(copy);
		return NULL;
	}
	return copy;
}

/* @sock has just been accepted and has a tie of wsp_event_copy(). */
void wsp_event_inherit(struct socket *sock, struct wsp_tie *tie)
{
	if (sock->file)
		wsp_make_nonblocking(sock->file);
	wsp_event_tie(sock, tie);
}

u32 wsp_event_mask(struct socket *sock)
{
	struct wsp_tie *tie;
	u32 mask;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	mask = tie ? tie->mask : 0;
	spin_unlock_irq(&sock->wq.wait.lock);
	return mask;
}

/* A stream's attempt begins; the former one's record is no more (V-02). */
void wsp_tied_attempt(struct socket *sock)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie) {
		tie->enabled = tie->mask;
		tie->recorded = 0;
		tie->connected = false;
	}
	spin_unlock_irq(&sock->wq.wait.lock);
}

static void wsp_record_outcome(struct socket *sock, struct wsp_tie *tie, int rc)
{
	if (sock->type == SOCK_DGRAM)
		tie->enabled |= tie->mask &
				(WSP_FD_CONNECT | (rc ? 0 : WSP_FD_WRITE));
	if (tie->enabled & WSP_FD_CONNECT)
		tie->connect_code = rc ? wsp_code(-rc) : 0;
	wsp_record(tie, WSP_FD_CONNECT);
	if (!rc)
		wsp_check(sock, tie);	/* FD_WRITE: V-03, V-07 */
}

/*
 * A call to connect has come to @rc. What goes on in the background is told by
 * a wake-up, and a call that was refused for the socket's state, or had no
 * usable name, was no attempt (V-02).
 */
void wsp_tied_outcome(struct socket *sock, int rc)
{
	struct wsp_tie *tie;

	switch (rc) {
	case -EINPROGRESS:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -EINTR:
	case -EFAULT:
	case -EINVAL:
	case -EALREADY:
	case -EBUSY:
	case -EISCONN:
		return;
	}

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie)
		wsp_record_outcome(sock, tie, rc);
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* V-06: @events may be recorded again, and are if they hold. */
void wsp_event_again(struct socket *sock, u32 events)
{
	struct wsp_tie *tie;

	if (events & WSP_FD_WRITE)
		wsp_ask_for_room(sock);

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie) {
		tie->enabled |= tie->mask & events;
		wsp_check(sock, tie);
	}
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* V-12: what has been received since is not to be told of. */
static void wsp_record_review(const struct socket *sock, struct wsp_tie *tie)
{
	const bool has_data = sock->type == SOCK_STREAM ?
			      wsp_stream_has_data(sock->sk) :
			      wsp_dgram_has_data(sock->sk);

	if (!(tie->recorded & WSP_FD_READ) || has_data)
		return;
	tie->recorded &= ~WSP_FD_READ;
	tie->enabled |= WSP_FD_READ;
}

/* Takes the record and resets @reset, if there is one, in one step. */
static void wsp_record_take(struct socket *sock, struct eventfd_ctx *reset,
			    struct wsp_network_events *taken)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie) {
		wsp_record_review(sock, tie);
		taken->events = tie->recorded;
		taken->codes[WSP_FD_CONNECT_BIT] = tie->connect_code;
		taken->codes[WSP_FD_CLOSE_BIT] = tie->close_code;
		tie->recorded = 0;
	}
	if (reset)
		wsp_event_reset(reset);
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* The program could not be given @events: they have happened all the same. */
static void wsp_record_give_back(struct socket *sock, u32 events)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie) {
		tie->enabled |= events & tie->mask;
		wsp_record(tie, events);
	}
	spin_unlock_irq(&sock->wq.wait.lock);
}

static int wsp_record_put(struct wsp_network_events __user *record,
			  const struct wsp_network_events *taken)
{
	const unsigned long events = taken->events;
	unsigned int i;

	for_each_set_bit(i, &events, WSP_FD_MAX_EVENTS) {
		if (put_user(taken->codes[i], &record->codes[i]))
			return -EFAULT;
	}
	return put_user(taken->events, &record->events);
}

static int wsp_record_give(struct socket *sock, struct eventfd_ctx *reset,
			   struct wsp_network_events __user *record)
{
	struct wsp_network_events taken = {};
	int rc;

	/* Most of what cannot be written shows before anything is taken. */
	if (put_user(0, &record->events))
		return -EFAULT;

	wsp_record_take(sock, reset, &taken);
	rc = wsp_record_put(record, &taken);
	if (rc)
		wsp_record_give_back(sock, taken.events);
	else if (sock->type == SOCK_STREAM && taken.events & WSP_FD_CONNECT)
		wsp_stream_promote(sock);
	return rc;
}

/* V-05: the record, for the program; resets the eventfd @fd unless it is -1. */
int wsp_event_enum(struct socket *sock, void __user *record, int fd)
{
	struct eventfd_ctx *reset = NULL;
	int rc;

	if (fd != -1) {
		reset = eventfd_ctx_fdget(fd);
		if (IS_ERR(reset))
			return -EINVAL;
	}
	rc = wsp_record_give(sock, reset, record);
	if (reset)
		eventfd_ctx_put(reset);
	return rc;
}
