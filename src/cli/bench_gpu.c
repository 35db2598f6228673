/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_gpu.h"

#include <string.h>

#include "base/clock.h"
#include "cli/bench_floor.h"
#include "cli/rim.h"
#include "crypto/floor.h"
#include "evidence/devices.h"
#include "simulate/gpu_board.h"

enum {
	REQUESTS = 8, /* distinct ones, so that no report is seen twice */
	BATCHES = 11,
	ARENA_MAX = 4 * 1024 * 1024,
	CACHE_ENTRIES = 2048, /* as the daemon's */
};

struct request {
	uint8_t nonce[VS_SIM_GPU_NONCE];
	struct vs_sim_devices d;
	struct vs_device_input in[VS_BENCH_GPUS];
};

struct bench {
	int64_t now;
	struct vs_sim_board *board;
	struct vs_collateral *collateral;
	struct vs_evidence_cache *cache;
	struct vs_crew *crew;
	struct vs_floor *floor;
	struct vs_arena arena;
	struct request r[REQUESTS];
};

static vs_status
add_anchors(
    const struct bench *b, struct vs_collateral_builder *c, struct vs_err *err)
{
	const struct vs_sim_authority *ca = b->board->ca;

	VS_TRY(err, "anchor",
	    vs_collateral_add_anchor(
		c, "bench-gpu", vs_buf_span(&ca[VS_SIM_NV_ROOT].der), err));
	return vs_collateral_add_anchor(
	    c, "bench-rim", vs_buf_span(&ca[VS_SIM_NV_RIM_ROOT].der), err);
}

/* As `collateral import` does it: the document becomes a table. */
static vs_status
add_rim(struct bench *b, size_t i, const struct vs_trust *trust,
    struct vs_collateral_builder *c, struct vs_err *err)
{
	struct vs_buf name = {0}, xml = {0}, table = {0};
	VS_AUTO(vs_nv_rim) *rim = NULL;
	struct vs_nv_rim_parts parts;
	vs_status st = vs_sim_rim(b->board, i, &name, &xml, err);

	vs_arena_reset(&b->arena);
	if (st == VS_OK)
		st = vs_rim_verify(vs_buf_span(&xml), vs_buf_cstr(&name), trust,
		    NULL, &b->arena, &parts, &rim, err);
	if (st == VS_OK) {
		vs_nv_table_write(&parts, &table);
		st = vs_collateral_add(c, "rim", vs_buf_span(&table), err);
	}
	vs_buf_fini(&name);
	vs_buf_fini(&xml);
	vs_buf_fini(&table);
	return st;
}

static vs_status
add_rims(struct bench *b, struct vs_collateral_builder *c, struct vs_err *err)
{
	VS_AUTO(vs_collateral_builder) *first = vs_collateral_builder_new();
	VS_AUTO(vs_collateral) *roots = NULL;

	if (first == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	VS_TRY(err, "roots", add_anchors(b, first, err));
	VS_TRY(err, "roots", vs_collateral_build(first, &roots, err));
	for (size_t i = 0; i < vs_sim_rims(b->board); i++)
		VS_TRY(err, "documents",
		    add_rim(b, i, vs_collateral_trust(roots), c, err));
	return VS_OK;
}

static vs_status
set_collateral(struct bench *b, struct vs_err *err)
{
	VS_AUTO(vs_collateral_builder) *c = vs_collateral_builder_new();

	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	VS_TRY(err, "collateral", add_anchors(b, c, err));
	VS_TRY(err, "collateral", add_rims(b, c, err));
	return vs_collateral_build(c, &b->collateral, err);
}

static vs_status
ask(struct bench *b, size_t i, struct vs_err *err)
{
	struct vs_sim_machine machine = {.no_switches = true};
	struct request *r = &b->r[i];

	memset(r->nonce, (int)i + 1, sizeof(r->nonce));
	VS_TRY(err, "evidence",
	    vs_sim_devices(b->board, &machine, r->nonce, &r->d, err));
	for (size_t k = 0; k < VS_BENCH_GPUS; k++)
		r->in[k] = (struct vs_device_input){
		    .report = vs_buf_span(&r->d.gpu[k].report),
		    .certs = vs_buf_span(&r->d.gpu[k].certs),
		    .cc_state = VS_CC_ON};
	return VS_OK;
}

static vs_status
setup(struct bench *b, unsigned hands, struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_sim_board_options opt;

	b->now = vs_clock_s(&clock);
	vs_sim_board_defaults(b->now, false, VS_BENCH_GPUS, &opt);
	opt.switches = 0;
	VS_TRY(err, "board", vs_sim_board_new(&opt, &b->board, err));
	VS_TRY(err, "setup", set_collateral(b, err));
	for (size_t i = 0; i < REQUESTS; i++)
		VS_TRY(err, "setup", ask(b, i, err));
	b->cache = vs_evidence_cache_new(CACHE_ENTRIES);
	b->crew = vs_crew_new(hands);
	if (b->cache == NULL || b->crew == NULL)
		return vs_fail(err, VS_NO_MEMORY, "setup");
	return vs_floor_new(&b->floor, err);
}

static void
teardown(struct bench *b)
{
	for (size_t i = 0; i < REQUESTS; i++)
		vs_sim_devices_fini(&b->r[i].d);
	vs_floor_free(&b->floor);
	vs_crew_free(&b->crew);
	vs_evidence_cache_free(&b->cache);
	vs_collateral_free(&b->collateral);
	vs_sim_board_free(&b->board);
	vs_arena_fini(&b->arena);
}

static vs_status
verify(struct bench *b, size_t i, struct vs_crew *crew, struct vs_err *err)
{
	struct vs_devices_input in = {
	    .gpus = b->r[i].in, .gpus_n = VS_BENCH_GPUS};
	struct vs_devices_options opt = {.collateral = b->collateral,
	    .cache = b->cache,
	    .crew = crew,
	    .nonce = VS_SPAN_OF(b->r[i].nonce),
	    .now = b->now};
	const struct vs_claim_value *v;
	struct vs_claims claims;

	vs_arena_reset(&b->arena);
	vs_claims_init(&claims, &b->arena);
	VS_TRY(err, "GPUs", vs_devices_appraise(&in, &opt, &claims, err));
	/* A measurement of less work than a release has would flatter. */
	v = vs_claims_gpu_get(&claims, 0, VS_GPU_MEASUREMENTS);
	if (!vs_span_is(v->u.s, "match"))
		return vs_fail(
		    err, VS_INTERNAL, "GPUs: measurements do not match");
	return VS_OK;
}

typedef int64_t (*clock_fn)(void);

static vs_status
verify_batch(struct bench *b, struct vs_crew *crew, clock_fn now, double *ns,
    struct vs_err *err)
{
	int64_t begin = now();

	for (size_t i = 0; i < REQUESTS; i++)
		VS_TRY(err, "verify", verify(b, i, crew, err));
	*ns = (double)(now() - begin) / REQUESTS;
	return VS_OK;
}

static vs_status
floor_batch(struct bench *b, double *ns, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns();

	for (int i = 0; i < REQUESTS * VS_BENCH_GPUS; i++)
		if (!vs_floor_verify(b->floor))
			return vs_fail(err, VS_INTERNAL, "floor: OpenSSL");
	*ns = (double)(vs_bench_thread_ns() - begin) / REQUESTS;
	return VS_OK;
}

/* Turn by turn, so that a change of clock speed meets all alike. */
static vs_status
measure(struct bench *b, struct vs_bench_gpu *m, struct vs_err *err)
{
	double cpu[BATCHES], floor[BATCHES], alone[BATCHES], crew[BATCHES];
	int64_t begin = vs_bench_thread_ns();

	VS_TRY(err, "first", verify(b, 0, NULL, err));
	m->first = (double)(vs_bench_thread_ns() - begin);
	VS_TRY(err, "warm-up", floor_batch(b, &floor[0], err));
	for (size_t i = 0; i < BATCHES; i++) {
		VS_TRY(err, "verify",
		    verify_batch(b, NULL, vs_bench_thread_ns, &cpu[i], err));
		VS_TRY(err, "floor", floor_batch(b, &floor[i], err));
		VS_TRY(err, "alone",
		    verify_batch(b, NULL, vs_mono_ns, &alone[i], err));
		VS_TRY(err, "crew",
		    verify_batch(b, b->crew, vs_mono_ns, &crew[i], err));
	}
	m->verify = vs_bench_median(cpu, BATCHES);
	m->floor = vs_bench_median(floor, BATCHES);
	m->alone = vs_bench_median(alone, BATCHES);
	m->crew = vs_bench_median(crew, BATCHES);
	for (size_t k = 0; k < VS_BENCH_GPUS; k++)
		m->bytes += b->r[0].in[k].report.n + b->r[0].in[k].certs.n;
	return VS_OK;
}

vs_status
vs_bench_gpu_measure(struct vs_bench_gpu *out, struct vs_err *err)
{
	static struct bench b; /* room for many reports; once per process */
	struct vs_bench_gpu m = {.hands = vs_crew_fitting()};
	vs_status st;

	memset(&b, 0, sizeof(b));
	vs_arena_init(&b.arena, ARENA_MAX);
	st = setup(&b, m.hands, err);
	if (st == VS_OK)
		st = measure(&b, &m, err);
	teardown(&b);
	if (st == VS_OK)
		*out = m;
	return st;
}
