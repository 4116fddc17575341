// SPDX-License-Identifier: GPL-2.0
/* The classes of names: every boundary, every spelling, every length. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <kunit/test.h>

#include "rules.h"

/* What a program passes: any bytes, of which a name is the first few. */
struct name {
	struct sockaddr_storage bytes;
};

struct address {
	const char *text;
	enum wsp_name_class class;
};

static const struct address v4_addresses[] = {
	{ "0.0.0.0", WSP_NAME_ANY },
	{ "0.0.0.1", WSP_NAME_HOST },
	{ "0.0.1.0", WSP_NAME_HOST },
	{ "0.1.0.0", WSP_NAME_HOST },
	{ "0.255.255.255", WSP_NAME_HOST },
	{ "1.0.0.0", WSP_NAME_HOST },
	{ "9.255.255.255", WSP_NAME_HOST },
	{ "10.0.0.0", WSP_NAME_HOST },
	{ "10.255.255.255", WSP_NAME_HOST },
	{ "100.64.0.0", WSP_NAME_HOST },
	{ "100.127.255.255", WSP_NAME_HOST },
	{ "126.255.255.255", WSP_NAME_HOST },
	{ "127.0.0.0", WSP_NAME_HOST },
	{ "127.0.0.1", WSP_NAME_HOST },
	{ "127.255.255.255", WSP_NAME_HOST },
	{ "128.0.0.0", WSP_NAME_HOST },
	{ "169.254.0.0", WSP_NAME_HOST },
	{ "169.254.255.255", WSP_NAME_HOST },
	{ "172.16.0.0", WSP_NAME_HOST },
	{ "172.31.255.255", WSP_NAME_HOST },
	{ "191.255.255.255", WSP_NAME_HOST },
	{ "192.0.0.0", WSP_NAME_HOST },
	{ "192.0.2.255", WSP_NAME_HOST },
	{ "192.88.99.1", WSP_NAME_HOST },
	{ "192.168.0.0", WSP_NAME_HOST },
	{ "192.168.255.255", WSP_NAME_HOST },
	{ "198.18.0.0", WSP_NAME_HOST },
	{ "223.255.255.255", WSP_NAME_HOST },
	{ "224.0.0.0", WSP_NAME_MULTICAST },
	{ "224.0.0.1", WSP_NAME_MULTICAST },
	{ "224.0.0.255", WSP_NAME_MULTICAST },
	{ "224.0.1.0", WSP_NAME_MULTICAST },
	{ "232.0.0.0", WSP_NAME_MULTICAST },
	{ "234.255.255.255", WSP_NAME_MULTICAST },
	{ "239.0.0.0", WSP_NAME_MULTICAST },
	{ "239.255.255.255", WSP_NAME_MULTICAST },
	{ "240.0.0.0", WSP_NAME_HOST },
	{ "255.0.0.0", WSP_NAME_HOST },
	{ "255.255.255.0", WSP_NAME_HOST },
	{ "255.255.255.254", WSP_NAME_HOST },
	{ "255.255.255.255", WSP_NAME_BROADCAST },
	/* The same bytes the other way round. */
	{ "1.0.0.224", WSP_NAME_HOST },
	{ "0.0.0.239", WSP_NAME_HOST },
};

static const struct address v6_addresses[] = {
	{ "::", WSP_NAME_ANY },
	{ "::1", WSP_NAME_HOST },
	{ "::2", WSP_NAME_HOST },
	{ "0:0:0:1::", WSP_NAME_HOST },
	{ "100::", WSP_NAME_HOST },
	{ "2001::1", WSP_NAME_HOST },
	{ "2001:db8::", WSP_NAME_HOST },
	{ "2001:db8::ff02:1", WSP_NAME_HOST },
	{ "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	{ "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	{ "fc00::", WSP_NAME_HOST },
	{ "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	{ "fe00::", WSP_NAME_HOST },
	{ "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	/* Link-local, site-local. */
	{ "fe80::", WSP_NAME_HOST },
	{ "fe80::1", WSP_NAME_HOST },
	{ "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	{ "fec0::", WSP_NAME_HOST },
	{ "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_HOST },
	/* Multicast, permanent, by scope. */
	{ "ff00::", WSP_NAME_MULTICAST },
	{ "ff01::1", WSP_NAME_MULTICAST },
	{ "ff02::1", WSP_NAME_MULTICAST },
	{ "ff03::1", WSP_NAME_MULTICAST },
	{ "ff04::1", WSP_NAME_MULTICAST },
	{ "ff05::2", WSP_NAME_MULTICAST },
	{ "ff08::1", WSP_NAME_MULTICAST },
	{ "ff0e::1", WSP_NAME_MULTICAST },
	{ "ff0f::1", WSP_NAME_MULTICAST },
	{ "ff02::1:ff00:0", WSP_NAME_MULTICAST },
	{ "ff1e::1", WSP_NAME_MULTICAST },
	{ "ff3e:20:2001:db8::1", WSP_NAME_MULTICAST },
	{ "ff7e:120:2001:db8::1", WSP_NAME_MULTICAST },
	{ "ffff::", WSP_NAME_MULTICAST },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", WSP_NAME_MULTICAST },
};

/*
 * IPv6 addresses that hold an IPv4 address and are not v4-mapped. What they
 * hold says nothing about them.
 */
static const struct embedding {
	const char *name;
	const char *prefix;
	int at;
} embeddings[] = {
	{ "v4-compatible", "::", 12 },
	{ "v4-translated", "::ffff:0:0:0", 12 },
	{ "nat64", "64:ff9b::", 12 },
	{ "nat64 local", "64:ff9b:1::", 12 },
	{ "isatap", "fe80::5efe:0:0", 12 },
	{ "6to4", "2002::1", 2 },
	{ "teredo server", "2001::1", 4 },
	{ "mapped but for the mark's first byte", "::ff:0:0", 12 },
	{ "mapped but for the mark's last byte", "::ff00:0:0", 12 },
	{ "mapped but for its first bit", "8000::ffff:0:0", 12 },
	{ "mapped but for the bit before the mark", "::1:ffff:0:0", 12 },
};

static void parse_v4(struct kunit *test, const char *text, u8 addr[4])
{
	KUNIT_ASSERT_TRUE_MSG(test, in4_pton(text, -1, addr, -1, NULL), "%s", text);
}

static void parse_v6(struct kunit *test, const char *text, u8 addr[16])
{
	KUNIT_ASSERT_TRUE_MSG(test, in6_pton(text, -1, addr, -1, NULL), "%s", text);
}

static void map_v4(const u8 v4[4], u8 v6[16])
{
	memset(v6, 0, 10);
	memset(v6 + 10, 0xff, 2);
	memcpy(v6 + 12, v4, 4);
}

/* The same in every run. */
static void rnd_init(struct rnd_state *rnd)
{
	prandom_seed_state(rnd, 20040229);
}

/* Port, padding, flow, scope and all that follows are noise. */
static void make_name(struct name *name, struct rnd_state *rnd,
		      sa_family_t family, const u8 *addr)
{
	prandom_bytes_state(rnd, name, sizeof(*name));
	name->bytes.ss_family = family;
	if (family == AF_INET6)
		memcpy((u8 *)name + offsetof(struct sockaddr_in6, sin6_addr), addr, 16);
	else
		memcpy((u8 *)name + offsetof(struct sockaddr_in, sin_addr), addr, 4);
}

static enum wsp_name_class class_of(sa_family_t family, const struct name *name,
				    int len)
{
	return wsp_name_class(family, (const struct sockaddr_unsized *)name, len);
}

static enum wsp_name_class v4_class(struct rnd_state *rnd, const u8 addr[4])
{
	struct name name;

	make_name(&name, rnd, AF_INET, addr);
	return class_of(AF_INET, &name, sizeof(struct sockaddr_in));
}

static enum wsp_name_class v6_class(struct rnd_state *rnd, const u8 addr[16])
{
	struct name name;

	make_name(&name, rnd, AF_INET6, addr);
	return class_of(AF_INET6, &name, sizeof(struct sockaddr_in6));
}

static enum wsp_name_class mapped_class(struct rnd_state *rnd, const u8 addr[4])
{
	u8 mapped[16];

	map_v4(addr, mapped);
	return v6_class(rnd, mapped);
}

/* The contract's classes once more, from the bytes alone. */
static enum wsp_name_class expected_v4(const u8 addr[4])
{
	const u32 value = addr[0] << 24 | addr[1] << 16 | addr[2] << 8 | addr[3];

	if (value == 0)
		return WSP_NAME_ANY;
	if (value == 0xffffffff)
		return WSP_NAME_BROADCAST;
	return value >= 0xe0000000 && value < 0xf0000000 ? WSP_NAME_MULTICAST :
							   WSP_NAME_HOST;
}

static bool expected_mapped(const u8 addr[16])
{
	int i = 0;

	while (i < 10 && addr[i] == 0)
		i++;
	while (i < 12 && addr[i] == 255 && i >= 10)
		i++;
	return i == 12;
}

static enum wsp_name_class expected_v6(const u8 addr[16])
{
	int i;

	if (expected_mapped(addr))
		return expected_v4(addr + 12);
	if (addr[0] == 255)
		return WSP_NAME_MULTICAST;
	for (i = 0; i < 16; i++)
		if (addr[i])
			return WSP_NAME_HOST;
	return WSP_NAME_ANY;
}

static enum wsp_name_class expected_class(bool v6, const u8 *name, int len)
{
	u16 family;

	if (len <= 1)
		return WSP_NAME_SHORT;
	memcpy(&family, name, 2);
	if (family == 0)
		return WSP_NAME_UNSPEC;
	if (family != (v6 ? 10 : 2))
		return WSP_NAME_FOREIGN;
	if (v6)
		return len < 28 ? WSP_NAME_SHORT : expected_v6(name + 8);
	return len < 16 ? WSP_NAME_SHORT : expected_v4(name + 4);
}

KUNIT_ARRAY_PARAM_DESC(v4_address, v4_addresses, text);

static void C_01_C_03_D_09_v4_and_mapped(struct kunit *test)
{
	const struct address *param = test->param_value;
	struct rnd_state rnd;
	u8 addr[4];

	rnd_init(&rnd);
	parse_v4(test, param->text, addr);
	KUNIT_EXPECT_EQ(test, v4_class(&rnd, addr), param->class);
	KUNIT_EXPECT_EQ(test, mapped_class(&rnd, addr), param->class);
	KUNIT_EXPECT_EQ(test, expected_v4(addr), param->class);
}

KUNIT_ARRAY_PARAM_DESC(v6_address, v6_addresses, text);

static void C_01_C_03_v6(struct kunit *test)
{
	const struct address *param = test->param_value;
	struct rnd_state rnd;
	u8 addr[16];

	rnd_init(&rnd);
	parse_v6(test, param->text, addr);
	KUNIT_EXPECT_EQ(test, v6_class(&rnd, addr), param->class);
	KUNIT_EXPECT_EQ(test, expected_v6(addr), param->class);
}

KUNIT_ARRAY_PARAM_DESC(embedding, embeddings, name);

static void C_01_C_03_embedded_v4_is_a_host(struct kunit *test)
{
	const struct embedding *param = test->param_value;
	struct rnd_state rnd;
	u8 addr[16];
	int i;

	rnd_init(&rnd);
	for (i = 0; i < ARRAY_SIZE(v4_addresses); i++) {
		const char *v4 = v4_addresses[i].text;

		parse_v6(test, param->prefix, addr);
		parse_v4(test, v4, addr + param->at);
		KUNIT_EXPECT_EQ_MSG(test, v6_class(&rnd, addr),
				    memchr_inv(addr, 0, 16) ? WSP_NAME_HOST : WSP_NAME_ANY,
				    "with %s", v4);
	}
}

static void C_03_v4_every_first_octet(struct kunit *test)
{
	static const u8 rest[][3] = {
		{ 0, 0, 0 }, { 0, 0, 1 }, { 1, 0, 0 }, { 18, 52, 86 },
		{ 224, 0, 0 }, { 255, 255, 254 }, { 255, 255, 255 },
	};
	struct rnd_state rnd;
	int first, i;

	rnd_init(&rnd);
	for (first = 0; first < 256; first++) {
		for (i = 0; i < ARRAY_SIZE(rest); i++) {
			u8 addr[4] = { first, rest[i][0], rest[i][1], rest[i][2] };

			KUNIT_ASSERT_EQ_MSG(test, v4_class(&rnd, addr),
					    expected_v4(addr), "%pI4", addr);
			KUNIT_ASSERT_EQ_MSG(test, mapped_class(&rnd, addr),
					    expected_v4(addr), "::ffff:%pI4", addr);
		}
	}
}

static void C_03_v6_every_first_octet(struct kunit *test)
{
	struct rnd_state rnd;
	u8 addr[16];
	int first;

	rnd_init(&rnd);
	for (first = 1; first < 256; first++) {
		prandom_bytes_state(&rnd, addr, sizeof(addr));
		addr[0] = first;
		KUNIT_ASSERT_EQ_MSG(test, v6_class(&rnd, addr),
				    first == 255 ? WSP_NAME_MULTICAST : WSP_NAME_HOST,
				    "%pI6c", addr);
	}
}

static void C_03_v6_every_flag_and_scope(struct kunit *test)
{
	struct rnd_state rnd;
	int second;

	rnd_init(&rnd);
	for (second = 0; second < 256; second++) {
		u8 addr[16] = { 0xff, second };

		KUNIT_ASSERT_EQ_MSG(test, v6_class(&rnd, addr), WSP_NAME_MULTICAST,
				    "%pI6c", addr);
		addr[15] = 1;
		KUNIT_ASSERT_EQ_MSG(test, v6_class(&rnd, addr), WSP_NAME_MULTICAST,
				    "%pI6c", addr);
	}
}

static const char * const special[] = {
	"::", "::ffff:0.0.0.0", "::ffff:255.255.255.255", "::ffff:224.0.0.1",
	"::ffff:192.0.2.1", "ff02::1",
};

static void special_desc(const char * const *text, char *desc)
{
	strscpy(desc, *text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(special, special, special_desc);

static void C_01_C_03_one_bit_away(struct kunit *test)
{
	const char * const *param = test->param_value;
	struct rnd_state rnd;
	u8 addr[16];
	int bit;

	rnd_init(&rnd);
	parse_v6(test, *param, addr);
	for (bit = 0; bit < 128; bit++) {
		const u8 mask = 1 << bit % 8;

		addr[bit / 8] ^= mask;
		KUNIT_ASSERT_EQ_MSG(test, v6_class(&rnd, addr), expected_v6(addr),
				    "%pI6c", addr);
		addr[bit / 8] ^= mask;
	}
}

/* Zeros and ones are where the classes begin and end: make many of them. */
static void random_v6(struct rnd_state *rnd, u8 addr[16])
{
	const u32 shape = prandom_u32_state(rnd);
	int i;

	prandom_bytes_state(rnd, addr, 16);
	for (i = 0; i < 16; i++) {
		if (shape & 1 << i)
			addr[i] = addr[i] & 1 ? 0xff : 0;
	}
	if (shape & 1 << 16)
		memset(addr, 0, 10);
	if (shape & 1 << 17)
		memset(addr + 10, 0xff, 2);
	if (shape & 1 << 18)
		memset(addr + 12, shape & 1 << 19 ? 0 : 0xff, 4);
	if (shape & 1 << 20)
		addr[12] = 0xe0 | (addr[12] & 0x1f);
	if (!(shape >> 25))
		memset(addr, 0, 16);
}

static void C_01_C_03_random_addresses(struct kunit *test)
{
	int i, seen[WSP_NAME_HOST + 1] = {};
	struct rnd_state rnd;
	u8 addr[16];

	rnd_init(&rnd);
	for (i = 0; i < 100000; i++) {
		enum wsp_name_class class;

		random_v6(&rnd, addr);
		class = v6_class(&rnd, addr);
		KUNIT_ASSERT_EQ_MSG(test, class, expected_v6(addr), "%pI6c", addr);
		KUNIT_ASSERT_EQ_MSG(test, v4_class(&rnd, addr + 12),
				    expected_v4(addr + 12), "%pI4", addr + 12);
		seen[class]++;
	}
	for (i = WSP_NAME_ANY; i <= WSP_NAME_HOST; i++)
		KUNIT_EXPECT_GT_MSG(test, seen[i], 500, "class %d", i);
}

static const struct family {
	const char *text;
	sa_family_t family;
} families[] = {
	{ "AF_INET", AF_INET },
	{ "AF_INET6", AF_INET6 },
};

KUNIT_ARRAY_PARAM_DESC(family, families, text);

static void expect_class(struct kunit *test, sa_family_t family,
			 const struct name *name, int len)
{
	KUNIT_ASSERT_EQ_MSG(test, class_of(family, name, len),
			    expected_class(family == AF_INET6, (const u8 *)name, len),
			    "family %d, length %d", name->bytes.ss_family, len);
}

static void E_06_E_08_every_length(struct kunit *test)
{
	static const int far[] = {
		INT_MIN, INT_MIN + 1, -4096, 256, 4096, 65536 + 2, INT_MAX,
	};
	const struct family *param = test->param_value;
	struct rnd_state rnd;
	struct name name;
	int family, len, i;

	rnd_init(&rnd);
	for (family = 0; family <= AF_MAX; family++) {
		prandom_bytes_state(&rnd, &name, sizeof(name));
		name.bytes.ss_family = family;
		for (len = -128; len <= 128; len++)
			expect_class(test, param->family, &name, len);
		for (i = 0; i < ARRAY_SIZE(far); i++)
			expect_class(test, param->family, &name, far[i]);
	}
}

static void E_06_D_02_every_family(struct kunit *test)
{
	static const int lengths[] = { -1, 0, 1, 2, 3, 15, 16, 27, 28, 128 };
	const struct family *param = test->param_value;
	struct rnd_state rnd;
	struct name name;
	int family, i;

	rnd_init(&rnd);
	prandom_bytes_state(&rnd, &name, sizeof(name));
	for (family = 0; family <= U16_MAX; family++) {
		name.bytes.ss_family = family;
		for (i = 0; i < ARRAY_SIZE(lengths); i++)
			expect_class(test, param->family, &name, lengths[i]);
	}
}

/* KASAN sees a byte too many. */
static void E_08_reads_no_further_than_the_length(struct kunit *test)
{
	const struct family *param = test->param_value;
	const sa_family_t name_families[] = { AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX };
	int i, len;

	for (i = 0; i < ARRAY_SIZE(name_families); i++) {
		for (len = 1; len <= 28; len++) {
			u8 *name = kunit_kzalloc(test, len, GFP_KERNEL);

			KUNIT_ASSERT_NOT_NULL(test, name);
			memcpy(name, &name_families[i], min(len, 2));
			KUNIT_ASSERT_EQ_MSG(test,
					    class_of(param->family, (struct name *)name, len),
					    expected_class(param->family == AF_INET6, name, len),
					    "family %d, length %d", name_families[i], len);
			kunit_kfree(test, name);
		}
	}
}

static void D_09_v4_in_a_name(struct kunit *test)
{
	const struct address *param = test->param_value;
	struct rnd_state rnd;
	struct name name;
	u8 addr[4], mapped[16];
	__be32 v4 = 0;

	rnd_init(&rnd);
	parse_v4(test, param->text, addr);
	make_name(&name, &rnd, AF_INET, addr);
	KUNIT_EXPECT_TRUE(test, wsp_name_v4((struct sockaddr_unsized *)&name, &v4));
	KUNIT_EXPECT_MEMEQ(test, &v4, addr, 4);

	v4 = 0;
	map_v4(addr, mapped);
	make_name(&name, &rnd, AF_INET6, mapped);
	KUNIT_EXPECT_TRUE(test, wsp_name_v4((struct sockaddr_unsized *)&name, &v4));
	KUNIT_EXPECT_MEMEQ(test, &v4, addr, 4);
}

static void D_09_no_v4_in_a_name(struct kunit *test)
{
	const struct embedding *param = test->param_value;
	struct rnd_state rnd;
	struct name name;
	u8 addr[16];
	__be32 v4;

	rnd_init(&rnd);
	parse_v6(test, param->prefix, addr);
	parse_v4(test, "192.0.2.255", addr + param->at);
	make_name(&name, &rnd, AF_INET6, addr);
	KUNIT_EXPECT_FALSE(test, wsp_name_v4((struct sockaddr_unsized *)&name, &v4));
}

static void D_09_random_v4_in_a_name(struct kunit *test)
{
	struct rnd_state rnd;
	struct name name;
	int i, mapped = 0;
	u8 addr[16];
	__be32 v4;

	rnd_init(&rnd);
	for (i = 0; i < 20000; i++) {
		bool found;

		random_v6(&rnd, addr);
		make_name(&name, &rnd, AF_INET6, addr);
		found = wsp_name_v4((struct sockaddr_unsized *)&name, &v4);
		KUNIT_ASSERT_EQ_MSG(test, found, expected_mapped(addr), "%pI6c", addr);
		mapped += found;
	}
	KUNIT_EXPECT_GT(test, mapped, 1000);
	KUNIT_EXPECT_LT(test, mapped, 19000);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(C_01_C_03_D_09_v4_and_mapped, v4_address_gen_params),
	KUNIT_CASE_PARAM(C_01_C_03_v6, v6_address_gen_params),
	KUNIT_CASE_PARAM(C_01_C_03_embedded_v4_is_a_host, embedding_gen_params),
	KUNIT_CASE(C_03_v4_every_first_octet),
	KUNIT_CASE(C_03_v6_every_first_octet),
	KUNIT_CASE(C_03_v6_every_flag_and_scope),
	KUNIT_CASE_PARAM(C_01_C_03_one_bit_away, special_gen_params),
	KUNIT_CASE(C_01_C_03_random_addresses),
	KUNIT_CASE_PARAM(E_06_E_08_every_length, family_gen_params),
	KUNIT_CASE_PARAM(E_06_D_02_every_family, family_gen_params),
	KUNIT_CASE_PARAM(E_08_reads_no_further_than_the_length, family_gen_params),
	KUNIT_CASE_PARAM(D_09_v4_in_a_name, v4_address_gen_params),
	KUNIT_CASE_PARAM(D_09_no_v4_in_a_name, embedding_gen_params),
	KUNIT_CASE(D_09_random_v4_in_a_name),
	{}
};

static struct kunit_suite suite = {
	.name = "wsp_names",
	.test_cases = cases,
};

kunit_test_suite(suite);
