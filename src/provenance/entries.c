/* SPDX-License-Identifier: Apache-2.0 */
/* Log entries of a bundle (dev.sigstore.rekor.v1.TransparencyLogEntry). */
#include "base/encoding.h"
#include "provenance/parts.h"

static vs_status
read_hashes(const struct vs_json *o, struct vs_arena *a,
    struct vs_pv_proof *out, struct vs_err *err)
{
	const struct vs_json *list;
	struct vs_span text;

	VS_TRY(err, "proof",
	    vs_pv_array(o, "hashes", VS_PV_HASHES_MAX, &list, err));
	for (size_t i = 0; i < vs_json_size(list); i++) {
		struct vs_span *hash = &out->hashes[i];
		if (!vs_json_is_string(vs_json_at(list, i), &text) ||
		    vs_b64_decode(a, text, hash) != VS_OK ||
		    hash->n != VS_SHA256_SIZE)
			return vs_fail_code(err, VS_MALFORMED, "malformed",
			    "hashes: not 32 octets each");
	}
	out->hashes_n = vs_json_size(list);
	return VS_OK;
}

static vs_status
read_proof(const struct vs_json *o, struct vs_arena *a, struct vs_pv_proof *out,
    struct vs_err *err)
{
	if (o == NULL)
		return VS_OK;
	out->given = true;
	/* Protobuf leaves a zero out. */
	if (vs_pv_get(o, "logIndex") != NULL)
		VS_TRY(
		    err, "proof", vs_pv_u63(o, "logIndex", &out->index, err));
	VS_TRY(err, "proof", vs_pv_u63(o, "treeSize", &out->size, err));
	VS_TRY(err, "proof", vs_pv_b64(o, "rootHash", a, &out->root, err));
	if (out->root.n != VS_SHA256_SIZE)
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "rootHash: wants 32 octets");
	out->checkpoint = vs_pv_str(vs_pv_get(o, "checkpoint"), "envelope");
	return read_hashes(o, a, out, err);
}

static vs_status
read_promise(const struct vs_json *o, struct vs_arena *a,
    struct vs_pv_entry *out, struct vs_err *err)
{
	if (vs_pv_get(o, "integratedTime") != NULL)
		VS_TRY(err, "entry",
		    vs_pv_u63(o, "integratedTime", &out->integrated, err));
	o = vs_pv_get(o, "inclusionPromise");
	return o == NULL
	    ? VS_OK
	    : vs_pv_b64(o, "signedEntryTimestamp", a, &out->set, err);
}

static vs_status
read_entry(const struct vs_json *o, struct vs_arena *a, struct vs_pv_entry *out,
    struct vs_err *err)
{
	static const char *const names[] = {"logIndex", "logId", "kindVersion",
	    "integratedTime", "inclusionPromise", "inclusionProof",
	    "canonicalizedBody"};
	const struct vs_json *kind = vs_pv_get(o, "kindVersion");

	VS_TRY_CODE(err, "malformed", "entry",
	    vs_json_only(o, "entry", names, VS_COUNT(names), err));
	if (vs_pv_get(o, "logIndex") != NULL)
		VS_TRY(
		    err, "entry", vs_pv_u63(o, "logIndex", &out->index, err));
	VS_TRY(err, "entry",
	    vs_pv_b64(vs_pv_get(o, "logId"), "keyId", a, &out->log_id, err));
	if (out->log_id.n != 32)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "keyId: wants 32 octets");
	out->kind = vs_pv_str(kind, "kind");
	out->version = vs_pv_str(kind, "version");
	out->body_text = vs_pv_str(o, "canonicalizedBody");
	VS_TRY(err, "entry",
	    vs_pv_b64(o, "canonicalizedBody", a, &out->body, err));
	VS_TRY(err, "entry", read_promise(o, a, out, err));
	return read_proof(vs_pv_get(o, "inclusionProof"), a, &out->proof, err);
}

vs_status
vs_pv_entries(const struct vs_json *material, struct vs_arena *a,
    struct vs_pv_doc *out, struct vs_err *err)
{
	const struct vs_json *list;
	size_t n;

	VS_TRY(err, "bundle",
	    vs_pv_array(
		material, "tlogEntries", VS_PV_ENTRIES_MAX, &list, err));
	n = vs_json_size(list);
	out->entries = vs_arena_calloc(a, n, sizeof(*out->entries));
	if (out->entries == NULL)
		return vs_fail(err, VS_NO_MEMORY, "bundle");
	for (; out->entries_n < n; out->entries_n++)
		VS_TRY(err, "tlogEntries",
		    read_entry(vs_json_at(list, out->entries_n), a,
			&out->entries[out->entries_n], err));
	return VS_OK;
}
