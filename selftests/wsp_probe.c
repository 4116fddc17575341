// SPDX-License-Identifier: GPL-2.0
/*
 * For wsp_run.sh and wsp_supervisor.sh: which of a program's sockets are AF_WSP,
 * and what else is true of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/wsp.h>

/* The kernel looks at the lower half of a register only. */
#ifdef RAW
#define HIGHER	((unsigned long)~0U + 1)	/* 0 where it is 32 bits long */
#define socket(domain, type, protocol) \
	((int)syscall(SYS_socket, (domain) + HIGHER, (type) + HIGHER, (protocol) + HIGHER))
#endif

#ifdef GO	/* the note of Go's linker */
__asm__(".pushsection .note.go.buildid, \"a\", %note\n"
	".long 4, 1, 4\n.ascii \"Go\\0\\0x\\0\\0\\0\"\n.popsection");
#endif

#ifdef CGO	/* what Go's programs have without it, if they use C */
char mark[] __attribute__((used)) = "\xff Go buildinf:";
#endif

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

static unsigned long long netns_of(int fd)
{
	unsigned long long cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len);
	return cookie;
}

static void probe(const char *what, int domain, int type, int protocol)
{
	const int local = socket(AF_UNIX, SOCK_STREAM, 0);
	const int fd = socket(domain, type, protocol);
	struct wsp_info info = { 0 };
	struct stat st;

	printf("%s:", what);
	if (fd < 0) {
		printf(" %s\n", strerror(errno));
		close(local);
		return;
	}
	if (ioctl(fd, WSP_IOC_INFO, &info))
		printf(" plain");
	else
		printf(" wsp %s %s", info.type == SOCK_DGRAM ? "dgram" : "stream",
		       info.protocol == WSPPROTO_IPV6 ? "ipv6" : "ipv4");
	if (fcntl(fd, F_GETFL) & O_NONBLOCK)
		printf(" nonblock");
	if (fcntl(fd, F_GETFD) & FD_CLOEXEC)
		printf(" cloexec");
	if (netns_of(fd) != netns_of(local))
		printf(" elsewhere");
	if (!fstat(fd, &st) && st.st_uid != geteuid())
		printf(" of user %u", st.st_uid);
	printf("\n");
	close(fd);
	close(local);
}

static void *in_thread(void *arg)
{
	(void)arg;
	probe("thread", AF_INET, SOCK_STREAM, 0);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	setvbuf(stdout, NULL, _IOLBF, 0);
	probe("stream", AF_INET, SOCK_STREAM, 0);
	probe("tcp", AF_INET, SOCK_STREAM, IPPROTO_TCP);
	probe("dgram", AF_INET, SOCK_DGRAM, 0);
	probe("udp", AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	probe("stream6", AF_INET6, SOCK_STREAM, 0);
	probe("udp6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	probe("nonblock", AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	probe("cloexec", AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	probe("both", AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	probe("udplite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
	probe("wrong", AF_INET, SOCK_STREAM, IPPROTO_UDP);
	probe("unix", AF_UNIX, SOCK_STREAM, 0);
	probe("netlink", AF_NETLINK, SOCK_DGRAM, 0);

	if (!pthread_create(&thread, NULL, in_thread, NULL))
		pthread_join(thread, NULL);
	if (!fork()) {
		probe("child", AF_INET, SOCK_STREAM, 0);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 42;
}
