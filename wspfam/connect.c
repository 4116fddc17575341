// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf-cgroup.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "codes.h"
#include "connect.h"
#include "kind.h"

/*
 * Is @addr the directed broadcast of a network that this machine is on? The
 * stack calls every address broadcast where there is no table of local
 * addresses yet.
 */
static bool wsp_directed_broadcast(struct net *net, int dev, __be32 addr)
{
	const u32 table = l3mdev_fib_table_by_index(net, dev) ?: RT_TABLE_LOCAL;

	return inet_addr_type_table(net, addr, table) == RTN_BROADCAST &&
	       inet_addr_type_table(net, htonl(INADDR_LOOPBACK), table) !=
	       RTN_BROADCAST;
}

/* With what another thread's connect may take back, if that fails (D-08). */
static int wsp_native_bind(struct socket *sock, struct sockaddr_unsized *name,
			   int len)
{
	struct sock *sk = sock->sk;
	int rc;

	rc = wsp_native(sock)->bind(sock, name, len);
	if (rc)
		return rc;

	lock_sock(sk);
	if (inet_sk(sk)->inet_num)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	release_sock(sk);
	return 0;
}

/*
 * C-05, D-04: a port that the system chose in bind(2) is the program's own as
 * well, and is not to be lost with an attempt or a peer.
 */
int wsp_bind(struct socket *sock, struct sockaddr_unsized *name, int len)
{
	int rc;

	if (sock->type != SOCK_DGRAM)
		return wsp_native_bind(sock, name, len);
	rc = wsp_lock_name(sock);
	if (rc)
		return rc;
	rc = wsp_native_bind(sock, name, len);
	wsp_unlock_name(sock);
	return rc;
}

/* The same of a name that the rules have taken for a host's. */
bool wsp_names_broadcast(const struct sock *sk, int dev,
			 const struct sockaddr_unsized *name)
{
	__be32 addr;

	return wsp_name_v4(name, &addr) &&
	       wsp_directed_broadcast(sock_net(sk), dev, addr);
}

/*
 * Will the stack, too, take a directed broadcast for one? It goes by the route,
 * which is the one in the table of local addresses unless something else has a
 * say. Then there is no need to look it up twice for each connect.
 */
static bool wsp_stack_tells_broadcast(const struct sock *sk, int dev)
{
	return !dev && !fib4_has_custom_rules(sock_net(sk)) &&
	       !BPF_CGROUP_PRE_CONNECT_ENABLED(sk);
}

/*
 * The class of a name for this socket, whose device is @dev. A directed broadcast
 * may be taken for a host, at which the stack refuses to connect: then
 * wsp_names_broadcast() tells.
 */
enum wsp_name_class wsp_connect_class(const struct sock *sk, int dev,
				      const struct sockaddr_unsized *name,
				      int len)
{
	enum wsp_name_class class = wsp_name_class(sk->sk_family, name, len);

	if (class == WSP_NAME_HOST && !wsp_stack_tells_broadcast(sk, dev) &&
	    wsp_names_broadcast(sk, dev, name))
		class = WSP_NAME_BROADCAST;
	return class;
}

/*
 * F-04: asks the cgroup's BPF programs, which come before the stack. They may
 * refuse with any errno, the stack's own included; here it is always -EPERM.
 */
int wsp_connect_allowed(struct sock *sk, struct sockaddr_unsized *name, int len)
{
	if (!BPF_CGROUP_PRE_CONNECT_ENABLED(sk))
		return 0;
	return READ_ONCE(sk->sk_prot)->pre_connect(sk, name, len) ? -EPERM : 0;
}

/* The first device that can broadcast for IPv4, by index; 0 if none can. */
int wsp_broadcast_device(struct net *net)
{
	const struct in_device *in_dev;
	struct net_device *dev;
	int ifindex = 0;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		in_dev = __in_dev_get_rcu(dev);
		if (dev->flags & IFF_UP && dev->flags & IFF_BROADCAST &&
		    in_dev && rcu_access_pointer(in_dev->ifa_list)) {
			ifindex = dev->ifindex;
			break;
		}
	}
	rcu_read_unlock();
	return ifindex;
}

/* A namespace may have very many devices, most often with an early one up. */
static bool wsp_all_down(struct net *net)
{
	struct net_device *dev;
	bool down = true;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		down = !(dev->flags & IFF_UP);
		if (!down)
			break;
	}
	rcu_read_unlock();
	return down;
}

/*
 * The errno of the contract for @error, a positive errno that the stack gave
 * for a name the rules had accepted.
 */
int wsp_connect_error(const struct sock *sk, int error)
{
	const bool nowhere = error == EADDRNOTAVAIL;	/* no source address */

	error = wsp_stack_error(error, sk->sk_userlocks & SOCK_BINDPORT_LOCK);
	if ((nowhere || error == ENETUNREACH) && wsp_all_down(sock_net(sk)))
		error = ENETDOWN;	/* E-01 */
	return error;
}

/* The code of an attempt that has failed with @error, 0 if that was not told. */
u32 wsp_attempt_code(const struct sock *sk, int error)
{
	return wsp_code(wsp_connect_error(sk, error ?: ECONNABORTED));
}
