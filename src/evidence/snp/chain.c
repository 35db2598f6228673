/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vs_snp_chain *
vs_snp_chain_ref(struct vs_snp_chain *c)
{
	__atomic_fetch_add(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void
vs_snp_chain_free(struct vs_snp_chain **c)
{
	if (*c != NULL &&
	    __atomic_sub_fetch(&(*c)->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		vs_pubkey_free(&(*c)->key);
		free(*c);
	}
	*c = NULL;
}

/* One chain under construction. */
struct path {
	const struct vs_snp_certs *certs;
	const struct vs_trust *trust;
	const struct vs_cert *leaf;
	const struct vs_cert *issuer;
	const struct vs_anchor *anchor;
	/* Intermediates from the evidence that an operator's anchor issued. */
	struct vs_issuer sent[VS_SNP_CERTS_MAX];
	size_t sent_n;
};

static bool
is_leaf(const struct vs_snp_cert *c)
{
	const struct vs_cert_facts *f = vs_cert_facts(c->cert);

	return c->role == VS_SNP_ROLE_LEAF ||
	    (c->role == VS_SNP_ROLE_ANY && !f->ca && !f->self_issued);
}

static bool
same(const struct vs_cert *a, const struct vs_cert *b)
{
	return vs_span_equal(vs_cert_facts(a)->der, vs_cert_facts(b)->der);
}

/*
 * The leaf of the wanted kind; two different ones are refused, since the
 * sender must know which key signed. Without one of that kind any leaf will
 * do: it fails later with a better reason.
 */
static vs_status
pick_leaf(struct path *p, vs_snp_signer wanted, struct vs_err *err)
{
	const struct vs_cert *other = NULL;
	bool unlabelled = false;

	for (size_t i = 0; i < p->certs->n; i++) {
		const struct vs_snp_cert *c = &p->certs->v[i];
		const char *cn = vs_cert_facts(c->cert)->cn;

		unlabelled = unlabelled || c->role == VS_SNP_ROLE_ANY;
		if (!is_leaf(c))
			continue;
		if (vs_snp_leaf_cn(cn) != wanted || !wanted) {
			other = other != NULL ? other : c->cert;
			continue;
		}
		if (p->leaf != NULL && !same(p->leaf, c->cert))
			return vs_fail_code(err, VS_MALFORMED,
			    "parse.cert_table",
			    "two different certificates for %s", cn);
		p->leaf = c->cert;
	}
	if (p->leaf == NULL)
		p->leaf = other;
	if (p->leaf == NULL && !unlabelled)
		return vs_fail_code(err, VS_UNTRUSTED, "collateral.missing",
		    "no VCEK or VLEK certificate came with the report");
	return VS_OK;
}

static vs_status
untrusted(struct vs_err *err, const struct vs_cert *c)
{
	return vs_fail_code(err, VS_UNTRUSTED, "chain.untrusted_root",
	    "\"%s\" issued by \"%s\" is no trust anchor and not under one",
	    vs_cert_facts(c)->cn, vs_cert_facts(c)->issuer_cn);
}

/*
 * Authorities in the evidence are hints. A root must be one of our anchors;
 * an intermediate must be known, or issued by an anchor of the operator's.
 */
static vs_status
check_hint(struct path *p, struct vs_cert *c, struct vs_err *err)
{
	const struct vs_anchor *anchor;
	struct vs_err why = {0};

	if (vs_cert_facts(c)->self_issued)
		return vs_trust_anchor_of(p->trust, c) != NULL
		    ? VS_OK
		    : untrusted(err, c);
	if (vs_trust_issuer_of(p->trust, c) != NULL)
		return VS_OK;
	anchor = vs_trust_find_anchor(p->trust, c, &why);
	if (anchor == NULL || anchor->built_in ||
	    anchor->profile != VS_SIG_PSS_SHA384)
		return untrusted(err, c);
	p->sent[p->sent_n].anchor = anchor;
	p->sent[p->sent_n++].cert = c;
	return VS_OK;
}

static vs_status
check_hints(struct path *p, struct vs_err *err)
{
	for (size_t i = 0; i < p->certs->n; i++)
		if (!is_leaf(&p->certs->v[i]))
			VS_TRY(err, "certs",
			    check_hint(p, p->certs->v[i].cert, err));
	return VS_OK;
}

/* Tries the candidates with the issuer's name; the first that signed wins.
 * True when there was any candidate. */
static bool
try_issuers(
    struct path *p, const struct vs_issuer *v, size_t n, struct vs_err *why)
{
	bool any = false;

	for (size_t i = 0; i < n && p->issuer == NULL; i++) {
		if (!vs_span_equal(vs_cert_facts(v[i].cert)->subject,
			vs_cert_facts(p->leaf)->issuer))
			continue;
		any = true;
		if (vs_cert_issued_by(p->leaf, v[i].cert, 0, why) != VS_OK)
			continue;
		p->issuer = v[i].cert;
		p->anchor = v[i].anchor;
	}
	return any;
}

static vs_status
find_issuer(struct path *p, struct vs_err *err)
{
	struct vs_err why = {0};
	bool any;

	any = try_issuers(p, p->trust->issuers, p->trust->issuers_n, &why);
	any = try_issuers(p, p->sent, p->sent_n, &why) || any;
	if (!any)
		return untrusted(err, p->leaf);
	if (p->issuer == NULL)
		return vs_fail_code(
		    err, VS_UNTRUSTED, "chain.signature", "%s", why.msg);
	return VS_OK;
}

/* The authorities that were sent must be those that the leaf chains to. */
static vs_status
match_hints(const struct path *p, struct vs_err *err)
{
	for (size_t i = 0; i < p->certs->n; i++) {
		const struct vs_cert *c = p->certs->v[i].cert;

		if (is_leaf(&p->certs->v[i]))
			continue;
		if (vs_cert_facts(c)->self_issued && !same(c, p->anchor->cert))
			return untrusted(err, c);
	}
	for (size_t i = 0; i < p->certs->n; i++) {
		const struct vs_cert *c = p->certs->v[i].cert;

		if (is_leaf(&p->certs->v[i]) || vs_cert_facts(c)->self_issued)
			continue;
		if (!same(c, p->issuer))
			return vs_fail_code(err, VS_UNTRUSTED,
			    "chain.signature",
			    "\"%s\" did not issue the leaf certificate",
			    vs_cert_facts(c)->cn);
	}
	return VS_OK;
}

static vs_status
leaf_type(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_UNTRUSTED, "chain.leaf_type", "%s", what);
}

/* Labelled as a leaf, or alone among unlabelled certificates. */
static vs_status
check_not_authority(const struct vs_cert *leaf, struct vs_err *err)
{
	if (leaf == NULL)
		return leaf_type(err, "only authorities, no VCEK or VLEK");
	if (vs_cert_facts(leaf)->ca || vs_cert_facts(leaf)->self_issued)
		return leaf_type(err, "the leaf is an authority");
	return VS_OK;
}

static vs_status
check_leaf(const struct path *p, struct vs_snp_chain *c, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(p->leaf);
	vs_snp_signer issues;

	if (!vs_snp_issuer_cn(f->issuer_cn, &c->product, &issues))
		return leaf_type(
		    err, "the issuer is not named like an ASK or ASVK");
	c->signer = vs_snp_leaf_cn(f->cn);
	if (c->signer == VS_SNP_NO_SIGNER)
		return leaf_type(
		    err, "the leaf is not named like a VCEK or VLEK");
	if (c->signer != issues)
		return leaf_type(
		    err, "the issuer is for the other kind of leaf");
	if (!vs_cert_key_is_p384(p->leaf))
		return leaf_type(err, "the leaf's key is not on P-384");
	return VS_OK;
}

/*
 * AMD publishes two lists of one root, for VCEKs and for VLEKs. The newest
 * says how fresh we are; a serial number on any of them is revoked, since
 * the revocation of an authority is never taken back.
 */
static void
read_held_crls(const struct path *p, struct vs_snp_chain *c)
{
	for (size_t i = 0; i < p->trust->crls_n; i++) {
		const struct vs_anchor_crl *held = &p->trust->crls[i];
		const struct vs_crl_facts *f = vs_crl_facts(held->crl);

		if (held->anchor != p->anchor)
			continue;
		if (!c->crl_held || f->this_update > c->crl_this_update) {
			c->crl_this_update = f->this_update;
			c->crl_next_update = f->next_update;
		}
		c->crl_held = true;
		if (vs_crl_lists(held->crl, p->issuer) ||
		    vs_crl_lists(held->crl, p->anchor->cert))
			c->crl_revokes = true;
	}
}

/* The sender's lists can only make things worse. */
static void
read_sent_crls(const struct path *p, struct vs_snp_chain *c)
{
	const struct vs_cert *root = p->anchor->cert;

	for (size_t i = 0; i < p->certs->crls_n; i++) {
		const struct vs_crl *crl = p->certs->crls[i];
		struct vs_err why = {0};

		if (!vs_span_equal(vs_crl_facts(crl)->issuer,
			vs_cert_facts(root)->subject))
			continue; /* another product's */
		if (vs_crl_issued_by(crl, root, &why) != VS_OK)
			c->sent_crl_bad = true;
		else if (vs_crl_lists(crl, p->issuer) ||
		    vs_crl_lists(crl, root))
			c->sent_crl_revokes = true;
	}
}

static vs_status
fill(const struct path *p, struct vs_snp_chain *c, struct vs_err *err)
{
	const struct vs_cert_facts *leaf = vs_cert_facts(p->leaf);

	VS_TRY(err, "leaf", vs_cert_pubkey(p->leaf, &c->key, err));
	memcpy(c->spki_sha256, leaf->spki_sha256, sizeof(c->spki_sha256));
	vs_snp_leaf_read(p->leaf, &c->leaf);
	(void)snprintf(c->anchor, sizeof(c->anchor), "%s", p->anchor->name);
	c->simulated = !p->anchor->built_in;
	c->leaf_validity = leaf->validity;
	c->issuer_validity = vs_cert_facts(p->issuer)->validity;
	c->root_validity = vs_cert_facts(p->anchor->cert)->validity;
	read_held_crls(p, c);
	read_sent_crls(p, c);
	return VS_OK;
}

vs_status
vs_snp_chain_build(const struct vs_snp_certs *certs, vs_snp_signer wanted,
    const struct vs_trust *trust, struct vs_snp_chain **out, struct vs_err *err)
{
	struct path p = {.certs = certs, .trust = trust};
	VS_AUTO(vs_snp_chain) *c = NULL;

	vs_err_clear(err);
	VS_TRY(err, "chain", pick_leaf(&p, wanted, err));
	VS_TRY(err, "chain", check_hints(&p, err));
	VS_TRY(err, "chain", check_not_authority(p.leaf, err));
	VS_TRY(err, "chain", find_issuer(&p, err));
	VS_TRY(err, "chain", match_hints(&p, err));
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "chain");
	c->refs = 1;
	VS_TRY(err, "chain", check_leaf(&p, c, err));
	VS_TRY(err, "chain", fill(&p, c, err));
	*out = VS_TAKE(c);
	return VS_OK;
}

static vs_status
check_dates(const struct vs_snp_chain *c, int64_t now, struct vs_err *err)
{
	const struct {
		const char *what;
		struct vs_validity v;
	} all[] = {{"leaf", c->leaf_validity},
	    {"intermediate", c->issuer_validity}, {"root", c->root_validity}};

	for (size_t i = 0; i < VS_COUNT(all); i++)
		if (now > all[i].v.not_after)
			return vs_fail_code(err, VS_UNTRUSTED, "chain.expired",
			    "the %s certificate has expired", all[i].what);
	for (size_t i = 0; i < VS_COUNT(all); i++)
		if (now < all[i].v.not_before)
			return vs_fail_code(err, VS_UNTRUSTED,
			    "chain.not_yet_valid",
			    "the %s certificate is not yet valid", all[i].what);
	return VS_OK;
}

static vs_status
check_crl(const struct vs_snp_chain *c, int64_t now, vs_crl_mode mode,
    const char **crl, struct vs_err *err)
{
	if (c->crl_revokes || c->sent_crl_revokes)
		return vs_fail_code(err, VS_UNTRUSTED, "chain.revoked",
		    "the intermediate or root certificate is revoked");
	if (c->sent_crl_bad)
		return vs_fail_code(err, VS_UNTRUSTED, "chain.signature",
		    "the revocation list in the evidence is forged");
	if (c->crl_held &&
	    (now < c->crl_this_update || now > c->crl_next_update))
		return vs_fail_code(err, VS_UNTRUSTED, "chain.crl_stale",
		    "the revocation list of %s is out of date", c->anchor);
	if (!c->crl_held && mode != VS_CRL_IF_PRESENT)
		return vs_fail_code(err, VS_UNTRUSTED, "chain.crl_missing",
		    "no revocation list of %s, and one is required", c->anchor);
	*crl = c->crl_held ? "good" : "absent";
	return VS_OK;
}

vs_status
vs_snp_chain_judge(const struct vs_snp_chain *c, int64_t now, vs_crl_mode mode,
    const char **crl, struct vs_err *err)
{
	VS_TRY(err, "chain", check_dates(c, now, err));
	if (mode == VS_CRL_OFF) {
		*crl = "off";
		return VS_OK;
	}
	return check_crl(c, now, mode, crl, err);
}
