/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of vs_pubkey, for crypto/ only. */
#ifndef VS_CRYPTO_PUBKEY_INT_H
#define VS_CRYPTO_PUBKEY_INT_H

#include <openssl/evp.h>
#include <pthread.h>

#include "crypto/pubkey.h"

/* Contexts ready to verify, kept with the key: making one costs as much as a
 * hundredth of the verification. */
enum { VS_PUBKEY_READY_MAX = 16 };

struct vs_pubkey {
	EVP_PKEY *pkey;
	bool p384, p256; /* asked once: OpenSSL answers by comparing names */
	pthread_mutex_t lock;
	EVP_PKEY_CTX *ready[VS_PUBKEY_READY_MAX];
	size_t ready_n;
};

/* Takes its own reference. NULL without memory. */
struct vs_pubkey *vs_pubkey_wrap(EVP_PKEY *pkey);
bool vs_pkey_is_p384(EVP_PKEY *pkey);
bool vs_pkey_is_p256(EVP_PKEY *pkey);
/* SEC 1 2.3.3 octets; NULL when they are no point of that curve. */
EVP_PKEY *vs_pkey_of_point(char *curve, uint8_t *point, size_t n);
/* A context that verifies with the key, from the shelf or new; NULL: OpenSSL
 * failed. To be given back. */
EVP_PKEY_CTX *vs_pubkey_take(struct vs_pubkey *k);
void vs_pubkey_give(struct vs_pubkey *k, EVP_PKEY_CTX *ctx);
/* ECDSA by k over a digest; sig is r and s, each of the length of the order
 * of k's curve, big-endian. The caller has asked which curve k is on. */
VS_MUST_USE vs_status vs_pubkey_ecdsa(struct vs_pubkey *k, struct vs_span order,
    struct vs_span digest, const uint8_t *sig, struct vs_err *err);
/* Least and most bits of an RSA key that we verify with: the upper bound
 * caps the work that a hostile certificate can cause. */
bool vs_pkey_is_fit_rsa(EVP_PKEY *pkey);

#endif
