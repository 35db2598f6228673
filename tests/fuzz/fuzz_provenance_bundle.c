/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles and envelopes as they come: vs_provenance_verify. Behind a byte of
 * 0 or 1 are edits (two bytes of place, one of value) to a good bundle or
 * envelope under a Sigstore of our own.
 */
#include "prov_forge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vs_buf bundle, envelope;
static struct vs_provenance_trust *trust;
static uint8_t digest[32];

static void
start(void)
{
	struct f_make m = f_good();
	struct vs_buf root = {0}, pem = {0};
	struct vs_err err = {0};
	struct vs_span key;
	struct f_world w;

	f_world_init(&w);
	f_root(&w, &root);
	f_pem_key(w.own_key, &pem);
	key = vs_buf_span(&pem);
	m.stamps = 1;
	f_bundle(&w, &m, &bundle);
	m.by_key = true;
	f_dsse(&w, &m, &envelope);
	VS_ASSERT(vs_provenance_trust_read(
		      vs_buf_span(&root), &key, 1, &trust, &err) == VS_OK);
	VS_ASSERT(vs_unhex(VS_SPAN_LIT(F_DIGEST), digest, 32) == VS_OK);
	vs_buf_fini(&root);
	vs_buf_fini(&pem);
	f_world_fini(&w);
}

/* What verifies is what was signed, whatever the edits did. */
static void
judge(struct vs_span document)
{
	const struct vs_provenance_want want = {.digest = VS_SPAN_OF(digest),
	    .issuer = VS_SPAN_LIT(F_ISSUER),
	    .identity = VS_SPAN_LIT("**"),
	    .no_log = true,
	    .legacy_bundles = true,
	    .allow_v02 = true,
	    .allow_vsa = true};
	struct vs_provenance p;
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 20);
	if (vs_provenance_verify(document, trust, &want, &a, &p, &err) ==
	    VS_OK) {
		VS_ASSERT(vs_span_is(p.source_uri, F_REPO));
		VS_ASSERT(vs_span_is(p.source_digest, F_COMMIT));
		VS_ASSERT(!p.keyless || vs_span_is(p.identity, F_SAN));
		VS_ASSERT(!p.keyless || p.times_n > 0);
	} else {
		VS_ASSERT(err.status != VS_OK && err.msg[0] != '\0');
	}
	vs_arena_fini(&a);
}

static void
edited(const struct vs_buf *good, struct vs_rd edits)
{
	struct vs_buf b = {0};
	uint16_t at;
	uint8_t value;

	vs_buf_add(&b, vs_buf_span(good));
	while (vs_rd_u16le(&edits, &at) == VS_OK &&
	    vs_rd_u8(&edits, &value) == VS_OK)
		b.p[at % b.n] = value;
	judge(vs_buf_span(&b));
	vs_buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN(data, size));
	uint8_t mode;

	if (trust == NULL)
		start();
	if (vs_rd_u8(&rd, &mode) != VS_OK)
		return 0;
	if (mode == 0)
		edited(&bundle, rd);
	else if (mode == 1)
		edited(&envelope, rd);
	else
		judge(VS_SPAN(data, size));
	return 0;
}
