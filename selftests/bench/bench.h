/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Benchmarks: one operation each, done by sockets of every family in turn in
 * one guest. See Documentation/performance.rst for what is measured and how.
 */
#ifndef WSP_BENCH_H
#define WSP_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/wsp.h>
#include <wsp/wsp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum { INET, INET6, WSP, WSP6, MPTCP, SMC, FAMILIES };

#define F(family)	(1U << (family))
#define IPV4		(F(INET) | F(WSP))
#define BOTH		(IPV4 | F(INET6) | F(WSP6))
#define STREAMS		(BOTH | F(MPTCP) | F(SMC))

union name {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/**
 * struct side - what one family's sockets need for a benchmark
 * @family: INET and so on
 * @v6: its names are of IPv6
 * @lib: an AF_WSP family that is to go by libwsp
 * @arg: the benchmark's
 * @fd, @peer: the sockets at both ends, or as the benchmark likes
 * @lfd: a listener or receiver
 * @name: where it listens; and another such place
 * @turn: counts the operations
 * @epfd: an epoll instance
 * @event: an event
 */
struct side {
	int family;
	bool v6, lib;
	long arg;
	int fd, peer, lfd, other;
	union name name[2];
	unsigned int turn;
	int epfd;
	WSAEVENT event;
};

/**
 * struct limit - what AF_WSP has to keep to
 * @bound: "1.04", the ratio to AF_INET or AF_INET6; "+192", bytes more than it;
 *	"flat 1.02", how much more the cost may grow with the number of sockets.
 *	NULL: nothing is promised
 * @held: what it keeps to meanwhile, where it does not reach @bound; others may
 *	follow for a series of kernels or an architecture: "1.31 6.12:1.43 arm64:1.35"
 * @why: why it does not
 */
struct limit {
	const char *bound, *held, *why;
};

#define BOUND(text)		{ .bound = (text) }
#define MISSED(text, now, why)	{ (text), (now), (why) }
#define NATIVE			BOUND("+0")

/**
 * struct bench - a benchmark
 * @group, @name: what it is called in the results
 * @families: who takes part, F(INET) and so on
 * @ops: operations in one batch
 * @limit: what its results have to keep to
 * @setup: once for each family
 * @before, @after: around each operation, and not counted
 * @op: the operation
 * @arg: for them
 * @lib: AF_WSP goes by libwsp
 * @own: how many instructions of the operation may be the module's own; with no
 *	bound they are not counted (own.c)
 */
struct bench {
	const char *group, *name;
	unsigned int families;
	int ops;
	struct limit limit;
	void (*setup)(struct side *s);
	void (*before)(struct side *s);
	void (*op)(struct side *s);
	void (*after)(struct side *s);
	long arg;
	bool lib;
	struct limit own;
};

extern const struct bench create_benches[], connect_benches[], data_benches[],
			  dgram_benches[], event_benches[], overlapped_benches[];

/* bench.c */
extern const char * const family_names[FAMILIES];
extern bool quick;

void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...);
void report(const char *unit, const char *group, const char *name, int family,
	    double *values, int count, const struct limit *limit);
double measure(const struct bench *b, struct side *s);
void set_up(const struct bench *b, struct side *s, int family);

void bench_memory(void);
void bench_growth(void);
void bench_select(void);
void bench_cpus(void);
void bench_own(void);

/* net.c */
int open_socket(const struct side *s, int type);
union name loopback(const struct side *s, int port);
socklen_t name_len(const union name *name);
int bound_socket(const struct side *s, int type, union name *name);
int open_listener(struct side *s, union name *name);
void connect_pair(struct side *s, int *fd, int *peer);
void set_up_listener(struct side *s);
void set_up_pair(struct side *s);
void big_buffers(int fd);

/* A call that has to come to @want. */
#define must(want, call)						\
	do {								\
		long must_rc = (call);					\
									\
		if (must_rc != (want))					\
			die("%s:%d: %s = %ld: %s", __FILE__, __LINE__,	\
			    #call, must_rc, strerror(errno));		\
	} while (0)

static inline bool is_wsp(const struct side *s)
{
	return s->family == WSP || s->family == WSP6;
}

#endif /* WSP_BENCH_H */
