/* SPDX-License-Identifier: Apache-2.0 */
/* `gpus`: the claims of the GPUs as a list of records. */
#ifndef VS_POLICY_GPUS_H
#define VS_POLICY_GPUS_H

#include "policy/eval.h"
#include "policy/record.h"

/* Fields are numbered as in vs_gpu_claim_id. */
extern const struct vs_cel_record vs_gpu_record;

/* Whether explanations redact a field of a GPU. */
bool vs_gpu_field_sensitive(uint32_t field);

/*
 * The list, empty without GPUs. Made once for a run, in its arena; strings
 * stay where the claims have them.
 */
struct vs_val vs_cel_gpus(struct vs_cel_run *run);

#endif
