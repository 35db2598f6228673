/* SPDX-License-Identifier: Apache-2.0 */
/* vs_evidence_appraise as a whole, against the vendors' roots: nothing that the
 * fuzzer makes may verify unless it is the genuine evidence of a seed, and
 * then it is not debuggable into something else. The first byte chooses the
 * kind, the next two the length of the report; certificates follow. */
#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vs_collateral *
amd(void)
{
	static struct vs_collateral *c;
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	if (c != NULL)
		return c;
	b = vs_collateral_builder_new();
	VS_ASSERT(b != NULL && vs_collateral_build(b, &c, &err) == VS_OK);
	vs_collateral_builder_free(&b);
	return c;
}

/* Seeds know the first two. */
static const vs_evidence_kind kinds[] = {VS_EVIDENCE_SNP, VS_EVIDENCE_AZ_SNP,
    VS_EVIDENCE_TDX, VS_EVIDENCE_SGX, VS_EVIDENCE_AZ_TDX};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN(data, size));
	struct vs_evidence_options opt = {
	    .collateral = amd(), .crl = VS_CRL_OFF, .now = 1750000000};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_input in = {.certs_n = 1};
	struct vs_span certs;
	struct vs_claims claims;
	struct vs_err err = {0};
	struct vs_arena a;
	uint16_t n;
	uint8_t kind;

	if (vs_rd_u8(&rd, &kind) != VS_OK || vs_rd_u16le(&rd, &n) != VS_OK ||
	    vs_rd_bytes(&rd, n, &in.report) != VS_OK)
		return 0;
	in.kind = kinds[kind % VS_COUNT(kinds)];
	certs = vs_rd_rest(&rd);
	in.certs = &certs;
	vs_arena_init(&a, 256 * 1024);
	vs_claims_init(&claims, &a);
	if (vs_evidence_appraise(&in, &expect, &opt, &claims, &err) == VS_OK)
		VS_ASSERT(!vs_claims_get(&claims, VS_CLAIM_TEE_SIMULATED)->u.b);
	else
		VS_ASSERT(!vs_claims_get(&claims, VS_CLAIM_TEE_KIND)->present);
	vs_arena_fini(&a);
	return 0;
}
