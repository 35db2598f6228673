/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and HMAC over one or more spans. */
#ifndef VS_CRYPTO_DIGEST_H
#define VS_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum {
	VS_SHA256_SIZE = 32,
	VS_SHA384_SIZE = 48,
	VS_SHA512_SIZE = 64,
	VS_HASH_MAX = 64,
};

typedef enum vs_hash { VS_HASH_SHA256, VS_HASH_SHA384, VS_HASH_SHA512 } vs_hash;

size_t vs_hash_size(vs_hash h);
/* Digest of the concatenation of n spans. out holds vs_hash_size(h) bytes. */
VS_MUST_USE vs_status vs_digest(
    vs_hash h, const struct vs_span *parts, size_t n, uint8_t *out);
VS_MUST_USE vs_status vs_sha256(struct vs_span in, uint8_t out[VS_SHA256_SIZE]);
VS_MUST_USE vs_status vs_sha384(struct vs_span in, uint8_t out[VS_SHA384_SIZE]);
VS_MUST_USE vs_status vs_sha512(struct vs_span in, uint8_t out[VS_SHA512_SIZE]);
VS_MUST_USE vs_status vs_hmac_sha256(struct vs_span key,
    const struct vs_span *parts, size_t n, uint8_t out[VS_SHA256_SIZE]);

#endif
