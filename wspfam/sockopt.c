// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/if.h>
#include <linux/minmax.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <uapi/linux/in6.h>

#include "connect.h"
#include "dgram.h"
#include "kind.h"
#include "note.h"
#include "sockopt.h"
#include "stats.h"
#include "stream.h"
#include "trace.h"

/* F-03: these would put other rules, or another table, in place of ours. */
static bool wsp_option_refused(const struct socket *sock, int level, int optname)
{
	if (level == SOL_TCP && sock->type == SOCK_STREAM)
		return optname == TCP_ULP || optname == TCP_FASTOPEN_CONNECT;
	if (level == SOL_IPV6 && sock->sk->sk_family == AF_INET6)
		return optname == IPV6_ADDRFORM;
	return false;
}

static bool wsp_option_of_device(int level, int optname)
{
	return level == SOL_SOCKET &&
	       (optname == SO_BINDTODEVICE || optname == SO_BINDTOIFINDEX);
}

/*
 * D-04: a device that the program has chosen is not the name's to give up, even
 * if it comes after the name. Before Linux 6.4 the family is not asked for this.
 */
static int wsp_set_device(struct socket *sock, int optname, sockptr_t optval,
			  unsigned int optlen)
{
	char value[IFNAMSIZ] = {};	/* or an index */
	struct wsp_note *note;
	int rc;

	if (sock->type == SOCK_STREAM) {
		rc = sock_setsockopt(sock, SOL_SOCKET, optname, optval, optlen);
		if (!rc)
			wsp_stream_bound(sock);
		return rc;
	}

	optlen = min_t(unsigned int, optlen, sizeof(value));
	if (copy_from_sockptr(value, optval, optlen))
		return -EFAULT;

	rc = wsp_lock_name(sock);
	if (rc)
		return rc;
	rc = wsp_native(sock)->setsockopt(sock, SOL_SOCKET, optname,
					  KERNEL_SOCKPTR(value), optlen);
	note = wsp_dgram_note(sock);
	if (!rc && note)
		note->device = 0;
	wsp_unlock_name(sock);
	return rc;
}

int wsp_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen)
{
	if (wsp_option_refused(sock, level, optname)) {
		wsp_stats_inc(sock_net(sock->sk), WSP_STAT_OPTION);
		trace_wsp_rule(sock, NULL, "F-03", -EOPNOTSUPP);
		return -EOPNOTSUPP;
	}
	if (wsp_option_of_device(level, optname))
		return wsp_set_device(sock, optname, optval, optlen);
	if (level == SOL_SOCKET && sock->type == SOCK_STREAM)
		return sock_setsockopt(sock, level, optname, optval, optlen);
	return wsp_native(sock)->setsockopt(sock, level, optname, optval, optlen);
}
