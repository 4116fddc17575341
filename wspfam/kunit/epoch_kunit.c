// SPDX-License-Identifier: GPL-2.0
/* The arithmetic of epochs, also where the counter wraps; and the ticks. */
#include <kunit/test.h>

/* With all that is static in it. */
#include "../epoch.c"

static const struct start {
	const char *name;
	unsigned int epoch;
} starts[] = {
	{ "at first", 0 },
	{ "not at a multiple", 1 },
	{ "before the sign", INT_MAX - 5 },
	{ "before the wrap", UINT_MAX - 5 },
	{ "at the wrap", UINT_MAX },
};

KUNIT_ARRAY_PARAM_DESC(start, starts, name);

/* A guess after WSP_EPOCHS ticks, yet one that comes true again and again. */
static void D_13_over_by_distance(struct kunit *test)
{
	const struct start *start = test->param_value;
	unsigned int i, ticks;

	for (i = 0; i < 2 * WSP_EPOCHS; i++) {
		const unsigned int begin = (start->epoch + i) % WSP_EPOCHS;

		for (ticks = 0; ticks <= 3 * WSP_EPOCHS; ticks++) {
			WRITE_ONCE(wsp_epoch, start->epoch + i + ticks);
			KUNIT_EXPECT_EQ_MSG(test, wsp_epoch_over(begin),
					    ticks % WSP_EPOCHS >= 3,
					    "begun at %u, %u ticks later",
					    start->epoch + i, ticks);
		}
	}
}

static void D_13_begins_in_the_present_epoch(struct kunit *test)
{
	const struct start *start = test->param_value;
	unsigned int i, epoch;

	for (i = 0; i < 2 * WSP_EPOCHS; i++) {
		WRITE_ONCE(wsp_epoch, start->epoch + i);
		epoch = wsp_epoch_begin();
		wsp_epoch_stop();
		KUNIT_EXPECT_EQ(test, epoch, (start->epoch + i) % WSP_EPOCHS);
	}
}

/* No grace period that begins in a reader's section ends there. */
static void D_13_not_over_while_a_reader_is_left(struct kunit *test)
{
	unsigned int epoch;
	bool over;

	rcu_read_lock();
	epoch = wsp_epoch_begin();
	over = wsp_epoch_over(epoch);
	rcu_read_unlock();
	KUNIT_EXPECT_FALSE(test, over);
}

/* Each waits for the tick that the one before has armed. */
static void three_ticks(void)
{
	rcu_barrier();
	rcu_barrier();
	rcu_barrier();
}

static void D_13_three_ticks_and_then_rest(struct kunit *test)
{
	const unsigned int begun = wsp_epoch;
	const unsigned int epoch = wsp_epoch_begin();

	three_ticks();
	KUNIT_EXPECT_TRUE(test, wsp_epoch_over(epoch));
	three_ticks();
	KUNIT_EXPECT_EQ(test, wsp_epoch, begun + 3);
	KUNIT_EXPECT_EQ(test, wsp_epoch_armed, 0);
}

/* However many ticks somebody else still wants, three will come. */
static void D_13_begun_between_ticks(struct kunit *test)
{
	unsigned int epoch;
	int wanted;

	for (wanted = 0; wanted <= 3; wanted++) {
		atomic_set(&wsp_epoch_wanted, wanted);
		epoch = wsp_epoch_begin();
		three_ticks();
		KUNIT_EXPECT_TRUE_MSG(test, wsp_epoch_over(epoch), "%d wanted before",
				      wanted);
	}
}

/* Every test begins and ends at rest. */
static void rest(struct kunit *test)
{
	wsp_epoch_stop();
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(D_13_over_by_distance, start_gen_params),
	KUNIT_CASE_PARAM(D_13_begins_in_the_present_epoch, start_gen_params),
	KUNIT_CASE(D_13_not_over_while_a_reader_is_left),
	KUNIT_CASE(D_13_three_ticks_and_then_rest),
	KUNIT_CASE(D_13_begun_between_ticks),
	{}
};

static struct kunit_suite suite = {
	.name = "wsp_epochs",
	.exit = rest,
	.test_cases = cases,
};

kunit_test_suite(suite);
