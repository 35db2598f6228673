/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvouchsafe: verify the evidence of a confidential VM and judge it by
 * policy. What a client embeds to check its peer before it sends a secret.
 *
 * The library does no I/O, reads no clock and keeps no global state: bytes,
 * collateral and time come from the caller. A verifier is filled by one
 * thread; afterwards any number of threads may appraise with it.
 *
 * What it does NOT do: obtain evidence, fetch certificates or revocation
 * lists, or keep track of nonces. Freshness is yours: put a nonce of your own
 * into the report data that you expect (see expected_report_data).
 */
#ifndef VOUCHSAFE_VOUCHSAFE_H
#define VOUCHSAFE_VOUCHSAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VOUCHSAFE_API __attribute__((visibility("default")))

struct vouchsafe_verifier;
struct vouchsafe_appraisal;

/* Why a call failed, for people. Lives in the caller. */
struct vouchsafe_error {
	char message[256];
};

/*
 * A verifier that knows AMD's and Intel's certificate authorities and no
 * policy. NULL without memory. Free with vouchsafe_verifier_free, which accepts
 * NULL.
 */
VOUCHSAFE_API struct vouchsafe_verifier *vouchsafe_verifier_new(void);
VOUCHSAFE_API void vouchsafe_verifier_free(struct vouchsafe_verifier *v);

/*
 * Trusts one more root certificate (DER or PEM) under a name of 1 to 64
 * bytes. Evidence that chains to it has the claim tee.simulated. Refused
 * after vouchsafe_verifier_seal.
 */
VOUCHSAFE_API bool vouchsafe_verifier_add_anchor(struct vouchsafe_verifier *v,
    const char *name, const uint8_t *cert, size_t len,
    struct vouchsafe_error *error);

/*
 * Adds an intermediate certificate or a revocation list as the vendor serves
 * it (DER or PEM), or Intel's TCB info or QE identity (the JSON of its
 * service). It must verify under an anchor that is already there.
 */
VOUCHSAFE_API bool vouchsafe_verifier_add_collateral(
    struct vouchsafe_verifier *v, const char *label, const uint8_t *bytes,
    size_t len, struct vouchsafe_error *error);

/*
 * Adds a policy document (YAML). It is parsed and type-checked here; the
 * error names file, line and column. file is used in messages only.
 * An enforcing policy that could allow a peer under debug, on any TCB or of
 * any image is refused, unless it waives that; waivers expire by the time of
 * each appraisal. Lists and registries are not available here: reading one
 * denies.
 */
VOUCHSAFE_API bool vouchsafe_verifier_add_policy(struct vouchsafe_verifier *v,
    const char *file, const char *text, size_t len,
    struct vouchsafe_error *error);

/*
 * Ends the filling; must be called once before the first appraisal. With
 * require_crl, evidence whose certificate authorities cannot be checked
 * against a fresh revocation list is not verified.
 */
VOUCHSAFE_API bool vouchsafe_verifier_seal(struct vouchsafe_verifier *v,
    bool require_crl, struct vouchsafe_error *error);

struct vouchsafe_evidence {
	const char *kind; /* "snp", "az-snp", "tdx", "az-tdx", "sgx" */
	const uint8_t *report;
	size_t report_len;
	const uint8_t *certs; /* table, DER, PEM or THIM JSON; may be NULL */
	size_t certs_len;
	const uint8_t *event_log; /* tdx: CCEL; may be NULL */
	size_t event_log_len;
	/* The 64 bytes that the report must carry. NULL: not compared, and
	 * the claim tee.bound is false; such evidence may be replayed. */
	const uint8_t *expected_report_data;
};

/*
 * Verifies the evidence at the given time (Unix seconds) and, when key_name
 * is not NULL, judges it by the policies that govern that name. Returns an
 * appraisal to be freed by vouchsafe_appraisal_free, or NULL without memory.
 * NULL is a refusal.
 */
VOUCHSAFE_API struct vouchsafe_appraisal *vouchsafe_appraise(
    const struct vouchsafe_verifier *v,
    const struct vouchsafe_evidence *evidence, const char *key_name,
    int64_t now);
VOUCHSAFE_API void vouchsafe_appraisal_free(struct vouchsafe_appraisal *a);

/* Every mandatory check passed: the claims are facts. Says nothing about
 * whether they are acceptable. false for NULL. */
VOUCHSAFE_API bool vouchsafe_appraisal_verified(
    const struct vouchsafe_appraisal *a);

/* Verified, a key name was given, and every policy that governs it allows.
 * false for NULL. */
VOUCHSAFE_API bool vouchsafe_appraisal_allowed(
    const struct vouchsafe_appraisal *a);

/* Borrowed until the appraisal is freed; "" where there is none.
 * code: why it was not verified ("chain.revoked", "bind.tcb", ...), or the
 * reason of the policy's denial ("rules", "debug", "no-policy", ...).
 * detail: the same for people. claims: a JSON object. rules: a JSON array of
 * {"policy","id","outcome","message"?} for each rule that was evaluated. */
VOUCHSAFE_API const char *vouchsafe_appraisal_code(
    const struct vouchsafe_appraisal *a);
VOUCHSAFE_API const char *vouchsafe_appraisal_detail(
    const struct vouchsafe_appraisal *a);
VOUCHSAFE_API const char *vouchsafe_appraisal_claims(
    const struct vouchsafe_appraisal *a);
VOUCHSAFE_API const char *vouchsafe_appraisal_rules(
    const struct vouchsafe_appraisal *a);

#ifdef __cplusplus
}
#endif

#endif
