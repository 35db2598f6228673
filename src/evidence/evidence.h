/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appraisal of evidence: verify it, then turn it into claims. Picks the
 * verifier by kind. One call makes every mandatory check; there is no way to
 * ask for a part of them.
 */
#ifndef VS_EVIDENCE_EVIDENCE_H
#define VS_EVIDENCE_EVIDENCE_H

#include "claims/claims.h"
#include "collateral/collateral.h"

typedef enum vs_evidence_kind {
	VS_EVIDENCE_UNKNOWN = 0,
	VS_EVIDENCE_SNP,
	VS_EVIDENCE_AZ_SNP,
	VS_EVIDENCE_TDX, /* Intel TDX DCAP quote */
	VS_EVIDENCE_SGX, /* Intel SGX DCAP quote */
	VS_EVIDENCE_AZ_TDX,
} vs_evidence_kind;

/* "snp", "az-snp", "tdx", "sgx", "az-tdx"; VS_EVIDENCE_UNKNOWN for any other
 * text. */
vs_evidence_kind vs_evidence_kind_parse(struct vs_span name);
const char *vs_evidence_kind_name(vs_evidence_kind k);
/* From magic, size and shape; for the command line only, where a person
 * looks at the result. */
vs_evidence_kind vs_evidence_kind_guess(struct vs_span report);

/* Larger evidence is refused before anything is parsed. */
enum {
	VS_EVIDENCE_REPORT_MAX = 64 * 1024,
	VS_EVIDENCE_CERTS_MAX = 64 * 1024,
	VS_EVIDENCE_CERT_BLOBS_MAX = 16,
	VS_EVIDENCE_EVENT_LOG_MAX = 4 * 1024 * 1024,
};

struct vs_vtpm_quote {
	struct vs_span attest;    /* TPMS_ATTEST */
	struct vs_span signature; /* raw RSASSA, or TPMT_SIGNATURE */
	struct vs_span pcrs;      /* 24 SHA-256 values, concatenated */
};

/* All spans are borrowed for the call. */
struct vs_evidence_input {
	vs_evidence_kind kind;
	struct vs_span report;       /* any real form of this kind */
	const struct vs_span *certs; /* DER, PEM, cert table, THIM JSON */
	size_t certs_n;
	struct vs_vtpm_quote quote; /* az-*; empty when there is none */
	struct vs_span event_log;   /* tdx: CCEL; empty when there is none */
};

/* What must be found inside. */
struct vs_evidence_expect {
	struct vs_span report_data; /* 64 bytes. Empty: not compared, and the
				       claim tee.bound is false */
	struct vs_span vtpm_nonce;  /* az-*; empty: not compared */
};

typedef enum vs_crl_mode {
	VS_CRL_REQUIRE = 0, /* the zero value is the strict one */
	VS_CRL_IF_PRESENT,
	VS_CRL_OFF,
} vs_crl_mode;

struct vs_evidence_cache; /* bounded, thread-safe; holds verified chains */

struct vs_evidence_options {
	const struct vs_collateral *collateral; /* required */
	struct vs_evidence_cache *cache;        /* NULL: none */
	int64_t now;                            /* Unix seconds */
	vs_crl_mode crl;
	bool allow_masked_chip_id;
	bool allow_tcb_info_v2; /* sgx: Intel's statements of the older form */
};

struct vs_evidence_cache *vs_evidence_cache_new(size_t entries);
void vs_evidence_cache_free(struct vs_evidence_cache **c);

/*
 * VS_OK only when every mandatory check of the kind passed; then *out holds
 * all claims. On failure *out holds nothing, err->code is the fine code
 * ("chain.revoked", "bind.tcb", ...) and err->status its class:
 * VS_MALFORMED for parse.*, VS_UNTRUSTED for chain.*, sig.*, bind.*, tpm.*
 * and collateral.missing; of tdx and sgx those about the form of quote and
 * event log are malformed and all others untrusted. VS_STALE is not used.
 * Kinds tdx and sgx always demand revocation lists, whatever crl says.
 * Does not judge: debug, TCB minima, measurement. That is policy.
 */
VS_MUST_USE vs_status vs_evidence_appraise(const struct vs_evidence_input *in,
    const struct vs_evidence_expect *expect,
    const struct vs_evidence_options *opt, struct vs_claims *out,
    struct vs_err *err);

#endif
