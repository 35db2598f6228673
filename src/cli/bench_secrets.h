/* SPDX-License-Identifier: Apache-2.0 */
/* What the time of the keeper's core tells about what it must not tell. */
#ifndef VS_CLI_BENCH_SECRETS_H
#define VS_CLI_BENCH_SECRETS_H

#include "cli/bench_timing.h"
#include "keeper/core.h"

typedef enum vs_secrets_case {
	VS_SECRETS_DEK_TAG,     /* right or forged */
	VS_SECRETS_PAYLOAD_TAG, /* the same */
	VS_SECRETS_NEAR,        /* forged: in one bit, or in all bytes */
	VS_SECRETS_KEYS,        /* one key, or many */
	VS_SECRETS_CONTROL,     /* a comparison that leaks, to be seen */
	VS_SECRETS_CASES
} vs_secrets_case;

/* "tag of the DEK"; "dek_tag" for machines. */
const char *vs_bench_secrets_name(vs_secrets_case c);
const char *vs_bench_secrets_word(vs_secrets_case c);

/* Of records under the core's root, made here; kek is that of "bench",
 * version 1. */
VS_MUST_USE vs_status vs_bench_secrets(struct vs_core *core, struct vs_span kek,
    size_t samples, struct vs_timing out[VS_SECRETS_CASES], struct vs_err *err);

#endif
