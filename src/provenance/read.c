/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as protobuf writes it: 64-bit integers and bytes are strings. */
#include "base/encoding.h"
#include "provenance/parts.h"

const struct vs_json *
vs_pv_get(const struct vs_json *o, const char *name)
{
	const struct vs_json *v = vs_json_get(o, name);

	return vs_json_type_of(v) == VS_JSON_NULL ? NULL : v;
}

struct vs_span
vs_pv_str(const struct vs_json *o, const char *name)
{
	struct vs_span s = {0};

	(void)vs_json_is_string(vs_json_get(o, name), &s);
	return s;
}

vs_status
vs_pv_json(struct vs_span text, struct vs_json **out, struct vs_err *err)
{
	VS_TRY_CODE(err, "malformed", "JSON", vs_json_parse(text, out, err));
	return VS_OK;
}

vs_status
vs_pv_b64(const struct vs_json *o, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_span text;
	vs_status st;

	if (!vs_json_is_string(vs_json_get(o, name), &text) || text.n == 0)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "%s: wants base64", name);
	st = vs_b64_decode(a, text, out);
	if (st == VS_NO_MEMORY)
		return vs_fail(err, st, "%s", name);
	if (st != VS_OK)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "%s: not base64", name);
	return VS_OK;
}

bool
vs_pv_decimal(struct vs_span s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 19 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0'); /* 19 digits: no overflow */
	}
	if (v > INT64_MAX)
		return false;
	*out = v;
	return true;
}

vs_status
vs_pv_u63(const struct vs_json *o, const char *name, uint64_t *out,
    struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(o, name);
	struct vs_span text;
	int64_t n;

	if (vs_json_is_int(v, &n) && n >= 0) {
		*out = (uint64_t)n;
		return VS_OK;
	}
	if (vs_json_is_string(v, &text) && vs_pv_decimal(text, out))
		return VS_OK;
	return vs_fail_code(err, VS_MALFORMED, "malformed",
	    "%s: wants a number of 0 or more", name);
}

bool
vs_pv_is_hex(struct vs_span text, struct vs_span raw)
{
	static const char digits[] = "0123456789abcdef";

	if (text.n != 2 * raw.n || raw.n == 0)
		return false;
	for (size_t i = 0; i < raw.n; i++)
		if (text.p[2 * i] != (uint8_t)digits[raw.p[i] >> 4] ||
		    text.p[2 * i + 1] != (uint8_t)digits[raw.p[i] & 15])
			return false;
	return true;
}

vs_status
vs_pv_array(const struct vs_json *o, const char *name, size_t max,
    const struct vs_json **out, struct vs_err *err)
{
	const struct vs_json *v = vs_pv_get(o, name);

	if (v != NULL &&
	    (vs_json_type_of(v) != VS_JSON_ARRAY || vs_json_size(v) > max))
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "%s: wants a list of at most %zu", name, max);
	*out = v;
	return VS_OK;
}
