// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "keep.h"
#include "state.h"

/*
 * All of it lies in the version of the socket's inode, which is for files to
 * have: the bits below, above them the time, 0 if there is none.
 */
#define WSP_KEEP_TIME_SHIFT	ilog2(HZ / 16 + 1)	/* some 60 ms: for years */

static atomic64_t *wsp_kept(const struct socket *sock)
{
	return &SOCK_INODE((struct socket *)sock)->i_version;
}

/* A new socket's inode still has what the former one of its place had. */
void wsp_keep_nothing(struct socket *sock)
{
	atomic64_set(wsp_kept(sock), 0);
}

/* As the kernel has it with the options of its own. */
void wsp_keep_inherit(struct socket *sock, const struct socket *listener)
{
	atomic64_set(wsp_kept(sock), (u32)atomic64_read(wsp_kept(listener)));
}

static u64 wsp_keep_change(const struct socket *sock, u64 mask, u64 bits)
{
	s64 kept = atomic64_read(wsp_kept(sock)), next;

	do {
		next = (kept & ~mask) | (bits & mask);
	} while (next != kept &&
		 !atomic64_try_cmpxchg(wsp_kept(sock), &kept, next));
	return next;
}

static u32 wsp_keep_clock(u64 time)
{
	return (u32)(time >> WSP_KEEP_TIME_SHIFT) ?: 1;
}

/*
 * The connection stands, and nothing has been sent on it: until then the stack
 * knows since when.
 */
void wsp_keep_time(struct socket *sock)
{
	const u64 now = get_jiffies_64();
	const u32 age = (u32)now - READ_ONCE(tcp_sk(sock->sk)->lsndtime);

	wsp_keep_change(sock, GENMASK_ULL(63, 32),
			(u64)wsp_keep_clock(now - age) << 32);
}

/* Of a connection that is over there is none. */
static u32 wsp_keep_age(struct socket *sock, u32 since)
{
	u64 age;

	if (!since || READ_ONCE(sock->sk->sk_state) == TCP_CLOSE)
		return WSP_KEEP_NEVER;
	age = (u64)(wsp_keep_clock(get_jiffies_64()) - since) << WSP_KEEP_TIME_SHIFT;
	return div_u64(age, HZ);
}

/* S-01: to no socket of the family has the flag ever meant a thing. */
static void wsp_keep_debug(struct sock *sk, u32 bits)
{
	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_DBG, bits & WSP_KEEP_DEBUG);
	release_sock(sk);
}

void wsp_keep(struct socket *sock, struct wsp_keep *arg)
{
	struct sock *sk = sock->sk;
	u64 kept;

	if (arg->mask & WSP_KEEP_DEBUG)
		wsp_keep_debug(sk, arg->bits);
	if (sock->type == SOCK_STREAM && wsp_stream_has_stood(sk))
		wsp_stream_promote(sock);
	kept = wsp_keep_change(sock, arg->mask & ~WSP_KEEP_DEBUG, arg->bits);
	arg->bits = (u32)kept | (sock_flag(sk, SOCK_DBG) ? WSP_KEEP_DEBUG : 0);
	arg->age = wsp_keep_age(sock, kept >> 32);
}
