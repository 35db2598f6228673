/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "codec/json.h"
#include "codec/json_raw.h"

static void
member(const char *text, const char *name, vs_status st, const char *want)
{
	struct vs_span out = VS_SPAN_LIT("untouched");

	CHECK_INT(vs_json_raw_member(vs_span_cstr(text), name, &out), st);
	CHECK(vs_span_is(out, st == VS_OK ? want : "untouched"));
}

static void
item(const char *text, size_t i, vs_status st, const char *want)
{
	struct vs_span out = VS_SPAN_LIT("untouched");

	CHECK_INT(vs_json_raw_item(vs_span_cstr(text), i, &out), st);
	CHECK(vs_span_is(out, st == VS_OK ? want : "untouched"));
}

static void
test_members(void)
{
	static const char text[] = " { \"a\" : {\"x\": [1, \"}\\\"]\"] } ,\n"
				   "\"b\":-1.5e3,\"c\" : \"q\\\"\" , "
				   "\"d\":true,\"e\":[ ],\"f\\u0041\":1}  ";

	member(text, "a", VS_OK, "{\"x\": [1, \"}\\\"]\"] }");
	member(text, "b", VS_OK, "-1.5e3");
	member(text, "c", VS_OK, "\"q\\\"\"");
	member(text, "d", VS_OK, "true");
	member(text, "e", VS_OK, "[ ]");
	member(text, "f\\u0041", VS_OK, "1");
	member(text, "fA", VS_NOT_FOUND, "");
	member(text, "x", VS_NOT_FOUND, "");
	member("{}", "x", VS_NOT_FOUND, "");
	/* Both are refused by the parser before. */
	member("{\"a\":1,\"a\":2}", "a", VS_OK, "1");
}

static void
test_items(void)
{
	static const char text[] = "[ {\"a\":[2]} , \"x,y\",[[]],4 ]";

	item(text, 0, VS_OK, "{\"a\":[2]}");
	item(text, 1, VS_OK, "\"x,y\"");
	item(text, 2, VS_OK, "[[]]");
	item(text, 3, VS_OK, "4");
	item(text, 4, VS_NOT_FOUND, "");
	item("[]", 0, VS_NOT_FOUND, "");
}

static void
test_broken(void)
{
	static const char *const bad[] = {"", " ", "[", "{", "{\"a\"",
	    "{\"a\":", "{\"a\":}", "{a:1}", "{\"b\":1 \"a\":2}", "{\"b\":1,}",
	    "{\"b\":\"x}", "{\"b\":[1}", "{\"b\":\"\\", "1", "\"a\"",
	    "{\"b\" 1}", "{\"b\":1", "{\"b\":1]"};

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		member(bad[i], "a", VS_MALFORMED, "");
	item("{}", 0, VS_MALFORMED, "");
	item("[1 2]", 1, VS_MALFORMED, "");
	item("[1,]", 1, VS_MALFORMED, "");
	item("[1", 1, VS_MALFORMED, "");
}

static void
nested(size_t depth, vs_status want)
{
	struct vs_buf b = {0};
	struct vs_span out;

	vs_buf_puts(&b, "{\"a\":");
	for (size_t i = 0; i < depth; i++)
		vs_buf_puts(&b, "[");
	for (size_t i = 0; i < depth; i++)
		vs_buf_puts(&b, "]");
	vs_buf_puts(&b, "}");
	CHECK_INT(vs_json_raw_member(vs_buf_span(&b), "a", &out), want);
	vs_buf_fini(&b);
}

static void
test_depth(void)
{
	nested(VS_JSON_DEPTH_MAX, VS_OK);
	nested(VS_JSON_DEPTH_MAX + 1, VS_MALFORMED);
	nested(100000, VS_MALFORMED);
}

/* On every text that the parser takes, the range is that member's value. */
static void
agrees(struct vs_span text)
{
	VS_AUTO(vs_json) *whole = NULL;
	VS_AUTO(vs_json) *part = NULL;
	struct vs_buf a = {0}, b = {0};
	struct vs_err err = {0};
	struct vs_span raw;
	vs_status st = vs_json_raw_member(text, "k", &raw);

	if (vs_json_parse(text, &whole, &err) != VS_OK)
		return;
	const struct vs_json *want = vs_json_get(whole, "k");
	if (want == NULL || st != VS_OK)
		return; /* escaped names */
	CHECK_OK(vs_json_parse(raw, &part, &err), err);
	CHECK_INT(vs_json_dump(want, VS_JSON_COMPACT, &a), VS_OK);
	CHECK_INT(vs_json_dump(part, VS_JSON_COMPACT, &b), VS_OK);
	CHECK(vs_span_equal(vs_buf_span(&a), vs_buf_span(&b)));
	vs_buf_fini(&a);
	vs_buf_fini(&b);
}

static void
test_mutations(void)
{
	static const char good[] =
	    "{\"j\":[1,{\"k\":2}],\"k\":{\"x\":\"\\\"}\",\"y\":[true,null]},"
	    "\"l\":-1.5e-3}";
	enum { N = sizeof(good) - 1 };
	uint8_t text[N + 1];

	for (size_t n = 0; n <= N; n++)
		agrees(VS_SPAN(good, n));
	for (size_t bit = 0; bit < (size_t)8 * N; bit++) {
		memcpy(text, good, N);
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
		agrees(VS_SPAN(text, N));
	}
	for (int c = 0; c < 256; c++) {
		memcpy(text, good, N);
		text[N] = (uint8_t)c;
		agrees(VS_SPAN(text, N + 1));
	}
}

int
main(void)
{
	RUN(test_members);
	RUN(test_items);
	RUN(test_broken);
	RUN(test_depth);
	RUN(test_mutations);
	return check_result();
}
