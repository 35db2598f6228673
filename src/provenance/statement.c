/* SPDX-License-Identifier: Apache-2.0 */
/* The in-toto statement (in-toto/attestation v1 and v0.1), its subject, and
 * which predicates we read. */
#include "provenance/parts.h"

static vs_status
malformed(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_MALFORMED, "malformed", "statement: %s", what);
}

/* Subjects name the artifact by one of its digests; the name is a label. */
static vs_status
check_subject(
    struct vs_pv_run *r, const struct vs_json *statement, struct vs_err *err)
{
	const struct vs_json *list = vs_json_get(statement, "subject");
	const char *alg =
	    r->want->digest.n == VS_SHA512_SIZE ? "sha512" : "sha256";

	if (vs_json_type_of(list) != VS_JSON_ARRAY || vs_json_size(list) == 0)
		return malformed(err, "no subject");
	for (size_t i = 0; i < vs_json_size(list); i++) {
		const struct vs_json *s = vs_json_at(list, i);
		const struct vs_json *digest = vs_json_get(s, "digest");
		if (vs_json_type_of(digest) != VS_JSON_OBJECT ||
		    vs_json_size(digest) == 0)
			return malformed(err, "a subject without digest");
		if (!vs_pv_is_hex(vs_pv_str(digest, alg), r->want->digest))
			continue;
		r->out.subject_name = vs_pv_str(s, "name");
		return VS_OK;
	}
	return vs_fail_code(err, VS_DENIED, "policy-denied.subject",
	    "no subject has the %s of the artifact", alg);
}

static vs_status
other_predicate(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_DENIED, "policy-denied.predicate", "%s", what);
}

static vs_status
check_predicate(
    struct vs_pv_run *r, const struct vs_json *p, struct vs_err *err)
{
	const struct vs_span type = r->out.predicate_type;

	if (r->want->any_predicate)
		return VS_OK;
	if (vs_json_type_of(p) != VS_JSON_OBJECT)
		return malformed(err, "no predicate");
	if (vs_span_is(type, "https://slsa.dev/provenance/v1"))
		return vs_pv_slsa_v1(r, p, err);
	if (vs_span_is(type, "https://slsa.dev/provenance/v0.2"))
		return r->want->allow_v02
		    ? vs_pv_slsa_v02(r, p, err)
		    : other_predicate(err, "provenance v0.2 is not allowed");
	if (vs_span_is(type, "https://slsa.dev/verification_summary/v1")) {
		/* A CA vouches for who built, not for who verifies. */
		if (!r->want->allow_vsa || r->out.keyless)
			return other_predicate(err,
			    "a verification summary: only where allowed, "
			    "and signed by a key");
		return vs_pv_vsa(r, p, err);
	}
	return other_predicate(err, "not provenance of SLSA");
}

static vs_status
read_statement(struct vs_pv_run *r, const struct vs_json *o, struct vs_err *err)
{
	struct vs_span type = vs_pv_str(o, "_type");

	if (!vs_span_is(type, "https://in-toto.io/Statement/v1") &&
	    !vs_span_is(type, "https://in-toto.io/Statement/v0.1"))
		return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
		    "statement: _type is not known");
	r->out.predicate_type = vs_pv_str(o, "predicateType");
	if (r->out.predicate_type.n == 0)
		return malformed(err, "no predicateType");
	VS_TRY(err, "statement", check_subject(r, o, err));
	return check_predicate(r, vs_json_get(o, "predicate"), err);
}

vs_status
vs_pv_statement(struct vs_pv_run *r, struct vs_err *err)
{
	if (!r->doc.dsse) {
		/* The signature was over the wanted digest. */
		if (!r->want->any_predicate)
			return other_predicate(
			    err, "a signature without provenance");
		return VS_OK;
	}
	if (!vs_span_is(r->doc.type, "application/vnd.in-toto+json"))
		return vs_fail_code(err, VS_UNSUPPORTED, "unsupported",
		    "payloadType: not an in-toto statement");
	VS_TRY(err, "statement",
	    vs_pv_json(r->doc.payload, &r->statement_json, err));
	return read_statement(r, r->statement_json, err);
}
