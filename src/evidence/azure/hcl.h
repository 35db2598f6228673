/* SPDX-License-Identifier: Apache-2.0 */
/* Azure's HCL blob (vTPM NV index 01400001h): the paravisor's report and the
 * runtime data whose digest the report carries. No crypto. */
#ifndef VS_EVIDENCE_AZURE_HCL_H
#define VS_EVIDENCE_AZURE_HCL_H

#include "base/bytes.h"

enum { VS_HCL_REPORT_SIZE = 1184 };

typedef enum vs_hcl_type { VS_HCL_SNP = 2, VS_HCL_TDX = 4 } vs_hcl_type;

struct vs_hcl {
	struct vs_span report;  /* 1184 bytes: SNP's, or a TDREPORT and zeros */
	struct vs_span runtime; /* exactly the bytes that are hashed */
};

/* parse.hcl, parse.hcl_type (not as wanted) or parse.hcl_hash (not SHA-256). */
VS_MUST_USE vs_status vs_hcl_parse(struct vs_span blob, vs_hcl_type want,
    struct vs_hcl *out, struct vs_err *err);

#endif
