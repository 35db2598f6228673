/* SPDX-License-Identifier: Apache-2.0 */
/* A Sigstore of our own: certificate authority, two kinds of log, a time
 * stamp authority, and bundles under them. Each part can be made wrong by
 * itself. */
#ifndef VS_TESTS_PROV_FORGE_H
#define VS_TESTS_PROV_FORGE_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/encoding.h"
#include "check.h"
#include "provenance/provenance.h"

enum {
	F_AT = 1750000000, /* when it is signed */
	F_FROM = 1700000000,
	F_TO = 1800000000,
	F_LIFE = 600, /* of a leaf */
};

#define F_REPO "https://github.com/example/model"
#define F_FLOW ".github/workflows/build.yml"
#define F_REF "refs/heads/main"
#define F_SAN F_REPO "/" F_FLOW "@" F_REF
#define F_ISSUER "https://token.actions.githubusercontent.com"
#define F_COMMIT "0123456789abcdef0123456789abcdef01234567"
/* SHA-256 of "hello" */
#define F_DIGEST                                                               \
	"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define F_TYPE "https://actions.github.io/buildtypes/workflow/v1"

#define F_STATEMENT(digest, predicate_type, predicate)                         \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{"        \
	"\"name\":\"registry.example/model\",\"digest\":{\"sha256\":\"" digest \
	"\"}}],\"predicateType\":\"" predicate_type                            \
	"\",\"predicate\":" predicate "}"
#define F_SLSA(repo, ref, path, commit, builder)                               \
	"{\"buildDefinition\":{\"buildType\":\"" F_TYPE                        \
	"\",\"externalParameters\":{\"workflow\":{\"ref\":\"" ref              \
	"\",\"repository\":\"" repo "\",\"path\":\"" path                      \
	"\"}},\"resolvedDependencies\":[{\"uri\":\"git+" repo "@" ref          \
	"\",\"digest\":{\"gitCommit\":\"" commit                               \
	"\"}}]},\"runDetails\":{\"builder\":{\"id\":\"" builder "\"}}}"
#define F_V1 "https://slsa.dev/provenance/v1"
#define F_GOOD                                                                 \
	F_STATEMENT(                                                           \
	    F_DIGEST, F_V1, F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT, F_SAN))

/* Everything that goes into a bundle, and what is wrong with it. */
struct f_make {
	/* Certificate: NULL leaves an extension out. */
	const char *san; /* "URI:…" */
	const char *issuer_v1, *issuer_v2;
	const char *signer, *runner, *source, *commit, *ref, *id, *config;
	const char *eku, *ku; /* NULL: without */
	bool leaf_is_ca, foreign_ca;
	int64_t from;
	bool no_sct, bad_sct, foreign_sct;
	/* Envelope */
	const char *type, *statement;
	bool bad_sig, two_sigs, by_key, message;
	/* Entry */
	const char *kind, *version;
	bool no_entry, foreign_log, other_payload, other_sig, other_cert;
	int64_t integrated;
	bool no_set, bad_set;
	/* Proof and checkpoint */
	bool no_proof, bad_hash, more_hashes, fewer_hashes, other_index;
	bool no_checkpoint, other_root, other_size, bad_checkpoint_sig;
	bool second_bad_sig, no_log_sig, witness, other_hint;
	/* Time stamps */
	int stamps;
	bool stamp_of_other, foreign_tsa;
	int64_t stamp_at;
	/* The file as a whole */
	const char *media, *extra;
	bool two_signers, self_signed;
};

static inline struct f_make
f_good(void)
{
	return (struct f_make){.san = "URI:" F_SAN,
	    .issuer_v1 = F_ISSUER,
	    .issuer_v2 = F_ISSUER,
	    .signer = F_SAN,
	    .runner = "github-hosted",
	    .source = F_REPO,
	    .commit = F_COMMIT,
	    .ref = F_REF,
	    .id = "4242",
	    .config = F_SAN,
	    .eku = "codeSigning",
	    .ku = "critical,digitalSignature",
	    .from = F_AT - 10,
	    .type = "application/vnd.in-toto+json",
	    .statement = F_GOOD,
	    .kind = "dsse",
	    .version = "0.0.1",
	    .integrated = F_AT,
	    .stamp_at = F_AT,
	    .media = "application/vnd.dev.sigstore.bundle.v0.3+json",
	    .extra = ""};
}

/* Lives as long as the test. */
struct f_world {
	EVP_PKEY *root_key, *mid_key, *log_key, *ct_key, *tsa_key, *tsa_root;
	EVP_PKEY *leaf_key, *other_key, *own_key;
	X509 *root, *mid, *tsa, *tsa_ca;
};

static inline EVP_PKEY *
f_key(void)
{
	return EVP_EC_gen("P-256");
}

static inline void
f_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static inline void
f_raw(X509 *x, const char *oid, const uint8_t *der, size_t n)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *v = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	CHECK(ASN1_OCTET_STRING_set(v, der, (int)n) == 1);
	e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, v);
	CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(v);
	ASN1_OBJECT_free(o);
}

/* 57264.1.n: bare text below 8, UTF8String from there on. */
static inline void
f_fulcio(X509 *x, int n, const char *value)
{
	uint8_t der[300];
	char oid[40];
	size_t len, head = 0;

	if (value == NULL)
		return;
	len = strlen(value);
	if (n >= 8) {
		der[head++] = 0x0c;
		if (len >= 0x80)
			der[head++] = 0x81;
		der[head++] = (uint8_t)len;
	}
	memcpy(der + head, value, len);
	snprintf(oid, sizeof(oid), "1.3.6.1.4.1.57264.1.%d", n);
	f_raw(x, oid, der, head + len);
}

static inline X509 *
f_cert(const char *cn, EVP_PKEY *key, X509 *issuer, int64_t from, int64_t to)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	CHECK(X509_set_version(x, X509_VERSION_3) == 1);
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(x), 7) == 1);
	if (cn[0] != '\0')
		CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			  (const unsigned char *)cn, -1, -1, 0) == 1);
	CHECK(X509_set_issuer_name(x,
		  issuer != NULL ? X509_get_subject_name(issuer) : name) == 1);
	CHECK(ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) != NULL);
	CHECK(ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to) != NULL);
	CHECK(X509_set_pubkey(x, key) == 1);
	return x;
}

static inline X509 *
f_ca(const char *cn, EVP_PKEY *key, X509 *issuer, EVP_PKEY *by)
{
	X509 *x = f_cert(cn, key, issuer, F_FROM, F_TO);

	f_ext(x, NID_basic_constraints, "critical,CA:TRUE");
	f_ext(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	CHECK(X509_sign(x, by, EVP_sha256()) > 0);
	return x;
}

static inline void
f_world_init(struct f_world *w)
{
	EVP_PKEY **const keys[] = {&w->root_key, &w->mid_key, &w->log_key,
	    &w->ct_key, &w->tsa_key, &w->tsa_root, &w->leaf_key, &w->other_key,
	    &w->own_key};

	for (size_t i = 0; i < VS_COUNT(keys); i++)
		*keys[i] = f_key();
	w->root = f_ca("Test root", w->root_key, NULL, w->root_key);
	w->mid = f_ca("Test CA", w->mid_key, w->root, w->root_key);
	w->tsa_ca = f_ca("Test TSA root", w->tsa_root, NULL, w->tsa_root);
	w->tsa = f_cert("Test TSA", w->tsa_key, w->tsa_ca, F_FROM, F_TO);
	f_ext(w->tsa, NID_key_usage, "critical,digitalSignature");
	f_ext(w->tsa, NID_ext_key_usage, "critical,timeStamping");
	CHECK(X509_sign(w->tsa, w->tsa_root, EVP_sha256()) > 0);
}

static inline void
f_world_fini(struct f_world *w)
{
	EVP_PKEY *const keys[] = {w->root_key, w->mid_key, w->log_key,
	    w->ct_key, w->tsa_key, w->tsa_root, w->leaf_key, w->other_key,
	    w->own_key};
	X509 *const certs[] = {w->root, w->mid, w->tsa, w->tsa_ca};

	for (size_t i = 0; i < VS_COUNT(keys); i++)
		EVP_PKEY_free(keys[i]);
	for (size_t i = 0; i < VS_COUNT(certs); i++)
		X509_free(certs[i]);
}

/* --- small encoders --------------------------------------------------- */

static inline void
f_b64(struct vs_buf *b, struct vs_span in)
{
	uint8_t *p = malloc(4 * (in.n / 3 + 1) + 1);
	int n = EVP_EncodeBlock(p, in.p, (int)in.n);

	vs_buf_add(b, VS_SPAN(p, (size_t)n));
	free(p);
}

static inline const EVP_MD *
f_md(const EVP_PKEY *key)
{
	if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519)
		return NULL;
	return EVP_PKEY_get_id(key) == EVP_PKEY_EC &&
		EVP_PKEY_get_bits(key) == 384
	    ? EVP_sha384()
	    : EVP_sha256();
}

static inline void
f_sign(EVP_PKEY *key, struct vs_span msg, struct vs_buf *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t out[512];
	size_t n = sizeof(out);

	CHECK(EVP_DigestSignInit(ctx, NULL, f_md(key), NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, out, &n, msg.p, msg.n) == 1);
	vs_buf_add(sig, VS_SPAN(out, n));
	EVP_MD_CTX_free(ctx);
}

static inline void
f_spki(EVP_PKEY *key, struct vs_buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	CHECK(n > 0);
	vs_buf_add(out, VS_SPAN(der, (size_t)n));
	OPENSSL_free(der);
}

static inline void
f_key_id(EVP_PKEY *key, uint8_t id[32])
{
	struct vs_buf spki = {0};

	f_spki(key, &spki);
	SHA256(spki.p, spki.n, id);
	vs_buf_fini(&spki);
}

static inline void
f_der(X509 *x, struct vs_buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	CHECK(n > 0);
	vs_buf_add(out, VS_SPAN(der, (size_t)n));
	OPENSSL_free(der);
}

/* base64 of a PEM block, as Rekor keeps keys. */
static inline void
f_pem_b64(struct vs_buf *out, const char *label, struct vs_span der)
{
	struct vs_buf pem = {0};

	vs_buf_printf(&pem, "-----BEGIN %s-----\n", label);
	f_b64(&pem, der);
	vs_buf_printf(&pem, "\n-----END %s-----\n", label);
	f_b64(out, vs_buf_span(&pem));
	vs_buf_fini(&pem);
}

/* --- the trusted root -------------------------------------------------- */

static inline void
f_root_log(struct vs_buf *b, const char *name, EVP_PKEY *key)
{
	struct vs_buf spki = {0};
	uint8_t id[32];

	f_spki(key, &spki);
	f_key_id(key, id);
	vs_buf_printf(b,
	    "\"%s\":[{\"baseUrl\":\"https://log.example/\",\"publicKey\":"
	    "{\"rawBytes\":\"",
	    name);
	f_b64(b, vs_buf_span(&spki));
	vs_buf_puts(b,
	    "\",\"validFor\":{\"start\":\"2023-11-14T22:13:20Z\",\"end\":"
	    "\"2027-01-15T08:00:00Z\"}},\"logId\":{\"keyId\":\"");
	f_b64(b, VS_SPAN_OF(id));
	vs_buf_puts(b, "\"}}],");
	vs_buf_fini(&spki);
}

static inline void
f_root_ca(struct vs_buf *b, const char *name, X509 *first, X509 *last)
{
	X509 *const both[] = {first, last};

	vs_buf_printf(b, "\"%s\":[{\"certChain\":{\"certificates\":[", name);
	for (size_t i = 0; i < 2; i++) {
		struct vs_buf der = {0};
		f_der(both[i], &der);
		vs_buf_printf(b, "%s{\"rawBytes\":\"", i ? "," : "");
		f_b64(b, vs_buf_span(&der));
		vs_buf_puts(b, "\"}");
		vs_buf_fini(&der);
	}
	vs_buf_puts(
	    b, "]},\"validFor\":{\"start\":\"2023-11-14T22:13:20.5Z\"}}],");
}

static inline void
f_root(const struct f_world *w, struct vs_buf *b)
{
	vs_buf_puts(b, "{");
	f_root_log(b, "tlogs", w->log_key);
	f_root_log(b, "ctlogs", w->ct_key);
	f_root_ca(b, "certificateAuthorities", w->mid, w->root);
	f_root_ca(b, "timestampAuthorities", w->tsa, w->tsa_ca);
	vs_buf_puts(b,
	    "\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;"
	    "version=0.1\"}");
}

/* --- the certificate ---------------------------------------------------- */

static inline void
f_be(struct vs_buf *b, uint64_t v, int n)
{
	for (int i = n; i-- > 0;) {
		uint8_t byte = (uint8_t)(v >> 8 * i);
		vs_buf_add(b, VS_SPAN(&byte, 1));
	}
}

static inline void
f_sct(const struct f_world *w, const struct f_make *m, X509 *x)
{
	struct vs_buf text = {0}, sig = {0}, list = {0};
	const uint64_t ms = UINT64_C(1000) * F_AT;
	unsigned char *tbs = NULL;
	uint8_t issuer[32], id[32];
	int n = i2d_re_X509_tbs(x, &tbs);

	f_key_id(w->mid_key, issuer);
	f_key_id(m->foreign_sct ? w->other_key : w->ct_key, id);
	f_be(&text, 0, 2);
	f_be(&text, ms + (m->bad_sct ? 1 : 0), 8);
	f_be(&text, 1, 2);
	vs_buf_add(&text, VS_SPAN_OF(issuer));
	f_be(&text, (uint64_t)n, 3);
	vs_buf_add(&text, VS_SPAN(tbs, (size_t)n));
	f_be(&text, 2, 2);
	vs_buf_puts(&text, "xt");
	f_sign(m->foreign_sct ? w->other_key : w->ct_key, vs_buf_span(&text),
	    &sig);
	f_be(&list, 0x04, 1);
	CHECK(sig.n + 53 < 0x80);
	f_be(&list, sig.n + 53, 1);
	f_be(&list, sig.n + 51, 2);
	f_be(&list, sig.n + 49, 2);
	f_be(&list, 0, 1);
	vs_buf_add(&list, VS_SPAN_OF(id));
	f_be(&list, ms, 8);
	f_be(&list, 2, 2);
	vs_buf_puts(&list, "xt");
	f_be(&list, 0x0403, 2);
	f_be(&list, sig.n, 2);
	vs_buf_add(&list, vs_buf_span(&sig));
	f_raw(x, "1.3.6.1.4.1.11129.2.4.2", list.p, list.n);
	OPENSSL_free(tbs);
	vs_buf_fini(&text);
	vs_buf_fini(&sig);
	vs_buf_fini(&list);
}

static inline X509 *
f_leaf(const struct f_world *w, const struct f_make *m)
{
	EVP_PKEY *by = m->foreign_ca ? w->other_key : w->mid_key;
	X509 *x = f_cert(m->self_signed ? "Test CA" : "", w->leaf_key, w->mid,
	    m->from, m->from + F_LIFE);

	if (m->ku != NULL)
		f_ext(x, NID_key_usage, m->ku);
	if (m->eku != NULL)
		f_ext(x, NID_ext_key_usage, m->eku);
	if (m->leaf_is_ca)
		f_ext(x, NID_basic_constraints, "critical,CA:TRUE");
	if (m->san != NULL)
		f_ext(x, NID_subject_alt_name, m->san);
	f_fulcio(x, 1, m->issuer_v1);
	f_fulcio(x, 8, m->issuer_v2);
	f_fulcio(x, 9, m->signer);
	f_fulcio(x, 11, m->runner);
	f_fulcio(x, 12, m->source);
	f_fulcio(x, 13, m->commit);
	f_fulcio(x, 14, m->ref);
	f_fulcio(x, 15, m->id);
	f_fulcio(x, 18, m->config);
	CHECK(X509_sign(x, by, EVP_sha256()) > 0);
	if (!m->no_sct) {
		f_sct(w, m, x);
		CHECK(X509_sign(x, by, EVP_sha256()) > 0);
	}
	return x;
}

/* --- time stamps -------------------------------------------------------- */

static inline ASN1_INTEGER *
f_ts_serial(struct TS_resp_ctx *ctx, void *data)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();

	(void)ctx;
	(void)data;
	CHECK(ASN1_INTEGER_set(n, 5) == 1);
	return n;
}

static inline int
f_ts_time(struct TS_resp_ctx *ctx, void *data, long *sec, long *usec)
{
	(void)ctx;
	*sec = (long)*(int64_t *)data;
	*usec = 0;
	return 1;
}

static inline TS_REQ *
f_ts_request(struct vs_span over)
{
	TS_REQ *req = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algo = X509_ALGOR_new();
	uint8_t hash[32];

	SHA256(over.p, over.n, hash);
	CHECK(X509_ALGOR_set0(
		  algo, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1);
	CHECK(TS_REQ_set_version(req, 1) == 1);
	CHECK(TS_MSG_IMPRINT_set_algo(imprint, algo) == 1);
	CHECK(TS_MSG_IMPRINT_set_msg(imprint, hash, 32) == 1);
	CHECK(TS_REQ_set_msg_imprint(req, imprint) == 1);
	CHECK(TS_REQ_set_cert_req(req, 1) == 1);
	X509_ALGOR_free(algo);
	TS_MSG_IMPRINT_free(imprint);
	return req;
}

static inline void
f_stamp(const struct f_world *w, const struct f_make *m, struct vs_span sig,
    struct vs_buf *out)
{
	TS_REQ *req =
	    f_ts_request(m->stamp_of_other ? VS_SPAN_LIT("other") : sig);
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	BIO *in = BIO_new(BIO_s_mem());
	int64_t at = m->stamp_at;
	X509 *cert = w->tsa;
	unsigned char *der = NULL;
	TS_RESP *resp;
	int n;

	if (m->foreign_tsa) { /* the same names, another key */
		cert =
		    f_cert("Test TSA", w->other_key, w->tsa_ca, F_FROM, F_TO);
		f_ext(cert, NID_key_usage, "critical,digitalSignature");
		f_ext(cert, NID_ext_key_usage, "critical,timeStamping");
		CHECK(X509_sign(cert, w->other_key, EVP_sha256()) > 0);
	}
	CHECK(i2d_TS_REQ_bio(in, req) == 1);
	CHECK(TS_RESP_CTX_set_signer_cert(ctx, cert) == 1);
	CHECK(TS_RESP_CTX_set_signer_key(
		  ctx, m->foreign_tsa ? w->other_key : w->tsa_key) == 1);
	CHECK(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) == 1);
	CHECK(TS_RESP_CTX_set_def_policy(ctx, policy) == 1);
	CHECK(TS_RESP_CTX_add_md(ctx, EVP_sha256()) == 1);
	TS_RESP_CTX_set_serial_cb(ctx, f_ts_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, f_ts_time, &at);
	resp = TS_RESP_create_response(ctx, in);
	n = resp != NULL ? i2d_TS_RESP(resp, &der) : 0;
	CHECK(n > 0);
	vs_buf_add(out, VS_SPAN(der, n > 0 ? (size_t)n : 0));
	OPENSSL_free(der);
	TS_RESP_free(resp);
	TS_RESP_CTX_free(ctx);
	TS_REQ_free(req);
	ASN1_OBJECT_free(policy);
	BIO_free(in);
	if (m->foreign_tsa)
		X509_free(cert);
}

/* --- the log ------------------------------------------------------------ */

static inline void
f_node(const uint8_t *l, const uint8_t *r, uint8_t out[32])
{
	uint8_t text[65] = {1};

	memcpy(text + 1, l, 32);
	memcpy(text + 33, r, 32);
	SHA256(text, sizeof(text), out);
}

/* Leaf 2 of a tree of 5; the other leaves are made up. */
struct f_tree {
	uint8_t path[3][32];
	uint8_t root[32];
};

static inline void
f_grow(struct vs_span body, struct f_tree *t)
{
	struct vs_buf leaf = {0};
	uint8_t own[32], left[32];

	f_be(&leaf, 0, 1);
	vs_buf_add(&leaf, body);
	SHA256(leaf.p, leaf.n, own);
	vs_buf_fini(&leaf);
	for (size_t i = 0; i < 3; i++)
		memset(t->path[i], (int)(0x11 * (i + 1)), 32);
	f_node(own, t->path[0], left);
	f_node(t->path[1], left, left);
	f_node(left, t->path[2], t->root);
}

static inline void
f_checkpoint(const struct f_world *w, const struct f_make *m,
    const struct f_tree *t, struct vs_buf *out)
{
	struct vs_buf sig = {0}, text = {0};
	uint8_t root[32], id[32];

	memcpy(root, t->root, 32);
	root[0] ^= m->other_root ? 1 : 0;
	vs_buf_printf(&text, "log.example - 7\n%d\n", m->other_size ? 6 : 5);
	f_b64(&text, VS_SPAN_OF(root));
	vs_buf_puts(&text, "\nTimestamp: 1\n");
	f_key_id(w->log_key, id);
	id[0] ^= m->other_hint ? 1 : 0;
	vs_buf_add(&sig, VS_SPAN(id, 4));
	f_sign(m->bad_checkpoint_sig ? w->other_key : w->log_key,
	    vs_buf_span(&text), &sig);
	vs_buf_add(out, vs_buf_span(&text));
	vs_buf_puts(out, "\n");
	if (m->witness)
		vs_buf_puts(out, "\xe2\x80\x94 witness.example AAAAAAAA\n");
	if (!m->no_log_sig) {
		vs_buf_puts(out, "\xe2\x80\x94 log.example ");
		f_b64(out, vs_buf_span(&sig));
		vs_buf_puts(out, "\n");
	}
	if (m->second_bad_sig) {
		sig.p[sig.n - 1] ^= 1;
		vs_buf_puts(out, "\xe2\x80\x94 log.example ");
		f_b64(out, vs_buf_span(&sig));
		vs_buf_puts(out, "\n");
	}
	vs_buf_fini(&sig);
	vs_buf_fini(&text);
}

/* A JSON string: line feeds are all that must be escaped. */
static inline void
f_json_text(struct vs_buf *b, struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			vs_buf_puts(b, "\\n");
		else
			vs_buf_add(b, VS_SPAN(s.p + i, 1));
}

static inline void
f_proof(const struct f_world *w, const struct f_make *m, struct vs_span body,
    struct vs_buf *b)
{
	struct vs_buf note = {0};
	struct f_tree t;
	size_t n = m->more_hashes ? 4 : m->fewer_hashes ? 2 : 3;

	f_grow(body, &t);
	vs_buf_printf(b,
	    ",\"inclusionProof\":{\"logIndex\":\"%d\",\"treeSize\":\"5\","
	    "\"rootHash\":\"",
	    m->other_index ? 1 : 2);
	f_b64(b, VS_SPAN_OF(t.root));
	vs_buf_puts(b, "\",\"hashes\":[");
	if (m->bad_hash)
		t.path[0][0] ^= 1;
	for (size_t i = 0; i < n; i++) {
		vs_buf_puts(b, i ? ",\"" : "\"");
		f_b64(b, VS_SPAN(t.path[i < 3 ? i : 2], 32));
		vs_buf_puts(b, "\"");
	}
	vs_buf_puts(b, "]");
	if (!m->no_checkpoint) {
		f_checkpoint(w, m, &t, &note);
		vs_buf_puts(b, ",\"checkpoint\":{\"envelope\":\"");
		f_json_text(b, vs_buf_span(&note));
		vs_buf_puts(b, "\"}");
	}
	vs_buf_puts(b, "}");
	vs_buf_fini(&note);
}

static inline void
f_set(const struct f_world *w, const struct f_make *m, struct vs_span body,
    struct vs_buf *b)
{
	struct vs_buf text = {0}, sig = {0};
	uint8_t id[32];

	f_key_id(w->log_key, id);
	vs_buf_puts(&text, "{\"body\":\"");
	f_b64(&text, body);
	vs_buf_printf(&text, "\",\"integratedTime\":%" PRId64 ",\"logID\":\"",
	    m->integrated);
	vs_buf_hex(&text, VS_SPAN_OF(id));
	vs_buf_printf(&text, "\",\"logIndex\":%d}", m->bad_set ? 1003 : 1002);
	f_sign(w->log_key, vs_buf_span(&text), &sig);
	vs_buf_puts(b, ",\"inclusionPromise\":{\"signedEntryTimestamp\":\"");
	f_b64(b, vs_buf_span(&sig));
	vs_buf_puts(b, "\"}");
	vs_buf_fini(&text);
	vs_buf_fini(&sig);
}

/* What a body says, in pieces that are in base64 already. */
struct f_said {
	struct vs_buf sig, key, hash, raw_key;
};

static inline void
f_body_text(const struct f_make *m, struct f_said *s, struct vs_buf *b)
{
	const char *sig = vs_buf_cstr(&s->sig), *key = vs_buf_cstr(&s->key);
	const char *hash = vs_buf_cstr(&s->hash);

	vs_buf_printf(b,
	    "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"spec\":", m->version,
	    m->kind);
	if (strcmp(m->kind, "dsse") == 0) {
		vs_buf_printf(b,
		    "{\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\""
		    "%s\"},\"signatures\":[{\"signature\":\"%s\","
		    "\"verifier\":\"%s\"}]}}",
		    hash, sig, key);
	} else if (strcmp(m->kind, "intoto") == 0) {
		vs_buf_printf(b,
		    "{\"content\":{\"payloadHash\":{\"algorithm\":\"sha256\","
		    "\"value\":\"%s\"},\"envelope\":{\"signatures\":[{"
		    "\"sig\":\"",
		    hash);
		f_b64(b, vs_buf_span(&s->sig));
		vs_buf_printf(b, "\",\"publicKey\":\"%s\"}]}}}}", key);
	} else if (strcmp(m->version, "0.0.1") == 0) {
		vs_buf_printf(b,
		    "{\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":"
		    "\"%s\"}},\"signature\":{\"content\":\"%s\",\"publicKey\":"
		    "{\"content\":\"%s\"}}}}",
		    hash, sig, key);
	} else {
		vs_buf_printf(b,
		    "{\"hashedRekordV002\":{\"data\":{\"algorithm\":"
		    "\"SHA2_256\",\"digest\":\"%s\"},\"signature\":{"
		    "\"content\":\"%s\",\"verifier\":{\"%s\":{\"rawBytes\":\""
		    "%s\"}}}}}}",
		    hash, sig, m->by_key ? "publicKey" : "x509Certificate",
		    vs_buf_cstr(&s->raw_key));
	}
}

/* --- the bundle --------------------------------------------------------- */

struct f_parts {
	struct vs_buf pae, sig, leaf;
};

static inline void
f_sign_all(const struct f_world *w, const struct f_make *m, struct f_parts *p)
{
	EVP_PKEY *key = m->by_key ? w->own_key : w->leaf_key;
	X509 *leaf = f_leaf(w, m);

	if (m->message)
		vs_buf_puts(&p->pae, "hello");
	else
		vs_buf_printf(&p->pae, "DSSEv1 %zu %s %zu %s", strlen(m->type),
		    m->type, strlen(m->statement), m->statement);
	f_sign(m->bad_sig ? w->other_key : key, vs_buf_span(&p->pae), &p->sig);
	f_der(leaf, &p->leaf);
	X509_free(leaf);
}

static inline void
f_say(const struct f_world *w, const struct f_make *m, struct f_parts *p,
    struct f_said *s)
{
	bool of_signed = strcmp(m->kind, "hashedrekord") == 0;
	struct vs_span what =
	    of_signed ? vs_buf_span(&p->pae) : vs_span_cstr(m->statement);
	struct vs_buf der = {0};
	uint8_t hash[32];

	SHA256(what.p, what.n, hash);
	hash[0] ^= m->other_payload ? 1 : 0;
	if (of_signed && strcmp(m->version, "0.0.2") == 0)
		f_b64(&s->hash, VS_SPAN_OF(hash));
	else
		vs_buf_hex(&s->hash, VS_SPAN_OF(hash));
	if (m->other_sig)
		p->sig.p[p->sig.n - 1] ^= 1;
	f_b64(&s->sig, vs_buf_span(&p->sig));
	if (m->other_sig)
		p->sig.p[p->sig.n - 1] ^= 1;
	if (m->by_key)
		f_spki(m->other_cert ? w->other_key : w->own_key, &der);
	else if (m->other_cert)
		f_der(w->mid, &der);
	else
		vs_buf_add(&der, vs_buf_span(&p->leaf));
	f_pem_b64(&s->key, m->by_key ? "PUBLIC KEY" : "CERTIFICATE",
	    vs_buf_span(&der));
	f_b64(&s->raw_key, vs_buf_span(&der));
	vs_buf_fini(&der);
}

static inline void
f_entry(const struct f_world *w, const struct f_make *m, struct f_parts *p,
    struct vs_buf *b)
{
	struct vs_buf body = {0};
	struct f_said s = {0};
	uint8_t id[32];

	f_say(w, m, p, &s);
	f_body_text(m, &s, &body);
	f_key_id(m->foreign_log ? w->other_key : w->log_key, id);
	vs_buf_puts(b, "{\"logIndex\":\"1002\",\"logId\":{\"keyId\":\"");
	f_b64(b, VS_SPAN_OF(id));
	vs_buf_printf(b,
	    "\"},\"kindVersion\":{\"kind\":\"%s\",\"version\":\"%s\"},"
	    "\"integratedTime\":\"%" PRId64 "\",\"canonicalizedBody\":\"",
	    m->kind, m->version, m->integrated);
	f_b64(b, vs_buf_span(&body));
	vs_buf_puts(b, "\"");
	if (!m->no_set)
		f_set(w, m, vs_buf_span(&body), b);
	if (!m->no_proof)
		f_proof(w, m, vs_buf_span(&body), b);
	vs_buf_puts(b, "}");
	vs_buf_fini(&s.sig);
	vs_buf_fini(&s.key);
	vs_buf_fini(&s.hash);
	vs_buf_fini(&s.raw_key);
	vs_buf_fini(&body);
}

static inline void
f_envelope(const struct f_make *m, const struct f_parts *p, struct vs_buf *b)
{
	vs_buf_printf(b, "{\"payloadType\":\"%s\",\"payload\":\"", m->type);
	f_b64(b, vs_span_cstr(m->statement));
	vs_buf_puts(b, "\",\"signatures\":[{\"sig\":\"");
	f_b64(b, vs_buf_span(&p->sig));
	vs_buf_puts(b, "\",\"keyid\":\"\"}");
	if (m->two_sigs) {
		vs_buf_puts(b, ",{\"sig\":\"");
		f_b64(b, vs_buf_span(&p->sig));
		vs_buf_puts(b, "\"}");
	}
	vs_buf_puts(b, "]}");
}

static inline void
f_material(const struct f_world *w, const struct f_make *m, struct f_parts *p,
    struct vs_buf *b)
{
	struct vs_buf self = {0};

	if (m->self_signed)
		f_der(w->root, &self);
	if (m->by_key || m->two_signers)
		vs_buf_puts(b, "\"publicKey\":{\"hint\":\"abc\"},");
	if (!m->by_key) {
		vs_buf_puts(b, "\"certificate\":{\"rawBytes\":\"");
		f_b64(b, vs_buf_span(m->self_signed ? &self : &p->leaf));
		vs_buf_puts(b, "\"},");
	}
	vs_buf_puts(b, "\"tlogEntries\":[");
	if (!m->no_entry)
		f_entry(w, m, p, b);
	vs_buf_puts(
	    b, "],\"timestampVerificationData\":{\"rfc3161Timestamps\":[");
	for (int i = 0; i < m->stamps; i++) {
		struct vs_buf der = {0};
		f_stamp(w, m, vs_buf_span(&p->sig), &der);
		vs_buf_printf(b, "%s{\"signedTimestamp\":\"", i ? "," : "");
		f_b64(b, vs_buf_span(&der));
		vs_buf_puts(b, "\"}");
		vs_buf_fini(&der);
	}
	vs_buf_puts(b, "]}");
	vs_buf_fini(&self);
}

static inline void
f_bundle(const struct f_world *w, const struct f_make *m, struct vs_buf *b)
{
	struct f_parts p = {0};

	f_sign_all(w, m, &p);
	vs_buf_printf(
	    b, "{\"mediaType\":\"%s\",\"verificationMaterial\":{", m->media);
	f_material(w, m, &p, b);
	vs_buf_printf(b, "}%s,", m->extra);
	if (m->message) {
		vs_buf_puts(b, "\"messageSignature\":{\"signature\":\"");
		f_b64(b, vs_buf_span(&p.sig));
		vs_buf_puts(b, "\"}}");
	} else {
		vs_buf_puts(b, "\"dsseEnvelope\":");
		f_envelope(m, &p, b);
		vs_buf_puts(b, "}");
	}
	vs_buf_fini(&p.pae);
	vs_buf_fini(&p.sig);
	vs_buf_fini(&p.leaf);
}

/* The envelope alone, by key. */
static inline void
f_dsse(const struct f_world *w, const struct f_make *m, struct vs_buf *b)
{
	struct f_parts p = {0};

	f_sign_all(w, m, &p);
	f_envelope(m, &p, b);
	vs_buf_fini(&p.pae);
	vs_buf_fini(&p.sig);
	vs_buf_fini(&p.leaf);
}

static inline void
f_pem_key(EVP_PKEY *key, struct vs_buf *out)
{
	struct vs_buf spki = {0};

	f_spki(key, &spki);
	vs_buf_puts(out, "-----BEGIN PUBLIC KEY-----\n");
	f_b64(out, vs_buf_span(&spki));
	vs_buf_puts(out, "\n-----END PUBLIC KEY-----\n");
	vs_buf_fini(&spki);
}

#endif
