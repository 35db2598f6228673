/* SPDX-License-Identifier: Apache-2.0 */
/* Times, names and the signature algorithm of certificates and CRLs. */
#include <openssl/x509.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/der.h"
#include "crypto/pubkey_int.h"
#include "crypto/x509_int.h"

/*
 * RFC 4055 3.1 with SHA-384, MGF1 SHA-384, salt 48. trailerField has the
 * default value 1, so strict DER leaves it out; AMD's older certificates
 * write it all the same. Both are accepted, and no third form.
 */
static const uint8_t pss_short[] = {0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48,
    0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d,
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05,
    0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
    0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30};
static const uint8_t pss_trailer[] = {0xa3, 0x03, 0x02, 0x01, 0x01};

/* pss_short, with the trailer at its end and both lengths 5 more. */
static bool
is_pss_long(struct vs_span a)
{
	const size_t n = sizeof(pss_short), outer = 1, inner = 14;

	if (a.n != n + sizeof(pss_trailer) ||
	    memcmp(a.p + n, pss_trailer, sizeof(pss_trailer)) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t more = i == outer || i == inner ? 5 : 0;
		if (a.p[i] != pss_short[i] + more)
			return false;
	}
	return true;
}

bool
vs_x509_pss_form(struct vs_span der)
{
	struct vs_span inner, outer;

	if (vs_der_sig_algs(der, &inner, &outer) != VS_OK ||
	    !vs_span_equal(inner, outer))
		return false;
	return vs_span_equal(inner, VS_SPAN_OF(pss_short)) ||
	    is_pss_long(inner);
}

/* RFC 5758 3.2: ecdsa-with-SHA256, no parameters. */
static const uint8_t ecdsa_sha256[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

/* The same: ecdsa-with-SHA384. */
static const uint8_t ecdsa_sha384[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};

/* RFC 4055 5: sha256WithRSAEncryption, with the NULL that must be there. */
static const uint8_t rsa_sha256[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
    0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};

static bool
has_form(struct vs_span der, struct vs_span alg)
{
	struct vs_span inner, outer;

	return vs_der_sig_algs(der, &inner, &outer) == VS_OK &&
	    vs_span_equal(inner, outer) && vs_span_equal(inner, alg);
}

vs_status
vs_x509_profile(struct vs_span der, EVP_PKEY *issuer, vs_sig_profile profile,
    struct vs_err *err)
{
	switch (profile) {
	case VS_SIG_PSS_SHA384:
		if (!vs_x509_pss_form(der))
			return vs_fail(err, VS_UNTRUSTED,
			    "signature is not RSASSA-PSS with SHA-384");
		if (!vs_pkey_is_fit_rsa(issuer))
			return vs_fail(
			    err, VS_UNTRUSTED, "the issuer's key is not RSA");
		return VS_OK;
	case VS_SIG_P256_SHA256:
		if (!has_form(der, VS_SPAN_OF(ecdsa_sha256)))
			return vs_fail(err, VS_UNTRUSTED,
			    "signature is not ECDSA with SHA-256");
		if (!vs_pkey_is_p256(issuer))
			return vs_fail(err, VS_UNTRUSTED,
			    "the issuer's key is not on P-256");
		return VS_OK;
	case VS_SIG_P384_SHA384:
		if (!has_form(der, VS_SPAN_OF(ecdsa_sha384)))
			return vs_fail(err, VS_UNTRUSTED,
			    "signature is not ECDSA with SHA-384");
		if (!vs_pkey_is_p384(issuer))
			return vs_fail(err, VS_UNTRUSTED,
			    "the issuer's key is not on P-384");
		return VS_OK;
	case VS_SIG_ECDSA:
		if (!has_form(der, VS_SPAN_OF(ecdsa_sha256)) &&
		    !has_form(der, VS_SPAN_OF(ecdsa_sha384)))
			return vs_fail(err, VS_UNTRUSTED,
			    "signature is not ECDSA with SHA-256 or SHA-384");
		if (!vs_pkey_is_p256(issuer) && !vs_pkey_is_p384(issuer))
			return vs_fail(err, VS_UNTRUSTED,
			    "the issuer's key is not on P-256 or P-384");
		return VS_OK;
	case VS_SIG_RSA_SHA256:
		if (!has_form(der, VS_SPAN_OF(rsa_sha256)))
			return vs_fail(err, VS_UNTRUSTED,
			    "signature is not RSA with SHA-256");
		if (!vs_pkey_is_fit_rsa(issuer))
			return vs_fail(
			    err, VS_UNTRUSTED, "the issuer's key is not RSA");
		return VS_OK;
	}
	return vs_fail(err, VS_INTERNAL, "no such profile");
}

bool
vs_x509_time(const ASN1_TIME *t, int64_t *unix_s)
{
	struct tm tm;
	int64_t days;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	days = vs_days_from_civil(
	    tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday);
	*unix_s = ((days * 24 + tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec;
	return true;
}

bool
vs_x509_name(const X509_NAME *name, struct vs_span *out)
{
	const unsigned char *p = NULL;
	size_t n = 0;

	if (name == NULL || X509_NAME_get0_der(name, &p, &n) != 1)
		return false;
	*out = VS_SPAN(p, n);
	return true;
}

void
vs_x509_cn(const X509_NAME *name, char out[VS_CERT_CN_MAX + 1])
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	const ASN1_STRING *s;
	int n;

	out[0] = '\0';
	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
		return;
	s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	n = ASN1_STRING_length(s);
	if (n <= 0 || n > VS_CERT_CN_MAX ||
	    (ASN1_STRING_type(s) != V_ASN1_UTF8STRING &&
		ASN1_STRING_type(s) != V_ASN1_PRINTABLESTRING))
		return;
	for (int i = 0; i < n; i++) {
		unsigned char c = ASN1_STRING_get0_data(s)[i];
		if (c < 0x20 || c > 0x7e)
			return;
	}
	memcpy(out, ASN1_STRING_get0_data(s), (size_t)n);
	out[n] = '\0';
}
