/* SPDX-License-Identifier: Apache-2.0 */
/* Names of certificates: which there are, and each way to be none. */
#include "crypto/x509_san.h"

#include "check.h"
#include "crypto/pem.h"
#include "san_certs.h"

static struct vs_arena arena;

static struct vs_span
der_of(const char *pem)
{
	struct vs_rd rd = vs_rd_of(vs_span_cstr(pem));
	struct vs_pem block = {0};

	CHECK_INT(vs_pem_next(&rd, &arena, &block), VS_OK);
	return block.der;
}

static vs_status
names_of(struct vs_span der, struct vs_span out[VS_SAN_MAX], size_t *n)
{
	VS_AUTO(vs_cert) *c = NULL;
	struct vs_span names[VS_SAN_MAX];
	struct vs_err err = {0};
	vs_status st = vs_cert_parse(der, &c, &err);

	if (st == VS_OK)
		st = vs_cert_names(c, names, n, &err);
	for (size_t i = 0; st == VS_OK && i < *n; i++)
		CHECK_INT(vs_arena_dup(&arena, names[i], &out[i]), VS_OK);
	return st;
}

static void
test_good(void)
{
	static const char *const want[] = {"ci.example", "ops@example.org",
	    "spiffe://corp/ops", "*.ci.example"};
	struct vs_span names[VS_SAN_MAX];
	size_t n = 0;

	CHECK_INT(names_of(der_of(san_good), names, &n), VS_OK);
	CHECK_INT(n, VS_COUNT(want));
	for (size_t i = 0; i < n && i < VS_COUNT(want); i++)
		CHECK(vs_span_is(names[i], want[i]));
}

static void
test_none(void)
{
	static const char *const none[] = {san_none, san_ip_only};
	struct vs_span names[VS_SAN_MAX];

	for (size_t i = 0; i < VS_COUNT(none); i++) {
		size_t n = 7;

		CHECK_INT(names_of(der_of(none[i]), names, &n), VS_OK);
		CHECK_INT(n, 0);
	}
}

/* Each name that could be taken for one of another kind, and forms that are
 * none. Whether the library or we refuse, nobody gets in. */
static void
test_bad(void)
{
	static const char *const bad[] = {san_dns_at, san_dns_colon,
	    san_email_plain, san_email_colon, san_uri_plain, san_space, san_nul,
	    san_empty_name, san_trailing, san_not_seq, san_long_len, san_many};
	struct vs_span names[VS_SAN_MAX];

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		size_t n = 7;

		if (!CHECK(names_of(der_of(bad[i]), names, &n) != VS_OK))
			fprintf(stderr, "case %zu\n", i);
		CHECK_INT(n, 7);
	}
}

/* An issuerAltName that becomes a second subjectAltName. */
static void
test_twice(void)
{
	struct vs_span der = der_of(san_issuer);
	struct vs_span names[VS_SAN_MAX];
	uint8_t copy[2048];
	size_t n = 0;

	CHECK(der.n < sizeof copy);
	memcpy(copy, der.p, der.n);
	CHECK_INT(names_of(VS_SPAN(copy, der.n), names, &n), VS_OK);
	CHECK_INT(n, 1);
	for (size_t i = 0; i + 5 <= der.n; i++)
		if (memcmp(copy + i, "\x06\x03\x55\x1d\x12", 5) == 0)
			copy[i + 4] = 0x11;
	CHECK(names_of(VS_SPAN(copy, der.n), names, &n) != VS_OK);
}

static void
test_mutation(void)
{
	struct vs_span der = der_of(san_good);
	struct vs_span names[VS_SAN_MAX];
	uint8_t copy[2048];

	CHECK(der.n < sizeof copy);
	for (size_t n = 0; n < der.n; n++) {
		size_t got = 0;

		CHECK(names_of(VS_SPAN(der.p, n), names, &got) != VS_OK);
	}
	for (size_t bit = 0; bit < 8 * der.n; bit++) {
		size_t got = 0;

		memcpy(copy, der.p, der.n);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* Names are not signed for us: they may differ, not crash. */
		if (names_of(VS_SPAN(copy, der.n), names, &got) == VS_OK)
			CHECK(got <= VS_SAN_MAX);
	}
}

int
main(void)
{
	vs_arena_init(&arena, 16 << 20);
	RUN(test_good);
	RUN(test_none);
	RUN(test_bad);
	RUN(test_twice);
	RUN(test_mutation);
	vs_arena_fini(&arena);
	return check_result();
}
