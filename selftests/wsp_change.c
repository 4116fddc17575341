// SPDX-License-Identifier: GPL-2.0
/* Changes of addresses and ways, as they are asked for and told (I-05, I-06). */
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_news.h"
#include "wsp_test.h"

#define BOTH	(FD_ADDRESS_LIST_CHANGE | FD_ROUTING_INTERFACE_CHANGE)
#define ADD_V4	"ip addr add 198.18.5.1/24 dev wsp-d"
#define ADD_V6	"ip addr add 2001:db8:5::1/64 dev wsp-d nodad"

/* Asking, by either surface -------------------------------------------------- */

FIXTURE(change) {
	int fd;
	int event;
	int fence;	/* a socket that only waits for what is under way */
};

FIXTURE_VARIANT(change) {
	int family, type;
	bool plain;	/* by ioctl(2) */
};

/* Each kind, family and surface; all eight of them would take five minutes. */
FIXTURE_VARIANT_ADD(change, ipv4_stream) { AF_INET, SOCK_STREAM, false };
FIXTURE_VARIANT_ADD(change, ipv6_dgram) { AF_INET6, SOCK_DGRAM, true };

static int open_socket(int family, int type)
{
	const struct row row = { family, true, WSPCONNECT };

	return wsp_socket(type, &row);
}

FIXTURE_SETUP(change)
{
	self->fd = open_socket(variant->family, variant->type);
	self->fence = open_socket(variant->family, variant->type);
	self->event = eventfd(0, EFD_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->fence);
	ASSERT_LE(0, self->event);
	run_in(HERE, "ip link add wsp-d type dummy && ip link set wsp-d addrgenmode none &&"
	       "ip link set wsp-d up");
	await_addresses();
}

FIXTURE_TEARDOWN(change)
{
	run_in(HERE, "ip link del wsp-d");
	close(self->fd);
	close(self->fence);
	close(self->event);
}

/* 0 or the code. */
static int control(int fd, DWORD code, void *in, DWORD size)
{
	DWORD returned = 4711;
	int error = UNTOUCHED, rc;

	rc = WSPIoctl(fd, code, in, size, NULL, 0, &returned, NULL, NULL, NULL, &error);
	if (rc == SOCKET_ERROR)
		return error;
	return rc || error != UNTOUCHED || returned ? UNTOUCHED : 0;
}

static int ask_library(int fd, int family, long event)
{
	union name any = name_of(family, "0.0.0.0", "::", 0);

	if (event == FD_ADDRESS_LIST_CHANGE)
		return control(fd, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
	return control(fd, SIO_ROUTING_INTERFACE_CHANGE, &any, name_len(&any));
}

static int ask_kernel(int fd, __u32 event, __u32 flags, __u32 *since)
{
	struct wsp_change arg = { .event = event, .flags = flags, .since = *since };
	const int rc = ioctl(fd, WSP_IOC_CHANGE, &arg);

	*since = arg.since;
	return rc ? errno : 0;
}

/* Both events, or one, on a nonblocking socket. */
static bool ask(int fd, int family, bool plain, long events)
{
	long event;
	__u32 since = 0;

	for (event = FD_ROUTING_INTERFACE_CHANGE; event <= FD_ADDRESS_LIST_CHANGE;
	     event <<= 1) {
		if (!(events & event))
			continue;
		if (plain && ask_kernel(fd, event, WSP_CHANGE_RECORD, &since))
			return false;
		if (!plain && ask_library(fd, family, event) != WSAEWOULDBLOCK)
			return false;
	}
	return true;
}

#define ASK(events)							\
	ASSERT_TRUE(ask(self->fd, variant->family, variant->plain, events))

static int tie_event(int fd, int event, bool plain, long events)
{
	if (plain)
		return tie(fd, event, events);
	return OUTCOME(WSPEventSelect(fd, (WSAEVENT)(uintptr_t)event, events, &code));
}

#define TIE(events)							\
	ASSERT_EQ(0, tie_event(self->fd, self->event, variant->plain, events))

static long take_events(int fd, int event, bool plain)
{
	WSANETWORKEVENTS record;
	int rc;

	memset(&record, 0xff, sizeof(record));
	if (plain)
		rc = take(fd, event, (void *)&record);
	else
		rc = OUTCOME(WSPEnumNetworkEvents(fd, (WSAEVENT)(uintptr_t)event, &record,
						  &code));
	if (rc)
		return -1;
	if (record.lNetworkEvents & FD_ADDRESS_LIST_CHANGE &&
	    record.iErrorCode[FD_ADDRESS_LIST_CHANGE_BIT])
		return -2;
	if (record.lNetworkEvents & FD_ROUTING_INTERFACE_CHANGE &&
	    record.iErrorCode[FD_ROUTING_INTERFACE_CHANGE_BIT])
		return -3;
	return record.lNetworkEvents;
}

#define TAKE()	take_events(self->fd, self->event, variant->plain)

/* What was changed before this is told after it. */
#define SETTLE()							\
	do {								\
		__u32 _since = 0;					\
									\
		ASSERT_EQ(0, ask_kernel(self->fence, FD_ADDRESS_LIST_CHANGE, 0,	\
					&_since));			\
	} while (0)

#define EXPECT_TOLD(events)						\
	do {								\
		EXPECT_TRUE(wait_for(self->event, POLLIN));		\
		SETTLE();						\
		EXPECT_EQ(events, TAKE());				\
	} while (0)

#define EXPECT_NOTHING()						\
	do {								\
		SETTLE();						\
		EXPECT_FALSE(readable_now(self->event));		\
		EXPECT_EQ(0, TAKE());					\
	} while (0)

/* Changes -------------------------------------------------------------------- */

struct step {
	const char *v4, *v6;
	long events;	/* that it has to be told as */
	long others;	/* that it may be */
};

static const struct step steps[] = {
	{ "ip addr add 198.18.5.1/32 dev wsp-d",
	  "ip addr add 2001:db8:5::1/128 dev wsp-d nodad", BOTH, 0 },
	{ "ip addr del 198.18.5.1/32 dev wsp-d",
	  "ip addr del 2001:db8:5::1/128 dev wsp-d", BOTH, 0 },
	{ "ip route add 198.18.6.0/24 via 192.0.2.2",
	  "ip route add 2001:db8:6::/64 via 2001:db8:a::2",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip route replace 198.18.6.0/24 via 198.51.100.2",
	  "ip route replace 2001:db8:6::/64 via 2001:db8:b::2",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip route del 198.18.6.0/24",
	  "ip route del 2001:db8:6::/64", FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip route add unreachable 198.18.7.0/24",
	  "ip route add unreachable 2001:db8:7::/64", FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip route flush 198.18.7.0/24",
	  "ip -6 route flush 2001:db8:7::/64", FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip addr add 198.18.8.1/24 dev wsp-d",
	  "ip addr add 2001:db8:8::1/64 dev wsp-d nodad", BOTH, 0 },
	{ "ip link set wsp-d down", "ip link set wsp-d down", BOTH, 0 },
	{ "ip link set wsp-d up", "ip link set wsp-d up", BOTH, 0 },
	{ "ip link del wsp-d", "ip link del wsp-d", BOTH, 0 },
	/* With no address it is of no concern to the list. */
	{ "ip link add wsp-d type dummy && ip link set wsp-d addrgenmode none",
	  "ip link add wsp-d type dummy && ip link set wsp-d addrgenmode none",
	  0, FD_ROUTING_INTERFACE_CHANGE },
	{ "ip rule add from 198.18.9.0/24 table 99",
	  "ip -6 rule add from 2001:db8:9::/64 table 99",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip rule del from 198.18.9.0/24 table 99",
	  "ip -6 rule del from 2001:db8:9::/64 table 99",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip nexthop add id 7 via 192.0.2.2 dev wsp-a",
	  "ip nexthop add id 7 via 2001:db8:a::2 dev wsp-a",
	  0, FD_ROUTING_INTERFACE_CHANGE },
	{ "ip route add 198.18.6.0/24 nhid 7", "ip route add 2001:db8:6::/64 nhid 7",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip nexthop replace id 7 via 198.51.100.2 dev wsp-b",
	  "ip nexthop replace id 7 via 2001:db8:b::2 dev wsp-b",
	  FD_ROUTING_INTERFACE_CHANGE, 0 },
	{ "ip nexthop del id 7", "ip nexthop del id 7", FD_ROUTING_INTERFACE_CHANGE, 0 },
};

static const char *command_of(const struct step *step, int family)
{
	return family == AF_INET6 ? step->v6 : step->v4;
}

TEST_F(change, I_05_I_06_steps)
{
	const struct step *step;
	const char *command;
	long got;

	TIE(BOTH);
	for (step = steps; step < steps + ARRAY_SIZE(steps); step++) {
		command = command_of(step, variant->family);
		ASK(BOTH);
		EXPECT_FALSE(readable_now(self->event))
			TH_LOG("%s", command);
		run_in(HERE, command);
		if (step->events)
			EXPECT_TRUE(wait_for(self->event, POLLIN))
				TH_LOG("%s", command);
		SETTLE();
		got = TAKE();
		EXPECT_EQ(step->events, got & ~step->others)
			TH_LOG("%s", command);
		EXPECT_EQ(0, TAKE());
		/* What has not been told yet is not to be told in the next round. */
		if (got != BOTH) {
			run_in(HERE, "ip link set wsp-d down; ip link set wsp-d up");
			SETTLE();
			EXPECT_EQ(BOTH & ~got, TAKE());
		}
	}
}

/* A change is told once, and none that was not asked for. */
TEST_F(change, I_06_without_request_never)
{
	const char *const flap = "ip link set wsp-d down && ip link set wsp-d up";

	TIE(FD_ALL_EVENTS & ~(FD_READ | FD_WRITE));
	run_in(HERE, flap);
	EXPECT_NOTHING();

	ASK(FD_ADDRESS_LIST_CHANGE);
	run_in(HERE, flap);
	SETTLE();
	EXPECT_EQ(FD_ADDRESS_LIST_CHANGE, TAKE());
	run_in(HERE, flap);
	EXPECT_NOTHING();

	ASK(BOTH);
	ASK(BOTH);	/* twice is once */
	run_in(HERE, flap);
	SETTLE();
	EXPECT_EQ(BOTH, TAKE());
	run_in(HERE, flap);
	SETTLE();
	EXPECT_EQ(0, TAKE());
}

/* What was over before the request is none of its changes. */
TEST_F(change, I_05_former_changes)
{
	const char *const flap = "ip link set wsp-d down && ip link set wsp-d up";
	int i;

	TIE(BOTH);
	for (i = 0; i < 3; i++) {
		run_in(HERE, flap);
		ASK(BOTH);
		EXPECT_NOTHING();
		run_in(HERE, flap);
		EXPECT_TOLD(BOTH);
	}
}

TEST_F(change, I_05_other_family_and_namespace)
{
	const bool v6 = variant->family == AF_INET6;

	if (v6)
		ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 },
					sizeof(int)));
	TIE(BOTH);
	ASK(BOTH);
	run_in(HERE, v6 ? ADD_V4 : ADD_V6);
	run_in(THERE, "ip link add wsp-d type dummy && ip link set wsp-d up && "
	       ADD_V4 " && " ADD_V6 " && ip link del wsp-d");
	EXPECT_NOTHING();
	run_in(HERE, v6 ? ADD_V6 : ADD_V4);
	EXPECT_TOLD(BOTH);
}

/* An IPv6 socket that reaches IPv4 as well has ways of both. */
TEST_F(change, I_05_mapped_ways)
{
	if (variant->family == AF_INET)
		SKIP(return, "of IPv6");
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 },
				sizeof(int)));
	TIE(BOTH);
	ASK(BOTH);
	run_in(HERE, "ip route add 198.18.6.0/24 via 192.0.2.2");
	EXPECT_TOLD(FD_ROUTING_INTERFACE_CHANGE);
	run_in(HERE, "ip route del 198.18.6.0/24");
}

/* That an address lives longer is no change of the list. */
TEST_F(change, I_05_lifetime)
{
	const bool v6 = variant->family == AF_INET6;

	run_in(HERE, v6 ? "ip addr add 2001:db8:5::1/64 dev wsp-d nodad valid_lft 900 "
			  "preferred_lft 900" :
			  "ip addr add 198.18.5.1/24 dev wsp-d valid_lft 900 "
			  "preferred_lft 900");
	sleep(2);	/* it is not new any more */
	TIE(BOTH);
	ASK(FD_ADDRESS_LIST_CHANGE);
	run_in(HERE, v6 ? "ip addr change 2001:db8:5::1/64 dev wsp-d valid_lft 1000 "
			  "preferred_lft 1000" :
			  "ip addr change 198.18.5.1/24 dev wsp-d valid_lft 1000 "
			  "preferred_lft 1000");
	SETTLE();
	EXPECT_EQ(0, TAKE());
}

/* Ties and requests, in any order -------------------------------------------- */

TEST_F(change, I_06_tied_later)
{
	const char *const flap = "ip link set wsp-d down && ip link set wsp-d up";

	ASK(BOTH);
	run_in(HERE, flap);	/* between request and tie */
	SETTLE();
	EXPECT_EQ(0, TAKE());
	TIE(FD_ADDRESS_LIST_CHANGE);
	EXPECT_TRUE(readable_now(self->event));
	EXPECT_EQ(FD_ADDRESS_LIST_CHANGE, TAKE());
	EXPECT_FALSE(readable_now(self->event));
	TIE(0);
	TIE(BOTH);	/* what nobody has taken is not lost */
	EXPECT_TRUE(readable_now(self->event));
	TIE(FD_CONNECT | BOTH);
	EXPECT_EQ(FD_ROUTING_INTERFACE_CHANGE, TAKE());
	TIE(BOTH);
	EXPECT_FALSE(readable_now(self->event));

	ASK(BOTH);
	TIE(0);
	TIE(BOTH);	/* a request stands, whatever becomes of the tie */
	run_in(HERE, flap);
	EXPECT_TOLD(BOTH);
}

/* An attempt to connect ends the record of the former one, and of no change. */
TEST_F(change, I_06_V_02_beside_connect)
{
	const union name nowhere = name_host(variant->family, UNREACHABLE, 9);

	TIE(BOTH | FD_CONNECT);
	ASK(BOTH);
	run_in(HERE, "ip link set wsp-d down");
	SETTLE();
	EXPECT_EQ(-1, connect(self->fd, &nowhere.sa, name_len(&nowhere)));
	EXPECT_EQ(BOTH | FD_CONNECT, TAKE());
}

/* A record that cannot be given is not lost. */
TEST_F(change, I_06_V_05_bad_record)
{
	struct wsp_network_events *record = (void *)(page_end() - 8);
	struct wsp_enum arg = { .record = (uintptr_t)record, .event = self->event };

	TIE(BOTH);
	ASK(BOTH);
	run_in(HERE, "ip link set wsp-d down");
	SETTLE();
	EXPECT_FAILS(EFAULT, ioctl(self->fd, WSP_IOC_ENUM, &arg));
	EXPECT_TRUE(readable_now(self->event));
	EXPECT_EQ(BOTH, TAKE());
	EXPECT_EQ(0, take_events(self->fd, NOTHING, true));
}

TEST_F(change, I_06_accepted)
{
	const union name here = name_host(variant->family, HERE_A, 0);
	const int peer = plain_socket(HERE, variant->family, variant->type);
	union name name;
	int fd;

	if (variant->type != SOCK_STREAM)
		SKIP(close(peer); return, "of streams");
	ASSERT_EQ(0, bind(self->fd, &here.sa, name_len(&here)));
	ASSERT_EQ(0, listen(self->fd, 1));
	name = local_name(self->fd);
	ASSERT_EQ(0, connect(peer, &name.sa, name_len(&name)));
	TIE(BOTH);
	ASK(BOTH);
	ASSERT_TRUE(wait_for(self->fd, POLLIN));
	fd = accept(self->fd, NULL, NULL);
	ASSERT_LE(0, fd);
	run_in(HERE, "ip link set wsp-d down");
	EXPECT_TRUE(wait_for(self->event, POLLIN));
	SETTLE();
	EXPECT_EQ(0, take_events(fd, NOTHING, true));
	EXPECT_EQ(BOTH, TAKE());
	ASSERT_TRUE(ask(fd, variant->family, variant->plain, BOTH));
	run_in(HERE, "ip link set wsp-d up");
	EXPECT_TRUE(wait_for(self->event, POLLIN));	/* it has the same tie */
	SETTLE();
	EXPECT_EQ(BOTH, take_events(fd, self->event, true));
	close(fd);
	close(peer);
}

/* Who waits for data hears nothing of it. */
TEST_F(change, I_06_epoll)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET };
	const int ep = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->fd, &ev));
	ASK(BOTH);
	while (epoll_wait(ep, &ev, 1, 0) > 0)	/* a new stream is hung up */
		;
	run_in(HERE, "ip link set wsp-d down");
	SETTLE();
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	close(ep);
}

/*
 * Who wants to hear of changes is told at first that there may have been one, then of
 * each, and looks whether it is one of those that it wants.
 */
TEST_F(change, I_05_look)
{
	struct epoll_event ev = { .events = WSP_EPOLL_CHANGE | EPOLLET };
	const int ep[2] = { epoll_create1(0), epoll_create1(0) };
	const bool v6 = variant->family == AF_INET6;
	__u32 since = 0;
	int i;

	ASSERT_EQ(0, ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, 0, &since));
	for (i = 0; i < 2; i++) {
		ev.events = WSP_EPOLL_CHANGE | EPOLLET;
		ASSERT_EQ(0, epoll_ctl(ep[i], EPOLL_CTL_ADD, self->fd, &ev));
		EXPECT_EQ(1, epoll_wait(ep[i], &ev, 1, 0));
		EXPECT_NE(0, ev.events & WSP_EPOLL_CHANGE);
		EXPECT_EQ(0, epoll_wait(ep[i], &ev, 1, 0));
	}
	EXPECT_EQ(EAGAIN, ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, WSP_CHANGE_LOOK,
				     &since));

	run_in(HERE, v6 ? "ip route add 2001:db8:6::/64 via 2001:db8:a::2" :
			  "ip route add 198.18.6.0/24 via 192.0.2.2");
	SETTLE();
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, epoll_wait(ep[i], &ev, 1, 0));
		EXPECT_EQ(0, epoll_wait(ep[i], &ev, 1, 0));
	}
	EXPECT_EQ(EAGAIN, ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, WSP_CHANGE_LOOK,
				     &since));

	run_in(HERE, v6 ? ADD_V6 : ADD_V4);
	SETTLE();
	for (i = 0; i < 2; i++)
		EXPECT_EQ(1, epoll_wait(ep[i], &ev, 1, 0));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, WSP_CHANGE_LOOK,
					&since));
	run_in(HERE, v6 ? "ip route del 2001:db8:6::/64" : "ip route del 198.18.6.0/24");
	close(ep[0]);
	close(ep[1]);
}

/* A request is no tie: the socket may be made blocking, and is tied for nothing. */
TEST_F(change, I_05_V_01_no_tie)
{
	struct wsp_info info;
	ULONG off = 0;

	ASK(BOTH);
	ASSERT_EQ(0, ioctl(self->fd, WSP_IOC_INFO, &info));
	EXPECT_EQ(0, info.events);
	EXPECT_EQ(0, control(self->fd, FIONBIO, &off, sizeof(off)));
}

/* Arguments ------------------------------------------------------------------ */

TEST_F(change, I_05_bad_names)
{
	const int fd = self->fd, size = variant->family == AF_INET6 ? 28 : 16;
	union name name = name_host(variant->family, PEER_A, 80);
	union name other = variant->family == AF_INET6 ? name_v4("192.0.2.2", 80) :
							 name_v6("2001:db8::1", 80);
	char *end = page_end();
	int i;

	for (i = 0; i < size; i++)
		ASSERT_EQ(WSAEFAULT, control(fd, SIO_ROUTING_INTERFACE_CHANGE, &name, i));
	EXPECT_EQ(WSAEFAULT, control(fd, SIO_ROUTING_INTERFACE_CHANGE, NULL, size));
	EXPECT_EQ(WSAEFAULT, control(fd, SIO_ROUTING_INTERFACE_CHANGE, end - 8, size));
	EXPECT_EQ(WSAEAFNOSUPPORT,
		  control(fd, SIO_ROUTING_INTERFACE_CHANGE, &other, sizeof(other)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPIoctl(fd, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0,
					      NULL, NULL, NULL, NULL, &code)));
	/* A name that nobody can go to may be one of these days. */
	for (i = PEER_A; i <= UNREACHABLE; i++) {
		name = name_host(variant->family, i, 0);
		EXPECT_EQ(WSAEWOULDBLOCK, control(fd, SIO_ROUTING_INTERFACE_CHANGE, &name,
						  sizeof(name)));
	}
	EXPECT_EQ(WSAEWOULDBLOCK, control(fd, SIO_ADDRESS_LIST_CHANGE, &other, 1));
}

TEST_F(change, I_05_bad_arguments)
{
	const __u32 events[] = { 0, FD_READ, FD_CLOSE, 0x40, 0x80, 0x400, BOTH,
				 FD_ADDRESS_LIST_CHANGE | FD_READ, 0xffffffff };
	struct wsp_change arg = { .event = FD_ADDRESS_LIST_CHANGE, .flags = 3 };
	char *end = page_end();
	size_t i;

	EXPECT_FAILS(EINVAL, ioctl(self->fd, WSP_IOC_CHANGE, &arg));
	for (i = 5; i < 10; i++) {
		arg.flags = i;
		EXPECT_FAILS(EINVAL, ioctl(self->fd, WSP_IOC_CHANGE, &arg));
	}
	arg.flags = 0x80000000;
	EXPECT_FAILS(EINVAL, ioctl(self->fd, WSP_IOC_CHANGE, &arg));
	arg = (struct wsp_change){ .event = FD_ADDRESS_LIST_CHANGE, .reserved = 1 };
	EXPECT_FAILS(EINVAL, ioctl(self->fd, WSP_IOC_CHANGE, &arg));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		arg = (struct wsp_change){ .event = events[i] };
		EXPECT_FAILS(EINVAL, ioctl(self->fd, WSP_IOC_CHANGE, &arg));
	}
	arg = (struct wsp_change){ .event = FD_ADDRESS_LIST_CHANGE };
	EXPECT_FAILS(EFAULT, ioctl(self->fd, WSP_IOC_CHANGE, NULL));
	EXPECT_FAILS(EFAULT, ioctl(self->fd, WSP_IOC_CHANGE, end - 12));
	memcpy(end - sizeof(arg), &arg, sizeof(arg));
	EXPECT_EQ(0, ioctl(self->fd, WSP_IOC_CHANGE, end - sizeof(arg)));
	ASSERT_EQ(0, mprotect(end - 4096, 4096, PROT_READ));
	EXPECT_FAILS(EFAULT, ioctl(self->fd, WSP_IOC_CHANGE, end - sizeof(arg)));
}

/* Waiting -------------------------------------------------------------------- */

/* A thread in WSPIoctl. */
struct waiter {
	pthread_t thread;
	int fd, family;
	long event;
	_Atomic pid_t tid;
	_Atomic bool over;
	int code;
};

static void *wait_in_call(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	w->code = ask_library(w->fd, w->family, w->event);
	w->over = true;
	return NULL;
}

static bool begin_wait(struct waiter *w, int fd, int family, long event)
{
	*w = (struct waiter){ .fd = fd, .family = family, .event = event };
	return !pthread_create(&w->thread, NULL, wait_in_call, w) &&
	       falls_asleep(&w->tid);
}

static bool end_wait(struct waiter *w)
{
	return ends_in_time(w->thread, NULL);
}

#define WAITERS	6

static void begin_waits(struct __test_metadata *_metadata, struct waiter *w, int fd,
			int family)
{
	int i;

	ASSERT_EQ(0, set_blocking(fd, true));
	for (i = 0; i < WAITERS; i++)
		ASSERT_TRUE(begin_wait(&w[i], fd, family, i % 2 ? FD_ADDRESS_LIST_CHANGE :
								  FD_ROUTING_INTERFACE_CHANGE));
}

TEST_F(change, I_05_blocking)
{
	const bool v6 = variant->family == AF_INET6;
	struct waiter w[WAITERS];
	int i;

	begin_waits(_metadata, w, self->fd, variant->family);
	run_in(HERE, v6 ? "ip route add 2001:db8:6::/64 via 2001:db8:a::2" :
			  "ip route add 198.18.6.0/24 via 192.0.2.2");
	for (i = 0; i < WAITERS; i += 2) {
		EXPECT_TRUE(end_wait(&w[i]));
		EXPECT_EQ(0, w[i].code);
	}
	SETTLE();
	for (i = 1; i < WAITERS; i += 2)
		EXPECT_FALSE(atomic_load(&w[i].over));
	run_in(HERE, v6 ? ADD_V6 : ADD_V4);
	for (i = 1; i < WAITERS; i += 2) {
		EXPECT_TRUE(end_wait(&w[i]));
		EXPECT_EQ(0, w[i].code);
	}
	/* These were answered: nothing is left to be recorded. */
	TIE(BOTH);
	EXPECT_EQ(0, TAKE());
	run_in(HERE, v6 ? "ip route del 2001:db8:6::/64" : "ip route del 198.18.6.0/24");
}

TEST_F(change, I_05_T_01_closed)
{
	struct waiter w[WAITERS];
	int i;

	begin_waits(_metadata, w, self->fd, variant->family);
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->fd, &code)));
	for (i = 0; i < WAITERS; i++) {
		EXPECT_TRUE(end_wait(&w[i]));
		EXPECT_EQ(WSAEINTR, w[i].code);
	}
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST_F(change, I_05_signals)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct waiter w;

	ASSERT_EQ(0, set_blocking(self->fd, true));
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_TRUE(begin_wait(&w, self->fd, variant->family, FD_ADDRESS_LIST_CHANGE));
	pthread_kill(w.thread, SIGUSR1);
	EXPECT_TRUE(end_wait(&w));
	EXPECT_EQ(WSAEINTR, w.code);

	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_TRUE(begin_wait(&w, self->fd, variant->family, FD_ADDRESS_LIST_CHANGE));
	pthread_kill(w.thread, SIGUSR1);
	EXPECT_TRUE(falls_asleep(&w.tid));
	EXPECT_FALSE(atomic_load(&w.over));
	run_in(HERE, "ip link set wsp-d down");
	EXPECT_TRUE(end_wait(&w));
	EXPECT_EQ(0, w.code);
}

TEST_F(change, I_05_cancelled)
{
	struct waiter w;
	void *result;

	ASSERT_EQ(0, set_blocking(self->fd, true));
	ASSERT_TRUE(begin_wait(&w, self->fd, variant->family, FD_ADDRESS_LIST_CHANGE));
	ASSERT_EQ(0, pthread_cancel(w.thread));
	ASSERT_EQ(0, pthread_join(w.thread, &result));
	EXPECT_EQ(PTHREAD_CANCELED, result);
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->fd, &code)));
}

static __u32 now_since(int fd)
{
	__u32 since = 0;

	return ask_kernel(fd, FD_ROUTING_INTERFACE_CHANGE, 0, &since) ? 0 : since;
}

/*
 * What a request is for does not change with the socket: else what had been told of the
 * ways that are none any more would make up for what is to be told.
 */
TEST_F(change, I_05_v6only_between_request_and_wait)
{
	const struct sigaction sa = { .sa_handler = on_signal };
	__u32 since;
	int i;

	if (variant->family == AF_INET)
		SKIP(return, "of IPv6");
	now_since(self->fd);
	run_in(HERE, "ip route add 198.18.6.0/24 via 192.0.2.2");
	since = now_since(self->fd);
	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 },
				sizeof(int)));
	for (i = 0; i < 100 && (now_since(self->fd) ^ since) << 1; i++)
		run_in(HERE, i % 2 ? "ip route del 2001:db8:6::/64" :
				     "ip route add 2001:db8:6::/64 via 2001:db8:a::2");
	EXPECT_LT(0, i);
	EXPECT_GT(100, i);
	sigaction(SIGALRM, &sa, NULL);
	alarm(DEADLINE_MS / 1000);
	EXPECT_EQ(0, ask_kernel(self->fd, FD_ROUTING_INTERFACE_CHANGE, WSP_CHANGE_WAIT,
				&since));
	alarm(0);
	run_in(HERE, "ip route del 198.18.6.0/24; ip route flush 2001:db8:6::/64");
}

/* A change after the request ends the wait that begins after the change. */
TEST_F(change, I_05_between_request_and_wait)
{
	long event;
	__u32 since = 0;

	for (event = FD_ROUTING_INTERFACE_CHANGE; event <= FD_ADDRESS_LIST_CHANGE;
	     event <<= 1) {
		ASSERT_EQ(0, ask_kernel(self->fd, event, 0, &since));
		run_in(HERE, "ip link set wsp-d down && ip link set wsp-d up");
		EXPECT_EQ(0, ask_kernel(self->fd, event, WSP_CHANGE_WAIT, &since));
	}
}

/* Many, and fast ------------------------------------------------------------- */

static void flip(int fd, bool up)
{
	struct ifreq ifr = { .ifr_flags = up ? IFF_UP : 0 };

	strcpy(ifr.ifr_name, "wsp-d");
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		abort();
}

struct flood {
	int fd;
	_Atomic bool over;
	long count;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	while (!f->over)
		flip(f->fd, ++f->count & 1);
	return NULL;
}

/* One after the other: each request is told of the change that comes next. */
TEST_F(change, I_05_each_is_told)
{
	const int fd = plain_socket(HERE, AF_INET, SOCK_DGRAM);
	const int rounds = 200;
	int i, lost = 0;

	TIE(BOTH);
	for (i = 0; i < rounds; i++) {
		ASK(BOTH);
		flip(fd, i & 1);
		lost += !wait_for(self->event, POLLIN);
		SETTLE();
		lost += TAKE() != BOTH;
	}
	EXPECT_EQ(0, lost);
	close(fd);
}

/* While changes come all the time, each waiter hears of one, over and over. */
TEST_F(change, I_05_flood_of_waits)
{
	struct flood f = { .fd = plain_socket(HERE, AF_INET, SOCK_DGRAM) };
	pthread_t thread;
	int i, lost = 0;
	__u32 since = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, flood, &f));
	for (i = 0; i < 200; i++) {
		lost += !!ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, 0, &since);
		lost += !!ask_kernel(self->fd, FD_ADDRESS_LIST_CHANGE, WSP_CHANGE_WAIT,
				     &since);
	}
	f.over = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, lost);
	close(f.fd);
}

#define MANY	1000

struct crowd {
	int fds[MANY], events[MANY];
	int family;
	bool plain;
};

static bool gather(struct crowd *c, int family, int type, bool plain)
{
	struct rlimit limit = { 3 * MANY, 3 * MANY };
	int i;

	setrlimit(RLIMIT_NOFILE, &limit);
	c->family = family;
	c->plain = plain;
	for (i = 0; i < MANY; i++) {
		c->fds[i] = open_socket(family, type);
		c->events[i] = eventfd(0, EFD_NONBLOCK);
		if (c->fds[i] < 0 || c->events[i] < 0 ||
		    tie_event(c->fds[i], c->events[i], plain, BOTH) ||
		    !ask(c->fds[i], family, plain, BOTH))
			return false;
	}
	return true;
}

/* Those that were told ask again; how many that were. */
static int ask_again(struct crowd *c)
{
	int i, n = 0;

	for (i = 0; i < MANY; i++) {
		if (!readable_now(c->events[i]))
			continue;
		n += take_events(c->fds[i], c->events[i], c->plain) != 0;
		if (!ask(c->fds[i], c->family, c->plain, BOTH))
			abort();
	}
	return n;
}

static int count_told(struct crowd *c)
{
	int i, n = 0;

	for (i = 0; i < MANY; i++)
		n += readable_now(c->events[i]) &&
		     take_events(c->fds[i], c->events[i], c->plain) == BOTH;
	return n;
}

static void disperse(struct crowd *c)
{
	int i;

	for (i = 0; i < MANY; i++) {
		close(c->fds[i]);
		close(c->events[i]);
	}
}

TEST_F(change, I_06_crowd)
{
	struct flood f = { .fd = plain_socket(HERE, AF_INET, SOCK_DGRAM) };
	static struct crowd c;
	pthread_t thread;
	int i;

	ASSERT_TRUE(gather(&c, variant->family, variant->type, variant->plain));
	flip(f.fd, false);
	SETTLE();
	EXPECT_EQ(MANY, count_told(&c));
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(ask(c.fds[i], c.family, c.plain, BOTH));

	ASSERT_EQ(0, pthread_create(&thread, NULL, flood, &f));
	for (i = 0; i < 3; i++)
		ask_again(&c);
	f.over = true;
	pthread_join(thread, NULL);

	SETTLE();
	ask_again(&c);
	flip(f.fd, ++f.count & 1);
	SETTLE();
	EXPECT_EQ(MANY, count_told(&c));
	disperse(&c);
	close(f.fd);
}

/* Ends ----------------------------------------------------------------------- */

struct racer {
	int fd, family;
	bool plain;
	_Atomic bool *go;
	bool fine;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	while (!*r->go)
		;
	r->fine = ask(r->fd, r->family, r->plain, BOTH);
	return NULL;
}

/* The first requests of a socket, and the namespace's only ones, at once. */
TEST_F(change, I_05_two_threads)
{
	const int changer = plain_socket(HERE, AF_INET, SOCK_DGRAM);
	struct racer r[2];
	pthread_t threads[2];
	_Atomic bool go;
	int i, j, fd;

	close(self->fence);
	for (i = 0; i < 50; i++) {
		fd = open_socket(variant->family, variant->type);
		ASSERT_EQ(0, tie_event(fd, self->event, variant->plain, BOTH));
		go = false;
		for (j = 0; j < 2; j++) {
			r[j] = (struct racer){ .fd = fd, .family = variant->family,
						.plain = variant->plain, .go = &go };
			ASSERT_EQ(0, pthread_create(&threads[j], NULL, race, &r[j]));
		}
		go = true;
		for (j = 0; j < 2; j++) {
			pthread_join(threads[j], NULL);
			ASSERT_TRUE(r[j].fine);
		}
		flip(changer, i & 1);
		ASSERT_TRUE(wait_for(self->event, POLLIN));
		while (take_events(fd, self->event, variant->plain) != 0)
			;
		close(fd);
	}
	self->fence = -1;
	close(changer);
}

/* Sockets are closed while everybody is told. */
TEST_F(change, I_06_V_08_closed_while_told)
{
	struct flood f = { .fd = plain_socket(HERE, AF_INET, SOCK_DGRAM) };
	const struct kernel before = look_at_kernel();
	const int held = references();
	pthread_t thread;
	int i, fd, event;

	close(self->fence);
	ASSERT_EQ(0, pthread_create(&thread, NULL, flood, &f));
	for (i = 0; i < 150; i++) {
		fd = open_socket(variant->family, variant->type);
		event = eventfd(0, EFD_NONBLOCK);
		ASSERT_EQ(0, tie_event(fd, event, variant->plain, BOTH));
		ASSERT_TRUE(ask(fd, variant->family, variant->plain, BOTH));
		if (i % 2)
			ASSERT_TRUE(wait_for(event, POLLIN));
		if (i % 3)
			ASSERT_EQ(0, tie_event(fd, event, variant->plain, 0));
		close(i % 5 ? event : fd);
		close(i % 5 ? fd : event);
	}
	f.over = true;
	pthread_join(thread, NULL);
	close(f.fd);
	self->fence = -1;
	EXPECT_TRUE(wait_references(held - 1));
	expect_clean_kernel(_metadata, &before);
}

/* In a namespace of its own, which ends with it. */
static void live_and_die(int family, int type, bool plain, bool changes)
{
	struct waiter w;
	int fd, event;

	if (unshare(CLONE_NEWNET))
		_exit(1);
	fd = open_socket(family, type);
	event = eventfd(0, EFD_NONBLOCK);
	if (tie_event(fd, event, plain, BOTH) ||
	    !ask(fd, family, plain, BOTH))
		_exit(2);
	fd = open_socket(family, type);
	if (set_blocking(fd, true) ||
	    !begin_wait(&w, fd, family, FD_ADDRESS_LIST_CHANGE))
		_exit(3);
	/* The namespace's own end is one more change. */
	if (changes && system("ip link set lo up && ip link add wsp-e type dummy && "
			      "ip link set wsp-e up"))
		_exit(4);
	if (changes && !wait_for(event, POLLIN))
		_exit(5);
	kill(getpid(), SIGKILL);
}

TEST_F(change, I_06_namespaces_end)
{
	const struct kernel before = look_at_kernel();
	const int held = references();
	int i, status;
	pid_t pid;

	for (i = 0; i < 6; i++) {
		pid = fork();
		if (!pid)
			live_and_die(variant->family, variant->type, variant->plain, i % 2);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status))
			TH_LOG("it ends with %d", WEXITSTATUS(status));
	}
	EXPECT_TRUE(wait_references(held));
	expect_clean_kernel(_metadata, &before);
}

/* More news than there is room for -------------------------------------------- */

#define RMEM_DEFAULT	"/proc/sys/net/core/rmem_default"

static bool enter_first_namespace(void)
{
	const int ns = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	const bool in = ns >= 0 && !setns(ns, CLONE_NEWNET);

	close(ns);
	return in;
}

static int exchange_number(const char *path, int number)
{
	FILE *file = fopen(path, "r+");
	int former = -1;

	if (!file || fscanf(file, "%d", &former) != 1)
		former = -1;
	if (file) {
		rewind(file);
		fprintf(file, "%d\n", number);
		fclose(file);
	}
	return former;
}

/* An address of the loopback interface, without leaving the processor for it. */
static bool add_address(int nl, const char *address)
{
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
		struct rtattr attr;
		struct in_addr local;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_NEWADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL,
		},
		.body = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 1 },
		.attr = { RTA_LENGTH(sizeof(struct in_addr)), IFA_LOCAL },
	};

	inet_pton(AF_INET, address, &request.local);
	return send(nl, &request, sizeof(request), 0) == sizeof(request);
}

static void fill_listener(int nl, unsigned int port, int most)
{
	while (most-- > 0 && tell_listener(nl, port, RTM_NEWNEIGH))
		;
}

FIXTURE(flood) {
	int fd, nl, usual;
	unsigned int port;
};

/* With room for many more messages than are usual, and before everybody else. */
FIXTURE_SETUP(flood)
{
	const struct sched_param first = { .sched_priority = 1 };
	__u32 since = 0;

	ASSERT_TRUE(enter_first_namespace());
	self->usual = exchange_number(RMEM_DEFAULT, 1000000);
	ASSERT_LT(0, self->usual);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, system("ip link set lo up"));
	self->fd = open_socket(AF_INET, SOCK_DGRAM);
	self->nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ask_kernel(self->fd, WSP_FD_ADDRESS_LIST_CHANGE, 0, &since));
	self->port = find_listener();
	ASSERT_NE(0, self->port);
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &first));
}

FIXTURE_TEARDOWN(flood)
{
	enter_first_namespace();
	exchange_number(RMEM_DEFAULT, self->usual);
}

static __u32 count_changes(int fd)
{
	__u32 since = 0;

	return ask_kernel(fd, WSP_FD_ADDRESS_LIST_CHANGE, 0, &since) ? ~0u : since;
}

static bool add_another(int nl, int net, int host)
{
	char address[32];

	snprintf(address, sizeof(address), "198.18.%d.%d", net, host);
	return add_address(nl, address);
}

/* From an overrun on netlink drops without a word, until the queue is empty. */
TEST_F(flood, I_05_overrun)
{
	__u32 before;
	int i, j;

	for (i = 0; i < 4; i++) {
		fill_listener(self->nl, self->port, 3000);
		ASSERT_TRUE(add_another(self->nl, i, 1));
		before = count_changes(self->fd);
		ASSERT_TRUE(add_another(self->nl, i, 2));
		for (j = 0; j < 100 && count_changes(self->fd) == before; j++)
			;
		EXPECT_NE(before, count_changes(self->fd));
	}
}

/* However many messages there are, a request is not answered by what was before it. */
TEST_F(flood, I_05_all_that_was_before)
{
	__u32 before;
	int i, j;

	for (i = 0; i < 4; i++) {
		fill_listener(self->nl, self->port, 700);
		ASSERT_TRUE(add_another(self->nl, i, 1));
		before = count_changes(self->fd);
		for (j = 0; j < 10; j++)
			EXPECT_EQ(before, count_changes(self->fd));
	}
}

static int open_tied(int *event, long events)
{
	const int fd = open_socket(AF_INET, SOCK_DGRAM);

	*event = eventfd(0, EFD_NONBLOCK);
	if (tie_event(fd, *event, true, events) || !ask(fd, AF_INET, true, events))
		return -1;
	return fd;
}

static void *ask_for_addresses(void *arg)
{
	return ask(*(int *)arg, AF_INET, true, FD_ADDRESS_LIST_CHANGE) ? arg : NULL;
}

static void schedule(pthread_t thread, int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	pthread_setschedparam(thread, policy, &param);
}

/*
 * Who asks again waits for what is under way, and goes on when the next change has been
 * counted but not yet told to its socket: the former request has that. With one processor
 * that is so each time.
 */
TEST_F(flood, I_06_asked_again_while_told)
{
	int route_event, address_event, event, fd, i;
	const int route = open_tied(&route_event, FD_ROUTING_INTERFACE_CHANGE);
	const int address = open_tied(&address_event, FD_ADDRESS_LIST_CHANGE);
	pthread_t thread;
	void *fine;

	ASSERT_LE(0, route);
	ASSERT_LE(0, address);
	fd = open_tied(&event, FD_ADDRESS_LIST_CHANGE);	/* told after them */
	ASSERT_LE(0, fd);
	for (i = 0; i < 10; i++) {
		ASSERT_TRUE(tell_listener(self->nl, self->port, RTM_NEWROUTE));
		ASSERT_EQ(0, pthread_create(&thread, NULL, ask_for_addresses, &fd));
		ASSERT_TRUE(wait_for(route_event, POLLIN));
		schedule(thread, SCHED_IDLE, 0);
		ASSERT_TRUE(tell_listener(self->nl, self->port, RTM_NEWADDR));
		ASSERT_TRUE(wait_for(address_event, POLLIN));
		schedule(thread, SCHED_FIFO, 2);
		ASSERT_TRUE(ends_in_time(thread, &fine));
		ASSERT_NE(NULL, fine);

		count_changes(self->fd);	/* all has been told */
		ASSERT_EQ(FD_ADDRESS_LIST_CHANGE, take_events(fd, event, true));
		ASSERT_EQ(FD_ADDRESS_LIST_CHANGE,
			  take_events(address, address_event, true));
		ASSERT_EQ(FD_ROUTING_INTERFACE_CHANGE,
			  take_events(route, route_event, true));
		ASSERT_TRUE(ask(route, AF_INET, true, FD_ROUTING_INTERFACE_CHANGE));
		ASSERT_TRUE(ask(address, AF_INET, true, FD_ADDRESS_LIST_CHANGE));
		ASSERT_TRUE(ask(fd, AF_INET, true, FD_ADDRESS_LIST_CHANGE));
	}
}

WSP_TEST_MAIN
