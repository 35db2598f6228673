/* SPDX-License-Identifier: Apache-2.0 */
/* Where a guest's evidence comes from. */
#ifndef VS_GUEST_EVIDENCE_H
#define VS_GUEST_EVIDENCE_H

#include "base/buf.h"
#include "simulate/simulate.h"
#include "simulate/tdx.h"

struct vs_guest_evidence {
	const char *kind;        /* "snp" or "tdx" */
	struct vs_buf report;    /* the report, or the quote */
	struct vs_buf certs;     /* certificate table; may be empty */
	struct vs_buf event_log; /* may be empty */
};
void vs_guest_evidence_fini(struct vs_guest_evidence *e);

/* What is forged: one of the two, by what kind of PKI the directory holds.
 * Their report_data is overwritten. */
struct vs_guest_forged {
	struct vs_sim_guest snp;
	struct vs_sim_td td;
};
VS_MUST_USE vs_status vs_guest_simulate(const char *dir,
    const struct vs_guest_forged *guest, const uint8_t report_data[64],
    struct vs_guest_evidence *out, struct vs_err *err);

#endif
