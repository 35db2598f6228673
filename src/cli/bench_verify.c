/* SPDX-License-Identifier: Apache-2.0 */
/* One verification in the steady state of a broker: platforms and collateral
 * known, every guest new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/bench_floor.h"
#include "cli/bench_gpu.h"
#include "cli/bench_release.h"
#include "cli/options.h"
#include "cli/output.h"
#include "crypto/floor.h"
#include "evidence/evidence.h"
#include "simulate/simulate.h"
#include "simulate/tdx.h"

enum {
	GUESTS = 64, /* distinct evidence, so that nothing of one is reused */
	ROUNDS = 8,  /* over all of them, in each batch */
	BATCHES = 15,
	ARENA_MAX = 4 * 1024 * 1024,
	CACHE_ENTRIES = 2048, /* as the daemon's */
	RSA_BITS = 4096,
};

struct args {
	const char *tee;
	bool json;
};
static const struct vs_opt options[] = {
    VS_OPT("kind", TEXT, struct args, tee, "KIND", "tdx, snp or gpu"),
    VS_OPT("tee", TEXT, struct args, tee, "KIND", "the same"),
    VS_OPT("json", FLAG, struct args, json, NULL, "one JSON object"),
};

struct guest {
	struct vs_buf report;
	uint8_t report_data[64];
};

struct bench {
	bool tdx;
	int64_t now;
	struct vs_collateral *collateral;
	struct vs_evidence_cache *cache;
	struct vs_floor *floor;
	struct vs_arena arena;
	struct vs_buf table; /* SNP: certificates, the same for all */
	struct guest guests[GUESTS];
};

/* Nanoseconds of CPU time. */
struct figures {
	double first;  /* nothing known but the collateral */
	double verify; /* steady state */
	double floor;
	size_t bytes; /* of one report or quote */
};

/* Which signatures are in the floor: see docs/performance.md. */
enum { TDX_SIGNATURES = 1 };

static vs_status
add_snp(struct bench *b, struct vs_collateral_builder *c, struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	struct vs_sim_pki_options opt;
	struct vs_buf crl = {0};
	vs_status st;

	vs_sim_pki_defaults(VS_SIM_MILAN, b->now, &opt);
	opt.rsa_bits = RSA_BITS;
	VS_TRY(err, "PKI", vs_sim_pki_new(&opt, &pki, err));
	VS_TRY(err, "anchor",
	    vs_collateral_add_anchor(c, "bench", vs_sim_ark(pki), err));
	st = vs_sim_crl(pki, b->now - 60, b->now + 86400, NULL, 0, &crl, err);
	if (st == VS_OK)
		st = vs_collateral_add(c, "crl", vs_buf_span(&crl), err);
	vs_buf_fini(&crl);
	VS_TRY(err, "CRL", st);
	VS_TRY(err, "table", vs_sim_cert_table(pki, false, &b->table, err));
	for (size_t i = 0; i < GUESTS; i++) {
		struct vs_sim_guest g = {0};
		uint8_t report[VS_SIM_REPORT_SIZE];

		memset(g.report_data, (int)i + 1, sizeof(g.report_data));
		memcpy(b->guests[i].report_data, g.report_data, 64);
		VS_TRY(err, "report", vs_sim_report(pki, &g, report, err));
		vs_buf_add(&b->guests[i].report, VS_SPAN_OF(report));
	}
	return VS_OK;
}

static vs_status
add_items(const struct vs_sim_tdx *pki, int64_t now,
    struct vs_collateral_builder *c, struct vs_err *err)
{
	struct vs_sim_tdx_collateral healthy = {.issued = now - 60};
	struct vs_buf item = {0};
	vs_status st = VS_OK;

	for (size_t i = 0; i < VS_SIM_TDX_ITEMS && st == VS_OK; i++) {
		vs_buf_reset(&item);
		st = vs_sim_tdx_item(pki, &healthy, i, &item, err);
		if (st == VS_OK)
			st = vs_collateral_add(c, vs_sim_tdx_item_name(i),
			    vs_buf_span(&item), err);
	}
	vs_buf_fini(&item);
	return st;
}

static vs_status
add_tdx(struct bench *b, struct vs_collateral_builder *c, struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *pki = NULL;
	struct vs_sim_tdx_options opt;

	vs_sim_tdx_defaults(b->now, &opt);
	VS_TRY(err, "PKI", vs_sim_tdx_new(&opt, &pki, err));
	VS_TRY(err, "anchor",
	    vs_collateral_add_anchor(c, "bench", vs_sim_tdx_root(pki), err));
	VS_TRY(err, "collateral", add_items(pki, b->now, c, err));
	for (size_t i = 0; i < GUESTS; i++) {
		struct vs_sim_td td = {0};

		memset(td.report_data, (int)i + 1, sizeof(td.report_data));
		memcpy(b->guests[i].report_data, td.report_data, 64);
		VS_TRY(err, "quote",
		    vs_sim_tdx_quote(pki, &td, &b->guests[i].report, err));
	}
	return VS_OK;
}

static vs_status
setup(struct bench *b, struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_collateral_builder *c = vs_collateral_builder_new();
	vs_status st;

	b->now = vs_clock_s(&clock);
	vs_arena_init(&b->arena, ARENA_MAX);
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	st = b->tdx ? add_tdx(b, c, err) : add_snp(b, c, err);
	if (st == VS_OK)
		st = vs_collateral_build(c, &b->collateral, err);
	vs_collateral_builder_free(&c);
	VS_TRY(err, "setup", st);
	b->cache = vs_evidence_cache_new(CACHE_ENTRIES);
	if (b->cache == NULL)
		return vs_fail(err, VS_NO_MEMORY, "cache");
	return vs_floor_new(&b->floor, err);
}

static void
teardown(struct bench *b)
{
	for (size_t i = 0; i < GUESTS; i++)
		vs_buf_fini(&b->guests[i].report);
	vs_buf_fini(&b->table);
	vs_evidence_cache_free(&b->cache);
	vs_collateral_free(&b->collateral);
	vs_floor_free(&b->floor);
	vs_arena_fini(&b->arena);
}

static vs_status
verify_one(struct bench *b, const struct guest *g, struct vs_err *err)
{
	struct vs_span certs = vs_buf_span(&b->table);
	struct vs_evidence_input in = {
	    .kind = b->tdx ? VS_EVIDENCE_TDX : VS_EVIDENCE_SNP,
	    .report = vs_buf_span(&g->report),
	    .certs = &certs,
	    .certs_n = b->tdx ? 0 : 1};
	struct vs_evidence_expect expect = {
	    .report_data = VS_SPAN_OF(g->report_data)};
	struct vs_evidence_options opt = {
	    .collateral = b->collateral, .cache = b->cache, .now = b->now};
	struct vs_claims claims;

	vs_arena_reset(&b->arena);
	vs_claims_init(&claims, &b->arena);
	return vs_evidence_appraise(&in, &expect, &opt, &claims, err);
}

static vs_status
verify_batch(struct bench *b, double *ns, struct vs_err *err)
{
	int64_t begin = vs_bench_thread_ns();

	for (int r = 0; r < ROUNDS; r++)
		for (size_t i = 0; i < GUESTS; i++)
			VS_TRY(
			    err, "verify", verify_one(b, &b->guests[i], err));
	*ns = (double)(vs_bench_thread_ns() - begin) / ROUNDS / GUESTS;
	return VS_OK;
}

static vs_status
floor_batch(struct bench *b, double *ns, struct vs_err *err)
{
	bool (*op)(struct vs_floor *) =
	    b->tdx ? vs_floor_verify_p256 : vs_floor_verify;
	int64_t begin = vs_bench_thread_ns();

	for (int i = 0; i < ROUNDS * GUESTS; i++)
		if (!op(b->floor))
			return vs_fail(err, VS_INTERNAL, "floor: OpenSSL");
	*ns = (double)(vs_bench_thread_ns() - begin) / ROUNDS / GUESTS;
	if (b->tdx)
		*ns *= TDX_SIGNATURES;
	return VS_OK;
}

/* Turn by turn, so that a change of clock speed meets both alike. */
static vs_status
measure(struct bench *b, struct figures *f, struct vs_err *err)
{
	double verify[BATCHES], floor[BATCHES], warm;
	int64_t begin = vs_bench_thread_ns();

	VS_TRY(err, "first", verify_one(b, &b->guests[0], err));
	f->first = (double)(vs_bench_thread_ns() - begin);
	f->bytes = b->guests[0].report.n;
	VS_TRY(err, "warm-up", verify_batch(b, &warm, err));
	VS_TRY(err, "warm-up", floor_batch(b, &warm, err));
	for (size_t i = 0; i < BATCHES; i++) {
		VS_TRY(err, "verify", verify_batch(b, &verify[i], err));
		VS_TRY(err, "floor", floor_batch(b, &floor[i], err));
	}
	f->verify = vs_bench_median(verify, BATCHES);
	f->floor = vs_bench_median(floor, BATCHES);
	return VS_OK;
}

static vs_status
read_args(int argc, char **argv, struct args *a, struct vs_err *err)
{
	struct vs_args rest;

	VS_TRY(err, "bench verify",
	    vs_options_parse(
		argc, argv, options, VS_COUNT(options), a, &rest, err));
	if (rest.n != 0)
		return vs_fail(
		    err, VS_USAGE, "unexpected argument %.60s", rest.v[0]);
	if (a->tee == NULL)
		a->tee = "tdx";
	if (strcmp(a->tee, "tdx") != 0 && strcmp(a->tee, "snp") != 0 &&
	    strcmp(a->tee, "gpu") != 0)
		return vs_fail(err, VS_USAGE,
		    "--kind %.20s: wants tdx, snp or gpu", a->tee);
	return VS_OK;
}

static vs_status
run(const struct args *a, struct figures *f, struct vs_err *err)
{
	static struct bench b; /* room for many guests; once per process */
	vs_status st;

	b.tdx = strcmp(a->tee, "tdx") == 0;
	st = setup(&b, err);
	if (st == VS_OK)
		st = measure(&b, f, err);
	teardown(&b);
	return st;
}

static int
print_json(const struct args *a, const struct figures *f)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "tee", vs_json_cstr(a->tee));
	vs_json_set(&o, "evidence_bytes", vs_json_int((int64_t)f->bytes));
	vs_json_set(&o, "first_ns", vs_json_int((int64_t)(f->first + 0.5)));
	vs_json_set(&o, "verify_ns", vs_json_int((int64_t)(f->verify + 0.5)));
	vs_json_set(&o, "floor_ns", vs_json_int((int64_t)(f->floor + 0.5)));
	vs_json_set(&o, "ratio_permille",
	    vs_json_int((int64_t)(f->verify / f->floor * 1000 + 0.5)));
	return vs_cli_json(&o, 0);
}

static int64_t
whole(double v)
{
	return (int64_t)(v + 0.5);
}

static int
print_gpu_json(const struct vs_bench_gpu *m)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "tee", vs_json_cstr("gpu"));
	vs_json_set(&o, "devices", vs_json_int(VS_BENCH_GPUS));
	vs_json_set(&o, "evidence_bytes", vs_json_int((int64_t)m->bytes));
	vs_json_set(&o, "first_ns", vs_json_int(whole(m->first)));
	vs_json_set(&o, "verify_ns", vs_json_int(whole(m->verify)));
	vs_json_set(&o, "floor_ns", vs_json_int(whole(m->floor)));
	vs_json_set(&o, "ratio_permille",
	    vs_json_int(whole(m->verify / m->floor * 1000)));
	vs_json_set(&o, "wall_alone_ns", vs_json_int(whole(m->alone)));
	vs_json_set(&o, "wall_ns", vs_json_int(whole(m->crew)));
	vs_json_set(&o, "threads", vs_json_int(m->hands + 1));
	return vs_cli_json(&o, 0);
}

static int
run_gpu(const struct args *a)
{
	struct vs_bench_gpu m = {0};
	struct vs_err err = {0};

	if (vs_bench_gpu_measure(&m, &err) != VS_OK)
		return vs_cli_fail(&err, a->json);
	if (a->json)
		return print_gpu_json(&m);
	printf("%d GPUs, %zu bytes of evidence; CPU time\n\n", VS_BENCH_GPUS,
	    m.bytes);
	printf("first       %8.1f us  with their certificates unknown\n",
	    m.first / 1e3);
	printf("verify      %8.1f us  from the bytes to the claims\n",
	    m.verify / 1e3);
	printf("floor       %8.1f us  %d signatures, straight on OpenSSL\n",
	    m.floor / 1e3, VS_BENCH_GPUS);
	printf("verify/floor %7.2f\n\n", m.verify / m.floor);
	printf("wall time   %8.1f us  on 1 thread\n", m.alone / 1e3);
	printf("            %8.1f us  on %u\n", m.crew / 1e3, m.hands + 1);
	return 0;
}

int
vs_bench_verify(int argc, char **argv)
{
	struct args a = {0};
	struct figures f = {0};
	struct vs_err err = {0};

	if (read_args(argc, argv, &a, &err) != VS_OK)
		return vs_cli_fail(&err, a.json);
	if (strcmp(a.tee, "gpu") == 0)
		return run_gpu(&a);
	if (run(&a, &f, &err) != VS_OK)
		return vs_cli_fail(&err, a.json);
	if (a.json)
		return print_json(&a, &f);
	printf("%s evidence of %zu bytes, %d guests of one platform; CPU "
	       "time\n\n",
	    a.tee, f.bytes, GUESTS);
	printf(
	    "first       %8.1f us  with the platform's certificates unknown\n",
	    f.first / 1e3);
	printf("verify      %8.1f us  from the bytes to the claims\n",
	    f.verify / 1e3);
	printf("floor       %8.1f us  the signature over the guest's report, "
	       "straight on OpenSSL\n",
	    f.floor / 1e3);
	printf("verify/floor %7.2f\n", f.verify / f.floor);
	return 0;
}
