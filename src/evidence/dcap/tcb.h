/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a platform stands against Intel's TCB levels. Pure functions: no
 * signature, no time, no policy.
 */
#ifndef VS_EVIDENCE_DCAP_TCB_H
#define VS_EVIDENCE_DCAP_TCB_H

#include "collateral/intel.h"

/* Most advisories of one evaluation: three levels and then some. */
enum { VS_DCAP_ADVISORIES_MAX = 4 * VS_INTEL_ADVISORIES_MAX };

struct vs_dcap_tcb_in {
	const struct vs_intel_tcb_info *info; /* its tee says what is meant */
	const struct vs_intel_identity *qe;   /* same tee */
	uint8_t pck_svn[VS_INTEL_COMPONENTS]; /* 2.1 .. 2.16 of the PCK */
	uint16_t pcesvn;                      /* 2.17 of the PCK */
	uint16_t qe_isvsvn;                   /* of the QE report */
	/* TDX only, all of the TD report. */
	uint8_t tee_tcb_svn[VS_INTEL_COMPONENTS];
	bool has_svn2; /* bodies of TD 1.5 */
	uint8_t tee_tcb_svn2[VS_INTEL_COMPONENTS];
	uint8_t mrsignerseam[48];
	uint8_t seamattributes[8];
};

struct vs_dcap_tcb {
	vs_tcb_status status;   /* converged; never Revoked, never NONE */
	vs_tcb_status platform; /* by the SVNs of launch */
	vs_tcb_status module;   /* NONE: SGX, or module version 0 */
	vs_tcb_status qe;
	int64_t date; /* the earliest tcbDate of the levels that count */
	uint8_t module_version;          /* TDX_xx */
	uint32_t info_number, qe_number; /* tcbEvaluationDataNumber */
	/* The set of all levels that count, sorted. Borrowed from in. */
	struct vs_span advisories[VS_DCAP_ADVISORIES_MAX];
	size_t advisories_n;
};

/*
 * Codes: tdx_module_mismatch, tcb_level_not_found, tcb_revoked (all
 * VS_UNTRUSTED); else *out is filled and what is said there is for policy.
 */
VS_MUST_USE vs_status vs_dcap_tcb_evaluate(const struct vs_dcap_tcb_in *in,
    struct vs_dcap_tcb *out, struct vs_err *err);

/* What a quoting enclave says of itself, in byte order of its report. */
struct vs_dcap_qe {
	uint8_t miscselect[4];
	uint8_t attributes[16];
	uint8_t mrsigner[32];
	uint16_t isvprodid;
};

/* It is the enclave that the identity describes: else
 * qe_identity_mismatch. */
VS_MUST_USE vs_status vs_dcap_qe_check(const struct vs_intel_identity *id,
    const struct vs_dcap_qe *qe, struct vs_err *err);

/* Convergence of a platform with one component, as Intel's verification
 * library does it; relaunch by the two converged statuses of a TD. */
vs_tcb_status vs_dcap_converge(vs_tcb_status platform, vs_tcb_status component);
vs_tcb_status vs_dcap_relaunch(vs_tcb_status launch, vs_tcb_status current);

#endif
