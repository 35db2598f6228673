/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/input.h"

#define P256_X "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
#define P256_Y "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"

enum { ARENA_MAX = 64 * 1024 };
static struct vs_arena arena;

static void
test_stem_is_the_anchor_name(void)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
	    {"ark.pem", "ark"},
	    {"/a.b/lab-root.v2.der", "lab-root.v2"},
	    {"dir/plain", "plain"},
	    {".hidden", ".hidden"},
	};
	char name[65];
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(rows); i++) {
		CHECK_OK(
		    vs_cli_stem(rows[i].path, name, sizeof(name), &err), err);
		CHECK_STR(name, rows[i].want);
	}
	CHECK_INT(vs_cli_stem("dir/", name, sizeof(name), &err), VS_USAGE);
	CHECK_INT(vs_cli_stem("abcdefgh.pem", name, 8, &err), VS_USAGE);
	CHECK_OK(vs_cli_stem("abcdefg.pem", name, 8, &err), err);
}

static void
test_recipient_of_every_curve(void)
{
	static const char p256[] =
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_X
	    "\",\"y\":\"" P256_Y "\"}";
	static const char x25519[] =
	    "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" P256_X "\"}";
	struct vs_recipient r;
	struct vs_err err = {0};

	CHECK_OK(vs_cli_recipient(vs_span_cstr(p256), &arena, &r, &err), err);
	CHECK_INT(r.curve, VS_CURVE_P256);
	CHECK_INT(r.x.n, 32);
	CHECK_INT(r.x.p[0], 0x30);
	CHECK_INT(r.y.p[0], 0xe0);
	CHECK_OK(vs_cli_recipient(vs_span_cstr(x25519), &arena, &r, &err), err);
	CHECK_INT(r.curve, VS_CURVE_X25519);
	CHECK_INT(r.y.n, 0);
}

static void
test_bad_recipients_leave_the_output_alone(void)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "{\"kty\":\"EC\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}",
	    "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"" P256_X
	    "\",\"y\":\"" P256_Y "\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_X "\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" P256_X
	    "\",\"y\":\"" P256_Y "\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_X
	    "=\",\"y\":\"" P256_Y "\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":1,\"y\":2}",
	};

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		struct vs_recipient r = {0};
		struct vs_err err = {0};
		CHECK(vs_cli_recipient(
			  vs_span_cstr(bad[i]), &arena, &r, &err) != VS_OK);
		CHECK_INT(r.curve, VS_CURVE_NONE);
		CHECK(err.msg[0] != '\0');
	}
}

static void
test_hex_is_strict(void)
{
	static const char *const bad[] = {"", "a", "0x12", "gg", "aabbc"};
	struct vs_span out = {0};
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(
		    vs_cli_hex("x", bad[i], 4, &arena, &out, &err), VS_USAGE);
	CHECK_INT(out.n, 0);
	CHECK_INT(
	    vs_cli_hex("x", "0011223344", 4, &arena, &out, &err), VS_USAGE);
	CHECK_OK(vs_cli_hex("x", "00aAfF", 4, &arena, &out, &err), err);
	CHECK_INT(out.n, 3);
	CHECK_INT(out.p[2], 0xff);
}

static void
test_a_file_that_cannot_be_read_is_usage(void)
{
	struct vs_span out = {0};
	struct vs_err err = {0};

	CHECK_INT(
	    vs_cli_read("/nonexistent", 10, &arena, &out, &err), VS_USAGE);
	CHECK_INT(
	    vs_cli_read("/proc/self/maps", 10, &arena, &out, &err), VS_USAGE);
	CHECK(out.p == NULL);
}

static void
test_time_given_or_now(void)
{
	struct vs_opt_time at = {.given = true, .ms = 5};

	CHECK_INT(vs_cli_now(&at), 5);
	at.given = false;
	CHECK(vs_cli_now(&at) > 1700000000000);
}

int
main(void)
{
	vs_arena_init(&arena, ARENA_MAX);
	RUN(test_stem_is_the_anchor_name);
	RUN(test_recipient_of_every_curve);
	RUN(test_bad_recipients_leave_the_output_alone);
	RUN(test_hex_is_strict);
	RUN(test_a_file_that_cannot_be_read_is_usage);
	RUN(test_time_given_or_now);
	vs_arena_fini(&arena);
	return check_result();
}
