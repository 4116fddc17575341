// SPDX-License-Identifier: GPL-2.0
/* Section 1 of the contract, over every errno and every code. */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <kunit/test.h>

#include "codes.h"

/* Codes by Winsock's numbers; errnos up to the 0, connect(2)'s own first. */
static const struct row {
	const char *name;
	u32 code;
	int errors[8];
} rows[] = {
	{ "E-01 WSAENETDOWN", 10050, { ENETDOWN } },
	{ "E-02 WSAEADDRINUSE", 10048, { EADDRINUSE } },
	{ "E-03 WSAEINPROGRESS", 10036, { EBUSY } },
	{ "E-04 WSAEALREADY", 10037, { EALREADY } },
	{ "E-05 WSAEADDRNOTAVAIL", 10049, { EADDRNOTAVAIL } },
	{ "E-06 WSAEAFNOSUPPORT", 10047, { EAFNOSUPPORT } },
	{ "E-07 WSAECONNREFUSED", 10061,
	  { ECONNREFUSED, ECONNRESET, ECONNABORTED, EPIPE, ENOPROTOOPT } },
	{ "E-08 WSAEFAULT", 10014, { EFAULT } },
	{ "E-09 WSAEINVAL", 10022, { EINVAL } },
	{ "E-10 WSAEISCONN", 10056, { EISCONN } },
	{ "E-11 WSAENETUNREACH", 10051,
	  { ENETUNREACH, EHOSTUNREACH, EHOSTDOWN, ENONET, EMSGSIZE, EPROTO } },
	{ "E-12 WSAENOBUFS", 10055,
	  { ENOBUFS, ENOMEM, EAGAIN, EMFILE, ENFILE, ENOSPC } },
	{ "E-13 WSAENOTSOCK", 10038, { ENOTSOCK, EBADF, ENOTTY } },
	{ "E-14 WSAEOPNOTSUPP", 10045, { EOPNOTSUPP } },
	{ "E-15 WSAEPROTONOSUPPORT", 10043, { EPROTONOSUPPORT } },
	{ "E-16 WSAETIMEDOUT", 10060, { ETIMEDOUT } },
	{ "E-17 WSAEWOULDBLOCK", 10035, { EINPROGRESS } },
	{ "E-18 WSAEACCES", 10013, { EACCES, EPERM } },
	{ "C-12 T-01 WSAEINTR", 10004, { EINTR, ECANCELED } },
};

/* All that has no row is a failure of the network subsystem. */
static const struct row *row_of_error(int error)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; rows[i].errors[j]; j++) {
			if (rows[i].errors[j] == error)
				return &rows[i];
		}
	}
	return &rows[0];
}

static const struct row *row_of_code(u32 code)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].code == code)
			return &rows[i];
	}
	return NULL;
}

KUNIT_ARRAY_PARAM_DESC(row, rows, name);

static void E_01_E_18_code(struct kunit *test)
{
	const struct row *row = test->param_value;
	const unsigned int number = (row - rows + 1) % ARRAY_SIZE(rows);
	int i;

	for (i = 0; row->errors[i]; i++) {
		KUNIT_EXPECT_EQ_MSG(test, wsp_code(row->errors[i]), row->code,
				    "errno %d", row->errors[i]);
		KUNIT_EXPECT_EQ_MSG(test, wsp_row(row->errors[i]), number,
				    "errno %d", row->errors[i]);
	}
}

static void E_01_E_18_round_trip(struct kunit *test)
{
	const struct row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, wsp_errno(row->code), row->errors[0]);
	KUNIT_EXPECT_EQ(test, wsp_code(wsp_errno(row->code)), row->code);
}

static void E_01_E_18_every_errno(struct kunit *test)
{
	int error;

	for (error = 1; error <= MAX_ERRNO; error++)
		KUNIT_ASSERT_EQ_MSG(test, wsp_code(error), row_of_error(error)->code,
				    "errno %d", error);
}

static void E_01_nineteen_codes_and_no_other(struct kunit *test)
{
	bool seen[ARRAY_SIZE(rows)] = {};
	int error, i;

	for (error = -MAX_ERRNO; error <= 2 * MAX_ERRNO; error++) {
		const struct row *row = row_of_code(wsp_code(error));

		KUNIT_ASSERT_NOT_NULL_MSG(test, row, "errno %d: code %u", error,
					  wsp_code(error));
		seen[row - rows] = true;
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(rows), 19);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_TRUE_MSG(test, seen[i], "%s", rows[i].name);
}

static void E_01_no_errno_at_all(struct kunit *test)
{
	static const int odd[] = {
		0, MAX_ERRNO + 1, 10061, 65536 + ECONNREFUSED, INT_MAX, INT_MIN,
		INT_MIN + ECONNREFUSED,
	};
	int error, i;

	for (i = 0; i < ARRAY_SIZE(odd); i++)
		KUNIT_EXPECT_EQ_MSG(test, wsp_code(odd[i]), 10050, "errno %d", odd[i]);
	for (error = -MAX_ERRNO; error <= 0; error++)
		KUNIT_ASSERT_EQ_MSG(test, wsp_code(error), 10050, "errno %d", error);
}

static void E_01_errno_of_every_code(struct kunit *test)
{
	static const u32 odd[] = {
		11001, 0x7fffffff, 0x80000000, 0x10000 + 10061, 0xffffffff,
	};
	const struct row *row;
	u32 code;
	int i;

	for (code = 0; code < 11000; code++) {
		row = row_of_code(code) ?: &rows[0];
		KUNIT_ASSERT_EQ_MSG(test, wsp_errno(code), row->errors[0], "code %u",
				    code);
	}
	for (i = 0; i < ARRAY_SIZE(odd); i++)
		KUNIT_EXPECT_EQ_MSG(test, wsp_errno(odd[i]), ENETDOWN, "code %u", odd[i]);
}

/* connect(2) says what the code says, and says each code in one way. */
static void E_01_E_18_one_errno_for_a_code(struct kunit *test)
{
	int error, said;

	for (error = 1; error <= MAX_ERRNO; error++) {
		said = wsp_errno(wsp_code(error));
		KUNIT_ASSERT_EQ_MSG(test, wsp_code(said), wsp_code(error), "errno %d",
				    error);
		KUNIT_ASSERT_EQ_MSG(test, wsp_errno(wsp_code(said)), said, "errno %d",
				    error);
	}
}

/* What the words of a refusal mean when the stack says them of a good name. */
static int expected_stack_error(int error, bool bound)
{
	if (error == EADDRNOTAVAIL)
		error = bound ? EADDRINUSE : ENOBUFS;	/* E-02, E-12 */
	else if (error == EINVAL || error == EACCES || error == EOPNOTSUPP)
		error = ENETUNREACH;			/* E-11 */
	return row_of_error(error)->errors[0];
}

static void E_02_E_11_E_12_stack_error(struct kunit *test)
{
	int error, bound;

	for (error = 1; error <= MAX_ERRNO; error++) {
		for (bound = 0; bound <= 1; bound++)
			KUNIT_ASSERT_EQ_MSG(test, wsp_stack_error(error, bound),
					    expected_stack_error(error, bound),
					    "errno %d, bound %d", error, bound);
	}
}

static void E_05_E_09_E_14_never_by_the_stack(struct kunit *test)
{
	static const int ours[] = { EADDRNOTAVAIL, EINVAL, EOPNOTSUPP };
	int error, bound, i;

	for (error = -MAX_ERRNO; error <= 2 * MAX_ERRNO; error++) {
		for (bound = 0; bound <= 1; bound++) {
			for (i = 0; i < ARRAY_SIZE(ours); i++)
				KUNIT_ASSERT_NE_MSG(test, wsp_stack_error(error, bound),
						    ours[i], "errno %d", error);
		}
	}
}

/* By the kernel's own table of what an ICMP unreachable makes of a socket. */
static void E_07_E_11_icmp_unreachable(struct kunit *test)
{
	int code;

	for (code = 0; code <= NR_ICMP_UNREACH; code++) {
		const bool refused = code == ICMP_PROT_UNREACH || code == ICMP_PORT_UNREACH;
		const int error = icmp_err_convert[code].errno;

		KUNIT_EXPECT_EQ_MSG(test, wsp_code(wsp_stack_error(error, false)),
				    refused ? 10061 : 10051, "ICMP code %d", code);
	}
}

static void E_07_E_11_icmpv6_errors(struct kunit *test)
{
	int type, code, error;

	for (type = ICMPV6_DEST_UNREACH; type <= ICMPV6_PARAMPROB; type++) {
		for (code = 0; code < 256; code++) {
			const bool refused = type == ICMPV6_DEST_UNREACH &&
					     code == ICMPV6_PORT_UNREACH;

			icmpv6_err_convert(type, code, &error);
			KUNIT_EXPECT_EQ_MSG(test, wsp_code(wsp_stack_error(error, true)),
					    refused ? 10061 : 10051,
					    "ICMPv6 type %d, code %d", type, code);
		}
	}
}

static void V_06_close_code(struct kunit *test)
{
	int error;

	KUNIT_EXPECT_EQ(test, wsp_close_code(0), 0);
	for (error = 1; error <= MAX_ERRNO; error++) {
		int code = 10053;

		if (error == EPIPE || error == ECONNRESET)
			code = 10054;
		else if (error == ENETDOWN)
			code = 10050;
		KUNIT_ASSERT_EQ_MSG(test, wsp_close_code(error), code, "errno %d", error);
	}
}

static void T_04_lost_code(struct kunit *test)
{
	int error;

	KUNIT_EXPECT_EQ(test, wsp_lost_code(0), 0);
	for (error = 1; error <= MAX_ERRNO; error++) {
		int code = error == EPIPE || error == ECONNRESET ? 10054 : 10060;

		KUNIT_ASSERT_EQ_MSG(test, wsp_lost_code(error), code, "errno %d", error);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(E_01_E_18_code, row_gen_params),
	KUNIT_CASE_PARAM(E_01_E_18_round_trip, row_gen_params),
	KUNIT_CASE(E_01_E_18_every_errno),
	KUNIT_CASE(E_01_nineteen_codes_and_no_other),
	KUNIT_CASE(E_01_no_errno_at_all),
	KUNIT_CASE(E_01_errno_of_every_code),
	KUNIT_CASE(E_01_E_18_one_errno_for_a_code),
	KUNIT_CASE(E_02_E_11_E_12_stack_error),
	KUNIT_CASE(E_05_E_09_E_14_never_by_the_stack),
	KUNIT_CASE(E_07_E_11_icmp_unreachable),
	KUNIT_CASE(E_07_E_11_icmpv6_errors),
	KUNIT_CASE(V_06_close_code),
	KUNIT_CASE(T_04_lost_code),
	{}
};

static struct kunit_suite suite = {
	.name = "wsp_codes",
	.test_cases = cases,
};

kunit_test_suite(suite);
