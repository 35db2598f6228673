/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of judging devices, inside nvgpu/. */
#ifndef VS_EVIDENCE_NVGPU_JUDGE_H
#define VS_EVIDENCE_NVGPU_JUDGE_H

#include "evidence/nvgpu/nvgpu.h"

/* Ids of the documents, from the report. */
void vs_nv_ids(struct vs_nv_device *d);
/* Both documents, and that they do not contradict each other. */
VS_MUST_USE vs_status vs_nv_compare(struct vs_nv_device *d,
    const struct vs_nv_options *opt, struct vs_err *err);
/* No device twice; switches and GPUs name each other. */
VS_MUST_USE vs_status vs_nv_topology(
    struct vs_nv_device *v, size_t n, struct vs_err *err);

#endif
