/* SPDX-License-Identifier: Apache-2.0 */
/* One release, from challenge to keys in locked memory. */
#ifndef VS_GUEST_GET_H
#define VS_GUEST_GET_H

#include "guest/keys.h"
#include "guest/options.h"

struct vs_guest_release {
	char id[VS_UUID_TEXT_MAX];
	struct vs_guest_key *keys; /* as many as were asked for */
	size_t n;
};
void vs_guest_release_fini(struct vs_guest_release *r);

/*
 * Tries until it has the keys, is refused, or options.wait_s have passed:
 * again after 503, 429 and no answer at all, and once, with a new challenge,
 * after 401. say, may be NULL, hears of each wait. The secret pool must be
 * there.
 */
VS_MUST_USE vs_status vs_guest_get(const struct vs_guest_options *o,
    void (*say)(const char *why, unsigned seconds),
    struct vs_guest_release *out, struct vs_err *err);

#endif
