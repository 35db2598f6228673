/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "codec/json.h"

static struct vs_json *
parse(const char *text)
{
	struct vs_json *v = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_json_parse(vs_span_cstr(text), &v, &err), err);
	return v;
}

static void
test_readers(void)
{
	VS_AUTO(vs_json) *v = parse("{\"s\":\"x\",\"i\":-7,\"b\":true,\"n\":"
				    "null,\"r\":1.5,\"a\":[1,2]}");
	struct vs_span s = {NULL, 0};
	int64_t i = 0;
	bool b = false;

	CHECK_INT(vs_json_type_of(v), VS_JSON_OBJECT);
	CHECK_INT(vs_json_size(v), 6);
	CHECK(vs_json_is_string(vs_json_get(v, "s"), &s) && vs_span_is(s, "x"));
	CHECK(vs_json_is_int(vs_json_get(v, "i"), &i) && i == -7);
	CHECK(vs_json_is_bool(vs_json_get(v, "b"), &b) && b);
	CHECK_INT(vs_json_type_of(vs_json_get(v, "n")), VS_JSON_NULL);
	CHECK_INT(vs_json_type_of(vs_json_get(v, "r")), VS_JSON_REAL);
	CHECK(!vs_json_is_int(vs_json_get(v, "r"), &i));
	CHECK(!vs_json_is_string(vs_json_get(v, "i"), &s));
	CHECK(!vs_json_is_bool(vs_json_get(v, "s"), &b));
	CHECK_INT(vs_json_size(vs_json_get(v, "a")), 2);
	CHECK(vs_json_is_int(vs_json_at(vs_json_get(v, "a"), 1), &i) && i == 2);
	CHECK(vs_json_at(vs_json_get(v, "a"), 2) == NULL);
	CHECK_INT(vs_json_size(vs_json_get(v, "s")), 0);
	CHECK(vs_json_member(v, 3, &s) != NULL && vs_span_is(s, "n"));
	CHECK(vs_json_member(v, 6, &s) == NULL);
	CHECK(vs_json_member(vs_json_get(v, "a"), 0, &s) == NULL);
}

static void
test_absent_values(void)
{
	struct vs_span s;

	CHECK_INT(vs_json_type_of(NULL), VS_JSON_NULL);
	CHECK(vs_json_get(NULL, "x") == NULL && vs_json_at(NULL, 0) == NULL);
	CHECK_INT(vs_json_size(NULL), 0);
	CHECK(vs_json_member(NULL, 0, &s) == NULL);
	CHECK(vs_json_copy(NULL) == NULL);
}

static void
need(const struct vs_json *v, const char *name, vs_json_type type,
    const char *want)
{
	const struct vs_json *out;
	struct vs_err err = {0};

	CHECK_INT(vs_json_need(v, "evidence.cpu", name, type, &out, &err),
	    VS_MALFORMED);
	CHECK_STR(err.msg, want);
}

static void
test_need_names_the_member(void)
{
	static const char *const known[] = {"a"};
	VS_AUTO(vs_json) *v = parse("{\"a\":\"QUI\",\"b\":1,\"p\":\"QUI=\"}");
	struct vs_span s = {NULL, 0};
	struct vs_err err = {0};
	struct vs_arena a;

	need(v, "x", VS_JSON_STRING, "evidence.cpu.x: missing");
	need(v, "a", VS_JSON_INT, "evidence.cpu.a: must be an integer");
	need(v, "b", VS_JSON_STRING, "evidence.cpu.b: must be a string");
	need(v, "b", VS_JSON_BOOL, "evidence.cpu.b: must be a boolean");
	need(v, "b", VS_JSON_ARRAY, "evidence.cpu.b: must be an array");
	need(v, "b", VS_JSON_OBJECT, "evidence.cpu.b: must be an object");
	need(v, "b", VS_JSON_REAL, "evidence.cpu.b: must be a number");
	need(v, "b", VS_JSON_NULL, "evidence.cpu.b: must be null");
	CHECK_INT(vs_json_only(v, "", known, 1, &err), VS_MALFORMED);
	CHECK_STR(err.msg, "b: unknown member");
	vs_arena_init(&a, 4096);
	CHECK_OK(vs_json_need_b64url(v, "", "a", 2, &a, &s, &err), err);
	CHECK(vs_span_is(s, "AB"));
	CHECK_INT(
	    vs_json_need_b64url(v, "", "p", 2, &a, &s, &err), VS_MALFORMED);
	CHECK_STR(err.msg, "p: not unpadded base64url");
	CHECK_INT(
	    vs_json_need_b64url(v, "", "b", 2, &a, &s, &err), VS_MALFORMED);
	CHECK_INT(
	    vs_json_need_b64url(v, "", "p", 0, &a, &s, &err), VS_TOO_LARGE);
	vs_arena_fini(&a);
	vs_arena_init(&a, 0);
	CHECK_INT(
	    vs_json_need_b64url(v, "", "a", 2, &a, &s, &err), VS_NO_MEMORY);
	vs_arena_fini(&a);
}

static void
test_build_and_dump(void)
{
	struct vs_json *o = vs_json_object();
	struct vs_json *l = vs_json_array();
	struct vs_json *copy;
	struct vs_buf out = {0};
	struct vs_buf tiny = {.max = 3};

	vs_json_append(&l, vs_json_int(INT64_MIN));
	vs_json_append(&l, vs_json_null());
	vs_json_set(&o, "a", l);
	vs_json_set(&o, "s", vs_json_str(VS_SPAN_LIT("x\"\n")));
	vs_json_set(&o, "e", vs_json_str(VS_SPAN(NULL, 0)));
	vs_json_set(&o, "b", vs_json_bool(false));
	copy = vs_json_copy(o);
	vs_json_free(&o);
	CHECK(vs_json_dump(copy, VS_JSON_COMPACT, &out) == VS_OK);
	CHECK_STR(vs_buf_cstr(&out),
	    "{\"a\":[-9223372036854775808,null],\"s\":\"x\\\"\\n\","
	    "\"e\":\"\",\"b\":false}");
	CHECK(vs_json_dump(copy, VS_JSON_PRETTY, &tiny) == VS_TOO_LARGE);
	vs_json_free(&copy);
	vs_buf_fini(&out);
	vs_buf_fini(&tiny);
}

/* One failure makes the whole NULL, and the dump says so. */
static void
test_a_failed_child_fails_the_whole(void)
{
	struct vs_json *o = vs_json_object();
	struct vs_json *l = vs_json_array();
	struct vs_buf out = {0};

	vs_json_set(&o, "bad", vs_json_str(VS_SPAN_LIT("\xff")));
	CHECK(o == NULL);
	vs_json_set(&o, "more", vs_json_int(1));
	CHECK(vs_json_dump(o, VS_JSON_COMPACT, &out) == VS_NO_MEMORY);
	vs_json_append(&l, vs_json_cstr("\xff"));
	CHECK(l == NULL);
	vs_json_append(&l, vs_json_int(1));
	vs_buf_fini(&out);
}

int
main(void)
{
	RUN(test_readers);
	RUN(test_absent_values);
	RUN(test_need_names_the_member);
	RUN(test_build_and_dump);
	RUN(test_a_failed_child_fails_the_whole);
	return check_result();
}
