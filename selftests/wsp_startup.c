// SPDX-License-Identifier: GPL-2.0
/* What needs no connection: versions, the table of calls, and strings. */

#include "kselftest_harness.h"
#include "wsp_test.h"

#define VERSION(major, minor)	((minor) << 8 | (major))

static const WSPUPCALLTABLE no_upcalls;

/* WSPStartup, undone at once: 0 and the version agreed on, or the code. */
static int agree(int version)
{
	WSPDATA data;
	int rc = WSPStartup(version, &data, NULL, no_upcalls, NULL);

	if (rc)
		return rc;
	WSPCleanup(NULL);
	return data.wVersion;
}

TEST(versions)
{
	EXPECT_EQ(WSAVERNOTSUPPORTED, agree(0));
	EXPECT_EQ(WSAVERNOTSUPPORTED, agree(VERSION(0, 255)));
	EXPECT_EQ(WSAVERNOTSUPPORTED, agree(VERSION(1, 0)));
	EXPECT_EQ(VERSION(1, 1), agree(VERSION(1, 1)));
	EXPECT_EQ(VERSION(1, 1), agree(VERSION(1, 9)));
	EXPECT_EQ(VERSION(2, 0), agree(VERSION(2, 0)));
	EXPECT_EQ(VERSION(2, 1), agree(VERSION(2, 1)));
	EXPECT_EQ(VERSION(2, 2), agree(VERSION(2, 2)));
	EXPECT_EQ(VERSION(2, 2), agree(VERSION(2, 3)));
	EXPECT_EQ(VERSION(2, 2), agree(VERSION(3, 0)));
	EXPECT_EQ(VERSION(2, 2), agree(VERSION(255, 255)));
}

TEST(description)
{
	WSPDATA data;
	int i;

	memset(&data, 0xff, sizeof(data));
	ASSERT_EQ(0, WSPStartup(VERSION(1, 1), &data, NULL, no_upcalls, NULL));
	EXPECT_EQ(VERSION(2, 2), data.wHighVersion);
	EXPECT_EQ(2, sizeof(data.szDescription[0]));
	for (i = 0; data.szDescription[i]; i++)
		ASSERT_GT(0x7f, data.szDescription[i]);
	EXPECT_LT(6, i);
	EXPECT_EQ(0, memcmp(data.szDescription, u"AF_WSP", 12));
	EXPECT_EQ(0, OUTCOME(WSPCleanup(&code)));
	EXPECT_EQ(WSAEFAULT, WSPStartup(VERSION(2, 2), NULL, NULL, no_upcalls,
					NULL));
	EXPECT_EQ(WSANOTINITIALISED, OUTCOME(WSPCleanup(&code)));
}

TEST(counted)
{
	WSPDATA data;
	int i;

	EXPECT_EQ(WSANOTINITIALISED, OUTCOME(WSPCleanup(&code)));
	EXPECT_EQ(SOCKET_ERROR, WSPCleanup(NULL));
	for (i = 0; i < 65535; i++)
		ASSERT_EQ(0, WSPStartup(VERSION(2, 2), &data, NULL, no_upcalls,
					NULL));
	EXPECT_EQ(WSAEPROCLIM, WSPStartup(VERSION(2, 2), &data, NULL, no_upcalls,
					  NULL));
	EXPECT_EQ(WSAVERNOTSUPPORTED, WSPStartup(1, &data, NULL, no_upcalls,
						 NULL));
	for (i = 0; i < 65535; i++)
		ASSERT_EQ(0, OUTCOME(WSPCleanup(&code)));
	EXPECT_EQ(WSANOTINITIALISED, OUTCOME(WSPCleanup(&code)));
}

static void *start_and_clean(void *arg)
{
	WSPDATA data;
	intptr_t i, failures = 0;

	for (i = 0; i < 20000; i++) {
		failures += WSPStartup(*(int *)arg, &data, NULL, no_upcalls,
				       NULL) != 0;
		failures += WSPCleanup(NULL) != 0;
	}
	return (void *)failures;
}

TEST(counted_by_threads)
{
	int versions[] = { VERSION(1, 1), VERSION(2, 2) };
	pthread_t threads[2];
	void *failures;
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, start_and_clean,
					    &versions[i]));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failures));
		EXPECT_EQ(NULL, failures);
	}
	EXPECT_EQ(WSANOTINITIALISED, OUTCOME(WSPCleanup(&code)));
}

/* A second connect while the first is under way. */
static int code_of_second(const struct row *row, bool with_callee)
{
	union name name = name_host(row->family, SILENT, 9);
	WSABUF callee = { .len = 0 };
	int fd = wsp_socket(SOCK_STREAM, row), code;

	code = try_connect(row, fd, &name, name_len(&name));
	if (code == WSAEWOULDBLOCK)
		code = OUTCOME(WSPConnect(fd, &name.sa, name_len(&name), NULL,
					  with_callee ? &callee : NULL, NULL,
					  NULL, &code));
	close(fd);
	return code;
}

/* The first start counts, until the last cleanup. */
TEST(E_04_version_1)
{
	const struct row rows[] = { { AF_INET, true, WSPCONNECT },
				    { AF_INET6, true, WSPCONNECT } };
	WSPDATA data;
	int i;

#define START(version)	WSPStartup(version, &data, NULL, no_upcalls, NULL)
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(WSAEALREADY, code_of_second(&rows[i], false));
		ASSERT_EQ(0, START(VERSION(1, 1)));
		EXPECT_EQ(WSAEINVAL, code_of_second(&rows[i], false));
		EXPECT_EQ(WSAEINVAL, code_of_second(&rows[i], true));
		ASSERT_EQ(0, START(VERSION(2, 2)));
		EXPECT_EQ(VERSION(2, 2), data.wVersion);
		EXPECT_EQ(WSAEINVAL, code_of_second(&rows[i], false));
		ASSERT_EQ(0, WSPCleanup(NULL));
		EXPECT_EQ(WSAEINVAL, code_of_second(&rows[i], false));
		ASSERT_EQ(0, WSPCleanup(NULL));
		EXPECT_EQ(WSAEALREADY, code_of_second(&rows[i], false));

		ASSERT_EQ(0, START(VERSION(2, 0)));
		ASSERT_EQ(0, START(VERSION(1, 1)));
		EXPECT_EQ(VERSION(1, 1), data.wVersion);
		EXPECT_EQ(WSAEALREADY, code_of_second(&rows[i], false));
		ASSERT_EQ(0, WSPCleanup(NULL));
		ASSERT_EQ(0, WSPCleanup(NULL));
	}
}

/* The order of the list in the documentation. */
static void *const documented[] = {
	WSPAccept, WSPAddressToString, WSPAsyncSelect, WSPBind,
	WSPCancelBlockingCall, WSPCleanup, WSPCloseSocket, WSPConnect,
	WSPDuplicateSocket, WSPEnumNetworkEvents, WSPEventSelect,
	WSPGetOverlappedResult, WSPGetPeerName, WSPGetSockName, WSPGetSockOpt,
	WSPGetQOSByName, WSPIoctl, WSPJoinLeaf, WSPListen, WSPRecv,
	WSPRecvDisconnect, WSPRecvFrom, WSPSelect, WSPSend, WSPSendDisconnect,
	WSPSendTo, WSPSetSockOpt, WSPShutdown, WSPSocket, WSPStringToAddress,
};

TEST(table)
{
	const WSPUPCALLTABLE upcalls = { .lpWPUCloseEvent = (WSPUPCALL)8 };
	WSPPROC_TABLE table = {};
	void *entries[30];
	WSPDATA data;
	SOCKET s;
	int i;

	EXPECT_EQ(30, ARRAY_SIZE(documented));
	ASSERT_EQ(sizeof(entries), sizeof(table));
	EXPECT_EQ(WSAVERNOTSUPPORTED, WSPStartup(1, &data, NULL, upcalls, &table));
	EXPECT_TRUE(!table.lpWSPAccept);
	ASSERT_EQ(0, WSPStartup(VERSION(2, 2), &data, (void *)8, upcalls, &table));
	memcpy(entries, &table, sizeof(table));
	for (i = 0; i < 30; i++)
		EXPECT_EQ(documented[i], entries[i])
			TH_LOG("entry %d", i);
	s = table.lpWSPSocket(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0, NULL);
	EXPECT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(0, OUTCOME(table.lpWSPCloseSocket(s, &code)));
	EXPECT_EQ(0, OUTCOME(table.lpWSPCleanup(&code)));
}

TEST(unsupported_calls)
{
	SOCKET s = WSPSocket(AF_INET, SOCK_STREAM, 0, NULL, 0, 0, NULL);
	const SOCKET sockets[] = { s, 0, INVALID_SOCKET };
	int i, want, code;

#define REFUSED(failure, call)						\
	do {								\
		code = UNTOUCHED;					\
		EXPECT_EQ(failure, (call));				\
		EXPECT_EQ(want, code);					\
	} while (0)
	for (i = 0; i < ARRAY_SIZE(sockets); i++) {
		s = sockets[i];
		want = i ? WSAENOTSOCK : WSAEOPNOTSUPP;
		REFUSED(SOCKET_ERROR, WSPAsyncSelect(s, NULL, 0, 0, &code));
		REFUSED(SOCKET_ERROR, WSPDuplicateSocket(s, 1, NULL, &code));
		REFUSED(INVALID_SOCKET, WSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL,
						    NULL, 0, &code));
		REFUSED(FALSE, WSPGetQOSByName(s, NULL, NULL, &code));
		want = i ? WSAENOTSOCK : WSAEFAULT;
		REFUSED(FALSE, WSPGetOverlappedResult(s, NULL, NULL, TRUE, NULL,
						      &code));
	}
	want = WSAEOPNOTSUPP;
	REFUSED(SOCKET_ERROR, WSPCancelBlockingCall(&code));
	EXPECT_EQ(SOCKET_ERROR, WSPCancelBlockingCall(NULL));
	close(sockets[0]);
}

static const struct {
	const WCHAR *text;	/* as WSPAddressToString has it */
	const char *addr;
	int port;
	unsigned int scope;
} spellings[] = {
	{ u"192.0.2.1", "192.0.2.1", 0, 0 },
	{ u"192.0.2.1:80", "192.0.2.1", 80, 0 },
	{ u"255.255.255.255:65535", "255.255.255.255", 65535, 0 },
	{ u"0.0.0.0", "0.0.0.0", 0, 0 },
	{ u"::", "::", 0, 0 },
	{ u"2001:db8::1", "2001:db8::1", 0, 0 },
	{ u"[2001:db8::1]:80", "2001:db8::1", 80, 0 },
	{ u"fe80::1%2", "fe80::1", 0, 2 },
	{ u"[fe80::1%2]:1", "fe80::1", 1, 2 },
	{ u"::ffff:192.0.2.1", "::ffff:192.0.2.1", 0, 0 },
	{ u"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535, UINT_MAX },
};

static union name spelled(int i)
{
	union name name;

	if (!strchr(spellings[i].addr, ':'))
		return name_v4(spellings[i].addr, spellings[i].port);
	name = name_v6(spellings[i].addr, spellings[i].port);
	name.in6.sin6_scope_id = spellings[i].scope;
	return name;
}

static DWORD wide_size(const WCHAR *text)
{
	DWORD n = 0;

	while (text[n++])
		;
	return n;
}

TEST(address_to_string)
{
	WCHAR text[80];
	union name name;
	DWORD len, size;
	int i;

#define STRING(n)	OUTCOME(WSPAddressToString(&name.sa, n, NULL, text, &len, \
						   &code))
	for (i = 0; i < ARRAY_SIZE(spellings); i++) {
		name = spelled(i);
		size = wide_size(spellings[i].text);
		memset(text, 0xee, sizeof(text));
		len = size - 1;
		EXPECT_EQ(WSAEFAULT, STRING(name_len(&name)));
		EXPECT_EQ(size, len);
		EXPECT_EQ(0xeeee, text[0]);
		EXPECT_EQ(0, STRING(name_len(&name)));
		EXPECT_EQ(size, len);
		EXPECT_EQ(0, memcmp(text, spellings[i].text, size * sizeof(WCHAR)))
			TH_LOG("spelling %d", i);
		EXPECT_EQ(0xeeee, text[size]);
		len = 80;
		EXPECT_EQ(0, STRING(sizeof(name)));
		EXPECT_EQ(size, len);
		EXPECT_EQ(WSAEFAULT, STRING(name_len(&name) - 1));
		EXPECT_EQ(WSAEFAULT, STRING(0));
	}
	len = 0;
	EXPECT_EQ(WSAEFAULT, STRING(name_len(&name)));
	EXPECT_EQ(size, len);
	name.sa.sa_family = AF_UNIX;
	EXPECT_EQ(WSAEINVAL, STRING(sizeof(name)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPAddressToString(NULL, 28, NULL, text, &len,
							&code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPAddressToString(&name.sa, 28, NULL, NULL,
							&len, &code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPAddressToString(&name.sa, 28, NULL, text,
							NULL, &code)));
}

#define ADDRESS(text, family)						\
	OUTCOME(WSPStringToAddress(text, family, NULL, &name.sa, &len, &code))

TEST(T_13_string_to_address)
{
	union name name, want, none = {};
	int i, len, size;

	for (i = 0; i < ARRAY_SIZE(spellings); i++) {
		const WCHAR *text = spellings[i].text;

		want = spelled(i);
		size = name_len(&want);
		memset(&name, 0xee, sizeof(name));
		len = size - 1;
		EXPECT_EQ(WSAEFAULT, ADDRESS(text, want.sa.sa_family));
		EXPECT_EQ(size, len);
		EXPECT_EQ(0, memcmp(&name, &none, size - 1));
		EXPECT_EQ(0xee, *((unsigned char *)&name + size - 1));
		EXPECT_EQ(0, ADDRESS(text, want.sa.sa_family));
		EXPECT_EQ(size, len);
		EXPECT_EQ(0, memcmp(&name, &want, size))
			TH_LOG("spelling %d", i);
		EXPECT_EQ(0xee, *((unsigned char *)&name + size));
		EXPECT_EQ(WSAEINVAL, ADDRESS(text, AF_INET + AF_INET6 -
					     want.sa.sa_family));
	}
	len = sizeof(name);
	want = name_v6("2001:db8::1", 0);
	EXPECT_EQ(0, ADDRESS(u"[2001:db8::1]", AF_INET6));
	EXPECT_EQ(0, memcmp(&name, &want, sizeof(want.in6)));
	EXPECT_EQ(0, ADDRESS(u"192.0.2.1:0", AF_INET));
	EXPECT_EQ(0, name_port(&name));
}

TEST(T_13_numeric_forms)
{
	static const struct {
		const WCHAR *text;
		const char *address;
		int port;
	} forms[] = {
		{ u"1.2.3.4", "1.2.3.4", 0 }, { u"1.2.772", "1.2.3.4", 0 },
		{ u"1.131844", "1.2.3.4", 0 }, { u"16909060", "1.2.3.4", 0 },
		{ u"0x1.02.0X3.4", "1.2.3.4", 0 }, { u"0x01020304", "1.2.3.4", 0 },
		{ u"0100.010.1", "64.8.0.1", 0 }, { u"0", "0.0.0.0", 0 },
		{ u"4294967295", "255.255.255.255", 0 }, { u"127.1:80", "127.0.0.1", 80 },
		{ u"0x7f000001:65535", "127.0.0.1", 65535 },
		{ u"017700000001", "127.0.0.1", 0 },
	};
	union name name, want;
	int i, len = sizeof(name);

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		want = name_v4(forms[i].address, forms[i].port);
		EXPECT_EQ(0, ADDRESS(forms[i].text, AF_INET)) TH_LOG("form %d", i);
		EXPECT_EQ(0, memcmp(&name, &want, sizeof(want.in))) TH_LOG("form %d", i);
	}
}

TEST(T_13_bad_strings)
{
	static const WCHAR *const bad[] = {
		u"", u" ", u"host", u"192.0.2.", u"192.0.2.1 ", u" 192.0.2.1",
		u"192.0.65536", u"192.16777216", u"4294967296", u"08.1", u"0x", u"1..2",
		u".1", u"1.2.3.4.5", u"0xg", u"1x", u"192.0.2.1\n", u"192.0.2.1\t2",
		u"192.0.2.256", u"192.0.2.1:", u"192.0.2.1:65536", u"192.0.2.1:-1",
		u"192.0.2.1:+1", u"192.0.2.1: 1", u"192.0.2.1:1x", u"192.0.2.1:1:1",
		u"192.0.2.1:99999999999999999999999", u":80", u"[192.0.2.1]:80",
		u":::", u"2001:db8::1%", u"2001:db8::1%x", u"2001:db8::1%4294967296",
		u"[2001:db8::1", u"2001:db8::1]", u"[2001:db8::1]80", u"[]:80",
		u"[2001:db8::1]:", u"[2001:db8::1]:65536", u"[2001:db8::1]%2",
		u"[[::1]]", u"\u0661.2.3.4", u"1\u0131", u"\uff11.2.3.4",
		u"[0000000000000000000000000000000000000000000000000000::1]:80",
	};
	union name name, none = {};
	int i, len = sizeof(name);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&name, 0xee, sizeof(name));
		EXPECT_EQ(WSAEINVAL, ADDRESS(bad[i], AF_INET))
			TH_LOG("string %d", i);
		EXPECT_EQ(0, memcmp(&name, &none, sizeof(name.in)));
		EXPECT_EQ(WSAEINVAL, ADDRESS(bad[i], AF_INET6))
			TH_LOG("string %d", i);
	}
	EXPECT_EQ(WSAEINVAL, ADDRESS(u"192.0.2.1", AF_UNIX));
	EXPECT_EQ(WSAEINVAL, ADDRESS(u"192.0.2.1", AF_WSP));
	EXPECT_EQ(sizeof(name), len);
	EXPECT_EQ(WSAEFAULT, ADDRESS(NULL, AF_INET));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPStringToAddress(u"::", AF_INET6, NULL, NULL,
							&len, &code)));
	EXPECT_EQ(WSAEFAULT, OUTCOME(WSPStringToAddress(u"::", AF_INET6, NULL,
							&name.sa, NULL, &code)));
}

WSP_TEST_MAIN
