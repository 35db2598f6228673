/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVIDIA's reference documents as XML. The only home of libxml2 and xmlsec1:
 * what comes out are the pieces of a table (collateral/nvidia.h), and no
 * daemon ever reads XML.
 */
#ifndef VS_CLI_RIM_H
#define VS_CLI_RIM_H

#include "base/arena.h"
#include "collateral/nvidia.h"

/* XML, or the JSON in which NVIDIA's service wraps it. */
bool vs_rim_is(struct vs_span file);

/*
 * One document with every check: form, signers up to an anchor, their dates
 * unless now is NULL, the signature by xmlsec1 with the key of the signer
 * that was just chained and by no other, and once more from the table's
 * pieces. name tells the board of a VBIOS (see vs_nv_rim_id): a path will
 * do; NULL: not needed, for a document that is compared at once.
 * Codes RIM_PARSE, RIM_CHAIN, RIM_TIME, RIM_SIG. parts live in the arena.
 */
VS_MUST_USE vs_status vs_rim_verify(struct vs_span file, const char *name,
    const struct vs_trust *trust, const int64_t *now, struct vs_arena *a,
    struct vs_nv_rim_parts *parts, struct vs_nv_rim **out, struct vs_err *err);

/* The inside, in the order in which it happens. */

struct vs_rim_doc; /* a parsed document of the right form */

/* No network, no entities, no document type; RIM_PARSE. Then the signature's
 * form, which leaves it no choice of keys, references or algorithms;
 * RIM_SIG. */
VS_MUST_USE vs_status vs_rim_doc_read(
    struct vs_span xml, struct vs_rim_doc **out, struct vs_err *err);
void vs_rim_doc_free(struct vs_rim_doc **d);
/* Signature and certificates, decoded; RIM_SIG, and RIM_CHAIN unless there
 * are four. */
VS_MUST_USE vs_status vs_rim_doc_parts(const struct vs_rim_doc *d,
    struct vs_arena *a, struct vs_nv_rim_parts *out, struct vs_err *err);
/* By xmlsec1, with the key of this certificate (DER). RIM_SIG. */
VS_MUST_USE vs_status vs_rim_doc_verify(
    struct vs_rim_doc *d, struct vs_span cert, struct vs_err *err);
/* What was signed. Takes the signature out of the tree. */
VS_MUST_USE vs_status vs_rim_doc_canonical(struct vs_rim_doc *d,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err);

#endif
