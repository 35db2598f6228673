/* SPDX-License-Identifier: Apache-2.0 */
/* Reference documents as XML: what is read, and everything that is not. */
#include "nv_forge.h"

#include "cli/rim.h"

static struct vs_collateral *trusted;
static struct f_rim rim;
static char *text; /* of the document, to be edited */

static void
fresh(void)
{
	f_rim_fini(&rim);
	f_rim(&rim, "GH100", "550.90.07", "x");
	f_golden(&rim, 7, true, (uint8_t[]){8}, 1);
	f_golden(&rim, 12, false, (uint8_t[]){1, 2}, 2);
	(void)f_rim_make(&rim);
	free(text);
	text = strdup(vs_buf_cstr(&rim.xml));
}

/* Replaces the n-th occurrence, counted from 1. */
static void
edit_nth(const char *from, const char *to, int n)
{
	char *at = text, *out;

	while ((at = strstr(at, from)) != NULL && --n > 0)
		at++;
	if (!CHECK(at != NULL))
		return;
	size_t cap = strlen(text) + strlen(to) + 1;
	out = malloc(cap);
	snprintf(out, cap, "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
	free(text);
	text = out;
}

static void
edit(const char *from, const char *to)
{
	edit_nth(from, to, 1);
}

static const char *
verify_bytes(struct vs_span file, const char *name, const int64_t *now)
{
	static char code[32];
	struct vs_nv_rim_parts p;
	struct vs_nv_rim *out = NULL;
	struct vs_err err = {0};
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 22);
	st = vs_rim_verify(
	    file, name, vs_collateral_trust(trusted), now, &a, &p, &out, &err);
	CHECK_INT(st == VS_OK, out != NULL);
	if (st == VS_OK) {
		struct vs_buf table = {0};
		struct vs_nv_rim_parts back;

		CHECK_INT(out->digests_n, 3);
		if (name != NULL) {
			vs_nv_table_write(&p, &table);
			CHECK_OK(
			    vs_nv_table_read(vs_buf_span(&table), &back, &err),
			    err);
		}
		vs_buf_fini(&table);
	}
	vs_nv_rim_free(&out);
	vs_arena_fini(&a);
	snprintf(code, sizeof(code), "%s",
	    st == VS_OK    ? "ok"
		: err.code ? err.code
			   : "none");
	return code;
}

static const char *
verify(void)
{
	return verify_bytes(vs_span_cstr(text), NULL, NULL);
}

static void
test_genuine(void)
{
	int64_t now = F_NOW, late = F_TO + 1, early = F_FROM - 1;

	fresh();
	CHECK_STR(verify(), "ok");
	CHECK_STR(verify_bytes(vs_span_cstr(text), "a/b.xml", &now), "ok");
	CHECK_STR(verify_bytes(vs_span_cstr(text), NULL, &late), "RIM_TIME");
	CHECK_STR(verify_bytes(vs_span_cstr(text), NULL, &early), "RIM_TIME");
	CHECK(vs_rim_is(vs_span_cstr(text)));
	CHECK(!vs_rim_is(vs_span_cstr("")) && !vs_rim_is(vs_span_cstr("{}")));
	CHECK(!vs_rim_is(vs_span_cstr("-----BEGIN CERTIFICATE-----")));
	/* A prolog and comments outside of the root are not signed. */
	edit("<SoftwareIdentity", "<?xml version=\"1.0\"?>\n<SoftwareIdentity");
	CHECK_STR(verify(), "ok");
	fresh();
	/* Comments are no part of the canonical form. */
	edit("<ns0:Payload>", "<!-- x --><ns0:Payload>");
	CHECK_STR(verify(), "ok");
}

static void
test_json(void)
{
	struct vs_buf b = {0};
	char *b64;

	fresh();
	b64 = malloc(4 * ((strlen(text) + 2) / 3) + 1);
	if (!CHECK(b64 != NULL))
		return;
	EVP_EncodeBlock((unsigned char *)b64, (const unsigned char *)text,
	    (int)strlen(text));
	vs_buf_printf(&b,
	    "{\"id\":\"NV_GPU_DRIVER_GH100_550.90.07\",\"rim\":\"%s\"}", b64);
	CHECK(vs_rim_is(vs_buf_span(&b)));
	CHECK_STR(verify_bytes(vs_buf_span(&b), "x", NULL), "ok");
	vs_buf_reset(&b);
	vs_buf_puts(&b, "{\"id\":\"x\",\"rim\":\"?\"}");
	CHECK(!vs_rim_is(vs_buf_span(&b)));
	CHECK_STR(verify_bytes(vs_buf_span(&b), "x", NULL), "RIM_PARSE");
	vs_buf_fini(&b);
	free(b64);
}

/* The board of a VBIOS is in its name alone. */
static void
test_name_of_vbios(void)
{
	f_rim_fini(&rim);
	f_rim(&rim, "GH100", "96.00.9F.00.01",
	    "NV_GPU_VBIOS_1010_0200_882_96009F0001");
	f_golden(&rim, 7, true, (uint8_t[]){8}, 1);
	f_golden(&rim, 12, false, (uint8_t[]){1, 2}, 2);
	(void)f_rim_make(&rim);
	free(text);
	text = strdup(vs_buf_cstr(&rim.xml));
	CHECK_STR(
	    verify_bytes(vs_span_cstr(text),
		"d/NV_GPU_VBIOS_1010_0200_882_96009F0001.issue-a.xml", NULL),
	    "ok");
	CHECK_STR(verify_bytes(vs_span_cstr(text), "d/rim.xml", NULL), "none");
	CHECK_STR(verify(), "ok"); /* compared at once, not kept */
}

/* A name that is an id must be the document's. */
static void
test_name_of_driver(void)
{
	static const struct {
		const char *name, *code;
	} all[] = {{"NV_GPU_DRIVER_GH100_550.90.07.xml", "ok"},
	    {"NV_GPU_DRIVER_GH100_550.90.08.xml", "RIM_VERSION"},
	    {"NV_GPU_CC_DRIVER_GB100_550.90.07.xml", "RIM_VERSION"},
	    {"NV_SWITCH_BIOS_5612_0002_890_9610550001.xml", "RIM_VERSION"},
	    {"d/rim.xml", "ok"}};

	fresh();
	for (size_t i = 0; i < VS_COUNT(all); i++)
		CHECK_STR(verify_bytes(vs_span_cstr(text), all[i].name, NULL),
		    all[i].code);
}

struct edit {
	const char *from, *to;
};

static void
all(const struct edit *v, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++) {
		fresh();
		edit(v[i].from, v[i].to);
		if (!CHECK_STR(verify(), code))
			fprintf(stderr, "%s -> %s\n", v[i].from, v[i].to);
	}
}

/* Each would leave a verifier a choice that it must not have. */
static void
test_signature_form(void)
{
	static const struct edit edits[] = {
	    {"c14n11", "c14n11#WithComments"},
	    {"2006/12/xml-c14n11", "TR/2001/REC-xml-c14n-20010315"},
	    {"#ecdsa-sha384", "#ecdsa-sha256"},
	    {"xmldsig-more#ecdsa-sha384", "xmldsig#hmac-sha1"},
	    {"xmldsig-more#sha384", "xmlenc#sha384"},
	    {"URI=\"\"", "URI=\"#x\""},
	    {"URI=\"\"", "URI=\"http://127.0.0.1/\""},
	    {"URI=\"\"", "Id=\"\""},
	    {"URI=\"\"", ""},
	    {"URI=\"\"", "URI=\"\" Type=\"x\""},
	    {"#enveloped-signature\"/>",
		"#enveloped-signature\"><ds:XPath>"
		"x</ds:XPath></ds:Transform>"},
	    {"#enveloped-signature", "#base64"},
	    {"<ds:Transforms>",
		"<ds:Transforms><ds:Transform Algorithm=\""
		"http://www.w3.org/TR/1999/REC-xpath-19991116"
		"\"/>"},
	    {"<ds:Transform Algorithm=\"" F_C14N "\"/>", ""},
	    {"</ds:Reference>", "</ds:Reference><ds:Reference URI=\"\"/>"},
	    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>"},
	    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue/>"},
	    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:RetrievalMethod URI=\"x\"/>"},
	    {"<ds:KeyInfo>", "<ds:KeyInfo><ds:X509Data/>"},
	    {"</ds:X509Data>", "</ds:X509Data><ds:X509Data/>"},
	    {"<ds:X509Data>", "<ds:X509Data><ds:X509SubjectName/>"},
	    {"<ds:X509Data>", "<ds:X509Data><ds:X509CRL/>"},
	    {"</ds:KeyInfo>", "</ds:KeyInfo><ds:Object/>"},
	    {"</ds:KeyInfo>", "</ds:KeyInfo><ds:KeyInfo/>"},
	    {"</ds:Signature>",
		"</ds:Signature><ds:Signature xmlns:ds=\"" F_DSIG "\"/>"},
	    {"<ns0:Payload>", "<Signature/><ns0:Payload>"},
	    {"</ds:Signature>", "</ds:Signature><x/>"},
	    {"<ds:SignatureValue>", "<ds:SignatureValue>*"},
	    {"<ds:SignatureValue>", "<ds:SignatureValue><x/>"},
	    {"<ds:X509Certificate>", "<ds:X509Certificate><x/>"},
	    {"<ds:DigestValue>", "<ds:DigestValue>A"},
	    {"xmlns:ds=\"" F_DSIG "\"", "xmlns:ds=\"urn:x\""},
	};

	all(edits, VS_COUNT(edits), "RIM_SIG");
}

/* What is signed, changed. */
static void
test_content(void)
{
	static const struct edit edits[] = {
	    {"active=\"True\"", "active=\"False\""},
	    {"\n    <ns0:Payload>", "\n     <ns0:Payload>"},
	    {"<ns0:Payload>", "<ns0:Payload><ns0:Resource/>"},
	    {"Hash0=\"08", "Hash0=\"09"},
	    {"version=\"1.0\"", "version=\"1.1\""},
	    {"<SoftwareIdentity", "<SoftwareIdentity xmlns:x=\"urn:x\""},
	    {"\n</SoftwareIdentity", "</SoftwareIdentity"},
	};

	for (size_t i = 0; i + 1 < VS_COUNT(edits); i++) {
		fresh();
		edit(edits[i].from, edits[i].to);
		if (!CHECK_STR(verify(), "RIM_SIG"))
			fprintf(stderr, "%s\n", edits[i].to);
	}
}

static void
test_not_xml(void)
{
	static const struct edit edits[] = {
	    {"<SoftwareIdentity",
		"<!DOCTYPE x [<!ENTITY a \"b\">]><SoftwareIdentity"},
	    {"<SoftwareIdentity",
		"<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
		"<SoftwareIdentity"},
	    {"name=\"GH100\"", "name=\"&x;\""},
	    {"<SoftwareIdentity", "<Other"},
	    {"xmlns=\"" F_SWID "\"", "xmlns=\"urn:x\""},
	    {"</ns0:Payload>", ""},
	    {"GH100", "\xff"},
	};
	struct vs_buf b = {0};

	all(edits, VS_COUNT(edits), "RIM_PARSE");
	fresh();
	for (size_t n = 0; n < strlen(text); n += 13)
		CHECK_STR(
		    verify_bytes(VS_SPAN(text, n), NULL, NULL), "RIM_PARSE");
	vs_buf_add(&b, vs_span_cstr(text));
	vs_buf_add(&b, VS_SPAN("\0", 1));
	CHECK_STR(verify_bytes(vs_buf_span(&b), NULL, NULL), "RIM_PARSE");
	vs_buf_reset(&b);
	vs_buf_add(&b, vs_span_cstr(text));
	while (b.n <= VS_NV_RIM_XML_MAX)
		vs_buf_puts(&b, "                                ");
	CHECK_STR(verify_bytes(vs_buf_span(&b), NULL, NULL), "RIM_PARSE");
	vs_buf_fini(&b);
}

/* Certificates: too few, too many, in another order, another's. */
static void
test_certificates(void)
{
	static const char open[] = "<ds:X509Certificate>";

	fresh();
	edit(open,
	    "<ds:X509Certificate></ds:X509Certificate>"
	    "<ds:X509Certificate>");
	CHECK_STR(verify(), "RIM_CHAIN");
	fresh();
	edit("</ds:X509Certificate><ds:X509Certificate>", "");
	CHECK_STR(verify(), "RIM_CHAIN");
	fresh();
	edit(open, "<ds:X509Certificate>*");
	CHECK_STR(verify(), "RIM_CHAIN");
	fresh();
	rim.der[0].p[rim.der[0].n - 1] ^= 1;
	f_rim_xml(&rim);
	free(text);
	text = strdup(vs_buf_cstr(&rim.xml));
	CHECK_STR(verify(), "RIM_CHAIN");
}

/* The document of somebody who has his own key and all of the genuine
 * certificates, but not the signer's key. */
static void
test_foreign_key(void)
{
	f_rim_fini(&rim);
	f_rim(&rim, "GH100", "550.90.07", "x");
	f_golden(&rim, 7, true, (uint8_t[]){8}, 1);
	rim.signer = f_keys.leaf;
	(void)f_rim_make(&rim);
	free(text);
	text = strdup(vs_buf_cstr(&rim.xml));
	CHECK_STR(verify(), "RIM_SIG");
}

/* A bit of each octet: what still verifies says the same. */
static void
test_mutations(void)
{
	size_t n, ok = 0;

	fresh();
	n = strlen(text);
	for (size_t i = 0; i < 8 * n; i += 83) {
		const char *code;

		text[i / 8] ^= (char)(1 << i % 8);
		code = verify_bytes(VS_SPAN(text, n), NULL, NULL);
		ok += strcmp(code, "ok") == 0;
		CHECK(strcmp(code, "none") != 0);
		text[i / 8] ^= (char)(1 << i % 8);
	}
	CHECK(ok < 8);
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	f_init();
	b = f_builder();
	CHECK_OK(vs_collateral_build(b, &trusted, &err), err);
	RUN(test_genuine);
	RUN(test_json);
	RUN(test_name_of_vbios);
	RUN(test_name_of_driver);
	RUN(test_signature_form);
	RUN(test_content);
	RUN(test_not_xml);
	RUN(test_certificates);
	RUN(test_foreign_key);
	RUN(test_mutations);
	f_rim_fini(&rim);
	free(text);
	vs_collateral_free(&trusted);
	vs_collateral_builder_free(&b);
	return check_result();
}
