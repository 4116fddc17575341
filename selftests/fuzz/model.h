/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the contract allows a socket to be and to answer, kept apart from the
 * module: written from Documentation/contract.rst alone. The model knows a set
 * of states that a socket may be in. Each answer of the kernel has to come from
 * one of them, and leaves those that it could have come from.
 */
#ifndef WSP_FUZZ_MODEL_H
#define WSP_FUZZ_MODEL_H

#include "../wsp_test.h"

/* Sets of errnos, 0 among them, and of states. */
typedef unsigned __int128 errs;
#define ERR(n)		((errs)1 << (n))
#define STATE(s)	(1u << WSP_STATE_##s)
#define ANY_STREAM	(STATE(IDLE) | STATE(LISTENING) | STATE(PENDING) | \
			 STATE(BLOCKED) | STATE(CONNECTED) | STATE(FAILED))
#define ANY_DGRAM	(STATE(IDLE) | STATE(CONNECTED) | STATE(DISCONNECTED))

#define CHANGES		(WSP_FD_ADDRESS_LIST_CHANGE | WSP_FD_ROUTING_INTERFACE_CHANGE)

/* What a name is, before anybody looks where it leads. */
enum name_kind {
	NAME_UNREADABLE,	/* the system call layer refuses it, EFAULT */
	NAME_LENGTH,		/* likewise, EINVAL */
	NAME_SHORT,
	NAME_FOREIGN,
	NAME_FOREIGN_SHORT,
	NAME_UNSPEC,
	NAME_ANY,
	NAME_BROADCAST,
	NAME_MULTICAST,
	NAME_HOST,
};

/* Where a name of a host leads. */
enum dest {
	DEST_ANSWERS,
	DEST_REFUSES,
	DEST_SILENT,
	DEST_NOWHERE,
	DEST_UNKNOWN,
};

struct target {
	enum name_kind kind;
	enum dest dest;
	union name name;	/* unmapped */
	union name wire;	/* and what a BPF program has made of it (D-07) */
};

/* What is known of FD_CONNECT's record (V-02). */
enum announced { ANN_NO, ANN_MAYBE, ANN_LATER, ANN_MUST };

#define QUEUE	32

/**
 * struct model - what is known of one socket
 * @stream: a stream, else a datagram socket
 * @v6: of IPv6
 * @place: its namespace
 * @nonblocking: O_NONBLOCK
 * @states: those it may be in
 * @odd: options, addresses or races that leave the invariants only
 * @sure: connect(2) has said that it is connected
 * @accepted: by a listening socket of the family
 * @wrote: it has sent something, or been shut down
 * @addr_bound: the program has bound the address
 * @port: what bind(2) has given it, 0 if it has not been bound so
 * @may: bits of enum dest: where the attempt under way leads
 * @since: when it began, ms
 * @blocked_until: when a thread that waits in connect(2) may be back, ms
 * @broadcast: SO_BROADCAST
 * @peer: of a connected datagram socket, unmapped; of a stream likewise; of the
 *	family 0 when it may be any
 * @wire: the same as the network sees it
 * @moved: it has had another peer before
 * @dev: the device that it has been bound to, 0 if none
 * @scope: the one that the name has asked for besides, -1 for any
 * @dev_unknown: nothing is known of these
 * @mask: of the event it is tied to
 * @due: what its record has to have, by V-11 or V-06
 * @holds: the next accept(2) enables nothing, and ties nothing
 * @hold_unknown: or may
 * @told: FD_ACCEPT has been taken, and nothing has enabled it since
 * @accepts: but for an accept of io_uring's, which may come any time
 * @connect: whether FD_CONNECT is to be in the record, with @codes
 * @codes: what the record's code may stand for
 * @floor: datagrams with a lower number are not to be read any more (D-06)
 * @must: the numbers of datagrams that are in the queue, in order
 * @from: who has sent them
 * @unsure: others may be there too
 * @queued: how many of them
 */
struct model {
	bool stream, v6;
	enum place place;
	bool nonblocking;
	unsigned int states;
	bool odd, sure, accepted, wrote, addr_bound;
	int port;
	unsigned int may;
	long since, blocked_until;
	bool broadcast;
	union name peer, wire;
	bool moved;
	int dev, scope;
	bool dev_unknown;
	unsigned int mask, due;
	unsigned int asked;	/* changes of the network that may be told (I-06) */
	bool holds, hold_unknown, told, accepts;
	enum announced connect;
	errs codes;
	unsigned int floor;
	unsigned int must[QUEUE];
	union name from[QUEUE];
	bool unsure;
	int queued;
};

/* Each gives NULL, or what is wrong with the answer. */
const char *model_connect(struct model *m, const struct target *t, int error,
			  unsigned int next_id);
const char *model_code(struct model *m, int error, int source, int code);
const char *model_judge(struct model *m, int args, int error);
const char *model_state(struct model *m, unsigned int state);
const char *model_record(struct model *m, const struct wsp_network_events *r);
const char *model_received(struct model *m, unsigned int id,
			   const union name *from, bool peek);

void model_init(struct model *m, int type, bool v6, enum place place,
		bool nonblocking);
void model_accepted(struct model *m, const struct model *listener,
		    bool nonblocking, bool held);
void model_bound(struct model *m, bool addr, int port);
void model_blocked(struct model *m, int ms);
void model_unblocked(struct model *m, int error);
void model_shutdown(struct model *m);
void model_tied(struct model *m, unsigned int mask);
void model_due(struct model *m);
void model_enabled(struct model *m, unsigned int events, bool hold);
void model_accept(struct model *m);
void model_sent(struct model *m, unsigned int id, const union name *from,
		const union name *to);
void model_device(struct model *m, int dev);
bool model_may_have_device(const struct model *m, int dev);
void model_unqueue(struct model *m);
void model_asked(struct model *m);
void model_unknown(struct model *m);

bool contract_code(int code);

#endif /* WSP_FUZZ_MODEL_H */
