// SPDX-License-Identifier: GPL-2.0
/*
 * init.c - process 1 of the test guest
 *
 * Loads the modules of the initramfs, puts an overlay over the host's root
 * (read-only), runs one command there and reports what became of it. /cfg holds
 * NUL-terminated "key=value" strings; the answers go to the port "status", one
 * line each. An emulated machine has virtio ports and the host's files by virtiofs
 * or 9p, User Mode Linux both by hostfs: its ports are files in the directory that
 * the key "ports" names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOT "/root"	/* the overlay, before it becomes / */
#define PORTS "/run/ports"	/* hostfs */
#define MAX_ARGS 4096

static char *cfg;
static size_t cfg_len;
static int status_fd = -1;

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdprintf(status_fd >= 0 ? status_fd : STDERR_FILENO, fmt, ap);
	va_end(ap);
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void __attribute__((noreturn)) fail(const char *what, const char *arg)
{
	say("fail %s %s: %s\n", what, arg, strerror(errno));
	power_off();
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void nap(void)
{
	usleep(5000);
}

/* The value of the next "key=" after *pos (NULL: the first), or NULL. */
static char *cfg_next(const char *key, char *pos)
{
	size_t len = strlen(key);
	char *p = pos ? pos + strlen(pos) + 1 : cfg;

	for (; p < cfg + cfg_len; p += strlen(p) + 1)
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

static int cfg_int(const char *key, int dflt)
{
	char *v = cfg_next(key, NULL);

	return v ? atoi(v) : dflt;
}

static void cfg_read(void)
{
	struct stat st;
	int fd = open("/cfg", O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		fail("open", "/cfg");
	cfg = calloc(1, st.st_size + 1);
	if (!cfg || read(fd, cfg, st.st_size) != st.st_size)
		fail("read", "/cfg");
	cfg_len = st.st_size;
	close(fd);
}

static void mkdirs(const char *path)
{
	char buf[4096];
	char *p;

	snprintf(buf, sizeof(buf), "%s", path);
	for (p = buf + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(buf, 0755);
		*p = '/';
	}
	mkdir(buf, 0755);
}

static void must_mount(const char *src, const char *dir, const char *type,
		       unsigned long flags, const char *opts)
{
	mkdirs(dir);
	if (mount(src, dir, type, flags, opts))
		fail("mount", dir);
}

static void insmod(const char *path, const char *args)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, args, 0) &&
		       errno != EEXIST))
		fail("insmod", path);
	close(fd);
}

/* The initramfs names them in the order in which they are to be loaded. */
static void load_boot_modules(void)
{
	struct dirent **list;
	char path[512];
	int i, n;

	n = scandir("/modules", &list, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", list[i]->d_name);
		insmod(path, "");
	}
}

static int try_file(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), PORTS "/%s", name);
	return open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

/* The port's name is in sysfs, its device in /dev under another name. */
static int try_virtio(const char *dev, const char *name)
{
	char path[512], buf[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", dev);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[strcspn(buf, "\n")] = 0;
	if (strcmp(buf, name))
		return -1;
	snprintf(path, sizeof(path), "/dev/%s", dev);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int try_port(const char *name)
{
	struct dirent *e;
	int fd = -1;
	DIR *d;

	if (cfg_next("ports", NULL))
		return try_file(name);
	d = opendir("/sys/class/virtio-ports");
	while (d && fd < 0 && (e = readdir(d)))
		fd = try_virtio(e->d_name, name);
	if (d)
		closedir(d);
	return fd;
}

/* Ports appear a little after their driver. */
static int open_port(const char *name)
{
	double end = now() + 30;
	int fd;

	while ((fd = try_port(name)) < 0 && now() < end)
		nap();
	errno = ETIMEDOUT;
	if (fd < 0)
		fail("open port", name);
	return fd;
}

static void mount_ports(const char *where)
{
	char *dir = cfg_next("ports", NULL);

	if (dir)
		must_mount("ports", where, "hostfs", 0, dir);
}

/* What the machine calls @share, below a layer of the guest's own, at @where. */
static void mount_share(const char *share, const char *where)
{
	char lower[64], rw[64], upper[80], work[80], opts[256];

	snprintf(lower, sizeof(lower), "/shares/%s", share);
	snprintf(rw, sizeof(rw), "/rw/%s", share);
	snprintf(upper, sizeof(upper), "%s/upper", rw);
	snprintf(work, sizeof(work), "%s/work", rw);
	if (cfg_next("ports", NULL))
		must_mount(share, lower, "hostfs", MS_RDONLY, "/");
	else if (cfg_next("virtiofs", NULL))
		must_mount(share, lower, "virtiofs", MS_RDONLY, NULL);
	else
		must_mount(share, lower, "9p", MS_RDONLY,
			   "trans=virtio,version=9p2000.L,msize=512000,cache=loose");
	must_mount("tmpfs", rw, "tmpfs", 0, "mode=755");
	mkdirs(upper);
	mkdirs(work);
	snprintf(opts, sizeof(opts), "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
	must_mount("overlay", where, "overlay", 0, opts);
}

/* Where the root is not the host's own, its files are elsewhere. */
static void mount_host(void)
{
	mount_share("root", ROOT);
	if (cfg_next("foreign", NULL))
		mount_share("host", "/layer");
	else
		must_mount(ROOT, "/layer", NULL, MS_BIND, NULL);
}

static void mount_api(void)
{
	static const char * const list[][3] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
		{ "devpts", "/dev/pts", "gid=5,mode=620,ptmxmode=666" },
		{ "tmpfs", "/dev/shm", "mode=1777" },
		{ "tmpfs", "/run", "mode=755" },
		{ "cgroup2", "/sys/fs/cgroup" },
		{ "bpf", "/sys/fs/bpf" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
		{ "securityfs", "/sys/kernel/security" },
	};
	char dir[256];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		snprintf(dir, sizeof(dir), ROOT "%s", list[i][1]);
		must_mount(list[i][0], dir, list[i][0], 0, list[i][2]);
	}
	mount_ports(ROOT PORTS);
	symlink("/proc/self/fd", ROOT "/dev/fd");
	symlink("fd/0", ROOT "/dev/stdin");
	symlink("fd/1", ROOT "/dev/stdout");
	symlink("fd/2", ROOT "/dev/stderr");
}

/* Directories that the mounts above may have hidden, e.g. below /run, or that are not
 * the root's.
 */
static void mount_kept(void)
{
	char dst[4096], src[4096];
	char *dir = NULL;

	while ((dir = cfg_next("keep", dir))) {
		snprintf(dst, sizeof(dst), ROOT "%s", dir);
		snprintf(src, sizeof(src), "/layer%s", dir);
		if (access(dst, F_OK) && !access(src, F_OK))
			must_mount(src, dst, NULL, MS_BIND, NULL);
	}
}

/* The guest's own /lib/modules/RELEASE, from the host's cache. */
static void mount_modules(void)
{
	char src[4096], dst[4096];
	char *dir = cfg_next("modules", NULL);

	if (!dir)
		return;
	snprintf(src, sizeof(src), "/layer%s", dir);
	snprintf(dst, sizeof(dst), ROOT "/lib/modules%s", strrchr(dir, '/'));
	must_mount(src, dst, NULL, MS_BIND, NULL);
}

static void switch_root(void)
{
	mount_api();
	mount_modules();
	mount_kept();
	umount2("/dev", MNT_DETACH);
	umount2("/sys", MNT_DETACH);
	umount2("/proc", MNT_DETACH);
	if (chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		fail("switch to", ROOT);
}

static void set_up_host(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		fail("ifup", "lo");
	close(fd);
	sethostname("wsp", 3);
}

static void set_up_env(void)
{
	char *e = NULL;

	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("TERM", "dumb", 1);
	while ((e = cfg_next("env", e)))
		putenv(e);
}

static void set_window(int fd)
{
	struct winsize ws = {
		.ws_row = cfg_int("rows", 24),
		.ws_col = cfg_int("cols", 80),
	};

	ioctl(fd, TIOCSWINSZ, &ws);
}

static void __attribute__((noreturn)) run_child(int in, int out, int err)
{
	static char *argv[MAX_ARGS + 1];
	char *dir = cfg_next("dir", NULL);
	char *a = NULL;
	sigset_t none;
	int n = 0;

	while (n < MAX_ARGS && (a = cfg_next("arg", a)))
		argv[n++] = a;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	if (isatty(0))
		ioctl(0, TIOCSCTTY, 1);
	if (dir && chdir(dir)) {
		dprintf(2, "%s: %s\n", dir, strerror(errno));
		_exit(126);
	}
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static pid_t spawn(int in, int out, int err)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork", "");
	if (!pid)
		run_child(in, out, err);
	return pid;
}

static void write_all(int fd, const char *buf, ssize_t len)
{
	ssize_t n;

	for (; len > 0; buf += n, len -= n) {
		n = write(fd, buf, len);
		if (n <= 0)
			return;
	}
}

/* Copy what there is; true while more may come. */
static bool pump(struct pollfd *p, int to)
{
	char buf[16384];
	ssize_t n = read(p->fd, buf, sizeof(buf));

	if (n > 0)
		write_all(to, buf, n);
	else if (!n)
		p->fd = -1;
	return n > 0;
}

/* What each processor does and who is blocked, for the log of a hang. */
static void dump_state(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY);

	write_all(fd, "l", 1);
	write_all(fd, "w", 1);
	close(fd);
}

static bool reap(pid_t pid, int *wstatus)
{
	bool ours = false;
	pid_t p;
	int ws;

	while ((p = waitpid(-1, &ws, WNOHANG)) > 0) {
		if (p != pid)
			continue;
		*wstatus = ws;
		ours = true;
	}
	return ours;
}

/*
 * Reap orphans and carry output until the command ends or its time is up. The
 * host takes the guest for hung when it does not hear of that any more.
 */
static int supervise(pid_t pid, struct pollfd *src, const int *dst, int nsrc)
{
	double end = now() + cfg_int("timeout", 1 << 30), said = now();
	struct timespec tick = { .tv_sec = 1 };
	bool done = false;
	sigset_t none;
	int ws = 0, i;

	sigemptyset(&none);
	while (!done) {
		ppoll(src, nsrc, &tick, &none);
		done = reap(pid, &ws);
		if (now() - said >= 10) {
			say("alive\n");
			said = now();
		}
		if (!done && now() > end) {
			dump_state();
			say("timeout\n");
			done = true;
		}
		for (i = 0; i < nsrc; i++)
			if (src[i].fd >= 0 && (done || src[i].revents))
				while (pump(&src[i], dst[i]) && done)
					;
	}
	return WIFEXITED(ws) ? WEXITSTATUS(ws) : 128 + WTERMSIG(ws);
}

static int run_piped(void)
{
	int out[2], err[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int dst[2] = { open_port("out"), open_port("err") };
	struct pollfd src[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("pipe", "");
	say("ready %.1f\n", now());
	pid = spawn(null, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	src[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	src[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	return supervise(pid, src, dst, 2);
}

static int run_on_tty(void)
{
	int fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		fail("open", "/dev/hvc0");
	set_window(fd);
	say("ready %.1f\n", now());
	return supervise(spawn(fd, fd, fd), NULL, NULL, 0);
}

/* Nobody may be left who uses the module. */
static void kill_rest(void)
{
	double end = now() + 10;
	int ws;

	kill(-1, SIGKILL);
	while (waitpid(-1, &ws, WNOHANG) >= 0 && now() < end)
		nap();
}

static void __attribute__((noreturn)) rmmod_child(const char *name)
{
	double end = now() + 10;
	long rc;

	do {
		rc = syscall(SYS_delete_module, name, O_NONBLOCK);
	} while (rc && (errno == EAGAIN || errno == EBUSY) &&
		 now() < end && (nap(), 1));
	_exit(rc ? errno : 0);
}

/* Removal can hang in the kernel, so a child does it. */
static void rmmod(const char *name)
{
	double end = now() + 40;
	pid_t p = 0, pid = fork();
	int ws = 0;

	if (!pid)
		rmmod_child(name);
	while (now() < end && (p = waitpid(pid, &ws, WNOHANG)) == 0)
		nap();
	if (!p) {
		dump_state();
		say("rmmod %s: hangs in the kernel\n", name);
	} else if (!WIFEXITED(ws)) {
		say("rmmod %s: killed by signal %d\n", name, WTERMSIG(ws));
	} else if (WEXITSTATUS(ws)) {
		say("rmmod %s: %s\n", name, strerror(WEXITSTATUS(ws)));
	}
}

/* The module's name is the file's, without .ko and with underscores. */
static void module_name(const char *path, char *buf, size_t size)
{
	const char *base = strrchr(path, '/');
	char *p;

	snprintf(buf, size, "%s", base ? base + 1 : path);
	buf[strcspn(buf, ".")] = 0;
	for (p = buf; *p; p++)
		if (*p == '-')
			*p = '_';
}

static void insert_modules(void)
{
	char *m = NULL;
	pid_t pid;
	int ws;

	while ((m = cfg_next("modprobe", m))) {
		pid = fork();
		if (!pid) {
			execlp("modprobe", "modprobe", m, NULL);
			_exit(127);
		}
		if (waitpid(pid, &ws, 0) != pid || ws) {
			errno = ENOENT;
			fail("modprobe", m);
		}
	}
	while ((m = cfg_next("insmod", m)))
		insmod(m, "");
}

/* In the reverse order of their insertion. */
static void remove_modules(void)
{
	char *list[64], *m = NULL;
	char name[256];
	int n = 0;

	while (n < 64 && (m = cfg_next("insmod", m)))
		list[n++] = m;
	while (n--) {
		module_name(list[n], name, sizeof(name));
		rmmod(name);
	}
}

static void say_taint(void)
{
	unsigned long taint = 0;
	FILE *f = fopen("/proc/sys/kernel/tainted", "r");

	if (f && fscanf(f, "%lu", &taint) == 1)
		say("taint %lu\n", taint);
	if (f)
		fclose(f);
}

int main(void)
{
	sigset_t all;
	int rc;

	/* Blocked but not ignored: ppoll() in supervise() lets SIGCHLD in. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, (void (*)(int))nap);
	umask(022);
	must_mount("proc", "/proc", "proc", 0, NULL);
	must_mount("sysfs", "/sys", "sysfs", 0, NULL);
	must_mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	cfg_read();
	load_boot_modules();
	mount_ports(PORTS);
	status_fd = open_port("status");
	mount_host();
	switch_root();
	set_up_host();
	set_up_env();
	insert_modules();
	rc = cfg_next("rows", NULL) ? run_on_tty() : run_piped();
	kill_rest();
	remove_modules();
	say_taint();
	say("exit %d\n", rc);
	power_off();
}
