/* SPDX-License-Identifier: Apache-2.0 */
/* From a verified quote to claims. */
#ifndef VS_EVIDENCE_DCAP_CLAIMS_H
#define VS_EVIDENCE_DCAP_CLAIMS_H

#include "evidence/azure/vtpm.h"
#include "evidence/dcap/eventlog.h"
#include "evidence/dcap/platform.h"
#include "evidence/dcap/tcb.h"

/* What was found out, all of it verified. */
struct vs_dcap_verified {
	vs_evidence_kind kind;
	const struct vs_dcap_quote *quote;
	const struct vs_dcap_platform *platform;
	const struct vs_anchor *anchor;
	const struct vs_intel_tcb_info *info;
	const struct vs_dcap_tcb *tcb;
	const struct vs_event_log *log;     /* NULL: none was sent */
	bool rtmr3_replayed;                /* the log gives RTMR3, too */
	const struct vs_az_verified *azure; /* NULL: not Azure */
	bool bound;                         /* to the expected report data */
	uint8_t evidence_digest[VS_SHA256_SIZE];
};

VS_MUST_USE vs_status vs_dcap_claims(const struct vs_dcap_verified *v,
    struct vs_claims *out, struct vs_err *err);

#endif
