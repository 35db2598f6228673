/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of the GPUs of one request: a list of records. */
#ifndef VS_CLAIMS_GPU_H
#define VS_CLAIMS_GPU_H

#include "claims/claims.h"
#include "claims/schema_gpu.h"

typedef enum vs_gpu_claim_id {
#define X(id, name, type, max, flags, doc) VS_GPU_##id,
	VS_CLAIM_TABLE_GPU(X)
#undef X
	    VS_GPU_CLAIM_COUNT
} vs_gpu_claim_id;

struct vs_gpu_claims {
	struct vs_claim_value v[VS_GPU_CLAIM_COUNT];
};

/* The table row of an id; its path is the name of the field. */
const struct vs_claim_def *vs_gpu_claim_def(vs_gpu_claim_id id);
/* VS_GPU_CLAIM_COUNT when there is no such field. */
vs_gpu_claim_id vs_gpu_claim_find(struct vs_span name);

/* Another GPU, without claims yet. VS_RANGE for one too many. */
VS_MUST_USE vs_status vs_claims_gpu_add(struct vs_claims *c, size_t *index);
size_t vs_claims_gpus(const struct vs_claims *c);
const struct vs_claim_value *vs_claims_gpu_get(
    const struct vs_claims *c, size_t gpu, vs_gpu_claim_id id);

/* Setters as in claims.h, for the GPU of that index. */
void vs_claims_gpu_bool(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, bool v);
void vs_claims_gpu_int(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, int64_t v);
VS_MUST_USE vs_status vs_claims_gpu_str(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, struct vs_span v);
VS_MUST_USE vs_status vs_claims_gpu_hex(
    struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, struct vs_span bytes);
/* Also VS_RANGE for more than VS_CLAIM_ITEMS_MAX. */
VS_MUST_USE vs_status vs_claims_gpu_strs(struct vs_claims *c, size_t gpu,
    vs_gpu_claim_id id, const struct vs_span *v, size_t n);

#endif
