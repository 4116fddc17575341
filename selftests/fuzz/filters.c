// SPDX-License-Identifier: GPL-2.0
/*
 * BPF: sockmaps, and programs of a cgroup that rewrite names on their way to the
 * stack and back. The world's own sockets are in another cgroup.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "ops.h"

#define CGROUP	"/sys/fs/cgroup/wsp-fuzz"
#define MAP_SIZE	4

static int maps[2], cgroup = -1;
static bool mapped;

enum hook { CONNECT4, CONNECT6, SENDMSG4, SENDMSG6, RECVMSG4, RECVMSG6, HOOKS };

static const int hook_types[HOOKS] = {
	BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT,
	BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG,
	BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG,
};

static int programs[HOOKS];
static bool attached[HOOKS];

/* Where it is port @from, it becomes port @to. */
static int load_rewrite(int type, int from, int to)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1, .off = offsetof(struct bpf_sock_addr, user_port) },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_2, .off = 2,
		  .imm = htons(from) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2,
		  .imm = htons(to) },
		{ .code = BPF_STX | BPF_W | BPF_MEM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2, .off = offsetof(struct bpf_sock_addr, user_port) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, type, code, ARRAY_SIZE(code));
}

/* What the sockets of the second map receive passes by their psocks. */
static int load_pass(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = SK_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_load(BPF_PROG_TYPE_SK_SKB, 0, code, ARRAY_SIZE(code));
}

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_SOCKMAP,
		.key_size = 4, .value_size = 8, .max_entries = MAP_SIZE,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

void filters_init(void)
{
	int i, pass = load_pass();

	for (i = 0; i < 2; i++)
		maps[i] = make_map();
	if (pass < 0 || bpf_attach(BPF_PROG_ATTACH, maps[1], BPF_SK_SKB_VERDICT, pass))
		violation("no program for the sockmap: %s", strerror(errno));
	for (i = 0; i < HOOKS; i++) {
		const bool back = i >= RECVMSG4;

		programs[i] = load_rewrite(hook_types[i],
					   back ? PORT_TAKEN : PORT_OTHER,
					   back ? PORT_OTHER : PORT_TAKEN);
		if (programs[i] < 0)
			violation("no program to rewrite: %s", strerror(errno));
	}
	mkdir(CGROUP, 0755);
	cgroup = open(CGROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0 || write_file(CGROUP "/cgroup.procs", "0"))
		violation("no cgroup: %s", strerror(errno));
}

static int element(int cmd, int map, int key, int fd)
{
	unsigned long long value = fd;
	union bpf_attr attr = {
		.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&value,
	};

	return syscall(SYS_bpf, cmd, &attr, sizeof(attr));
}

/* Into a map or out of it. */
void op_sockmap(const struct op *op, struct slot *s)
{
	const int map = maps[op->a & 1], key = op->b % MAP_SIZE;
	int rc;

	if (op->c % 4 == 3)
		rc = element(BPF_MAP_DELETE_ELEM, map, key, 0);
	else
		rc = element(BPF_MAP_UPDATE_ELEM, map, key, s->fd);
	feature(250, rc ? errno : 0, op->a & 1);
	if (rc || op->c % 4 == 3)
		return;
	mapped = true;
	reset_on_close(s->fd);
	/* What its queue is now, and when something comes to it, is the map's. */
	s->d->m.odd = true;
	model_unqueue(&s->d->m);
}

void op_rewrite(const struct op *op, struct slot *s)
{
	const int hook = op->a % HOOKS;

	(void)s;
	if (attached[hook] == !(op->b & 1))
		return;
	if (bpf_attach(op->b & 1 ? BPF_PROG_DETACH : BPF_PROG_ATTACH, cgroup,
		       hook_types[hook], programs[hook]))
		violation("a program to rewrite: %s", strerror(errno));
	attached[hook] = !attached[hook];
}

/* What connect(2) makes of a name: where it really leads to. */
union name rewritten(const union name *given, bool v6)
{
	union name n = *given;

	/* By the name's own spelling: a mapped one is IPv6's. */
	if (name_port(&n) != PORT_OTHER || !attached[v6 ? CONNECT6 : CONNECT4])
		return n;
	if (n.sa.sa_family == AF_INET6)
		n.in6.sin6_port = htons(PORT_TAKEN);
	else
		n.in.sin_port = htons(PORT_TAKEN);
	return n;
}

/* Are the sources that are shown others than the real ones? */
bool sources_rewritten(void)
{
	return attached[RECVMSG4] || attached[RECVMSG6];
}

void filters_reset(void)
{
	int i;

	for (i = 0; i < HOOKS; i++) {
		if (attached[i])
			bpf_attach(BPF_PROG_DETACH, cgroup, hook_types[i], programs[i]);
		attached[i] = false;
	}
	for (i = 0; mapped && i < 2 * MAP_SIZE; i++)
		element(BPF_MAP_DELETE_ELEM, maps[i & 1], i / 2, 0);
	mapped = false;
}
