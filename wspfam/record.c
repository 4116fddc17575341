// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "attempt.h"
#include "change.h"
#include "codes.h"
#include "compat.h"
#include "connect.h"
#include "event.h"
#include "kind.h"
#include "state.h"
#include "tie.h"

/* The peer has ended the connection, or there is none any more. */
#define WSP_TCPF_ENDED	(TCPF_CLOSE_WAIT | TCPF_CLOSING | TCPF_LAST_ACK | TCPF_CLOSE)

/* Records those of @events that may be, and tells the program. */
void wsp_record(struct wsp_tie *tie, u32 events)
{
	events &= tie->enabled;
	if (!events)
		return;
	tie->enabled &= ~events;
	tie->recorded |= events;
	wsp_eventfd_signal(tie->event->ctx);
}

/*
 * Is there anything to receive, apart from the end and an urgent byte? While the end
 * comes in it may take the last byte for that; the stack tells once more after it.
 */
static bool wsp_stream_has_data(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const u32 next = READ_ONCE(tp->rcv_nxt);
	const u32 read = READ_ONCE(tp->copied_seq);
	int bytes = next - read;

	smp_rmb();	/* the end is counted first, on the stack's side as well */
	if (sock_flag(sk, SOCK_DONE))
		bytes--;
	if (tp->urg_data && !sock_flag(sk, SOCK_URGINLINE) &&
	    !before(tp->urg_seq, read) && before(tp->urg_seq, next))
		bytes--;
	return bytes > 0;
}

/* What holds on a stream that is connected, or has been. */
static u32 wsp_connected_events(struct sock *sk, struct wsp_tie *tie)
{
	/* Before the data: with this state the stack has stored what came before the end. */
	const int state = inet_sk_state_load(sk);
	const bool closed = state == TCP_CLOSE;
	const int error = closed ? wsp_stream_end(sk) : 0;
	u32 events = WSP_FD_CONNECT;

	if (wsp_stream_has_data(sk))
		events |= WSP_FD_READ;
	else if ((1 << state) & WSP_TCPF_ENDED)
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
	if (events & tie->enabled & WSP_FD_CLOSE)
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
static bool wsp_dgram_has_data(struct sock *sk)
{
	struct sk_buff_head *reader = &udp_sk(sk)->reader_queue;
	bool found;

	if (!skb_queue_empty_lockless(&sk->sk_receive_queue) || READ_ONCE(sk->sk_err))
		return true;
	/* Who has this lock may be moving it from that queue to this one. */
	if (!spin_trylock(&reader->lock))
		return true;
	found = !skb_queue_empty(reader) ||
		!skb_queue_empty_lockless(&sk->sk_receive_queue);
	spin_unlock(&reader->lock);
	return found;
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
void wsp_record_check(const struct socket *sock, struct wsp_tie *tie)
{
	u32 events;

	if (sock->type == SOCK_STREAM)
		events = wsp_stream_events(sock, tie);
	else
		events = wsp_dgram_events(sock->sk);
	wsp_record(tie, events);
}

/* Something happened on the socket; in any context. */
int wsp_record_wake(wait_queue_entry_t *wait, unsigned int mode,
		    int flags, void *key)
{
	struct wsp_tie *tie = container_of(wait, struct wsp_tie, wait);

	if (tie->enabled)
		wsp_record_check(wait->private, tie);
	return 0;
}

/* One of the family's own in the socket's wait queue; the caller holds its lock. */
wait_queue_entry_t *wsp_own_entry(const struct socket *sock, wait_queue_func_t func)
{
	wait_queue_entry_t *wait;

	lockdep_assert_held(&sock->wq.wait.lock);

	/* Their priority keeps them ahead of all others'. */
	list_for_each_entry(wait, &sock->wq.wait.head, entry) {
		if (wait->func == func)
			return wait;
		if (!(wait->flags & WQ_FLAG_PRIORITY))
			break;
	}
	return NULL;
}

/*
 * The tie of a socket; the caller holds the wait queue's lock. A socket whose
 * table says that it is tied may be without one: kernel_accept() gives the
 * listener's table to what it has accepted, and other kernel code gives back
 * the one that it found.
 */
struct wsp_tie *wsp_tie(const struct socket *sock)
{
	wait_queue_entry_t *wait = wsp_own_entry(sock, wsp_record_wake);

	return wait ? container_of(wait, struct wsp_tie, wait) : NULL;
}

void wsp_record_ask_for_room(struct socket *sock)
{
	set_bit(SOCK_NOSPACE, &sock->flags);
	/* The stack is to tell, before it is looked what it has told. */
	smp_mb__after_atomic();
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
		wsp_record_check(sock, tie);	/* FD_WRITE: V-03, V-07 */
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

static void wsp_record_again(struct socket *sock, struct wsp_tie *tie, u32 events)
{
	tie->enabled |= tie->mask & events;
	wsp_record_check(sock, tie);
}

/* V-06: @events may be recorded again, and are if they hold. */
void wsp_event_again(struct socket *sock, u32 events)
{
	struct wsp_tie *tie;

	if (events & WSP_FD_WRITE)
		wsp_record_ask_for_room(sock);

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie)
		wsp_record_again(sock, tie, events);
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* what the program has put off waits, though not in the queue. */
void wsp_event_deferred(struct socket *sock)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie)
		wsp_record(tie, WSP_FD_ACCEPT);
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* the caller may have to say later what its accept(2) has enabled. */
void wsp_event_hold(struct socket *sock, bool on)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie && (on || tie->holder == current))
		tie->holder = on ? current : NULL;
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* V-06: accept(2) enables, whatever has come of it; but once for who holds. */
void wsp_event_accepted(struct socket *sock)
{
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie && tie->holder == current)
		tie->holder = NULL;
	else if (tie)
		wsp_record_again(sock, tie, WSP_FD_ACCEPT);
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
void wsp_record_take(struct socket *sock, struct eventfd_ctx *reset,
		     struct wsp_network_events *taken)
{
	struct wsp_changes *changes = NULL;
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	tie = wsp_tie(sock);
	if (tie && tie->mask & WSP_FD_CHANGES)
		changes = wsp_changes(sock);
	if (tie) {
		wsp_record_review(sock, tie);
		taken->events = tie->recorded;
		taken->codes[WSP_FD_CONNECT_BIT] = tie->connect_code;
		taken->codes[WSP_FD_CLOSE_BIT] = tie->close_code;
		tie->recorded = 0;
	}
	if (changes)
		taken->events |= wsp_changes_take(changes, reset);
	else if (reset)
		wsp_event_reset(reset);
	spin_unlock_irq(&sock->wq.wait.lock);
}

/* The program could not be given @events: they have happened all the same. */
void wsp_record_give_back(struct socket *sock, u32 events)
{
	struct wsp_changes *changes;
	struct wsp_tie *tie;

	spin_lock_irq(&sock->wq.wait.lock);
	changes = wsp_changes(sock);
	if (changes)
		wsp_changes_give_back(changes, events);
	tie = wsp_tie(sock);
	if (tie) {
		events &= ~WSP_FD_CHANGES;
		tie->enabled |= events & tie->mask;
		wsp_record(tie, events);
	}
	spin_unlock_irq(&sock->wq.wait.lock);
}
