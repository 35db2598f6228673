/* SPDX-License-Identifier: Apache-2.0 */
/* What a person names on the command line: files, anchors, recipients. */
#ifndef VS_CLI_INPUT_H
#define VS_CLI_INPUT_H

#include "broker/broker.h"
#include "cli/options.h"
#include "collateral/collateral.h"

/* A whole file, in the arena. Any failure is bad input: VS_USAGE, naming
 * the file. */
VS_MUST_USE vs_status vs_cli_read(const char *path, size_t max,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err);

/* "dir/lab-root.pem" -> "lab-root": the name of an anchor. */
VS_MUST_USE vs_status vs_cli_stem(
    const char *path, char *out, size_t cap, struct vs_err *err);

/* Anchors first, then the directory (may be NULL). */
VS_MUST_USE vs_status vs_cli_builder(const struct vs_opt_list *anchors,
    const char *dir, struct vs_collateral_builder **out, struct vs_err *err);

/* The same; bare: without the vendors' roots. */
VS_MUST_USE vs_status vs_cli_builder_of(bool bare,
    const struct vs_opt_list *anchors, const char *dir,
    struct vs_collateral_builder **out, struct vs_err *err);

/* A public JWK (RFC 7517, RFC 8037): EC P-256, EC P-384, OKP X25519. */
VS_MUST_USE vs_status vs_cli_recipient(struct vs_span json, struct vs_arena *a,
    struct vs_recipient *out, struct vs_err *err);

/* Hex of 1 to max bytes, in the arena. */
VS_MUST_USE vs_status vs_cli_hex(const char *what, const char *text, size_t max,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err);

/* The time to judge by: at when given, else the clock. Unix milliseconds. */
int64_t vs_cli_now(const struct vs_opt_time *at);

#endif
