/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_int.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/der.h"
#include "crypto/pubkey_int.h"

void
vs_cert_free(struct vs_cert **c)
{
	if (*c == NULL)
		return;
	X509_free((*c)->x);
	free((*c)->der);
	free(*c);
	*c = NULL;
}

const struct vs_cert_facts *
vs_cert_facts(const struct vs_cert *c)
{
	return &c->facts;
}

/* The version is the first thing inside tbsCertificate, tagged [0]; a
 * tbsCertList begins with an INTEGER. */
bool
vs_cert_is(struct vs_span der)
{
	struct vs_rd rd;
	struct vs_span body;
	struct vs_der tbs, first;

	if (vs_der_only(der, VS_DER_SEQUENCE, &body) != VS_OK)
		return false;
	rd = vs_rd_of(body);
	if (vs_der_next(&rd, &tbs) != VS_OK)
		return false;
	rd = vs_rd_of(tbs.value);
	return vs_der_next(&rd, &first) == VS_OK &&
	    first.tag == VS_DER_CONTEXT_0;
}

static bool
spki_digest(X509 *x, uint8_t out[VS_SHA256_SIZE])
{
	unsigned char *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
	bool ok = n > 0 && vs_sha256(VS_SPAN(spki, (size_t)n), out) == VS_OK;

	OPENSSL_free(spki);
	return ok;
}

static struct vs_span
serial_of(const X509 *x)
{
	const ASN1_INTEGER *n = X509_get0_serialNumber(x);

	if (n == NULL || ASN1_STRING_type(n) != V_ASN1_INTEGER)
		return (struct vs_span){0};
	return VS_SPAN(ASN1_STRING_get0_data(n), (size_t)ASN1_STRING_length(n));
}

static bool
fill_facts(struct vs_cert *c)
{
	struct vs_cert_facts *f = &c->facts;
	X509_NAME *subject = X509_get_subject_name(c->x);
	X509_NAME *issuer = X509_get_issuer_name(c->x);
	uint32_t flags = X509_get_extension_flags(c->x);

	if (flags & (EXFLAG_INVALID | EXFLAG_V1) ||
	    X509_get_version(c->x) != X509_VERSION_3)
		return false;
	c->pkey = X509_get0_pubkey(c->x);
	if (c->pkey == NULL || !vs_x509_name(subject, &f->subject) ||
	    !vs_x509_name(issuer, &f->issuer) ||
	    !vs_x509_time(X509_get0_notBefore(c->x), &f->validity.not_before) ||
	    !vs_x509_time(X509_get0_notAfter(c->x), &f->validity.not_after))
		return false;
	f->serial = serial_of(c->x);
	vs_x509_cn(subject, f->cn);
	vs_x509_cn(issuer, f->issuer_cn);
	f->ca = (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) != 0;
	f->path_len = X509_get_pathlen(c->x);
	f->self_issued = vs_span_equal(f->subject, f->issuer);
	return vs_sha256(f->der, f->sha256) == VS_OK &&
	    spki_digest(c->x, f->spki_sha256);
}

/* One DER SEQUENCE and nothing behind it, read whole by OpenSSL. */
static X509 *
read_x509(struct vs_span der)
{
	const unsigned char *p = der.p;
	struct vs_span body;
	X509 *x;

	if (der.n > VS_CERT_MAX ||
	    vs_der_only(der, VS_DER_SEQUENCE, &body) != VS_OK)
		return NULL;
	x = d2i_X509(NULL, &p, (long)der.n);
	if (x != NULL && p != der.p + der.n) {
		X509_free(x);
		x = NULL;
	}
	return x;
}

vs_status
vs_cert_parse(struct vs_span der, struct vs_cert **out, struct vs_err *err)
{
	VS_AUTO(vs_cert) *c = calloc(1, sizeof(*c));

	ERR_clear_error();
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "certificate");
	c->x = read_x509(der);
	if (c->x == NULL)
		return vs_fail(err, VS_MALFORMED, "not a DER certificate");
	c->der = malloc(der.n);
	if (c->der == NULL)
		return vs_fail(err, VS_NO_MEMORY, "certificate");
	memcpy(c->der, der.p, der.n);
	c->facts.der = VS_SPAN(c->der, der.n);
	if (!fill_facts(c)) {
		ERR_clear_error();
		return vs_fail(err, VS_MALFORMED,
		    "certificate: version, name, date, key or extension");
	}
	*out = VS_TAKE(c);
	return VS_OK;
}

static bool
may_issue(const struct vs_cert *issuer, long below)
{
	uint32_t usage = X509_get_key_usage(issuer->x);

	/* UINT32_MAX: no keyUsage at all. */
	return issuer->facts.ca && (usage & KU_KEY_CERT_SIGN) != 0 &&
	    (issuer->facts.path_len < 0 || issuer->facts.path_len >= below);
}

/* CRITICAL: an extension that says "refuse me if you do not know it". */
static bool
has_unknown_critical(const struct vs_cert *c)
{
	return (X509_get_extension_flags(c->x) & EXFLAG_CRITICAL) != 0;
}

vs_status
vs_cert_issued_by(const struct vs_cert *c, const struct vs_cert *issuer,
    long below, struct vs_err *err)
{
	return vs_cert_issued_as(c, issuer, below, VS_SIG_PSS_SHA384, err);
}

vs_status
vs_cert_issued_as(const struct vs_cert *c, const struct vs_cert *issuer,
    long below, vs_sig_profile profile, struct vs_err *err)
{
	const char *cn = c->facts.cn;
	int ok;

	ERR_clear_error();
	if (!vs_span_equal(c->facts.issuer, issuer->facts.subject))
		return vs_fail(
		    err, VS_UNTRUSTED, "%s: issuer name differs", cn);
	if (!may_issue(issuer, below))
		return vs_fail(err, VS_UNTRUSTED,
		    "%s: the issuer is not a CA that may sign it", cn);
	if (has_unknown_critical(c) || has_unknown_critical(issuer))
		return vs_fail(
		    err, VS_UNTRUSTED, "%s: unknown critical extension", cn);
	VS_TRY(
	    err, cn, vs_x509_profile(c->facts.der, issuer->pkey, profile, err));
	ok = X509_verify(c->x, issuer->pkey);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(
		    err, VS_UNTRUSTED, "%s: signature does not verify", cn);
	return VS_OK;
}

size_t
vs_cert_ext(const struct vs_cert *c, struct vs_span oid, struct vs_span *value)
{
	int n = X509_get_ext_count(c->x);
	size_t found = 0;

	for (int i = 0; i < n; i++) {
		X509_EXTENSION *e = X509_get_ext(c->x, i);
		const ASN1_OBJECT *o = X509_EXTENSION_get_object(e);
		const ASN1_OCTET_STRING *v = X509_EXTENSION_get_data(e);
		struct vs_span id = VS_SPAN(OBJ_get0_data(o), OBJ_length(o));

		if (!vs_span_equal(id, oid))
			continue;
		if (found++ == 0)
			*value = VS_SPAN(ASN1_STRING_get0_data(v),
			    (size_t)ASN1_STRING_length(v));
	}
	return found;
}

bool
vs_cert_key_is_p384(const struct vs_cert *c)
{
	return vs_pkey_is_p384(c->pkey);
}

bool
vs_cert_key_is_p256(const struct vs_cert *c)
{
	return vs_pkey_is_p256(c->pkey);
}

vs_status
vs_cert_pubkey(
    const struct vs_cert *c, struct vs_pubkey **out, struct vs_err *err)
{
	struct vs_pubkey *k = vs_pubkey_wrap(c->pkey);

	if (k == NULL)
		return vs_fail(err, VS_NO_MEMORY, "public key");
	*out = k;
	return VS_OK;
}
