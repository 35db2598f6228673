/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of an Azure TD under a paravisor, in the one form there is: the
 * JSON of CoCo's attester (az-tdx-vtpm, version 1). No crypto. */
#ifndef VS_EVIDENCE_DCAP_AZURE_H
#define VS_EVIDENCE_DCAP_AZURE_H

#include "evidence/azure/hcl.h"
#include "evidence/evidence.h"

/* Spans live in the arena. */
struct vs_dcap_azure {
	struct vs_hcl hcl;
	struct vs_span td_quote;
	struct vs_vtpm_quote quote; /* empty: none in it */
};

/* parse.az_tdx; of the blob in it parse.hcl, .hcl_type and .hcl_hash. */
VS_MUST_USE vs_status vs_dcap_azure_read(struct vs_span json,
    struct vs_arena *a, struct vs_dcap_azure *out, struct vs_err *err);

#endif
