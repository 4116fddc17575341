// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/nsproxy.h>
#include <net/inet_sock.h>

#include <linux/wsp.h>

#include "codes.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* A socket that is not to be has no sock yet (F-05). */
u32 wsp_trace_netns(const struct socket *sock)
{
	const struct net *net = sock->sk ? sock_net(sock->sk) :
					   current->nsproxy->net_ns;

	return net->ns.inum;
}

/* ENOTCONN is no outcome of a connect, but of what follows (D-03, D-12). */
u32 wsp_trace_code(int error)
{
	if (!error)
		return 0;
	return error == -ENOTCONN ? WSAENOTCONN : wsp_code(-error);
}

const char *wsp_trace_row(int error)
{
	static const char * const rows[] = {
		"C-12", "E-01", "E-02", "E-03", "E-04", "E-05", "E-06", "E-07",
		"E-08", "E-09", "E-10", "E-11", "E-12", "E-13", "E-14", "E-15",
		"E-16", "E-17", "E-18",
	};

	BUILD_BUG_ON(ARRAY_SIZE(rows) != WSP_ROWS);
	return rows[wsp_row(-error)];
}

static void wsp_trace_name(const struct sock *sk, void *to, __be16 port,
			   __be32 addr, const struct in6_addr *addr6)
{
	struct sockaddr_in6 *sin6 = to;
	struct sockaddr_in *sin = to;

	memset(sin6, 0, sizeof(*sin6));
	sin->sin_family = sk ? sk->sk_family : AF_INET;
	sin->sin_port = port;
	if (sin->sin_family == AF_INET6)
		sin6->sin6_addr = *addr6;
	else
		sin->sin_addr.s_addr = addr;
}

void wsp_trace_local(const struct socket *sock, void *to)
{
	const struct sock *sk = sock->sk;

	if (sk)
		wsp_trace_name(sk, to, inet_sk(sk)->inet_sport,
			       sk->sk_rcv_saddr, &sk->sk_v6_rcv_saddr);
	else
		wsp_trace_name(NULL, to, 0, 0, NULL);
}

/* The name if it fits the socket, or else the peer. */
void wsp_trace_remote(const struct socket *sock,
		      const struct sockaddr_unsized *name, void *to)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)name;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)name;
	const struct sock *sk = sock->sk;

	if (!sk)
		wsp_trace_name(NULL, to, 0, 0, NULL);
	else if (!name || name->sa_family != sk->sk_family)
		wsp_trace_name(sk, to, sk->sk_dport, sk->sk_daddr,
			       &sk->sk_v6_daddr);
	else
		wsp_trace_name(sk, to, sin->sin_port, sin->sin_addr.s_addr,
			       &sin6->sin6_addr);
}
