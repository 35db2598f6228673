/* SPDX-License-Identifier: Apache-2.0 */
/* When collateral lapses: before and after it did. */
#ifndef VS_BROKER_EXPIRY_H
#define VS_BROKER_EXPIRY_H

#include "broker/broker.h"

/* Intel's statements live 30 days and are issued anew every day: what has a
 * week left was not refreshed for three. */
enum { VS_EXPIRY_SOON_S = 7 * 86400 };

typedef enum vs_expiry_state {
	VS_EXPIRY_FINE,
	VS_EXPIRY_SOON,
	VS_EXPIRY_LAPSED,
} vs_expiry_state;

/* What a newer one replaced is fine. */
vs_expiry_state vs_expiry_of(const struct vs_collateral_item *it, int64_t now);
/* TCB info concerns one kind of platform, what is of NVIDIA's some GPUs, and
 * policy asks for it; all else, when it lapses, stops every guest of a TEE. */
bool vs_expiry_is_partial(const struct vs_collateral_item *it);

struct vs_expiry {
	size_t soon, lapsed;
	/* Of what lapses next, or has lapsed first; NULL without any. */
	const struct vs_collateral_item *next;
};
void vs_expiry_count(
    const struct vs_collateral *c, int64_t now, struct vs_expiry *out);

#endif
