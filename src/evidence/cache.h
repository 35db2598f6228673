/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of vs_evidence_cache, for the kinds of evidence. Filling it
 * takes evidence that verifies, so a stranger cannot flush it. */
#ifndef VS_EVIDENCE_CACHE_H
#define VS_EVIDENCE_CACHE_H

#include "base/cache.h"
#include "evidence/evidence.h"

struct vs_evidence_cache {
	struct vs_cache *entries;
};

#endif
