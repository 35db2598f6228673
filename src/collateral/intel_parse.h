/* SPDX-License-Identifier: Apache-2.0 */
/* Reading Intel's statements: the signed inner object, nothing around it. */
#ifndef VS_COLLATERAL_INTEL_PARSE_H
#define VS_COLLATERAL_INTEL_PARSE_H

#include "base/arena.h"
#include "codec/json.h"
#include "collateral/intel.h"

/* What one statement may take in memory: 256 levels, each with advisories
 * that share nothing. Real ones need below 32 KiB. */
enum { VS_INTEL_ARENA_MAX = 1024 * 1024 };

/*
 * The object from its { to its }: exactly the members we know, of the right
 * type and range; members that we do not know are left alone. Checks no
 * signature and no date. Codes tcb_info_malformed, qe_identity_malformed.
 * Arrays live in the arena.
 */
VS_MUST_USE vs_status vs_intel_parse_tcb_info(struct vs_span inner,
    struct vs_arena *a, struct vs_intel_tcb_info *out, struct vs_err *err);
VS_MUST_USE vs_status vs_intel_parse_identity(struct vs_span inner,
    struct vs_arena *a, struct vs_intel_identity *out, struct vs_err *err);

/* Members that both have. All VS_MALFORMED, naming the member. */
VS_MUST_USE vs_status vs_intel_hex(const struct vs_json *obj, const char *name,
    uint8_t *out, size_t n, struct vs_err *err);
VS_MUST_USE vs_status vs_intel_uint(const struct vs_json *obj, const char *name,
    int64_t max, uint32_t *out, struct vs_err *err);
/* Exactly YYYY-MM-DDTHH:MM:SSZ. */
VS_MUST_USE vs_status vs_intel_time(const struct vs_json *obj, const char *name,
    int64_t *out, struct vs_err *err);
/* tcbStatus, tcbDate and advisoryIDs of a level. */
VS_MUST_USE vs_status vs_intel_read_verdict(const struct vs_json *level,
    struct vs_arena *a, struct vs_intel_verdict *out, struct vs_err *err);
/* tcbLevels by ISVSVN: at least one, strictly falling. */
VS_MUST_USE vs_status vs_intel_isv_levels(const struct vs_json *obj,
    struct vs_arena *a, const struct vs_intel_isv_level **out, size_t *n,
    struct vs_err *err);
/* An array with 1 to max elements. */
VS_MUST_USE vs_status vs_intel_array(const struct vs_json *obj,
    const char *name, size_t max, const struct vs_json **out,
    struct vs_err *err);

#endif
