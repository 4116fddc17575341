// SPDX-License-Identifier: GPL-2.0
/* Which table is which, for every kind; the tables themselves are empty. */
#include <linux/net.h>
#include <net/sock.h>
#include <kunit/test.h>

#include "kind.h"

struct wsp_kind wsp_kinds[2][2];

static const struct param {
	const char *name;
	int type;
	int family;
} params[] = {
	{ "TCP over IPv4", SOCK_STREAM, AF_INET },
	{ "TCP over IPv6", SOCK_STREAM, AF_INET6 },
	{ "UDP over IPv4", SOCK_DGRAM, AF_INET },
	{ "UDP over IPv6", SOCK_DGRAM, AF_INET6 },
};

KUNIT_ARRAY_PARAM_DESC(kind, params, name);

static struct socket *make_socket(struct kunit *test)
{
	const struct param *param = test->param_value;
	struct socket *sock = kunit_kzalloc(test, sizeof(*sock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sock);
	sock->type = param->type;
	sock->sk = kunit_kzalloc(test, sizeof(*sock->sk), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sock->sk);
	sock->sk->sk_family = param->family;
	return sock;
}

/* The table at @tied and @table, and every answer that follows from it. */
static void expect_table(struct kunit *test, const struct socket *sock,
			 const struct wsp_kind *kind, bool tied, int table)
{
	KUNIT_EXPECT_PTR_EQ(test, sock->ops, &kind->table[tied][table].ops);
	KUNIT_EXPECT_TRUE(test, wsp_is_ours(sock));
	KUNIT_EXPECT_PTR_EQ(test, wsp_sock_kind(sock), kind);
	KUNIT_EXPECT_EQ(test, wsp_is_tied(sock), tied);
	KUNIT_EXPECT_EQ(test, (int)wsp_table(sock), table);
	KUNIT_EXPECT_PTR_EQ(test, wsp_untied(sock), &kind->table[0][table].ops);
}

static void F_01_kinds_have_places_of_their_own(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		const struct wsp_kind *kind = wsp_kind(params[i].type, params[i].family);
		const ptrdiff_t place = kind - wsp_kinds[0];

		KUNIT_EXPECT_GE(test, place, 0);
		KUNIT_EXPECT_LT(test, place, 4);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, kind,
					    wsp_kind(params[j].type, params[j].family));
	}
	/* kind.c fills them in this order. */
	KUNIT_EXPECT_PTR_EQ(test, wsp_kind(SOCK_STREAM, AF_INET), &wsp_kinds[0][0]);
	KUNIT_EXPECT_PTR_EQ(test, wsp_kind(SOCK_STREAM, AF_INET6), &wsp_kinds[0][1]);
	KUNIT_EXPECT_PTR_EQ(test, wsp_kind(SOCK_DGRAM, AF_INET), &wsp_kinds[1][0]);
	KUNIT_EXPECT_PTR_EQ(test, wsp_kind(SOCK_DGRAM, AF_INET6), &wsp_kinds[1][1]);
}

static void F_01_kind_of_a_socket(struct kunit *test)
{
	const struct param *param = test->param_value;
	struct socket *sock = make_socket(test);
	struct wsp_kind *kind = &wsp_kinds[param->type == SOCK_DGRAM]
					  [param->family == AF_INET6];
	const struct proto_ops native = {};

	sock->ops = &kind->table[0][WSP_TABLE_IDLE].ops;
	KUNIT_EXPECT_PTR_EQ(test, wsp_sock_kind(sock), kind);
	kind->native = &native;
	KUNIT_EXPECT_PTR_EQ(test, wsp_native(sock), &native);
	kind->native = NULL;
}

static void V_01_every_table_read_back(struct kunit *test)
{
	const struct param *param = test->param_value;
	const struct wsp_kind *kind = wsp_kind(param->type, param->family);
	struct socket *sock = make_socket(test);
	int tied, table;

	for (tied = 0; tied <= 1; tied++) {
		for (table = 0; table < WSP_TABLES; table++) {
			sock->ops = &kind->table[tied][table].ops;
			expect_table(test, sock, kind, tied, table);
		}
	}
}

/* Either half of the index changes without the other. */
static void V_01_every_change_of_table(struct kunit *test)
{
	const struct param *param = test->param_value;
	const struct wsp_kind *kind = wsp_kind(param->type, param->family);
	struct socket *sock = make_socket(test);
	int tied, from, to;

	for (tied = 0; tied <= 1; tied++) {
		for (from = 0; from < WSP_TABLES; from++) {
			for (to = 0; to < WSP_TABLES; to++) {
				sock->ops = &kind->table[tied][from].ops;
				wsp_set_table(sock, to);
				expect_table(test, sock, kind, tied, to);
			}
			for (to = 0; to <= 1; to++) {
				sock->ops = &kind->table[tied][from].ops;
				wsp_set_tied(sock, to);
				expect_table(test, sock, kind, to, from);
			}
		}
	}
}

/* The socket passes for a connected one, and keeps the table. */
static void F_03_another_s_table(struct kunit *test)
{
	const struct param *param = test->param_value;
	const struct wsp_kind *kind = wsp_kind(param->type, param->family);
	struct socket *sock = make_socket(test);
	const struct proto_ops theirs = {}, *const others[] = {
		&theirs, NULL, &wsp_kinds[0][0].table[0][0].ops - 1,
		(const void *)(&wsp_kinds[1][1] + 1),
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		sock->ops = others[i];
		KUNIT_EXPECT_FALSE(test, wsp_is_ours(sock));
		KUNIT_EXPECT_FALSE(test, wsp_is_tied(sock));
		KUNIT_EXPECT_EQ(test, (int)wsp_table(sock), WSP_TABLE_CONNECTED);
		KUNIT_EXPECT_PTR_EQ(test, wsp_sock_kind(sock), kind);
		KUNIT_EXPECT_PTR_EQ(test, wsp_untied(sock),
				    &kind->table[0][WSP_TABLE_CONNECTED].ops);
		wsp_set_table(sock, WSP_TABLE_IDLE);
		KUNIT_EXPECT_FALSE(test, wsp_set_tied(sock, true));
		KUNIT_EXPECT_PTR_EQ(test, sock->ops, others[i]);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(F_01_kinds_have_places_of_their_own),
	KUNIT_CASE_PARAM(F_01_kind_of_a_socket, kind_gen_params),
	KUNIT_CASE_PARAM(V_01_every_table_read_back, kind_gen_params),
	KUNIT_CASE_PARAM(V_01_every_change_of_table, kind_gen_params),
	KUNIT_CASE_PARAM(F_03_another_s_table, kind_gen_params),
	{}
};

static int name_tables(struct kunit_suite *suite)
{
	int i;

	for (i = 0; i < 4; i++)
		wsp_name_tables(&wsp_kinds[i / 2][i % 2]);
	return 0;
}

static struct kunit_suite suite = {
	.name = "wsp_kinds",
	.suite_init = name_tables,
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("Unit tests of AF_WSP");
MODULE_LICENSE("GPL");
