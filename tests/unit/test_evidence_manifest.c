/* SPDX-License-Identifier: Apache-2.0 */
/* Every real case and every mutation of the SEV-SNP manifest. */
#include "snp_want.h"

static struct vs_json *manifest;
static struct vs_collateral *amd;

static void
make_amd(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_err err = {0};

	if (CHECK(b != NULL))
		CHECK_OK(vs_collateral_build(b, &amd, &err), err);
	vs_collateral_builder_free(&b);
}

/* Uncached, then filling the cache, then from it: the same each time. */
static void
run_case(const struct vs_json *j)
{
	struct vs_evidence_cache *cache = vs_evidence_cache_new(8);
	struct v_case c;

	CHECK(cache != NULL);
	v_load(j, &c);
	for (int round = 0; round < 3; round++) {
		struct vs_evidence_options opt = {.collateral = amd,
		    .crl = VS_CRL_OFF,
		    .cache = round == 0 ? NULL : cache};
		struct vs_arena a;
		struct vs_claims claims;
		struct vs_err err;

		vs_arena_init(&a, 1 << 20);
		vs_claims_init(&claims, &a);
		if (!CHECK_OK(v_appraise(&c, &opt, &claims, &err), err))
			fprintf(stderr, "case %s\n", v_str(j, "id"));
		check_case_claims(&claims, j);
		check_azure_claims(&claims, j);
		want_str(&claims, VS_CLAIM_TEE_CRL, "off");
		opt.crl = VS_CRL_IF_PRESENT;
		CHECK_OK(v_appraise(&c, &opt, &claims, &err), err);
		want_str(&claims, VS_CLAIM_TEE_CRL, "absent");
		opt.crl = VS_CRL_REQUIRE;
		CHECK_INT(v_appraise(&c, &opt, &claims, &err), VS_UNTRUSTED);
		CHECK_STR(err.code, "chain.crl_missing");
		CHECK(!vs_claims_get(&claims, VS_CLAIM_TEE_KIND)->present);
		vs_arena_fini(&a);
	}
	v_fini(&c);
	vs_evidence_cache_free(&cache);
}

static void
test_every_case_verifies_with_its_claims(void)
{
	const struct vs_json *cases = vs_json_get(manifest, "cases");

	CHECK(vs_json_size(cases) >= 19);
	for (size_t i = 0; i < vs_json_size(cases); i++)
		run_case(vs_json_at(cases, i));
}

/* The altered root of "n-ark-resigned": its last signature byte changed. */
static bool
special(const char *id, struct v_case *c)
{
	if (strcmp(id, "n-ark-resigned") != 0)
		return false;
	c->part[V_ROOT].p[c->part[V_ROOT].n - 1] ^= 1;
	return true;
}

static bool
apply(const struct vs_json *m, struct v_case *c)
{
	const struct vs_json *ops = vs_json_get(m, "ops");

	if (special(v_str(m, "id"), c))
		return true;
	for (size_t i = 0; i < vs_json_size(ops); i++)
		if (!v_op(vs_json_at(ops, i), c))
			return false;
	return true;
}

/* Policy is not judged here: such evidence verifies. */
static bool
is_valid(const char *expect)
{
	return strcmp(expect, "valid") == 0 ||
	    strncmp(expect, "policy.", 7) == 0;
}

static void
run_mutation(const struct vs_json *m)
{
	const char *id = v_str(m, "id"), *expect = v_str(m, "expect");
	const struct vs_json *base =
	    v_find(manifest, "cases", v_str(m, "base"));
	struct vs_evidence_options opt = {.collateral = amd, .crl = VS_CRL_OFF};
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	struct v_case c;
	vs_status st;

	v_load(base, &c);
	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	if (!apply(m, &c)) {
		printf("     %s needs a forged PKI\n", id);
	} else {
		st = v_appraise(&c, &opt, &claims, &err);
		if (is_valid(expect))
			CHECK_OK(st, err);
		else if (!CHECK(v_expected(expect, err.code)) ||
		    !CHECK(st != VS_OK))
			fprintf(stderr, "%s: %s, want %s (%s)\n", id,
			    err.code ? err.code : "none", expect, err.msg);
		if (!is_valid(expect))
			CHECK_INT(vs_status_class(st),
			    strncmp(err.code ? err.code : "", "parse.", 6) == 0
				? VS_CLASS_MALFORMED
				: VS_CLASS_UNVERIFIED);
	}
	vs_arena_fini(&a);
	v_fini(&c);
}

static void
test_every_mutation_gives_its_class(void)
{
	const struct vs_json *all = vs_json_get(manifest, "mutations");

	CHECK(vs_json_size(all) >= 50);
	for (size_t i = 0; i < vs_json_size(all); i++)
		run_mutation(vs_json_at(all, i));
}

static void
run_structure(const char *id, struct vs_span certs, const char *code)
{
	const struct vs_json *j = v_find(manifest, "structure_only", id);
	struct vs_evidence_options opt = {.collateral = amd, .crl = VS_CRL_OFF};
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	struct v_case c = {.at = 1700000000};

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	v_part(&c, V_REPORT, v_str(j, "file"));
	vs_buf_add(&c.part[V_AUXBLOB], certs);
	c.has[V_AUXBLOB] = true;
	CHECK(v_appraise(&c, &opt, &claims, &err) != VS_OK);
	CHECK_STR(err.code, code);
	vs_arena_fini(&a);
	v_fini(&c);
}

static void
test_structure_only(void)
{
	struct vs_buf leaf = {0};

	run_structure("fake-v1", VS_SPAN(NULL, 0), "parse.version");
	/* The response is unwrapped, then the certificate is missing, or
	 * another chip's. */
	run_structure("msg-report-rsp", VS_SPAN(NULL, 0), "collateral.missing");
	v_read("certs/vcek-914363d8d0c9.der", &leaf);
	run_structure("msg-report-rsp", vs_buf_span(&leaf), "sig.report");
	vs_buf_fini(&leaf);
}

static void
appraise_with(const char *id, const char *certs, const char *code)
{
	struct vs_evidence_options opt = {.collateral = amd, .crl = VS_CRL_OFF};
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	struct v_case c;
	vs_status st;

	v_load(v_find(manifest, "cases", id), &c);
	for (int i = V_LEAF; i <= V_AUXBLOB; i++)
		c.has[i] = false;
	v_part(&c, V_AUXBLOB, certs);
	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	st = v_appraise(&c, &opt, &claims, &err);
	if (code == NULL)
		CHECK_OK(st, err);
	else
		CHECK_STR(err.code, code);
	vs_arena_fini(&a);
	v_fini(&c);
}

static void
test_forms_of_certificates(void)
{
	appraise_with("milan-v2-sidecar", "tables/azure-thim.json", NULL);
	appraise_with("milan-v2-sidecar", "certs/vcek-914363d8d0c9.der", NULL);
	appraise_with(
	    "milan-v2-sidecar", "roots/ark-milan.der", "chain.leaf_type");
	appraise_with(
	    "milan-v2-sidecar", "roots/ark-all.pem", "chain.leaf_type");
	/* A second certificate of the same key, fetched later. */
	appraise_with("milan-v3-tav", "certs/milan-v3-tav-alt.der", NULL);
	appraise_with("milan-v2-sidecar", "manifest.json", "parse.cert_table");
}

static void
test_report_data(void)
{
	struct vs_evidence_options opt = {.collateral = amd, .crl = VS_CRL_OFF};
	const struct vs_json *j = v_find(manifest, "cases", "genoa-v5-routex");
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	struct v_case c;

	v_load(j, &c);
	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	v_hex(vs_json_get(j, "claims"), "report_data", &c.report_data);
	CHECK_OK(v_appraise(&c, &opt, &claims, &err), err);
	want_bool(&claims, VS_CLAIM_TEE_BOUND, true);
	for (size_t i = 0; i < 64; i++) {
		c.report_data.p[i] ^= 0x80;
		CHECK(v_appraise(&c, &opt, &claims, &err) == VS_UNTRUSTED);
		CHECK_STR(err.code, "bind.report_data");
		c.report_data.p[i] ^= 0x80;
	}
	c.report_data.n = 63;
	CHECK(v_appraise(&c, &opt, &claims, &err) == VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.report_data");
	c.report_data.n = 64;
	vs_buf_add(&c.nonce, VS_SPAN_LIT("challenge"));
	CHECK(v_appraise(&c, &opt, &claims, &err) == VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.nonce");
	vs_arena_fini(&a);
	v_fini(&c);
}

static void
azure_code(const struct v_case *c, const char *code)
{
	struct vs_evidence_options opt = {.collateral = amd, .crl = VS_CRL_OFF};
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	st = v_appraise(c, &opt, &claims, &err);
	if (code == NULL)
		CHECK_OK(st, err);
	else
		CHECK_STR(err.code, code);
	if (code == NULL)
		want_bool(&claims, VS_CLAIM_TEE_BOUND, c->report_data.n > 0);
	vs_arena_fini(&a);
}

static void
test_azure_bindings(void)
{
	const uint8_t zeros[64] = {0};
	struct v_case c;

	v_load(v_find(manifest, "cases", "azure-milan-v3-ev1"), &c);
	vs_buf_add(&c.nonce, VS_SPAN_LIT("challenge"));
	azure_code(&c, NULL);
	/* user-data of this blob is 64 zero bytes. */
	vs_buf_add(&c.report_data, VS_SPAN_OF(zeros));
	azure_code(&c, NULL);
	c.report_data.p[63] = 1;
	azure_code(&c, "bind.report_data");
	c.report_data.n = 63;
	azure_code(&c, "bind.report_data");
	c.report_data.n = 0;
	/* Without a quote there is no nonce; with half a quote none either. */
	c.has[V_ATTEST] = c.has[V_SIG] = c.has[V_PCRS] = false;
	azure_code(&c, "bind.nonce");
	c.has[V_PCRS] = true;
	azure_code(&c, "tpm.signature");
	c.has[V_ATTEST] = true;
	azure_code(&c, "tpm.signature");
	c.has[V_SIG] = true;
	c.part[V_PCRS].n -= 32;
	azure_code(&c, "tpm.pcr_digest");
	v_fini(&c);
}

static void
test_azure_tpmt_signature(void)
{
	const uint8_t head[] = {0x00, 0x14, 0x00, 0x0b, 0x01, 0x00};
	struct vs_buf sig = {0};
	struct v_case c;

	v_load(v_find(manifest, "cases", "azure-milan-v3-ev1"), &c);
	vs_buf_add(&sig, VS_SPAN_OF(head));
	vs_buf_add(&sig, vs_buf_span(&c.part[V_SIG]));
	vs_buf_fini(&c.part[V_SIG]);
	c.part[V_SIG] = sig;
	azure_code(&c, NULL);
	for (size_t i = 0; i < sizeof(head); i++) {
		c.part[V_SIG].p[i] ^= 0x10;
		azure_code(&c, "tpm.signature");
		c.part[V_SIG].p[i] ^= 0x10;
	}
	for (size_t n = 0; n < 6 + 256; n++) {
		c.part[V_SIG].n = n;
		azure_code(&c, "tpm.signature");
	}
	v_fini(&c);
}

int
main(void)
{
	if (check_vectors() == NULL)
		return 77;
	make_amd();
	manifest = v_manifest();
	if (amd == NULL || manifest == NULL)
		return 1;
	RUN(test_every_case_verifies_with_its_claims);
	RUN(test_every_mutation_gives_its_class);
	RUN(test_structure_only);
	RUN(test_forms_of_certificates);
	RUN(test_report_data);
	RUN(test_azure_bindings);
	RUN(test_azure_tpmt_signature);
	vs_json_free(&manifest);
	vs_collateral_free(&amd);
	return check_result();
}
