/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the certificate to a CA of the trusted root, at every time at which
 * it is known to have signed. The wall clock has no say: the certificate
 * lived for ten minutes.
 */
#include "crypto/der.h"
#include "provenance/parts.h"

/* RFC 5280 4.2.1.3, 4.2.1.12; codeSigning is 1.3.6.1.5.5.7.3.3. */
static const uint8_t ku_oid[] = {0x55, 0x1d, 0x0f};
static const uint8_t eku_oid[] = {0x55, 0x1d, 0x25};
static const uint8_t code_signing[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03};
enum { DER_BIT_STRING = 0x03, DIGITAL_SIGNATURE = 0x80 };

static vs_status
untrusted(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_UNTRUSTED, "untrusted-root", "certificate: %s", what);
}

static bool
may_sign_data(const struct vs_cert *c)
{
	struct vs_span ext, bits;

	return vs_cert_ext(c, VS_SPAN_OF(ku_oid), &ext) == 1 &&
	    vs_der_only(ext, DER_BIT_STRING, &bits) == VS_OK && bits.n >= 2 &&
	    (bits.p[1] & DIGITAL_SIGNATURE) != 0;
}

/* absent: what to say of a certificate without the extension. */
static bool
may_sign_code(const struct vs_cert *c, bool absent)
{
	struct vs_span ext, list;
	struct vs_der oid;
	struct vs_rd rd;
	size_t n = vs_cert_ext(c, VS_SPAN_OF(eku_oid), &ext);

	if (n == 0)
		return absent;
	if (n != 1 || vs_der_only(ext, VS_DER_SEQUENCE, &list) != VS_OK)
		return false;
	rd = vs_rd_of(list);
	while (vs_der_next(&rd, &oid) == VS_OK)
		if (oid.tag == VS_DER_OID &&
		    vs_span_equal(oid.value, VS_SPAN_OF(code_signing)))
			return true;
	return false;
}

static bool
issued(const struct vs_cert *c, const struct vs_cert *by, long below)
{
	struct vs_err why = {0};

	return may_sign_code(by, true) &&
	    vs_cert_issued_as(c, by, below, VS_SIG_ECDSA, &why) == VS_OK;
}

static bool
leads_to(const struct vs_cert *leaf, const struct vs_pv_ca *ca)
{
	if (!issued(leaf, ca->certs[0], 0))
		return false;
	for (size_t i = 0; i + 1 < ca->n; i++)
		if (!issued(ca->certs[i], ca->certs[i + 1], (long)i + 1))
			return false;
	return true;
}

static bool
valid_at(const struct vs_cert *c, int64_t s)
{
	const struct vs_validity *v = &vs_cert_facts(c)->validity;

	return v->not_before <= s && s <= v->not_after;
}

static bool
all_valid_at(const struct vs_cert *leaf, const struct vs_pv_ca *ca, int64_t s)
{
	if (!valid_at(leaf, s) || !vs_pv_in(&ca->valid, s * 1000))
		return false;
	for (size_t i = 0; i < ca->n; i++)
		if (!valid_at(ca->certs[i], s))
			return false;
	return true;
}

static bool
always_valid(const struct vs_pv_run *r, const struct vs_pv_ca *ca)
{
	for (size_t i = 0; i < r->out.times_n; i++)
		if (!all_valid_at(r->cert, ca, r->out.times[i]))
			return false;
	return true;
}

vs_status
vs_pv_chain(struct vs_pv_run *r, struct vs_err *err)
{
	bool known = false;

	if (r->out.times_n == 0)
		return vs_fail_code(err, VS_UNTRUSTED, "missing-claim.time",
		    "nothing says when it was signed");
	if (vs_cert_facts(r->cert)->ca || !may_sign_data(r->cert) ||
	    !may_sign_code(r->cert, false))
		return untrusted(err, "not one that signs code");
	for (size_t i = 0; i < r->trust->cas_n; i++) {
		const struct vs_pv_ca *ca = &r->trust->cas[i];
		if (!leads_to(r->cert, ca))
			continue;
		known = true;
		if (!always_valid(r, ca))
			continue;
		r->issuer = ca->certs[0];
		return VS_OK;
	}
	if (known)
		return vs_fail_code(err, VS_STALE, "expired",
		    "certificate or CA: not valid when it signed");
	return untrusted(err, "of no CA of the trusted root");
}
