// SPDX-License-Identifier: GPL-2.0
/*
 * The seccomp filter of "wspctl run": it stops the calls by which a program gets
 * sockets, for every ABI that the machine's processors have. It is made by
 * libseccomp, which knows the numbers, and loaded without it, for the sake of a
 * flag that it does not know.
 */
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>

#include "run.h"
#include "wspctl.h"

/* An option of prctl(2) that no kernel has: the filter answers it. */
#define QUERY		0x57535051
#define SAYS_LAX	EXDEV
#define SAYS_STRICT	EXFULL

/* The ABIs of one machine; whichever wspctl has been built for is there already. */
static const uint32_t abis[][3] = {
	{ SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 },
	{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
	{ SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS, SCMP_ARCH_MIPS64N32 },
	{ SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL, SCMP_ARCH_MIPSEL64N32 },
	{ SCMP_ARCH_PPC64, SCMP_ARCH_PPC },
	{ SCMP_ARCH_S390X, SCMP_ARCH_S390 },
	{ SCMP_ARCH_PARISC64, SCMP_ARCH_PARISC },
};

#define MACHINES	(sizeof(abis) / sizeof(abis[0]))

static int add_abis(scmp_filter_ctx filter)
{
	const uint32_t native = seccomp_arch_native();
	size_t at = 0;
	int rc = 0;

	while (at < MACHINES && abis[at][0] != native && abis[at][1] != native &&
	       abis[at][2] != native)
		at++;
	for (size_t i = 0; at < MACHINES && i < 3 && !rc; i++) {
		if (abis[at][i] && abis[at][i] != native)
			rc = seccomp_arch_add(filter, abis[at][i]);
	}
	return rc;
}

/* The kernel looks at 32 bits of it, whatever else is in the register. */
#define FIRST_IS(value)	SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, value)

/* Where there is socketcall(2), libseccomp has it stopped for socket(2). */
static int add_rules(scmp_filter_ctx filter, bool strict)
{
	static const int rings[] = {
		SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
		SCMP_SYS(io_uring_register),
	};
	int rc;

	rc = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 1,
			      FIRST_IS(AF_INET)) ?:
	     seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 1,
			      FIRST_IS(AF_INET6)) ?:
	     seccomp_rule_add(filter, SCMP_ACT_ERRNO(strict ? SAYS_STRICT : SAYS_LAX),
			      SCMP_SYS(prctl), 1, FIRST_IS(QUERY));
	/* A ring makes sockets that no filter sees. */
	for (size_t i = 0; strict && i < sizeof(rings) / sizeof(rings[0]) && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), rings[i], 0);
	return rc;
}

/* The listener, or -1 and errno. */
static int load(const struct sock_fprog *program)
{
	const unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	/* Before Linux 5.19, a signal has the call made again. */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	return (int)fd;
}

/* @fd is a file with the instructions. */
static int load_file(int fd)
{
	struct sock_fprog program;
	struct stat st;
	void *code;
	int rc;

	if (fstat(fd, &st) || !st.st_size)
		return -1;
	code = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (code == MAP_FAILED)
		return -1;
	program.filter = code;
	program.len = st.st_size / sizeof(struct sock_filter);
	rc = load(&program);
	munmap(code, st.st_size);
	return rc;
}

/* The listener, or -1 and errno. Calls of an ABI without rules fail. */
int install_filter(bool strict)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const int fd = memfd_create("wspctl-filter", MFD_CLOEXEC);
	int rc = -ENOMEM, listener = -1;

	if (filter && fd >= 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				      SCMP_ACT_ERRNO(EPERM)) ?:
		     add_abis(filter) ?: add_rules(filter, strict) ?:
		     seccomp_export_bpf(filter, fd);
	if (rc)
		errno = -rc;
	else
		listener = load_file(fd);
	rc = errno;
	if (filter)
		seccomp_release(filter);
	if (fd >= 0)
		close(fd);
	errno = rc;
	return listener;
}

enum around filter_around(void)
{
	if (prctl(QUERY, 0, 0, 0, 0) >= 0)
		return AROUND_NONE;
	switch (errno) {
	case SAYS_LAX:
		return AROUND_LAX;
	case SAYS_STRICT:
		return AROUND_STRICT;
	default:
		return AROUND_NONE;
	}
}

/* Its arguments are in memory, unlike those of socket(2). */
bool is_socketcall(const struct seccomp_data *call)
{
	return call->nr == seccomp_syscall_resolve_name_arch(call->arch, "socketcall");
}
