/* SPDX-License-Identifier: Apache-2.0 */
/* DSSE envelopes (DSSE protocol.md) and the bytes that they sign. */
#include "base/encoding.h"
#include "provenance/parts.h"

/* DSSE allows both alphabets. */
static vs_status
either_b64(const struct vs_json *o, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_span text;

	if (vs_json_is_string(vs_json_get(o, name), &text) && text.n > 0 &&
	    vs_b64url_decode(a, text, out) == VS_OK)
		return VS_OK;
	return vs_pv_b64(o, name, a, out, err);
}

/* "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload */
static vs_status
pre_auth(struct vs_arena *a, struct vs_pv_doc *d, struct vs_err *err)
{
	struct vs_buf b = {0};
	vs_status st;

	vs_buf_puts(&b, "DSSEv1 ");
	vs_buf_int(&b, (int64_t)d->type.n);
	vs_buf_puts(&b, " ");
	vs_buf_add(&b, d->type);
	vs_buf_puts(&b, " ");
	vs_buf_int(&b, (int64_t)d->payload.n);
	vs_buf_puts(&b, " ");
	vs_buf_add(&b, d->payload);
	st = vs_buf_status(&b);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&b), &d->pae);
	vs_buf_fini(&b);
	return st == VS_OK ? VS_OK : vs_fail(err, st, "envelope");
}

vs_status
vs_pv_envelope(const struct vs_json *o, bool one, struct vs_arena *a,
    struct vs_pv_doc *out, struct vs_err *err)
{
	const size_t max = one ? 1 : VS_PV_SIGNATURES_MAX;
	const struct vs_json *sigs;

	if (vs_json_type_of(o) != VS_JSON_OBJECT)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "not an envelope");
	out->dsse = true;
	out->type = vs_pv_str(o, "payloadType");
	if (out->type.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "payloadType: wants a text");
	VS_TRY(
	    err, "envelope", either_b64(o, "payload", a, &out->payload, err));
	VS_TRY(err, "envelope", vs_pv_array(o, "signatures", max, &sigs, err));
	if (vs_json_size(sigs) == 0)
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "signatures: there is none");
	for (; out->sigs_n < vs_json_size(sigs); out->sigs_n++)
		VS_TRY(err, "signatures",
		    either_b64(vs_json_at(sigs, out->sigs_n), "sig", a,
			&out->sigs[out->sigs_n], err));
	return pre_auth(a, out, err);
}
