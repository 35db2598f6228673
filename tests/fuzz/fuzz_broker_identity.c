/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who somebody is. The first octet says what the rest is: a token as it
 * comes, a client certificate, or the claims of a token that the issuer
 * signs for the fuzzer, so that what lies behind the signature is reached.
 */
#include "broker/identities_int.h"
#include "codec/json.h"
#include "jwt_forge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct jwt_issuer by; /* made at the first call */

static struct vs_span app = {(const uint8_t *)"org/app", 7};
static struct vs_config_claim claim = {"repository", {&app, 1}};
static struct vs_config_issuer issuer = {.name = "i",
    .issuer = "https://i",
    .audience = "us",
    .jwks = "loaded below",
    .skew_s = 60};
static struct vs_config_binding bindings[] = {
    {.issuer = "i", .claims = &claim, .claims_n = 1, .roles = VS_ROLE_AUDITOR},
    {.certificate = "*.example", .roles = VS_ROLE_OPERATOR}};
static const struct vs_config config = {
    .issuers = &issuer, .issuers_n = 1, .bindings = bindings, .bindings_n = 2};
static struct vs_jwks *keys;
static struct vs_identities ids = {.c = &config, .jwks = &keys};

static void
check(const struct vs_identity *who, unsigned roles)
{
	VS_ASSERT(who->roles == roles);
	VS_ASSERT(who->person.n > 0 && who->audit.n >= who->name.n);
	for (size_t i = 0; i < who->audit.n; i++)
		VS_ASSERT(who->audit.p[i] > 0x20 && who->audit.p[i] < 0x7f);
}

static void
signed_claims(struct vs_span claims, struct vs_arena *a)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_identity who = {.kind = VS_IDENTITY_NONE};
	struct vs_buf t = {0};
	struct vs_err err = {0};
	struct vs_span repo = {0};
	const char *text = vs_arena_cstr(a, claims); /* up to a NUL */

	VS_ASSERT(text != NULL);
	(void)jwt_sign(&by, text, &t);
	if (vs_identify_jwt(&ids, vs_buf_span(&t), 1790000000, a, &who, &err) ==
	    VS_OK) {
		check(&who, VS_ROLE_AUDITOR);
		VS_ASSERT(
		    vs_json_parse(vs_span_cstr(text), &doc, &err) == VS_OK);
		if (vs_json_is_string(vs_json_get(doc, "repository"), &repo))
			VS_ASSERT(vs_span_is(repo, "org/app"));
	} else {
		VS_ASSERT(who.kind == VS_IDENTITY_NONE);
	}
	vs_buf_fini(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_identity who = {.kind = VS_IDENTITY_NONE};
	struct vs_err err = {0};
	struct vs_arena a;
	struct vs_span in;

	if (n == 0)
		return 0;
	if (keys == NULL) {
		jwt_issuer_init(&by, VS_SIGN_P256, "k");
		VS_ASSERT(vs_jwks_parse(vs_span_cstr(by.jwks), VS_JOSE_RS256,
			      &keys, &err) == VS_OK);
	}
	vs_arena_init(&a, 1 << 20);
	in = VS_SPAN(data + 1, n - 1);
	if (data[0] % 3 == 0)
		VS_ASSERT(vs_identify_jwt(
			      &ids, in, 1790000000, &a, &who, &err) != VS_OK);
	else if (data[0] % 3 == 2)
		signed_claims(in, &a);
	else if (vs_identify_certificate(&ids, in, &a, &who, &err) == VS_OK)
		check(&who, VS_ROLE_OPERATOR);
	vs_arena_fini(&a);
	return 0;
}
