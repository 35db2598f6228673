/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of an NVIDIA device: a GET_MEASUREMENTS request of SPDM 1.1
 * (DMTF DSP0274 10.11) and, right behind it, the MEASUREMENTS response.
 * Bytes to struct, nothing else.
 */
#ifndef VS_EVIDENCE_NVGPU_REPORT_H
#define VS_EVIDENCE_NVGPU_REPORT_H

#include "base/bytes.h"

enum {
	VS_NV_REPORT_MAX = 64 * 1024,
	VS_NV_NONCE_SIZE = 32,
	VS_NV_MEASUREMENT_SIZE = 48,
	VS_NV_SIGNATURE_SIZE = 96,
	/* Indices are octets from 1 on. */
	VS_NV_INDEX_COUNT = 256,
};

/* Spans are borrowed from the report. */
struct vs_nv_report {
	struct vs_span nonce; /* the verifier's challenge */
	/* By index, of VS_NV_MEASUREMENT_SIZE; NULL: no such block. */
	const uint8_t *measurement[VS_NV_INDEX_COUNT];
	size_t blocks;
	struct vs_span opaque;
	struct vs_span signed_part;
	struct vs_span signature; /* r and s, big-endian */
};

/* VS_MALFORMED (a finer status of that class), code GPU_PARSE. */
VS_MUST_USE vs_status vs_nv_report_parse(
    struct vs_span bytes, struct vs_nv_report *out, struct vs_err *err);

#endif
