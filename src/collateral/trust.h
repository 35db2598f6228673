/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a snapshot that verifiers read: anchors, authorities under
 * them, revocation lists by them. */
#ifndef VS_COLLATERAL_TRUST_H
#define VS_COLLATERAL_TRUST_H

#include "collateral/collateral.h"
#include "crypto/ocsp.h"
#include "crypto/x509.h"
#include "crypto/x509_crl.h"

enum {
	VS_ANCHOR_NAME_MAX = 64,
	VS_ANCHORS_MAX = 32, /* the vendors', the rest for test roots */
	VS_ISSUERS_MAX = 256,
	VS_SIGNERS_MAX = 64, /* Intel has one, issued twice so far */
	VS_CRLS_MAX = 256,
	VS_PCK_CRLS_MAX = 64,
	VS_STATEMENTS_MAX = 256,
	VS_RIMS_MAX = 256,
	/* NVIDIA's authorities below its roots: lists, and answers about
	 * them and about each device of a fleet. */
	VS_NV_CRLS_MAX = 64,
	VS_NV_OCSPS_MAX = 1024,
};

struct vs_anchor {
	char name[VS_ANCHOR_NAME_MAX + 1];
	const char *product; /* built-in: "Milan", ...; else the name */
	bool built_in;       /* a vendor's; else the operator's, "simulated" */
	vs_sig_profile profile; /* of its key: everything below is like it */
	struct vs_cert *cert;
};

/* An intermediate authority that the anchor issued. */
struct vs_issuer {
	const struct vs_anchor *anchor;
	bool built_in;
	struct vs_cert *cert;
};

struct vs_anchor_crl {
	const struct vs_anchor *anchor;
	struct vs_crl *crl;
};

/* Of a PCK authority. ca is NULL when no such authority was known at load:
 * then the signature is yet to be verified. */
struct vs_pck_crl {
	const struct vs_issuer *ca;
	struct vs_crl *crl;
};

struct vs_intel_statement; /* TCB info or QE identity, and its signer */

struct vs_nv_rim; /* NVIDIA's reference values: collateral/nvidia.h */

struct vs_trust {
	struct vs_anchor anchors[VS_ANCHORS_MAX];
	struct vs_issuer issuers[VS_ISSUERS_MAX];
	struct vs_issuer signers[VS_SIGNERS_MAX]; /* of TCB info; no CAs */
	struct vs_anchor_crl crls[VS_CRLS_MAX];
	struct vs_pck_crl pck_crls[VS_PCK_CRLS_MAX];
	struct vs_intel_statement *statements[VS_STATEMENTS_MAX];
	struct vs_nv_rim *rims[VS_RIMS_MAX];
	/* Not verified yet: who signed them comes with what they are about.
	 * See vs_nv_standing. */
	struct vs_crl *nv_crls[VS_NV_CRLS_MAX];
	struct vs_ocsp *nv_ocsps[VS_NV_OCSPS_MAX];
	size_t anchors_n, issuers_n, signers_n, crls_n, pck_crls_n;
	size_t statements_n, rims_n, nv_crls_n, nv_ocsps_n;
};

/* Borrowed from the snapshot. */
const struct vs_trust *vs_collateral_trust(const struct vs_collateral *c);

/* The anchor that is this very certificate, or NULL. */
const struct vs_anchor *vs_trust_anchor_of(
    const struct vs_trust *t, const struct vs_cert *cert);
/* The known intermediate that is this very certificate, or NULL. */
const struct vs_issuer *vs_trust_issuer_of(
    const struct vs_trust *t, const struct vs_cert *cert);
/* The known TCB signer that is this very certificate, or NULL. */
const struct vs_issuer *vs_trust_signer_of(
    const struct vs_trust *t, const struct vs_cert *cert);
/* The anchor that issued this certificate by its profile (signature
 * verified), or NULL: then err says why the last candidate failed. */
const struct vs_anchor *vs_trust_find_anchor(
    const struct vs_trust *t, const struct vs_cert *cert, struct vs_err *err);

#endif
