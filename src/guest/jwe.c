/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/jwe.h"

#include <string.h>

#include "base/arena.h"
#include "base/encoding.h"
#include "codec/json.h"
#include "crypto/aead.h"
#include "crypto/jwe.h"

enum { HEADER_MAX = 2048, PARTS = 5 };

/* protected header, encrypted key, nonce, ciphertext, tag: RFC 7516 7.1 */
enum { P_HEADER, P_KEY, P_IV, P_TEXT, P_TAG };

static vs_status
split(struct vs_span jwe, struct vs_span parts[PARTS], struct vs_err *err)
{
	size_t from = 0, n = 0;

	for (size_t i = 0; i <= jwe.n; i++) {
		if (i < jwe.n && jwe.p[i] != '.')
			continue;
		if (n == PARTS)
			return vs_fail(err, VS_MALFORMED, "too many parts");
		parts[n++] = vs_span_slice(jwe, from, i - from);
		from = i + 1;
	}
	if (n != PARTS)
		return vs_fail(err, VS_MALFORMED, "too few parts");
	if (parts[P_KEY].n != 0) /* ECDH-ES wraps no key */
		return vs_fail(err, VS_MALFORMED, "encrypted key present");
	return VS_OK;
}

static vs_status
need_text(const struct vs_json *obj, const char *where, const char *name,
    const char *want, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, name, vs_json_need_str(obj, where, name, &text, err));
	if (!vs_span_is(text, want))
		return vs_fail(err, VS_UNSUPPORTED, "%s is not %s", name, want);
	return VS_OK;
}

/* name must be the base64url of exactly these bytes. */
static vs_status
need_bound(const struct vs_json *header, const char *name, struct vs_span want,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_span got;

	VS_TRY(
	    err, name, vs_json_need_b64url(header, "", name, 64, a, &got, err));
	if (!vs_equal_ct(got, want))
		return vs_fail(
		    err, VS_UNTRUSTED, "%s belongs to another exchange", name);
	return VS_OK;
}

static vs_status
read_epk(const struct vs_json *header, vs_curve curve, struct vs_arena *a,
    struct vs_jwe_parts *out, struct vs_err *err)
{
	const struct vs_json *epk;
	bool okp = curve == VS_CURVE_X25519;
	size_t size = vs_curve_size(curve);

	VS_TRY(err, "epk",
	    vs_json_need(header, "", "epk", VS_JSON_OBJECT, &epk, err));
	VS_TRY(
	    err, "epk", need_text(epk, "epk", "kty", okp ? "OKP" : "EC", err));
	VS_TRY(err, "epk",
	    need_text(epk, "epk", "crv", vs_curve_name(curve), err));
	VS_TRY(err, "epk",
	    vs_json_need_b64url(epk, "epk", "x", size, a, &out->epk_x, err));
	if (okp)
		out->epk_y = VS_SPAN(NULL, 0);
	else
		VS_TRY(err, "epk",
		    vs_json_need_b64url(
			epk, "epk", "y", size, a, &out->epk_y, err));
	return VS_OK;
}

/* Whom the message is for and from; spans live in the arena. */
struct binding {
	struct vs_span apu, apv;
};

static vs_status
check_header(const struct vs_json *header, const struct binding *b,
    vs_curve curve, struct vs_arena *a, struct vs_jwe_parts *out,
    struct vs_err *err)
{
	static const char *const known[] = {
	    "alg", "enc", "epk", "apu", "apv", "typ", "cty", "kid"};

	VS_TRY(err, "header",
	    vs_json_only(header, "", known, VS_COUNT(known), err));
	VS_TRY(err, "header", need_text(header, "", "alg", "ECDH-ES", err));
	VS_TRY(err, "header", need_text(header, "", "enc", "A256GCM", err));
	VS_TRY(err, "header", need_bound(header, "apu", b->apu, a, err));
	VS_TRY(err, "header", need_bound(header, "apv", b->apv, a, err));
	VS_TRY(err, "header", read_epk(header, curve, a, out, err));
	return VS_OK;
}

static vs_status
read_header(struct vs_span text, const struct binding *b, vs_curve curve,
    struct vs_arena *a, struct vs_jwe_parts *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *header = NULL;
	struct vs_span json;

	if (text.n > HEADER_MAX)
		return vs_fail(err, VS_TOO_LARGE, "header");
	VS_TRY(err, "header", vs_b64url_decode(a, text, &json));
	VS_TRY(err, "header", vs_json_parse(json, &header, err));
	return check_header(header, b, curve, a, out, err);
}

static vs_status
decrypt(struct vs_guest_recipient *r, const struct vs_span text[PARTS],
    struct vs_jwe_parts *m, struct vs_arena *a, struct vs_secret **out,
    struct vs_err *err)
{
	VS_AUTO(vs_secret) *plain = NULL;

	m->header = text[P_HEADER];
	VS_TRY(err, "iv", vs_b64url_decode(a, text[P_IV], &m->iv));
	VS_TRY(err, "tag", vs_b64url_decode(a, text[P_TAG], &m->tag));
	VS_TRY(err, "ciphertext",
	    vs_b64url_decode(a, text[P_TEXT], &m->ciphertext));
	if (m->iv.n != VS_AEAD_NONCE_SIZE || m->tag.n != VS_AEAD_TAG_SIZE ||
	    m->ciphertext.n == 0)
		return vs_fail(err, VS_MALFORMED, "iv, tag or ciphertext");
	plain = vs_secret_new(m->ciphertext.n);
	if (plain == NULL)
		return vs_fail(err, VS_NO_MEMORY,
		    "%zu bytes of locked memory: raise the limit (ulimit -l)",
		    m->ciphertext.n);
	VS_TRY(err, "decrypt", vs_jwe_open(r->ecdh, m, vs_secret_poke(plain)));
	*out = VS_TAKE(plain);
	return VS_OK;
}

static vs_status
open_in(struct vs_guest_recipient *r, struct vs_span jwe,
    const struct binding *b, struct vs_arena *a, struct vs_secret **out,
    struct vs_err *err)
{
	struct vs_jwe_parts m = {.apu = b->apu, .apv = b->apv};
	struct vs_span text[PARTS];

	VS_TRY(err, "sealed", split(jwe, text, err));
	VS_TRY(err, "sealed",
	    read_header(text[P_HEADER], b, r->point.curve, a, &m, err));
	VS_TRY(err, "sealed", decrypt(r, text, &m, a, out, err));
	return VS_OK;
}

vs_status
vs_guest_jwe_open(struct vs_guest_recipient *r, struct vs_span jwe,
    const uint8_t nonce[VS_GUEST_NONCE_SIZE],
    const char release_id[VS_UUID_TEXT_MAX], struct vs_secret **out,
    struct vs_err *err)
{
	struct binding b = {
	    VS_SPAN(nonce, VS_GUEST_NONCE_SIZE), vs_span_cstr(release_id)};
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, VS_BUF_MAX);
	st = open_in(r, jwe, &b, &a, out, err);
	vs_arena_fini(&a);
	return st;
}
