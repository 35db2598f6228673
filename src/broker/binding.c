/* SPDX-License-Identifier: Apache-2.0 */
/* What ties evidence to one nonce, one recipient key and one set of GPUs. */
#include "base/encoding.h"
#include "broker/broker.h"
#include "crypto/digest.h"

struct curve_row {
	vs_curve curve;
	const char *name; /* "crv", RFC 7518 6.2.1.1 and RFC 8037 */
	const char *kty;
	size_t size; /* of a coordinate */
	bool has_y;
};

static const struct curve_row curves[] = {
    {VS_CURVE_P256, "P-256", "EC", 32, true},
    {VS_CURVE_P384, "P-384", "EC", 48, true},
    {VS_CURVE_X25519, "X25519", "OKP", 32, false},
};

static const struct curve_row *
curve_row(vs_curve curve)
{
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (curves[i].curve == curve)
			return &curves[i];
	return NULL;
}

enum { JSON_MAX = 256, COORDINATE_TEXT = 64 };

static void
put_text(struct vs_wr *w, const char *text)
{
	vs_wr_bytes(w, vs_span_cstr(text));
}

static void
put_coordinate(struct vs_wr *w, struct vs_span v)
{
	uint8_t text[COORDINATE_TEXT]; /* 48 bytes are 64 characters */

	vs_b64url_encode(v, text);
	vs_wr_bytes(w, VS_SPAN(text, vs_b64url_len(v.n)));
}

/* RFC 7638 3.2: the required members, in lexicographic order. */
vs_status
vs_binding_thumbprint(const struct vs_recipient *recipient, uint8_t out[32])
{
	const struct curve_row *row = curve_row(recipient->curve);
	uint8_t json[JSON_MAX];
	struct vs_wr w = vs_wr_of(json, sizeof json);
	struct vs_span text = {0};
	vs_status st;

	if (row == NULL || recipient->x.n != row->size ||
	    recipient->y.n != (row->has_y ? row->size : 0))
		return VS_MALFORMED;
	put_text(&w, "{\"crv\":\"");
	put_text(&w, row->name);
	put_text(&w, "\",\"kty\":\"");
	put_text(&w, row->kty);
	put_text(&w, "\",\"x\":\"");
	put_coordinate(&w, recipient->x);
	if (row->has_y) {
		put_text(&w, "\",\"y\":\"");
		put_coordinate(&w, recipient->y);
	}
	put_text(&w, "\"}");
	st = vs_wr_finish(&w, &text);
	return st == VS_OK ? vs_sha256(text, out) : st;
}

vs_status
vs_binding_report_data(struct vs_span nonce,
    const struct vs_recipient *recipient, struct vs_span devices,
    uint8_t out[64])
{
	static const char tag[] = "vouchsafe/v1 report-data"; /* and NUL */
	static const uint8_t none[32];
	uint8_t thumbprint[32];
	vs_status st;

	if (nonce.n != VS_NONCE_SIZE || (devices.n != 0 && devices.n != 32))
		return VS_MALFORMED;
	st = vs_binding_thumbprint(recipient, thumbprint);
	if (st != VS_OK)
		return st;
	struct vs_span parts[] = {VS_SPAN_OF(tag), nonce,
	    VS_SPAN_OF(thumbprint),
	    devices.n == 0 ? VS_SPAN_OF(none) : devices};
	return vs_digest(VS_HASH_SHA512, parts, 4, out);
}

vs_status
vs_binding_gpu_nonce(
    struct vs_span nonce, const struct vs_recipient *recipient, uint8_t out[32])
{
	static const char tag[] = "vouchsafe/v1 gpu"; /* and NUL */
	uint8_t thumbprint[32];
	const struct vs_span parts[] = {
	    VS_SPAN_OF(tag), nonce, VS_SPAN_OF(thumbprint)};
	vs_status st;

	if (nonce.n != VS_NONCE_SIZE)
		return VS_MALFORMED;
	st = vs_binding_thumbprint(recipient, thumbprint);
	return st == VS_OK
	    ? vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out)
	    : st;
}

enum { DEVICE_DIGESTS = 3 }; /* report, certificates, cc_state */

static vs_status
put_digest(struct vs_wr *w, const struct vs_span *parts, size_t n)
{
	uint8_t digest[VS_SHA256_SIZE];
	vs_status st = vs_digest(VS_HASH_SHA256, parts, n, digest);

	if (st == VS_OK)
		vs_wr_bytes(w, VS_SPAN_OF(digest));
	return st;
}

static vs_status
put_device(struct vs_wr *w, const struct vs_device_input *d)
{
	static const char tag[] = "vouchsafe/v1 cc-state"; /* and NUL */
	const struct vs_span said[] = {
	    VS_SPAN_OF(tag), vs_span_cstr(vs_cc_state_name(d->cc_state))};
	vs_status st = put_digest(w, &d->report, 1);

	if (st == VS_OK)
		st = put_digest(w, &d->certs, 1);
	if (st == VS_OK && d->cc_state != VS_CC_UNSAID)
		st = put_digest(w, said, VS_COUNT(said));
	return st;
}

vs_status
vs_binding_devices(const struct vs_devices_input *in, uint8_t out[32])
{
	uint8_t digests[VS_DEVICES_MAX * DEVICE_DIGESTS * VS_SHA256_SIZE];
	struct vs_wr w = vs_wr_of(digests, sizeof digests);
	struct vs_span all = {0};
	vs_status st = VS_OK;

	if (in->gpus_n > VS_DEVICES_GPUS_MAX ||
	    in->switches_n > VS_DEVICES_SWITCHES_MAX)
		return VS_TOO_LARGE;
	for (size_t i = 0; i < in->gpus_n && st == VS_OK; i++)
		st = put_device(&w, &in->gpus[i]);
	for (size_t i = 0; i < in->switches_n && st == VS_OK; i++)
		st = put_device(&w, &in->switches[i]);
	if (st == VS_OK)
		st = vs_wr_finish(&w, &all);
	if (st != VS_OK)
		return st;
	if (all.n > 0)
		return vs_sha256(all, out);
	for (size_t i = 0; i < VS_SHA256_SIZE; i++)
		out[i] = 0;
	return VS_OK;
}
