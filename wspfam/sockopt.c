// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <uapi/linux/in6.h>

#include "kind.h"
#include "sockopt.h"

/* F-03: these would put other rules, or another table, in place of ours. */
static bool wsp_option_refused(const struct socket *sock, int level, int optname)
{
	if (level == SOL_TCP && sock->type == SOCK_STREAM)
		return optname == TCP_ULP || optname == TCP_FASTOPEN_CONNECT;
	if (level == SOL_IPV6 && sock->sk->sk_family == AF_INET6)
		return optname == IPV6_ADDRFORM;
	return false;
}

int wsp_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen)
{
	if (wsp_option_refused(sock, level, optname))
		return -EOPNOTSUPP;
	return wsp_native(sock)->setsockopt(sock, level, optname, optval, optlen);
}
