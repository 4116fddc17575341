// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The thread that goes on with overlapped operations which have had to wait. The
 * first of them starts it, with an epoll instance, and it stays (O-09). Changes of the
 * network are told there by another instance, for a socket is in each once: as they are
 * not for long, they have to be heard all the time, where data need only be looked at
 * when there is some.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "overlapped.h"

#define MANY		64	/* sockets that are told of at once */
#define STACK		0x40000
#define FRUITLESS	16	/* tries in a row by which nothing was done */
#define NAP		1000000	/* ns, after so many */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct wsp_own engine = WSP_NOT_OWN;
static struct wsp_own changes = WSP_NOT_OWN;	/* within it, with no word */
static _Atomic bool has_changed;		/* the second one */
static _Atomic bool in_demand;

/*
 * Where poll(2) and the calls are of two minds for long (no memory for TCP) it looks
 * again after a while.
 */
static void rest(unsigned int fruitless)
{
	const struct timespec ts = { .tv_nsec = NAP };

	if (fruitless && !(fruitless % FRUITLESS))
		nanosleep(&ts, NULL);
}

static bool run_socket(const struct epoll_event *event, uint32_t events)
{
	const SOCKET s = (SOCKET)(event->data.u64 & INT_MAX);
	const unsigned int word = (unsigned int)(event->data.u64 >> 32);

	return wsp_run_operations(s, word, events);
}

/* None of them is told again, whatever becomes of it. */
static bool run_changes(void)
{
	struct epoll_event events[MANY];
	const int n = epoll_wait(wsp_own_fd(&changes), events, MANY, 0);
	int i;

	if (atomic_exchange(&has_changed, false))
		wsp_watch_all();
	for (i = 0; i < n; i++)
		run_socket(&events[i], WSP_EPOLL_CHANGE);
	return n > 0;
}

static bool change_policy(int before, int after)
{
	const struct sched_param param = { 0 };

	return sched_getscheduler(0) == before && !sched_setscheduler(0, after, &param);
}

/*
 * It does not take the processor from the thread whose sending has woken it, which most
 * likely asks for a result next and sees to the operation by itself; until for once
 * somebody waits. Is it so, other than by the program's own will?
 */
static bool begin_patience(void)
{
	return !atomic_load(&in_demand) && change_policy(SCHED_OTHER, SCHED_BATCH);
}

static void end_patience(bool *patient)
{
	if (!*patient || !atomic_load(&in_demand))
		return;
	*patient = false;
	change_policy(SCHED_BATCH, SCHED_OTHER);
}

void wsp_engine_be_prompt(void)
{
	atomic_store_explicit(&in_demand, true, memory_order_relaxed);
}

/* Until the number is not the engine's any more; what still waits is another one's then. */
static void *run(void *arg)
{
	const int fd = (int)(intptr_t)arg;
	struct epoll_event events[MANY];
	unsigned int fruitless = 0;
	bool any, patient = begin_patience();
	int i, n;

	while (wsp_own_fd(&engine) == fd) {
		end_patience(&patient);
		n = epoll_wait(fd, events, MANY, -1);
		if (n < 0 && errno != EINTR)
			break;
		for (i = 0; i < n; i++) {
			any = events[i].data.u64 ? run_socket(&events[i], events[i].events) :
						   run_changes();
			fruitless = any ? 0 : fruitless + 1;
			rest(fruitless);
		}
	}
	wsp_watch_all();
	return NULL;
}

/* The program's signals are for the program's threads. */
static bool start_thread(int fd)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attr, run, (void *)(intptr_t)fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return !error;
}

static bool add_changes(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	return !epoll_ctl(wsp_own_fd(&engine), EPOLL_CTL_ADD, wsp_own_fd(&changes), &event);
}

static bool open_engine(void)
{
	const int fd = epoll_create1(EPOLL_CLOEXEC);

	if (!wsp_own(&engine, fd))
		return false;
	if ((wsp_own_fd(&changes) < 0 || add_changes()) && start_thread(fd))
		return true;
	wsp_disown(&engine);
	return false;
}

static bool open_changes(void)
{
	if (!wsp_own(&changes, epoll_create1(EPOLL_CLOEXEC)))
		return false;
	atomic_store(&has_changed, true);
	if (wsp_own_fd(&engine) < 0 ? open_engine() : add_changes())
		return true;
	wsp_disown(&changes);
	return false;
}

static bool open_once(const struct wsp_own *own, bool (*open_it)(void))
{
	bool opened;

	pthread_mutex_lock(&lock);
	opened = wsp_own_fd(own) >= 0 || open_it();
	pthread_mutex_unlock(&lock);
	return opened;
}

static bool watch(const struct wsp_own *own, int s, struct epoll_event *event)
{
	const int fd = wsp_own_fd(own);

	return !epoll_ctl(fd, EPOLL_CTL_MOD, s, event) ||
	       (errno == ENOENT && !epoll_ctl(fd, EPOLL_CTL_ADD, s, event));
}

static bool watch_by(const struct wsp_own *own, bool (*open_it)(void), SOCKET s,
		     unsigned int word, uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)word << 32 | s,
	};

	if (watch(own, (int)s, &event))
		return true;
	return wsp_own_fd(own) < 0 && open_once(own, open_it) && watch(own, (int)s, &event);
}

bool wsp_engine_watch(SOCKET s, unsigned int word, uint32_t events)
{
	return watch_by(&engine, open_engine, s, word, events | EPOLLONESHOT);
}

bool wsp_engine_hear(SOCKET s, unsigned int word)
{
	return watch_by(&changes, open_changes, s, word, WSP_EPOLL_CHANGE | EPOLLET);
}

void wsp_engine_be_deaf(SOCKET s)
{
	epoll_ctl(wsp_own_fd(&changes), EPOLL_CTL_DEL, (int)s, NULL);
}

void wsp_engine_forget(SOCKET s)
{
	epoll_ctl(wsp_own_fd(&engine), EPOLL_CTL_DEL, (int)s, NULL);
	wsp_engine_be_deaf(s);
}

/* In a fork's child: the thread is the parent's. */
void wsp_drop_engine(void)
{
	pthread_mutex_init(&lock, NULL);
	wsp_disown(&engine);
	wsp_disown(&changes);
}
