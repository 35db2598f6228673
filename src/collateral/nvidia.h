/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVIDIA's reference documents (RIMs: TCG RIM on a SWID tag): which digests
 * a driver or a VBIOS of some version may yield.
 *
 * NVIDIA publishes them as signed XML. The command line, which alone reads
 * XML, writes each as a table that carries its proof: the document in its
 * canonical form (Canonical XML 1.1, without the signature), NVIDIA's
 * signature and its certificates. Whoever reads a table verifies all of that
 * again, so that a directory of tables needs no more trust than one of CRLs.
 */
#ifndef VS_COLLATERAL_NVIDIA_H
#define VS_COLLATERAL_NVIDIA_H

#include "collateral/trust.h"

enum {
	VS_NV_RIM_CERTS = 4, /* leaf first, the root last */
	VS_NV_RIM_ID_MAX = 128,
	VS_NV_RIM_VERSION_MAX = 32,
	VS_NV_RIM_PRODUCT_MAX = 16,
	VS_NV_RIM_INDEX_COUNT = 255,    /* SPDM counts from 1 to 255 */
	VS_NV_RIM_DIGEST_SIZE = 48,     /* SHA-384 */
	VS_NV_RIM_DIGESTS_MAX = 1024,   /* of a document; about 100 so far */
	VS_NV_RIM_XML_MAX = 256 * 1024, /* NVIDIA's have up to 26 KiB */
};

/*
 * What is known of the revocation of a chain's certificates, root aside: from
 * the lists and OCSP responses that are held and that the chain's own
 * authorities signed. Zeroed: nothing is known.
 */
enum { VS_NV_STANDING_MAX = 4 };
struct vs_nv_window {
	int64_t from, until; /* thisUpdate, nextUpdate; 0 and 0: none */
};
struct vs_nv_standing {
	/* One of them is revoked or on hold, however old the word of it is. A
	 * hold ends with a newer answer, a revocation never. */
	bool revoked;
	char who[VS_CERT_CN_MAX + 1]; /* of that one, when revoked */
	size_t n;
	/* That say of the certificate that it is good. */
	struct vs_nv_window ocsp[VS_NV_STANDING_MAX];
	struct vs_nv_window crl[VS_NV_STANDING_MAX];
};

/* certs[i + 1] issued certs[i], and n of them have an issuer; their
 * signatures were verified. */
void vs_nv_standing(const struct vs_trust *t, struct vs_cert *const *certs,
    size_t n, struct vs_nv_standing *out);
/* Each certificate is good by an answer that is fresh now; age is in seconds
 * and of the oldest of them. */
bool vs_nv_standing_good(
    const struct vs_nv_standing *s, int64_t now, int64_t *age);

/* What a document says of one measurement. n is 0: nothing. */
struct vs_nv_golden {
	bool active;       /* to be compared */
	uint16_t first, n; /* in the digests of the document */
};

/* One document. Immutable. */
struct vs_nv_rim {
	char id[VS_NV_RIM_ID_MAX + 1];
	char product[VS_NV_RIM_PRODUCT_MAX + 1]; /* "GH100", ... */
	char version[VS_NV_RIM_VERSION_MAX + 1];
	bool is_driver;
	uint8_t sha256[VS_SHA256_SIZE]; /* of the document as published */
	struct vs_validity validity;    /* what its certificates share */
	char anchor[VS_ANCHOR_NAME_MAX + 1];
	bool simulated; /* the anchor is the operator's */
	struct vs_cert *certs[VS_NV_RIM_CERTS];
	struct vs_nv_standing standing; /* of the signer */
	struct vs_nv_golden golden[VS_NV_RIM_INDEX_COUNT];
	uint8_t (*digests)[VS_NV_RIM_DIGEST_SIZE];
	size_t digests_n;
};

/* The pieces of a document, and of its table. Borrowed. */
struct vs_nv_rim_parts {
	struct vs_span id;
	struct vs_span xml;       /* as published: for its digest alone */
	struct vs_span canonical; /* what the signature is about */
	struct vs_span signature; /* r and s, big-endian, 48 bytes each */
	struct vs_span certs[VS_NV_RIM_CERTS];
};

/* Who may have signed. */
struct vs_nv_signer {
	struct vs_cert *certs[VS_NV_RIM_CERTS];
	struct vs_pubkey *key;
	struct vs_validity validity;
	const struct vs_anchor *anchor;
};
void vs_nv_signer_fini(struct vs_nv_signer *s);

/*
 * Four certificates that chain to NVIDIA's root of reference documents or to
 * one of the operator's anchors. VS_UNTRUSTED, RIM_CHAIN. Dates aside.
 */
VS_MUST_USE vs_status vs_nv_rim_chain(
    const struct vs_span certs[VS_NV_RIM_CERTS], const struct vs_trust *trust,
    struct vs_nv_signer *out, struct vs_err *err);
/* VS_UNTRUSTED, RIM_TIME. */
VS_MUST_USE vs_status vs_nv_rim_in_date(
    const struct vs_validity *v, int64_t now, struct vs_err *err);
/*
 * Everything but the dates: chain, signature, form. RIM_CHAIN, RIM_SIG (both
 * VS_UNTRUSTED), RIM_PARSE (VS_MALFORMED).
 */
VS_MUST_USE vs_status vs_nv_rim_check(const struct vs_nv_rim_parts *parts,
    const struct vs_trust *trust, struct vs_nv_rim **out, struct vs_err *err);
void vs_nv_rim_free(struct vs_nv_rim **r);

/* Begins like a table. */
bool vs_nv_table_is(struct vs_span bytes);
/* Appended to out. */
void vs_nv_table_write(const struct vs_nv_rim_parts *parts, struct vs_buf *out);
/* The pieces, not yet verified. VS_MALFORMED, RIM_PARSE. */
VS_MUST_USE vs_status vs_nv_table_read(
    struct vs_span bytes, struct vs_nv_rim_parts *out, struct vs_err *err);

/* Reads the canonical form: for documents whose signature was verified. out
 * is zeroed before, and to be freed after a failure, too. */
VS_MUST_USE vs_status vs_nv_golden_read(
    struct vs_span canonical, struct vs_nv_rim *out, struct vs_err *err);

/*
 * The id of a document: prefix that its version belongs to. A document of a
 * driver has it all; that of a VBIOS does not name its board, so name (of a
 * file, or what NVIDIA's service calls it) must begin with the id, as in
 * NV_GPU_VBIOS_1010_0200_882_96009F0001.xml. VS_USAGE otherwise.
 */
VS_MUST_USE vs_status vs_nv_rim_id(const struct vs_nv_rim *r,
    struct vs_span name, char out[VS_NV_RIM_ID_MAX + 1], struct vs_err *err);

/* NVIDIA's own, by its pin: VS_NV_ROOT_DEVICE, VS_NV_ROOT_RIM of
 * collateral/nvidia_ca.h. */
bool vs_nv_is_root(const struct vs_cert *cert, unsigned which);

/* A list of the anchor's that is held names one of the certificates that it
 * issued. How old the list is does not matter: the revocation of an authority
 * is never taken back. */
bool vs_nv_revoked(const struct vs_trust *t, const struct vs_anchor *anchor,
    struct vs_cert *const *certs, size_t n);

/* Documents of this id in the snapshot, at most cap; returns how many. */
size_t vs_nv_rims_find(const struct vs_trust *t, const char *id,
    const struct vs_nv_rim **out, size_t cap);

#endif
