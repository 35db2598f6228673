/* SPDX-License-Identifier: Apache-2.0 */
/* The Sigstore bundle (dev.sigstore.bundle.v1.Bundle), or a bare envelope. */
#include "provenance/parts.h"

enum { CERTS_MAX = 8 };

static vs_status
malformed(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_MALFORMED, "malformed", "%s", what);
}

static const struct {
	const char *name;
	int version;
} types[] = {
    {"application/vnd.dev.sigstore.bundle.v0.3+json", 3},
    {"application/vnd.dev.sigstore.bundle+json;version=0.3", 3},
    {"application/vnd.dev.sigstore.bundle+json;version=0.2", 2},
    {"application/vnd.dev.sigstore.bundle+json;version=0.1", 1},
};

static vs_status
read_version(const struct vs_json *o, int *out, struct vs_err *err)
{
	struct vs_span type = vs_pv_str(o, "mediaType");

	for (size_t i = 0; i < VS_COUNT(types); i++) {
		if (!vs_span_is(type, types[i].name))
			continue;
		*out = types[i].version;
		return VS_OK;
	}
	return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
	    "mediaType: not a bundle of a version that is known");
}

/* A root inside a bundle could only mislead. */
static vs_status
read_cert(const struct vs_json *o, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	VS_AUTO(vs_cert) *c = NULL;

	VS_TRY(err, "certificate", vs_pv_b64(o, "rawBytes", a, out, err));
	VS_TRY_CODE(
	    err, "malformed", "certificate", vs_cert_parse(*out, &c, err));
	if (vs_cert_facts(c)->self_issued)
		return malformed(err, "certificate: self-signed");
	return VS_OK;
}

static vs_status
read_certs(const struct vs_json *chain, struct vs_arena *a,
    struct vs_pv_doc *out, struct vs_err *err)
{
	const struct vs_json *list;
	struct vs_span der;

	VS_TRY(err, "x509CertificateChain",
	    vs_pv_array(chain, "certificates", CERTS_MAX, &list, err));
	if (vs_json_size(list) == 0)
		return malformed(err, "x509CertificateChain: empty");
	for (size_t i = 0; i < vs_json_size(list); i++) {
		VS_TRY(err, "x509CertificateChain",
		    read_cert(vs_json_at(list, i), a, &der, err));
		if (i == 0)
			out->leaf = der;
	}
	return VS_OK;
}

/* Exactly one of three says what signed. */
static vs_status
read_signer(const struct vs_json *material, struct vs_arena *a,
    struct vs_pv_doc *out, struct vs_err *err)
{
	const struct vs_json *cert = vs_pv_get(material, "certificate");
	const struct vs_json *chain =
	    vs_pv_get(material, "x509CertificateChain");
	const struct vs_json *key = vs_pv_get(material, "publicKey");

	if ((cert != NULL) + (chain != NULL) + (key != NULL) != 1)
		return malformed(err,
		    "verificationMaterial: wants one of certificate, "
		    "x509CertificateChain and publicKey");
	if (cert != NULL)
		return read_cert(cert, a, &out->leaf, err);
	if (chain == NULL)
		return VS_OK;
	if (out->version == 3)
		return malformed(err, "x509CertificateChain: not in v0.3");
	return read_certs(chain, a, out, err);
}

static vs_status
read_stamps(const struct vs_json *material, struct vs_arena *a,
    struct vs_pv_doc *out, struct vs_err *err)
{
	static const char *const name = "rfc3161Timestamps";
	const struct vs_json *data =
	    vs_pv_get(material, "timestampVerificationData");
	const struct vs_json *list;

	VS_TRY_CODE(err, "malformed", "timestampVerificationData",
	    vs_json_only(data, "", &name, 1, err));
	VS_TRY(err, "timestampVerificationData",
	    vs_pv_array(data, name, VS_PV_STAMPS_MAX, &list, err));
	for (; out->stamps_n < vs_json_size(list); out->stamps_n++)
		VS_TRY(err, name,
		    vs_pv_b64(vs_json_at(list, out->stamps_n),
			"signedTimestamp", a, &out->stamps[out->stamps_n],
			err));
	return VS_OK;
}

static vs_status
read_message(const struct vs_json *o, struct vs_arena *a, struct vs_pv_doc *out,
    struct vs_err *err)
{
	const struct vs_json *digest = vs_pv_get(o, "messageDigest");

	VS_TRY(err, "messageSignature",
	    vs_pv_b64(o, "signature", a, &out->sigs[0], err));
	out->sigs_n = 1;
	if (digest == NULL)
		return VS_OK;
	if (!vs_span_is(vs_pv_str(digest, "algorithm"), "SHA2_256"))
		return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
		    "messageDigest: not SHA2_256");
	VS_TRY(err, "messageDigest",
	    vs_pv_b64(digest, "digest", a, &out->message_digest, err));
	if (out->message_digest.n != VS_SHA256_SIZE)
		return malformed(err, "messageDigest: wants 32 octets");
	return VS_OK;
}

static vs_status
read_content(const struct vs_json *o, struct vs_arena *a, struct vs_pv_doc *out,
    struct vs_err *err)
{
	const struct vs_json *message = vs_pv_get(o, "messageSignature");
	const struct vs_json *dsse = vs_pv_get(o, "dsseEnvelope");

	if ((message != NULL) == (dsse != NULL))
		return malformed(
		    err, "wants one of messageSignature and dsseEnvelope");
	return dsse != NULL ? vs_pv_envelope(dsse, true, a, out, err)
			    : read_message(message, a, out, err);
}

static vs_status
read_bundle(const struct vs_json *o, const struct vs_provenance_want *want,
    struct vs_arena *a, struct vs_pv_doc *out, struct vs_err *err)
{
	static const char *const top[] = {"mediaType", "verificationMaterial",
	    "messageSignature", "dsseEnvelope"};
	static const char *const inner[] = {"certificate",
	    "x509CertificateChain", "publicKey", "tlogEntries",
	    "timestampVerificationData"};
	const struct vs_json *material = vs_pv_get(o, "verificationMaterial");

	out->bundle = true;
	VS_TRY(err, "bundle", read_version(o, &out->version, err));
	VS_TRY_CODE(err, "malformed", "bundle",
	    vs_json_only(o, "", top, VS_COUNT(top), err));
	if (vs_json_type_of(material) != VS_JSON_OBJECT)
		return malformed(err, "verificationMaterial: there is none");
	VS_TRY_CODE(err, "malformed", "bundle",
	    vs_json_only(
		material, "verificationMaterial", inner, VS_COUNT(inner), err));
	VS_TRY(err, "bundle", read_signer(material, a, out, err));
	VS_TRY(err, "bundle", vs_pv_entries(material, a, out, err));
	VS_TRY(err, "bundle", read_stamps(material, a, out, err));
	VS_TRY(err, "bundle", read_content(o, a, out, err));
	if (out->version < 3 && !want->legacy_bundles)
		return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
		    "a bundle of v0.%d: only where older ones are allowed",
		    out->version);
	return VS_OK;
}

vs_status
vs_pv_read(struct vs_span text, const struct vs_provenance_want *want,
    struct vs_arena *a, struct vs_json **json, struct vs_pv_doc *out,
    struct vs_err *err)
{
	if (text.n > VS_PROVENANCE_MAX)
		return vs_fail_code(err, VS_TOO_LARGE, "malformed",
		    "more than %d octets", VS_PROVENANCE_MAX);
	VS_TRY(err, "document", vs_pv_json(text, json, err));
	if (vs_json_type_of(*json) != VS_JSON_OBJECT)
		return malformed(err, "not a bundle and not an envelope");
	if (vs_json_get(*json, "mediaType") == NULL &&
	    vs_json_get(*json, "payloadType") != NULL)
		return vs_pv_envelope(*json, false, a, out, err);
	return read_bundle(*json, want, a, out, err);
}
