/* SPDX-License-Identifier: Apache-2.0 */
/* Where released keys go. */
#ifndef VS_GUEST_SINK_H
#define VS_GUEST_SINK_H

#include "guest/keys.h"
#include "guest/options.h"

/* Refuses, before anything is asked for, a place that cannot take keys: a
 * terminal that was not named, a closed descriptor. */
VS_MUST_USE vs_status vs_guest_sink_check(
    const struct vs_guest_options *o, struct vs_err *err);
VS_MUST_USE vs_status vs_guest_sink_write(const struct vs_guest_options *o,
    const struct vs_guest_key *keys, size_t n, struct vs_err *err);

#endif
