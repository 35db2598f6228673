/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_crl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/der.h"
#include "crypto/pubkey_int.h"
#include "crypto/x509_int.h"

struct vs_crl {
	X509_CRL *x;
	uint8_t *der;
	struct vs_crl_facts facts;
};

void
vs_crl_free(struct vs_crl **c)
{
	if (*c == NULL)
		return;
	X509_CRL_free((*c)->x);
	free((*c)->der);
	free(*c);
	*c = NULL;
}

const struct vs_crl_facts *
vs_crl_facts(const struct vs_crl *c)
{
	return &c->facts;
}

static bool
any_critical(const STACK_OF(X509_EXTENSION) * exts)
{
	int n = X509v3_get_ext_count(exts);

	for (int i = 0; i < n; i++)
		if (X509_EXTENSION_get_critical(X509v3_get_ext(exts, i)))
			return true;
	return false;
}

static bool
plain_crl(X509_CRL *x)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(x);

	if (any_critical(X509_CRL_get0_extensions(x)))
		return false;
	for (int i = 0; i < sk_X509_REVOKED_num(list); i++) {
		const X509_REVOKED *r = sk_X509_REVOKED_value(list, i);
		if (any_critical(X509_REVOKED_get0_extensions(r)))
			return false;
	}
	return true;
}

static bool
fill_facts(struct vs_crl *c)
{
	struct vs_crl_facts *f = &c->facts;
	X509_NAME *issuer = X509_CRL_get_issuer(c->x);
	int revoked = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(c->x));

	if (!plain_crl(c->x) || !vs_x509_name(issuer, &f->issuer) ||
	    !vs_x509_time(X509_CRL_get0_lastUpdate(c->x), &f->this_update) ||
	    !vs_x509_time(X509_CRL_get0_nextUpdate(c->x), &f->next_update))
		return false;
	f->revoked_n = revoked > 0 ? (size_t)revoked : 0; /* -1: no list */
	vs_x509_cn(issuer, f->issuer_cn);
	return vs_sha256(f->der, f->sha256) == VS_OK;
}

static X509_CRL *
read_crl(struct vs_span der)
{
	const unsigned char *p = der.p;
	struct vs_span body;
	X509_CRL *x;

	if (der.n > VS_CRL_MAX ||
	    vs_der_only(der, VS_DER_SEQUENCE, &body) != VS_OK)
		return NULL;
	x = d2i_X509_CRL(NULL, &p, (long)der.n);
	if (x != NULL && p != der.p + der.n) {
		X509_CRL_free(x);
		x = NULL;
	}
	return x;
}

vs_status
vs_crl_parse(struct vs_span der, struct vs_crl **out, struct vs_err *err)
{
	VS_AUTO(vs_crl) *c = calloc(1, sizeof(*c));

	ERR_clear_error();
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "CRL");
	c->x = read_crl(der);
	if (c->x == NULL)
		return vs_fail(err, VS_MALFORMED, "not a DER CRL");
	c->der = malloc(der.n);
	if (c->der == NULL)
		return vs_fail(err, VS_NO_MEMORY, "CRL");
	memcpy(c->der, der.p, der.n);
	c->facts.der = VS_SPAN(c->der, der.n);
	if (!fill_facts(c)) {
		ERR_clear_error();
		return vs_fail(err, VS_MALFORMED,
		    "CRL: name, dates (nextUpdate) or critical extension");
	}
	*out = VS_TAKE(c);
	return VS_OK;
}

vs_status
vs_crl_issued_by(
    const struct vs_crl *c, const struct vs_cert *issuer, struct vs_err *err)
{
	return vs_crl_issued_as(c, issuer, VS_SIG_PSS_SHA384, err);
}

vs_status
vs_crl_issued_as(const struct vs_crl *c, const struct vs_cert *issuer,
    vs_sig_profile profile, struct vs_err *err)
{
	const char *cn = c->facts.issuer_cn;
	int ok;

	ERR_clear_error();
	if (!vs_span_equal(c->facts.issuer, issuer->facts.subject))
		return vs_fail(
		    err, VS_UNTRUSTED, "CRL of %s: issuer name differs", cn);
	/* UINT32_MAX, all bits: no keyUsage at all. */
	if (!issuer->facts.ca ||
	    (X509_get_key_usage(issuer->x) & KU_CRL_SIGN) == 0)
		return vs_fail(
		    err, VS_UNTRUSTED, "CRL of %s: may not sign CRLs", cn);
	VS_TRY(err, "CRL",
	    vs_x509_profile(c->facts.der, issuer->pkey, profile, err));
	ok = X509_CRL_verify(c->x, issuer->pkey);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(err, VS_UNTRUSTED,
		    "CRL of %s: signature does not verify", cn);
	return VS_OK;
}

static bool
lists(const struct vs_crl *c, const ASN1_INTEGER *serial)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(c->x);

	for (int i = 0; i < sk_X509_REVOKED_num(list); i++) {
		const X509_REVOKED *r = sk_X509_REVOKED_value(list, i);
		if (ASN1_INTEGER_cmp(
			X509_REVOKED_get0_serialNumber(r), serial) == 0)
			return true;
	}
	return false;
}

bool
vs_crl_lists(const struct vs_crl *c, const struct vs_cert *cert)
{
	return lists(c, X509_get0_serialNumber(cert->x));
}

bool
vs_crl_covers(const struct vs_crl *c, const struct vs_crl *other)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(other->x);

	for (int i = 0; i < sk_X509_REVOKED_num(list); i++)
		if (!lists(c,
			X509_REVOKED_get0_serialNumber(
			    sk_X509_REVOKED_value(list, i))))
			return false;
	return true;
}
