/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings about collateral that lapses or has lapsed. */
#ifndef VS_HTTP_EXPIRY_LOG_H
#define VS_HTTP_EXPIRY_LOG_H

#include "broker/broker.h"

/* What was said last; {0} at start. */
struct vs_expiry_log {
	size_t soon, lapsed;
	int64_t day;
};

/* Says something when there is something new, and else once a day. Not
 * thread-safe. */
void vs_expiry_log_tick(
    struct vs_expiry_log *l, struct vs_broker *b, int64_t now);

#endif
