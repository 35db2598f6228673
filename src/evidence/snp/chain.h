/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the certificates in evidence to a signing key that a trust anchor
 * stands behind. What depends on the clock or on options is not part of a
 * built chain and is judged for every report.
 */
#ifndef VS_EVIDENCE_SNP_CHAIN_H
#define VS_EVIDENCE_SNP_CHAIN_H

#include "collateral/trust.h"
#include "evidence/evidence.h"
#include "evidence/snp/certs.h"
#include "evidence/snp/leaf.h"

/* Immutable, refcounted; borrows nothing from evidence or collateral. */
struct vs_snp_chain {
	unsigned refs; /* changed with __atomic */
	vs_snp_signer signer;
	vs_snp_product product; /* by the issuer's name */
	struct vs_pubkey *key;
	uint8_t spki_sha256[VS_SHA256_SIZE];
	struct vs_snp_leaf leaf;
	char anchor[VS_ANCHOR_NAME_MAX + 1];
	bool simulated;
	struct vs_validity leaf_validity, issuer_validity, root_validity;
	bool crl_held;    /* collateral has a list of the root */
	bool crl_revokes; /* and one of them names intermediate or root */
	int64_t crl_this_update, crl_next_update; /* of the newest */
	bool sent_crl_bad; /* the evidence's own lists: signature, content */
	bool sent_crl_revokes;
};

/*
 * collateral.missing, chain.untrusted_root, chain.signature,
 * chain.leaf_type; parse.cert_table for two leaves of the wanted kind.
 */
VS_MUST_USE vs_status vs_snp_chain_build(const struct vs_snp_certs *certs,
    vs_snp_signer wanted, const struct vs_trust *trust,
    struct vs_snp_chain **out, struct vs_err *err);

/* chain.expired, .not_yet_valid, .revoked, .crl_stale, .crl_missing (and
 * .signature for a forged list in the evidence). *crl is the claim tee.crl. */
VS_MUST_USE vs_status vs_snp_chain_judge(const struct vs_snp_chain *c,
    int64_t now, vs_crl_mode mode, const char **crl, struct vs_err *err);

struct vs_snp_chain *vs_snp_chain_ref(struct vs_snp_chain *c);
void vs_snp_chain_free(struct vs_snp_chain **c); /* drops one reference */

#endif
