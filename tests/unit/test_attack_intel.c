/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's statements under a test PKI with Intel's own names: each check of
 * signers, dates and revocation, alone. */
#include "check.h"

#include "base/encoding.h"
#include "collateral/intel.h"
#include "collateral/intel_ca.h"
#include "collateral/snapshot.h"
#include "intel_text.h"
#include "simulate/eccert.h"

/* Inside the dates of intel_text.h: 2025-12-01 to 2025-12-31. */
enum { ISSUED = 1764547200, NOW = 1765756800, UPDATE = 1767139200 };
#define DAY INT64_C(86400)
#define FAR (NOW + 1000 * DAY)

static struct vs_issue_key *root, *ca, *signer, *other;
static struct vs_collateral_builder *b;
static struct vs_collateral *c;
static struct vs_err err;

static void
begin(void)
{
	vs_collateral_free(&c);
	vs_collateral_builder_free(&b);
	b = vs_collateral_builder_new();
	CHECK(b != NULL);
}

static void
build(void)
{
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
}

static vs_status
add(struct vs_span bytes)
{
	vs_err_clear(&err);
	return vs_collateral_add(b, "file", bytes, &err);
}

static void
refused(struct vs_span bytes, const char *code)
{
	CHECK(add(bytes) != VS_OK);
	CHECK_STR(err.code == NULL ? "" : err.code, code);
}

/* ---- making what Intel would ------------------------------------------- */

static struct vs_sim_eccert
cert_of(const char *cn, const struct vs_issue_key *key, vs_sim_use use)
{
	return (struct vs_sim_eccert){.serial = 7,
	    .subject_cn = cn,
	    .issuer_cn = "Intel SGX Root CA",
	    .not_before = NOW - 400 * DAY,
	    .not_after = FAR,
	    .use = use,
	    .crl_url = "https://example.org/crl",
	    .key = key,
	    .issuer = root};
}

static struct vs_span
made(struct vs_buf *der, const struct vs_sim_eccert *spec)
{
	vs_buf_reset(der);
	CHECK_OK(vs_sim_eccert_build(spec, der, &err), err);
	return vs_buf_span(der);
}

static void
add_cert(const struct vs_sim_eccert *spec)
{
	struct vs_buf der = {0};

	CHECK_OK(add(made(&der, spec)), err);
	vs_buf_fini(&der);
}

static struct vs_sim_eccert
root_cert(void)
{
	struct vs_sim_eccert r =
	    cert_of("Intel SGX Root CA", root, VS_SIM_USE_ROOT);

	r.serial = 1;
	return r;
}

static void
add_root(void)
{
	struct vs_sim_eccert r = root_cert();
	struct vs_buf der = {0};

	CHECK_OK(
	    vs_collateral_add_anchor(b, "test", made(&der, &r), &err), err);
	vs_buf_fini(&der);
}

static void
add_authorities(void)
{
	struct vs_sim_eccert s =
	    cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_LEAF);
	struct vs_sim_eccert p =
	    cert_of("Intel SGX PCK Platform CA", ca, VS_SIM_USE_CA);

	p.serial = 8;
	add_cert(&s);
	add_cert(&p);
}

struct list {
	const struct vs_issue_key *key;
	const char *cn;
	int64_t from, to;
	uint64_t serial; /* revoked; 0: none */
};

static vs_status
add_list(const struct list *l)
{
	struct vs_sim_crl_spec spec = {.issuer_cn = l->cn,
	    .issuer = l->key,
	    .this_update = l->from,
	    .next_update = l->to,
	    .serials = &l->serial,
	    .n = l->serial != 0 ? 1 : 0};
	struct vs_buf der = {0};
	vs_status st;

	CHECK_OK(vs_sim_eccrl_build(&spec, &der, &err), err);
	st = add(vs_buf_span(&der));
	vs_buf_fini(&der);
	return st;
}

static void
add_root_list(int64_t from, int64_t to, uint64_t serial)
{
	struct list l = {root, "Intel SGX Root CA", from, to, serial};

	CHECK_OK(add_list(&l), err);
}

static void
add_pck_list(int64_t from, int64_t to, uint64_t serial)
{
	struct list l = {ca, "Intel SGX PCK Platform CA", from, to, serial};

	CHECK_OK(add_list(&l), err);
}

static void
sign_body(const char *member, const char *inner, const struct vs_issue_key *key,
    struct vs_buf *out)
{
	uint8_t sig[64];

	CHECK_OK(vs_sim_sign_raw(key, vs_span_cstr(inner), sig, &err), err);
	vs_buf_reset(out);
	vs_buf_printf(out, "{\"%s\":%s,\"signature\":\"", member, inner);
	vs_buf_hex(out, VS_SPAN_OF(sig));
	vs_buf_puts(out, "\"}");
}

static const char *
member_of(const char *inner)
{
	return strstr(inner, "mrsigner") != NULL &&
		strstr(inner, "tdxModule") == NULL
	    ? "enclaveIdentity"
	    : "tcbInfo";
}

static void
add_text(const char *inner)
{
	struct vs_buf body = {0};

	sign_body(member_of(inner), inner, signer, &body);
	CHECK_OK(add(vs_buf_span(&body)), err);
	vs_buf_fini(&body);
}

/* With find replaced by with. */
static void
add_edited(const char *inner, const char *find, const char *with)
{
	struct vs_buf text = {0};

	CHECK(intel_replace(inner, find, 0, with, &text));
	add_text(vs_buf_cstr(&text));
	vs_buf_fini(&text);
}

/* All that is needed, all in date. */
static void
begin_good(void)
{
	begin();
	add_root();
	add_authorities();
	add_root_list(NOW - 100 * DAY, FAR, 0);
	add_pck_list(NOW - 10 * DAY, NOW + 10 * DAY, 0);
	add_text(intel_tdx_text);
	add_text(intel_tdqe_text);
}

/* ---- asking ------------------------------------------------------------ */

static const struct vs_trust *
trust(void)
{
	return vs_collateral_trust(c);
}

static const struct vs_anchor *
test_anchor(void)
{
	for (size_t i = 0; i < trust()->anchors_n; i++)
		if (strcmp(trust()->anchors[i].name, "test") == 0)
			return &trust()->anchors[i];
	return NULL;
}

static struct vs_intel_query
query(int64_t now)
{
	return (struct vs_intel_query){.anchor = test_anchor(),
	    .tee = VS_INTEL_TDX,
	    .fmspc = {0x00, 0xaa, 0xbb, 0xcc, 0xdd, 0xee},
	    .now = now};
}

/* code NULL: it is found. */
static const struct vs_intel_tcb_info *
info(const struct vs_intel_query *q, const char *code)
{
	const struct vs_intel_tcb_info *t = NULL;

	vs_err_clear(&err);
	CHECK_INT(vs_intel_tcb_info(trust(), q, &t, &err),
	    code == NULL ? VS_OK : VS_UNTRUSTED);
	CHECK_STR(err.code == NULL ? "" : err.code, code == NULL ? "" : code);
	CHECK((t != NULL) == (code == NULL));
	return t;
}

static const struct vs_intel_identity *
identity(const struct vs_intel_query *q, const char *code)
{
	const struct vs_intel_identity *t = NULL;

	vs_err_clear(&err);
	CHECK_INT(vs_intel_identity(trust(), q, &t, &err),
	    code == NULL ? VS_OK : VS_UNTRUSTED);
	CHECK_STR(err.code == NULL ? "" : err.code, code == NULL ? "" : code);
	CHECK((t != NULL) == (code == NULL));
	return t;
}

static void
both_at(int64_t now, const char *code)
{
	struct vs_intel_query q = query(now);

	info(&q, code);
	identity(&q, code);
}

/* ---- tests ------------------------------------------------------------- */

static void
test_good(void)
{
	struct vs_intel_query q;

	begin_good();
	build();
	q = query(NOW);
	CHECK_INT(info(&q, NULL)->number, 17);
	CHECK_INT(identity(&q, NULL)->isvprodid, 2);
}

static void
test_which_platform(void)
{
	struct vs_intel_query q;

	begin_good();
	build();
	q = query(NOW);
	q.fmspc[5] ^= 1;
	info(&q, "tcb_info_mismatch");
	q = query(NOW);
	q.pceid[1] = 1;
	info(&q, "tcb_info_mismatch");
	q = query(NOW);
	q.tee = VS_INTEL_SGX;
	info(&q, "tcb_info_mismatch");
	identity(&q, "qe_identity_mismatch");
	/* A test root says nothing about platforms of Intel's. */
	q = query(NOW);
	q.anchor = &trust()->anchors[3];
	CHECK_STR(q.anchor->name, "Intel SGX Root CA");
	info(&q, "tcb_info_mismatch");
	identity(&q, "qe_identity_mismatch");
}

static void
test_dates_of_statements(void)
{
	begin_good();
	build();
	both_at(ISSUED, NULL);
	both_at(UPDATE, NULL);
	struct vs_intel_query q = query(ISSUED - 1);
	info(&q, "tcb_info_not_yet_valid");
	identity(&q, "qe_identity_not_yet_valid");
	q = query(UPDATE + 1);
	info(&q, "tcb_info_expired");
	identity(&q, "qe_identity_expired");
}

static void
test_dates_of_signer(void)
{
	struct vs_sim_eccert s =
	    cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_LEAF);

	begin();
	add_root();
	s.not_before = NOW - 5;
	s.not_after = NOW + 5;
	add_cert(&s);
	add_root_list(NOW - 100 * DAY, FAR, 0);
	add_text(intel_tdx_text);
	add_text(intel_tdqe_text);
	/* Issued again: same key, same serial, other dates. */
	s.not_before = NOW + 100;
	s.not_after = FAR;
	add_cert(&s);
	build();
	both_at(NOW - 6, "cert_validity");
	both_at(NOW - 5, NULL);
	both_at(NOW + 5, NULL);
	both_at(NOW + 6, "cert_validity");
	both_at(NOW + 99, "cert_validity");
	both_at(NOW + 100, NULL);
}

static void
test_dates_of_root(void)
{
	struct vs_sim_eccert r = root_cert();
	struct vs_buf der = {0};

	begin();
	r.not_after = NOW;
	CHECK_OK(
	    vs_collateral_add_anchor(b, "test", made(&der, &r), &err), err);
	add_authorities();
	add_root_list(NOW - 100 * DAY, FAR, 0);
	add_text(intel_tdx_text);
	add_text(intel_tdqe_text);
	build();
	both_at(NOW, NULL);
	both_at(NOW + 1, "cert_validity");
	vs_buf_fini(&der);
}

static void
test_revoked_signer(void)
{
	begin_good();
	add_root_list(NOW - 50 * DAY, FAR, 7);
	build();
	both_at(NOW, "cert_revoked");

	/* Another's serial. */
	begin_good();
	add_root_list(NOW - 50 * DAY, FAR, 9);
	build();
	both_at(NOW, NULL);

	/* A second certificate of a key is as bad as its first. */
	struct vs_sim_eccert s =
	    cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_LEAF);
	begin_good();
	s.serial = 70;
	add_cert(&s);
	add_root_list(NOW - 50 * DAY, FAR, 7);
	build();
	both_at(NOW, "cert_revoked");
}

static void
test_root_list(void)
{
	const struct vs_crl *crl = NULL;

	begin();
	add_root();
	add_authorities();
	add_text(intel_tdx_text);
	add_text(intel_tdqe_text);
	build();
	both_at(NOW, "crl_missing");

	begin();
	add_root();
	add_authorities();
	add_text(intel_tdx_text);
	add_text(intel_tdqe_text);
	add_root_list(NOW - 5, NOW + 5, 0);
	build();
	both_at(NOW - 6, "crl_expired");
	both_at(NOW - 5, NULL);
	both_at(NOW + 5, NULL);
	both_at(NOW + 6, "crl_expired");
	/* Intel's own root has none here. */
	vs_err_clear(&err);
	CHECK_INT(
	    vs_intel_root_crl(trust(), &trust()->anchors[3], NOW, &crl, &err),
	    VS_UNTRUSTED);
	CHECK_STR(err.code, "crl_missing");
}

static void
test_newest_root_list(void)
{
	/* The newest that has begun counts, in date or not: an older one with
	 * a longer life would bring revoked certificates back. */
	begin_good();
	add_root_list(NOW - 20, NOW - 10, 0);
	build();
	both_at(NOW - 30, NULL);
	both_at(NOW - 15, NULL);
	both_at(NOW, "crl_expired");
}

static void
test_numbers(void)
{
	struct vs_intel_query q;

	begin_good();
	/* A kinder, older number in date for longer and issued later. */
	struct vs_buf text = {0};
	CHECK(intel_replace(intel_tdx_text, ":17,", 0, ":16,", &text));
	char *old = strdup(vs_buf_cstr(&text));
	add_edited(old, "2025-12-31T", "2026-12-31T");
	free(old);
	vs_buf_fini(&text);
	build();
	q = query(NOW);
	CHECK_INT(info(&q, NULL)->number, 17);
	q = query(UPDATE + 1);
	info(&q, "tcb_info_expired");

	/* Of one number the later issue. */
	begin_good();
	add_edited(intel_tdx_text, "2025-12-01T", "2025-12-10T");
	add_edited(intel_tdx_text, "2025-12-01T", "2025-12-20T");
	build();
	q = query(NOW);
	CHECK_INT(info(&q, NULL)->issue_date, ISSUED + 9 * DAY);
	q = query(ISSUED);
	CHECK_INT(info(&q, NULL)->issue_date, ISSUED);
}

static void
test_version_two(void)
{
	struct vs_intel_query q;

	begin_good();
	add_text(intel_v2_text);
	build();
	q = query(NOW);
	q.tee = VS_INTEL_SGX;
	memcpy(q.fmspc, "\x00\x90\x6e\xd5\x00\x00", 6);
	info(&q, "tcb_info_mismatch");
	q.allow_v2 = true;
	CHECK_INT(info(&q, NULL)->version, 2);
	q.tee = VS_INTEL_TDX;
	info(&q, "tcb_info_mismatch");
}

static void
test_signature_is_over_the_bytes(void)
{
	struct vs_buf body = {0}, text = {0};
	struct vs_span span;
	static const char *const edits[][3] = {
	    {"\"UpToDate\"", "\"OutOfDate\"", "tcb_info_signature"},
	    {"{\"id\"", "{ \"id\"", "tcb_info_signature"},
	    {"{\"id\":\"TDX\"", "{\"id\":\"SGX\",\"id\":\"TDX\"",
		"tcb_info_signature"},
	    {"\"signature\":\"", "\"signature\":\"0", "tcb_info_malformed"},
	    {"\"signature\":", "\"signaturf\":", "tcb_info_malformed"},
	    {"\"signature\":\"", "\"signature\":1,\"x\":\"",
		"tcb_info_malformed"},
	    {"{\"tcbInfo\":", "{\"tcbInfo\":1,\"x\":", "tcb_info_malformed"},
	    {"{\"tcbInfo\":", "{\"tcbInfo\":\"x\",\"y\":",
		"tcb_info_malformed"}};

	begin_good();
	sign_body("tcbInfo", intel_tdx_text, signer, &body);
	for (size_t i = 0; i < VS_COUNT(edits); i++) {
		CHECK(intel_replace(
		    vs_buf_cstr(&body), edits[i][0], 0, edits[i][1], &text));
		refused(vs_buf_span(&text), edits[i][2]);
	}
	/* Around the object nothing is signed. */
	CHECK(intel_replace(vs_buf_cstr(&body), "{\"tcbInfo\":", 0,
	    " {\n \"tcbInfo\" :  ", &text));
	CHECK_OK(add(vs_buf_span(&text)), err);
	/* But it is one JSON text, with nothing twice. */
	vs_buf_puts(&text, "x");
	refused(vs_buf_span(&text), "tcb_info_malformed");
	CHECK(intel_replace(vs_buf_cstr(&body), "\"signature\"", 0,
	    "\"x\":1,\"x\":2,\"signature\"", &text));
	refused(vs_buf_span(&text), "tcb_info_malformed");
	/* What is signed, but not by the rules. */
	CHECK(intel_replace(
	    intel_tdx_text, "\"version\":3", 0, "\"version\":9", &text));
	sign_body("tcbInfo", vs_buf_cstr(&text), signer, &body);
	refused(vs_buf_span(&body), "tcb_info_malformed");
	sign_body("enclaveIdentity", intel_tdx_text, signer, &body);
	refused(vs_buf_span(&body), "qe_identity_malformed");
	sign_body("tcbInfo", intel_tdqe_text, signer, &body);
	refused(vs_buf_span(&body), "tcb_info_malformed");
	span = vs_buf_span(&body);
	refused(vs_span_slice(span, 0, span.n - 1), "tcb_info_malformed");
	vs_buf_fini(&body);
	vs_buf_fini(&text);
}

static void
test_other_signers(void)
{
	const struct vs_issue_key *const keys[] = {root, ca, other};
	struct vs_buf body = {0};

	begin_good();
	for (size_t i = 0; i < VS_COUNT(keys); i++) {
		sign_body("tcbInfo", intel_tdx_text, keys[i], &body);
		refused(vs_buf_span(&body), "tcb_info_signature");
		sign_body("enclaveIdentity", intel_tdqe_text, keys[i], &body);
		refused(vs_buf_span(&body), "qe_identity_signature");
	}
	vs_buf_fini(&body);
}

/* Every bit of the signed object and of its signature. */
static void
test_mutations(void)
{
	struct vs_buf body = {0};

	begin_good();
	sign_body("enclaveIdentity", intel_qe_text, signer, &body);
	for (size_t bit = 0; bit < 8 * (body.n - 2); bit++) {
		struct vs_span text = vs_buf_span(&body);
		uint8_t *at = &body.p[bit / 8];
		bool hex = bit / 8 > body.n - 131;

		/* Upper case hex is the same hex. */
		if (hex && bit % 8 == 5 && *at >= 'a')
			continue;
		*at ^= (uint8_t)(1 << bit % 8);
		CHECK(add(text) != VS_OK);
		*at ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < body.n; n++)
		CHECK(add(VS_SPAN(body.p, n)) != VS_OK);
	CHECK_OK(add(vs_buf_span(&body)), err);
	vs_buf_fini(&body);
}

/* ---- certificates ------------------------------------------------------ */

static void
test_who_may_sign(void)
{
	struct vs_buf der = {0};
	struct vs_sim_eccert s;

	begin();
	add_root();
	/* Under the root, but of another role. */
	s = cert_of("Intel SGX PCK Certificate", signer, VS_SIM_USE_LEAF);
	refused(made(&der, &s), "chain_invalid");
	s = cert_of("Intel SGX TCB Signing 2", signer, VS_SIM_USE_LEAF);
	refused(made(&der, &s), "chain_invalid");
	s = cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_CA);
	refused(made(&der, &s), "chain_invalid");
	s = cert_of("Intel SGX PCK Platform CA", signer, VS_SIM_USE_LEAF);
	refused(made(&der, &s), "chain_invalid");
	s = cert_of("SEV-Milan", ca, VS_SIM_USE_CA);
	refused(made(&der, &s), "chain_invalid");
	/* The right names, by another key. */
	s = cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_LEAF);
	s.issuer = other;
	refused(made(&der, &s), "chain_invalid");
	s = cert_of("Intel SGX PCK Platform CA", ca, VS_SIM_USE_CA);
	s.issuer = other;
	refused(made(&der, &s), "chain_invalid");
	/* By an authority in place of the root. */
	s = cert_of("Intel SGX TCB Signing", signer, VS_SIM_USE_LEAF);
	s.issuer = ca;
	s.issuer_cn = "Intel SGX PCK Platform CA";
	refused(made(&der, &s), "chain_invalid");
	CHECK_INT(b->c->trust.signers_n, 1); /* Intel's own */
	CHECK_INT(b->c->trust.issuers_n, 8);
	vs_buf_fini(&der);
}

static void
test_roots(void)
{
	struct vs_sim_eccert r = root_cert();
	struct vs_buf der = {0};

	begin();
	refused(made(&der, &r), "root_untrusted");
	add_root();
	CHECK_OK(add(made(&der, &r)), err);
	/* The same root issued again, with other dates. */
	r.not_after = NOW;
	CHECK_OK(add(made(&der, &r)), err);
	CHECK_INT(b->c->trust.anchors_n, 7);
	/* The same name, another key. */
	r.key = r.issuer = other;
	refused(made(&der, &r), "root_untrusted");
	/* Another name, the same key. */
	r = root_cert();
	r.subject_cn = r.issuer_cn = "Intel SGX Root CB";
	refused(made(&der, &r), "root_untrusted");
	vs_buf_fini(&der);
}

static void
test_pins(void)
{
	struct vs_intel_ca cas[VS_INTEL_CA_COUNT];
	struct vs_intel_pin pins[VS_INTEL_CA_COUNT];

	for (size_t i = 0; i < VS_INTEL_CA_COUNT; i++)
		for (int what = 0; what < 4; what++) {
			struct vs_collateral *free_it =
			    calloc(1, sizeof(*free_it));

			memcpy(cas, vs_intel_cas, sizeof(cas));
			memcpy(pins, vs_intel_pins, sizeof(pins));
			if (what == 1)
				pins[i].cert_sha256[0] ^= 1;
			if (what == 2)
				pins[i].spki_sha256[31] ^= 1;
			if (what == 3)
				pins[i].role = pins[i].role == VS_INTEL_ROOT
				    ? VS_INTEL_PCK_CA
				    : VS_INTEL_ROOT;
			vs_err_clear(&err);
			CHECK_INT(vs_trust_add_intel(
				      &free_it->trust, cas, pins, &err),
			    what == 0 ? VS_OK : VS_INTERNAL);
			vs_snapshot_destroy(free_it);
		}
}

/* ---- lists of PCK authorities ------------------------------------------ */

static void
pck_list(const struct vs_sim_eccert *spec, int64_t now, const char *code,
    int64_t from)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_crl *crl = NULL;
	struct vs_buf der = {0};

	CHECK_OK(vs_cert_parse(made(&der, spec), &cert, &err), err);
	vs_err_clear(&err);
	CHECK_INT(vs_intel_pck_crl(trust(), cert, now, &crl, &err),
	    code == NULL ? VS_OK : VS_UNTRUSTED);
	CHECK_STR(err.code == NULL ? "" : err.code, code == NULL ? "" : code);
	if (code == NULL)
		CHECK_INT(vs_crl_facts(crl)->this_update, from);
	vs_buf_fini(&der);
}

static void
test_pck_lists(void)
{
	struct vs_sim_eccert p =
	    cert_of("Intel SGX PCK Platform CA", ca, VS_SIM_USE_CA);
	struct vs_sim_eccert wrong = p, processor = p;
	struct list forged = {
	    other, "Intel SGX PCK Platform CA", NOW - 1, FAR, 0};

	wrong.key = other;
	processor.subject_cn = "Intel SGX PCK Processor CA";
	begin();
	add_root();
	add_authorities();
	add_pck_list(NOW - 50, NOW + 50, 0);
	add_pck_list(NOW - 40, NOW + 40, 0);
	build();
	CHECK(trust()->pck_crls[0].ca != NULL);
	pck_list(&p, NOW - 51, "crl_expired", 0);
	pck_list(&p, NOW - 50, NULL, NOW - 50);
	pck_list(&p, NOW, NULL, NOW - 40);
	pck_list(&p, NOW + 40, NULL, NOW - 40);
	pck_list(&p, NOW + 41, "crl_expired", 0);
	pck_list(&wrong, NOW, "crl_invalid", 0);
	pck_list(&processor, NOW, "crl_missing", 0);

	/* Held before its authority is known; judged with it. */
	begin();
	add_root();
	add_pck_list(NOW - 50, NOW + 50, 0);
	CHECK_OK(add_list(&forged), err);
	build();
	CHECK(trust()->pck_crls[0].ca == NULL);
	pck_list(&p, NOW, NULL, NOW - 50);
	CHECK(vs_collateral_item(c, vs_collateral_count(c) - 1)->unverified);

	begin();
	add_root();
	CHECK_OK(add_list(&forged), err);
	build();
	pck_list(&p, NOW, "crl_invalid", 0);
}

static void
test_forged_root_list(void)
{
	struct list forged = {other, "Intel SGX Root CA", NOW - 1, FAR, 0};
	struct list nobody = {other, "Somebody", NOW - 1, FAR, 0};

	begin();
	add_root();
	CHECK(add_list(&forged) != VS_OK);
	CHECK_STR(err.code, "crl_invalid");
	CHECK(add_list(&nobody) != VS_OK);
	CHECK_STR(err.code, "crl_invalid");
	refused(VS_SPAN_LIT("garbage"), "crl_invalid");
}

/* ---- what status shows ------------------------------------------------- */

static void
test_items(void)
{
	static const struct {
		const char *kind, *name;
		bool superseded;
	} want[] = {{"intermediate", "Intel SGX PCK Platform CA", false},
	    {"signer", "Intel SGX TCB Signing", false},
	    {"signer", "Intel SGX TCB Signing", false},
	    {"crl", "Intel SGX Root CA", false},
	    {"crl", "Intel SGX PCK Platform CA", false},
	    {"tcb-info", "TDX 00aabbccddee", true},
	    {"qe-identity", "TD QE", false},
	    {"tcb-info", "TDX 00aabbccddee", false},
	    {"tcb-info", "SGX 00906ed50000", false},
	    {"qe-identity", "SGX QE", false}};
	size_t from;

	begin_good();
	add_edited(intel_tdx_text, ":17,", ":18,");
	add_text(intel_sgx_text);
	add_text(intel_qe_text);
	add_text(intel_qe_text); /* nothing twice */
	build();
	from = vs_collateral_count(c) - VS_COUNT(want);
	for (size_t i = 0; i < VS_COUNT(want); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(c, from + i);

		CHECK_STR(it->kind, want[i].kind);
		CHECK_STR(it->name, want[i].name);
		CHECK_INT(it->superseded, want[i].superseded);
		if (i != 1) /* Intel's own signer */
			CHECK_STR(it->product, "test");
	}
	CHECK_INT(vs_collateral_item(c, from + 7)->number, 18);
	CHECK_INT(vs_collateral_item(c, from + 7)->not_after, UPDATE);
}

static void
test_statement_changes_digest(void)
{
	uint8_t before[32], after[32];

	begin_good();
	build();
	vs_collateral_digest(c, before);
	begin_good();
	add_text(intel_qe_text);
	build();
	vs_collateral_digest(c, after);
	CHECK(memcmp(before, after, 32) != 0);
}

int
main(void)
{
	struct vs_issue_key **const keys[] = {&root, &ca, &signer, &other};

	for (size_t i = 0; i < VS_COUNT(keys); i++)
		CHECK_OK(vs_issue_key_p256(keys[i], &err), err);
	RUN(test_good);
	RUN(test_which_platform);
	RUN(test_dates_of_statements);
	RUN(test_dates_of_signer);
	RUN(test_dates_of_root);
	RUN(test_revoked_signer);
	RUN(test_root_list);
	RUN(test_newest_root_list);
	RUN(test_numbers);
	RUN(test_version_two);
	RUN(test_signature_is_over_the_bytes);
	RUN(test_other_signers);
	RUN(test_mutations);
	RUN(test_who_may_sign);
	RUN(test_roots);
	RUN(test_pins);
	RUN(test_pck_lists);
	RUN(test_forged_root_list);
	RUN(test_items);
	RUN(test_statement_changes_digest);
	begin();
	vs_collateral_builder_free(&b);
	for (size_t i = 0; i < VS_COUNT(keys); i++)
		vs_issue_key_free(keys[i]);
	return check_result();
}
