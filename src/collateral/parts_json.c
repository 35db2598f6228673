/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bundles. A statement is taken from the text as it stands there: its
 * signature is over those bytes.
 */
#include <string.h>

#include "base/buf.h"
#include "codec/json.h"
#include "codec/json_raw.h"
#include "collateral/intel_held.h"
#include "collateral/parts.h"
#include "crypto/pem.h"

struct reader {
	struct vs_parts *out;
	struct vs_arena *a;
	struct vs_err *err;
};

/* The text of a JSON string, copied; absent and null are empty. */
static vs_status
text_of(struct reader *r, const struct vs_json *obj, const char *name,
    struct vs_span *out)
{
	const struct vs_json *v = vs_json_get(obj, name);
	struct vs_span text;

	*out = (struct vs_span){0};
	if (v == NULL || vs_json_type_of(v) == VS_JSON_NULL)
		return VS_OK;
	if (!vs_json_is_string(v, &text))
		return vs_fail(r->err, VS_MALFORMED, "%s: wants text", name);
	if (text.n == 0)
		return VS_OK;
	return vs_arena_dup(r->a, text, out);
}

static vs_status
put_chain(struct reader *r, const struct vs_json *obj, const char *name)
{
	struct vs_span text;

	VS_TRY(r->err, name, text_of(r, obj, name, &text));
	VS_TRY(r->err, name, vs_parts_pem(r->out, text, r->a, r->err));
	return VS_OK;
}

static vs_status
put_crl(struct reader *r, const struct vs_json *obj, const char *name)
{
	struct vs_span text;

	VS_TRY(r->err, name, text_of(r, obj, name, &text));
	if (text.n == 0)
		return VS_OK;
	VS_TRY(r->err, name,
	    vs_pem_is(text) ? vs_parts_pem(r->out, text, r->a, r->err)
			    : vs_parts_der(r->out, text, r->a, r->err));
	return VS_OK;
}

static vs_status
put_statement(struct reader *r, struct vs_span body)
{
	return vs_parts_put(r->out, VS_PART_STATEMENT, body, r->err);
}

/* {"tcbInfo":INNER,"signature":"HEX"} around bytes that stay as they are. */
static vs_status
join(struct reader *r, const char *member, struct vs_span inner,
    struct vs_span hex)
{
	struct vs_buf b = {0};
	struct vs_span body;
	vs_status st;

	vs_buf_printf(&b, "{\"%s\":", member);
	vs_buf_add(&b, inner);
	vs_buf_puts(&b, ",\"signature\":\"");
	vs_buf_add(&b, hex);
	vs_buf_puts(&b, "\"}");
	st = vs_buf_status(&b);
	if (st == VS_OK)
		st = vs_arena_dup(r->a, vs_buf_span(&b), &body);
	vs_buf_fini(&b);
	return st == VS_OK ? put_statement(r, body) : st;
}

/* Of a flat bundle: the inner object and, beside it, its signature; or the
 * whole body. Either as text inside a string or as an object. */
struct beside {
	const char *name, *signature; /* members of the bundle */
	const char *member;           /* of the body */
};

static const struct beside besides[] = {
    {"tcb_info", "tcb_info_signature", "tcbInfo"},
    {"qe_identity", "qe_identity_signature", "enclaveIdentity"}};

static vs_status
put_beside(struct reader *r, struct vs_span text, const struct vs_json *obj,
    const struct beside *b)
{
	struct vs_span inner, hex;

	if (vs_json_get(obj, b->name) == NULL)
		return VS_OK;
	if (vs_json_type_of(vs_json_get(obj, b->name)) == VS_JSON_STRING)
		VS_TRY(r->err, b->name, text_of(r, obj, b->name, &inner));
	else
		VS_TRY(
		    r->err, b->name, vs_json_raw_member(text, b->name, &inner));
	if (vs_intel_is_statement(inner))
		return put_statement(r, inner);
	VS_TRY(r->err, b->name, text_of(r, obj, b->signature, &hex));
	return join(r, b->member, inner, hex);
}

static bool
is_flat(const struct vs_json *obj)
{
	static const char *const names[] = {"tcb_info", "qe_identity",
	    "pck_crl", "root_ca_crl", "tcb_info_issuer_chain",
	    "pck_crl_issuer_chain", "qe_identity_issuer_chain"};

	for (size_t i = 0; i < VS_COUNT(names); i++)
		if (vs_json_get(obj, names[i]) != NULL)
			return true;
	return false;
}

/* A PCK certificate chain that lies beside them belongs to evidence. */
static vs_status
read_flat(struct reader *r, struct vs_span text, const struct vs_json *obj)
{
	static const char *const chains[] = {"pck_crl_issuer_chain",
	    "tcb_info_issuer_chain", "qe_identity_issuer_chain"};
	static const char *const crls[] = {"root_ca_crl", "pck_crl"};

	for (size_t i = 0; i < VS_COUNT(chains); i++)
		VS_TRY(r->err, "bundle", put_chain(r, obj, chains[i]));
	for (size_t i = 0; i < VS_COUNT(crls); i++)
		VS_TRY(r->err, "bundle", put_crl(r, obj, crls[i]));
	for (size_t i = 0; i < VS_COUNT(besides); i++)
		VS_TRY(r->err, "bundle", put_beside(r, text, obj, &besides[i]));
	return VS_OK;
}

/* ---- platform_collaterals.json ----------------------------------------- */

/* A whole body that is a member, where it is one. */
static vs_status
put_body(struct reader *r, struct vs_span text, const char *name)
{
	struct vs_span body;

	if (vs_json_raw_member(text, name, &body) != VS_OK ||
	    !vs_intel_is_statement(body))
		return VS_OK; /* null, or absent */
	return put_statement(r, body);
}

static vs_status
read_infos(struct reader *r, struct vs_span text)
{
	static const char *const names[] = {"sgx_tcbinfo", "tdx_tcbinfo",
	    "sgx_tcbinfo_early", "tdx_tcbinfo_early"};
	struct vs_span list, one;

	if (vs_json_raw_member(text, "tcbinfos", &list) != VS_OK)
		return VS_OK;
	for (size_t i = 0; vs_json_raw_item(list, i, &one) == VS_OK; i++)
		for (size_t k = 0; k < VS_COUNT(names); k++)
			VS_TRY(r->err, names[k], put_body(r, one, names[k]));
	return VS_OK;
}

static vs_status
put_chain_text(struct reader *r, struct vs_span text)
{
	VS_TRY(r->err, "certificates", vs_arena_dup(r->a, text, &text));
	return vs_parts_pem(r->out, text, r->a, r->err);
}

/* Chains by the name of the header they came in, some by the CA's name
 * below that. */
static vs_status
read_chains(struct reader *r, const struct vs_json *certs, bool below)
{
	for (size_t i = 0; i < vs_json_size(certs); i++) {
		struct vs_span name, text;
		const struct vs_json *v = vs_json_member(certs, i, &name);

		if (vs_json_is_string(v, &text))
			VS_TRY(r->err, "certificates", put_chain_text(r, text));
		else if (!below)
			VS_TRY(r->err, "certificates", read_chains(r, v, true));
	}
	return VS_OK;
}

static vs_status
read_platform(struct reader *r, struct vs_span text, const struct vs_json *obj)
{
	static const char *const bodies[] = {"qeidentity", "tdqeidentity",
	    "qeidentity_early", "tdqeidentity_early"};
	const struct vs_json *crls = vs_json_get(obj, "pckcacrl");

	VS_TRY(r->err, "bundle",
	    read_chains(r, vs_json_get(obj, "certificates"), false));
	VS_TRY(r->err, "bundle", put_crl(r, obj, "rootcacrl"));
	VS_TRY(r->err, "bundle", put_crl(r, crls, "processorCrl"));
	VS_TRY(r->err, "bundle", put_crl(r, crls, "platformCrl"));
	VS_TRY(r->err, "bundle", read_infos(r, text));
	for (size_t i = 0; i < VS_COUNT(bodies); i++)
		VS_TRY(r->err, bodies[i], put_body(r, text, bodies[i]));
	return VS_OK;
}

vs_status
vs_parts_json(struct vs_parts *p, struct vs_span text, struct vs_arena *a,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *obj = NULL;
	struct reader r = {p, a, err};
	struct vs_span inner;

	/* Its own signature is verified before it is parsed. */
	if (vs_intel_is_statement(text))
		return put_statement(&r, text);
	VS_TRY(err, "bundle", vs_json_parse(text, &obj, err));
	if (vs_json_raw_member(text, "collaterals", &inner) == VS_OK)
		return read_platform(
		    &r, inner, vs_json_get(obj, "collaterals"));
	if (is_flat(obj))
		return read_flat(&r, text, obj);
	return vs_fail(
	    err, VS_UNSUPPORTED, "JSON that is no collateral of a known form");
}
