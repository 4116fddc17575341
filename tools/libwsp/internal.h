/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBWSP_INTERNAL_H
#define LIBWSP_INTERNAL_H

#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <wsp/wsp.h>

/* error.c */
int wsp_code(SOCKET s, int error);
int wsp_connect_code(SOCKET s, int error, int source);
int wsp_transfer_code(SOCKET s, int type, int error);

/*
 * descriptor.c: the word of a descriptor, 0 for one of which nothing is known.
 * WSP_TYPE has SOCK_STREAM, SOCK_DGRAM or WSP_EVENT.
 */
#define WSP_TYPE	3U
#define WSP_EVENT	3U
#define WSP_V6		4U	/* a socket: of AF_INET6 */
#define WSP_PLAIN	4U	/* an event: WSACreateEvent has made it */
#define WSP_LINGERS	8U	/* SO_LINGER has been set */
#define WSP_READY	16U	/* a stream has been connected, a datagram socket has a port */
#define WSP_SHUT_RECEIVE 32U	/* by WSPShutdown */
#define WSP_SHUT_SEND	64U
#define WSP_TIMED_OUT	128U	/* the connection */
#define WSP_NONBLOCKING	256U	/* by FIONBIO or a tie */
#define WSP_CLOSING	512U
#define WSP_SYNCHRONOUS	1024U	/* opened without WSA_FLAG_OVERLAPPED */
#define WSP_QUEUED_IN	2048U	/* overlapped operations wait, to receive */
#define WSP_QUEUED_OUT	4096U	/* to send */
#define WSP_GENERATION	8192U	/* and higher bits: how many have had the number */

static inline int wsp_word_type(unsigned int word)
{
	return (word & WSP_TYPE) == WSP_EVENT ? 0 : (int)(word & WSP_TYPE);
}

static inline int wsp_word_name_size(unsigned int word)
{
	return word & WSP_V6 ? sizeof(struct sockaddr_in6) :
			       sizeof(struct sockaddr_in);
}

unsigned int wsp_ask(int fd);
unsigned int wsp_word(SOCKET s);
int wsp_type(SOCKET s);	/* SOCK_STREAM, SOCK_DGRAM, or 0 (E-13) */
bool wsp_is_same(SOCKET s, unsigned int word);
bool wsp_is_closing(SOCKET s);
void wsp_note(SOCKET s, unsigned int word, unsigned int what);
void wsp_unnote(SOCKET s, unsigned int word, unsigned int what);
void wsp_remember(SOCKET s, unsigned int what);
void wsp_forget(SOCKET s);
unsigned int wsp_begin_close(SOCKET s);
void wsp_end_close(SOCKET s, unsigned int word);
void wsp_abandon_close(SOCKET s, unsigned int word);

unsigned int wsp_event_word(WSAEVENT event);
bool wsp_is_event(WSAEVENT event);
void wsp_remember_event(int fd);

/* closing.c: threads say which socket they are at, for one that closes it (T-01) */

/**
 * struct wsp_use - a call at work on a socket
 * @s: the socket
 * @word: its descriptor's word, 0 if it is no socket of the family
 * @slot: where the thread says so, or NULL if there is nobody to tell
 */
struct wsp_use {
	SOCKET s;
	unsigned int word;
	_Atomic int *slot;
};

struct wsp_use wsp_enter(SOCKET s);
void wsp_leave(struct wsp_use *use);
void wsp_leave_for_now(struct wsp_use *use);
bool wsp_enter_again(struct wsp_use *use);
void wsp_look_again(const struct wsp_use *use);

/* At work until the end of the block, also if the thread is cancelled. */
#define WSP_USE(use, s) \
	__attribute__((cleanup(wsp_leave))) struct wsp_use use = wsp_enter(s)

static inline int wsp_use_type(const struct wsp_use *use)
{
	return wsp_word_type(use->word);
}

/* The bytes that an address of the socket takes. */
static inline int wsp_use_name_size(const struct wsp_use *use)
{
	return wsp_word_name_size(use->word);
}

/**
 * struct wsp_watcher - a call that waits for many sockets
 * @fds: they, or NULL if it is in no list
 * @count: of them
 * @over: somebody is about to close one of them
 * @thread: whose call it is; for comparison
 * @link: its place in the list
 */
struct wsp_watcher {
	const struct pollfd *fds;
	__u32 count;
	_Atomic __u32 over;
	const void *thread;
	LIST_ENTRY(wsp_watcher) link;
};

/* False if there is nobody who could close one of them. */
bool wsp_watch(struct wsp_watcher *watcher, const struct pollfd *fds, __u32 count);
void wsp_unwatch(struct wsp_watcher *watcher);

/**
 * struct wsp_closing - a thread that closes a socket
 * @s: the socket
 * @word: its descriptor's word before
 * @listed: there may be other threads, and it is in the list for a fork's child
 * @link: its place there
 */
struct wsp_closing {
	SOCKET s;
	unsigned int word;
	bool listed;
	LIST_ENTRY(wsp_closing) link;
};

bool wsp_start_closing(struct wsp_closing *c, SOCKET s);
void wsp_end_others(const struct wsp_closing *c);
void wsp_stop_closing(struct wsp_closing *c);

/*
 * closing.c: the lock of lists that are the process's. False: the caller is a signal
 * handler that has interrupted one who holds it.
 */
bool wsp_lock_lists(void);
void wsp_unlock_lists(void);

/* closing.c: those who wait for it are to look again */
void wsp_wake_others(SOCKET s);

/* accept.c: connections that wait for another WSPAccept */
bool wsp_any_deferred(void);
bool wsp_has_deferred(SOCKET listener);
void wsp_reset_deferred(SOCKET listener);
void wsp_drop_deferred(void);

/* accept.c: 0 and a connection's descriptor, or a code; without waiting, in either mode */
int wsp_accept_now(const struct wsp_use *use, int *fd);
void wsp_reset_connection(int fd);

/*
 * accept.c: a wait on a listener that fails with EINTR goes on if it was woken for a
 * connection that has been put off, since so many wakes had been @seen
 */
unsigned int wsp_wakes(void);
bool wsp_was_woken(const struct wsp_use *use, unsigned int seen);

union wsp_name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* name.c: the peer's name, also of a connection that is over (T-05); as getpeername */
int wsp_get_peer(int fd, struct sockaddr *name, socklen_t *len);

/* state.c: what the kernel knows of a socket (T-02 to T-06); 0 or a WSAE code */
int wsp_get_info(SOCKET s, struct wsp_info *info);
int wsp_check_connected(const struct wsp_use *use);
int wsp_check_receiver(const struct wsp_use *use, bool named);
int wsp_end_code(const struct wsp_use *use);
int wsp_stream_code(SOCKET s, int error);

/* netevent.c: the kernel may not have seen a call that enables @events (V-06) */
void wsp_enable(SOCKET s, LONG events);

/* connect.c: 0 or a code */
int wsp_connect_now(const struct wsp_use *use, const struct sockaddr *name, int namelen);

/*
 * mode.c: a call on a socket that does not block while it is made, whatever the
 * program has it be; with nothing else between the two
 */
bool wsp_begin_at_once(const struct wsp_use *use);
void wsp_end_at_once(const struct wsp_use *use, bool blocks);

/* mode.c: by the program's own will, or by this thread's call of that kind */
bool wsp_is_nonblocking(SOCKET s);

/* option.c: SO_ERROR as a code (C-07) */
int wsp_pending_code(const struct wsp_use *use, int *error);

/* pointer.c: the kernel's judgement of the caller's pointers (T-12) */
bool wsp_is_readable(const void *value, size_t size);
bool wsp_is_writable(SOCKET s, void *value, size_t size);

/**
 * struct wsp_protocol - one of four (S-07)
 * @family: AF_INET or AF_INET6
 * @type: of its sockets
 * @protocol: IPPROTO_*
 * @flags: XP1_*, what holds of it
 * @message_size: the largest datagram, 0 for a stream (S-05)
 * @name: for people
 */
struct wsp_protocol {
	int family;
	int type;
	int protocol;
	DWORD flags;
	DWORD message_size;
	const char *name;
};

#define WSP_PROTOCOLS	4

/* protocol.c */
const struct wsp_protocol *wsp_protocol_of(unsigned int word);
size_t wsp_describe(const struct wsp_protocol *p, bool wide, void *to);
int wsp_enumerate(const int *wanted, bool wide, void *to, LPDWORD len, int *code);

/* startup.c: is the program one of version 1.1 (E-04)? */
bool wsp_is_version_1(void);

/* wait.c: poll(2) up to a moment of the monotonic clock, in nanoseconds */
#define WSP_FOREVER	LLONG_MAX
long long wsp_deadline(long long seconds, long long microseconds);
int wsp_poll(struct pollfd *fds, nfds_t count, long long deadline);

/* wait.c: nanoseconds up to that moment, at least 0; negative for ever */
long long wsp_left(long long deadline);

/*
 * wait.c: until it is not any more what has been seen of it, or a while, or a signal;
 * false if it was that, and its handler has not been set with SA_RESTART
 */
bool wsp_wait_while(_Atomic unsigned int *word, unsigned int seen, long long deadline);
void wsp_wake_all(_Atomic unsigned int *word);

/* wait.c: an ioctl, or accept4(2), that waits; the thread can be cancelled in it */
int wsp_wait_ioctl(int fd, unsigned long request, void *arg);
int wsp_wait_accept(int fd, struct sockaddr *addr, socklen_t *addrlen, int flags);

/* wait.c: has @call call a function of the program's, in which the thread may end */
#ifdef __arm__
void wsp_call(void (*call)(void *), void *arg);
#else
static inline void wsp_call(void (*call)(void *), void *arg)
{
	call(arg);
}
#endif

/* wait.c: until another thread closes the socket, or a call can go on (T-01) */

/**
 * struct wsp_turns - tries of a call, with waits between them
 * @wait: for what, and what is left of the time
 * @count: of tries since it last had to wait
 */
struct wsp_turns {
	struct wsp_wait wait;
	unsigned int count;
};

int wsp_wait(const struct wsp_use *use, struct wsp_turns *turns);

/* name.c: where a datagram may not be sent (T-09), and by what a broadcast goes */
int wsp_check_target(const struct wsp_use *use, const struct sockaddr *to, int tolen);
bool wsp_is_broadcast(const struct sockaddr *to);
int wsp_broadcast_interface(void);

/* name.c: getifaddrs(3), in which no thread is cancelled */
struct ifaddrs;
int wsp_list_addresses(struct ifaddrs **all);

/* name.c: 0 if the socket has a name, WSAEINVAL if it has none, or another code */
int wsp_check_bound(SOCKET s);

static inline int wsp_fail(LPINT lpErrno, int code)
{
	if (lpErrno)
		*lpErrno = code;
	return SOCKET_ERROR;
}

/* No name that the family takes is longer than a sockaddr_in6 (E-08). */
static inline int wsp_name_clamp(int namelen)
{
	const int longest = sizeof(struct sockaddr_in6);

	return namelen > longest ? longest : namelen;
}

#endif /* LIBWSP_INTERNAL_H */
