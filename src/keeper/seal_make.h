/* SPDX-License-Identifier: Apache-2.0 */
/* Making a seal file, new or in the place of another. */
#ifndef VS_KEEPER_SEAL_MAKE_H
#define VS_KEEPER_SEAL_MAKE_H

#include "keeper/seal.h"

struct vs_seal_making {
	const struct vs_seal_conf *c; /* kind must be set */
	/* Of a shamir seal, or of recovery beside another; 0: none. */
	unsigned shares;
	unsigned threshold;
	bool replace; /* else a seal that is there stays, and counts */
	/* Gives the shares away, 32 bytes each, before the seal counts. */
	vs_status (*hand_out)(void *ctx, const uint8_t *set, unsigned n,
	    struct vs_span shares, struct vs_err *err);
	void *ctx;
	uint8_t *set; /* room for VS_SHARE_SET_SIZE */
};

VS_MUST_USE vs_status vs_seal_make(const struct vs_seal_making *m,
    const struct vs_secret *ring, struct vs_err *err);

#endif
