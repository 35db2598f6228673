/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/quote.h"

enum {
	VERSION_MIN = 3,
	VERSION_MAX = 5,
	HEADER_SIZE = 48,
	KEY_TYPE_P256 = 2,
	TEE_SGX = 0,
	TEE_TDX = 0x81,
	SIGNATURE_SIZE = 64,
	KEY_SIZE = 64,
};

/* Intel's quoting enclaves. */
static const uint8_t intel_vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
    0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static vs_status
read_head(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	uint16_t key_type;
	uint32_t tee;
	struct vs_span vendor;

	VS_TRY(err, "version", vs_rd_u16le(in, &q->version));
	if (q->version < VERSION_MIN || q->version > VERSION_MAX)
		return vs_fail_code(err, VS_UNSUPPORTED, "quote_version",
		    "version %u", q->version);
	VS_TRY(err, "key type", vs_rd_u16le(in, &key_type));
	if (key_type != KEY_TYPE_P256)
		return vs_fail_code(err, VS_UNSUPPORTED, "attestation_key_type",
		    "attestation key of type %u", key_type);
	VS_TRY(err, "TEE type", vs_rd_u32le(in, &tee));
	/* Version 3 knows enclaves only: there these bytes are reserved. */
	if (tee != TEE_SGX && (tee != TEE_TDX || q->version == VERSION_MIN))
		return vs_fail_code(err, VS_UNSUPPORTED, "tee_type",
		    "TEE type %#x in version %u", tee, q->version);
	q->tee = tee == TEE_SGX ? VS_INTEL_SGX : VS_INTEL_TDX;
	/* SVNs of QE and PCE: the QE report and the PCK tell them. */
	VS_TRY(err, "SVNs", vs_rd_skip(in, 4));
	VS_TRY(
	    err, "QE vendor", vs_rd_bytes(in, sizeof(intel_vendor), &vendor));
	if (!vs_span_equal(vendor, VS_SPAN_OF(intel_vendor)))
		return vs_fail_code(err, VS_UNSUPPORTED, "qe_vendor",
		    "the quoting enclave is not of Intel's kind");
	VS_TRY(err, "user data", vs_rd_skip(in, 20));
	return vs_rd_end(in);
}

static size_t
body_size(vs_dcap_body b)
{
	switch (b) {
	case VS_DCAP_BODY_SGX:
		return VS_SGX_REPORT_SIZE;
	case VS_DCAP_BODY_TD10:
		return VS_TD10_REPORT_SIZE;
	case VS_DCAP_BODY_TD15:
		return VS_TD15_REPORT_SIZE;
	case VS_DCAP_BODY_TD15_EXTENDED:
		return VS_TD15_EXTENDED_SIZE;
	}
	return 0;
}

/* Version 5 says what follows. */
static vs_status
read_descriptor(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	uint16_t type;
	uint32_t size;

	VS_TRY(err, "body type", vs_rd_u16le(in, &type));
	VS_TRY(err, "body size", vs_rd_u32le(in, &size));
	q->body = (vs_dcap_body)type;
	if (body_size(q->body) == 0 || size != body_size(q->body))
		return vs_fail(
		    err, VS_MALFORMED, "body of type %u, %u bytes", type, size);
	if ((q->body == VS_DCAP_BODY_SGX) != (q->tee == VS_INTEL_SGX))
		return vs_fail_code(err, VS_MALFORMED, "tee_type",
		    "body of type %u is not of the TEE in the header", type);
	return VS_OK;
}

static vs_status
u64_of(struct vs_span s, size_t at, uint64_t *out)
{
	struct vs_rd rd = vs_rd_of(vs_span_slice(s, at, 8));

	return vs_rd_u64le(&rd, out);
}

/* Bytes 0 to 191: processor and identity. */
static vs_status
read_sgx_head(struct vs_rd *in, struct vs_sgx_report *r, struct vs_err *err)
{
	VS_TRY(err, "CPUSVN", vs_rd_bytes(in, 16, &r->cpusvn));
	VS_TRY(err, "MISCSELECT", vs_rd_bytes(in, 4, &r->miscselect));
	VS_TRY(err, "reserved", vs_rd_skip(in, 12));
	VS_TRY(err, "ISVEXTPRODID", vs_rd_bytes(in, 16, &r->isvextprodid));
	VS_TRY(err, "ATTRIBUTES", vs_rd_bytes(in, 16, &r->attributes));
	VS_TRY(err, "flags", u64_of(r->attributes, 0, &r->flags));
	VS_TRY(err, "XFRM", u64_of(r->attributes, 8, &r->xfrm));
	VS_TRY(err, "MRENCLAVE", vs_rd_bytes(in, 32, &r->mrenclave));
	VS_TRY(err, "reserved", vs_rd_skip(in, 32));
	VS_TRY(err, "MRSIGNER", vs_rd_bytes(in, 32, &r->mrsigner));
	VS_TRY(err, "reserved", vs_rd_skip(in, 32));
	return VS_OK;
}

/* 384 bytes: of the quoted enclave, and of the quoting one. */
static vs_status
read_sgx(struct vs_rd *in, struct vs_sgx_report *r, struct vs_err *err)
{
	struct vs_rd rd;

	VS_TRY(err, "report", vs_rd_bytes(in, VS_SGX_REPORT_SIZE, &r->bytes));
	rd = vs_rd_of(r->bytes);
	VS_TRY(err, "report", read_sgx_head(&rd, r, err));
	VS_TRY(err, "CONFIGID", vs_rd_bytes(&rd, 64, &r->configid));
	VS_TRY(err, "ISVPRODID", vs_rd_u16le(&rd, &r->isvprodid));
	VS_TRY(err, "ISVSVN", vs_rd_u16le(&rd, &r->isvsvn));
	VS_TRY(err, "CONFIGSVN", vs_rd_u16le(&rd, &r->configsvn));
	VS_TRY(err, "reserved", vs_rd_skip(&rd, 42));
	VS_TRY(err, "ISVFAMILYID", vs_rd_bytes(&rd, 16, &r->isvfamilyid));
	VS_TRY(err, "REPORTDATA",
	    vs_rd_bytes(&rd, VS_DCAP_REPORT_DATA_SIZE, &r->report_data));
	return vs_rd_end(&rd);
}

/* Which of the two parts of TD 1.5 there are depends on the type; what is
 * behind them in the extended body describes service TDs. */
static vs_status
read_td15(struct vs_rd *rd, vs_dcap_body body, struct vs_td_report *r,
    struct vs_err *err)
{
	if (body == VS_DCAP_BODY_TD10)
		return VS_OK;
	VS_TRY(err, "TEE_TCB_SVN2", vs_rd_bytes(rd, 16, &r->tee_tcb_svn2));
	VS_TRY(err, "MRSERVICETD", vs_rd_bytes(rd, 48, &r->mrservicetd));
	if (body == VS_DCAP_BODY_TD15_EXTENDED)
		VS_TRY(err, "extension",
		    vs_rd_skip(
			rd, VS_TD15_EXTENDED_SIZE - VS_TD15_REPORT_SIZE));
	return VS_OK;
}

static vs_status
read_td(struct vs_rd *in, vs_dcap_body body, struct vs_td_report *r,
    struct vs_err *err)
{
	struct vs_rd rd;

	VS_TRY(err, "TD report", vs_rd_sub(in, body_size(body), &rd));
	VS_TRY(err, "TEE_TCB_SVN", vs_rd_bytes(&rd, 16, &r->tee_tcb_svn));
	VS_TRY(err, "MRSEAM", vs_rd_bytes(&rd, 48, &r->mrseam));
	VS_TRY(err, "MRSIGNERSEAM", vs_rd_bytes(&rd, 48, &r->mrsignerseam));
	VS_TRY(err, "SEAMATTRIBUTES", vs_rd_bytes(&rd, 8, &r->seamattributes));
	VS_TRY(err, "TDATTRIBUTES", vs_rd_u64le(&rd, &r->attributes));
	VS_TRY(err, "XFAM", vs_rd_u64le(&rd, &r->xfam));
	VS_TRY(err, "MRTD", vs_rd_bytes(&rd, 48, &r->mrtd));
	VS_TRY(err, "MRCONFIGID", vs_rd_bytes(&rd, 48, &r->mrconfigid));
	VS_TRY(err, "MROWNER", vs_rd_bytes(&rd, 48, &r->mrowner));
	VS_TRY(err, "MROWNERCONFIG", vs_rd_bytes(&rd, 48, &r->mrownerconfig));
	for (size_t i = 0; i < VS_COUNT(r->rtmr); i++)
		VS_TRY(err, "RTMR", vs_rd_bytes(&rd, 48, &r->rtmr[i]));
	VS_TRY(err, "REPORTDATA",
	    vs_rd_bytes(&rd, VS_DCAP_REPORT_DATA_SIZE, &r->report_data));
	VS_TRY(err, "TD report", read_td15(&rd, body, r, err));
	return vs_rd_end(&rd);
}

static vs_status
read_body(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	q->body = q->tee == VS_INTEL_SGX ? VS_DCAP_BODY_SGX : VS_DCAP_BODY_TD10;
	if (q->version == VERSION_MAX)
		VS_TRY(err, "body", read_descriptor(in, q, err));
	return q->tee == VS_INTEL_SGX ? read_sgx(in, &q->sgx, err)
				      : read_td(in, q->body, &q->td, err);
}

/* The QE's part, to the last byte of what holds it. */
static vs_status
read_qe(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	uint16_t auth_n;
	uint32_t cert_n;

	VS_TRY(err, "QE", read_sgx(in, &q->qe, err));
	VS_TRY(err, "QE signature",
	    vs_rd_bytes(in, SIGNATURE_SIZE, &q->qe_signature));
	VS_TRY(err, "QE auth size", vs_rd_u16le(in, &auth_n));
	VS_TRY(err, "QE auth", vs_rd_bytes(in, auth_n, &q->qe_auth));
	VS_TRY(err, "certification type", vs_rd_u16le(in, &q->cert_type));
	VS_TRY(err, "certification size", vs_rd_u32le(in, &cert_n));
	VS_TRY(err, "certification", vs_rd_bytes(in, cert_n, &q->cert_data));
	return vs_rd_end(in);
}

/* Versions 4 and 5 wrap the QE's part as certification data. */
static vs_status
read_wrapped(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	uint16_t type;
	uint32_t n;
	struct vs_rd inner;

	VS_TRY(err, "certification type", vs_rd_u16le(in, &type));
	if (type != VS_DCAP_CERT_QE_REPORT)
		return vs_fail(err, VS_MALFORMED,
		    "certification data of type %u around the QE report", type);
	VS_TRY(err, "certification size", vs_rd_u32le(in, &n));
	VS_TRY(err, "QE", vs_rd_sub(in, n, &inner));
	VS_TRY(err, "QE", read_qe(&inner, q, err));
	return vs_rd_end(in);
}

static vs_status
read_signature(struct vs_rd *in, struct vs_dcap_quote *q, struct vs_err *err)
{
	uint32_t n;
	struct vs_rd rd;

	VS_TRY(err, "size", vs_rd_u32le(in, &n));
	VS_TRY(err, "size", vs_rd_sub(in, n, &rd));
	VS_TRY(
	    err, "signature", vs_rd_bytes(&rd, SIGNATURE_SIZE, &q->signature));
	q->vouched = vs_rd_rest(&rd);
	VS_TRY(err, "attestation key", vs_rd_bytes(&rd, KEY_SIZE, &q->key));
	return q->version == VERSION_MIN ? read_qe(&rd, q, err)
					 : read_wrapped(&rd, q, err);
}

static vs_status
read_all(struct vs_span bytes, struct vs_dcap_quote *q, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes), head;

	if (bytes.n > VS_DCAP_QUOTE_MAX)
		return vs_fail(err, VS_MALFORMED, "%zu bytes", bytes.n);
	VS_TRY(err, "header", vs_rd_sub(&in, HEADER_SIZE, &head));
	VS_TRY(err, "header", read_head(&head, q, err));
	VS_TRY(err, "body", read_body(&in, q, err));
	q->signed_part = vs_span_slice(bytes, 0, bytes.n - in.n);
	VS_TRY(err, "signature data", read_signature(&in, q, err));
	return VS_OK;
}

vs_status
vs_dcap_quote_parse(
    struct vs_span bytes, struct vs_dcap_quote *out, struct vs_err *err)
{
	struct vs_dcap_quote q = {0};

	vs_err_clear(err);
	VS_TRY_CODE(err, "quote_malformed", "quote", read_all(bytes, &q, err));
	*out = q;
	return VS_OK;
}

bool
vs_dcap_quote_is(struct vs_span bytes, vs_intel_tee *tee)
{
	struct vs_rd rd = vs_rd_of(bytes);
	struct vs_span vendor;
	uint16_t version;
	uint32_t type;

	if (vs_rd_u16le(&rd, &version) != VS_OK ||
	    vs_rd_skip(&rd, 2) != VS_OK || vs_rd_u32le(&rd, &type) != VS_OK ||
	    vs_rd_skip(&rd, 4) != VS_OK ||
	    vs_rd_bytes(&rd, sizeof(intel_vendor), &vendor) != VS_OK ||
	    !vs_span_equal(vendor, VS_SPAN_OF(intel_vendor)))
		return false;
	*tee = type == TEE_SGX ? VS_INTEL_SGX : VS_INTEL_TDX;
	return true;
}
