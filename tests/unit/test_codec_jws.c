/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets and signed tokens: what is accepted, and each refusal alone. */
#include "codec/jws_x5c.h"

#include "base/file.h"
#include "jwt_forge.h"

enum { SKEW = 60, DAY = 86400 };
static const int64_t now = 1790000000;

static struct jwt_issuer ec, ed;
static struct vs_arena arena;

/* clang-format off */
static const char rsa_n[] =
	"mUNU1xYNFZSzULKcasXlT6ZQvpYCQ4QHbeY64L1tlavgpCBYWxMLN9VrZs4P"
	"4rKqxWulAOK3ZunONnQUcqjmjP9GswSAahyb4DxiECwvAKno6tvfPcfvCvZe"
	"W0v1IB5_2kXEx1x4r_JfZJ1swGJNVZP0yyHhbi7X_JCa7dMN6d2nFzTbesp2"
	"sfNM_IJW73olqbs8DE09BHls8iERpUURnDP6nu8zN-oZKiyILesi_Ec_A4PV"
	"4Mqp46adsl3JKLQo4dEW5Ld_gjeMmbzH-0tvZiEd_lEKlHM7w_HAOEKtaS_o"
	"Mpc_J4tQh7KqhzwysiWUtIcobb5czvI3toZMNWJQaw";

/* The last must not verify: its salt is not as long as the digest. */
static const struct {
	const char *alg;
	bool good;
	const char *token;
} rsa_tokens[] = {
    {"RS256", true,
	"eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.WnoZaksQ1"
	"zDVk9sJiEIpbPHhGgyS2bWubNnzPCe_Kgp2Y8dl8aGOrC3ikwwWTkmuwp0Pz"
	"hQYIayQjdY9tuQb40iYBKsnz7Ck66OlPUcERY5W4pqPgusQRojKcExzXaMWt"
	"fg8ovVQNaCw2a0_swT7ffHLqyuKZSIzO6SlfY0Y6WVxjFDcjzBiaqyXOxy4T"
	"QfuZRogemP3mh7dLlC1j2jaCXfb0gcN7vv_okGePvVPfVups2VRp55xsy45B"
	"lJFJimQgAwTDuJu0Eku9eNMxsoDNttbwRYG048uxTNPHEW6caXnNVuHFXitW"
	"fj7BfMCleWX0UHotepOqPo6XwdwMIbcDw"},
    {"RS384", true,
	"eyJhbGciOiJSUzM4NCIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.DvassCk07"
	"WOdNVpB7Z33skgOlTpxsbEUsEpj1WsHvHJPdM2pUexs_nZF_fb57unrHhHgc"
	"Go1tbSvP9RueT-_wj4rpszvoXuJud-Li3hHsx1aMVnVBdVBY2n71zLAcPQ0m"
	"KsbiXdDeWvRbb61TssRkfxb_CmoK1tShXcNA4lN75MVDUBKw4AmFvYqk8Xrr"
	"w4x_X1D1OaYzcNYaFEWEjUuKkQmvWGHtueXYOrwqwo2Dea-H0ihpRz-RM4EN"
	"ZfLPB4kHWdk33KORP7TWeGeeBpuzgazmSKSp7tKNJRul4PrW3I307QhUlDVK"
	"jGx2Q1BVd42yTwdrfclDBmDBXOl36Wqtg"},
    {"RS512", true,
	"eyJhbGciOiJSUzUxMiIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.j3U8TEUYU"
	"I0vjkpFfhFwgxxLCGZMJA5arBf75KGe0Cg8JivFH7ibY68w5JcqD5Fsuglxi"
	"uBbsp0iRqoJBOY7hUc_dcWu2-qnGLCg5YlFror9tH0XKZHPXPNqW--jq21uG"
	"pmBq-nXpk3Jzr7nPif7ABRo0yLRe8J3v3qTAbiz8t0iy64Uu4nKqgu3adqfb"
	"INV2dyOSf6GvGDcBrOjJNt-g4p93aTz08UIODH_HH14Zb9vMomR3bX4qWhDk"
	"bWB9hVo9iHzDxGrR4WGQJJlhWKkkF4vaGvmER8Qhg0IDXNXwrQn9RCOp21u3"
	"i1XUpQZsx_YE7SKWZcgrAnraqDqLeSYhw"},
    {"PS256", true,
	"eyJhbGciOiJQUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.GAOgLSELA"
	"jiYx0ExWIBW8pS0O7XE8_A_6WvRWoCPqBh6kdfjM0VuAifdzI__dFwiQCnY5"
	"7G3hbZOUj8yaVTjRBXu0BNLU9Bwaofxcl6HyLXHRyFxRlFo2hWjTTn7tH9lS"
	"rlHVTcs-pzLbXpw9XW60CCQBz2o6jOEvKK6EoNfktUreRiDsI7ZZ5QLoOKoG"
	"MIS3DrOZcC7mmZOTT46artk5ndd7s2vd69RCoKAUq4Mmfh7NlFiKiQFa1asi"
	"OoFuAhuZj5kikNKyZ9MPxwPJ0fi-q_9L3bAX9fbpat9DJc1vrHZXnFUKTlTw"
	"--KYNUHxuMKf8A6DJHP6FYtu4YEVoPtoA"},
    {"PS384", true,
	"eyJhbGciOiJQUzM4NCIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.X_L0Sf-t0"
	"li4Dv9aRfxNZlms4tin-lPLYcvZjv6Kxbbib5-SDHwmNhNlzo6KjTJDszzdU"
	"m1TyZo_jUKeoYvqmCf-dI18Q2NgCxDzmb_lwqoLLvADLwbVgnv1NtmqpEqvO"
	"ovcPBG88IYsYrALZxiWxXdRNl01LO1-GXE6KWaCS4nY5jnN6JucdOumYUoRT"
	"xmnuL_WJ1S3BHU3-O9iexxm__QtKgpFUUNovPbEGMP_iApvQ0sI17AfzK3GH"
	"-skFIDr0xg-4YrtQcXWIRWduGL3r-Nobz0I4wRNRjkjz9rtfto1dV3_fRGDH"
	"9hFylT4n2Yy049tIWL-NuIZj9KfQBhR0A"},
    {"PS512", true,
	"eyJhbGciOiJQUzUxMiIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.dW1ygItN5"
	"30F5L4KjpTP1Hwto1U2JUEHtYn43LSX5BClHedDOzUEEDNHZ0nZxhWQs_M8K"
	"XD7PRKYP56-psg70XvSAWogca-vo6wLDjCz5dEnp8xBkb2SPLujepVSghnvF"
	"BOHCli8jmavWiq3w8_X6Rvr_KZrtRiJPl9vzPbfj-o9zvH_IydCneY5kIrra"
	"D6ooyyOI6exPwkhzc1fPGlnjowStfyYJfXPez6xahSp_p65Y0BeWnkDhEQRb"
	"TXrqrswzo5A-9FDl8YmHyCHVAFxAswZt0JqL0HUfk7qhyCRoSgmkFeu-fu_c"
	"RQhw7BMZSm3WTceBHF4_F60Hx6beuuHDQ"},
    {"PS256", false,
	"eyJhbGciOiJQUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJpIn0.i62Shy5Wc"
	"xNapsjq0X8_DGW0Kk0tZDC-DP3CFIRXiF0PutLYIYtHPPWsVo6oYckoLr2Ec"
	"D_M0vGsg0qclFruf3mpfILea2QwddSH5QLkeNMWbfueV6evdJa6GokAJHQ4y"
	"MFsUzqrULU0GRagUlABgNZZwfVY_HyLV_dj2C-zhgiVdt1rjVLK3qG9K1eNn"
	"16I-ONXsGIPhsWIDKPzO8hpk2O2kvJFGDddvwYcE8sj5JnyDUh6YiNI4UW-I"
	"Ke4eWDfmRuW8xJxDG-6KG3Zyu6grOssfWhDVuuoMZwKfoWSRmAEU-Bs0Jyhb"
	"BjppKA4rptPRS5YXWRrEsLb7VWx_OXHCw"},
};
/* clang-format on */

static vs_status
keys_of(const char *text, struct vs_jwks **out, struct vs_err *err)
{
	return vs_jwks_parse(vs_span_cstr(text), VS_JOSE_RS256, out, err);
}

/* Parses and verifies. */
static vs_status
verify(const char *jwks, struct vs_span token, struct vs_err *err)
{
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_jws t = {0};
	vs_status st = keys_of(jwks, &keys, err);

	if (st == VS_OK)
		st = vs_jws_parse(token, &arena, &t, err);
	if (st == VS_OK)
		st = vs_jws_verify(&t, keys, err);
	vs_jws_fini(&t);
	vs_arena_reset(&arena);
	return st;
}

static void
refused(const char *jwks, const char *token, vs_status want, const char *code)
{
	struct vs_err err = {0};

	CHECK_INT(verify(jwks, vs_span_cstr(token), &err), want);
	CHECK_STR(err.code, code);
}

static void
test_good(void)
{
	const struct jwt_issuer *both[] = {&ec, &ed};

	for (size_t i = 0; i < VS_COUNT(both); i++) {
		struct vs_buf t = {0};
		struct vs_err err = {0};

		(void)jwt_sign(both[i], "{\"iss\":\"i\",\"exp\":1}", &t);
		CHECK_OK(verify(both[i]->jwks, vs_buf_span(&t), &err), err);
		vs_buf_fini(&t);
	}
}

/* A set that has one key needs no id in the token; a set of two does. */
static void
test_no_kid(void)
{
	struct vs_buf t = {0};
	struct vs_err err = {0};
	char two[1200];

	(void)snprintf(two, sizeof two, "{\"keys\":[%s,%s]}", ec.jwk, ed.jwk);
	(void)jwt_sign_raw(&ec, "{\"alg\":\"ES256\"}", "{}", &t);
	CHECK_OK(verify(ec.jwks, vs_buf_span(&t), &err), err);
	refused(two, vs_buf_cstr(&t), VS_UNTRUSTED, "token.key");
	(void)jwt_sign(&ec, "{}", &t);
	CHECK_OK(verify(two, vs_buf_span(&t), &err), err);
	vs_buf_fini(&t);
}

static void
test_rsa(void)
{
	char jwks[1024];

	for (size_t i = 0; i < VS_COUNT(rsa_tokens); i++) {
		struct vs_span t = vs_span_cstr(rsa_tokens[i].token);
		struct vs_err err = {0};

		(void)snprintf(jwks, sizeof jwks,
		    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"alg\":\"%s\","
		    "\"e\":\"AQAB\",\"n\":\"%s\"}]}",
		    rsa_tokens[i].alg, rsa_n);
		if (rsa_tokens[i].good) {
			CHECK_OK(verify(jwks, t, &err), err);
			continue;
		}
		CHECK_INT(verify(jwks, t, &err), VS_UNTRUSTED);
		CHECK_STR(err.code, "token.signature");
	}
}

/* The algorithm is the key's: a key that does not say is for RS256 alone. */
static void
test_alg_is_of_the_key(void)
{
	char jwks[1024];

	(void)snprintf(jwks, sizeof jwks,
	    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"e\":\"AQAB\","
	    "\"n\":\"%s\"}]}",
	    rsa_n);
	for (size_t i = 0; i < VS_COUNT(rsa_tokens); i++) {
		struct vs_err err = {0};

		if (strcmp(rsa_tokens[i].alg, "RS256") == 0)
			CHECK_OK(verify(jwks, vs_span_cstr(rsa_tokens[i].token),
				     &err),
			    err);
		else
			refused(jwks, rsa_tokens[i].token, VS_UNTRUSTED,
			    "token.alg");
	}
}

static void
test_alg(void)
{
	static const char *const headers[] = {
	    "{\"alg\":\"none\",\"kid\":\"k\"}", "{\"alg\":\"None\"}",
	    "{\"alg\":\"HS256\",\"kid\":\"k\"}", "{\"alg\":\"HS512\"}",
	    "{\"alg\":\"ES256K\"}", "{\"alg\":\"es256\"}", "{\"alg\":\"\"}"};
	struct vs_buf t = {0};

	for (size_t i = 0; i < VS_COUNT(headers); i++) {
		(void)jwt_sign_raw(&ec, headers[i], "{}", &t);
		refused(ec.jwks, vs_buf_cstr(&t), VS_UNSUPPORTED, "token.alg");
	}
	/* Another public key algorithm, by a key of that id. */
	(void)jwt_sign_raw(&ec, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}", "{}", &t);
	refused(ec.jwks, vs_buf_cstr(&t), VS_UNTRUSTED, "token.alg");
	vs_buf_fini(&t);
}

static void
test_header(void)
{
	static const struct {
		const char *header;
		vs_status st;
		const char *code;
	} cases[] = {
	    {"{\"kid\":\"k\"}", VS_MALFORMED, "token.malformed"},
	    {"{\"alg\":1}", VS_MALFORMED, "token.malformed"},
	    {"{\"alg\":\"ES256\",\"kid\":1}", VS_MALFORMED, "token.malformed"},
	    {"{\"alg\":\"ES256\",\"kid\":\"\"}", VS_MALFORMED,
		"token.malformed"},
	    {"{\"alg\":\"ES256\",\"alg\":\"ES256\"}", VS_MALFORMED,
		"token.malformed"},
	    {"[]", VS_MALFORMED, "token.malformed"},
	    {"{\"alg\":\"ES256\",\"kid\":\"k\",\"crit\":[\"exp\"]}",
		VS_UNSUPPORTED, "token.crit"},
	    {"{\"alg\":\"ES256\",\"kid\":\"k\",\"b64\":true}", VS_UNSUPPORTED,
		"token.b64"},
	    {"{\"alg\":\"ES256\",\"kid\":\"other\"}", VS_UNTRUSTED,
		"token.key"},
	    {"{\"alg\":\"ES256\",\"kid\":\"K\"}", VS_UNTRUSTED, "token.key"},
	};
	struct vs_buf t = {0};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		(void)jwt_sign_raw(&ec, cases[i].header, "{}", &t);
		refused(ec.jwks, vs_buf_cstr(&t), cases[i].st, cases[i].code);
	}
	vs_buf_fini(&t);
}

/* The keys a token brings along are not looked at. */
static void
test_own_key(void)
{
	struct jwt_issuer evil;
	struct vs_buf t = {0};
	char header[1024];

	jwt_issuer_init(&evil, VS_SIGN_P256, "k");
	(void)snprintf(header, sizeof header,
	    "{\"alg\":\"ES256\",\"kid\":\"k\",\"jku\":\"https://evil.example\""
	    ",\"jwk\":%s}",
	    evil.jwk);
	(void)jwt_sign_raw(&evil, header, "{}", &t);
	refused(ec.jwks, vs_buf_cstr(&t), VS_UNTRUSTED, "token.signature");
	vs_buf_fini(&t);
	jwt_issuer_fini(&evil);
}

static void
test_form(void)
{
	static const char *const bad[] = {"", ".", "..", "a.b", "e30.e30.",
	    "e30..AA", ".e30.AA", "e30.e30.AA.AA", "e30.e30.AA.", "e30=.e30.AA",
	    "e30.e30.A", "e30 .e30.AA", "e30.e30.AA\n"};

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		refused(ec.jwks, bad[i], VS_MALFORMED, "token.malformed");
}

/* Every truncation, every flipped bit, an octet more: nothing verifies. */
static void
test_mutation(void)
{
	struct vs_buf t = {0};
	struct vs_err err = {0};
	struct vs_span good;
	uint8_t copy[512];

	(void)jwt_sign(&ec, "{\"iss\":\"i\",\"exp\":1790000300}", &t);
	good = vs_buf_span(&t);
	CHECK(good.n < sizeof copy);
	for (size_t n = 0; n < good.n; n++)
		CHECK(verify(ec.jwks, VS_SPAN(good.p, n), &err) != VS_OK);
	for (size_t bit = 0; bit < 8 * good.n; bit++) {
		memcpy(copy, good.p, good.n);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(verify(ec.jwks, VS_SPAN(copy, good.n), &err) != VS_OK);
	}
	memcpy(copy, good.p, good.n);
	copy[good.n] = 'A';
	CHECK(verify(ec.jwks, VS_SPAN(copy, good.n + 1), &err) != VS_OK);
	vs_buf_fini(&t);
}

/* ---- claims ---- */

static vs_status
claims(const char *text, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_jwt_want want = {.issuer = VS_SPAN_LIT("https://i.example"),
	    .audience = VS_SPAN_LIT("us"),
	    .now = now,
	    .skew = SKEW,
	    .life = DAY};

	CHECK_OK(vs_json_parse(vs_span_cstr(text), &doc, err), *err);
	return vs_jwt_check(doc, &want, err);
}

#define ISS "\"iss\":\"https://i.example\","
#define AUD "\"aud\":\"us\","

static void
test_claims_good(void)
{
	static const char *const good[] = {
	    "{" ISS AUD "\"exp\":1790000001}",
	    "{" ISS "\"aud\":[\"them\",\"us\"],\"exp\":1790000300}",
	    "{" ISS AUD "\"iat\":1790000060,\"exp\":1790000300}",
	    "{" ISS AUD "\"nbf\":1790000060,\"exp\":1790000300}",
	    /* Expired, but within the skew. */
	    "{" ISS AUD "\"exp\":1789999941}",
	    "{" ISS AUD "\"iat\":1789999999,\"exp\":1790086399}",
	};

	for (size_t i = 0; i < VS_COUNT(good); i++) {
		struct vs_err err = {0};

		CHECK_OK(claims(good[i], &err), err);
	}
}

static void
test_claims_bad(void)
{
	static const struct {
		const char *text;
		vs_status st;
		const char *code;
	} cases[] = {
	    {"{" AUD "\"exp\":1790000300}", VS_MALFORMED, "token.claim"},
	    {"{\"iss\":7," AUD "\"exp\":1790000300}", VS_MALFORMED,
		"token.claim"},
	    {"{" ISS "\"exp\":1790000300}", VS_MALFORMED, "token.claim"},
	    {"{" ISS AUD "\"iat\":1790000000}", VS_MALFORMED, "token.claim"},
	    {"{" ISS AUD "\"exp\":\"1790000300\"}", VS_MALFORMED,
		"token.claim"},
	    {"{" ISS AUD "\"exp\":1790000300.5}", VS_MALFORMED, "token.claim"},
	    {"{" ISS AUD "\"exp\":-1}", VS_MALFORMED, "token.claim"},
	    {"{" ISS AUD "\"exp\":9223372036854775807}", VS_MALFORMED,
		"token.claim"},
	    {"{" ISS AUD "\"exp\":1790000300,\"nbf\":null}", VS_MALFORMED,
		"token.claim"},
	    {"{" ISS AUD "\"exp\":1790000300,\"iat\":\"x\"}", VS_MALFORMED,
		"token.claim"},
	    /* A slash is a difference. */
	    {"{\"iss\":\"https://i.example/\"," AUD "\"exp\":1790000300}",
		VS_UNTRUSTED, "token.issuer"},
	    {"{" ISS "\"aud\":\"them\",\"exp\":1790000300}", VS_UNTRUSTED,
		"token.audience"},
	    {"{" ISS "\"aud\":[],\"exp\":1790000300}", VS_UNTRUSTED,
		"token.audience"},
	    {"{" ISS "\"aud\":[\"them\",7],\"exp\":1790000300}", VS_UNTRUSTED,
		"token.audience"},
	    {"{" ISS "\"aud\":{\"us\":1},\"exp\":1790000300}", VS_UNTRUSTED,
		"token.audience"},
	    {"{" ISS AUD "\"exp\":1789999940}", VS_STALE, "token.expired"},
	    {"{" ISS AUD "\"nbf\":1790000061,\"exp\":1790000300}", VS_STALE,
		"token.not-yet"},
	    {"{" ISS AUD "\"iat\":1790000061,\"exp\":1790000300}", VS_STALE,
		"token.not-yet"},
	    {"{" ISS AUD "\"iat\":1789999999,\"exp\":1790086400}", VS_UNTRUSTED,
		"token.life"},
	    {"{" ISS AUD "\"exp\":1790086401}", VS_UNTRUSTED, "token.life"},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_err err = {0};

		CHECK_INT(claims(cases[i].text, &err), cases[i].st);
		CHECK_STR(err.code, cases[i].code);
	}
}

/* ---- key sets ---- */

static void
test_jwks_bad(void)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"keys\":{}}",
	    "{\"keys\":[7]}", "{\"keys\":[{}]}", "{\"keys\":[{\"kty\":7}]}",
	    "{\"keys\":[{\"kty\":\"EC\"}]}",
	    ("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\","
	     "\"y\":\"AA\"}]}"),
	    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}",
	    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"=\",\"e\":\"AQAB\"}]}",
	    "{\"keys\":[{\"kty\":\"RSA\",\"x5c\":[]}]}",
	    "{\"keys\":[{\"kty\":\"RSA\",\"x5c\":[\"AAAA\"]}]}",
	    "{\"keys\":[{\"kty\":\"oct\",\"kid\":7}]}"};
	char text[1400];

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		VS_AUTO(vs_jwks) *s = NULL;
		struct vs_err err = {0};

		CHECK(keys_of(bad[i], &s, &err) != VS_OK);
		CHECK(s == NULL);
	}
	struct vs_jwks *s = NULL;
	struct vs_err err = {0};

	(void)snprintf(text, sizeof text, "{\"keys\":[%s,%s]}", ec.jwk, ec.jwk);
	CHECK_INT(keys_of(text, &s, &err), VS_DUPLICATE);
	/* A key that says that it signs otherwise than it can. */
	(void)snprintf(text, sizeof text, "{\"keys\":[{\"alg\":\"RS256\",%s]}",
	    ec.jwk + 1);
	CHECK_INT(keys_of(text, &s, &err), VS_MALFORMED);
	(void)snprintf(
	    text, sizeof text, "{\"keys\":[{\"d\":\"AA\",%s]}", ec.jwk + 1);
	CHECK_INT(keys_of(text, &s, &err), VS_MALFORMED);
	/* Not a point of the curve. */
	(void)snprintf(text, sizeof text,
	    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%.43s\","
	    "\"y\":\"%.43s\"}]}",
	    strstr(ec.jwk, "\"x\":") + 5, strstr(ec.jwk, "\"x\":") + 5);
	CHECK_INT(keys_of(text, &s, &err), VS_UNTRUSTED);
}

/* RFC 7517 5: what we do not know is not there. */
static void
test_jwks_left_out(void)
{
	static const char *const out[] = {
	    "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"k\"}",
	    "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"k\",\"alg\":\"HS256\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}",
	    "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}",
	    "{\"kty\":\"new\"}",
	    "{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AA\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"key_ops\":[\"encrypt\"]}"};
	char text[1400];

	for (size_t i = 0; i < VS_COUNT(out); i++) {
		VS_AUTO(vs_jwks) *s = NULL;
		struct vs_err err = {0};

		(void)snprintf(
		    text, sizeof text, "{\"keys\":[%s,%s]}", out[i], ec.jwk);
		CHECK_OK(keys_of(text, &s, &err), err);
		if (s == NULL)
			continue;
		CHECK_INT(vs_jwks_count(s), 1);
		CHECK_INT(vs_jwks_left_out(s), 1);
		CHECK(vs_jwks_find(s, VS_SPAN_LIT("k")) != NULL);
		CHECK_INT(vs_jwks_at(s, 0)->alg, VS_JOSE_ES256);
	}
}

static void
test_jwks_mutation(void)
{
	struct vs_span good = vs_span_cstr(ec.jwks);
	uint8_t copy[sizeof ec.jwks + 1];
	struct vs_err err = {0};

	for (size_t n = 0; n < good.n; n++) {
		VS_AUTO(vs_jwks) *s = NULL;

		CHECK(vs_jwks_parse(VS_SPAN(good.p, n), VS_JOSE_RS256, &s,
			  &err) != VS_OK);
	}
	for (size_t bit = 0; bit < 8 * good.n; bit++) {
		VS_AUTO(vs_jwks) *s = NULL;

		memcpy(copy, good.p, good.n);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* A flip in a name or an id may still be a set. */
		if (vs_jwks_parse(VS_SPAN(copy, good.n), VS_JOSE_RS256, &s,
			&err) == VS_OK)
			CHECK(vs_jwks_count(s) + vs_jwks_left_out(s) == 1);
	}
}

/* ---- real tokens ---- */

static const char *vectors;

static void
slurp(const char *name, struct vs_buf *out)
{
	struct vs_err err = {0};
	char path[512];

	(void)snprintf(path, sizeof path, "%s/tokens/%s", vectors, name);
	vs_buf_reset(out);
	CHECK_OK(vs_file_read(path, VS_JWKS_SIZE_MAX, out, &err), err);
	while (out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
}

static vs_status
real(const char *token, const char *jwks, struct vs_jws *t, struct vs_err *err)
{
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_buf text = {0}, set = {0};
	vs_status st;

	slurp(token, &text);
	slurp(jwks, &set);
	st = vs_jwks_parse(vs_buf_span(&set), VS_JOSE_RS256, &keys, err);
	if (st == VS_OK)
		st = vs_jws_parse(vs_buf_span(&text), &arena, t, err);
	if (st == VS_OK)
		st = vs_jws_verify(t, keys, err);
	vs_buf_fini(&text);
	vs_buf_fini(&set);
	return st;
}

static void
test_vectors_accept(void)
{
	static const struct {
		const char *token, *jwks, *issuer, *audience;
		int64_t at;
		const char *code;
	} cases[] = {
	    /* A token without aud is for nobody. */
	    {"maa-azurevm-sevsnp.jwt", "maa-sharedweu.jwks.json",
		"https://sharedweu.weu.attest.azure.net", "us", 1680180000,
		"token.claim"},
	    {"nras-overall-v4.jwt", "nras.jwks.json",
		"https://nras.attestation.nvidia.com", "us", 1791376700,
		"token.claim"},
	    {"ear-es256.jwt", "ear.jwks.json", "x", "us", 1666091400,
		"token.claim"},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_jwt_want want = {
		    .issuer = vs_span_cstr(cases[i].issuer),
		    .audience = vs_span_cstr(cases[i].audience),
		    .now = cases[i].at,
		    .skew = SKEW,
		    .life = DAY};
		struct vs_jws t = {0};
		struct vs_err err = {0};

		CHECK_OK(real(cases[i].token, cases[i].jwks, &t, &err), err);
		CHECK(vs_jwt_check(t.claims, &want, &err) != VS_OK);
		CHECK_STR(err.code, cases[i].code);
		vs_jws_fini(&t);
		vs_arena_reset(&arena);
	}
}

static void
test_vectors_reject(void)
{
	static const struct {
		const char *token, *jwks;
	} cases[] = {
	    {"ita-amber-sgx-ps384.jwt", "nras.jwks.json"},
	    {"nras-overall-v4.jwt", "maa-sharedweu.jwks.json"},
	    {"maa-azurevm-sevsnp.jwt", "nras.jwks.json"},
	    {"cs-pki-tdx.jwt", "maa-certs-2020.jwks.json"},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_jws t = {0};
		struct vs_err err = {0};

		CHECK_INT(real(cases[i].token, cases[i].jwks, &t, &err),
		    VS_UNTRUSTED);
		CHECK_STR(err.code, "token.key");
		vs_jws_fini(&t);
		vs_arena_reset(&arena);
	}
}

/* [["JWT", overall], {"GPU-0": token}]: the token of one GPU. */
static void
test_vectors_detached(void)
{
	VS_AUTO(vs_json) *doc = NULL;
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_buf text = {0}, set = {0};
	struct vs_span token = {0};
	struct vs_jws t = {0};
	struct vs_err err = {0};

	slurp("nras-detached-eat-hopper-v3.json", &text);
	slurp("nras.jwks.json", &set);
	CHECK_OK(vs_json_parse(vs_buf_span(&text), &doc, &err), err);
	CHECK_OK(
	    vs_jwks_parse(vs_buf_span(&set), VS_JOSE_RS256, &keys, &err), err);
	CHECK(vs_json_is_string(
	    vs_json_get(vs_json_at(doc, 1), "GPU-0"), &token));
	CHECK_OK(vs_jws_parse(token, &arena, &t, &err), err);
	CHECK_INT(vs_jws_verify(&t, keys, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.key");
	vs_jws_fini(&t);
	vs_buf_fini(&text);
	vs_buf_fini(&set);
}

/* ---- chains ---- */

static vs_status
chained(struct vs_span token, const struct vs_cert *root, int64_t at,
    struct vs_err *err)
{
	struct vs_jws t = {0};
	vs_status st = vs_jws_parse(token, &arena, &t, err);

	if (st == VS_OK)
		st = vs_jws_verify_x5c(&t, root, at, &arena, err);
	vs_jws_fini(&t);
	vs_arena_reset(&arena);
	return st;
}

static void
read_root(struct vs_cert **root)
{
	struct vs_buf text = {0};
	struct vs_pem block = {0};
	struct vs_err err = {0};
	struct vs_rd rd;

	slurp("confidential_space_root.pem", &text);
	rd = vs_rd_of(vs_buf_span(&text));
	CHECK_INT(vs_pem_next(&rd, &arena, &block), VS_OK);
	CHECK_OK(vs_cert_parse(block.der, root, &err), err);
	vs_buf_fini(&text);
}

/* The token of a confidential space: by its chain, to the pinned root. */
static void
test_vectors_chain(void)
{
	const int64_t at = 1757061000;
	VS_AUTO(vs_cert) *root = NULL;
	struct vs_buf text = {0};
	struct vs_err err = {0};
	struct vs_span t;

	read_root(&root);
	slurp("cs-pki-tdx.jwt", &text);
	t = vs_buf_span(&text);
	CHECK_OK(chained(t, root, at, &err), err);
	/* Before and after the life of the key's certificate. */
	CHECK_INT(chained(t, root, 1756900000, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.chain");
	CHECK_INT(chained(t, root, 1762300000, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.chain");
	/* One character of the payload, and of the signature. */
	for (size_t back = 1; back < 3; back++) {
		size_t dot = t.n;

		for (size_t k = 0; k < back; k++)
			do
				dot--;
			while (text.p[dot] != '.');
		text.p[dot + 30] ^= 1;
		CHECK(chained(t, root, at, &err) != VS_OK);
		text.p[dot + 30] ^= 1;
	}
	CHECK_OK(chained(t, root, at, &err), err);
	vs_buf_fini(&text);
}

/* Each thing that a chain must be, and is not. The first certificate of the
 * vector stands for one of another root. */
static void
test_vectors_chain_refused(void)
{
	const int64_t at = 1757061000;
	VS_AUTO(vs_cert) *root = NULL;
	VS_AUTO(vs_cert) *other = NULL;
	struct vs_buf text = {0}, forged = {0}, header = {0};
	const struct vs_json *x5c;
	struct vs_jws t = {0};
	struct vs_err err = {0};
	struct vs_span c[3], der;

	read_root(&root);
	slurp("cs-pki-tdx.jwt", &text);
	CHECK_OK(vs_jws_parse(vs_buf_span(&text), &arena, &t, &err), err);
	x5c = vs_json_get(t.header, "x5c");
	CHECK_INT(vs_json_size(x5c), 3);
	for (size_t i = 0; i < 3; i++)
		CHECK(vs_json_is_string(vs_json_at(x5c, i), &c[i]));
	CHECK_INT(vs_b64_decode(&arena, c[1], &der), VS_OK);
	CHECK_OK(vs_cert_parse(der, &other, &err), err);
	CHECK_INT(vs_jws_verify_x5c(&t, other, at, &arena, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.chain");
	for (int i = 0; i < 5; i++) {
		static const int order[5][4] = {
		    {0, -1}, {0, 2, -1}, {1, 2, -1}, {0, 1, -1}, {0, 0, 2, -1}};
		struct vs_jws f = {0};

		vs_buf_reset(&header);
		vs_buf_puts(&header, "{\"alg\":\"RS256\",\"x5c\":[");
		for (int k = 0; k < 4 && order[i][k] >= 0; k++) {
			vs_buf_puts(&header, k > 0 ? ",\"" : "\"");
			vs_buf_add(&header, c[order[i][k]]);
			vs_buf_puts(&header, "\"");
		}
		vs_buf_puts(&header, "]}");
		(void)jwt_sign_raw(&ec, vs_buf_cstr(&header), "{}", &forged);
		CHECK_OK(
		    vs_jws_parse(vs_buf_span(&forged), &arena, &f, &err), err);
		CHECK_INT(vs_jws_verify_x5c(&f, root, at, &arena, &err),
		    VS_UNTRUSTED);
		CHECK_STR(err.code, "token.chain");
		vs_jws_fini(&f);
	}
	vs_jws_fini(&t);
	vs_buf_fini(&text);
	vs_buf_fini(&forged);
	vs_buf_fini(&header);
	vs_arena_reset(&arena);
}

/* Certificates without n and e, one of them for a key that is too weak. */
static void
test_vectors_x5c(void)
{
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_buf set = {0};
	struct vs_err err = {0};

	slurp("maa-certs-2020.jwks.json", &set);
	CHECK_OK(
	    vs_jwks_parse(vs_buf_span(&set), VS_JOSE_RS256, &keys, &err), err);
	if (keys != NULL) {
		CHECK_INT(vs_jwks_count(keys), 4);
		CHECK_INT(vs_jwks_left_out(keys), 1);
	}
	vs_buf_fini(&set);
}

int
main(void)
{
	jwt_issuer_init(&ec, VS_SIGN_P256, "k");
	jwt_issuer_init(&ed, VS_SIGN_ED25519, "e");
	vs_arena_init(&arena, 1 << 20);
	RUN(test_good);
	RUN(test_no_kid);
	RUN(test_rsa);
	RUN(test_alg_is_of_the_key);
	RUN(test_alg);
	RUN(test_header);
	RUN(test_own_key);
	RUN(test_form);
	RUN(test_mutation);
	RUN(test_claims_good);
	RUN(test_claims_bad);
	RUN(test_jwks_bad);
	RUN(test_jwks_left_out);
	RUN(test_jwks_mutation);
	vectors = check_vectors();
	if (vectors != NULL) {
		RUN(test_vectors_accept);
		RUN(test_vectors_reject);
		RUN(test_vectors_detached);
		RUN(test_vectors_x5c);
		RUN(test_vectors_chain);
		RUN(test_vectors_chain_refused);
	}
	jwt_issuer_fini(&ec);
	jwt_issuer_fini(&ed);
	vs_arena_fini(&arena);
	if (vectors == NULL && check_failed_n == 0)
		return 77;
	return check_result();
}
