/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/platform.h"

#include <stdlib.h>
#include <string.h>

#include "evidence/cache.h"
#include "evidence/dcap/chain.h"

struct vs_dcap_platform *
vs_dcap_platform_ref(struct vs_dcap_platform *p)
{
	__atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
	return p;
}

void
vs_dcap_platform_free(struct vs_dcap_platform **p)
{
	if (*p != NULL &&
	    __atomic_sub_fetch(&(*p)->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		vs_cert_free(&(*p)->pck);
		vs_cert_free(&(*p)->ca);
		vs_pubkey_free(&(*p)->key);
		free(*p);
	}
	*p = NULL;
}

static bool
named_like_issuer(const struct vs_trust *t, const struct vs_cert *ca)
{
	for (size_t i = 0; i < t->anchors_n; i++)
		if (t->anchors[i].profile == VS_SIG_P256_SHA256 &&
		    vs_span_equal(vs_cert_facts(t->anchors[i].cert)->subject,
			vs_cert_facts(ca)->issuer))
			return true;
	return false;
}

/*
 * The root that was sent only names the anchor: its key decides, for Intel
 * has issued its root more than once. Without one the anchors are tried.
 */
static vs_status
find_anchor(const struct vs_dcap_chain *c, const struct vs_trust *t,
    const struct vs_anchor **out, struct vs_err *err)
{
	struct vs_err why = {0};

	if (c->root != NULL) {
		*out = vs_intel_anchor_of(t, c->root);
		if (*out == NULL)
			return vs_fail_code(err, VS_UNTRUSTED, "root_untrusted",
			    "\"%s\" is not a trust anchor",
			    vs_cert_facts(c->root)->cn);
		return VS_OK;
	}
	*out = vs_trust_find_anchor(t, c->ca, &why);
	if (*out != NULL && (*out)->profile == VS_SIG_P256_SHA256)
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED,
	    named_like_issuer(t, c->ca) ? "chain_invalid" : "root_untrusted",
	    "no trust anchor issued \"%s\"", vs_cert_facts(c->ca)->cn);
}

static vs_status
issued(const struct vs_cert *c, const struct vs_cert *by, long below,
    struct vs_err *err)
{
	struct vs_err why = {0};

	if (vs_cert_issued_as(c, by, below, VS_SIG_P256_SHA256, &why) == VS_OK)
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED, "chain_invalid", "%s", why.msg);
}

static vs_status
build(const struct vs_dcap_chain *c, const struct vs_trust *t,
    struct vs_dcap_platform *p, struct vs_err *err)
{
	const struct vs_anchor *anchor = NULL;

	VS_TRY(err, "chain", find_anchor(c, t, &anchor, err));
	VS_TRY(err, "chain", issued(c->ca, anchor->cert, 1, err));
	VS_TRY(err, "chain", issued(c->pck, c->ca, 0, err));
	VS_TRY(err, "chain", vs_dcap_pck_read(c->pck, &p->id, err));
	memcpy(
	    p->anchor, vs_cert_facts(anchor->cert)->sha256, sizeof(p->anchor));
	return VS_OK;
}

vs_status
vs_dcap_platform_new(const struct vs_dcap_quote *q, const struct vs_span *certs,
    size_t certs_n, const struct vs_trust *trust, struct vs_dcap_platform **out,
    struct vs_err *err)
{
	struct vs_dcap_chain c = {0};
	struct vs_dcap_platform *p;
	vs_status st;

	VS_TRY(err, "chain", vs_dcap_chain_read(q, certs, certs_n, &c, err));
	p = vs_calloc(1, sizeof(*p));
	if (p == NULL) {
		vs_dcap_chain_fini(&c);
		return vs_fail(err, VS_NO_MEMORY, "chain");
	}
	p->refs = 1;
	st = build(&c, trust, p, err);
	p->pck = VS_TAKE(c.pck);
	p->ca = VS_TAKE(c.ca);
	vs_dcap_chain_fini(&c);
	if (st != VS_OK)
		vs_dcap_platform_free(&p);
	else
		*out = p;
	return st;
}

const struct vs_anchor *
vs_dcap_platform_anchor(
    const struct vs_dcap_platform *p, const struct vs_trust *t)
{
	for (size_t i = 0; i < t->anchors_n; i++)
		if (memcmp(vs_cert_facts(t->anchors[i].cert)->sha256, p->anchor,
			sizeof(p->anchor)) == 0)
			return &t->anchors[i];
	return NULL;
}

static vs_status
in_date(
    const struct vs_cert *c, const char *what, int64_t now, struct vs_err *err)
{
	const struct vs_validity *v = &vs_cert_facts(c)->validity;

	if (v->not_before <= now && now <= v->not_after)
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED, "cert_validity",
	    "the %s certificate %s", what,
	    now < v->not_before ? "is not yet valid" : "has expired");
}

static vs_status
not_listed(const struct vs_crl *crl, const struct vs_cert *c, const char *what,
    struct vs_err *err)
{
	if (!vs_crl_lists(crl, c))
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED, "cert_revoked",
	    "the %s certificate is revoked", what);
}

vs_status
vs_dcap_platform_judge(const struct vs_dcap_platform *p,
    const struct vs_trust *t, const struct vs_anchor *anchor, int64_t now,
    struct vs_err *err)
{
	const struct vs_crl *root = NULL, *ca = NULL;

	VS_TRY(err, "chain", in_date(p->pck, "PCK", now, err));
	VS_TRY(err, "chain", in_date(p->ca, "PCK authority's", now, err));
	VS_TRY(err, "chain", in_date(anchor->cert, "root", now, err));
	VS_TRY(err, "chain", vs_intel_root_crl(t, anchor, now, &root, err));
	VS_TRY(err, "chain", not_listed(root, p->ca, "PCK authority's", err));
	VS_TRY(err, "chain", vs_intel_pck_crl(t, p->ca, now, &ca, err));
	VS_TRY(err, "chain", not_listed(ca, p->pck, "PCK", err));
	return VS_OK;
}

static vs_status
check_qe_signature(const struct vs_dcap_platform *p,
    const struct vs_dcap_quote *q, struct vs_err *err)
{
	struct vs_pubkey *pck = NULL;
	vs_status st;

	VS_TRY(err, "PCK", vs_cert_pubkey(p->pck, &pck, err));
	st = vs_p256_verify(pck, q->qe.bytes, q->qe_signature.p, err);
	vs_pubkey_free(&pck);
	return st;
}

/* REPORTDATA: SHA-256 of key and auth data, then zeros. */
static vs_status
check_binding(const struct vs_dcap_quote *q, struct vs_err *err)
{
	const struct vs_span parts[] = {q->key, q->qe_auth};
	uint8_t want[VS_DCAP_REPORT_DATA_SIZE] = {0};

	VS_TRY(err, "key",
	    vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), want));
	if (!vs_span_equal(q->qe.report_data, VS_SPAN_OF(want)))
		return vs_fail(err, VS_UNTRUSTED,
		    "the quoting enclave did not name this key");
	return VS_OK;
}

vs_status
vs_dcap_platform_vouch(struct vs_dcap_platform *p,
    const struct vs_dcap_quote *q, struct vs_err *err)
{
	struct vs_pubkey *key = NULL;

	VS_TRY_CODE(err, "qe_report_signature", "QE report",
	    check_qe_signature(p, q, err));
	VS_TRY_CODE(err, "attestation_key_binding", "attestation key",
	    check_binding(q, err));
	VS_TRY_CODE(err, "attestation_key_binding", "attestation key",
	    vs_pubkey_p256(q->key.p, &key, err));
	p->key = key;
	return VS_OK;
}

/* ---- the cache --------------------------------------------------------- */

static void
ref(void *obj)
{
	(void)vs_dcap_platform_ref(obj);
}

static void
drop(void *obj)
{
	struct vs_dcap_platform *p = obj;

	vs_dcap_platform_free(&p);
}

static const struct vs_cache_type type = {ref, drop};

/*
 * The version tells how the bytes are read. A chain beside the quote counts
 * where it is looked at: else one platform could fill the cache with variants
 * of what nobody reads.
 */
vs_status
vs_dcap_platform_key(const struct vs_dcap_quote *q, const struct vs_span *certs,
    size_t certs_n, const struct vs_collateral *collateral,
    uint8_t key[VS_SHA256_SIZE])
{
	struct vs_span parts[2 + 2 * VS_EVIDENCE_CERT_BLOBS_MAX];
	uint8_t heads[VS_EVIDENCE_CERT_BLOBS_MAX][8];
	uint8_t head[VS_SHA256_SIZE + 2 + 8];
	struct vs_wr w = vs_wr_of(head + VS_SHA256_SIZE, 2 + 8);
	size_t used = 0;

	if (q->cert_type == VS_DCAP_CERT_CHAIN)
		certs_n = 0;
	if (certs_n > VS_EVIDENCE_CERT_BLOBS_MAX)
		return VS_TOO_LARGE;
	vs_collateral_digest(collateral, head);
	vs_wr_u16be(&w, q->version);
	vs_wr_u64be(&w, q->vouched.n);
	parts[used++] = VS_SPAN_OF(head);
	parts[used++] = q->vouched;
	for (size_t i = 0; i < certs_n; i++) {
		w = vs_wr_of(heads[i], sizeof(heads[i]));
		vs_wr_u64be(&w, certs[i].n);
		parts[used++] = VS_SPAN_OF(heads[i]);
		parts[used++] = certs[i];
	}
	return vs_digest(VS_HASH_SHA256, parts, used, key);
}

struct vs_dcap_platform *
vs_dcap_platform_get(
    struct vs_evidence_cache *c, const uint8_t key[VS_SHA256_SIZE])
{
	return c == NULL ? NULL : vs_cache_get(c->entries, &type, key);
}

void
vs_dcap_platform_put(struct vs_evidence_cache *c,
    const uint8_t key[VS_SHA256_SIZE], struct vs_dcap_platform *p)
{
	if (c != NULL)
		vs_cache_put(c->entries, &type, key, p);
}
