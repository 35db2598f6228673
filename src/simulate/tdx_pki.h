/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Intel PKI from inside. */
#ifndef VS_SIMULATE_TDX_PKI_H
#define VS_SIMULATE_TDX_PKI_H

#include "simulate/eccert.h"
#include "simulate/tdx.h"

struct vs_sim_tdx {
	struct vs_sim_tdx_options opt;
	uint8_t ppid[16], instance[16];
	struct vs_issue_key *root_key, *ca_key, *signing_key, *pck_key;
	struct vs_issue_key *qe_key;          /* the attestation key */
	struct vs_buf root, ca, signing, pck; /* DER */
};

#define VS_SIM_ROOT_CN "Intel SGX Root CA"
#define VS_SIM_CA_CN "Intel SGX PCK Platform CA"
#define VS_SIM_SIGNING_CN "Intel SGX TCB Signing"
#define VS_SIM_PCK_CN "Intel SGX PCK Certificate"

/* Intel's certificates of authorities have their key id as serial; here its
 * first bytes, for leaves too. */
VS_MUST_USE vs_status vs_sim_tdx_serial(
    const struct vs_issue_key *key, uint64_t *serial, struct vs_err *err);

/* The signed statements, whole bodies as the service serves them. */
VS_MUST_USE vs_status vs_sim_tdx_tcb_info(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, struct vs_buf *out,
    struct vs_err *err);
VS_MUST_USE vs_status vs_sim_tdx_qe_identity(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, struct vs_buf *out,
    struct vs_err *err);

/* The platform's components, as TD report and TCB info show them. */
enum {
	VS_SIM_MODULE_MINOR = 6,
	VS_SIM_MODULE_MAJOR = 1,
	VS_SIM_MICROCODE = 8,
	VS_SIM_MICROCODE_OLD = 5,
	VS_SIM_QE_ISVSVN = 4,
	VS_SIM_QE_PRODID = 2,
};
extern const uint8_t vs_sim_qe_mrsigner[32];

#endif
