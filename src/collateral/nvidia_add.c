/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's roots and reference documents in a snapshot. */
#include <stdio.h>
#include <string.h>

#include "collateral/nvidia.h"
#include "collateral/nvidia_ca.h"
#include "collateral/nvidia_held.h"
#include "collateral/snapshot.h"

static vs_status
add_root(struct vs_trust *t, const struct vs_nv_ca *ca,
    const struct vs_nv_pin *pin, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_cert_facts *f;

	VS_TRY(err, "root", vs_cert_parse(ca->der, &cert, err));
	f = vs_cert_facts(cert);
	if (memcmp(f->sha256, pin->cert_sha256, sizeof(f->sha256)) != 0 ||
	    memcmp(f->spki_sha256, pin->spki_sha256, sizeof(f->spki_sha256)) !=
		0)
		return vs_fail(err, VS_INTERNAL,
		    "built-in certificate %s does not match its pin", f->cn);
	return vs_trust_add_anchor(t, f->cn, "NVIDIA", &cert, err);
}

bool
vs_nv_is_root(const struct vs_cert *cert, unsigned which)
{
	return which < VS_NV_ROOT_COUNT &&
	    memcmp(vs_cert_facts(cert)->sha256, vs_nv_pins[which].cert_sha256,
		VS_SHA256_SIZE) == 0;
}

bool
vs_nv_revoked(const struct vs_trust *t, const struct vs_anchor *anchor,
    struct vs_cert *const *certs, size_t n)
{
	struct vs_span issuer = vs_cert_facts(anchor->cert)->subject;

	for (size_t i = 0; i < t->crls_n; i++)
		for (size_t k = 0; k < n && t->crls[i].anchor == anchor; k++)
			if (vs_span_equal(
				vs_cert_facts(certs[k])->issuer, issuer) &&
			    vs_crl_lists(t->crls[i].crl, certs[k]))
				return true;
	return false;
}

vs_status
vs_trust_add_nvidia(struct vs_trust *t, const struct vs_nv_ca *cas,
    const struct vs_nv_pin *pins, struct vs_err *err)
{
	for (size_t i = 0; i < VS_NV_ROOT_COUNT; i++)
		VS_TRY(err, "NVIDIA", add_root(t, &cas[i], &pins[i], err));
	return VS_OK;
}

static bool
same(const struct vs_nv_rim *a, const struct vs_nv_rim *b)
{
	return strcmp(a->id, b->id) == 0 &&
	    memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

vs_status
vs_trust_add_rim(struct vs_trust *t, struct vs_span table, struct vs_err *err)
{
	VS_AUTO(vs_nv_rim) *rim = NULL;
	struct vs_nv_rim_parts parts;

	VS_TRY(err, "RIM", vs_nv_table_read(table, &parts, err));
	VS_TRY(err, "RIM", vs_nv_rim_check(&parts, t, &rim, err));
	for (size_t i = 0; i < t->rims_n; i++)
		if (same(t->rims[i], rim))
			return VS_OK;
	if (t->rims_n == VS_RIMS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d reference documents", VS_RIMS_MAX);
	t->rims[t->rims_n++] = VS_TAKE(rim);
	return VS_OK;
}

void
vs_trust_free_rims(struct vs_trust *t)
{
	for (size_t i = 0; i < t->rims_n; i++)
		vs_nv_rim_free(&t->rims[i]);
	t->rims_n = 0;
}

void
vs_rim_item(const struct vs_nv_rim *rim, struct vs_collateral_item *it)
{
	it->kind = "rim";
	it->name = rim->id;
	it->product = rim->product;
	it->simulated = rim->simulated;
	it->not_before = rim->validity.not_before;
	it->not_after = rim->validity.not_after;
	memcpy(it->sha256, rim->sha256, sizeof(it->sha256));
}

size_t
vs_nv_rims_find(const struct vs_trust *t, const char *id,
    const struct vs_nv_rim **out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rims_n && n < cap; i++)
		if (strcmp(t->rims[i]->id, id) == 0)
			out[n++] = t->rims[i];
	return n;
}
