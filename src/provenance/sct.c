/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed certificate timestamps inside the certificate (RFC 6962 3.2, 3.3):
 * a log signed for the certificate as it was before they were put in.
 */
#include "crypto/der.h"
#include "provenance/parts.h"

/* 1.3.6.1.4.1.11129.2.4.2 */
static const uint8_t sct_oid[] = {
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02};
enum { DER_CONTEXT_3 = 0xa3, SHA256_ALG = 4, ECDSA_ALG = 3 };

struct sct {
	struct vs_span log_id, extensions, sig;
	uint64_t ms;
};

/* One SCT, without the length in front of it. */
static vs_status
read_sct(struct vs_rd *rd, struct sct *out)
{
	uint8_t version, hash, alg;
	uint16_t n;

	if (vs_rd_u8(rd, &version) != VS_OK || version != 0 ||
	    vs_rd_bytes(rd, 32, &out->log_id) != VS_OK ||
	    vs_rd_u64be(rd, &out->ms) != VS_OK ||
	    vs_rd_u16be(rd, &n) != VS_OK ||
	    vs_rd_bytes(rd, n, &out->extensions) != VS_OK ||
	    vs_rd_u8(rd, &hash) != VS_OK || hash != SHA256_ALG ||
	    vs_rd_u8(rd, &alg) != VS_OK || alg != ECDSA_ALG ||
	    vs_rd_u16be(rd, &n) != VS_OK ||
	    vs_rd_bytes(rd, n, &out->sig) != VS_OK)
		return VS_MALFORMED;
	return vs_rd_end(rd);
}

/* A DER element of this tag around the contents. */
static void
put_der(struct vs_buf *b, uint8_t tag, struct vs_span value)
{
	uint8_t head[6];
	struct vs_wr w = vs_wr_of(head, sizeof(head));

	vs_wr_u8(&w, tag);
	if (value.n >= 0x100) {
		vs_wr_u8(&w, 0x82);
		vs_wr_u16be(&w, (uint16_t)value.n); /* below VS_CERT_MAX */
	} else if (value.n >= 0x80) {
		vs_wr_u8(&w, 0x81);
		vs_wr_u8(&w, (uint8_t)value.n);
	} else {
		vs_wr_u8(&w, (uint8_t)value.n);
	}
	vs_buf_add(b, VS_SPAN(head, w.n));
	vs_buf_add(b, value);
}

static bool
is_sct(const struct vs_der *extension)
{
	struct vs_rd rd = vs_rd_of(extension->value);
	struct vs_der oid;

	return vs_der_next(&rd, &oid) == VS_OK && oid.tag == VS_DER_OID &&
	    vs_span_equal(oid.value, VS_SPAN_OF(sct_oid));
}

/* [3] { SEQUENCE OF Extension }, without the SCTs. */
static vs_status
put_extensions(struct vs_buf *b, struct vs_span value)
{
	struct vs_buf list = {0}, seq = {0};
	struct vs_span all;
	struct vs_der e;
	struct vs_rd rd;
	vs_status st = vs_der_only(value, VS_DER_SEQUENCE, &all);

	rd = vs_rd_of(st == VS_OK ? all : (struct vs_span){0});
	while (st == VS_OK && rd.n > 0) {
		st = vs_der_next(&rd, &e);
		if (st == VS_OK && !is_sct(&e))
			vs_buf_add(&list, e.whole);
	}
	put_der(&seq, VS_DER_SEQUENCE, vs_buf_span(&list));
	put_der(b, DER_CONTEXT_3, vs_buf_span(&seq));
	if (st == VS_OK)
		st = vs_buf_status(&list);
	if (st == VS_OK)
		st = vs_buf_status(&seq);
	vs_buf_fini(&list);
	vs_buf_fini(&seq);
	return st;
}

/* The TBSCertificate that the log saw. */
static vs_status
before(struct vs_span der, struct vs_buf *out)
{
	struct vs_buf body = {0};
	struct vs_span cert;
	struct vs_der tbs, el;
	struct vs_rd rd;
	vs_status st = vs_der_only(der, VS_DER_SEQUENCE, &cert);

	rd = vs_rd_of(st == VS_OK ? cert : (struct vs_span){0});
	if (st == VS_OK)
		st = vs_der_next(&rd, &tbs);
	rd = vs_rd_of(st == VS_OK ? tbs.value : (struct vs_span){0});
	while (st == VS_OK && rd.n > 0) {
		st = vs_der_next(&rd, &el);
		if (st == VS_OK && el.tag == DER_CONTEXT_3)
			st = put_extensions(&body, el.value);
		else if (st == VS_OK)
			vs_buf_add(&body, el.whole);
	}
	if (st == VS_OK)
		st = vs_buf_status(&body);
	if (st == VS_OK)
		put_der(out, VS_DER_SEQUENCE, vs_buf_span(&body));
	vs_buf_fini(&body);
	return st == VS_OK ? vs_buf_status(out) : st;
}

/* RFC 6962 3.2: digitally-signed over a precert_entry. */
static vs_status
signed_bytes(const struct sct *s, const struct vs_cert *issuer,
    struct vs_span tbs, struct vs_buf *out)
{
	uint8_t head[12], length[3], tail[2];
	struct vs_wr w = vs_wr_of(head, sizeof(head));

	vs_wr_u8(&w, 0); /* v1 */
	vs_wr_u8(&w, 0); /* certificate_timestamp */
	vs_wr_u64be(&w, s->ms);
	vs_wr_u16be(&w, 1); /* precert_entry */
	vs_buf_add(out, VS_SPAN_OF(head));
	vs_buf_add(out, VS_SPAN(vs_cert_facts(issuer)->spki_sha256, 32));
	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)(tbs.n >> 8 * (2 - i));
	vs_buf_add(out, VS_SPAN_OF(length));
	vs_buf_add(out, tbs);
	w = vs_wr_of(tail, sizeof(tail));
	vs_wr_u16be(&w, (uint16_t)s->extensions.n); /* read as 16 bits */
	vs_buf_add(out, VS_SPAN_OF(tail));
	vs_buf_add(out, s->extensions);
	return vs_buf_status(out);
}

static const struct vs_pv_log *
find_log(const struct vs_provenance_trust *t, const struct sct *s)
{
	for (size_t i = 0; i < t->ctlogs_n; i++)
		if (vs_span_equal(VS_SPAN_OF(t->ctlogs[i].id), s->log_id) &&
		    s->ms <= INT64_MAX &&
		    vs_pv_in(&t->ctlogs[i].valid, (int64_t)s->ms))
			return &t->ctlogs[i];
	return NULL;
}

static bool
is_good(const struct vs_pv_run *r, const struct sct *s, struct vs_span tbs)
{
	const struct vs_pv_log *log = find_log(r->trust, s);
	struct vs_buf text = {0};
	struct vs_err why = {0};
	bool ok;

	if (log == NULL)
		return false;
	ok = signed_bytes(s, r->issuer, tbs, &text) == VS_OK &&
	    vs_sigkey_verify(log->key, vs_buf_span(&text), s->sig, &why) ==
		VS_OK;
	vs_buf_fini(&text);
	return ok;
}

/* The octets of the list, without its own length. */
static vs_status
read_list(const struct vs_cert *c, struct vs_rd *out)
{
	struct vs_span ext, list;
	struct vs_rd rd;
	uint16_t n;

	if (vs_cert_ext(c, VS_SPAN_OF(sct_oid), &ext) != 1 ||
	    vs_der_only(ext, VS_DER_OCTETS, &list) != VS_OK)
		return VS_MALFORMED;
	rd = vs_rd_of(list);
	if (vs_rd_u16be(&rd, &n) != VS_OK || vs_rd_sub(&rd, n, out) != VS_OK)
		return VS_MALFORMED;
	return vs_rd_end(&rd);
}

static bool
any_good(const struct vs_pv_run *r, struct vs_rd list, struct vs_span tbs)
{
	struct vs_rd one;
	struct sct s;
	uint16_t n;

	while (list.n > 0) {
		if (vs_rd_u16be(&list, &n) != VS_OK ||
		    vs_rd_sub(&list, n, &one) != VS_OK)
			return false;
		if (read_sct(&one, &s) == VS_OK && is_good(r, &s, tbs))
			return true;
	}
	return false;
}

vs_status
vs_pv_sct(const struct vs_pv_run *r, struct vs_err *err)
{
	struct vs_buf tbs = {0};
	struct vs_rd list;
	bool ok;

	ok = read_list(r->cert, &list) == VS_OK &&
	    before(vs_cert_facts(r->cert)->der, &tbs) == VS_OK &&
	    any_good(r, list, vs_buf_span(&tbs));
	vs_buf_fini(&tbs);
	return ok ? VS_OK
		  : vs_fail_code(err, VS_UNTRUSTED, "bad-signature.sct",
			"certificate: no log of certificates signed for it");
}
