// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "wsp_test.h"

int netns[2] = { -1, -1 };

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(KSFT_FAIL);
}

void enter(enum place place)
{
	if (setns(netns[place], CLONE_NEWNET))
		die("cannot enter the namespace");
}

/* Runs a shell command in one of the namespaces; it has to succeed. */
void run_in(enum place place, const char *command)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (!pid) {
		enter(place);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		errno = ECHILD;
		die(command);
	}
}

/*
 * The two links' own addresses come when the link is up, and are two changes each: the
 * second one when nobody else on the link has said that he has it.
 */
void await_addresses(void)
{
	run_in(HERE, "for i in $(seq 100); do"
	       " [ $(ip -6 -o addr show scope link -tentative | wc -l) = 2 ] && exit;"
	       " sleep 0.1; done; exit 1");
}

static void make_namespace(enum place place)
{
	if (unshare(CLONE_NEWNET))
		die("cannot make a network namespace (are you root?)");
	netns[place] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (netns[place] < 0)
		die("cannot open the namespace");
}

static void make_network(void)
{
	char command[2048];

	make_namespace(THERE);
	make_namespace(HERE);
	snprintf(command, sizeof(command),
		 "ip -batch - <<-END\n"
		 "link set lo up\n"
		 "link add wsp-a type veth peer name wsp-a netns /proc/%1$d/fd/%2$d\n"
		 "link add wsp-b type veth peer name wsp-b netns /proc/%1$d/fd/%2$d\n"
		 "addr add 192.0.2.1/24 broadcast + dev wsp-a\n"
		 "addr add 198.51.100.1/24 broadcast + dev wsp-b\n"
		 "addr add 2001:db8:a::1/64 dev wsp-a nodad\n"
		 "addr add 2001:db8:b::1/64 dev wsp-b nodad\n"
		 "link set wsp-a up\n"
		 "link set wsp-b up\n"
		 "neigh add 192.0.2.99 lladdr 02:00:00:00:00:99 dev wsp-a\n"
		 "neigh add 2001:db8:a::99 lladdr 02:00:00:00:00:99 dev wsp-a\n"
		 "END\n", getpid(), netns[THERE]);
	run_in(HERE, command);
	run_in(THERE, "ip -batch - <<-END\n"
		 "link set lo up\n"
		 "addr add 192.0.2.2/24 broadcast + dev wsp-a\n"
		 "addr add 198.51.100.2/24 broadcast + dev wsp-b\n"
		 "addr add 2001:db8:a::2/64 dev wsp-a nodad\n"
		 "addr add 2001:db8:b::2/64 dev wsp-b nodad\n"
		 "link set wsp-a up\n"
		 "link set wsp-b up\n"
		 "END\n"
		 "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
}

static bool module_is_loaded(void)
{
	int fd = socket(AF_WSP, SOCK_STREAM, WSPPROTO_IPV4);
	struct wsp_info info;
	bool loaded = fd >= 0 && !ioctl(fd, WSP_IOC_INFO, &info);

	close(fd);
	return loaded;
}

int test_main(int argc, char **argv, int (*run)(int, char **))
{
	if (!PLAIN && !module_is_loaded()) {
		printf("1..0 # SKIP wspfam.ko is not loaded as family %d\n",
		       AF_WSP);
		return KSFT_SKIP;
	}
	make_network();
	return run(argc, argv);
}

/* An AF_WSP socket in the present namespace, or a negative errno. */
int wsp_socket(int type, const struct row *row)
{
	const bool v6 = row->family == AF_INET6;
	int fd;

	type |= row->nonblocking ? SOCK_NONBLOCK : 0;
	if (PLAIN)
		fd = socket(row->family, type, 0);
	else
		fd = socket(AF_WSP, type, v6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4);
	return fd < 0 ? -errno : fd;
}

int plain_socket(enum place place, int family, int type)
{
	int fd;

	enter(place);
	fd = socket(family, type, 0);
	enter(HERE);
	if (fd < 0)
		die("cannot make a socket");
	return fd;
}

int bind_port(int fd, int family, const char *v4, const char *v6, int port)
{
	union name name = name_of(family, v4, v6, port);

	return bind(fd, &name.sa, name_len(&name));
}

/* A plain listener on every address; its port is local_port()'s. */
int listener(enum place place, int family)
{
	int fd = plain_socket(place, family, SOCK_STREAM);

	if (bind_port(fd, family, "0.0.0.0", "::", 0) || listen(fd, 16))
		die("cannot listen");
	return fd;
}

/* A plain datagram socket bound to an address of @place. */
int receiver(enum place place, int family, enum host host)
{
	int fd = plain_socket(place, family, SOCK_DGRAM);
	union name name = name_host(family, host, 0);

	if (bind(fd, &name.sa, name_len(&name)))
		die("cannot bind");
	return fd;
}

/*
 * The code that connect(2) on AF_WSP means by an errno. It stands here by
 * itself, so that the module's own table is tested against it.
 */
int code_of_errno(int error)
{
	static const struct {
		int error, code;
	} map[] = {
		{ EINTR, WSAEINTR }, { EACCES, WSAEACCES },
		{ EFAULT, WSAEFAULT }, { EINVAL, WSAEINVAL },
		{ EINPROGRESS, WSAEWOULDBLOCK }, { EBUSY, WSAEINPROGRESS },
		{ EALREADY, WSAEALREADY }, { ENOTSOCK, WSAENOTSOCK },
		{ EBADF, WSAENOTSOCK }, { EPROTONOSUPPORT, WSAEPROTONOSUPPORT },
		{ EOPNOTSUPP, WSAEOPNOTSUPP },
		{ EAFNOSUPPORT, WSAEAFNOSUPPORT }, { EADDRINUSE, WSAEADDRINUSE },
		{ EADDRNOTAVAIL, WSAEADDRNOTAVAIL }, { ENETDOWN, WSAENETDOWN },
		{ ENETUNREACH, WSAENETUNREACH }, { ENOBUFS, WSAENOBUFS },
		{ EISCONN, WSAEISCONN }, { ETIMEDOUT, WSAETIMEDOUT },
		{ ECONNREFUSED, WSAECONNREFUSED },
	};
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if (map[i].error == error)
			return map[i].code;
	}
	return -error;
}

/* What the kernel says is the code, or a negative errno. */
int ask_code(int fd, int error, int source)
{
	struct wsp_code arg = { .error = error, .source = source };

	if (PLAIN)
		return code_of_errno(error);
	return ioctl(fd, WSP_IOC_CODE, &arg) ? -errno : (int)arg.code;
}

/*
 * connect(2) and the ioctl have to agree. The errno alone says it, except
 * where the system call layer refused the name.
 */
static int try_connect2(int fd, const void *name, int len)
{
	int code, error;

	if (!connect(fd, name, len))
		return 0;
	error = errno;
	code = ask_code(fd, error, WSP_CODE_CONNECT);
	if (error == EFAULT || error == EINVAL)
		return code;
	if (code != code_of_errno(error)) {
		printf("# connect(2) gave errno %d, the ioctl code %d\n",
		       error, code);
		return -error;
	}
	return code;
}

/* One call to connect by the row's surface: 0, or the code it gave. */
int try_connect(const struct row *row, int fd, const void *name, int len)
{
	int code = 0;

	if (PLAIN || row->surface == CONNECT)
		return try_connect2(fd, name, len);
	if (!WSPConnect(fd, name, len, NULL, NULL, NULL, NULL, &code))
		return 0;
	return code;
}

/*
 * The outcome of an attempt that is under way: 0, or its code. An ICMP error
 * makes POLLERR a moment before it ends the attempt.
 */
int finish_connect(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	long end = now_ms() + DEADLINE_MS;
	int error;

	while (!(p.revents & (POLLOUT | POLLHUP))) {
		if (now_ms() > end)
			return WSAETIMEDOUT;
		poll(&p, 1, DEADLINE_MS);
	}
	error = so_error(fd);
	return error ? ask_code(fd, error, WSP_CODE_SO_ERROR) : 0;
}

/* An attempt to its end, in the row's blocking mode: 0, or its code. */
int full_connect(const struct row *row, int fd, const union name *name)
{
	int code = try_connect(row, fd, name, name_len(name));

	if (row->nonblocking && code == WSAEWOULDBLOCK)
		return finish_connect(fd);
	return code;
}

void *block_in_connect(void *arg)
{
	struct blocked *b = arg;

	b->code = try_connect(b->row, b->fd, &b->name, name_len(&b->name));
	return NULL;
}

int so_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		die("cannot read SO_ERROR");
	return error;
}

/* By WSPIoctl; its code. */
int set_blocking(int fd, bool blocking)
{
	ULONG on = !blocking;
	DWORD n;

	return OUTCOME(WSPIoctl(fd, FIONBIO, &on, sizeof(on), NULL, 0, &n, NULL, NULL,
				NULL, &code));
}

/* A connection ends with RST. */
void close_by_reset(int fd)
{
	const struct linger abortive = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive));
	close(fd);
}

/* Whoever is there hears nothing of here, until he is found again. */
void lose_peer(bool lost)
{
	if (lost)
		run_in(THERE, "nft 'add table inet lost; add chain inet lost in "
		       "{ type filter hook input priority 0; policy drop; }'");
	else
		run_in(THERE, "nft delete table inet lost");
}

/* Two pages, of which the second cannot be touched: the end of the first. */
char *page_end(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + 4096, 4096, PROT_NONE))
		abort();
	return p + 4096;
}

/* SO_SNDTIMEO or SO_RCVTIMEO. */
int set_timeo(int fd, int name, int ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	return setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

bool goes_on(const WSAOVERLAPPED *o)
{
	return __atomic_load_n(&o->Internal, __ATOMIC_SEQ_CST) == 0x103;
}

/* Is there something to send, nothing on its way, and so no room at the peer's? */
static bool is_stuck(int fd)
{
	int queued = 0, unsent = 0;

	return !ioctl(fd, SIOCOUTQ, &queued) && !ioctl(fd, SIOCOUTQNSD, &unsent) &&
	       unsent && unsent == queued;
}

bool fill_up(int fd)
{
	static char data[1 << 16];
	const long end = now_ms() + DEADLINE_MS;
	int small = 4096;
	bool full;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	do {
		full = is_stuck(fd);
		while (send(fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			full = false;
		usleep(full ? 0 : 1000);
	} while (!full && now_ms() < end);
	return full;
}

ssize_t receive_bytes(int fd, size_t most)
{
	static char data[1 << 16];
	size_t total = 0;
	ssize_t n = 0;

	while (total < most && (n = recv(fd, data, sizeof(data), 0)) > 0)
		total += (size_t)n;
	return n < 0 ? -1 : (ssize_t)total;
}

/* Waits for any of @events, errors included, up to the deadline. */
bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, DEADLINE_MS) == 1;
}

bool readable_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

char task_state(pid_t task)
{
	char path[32], state = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", task);
	stat = fopen(path, "r");
	if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (stat)
		fclose(stat);
	return state;
}

bool reaches_state(pid_t task, char state)
{
	const long end = now_ms() + DEADLINE_MS;
	bool reached;

	while (!(reached = task_state(task) == state) && now_ms() < end)
		usleep(1000);
	return reached;
}

/* The thread may not have said yet which it is. */
bool falls_asleep(const _Atomic pid_t *thread)
{
	const long end = now_ms() + DEADLINE_MS;
	int asleep = 0;

	while (now_ms() < end && asleep < 5) {
		asleep = *thread && task_state(*thread) == 'S' ? asleep + 1 : 0;
		usleep(1000);
	}
	return asleep == 5;
}

bool ends_in_time(pthread_t thread, void **result)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += DEADLINE_MS / 1000;
	return !pthread_timedjoin_np(thread, result, &ts);
}

bool event_is_set(WSAEVENT event)
{
	return WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0;
}

bool event_comes(WSAEVENT event)
{
	return WSAWaitForMultipleEvents(1, &event, FALSE, DEADLINE_MS, FALSE) ==
	       WSA_WAIT_EVENT_0;
}

/* Whatever it waits for, it has to end now. */
bool ends_by_kill(pid_t pid)
{
	long end = now_ms() + DEADLINE_MS;
	pid_t ended;
	int status;

	kill(pid, SIGKILL);
	while (!(ended = waitpid(pid, &status, WNOHANG)) && now_ms() < end)
		usleep(100);
	return ended == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* WSPSend and WSPRecv in short: 0, or the code. */
int wsp_send(int fd, const char *text)
{
	WSABUF buf = { .len = strlen(text), .buf = (char *)text };
	int code = 0;
	DWORD done;

	WSPSend(fd, &buf, 1, &done, 0, NULL, NULL, NULL, &code);
	return code;
}

int wsp_recv(int fd, char *data, unsigned int size)
{
	WSABUF buf = { .len = size, .buf = data };
	DWORD done, flags = 0;
	int code = 0;

	WSPRecv(fd, &buf, 1, &done, &flags, NULL, NULL, NULL, &code);
	return code;
}

bool told(int fd, union name to, const char *text)
{
	ssize_t len = strlen(text);

	return sendto(fd, text, len, 0, &to.sa, name_len(&to)) == len;
}

/*
 * Is @text the next datagram? With @from NULL it is asked for by recv(2), else
 * @from is its sender, unmapped.
 */
bool got(int fd, const char *text, union name *from)
{
	socklen_t len = sizeof(*from);
	char buf[64];
	ssize_t n;

	if (!wait_for(fd, POLLIN))
		return false;
	if (from)
		n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, &from->sa, &len);
	else
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (from)
		*from = name_unmap(*from);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, n);
}

/* By SCM_RIGHTS, over a socket of AF_UNIX. */
int send_descriptor(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -1;
}

int receive_descriptor(int sock)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* Ties @fd to @event for the events of @mask: 0, or a negative errno. */
int tie(int fd, int event, unsigned int mask)
{
	struct wsp_select arg = { .event = event, .mask = mask };

	return ioctl(fd, WSP_IOC_SELECT, &arg) ? -errno : 0;
}

/* Takes the record, and resets @event if it is not NOTHING. */
int take(int fd, int event, struct wsp_network_events *record)
{
	struct wsp_enum arg = { .record = (uintptr_t)record, .event = event };

	return ioctl(fd, WSP_IOC_ENUM, &arg) ? -errno : 0;
}

int bind_device(int fd, const char *dev)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev));
}

bool device_is(int fd, const char *want)
{
	socklen_t len = IFNAMSIZ;
	char dev[IFNAMSIZ] = "";

	return !getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, &len) &&
	       !strcmp(dev, want);
}

bool kind_open(struct kind *k, int family, int type)
{
	k->row = (struct row){ .family = family };
	k->type = type;
	k->fd = wsp_socket(type, &k->row);
	k->lfd = type == SOCK_STREAM ? listener(THERE, family) :
				       receiver(THERE, family, PEER_A);
	k->peer = -1;
	return k->fd >= 0;
}

/* The name of the listener or receiver there. */
union name kind_name(const struct kind *k)
{
	return name_host(k->row.family, PEER_A, local_port(k->lfd));
}

/* Connects the socket under test with a plain one, both ways. */
bool kind_join(struct kind *k)
{
	union name name = kind_name(k);

	if (try_connect(&k->row, k->fd, &name, name_len(&name)))
		return false;
	if (k->type == SOCK_STREAM) {
		k->peer = accept(k->lfd, NULL, NULL);
		return k->peer >= 0;
	}
	name = local_name(k->fd);
	k->peer = dup(k->lfd);
	return !connect(k->peer, &name.sa, name_len(&name));
}

/* A few bytes each way. */
bool kind_talk(int fd, int peer)
{
	return send(fd, "ping", 4, MSG_NOSIGNAL) == 4 && got(peer, "ping", NULL) &&
	       send(peer, "pong", 4, MSG_NOSIGNAL) == 4 && got(fd, "pong", NULL);
}

/* Does a file have a line with all of this? */
bool kernel_before(int major, int minor)
{
	struct utsname kernel;
	int has[2];

	if (uname(&kernel) || sscanf(kernel.release, "%d.%d", &has[0], &has[1]) != 2)
		die("cannot tell the kernel's version");
	return has[0] < major || (has[0] == major && has[1] < minor);
}

bool file_says(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	bool found = false;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		found = found || strstr(line, text);
	if (f)
		fclose(f);
	return found;
}

/* The number that a file begins with, or -1. */
long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* 0, or a negative errno. */
int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* The descriptor of a new program, or -1 and errno. */
int bpf_load(int type, int attach_type, const struct bpf_insn *code, int count)
{
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach_type,
		.insns = (uintptr_t)code,
		.insn_cnt = count,
		.license = (uintptr_t)"GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* BPF_PROG_ATTACH or BPF_PROG_DETACH, at a cgroup or a sockmap. */
int bpf_attach(int cmd, int target, int type, int prog)
{
	union bpf_attr attr = {
		.target_fd = target,
		.attach_bpf_fd = prog,
		.attach_type = type,
	};

	return syscall(SYS_bpf, cmd, &attr, sizeof(attr));
}
