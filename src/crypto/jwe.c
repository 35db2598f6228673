/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/rand.h"

#define ENC "A256GCM"

enum {
	/* Plaintext is encrypted in pieces of this size: a multiple of 3, so
	 * that each piece is whole base64url text, and of 16. */
	STAGE = 12288,
	/* A secret is encoded in pieces: 3 * 256 bytes give 4 * 256 letters. */
	PIECE = 768,
	PIECE_TEXT = 1024,
	HEADER_MAX = 512,
	/* Beyond it a length could overflow an int on the way. */
	PLAIN_MAX = 64 * 1024 * 1024,
};

/* In locked memory. */
struct jwe_secret {
	uint8_t stage[STAGE];
	uint8_t piece[PIECE_TEXT];
	uint8_t z[VS_ECDH_SIZE_MAX];
	uint8_t cek[VS_AEAD_KEY_SIZE];
};
_Static_assert(sizeof(struct jwe_secret) <= VS_JWE_LOCKED, "documented size");

struct vs_jwe {
	struct vs_ecdh *ecdh;
	struct vs_aead *aead;
	struct vs_secret *mem;
	size_t staged; /* bytes of stage in use */
	size_t left;   /* plaintext still to come */
	uint8_t *out;  /* where the text goes on */
	uint8_t sealed[STAGE];
};

static struct jwe_secret *
secret_of(struct vs_jwe *j)
{
	/* Slots of the pool are aligned to 64 bytes. */
	return (struct jwe_secret *)(void *)vs_secret_poke(j->mem);
}

vs_status
vs_jwe_new(struct vs_jwe **out)
{
	struct vs_jwe *j = calloc(1, sizeof *j);
	vs_status st;

	if (j == NULL)
		return VS_NO_MEMORY;
	j->mem = vs_secret_new(sizeof(struct jwe_secret));
	st = j->mem == NULL ? VS_NO_MEMORY : vs_ecdh_new(&j->ecdh);
	if (st == VS_OK)
		st = vs_aead_new(&j->aead);
	if (st != VS_OK) {
		vs_jwe_free(&j);
		return st;
	}
	*out = j;
	return VS_OK;
}

void
vs_jwe_free(struct vs_jwe **j)
{
	if (*j == NULL)
		return;
	vs_aead_free(&(*j)->aead);
	vs_ecdh_free(&(*j)->ecdh);
	vs_secret_free(&(*j)->mem);
	free(*j);
	*j = NULL;
}

/* ---- the header -------------------------------------------------------- */

static void
put(struct vs_wr *w, const char *text)
{
	vs_wr_bytes(w, vs_span_cstr(text));
}

static void
put_b64url(struct vs_wr *w, struct vs_span s)
{
	uint8_t text[(VS_JWE_PARTY_MAX + 2) / 3 * 4];

	vs_b64url_encode(s, text);
	vs_wr_bytes(w, VS_SPAN(text, vs_b64url_len(s.n)));
}

/* RFC 7518 4.6.1.1: the ephemeral public key as a JWK. */
static void
put_epk(struct vs_wr *w, const struct vs_ecdh_point *epk)
{
	size_t n = vs_curve_size(epk->curve);
	bool ec = epk->curve != VS_CURVE_X25519;

	put(w,
	    ec ? "{\"kty\":\"EC\",\"crv\":\"" : "{\"kty\":\"OKP\",\"crv\":\"");
	put(w, vs_curve_name(epk->curve));
	put(w, "\",\"x\":\"");
	put_b64url(w, VS_SPAN(epk->x, n));
	if (ec) {
		put(w, "\",\"y\":\"");
		put_b64url(w, VS_SPAN(epk->y, n));
	}
	put(w, "\"}");
}

static vs_status
header(uint8_t buf[HEADER_MAX], const struct vs_jwe_to *to,
    const struct vs_ecdh_point *epk, struct vs_span *out)
{
	struct vs_wr w = vs_wr_of(buf, HEADER_MAX);

	if (to->apu.n > VS_JWE_PARTY_MAX || to->apv.n > VS_JWE_PARTY_MAX)
		return VS_TOO_LARGE;
	put(&w, "{\"alg\":\"ECDH-ES\",\"enc\":\"" ENC "\",\"epk\":");
	put_epk(&w, epk);
	put(&w, ",\"apu\":\"");
	put_b64url(&w, to->apu);
	put(&w, "\",\"apv\":\"");
	put_b64url(&w, to->apv);
	put(&w, "\"}");
	return vs_wr_finish(&w, out);
}

size_t
vs_jwe_len(const struct vs_jwe_to *to, size_t n)
{
	const struct vs_ecdh_point any = {.curve = to->curve};
	uint8_t buf[HEADER_MAX];
	struct vs_span h;

	if (vs_curve_size(to->curve) == 0 || n > PLAIN_MAX ||
	    header(buf, to, &any, &h) != VS_OK)
		return 0;
	return vs_b64url_len(h.n) + 2 + vs_b64url_len(VS_AEAD_NONCE_SIZE) + 1 +
	    vs_b64url_len(n) + 1 + vs_b64url_len(VS_AEAD_TAG_SIZE);
}

/* ---- the stream -------------------------------------------------------- */

static void
emit(struct vs_jwe *j, struct vs_span s)
{
	vs_b64url_encode(s, j->out);
	j->out += vs_b64url_len(s.n);
}

static void
emit_text(struct vs_jwe *j, const char *text)
{
	size_t n = strlen(text);

	memcpy(j->out, text, n);
	j->out += n;
}

static vs_status
agree(struct vs_jwe *j, const struct vs_jwe_to *to, struct vs_ecdh_point *epk)
{
	struct jwe_secret *s = secret_of(j);
	vs_status st = vs_ecdh_generate(j->ecdh, to->curve, epk);

	if (st == VS_OK)
		st = vs_ecdh_derive(j->ecdh, to->x, to->y, s->z);
	vs_ecdh_forget(j->ecdh);
	if (st == VS_OK)
		st = vs_concat_kdf(VS_SPAN(s->z, vs_curve_size(to->curve)),
		    VS_SPAN_LIT(ENC), to->apu, to->apv, s->cek);
	vs_wipe(s->z, sizeof s->z);
	return st;
}

/* Header, empty encrypted key (direct agreement), IV; then the cipher waits
 * for plaintext. */
static vs_status
open_stream(struct vs_jwe *j, const struct vs_jwe_to *to,
    const struct vs_ecdh_point *epk, uint8_t *out)
{
	struct jwe_secret *s = secret_of(j);
	uint8_t buf[HEADER_MAX], iv[VS_AEAD_NONCE_SIZE];
	struct vs_span h;
	vs_status st = header(buf, to, epk, &h);

	if (st == VS_OK)
		st = vs_rand_public(iv, sizeof iv);
	if (st != VS_OK)
		return st;
	j->out = out;
	emit(j, h);
	st = vs_aead_seal_start(
	    j->aead, s->cek, iv, VS_SPAN(out, vs_b64url_len(h.n)));
	vs_wipe(s->cek, sizeof s->cek);
	emit_text(j, "..");
	emit(j, VS_SPAN_OF(iv));
	emit_text(j, ".");
	return st;
}

vs_status
vs_jwe_begin(
    struct vs_jwe *j, const struct vs_jwe_to *to, size_t n, uint8_t *out)
{
	struct vs_ecdh_point epk;
	vs_status st;

	if (vs_curve_size(to->curve) == 0)
		return VS_UNSUPPORTED;
	if (n > PLAIN_MAX)
		return VS_TOO_LARGE;
	st = agree(j, to, &epk);
	if (st == VS_OK)
		st = open_stream(j, to, &epk, out);
	if (st != VS_OK) {
		vs_jwe_abort(j);
		return st;
	}
	j->staged = 0;
	j->left = n;
	return VS_OK;
}

static vs_status
flush(struct vs_jwe *j)
{
	const struct vs_span in = {secret_of(j)->stage, j->staged};
	vs_status st = vs_aead_seal_update(j->aead, in, j->sealed);

	if (st == VS_OK)
		emit(j, VS_SPAN(j->sealed, j->staged));
	j->staged = 0;
	return st;
}

vs_status
vs_jwe_add(struct vs_jwe *j, struct vs_span plaintext)
{
	uint8_t *stage = secret_of(j)->stage;

	if (plaintext.n > j->left)
		return VS_INTERNAL;
	j->left -= plaintext.n;
	while (plaintext.n > 0) {
		size_t room = STAGE - j->staged;
		size_t take = plaintext.n < room ? plaintext.n : room;
		vs_status st;

		memcpy(stage + j->staged, plaintext.p, take);
		j->staged += take;
		plaintext = vs_span_slice(plaintext, take, plaintext.n);
		st = j->staged == STAGE ? flush(j) : VS_OK;
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

vs_status
vs_jwe_add_b64url(struct vs_jwe *j, struct vs_span secret)
{
	uint8_t *text = secret_of(j)->piece;

	while (secret.n > 0) {
		struct vs_span piece = vs_span_slice(secret, 0, PIECE);
		vs_status st;

		vs_b64url_encode(piece, text);
		st = vs_jwe_add(j, VS_SPAN(text, vs_b64url_len(piece.n)));
		if (st != VS_OK)
			return st;
		secret = vs_span_slice(secret, piece.n, secret.n);
	}
	return VS_OK;
}

vs_status
vs_jwe_end(struct vs_jwe *j)
{
	uint8_t tag[VS_AEAD_TAG_SIZE];
	vs_status st = j->left == 0 ? flush(j) : VS_INTERNAL;

	if (st == VS_OK)
		st = vs_aead_seal_finish(j->aead, tag);
	if (st == VS_OK) {
		emit_text(j, ".");
		emit(j, VS_SPAN_OF(tag));
	}
	vs_jwe_abort(j);
	return st;
}

void
vs_jwe_abort(struct vs_jwe *j)
{
	vs_wipe(secret_of(j), sizeof(struct jwe_secret));
	vs_ecdh_forget(j->ecdh);
	j->staged = 0;
	j->left = 0;
	j->out = NULL;
}

/* ---- the reader's side ------------------------------------------------- */

static vs_status
open_with(const uint8_t *cek, const struct vs_jwe_parts *p, uint8_t *out)
{
	uint8_t tag[VS_AEAD_TAG_SIZE];
	const struct vs_aead_msg m = {
	    p->iv.p, p->header, p->ciphertext, out, tag};
	VS_AUTO(vs_aead) *aead = NULL;
	vs_status st = vs_aead_new(&aead);

	if (st != VS_OK)
		return st;
	memcpy(tag, p->tag.p, sizeof tag);
	return vs_aead_open(aead, cek, &m);
}

vs_status
vs_jwe_open(struct vs_ecdh *e, const struct vs_jwe_parts *p, uint8_t *out)
{
	uint8_t z[VS_ECDH_SIZE_MAX], cek[VS_AEAD_KEY_SIZE];
	vs_status st;

	if (p->iv.n != VS_AEAD_NONCE_SIZE || p->tag.n != VS_AEAD_TAG_SIZE)
		return VS_MALFORMED;
	st = vs_ecdh_derive(e, p->epk_x, p->epk_y, z);
	if (st == VS_OK)
		st = vs_concat_kdf(VS_SPAN(z, p->epk_x.n), VS_SPAN_LIT(ENC),
		    p->apu, p->apv, cek);
	if (st == VS_OK)
		st = open_with(cek, p, out);
	vs_wipe(z, sizeof z);
	vs_wipe(cek, sizeof cek);
	return st;
}
