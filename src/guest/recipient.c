/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/recipient.h"

#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/digest.h"

enum { COORD_TEXT_MAX = 65 }; /* 48 bytes are 64 characters */

static void
coordinate(const uint8_t *bytes, size_t n, char out[COORD_TEXT_MAX])
{
	vs_b64url_encode(VS_SPAN(bytes, n), (uint8_t *)out);
	out[vs_b64url_len(n)] = '\0';
}

vs_status
vs_guest_jwk(const struct vs_ecdh_point *point, char out[VS_GUEST_JWK_MAX])
{
	size_t size = vs_curve_size(point->curve);
	const char *crv = vs_curve_name(point->curve);
	char x[COORD_TEXT_MAX], y[COORD_TEXT_MAX];
	int n;

	if (size == 0 || crv == NULL)
		return VS_UNSUPPORTED;
	coordinate(point->x, size, x);
	coordinate(point->y, size, y);
	if (point->curve == VS_CURVE_X25519)
		n = snprintf(out, VS_GUEST_JWK_MAX,
		    "{\"crv\":\"%s\",\"kty\":\"OKP\",\"x\":\"%s\"}", crv, x);
	else
		n = snprintf(out, VS_GUEST_JWK_MAX,
		    "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\","
		    "\"y\":\"%s\"}",
		    crv, x, y);
	return n > 0 && n < VS_GUEST_JWK_MAX ? VS_OK : VS_INTERNAL;
}

vs_status
vs_guest_recipient_init(
    struct vs_guest_recipient *r, vs_curve curve, struct vs_err *err)
{
	VS_TRY(err, "recipient key", vs_ecdh_new(&r->ecdh));
	VS_TRY(
	    err, "recipient key", vs_ecdh_generate(r->ecdh, curve, &r->point));
	VS_TRY(err, "recipient key", vs_guest_jwk(&r->point, r->jwk));
	VS_TRY(err, "recipient key",
	    vs_sha256(vs_span_cstr(r->jwk), r->thumbprint));
	return VS_OK;
}

void
vs_guest_recipient_fini(struct vs_guest_recipient *r)
{
	vs_ecdh_free(&r->ecdh);
}

vs_status
vs_guest_report_data(const uint8_t nonce[VS_GUEST_NONCE_SIZE],
    const uint8_t thumbprint[32], const uint8_t devices[32], uint8_t out[64])
{
	/* The literal's own NUL is the separator. */
	static const char tag[] = "vouchsafe/v1 report-data";
	struct vs_span parts[] = {VS_SPAN(tag, sizeof(tag)),
	    VS_SPAN(nonce, VS_GUEST_NONCE_SIZE), VS_SPAN(thumbprint, 32),
	    VS_SPAN(devices, 32)};

	return vs_digest(VS_HASH_SHA512, parts, VS_COUNT(parts), out);
}

vs_status
vs_guest_gpu_nonce(const uint8_t nonce[VS_GUEST_NONCE_SIZE],
    const uint8_t thumbprint[32], uint8_t out[32])
{
	static const char tag[] = "vouchsafe/v1 gpu"; /* and its NUL */
	struct vs_span parts[] = {VS_SPAN(tag, sizeof(tag)),
	    VS_SPAN(nonce, VS_GUEST_NONCE_SIZE), VS_SPAN(thumbprint, 32)};

	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out);
}
