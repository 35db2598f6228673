/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/tpm.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_tctildr.h>

static const char default_tcti[] = "device:/dev/tpmrm0";

unsigned
vs_tpm_rc_base(TSS2_RC rc)
{
	/* part 2, 6.6: format one carries a number in bits 8 to 11 and 6 */
	return (rc & TPM2_RC_FMT1) != 0 ? rc & 0xbf : rc & 0xfff;
}

vs_status
vs_tpm_rc(struct vs_err *err, const char *what, TSS2_RC rc)
{
	const bool from_tpm = (rc & TSS2_RC_LAYER_MASK) == 0;
	const unsigned base = vs_tpm_rc_base(rc);
	const char *why = "";

	if (rc == TSS2_RC_SUCCESS)
		return VS_OK;
	if (from_tpm && (base == TPM2_RC_BAD_AUTH || base == TPM2_RC_AUTH_FAIL))
		why = "; the TPM's owner hierarchy must have no password";
	else if (from_tpm && base == TPM2_RC_LOCKOUT)
		why = "; the TPM is locked out after wrong passwords";
	else if (from_tpm && base == TPM2_RC_INTEGRITY)
		why = "; the seal is damaged, or made in another TPM";
	return vs_fail_code(err, VS_SEALED, "seal.tpm2",
	    "%s failed: TPM error 0x%x%s", what, (unsigned)rc, why);
}

vs_status
vs_tpm_open(
    const struct vs_seal_conf *c, struct vs_tpm **out, struct vs_err *err)
{
	const char *tcti = c->tpm2.tcti != NULL ? c->tpm2.tcti : default_tcti;
	VS_AUTO(vs_tpm) *t = vs_calloc(1, sizeof *t);
	TSS2_RC rc;

	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "TPM");
	t->parent = t->session = ESYS_TR_NONE;
	rc = Tss2_TctiLdr_Initialize(tcti, &t->tcti);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Initialize(&t->esys, t->tcti, NULL);
	if (rc != TSS2_RC_SUCCESS)
		return vs_fail_code(err, VS_SEALED, "seal.tpm2",
		    "no TPM at %.80s (error 0x%x): is it there, and may this "
		    "user open it?",
		    tcti, (unsigned)rc);
	*out = VS_TAKE(t);
	return VS_OK;
}

void
vs_tpm_free(struct vs_tpm **t)
{
	if (*t == NULL)
		return;
	while ((*t)->esys != NULL && (*t)->held_n > 0)
		(void)Esys_FlushContext(
		    (*t)->esys, (*t)->held[--(*t)->held_n]); /* or gone */
	Esys_Finalize(&(*t)->esys);
	Tss2_TctiLdr_Finalize(&(*t)->tcti);
	free(*t);
	*t = NULL;
}

void
vs_tpm_hold(struct vs_tpm *t, ESYS_TR handle)
{
	VS_ASSERT(t->held_n < VS_COUNT(t->held));
	t->held[t->held_n++] = handle;
}

vs_status
vs_tpm_parent(struct vs_tpm *t, uint8_t name[VS_TPM_NAME], struct vs_err *err)
{
	static const TPM2B_SENSITIVE_CREATE none;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION no_pcrs;
	/* TCG TPM v2.0 Provisioning Guidance 7.5.1, template H-2. */
	const TPM2B_PUBLIC template = {
	    .publicArea = {.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM |
		    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
		    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
		    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {.symmetric = {TPM2_ALG_AES,
					     .keyBits.aes = 128,
					     .mode.aes = TPM2_ALG_CFB},
		    .scheme.scheme = TPM2_ALG_NULL,
		    .curveID = TPM2_ECC_NIST_P256,
		    .kdf.scheme = TPM2_ALG_NULL},
		.unique.ecc = {.x.size = 32, .y.size = 32}}};
	TPM2B_NAME *got = NULL;

	VS_PASS(vs_tpm_rc(err, "making the storage key",
	    Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE, &none, &template, &outside,
		&no_pcrs, &t->parent, NULL, NULL, NULL, NULL)));
	vs_tpm_hold(t, t->parent);
	VS_PASS(vs_tpm_rc(err, "naming the storage key",
	    Esys_TR_GetName(t->esys, t->parent, &got)));
	if (got->size != VS_TPM_NAME) {
		Esys_Free(got);
		return vs_fail(err, VS_INTERNAL, "name of the storage key");
	}
	memcpy(name, got->name, VS_TPM_NAME);
	Esys_Free(got);
	return VS_OK;
}

vs_status
vs_tpm_session(struct vs_tpm *t, TPM2_SE type, struct vs_err *err)
{
	const TPMT_SYM_DEF aes = {.algorithm = TPM2_ALG_AES,
	    .keyBits.aes = 128,
	    .mode.aes = TPM2_ALG_CFB};
	const TPMA_SESSION crypt = TPMA_SESSION_CONTINUESESSION |
	    (type == TPM2_SE_POLICY ? TPMA_SESSION_ENCRYPT
				    : TPMA_SESSION_DECRYPT);

	VS_PASS(vs_tpm_rc(err, "starting a session",
	    Esys_StartAuthSession(t->esys, t->parent, ESYS_TR_NONE,
		ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, type, &aes,
		TPM2_ALG_SHA256, &t->session)));
	vs_tpm_hold(t, t->session);
	return vs_tpm_rc(err, "a session",
	    Esys_TRSess_SetAttributes(t->esys, t->session, crypt, 0xff));
}

TPML_PCR_SELECTION
vs_tpm_selection(const struct vs_tpm_pcrs *p)
{
	const TPML_PCR_SELECTION s = {.count = 1,
	    .pcrSelections = {{.hash = p->bank,
		.sizeofSelect = 3,
		.pcrSelect = {(BYTE)p->mask, (BYTE)(p->mask >> 8),
		    (BYTE)(p->mask >> 16)}}}};

	return s;
}

/* Takes the values that one call gave; a call gives eight at most. */
static bool
take_values(struct vs_tpm_pcrs *p, uint32_t *left,
    const TPML_PCR_SELECTION *got, const TPML_DIGEST *values)
{
	uint32_t i = 0;

	if (got->count != 1 || got->pcrSelections[0].hash != p->bank ||
	    got->pcrSelections[0].sizeofSelect < 3)
		return false;
	for (unsigned n = 0; n < VS_TPM_PCRS; n++) {
		if ((got->pcrSelections[0].pcrSelect[n / 8] >> n % 8 & 1) == 0)
			continue;
		if ((*left >> n & 1) == 0 || i == values->count ||
		    values->digests[i].size != p->size)
			return false;
		memcpy(p->value[n], values->digests[i++].buffer, p->size);
		*left &= ~(UINT32_C(1) << n);
	}
	return i > 0;
}

vs_status
vs_tpm_read_pcrs(struct vs_tpm *t, struct vs_tpm_pcrs *p, struct vs_err *err)
{
	struct vs_tpm_pcrs ask = *p;

	while (ask.mask != 0) {
		const TPML_PCR_SELECTION want = vs_tpm_selection(&ask);
		TPML_PCR_SELECTION *got = NULL;
		TPML_DIGEST *values = NULL;
		bool ok;

		VS_PASS(vs_tpm_rc(err, "reading the PCRs",
		    Esys_PCR_Read(t->esys, ESYS_TR_NONE, ESYS_TR_NONE,
			ESYS_TR_NONE, &want, NULL, &got, &values)));
		ok = take_values(p, &ask.mask, got, values);
		Esys_Free(got);
		Esys_Free(values);
		if (!ok)
			return vs_fail_code(err, VS_SEALED, "seal.tpm2",
			    "the TPM has no such PCRs: is this bank in use?");
	}
	return VS_OK;
}

vs_status
vs_tpm_load_signer(struct vs_tpm *t, const uint8_t key[VS_TPM_KEY],
    ESYS_TR *out, struct vs_err *err)
{
	TPM2B_PUBLIC p = {
	    .publicArea = {.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes =
		    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
		    .scheme = {TPM2_ALG_ECDSA,
			.details.ecdsa.hashAlg = TPM2_ALG_SHA256},
		    .curveID = TPM2_ECC_NIST_P256,
		    .kdf.scheme = TPM2_ALG_NULL},
		.unique.ecc = {.x.size = 32, .y.size = 32}}};
	ESYS_TR handle = ESYS_TR_NONE;

	memcpy(p.publicArea.unique.ecc.x.buffer, key, 32);
	memcpy(p.publicArea.unique.ecc.y.buffer, key + 32, 32);
	VS_PASS(vs_tpm_rc(err, "loading the signer's key",
	    Esys_LoadExternal(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		NULL, &p, ESYS_TR_RH_OWNER, &handle)));
	vs_tpm_hold(t, handle);
	*out = handle;
	return VS_OK;
}
