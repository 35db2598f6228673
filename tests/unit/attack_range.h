/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole broker for the attack tests: real keeper process, real store, real
 * verification and policies, and simulated guests under a named test root.
 */
#ifndef VS_TESTS_ATTACK_RANGE_H
#define VS_TESTS_ATTACK_RANGE_H

#include <unistd.h>

#include "base/random.h"
#include "broker/broker.h"
#include "broker/chain.h"
#include "check.h"
#include "open_jwe.h"
#include "simulate/simulate.h"

enum { WORKERS = 8 };

/* What is attacked here are the rails and the evidence, not the floor. */
#define RANGE_WAIVER(check)                                                    \
	"  - {check: " check ", reason: the rails are tested, "                \
	"until: \"2100-01-01T00:00:00Z\"}\n"
#define RANGE_WAIVE                                                            \
	"waive:\n" RANGE_WAIVER("debug") RANGE_WAIVER("tcb")                   \
	    RANGE_WAIVER("identity")

static const char range_policy[] =
    "apiVersion: policy/v1\n"
    "name: attack\n"
    "version: 1\n"
    "keys: [\"models/**\"]\n"
    "tee: [snp]\n"
    "rules:\n"
    "  - id: simulated\n"
    "    message: for the tests\n"
    "    assert: |\n"
    "      tee.simulated\n"
    "  - id: measurement\n"
    "    message: not the image of the tests\n"
    "    assert: |\n"
    "      snp.measurement.startsWith(\"1111\")\n"
    "  - id: name\n"
    "    message: nobody gets this one\n"
    "    assert: |\n"
    "      key.name != \"models/forbidden\"\n" RANGE_WAIVE;

/* Says nothing of simulation or debug: the guard rails decide. */
static const char naive_policy[] =
    "apiVersion: policy/v1\n"
    "name: naive\n"
    "version: 1\n"
    "keys: [\"naive/**\"]\n"
    "tee: [snp]\n"
    "rules:\n"
    "  - id: measurement\n"
    "    message: not the image of the tests\n"
    "    assert: |\n"
    "      snp.measurement.startsWith(\"1111\")\n" RANGE_WAIVE;

struct range {
	char dir[64];
	char seal[96];
	char db[96];
	int64_t now_ms;
	bool chain_fails;
	struct vs_keeper *keeper;
	struct vs_chain chain;
	struct vs_store *store;
	struct vs_broker *broker;
	struct vs_arena arena;
	struct vs_err err;
};

/* One PKI for all tests: making one costs seconds. */
static struct vs_sim_pki *range_pki;
static struct vs_sim_pki *forged_pki;
static struct vs_buf range_certs;
static struct vs_buf forged_certs;

static inline bool
range_program(char path[512])
{
	const char *bin = getenv("VS_BIN");

	(void)snprintf(
	    path, 512, "%s/vouchsafe-keeper", bin == NULL ? "." : bin);
	return access(path, X_OK) == 0;
}

static inline void
make_pki(struct vs_sim_pki **pki, struct vs_buf *certs)
{
	struct vs_clock c = vs_clock_system();
	struct vs_sim_pki_options opt = {.product = VS_SIM_MILAN,
	    .now = vs_clock_s(&c),
	    .rsa_bits = 2048,
	    .bl = 3,
	    .snp = 8,
	    .ucode = 115};
	struct vs_err err = {0};

	if (!CHECK_OK(vs_sim_pki_new(&opt, pki, &err), err) ||
	    !CHECK_OK(vs_sim_cert_table(*pki, false, certs, &err), err))
		exit(1);
}

static inline vs_status
range_chain(void *ctx, const uint8_t prev[32], const uint8_t (*digests)[32],
    size_t n, uint8_t (*macs)[32], struct vs_err *err)
{
	struct range *r = ctx;

	if (r->chain_fails)
		return vs_fail(err, VS_UNAVAILABLE, "planted failure");
	return vs_chain_macs(&r->chain, prev, digests, n, macs, err);
}

static inline struct vs_policy *
load_policy(struct range *r, const char *text)
{
	struct vs_policy *p = NULL;

	CHECK_OK(vs_policy_load(
		     "attack.yaml", vs_span_cstr(text), NULL, &p, &r->err),
	    r->err);
	return p;
}

/* named: the operator has named the simulated root. */
static inline void
range_install(struct range *r, bool named)
{
	struct vs_collateral_builder *cb = vs_collateral_builder_new();
	struct vs_snapshot_parts parts = {.loaded_ms = r->now_ms};
	struct vs_policy *policies[2];
	struct vs_buf crl = {0};

	if (named) {
		CHECK_OK(vs_collateral_add_anchor(
			     cb, "sim", vs_sim_ark(range_pki), &r->err),
		    r->err);
		CHECK_OK(vs_sim_crl(range_pki, r->now_ms / 1000 - 60,
			     r->now_ms / 1000 + 86400, NULL, 0, &crl, &r->err),
		    r->err);
		CHECK_OK(vs_collateral_add(
			     cb, "crl.der", vs_buf_span(&crl), &r->err),
		    r->err);
	}
	CHECK_OK(vs_collateral_build(cb, &parts.collateral, &r->err), r->err);
	policies[0] = load_policy(r, range_policy);
	policies[1] = load_policy(r, naive_policy);
	CHECK_OK(
	    vs_policy_set_new(policies, 2, &parts.policies, &r->err), r->err);
	CHECK_OK(vs_broker_install(r->broker, &parts, &r->err), r->err);
	vs_collateral_builder_free(&cb);
	vs_buf_fini(&crl);
}

static inline void
range_key(struct range *r, const char *name)
{
	struct vs_span n = vs_span_cstr(name);

	CHECK_OK(vs_broker_key_create(r->broker, VS_SPAN_LIT("test"), &n, 1, 32,
		     VS_SPAN_LIT("application/x-key"), false, &r->err),
	    r->err);
}

static inline void
range_init(struct range *r)
{
	char program[512];
	struct vs_keeper_options ko = {
	    .program = program, .channels = WORKERS + 1};
	struct vs_store_options so = {.readers = WORKERS,
	    .chain = range_chain,
	    .digest = vs_chain_digest,
	    .ctx = r};
	struct vs_broker_options bo = {.nonce_ttl_s = 300, .workers = WORKERS};
	struct vs_clock system = vs_clock_system();

	*r = (struct range){.now_ms = vs_clock_ms(&system)};
	(void)snprintf(r->dir, sizeof r->dir, "/tmp/vs-attack-XXXXXX");
	if (mkdtemp(r->dir) == NULL || !range_program(program))
		exit(1);
	(void)snprintf(r->seal, sizeof r->seal, "%s/root.seal", r->dir);
	(void)snprintf(r->db, sizeof r->db, "%s/store.db", r->dir);
	ko.seal.path = r->seal;
	ko.may_create_seal = true;
	so.path = r->db;
	if (!CHECK_OK(vs_keeper_start(&ko, &r->keeper, &r->err), r->err))
		exit(1);
	r->chain = (struct vs_chain){r->keeper, WORKERS};
	if (!CHECK_OK(vs_store_open(&so, &r->store, &r->err), r->err))
		exit(1);
	bo.store = r->store;
	bo.keeper = r->keeper;
	bo.clock = vs_clock_fixed(&r->now_ms);
	CHECK_OK(vs_broker_new(&bo, &r->broker, &r->err), r->err);
	vs_arena_init(&r->arena, 64 * 1024 * 1024);
	range_install(r, true);
	range_key(r, "models/a");
	range_key(r, "models/b");
	range_key(r, "models/forbidden");
	range_key(r, "naive/a");
}

static inline void
range_fini(struct range *r)
{
	vs_broker_free(&r->broker);
	vs_store_close(&r->store);
	vs_keeper_free(&r->keeper);
	vs_arena_fini(&r->arena);
	(void)unlink(r->db);
	(void)unlink(r->seal);
	(void)rmdir(r->dir);
}

/* One guest: its key, its evidence, its request and the answer. */
struct guest {
	struct jwe_key key;
	uint8_t nonce[32];
	struct vs_sim_guest sim;
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vs_span certs;
	struct vs_key_ask asks[2];
	struct vs_release_request req;
	struct vs_release_reply reply;
	struct vs_arena arena;
	struct vs_err err;
};

static inline void
guest_init(
    struct range *r, struct guest *g, const char *curve, const char *name)
{
	unsigned expires = 0;

	*g = (struct guest){0};
	jwe_key_new(&g->key, curve);
	CHECK_OK(vs_broker_challenge(r->broker, g->nonce, &expires, &g->err),
	    g->err);
	g->certs = vs_buf_span(&range_certs);
	g->asks[0].name = vs_span_cstr(name);
	g->req = (struct vs_release_request){.nonce = VS_SPAN_OF(g->nonce),
	    .recipient = {g->key.size == 48 ? VS_CURVE_P384
		    : g->key.ec             ? VS_CURVE_P256
					    : VS_CURVE_X25519,
		VS_SPAN(g->key.x, g->key.size),
		VS_SPAN(g->key.y, g->key.ec ? g->key.size : 0)},
	    .cpu = {.kind = VS_EVIDENCE_SNP,
		.report = VS_SPAN_OF(g->report),
		.certs = &g->certs,
		.certs_n = 1},
	    .keys = g->asks,
	    .keys_n = 1,
	    .peer = VS_SPAN_LIT("192.0.2.7")};
	vs_arena_init(&g->arena, 16 * 1024 * 1024);
}

static inline void
guest_fini(struct guest *g)
{
	jwe_key_free(&g->key);
	vs_buf_fini(&g->reply.jwe);
	vs_arena_fini(&g->arena);
}

/* Evidence for what the request says now. */
static inline void
guest_prove(struct guest *g, const struct vs_sim_pki *pki)
{
	CHECK_INT(vs_binding_report_data(g->req.nonce, &g->req.recipient,
		      (struct vs_span){0}, g->sim.report_data),
	    VS_OK);
	CHECK_OK(vs_sim_report(pki, &g->sim, g->report, &g->err), g->err);
}

static inline vs_status
guest_ask(struct range *r, struct guest *g, unsigned worker)
{
	vs_err_clear(&g->err);
	vs_arena_reset(&g->arena);
	vs_buf_fini(&g->reply.jwe);
	return vs_broker_release(
	    r->broker, worker, &g->arena, &g->req, &g->reply, &g->err);
}

/* The audit record of the last answer; seq 0 when there is none. */
static inline struct vs_audit_row
guest_record(struct range *r, struct guest *g)
{
	struct vs_audit_row row = {0};
	struct vs_err err = {0};

	if (vs_store_audit_get(r->store, g->reply.id, &r->arena, &row, &err) !=
	    VS_OK)
		row = (struct vs_audit_row){0};
	return row;
}

static inline void
guest_refused(struct range *r, struct guest *g, vs_status want,
    const char *code, const char *audit_code)
{
	struct vs_audit_row row;

	CHECK_INT(guest_ask(r, g, 0), want);
	CHECK_STR(g->err.code, code);
	CHECK_INT(g->reply.jwe.n, 0);
	row = guest_record(r, g);
	if (audit_code == NULL) {
		CHECK_INT(row.seq, 0);
		return;
	}
	CHECK(row.seq > 0);
	if (!CHECK(vs_span_is(row.code, audit_code)))
		fprintf(stderr, "  recorded %.*s\n", VS_SPAN_ARG(row.code));
	CHECK(!vs_span_is(row.outcome, "allowed"));
}

#endif
