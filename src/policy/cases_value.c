/* SPDX-License-Identifier: Apache-2.0 */
/* Values of conformance cases, from JSON and back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "policy/cases.h"

enum { NUMBER_TEXT = 64 };

/* The text of a number, NUL-terminated. */
static bool
number_text(const struct vs_json *v, char out[NUMBER_TEXT])
{
	struct vs_span s;

	if (!vs_json_is_string(v, &s) || s.n == 0 || s.n >= NUMBER_TEXT)
		return false;
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static struct vs_val
no_value(void)
{
	return vs_val_error(VS_CEL_INTERNAL);
}

static struct vs_val
number(struct vs_span type, const struct vs_json *v)
{
	char text[NUMBER_TEXT];

	if (!number_text(v, text))
		return no_value();
	if (vs_span_is(type, "int"))
		return vs_val_int(strtoll(text, NULL, 10));
	if (vs_span_is(type, "uint"))
		return vs_val_uint(strtoull(text, NULL, 10));
	/* "NaN", "Infinity" and "-Infinity" among them. */
	return vs_val_double(strtod(text, NULL));
}

static struct vs_val
elements(const struct vs_json *v, bool map, struct vs_arena *a)
{
	size_t n = vs_json_size(v), width = map ? 2 : 1;
	struct vs_val *out =
	    vs_arena_calloc(a, width * n + 1, sizeof(struct vs_val));

	if (out == NULL)
		return vs_val_error(VS_CEL_ARENA);
	for (size_t i = 0; i < n; i++) {
		const struct vs_json *e = vs_json_at(v, i);

		if (!map) {
			out[i] = vs_cel_case_value(e, a);
			continue;
		}
		out[2 * i] = vs_cel_case_value(vs_json_at(e, 0), a);
		out[2 * i + 1] = vs_cel_case_value(vs_json_at(e, 1), a);
	}
	return map ? vs_val_map(out, n) : vs_val_list(out, n);
}

static struct vs_val
moment(const struct vs_json *j, bool duration)
{
	char text[NUMBER_TEXT];
	int64_t s, ns = 0;

	if (!number_text(vs_json_get(j, "seconds"), text))
		return no_value();
	s = strtoll(text, NULL, 10);
	(void)vs_json_is_int(vs_json_get(j, "nanos"), &ns);
	if (!duration)
		return vs_val_timestamp(s, ns);
	if (__builtin_mul_overflow(s, INT64_C(1000000000), &s) ||
	    __builtin_add_overflow(s, ns, &s))
		return no_value();
	return vs_val_duration(s);
}

static struct vs_val
type_value(const struct vs_json *v)
{
	struct vs_span name;

	for (int k = VS_KIND_NULL;
	     vs_json_is_string(v, &name) && k < VS_KIND_COUNT; k++) {
		if (vs_span_is(name, vs_kind_name((vs_kind)k)))
			return vs_val_type((vs_kind)k);
	}
	return no_value();
}

static struct vs_val
octets(const struct vs_json *j, struct vs_arena *a)
{
	struct vs_span text, out;

	if (!vs_json_is_string(vs_json_get(j, "base64"), &text) ||
	    vs_b64_decode(a, text, &out) != VS_OK)
		return no_value();
	return vs_val_bytes(out);
}

struct vs_val
vs_cel_case_value(const struct vs_json *j, struct vs_arena *a)
{
	const struct vs_json *v = vs_json_get(j, "value");
	struct vs_span t, s;
	bool b;

	if (!vs_json_is_string(vs_json_get(j, "type"), &t))
		return no_value();
	if (vs_span_is(t, "null"))
		return vs_val_null();
	if (vs_span_is(t, "bool") && vs_json_is_bool(v, &b))
		return vs_val_bool(b);
	if (vs_span_is(t, "int") || vs_span_is(t, "uint") ||
	    vs_span_is(t, "double"))
		return number(t, v);
	if (vs_span_is(t, "string") && vs_json_is_string(v, &s))
		return vs_val_str(s);
	if (vs_span_is(t, "bytes"))
		return octets(j, a);
	if (vs_span_is(t, "list") || vs_span_is(t, "map"))
		return elements(v, vs_span_is(t, "map"), a);
	if (vs_span_is(t, "type"))
		return type_value(v);
	if (vs_span_is(t, "timestamp") || vs_span_is(t, "duration"))
		return moment(j, vs_span_is(t, "duration"));
	return no_value();
}

static struct vs_json *
typed(const char *type, struct vs_json *value)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "type", vs_json_cstr(type));
	if (value != NULL)
		vs_json_set(&o, "value", value);
	return o;
}

static struct vs_json *
moment_json(struct vs_val v)
{
	bool duration = v.kind == VS_KIND_DURATION;
	struct vs_json *o = vs_json_object();
	int64_t s = duration ? v.u.i / 1000000000 : v.u.i;
	char text[NUMBER_TEXT];

	(void)snprintf(text, sizeof(text), "%lld", (long long)s);
	vs_json_set(
	    &o, "type", vs_json_cstr(duration ? "duration" : "timestamp"));
	vs_json_set(&o, "seconds", vs_json_cstr(text));
	vs_json_set(&o, "nanos",
	    vs_json_int(duration ? v.u.i % 1000000000 : (int64_t)v.n));
	return o;
}

static struct vs_json *
elements_json(struct vs_val v)
{
	bool map = v.kind == VS_KIND_MAP;
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < v.n; i++) {
		struct vs_json *pair;

		if (!map) {
			vs_json_append(&list, vs_cel_value_json(v.u.v[i]));
			continue;
		}
		pair = vs_json_array();
		vs_json_append(&pair, vs_cel_value_json(v.u.v[2 * i]));
		vs_json_append(&pair, vs_cel_value_json(v.u.v[2 * i + 1]));
		vs_json_append(&list, pair);
	}
	return typed(map ? "map" : "list", list);
}

/* What string() makes of a value, or its text. */
static struct vs_json *
as_text(struct vs_val v, const char *type)
{
	struct vs_arena a;
	struct vs_cel_run run = {.arena = &a, .limit = UINT64_MAX};
	struct vs_json *out;

	vs_arena_init(&a, 64 * 1024);
	if (v.kind == VS_KIND_IP || v.kind == VS_KIND_CIDR)
		v = vs_fn_net_string(&run, &v, 1);
	else if (v.kind != VS_KIND_STRING && v.kind != VS_KIND_SEMVER)
		v = vs_fn_to_string(&run, &v, 1);
	out = typed(type, vs_json_str(vs_val_span(v)));
	vs_arena_fini(&a);
	return out;
}

static struct vs_json *
bytes_json(struct vs_val v)
{
	struct vs_arena a;
	struct vs_cel_run run = {.arena = &a, .limit = UINT64_MAX};
	struct vs_json *o = vs_json_object();

	vs_arena_init(&a, 1024 * 1024);
	v = vs_fn_b64_encode(&run, &v, 1);
	vs_json_set(&o, "type", vs_json_cstr("bytes"));
	if (v.kind == VS_KIND_STRING)
		vs_json_set(&o, "base64", vs_json_str(vs_val_span(v)));
	vs_arena_fini(&a);
	return o;
}

struct vs_json *
vs_cel_value_json(struct vs_val v)
{
	struct vs_json *o;

	switch (v.kind) {
	case VS_KIND_ERROR:
		o = vs_json_object();
		vs_json_set(&o, "error",
		    vs_json_cstr(vs_cel_error_name((vs_cel_error)v.error)));
		return o;
	case VS_KIND_NULL:
		return typed("null", NULL);
	case VS_KIND_BOOL:
		return typed("bool", vs_json_bool(v.u.b));
	case VS_KIND_BYTES:
		return bytes_json(v);
	case VS_KIND_LIST:
	case VS_KIND_MAP:
		return elements_json(v);
	case VS_KIND_TYPE:
		return typed(
		    "type", vs_json_cstr(vs_kind_name((vs_kind)v.u.i)));
	case VS_KIND_TIMESTAMP:
	case VS_KIND_DURATION:
		return moment_json(v);
	case VS_KIND_RECORD:
		return typed("record", NULL);
	default:
		return as_text(v, vs_kind_name((vs_kind)v.kind));
	}
}
