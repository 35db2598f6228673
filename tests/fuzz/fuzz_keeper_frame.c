/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vs_frame_read_request, vs_server_answer: what a front that lies may send, to
 * a keeper that serves, with a ring and a file that roots are rotated in, and
 * to one that waits for shares. Besides memory safety: nothing but the
 * enumerated answers, never a record that opens out of made-up bytes, and
 * never a keeper that opens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/root.h"
#include "keeper/seal_make.h"
#include "keeper/unseal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct vs_server server, waiting;
static struct vs_core *core;

/* Shares of 2 of 3 that nobody ever sees. */
static vs_status
forget(void *ctx, const uint8_t *set, unsigned n, struct vs_span shares,
    struct vs_err *err)
{
	(void)ctx;
	(void)set;
	(void)shares;
	(void)err;
	return n == 3 ? VS_OK : VS_INTERNAL;
}

static char dir[] = "/tmp/vs-fuzz-XXXXXX";
static char path[64];

static void
clean_up(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

/* A ring is only written to a file that still has its name; the other server
 * never gets as far. */
static void
make_seals(const struct vs_secret *ring)
{
	uint8_t set[VS_SHARE_SET_SIZE];
	struct vs_err err = {0};
	const struct vs_seal_conf file = {.kind = "file", .path = path};
	const struct vs_seal_conf shamir = {.kind = "shamir", .path = path};
	struct vs_seal_making m = {.c = &shamir,
	    .shares = 3,
	    .threshold = 2,
	    .hand_out = forget,
	    .set = set};

	VS_ASSERT(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/root.seal", dir);
	VS_ASSERT(vs_seal_make(&m, ring, &err) == VS_OK);
	vs_server_unseal(&waiting, &shamir);
	VS_ASSERT(waiting.sealed && waiting.file != NULL);
	(void)unlink(path);
	m = (struct vs_seal_making){.c = &file};
	VS_ASSERT(vs_seal_make(&m, ring, &err) == VS_OK);
	vs_server_unseal(&server, &file);
	VS_ASSERT(!server.sealed);
	VS_ASSERT(atexit(clean_up) == 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct vs_secret *ring = NULL;
	struct vs_err err = {0};

	(void)argc;
	(void)argv;
	VS_ASSERT(vs_secret_pool_init(4 << 20, &err) == VS_OK);
	VS_ASSERT(pthread_mutex_init(&server.lock, NULL) == 0);
	VS_ASSERT(pthread_mutex_init(&waiting.lock, NULL) == 0);
	VS_ASSERT(vs_ring_new(&ring) == VS_OK);
	make_seals(ring);
	vs_secret_free(&ring);
	VS_ASSERT(vs_core_new(&server.keys, &core) == VS_OK);
	return 0;
}

/* Nobody can make up a record under a root of the moment. */
static void
check_answer(uint8_t op, vs_status st, struct vs_span out)
{
	VS_ASSERT(op != VS_OP_RESEAL || st != VS_OK);
	VS_ASSERT(op != VS_OP_NEW_KEY || st != VS_OK);
	VS_ASSERT(op != VS_OP_IMPORT || st != VS_OK);
	VS_ASSERT(op != VS_OP_REWRAP_KEK || st != VS_OK);
	/* A failed item of a rewrap is a zero and zeros. */
	VS_ASSERT(op != VS_OP_REWRAP || vs_span_zero(out));
}

static void
ask(struct vs_server *s, struct vs_core *c, uint8_t op, struct vs_span payload)
{
	struct vs_buf out = {.max = VS_FRAME_MAX};
	struct vs_arena arena;
	bool fatal = false;
	vs_status st;

	vs_arena_init(&arena, 4 << 20);
	st = vs_server_answer(s, c, op, payload, &arena, &out, &fatal);
	VS_ASSERT(!fatal || st != VS_OK);
	VS_ASSERT(st == VS_OK || vs_buf_span(&out).n == 0);
	check_answer(op, st, vs_buf_span(&out));
	VS_ASSERT(c != NULL || st != VS_OK || op == VS_OP_STATUS ||
	    op == VS_OP_UNSEAL);
	vs_buf_fini(&out);
	vs_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t head[VS_FRAME_HEAD] = {0};
	struct vs_span payload;
	uint32_t length = 0;
	uint8_t op = 0;

	if (n < VS_FRAME_HEAD)
		return 0;
	memcpy(head, data, sizeof head);
	if (vs_frame_read_request(head, &length, &op) != VS_OK)
		op = data[0] % (VS_OP_UNSEAL + 2); /* go on all the same */
	payload = VS_SPAN(data + VS_FRAME_HEAD, n - VS_FRAME_HEAD);
	ask(&server, core, op, payload);
	ask(&waiting, NULL, op, payload);
	VS_ASSERT(!server.sealed && waiting.sealed);
	return 0;
}
