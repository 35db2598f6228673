/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/broker.h"
#include "check.h"

static vs_status
check(struct vs_span name)
{
	struct vs_err err = {0};
	vs_status st = vs_key_name_check(name, &err);

	CHECK((st == VS_OK) == (err.msg[0] == '\0'));
	return st;
}

static void
test_good_names(void)
{
	static const char *const good[] = {"a/b", "models/llama-70b/weights",
	    "A-Z_0.9/x", "a/b/c/d/e/f", "a/...", "a/.b", "-/-", "a/b.", "0/1"};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!CHECK_INT(check(vs_span_cstr(good[i])), VS_OK))
			fprintf(stderr, "  name %s\n", good[i]);
}

static void
test_bad_names(void)
{
	static const char *const bad[] = {"", "a", "/", "a/", "/a", "a//b",
	    "/a/b", "a/b/", "a/.", "a/..", "./a", "../a", "a/./b", "a/../b",
	    "a/b c", "a/b\n", "a/b\x7f", "a/\xc3\xa9", "a\\b/c", "a/b@1",
	    "a/b,c", "a/b:c", "a/b%20", "a/b*"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK_INT(check(vs_span_cstr(bad[i])), VS_MALFORMED))
			fprintf(stderr, "  name %s\n", bad[i]);
	CHECK_INT(check(VS_SPAN("a/b\0c", 5)), VS_MALFORMED);
	CHECK_INT(check(VS_SPAN("a/b\0", 4)), VS_MALFORMED);
}

static void
test_length_limits(void)
{
	char name[300];

	memset(name, 'a', sizeof name);
	name[1] = '/';
	CHECK_INT(check(VS_SPAN(name, 255)), VS_OK);
	CHECK_INT(check(VS_SPAN(name, 256)), VS_MALFORMED);
}

/* Each byte in the middle of a segment. */
static void
test_every_byte(void)
{
	for (unsigned c = 0; c < 256; c++) {
		uint8_t name[5] = {'a', '/', 'b', (uint8_t)c, 'd'};
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		    c == '-' || c == '/';

		CHECK_INT(check(VS_SPAN_OF(name)), good ? VS_OK : VS_MALFORMED);
	}
}

int
main(void)
{
	RUN(test_good_names);
	RUN(test_bad_names);
	RUN(test_length_limits);
	RUN(test_every_byte);
	return check_result();
}
