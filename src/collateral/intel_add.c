/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's certificates, revocation lists and statements into a snapshot. */
#include <string.h>

#include "collateral/intel_ca.h"
#include "collateral/intel_held.h"
#include "collateral/snapshot.h"

bool
vs_intel_is_pck_ca(const char *cn)
{
	return strcmp(cn, VS_INTEL_PLATFORM_CN) == 0 ||
	    strcmp(cn, VS_INTEL_PROCESSOR_CN) == 0;
}

vs_status
vs_trust_add_intel_cert(struct vs_trust *t, const struct vs_anchor *anchor,
    struct vs_cert **cert, bool built_in, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(*cert);

	if (f->ca && vs_intel_is_pck_ca(f->cn))
		return vs_trust_add_issuer(t, anchor, built_in, cert, err);
	/* By its name alone: nothing else tells the signer of TCB info from
	 * a PCK certificate, which is under the same root. */
	if (!f->ca && strcmp(f->cn, VS_INTEL_SIGNER_CN) == 0)
		return vs_trust_add_signer(t, anchor, built_in, cert, err);
	return vs_fail_code(err, VS_UNTRUSTED, "chain_invalid",
	    "%s: neither a PCK authority nor \"" VS_INTEL_SIGNER_CN "\"",
	    f->cn);
}

static bool
same_bytes(const struct vs_crl *a, const struct vs_crl *b)
{
	return vs_span_equal(vs_crl_facts(a)->der, vs_crl_facts(b)->der);
}

vs_status
vs_trust_hold_pck_crl(
    struct vs_trust *t, struct vs_crl **crl, struct vs_err *err)
{
	for (size_t i = 0; i < t->pck_crls_n; i++)
		if (same_bytes(t->pck_crls[i].crl, *crl))
			return VS_OK;
	for (size_t i = 0; i < t->issuers_n; i++) {
		const struct vs_issuer *ca = &t->issuers[i];

		if (ca->anchor->profile == VS_SIG_P256_SHA256 &&
		    vs_crl_issued_as(*crl, ca->cert, VS_SIG_P256_SHA256, err) ==
			VS_OK) {
			vs_err_clear(err);
			return vs_trust_add_pck_crl(t, ca, crl, err);
		}
	}
	vs_err_clear(err);
	return vs_trust_add_pck_crl(t, NULL, crl, err);
}

vs_status
vs_trust_add_statement(
    struct vs_trust *t, struct vs_span body, struct vs_err *err)
{
	VS_AUTO(vs_intel_statement) *s = NULL;

	VS_TRY(err, "statement", vs_intel_statement_new(t, body, &s, err));
	for (size_t i = 0; i < t->statements_n; i++)
		if (t->statements[i]->anchor == s->anchor &&
		    memcmp(t->statements[i]->sha256, s->sha256,
			sizeof(s->sha256)) == 0)
			return VS_OK;
	if (t->statements_n == VS_STATEMENTS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d statements of Intel's", VS_STATEMENTS_MAX);
	t->statements[t->statements_n++] = VS_TAKE(s);
	return VS_OK;
}

static vs_status
check_pin(const struct vs_intel_ca *ca, const struct vs_intel_pin *pin,
    const struct vs_cert *cert, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(cert);

	if (ca->role != pin->role ||
	    memcmp(f->sha256, pin->cert_sha256, sizeof(f->sha256)) != 0 ||
	    memcmp(f->spki_sha256, pin->spki_sha256, sizeof(f->spki_sha256)) !=
		0)
		return vs_fail(err, VS_INTERNAL,
		    "built-in certificate %s does not match its pin", f->cn);
	return VS_OK;
}

static vs_status
add_one(struct vs_trust *t, const struct vs_intel_ca *ca,
    const struct vs_intel_pin *pin, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_anchor *anchor;

	VS_TRY(err, "Intel", vs_cert_parse(ca->der, &cert, err));
	VS_TRY(err, "Intel", check_pin(ca, pin, cert, err));
	if (ca->role == VS_INTEL_ROOT)
		return vs_trust_add_anchor(
		    t, vs_cert_facts(cert)->cn, "Intel", &cert, err);
	anchor = vs_trust_find_anchor(t, cert, err);
	if (anchor == NULL)
		return err->status;
	return vs_trust_add_intel_cert(t, anchor, &cert, true, err);
}

vs_status
vs_trust_add_intel(struct vs_trust *t, const struct vs_intel_ca *cas,
    const struct vs_intel_pin *pins, struct vs_err *err)
{
	for (size_t i = 0; i < VS_INTEL_CA_COUNT; i++)
		VS_TRY(err, "built in", add_one(t, &cas[i], &pins[i], err));
	return VS_OK;
}
