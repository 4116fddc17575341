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
static _Atomic int epfd = -1;
static _Atomic int changes = -1;	/* within it, with no word */
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

static int wait_at(int fd, struct epoll_event *events, int timeout)
{
	return wsp_is_own(fd) ? epoll_wait(fd, events, MANY, timeout) : -1;
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
	const int n = wait_at(atomic_load(&changes), events, 0);
	int i;

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

static void *run(void *arg)
{
	const int fd = (int)(intptr_t)arg;
	struct epoll_event events[MANY];
	unsigned int fruitless = 0;
	bool any, patient = begin_patience();
	int i, n;

	do {
		end_patience(&patient);
		n = wait_at(fd, events, -1);
		for (i = 0; i < n; i++) {
			any = events[i].data.u64 ? run_socket(&events[i], events[i].events) :
						   run_changes();
			fruitless = any ? 0 : fruitless + 1;
			rest(fruitless);
		}
	} while (n >= 0 || errno == EINTR);
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

static int open_instance(void)
{
	return wsp_mark_own(epoll_create1(EPOLL_CLOEXEC));
}

/* Before another is opened, which may get its number. */
static void drop(_Atomic int *place)
{
	wsp_close_own(atomic_exchange(place, -1));
}

/* What is lost of changes goes with the former one. */
static bool open_engine(void)
{
	int fd;

	drop(&changes);
	fd = open_instance();
	if (fd < 0)
		return false;
	if (!start_thread(fd)) {
		close(fd);
		return false;
	}
	atomic_store(&epfd, fd);
	return true;
}

static bool is_lost(void)
{
	return errno == EBADF || errno == EINVAL;
}

static bool add_to_engine(int fd)
{
	const int engine = atomic_load(&epfd);
	struct epoll_event event = { .events = EPOLLIN };

	return wsp_is_own(engine) && !epoll_ctl(engine, EPOLL_CTL_ADD, fd, &event);
}

static bool open_changes(void)
{
	int fd;

	drop(&changes);
	fd = open_instance();
	if (fd < 0)
		return false;
	if (!add_to_engine(fd) && !(is_lost() && open_engine() && add_to_engine(fd))) {
		close(fd);
		return false;
	}
	atomic_store(&changes, fd);
	return true;
}

/* In place of the one that is @lost. */
static bool open_after(const _Atomic int *place, int lost, bool (*open_it)(void))
{
	bool opened = true;

	pthread_mutex_lock(&lock);
	if (atomic_load(place) == lost)
		opened = open_it();
	pthread_mutex_unlock(&lock);
	return opened;
}

static bool watch(int fd, int s, struct epoll_event *event)
{
	if (!wsp_is_own(fd))
		return false;
	return !epoll_ctl(fd, EPOLL_CTL_MOD, s, event) ||
	       (errno == ENOENT && !epoll_ctl(fd, EPOLL_CTL_ADD, s, event));
}

static void unwatch(int fd, SOCKET s)
{
	if (wsp_is_own(fd))
		epoll_ctl(fd, EPOLL_CTL_DEL, (int)s, NULL);
}

static bool watch_by(const _Atomic int *place, bool (*open_it)(void), SOCKET s,
		     unsigned int word, uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)word << 32 | s,
	};
	const int fd = atomic_load(place);

	if (watch(fd, (int)s, &event))
		return true;
	if (!is_lost())
		return false;
	return open_after(place, fd, open_it) &&
	       watch(atomic_load(place), (int)s, &event);
}

bool wsp_engine_watch(SOCKET s, unsigned int word, uint32_t events)
{
	return watch_by(&epfd, open_engine, s, word, events | EPOLLONESHOT);
}

bool wsp_engine_hear(SOCKET s, unsigned int word)
{
	return watch_by(&changes, open_changes, s, word, WSP_EPOLL_CHANGE | EPOLLET);
}

void wsp_engine_be_deaf(SOCKET s)
{
	unwatch(atomic_load(&changes), s);
}

void wsp_engine_forget(SOCKET s)
{
	unwatch(atomic_load(&epfd), s);
	wsp_engine_be_deaf(s);
}

/* In a fork's child: the thread is the parent's. */
void wsp_drop_engine(void)
{
	pthread_mutex_init(&lock, NULL);
	drop(&epfd);
	drop(&changes);
}
