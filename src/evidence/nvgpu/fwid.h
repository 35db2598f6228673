/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware that a leaf certificate was made for, as DICE has it. */
#ifndef VS_EVIDENCE_NVGPU_FWID_H
#define VS_EVIDENCE_NVGPU_FWID_H

#include "crypto/x509.h"
#include "evidence/nvgpu/arch.h"

struct vs_nv_fwid {
	struct vs_span digest;     /* SHA-384 */
	struct vs_span device_key; /* SubjectPublicKeyInfo; empty: not there */
};

/* Values of the extensions. VS_MALFORMED for anything but their DER. */
VS_MUST_USE vs_status vs_nv_fwid_composite(
    struct vs_span der, struct vs_nv_fwid *out, struct vs_err *err);
VS_MUST_USE vs_status vs_nv_fwid_tcb_info(
    struct vs_span der, struct vs_nv_fwid *out, struct vs_err *err);

/*
 * From the leaf: exactly one extension, the one of this family, and a device
 * key in it is the issuer's. VS_UNTRUSTED, GPU_FWID. Borrowed from the leaf.
 */
VS_MUST_USE vs_status vs_nv_fwid_read(const struct vs_cert *leaf,
    const struct vs_cert *issuer, vs_nv_arch arch, struct vs_span *digest,
    struct vs_err *err);

#endif
