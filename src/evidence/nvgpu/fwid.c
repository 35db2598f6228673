/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/nvgpu/fwid.h"

#include <string.h>

#include "crypto/der.h"
#include "evidence/nvgpu/opaque.h"

/* 2.23.133.5.4.1 and 2.23.133.5.4.1.1 (tcg-dice-TcbInfo). */
static const uint8_t oid_composite[] = {0x67, 0x81, 0x05, 0x05, 0x04, 0x01};
static const uint8_t oid_tcb_info[] = {
    0x67, 0x81, 0x05, 0x05, 0x04, 0x01, 0x01};
/* RFC 5754 2.3: id-sha384. */
static const uint8_t oid_sha384[] = {
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02};

/* DiceTcbInfo: [6] IMPLICIT FWIDLIST is the field that counts. */
enum {
	TAG_PRIMITIVE = 0x80,
	TAG_CONSTRUCTED = 0xa0,
	FIELD_FWIDS = 6,
	FIELD_LAST = 9
};

static vs_status
element(struct vs_rd *in, uint8_t tag, struct vs_der *out, struct vs_err *err)
{
	VS_TRY(err, "element", vs_der_next(in, out));
	if (out->tag != tag)
		return vs_fail(err, VS_MALFORMED, "tag 0x%02x, want 0x%02x",
		    out->tag, tag);
	return VS_OK;
}

/* FWID ::= SEQUENCE { hashAlg OBJECT IDENTIFIER, digest OCTET STRING } */
static vs_status
read_fwid(struct vs_rd *in, struct vs_span *digest, struct vs_err *err)
{
	struct vs_der seq, alg, value;
	struct vs_rd rd;

	VS_TRY(err, "FWID", element(in, VS_DER_SEQUENCE, &seq, err));
	rd = vs_rd_of(seq.value);
	VS_TRY(err, "algorithm", element(&rd, VS_DER_OID, &alg, err));
	VS_TRY(err, "digest", element(&rd, VS_DER_OCTETS, &value, err));
	VS_TRY(err, "FWID", vs_rd_end(&rd));
	if (!vs_span_equal(alg.value, VS_SPAN_OF(oid_sha384)) ||
	    value.value.n != VS_NV_FWID_SIZE)
		return vs_fail(err, VS_MALFORMED, "FWID: not of SHA-384");
	*digest = value.value;
	return VS_OK;
}

/* SEQUENCE { INTEGER 1, SubjectPublicKeyInfo, FWID } */
vs_status
vs_nv_fwid_composite(
    struct vs_span der, struct vs_nv_fwid *out, struct vs_err *err)
{
	struct vs_der version, key;
	struct vs_nv_fwid f = {0};
	struct vs_span body;
	struct vs_rd rd;

	VS_TRY(err, "device id", vs_der_only(der, VS_DER_SEQUENCE, &body));
	rd = vs_rd_of(body);
	VS_TRY(err, "version", element(&rd, VS_DER_INTEGER, &version, err));
	if (version.value.n != 1 || version.value.p[0] != 1)
		return vs_fail(err, VS_UNSUPPORTED, "version of the device id");
	VS_TRY(err, "device key", element(&rd, VS_DER_SEQUENCE, &key, err));
	VS_TRY(err, "device id", read_fwid(&rd, &f.digest, err));
	VS_TRY(err, "device id", vs_rd_end(&rd));
	f.device_key = key.whole;
	*out = f;
	return VS_OK;
}

/* The first counts; others are of later layers, but must be well-formed. */
static vs_status
read_list(struct vs_span list, struct vs_span *digest, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(list);
	struct vs_span other;

	VS_TRY(err, "fwids", read_fwid(&rd, digest, err));
	while (rd.n > 0)
		VS_TRY(err, "fwids", read_fwid(&rd, &other, err));
	return VS_OK;
}

/* SEQUENCE of optional fields [0] to [9], in order. */
vs_status
vs_nv_fwid_tcb_info(
    struct vs_span der, struct vs_nv_fwid *out, struct vs_err *err)
{
	struct vs_nv_fwid f = {0};
	struct vs_span body;
	struct vs_rd rd;
	int last = -1;

	VS_TRY(err, "TcbInfo", vs_der_only(der, VS_DER_SEQUENCE, &body));
	rd = vs_rd_of(body);
	while (rd.n > 0) {
		struct vs_der e;
		int field;

		VS_TRY(err, "TcbInfo", vs_der_next(&rd, &e));
		field = e.tag & 0x1f;
		if ((e.tag & TAG_PRIMITIVE) == 0 || (e.tag & 0x40) != 0 ||
		    field > FIELD_LAST || field <= last)
			return vs_fail(
			    err, VS_MALFORMED, "TcbInfo: tag 0x%02x", e.tag);
		last = field;
		if (field != FIELD_FWIDS)
			continue;
		if (e.tag != (TAG_CONSTRUCTED | FIELD_FWIDS))
			return vs_fail(err, VS_MALFORMED, "fwids: no list");
		VS_TRY(err, "TcbInfo", read_list(e.value, &f.digest, err));
	}
	if (f.digest.n == 0)
		return vs_fail(err, VS_MALFORMED, "TcbInfo without fwids");
	*out = f;
	return VS_OK;
}

static vs_status
read_ext(const struct vs_cert *leaf, vs_nv_arch arch, struct vs_nv_fwid *f,
    struct vs_err *err)
{
	struct vs_span composite, info;
	size_t composites =
	    vs_cert_ext(leaf, VS_SPAN_OF(oid_composite), &composite);
	size_t infos = vs_cert_ext(leaf, VS_SPAN_OF(oid_tcb_info), &info);

	if (composites + infos != 1)
		return vs_fail(err, VS_MALFORMED,
		    "the leaf names its firmware %zu times",
		    composites + infos);
	if ((infos == 1) != (arch == VS_NV_BLACKWELL))
		return vs_fail(err, VS_MALFORMED,
		    "the leaf names its firmware as another family does");
	return infos == 1 ? vs_nv_fwid_tcb_info(info, f, err)
			  : vs_nv_fwid_composite(composite, f, err);
}

static vs_status
check_key(const struct vs_nv_fwid *f, const struct vs_cert *issuer,
    struct vs_err *err)
{
	uint8_t sha256[VS_SHA256_SIZE];

	if (f->device_key.n == 0)
		return VS_OK;
	VS_TRY(err, "device key", vs_sha256(f->device_key, sha256));
	if (memcmp(sha256, vs_cert_facts(issuer)->spki_sha256,
		sizeof(sha256)) != 0)
		return vs_fail(err, VS_UNTRUSTED,
		    "the device key in the leaf is not its issuer's");
	return VS_OK;
}

vs_status
vs_nv_fwid_read(const struct vs_cert *leaf, const struct vs_cert *issuer,
    vs_nv_arch arch, struct vs_span *digest, struct vs_err *err)
{
	struct vs_nv_fwid f;
	vs_status st = read_ext(leaf, arch, &f, err);

	if (st == VS_OK)
		st = check_key(&f, issuer, err);
	if (st != VS_OK) {
		if (vs_status_class(st) == VS_CLASS_MALFORMED)
			st = err->status = VS_UNTRUSTED;
		err->code = "GPU_FWID";
		return vs_ctx(err, "firmware id", st);
	}
	*digest = f.digest;
	return VS_OK;
}
