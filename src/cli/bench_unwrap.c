/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "cli/bench_floor.h"
#include "cli/bench_release.h"
#include "cli/bench_secrets.h"
#include "cli/options.h"
#include "cli/output.h"
#include "crypto/ecdh.h"
#include "crypto/floor.h"
#include "keeper/core.h"

enum {
	KEYS = VS_RESEAL_KEYS_MAX, /* of a batch */
	RECORDS = 1000,            /* that are unwrapped one by one */
	ROUNDS = 20,               /* over all records, in each turn */
	TURNS = 9,
	RESEALS = 500,
	PAYLOAD = 32,
	NAME_MAX_LEN = 32,
};

struct args {
	bool json;
	uint64_t samples;
};
enum { SAMPLES = 200000, SAMPLES_MAX = 10000000 };
static const struct vs_opt options[] = {
    VS_OPT("samples", COUNT, struct args, samples, "N",
	"measurements of each timing test (200,000)"),
    VS_OPT("json", FLAG, struct args, json, NULL, "one JSON object"),
};

/* One key as the store would hold it. */
struct stored {
	char name[NAME_MAX_LEN];
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
	struct vs_reseal_item item;
};

struct bench {
	struct vs_core *core;
	struct vs_floor *floor;
	struct vs_ecdh *ecdh;
	struct vs_root_keys root;
	uint8_t kek[VS_KEY_RECORD_SIZE];
	struct stored *keys; /* KEYS */
};

/* Nanoseconds of CPU time, the least of all turns: on a machine that others
 * use too, what is above it is theirs. */
struct figures {
	double core;        /* to unwrap one key */
	double bare;        /* the two AES-GCM opens of it */
	double reseal;      /* one key to one recipient, whole */
	double batch;       /* a key of KEYS in one call, whole */
	double batch_floor; /* the cryptography of that */
	struct vs_timing timing[VS_SECRETS_CASES];
};

static vs_status
make_key(struct bench *b, struct stored *k, int i, struct vs_err *err)
{
	struct vs_key_place place = {
	    .kek = VS_SPAN_OF(b->kek), .kek_version = 1, .version = 1};

	(void)snprintf(k->name, sizeof(k->name), "bench/k%07d", i);
	place.name = vs_span_cstr(k->name);
	VS_TRY(err, "key",
	    vs_core_new_key(b->core, &place, PAYLOAD, k->dek, &k->payload));
	k->item = (struct vs_reseal_item){.place = place,
	    .dek = VS_SPAN_OF(k->dek),
	    .payload = vs_buf_span(&k->payload)};
	return VS_OK;
}

static vs_status
setup(struct bench *b, struct vs_err *err)
{
	uint8_t root[VS_ROOT_SIZE];

	b->keys = vs_calloc(KEYS, sizeof(*b->keys));
	if (b->keys == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keys");
	/* A root of the moment that opens nothing but these records. */
	VS_TRY(err, "root", vs_random(root, sizeof(root)));
	VS_TRY(err, "root", vs_root_derive(VS_SPAN_OF(root), &b->root));
	VS_TRY(err, "core", vs_core_new(&b->root, &b->core));
	VS_TRY(err, "KEK",
	    vs_core_new_kek(b->core, VS_SPAN_LIT("bench"), 1, b->kek));
	for (int i = 0; i < KEYS; i++)
		VS_TRY(err, "keys", make_key(b, &b->keys[i], i, err));
	VS_TRY(err, "floor", vs_floor_new(&b->floor, err));
	VS_TRY(err, "recipient", vs_ecdh_new(&b->ecdh));
	return VS_OK;
}

static void
teardown(struct bench *b)
{
	for (int i = 0; b->keys != NULL && i < KEYS; i++)
		vs_buf_fini(&b->keys[i].payload);
	free(b->keys);
	vs_core_free(&b->core);
	vs_floor_free(&b->floor);
	vs_ecdh_free(&b->ecdh);
	vs_root_wipe(&b->root);
}

static vs_status
core_batch(struct bench *b, double *ns, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns();

	for (int r = 0; r < ROUNDS; r++)
		for (int i = 0; i < RECORDS; i++)
			if (vs_core_unwrap(b->core, &b->keys[i].item) != 0xff)
				return vs_fail(
				    err, VS_INTERNAL, "a key did not open");
	*ns = (double)(vs_bench_thread_ns() - begin) / ROUNDS / RECORDS;
	return VS_OK;
}

static vs_status
bare_batch(struct bench *b, double *ns, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns();

	if (!vs_floor_unwrap(b->floor, (size_t)ROUNDS * RECORDS))
		return vs_fail(err, VS_INTERNAL, "bare loop: OpenSSL");
	*ns = (double)(vs_bench_thread_ns() - begin) / ROUNDS / RECORDS;
	return VS_OK;
}

static vs_status
reseal_batch(struct bench *b, double *ns, struct vs_err *err)
{
	static const uint8_t nonce[32];
	struct vs_ecdh_point p;
	struct vs_buf jwe = {0};
	vs_status st = vs_ecdh_generate(b->ecdh, VS_CURVE_P256, &p);
	struct vs_reseal req = {
	    .to = {VS_CURVE_P256, VS_SPAN(p.x, 32), VS_SPAN(p.y, 32)},
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT("01890a5d-ac96-774b-bcce-b302099a8057"),
	    .n = 1};
	int64_t begin = vs_bench_thread_ns();
	unsigned failed;

	for (int i = 0; i < RESEALS && st == VS_OK; i++) {
		vs_buf_reset(&jwe);
		req.items = &b->keys[i].item;
		st = vs_core_reseal(b->core, &req, &jwe, &failed);
	}
	*ns = (double)(vs_bench_thread_ns() - begin) / RESEALS;
	vs_buf_fini(&jwe);
	return st == VS_OK ? st : vs_fail(err, st, "reseal");
}

/* All keys in one call, and then the cryptography of that. */
static vs_status
whole_batch(struct bench *b, double *ns, double *bare, struct vs_err *err)
{
	static const uint8_t nonce[32];
	struct vs_reseal_item *items = vs_calloc(KEYS, sizeof(*items));
	struct vs_ecdh_point p;
	struct vs_buf jwe = {0};
	vs_status st = vs_ecdh_generate(b->ecdh, VS_CURVE_P256, &p);
	const struct vs_reseal req = {
	    .to = {VS_CURVE_P256, VS_SPAN(p.x, 32), VS_SPAN(p.y, 32)},
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT("01890a5d-ac96-774b-bcce-b302099a8057"),
	    .items = items,
	    .n = KEYS};
	unsigned failed;
	int64_t begin, middle;

	for (int i = 0; items != NULL && i < KEYS; i++)
		items[i] = b->keys[i].item;
	begin = vs_bench_thread_ns();
	if (items == NULL)
		st = VS_NO_MEMORY;
	if (st == VS_OK)
		st = vs_core_reseal(b->core, &req, &jwe, &failed);
	middle = vs_bench_thread_ns();
	if (st == VS_OK &&
	    !vs_floor_batch(b->floor, KEYS, jwe.n / 4 * 3 / KEYS))
		st = VS_INTERNAL;
	*ns = (double)(middle - begin) / KEYS;
	*bare = (double)(vs_bench_thread_ns() - middle) / KEYS;
	free(items);
	vs_buf_fini(&jwe);
	return st == VS_OK ? st : vs_fail(err, st, "batch");
}

static void
least(double *so_far, double ns)
{
	if (*so_far == 0 || ns < *so_far)
		*so_far = ns;
}

/* Turn by turn, so that a change of clock speed meets all alike; the first
 * one warms up. */
static vs_status
measure(struct bench *b, struct figures *f, struct vs_err *err)
{
	for (size_t i = 0; i <= TURNS; i++) {
		double core, bare, reseal, batch, batch_floor;

		VS_TRY(err, "unwrap", core_batch(b, &core, err));
		VS_TRY(err, "unwrap", bare_batch(b, &bare, err));
		VS_TRY(err, "unwrap", reseal_batch(b, &reseal, err));
		VS_TRY(
		    err, "unwrap", whole_batch(b, &batch, &batch_floor, err));
		if (i == 0)
			continue;
		least(&f->core, core);
		least(&f->bare, bare);
		least(&f->reseal, reseal);
		least(&f->batch, batch);
		least(&f->batch_floor, batch_floor);
	}
	return VS_OK;
}

static vs_status
run(int argc, char **argv, struct args *a, struct figures *f,
    struct vs_err *err)
{
	struct bench b = {0};
	struct vs_args rest;
	vs_status st;

	VS_TRY(err, "bench unwrap",
	    vs_options_parse(
		argc, argv, options, VS_COUNT(options), a, &rest, err));
	if (rest.n != 0)
		return vs_fail(
		    err, VS_USAGE, "unexpected argument %.60s", rest.v[0]);
	if (a->samples == 0)
		a->samples = SAMPLES;
	if (a->samples > SAMPLES_MAX)
		return vs_fail(err, VS_USAGE, "--samples: at most 10000000");
	VS_TRY(err, "locked memory",
	    vs_secret_pool_init(4 * (size_t)VS_CORE_LOCKED, err));
	st = setup(&b, err);
	if (st == VS_OK)
		st = measure(&b, f, err);
	if (st == VS_OK)
		st = vs_bench_secrets(b.core, VS_SPAN_OF(b.kek),
		    (size_t)a->samples, f->timing, err);
	teardown(&b);
	vs_secret_pool_fini();
	return st;
}

static struct vs_json *
timing_json(const struct figures *f)
{
	struct vs_json *all = vs_json_object();

	for (unsigned c = 0; c < VS_SECRETS_CASES; c++) {
		const struct vs_timing *t = &f->timing[c];
		struct vs_json *o = vs_json_object();

		vs_json_set(&o, "t_milli", vs_json_int((int64_t)(t->t * 1000)));
		vs_json_set(&o, "measurements",
		    vs_json_int((int64_t)(t->n[0] + t->n[1])));
		vs_json_set(
		    &o, "first_ns", vs_json_int((int64_t)(t->mean[0] + 0.5)));
		vs_json_set(
		    &o, "second_ns", vs_json_int((int64_t)(t->mean[1] + 0.5)));
		vs_json_set(&all, vs_bench_secrets_word((vs_secrets_case)c), o);
	}
	return all;
}

static void
print_timing(const struct figures *f)
{
	printf("\ntiming: two classes of inputs in random order, Welch's t; "
	       "|t| below 4.5 tells\nnothing apart, above 10 a clock does\n\n");
	for (unsigned c = 0; c < VS_SECRETS_CASES; c++) {
		const struct vs_timing *t = &f->timing[c];

		printf("%-34s t = %8.2f   %.1f and %.1f ns, %zu times\n",
		    vs_bench_secrets_name((vs_secrets_case)c), t->t, t->mean[0],
		    t->mean[1], t->n[0] + t->n[1]);
	}
}

static int
print_json(const struct figures *f)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "records", vs_json_int(RECORDS));
	vs_json_set(&o, "payload_bytes", vs_json_int(PAYLOAD));
	vs_json_set(&o, "core_ns", vs_json_int((int64_t)(f->core + 0.5)));
	vs_json_set(&o, "bare_ns", vs_json_int((int64_t)(f->bare + 0.5)));
	vs_json_set(&o, "ratio_permille",
	    vs_json_int((int64_t)(f->core / f->bare * 1000 + 0.5)));
	vs_json_set(&o, "reseal_ns", vs_json_int((int64_t)(f->reseal + 0.5)));
	vs_json_set(&o, "batch_keys", vs_json_int(KEYS));
	vs_json_set(&o, "batch_ns", vs_json_int((int64_t)(f->batch + 0.5)));
	vs_json_set(
	    &o, "batch_floor_ns", vs_json_int((int64_t)(f->batch_floor + 0.5)));
	vs_json_set(&o, "batch_keys_per_second",
	    vs_json_int((int64_t)(1e9 / f->batch)));
	vs_json_set(&o, "batch_ratio_permille",
	    vs_json_int((int64_t)(f->batch / f->batch_floor * 1000 + 0.5)));
	vs_json_set(&o, "timing", timing_json(f));
	return vs_cli_json(&o, 0);
}

int
vs_bench_unwrap(int argc, char **argv)
{
	struct args a = {0};
	struct figures f = {0};
	struct vs_err err = {0};

	if (run(argc, argv, &a, &f, &err) != VS_OK)
		return vs_cli_fail(&err, a.json);
	if (a.json)
		return print_json(&f);
	printf("%d keys of %d bytes, records as in the store; CPU time, the "
	       "least\nof %d turns\n\n",
	    RECORDS, PAYLOAD, TURNS);
	printf("core        %8.0f ns  to unwrap a key in the keeper's core\n",
	    f.core);
	printf("bare loop   %8.0f ns  the same AES-GCM opens, straight on "
	       "OpenSSL\n",
	    f.bare);
	printf("core/bare   %8.2f\n", f.core / f.bare);
	printf("reseal      %8.1f us  unwrap and encrypt one key to a P-256 "
	       "recipient\n",
	    f.reseal / 1e3);
	printf("batch       %8.0f ns  a key of %d to one recipient, in one "
	       "call: %.0f keys/s\n",
	    f.batch, (int)KEYS, 1e9 / f.batch);
	printf("floor       %8.0f ns  the cryptography of that, straight on "
	       "OpenSSL\n",
	    f.batch_floor);
	printf("batch/floor %8.2f\n", f.batch / f.batch_floor);
	print_timing(&f);
	return 0;
}
