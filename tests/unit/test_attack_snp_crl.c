/* SPDX-License-Identifier: Apache-2.0 */
/* What changes while a chain stays the same: revocation, and the cache of
 * verified chains in front of it. */
#include "snp_forge.h"

static struct vs_collateral *amd_only, *col;

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
	t.collateral = col;
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
	f_init(&t, col);
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
	t.collateral = col;
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
	static struct f_try t;

	f_init(&t, col);
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

int
main(void)
{
	amd_only = f_collateral(NULL, NULL, 0);
	col = f_collateral(f_pki(VS_SIM_MILAN), &f_good, 1);
	RUN(test_crl);
	RUN(test_crl_in_evidence);
	RUN(test_cache_gives_the_same_answers);
	RUN(test_cache_is_bounded);
	vs_collateral_free(&col);
	vs_collateral_free(&amd_only);
	return check_result();
}
