// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes while others work: F-06, and what may stand beside
 * it (F-02, F-03). By its .ko, $WSPFAM_KO; it is loaded again in the end.
 */
#include <linux/mptcp.h>
#include <linux/tls.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

#define ROUNDS	5	/* of loading, unless WSP_ROUNDS says otherwise */
#define TIMEOUT	3600	/* for 1,000 of them under emulation */

static int ko = -1;

/* What a process has met, in memory that it shares with its parent. */
struct tally {
	int good;	/* lives of a socket */
	int refused;	/* for want of the module */
	int wrong;
};

static int rounds(void)
{
	const char *text = getenv("WSP_ROUNDS");

	return text ? atoi(text) : ROUNDS;
}

/* Removes the module once nobody uses it: 0, or a negative errno. */
static int unload(void)
{
	long end = now_ms() + 6 * DEADLINE_MS;
	int rc;

	if (!is_loaded())
		return 0;
	while ((rc = remove_module()) == -EAGAIN && now_ms() < end)
		usleep(100);
	return rc;
}

/* Sockets of Linux's own from one namespace to the other. */
static void plain_life(struct tally *t, int family, int type)
{
	struct kind k = { .row.family = family, .type = type, .peer = -1 };

	k.fd = plain_socket(HERE, family, type);
	k.lfd = type == SOCK_STREAM ? listener(THERE, family) :
				      receiver(THERE, family, PEER_A);
	if (kind_join(&k) && kind_talk(k.fd, k.peer))
		t->good++;
	else
		t->wrong++;
	close(k.fd);
	close(k.lfd);
	close(k.peer);
	usleep(rand() % 1000);
}

/* A tie to an event, a connection, and for datagrams a change of peers. */
static bool wsp_use(struct kind *k)
{
	union name other = name_host(k->row.family, PEER_B, 9);
	int event = eventfd(0, EFD_CLOEXEC);
	bool done;

	done = kind_join(k) && kind_talk(k->fd, k->peer) &&
	       !tie(k->fd, event, WSP_FD_ALL_EVENTS);
	if (k->type == SOCK_DGRAM)
		done = done && !connect(k->fd, &other.sa, name_len(&other));
	close(event);
	return done;
}

static void wsp_life(struct tally *t, int family, int type)
{
	struct kind k;

	if (kind_open(&k, family, type) && wsp_use(&k))
		t->good++;
	else if (k.fd == -EAFNOSUPPORT)
		t->refused++;
	else
		t->wrong++;
	close(k.fd);
	close(k.lfd);
	close(k.peer);
	usleep(rand() % 4000);	/* or the module would always be in use */
}

/* A namespace that comes and goes as well, and its sysctl. */
static void netns_life(struct tally *t, int family, int type)
{
	const struct row row = { .family = family };
	long first;
	int fd;

	if (unshare(CLONE_NEWNET))
		t->wrong++;
	fd = wsp_socket(type, &row);
	first = read_number("/proc/sys/net/wsp/create_group_range");
	enter(HERE);
	if (fd >= 0 && first == 0)
		t->good++;
	else if (fd == -EAFNOSUPPORT && first <= 0)
		t->refused++;
	else
		t->wrong++;
	close(fd);
	usleep(200000);	/* loading waits for namespaces that end */
}

static const struct {
	void (*life)(struct tally *t, int family, int type);
	int family, type;
	bool meets_refusal;
} crowd[] = {
	{ plain_life, AF_INET, SOCK_STREAM, false },
	{ plain_life, AF_INET6, SOCK_DGRAM, false },
	{ wsp_life, AF_INET, SOCK_STREAM, true },
	{ wsp_life, AF_INET6, SOCK_DGRAM, true },
	{ netns_life, AF_INET6, SOCK_STREAM, true },
};

#define CROWD	ARRAY_SIZE(crowd)

static pid_t start_life(size_t i, struct tally *t)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	srand(i);
	for (;;)
		crowd[i].life(t, crowd[i].family, crowd[i].type);
}

FIXTURE(reload) {
	struct kernel before;
	int modprobe;
	struct tally *tallies;
	pid_t pids[CROWD];
};

FIXTURE_SETUP(reload)
{
	static const char few[] = "sysctl -qw net.ipv4.tcp_max_tw_buckets=20";
	size_t i;

	run_in(HERE, few);
	run_in(THERE, few);
	ASSERT_EQ(0, unload());
	self->before = look_at_kernel();
	/* Or each socket() that is refused would run modprobe. */
	ASSERT_EQ(0, write_file("/proc/sys/kernel/modprobe", "\n"));
	self->tallies = mmap(NULL, sizeof(struct tally) * CROWD, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->tallies);
	for (i = 0; i < CROWD; i++)
		self->pids[i] = start_life(i, &self->tallies[i]);
}

FIXTURE_TEARDOWN(reload)
{
	size_t i;

	for (i = 0; i < CROWD; i++) {
		kill(self->pids[i], SIGKILL);
		waitpid(self->pids[i], NULL, 0);
	}
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_is_left());
	expect_clean_kernel(_metadata, &self->before);
	EXPECT_EQ(0, insert_module(ko));
	EXPECT_EQ(0, references());
	write_file("/proc/sys/kernel/modprobe", "/sbin/modprobe\n");
}

/* Whoever makes sockets has made one in this round. */
static bool all_go_on(struct tally *t, const struct tally *before)
{
	long end = now_ms() + 2 * DEADLINE_MS;
	size_t i;

	for (i = 0; i < CROWD; i++) {
		if (crowd[i].life == netns_life)
			continue;
		while (t[i].good == before[i].good && now_ms() < end)
			usleep(100);
		if (t[i].good == before[i].good)
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(reload, F_06_under_traffic, TIMEOUT)
{
	struct tally before[CROWD];
	int round;
	size_t i;

	for (round = rounds(); round; round--) {
		memcpy(before, self->tallies, sizeof(before));
		ASSERT_EQ(0, insert_module(ko));
		ASSERT_TRUE(all_go_on(self->tallies, before));
		ASSERT_EQ(0, unload());
		ASSERT_TRUE(nothing_is_left());
		if (round % 100 == 1)
			TH_LOG("%d of %d rounds to go", round - 1, rounds());
	}
	for (i = 0; i < CROWD; i++) {
		const struct tally *t = &self->tallies[i];

		TH_LOG("process %zu: %d good, %d refused, %d wrong", i, t->good,
		       t->refused, t->wrong);
		EXPECT_EQ(0, t->wrong);
		EXPECT_EQ(crowd[i].meets_refusal, t->refused > 0);
	}
}

/* Neighbours ------------------------------------------------------------- */

/* A protocol on top of TCP, and an option that TCP itself does not have. */
struct neighbour {
	const char *module, *ulp;
	int domain, protocol;
	int level, option;
};

struct pair {
	int fd, peer;
};

FIXTURE(beside) {
	struct pair pairs[3];
	struct kind k;
};

FIXTURE_VARIANT(beside) {
	int family;
	struct neighbour n;
};

#define NEIGHBOUR(name, ...)						\
	FIXTURE_VARIANT_ADD(beside, name##_ipv4) {			\
		AF_INET, NEIGHBOUR_##name(AF_INET, 0) };		\
	FIXTURE_VARIANT_ADD(beside, name##_ipv6) {			\
		AF_INET6, NEIGHBOUR_##name(AF_INET6, 1) };

#define NEIGHBOUR_tls(family, v6)					\
	{ "tls", "tls", family, 0, SOL_TLS, TLS_TX }
#define NEIGHBOUR_mptcp(family, v6)					\
	{ NULL, "mptcp", family, IPPROTO_MPTCP, SOL_MPTCP, MPTCP_INFO }
#define NEIGHBOUR_smc(family, v6)					\
	{ "smc", "smc", AF_SMC, v6, 0, 0 }

NEIGHBOUR(tls)
NEIGHBOUR(mptcp)
NEIGHBOUR(smc)

static bool modprobe(const char *options, const char *module)
{
	char command[128];

	snprintf(command, sizeof(command), "modprobe -q %s %s", options, module);
	return !system(command);
}

static int neighbour_socket(const struct neighbour *n)
{
	return socket(n->domain, SOCK_STREAM, n->protocol);
}

static bool encrypt(int fd)
{
	const struct tls12_crypto_info_aes_gcm_128 key = {
		.info = { TLS_1_2_VERSION, TLS_CIPHER_AES_GCM_128 },
	};

	return !setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 3) &&
	       !setsockopt(fd, SOL_TLS, TLS_TX, &key, sizeof(key)) &&
	       !setsockopt(fd, SOL_TLS, TLS_RX, &key, sizeof(key));
}

/*
 * Is it what it is meant to be, and no plain TCP? Where there is no device for
 * SMC, it gives its sockets' place to TCP once they are connected.
 */
static bool is_genuine(const struct neighbour *n, int fd)
{
	socklen_t len = sizeof(int);
	int value;

	return !getsockopt(fd, n->level, n->option, &value, &len);
}

static bool pair_talks(const struct pair *pair)
{
	return kind_talk(pair->fd, pair->peer) && kind_talk(pair->peer, pair->fd);
}

/* Two sockets of the neighbour's over loopback that talk to each other. */
static bool pair_up(const struct neighbour *n, int family, struct pair *pair)
{
	union name name;
	int lfd = neighbour_socket(n);

	pair->fd = neighbour_socket(n);
	if (bind_port(lfd, family, "127.0.0.1", "::1", 0) || listen(lfd, 1))
		return false;
	name = local_name(lfd);
	if (connect(pair->fd, &name.sa, name_len(&name)))
		return false;
	pair->peer = accept(lfd, NULL, NULL);
	close(lfd);
	if (n->level == SOL_TLS && !(encrypt(pair->fd) && encrypt(pair->peer)))
		return false;
	return (n->domain == AF_SMC || is_genuine(n, pair->fd)) && pair_talks(pair);
}

/* A ULP says ENOTCONN here where there is one. */
static bool is_there(const struct neighbour *n)
{
	bool there;
	int fd;

	if (n->module)
		modprobe("", n->module);
	fd = neighbour_socket(n);
	there = fd >= 0 && (n->level != SOL_TLS ||
			    !setsockopt(fd, SOL_TCP, TCP_ULP, n->ulp, strlen(n->ulp)) ||
			    errno == ENOTCONN);
	close(fd);
	return there;
}

FIXTURE_SETUP(beside)
{
	memset(self->pairs, -1, sizeof(self->pairs));
	self->k.fd = -1;
	self->k.lfd = -1;
	self->k.peer = -1;
	ASSERT_EQ(0, unload());
}

FIXTURE_TEARDOWN(beside)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(self->pairs); i++) {
		close(self->pairs[i].fd);
		close(self->pairs[i].peer);
	}
	close(self->k.fd);
	close(self->k.lfd);
	close(self->k.peer);
	if (!is_loaded())
		EXPECT_EQ(0, insert_module(ko));
}

static bool has_ulp(int fd)
{
	char name[16];
	socklen_t len = sizeof(name);

	return getsockopt(fd, SOL_TCP, TCP_ULP, name, &len) || len;
}

/* The family's socket does not become the neighbour's, and goes on. */
static void expect_refusal(struct __test_metadata *_metadata, struct kind *k,
			   const struct neighbour *n)
{
	EXPECT_TRUE(kind_open(k, n->domain == AF_INET6 ? AF_INET6 : AF_INET,
			      SOCK_STREAM));
	EXPECT_TRUE(kind_join(k));
	EXPECT_FAILS(EOPNOTSUPP, setsockopt(k->fd, SOL_TCP, TCP_ULP, n->ulp,
					    strlen(n->ulp)));
	EXPECT_FALSE(has_ulp(k->fd));
	EXPECT_TRUE(kind_talk(k->fd, k->peer));
	EXPECT_EQ(1, references());
}

TEST_F(beside, F_02_F_03_before_during_after)
{
	const struct neighbour *n = &variant->n;
	struct pair *pairs = self->pairs;
	int i;

	if (!is_there(n))
		SKIP(return, "the kernel has no %s", n->ulp);
	ASSERT_TRUE(pair_up(n, variant->family, &pairs[0]));
	ASSERT_EQ(0, insert_module(ko));
	EXPECT_TRUE(pair_talks(&pairs[0]));
	expect_refusal(_metadata, &self->k, n);
	EXPECT_TRUE(pair_up(n, variant->family, &pairs[1]));

	close(self->k.fd);
	ASSERT_EQ(0, unload());
	EXPECT_TRUE(pair_up(n, variant->family, &pairs[2]));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(pair_talks(&pairs[i]));
}

/* TLS learns its operations from the first socket that it is asked for. */
TEST_F(beside, F_02_F_03_first_of_all)
{
	const struct neighbour *n = &variant->n;
	struct pair *pairs = self->pairs;

	if (!is_there(n))
		SKIP(return, "the kernel has no %s", n->ulp);
	if (n->module && !(modprobe("-r", n->module) && modprobe("", n->module)))
		SKIP(return, "%s is in use and cannot be loaded anew", n->module);
	ASSERT_EQ(0, insert_module(ko));
	expect_refusal(_metadata, &self->k, n);
	EXPECT_TRUE(pair_up(n, variant->family, &pairs[0]));

	close(self->k.fd);
	ASSERT_EQ(0, unload());
	EXPECT_TRUE(pair_talks(&pairs[0]));
	EXPECT_TRUE(pair_up(n, variant->family, &pairs[1]));
}

static int run_reload(int argc, char **argv)
{
	const char *path = getenv("WSPFAM_KO") ?: "";

	ko = open(path, O_RDONLY | O_CLOEXEC);
	if (ko < 0) {
		printf("1..0 # SKIP no module '%s': set WSPFAM_KO to the path of wspfam.ko\n",
		       path);
		return KSFT_SKIP;
	}
	if (references()) {
		printf("1..0 # SKIP wspfam.ko is in use\n");
		return KSFT_SKIP;
	}
	if (rounds() <= 0) {
		printf("Bail out! WSP_ROUNDS is '%s'; give the rounds of loading, at least 1\n",
		       getenv("WSP_ROUNDS"));
		return KSFT_FAIL;
	}
	return test_harness_run(argc, argv);
}

int main(int argc, char **argv)
{
	return test_main(argc, argv, run_reload);
}
