/* SPDX-License-Identifier: Apache-2.0 */
/* What lies behind signatures, as if it were signed: checkpoints, bodies of
 * log entries, identities and SCTs of certificates, time stamps; and the
 * trusted root. */
#include <string.h>

#include "prov_forge.h"
#include "provenance/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t zeros[64];

static void
checkpoint(struct vs_span in, struct vs_arena *a)
{
	struct vs_pv_proof p = {.given = true,
	    .size = 1,
	    .root = VS_SPAN(zeros, 32),
	    .checkpoint = in};
	struct vs_pv_log log = {.host = VS_SPAN_LIT("h")};
	struct vs_err err = {0};

	/* No hint is of this log: nothing is verified, all is read. */
	memset(log.id, 0xa5, sizeof(log.id));
	if (in.n > 4 && memmem(in.p, in.n, "paW", 3) != NULL)
		return; /* base64 of that hint */
	VS_ASSERT(vs_pv_checkpoint(&p, &log, a, &err) != VS_OK);
}

static void
included(struct vs_span in)
{
	struct vs_pv_proof p = {.given = true, .root = VS_SPAN(zeros, 32)};
	struct vs_rd rd = vs_rd_of(in);

	if (vs_rd_u64le(&rd, &p.index) != VS_OK ||
	    vs_rd_u64le(&rd, &p.size) != VS_OK)
		return;
	while (p.hashes_n < VS_PV_HASHES_MAX &&
	    vs_rd_bytes(&rd, 32, &p.hashes[p.hashes_n]) == VS_OK)
		p.hashes_n++;
	VS_ASSERT(!vs_pv_included(&p, in)); /* the root is all zeros */
}

static struct vs_sigkey *
any_key(void)
{
	static struct vs_sigkey *key;
	struct vs_buf spki = {0};
	struct vs_err err = {0};
	EVP_PKEY *k;

	if (key != NULL)
		return key;
	k = f_key();
	f_spki(k, &spki);
	VS_ASSERT(vs_sigkey_read(vs_buf_span(&spki), &key, &err) == VS_OK);
	vs_buf_fini(&spki);
	EVP_PKEY_free(k);
	return key;
}

static void
entry(struct vs_span in, struct vs_arena *a)
{
	static const char *const kinds[][2] = {{"dsse", "0.0.1"},
	    {"intoto", "0.0.2"}, {"hashedrekord", "0.0.1"},
	    {"hashedrekord", "0.0.2"}};
	struct vs_pv_run r = {.arena = a};

	r.doc.dsse = true;
	r.sig = VS_SPAN(zeros, 64);
	r.signer = any_key();
	for (size_t i = 0; i < VS_COUNT(kinds); i++) {
		struct vs_pv_entry e = {.kind = vs_span_cstr(kinds[i][0]),
		    .version = vs_span_cstr(kinds[i][1]),
		    .body = in};
		struct vs_err err = {0};
		/* No body holds a key that was made a moment ago. */
		VS_ASSERT(vs_pv_entry_matches(&r, &e, &err) != VS_OK);
	}
}

static void
certificate(struct vs_span in, struct vs_arena *a)
{
	static struct vs_provenance_trust none;
	struct vs_pv_run r = {.arena = a, .trust = &none};
	struct vs_err err = {0};

	if (vs_cert_parse(in, &r.cert, &err) != VS_OK)
		return;
	if (vs_pv_identity(&r, &err) == VS_OK)
		VS_ASSERT(r.out.identity.n > 0 && r.out.issuer.n > 0);
	r.issuer = r.cert;
	VS_ASSERT(vs_pv_sct(&r, &err) != VS_OK);
	vs_cert_free(&r.cert);
}

static void
stamp(struct vs_span in)
{
	VS_AUTO(vs_timestamp) *t = NULL;
	struct vs_err err = {0};

	if (vs_timestamp_parse(in, &t, &err) != VS_OK)
		VS_ASSERT(t == NULL);
}

static void
root(struct vs_span in)
{
	VS_AUTO(vs_provenance_trust) *t = NULL;
	struct vs_err err = {0};

	if (in.n > 0 && vs_provenance_trust_read(in, &in, 1, &t, &err) != VS_OK)
		VS_ASSERT(t == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_span in = VS_SPAN(data, size);
	struct vs_arena a;

	vs_arena_init(&a, 4 << 20);
	checkpoint(in, &a);
	included(in);
	entry(in, &a);
	certificate(in, &a);
	stamp(in);
	root(in);
	vs_arena_fini(&a);
	return 0;
}
