// SPDX-License-Identifier: GPL-2.0
/* What states and classes decide, each as a full matrix. */
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/string.h>
#include <net/tcp_states.h>
#include <kunit/test.h>

#include "rules.h"

static const struct column {
	int tcp_state;
	const char *name;
} columns[] = {
	{ TCP_ESTABLISHED, "established" },
	{ TCP_SYN_SENT, "syn-sent" },
	{ TCP_SYN_RECV, "syn-recv" },
	{ TCP_FIN_WAIT1, "fin-wait1" },
	{ TCP_FIN_WAIT2, "fin-wait2" },
	{ TCP_TIME_WAIT, "time-wait" },
	{ TCP_CLOSE, "close" },
	{ TCP_CLOSE_WAIT, "close-wait" },
	{ TCP_LAST_ACK, "last-ack" },
	{ TCP_LISTEN, "listen" },
	{ TCP_CLOSING, "closing" },
	{ TCP_NEW_SYN_RECV, "new-syn-recv" },
	{ TCP_MAX_STATES, "none" },
};

/* Idle, Listening, Pending, Connected, Failed, Blocked, by column. */
static const struct row {
	enum wsp_stage stage;
	const char *name;
	const char *expected;
} rows[] = {
	{ WSP_STAGE_NEW, "new",			"CPPCCCICCLCCC" },
	{ WSP_STAGE_BLOCKED, "blocked",		"CBBCCCBCCLCCC" },
	{ WSP_STAGE_LEFT, "left",		"CPPCCCFCCLCCC" },
	{ WSP_STAGE_STOOD, "stood",		"CCCCCCCCCCCCC" },
};

/* A cell of the matrix is passed as its number, from 1. */
static const void *cell_gen_params(struct kunit *test, const void *prev, char *desc)
{
	const uintptr_t cell = (uintptr_t)prev;

	if (cell == ARRAY_SIZE(rows) * ARRAY_SIZE(columns))
		return NULL;
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s",
		  rows[cell / ARRAY_SIZE(columns)].name,
		  columns[cell % ARRAY_SIZE(columns)].name);
	return (const void *)(cell + 1);
}

static enum wsp_state expected_state(char letter)
{
	switch (letter) {
	case 'I':
		return WSP_STATE_IDLE;
	case 'L':
		return WSP_STATE_LISTENING;
	case 'P':
		return WSP_STATE_PENDING;
	case 'F':
		return WSP_STATE_FAILED;
	case 'B':
		return WSP_STATE_BLOCKED;
	default:
		return WSP_STATE_CONNECTED;
	}
}

static void C_04_C_06_C_07_C_11_state(struct kunit *test)
{
	const uintptr_t cell = (uintptr_t)test->param_value - 1;
	const struct row *row = &rows[cell / ARRAY_SIZE(columns)];
	const int column = cell % ARRAY_SIZE(columns);

	KUNIT_ASSERT_EQ(test, strlen(row->expected), ARRAY_SIZE(columns));
	KUNIT_EXPECT_EQ(test,
			wsp_stream_state(row->stage, columns[column].tcp_state),
			expected_state(row->expected[column]));
}

static const struct refusal {
	const char *name;
	enum wsp_state state;
	int rc;
} refusals[] = {
	{ "C-05 idle", WSP_STATE_IDLE, 0 },
	{ "E-09 listening", WSP_STATE_LISTENING, -EINVAL },
	{ "E-04 pending", WSP_STATE_PENDING, -EALREADY },
	{ "E-03 blocked", WSP_STATE_BLOCKED, -EBUSY },
	{ "E-10 connected", WSP_STATE_CONNECTED, -EISCONN },
	{ "C-05 failed", WSP_STATE_FAILED, 0 },
};

KUNIT_ARRAY_PARAM_DESC(refusal, refusals, name);

static void C_04_C_05_state_refuses(struct kunit *test)
{
	const struct refusal *param = test->param_value;

	KUNIT_EXPECT_EQ(test, wsp_stream_state_error(param->state), param->rc);
}

/* A datagram socket's state is no stream's, and a stray value allows nothing. */
static void C_04_unknown_state_refuses(struct kunit *test)
{
	int state;

	for (state = WSP_STATE_FAILED + 1; state < 256; state++)
		KUNIT_EXPECT_EQ(test, wsp_stream_state_error(state), -EISCONN);
}

/* By class: what a stream says of the name, and a datagram socket. */
static const struct verdict {
	const char *name;
	enum wsp_name_class class;
	int stream;
	int dgram;
	int dgram_broadcast;	/* with SO_BROADCAST */
} verdicts[] = {
	{ "E-08 short", WSP_NAME_SHORT, -EFAULT, -EFAULT, -EFAULT },
	{ "E-06 foreign", WSP_NAME_FOREIGN,
	  -EAFNOSUPPORT, -EAFNOSUPPORT, -EAFNOSUPPORT },
	{ "E-06 D-02 AF_UNSPEC", WSP_NAME_UNSPEC,
	  -EAFNOSUPPORT, WSP_DGRAM_DISCONNECT, WSP_DGRAM_DISCONNECT },
	{ "C-01 D-02 all-zero", WSP_NAME_ANY,
	  -EADDRNOTAVAIL, WSP_DGRAM_DISCONNECT, WSP_DGRAM_DISCONNECT },
	{ "C-03 D-09 broadcast", WSP_NAME_BROADCAST,
	  -EADDRNOTAVAIL, -EACCES, WSP_DGRAM_CONNECT },
	{ "C-03 D-10 multicast", WSP_NAME_MULTICAST,
	  -EADDRNOTAVAIL, WSP_DGRAM_CONNECT, WSP_DGRAM_CONNECT },
	{ "D-10 host", WSP_NAME_HOST, 0, WSP_DGRAM_CONNECT, WSP_DGRAM_CONNECT },
};

KUNIT_ARRAY_PARAM_DESC(verdict, verdicts, name);

/* C-02 is said of a host alone, and of no other port. */
static void C_01_C_02_C_03_stream_name(struct kunit *test)
{
	const struct verdict *param = test->param_value;
	const bool host = param->class == WSP_NAME_HOST;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	int port, rc;

	memset(v4.sin_zero, 0xff, sizeof(v4.sin_zero));
	memset(&v4.sin_addr, 0xff, sizeof(v4.sin_addr));
	memset(&v6.sin6_flowinfo, 0xff, sizeof(v6.sin6_flowinfo));
	for (port = 0; port <= U16_MAX; port++) {
		rc = host && !port ? -EADDRNOTAVAIL : param->stream;
		v4.sin_port = htons(port);
		v6.sin6_port = htons(port);
		KUNIT_ASSERT_EQ_MSG(test, rc,
				    wsp_stream_name_error(param->class,
							  (struct sockaddr_unsized *)&v4),
				    "IPv4, port %d", port);
		KUNIT_ASSERT_EQ_MSG(test, rc,
				    wsp_stream_name_error(param->class,
							  (struct sockaddr_unsized *)&v6),
				    "IPv6, port %d", port);
	}
}

/* What follows the family may not be there. */
static void E_06_E_08_unusable_name_is_not_read(struct kunit *test)
{
	struct sockaddr_unsized *name = kunit_kzalloc(test, 2, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	KUNIT_EXPECT_EQ(test, wsp_stream_name_error(WSP_NAME_SHORT, name), -EFAULT);
	KUNIT_EXPECT_EQ(test, wsp_stream_name_error(WSP_NAME_UNSPEC, name),
			-EAFNOSUPPORT);
	KUNIT_EXPECT_EQ(test, wsp_stream_name_error(WSP_NAME_FOREIGN, name),
			-EAFNOSUPPORT);
}

static void D_02_D_09_D_10_dgram_verdict(struct kunit *test)
{
	const struct verdict *param = test->param_value;

	KUNIT_EXPECT_EQ(test, wsp_dgram_verdict(param->class, false), param->dgram);
	KUNIT_EXPECT_EQ(test, wsp_dgram_verdict(param->class, true),
			param->dgram_broadcast);
}

/* An action can be told from an errno. */
static void D_02_actions_are_no_errors(struct kunit *test)
{
	KUNIT_EXPECT_GE(test, (int)WSP_DGRAM_CONNECT, 0);
	KUNIT_EXPECT_GE(test, (int)WSP_DGRAM_DISCONNECT, 0);
	KUNIT_EXPECT_NE(test, (int)WSP_DGRAM_CONNECT, (int)WSP_DGRAM_DISCONNECT);
}

/*
 * Which of the two has spoken shows in the errno: were the name to be judged
 * first anywhere, its errno would come out in place of the state's.
 */
static void C_04_state_and_name_say_different_things(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		const int rc = wsp_stream_state_error(refusals[i].state);

		for (j = 0; rc && j < ARRAY_SIZE(verdicts); j++) {
			KUNIT_EXPECT_NE(test, rc, verdicts[j].stream);
			KUNIT_EXPECT_NE(test, rc, verdicts[j].dgram);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(C_04_C_06_C_07_C_11_state, cell_gen_params),
	KUNIT_CASE_PARAM(C_04_C_05_state_refuses, refusal_gen_params),
	KUNIT_CASE(C_04_unknown_state_refuses),
	KUNIT_CASE_PARAM(C_01_C_02_C_03_stream_name, verdict_gen_params),
	KUNIT_CASE(E_06_E_08_unusable_name_is_not_read),
	KUNIT_CASE_PARAM(D_02_D_09_D_10_dgram_verdict, verdict_gen_params),
	KUNIT_CASE(D_02_actions_are_no_errors),
	KUNIT_CASE(C_04_state_and_name_say_different_things),
	{}
};

static struct kunit_suite suite = {
	.name = "wsp_states",
	.test_cases = cases,
};

kunit_test_suite(suite);
