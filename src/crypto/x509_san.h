/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a certificate gives its holder (RFC 5280 4.2.1.6). */
#ifndef VS_CRYPTO_X509_SAN_H
#define VS_CRYPTO_X509_SAN_H

#include "crypto/x509.h"

enum { VS_SAN_MAX = 32, VS_SAN_TEXT_MAX = 255 };

/*
 * The dNSNames, rfc822Names and URIs, in order; others are passed over. So
 * that no name can be taken for one of another kind, a DNS name has neither
 * ':' nor '@', an address has '@' and no ':', a URI has ':'; one that does
 * not look like its kind, is longer than VS_SAN_TEXT_MAX or has an octet
 * that is not printable ASCII is VS_MALFORMED, as are two extensions and
 * more than VS_SAN_MAX names. Borrowed from the certificate.
 */
VS_MUST_USE vs_status vs_cert_names(const struct vs_cert *c,
    struct vs_span out[VS_SAN_MAX], size_t *n, struct vs_err *err);

#endif
