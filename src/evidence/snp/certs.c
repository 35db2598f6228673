/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/certs.h"

#include <string.h>

#include "codec/json.h"
#include "crypto/der.h"
#include "crypto/pem.h"
#include "evidence/snp/certtable.h"

/* A growing set, and what is needed to grow it. */
struct reader {
	struct vs_snp_certs *out;
	struct vs_arena *scratch;
	struct vs_err *err;
};

void
vs_snp_certs_fini(struct vs_snp_certs *c)
{
	for (size_t i = 0; i < c->n; i++)
		vs_cert_free(&c->v[i].cert);
	for (size_t i = 0; i < c->crls_n; i++)
		vs_crl_free(&c->crls[i]);
	c->n = c->crls_n = 0;
}

static vs_status
add_cert(struct reader *r, vs_snp_role role, struct vs_span der)
{
	struct vs_snp_certs *c = r->out;

	if (role == VS_SNP_ROLE_CRL)
		return vs_fail(
		    r->err, VS_MALFORMED, "certificate in the place of a CRL");
	if (c->n == VS_SNP_CERTS_MAX)
		return vs_fail(r->err, VS_MALFORMED,
		    "more than %d certificates", VS_SNP_CERTS_MAX);
	VS_TRY(r->err, "certificate",
	    vs_cert_parse(der, &c->v[c->n].cert, r->err));
	c->v[c->n++].role = role;
	return VS_OK;
}

static vs_status
add_crl(struct reader *r, vs_snp_role role, struct vs_span der)
{
	struct vs_snp_certs *c = r->out;

	if (role != VS_SNP_ROLE_CRL && role != VS_SNP_ROLE_ANY)
		return vs_fail(
		    r->err, VS_MALFORMED, "CRL in the place of a certificate");
	if (c->crls_n == VS_SNP_EVIDENCE_CRLS_MAX)
		return vs_fail(r->err, VS_MALFORMED, "more than %d CRLs",
		    VS_SNP_EVIDENCE_CRLS_MAX);
	VS_TRY(r->err, "CRL", vs_crl_parse(der, &c->crls[c->crls_n], r->err));
	c->crls_n++;
	return VS_OK;
}

static vs_status
add_der(struct reader *r, vs_snp_role role, struct vs_span der)
{
	return vs_cert_is(der) ? add_cert(r, role, der) : add_crl(r, role, der);
}

static vs_status
add_pem(struct reader *r, vs_snp_role role, struct vs_span text)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem;
	vs_status st;

	while ((st = vs_pem_next(&rd, r->scratch, &pem)) == VS_OK) {
		if (vs_span_is(pem.label, "CERTIFICATE"))
			st = add_cert(r, role, pem.der);
		else if (vs_span_is(pem.label, "X509 CRL"))
			st = add_crl(r, role, pem.der);
		else
			st = vs_fail(r->err, VS_MALFORMED,
			    "PEM block that is neither certificate nor CRL");
		if (st != VS_OK)
			return st;
	}
	return st == VS_NOT_FOUND ? VS_OK : vs_fail(r->err, st, "broken PEM");
}

static bool
is_der(struct vs_span b)
{
	struct vs_span body;

	return vs_der_only(b, VS_DER_SEQUENCE, &body) == VS_OK;
}

static vs_status
add_der_or_pem(struct reader *r, vs_snp_role role, struct vs_span bytes)
{
	if (!is_der(bytes) && vs_pem_is(bytes))
		return add_pem(r, role, bytes);
	return add_der(r, role, bytes);
}

static vs_status
add_table(struct reader *r, struct vs_span blob)
{
	static const vs_snp_role roles[] = {
	    [VS_SNP_TABLE_VCEK] = VS_SNP_ROLE_LEAF,
	    [VS_SNP_TABLE_VLEK] = VS_SNP_ROLE_LEAF,
	    [VS_SNP_TABLE_ASK] = VS_SNP_ROLE_CA,
	    [VS_SNP_TABLE_ARK] = VS_SNP_ROLE_CA,
	    [VS_SNP_TABLE_CRL] = VS_SNP_ROLE_CRL,
	};
	struct vs_snp_table t;

	VS_TRY(r->err, "certificates", vs_snp_table_parse(blob, &t, r->err));
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].kind != VS_SNP_TABLE_OTHER)
			VS_TRY(r->err, "certificate table",
			    add_der_or_pem(r, roles[t.v[i].kind], t.v[i].data));
	return VS_OK;
}

static vs_status
add_thim_member(struct reader *r, const struct vs_json *thim, const char *name,
    vs_snp_role role)
{
	struct vs_span pem;
	size_t before = r->out->n;

	VS_TRY(r->err, "THIM", vs_json_need_str(thim, "", name, &pem, r->err));
	VS_TRY(r->err, name, add_pem(r, role, pem));
	if (r->out->n == before)
		return vs_fail(r->err, VS_MALFORMED, "%s: no PEM in it", name);
	return VS_OK;
}

/* {"vcekCert", "tcbm", "certificateChain", "cacheControl"} of Azure's
 * instance metadata service; tcbm only repeats the certificate. */
static vs_status
add_thim(struct reader *r, struct vs_span text)
{
	VS_AUTO(vs_json) *thim = NULL;

	VS_TRY(r->err, "THIM", vs_json_parse(text, &thim, r->err));
	VS_TRY(r->err, "THIM",
	    add_thim_member(r, thim, "vcekCert", VS_SNP_ROLE_LEAF));
	if (vs_json_get(thim, "certificateChain") == NULL)
		return VS_OK;
	return add_thim_member(r, thim, "certificateChain", VS_SNP_ROLE_CA);
}

static bool
is_json(struct vs_span b)
{
	size_t i = 0;

	while (i < b.n && memchr(" \t\r\n", b.p[i], 4) != NULL)
		i++;
	return i < b.n && b.p[i] == '{';
}

/* PEM may have text around it, so it is known by its lines; but tables hold
 * PEM as well, and always a zero byte before it. */
static bool
is_text(struct vs_span b)
{
	return memchr(b.p, 0, b.n) == NULL;
}

static vs_status
add_blob(struct reader *r, const struct vs_snp_blob *b)
{
	if (b->bytes.n == 0)
		return VS_OK; /* an empty table is legal */
	if (b->role != VS_SNP_ROLE_ANY)
		return add_der_or_pem(r, b->role, b->bytes);
	if (is_der(b->bytes))
		return add_der(r, VS_SNP_ROLE_ANY, b->bytes);
	if (is_text(b->bytes) && is_json(b->bytes))
		return add_thim(r, b->bytes);
	if (is_text(b->bytes) && vs_pem_is(b->bytes))
		return add_pem(r, VS_SNP_ROLE_ANY, b->bytes);
	return add_table(r, b->bytes);
}

static vs_status
read_blobs(const struct vs_snp_blob *blobs, size_t n, struct reader *r)
{
	for (size_t i = 0; i < n; i++)
		VS_TRY_CODE(r->err, "parse.cert_table", "certs",
		    add_blob(r, &blobs[i]));
	return VS_OK;
}

vs_status
vs_snp_certs_read(const struct vs_snp_blob *blobs, size_t n,
    struct vs_arena *scratch, struct vs_snp_certs *out, struct vs_err *err)
{
	struct vs_snp_certs c = {0};
	struct reader r = {&c, scratch, err};
	vs_status st;

	vs_err_clear(err);
	st = read_blobs(blobs, n, &r);
	if (st != VS_OK) {
		vs_snp_certs_fini(&c);
		return st;
	}
	*out = c;
	return VS_OK;
}
