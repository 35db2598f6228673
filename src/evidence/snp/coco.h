/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON that the Confidential Containers attester makes of a report: its
 * fields as numbers and number arrays. The 1184 bytes are rebuilt from it,
 * and what the signature covers is checked over the rebuilt bytes.
 */
#ifndef VS_EVIDENCE_SNP_COCO_H
#define VS_EVIDENCE_SNP_COCO_H

#include "evidence/snp/certs.h"
#include "evidence/snp/report.h"

/* Appends the certificates to blobs[0..*n), whose bytes live in the arena.
 * parse.size for a report that cannot be rebuilt, parse.cert_table for the
 * certificates. */
VS_MUST_USE vs_status vs_snp_coco_read(struct vs_span text, struct vs_arena *a,
    uint8_t report[VS_SNP_REPORT_SIZE],
    struct vs_snp_blob blobs[VS_SNP_BLOBS_MAX], size_t *n, struct vs_err *err);

#endif
