/* SPDX-License-Identifier: Apache-2.0 */
/* Intel SGX and TDX DCAP quotes, versions 3, 4 and 5: bytes to struct, no
 * crypto. Intel TDX DCAP Quoting Library API, appendix 3; Intel SGX ECDSA
 * QuoteGen reference, appendix A. */
#ifndef VS_EVIDENCE_DCAP_QUOTE_H
#define VS_EVIDENCE_DCAP_QUOTE_H

#include "collateral/intel.h"

enum {
	VS_DCAP_QUOTE_MAX = 64 * 1024, /* real ones: up to 8000 bytes */
	VS_DCAP_REPORT_DATA_SIZE = 64,
	VS_SGX_REPORT_SIZE = 384,
	VS_TD10_REPORT_SIZE = 584,
	VS_TD15_REPORT_SIZE = 648,
	VS_TD15_EXTENDED_SIZE = 885,
};

/* What was signed, as the descriptor of version 5 numbers it. */
typedef enum vs_dcap_body {
	VS_DCAP_BODY_SGX = 1,
	VS_DCAP_BODY_TD10 = 2,
	VS_DCAP_BODY_TD15 = 3,
	VS_DCAP_BODY_TD15_EXTENDED = 4, /* partitioning, preserving updates */
} vs_dcap_body;

/* Certification data, by type. */
typedef enum vs_dcap_cert_type {
	VS_DCAP_CERT_PPID = 1, /* 1 to 3: an id to look the PCK up by */
	VS_DCAP_CERT_PPID_RSA2048 = 2,
	VS_DCAP_CERT_PPID_RSA3072 = 3,
	VS_DCAP_CERT_PCK = 4,
	VS_DCAP_CERT_CHAIN = 5, /* PEM: PCK, its authority, the root */
	VS_DCAP_CERT_QE_REPORT = 6,
} vs_dcap_cert_type;

/* Report of an enclave. Spans are borrowed from the quote's bytes. */
struct vs_sgx_report {
	struct vs_span bytes; /* all of it: what the PCK signs for the QE */
	struct vs_span cpusvn;
	struct vs_span miscselect;
	struct vs_span isvextprodid;
	struct vs_span attributes;
	uint64_t flags, xfrm; /* the two halves of it */
	struct vs_span mrenclave;
	struct vs_span mrsigner;
	struct vs_span configid;
	uint16_t isvprodid, isvsvn, configsvn;
	struct vs_span isvfamilyid;
	struct vs_span report_data;
};

/* Report of a TD. Absent fields are empty spans. */
struct vs_td_report {
	struct vs_span tee_tcb_svn;
	struct vs_span mrseam;
	struct vs_span mrsignerseam;
	struct vs_span seamattributes;
	uint64_t attributes; /* TDATTRIBUTES */
	uint64_t xfam;
	struct vs_span mrtd;
	struct vs_span mrconfigid;
	struct vs_span mrowner;
	struct vs_span mrownerconfig;
	struct vs_span rtmr[4];
	struct vs_span report_data;
	struct vs_span tee_tcb_svn2; /* TD 1.5: of what runs now */
	struct vs_span mrservicetd;
};

struct vs_dcap_quote {
	uint16_t version;
	vs_intel_tee tee;
	vs_dcap_body body;
	struct vs_span signed_part; /* all before the signature data */
	struct vs_sgx_report sgx;   /* tee SGX */
	struct vs_td_report td;     /* tee TDX */
	struct vs_span signature;   /* r, s */
	struct vs_span key;         /* attestation key: x, y */
	struct vs_sgx_report qe;    /* the enclave that has the key */
	struct vs_span qe_signature;
	struct vs_span qe_auth;
	uint16_t cert_type;
	struct vs_span cert_data;
	/* The signature data without the signature: what makes the key
	 * trusted, the same in every quote of this platform. */
	struct vs_span vouched;
};

/*
 * Bytes behind the signature data are padding of the host's buffer: they are
 * not signed and not looked at. Codes, all of class malformed: quote_malformed,
 * quote_version, attestation_key_type, tee_type, qe_vendor.
 */
VS_MUST_USE vs_status vs_dcap_quote_parse(
    struct vs_span bytes, struct vs_dcap_quote *out, struct vs_err *err);

/* The first bytes look like a quote's header; says of which TEE. For the
 * command line only. */
bool vs_dcap_quote_is(struct vs_span bytes, vs_intel_tee *tee);

#endif
