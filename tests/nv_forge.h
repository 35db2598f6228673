/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's devices, forged under a root of our own: certificates, reports,
 * reference documents. Each part can be made wrong by itself. */
#ifndef VS_TESTS_NV_FORGE_H
#define VS_TESTS_NV_FORGE_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "check.h"
#include "evidence/nvgpu/nvgpu.h"

enum { F_NOW = 1750000000, F_FROM = 1700000000, F_TO = 1800000000 };

/* Keys are never freed: they live as long as the test. */
static inline EVP_PKEY *
f_key(void)
{
	return EVP_EC_gen("P-384");
}

struct f_cert {
	const char *cn;
	EVP_PKEY *key;
	bool ca;
	const uint8_t *serial; /* NULL: 1 */
	size_t serial_n;
	const char *ext_oid; /* NULL: none */
	const uint8_t *ext;
	size_t ext_n;
	int64_t from, to;
	const EVP_MD *md;
	EVP_PKEY *signer; /* NULL: the issuer's */
	X509 *fixed;      /* this very certificate instead */
};

static inline void
f_name(X509_NAME *n, const char *cn)
{
	CHECK(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
		  (const unsigned char *)cn, -1, -1, 0) == 1);
}

static inline void
f_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	CHECK(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static inline void
f_raw_ext(X509 *x, const char *oid, const uint8_t *der, size_t n)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *v = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	CHECK(ASN1_OCTET_STRING_set(v, der, (int)n) == 1);
	e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, v);
	CHECK(X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(v);
	ASN1_OBJECT_free(o);
}

static inline X509 *
f_issue(const struct f_cert *c, const struct f_cert *issuer)
{
	X509 *x = X509_new();
	uint8_t one = 1;
	BIGNUM *serial;

	if (c->fixed != NULL) {
		X509_free(x);
		X509_up_ref(c->fixed);
		return c->fixed;
	}
	serial = BN_bin2bn(c->serial ? c->serial : &one,
	    c->serial ? (int)c->serial_n : 1, NULL);

	CHECK(X509_set_version(x, X509_VERSION_3) == 1);
	BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x));
	BN_free(serial);
	f_name(X509_get_subject_name(x), c->cn);
	f_name(X509_get_issuer_name(x), issuer->cn);
	ASN1_TIME_set(X509_getm_notBefore(x), c->from);
	ASN1_TIME_set(X509_getm_notAfter(x), c->to);
	X509_set_pubkey(x, c->key);
	if (c->ca)
		f_ext(x, NID_basic_constraints, "critical,CA:TRUE");
	f_ext(x, NID_key_usage,
	    c->ca ? "critical,keyCertSign,cRLSign"
		  : "critical,digitalSignature");
	if (c->ext_oid != NULL)
		f_raw_ext(x, c->ext_oid, c->ext, c->ext_n);
	CHECK(X509_sign(x, c->signer ? c->signer : issuer->key,
		  c->md ? c->md : EVP_sha384()) > 0);
	return x;
}

static inline void
f_der(X509 *x, struct vs_buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	vs_buf_reset(out);
	vs_buf_add(out, VS_SPAN(der, (size_t)n));
	OPENSSL_free(der);
}

/* A list of a root's that names one serial number; PEM. */
static inline void
f_crl(const struct f_cert *root, uint8_t serial, struct vs_buf *out)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, F_FROM);
	ASN1_TIME *to = ASN1_TIME_set(NULL, F_TO);
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	X509_NAME *name = X509_NAME_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long size;

	f_name(name, root->cn);
	CHECK(ASN1_INTEGER_set(n, serial) == 1);
	CHECK(X509_REVOKED_set_serialNumber(r, n) == 1 &&
	    X509_REVOKED_set_revocationDate(r, from) == 1);
	CHECK(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, name) == 1 &&
	    X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	    X509_CRL_set1_nextUpdate(crl, to) == 1 &&
	    X509_CRL_add0_revoked(crl, r) == 1 && X509_CRL_sort(crl) == 1);
	CHECK(X509_CRL_sign(crl, root->key, EVP_sha384()) > 0);
	CHECK(PEM_write_bio_X509_CRL(bio, crl) == 1);
	size = BIO_get_mem_data(bio, &text);
	vs_buf_reset(out);
	vs_buf_add(out, VS_SPAN(text, (size_t)size));
	BIO_free(bio);
	X509_NAME_free(name);
	ASN1_INTEGER_free(n);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(crl);
}

/* n certificates, leaf first; the last signs itself. */
static inline void
f_pem(const struct f_cert *c, size_t n, struct vs_buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long size;

	for (size_t i = 0; i < n; i++) {
		X509 *x = f_issue(&c[i], &c[i + 1 < n ? i + 1 : i]);

		CHECK(PEM_write_bio_X509(bio, x) == 1);
		X509_free(x);
	}
	vs_buf_reset(out);
	size = BIO_get_mem_data(bio, &text);
	vs_buf_add(out, VS_SPAN(text, (size_t)size));
	BIO_free(bio);
}

/* ---- a device ---- */

enum { F_ALL = 5, F_LEAF = 0, F_BROM, F_PROV, F_IDENT, F_ROOT };

struct f_device {
	vs_nv_arch arch, declared;
	struct f_cert cert[F_ALL];
	uint8_t serial[9], leaf_serial[20];
	struct vs_buf pem, report, opaque, ext;
	uint8_t nonce[32];
	uint8_t fwid[48];
	uint8_t measured[64][48];
	size_t blocks;
	EVP_PKEY *signer; /* NULL: the leaf's */
};

static struct {
	EVP_PKEY *root, *ident, *prov, *brom, *leaf;
	EVP_PKEY *rim_root, *rim_ca, *rim_l3, *rim_leaf;
} f_keys;

static X509 *f_roots[2]; /* of devices, of documents */

static inline void
f_init(void)
{
	EVP_PKEY **all[] = {&f_keys.root, &f_keys.ident, &f_keys.prov,
	    &f_keys.brom, &f_keys.leaf, &f_keys.rim_root, &f_keys.rim_ca,
	    &f_keys.rim_l3, &f_keys.rim_leaf};

	for (size_t i = 0; i < VS_COUNT(all); i++)
		*all[i] = f_key();
	for (size_t i = 0; i < 2; i++) {
		struct f_cert c = {
		    .cn = i == 0 ? "Test Device Root" : "Test RIM Root",
		    .key = i == 0 ? f_keys.root : f_keys.rim_root,
		    .ca = true,
		    .from = F_FROM,
		    .to = F_TO};

		f_roots[i] = f_issue(&c, &c);
	}
}

static inline void
f_put(struct vs_buf *b, unsigned tag, struct vs_span s)
{
	uint8_t head[4] = {
	    (uint8_t)tag, 0x82, (uint8_t)(s.n >> 8), (uint8_t)s.n};

	if (s.n < 0x80) {
		head[1] = (uint8_t)s.n;
		vs_buf_add(b, VS_SPAN(head, 2));
	} else if (s.n < 0x100) {
		head[1] = 0x81;
		head[2] = (uint8_t)s.n;
		vs_buf_add(b, VS_SPAN(head, 3));
	} else {
		vs_buf_add(b, VS_SPAN(head, 4));
	}
	vs_buf_add(b, s);
}

static inline void
f_fwid(struct vs_buf *b, const uint8_t fwid[48])
{
	struct vs_buf in = {0};

	f_put(&in, 0x06, VS_SPAN("\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9));
	f_put(&in, 0x04, VS_SPAN(fwid, 48));
	f_put(b, 0x30, vs_buf_span(&in));
	vs_buf_fini(&in);
}

/* The extension's value, in the form of the family. */
static inline void
f_fwid_ext(struct f_device *d, vs_nv_arch form, EVP_PKEY *device_key)
{
	struct vs_buf in = {0}, list = {0};
	unsigned char *spki = NULL;
	int n = i2d_PUBKEY(device_key, &spki);

	if (form == VS_NV_BLACKWELL) {
		uint8_t zero[48] = {0};

		f_put(&in, 0x80, VS_SPAN_LIT("NVIDIA"));
		f_fwid(&list, d->fwid);
		f_fwid(&list, zero);
		f_put(&in, 0xa6, vs_buf_span(&list));
	} else {
		f_put(&in, 0x02, VS_SPAN("\x01", 1));
		vs_buf_add(&in, VS_SPAN(spki, (size_t)n));
		f_fwid(&in, d->fwid);
	}
	vs_buf_reset(&d->ext);
	f_put(&d->ext, 0x30, vs_buf_span(&in));
	OPENSSL_free(spki);
	vs_buf_fini(&in);
	vs_buf_fini(&list);
	d->cert[F_LEAF].ext = d->ext.p;
	d->cert[F_LEAF].ext_n = d->ext.n;
	d->cert[F_LEAF].ext_oid =
	    form == VS_NV_BLACKWELL ? "2.23.133.5.4.1.1" : "2.23.133.5.4.1";
}

static inline void
f_tlv(struct f_device *d, unsigned type, const void *v, size_t n)
{
	uint8_t head[4] = {(uint8_t)type, 0, (uint8_t)n, (uint8_t)(n >> 8)};

	vs_buf_add(&d->opaque, VS_SPAN_OF(head));
	vs_buf_add(&d->opaque, VS_SPAN(v, n));
}

/* As its firmware would say; driver "" for a switch. */
static inline void
f_opaque(struct f_device *d, const char *driver, bool fwid)
{
	vs_buf_reset(&d->opaque);
	if (driver[0] == '\0') {
		f_tlv(d, 6, "96.10.55.00.01", 14);
		return;
	}
	f_tlv(d, 6, "\x00\x9f\x00\x96\x01\0\0\0", 8);
	f_tlv(d, 15, "882", 4);
	f_tlv(d, 17, "1010", 5);
	f_tlv(d, 18, "0200", 5);
	f_tlv(d, 3, driver, strlen(driver) + 1);
	f_tlv(d, 11, "\x55", 1);
	if (fwid)
		f_tlv(d, 20, d->fwid, 48);
}

static inline void
f_device(struct f_device *d, vs_nv_arch arch, uint8_t number)
{
	static const char *const names[][3] = {{"", "", ""},
	    {"GH100 A01 GSP FMC LF", "GH100 A01 GSP BROM",
		"NVIDIA GH100 Provisioner ICA 1"},
	    {"GB100 A01 GSP FMC LF", "GB100 A01 GSP BROM",
		"NVIDIA GB100 Provisioner ICA 00000"},
	    {"LS_10 A01 FSP FMC LF", "LS_10 A01 FSP BROM",
		"NVIDIA LS_10 Provisioner ICA 1"}};
	EVP_PKEY *keys[F_ALL] = {
	    f_keys.leaf, f_keys.brom, f_keys.prov, f_keys.ident, f_keys.root};

	memset(d, 0, sizeof(*d));
	d->arch = d->declared = arch;
	for (size_t i = 0; i < F_ALL; i++)
		d->cert[i] = (struct f_cert){.cn = i < 3 ? names[arch][i]
			: i == F_IDENT                   ? "Test Identity"
							 : "Test Device Root",
		    .key = keys[i],
		    .ca = i != F_LEAF,
		    .from = F_FROM,
		    .to = F_TO};
	d->cert[F_ROOT].fixed = f_roots[0];
	d->serial[0] = arch == VS_NV_LS10 ? 0x50 : 0x41;
	memset(d->serial + 1, number, 8);
	d->serial[1] = arch == VS_NV_LS10 ? 0x77 : 0x66;
	memset(d->leaf_serial, 0x40 + number % 16, sizeof(d->leaf_serial));
	d->cert[F_BROM].serial = d->serial;
	d->cert[F_BROM].serial_n = sizeof(d->serial);
	d->cert[F_LEAF].serial = d->leaf_serial;
	d->cert[F_LEAF].serial_n = sizeof(d->leaf_serial);
	memset(d->fwid, 0xf1, sizeof(d->fwid));
	memset(d->nonce, 0xc5, sizeof(d->nonce));
	d->blocks = arch == VS_NV_LS10 ? 31 : 64;
	for (size_t i = 0; i < d->blocks; i++)
		memset(d->measured[i], (int)i + 1, 48);
	f_fwid_ext(d, arch, f_keys.brom);
	f_opaque(d, arch == VS_NV_LS10 ? "" : "550.90.07", true);
}

static inline void
f_sign(EVP_PKEY *key, struct vs_span msg, uint8_t out[96])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[256];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	CHECK(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, der, &n, msg.p, msg.n) == 1);
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 48) == 48);
	CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 48, 48) == 48);
	ECDSA_SIG_free(sig);
}

static inline void
f_report(struct f_device *d)
{
	size_t record = d->blocks * 55;
	uint8_t head[45] = {0x11, 0xe0, 0x01, 0xff, [37] = 0x11, 0x60, 0, 0,
	    (uint8_t)d->blocks, (uint8_t)record, (uint8_t)(record >> 8)};
	uint8_t size[2] = {(uint8_t)d->opaque.n, (uint8_t)(d->opaque.n >> 8)};
	uint8_t other[32], sig[96];

	memset(other, 0xee, sizeof(other));
	memcpy(head + 4, d->nonce, 32);
	vs_buf_reset(&d->report);
	vs_buf_add(&d->report, VS_SPAN_OF(head));
	for (size_t i = 0; i < d->blocks; i++) {
		uint8_t b[7] = {(uint8_t)(i + 1), 1, 51, 0, 1, 48, 0};

		vs_buf_add(&d->report, VS_SPAN_OF(b));
		vs_buf_add(&d->report, VS_SPAN_OF(d->measured[i]));
	}
	vs_buf_add(&d->report, VS_SPAN_OF(other));
	vs_buf_add(&d->report, VS_SPAN_OF(size));
	vs_buf_add(&d->report, vs_buf_span(&d->opaque));
	f_sign(d->signer ? d->signer : d->cert[F_LEAF].key,
	    vs_buf_span(&d->report), sig);
	vs_buf_add(&d->report, VS_SPAN_OF(sig));
}

/* Certificates and report from what the struct says by now. */
static inline struct vs_nv_input
f_make(struct f_device *d)
{
	f_pem(d->cert, F_ALL, &d->pem);
	f_report(d);
	return (struct vs_nv_input){
	    d->declared, vs_buf_span(&d->report), vs_buf_span(&d->pem)};
}

static inline void
f_fini(struct f_device *d)
{
	vs_buf_fini(&d->pem);
	vs_buf_fini(&d->report);
	vs_buf_fini(&d->opaque);
	vs_buf_fini(&d->ext);
}

/* ---- reference documents ---- */

struct f_rim {
	const char *product, *version, *name;
	struct vs_buf body; /* Resource lines */
	struct f_cert cert[4];
	EVP_PKEY *signer; /* NULL: the leaf's */
	struct vs_buf canonical, xml, der[4];
	uint8_t signature[96];
};

static inline void
f_rim(
    struct f_rim *r, const char *product, const char *version, const char *name)
{
	static const char *const cns[] = {
	    "Test L4 Signer", "Test L3", "Test RIM CA", "Test RIM Root"};
	EVP_PKEY *keys[] = {
	    f_keys.rim_leaf, f_keys.rim_l3, f_keys.rim_ca, f_keys.rim_root};

	memset(r, 0, sizeof(*r));
	r->product = product;
	r->version = version;
	r->name = name;
	for (size_t i = 0; i < 4; i++)
		r->cert[i] = (struct f_cert){.cn = cns[i],
		    .key = keys[i],
		    .ca = i > 0,
		    .from = F_FROM,
		    .to = F_TO};
	r->cert[3].fixed = f_roots[1];
}

/* One measurement; each of n alternatives is 48 octets of one value. */
static inline void
f_golden(struct f_rim *r, unsigned index, bool active, const uint8_t *values,
    size_t n)
{
	vs_buf_printf(&r->body,
	    "\n        <ns0:Resource active=\"%s\" alternatives=\"%zu\" "
	    "index=\"%u\" name=\"Measurement_%u\" size=\"48\" "
	    "type=\"Measurement\"",
	    active ? "True" : "False", n, index, index);
	for (size_t i = 0; i < n; i++) {
		uint8_t v[48];

		memset(v, values[i], sizeof(v));
		vs_buf_printf(&r->body, " ns2:Hash%zu=\"", i);
		vs_buf_hex(&r->body, VS_SPAN_OF(v));
		vs_buf_puts(&r->body, "\"");
	}
	vs_buf_puts(&r->body, "></ns0:Resource>");
}

static inline void
f_base64(struct vs_buf *b, struct vs_span in)
{
	char text[2048];

	EVP_EncodeBlock((unsigned char *)text, in.p, (int)in.n);
	vs_buf_puts(b, text);
}

#define F_SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define F_DSIG "http://www.w3.org/2000/09/xmldsig#"
#define F_MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define F_C14N "http://www.w3.org/2006/12/xml-c14n11"

static inline void
f_rim_sign(struct f_rim *r)
{
	struct vs_buf info = {0};
	uint8_t digest[48];

	CHECK_INT(vs_sha384(vs_buf_span(&r->canonical), digest), VS_OK);
	vs_buf_puts(&info,
	    "<ds:SignedInfo xmlns=\"" F_SWID "\" xmlns:ds=\"" F_DSIG
	    "\" xmlns:ns0=\"" F_SWID
	    "\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\">"
	    "<ds:CanonicalizationMethod Algorithm=\"" F_C14N "\">"
	    "</ds:CanonicalizationMethod><ds:SignatureMethod "
	    "Algorithm=\"" F_MORE "ecdsa-sha384\"></ds:SignatureMethod>"
	    "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform "
	    "Algorithm=\"" F_DSIG "enveloped-signature\"></ds:Transform>"
	    "<ds:Transform Algorithm=\"" F_C14N "\"></ds:Transform>"
	    "</ds:Transforms><ds:DigestMethod Algorithm=\"" F_MORE
	    "sha384\"></ds:DigestMethod><ds:DigestValue>");
	f_base64(&info, VS_SPAN_OF(digest));
	vs_buf_puts(&info, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
	f_sign(r->signer ? r->signer : r->cert[0].key, vs_buf_span(&info),
	    r->signature);
	vs_buf_fini(&info);
}

/* As NVIDIA would publish it: the canonical form, with the signature as the
 * last child of the root. */
static inline void
f_rim_xml(struct f_rim *r)
{
	static const char end[] = "</SoftwareIdentity>";
	uint8_t digest[48];

	CHECK_INT(vs_sha384(vs_buf_span(&r->canonical), digest), VS_OK);
	vs_buf_reset(&r->xml);
	vs_buf_add(
	    &r->xml, VS_SPAN(r->canonical.p, r->canonical.n - strlen(end)));
	vs_buf_puts(&r->xml,
	    "<ds:Signature xmlns:ds=\"" F_DSIG "\"><ds:SignedInfo>"
	    "<ds:CanonicalizationMethod Algorithm=\"" F_C14N "\"/>"
	    "<ds:SignatureMethod Algorithm=\"" F_MORE "ecdsa-sha384\"/>"
	    "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform "
	    "Algorithm=\"" F_DSIG
	    "enveloped-signature\"/><ds:Transform Algorithm=\"" F_C14N
	    "\"/></ds:Transforms><ds:DigestMethod Algorithm=\"" F_MORE
	    "sha384\"/><ds:DigestValue>");
	f_base64(&r->xml, VS_SPAN_OF(digest));
	vs_buf_puts(&r->xml,
	    "</ds:DigestValue></ds:Reference></ds:SignedInfo>"
	    "<ds:SignatureValue>");
	f_base64(&r->xml, VS_SPAN_OF(r->signature));
	vs_buf_puts(&r->xml, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>");
	for (size_t i = 0; i < 4; i++) {
		vs_buf_puts(&r->xml, "<ds:X509Certificate>");
		f_base64(&r->xml, vs_buf_span(&r->der[i]));
		vs_buf_puts(&r->xml, "</ds:X509Certificate>");
	}
	vs_buf_puts(&r->xml, "</ds:X509Data></ds:KeyInfo></ds:Signature>");
	vs_buf_puts(&r->xml, end);
}

/* Everything; parts borrow from r. */
static inline struct vs_nv_rim_parts
f_rim_make(struct f_rim *r)
{
	struct vs_nv_rim_parts p = {0};

	vs_buf_reset(&r->canonical);
	vs_buf_printf(&r->canonical,
	    "<SoftwareIdentity xmlns=\"" F_SWID "\" xmlns:ns0=\"" F_SWID
	    "\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\" "
	    "name=\"%s\" tagId=\"00\" version=\"1.0\">\n    "
	    "<ns0:Entity name=\"NVIDIA Corporation\"></ns0:Entity>\n    "
	    "<ns0:Meta colloquialVersion=\"%s\" edition=\"GPU\" "
	    "product=\"%s\"></ns0:Meta>\n    <ns0:Payload>",
	    r->product, r->version, r->product);
	vs_buf_add(&r->canonical, vs_buf_span(&r->body));
	vs_buf_puts(&r->canonical, "\n    </ns0:Payload>\n</SoftwareIdentity>");
	f_rim_sign(r);
	p.id = vs_span_cstr(r->name);
	p.canonical = vs_buf_span(&r->canonical);
	p.signature = VS_SPAN_OF(r->signature);
	for (size_t i = 0; i < 4; i++) {
		X509 *x = f_issue(&r->cert[i], &r->cert[i < 3 ? i + 1 : 3]);

		f_der(x, &r->der[i]);
		X509_free(x);
		p.certs[i] = vs_buf_span(&r->der[i]);
	}
	f_rim_xml(r);
	p.xml = vs_buf_span(&r->xml);
	return p;
}

static inline void
f_rim_fini(struct f_rim *r)
{
	vs_buf_fini(&r->body);
	vs_buf_fini(&r->canonical);
	vs_buf_fini(&r->xml);
	for (size_t i = 0; i < 4; i++)
		vs_buf_fini(&r->der[i]);
}

/* Trusts the two roots of this file and, always, NVIDIA's. */
static inline struct vs_collateral_builder *
f_builder(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct f_cert root[] = {{.fixed = f_roots[0]}, {.fixed = f_roots[1]}};
	static const char *const names[] = {"test-device", "test-rim"};
	struct vs_err err = {0};

	for (size_t i = 0; i < 2; i++) {
		struct vs_buf pem = {0};

		f_pem(&root[i], 1, &pem);
		CHECK_OK(vs_collateral_add_anchor(
			     b, names[i], vs_buf_span(&pem), &err),
		    err);
		vs_buf_fini(&pem);
	}
	return b;
}

#endif
