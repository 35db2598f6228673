/* SPDX-License-Identifier: Apache-2.0 */
/* Forged chains: roots, intermediates, dates, revocation, and reports that
 * another key signed. */
#include "base/file.h"
#include "snp_forge.h"

static struct vs_collateral *amd_only, *col[VS_SIM_PRODUCTS];

static void
resign(struct f_try *t, const struct vs_sim_pki *p, bool vlek)
{
	CHECK_OK(vs_sim_resign(p, vlek, t->report, &t->err), t->err);
}

static void
test_named_root_is_trusted_and_says_so(void)
{
	for (unsigned i = 0; i < 2 * VS_SIM_PRODUCTS; i++) {
		const struct vs_sim_pki *p = f_pki((vs_sim_product)(i / 2));
		const char *product =
		    vs_sim_product_name((vs_sim_product)(i / 2));
		bool vlek = i % 2 == 1;
		struct vs_buf table = {0};
		struct f_try t;

		f_init(&t, col[i / 2]);
		f_report(&t, p, vlek);
		CHECK_OK(vs_sim_cert_table(p, vlek, &table, &t.err), t.err);
		f_cert(&t, vs_buf_span(&table));
		F_EXPECT(&t, NULL);
		CHECK(f_claim_true(&t, VS_CLAIM_TEE_SIMULATED));
		CHECK(f_claim_is(&t, VS_CLAIM_TEE_ANCHOR, "test-root"));
		CHECK(f_claim_is(&t, VS_CLAIM_TEE_CRL, "good"));
		CHECK(f_claim_is(&t, VS_CLAIM_SNP_PRODUCT, product));
		CHECK(f_claim_is(
		    &t, VS_CLAIM_SNP_SIGNER, vlek ? "vlek" : "vcek"));
		CHECK(!vlek ||
		    f_claim_is(&t, VS_CLAIM_SNP_CSP_ID, VS_SIM_CSP_ID));
		vs_buf_fini(&table);
		f_done(&t);
	}
}

/* The whole chain with AMD's names and a valid signature, root included. */
static void
test_forged_pki_is_refused(void)
{
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++) {
		const struct vs_sim_pki *p = f_pki((vs_sim_product)i);
		struct vs_buf table = {0};
		struct f_try t;

		f_init(&t, amd_only);
		t.crl = VS_CRL_OFF;
		f_report(&t, p, false);
		CHECK_OK(vs_sim_cert_table(p, false, &table, &t.err), t.err);
		f_cert(&t, vs_buf_span(&table));
		F_EXPECT(&t, "chain.untrusted_root");
		t.certs_n = 0;
		f_chain(&t, p, false);
		F_EXPECT(&t, "chain.untrusted_root");
		t.certs_n = 2; /* without the root */
		F_EXPECT(&t, "chain.untrusted_root");
		t.certs_n = 1; /* the leaf alone: AMD did not sign it */
		F_EXPECT(&t, "chain.signature");
		vs_buf_fini(&table);
		f_done(&t);
	}
}

/* A trusted test root does not make another root with its name trusted. */
static void
test_namesake_of_a_named_root_is_refused(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN), *o = f_other();
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, o, false);
	f_chain(&t, o, false);
	F_EXPECT(&t, "chain.untrusted_root");
	t.certs_n = 2;
	F_EXPECT(&t, "chain.untrusted_root");
	/* The other's leaf with the trusted authorities. */
	t.certs_n = 0;
	f_cert(&t, vs_sim_vcek(o));
	f_cert(&t, vs_sim_ask(p));
	f_cert(&t, vs_sim_ark(p));
	F_EXPECT(&t, "chain.signature");
	f_done(&t);
}

static void
test_hints_must_be_the_chain(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	f_chain(&t, p, false);
	f_cert(&t, vs_sim_asvk(p)); /* trusted, but not the issuer */
	F_EXPECT(&t, "chain.signature");
	t.certs[3] = vs_sim_ark(f_pki(VS_SIM_GENOA)); /* not an anchor */
	F_EXPECT(&t, "chain.untrusted_root");
	t.certs[3] = vs_sim_ark(p); /* twice the same is no contradiction */
	F_EXPECT(&t, NULL);
	t.certs[3] = vs_sim_vcek(p);
	F_EXPECT(&t, NULL);
	f_done(&t);
}

static void
test_which_leaf(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf second = {0};
	struct f_leaf l;
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	f_cert(&t, vs_sim_ask(p));
	F_EXPECT(&t, "chain.leaf_type"); /* only an authority */
	t.certs_n = 0;
	F_EXPECT(&t, "collateral.missing");
	/* Both kinds: the one that KEY_INFO names. */
	f_cert(&t, vs_sim_vlek(p));
	f_cert(&t, vs_sim_vcek(p));
	f_cert(&t, vs_sim_ask(p));
	F_EXPECT(&t, NULL);
	t.certs_n = 1;
	f_cert(&t, vs_sim_asvk(p));
	F_EXPECT(&t, "bind.signer");
	/* Two VCEKs that differ. */
	t.certs_n = 0;
	f_chain(&t, p, false);
	f_leaf_default(p, false, &l);
	f_issue(p, false, &l, &second);
	f_cert(&t, vs_buf_span(&second));
	F_EXPECT(&t, "parse.cert_table");
	f_done(&t);
	vs_buf_fini(&second);
}

static void
test_other_signer(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN), *o = f_other();
	struct f_try t;

	/* A VLEK that did not sign: the VCEK did. */
	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, true);
	f_chain(&t, p, true);
	F_EXPECT(&t, NULL);
	resign(&t, p, false);
	F_EXPECT(&t, "sig.report");
	/* Another chip's VCEK signed. */
	f_report(&t, p, false);
	t.certs_n = 0;
	f_chain(&t, p, false);
	resign(&t, o, false);
	F_EXPECT(&t, "sig.report");
	/* SIGNING_KEY: reserved values, none, and the wrong kind. */
	for (uint8_t key = 1; key < 8; key++) {
		t.report[0x48] = (uint8_t)(key << 2);
		resign(&t, p, false);
		F_EXPECT(&t, "bind.signer");
	}
	f_done(&t);
}

static void
test_product(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const struct vs_sim_pki *turin = f_pki(VS_SIM_TURIN);
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	f_chain(&t, p, false);
	t.report[0x189] = 0x11; /* Genoa */
	resign(&t, p, false);
	F_EXPECT(&t, "bind.product");
	t.report[0x188] = 0x1a;
	t.report[0x189] = 0x50; /* Venice */
	resign(&t, p, false);
	F_EXPECT(&t, "parse.product");
	/* Version 2: the issuer tells the product. */
	memset(t.report + 0x188, 0, 3);
	t.report[0] = 2;
	resign(&t, p, false);
	F_EXPECT(&t, NULL);
	CHECK(f_claim_is(&t, VS_CLAIM_SNP_PRODUCT, "Milan"));
	f_done(&t);
	/* Version 2 from a Turin, with a long chip id and with its own. */
	f_init(&t, col[VS_SIM_TURIN]);
	f_report(&t, turin, false);
	f_chain(&t, turin, false);
	memset(t.report + 0x188, 0, 3);
	memset(t.report + 0x1f8, 0, 16);
	t.report[0] = 2;
	resign(&t, turin, false);
	F_EXPECT(&t, "parse.product");
	t.report[0x1a0 + 63] = 1;
	resign(&t, turin, false);
	F_EXPECT(&t, "bind.product");
	f_done(&t);
}

static void
test_dates(void)
{
	struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const struct f_crl eternal = {0, F_NOW * 2LL, {0}, 0};
	struct vs_collateral *c = f_collateral(p, &eternal, 1);
	struct f_try t;

	f_init(&t, c);
	f_report(&t, p, false);
	f_chain(&t, p, false);
	t.now = F_NOW - F_DAY; /* the first second of the leaf */
	F_EXPECT(&t, NULL);
	t.now--;
	F_EXPECT(&t, "chain.not_yet_valid");
	t.now = F_NOW + 7LL * VS_SIM_YEAR; /* its last */
	F_EXPECT(&t, NULL);
	t.now++;
	F_EXPECT(&t, "chain.expired");
	t.now = F_NOW + 40LL * VS_SIM_YEAR;
	F_EXPECT(&t, "chain.expired");
	f_done(&t);
	vs_collateral_free(&c);
}

static void
with_crls(const struct vs_sim_pki *p, bool vlek, vs_crl_mode mode,
    const struct f_crl *crls, size_t n, const char *want, const char *claim)
{
	struct vs_collateral *c = f_collateral(p, crls, n);
	struct f_try t;

	f_init(&t, c);
	t.crl = mode;
	f_report(&t, p, vlek);
	f_chain(&t, p, vlek);
	F_EXPECT(&t, want);
	if (claim != NULL)
		CHECK(f_claim_is(&t, VS_CLAIM_TEE_CRL, claim));
	f_done(&t);
	vs_collateral_free(&c);
}

static void
test_crl(void)
{
	enum { ARK = 0x10000, ASK = 0x10001, ASVK = 0x10101 };
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const int64_t day = F_DAY, now = F_NOW;
	const struct f_crl stale = {now - 9 * day, now - 1, {0}, 0};
	const struct f_crl early = {now + 1, now + day, {0}, 0};
	const struct f_crl edge = {now, now, {0}, 0};
	const struct f_crl ask = {now - day, now + day, {7, ASK}, 2};
	const struct f_crl asvk = {now - day, now + day, {ASVK}, 1};
	const struct f_crl ark = {now - day, now + day, {ARK}, 1};
	const struct f_crl leaf = {now - day, now + day, {0, 1, 99}, 3};
	const struct f_crl old_ask = {now - 9 * day, now - 1, {ASK}, 1};
	const struct f_crl old_and_new[] = {stale, f_good};
	const struct f_crl new_and_old[] = {f_good, stale};
	const struct f_crl two_lists[] = {f_good, old_ask};

	with_crls(p, false, VS_CRL_REQUIRE, &f_good, 1, NULL, "good");
	with_crls(p, false, VS_CRL_REQUIRE, &edge, 1, NULL, "good");
	with_crls(p, false, VS_CRL_REQUIRE, NULL, 0, "chain.crl_missing", NULL);
	with_crls(p, false, VS_CRL_IF_PRESENT, NULL, 0, NULL, "absent");
	with_crls(p, false, VS_CRL_OFF, NULL, 0, NULL, "off");
	with_crls(p, false, VS_CRL_REQUIRE, &stale, 1, "chain.crl_stale", NULL);
	with_crls(
	    p, false, VS_CRL_IF_PRESENT, &stale, 1, "chain.crl_stale", NULL);
	with_crls(p, false, VS_CRL_OFF, &stale, 1, NULL, "off");
	with_crls(p, false, VS_CRL_REQUIRE, &early, 1, "chain.crl_stale", NULL);
	/* The intermediate in use, not only the ASK; and the root. */
	with_crls(p, false, VS_CRL_REQUIRE, &ask, 1, "chain.revoked", NULL);
	with_crls(p, true, VS_CRL_REQUIRE, &ask, 1, NULL, "good");
	with_crls(p, true, VS_CRL_REQUIRE, &asvk, 1, "chain.revoked", NULL);
	with_crls(p, false, VS_CRL_REQUIRE, &asvk, 1, NULL, "good");
	with_crls(p, false, VS_CRL_REQUIRE, &ark, 1, "chain.revoked", NULL);
	with_crls(p, true, VS_CRL_IF_PRESENT, &ark, 1, "chain.revoked", NULL);
	/* Leaves all have serial number 0: matching it means nothing. */
	with_crls(p, false, VS_CRL_REQUIRE, &leaf, 1, NULL, "good");
	/* The newest says how fresh; any of them revokes. */
	with_crls(p, false, VS_CRL_REQUIRE, old_and_new, 2, NULL, "good");
	with_crls(p, false, VS_CRL_REQUIRE, new_and_old, 2, NULL, "good");
	with_crls(
	    p, false, VS_CRL_REQUIRE, two_lists, 2, "chain.revoked", NULL);
}

/* A list that the evidence brings can deny and never permit. */
static void
test_crl_in_evidence(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const uint64_t ask = 0x10001;
	struct vs_collateral *none = f_collateral(p, NULL, 0);
	struct vs_buf good = {0}, bad = {0}, forged = {0}, genoa = {0};
	struct f_try t;

	f_init(&t, none);
	CHECK_OK(
	    vs_sim_crl(p, F_NOW - F_DAY, F_NOW + F_DAY, NULL, 0, &good, &t.err),
	    t.err);
	CHECK_OK(vs_sim_crl(p, 0, 1, &ask, 1, &bad, &t.err), t.err);
	CHECK_OK(vs_sim_crl(f_other(), F_NOW - F_DAY, F_NOW + F_DAY, NULL, 0,
		     &forged, &t.err),
	    t.err);
	CHECK_OK(vs_sim_crl(f_pki(VS_SIM_GENOA), 0, 1, NULL, 0, &genoa, &t.err),
	    t.err);
	f_report(&t, p, false);
	f_chain(&t, p, false);
	f_cert(&t, vs_buf_span(&good));
	F_EXPECT(&t, "chain.crl_missing");
	t.crl = VS_CRL_IF_PRESENT;
	F_EXPECT(&t, NULL);
	CHECK(f_claim_is(&t, VS_CLAIM_TEE_CRL, "absent"));
	t.certs[3] = vs_buf_span(&bad); /* stale, but it says so */
	F_EXPECT(&t, "chain.revoked");
	t.certs[3] = vs_buf_span(&forged);
	F_EXPECT(&t, "chain.signature");
	t.certs[3] = vs_buf_span(&genoa);
	F_EXPECT(&t, NULL);
	t.collateral = col[VS_SIM_MILAN];
	t.crl = VS_CRL_REQUIRE;
	t.certs[3] = vs_buf_span(&bad);
	F_EXPECT(&t, "chain.revoked");
	t.crl = VS_CRL_OFF;
	F_EXPECT(&t, NULL);
	f_done(&t);
	vs_buf_fini(&good);
	vs_buf_fini(&bad);
	vs_buf_fini(&forged);
	vs_buf_fini(&genoa);
	vs_collateral_free(&none);
}

/* A leaf built from a changed description. */
static void
with_cert(const struct vs_sim_cert *c, const char *want)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf der = {0};
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	CHECK_OK(vs_sim_cert_build(c, &der, &t.err), t.err);
	f_cert(&t, vs_buf_span(&der));
	f_cert(&t, vs_sim_ask(p));
	f_cert(&t, vs_sim_ark(p));
	F_EXPECT(&t, want);
	f_done(&t);
	vs_buf_fini(&der);
}

static void
test_leaf_type(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf ext = {0};
	struct vs_sim_cert good, c;
	char cn[VS_SIM_CN_MAX];
	struct f_leaf l;

	f_leaf_default(p, false, &l);
	f_extensions(&l, &ext);
	vs_sim_leaf_cert(p, false, cn, &good);
	good.extensions = vs_buf_span(&ext);
	with_cert(&good, NULL);
	c = good;
	c.trailer = !good.trailer; /* both encodings of the same parameters */
	with_cert(&c, NULL);
	c = good;
	c.subject_cn = "VCEK";
	with_cert(&c, "chain.leaf_type");
	c.subject_cn = "SEV-VLEK"; /* but the ASK issued it */
	with_cert(&c, "chain.leaf_type");
	c = good;
	c.key = p->asvk_key; /* RSA */
	with_cert(&c, "chain.leaf_type");
	c = good;
	c.issuer = p->asvk_key; /* names right, signature not */
	with_cert(&c, "chain.signature");
	c = good;
	c.issuer_cn = "SEV-Nowhere";
	with_cert(&c, "chain.untrusted_root");
	vs_sim_ext(&ext, "2.5.29.19", true,
	    VS_SPAN_LIT("\x30\x03\x01\x01\xff")); /* a CA */
	c = good;
	c.extensions = vs_buf_span(&ext);
	/* An authority that is no known one: taken for a hint. */
	with_cert(&c, "chain.untrusted_root");
	vs_buf_fini(&ext);
}

/* An ASK with these extensions, issued by the trusted root; with the leaf
 * that it issued. */
static void
with_ask(const struct vs_buf *ext, const char *want)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_sim_cert c = {.serial = 0x10001,
	    .subject_cn = "SEV-Milan",
	    .issuer_cn = "ARK-Milan",
	    .not_before = F_NOW - F_DAY,
	    .not_after = F_NOW + F_DAY,
	    .key = p->ask_key,
	    .issuer = p->ark_key,
	    .extensions = vs_buf_span(ext)};
	struct vs_buf der = {0};
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	CHECK_OK(vs_sim_cert_build(&c, &der, &t.err), t.err);
	f_cert(&t, vs_buf_span(&der));
	f_cert(&t, vs_sim_vcek(p));
	F_EXPECT(&t, want);
	/* Dates of the intermediate count as well. */
	if (want == NULL) {
		t.now = F_NOW + F_DAY + 1;
		F_EXPECT(&t, "chain.expired");
	}
	f_done(&t);
	vs_buf_fini(&der);
}

static void
test_intermediate_must_be_an_authority(void)
{
	static const char basic[] = "2.5.29.19", usage[] = "2.5.29.15";
	const struct vs_span ca =
	    VS_SPAN_LIT("\x30\x06\x01\x01\xff\x02\x01\x00");
	struct vs_buf ext = {0};

	vs_sim_ext(&ext, basic, true, ca);
	with_ask(&ext, NULL); /* no keyUsage: any */
	vs_sim_ext(&ext, usage, true, VS_SPAN_LIT("\x03\x02\x01\x06"));
	with_ask(&ext, NULL);
	vs_buf_reset(&ext);
	vs_sim_ext(&ext, basic, true, ca);
	vs_sim_ext(&ext, usage, true, VS_SPAN_LIT("\x03\x02\x07\x80"));
	with_ask(&ext, "chain.signature"); /* digitalSignature only */
	vs_buf_reset(&ext);
	vs_sim_ext(&ext, usage, true, VS_SPAN_LIT("\x03\x02\x01\x06"));
	/* Not a CA, so it is one leaf too many, and no issuer is left. */
	with_ask(&ext, "chain.signature");
	vs_buf_reset(&ext);
	vs_sim_ext(&ext, basic, true, ca);
	vs_sim_ext(&ext, "1.2.3.4", true, VS_SPAN_LIT("\x05\x00"));
	with_ask(&ext, "chain.untrusted_root"); /* unknown, critical */
	vs_buf_fini(&ext);
}

/* The inner and the outer AlgorithmIdentifier must be the same bytes. */
static void
test_two_encodings_in_one_certificate(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf mixed = {0};
	struct vs_span body, outer, inner;
	struct vs_der tbs, alg, sig;
	struct vs_rd rd;
	struct f_try t;
	size_t seq;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	CHECK_INT(vs_der_only(vs_sim_vcek(p), 0x30, &body), VS_OK);
	rd = vs_rd_of(body);
	CHECK_INT(vs_der_next(&rd, &tbs), VS_OK);
	CHECK_INT(vs_der_next(&rd, &alg), VS_OK);
	CHECK_INT(vs_der_next(&rd, &sig), VS_OK);
	/* The ASK has the other encoding than new leaves have. */
	CHECK_INT(vs_der_sig_algs(vs_sim_ask(p), &inner, &outer), VS_OK);
	CHECK(!vs_span_equal(outer, alg.whole));
	seq = vs_derw_open(&mixed, VS_DERW_SEQ);
	vs_buf_add(&mixed, tbs.whole);
	vs_buf_add(&mixed, outer);
	vs_buf_add(&mixed, sig.whole);
	vs_derw_close(&mixed, seq);
	f_cert(&t, vs_buf_span(&mixed));
	f_cert(&t, vs_sim_ask(p));
	F_EXPECT(&t, "chain.signature");
	f_done(&t);
	vs_buf_fini(&mixed);
}

static void
test_cache_gives_the_same_answers(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const struct f_crl revoked = {
	    F_NOW - F_DAY, F_NOW + F_DAY, {0x10001}, 1};
	struct vs_evidence_cache *cache = vs_evidence_cache_new(1);
	struct vs_collateral *later = f_collateral(p, &revoked, 1);
	struct f_try t;

	CHECK(cache != NULL);
	f_init(&t, col[VS_SIM_MILAN]);
	t.cache = cache;
	f_report(&t, p, false);
	f_chain(&t, p, false);
	for (int i = 0; i < 3; i++)
		F_EXPECT(&t, NULL);
	CHECK(f_claim_true(&t, VS_CLAIM_TEE_SIMULATED));
	t.report[0x90] ^= 1;
	F_EXPECT(&t, "sig.report");
	t.report[0x90] ^= 1;
	t.now = F_NOW + 7LL * VS_SIM_YEAR + 1;
	F_EXPECT(&t, "chain.expired");
	t.now = F_NOW + 2 * F_DAY;
	F_EXPECT(&t, "chain.crl_stale");
	t.now = 0;
	/* New collateral is another key. */
	t.collateral = later;
	F_EXPECT(&t, "chain.revoked");
	t.collateral = amd_only;
	F_EXPECT(&t, "chain.untrusted_root");
	t.collateral = col[VS_SIM_MILAN];
	F_EXPECT(&t, NULL);
	/* Other certificates are another key, also when only cut anew. */
	t.certs_n = 2;
	F_EXPECT(&t, NULL);
	t.certs[0].n--;
	F_EXPECT(&t, "parse.cert_table");
	f_done(&t);
	vs_collateral_free(&later);
	vs_evidence_cache_free(&cache);
	vs_evidence_cache_free(&cache);
}

/* More chains than slots: old ones give way, answers stay right. */
static void
test_cache_is_bounded(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_evidence_cache *cache = vs_evidence_cache_new(0);
	struct vs_buf der[12] = {{0}};
	struct f_leaf l;
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	t.cache = cache;
	f_report(&t, p, false);
	f_leaf_default(p, false, &l);
	for (size_t i = 0; i < VS_COUNT(der); i++)
		f_issue(p, false, &l, &der[i]); /* PSS: other bytes each */
	for (size_t i = 0; i < 4 * VS_COUNT(der); i++) {
		t.certs_n = 0;
		f_cert(&t, vs_buf_span(&der[i % VS_COUNT(der)]));
		f_cert(&t, vs_sim_ask(p));
		F_EXPECT(&t, NULL);
	}
	f_done(&t);
	for (size_t i = 0; i < VS_COUNT(der); i++)
		vs_buf_fini(&der[i]);
	vs_evidence_cache_free(&cache);
}

/* A genuine leaf and report, with a home-made root of AMD's name. */
static void
test_genuine_leaf_with_forged_root(void)
{
	static const char *const files[] = {"reports/milan-v3-routex.bin",
	    "certs/vcek-176f84a079b7.der", "roots/ask-milan.der"};
	struct vs_buf b[3] = {{0}};
	struct f_try t;

	if (check_vectors() == NULL)
		return;
	f_init(&t, amd_only);
	t.crl = VS_CRL_OFF;
	t.now = 1739568114;
	for (size_t i = 0; i < 3; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/sev-snp/%s", check_vectors(),
		    files[i]);
		CHECK_OK(vs_file_read(path, 65536, &b[i], &t.err), t.err);
	}
	memcpy(t.report, b[0].p, sizeof(t.report));
	f_cert(&t, vs_buf_span(&b[1]));
	f_cert(&t, vs_buf_span(&b[2]));
	F_EXPECT(&t, NULL);
	CHECK(!f_claim_true(&t, VS_CLAIM_TEE_SIMULATED));
	f_cert(&t, vs_sim_ark(f_pki(VS_SIM_MILAN)));
	F_EXPECT(&t, "chain.untrusted_root");
	/* Even where that root is trusted: it is not this chain's. */
	t.collateral = col[VS_SIM_MILAN];
	F_EXPECT(&t, "chain.untrusted_root");
	f_done(&t);
	for (size_t i = 0; i < 3; i++)
		vs_buf_fini(&b[i]);
}

int
main(void)
{
	amd_only = f_collateral(NULL, NULL, 0);
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		col[i] = f_collateral(f_pki((vs_sim_product)i), &f_good, 1);
	RUN(test_named_root_is_trusted_and_says_so);
	RUN(test_forged_pki_is_refused);
	RUN(test_namesake_of_a_named_root_is_refused);
	RUN(test_hints_must_be_the_chain);
	RUN(test_which_leaf);
	RUN(test_other_signer);
	RUN(test_product);
	RUN(test_dates);
	RUN(test_crl);
	RUN(test_crl_in_evidence);
	RUN(test_leaf_type);
	RUN(test_intermediate_must_be_an_authority);
	RUN(test_two_encodings_in_one_certificate);
	RUN(test_cache_gives_the_same_answers);
	RUN(test_cache_is_bounded);
	RUN(test_genuine_leaf_with_forged_root);
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		vs_collateral_free(&col[i]);
	vs_collateral_free(&amd_only);
	return check_result();
}
