/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical form of a reference document. That form has one spelling for
 * everything (Canonical XML 1.1: start and end tags, one space and double
 * quotes around attributes), and NVIDIA's documents one shape; whatever
 * differs from it is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "collateral/nvidia.h"

enum { ALTERNATIVES_MAX = 32 };

static vs_status
text(struct vs_rd *in, const char *want, struct vs_err *err)
{
	struct vs_span got;

	VS_TRY(err, want, vs_rd_bytes(in, strlen(want), &got));
	if (!vs_span_is(got, want))
		return vs_fail(
		    err, VS_MALFORMED, "no %s where it belongs", want);
	return VS_OK;
}

static void
spaces(struct vs_rd *in)
{
	while (in->n > 0 &&
	    (in->p[0] == ' ' || in->p[0] == '\n' || in->p[0] == '\t')) {
		in->p++;
		in->n--;
	}
}

static bool
comes(const struct vs_rd *in, const char *what)
{
	return vs_span_starts(vs_rd_rest(in), vs_span_cstr(what));
}

/* Up to the octet, which is skipped; markup and references are no values. */
static vs_status
until(struct vs_rd *in, uint8_t end, struct vs_span *out)
{
	for (size_t i = 0; i < in->n; i++) {
		uint8_t c = in->p[i];

		if (c == end) {
			*out = VS_SPAN(in->p, i);
			in->p += i + 1;
			in->n -= i + 1;
			return VS_OK;
		}
		if (c == '<' || c == '>' || c == '&' || c == '"')
			return VS_MALFORMED;
	}
	return VS_TRUNCATED;
}

/* The next attribute of a start tag; name.n == 0: the tag ends here. */
static vs_status
attribute(struct vs_rd *in, struct vs_span *name, struct vs_span *value,
    struct vs_err *err)
{
	*name = (struct vs_span){0};
	if (comes(in, ">"))
		return vs_rd_skip(in, 1);
	VS_TRY(err, "attribute", text(in, " ", err));
	VS_TRY(err, "attribute", until(in, '=', name));
	VS_TRY(err, "attribute", text(in, "\"", err));
	VS_TRY(err, "attribute", until(in, '"', value));
	if (name->n == 0)
		return vs_fail(err, VS_MALFORMED, "attribute without a name");
	return VS_OK;
}

static bool
put(struct vs_span v, char *out, size_t max)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789.";

	if (v.n == 0 || v.n > max)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (memchr(plain, v.p[i], sizeof(plain) - 1) == NULL)
			return false;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return true;
}

/* Prefixes mean what they do in every document of NVIDIA's. */
static vs_status
read_root(struct vs_rd *in, struct vs_err *err)
{
	static const struct {
		const char *name, *value;
	} want[] = {
	    {"xmlns", "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"},
	    {"xmlns:ns0",
		"http://standards.iso.org/iso/19770/-2/2015/schema.xsd"},
	    {"xmlns:ns2", "http://www.w3.org/2001/04/xmlenc#sha384"},
	};
	struct vs_span name, value;

	VS_TRY(err, "root", text(in, "<SoftwareIdentity", err));
	for (size_t i = 0; i < VS_COUNT(want); i++) {
		VS_TRY(err, "root", attribute(in, &name, &value, err));
		if (!vs_span_is(name, want[i].name) ||
		    !vs_span_is(value, want[i].value))
			return vs_fail(err, VS_MALFORMED,
			    "SoftwareIdentity without %s", want[i].name);
	}
	do {
		VS_TRY(err, "root", attribute(in, &name, &value, err));
		if (vs_span_starts(name, VS_SPAN_LIT("xmlns")))
			return vs_fail(err, VS_MALFORMED, "another namespace");
	} while (name.n > 0);
	return VS_OK;
}

static vs_status
read_entity(struct vs_rd *in, struct vs_err *err)
{
	struct vs_span name, value;

	VS_TRY(err, "Entity", text(in, "<ns0:Entity", err));
	do
		VS_TRY(err, "Entity", attribute(in, &name, &value, err));
	while (name.n > 0);
	VS_TRY(err, "Entity", text(in, "</ns0:Entity>", err));
	return VS_OK;
}

static vs_status
read_meta(struct vs_rd *in, struct vs_nv_rim *r, struct vs_err *err)
{
	struct vs_span name, value;
	bool ok = true;

	VS_TRY(err, "Meta", text(in, "<ns0:Meta", err));
	do {
		VS_TRY(err, "Meta", attribute(in, &name, &value, err));
		if (vs_span_is(name, "colloquialVersion"))
			ok = ok && r->version[0] == '\0' &&
			    put(value, r->version, VS_NV_RIM_VERSION_MAX);
		else if (vs_span_is(name, "product"))
			ok = ok && r->product[0] == '\0' &&
			    put(value, r->product, VS_NV_RIM_PRODUCT_MAX);
	} while (name.n > 0);
	VS_TRY(err, "Meta", text(in, "</ns0:Meta>", err));
	if (!ok || r->version[0] == '\0' || r->product[0] == '\0')
		return vs_fail(err, VS_MALFORMED, "Meta: product or version");
	return VS_OK;
}

static bool
number(struct vs_span s, unsigned max, unsigned *out)
{
	unsigned v = 0;

	if (s.n == 0 || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

/* One Resource as its attributes come. */
struct resource {
	bool type_ok, size_ok, active_ok, active;
	unsigned index, alternatives;
	uint64_t hashes; /* a bit for each number that was there */
	bool index_ok, alternatives_ok;
};

/* Hash0, Hash1, ...: ns2 attributes are sorted as text, so Hash10 comes
 * before Hash2; each goes where its number says. */
static bool
put_hash(struct vs_nv_rim *r, struct resource *x, struct vs_span name,
    struct vs_span value)
{
	unsigned k;

	if (!vs_span_starts(name, VS_SPAN_LIT("ns2:Hash")) ||
	    !number(vs_span_slice(name, 8, name.n), ALTERNATIVES_MAX - 1, &k) ||
	    r->digests_n + k >= VS_NV_RIM_DIGESTS_MAX)
		return false;
	x->hashes |= UINT64_C(1) << k;
	return vs_unhex(value, r->digests[r->digests_n + k],
		   VS_NV_RIM_DIGEST_SIZE) == VS_OK;
}

static bool
put_attribute(struct vs_nv_rim *r, struct resource *x, struct vs_span name,
    struct vs_span value)
{
	if (vs_span_is(name, "type"))
		return x->type_ok = vs_span_is(value, "Measurement");
	if (vs_span_is(name, "size"))
		return x->size_ok = vs_span_is(value, "48");
	if (vs_span_is(name, "active")) {
		x->active = vs_span_is(value, "True");
		return x->active_ok = x->active || vs_span_is(value, "False");
	}
	if (vs_span_is(name, "index"))
		return x->index_ok =
			   number(value, VS_NV_RIM_INDEX_COUNT - 1, &x->index);
	if (vs_span_is(name, "alternatives"))
		return x->alternatives_ok =
			   number(value, ALTERNATIVES_MAX, &x->alternatives);
	if (vs_span_is(name, "name"))
		return true;
	return put_hash(r, x, name, value);
}

static vs_status
read_resource(struct vs_rd *in, struct vs_nv_rim *r, struct vs_err *err)
{
	struct resource x = {0};
	struct vs_span name, value;
	struct vs_nv_golden *g;

	VS_TRY(err, "Resource", text(in, "<ns0:Resource", err));
	for (;;) {
		VS_TRY(err, "Resource", attribute(in, &name, &value, err));
		if (name.n == 0)
			break;
		if (!put_attribute(r, &x, name, value))
			return vs_fail(err, VS_MALFORMED,
			    "Resource: an attribute or its value");
	}
	VS_TRY(err, "Resource", text(in, "</ns0:Resource>", err));
	if (!x.type_ok || !x.size_ok || !x.active_ok || !x.index_ok ||
	    !x.alternatives_ok || x.alternatives == 0 ||
	    x.hashes != (UINT64_C(1) << x.alternatives) - 1)
		return vs_fail(err, VS_MALFORMED,
		    "Resource: incomplete, or not the hashes that it says");
	g = &r->golden[x.index];
	if (g->n > 0)
		return vs_fail(err, VS_DUPLICATE, "index %u twice", x.index);
	*g = (struct vs_nv_golden){.active = x.active,
	    .first = (uint16_t)r->digests_n,
	    .n = (uint16_t)x.alternatives};
	r->digests_n += x.alternatives;
	return VS_OK;
}

static vs_status
read_payload(struct vs_rd *in, struct vs_nv_rim *r, struct vs_err *err)
{
	struct vs_span name, value;

	VS_TRY(err, "Payload", text(in, "<ns0:Payload", err));
	do
		VS_TRY(err, "Payload", attribute(in, &name, &value, err));
	while (name.n > 0);
	for (spaces(in); comes(in, "<ns0:Resource"); spaces(in))
		VS_TRY(err, "Payload", read_resource(in, r, err));
	VS_TRY(err, "Payload", text(in, "</ns0:Payload>", err));
	return VS_OK;
}

/* 96.00.9F.00.01: five groups of two hex digits; a driver's is decimal and
 * never has so many. */
static bool
is_vbios(const char *version)
{
	if (strlen(version) != 14)
		return false;
	for (size_t i = 0; i < 14; i++)
		if ((version[i] == '.') != (i % 3 == 2))
			return false;
	return true;
}

static vs_status
read_all(struct vs_rd *in, struct vs_nv_rim *r, struct vs_err *err)
{
	VS_TRY(err, "RIM", read_root(in, err));
	spaces(in);
	VS_TRY(err, "RIM", read_entity(in, err));
	spaces(in);
	VS_TRY(err, "RIM", read_meta(in, r, err));
	spaces(in);
	VS_TRY(err, "RIM", read_payload(in, r, err));
	spaces(in);
	VS_TRY(err, "RIM", text(in, "</SoftwareIdentity>", err));
	VS_TRY(err, "RIM", vs_rd_end(in));
	if (r->digests_n == 0)
		return vs_fail(err, VS_MALFORMED, "no measurements");
	r->is_driver = !is_vbios(r->version);
	return VS_OK;
}

vs_status
vs_nv_golden_read(
    struct vs_span canonical, struct vs_nv_rim *out, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(canonical);
	void *fit;

	out->digests = vs_calloc(VS_NV_RIM_DIGESTS_MAX, sizeof(*out->digests));
	if (out->digests == NULL)
		return vs_fail(err, VS_NO_MEMORY, "RIM");
	VS_TRY(err, "form", read_all(&in, out, err));
	fit = realloc(out->digests, out->digests_n * sizeof(*out->digests));
	if (fit != NULL)
		out->digests = fit;
	return VS_OK;
}
