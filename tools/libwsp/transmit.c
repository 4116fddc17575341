// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * TransmitFile: a send of what goes before, of the file, which is mapped, and of what
 * goes after. Nothing is copied but by the kernel, to which a file that has been cut
 * meanwhile is a bad address; sendfile(2) would raise SIGPIPE.
 */
#define _FILE_OFFSET_BITS 64	/* NOLINT: where a long has 32, too */

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extension.h"

#define LONGEST		0x7ffffffe	/* bytes in all */
#define NOTHING_BUT	(TF_WRITE_BEHIND | TF_USE_SYSTEM_THREAD | TF_USE_KERNEL_APC)

/**
 * struct part - of a file
 * @fd: its descriptor, -1 for none
 * @from: the first byte's place
 * @size: bytes
 */
struct part {
	int fd;
	off_t from;
	off_t size;
};

static off_t start_of(int fd, const WSAOVERLAPPED *overlapped)
{
	if (!overlapped)
		return lseek(fd, 0, SEEK_CUR);
	return (off_t)((unsigned long long)overlapped->OffsetHigh << 32 |
			 overlapped->Offset);
}

/* As much as there is; 0 or a code. */
static int find_part(struct part *part, HANDLE file, DWORD size,
		     const WSAOVERLAPPED *overlapped)
{
	struct stat st;

	*part = (struct part) { .fd = -1 };
	if (!file)
		return 0;
	part->fd = (int)(intptr_t)file;
	if (fstat(part->fd, &st) || !S_ISREG(st.st_mode))
		return WSA_INVALID_HANDLE;
	part->from = start_of(part->fd, overlapped);
	if (part->from < 0)
		return WSA_INVALID_PARAMETER;
	part->size = part->from < st.st_size ? st.st_size - part->from : 0;
	if (size && size < part->size)
		part->size = size;
	return 0;
}

static int map_code(int error)
{
	switch (error) {
	case EACCES:
		return WSAEACCES;
	case ENOMEM:
	case EAGAIN:
		return WSAENOBUFS;
	default:
		return WSA_INVALID_HANDLE;
	}
}

static int map_part(struct iovec *map, const struct part *part, WSABUF *buf)
{
	const off_t within = part->from % sysconf(_SC_PAGESIZE);
	const size_t size = (size_t)(within + part->size);
	void *at;

	if (!part->size)
		return 0;
	/* Not shared, which would keep the file from being sealed, or need one that is not. */
	at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, part->fd, part->from - within);
	if (at == MAP_FAILED)
		return map_code(errno);
	*map = (struct iovec) { at, size };
	*buf = (WSABUF) { (ULONG)part->size, (char *)at + within };
	/* cppcheck-suppress memleak; it is in @map */
	return 0;
}

/* What receives is woken by it, and knows by whom. */
static int attempt_and_shut(struct wsp_op *op, const struct wsp_use *use)
{
	const unsigned int what = (WSP_SHUT_SEND | WSP_SHUT_RECEIVE) & ~use->word;
	const int code = wsp_attempt_send(op, use);

	if (code)
		return code;
	wsp_note(use->s, use->word, what);
	if (shutdown((int)use->s, SHUT_RDWR))
		wsp_unnote(use->s, use->word, what);
	return 0;
}

static int check(const struct wsp_use *use, const TRANSMIT_FILE_BUFFERS *buffers,
		 DWORD flags)
{
	if (!use->word)
		return WSAENOTSOCK;
	if (wsp_use_type(use) != SOCK_STREAM || flags & TF_REUSE_SOCKET)
		return WSAEOPNOTSUPP;
	if (flags & ~(DWORD)(TF_DISCONNECT | NOTHING_BUT))
		return WSAEINVAL;
	return buffers && !wsp_is_readable(buffers, sizeof(*buffers)) ? WSAEFAULT : 0;
}

static int prepare(const struct wsp_use *use, struct wsp_op *op, const struct part *part,
		   const TRANSMIT_FILE_BUFFERS *buffers)
{
	WSABUF bufs[3] = { { 0 } };
	int code;

	if (buffers) {
		bufs[0] = (WSABUF) { buffers->HeadLength, buffers->Head };
		bufs[2] = (WSABUF) { buffers->TailLength, buffers->Tail };
	}
	if ((unsigned long long)part->size + bufs[0].len + bufs[2].len > LONGEST)
		return WSA_INVALID_PARAMETER;
	code = map_part(&op->file, part, &bufs[1]);
	return code ? code : wsp_prepare_sending(use, op, bufs, 3, 0, NULL, 0);
}

static int transmit(const struct wsp_use *use, HANDLE file, DWORD size,
		    LPWSAOVERLAPPED overlapped, const TRANSMIT_FILE_BUFFERS *buffers,
		    DWORD flags)
{
	__attribute__((cleanup(wsp_free_parts))) struct wsp_op op;
	struct part part;
	int code = check(use, buffers, flags);

	wsp_begin_op(&op, WSP_OUT, 0);
	if (flags & TF_DISCONNECT)
		op.attempt = attempt_and_shut;
	if (!code)
		code = find_part(&part, file, size, overlapped);
	if (!code)
		code = prepare(use, &op, &part, buffers);
	if (code)
		return code;
	if (overlapped && wsp_goes_overlapped(use))
		return wsp_launch(use, &op, overlapped, NULL);
	code = wsp_await_op(use, &op);
	if (!code && part.size && !overlapped)	/* it has been read */
		lseek(part.fd, part.from + part.size, SEEK_SET);
	return code;
}

BOOL TransmitFile(SOCKET hSocket, HANDLE hFile, DWORD nNumberOfBytesToWrite,
		  DWORD nNumberOfBytesPerSend, LPWSAOVERLAPPED lpOverlapped,
		  LPTRANSMIT_FILE_BUFFERS lpTransmitBuffers, DWORD dwReserved)
{
	WSP_USE(use, hSocket);

	(void)nNumberOfBytesPerSend;
	return wsp_extension_result(transmit(&use, hFile, nNumberOfBytesToWrite,
					     lpOverlapped, lpTransmitBuffers,
					     dwReserved));
}
