// SPDX-License-Identifier: GPL-2.0
/* C-05: every option that a stream has before an attempt, it has after it. */
#include "ops.h"

#define OPTION(level, name)	{ level, name, false, false }

static const struct {
	int level, name;
	bool v6;
	bool set;	/* tells it only where the program has set it */
} kept[KEPT] = {
	OPTION(SOL_SOCKET, SO_REUSEADDR), OPTION(SOL_SOCKET, SO_REUSEPORT),
	OPTION(SOL_SOCKET, SO_KEEPALIVE), OPTION(SOL_SOCKET, SO_OOBINLINE),
	OPTION(SOL_SOCKET, SO_RCVBUF), OPTION(SOL_SOCKET, SO_SNDBUF),
	OPTION(SOL_SOCKET, SO_MARK), OPTION(SOL_SOCKET, SO_PRIORITY),
	OPTION(SOL_SOCKET, SO_RCVLOWAT), OPTION(SOL_SOCKET, SO_DONTROUTE),
	OPTION(IPPROTO_IP, IP_TOS), OPTION(IPPROTO_IP, IP_TTL),
	OPTION(IPPROTO_IP, IP_MTU_DISCOVER), OPTION(IPPROTO_IP, IP_RECVERR),
	OPTION(IPPROTO_IP, IP_FREEBIND), OPTION(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
	OPTION(SOL_TCP, TCP_NODELAY), OPTION(SOL_TCP, TCP_CORK),
	OPTION(SOL_TCP, TCP_SYNCNT), OPTION(SOL_TCP, TCP_USER_TIMEOUT),
	OPTION(SOL_TCP, TCP_DEFER_ACCEPT), OPTION(SOL_TCP, TCP_KEEPIDLE),
	OPTION(SOL_TCP, TCP_KEEPINTVL), OPTION(SOL_TCP, TCP_KEEPCNT),
	{ SOL_TCP, TCP_MAXSEG, false, true },
	{ SOL_TCP, TCP_WINDOW_CLAMP, false, true },
	{ IPPROTO_IPV6, IPV6_V6ONLY, true, false },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, true, false },
	{ IPPROTO_IPV6, IPV6_TCLASS, true, false },
	{ IPPROTO_IPV6, IPV6_RECVERR, true, false },
};

static int read_option(const struct slot *s, int i)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (!kept[i].level || (kept[i].v6 && !s->d->m.v6))
		return -1;
	getsockopt(s->fd, kept[i].level, kept[i].name, &value, &len);
	return value;
}

/* The program has set one, or several threads have. */
void options_changed(struct slot *s, int level, int name)
{
	int i;

	s->d->options_known = false;
	for (i = 0; i < KEPT; i++) {
		if (kept[i].set && kept[i].level == level && kept[i].name == name)
			s->d->option_set |= 1 << i;
	}
}

/* Before an attempt. */
void options_keep(struct slot *s)
{
	int i;

	if (s->d->options_known || !s->d->m.stream || s->d->m.states != STATE(IDLE))
		return;
	for (i = 0; i < KEPT; i++)
		s->d->options[i] = read_option(s, i);
	s->d->options_known = true;
}

/* After one that has failed. */
void options_check(struct slot *s)
{
	int i, now;

	if (!s->d->options_known || s->d->m.states != STATE(IDLE))
		return;
	for (i = 0; i < KEPT; i++) {
		if (kept[i].set && !(s->d->option_set & 1 << i))
			continue;
		now = read_option(s, i);
		if (now != s->d->options[i])
			violation("C-05: option %d of level %d was %d, is %d",
				  kept[i].name, kept[i].level, s->d->options[i], now);
	}
}
