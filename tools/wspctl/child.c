// SPDX-License-Identifier: GPL-2.0
/* A command as a child: what it is told, and how it has ended. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wspctl.h"

static struct sigaction former_sigchld;

/*
 * What a caller may have left out or changed. Descriptors that were closed are
 * kept from use, and closed again for a command; SIGCHLD is no longer ignored.
 */
void set_world_right(void)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	int fd;

	do {
		fd = open("/", O_PATH | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
	sigaction(SIGCHLD, &usual, &former_sigchld);
}

/* Becomes a command, as execvp(3) would, in the world as it was; or returns. */
void become_program(const char *path, char **argv)
{
	char **script;
	int count = 0;

	sigaction(SIGCHLD, &former_sigchld, NULL);
	execv(path, argv);
	if (errno == ENOEXEC) {
		while (argv[count])
			count++;
		script = calloc(count + 2, sizeof(*script));
		if (script) {
			script[0] = (char *)"/bin/sh";
			script[1] = (char *)path;
			memcpy(script + 2, argv + 1, count * sizeof(*script));
			execv(script[0], script);
		}
		free(script);
		errno = ENOEXEC;
	}
}

/* The terminal's signals reach the command by themselves. */
void pass_signal(pid_t pid, const struct signalfd_siginfo *info)
{
	if (info->ssi_code <= 0)
		kill(pid, (int)info->ssi_signo);
}

/* The signals that would end a process, but those that it brings upon itself. */
int open_signals(sigset_t *before)
{
	static const int left_alone[] = {
		SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE,
		SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGURG, SIGWINCH,
	};
	struct sigaction action;
	sigset_t mask;

	sigfillset(&mask);
	for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++)
		sigdelset(&mask, left_alone[i]);
	for (int sig = 1; sig < NSIG; sig++) {
		if (!sigaction(sig, NULL, &action) && action.sa_handler == SIG_IGN)
			sigdelset(&mask, sig);
	}
	sigprocmask(SIG_BLOCK, &mask, before);
	return signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The program's own end becomes this process's. */
static void __attribute__((noreturn)) end_as(int status)
{
	const int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	sigset_t none;

	if (sig) {
		signal(sig, SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0);	/* one core is enough */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		raise(sig);	/* which process 1 does not heed */
	}
	_exit(status_of(status));
}

static void __attribute__((noreturn)) watch(pid_t pid, int signals)
{
	struct pollfd pfd = { .fd = signals, .events = POLLIN };
	struct signalfd_siginfo info;
	int status;
	pid_t got;

	for (;;) {
		poll(&pfd, 1, -1);
		while (read(signals, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo != SIGCHLD) {
				pass_signal(pid, &info);
				continue;
			}
			while ((got = waitpid(-1, &status, WNOHANG)) > 0) {
				if (got == pid)
					end_as(status);
			}
		}
	}
}

/*
 * Orphans come to process 1, and to a subreaper: a program in that place would
 * find children that it has not made. It becomes a child then, and this process
 * is what it would have been to all others. Says whether the program was to be a
 * subreaper, which may be had again when nobody is left that it would get.
 */
bool stay_as_parent(void)
{
	int subreaper = 0, signals;
	sigset_t before;
	pid_t pid;

	prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
	if (getpid() != 1 && !subreaper)
		return false;
	signals = open_signals(&before);
	pid = fork();
	if (pid > 0)
		watch(pid, signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(signals);
	return subreaper;
}
