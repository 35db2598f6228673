/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of vs_cert, for crypto/ only. */
#ifndef VS_CRYPTO_X509_INT_H
#define VS_CRYPTO_X509_INT_H

#include <openssl/x509.h>

#include "crypto/x509.h"

struct vs_cert {
	X509 *x;
	EVP_PKEY *pkey; /* borrowed from x */
	uint8_t *der;
	struct vs_cert_facts facts;
};

/* Both AlgorithmIdentifiers equal, and RSASSA-PSS with SHA-384, MGF1
 * SHA-384 and a salt of 48 bytes. */
bool vs_x509_pss_form(struct vs_span der);
/* Both AlgorithmIdentifiers, and the issuer's key, as the profile wants. */
VS_MUST_USE vs_status vs_x509_profile(struct vs_span der, EVP_PKEY *issuer,
    vs_sig_profile profile, struct vs_err *err);
/* False for a time that is not a valid ASN.1 time. */
bool vs_x509_time(const ASN1_TIME *t, int64_t *unix_s);
/* The DER of a name, as it stood in the input. */
bool vs_x509_name(const X509_NAME *name, struct vs_span *out);
/* The only common name, when printable; else "". */
void vs_x509_cn(const X509_NAME *name, char out[VS_CERT_CN_MAX + 1]);

#endif
