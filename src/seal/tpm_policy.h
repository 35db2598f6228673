/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies of a TPM seal, computed as the TPM computes them (TPM 2.0
 * Library part 3): over memory alone, so that whoever signs new PCR values
 * needs no TPM.
 */
#ifndef VS_SEAL_TPM_POLICY_H
#define VS_SEAL_TPM_POLICY_H

#include "base/bytes.h"

enum {
	VS_TPM_PCRS = 24, /* PC Client platform profile */
	VS_TPM_PCR_MAX = 48,
	VS_TPM_DIGEST = 32, /* of policies: SHA-256 */
	VS_TPM_KEY = 64,    /* P-256: x, y */
	VS_TPM_SIG = 64,    /* r, s */
	VS_TPM_NAME = 34,
	VS_TPM_SHA256 = 0x000b, /* part 2, table 9 */
	VS_TPM_SHA384 = 0x000c,
};

/* What a signer of new values vouches for, apart from all else that the same
 * key may sign: the policyRef of PolicyAuthorize. */
#define VS_TPM_POLICY_REF "vouchsafe/v1 seal"

struct vs_tpm_pcrs {
	uint16_t bank; /* VS_TPM_SHA256, VS_TPM_SHA384 */
	size_t size;   /* of a value */
	uint32_t mask; /* bit n: PCR n is in */
	uint8_t value[VS_TPM_PCRS][VS_TPM_PCR_MAX];
};

bool vs_tpm_has(const struct vs_tpm_pcrs *p, unsigned n);
/* The size of a bank's values, 0 for one that we do not use. */
size_t vs_tpm_bank_size(uint16_t bank);
/* "sha256:7,11": at least one PCR, none twice. The values become zeros. */
VS_MUST_USE vs_status vs_tpm_pcrs_parse(
    const char *text, struct vs_tpm_pcrs *out, struct vs_err *err);

/* The public key of a PEM file (P-256, SubjectPublicKeyInfo). */
VS_MUST_USE vs_status vs_tpm_key_parse(
    struct vs_span pem, uint8_t key[VS_TPM_KEY], struct vs_err *err);
/* The TPM's name of that key as vs_tpm_approve loads it. */
VS_MUST_USE vs_status vs_tpm_key_name(
    const uint8_t key[VS_TPM_KEY], uint8_t name[VS_TPM_NAME]);

/* The PCRs hold these values. */
VS_MUST_USE vs_status vs_tpm_policy_pcrs(
    const struct vs_tpm_pcrs *p, uint8_t out[VS_TPM_DIGEST]);
/* Any policy that the key signed under VS_TPM_POLICY_REF. */
VS_MUST_USE vs_status vs_tpm_policy_signed(
    const uint8_t key[VS_TPM_KEY], uint8_t out[VS_TPM_DIGEST]);
/* One of the two. */
VS_MUST_USE vs_status vs_tpm_policy_either(const uint8_t a[VS_TPM_DIGEST],
    const uint8_t b[VS_TPM_DIGEST], uint8_t out[VS_TPM_DIGEST]);

/*
 * Signed policies, a text: one a line, 64 hex digits of policy, a blank, 128
 * of ECDSA (r, s) with SHA-256 over policy and VS_TPM_POLICY_REF. Lines that
 * begin with # are for people. Finds the signature for this policy; checks
 * nothing of it.
 */
VS_MUST_USE vs_status vs_tpm_signature_find(struct vs_span text,
    const uint8_t policy[VS_TPM_DIGEST], uint8_t sig[VS_TPM_SIG]);

#endif
