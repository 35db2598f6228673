/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log entry must be about the very signature that the bundle holds: the
 * bodies of Rekor's hashedrekord 0.0.1 and 0.0.2, dsse 0.0.1 and intoto
 * 0.0.2.
 */
#include "base/encoding.h"
#include "crypto/pem.h"
#include "provenance/parts.h"

static vs_status
mismatch(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_UNTRUSTED, "binding-mismatch.entry",
	    "the log entry has another %s", what);
}

static bool
decodes_to(const struct vs_pv_run *r, struct vs_span text, struct vs_span want)
{
	struct vs_span raw;

	return vs_b64_decode(r->arena, text, &raw) == VS_OK &&
	    vs_span_equal(raw, want);
}

/* The certificate, or SubjectPublicKeyInfo of the key. */
static struct vs_span
signer_der(const struct vs_pv_run *r)
{
	return r->cert != NULL ? vs_cert_facts(r->cert)->der
			       : vs_sigkey_spki(r->signer);
}

/* base64 of one PEM block. */
static bool
is_signer_pem(const struct vs_pv_run *r, struct vs_span text)
{
	const char *label = r->cert != NULL ? "CERTIFICATE" : "PUBLIC KEY";
	struct vs_span pem_text;
	struct vs_pem pem, more;
	struct vs_rd rd;

	if (text.n == 0 || vs_b64_decode(r->arena, text, &pem_text) != VS_OK)
		return false;
	rd = vs_rd_of(pem_text);
	return vs_pem_next(&rd, r->arena, &pem) == VS_OK &&
	    vs_span_is(pem.label, label) &&
	    vs_span_equal(pem.der, signer_der(r)) &&
	    vs_pem_next(&rd, r->arena, &more) == VS_NOT_FOUND;
}

/* {"algorithm": "sha256", "value": hex} */
static bool
is_sha256(const struct vs_json *hash, const uint8_t want[VS_SHA256_SIZE])
{
	return vs_span_is(vs_pv_str(hash, "algorithm"), "sha256") &&
	    vs_pv_is_hex(
		vs_pv_str(hash, "value"), VS_SPAN(want, VS_SHA256_SIZE));
}

static vs_status
hashedrekord_1(
    const struct vs_pv_run *r, const struct vs_json *spec, struct vs_err *err)
{
	const struct vs_json *sig = vs_json_get(spec, "signature");

	if (!is_sha256(vs_json_get(vs_json_get(spec, "data"), "hash"),
		r->signed_sha256))
		return mismatch(err, "digest");
	if (!decodes_to(r, vs_pv_str(sig, "content"), r->sig))
		return mismatch(err, "signature");
	if (!is_signer_pem(
		r, vs_pv_str(vs_json_get(sig, "publicKey"), "content")))
		return mismatch(err, "key");
	return VS_OK;
}

static vs_status
hashedrekord_2(
    const struct vs_pv_run *r, const struct vs_json *spec, struct vs_err *err)
{
	const struct vs_json *in = vs_json_get(spec, "hashedRekordV002");
	const struct vs_json *data = vs_json_get(in, "data");
	const struct vs_json *sig = vs_json_get(in, "signature");
	const struct vs_json *verifier = vs_json_get(sig, "verifier");
	const char *kind = r->cert != NULL ? "x509Certificate" : "publicKey";

	if (!vs_span_is(vs_pv_str(data, "algorithm"), "SHA2_256") ||
	    !decodes_to(
		r, vs_pv_str(data, "digest"), VS_SPAN_OF(r->signed_sha256)))
		return mismatch(err, "digest");
	if (!decodes_to(r, vs_pv_str(sig, "content"), r->sig))
		return mismatch(err, "signature");
	if (!decodes_to(r, vs_pv_str(vs_json_get(verifier, kind), "rawBytes"),
		signer_der(r)))
		return mismatch(err, "key");
	return VS_OK;
}

static vs_status
payload_matches(
    const struct vs_pv_run *r, const struct vs_json *hash, struct vs_err *err)
{
	uint8_t digest[VS_SHA256_SIZE];

	VS_TRY(err, "payload", vs_sha256(r->doc.payload, digest));
	return r->doc.dsse && is_sha256(hash, digest)
	    ? VS_OK
	    : mismatch(err, "payload");
}

/* The only element of a list of signatures; NULL. */
static const struct vs_json *
only(const struct vs_json *list)
{
	return vs_json_size(list) == 1 ? vs_json_at(list, 0) : NULL;
}

static vs_status
dsse_1(
    const struct vs_pv_run *r, const struct vs_json *spec, struct vs_err *err)
{
	const struct vs_json *sig = only(vs_json_get(spec, "signatures"));

	VS_TRY(err, "payload",
	    payload_matches(r, vs_json_get(spec, "payloadHash"), err));
	if (!decodes_to(r, vs_pv_str(sig, "signature"), r->sig))
		return mismatch(err, "signature");
	if (!is_signer_pem(r, vs_pv_str(sig, "verifier")))
		return mismatch(err, "key");
	return VS_OK;
}

/* Here the signature is in base64 twice over. */
static vs_status
intoto_2(
    const struct vs_pv_run *r, const struct vs_json *spec, struct vs_err *err)
{
	const struct vs_json *content = vs_json_get(spec, "content");
	const struct vs_json *sig =
	    only(vs_json_get(vs_json_get(content, "envelope"), "signatures"));
	struct vs_span inner;

	VS_TRY(err, "payload",
	    payload_matches(r, vs_json_get(content, "payloadHash"), err));
	if (vs_b64_decode(r->arena, vs_pv_str(sig, "sig"), &inner) != VS_OK ||
	    !decodes_to(r, inner, r->sig))
		return mismatch(err, "signature");
	if (!is_signer_pem(r, vs_pv_str(sig, "publicKey")))
		return mismatch(err, "key");
	return VS_OK;
}

static const struct {
	const char *kind, *version;
	vs_status (*check)(const struct vs_pv_run *r,
	    const struct vs_json *spec, struct vs_err *err);
} kinds[] = {
    {"hashedrekord", "0.0.1", hashedrekord_1},
    {"hashedrekord", "0.0.2", hashedrekord_2},
    {"dsse", "0.0.1", dsse_1},
    {"intoto", "0.0.2", intoto_2},
};

static vs_status
check_body(const struct vs_pv_run *r, const struct vs_pv_entry *e,
    const struct vs_json *body, struct vs_err *err)
{
	if (!vs_span_equal(vs_pv_str(body, "kind"), e->kind) ||
	    !vs_span_equal(vs_pv_str(body, "apiVersion"), e->version))
		return mismatch(err, "kind or version");
	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (vs_span_is(e->kind, kinds[i].kind) &&
		    vs_span_is(e->version, kinds[i].version))
			return kinds[i].check(
			    r, vs_json_get(body, "spec"), err);
	return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
	    "a log entry of a kind or version that is not known");
}

vs_status
vs_pv_entry_matches(
    const struct vs_pv_run *r, const struct vs_pv_entry *e, struct vs_err *err)
{
	VS_AUTO(vs_json) *body = NULL;

	VS_TRY(err, "canonicalizedBody", vs_pv_json(e->body, &body, err));
	return check_body(r, e, body, err);
}
