// SPDX-License-Identifier: GPL-2.0
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "change.h"
#include "compat.h"
#include "event.h"
#include "kind.h"
#include "tie.h"
#include "wait.h"
#include "watch.h"

/* What happens on the socket is no concern of this. */
static int wsp_changes_wake(wait_queue_entry_t *wait, unsigned int mode,
			    int flags, void *key)
{
	return 0;
}

/* NULL if it has never asked. */
struct wsp_changes *wsp_changes(const struct socket *sock)
{
	wait_queue_entry_t *wait = wsp_own_entry(sock, wsp_changes_wake);

	return wait ? container_of(wait, struct wsp_changes, wait) : NULL;
}

static u32 wsp_changes_event(unsigned int i)
{
	return i ? WSP_FD_ADDRESS_LIST_CHANGE : WSP_FD_ROUTING_INTERFACE_CHANGE;
}

/*
 * What the program is given to wait since: a count, and by this bit of what. An IPv6
 * socket that reaches IPv4 as well has ways of both families, until the program sets
 * IPV6_V6ONLY, after which another count would mean nothing.
 */
#define WSP_SINCE_BOTH	BIT(31)

static u32 wsp_changes_scope(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 && !ipv6_only_sock(sk) ? WSP_SINCE_BOTH : 0;
}

static u32 wsp_changes_news(const struct sock *sk, u32 event, u32 scope)
{
	const bool v6 = sk->sk_family == AF_INET6;

	if (event == WSP_FD_ADDRESS_LIST_CHANGE)
		return v6 ? BIT(WSP_NEWS_ADDRESS_V6) : BIT(WSP_NEWS_ADDRESS_V4);
	if (v6 && scope)
		return WSP_NEWS_ROUTE;
	return v6 ? BIT(WSP_NEWS_ROUTE_V6) : BIT(WSP_NEWS_ROUTE_V4);
}

/* Has there been any since then? */
static bool wsp_changes_since(const struct wsp_changes *changes, const struct sock *sk,
			      const struct wsp_change *arg)
{
	const u32 news = wsp_changes_news(sk, arg->event, arg->since & WSP_SINCE_BOTH);

	return (wsp_watch_count(changes->watch, news) ^ arg->since) & ~WSP_SINCE_BOTH;
}

static void wsp_changes_signal(const struct wsp_changes *changes, u32 events)
{
	if (events & changes->mask)
		wsp_eventfd_signal(changes->event->ctx);
}

/* Records the requests that have been answered by now. */
static void wsp_changes_answer(struct wsp_changes *changes)
{
	u32 events = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(changes->requests); i++) {
		struct wsp_request *request = &changes->requests[i];

		if (request->news && request->since !=
				     wsp_watch_count(changes->watch, request->news)) {
			request->news = 0;
			events |= wsp_changes_event(i);
		}
	}
	changes->recorded |= events;
	wsp_changes_signal(changes, events);
}

/*
 * There was news. The socket may be closed already, if not by the family's own release,
 * because another's table was in its place; its wait queue is there (wsp_changes_new()).
 */
void wsp_changes_tell(struct list_head *link)
{
	struct wsp_changes *changes = container_of(link, struct wsp_changes, link);
	struct socket *sock = changes->wait.private;

	spin_lock_irq(&changes->lock);
	wsp_changes_answer(changes);
	spin_unlock_irq(&changes->lock);

	__wake_up(&sock->wq.wait, TASK_NORMAL, 0, poll_to_key(WSP_POLL_CHANGE));
}

/* V-11: the new tie, NULL for none, is told what the former one was and nobody has taken. */
void wsp_changes_tie(struct wsp_changes *changes, const struct wsp_tie *tie)
{
	spin_lock(&changes->lock);
	changes->event = tie ? tie->event : NULL;
	changes->mask = tie ? tie->mask & WSP_FD_CHANGES : 0;
	wsp_changes_signal(changes, changes->recorded);
	spin_unlock(&changes->lock);
}

/* Resets @reset, if there is one, before anything else can be recorded. */
u32 wsp_changes_take(struct wsp_changes *changes, struct eventfd_ctx *reset)
{
	u32 events;

	spin_lock(&changes->lock);
	events = changes->recorded & changes->mask;
	changes->recorded &= ~events;
	if (reset)
		wsp_event_reset(reset);
	spin_unlock(&changes->lock);
	return events;
}

void wsp_changes_give_back(struct wsp_changes *changes, u32 events)
{
	spin_lock(&changes->lock);
	changes->recorded |= events & WSP_FD_CHANGES;
	wsp_changes_signal(changes, events);
	spin_unlock(&changes->lock);
}

/* It keeps the socket's wait queue where it is, but not the socket. */
static struct wsp_changes *wsp_changes_new(struct socket *sock)
{
	struct wsp_changes *changes;

	changes = kzalloc(sizeof(*changes), GFP_KERNEL_ACCOUNT);
	if (!changes)
		return NULL;
	init_waitqueue_func_entry(&changes->wait, wsp_changes_wake);
	changes->wait.flags = WQ_FLAG_PRIORITY;
	changes->wait.private = sock;
	ihold(SOCK_INODE(sock));
	spin_lock_init(&changes->lock);
	return changes;
}

static void wsp_changes_delete(struct wsp_changes *changes)
{
	iput(SOCK_INODE((struct socket *)changes->wait.private));
	kfree(changes);
}

static void wsp_changes_unfasten(struct wsp_changes *changes)
{
	struct socket *sock = changes->wait.private;

	remove_wait_queue(&sock->wq.wait, &changes->wait);
	wsp_changes_delete(changes);
}

void wsp_changes_free(struct list_head *link)
{
	wsp_changes_unfasten(container_of(link, struct wsp_changes, link));
}

/*
 * The table of a tied socket, whose release is the family's own. Another thread may have
 * been faster: then the socket has what that has made.
 */
static struct wsp_changes *wsp_changes_fasten(struct socket *sock,
					      struct wsp_changes *changes)
{
	struct wsp_changes *former;

	wsp_lock_table(sock);
	spin_lock_irq(&sock->wq.wait.lock);
	former = wsp_changes(sock);
	if (former) {
		changes = former;
	} else if (!wsp_set_tied(sock, true)) {
		changes = ERR_PTR(-ENOTTY);
	} else {
		__add_wait_queue(&sock->wq.wait, &changes->wait);
		wsp_changes_tie(changes, wsp_tie(sock));
	}
	spin_unlock_irq(&sock->wq.wait.lock);
	wsp_unlock_table(sock);
	return changes;
}

static struct wsp_changes *wsp_changes_make(struct socket *sock)
{
	struct wsp_changes *changes = wsp_changes_new(sock), *made;
	struct net *net = sock_net(sock->sk);

	if (!changes)
		return ERR_PTR(-ENOBUFS);
	changes->watch = wsp_watch_join(net, &changes->link);
	if (!changes->watch) {
		wsp_changes_delete(changes);
		return ERR_PTR(-ENOBUFS);
	}

	made = wsp_changes_fasten(sock, changes);
	if (made != changes) {
		wsp_watch_leave(net, &changes->link);
		wsp_changes_delete(changes);
	}
	return made;
}

static struct wsp_changes *wsp_changes_find(struct socket *sock)
{
	struct wsp_changes *changes;

	spin_lock_irq(&sock->wq.wait.lock);
	changes = wsp_changes(sock);
	spin_unlock_irq(&sock->wq.wait.lock);
	return changes;
}

/*
 * News may be counted already and not yet told here: then it is the former request's, in
 * whose place this one comes. What is counted after that is the new one's.
 */
static void wsp_changes_request(struct wsp_changes *changes, const struct sock *sk,
				struct wsp_change *arg)
{
	const u32 scope = wsp_changes_scope(sk);
	const u32 news = wsp_changes_news(sk, arg->event, scope);
	struct wsp_request *request;
	u32 count;

	request = &changes->requests[arg->event == WSP_FD_ADDRESS_LIST_CHANGE];
	spin_lock_irq(&changes->lock);
	count = wsp_watch_count(changes->watch, news);
	arg->since = (count & ~WSP_SINCE_BOTH) | scope;
	if (arg->flags & WSP_CHANGE_RECORD) {
		wsp_changes_answer(changes);
		*request = (struct wsp_request){ news, count };
	}
	spin_unlock_irq(&changes->lock);
}

static int wsp_changes_wait(struct socket *sock, struct wsp_changes *changes,
			    const struct wsp_change *arg)
{
	struct wsp_waiter waiter;
	int rc = 0;

	wsp_waiter_join(&waiter, sock, false);
	while (!wsp_changes_since(changes, sock->sk, arg)) {
		rc = wsp_waiter_ended(&waiter, MAX_SCHEDULE_TIMEOUT);
		if (rc)
			break;
		wsp_waiter_sleep(&waiter, MAX_SCHEDULE_TIMEOUT);
	}
	wsp_waiter_leave(&waiter, sock);
	return rc == -ECANCELED ? -EINTR : rc;
}

/* WSP_IOC_CHANGE, for one of WSP_FD_CHANGES. */
int wsp_changes_ask(struct socket *sock, struct wsp_change *arg)
{
	struct wsp_changes *changes = wsp_changes_find(sock);
	int rc;

	if (!changes) {
		changes = wsp_changes_make(sock);
		if (IS_ERR(changes))
			return PTR_ERR(changes);
	}
	if (arg->flags & WSP_CHANGE_WAIT)
		return wsp_changes_wait(sock, changes, arg);
	if (arg->flags & WSP_CHANGE_LOOK)
		return wsp_changes_since(changes, sock->sk, arg) ? 0 : -EAGAIN;
	rc = wsp_watch_settle(changes->watch);
	if (!rc)
		wsp_changes_request(changes, sock->sk, arg);
	return rc;
}

/* The socket is about to be closed. */
void wsp_changes_drop(struct socket *sock)
{
	struct wsp_changes *changes = wsp_changes_find(sock);

	if (!changes)
		return;
	wsp_watch_leave(sock_net(sock->sk), &changes->link);
	wsp_changes_unfasten(changes);
}
