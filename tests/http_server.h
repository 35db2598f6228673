/* SPDX-License-Identifier: Apache-2.0 */
/* A scripted HTTP server in a thread, for tests of what talks to one. */
#ifndef VS_TESTS_HTTP_SERVER_H
#define VS_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

enum { REQUEST_MAX = 32 * 1024 };

/* One server at a time: its last request, and the client's copy of it. */
static char server_last[REQUEST_MAX], server_seen[REQUEST_MAX];

/* Answers every request on every connection with the same bytes. */
struct server {
	int fd;
	uint16_t port;
	char path[108];
	const char *answer;
	/* Instead of answer: what to say to the n-th request, from 0. */
	const char *(*script)(const char *request, int n);
	bool mute;              /* reads and says nothing */
	bool closes;            /* after each answer */
	int accepted, requests; /* read these after stop() */
	pthread_mutex_t lock;
	pthread_t thread;
};

/* What the server read last. */
static inline const char *
seen(struct server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	memcpy(server_seen, server_last, sizeof(server_seen));
	(void)pthread_mutex_unlock(&s->lock);
	return server_seen;
}

/* One whole request: head, then as much body as it announces. */
static inline bool
read_request(int fd, char *buf, size_t cap)
{
	size_t used = 0;

	for (;;) {
		ssize_t n = recv(fd, buf + used, cap - 1 - used, 0);
		const char *end, *length;

		if (n <= 0)
			return false;
		used += (size_t)n;
		buf[used] = '\0';
		end = strstr(buf, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strcasestr(buf, "content-length:");
		if (length == NULL ||
		    used >= (size_t)(end + 4 - buf) +
			    strtoul(length + 15, NULL, 10))
			return true;
	}
}

static inline void *
serve(void *arg)
{
	struct server *s = arg;
	static char request[REQUEST_MAX];
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		s->accepted++;
		while (read_request(fd, request, sizeof(request))) {
			int n = s->requests++;
			const char *answer = s->script != NULL
			    ? s->script(request, n)
			    : s->answer;

			(void)pthread_mutex_lock(&s->lock);
			memcpy(server_last, request, sizeof(request));
			(void)pthread_mutex_unlock(&s->lock);
			if (s->mute)
				continue;
			(void)!write(fd, answer, strlen(answer));
			if (s->closes)
				break;
		}
		(void)close(fd);
	}
	return NULL;
}

static inline void
start(struct server *s, bool local)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t n = sizeof(in);

	s->fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	if (local) {
		(void)snprintf(s->path, sizeof(s->path),
		    "/tmp/vouchsafe-test-%d.sock", (int)getpid());
		(void)unlink(s->path);
		memcpy(un.sun_path, s->path, sizeof(un.sun_path));
		CHECK_INT(bind(s->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	} else {
		CHECK_INT(bind(s->fd, (struct sockaddr *)&in, sizeof(in)), 0);
		(void)getsockname(s->fd, (struct sockaddr *)&in, &n);
		s->port = ntohs(in.sin_port);
	}
	CHECK_INT(listen(s->fd, 8), 0);
	CHECK_INT(pthread_mutex_init(&s->lock, NULL), 0);
	CHECK_INT(pthread_create(&s->thread, NULL, serve, s), 0);
}

static inline void
stop(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	if (s->path[0] != '\0')
		(void)unlink(s->path);
}

#endif
