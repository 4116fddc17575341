// SPDX-License-Identifier: GPL-2.0
/* Network events: V-01 to V-09, by the ioctls that libwsp's calls are made of. */
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_test.h"

#define ALL	WSP_FD_ALL_EVENTS

static bool is_set(int event)
{
	return readable_now(event);
}

/* The events that come first, within the deadline; 0 if none do. */
static unsigned int next_events(int fd, int event,
				struct wsp_network_events *record)
{
	if (!wait_for(event, POLLIN) || take(fd, event, record))
		return 0;
	return record->events;
}

static enum wsp_state state_of(int fd)
{
	struct wsp_info info = {};

	if (ioctl(fd, WSP_IOC_INFO, &info))
		abort();
	return info.state;
}

/* Waits for the end of an attempt, and of the wake-up that tells of it. */
static void settle(int fd)
{
	long end = now_ms() + DEADLINE_MS;

	while (state_of(fd) == WSP_STATE_PENDING && now_ms() < end)
		sched_yield();
	ask_code(fd, EINTR, WSP_CODE_CONNECT);	/* takes the sock's lock */
}

static union name dead_name(int family)
{
	int fd = plain_socket(THERE, family, SOCK_STREAM);
	union name name;

	if (bind_port(fd, family, "0.0.0.0", "::", 0))
		abort();
	name = name_host(family, PEER_A, local_port(fd));
	close(fd);
	return name;
}

/*
 * A name that a connect fails for, and with what. On a stream it does so in
 * the background.
 */
static union name failing_name(const struct kind *k, unsigned int *code)
{
	if (k->type == SOCK_STREAM) {
		*code = WSAECONNREFUSED;
		return dead_name(k->row.family);
	}
	*code = WSAENETUNREACH;
	return name_host(k->row.family, UNREACHABLE, 9);
}

static int connect_to(int fd, union name name)
{
	return connect(fd, &name.sa, name_len(&name)) ? -errno : 0;
}

/* Whatever the tie found at once on a new datagram socket: it can be sent on. */
static unsigned int idle_events(const struct kind *k)
{
	return k->type == SOCK_DGRAM ? WSP_FD_WRITE : 0;
}

KIND_FIXTURE(events)

KIND_FIXTURE_ALONE(stream)
STREAM_KINDS(stream)

KIND_FIXTURE_ALONE(dgram)
DGRAM_KINDS(dgram)

static int tied_event(struct kind *k, unsigned int mask)
{
	int event = eventfd(0, EFD_CLOEXEC);

	if (event < 0 || tie(k->fd, event, mask))
		abort();
	return event;
}

TEST_F(events, V_01_tie_makes_nonblocking)
{
	int event = eventfd(0, EFD_CLOEXEC);

	EXPECT_EQ(0, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, tie(self->k.fd, event, WSP_FD_CONNECT));
	EXPECT_NE(0, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, tie(self->k.fd, NOTHING, 0));
	EXPECT_NE(0, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	close(event);
}

TEST_F(events, V_01_mask_is_told)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT | WSP_FD_READ);
	struct wsp_info info;

	ASSERT_EQ(0, ioctl(self->k.fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_READ, info.events);
	ASSERT_EQ(0, tie(self->k.fd, NOTHING, 0));
	ASSERT_EQ(0, ioctl(self->k.fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(0, info.events);
	close(event);
}

TEST_F(events, V_01_untied_hears_nothing)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;

	ASSERT_EQ(0, tie(self->k.fd, NOTHING, 0));
	connect_to(self->k.fd, kind_name(&self->k));
	settle(self->k.fd);
	EXPECT_FALSE(is_set(event));
	EXPECT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	close(event);
}

TEST_F(events, V_01_new_tie_replaces)
{
	int former = tied_event(&self->k, WSP_FD_CONNECT);
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;

	connect_to(self->k.fd, kind_name(&self->k));
	EXPECT_EQ(WSP_FD_CONNECT, next_events(self->k.fd, event, &record));
	EXPECT_FALSE(is_set(former));
	close(former);
	close(event);
}

/* What was recorded for the former tie went with it. */
TEST_F(events, V_01_new_tie_clears_the_record)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;
	unsigned int code;

	connect_to(self->k.fd, failing_name(&self->k, &code));
	settle(self->k.fd);
	ASSERT_EQ(0, tie(self->k.fd, event, WSP_FD_READ));
	EXPECT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	close(event);
}

TEST_F(events, V_02_V_03_V_07_success)
{
	int event = tied_event(&self->k, ALL);
	struct wsp_network_events record;

	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(idle_events(&self->k), record.events);

	connect_to(self->k.fd, kind_name(&self->k));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE,
		  next_events(self->k.fd, event, &record));
	EXPECT_EQ(0, record.codes[WSP_FD_CONNECT_BIT]);

	/* Once. */
	settle(self->k.fd);
	EXPECT_FALSE(is_set(event));
	EXPECT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	close(event);
}

TEST_F(events, V_02_V_03_failure_then_success)
{
	struct wsp_network_events record;
	int event = tied_event(&self->k, ALL);
	unsigned int code;
	int i;

	ASSERT_EQ(0, take(self->k.fd, event, &record));
	for (i = 0; i < 3; i++) {
		connect_to(self->k.fd, failing_name(&self->k, &code));
		EXPECT_EQ(WSP_FD_CONNECT,
			  next_events(self->k.fd, event, &record));
		EXPECT_EQ(code, record.codes[WSP_FD_CONNECT_BIT]);
	}
	connect_to(self->k.fd, kind_name(&self->k));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE,
		  next_events(self->k.fd, event, &record));
	EXPECT_EQ(0, record.codes[WSP_FD_CONNECT_BIT]);
	close(event);
}

/* An attempt that fails in the call itself is announced as well. */
TEST_F(events, V_02_failed_at_once)
{
	struct wsp_network_events record;
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	const int family = self->k.row.family;

	EXPECT_EQ(-ENETUNREACH,
		  connect_to(self->k.fd, name_host(family, UNREACHABLE, 9)));
	EXPECT_TRUE(is_set(event));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(WSAENETUNREACH, record.codes[WSP_FD_CONNECT_BIT]);

	/* A name of the other family. */
	EXPECT_EQ(-EAFNOSUPPORT,
		  connect_to(self->k.fd,
			     family == AF_INET ? name_v6("2001:db8:a::2", 9) :
						 name_v4("192.0.2.2", 9)));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(WSAEAFNOSUPPORT, record.codes[WSP_FD_CONNECT_BIT]);
	close(event);
}

/* So is one whose address no socket can be connected to: E-05, E-06, E-18. */
TEST_F(events, V_02_bad_address)
{
	const int family = self->k.row.family;
	const bool stream = self->k.type == SOCK_STREAM;
	const struct {
		union name name;
		int error;
		unsigned int code;
	} bad[] = {
		{ name_of(family, "0.0.0.0", "::", 9), EADDRNOTAVAIL, WSAEADDRNOTAVAIL },
		{ name_host(family, PEER_A, 0), EADDRNOTAVAIL, WSAEADDRNOTAVAIL },
		{ name_of(family, "224.0.0.1", "ff02::1", 9), EADDRNOTAVAIL,
		  WSAEADDRNOTAVAIL },
		{ name_of(family, "255.255.255.255", "::ffff:255.255.255.255", 9),
		  stream ? EADDRNOTAVAIL : EACCES,
		  stream ? WSAEADDRNOTAVAIL : WSAEACCES },
		{ { .sa.sa_family = AF_UNIX }, EAFNOSUPPORT, WSAEAFNOSUPPORT },
	};
	int i, event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;

	for (i = stream ? 0 : 3; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-bad[i].error, connect_to(self->k.fd, bad[i].name));
		EXPECT_TRUE(is_set(event));
		ASSERT_EQ(0, take(self->k.fd, event, &record));
		EXPECT_EQ(WSP_FD_CONNECT, record.events)
			TH_LOG("address %d", i);
		EXPECT_EQ(bad[i].code, record.codes[WSP_FD_CONNECT_BIT]);
	}
	close(event);
}

/* E-08, E-14, E-15: refused for what stands beside the name. */
TEST_F(stream, V_02_refused_arguments)
{
	WSABUF some = { .len = 1, .buf = "x" };
	union name name = kind_name(&self->k);
	QOS qos = { .SendingFlowspec.ServiceType = SERVICETYPE_GUARANTEED };
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	const int len = name_len(&name), fd = self->k.fd;

	EXPECT_EQ(WSAEPROTONOSUPPORT,
		  OUTCOME(WSPConnect(fd, &name.sa, len, &some, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAEOPNOTSUPP,
		  OUTCOME(WSPConnect(fd, &name.sa, len, NULL, NULL, &qos, NULL, &code)));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPConnect(fd, &name.sa, len, (void *)8, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPConnect(fd, (void *)8, len, NULL, NULL, NULL, NULL, &code)));
	EXPECT_EQ(WSAEFAULT,
		  OUTCOME(WSPConnect(fd, &name.sa, -1, NULL, NULL, NULL, NULL, &code)));
	EXPECT_FALSE(is_set(event));
	close(event);
}

TEST_F(events, V_02_no_name_is_no_attempt)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	union name name = kind_name(&self->k);

	EXPECT_FAILS(EFAULT, connect(self->k.fd, NULL, sizeof(name)));
	EXPECT_FAILS(EFAULT, connect(self->k.fd, &name.sa, 3));
	EXPECT_FALSE(is_set(event));
	close(event);
}

TEST_F(stream, V_02_refused_for_the_state)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;

	connect_to(self->k.fd, kind_name(&self->k));
	ASSERT_EQ(WSP_FD_CONNECT, next_events(self->k.fd, event, &record));
	EXPECT_EQ(-EISCONN, connect_to(self->k.fd, kind_name(&self->k)));
	EXPECT_FALSE(is_set(event));
	close(event);
}

TEST_F(stream, V_02_refused_while_pending)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	union name silent = name_host(self->k.row.family, SILENT, 9);

	ASSERT_EQ(-EINPROGRESS, connect_to(self->k.fd, silent));
	EXPECT_EQ(-EALREADY, connect_to(self->k.fd, kind_name(&self->k)));
	EXPECT_FALSE(is_set(event));
	close(event);
}

TEST_F(stream, V_02_refused_while_listening)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);

	ASSERT_EQ(0, listen(self->k.fd, 1));
	EXPECT_EQ(-EINVAL, connect_to(self->k.fd, kind_name(&self->k)));
	EXPECT_FALSE(is_set(event));
	close(event);
}

/* What the program was told of, it has: no fresh attempt after a reset. */
TEST_F(stream, V_02_announced_is_connected)
{
	int event = tied_event(&self->k, ALL);
	struct wsp_network_events record;
	int peer;

	connect_to(self->k.fd, kind_name(&self->k));
	ASSERT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE,
		  next_events(self->k.fd, event, &record));
	peer = accept(self->k.lfd, NULL, NULL);
	close_by_reset(peer);
	ASSERT_EQ(WSP_FD_CLOSE, next_events(self->k.fd, event, &record));
	EXPECT_EQ(WSAECONNRESET, record.codes[WSP_FD_CLOSE_BIT]);
	EXPECT_EQ(-EISCONN, connect_to(self->k.fd, kind_name(&self->k)));
	close(event);
}

TEST_F(events, V_04_tied_after_connecting)
{
	struct wsp_network_events record;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, ALL);
	EXPECT_TRUE(is_set(event));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE, record.events);
	EXPECT_EQ(0, record.codes[WSP_FD_CONNECT_BIT]);
	close(event);
}

TEST_F(stream, V_04_tied_after_failing)
{
	struct wsp_network_events record;
	int event;

	fcntl(self->k.fd, F_SETFL, O_NONBLOCK);
	connect_to(self->k.fd, dead_name(self->k.row.family));
	settle(self->k.fd);
	event = tied_event(&self->k, ALL);
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(WSAECONNREFUSED, record.codes[WSP_FD_CONNECT_BIT]);

	/* However often it is told (C-07). */
	EXPECT_EQ(ECONNREFUSED, so_error(self->k.fd));
	ASSERT_EQ(0, tie(self->k.fd, event, ALL));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(WSAECONNREFUSED, record.codes[WSP_FD_CONNECT_BIT]);
	close(event);
}

TEST_F(stream, V_04_tied_while_connecting)
{
	struct wsp_network_events record;
	int event;

	fcntl(self->k.fd, F_SETFL, O_NONBLOCK);
	EXPECT_EQ(-EINPROGRESS, connect_to(self->k.fd, kind_name(&self->k)));
	event = tied_event(&self->k, ALL);
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE,
		  next_events(self->k.fd, event, &record));
	close(event);
}

TEST_F(events, V_05_takes_clears_and_resets)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record, before;
	unsigned int code, i;

	connect_to(self->k.fd, failing_name(&self->k, &code));
	ASSERT_TRUE(wait_for(event, POLLIN));
	memset(&record, 0xa5, sizeof(record));
	before = record;
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	for (i = 0; i < WSP_FD_MAX_EVENTS; i++)
		EXPECT_EQ(i == WSP_FD_CONNECT_BIT ? code : before.codes[i],
			  record.codes[i]);
	EXPECT_FALSE(is_set(event));

	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	close(event);
}

TEST_F(events, V_05_no_event_stays_set)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_network_events record;
	unsigned int code;

	connect_to(self->k.fd, failing_name(&self->k, &code));
	ASSERT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(0, take(self->k.fd, NOTHING, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_TRUE(is_set(event));
	ASSERT_EQ(0, take(self->k.fd, NOTHING, &record));
	EXPECT_EQ(0, record.events);
	close(event);
}

/* A record that cannot be written whole takes nothing. */
TEST_F(events, V_05_V_09_bad_output)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	const long page = sysconf(_SC_PAGESIZE);
	struct wsp_network_events record;
	unsigned int code;
	char *pages;

	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + page, page));

	connect_to(self->k.fd, failing_name(&self->k, &code));
	ASSERT_TRUE(wait_for(event, POLLIN));
	EXPECT_EQ(-EFAULT, take(self->k.fd, event, NULL));
	EXPECT_TRUE(is_set(event));
	EXPECT_EQ(-EFAULT, take(self->k.fd, event, (void *)(pages + page - 8)));
	EXPECT_TRUE(is_set(event));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(code, record.codes[WSP_FD_CONNECT_BIT]);
	munmap(pages, page);
	close(event);
}

TEST_F(events, V_06_read)
{
	struct wsp_network_events record;
	char buf[8];
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ);
	EXPECT_FALSE(is_set(event));
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));

	/* Nothing new until it is read, and then at once what is left. */
	ASSERT_EQ(1, send(self->k.peer, "b", 1, 0));
	EXPECT_FALSE(is_set(event));
	ASSERT_EQ(1, recv(self->k.fd, buf, 1, 0));
	ASSERT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, recv(self->k.fd, buf, 1, 0));
	EXPECT_FALSE(is_set(event));
	ASSERT_EQ(1, send(self->k.peer, "c", 1, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));

	/* A peek enables it as well, and so does a call that fails. */
	ASSERT_EQ(1, recv(self->k.fd, buf, 1, MSG_PEEK));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, recv(self->k.fd, buf, 1, 0));
	EXPECT_FAILS(EAGAIN, recv(self->k.fd, buf, 1, 0));
	EXPECT_FALSE(is_set(event));
	close(event);
}

/* splice(2) reads as recv(2) does. */
TEST_F(stream, V_06_splice)
{
	struct wsp_network_events record;
	int event, pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ);
	ASSERT_EQ(2, send(self->k.peer, "ab", 2, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	EXPECT_FALSE(is_set(event));
	ASSERT_EQ(1, splice(self->k.fd, NULL, pipes[1], NULL, 1, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, splice(self->k.fd, NULL, pipes[1], NULL, 1, 0));
	EXPECT_FALSE(is_set(event));
	close(pipes[0]);
	close(pipes[1]);
	close(event);
}

TEST_F(stream, V_06_write)
{
	static char bulk[65536];
	struct wsp_network_events record;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_WRITE);
	EXPECT_EQ(WSP_FD_WRITE, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, send(self->k.fd, "a", 1, 0));
	EXPECT_FALSE(is_set(event));

	while (send(self->k.fd, bulk, sizeof(bulk), 0) > 0)
		;
	ASSERT_EQ(EAGAIN, errno);
	while (!is_set(event) &&
	       wait_for(self->k.peer, POLLIN) &&
	       recv(self->k.peer, bulk, sizeof(bulk), MSG_DONTWAIT) > 0)
		;
	EXPECT_EQ(WSP_FD_WRITE, next_events(self->k.fd, event, &record));
	close(event);
}

/* Reads what @fd is sent, up to @left bytes, until @event is set. */
static void read_until_set(int fd, int event, long left)
{
	static char bulk[65536];
	ssize_t n = 1;

	while (n > 0 && left > 0 && !(event >= 0 && is_set(event)) &&
	       wait_for(fd, POLLIN)) {
		n = recv(fd, bulk, sizeof(bulk), MSG_DONTWAIT);
		left -= n;
	}
}

/* Much has been sent, though no call had to wait: room is told of later. */
TEST_F(stream, V_06_write_of_a_busy_socket)
{
	const int send_room = 200000, receive_room = 4096;
	struct wsp_network_events record;
	static char bulk[4096];
	long total = 0, i;
	ssize_t n;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	setsockopt(self->k.fd, SOL_SOCKET, SO_SNDBUF, &send_room, sizeof(int));
	setsockopt(self->k.peer, SOL_SOCKET, SO_RCVBUF, &receive_room, sizeof(int));
	while ((n = send(self->k.fd, bulk, sizeof(bulk), MSG_DONTWAIT)) > 0)
		total += n;
	ASSERT_EQ(EAGAIN, errno);
	read_until_set(self->k.peer, NOTHING, total);
	ASSERT_TRUE(wait_for(self->k.fd, POLLOUT));

	for (i = 0; i < total / 10 * 9; i += sizeof(bulk))
		ASSERT_EQ(sizeof(bulk), send(self->k.fd, bulk, sizeof(bulk), MSG_DONTWAIT));
	event = tied_event(&self->k, WSP_FD_WRITE);
	EXPECT_FALSE(is_set(event));
	read_until_set(self->k.peer, event, i);
	EXPECT_EQ(WSP_FD_WRITE, next_events(self->k.fd, event, &record));
	close(event);
}

TEST_F(stream, V_06_oob)
{
	struct wsp_network_events record;
	char byte;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_OOB | WSP_FD_READ);
	ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	EXPECT_EQ(WSP_FD_OOB, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, MSG_OOB));
	EXPECT_FALSE(is_set(event));
	/* What comes after the urgent byte is data. */
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	close(event);
}

TEST_F(stream, V_06_close)
{
	struct wsp_network_events record;
	char byte;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ | WSP_FD_CLOSE);
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_EQ(0, shutdown(self->k.peer, SHUT_WR));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	/* The end comes when all before it has been read, and once. */
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	EXPECT_EQ(WSP_FD_CLOSE, next_events(self->k.fd, event, &record));
	EXPECT_EQ(0, record.codes[WSP_FD_CLOSE_BIT]);
	ASSERT_EQ(0, recv(self->k.fd, &byte, 1, 0));
	EXPECT_FALSE(is_set(event));
	close(event);
}

TEST_F(stream, V_06_close_without_data)
{
	struct wsp_network_events record;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ | WSP_FD_CLOSE);
	ASSERT_EQ(0, shutdown(self->k.peer, SHUT_WR));
	EXPECT_EQ(WSP_FD_CLOSE, next_events(self->k.fd, event, &record));
	EXPECT_EQ(0, record.codes[WSP_FD_CLOSE_BIT]);
	close(event);
}

TEST_F(stream, V_04_V_06_accept)
{
	struct wsp_network_events record;
	union name name, here = name_of(self->k.row.family, "192.0.2.1",
					"2001:db8:a::1", 0);
	int event, client[2], accepted, i;

	ASSERT_EQ(0, bind(self->k.fd, &here.sa, name_len(&here)));
	ASSERT_EQ(0, listen(self->k.fd, 4));
	event = tied_event(&self->k, ALL);
	EXPECT_FALSE(is_set(event));
	name = local_name(self->k.fd);
	for (i = 0; i < 2; i++) {
		client[i] = plain_socket(THERE, self->k.row.family, SOCK_STREAM);
		ASSERT_EQ(0, connect(client[i], &name.sa, name_len(&name)));
	}
	EXPECT_EQ(WSP_FD_ACCEPT, next_events(self->k.fd, event, &record));
	EXPECT_FALSE(is_set(event));

	/* The accepted socket has the listener's tie. */
	accepted = accept(self->k.fd, NULL, NULL);
	ASSERT_GE(accepted, 0);
	EXPECT_NE(0, fcntl(accepted, F_GETFL) & O_NONBLOCK);
	ASSERT_EQ(0, take(accepted, NOTHING, &record));
	EXPECT_EQ(WSP_FD_WRITE, record.events);
	EXPECT_EQ(WSP_FD_ACCEPT, next_events(self->k.fd, event, &record));
	ASSERT_EQ(0, tie(accepted, event, ALL));
	ASSERT_EQ(0, take(accepted, event, &record));
	EXPECT_EQ(WSP_FD_WRITE, record.events);

	close(accepted);
	accepted = accept(self->k.fd, NULL, NULL);
	ASSERT_GE(accepted, 0);
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	EXPECT_FAILS(EAGAIN, accept(self->k.fd, NULL, NULL));
	close(accepted);
	for (i = 0; i < 2; i++)
		close(client[i]);
	close(event);
}

/* A listener that two clients wait at, and has told of the first. */
static bool two_wait(struct kind *k, int event, int *client)
{
	union name name, here = name_host(k->row.family, HERE_A, 0);
	struct wsp_network_events record;
	int i;

	if (bind(k->fd, &here.sa, name_len(&here)) || listen(k->fd, 4))
		return false;
	name = local_name(k->fd);
	for (i = 0; i < 2; i++) {
		client[i] = plain_socket(THERE, k->row.family, SOCK_STREAM);
		if (connect(client[i], &name.sa, name_len(&name)))
			return false;
	}
	return next_events(k->fd, event, &record) == WSP_FD_ACCEPT &&
	       !is_set(event);
}

static bool accept_is_enabled(int fd, int event)
{
	struct wsp_network_events record;

	return is_set(event) && !take(fd, event, &record) &&
	       record.events == WSP_FD_ACCEPT;
}

/* Whatever comes of it. */
TEST_F(stream, V_06_accept_that_fails)
{
	int event = tied_event(&self->k, WSP_FD_ACCEPT), client[2], len = 1;
	struct rlimit limit, none = {};
	struct sockaddr_storage from;
	const int fd = self->k.fd;

	ASSERT_TRUE(two_wait(&self->k, event, client));

	/* The library is refused a descriptor, which the family does not see. */
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none.rlim_max = limit.rlim_max;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(WSAEMFILE, OUTCOME(WSPAccept(fd, NULL, NULL, NULL, 0, &code) ==
				     INVALID_SOCKET ? SOCKET_ERROR : 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_TRUE(accept_is_enabled(fd, event));

	/* It refuses by itself what has no room for the name. */
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPAccept(fd, (void *)&from, &len, NULL, 0, &code) ==
				     INVALID_SOCKET ? SOCKET_ERROR : 0));
	EXPECT_TRUE(accept_is_enabled(fd, event));

	/* The system call fails after the family has accepted. */
	EXPECT_FAILS(EFAULT, accept(fd, (void *)8, (void *)8));
	EXPECT_TRUE(accept_is_enabled(fd, event));
	close(client[0]);
	close(client[1]);
	close(event);
}

static bool read_is_enabled(int fd, int event)
{
	struct wsp_network_events record;

	return is_set(event) && !take(fd, event, &record) &&
	       record.events == WSP_FD_READ;
}

TEST_F(events, V_06_receive_that_fails)
{
	DWORD done, none = 0, flags, odd = MSG_ERRQUEUE;
	char *far = (char *)(~0UL - 4096);	/* no system call takes it */
	WSABUF bad = { .len = 1, .buf = far };
	struct wsp_network_events record;
	struct sockaddr_storage from;
	int event, len = 1, fd = self->k.fd;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ);
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_EQ(WSP_FD_READ, next_events(fd, event, &record));

	flags = 0;
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecv(fd, &bad, 1, &done, &flags, NULL, NULL,
					     NULL, &code)));
	EXPECT_TRUE(read_is_enabled(fd, event));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecv(fd, NULL, 1, &done, &none, NULL, NULL,
					     NULL, &code)));
	EXPECT_TRUE(read_is_enabled(fd, event));
	EXPECT_EQ(WSAEOPNOTSUPP, OUTCOME(WSPRecv(fd, &bad, 1, &done, &odd, NULL, NULL,
						 NULL, &code)));
	EXPECT_TRUE(read_is_enabled(fd, event));
	if (self->k.type == SOCK_DGRAM) {
		EXPECT_EQ(WSAEFAULT, OUTCOME(WSPRecvFrom(fd, &bad, 1, &done, &none,
							 (void *)&from, &len, NULL,
							 NULL, NULL, &code)));
		EXPECT_TRUE(read_is_enabled(fd, event));
	}
	close(event);
}

/* What the library calls for that. */
TEST_F(events, V_06_enable)
{
	struct wsp_enable arg = { .events = WSP_FD_READ };
	struct wsp_network_events record;
	int event, fd = self->k.fd;

	EXPECT_EQ(0, ioctl(fd, WSP_IOC_ENABLE, &arg));	/* not tied */
	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ | WSP_FD_CONNECT);
	ASSERT_EQ(WSP_FD_CONNECT, next_events(fd, event, &record));
	EXPECT_EQ(0, ioctl(fd, WSP_IOC_ENABLE, &arg));
	EXPECT_FALSE(is_set(event));
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_EQ(WSP_FD_READ, next_events(fd, event, &record));

	EXPECT_FAILS(EFAULT, ioctl(fd, WSP_IOC_ENABLE, NULL));
	arg.events |= WSP_FD_CONNECT;
	EXPECT_FAILS(EINVAL, ioctl(fd, WSP_IOC_ENABLE, &arg));
	arg.events = WSP_FD_READ | WSP_FD_CLOSE;
	EXPECT_FAILS(EINVAL, ioctl(fd, WSP_IOC_ENABLE, &arg));
	arg.events = WSP_FD_READ;
	arg.flags = 4;
	EXPECT_FAILS(EINVAL, ioctl(fd, WSP_IOC_ENABLE, &arg));
	EXPECT_FALSE(is_set(event));
	arg.flags = 0;
	EXPECT_EQ(0, ioctl(fd, WSP_IOC_ENABLE, &arg));
	EXPECT_TRUE(read_is_enabled(fd, event));
	arg.events = WSP_FD_WRITE | WSP_FD_OOB | WSP_FD_ACCEPT;	/* not of the mask */
	EXPECT_EQ(0, ioctl(fd, WSP_IOC_ENABLE, &arg));
	EXPECT_FALSE(is_set(event));
	close(event);
}

static int tcp_state(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_state;
}

static bool wait_state(int fd, int state)
{
	long end = now_ms() + DEADLINE_MS;

	while (tcp_state(fd) != state && now_ms() < end)
		sched_yield();
	return tcp_state(fd) == state;
}

/* How a connection ends, seen from @fd. */
enum ending {
	RESET,			/* in the midst of it */
	RESET_HALF_CLOSED,	/* by a peer that had finished sending */
	RESET_AFTER_DATA,	/* by one that had left before the last data came */
	RESET_BEFORE_ACK,	/* both have finished, but this end was not heard */
	FIRST_THERE, FIRST_HERE,	/* and not reset */
	ENDINGS
};

static void reset_peer(struct kind *k)
{
	close_by_reset(k->peer);
	k->peer = -1;
}

static void finish_peer(struct kind *k)
{
	shutdown(k->peer, SHUT_WR);
	wait_state(k->fd, TCP_CLOSE_WAIT);
}

static bool end_connection(struct kind *k, enum ending ending)
{
	const int one = 1;
	char buf[8];

	if (!kind_talk(k->fd, k->peer))
		return false;
	switch (ending) {
	case RESET:
		reset_peer(k);
		break;
	case RESET_HALF_CLOSED:
		finish_peer(k);
		reset_peer(k);
		break;
	case RESET_AFTER_DATA:
		close(k->peer);
		k->peer = -1;
		wait_state(k->fd, TCP_CLOSE_WAIT);
		send(k->fd, "a", 1, MSG_NOSIGNAL);
		break;
	case RESET_BEFORE_ACK:
		finish_peer(k);
		/* Closed so, it says nothing, and knows nothing afterwards. */
		setsockopt(k->peer, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one));
		close(k->peer);
		k->peer = -1;
		shutdown(k->fd, SHUT_WR);
		break;
	case FIRST_THERE:
		finish_peer(k);
		send(k->fd, "a", 1, MSG_NOSIGNAL);
		shutdown(k->fd, SHUT_WR);
		break;
	default:
		shutdown(k->fd, SHUT_WR);
		wait_state(k->fd, TCP_FIN_WAIT2);
		send(k->peer, "a", 1, MSG_NOSIGNAL);
		shutdown(k->peer, SHUT_WR);
		recv(k->fd, buf, sizeof(buf), 0);
		break;
	}
	return wait_state(k->fd, TCP_CLOSE);
}

/* Who tells the program before the tie does. */
static void tell_error(int fd, int how)
{
	char byte;

	if (how == 1)
		so_error(fd);
	else if (how == 2)
		recv(fd, &byte, 1, MSG_DONTWAIT);
	else if (how == 3)
		send(fd, "a", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The code of FD_CLOSE on a tie made after that; -1 if it says nothing. */
static int close_code(struct kind *k)
{
	int event = tied_event(k, WSP_FD_CLOSE);
	struct wsp_network_events record;
	int code = -1;

	if (!take(k->fd, event, &record) && record.events == WSP_FD_CLOSE)
		code = record.codes[WSP_FD_CLOSE_BIT];
	tie(k->fd, NOTHING, 0);
	close(event);
	return code;
}

TEST_F_TIMEOUT(stream, V_06_a_reset_whenever_tied, 120)
{
	struct kind *k = &self->k;
	int ending, how;

	for (ending = RESET; ending < ENDINGS; ending++) {
		for (how = 0; how < 4; how++) {
			ASSERT_TRUE(kind_join(k));
			ASSERT_TRUE(end_connection(k, ending))
				TH_LOG("ending %d, state %d", ending, tcp_state(k->fd));
			tell_error(k->fd, how);
			EXPECT_EQ(ending < FIRST_THERE ? WSAECONNRESET : 0,
				  close_code(k))
				TH_LOG("ending %d, told by %d", ending, how);
			close(k->peer);
			close(k->fd);
			k->fd = wsp_socket(SOCK_STREAM, &k->row);
		}
	}
}

/* A new tie knows nothing of what the former one has announced. */
TEST_F(events, V_11_a_new_tie_tells_all)
{
	const bool stream = self->k.type == SOCK_STREAM;
	const unsigned int want = WSP_FD_READ | WSP_FD_WRITE | WSP_FD_CONNECT |
				  (stream ? WSP_FD_OOB : 0);
	struct wsp_network_events record;
	int event, i;

	ASSERT_TRUE(kind_join(&self->k));
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	if (stream)
		ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	ASSERT_TRUE(wait_for(self->k.fd, stream ? POLLPRI : POLLIN));
	event = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < 4; i++) {
		if (i == 2)
			ASSERT_EQ(0, tie(self->k.fd, NOTHING, 0));
		ASSERT_EQ(0, tie(self->k.fd, event, ALL));
		EXPECT_TRUE(is_set(event));
		ASSERT_EQ(0, take(self->k.fd, event, &record));
		EXPECT_EQ(want, record.events)
			TH_LOG("tie %d", i);
	}
	close(event);
}

TEST_F(stream, V_11_a_new_tie_tells_of_the_end)
{
	struct wsp_network_events record;
	int event = eventfd(0, EFD_CLOEXEC), i;

	ASSERT_TRUE(kind_join(&self->k));
	finish_peer(&self->k);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, tie(self->k.fd, event, WSP_FD_CLOSE));
		EXPECT_EQ(WSP_FD_CLOSE, next_events(self->k.fd, event, &record));
	}
	close(event);
}

TEST_F(stream, V_11_a_new_tie_tells_who_waits)
{
	int event = tied_event(&self->k, WSP_FD_ACCEPT), client[2], i;

	ASSERT_TRUE(two_wait(&self->k, event, client));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, tie(self->k.fd, event, i % 2 ? ALL : WSP_FD_ACCEPT));
		EXPECT_TRUE(accept_is_enabled(self->k.fd, event));
	}
	close(client[0]);
	close(client[1]);
	close(event);
}

/* What has been received is taken back, and the event stays set. */
TEST_F(events, V_12_received_before_it_is_taken)
{
	struct wsp_network_events record;
	char byte;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ);
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_EQ(1, send(self->k.peer, "b", 1, 0));
	ASSERT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	EXPECT_TRUE(is_set(event));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	EXPECT_FALSE(is_set(event));

	/* It comes again, and for what is left of several. */
	ASSERT_EQ(1, send(self->k.peer, "c", 1, 0));
	ASSERT_EQ(1, send(self->k.peer, "d", 1, 0));
	ASSERT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	ASSERT_TRUE(wait_for(self->k.fd, POLLIN));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	EXPECT_FALSE(is_set(event));
	close(event);
}

/* The end is nothing to receive, nor is an urgent byte. */
TEST_F(stream, V_12_only_the_end_is_left)
{
	struct wsp_network_events record;
	char byte;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ | WSP_FD_CLOSE | WSP_FD_OOB);
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(1, send(self->k.peer, "!", 1, MSG_OOB));
	finish_peer(&self->k);
	ASSERT_EQ(1, recv(self->k.fd, &byte, 1, 0));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(WSP_FD_OOB, record.events & WSP_FD_OOB);
	EXPECT_EQ(0, record.events & WSP_FD_READ);
	close(event);
}

/* An error is received by whoever asks for it. */
TEST_F(dgram, V_12_an_error_that_was_told)
{
	struct wsp_network_events record;
	int event;

	ASSERT_TRUE(kind_join(&self->k));
	close(self->k.peer);
	close(self->k.lfd);
	self->k.peer = -1;
	self->k.lfd = -1;
	event = tied_event(&self->k, WSP_FD_READ);
	ASSERT_EQ(1, send(self->k.fd, "a", 1, 0));
	ASSERT_TRUE(wait_for(event, POLLIN));
	EXPECT_EQ(ECONNREFUSED, so_error(self->k.fd));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);
	ASSERT_EQ(1, send(self->k.fd, "a", 1, 0));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	close(event);
}

/* FD_READ of a queue that a change of peer has emptied is taken back. */
TEST_F(dgram, D_06_V_06_flushed_queue)
{
	struct wsp_network_events record;
	int event, other;
	union name name;

	ASSERT_TRUE(kind_join(&self->k));
	event = tied_event(&self->k, WSP_FD_READ);
	ASSERT_EQ(1, send(self->k.peer, "a", 1, 0));
	ASSERT_TRUE(wait_for(event, POLLIN));
	other = receiver(THERE, self->k.row.family, PEER_B);
	name = name_host(self->k.row.family, PEER_B, local_port(other));
	ASSERT_EQ(0, connect_to(self->k.fd, name));
	ASSERT_EQ(0, take(self->k.fd, event, &record));
	EXPECT_EQ(0, record.events);

	name = local_name(self->k.fd);
	ASSERT_TRUE(told(other, name, "b"));
	EXPECT_EQ(WSP_FD_READ, next_events(self->k.fd, event, &record));
	close(other);
	close(event);
}

TEST_F(events, V_08_event_closed_first)
{
	int event = tied_event(&self->k, ALL);
	struct wsp_network_events record;

	close(event);
	connect_to(self->k.fd, kind_name(&self->k));
	settle(self->k.fd);
	EXPECT_EQ(0, take(self->k.fd, NOTHING, &record));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE, record.events);
}

TEST_F(events, V_08_socket_closed_first)
{
	int event = tied_event(&self->k, ALL);
	int second = wsp_socket(self->k.type, &self->k.row);
	struct wsp_network_events record;

	ASSERT_EQ(0, tie(second, event, ALL));
	connect_to(self->k.fd, kind_name(&self->k));
	close(self->k.fd);
	self->k.fd = -1;
	connect_to(second, kind_name(&self->k));
	EXPECT_EQ(WSP_FD_CONNECT | WSP_FD_WRITE,
		  next_events(second, event, &record));
	close(second);
	close(event);
}

/* As an accepted socket is as its listener, but by one ioctl, later. */
static int tie_as(int fd, int other, unsigned int mask)
{
	struct wsp_select arg = { .event = other, .mask = mask, .flags = WSP_SELECT_AS };

	return ioctl(fd, WSP_IOC_SELECT, &arg) ? -errno : 0;
}

static unsigned int tied_for(int fd)
{
	struct wsp_info info = {};

	return ioctl(fd, WSP_IOC_INFO, &info) ? ~0U : info.events;
}

TEST_F(events, T_08_tied_as_another)
{
	int event = eventfd(0, EFD_NONBLOCK), plain = plain_socket(HERE, AF_INET, SOCK_STREAM);
	int other = wsp_socket(self->k.type, &self->k.row);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, tie(other, event, WSP_FD_READ | WSP_FD_CLOSE));
	EXPECT_EQ(-EINVAL, tie_as(self->k.fd, other, WSP_FD_READ));
	EXPECT_EQ(-ENOTSOCK, tie_as(self->k.fd, event, 0));
	EXPECT_EQ(-ENOTSOCK, tie_as(self->k.fd, plain, 0));
	EXPECT_EQ(-ENOTSOCK, tie_as(self->k.fd, NOTHING, 0));
	EXPECT_EQ(0, tied_for(self->k.fd));

	EXPECT_EQ(0, tie_as(self->k.fd, other, 0));
	EXPECT_EQ(WSP_FD_READ | WSP_FD_CLOSE, tied_for(self->k.fd));
	EXPECT_NE(0, fcntl(self->k.fd, F_GETFL) & O_NONBLOCK);
	/* As itself, and it outlives the other one. */
	EXPECT_EQ(0, tie_as(self->k.fd, self->k.fd, 0));
	EXPECT_EQ(WSP_FD_READ | WSP_FD_CLOSE, tied_for(self->k.fd));
	EXPECT_EQ(0, tie(other, NOTHING, 0));
	EXPECT_EQ(WSP_FD_READ | WSP_FD_CLOSE, tied_for(self->k.fd));
	EXPECT_EQ(0, tie_as(self->k.fd, other, 0));
	EXPECT_EQ(0, tied_for(self->k.fd));
	close(other);
	close(plain);
	close(event);
}

TEST_F(events, V_09_foreign_event)
{
	int event = tied_event(&self->k, WSP_FD_CONNECT);
	struct wsp_select reserved = { .event = event, .mask = 1, .reserved = 1 };
	struct wsp_select flags = { .event = event, .mask = 1, .flags = 2 };
	struct wsp_network_events record;
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(-EINVAL, tie(self->k.fd, NOTHING, WSP_FD_CONNECT));
	EXPECT_EQ(-EINVAL, tie(self->k.fd, pipes[0], WSP_FD_CONNECT));
	EXPECT_EQ(-EINVAL, tie(self->k.fd, self->k.fd, WSP_FD_CONNECT));
	EXPECT_EQ(-EINVAL, tie(self->k.fd, event, ALL + 1));
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_SELECT, &reserved));
	EXPECT_FAILS(EINVAL, ioctl(self->k.fd, WSP_IOC_SELECT, &flags));
	EXPECT_FAILS(EFAULT, ioctl(self->k.fd, WSP_IOC_SELECT, NULL));

	/* The tie there was still stands. */
	connect_to(self->k.fd, kind_name(&self->k));
	ASSERT_TRUE(wait_for(event, POLLIN));
	EXPECT_EQ(-EINVAL, take(self->k.fd, pipes[0], &record));
	EXPECT_EQ(WSP_FD_CONNECT, next_events(self->k.fd, event, &record));
	close(pipes[0]);
	close(pipes[1]);
	close(event);
}

/*
 * Every order of these calls to a depth, against a model of what is recorded.
 */
enum step { TIE, CONNECT_LIVE, CONNECT_DEAD, ENUM, REOPEN, STEPS };

#define DEPTH	5

struct walk {
	struct kind *k;
	int event;
	union name live, dead;
	unsigned int dead_code;
	/* the model */
	bool tied, connected, failed, set;
	unsigned int recorded, code;
};

static void model_record(struct walk *w, unsigned int events)
{
	if (w->tied && events) {
		w->recorded |= events;
		w->set = true;
	}
}

static void model_tie(struct walk *w)
{
	w->tied = true;
	w->recorded = 0;
	if (w->k->type == SOCK_DGRAM)
		model_record(w, WSP_FD_WRITE);
	else if (w->connected)
		model_record(w, WSP_FD_WRITE);
	w->code = w->failed ? w->dead_code : 0;
	if (w->connected || w->failed)
		model_record(w, WSP_FD_CONNECT);
}

static void model_connect(struct walk *w, bool live)
{
	if (w->k->type == SOCK_STREAM) {
		if (w->connected)
			return;
		w->recorded = 0;
		w->failed = !live;
	}
	w->code = live ? 0 : w->dead_code;
	w->connected = w->connected || live;
	model_record(w, WSP_FD_CONNECT | (live ? WSP_FD_WRITE : 0));
}

static void model_reopen(struct walk *w)
{
	w->tied = false;
	w->connected = false;
	w->failed = false;
	w->recorded = 0;
}

static bool walk_enum(struct walk *w)
{
	struct wsp_network_events record = {};
	bool as_expected;

	as_expected = is_set(w->event) == w->set &&
		      !take(w->k->fd, w->event, &record) &&
		      record.events == w->recorded &&
		      (!(record.events & WSP_FD_CONNECT) ||
		       record.codes[WSP_FD_CONNECT_BIT] == w->code);
	w->recorded = 0;
	w->set = false;
	return as_expected;
}

static void walk_open(struct walk *w)
{
	struct linger abortive = { .l_onoff = 1 };
	struct row row = w->k->row;

	row.nonblocking = true;
	w->k->fd = wsp_socket(w->k->type, &row);
	if (w->k->fd < 0)
		abort();
	setsockopt(w->k->fd, SOL_SOCKET, SO_LINGER, &abortive,
		   sizeof(abortive));
}

static bool walk_step(struct walk *w, enum step step)
{
	switch (step) {
	case TIE:
		model_tie(w);
		return !tie(w->k->fd, w->event, ALL);
	case CONNECT_LIVE:
	case CONNECT_DEAD:
		model_connect(w, step == CONNECT_LIVE);
		connect_to(w->k->fd, step == CONNECT_LIVE ? w->live : w->dead);
		settle(w->k->fd);
		return true;
	case ENUM:
		return walk_enum(w);
	default:
		model_reopen(w);
		close(w->k->fd);
		walk_open(w);
		return true;
	}
}

static void drain(int lfd)
{
	int fd;

	while ((fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		close(fd);
}

static bool walk_path(struct walk *w, unsigned int path)
{
	const unsigned int whole = path;
	int i;

	for (i = 0; i < DEPTH; i++, path /= STEPS) {
		if (!walk_step(w, path % STEPS)) {
			printf("# path %u, step %d\n", whole, i);
			return false;
		}
	}
	return walk_enum(w) && walk_step(w, REOPEN);
}

TEST_F_TIMEOUT(events, V_02_V_05_V_08_every_order, 120)
{
	struct walk w = { .k = &self->k, .live = kind_name(&self->k) };
	unsigned int path, paths = 1, wrong = 0;
	int i;

	w.event = eventfd(0, EFD_CLOEXEC);
	w.dead = failing_name(&self->k, &w.dead_code);
	if (self->k.type == SOCK_STREAM)
		fcntl(self->k.lfd, F_SETFL, O_NONBLOCK);
	close(self->k.fd);
	walk_open(&w);
	for (i = 0; i < DEPTH; i++)
		paths *= STEPS;
	for (path = 0; path < paths && wrong < 5; path++) {
		wrong += !walk_path(&w, path);
		if (self->k.type == SOCK_STREAM)
			drain(self->k.lfd);
	}
	EXPECT_EQ(0, wrong);
	close(w.event);
}

/*
 * One event over many sockets, and threads that connect them, let them fail,
 * close them and take the records. An attempt whose announcement does not come
 * was a lost wake-up, one that comes unasked a doubled one.
 */
#define CROWD		1000
#define CONNECTORS	6
#define TAKERS		2

struct member {
	pthread_mutex_t lock;
	int fd;
	bool waits;	/* an attempt has not been announced yet */
};

static struct crowd {
	struct member members[CROWD];
	struct kind *k;
	union name live, dead;
	int event;
	long end;
	atomic_long attempts, announced, unasked;
	atomic_bool done;
} crowd;

static int member_open(void)
{
	struct linger abortive = { .l_onoff = 1 };
	int fd = wsp_socket(crowd.k->type, &crowd.k->row);

	if (fd < 0 || tie(fd, crowd.event, ALL))
		abort();
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive));
	return fd;
}

static void member_connect(struct member *m, unsigned int turn)
{
	if (state_of(m->fd) == WSP_STATE_CONNECTED && turn % 3) {
		close(m->fd);
		m->fd = member_open();
	}
	if (connect_to(m->fd, turn % 2 ? crowd.live : crowd.dead) == -EISCONN)
		return;
	m->waits = true;
	crowd.attempts++;
}

static void *connector(void *arg)
{
	unsigned int i, turn = 0;

	for (i = (uintptr_t)arg; now_ms() < crowd.end; i = (i + CONNECTORS) % CROWD) {
		struct member *m = &crowd.members[i];

		pthread_mutex_lock(&m->lock);
		if (!m->waits)
			member_connect(m, turn++);
		pthread_mutex_unlock(&m->lock);
	}
	return NULL;
}

static void member_take(struct member *m)
{
	struct wsp_network_events record;

	pthread_mutex_lock(&m->lock);
	if (!take(m->fd, NOTHING, &record) && record.events & WSP_FD_CONNECT) {
		if (m->waits)
			crowd.announced++;
		else
			crowd.unasked++;
		m->waits = false;
	}
	pthread_mutex_unlock(&m->lock);
}

static void *taker(void *arg)
{
	struct pollfd p = { .fd = crowd.event, .events = POLLIN };
	eventfd_t count;
	int i;

	(void)arg;
	while (!crowd.done) {
		if (poll(&p, 1, 100) != 1)
			continue;
		eventfd_read(crowd.event, &count);
		for (i = 0; i < CROWD; i++)
			member_take(&crowd.members[i]);
	}
	return NULL;
}

static void *acceptor(void *arg)
{
	while (!crowd.done) {
		if (wait_for((intptr_t)arg, POLLIN))
			drain((intptr_t)arg);
	}
	return NULL;
}

static long crowd_seconds(void)
{
	const char *seconds = getenv("WSP_SECONDS");

	return seconds ? atol(seconds) : 3;
}

static void crowd_run(struct kind *k)
{
	pthread_t threads[CONNECTORS], takers[TAKERS], accepts;
	long end;
	intptr_t i;

	crowd.end = now_ms() + crowd_seconds() * 1000;
	for (i = 0; i < TAKERS; i++)
		pthread_create(&takers[i], NULL, taker, NULL);
	if (k->type == SOCK_STREAM)
		pthread_create(&accepts, NULL, acceptor, (void *)(intptr_t)k->lfd);
	for (i = 0; i < CONNECTORS; i++)
		pthread_create(&threads[i], NULL, connector, (void *)i);
	for (i = 0; i < CONNECTORS; i++)
		pthread_join(threads[i], NULL);

	end = now_ms() + 2 * DEADLINE_MS;
	while (crowd.announced < crowd.attempts && now_ms() < end)
		poll(NULL, 0, 10);
	crowd.done = true;
	for (i = 0; i < TAKERS; i++)
		pthread_join(takers[i], NULL);
	if (k->type == SOCK_STREAM) {
		connect_to(crowd.members[0].fd, crowd.live);	/* wakes it */
		pthread_join(accepts, NULL);
	}
}

TEST_F_TIMEOUT(events, V_08_crowd, 120)
{
	struct rlimit many = { .rlim_cur = 4 * CROWD, .rlim_max = 4 * CROWD };
	const struct kernel before = look_at_kernel();
	unsigned int code;
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &many));
	memset(&crowd, 0, sizeof(crowd));
	crowd.k = &self->k;
	crowd.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	crowd.live = kind_name(&self->k);
	crowd.dead = failing_name(&self->k, &code);
	if (self->k.type == SOCK_STREAM) {
		fcntl(self->k.lfd, F_SETFL, O_NONBLOCK);
		listen(self->k.lfd, 4 * CROWD);
	}
	for (i = 0; i < CROWD; i++) {
		pthread_mutex_init(&crowd.members[i].lock, NULL);
		crowd.members[i].fd = member_open();
	}

	crowd_run(&self->k);
	EXPECT_LT(0, atomic_load(&crowd.attempts));
	EXPECT_EQ(atomic_load(&crowd.attempts), atomic_load(&crowd.announced));
	EXPECT_EQ(0, atomic_load(&crowd.unasked));
	for (i = 0; i < CROWD; i++)
		close(crowd.members[i].fd);
	close(crowd.event);
	if (self->k.type == SOCK_STREAM)
		drain(self->k.lfd);
	expect_clean_kernel(_metadata, &before);
}

WSP_TEST_MAIN
