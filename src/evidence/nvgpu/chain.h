/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's certificates: made by its firmware (leaf), by its boot ROM's
 * key at provisioning (BROM), and three authorities, of which the last is
 * the root. The order is the one in which devices send them.
 */
#ifndef VS_EVIDENCE_NVGPU_CHAIN_H
#define VS_EVIDENCE_NVGPU_CHAIN_H

#include "collateral/nvidia.h"
#include "evidence/evidence.h"
#include "evidence/nvgpu/opaque.h"

enum {
	VS_NV_CHAIN_CERTS = 5,
	VS_NV_CHAIN_KEPT = 3,  /* that say something of the device */
	VS_NV_SERIAL_MAX = 20, /* RFC 5280 4.1.2.2 */
	VS_NV_CHAIN_MAX = 32 * 1024,
};

/* Immutable, refcounted; borrows nothing. Dates are judged each time. */
struct vs_nv_chain {
	unsigned refs;                           /* changed with __atomic */
	struct vs_cert *cert[VS_NV_CHAIN_CERTS]; /* NULL beyond those kept */
	struct vs_pubkey *key;                   /* the leaf's */
	struct vs_validity validity;             /* what all of them share */
	char anchor[VS_ANCHOR_NAME_MAX + 1];
	bool simulated; /* the root is the operator's */
	/* Of BROM and authorities: NVIDIA does not answer for leaves. */
	struct vs_nv_standing standing;
};

/* PEM text, leaf first: GPU_CHAIN, or GPU_REVOKED for a chain that is good but
 * for that; always VS_UNTRUSTED. */
VS_MUST_USE vs_status vs_nv_chain_build(struct vs_span pem,
    const struct vs_trust *trust, struct vs_nv_chain **out, struct vs_err *err);
struct vs_nv_chain *vs_nv_chain_ref(struct vs_nv_chain *c);
void vs_nv_chain_free(struct vs_nv_chain **c); /* drops one reference */

/* Chains that were verified, by their PEM text and the trust they were
 * verified under. cache may be NULL. Put only those of evidence that passed
 * every check: then a stranger cannot flush it. */
VS_MUST_USE vs_status vs_nv_chain_key(struct vs_span pem,
    const struct vs_collateral *c, uint8_t key[VS_SHA256_SIZE]);
struct vs_nv_chain *vs_nv_chain_get(
    struct vs_evidence_cache *cache, const uint8_t key[VS_SHA256_SIZE]);
void vs_nv_chain_put(struct vs_evidence_cache *cache,
    const uint8_t key[VS_SHA256_SIZE], struct vs_nv_chain *chain);

/* VS_UNTRUSTED, GPU_TIME. */
VS_MUST_USE vs_status vs_nv_chain_in_date(
    const struct vs_nv_chain *c, int64_t now, struct vs_err *err);

/* Certificates 0 (leaf) and 1 (BROM). */
const struct vs_cert_facts *vs_nv_chain_leaf(const struct vs_nv_chain *c);
const struct vs_cert_facts *vs_nv_chain_brom(const struct vs_nv_chain *c);
/* The last eight octets of the BROM's serial number. False: too short. */
bool vs_nv_chain_pdi(const struct vs_nv_chain *c, struct vs_nv_pdi *out);

#endif
