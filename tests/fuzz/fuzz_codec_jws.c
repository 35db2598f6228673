/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vs_jws_parse, vs_jws_verify, vs_jws_verify_x5c and vs_jwt_check: what the
 * fuzzer writes is taken apart, and verifies against no key that it does not
 * have.
 */
#include "codec/jws_x5c.h"
#include "crypto/pem.h"
#include "san_certs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char jwks[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"-zbUuuZZxFGcdFSeX_j3fb54goH6VMoLi_wC3Mh1JCY\",\"y\":"
    "\"UXSLq8NIqsGcvhoGj9gke6ggrElutdNva3dvSdaKcz0\"}]}";

static struct vs_jwks *keys;
static struct vs_cert *root;

static void
load(void)
{
	struct vs_rd rd = vs_rd_of(VS_SPAN_LIT(san_good));
	struct vs_pem block = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 16);
	VS_ASSERT(vs_pem_next(&rd, &a, &block) == VS_OK);
	VS_ASSERT(vs_cert_parse(block.der, &root, &err) == VS_OK);
	VS_ASSERT(vs_jwks_parse(
		      VS_SPAN_LIT(jwks), VS_JOSE_RS256, &keys, &err) == VS_OK);
	vs_arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_jwt_want want = {.issuer = VS_SPAN_LIT("i"),
	    .audience = VS_SPAN_LIT("a"),
	    .now = 1790000000,
	    .skew = 60,
	    .life = 86400};
	struct vs_jws t = {.alg = VS_JOSE_NONE};
	struct vs_err err = {0};
	struct vs_arena a;

	if (keys == NULL)
		load();
	vs_arena_init(&a, 4 * VS_JWS_SIZE_MAX);
	if (vs_jws_parse(VS_SPAN(data, n), &a, &t, &err) == VS_OK) {
		VS_ASSERT(t.alg != VS_JOSE_NONE);
		VS_ASSERT(t.signing_input.n < n && t.signature.n > 0);
		VS_ASSERT(vs_json_type_of(t.claims) == VS_JSON_OBJECT);
		VS_ASSERT(vs_jws_verify(&t, keys, &err) != VS_OK);
		VS_ASSERT(
		    vs_jws_verify_x5c(&t, root, 1790000000, &a, &err) != VS_OK);
		(void)vs_jwt_check(t.claims, &want, &err);
	} else {
		VS_ASSERT(err.code != NULL && t.header == NULL);
	}
	vs_jws_fini(&t);
	vs_arena_fini(&a);
	return 0;
}
