// SPDX-License-Identifier: GPL-2.0
/* TransmitFile, by which a file is sent as WSPSend sends (contract, I-01 and section 8). */
#define _FILE_OFFSET_BITS 64	/* also where a long has 32 */

#include <sys/utsname.h>

#include "kselftest_harness.h"
#include "wsp_extend.h"

#define HEAD		"HTTP/1.0 200\n"
#define TAIL		"the end"
#define SMALL		10000		/* bytes; more than two pages */
#define BIG		(4 << 20)	/* more than a socket holds */

static char received[BIG + 100];

/* What the file's bytes are. */
static char byte_at(size_t at)
{
	return (char)(at % 251);
}

static int make_file(size_t size)
{
	int fd = memfd_create("wsp_transmit", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t i;

	for (i = 0; i < size; i++)
		received[i] = byte_at(i);
	if (fd < 0 || pwrite(fd, received, size, 0) != (ssize_t)size)
		abort();
	memset(received, 0, sizeof(received));
	return fd;
}

static HANDLE handle_of(int fd)
{
	return (HANDLE)(intptr_t)fd;
}

/* Exactly so many bytes, and from where the file's are as they should be. */
static bool comes(int fd, size_t size)
{
	return recv(fd, received, size, MSG_WAITALL) == (ssize_t)size;
}

static bool is_of_file(size_t at, size_t from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (received[at + i] != byte_at(from + i))
			return false;
	return true;
}

/* What the call comes to: 0 or the code. */
#define TRANSMIT(...)	TOLD(TransmitFile(__VA_ARGS__))

/* No part of a file of ours is mapped any more. */
static bool is_mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	bool found = false;
	char line[512];

	while (!found && fgets(line, sizeof(line), maps))
		found = strstr(line, "memfd:wsp_transmit");
	fclose(maps);
	return found;
}

static TRANSMIT_FILE_BUFFERS around = {
	.Head = HEAD,
	.HeadLength = sizeof(HEAD) - 1,
	.Tail = TAIL,
	.TailLength = sizeof(TAIL) - 1,
};

FIXTURE(transmit) {
	struct kind k;
	WSAOVERLAPPED o;
	int file;
};

IN_EITHER_MODE(transmit)

FIXTURE_SETUP(transmit)
{
	ASSERT_TRUE(kind_open(&self->k, variant->family, SOCK_STREAM));
	set_blocking(self->k.fd, true);
	ASSERT_TRUE(kind_join(&self->k));
	set_blocking(self->k.fd, variant->blocking);
	self->o.hEvent = WSACreateEvent();
	self->file = -1;
}

FIXTURE_TEARDOWN(transmit)
{
	WSPCloseSocket(self->k.fd, NULL);
	close(self->k.lfd);
	close(self->k.peer);
	close(self->file);
	WSACloseEvent(self->o.hEvent);
}

TEST_F(transmit, I_01_by_guid)
{
	struct _GUID guid = WSAID_TRANSMITFILE;
	LPFN_TRANSMITFILE transmit = NULL;
	DWORD n;

	EXPECT_EQ(0, OUTCOME(WSPIoctl(self->k.fd, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid,
				      sizeof(guid), &transmit, sizeof(transmit), &n, NULL,
				      NULL, NULL, &code)));
	EXPECT_TRUE(transmit == TransmitFile);
}

/* From where it is read next, which is its end then. */
TEST_F(transmit, O_01_waits_without_overlapped)
{
	const size_t head = around.HeadLength, rest = SMALL - 1000;

	self->file = make_file(SMALL);
	lseek(self->file, 1000, SEEK_SET);
	EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, NULL, &around, 0));
	ASSERT_TRUE(comes(self->k.peer, head + rest + around.TailLength));
	EXPECT_EQ(0, memcmp(received, HEAD, head));
	EXPECT_TRUE(is_of_file(head, 1000, rest));
	EXPECT_EQ(0, memcmp(received + head + rest, TAIL, around.TailLength));
	EXPECT_EQ(SMALL, lseek(self->file, 0, SEEK_CUR));
	/* There is no more of it. */
	EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), 500, 0, NULL, NULL, 0));
	EXPECT_EQ(0, TRANSMIT(self->k.fd, NULL, 0, 0, NULL, &around, 0));
	ASSERT_TRUE(comes(self->k.peer, head + around.TailLength));
	EXPECT_FALSE(is_mapped());
	EXPECT_FALSE(readable_now(self->k.peer));
}

/* Wherever pages begin, and where the file is read is left as it is. */
TEST_F(transmit, O_02_part_by_offset)
{
	static const struct { DWORD from, size, sent; } parts[] = {
		{ 0, 1, 1 }, { 4095, 2, 2 }, { 4096, 4096, 4096 }, { 5000, 0, SMALL - 5000 },
		{ SMALL - 1, 7, 1 }, { SMALL, 0, 0 }, { SMALL + 5000, 9, 0 },
	};
	DWORD n, i;

	self->file = make_file(SMALL);
	lseek(self->file, 77, SEEK_SET);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		self->o.Offset = parts[i].from;
		self->o.OffsetHigh = 0;
		EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), parts[i].size, 0,
				      &self->o, NULL, TF_USE_KERNEL_APC));
		EXPECT_TRUE(event_is_set(self->o.hEvent));
		EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
		EXPECT_EQ(parts[i].sent, n);
		EXPECT_TRUE(!n || comes(self->k.peer, n));
		EXPECT_TRUE(is_of_file(0, parts[i].from, n));
	}
	EXPECT_EQ(77, lseek(self->file, 0, SEEK_CUR));
	EXPECT_FALSE(readable_now(self->k.peer));
}

/* Beyond four gigabytes. */
TEST_F(transmit, O_02_high_offset)
{
	DWORD n;

	self->file = make_file(1);
	ASSERT_EQ(4, pwrite(self->file, "high", 4, 0x100000003));
	self->o.Offset = 3;
	self->o.OffsetHigh = 1;
	EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(4, n);
	ASSERT_TRUE(comes(self->k.peer, 4));
	EXPECT_EQ(0, memcmp(received, "high", 4));
}

/* The file may be closed, and its number be another's. */
TEST_F(transmit, O_01_goes_on_by_itself)
{
	const size_t head = around.HeadLength;
	int other;
	DWORD n;

	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, &around, 0));
	EXPECT_TRUE(goes_on(&self->o));
	other = memfd_create("other", MFD_CLOEXEC);
	ASSERT_EQ(self->file, dup2(other, self->file));
	close(other);
	ASSERT_TRUE(comes(self->k.peer, head + BIG + around.TailLength));
	EXPECT_TRUE(is_of_file(head, 0, BIG));
	EXPECT_EQ(0, memcmp(received + head + BIG, TAIL, around.TailLength));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(head + BIG + around.TailLength, n);
	EXPECT_FALSE(is_mapped());
}

/* Behind what is pending, and what comes after is behind it. */
TEST_F(transmit, O_05_in_order)
{
	static char zeros[BIG];
	WSABUF buf = { BIG, zeros }, after = { 1, "!" };
	WSAOVERLAPPED first = { 0 }, last = { 0 };
	DWORD n;

	self->file = make_file(SMALL);
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPSend(self->k.fd, &buf, 1, NULL, 0, &first, NULL,
						  NULL, &code)));
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPSend(self->k.fd, &after, 1, NULL, 0, &last,
						  NULL, NULL, &code)));
	ASSERT_TRUE(comes(self->k.peer, BIG));
	EXPECT_EQ(0, memcmp(received, zeros, BIG));
	ASSERT_TRUE(comes(self->k.peer, SMALL + 1));
	EXPECT_TRUE(is_of_file(0, 0, SMALL));
	EXPECT_EQ('!', received[SMALL]);
	EXPECT_EQ(0, result(self->k.fd, &first, &n));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(SMALL, n);
	EXPECT_EQ(0, result(self->k.fd, &last, &n));
}

TEST_F(transmit, O_07_disconnects)
{
	WSAOVERLAPPED pending = { 0 };
	WSABUF buf = { 1, received };
	DWORD n, flags = 0;

	self->file = make_file(SMALL);
	ASSERT_EQ(WSA_IO_PENDING, OUTCOME(WSPRecv(self->k.fd, &buf, 1, NULL, &flags, &pending,
						  NULL, NULL, &code)));
	EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL,
			      TF_DISCONNECT | TF_WRITE_BEHIND));
	EXPECT_EQ(WSAESHUTDOWN, result(self->k.fd, &pending, &n));
	EXPECT_EQ(WSAESHUTDOWN, wsp_send(self->k.fd, "x"));
	EXPECT_EQ(WSAESHUTDOWN, wsp_recv(self->k.fd, received, 1));
	ASSERT_TRUE(comes(self->k.peer, SMALL));
	EXPECT_TRUE(is_of_file(0, 0, SMALL));
	EXPECT_EQ(0, recv(self->k.peer, received, 1, 0));
}

/* Not before all of it has left. */
TEST_F(transmit, O_07_disconnects_in_the_end)
{
	DWORD n;

	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING, TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o,
					   NULL, TF_DISCONNECT));
	EXPECT_EQ(1, send(self->k.peer, "x", 1, 0));
	EXPECT_TRUE(wait_for(self->k.fd, POLLIN));
	EXPECT_EQ(0, wsp_recv(self->k.fd, received, 1));
	ASSERT_TRUE(comes(self->k.peer, BIG));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(0, recv(self->k.peer, received, 1, 0));
	EXPECT_EQ(WSAESHUTDOWN, wsp_send(self->k.fd, "x"));
}

TEST_F(transmit, O_07_cancelled_and_closed)
{
	WSAOVERLAPPED second = { 0 };
	DWORD n;

	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &second, NULL, 0));
	EXPECT_TRUE(windows_CancelIoEx((HANDLE)(intptr_t)self->k.fd, &self->o));
	EXPECT_EQ(WSA_OPERATION_ABORTED, result(self->k.fd, &self->o, &n));
	EXPECT_TRUE(is_mapped());
	EXPECT_EQ(0, OUTCOME(WSPCloseSocket(self->k.fd, &code)));
	EXPECT_EQ(WSA_OPERATION_ABORTED, (int)second.Internal);
	EXPECT_FALSE(is_mapped());
}

/* No signal, as of any other send. */
TEST_F(transmit, T_03_reset)
{
	DWORD n;

	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	close_by_reset(self->k.peer);
	self->k.peer = -1;
	EXPECT_EQ(WSAECONNRESET, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(WSAECONNRESET,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	EXPECT_FALSE(is_mapped());
}

/* What is not there any more when its turn comes. */
TEST_F(transmit, T_12_cut_meanwhile)
{
	const long end = now_ms() + DEADLINE_MS;
	struct utsname kernel;
	DWORD n;

	ASSERT_EQ(0, uname(&kernel));
	if (strstr(kernel.release, "-uml"))
		SKIP(return, "User Mode Linux looks at what is mapped without its lock then");
	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	ASSERT_EQ(0, ftruncate(self->file, 0));
	while (goes_on(&self->o) && now_ms() < end)
		if (recv(self->k.peer, received, sizeof(received), MSG_DONTWAIT) < 0)
			usleep(1000);
	EXPECT_EQ(WSAEFAULT, result(self->k.fd, &self->o, &n));
	EXPECT_EQ(0, wsp_send(self->k.fd, "x"));
}

TEST_F(transmit, T_12_arguments)
{
	TRANSMIT_FILE_BUFFERS *nowhere = (void *)page_end();
	TRANSMIT_FILE_BUFFERS long_ones = { HEAD, 0x7fffffff, NULL, 0 };
	HANDLE file;
	int fds[2];

	self->file = make_file(SMALL);
	file = handle_of(self->file);
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(WSAENOTSOCK, TRANSMIT(1000, file, 0, 0, NULL, NULL, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE, TRANSMIT(self->k.fd, handle_of(1000), 0, 0, NULL, NULL, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE,
		  TRANSMIT(self->k.fd, handle_of(fds[0]), 0, 0, NULL, NULL, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE,
		  TRANSMIT(self->k.fd, handle_of(-1), 0, 0, &self->o, NULL, 0));
	EXPECT_EQ(WSAEFAULT, TRANSMIT(self->k.fd, file, 0, 0, NULL, nowhere, 0));
	EXPECT_EQ(WSAEOPNOTSUPP, TRANSMIT(self->k.fd, file, 0, 0, NULL, NULL,
					  TF_DISCONNECT | TF_REUSE_SOCKET));
	EXPECT_EQ(WSAEINVAL, TRANSMIT(self->k.fd, file, 0, 0, NULL, NULL, 64));
	EXPECT_EQ(WSA_INVALID_PARAMETER, TRANSMIT(self->k.fd, file, 0, 0, NULL, &long_ones, 0));
	self->o.OffsetHigh = 0x80000000;
	EXPECT_EQ(WSA_INVALID_PARAMETER, TRANSMIT(self->k.fd, file, 0, 0, &self->o, NULL, 0));
	self->o.OffsetHigh = 0;
	ASSERT_EQ(0, ftruncate(self->file, 0x7fffffff));
	EXPECT_EQ(WSA_INVALID_PARAMETER, TRANSMIT(self->k.fd, file, 0, 0, &self->o, NULL, 0));
	if (!ftruncate(self->file, INT64_MAX))	/* a long of 32 bits has less pages */
		EXPECT_EQ(WSA_INVALID_PARAMETER,
			  TRANSMIT(self->k.fd, file, 0, 0, &self->o, &around, 0));
	close(fds[0]);
	close(fds[1]);
	EXPECT_FALSE(is_mapped());
	EXPECT_FALSE(readable_now(self->k.peer));
}

/* One that nobody may write to any more, from now on or meanwhile. */
TEST_F(transmit, T_12_sealed_file)
{
	DWORD n;

	self->file = make_file(BIG);
	ASSERT_EQ(WSA_IO_PENDING,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, &self->o, NULL, 0));
	EXPECT_EQ(0, fcntl(self->file, F_ADD_SEALS, F_SEAL_WRITE));
	ASSERT_TRUE(comes(self->k.peer, BIG));
	EXPECT_EQ(0, result(self->k.fd, &self->o, &n));
	self->o.Offset = 0;
	self->o.OffsetHigh = 0;
	EXPECT_EQ(0, TRANSMIT(self->k.fd, handle_of(self->file), 1, 0, &self->o, NULL, 0));
	ASSERT_TRUE(comes(self->k.peer, 1));
}

/* It has to be for reading. */
TEST_F(transmit, T_12_unreadable_file)
{
	char path[64];
	int fd;

	self->file = make_file(SMALL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(WSAEACCES, TRANSMIT(self->k.fd, handle_of(fd), 0, 0, NULL, NULL, 0));
	close(fd);
}

/* S-03: as long as sending may. */
TEST_F(transmit, S_03_send_timeout)
{
	self->file = make_file(BIG);
	ASSERT_EQ(0, set_timeo(self->k.fd, SO_SNDTIMEO, 200));
	EXPECT_EQ(WSAETIMEDOUT,
		  TRANSMIT(self->k.fd, handle_of(self->file), 0, 0, NULL, NULL, 0));
	EXPECT_EQ(0, lseek(self->file, 0, SEEK_CUR));
	EXPECT_FALSE(is_mapped());
}

TEST_F(transmit, T_03_not_connected)
{
	struct kind k;

	self->file = make_file(SMALL);
	ASSERT_TRUE(kind_open(&k, variant->family, SOCK_STREAM));
	EXPECT_EQ(WSAENOTCONN, TRANSMIT(k.fd, handle_of(self->file), 0, 0, NULL, NULL, 0));
	WSPCloseSocket(k.fd, NULL);
	close(k.lfd);
	ASSERT_TRUE(kind_open(&k, variant->family, SOCK_DGRAM));
	EXPECT_EQ(WSAEOPNOTSUPP, TRANSMIT(k.fd, handle_of(self->file), 0, 0, NULL, NULL, 0));
	WSPCloseSocket(k.fd, NULL);
	close(k.lfd);
}

WSP_TEST_MAIN
