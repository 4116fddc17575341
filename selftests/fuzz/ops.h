/* SPDX-License-Identifier: GPL-2.0 */
/* What the files with operations share. */
#ifndef WSP_FUZZ_OPS_H
#define WSP_FUZZ_OPS_H

#include "fuzz.h"

#define SHORT_MS	10	/* what a blocking call waits for at most */

extern __thread bool raw;	/* beside another thread: look at nothing */

void check(const char *wrong, const char *what, int error);
void observe(struct slot *s);
void try_target(struct slot *s, const struct target *t, const void *name,
		int len);
void check_send(struct slot *s, bool named, ssize_t n, int error, int flags);
void check_datagram(struct slot *s, const char *buf, ssize_t n,
		    const union name *from, bool peek);
bool endless(const struct slot *s);
struct desc *slot_fill(struct slot *s, int fd, struct desc *d);

/* segments.c: a peer that makes its packets itself */
void op_reach(const struct op *op, struct slot *s);
void op_segment(const struct op *op, struct slot *s);
void op_icmp(const struct op *op, struct slot *s);
void op_knock(const struct op *op, struct slot *s);
void op_kernel_accept(const struct op *op, struct slot *s);
void watch_event(int event);

/* sets.c */
void op_wsp_poll(const struct op *op, struct slot *s);

/* keep.c */
void op_keep(const struct op *op, struct slot *s);

/* change.c */
void op_change(const struct op *op, struct slot *s);

/* polls.c */
void op_aio_poll(const struct op *op, struct slot *s);
void op_aio_reap(const struct op *op, struct slot *s);
void op_uring_event(const struct op *op, struct slot *s);
void op_uring_poll(const struct op *op, struct slot *s);
void op_uring_call(const struct op *op, struct slot *s);
void polls_reset(void);

/* iters.c */
void op_receive(const struct op *op, struct slot *s);
void op_vmsplice(const struct op *op, struct slot *s);

/* devices.c */
void op_device(const struct op *op, struct slot *s);
void op_scope(const struct op *op, struct slot *s);
void check_device(const struct slot *s);

/* filters.c */
void op_sockmap(const struct op *op, struct slot *s);
void op_rewrite(const struct op *op, struct slot *s);
union name rewritten(const union name *given, bool v6);
bool sources_rewritten(void);
void filters_reset(void);

/* limits.c */
void op_records(const struct op *op, struct slot *s);
void op_send_large(const struct op *op, struct slot *s);
void op_errqueue(const struct op *op, struct slot *s);
void op_crowded(const struct op *op, struct slot *s);
void op_user(const struct op *op, struct slot *s);
void limits_reset(void);

/* options.c */
void options_changed(struct slot *s, int level, int name);
void options_keep(struct slot *s);
void options_check(struct slot *s);

#endif /* WSP_FUZZ_OPS_H */
