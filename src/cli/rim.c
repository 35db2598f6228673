/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rim.h"

#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"

static bool
begins(struct vs_span file, const char *what)
{
	while (file.n > 0 && memchr(" \t\r\n", file.p[0], 4) != NULL)
		file = vs_span_slice(file, 1, file.n);
	return vs_span_starts(file, vs_span_cstr(what));
}

/* {"id": ..., "rim": base64, ...} and nothing of Intel's. */
static vs_status
unwrap(struct vs_span file, struct vs_arena *a, struct vs_span *id,
    struct vs_span *xml, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_span text;

	VS_TRY(err, "JSON", vs_json_parse(file, &root, err));
	VS_TRY(err, "JSON", vs_json_need_str(root, "", "rim", &text, err));
	VS_TRY(err, "rim", vs_b64_decode(a, text, xml));
	if (vs_json_is_string(vs_json_get(root, "id"), &text))
		VS_TRY(err, "id", vs_arena_dup(a, text, id));
	return VS_OK;
}

bool
vs_rim_is(struct vs_span file)
{
	struct vs_span none = {0};
	struct vs_err why = {0};
	struct vs_arena a;
	bool yes;

	if (begins(file, "<"))
		return true;
	if (!begins(file, "{"))
		return false;
	vs_arena_init(&a, 2 * VS_NV_RIM_XML_MAX);
	yes = unwrap(file, &a, &none, &none, &why) == VS_OK;
	vs_arena_fini(&a);
	return yes;
}

/* The signers before the signature, so that each failure has its name. */
static vs_status
check_signers(const struct vs_nv_rim_parts *parts, const struct vs_trust *trust,
    const int64_t *now, struct vs_err *err)
{
	struct vs_nv_signer s = {0};
	vs_status st = vs_nv_rim_chain(parts->certs, trust, &s, err);

	if (st == VS_OK && now != NULL)
		st = vs_nv_rim_in_date(&s.validity, *now, err);
	vs_nv_signer_fini(&s);
	return st;
}

static vs_status
verify(struct vs_span xml, const struct vs_trust *trust, const int64_t *now,
    struct vs_arena *a, struct vs_nv_rim_parts *p, struct vs_err *err)
{
	VS_AUTO(vs_rim_doc) *d = NULL;
	vs_status st = vs_rim_doc_read(xml, &d, err);

	if (st == VS_OK)
		st = vs_rim_doc_parts(d, a, p, err);
	if (st == VS_OK)
		st = check_signers(p, trust, now, err);
	if (st == VS_OK)
		st = vs_rim_doc_verify(d, p->certs[0], err);
	if (st == VS_OK)
		st = vs_rim_doc_canonical(d, a, &p->canonical, err);
	if (st == VS_OK)
		p->xml = xml;
	return st;
}

static struct vs_span
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return vs_span_cstr(slash != NULL ? slash + 1 : path);
}

/* The id goes into the table, and is part of what the reader checks. */
static vs_status
name_it(struct vs_span name, struct vs_arena *a, struct vs_nv_rim_parts *p,
    struct vs_nv_rim *rim, struct vs_err *err)
{
	vs_status st = vs_nv_rim_id(rim, name, rim->id, err);

	/* A name that looks like an id and is another one: a mistake of
	 * whoever fetched it. */
	if (st == VS_OK && vs_span_starts(name, VS_SPAN_LIT("NV_")) &&
	    !vs_span_starts(name, vs_span_cstr(rim->id)))
		st = vs_fail_code(err, VS_UNTRUSTED, "RIM_VERSION",
		    "named %.*s, and it is %s",
		    (int)(name.n < 80 ? name.n : 80), (const char *)name.p,
		    rim->id);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_span_cstr(rim->id), &p->id);
	return st;
}

vs_status
vs_rim_verify(struct vs_span file, const char *name,
    const struct vs_trust *trust, const int64_t *now, struct vs_arena *a,
    struct vs_nv_rim_parts *parts, struct vs_nv_rim **out, struct vs_err *err)
{
	VS_AUTO(vs_nv_rim) *rim = NULL;
	struct vs_nv_rim_parts p = {0};
	struct vs_span xml = file, id = {0};
	vs_status st;

	vs_err_clear(err);
	if (begins(file, "{"))
		VS_TRY_CODE(err, "RIM_PARSE", "reference document",
		    unwrap(file, a, &id, &xml, err));
	st = verify(xml, trust, now, a, &p, err);
	if (st == VS_OK)
		st = vs_nv_rim_check(&p, trust, &rim, err);
	if (st == VS_OK && name != NULL)
		st = name_it(id.n > 0 ? id : base_name(name), a, &p, rim, err);
	if (st != VS_OK)
		return st;
	*parts = p;
	*out = VS_TAKE(rim);
	return VS_OK;
}
