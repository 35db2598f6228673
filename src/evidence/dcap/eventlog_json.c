/* SPDX-License-Identifier: Apache-2.0 */
/* The log as dstack's guest agent gives it: [{"imr", "event_type", "digest",
 * "event", "event_payload"}]. */
#include "base/encoding.h"
#include "codec/json.h"
#include "evidence/dcap/eventlog.h"

static vs_status
unhex(struct vs_span text, struct vs_arena *a, struct vs_span *out)
{
	uint8_t *p = vs_arena_alloc(a, text.n / 2);
	vs_status st;

	if (p == NULL)
		return VS_NO_MEMORY;
	if (text.n % 2 != 0)
		return VS_MALFORMED;
	st = vs_unhex(text, p, text.n / 2);
	if (st == VS_OK)
		*out = VS_SPAN(p, text.n / 2);
	return st;
}

static vs_status
read_int(const struct vs_json *o, const char *name, int64_t max, int64_t *out)
{
	int64_t v;

	if (!vs_json_is_int(vs_json_get(o, name), &v) || v < 0 || v > max)
		return VS_MALFORMED;
	*out = v;
	return VS_OK;
}

static vs_status
read_event(const struct vs_json *o, struct vs_arena *a,
    struct vs_event_log *log, struct vs_err *err)
{
	struct vs_event e = {0};
	struct vs_span text;
	int64_t n;

	VS_TRY(err, "imr", read_int(o, "imr", VS_RTMR_COUNT - 1, &n));
	e.rtmr = (unsigned)n;
	VS_TRY(err, "event_type", read_int(o, "event_type", UINT32_MAX, &n));
	e.type = (uint32_t)n;
	VS_TRY(err, "event", vs_json_need_str(o, "", "event", &text, err));
	VS_TRY(err, "event", vs_arena_dup(a, text, &e.name));
	VS_TRY(err, "digest", vs_json_need_str(o, "", "digest", &text, err));
	VS_TRY(err, "digest", unhex(text, a, &e.digest));
	VS_TRY(err, "event_payload",
	    vs_json_need_str(o, "", "event_payload", &text, err));
	VS_TRY(err, "event_payload", unhex(text, a, &e.data));
	if (e.digest.n != VS_SHA384_SIZE)
		return vs_fail(
		    err, VS_MALFORMED, "digest of %zu bytes", e.digest.n);
	return vs_event_log_add(log, &e, a, err);
}

vs_status
vs_event_json_read(struct vs_span text, struct vs_arena *a,
    struct vs_event_log *log, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;

	VS_TRY(err, "JSON", vs_json_parse(text, &root, err));
	if (vs_json_type_of(root) != VS_JSON_ARRAY)
		return vs_fail(err, VS_MALFORMED, "not an array");
	for (size_t i = 0; i < vs_json_size(root); i++)
		VS_TRY(
		    err, "event", read_event(vs_json_at(root, i), a, log, err));
	return VS_OK;
}
