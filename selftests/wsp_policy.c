// SPDX-License-Identifier: GPL-2.0
/* What the administrator has a say in: F-04 and F-05. */
#include <grp.h>
#include <linux/bpf.h>
#include <sys/eventfd.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

#define RANGE	"/proc/sys/net/wsp/create_group_range"
#define EVERYONE "0 4294967294"

/* Is this all that a file holds? */
static bool file_is(const char *path, const char *text)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	return n > 0 && !strcmp(buf, text);
}

static int create(int type, int protocol)
{
	int fd = socket(AF_WSP, type, protocol);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* In a child with these groups: what socket() says. */
static int create_as(gid_t gid, size_t count, const gid_t *more)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setgroups(count, more) || setgid(gid) || setuid(65534))
			_exit(255);
		_exit(-create(SOCK_STREAM, WSPPROTO_IPV4));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

FIXTURE(groups) {
};

FIXTURE_SETUP(groups)
{
	/* A namespace of its own, with /proc to match. */
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(file_is(RANGE, "0\t4294967294\n"));
}

FIXTURE_TEARDOWN(groups)
{
	enter(HERE);
}

TEST_F(groups, F_05_everyone_by_default)
{
	EXPECT_EQ(0, create_as(65534, 0, NULL));
	EXPECT_EQ(0, create_as(0, 0, NULL));
}

TEST_F(groups, F_05_range_of_groups)
{
	const gid_t inside[] = { 3, 1500 }, outside[] = { 3, 999, 2001 };

	ASSERT_EQ(0, write_file(RANGE, "1000 2000"));
	EXPECT_EQ(0, create_as(1000, 0, NULL));
	EXPECT_EQ(0, create_as(2000, 0, NULL));
	EXPECT_EQ(-EACCES, create_as(999, 0, NULL));
	EXPECT_EQ(-EACCES, create_as(2001, 0, NULL));
	EXPECT_EQ(0, create_as(65534, 2, inside));
	EXPECT_EQ(-EACCES, create_as(65534, 3, outside));
	/* Being root is not being in the group. */
	EXPECT_EQ(-EACCES, create(SOCK_DGRAM, WSPPROTO_IPV6));

	/* Empty: nobody. */
	ASSERT_EQ(0, write_file(RANGE, "1 0"));
	EXPECT_EQ(-EACCES, create_as(0, 0, NULL));
	EXPECT_EQ(-EACCES, create_as(1, 0, NULL));
	ASSERT_EQ(0, write_file(RANGE, EVERYONE));
	EXPECT_EQ(0, create_as(1, 0, NULL));
}

TEST_F(groups, F_05_bad_range_changes_nothing)
{
	static const char bad[][16] = { "x", "0 x", "0 4294967295", "-1 5",
					"99999999999 5" };
	size_t i;

	ASSERT_EQ(0, write_file(RANGE, "7 8"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, write_file(RANGE, bad[i]))
			TH_LOG("for %s", bad[i]);
	EXPECT_TRUE(file_is(RANGE, "7\t8\n"));
}

TEST_F(groups, F_05_namespaces_inherit_and_cannot_widen)
{
	int status;
	pid_t pid;

	ASSERT_EQ(0, write_file(RANGE, "7 8"));
	pid = fork();
	if (!pid) {
		/* A user of the system makes a world of his own. */
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534) ||
		    unshare(CLONE_NEWUSER | CLONE_NEWNET))
			_exit(1);
		if (create(SOCK_STREAM, WSPPROTO_IPV4) != -EACCES)
			_exit(2);
		if (write_file(RANGE, EVERYONE) >= 0)
			_exit(3);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, WEXITSTATUS(status));
	/* Others are not touched by this one's. */
	enter(HERE);
	EXPECT_EQ(0, create(SOCK_STREAM, WSPPROTO_IPV4));
}

/* Cgroup BPF: the programs that stop AF_INET stop AF_WSP (F-04). */

#define CGROUP	"/sys/fs/cgroup/wsp-test"

/* A program that allows or denies all, with @error as its own errno if not 0. */
static int load_verdict(enum bpf_attach_type type, bool allow, int error)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1,
		  .imm = -error },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_set_retval },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = allow },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, type, code,
			ARRAY_SIZE(code));
}

FIXTURE(policy) {
	const struct row *row;
	int lfd, udp;
	union name live, peer;
};

FIXTURE_VARIANT(policy) {
	struct row row;
};

ROWS(policy)

FIXTURE_SETUP(policy)
{
	self->row = &variant->row;
	self->lfd = listener(THERE, self->row->family);
	self->live = name_host(self->row->family, PEER_A,
			       local_port(self->lfd));
	self->udp = receiver(THERE, self->row->family, PEER_A);
	self->peer = local_name(self->udp);
}

FIXTURE_TEARDOWN(policy)
{
	close(self->lfd);
	close(self->udp);
}

/*
 * Moves this test's own process, and the sockets it makes from then on, into a
 * group where a program has its say.
 */
static int enter_group(struct __test_metadata *_metadata,
		       enum bpf_attach_type type, bool allow, int error)
{
	int cgroup, prog;

	ASSERT_TRUE(!mkdir(CGROUP, 0755) || errno == EEXIST);
	cgroup = open(CGROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_GE(cgroup, 0);
	prog = load_verdict(type, allow, error);
	ASSERT_GE(prog, 0);
	ASSERT_EQ(0, bpf_attach(BPF_PROG_ATTACH, cgroup, type, prog));
	ASSERT_EQ(0, write_file(CGROUP "/cgroup.procs", "0"));
	close(prog);
	return cgroup;
}

static void leave_group(struct __test_metadata *_metadata, int cgroup,
			enum bpf_attach_type type)
{
	ASSERT_EQ(0, bpf_attach(BPF_PROG_DETACH, cgroup, type, 0));
	close(cgroup);
	ASSERT_EQ(0, write_file("/sys/fs/cgroup/cgroup.procs", "0"));
	ASSERT_EQ(0, rmdir(CGROUP));
}

static enum bpf_attach_type connect_type(const struct row *row)
{
	return row->family == AF_INET6 ? BPF_CGROUP_INET6_CONNECT :
					 BPF_CGROUP_INET4_CONNECT;
}

/* A program that makes a name of another port of every name. */
static int load_port(enum bpf_attach_type type, int port)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2,
		  .imm = htons(port) },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2,
		  .off = offsetof(struct bpf_sock_addr, user_port) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, type, code,
			ARRAY_SIZE(code));
}

/* Three datagrams of the peer's wait for the socket. */
static bool peer_sends(int udp, int fd, int family)
{
	union name to = name_host(family, HERE_A, local_port(fd));

	return told(udp, to, "1") && told(udp, to, "2") && told(udp, to, "3") &&
	       wait_for(fd, POLLIN);
}

static int count_queued(int fd)
{
	char buf[8];
	int n = 0;

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

/*
 * The name is the one that the program gave: two of them may come to be one peer,
 * and one of them two peers.
 */
TEST_F(policy, D_06_D_07_name_made_another_by_bpf)
{
	const int family = self->row->family;
	enum bpf_attach_type type = connect_type(self->row);
	int cgroup = enter_group(_metadata, type, true, 0), i, prog;
	union name first = self->peer, second = self->peer;
	int fd = wsp_socket(SOCK_DGRAM, self->row);

	first.in.sin_port = htons(7);
	second.in.sin_port = htons(9);
	prog = load_port(type, name_port(&self->peer));
	ASSERT_GE(prog, 0);
	ASSERT_EQ(0, bpf_attach(BPF_PROG_DETACH, cgroup, type, 0));
	ASSERT_EQ(0, bpf_attach(BPF_PROG_ATTACH, cgroup, type, prog));

	ASSERT_EQ(0, full_connect(self->row, fd, &first));
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(peer_sends(self->udp, fd, family));
		ASSERT_EQ(0, full_connect(self->row, fd, &first));
		EXPECT_EQ(3, count_queued(fd));
		ASSERT_TRUE(peer_sends(self->udp, fd, family));
		ASSERT_EQ(0, full_connect(self->row, fd, &second));
		EXPECT_EQ(0, count_queued(fd));
		ASSERT_EQ(0, full_connect(self->row, fd, &first));
	}
	/* Nobody makes anything of it any more: the name is the same. */
	ASSERT_TRUE(peer_sends(self->udp, fd, family));
	ASSERT_EQ(0, full_connect(self->row, fd, &self->peer));
	EXPECT_EQ(0, count_queued(fd));
	leave_group(_metadata, cgroup, type);
	ASSERT_TRUE(peer_sends(self->udp, fd, family));
	ASSERT_EQ(0, full_connect(self->row, fd, &self->peer));
	EXPECT_EQ(3, count_queued(fd));
	EXPECT_EQ(4, send(fd, "data", 4, 0));
	EXPECT_TRUE(got(self->udp, "data", NULL));
	close(prog);
	close(fd);
}

/* What came before the first connect stays by the peer that it comes to be. */
TEST_F(policy, D_06_first_connect_by_a_name_made_another)
{
	enum bpf_attach_type type = connect_type(self->row);
	int cgroup = enter_group(_metadata, type, true, 0), prog;
	int other = receiver(THERE, self->row->family, PEER_A);
	int fd = wsp_socket(SOCK_DGRAM, self->row);
	union name first = self->peer;

	first.in.sin_port = htons(7);
	prog = load_port(type, name_port(&self->peer));
	ASSERT_GE(prog, 0);
	ASSERT_EQ(0, bpf_attach(BPF_PROG_DETACH, cgroup, type, 0));
	ASSERT_EQ(0, bpf_attach(BPF_PROG_ATTACH, cgroup, type, prog));
	ASSERT_EQ(0, bind_port(fd, self->row->family, "0.0.0.0", "::", 0));
	ASSERT_TRUE(peer_sends(other, fd, self->row->family));
	ASSERT_TRUE(peer_sends(self->udp, fd, self->row->family));
	ASSERT_EQ(0, full_connect(self->row, fd, &first));
	EXPECT_EQ(3, count_queued(fd));
	leave_group(_metadata, cgroup, type);
	close(prog);
	close(fd);
	close(other);
}

TEST_F(policy, F_04_E_18_connect_denied)
{
	enum bpf_attach_type type = connect_type(self->row);
	int cgroup = enter_group(_metadata, type, false, 0);
	int plain = socket(self->row->family, SOCK_STREAM, 0);
	int fd = wsp_socket(SOCK_STREAM, self->row);
	int udp = wsp_socket(SOCK_DGRAM, self->row);

	EXPECT_EQ(-1, connect(plain, &self->live.sa, name_len(&self->live)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(WSAEACCES, full_connect(self->row, fd, &self->live));
	EXPECT_EQ(WSAEACCES, full_connect(self->row, udp, &self->peer));
	EXPECT_EQ(0, local_port(fd));
	EXPECT_EQ(0, local_port(udp));
	EXPECT_FALSE(readable_now(self->lfd));

	leave_group(_metadata, cgroup, type);
	EXPECT_EQ(0, full_connect(self->row, fd, &self->live));
	EXPECT_EQ(0, full_connect(self->row, udp, &self->peer));
}

/* Whatever a program says, it is the program's word and not the network's. */
TEST_F(policy, F_04_E_18_connect_denied_by_own_errno)
{
	static const int errors[] = { EACCES, EINVAL, ENETUNREACH,
				      EADDRNOTAVAIL, ECONNREFUSED };
	enum bpf_attach_type type = connect_type(self->row);
	int cgroup, plain, fd, udp;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		cgroup = enter_group(_metadata, type, false, errors[i]);
		plain = socket(self->row->family, SOCK_STREAM, 0);
		fd = wsp_socket(SOCK_STREAM, self->row);
		udp = wsp_socket(SOCK_DGRAM, self->row);
		EXPECT_FAILS(errors[i], connect(plain, &self->live.sa,
						name_len(&self->live)));
		EXPECT_EQ(WSAEACCES, full_connect(self->row, fd, &self->live))
			TH_LOG("for errno %d", errors[i]);
		EXPECT_EQ(WSAEACCES, full_connect(self->row, udp, &self->peer))
			TH_LOG("for errno %d", errors[i]);
		EXPECT_EQ(0, local_port(udp));
		leave_group(_metadata, cgroup, type);
		EXPECT_EQ(0, full_connect(self->row, fd, &self->live));
		EXPECT_EQ(0, full_connect(self->row, udp, &self->peer));
		close(plain);
		close(fd);
		close(udp);
	}
}

/* Its errno may be one by which the family refuses what is no attempt. */
TEST_F(policy, V_02_denied_attempt_is_announced)
{
	static const int errors[] = { 0, EFAULT, EINVAL, EINTR, EALREADY, EBUSY,
				      EISCONN, EINPROGRESS, EPROTONOSUPPORT };
	enum bpf_attach_type type = connect_type(self->row);
	struct wsp_network_events record;
	int cgroup, event, fd;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(errors); i++) {
		cgroup = enter_group(_metadata, type, false, errors[i / 2]);
		event = eventfd(0, EFD_NONBLOCK);
		fd = wsp_socket(i % 2 ? SOCK_DGRAM : SOCK_STREAM, self->row);
		ASSERT_EQ(0, tie(fd, event, WSP_FD_CONNECT));
		EXPECT_EQ(WSAEACCES, try_connect(self->row, fd, &self->peer,
						 name_len(&self->peer)));
		ASSERT_EQ(0, take(fd, event, &record));
		EXPECT_EQ(WSP_FD_CONNECT, record.events)
			TH_LOG("for errno %d", errors[i / 2]);
		EXPECT_EQ(WSAEACCES, record.codes[WSP_FD_CONNECT_BIT]);
		leave_group(_metadata, cgroup, type);
		close(fd);
		close(event);
	}
}

TEST_F(policy, F_04_E_11_prohibited_where_program_allows)
{
	enum bpf_attach_type type = connect_type(self->row);
	union name name = name_host(self->row->family, UNREACHABLE, 9);
	int cgroup = enter_group(_metadata, type, true, 0);
	int fd = wsp_socket(SOCK_STREAM, self->row);
	int udp = wsp_socket(SOCK_DGRAM, self->row);

	run_in(HERE, "ip route add prohibit 203.0.113.0/24; "
	       "ip route add prohibit 2001:db8:c::/64");
	EXPECT_EQ(WSAENETUNREACH, full_connect(self->row, fd, &name));
	EXPECT_EQ(WSAENETUNREACH, full_connect(self->row, udp, &name));
	run_in(HERE, "ip route del prohibit 203.0.113.0/24; "
	       "ip route del prohibit 2001:db8:c::/64");
	EXPECT_EQ(0, full_connect(self->row, fd, &self->live));
	EXPECT_EQ(0, full_connect(self->row, udp, &self->peer));
	leave_group(_metadata, cgroup, type);
}

TEST_F(policy, F_04_bind_denied)
{
	enum bpf_attach_type type = self->row->family == AF_INET6 ?
		BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
	int cgroup = enter_group(_metadata, type, false, 0);
	int fd = wsp_socket(SOCK_STREAM, self->row);

	EXPECT_EQ(-1, bind_port(fd, self->row->family, "0.0.0.0", "::", 0));
	EXPECT_EQ(EPERM, errno);
	leave_group(_metadata, cgroup, type);
	EXPECT_EQ(0, bind_port(fd, self->row->family, "0.0.0.0", "::", 0));
}

TEST_F(policy, F_04_sendmsg_denied)
{
	enum bpf_attach_type type = self->row->family == AF_INET6 ?
		BPF_CGROUP_UDP6_SENDMSG : BPF_CGROUP_UDP4_SENDMSG;
	int cgroup = enter_group(_metadata, type, false, 0);
	int fd = wsp_socket(SOCK_DGRAM, self->row);

	EXPECT_EQ(-1, sendto(fd, "data", 4, 0, &self->peer.sa,
			     name_len(&self->peer)));
	EXPECT_EQ(EPERM, errno);
	leave_group(_metadata, cgroup, type);
	EXPECT_EQ(4, sendto(fd, "data", 4, 0, &self->peer.sa,
			    name_len(&self->peer)));
}

/*
 * Landlock's rules for TCP (its ABI 4) and UDP (10), younger than the headers
 * these tests are built with.
 */
#define NET_BIND_TCP	0x1
#define NET_CONNECT_TCP	0x2
#define NET_BIND_UDP	0x4
#define NET_CONNECT_UDP	0x8
#define RULE_NET_PORT	2

/* From here on @bind is allowed for no port, and @connect for @port only. */
static bool landlock(__u64 bind, __u64 connect, int port)
{
	const struct {
		__u64 fs, net;
	} handled = { .net = bind | connect };
	const struct {
		__u64 access, port;
	} rule = { connect, port };
	int fd;

	fd = syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	return fd >= 0 &&
	       !syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &rule, 0) &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_landlock_restrict_self, fd, 0);
}

TEST_F(policy, F_04_E_18_landlock)
{
	int fd = wsp_socket(SOCK_STREAM, self->row);
	union name other = self->live;

	if (!landlock(NET_BIND_TCP, NET_CONNECT_TCP, name_port(&self->live)))
		SKIP(return, "F_04: this kernel's Landlock has no rules for TCP");
	other.in.sin_port = htons(name_port(&other) ^ 1);
	EXPECT_EQ(WSAEACCES, full_connect(self->row, fd, &other));
	EXPECT_EQ(-1, bind_port(fd, self->row->family, "0.0.0.0", "::", 4711));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, full_connect(self->row, fd, &self->live));
}

TEST_F(policy, F_04_E_18_landlock_dgram)
{
	int fd = wsp_socket(SOCK_DGRAM, self->row);
	int unbound = wsp_socket(SOCK_DGRAM, self->row);
	union name other = self->peer;

	ASSERT_EQ(0, bind_port(fd, self->row->family, "0.0.0.0", "::", 0));
	if (!landlock(NET_BIND_UDP, NET_CONNECT_UDP, name_port(&self->peer)))
		SKIP(return, "F_04: this kernel's Landlock has no rules for UDP");
	other.in.sin_port = htons(name_port(&other) ^ 1);
	EXPECT_EQ(WSAEACCES, full_connect(self->row, fd, &other));
	EXPECT_EQ(0, full_connect(self->row, fd, &self->peer));
	EXPECT_EQ(-1, sendto(fd, "", 1, 0, &other.sa, name_len(&other)));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(1, send(fd, "", 1, 0));
	/* It would take a port. */
	EXPECT_EQ(WSAEACCES, full_connect(self->row, unbound, &self->peer));
	EXPECT_EQ(-1, bind_port(unbound, self->row->family, "0.0.0.0", "::", 4711));
	EXPECT_EQ(EACCES, errno);
}

/* A profile that knows of no network: enter it, and sockets are of no use. */
static bool apparmor(void)
{
	static const char load[] =
		"mountpoint -q /sys/kernel/security ||"
		" mount -t securityfs none /sys/kernel/security;"
		"echo 'profile wsp-test { file, signal, network unix, }' |"
		" apparmor_parser -qKr";

	return !system(load) &&
	       !write_file("/proc/self/attr/apparmor/current",
			   "changeprofile wsp-test");
}

TEST_F(policy, F_04_E_18_apparmor)
{
	int fd = wsp_socket(SOCK_STREAM, self->row);
	int udp = wsp_socket(SOCK_DGRAM, self->row);
	int plain = socket(self->row->family, SOCK_STREAM, 0);

	if (access("/sys/module/apparmor", F_OK))
		SKIP(return, "F_04: this kernel has no AppArmor");
	ASSERT_TRUE(apparmor());
	EXPECT_EQ(-1, connect(plain, &self->live.sa, name_len(&self->live)));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(WSAEACCES, full_connect(self->row, fd, &self->live));
	EXPECT_EQ(WSAEACCES, full_connect(self->row, udp, &self->peer));
	EXPECT_EQ(-1, bind_port(fd, self->row->family, "0.0.0.0", "::", 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, listen(fd, 1));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-EACCES, create(SOCK_STREAM, WSPPROTO_IPV4));
}

WSP_TEST_MAIN
