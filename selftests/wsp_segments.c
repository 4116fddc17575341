// SPDX-License-Identifier: GPL-2.0
/*
 * A peer behind a tun device, whose segments are of the test's own making: what
 * was meant for an attempt that has ended does not meet the next (C-05).
 */
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "wsp_kernel.h"
#include "wsp_nfqueue.h"
#include "wsp_test.h"

#define BUSY_MS		4000
#define SEGMENT		2048

struct packet {
	struct ip6_hdr ip;
	union {
		struct tcphdr tcp;
		struct icmp6_hdr icmp;
		unsigned char bytes[SEGMENT];
	};
};

FIXTURE(segments)
{
	int tun;
	int fd;
	union name peer, other, mapped;
};

FIXTURE_SETUP(segments)
{
	const struct row row = { AF_INET6, true, CONNECT };
	struct ifreq ifr = { .ifr_name = "wsp-t",
			     .ifr_flags = IFF_TUN | IFF_NO_PI };

	run_in(HERE, "modprobe -q tun || true");
	self->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (self->tun < 0)
		return;
	ASSERT_EQ(0, ioctl(self->tun, TUNSETIFF, &ifr));
	run_in(HERE, "ip addr add 10.9.0.1/24 dev wsp-t;"
	       "ip addr add fd00::1/64 dev wsp-t nodad; ip link set wsp-t up");
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->peer = name_v6("fd00::2", 7);
	self->other = name_v6("fd00::3", 8);
	self->mapped = name_v6("::ffff:10.9.0.2", 9);
}

#define NEED_TUN							\
	do {								\
		if (self->tun < 0)					\
			SKIP(return, "the kernel has no tun devices");	\
	} while (0)

FIXTURE_TEARDOWN(segments)
{
	close(self->tun);
	close(self->fd);
}

/* The Internet checksum of what follows the header, and of its pseudo-header. */
static __u16 checksum(const struct packet *p, size_t len, __u8 protocol)
{
	const __u16 *words = (const __u16 *)&p->ip.ip6_src;
	__u32 sum = htons(len) + htons(protocol);
	size_t i;

	for (i = 0; i < (2 * sizeof(struct in6_addr) + len) / 2; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void answer(struct packet *p, const struct packet *syn, size_t len,
		   __u8 protocol)
{
	memset(p, 0, sizeof(p->ip) + len);
	p->ip.ip6_vfc = 0x60;
	p->ip.ip6_plen = htons(len);
	p->ip.ip6_nxt = protocol;
	p->ip.ip6_hlim = 64;
	p->ip.ip6_src = syn->ip.ip6_dst;
	p->ip.ip6_dst = syn->ip.ip6_src;
}

static bool send_packet(int tun, const struct packet *p)
{
	ssize_t len = sizeof(p->ip) + ntohs(p->ip.ip6_plen);

	return write(tun, p, len) == len;
}

/* The next SYN that comes out of the device by IPv6. */
static bool next_syn(int tun, struct packet *syn)
{
	long end = now_ms() + DEADLINE_MS;
	struct pollfd p = { .fd = tun, .events = POLLIN };

	while (now_ms() < end) {
		poll(&p, 1, 100);
		if (read(tun, syn, sizeof(*syn)) < (ssize_t)(sizeof(syn->ip) + 20))
			continue;
		if (syn->ip.ip6_vfc >> 4 == 6 && syn->ip.ip6_nxt == IPPROTO_TCP &&
		    syn->tcp.syn && !syn->tcp.ack)
			return true;
	}
	return false;
}

static void answer_tcp(struct packet *p, const struct packet *syn)
{
	answer(p, syn, sizeof(p->tcp), IPPROTO_TCP);
	p->tcp.source = syn->tcp.dest;
	p->tcp.dest = syn->tcp.source;
	p->tcp.doff = sizeof(p->tcp) / 4;
	p->tcp.ack = 1;
	p->tcp.ack_seq = htonl(ntohl(syn->tcp.seq) + 1);
}

static bool refuse(int tun, const struct packet *syn)
{
	struct packet p;

	answer_tcp(&p, syn);
	p.tcp.rst = 1;
	p.tcp.check = checksum(&p, sizeof(p.tcp), IPPROTO_TCP);
	return send_packet(tun, &p);
}

static bool refuse_by_icmp(int tun, const struct packet *syn)
{
	const size_t quoted = sizeof(syn->ip) + ntohs(syn->ip.ip6_plen);
	struct packet p;

	answer(&p, syn, sizeof(p.icmp) + quoted, IPPROTO_ICMPV6);
	p.icmp.icmp6_type = ICMP6_DST_UNREACH;
	p.icmp.icmp6_code = ICMP6_DST_UNREACH_NOPORT;
	memcpy(p.bytes + sizeof(p.icmp), syn, quoted);
	p.icmp.icmp6_cksum = checksum(&p, sizeof(p.icmp) + quoted, IPPROTO_ICMPV6);
	return send_packet(tun, &p);
}

static int begin(int fd, const union name *name)
{
	return connect(fd, &name->sa, name_len(name)) ? errno : 0;
}

/* Who has seen the number of one attempt cannot guess that of the next. */
TEST_F(segments, C_05_sequence_number_of_its_own)
{
	struct packet first, second;

	NEED_TUN;
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->peer));
	ASSERT_TRUE(next_syn(self->tun, &first));
	ASSERT_TRUE(refuse(self->tun, &first));
	ASSERT_TRUE(wait_for(self->fd, POLLHUP));
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->other));
	ASSERT_TRUE(next_syn(self->tun, &second));
	EXPECT_LT(64, ntohl(second.tcp.seq) - ntohl(first.tcp.seq));
}

/*
 * A destination options header of 8 * (@more + 1) bytes before the TCP header,
 * of options that are to be passed over. With the wrong family's functions they
 * are what an answer's options are copied from.
 */
static void long_segment(struct packet *p, const struct packet *syn, int more)
{
	const int header = 8 * (more + 1);
	struct tcphdr *tcp = (void *)(p->bytes + header);
	struct packet plain;
	int at, len;

	answer_tcp(&plain, syn);
	plain.tcp.seq = htonl(0x77070000);
	plain.tcp.ack_seq = htonl(1);
	plain.tcp.check = checksum(&plain, sizeof(plain.tcp), IPPROTO_TCP);

	answer(p, syn, header + sizeof(*tcp), IPPROTO_DSTOPTS);
	p->bytes[0] = IPPROTO_TCP;
	p->bytes[1] = more;
	for (at = 2; at < header; at += 2 + len) {
		len = header - at - 2 > 255 ? 253 : header - at - 2;
		p->bytes[at] = 0x1e;
		p->bytes[at + 1] = len;
		memset(p->bytes + at + 2, 0x41, len);
	}
	*tcp = plain.tcp;
}

struct crowd {
	int tun;
	int fd;			/* to be kept in use while @hold */
	int hold, flood, end;
	unsigned long holds, floods;
	struct packet segment;
};

/* Keeps the socket's lock: a long filter takes its time to be checked under it. */
static void *keep_in_use(void *arg)
{
	static struct sock_filter code[4000];
	struct sock_fprog filter = { ARRAY_SIZE(code), code };
	struct crowd *c = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(code); i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, -1);
	while (!__atomic_load_n(&c->end, __ATOMIC_ACQUIRE)) {
		if (!__atomic_load_n(&c->hold, __ATOMIC_ACQUIRE)) {
			sched_yield();
			continue;
		}
		setsockopt(c->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
			   sizeof(filter));
		__atomic_add_fetch(&c->holds, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void *send_without_end(void *arg)
{
	struct crowd *c = arg;

	while (!__atomic_load_n(&c->end, __ATOMIC_ACQUIRE)) {
		if (!__atomic_load_n(&c->flood, __ATOMIC_ACQUIRE)) {
			sched_yield();
			continue;
		}
		send_packet(c->tun, &c->segment);
		__atomic_add_fetch(&c->floods, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void await(unsigned long *count, unsigned long more)
{
	unsigned long from = __atomic_load_n(count, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) - from < more)
		sched_yield();
}

/*
 * Begins an attempt on a socket of @c's that ICMP refuses while the socket is in
 * use: then it is told (IPV6_RECVERR), and the attempt goes on. With luck: it may
 * come a moment too late.
 */
static bool refuse_in_use(struct crowd *c, const union name *peer,
			  struct packet *syn)
{
	bool refused;

	if (begin(c->fd, peer) != EINPROGRESS || !next_syn(c->tun, syn))
		return false;
	__atomic_store_n(&c->hold, 1, __ATOMIC_RELEASE);
	await(&c->holds, 2);
	refused = refuse_by_icmp(c->tun, syn);
	__atomic_store_n(&c->hold, 0, __ATOMIC_RELEASE);
	return refused;
}

static int error_telling_socket(void)
{
	const struct row row = { AF_INET6, true, CONNECT };
	int fd = wsp_socket(SOCK_STREAM, &row);
	const int on = 1;

	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	return fd;
}

/*
 * Such an attempt leaves its segments a way to the socket. The next one, of the
 * other family, begins while they come.
 */
TEST_F_TIMEOUT(segments, C_05_other_family_meanwhile, 120)
{
	struct crowd c = { .tun = self->tun };
	struct kernel before = look_at_kernel();
	long end = now_ms() + BUSY_MS;
	pthread_t holder, sender;
	struct packet syn;
	int error, begun = 0;

	NEED_TUN;
	ASSERT_EQ(0, pthread_create(&holder, NULL, keep_in_use, &c));
	ASSERT_EQ(0, pthread_create(&sender, NULL, send_without_end, &c));
	while (now_ms() < end) {
		c.fd = error_telling_socket();
		ASSERT_TRUE(refuse_in_use(&c, &self->peer, &syn));
		long_segment(&c.segment, &syn, 170);
		__atomic_store_n(&c.flood, 1, __ATOMIC_RELEASE);
		await(&c.floods, 4);
		error = begin(c.fd, &self->mapped);
		__atomic_store_n(&c.flood, 0, __ATOMIC_RELEASE);
		/* The error may not have come while the socket was in use. */
		EXPECT_TRUE(error == EINPROGRESS || error == EALREADY)
			TH_LOG("errno %d", error);
		begun += error == EINPROGRESS;
		close(c.fd);
	}
	__atomic_store_n(&c.end, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(holder, NULL));
	ASSERT_EQ(0, pthread_join(sender, NULL));
	EXPECT_LT(0, begun);
	EXPECT_EQ(before.taint, read_number("/proc/sys/kernel/tainted"));
}

static enum wsp_state state_of(int fd)
{
	struct wsp_info info = {};

	return ioctl(fd, WSP_IOC_INFO, &info) ? WSP_STATE_IDLE : info.state;
}

/* By a name that cannot be used, the next call ends such an attempt, and makes none. */
TEST_F_TIMEOUT(segments, V_02_refused_by_icmp_while_in_use, 120)
{
	struct wsp_network_events record = {};
	struct crowd c = { .tun = self->tun };
	long end = now_ms() + DEADLINE_MS;
	int event = eventfd(0, EFD_CLOEXEC);
	pthread_t holder;
	struct packet syn;
	bool met = false;

	NEED_TUN;
	ASSERT_EQ(0, pthread_create(&holder, NULL, keep_in_use, &c));
	while (!met && now_ms() < end) {
		c.fd = error_telling_socket();
		ASSERT_EQ(0, tie(c.fd, event, WSP_FD_ALL_EVENTS));
		ASSERT_TRUE(refuse_in_use(&c, &self->peer, &syn));
		ASSERT_TRUE(wait_for(c.fd, 0));		/* POLLERR */
		met = state_of(c.fd) == WSP_STATE_PENDING;
		if (!met)
			close(c.fd);
	}
	__atomic_store_n(&c.end, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(holder, NULL));
	ASSERT_TRUE(met);
	ASSERT_EQ(0, take(c.fd, event, &record));
	EXPECT_EQ(0, record.events);

	EXPECT_FAILS(EFAULT, connect(c.fd, &self->peer.sa, 3));
	EXPECT_EQ(WSP_STATE_IDLE, state_of(c.fd));
	EXPECT_TRUE(wait_for(event, POLLIN));
	ASSERT_EQ(0, take(c.fd, event, &record));
	EXPECT_EQ(WSP_FD_CONNECT, record.events);
	EXPECT_EQ(WSAECONNREFUSED, record.codes[WSP_FD_CONNECT_BIT]);
	ASSERT_EQ(0, take(c.fd, event, &record));
	EXPECT_EQ(0, record.events);	/* once */
	close(c.fd);
	close(event);
}

/* Segments that netfilter holds know their socket already, and may yet reach it. */
FIXTURE(held)
{
	int fd, nfq;
	__be32 id;
	union name former, silent, next;
};

FIXTURE_VARIANT(held)
{
	bool mapped;	/* the former name */
	bool listens;	/* and does not connect again */
};

FIXTURE_VARIANT_ADD(held, ipv6_then_mapped) { false, false };
FIXTURE_VARIANT_ADD(held, mapped_then_ipv6) { true, false };
FIXTURE_VARIANT_ADD(held, mapped_then_listen) { true, true };

static union name spelled(union name name)
{
	return name.sa.sa_family == AF_INET ? name_map(name) : name;
}

FIXTURE_SETUP(held)
{
	const struct row row = { AF_INET6, true, CONNECT };
	const int family = variant->mapped ? AF_INET : AF_INET6;
	const int other = variant->mapped ? AF_INET6 : AF_INET;
	int closed = plain_socket(THERE, AF_INET6, SOCK_STREAM);

	ASSERT_EQ(0, bind_port(closed, AF_INET6, "0.0.0.0", "::", 0));
	self->fd = wsp_socket(SOCK_STREAM, &row);
	self->former = spelled(name_host(family, PEER_A, local_port(closed)));
	self->silent = spelled(name_host(family, SILENT, 9));
	self->next = spelled(name_host(other, SILENT, 9));
	close(closed);
	self->nfq = nfq_open("tcp");
}

FIXTURE_TEARDOWN(held)
{
	run_in(HERE, "nft flush ruleset");
	close(self->nfq);
	close(self->fd);
}

static int go_on(int fd, const union name *next, bool listens)
{
	if (listens)
		return listen(fd, 1) ? errno : 0;
	return begin(fd, next);
}

/* Who has waited for them in vain does not change the family (E-12). */
TEST_F(held, C_05_E_12_other_family_refused)
{
	const int fine = variant->listens ? 0 : EINPROGRESS;
	long begun;

	if (self->nfq < 0)
		SKIP(return, "the kernel leaves no verdict to programs (NFQUEUE)");
	ASSERT_EQ(EINPROGRESS, begin(self->fd, &self->former));
	ASSERT_TRUE(nfq_next(self->nfq, &self->id));	/* the refusal */
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));

	begun = now_ms();
	EXPECT_EQ(ENOBUFS, go_on(self->fd, &self->next, variant->listens));
	EXPECT_LE(190, now_ms() - begun);
	/* To one of its own they do no harm. */
	EXPECT_EQ(EINPROGRESS, begin(self->fd, &self->silent));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	EXPECT_EQ(ENOBUFS, go_on(self->fd, &self->next, variant->listens));

	EXPECT_TRUE(nfq_let_go(self->nfq, self->id));
	EXPECT_EQ(fine, go_on(self->fd, &self->next, variant->listens));
}

WSP_TEST_MAIN
