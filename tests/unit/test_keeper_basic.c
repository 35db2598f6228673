/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper in one process: records and what they are bound to, the seal,
 * and a server behind a socket pair. With the real program beside it where
 * VS_BIN names one.
 */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/rand.h"
#include "keeper/client_int.h"
#include "keeper/record.h"
#include "keeper/server.h"
#include "seal_file.h"

static const char release_id[] = "01890a5d-ac96-774b-bcce-b302099a8057";
static const uint8_t nonce[32] = {7};

struct bench {
	struct vs_root_keys keys;
	struct vs_core *core;
	struct vs_ecdh *ecdh;
	struct vs_ecdh_point to;
	uint8_t kek[VS_KEY_RECORD_SIZE];
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
	struct vs_reseal_item item;
	struct vs_reseal req;
};

static void
bench_open(struct bench *b, const uint8_t *root)
{
	memset(b, 0, sizeof *b);
	CHECK(vs_root_derive(VS_SPAN(root, VS_ROOT_SIZE), &b->keys) == VS_OK);
	CHECK(vs_core_new(&b->keys, &b->core) == VS_OK);
	CHECK(vs_ecdh_new(&b->ecdh) == VS_OK);
	CHECK(vs_ecdh_generate(b->ecdh, VS_CURVE_P256, &b->to) == VS_OK);
	CHECK(
	    vs_core_new_kek(b->core, VS_SPAN_LIT("demo"), 1, b->kek) == VS_OK);
	b->item.place = (struct vs_key_place){
	    VS_SPAN_OF(b->kek), 1, VS_SPAN_LIT("demo/llama"), 3, false};
	CHECK(vs_core_new_key(
		  b->core, &b->item.place, 32, b->dek, &b->payload) == VS_OK);
	b->item.dek = VS_SPAN_OF(b->dek);
	b->item.payload = vs_buf_span(&b->payload);
	b->req = (struct vs_reseal){
	    .to = {VS_CURVE_P256, VS_SPAN(b->to.x, 32), VS_SPAN(b->to.y, 32)},
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT(release_id),
	    .items = &b->item,
	    .n = 1};
}

static void
bench_close(struct bench *b)
{
	vs_buf_fini(&b->payload);
	vs_ecdh_free(&b->ecdh);
	vs_core_free(&b->core);
	vs_root_wipe(&b->keys);
}

static const uint8_t root_a[VS_ROOT_SIZE] = {1, 2, 3};
static const uint8_t root_b[VS_ROOT_SIZE] = {1, 2, 4};

static vs_status
reseal(struct bench *b, struct vs_buf *out)
{
	unsigned failed = 9;
	vs_status st = vs_core_reseal(b->core, &b->req, out, &failed);

	CHECK_INT(failed, st == VS_UNTRUSTED);
	return st;
}

/* Nothing comes out, and the buffer holds nothing. */
static void
refused(struct bench *b, vs_status want)
{
	struct vs_buf out = {0};

	CHECK_INT(reseal(b, &out), want);
	CHECK_INT(out.n, 0);
	vs_buf_fini(&out);
}

static void
test_reseal_on_all_curves(void)
{
	static const vs_curve curves[] = {
	    VS_CURVE_P256, VS_CURVE_P384, VS_CURVE_X25519};
	struct bench b;

	bench_open(&b, root_a);
	b.item.content_type = VS_SPAN_LIT("application/x-key");
	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		size_t n = vs_curve_size(curves[i]);
		struct vs_buf out = {0};
		size_t dots = 0;

		CHECK(vs_ecdh_generate(b.ecdh, curves[i], &b.to) == VS_OK);
		b.req.to = (struct vs_recipient){curves[i], VS_SPAN(b.to.x, n),
		    VS_SPAN(b.to.y, curves[i] == VS_CURVE_X25519 ? 0 : n)};
		CHECK_INT(reseal(&b, &out), VS_OK);
		for (size_t k = 0; k < out.n; k++)
			dots += out.p[k] == '.';
		CHECK_INT(dots, 4);
		vs_buf_fini(&out);
	}
	bench_close(&b);
}

static void
test_bad_recipients(void)
{
	struct bench b;
	uint8_t y[32];

	bench_open(&b, root_a);
	memcpy(y, b.to.y, sizeof y);
	y[31] ^= 1;
	b.req.to.y = VS_SPAN_OF(y);
	refused(&b, VS_MALFORMED);
	b.req.to.y = VS_SPAN(b.to.y, 31);
	refused(&b, VS_MALFORMED);
	memset(y, 0xff, sizeof y);
	b.req.to.y = VS_SPAN_OF(y);
	refused(&b, VS_MALFORMED);
	memset(y, 0, sizeof y);
	b.req.to = (struct vs_recipient){
	    VS_CURVE_X25519, VS_SPAN_OF(y), VS_SPAN(NULL, 0)};
	refused(&b, VS_MALFORMED); /* small order */
	bench_close(&b);
}

/* Each thing that a record is bound to, alone. */
static void
test_relabelled_records_do_not_open(void)
{
	struct bench b;
	uint8_t kek2[VS_KEY_RECORD_SIZE];
	struct vs_key_place good;

	bench_open(&b, root_a);
	good = b.item.place;
	CHECK(vs_core_unwrap(b.core, &b.item) == 0xff);
	b.item.place.name = VS_SPAN_LIT("demo/llamb");
	refused(&b, VS_UNTRUSTED);
	b.item.place.name = VS_SPAN_LIT("prod/llama");
	refused(&b, VS_UNTRUSTED);
	b.item.place = good;
	b.item.place.version = 4;
	refused(&b, VS_UNTRUSTED);
	b.item.place = good;
	b.item.place.kek_version = 2;
	refused(&b, VS_UNTRUSTED);
	b.item.place = good;
	CHECK(vs_core_new_kek(b.core, VS_SPAN_LIT("demo"), 1, kek2) == VS_OK);
	b.item.place.kek = VS_SPAN_OF(kek2);
	refused(&b, VS_UNTRUSTED);
	CHECK(vs_core_unwrap(b.core, &b.item) == 0);
	b.item.place = good;
	/* a DEK is no payload, and another key's payload is not ours */
	b.item.payload = VS_SPAN_OF(b.dek);
	refused(&b, VS_UNTRUSTED);
	bench_close(&b);
}

static void
test_every_flip_of_a_record_is_refused(void)
{
	struct bench b;

	bench_open(&b, root_a);
	for (size_t bit = 0; bit < 8 * VS_KEY_RECORD_SIZE; bit++) {
		uint8_t *at[] = {b.kek, b.dek, b.payload.p};

		for (size_t r = 0; r < VS_COUNT(at); r++) {
			struct vs_buf out = {0};

			at[r][bit / 8] ^= (uint8_t)(1u << bit % 8);
			CHECK(reseal(&b, &out) != VS_OK && out.n == 0);
			at[r][bit / 8] ^= (uint8_t)(1u << bit % 8);
			vs_buf_fini(&out);
		}
	}
	CHECK(vs_core_unwrap(b.core, &b.item) == 0xff);
	bench_close(&b);
}

static void
test_another_root_opens_nothing(void)
{
	struct bench a;
	struct bench b;

	bench_open(&a, root_a);
	bench_open(&b, root_b);
	b.req.items = &a.item;
	refused(&b, VS_UNTRUSTED);
	CHECK(!vs_span_equal(vs_secret_peek(a.keys.nonce_mac),
	    vs_secret_peek(a.keys.audit_chain)));
	bench_close(&a);
	bench_close(&b);
}

static void
test_names_that_json_would_escape(void)
{
	static const char *const bad[] = {"", "a\"b", "a b", "a\\b", "\xff"};
	struct bench b;
	struct vs_buf out = {0};
	uint8_t dek[VS_KEY_RECORD_SIZE];

	bench_open(&b, root_a);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		b.item.place.name = vs_span_cstr(bad[i]);
		refused(&b, VS_MALFORMED);
		CHECK(vs_core_new_key(b.core, &b.item.place, 32, dek, &out) ==
		    VS_MALFORMED);
	}
	b.item.place.name = VS_SPAN_LIT("demo/llama");
	b.item.content_type = VS_SPAN_LIT("a\"b");
	refused(&b, VS_MALFORMED);
	CHECK(vs_core_new_kek(b.core, VS_SPAN_LIT("a/b"), 1, dek) ==
	    VS_MALFORMED);
	CHECK(
	    vs_core_new_kek(b.core, VS_SPAN_LIT("a"), 0, dek) == VS_MALFORMED);
	vs_buf_fini(&out);
	bench_close(&b);
}

/* The k-th of a batch fails: nothing of any comes out. */
static void
test_batch_is_all_or_nothing(void)
{
	struct bench b;
	struct vs_reseal_item items[5];
	struct vs_buf out = {0};

	bench_open(&b, root_a);
	for (size_t i = 0; i < 5; i++)
		items[i] = b.item;
	b.req.items = items;
	b.req.n = 5;
	CHECK_INT(reseal(&b, &out), VS_OK);
	for (size_t k = 0; k < 5; k++) {
		items[k].place.version = 9;
		refused(&b, VS_UNTRUSTED);
		items[k].place.version = 3;
	}
	vs_buf_fini(&out);
	bench_close(&b);
}

static void
test_ten_thousand_keys_and_large_payloads(void)
{
	struct bench b;
	struct vs_reseal_item *items =
	    vs_calloc(VS_RESEAL_KEYS_MAX, sizeof *items);
	struct vs_buf out = {0};
	struct vs_buf large = {0};
	size_t before;

	bench_open(&b, root_a);
	before = vs_secret_pool_used();
	if (!CHECK(items != NULL))
		return;
	for (size_t i = 0; i < VS_RESEAL_KEYS_MAX; i++)
		items[i] = b.item;
	b.req.items = items;
	b.req.n = VS_RESEAL_KEYS_MAX;
	CHECK_INT(reseal(&b, &out), VS_OK);
	CHECK(out.n > 1000000);
	vs_buf_reset(&out);
	CHECK(vs_core_new_key(b.core, &b.item.place, VS_PAYLOAD_MAX, b.dek,
		  &large) == VS_OK);
	b.item.payload = vs_buf_span(&large);
	b.req.items = &b.item;
	b.req.n = 1;
	CHECK_INT(reseal(&b, &out), VS_OK);
	CHECK(vs_core_unwrap(b.core, &b.item) == 0xff);
	CHECK_INT(vs_secret_pool_used(), before);
	vs_buf_fini(&out);
	vs_buf_fini(&large);
	free(items);
	bench_close(&b);
}

/* More KEKs than a thread keeps: the oldest give way, all still open. */
static void
test_kek_cache_evicts(void)
{
	enum { N = VS_RESEAL_KEYS_MAX / 200 };
	struct bench b;
	static uint8_t keks[N][VS_KEY_RECORD_SIZE];
	static uint8_t deks[N][VS_KEY_RECORD_SIZE];
	static char names[N][16];
	struct vs_buf payloads[N];
	struct vs_reseal_item items[N];

	bench_open(&b, root_a);
	memset(payloads, 0, sizeof payloads);
	for (size_t i = 0; i < N; i++) {
		(void)snprintf(names[i], sizeof names[i], "ns%zu/k", i);
		items[i] =
		    (struct vs_reseal_item){.place = {VS_SPAN_OF(keks[i]), 1,
						vs_span_cstr(names[i]), 1}};
		CHECK(vs_core_new_kek(b.core,
			  vs_record_namespace(items[i].place.name), 1,
			  keks[i]) == VS_OK);
		CHECK(vs_core_new_key(b.core, &items[i].place, 16, deks[i],
			  &payloads[i]) == VS_OK);
		items[i].dek = VS_SPAN_OF(deks[i]);
		items[i].payload = vs_buf_span(&payloads[i]);
	}
	for (size_t i = 0; i < N; i++)
		CHECK(vs_core_unwrap(b.core, &items[i]) == 0xff);
	for (size_t i = 0; i < N; i++)
		vs_buf_fini(&payloads[i]);
	bench_close(&b);
}

/* ---- frames ------------------------------------------------------------ */

static struct vs_server server;

static vs_status
ask(struct vs_core *core, uint8_t op, struct vs_span payload, bool *fatal)
{
	struct vs_buf out = {.max = VS_FRAME_MAX};
	struct vs_arena arena;
	vs_status st;

	vs_arena_init(&arena, 4 << 20);
	st = vs_server_answer(&server, core, op, payload, &arena, &out, fatal);
	CHECK(st == VS_OK || vs_buf_span(&out).n == 0);
	vs_buf_fini(&out);
	vs_arena_fini(&arena);
	return st;
}

static void
put_request(struct vs_buf *b, const struct vs_reseal *r)
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
test_frames_are_strict(void)
{
	struct bench b;
	struct vs_buf req = {0};
	bool fatal = false;

	bench_open(&b, root_a);
	server.keys = b.keys;
	server.seal = "file";
	put_request(&req, &b.req);
	CHECK_INT(ask(b.core, VS_OP_RESEAL, vs_buf_span(&req), &fatal), VS_OK);
	for (size_t n = 0; n < req.n; n++) {
		CHECK(ask(b.core, VS_OP_RESEAL, VS_SPAN(req.p, n), &fatal) !=
		    VS_OK);
		CHECK(fatal);
	}
	for (size_t bit = 0; bit < 8 * req.n; bit++) {
		req.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* nonce and release id are the front's to choose */
		(void)ask(b.core, VS_OP_RESEAL, vs_buf_span(&req), &fatal);
		req.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	vs_buf_add(&req, VS_SPAN("x", 1));
	CHECK(ask(b.core, VS_OP_RESEAL, vs_buf_span(&req), &fatal) ==
	    VS_MALFORMED);
	CHECK(fatal);
	for (unsigned op = 0; op < 256; op++) {
		(void)ask(b.core, (uint8_t)op, VS_SPAN("junk", 4), &fatal);
		CHECK(fatal);
		(void)ask(NULL, (uint8_t)op, VS_SPAN(NULL, 0), &fatal);
		CHECK(fatal == (op == 0 || op >= VS_OP_UNSEAL));
	}
	CHECK_INT(
	    ask(NULL, VS_OP_RESEAL, vs_buf_span(&req), &fatal), VS_SEALED);
	vs_buf_fini(&req);
	bench_close(&b);
}

static void
test_frame_heads(void)
{
	uint8_t head[VS_FRAME_HEAD];
	uint32_t n = 0;
	uint8_t op = 0;
	vs_status st = VS_OK;

	vs_frame_head(head, 77, VS_OP_CHAIN);
	CHECK(vs_frame_read_request(head, &n, &op) == VS_OK && n == 77 &&
	    op == VS_OP_CHAIN);
	head[5] = 1;
	CHECK(vs_frame_read_request(head, &n, &op) == VS_RESERVED);
	vs_frame_head(head, VS_FRAME_MAX + 1, 1);
	CHECK(vs_frame_read_request(head, &n, &op) == VS_TOO_LARGE);
	CHECK(vs_frame_read_answer(head, &n, &st) == VS_TOO_LARGE);
	vs_frame_head(head, 5, VS_SEALED);
	CHECK(vs_frame_read_answer(head, &n, &st) == VS_OK && st == VS_SEALED);
	vs_frame_head(head, 5, 0xdead);
	CHECK(vs_frame_read_answer(head, &n, &st) == VS_MALFORMED);
}

/* ---- a server behind a socket pair ------------------------------------- */

static void *
run_server(void *arg)
{
	struct vs_err err = {0};

	return vs_server_run(&server, arg, 1, &err) == VS_OK ? NULL : arg;
}

static void
test_server_serves_and_hangs_up(void)
{
	struct bench b;
	struct vs_keeper_facts facts;
	struct vs_buf answer = {0};
	struct vs_buf req = {0};
	void *failed = NULL;
	pthread_t t;
	bool broken = false;
	int sv[2];

	bench_open(&b, root_a);
	server = (struct vs_server){.seal = "file", .keys = b.keys};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	CHECK(pthread_create(&t, NULL, run_server, &sv[1]) == 0);
	CHECK(vs_keeper_call_fd(sv[0], VS_OP_NONCE_KEY, VS_SPAN(NULL, 0),
		  &answer, &broken) == VS_OK);
	CHECK(!broken &&
	    vs_span_equal(
		vs_buf_span(&answer), vs_secret_peek(b.keys.nonce_mac)));
	put_request(&req, &b.req);
	CHECK(vs_keeper_call_fd(sv[0], VS_OP_RESEAL, vs_buf_span(&req), &answer,
		  &broken) == VS_OK);
	CHECK(vs_keeper_call_fd(sv[0], VS_OP_STATUS, VS_SPAN(NULL, 0), &answer,
		  &broken) == VS_OK);
	CHECK(vs_keeper_read_facts(vs_buf_span(&answer), &facts) == VS_OK);
	CHECK(facts.unwraps == 1 && !facts.sealed);
	CHECK_STR(facts.seal, "file");
	CHECK(vs_keeper_call_fd(sv[0], VS_OP_RESEAL, VS_SPAN("junk", 4),
		  &answer, &broken) == VS_UNAVAILABLE);
	CHECK(broken);
	CHECK(pthread_join(t, &failed) == 0 && failed == NULL);
	(void)close(sv[0]);
	vs_buf_fini(&answer);
	vs_buf_fini(&req);
	bench_close(&b);
}

/* ---- the seal ---------------------------------------------------------- */

static void
test_file_seal(void)
{
	char dir[] = "/tmp/vs-seal-XXXXXX";
	char path[64];
	struct vs_secret *root = NULL;
	struct vs_secret *again = NULL;
	struct vs_err err = {0};
	uint8_t raw[72];
	struct stat st;
	int fd;

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/root.seal", dir);
	CHECK_INT(seal_file_open(path, false, &root, &err), VS_SEALED);
	CHECK(strstr(err.msg, "missing") != NULL);
	CHECK_OK(seal_file_open(path, true, &root, &err), err);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK_OK(seal_file_open(path, true, &again, &err), err);
	if (root != NULL && again != NULL)
		CHECK(
		    vs_span_equal(vs_secret_peek(root), vs_secret_peek(again)));
	vs_secret_free(&again);
	CHECK(chmod(path, 0640) == 0);
	CHECK_INT(seal_file_open(path, true, &again, &err), VS_SEALED);
	CHECK(strstr(err.msg, "chmod 600") != NULL);
	CHECK(chmod(path, 0600) == 0);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0 && read(fd, raw, sizeof raw) == (ssize_t)sizeof raw);
	raw[20] ^= 1;
	CHECK(pwrite(fd, raw, sizeof raw, 0) == (ssize_t)sizeof raw);
	CHECK_INT(seal_file_open(path, true, &again, &err), VS_SEALED);
	CHECK(strstr(err.msg, "checksum") != NULL);
	CHECK(ftruncate(fd, 10) == 0);
	CHECK_INT(seal_file_open(path, true, &again, &err), VS_SEALED);
	CHECK(strstr(err.msg, "size") != NULL);
	(void)close(fd);
	CHECK(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
	CHECK_INT(seal_file_open(path, true, &again, &err), VS_SEALED);
	CHECK_INT(
	    seal_file_open("/no/such/dir/seal", true, &again, &err), VS_SEALED);
	CHECK(again == NULL);
	vs_secret_free(&root);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* ---- the real program -------------------------------------------------- */

static vs_status
new_key_until(struct vs_keeper *k, unsigned channel, int64_t within_ms)
{
	int64_t end = vs_mono_ns() + within_ms * 1000000;
	uint8_t kek[VS_KEY_RECORD_SIZE];
	vs_status st;

	do {
		const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
		struct vs_err err = {0};

		st = vs_keeper_new_kek(
		    k, channel, VS_SPAN_LIT("demo"), 1, kek, &err);
		if (st != VS_OK)
			(void)nanosleep(&nap, NULL);
	} while (st != VS_OK && vs_mono_ns() < end);
	return st;
}

static void
check_chain(struct vs_keeper *k)
{
	static const uint8_t prev[32] = {5};
	const uint8_t digests[3][32] = {{1}, {2}, {3}};
	uint8_t all[3][32], one[32];
	struct vs_err err = {0};

	CHECK_OK(vs_keeper_chain(k, 0, prev, digests, 3, all, &err), err);
	CHECK_OK(vs_keeper_chain(k, 0, prev, digests, 1, &one, &err), err);
	CHECK(memcmp(one, all[0], 32) == 0);
	CHECK_OK(
	    vs_keeper_chain(k, 0, all[0], digests + 1, 1, &one, &err), err);
	CHECK(memcmp(one, all[1], 32) == 0);
	CHECK(vs_keeper_chain(k, 0, prev, digests, 0, all, &err) != VS_OK);
}

static void
check_process(int pid)
{
	char path[64];
	char text[64];
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/environ", pid);
	fd = open(path, O_RDONLY);
	CHECK(fd < 0 || read(fd, text, sizeof text) <= 0);
	if (fd >= 0)
		(void)close(fd);
	(void)snprintf(path, sizeof path, "/proc/%d/fd/200", pid);
	CHECK(access(path, F_OK) != 0);
}

static void
with_program(const char *program, const char *seal)
{
	struct vs_keeper_options opt = {.program = program,
	    .seal = {.path = seal},
	    .may_create_seal = true,
	    .channels = 3};
	struct vs_keeper_status ks;
	struct vs_keeper *k = NULL;
	struct vs_err err = {0};
	uint8_t a[32], b[32];

	CHECK(dup2(STDERR_FILENO, 200) == 200); /* must not be inherited */
	if (!CHECK_OK(vs_keeper_start(&opt, &k, &err), err))
		return;
	CHECK_OK(vs_keeper_nonce_key(k, 0, a, &err), err);
	check_chain(k);
	vs_keeper_status(k, &ks);
	CHECK(ks.up && !ks.sealed && ks.pid > 0 && ks.restarts == 0);
	check_process(ks.pid);
	CHECK(kill(ks.pid, SIGKILL) == 0);
	CHECK_INT(new_key_until(k, 1, 5000), VS_OK);
	vs_keeper_status(k, &ks);
	CHECK(ks.up && ks.restarts == 1);
	CHECK_OK(vs_keeper_nonce_key(k, 2, b, &err), err);
	CHECK(memcmp(a, b, sizeof a) == 0); /* the same root */
	vs_keeper_free(&k);
	CHECK(kill(ks.pid, 0) != 0);
	/* a store is there, the seal is not: sealed, not a new root */
	CHECK(unlink(seal) == 0);
	opt.may_create_seal = false;
	CHECK_OK(vs_keeper_start(&opt, &k, &err), err);
	vs_keeper_status(k, &ks);
	CHECK(ks.up && ks.sealed && strstr(ks.why, "missing") != NULL);
	CHECK_INT(vs_keeper_nonce_key(k, 0, a, &err), VS_SEALED);
	vs_keeper_free(&k);
	opt.program = "/no/such/program";
	CHECK_INT(vs_keeper_start(&opt, &k, &err), VS_UNAVAILABLE);
	(void)close(200);
}

static void
test_program_restarts_and_seals(void)
{
	char dir[] = "/tmp/vs-keeper-XXXXXX";
	char program[256];
	char seal[64];
	const char *bin = getenv("VS_BIN");

	(void)snprintf(program, sizeof program, "%s/vouchsafe-keeper",
	    bin == NULL ? "." : bin);
	if (access(program, X_OK) != 0) {
		printf("skip: no %s\n", program);
		return;
	}
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(seal, sizeof seal, "%s/root.seal", dir);
	with_program(program, seal);
	(void)unlink(seal);
	(void)rmdir(dir);
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(4 << 20, &err), err))
		return check_result();
	RUN(test_reseal_on_all_curves);
	RUN(test_bad_recipients);
	RUN(test_relabelled_records_do_not_open);
	RUN(test_every_flip_of_a_record_is_refused);
	RUN(test_another_root_opens_nothing);
	RUN(test_names_that_json_would_escape);
	RUN(test_batch_is_all_or_nothing);
	RUN(test_ten_thousand_keys_and_large_payloads);
	RUN(test_kek_cache_evicts);
	RUN(test_frames_are_strict);
	RUN(test_frame_heads);
	RUN(test_server_serves_and_hangs_up);
	RUN(test_file_seal);
	RUN(test_program_restarts_and_seals);
	return check_result();
}
