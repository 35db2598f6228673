/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference documents of the simulated devices. The XML is written in its
 * canonical form (Canonical XML 1.1) from the start, so that signing it takes
 * a digest and no XML library.
 */
#include <string.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "simulate/gpu_board.h"

#define SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define C14N "http://www.w3.org/2006/12/xml-c14n11"
#define NS2 "http://www.w3.org/2001/04/xmlenc#sha384"

enum { DIGEST = 48, TWO_VALUES = 24, DRIVER = 0 };

/* Which document, and what it is about. */
struct rim {
	const struct vs_sim_board *b;
	vs_sim_chip chip;
	bool driver;
	const char *version;
	uint64_t active;
};

size_t
vs_sim_rims(const struct vs_sim_board *b)
{
	return b->opt.switches > 0 ? 4 : 3;
}

static struct rim
describe(const struct vs_sim_board *b, size_t i)
{
	vs_sim_chip chip = i == 3 ? VS_SIM_LS10 : vs_sim_board_chip(b);
	const struct vs_sim_chip_info *c = vs_sim_chip_info(chip);
	struct rim r = {.b = b, .chip = chip, .driver = i == DRIVER};

	r.active = r.driver ? c->driver_set : c->vbios_set;
	r.version = r.driver ? c->driver : i == 2 ? c->old_vbios : c->vbios;
	return r;
}

/* As NVIDIA's service calls it, and as import wants VBIOS files named. */
static void
put_name(const struct rim *r, struct vs_buf *out)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(r->chip);

	if (r->driver) {
		vs_buf_printf(out, "NV_GPU_%sDRIVER_%s_%s",
		    r->chip == VS_SIM_GH100 ? "" : "CC_", c->product,
		    r->version);
	} else {
		vs_buf_printf(out, "NV_%s_%s_%s_%s_",
		    r->chip == VS_SIM_LS10 ? "SWITCH_BIOS" : "GPU_VBIOS",
		    c->project, c->project_sku, c->chip_sku);
		for (const char *p = r->version; *p != '\0'; p++)
			if (*p != '.')
				vs_buf_add(out, VS_SPAN(p, 1));
	}
	vs_buf_puts(out, ".xml");
}

static vs_status
put_resource(const struct rim *r, unsigned index, struct vs_buf *b)
{
	static const uint8_t zero[DIGEST];
	bool active = (r->active >> index & 1) != 0;
	bool two = active && r->driver && index == TWO_VALUES;
	uint8_t v[DIGEST] = {0};
	vs_status st = VS_OK;

	if (active)
		st = vs_sim_measured(r->chip, r->version, index, v);
	vs_buf_printf(b,
	    "\n        <ns0:Resource active=\"%s\" alternatives=\"%d\" "
	    "index=\"%u\" name=\"Measurement_%u\" size=\"48\" "
	    "type=\"Measurement\"",
	    active ? "True" : "False", two ? 2 : 1, index, index);
	vs_buf_puts(b, " ns2:Hash0=\"");
	vs_buf_hex(b, two ? VS_SPAN_OF(zero) : VS_SPAN_OF(v));
	if (two) {
		vs_buf_puts(b, "\" ns2:Hash1=\"");
		vs_buf_hex(b, VS_SPAN_OF(v));
	}
	vs_buf_puts(b, "\"></ns0:Resource>");
	return st;
}

/* Everything that is signed, without the end tag of the root. */
static vs_status
put_document(const struct rim *r, struct vs_buf *b)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(r->chip);
	bool gpu = r->chip != VS_SIM_LS10;
	vs_status st = VS_OK;

	vs_buf_printf(b,
	    "<SoftwareIdentity xmlns=\"" SWID "\" xmlns:ns0=\"" SWID
	    "\" xmlns:ns2=\"" NS2 "\" corpus=\"false\" name=\"%s\" "
	    "patch=\"false\" supplemental=\"false\" tagId=\"simulated\" "
	    "tagVersion=\"0\" version=\"1.0\">\n"
	    "    <ns0:Entity name=\"Simulated\" "
	    "role=\"softwareCreator tagCreator\"></ns0:Entity>\n"
	    "    <ns0:Meta PayloadType=\"direct\" colloquialVersion=\"%s\" "
	    "edition=\"%s\" product=\"%s\" revision=\"r1\"></ns0:Meta>\n"
	    "    <ns0:Payload>",
	    c->product, r->version, gpu ? "GPU" : "SWITCH", c->product);
	for (unsigned i = 0; st == VS_OK && i < c->blocks; i++)
		st = put_resource(r, i, b);
	vs_buf_puts(b, "\n    </ns0:Payload>\n");
	return st;
}

/* SignedInfo as it is in the file, or, with the namespaces that it inherits
 * and no empty tags, as it is signed. */
static void
put_info(const char *digest, bool canonical, struct vs_buf *b)
{
	static const char *const algorithm[] = {
	    "CanonicalizationMethod Algorithm=\"" C14N "\"",
	    "SignatureMethod Algorithm=\"" MORE "ecdsa-sha384\"",
	    "Reference URI=\"\"><ds:Transforms",
	    "Transform Algorithm=\"" DSIG "enveloped-signature\"",
	    "Transform Algorithm=\"" C14N "\"", "/Transforms",
	    "DigestMethod Algorithm=\"" MORE "sha384\""};
	static const char *const ends[] = {"CanonicalizationMethod",
	    "SignatureMethod", NULL, "Transform", "Transform", NULL,
	    "DigestMethod"};

	vs_buf_puts(b,
	    canonical ? "<ds:SignedInfo xmlns=\"" SWID "\" xmlns:ds=\"" DSIG
			"\" xmlns:ns0=\"" SWID "\" xmlns:ns2=\"" NS2 "\">"
		      : "<ds:SignedInfo>");
	for (size_t i = 0; i < VS_COUNT(ends); i++) {
		if (algorithm[i][0] == '/')
			vs_buf_printf(b, "</ds:%s>", algorithm[i] + 1);
		else if (ends[i] == NULL)
			vs_buf_printf(b, "<ds:%s>", algorithm[i]);
		else if (canonical)
			vs_buf_printf(
			    b, "<ds:%s></ds:%s>", algorithm[i], ends[i]);
		else
			vs_buf_printf(b, "<ds:%s/>", algorithm[i]);
	}
	vs_buf_printf(b,
	    "<ds:DigestValue>%s</ds:DigestValue></ds:Reference>"
	    "</ds:SignedInfo>",
	    digest);
}

static void
put_certs(const struct vs_sim_board *b, struct vs_buf *out)
{
	static const unsigned chain[] = {VS_SIM_NV_RIM_SIGNER, VS_SIM_NV_RIM_L3,
	    VS_SIM_NV_RIM_CA, VS_SIM_NV_RIM_ROOT};

	for (size_t i = 0; i < VS_COUNT(chain); i++) {
		vs_buf_puts(out, "<ds:X509Certificate>");
		vs_sim_base64(out, vs_buf_span(&b->ca[chain[i]].der));
		vs_buf_puts(out, "</ds:X509Certificate>");
	}
}

/* The signature over the document so far and its end. */
static vs_status
put_signature(const struct rim *r, const uint8_t digest[DIGEST],
    struct vs_buf *xml, struct vs_err *err)
{
	const struct vs_issue_key *key = r->b->ca[VS_SIM_NV_RIM_SIGNER].key;
	struct vs_buf value = {0}, info = {0};
	uint8_t sig[2 * DIGEST];
	vs_status st;

	vs_sim_base64(&value, VS_SPAN(digest, DIGEST));
	put_info(vs_buf_cstr(&value), true, &info);
	st =
	    vs_issue_sign_p384(key, vs_buf_span(&info), sig, sig + DIGEST, err);
	vs_buf_puts(xml, "<ds:Signature xmlns:ds=\"" DSIG "\">");
	put_info(vs_buf_cstr(&value), false, xml);
	vs_buf_puts(xml, "<ds:SignatureValue>");
	vs_sim_base64(xml, VS_SPAN_OF(sig));
	vs_buf_puts(xml, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>");
	put_certs(r->b, xml);
	vs_buf_puts(xml, "</ds:X509Data></ds:KeyInfo></ds:Signature>");
	vs_buf_fini(&value);
	vs_buf_fini(&info);
	return st;
}

static vs_status
put_xml(const struct rim *r, struct vs_buf *xml, struct vs_err *err)
{
	static const char end[] = "</SoftwareIdentity>";
	struct vs_span parts[2] = {{0}, vs_span_cstr(end)};
	uint8_t digest[DIGEST];

	VS_TRY(err, "document", put_document(r, xml));
	VS_TRY(err, "document", vs_buf_status(xml));
	parts[0] = vs_buf_span(xml);
	VS_TRY(err, "document", vs_digest(VS_HASH_SHA384, parts, 2, digest));
	VS_TRY(err, "signature", put_signature(r, digest, xml, err));
	vs_buf_puts(xml, end);
	return vs_buf_status(xml);
}

vs_status
vs_sim_rim(const struct vs_sim_board *b, size_t i, struct vs_buf *name,
    struct vs_buf *xml, struct vs_err *err)
{
	struct rim r = describe(b, i);
	struct vs_buf text = {0};
	vs_status st = put_xml(&r, &text, err);

	if (st == VS_OK) {
		put_name(&r, name);
		vs_buf_add(xml, vs_buf_span(&text));
		st = vs_buf_status(xml);
	}
	vs_buf_fini(&text);
	return st;
}
