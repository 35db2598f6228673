/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/server.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper/root.h"
#include "keeper/wire.h"

enum {
	STACK_SIZE = 256 * 1024,
	/* Items of the largest request. */
	ARENA_MAX = 4 * 1024 * 1024,
	/* A buffer that grew beyond is given back after the request. */
	KEEP_MAX = 64 * 1024,
};

struct channel {
	struct vs_server *s;
	struct vs_core *core;
	struct vs_root_keys own; /* after a change of the ring */
	unsigned changes;        /* that core has seen */
	int fd;
	pthread_t thread;
	struct vs_arena arena;
	struct vs_buf in;
	struct vs_buf out;
};

static void
trim(struct vs_buf *b)
{
	if (b->cap > KEEP_MAX)
		vs_buf_fini(b);
	else
		vs_buf_reset(b);
}

/* A server may open while it serves. */
static vs_status
have_core(struct channel *c)
{
	unsigned changes = atomic_load(&c->s->changes);
	vs_status st;

	if (atomic_load(&c->s->sealed) ||
	    (c->core != NULL && c->changes == changes))
		return VS_OK;
	if (changes == 0)
		return vs_core_new(&c->s->keys, &c->core);
	vs_core_free(&c->core);
	vs_root_wipe(&c->own);
	(void)pthread_mutex_lock(&c->s->lock);
	c->changes = atomic_load(&c->s->changes);
	st = vs_ring_keys(c->s->ring, &c->own);
	(void)pthread_mutex_unlock(&c->s->lock);
	return st == VS_OK ? vs_core_new(&c->own, &c->core) : st;
}

/* One request and its answer. Not VS_OK: the channel is done. */
static vs_status
serve_one(struct channel *c)
{
	uint8_t head[VS_FRAME_HEAD];
	uint32_t length = 0;
	uint8_t op = 0;
	bool fatal = false;
	vs_status answer;
	vs_status st = vs_wire_head(c->fd, -1, head, &c->in);

	if (st == VS_OK)
		st = vs_frame_read_request(head, &length, &op);
	if (st == VS_OK)
		st = vs_wire_rest(c->fd, length, &c->in);
	if (st != VS_OK)
		return st;
	vs_arena_reset(&c->arena);
	st = have_core(c);
	if (st != VS_OK)
		return st;
	answer = vs_server_answer(
	    c->s, c->core, op, vs_buf_span(&c->in), &c->arena, &c->out, &fatal);
	if (fatal)
		return VS_MALFORMED;
	vs_frame_head(head, (uint32_t)vs_buf_span(&c->out).n, (uint32_t)answer);
	st = vs_wire_send(c->fd, head, vs_buf_span(&c->out));
	if (op == VS_OP_NONCE_KEY)
		vs_wipe(c->out.p, c->out.n);
	if (op == VS_OP_UNSEAL)
		vs_wipe(c->in.p, c->in.n);
	trim(&c->in);
	trim(&c->out);
	return st;
}

static void *
serve(void *arg)
{
	struct channel *c = arg;

	while (serve_one(c) == VS_OK)
		continue;
	(void)close(c->fd); /* nothing of ours is lost */
	return NULL;
}

static vs_status
start(struct channel *c, struct vs_err *err)
{
	pthread_attr_t attr;
	int rc;

	VS_TRY(err, "channel", have_core(c));
	vs_arena_init(&c->arena, ARENA_MAX);
	c->in.max = VS_FRAME_MAX + 1;
	c->out.max = VS_FRAME_MAX;
	VS_ASSERT(pthread_attr_init(&attr) == 0);
	rc = pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (rc == 0)
		rc = pthread_create(&c->thread, &attr, serve, c);
	(void)pthread_attr_destroy(&attr);
	if (rc == 0)
		return VS_OK;
	vs_core_free(&c->core);
	return vs_fail(err, VS_INTERNAL, "cannot start a thread");
}

static void
finish(struct channel *c)
{
	(void)pthread_join(c->thread, NULL);
	vs_core_free(&c->core);
	vs_root_wipe(&c->own);
	vs_arena_fini(&c->arena);
	vs_buf_fini(&c->in);
	vs_buf_fini(&c->out);
}

vs_status
vs_server_run(struct vs_server *s, const int *fds, size_t n, struct vs_err *err)
{
	struct channel *all = vs_calloc(n, sizeof *all);
	vs_status st = VS_OK;
	size_t running = 0;

	if (all == NULL)
		return vs_fail(err, VS_NO_MEMORY, "channels");
	for (; running < n; running++) {
		all[running].s = s;
		all[running].fd = fds[running];
		st = start(&all[running], err);
		if (st != VS_OK)
			break;
	}
	/* All channels or none. */
	for (size_t i = 0; st != VS_OK && i < running; i++)
		(void)shutdown(fds[i], SHUT_RDWR); /* or gone */
	for (size_t i = 0; i < running; i++)
		finish(&all[i]);
	free(all);
	return st;
}
