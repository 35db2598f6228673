/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's statements about platforms, as a snapshot holds them: TCB info,
 * QE identities, revocation lists. Intel PCS API v4.
 *
 * Each was verified when it was loaded: signed by a TCB Signing certificate
 * (or a CA) that chains to an anchor of the snapshot. Everything that depends
 * on time - dates, revocation of the signer - is judged by the lookups below,
 * which are the only way to one. Nothing here comes from evidence.
 */
#ifndef VS_COLLATERAL_INTEL_H
#define VS_COLLATERAL_INTEL_H

#include "collateral/trust.h"

typedef enum vs_intel_tee { VS_INTEL_SGX, VS_INTEL_TDX } vs_intel_tee;

/* In the order of severity, for display: not a scale to compare on. The two
 * of relaunch are results of an evaluation, never in a statement. */
typedef enum vs_tcb_status {
	VS_TCB_NONE = 0, /* not evaluated: never acceptable */
	VS_TCB_UP_TO_DATE,
	VS_TCB_SW_HARDENING_NEEDED,
	VS_TCB_CONFIGURATION_NEEDED,
	VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
	VS_TCB_TD_RELAUNCH_ADVISED,
	VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
	VS_TCB_OUT_OF_DATE,
	VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
	VS_TCB_REVOKED,
	VS_TCB_STATUS_COUNT,
} vs_tcb_status;

/* "UpToDate", ...: Intel's own words; "" for VS_TCB_NONE. */
const char *vs_tcb_status_name(vs_tcb_status s);

enum {
	VS_INTEL_COMPONENTS = 16,
	VS_INTEL_FMSPC_SIZE = 6,
	VS_INTEL_PCEID_SIZE = 2,
	VS_INTEL_LEVELS_MAX = 256, /* real ones: up to 20 */
	VS_INTEL_MODULES_MAX = 32,
	VS_INTEL_ADVISORIES_MAX = 64, /* of one level; real ones: up to 30 */
	VS_INTEL_ADVISORY_MAX = 32,   /* "INTEL-SA-00837" */
};

/* Printable ASCII, borrowed from the snapshot. */
struct vs_intel_advisories {
	const struct vs_span *v;
	size_t n;
};

/* What Intel says of one level. */
struct vs_intel_verdict {
	vs_tcb_status status;
	int64_t date; /* tcbDate */
	struct vs_intel_advisories advisories;
};

/* Levels of a platform, in Intel's order: the first that fits counts. */
struct vs_intel_level {
	uint8_t sgx[VS_INTEL_COMPONENTS];
	uint8_t tdx[VS_INTEL_COMPONENTS]; /* zero for SGX */
	uint16_t pcesvn;
	struct vs_intel_verdict verdict;
};

/* Levels of a TDX module or a quoting enclave, highest first. */
struct vs_intel_isv_level {
	uint16_t isvsvn;
	struct vs_intel_verdict verdict;
};

struct vs_intel_module {
	uint8_t version; /* of TDX_xx; 0 for tdxModule, which has no levels */
	uint8_t mrsigner[48];
	uint8_t attributes[8];
	uint8_t attributes_mask[8];
	const struct vs_intel_isv_level *levels;
	size_t levels_n;
};

struct vs_intel_tcb_info {
	vs_intel_tee tee;
	int version;        /* 3; 2 only for SGX */
	int64_t issue_date; /* both ends included */
	int64_t next_update;
	uint32_t number; /* tcbEvaluationDataNumber */
	uint8_t fmspc[VS_INTEL_FMSPC_SIZE];
	uint8_t pceid[VS_INTEL_PCEID_SIZE];
	struct vs_intel_module base; /* tdxModule; TDX only */
	const struct vs_intel_module *modules;
	size_t modules_n;
	const struct vs_intel_level *levels;
	size_t levels_n;
};

struct vs_intel_identity {
	vs_intel_tee tee; /* id QE: SGX, TD_QE: TDX */
	int64_t issue_date;
	int64_t next_update;
	uint32_t number;
	uint8_t miscselect[4], miscselect_mask[4]; /* in byte order */
	uint8_t attributes[16], attributes_mask[16];
	uint8_t mrsigner[32];
	uint16_t isvprodid;
	const struct vs_intel_isv_level *levels;
	size_t levels_n;
};

/* Which TCB info; all fields count. */
struct vs_intel_query {
	const struct vs_anchor *anchor; /* of the PCK chain: statements under
					   another anchor are not looked at */
	vs_intel_tee tee;
	uint8_t fmspc[VS_INTEL_FMSPC_SIZE];
	uint8_t pceid[VS_INTEL_PCEID_SIZE];
	bool allow_v2; /* SGX: an old statement of version 2 will do */
	int64_t now;   /* Unix seconds */
};

/*
 * The statement with the highest number, then the latest issue date, among
 * those issued at `now`; an older one never stands in for it. Then its dates,
 * those of its signer, and revocation of the signer by a fresh root CRL.
 * Failures, all VS_UNTRUSTED, by err->code:
 *   tcb_info_mismatch  none for this TEE, FMSPC and PCEID under the anchor
 *   tcb_info_not_yet_valid, tcb_info_expired
 *   cert_validity, cert_revoked, crl_missing, crl_expired   of the signer
 * Borrowed from the snapshot.
 */
VS_MUST_USE vs_status vs_intel_tcb_info(const struct vs_trust *t,
    const struct vs_intel_query *q, const struct vs_intel_tcb_info **out,
    struct vs_err *err);

/* Likewise; only anchor, tee and now of the query count. Codes
 * qe_identity_mismatch, qe_identity_not_yet_valid, qe_identity_expired. */
VS_MUST_USE vs_status vs_intel_identity(const struct vs_trust *t,
    const struct vs_intel_query *q, const struct vs_intel_identity **out,
    struct vs_err *err);

/*
 * The newest CRL of the anchor itself, which covers CAs and TCB signers;
 * fresh at now. Codes crl_missing, crl_expired (also for one that begins
 * later). Its signature was verified at load.
 */
VS_MUST_USE vs_status vs_intel_root_crl(const struct vs_trust *t,
    const struct vs_anchor *anchor, int64_t now, const struct vs_crl **out,
    struct vs_err *err);

/*
 * The newest CRL that this PCK CA signed; ca must be verified under the
 * anchor by the caller. Lists whose CA was not known at load are verified
 * here: no cost for Intel's own CAs, which are built in. Codes crl_missing,
 * crl_invalid (there is one by that name, by another key), crl_expired.
 */
VS_MUST_USE vs_status vs_intel_pck_crl(const struct vs_trust *t,
    const struct vs_cert *ca, int64_t now, const struct vs_crl **out,
    struct vs_err *err);

/*
 * The anchor with the same key and name as this certificate: a root may be
 * issued again with other dates (Intel's was). NULL if there is none.
 */
const struct vs_anchor *vs_intel_anchor_of(
    const struct vs_trust *t, const struct vs_cert *root);

#endif
