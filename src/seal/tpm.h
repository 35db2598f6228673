/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to a TPM 2.0, through ESAPI over any TCTI, and the few
 * commands that the seal needs. At most one thread.
 */
#ifndef VS_SEAL_TPM_H
#define VS_SEAL_TPM_H

#include <tss2/tss2_esys.h>

#include "base/secret.h"
#include "seal/backend.h"
#include "seal/tpm_policy.h"

struct vs_tpm {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR parent;  /* the storage primary */
	ESYS_TR session; /* salted by it; encrypts what crosses the bus */
	/* What the TPM holds for us, flushed at the end. */
	ESYS_TR held[4];
	size_t held_n;
};

VS_MUST_USE vs_status vs_tpm_open(
    const struct vs_seal_conf *c, struct vs_tpm **out, struct vs_err *err);
/* Leaves nothing behind in the TPM. */
void vs_tpm_free(struct vs_tpm **t);

/* VS_OK, or VS_SEALED with what was tried and what the TPM answered. */
VS_MUST_USE vs_status vs_tpm_rc(
    struct vs_err *err, const char *what, TSS2_RC rc);
/* The code without what it says about parameter, handle or session. */
unsigned vs_tpm_rc_base(TSS2_RC rc);
void vs_tpm_hold(struct vs_tpm *t, ESYS_TR handle);

/* The storage primary: derived from the TPM's seed by the template of TCG
 * EK/SRK practice for P-256, the same at every call until the TPM is cleared.
 * name receives its name. */
VS_MUST_USE vs_status vs_tpm_parent(
    struct vs_tpm *t, uint8_t name[VS_TPM_NAME], struct vs_err *err);
/* type: TPM2_SE_HMAC or TPM2_SE_POLICY. After vs_tpm_parent. */
VS_MUST_USE vs_status vs_tpm_session(
    struct vs_tpm *t, TPM2_SE type, struct vs_err *err);
/* Reads the values of the PCRs that p names. */
VS_MUST_USE vs_status vs_tpm_read_pcrs(
    struct vs_tpm *t, struct vs_tpm_pcrs *p, struct vs_err *err);
TPML_PCR_SELECTION vs_tpm_selection(const struct vs_tpm_pcrs *p);

/* Loads the key of a signer; VS_SEALED when it is no point of the curve. */
VS_MUST_USE vs_status vs_tpm_load_signer(struct vs_tpm *t,
    const uint8_t key[VS_TPM_KEY], ESYS_TR *out, struct vs_err *err);

#endif
