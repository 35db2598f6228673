/* SPDX-License-Identifier: Apache-2.0 */
/* A signed statement of Intel's: from the body of a response to a struct. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "codec/json_raw.h"
#include "collateral/intel_held.h"
#include "collateral/intel_parse.h"
#include "collateral/snapshot.h"

/* Of either kind of statement. */
struct form {
	const char *member;
	const char *malformed, *signature; /* codes */
};

static const struct form info_form = {
    "tcbInfo", "tcb_info_malformed", "tcb_info_signature"};
static const struct form identity_form = {
    "enclaveIdentity", "qe_identity_malformed", "qe_identity_signature"};

enum { SIGNATURE_SIZE = 2 * VS_P256_SIZE };

struct signed_part {
	struct vs_span inner; /* exactly the signed bytes */
	uint8_t signature[SIGNATURE_SIZE];
};

static const struct form *
form_of(struct vs_span body, struct vs_span *inner)
{
	if (vs_json_raw_member(body, info_form.member, inner) == VS_OK)
		return &info_form;
	if (vs_json_raw_member(body, identity_form.member, inner) == VS_OK)
		return &identity_form;
	return NULL;
}

bool
vs_intel_is_statement(struct vs_span body)
{
	struct vs_span inner;

	return form_of(body, &inner) != NULL;
}

/* The signature covers the object's bytes as they stand: from { to }. */
static vs_status
take_apart(struct vs_span body, const struct form *f, struct signed_part *out,
    struct vs_err *err)
{
	struct vs_span hex;

	if (vs_json_raw_member(body, f->member, &out->inner) != VS_OK ||
	    out->inner.p[0] != '{')
		return vs_fail_code(err, VS_MALFORMED, f->malformed,
		    "%s is not an object", f->member);
	if (vs_json_raw_member(body, "signature", &hex) != VS_OK ||
	    hex.n != 2 + 2 * SIGNATURE_SIZE || hex.p[0] != '"' ||
	    vs_unhex(vs_span_slice(hex, 1, hex.n - 2), out->signature,
		SIGNATURE_SIZE) != VS_OK)
		return vs_fail_code(err, VS_MALFORMED, f->malformed,
		    "signature: wants %d hex digits", 2 * SIGNATURE_SIZE);
	return VS_OK;
}

static vs_status
verify_with(const struct vs_issuer *signer, const struct signed_part *part,
    struct vs_err *err)
{
	VS_AUTO(vs_pubkey) *key = NULL;

	VS_TRY(
	    err, VS_INTEL_SIGNER_CN, vs_cert_pubkey(signer->cert, &key, err));
	return vs_p256_verify(key, part->inner, part->signature, err);
}

static vs_status
find_signer(const struct vs_trust *t, const struct signed_part *part,
    const struct form *f, const struct vs_issuer **out, struct vs_err *err)
{
	for (size_t i = 0; i < t->signers_n; i++)
		if (verify_with(&t->signers[i], part, err) == VS_OK) {
			vs_err_clear(err);
			*out = &t->signers[i];
			return VS_OK;
		}
	return vs_fail_code(err, VS_UNTRUSTED, f->signature,
	    "not signed by a known TCB signing certificate");
}

/* The whole body, too: nothing behind it, no name twice. */
static vs_status
read_body(struct vs_span body, const struct form *f, struct vs_err *err)
{
	VS_AUTO(vs_json) *whole = NULL;
	vs_status st = vs_json_parse(body, &whole, err);

	if (st != VS_OK)
		err->code = f->malformed;
	return st;
}

static void
name_it(struct vs_intel_statement *s)
{
	char fmspc[2 * VS_INTEL_FMSPC_SIZE + 1];
	char pceid[2 * VS_INTEL_PCEID_SIZE + 1];
	bool tdx = vs_intel_dates_of(s).tee == VS_INTEL_TDX, plain;

	if (s->is_identity) {
		(void)snprintf(
		    s->name, sizeof(s->name), "%s", tdx ? "TD QE" : "SGX QE");
		return;
	}
	vs_hex(VS_SPAN_OF(s->u.info.fmspc), fmspc);
	vs_hex(VS_SPAN_OF(s->u.info.pceid), pceid);
	plain = strcmp(pceid, "0000") == 0; /* no other was seen so far */
	(void)snprintf(s->name, sizeof(s->name), "%s %s%s%s%s",
	    tdx ? "TDX" : "SGX", fmspc, plain ? "" : " pceid ",
	    plain ? "" : pceid, s->u.info.version == 2 ? " v2" : "");
}

static vs_status
fill(struct vs_intel_statement *s, struct vs_span inner, struct vs_err *err)
{
	s->is_identity = false;
	return vs_intel_parse_tcb_info(inner, &s->arena, &s->u.info, err);
}

static vs_status
fill_identity(
    struct vs_intel_statement *s, struct vs_span inner, struct vs_err *err)
{
	s->is_identity = true;
	return vs_intel_parse_identity(inner, &s->arena, &s->u.identity, err);
}

vs_status
vs_intel_statement_new(const struct vs_trust *t, struct vs_span body,
    struct vs_intel_statement **out, struct vs_err *err)
{
	VS_AUTO(vs_intel_statement) *s = calloc(1, sizeof(*s));
	struct signed_part part = {0};
	const struct vs_issuer *signer = NULL;
	const struct form *f = form_of(body, &part.inner);

	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "statement");
	vs_arena_init(&s->arena, VS_INTEL_ARENA_MAX);
	if (f == NULL)
		return vs_fail(
		    err, VS_UNSUPPORTED, "neither TCB info nor QE identity");
	VS_TRY(err, f->member, take_apart(body, f, &part, err));
	VS_TRY(err, f->member, find_signer(t, &part, f, &signer, err));
	VS_TRY(err, f->member, read_body(body, f, err));
	VS_TRY(err, f->member,
	    f == &info_form ? fill(s, part.inner, err)
			    : fill_identity(s, part.inner, err));
	VS_TRY(err, f->member, vs_sha256(part.inner, s->sha256));
	memcpy(s->signer_spki, vs_cert_facts(signer->cert)->spki_sha256,
	    sizeof(s->signer_spki));
	s->anchor = signer->anchor;
	name_it(s);
	*out = VS_TAKE(s);
	return VS_OK;
}

void
vs_intel_statement_free(struct vs_intel_statement **s)
{
	if (*s == NULL)
		return;
	vs_arena_fini(&(*s)->arena);
	free(*s);
	*s = NULL;
}

struct vs_intel_dates
vs_intel_dates_of(const struct vs_intel_statement *s)
{
	const struct vs_intel_tcb_info *t = &s->u.info;
	const struct vs_intel_identity *q = &s->u.identity;

	if (s->is_identity)
		return (struct vs_intel_dates){
		    q->issue_date, q->next_update, q->number, q->tee};
	return (struct vs_intel_dates){
	    t->issue_date, t->next_update, t->number, t->tee};
}

bool
vs_intel_same_subject(
    const struct vs_intel_statement *a, const struct vs_intel_statement *b)
{
	if (a->anchor != b->anchor || a->is_identity != b->is_identity ||
	    vs_intel_dates_of(a).tee != vs_intel_dates_of(b).tee)
		return false;
	return a->is_identity ||
	    (memcmp(a->u.info.fmspc, b->u.info.fmspc,
		 sizeof(a->u.info.fmspc)) == 0 &&
		memcmp(a->u.info.pceid, b->u.info.pceid,
		    sizeof(a->u.info.pceid)) == 0 &&
		(a->u.info.version == 2) == (b->u.info.version == 2));
}

bool
vs_intel_newer(
    const struct vs_intel_statement *a, const struct vs_intel_statement *b)
{
	struct vs_intel_dates x = vs_intel_dates_of(a);
	struct vs_intel_dates y = vs_intel_dates_of(b);

	return x.number != y.number ? x.number > y.number
				    : x.issue_date > y.issue_date;
}
