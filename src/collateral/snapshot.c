/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "collateral/intel_held.h"
#include "collateral/nvidia_held.h"

const struct vs_trust *
vs_collateral_trust(const struct vs_collateral *c)
{
	return &c->trust;
}

void
vs_snapshot_destroy(struct vs_collateral *c)
{
	struct vs_trust *t = &c->trust;

	vs_trust_free_rims(t);
	vs_trust_free_answers(t);
	for (size_t i = 0; i < t->statements_n; i++)
		vs_intel_statement_free(&t->statements[i]);
	for (size_t i = 0; i < t->pck_crls_n; i++)
		vs_crl_free(&t->pck_crls[i].crl);
	for (size_t i = 0; i < t->crls_n; i++)
		vs_crl_free(&t->crls[i].crl);
	for (size_t i = 0; i < t->signers_n; i++)
		vs_cert_free(&t->signers[i].cert);
	for (size_t i = 0; i < t->issuers_n; i++)
		vs_cert_free(&t->issuers[i].cert);
	for (size_t i = 0; i < t->anchors_n; i++)
		vs_cert_free(&t->anchors[i].cert);
	free(c);
}

struct vs_collateral *
vs_collateral_ref(struct vs_collateral *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
vs_collateral_free(struct vs_collateral **c)
{
	if (*c == NULL)
		return;
	if (atomic_fetch_sub(&(*c)->refs, 1) == 1)
		vs_snapshot_destroy(*c);
	*c = NULL;
}

size_t
vs_collateral_count(const struct vs_collateral *c)
{
	return c->items_n;
}

const struct vs_collateral_item *
vs_collateral_item(const struct vs_collateral *c, size_t i)
{
	return i < c->items_n ? &c->items[i] : NULL;
}

void
vs_collateral_digest(const struct vs_collateral *c, uint8_t out[32])
{
	memcpy(out, c->digest, sizeof(c->digest));
}

static void
item_cert(struct vs_collateral_item *it, const char *kind,
    const struct vs_anchor *anchor, bool built_in, const struct vs_cert *cert)
{
	const struct vs_cert_facts *f = vs_cert_facts(cert);

	it->kind = kind;
	it->name = f->cn;
	it->product = anchor->product;
	it->built_in = built_in;
	it->simulated = !anchor->built_in;
	it->not_before = f->validity.not_before;
	it->not_after = f->validity.not_after;
	memcpy(it->sha256, f->sha256, sizeof(it->sha256));
}

/* anchor is NULL when nobody is known to have signed it. */
static void
item_crl(struct vs_collateral_item *it, const struct vs_anchor *anchor,
    const struct vs_crl *crl)
{
	const struct vs_crl_facts *f = vs_crl_facts(crl);

	it->kind = "crl";
	it->name = f->issuer_cn;
	it->product = anchor == NULL ? "" : anchor->product;
	it->simulated = anchor == NULL || !anchor->built_in;
	it->unverified = anchor == NULL;
	it->not_before = f->this_update;
	it->not_after = f->next_update;
	memcpy(it->sha256, f->sha256, sizeof(it->sha256));
}

static void
item_statement(
    struct vs_collateral_item *it, const struct vs_intel_statement *s)
{
	struct vs_intel_dates d = vs_intel_dates_of(s);

	it->kind = s->is_identity ? "qe-identity" : "tcb-info";
	it->name = s->name;
	it->product = s->anchor->product;
	it->simulated = !s->anchor->built_in;
	it->number = d.number;
	it->not_before = d.issue_date;
	it->not_after = d.next_update;
	memcpy(it->sha256, s->sha256, sizeof(it->sha256));
}

static void
items_certs(struct vs_collateral *c, const char *kind,
    const struct vs_issuer *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		item_cert(&c->items[c->items_n++], kind, v[i].anchor,
		    v[i].built_in, v[i].cert);
}

/* Roots are not replaced by one another, and NVIDIA's documents of one id are
 * alternatives; all else is, by what says the same of the same and says it
 * later. */
static bool
replaces(const struct vs_collateral_item *a, const struct vs_collateral_item *b)
{
	if (strcmp(a->kind, b->kind) != 0 || strcmp(a->name, b->name) != 0 ||
	    strcmp(a->product, b->product) != 0 ||
	    a->simulated != b->simulated || a->unverified != b->unverified ||
	    strcmp(a->kind, "root") == 0 || strcmp(a->kind, "rim") == 0)
		return false;
	return a->number != b->number ? a->number > b->number
				      : a->not_before > b->not_before;
}

static void
mark_superseded(struct vs_collateral *c)
{
	for (size_t i = 0; i < c->items_n; i++)
		for (size_t k = 0; k < c->items_n; k++)
			if (replaces(&c->items[k], &c->items[i]))
				c->items[i].superseded = true;
}

/* Chains everything that can change an appraisal into the digest. */
static vs_status
items_digest(struct vs_collateral *c)
{
	for (size_t i = 0; i < c->items_n; i++) {
		const struct vs_collateral_item *it = &c->items[i];
		const struct vs_span parts[] = {
		    VS_SPAN_OF(c->digest),
		    VS_SPAN(it->kind, strlen(it->kind) + 1),
		    VS_SPAN(it->name, strlen(it->name) + 1),
		    VS_SPAN(it->product, strlen(it->product) + 1),
		    it->built_in ? VS_SPAN_LIT("b") : VS_SPAN_LIT("-"),
		    it->simulated ? VS_SPAN_LIT("s") : VS_SPAN_LIT("-"),
		    VS_SPAN_OF(it->sha256),
		};
		vs_status st = vs_digest(
		    VS_HASH_SHA256, parts, VS_COUNT(parts), c->digest);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

vs_status
vs_snapshot_seal(struct vs_collateral *c)
{
	const struct vs_trust *t = &c->trust;

	for (size_t i = 0; i < t->anchors_n; i++)
		item_cert(&c->items[c->items_n++], "root", &t->anchors[i],
		    t->anchors[i].built_in, t->anchors[i].cert);
	items_certs(c, "intermediate", t->issuers, t->issuers_n);
	items_certs(c, "signer", t->signers, t->signers_n);
	for (size_t i = 0; i < t->crls_n; i++)
		item_crl(
		    &c->items[c->items_n++], t->crls[i].anchor, t->crls[i].crl);
	for (size_t i = 0; i < t->pck_crls_n; i++)
		item_crl(&c->items[c->items_n++],
		    t->pck_crls[i].ca == NULL ? NULL
					      : t->pck_crls[i].ca->anchor,
		    t->pck_crls[i].crl);
	for (size_t i = 0; i < t->statements_n; i++)
		item_statement(&c->items[c->items_n++], t->statements[i]);
	for (size_t i = 0; i < t->rims_n; i++)
		vs_rim_item(t->rims[i], &c->items[c->items_n++]);
	for (size_t i = 0; i < t->nv_crls_n; i++) {
		struct vs_collateral_item *it = &c->items[c->items_n++];

		item_crl(it, NULL, t->nv_crls[i]);
		it->product = "NVIDIA";
	}
	for (size_t i = 0; i < t->nv_ocsps_n; i++)
		vs_ocsp_item(t->nv_ocsps[i], &c->items[c->items_n++]);
	/* Answers may have come after the documents that they are about. */
	for (size_t i = 0; i < t->rims_n; i++)
		vs_nv_standing(t, t->rims[i]->certs, VS_NV_RIM_CERTS - 1,
		    &t->rims[i]->standing);
	mark_superseded(c);
	return items_digest(c);
}
