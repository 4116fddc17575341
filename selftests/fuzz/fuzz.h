/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the fuzzer share. */
#ifndef WSP_FUZZ_H
#define WSP_FUZZ_H

#include "model.h"

/* One operation, as it stands in an input. */
struct op {
	__u8 code, slot;
	__u8 a, b, c, d, e, f;
};

#define MAX_OPS		100
#define SLOTS		8
#define EVENTS		3
#define KEPT		32	/* options */

/* In a slot: done beside the next operation; not looked at afterwards. */
#define TOGETHER	0xc0
#define QUIET		0x20
#define WEIGHTS		180	/* of all operations */

/* Ports of the world, and those that an input may bind. */
#define PORT_TAKEN	7001	/* a listener, and a datagram socket */
#define PORT_CLOSED	7002
#define PORT_OTHER	7003	/* another datagram socket */
#define PORT_FREE	7010	/* and the five after it */

/* An open socket, which several descriptors may share. */
struct desc {
	int refs;
	bool wsp;		/* of the family, so it has a model */
	bool busy;		/* a thread is inside of connect(2) */
	int sndtimeo;		/* ms */
	bool elsewhere;		/* in a VRF, at some time or other */
	struct model m;
	bool options_known;	/* options.c */
	unsigned int option_set;
	int options[KEPT];
	unsigned int kept;	/* WSP_IOC_KEEP's bits */
	bool kept_unknown;
};

struct slot {
	int fd;
	struct desc *d;
};

extern struct slot slots[SLOTS];
extern int events[EVENTS];
extern bool tracing;

/* world.c: who is there to be connected to */
void world_init(void);
void world_reset(void);
void world_act(const struct op *op, struct slot *s);
void world_link(bool up);
void world_check_twins(void);
void reset_on_close(int fd);
bool world_link_touched(void);
unsigned int world_next_id(void);
unsigned int world_message(void *buf);
bool world_heard(unsigned int id, union name *from);

/* segments.c: a peer that makes its packets itself */
void peer_init(void);
void peer_reset(void);
void peer_arrive(void);
bool peer_is_late(unsigned int id, const union name *from);

/* devices.c, filters.c */
void devices_init(void);
bool device_is_elsewhere(int index);
void filters_init(void);

/* names.c: names of every kind */
struct target name_make(const struct op *op, const struct model *m,
			const void **name, int *len);
bool name_is_any(const union name *name);
void *bad_pointer(unsigned int which);
union name bind_name(const struct op *op, bool v6, enum place place, int *len,
		     bool *addr);

/* ops.c */
int run_ops(const struct op *ops, int count);
__u8 op_choose(unsigned int n);

/* worker.c: a second thread */
void worker_init(void);
bool worker_busy(void);
bool worker_over(void);
void worker_connect(int fd, const void *name, int len);
void worker_run(const struct op *op);
void worker_signal(int sig);
int worker_join(void);
void worker_keep_number(int fd);
void run_op(const struct op *op);

/* kcov.c */
void kcov_thread(int which);
void kcov_begin(void);
void kcov_end(void);
void feature(unsigned int a, unsigned int b, unsigned int c);

/* clock.c */
void clock_init(void);
void clock_follow(void);

/* watchdog.c */
void watchdog_init(void);
void watchdog_thread(int which);
void watchdog_begin(void);
void watchdog_end(void);

/* wsp_fuzz.c, mutate.c; libFuzzer calls these, and LLVMFuzzerMutate is its own */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);
size_t LLVMFuzzerCustomMutator(__u8 *data, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const __u8 *data1, size_t size1,
				 const __u8 *data2, size_t size2, __u8 *out,
				 size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(__u8 *data, size_t size, size_t max);

void __attribute__((noreturn, format(printf, 1, 2)))
violation(const char *fmt, ...);

#endif /* WSP_FUZZ_H */
