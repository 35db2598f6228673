/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups at appraisal: everything that depends on time. */
#include "collateral/intel.h"

#include <string.h>

#include "base/encoding.h"
#include "collateral/intel_held.h"

const struct vs_anchor *
vs_intel_anchor_of(const struct vs_trust *t, const struct vs_cert *root)
{
	const struct vs_cert_facts *f = vs_cert_facts(root);

	for (size_t i = 0; i < t->anchors_n; i++) {
		const struct vs_anchor *a = &t->anchors[i];
		const struct vs_cert_facts *have = vs_cert_facts(a->cert);

		if (a->profile == VS_SIG_P256_SHA256 &&
		    vs_span_equal(have->subject, f->subject) &&
		    vs_span_equal(have->issuer, f->issuer) &&
		    memcmp(have->spki_sha256, f->spki_sha256,
			sizeof(f->spki_sha256)) == 0)
			return a;
	}
	return NULL;
}

/* ---- revocation lists -------------------------------------------------- */

/* Keeps the newest that has begun; says whether there was any. */
struct pick {
	const struct vs_crl *best;
	bool any;
};

static void
consider(struct pick *p, const struct vs_crl *crl, int64_t now)
{
	p->any = true;
	if (vs_crl_facts(crl)->this_update > now)
		return;
	if (p->best == NULL ||
	    vs_crl_facts(crl)->this_update > vs_crl_facts(p->best)->this_update)
		p->best = crl;
}

static vs_status
settle(const struct pick *p, const char *of, int64_t now,
    const struct vs_crl **out, struct vs_err *err)
{
	if (!p->any)
		return vs_fail_code(err, VS_UNTRUSTED, "crl_missing",
		    "no revocation list of %s", of);
	if (p->best == NULL || vs_crl_facts(p->best)->next_update < now)
		return vs_fail_code(err, VS_UNTRUSTED, "crl_expired",
		    "the revocation list of %s is not in date", of);
	*out = p->best;
	return VS_OK;
}

vs_status
vs_intel_root_crl(const struct vs_trust *t, const struct vs_anchor *anchor,
    int64_t now, const struct vs_crl **out, struct vs_err *err)
{
	struct pick p = {0};

	for (size_t i = 0; i < t->crls_n; i++)
		if (t->crls[i].anchor == anchor)
			consider(&p, t->crls[i].crl, now);
	return settle(&p, anchor->name, now, out, err);
}

static bool
same_key(const struct vs_cert *a, const struct vs_cert *b)
{
	return memcmp(vs_cert_facts(a)->spki_sha256,
		   vs_cert_facts(b)->spki_sha256, VS_SHA256_SIZE) == 0;
}

static bool
signed_by(const struct vs_pck_crl *held, const struct vs_cert *ca)
{
	struct vs_err why = {0};

	if (held->ca != NULL)
		return same_key(held->ca->cert, ca);
	return vs_crl_issued_as(held->crl, ca, VS_SIG_P256_SHA256, &why) ==
	    VS_OK;
}

vs_status
vs_intel_pck_crl(const struct vs_trust *t, const struct vs_cert *ca,
    int64_t now, const struct vs_crl **out, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(ca);
	struct pick p = {0};
	bool by_name = false;

	for (size_t i = 0; i < t->pck_crls_n; i++) {
		const struct vs_pck_crl *held = &t->pck_crls[i];

		if (!vs_span_equal(vs_crl_facts(held->crl)->issuer, f->subject))
			continue;
		by_name = true;
		if (signed_by(held, ca))
			consider(&p, held->crl, now);
	}
	if (by_name && !p.any)
		return vs_fail_code(err, VS_UNTRUSTED, "crl_invalid",
		    "the revocation list of %s is not signed by it", f->cn);
	return settle(&p, f->cn, now, out, err);
}

/* ---- statements -------------------------------------------------------- */

static bool
within(const struct vs_cert *c, int64_t now)
{
	const struct vs_validity *v = &vs_cert_facts(c)->validity;

	return v->not_before <= now && now <= v->not_after;
}

/* Every certificate of the signing key counts against it, and one that is in
 * date is enough for it. */
static vs_status
check_signer(const struct vs_trust *t, const struct vs_intel_statement *s,
    int64_t now, struct vs_err *err)
{
	const struct vs_crl *crl = NULL;
	bool in_date = false;

	VS_TRY(err, s->name, vs_intel_root_crl(t, s->anchor, now, &crl, err));
	for (size_t i = 0; i < t->signers_n; i++) {
		const struct vs_issuer *c = &t->signers[i];

		if (c->anchor != s->anchor ||
		    memcmp(vs_cert_facts(c->cert)->spki_sha256, s->signer_spki,
			sizeof(s->signer_spki)) != 0)
			continue;
		if (vs_crl_lists(crl, c->cert))
			return vs_fail_code(err, VS_UNTRUSTED, "cert_revoked",
			    "the signer of %s is revoked", s->name);
		in_date = in_date || within(c->cert, now);
	}
	if (!in_date || !within(s->anchor->cert, now))
		return vs_fail_code(err, VS_UNTRUSTED, "cert_validity",
		    "the signer of %s is not in date", s->name);
	return VS_OK;
}

static bool
matches(const struct vs_intel_statement *s, const struct vs_intel_query *q,
    bool identity)
{
	const struct vs_intel_tcb_info *t = &s->u.info;

	if (s->anchor != q->anchor || s->is_identity != identity ||
	    vs_intel_dates_of(s).tee != q->tee)
		return false;
	return identity ||
	    ((t->version != 2 || q->allow_v2) &&
		memcmp(t->fmspc, q->fmspc, sizeof(t->fmspc)) == 0 &&
		memcmp(t->pceid, q->pceid, sizeof(t->pceid)) == 0);
}

/* Codes of either kind. */
struct codes {
	const char *mismatch, *early, *expired;
};

static const struct codes info_codes = {
    "tcb_info_mismatch", "tcb_info_not_yet_valid", "tcb_info_expired"};
static const struct codes identity_codes = {
    "qe_identity_mismatch", "qe_identity_not_yet_valid", "qe_identity_expired"};

static vs_status
find(const struct vs_trust *t, const struct vs_intel_query *q, bool identity,
    const struct vs_intel_statement **out, struct vs_err *err)
{
	const struct codes *codes = identity ? &identity_codes : &info_codes;
	const struct vs_intel_statement *best = NULL;
	bool any = false;

	for (size_t i = 0; i < t->statements_n; i++) {
		const struct vs_intel_statement *s = t->statements[i];

		if (!matches(s, q, identity))
			continue;
		any = true;
		if (vs_intel_dates_of(s).issue_date <= q->now &&
		    (best == NULL || vs_intel_newer(s, best)))
			best = s;
	}
	if (!any)
		return vs_fail_code(err, VS_UNTRUSTED, codes->mismatch,
		    "none of this kind for the platform");
	if (best == NULL)
		return vs_fail_code(
		    err, VS_UNTRUSTED, codes->early, "issued only later");
	/* Not a copy with a lower number: that would roll back. */
	if (vs_intel_dates_of(best).next_update < q->now)
		return vs_fail_code(err, VS_UNTRUSTED, codes->expired,
		    "%s: number %u is out of date", best->name,
		    vs_intel_dates_of(best).number);
	*out = best;
	return VS_OK;
}

vs_status
vs_intel_tcb_info(const struct vs_trust *t, const struct vs_intel_query *q,
    const struct vs_intel_tcb_info **out, struct vs_err *err)
{
	char what[64] = "TCB info of SGX ";
	const struct vs_intel_statement *s = NULL;

	if (q->tee == VS_INTEL_TDX)
		memcpy(what + strlen("TCB info of "), "TDX", 3);
	vs_hex(VS_SPAN_OF(q->fmspc), what + strlen(what));
	VS_TRY(err, what, find(t, q, false, &s, err));
	VS_TRY(err, what, check_signer(t, s, q->now, err));
	*out = &s->u.info;
	return VS_OK;
}

vs_status
vs_intel_identity(const struct vs_trust *t, const struct vs_intel_query *q,
    const struct vs_intel_identity **out, struct vs_err *err)
{
	const struct vs_intel_statement *s = NULL;

	VS_TRY(err, "QE identity", find(t, q, true, &s, err));
	VS_TRY(err, "QE identity", check_signer(t, s, q->now, err));
	*out = &s->u.identity;
	return VS_OK;
}
