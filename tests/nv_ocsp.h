/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a responder, forged: each part can be made wrong by itself. */
#ifndef VS_TESTS_NV_OCSP_H
#define VS_TESTS_NV_OCSP_H

#include <openssl/ocsp.h>

#include "crypto/ocsp.h"
#include "nv_forge.h"

struct f_answer {
	const struct f_cert *about, *issuer;
	int status;       /* V_OCSP_CERTSTATUS_* */
	int reason;       /* of a revocation */
	int64_t from, to; /* to 0: no nextUpdate */
	const EVP_MD *id_md, *md;
	/* NULL: the issuer signs. Else this one does, certified by the issuer
	 * (or by_whom) and sent along. */
	struct f_cert *delegate;
	const struct f_cert *by_whom;
	const char *usage; /* of the delegate; NULL: OCSPSigning */
	bool critical;     /* an extension of the answer */
	int64_t again;     /* another answer like it, given then; 0: none */
	int failure;       /* instead of an answer */
};

static inline struct f_answer
f_good(const struct f_cert *about, const struct f_cert *issuer)
{
	return (struct f_answer){.about = about,
	    .issuer = issuer,
	    .status = V_OCSP_CERTSTATUS_GOOD,
	    .from = F_NOW - 3600,
	    .to = F_NOW + 86400,
	    .id_md = EVP_sha1(),
	    .md = EVP_sha384()};
}

static inline X509 *
f_delegate(const struct f_answer *a)
{
	const struct f_cert *by = a->by_whom != NULL ? a->by_whom : a->issuer;
	X509 *x = f_issue(a->delegate, by);

	f_ext(
	    x, NID_ext_key_usage, a->usage != NULL ? a->usage : "OCSPSigning");
	CHECK(X509_sign(x, by->key, EVP_sha384()) > 0);
	return x;
}

static inline void
f_sign_answer(const struct f_answer *a, OCSP_BASICRESP *basic, X509 *issuer)
{
	X509 *x = a->delegate != NULL ? f_delegate(a) : NULL;

	CHECK(OCSP_basic_sign(basic, x != NULL ? x : issuer,
		  a->delegate != NULL ? a->delegate->key : a->issuer->key,
		  a->md, NULL, x != NULL ? 0 : OCSP_NOCERTS) == 1);
	X509_free(x);
}

/* DER into out. */
static inline struct vs_span
f_ocsp(const struct f_answer *a, struct vs_buf *out)
{
	X509 *subject = f_issue(a->about, a->issuer);
	/* Of the issuer its name and key matter, not who issued it. */
	X509 *issuer = f_issue(a->issuer, a->issuer);
	ASN1_TIME *from = ASN1_GENERALIZEDTIME_set(NULL, a->from);
	ASN1_TIME *to =
	    a->to == 0 ? NULL : ASN1_GENERALIZEDTIME_set(NULL, a->to);
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(a->id_md, subject, issuer);
	OCSP_SINGLERESP *one =
	    OCSP_basic_add1_status(basic, id, a->status, a->reason,
		a->status == V_OCSP_CERTSTATUS_REVOKED ? from : NULL, from, to);
	OCSP_RESPONSE *r;
	unsigned char *der = NULL;
	int n;

	CHECK(one != NULL);
	if (a->again != 0) {
		ASN1_TIME *then = ASN1_GENERALIZEDTIME_set(NULL, a->again);

		CHECK(OCSP_basic_add1_status(basic, id, a->status, a->reason,
			  NULL, then, to) != NULL);
		ASN1_TIME_free(then);
	}
	if (a->critical) {
		ASN1_OCTET_STRING *v = ASN1_OCTET_STRING_new();
		X509_EXTENSION *e;

		CHECK(ASN1_OCTET_STRING_set(v, (const uint8_t *)"\5", 2) == 1);
		e = X509_EXTENSION_create_by_NID(
		    NULL, NID_invalidity_date, 1, v);
		CHECK(e != NULL && OCSP_SINGLERESP_add_ext(one, e, -1) == 1);
		X509_EXTENSION_free(e);
		ASN1_OCTET_STRING_free(v);
	}
	f_sign_answer(a, basic, issuer);
	r = OCSP_response_create(a->failure, a->failure ? NULL : basic);
	n = i2d_OCSP_RESPONSE(r, &der);
	vs_buf_reset(out);
	vs_buf_add(out, VS_SPAN(der, (size_t)n));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(r);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_free(subject);
	X509_free(issuer);
	return vs_buf_span(out);
}

#endif
