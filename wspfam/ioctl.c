// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/inet_sock.h>
#include <net/tcp_states.h>

#include <linux/wsp.h>

#include "attempt.h"
#include "change.h"
#include "codes.h"
#include "connect.h"
#include "event.h"
#include "family.h"
#include "ioctl.h"
#include "keep.h"
#include "kind.h"
#include "poll.h"
#include "state.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"
#include "wait.h"

static u32 wsp_protocol(const struct socket *sock)
{
	return sock->sk->sk_family == AF_INET6 ? WSPPROTO_IPV6 : WSPPROTO_IPV4;
}

/*
 * What has come of a failed attempt (C-07), or of a stream's connection (T-04),
 * however often it was told.
 */
static u32 wsp_outcome(const struct socket *sock, enum wsp_state state)
{
	const struct sock *sk = sock->sk;

	if (state == WSP_STATE_FAILED)
		return wsp_attempt_code(sk, wsp_attempt_error(sock));
	if (state == WSP_STATE_CONNECTED && sock->type == SOCK_STREAM &&
	    inet_sk_state_load(sk) == TCP_CLOSE)
		return wsp_lost_code(wsp_stream_end(sk));
	return 0;
}

static int wsp_ioctl_info(struct socket *sock, void __user *argp)
{
	const enum wsp_state state = wsp_state_here(sock);
	struct wsp_info info = {
		.abi = WSP_ABI,
		.family = wsp_family(),
		.protocol = wsp_protocol(sock),
		.type = sock->type,
		.state = state,
		.events = wsp_event_mask(sock),
		.code = wsp_outcome(sock, state),
	};

	return copy_to_user(argp, &info, sizeof(info)) ? -EFAULT : 0;
}

/*
 * What the state says before anything else is looked at (C-04). Where it says
 * nothing, the call is one to connect all the same, and ends what C-07 keeps.
 */
static int wsp_state_error(struct socket *sock)
{
	return sock->type == SOCK_STREAM ? wsp_stream_asked(sock) : 0;
}

/*
 * The system call layer refuses names of its own accord, with EFAULT where
 * they cannot be read and EINVAL where their length is out of bounds: E-08,
 * unless the state would have spoken first (C-04). Nothing but a listening
 * stream makes the family say EINVAL.
 */
static int wsp_name_refused(struct socket *sock)
{
	return -(wsp_state_error(sock) ?: -EFAULT);
}

static int wsp_ioctl_code(struct socket *sock, void __user *argp)
{
	struct wsp_code arg;
	int error;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (!arg.error || arg.error > MAX_ERRNO || arg.reserved ||
	    arg.source > WSP_CODE_SO_ERROR)
		return -EINVAL;

	error = arg.error;
	if (arg.source == WSP_CODE_SO_ERROR)
		error = wsp_connect_error(sock->sk, error);
	else if (error == EFAULT || error == EINVAL)
		error = wsp_name_refused(sock);
	else if (error == EINTR && sock->type == SOCK_STREAM)
		wsp_stream_told(sock);
	arg.code = wsp_code(error);
	return copy_to_user(argp, &arg, sizeof(arg)) ? -EFAULT : 0;
}

static int wsp_get_args(struct wsp_args *args, void __user *argp)
{
	if (copy_from_user(args, argp, sizeof(*args)))
		return -EFAULT;
	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return 0;
}

/* E-14: best effort and no traffic are what IP gives anyone. */
static int wsp_judge_qos(u64 addr)
{
	struct wsp_qos qos;

	if (!addr)
		return 0;
	if (copy_from_user(&qos, u64_to_user_ptr(addr), sizeof(qos)))
		return -EFAULT;
	if (qos.sending.service_type > WSP_SERVICE_BESTEFFORT ||
	    qos.receiving.service_type > WSP_SERVICE_BESTEFFORT)
		return -EOPNOTSUPP;
	return 0;
}

/* C-10: it has to be written later, and is not before. */
static int wsp_judge_callee(u64 addr)
{
	struct wsp_buf __user *callee = u64_to_user_ptr(addr);
	u32 len;

	if (addr && (get_user(len, &callee->len) || put_user(len, &callee->len)))
		return -EFAULT;
	return 0;
}

static int wsp_judge_args(const struct wsp_args *args)
{
	struct wsp_buf caller = {};
	int sqos, gqos;

	if (args->caller_data &&
	    copy_from_user(&caller, u64_to_user_ptr(args->caller_data),
			   sizeof(caller)))
		return -EFAULT;
	if (wsp_judge_callee(args->callee_data))
		return -EFAULT;

	sqos = wsp_judge_qos(args->sqos);
	gqos = wsp_judge_qos(args->gqos);
	if (sqos == -EFAULT || gqos == -EFAULT)
		return -EFAULT;
	if (caller.len)
		return -EPROTONOSUPPORT;	/* E-15 */
	return sqos ?: gqos;
}

static int wsp_ioctl_judge(struct socket *sock, void __user *argp)
{
	struct wsp_args args;
	int rc;

	rc = wsp_get_args(&args, argp);
	if (rc || sock->type != SOCK_STREAM)	/* D-11 */
		return rc;

	rc = wsp_state_error(sock) ?: wsp_judge_args(&args);
	if (rc) {
		wsp_stats_connect(sock_net(sock->sk), rc);
		trace_wsp_rule(sock, NULL, NULL, rc);
	}
	return rc;
}

static int wsp_ioctl_callee(struct socket *sock, void __user *argp)
{
	struct wsp_buf __user *callee;
	struct wsp_args args;
	int rc;

	rc = wsp_get_args(&args, argp);
	if (rc || !args.callee_data)
		return rc;

	callee = u64_to_user_ptr(args.callee_data);
	rc = put_user(0, &callee->len);
	return sock->type == SOCK_STREAM ? rc : 0;	/* C-10, D-11 */
}

static int wsp_ioctl_select(struct socket *sock, void __user *argp)
{
	struct wsp_select arg;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.flags & ~WSP_SELECT_AS || arg.reserved)
		return -EINVAL;
	if (!arg.flags)
		return wsp_event_select(sock, arg.event, arg.mask);
	return arg.mask ? -EINVAL : wsp_event_select_as(sock, arg.event);
}

static int wsp_ioctl_enum(struct socket *sock, void __user *argp)
{
	struct wsp_enum arg;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved)
		return -EINVAL;
	return wsp_event_enum(sock, u64_to_user_ptr(arg.record), arg.event);
}

static int wsp_ioctl_enable(struct socket *sock, void __user *argp)
{
	const u32 events = WSP_FD_READ | WSP_FD_WRITE | WSP_FD_OOB | WSP_FD_ACCEPT;
	const u32 flags = WSP_ENABLE_HOLD | WSP_ENABLE_DEFERRED;
	struct wsp_enable arg;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.events & ~events || arg.flags & ~flags)
		return -EINVAL;
	if (!wsp_is_tied(sock))
		return 0;
	wsp_event_hold(sock, arg.flags & WSP_ENABLE_HOLD);
	wsp_event_again(sock, arg.events);
	if (arg.flags & WSP_ENABLE_DEFERRED)
		wsp_event_deferred(sock);
	return 0;
}

static int wsp_ioctl_wait(struct socket *sock, void __user *argp)
{
	struct wsp_wait arg;
	int rc;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.events & ~(POLLIN | POLLOUT | POLLPRI))
		return -EINVAL;
	rc = wsp_wait_ready(sock, &arg);
	return copy_to_user(argp, &arg, sizeof(arg)) ? -EFAULT : rc;
}

static int wsp_ioctl_keep(struct socket *sock, void __user *argp)
{
	struct wsp_keep arg;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved)
		return -EINVAL;
	wsp_keep(sock, &arg);
	return copy_to_user(argp, &arg, sizeof(arg)) ? -EFAULT : 0;
}

static int wsp_ioctl_change(struct socket *sock, void __user *argp)
{
	struct wsp_change arg;
	int rc;

	if (copy_from_user(&arg, argp, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved || (arg.event != WSP_FD_ROUTING_INTERFACE_CHANGE &&
			     arg.event != WSP_FD_ADDRESS_LIST_CHANGE) ||
	    arg.flags > WSP_CHANGE_LOOK || hweight32(arg.flags) > 1)
		return -EINVAL;
	rc = wsp_changes_ask(sock, &arg);
	if (!rc && copy_to_user(argp, &arg, sizeof(arg)))
		return -EFAULT;
	return rc;
}

static int wsp_own_ioctl(struct socket *sock, unsigned int cmd, void __user *argp)
{
	switch (cmd) {
	case WSP_IOC_INFO:
		return wsp_ioctl_info(sock, argp);
	case WSP_IOC_CODE:
		return wsp_ioctl_code(sock, argp);
	case WSP_IOC_JUDGE:
		return wsp_ioctl_judge(sock, argp);
	case WSP_IOC_CALLEE:
		return wsp_ioctl_callee(sock, argp);
	case WSP_IOC_SELECT:
		return wsp_ioctl_select(sock, argp);
	case WSP_IOC_ENUM:
		return wsp_ioctl_enum(sock, argp);
	case WSP_IOC_ENABLE:
		return wsp_ioctl_enable(sock, argp);
	case WSP_IOC_WAIT:
		return wsp_ioctl_wait(sock, argp);
	case WSP_IOC_CANCEL:
		wsp_wait_cancel(sock);
		return 0;
	case WSP_IOC_POLL:
		return wsp_poll_ioctl(argp);
	case WSP_IOC_KEEP:
		return wsp_ioctl_keep(sock, argp);
	case WSP_IOC_CHANGE:
		return wsp_ioctl_change(sock, argp);
	default:
		return -ENOIOCTLCMD;
	}
}

int wsp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	int rc;

	rc = wsp_own_ioctl(sock, cmd, (void __user *)arg);
	if (rc != -ENOIOCTLCMD)
		return rc;
	return wsp_native(sock)->ioctl(sock, cmd, arg);
}

#ifdef CONFIG_COMPAT
int wsp_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	int rc;

	rc = wsp_own_ioctl(sock, cmd, compat_ptr(arg));
	if (rc != -ENOIOCTLCMD)
		return rc;
	return wsp_native(sock)->compat_ioctl(sock, cmd, arg);
}
#endif

/* /proc/PID/fdinfo/N */
void wsp_show_fdinfo(struct seq_file *m, struct socket *sock)
{
	static const char * const names[] = {
		[WSP_STATE_IDLE]		= "idle",
		[WSP_STATE_LISTENING]		= "listening",
		[WSP_STATE_PENDING]		= "connecting",
		[WSP_STATE_BLOCKED]		= "blocked",
		[WSP_STATE_CONNECTED]		= "connected",
		[WSP_STATE_FAILED]		= "failed",
		[WSP_STATE_DISCONNECTED]	= "disconnected",
	};

	seq_printf(m, "wsp-protocol:\t%s\n",
		   wsp_protocol(sock) == WSPPROTO_IPV6 ? "ipv6" : "ipv4");
	seq_printf(m, "wsp-state:\t%s\n", names[wsp_state(sock)]);
	seq_printf(m, "wsp-events:\t%#x\n", wsp_event_mask(sock));
}
