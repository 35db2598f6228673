/* SPDX-License-Identifier: Apache-2.0 */
/* Forged chains: roots, intermediates, dates, and reports that another key
 * signed. */
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
	static struct f_try t;

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

/* A genuine leaf and report, with a home-made root of AMD's name. */
static void
test_genuine_leaf_with_forged_root(void)
{
	static const char *const files[] = {"reports/milan-v3-routex.bin",
	    "certs/vcek-176f84a079b7.der", "roots/ask-milan.der"};
	struct vs_buf b[3] = {{0}};
	static struct f_try t;

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
	RUN(test_leaf_type);
	RUN(test_intermediate_must_be_an_authority);
	RUN(test_two_encodings_in_one_certificate);
	RUN(test_genuine_leaf_with_forged_root);
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		vs_collateral_free(&col[i]);
	vs_collateral_free(&amd_only);
	return check_result();
}
