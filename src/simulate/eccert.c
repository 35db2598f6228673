/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/eccert.h"

#include <string.h>

#include "simulate/derw.h"

#define OID_ECDSA_SHA256 "1.2.840.10045.4.3.2"
#define OID_KEY_USAGE "2.5.29.15"
#define OID_BASIC "2.5.29.19"
#define OID_CRL_NUMBER "2.5.29.20"
#define OID_CRL_REASON "2.5.29.21"

enum { SCALAR = 32 };

static void
put_algorithm(struct vs_buf *b)
{
	size_t alg = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, OID_ECDSA_SHA256); /* RFC 5758 3.2: no parameters */
	vs_derw_close(b, alg);
}

static void
put_name(struct vs_buf *b, const char *cn)
{
	size_t name = vs_derw_open(b, VS_DERW_SEQ);

	vs_sim_rdn(b, "2.5.4.3", VS_DERW_UTF8, cn);
	vs_sim_rdn(b, "2.5.4.10", VS_DERW_UTF8, "Intel Corporation");
	vs_sim_rdn(b, "2.5.4.7", VS_DERW_UTF8, "Santa Clara");
	vs_sim_rdn(b, "2.5.4.8", VS_DERW_UTF8, "CA");
	vs_sim_rdn(b, "2.5.4.6", VS_DERW_PRINTABLE, "US");
	vs_derw_close(b, name);
}

vs_status
vs_sim_sign_raw(const struct vs_issue_key *k, struct vs_span msg,
    uint8_t sig[64], struct vs_err *err)
{
	return vs_issue_sign_p256(k, msg, sig, sig + SCALAR, err);
}

vs_status
vs_sim_point(const struct vs_issue_key *k, uint8_t xy[64], struct vs_err *err)
{
	struct vs_buf der = {0};
	vs_status st = vs_issue_spki(k, &der, err);

	/* The uncompressed point ends a SubjectPublicKeyInfo. */
	if (st == VS_OK && der.n < 64)
		st = vs_fail(err, VS_USAGE, "not a P-256 key");
	if (st == VS_OK)
		memcpy(xy, der.p + der.n - 64, 64);
	vs_buf_fini(&der);
	return st;
}

/* tbs, algorithm, signature: the outer SEQUENCE of certificates and CRLs. */
static vs_status
put_signed(struct vs_span tbs, const struct vs_issue_key *issuer,
    struct vs_buf *der, struct vs_err *err)
{
	uint8_t raw[64];
	struct vs_buf sig = {0};
	size_t outer, seq;
	vs_status st = vs_sim_sign_raw(issuer, tbs, raw, err);

	if (st != VS_OK)
		return vs_ctx(err, "sign", st);
	seq = vs_derw_open(&sig, VS_DERW_SEQ);
	vs_derw_unsigned(&sig, VS_SPAN(raw, SCALAR));
	vs_derw_unsigned(&sig, VS_SPAN(raw + SCALAR, SCALAR));
	vs_derw_close(&sig, seq);
	outer = vs_derw_open(der, VS_DERW_SEQ);
	vs_buf_add(der, tbs);
	put_algorithm(der);
	vs_derw_bits(der, vs_buf_span(&sig));
	vs_derw_close(der, outer);
	vs_buf_fini(&sig);
	return vs_buf_status(der);
}

static void
put_use(const struct vs_sim_eccert *c, struct vs_buf *b)
{
	const struct {
		struct vs_span usage, basic;
	} uses[] = {
	    /* Certificates and CRLs; a path of one below the root. */
	    [VS_SIM_USE_ROOT] = {VS_SPAN_LIT("\x03\x02\x01\x06"),
		VS_SPAN_LIT("\x30\x06\x01\x01\xff\x02\x01\x01")},
	    [VS_SIM_USE_CA] = {VS_SPAN_LIT("\x03\x02\x01\x06"),
		VS_SPAN_LIT("\x30\x06\x01\x01\xff\x02\x01\x00")},
	    /* Signatures and non-repudiation. */
	    [VS_SIM_USE_LEAF] = {VS_SPAN_LIT("\x03\x02\x06\xc0"),
		VS_SPAN_LIT("\x30\x00")},
	};

	vs_sim_ext(b, OID_KEY_USAGE, true, uses[c->use].usage);
	vs_sim_ext(b, OID_BASIC, true, uses[c->use].basic);
}

static vs_status
put_extensions(
    const struct vs_sim_eccert *c, struct vs_buf *b, struct vs_err *err)
{
	uint8_t id[20], issuer_id[20];
	size_t part, list;

	VS_TRY(err, "subject key id", vs_issue_key_id(c->key, id, err));
	VS_TRY(err, "authority key id",
	    vs_issue_key_id(c->issuer, issuer_id, err));
	part = vs_derw_open(b, VS_DERW_CTX0 + 3);
	list = vs_derw_open(b, VS_DERW_SEQ);
	vs_sim_ext_aki(b, issuer_id);
	vs_sim_ext_crl_dp(b, c->crl_url);
	vs_sim_ext_ski(b, id);
	put_use(c, b);
	vs_buf_add(b, c->extensions);
	vs_derw_close(b, list);
	vs_derw_close(b, part);
	return VS_OK;
}

static vs_status
put_tbs(const struct vs_sim_eccert *c, struct vs_buf *b, struct vs_err *err)
{
	size_t tbs = vs_derw_open(b, VS_DERW_SEQ), part;

	part = vs_derw_open(b, VS_DERW_CTX0);
	vs_derw_uint(b, 2); /* v3 */
	vs_derw_close(b, part);
	vs_derw_uint(b, c->serial);
	put_algorithm(b);
	put_name(b, c->issuer_cn);
	part = vs_derw_open(b, VS_DERW_SEQ);
	vs_derw_time(b, c->not_before);
	vs_derw_time(b, c->not_after);
	vs_derw_close(b, part);
	put_name(b, c->subject_cn);
	VS_TRY(err, "key", vs_issue_spki(c->key, b, err));
	VS_TRY(err, "extensions", put_extensions(c, b, err));
	vs_derw_close(b, tbs);
	return vs_buf_status(b);
}

vs_status
vs_sim_eccert_build(
    const struct vs_sim_eccert *c, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf tbs = {0};
	vs_status st = put_tbs(c, &tbs, err);

	if (st == VS_OK)
		st = put_signed(vs_buf_span(&tbs), c->issuer, der, err);
	vs_buf_fini(&tbs);
	return st == VS_OK ? st : vs_ctx(err, c->subject_cn, st);
}

static void
put_entry(const struct vs_sim_crl_spec *c, uint64_t serial, struct vs_buf *b)
{
	size_t entry = vs_derw_open(b, VS_DERW_SEQ), list;

	vs_derw_uint(b, serial);
	vs_derw_time(b, c->this_update);
	list = vs_derw_open(b, VS_DERW_SEQ);
	vs_sim_ext(b, OID_CRL_REASON, false,
	    VS_SPAN_LIT("\x0a\x01\x01")); /* key compromise */
	vs_derw_close(b, list);
	vs_derw_close(b, entry);
}

static void
put_revoked(const struct vs_sim_crl_spec *c, struct vs_buf *b)
{
	size_t list;

	if (c->n == 0)
		return; /* RFC 5280 5.1.2.6: absent, not empty */
	list = vs_derw_open(b, VS_DERW_SEQ);
	for (size_t i = 0; i < c->n; i++)
		put_entry(c, c->serials[i], b);
	vs_derw_close(b, list);
}

vs_status
vs_sim_eccrl_build(
    const struct vs_sim_crl_spec *c, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf b = {0};
	size_t tbs, part, list;
	uint8_t id[20];
	vs_status st = vs_issue_key_id(c->issuer, id, err);

	if (st != VS_OK)
		return vs_ctx(err, "crl", st);
	tbs = vs_derw_open(&b, VS_DERW_SEQ);
	vs_derw_uint(&b, 1); /* v2 */
	put_algorithm(&b);
	put_name(&b, c->issuer_cn);
	vs_derw_time(&b, c->this_update);
	vs_derw_time(&b, c->next_update);
	put_revoked(c, &b);
	part = vs_derw_open(&b, VS_DERW_CTX0);
	list = vs_derw_open(&b, VS_DERW_SEQ);
	vs_sim_ext_int(&b, OID_CRL_NUMBER, 1);
	vs_sim_ext_aki(&b, id);
	vs_derw_close(&b, list);
	vs_derw_close(&b, part);
	vs_derw_close(&b, tbs);
	st = vs_buf_status(&b);
	if (st == VS_OK)
		st = put_signed(vs_buf_span(&b), c->issuer, der, err);
	vs_buf_fini(&b);
	return st == VS_OK ? st : vs_ctx(err, "crl", st);
}
