/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share: a network to provoke things on, both surfaces
 * behind one call, and waits with a deadline.
 *
 * Each program makes its network once and runs its tests in it. It consists of
 * two namespaces joined by two veth pairs; the program lives in the first one,
 * which has no default route:
 *
 *	here, dev wsp-a  .1  --- 192.0.2.0/24     2001:db8:a::/64 ---  .2  there
 *	here, dev wsp-b  .1  --- 198.51.100.0/24  2001:db8:b::/64 ---  .2  there
 *
 * .99 on the first network is a peer that never answers. The namespaces have
 * no name and end with the program.
 */
#ifndef WSP_TEST_H
#define WSP_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/wsp.h>
#include <wsp/wsp.h>

#include "kselftest.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define DEADLINE_MS	10000	/* for what should be a matter of microseconds */

/*
 * Built with WSP_PLAIN, for vm/linux-table, the programs put Linux's own sockets
 * to the tests: without WSPConnect, and with less patience for what hangs.
 */
#ifdef WSP_PLAIN
#define PLAIN			true
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	20
#define WITH_WSPCONNECT(...)
#else
#define PLAIN			false
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	120	/* there are slow kernels */
#define WITH_WSPCONNECT(...)	__VA_ARGS__
#endif

enum surface { CONNECT, WSPCONNECT };

/* A row of the matrix that every rule is tried on. */
struct row {
	int family;
	bool nonblocking;
	enum surface surface;
};

#define ROW(fixture, name, fam, nonblock, surf)				\
	FIXTURE_VARIANT_ADD(fixture, name) {				\
		.row = { fam, nonblock, surf },				\
	};

#define ROW_PAIR(fixture, name, fam, nonblock)				\
	ROW(fixture, name##_connect, fam, nonblock, CONNECT)		\
	WITH_WSPCONNECT(ROW(fixture, name##_wspconnect, fam, nonblock,	\
			    WSPCONNECT))

#define BLOCKING_ROWS(fixture)						\
	ROW_PAIR(fixture, ipv4_blocking, AF_INET, false)		\
	ROW_PAIR(fixture, ipv6_blocking, AF_INET6, false)

#define NONBLOCKING_ROWS(fixture)					\
	ROW_PAIR(fixture, ipv4_nonblocking, AF_INET, true)		\
	ROW_PAIR(fixture, ipv6_nonblocking, AF_INET6, true)

#define IPV6_ROWS(fixture)						\
	ROW_PAIR(fixture, ipv6_blocking, AF_INET6, false)		\
	ROW_PAIR(fixture, ipv6_nonblocking, AF_INET6, true)

#define ROWS(fixture)							\
	BLOCKING_ROWS(fixture)						\
	NONBLOCKING_ROWS(fixture)

/* The same matrix for a test that goes through it by itself. */
#define ALL_ROWS							\
	{ AF_INET, false, CONNECT }, { AF_INET, false, WSPCONNECT },	\
	{ AF_INET6, false, CONNECT }, { AF_INET6, false, WSPCONNECT },	\
	{ AF_INET, true, CONNECT }, { AF_INET, true, WSPCONNECT },	\
	{ AF_INET6, true, CONNECT }, { AF_INET6, true, WSPCONNECT }

/* Names ------------------------------------------------------------------ */

union name {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage ss;
};

static inline socklen_t name_len(const union name *name)
{
	return name->sa.sa_family == AF_INET6 ? sizeof(name->in6) :
						sizeof(name->in);
}

static inline union name name_v4(const char *addr, int port)
{
	union name name = { .in = { .sin_family = AF_INET,
				    .sin_port = htons(port) } };

	if (inet_pton(AF_INET, addr, &name.in.sin_addr) != 1)
		abort();
	return name;
}

static inline union name name_v6(const char *addr, int port)
{
	union name name = { .in6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port) } };

	if (inet_pton(AF_INET6, addr, &name.in6.sin6_addr) != 1)
		abort();
	return name;
}

/* The address of @family out of a pair, such as ("192.0.2.2", "2001:db8:a::2") */
static inline union name name_of(int family, const char *v4, const char *v6,
				 int port)
{
	return family == AF_INET6 ? name_v6(v6, port) : name_v4(v4, port);
}

enum host { HERE_A, HERE_B, PEER_A, PEER_B, SILENT, UNREACHABLE };

static inline union name name_host(int family, enum host host, int port)
{
	static const char * const v4[] = {
		"192.0.2.1", "198.51.100.1", "192.0.2.2", "198.51.100.2",
		"192.0.2.99", "203.0.113.1",
	};
	static const char * const v6[] = {
		"2001:db8:a::1", "2001:db8:b::1", "2001:db8:a::2",
		"2001:db8:b::2", "2001:db8:a::99", "2001:db8:c::1",
	};

	return name_of(family, v4[host], v6[host], port);
}

static inline int name_port(const union name *name)
{
	return ntohs(name->in.sin_port);	/* sin6_port has its place */
}

/* Is it the same address, whatever the port? */
static inline bool name_same_addr(const union name *a, const union name *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET6)
		return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
			       sizeof(a->in6.sin6_addr));
	return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
}

/* The same address and port? */
static inline bool name_same(const union name *a, const union name *b)
{
	return name_same_addr(a, b) && name_port(a) == name_port(b);
}

/* The v4-mapped name of IPv6 for a name of IPv4. */
static inline union name name_map(union name v4)
{
	union name name = name_v6("::ffff:0.0.0.0", name_port(&v4));

	memcpy(&name.in6.sin6_addr.s6_addr[12], &v4.in.sin_addr, 4);
	return name;
}

/* The name of IPv4 that is meant by a v4-mapped one; any other as it is. */
static inline union name name_unmap(union name name)
{
	union name v4;

	if (name.sa.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&name.in6.sin6_addr))
		return name;
	v4 = name_v4("0.0.0.0", name_port(&name));
	memcpy(&v4.in.sin_addr, &name.in6.sin6_addr.s6_addr[12], 4);
	return v4;
}

static inline union name local_name(int fd)
{
	union name name = {};
	socklen_t len = sizeof(name);

	if (getsockname(fd, &name.sa, &len))
		abort();
	return name;
}

static inline int local_port(int fd)
{
	union name name = local_name(fd);

	return name_port(&name);
}

/* A call that fails in this way. */
#define EXPECT_FAILS(error, call)					\
	do {								\
		EXPECT_EQ(-1, (call));					\
		EXPECT_EQ(error, errno);				\
	} while (0)

#define UNTOUCHED	(-77)

/*
 * What a call comes to: 0, or its code. It gets the address of lpErrno as
 * &code, and has to leave that alone when it succeeds.
 */
#define OUTCOME(call)							\
	({								\
		int code = UNTOUCHED, rc = (call);			\
									\
		rc == SOCKET_ERROR ? code : rc || code != UNTOUCHED;	\
	})

/* The network ------------------------------------------------------------ */

enum place { HERE, THERE };

extern int netns[2];

void enter(enum place place);
void run_in(enum place place, const char *command);
int test_main(int argc, char **argv, int (*run)(int, char **));

/* For the end of a program, in place of TEST_HARNESS_MAIN. */
#define WSP_TEST_MAIN							\
	int main(int argc, char **argv)					\
	{								\
		return test_main(argc, argv, test_harness_run);		\
	}

/* Sockets ---------------------------------------------------------------- */

int wsp_socket(int type, const struct row *row);
int plain_socket(enum place place, int family, int type);
int bind_port(int fd, int family, const char *v4, const char *v6, int port);
int listener(enum place place, int family);
int receiver(enum place place, int family, enum host host);

/* One of the four kinds of socket, and a plain socket there to connect it to. */
struct kind {
	struct row row;
	int type;
	int fd;		/* the socket under test */
	int lfd;	/* a listener or receiver there */
	int peer;	/* what kind_join() has connected it to, or -1 */
};

#define KIND_FIXTURE(name)						\
	KIND_FIXTURE_ALONE(name)					\
	STREAM_KINDS(name)						\
	DGRAM_KINDS(name)

#define STREAM_KINDS(name)						\
	FIXTURE_VARIANT_ADD(name, ipv4_stream) { AF_INET, SOCK_STREAM }; \
	FIXTURE_VARIANT_ADD(name, ipv6_stream) { AF_INET6, SOCK_STREAM };

#define DGRAM_KINDS(name)						\
	FIXTURE_VARIANT_ADD(name, ipv4_dgram) { AF_INET, SOCK_DGRAM };	\
	FIXTURE_VARIANT_ADD(name, ipv6_dgram) { AF_INET6, SOCK_DGRAM };

/* Without the kinds to run it for. */
#define KIND_FIXTURE_ALONE(name)					\
	FIXTURE(name) { struct kind k; };				\
	FIXTURE_VARIANT(name) { int family, type; };			\
	FIXTURE_SETUP(name)						\
	{								\
		ASSERT_TRUE(kind_open(&self->k, variant->family,	\
				      variant->type));			\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		close(self->k.fd);					\
		close(self->k.lfd);					\
		close(self->k.peer);					\
	}

bool kind_open(struct kind *k, int family, int type);
union name kind_name(const struct kind *k);
bool kind_join(struct kind *k);
bool kind_talk(int fd, int peer);

int code_of_errno(int error);
int ask_code(int fd, int error, int source);
int try_connect(const struct row *row, int fd, const void *name, int len);
int finish_connect(int fd);

/* A call to connect, for a thread of its own, and what came of it. */
struct blocked {
	const struct row *row;
	int fd;
	union name name;
	int code;
};

void *block_in_connect(void *arg);
int full_connect(const struct row *row, int fd, const union name *name);
int so_error(int fd);
int set_timeo(int fd, int name, int ms);
int set_blocking(int fd, bool blocking);
void close_by_reset(int fd);
void lose_peer(bool lost);
void await_addresses(void);	/* that come by themselves: no change comes after them */
char *page_end(void);
int wsp_send(int fd, const char *text);
int wsp_recv(int fd, char *data, unsigned int size);
bool told(int fd, union name to, const char *text);
bool got(int fd, const char *text, union name *from);
int send_descriptor(int sock, int fd);
int receive_descriptor(int sock);
int bind_device(int fd, const char *dev);

/* What <windows.h> has, by the library's names for it. */
BOOL windows_CancelIo(HANDLE file);
BOOL windows_CancelIoEx(HANDLE file, LPWSAOVERLAPPED overlapped);
DWORD windows_SleepEx(DWORD ms, BOOL alertable);
DWORD windows_WaitForSingleObjectEx(HANDLE handle, DWORD ms, BOOL alertable);
DWORD windows_WaitForMultipleObjectsEx(DWORD count, const HANDLE *handles, BOOL all,
				       DWORD ms, BOOL alertable);

bool goes_on(const WSAOVERLAPPED *o);		/* by Internal */
bool fill_up(int fd);				/* until the peer does not take more */
ssize_t receive_bytes(int fd, size_t most);	/* or to the stream's end; -1 */

#define NOTHING	(-1)	/* in place of an event */

int tie(int fd, int event, unsigned int mask);
int take(int fd, int event, struct wsp_network_events *record);
bool device_is(int fd, const char *want);
bool wait_for(int fd, short events);
bool readable_now(int fd);
long now_ms(void);

/* Of a process or thread, by the kernel's letters: up to the deadline. */
bool reaches_state(pid_t task, char state);
bool falls_asleep(const _Atomic pid_t *thread);		/* for some moments */
char task_state(pid_t task);				/* as in /proc; 0: there is none */
bool ends_in_time(pthread_t thread, void **result);
bool event_is_set(WSAEVENT event);
bool event_comes(WSAEVENT event);
bool ends_by_kill(pid_t pid);	/* whatever it waits for */
int count_descriptors(void);	/* and three more, whoever asks */

/* Files and BPF ---------------------------------------------------------- */

bool kernel_before(int major, int minor);
bool file_says(const char *path, const char *text);
long read_number(const char *path);
int write_file(const char *path, const char *text);

struct bpf_insn;

int bpf_load(int type, int attach_type, const struct bpf_insn *code, int count);
int bpf_attach(int cmd, int target, int type, int prog);

#endif /* WSP_TEST_H */
