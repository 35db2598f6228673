/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a verification, and nothing else. */
#include <string.h>

#include "base/encoding.h"
#include "provenance/parts.h"

/* The document decoded, each certificate and body once more, and the texts
 * that are compared. */
enum { SCRATCH_MAX = 16 * VS_PROVENANCE_MAX };

static vs_status
by_certificate(struct vs_pv_run *r, struct vs_err *err)
{
	VS_TRY(err, "chain", vs_pv_chain(r, err));
	if (!r->want->no_transparency)
		VS_TRY(err, "chain", vs_pv_sct(r, err));
	VS_TRY(err, "certificate", vs_pv_identity(r, err));
	return VS_OK;
}

static vs_status
key_identity(struct vs_pv_run *r, struct vs_err *err)
{
	char *text = vs_arena_alloc(r->arena, 4 + 2 * VS_SHA256_SIZE + 1);

	if (text == NULL)
		return vs_fail(err, VS_NO_MEMORY, "key");
	memcpy(text, "key:", 4);
	vs_hex(VS_SPAN(vs_sigkey_id(r->signer), VS_SHA256_SIZE), text + 4);
	r->out.identity = vs_span_cstr(text);
	return VS_OK;
}

static vs_status
work(struct vs_pv_run *r, struct vs_span document, struct vs_err *err)
{
	VS_TRY(err, "provenance",
	    vs_pv_read(document, r->want, r->arena, &r->json, &r->doc, err));
	VS_TRY(err, "provenance", vs_pv_signature(r, err));
	VS_TRY(err, "provenance", vs_pv_stamps(r, err));
	VS_TRY(err, "provenance", vs_pv_logged(r, err));
	VS_TRY(err, "provenance",
	    r->out.keyless ? by_certificate(r, err) : key_identity(r, err));
	VS_TRY(err, "provenance", vs_pv_demand_signer(r, err));
	VS_TRY(err, "provenance", vs_pv_statement(r, err));
	VS_TRY(err, "provenance", vs_pv_demand(r, err));
	return VS_OK;
}

/* Out of the run, into the caller's arena. */
static vs_status
hand_over(const struct vs_provenance *in, struct vs_arena *a,
    struct vs_provenance *out, struct vs_err *err)
{
	struct vs_provenance v = *in;
	struct vs_span *const texts[] = {&v.identity, &v.issuer, &v.builder,
	    &v.build_type, &v.source_uri, &v.source_ref, &v.source_digest,
	    &v.source_repo_id, &v.workflow, &v.runner, &v.predicate_type,
	    &v.subject_name};

	for (size_t i = 0; i < VS_COUNT(texts); i++)
		VS_TRY(err, "provenance", vs_arena_dup(a, *texts[i], texts[i]));
	*out = v;
	return VS_OK;
}

static vs_status
check_digest(const struct vs_provenance_want *w, struct vs_err *err)
{
	uint8_t hash[VS_HASH_MAX];
	vs_hash h =
	    w->digest.n == VS_SHA512_SIZE ? VS_HASH_SHA512 : VS_HASH_SHA256;

	if (w->digest.n != vs_hash_size(h))
		return vs_fail(err, VS_USAGE,
		    "digest: wants 32 octets of SHA-256 or 64 of SHA-512");
	if (w->artifact.n == 0)
		return VS_OK;
	VS_TRY(err, "artifact", vs_digest(h, &w->artifact, 1, hash));
	if (!vs_span_equal(VS_SPAN(hash, w->digest.n), w->digest))
		return vs_fail(
		    err, VS_USAGE, "the artifact has another digest");
	return VS_OK;
}

vs_status
vs_provenance_verify(struct vs_span document,
    const struct vs_provenance_trust *trust,
    const struct vs_provenance_want *want, struct vs_arena *a,
    struct vs_provenance *out, struct vs_err *err)
{
	struct vs_arena scratch;
	struct vs_pv_run *r;
	vs_status st;

	VS_TRY(err, "provenance", check_digest(want, err));
	vs_arena_init(&scratch, SCRATCH_MAX);
	r = vs_arena_alloc(&scratch, sizeof(*r));
	if (r == NULL) {
		vs_arena_fini(&scratch);
		return vs_fail(err, VS_NO_MEMORY, "provenance");
	}
	*r =
	    (struct vs_pv_run){.trust = trust, .want = want, .arena = &scratch};
	st = work(r, document, err);
	if (st == VS_OK)
		st = hand_over(&r->out, a, out, err);
	vs_sigkey_free(&r->key);
	vs_cert_free(&r->cert);
	vs_json_free(&r->statement_json);
	vs_json_free(&r->json);
	vs_arena_fini(&scratch);
	return st;
}
