/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of a channel, in this process: every operation, and what
 * closes a channel. And the client's side of a call, against a liar. */
#include "keeper_world.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper/client_int.h"
#include "keeper/server.h"
#include "keeper/wire.h"

enum { CHANNELS = 3 };

static struct world w;

struct running {
	struct vs_server s;
	pthread_t thread;
	int ours[CHANNELS];
	int theirs[CHANNELS];
	vs_status st;
};

static void *
run(void *arg)
{
	struct running *r = arg;
	struct vs_err err = {0};

	r->st = vs_server_run(&r->s, r->theirs, CHANNELS, &err);
	return NULL;
}

static void
start(struct running *r, bool sealed)
{
	*r = (struct running){
	    .s = {.sealed = sealed, .seal = "file"}, .st = VS_INTERNAL};
	if (!sealed)
		r->s.keys = w.keys;
	else
		(void)snprintf(r->s.why, sizeof r->s.why, "because");
	for (size_t i = 0; i < CHANNELS; i++) {
		int sv[2];

		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) ==
		    0);
		r->ours[i] = sv[0];
		r->theirs[i] = sv[1];
	}
	CHECK(pthread_create(&r->thread, NULL, run, r) == 0);
}

/* Hanging up on every channel ends the server. */
static void
finish(struct running *r)
{
	for (size_t i = 0; i < CHANNELS; i++)
		(void)close(r->ours[i]);
	CHECK(pthread_join(r->thread, NULL) == 0);
	CHECK_INT(r->st, VS_OK);
}

static vs_status
call(int fd, vs_op op, const struct vs_buf *req, struct vs_buf *answer)
{
	bool broken = false;
	vs_status st =
	    vs_keeper_call_fd(fd, op, vs_buf_span(req), answer, &broken);

	CHECK(!broken || st == VS_UNAVAILABLE);
	return broken ? VS_STALE : st; /* which no call answers */
}

static void
put_reseal(struct vs_buf *b, const struct vs_reseal *r)
{
	vs_put_u32(b, (uint32_t)r->to.curve);
	vs_put_field(b, r->to.x);
	vs_put_field(b, r->to.y);
	vs_buf_add(b, r->nonce);
	vs_put_field(b, r->release_id);
	vs_put_u32(b, (uint32_t)r->n);
	for (size_t i = 0; i < r->n; i++) {
		vs_put_place(b, &r->items[i].place);
		vs_put_field(b, r->items[i].dek);
		vs_put_field(b, r->items[i].payload);
		vs_put_field(b, r->items[i].content_type);
		vs_put_field(b, r->items[i].derived);
	}
}

static void
check_facts(int fd, bool sealed, unsigned unwraps, unsigned failures)
{
	struct vs_keeper_facts f = {.sealed = !sealed};
	const struct vs_buf none = {0};
	struct vs_buf answer = {0};

	CHECK_INT(call(fd, VS_OP_STATUS, &none, &answer), VS_OK);
	CHECK_INT(vs_keeper_read_facts(vs_buf_span(&answer), &f), VS_OK);
	CHECK_INT(f.sealed, sealed);
	CHECK_STR(f.seal, "file");
	CHECK_STR(f.why, sealed ? "because" : "");
	CHECK_INT(f.unwraps, unwraps);
	CHECK_INT(f.failures, failures);
	vs_buf_fini(&answer);
}

/* ---- operations --------------------------------------------------------- */

static void
test_nonce_key(void)
{
	const struct vs_buf none = {0};
	struct vs_buf answer = {0};
	struct running r;

	start(&r, false);
	CHECK_INT(call(r.ours[1], VS_OP_NONCE_KEY, &none, &answer), VS_OK);
	CHECK(vs_span_equal(
	    vs_buf_span(&answer), vs_secret_peek(w.keys.nonce_mac)));
	finish(&r);
	vs_buf_fini(&answer);
}

/* A key that is made over the wire, opened by a core of the same root. */
static void
make_key(int fd, struct world_key *k)
{
	struct vs_key_place place;
	struct vs_buf req = {0};
	struct vs_buf answer = {0};

	*k = (struct world_key){
	    .name = "wire/key", .version = 3, .kek_version = 2};
	vs_put_field(&req, VS_SPAN_LIT("wire"));
	vs_put_u32(&req, 2);
	CHECK_INT(call(fd, VS_OP_NEW_KEK, &req, &answer), VS_OK);
	if (!CHECK_INT(answer.n, VS_KEY_RECORD_SIZE))
		return;
	memcpy(k->kek, answer.p, sizeof k->kek);
	place = place_of(k);
	vs_buf_reset(&req);
	vs_put_place(&req, &place);
	vs_put_u32(&req, 64);
	CHECK_INT(call(fd, VS_OP_NEW_KEY, &req, &answer), VS_OK);
	if (!CHECK_INT(answer.n, VS_KEY_RECORD_SIZE + 64 + VS_PAYLOAD_OVERHEAD))
		return;
	memcpy(k->dek, answer.p, sizeof k->dek);
	vs_buf_add(&k->payload,
	    vs_span_slice(vs_buf_span(&answer), VS_KEY_RECORD_SIZE, answer.n));
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
}

static void
test_keys_and_releases(void)
{
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	struct vs_arena arena;
	struct world_guest g;
	struct world_key k;
	struct running r;

	vs_arena_init(&arena, 1 << 20);
	guest_new(&g, VS_CURVE_P384);
	start(&r, false);
	make_key(r.ours[0], &k);
	struct vs_reseal_item it = item_of(&k);
	struct vs_reseal rq = request_of(&g, &it, 1);

	put_reseal(&req, &rq);
	CHECK_INT(call(r.ours[1], VS_OP_RESEAL, &req, &answer), VS_OK);
	CHECK(open_jwe(&g, vs_buf_span(&answer), &arena).n > 64);
	check_facts(r.ours[2], false, 1, 0);
	it.place.version++;
	vs_buf_reset(&req);
	put_reseal(&req, &rq);
	CHECK_INT(call(r.ours[1], VS_OP_RESEAL, &req, &answer), VS_UNTRUSTED);
	CHECK_INT(answer.n, 0);
	check_facts(r.ours[1], false, 2, 1);
	finish(&r);
	key_free(&k);
	guest_free(&g);
	vs_arena_fini(&arena);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
}

/* What the core refuses is an answer; the channel goes on. */
static void
test_refusals_are_answers(void)
{
	struct vs_key_place place = {.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("models/a"),
	    .version = 1};
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	struct running r;

	start(&r, false);
	vs_put_field(&req, VS_SPAN_LIT("a/b"));
	vs_put_u32(&req, 2);
	CHECK_INT(call(r.ours[0], VS_OP_NEW_KEK, &req, &answer), VS_MALFORMED);
	CHECK_INT(answer.n, 0);
	vs_buf_reset(&req);
	vs_put_place(&req, &place);
	vs_put_u32(&req, VS_PAYLOAD_MAX + 1);
	CHECK_INT(call(r.ours[0], VS_OP_NEW_KEY, &req, &answer), VS_MALFORMED);
	vs_buf_reset(&req);
	place.version = 0;
	vs_put_place(&req, &place);
	vs_put_u32(&req, 1);
	CHECK_INT(call(r.ours[0], VS_OP_NEW_KEY, &req, &answer), VS_MALFORMED);
	check_facts(r.ours[0], false, 0, 0);
	finish(&r);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
}

static void
test_large_frames(void)
{
	struct vs_key_place place = {.kek = VS_SPAN_OF(w.kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("models/a"),
	    .version = 1};
	struct vs_buf req = {0};
	struct vs_buf answer = {.max = VS_FRAME_MAX + 1};
	struct running r;

	start(&r, false);
	vs_put_place(&req, &place);
	vs_put_u32(&req, VS_PAYLOAD_MAX);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(call(r.ours[0], VS_OP_NEW_KEY, &req, &answer), VS_OK);
		CHECK_INT(answer.n,
		    VS_KEY_RECORD_SIZE + VS_PAYLOAD_MAX + VS_PAYLOAD_OVERHEAD);
	}
	finish(&r);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
}

static void
test_chain(void)
{
	uint8_t prev[32] = {1};
	static uint8_t digests[VS_CHAIN_MAX][32];
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	struct vs_buf want = {0};
	struct running r;

	start(&r, false);
	digests[7][0] = 5;
	vs_buf_add(&req, VS_SPAN_OF(prev));
	vs_put_u32(&req, VS_CHAIN_MAX);
	vs_buf_add(&req, VS_SPAN_OF(digests));
	CHECK_INT(call(r.ours[0], VS_OP_CHAIN, &req, &answer), VS_OK);
	CHECK_INT(
	    vs_core_chain(w.core, prev, VS_SPAN_OF(digests), &want), VS_OK);
	CHECK(vs_span_equal(vs_buf_span(&answer), vs_buf_span(&want)));
	finish(&r);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
	vs_buf_fini(&want);
}

static void
test_sealed(void)
{
	const struct vs_buf none = {0};
	struct vs_buf answer = {0};
	struct running r;

	start(&r, true);
	for (int op = VS_OP_NONCE_KEY; op <= VS_OP_CHAIN; op++)
		CHECK_INT(
		    call(r.ours[0], (vs_op)op, &none, &answer), VS_SEALED);
	check_facts(r.ours[0], true, 0, 0);
	finish(&r);
	vs_buf_fini(&answer);
}

/* ---- frames that close the channel -------------------------------------- */

/* One call on a server of its own: the channel closes, the others do not. */
static void
must_close(uint8_t op, struct vs_span payload)
{
	const struct vs_buf none = {0};
	struct vs_buf answer = {0};
	bool broken = false;
	struct running r;

	start(&r, false);
	CHECK_INT(
	    vs_keeper_call_fd(r.ours[0], (vs_op)op, payload, &answer, &broken),
	    VS_UNAVAILABLE);
	CHECK(broken);
	CHECK_INT(call(r.ours[1], VS_OP_NONCE_KEY, &none, &answer), VS_OK);
	finish(&r);
	vs_buf_fini(&answer);
}

static void
test_unknown_operations(void)
{
	must_close(0, VS_SPAN(NULL, 0));
	must_close(VS_OP_CHAIN + 1, VS_SPAN(NULL, 0));
	must_close(255, VS_SPAN(NULL, 0));
	must_close(VS_OP_STATUS, VS_SPAN_LIT("x"));
	must_close(VS_OP_NONCE_KEY, VS_SPAN_LIT("x"));
	must_close(VS_OP_RESEAL, VS_SPAN(NULL, 0));
}

static void
must_close_bytes(struct vs_span bytes)
{
	struct running r;
	uint8_t b;

	start(&r, false);
	CHECK(send(r.ours[0], bytes.p, bytes.n, 0) == (ssize_t)bytes.n);
	CHECK_INT(shutdown(r.ours[0], SHUT_WR), 0);
	CHECK_INT(recv(r.ours[0], &b, 1, 0), 0);
	finish(&r);
}

static void
test_broken_heads(void)
{
	uint8_t two[2 * VS_FRAME_HEAD];
	uint8_t head[VS_FRAME_HEAD];

	vs_frame_head(head, VS_FRAME_MAX + 1, VS_OP_STATUS);
	must_close_bytes(VS_SPAN_OF(head));
	vs_frame_head(head, 0, VS_OP_STATUS | 0x100);
	must_close_bytes(VS_SPAN_OF(head));
	vs_frame_head(head, 10, VS_OP_STATUS); /* and no payload */
	must_close_bytes(VS_SPAN_OF(head));
	vs_frame_head(head, 0, VS_OP_STATUS);
	for (size_t n = 1; n < sizeof head; n++)
		must_close_bytes(VS_SPAN(head, n));
	/* A second request before the answer to the first. */
	memcpy(two, head, sizeof head);
	memcpy(two + VS_FRAME_HEAD, head, sizeof head);
	must_close_bytes(VS_SPAN_OF(two));
}

/* Byte by byte is as good as whole. */
static void
test_slow_frames(void)
{
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	uint8_t head[VS_FRAME_HEAD];
	uint32_t n = 0;
	vs_status st = VS_INTERNAL;
	struct running r;

	start(&r, false);
	vs_put_field(&req, VS_SPAN_LIT("slow"));
	vs_put_u32(&req, 1);
	vs_frame_head(head, (uint32_t)req.n, VS_OP_NEW_KEK);
	for (size_t i = 0; i < sizeof head; i++)
		CHECK_INT(send(r.ours[0], head + i, 1, 0), 1);
	for (size_t i = 0; i < req.n; i++)
		CHECK_INT(send(r.ours[0], req.p + i, 1, 0), 1);
	CHECK_INT(vs_wire_head(r.ours[0], 5000, head, &answer), VS_OK);
	CHECK_INT(vs_frame_read_answer(head, &n, &st), VS_OK);
	CHECK_INT(vs_wire_rest(r.ours[0], n, &answer), VS_OK);
	CHECK(st == VS_OK && answer.n == VS_KEY_RECORD_SIZE);
	finish(&r);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
}

/* ---- every request, cut and longer -------------------------------------- */

static vs_status
answer(struct vs_core *core, uint8_t op, struct vs_span payload, bool *fatal)
{
	static struct vs_server s = {.seal = "file"};
	struct vs_buf out = {.max = VS_FRAME_MAX};
	struct vs_arena arena;
	vs_status st;

	s.keys = w.keys;
	vs_arena_init(&arena, 1 << 20);
	st = vs_server_answer(&s, core, op, payload, &arena, &out, fatal);
	CHECK_INT(vs_buf_span(&out).n > 0, st == VS_OK);
	CHECK(!*fatal || st == VS_MALFORMED);
	vs_buf_fini(&out);
	vs_arena_fini(&arena);
	return st;
}

static void
cut_and_longer(uint8_t op, struct vs_buf *req)
{
	bool fatal = true;

	CHECK_INT(answer(w.core, op, vs_buf_span(req), &fatal), VS_OK);
	CHECK(!fatal);
	CHECK_INT(answer(NULL, op, vs_buf_span(req), &fatal),
	    op == VS_OP_STATUS ? VS_OK : VS_SEALED);
	CHECK(!fatal);
	for (size_t n = 0; n < req->n; n++) {
		uint8_t *exact = malloc(n + 1);

		memcpy(exact + 1, req->p, n);
		fatal = false;
		CHECK_INT(answer(w.core, op, VS_SPAN(exact + 1, n), &fatal),
		    VS_MALFORMED);
		CHECK(fatal);
		free(exact);
	}
	vs_buf_add(req, VS_SPAN_LIT("x"));
	CHECK_INT(answer(w.core, op, vs_buf_span(req), &fatal), VS_MALFORMED);
	CHECK(fatal);
	vs_buf_fini(req);
}

static void
test_requests_cut_and_longer(void)
{
	struct vs_buf req = {0};
	struct world_guest g;
	struct world_key k;

	guest_new(&g, VS_CURVE_X25519);
	key_new(&w, &k, "models/a", 32);
	const struct vs_reseal_item it = item_of(&k);
	const struct vs_reseal rq = request_of(&g, &it, 1);
	const struct vs_key_place place = place_of(&k);

	cut_and_longer(VS_OP_STATUS, &req);
	cut_and_longer(VS_OP_NONCE_KEY, &req);
	vs_put_field(&req, VS_SPAN_LIT("models"));
	vs_put_u32(&req, 1);
	cut_and_longer(VS_OP_NEW_KEK, &req);
	vs_put_place(&req, &place);
	vs_put_u32(&req, 10);
	cut_and_longer(VS_OP_NEW_KEY, &req);
	vs_buf_add(&req, VS_SPAN_OF(world_nonce));
	vs_put_u32(&req, 1);
	vs_buf_add(&req, VS_SPAN_OF(world_nonce));
	cut_and_longer(VS_OP_CHAIN, &req);
	put_reseal(&req, &rq);
	cut_and_longer(VS_OP_RESEAL, &req);
	key_free(&k);
	guest_free(&g);
}

/* Nonces and ids excepted, a flipped bit never gives a release. */
static void
test_reseals_flipped(void)
{
	struct vs_buf req = {0};
	struct world_guest g;
	struct world_key k;
	bool fatal;
	size_t to, free_part;

	guest_new(&g, VS_CURVE_P256);
	key_new(&w, &k, "models/a", 32);
	const struct vs_reseal_item it = item_of(&k);
	const struct vs_reseal rq = request_of(&g, &it, 1);

	put_reseal(&req, &rq);
	to = 4 + 4 + 32 + 4 + 32;
	free_part = to + 32 + 4 + rq.release_id.n;
	for (size_t bit = 0; bit < req.n * 8; bit++) {
		vs_status st;

		req.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		st = answer(w.core, VS_OP_RESEAL, vs_buf_span(&req), &fatal);
		if (bit / 8 < to || bit / 8 >= free_part)
			CHECK(st != VS_OK);
		req.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	key_free(&k);
	guest_free(&g);
	vs_buf_fini(&req);
}

static void
test_chain_counts(void)
{
	static const uint32_t bad[] = {
	    0, 2, VS_CHAIN_MAX, VS_CHAIN_MAX + 1, 1u << 27, UINT32_MAX};
	struct vs_buf req = {0};
	bool fatal;

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		vs_buf_reset(&req);
		vs_buf_add(&req, VS_SPAN_OF(world_nonce));
		vs_put_u32(&req, bad[i]);
		vs_buf_add(&req, VS_SPAN_OF(world_nonce));
		CHECK_INT(
		    answer(w.core, VS_OP_CHAIN, vs_buf_span(&req), &fatal),
		    VS_MALFORMED);
		CHECK(fatal);
	}
	vs_buf_fini(&req);
}

/* Room for one channel of two: the first stops again, and all is given back. */
static void
test_no_memory_for_a_channel(void)
{
	struct vs_server s = {.seal = "file", .keys = w.keys};
	struct vs_secret *room = vs_secret_new(VS_CORE_LOCKED);
	struct vs_secret *hog[64] = {NULL};
	struct vs_err err = {0};
	size_t used, n = 0;
	int a[2], b[2];
	uint8_t byte;

	for (size_t size = WORLD_POOL; size >= 1024; size /= 2)
		while (
		    n < VS_COUNT(hog) && (hog[n] = vs_secret_new(size)) != NULL)
			n++;
	vs_secret_free(&room);
	used = vs_secret_pool_used();
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0);
	CHECK_INT(
	    vs_server_run(&s, (int[]){a[1], b[1]}, 2, &err), VS_NO_MEMORY);
	CHECK(strstr(err.msg, "channel") != NULL);
	CHECK_INT(vs_secret_pool_used(), used);
	CHECK_INT(recv(a[0], &byte, 1, 0), 0);
	while (n > 0)
		vs_secret_free(&hog[--n]);
	(void)close(a[0]);
	(void)close(b[0]);
	(void)close(b[1]);
}

/* ---- a keeper that lies ------------------------------------------------- */

/* The client's call when the other side says these bytes. */
static vs_status
told(struct vs_span bytes, bool *broken, struct vs_buf *out)
{
	int sv[2];
	vs_status st;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	CHECK(send(sv[1], bytes.p, bytes.n, 0) == (ssize_t)bytes.n);
	CHECK_INT(shutdown(sv[1], SHUT_WR), 0);
	*broken = false;
	st = vs_keeper_call_fd(
	    sv[0], VS_OP_STATUS, VS_SPAN(NULL, 0), out, broken);
	(void)close(sv[0]);
	(void)close(sv[1]);
	return st;
}

static void
test_lying_answers(void)
{
	uint8_t frame[VS_FRAME_HEAD + 4] = {0};
	struct vs_buf out = {0};
	bool broken;

	vs_frame_head(frame, 4, VS_OK);
	CHECK_INT(told(VS_SPAN_OF(frame), &broken, &out), VS_OK);
	CHECK(!broken && out.n == 4);
	for (size_t n = 0; n < sizeof frame; n++) {
		CHECK_INT(
		    told(VS_SPAN(frame, n), &broken, &out), VS_UNAVAILABLE);
		CHECK(broken);
	}
	vs_frame_head(frame, 3, VS_OK); /* a byte behind the answer */
	CHECK_INT(told(VS_SPAN_OF(frame), &broken, &out), VS_UNAVAILABLE);
	CHECK(broken);
	vs_frame_head(frame, UINT32_MAX, VS_OK);
	CHECK_INT(told(VS_SPAN_OF(frame), &broken, &out), VS_UNAVAILABLE);
	CHECK(broken);
	vs_frame_head(frame, 4, 0x4242);
	CHECK_INT(told(VS_SPAN_OF(frame), &broken, &out), VS_UNAVAILABLE);
	CHECK(broken);
	vs_frame_head(frame, 4, VS_SEALED);
	CHECK_INT(told(VS_SPAN_OF(frame), &broken, &out), VS_SEALED);
	CHECK(!broken);
	vs_buf_fini(&out);
}

static void
test_facts(void)
{
	struct vs_keeper_facts f = {.unwraps = 5};
	struct vs_buf b = {0};

	vs_put_u32(&b, 1);
	vs_put_field(&b, VS_SPAN_LIT("file"));
	vs_put_field(&b, VS_SPAN_LIT("why"));
	vs_put_u64(&b, 1ull << 40);
	vs_put_u64(&b, 2);
	for (uint32_t i = 3; i <= 5; i++)
		vs_put_u32(&b, i);
	vs_put_u32(&b, 1);
	for (size_t n = 0; n < b.n; n++)
		CHECK_INT(
		    vs_keeper_read_facts(VS_SPAN(b.p, n), &f), VS_MALFORMED);
	CHECK_INT(f.unwraps, 5);
	CHECK_INT(vs_keeper_read_facts(vs_buf_span(&b), &f), VS_OK);
	CHECK(f.sealed && f.unwraps == 1ll << 40 && f.failures == 2);
	CHECK_STR(f.why, "why");
	CHECK(f.shares.threshold == 3 && f.shares.total == 4);
	CHECK(f.shares.given == 5 && f.shares.recovery);
	vs_buf_add(&b, VS_SPAN_LIT("x"));
	CHECK_INT(vs_keeper_read_facts(vs_buf_span(&b), &f), VS_MALFORMED);
	vs_buf_reset(&b);
	vs_put_u32(&b, 0);
	vs_put_field(&b, VS_SPAN_LIT("sixteen bytes ok"));
	vs_put_field(&b, VS_SPAN(NULL, 0));
	vs_put_u64(&b, 0);
	vs_put_u64(&b, 0);
	for (uint32_t i = 0; i < 4; i++)
		vs_put_u32(&b, 0);
	CHECK_INT(vs_keeper_read_facts(vs_buf_span(&b), &f), VS_MALFORMED);
	vs_buf_fini(&b);
}

int
main(void)
{
	(void)alarm(120); /* nothing here may wait for ever */
	world_pool();
	world_new(&w, 0x42);
	RUN(test_nonce_key);
	RUN(test_keys_and_releases);
	RUN(test_refusals_are_answers);
	RUN(test_large_frames);
	RUN(test_chain);
	RUN(test_sealed);
	RUN(test_unknown_operations);
	RUN(test_broken_heads);
	RUN(test_slow_frames);
	RUN(test_requests_cut_and_longer);
	RUN(test_reseals_flipped);
	RUN(test_chain_counts);
	RUN(test_no_memory_for_a_channel);
	RUN(test_lying_answers);
	RUN(test_facts);
	world_free(&w);
	vs_secret_pool_fini();
	return check_result();
}
