// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One thread closes a socket while others are in calls on it (T-01). Every
 * thread of a program that has several says in a slot of its own which socket
 * it is at. It then looks at the descriptor's word; who closes marks the word
 * and then looks at the slots, with a barrier between that all threads take
 * part in. So either the one sees the mark or the other the slot, and a call
 * that nobody disturbs has a few plain stores for it. Those who come later see the
 * mark: by the number of marks beside the slot they are told from those before.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "overlapped.h"

#define DEPTH		4	/* calls by handlers amid calls */
#define NAP		1000000	/* ns, at most, between two looks at the others */
#define WAKES		1000	/* looks, at most, at those who are to look again */

static _Atomic unsigned int marks;	/* how many there have been */
static _Atomic unsigned int wakes;	/* likewise, by wsp_wake_others() */

/**
 * struct thread - which sockets a thread is at
 * @at: one more than the descriptor, or 0
 * @since: how many marks there had been when it came there
 * @looked: how many wakes there had been when it looked last
 * @depth: how many of them are in use
 * @taken: it is a thread's, and not left over for another one
 * @link: its place in the list, where it stays
 */
struct thread {
	_Atomic int at[DEPTH];
	_Atomic unsigned int since[DEPTH];
	_Atomic unsigned int looked[DEPTH];
	int depth;
	bool taken;
	SLIST_ENTRY(thread) link;
};

static _Thread_local struct thread *me __attribute__((tls_model("initial-exec")));

/* A handler that has interrupted its thread amid this does without the lists. */
static _Thread_local bool has_lock __attribute__((tls_model("initial-exec")));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static SLIST_HEAD(threads_list, thread) threads = SLIST_HEAD_INITIALIZER(threads);
static LIST_HEAD(watchers_list, wsp_watcher) watchers = LIST_HEAD_INITIALIZER(watchers);
static LIST_HEAD(closings_list, wsp_closing) closings = LIST_HEAD_INITIALIZER(closings);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void set_up(void);

bool wsp_lock_lists(void)
{
	if (has_lock)
		return false;
	has_lock = true;
	atomic_signal_fence(memory_order_seq_cst);
	pthread_once(&once, set_up);
	pthread_mutex_lock(&lock);
	return true;
}

void wsp_unlock_lists(void)
{
	pthread_mutex_unlock(&lock);
	atomic_signal_fence(memory_order_seq_cst);
	has_lock = false;
}

static void leave_all(struct thread *thread)
{
	int i;

	for (i = 0; i < DEPTH; i++)
		atomic_store(&thread->at[i], 0);
	thread->depth = 0;
}

/*
 * Its destructors may have called again, and had another one then. What had no tables
 * to be unwound by, it may not have left.
 */
static void leave_over(void *arg)
{
	struct thread *thread = arg;

	leave_all(thread);
	if (thread == me)
		me = NULL;
	if (!wsp_lock_lists())
		return;
	thread->taken = false;
	wsp_unlock_lists();
}

static _Thread_local bool forks_unlocked;

static void before_fork(void)
{
	forks_unlocked = !wsp_lock_overlapped();
}

static void after_fork(void)
{
	if (!forks_unlocked)
		wsp_unlock_lists();
	wsp_unlock_overlapped();
}

/* The child has one thread, and nobody in it is about to close anything. */
static void in_child(void)
{
	const struct wsp_closing *c;
	struct thread *thread;

	SLIST_FOREACH(thread, &threads, link) {
		if (thread == me)
			continue;
		leave_all(thread);
		thread->taken = false;
	}
	LIST_FOREACH(c, &closings, link)
		wsp_abandon_close(c->s, c->word);
	LIST_INIT(&watchers);
	LIST_INIT(&closings);
	wsp_drop_deferred();
	wsp_drop_overlapped();
	after_fork();
}

static void set_up(void)
{
	has_key = !pthread_key_create(&key, leave_over) &&
		  !pthread_atfork(before_fork, after_fork, in_child);
}

static bool enlist(void)
{
	struct thread *thread;

	pthread_once(&once, set_up);
	if (!has_key || !wsp_lock_lists())
		return false;
	SLIST_FOREACH(thread, &threads, link)
		if (!thread->taken)
			break;
	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (thread)
			SLIST_INSERT_HEAD(&threads, thread, link);
	}
	if (thread)
		thread->taken = true;
	wsp_unlock_lists();
	me = thread;
	return thread && !pthread_setspecific(key, thread);
}

/* Where the thread has said that it is at @s; NULL if it need not, or cannot. */
static _Atomic int *say(SOCKET s)
{
	_Atomic int *slot;

	if (__libc_single_threaded || s > INT_MAX || (!me && !enlist()) ||
	    me->depth == DEPTH)
		return NULL;
	slot = &me->at[me->depth];
	atomic_store_explicit(&me->since[me->depth++],
			      atomic_load_explicit(&marks, memory_order_acquire),
			      memory_order_relaxed);
	atomic_store_explicit(slot, (int)s + 1, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	return slot;
}

struct wsp_use wsp_enter(SOCKET s)
{
	struct wsp_use use = { .s = s, .slot = say(s) };

	use.word = wsp_word(s);
	return use;
}

void wsp_leave(struct wsp_use *use)
{
	if (!use->slot)
		return;
	atomic_store_explicit(use->slot, 0, memory_order_release);
	me->depth--;
}

/* In the middle of a call, which goes on by wsp_enter_again(). */
void wsp_leave_for_now(struct wsp_use *use)
{
	wsp_leave(use);
	use->slot = NULL;
}

/* False if the socket is not to be used any more. */
bool wsp_enter_again(struct wsp_use *use)
{
	use->slot = say(use->s);
	return wsp_is_same(use->s, use->word) && !wsp_is_closing(use->s);
}

/* From here on the caller sees what was there for it to see before. */
void wsp_look_again(const struct wsp_use *use)
{
	if (use->slot)
		atomic_store(&me->looked[use->slot - me->at], atomic_load(&wakes));
}

bool wsp_watch(struct wsp_watcher *watcher, const struct pollfd *fds, __u32 count)
{
	if (__libc_single_threaded || !wsp_lock_lists())
		return false;
	watcher->fds = fds;
	watcher->count = count;
	watcher->thread = &has_lock;
	LIST_INSERT_HEAD(&watchers, watcher, link);
	wsp_unlock_lists();
	return true;
}

void wsp_unwatch(struct wsp_watcher *watcher)
{
	if (!watcher->fds || !wsp_lock_lists())
		return;
	LIST_REMOVE(watcher, link);
	watcher->fds = NULL;
	wsp_unlock_lists();
}

static void nap(long ns)
{
	const struct timespec ts = { .tv_nsec = ns };

	nanosleep(&ts, NULL);
}

static bool barrier(void)
{
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

/* All threads have passed a barrier; without one no store is kept for so long. */
static void meet(void)
{
	if (!barrier() &&
	    (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
		     0, 0) || !barrier()))
		nap(NAP);
}

static bool is_at(const struct thread *thread, SOCKET s, unsigned int mark)
{
	int i;

	for (i = 0; i < DEPTH; i++) {
		if (atomic_load_explicit(&thread->at[i], memory_order_acquire) ==
		    (int)s + 1 &&
		    (int)(atomic_load_explicit(&thread->since[i],
					       memory_order_relaxed) - mark) < 0)
			return true;
	}
	return false;
}

/* Tells those who wait for @s among others; are there other threads' calls? */
static bool tell_watchers(SOCKET s)
{
	struct wsp_watcher *w;
	bool found = false;
	__u32 i;

	LIST_FOREACH(w, &watchers, link) {
		for (i = 0; i < w->count && w->fds[i].fd != (int)s; i++)
			;
		if (i < w->count) {
			atomic_store(&w->over, 1);
			found |= w->thread != &has_lock;
		}
	}
	return found;
}

/* Is another thread at @s that has not looked since @wake? */
static bool is_to_look(SOCKET s, unsigned int wake)
{
	const struct thread *thread;
	bool found = false;
	int i;

	if (!wsp_lock_lists())
		return false;
	SLIST_FOREACH(thread, &threads, link) {
		for (i = 0; i < DEPTH && thread != me; i++)
			found |= atomic_load(&thread->at[i]) == (int)s + 1 &&
				 (int)(atomic_load(&thread->looked[i]) - wake) < 0;
	}
	wsp_unlock_lists();
	return found;
}

/*
 * A wait that is ended so is not for long, unless the socket is about to be closed.
 * One that is only about to begin is not ended by this: hence until all have looked,
 * but for those whom a handler keeps from it.
 */
void wsp_wake_others(SOCKET s)
{
	unsigned int wake;
	int i;

	if (__libc_single_threaded || !wsp_lock_lists())
		return;
	tell_watchers(s);
	wsp_unlock_lists();
	wake = atomic_fetch_add(&wakes, 1) + 1;
	meet();
	ioctl((int)s, WSP_IOC_CANCEL);
	for (i = 0; i < WAKES && is_to_look(s, wake); i++) {
		nap(NAP / 64 << (i < 6 ? i : 6));
		ioctl((int)s, WSP_IOC_CANCEL);
	}
}

/*
 * Is another thread at @s, and has been since before @mark? One's own calls are
 * those that a handler is amid.
 */
static bool is_in_use(SOCKET s, unsigned int mark)
{
	const struct thread *thread;
	bool found;

	if (!wsp_lock_lists())
		return false;
	found = tell_watchers(s);
	SLIST_FOREACH(thread, &threads, link)
		found |= thread != me && is_at(thread, s, mark);
	wsp_unlock_lists();
	return found;
}

/*
 * Marks the word of @s, which is nobody's but the caller's then. False if it is no
 * socket of the family, or somebody else's already.
 */
bool wsp_start_closing(struct wsp_closing *c, SOCKET s)
{
	const bool listed = !__libc_single_threaded && wsp_lock_lists();

	c->s = s;
	c->word = wsp_begin_close(s);
	c->listed = c->word && listed;
	if (c->listed)
		LIST_INSERT_HEAD(&closings, c, link);
	if (listed)
		wsp_unlock_lists();
	return c->word;
}

/*
 * Ends what other threads wait for on the socket, and returns when none is in a
 * call on it any more that began before.
 */
void wsp_end_others(const struct wsp_closing *c)
{
	unsigned int mark;
	long ns = NAP / 64;

	if (!c->listed)
		return;
	mark = atomic_fetch_add(&marks, 1) + 1;
	meet();
	while (is_in_use(c->s, mark)) {
		ioctl((int)c->s, WSP_IOC_CANCEL);
		nap(ns);
		if (ns < NAP)
			ns *= 2;
	}
}

/* After close(2). */
void wsp_stop_closing(struct wsp_closing *c)
{
	if (c->listed && wsp_lock_lists()) {
		LIST_REMOVE(c, link);
		wsp_unlock_lists();
	}
	wsp_end_close(c->s, c->word);
}
