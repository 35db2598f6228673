/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468): the blocks of a text, one after the other. */
#ifndef VS_CRYPTO_PEM_H
#define VS_CRYPTO_PEM_H

#include "base/arena.h"

struct vs_pem {
	struct vs_span label; /* "CERTIFICATE"; borrowed from the text */
	struct vs_span der;   /* in the arena */
};

/* The text has a line that begins a block. */
bool vs_pem_is(struct vs_span text);
/*
 * Moves past the next block. VS_NOT_FOUND when there is none left: text
 * outside of blocks is skipped. VS_MALFORMED for a block without an end, with
 * another label at its end, or with anything but base64 inside.
 */
VS_MUST_USE vs_status vs_pem_next(
    struct vs_rd *text, struct vs_arena *a, struct vs_pem *out);

#endif
