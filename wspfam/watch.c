// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "change.h"
#include "compat.h"
#include "watch.h"

#define WSP_WATCH_HEAD		256	/* bytes of a message that are looked at */
#define WSP_WATCH_WORKERS	4	/* namespaces whose news is told at a time */
#define WSP_WATCH_TRIES		16	/* for a port that nobody has */

struct wsp_watch_net {
	struct wsp_watch *watch;	/* NULL while nobody wants to hear */
};

/* Its work waits for the RTNL: it is not to take the place of what others wait for. */
static struct workqueue_struct *wsp_watch_wq __ro_after_init;
static unsigned int wsp_watch_id __read_mostly;
static DEFINE_MUTEX(wsp_watch_lock);	/* of all members, and of what struct net has */

static void wsp_watch_run(struct wsp_watch *watch)
{
	atomic_inc_return_release(&watch->wanted);	/* with wsp_watch_work() */
	queue_work(wsp_watch_wq, &watch->work);
}

/*
 * In any context, under whatever locks who changes something holds; by a process that
 * may send to any port also while the listener is being released.
 */
static void wsp_watch_ready(struct sock *sk)
{
	struct wsp_watch *watch;

	rcu_read_lock();
	watch = rcu_dereference_sk_user_data(sk);
	if (watch)
		wsp_watch_run(watch);
	rcu_read_unlock();
}

static void wsp_watch_note(struct wsp_watch *watch, unsigned long news)
{
	unsigned int i;

	for_each_set_bit(i, &news, WSP_NEWS)
		WRITE_ONCE(watch->count[i], watch->count[i] + 1);
}

/*
 * The next message's news, or a negative errno. Messages that had no room have had any.
 * Only the first of them is told of: until the queue is empty none gets room any more.
 */
static int wsp_watch_next(struct wsp_watch *watch)
{
	union {
		struct nlmsghdr nlh;
		char bytes[WSP_WATCH_HEAD];
	} head;
	struct kvec vec = { .iov_base = &head, .iov_len = sizeof(head) };
	struct msghdr msg = {};
	int rc;

	rc = kernel_recvmsg(watch->listener, &msg, &vec, 1, sizeof(head), MSG_DONTWAIT);
	if (rc < 0) {
		watch->overrun = rc != -EAGAIN;
		return rc == -ENOBUFS ? WSP_NEWS_ANY : rc;
	}
	/* The rest of a long one is nothing that is looked for. */
	if (rc >= sizeof(head.nlh))
		head.nlh.nlmsg_len = min_t(u32, head.nlh.nlmsg_len, rc);
	return wsp_news(&head.nlh, rc);
}

/* An error is one more than the messages that are there. */
static unsigned int wsp_watch_pending(const struct wsp_watch *watch)
{
	return watch->listener ?
	       skb_queue_len_lockless(&watch->listener->sk->sk_receive_queue) + 1 : 0;
}

/* All that there is by now (wsp_watch_settle()), and no more: others may send faster. */
static u32 wsp_watch_take(struct wsp_watch *watch)
{
	unsigned int left;
	u32 news;
	int rc = 0;

	mutex_lock(&watch->lock);
	news = watch->overrun ? WSP_NEWS_ANY : 0;
	for (left = wsp_watch_pending(watch); left; left--) {
		rc = wsp_watch_next(watch);
		if (rc < 0)
			break;
		news |= rc;
	}
	if (watch->listener && rc >= 0)
		wsp_watch_run(watch);
	if (watch->overrun)
		news = WSP_NEWS_ANY;
	mutex_unlock(&watch->lock);
	return news;
}

/*
 * Whoever changes something says so in the middle of it. He is waited for, so that
 * nobody is told of what cannot be seen yet, and asks once more too early.
 */
static void wsp_watch_await_changer(void)
{
	rtnl_lock();
	rtnl_unlock();
}

static void wsp_watch_tell(struct wsp_watch *watch, u32 news)
{
	struct list_head *link;

	wsp_watch_await_changer();

	mutex_lock(&watch->lock);
	wsp_watch_note(watch, news);
	list_for_each(link, &watch->list) {
		wsp_changes_tell(link);
		cond_resched();
	}
	mutex_unlock(&watch->lock);
}

static void wsp_watch_work(struct work_struct *work)
{
	struct wsp_watch *watch = container_of(work, struct wsp_watch, work);
	const int wanted = atomic_read_acquire(&watch->wanted);
	const u32 news = wsp_watch_take(watch);

	if (news)
		wsp_watch_tell(watch, news);
	/* What is told is there to be seen, for who is woken. */
	smp_store_release(&watch->done, wanted);
	wake_up_all(&watch->settled);
}

static bool wsp_watch_has_done(const struct wsp_watch *watch, int wanted)
{
	/* With wsp_watch_work(). */
	return smp_load_acquire(&watch->done) - wanted >= 0;
}

/*
 * What was changed before the call is told before it returns. Who holds the RTNL may do
 * so for long: the caller can be killed meanwhile, as he cannot be by flush_work().
 */
int wsp_watch_settle(struct wsp_watch *watch)
{
	const int wanted = atomic_read(&watch->wanted);

	if (wait_event_killable(watch->settled, wsp_watch_has_done(watch, wanted)))
		return -EINTR;
	return 0;
}

u32 wsp_watch_count(const struct wsp_watch *watch, u32 news)
{
	const unsigned long bits = news;
	unsigned int i;
	u32 sum = 0;

	for_each_set_bit(i, &bits, WSP_NEWS)
		sum += READ_ONCE(watch->count[i]);
	return sum;
}

/* No process has such a port by itself, and to one without a port nothing comes. */
static int wsp_watch_bind(struct socket *listener)
{
	struct sockaddr_nl name = {
		.nl_family = AF_NETLINK,
		.nl_groups = wsp_news_groups(),
	};
	int rc, i;

	for (i = 0; i < WSP_WATCH_TRIES; i++) {
		name.nl_pid = (get_random_u32() >> 2) | BIT(30);
		rc = kernel_bind(listener, (struct sockaddr_unsized *)&name, sizeof(name));
		if (rc != -EADDRINUSE)
			break;
	}
	return rc;
}

/* From here on nothing of ours is called, whoever still has the sock. */
static void wsp_watch_deafen(const struct wsp_watch *watch, struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = watch->data_ready;
	sk->sk_error_report = watch->error_report;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	synchronize_rcu();
}

static int wsp_watch_listen(struct wsp_watch *watch, struct net *net)
{
	struct sock *sk;
	int rc;

	rc = sock_create_kern(net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &watch->listener);
	if (rc)
		return rc;

	sk = watch->listener->sk;
	write_lock_bh(&sk->sk_callback_lock);
	watch->data_ready = sk->sk_data_ready;
	watch->error_report = sk->sk_error_report;
	rcu_assign_sk_user_data(sk, watch);
	sk->sk_data_ready = wsp_watch_ready;
	sk->sk_error_report = wsp_watch_ready;
	write_unlock_bh(&sk->sk_callback_lock);

	rc = wsp_watch_bind(watch->listener);
	if (rc) {
		wsp_watch_deafen(watch, sk);
		sock_release(watch->listener);
	}
	return rc;
}

static void wsp_watch_free(struct wsp_watch *watch)
{
	struct list_head *link, *next;

	cancel_work_sync(&watch->work);
	list_for_each_safe(link, next, &watch->list)
		wsp_changes_free(link);
	kfree(watch);
}

static void wsp_watch_end_work(struct work_struct *work)
{
	wsp_watch_free(container_of(work, struct wsp_watch, end));
}

static struct wsp_watch *wsp_watch_new(struct net *net)
{
	struct wsp_watch *watch;

	watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	if (!watch)
		return NULL;
	mutex_init(&watch->lock);
	INIT_LIST_HEAD(&watch->list);
	init_waitqueue_head(&watch->settled);
	INIT_WORK(&watch->work, wsp_watch_work);
	INIT_WORK(&watch->end, wsp_watch_end_work);
	if (wsp_watch_listen(watch, net)) {
		kfree(watch);
		return NULL;
	}
	return watch;
}

/* Nothing comes any more once the listener is released, and nobody reads from it then. */
static void wsp_watch_hush(struct wsp_watch *watch)
{
	struct socket *listener = watch->listener;

	mutex_lock(&watch->lock);
	watch->listener = NULL;
	mutex_unlock(&watch->lock);
	wsp_watch_deafen(watch, listener->sk);
	sock_release(listener);
}

/* Nobody wants to hear any more. Its work may wait for the RTNL; who closes does not. */
static void wsp_watch_end(struct wsp_watch *watch)
{
	wsp_watch_hush(watch);
	queue_work(wsp_watch_wq, &watch->end);
}

/* That of the namespace, which @made becomes if there is none. */
static struct wsp_watch *wsp_watch_enter(struct net *net, struct wsp_watch *made)
{
	struct wsp_watch_net *wn = net_generic(net, wsp_watch_id);
	struct wsp_watch *watch;

	mutex_lock(&wsp_watch_lock);
	watch = wn->watch;
	if (!watch)
		watch = made;
	if (watch) {
		wn->watch = watch;
		watch->members++;
	}
	mutex_unlock(&wsp_watch_lock);
	return watch;
}

/* NULL: no memory, or none of what else a socket needs. */
struct wsp_watch *wsp_watch_join(struct net *net, struct list_head *link)
{
	struct wsp_watch *watch = wsp_watch_enter(net, NULL), *made;

	if (!watch) {
		made = wsp_watch_new(net);
		if (!made)
			return NULL;
		watch = wsp_watch_enter(net, made);
		if (watch != made)
			wsp_watch_end(made);
	}

	mutex_lock(&watch->lock);
	list_add_tail(link, &watch->list);
	mutex_unlock(&watch->lock);
	return watch;
}

void wsp_watch_leave(struct net *net, struct list_head *link)
{
	struct wsp_watch_net *wn = net_generic(net, wsp_watch_id);
	struct wsp_watch *watch = wn->watch;	/* as long as there is a member */
	bool last;

	mutex_lock(&watch->lock);
	list_del(link);
	mutex_unlock(&watch->lock);

	mutex_lock(&wsp_watch_lock);
	last = !--watch->members;
	if (last)
		wn->watch = NULL;
	mutex_unlock(&wsp_watch_lock);
	if (last)
		wsp_watch_end(watch);
}

/* All sockets are closed; what is left was so by another's release. */
static void __net_exit wsp_watch_net_exit(struct net *net)
{
	const struct wsp_watch_net *wn = net_generic(net, wsp_watch_id);

	if (!wn->watch)
		return;
	wsp_watch_hush(wn->watch);
	wsp_watch_free(wn->watch);
}

static struct pernet_operations wsp_watch_net_ops = {
	.exit = wsp_watch_net_exit,
	.id = &wsp_watch_id,
	.size = sizeof(struct wsp_watch_net),
};

int __init wsp_watch_init(void)
{
	int rc;

	wsp_watch_wq = alloc_workqueue("wspfam", WQ_UNBOUND, WSP_WATCH_WORKERS);
	if (!wsp_watch_wq)
		return -ENOMEM;
	rc = register_pernet_subsys(&wsp_watch_net_ops);
	if (rc)
		destroy_workqueue(wsp_watch_wq);
	return rc;
}

void wsp_watch_exit(void)
{
	unregister_pernet_subsys(&wsp_watch_net_ops);
	destroy_workqueue(wsp_watch_wq);
	/* Who sends to a listener alone, not to the group, may yet step into its function. */
	synchronize_rcu_tasks();
}
