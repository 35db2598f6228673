/* SPDX-License-Identifier: Apache-2.0 */
/* What YAML text must be before the parser sees it. */
#include "base/encoding.h"
#include "codec/yaml.h"
#include "codec/yaml_text.h"

/* Line and column of a byte offset; columns count bytes here. */
vs_status
vs_yaml_bad_byte(
    struct vs_span text, size_t at, const char *what, struct vs_err *err)
{
	int line = 1, col = 1;

	for (size_t i = 0; i < at; i++) {
		col++;
		if (text.p[i] == '\n') {
			line++;
			col = 1;
		}
	}
	return vs_fail(err, VS_MALFORMED, "%d:%d: %s", line, col, what);
}

/* Bytes of the UTF-8 character at p, 0 if it is not a valid one. */
static size_t
utf8_len(struct vs_span rest)
{
	size_t n = rest.p[0] < 0xe0 ? 2 : rest.p[0] < 0xf0 ? 3 : 4;

	if (rest.p[0] < 0x80)
		return 1;
	if (n > rest.n || !vs_utf8_valid(VS_SPAN(rest.p, n)))
		return 0;
	return n;
}

/*
 * What a reader of the file sees is not what the parser would see: breaks
 * that only YAML knows, and marks that turn the direction of text around.
 */
static const char *
deceptive(struct vs_span rest)
{
	static const struct {
		char octets[4];
		const char *what;
	} marks[] = {
	    {"\xc2\x85", "a line break other than LF"},
	    {"\xe2\x80\xa8", "a line break other than LF"},
	    {"\xe2\x80\xa9", "a line break other than LF"},
	    {"\xe2\x80\xaa", "a mark of text direction"},
	    {"\xe2\x80\xab", "a mark of text direction"},
	    {"\xe2\x80\xac", "a mark of text direction"},
	    {"\xe2\x80\xad", "a mark of text direction"},
	    {"\xe2\x80\xae", "a mark of text direction"},
	    {"\xe2\x81\xa6", "a mark of text direction"},
	    {"\xe2\x81\xa7", "a mark of text direction"},
	    {"\xe2\x81\xa8", "a mark of text direction"},
	    {"\xe2\x81\xa9", "a mark of text direction"},
	};

	if (rest.p[0] == '\r')
		return rest.n > 1 && rest.p[1] == '\n'
		    ? NULL
		    : "a line break other than LF";
	if (rest.p[0] != 0xc2 && rest.p[0] != 0xe2)
		return NULL;
	for (size_t i = 0; i < VS_COUNT(marks); i++) {
		if (vs_span_starts(rest, vs_span_cstr(marks[i].octets)))
			return marks[i].what;
	}
	return NULL;
}

vs_status
vs_yaml_check_text(struct vs_span text, struct vs_err *err)
{
	static const uint8_t bom[] = {0xef, 0xbb, 0xbf};

	if (text.n > VS_YAML_SIZE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "1:1: larger than %d bytes",
		    VS_YAML_SIZE_MAX);
	for (size_t i = 0; i < text.n;) {
		struct vs_span rest = vs_span_slice(text, i, text.n);
		size_t n = utf8_len(rest);

		if (n == 0)
			return vs_yaml_bad_byte(
			    text, i, "not valid UTF-8", err);
		if (text.p[i] == 0)
			return vs_yaml_bad_byte(text, i, "a NUL byte", err);
		if (i > 0 && vs_span_starts(rest, VS_SPAN_OF(bom)))
			return vs_yaml_bad_byte(
			    text, i, "a byte order mark inside the text", err);
		const char *what = deceptive(rest);
		if (what != NULL)
			return vs_yaml_bad_byte(text, i, what, err);
		i += n;
	}
	return VS_OK;
}
