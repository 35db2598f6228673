/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates, for chains of the shapes that vendors of TEEs use.
 * Which of them a chain must have, and the trust anchors, are a matter of
 * the caller.
 */
#ifndef VS_CRYPTO_X509_H
#define VS_CRYPTO_X509_H

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/pubkey.h"

struct vs_cert; /* immutable once parsed, thread-safe */

/* How every signature of a chain is made: no chain mixes them. */
typedef enum vs_sig_profile {
	/* AMD: RSASSA-PSS, SHA-384, MGF1 SHA-384, salt of 48 bytes. */
	VS_SIG_PSS_SHA384 = 0,
	/* Intel: ECDSA on P-256 with SHA-256. */
	VS_SIG_P256_SHA256,
	/* NVIDIA: ECDSA on P-384 with SHA-384. */
	VS_SIG_P384_SHA384,
	/* Sigstore: ECDSA on P-256 or P-384, with SHA-256 or SHA-384. */
	VS_SIG_ECDSA,
	/* Issuers of tokens: RSASSA-PKCS1-v1_5 with SHA-256. */
	VS_SIG_RSA_SHA256,
} vs_sig_profile;

enum {
	VS_CERT_MAX = 16 * 1024, /* AMD's are below 2 KiB */
	VS_CERT_CN_MAX = 64,     /* RFC 5280 A.1 ub-common-name */
};

/* Unix seconds, both ends included. */
struct vs_validity {
	int64_t not_before;
	int64_t not_after;
};

/* What a certificate says. Spans are borrowed from the certificate. */
struct vs_cert_facts {
	struct vs_span der;
	struct vs_span subject; /* DER of the names: compare as bytes */
	struct vs_span issuer;
	struct vs_span serial; /* magnitude, big-endian; empty: negative */
	char cn[VS_CERT_CN_MAX + 1];        /* "" unless there is exactly one */
	char issuer_cn[VS_CERT_CN_MAX + 1]; /* and it is printable ASCII */
	struct vs_validity validity;
	bool ca;       /* basicConstraints says CA */
	long path_len; /* -1: no limit */
	bool self_issued;
	uint8_t sha256[VS_SHA256_SIZE];      /* of the DER */
	uint8_t spki_sha256[VS_SHA256_SIZE]; /* of SubjectPublicKeyInfo */
};

/* Looks like a certificate of version 3 and not like a CRL. */
bool vs_cert_is(struct vs_span der);
/*
 * Exactly one DER certificate, version 3. VS_MALFORMED for anything else,
 * also for inconsistent extensions. Checks no signature.
 */
VS_MUST_USE vs_status vs_cert_parse(
    struct vs_span der, struct vs_cert **out, struct vs_err *err);
void vs_cert_free(struct vs_cert **c);
const struct vs_cert_facts *vs_cert_facts(const struct vs_cert *c);

/*
 * VS_OK when issuer signed c and was allowed to: names chain byte for byte,
 * issuer is a CA with keyCertSign (where it has keyUsage) and room in its
 * path length for `below` more CAs under it, neither has an unknown critical
 * extension, both AlgorithmIdentifiers and the issuer's key are those of the
 * profile, and the signature verifies. VS_UNTRUSTED otherwise. Dates are not
 * looked at.
 */
VS_MUST_USE vs_status vs_cert_issued_as(const struct vs_cert *c,
    const struct vs_cert *issuer, long below, vs_sig_profile profile,
    struct vs_err *err);
/* By VS_SIG_PSS_SHA384. */
VS_MUST_USE vs_status vs_cert_issued_by(const struct vs_cert *c,
    const struct vs_cert *issuer, long below, struct vs_err *err);

/* How many extensions have this OID (content bytes); value is the octets of
 * the first. */
size_t vs_cert_ext(
    const struct vs_cert *c, struct vs_span oid, struct vs_span *value);

/* EC key on P-384, given by the curve's name. */
bool vs_cert_key_is_p384(const struct vs_cert *c);
bool vs_cert_key_is_p256(const struct vs_cert *c);
VS_MUST_USE vs_status vs_cert_pubkey(
    const struct vs_cert *c, struct vs_pubkey **out, struct vs_err *err);

#endif
