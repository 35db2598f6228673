/* SPDX-License-Identifier: Apache-2.0 */
/* Forged SEV-SNP evidence to appraise: a test PKI, its collateral, and
 * leaves whose extensions are changed one at a time. For attack tests. */
#ifndef VS_TESTS_SNP_FORGE_H
#define VS_TESTS_SNP_FORGE_H

#include "check.h"
#include "collateral/collateral.h"
#include "crypto/der.h"
#include "evidence/evidence.h"
#include "simulate/cert.h"
#include "simulate/derw.h"
#include "simulate/pki.h"

enum { F_NOW = 1760000000, F_DAY = 86400 };

static inline struct vs_sim_pki *
f_pki_at(vs_sim_product product, int64_t now)
{
	struct vs_sim_pki_options opt;
	struct vs_sim_pki *p = NULL;
	struct vs_err err = {0};

	vs_sim_pki_defaults(product, now, &opt);
	opt.rsa_bits = 2048;
	CHECK_OK(vs_sim_pki_new(&opt, &p, &err), err);
	return p;
}

/* One PKI per product for the whole program: making keys takes time. */
static inline struct vs_sim_pki *
f_pki(vs_sim_product product)
{
	static struct vs_sim_pki *all[VS_SIM_PRODUCTS];

	if (all[product] == NULL)
		all[product] = f_pki_at(product, F_NOW);
	return all[product];
}

/* A second one with the same names and other keys. */
static inline struct vs_sim_pki *
f_other(void)
{
	static struct vs_sim_pki *other;

	if (other == NULL)
		other = f_pki_at(VS_SIM_MILAN, F_NOW);
	return other;
}

struct f_crl {
	int64_t from, to;
	uint64_t serials[4];
	size_t n;
};

/* A fresh list that revokes nothing. */
static const struct f_crl f_good = {F_NOW - F_DAY, F_NOW + F_DAY, {0}, 0};

static inline void
f_add_crl(struct vs_collateral_builder *b, const struct vs_sim_pki *p,
    const struct f_crl *crl)
{
	struct vs_buf der = {0};
	struct vs_err err = {0};

	CHECK_OK(
	    vs_sim_crl(p, crl->from, crl->to, crl->serials, crl->n, &der, &err),
	    err);
	CHECK_OK(vs_collateral_add(b, "crl", vs_buf_span(&der), &err), err);
	vs_buf_fini(&der);
}

/* Trusts p as "test-root" (unless p is NULL), with n revocation lists. */
static inline struct vs_collateral *
f_collateral(const struct vs_sim_pki *p, const struct f_crl *crls, size_t n)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *c = NULL;
	struct vs_err err = {0};

	CHECK(b != NULL);
	if (p != NULL)
		CHECK_OK(vs_collateral_add_anchor(
			     b, "test-root", vs_sim_ark(p), &err),
		    err);
	for (size_t i = 0; i < n; i++)
		f_add_crl(b, p, &crls[i]);
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	vs_collateral_builder_free(&b);
	return c;
}

/* One appraisal; certs are what the evidence brings. */
struct f_try {
	const struct vs_collateral *collateral;
	struct vs_evidence_cache *cache;
	int64_t now; /* 0: F_NOW */
	vs_crl_mode crl;
	bool allow_masked;
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vs_span certs[8];
	size_t certs_n;
	/* results */
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err;
};

static inline void
f_init(struct f_try *t, const struct vs_collateral *c)
{
	memset(t, 0, sizeof(*t));
	t->collateral = c;
	vs_arena_init(&t->arena, 1 << 20);
}

static inline void
f_report(struct f_try *t, const struct vs_sim_pki *p, bool vlek)
{
	struct vs_sim_guest g = {.vlek = vlek};
	struct vs_err err = {0};

	CHECK_OK(vs_sim_report(p, &g, t->report, &err), err);
}

static inline void
f_cert(struct f_try *t, struct vs_span der)
{
	t->certs[t->certs_n++] = der;
}

/* The whole chain, as separate certificates. */
static inline void
f_chain(struct f_try *t, const struct vs_sim_pki *p, bool vlek)
{
	f_cert(t, vlek ? vs_sim_vlek(p) : vs_sim_vcek(p));
	f_cert(t, vlek ? vs_sim_asvk(p) : vs_sim_ask(p));
	f_cert(t, vs_sim_ark(p));
}

static inline vs_status
f_run(struct f_try *t)
{
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_SNP,
	    .report = VS_SPAN_OF(t->report),
	    .certs = t->certs,
	    .certs_n = t->certs_n};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = t->collateral,
	    .cache = t->cache,
	    .now = t->now != 0 ? t->now : F_NOW,
	    .crl = t->crl,
	    .allow_masked_chip_id = t->allow_masked};

	vs_arena_reset(&t->arena);
	vs_claims_init(&t->claims, &t->arena);
	return vs_evidence_appraise(&in, &expect, &opt, &t->claims, &t->err);
}

/* Runs and compares the fine code; NULL: it must verify. */
#define F_EXPECT(t, want) f_expect((t), (want), __FILE__, __LINE__)
static inline bool
f_expect(struct f_try *t, const char *want, const char *file, int line)
{
	vs_status st = f_run(t);

	if (want == NULL)
		return check_ok(st, &t->err, "appraise", file, line);
	if (check_that(st != VS_OK, "must not verify", file, line) &&
	    check_str(t->err.code, want, "code", file, line))
		return true;
	fprintf(stderr, "%s:%d: message: %s\n", file, line, t->err.msg);
	return false;
}

static inline void
f_done(struct f_try *t)
{
	vs_arena_fini(&t->arena);
}

static inline bool
f_claim_is(const struct f_try *t, vs_claim_id id, const char *want)
{
	const struct vs_claim_value *v = vs_claims_get(&t->claims, id);

	return v->present && vs_span_is(v->u.s, want);
}

static inline bool
f_claim_true(const struct f_try *t, vs_claim_id id)
{
	const struct vs_claim_value *v = vs_claims_get(&t->claims, id);

	return v->present && v->u.b;
}

/* The extensions of a leaf as a list that can be changed. */
struct f_ext {
	char oid[24];
	uint8_t value[136];
	size_t n;
	bool critical;
};

struct f_leaf {
	struct f_ext ext[16];
	size_t n;
};

#define F_AMD "1.3.6.1.4.1.3704.1."

static inline void
f_set(struct f_leaf *l, const char *oid, struct vs_span value)
{
	struct f_ext *e = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->ext[i].oid, oid) == 0)
			e = &l->ext[i];
	if (e == NULL)
		e = &l->ext[l->n++];
	snprintf(e->oid, sizeof(e->oid), "%s", oid);
	e->n = value.n;
	if (value.n > 0)
		memcpy(e->value, value.p, value.n);
}

static inline void
f_drop(struct f_leaf *l, const char *oid)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->ext[i].oid, oid) == 0) {
			l->ext[i] = l->ext[--l->n];
			return;
		}
	CHECK(false);
}

/* The same extension a second time. */
static inline void
f_twice(struct f_leaf *l, const char *oid)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->ext[i].oid, oid) == 0) {
			l->ext[l->n++] = l->ext[i];
			return;
		}
	CHECK(false);
}

static inline void
f_int(struct f_leaf *l, const char *oid, unsigned v)
{
	const uint8_t small[] = {0x02, 0x01, (uint8_t)v};
	const uint8_t large[] = {0x02, 0x02, 0x00, (uint8_t)v};

	f_set(l, oid, v < 0x80 ? VS_SPAN_OF(small) : VS_SPAN_OF(large));
}

/* What the PKI's own leaf carries. */
static inline void
f_leaf_default(const struct vs_sim_pki *p, bool vlek, struct f_leaf *l)
{
	struct vs_sim_leaf s;
	char ia5[64];

	memset(l, 0, sizeof(*l));
	vs_sim_leaf_default(p, vlek, &s);
	f_int(l, F_AMD "1", s.struct_version);
	if (s.struct_version == 1)
		f_int(l, F_AMD "3.9", s.fmc);
	else
		f_int(l, F_AMD "3.4", 0);
	f_int(l, F_AMD "3.1", s.bl);
	f_int(l, F_AMD "3.2", s.tee);
	f_int(l, F_AMD "3.5", 0);
	f_int(l, F_AMD "3.6", 0);
	f_int(l, F_AMD "3.7", 0);
	f_int(l, F_AMD "3.3", s.snp);
	f_int(l, F_AMD "3.8", s.ucode);
	if (s.hwid.n > 0)
		f_set(l, F_AMD "4", s.hwid);
	if (s.csp_id != NULL) {
		snprintf(ia5, sizeof(ia5), "\x16%c%s", (int)strlen(s.csp_id),
		    s.csp_id);
		f_set(l, F_AMD "5", vs_span_cstr(ia5));
	}
}

static inline void
f_extensions(const struct f_leaf *l, struct vs_buf *out)
{
	for (size_t i = 0; i < l->n; i++)
		vs_sim_ext(out, l->ext[i].oid, l->ext[i].critical,
		    VS_SPAN(l->ext[i].value, l->ext[i].n));
}

/* A certificate with these extensions, otherwise as the PKI's own leaf. */
static inline void
f_issue(const struct vs_sim_pki *p, bool vlek, const struct f_leaf *l,
    struct vs_buf *der)
{
	struct vs_buf ext = {0};
	struct vs_err err = {0};
	struct vs_sim_cert c;
	char cn[VS_SIM_CN_MAX];

	vs_sim_leaf_cert(p, vlek, cn, &c);
	f_extensions(l, &ext);
	c.extensions = vs_buf_span(&ext);
	vs_buf_reset(der);
	CHECK_OK(vs_sim_cert_build(&c, der, &err), err);
	vs_buf_fini(&ext);
}

#endif
