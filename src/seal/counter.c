/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A counter in NV memory that only ever grows: also after it was deleted and
 * made anew, for a TPM starts a new one above every one that it ever had
 * (TPM 2.0 Library part 1, 37.2.4).
 */
#include "seal/tpm.h"

/* In the range of the owner (TCG registry of reserved handles, 2.2.2). */
enum { INDEX = 0x01815653 };

/* Anything but a counter could be set back by who may write to it. */
static vs_status
check(struct vs_tpm *t, ESYS_TR nv, struct vs_err *err)
{
	TPM2B_NV_PUBLIC *is = NULL;
	bool ok;

	VS_PASS(vs_tpm_rc(err, "looking at the counter",
	    Esys_NV_ReadPublic(t->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, &is, NULL)));
	ok = (is->nvPublic.attributes & TPMA_NV_TPM2_NT_MASK) >>
		TPMA_NV_TPM2_NT_SHIFT ==
	    TPM2_NT_COUNTER;
	Esys_Free(is);
	if (!ok)
		return vs_fail_code(err, VS_CONFLICT, "seal.tpm2.counter",
		    "what the TPM has at 0x%x is no counter: somebody put it "
		    "there",
		    INDEX);
	return VS_OK;
}

static vs_status
find(struct vs_tpm *t, ESYS_TR *out, struct vs_err *err)
{
	TSS2_RC rc = Esys_TR_FromTPMPublic(
	    t->esys, INDEX, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out);

	if (vs_tpm_rc_base(rc) == TPM2_RC_HANDLE)
		return vs_fail_code(err, VS_NOT_FOUND, "seal.tpm2.counter",
		    "the TPM has no counter of this broker");
	VS_PASS(vs_tpm_rc(err, "finding the counter", rc));
	return check(t, *out, err);
}

static vs_status
read_value(struct vs_tpm *t, ESYS_TR nv, uint64_t *out, struct vs_err *err)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	struct vs_rd in;
	vs_status st;

	VS_PASS(vs_tpm_rc(err, "reading the counter",
	    Esys_NV_Read(t->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE, sizeof *out, 0, &data)));
	in = vs_rd_of(VS_SPAN(data->buffer, data->size));
	st = vs_rd_u64be(&in, out);
	Esys_Free(data);
	return st == VS_OK ? VS_OK : vs_ctx(err, "counter", st);
}

static vs_status
bump(struct vs_tpm *t, ESYS_TR nv, uint64_t *out, struct vs_err *err)
{
	VS_PASS(vs_tpm_rc(err, "counting",
	    Esys_NV_Increment(t->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE)));
	return read_value(t, nv, out, err);
}

vs_status
vs_counter_read(const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	VS_AUTO(vs_tpm) *t = NULL;
	ESYS_TR nv = ESYS_TR_NONE;

	VS_PASS(vs_tpm_open(c, &t, err));
	VS_PASS(find(t, &nv, err));
	return read_value(t, nv, out, err);
}

vs_status
vs_counter_bump(const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	VS_AUTO(vs_tpm) *t = NULL;
	ESYS_TR nv = ESYS_TR_NONE;

	VS_PASS(vs_tpm_open(c, &t, err));
	VS_PASS(find(t, &nv, err));
	return bump(t, nv, out, err);
}

vs_status
vs_counter_define(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	static const TPM2B_AUTH no_password;
	const TPM2B_NV_PUBLIC want = {
	    .nvPublic = {.nvIndex = INDEX,
		.nameAlg = TPM2_ALG_SHA256,
		.attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD |
		    TPMA_NV_NO_DA | TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT,
		.dataSize = sizeof *out}};
	VS_AUTO(vs_tpm) *t = NULL;
	ESYS_TR nv = ESYS_TR_NONE;
	vs_status st;

	VS_PASS(vs_tpm_open(c, &t, err));
	st = find(t, &nv, err);
	if (st == VS_OK)
		return bump(t, nv, out, err);
	if (st != VS_NOT_FOUND)
		return st;
	VS_PASS(vs_tpm_rc(err, "making the counter",
	    Esys_NV_DefineSpace(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE, &no_password, &want, &nv)));
	return bump(t, nv, out, err);
}
