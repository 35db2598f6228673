/* SPDX-License-Identifier: Apache-2.0 */
/* The root ring: fixed places in one secret. */
#include <string.h>

#include "crypto/kdf.h"
#include "keeper/seal_int.h"

static struct vs_rd
entry(struct vs_span ring, unsigned which)
{
	return vs_rd_of(vs_span_slice(
	    ring, VS_RING_HEAD + which * VS_RING_ENTRY, VS_RING_ENTRY));
}

static uint32_t
generation(struct vs_span ring, unsigned which)
{
	struct vs_rd in = entry(ring, which);
	uint32_t n = 0;

	return vs_rd_u32be(&in, &n) == VS_OK ? n : 0;
}

bool
vs_ring_ok(struct vs_span ring)
{
	uint32_t newest, old;

	if (ring.n != VS_RING_SIZE || ring.p[0] != VS_RING_FORMAT ||
	    ring.p[1] < 1 || ring.p[1] > 2 || ring.p[2] != 0 || ring.p[3] != 0)
		return false;
	newest = generation(ring, VS_RING_NEWEST);
	old = generation(ring, VS_RING_OLD);
	return newest > 0 && old < newest && (old > 0) == (ring.p[1] == 2);
}

void
vs_ring_put_generation(uint8_t *ring, unsigned which, uint32_t gen)
{
	struct vs_wr w =
	    vs_wr_of(ring + VS_RING_HEAD + which * VS_RING_ENTRY, 4);

	vs_wr_u32be(&w, gen);
}

uint8_t *
vs_ring_root_at(uint8_t *ring, unsigned which)
{
	return ring + VS_RING_HEAD + which * VS_RING_ENTRY + 4;
}

/* The audit chain key of the first root is kept for ever: a chain that
 * changes keys could not be checked from its beginning. */
static vs_status
finish_first(uint8_t *ring)
{
	ring[0] = VS_RING_FORMAT;
	ring[1] = 1;
	vs_ring_put_generation(ring, VS_RING_NEWEST, 1);
	return vs_hkdf_sha256(VS_SPAN(NULL, 0),
	    VS_SPAN(vs_ring_root_at(ring, VS_RING_NEWEST), VS_RING_ROOT_SIZE),
	    VS_SPAN_LIT("vouchsafe/v1 audit-chain"), ring + VS_RING_AUDIT_AT,
	    32);
}

vs_status
vs_ring_of_root(struct vs_span root32, struct vs_secret **out)
{
	struct vs_secret *ring;
	vs_status st;

	if (root32.n != VS_RING_ROOT_SIZE)
		return VS_MALFORMED;
	ring = vs_secret_new(VS_RING_SIZE);
	if (ring == NULL)
		return VS_NO_MEMORY;
	memcpy(vs_ring_root_at(vs_secret_poke(ring), VS_RING_NEWEST), root32.p,
	    VS_RING_ROOT_SIZE);
	st = finish_first(vs_secret_poke(ring));
	if (st == VS_OK)
		*out = VS_TAKE(ring);
	vs_secret_free(&ring);
	return st;
}

uint32_t
vs_ring_generation(const struct vs_secret *ring, unsigned which)
{
	return generation(vs_secret_peek(ring), which);
}

struct vs_span
vs_ring_root(const struct vs_secret *ring, unsigned which)
{
	struct vs_rd in = entry(vs_secret_peek(ring), which);

	if (vs_ring_generation(ring, which) == 0 || vs_rd_skip(&in, 4) != VS_OK)
		return VS_SPAN(NULL, 0);
	return vs_rd_rest(&in);
}

struct vs_span
vs_ring_audit(const struct vs_secret *ring)
{
	return vs_span_slice(vs_secret_peek(ring), VS_RING_AUDIT_AT, 32);
}
