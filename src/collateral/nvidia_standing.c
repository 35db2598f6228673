/* SPDX-License-Identifier: Apache-2.0 */
/* Whether NVIDIA has revoked what a chain is made of. */
#include <stdio.h>
#include <string.h>

#include "collateral/nvidia.h"
#include "collateral/nvidia_held.h"
#include "collateral/snapshot.h"

static const char prefix[] = "NVIDIA ";

bool
vs_nv_is_authority(const char *cn)
{
	return strncmp(cn, prefix, sizeof(prefix) - 1) == 0;
}

vs_status
vs_trust_hold_nv_crl(
    struct vs_trust *t, struct vs_crl **crl, struct vs_err *err)
{
	for (size_t i = 0; i < t->nv_crls_n; i++)
		if (vs_span_equal(vs_crl_facts(t->nv_crls[i])->der,
			vs_crl_facts(*crl)->der))
			return VS_OK;
	if (t->nv_crls_n == VS_NV_CRLS_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "more than %d revocation lists of NVIDIA's authorities",
		    VS_NV_CRLS_MAX);
	t->nv_crls[t->nv_crls_n++] = VS_TAKE(*crl);
	return VS_OK;
}

vs_status
vs_trust_hold_ocsp(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_ocsp) *o = NULL;

	VS_TRY_CODE(err, "ocsp_invalid", "OCSP", vs_ocsp_parse(der, &o, err));
	for (size_t i = 0; i < t->nv_ocsps_n; i++)
		if (memcmp(vs_ocsp_facts(t->nv_ocsps[i])->sha256,
			vs_ocsp_facts(o)->sha256, VS_SHA256_SIZE) == 0)
			return VS_OK;
	if (t->nv_ocsps_n == VS_NV_OCSPS_MAX)
		return vs_fail(err, VS_TOO_LARGE, "more than %d OCSP responses",
		    VS_NV_OCSPS_MAX);
	t->nv_ocsps[t->nv_ocsps_n++] = VS_TAKE(o);
	return VS_OK;
}

void
vs_trust_free_answers(struct vs_trust *t)
{
	for (size_t i = 0; i < t->nv_crls_n; i++)
		vs_crl_free(&t->nv_crls[i]);
	for (size_t i = 0; i < t->nv_ocsps_n; i++)
		vs_ocsp_free(&t->nv_ocsps[i]);
	t->nv_crls_n = t->nv_ocsps_n = 0;
}

void
vs_ocsp_item(const struct vs_ocsp *o, struct vs_collateral_item *it)
{
	const struct vs_ocsp_facts *f = vs_ocsp_facts(o);

	it->kind = "ocsp";
	it->name = f->name;
	it->product = "NVIDIA";
	it->unverified = true;
	it->not_before = f->this_update;
	it->not_after = f->next_update;
	memcpy(it->sha256, f->sha256, sizeof(it->sha256));
}

/* ---- one certificate and its issuer ------------------------------------ */

struct pair {
	const struct vs_trust *t;
	const struct vs_cert *cert, *issuer;
	bool revoked;
	struct vs_nv_window ocsp, crl;
};

static void
read_list(struct pair *p, const struct vs_crl *crl)
{
	const struct vs_crl_facts *f = vs_crl_facts(crl);

	if (vs_crl_lists(crl, p->cert))
		p->revoked = true;
	else if (f->this_update > p->crl.from)
		p->crl = (struct vs_nv_window){f->this_update, f->next_update};
}

static void
ask_lists(struct pair *p)
{
	struct vs_span issuer = vs_cert_facts(p->issuer)->subject;
	const struct vs_anchor *anchor = vs_trust_anchor_of(p->t, p->issuer);
	struct vs_err ignored = {0};

	for (size_t i = 0; i < p->t->crls_n; i++)
		if (anchor != NULL && p->t->crls[i].anchor == anchor)
			read_list(p, p->t->crls[i].crl);
	for (size_t i = 0; i < p->t->nv_crls_n; i++) {
		const struct vs_crl *crl = p->t->nv_crls[i];

		if (vs_span_equal(vs_crl_facts(crl)->issuer, issuer) &&
		    vs_crl_issued_as(
			crl, p->issuer, VS_SIG_P384_SHA384, &ignored) == VS_OK)
			read_list(p, crl);
	}
}

/* Of two as old as each other the hold: which came first says nothing. */
static bool
is_newer(const struct vs_ocsp_answer *a, const struct vs_ocsp_answer *newest)
{
	return a->this_update > newest->this_update ||
	    (a->this_update == newest->this_update && a->state == VS_OCSP_HOLD);
}

/* The newest decides on a hold; a revocation is not taken back. */
static void
ask_responder(struct pair *p)
{
	struct vs_ocsp_answer a, newest = {0};
	struct vs_err ignored = {0};
	int64_t until;

	for (size_t i = 0; i < p->t->nv_ocsps_n; i++) {
		const struct vs_ocsp *o = p->t->nv_ocsps[i];

		if (!vs_ocsp_about(o, p->cert, p->issuer, &a) ||
		    vs_ocsp_issued_by(o, p->issuer, &until, &ignored) != VS_OK)
			continue;
		if (until < a.next_update)
			a.next_update = until;
		if (a.state == VS_OCSP_REVOKED)
			p->revoked = true;
		if (a.state != VS_OCSP_UNKNOWN && is_newer(&a, &newest))
			newest = a;
	}
	if (newest.state == VS_OCSP_HOLD)
		p->revoked = true;
	if (newest.state == VS_OCSP_GOOD)
		p->ocsp = (struct vs_nv_window){
		    newest.this_update, newest.next_update};
}

void
vs_nv_standing(const struct vs_trust *t, struct vs_cert *const *certs, size_t n,
    struct vs_nv_standing *out)
{
	struct vs_nv_standing s = {.n = n};

	VS_ASSERT(n <= VS_NV_STANDING_MAX);
	for (size_t i = 0; i < n; i++) {
		struct pair p = {
		    .t = t, .cert = certs[i], .issuer = certs[i + 1]};

		ask_lists(&p);
		ask_responder(&p);
		s.ocsp[i] = p.ocsp;
		s.crl[i] = p.crl;
		if (p.revoked && !s.revoked) {
			s.revoked = true;
			(void)snprintf(s.who, sizeof(s.who), "%s",
			    vs_cert_facts(p.cert)->cn);
		}
	}
	*out = s;
}

static bool
is_fresh(const struct vs_nv_window *w, int64_t now)
{
	return w->until > w->from && w->from <= now && now < w->until;
}

bool
vs_nv_standing_good(const struct vs_nv_standing *s, int64_t now, int64_t *age)
{
	int64_t oldest = 0;

	if (s->revoked || s->n == 0)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		int64_t from = INT64_MIN;

		if (is_fresh(&s->ocsp[i], now))
			from = s->ocsp[i].from;
		if (is_fresh(&s->crl[i], now) && s->crl[i].from > from)
			from = s->crl[i].from;
		if (from == INT64_MIN)
			return false;
		if (now - from > oldest)
			oldest = now - from;
	}
	*age = oldest;
	return true;
}
