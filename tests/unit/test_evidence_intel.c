/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes of real platforms, and of Intel's and synthetic test roots: every
 * case and mutation of the vectors, with and without what the cache holds. */
#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "evidence/evidence.h"

enum { FILE_MAX = 1 << 20 };

/* Parts of a case, in an order in which collateral can be added. */
enum {
	P_QUOTE,
	P_ROOT,
	P_PCK,
	P_PCK_CHAIN,
	P_INFO_CHAIN,
	P_QE_CHAIN,
	P_ROOT_CRL,
	P_PCK_CRL,
	P_INFO,
	P_QE,
	PARTS
};
static const char *const names[PARTS] = {"quote", "trusted_root", "pck_cert",
    "pck_sign_chain", "tcb_info_issuer_chain", "qe_identity_issuer_chain",
    "root_ca_crl", "pck_crl", "tcb_info", "qe_identity"};

struct trial {
	struct vs_buf part[PARTS];
	bool has[PARTS];
	bool real; /* under Intel's own root */
	vs_evidence_kind kind;
	int64_t at;
};

static struct vs_json *manifest;
static struct vs_arena arena;
static struct vs_claims claims;
static struct vs_err err;
static struct vs_evidence_cache *cache;

static const char *
str(const struct vs_json *o, const char *name)
{
	static struct vs_arena pool;
	struct vs_span s;

	if (pool.cap == 0)
		vs_arena_init(&pool, 16 << 20);
	return vs_json_is_string(vs_json_get(o, name), &s)
	    ? vs_arena_cstr(&pool, s)
	    : NULL;
}

static bool
load(const char *name, struct vs_buf *out)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/intel-dcap/%s", check_vectors(), name);
	vs_buf_reset(out);
	vs_err_clear(&err);
	return CHECK_OK(vs_file_read(path, FILE_MAX, out, &err), err);
}

static void
set_time(struct trial *t, const char *text)
{
	int64_t ms = 0;

	CHECK_INT(vs_time_parse_ms(vs_span_cstr(text), &ms), VS_OK);
	t->at = ms / 1000;
}

static const struct vs_json *
find_case(const char *id)
{
	const struct vs_json *cases = vs_json_get(manifest, "cases");

	for (size_t i = 0; i < vs_json_size(cases); i++)
		if (strcmp(str(vs_json_at(cases, i), "id"), id) == 0)
			return vs_json_at(cases, i);
	CHECK(false); /* no such case */
	return NULL;
}

static void
prepare(struct trial *t, const struct vs_json *c)
{
	const struct vs_json *files = vs_json_get(c, "files");

	memset(t, 0, sizeof(*t));
	t->kind = vs_evidence_kind_parse(vs_span_cstr(str(c, "tee")));
	t->real = strcmp(str(files, "trusted_root"),
		      "collateral/intel-sgx-root-ca.der") == 0;
	set_time(t, str(c, "verify_at"));
	for (size_t i = 0; i < PARTS; i++) {
		const char *name = str(i == P_QUOTE ? c : files, names[i]);

		if (name != NULL)
			t->has[i] = load(name, &t->part[i]);
	}
}

static void
finish(struct trial *t)
{
	for (size_t i = 0; i < PARTS; i++)
		vs_buf_fini(&t->part[i]);
}

static vs_status
collect(const struct trial *t, struct vs_collateral **out)
{
	struct vs_collateral_builder *b = t->real
	    ? vs_collateral_builder_new()
	    : vs_collateral_builder_bare();
	vs_status st = VS_OK;

	vs_err_clear(&err);
	if (!t->real)
		st = vs_collateral_add_anchor(
		    b, "test", vs_buf_span(&t->part[P_ROOT]), &err);
	for (size_t i = P_INFO_CHAIN; i < PARTS && st == VS_OK; i++)
		if (t->has[i])
			st = vs_collateral_add(
			    b, names[i], vs_buf_span(&t->part[i]), &err);
	if (st == VS_OK)
		st = vs_collateral_build(b, out, &err);
	vs_collateral_builder_free(&b);
	return st;
}

static vs_status
appraise(const struct trial *t, const struct vs_collateral *c)
{
	struct vs_span certs[2];
	struct vs_evidence_input in = {.kind = t->kind,
	    .report = vs_buf_span(&t->part[P_QUOTE]),
	    .certs = certs};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = c,
	    .cache = cache,
	    .now = t->at,
	    .allow_tcb_info_v2 = t->has[P_PCK]};

	for (size_t i = P_PCK; i <= P_PCK_CHAIN; i++)
		if (t->has[i])
			certs[in.certs_n++] = vs_buf_span(&t->part[i]);
	vs_arena_reset(&arena);
	vs_claims_init(&claims, &arena);
	return vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
}

/* Twice: the second time the cache may know the platform. */
static const char *
outcome(const struct trial *t)
{
	struct vs_collateral *c = NULL;
	vs_status st = collect(t, &c), again;

	vs_claims_init(&claims, &arena);
	if (st == VS_OK) {
		again = appraise(t, c);
		st = appraise(t, c);
		CHECK_INT(st, again);
	}
	vs_collateral_free(&c);
	if (st == VS_OK)
		return "valid";
	return err.code == NULL ? "no code" : err.code;
}

/* Several faults at once: any of their classes is right. */
static const char *const also[][2] = {
    {"syn-tdx4-tcbinfo-by-pck", "chain_invalid"},
    {"tdx4-intel-sample-der-certdata", "tcb_info_malformed"},
    {"wrong-root", "chain_invalid"},
};

static bool
same_outcome(const char *id, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return true;
	for (size_t i = 0; i < VS_COUNT(also); i++)
		if (strcmp(also[i][0], id) == 0 && strcmp(also[i][1], got) == 0)
			return true;
	fprintf(stderr, "%s: want %s, got %s: %s\n", id, want, got, err.msg);
	return false;
}

static bool
has_text(vs_claim_id id, const char *want)
{
	const struct vs_claim_value *v = vs_claims_get(&claims, id);

	return v->present && vs_span_is(v->u.s, want);
}

static void
compare(const struct vs_json *c)
{
	static const struct {
		const char *name;
		vs_claim_id id;
	} rows[] = {
	    {"mrtd", VS_CLAIM_TDX_MRTD},
	    {"mrseam", VS_CLAIM_TDX_MRSEAM},
	    {"rtmr0", VS_CLAIM_TDX_RTMR0},
	    {"rtmr1", VS_CLAIM_TDX_RTMR1},
	    {"rtmr2", VS_CLAIM_TDX_RTMR2},
	    {"rtmr3", VS_CLAIM_TDX_RTMR3},
	    {"reportdata", VS_CLAIM_TDX_REPORT_DATA},
	    {"mrconfigid", VS_CLAIM_TDX_MRCONFIGID},
	    {"mrservicetd", VS_CLAIM_TDX_MRSERVICETD},
	    {"tee_tcb_svn", VS_CLAIM_TDX_TCB_SVN},
	    {"tee_tcb_svn2", VS_CLAIM_TDX_TCB_SVN2},
	    {"mrenclave", VS_CLAIM_SGX_MRENCLAVE},
	    {"mrsigner", VS_CLAIM_SGX_MRSIGNER},
	    {"attributes", VS_CLAIM_SGX_ATTR_RAW},
	    {"report_data", VS_CLAIM_SGX_REPORT_DATA},
	};
	const struct vs_json *want = vs_json_get(c, "claims");
	bool debug;

	for (size_t i = 0; i < VS_COUNT(rows); i++)
		if (str(want, rows[i].name) != NULL &&
		    !CHECK(has_text(rows[i].id, str(want, rows[i].name))))
			fprintf(stderr, "%s\n", rows[i].name);
	if (vs_json_is_bool(vs_json_get(want, "debug"), &debug))
		CHECK_INT(claims.v[VS_CLAIM_TEE_DEBUG].u.b, debug);
}

static void
compare_tcb(const struct vs_json *c)
{
	const struct vs_json *adv = vs_json_get(c, "advisories");
	const struct vs_claim_value *v = &claims.v[VS_CLAIM_ADVISORIES];

	CHECK(has_text(VS_CLAIM_TCB_STATUS, str(c, "tcb_status")));
	CHECK_INT(v->u.list.n, vs_json_size(adv));
	for (size_t i = 0; i < v->u.list.n && i < vs_json_size(adv); i++) {
		struct vs_span want = {0};

		CHECK(vs_json_is_string(vs_json_at(adv, i), &want));
		CHECK(vs_span_equal(v->u.list.v[i], want));
	}
}

static void
test_cases(void)
{
	const struct vs_json *cases = vs_json_get(manifest, "cases");

	CHECK(vs_json_size(cases) >= 84);
	for (size_t i = 0; i < vs_json_size(cases); i++) {
		const struct vs_json *c = vs_json_at(cases, i);
		const char *id = str(c, "id"), *want = str(c, "expect");
		struct trial t;

		prepare(&t, c);
		CHECK(same_outcome(id, outcome(&t), want));
		if (strcmp(want, "valid") == 0) {
			compare(c);
			compare_tcb(c);
			CHECK_INT(
			    claims.v[VS_CLAIM_TEE_SIMULATED].u.b, !t.real);
		} else {
			CHECK(!claims.v[VS_CLAIM_TEE_KIND].present);
		}
		finish(&t);
	}
}

/* ---- mutations --------------------------------------------------------- */

static void
replace_text(struct vs_buf *b, struct vs_span find, struct vs_span with)
{
	struct vs_buf out = {0};
	struct vs_span all = vs_buf_span(b);
	size_t at = 0;

	while (at + find.n <= all.n && memcmp(all.p + at, find.p, find.n) != 0)
		at++;
	if (!CHECK(at + find.n <= all.n))
		return;
	vs_buf_add(&out, vs_span_slice(all, 0, at));
	vs_buf_add(&out, with);
	vs_buf_add(&out, vs_span_slice(all, at + find.n, all.n));
	vs_buf_fini(b);
	*b = out;
}

static void
change_bytes(struct vs_buf *b, const struct vs_json *op, const char *kind)
{
	uint8_t v[128];
	int64_t at = -1;
	struct vs_span hex = {0};

	(void)vs_json_is_string(vs_json_get(op, "value"), &hex);
	CHECK_INT(vs_unhex(hex, v, hex.n / 2), VS_OK);
	if (strcmp(kind, "append") == 0) {
		vs_buf_add(b, VS_SPAN(v, hex.n / 2));
		return;
	}
	CHECK(vs_json_is_int(vs_json_get(op, "offset"), &at));
	if (!CHECK(at >= 0 && (size_t)at + hex.n / 2 <= b->n))
		return;
	for (size_t i = 0; i < hex.n / 2; i++)
		if (strcmp(kind, "xor") == 0)
			b->p[(size_t)at + i] ^= v[i];
		else
			b->p[(size_t)at + i] = v[i];
}

static void
change(struct trial *t, const struct vs_json *op)
{
	const char *target = str(op, "target"), *kind = str(op, "op");
	int64_t n = 0;
	size_t i = 0;

	if (strcmp(target, "verify_at") == 0) {
		set_time(t, str(op, "value"));
		return;
	}
	while (i < PARTS && strcmp(names[i], target) != 0)
		i++;
	if (!CHECK(i < PARTS))
		return;
	if (strcmp(kind, "remove") == 0) {
		t->has[i] = false;
	} else if (strcmp(kind, "use_file") == 0) {
		t->has[i] = load(str(op, "file"), &t->part[i]);
		t->real = t->real && i != P_ROOT;
	} else if (strcmp(kind, "truncate") == 0) {
		CHECK(vs_json_is_int(vs_json_get(op, "length"), &n));
		t->part[i].n = (size_t)n;
	} else if (strncmp(kind, "replace", 7) == 0) {
		replace_text(&t->part[i], vs_span_cstr(str(op, "find")),
		    vs_span_cstr(str(op, "replace")));
	} else {
		change_bytes(&t->part[i], op, kind);
	}
}

static void
test_mutations(void)
{
	const struct vs_json *all = vs_json_get(manifest, "negative");

	CHECK(vs_json_size(all) >= 58);
	for (size_t i = 0; i < vs_json_size(all); i++) {
		const struct vs_json *m = vs_json_at(all, i);
		const struct vs_json *ops = vs_json_get(m, "ops");
		const char *want = str(m, "expect");
		struct trial t;

		prepare(&t, find_case(str(m, "base")));
		for (size_t j = 0; j < vs_json_size(ops); j++)
			change(&t, vs_json_at(ops, j));
		CHECK(same_outcome(str(m, "id"), outcome(&t), want));
		if (strcmp(want, "valid") == 0)
			CHECK(has_text(
			    VS_CLAIM_TCB_STATUS, str(m, "tcb_status")));
		finish(&t);
	}
}

/* A real quote where only Intel's root is missing. */
static void
test_without_intel(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_bare();
	struct vs_collateral *c = NULL;
	struct vs_buf root = {0};
	struct trial t;

	prepare(&t, find_case("tdx4-gcp-cos113"));
	CHECK(load("intel-samples/trustedRootCaCert.pem", &root));
	CHECK_OK(
	    vs_collateral_add_anchor(b, "test", vs_buf_span(&root), &err), err);
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	CHECK_INT(appraise(&t, c), VS_UNTRUSTED);
	CHECK_STR(err.code, "root_untrusted");
	vs_collateral_free(&c);
	vs_collateral_builder_free(&b);
	vs_buf_fini(&root);
	finish(&t);
}

/* The older form of TCB info is for those who ask for it. */
static void
test_old_tcb_info(void)
{
	struct vs_collateral *c = NULL;
	struct vs_evidence_expect expect = {0};
	struct trial t;

	prepare(&t, find_case("sgx3-intel-sample-ct1"));
	CHECK_OK(collect(&t, &c), err);
	CHECK_OK(appraise(&t, c), err);
	CHECK_INT(claims.v[VS_CLAIM_INTEL_INFO_VERSION].u.i, 2);
	struct vs_span certs[] = {
	    vs_buf_span(&t.part[P_PCK]), vs_buf_span(&t.part[P_PCK_CHAIN])};
	struct vs_evidence_input in = {.kind = t.kind,
	    .report = vs_buf_span(&t.part[P_QUOTE]),
	    .certs = certs,
	    .certs_n = 2};
	struct vs_evidence_options opt = {
	    .collateral = c, .cache = cache, .now = t.at};
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_UNTRUSTED);
	CHECK_STR(err.code, "tcb_info_mismatch");
	vs_collateral_free(&c);
	finish(&t);
}

/*
 * One bit of each byte, and every bit of what is signed by the TD's platform.
 * In the certificates a flip may hit what is not looked at, such as the
 * signature of the root by itself; then it must change nothing.
 */
static void
test_every_byte(const char *id, size_t certs_at)
{
	struct vs_collateral *c = NULL;
	struct trial t;
	size_t passed = 0, n;

	prepare(&t, find_case(id));
	CHECK_OK(collect(&t, &c), err);
	CHECK_OK(appraise(&t, c), err);
	n = t.part[P_QUOTE].n;
	for (size_t i = 0; i < n; i++) {
		uint8_t mask = (uint8_t)(1U << i % 8);
		vs_status st;

		t.part[P_QUOTE].p[i] ^= mask;
		st = appraise(&t, c);
		if (i < certs_at)
			passed += st == VS_OK;
		else if (st == VS_OK)
			CHECK(has_text(VS_CLAIM_TCB_STATUS, "UpToDate"));
		if (st != VS_OK)
			CHECK(err.code != NULL &&
			    !claims.v[VS_CLAIM_TEE_KIND].present);
		t.part[P_QUOTE].p[i] ^= mask;
	}
	CHECK_INT(passed, 0);
	vs_collateral_free(&c);
	finish(&t);
}

static void
test_every_byte_of_a_td(void)
{
	/* Up to the type of the certification data. */
	test_every_byte(
	    "tdx5-google", 54 + 648 + 4 + 128 + 6 + 384 + 64 + 2 + 32);
}

static void
test_every_truncation(void)
{
	struct vs_collateral *c = NULL;
	struct trial t;
	size_t n, end = 0;

	prepare(&t, find_case("tdx4-gcp-cos113"));
	CHECK_OK(collect(&t, &c), err);
	n = t.part[P_QUOTE].n;
	while (t.part[P_QUOTE].n > 0 && appraise(&t, c) == VS_OK)
		end = t.part[P_QUOTE].n--;
	CHECK(end > 4000 && end < n); /* padding, which nobody reads */
	for (size_t i = 0; i < end; i++) {
		t.part[P_QUOTE].n = i;
		CHECK_INT(vs_status_class(appraise(&t, c)), VS_CLASS_MALFORMED);
		CHECK_STR(err.code, "quote_malformed");
	}
	t.part[P_QUOTE].n = n;
	vs_collateral_free(&c);
	finish(&t);
}

/* Each boundary of time, with the platform in the cache. */
static void
test_the_cache_forgives_no_date(void)
{
	struct vs_collateral *c = NULL;
	struct trial t;

	prepare(&t, find_case("tdx4-gcp-cos113"));
	CHECK_OK(collect(&t, &c), err);
	CHECK_OK(appraise(&t, c), err);
	t.at += INT64_C(400) * 86400;
	CHECK_INT(appraise(&t, c), VS_UNTRUSTED);
	CHECK_STR(err.code, "crl_expired");
	t.at -= INT64_C(6000) * 86400;
	CHECK_INT(appraise(&t, c), VS_UNTRUSTED);
	CHECK_STR(err.code, "cert_validity");
	vs_collateral_free(&c);
	finish(&t);
}

static void
test_event_log(void)
{
	static const struct {
		const char *id, *log, *code;
	} tries[] = {
	    {"tdx4-gcp-cos113", "eventlog/ccel-gcp-cos113.bin", NULL},
	    {"tdx4-live-ccel", "eventlog/ccel-live2.bin", NULL},
	    {"tdx4-live-ccel", "eventlog/ccel-live1.bin", "eventlog_mismatch"},
	    {"tdx4-live-ccel", "eventlog/gcp-cos113-nonce.bin",
		"eventlog_malformed"},
	};

	for (size_t i = 0; i < VS_COUNT(tries); i++) {
		struct vs_evidence_expect expect = {0};
		struct vs_collateral *c = NULL;
		struct vs_buf log = {0};
		struct trial t;
		vs_status st;

		prepare(&t, find_case(tries[i].id));
		CHECK(load(tries[i].log, &log));
		CHECK_OK(collect(&t, &c), err);
		struct vs_evidence_input in = {.kind = t.kind,
		    .report = vs_buf_span(&t.part[P_QUOTE]),
		    .event_log = vs_buf_span(&log)};
		struct vs_evidence_options opt = {
		    .collateral = c, .cache = cache, .now = t.at};
		vs_claims_init(&claims, &arena);
		st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
		CHECK_INT(st == VS_OK, tries[i].code == NULL);
		CHECK_INT(claims.v[VS_CLAIM_EVENT_LOG_EVENTS].present,
		    tries[i].code == NULL);
		if (tries[i].code != NULL)
			CHECK_STR(err.code, tries[i].code);
		else
			CHECK(!claims.v[VS_CLAIM_EVENT_LOG_SECURE_BOOT].u.b);
		vs_collateral_free(&c);
		vs_buf_fini(&log);
		finish(&t);
	}
}

static int
run_all(void)
{
	struct vs_buf b = {0};

	vs_arena_init(&arena, 16 << 20);
	cache = vs_evidence_cache_new(64);
	if (load("manifest.json", &b))
		CHECK_OK(vs_json_parse(vs_buf_span(&b), &manifest, &err), err);
	RUN(test_cases);
	RUN(test_mutations);
	RUN(test_without_intel);
	RUN(test_old_tcb_info);
	RUN(test_every_byte_of_a_td);
	RUN(test_every_truncation);
	RUN(test_the_cache_forgives_no_date);
	RUN(test_event_log);
	vs_json_free(&manifest);
	vs_buf_fini(&b);
	vs_evidence_cache_free(&cache);
	vs_arena_fini(&arena);
	return check_result();
}

int
main(void)
{
	char path[4096];
	struct stat st;

	if (check_vectors() == NULL)
		return 77;
	snprintf(
	    path, sizeof(path), "%s/intel-dcap/manifest.json", check_vectors());
	return stat(path, &st) == 0 ? run_all() : 77;
}
