/* SPDX-License-Identifier: Apache-2.0 */
/* Values to CBOR: RFC 8949, definite lengths, shortest heads. */
#include "codec/cbor.h"

#include <jansson.h>
#include <string.h>

enum { UINT = 0, NINT = 1, TEXT = 3, ARRAY = 4, MAP = 5, SIMPLE = 7 };
enum { VALUE_FALSE = 20, VALUE_TRUE = 21, VALUE_NULL = 22 };

/* An array or map whose members are being written. */
struct level {
	json_t *v;
	void *it; /* of a map; NULL at its end */
	size_t i; /* of an array */
};

static void
put_head(struct vs_buf *out, unsigned major, uint64_t v)
{
	unsigned log = v < 24 ? 0
	    : v <= UINT8_MAX  ? 1
	    : v <= UINT16_MAX ? 2
			      : 3;
	uint8_t head[9];
	size_t n = 0;

	if (log == 3 && v > UINT32_MAX)
		log = 4;
	n = log == 0 ? 0 : (size_t)1 << (log - 1);
	head[0] = (uint8_t)(major << 5 | (log == 0 ? (unsigned)v : 23 + log));
	for (size_t i = 0; i < n; i++)
		head[1 + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	vs_buf_add(out, VS_SPAN(head, 1 + n));
}

static void
put_text(struct vs_buf *out, const char *text, size_t n)
{
	put_head(out, TEXT, n);
	vs_buf_add(out, VS_SPAN(text, n));
}

static void
put_int(struct vs_buf *out, json_int_t v)
{
	if (v < 0)
		put_head(out, NINT, (uint64_t)(-1 - v));
	else
		put_head(out, UINT, (uint64_t)v);
}

/* The value, or the head of a container. False for what has no form. */
static bool
put_value(struct vs_buf *out, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		put_head(out, MAP, json_object_size(v));
		return true;
	case JSON_ARRAY:
		put_head(out, ARRAY, json_array_size(v));
		return true;
	case JSON_STRING:
		put_text(out, json_string_value(v), json_string_length(v));
		return true;
	case JSON_INTEGER:
		put_int(out, json_integer_value(v));
		return true;
	case JSON_TRUE:
		put_head(out, SIMPLE, VALUE_TRUE);
		return true;
	case JSON_FALSE:
		put_head(out, SIMPLE, VALUE_FALSE);
		return true;
	case JSON_NULL:
		put_head(out, SIMPLE, VALUE_NULL);
		return true;
	case JSON_REAL:
		return false;
	}
	return false;
}

/* The next member, its name written; NULL at the end. */
static json_t *
next_member(struct level *l, struct vs_buf *out)
{
	const char *name;
	json_t *v;

	if (json_is_array(l->v))
		return json_array_get(l->v, l->i++);
	if (l->it == NULL)
		return NULL;
	name = json_object_iter_key(l->it);
	put_text(out, name, json_object_iter_key_len(l->it));
	v = json_object_iter_value(l->it);
	l->it = json_object_iter_next(l->v, l->it);
	return v;
}

static vs_status
put_tree(json_t *root, struct vs_buf *out, struct vs_err *err)
{
	struct level open[VS_JSON_DEPTH_MAX];
	size_t depth = 0;
	json_t *v = root;

	for (;;) {
		if (v != NULL && !put_value(out, v))
			return vs_fail(err, VS_UNSUPPORTED,
			    "CBOR: a number that is no integer");
		if (v != NULL && (json_is_array(v) || json_is_object(v))) {
			if (depth == VS_JSON_DEPTH_MAX)
				return vs_fail(
				    err, VS_RANGE, "CBOR: nested too deep");
			open[depth++] =
			    (struct level){v, json_object_iter(v), 0};
		} else if (v == NULL) {
			depth--;
		}
		if (depth == 0)
			return VS_OK;
		v = next_member(&open[depth - 1], out);
	}
}

vs_status
vs_cbor_from_json(
    const struct vs_json *v, struct vs_buf *out, struct vs_err *err)
{
	json_t *root;
	vs_status st;

	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "CBOR: no memory");
	/* jansson's iterators take json_t * although they only read. */
	memcpy(&root, &v, sizeof root);
	st = put_tree(root, out, err);
	if (st == VS_OK && vs_buf_status(out) != VS_OK)
		st = vs_fail(err, vs_buf_status(out), "CBOR: no memory");
	return st;
}
