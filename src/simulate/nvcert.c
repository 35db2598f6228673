/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/nvcert.h"

#include "base/encoding.h"
#include "simulate/cert.h"
#include "simulate/derw.h"

#define OID_ECDSA_SHA384 "1.2.840.10045.4.3.3"
#define OID_SHA384 "2.16.840.1.101.3.4.2.2"
#define OID_KEY_USAGE "2.5.29.15"
#define OID_SAN "2.5.29.17"
#define OID_BASIC "2.5.29.19"
#define OID_COMPOSITE "2.23.133.5.4.1"
#define OID_TCB_INFO "2.23.133.5.4.1.1"
#define OID_DEVICE_INFO "1.3.6.1.4.1.412.274.1" /* DMTF DSP0274 */

enum { SCALAR = 48, TAG_CONTEXT = 0x80, TAG_FWIDS = 0xa6 };

static void
put_algorithm(struct vs_buf *b)
{
	size_t alg = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, OID_ECDSA_SHA384); /* RFC 5758 3.2: no parameters */
	vs_derw_close(b, alg);
}

static void
put_serial_number(struct vs_buf *b, struct vs_span serial)
{
	struct vs_buf text = {0};

	vs_buf_hex(&text, serial);
	vs_sim_rdn(b, "2.5.4.5", VS_DERW_PRINTABLE, vs_buf_cstr(&text));
	vs_buf_fini(&text);
}

static void
put_name(struct vs_buf *b, const struct vs_sim_nvname *n)
{
	size_t name = vs_derw_open(b, VS_DERW_SEQ);

	if (n->serial.n > 0)
		put_serial_number(b, n->serial);
	vs_sim_rdn(b, "2.5.4.6", VS_DERW_PRINTABLE, "US");
	vs_sim_rdn(b, "2.5.4.10", VS_DERW_UTF8, "NVIDIA Corporation");
	vs_sim_rdn(b, "2.5.4.3", VS_DERW_UTF8, n->cn);
	vs_derw_close(b, name);
}

/* tbs, algorithm, signature. */
static vs_status
put_signed(struct vs_span tbs, const struct vs_issue_key *signer,
    struct vs_buf *der, struct vs_err *err)
{
	uint8_t r[SCALAR], s[SCALAR];
	struct vs_buf sig = {0};
	size_t outer, seq;
	vs_status st = vs_issue_sign_p384(signer, tbs, r, s, err);

	if (st != VS_OK)
		return vs_ctx(err, "sign", st);
	seq = vs_derw_open(&sig, VS_DERW_SEQ);
	vs_derw_unsigned(&sig, VS_SPAN_OF(r));
	vs_derw_unsigned(&sig, VS_SPAN_OF(s));
	vs_derw_close(&sig, seq);
	outer = vs_derw_open(der, VS_DERW_SEQ);
	vs_buf_add(der, tbs);
	put_algorithm(der);
	vs_derw_bits(der, vs_buf_span(&sig));
	vs_derw_close(der, outer);
	vs_buf_fini(&sig);
	return vs_buf_status(der);
}

static vs_status
put_extensions(
    const struct vs_sim_nvcert *c, struct vs_buf *b, struct vs_err *err)
{
	uint8_t id[20], issuer_id[20];
	size_t part, list;

	VS_TRY(err, "subject key id", vs_issue_key_id(c->key, id, err));
	VS_TRY(err, "authority key id",
	    vs_issue_key_id(c->signer, issuer_id, err));
	part = vs_derw_open(b, VS_DERW_CTX0 + 3);
	list = vs_derw_open(b, VS_DERW_SEQ);
	if (c->ca)
		vs_sim_ext(
		    b, OID_BASIC, true, VS_SPAN_LIT("\x30\x03\x01\x01\xff"));
	/* Certificates and CRLs, or signatures. */
	vs_sim_ext(b, OID_KEY_USAGE, true,
	    c->ca ? VS_SPAN_LIT("\x03\x02\x01\x06")
		  : VS_SPAN_LIT("\x03\x02\x07\x80"));
	if (c->crl_url != NULL)
		vs_sim_ext_crl_dp(b, c->crl_url);
	vs_sim_ext_ski(b, id);
	vs_sim_ext_aki(b, issuer_id);
	vs_buf_add(b, c->extensions);
	vs_derw_close(b, list);
	vs_derw_close(b, part);
	return VS_OK;
}

static vs_status
put_tbs(const struct vs_sim_nvcert *c, struct vs_buf *b, struct vs_err *err)
{
	size_t tbs = vs_derw_open(b, VS_DERW_SEQ), part;

	part = vs_derw_open(b, VS_DERW_CTX0);
	vs_derw_uint(b, 2); /* v3 */
	vs_derw_close(b, part);
	vs_derw_put(b, VS_DERW_INTEGER, c->serial);
	put_algorithm(b);
	put_name(b, &c->issuer);
	part = vs_derw_open(b, VS_DERW_SEQ);
	vs_derw_time(b, c->not_before);
	vs_derw_time(b, c->not_after);
	vs_derw_close(b, part);
	put_name(b, &c->subject);
	VS_TRY(err, "key", vs_issue_spki(c->key, b, err));
	VS_TRY(err, "extensions", put_extensions(c, b, err));
	vs_derw_close(b, tbs);
	return vs_buf_status(b);
}

vs_status
vs_sim_nvcert_build(
    const struct vs_sim_nvcert *c, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf tbs = {0};
	vs_status st = put_tbs(c, &tbs, err);

	if (st == VS_OK)
		st = put_signed(vs_buf_span(&tbs), c->signer, der, err);
	vs_buf_fini(&tbs);
	return st == VS_OK ? st : vs_ctx(err, c->subject.cn, st);
}

/* FWID ::= SEQUENCE { hashAlg OBJECT IDENTIFIER, digest OCTET STRING } */
static void
put_fwid(struct vs_buf *b, const uint8_t fwid[48])
{
	size_t seq = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, OID_SHA384);
	vs_derw_put(b, VS_DERW_OCTETS, VS_SPAN(fwid, 48));
	vs_derw_close(b, seq);
}

vs_status
vs_sim_nv_composite(const struct vs_issue_key *device, const uint8_t fwid[48],
    struct vs_buf *out, struct vs_err *err)
{
	struct vs_buf v = {0};
	size_t seq = vs_derw_open(&v, VS_DERW_SEQ);
	vs_status st;

	vs_derw_uint(&v, 1);
	st = vs_issue_spki(device, &v, err);
	put_fwid(&v, fwid);
	vs_derw_close(&v, seq);
	if (st == VS_OK)
		vs_sim_ext(out, OID_COMPOSITE, false, vs_buf_span(&v));
	vs_buf_fini(&v);
	return st;
}

void
vs_sim_nv_tcb_info(
    const char *model, const uint8_t fwid[48], struct vs_buf *out)
{
	static const uint8_t later[48]; /* a second layer that is not used */
	struct vs_buf v = {0};
	size_t seq = vs_derw_open(&v, VS_DERW_SEQ), list;

	vs_derw_text(&v, TAG_CONTEXT + 0, "NVIDIA");
	vs_derw_text(&v, TAG_CONTEXT + 1, model);
	vs_derw_text(&v, TAG_CONTEXT + 2, "01");
	for (unsigned field = 3; field < 6; field++) /* svn, layer, index */
		vs_derw_put(&v, TAG_CONTEXT + field, VS_SPAN_LIT("\0"));
	list = vs_derw_open(&v, TAG_FWIDS);
	put_fwid(&v, fwid);
	put_fwid(&v, later);
	vs_derw_close(&v, list);
	vs_derw_close(&v, seq);
	vs_sim_ext(out, OID_TCB_INFO, false, vs_buf_span(&v));
	vs_buf_fini(&v);
}

void
vs_sim_nv_device_info(const char *chip, struct vs_span id, struct vs_buf *out)
{
	struct vs_buf v = {0}, text = {0};
	size_t names = vs_derw_open(&v, VS_DERW_SEQ), other, value;

	vs_buf_printf(&text, "NVIDIA:%s:", chip);
	vs_buf_hex(&text, id);
	other = vs_derw_open(&v, VS_DERW_CTX0); /* otherName */
	vs_derw_oid(&v, OID_DEVICE_INFO);
	value = vs_derw_open(&v, VS_DERW_CTX0);
	vs_derw_text(&v, VS_DERW_UTF8, vs_buf_cstr(&text));
	vs_derw_close(&v, value);
	vs_derw_close(&v, other);
	vs_derw_close(&v, names);
	vs_sim_ext(out, OID_SAN, false, vs_buf_span(&v));
	vs_buf_fini(&text);
	vs_buf_fini(&v);
}
