/* SPDX-License-Identifier: Apache-2.0 */
/* The signature over the envelope or over the artifact. */
#include <string.h>

#include "provenance/parts.h"

static vs_status
bad(struct vs_err *err, vs_status st, const char *who)
{
	if (st != VS_UNTRUSTED) {
		if (err->code == NULL && st == VS_UNSUPPORTED)
			err->code = "unsupported";
		return vs_ctx(err, "signature", st);
	}
	return vs_fail_code(err, VS_UNTRUSTED, "bad-signature",
	    "the signature is not by %s", who);
}

/* An artifact may be given whole, or by its SHA-256. */
static vs_status
verify_one(const struct vs_pv_run *r, const struct vs_sigkey *k,
    struct vs_span sig, struct vs_err *err)
{
	const struct vs_provenance_want *w = r->want;

	if (r->doc.dsse)
		return vs_sigkey_verify(k, r->doc.pae, sig, err);
	if (w->artifact.n > 0)
		return vs_sigkey_verify(k, w->artifact, sig, err);
	return vs_sigkey_verify_sha256(k, r->signed_sha256, sig, err);
}

static vs_status
verify_any(const struct vs_pv_run *r, const struct vs_sigkey *k,
    struct vs_span *which, struct vs_err *err)
{
	vs_status st = VS_UNTRUSTED;

	for (size_t i = 0; i < r->doc.sigs_n; i++) {
		st = verify_one(r, k, r->doc.sigs[i], err);
		if (st == VS_OK) {
			*which = r->doc.sigs[i];
			return VS_OK;
		}
		if (st != VS_UNTRUSTED)
			return st;
	}
	return st;
}

static vs_status
by_certificate(struct vs_pv_run *r, struct vs_err *err)
{
	vs_status st;

	VS_TRY_CODE(err, "malformed", "certificate",
	    vs_cert_parse(r->doc.leaf, &r->cert, err));
	VS_TRY_CODE(err, "unsupported", "certificate",
	    vs_sigkey_of(r->cert, &r->key, err));
	st = verify_any(r, r->key, &r->sig, err);
	if (st != VS_OK)
		return bad(err, st, "the certificate");
	r->signer = r->key;
	r->out.keyless = true;
	return VS_OK;
}

/* Hints name keys, but are not signed: every key is tried. */
static vs_status
by_key(struct vs_pv_run *r, struct vs_err *err)
{
	vs_status st = VS_UNTRUSTED;

	if (r->trust->keys_n == 0)
		return vs_fail_code(err, VS_UNTRUSTED, "unknown-key",
		    "signed by a key, and no key is trusted");
	for (size_t i = 0; i < r->trust->keys_n; i++) {
		st = verify_any(r, r->trust->keys[i], &r->sig, err);
		if (st == VS_OK) {
			r->signer = r->trust->keys[i];
			return VS_OK;
		}
		if (st != VS_UNTRUSTED && st != VS_UNSUPPORTED)
			break;
	}
	return bad(err, st, "any of the trusted keys");
}

/* What the log entry must name, and what a bare signature is over. */
static vs_status
signed_digest(struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_span digest = r->want->digest;

	if (r->doc.dsse)
		return vs_sha256(r->doc.pae, r->signed_sha256);
	if (digest.n != VS_SHA256_SIZE)
		return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
		    "a signature of an artifact needs its SHA-256");
	memcpy(r->signed_sha256, digest.p, digest.n);
	if (r->doc.message_digest.n != 0 &&
	    !vs_span_equal(r->doc.message_digest, digest))
		return vs_fail_code(err, VS_DENIED, "policy-denied.digest",
		    "signed for another artifact");
	return VS_OK;
}

vs_status
vs_pv_signature(struct vs_pv_run *r, struct vs_err *err)
{
	VS_TRY(err, "digest", signed_digest(r, err));
	return r->doc.leaf.n != 0 ? by_certificate(r, err) : by_key(r, err);
}
