/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from OpenSSL's generators. */
#ifndef VS_CRYPTO_RAND_H
#define VS_CRYPTO_RAND_H

#include "base/bytes.h"

/* What may become public: nonces and ids. */
VS_MUST_USE vs_status vs_rand_public(void *out, size_t n);
/* What must stay secret: keys. Drawn from a generator of its own, so that
 * public output never tells about secret output. */
VS_MUST_USE vs_status vs_rand_secret(void *out, size_t n);

#endif
