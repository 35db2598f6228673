/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verifier needs besides the evidence, as an immutable snapshot:
 * trust anchors, intermediate certificates, revocation lists.
 *
 * AMD's roots are pinned by the SHA-256 of their SubjectPublicKeyInfo; the
 * operator may add anchors by name, and nothing else can.
 */
#ifndef VS_COLLATERAL_COLLATERAL_H
#define VS_COLLATERAL_COLLATERAL_H

#include "base/buf.h"

struct vs_collateral; /* immutable once built, thread-safe, refcounted */
struct vs_collateral_builder;

/* Largest single file; a CRL with thousands of entries is far below. */
enum { VS_COLLATERAL_FILE_MAX = 1024 * 1024, VS_COLLATERAL_FILES_MAX = 2048 };

/* Starts with the built-in certificate authorities of AMD and Intel. */
struct vs_collateral_builder *vs_collateral_builder_new(void);
/* Starts with nothing: only what the operator names is trusted. */
struct vs_collateral_builder *vs_collateral_builder_bare(void);
void vs_collateral_builder_free(struct vs_collateral_builder **b);

/* A root certificate (DER or PEM) that the operator trusts by this name.
 * Evidence that chains to it yields tee.simulated == true. */
VS_MUST_USE vs_status vs_collateral_add_anchor(struct vs_collateral_builder *b,
    const char *name, struct vs_span cert, struct vs_err *err);

/*
 * One file as a vendor serves it: certificates, CRLs, Intel's TCB info and
 * QE identities, in the forms of collateral/parts.h; or the table of a
 * reference document of NVIDIA's, as collateral/nvidia.h has it. Each object
 * must verify up to an anchor already added, at any time (dates are judged at
 * appraisal); else VS_UNTRUSTED. Only the CRL of a PCK authority or of one of
 * NVIDIA's, and an OCSP response, may wait for the authority: each is verified
 * before use. label names the file in messages.
 */
VS_MUST_USE vs_status vs_collateral_add(struct vs_collateral_builder *b,
    const char *label, struct vs_span bytes, struct vs_err *err);
/* Every file of the directory, in name order, all certificates first; unknown
 * files are an error. */
VS_MUST_USE vs_status vs_collateral_add_dir(
    struct vs_collateral_builder *b, const char *dir, struct vs_err *err);

/* Consumes the builder's contents. One reference, for the caller. */
VS_MUST_USE vs_status vs_collateral_build(struct vs_collateral_builder *b,
    struct vs_collateral **out, struct vs_err *err);
struct vs_collateral *vs_collateral_ref(struct vs_collateral *c);
void vs_collateral_free(struct vs_collateral **c); /* drops one reference */

/* One row of `collateral status`. Borrowed from the snapshot. */
struct vs_collateral_item {
	const char *kind;    /* "root", "intermediate", "signer", "crl",
				"tcb-info", "qe-identity", "rim", "ocsp" */
	const char *name;    /* certificate CN or CRL issuer CN; platform:
				"TDX 00806f050000"; enclave: "TD QE"; id of
				a reference document; serial number that an
				OCSP response is about */
	const char *product; /* "Milan", "Intel", ... or the anchor's name */
	bool built_in;
	bool simulated;
	bool unverified; /* of an authority that comes with evidence */
	bool superseded; /* a newer one is here: its dates do not matter */
	uint32_t number; /* tcbEvaluationDataNumber of statements, else 0 */
	int64_t not_before, not_after; /* CRL: thisUpdate, nextUpdate */
	uint8_t sha256[32];            /* of the DER, the signed bytes, or a
					  rim's XML */
};
size_t vs_collateral_count(const struct vs_collateral *c);
const struct vs_collateral_item *vs_collateral_item(
    const struct vs_collateral *c, size_t i);
/* SHA-256 over all items: names a snapshot in the audit record. */
void vs_collateral_digest(const struct vs_collateral *c, uint8_t out[32]);

#endif
