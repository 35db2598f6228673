/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA on P-256 as SGX enclaves use it: raw points, raw r and s. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/pubkey_int.h"

/* SEC 1 2.3.3: an uncompressed point. */
enum { POINT_SIZE = 1 + 2 * VS_P256_SIZE, UNCOMPRESSED = 4 };

EVP_PKEY *
vs_pkey_of_point(char *curve, uint8_t *point, size_t n)
{
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
				   OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_PKEY_PARAM_PUB_KEY, point, n),
	    OSSL_PARAM_construct_end()};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

vs_status
vs_pubkey_p256(const uint8_t xy[2 * VS_P256_SIZE], struct vs_pubkey **out,
    struct vs_err *err)
{
	uint8_t point[POINT_SIZE] = {UNCOMPRESSED};
	char curve[] = "prime256v1";
	struct vs_pubkey *k;
	EVP_PKEY *pkey;

	ERR_clear_error();
	memcpy(point + 1, xy, 2 * VS_P256_SIZE);
	pkey = vs_pkey_of_point(curve, point, sizeof point);
	ERR_clear_error();
	if (pkey == NULL)
		return vs_fail(err, VS_UNTRUSTED, "not a point on P-256");
	k = vs_pubkey_wrap(pkey);
	EVP_PKEY_free(pkey);
	if (k == NULL)
		return vs_fail(err, VS_NO_MEMORY, "public key");
	*out = k;
	return VS_OK;
}

/* FIPS 186-4 D.1.2.3: the order of the base point of P-256. */
static const uint8_t p256_order[VS_P256_SIZE] = {0xff, 0xff, 0xff, 0xff, 0x00,
    0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc,
    0x63, 0x25, 0x51};

vs_status
vs_p256_verify(struct vs_pubkey *k, struct vs_span msg,
    const uint8_t sig[2 * VS_P256_SIZE], struct vs_err *err)
{
	uint8_t digest[VS_SHA256_SIZE];

	if (!k->p256)
		return vs_fail(err, VS_UNTRUSTED, "the key is not on P-256");
	VS_TRY(err, "SHA-256", vs_sha256(msg, digest));
	return vs_pubkey_ecdsa(
	    k, VS_SPAN_OF(p256_order), VS_SPAN_OF(digest), sig, err);
}
