/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 8259, read in one pass into jansson's values. jansson's own reader
 * takes a letter at a time through a callback, which cost as much as a tenth
 * of a release whose evidence is 10 KiB of base64; see docs/adr/0007. Where
 * both can tell, both accept the same: the tests compare them.
 *
 * No recursion: open containers stand on a stack of VS_JSON_DEPTH_MAX.
 */
#include "codec/json_parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"

/* Longer numbers carry no more information in a double. */
enum { NUMBER_MAX = 128 };

struct parser {
	const uint8_t *begin, *p, *end;
	json_t *open[VS_JSON_DEPTH_MAX]; /* borrowed; the root owns all */
	size_t depth;
	size_t items;
	json_t *root;
	struct vs_span key; /* of the member whose value comes next */
	struct vs_buf key_text;
	struct vs_buf scratch;
	bool nul; /* U+0000 may stand in strings */
	struct vs_err *err;
};

static vs_status
wrong(struct parser *s, const char *what)
{
	size_t line = 1;
	const uint8_t *start = s->begin;

	for (const uint8_t *q = s->begin; q < s->p; q++) {
		if (*q != '\n')
			continue;
		line++;
		start = q + 1;
	}
	return vs_fail(s->err, VS_MALFORMED, "JSON, line %zu column %zu: %s",
	    line, (size_t)(s->p - start) + 1, what);
}

static vs_status
no_memory(struct parser *s)
{
	return vs_fail(s->err, VS_NO_MEMORY, "JSON: no memory");
}

static void
skip_space(struct parser *s)
{
	while (s->p < s->end &&
	    (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
take(struct parser *s, char c)
{
	if (s->p == s->end || *s->p != (uint8_t)c)
		return false;
	s->p++;
	return true;
}

static bool
take_word(struct parser *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

/* ---- strings ----------------------------------------------------------- */

/* Is one of eight bytes a control, a quote or a backslash? A byte is below n
 * when taking n from it borrows, and it had no high bit of its own. */
static bool
any_special(uint64_t w)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t quote = w ^ each * '"';
	uint64_t slash = w ^ each * '\\';
	uint64_t found = ((w - each * 0x20) & ~w) | ((quote - each) & ~quote) |
	    ((slash - each) & ~slash);

	return (found & each * 0x80) != 0;
}

/* Stops at what is not plain: quote, backslash, control. *ascii turns false
 * when a byte of several was seen. */
static const uint8_t *
plain_run(const uint8_t *p, const uint8_t *end, bool *ascii)
{
	uint64_t seen = 0;
	uint64_t w;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		if (any_special(w))
			break;
		seen |= w;
	}
	for (; p < end; p++) {
		uint8_t c = *p;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		seen |= c;
	}
	if ((seen & UINT64_C(0x8080808080808080)) != 0)
		*ascii = false;
	return p;
}

static bool
take_hex4(struct parser *s, uint32_t *out)
{
	uint8_t raw[2];

	if (s->end - s->p < 4 || vs_unhex(VS_SPAN(s->p, 4), raw, 2) != VS_OK)
		return false;
	s->p += 4;
	*out = (uint32_t)raw[0] << 8 | raw[1];
	return true;
}

static void
put_utf8(struct vs_buf *b, uint32_t c)
{
	uint8_t out[4];
	size_t n;

	if (c < 0x80) {
		n = 1;
		out[0] = (uint8_t)c;
	} else if (c < 0x800) {
		n = 2;
		out[0] = (uint8_t)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		n = 3;
		out[0] = (uint8_t)(0xE0 | c >> 12);
	} else {
		n = 4;
		out[0] = (uint8_t)(0xF0 | c >> 18);
	}
	for (size_t i = 1; i < n; i++)
		out[i] = (uint8_t)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3F));
	vs_buf_add(b, VS_SPAN(out, n));
}

/* After "\u": one code point, of two escapes when it needs a pair. */
static vs_status
unescape_u(struct parser *s, struct vs_buf *out)
{
	uint32_t c;
	uint32_t low;

	if (!take_hex4(s, &c))
		return wrong(s, "\\u needs four hex digits");
	if (c == 0 && !s->nul)
		return wrong(s, "\\u0000 is not allowed");
	if (c >= 0xDC00 && c <= 0xDFFF)
		return wrong(s, "half of a surrogate pair");
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!take_word(s, "\\u") || !take_hex4(s, &low) ||
		    low < 0xDC00 || low > 0xDFFF)
			return wrong(s, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	put_utf8(out, c);
	return VS_OK;
}

static vs_status
unescape(struct parser *s, struct vs_buf *out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (s->p == s->end)
		return wrong(s, "the text ends inside a string");
	if (take(s, 'u'))
		return unescape_u(s, out);
	at = *s->p == '\0' ? NULL : strchr(from, *s->p);
	if (at == NULL)
		return wrong(s, "unknown escape");
	s->p++;
	vs_buf_add(out, VS_SPAN(to + (at - from), 1));
	return VS_OK;
}

/*
 * After the opening quote, to behind the closing one. The text is borrowed
 * from the input when it has no escapes, else from scratch.
 */
static vs_status
read_string(struct parser *s, struct vs_buf *scratch, struct vs_span *out)
{
	bool ascii = true;
	const uint8_t *from = s->p;
	bool escaped = false;
	struct vs_span text;

	vs_buf_reset(scratch);
	for (;;) {
		vs_status st;

		s->p = plain_run(s->p, s->end, &ascii);
		if (s->p == s->end)
			return wrong(s, "the text ends inside a string");
		if (*s->p < 0x20)
			return wrong(s, "control character in a string");
		if (*s->p == '"')
			break;
		vs_buf_add(scratch, VS_SPAN(from, (size_t)(s->p - from)));
		s->p++;
		escaped = true;
		st = unescape(s, scratch);
		if (st != VS_OK)
			return st;
		from = s->p;
	}
	text = VS_SPAN(from, (size_t)(s->p - from));
	if (escaped) {
		vs_buf_add(scratch, text);
		text = vs_buf_span(scratch);
	}
	if (vs_buf_status(scratch) != VS_OK)
		return no_memory(s);
	if (!ascii && !vs_utf8_valid(text))
		return wrong(s, "not UTF-8");
	s->p++;
	*out = text;
	return VS_OK;
}

/* ---- numbers ----------------------------------------------------------- */

static bool
take_digits(struct parser *s)
{
	const uint8_t *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

static bool
scan_number(struct parser *s, bool *real)
{
	*real = false;
	(void)take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (take(s, '.')) {
		*real = true;
		if (!take_digits(s))
			return false;
	}
	if (take(s, 'e') || take(s, 'E')) {
		*real = true;
		if (!take(s, '+'))
			(void)take(s, '-');
		if (!take_digits(s))
			return false;
	}
	return true;
}

static vs_status
read_number(struct parser *s, json_t **out)
{
	char text[NUMBER_MAX + 1];
	const uint8_t *from = s->p;
	bool real;
	size_t n;

	if (!scan_number(s, &real))
		return wrong(s, "not a value");
	n = (size_t)(s->p - from);
	if (n > NUMBER_MAX)
		return wrong(s, "number too long");
	memcpy(text, from, n);
	text[n] = '\0';
	errno = 0;
	if (real) {
		double d = strtod(text, NULL);

		if (!isfinite(d))
			return wrong(s, "number too large");
		*out = json_real(d);
	} else {
		long long v = strtoll(text, NULL, 10);

		if (errno == ERANGE)
			return wrong(s, "number too large");
		*out = json_integer(v);
	}
	return *out == NULL ? no_memory(s) : VS_OK;
}

/* ---- values ------------------------------------------------------------ */

static vs_status
read_scalar(struct parser *s, json_t **out)
{
	struct vs_span text;
	vs_status st;

	if (take(s, '"')) {
		st = read_string(s, &s->scratch, &text);
		if (st != VS_OK)
			return st;
		*out = json_stringn_nocheck(
		    text.n == 0 ? "" : (const char *)text.p, text.n);
	} else if (take_word(s, "true")) {
		*out = json_true();
	} else if (take_word(s, "false")) {
		*out = json_false();
	} else if (take_word(s, "null")) {
		*out = json_null();
	} else {
		return read_number(s, out);
	}
	return *out == NULL ? no_memory(s) : VS_OK;
}

/* Hands a new value to whatever is open. */
static vs_status
attach(struct parser *s, json_t *v)
{
	json_t *top;
	int rc;

	if (s->depth == 0) {
		s->root = v;
		return VS_OK;
	}
	top = s->open[s->depth - 1];
	rc = json_is_array(top)
	    ? json_array_append_new(top, v)
	    : json_object_setn_new_nocheck(top,
		  s->key.n == 0 ? "" : (const char *)s->key.p, s->key.n, v);
	return rc == 0 ? VS_OK : no_memory(s);
}

static vs_status
open_container(struct parser *s, json_t *v)
{
	vs_status st;

	if (v == NULL)
		return no_memory(s);
	if (s->depth == VS_JSON_DEPTH_MAX) {
		json_decref(v);
		return wrong(s, "nested too deep");
	}
	st = attach(s, v);
	if (st == VS_OK)
		s->open[s->depth++] = v;
	return st;
}

/* A name and its colon; the value comes next. */
static vs_status
read_key(struct parser *s)
{
	vs_status st;

	skip_space(s);
	if (!take(s, '"'))
		return wrong(s, "a name in quotes must come here");
	st = read_string(s, &s->key_text, &s->key);
	if (st != VS_OK)
		return st;
	if (s->key.n > 0 && memchr(s->key.p, '\0', s->key.n) != NULL)
		return wrong(s, "\\u0000 is not allowed in a name");
	if (json_object_getn(s->open[s->depth - 1],
		s->key.n == 0 ? "" : (const char *)s->key.p, s->key.n) != NULL)
		return wrong(s, "a name stands twice");
	skip_space(s);
	return take(s, ':') ? VS_OK : wrong(s, "a colon must come here");
}

/* One value. *done: nothing has to follow inside it. */
static vs_status
read_value(struct parser *s, bool *done)
{
	json_t *v = NULL;
	vs_status st;

	skip_space(s);
	if (++s->items > VS_JSON_ITEMS_MAX)
		return wrong(s, "too many values");
	*done = true;
	if (take(s, '{')) {
		st = open_container(s, json_object());
		skip_space(s);
		if (st != VS_OK || (s->p < s->end && *s->p == '}'))
			return st;
		*done = false;
		return read_key(s);
	}
	if (take(s, '[')) {
		st = open_container(s, json_array());
		skip_space(s);
		*done = s->p < s->end && *s->p == ']';
		return st;
	}
	st = read_scalar(s, &v);
	return st == VS_OK ? attach(s, v) : st;
}

/* Closes what ends here. *more: another value follows. */
static vs_status
read_after(struct parser *s, bool *more)
{
	*more = false;
	while (s->depth > 0) {
		json_t *top = s->open[s->depth - 1];

		skip_space(s);
		if (take(s, ',')) {
			*more = true;
			return json_is_object(top) ? read_key(s) : VS_OK;
		}
		if (!take(s, json_is_object(top) ? '}' : ']'))
			return wrong(s, "a comma or the end must come here");
		s->depth--;
	}
	skip_space(s);
	return s->p == s->end ? VS_OK : wrong(s, "text behind the value");
}

static vs_status
read_all(struct parser *s)
{
	bool more = true;

	while (more) {
		bool done = true;
		vs_status st = read_value(s, &done);

		if (st == VS_OK && done)
			st = read_after(s, &more);
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

vs_status
vs_json_read(struct vs_span text, bool nul, json_t **out, struct vs_err *err)
{
	static const uint8_t nothing[1];
	struct parser s = {.nul = nul, .err = err};
	vs_status st;

	s.begin = s.p = text.n == 0 ? nothing : text.p;
	s.end = s.begin + text.n;
	st = read_all(&s);
	vs_buf_fini(&s.key_text);
	vs_buf_fini(&s.scratch);
	if (st != VS_OK) {
		json_decref(s.root);
		return st;
	}
	*out = s.root;
	return VS_OK;
}
