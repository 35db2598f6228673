/* SPDX-License-Identifier: Apache-2.0 */
#include "client/loadgen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	ANSWER_MAX = 64 * 1024, /* one key's answer is below 1 KiB */
	STACK_SIZE = 256 * 1024,
	TIMEOUT_S = 30,
};

/* What the threads share. */
struct shared {
	const struct vs_load *load;
	atomic_size_t next, ok, failed, sent;
	uint32_t *latency_us; /* VS_LOAD's n entries; the first ok are set */
	pthread_mutex_t lock; /* of the first failure */
	int first_status;
	char first_body[200];
	bool have_first;
};

struct connection {
	struct shared *shared;
	int fd;
	size_t used; /* bytes of the answer */
	char answer[ANSWER_MAX + 1];
};

static bool
dial(struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(c->shared->load->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = TIMEOUT_S};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
}

static void
hang_up(struct connection *c)
{
	if (c->fd >= 0)
		(void)close(c->fd); /* nothing is buffered on our side */
	c->fd = -1;
}

static bool
send_request(struct connection *c, const struct vs_load_request *r)
{
	struct vs_span parts[3] = {r->head, r->middle, r->tail};
	size_t at = 0;

	while (at < VS_COUNT(parts)) {
		struct iovec v[3];
		struct msghdr msg = {.msg_iov = v};
		ssize_t n;

		for (size_t i = at; i < VS_COUNT(parts); i++) {
			/* The kernel only reads what it is given here. */
			v[msg.msg_iovlen].iov_base =
			    (void *)(uintptr_t)parts[i].p;
			v[msg.msg_iovlen++].iov_len = parts[i].n;
		}
		n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		for (size_t left = (size_t)n; at < VS_COUNT(parts); at++) {
			if (left < parts[at].n) {
				parts[at] =
				    vs_span_slice(parts[at], left, parts[at].n);
				break;
			}
			left -= parts[at].n;
		}
	}
	return true;
}

/* Where the body begins, and the length of the whole answer; 0: not yet. */
static size_t
answer_length(const struct connection *c, size_t *body)
{
	const char *end = strstr(c->answer, "\r\n\r\n");
	const char *line;

	if (end == NULL)
		return 0;
	*body = (size_t)(end - c->answer) + 4;
	for (line = c->answer; line < end; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, "content-length:", 15) == 0)
			return *body + strtoul(line + 15, NULL, 10);
	return *body;
}

/* The HTTP status, or 0 when no whole answer came. */
static int
receive(struct connection *c, size_t *body)
{
	size_t want = 0;

	c->used = 0;
	c->answer[0] = '\0';
	while (want == 0 || c->used < want) {
		ssize_t n =
		    recv(c->fd, c->answer + c->used, ANSWER_MAX - c->used, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		c->used += (size_t)n;
		c->answer[c->used] = '\0';
		if (want == 0)
			want = answer_length(c, body);
		if (want > ANSWER_MAX)
			return 0;
	}
	if (strncmp(c->answer, "HTTP/1.1 ", 9) != 0)
		return 0;
	return (int)strtol(c->answer + 9, NULL, 10);
}

static void
record_failure(struct connection *c, int status, size_t body)
{
	struct shared *s = c->shared;

	atomic_fetch_add(&s->failed, 1);
	(void)pthread_mutex_lock(&s->lock);
	if (!s->have_first) {
		s->have_first = true;
		s->first_status = status;
		(void)snprintf(s->first_body, sizeof(s->first_body), "%s",
		    status == 0 ? "" : c->answer + body); /* cut for people */
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static void
one(struct connection *c, const struct vs_load_request *r)
{
	struct shared *s = c->shared;
	int64_t begin = vs_mono_ns();
	size_t body = 0;
	int status = 0;

	if ((c->fd >= 0 || dial(c)) && send_request(c, r))
		status = receive(c, &body);
	if (status == 200)
		s->latency_us[atomic_fetch_add(&s->ok, 1)] =
		    (uint32_t)((vs_mono_ns() - begin) / 1000);
	else
		record_failure(c, status, body);
	if (status == 0 || s->load->new_connections ||
	    strcasestr(c->answer, "\r\nconnection: close") != NULL)
		hang_up(c);
}

static void *
work(void *arg)
{
	struct connection *c = arg;
	struct shared *s = c->shared;

	for (;;) {
		size_t i = atomic_fetch_add(&s->next, 1);

		if (i >= s->load->n || vs_mono_ns() > s->load->deadline_ns)
			break;
		atomic_fetch_add(&s->sent, 1);
		one(c, &s->load->requests[i]);
	}
	hang_up(c);
	return NULL;
}

static vs_status
run_threads(struct shared *s, struct connection *all, struct vs_err *err)
{
	pthread_t threads[VS_LOAD_CONNECTIONS_MAX];
	pthread_attr_t attr;
	unsigned started = 0;

	(void)pthread_attr_init(&attr); /* cannot fail here */
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (; started < s->load->connections; started++) {
		all[started].shared = s;
		all[started].fd = -1;
		if (pthread_create(
			&threads[started], &attr, work, &all[started]) != 0)
			break;
	}
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_attr_destroy(&attr);
	if (started < s->load->connections)
		return vs_fail(err, VS_UNAVAILABLE, "cannot start a thread");
	return VS_OK;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

vs_status
vs_load_run(
    const struct vs_load *load, struct vs_load_result *out, struct vs_err *err)
{
	struct shared s = {.load = load, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct connection *all = NULL;
	int64_t begin;
	vs_status st;

	if (load->connections == 0 ||
	    load->connections > VS_LOAD_CONNECTIONS_MAX)
		return vs_fail(err, VS_USAGE, "1 to %d connections",
		    VS_LOAD_CONNECTIONS_MAX);
	all = vs_calloc(load->connections, sizeof(*all));
	s.latency_us = vs_calloc(load->n, sizeof(*s.latency_us));
	if (all == NULL || s.latency_us == NULL) {
		free(all);
		free(s.latency_us);
		return vs_fail(err, VS_NO_MEMORY, "load generator");
	}
	begin = vs_mono_ns();
	st = run_threads(&s, all, err);
	*out = (struct vs_load_result){.sent = s.sent,
	    .ok = s.ok,
	    .failed = s.failed,
	    .first_status = s.first_status,
	    .elapsed_ns = vs_mono_ns() - begin,
	    .latency_us = s.latency_us};
	memcpy(out->first_body, s.first_body, sizeof(out->first_body));
	qsort(out->latency_us, out->ok, sizeof(*out->latency_us), compare);
	free(all);
	if (st != VS_OK)
		vs_load_result_fini(out);
	return st;
}

void
vs_load_result_fini(struct vs_load_result *r)
{
	free(r->latency_us);
	r->latency_us = NULL;
}

uint32_t
vs_load_quantile(const uint32_t *sorted, size_t n, double p)
{
	size_t i;

	if (n == 0)
		return 0;
	i = (size_t)(p * (double)n);
	return sorted[i < n ? i : n - 1];
}
