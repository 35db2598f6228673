/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists: complete ones, signed by a root. */
#ifndef VS_CRYPTO_X509_CRL_H
#define VS_CRYPTO_X509_CRL_H

#include "crypto/x509.h"

struct vs_crl; /* immutable once parsed, thread-safe */

/* Far above any list of a root; caps what one file can cost. */
enum { VS_CRL_MAX = 1024 * 1024 };

struct vs_crl_facts {
	struct vs_span der;
	struct vs_span issuer; /* DER of the name */
	char issuer_cn[VS_CERT_CN_MAX + 1];
	int64_t this_update;
	int64_t next_update;
	size_t revoked_n;
	uint8_t sha256[VS_SHA256_SIZE];
};

/*
 * Exactly one DER CRL. VS_MALFORMED for anything else, without nextUpdate,
 * or with any critical extension: those narrow or widen what the list
 * speaks of (delta, indirect, partitioned), and we would misread it.
 */
VS_MUST_USE vs_status vs_crl_parse(
    struct vs_span der, struct vs_crl **out, struct vs_err *err);
void vs_crl_free(struct vs_crl **c);
const struct vs_crl_facts *vs_crl_facts(const struct vs_crl *c);

/* Signed by this authority, which may sign CRLs; rules as
 * vs_cert_issued_as. */
VS_MUST_USE vs_status vs_crl_issued_as(const struct vs_crl *c,
    const struct vs_cert *issuer, vs_sig_profile profile, struct vs_err *err);
/* By VS_SIG_PSS_SHA384. */
VS_MUST_USE vs_status vs_crl_issued_by(
    const struct vs_crl *c, const struct vs_cert *issuer, struct vs_err *err);
/* The certificate's serial number is on the list. Meaningful only for
 * certificates of the issuer of the list. */
bool vs_crl_lists(const struct vs_crl *c, const struct vs_cert *cert);
/* Every serial number on `other` is on c too. */
bool vs_crl_covers(const struct vs_crl *c, const struct vs_crl *other);

#endif
