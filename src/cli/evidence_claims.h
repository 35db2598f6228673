/* SPDX-License-Identifier: Apache-2.0 */
/* Claims without a broker: of evidence on disk, or from JSON. */
#ifndef VS_CLI_EVIDENCE_CLAIMS_H
#define VS_CLI_EVIDENCE_CLAIMS_H

#include "cli/appraise.h"

/* Verifies o->cpu as `appraise` does. The claims live in the arena. */
VS_MUST_USE vs_status vs_cli_evidence_claims(const struct vs_appraise_opts *o,
    struct vs_arena *a, struct vs_claims *out, struct vs_err *err);

/* A JSON file: an object of claims, or one with a member `claims`, as
 * `appraise --json` and `audit show --json` print. */
VS_MUST_USE vs_status vs_cli_json_claims(const char *path, struct vs_arena *a,
    struct vs_claims *out, struct vs_err *err);

#endif
