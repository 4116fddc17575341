/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the supported kernels (F-07), and nothing else. The
 * rest of the module reads as if written for the newest of them.
 */
#ifndef _WSPFAM_COMPAT_H
#define _WSPFAM_COMPAT_H

#include <linux/udp.h>
#include <linux/version.h>
#include <net/sock.h>
#include <net/udp.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "wspfam needs Linux 6.1 or later"
#endif

#if !IS_ENABLED(CONFIG_IPV6)
#error "wspfam needs a kernel with CONFIG_IPV6"
#endif

/* Names of unknown length have had a type of their own since 6.19. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized sockaddr
#endif

/* accept() has taken its flags in a structure since 6.10. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define WSP_ACCEPT(name)						\
	int name(struct socket *sock, struct socket *newsock, int flags, bool kern)
#define WSP_NATIVE_ACCEPT(ops)	((ops)->accept(sock, newsock, flags, kern))
#define WSP_SAME_ACCEPT(name)	name(sock, newsock, flags, kern)
#define WSP_ACCEPT_FLAGS	flags
#else
#define WSP_ACCEPT(name)						\
	int name(struct socket *sock, struct socket *newsock,		\
		 struct proto_accept_arg *arg)
#define WSP_NATIVE_ACCEPT(ops)	((ops)->accept(sock, newsock, arg))
#define WSP_SAME_ACCEPT(name)	name(sock, newsock, arg)
#define WSP_ACCEPT_FLAGS	arg->flags
#endif

/* The number of entries has been told since 6.6, and handlers got constants
 * since 6.11.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, size)			\
	register_net_sysctl(net, path, table)
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define WSP_CTL_TABLE		struct ctl_table
#else
#define WSP_CTL_TABLE		const struct ctl_table
#endif

/* Until 6.5 sendfile() and splice() had a way past sendmsg. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define wsp_no_sendpage(ops)	((ops)->sendpage = sock_no_sendpage)
#else
#define wsp_no_sendpage(ops)	((void)(ops))
#endif

/* A stream is asked to see options of SOL_SOCKET only where it can be. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define wsp_see_options(sock, on)	((void)(sock))
#else
#define wsp_see_options(sock, on)					\
	assign_bit(SOCK_CUSTOM_SOCKOPT, &(sock)->flags, on)
#endif

/* An eventfd's counter has gone up by 1 only since 6.8. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define wsp_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#else
#define wsp_eventfd_signal(ctx)	eventfd_signal(ctx)
#endif

/* What a struct fd holds has had an accessor since 6.12. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0) && !defined(fd_file)
#define fd_file(f)		((f).file)
#endif

/*
 * For a datagram that was taken out of the readers' queue, whose lock is held.
 * Newer kernels export nothing of the kind. There the memory is kept for the
 * next datagram, and goes with what the next reader gives back.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define wsp_udp_uncharge(sk, skb)	udp_skb_destructor(sk, skb)
#else
#define wsp_udp_uncharge(sk, skb)	wsp_udp_give_back(sk, (skb)->truesize)
static inline void wsp_udp_give_back(struct sock *sk, unsigned int size)
{
	struct udp_sock *up = udp_sk(sk);

	size += up->forward_deficit;
	up->forward_deficit = 0;

	spin_lock(&sk->sk_receive_queue.lock);
	sk_forward_alloc_add(sk, size);
	atomic_sub(size, &sk->sk_rmem_alloc);
	spin_unlock(&sk->sk_receive_queue.lock);
}
#endif

/*
 * Ends a datagram socket's association, under its lock. Since 6.13 there is a
 * hash of associations too, which only the native call by its own lock leaves.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define wsp_udp_disconnect(sk)	__udp_disconnect(sk, 0)
#else
static inline void wsp_udp_disconnect(struct sock *sk)
{
	release_sock(sk);
	READ_ONCE(sk->sk_prot)->disconnect(sk, 0);
	lock_sock(sk);
}
#endif

#endif /* _WSPFAM_COMPAT_H */
