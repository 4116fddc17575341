// SPDX-License-Identifier: GPL-2.0
/*
 * How sockets end that nobody closes with care: with their namespace, without
 * memory, with a process that is killed. Nothing of them is left (F-06).
 */
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_late.h"
#include "wsp_test.h"

#define TIMEOUT	3600

/* How often, unless WSP_ROUNDS says otherwise. */
static int rounds(int usual)
{
	const char *text = getenv("WSP_ROUNDS");

	return text ? atoi(text) : usual;
}

FIXTURE(lives) {
	struct kernel before;
	int references;
	int lfd;
	union name live, silent;
};

FIXTURE_VARIANT(lives) {
	int family;
};

FIXTURE_VARIANT_ADD(lives, ipv4) { AF_INET };
FIXTURE_VARIANT_ADD(lives, ipv6) { AF_INET6 };

FIXTURE_SETUP(lives)
{
	static const char few[] = "sysctl -qw net.ipv4.tcp_max_tw_buckets=20";

	run_in(HERE, few);
	run_in(THERE, few);
	self->before = look_at_kernel();
	self->references = references();
	self->lfd = listener(THERE, variant->family);
	ASSERT_EQ(0, listen(self->lfd, 1000));
	fcntl(self->lfd, F_SETFL, O_NONBLOCK);
	self->live = name_host(variant->family, PEER_A, local_port(self->lfd));
	self->silent = name_host(variant->family, SILENT, 9);
}

FIXTURE_TEARDOWN(lives)
{
	close(self->lfd);
	EXPECT_TRUE(wait_references(self->references));
	expect_clean_kernel(_metadata, &self->before);
}

static void drain(int lfd)
{
	int fd;

	while ((fd = accept(lfd, NULL, NULL)) >= 0)
		close(fd);
}

static int connect_to(int fd, union name name)
{
	return connect(fd, &name.sa, name_len(&name)) ? -errno : 0;
}

static enum wsp_state state_of(int fd)
{
	struct wsp_info info = {};

	return ioctl(fd, WSP_IOC_INFO, &info) ? -1U : info.state;
}

/* Namespaces ------------------------------------------------------------- */

/* The sockets that a namespace has in the end, by what they are there for. */
enum role {
	LISTENING, CONNECTED, ACCEPTED, QUEUED, PENDING, FAILED, DGRAM, MOVED,
	DISCONNECTED, EVENT, ROLES
};

static const enum wsp_state states[] = {
	[LISTENING] = WSP_STATE_LISTENING, [CONNECTED] = WSP_STATE_CONNECTED,
	[ACCEPTED] = WSP_STATE_CONNECTED, [QUEUED] = WSP_STATE_CONNECTED,
	[PENDING] = WSP_STATE_PENDING, [FAILED] = WSP_STATE_FAILED,
	[DGRAM] = WSP_STATE_CONNECTED, [MOVED] = WSP_STATE_CONNECTED,
	[DISCONNECTED] = WSP_STATE_DISCONNECTED,
};

static bool states_are_right(const int *fds)
{
	long end = now_ms() + DEADLINE_MS;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		while (state_of(fds[i]) != states[i] && now_ms() < end)
			usleep(1000);
		if (state_of(fds[i]) != states[i])
			return false;
	}
	return true;
}

#define NAMESPACES	"/proc/sys/user/max_net_namespaces"

static int limit_namespaces(int count)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", count);
	return write_file(NAMESPACES, text);
}

/* The system lets there be one more than there are now. */
static bool limit_to_one_more(void)
{
	int count;

	for (count = 1; count < 1000; count++) {
		if (limit_namespaces(count))
			return false;
		if (!unshare(CLONE_NEWNET)) {
			enter(HERE);
			return true;
		}
	}
	return false;
}

/* Waits until the former one has gone for good, which makes room: 0, or -errno. */
static int new_namespace(void)
{
	long end = now_ms() + 4 * DEADLINE_MS;
	int rc;

	while ((rc = unshare(CLONE_NEWNET) ? -errno : 0) == -ENOSPC && now_ms() < end)
		usleep(1000);
	return rc;
}

static bool lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool up = !ioctl(fd, SIOCSIFFLAGS, &ifr);

	close(fd);
	return up;
}

/* The listener's queue holds one; the next attempt gets no answer. */
static bool populate_streams(int *fds, int family)
{
	union name name;

	if (bind_port(fds[LISTENING], family, "127.0.0.1", "::1", 0) ||
	    listen(fds[LISTENING], 0))
		return false;
	name = local_name(fds[LISTENING]);
	if (connect_to(fds[CONNECTED], name) != -EINPROGRESS ||
	    !wait_for(fds[LISTENING], POLLIN))
		return false;
	fds[ACCEPTED] = accept(fds[LISTENING], NULL, NULL);
	return connect_to(fds[QUEUED], name) == -EINPROGRESS &&
	       wait_for(fds[LISTENING], POLLIN) &&
	       connect_to(fds[PENDING], name) == -EINPROGRESS &&
	       connect_to(fds[FAILED], name_of(family, "127.0.0.1", "::1", 1)) ==
	       -EINPROGRESS;
}

static bool populate_dgrams(int *fds, int family)
{
	union name name = name_of(family, "127.0.0.1", "::1", 9);
	union name none = { .sa.sa_family = AF_UNSPEC };
	int i;

	for (i = DGRAM; i <= DISCONNECTED; i++) {
		if (connect_to(fds[i], name) ||
		    send(fds[i], "x", 1, MSG_DONTWAIT) != 1)
			return false;
	}
	name.in.sin_port = htons(10);
	return !connect_to(fds[MOVED], name) &&
	       !connect_to(fds[DISCONNECTED], none);
}

/* In a namespace of its own: a socket in every state, all tied to one event. */
static bool populate(int *fds, int family)
{
	const struct row row = { family, true, CONNECT };
	int i;

	if (new_namespace() || !lo_up())
		return false;
	fds[EVENT] = eventfd(0, 0);
	for (i = 0; i < EVENT; i++) {
		if (i != ACCEPTED)
			fds[i] = wsp_socket(i < DGRAM ? SOCK_STREAM : SOCK_DGRAM,
					    &row);
		if (i != ACCEPTED && tie(fds[i], fds[EVENT], WSP_FD_ALL_EVENTS))
			return false;
	}
	return populate_streams(fds, family) && populate_dgrams(fds, family) &&
	       states_are_right(fds);
}

/* Lives in a namespace that ends with it, but for what it has sent to @heir. */
static void inhabit(int family, int heir)
{
	int fds[ROLES], i;
	bool done;

	done = populate(fds, family);
	for (i = 0; i < ROLES && heir >= 0; i++)
		done = done && !send_descriptor(heir, fds[i]);
	_exit(!done);
}

static bool inhabited(int family, int heir)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		inhabit(family, heir);
	return waitpid(pid, &status, 0) == pid && !status;
}

TEST_F_TIMEOUT(lives, F_06_ends_with_its_namespace, TIMEOUT)
{
	int i;

	for (i = rounds(3); i; i--)
		ASSERT_TRUE(inhabited(variant->family, -1));
	EXPECT_EQ(0, new_namespace());
}

/* They are the last that holds the namespace, and work on in it. */
static void expect_heritage(struct __test_metadata *_metadata, int *fds, int family)
{
	EXPECT_TRUE(states_are_right(fds));
	EXPECT_TRUE(kind_talk(fds[CONNECTED], fds[ACCEPTED]));
	EXPECT_EQ(-EISCONN, connect_to(fds[CONNECTED], name_of(family, "127.0.0.1",
							       "::1", 9)));
	EXPECT_EQ(0, connect_to(fds[DISCONNECTED],
				name_of(family, "127.0.0.1", "::1", 11)));
	EXPECT_TRUE(readable_now(fds[EVENT]));
}

TEST_F_TIMEOUT(lives, F_06_outlives_its_namespace, TIMEOUT)
{
	int i, round, fds[ROLES], pair[2];

	for (round = rounds(3); round; round--) {
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		ASSERT_TRUE(inhabited(variant->family, pair[0]));
		for (i = 0; i < ROLES; i++)
			fds[i] = receive_descriptor(pair[1]);
		expect_heritage(_metadata, fds, variant->family);
		/* The event goes before the sockets in every other round. */
		for (i = 0; i < ROLES; i++)
			close(fds[round % 2 ? i : ROLES - 1 - i]);
		close(pair[0]);
		close(pair[1]);
	}
	EXPECT_EQ(0, new_namespace());
}

/* Memory ----------------------------------------------------------------- */

#define CGROUP	"/sys/fs/cgroup/wsp-lives"
#define LIMIT	"1M"
#define ENOUGH	10000	/* sockets, more than fit */
#define TIRED	10	/* refusals */

/* What a process has met, in memory that it shares with its parent. */
struct tally {
	int sockets;
	int refused;	/* for want of memory */
	int wrong;	/* another errno that was not to be */
};

/* Is @rc one of the ends that a call may come to here? */
static void count(struct tally *t, int rc, int fine)
{
	switch (-rc) {
	case ENOMEM:
	case ENOBUFS:
	case ENFILE:	/* what socket(2) says without an inode */
		t->refused++;
		break;
	default:
		if (rc < 0 && rc != -fine && rc != -EAGAIN)
			t->wrong = -rc;
	}
}

static int rc_of(long rc)
{
	return rc < 0 ? -errno : 0;
}

static void use_memory(struct tally *t, int *fd, int event, int type,
		       const union name *name)
{
	const struct row row = { name->sa.sa_family, true, CONNECT };
	static const char data[16384];

	*fd = wsp_socket(type, &row);
	count(t, *fd, 0);
	if (*fd < 0)
		return;
	t->sockets++;
	count(t, tie(*fd, event, WSP_FD_ALL_EVENTS), 0);
	count(t, connect_to(*fd, *name), EINPROGRESS);
	/* A stream may have no connection (yet), and a datagram be refused. */
	count(t, rc_of(send(*fd, data, sizeof(data), MSG_NOSIGNAL)),
	      type == SOCK_STREAM ? EPIPE : ECONNREFUSED);
}

/* Takes sockets until there is no memory, without a page fault of its own. */
static void exhaust(struct tally *t, const union name *live, const char *score)
{
	const struct rlimit many = { ENOUGH + 100, ENOUGH + 100 };
	int event = eventfd(0, 0), fd = -1, i;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) || setrlimit(RLIMIT_NOFILE, &many) ||
	    write_file("/proc/self/oom_score_adj", score) ||
	    write_file(CGROUP "/cgroup.procs", "0"))
		_exit(1);
	for (i = 0; i < ENOUGH && t->refused < TIRED; i++)
		use_memory(t, &fd, event, i % 2 ? SOCK_STREAM : SOCK_DGRAM, live);
	_exit(0);
}

static bool limit_memory(void)
{
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP, 0755) || write_file(CGROUP "/memory.max", LIMIT))
		return false;
	write_file(CGROUP "/memory.swap.max", "0");
	return true;
}

/* How the process ended, and what it met before. */
static int run_out_of_memory(struct tally *t, const union name *live,
			     const char *score)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		exhaust(t, live, score);
	waitpid(pid, &status, 0);
	return status;
}

static void expect_no_memory(struct __test_metadata *_metadata, int lfd,
			     const union name *live, bool killed)
{
	struct tally *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	status = run_out_of_memory(t, live, killed ? "1000" : "-1000");
	drain(lfd);
	TH_LOG("%d sockets, %d refusals", t->sockets, t->refused);
	EXPECT_LT(0, t->sockets);
	EXPECT_EQ(0, t->wrong);
	if (killed) {
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	} else {
		EXPECT_EQ(0, status);
		EXPECT_EQ(TIRED, t->refused);
	}
	munmap(t, sizeof(*t));
	/* What it held is charged no more. */
	EXPECT_EQ(0, rmdir(CGROUP));
}

TEST_F_TIMEOUT(lives, F_06_out_of_memory, TIMEOUT)
{
	if (!limit_memory())
		SKIP(return, "no memory cgroups in /sys/fs/cgroup");
	expect_no_memory(_metadata, self->lfd, &self->live, false);
}

TEST_F_TIMEOUT(lives, F_06_killed_for_memory, TIMEOUT)
{
	if (!limit_memory())
		SKIP(return, "no memory cgroups in /sys/fs/cgroup");
	expect_no_memory(_metadata, self->lfd, &self->live, true);
}

/* kill -9 ---------------------------------------------------------------- */

#define FDS	4
#define THREADS	3
#define AT_ONCE	4	/* processes */

struct life {
	const union name *names[4];
	int family;
	int fds[FDS];
	int event;
	unsigned int seed;
	int threads;	/* that have begun */
};

static void renew(const struct life *l, unsigned int dice)
{
	const struct row row = { .family = l->family };
	int fresh = wsp_socket(dice & 1 ? SOCK_STREAM : SOCK_DGRAM, &row);

	dup2(fresh, l->fds[dice >> 1 & 3]);
	close(fresh);
}

static void serve(const struct life *l, int fd)
{
	bind_port(fd, l->family, "127.0.0.1", "::1", 0);
	listen(fd, 1);
	close(accept(fd, NULL, NULL));
}

/* One thing, of which many block for as long as the process lives. */
static void do_something(const struct life *l, unsigned int dice)
{
	static char data[65536];
	const union name *name = l->names[dice % 4];
	const int fd = l->fds[(dice >> 2) % FDS];

	switch ((dice >> 4) % 10) {
	case 0:
	case 1:
	case 2:
		connect(fd, &name->sa, name_len(name));
		break;
	case 3:
		send(fd, data, sizeof(data) / 2, MSG_NOSIGNAL);
		break;
	case 4:
		recv(fd, data, sizeof(data), dice >> 8 & 1 ? MSG_DONTWAIT : 0);
		break;
	case 5:
		serve(l, fd);
		break;
	case 6:
		tie(fd, l->event, dice >> 8 & 1 ? WSP_FD_ALL_EVENTS : 0);
		break;
	case 7:
		wait_for(l->event, POLLIN);
		break;
	case 8:
		take(fd, l->event, &(struct wsp_network_events){});
		break;
	case 9:
		renew(l, dice >> 8);
	}
}

static void *live_on(void *arg)
{
	struct life *shared = arg, l = *shared;

	l.seed += __atomic_fetch_add(&shared->threads, 1, __ATOMIC_RELAXED);
	for (;;)
		do_something(&l, rand_r(&l.seed));
	return NULL;
}

static void beat(int sig)
{
	(void)sig;
}

/* Blocking connects are called away and come back meanwhile (C-12). */
static void start_heart(void)
{
	const struct itimerval often = { { 0, 3000 }, { 0, 3000 } };
	const struct sigaction act = { .sa_handler = beat, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static pid_t start_life(struct life *l)
{
	pthread_t thread;
	pid_t pid = fork();
	int i;

	if (pid)
		return pid;
	start_heart();
	l->event = eventfd(0, 0);
	for (i = 0; i < FDS; i++)
		l->fds[i] = wsp_socket(i % 2 ? SOCK_STREAM : SOCK_DGRAM,
				       &(struct row){ .family = l->family });
	for (i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, live_on, l);
	live_on(l);
	_exit(1);
}

static unsigned int seed(void)
{
	const char *text = getenv("WSP_SEED");

	return text ? strtoul(text, NULL, 0) : (unsigned int)time(NULL);
}

TEST_F_TIMEOUT(lives, F_06_killed_at_any_point, TIMEOUT)
{
	union name any = name_of(variant->family, "0.0.0.0", "::", 0);
	union name other = name_host(variant->family, PEER_B, 9);
	struct life l = {
		.names = { &self->live, &self->silent, &any, &other },
		.family = variant->family, .seed = seed(),
	};
	pid_t pids[AT_ONCE] = {};
	int i, n = rounds(60);

	TH_LOG("WSP_SEED=%u", l.seed);
	for (i = 0; i < n + AT_ONCE; i++, drain(self->lfd)) {
		pid_t *pid = &pids[i % AT_ONCE];

		if (*pid)
			ASSERT_TRUE(ends_by_kill(*pid));
		*pid = i < n ? start_life(&l) : 0;
		usleep(rand_r(&l.seed) % 5000);
	}
}

struct receiving {
	int fd;
	void *into;
	ssize_t got;
};

static void *receive(void *arg)
{
	struct receiving *r = arg;

	r->got = recv(r->fd, r->into, 16, 0);
	return NULL;
}

static void take_name(int fd, const union name *name)
{
	connect(fd, &name->sa, name_len(name));
}

static void bind_name(int fd, const union name *name)
{
	bind(fd, &name->sa, name_len(name));
}

static void receive_once(int fd, const union name *name)
{
	char data[16];

	(void)name;
	recv(fd, data, sizeof(data), 0);
}

/* The first datagram of a new peer is received under the name's lock. */
TEST_F(lives, D_06_F_06_killed_while_another_receives)
{
	void (* const calls[])(int fd, const union name *name) = {
		take_name, bind_name, receive_once,
	};
	const struct row row = { .family = variant->family };
	int fd = wsp_socket(SOCK_DGRAM, &row), peer, i;
	struct receiving r = { .fd = fd };
	struct late_page late;
	pthread_t thread;
	union name name;
	pid_t pid;

	if (!late_page_open(&late))
		SKIP(return, "the kernel has no userfaultfd");
	ASSERT_EQ(0, connect_to(fd, self->silent));
	peer = receiver(THERE, variant->family, PEER_A);
	ASSERT_EQ(0, connect_to(fd, local_name(peer)));
	ASSERT_TRUE(told(peer, local_name(fd), "data"));
	r.into = late.page;
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive, &r));
	ASSERT_TRUE(wait_for(late.faults, POLLIN));

	name = local_name(fd);
	for (i = 0; i < (int)ARRAY_SIZE(calls); i++) {
		pid = fork();
		if (!pid) {
			calls[i](fd, &name);
			_exit(0);
		}
		/* Where nothing but a fatal signal wakes it. */
		EXPECT_TRUE(reaches_state(pid, 'D')) TH_LOG("call %d", i);
		EXPECT_TRUE(ends_by_kill(pid)) TH_LOG("call %d", i);
	}
	late_page_give(&late);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(4, r.got);
	late_page_close(&late);
	close(peer);
	close(fd);
}

static int most_namespaces;

/* The harness exits by itself. Tests are children, and leave by _exit(). */
static void lift_limit(void)
{
	limit_namespaces(most_namespaces);
}

static int run_rounds(int argc, char **argv)
{
	most_namespaces = read_number(NAMESPACES);

	if (rounds(1) <= 0) {
		printf("Bail out! WSP_ROUNDS is '%s'; give the rounds of each test, at least 1\n",
		       getenv("WSP_ROUNDS"));
		return KSFT_FAIL;
	}
	if (atexit(lift_limit) || !limit_to_one_more()) {
		printf("Bail out! cannot limit namespaces by " NAMESPACES "\n");
		return KSFT_FAIL;
	}
	return test_harness_run(argc, argv);
}

int main(int argc, char **argv)
{
	return test_main(argc, argv, run_rounds);
}
