/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that holds keys demands of libcrypto and of the CPU. */
#ifndef VS_CRYPTO_INIT_H
#define VS_CRYPTO_INIT_H

#include "base/bytes.h"

/*
 * VS_UNSUPPORTED when AES-GCM would run on tables or plain C: without AES and
 * carry-less multiply instructions its timing would depend on keys.
 */
VS_MUST_USE vs_status vs_crypto_need_hardware(struct vs_err *err);

/*
 * Starts libcrypto without its configuration file, and makes it keep what it
 * allocates (key schedules, big numbers, random state) in `bytes` of the
 * secret pool, wiped when freed. Must come before any other use of libcrypto;
 * once per process. Under AddressSanitizer the heap stays as it is.
 */
VS_MUST_USE vs_status vs_crypto_lock_heap(size_t bytes, struct vs_err *err);

/* Bytes of the locked heap that were ever in use. */
size_t vs_crypto_heap_peak(void);

#endif
