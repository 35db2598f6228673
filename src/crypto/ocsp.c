/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/der.h"
#include "crypto/x509_int.h"

/* RFC 6960 4.2.1: OCSPResponse begins with an ENUMERATED. */
enum { DER_ENUMERATED = 0x0a };
/* Of those that come with a response one has signed it. */
enum { VS_OCSP_SIGNERS_MAX = 4 };

/* One answer, and of which certificate. */
struct single {
	OCSP_CERTID *id;
	const ASN1_INTEGER *serial; /* in id */
	const EVP_MD *md;           /* that id was made with */
	struct vs_ocsp_answer answer;
};

struct vs_ocsp {
	OCSP_BASICRESP *basic;
	uint8_t *der;
	struct single v[VS_OCSP_ANSWERS_MAX];
	size_t n;
	struct vs_ocsp_facts facts;
};

void
vs_ocsp_free(struct vs_ocsp **o)
{
	if (*o == NULL)
		return;
	OCSP_BASICRESP_free((*o)->basic);
	for (size_t i = 0; i < (*o)->n; i++)
		OCSP_CERTID_free((*o)->v[i].id);
	free((*o)->der);
	free(*o);
	*o = NULL;
}

const struct vs_ocsp_facts *
vs_ocsp_facts(const struct vs_ocsp *o)
{
	return &o->facts;
}

bool
vs_ocsp_is(struct vs_span der)
{
	struct vs_span body;
	struct vs_der first;
	struct vs_rd rd;

	if (vs_der_only(der, VS_DER_SEQUENCE, &body) != VS_OK)
		return false;
	rd = vs_rd_of(body);
	return vs_der_next(&rd, &first) == VS_OK && first.tag == DER_ENUMERATED;
}

static OCSP_BASICRESP *
read_basic(struct vs_span der)
{
	const unsigned char *p = der.p;
	OCSP_BASICRESP *basic = NULL;
	OCSP_RESPONSE *r;

	if (der.n > VS_OCSP_MAX || !vs_ocsp_is(der))
		return NULL;
	r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	if (r != NULL && p == der.p + der.n &&
	    OCSP_response_status(r) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(r);
	OCSP_RESPONSE_free(r);
	return basic;
}

static bool
read_answer(OCSP_SINGLERESP *s, struct vs_ocsp_answer *out)
{
	ASN1_GENERALIZEDTIME *from = NULL, *to = NULL;
	int reason = -1;
	int state = OCSP_single_get0_status(s, &reason, NULL, &from, &to);
	struct vs_ocsp_answer a = {0};

	/* RFC 6960 4.4: an extension that must be understood. */
	if (OCSP_SINGLERESP_get_ext_by_critical(s, 1, -1) >= 0 ||
	    !vs_x509_time(from, &a.this_update) ||
	    !vs_x509_time(to, &a.next_update) || a.next_update < a.this_update)
		return false;
	if (state == V_OCSP_CERTSTATUS_GOOD)
		a.state = VS_OCSP_GOOD;
	else if (state == V_OCSP_CERTSTATUS_REVOKED)
		a.state = reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD
		    ? VS_OCSP_HOLD
		    : VS_OCSP_REVOKED;
	else if (state != V_OCSP_CERTSTATUS_UNKNOWN)
		return false;
	*out = a;
	return true;
}

/* SHA-1 names the certificate here, it signs nothing: a wrong one that has
 * the same name still has to be signed by the same authority. */
static const EVP_MD *
digest_of(const ASN1_OBJECT *o)
{
	switch (OBJ_obj2nid(o)) {
	case NID_sha1:
		return EVP_sha1();
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	default:
		return NULL;
	}
}

static bool
read_single(OCSP_SINGLERESP *s, struct vs_ocsp *o)
{
	struct single *one = &o->v[o->n];
	ASN1_INTEGER *serial = NULL;
	ASN1_OBJECT *md = NULL;

	if (!read_answer(s, &one->answer))
		return false;
	one->id = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(s));
	if (one->id == NULL)
		return false;
	o->n++; /* from here on it is freed with the others */
	if (OCSP_id_get0_info(NULL, &md, NULL, &serial, one->id) != 1)
		return false;
	one->serial = serial;
	one->md = digest_of(md);
	return one->md != NULL;
}

enum { NAME_SERIAL_MAX = 20, NAME_KEY = 4 }; /* octets */

static void
name_it(struct vs_ocsp *o)
{
	ASN1_OCTET_STRING *key = NULL;
	ASN1_INTEGER *n = NULL;
	struct vs_span serial, id;
	char *name = o->facts.name;

	if (OCSP_id_get0_info(NULL, NULL, &key, &n, o->v[0].id) != 1)
		return;
	serial =
	    VS_SPAN(ASN1_STRING_get0_data(n), (size_t)ASN1_STRING_length(n));
	id = VS_SPAN(
	    ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key));
	if (serial.n > NAME_SERIAL_MAX || id.n < NAME_KEY)
		return;
	vs_hex(serial, name);
	name += 2 * serial.n;
	*name++ = '@';
	vs_hex(vs_span_slice(id, 0, NAME_KEY), name);
}

static bool
read_all(struct vs_ocsp *o)
{
	struct vs_ocsp_facts *f = &o->facts;
	int n = OCSP_resp_count(o->basic);

	if (n < 1 || n > VS_OCSP_ANSWERS_MAX ||
	    OCSP_BASICRESP_get_ext_by_critical(o->basic, 1, -1) >= 0)
		return false;
	for (int i = 0; i < n; i++)
		if (!read_single(OCSP_resp_get0(o->basic, i), o))
			return false;
	f->all_good = true;
	f->this_update = INT64_MAX;
	f->next_update = INT64_MAX;
	for (size_t i = 0; i < o->n; i++) {
		const struct vs_ocsp_answer *a = &o->v[i].answer;

		f->all_good = f->all_good && a->state == VS_OCSP_GOOD;
		if (a->this_update < f->this_update)
			f->this_update = a->this_update;
		if (a->next_update < f->next_update)
			f->next_update = a->next_update;
	}
	name_it(o);
	return true;
}

vs_status
vs_ocsp_parse(struct vs_span der, struct vs_ocsp **out, struct vs_err *err)
{
	VS_AUTO(vs_ocsp) *o = vs_calloc(1, sizeof(*o));
	bool read;

	ERR_clear_error();
	if (o == NULL)
		return vs_fail(err, VS_NO_MEMORY, "OCSP response");
	o->basic = read_basic(der);
	read = o->basic != NULL && read_all(o);
	ERR_clear_error();
	if (!read)
		return vs_fail(err, VS_MALFORMED,
		    "OCSP response: not a successful one, or without "
		    "nextUpdate, or with a critical extension");
	o->der = malloc(der.n);
	if (o->der == NULL)
		return vs_fail(err, VS_NO_MEMORY, "OCSP response");
	memcpy(o->der, der.p, der.n);
	o->facts.der = VS_SPAN(o->der, der.n);
	VS_TRY(err, "OCSP response", vs_sha256(der, o->facts.sha256));
	*out = VS_TAKE(o);
	return VS_OK;
}

static bool
is_about(const struct single *s, const struct vs_cert *cert,
    const struct vs_cert *issuer)
{
	OCSP_CERTID *want;
	bool same;

	if (ASN1_INTEGER_cmp(s->serial, X509_get0_serialNumber(cert->x)) != 0)
		return false;
	want = OCSP_cert_to_id(s->md, cert->x, issuer->x);
	same = want != NULL && OCSP_id_cmp(s->id, want) == 0;
	OCSP_CERTID_free(want);
	return same;
}

/* Good is the best of them, and unknown is no news. */
static bool
is_worse(const struct vs_ocsp_answer *a, const struct vs_ocsp_answer *b)
{
	static const int rank[] = {1, 0, 3, 2};

	return rank[a->state] > rank[b->state];
}

bool
vs_ocsp_about(const struct vs_ocsp *o, const struct vs_cert *cert,
    const struct vs_cert *issuer, struct vs_ocsp_answer *out)
{
	const struct vs_ocsp_answer *worst = NULL;

	for (size_t i = 0; i < o->n; i++)
		if (is_about(&o->v[i], cert, issuer) &&
		    (worst == NULL || is_worse(&o->v[i].answer, worst)))
			worst = &o->v[i].answer;
	ERR_clear_error();
	if (worst == NULL)
		return false;
	*out = *worst;
	return true;
}

static bool
signed_by(const struct vs_ocsp *o, const struct vs_cert *signer)
{
	/* What it is to hold is the signer alone, and it was checked. */
	const unsigned long flags = OCSP_NOINTERN | OCSP_NOVERIFY;
	STACK_OF(X509) *only = sk_X509_new_null();
	int ok = 0;

	if (only != NULL && sk_X509_push(only, signer->x) > 0)
		ok = OCSP_basic_verify(o->basic, only, NULL, flags);
	sk_X509_free(only);
	ERR_clear_error();
	return ok == 1;
}

/* When each of the answers was given: one old answer excuses no other. */
static bool
was_in_date(const struct vs_ocsp *o, const struct vs_validity *v)
{
	for (size_t i = 0; i < o->n; i++) {
		int64_t then = o->v[i].answer.this_update;

		if (then < v->not_before || then > v->not_after)
			return false;
	}
	return true;
}

/* RFC 6960 4.2.2.2: certified by the authority itself, to sign answers. */
static bool
is_delegate(const struct vs_ocsp *o, const struct vs_cert *c,
    const struct vs_cert *issuer)
{
	uint32_t usage = X509_get_extended_key_usage(c->x);
	struct vs_err ignored = {0};

	/* UINT32_MAX: no extendedKeyUsage at all. */
	return usage != UINT32_MAX && (usage & XKU_OCSP_SIGN) != 0 &&
	    (X509_get_key_usage(c->x) & KU_DIGITAL_SIGNATURE) != 0 &&
	    vs_cert_key_is_p384(c) && was_in_date(o, &c->facts.validity) &&
	    vs_cert_issued_as(c, issuer, 0, VS_SIG_P384_SHA384, &ignored) ==
	    VS_OK;
}

static bool
signed_by_delegate(const struct vs_ocsp *o, const X509 *x,
    const struct vs_cert *issuer, int64_t *until)
{
	VS_AUTO(vs_cert) *c = NULL;
	struct vs_err ignored = {0};
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	vs_status st = VS_MALFORMED;

	if (n > 0)
		st = vs_cert_parse(VS_SPAN(der, (size_t)n), &c, &ignored);
	OPENSSL_free(der);
	if (st != VS_OK || !is_delegate(o, c, issuer) || !signed_by(o, c))
		return false;
	*until = c->facts.validity.not_after;
	return true;
}

vs_status
vs_ocsp_issued_by(const struct vs_ocsp *o, const struct vs_cert *issuer,
    int64_t *until, struct vs_err *err)
{
	const X509_ALGOR *alg = OCSP_resp_get0_tbs_sigalg(o->basic);
	const STACK_OF(X509) *certs = OCSP_resp_get0_certs(o->basic);
	const ASN1_OBJECT *name = NULL;
	int n = sk_X509_num(certs); /* -1: none */

	ERR_clear_error();
	X509_ALGOR_get0(&name, NULL, NULL, alg);
	if (OBJ_obj2nid(name) != NID_ecdsa_with_SHA384)
		return vs_fail(
		    err, VS_UNTRUSTED, "OCSP response: not ECDSA with SHA-384");
	if (vs_cert_key_is_p384(issuer) && signed_by(o, issuer)) {
		*until = INT64_MAX;
		return VS_OK;
	}
	for (int i = 0; i < n && i < VS_OCSP_SIGNERS_MAX; i++)
		if (signed_by_delegate(
			o, sk_X509_value(certs, i), issuer, until))
			return VS_OK;
	return vs_fail(err, VS_UNTRUSTED,
	    "OCSP response: not signed by \"%s\" or on its behalf",
	    issuer->facts.cn);
}
