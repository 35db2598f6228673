/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vs_json is a json_t under another name: the conversions below are the
 * only place that knows.
 */
#include "codec/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "codec/json_parse.h"

static const json_t *
peek(const struct vs_json *v)
{
	return (const json_t *)v;
}

/* jansson's readers take json_t * although they only read. */
static json_t *
in(const struct vs_json *v)
{
	json_t *j;

	memcpy(&j, &v, sizeof(j));
	return j;
}

static struct vs_json *
wrap(json_t *j)
{
	return (struct vs_json *)j;
}

vs_status
vs_json_parse(struct vs_span text, struct vs_json **out, struct vs_err *err)
{
	json_t *j = NULL;
	vs_status st = vs_json_read(text, false, &j, err);

	if (st == VS_OK)
		*out = wrap(j);
	return st;
}

vs_status
vs_json_parse_nul(struct vs_span text, struct vs_json **out, struct vs_err *err)
{
	json_t *j = NULL;
	vs_status st = vs_json_read(text, true, &j, err);

	if (st == VS_OK)
		*out = wrap(j);
	return st;
}

void
vs_json_free(struct vs_json **v)
{
	json_decref((json_t *)*v);
	*v = NULL;
}

vs_json_type
vs_json_type_of(const struct vs_json *v)
{
	if (v == NULL)
		return VS_JSON_NULL;
	switch (json_typeof(peek(v))) {
	case JSON_OBJECT:
		return VS_JSON_OBJECT;
	case JSON_ARRAY:
		return VS_JSON_ARRAY;
	case JSON_STRING:
		return VS_JSON_STRING;
	case JSON_INTEGER:
		return VS_JSON_INT;
	case JSON_REAL:
		return VS_JSON_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return VS_JSON_BOOL;
	case JSON_NULL:
		return VS_JSON_NULL;
	}
	return VS_JSON_NULL;
}

const struct vs_json *
vs_json_get(const struct vs_json *obj, const char *name)
{
	return obj == NULL ? NULL : wrap(json_object_get(peek(obj), name));
}

size_t
vs_json_size(const struct vs_json *v)
{
	switch (vs_json_type_of(v)) {
	case VS_JSON_ARRAY:
		return json_array_size(peek(v));
	case VS_JSON_OBJECT:
		return json_object_size(peek(v));
	case VS_JSON_NULL:
	case VS_JSON_BOOL:
	case VS_JSON_INT:
	case VS_JSON_REAL:
	case VS_JSON_STRING:
		return 0;
	}
	return 0;
}

const struct vs_json *
vs_json_at(const struct vs_json *arr, size_t i)
{
	return arr == NULL ? NULL : wrap(json_array_get(peek(arr), i));
}

const struct vs_json *
vs_json_member(const struct vs_json *obj, size_t i, struct vs_span *name)
{
	void *it;

	if (vs_json_type_of(obj) != VS_JSON_OBJECT)
		return NULL;
	it = json_object_iter(in(obj));
	while (it != NULL && i-- > 0)
		it = json_object_iter_next(in(obj), it);
	if (it == NULL)
		return NULL;
	*name = vs_span_cstr(json_object_iter_key(it));
	return wrap(json_object_iter_value(it));
}

bool
vs_json_is_string(const struct vs_json *v, struct vs_span *out)
{
	if (vs_json_type_of(v) != VS_JSON_STRING)
		return false;
	*out = VS_SPAN(json_string_value(peek(v)), json_string_length(peek(v)));
	return true;
}

bool
vs_json_is_int(const struct vs_json *v, int64_t *out)
{
	if (vs_json_type_of(v) != VS_JSON_INT)
		return false;
	*out = json_integer_value(peek(v));
	return true;
}

bool
vs_json_is_bool(const struct vs_json *v, bool *out)
{
	if (vs_json_type_of(v) != VS_JSON_BOOL)
		return false;
	*out = json_is_true(peek(v));
	return true;
}

static const char *
type_name(vs_json_type t)
{
	switch (t) {
	case VS_JSON_NULL:
		return "null";
	case VS_JSON_BOOL:
		return "a boolean";
	case VS_JSON_INT:
		return "an integer";
	case VS_JSON_REAL:
		return "a number";
	case VS_JSON_STRING:
		return "a string";
	case VS_JSON_ARRAY:
		return "an array";
	case VS_JSON_OBJECT:
		return "an object";
	}
	return "a value";
}

static const char *
dot(const char *where)
{
	return where[0] == '\0' ? "" : ".";
}

vs_status
vs_json_need(const struct vs_json *obj, const char *where, const char *name,
    vs_json_type type, const struct vs_json **out, struct vs_err *err)
{
	const struct vs_json *v = vs_json_get(obj, name);

	if (v == NULL)
		return vs_fail(err, VS_MALFORMED, "%s%s%s: missing", where,
		    dot(where), name);
	if (vs_json_type_of(v) != type)
		return vs_fail(err, VS_MALFORMED, "%s%s%s: must be %s", where,
		    dot(where), name, type_name(type));
	*out = v;
	return VS_OK;
}

vs_status
vs_json_need_str(const struct vs_json *obj, const char *where, const char *name,
    struct vs_span *out, struct vs_err *err)
{
	const struct vs_json *v;
	vs_status st = vs_json_need(obj, where, name, VS_JSON_STRING, &v, err);

	if (st == VS_OK && !vs_json_is_string(v, out))
		st = vs_fail(err, VS_INTERNAL, "%s", name);
	return st;
}

vs_status
vs_json_need_b64url(const struct vs_json *obj, const char *where,
    const char *name, size_t max, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	struct vs_span text = {NULL, 0};
	vs_status st = vs_json_need_str(obj, where, name, &text, err);

	if (st != VS_OK)
		return st;
	/* Two letters more than it can be, so that padding of a value that
	 * has the right size is called malformed, not too large. */
	if (text.n > vs_b64url_len(max) + 2)
		return vs_fail(err, VS_TOO_LARGE, "%s%s%s: above %zu bytes",
		    where, dot(where), name, max);
	st = vs_b64url_decode(a, text, out);
	if (st == VS_NO_MEMORY)
		return vs_fail(
		    err, st, "%s%s%s: no memory", where, dot(where), name);
	if (st != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "%s%s%s: not unpadded base64url", where, dot(where), name);
	return VS_OK;
}

static bool
is_one_of(const char *key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

vs_status
vs_json_only(const struct vs_json *obj, const char *where,
    const char *const *names, size_t n, struct vs_err *err)
{
	for (void *it = json_object_iter(in(obj)); it != NULL;
	     it = json_object_iter_next(in(obj), it)) {
		const char *key = json_object_iter_key(it);

		if (!is_one_of(key, names, n))
			return vs_fail(err, VS_MALFORMED,
			    "%s%s%.64s: unknown member", where, dot(where),
			    key);
	}
	return VS_OK;
}

struct vs_json *
vs_json_object(void)
{
	return wrap(json_object());
}

struct vs_json *
vs_json_array(void)
{
	return wrap(json_array());
}

struct vs_json *
vs_json_str(struct vs_span text)
{
	return wrap(
	    json_stringn(text.n == 0 ? "" : (const char *)text.p, text.n));
}

struct vs_json *
vs_json_cstr(const char *text)
{
	return wrap(json_string(text));
}

struct vs_json *
vs_json_int(int64_t v)
{
	return wrap(json_integer(v));
}

struct vs_json *
vs_json_bool(bool v)
{
	return wrap(json_boolean(v));
}

struct vs_json *
vs_json_null(void)
{
	return wrap(json_null());
}

struct vs_json *
vs_json_copy(const struct vs_json *v)
{
	return v == NULL ? NULL : wrap(json_deep_copy(peek(v)));
}

/* A failure turns the whole tree into NULL, which vs_json_dump reports. */
void
vs_json_set(struct vs_json **obj, const char *name, struct vs_json *child)
{
	if (*obj == NULL || child == NULL) {
		json_decref((json_t *)child);
		vs_json_free(obj);
		return;
	}
	if (json_object_set_new((json_t *)*obj, name, (json_t *)child) != 0)
		vs_json_free(obj);
}

void
vs_json_append(struct vs_json **arr, struct vs_json *child)
{
	if (*arr == NULL || child == NULL) {
		json_decref((json_t *)child);
		vs_json_free(arr);
		return;
	}
	if (json_array_append_new((json_t *)*arr, (json_t *)child) != 0)
		vs_json_free(arr);
}

static int
add_chunk(const char *chunk, size_t n, void *out)
{
	vs_buf_add(out, VS_SPAN(chunk, n));
	return vs_buf_status(out) == VS_OK ? 0 : -1;
}

vs_status
vs_json_dump(const struct vs_json *v, vs_json_style style, struct vs_buf *out)
{
	size_t flags = JSON_ENCODE_ANY |
	    (style == VS_JSON_PRETTY ? JSON_INDENT(2) : JSON_COMPACT);

	if (v == NULL)
		return VS_NO_MEMORY;
	if (json_dump_callback(peek(v), add_chunk, out, flags) != 0)
		return vs_buf_status(out) != VS_OK ? vs_buf_status(out)
						   : VS_INTERNAL;
	return VS_OK;
}
