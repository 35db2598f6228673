/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/nvgpu/chain.h"

#include <stdlib.h>
#include <string.h>

#include "collateral/nvidia.h"
#include "collateral/nvidia_ca.h"
#include "crypto/pem.h"
#include "evidence/cache.h"

struct vs_nv_chain *
vs_nv_chain_ref(struct vs_nv_chain *c)
{
	__atomic_fetch_add(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void
vs_nv_chain_free(struct vs_nv_chain **c)
{
	if (*c != NULL &&
	    __atomic_sub_fetch(&(*c)->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		for (size_t i = 0; i < VS_NV_CHAIN_CERTS; i++)
			vs_cert_free(&(*c)->cert[i]);
		vs_pubkey_free(&(*c)->key);
		free(*c);
	}
	*c = NULL;
}

static vs_status
read_certs(struct vs_span text, struct vs_arena *a, struct vs_nv_chain *c,
    struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem;
	vs_status st;
	size_t n = 0;

	if (text.n > VS_NV_CHAIN_MAX)
		return vs_fail(err, VS_UNTRUSTED, "%zu bytes", text.n);
	while ((st = vs_pem_next(&rd, a, &pem)) == VS_OK) {
		if (!vs_span_is(pem.label, "CERTIFICATE"))
			return vs_fail(err, VS_UNTRUSTED, "not a certificate");
		if (n == VS_NV_CHAIN_CERTS)
			return vs_fail(err, VS_UNTRUSTED,
			    "more than %d certificates", VS_NV_CHAIN_CERTS);
		VS_TRY(err, "certificate",
		    vs_cert_parse(pem.der, &c->cert[n], err));
		n++;
	}
	if (st != VS_NOT_FOUND)
		return vs_fail(err, st, "broken PEM");
	if (n != VS_NV_CHAIN_CERTS)
		return vs_fail(err, VS_UNTRUSTED, "%zu certificates, want %d",
		    n, VS_NV_CHAIN_CERTS);
	return VS_OK;
}

/* The device's copy of the root counts for nothing unless it is ours. */
static const struct vs_anchor *
anchor_of(const struct vs_trust *t, const struct vs_cert *root)
{
	const struct vs_anchor *a = vs_trust_anchor_of(t, root);

	if (a == NULL || a->profile != VS_SIG_P384_SHA384 ||
	    (a->built_in && !vs_nv_is_root(root, VS_NV_ROOT_DEVICE)))
		return NULL;
	return a;
}

static vs_status
verify(struct vs_nv_chain *c, const struct vs_trust *trust, struct vs_err *err)
{
	const struct vs_cert *root = c->cert[VS_NV_CHAIN_CERTS - 1];
	const struct vs_anchor *anchor = anchor_of(trust, root);

	if (anchor == NULL)
		return vs_fail(err, VS_UNTRUSTED,
		    "\"%s\" is no trust anchor of devices",
		    vs_cert_facts(root)->cn);
	c->validity = vs_cert_facts(c->cert[0])->validity;
	for (size_t i = 0; i + 1 < VS_NV_CHAIN_CERTS; i++) {
		const struct vs_validity *v =
		    &vs_cert_facts(c->cert[i + 1])->validity;

		VS_TRY(err, "certificates",
		    vs_cert_issued_as(c->cert[i], c->cert[i + 1], (long)i,
			VS_SIG_P384_SHA384, err));
		if (v->not_before > c->validity.not_before)
			c->validity.not_before = v->not_before;
		if (v->not_after < c->validity.not_after)
			c->validity.not_after = v->not_after;
	}
	if (vs_cert_facts(c->cert[0])->ca || !vs_cert_key_is_p384(c->cert[0]))
		return vs_fail(err, VS_UNTRUSTED,
		    "the leaf is an authority, or its key is not on P-384");
	vs_nv_standing(trust, &c->cert[1], VS_NV_CHAIN_CERTS - 2, &c->standing);
	if (c->standing.revoked)
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_REVOKED",
		    "\"%s\" is revoked", c->standing.who);
	memcpy(c->anchor, anchor->name, sizeof(c->anchor));
	c->simulated = !anchor->built_in;
	return vs_cert_pubkey(c->cert[0], &c->key, err);
}

vs_status
vs_nv_chain_build(struct vs_span pem, const struct vs_trust *trust,
    struct vs_nv_chain **out, struct vs_err *err)
{
	VS_AUTO(vs_nv_chain) *c = calloc(1, sizeof(*c));
	struct vs_arena a;
	vs_status st;

	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "chain");
	c->refs = 1;
	vs_arena_init(&a, 2 * VS_NV_CHAIN_MAX);
	st = read_certs(pem, &a, c, err);
	vs_arena_fini(&a);
	if (st == VS_OK)
		st = verify(c, trust, err);
	if (st == VS_OK) {
		/* Thousands of chains may be remembered. */
		for (size_t i = VS_NV_CHAIN_KEPT; i < VS_NV_CHAIN_CERTS; i++)
			vs_cert_free(&c->cert[i]);
		*out = VS_TAKE(c);
		return VS_OK;
	}
	/* Whatever is wrong with the certificates, they prove nothing. */
	if (vs_status_class(st) == VS_CLASS_MALFORMED)
		st = err->status = VS_UNTRUSTED;
	if (err->code == NULL)
		err->code = "GPU_CHAIN";
	return vs_ctx(err, "device chain", st);
}

static void
ref(void *obj)
{
	(void)vs_nv_chain_ref(obj);
}

static void
drop(void *obj)
{
	struct vs_nv_chain *c = obj;

	vs_nv_chain_free(&c);
}

static const struct vs_cache_type type = {ref, drop};

vs_status
vs_nv_chain_key(struct vs_span pem, const struct vs_collateral *c,
    uint8_t key[VS_SHA256_SIZE])
{
	uint8_t trust[VS_SHA256_SIZE];
	const struct vs_span parts[] = {VS_SPAN_OF(trust), pem};

	vs_collateral_digest(c, trust);
	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), key);
}

struct vs_nv_chain *
vs_nv_chain_get(
    struct vs_evidence_cache *cache, const uint8_t key[VS_SHA256_SIZE])
{
	return cache == NULL ? NULL : vs_cache_get(cache->entries, &type, key);
}

void
vs_nv_chain_put(struct vs_evidence_cache *cache,
    const uint8_t key[VS_SHA256_SIZE], struct vs_nv_chain *chain)
{
	if (cache != NULL)
		vs_cache_put(cache->entries, &type, key, chain);
}

vs_status
vs_nv_chain_in_date(
    const struct vs_nv_chain *c, int64_t now, struct vs_err *err)
{
	bool early = now < c->validity.not_before;

	if (early || now > c->validity.not_after)
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_TIME",
		    "device chain: a certificate %s",
		    early ? "is not yet valid" : "has expired");
	return VS_OK;
}

const struct vs_cert_facts *
vs_nv_chain_leaf(const struct vs_nv_chain *c)
{
	return vs_cert_facts(c->cert[0]);
}

const struct vs_cert_facts *
vs_nv_chain_brom(const struct vs_nv_chain *c)
{
	return vs_cert_facts(c->cert[1]);
}

bool
vs_nv_chain_pdi(const struct vs_nv_chain *c, struct vs_nv_pdi *out)
{
	struct vs_span serial = vs_nv_chain_brom(c)->serial;

	if (serial.n < VS_NV_PDI_SIZE)
		return false;
	memcpy(out->v, serial.p + serial.n - VS_NV_PDI_SIZE, VS_NV_PDI_SIZE);
	return true;
}
