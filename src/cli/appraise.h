/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe appraise`, in three parts: what to look at, the judgement, and
 * how it is told. */
#ifndef VS_CLI_APPRAISE_H
#define VS_CLI_APPRAISE_H

#include "broker/broker.h"
#include "cli/options.h"
#include "evidence/evidence.h"
#include "policy/policy.h"

struct vs_appraise_opts {
	const char *cpu;
	const char *kind;
	struct vs_opt_list certs;
	const char *collateral;
	struct vs_opt_list anchors;
	bool only_anchors;
	const char *event_log;
	bool allow_tcb_info_v2;
	struct vs_opt_list policies;
	const char *lists;
	const char *key;
	const char *vtpm_quote, *vtpm_sig, *vtpm_pcrs, *vtpm_nonce;
	const char *nonce, *recipient, *report_data;
	struct vs_opt_list gpus, gpu_certs, driver_rims, vbios_rims;
	struct vs_opt_list gpu_cc_states;
	const char *gpu_nonce, *gpu_arch;
	bool allow_expired_rim, allow_absent_fwid;
	struct vs_opt_time at;
	const char *crl;
	bool allow_masked_chip_id;
	bool json;
};

/* Everything read and decoded; spans live in the arena of the caller. */
struct vs_appraise_input {
	struct vs_evidence_input evidence;
	struct vs_evidence_expect expect;
	vs_crl_mode crl;
	struct vs_span certs[VS_EVIDENCE_CERT_BLOBS_MAX];
	uint8_t report_data[64];
	/* With --recipient: what a release would be asked with. */
	struct vs_span nonce;
	struct vs_recipient to;
};
/* VS_USAGE for what cannot be read or makes no sense together. */
VS_MUST_USE vs_status vs_appraise_read(const struct vs_appraise_opts *o,
    struct vs_arena *a, struct vs_appraise_input *in, struct vs_err *err);
/* The quote with its signature and PCRs. */
VS_MUST_USE vs_status vs_appraise_quote(const struct vs_appraise_opts *o,
    struct vs_arena *a, struct vs_vtpm_quote *out, struct vs_err *err);

struct vs_gpu_job; /* cli/appraise_gpu.h */

/* What came of it. Zeroed: nothing verified. */
struct vs_appraisal {
	bool verified;
	const char *error_class; /* NULL: no error */
	const char *code;        /* NULL where there is no finer one */
	const char *detail;
	const struct vs_claims *claims; /* when verified */
	bool judged;
	const struct vs_policy_result *verdict; /* when judged */
	const struct vs_gpu_job *gpus;          /* NULL: none were given */
};
/* Print; return nothing, for the exit code is the judgement's. */
void vs_appraise_text(const struct vs_appraisal *r);
/* Returns code, or the code for a failure of the output. */
int vs_appraise_json(const struct vs_appraisal *r, int code);

#endif
