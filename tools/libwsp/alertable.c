// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Completion routines (O-04): each runs in the thread that started the operation,
 * when that waits alertably. A thread that has passed one has an inbox.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "overlapped.h"

/**
 * struct wsp_due - a call of a routine
 * @inbox: whose thread runs it
 * @routine: the program's
 * @overlapped: what it is given, with the following
 * @code: a WSAE code, or 0
 * @bytes: how many have come or gone
 * @flags: of what has been received
 * @link: its place among those that are due
 */
struct wsp_due {
	struct inbox *inbox;
	LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
	LPWSAOVERLAPPED overlapped;
	int code;
	DWORD bytes;
	DWORD flags;
	STAILQ_ENTRY(wsp_due) link;
};

STAILQ_HEAD(dues, wsp_due);

/**
 * struct inbox - what a thread has to run
 * @due: in the order in which the operations have ended
 * @bell: an eventfd, for who waits
 * @waiting: how often the thread does, for a handler may amid it
 * @rung: the descriptor is readable, or about to be
 * @running: a routine runs
 * @over: the thread has ended
 * @users: the thread, and the operations that go on
 * @link: its place in the list
 */
struct inbox {
	struct dues due;
	struct wsp_own bell;
	unsigned int waiting;
	bool rung;
	bool running;
	bool over;
	unsigned int users;
	LIST_ENTRY(inbox) link;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, inbox) inboxes = LIST_HEAD_INITIALIZER(inboxes);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static _Thread_local struct inbox *mine __attribute__((tls_model("initial-exec")));

static void free_inbox(struct inbox *inbox)
{
	struct wsp_due *due;

	while ((due = STAILQ_FIRST(&inbox->due))) {
		STAILQ_REMOVE_HEAD(&inbox->due, link);
		free(due);
	}
	LIST_REMOVE(inbox, link);
	wsp_disown(&inbox->bell);
	free(inbox);
}

static void put_inbox(struct inbox *inbox)
{
	if (!--inbox->users)
		free_inbox(inbox);
}

/* What is pending goes on, and its routines never run. */
static void end_thread(void *arg)
{
	struct inbox *inbox = arg;

	wsp_lock_amid(&lock);
	inbox->over = true;
	put_inbox(inbox);
	wsp_unlock_amid(&lock);
	mine = NULL;
}

static void make_key(void)
{
	has_key = !pthread_key_create(&key, end_thread);
}

static bool open_bell(struct inbox *inbox)
{
	return wsp_own(&inbox->bell, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

/* With the lock, which a fork waits for. */
static bool add_inbox(struct inbox *inbox)
{
	if (!open_bell(inbox))
		return false;
	if (pthread_setspecific(key, inbox)) {
		wsp_disown(&inbox->bell);
		return false;
	}
	LIST_INSERT_HEAD(&inboxes, inbox, link);
	return true;
}

static struct inbox *open_inbox(void)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));
	bool added;

	pthread_once(&once, make_key);
	if (!inbox || !has_key) {
		free(inbox);
		return NULL;
	}
	inbox->bell = (struct wsp_own)WSP_NOT_OWN;
	STAILQ_INIT(&inbox->due);
	inbox->users = 1;
	wsp_lock_amid(&lock);
	added = add_inbox(inbox);
	wsp_unlock_amid(&lock);
	if (added)
		return inbox;
	free(inbox);
	return NULL;
}

struct wsp_due *wsp_make_due(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			     LPWSAOVERLAPPED overlapped)
{
	struct wsp_due *due;

	if (wsp_is_amid())
		return NULL;
	if (!mine)
		mine = open_inbox();
	due = mine ? malloc(sizeof(*due)) : NULL;
	if (!due)
		return NULL;
	*due = (struct wsp_due) {
		.inbox = mine,
		.routine = routine,
		.overlapped = overlapped,
	};
	wsp_lock_amid(&lock);
	mine->users++;
	wsp_unlock_amid(&lock);
	return due;
}

void wsp_drop_due(struct wsp_due *due)
{
	wsp_lock_amid(&lock);
	put_inbox(due->inbox);
	wsp_unlock_amid(&lock);
	free(due);
}

/* Whoever waits is woken once. */
static void ring(struct inbox *inbox)
{
	if (!inbox->waiting || inbox->rung)
		return;
	inbox->rung = true;
	eventfd_write(wsp_own_fd(&inbox->bell), 1);
}

void wsp_post_due(struct wsp_due *due, int code, DWORD bytes, DWORD flags)
{
	struct inbox *inbox = due->inbox;

	due->code = code;
	due->bytes = bytes;
	due->flags = flags;
	if (inbox->over) {
		free(due);
	} else {
		STAILQ_INSERT_TAIL(&inbox->due, due, link);
		ring(inbox);
	}
	put_inbox(inbox);
}

/* Another one if it is lost. */
static int bell_of(struct inbox *inbox)
{
	int fd = wsp_own_fd(&inbox->bell);

	if (fd < 0 && open_bell(inbox))
		fd = wsp_own_fd(&inbox->bell);
	return fd;
}

bool wsp_begin_alertable(int *fd)
{
	bool due;

	*fd = -1;
	if (!mine || mine->running || wsp_is_amid())
		return false;
	wsp_lock_amid(&lock);
	*fd = bell_of(mine);
	if (*fd >= 0)
		mine->waiting++;
	due = !STAILQ_EMPTY(&mine->due);
	wsp_unlock_amid(&lock);
	return due;
}

void wsp_end_alertable(const int *fd)
{
	if (*fd < 0)
		return;
	wsp_lock_amid(&lock);
	mine->waiting--;
	wsp_unlock_amid(&lock);
}

int wsp_renew_bell(void)
{
	int fd;

	wsp_lock_amid(&lock);
	fd = bell_of(mine);
	wsp_unlock_amid(&lock);
	return fd;
}

static void be_quiet(struct inbox *inbox)
{
	eventfd_t count;

	if (!inbox->rung)
		return;
	inbox->rung = false;
	eventfd_read(wsp_own_fd(&inbox->bell), &count);
}

/* The first of those that are due, which is the caller's then. */
static struct wsp_due *take_due(struct inbox *inbox)
{
	struct wsp_due *due;

	wsp_lock_amid(&lock);
	be_quiet(inbox);
	due = STAILQ_FIRST(&inbox->due);
	if (due)
		STAILQ_REMOVE_HEAD(&inbox->due, link);
	wsp_unlock_amid(&lock);
	return due;
}

static void end_running(struct inbox **inbox)
{
	(*inbox)->running = false;
}

static void run(void *arg)
{
	const struct wsp_due *due = arg;

	due->routine((DWORD)due->code, due->bytes, due->overlapped, due->flags);
}

bool wsp_run_due(void)
{
	__attribute__((cleanup(end_running))) struct inbox *inbox = mine;
	struct wsp_due *due, call;
	bool any = false;

	inbox->running = true;
	while ((due = take_due(inbox))) {
		call = *due;
		free(due);
		wsp_call(run, &call);
		any = true;
	}
	return any;
}

void wsp_lock_inboxes(void)
{
	wsp_lock_amid(&lock);
}

void wsp_unlock_inboxes(void)
{
	wsp_unlock_amid(&lock);
}

/* In a fork's child. */
void wsp_drop_inboxes(bool locked)
{
	struct inbox *inbox, *next;

	if (!locked)
		pthread_mutex_init(&lock, NULL);
	for (inbox = LIST_FIRST(&inboxes); inbox; inbox = next) {
		next = LIST_NEXT(inbox, link);
		free_inbox(inbox);
	}
	if (mine)
		pthread_setspecific(key, NULL);
	mine = NULL;
}
