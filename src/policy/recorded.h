/* SPDX-License-Identifier: Apache-2.0 */
/* Claims from JSON: what an audit record or `appraise --json` kept of a
 * decision, so that it can be taken again. */
#ifndef VS_POLICY_RECORDED_H
#define VS_POLICY_RECORDED_H

#include "claims/claims.h"
#include "codec/json.h"

/*
 * Reads the object that vs_claims_json writes into c, which was initialised;
 * its arena takes copies. VS_MALFORMED, naming the claim, for one that is
 * unknown, of another type, or too long: a decision is taken again on all of
 * its claims or not at all.
 */
VS_MUST_USE vs_status vs_claims_read(
    const struct vs_json *obj, struct vs_claims *c, struct vs_err *err);

#endif
