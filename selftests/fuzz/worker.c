// SPDX-License-Identifier: GPL-2.0
/* A second thread: it waits in connect(2), or does one operation beside. */
#include <semaphore.h>

#include "fuzz.h"

static pthread_t thread;
static sem_t go, done;
static bool busy;
static int kept = -1;

static struct {
	const struct op *op;	/* or NULL: connect */
	int fd, len;
	union name name;
	int error;
	bool over;
} job;

static void *work(void *arg)
{
	watchdog_thread(1);
	kcov_thread(1);
	for (;;) {
		while (sem_wait(&go))
			;
		if (job.op)
			run_op(job.op);
		else
			job.error = connect(job.fd, &job.name.sa, job.len) ?
				    errno : 0;
		__atomic_store_n(&job.over, true, __ATOMIC_RELEASE);
		sem_post(&done);
	}
	return arg;
}

static void ignore(int sig)
{
	(void)sig;
}

void worker_init(void)
{
	struct sigaction sa = { .sa_handler = ignore };

	sigaction(SIGUSR2, &sa, NULL);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	if (pthread_create(&thread, NULL, work, NULL)) {
		perror("wsp_fuzz: no second thread");
		exit(1);
	}
}

bool worker_busy(void)
{
	return busy;
}

bool worker_over(void)
{
	return __atomic_load_n(&job.over, __ATOMIC_ACQUIRE);
}

static void start(void)
{
	job.over = false;
	busy = true;
	sem_post(&go);
}

void worker_connect(int fd, const void *name, int len)
{
	job.op = NULL;
	job.fd = fd;
	job.len = len;
	memcpy(&job.name, name, len);
	start();
}

void worker_run(const struct op *op)
{
	job.op = op;
	start();
}

void worker_signal(int sig)
{
	if (busy)
		pthread_kill(thread, sig);
}

/*
 * A call that is made again after a signal goes by the number of the
 * descriptor: after it has been closed, it is not to be another socket's.
 */
void worker_keep_number(int fd)
{
	if (!busy || job.op || job.fd != fd || kept >= 0)
		return;
	kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (kept != fd) {
		dup2(kept, fd);
		close(kept);
		kept = fd;
	}
}

/* The errno that connect(2) came to; what waits for too long is interrupted. */
int worker_join(void)
{
	struct timespec ts;

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &ts);
		ts.tv_nsec += 60000000;
		if (ts.tv_nsec >= 1000000000) {
			ts.tv_nsec -= 1000000000;
			ts.tv_sec++;
		}
		if (!sem_timedwait(&done, &ts))
			break;
		pthread_kill(thread, SIGUSR2);
	}
	busy = false;
	if (kept >= 0)
		close(kept);
	kept = -1;
	return job.error;
}
