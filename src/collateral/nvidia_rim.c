/* SPDX-License-Identifier: Apache-2.0 */
/* A reference document against its signature. */
#include <stdlib.h>
#include <string.h>

#include "collateral/nvidia.h"
#include "collateral/nvidia_ca.h"

static void
free_certs(struct vs_cert *certs[VS_NV_RIM_CERTS])
{
	for (size_t i = 0; i < VS_NV_RIM_CERTS; i++)
		vs_cert_free(&certs[i]);
}

void
vs_nv_signer_fini(struct vs_nv_signer *s)
{
	vs_pubkey_free(&s->key);
	free_certs(s->certs);
}

void
vs_nv_rim_free(struct vs_nv_rim **r)
{
	if (*r == NULL)
		return;
	free_certs((*r)->certs);
	free((*r)->digests);
	free(*r);
	*r = NULL;
}

/* NVIDIA's root of documents, never that of devices; or the operator's. */
static const struct vs_anchor *
anchor_of(const struct vs_trust *t, const struct vs_cert *root)
{
	const struct vs_anchor *a = vs_trust_anchor_of(t, root);

	if (a == NULL || a->profile != VS_SIG_P384_SHA384 ||
	    (a->built_in && !vs_nv_is_root(root, VS_NV_ROOT_RIM)))
		return NULL;
	return a;
}

static vs_status
chain(struct vs_cert *certs[VS_NV_RIM_CERTS], const struct vs_trust *trust,
    struct vs_nv_signer *out, struct vs_err *err)
{
	const struct vs_anchor *anchor =
	    anchor_of(trust, certs[VS_NV_RIM_CERTS - 1]);
	struct vs_validity all = vs_cert_facts(certs[0])->validity;

	if (anchor == NULL)
		return vs_fail(err, VS_UNTRUSTED, "\"%s\" is no trust anchor",
		    vs_cert_facts(certs[VS_NV_RIM_CERTS - 1])->cn);
	for (size_t i = 0; i + 1 < VS_NV_RIM_CERTS; i++) {
		const struct vs_validity *v =
		    &vs_cert_facts(certs[i + 1])->validity;

		VS_TRY(err, "signers",
		    vs_cert_issued_as(certs[i], certs[i + 1], (long)i,
			VS_SIG_P384_SHA384, err));
		if (v->not_before > all.not_before)
			all.not_before = v->not_before;
		if (v->not_after < all.not_after)
			all.not_after = v->not_after;
	}
	if (vs_cert_facts(certs[0])->ca || !vs_cert_key_is_p384(certs[0]))
		return vs_fail(err, VS_UNTRUSTED,
		    "the signer is an authority, or its key is not on P-384");
	if (vs_nv_revoked(trust, anchor, certs, VS_NV_RIM_CERTS))
		return vs_fail(err, VS_UNTRUSTED, "an authority is revoked");
	VS_TRY(err, "signer", vs_cert_pubkey(certs[0], &out->key, err));
	out->validity = all;
	out->anchor = anchor;
	return VS_OK;
}

vs_status
vs_nv_rim_chain(const struct vs_span certs[VS_NV_RIM_CERTS],
    const struct vs_trust *trust, struct vs_nv_signer *out, struct vs_err *err)
{
	struct vs_nv_signer s = {0};
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < VS_NV_RIM_CERTS; i++)
		st = vs_cert_parse(certs[i], &s.certs[i], err);
	if (st == VS_OK)
		st = chain(s.certs, trust, &s, err);
	if (st == VS_OK) {
		*out = s;
		return VS_OK;
	}
	vs_nv_signer_fini(&s);
	if (st != VS_NO_MEMORY && st != VS_INTERNAL)
		st = err->status = VS_UNTRUSTED;
	err->code = "RIM_CHAIN";
	return vs_ctx(err, "reference document", st);
}

vs_status
vs_nv_rim_in_date(const struct vs_validity *v, int64_t now, struct vs_err *err)
{
	if (now < v->not_before || now > v->not_after)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_TIME",
		    "reference document: its signer %s",
		    now < v->not_before ? "is not yet valid" : "has expired");
	return VS_OK;
}

/*
 * XML Signature: SignedInfo in its canonical form. It is the same for every
 * document, for no other algorithm and no other reference is accepted, but
 * for the digest.
 */
#define SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define C14N "http://www.w3.org/2006/12/xml-c14n11"
static const char before_digest[] =
    "<ds:SignedInfo xmlns=\"" SWID "\" xmlns:ds=\"" DSIG "\" xmlns:ns0=\"" SWID
    "\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\">"
    "<ds:CanonicalizationMethod Algorithm=\"" C14N "\">"
    "</ds:CanonicalizationMethod>"
    "<ds:SignatureMethod Algorithm=\"" MORE "ecdsa-sha384\">"
    "</ds:SignatureMethod>"
    "<ds:Reference URI=\"\"><ds:Transforms>"
    "<ds:Transform Algorithm=\"" DSIG "enveloped-signature\"></ds:Transform>"
    "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform></ds:Transforms>"
    "<ds:DigestMethod Algorithm=\"" MORE "sha384\"></ds:DigestMethod>"
    "<ds:DigestValue>";
static const char after_digest[] =
    "</ds:DigestValue></ds:Reference></ds:SignedInfo>";

enum { DIGEST_TEXT = 64, SIGNATURE_TEXT = 128 };

/* 3n bytes are 4n characters: no padding in what we write. */
static void
base64(struct vs_span in, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";

	for (size_t i = 0; i + 2 < in.n; i += 3) {
		uint32_t v = (uint32_t)in.p[i] << 16 |
		    (uint32_t)in.p[i + 1] << 8 | in.p[i + 2];

		for (unsigned k = 0; k < 4; k++)
			*out++ = alphabet[v >> (18 - 6 * k) & 63];
	}
}

static vs_status
check_signature(const struct vs_nv_rim_parts *parts,
    const struct vs_nv_signer *s, struct vs_err *err)
{
	char text[sizeof(before_digest) + DIGEST_TEXT + sizeof(after_digest)];
	uint8_t digest[VS_SHA384_SIZE];
	struct vs_wr w = vs_wr_of(text, sizeof(text));
	struct vs_span signed_info;
	char value[DIGEST_TEXT];

	if (parts->signature.n != 2 * VS_P384_SIZE)
		return vs_fail(err, VS_UNTRUSTED, "signature of %zu bytes",
		    parts->signature.n);
	VS_TRY(err, "digest", vs_sha384(parts->canonical, digest));
	base64(VS_SPAN_OF(digest), value);
	vs_wr_bytes(&w, VS_SPAN(before_digest, sizeof(before_digest) - 1));
	vs_wr_bytes(&w, VS_SPAN_OF(value));
	vs_wr_bytes(&w, VS_SPAN(after_digest, sizeof(after_digest) - 1));
	VS_TRY(err, "digest", vs_wr_finish(&w, &signed_info));
	return vs_p384_verify(s->key, signed_info, parts->signature.p, err);
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text, with white space anywhere in it, from xml[at] on. */
static bool
stands_at(struct vs_span xml, size_t at, const char text[SIGNATURE_TEXT])
{
	size_t k = 0;

	for (; at < xml.n && k < SIGNATURE_TEXT; at++) {
		if (is_space(xml.p[at]))
			continue;
		if (xml.p[at] != (uint8_t)text[k++])
			return false;
	}
	return k == SIGNATURE_TEXT;
}

/*
 * That the digest of the published document, which policies may pin, is no
 * other document's: no two have the same signature, and it is in the text.
 */
static bool
holds_signature(const struct vs_nv_rim_parts *parts)
{
	char text[SIGNATURE_TEXT];

	base64(parts->signature, text);
	for (size_t i = 0; i < parts->xml.n; i++)
		if (parts->xml.p[i] == (uint8_t)text[0] &&
		    stands_at(parts->xml, i, text))
			return true;
	return false;
}

static vs_status
fill(const struct vs_nv_rim_parts *parts, const struct vs_nv_signer *s,
    struct vs_nv_rim *r, struct vs_err *err)
{
	VS_TRY_CODE(err, "RIM_SIG", "reference document",
	    check_signature(parts, s, err));
	if (!holds_signature(parts))
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_SIG",
		    "reference document: not the one that was signed");
	VS_TRY_CODE(err, "RIM_PARSE", "reference document",
	    vs_nv_golden_read(parts->canonical, r, err));
	VS_TRY(err, "digest", vs_sha256(parts->xml, r->sha256));
	r->validity = s->validity;
	memcpy(r->anchor, s->anchor->name, sizeof(r->anchor));
	r->simulated = !s->anchor->built_in;
	if (parts->id.n == 0)
		return VS_OK; /* not named yet */
	VS_TRY_CODE(err, "RIM_PARSE", "reference document",
	    vs_nv_rim_id(r, parts->id, r->id, err));
	return VS_OK;
}

vs_status
vs_nv_rim_check(const struct vs_nv_rim_parts *parts,
    const struct vs_trust *trust, struct vs_nv_rim **out, struct vs_err *err)
{
	VS_AUTO(vs_nv_rim) *r = calloc(1, sizeof(*r));
	struct vs_nv_signer s = {0};
	vs_status st;

	vs_err_clear(err);
	if (r == NULL)
		return vs_fail(err, VS_NO_MEMORY, "reference document");
	st = vs_nv_rim_chain(parts->certs, trust, &s, err);
	if (st == VS_OK)
		st = fill(parts, &s, r, err);
	if (st == VS_OK) {
		vs_nv_standing(
		    trust, s.certs, VS_NV_RIM_CERTS - 1, &r->standing);
		for (size_t i = 0; i < VS_NV_RIM_CERTS; i++)
			r->certs[i] = VS_TAKE(s.certs[i]);
	}
	vs_nv_signer_fini(&s);
	if (st == VS_OK)
		*out = VS_TAKE(r);
	return st;
}
