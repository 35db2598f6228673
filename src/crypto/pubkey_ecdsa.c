/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA over any of the curves: r and s as they come, big-endian. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "crypto/pubkey_int.h"

static bool
scalar_ok(const uint8_t *be, const uint8_t *order, size_t size)
{
	return !vs_span_zero(VS_SPAN(be, size)) && memcmp(be, order, size) < 0;
}

static int
sig_der(const uint8_t *raw, size_t size, unsigned char **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, (int)size, NULL);
	BIGNUM *s = BN_bin2bn(raw + size, (int)size, NULL);
	int n = -1;

	if (sig != NULL && r != NULL && s != NULL &&
	    ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* now owned by sig */
		n = i2d_ECDSA_SIG(sig, der);
	}
	BN_free(s);
	BN_free(r);
	ECDSA_SIG_free(sig);
	return n;
}

vs_status
vs_pubkey_ecdsa(struct vs_pubkey *k, struct vs_span order,
    struct vs_span digest, const uint8_t *sig, struct vs_err *err)
{
	unsigned char *der = NULL;
	EVP_PKEY_CTX *ctx;
	int n, ok;

	ERR_clear_error();
	if (!scalar_ok(sig, order.p, order.n) ||
	    !scalar_ok(sig + order.n, order.p, order.n))
		return vs_fail(err, VS_UNTRUSTED, "r or s out of range");
	n = sig_der(sig, order.n, &der);
	ctx = vs_pubkey_take(k);
	if (n <= 0 || ctx == NULL) {
		OPENSSL_free(der);
		EVP_PKEY_CTX_free(ctx);
		return vs_fail(err, VS_INTERNAL, "cannot verify ECDSA");
	}
	ok = EVP_PKEY_verify(ctx, der, (size_t)n, digest.p, digest.n);
	OPENSSL_free(der);
	vs_pubkey_give(k, ctx);
	ERR_clear_error();
	if (ok != 1)
		return vs_fail(err, VS_UNTRUSTED, "ECDSA does not verify");
	return VS_OK;
}
