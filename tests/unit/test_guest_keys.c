/* SPDX-License-Identifier: Apache-2.0 */
/* The opened answer: every form that is not exactly right is refused. */
#include "base/encoding.h"
#include "check.h"
#include "guest/keys.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define KEY_A "{\"name\":\"a/b\",\"version\":3,\"key\":\"AQID\"}"
#define KEY_B                                                                  \
	"{\"content_type\":\"text/plain; x=\\\"y\\\"\",\"key\":\"_-8\","       \
	"\"version\":1,\"name\":\"a/c\"}"
#define GOOD "{\"keys\":[" KEY_A "," KEY_B "],\"release_id\":\"" ID "\"}"

static vs_status
parse(const char *text, size_t n, struct vs_guest_key *keys, size_t want)
{
	struct vs_err err = {0};

	memset(keys, 0, want * sizeof(*keys));
	return vs_guest_keys_parse(VS_SPAN(text, n), ID, keys, want, &err);
}

static vs_status
refused(const char *text, size_t want)
{
	struct vs_guest_key keys[3];
	vs_status st = parse(text, strlen(text), keys, want);

	vs_guest_keys_fini(keys, want);
	CHECK_INT(vs_secret_pool_used(), 0);
	return st;
}

static void
test_good_answer(void)
{
	struct vs_guest_key keys[2];

	CHECK_INT(parse(GOOD, strlen(GOOD), keys, 2), VS_OK);
	CHECK_STR(keys[0].name, "a/b");
	CHECK_INT(keys[0].version, 3);
	CHECK(vs_span_equal(
	    vs_secret_peek(keys[0].key), VS_SPAN_LIT("\x01\x02\x03")));
	CHECK_STR(keys[1].name, "a/c");
	CHECK(vs_span_equal(
	    vs_secret_peek(keys[1].key), VS_SPAN_LIT("\xff\xef")));
	vs_guest_keys_fini(keys, 2);
}

/* Lengths around the pieces of the decoder. */
static void
test_long_keys(void)
{
	static const size_t sizes[] = {
	    1, 95, 96, 97, 98, 191, 192, 193, 1000, 20000};

	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		struct vs_buf text = {0};
		struct vs_guest_key key;
		uint8_t *raw = calloc(1, sizes[i]);

		for (size_t k = 0; k < sizes[i]; k++)
			raw[k] = (uint8_t)(k * 31 + 1);
		vs_buf_puts(&text,
		    "{\"keys\":[{\"name\":\"a/b\",\"version\":1,\"key\":\"");
		vs_buf_b64url(&text, VS_SPAN(raw, sizes[i]));
		vs_buf_puts(&text, "\"}],\"release_id\":\"" ID "\"}");
		CHECK_INT(parse(vs_buf_cstr(&text), text.n, &key, 1), VS_OK);
		CHECK(vs_span_equal(
		    vs_secret_peek(key.key), VS_SPAN(raw, sizes[i])));
		vs_guest_keys_fini(&key, 1);
		vs_buf_fini(&text);
		free(raw);
	}
}

static void
test_space_and_order_do_not_matter(void)
{
	const char *text = " {\n\t\"release_id\" : \"" ID "\" ,\r\n"
			   "\"keys\" : [ " KEY_A " ] }";

	CHECK_INT(refused(text, 1), VS_OK);
}

static void
test_each_defect_is_refused(void)
{
	static const struct {
		const char *text;
		size_t want;
		vs_status st;
	} cases[] = {
	    {GOOD, 1, VS_UNTRUSTED}, /* more than asked for */
	    {GOOD, 3, VS_UNTRUSTED}, /* fewer */
	    {GOOD " ", 2, VS_TRAILING},
	    {"{\"keys\":[" KEY_A "]}", 1, VS_MALFORMED},
	    {"{\"release_id\":\"" ID "\"}", 1, VS_MALFORMED},
	    {"{\"keys\":[" KEY_A "],\"release_id\":"
	     "\"01890a5d-ac96-774b-bcce-b302099a8058\"}",
		1, VS_UNTRUSTED},
	    {"{\"keys\":[" KEY_A "],\"keys\":[" KEY_A "]}", 1, VS_MALFORMED},
	    {"{\"keys\":[{\"name\":\"a/b\",\"version\":1}]}", 1, VS_MALFORMED},
	    {"{\"keys\":[{\"name\":\"a/b\",\"key\":\"AQ\"}]}", 1, VS_MALFORMED},
	    {"{\"keys\":[{\"version\":1,\"key\":\"AQ\"}]}", 1, VS_MALFORMED},
	    {"{\"keys\":[{\"name\":\"../b\",\"key\":\"AQ\"}]}", 1,
		VS_MALFORMED},
	    {"{\"keys\":[{\"name\":\"a/b\",\"name\":\"a/b\"}]}", 1,
		VS_DUPLICATE},
	    {"{\"keys\":[{\"key\":\"AQ\",\"key\":\"AQ\"}]}", 1, VS_DUPLICATE},
	    {"{\"keys\":[{\"key\":\"A\"}]}", 1, VS_RANGE},
	    {"{\"keys\":[{\"key\":\"\"}]}", 1, VS_RANGE},
	    {"{\"keys\":[{\"version\":4294967296}]}", 1, VS_RANGE},
	    {"{\"keys\":[{\"version\":-1}]}", 1, VS_MALFORMED},
	    {"{\"keys\":[{\"other\":1}]}", 1, VS_MALFORMED},
	    {"{\"keys\":[]}", 1, VS_MALFORMED},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++)
		CHECK_INT(refused(cases[i].text, cases[i].want), cases[i].st);
}

static void
test_every_truncation_is_refused(void)
{
	struct vs_guest_key keys[2];

	for (size_t n = 0; n < strlen(GOOD); n++) {
		CHECK(parse(GOOD, n, keys, 2) != VS_OK);
		vs_guest_keys_fini(keys, 2);
	}
	CHECK_INT(vs_secret_pool_used(), 0);
}

static void
test_no_flipped_bit_crashes(void)
{
	struct vs_guest_key keys[2];
	char text[] = GOOD;

	for (size_t bit = 0; bit < 8 * strlen(GOOD); bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		(void)!parse(text, strlen(GOOD), keys, 2); /* either way */
		vs_guest_keys_fini(keys, 2);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	CHECK_INT(vs_secret_pool_used(), 0);
}

static void
test_names(void)
{
	char long_name[258];

	memset(long_name, 'a', sizeof(long_name));
	CHECK(vs_guest_name_ok(VS_SPAN_LIT("models/llama-70b/w.0_1")));
	CHECK(vs_guest_name_ok(VS_SPAN(long_name, 255)));
	CHECK(!vs_guest_name_ok(VS_SPAN(long_name, 256)));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("/a")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("a/")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("a//b")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("a/../b")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("./b")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("a b")));
	CHECK(!vs_guest_name_ok(VS_SPAN_LIT("a\0b")));
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(65536, &err), err))
		return 1;
	RUN(test_good_answer);
	RUN(test_long_keys);
	RUN(test_space_and_order_do_not_matter);
	RUN(test_each_defect_is_refused);
	RUN(test_every_truncation_is_refused);
	RUN(test_no_flipped_bit_crashes);
	RUN(test_names);
	vs_secret_pool_fini();
	return check_result();
}
