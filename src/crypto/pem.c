/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <string.h>

#include "base/encoding.h"

static const char begin[] = "-----BEGIN ";
static const char end[] = "-----END ";
static const char dashes[] = "-----";

/* The next line without its end; false at the end of the text. */
static bool
next_line(struct vs_rd *in, struct vs_span *line)
{
	const uint8_t *nl;
	size_t n, skip;

	if (in->n == 0)
		return false;
	nl = memchr(in->p, '\n', in->n);
	n = nl != NULL ? (size_t)(nl - in->p) : in->n;
	skip = nl != NULL ? n + 1 : n;
	*line = VS_SPAN(in->p, n);
	while (line->n > 0 &&
	    (line->p[line->n - 1] == '\r' || line->p[line->n - 1] == ' ' ||
		line->p[line->n - 1] == '\t'))
		line->n--;
	return vs_rd_skip(in, skip) == VS_OK;
}

/* "-----BEGIN label-----" with the given prefix. */
static bool
boundary(struct vs_span line, const char *prefix, struct vs_span *label)
{
	const size_t head = strlen(prefix), tail = sizeof(dashes) - 1;

	if (line.n <= head + tail || memcmp(line.p, prefix, head) != 0 ||
	    memcmp(line.p + line.n - tail, dashes, tail) != 0)
		return false;
	*label = VS_SPAN(line.p + head, line.n - head - tail);
	return true;
}

bool
vs_pem_is(struct vs_span text)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_span line, label;

	while (next_line(&rd, &line))
		if (boundary(line, begin, &label))
			return true;
	return false;
}

/* How many bytes stand between here and the end line. */
static vs_status
body_size(struct vs_rd rd, struct vs_span label, size_t *out)
{
	struct vs_span line, tail;
	size_t n = 0;

	while (next_line(&rd, &line)) {
		if (boundary(line, end, &tail)) {
			if (!vs_span_equal(label, tail))
				return VS_MALFORMED;
			*out = n;
			return VS_OK;
		}
		n += line.n;
	}
	return VS_MALFORMED;
}

/* Joins the lines up to the end line; they are base64 once joined. */
static vs_status
body(struct vs_rd *rd, struct vs_arena *a, struct vs_span label,
    struct vs_span *b64)
{
	struct vs_span line, tail;
	size_t size, n = 0;
	uint8_t *p;
	vs_status st = body_size(*rd, label, &size);

	if (st != VS_OK)
		return st;
	p = vs_arena_alloc(a, size);
	if (p == NULL)
		return VS_NO_MEMORY;
	while (next_line(rd, &line) && !boundary(line, end, &tail)) {
		if (line.n > 0)
			memcpy(p + n, line.p, line.n);
		n += line.n;
	}
	*b64 = VS_SPAN(p, n);
	return VS_OK;
}

vs_status
vs_pem_next(struct vs_rd *text, struct vs_arena *a, struct vs_pem *out)
{
	struct vs_rd rd = *text;
	struct vs_span line, b64;
	struct vs_pem pem;
	vs_status st;

	do {
		if (!next_line(&rd, &line))
			return VS_NOT_FOUND;
	} while (!boundary(line, begin, &pem.label));
	st = body(&rd, a, pem.label, &b64);
	if (st != VS_OK)
		return st;
	st = vs_b64_decode(a, b64, &pem.der);
	if (st != VS_OK)
		return st;
	*text = rd;
	*out = pem;
	return VS_OK;
}
