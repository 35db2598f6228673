/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes as Intel's quoting enclave writes them (Intel TDX DCAP Quoting
 * Library API, appendix 3), by offset and not through any parser of ours.
 */
#include <string.h>

#include "crypto/digest.h"
#include "simulate/tdx_pki.h"

enum {
	HEADER_SIZE = 48,
	KEY_ECDSA_P256 = 2,
	TEE_TDX = 0x81,
	BODY_TD10 = 2,
	BODY_TD15 = 3,
	TD10_SIZE = 584,
	TD15_SIZE = 648,
	QE_REPORT_SIZE = 384,
	AUTH_SIZE = 32,
	CERT_QE_REPORT = 6,
	CERT_PCK_CHAIN = 5,

	ATTRIBUTE_DEBUG = 1 << 0,
	ATTRIBUTE_SEPT_VE_DISABLE = 1 << 28,
	ATTRIBUTE_MIGRATABLE = 1 << 29,
	XFAM = 0x600e7, /* x87, SSE, AVX, AVX-512, AMX */
};

static const uint8_t vendor_intel[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
    0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static void
put_header(struct vs_wr *w, unsigned version)
{
	vs_wr_u16le(w, (uint16_t)version);
	vs_wr_u16le(w, KEY_ECDSA_P256);
	vs_wr_u32le(w, TEE_TDX);
	vs_wr_zeros(w, 4);
	vs_wr_bytes(w, VS_SPAN_OF(vendor_intel));
	vs_wr_zeros(w, 20);
}

static void
put_filled(struct vs_wr *w, const uint8_t given[48], uint8_t fill)
{
	uint8_t bytes[48];

	memset(bytes, fill, sizeof(bytes));
	vs_wr_bytes(w,
	    vs_span_zero(VS_SPAN(given, 48)) ? VS_SPAN_OF(bytes)
					     : VS_SPAN(given, 48));
}

static void
put_svn(struct vs_wr *w, const struct vs_sim_td *td)
{
	uint8_t svn[16] = {
	    VS_SIM_MODULE_MINOR, VS_SIM_MODULE_MAJOR, VS_SIM_MICROCODE};

	if (td->old_module)
		svn[0] = 2;
	if (td->old_tcb)
		svn[2] = VS_SIM_MICROCODE_OLD;
	vs_wr_bytes(w, VS_SPAN_OF(svn));
}

static uint64_t
attributes(const struct vs_sim_td *td)
{
	uint64_t v = td->no_sept_ve ? 0 : ATTRIBUTE_SEPT_VE_DISABLE;

	if (td->debug)
		v |= ATTRIBUTE_DEBUG;
	if (td->migratable)
		v |= ATTRIBUTE_MIGRATABLE;
	return v;
}

static void
put_td(struct vs_wr *w, const struct vs_sim_td *td, bool td15)
{
	static const uint8_t seam[48] = {0x5e, 0xa3, 0x5e, 0xa3};
	static const uint8_t fill[4] = {0x20, 0x21, 0x22, 0};

	put_svn(w, td);
	vs_wr_bytes(w, VS_SPAN_OF(seam));
	vs_wr_zeros(w, 48 + 8); /* signer and attributes: Intel's own module */
	vs_wr_u64le(w, attributes(td));
	vs_wr_u64le(w, XFAM);
	put_filled(w, td->mrtd, 0x11);
	vs_wr_bytes(w, VS_SPAN_OF(td->mrconfigid));
	vs_wr_zeros(w, 48 + 48); /* owner, owner's configuration */
	for (size_t i = 0; i < 4; i++)
		put_filled(w, td->rtmr[i], fill[i]);
	vs_wr_bytes(w, VS_SPAN_OF(td->report_data));
	if (td15) {
		put_svn(w, td);     /* of now: as at launch */
		vs_wr_zeros(w, 48); /* no service TD */
	}
}

/* Version 5 names and measures its body. */
static vs_status
put_signed_part(
    const struct vs_sim_td *td, struct vs_buf *quote, struct vs_err *err)
{
	uint8_t bytes[HEADER_SIZE + 6 + TD15_SIZE];
	struct vs_wr w = vs_wr_of(bytes, sizeof(bytes));
	unsigned version = td->version == 0 ? 4 : td->version;
	unsigned body = td->body == 0 ? BODY_TD15 : td->body;
	struct vs_span done;

	if (version != 4 && version != 5)
		return vs_fail(err, VS_USAGE, "quote version %u", version);
	if (version == 5 && body != BODY_TD10 && body != BODY_TD15)
		return vs_fail(err, VS_USAGE, "body type %u", body);
	put_header(&w, version);
	if (version == 5) {
		vs_wr_u16le(&w, (uint16_t)body);
		vs_wr_u32le(&w, body == BODY_TD15 ? TD15_SIZE : TD10_SIZE);
	}
	put_td(&w, td, version == 5 && body == BODY_TD15);
	VS_TRY(err, "quote", vs_wr_finish(&w, &done));
	vs_buf_add(quote, done);
	return vs_buf_status(quote);
}

/* An enclave of this machine: the quoting enclave, or one that plays it. */
static vs_status
put_qe_report(struct vs_wr *w, const struct vs_sim_tdx *t,
    const struct vs_sim_td *td, const uint8_t report_data[32],
    struct vs_err *err)
{
	uint8_t mrsigner[32];
	struct vs_span done;

	memcpy(mrsigner, vs_sim_qe_mrsigner, sizeof(mrsigner));
	if (td->foreign_qe)
		memset(mrsigner, 0xe1, sizeof(mrsigner));
	vs_wr_bytes(w, VS_SPAN_OF(t->opt.svn)); /* CPUSVN */
	vs_wr_zeros(w, 32);                     /* MISCSELECT, reserved */
	vs_wr_u64le(w, 0x15); /* INIT, MODE64BIT, PROVISION_KEY */
	vs_wr_u64le(w, 0xe7); /* XFRM */
	vs_wr_bytes(w, VS_SPAN_OF(vs_sim_qe_mrsigner)); /* MRENCLAVE */
	vs_wr_zeros(w, 32);
	vs_wr_bytes(w, VS_SPAN_OF(mrsigner));
	vs_wr_zeros(w, 96);
	vs_wr_u16le(w, VS_SIM_QE_PRODID);
	vs_wr_u16le(w, VS_SIM_QE_ISVSVN);
	vs_wr_zeros(w, 60);
	vs_wr_bytes(w, VS_SPAN(report_data, 32));
	vs_wr_zeros(w, 32);
	VS_TRY(err, "QE report", vs_wr_finish(w, &done));
	VS_ASSERT(done.n == QE_REPORT_SIZE);
	return VS_OK;
}

static vs_status
pck_chain(const struct vs_sim_tdx *t, struct vs_buf *pem, struct vs_err *err)
{
	const struct vs_buf *certs[] = {&t->pck, &t->ca, &t->root};

	for (size_t i = 0; i < VS_COUNT(certs); i++)
		VS_TRY(err, "PCK chain",
		    vs_issue_pem_write(
			"CERTIFICATE", vs_buf_span(certs[i]), pem, err));
	vs_buf_add(pem, VS_SPAN_LIT("\0"));
	return vs_buf_status(pem);
}

static void
put_u16(struct vs_buf *b, unsigned v)
{
	uint8_t le[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	vs_buf_add(b, VS_SPAN_OF(le));
}

static void
put_u32(struct vs_buf *b, size_t v)
{
	put_u16(b, (unsigned)(v & 0xffff));
	put_u16(b, (unsigned)(v >> 16 & 0xffff));
}

/* What certifies the attestation key: QE report, its signature by the PCK,
 * the QE's own data, the PCK's chain. */
static vs_status
certify(const struct vs_sim_tdx *t, const struct vs_sim_td *td,
    const uint8_t key[64], struct vs_buf *out, struct vs_err *err)
{
	uint8_t report[QE_REPORT_SIZE], sig[64], auth[AUTH_SIZE], digest[32];
	struct vs_wr w = vs_wr_of(report, sizeof(report));
	struct vs_buf pem = {0};
	vs_status st;

	for (size_t i = 0; i < sizeof(auth); i++)
		auth[i] = (uint8_t)i; /* as Intel's QE does */
	struct vs_span parts[] = {VS_SPAN(key, 64), VS_SPAN_OF(auth)};
	VS_TRY(err, "QE", vs_digest(VS_HASH_SHA256, parts, 2, digest));
	VS_TRY(err, "QE", put_qe_report(&w, t, td, digest, err));
	VS_TRY(err, "QE",
	    vs_sim_sign_raw(t->pck_key, VS_SPAN_OF(report), sig, err));
	st = pck_chain(t, &pem, err);
	vs_buf_add(out, VS_SPAN_OF(report));
	vs_buf_add(out, VS_SPAN_OF(sig));
	put_u16(out, sizeof(auth));
	vs_buf_add(out, VS_SPAN_OF(auth));
	put_u16(out, CERT_PCK_CHAIN);
	put_u32(out, pem.n);
	vs_buf_add(out, vs_buf_span(&pem));
	vs_buf_fini(&pem);
	return st == VS_OK ? vs_buf_status(out) : st;
}

static vs_status
put_signature(const struct vs_sim_tdx *t, struct vs_span certification,
    const uint8_t key[64], struct vs_buf *quote, struct vs_err *err)
{
	uint8_t sig[64];

	VS_TRY(err, "quote",
	    vs_sim_sign_raw(t->qe_key, vs_buf_span(quote), sig, err));
	put_u32(quote, 64 + 64 + 6 + certification.n);
	vs_buf_add(quote, VS_SPAN_OF(sig));
	vs_buf_add(quote, VS_SPAN(key, 64));
	put_u16(quote, CERT_QE_REPORT);
	put_u32(quote, certification.n);
	vs_buf_add(quote, certification);
	return vs_buf_status(quote);
}

/* The registers that the boot of the event log left. */
static vs_status
boot(struct vs_sim_td *td, struct vs_err *err)
{
	struct vs_buf log = {0};
	vs_status st = VS_OK;

	if (td->event_log)
		st = vs_sim_tdx_event_log(false, &log, td->rtmr, err);
	vs_buf_fini(&log);
	return st;
}

vs_status
vs_sim_tdx_quote(const struct vs_sim_tdx *t, const struct vs_sim_td *td,
    struct vs_buf *quote, struct vs_err *err)
{
	struct vs_buf q = {0}, certification = {0};
	struct vs_sim_td booted = *td;
	uint8_t key[64];
	vs_status st = vs_sim_point(t->qe_key, key, err);

	if (st == VS_OK)
		st = boot(&booted, err);
	if (st == VS_OK)
		st = put_signed_part(&booted, &q, err);
	if (st == VS_OK)
		st = certify(t, td, key, &certification, err);
	if (st == VS_OK)
		st =
		    put_signature(t, vs_buf_span(&certification), key, &q, err);
	if (st == VS_OK) {
		vs_buf_add(quote, vs_buf_span(&q));
		st = vs_buf_status(quote);
	}
	vs_buf_fini(&q);
	vs_buf_fini(&certification);
	return st == VS_OK ? st : vs_ctx(err, "simulate", st);
}

vs_status
vs_sim_td_word(struct vs_sim_td *td, const char *word, struct vs_err *err)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
	    {"debug", &td->debug},
	    {"migratable", &td->migratable},
	    {"no-sept-ve", &td->no_sept_ve},
	    {"old-tcb", &td->old_tcb},
	    {"old-module", &td->old_module},
	    {"foreign-qe", &td->foreign_qe},
	    {"event-log", &td->event_log},
	};

	for (size_t i = 0; i < VS_COUNT(flags); i++) {
		if (strcmp(word, flags[i].word) == 0) {
			*flags[i].flag = true;
			return VS_OK;
		}
	}
	if (strcmp(word, "v4") == 0) {
		td->version = 4;
	} else if (strcmp(word, "v5") == 0) {
		td->version = 5;
	} else if (strcmp(word, "v5-td10") == 0) {
		td->version = 5;
		td->body = BODY_TD10;
	} else {
		return vs_fail(err, VS_USAGE,
		    "%.40s is not one of debug, migratable, no-sept-ve, "
		    "old-tcb, old-module, foreign-qe, event-log, v4, v5, "
		    "v5-td10",
		    word);
	}
	return VS_OK;
}
