// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody holds the RTNL, for which the kernel waits before it tells of a change: who
 * asks for one can be killed meanwhile, and what it waits in is nobody else's (I-05).
 */
#include <glob.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "wsp_late.h"
#include "wsp_news.h"
#include "wsp_test.h"

#define NEED_LATE_PAGE()					\
	do {							\
		if (self->holder.late.faults < 0)		\
			SKIP(return, "the kernel has no userfaultfd"); \
	} while (0)

#define MANY		8	/* namespaces, more than are told at a time */
#define AT_A_TIME	4

/* The RTNL is held by a thread that lists interfaces into a page that is not there. */
struct holder {
	struct late_page late;
	pthread_t thread;
	int fd;
};

static void *list_interfaces(void *arg)
{
	struct holder *h = arg;
	struct ifconf ifc = { .ifc_len = getpagesize(), .ifc_buf = h->late.page };

	ioctl(h->fd, SIOCGIFCONF, &ifc);
	return NULL;
}

static bool hold(struct holder *h)
{
	h->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return h->fd >= 0 && !pthread_create(&h->thread, NULL, list_interfaces, h) &&
	       wait_for(h->late.faults, POLLIN);
}

static bool let_go(struct holder *h)
{
	late_page_give(&h->late);
	close(h->fd);
	return ends_in_time(h->thread, NULL);
}

FIXTURE(held) {
	struct holder holder;
};

/* What is skipped here is run all the same. */
FIXTURE_SETUP(held)
{
	late_page_open(&self->holder.late);
}

FIXTURE_TEARDOWN(held)
{
	if (self->holder.late.faults >= 0)
		late_page_close(&self->holder.late);
}

static int ask(int fd)
{
	struct wsp_change arg = { .event = FD_ADDRESS_LIST_CHANGE };

	return ioctl(fd, WSP_IOC_CHANGE, &arg);
}

/* In a namespace of its own, which it is the only one to ask in. */
static int ask_alone(struct sockaddr_nl *listener)
{
	const struct row row = { AF_INET, true, WSPCONNECT };
	int fd;

	if (unshare(CLONE_NEWNET))
		return -1;
	fd = wsp_socket(SOCK_DGRAM, &row);
	if (ask(fd))
		return -1;
	listener->nl_pid = find_listener();
	return listener->nl_pid ? fd : -1;
}

/* 'a' when it is there; then, at a word, it makes news and asks again. */
static void make_news(int pipe)
{
	struct sockaddr_nl listener;
	const int fd = ask_alone(&listener);
	const int nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	char word = 'a';

	if (fd < 0 || write(pipe, &word, 1) != 1 || read(pipe, &word, 1) != 1 ||
	    !tell_listener(nl, listener.nl_pid, RTM_NEWROUTE))
		_exit(1);
	if (word == 'k')
		ask(fd);
	pause();
	_exit(2);
}

struct child {
	pid_t pid;
	int pipe;
};

static bool start(struct child *c)
{
	int pipes[2];
	char word;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pipes))
		return false;
	c->pid = fork();
	if (!c->pid)
		make_news(pipes[1]);
	close(pipes[1]);
	c->pipe = pipes[0];
	return read(c->pipe, &word, 1) == 1;
}

static bool go(const struct child *c, char word)
{
	return write(c->pipe, &word, 1) == 1;
}

/* That who asked was the only one who wanted to hear does not hold it up either. */
TEST_F(held, I_05_killed)
{
	struct child child;

	NEED_LATE_PAGE();
	ASSERT_TRUE(start(&child));
	ASSERT_TRUE(hold(&self->holder));
	ASSERT_TRUE(go(&child, 'k'));
	/* Where nothing but a fatal signal wakes it. */
	EXPECT_TRUE(reaches_state(child.pid, 'D'));
	EXPECT_TRUE(ends_by_kill(child.pid));
	EXPECT_TRUE(let_go(&self->holder));
	close(child.pipe);
}

/* The last one that wants to hear goes while the news of before waits for the RTNL. */
TEST_F(held, I_05_closed)
{
	struct child child;

	NEED_LATE_PAGE();
	ASSERT_TRUE(start(&child));
	ASSERT_TRUE(hold(&self->holder));
	ASSERT_TRUE(go(&child, 'n'));
	EXPECT_TRUE(reaches_state(child.pid, 'S'));
	EXPECT_TRUE(ends_by_kill(child.pid));
	EXPECT_TRUE(let_go(&self->holder));
	close(child.pipe);
}

/* The kernel's workers that are at work for @queue, or have @function on their stack. */
static int count_workers(const char *queue, const char *function, bool both)
{
	char path[64];
	glob_t found = {};
	int pid, n = 0;
	size_t i;

	glob("/proc/[0-9]*/comm", 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++) {
		if (!file_says(found.gl_pathv[i], "kworker/"))
			continue;
		pid = atoi(found.gl_pathv[i] + strlen("/proc/"));
		snprintf(path, sizeof(path), "/proc/%d/stack", pid);
		n += file_says(path, function) &&
		     file_says(found.gl_pathv[i], queue) == both;
	}
	globfree(&found);
	return n;
}

#define IN_OURS()	count_workers("+wspfam", "wsp_watch_", true)
#define IN_OTHERS()	count_workers("+wspfam", "wsp_watch_", false)

/*
 * Who waits for the RTNL takes no place in a queue of the system's: module requests go
 * by those, and some namespaces more than 500, which any user can have, would be all
 * places that there are. It is few at a time, for they are threads.
 */
TEST_F(held, I_05_queue)
{
	const long end = now_ms() + DEADLINE_MS;
	struct child children[MANY];
	int i;

	NEED_LATE_PAGE();
	if (!file_says("/proc/1/stack", "+0x"))
		SKIP(return, "this kernel does not show where another thread is");
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(start(&children[i]));
	ASSERT_TRUE(hold(&self->holder));
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(go(&children[i], 'n'));
	while (IN_OURS() + IN_OTHERS() < AT_A_TIME && now_ms() < end)
		usleep(1000);
	EXPECT_EQ(AT_A_TIME, IN_OURS());
	EXPECT_EQ(0, IN_OTHERS());
	for (i = 0; i < MANY; i++) {
		EXPECT_TRUE(ends_by_kill(children[i].pid));
		close(children[i].pipe);
	}
	EXPECT_TRUE(let_go(&self->holder));
}

WSP_TEST_MAIN
