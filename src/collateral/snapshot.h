/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of snapshot and builder, for collateral/ only. */
#ifndef VS_COLLATERAL_SNAPSHOT_H
#define VS_COLLATERAL_SNAPSHOT_H

#include <stdatomic.h>

#include "collateral/trust.h"

enum {
	VS_ITEMS_MAX = VS_ANCHORS_MAX + VS_ISSUERS_MAX + VS_SIGNERS_MAX +
	    VS_CRLS_MAX + VS_PCK_CRLS_MAX + VS_STATEMENTS_MAX + VS_RIMS_MAX +
	    VS_NV_CRLS_MAX + VS_NV_OCSPS_MAX
};

struct vs_collateral {
	atomic_uint refs;
	struct vs_trust trust;
	struct vs_collateral_item items[VS_ITEMS_MAX];
	size_t items_n;
	uint8_t digest[VS_SHA256_SIZE];
};

struct vs_collateral_builder {
	struct vs_collateral *c; /* NULL once built */
};

/* Each takes ownership of cert or crl on success only. */
VS_MUST_USE vs_status vs_trust_add_anchor(struct vs_trust *t, const char *name,
    const char *product, struct vs_cert **cert, struct vs_err *err);
VS_MUST_USE vs_status vs_trust_add_issuer(struct vs_trust *t,
    const struct vs_anchor *anchor, bool built_in, struct vs_cert **cert,
    struct vs_err *err);
VS_MUST_USE vs_status vs_trust_add_signer(struct vs_trust *t,
    const struct vs_anchor *anchor, bool built_in, struct vs_cert **cert,
    struct vs_err *err);
VS_MUST_USE vs_status vs_trust_add_pck_crl(struct vs_trust *t,
    const struct vs_issuer *ca, struct vs_crl **crl, struct vs_err *err);
VS_MUST_USE vs_status vs_trust_add_crl(struct vs_trust *t,
    const struct vs_anchor *anchor, struct vs_crl **crl, struct vs_err *err);

/* AMD's authorities, checked against the pins given: separate so that a test
 * can show that the pin decides. */
struct vs_amd_ca;
struct vs_amd_pin;
VS_MUST_USE vs_status vs_trust_add_amd(struct vs_trust *t,
    const struct vs_amd_ca *cas, const struct vs_amd_pin *pins,
    struct vs_err *err);

/* Intel's, likewise. */
struct vs_intel_ca;
struct vs_intel_pin;
VS_MUST_USE vs_status vs_trust_add_intel(struct vs_trust *t,
    const struct vs_intel_ca *cas, const struct vs_intel_pin *pins,
    struct vs_err *err);

/* Fills items and digest. */
VS_MUST_USE vs_status vs_snapshot_seal(struct vs_collateral *c);
void vs_snapshot_destroy(struct vs_collateral *c);

#endif
