/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"

static void
test_hex(void)
{
	uint8_t raw[3];
	char text[7];

	CHECK(vs_unhex(VS_SPAN_LIT("00fFa5"), raw, 3) == VS_OK);
	vs_hex(VS_SPAN_OF(raw), text);
	CHECK_STR(text, "00ffa5");
	CHECK(vs_unhex(VS_SPAN_LIT("00f"), raw, 1) == VS_RANGE);
	CHECK(vs_unhex(VS_SPAN_LIT("00ff"), raw, 3) == VS_RANGE);
	CHECK(vs_unhex(VS_SPAN_LIT("0g"), raw, 1) == VS_MALFORMED);
}

/* RFC 4648 section 10, without padding, and both special letters. */
static void
test_base64url_vectors(void)
{
	static const char *const cases[][2] = {{"", ""}, {"f", "Zg"},
	    {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"},
	    {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "-_-_"}};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_buf b = {0};
		struct vs_span raw = {NULL, 0};

		vs_buf_b64url(&b, vs_span_cstr(cases[i][0]));
		CHECK_STR(vs_buf_cstr(&b), cases[i][1]);
		CHECK(vs_b64url_decode(&a, vs_span_cstr(cases[i][1]), &raw) ==
		    VS_OK);
		CHECK(vs_span_is(raw, cases[i][0]));
		vs_buf_fini(&b);
	}
	vs_arena_fini(&a);
}

static void
test_base64url_every_letter(void)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_";
	for (unsigned v = 0; v < 64; v++) {
		const uint8_t raw[3] = {(uint8_t)(v << 2), 0, 0};
		uint8_t text[4];

		vs_b64url_encode(VS_SPAN_OF(raw), text);
		CHECK_INT(text[0], abc[v]);
	}
}

static void
test_base64_refuses(void)
{
	static const char *const url[] = {
	    "Z", "Zh", "Zm9", "Zg==", "Zm+v", "Zm 9v", "Zm9v\n"};
	static const char *const std[] = {
	    "Zg", "Zg=", "Z===", "====", "Zm-v", "Zh==", "Zg==Zg=="};
	struct vs_arena a;
	struct vs_span out = {NULL, 42};
	uint8_t two[2];

	vs_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < VS_COUNT(url); i++)
		CHECK(vs_b64url_decode(&a, vs_span_cstr(url[i]), &out) ==
		    VS_MALFORMED);
	for (size_t i = 0; i < VS_COUNT(std); i++)
		CHECK(vs_b64_decode(&a, vs_span_cstr(std[i]), &out) ==
		    VS_MALFORMED);
	CHECK_INT(out.n, 42);
	CHECK(vs_b64_decode(&a, VS_SPAN_LIT("+/8="), &out) == VS_OK);
	CHECK_INT(out.n, 2);
	CHECK(vs_b64url_decode_n(VS_SPAN_LIT("Zm8"), two, 2) == VS_OK);
	CHECK(vs_b64url_decode_n(VS_SPAN_LIT("Zm9v"), two, 2) == VS_RANGE);
	vs_arena_fini(&a);
}

static void
test_utf8(void)
{
	static const char *const good[] = {
	    "", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc3",
	    "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"};

	for (size_t i = 0; i < VS_COUNT(good); i++)
		CHECK(vs_utf8_valid(vs_span_cstr(good[i])));
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK(!vs_utf8_valid(vs_span_cstr(bad[i])));
}

static void
check_time(const char *text, int64_t want)
{
	int64_t got = -1;

	CHECK(vs_time_parse_ms(vs_span_cstr(text), &got) == VS_OK);
	CHECK_INT(got, want);
}

static void
test_time_parse(void)
{
	static const char *const bad[] = {"", "2026-01-01", "now",
	    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
	    "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T00:00:60Z", "2026-01-01T00:00:00",
	    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+25:00",
	    "2026-01-01T00:00:00Zx", "0000-01-01T00:00:00Z", "999999999999",
	    "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"};
	int64_t ms = 5;

	check_time("1970-01-01T00:00:00Z", 0);
	check_time("1677175106", INT64_C(1677175106000));
	check_time("2024-02-29T12:34:56.789Z", INT64_C(1709210096789));
	check_time("2024-02-29T12:34:56.7891234+01:30", INT64_C(1709204696789));
	check_time("1969-12-31T23:59:59.5Z", -500);
	check_time("9999-12-31T23:59:59.999Z", INT64_C(253402300799999));
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK(vs_time_parse_ms(vs_span_cstr(bad[i]), &ms) != VS_OK);
	CHECK_INT(ms, 5);
}

static void
test_time_round_trip(void)
{
	for (int64_t day = -800000; day < 2900000; day += 997) {
		char text[VS_TIME_TEXT_MAX];
		int64_t back = 1;
		int64_t ms = day * 86400000 + 12345678;

		if (ms < INT64_C(-62135596800000) ||
		    ms > INT64_C(253402300799000))
			continue;
		vs_time_format_ms(ms, text);
		CHECK(vs_time_parse_ms(vs_span_cstr(text), &back) == VS_OK);
		CHECK_INT(back, ms);
	}
}

static void
test_uuid(void)
{
	uint8_t id[VS_UUID_SIZE];
	uint8_t back[VS_UUID_SIZE];
	char text[VS_UUID_TEXT_MAX];

	CHECK(vs_uuid7(0x0123456789ab, id) == VS_OK);
	vs_uuid_format(id, text);
	CHECK(memcmp(text, "01234567-89ab-7", 15) == 0);
	CHECK(vs_uuid_parse(vs_span_cstr(text), back) == VS_OK);
	CHECK(memcmp(id, back, sizeof id) == 0);
	text[8] = '0';
	CHECK(vs_uuid_parse(vs_span_cstr(text), back) == VS_MALFORMED);
	text[8] = '-';
	text[35] = 'g';
	CHECK(vs_uuid_parse(vs_span_cstr(text), back) == VS_MALFORMED);
	CHECK(vs_uuid_parse(VS_SPAN(text, 35), back) == VS_MALFORMED);
}

static void
test_log_escapes(void)
{
	char out[VS_LOG_TEXT_MAX];
	char longer[100];

	CHECK_STR(vs_log_text(VS_SPAN_LIT("a\nb\"c"), out), "a\\x0ab\\x22c");
	memset(longer, '\x01', sizeof longer);
	CHECK_INT(strlen(vs_log_text(VS_SPAN_OF(longer), out)), 64 * 4 + 2);
}

static void
test_files(void)
{
	char dir[] = "/tmp/vs-file-XXXXXX";
	char path[64];
	struct vs_buf b = {0};
	struct vs_err err = {0};
	struct stat st;

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/f", dir);
	CHECK_INT(vs_file_read(path, 10, &b, &err), VS_NOT_FOUND);
	CHECK_OK(vs_file_write(path, VS_SPAN_LIT("hello"), 0600, &err), err);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK_OK(vs_file_read(path, 5, &b, &err), err);
	CHECK_STR(vs_buf_cstr(&b), "hello");
	vs_buf_reset(&b);
	CHECK_INT(vs_file_read(path, 4, &b, &err), VS_TOO_LARGE);
	CHECK_INT(vs_file_write("/nonexistent/x", VS_SPAN_LIT("a"), 0600, &err),
	    VS_NOT_FOUND);
	vs_buf_fini(&b);
	(void)unlink(path);
	(void)rmdir(dir);
}

int
main(void)
{
	RUN(test_hex);
	RUN(test_base64url_vectors);
	RUN(test_base64url_every_letter);
	RUN(test_base64_refuses);
	RUN(test_utf8);
	RUN(test_time_parse);
	RUN(test_time_round_trip);
	RUN(test_uuid);
	RUN(test_log_escapes);
	RUN(test_files);
	return check_result();
}
