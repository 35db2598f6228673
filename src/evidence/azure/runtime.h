/* SPDX-License-Identifier: Apache-2.0 */
/* Azure's runtime data: the JSON that the paravisor binds to its report. To
 * be read only after its digest was found in a verified report. */
#ifndef VS_EVIDENCE_AZURE_RUNTIME_H
#define VS_EVIDENCE_AZURE_RUNTIME_H

#include "base/arena.h"

enum { VS_AZ_USER_DATA_SIZE = 64 };

/* Spans live in the arena. */
struct vs_az_runtime {
	bool has_ak; /* HCLAkPub, RSA: the vTPM's attestation key */
	struct vs_span ak_n, ak_e;
	bool has_user_data;
	uint8_t user_data[VS_AZ_USER_DATA_SIZE];
	struct vs_span vm_id; /* empty: absent */
	bool has_secure_boot, secure_boot;
};

/* parse.hcl: not JSON, a member of the wrong type, two HCLAkPub. */
VS_MUST_USE vs_status vs_az_runtime_parse(struct vs_span json,
    struct vs_arena *a, struct vs_az_runtime *out, struct vs_err *err);

#endif
