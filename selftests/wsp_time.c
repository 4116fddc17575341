// SPDX-License-Identifier: GPL-2.0
/*
 * WSPSelect is given a time by programs of either struct timeval: two words of 32
 * bits, or two of 64. Of the 32-bit programs made of this, wsp_time32 has the one
 * and its library was compiled with the other; wsp_timeless32 is the reverse.
 */
#include <stdint.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

#define HALF	500000	/* microseconds */

static long long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The microseconds that @select takes for a socket to which nothing comes. */
#define WAIT(select, time) ({						\
	SOCKET s = WSPSocket(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0, NULL);	\
	WSPFDSET set = { .fd_count = 1, .fd_array = { s } };		\
	long long start = microseconds();				\
	int code = 0;							\
									\
	EXPECT_EQ(0, (select)(0, &set, NULL, NULL, time, &code));	\
	EXPECT_EQ(0, code);						\
	WSPCloseSocket(s, NULL);					\
	microseconds() - start;						\
})

TEST(V_10_half_a_second)
{
	const struct timeval half = { 0, HALF }, more = { 1, HALF };
	long long waited = WAIT(WSPSelect, &half);

	EXPECT_LE(HALF, waited);
	EXPECT_GT(HALF + DEADLINE_MS * 1000LL, waited);
	EXPECT_LE(1000000 + HALF, WAIT(WSPSelect, &more));
}

/* The table has the call for the program that asked for it. */
TEST(V_10_half_a_second_by_the_table)
{
	const struct timeval half = { 0, HALF };
	WSPUPCALLTABLE none = { 0 };
	WSPPROC_TABLE table;
	WSPDATA data;
	long long waited;

	ASSERT_EQ(0, WSPStartup(0x202, &data, NULL, none, &table));
	waited = WAIT(table.lpWSPSelect, &half);
	EXPECT_LE(HALF, waited);
	EXPECT_GT(HALF + DEADLINE_MS * 1000LL, waited);
	WSPCleanup(NULL);
}

/* What is negative is so in either. */
TEST(V_10_negative_time)
{
	const struct timeval bad = { -1, 0 }, worse = { 0, -1 };
	SOCKET s = WSPSocket(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0, NULL);
	WSPFDSET set = { .fd_count = 1, .fd_array = { s } };

	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPSelect(0, &set, NULL, NULL, &bad, &code)));
	EXPECT_EQ(WSAEINVAL, OUTCOME(WSPSelect(0, &set, NULL, NULL, &worse, &code)));
	EXPECT_EQ(1, set.fd_count);
	WSPCloseSocket(s, NULL);
}

/* The other entry point is there on every machine, with 64 bits or with long. */
#if defined(__USE_TIME_BITS64) && __SIZEOF_LONG__ == 4
#define OTHER(name)	__asm__(name)
typedef long other_word;
#else
#define OTHER(name)	__asm__(name "64")
typedef int64_t other_word;
#endif

struct other_time {
	other_word sec, usec;
};

int other_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
		 LPWSPFDSET exceptfds, const struct other_time *timeout,
		 LPINT lpErrno) OTHER("WSPSelect");
int other_winsock_select(int nfds, LPWSPFDSET readfds, LPWSPFDSET writefds,
			 LPWSPFDSET exceptfds, const struct other_time *timeout)
			 OTHER("winsock_select");

TEST(V_10_other_entry_points)
{
	const struct other_time half = { 0, HALF }, bad = { -1, 0 };
	long long waited = WAIT(other_select, &half);

	EXPECT_LE(HALF, waited);
	EXPECT_GT(HALF + DEADLINE_MS * 1000LL, waited);
	EXPECT_EQ(SOCKET_ERROR, other_winsock_select(0, NULL, NULL, NULL, &bad));
	EXPECT_EQ(WSAEINVAL, WSAGetLastError());
}

WSP_TEST_MAIN
