/* SPDX-License-Identifier: Apache-2.0 */
/* Statements as a snapshot holds them, for collateral/ only. */
#ifndef VS_COLLATERAL_INTEL_HELD_H
#define VS_COLLATERAL_INTEL_HELD_H

#include "base/arena.h"
#include "collateral/intel.h"

#define VS_INTEL_SIGNER_CN "Intel SGX TCB Signing"
#define VS_INTEL_PLATFORM_CN "Intel SGX PCK Platform CA"
#define VS_INTEL_PROCESSOR_CN "Intel SGX PCK Processor CA"

enum { VS_INTEL_NAME_MAX = 32 };

/* Verified under the anchor when it was made. */
struct vs_intel_statement {
	struct vs_arena arena; /* of the arrays below */
	const struct vs_anchor *anchor;
	/* A key, not a certificate: Intel issues those again. */
	uint8_t signer_spki[VS_SHA256_SIZE];
	uint8_t sha256[VS_SHA256_SIZE]; /* of the signed bytes */
	char name[VS_INTEL_NAME_MAX];   /* "TDX 00806f050000", "TD QE" */
	bool is_identity;
	union {
		struct vs_intel_tcb_info info;
		struct vs_intel_identity identity;
	} u;
};

/*
 * Reads a body as Intel's service sends it, {"tcbInfo": ..., "signature":
 * ...} or the same with enclaveIdentity, and verifies it with the signers of
 * t. Nothing of the text is parsed before its signature was verified. Codes
 * tcb_info_malformed, tcb_info_signature, qe_identity_malformed,
 * qe_identity_signature.
 */
VS_MUST_USE vs_status vs_intel_statement_new(const struct vs_trust *t,
    struct vs_span body, struct vs_intel_statement **out, struct vs_err *err);
void vs_intel_statement_free(struct vs_intel_statement **s);
/* The text looks like one. */
bool vs_intel_is_statement(struct vs_span body);

struct vs_intel_dates {
	int64_t issue_date, next_update;
	uint32_t number;
	vs_intel_tee tee;
};
struct vs_intel_dates vs_intel_dates_of(const struct vs_intel_statement *s);
/* Speak of the same thing, so that the newer replaces the older. */
bool vs_intel_same_subject(
    const struct vs_intel_statement *a, const struct vs_intel_statement *b);
/* Of the same subject: by number, then by date of issue. */
bool vs_intel_newer(
    const struct vs_intel_statement *a, const struct vs_intel_statement *b);

/* Adding to a snapshot; a duplicate is VS_OK. */
VS_MUST_USE vs_status vs_trust_add_statement(
    struct vs_trust *t, struct vs_span body, struct vs_err *err);
/* A certificate under an anchor of Intel's shape: TCB signer or PCK
 * authority. Code chain_invalid. */
VS_MUST_USE vs_status vs_trust_add_intel_cert(struct vs_trust *t,
    const struct vs_anchor *anchor, struct vs_cert **cert, bool built_in,
    struct vs_err *err);
bool vs_intel_is_pck_ca(const char *cn);
/* Held also when no known authority signed it: see vs_intel_pck_crl. */
VS_MUST_USE vs_status vs_trust_hold_pck_crl(
    struct vs_trust *t, struct vs_crl **crl, struct vs_err *err);

#endif
