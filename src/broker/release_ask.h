/* SPDX-License-Identifier: Apache-2.0 */
/* Releases that people must agree to, one by one. */
#ifndef VS_BROKER_RELEASE_ASK_H
#define VS_BROKER_RELEASE_ASK_H

#include "broker/decide.h"
#include "store/lists.h"

/* Of one request: each is a matter for people. */
enum { VS_RELEASE_ASKS_MAX = 64 };

/*
 * What an approval is bound to besides the key: SHA-256 over the claims that
 * say which guest it is. The image, its configuration, the processor, not the
 * recipient key or the launch: a guest that asks again while it waits is the
 * same guest.
 */
VS_MUST_USE vs_status vs_release_binding(
    const struct vs_claims *claims, uint8_t out[VS_BINDING_SIZE]);

/*
 * Whether enough people have agreed to the release of this version of a key
 * to this guest. Asks them when nobody did yet. *id names the approval either
 * way; it is used up by the release itself, see vs_store_commit_release.
 */
VS_MUST_USE vs_status vs_release_approved(const struct vs_case *c,
    struct vs_arena *a, const struct vs_policy_approvals *need,
    const struct vs_key_row *key, uint8_t id[VS_ASK_ID_SIZE], bool *approved,
    struct vs_err *err);

#endif
