// SPDX-License-Identifier: GPL-2.0
/*
 * How inputs come out of others. Operations stay whole, and a new one is most often
 * about a socket that there is: what the model has lost sight of it judges no more.
 */
#include "fuzz.h"

static unsigned int seed;

static unsigned int dice(unsigned int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Most arguments choose among a few. */
static __u8 byte(void)
{
	return dice(256) >> (dice(2) ? 4 : 0);
}

/* Of the same socket as a neighbour, or of one of the first. */
static __u8 any_slot(const struct op *ops, size_t n)
{
	const __u8 how = (dice(32) ? 0 : TOGETHER) | (dice(2) ? 0 : QUIET);

	if (n && dice(4))
		return ops[dice(n)].slot % SLOTS | how;
	return dice(dice(4) ? 3 : SLOTS) | how;
}

static struct op any_op(const struct op *ops, size_t n)
{
	return (struct op){
		op_choose(dice(WEIGHTS)), any_slot(ops, n),
		byte(), byte(), byte(), byte(), byte(), byte(),
	};
}

static size_t insert(struct op *ops, size_t n, size_t room, size_t at,
		     const struct op *from, size_t count)
{
	if (count > room - n)
		count = room - n;
	memmove(&ops[at + count], &ops[at], (n - at) * sizeof(*ops));
	memcpy(&ops[at], from, count * sizeof(*ops));
	return n + count;
}

static size_t drop(struct op *ops, size_t n, size_t at, size_t count)
{
	if (count > n - at)
		count = n - at;
	memmove(&ops[at], &ops[at + count], (n - at - count) * sizeof(*ops));
	return n - count;
}

static size_t add_new(struct op *ops, size_t n, size_t room)
{
	struct op few[4];
	size_t count = 1 + dice(ARRAY_SIZE(few)), i;

	for (i = 0; i < count; i++)
		few[i] = any_op(ops, n);
	return insert(ops, n, room, dice(n + 1), few, count);
}

static size_t repeat(struct op *ops, size_t n, size_t room)
{
	static struct op some[MAX_OPS];
	const size_t from = dice(n), count = 1 + dice(n - from);

	memcpy(some, &ops[from], count * sizeof(*ops));
	return insert(ops, n, room, dice(n + 1), some, count);
}

/* libFuzzer knows what has been compared, but not which socket is meant. */
static void change(struct op *op)
{
	const struct op was = *op;

	LLVMFuzzerMutate((__u8 *)op, sizeof(*op), sizeof(*op));
	if (dice(4))
		op->code = was.code;
	if (dice(8))
		op->slot = was.slot;
}

static void change_argument(struct op *op)
{
	__u8 *argument = &op->a;

	argument[dice(6)] = byte();
}

static size_t mutate(struct op *ops, size_t n, size_t room)
{
	const size_t at = dice(n);

	switch (dice(8)) {
	case 0:
		if (n > 1)
			n = drop(ops, n, at, 1 + dice(4));
		break;
	case 1:
	case 2:
	case 3:
		n = add_new(ops, n, room);
		break;
	case 4:
		n = repeat(ops, n, room);
		break;
	case 5:
		ops[dice(n)] = ops[at];
		break;
	case 6:
		change(&ops[at]);
		break;
	case 7:
		change_argument(&ops[at]);
		break;
	}
	return n;
}

size_t LLVMFuzzerCustomMutator(__u8 *data, size_t size, size_t max,
			       unsigned int random)
{
	struct op *ops = (struct op *)data;
	size_t n = size / sizeof(*ops), room = max / sizeof(*ops);
	int left;

	seed = random;
	if (!room)
		return size;
	for (left = 1 + dice(4); left; left--) {
		if (!n)
			ops[n++] = any_op(ops, 0);
		n = mutate(ops, n, room);
	}
	return n * sizeof(*ops);
}

/* The one, and then a part of the other, for which the sockets are there. */
size_t LLVMFuzzerCustomCrossOver(const __u8 *data1, size_t size1,
				 const __u8 *data2, size_t size2, __u8 *out,
				 size_t max, unsigned int random)
{
	const struct op *a = (struct op *)data1, *b = (struct op *)data2;
	size_t n = size1 / sizeof(*a), m = size2 / sizeof(*b);
	const size_t room = max / sizeof(*a);
	struct op *ops = (struct op *)out;
	size_t from;

	seed = random;
	if (!n || !m || !room)
		return 0;
	n = insert(ops, 0, room, 0, a, n);
	if (dice(2))
		n = 1 + dice(n);
	from = dice(2) ? 0 : dice(m);
	return insert(ops, n, room, n, &b[from], m - from) * sizeof(*ops);
}
