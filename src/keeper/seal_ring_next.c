/* SPDX-License-Identifier: Apache-2.0 */
/* The root rings of a rotation. */
#include <string.h>

#include "crypto/rand.h"
#include "keeper/seal_int.h"

static struct vs_secret *
copy_of(const struct vs_secret *ring)
{
	struct vs_secret *out = vs_secret_new(VS_RING_SIZE);

	if (out != NULL)
		memcpy(
		    vs_secret_poke(out), vs_secret_peek(ring).p, VS_RING_SIZE);
	return out;
}

vs_status
vs_ring_begin(const struct vs_secret *ring, struct vs_secret **out)
{
	uint32_t gen = vs_ring_generation(ring, VS_RING_NEWEST);
	struct vs_secret *next;
	uint8_t *p;
	vs_status st;

	if (vs_ring_generation(ring, VS_RING_OLD) != 0 || gen == UINT32_MAX)
		return VS_CONFLICT;
	next = copy_of(ring);
	if (next == NULL)
		return VS_NO_MEMORY;
	p = vs_secret_poke(next);
	memcpy(
	    p + VS_RING_HEAD + VS_RING_ENTRY, p + VS_RING_HEAD, VS_RING_ENTRY);
	p[1] = 2;
	vs_ring_put_generation(p, VS_RING_NEWEST, gen + 1);
	st = vs_rand_secret(
	    vs_ring_root_at(p, VS_RING_NEWEST), VS_RING_ROOT_SIZE);
	if (st == VS_OK)
		*out = VS_TAKE(next);
	vs_secret_free(&next);
	return st;
}

vs_status
vs_ring_finish(const struct vs_secret *ring, struct vs_secret **out)
{
	struct vs_secret *next;

	if (vs_ring_generation(ring, VS_RING_OLD) == 0)
		return VS_NOT_FOUND;
	next = copy_of(ring);
	if (next == NULL)
		return VS_NO_MEMORY;
	vs_secret_poke(next)[1] = 1;
	vs_wipe(
	    vs_secret_poke(next) + VS_RING_HEAD + VS_RING_ENTRY, VS_RING_ENTRY);
	*out = next;
	return VS_OK;
}
