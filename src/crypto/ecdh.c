/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIST curves go through EC_POINT and not EVP_PKEY: it is the same
 * constant-time multiplication, but one release costs 66 us instead of 76,
 * for EVP copies the peer through parameter lists and checks it twice.
 */
#include "crypto/ecdh.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct nist {
	EC_GROUP *group;
	EC_POINT *ours;
	EC_POINT *peer;
};

struct vs_ecdh {
	vs_curve curve; /* of the current key, or VS_CURVE_NONE */
	struct nist p256;
	struct nist p384;
	BN_CTX *ctx;
	BIGNUM *priv;
	BIGNUM *x;
	BIGNUM *y;
	EVP_PKEY_CTX *x25519_gen;
	EVP_PKEY *x25519;
};

size_t
vs_curve_size(vs_curve c)
{
	switch (c) {
	case VS_CURVE_P256:
	case VS_CURVE_X25519:
		return 32;
	case VS_CURVE_P384:
		return 48;
	case VS_CURVE_NONE:
		break;
	}
	return 0;
}

const char *
vs_curve_name(vs_curve c)
{
	switch (c) {
	case VS_CURVE_P256:
		return "P-256";
	case VS_CURVE_P384:
		return "P-384";
	case VS_CURVE_X25519:
		return "X25519";
	case VS_CURVE_NONE:
		break;
	}
	return NULL;
}

static bool
nist_init(struct nist *n, int nid)
{
	n->group = EC_GROUP_new_by_curve_name(nid);
	if (n->group == NULL)
		return false;
	n->ours = EC_POINT_new(n->group);
	n->peer = EC_POINT_new(n->group);
	return n->ours != NULL && n->peer != NULL;
}

static void
nist_fini(struct nist *n)
{
	EC_POINT_clear_free(n->ours);
	EC_POINT_clear_free(n->peer);
	EC_GROUP_free(n->group);
}

static bool
ecdh_init(struct vs_ecdh *e)
{
	e->ctx = BN_CTX_new();
	e->priv = BN_new();
	e->x = BN_new();
	e->y = BN_new();
	if (e->ctx == NULL || e->priv == NULL || e->x == NULL || e->y == NULL)
		return false;
	BN_set_flags(e->priv, BN_FLG_CONSTTIME);
	e->x25519_gen = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL);
	return e->x25519_gen != NULL &&
	    EVP_PKEY_keygen_init(e->x25519_gen) == 1 &&
	    nist_init(&e->p256, NID_X9_62_prime256v1) &&
	    nist_init(&e->p384, NID_secp384r1);
}

vs_status
vs_ecdh_new(struct vs_ecdh **out)
{
	struct vs_ecdh *e = calloc(1, sizeof *e);

	ERR_clear_error();
	if (e == NULL)
		return VS_NO_MEMORY;
	if (!ecdh_init(e)) {
		vs_ecdh_free(&e);
		return VS_INTERNAL;
	}
	*out = e;
	return VS_OK;
}

void
vs_ecdh_forget(struct vs_ecdh *e)
{
	if (e->priv != NULL)
		BN_clear(e->priv);
	EVP_PKEY_free(e->x25519); /* wipes */
	e->x25519 = NULL;
	e->curve = VS_CURVE_NONE;
}

void
vs_ecdh_free(struct vs_ecdh **e)
{
	if (*e == NULL)
		return;
	vs_ecdh_forget(*e);
	nist_fini(&(*e)->p256);
	nist_fini(&(*e)->p384);
	BN_clear_free((*e)->priv);
	BN_clear_free((*e)->x);
	BN_clear_free((*e)->y);
	BN_CTX_free((*e)->ctx);
	EVP_PKEY_CTX_free((*e)->x25519_gen);
	free(*e);
	*e = NULL;
}

/* 1 <= priv < order, and its multiple of the generator. */
static bool
nist_generate(
    struct vs_ecdh *e, struct nist *n, size_t size, struct vs_ecdh_point *out)
{
	const BIGNUM *order = EC_GROUP_get0_order(n->group);

	do {
		if (BN_priv_rand_range(e->priv, order) != 1)
			return false;
	} while (BN_is_zero(e->priv));
	return EC_POINT_mul(n->group, n->ours, e->priv, NULL, NULL, e->ctx) ==
	    1 &&
	    EC_POINT_get_affine_coordinates(
		n->group, n->ours, e->x, e->y, e->ctx) == 1 &&
	    BN_bn2binpad(e->x, out->x, (int)size) == (int)size &&
	    BN_bn2binpad(e->y, out->y, (int)size) == (int)size;
}

static bool
x25519_generate(struct vs_ecdh *e, struct vs_ecdh_point *out)
{
	size_t n = 32;

	return EVP_PKEY_generate(e->x25519_gen, &e->x25519) == 1 &&
	    EVP_PKEY_get_raw_public_key(e->x25519, out->x, &n) == 1 && n == 32;
}

static struct nist *
nist_of(struct vs_ecdh *e, vs_curve curve)
{
	return curve == VS_CURVE_P256 ? &e->p256 : &e->p384;
}

vs_status
vs_ecdh_generate(
    struct vs_ecdh *e, vs_curve curve, struct vs_ecdh_point *public_key)
{
	struct vs_ecdh_point made = {.curve = curve};
	bool ok;

	ERR_clear_error();
	vs_ecdh_forget(e);
	if (vs_curve_size(curve) == 0)
		return VS_UNSUPPORTED;
	if (curve == VS_CURVE_X25519)
		ok = x25519_generate(e, &made);
	else
		ok = nist_generate(
		    e, nist_of(e, curve), vs_curve_size(curve), &made);
	if (!ok) {
		vs_ecdh_forget(e);
		return VS_INTERNAL;
	}
	e->curve = curve;
	*public_key = made;
	return VS_OK;
}

vs_status
vs_ecdh_load_x25519(
    struct vs_ecdh *e, const uint8_t *key, struct vs_ecdh_point *public_key)
{
	struct vs_ecdh_point made = {.curve = VS_CURVE_X25519};
	size_t n = 32;

	ERR_clear_error();
	vs_ecdh_forget(e);
	e->x25519 =
	    EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, key, 32);
	if (e->x25519 == NULL ||
	    EVP_PKEY_get_raw_public_key(e->x25519, made.x, &n) != 1 ||
	    n != 32) {
		vs_ecdh_forget(e);
		return VS_INTERNAL;
	}
	e->curve = VS_CURVE_X25519;
	*public_key = made;
	return VS_OK;
}

/*
 * SP 800-56A 5.6.2.3.3: coordinates in range and the point on the curve; with
 * cofactor 1 that is full validation. The uncompressed form excludes the
 * point at infinity, and OpenSSL checks the rest when it reads it.
 */
static bool
nist_peer(struct vs_ecdh *e, struct nist *n, struct vs_span x, struct vs_span y)
{
	uint8_t text[1 + 2 * VS_ECDH_SIZE_MAX] = {
	    POINT_CONVERSION_UNCOMPRESSED};

	memcpy(text + 1, x.p, x.n);
	memcpy(text + 1 + x.n, y.p, y.n);
	return EC_POINT_oct2point(
		   n->group, n->peer, text, 1 + x.n + y.n, e->ctx) == 1;
}

static vs_status
nist_derive(struct vs_ecdh *e, struct vs_span x, struct vs_span y, uint8_t *z)
{
	size_t size = vs_curve_size(e->curve);
	struct nist *n = nist_of(e, e->curve);
	bool ok;

	if (x.n != size || y.n != size || !nist_peer(e, n, x, y))
		return VS_MALFORMED;
	ok = EC_POINT_mul(n->group, n->ours, NULL, n->peer, e->priv, e->ctx) ==
		1 &&
	    EC_POINT_get_affine_coordinates(
		n->group, n->ours, e->x, NULL, e->ctx) == 1 &&
	    BN_bn2binpad(e->x, z, (int)size) == (int)size;
	BN_clear(e->x);
	return ok ? VS_OK : VS_INTERNAL;
}

/* RFC 7748 6.1: an all-zero result means a point of small order; OpenSSL's
 * derivation fails on it. */
static vs_status
x25519_derive(struct vs_ecdh *e, struct vs_span x, struct vs_span y, uint8_t *z)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *peer = NULL;
	size_t n = 32;
	bool ok;

	if (x.n != 32 || y.n != 0)
		return VS_MALFORMED;
	peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, x.p, x.n);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, e->x25519, NULL);
	ok = peer != NULL && ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 &&
	    EVP_PKEY_derive(ctx, z, &n) == 1 && n == 32;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return ok ? VS_OK : VS_MALFORMED;
}

vs_status
vs_ecdh_derive(
    struct vs_ecdh *e, struct vs_span x, struct vs_span y, uint8_t *z)
{
	uint8_t tmp[VS_ECDH_SIZE_MAX];
	vs_status st;

	ERR_clear_error();
	if (e->curve == VS_CURVE_NONE)
		return VS_USAGE;
	if (e->curve == VS_CURVE_X25519)
		st = x25519_derive(e, x, y, tmp);
	else
		st = nist_derive(e, x, y, tmp);
	if (st == VS_OK)
		memcpy(z, tmp, vs_curve_size(e->curve));
	vs_wipe(tmp, sizeof tmp);
	ERR_clear_error();
	return st;
}
