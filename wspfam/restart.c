// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "restart.h"

/* Of @pending, what the first signal to be delivered to a handler asks for. */
static int wsp_handler_errno(const struct sighand_struct *handlers,
			     sigset_t *pending)
{
	int sig;

	for (sig = 1; sig <= _NSIG; sig++) {
		const struct sigaction *sa = &handlers->action[sig - 1].sa;

		if (!sigismember(pending, sig) ||
		    sigismember(&current->blocked, sig) ||
		    sa->sa_handler == SIG_DFL || sa->sa_handler == SIG_IGN)
			continue;
		return sa->sa_flags & SA_RESTART ? -ERESTARTNOINTR : -EINTR;
	}
	return 0;
}

/*
 * Will the signal that ended a wait restart the call (C-12)? What is found here
 * holds, whatever else is pending by the time of the delivery. With no handler
 * yet, as for a thread that is to stop, it is left to one that may come.
 */
int wsp_signal_errno(void)
{
	struct sighand_struct *handlers = rcu_dereference_raw(current->sighand);
	int rc;

	/* No worker of io_uring makes a call again. */
	if (fatal_signal_pending(current) || current->flags & PF_IO_WORKER)
		return -EINTR;

	spin_lock_irq(&handlers->siglock);
	rc = wsp_handler_errno(handlers, &current->pending.signal) ?:
	     wsp_handler_errno(handlers, &current->signal->shared_pending.signal) ?:
	     -ERESTARTSYS;
	spin_unlock_irq(&handlers->siglock);
	return rc;
}
