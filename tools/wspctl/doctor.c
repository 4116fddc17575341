// SPDX-License-Identifier: GPL-2.0
/* One check a line: what was looked at, what is wrong, what to do. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "wspctl.h"

#define CONNECT_TIMEOUT	3000	/* milliseconds */

enum verdict { OK, NOTE, BAD };

static struct json_object *checks;
static char finding[512];
static bool sound = true;

static void add_check(const char *check, enum verdict verdict)
{
	static const char *const words[] = { "ok", "note", "FAIL" };
	struct json_object *row = json_object_new_object();

	add_string(row, "check", check);
	add_string(row, "verdict", words[verdict]);
	add_string(row, "finding", finding);
	json_object_array_add(checks, row);
	sound = sound && verdict != BAD;
}

/* What is found, as by printf(3). */
#define report(check, verdict, ...) \
	(snprintf(finding, sizeof(finding), __VA_ARGS__), add_check(check, verdict))

/* Does a command succeed? Its output goes nowhere. */
static bool succeeds(const char *const argv[])
{
	int status = 1, null;
	pid_t pid = fork();

	if (!pid) {
		setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
		null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static bool installed_for(const char *release)
{
	return succeeds((const char *[]){ "modinfo", "-k", release, "wspfam", NULL });
}

/* Another kernel that the module is installed for, or NULL. */
static const char *other_kernel(char *name, size_t size)
{
	DIR *dir = opendir("/lib/modules");
	const char *found = NULL;
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || !installed_for(entry->d_name))
			continue;
		snprintf(name, size, "%s", entry->d_name);
		found = name;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void check_headers(const char *release)
{
	char path[256];

	snprintf(path, sizeof(path), "/lib/modules/%.100s/build/include/config/auto.conf",
		 release);
	if (!access(path, R_OK))
		report("headers", OK, "those of kernel %s are there", release);
	else
		report("headers", BAD,
		       "none to build the module with; apt-get install linux-headers-%s",
		       release);
}

/* And what to do about it; all verbs say the same. */
const char *why_not_loaded(const char *release)
{
	static char text[512];
	char other[256];

	if (access("/sys/module", F_OK))
		return "whether wspfam is loaded cannot be told: /sys is not there";
	if (installed_for(release))
		return "wspfam is not loaded; modprobe wspfam";
	if (other_kernel(other, sizeof(other)))
		snprintf(text, sizeof(text),
			 "wspfam is not loaded, and installed for kernel %.80s, but %.80s runs; dkms autoinstall, make install, or boot that one",
			 other, release);
	else
		snprintf(text, sizeof(text),
			 "wspfam is not loaded, nor installed for kernel %.80s; install wspfam-dkms, or make install",
			 release);
	return text;
}

/* The headers matter as long as the module is to be built only. */
static void check_module(const char *release)
{
	if (family_number()) {
		report("module", OK, "wspfam is loaded, on kernel %s", release);
		return;
	}
	report("module", BAD, "%s", why_not_loaded(release));
	if (!access("/sys/module", F_OK) && !installed_for(release))
		check_headers(release);
}

/* What would keep a module from being loaded. */
static void check_signature(void)
{
	char line[128] = "";

	if (family_number())
		return;
	if (!read_line("/sys/kernel/security/lockdown", line, sizeof(line)) &&
	    !strstr(line, "[none]"))
		report("signature", BAD,
		       "the kernel is locked down and takes signed modules only; sign wspfam.ko with a key that it trusts");
	else if (!read_line("/sys/module/module/parameters/sig_enforce", line,
			    sizeof(line)) && *line == 'Y')
		report("signature", BAD,
		       "the kernel takes signed modules only; sign wspfam.ko with a key that it trusts");
	else
		report("signature", OK, "modules need not be signed");
}

static void check_family(void)
{
	const int family = family_number();
	int fd;

	if (family == AF_WSP) {
		report("family", OK, "%d, the header's AF_WSP", family);
		return;
	}
	if (family) {
		report("family", NOTE,
		       "%d, not the header's AF_WSP (%d): programs have to ask " SYSFS_FAMILY,
		       family, AF_WSP);
		return;
	}
	fd = socket(AF_WSP, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 && errno == EAFNOSUPPORT)
		report("family", OK, "the number %d is free", AF_WSP);
	else
		report("family", BAD,
		       "the number %d is another module's; modprobe wspfam family=13, 14 or 22",
		       AF_WSP);
	if (fd >= 0)
		close(fd);
}

static void check_groups(void)
{
	unsigned long first, last;
	gid_t groups[1024];
	int count;

	if (!group_range(&first, &last))
		return;
	count = getgroups(sizeof(groups) / sizeof(groups[0]) - 1, groups);
	count = count < 0 ? 0 : count;
	groups[count] = getegid();
	for (int i = 0; i <= count; i++) {
		if (groups[i] >= first && groups[i] <= last) {
			report("groups", OK, "group %u may create sockets (%lu to %lu)",
			       groups[i], first, last);
			return;
		}
	}
	report("groups", BAD,
	       "none of your groups may create sockets; sysctl net.wsp.create_group_range=\"0 4294967294\" lets all (it is %lu to %lu)",
	       first, last);
}

static void check_confinement(void)
{
	char label[256] = "", line[256] = "";

	if (read_line("/sys/kernel/security/lsm", line, sizeof(line)))
		snprintf(line, sizeof(line), "unknown");
	if (read_line("/proc/self/attr/current", label, sizeof(label)) || !*label ||
	    !strcmp(label, "unconfined") || strstr(label, "unconfined_t"))
		report("lsm", OK, "not confined (%s)", line);
	else
		report("lsm", NOTE,
		       "confined as '%s': its policy may refuse sockets; SELinux asks for the class socket",
		       label);
}

static void check_seccomp(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	int mode = 0;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "Seccomp: %d", &mode);
	if (file)
		fclose(file);
	if (mode)
		report("seccomp", NOTE,
		       "a filter is in force here, which may refuse the family or wspctl run --seccomp");
	else
		report("seccomp", OK, "no filter");
}

/* A connect that packets are dropped of would go on for minutes. */
static bool is_established(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = ETIMEDOUT;

	if (poll(&pfd, 1, CONNECT_TIMEOUT) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	errno = error;
	return !error;
}

static bool connects(int type)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	const int peer = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	const int fd = family_socket(type | SOCK_NONBLOCK, false);
	bool done;
	int error;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	done = !bind(peer, (struct sockaddr *)&to, len) &&
	       (type == SOCK_DGRAM || !listen(peer, 1)) &&
	       !getsockname(peer, (struct sockaddr *)&to, &len) &&
	       (!connect(fd, (struct sockaddr *)&to, len) ||
		((errno == EINPROGRESS || errno == EWOULDBLOCK) && is_established(fd)));
	error = errno;
	close(fd);
	close(peer);
	errno = error;
	return done;
}

static void check_sockets(void)
{
	struct wsp_info info = { 0 };
	int fd;

	if (!family_number())
		return;
	fd = family_socket(SOCK_STREAM, false);
	if (fd < 0) {
		report("sockets", BAD, "none can be created: %s%s", strerror(errno),
		       errno == EACCES ? "; see groups and lsm" : "");
		return;
	}
	if (ioctl(fd, WSP_IOC_INFO, &info) || info.abi != WSP_ABI)
		report("sockets", BAD,
		       "the module is of another version (abi %u, not %d); install the same one of both",
		       info.abi, WSP_ABI);
	else if (connects(SOCK_STREAM) && connects(SOCK_DGRAM))
		report("sockets", OK, "one of each type has connected, over 127.0.0.1");
	else
		report("sockets", BAD, "cannot connect to 127.0.0.1: %s; %s", strerror(errno),
		       errno == ETIMEDOUT ? "a firewall drops packets of lo" :
					    "ip link set lo up");
	close(fd);
}

static void check_tracefs(void)
{
	const char *const event = "/sys/kernel/tracing/events/wsp/wsp_rule/enable";

	if (!access(event, W_OK))
		report("tracefs", OK, "wspctl events can trace");
	else if (access("/sys/kernel/tracing/events", F_OK) && errno == ENOENT)
		report("tracefs", NOTE,
		       "not mounted, for wspctl events; mount -t tracefs nodev /sys/kernel/tracing");
	else if (errno == EACCES)
		report("tracefs", NOTE, "wspctl events is for root");
	else
		report("tracefs", NOTE, "there is no wsp:wsp_rule for wspctl events");
}

int cmd_doctor(int argc, char **argv)
{
	static const char *const columns[] = { "check", "verdict", "finding", NULL };
	struct utsname uts;
	int rc = no_more_options(argc, argv);

	if (rc)
		return rc;

	checks = json_object_new_array();
	uname(&uts);
	close(family_socket(SOCK_DGRAM, false));	/* as a program would begin */
	check_module(uts.release);
	check_signature();
	check_family();
	check_groups();
	check_confinement();
	check_seccomp();
	check_sockets();
	check_tracefs();
	if (as_json)
		print_json(checks);
	else
		print_table(checks, columns);
	json_object_put(checks);
	return sound ? DONE : FAILED;
}
