/* SPDX-License-Identifier: Apache-2.0 */
/* Azure's HCL blob (vTPM NV index 01400001h): the paravisor's SNP report and
 * the runtime data whose digest the report carries. No crypto. */
#ifndef VS_EVIDENCE_SNP_HCL_H
#define VS_EVIDENCE_SNP_HCL_H

#include "base/bytes.h"

struct vs_hcl {
	struct vs_span report;  /* 1184 bytes */
	struct vs_span runtime; /* exactly the bytes that are hashed */
};

/* parse.hcl, parse.hcl_type (not SNP) or parse.hcl_hash (not SHA-256). */
VS_MUST_USE vs_status vs_hcl_parse(
    struct vs_span blob, struct vs_hcl *out, struct vs_err *err);

#endif
