/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed server takes shares over its frames, and opens with the last. */
#include "check.h"

#include <unistd.h>

#include "base/secret.h"
#include "keeper/seal_int.h"
#include "keeper/seal_make.h"
#include "keeper/unseal.h"
#include "seal_file.h"

enum { N = 3, K = 2, SHARE = 1 + VS_SHARE_SET_SIZE + VS_SHAMIR_SIZE };

static char dir[64];
static char path[96];
static struct vs_seal_conf conf = {.path = path};
static struct vs_server server;
static uint8_t shares[N][SHARE];

static vs_status
hand_out(void *ctx, const uint8_t *set, unsigned n, struct vs_span all,
    struct vs_err *err)
{
	(void)ctx;
	(void)err;
	CHECK_INT(n, N);
	for (unsigned i = 0; i < N; i++) {
		shares[i][0] = (uint8_t)(i + 1);
		memcpy(shares[i] + 1, set, VS_SHARE_SET_SIZE);
		memcpy(shares[i] + 1 + VS_SHARE_SET_SIZE,
		    all.p + i * VS_SHAMIR_SIZE, VS_SHAMIR_SIZE);
	}
	return VS_OK;
}

static void
enter(const char *kind)
{
	const struct vs_seal_conf c = {.kind = kind, .path = path};
	uint8_t set[VS_SHARE_SET_SIZE];
	const struct vs_seal_making m = {.c = &c,
	    .shares = N,
	    .threshold = K,
	    .hand_out = hand_out,
	    .set = set};
	struct vs_secret *ring = NULL;
	struct vs_err err = {0};

	(void)snprintf(dir, sizeof dir, "/tmp/vs-unseal-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/root.seal", dir);
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(vs_seal_make(&m, ring, &err), err);
	vs_secret_free(&ring);
	memset(&server, 0, sizeof server);
	vs_server_unseal(&server, &conf);
}

static void
leave(void)
{
	vs_server_fini(&server);
	(void)unlink(path);
	CHECK(rmdir(dir) == 0);
	CHECK_INT(vs_secret_pool_used(), 0);
}

/* One unsealing request. The result that is in its answer; -1: fatal. */
static int64_t
ask(struct vs_span payload, char msg[VS_ERR_MSG_MAX])
{
	struct vs_arena arena;
	struct vs_buf out = {0};
	struct vs_span text = {0};
	struct vs_rd in;
	uint32_t result = 0;
	bool fatal = false;
	vs_status st;

	vs_arena_init(&arena, 1 << 16);
	st = vs_server_answer(
	    &server, NULL, VS_OP_UNSEAL, payload, &arena, &out, &fatal);
	in = vs_rd_of(vs_buf_span(&out));
	msg[0] = '\0';
	if (!fatal) {
		CHECK_INT(st, VS_OK);
		CHECK_INT(vs_rd_u32be(&in, &result), VS_OK);
		CHECK_INT(vs_get_field(&in, VS_ERR_MSG_MAX - 1, &text), VS_OK);
		CHECK_INT(vs_rd_end(&in), VS_OK);
		(void)snprintf(msg, VS_ERR_MSG_MAX, "%.*s", VS_SPAN_ARG(text));
	}
	vs_buf_fini(&out);
	vs_arena_fini(&arena);
	return fatal ? -1 : (int64_t)result;
}

static void
test_two_open_it(void)
{
	char msg[VS_ERR_MSG_MAX];
	struct vs_seal_shares p;

	enter("shamir");
	CHECK(server.sealed && strstr(server.why, "waits for 2 of 3") != NULL);
	CHECK_STR(server.seal, "shamir");
	CHECK(server.ring == NULL && server.keys.kek_wrap == NULL);
	CHECK_INT(ask(VS_SPAN_OF(shares[2]), msg), VS_OK);
	CHECK_INT(ask(VS_SPAN_OF(shares[2]), msg), VS_OK);
	vs_seal_progress(server.file, &p);
	CHECK(server.sealed && p.given == 1 && p.threshold == K);
	shares[0][20] ^= 1;
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_MALFORMED);
	CHECK(strstr(msg, "share 1 is not what was handed out") != NULL);
	shares[0][20] ^= 1;
	shares[0][2] ^= 1;
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_MALFORMED);
	CHECK(strstr(msg, "share 1 is of another set") != NULL);
	shares[0][2] ^= 1;
	shares[0][0] = 0;
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_MALFORMED);
	shares[0][0] = N + 1;
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_MALFORMED);
	CHECK(strstr(msg, "never handed out") != NULL);
	shares[0][0] = 1;
	CHECK(server.sealed);
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_OK);
	CHECK(!server.sealed && server.why[0] == '\0');
	CHECK(server.ring != NULL && server.keys.kek_wrap != NULL);
	CHECK(vs_span_equal(vs_secret_peek(server.keys.audit_chain),
	    vs_ring_audit(server.ring)));
	CHECK_INT(ask(VS_SPAN_OF(shares[1]), msg), VS_CONFLICT);
	leave();
}

/* Every other length is no frame of ours, and the channel ends. */
static void
test_lengths(void)
{
	uint8_t longer[SHARE + 1] = {0};
	char msg[VS_ERR_MSG_MAX];

	enter("shamir");
	memcpy(longer, shares[0], SHARE);
	for (size_t n = 0; n <= sizeof longer; n++)
		CHECK_INT(ask(VS_SPAN(longer, n), msg), n == SHARE ? 0 : -1);
	leave();
}

/* Every bit of a share matters. */
static void
test_every_bit(void)
{
	char msg[VS_ERR_MSG_MAX];

	enter("shamir");
	for (size_t bit = 0; bit < SHARE * 8; bit++) {
		shares[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_MALFORMED);
		shares[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	CHECK(server.sealed);
	leave();
}

/* Recovery shares are of no use while the seal opens by itself. */
static void
test_open_already(void)
{
	char msg[VS_ERR_MSG_MAX];

	enter("file");
	CHECK(!server.sealed);
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_CONFLICT);
	leave();
}

static void
test_no_seal(void)
{
	char msg[VS_ERR_MSG_MAX];

	enter("shamir");
	vs_server_fini(&server);
	CHECK(unlink(path) == 0);
	memset(&server, 0, sizeof server);
	vs_server_unseal(&server, &conf);
	CHECK(server.sealed && strstr(server.why, "missing") != NULL);
	CHECK_INT(ask(VS_SPAN_OF(shares[0]), msg), VS_SEALED);
	CHECK(strstr(msg, "missing") != NULL);
	leave();
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	RUN(test_two_open_it);
	RUN(test_lengths);
	RUN(test_every_bit);
	RUN(test_open_already);
	RUN(test_no_seal);
	vs_secret_pool_fini();
	return check_result();
}
