/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe appraise --gpu`: evidence of NVIDIA's devices. */
#ifndef VS_CLI_APPRAISE_GPU_H
#define VS_CLI_APPRAISE_GPU_H

#include "cli/appraise.h"
#include "codec/json.h"
#include "evidence/devices.h"
#include "evidence/nvgpu/nvgpu.h"

enum { VS_GPU_RIMS_MAX = 16 };

/* Documents that were named on the command line. */
struct vs_gpu_rims {
	struct vs_nv_rim *v[VS_GPU_RIMS_MAX];
	size_t n;
};

/* Large: on the heap. */
struct vs_gpu_job {
	struct vs_span file[VS_NV_DEVICES_MAX], certs[VS_NV_DEVICES_MAX];
	struct vs_span driver_file[VS_GPU_RIMS_MAX];
	struct vs_span vbios_file[VS_GPU_RIMS_MAX];
	struct vs_span nonce;
	vs_nv_arch arch;
	struct vs_gpu_rims driver, vbios;
	struct vs_nv_input in[VS_NV_DEVICES_MAX];
	struct vs_nv_device device[VS_NV_DEVICES_MAX];
	size_t in_n;
	/* With --recipient: so many GPUs come first, and what their guest
	 * says of them. 0: in any order. */
	size_t gpus_n;
	vs_cc_state cc_state[VS_DEVICES_GPUS_MAX];
	uint8_t bound_nonce[VS_DEVICE_NONCE_SIZE];
	size_t n; /* devices that were verified */
	char code[64];
};

/* Files and options; VS_USAGE. */
VS_MUST_USE vs_status vs_appraise_gpu_read(const struct vs_appraise_opts *o,
    struct vs_arena *a, struct vs_gpu_job *g, struct vs_err *err);
/* The devices in the files; GPU_PARSE, or VS_USAGE. */
VS_MUST_USE vs_status vs_appraise_gpu_collect(const struct vs_appraise_opts *o,
    struct vs_arena *a, struct vs_gpu_job *g, struct vs_err *err);
/* Expects devices and CPU to be bound to each other, as in a release. */
VS_MUST_USE vs_status vs_appraise_gpu_bind(const struct vs_appraise_opts *o,
    struct vs_gpu_job *g, struct vs_appraise_input *in, struct vs_err *err);
/* The judgement; claims are those of the GPUs. */
VS_MUST_USE vs_status vs_appraise_gpu(const struct vs_appraise_opts *o,
    const struct vs_collateral *collateral, struct vs_arena *a,
    struct vs_gpu_job *g, struct vs_claims *claims, struct vs_err *err);
void vs_gpu_job_free(struct vs_gpu_job **g);

/* A device with measurements that differ, or NULL; text says which. */
const struct vs_nv_device *vs_gpu_mismatch(
    const struct vs_gpu_job *g, char *text, size_t cap);
/* What was verified, device by device. */
struct vs_json *vs_gpu_json(const struct vs_gpu_job *g);
void vs_gpu_text(const struct vs_gpu_job *g);

#endif
