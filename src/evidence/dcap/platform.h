/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the certificates of a quote to an attestation key that an Intel
 * platform vouches for. What depends on the clock is not part of it and is
 * judged for every quote.
 */
#ifndef VS_EVIDENCE_DCAP_PLATFORM_H
#define VS_EVIDENCE_DCAP_PLATFORM_H

#include "evidence/dcap/pck.h"
#include "evidence/dcap/quote.h"
#include "evidence/evidence.h"

enum { VS_DCAP_CERTS_MAX = 3 }; /* PCK, its authority, the root */

/* Immutable, refcounted; borrows nothing. */
struct vs_dcap_platform {
	unsigned refs; /* changed with __atomic */
	struct vs_cert *pck, *ca;
	uint8_t anchor[VS_SHA256_SIZE]; /* of the anchor's certificate */
	struct vs_dcap_pck id;
	struct vs_pubkey *key; /* attestation key; NULL until vouched for */
};

/*
 * The PCK and its authority, under an anchor of trust: names, basic
 * constraints and signatures, not dates. The chain is the quote's own; for a
 * quote without one (types 1 to 4) it is in certs, PEM or DER, in any order.
 * Codes cert_data_type, chain_invalid, root_untrusted, pck_extension.
 */
VS_MUST_USE vs_status vs_dcap_platform_new(const struct vs_dcap_quote *q,
    const struct vs_span *certs, size_t certs_n, const struct vs_trust *trust,
    struct vs_dcap_platform **out, struct vs_err *err);
struct vs_dcap_platform *vs_dcap_platform_ref(struct vs_dcap_platform *p);
void vs_dcap_platform_free(struct vs_dcap_platform **p); /* one reference */

/* The anchor it is under, or NULL in a snapshot that does not have it. */
const struct vs_anchor *vs_dcap_platform_anchor(
    const struct vs_dcap_platform *p, const struct vs_trust *trust);

/* Dates and revocation. Codes cert_validity, cert_revoked, crl_missing,
 * crl_invalid, crl_expired. */
VS_MUST_USE vs_status vs_dcap_platform_judge(const struct vs_dcap_platform *p,
    const struct vs_trust *trust, const struct vs_anchor *anchor, int64_t now,
    struct vs_err *err);

/*
 * The PCK signed the report of the quoting enclave, which names the
 * attestation key; then p->key is set. Codes qe_report_signature,
 * attestation_key_binding. Which enclave it is is checked elsewhere.
 */
VS_MUST_USE vs_status vs_dcap_platform_vouch(struct vs_dcap_platform *p,
    const struct vs_dcap_quote *q, struct vs_err *err);

/* Names all that a platform depends on, dates aside. */
VS_MUST_USE vs_status vs_dcap_platform_key(const struct vs_dcap_quote *q,
    const struct vs_span *certs, size_t certs_n,
    const struct vs_collateral *collateral, uint8_t key[VS_SHA256_SIZE]);
/* A reference for the caller, or NULL; cache may be NULL. */
struct vs_dcap_platform *vs_dcap_platform_get(
    struct vs_evidence_cache *cache, const uint8_t key[VS_SHA256_SIZE]);
/* Only for platforms of quotes that passed every check. */
void vs_dcap_platform_put(struct vs_evidence_cache *cache,
    const uint8_t key[VS_SHA256_SIZE], struct vs_dcap_platform *p);

#endif
