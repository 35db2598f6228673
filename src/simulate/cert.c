/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/cert.h"

#include "simulate/derw.h"

#define OID_PSS "1.2.840.113549.1.1.10"
#define OID_MGF1 "1.2.840.113549.1.1.8"
#define OID_SHA384 "2.16.840.1.101.3.4.2.2"
#define OID_SKI "2.5.29.14"
#define OID_KEY_USAGE "2.5.29.15"
#define OID_BASIC "2.5.29.19"
#define OID_CRL_NUMBER "2.5.29.20"
#define OID_CRL_DP "2.5.29.31"
#define OID_AKI "2.5.29.35"
#define OID_AMD "1.3.6.1.4.1.3704.1."

static void
put_sha384(struct vs_buf *b)
{
	size_t alg = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, OID_SHA384);
	vs_derw_put(b, VS_DERW_NULL, VS_SPAN(NULL, 0));
	vs_derw_close(b, alg);
}

/* RFC 4055 3.1: SHA-384, MGF1 with SHA-384, salt of 48 bytes. */
static void
put_pss(struct vs_buf *b, bool trailer)
{
	size_t alg = vs_derw_open(b, VS_DERW_SEQ), params, field, mgf;

	vs_derw_oid(b, OID_PSS);
	params = vs_derw_open(b, VS_DERW_SEQ);
	field = vs_derw_open(b, VS_DERW_CTX0);
	put_sha384(b);
	vs_derw_close(b, field);
	field = vs_derw_open(b, VS_DERW_CTX0 + 1);
	mgf = vs_derw_open(b, VS_DERW_SEQ);
	vs_derw_oid(b, OID_MGF1);
	put_sha384(b);
	vs_derw_close(b, mgf);
	vs_derw_close(b, field);
	field = vs_derw_open(b, VS_DERW_CTX0 + 2);
	vs_derw_uint(b, 48);
	vs_derw_close(b, field);
	if (trailer) {
		field = vs_derw_open(b, VS_DERW_CTX0 + 3);
		vs_derw_uint(b, 1);
		vs_derw_close(b, field);
	}
	vs_derw_close(b, params);
	vs_derw_close(b, alg);
}

void
vs_sim_rdn(struct vs_buf *b, const char *oid, unsigned tag, const char *text)
{
	size_t set = vs_derw_open(b, VS_DERW_SET);
	size_t pair = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, oid);
	vs_derw_text(b, tag, text);
	vs_derw_close(b, pair);
	vs_derw_close(b, set);
}

static void
put_name(struct vs_buf *b, const char *cn)
{
	size_t name = vs_derw_open(b, VS_DERW_SEQ);

	vs_sim_rdn(b, "2.5.4.11", VS_DERW_UTF8, "Engineering");
	vs_sim_rdn(b, "2.5.4.6", VS_DERW_PRINTABLE, "US");
	vs_sim_rdn(b, "2.5.4.7", VS_DERW_UTF8, "Santa Clara");
	vs_sim_rdn(b, "2.5.4.8", VS_DERW_UTF8, "CA");
	vs_sim_rdn(b, "2.5.4.10", VS_DERW_UTF8, "Advanced Micro Devices");
	vs_sim_rdn(b, "2.5.4.3", VS_DERW_UTF8, cn);
	vs_derw_close(b, name);
}

void
vs_sim_ext(
    struct vs_buf *b, const char *oid, bool critical, struct vs_span value)
{
	size_t ext = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, oid);
	if (critical)
		vs_derw_put(b, VS_DERW_BOOL, VS_SPAN_LIT("\xff"));
	vs_derw_put(b, VS_DERW_OCTETS, value);
	vs_derw_close(b, ext);
}

/* tbs, algorithm, signature: the outer SEQUENCE of certificates and CRLs. */
static vs_status
put_signed(struct vs_span tbs, bool trailer, const struct vs_issue_key *issuer,
    struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf sig = {0};
	vs_status st = vs_issue_sign_pss(issuer, tbs, &sig, err);
	size_t outer;

	if (st == VS_OK) {
		outer = vs_derw_open(der, VS_DERW_SEQ);
		vs_buf_add(der, tbs);
		put_pss(der, trailer);
		vs_derw_bits(der, vs_buf_span(&sig));
		vs_derw_close(der, outer);
		st = vs_buf_status(der);
	}
	vs_buf_fini(&sig);
	return st == VS_OK ? st : vs_ctx(err, "sign", st);
}

static vs_status
put_tbs(const struct vs_sim_cert *c, struct vs_buf *b, struct vs_err *err)
{
	size_t tbs = vs_derw_open(b, VS_DERW_SEQ), part, list;

	part = vs_derw_open(b, VS_DERW_CTX0);
	vs_derw_uint(b, 2); /* v3 */
	vs_derw_close(b, part);
	vs_derw_uint(b, c->serial);
	put_pss(b, c->trailer);
	put_name(b, c->issuer_cn);
	part = vs_derw_open(b, VS_DERW_SEQ);
	vs_derw_time(b, c->not_before);
	vs_derw_time(b, c->not_after);
	vs_derw_close(b, part);
	put_name(b, c->subject_cn);
	VS_TRY(err, "key", vs_issue_spki(c->key, b, err));
	part = vs_derw_open(b, VS_DERW_CTX0 + 3);
	list = vs_derw_open(b, VS_DERW_SEQ);
	vs_buf_add(b, c->extensions);
	vs_derw_close(b, list);
	vs_derw_close(b, part);
	vs_derw_close(b, tbs);
	return vs_buf_status(b);
}

vs_status
vs_sim_cert_build(
    const struct vs_sim_cert *c, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf tbs = {0};
	vs_status st = put_tbs(c, &tbs, err);

	if (st == VS_OK)
		st = put_signed(
		    vs_buf_span(&tbs), c->trailer, c->issuer, der, err);
	vs_buf_fini(&tbs);
	return st == VS_OK ? st : vs_ctx(err, c->subject_cn, st);
}

void
vs_sim_ext_aki(struct vs_buf *b, const uint8_t id[20])
{
	struct vs_buf v = {0};
	size_t seq = vs_derw_open(&v, VS_DERW_SEQ);

	vs_derw_put(&v, 0x80, VS_SPAN(id, 20));
	vs_derw_close(&v, seq);
	vs_sim_ext(b, OID_AKI, false, vs_buf_span(&v));
	vs_buf_fini(&v);
}

void
vs_sim_ext_ski(struct vs_buf *b, const uint8_t id[20])
{
	struct vs_buf v = {0};

	vs_derw_put(&v, VS_DERW_OCTETS, VS_SPAN(id, 20));
	vs_sim_ext(b, OID_SKI, false, vs_buf_span(&v));
	vs_buf_fini(&v);
}

void
vs_sim_ext_crl_dp(struct vs_buf *b, const char *url)
{
	struct vs_buf v = {0};
	size_t points = vs_derw_open(&v, VS_DERW_SEQ);
	size_t point = vs_derw_open(&v, VS_DERW_SEQ);
	size_t name = vs_derw_open(&v, VS_DERW_CTX0);
	size_t full = vs_derw_open(&v, VS_DERW_CTX0);

	vs_derw_text(&v, 0x86, url); /* uniformResourceIdentifier */
	vs_derw_close(&v, full);
	vs_derw_close(&v, name);
	vs_derw_close(&v, point);
	vs_derw_close(&v, points);
	vs_sim_ext(b, OID_CRL_DP, false, vs_buf_span(&v));
	vs_buf_fini(&v);
}

vs_status
vs_sim_ca_extensions(const struct vs_issue_key *key,
    const struct vs_issue_key *issuer, const char *crl_url, struct vs_buf *out,
    struct vs_err *err)
{
	uint8_t id[20], issuer_id[20];

	VS_TRY(err, "subject key id", vs_issue_key_id(key, id, err));
	if (issuer == NULL) {
		vs_sim_ext(out, OID_KEY_USAGE, true,
		    VS_SPAN_LIT("\x03\x02\x01\x06")); /* certs and CRLs */
		vs_sim_ext_ski(out, id);
		vs_sim_ext(out, OID_BASIC, true,
		    VS_SPAN_LIT("\x30\x03\x01\x01\xff")); /* CA */
	} else {
		VS_TRY(err, "authority key id",
		    vs_issue_key_id(issuer, issuer_id, err));
		vs_sim_ext_ski(out, id);
		vs_sim_ext_aki(out, issuer_id);
		vs_sim_ext(out, OID_BASIC, true, /* CA, path length 0 */
		    VS_SPAN_LIT("\x30\x06\x01\x01\xff\x02\x01\x00"));
		vs_sim_ext(out, OID_KEY_USAGE, true,
		    VS_SPAN_LIT("\x03\x02\x01\x04")); /* certs */
	}
	vs_sim_ext_crl_dp(out, crl_url);
	VS_TRY(err, "extensions", vs_buf_status(out));
	return VS_OK;
}

void
vs_sim_ext_int(struct vs_buf *b, const char *oid, uint64_t v)
{
	struct vs_buf value = {0};

	vs_derw_uint(&value, v);
	vs_sim_ext(b, oid, false, vs_buf_span(&value));
	vs_buf_fini(&value);
}

static void
ext_ia5(struct vs_buf *b, const char *oid, const char *text)
{
	struct vs_buf value = {0};

	vs_derw_text(&value, VS_DERW_IA5, text);
	vs_sim_ext(b, oid, false, vs_buf_span(&value));
	vs_buf_fini(&value);
}

void
vs_sim_leaf_extensions(const struct vs_sim_leaf *leaf, struct vs_buf *out)
{
	vs_sim_ext_int(out, OID_AMD "1", leaf->struct_version);
	ext_ia5(out, OID_AMD "2", leaf->product_name);
	if (leaf->struct_version == 1)
		vs_sim_ext_int(out, OID_AMD "3.9", leaf->fmc);
	vs_sim_ext_int(out, OID_AMD "3.1", leaf->bl);
	vs_sim_ext_int(out, OID_AMD "3.2", leaf->tee);
	if (leaf->struct_version == 0)
		vs_sim_ext_int(out, OID_AMD "3.4", 0);
	vs_sim_ext_int(out, OID_AMD "3.5", 0);
	vs_sim_ext_int(out, OID_AMD "3.6", 0);
	vs_sim_ext_int(out, OID_AMD "3.7", 0);
	vs_sim_ext_int(out, OID_AMD "3.3", leaf->snp);
	vs_sim_ext_int(out, OID_AMD "3.8", leaf->ucode);
	if (leaf->hwid.n != 0)
		vs_sim_ext(out, OID_AMD "4", false, leaf->hwid);
	if (leaf->csp_id != NULL)
		ext_ia5(out, OID_AMD "5", leaf->csp_id);
}

static void
put_revoked(const struct vs_sim_crl_spec *c, struct vs_buf *b)
{
	size_t list;

	if (c->n == 0)
		return; /* RFC 5280 5.1.2.6: absent, not empty */
	list = vs_derw_open(b, VS_DERW_SEQ);
	for (size_t i = 0; i < c->n; i++) {
		size_t entry = vs_derw_open(b, VS_DERW_SEQ);

		vs_derw_uint(b, c->serials[i]);
		vs_derw_time(b, c->this_update);
		vs_derw_close(b, entry);
	}
	vs_derw_close(b, list);
}

vs_status
vs_sim_crl_build(
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
	put_pss(&b, true);
	put_name(&b, c->issuer_cn);
	vs_derw_time(&b, c->this_update);
	if (c->next_update != 0)
		vs_derw_time(&b, c->next_update);
	put_revoked(c, &b);
	part = vs_derw_open(&b, VS_DERW_CTX0);
	list = vs_derw_open(&b, VS_DERW_SEQ);
	vs_sim_ext_aki(&b, id);
	vs_sim_ext_int(&b, OID_CRL_NUMBER, 1);
	vs_derw_close(&b, list);
	vs_derw_close(&b, part);
	vs_derw_close(&b, tbs);
	st = vs_buf_status(&b);
	if (st == VS_OK)
		st = put_signed(vs_buf_span(&b), true, c->issuer, der, err);
	vs_buf_fini(&b);
	return st == VS_OK ? st : vs_ctx(err, "crl", st);
}
