/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/azure/tpm.h"

enum {
	TPM_ALG_SHA256 = 0x000b,
	TPM_ALG_RSASSA = 0x0014,
	TPM_ST_ATTEST_QUOTE = 0x8018,
	SELECT_SIZE = 3, /* bitmap of 24 PCRs */
	BANKS_MAX = 16,  /* TPM2_NUM_PCR_BANKS */
};
static const uint32_t tpm_generated = 0xff544347;

static vs_status
read_2b(struct vs_rd *in, struct vs_span *out)
{
	struct vs_rd rd = *in;
	uint16_t n;
	vs_status st = vs_rd_u16be(&rd, &n);

	if (st == VS_OK)
		st = vs_rd_bytes(&rd, n, out);
	if (st == VS_OK)
		*in = rd;
	return st;
}

/* One TPMS_PCR_SELECTION; true when it is SHA-256 and all 24 PCRs. */
static vs_status
read_selection(struct vs_rd *in, bool *all, struct vs_err *err)
{
	struct vs_span bits;
	uint16_t hash;
	uint8_t size;

	VS_TRY(err, "hash", vs_rd_u16be(in, &hash));
	VS_TRY(err, "sizeofSelect", vs_rd_u8(in, &size));
	VS_TRY(err, "pcrSelect", vs_rd_bytes(in, size, &bits));
	*all = hash == TPM_ALG_SHA256 && size == SELECT_SIZE &&
	    vs_span_equal(bits, VS_SPAN_LIT("\xff\xff\xff"));
	return VS_OK;
}

static vs_status
read_selections(struct vs_rd *in, bool *all, struct vs_err *err)
{
	uint32_t count;

	VS_TRY(err, "count", vs_rd_u32be(in, &count));
	if (count > BANKS_MAX)
		return vs_fail(err, VS_MALFORMED, "%u PCR banks", count);
	*all = false;
	for (uint32_t i = 0; i < count; i++)
		VS_TRY(err, "PCR selection", read_selection(in, all, err));
	*all = *all && count == 1;
	return VS_OK;
}

static vs_status
read_quote(struct vs_rd *in, struct vs_tpm_quote *q, struct vs_err *err)
{
	struct vs_span signer;
	uint32_t magic;
	uint16_t type;

	VS_TRY(err, "magic", vs_rd_u32be(in, &magic));
	VS_TRY(err, "type", vs_rd_u16be(in, &type));
	if (magic != tpm_generated || type != TPM_ST_ATTEST_QUOTE)
		return vs_fail(err, VS_MALFORMED, "not made by TPM2_Quote");
	VS_TRY(err, "qualifiedSigner", read_2b(in, &signer));
	VS_TRY(err, "extraData", read_2b(in, &q->extra_data));
	/* clock, resetCount, restartCount, safe */
	VS_TRY(err, "clockInfo", vs_rd_skip(in, 8 + 4 + 4 + 1));
	VS_TRY(err, "firmwareVersion", vs_rd_skip(in, 8));
	VS_TRY(err, "pcrSelect", read_selections(in, &q->all_sha256, err));
	VS_TRY(err, "pcrDigest", read_2b(in, &q->pcr_digest));
	VS_TRY(err, "end", vs_rd_end(in));
	return VS_OK;
}

vs_status
vs_tpm_quote_parse(
    struct vs_span attest, struct vs_tpm_quote *out, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(attest);
	struct vs_tpm_quote q = {0};

	VS_TRY(err, "TPMS_ATTEST", read_quote(&in, &q, err));
	*out = q;
	return VS_OK;
}

vs_status
vs_tpm_signature_parse(
    struct vs_span in, size_t rsa_size, struct vs_span *out, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(in);
	struct vs_span sig;
	uint16_t alg, hash;

	if (in.n == rsa_size) {
		*out = in;
		return VS_OK;
	}
	VS_TRY(err, "sigAlg", vs_rd_u16be(&rd, &alg));
	VS_TRY(err, "hash", vs_rd_u16be(&rd, &hash));
	if (alg != TPM_ALG_RSASSA || hash != TPM_ALG_SHA256)
		return vs_fail(err, VS_UNSUPPORTED,
		    "signature is not RSASSA with SHA-256");
	VS_TRY(err, "sig", read_2b(&rd, &sig));
	VS_TRY(err, "sig", vs_rd_end(&rd));
	*out = sig;
	return VS_OK;
}
