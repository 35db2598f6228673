/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v1/release to a typed request. Judges form only. */
#ifndef VS_HTTP_GUEST_DECODE_H
#define VS_HTTP_GUEST_DECODE_H

#include "broker/broker.h"
#include "codec/json.h"

/*
 * Strict: every member is known and of its type, or VS_MALFORMED names it by
 * its path ("evidence.cpu.report"). Spans of *out live in the arena and in
 * doc. peer is not set.
 */
VS_MUST_USE vs_status vs_release_decode(const struct vs_json *doc,
    struct vs_arena *a, struct vs_release_request *out, struct vs_err *err);

#endif
