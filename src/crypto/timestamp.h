/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of RFC 3161. */
#ifndef VS_CRYPTO_TIMESTAMP_H
#define VS_CRYPTO_TIMESTAMP_H

#include "crypto/x509.h"

struct vs_timestamp; /* a response of an authority, parsed */

/* Exactly one DER TimeStampResp that grants. VS_MALFORMED otherwise. Checks
 * no signature. */
VS_MUST_USE vs_status vs_timestamp_parse(
    struct vs_span der, struct vs_timestamp **out, struct vs_err *err);
void vs_timestamp_free(struct vs_timestamp **t);
/* What it claims, Unix seconds. */
int64_t vs_timestamp_time(const struct vs_timestamp *t);
/*
 * VS_OK when chain[0] signed it, over data (hashed with SHA-256, 384 or 512
 * as it says), and chains up to chain[n - 1], which is taken on trust, all
 * valid at the time it claims, with the one and critical purpose of time
 * stamping. Certificates inside the response add nothing. VS_UNTRUSTED
 * otherwise.
 */
VS_MUST_USE vs_status vs_timestamp_verify(const struct vs_timestamp *t,
    struct vs_span data, const struct vs_cert *const *chain, size_t n,
    struct vs_err *err);

#endif
