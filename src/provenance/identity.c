/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the CA says of who signed: the subject alternative name, and Fulcio's
 * extensions below 1.3.6.1.4.1.57264.1. The older ones (1 to 6) hold bare
 * text, the others a UTF8String.
 */
#include <string.h>

#include "base/encoding.h"
#include "crypto/der.h"
#include "provenance/parts.h"

static const uint8_t san_oid[] = {0x55, 0x1d, 0x11};
enum { GENERAL_EMAIL = 0x81, GENERAL_URI = 0x86, DER_UTF8 = 0x0c };

enum {
	ISSUER_V1 = 1,
	ISSUER_V2 = 8,
	BUILD_SIGNER = 9,
	RUNNER = 11,
	SOURCE_URI = 12,
	SOURCE_DIGEST = 13,
	SOURCE_REF = 14,
	SOURCE_ID = 15,
	BUILD_CONFIG = 18,
};

static vs_status
malformed(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_MALFORMED, "malformed", "certificate: %s", what);
}

/* Printable enough to be compared and logged: no control characters. */
static bool
is_text(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && vs_utf8_valid(s);
}

static vs_status
read_san(const struct vs_cert *c, struct vs_span *out, struct vs_err *err)
{
	struct vs_span ext, list;
	struct vs_der name;
	struct vs_rd rd;

	if (vs_cert_ext(c, VS_SPAN_OF(san_oid), &ext) != 1 ||
	    vs_der_only(ext, VS_DER_SEQUENCE, &list) != VS_OK)
		return malformed(err, "no subject alternative name");
	rd = vs_rd_of(list);
	if (vs_der_next(&rd, &name) != VS_OK || vs_rd_end(&rd) != VS_OK)
		return malformed(err, "not exactly one name");
	if ((name.tag != GENERAL_EMAIL && name.tag != GENERAL_URI) ||
	    !is_text(name.value))
		return malformed(err, "its name is no URI and no address");
	*out = name.value;
	return VS_OK;
}

/* Leaves *out empty when the extension is not there. */
static vs_status
read_ext(
    const struct vs_cert *c, uint8_t n, struct vs_span *out, struct vs_err *err)
{
	const uint8_t oid[] = {
	    0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01, n};
	struct vs_span raw, text;
	size_t found = vs_cert_ext(c, VS_SPAN_OF(oid), &raw);

	if (found == 0)
		return VS_OK;
	text = raw;
	if (found != 1 ||
	    (n >= ISSUER_V2 && vs_der_only(raw, DER_UTF8, &text) != VS_OK) ||
	    !is_text(text))
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "certificate: extension 57264.1.%u", n);
	*out = text;
	return VS_OK;
}

static vs_status
read_issuer(const struct vs_cert *c, struct vs_span *out, struct vs_err *err)
{
	struct vs_span older = {0}, newer = {0};

	VS_TRY(err, "issuer", read_ext(c, ISSUER_V1, &older, err));
	VS_TRY(err, "issuer", read_ext(c, ISSUER_V2, &newer, err));
	if (older.n == 0 && newer.n == 0)
		return vs_fail_code(err, VS_UNTRUSTED, "missing-claim.issuer",
		    "certificate: it names no issuer");
	if (older.n != 0 && newer.n != 0 && !vs_span_equal(older, newer))
		return vs_fail_code(err, VS_UNTRUSTED,
		    "binding-mismatch.issuer",
		    "certificate: it names two issuers");
	*out = newer.n != 0 ? newer : older;
	return VS_OK;
}

vs_status
vs_pv_identity(struct vs_pv_run *r, struct vs_err *err)
{
	const struct {
		uint8_t n;
		struct vs_span *out;
	} rows[] = {
	    {BUILD_SIGNER, &r->build_signer},
	    {BUILD_CONFIG, &r->build_config},
	    {RUNNER, &r->out.runner},
	    {SOURCE_URI, &r->out.source_uri},
	    {SOURCE_DIGEST, &r->out.source_digest},
	    {SOURCE_REF, &r->out.source_ref},
	    {SOURCE_ID, &r->out.source_repo_id},
	};

	VS_TRY(err, "identity", read_san(r->cert, &r->out.identity, err));
	VS_TRY(err, "identity", read_issuer(r->cert, &r->out.issuer, err));
	for (size_t i = 0; i < VS_COUNT(rows); i++)
		VS_TRY(err, "identity",
		    read_ext(r->cert, rows[i].n, rows[i].out, err));
	return VS_OK;
}
