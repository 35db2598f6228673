/* SPDX-License-Identifier: Apache-2.0 */
/* Real evidence, damaged in every place: it never verifies as something
 * else, and always fails with one of the known codes. */
#include "snp_vectors.h"

static struct vs_json *manifest;
static struct vs_collateral *amd;
static struct vs_evidence_cache *cache;

static const char *const codes[] = {"parse.size", "parse.version",
    "parse.sig_algo", "parse.reserved", "parse.sig_padding", "parse.policy",
    "parse.product", "parse.cert_table", "parse.hcl", "parse.hcl_hash",
    "parse.hcl_type", "collateral.missing", "chain.untrusted_root",
    "chain.signature", "chain.leaf_type", "chain.expired",
    "chain.not_yet_valid", "bind.signer", "bind.product", "sig.report",
    "bind.tcb", "bind.chip_id", "bind.report_data", "bind.nonce",
    "bind.hcl_runtime_data", "tpm.signature", "tpm.attest", "tpm.pcr_digest"};

static bool
known(const char *code)
{
	for (size_t i = 0; code != NULL && i < VS_COUNT(codes); i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

/* The code, or "ok"; digest gets tee.evidence_digest. */
static const char *
code_of(const struct v_case *c, char digest[65])
{
	struct vs_evidence_options opt = {
	    .collateral = amd, .cache = cache, .crl = VS_CRL_OFF};
	const struct vs_claim_value *v;
	struct vs_claims claims;
	struct vs_arena a;
	struct vs_err err;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	st = v_appraise(c, &opt, &claims, &err);
	v = vs_claims_get(&claims, VS_CLAIM_TEE_EVIDENCE_DIGEST);
	CHECK_INT(v->present, st == VS_OK);
	digest[0] = '\0';
	if (v->present)
		snprintf(digest, 65, "%.*s", VS_SPAN_ARG(v->u.s));
	vs_arena_fini(&a);
	if (st == VS_OK)
		return "ok";
	if (!CHECK(known(err.code)))
		fprintf(stderr, "%s\n", err.msg);
	return err.code;
}

static void
load(const char *id, struct v_case *c)
{
	v_load(v_find(manifest, "cases", id), c);
}

/* Flips bits of one part; `ok` counts what still verified, which must be the
 * same evidence. step 1: every bit; 8: one bit of every byte. */
static size_t
flip(const char *id, int part, size_t from, size_t to, size_t step)
{
	char want[65], have[65];
	struct v_case c;
	size_t ok = 0;

	load(id, &c);
	CHECK_STR(code_of(&c, want), "ok");
	for (size_t bit = 8 * from; bit < 8 * to; bit += step) {
		size_t b = step == 1 ? bit : bit + bit / 8 % 8;

		c.part[part].p[b / 8] ^= (uint8_t)(1 << b % 8);
		if (strcmp(code_of(&c, have), "ok") == 0) {
			ok++;
			CHECK_STR(have, want);
		}
		c.part[part].p[b / 8] ^= (uint8_t)(1 << b % 8);
	}
	v_fini(&c);
	return ok;
}

static void
test_every_bit_of_a_report(void)
{
	CHECK_INT(flip("genoa-v5-routex", V_REPORT, 0, 0x4a0, 1), 0);
}

static void
test_bits_of_other_reports(void)
{
	CHECK_INT(flip("turin-v5-oak", V_REPORT, 0, 0x4a0, 8), 0);
	CHECK_INT(flip("milan-v2-trustee", V_REPORT, 0, 0x4a0, 8), 0);
	CHECK_INT(flip("milan-v3-vlek-trustee", V_REPORT, 0, 0x4a0, 8), 0);
}

static void
test_every_truncation_of_a_report(void)
{
	char have[65];
	struct v_case c;

	load("genoa-v5-routex", &c);
	for (size_t n = 0; n < 0x4a0; n++) {
		c.part[V_REPORT].n = n;
		CHECK_STR(code_of(&c, have), "parse.size");
	}
	c.part[V_REPORT].n = 0x4a0;
	vs_buf_add(&c.part[V_REPORT], VS_SPAN_LIT("\0"));
	CHECK_STR(code_of(&c, have), "parse.size");
	v_fini(&c);
}

/* A firmware response whose head is damaged. */
static void
test_firmware_response(void)
{
	uint8_t rsp[4001] = {0};
	char have[65];
	struct v_case c;

	load("genoa-v5-routex", &c);
	rsp[4] = 0xa0;
	rsp[5] = 0x04;
	memcpy(rsp + 32, c.part[V_REPORT].p, 0x4a0);
	vs_buf_reset(&c.part[V_REPORT]);
	vs_buf_add(&c.part[V_REPORT], VS_SPAN(rsp, 4001));
	CHECK_STR(code_of(&c, have), "parse.size");
	c.part[V_REPORT].n = 4000;
	CHECK_STR(code_of(&c, have), "ok");
	c.part[V_REPORT].n = 32 + 0x4a0;
	CHECK_STR(code_of(&c, have), "ok");
	for (size_t bit = 0; bit < 8 * 32; bit++) {
		c.part[V_REPORT].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_STR(code_of(&c, have), "parse.size");
		c.part[V_REPORT].p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	c.part[V_REPORT].n = 4000;
	c.part[V_REPORT].p[3999] = 1;
	CHECK_STR(code_of(&c, have), "parse.size");
	v_fini(&c);
}

/* Certificates: whatever still verifies is the same evidence. The hints may
 * be damaged where it does not show (white space of PEM, unknown GUIDs). */
static void
test_certificates(void)
{
	struct v_case c;
	size_t n;

	load("genoa-v3-configfs-tsm", &c);
	n = c.part[V_AUXBLOB].n;
	(void)flip("genoa-v3-configfs-tsm", V_AUXBLOB, 0, 96, 1);
	(void)flip("genoa-v3-configfs-tsm", V_AUXBLOB, 96, n, 64);
	v_fini(&c);
	load("milan-v3-routex", &c);
	n = c.part[V_LEAF].n;
	CHECK_INT(flip("milan-v3-routex", V_LEAF, 0, n, 8), 0);
	n = c.part[V_INTERMEDIATE].n;
	CHECK_INT(flip("milan-v3-routex", V_INTERMEDIATE, 0, n, 40), 0);
	n = c.part[V_ROOT].n;
	CHECK_INT(flip("milan-v3-routex", V_ROOT, 0, n, 40), 0);
	v_fini(&c);
}

static void
truncate_part(const char *id, int part, size_t step)
{
	char have[65];
	struct v_case c;
	size_t full;

	load(id, &c);
	full = c.part[part].n;
	for (size_t n = 1; n < full; n += step) {
		c.part[part].n = n;
		CHECK(strcmp(code_of(&c, have), "ok") != 0);
	}
	v_fini(&c);
}

static void
test_truncated_certificates(void)
{
	truncate_part("milan-v3-routex", V_LEAF, 1);
	truncate_part("genoa-v3-configfs-tsm", V_AUXBLOB, 7);
}

static void
test_hcl(void)
{
	const char *id = "azure-milan-v3-ev1";
	/* The header is not signed: version 1 or 2 and two sizes are free. */
	size_t head = flip(id, V_HCL, 0, 32, 1);

	CHECK(head <= 32 + 1);
	CHECK_INT(flip(id, V_HCL, 32, 1216, 8), 0);
	CHECK(flip(id, V_HCL, 1216, 1236, 1) <= 32); /* data version */
	CHECK_INT(flip(id, V_HCL, 1236, 1236 + 1110, 8), 0);
	CHECK_INT(flip(id, V_HCL, 1236 + 1110, 2600, 8), 0);
}

static void
test_quote(void)
{
	const char *id = "azure-milan-v3-ev1";

	CHECK_INT(flip(id, V_ATTEST, 0, 122, 1), 0);
	CHECK_INT(flip(id, V_SIG, 0, 256, 8), 0);
	CHECK_INT(flip(id, V_PCRS, 0, 768, 8), 0);
}

static void
test_json(void)
{
	struct v_case c;
	size_t n;

	load("genoa-v3-siena-coco", &c);
	n = c.part[V_JSON].n;
	v_fini(&c);
	(void)flip("genoa-v3-siena-coco", V_JSON, 0, n, 8);
	truncate_part("genoa-v3-siena-coco", V_JSON, 3);
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	if (check_vectors() == NULL)
		return 77;
	b = vs_collateral_builder_new();
	cache = vs_evidence_cache_new(64);
	manifest = v_manifest();
	if (b == NULL || cache == NULL || manifest == NULL ||
	    !CHECK_OK(vs_collateral_build(b, &amd, &err), err))
		return 1;
	vs_collateral_builder_free(&b);
	RUN(test_every_bit_of_a_report);
	RUN(test_bits_of_other_reports);
	RUN(test_every_truncation_of_a_report);
	RUN(test_firmware_response);
	RUN(test_certificates);
	RUN(test_truncated_certificates);
	RUN(test_hcl);
	RUN(test_quote);
	RUN(test_json);
	vs_json_free(&manifest);
	vs_evidence_cache_free(&cache);
	vs_collateral_free(&amd);
	return check_result();
}
