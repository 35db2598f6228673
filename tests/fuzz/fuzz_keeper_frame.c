/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vs_frame_read_request, vs_server_answer: what a front that lies may send.
 * Besides memory safety: nothing but the enumerated answers, and never a
 * record that opens out of made-up bytes.
 */
#include <string.h>

#include "crypto/rand.h"
#include "keeper/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct vs_server server;
static struct vs_core *core;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	uint8_t root[VS_ROOT_SIZE];
	struct vs_err err = {0};

	(void)argc;
	(void)argv;
	VS_ASSERT(vs_secret_pool_init(4 << 20, &err) == VS_OK);
	VS_ASSERT(vs_rand_secret(root, sizeof root) == VS_OK);
	VS_ASSERT(vs_root_derive(VS_SPAN_OF(root), &server.keys) == VS_OK);
	VS_ASSERT(vs_core_new(&server.keys, &core) == VS_OK);
	server.seal = "file";
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t head[VS_FRAME_HEAD] = {0};
	struct vs_buf out = {.max = VS_FRAME_MAX};
	struct vs_arena arena;
	uint32_t length = 0;
	uint8_t op = 0;
	bool fatal = false;
	vs_status st;

	if (n < VS_FRAME_HEAD)
		return 0;
	memcpy(head, data, sizeof head);
	if (vs_frame_read_request(head, &length, &op) != VS_OK)
		op = data[0] % 8; /* go on all the same */
	vs_arena_init(&arena, 4 << 20);
	st = vs_server_answer(&server, core, op,
	    VS_SPAN(data + VS_FRAME_HEAD, n - VS_FRAME_HEAD), &arena, &out,
	    &fatal);
	VS_ASSERT(!fatal || st != VS_OK);
	VS_ASSERT(st == VS_OK || vs_buf_span(&out).n == 0);
	/* Nobody can make up a record under a root of the moment. */
	VS_ASSERT(op != VS_OP_RESEAL || st != VS_OK);
	VS_ASSERT(op != VS_OP_NEW_KEY || st != VS_OK);
	vs_buf_fini(&out);
	vs_arena_fini(&arena);
	return 0;
}
