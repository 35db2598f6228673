/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the answer: a compact JWE (RFC 7516), ECDH-ES with A256GCM. */
#ifndef VS_GUEST_JWE_H
#define VS_GUEST_JWE_H

#include "base/random.h"
#include "base/secret.h"
#include "guest/recipient.h"

/*
 * The plaintext, locked. Checks that the header's algorithms are these two,
 * that epk is on our curve, that apu is our nonce and apv the release id.
 * VS_MALFORMED for a broken form, VS_UNTRUSTED when it is bound to another
 * exchange or does not open, VS_NO_MEMORY when the locked pool is too small.
 */
VS_MUST_USE vs_status vs_guest_jwe_open(struct vs_guest_recipient *r,
    struct vs_span jwe, const uint8_t nonce[VS_GUEST_NONCE_SIZE],
    const char release_id[VS_UUID_TEXT_MAX], struct vs_secret **out,
    struct vs_err *err);

#endif
