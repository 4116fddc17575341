// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "wspctl.h"

#define MAX_TIMEOUT	86400

struct attempt {
	int family;
	int type;
	bool nonblock;
	bool background;	/* EINPROGRESS came first */
	double timeout;		/* seconds, 0 for the system's own */
	const char *host;
	const char *port;
	struct addrinfo *to;
};

static int resolve(struct attempt *attempt)
{
	const struct addrinfo hints = {
		.ai_family = attempt->family,
		.ai_socktype = attempt->type,
	};
	int rc = getaddrinfo(attempt->host, attempt->port, &hints, &attempt->to);

	if (!rc)
		return 0;
	warnx("cannot find %s port %s: %s", attempt->host, attempt->port,
	      rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	return UNABLE;
}

static void limit_wait(int fd, double timeout)
{
	const struct timeval tv = {
		.tv_sec = (time_t)timeout,
		.tv_usec = (suseconds_t)((timeout - floor(timeout)) * 1e6),
	};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/* The outcome of an attempt in the background; -EINPROGRESS: there is none yet. */
static int await(int fd, double timeout)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&pfd, 1, timeout ? (int)(timeout * 1000) : -1) != 1)
		return -EINPROGRESS;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return -error;
}

static const struct code *code_of_error(int fd, int error, __u32 source)
{
	struct wsp_code code = { .error = (__u32)error, .source = source };

	if (ioctl(fd, WSP_IOC_CODE, &code))
		return NULL;
	return find_code(NULL, (int)code.code);
}

static bool is_any(const struct sockaddr *name)
{
	const struct sockaddr_in6 *sin6 = (const void *)name;
	const struct sockaddr_in *sin = (const void *)name;

	if (name->sa_family == AF_INET)
		return !sin->sin_addr.s_addr;
	return IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr) &&
		!sin6->sin6_addr.s6_addr32[3]);
}

/* A network's own broadcast address is not told from a host's. */
static bool is_broadcast(const struct sockaddr *name)
{
	const struct sockaddr_in *sin = (const void *)name;

	return name->sa_family == AF_INET && sin->sin_addr.s_addr == INADDR_BROADCAST;
}

/* The rule behind an outcome: more exact than its code's row, where it can be. */
static const char *rule_of(const struct attempt *attempt, const struct code *code)
{
	const struct sockaddr_in *name = (const void *)attempt->to->ai_addr;

	if (attempt->type == SOCK_DGRAM) {
		if (!code)
			return is_any(attempt->to->ai_addr) ? "D-02" : "D-01";
		return code->error == EACCES && is_broadcast(attempt->to->ai_addr) ?
		       "D-09" : code->id;
	}
	if (!code)
		return attempt->background ? "C-06" : "C-08";
	if (code->error != EADDRNOTAVAIL)
		return code->id;
	if (is_any(attempt->to->ai_addr))
		return "C-01";
	return name->sin_port ? "C-03" : "C-02";
}

static void describe(struct json_object *object, int fd,
		     const struct attempt *attempt, const struct code *code)
{
	const bool disconnected = !code && attempt->type == SOCK_DGRAM &&
				  is_any(attempt->to->ai_addr);
	const struct rule *rule = find_rule(rule_of(attempt, code));
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	const bool named = !getsockname(fd, (struct sockaddr *)&name, &len);

	add_sockaddr(object, "remote", attempt->to->ai_addr);
	add_sockaddr(object, "local", named ? (struct sockaddr *)&name : NULL);
	add_string(object, "outcome", code ? code->error == EINPROGRESS ?
		   "still connecting" : "failed" :
		   disconnected ? "disconnected" : "connected");
	json_object_object_add(object, "background",
			       json_object_new_boolean(attempt->background));
	if (code) {
		add_code(object, code);
		add_error(object, code->error);
	}
	add_string(object, "rule", rule->id);
	add_string(object, "meaning", rule->text);
}

static void print_outcome(struct json_object *object, const struct code *code)
{
	char text[128];

	printf("%s: %s", text_of(json_object_object_get(object, "remote"), text,
				 sizeof(text)), member(object, "outcome"));
	if (json_object_get_boolean(json_object_object_get(object, "background")))
		printf(code && code->error != EINPROGRESS ? " in the background" :
		       code ? " in the background (WSAEWOULDBLOCK)" :
		       " in the background, after WSAEWOULDBLOCK (E-17)");
	if (!code)
		printf(", from %s\n", text_of(json_object_object_get(object, "local"),
					      text, sizeof(text)));
	else
		printf(": %s %d, errno %s\n", code->name, code->number,
		       error_name(code->error));
	printf("%s: %s\n", member(object, "rule"), member(object, "meaning"));
}

static int try_connect(int fd, struct attempt *attempt)
{
	struct json_object *object;
	const struct code *code = NULL;
	__u32 source = WSP_CODE_CONNECT;
	int error;

	error = connect(fd, attempt->to->ai_addr, attempt->to->ai_addrlen) ? errno : 0;
	if (error == EINPROGRESS) {
		attempt->background = true;
		error = -await(fd, attempt->timeout);
		if (error != EINPROGRESS)
			source = WSP_CODE_SO_ERROR;
	}
	if (error) {
		code = code_of_error(fd, error, source);
		if (!code) {
			warnx("the module gives no code for errno %s",
			      error_name(error));
			return UNABLE;
		}
	}

	object = json_object_new_object();
	describe(object, fd, attempt, code);
	if (as_json)
		print_json(object);
	else
		print_outcome(object, code);
	json_object_put(object);
	return code ? FAILED : DONE;
}

static int run_attempt(struct attempt *attempt)
{
	int type = attempt->type | (attempt->nonblock ? SOCK_NONBLOCK : 0);
	int fd, rc = resolve(attempt);

	if (rc)
		return rc;
	fd = family_socket(type, attempt->to->ai_family == AF_INET6);
	if (fd < 0) {
		rc = report_no_socket(errno);
	} else {
		if (attempt->timeout && !attempt->nonblock)
			limit_wait(fd, attempt->timeout);
		rc = try_connect(fd, attempt);
		close(fd);
	}
	freeaddrinfo(attempt->to);
	return rc;
}

static bool parse_timeout(const char *text, double *timeout)
{
	char *end;

	*timeout = strtod(text, &end);
	return end != text && !*end && *timeout >= 0.001 && *timeout <= MAX_TIMEOUT;
}

static bool known_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	/* Names are for getaddrinfo(), which takes any number, too. */
	return *end || (*text >= '0' && *text <= '9' && port <= 65535);
}

int cmd_connect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "udp", no_argument, NULL, 'u' },
		{ "nonblock", no_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		JSON_OPTION, HELP_OPTION, { 0 }
	};
	static const int families[] = { AF_INET, AF_INET6 };
	struct attempt attempt = { .family = AF_UNSPEC, .type = SOCK_STREAM };
	int option;

	while ((option = getopt_long(argc, argv, "jhunt:46", options, NULL)) != -1) {
		switch (option) {
		case 'u':
			attempt.type = SOCK_DGRAM;
			break;
		case 'n':
			attempt.nonblock = true;
			break;
		case 't':
			if (!parse_timeout(optarg, &attempt.timeout))
				return bad_usage("--timeout wants seconds, such as 0.5, not '%s'",
						 optarg);
			break;
		case '4':
		case '6':
			if (attempt.family && attempt.family != families[option == '6'])
				return bad_usage("either --ipv4 or --ipv6");
			attempt.family = families[option == '6'];
			break;
		default:
			common_option(option);
		}
	}
	if (argc - optind != 2)
		return bad_usage("a host and a port are wanted");
	attempt.host = argv[optind];
	attempt.port = argv[optind + 1];
	if (!known_port(attempt.port))
		return bad_usage("a port is from 0 to 65535, not '%s'", attempt.port);
	return run_attempt(&attempt);
}
