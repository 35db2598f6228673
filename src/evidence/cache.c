/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/cache.h"

#include <stdlib.h>

struct vs_evidence_cache *
vs_evidence_cache_new(size_t entries)
{
	struct vs_evidence_cache *c = vs_calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->entries = vs_cache_new(entries);
	if (c->entries == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
vs_evidence_cache_free(struct vs_evidence_cache **c)
{
	if (*c == NULL)
		return;
	vs_cache_free(&(*c)->entries);
	free(*c);
	*c = NULL;
}
