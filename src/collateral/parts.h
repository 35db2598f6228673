/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of collateral in any form that vendors and tools give it, as single
 * objects. Nothing is verified here.
 *
 * Forms: DER; PEM with any number of blocks; hex text of DER; the headers of
 * a response with URL-encoded PEM (Intel PCS issuer chains); the body of TCB
 * info or QE identity (Intel PCS); JSON bundles of them: flat, with the
 * members of sgx_ql_qve_collateral_t ("tcb_info", "pck_crl", ...), or
 * platform_collaterals.json of Intel's PCS client tool; the table of a
 * reference document of NVIDIA's; an OCSP response (DER or PEM).
 */
#ifndef VS_COLLATERAL_PARTS_H
#define VS_COLLATERAL_PARTS_H

#include "base/arena.h"

/* In the order in which they can be verified. */
typedef enum vs_part_kind {
	VS_PART_CERT,      /* DER */
	VS_PART_CRL,       /* DER */
	VS_PART_STATEMENT, /* {"tcbInfo" or "enclaveIdentity", "signature"} */
	VS_PART_OCSP,      /* DER of a response */
	VS_PART_RIM,       /* the table of one: collateral/nvidia.h */
	VS_PART_KIND_COUNT,
} vs_part_kind;

struct vs_part {
	vs_part_kind kind;
	struct vs_span bytes; /* borrowed from the input or in the arena */
};

enum {
	VS_PARTS_MAX = 1024,
	/* Decoded and taken apart, a file grows no more than so. */
	VS_PARTS_ARENA_MAX = 8 * 1024 * 1024,
};

struct vs_parts {
	struct vs_part v[VS_PARTS_MAX];
	size_t n;
};

/* Ordered by kind, else as in the file; at least one. The struct is too large
 * for most stacks: take it from the arena. */
VS_MUST_USE vs_status vs_parts_read(struct vs_span file, struct vs_arena *a,
    struct vs_parts *out, struct vs_err *err);

/* For the readers of single forms: one more part. */
VS_MUST_USE vs_status vs_parts_put(struct vs_parts *p, vs_part_kind kind,
    struct vs_span bytes, struct vs_err *err);
/* All blocks of a PEM text, which may be URL-encoded. */
VS_MUST_USE vs_status vs_parts_pem(struct vs_parts *p, struct vs_span text,
    struct vs_arena *a, struct vs_err *err);
/* DER, or DER as hex text: a certificate, an OCSP response or else a CRL. */
VS_MUST_USE vs_status vs_parts_der(struct vs_parts *p, struct vs_span bytes,
    struct vs_arena *a, struct vs_err *err);
/* JSON. */
VS_MUST_USE vs_status vs_parts_json(struct vs_parts *p, struct vs_span text,
    struct vs_arena *a, struct vs_err *err);

#endif
