/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader of JSON against jansson's: same verdict, same value. */
#include "check.h"

#include <jansson.h>

#include "codec/json.h"

static const char *const documents[] = {
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
    " [ 1 , -2 , 3.5e-2 , 0 , -0 , 1E+3 ] \n",
    "\"\\u00e9\\ud83d\\ude00\\n\\t\\\\\\/\\b\\f\\r\\\"\"",
    "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"",
    "9223372036854775807",
    "-9223372036854775808",
    "{\"\":\"\",\" \":{},\"x\":[]}",
    "[[[[[]]]],{\"a\":{\"b\":{\"c\":[]}}}]",
    "0.1",
    "true",
};

/* Each is refused. */
static const char *const refused[] = {"", " ", "[", "{", "[1,]", "{,}",
    "{\"a\":1,}", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", ".5",
    "+1", "1e", "--1", "nul", "truex", "\"", "\"\\x\"", "\"\\u12\"",
    "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"",
    "[1] 2", "{\"a\":1,\"a\":2}", "9223372036854775808", "1e999", "\"\xff\"",
    "\"\xc0\x80\"", "{\"a\":1}}", "]", "}", "'a'", "[1 2]",
    "{\"a\":{\"b\":1,\"b\":2}}"};

static json_t *
by_jansson(struct vs_span text)
{
	json_error_t why;

	return json_loadb((const char *)text.p, text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
}

/* True when both refuse, or both give the same value. */
static bool
agree(struct vs_span text)
{
	struct vs_json *ours = NULL;
	struct vs_err err = {0};
	json_t *theirs = by_jansson(text);
	vs_status st = vs_json_parse(text, &ours, &err);
	bool same;

	if (st != VS_OK || theirs == NULL)
		same = st != VS_OK && theirs == NULL;
	else
		same = json_equal((json_t *)ours, theirs) == 1;
	if (!same)
		fprintf(stderr, "differs: %.*s (ours: %s)\n", VS_SPAN_ARG(text),
		    st == VS_OK ? "accepted" : err.msg);
	vs_json_free(&ours);
	json_decref(theirs);
	return same;
}

static void
test_documents_agree(void)
{
	for (size_t i = 0; i < VS_COUNT(documents); i++)
		CHECK(agree(vs_span_cstr(documents[i])));
	for (size_t i = 0; i < VS_COUNT(refused); i++) {
		struct vs_json *v = NULL;
		struct vs_err err = {0};

		CHECK(vs_json_parse(vs_span_cstr(refused[i]), &v, &err) ==
		    VS_MALFORMED);
		CHECK(v == NULL && strstr(err.msg, "line 1 column") != NULL);
		if (refused[i][0] != '\0')
			CHECK(agree(vs_span_cstr(refused[i])));
	}
}

static void
test_mutations_agree(void)
{
	static const char letters[] = "\"\\{}[],:01.eE-+ntfu \n\x01\x80\xff";

	for (size_t i = 0; i < VS_COUNT(documents); i++) {
		size_t n = strlen(documents[i]);
		char text[128];

		if (!CHECK(n < sizeof text))
			continue;
		memcpy(text, documents[i], n);
		for (size_t cut = 1; cut < n; cut++)
			CHECK(agree(VS_SPAN(text, cut)));
		for (size_t at = 0; at < n; at++) {
			char old = text[at];

			for (size_t k = 0; k + 1 < sizeof letters; k++) {
				text[at] = letters[k];
				CHECK(agree(VS_SPAN(text, n)));
			}
			text[at] = old;
		}
	}
}

static void
nest(char *text, size_t depth)
{
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
}

static void
test_limits(void)
{
	char text[2 * VS_JSON_DEPTH_MAX + 2];
	struct vs_json *v = NULL;
	struct vs_err err = {0};
	char *many = malloc(2 * VS_JSON_ITEMS_MAX + 2);
	size_t n = 2 * VS_JSON_ITEMS_MAX + 1;

	nest(text, VS_JSON_DEPTH_MAX);
	CHECK_OK(
	    vs_json_parse(VS_SPAN(text, 2 * VS_JSON_DEPTH_MAX), &v, &err), err);
	vs_json_free(&v);
	nest(text, VS_JSON_DEPTH_MAX + 1);
	CHECK(vs_json_parse(VS_SPAN(text, 2 * VS_JSON_DEPTH_MAX + 2), &v,
		  &err) == VS_MALFORMED);
	CHECK_STR(err.msg, "JSON, line 1 column 34: nested too deep");
	if (many == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		many[i] = i % 2 == 0 ? '1' : ',';
	many[0] = '[';
	many[n - 1] = ']';
	many[1] = '1';
	many[2] = ' ';
	many[n - 2] = '1';
	CHECK(vs_json_parse(VS_SPAN(many, n), &v, &err) == VS_OK ||
	    strstr(err.msg, "too many") != NULL);
	vs_json_free(&v);
	free(many);
}

static void
test_position(void)
{
	struct vs_json *v = NULL;
	struct vs_err err = {0};

	CHECK(vs_json_parse(VS_SPAN_LIT("{\n \"a\": 1,\n \"a\": 2}"), &v,
		  &err) == VS_MALFORMED);
	CHECK_STR(err.msg, "JSON, line 3 column 5: a name stands twice");
}

int
main(void)
{
	RUN(test_documents_agree);
	RUN(test_mutations_agree);
	RUN(test_limits);
	RUN(test_position);
	return check_result();
}
