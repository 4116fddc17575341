/* SPDX-License-Identifier: GPL-2.0 */
/* wsp:wsp_rule, for each decision in which the family differs from Linux. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM wsp

#if !defined(_WSPFAM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _WSPFAM_TRACE_H

#include <linux/net.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>
#include <net/sock.h>

#include "compat.h"

u32 wsp_trace_netns(const struct socket *sock);
u32 wsp_trace_code(int error);
const char *wsp_trace_row(int error);
void wsp_trace_local(const struct socket *sock, void *to);
void wsp_trace_remote(const struct socket *sock,
		      const struct sockaddr_unsized *name, void *to);

TRACE_DEFINE_ENUM(SOCK_STREAM);
TRACE_DEFINE_ENUM(SOCK_DGRAM);

/*
 * @name: what was to be connected to, if it can be read
 * @rule: a row of the contract, or NULL for the row of @error (E-01 to E-18)
 * @error: a negative errno, or 0 where the rule refuses nothing
 */
TRACE_EVENT(wsp_rule,

	TP_PROTO(const struct socket *sock, const struct sockaddr_unsized *name,
		 const char *rule, int error),

	TP_ARGS(sock, name, rule, error),

	TP_STRUCT__entry(
		__field(unsigned long, ino)
		__field(u32, netns)
		__field(u32, code)
		__field(int, error)
		__array(__u8, local, sizeof(struct sockaddr_in6))	/* aligned */
		__array(__u8, remote, sizeof(struct sockaddr_in6))
		__field(u16, type)
		__array(char, rule, 8)
		__array(char, comm, TASK_COMM_LEN)
	),

	TP_fast_assign(
		__entry->ino = SOCK_INODE((struct socket *)sock)->i_ino;
		__entry->netns = wsp_trace_netns(sock);
		__entry->code = wsp_trace_code(error);
		__entry->error = -error;
		__entry->type = sock->type;
		strscpy(__entry->rule, rule ?: wsp_trace_row(error),
			sizeof(__entry->rule));
		memcpy(__entry->comm, current->comm, TASK_COMM_LEN);
		wsp_trace_local(sock, __entry->local);
		wsp_trace_remote(sock, name, __entry->remote);
	),

	TP_printk("netns=%u ino=%lu type=%s local=%pISpc remote=%pISpc rule=%s code=%u errno=%d comm=%s",
		  __entry->netns, __entry->ino,
		  __print_symbolic(__entry->type,
				   { SOCK_STREAM, "stream" },
				   { SOCK_DGRAM, "dgram" }),
		  __entry->local, __entry->remote, __entry->rule,
		  __entry->code, __entry->error, __entry->comm)
);

#endif /* _WSPFAM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
