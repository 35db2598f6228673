/* SPDX-License-Identifier: Apache-2.0 */
/* A reference document as a tree, and the only form that it may have. */
#include "cli/rim_xml.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

#define SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define C14N "http://www.w3.org/2006/12/xml-c14n11"

void
vs_rim_doc_free(struct vs_rim_doc **d)
{
	if (*d == NULL)
		return;
	if ((*d)->unlinked)
		xmlFreeNode((*d)->signature);
	xmlFreeDoc((*d)->doc);
	free(*d);
	*d = NULL;
}

static bool
is(const xmlNode *n, const char *ns, const char *name)
{
	return n != NULL && n->type == XML_ELEMENT_NODE && n->ns != NULL &&
	    n->ns->href != NULL && strcmp((const char *)n->ns->href, ns) == 0 &&
	    strcmp((const char *)n->name, name) == 0;
}

/* The children that are elements are exactly these, in this order. */
static bool
children(xmlNode *parent, const char *const *names, xmlNode **out, size_t n)
{
	xmlNode *c = xmlFirstElementChild(parent);

	for (size_t i = 0; i < n; i++) {
		if (!is(c, DSIG, names[i]))
			return false;
		out[i] = c;
		c = xmlNextElementSibling(c);
	}
	return c == NULL;
}

/* This one attribute with this value, and nothing inside. */
static bool
only_attribute(const xmlNode *n, const char *name, const char *value)
{
	const xmlAttr *a = n->properties;
	const xmlNode *text;

	if (a == NULL || a->next != NULL || a->ns != NULL ||
	    strcmp((const char *)a->name, name) != 0)
		return false;
	text = a->children;
	if (value[0] == '\0')
		return text == NULL || text->content == NULL ||
		    text->content[0] == '\0';
	return text != NULL && text->next == NULL &&
	    text->type == XML_TEXT_NODE &&
	    strcmp((const char *)text->content, value) == 0;
}

static bool
algorithm(xmlNode *n, const char *uri)
{
	return only_attribute(n, "Algorithm", uri) && n->children == NULL;
}

static bool
signed_info_ok(xmlNode *info)
{
	static const char *const of_info[] = {
	    "CanonicalizationMethod", "SignatureMethod", "Reference"};
	static const char *const of_reference[] = {
	    "Transforms", "DigestMethod", "DigestValue"};
	static const char *const of_transforms[] = {"Transform", "Transform"};
	xmlNode *i[3], *r[3], *t[2];

	return children(info, of_info, i, 3) && algorithm(i[0], C14N) &&
	    algorithm(i[1], MORE "ecdsa-sha384") &&
	    only_attribute(i[2], "URI", "") &&
	    children(i[2], of_reference, r, 3) &&
	    children(r[0], of_transforms, t, 2) &&
	    algorithm(t[0], DSIG "enveloped-signature") &&
	    algorithm(t[1], C14N) && algorithm(r[1], MORE "sha384");
}

static bool
key_info_ok(xmlNode *info, xmlNode **x509)
{
	static const char *const only[] = {"X509Data"};
	xmlNode *c;

	if (!children(info, only, x509, 1))
		return false;
	for (c = xmlFirstElementChild(*x509); c != NULL;
	     c = xmlNextElementSibling(c))
		if (!is(c, DSIG, "X509Certificate") ||
		    xmlFirstElementChild(c) != NULL)
			return false;
	return true;
}

/* Signatures anywhere, by name alone: a hidden one is one too many. The tree
 * is not deep: the parser allows 256 levels. */
static size_t
count_signatures(const xmlNode *n)
{
	size_t count = 0;

	for (; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		count += strcmp((const char *)n->name, "Signature") == 0;
		count += count_signatures(n->children);
	}
	return count;
}

static bool
signature_ok(struct vs_rim_doc *d, xmlNode *root)
{
	static const char *const parts[] = {
	    "SignedInfo", "SignatureValue", "KeyInfo"};
	xmlNode *p[3];

	d->signature = xmlLastElementChild(root);
	if (!is(d->signature, DSIG, "Signature") ||
	    count_signatures(root) != 1 ||
	    !children(d->signature, parts, p, 3) || !signed_info_ok(p[0]) ||
	    xmlFirstElementChild(p[1]) != NULL)
		return false;
	d->value = p[1];
	return key_info_ok(p[2], &d->x509);
}

static bool
mentions(struct vs_span xml, const char *what)
{
	return xml.n > 0 && memmem(xml.p, xml.n, what, strlen(what)) != NULL;
}

static vs_status
parse(struct vs_span xml, struct vs_rim_doc *d, struct vs_err *err)
{
	xmlNode *root;

	if (xml.n == 0 || xml.n > VS_NV_RIM_XML_MAX || !vs_utf8_valid(xml) ||
	    memchr(xml.p, '\0', xml.n) != NULL || mentions(xml, "<!DOCTYPE") ||
	    mentions(xml, "<!ENTITY"))
		return vs_fail_code(err, VS_MALFORMED, "RIM_PARSE",
		    "not XML without a document type, in UTF-8, of at most "
		    "%d KiB",
		    VS_NV_RIM_XML_MAX / 1024);
	d->doc = xmlReadMemory((const char *)xml.p, (int)xml.n, "rim", NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (d->doc == NULL || d->doc->intSubset != NULL ||
	    d->doc->extSubset != NULL)
		return vs_fail_code(
		    err, VS_MALFORMED, "RIM_PARSE", "not well-formed XML");
	root = xmlDocGetRootElement(d->doc);
	if (!is(root, SWID, "SoftwareIdentity"))
		return vs_fail_code(err, VS_MALFORMED, "RIM_PARSE",
		    "not a SWID tag (ISO 19770-2)");
	if (!signature_ok(d, root))
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_SIG",
		    "not exactly one signature of NVIDIA's form");
	return VS_OK;
}

vs_status
vs_rim_doc_read(struct vs_span xml, struct vs_rim_doc **out, struct vs_err *err)
{
	VS_AUTO(vs_rim_doc) *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return vs_fail(err, VS_NO_MEMORY, "XML");
	VS_TRY(err, "XML", vs_rim_libraries(err));
	VS_TRY(err, "reference document", parse(xml, d, err));
	*out = VS_TAKE(d);
	return VS_OK;
}

/* Base64 with white space in it, as text of an element. */
static vs_status
decode(const xmlNode *n, struct vs_arena *a, struct vs_span *out)
{
	xmlChar *content = xmlNodeGetContent(n);
	vs_status st = VS_MALFORMED;
	struct vs_span text = {0};

	if (content == NULL)
		return VS_NO_MEMORY;
	if (vs_arena_dup(a, vs_span_cstr((const char *)content), &text) ==
	    VS_OK) {
		uint8_t *to = vs_arena_alloc(a, text.n);
		size_t k = 0;

		for (size_t i = 0; to != NULL && i < text.n; i++)
			if (memchr(" \t\r\n", text.p[i], 4) == NULL)
				to[k++] = text.p[i];
		st = to != NULL ? vs_b64_decode(a, VS_SPAN(to, k), out)
				: VS_NO_MEMORY;
	}
	xmlFree(content);
	return st;
}

vs_status
vs_rim_doc_parts(const struct vs_rim_doc *d, struct vs_arena *a,
    struct vs_nv_rim_parts *out, struct vs_err *err)
{
	const xmlNode *c = xmlFirstElementChild(d->x509);
	size_t n = xmlChildElementCount(d->x509);

	if (decode(d->value, a, &out->signature) != VS_OK)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_SIG",
		    "reference document: SignatureValue");
	if (n != VS_NV_RIM_CERTS)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_CHAIN",
		    "reference document: %zu certificates, want %d", n,
		    VS_NV_RIM_CERTS);
	for (size_t i = 0; i < VS_NV_RIM_CERTS; i++) {
		if (decode(c, a, &out->certs[i]) != VS_OK)
			return vs_fail_code(err, VS_UNTRUSTED, "RIM_CHAIN",
			    "reference document: X509Certificate");
		c = c->next;
		while (c != NULL && c->type != XML_ELEMENT_NODE)
			c = c->next;
	}
	return VS_OK;
}

/* The enveloped-signature transform and Canonical XML 1.1. White space
 * around the signature stays: it is signed. */
vs_status
vs_rim_doc_canonical(struct vs_rim_doc *d, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	xmlChar *text = NULL;
	vs_status st;
	int n;

	xmlUnlinkNode(d->signature);
	d->unlinked = true;
	n = xmlC14NDocDumpMemory(d->doc, NULL, XML_C14N_1_1, NULL, 0, &text);
	if (n <= 0 || text == NULL)
		return vs_fail_code(err, VS_MALFORMED, "RIM_PARSE",
		    "reference document: no canonical form");
	st = vs_arena_dup(a, VS_SPAN(text, (size_t)n), out);
	xmlFree(text);
	return st == VS_OK ? VS_OK : vs_fail(err, st, "reference document");
}
