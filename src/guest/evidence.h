/* SPDX-License-Identifier: Apache-2.0 */
/* Where a guest's evidence comes from. */
#ifndef VS_GUEST_EVIDENCE_H
#define VS_GUEST_EVIDENCE_H

#include "base/buf.h"
#include "simulate/simulate.h"

struct vs_guest_evidence {
	const char *kind; /* "snp" */
	struct vs_buf report;
	struct vs_buf certs; /* certificate table; may be empty */
};
void vs_guest_evidence_fini(struct vs_guest_evidence *e);

/* From the simulated PKI in dir; guest.report_data is overwritten. */
VS_MUST_USE vs_status vs_guest_simulate(const char *dir,
    const struct vs_sim_guest *guest, const uint8_t report_data[64],
    struct vs_guest_evidence *out, struct vs_err *err);

#endif
