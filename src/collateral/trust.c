/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors, intermediates and revocation lists: lookup and growth. */
#include "collateral/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "collateral/amd_ca.h"

static bool
same_cert(const struct vs_cert *a, const struct vs_cert *b)
{
	return vs_span_equal(vs_cert_facts(a)->der, vs_cert_facts(b)->der);
}

const struct vs_anchor *
vs_trust_anchor_of(const struct vs_trust *t, const struct vs_cert *cert)
{
	for (size_t i = 0; i < t->anchors_n; i++)
		if (same_cert(t->anchors[i].cert, cert))
			return &t->anchors[i];
	return NULL;
}

const struct vs_issuer *
vs_trust_issuer_of(const struct vs_trust *t, const struct vs_cert *cert)
{
	for (size_t i = 0; i < t->issuers_n; i++)
		if (same_cert(t->issuers[i].cert, cert))
			return &t->issuers[i];
	return NULL;
}

const struct vs_issuer *
vs_trust_signer_of(const struct vs_trust *t, const struct vs_cert *cert)
{
	for (size_t i = 0; i < t->signers_n; i++)
		if (same_cert(t->signers[i].cert, cert))
			return &t->signers[i];
	return NULL;
}

const struct vs_anchor *
vs_trust_find_anchor(
    const struct vs_trust *t, const struct vs_cert *cert, struct vs_err *err)
{
	(void)vs_fail(err, VS_UNTRUSTED, "%s: no trust anchor \"%s\"",
	    vs_cert_facts(cert)->cn, vs_cert_facts(cert)->issuer_cn);
	for (size_t i = 0; i < t->anchors_n; i++) {
		const struct vs_cert *root = t->anchors[i].cert;
		if (!vs_span_equal(vs_cert_facts(root)->subject,
			vs_cert_facts(cert)->issuer))
			continue;
		/* A test root bears the vendor's name: try every namesake. */
		if (vs_cert_issued_as(
			cert, root, 0, t->anchors[i].profile, err) == VS_OK) {
			vs_err_clear(err);
			return &t->anchors[i];
		}
	}
	return NULL;
}

static vs_sig_profile
profile_of(const struct vs_cert *cert)
{
	if (vs_cert_key_is_p384(cert))
		return VS_SIG_P384_SHA384;
	if (vs_cert_key_is_p256(cert))
		return VS_SIG_P256_SHA256;
	return VS_SIG_PSS_SHA384;
}

vs_status
vs_trust_add_anchor(struct vs_trust *t, const char *name, const char *product,
    struct vs_cert **cert, struct vs_err *err)
{
	struct vs_anchor *a = &t->anchors[t->anchors_n];

	if (t->anchors_n == VS_ANCHORS_MAX)
		return vs_fail(err, VS_TOO_LARGE, "more than %d trust anchors",
		    VS_ANCHORS_MAX);
	/* A key has one profile: nothing to choose, and nothing to confuse. */
	a->profile = profile_of(*cert);
	VS_TRY(err, "self-signature",
	    vs_cert_issued_as(*cert, *cert, 1, a->profile, err));
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	a->built_in = product != NULL;
	a->product = product != NULL ? product : a->name;
	a->cert = VS_TAKE(*cert);
	t->anchors_n++;
	return VS_OK;
}

vs_status
vs_trust_add_issuer(struct vs_trust *t, const struct vs_anchor *anchor,
    bool built_in, struct vs_cert **cert, struct vs_err *err)
{
	if (t->issuers_n == VS_ISSUERS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d intermediate certificates", VS_ISSUERS_MAX);
	t->issuers[t->issuers_n++] = (struct vs_issuer){
	    .anchor = anchor, .built_in = built_in, .cert = VS_TAKE(*cert)};
	return VS_OK;
}

vs_status
vs_trust_add_signer(struct vs_trust *t, const struct vs_anchor *anchor,
    bool built_in, struct vs_cert **cert, struct vs_err *err)
{
	if (t->signers_n == VS_SIGNERS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d TCB signing certificates", VS_SIGNERS_MAX);
	t->signers[t->signers_n++] = (struct vs_issuer){
	    .anchor = anchor, .built_in = built_in, .cert = VS_TAKE(*cert)};
	return VS_OK;
}

vs_status
vs_trust_add_pck_crl(struct vs_trust *t, const struct vs_issuer *ca,
    struct vs_crl **crl, struct vs_err *err)
{
	if (t->pck_crls_n == VS_PCK_CRLS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d revocation lists of PCK authorities",
		    VS_PCK_CRLS_MAX);
	t->pck_crls[t->pck_crls_n++] =
	    (struct vs_pck_crl){.ca = ca, .crl = VS_TAKE(*crl)};
	return VS_OK;
}

vs_status
vs_trust_add_crl(struct vs_trust *t, const struct vs_anchor *anchor,
    struct vs_crl **crl, struct vs_err *err)
{
	if (t->crls_n == VS_CRLS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d revocation lists", VS_CRLS_MAX);
	t->crls[t->crls_n++] =
	    (struct vs_anchor_crl){.anchor = anchor, .crl = VS_TAKE(*crl)};
	return VS_OK;
}

static vs_status
check_pin(const struct vs_amd_ca *ca, const struct vs_amd_pin *pin,
    const struct vs_cert *cert, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(cert);

	if (strcmp(ca->product, pin->product) != 0 || ca->role != pin->role ||
	    memcmp(f->sha256, pin->cert_sha256, sizeof(f->sha256)) != 0 ||
	    memcmp(f->spki_sha256, pin->spki_sha256, sizeof(f->spki_sha256)) !=
		0)
		return vs_fail(err, VS_INTERNAL,
		    "built-in certificate %s does not match its pin", f->cn);
	return VS_OK;
}

static vs_status
add_amd_one(struct vs_trust *t, const struct vs_amd_ca *ca,
    const struct vs_amd_pin *pin, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_anchor *anchor;

	VS_TRY(err, ca->product, vs_cert_parse(ca->der, &cert, err));
	VS_TRY(err, ca->product, check_pin(ca, pin, cert, err));
	if (ca->role == VS_AMD_ARK)
		return vs_trust_add_anchor(
		    t, vs_cert_facts(cert)->cn, ca->product, &cert, err);
	anchor = vs_trust_find_anchor(t, cert, err);
	if (anchor == NULL)
		return vs_ctx(err, ca->product, err->status);
	return vs_trust_add_issuer(t, anchor, true, &cert, err);
}

vs_status
vs_trust_add_amd(struct vs_trust *t, const struct vs_amd_ca *cas,
    const struct vs_amd_pin *pins, struct vs_err *err)
{
	for (size_t i = 0; i < VS_AMD_CA_COUNT; i++)
		VS_TRY(err, "AMD", add_amd_one(t, &cas[i], &pins[i], err));
	return VS_OK;
}
