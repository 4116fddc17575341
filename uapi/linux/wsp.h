/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * AF_WSP: sockets with the connection rules of Windows CE's WSPConnect.
 *
 * The IDs in the comments (C-05, E-03) are rows of the contract,
 * Documentation/contract.rst.
 */
#ifndef _UAPI_LINUX_WSP_H
#define _UAPI_LINUX_WSP_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * The family's number unless the module was loaded with family=N; the number
 * in force is in /sys/module/wspfam/parameters/family.
 */
#define AF_WSP			18
#define PF_WSP			AF_WSP

/* socket(AF_WSP, SOCK_STREAM or SOCK_DGRAM, protocol), F-01 */
#define WSPPROTO_IPV4		0	/* TCP or UDP over IPv4 */
#define WSPPROTO_IPV6		1	/* TCP or UDP over IPv6, v4-mapped too */

/* Winsock's error codes, by Winsock's numbers. */
#define WSAEINTR		10004
#define WSAEBADF		10009
#define WSAEACCES		10013
#define WSAEFAULT		10014
#define WSAEINVAL		10022
#define WSAEMFILE		10024
#define WSAEWOULDBLOCK		10035
#define WSAEINPROGRESS		10036
#define WSAEALREADY		10037
#define WSAENOTSOCK		10038
#define WSAEDESTADDRREQ		10039
#define WSAEMSGSIZE		10040
#define WSAEPROTOTYPE		10041
#define WSAENOPROTOOPT		10042
#define WSAEPROTONOSUPPORT	10043
#define WSAESOCKTNOSUPPORT	10044
#define WSAEOPNOTSUPP		10045
#define WSAEPFNOSUPPORT		10046
#define WSAEAFNOSUPPORT		10047
#define WSAEADDRINUSE		10048
#define WSAEADDRNOTAVAIL	10049
#define WSAENETDOWN		10050
#define WSAENETUNREACH		10051
#define WSAENETRESET		10052
#define WSAECONNABORTED		10053
#define WSAECONNRESET		10054
#define WSAENOBUFS		10055
#define WSAEISCONN		10056
#define WSAENOTCONN		10057
#define WSAESHUTDOWN		10058
#define WSAETOOMANYREFS		10059
#define WSAETIMEDOUT		10060
#define WSAECONNREFUSED		10061
#define WSAELOOP		10062
#define WSAENAMETOOLONG		10063
#define WSAEHOSTDOWN		10064
#define WSAEHOSTUNREACH		10065
#define WSAENOTEMPTY		10066
#define WSAEPROCLIM		10067
#define WSAEUSERS		10068
#define WSAEDQUOT		10069
#define WSAESTALE		10070
#define WSAEREMOTE		10071
#define WSASYSNOTREADY		10091
#define WSAVERNOTSUPPORTED	10092
#define WSANOTINITIALISED	10093
#define WSAEDISCON		10101
#define WSAENOMORE		10102
#define WSAECANCELLED		10103
#define WSAEINVALIDPROCTABLE	10104
#define WSAEINVALIDPROVIDER	10105
#define WSAEPROVIDERFAILEDINIT	10106
#define WSASYSCALLFAILURE	10107

/**
 * enum wsp_state - what WSPConnect would meet (C-04), and which sets of
 *	WSPSelect (V-10)
 * @WSP_STATE_IDLE: never connected, or the call itself failed
 * @WSP_STATE_LISTENING: a stream: it listens
 * @WSP_STATE_PENDING: connecting, nobody waits
 * @WSP_STATE_BLOCKED: connecting, a thread waits in connect(2)
 * @WSP_STATE_CONNECTED: connected; a stream: once so, always so
 * @WSP_STATE_FAILED: a stream: the attempt failed later on (C-07)
 * @WSP_STATE_DISCONNECTED: a datagram socket: D-03
 */
enum wsp_state {
	WSP_STATE_IDLE,
	WSP_STATE_LISTENING,
	WSP_STATE_PENDING,
	WSP_STATE_BLOCKED,
	WSP_STATE_CONNECTED,
	WSP_STATE_FAILED,
	WSP_STATE_DISCONNECTED
};

/**
 * struct wsp_info - what a socket of the family is
 * @abi: WSP_ABI, the version of this header the module was built from
 * @family: the family's number in force
 * @protocol: WSPPROTO_IPV4 or WSPPROTO_IPV6
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @state: enum wsp_state
 * @events: the events the socket is tied to an eventfd for, 0 if it is not
 * @code: the WSAE code of an attempt that has failed, as long as @state is
 *	WSP_STATE_FAILED (C-07); of a stream's connection that is over and was not
 *	ended by both sides, WSAECONNRESET, or WSAETIMEDOUT if nobody has been told
 *	of that yet (T-04); otherwise 0
 * @reserved: zero
 */
struct wsp_info {
	__u32 abi;
	__u32 family;
	__u32 protocol;
	__u32 type;
	__u32 state;
	__u32 events;
	__u32 code;
	__u32 reserved;
};

#define WSP_ABI			1

/**
 * struct wsp_code - the WSAE code of a failed connect
 * @error: in, the errno, 1 to 4095
 * @source: in, who gave it, WSP_CODE_CONNECT or WSP_CODE_SO_ERROR
 * @code: out, the WSAE code
 * @reserved: must be zero
 */
struct wsp_code {
	__u32 error;
	__u32 source;
	__u32 code;
	__u32 reserved;
};

#define WSP_CODE_CONNECT	0	/* connect(2), or WSP_IOC_JUDGE */
#define WSP_CODE_SO_ERROR	1	/* SO_ERROR, in the stack's own words */

/**
 * struct wsp_buf - the head of a WSABUF, of which only this much is looked at
 * @len: length in bytes of the data behind it
 *
 * The pointer that follows it in a WSABUF is never read.
 */
struct wsp_buf {
	__u32 len;
};

/**
 * struct wsp_flowspec - Winsock's FLOWSPEC, eight unsigned longs of 32 bits
 * @rates: TokenRate, TokenBucketSize, PeakBandwidth, Latency, DelayVariation
 * @service_type: ServiceType, one of WSP_SERVICE_* or another value of Winsock
 * @sizes: MaxSduSize, MinimumPolicedSize
 */
struct wsp_flowspec {
	__u32 rates[5];
	__u32 service_type;
	__u32 sizes[2];
};

/* The service types that IP meets (E-14). */
#define WSP_SERVICE_NOTRAFFIC	0
#define WSP_SERVICE_BESTEFFORT	1

/**
 * struct wsp_qos - the head of a QOS: both flow specifications
 * @sending: SendingFlowspec
 * @receiving: ReceivingFlowspec
 *
 * The provider-specific WSABUF that follows them is never read.
 */
struct wsp_qos {
	struct wsp_flowspec sending;
	struct wsp_flowspec receiving;
};

/**
 * struct wsp_args - the arguments of WSPConnect that connect(2) has no place for
 * @caller_data: address of a struct wsp_buf, or 0
 * @callee_data: address of a struct wsp_buf, or 0
 * @sqos: address of a struct wsp_qos, or 0
 * @gqos: address of a struct wsp_qos, or 0
 * @reserved: must be zero
 */
struct wsp_args {
	__aligned_u64 caller_data;
	__aligned_u64 callee_data;
	__aligned_u64 sqos;
	__aligned_u64 gqos;
	__aligned_u64 reserved[2];
};

/**
 * DOC: Errors of the ioctls
 *
 * Every ioctl here fails with ENOTTY on a socket of another family, ENOTSOCK
 * or ENOTTY on another kind of file, EFAULT for a pointer it cannot use, and
 * EINVAL for a field that must be zero and is not.
 */

/**
 * DOC: WSP_IOC_INFO
 *
 * Is this an AF_WSP socket, and which (E-13)? Fills a struct wsp_info.
 */
#define WSP_IOC_INFO		_IOR('W', 0xc0, struct wsp_info)

/**
 * DOC: WSP_IOC_CODE
 *
 * The WSAE code of the last failed connect, given its errno; right also where
 * the call was refused before the family was asked (a bad pointer, a security
 * module). EINVAL for an errno outside 1 to 4095 or an unknown source.
 */
#define WSP_IOC_CODE		_IOWR('W', 0xc1, struct wsp_code)

/**
 * DOC: WSP_IOC_JUDGE
 *
 * To be asked before connect(2) when a pointer of struct wsp_args is not NULL.
 * On a stream the socket's state is judged first (C-04), then the pointers:
 * EFAULT where one cannot be read, or @callee_data not be written (E-08, C-10),
 * EPROTONOSUPPORT for caller data (E-15), EOPNOTSUPP for a QOS past best effort
 * (E-14). On a datagram socket it always succeeds (D-11).
 */
#define WSP_IOC_JUDGE		_IOW('W', 0xc2, struct wsp_args)

/**
 * DOC: WSP_IOC_CALLEE
 *
 * To be asked after a connect(2) that succeeded, or that goes on in the
 * background: sets the len of @callee_data to 0, since the peer sends none
 * (C-10). EFAULT on a stream where it cannot be written; a datagram socket
 * ignores that (D-11).
 */
#define WSP_IOC_CALLEE		_IOW('W', 0xc3, struct wsp_args)

/* Network events, by Winsock's FD_* bits (contract, section 4). */
#define WSP_FD_READ		0x001
#define WSP_FD_WRITE		0x002
#define WSP_FD_OOB		0x004
#define WSP_FD_ACCEPT		0x008
#define WSP_FD_CONNECT		0x010
#define WSP_FD_CLOSE		0x020
#define WSP_FD_ROUTING_INTERFACE_CHANGE	0x100
#define WSP_FD_ADDRESS_LIST_CHANGE	0x200
#define WSP_FD_ALL_EVENTS	0x3ff	/* the others are accepted, and never come */
#define WSP_FD_MAX_EVENTS	10
#define WSP_FD_CONNECT_BIT	4
#define WSP_FD_CLOSE_BIT	5

/**
 * struct wsp_select - the arguments of WSPEventSelect
 * @event: an eventfd; not looked at if @mask is 0
 * @mask: WSP_FD_* bits, or 0 to untie the socket
 * @flags: WSP_SELECT_AS: the socket is to be tied as @event is, which is a socket of
 *	the family, or untied if that is not tied; @mask is 0 (T-08)
 * @reserved: must be zero
 */
struct wsp_select {
	__s32 event;
	__u32 mask;
	__u32 flags;
	__u32 reserved;
};

#define WSP_SELECT_AS	1

/**
 * struct wsp_network_events - a record of events, Winsock's WSANETWORKEVENTS
 * @events: WSP_FD_* bits
 * @codes: by the number of the bit, 0 or the event's WSAE code; only those of
 *	the bits in @events are written (V-05)
 */
struct wsp_network_events {
	__u32 events;
	__u32 codes[WSP_FD_MAX_EVENTS];
};

/**
 * struct wsp_enum - the arguments of WSPEnumNetworkEvents
 * @record: address of a struct wsp_network_events
 * @event: an eventfd to be reset, or -1
 * @reserved: must be zero
 */
struct wsp_enum {
	__aligned_u64 record;
	__s32 event;
	__u32 reserved;
};

/**
 * struct wsp_enable - the events that a failed call of the program enables
 * @events: of WSP_FD_READ, WSP_FD_WRITE, WSP_FD_OOB and WSP_FD_ACCEPT
 * @flags: WSP_ENABLE_HOLD: the calling thread's next accept(2) enables nothing, and
 *	what it accepts is not tied, unless this ioctl is called without the flag
 *	before. WSP_ENABLE_DEFERRED: a connection waits to be accepted that is
 *	not in the socket's queue, so WSP_FD_ACCEPT is recorded if it is enabled
 */
struct wsp_enable {
	__u32 events;
	__u32 flags;
};

#define WSP_ENABLE_HOLD		1
#define WSP_ENABLE_DEFERRED	2

/**
 * DOC: WSP_IOC_SELECT
 *
 * Ties the socket to @event for the events of @mask in place of any former tie,
 * and makes it nonblocking (V-01). What holds already is recorded at once
 * (V-04). EINVAL for an unknown bit or, with a mask, for an @event that is no
 * eventfd (V-09), ENOBUFS, and with WSP_SELECT_AS ENOTSOCK for an @event that is no
 * socket of the family: the former tie stands.
 */
#define WSP_IOC_SELECT		_IOW('W', 0xc4, struct wsp_select)

/**
 * DOC: WSP_IOC_ENUM
 *
 * Takes what has been recorded and resets @event, in one step (V-05). EINVAL
 * for an @event that is no eventfd, EFAULT for a @record that cannot be
 * written: nothing is taken then.
 */
#define WSP_IOC_ENUM		_IOW('W', 0xc5, struct wsp_enum)

/**
 * DOC: WSP_IOC_ENABLE
 *
 * Lets @events be recorded again, which happens at once for those that hold, as
 * accept(2), recv(2) and send(2) do (V-06). For the library whose call failed
 * before the family was asked, as for want of a descriptor. EINVAL for any other
 * bit or flag. A socket that is not tied has nothing to record.
 */
#define WSP_IOC_ENABLE		_IOW('W', 0xc6, struct wsp_enable)

/**
 * struct wsp_wait - what to wait for, and for how long
 * @events: of POLLIN, POLLOUT and POLLPRI; 0 waits for the socket's end alone
 * @left: in, milliseconds, or WSP_WAIT_TIMEO for the socket's own time-out:
 *	SO_SNDTIMEO if POLLOUT is among @events, otherwise SO_RCVTIMEO; out, what
 *	is left of it, and WSP_WAIT_TIMEO if there is none
 */
struct wsp_wait {
	__u32 events;
	__u32 left;
};

#define WSP_WAIT_TIMEO		0xffffffff

/**
 * DOC: WSP_IOC_WAIT
 *
 * Waits as a blocking call does, but so that WSP_IOC_CANCEL can end it (T-01):
 * for one of the events of struct wsp_wait, for an error or for the end of the
 * connection. The call itself is then made with MSG_DONTWAIT, and the wait
 * again if another thread was faster. 1: it was ready already; EAGAIN: the socket is nonblocking;
 * ETIMEDOUT: the time is over; EINTR: as recv(2), or by WSP_IOC_CANCEL; ESHUTDOWN:
 * a datagram socket is shut down for receiving; EINVAL for another event.
 */
#define WSP_IOC_WAIT		_IOWR('W', 0xc7, struct wsp_wait)

/**
 * DOC: WSP_IOC_CANCEL
 *
 * Ends what other threads of the caller's process wait for on the socket, in
 * WSP_IOC_WAIT, accept(2) or a blocking connect(2), with EINTR (T-01), and lets
 * those in WSP_IOC_POLL look at their @over. An
 * attempt to connect that a thread waits for is over then, and has failed.
 * Waits of other processes, the connection and nonblocking attempts stay as
 * they are. It takes no argument. A thread that is only about to wait is not
 * seen: who has to be sure asks again until all have returned.
 */
#define WSP_IOC_CANCEL		_IO('W', 0xc8)

/**
 * struct wsp_poll - the sockets that WSPSelect waits for
 * @fds: address of an array of struct pollfd: in events POLLIN for a socket of
 *	the set to read from, POLLOUT to write to, POLLPRI exceptional, POLLRDHUP
 *	for one that has failed or was ended; in revents which of them are met. A
 *	negative descriptor is passed over
 * @timeout: in nanoseconds; 0 not to wait, negative to wait for ever. What is
 *	left of it is put back when a signal ends the wait
 * @over: address of a __u32 that ends the wait when it is not 0, or 0. It is
 *	looked at first when the wait begins, and then after each WSP_IOC_CANCEL on
 *	one of the sockets
 * @count: of entries
 * @reserved: must be zero
 */
struct wsp_poll {
	__aligned_u64 fds;
	__s64 timeout;
	__aligned_u64 over;
	__u32 count;
	__u32 reserved[3];
};

/**
 * DOC: WSP_IOC_POLL
 *
 * What poll(2) does, by Winsock's rules (V-10, C-07): waits until one of the
 * sockets is ready and returns how many are, 0 when the time is over. A stream
 * that has never been connected is not, one that failed is to POLLPRI and POLLRDHUP
 * alone, and urgent data received in line is data. The socket that is asked need not be
 * among them, and there may be more than RLIMIT_NOFILE. ENOTSOCK: one of them is
 * not an AF_WSP socket. EINTR: a signal handler has run. ECANCELED: no socket is
 * ready, and @over is not 0. EBADF: more entries than the process can have files.
 * ENOMEM.
 */
#define WSP_IOC_POLL		_IOWR('W', 0xc9, struct wsp_poll)

/**
 * struct wsp_keep - what a socket keeps for the library
 * @mask: in, which of @bits are to be changed; 0 only asks
 * @bits: in, what to; out, all of them. A new socket has none, an accepted one has
 *	its listener's
 * @age: out, seconds since a stream's connection stood, or WSP_KEEP_NEVER while
 *	there is none
 * @reserved: must be zero
 */
struct wsp_keep {
	__u32 mask;
	__u32 bits;
	__u32 age;
	__u32 reserved;
};

#define WSP_KEEP_DEBUG		1	/* SO_DEBUG: set without CAP_NET_ADMIN */
#define WSP_KEEP_NEVER		0xffffffff

/**
 * DOC: WSP_IOC_KEEP
 *
 * Options of Winsock that the kernel has no place for (section 10 of the
 * contract). The bits of struct wsp_keep are the library's, and but for
 * WSP_KEEP_DEBUG the kernel only keeps them, as long as the socket is open, for
 * whoever has a descriptor of it.
 */
#define WSP_IOC_KEEP		_IOWR('W', 0xca, struct wsp_keep)

/**
 * struct wsp_change - a change of the network that a program wants to hear of
 * @event: WSP_FD_ADDRESS_LIST_CHANGE: of the addresses of the socket's family.
 *	WSP_FD_ROUTING_INTERFACE_CHANGE: of anything that a route depends on
 * @flags: 0, WSP_CHANGE_RECORD, WSP_CHANGE_WAIT or WSP_CHANGE_LOOK
 * @since: from when on a change counts: out, this moment; with the last two in, what
 *	an earlier call for the same socket and event has said
 * @reserved: must be zero
 */
struct wsp_change {
	__u32 event;
	__u32 flags;
	__u32 since;
	__u32 reserved;
};

#define WSP_CHANGE_RECORD	1	/* record the next change (I-06) */
#define WSP_CHANGE_WAIT		2	/* wait for the first since @since (I-05) */
#define WSP_CHANGE_LOOK		4	/* has there been any since @since? */

/* Of epoll(7), with EPOLLET: there may have been a change. */
#define WSP_EPOLL_CHANGE	0x20000

/**
 * DOC: WSP_IOC_CHANGE
 *
 * Asks for the next change of the network in the socket's namespace. What is under way
 * is waited for, so that a change either is complete when this returns or counts; that
 * takes as long as somebody holds the RTNL, and only a fatal signal ends it. With
 * WSP_CHANGE_RECORD it is recorded once, as soon as the socket is tied for it (I-06).
 * WSP_CHANGE_WAIT waits, also on a nonblocking socket; WSP_IOC_CANCEL can end that
 * (T-01). WSP_CHANGE_LOOK does not wait: EAGAIN if there has been none. When to look
 * again is told by epoll(7) as WSP_EPOLL_CHANGE: at once when the socket, having asked,
 * is added or modified with that and EPOLLET, and at each change of any kind. There may
 * be a change where none matters, never none where one does. EINVAL for another event or
 * flag, EINTR: as recv(2), or by WSP_IOC_CANCEL; ENOBUFS.
 */
#define WSP_IOC_CHANGE		_IOWR('W', 0xcb, struct wsp_change)

/* 0xcc to 0xcf are kept for later. */

#endif /* _UAPI_LINUX_WSP_H */
