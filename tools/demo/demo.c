// SPDX-License-Identifier: GPL-2.0
/*
 * wsp-demo - the rules of AF_WSP beside what AF_INET does, on this kernel.
 *
 * Every scenario below is a list of calls on one socket. It runs twice: once
 * with the plain calls on an AF_INET socket, once with libwsp's. The scenarios
 * are the table at the end of this file; what a libwsp call looks like is in
 * the functions named wsp_*.
 *
 * The exit status is 0 if every AF_WSP answer is the contract's, 1 if one is
 * not, 2 if the demo could not run.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wsp/wsp.h>

#define OPEN_PORT	7001	/* somebody listens */
#define CLOSED_PORT	7002	/* nobody does */
#define DEADLINE	3000	/* milliseconds, for what must come */
#define SIZE(a)		(sizeof(a) / sizeof((a)[0]))

/*
 * The stage: two network namespaces with two cables between them, "here"
 * where the sockets under test are, "there" where their peers are. There is
 * no default route.
 *
 *	here                                    there
 *	a0 198.51.100.1/24 ------------- b0 198.51.100.2/24
 *	a1 203.0.113.1/24  ------------- b1 203.0.113.2/24
 */
enum where { HERE, THERE };

static int stage[2];			/* the namespaces */

enum target { NONE, ZERO, UNSPEC, OPEN, CLOSED, PEER_A, PEER_B, LIMITED,
	      DIRECTED };

static const struct {
	const char *label;
	sa_family_t family;
	const char *address;
	unsigned short port;
} targets[] = {
	[NONE]	   = { "", AF_INET, "0.0.0.0", 0 },
	[ZERO]	   = { "0.0.0.0", AF_INET, "0.0.0.0", OPEN_PORT },
	[UNSPEC]   = { "a name of AF_UNSPEC", AF_UNSPEC, "0.0.0.0", 0 },
	[OPEN]	   = { "a listening port", AF_INET, "198.51.100.2", OPEN_PORT },
	[CLOSED]   = { "a closed port", AF_INET, "198.51.100.2", CLOSED_PORT },
	[PEER_A]   = { "198.51.100.2", AF_INET, "198.51.100.2", OPEN_PORT },
	[PEER_B]   = { "203.0.113.2", AF_INET, "203.0.113.2", OPEN_PORT },
	[LIMITED]  = { "255.255.255.255", AF_INET, "255.255.255.255",
		       OPEN_PORT },
	[DIRECTED] = { "198.51.100.255", AF_INET, "198.51.100.255",
		       OPEN_PORT },
};

static int peer_a, peer_b;		/* their datagram sockets */

static struct sockaddr_in target_name(enum target target)
{
	struct sockaddr_in name = {
		.sin_family = targets[target].family,
		.sin_port = htons(targets[target].port),
	};

	inet_aton(targets[target].address, &name.sin_addr);
	return name;
}

/* ---- the calls, for AF_INET: 0 or an errno ---- */

static int inet_open(int type, SOCKET *s)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	*s = (SOCKET)fd;
	return fd < 0 ? errno : 0;
}

static int inet_connect(SOCKET s, const struct sockaddr_in *to)
{
	return connect(s, (struct sockaddr *)to, sizeof(*to)) ? errno : 0;
}

static int inet_send(SOCKET s, const struct sockaddr_in *to)
{
	return sendto(s, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)to,
		      to ? sizeof(*to) : 0) < 0 ? errno : 0;
}

static int inet_recv(SOCKET s, struct sockaddr_in *from)
{
	socklen_t len = sizeof(*from);
	char byte;

	return recvfrom(s, &byte, 1, 0, (struct sockaddr *)from,
			from ? &len : NULL) < 0 ? errno : 0;
}

static int inet_nonblock(SOCKET s)
{
	return fcntl(s, F_SETFL, O_NONBLOCK) ? errno : 0;
}

static int inet_option(SOCKET s, int option, int value)
{
	return setsockopt(s, SOL_SOCKET, option, &value, sizeof(value)) ?
	       errno : 0;
}

static int inet_pending(SOCKET s)
{
	socklen_t len = sizeof(int);
	int error = 0;

	return getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &len) ? errno : error;
}

static const char *inet_error_name(int error)
{
	return error ? strerrorname_np(error) : "0";
}

/* ---- and for AF_WSP: 0 or a WSAE code, as it is left on success ---- */

static int wsp_open(int type, SOCKET *s)
{
	int error = 0;

	*s = WSPSocket(AF_INET, type, 0, NULL, 0, 0, &error);
	return error;
}

static int wsp_connect(SOCKET s, const struct sockaddr_in *to)
{
	int error = 0;

	WSPConnect(s, (struct sockaddr *)to, sizeof(*to), NULL, NULL, NULL,
		   NULL, &error);
	return error;
}

static int wsp_send(SOCKET s, const struct sockaddr_in *to)
{
	char byte = 'x';
	WSABUF buf = { 1, &byte };
	int error = 0;
	DWORD sent;

	if (to)
		WSPSendTo(s, &buf, 1, &sent, 0, (struct sockaddr *)to,
			  sizeof(*to), NULL, NULL, NULL, &error);
	else
		WSPSend(s, &buf, 1, &sent, 0, NULL, NULL, NULL, &error);
	return error;
}

static int wsp_recv(SOCKET s, struct sockaddr_in *from)
{
	int len = sizeof(*from);
	DWORD got, flags = 0;
	int error = 0;
	char byte;
	WSABUF buf = { 1, &byte };

	if (from)
		WSPRecvFrom(s, &buf, 1, &got, &flags, (struct sockaddr *)from,
			    &len, NULL, NULL, NULL, &error);
	else
		WSPRecv(s, &buf, 1, &got, &flags, NULL, NULL, NULL, &error);
	return error;
}

static int wsp_nonblock(SOCKET s)
{
	ULONG on = 1;
	DWORD returned;
	int error = 0;

	WSPIoctl(s, FIONBIO, &on, sizeof(on), NULL, 0, &returned, NULL, NULL,
		 NULL, &error);
	return error;
}

static int wsp_option(SOCKET s, int option, int value)
{
	int error = 0;

	WSPSetSockOpt(s, SOL_SOCKET, option, (CHAR *)&value, sizeof(value),
		      &error);
	return error;
}

static int wsp_pending(SOCKET s)
{
	int len = sizeof(int);
	int pending = 0;
	int error = 0;

	if (WSPGetSockOpt(s, SOL_SOCKET, SO_ERROR, (CHAR *)&pending, &len,
			  &error))
		return error;
	return pending;
}

static const struct api {
	int (*open)(int type, SOCKET *s);
	int (*connect)(SOCKET s, const struct sockaddr_in *to);
	int (*send)(SOCKET s, const struct sockaddr_in *to);
	int (*recv)(SOCKET s, struct sockaddr_in *from);
	int (*nonblock)(SOCKET s);
	int (*option)(SOCKET s, int option, int value);
	int (*pending)(SOCKET s);
	const char *(*error_name)(int error);
} apis[2] = {
	{ inet_open, inet_connect, inet_send, inet_recv, inet_nonblock,
	  inet_option, inet_pending, inet_error_name },
	{ wsp_open, wsp_connect, wsp_send, wsp_recv, wsp_nonblock,
	  wsp_option, wsp_pending, WSPErrorName },
};

/* ---- the steps of a scenario; each gives its answer as a text ---- */

struct run {
	const struct api *api;
	SOCKET s;
	enum target target;		/* of the step at hand */
	unsigned short port;		/* the local one, after connect */
};

static bool wait_for(SOCKET s, short events)
{
	struct pollfd pfd = { .fd = (int)s, .events = events };

	return poll(&pfd, 1, DEADLINE) == 1;
}

/* An AF_WSP socket is a descriptor like any other, for all but its rules. */
static unsigned short local_port(SOCKET s)
{
	struct sockaddr_in name = { 0 };
	socklen_t len = sizeof(name);

	getsockname(s, (struct sockaddr *)&name, &len);
	return name.sin_port;
}

static const char *do_connect(struct run *run)
{
	struct sockaddr_in to = target_name(run->target);
	int error = run->api->connect(run->s, &to);

	if (!run->port)
		run->port = local_port(run->s);
	return run->api->error_name(error);
}

static const char *do_nonblock(struct run *run)
{
	return run->api->error_name(run->api->nonblock(run->s));
}

static const char *do_wait(struct run *run)
{
	return wait_for(run->s, POLLOUT) ? "0" : "nothing in time";
}

static const char *do_pending(struct run *run)
{
	return run->api->error_name(run->api->pending(run->s));
}

static const char *do_send(struct run *run)
{
	struct sockaddr_in to = target_name(run->target);

	return run->api->error_name(run->api->send(run->s,
						   run->target ? &to : NULL));
}

static const char *do_recv(struct run *run)
{
	return run->api->error_name(run->api->recv(run->s, NULL));
}

/* One comes from the target, and is taken with its sender's address. */
static const char *do_recvfrom(struct run *run)
{
	struct sockaddr_in to = target_name(run->target), from;

	to.sin_port = local_port(run->s);
	inet_aton(run->target == PEER_A ? "198.51.100.1" : "203.0.113.1",
		  &to.sin_addr);
	if (sendto(run->target == PEER_A ? peer_a : peer_b, "x", 1, 0,
		   (struct sockaddr *)&to, sizeof(to)) != 1)
		return "peer cannot send";
	if (!wait_for(run->s, POLLIN))
		return "nothing comes";
	return run->api->error_name(run->api->recv(run->s, &from));
}

static const char *do_port(struct run *run)
{
	unsigned short port = local_port(run->s);

	if (!port)
		return "lost";
	return port == run->port ? "kept" : "changed";
}

/* The address that the peer sees as the sender of the next datagram. */
static const char *do_source(struct run *run)
{
	const int peer = run->target == PEER_A ? peer_a : peer_b;
	struct sockaddr_in from = {};

	if (!wait_for((SOCKET)peer, POLLIN) ||
	    inet_recv((SOCKET)peer, &from))
		return "nothing comes";
	return inet_ntoa(from.sin_addr);
}

static const char *do_broadcast(struct run *run)
{
	return run->api->error_name(run->api->option(run->s, SO_BROADCAST, 1));
}

/* ---- the scenarios ---- */

struct step {
	const char *call;
	const char *(*act)(struct run *run);
	enum target target;
	const char *want;	/* of AF_WSP */
	const char *id;		/* NULL: a preparation, not printed */
};

#define NONBLOCK { "nonblocking", do_nonblock, NONE, "0", NULL }
#define AWAIT	 { "wait", do_wait, NONE, "0", NULL }

static const struct scenario {
	const char *title;
	int type;
	struct step steps[10];
} scenarios[] = {
	{ "Stream: the all-zero address", SOCK_STREAM, {
		{ "connect", do_connect, ZERO, "WSAEADDRNOTAVAIL", "C-01" },
		{ "connect", do_connect, OPEN, "0", "C-05" },
		{ "connect again to", do_connect, OPEN, "WSAEISCONN", "E-10" },
	} },
	{ "Stream: refused, and again", SOCK_STREAM, {
		{ "connect", do_connect, CLOSED, "WSAECONNREFUSED", "E-07" },
		{ "connect", do_connect, CLOSED, "WSAECONNREFUSED", "C-05" },
		{ "SO_ERROR", do_pending, NONE, "0", "C-08" },
		{ "connect", do_connect, OPEN, "0", "C-05" },
	} },
	{ "Stream, nonblocking: refused, SO_ERROR not read", SOCK_STREAM, {
		NONBLOCK,
		{ "connect", do_connect, CLOSED, "WSAEWOULDBLOCK", "E-17" },
		AWAIT,
		{ "connect", do_connect, OPEN, "WSAEWOULDBLOCK", "C-05" },
		AWAIT,
		{ "connect again to", do_connect, OPEN, "WSAEISCONN", "C-06" },
	} },
	{ "Stream, nonblocking: refused, SO_ERROR read", SOCK_STREAM, {
		NONBLOCK,
		{ "connect", do_connect, CLOSED, "WSAEWOULDBLOCK", "E-17" },
		AWAIT,
		{ "SO_ERROR", do_pending, NONE, "WSAECONNREFUSED", "C-07" },
		{ "connect", do_connect, OPEN, "WSAEWOULDBLOCK", "C-05" },
		AWAIT,
		{ "connect again to", do_connect, OPEN, "WSAEISCONN", "C-06" },
	} },
	{ "Stream, nonblocking: success", SOCK_STREAM, {
		NONBLOCK,
		{ "connect", do_connect, OPEN, "WSAEWOULDBLOCK", "E-17" },
		AWAIT,
		{ "SO_ERROR", do_pending, NONE, "0", "C-06" },
		{ "connect again to", do_connect, OPEN, "WSAEISCONN", "C-06" },
	} },
	{ "Datagram: disconnected by the all-zero address", SOCK_DGRAM, {
		NONBLOCK,
		{ "connect", do_connect, PEER_A, "0", "D-01" },
		{ "connect", do_connect, ZERO, "0", "D-02" },
		{ "local port", do_port, NONE, "kept", "D-04" },
		{ "send", do_send, NONE, "WSAENOTCONN", "D-03" },
		{ "recv", do_recv, NONE, "WSAENOTCONN", "D-03" },
		{ "sendto", do_send, PEER_B, "0", "D-03" },
		{ "recvfrom", do_recvfrom, PEER_B, "0", "D-03" },
	} },
	{ "Datagram: disconnected by AF_UNSPEC", SOCK_DGRAM, {
		NONBLOCK,
		{ "connect", do_connect, PEER_A, "0", "D-01" },
		{ "connect", do_connect, UNSPEC, "0", "D-02" },
		{ "local port", do_port, NONE, "kept", "D-04" },
		{ "send", do_send, NONE, "WSAENOTCONN", "D-03" },
		{ "recv", do_recv, NONE, "WSAENOTCONN", "D-03" },
		{ "sendto", do_send, PEER_B, "0", "D-03" },
		{ "recvfrom", do_recvfrom, PEER_B, "0", "D-03" },
	} },
	{ "Datagram: reconnected to another network", SOCK_DGRAM, {
		{ "connect", do_connect, PEER_A, "0", "D-01" },
		{ "send", do_send, NONE, "0", "D-01" },
		{ "source seen by", do_source, PEER_A, "198.51.100.1", "D-05" },
		{ "connect", do_connect, PEER_B, "0", "D-05" },
		{ "send", do_send, NONE, "0", "D-05" },
		{ "source seen by", do_source, PEER_B, "203.0.113.1", "D-05" },
	} },
	{ "Datagram: broadcast", SOCK_DGRAM, {
		{ "connect", do_connect, LIMITED, "WSAEACCES", "D-09" },
		{ "connect", do_connect, DIRECTED, "WSAEACCES", "D-09" },
		{ "SO_BROADCAST on", do_broadcast, NONE, "0", "D-09" },
		{ "connect", do_connect, DIRECTED, "0", "D-09" },
	} },
};

/* ---- and the machinery ---- */

static void go(enum where where)
{
	if (setns(stage[where], CLONE_NEWNET))
		err(2, "cannot change the network namespace");
}

/* A new namespace; it lasts as long as the demo. */
static int new_namespace(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		err(2, "cannot make a network namespace (run it as root)");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(2, "cannot open /proc/self/ns/net (is /proc mounted?)");
	return fd;
}

static void configure(enum where where, const char *lines)
{
	FILE *f;

	go(where);
	f = popen("ip -batch -", "w");
	if (!f || fputs(lines, f) < 0 || pclose(f))
		errx(2, "ip(8) cannot lay the cables (is iproute2 there?)");
	go(HERE);
}

static void lay_cables(void)
{
	char lines[512], there[64];

	snprintf(there, sizeof(there), "/proc/%d/fd/%d", getpid(),
		 stage[THERE]);
	snprintf(lines, sizeof(lines),
		 "link set lo up\n"
		 "link add a0 type veth peer name b0 netns %s\n"
		 "link add a1 type veth peer name b1 netns %s\n"
		 "address add 198.51.100.1/24 brd + dev a0\n"
		 "address add 203.0.113.1/24 brd + dev a1\n"
		 "link set a0 up\n"
		 "link set a1 up\n", there, there);
	configure(HERE, lines);
	configure(THERE,
		  "address add 198.51.100.2/24 brd + dev b0\n"
		  "address add 203.0.113.2/24 brd + dev b1\n"
		  "link set b0 up\n"
		  "link set b1 up\n");
}

static int new_peer(enum where where, int type, enum target target)
{
	struct sockaddr_in name = target_name(target);
	int fd;

	go(where);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) ||
	    (type == SOCK_STREAM && listen(fd, 64)))
		err(2, "cannot set up the peer %s", targets[target].label);
	go(HERE);
	return fd;
}

static void set_stage(void)
{
	stage[THERE] = new_namespace();
	stage[HERE] = new_namespace();
	lay_cables();
	new_peer(HERE, SOCK_STREAM, ZERO);
	new_peer(THERE, SOCK_STREAM, OPEN);
	peer_a = new_peer(THERE, SOCK_DGRAM, PEER_A);
	peer_b = new_peer(THERE, SOCK_DGRAM, PEER_B);
}

static void empty(int peer)
{
	char byte;

	while (recv(peer, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

static void play(const struct scenario *scenario, const struct api *api,
		 char answers[][32])
{
	struct run run = { .api = api };
	const struct step *step = scenario->steps;
	int error = api->open(scenario->type, &run.s);

	if (error)
		errx(2, "cannot open a socket: %s", api->error_name(error));
	for (; step->call; step++, answers++) {
		run.target = step->target;
		snprintf(*answers, sizeof(*answers), "%s", step->act(&run));
	}
	if (api == &apis[0])
		close(run.s);
	else
		WSPCloseSocket(run.s, NULL);
	empty(peer_a);
	empty(peer_b);
}

/* Prints a scenario; the number of answers that are not the contract's. */
static int show(const struct scenario *scenario)
{
	char answers[2][SIZE(scenario->steps)][32];
	const struct step *step = scenario->steps;
	char what[64];
	int i, bad = 0;

	play(scenario, &apis[0], answers[0]);
	play(scenario, &apis[1], answers[1]);
	printf("\n%s\n", scenario->title);
	for (i = 0; step[i].call; i++) {
		const bool wrong = strcmp(answers[1][i], step[i].want);

		bad += wrong;
		if (!step[i].id && !wrong)
			continue;
		snprintf(what, sizeof(what), "%s %s", step[i].call,
			 targets[step[i].target].label);
		printf("  %-34s %-15s %-18s %s", what, answers[0][i],
		       answers[1][i], step[i].id ? step[i].id : "");
		if (wrong)
			printf("  WRONG, should be %s", step[i].want);
		putchar('\n');
	}
	return bad;
}

static void need_module(void)
{
	SOCKET s;
	int error = wsp_open(SOCK_STREAM, &s);

	if (error)
		errx(2, "cannot open an AF_WSP socket (%s); %s",
		     WSPErrorName(error),
		     "is the module in? try: modprobe wspfam, or insmod wspfam.ko");
	WSPCloseSocket(s, NULL);
}

int main(void)
{
	int bad = 0;
	size_t i;

	need_module();
	set_stage();
	printf("  %-34s %-15s %-18s %s\n", "call", "AF_INET", "AF_WSP", "rule");
	for (i = 0; i < SIZE(scenarios); i++)
		bad += show(&scenarios[i]);
	if (bad)
		printf("\n%d answers are not the contract's\n", bad);
	return bad ? 1 : 0;
}
