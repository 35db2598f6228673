/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_raw.h"

#include "codec/json.h"

static bool
next_is(const struct vs_rd *in, char c)
{
	return in->n > 0 && in->p[0] == (uint8_t)c;
}

static void
skip_space(struct vs_rd *in)
{
	while (next_is(in, ' ') || next_is(in, '\t') || next_is(in, '\n') ||
	    next_is(in, '\r'))
		*in = vs_rd_of(vs_span_slice(vs_rd_rest(in), 1, in->n));
}

static vs_status
take(struct vs_rd *in, char c)
{
	skip_space(in);
	if (!next_is(in, c))
		return VS_MALFORMED;
	return vs_rd_skip(in, 1);
}

/* Behind the opening quote, to behind the closing one. */
static vs_status
skip_string(struct vs_rd *in)
{
	uint8_t c = 0;

	while (vs_rd_u8(in, &c) == VS_OK) {
		if (c == '"')
			return VS_OK;
		if (c == '\\' && vs_rd_skip(in, 1) != VS_OK)
			return VS_MALFORMED;
	}
	return VS_MALFORMED;
}

/* Behind the opening bracket of a container, to behind its own end. Kinds of
 * brackets are the parser's matter. */
static vs_status
skip_container(struct vs_rd *in)
{
	size_t depth = 1;
	uint8_t c = 0;

	while (depth > 0) {
		if (vs_rd_u8(in, &c) != VS_OK)
			return VS_MALFORMED;
		if (c == '"' && skip_string(in) != VS_OK)
			return VS_MALFORMED;
		if (c == '{' || c == '[')
			depth++;
		if (c == '}' || c == ']')
			depth--;
		if (depth > VS_JSON_DEPTH_MAX)
			return VS_MALFORMED;
	}
	return VS_OK;
}

static bool
ends_scalar(uint8_t c)
{
	return c == ',' || c == '}' || c == ']' || c == ':' || c == '"' ||
	    c == '{' || c == '[' || c <= ' ';
}

static vs_status
skip_value(struct vs_rd *in, struct vs_span *out)
{
	struct vs_rd from;
	vs_status st = VS_OK;

	skip_space(in);
	from = *in;
	if (take(in, '"') == VS_OK)
		st = skip_string(in);
	else if (take(in, '{') == VS_OK || take(in, '[') == VS_OK)
		st = skip_container(in);
	else
		while (st == VS_OK && in->n > 0 && !ends_scalar(in->p[0]))
			st = vs_rd_skip(in, 1);
	if (st != VS_OK || in->n == from.n)
		return VS_MALFORMED;
	*out = vs_span_slice(vs_rd_rest(&from), 0, from.n - in->n);
	return VS_OK;
}

static vs_status
read_member(struct vs_rd *in, struct vs_span *name, struct vs_span *value)
{
	struct vs_rd from;

	if (take(in, '"') != VS_OK)
		return VS_MALFORMED;
	from = *in;
	if (skip_string(in) != VS_OK)
		return VS_MALFORMED;
	*name = vs_span_slice(vs_rd_rest(&from), 0, from.n - in->n - 1);
	if (take(in, ':') != VS_OK)
		return VS_MALFORMED;
	return skip_value(in, value);
}

vs_status
vs_json_raw_member(struct vs_span object, const char *name, struct vs_span *out)
{
	struct vs_rd in = vs_rd_of(object);
	struct vs_span have, value;

	if (take(&in, '{') != VS_OK)
		return VS_MALFORMED;
	if (take(&in, '}') == VS_OK)
		return VS_NOT_FOUND;
	do {
		if (read_member(&in, &have, &value) != VS_OK)
			return VS_MALFORMED;
		if (vs_span_is(have, name)) {
			*out = value;
			return VS_OK;
		}
	} while (take(&in, ',') == VS_OK);
	return take(&in, '}') == VS_OK ? VS_NOT_FOUND : VS_MALFORMED;
}

vs_status
vs_json_raw_item(struct vs_span array, size_t i, struct vs_span *out)
{
	struct vs_rd in = vs_rd_of(array);
	struct vs_span value;

	if (take(&in, '[') != VS_OK)
		return VS_MALFORMED;
	if (take(&in, ']') == VS_OK)
		return VS_NOT_FOUND;
	for (size_t at = 0;; at++) {
		if (skip_value(&in, &value) != VS_OK)
			return VS_MALFORMED;
		if (at == i) {
			*out = value;
			return VS_OK;
		}
		if (take(&in, ',') != VS_OK)
			break;
	}
	return take(&in, ']') == VS_OK ? VS_NOT_FOUND : VS_MALFORMED;
}
